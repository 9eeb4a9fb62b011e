package foreman

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/handlers/rails"
	"roster/handlers/web"
	"roster/models"
	"roster/scopes"
)

// call is one request on its way through the dialect.
type call struct {
	echo.Context
	api   *API
	route *Route
	p     *models.Principal
	body  web.Body
	// held holds back what the request holds until it is answered.
	held []func()
}

func (c *call) release() {
	for _, leave := range c.held {
		leave()
	}
}

func (c *call) ctx() context.Context { return c.Request().Context() }

// value returns a parameter by its name, from the body's top level or else from the query.
func (c *call) value(name string) (any, bool) {
	if v, ok := c.body.Object[name]; ok {
		return v, true
	}
	if v, ok := c.QueryParams()[name]; ok && len(v) > 0 {
		return v[len(v)-1], true
	}
	return nil, false
}

// text returns a scalar parameter as text, "" when it is missing or null.
func (c *call) text(name string) string {
	v, _ := c.value(name)
	s, _ := rails.String(v)
	return models.Deref(s)
}

// printable keeps what cannot be text out of an answer.
func printable(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// authorize refuses callers whom the route is closed to, before anything is looked up.
func authorize(c *call) error {
	if c.p != nil && c.p.MustChangePassword && !c.changesPassword() {
		return models.DeniedBecause(models.RuleMustChangePassword)
	}
	if c.route.Access.open(c.p, c.isSelf) {
		return nil
	}
	return models.Denied(c.route.Access.Permissions...)
}

// changesPassword reports whether the route is one of those by which users find and change their own password.
func (c *call) changesPassword() bool {
	own := c.route.Action == "show_current" || c.isSelf() && (c.route.Action == "show" || c.route.Action == "update")
	return c.route.Access.Anybody || c.route.Resource == scopes.Users.Name && own
}

// isSelf reports whether the path means the caller, as the directory reads it: a login of digits is somebody's number.
func (c *call) isSelf() bool { return userRef(c.pathID()).IsSelf(c.p) }

// Param returns a part of the path as the client meant it.
func (c *call) Param(name string) string { return web.Param(c.Context, name) }

func (c *call) pathID() string { return c.Param("id") }

// contextError is an unknown tenant of the request, which has a shape of its own.
type contextError struct{ subject, id string }

func (e contextError) Error() string { return e.subject + " with id " + printable(e.id) + " not found" }

// setContext reads location_id and organization_id and announces both with the version (docs/spec/foreman.md, 12.3 and
// 17).
func setContext(c *call) error {
	if c.route.Access.Anybody {
		return nil
	}
	for _, name := range []string{"location_id", "organization_id"} {
		if c.leavesOut(name) {
			return contextError{subject: parentParams[name].word}
		}
	}
	p, err := c.api.dir.InContext(c.ctx(), c.p, c.tenantRef("location_id"), c.tenantRef("organization_id"))
	var missing *models.Error
	if errors.As(err, &missing) && missing.Kind == models.NotFound {
		return contextError{missing.Subject, c.paramText(strings.ToLower(missing.Subject) + "_id")}
	}
	if err != nil {
		return err
	}
	c.p = p
	h := c.Response().Header()
	// These names are not in canonical form, and clients know them as they are.
	h["Foreman_version"] = []string{Version}
	h["Foreman_api_version"] = []string{"2"}
	h["Foreman_current_location"] = []string{c.contextName(p.Context.LocationID)}
	h["Foreman_current_organization"] = []string{c.contextName(p.Context.OrganizationID)}
	return nil
}

func (c *call) contextName(id int64) string {
	if id == 0 {
		return "; ANY"
	}
	// A line break would let a name add headers of its own.
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, c.api.dir.TenantName(c.p, id))
	return fmt.Sprintf("%d; %s", id, name)
}

// tenantRef reads a context parameter: a title, an id, or "id-name". Blank means any.
func (c *call) tenantRef(name string) directory.TenantRef {
	text := c.paramText(name)
	if text == "" {
		return directory.TenantRef{}
	}
	return directory.TenantRef{Title: text, ID: rails.DashedID(text)}
}

// checkMediaType refuses POST and PUT with anything but JSON (docs/spec/foreman.md, 6.6).
func checkMediaType(c *call) error {
	method := c.Request().Method
	if c.body.JSON || method != http.MethodPost && method != http.MethodPut {
		return nil
	}
	// Actions such as a test of an auth source have no attributes: without a body there is nothing to misread.
	standard := c.route.Action == "create" || c.route.Action == "update"
	if !standard && c.Request().ContentLength == 0 && c.Request().Header.Get(echo.HeaderContentType) == "" {
		return nil
	}
	return mediaTypeError(c.Request().Header.Get(echo.HeaderContentType))
}

type mediaTypeError string

func (e mediaTypeError) Error() string {
	return "Media type in 'Content-Type: " + printable(string(e)) +
		"' is unsupported in API v2 for POST and PUT requests. Please use 'Content-Type: application/json'."
}

// userRef reads an id of the path as the directory's reference (docs/spec/foreman.md, 2.9): the leading integer, then
// the login.
func userRef(text string) directory.Ref {
	ref := directory.Ref{ID: rails.LeadingID(text)}
	if !rails.IsID(text) {
		ref.Name = text
	}
	return ref
}

// pageParams are the parameters of a page as they are sent, with the shapes that the documentation prints.
type pageParams struct {
	Page    string `validate:"omitempty,number"`
	PerPage string `validate:"omitempty,eq=all|number"`
}

// shapes checks the tags of wire types.
var shapes = sync.OnceValue(func() *validator.Validate { return validator.New(validator.WithRequiredStructEnabled()) })

// paging reads page and per_page; 0 rows on a page stand for all. What cannot be a page is refused with the parameter's
// name.
func (c *call) paging() (page, perPage int64, err error) {
	var sent pageParams
	if sent.Page, err = c.scalar("page"); err != nil {
		return 0, 0, err
	}
	if sent.PerPage, err = c.scalar("per_page"); err != nil {
		return 0, 0, err
	}
	sent.Page, sent.PerPage, page = strings.TrimSpace(sent.Page), strings.TrimSpace(sent.PerPage), 1
	if sent.Page != "" {
		if page, err = strconv.ParseInt(sent.Page, 10, 64); err != nil || page < 1 ||
			shapes().StructPartial(sent, "Page") != nil {
			return 0, 0, parameterError{"page", "Parameter 'page' must be a number from 1 up, but is '" +
				printable(sent.Page) + "'"}
		}
	}
	switch sent.PerPage {
	case "all":
	case "":
		perPage, err = c.api.dir.PerPage(c.ctx(), c.p)
	default:
		if perPage, err = strconv.ParseInt(sent.PerPage, 10, 64); err != nil || perPage < 1 ||
			shapes().StructPartial(sent, "PerPage") != nil {
			err = parameterError{"per_page", "Parameter 'per_page' must be a number from 1 up or 'all', but is '" +
				printable(sent.PerPage) + "'"}
		}
	}
	if err != nil {
		return 0, 0, err
	}
	if perPage > 0 && page-1 > math.MaxInt64/perPage {
		return 0, 0, parameterError{"page", "Parameter 'page' is beyond the last possible page"}
	}
	return page, perPage, nil
}

// parameterError is a parameter that cannot be read.
type parameterError struct{ name, message string }

func (e parameterError) Error() string { return e.message }

// pageQuery reads what every list may be asked for.
func (c *call) pageQuery() (directory.ListQuery, error) {
	page, perPage, err := c.paging()
	if err != nil {
		return directory.ListQuery{}, err
	}
	search, err := c.scalar("search")
	if err != nil {
		return directory.ListQuery{}, err
	}
	order, err := c.scalar("order")
	return directory.ListQuery{Search: search, Order: order, Page: page, PerPage: perPage}, err
}

// scalar returns a parameter that must not be a list or an object.
func (c *call) scalar(name string) (string, error) {
	v, _ := c.value(name)
	s, ok := rails.String(v)
	for sent := range c.QueryParams() {
		ok = ok && !strings.HasPrefix(sent, name+"[")
	}
	if !ok {
		return "", parameterError{name, "Parameter '" + name + "' must be a text"}
	}
	return models.Deref(s), nil
}

// Limit is a bound on what one request may ask for, as the documentation prints it.
type Limit struct {
	// What is the bounded thing, Bound its limit, and Answer the answer to a request beyond it.
	What, Bound, Answer string
}

// Limits lists the bounds of requests. Foreman's own clients stay inside all of them.
func Limits(bodyLimit int64) []Limit {
	const refused = "422, which names the attribute"
	waits := func(n int) string { return fmt.Sprintf("%d at once for each caller; others wait", n) }
	number := func(n int) string { return fmt.Sprint(n) }
	return []Limit{
		{"body of a request", fmt.Sprintf("%d bytes, %d values (a list or an object counts twice)", bodyLimit,
			web.MaxValues), "413"},
		{"body larger than 64 KiB", waits(web.MaxLargeBodiesEach) + fmt.Sprintf("; it arrives within %d seconds",
			web.LargeBodyTimeout/time.Second), "503 when the request has waited too long"},
		{"body of somebody who is not let in", fmt.Sprintf("looked at up to %d bytes, for its syntax alone",
			web.MaxStrangerBody), "401"},
		{"list of references by name", number(directory.MaxReferenceNames) + ", repeats count once", refused},
		{"list of references by id", number(directory.MaxReferenceIDs) + ", repeats count once", refused},
		{"parameters of a tenant in one request", number(directory.MaxParameters), refused},
		{"description, search of a filter", fmt.Sprintf("%d characters; audits keep the first %d", models.MaxText,
			directory.MaxAuditedText), refused},
		{"classes that a tenant is open to", number(models.MaxClasses), refused},
		{"groups around a group, groups inside a group, however nested",
			fmt.Sprintf("%d, %d", directory.MaxGroupsAround, directory.MaxGroupsInside), refused},
		{"columns of a table preference", fmt.Sprintf("%d, of %d bytes together; a user keeps %d preferences",
			directory.MaxColumns, directory.MaxColumnsText,
			directory.MaxPreferences), refused},
		{"SSH keys of a user", fmt.Sprintf("%d, each of %d bytes", directory.MaxSSHKeys, directory.MaxSSHKey), refused},
		{"custom fields of users, of user groups; values to choose from; pattern; values of a record; value",
			fmt.Sprintf("%d; %d; %d characters; %d for each field; %d characters", models.MaxCustomFields,
				models.MaxPossibleValues, models.MaxCustomPattern, models.MaxCustomValues,
				models.MaxCustomValue), refused},
		{"search",
			fmt.Sprintf("%d conditions, %d comparisons (a word without a field makes one for each text of a row)",
				scopes.MaxConditions, scopes.MaxComparisons), "400"},
		{"search, sorted list, or list of a caller who is no administrator, under way",
			waits(directory.MaxSearchesEach), "503 when the request has waited too long"},
		{"work of the database on such a list, streams aside",
			fmt.Sprintf("%d seconds", directory.SearchTimeout/time.Second), "503"},
		{"list of more than 1000 rows", waits(directory.MaxStreamsEach), "503 when the request has waited too long"},
		{"reader of a long list", "10 seconds for 64 KiB", "the connection is cut"},
	}
}
