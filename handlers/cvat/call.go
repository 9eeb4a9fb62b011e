package cvat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/handlers/web"
	"roster/models"
)

// call is one request on its way through the dialect.
type call struct {
	echo.Context
	api    *API
	target *target
	route  *Route
	// p is who asks; nil for nobody. session is the secret of the session that says so, bearer that an access token
	// does.
	p       *models.Principal
	session string
	bearer  bool
	// within is the organization of the request, organization what it is called.
	within       directory.Within
	organization *models.Tenant
	settings     settings
	// body are the names of the body.
	body attributes
	held []func()
}

// settings are those of the installation.
type settings interface {
	Setting(name string) string
	SettingBool(name string) bool
	SettingInt(name string) int64
}

func (c *call) release() {
	for _, leave := range c.held {
		leave()
	}
}

func (c *call) ctx() context.Context { return c.Request().Context() }

// base is the address of the dialect as the client asked for it, without the path of the API.
func (c *call) base() string { return web.BaseURL(c) + web.Mounted(c, Prefix) }

// id is the number that the path names.
func (c *call) id() (int64, error) {
	id, err := strconv.ParseInt(c.target.params["id"], 10, 64)
	if err != nil || id < 1 {
		return 0, models.NotFoundError(c.route.Model, "")
	}
	return id, nil
}

// readBody reads the body of a change. A body that is empty says nothing, whatever its type.
func readBody(c *call) error {
	if !c.changes() || c.Request().Body == nil || c.Request().ContentLength == 0 {
		return nil
	}
	data, err := c.readRaw()
	if err != nil || len(data) == 0 {
		return err
	}
	if !isJSON(c.Request()) {
		return refusal{http.StatusUnsupportedMediaType, detail{fmt.Sprintf(`Unsupported media type "%s" in request.`,
			printable(c.Request().Header.Get("Content-Type")))}}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if !utf8.Valid(data) {
		return &web.SyntaxError{Err: errors.New("the body is not UTF-8")}
	}
	value, err := web.DecodeJSON(data)
	if err != nil {
		return err
	}
	names, ok := value.(map[string]any)
	if !ok {
		return refusal{http.StatusBadRequest, mistakes{{"non_field_errors", []string{
			"Invalid data. Expected a dictionary, but got " + pythonType(value) + "."}}}}
	}
	c.body = names
	return nil
}

// readRaw reads the body as it is. Of somebody unknown only a small one is read.
func (c *call) readRaw() ([]byte, error) {
	if c.p == nil {
		data, err := c.api.o.Bodies.StrangerBody(c)
		if err == nil && data == nil {
			err = web.ErrTooLarge
		}
		return data, err
	}
	data, leave, err := c.api.o.Bodies.ReadRaw(c, c.p.UserID)
	c.held = append(c.held, leave)
	return data, err
}

// encode renders a value in one line. Letters are not escaped.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // wire types always can be written
	}
	return b.Bytes()[:b.Len()-1]
}

// send answers with a value.
func (c *call) send(status int, v any) error { return c.Blob(status, mediaType, encode(v)) }

// done answers a change that has nothing to tell.
func (c *call) done() error { return c.NoContent(http.StatusNoContent) }

// noRoute answers an unknown path.
func noRoute(c echo.Context) error {
	return c.Blob(http.StatusNotFound, mediaType, encode(detail{"Not found."}))
}

// fault answers what went wrong outside of any action.
func fault(c echo.Context) error {
	return c.Blob(http.StatusInternalServerError, mediaType, encode(detail{"A server error occurred."}))
}

// description is what OPTIONS answers.
type description struct {
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Renders     []string         `json:"renders"`
	Parses      []string         `json:"parses"`
	Actions     map[string]asked `json:"actions,omitempty"`
}

// asked are the attributes of a body by name.
type asked map[string]askedFor

type askedFor struct {
	Type     string `json:"type"`
	Required bool   `json:"required"`
	ReadOnly bool   `json:"read_only"`
	Label    string `json:"label"`
}

// describe answers what the path takes.
func (c *call) describe() error {
	d := description{Name: c.target.path, Renders: []string{mediaType}, Parses: []string{"application/json"}}
	if fields, ok := posted[c.target.path]; ok {
		d.Actions = map[string]asked{http.MethodPost: fields}
	}
	return c.send(http.StatusOK, d)
}
