package scim

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers/scim/schema"
	"roster/handlers/web"
	"roster/models"
)

// call is one request on its way through the dialect.
type call struct {
	echo.Context
	api *API
	// base is the address that the client has used, without what follows the organization.
	base         string
	organization string
	parts        []string
	// p is who asks, as the provider of an organization; person is who logged in.
	p, person *models.Principal
	// tenant is the id of the organization.
	tenant int64
	held   []func()
}

func (c *call) release() {
	for _, leave := range c.held {
		leave()
	}
}

func (c *call) ctx() context.Context { return c.Request().Context() }

// maxBody bounds bodies, in bytes.
const maxBody = 1 << 20

// longer is how many times as long bodies with lists of members may be.
const longer = 8

// tooLargeError says how many bytes a body may have.
type tooLargeError struct{ most int64 }

func (tooLargeError) Error() string { return "the request is too large" }

// body reads the body as an object, so many times as long as others may be.
func (c *call) body(times int64) (map[string]any, error) {
	if err := c.checkType(); err != nil {
		return nil, err
	}
	most := times * c.api.payload()
	data, leave, err := c.api.o.Bodies.ReadUpTo(c, c.p.Turn(), most)
	c.held = append(c.held, leave)
	if errors.Is(err, web.ErrTooLarge) {
		err = tooLargeError{most}
	}
	if err != nil {
		return nil, err
	}
	value, err := web.DecodeJSON(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, schema.Wrong(schema.InvalidSyntax, "the body has to be an object")
	}
	return object, nil
}

func (c *call) checkType() error {
	header := c.Request().Header.Get("Content-Type")
	if header == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(header)
	charset := params["charset"]
	if err != nil || kind != "application/scim+json" && kind != "application/json" ||
		charset != "" && !strings.EqualFold(charset, "utf-8") {
		return errMediaType
	}
	return nil
}

// contentType is the type of answers: the protocol's own, unless a client takes nothing but JSON.
func contentType(r *http.Request) string {
	accept := r.Header.Get("Accept")
	plain := false
	for one := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(one, ";")
		switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
		case "application/json":
			plain = true
		default:
			return "application/scim+json"
		}
	}
	if plain {
		return "application/json"
	}
	return "application/scim+json"
}

func send(c echo.Context, status int, body []byte) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, contentType(c.Request()), body)
}

// names reads a list of names from the query.
func names(q url.Values, name string) []string {
	var list []string
	for one := range strings.SplitSeq(value(q, name), ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}

// value reads a parameter by its name in any case.
func value(q url.Values, name string) string {
	v, _ := lookup(q, name)
	return v
}

func lookup(q url.Values, name string) (string, bool) {
	for key, values := range q {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0], true
		}
	}
	return "", false
}

// asking is the request for resources of a type, with the attributes that the query selects.
func (c *call) asking(s store) asked {
	q := c.QueryParams()
	return asked{Context: c.ctx(), call: c,
		view: schema.NewView(s.kind(), names(q, "attributes"), names(q, "excludedAttributes"))}
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
