package foreman

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory/login"
	"roster/handlers/rails"
	"roster/handlers/web"
	"roster/models"
)

// errorBody is the value of "error" in most answers (docs/spec/foreman.md, 6.1). Which members are there depends on the
// kind.
type errorBody struct {
	Message            string    `json:"message"`
	Class              string    `json:"class,omitempty"`
	ParameterName      string    `json:"parameter_name,omitempty"`
	Details            string    `json:"details,omitempty"`
	MissingPermissions *[]string `json:"missing_permissions,omitempty"`
}

// refusal is the value of "error" when access is denied; permissions are null when none would help.
type refusal struct {
	Message            string   `json:"message"`
	Details            string   `json:"details"`
	MissingPermissions []string `json:"missing_permissions"`
}

// invalidBody is the value of "error" when a record breaks rules (docs/spec/foreman.md, 6.7).
type invalidBody struct {
	ID           *int64        `json:"id"`
	Errors       orderedErrors `json:"errors" swaggertype:"object,array,string"`
	FullMessages []string      `json:"full_messages"`
}

// orderedErrors is an object of lists in the order in which the rules were checked.
type orderedErrors models.FieldErrors

// MarshalJSON groups the messages by attribute.
func (o orderedErrors) MarshalJSON() ([]byte, error) {
	var order []string
	messages := map[string][]string{}
	for _, e := range o {
		if messages[e.Attr] == nil {
			order = append(order, e.Attr)
		}
		messages[e.Attr] = append(messages[e.Attr], sentence(e.Attr, e.Broken))
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, attr := range order {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(attr))
		b.WriteByte(':')
		b.Write(encode(messages[attr]))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// syntaxBody answers a body that is not JSON.
type syntaxBody struct {
	Status int    `json:"status"`
	Error  string `json:"error"`
}

// plainBody answers an unknown tenant or parent: the message stands at the top level (family M; docs/spec/foreman.md,
// 6).
type plainBody struct {
	Message string `json:"message"`
}

// internalMessage is the whole answer to a fault of the server.
const internalMessage = "Internal Server Error: the server was unable to finish the request. This may be caused by " +
	"unavailability of some required service, " +
	"incorrect API call or a server-side bug. There may be more information in the server's logs."

// queryClass is the error class that clients know for search texts and orders.
const queryClass = "ScopedSearch::QueryNotSupported"

// fail answers with an error in the dialect's shape.
func (c *call) fail(err error) error {
	if c.Response().Committed {
		// Half an answer is out: cutting the connection is the only way left to say that it is not whole.
		if web.IsReaderGone(err) || errors.Is(c.ctx().Err(), context.Canceled) {
			c.api.o.Log.InfoContext(c.ctx(), "the client did not read the response", slog.String("error", err.Error()),
				slog.String("request_id", web.RequestIDOf(c)))
		} else {
			c.api.logFault(c, err)
		}
		panic(http.ErrAbortHandler)
	}
	var unknown contextError
	var parent parentError
	var media mediaTypeError
	var parameter parameterError
	if status, ok := web.RequestStatus(err); ok {
		return c.unreadable(status, err)
	}
	switch {
	case errors.Is(err, login.ErrSessionExpired):
		return c.NoContent(http.StatusUnauthorized) // clients know it by the empty body (docs/spec/foreman.md, 7.3)
	case errors.As(err, &unknown):
		return c.respond(http.StatusNotFound, plainBody{unknown.Error()})
	case errors.As(err, &parent):
		return c.respond(http.StatusNotFound, plainBody{parent.Error()})
	case errors.As(err, &media):
		return c.respondError(http.StatusUnsupportedMediaType, errorBody{Message: media.Error()})
	case errors.As(err, &parameter):
		return c.respondError(http.StatusBadRequest,
			errorBody{Message: parameter.message, ParameterName: parameter.name})
	}
	return c.failVerb(err)
}

// unreadable words why a request could not be read. Broken JSON has a shape of its own.
func (c *call) unreadable(status int, err error) error {
	var syntax *web.SyntaxError
	var query *web.QueryError
	var body errorBody
	switch {
	case errors.As(err, &syntax):
		return c.respond(status,
			syntaxBody{status, "There was a problem in the JSON you submitted: " + printable(syntax.Error())})
	case errors.As(err, &query):
		body.Message = "The query of the request cannot be read: " + printable(query.Error())
	case errors.Is(err, web.ErrTooMany):
		body.Message = fmt.Sprintf("The request body holds more than %d values", web.MaxValues)
	default:
		body.Message = fmt.Sprintf("The request body is larger than %d bytes", c.api.o.Bodies.Limit())
	}
	return c.respondError(status, body)
}

// failVerb words what the directory refused.
func (c *call) failVerb(err error) error {
	var e *models.Error
	if err = c.api.dir.Failure(err); !errors.As(err, &e) {
		e = &models.Error{Kind: models.Internal}
	}
	status := web.Status(e.Kind)
	switch e.Kind {
	case models.Internal:
		if c.ctx().Err() != nil {
			return c.respondError(http.StatusServiceUnavailable, errorBody{Message: "The request took too long"})
		}
		c.api.logFault(c, err)
		return c.respondError(status, errorBody{Message: internalMessage})
	case models.NotFound:
		return c.respondError(status,
			errorBody{Message: fmt.Sprintf("Resource %s not found by id '%s'", e.Subject, printable(e.ID))})
	case models.Forbidden:
		return c.respondError(status, denied(e))
	case models.Unauthenticated:
		return c.respondError(status, errorBody{Message: sentence("", e.Broken)})
	case models.BadRequest:
		return c.respondError(status, errorBody{Message: printable(sentence("", e.Broken)), Class: queryClass})
	case models.Invalid, models.Conflict:
		return c.respondError(http.StatusUnprocessableEntity, c.invalid(e))
	case models.Unavailable:
		c.api.outages.Log(c.ctx(), c.api.o.Log, err)
	}
	return c.respondError(status, errorBody{Message: sentence("", e.Broken)})
}

func denied(e *models.Error) refusal {
	if e.Permissions == nil {
		return refusal{"Access denied", sentence("", e.Broken), nil}
	}
	return refusal{"Access denied", "Missing one of the required permissions: " + strings.Join(e.Permissions, ", "),
		e.Permissions}
}

// invalid words broken rules, with the labels that Foreman's users know, and references that lead nowhere.
func (c *call) invalid(e *models.Error) any {
	if e.Missing != nil {
		return errorBody{Message: missingMessage(e.Missing)}
	}
	if len(e.Fields) == 0 {
		return errorBody{Message: sentence("", e.Broken)}
	}
	body := invalidBody{Errors: orderedErrors(e.Fields), FullMessages: []string{}}
	if id := cmp.Or(e.Record, rails.LeadingID(c.pathID())); id != 0 && c.route.Action != "clone" {
		body.ID = &id
	}
	for _, f := range e.Fields {
		body.FullMessages = append(body.FullMessages, fullMessage(c.route.Resource, f))
	}
	return body
}

// missingMessage words unknown references (docs/spec/foreman.md, 6.5).
func missingMessage(m *models.MissingReference) string {
	if m.Name != "" || len(m.Missing) == 0 {
		return fmt.Sprintf("Could not find %s with name: %s", m.Noun, printable(m.Name))
	}
	if len(m.Asked) == 1 {
		return fmt.Sprintf("Couldn't find %s with 'id'=%d", m.Noun, m.Asked[0])
	}
	rest := fmt.Sprintf("Couldn't find %s with id %s.", m.Noun, join(m.Missing))
	if len(m.Missing) > 1 {
		rest = fmt.Sprintf("Couldn't find %s with ids %s.", plural(m.Noun), join(m.Missing))
	}
	return fmt.Sprintf("Couldn't find all %s with 'id': (%s) (found %d results, but was looking for %d). %s",
		plural(m.Noun), join(m.Asked), len(m.Asked)-len(m.Missing), len(m.Asked), rest)
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return stem + "ies"
	}
	return noun + "s"
}

func join(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}
	return strings.Join(words, ", ")
}

// respondError wraps a body under "error", laid out as clients of the original see it.
func (c *call) respondError(status int, body any) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	if status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", web.RetryAfter)
	}
	text := append([]byte("{\n  \"error\": "), encode(body)...)
	return c.Blob(status, contentType, append(text, "\n}\n"...))
}

// respond answers with a body that is not cached.
func (c *call) respond(status int, body any) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Blob(status, contentType, encode(body))
}

// logFault logs what the answer does not show.
func (api *API) logFault(c *call, err error) {
	api.o.Log.LogAttrs(c.ctx(), slog.LevelError, "request failed",
		slog.String("path", c.Path()), slog.String("error", err.Error()), slog.String("request_id", web.RequestIDOf(c)))
}

// NotFound answers a path or verb that the dialect does not know (docs/spec/foreman.md, 6.9).
func NotFound(c echo.Context) error {
	return c.Blob(http.StatusNotFound, contentType, []byte(`{"status":404,"error":"Not Found"}`))
}
