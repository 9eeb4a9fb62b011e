package cvat

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster/directory/login"
	"roster/handlers/web"
	"roster/models"
)

// detail is the usual body of a refusal.
type detail struct {
	Detail string `json:"detail"`
}

// mistake tells what is wrong with one attribute.
type mistake struct {
	name  string
	texts []string
}

// mistakes are those of a body, in the order of its attributes.
type mistakes []mistake

// add notes what is wrong with an attribute.
func (m *mistakes) add(name string, texts ...string) {
	for i := range *m {
		if (*m)[i].name == name {
			(*m)[i].texts = append((*m)[i].texts, texts...)
			return
		}
	}
	*m = append(*m, mistake{name, texts})
}

// MarshalJSON renders an object whose members keep their order.
func (m mistakes) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(one.name))
		b.WriteByte(':')
		b.Write(encode(one.texts))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// err returns nil without mistakes, else the refusal that tells them.
func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	return refusal{http.StatusBadRequest, m}
}

// refusal is an answer with a body of one of the shapes: an object, a list of texts, or a text (docs/spec/cvat.md, 3).
type refusal struct {
	status int
	body   any
}

func (r refusal) Error() string { return strconv.Itoa(r.status) + " " + string(encode(r.body)) }

// refuseWith refuses a request with a list of one sentence.
func refuseWith(sentence string) error { return refusal{http.StatusBadRequest, []string{sentence}} }

// throttled asks a client to wait.
type throttled struct{ wait time.Duration }

func (t throttled) Error() string { return "cvat: too many requests" }

// throttledLogin is how long failed logins count.
const throttledLogin = 5 * time.Minute

// unauthenticated is a credential that lets nobody in.
type unauthenticated string

func (u unauthenticated) Error() string { return string(u) }

// fail answers with an error in the dialect's shape (docs/spec/cvat.md, 3).
func (c *call) fail(err error) error {
	if status, ok := web.RequestStatus(err); ok {
		return c.unreadable(status, err)
	}
	var r refusal
	var t throttled
	var u unauthenticated
	switch {
	case errors.Is(err, errNoRoute):
		return noRoute(c)
	case errors.Is(err, errNobody):
		return c.challenge("Authentication credentials were not provided.")
	case errors.As(err, &u):
		return c.challenge(string(u))
	case errors.Is(err, login.ErrTooManyTries):
		return c.wait(throttledLogin)
	case errors.As(err, &t):
		return c.wait(t.wait)
	case errors.As(err, &r):
		return c.send(r.status, r.body)
	}
	var e *models.Error
	if !errors.As(c.api.dir.Failure(err), &e) || e.Kind == models.Internal {
		return err // the server logs it and answers 500
	}
	return c.failKnown(e)
}

// unreadable answers a request that cannot be read.
func (c *call) unreadable(status int, err error) error {
	text := "JSON parse error - " + err.Error()
	if status == http.StatusRequestEntityTooLarge {
		text = "The body of the request is too large."
	}
	return c.send(status, detail{text})
}

// challenge asks for credentials.
func (c *call) challenge(text string) error {
	c.Response().Header().Set("WWW-Authenticate", "Token")
	return c.send(http.StatusUnauthorized, detail{text})
}

// wait asks the client to come back later.
func (c *call) wait(d time.Duration) error {
	seconds := max(1, int(math.Ceil(d.Seconds())))
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return c.send(http.StatusTooManyRequests,
		detail{fmt.Sprintf("Request was throttled. Expected available in %d %s.", seconds, unit)})
}

// failKnown answers what the directory refuses.
func (c *call) failKnown(e *models.Error) error {
	switch e.Kind {
	case models.Unauthenticated:
		return c.challenge("Authentication credentials were not provided.")
	case models.Forbidden:
		return c.send(http.StatusForbidden, detail{"You do not have permission to perform this action."})
	case models.NotFound:
		return c.send(http.StatusNotFound, detail{c.missing()})
	case models.Unavailable:
		return c.unavailable(e)
	case models.Conflict:
		return c.send(http.StatusConflict, []string{sentence(models.FieldError{Broken: e.Broken})})
	}
	return c.send(http.StatusBadRequest, c.wrong(e))
}

// unavailable answers what cannot be done now.
func (c *call) unavailable(e *models.Error) error {
	if e.Rule == models.RuleTooOften && len(e.Args) > 0 {
		if seconds, err := strconv.Atoi(fmt.Sprint(e.Args[0])); err == nil {
			return c.wait(time.Duration(seconds) * time.Second)
		}
	}
	c.api.outages.Log(c.ctx(), c.api.o.Log, e)
	c.Response().Header().Set("Retry-After", web.RetryAfter)
	return c.send(http.StatusServiceUnavailable, detail{"The server is busy, please try again."})
}

// missing says that a record is not there.
func (c *call) missing() string {
	if c.route == nil || c.route.Model == "" {
		return "Not found."
	}
	return "No " + c.route.Model + " matches the given query."
}

// printable keeps what cannot be text out of an answer.
func printable(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
