package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Dialect is a language that the server speaks, as far as the server has to know: whose a path is, and what is said of
// one that nobody knows.
type Dialect struct {
	Name string
	// Owns reports whether a path belongs to the dialect.
	Owns func(path string) bool
	// NotFound answers a path or a verb that the dialect does not know.
	NotFound echo.HandlerFunc
	// Headers adds what every answer of the dialect carries; took is how long the work on it took.
	Headers func(h http.Header, took time.Duration)
}

// Dialects are those of a server. What none of them owns is answered by the first.
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
