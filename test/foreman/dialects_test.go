package foreman

import (
	"strings"
	"testing"

	"roster/handlers"
)

// Whatever a dialect's actions are, some requests are refused by all: a query that cannot be parsed, since the part
// that is left out could be a limit; a body that is too large, broken, or sent by a stranger; a path that nobody knows.
// None is answered as if it were right, and none by another dialect.
func TestDialects_RefuseAlike(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for _, d := range handlers.Dialects() {
			if d.NotFound == nil || d.Fault == nil || d.Owns == nil || d.Name == "" || d.Home == "" {
				t.Errorf("%q lacks something that every dialect has: %+v", d.Name, d)
				continue
			}
			if !d.Owns(d.Home) {
				t.Errorf("%s does not own %s", d.Name, d.Home)
			}
			refused := func(a *answer, low, high int) {
				t.Helper()
				if a.Status < low || a.Status > high {
					t.Errorf("%s: got %s", d.Name, a)
				}
			}
			refused(s.Admin().Get(d.Home+"?x=%zz"), 400, 400)
			if d.Open {
				s.Nobody().Get(d.Home).Expect(200)
				s.Nobody().Do("OPTIONS", d.Home, nil).Expect(204)
			} else {
				refused(s.Nobody().Get(d.Home), 401, 401)
				if !d.Verbatim { // such a dialect answers OPTIONS itself
					refused(s.Admin().Do("OPTIONS", d.Home, nil), 404, 405)
				}
			}
			refused(s.Admin().Get(d.Home+"/no/such/path"), 404, 404)
			refused(s.Admin().Do("HEAD", d.Home, nil), 200, 200)
			for _, method := range []string{"POST", "PUT"} {
				refused(s.Admin().Do(method, d.Home, "{"), 400, 415)
				refused(s.Admin().Do(method, d.Home, `"`+strings.Repeat("x", 20<<20)+`"`), 400, 415)
			}
		}
	})
}
