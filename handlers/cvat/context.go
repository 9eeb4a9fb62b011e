package cvat

import (
	"net/http"
	"strconv"

	"roster/models"
)

// setContext finds the organization in whose name a member asks (docs/spec/cvat.md, 4): none, the caller's own place
// where the value is empty, or an organization.
func setContext(c *call) error {
	if c.target.open() || c.p == nil {
		return nil
	}
	slug, bySlug := c.queried("org")
	number, byNumber := c.queried("org_id")
	header, byHeader := c.header("X-Organization")
	switch {
	case byNumber && (bySlug || byHeader):
		return refuseWith(
			`You cannot specify "org_id" query parameter with "org" query parameter or "X-Organization" ` +
				`HTTP header at the same time.`)
	case bySlug && byHeader && slug != header:
		return refuseWith(`You cannot specify "org" query parameter and "X-Organization" HTTP header with different ` +
			`values.`)
	case byHeader:
		slug = header
	}
	c.within.Given = bySlug || byNumber || byHeader
	if slug == "" && number == "" {
		return nil
	}
	var id int64
	if number != "" {
		var err error
		if id, err = strconv.ParseInt(number, 10, 64); err != nil {
			return refuseWith(`The "org_id" query parameter must be a whole number.`)
		}
	}
	o, err := c.api.dir.RootOrganization(c.ctx(), slug, id)
	if models.KindOf(err) == models.NotFound {
		return refusal{http.StatusNotFound, detail{printable(slug+number) + " organization does not exist."}}
	}
	if err != nil {
		return err
	}
	c.organization = o
	c.within.Organization = o.ID
	return nil
}

// queried returns a parameter of the query, and whether it is there: of several the last one.
func (c *call) queried(name string) (string, bool) {
	values, ok := c.QueryParams()[name]
	if !ok || len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// header returns a header, and whether it is there.
func (c *call) header(name string) (string, bool) {
	values := c.Request().Header.Values(name)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}
