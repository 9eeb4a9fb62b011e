package directory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/secret"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
)

// world is a seeded directory over a test's database, with a clock that the test moves.
type world struct {
	*directory.Service
	t     *testing.T
	db    *config.Database
	mu    sync.Mutex
	clock time.Time
}

const rootPassword = "open sesame"

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// beside returns another Service over the same database, as a second process has.
func (w *world) beside() *directory.Service {
	w.t.Helper()
	s, err := directory.New(directory.Options{Write: w.db.Write, Read: w.db.Read, Search: w.db.Search,
		Dialect: w.db.Dialect, Now: w.now, Hash: secret.HashCost{Memory: 64, Passes: 1}})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func newWorld(t *testing.T, db *config.Database) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: time.Date(2024, 1, 10, 8, 0, 0, 123456789, time.UTC)}
	w.Service = w.beside()
	if _, err := seed.Apply(t.Context(), w.Service, rootPassword); err != nil {
		t.Fatal(err)
	}
	return w
}

func inWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, newWorld(t, db)) })
}

func (w *world) login(user, password string) *models.Principal {
	w.t.Helper()
	p, err := admit(w.t.Context(), w.Service, login.Credentials{Login: user, Password: password})
	if err != nil {
		w.t.Fatalf("log in as %s: %v", user, err)
	}
	return p
}

func (w *world) root() *models.Principal {
	w.t.Helper()
	return w.login("admin", rootPassword)
}

// user makes a user whose password is the login, with a change beyond that.
func (w *world) user(login string, more ...func(*directory.UserChange)) *directory.UserView {
	w.t.Helper()
	c := directory.UserChange{Login: models.Some(login), Password: models.Some(login),
		AuthSourceName: models.Some("Internal")}
	for _, change := range more {
		change(&c)
	}
	v, err := w.CreateUser(w.t.Context(), w.root(), c)
	if err != nil {
		w.t.Fatalf("make %s: %v", login, err)
	}
	return v
}

func (w *world) number(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	if err := w.db.Read.Raw(query, args...).Row().Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (w *world) execute(statement string, args ...any) {
	w.t.Helper()
	if err := w.db.Write.Exec(statement, args...).Error; err != nil {
		w.t.Fatal(err)
	}
}

// admit lets somebody in, as a dialect does.
func admit(ctx context.Context, s *directory.Service, c login.Credentials) (*models.Principal, error) {
	l, err := login.New(s).Login(ctx, c)
	if err != nil {
		return nil, err
	}
	return l.Principal, nil
}

func TestAuthenticate_Refusals(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.user("bob")
		w.user("gone", func(c *directory.UserChange) { c.Disabled = models.Some(ptr(true)) })
		w.user("elsewhere", func(c *directory.UserChange) { c.AuthSourceName = models.Some("External") })
		for what, try := range map[string]struct {
			login, password string
			want            error
		}{
			"nobody": {"", "", login.ErrCredentials}, "no password": {"bob", "", login.ErrCredentials},
			"no login": {"", "bob", login.ErrCredentials}, "a wrong password": {"bob", "Bob", login.ErrCredentials},
			"an unknown login":   {"ann", "ann", login.ErrCredentials},
			"a hidden account":   {"foreman_admin", "foreman_admin", login.ErrCredentials},
			"another source":     {"elsewhere", "elsewhere", login.ErrCredentials},
			"a disabled account": {"gone", "gone", login.ErrDisabled}, "a disabled account's wrong password": {"gone",
				"x", login.ErrCredentials}, "NUL": {"bob\x00", "bob", login.ErrCredentials},
			"no text": {"\xff", "bob", login.ErrCredentials}, "an endless password": {"bob", strings.Repeat("x", 1<<20),
				login.ErrCredentials}, "a blank around it": {" bob", "bob", login.ErrCredentials},
			"a pattern": {"b%", "bob", login.ErrCredentials},
		} {
			p, err := admit(t.Context(), w.Service, login.Credentials{Login: try.login, Password: try.password})
			if p != nil || !errors.Is(err, try.want) || models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s: got %v, %v, want %v", what, p, err, try.want)
			}
			if err != nil && try.password != "" && len(try.password) > 4 &&
				strings.Contains(err.Error(), try.password) {
				t.Errorf("%s: the error has the password", what)
			}
		}
		for _, login := range []string{"bob", "BOB", "bOb"} {
			if p := w.login(login, "bob"); p.Login != "bob" {
				t.Errorf("%s: got %s", login, p.Login)
			}
		}
	})
}

// last_login_on follows logins, but not more often than once a minute: reads stay reads.
func TestAuthenticate_NotesTheLogin(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.user("bob").ID
		last := func() *time.Time {
			t.Helper()
			v, err := w.User(t.Context(), w.root(), directory.Ref{ID: id})
			if err != nil {
				t.Fatal(err)
			}
			return v.LastLoginOn
		}
		if got := last(); got != nil {
			t.Errorf("before any login: got %v", got)
		}
		for _, step := range []struct {
			after time.Duration
			noted bool
		}{{0, true}, {59 * time.Second, false}, {2 * time.Second, true}, {time.Hour, true}, {0, false}} {
			w.advance(step.after)
			before := last()
			w.login("bob", "bob")
			after := last()
			if noted := before == nil || !after.Equal(*before); noted != step.noted {
				t.Errorf("%v later: noted: %t, want %t", step.after, noted, step.noted)
			}
			if step.noted && !after.Equal(w.now().Truncate(time.Microsecond)) {
				t.Errorf("got %v, want %v", after, w.now())
			}
		}
		before := last()
		w.advance(time.Hour)
		if _, err := admit(t.Context(), w.Service, login.Credentials{Login: "bob", Password: "wrong"}); err == nil {
			t.Fatal("a wrong password was taken")
		}
		if after := last(); !after.Equal(*before) {
			t.Error("a refused login was noted")
		}
	})
}

// What decides about a caller: roles, also through groups; tenants; grants; the zone. It is up to date at once, on
// every Service.
func TestAuthenticate_Principal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		beside := w.beside()
		viewer := w.number("SELECT id FROM roles WHERE name = 'Viewer'")
		auditor := w.number("SELECT id FROM roles WHERE name = 'Auditor'")
		defaultRole := w.number("SELECT id FROM roles WHERE builtin = 2")
		location := w.number("SELECT id FROM taxonomies WHERE type = 'Location'")
		organization := w.number("SELECT id FROM taxonomies WHERE type = 'Organization'")
		bob := w.user("bob", func(c *directory.UserChange) {
			c.Roles = models.Some(directory.ByIDs(viewer))
			c.Timezone = models.Some(ptr("Stockholm"))
		})
		type shown struct {
			Admin                                          bool
			DirectRoles, Roles, Locations, Organizations   []int64
			Zone                                           string
			ViewsUsers, EditsUsers, ViewsAudits, Escalates bool
		}
		show := func() shown {
			t.Helper()
			var both [2]shown
			for i, s := range []*directory.Service{w.Service, beside} {
				p, err := admit(t.Context(), s, login.Credentials{Login: "bob", Password: "bob",
					RemoteAddress: "1.2.3.4", RequestID: "r"})
				if err != nil {
					t.Fatal(err)
				}
				if p.UserID != bob.ID || p.RemoteAddress != "1.2.3.4" || p.RequestID != "r" {
					t.Errorf("got %+v", p)
				}
				both[i] = shown{Admin: p.Admin, DirectRoles: slices.Sorted(slices.Values(p.DirectRoles)),
					Roles: p.Roles, Locations: p.Locations,
					Organizations: p.Organizations, Zone: p.Zone.String(), ViewsUsers: p.Can("view_users"),
					EditsUsers:  p.Can("edit_users"),
					ViewsAudits: p.Can("view_audit_logs"), Escalates: p.Can("escalate_roles")}
			}
			if diff := cmp.Diff(both[0], both[1]); diff != "" {
				t.Errorf("two services differ:\n%s", diff)
			}
			return both[0]
		}
		own := slices.Sorted(slices.Values([]int64{viewer, defaultRole}))
		want := shown{DirectRoles: own, Roles: own, Locations: []int64{location}, Organizations: []int64{organization},
			Zone: "Europe/Stockholm", ViewsUsers: true, ViewsAudits: true}
		check := func(what string) {
			t.Helper()
			if diff := cmp.Diff(show(), want); diff != "" {
				t.Errorf("%s: got (-), want (+):\n%s", what, diff)
			}
		}
		check("at first")

		inner, err := w.CreateUsergroup(t.Context(), w.root(), directory.UsergroupChange{Name: models.Some("inner"),
			Users: models.Some(directory.ByIDs(bob.ID))})
		if err != nil {
			t.Fatal(err)
		}
		outer, err := w.CreateUsergroup(t.Context(), w.root(), directory.UsergroupChange{Name: models.Some("outer"),
			Members: models.Some(directory.ByIDs(inner.ID)), Roles: models.Some(directory.ByIDs(auditor))})
		if err != nil {
			t.Fatal(err)
		}
		want.Roles = slices.Sorted(slices.Values([]int64{viewer, defaultRole, auditor}))
		check("with a role of a group around the group")

		if _, err := w.UpdateUsergroup(t.Context(), w.root(), directory.Ref{ID: outer.ID},
			directory.UsergroupChange{Admin: models.Some(true)}); err != nil {
			t.Fatal(err)
		}
		want.Admin = true
		want.EditsUsers = true
		want.Escalates = true
		check("in a group of administrators")

		if _, err := w.UpdateUsergroup(t.Context(), w.root(), directory.Ref{ID: inner.ID},
			directory.UsergroupChange{Users: models.Some(directory.ByIDs())}); err != nil {
			t.Fatal(err)
		}
		want.Admin = false
		want.EditsUsers = false
		want.Escalates = false
		want.Roles = own
		check("out of the groups again")

		_, err = beside.UpdateUser(t.Context(), w.root(), directory.Ref{ID: bob.ID},
			directory.UserChange{Roles: models.Some(directory.ByIDs()),
				Tenants:  directory.TenantRefs{models.LocationKind: models.Some(directory.ByIDs())},
				Timezone: models.Some[*string](nil)})
		if err != nil {
			t.Fatal(err)
		}
		want.DirectRoles = []int64{defaultRole}
		want.Roles = []int64{defaultRole}
		want.Locations = nil
		want.Zone = "UTC"
		want.ViewsUsers = false
		want.ViewsAudits = false
		check("without a role")
	})
}

// Unknown logins cost about as much as wrong passwords, so that the time tells nobody who has an account.
func TestAuthenticate_UnknownLoginsTakeAsLong(t *testing.T) {
	db := dbtest.SQLite(t)
	s, err := directory.New(directory.Options{Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Hash: secret.HashCost{Memory: 16 * 1024, Passes: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Apply(t.Context(), s, rootPassword); err != nil {
		t.Fatal(err)
	}
	median := func(user string) time.Duration {
		var took []time.Duration
		for range 9 {
			start := time.Now()
			if _, err := admit(t.Context(), s, login.Credentials{Login: user, Password: "wrong"}); err == nil {
				t.Fatal("a wrong password was taken")
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	known := median("admin")
	for _, login := range []string{"nobody", "foreman_admin"} {
		// A lookup alone takes a hundredth; a quarter leaves room for a busy machine.
		if unknown := median(login); unknown < known/4 {
			t.Errorf("%s: took %v, a known login %v", login, unknown, known)
		}
	}
}

func ptr[T any](v T) *T { return &v }
