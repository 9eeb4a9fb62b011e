package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Visit says of a request what may be counted. None of its words is chosen by a client.
type Visit struct {
	// Dialect is the name of the dialect, or ServerDialect. Route is the template of the path, such as
	// /api/users/:id, or UnknownRoute. Method is one of HTTP's, or OtherMethod.
	Dialect, Route, Method string
}

// The words for what is none of the known ones.
const (
	ServerDialect = "server"
	UnknownRoute  = "unknown"
	OtherMethod   = "other"
)

// Visited is how a request ended.
type Visited struct {
	Visit
	Status int
	Took   time.Duration
}

const routeKey = "roster.route"

// NoteRoute tells watchers the template of the path, where a dialect finds its routes by itself.
func NoteRoute(c echo.Context, template string) { c.Set(routeKey, template) }

// Watcher is told of a request before the work on it. It returns the context in which the work goes on, and what is
// called at the end.
type Watcher func(r *http.Request, v Visit) (context.Context, func(Visited))

// Watching lets watchers see every request; own reports whether a path is answered by the server itself.
func Watching(dialects Dialects, own func(path string) bool, watchers []Watcher) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			began := time.Now()
			visit := visitOf(c, dialects, own)
			ends := make([]func(Visited), len(watchers))
			for i, watch := range watchers {
				var ctx context.Context
				if ctx, ends[i] = watch(c.Request(), visit); ctx != c.Request().Context() {
					c.SetRequest(c.Request().WithContext(ctx))
				}
			}
			status := http.StatusInternalServerError // of an answer that is cut off
			defer func() {
				if noted, ok := c.Get(routeKey).(string); ok {
					visit.Route = noted
				}
				visited := Visited{Visit: visit, Status: status, Took: time.Since(began)}
				for _, end := range ends {
					end(visited)
				}
			}()
			err := next(c)
			if err != nil {
				c.Error(err) // so that the status is known
			}
			status = c.Response().Status
			return nil
		}
	}
}

func visitOf(c echo.Context, dialects Dialects, own func(path string) bool) Visit {
	v := Visit{Dialect: ServerDialect, Route: c.Path(), Method: c.Request().Method}
	if !own(c.Request().URL.Path) {
		v.Dialect = dialects.For(c).Name
	}
	if v.Route == "" {
		v.Route = UnknownRoute
	}
	switch v.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
	default:
		v.Method = OtherMethod
	}
	return v
}
