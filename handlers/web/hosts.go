package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Hosts are the names of hosts at whose root a dialect answers, with the name of the dialect. Names are in lower case,
// without a port.
type Hosts map[string]string

const (
	atRootKey = "roster.at_root"
	chosenKey = "roster.dialect"
)

// Route sends requests for such a host to its dialect, as if they had been made under the dialect's prefix. Elsewhere
// each dialect answers under its prefix. What the server itself answers, own reports whether a path is that, is the
// same for every host.
func (h Hosts) Route(dialects Dialects, trusted []netip.Prefix, own func(path string) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			path := r.URL.Path
			for _, d := range dialects {
				if d.AtRoot && under(path, d.Prefix) {
					movePath(r, func(path string) string { return strings.TrimPrefix(path, d.Prefix) })
					c.Set(chosenKey, d)
					return next(c)
				}
			}
			d, mapped := dialects.named(h[hostName(hostOf(r, trusted))])
			prefixed := slices.ContainsFunc(dialects, func(d Dialect) bool { return under(path, d.Prefix) })
			switch {
			case !mapped || own(path) || prefixed:
			case d.AtRoot:
				c.Set(chosenKey, d)
			default:
				movePath(r, func(path string) string { return d.Prefix + path })
				c.Set(atRootKey, true)
			}
			return next(c)
		}
	}
}

// under reports whether a path is a prefix or below it.
func under(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// movePath changes the path of a request, as it is and as it was sent.
func movePath(r *http.Request, to func(string) string) {
	u := *r.URL
	u.Path = to(u.Path)
	if u.RawPath != "" {
		u.RawPath = to(u.RawPath)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	r.URL = &u
}

// hostName is a host without its port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Mounted returns the path under which a dialect with a prefix was asked: none at the root of a host of its own.
func Mounted(c echo.Context, prefix string) string {
	if atRoot, _ := c.Get(atRootKey).(bool); atRoot {
		return ""
	}
	return prefix
}

// Chosen returns the dialect to which a request belongs by its host or its prefix, whatever owns the path; ok says
// whether there is one.
func Chosen(c echo.Context) (d Dialect, ok bool) {
	d, ok = c.Get(chosenKey).(Dialect)
	return d, ok
}
