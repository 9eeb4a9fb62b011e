package redmine

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory/login"
	"roster/handlers/web"
	"roster/models"
)

// refusal is an answer with sentences.
type refusal struct {
	status    int
	sentences []string
}

func (r refusal) Error() string { return strings.Join(r.sentences, "; ") }

// invalidAttribute refuses a value of a shape that the attribute cannot have.
func invalidAttribute(name string) error {
	return refusal{http.StatusUnprocessableEntity, []string{label("user", name) + " is invalid"}}
}

// page404 is what an unknown path answers: a page for people, with no link to anything (docs/spec/redmine.md, 9).
const page404 = `<!DOCTYPE html>
<html>
<head>
  <meta charset="utf-8" />
  <title>404 error</title>
</head>
<body>
  <h1>Page not found</h1>
  <p>The page you were trying to access does not exist or has been removed.</p>
</body>
</html>
`

// noSuffix is the text for clients that forgot to say which format they want.
const noSuffix = "This path answers in JSON and in XML. Add .json or .xml to it, or the parameter format.\n"

func noRoute(c echo.Context) error {
	return c.Blob(http.StatusNotFound, "text/html; charset=utf-8", []byte(page404))
}

// fault answers what went wrong outside of any action.
func fault(c echo.Context) error {
	if strings.HasSuffix(c.Request().URL.Path, ".xml") {
		return c.Blob(http.StatusInternalServerError, "application/xml; charset=utf-8",
			hash(http.StatusInternalServerError))
	}
	return c.Blob(http.StatusInternalServerError, "application/json; charset=utf-8",
		[]byte(`{"status":500,"error":"Internal Server Error"}`))
}

// hash is the XML form of an answer that tells its own status. Unlike any other it has line breaks.
func hash(status int) []byte {
	return []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hash>\n  <status type=\"integer\">" +
		plain(int64(status)) + "</status>\n  <error>" + http.StatusText(status) + "</error>\n</hash>\n")
}

// missingRelation answers a change that refers to a record that is not there.
func (c *call) missingRelation() error {
	if c.format == "xml" {
		return c.Blob(http.StatusNotFound, "application/xml; charset=utf-8", hash(http.StatusNotFound))
	}
	return c.Blob(http.StatusNotFound, "application/json; charset=utf-8", []byte(`{"status":404,"error":"Not Found"}`))
}

// fail answers with an error in the dialect's shape (docs/spec/redmine.md, 2 and 9).
func (c *call) fail(err error) error {
	if c.format == "" {
		c.format = "json"
	}
	if status, ok := web.RequestStatus(err); ok {
		return c.unreadable(status)
	}
	var r refusal
	switch {
	case errors.Is(err, errNoRoute):
		return noRoute(c)
	case errors.Is(err, errNoFormat):
		return c.Blob(http.StatusNotAcceptable, "text/plain; charset=utf-8", []byte(noSuffix))
	case errors.Is(err, errUnknownFormat):
		return c.unreadable(http.StatusNotAcceptable)
	case errors.Is(err, errForbidden):
		return c.empty(http.StatusForbidden)
	case errors.Is(err, errSwitchUser):
		return c.empty(http.StatusPreconditionFailed)
	case errors.Is(err, errNobody), errors.Is(err, login.ErrTooManyTries):
		return c.challenge()
	case errors.Is(err, login.ErrSecondFactor):
		return c.empty(http.StatusUnauthorized)
	case errors.Is(err, errNoBody):
		return c.refuse(http.StatusUnprocessableEntity, []string{label("", c.route.document) + " cannot be blank"})
	case errors.As(err, &r):
		return c.refuse(r.status, r.sentences)
	}
	var e *models.Error
	if !errors.As(c.api.dir.Failure(err), &e) || e.Kind == models.Internal {
		return err // the server logs it and answers 500
	}
	return c.failKnown(e)
}

// challenge asks for credentials.
func (c *call) challenge() error {
	c.Response().Header().Set("WWW-Authenticate", `Basic realm="Redmine API"`)
	return c.empty(http.StatusUnauthorized)
}

// unreadable answers a request that cannot be read.
func (c *call) unreadable(status int) error {
	c.Response().Header().Set("Content-Type", "text/html; charset=utf-8")
	c.Response().Header().Set("Content-Length", "0")
	return c.NoContent(status)
}

func (c *call) refuse(status int, sentences []string) error {
	return c.send(status, errorDocument(sentences))
}

// failKnown answers what the directory refuses.
func (c *call) failKnown(e *models.Error) error {
	switch e.Kind {
	case models.Unauthenticated:
		return c.challenge()
	case models.Forbidden:
		return c.empty(http.StatusForbidden)
	case models.NotFound:
		return c.empty(http.StatusNotFound)
	case models.Unavailable:
		c.api.outages.Log(c.ctx(), c.api.o.Log, e)
		c.Response().Header().Set("Retry-After", web.RetryAfter)
		return c.empty(http.StatusServiceUnavailable)
	}
	status := http.StatusUnprocessableEntity
	if e.Kind == models.BadRequest {
		status = http.StatusBadRequest
	}
	if e.Missing != nil && !slices.Contains(sourceNouns, e.Missing.Noun) {
		return c.missingRelation()
	}
	noun := ""
	if c.route != nil {
		noun = c.route.document
	}
	return c.refuse(status, sentences(noun, e))
}

// sourceNouns are what the directory calls auth sources that are missing.
var sourceNouns = []string{"auth_source", "AuthSource"}
