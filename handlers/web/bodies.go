package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"roster/gate"
	"roster/models"
)

const (
	// maxStrangers is how many bodies of unauthenticated callers are checked at once. Beyond them, the check is
	// skipped.
	maxStrangers = 16
	// maxUnknown is how many bodies of strangers are read at once, maxUnknownEach how many of one network.
	maxUnknown     = 64
	maxUnknownEach = 8
	// StrangerTimeout is how long the body of a stranger may take to arrive.
	StrangerTimeout = 5 * time.Second
	// maxLargeBodies is how many requests with large bodies are under way at once: each may take twenty times its size
	// in memory.
	maxLargeBodies = 8
	// MaxLargeBodiesEach is how many of them one caller may have.
	MaxLargeBodiesEach = 2
	// LargeBodyTimeout is how long a large body may take to arrive.
	LargeBodyTimeout = 10 * time.Second
)

// Bodies reads the bodies of requests, and only a few large ones at a time. All dialects of a server share one, or its
// bounds would hold for each alone.
type Bodies struct {
	limit     int64
	strangers chan struct{}
	unknown   *gate.Gate[string]
	large     *gate.Gate[int64]
}

// NewBodies returns a reader of bodies of up to limit bytes.
func NewBodies(limit int64) *Bodies {
	return &Bodies{
		limit: limit, strangers: make(chan struct{}, maxStrangers),
		unknown: gate.New[string](maxUnknown, maxUnknownEach, time.Now),
		large:   gate.New[int64](maxLargeBodies, MaxLargeBodiesEach, time.Now),
	}
}

// Limit is how large a body may be, in bytes.
func (b *Bodies) Limit() int64 { return b.limit }

// CheckStranger checks the syntax of the body of an unauthenticated request; see CheckBody.
func (b *Bodies) CheckStranger(r *http.Request) error {
	select {
	case b.strangers <- struct{}{}:
	default:
		return nil
	}
	defer func() { <-b.strangers }()
	return CheckBody(r, b.limit)
}

// StrangerBody reads the body of an unauthenticated request, of whatever type, where it may say who asks. It returns
// nil for more than MaxStrangerBody bytes; a declared length beyond the limit is ErrTooLarge. While many are read, one
// more waits for its turn, and each has to arrive within StrangerTimeout: whoever sends slowly keeps nobody else out.
func (b *Bodies) StrangerBody(c echo.Context) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > b.limit {
		return nil, ErrTooLarge
	}
	if r.Body == nil || r.ContentLength > MaxStrangerBody {
		return nil, nil
	}
	leave, err := b.unknown.Enter(r.Context(), Network(c.RealIP()))
	if err != nil {
		return nil, models.Fail(models.Unavailable, models.RuleBusyWithBodies).Because(err)
	}
	defer leave()
	control := http.NewResponseController(c.Response())
	_ = control.SetReadDeadline(time.Now().Add(StrangerTimeout))
	defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	data, err := readAll(r, MaxStrangerBody)
	if errors.Is(err, ErrTooLarge) {
		return nil, nil
	}
	return data, err
}

// Network is what strangers are counted by: an address, or the network of an IPv6 address, because its owner has all
// addresses in it.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	const ownersBits = 64
	net, err := ip.WithZone("").Prefix(ownersBits)
	if err != nil {
		return address
	}
	return net.String()
}

// ReadRaw reads the body of a caller's request as it is, whatever its type, and else like Read.
func (b *Bodies) ReadRaw(c echo.Context, user int64) (data []byte, leave func(), err error) {
	return b.ReadUpTo(c, user, b.limit)
}

// ReadUpTo does the same for a body of up to so many bytes, whatever the limit is otherwise.
func (b *Bodies) ReadUpTo(c echo.Context, user, most int64) (data []byte, leave func(), err error) {
	if c.Request().ContentLength > most {
		return nil, func() {}, ErrTooLarge
	}
	leave, done, err := b.hold(c, user)
	if err != nil || c.Request().Body == nil {
		return nil, leave, err
	}
	defer done()
	data, err = readAll(c.Request(), most)
	return data, leave, err
}

// Read reads the body of a caller's request. A large body waits for its place, and holds it until leave is called,
// which is never nil.
func (b *Bodies) Read(c echo.Context, user int64) (body Body, leave func(), err error) {
	leave, done, err := b.hold(c, user)
	if err != nil {
		return Body{}, leave, err
	}
	defer done()
	body, err = ReadBody(c.Request(), b.limit)
	return body, leave, err
}

// hold waits for a place if the body is large. The place is given back by leave; done ends the time in which the body
// has to arrive. Neither is nil.
func (b *Bodies) hold(c echo.Context, user int64) (leave, done func(), err error) {
	leave = func() {}
	done = leave
	if size := c.Request().ContentLength; size < 0 || size > LargeBody {
		if leave, err = b.enter(c.Request().Context(), user); err != nil {
			return func() {}, done, err
		}
		// A request that holds a place must send in time, or loses it.
		control := http.NewResponseController(c.Response())
		_ = control.SetReadDeadline(time.Now().Add(LargeBodyTimeout))
		done = func() { _ = control.SetReadDeadline(time.Time{}) }
	}
	return leave, done, nil
}

func (b *Bodies) enter(ctx context.Context, user int64) (func(), error) {
	leave, err := b.large.Enter(ctx, user)
	if err != nil {
		return nil, models.Fail(models.Unavailable, models.RuleBusyWithBodies).Because(err)
	}
	return leave, nil
}

// QueryError is a query string of which a part cannot be parsed.
type QueryError struct{ Err error }

// Error says what is wrong with it.
func (e *QueryError) Error() string { return e.Err.Error() }

// CheckQuery refuses a query string of which a part cannot be parsed. Leaving the part out could drop a limit.
func CheckQuery(r *http.Request) error {
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return &QueryError{err}
	}
	return nil
}

// RequestStatus returns the status of a request that could not be read: of an error of ReadBody, CheckBody or
// CheckQuery. Other errors have none.
func RequestStatus(err error) (status int, ok bool) {
	var syntax *SyntaxError
	var query *QueryError
	switch {
	case errors.As(err, &syntax), errors.As(err, &query):
		return http.StatusBadRequest, true
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrTooMany):
		return http.StatusRequestEntityTooLarge, true
	}
	return 0, false
}

// Param returns a part of the path as the client meant it. Echo routes by the path as it was sent when that differs
// from the plain one ("%40" for "@", "%2F" for a slash inside a title), and leaves its parts escaped.
func Param(c echo.Context, name string) string {
	text := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return text
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// Add registers a route. What can be read can be asked about with HEAD.
func Add(e *echo.Echo, method, path string, handler echo.HandlerFunc) {
	e.Add(method, path, handler)
	if method == http.MethodGet {
		e.Add(http.MethodHead, path, handler)
	}
}
