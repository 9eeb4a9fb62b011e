package redmine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/handlers/rails"
	"roster/handlers/web"
	"roster/models"
)

// call is one request on its way through the dialect.
type call struct {
	echo.Context
	api    *API
	target target
	route  *Route
	// params are the parts of the path that the route names.
	params map[string]string
	// format is "json", "xml" or, for one list, "csv".
	format string
	// p is who asks; anonymous says that it is nobody, keyed that a key was sent, disabled that the API is off.
	p                          *models.Principal
	anonymous, keyed, disabled bool
	// body are the names of the body.
	body     map[string]any
	settings settings
	held     []func()
}

// settings are those of the installation, and what else is the same for everybody.
type settings interface {
	Setting(name string) string
	SettingBool(name string) bool
	CustomFieldsOf(models.CustomSubject) []*models.CustomField
	InternalSource() int64
	KnownTenant(p *models.Principal, id int64) *models.Tenant
	TenantOfSlug(slug string) int64
}

func (c *call) release() {
	for _, leave := range c.held {
		leave()
	}
}

func (c *call) ctx() context.Context { return c.Request().Context() }

// readBody reads the body. Of somebody unknown only a small one is read: it may say who asks, and broken ones are
// answered before refused logins.
func (c *call) readBody() error {
	kind, _ := kindOf(c.Request())
	if c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead || kind == "" {
		return nil
	}
	var data []byte
	var err error
	if c.p == nil {
		data, err = c.api.o.Bodies.StrangerBody(c)
	} else {
		var leave func()
		data, leave, err = c.api.o.Bodies.ReadRaw(c, c.p.UserID)
		c.held = append(c.held, leave)
	}
	if err != nil || data == nil {
		return err
	}
	c.body, err = decode(c.Request(), data)
	return err
}

// value returns a parameter by its name, from the body or else from the query; nil without one.
func (c *call) value(name string) any {
	if v, ok := c.body[name]; ok {
		return v
	}
	if v, ok := c.QueryParams()[name]; ok && len(v) > 0 {
		return v[len(v)-1]
	}
	return nil
}

// text returns a scalar parameter, "" when it is missing or null.
func (c *call) text(name string) string {
	s, _ := rails.String(c.value(name))
	return models.Deref(s)
}

// given reports whether a parameter says something: it is neither false nor blank.
func (c *call) given(name string) bool {
	if no, isBool := c.value(name).(bool); isBool && !no {
		return false
	}
	return strings.TrimSpace(c.text(name)) != ""
}

// list returns a parameter of several values: repeated with brackets, or in the body.
func (c *call) list(name string) []string {
	if v, ok := c.body[name]; ok {
		return texts(v)
	}
	if v, ok := c.QueryParams()[name+"[]"]; ok {
		return v
	}
	if text := c.QueryParam(name); text != "" {
		return []string{text}
	}
	return nil
}

// texts are the scalars of a list, or the one scalar.
func texts(v any) []string {
	var list []string
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	for _, value := range values {
		if s, ok := rails.String(value); ok && s != nil {
			list = append(list, *s)
		}
	}
	return list
}

// ids are the numbers of a list of texts; blank ones are left out.
func ids(list []string) []int64 {
	numbers := []int64{}
	for _, text := range list {
		if text = strings.TrimSpace(text); text != "" {
			numbers = append(numbers, leading(text))
		}
	}
	return numbers
}

// included are the names that the parameter include lists.
func (c *call) included() map[string]bool {
	names := map[string]bool{}
	for _, text := range c.list("include") {
		for name := range strings.SplitSeq(text, ",") {
			names[strings.TrimSpace(name)] = true
		}
	}
	return names
}

// blank reports whether a text says nothing.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// leading reads the whole number that a text begins with, behind blanks; 0 where there is none, and the greatest one
// beyond 64 bits.
func leading(text string) int64 {
	n, _ := rails.Int(strings.TrimSpace(text))
	if n == nil {
		return 0
	}
	return *n
}

// ref is the record that the path names, by the number that its part begins with. Anything else names none.
func (c *call) ref(name string) directory.Ref {
	return directory.Ref{ID: rails.LeadingID(c.params[name])}
}

// page is which part of a list is asked for (docs/spec/redmine.md, 4.1).
type page struct{ offset, limit int64 }

// Bounds of a page.
const (
	defaultLimit = 25
	maxLimit     = 100
)

// page reads offset, limit and page.
func (c *call) page() (page, error) {
	p := page{limit: leading(c.text("limit"))}
	if p.limit < 1 {
		p.limit = defaultLimit
	}
	p.limit = min(p.limit, maxLimit)
	switch offset := strings.TrimSpace(c.text("offset")); {
	case offset != "":
		p.offset = max(0, leading(offset))
	case c.text("page") != "":
		if n := leading(c.text("page")); n > math.MaxInt64/maxLimit {
			p.offset = math.MaxInt64
		} else {
			p.offset = max(0, (n-1)*p.limit)
		}
	}
	if p.offset > math.MaxInt64/2 {
		return p, refusal{http.StatusUnprocessableEntity, []string{"Offset is invalid"}}
	}
	return p, nil
}

// query is the page as the directory takes it.
func (p page) query() directory.ListQuery {
	q := directory.ListQuery{Page: 1, PerPage: p.limit, Skip: p.offset}
	if p.offset%p.limit == 0 {
		q.Page = p.offset/p.limit + 1
		q.Skip = 0
	}
	return q
}

// meta tells about a list, unless the client wants none.
func (c *call) meta(total int64, p page) object {
	if strings.TrimSpace(c.text("nometa")) != "" || c.Request().Header.Get("X-Redmine-Nometa") != "" {
		return nil
	}
	return object{field("total_count", total), field("offset", p.offset), field("limit", p.limit)}
}

// contentTypes are those of the formats.
var contentTypes = map[string]string{"json": "application/json", "xml": "application/xml", "csv": "text/csv"}

// send answers with a document. What was asked for again and has not changed is not sent (docs/spec/redmine.md, 3.4).
func (c *call) send(status int, d document) error {
	body := d.JSON()
	contentType := contentTypes["json"]
	if c.format == "xml" {
		body = d.XML()
		contentType = contentTypes["xml"]
	} else if name := c.callback(); name != "" && status < http.StatusMultipleChoices {
		body = append(append([]byte(name+"("), body...), ')')
		contentType = "application/javascript"
	}
	return c.sendBody(status, contentType+"; charset=utf-8", body)
}

func (c *call) sendBody(status int, contentType string, body []byte) error {
	h := c.Response().Header()
	if status >= http.StatusMultipleChoices {
		h.Set("Cache-Control", "no-cache")
		return c.Blob(status, contentType, body)
	}
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "max-age=0, private, must-revalidate")
	reads := c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
	if reads && status == http.StatusOK && hasTag(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(status, contentType, body)
}

// hasTag reports whether a list of tags has one, or stands for all.
func hasTag(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || one != "" && strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_.]`)

// callback is the function that a script wants to be called with the answer, where the installation allows that.
func (c *call) callback() string {
	if !c.settingOn("redmine_jsonp_enabled") {
		return ""
	}
	name := c.QueryParam("callback")
	if name == "" {
		name = c.QueryParam("jsonp")
	}
	return notInNames.ReplaceAllString(name, "")
}

func (c *call) settingOn(name string) bool { return c.settings != nil && c.settings.SettingBool(name) }

// done answers a change that has nothing to tell.
func (c *call) done() error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.NoContent(http.StatusNoContent)
}

// empty answers without a body, with the type of the format (docs/spec/redmine.md, 2).
func (c *call) empty(status int) error {
	h := c.Response().Header()
	h.Set("Content-Type", contentTypes[c.format])
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Length", "0")
	return c.NoContent(status)
}

// created answers with a new record and says where it is: without a suffix, as the original does.
func (c *call) created(path string, id int64, d document) error {
	base := c.target.base
	if base != "" {
		base = web.Mounted(c, base)
	}
	c.Response().Header().Set("Location", web.BaseURL(c)+base+path+strconv.FormatInt(id, 10))
	return c.send(http.StatusCreated, d)
}

// wantsChanged reports whether the client prefers to be sent what it has changed.
func (c *call) wantsChanged() bool {
	for _, prefer := range c.Request().Header.Values("Prefer") {
		for one := range strings.SplitSeq(prefer, ",") {
			if strings.EqualFold(strings.TrimSpace(one), "return=representation") {
				return true
			}
		}
	}
	return false
}

// object returns the object of a name in the body.
func (c *call) object(name string) (attributes, error) {
	if v, ok := c.body[name].(map[string]any); ok {
		return v, nil
	}
	return nil, errNoBody
}
