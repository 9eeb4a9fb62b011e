package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Dialect is an API in the words of another product, as far as the server must know it: which paths it owns, and how it
// answers unknown ones.
type Dialect struct {
	Name string
	// Prefix is a path under which the dialect answers on every host. AtRoot says that its routes are those without
	// the prefix.
	Prefix string
	AtRoot bool
	// Home is a path that answers callers with something they may read, such as the list of all actions.
	Home string
	// Open says that Home answers strangers, too, and that OPTIONS says what a path has.
	Open bool
	// Owns reports whether a path belongs to the dialect.
	Owns func(path string) bool
	// Verbatim says that the dialect wants requests as they come: with a slash at the end of the path, and with the
	// method OPTIONS.
	Verbatim bool
	// NotFound answers a path or a verb that the dialect does not know.
	NotFound echo.HandlerFunc
	// Fault answers what went wrong outside of any action: a panic, or an error that no action answered. It tells
	// nothing of the cause, which is logged.
	Fault echo.HandlerFunc
	// Headers adds what every answer of the dialect carries; took is how long the work on it took. It may be nil.
	Headers func(h http.Header, took time.Duration)
}

// Dialects are the dialects of a server. The first one answers paths that none of them owns.
type Dialects []Dialect

// Of returns the dialect that a path belongs to.
func (d Dialects) Of(path string) Dialect {
	for _, dialect := range d {
		if dialect.Owns(path) {
			return dialect
		}
	}
	return d[0]
}

// named returns the dialect of a name; ok says whether there is one.
func (d Dialects) named(name string) (found Dialect, ok bool) {
	for _, dialect := range d {
		if dialect.Name == name {
			return dialect, true
		}
	}
	return found, false
}

// Names are those of all dialects.
func (d Dialects) Names() []string {
	names := make([]string, len(d))
	for i, dialect := range d {
		names[i] = dialect.Name
	}
	return names
}

// For returns the dialect that a request belongs to: the one that its host or its prefix chose, or that of its path.
func (d Dialects) For(c echo.Context) Dialect {
	if chosen, ok := Chosen(c); ok {
		return chosen
	}
	return d.Of(c.Request().URL.Path)
}

// Keep answers requests that belong to a dialect by their host or their prefix and have a path of another one: there is
// no such path.
func (d Dialects) Keep(own func(path string) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			path := c.Request().URL.Path
			if chosen, ok := Chosen(c); ok && !own(path) && d.Of(path).Name != chosen.Name {
				return chosen.NotFound(c)
			}
			return next(c)
		}
	}
}
