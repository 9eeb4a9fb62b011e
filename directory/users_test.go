package directory_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
)

// Who is nobody may do nothing: every verb about users refuses the missing and the empty principal.
func TestUsers_NobodyMayDoNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		before := w.everything()
		change := directory.UserChange{Login: models.Some("x"), Password: models.Some("x"),
			AuthSourceID: models.Some[int64](1), Admin: models.Some(true)}
		for name, p := range map[string]*models.Principal{"no principal": nil, "the zero principal": {},
			"a zero administrator": {Admin: true}} {
			verbs := map[string]error{}
			_, verbs["CreateUser"] = w.CreateUser(ctx, p, change)
			_, verbs["UpdateUser"] = w.UpdateUser(ctx, p, directory.Ref{Name: "admin"}, change)
			_, verbs["DeleteUser"] = w.DeleteUser(ctx, p, directory.Ref{Name: "admin"})
			_, verbs["User"] = w.User(ctx, p, directory.Ref{Name: "admin"})
			_, verbs["CurrentUser"] = w.CurrentUser(ctx, p)
			l, err := w.Users(ctx, p, directory.ListQuery{Page: 1, PerPage: 20})
			if verbs["Users"] = err; l != nil {
				t.Error("a list was begun")
			}
			for verb, err := range verbs {
				if models.KindOf(err) != models.Unauthenticated || err == nil {
					t.Errorf("%s by %s: got %v", verb, name, err)
				}
			}
		}
		if diff := cmp.Diff(w.everything(), before); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

// everything counts the rows of every table that changes of users touch.
func (w *world) everything() map[string]int64 {
	w.t.Helper()
	count := map[string]int64{}
	for _, table := range []string{"users", "user_roles", "memberships", "usergroup_users", "audits",
		"audit_taxonomies", "personal_access_tokens", "ssh_keys"} {
		count[table] = w.number("SELECT COUNT(*) FROM " + table)
	}
	count["total"] = w.number("SELECT CAST(SUM(total) AS BIGINT) FROM tallies WHERE name = 'users'")
	count["epoch"] = w.number("SELECT CAST(SUM(epoch) AS BIGINT) FROM tallies WHERE name = 'users'")
	return count
}

// A change that fails at its very end leaves nothing: no row, no link, no audit, no count.
func TestUsers_AFailedChangeLeavesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		root := w.root()
		bob := w.user("bob")
		limited := w.limitedStaff()
		before := w.everything()
		rowBefore, err := w.User(t.Context(), root, directory.Ref{ID: bob.ID})
		if err != nil {
			t.Fatal(err)
		}
		viewer := models.Some(directory.ByNames("Viewer"))
		internal := models.Some("Internal")
		refusals := map[string]error{}
		_, refusals["a rule"] = w.CreateUser(t.Context(), root, directory.UserChange{Login: models.Some("x y"),
			Password: models.Some("x"), AuthSourceName: internal, Roles: viewer})
		_, refusals["a login that is taken"] = w.CreateUser(t.Context(), root,
			directory.UserChange{Login: models.Some("BOB"), Password: models.Some("x"), AuthSourceName: internal,
				Roles: viewer})
		// This one is written, seen to be outside of what the caller may make, and taken back.
		_, refusals["a row that nobody allowed"] = w.CreateUser(t.Context(), limited,
			directory.UserChange{Login: models.Some("outside"), Password: models.Some("x"), AuthSourceName: internal})
		_, refusals["the last administrator"] = w.UpdateUser(t.Context(), root, directory.Ref{Name: "admin"},
			directory.UserChange{Admin: models.Some(false), Firstname: models.Some(ptr("X")),
				Tenants: directory.TenantRefs{models.LocationKind: models.Some(directory.ByIDs())}})
		_, refusals["a change of bob"] = w.UpdateUser(t.Context(), root, directory.Ref{ID: bob.ID},
			directory.UserChange{Roles: viewer, Lastname: models.Some(ptr("\x1b"))})
		_, refusals["a role that is not there"] = w.UpdateUser(t.Context(), root, directory.Ref{ID: bob.ID},
			directory.UserChange{Firstname: models.Some(ptr("X")), Roles: models.Some(directory.ByIDs(4711))})
		_, refusals["oneself"] = w.DeleteUser(t.Context(), root, directory.Ref{Name: "admin"})
		_, refusals["nobody"] = w.DeleteUser(t.Context(), root, directory.Ref{Name: "nobody"})
		for what, err := range refusals {
			if err == nil || models.KindOf(err) == models.Internal {
				t.Errorf("%s: got %v, want a refusal", what, err)
			}
		}
		if diff := cmp.Diff(w.everything(), before); diff != "" {
			t.Errorf("something is left (+):\n%s", diff)
		}
		rowAfter, err := w.User(t.Context(), root, directory.Ref{ID: bob.ID})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rowAfter.User, rowBefore.User); diff != "" {
			t.Errorf("bob changed:\n%s", diff)
		}
	})
}

// limitedStaff may make users whose login begins with "inside", and no other.
func (w *world) limitedStaff() *models.Principal {
	w.t.Helper()
	ctx := w.t.Context()
	root := w.root()
	role, err := w.CreateRole(ctx, root, directory.RoleChange{Name: models.Some("Limited")})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, filter := range []struct {
		search      *string
		permissions []string
	}{{ptr("login ~ inside"), []string{"view_users", "create_users"}}, {nil, []string{"assign_locations"}},
		{nil, []string{"assign_organizations"}}} {
		if _, err := w.CreateFilter(ctx, w.root(), directory.FilterChange{RoleID: models.Some(role.ID),
			Search:      models.Some(filter.search),
			Permissions: models.Some(directory.ByNames(filter.permissions...))}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.user("limited", func(c *directory.UserChange) { c.Roles = models.Some(directory.ByIDs(role.ID)) })
	return w.login("limited", "limited")
}

// A deletion takes along what only the user owned, and leaves what others own.
func TestUsers_Delete(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		bob := w.user("bob", func(c *directory.UserChange) { c.Roles = models.Some(directory.ByNames("Viewer")) })
		if _, err := w.CreateUsergroup(t.Context(), w.root(), directory.UsergroupChange{Name: models.Some("g"),
			Users: models.Some(directory.ByIDs(bob.ID))}); err != nil {
			t.Fatal(err)
		}
		const when = "'2024-01-01 00:00:00+00:00'"
		for _, statement := range []string{
			"INSERT INTO ssh_keys (user_id, name, key, fingerprint, length, created_at, updated_at) VALUES (?, 'k', " +
				"'x', 'x', 1, " + when + ", " + when + ")",
			"INSERT INTO personal_access_tokens (user_id, name, token_hash, created_at, updated_at) VALUES (?, " +
				"'t', 'x', " + when + ", " + when + ")",
			"INSERT INTO table_preferences (user_id, name, created_at, updated_at) VALUES (?, 'p', " + when + ", " +
				when + ")",
			"INSERT INTO sessions (user_id, token_hash, created_at, expires_at) VALUES (?, 's', " + when + ", " + when +
				")",
			"INSERT INTO bookmarks (owner_id, name, controller, query, created_at, updated_at) VALUES (?, 'b', " +
				"'users', 'x', " + when + ", " + when + ")",
			"INSERT INTO user_mail_notifications (user_id, mail_notification_id, created_at, updated_at) VALUES (?, 1, " + when + ", " + when + ")",
		} {
			w.execute(statement, bob.ID)
		}
		roles := w.number("SELECT COUNT(*) FROM roles")
		groups := w.number("SELECT COUNT(*) FROM usergroups")
		gone, err := w.DeleteUser(t.Context(), w.root(), directory.Ref{ID: bob.ID})
		if err != nil || gone.Login != "bob" {
			t.Fatalf("got %v, %v", gone, err)
		}
		for _, owned := range []string{"user_roles WHERE user_id", "memberships WHERE user_id",
			"usergroup_users WHERE user_id", "ssh_keys WHERE user_id", "personal_access_tokens WHERE user_id",
			"table_preferences WHERE user_id", "sessions WHERE user_id", "bookmarks WHERE owner_id",
			"user_mail_notifications WHERE user_id"} {
			if n := w.number("SELECT COUNT(*) FROM "+owned+" = ?", bob.ID); n != 0 {
				t.Errorf("%s: %d rows are left", owned, n)
			}
		}
		if w.number("SELECT COUNT(*) FROM roles") != roles || w.number("SELECT COUNT(*) FROM usergroups") != groups {
			t.Error("a role or a group went as well")
		}
		if n := w.number("SELECT COUNT(*) FROM audits WHERE auditable_type = 'User' AND auditable_id = ?",
			bob.ID); n != 2 {
			t.Errorf("got %d audits, want those of the creation and the deletion", n)
		}
		if _, err := w.DeleteUser(t.Context(), w.root(), directory.Ref{ID: bob.ID}); models.KindOf(
			err) != models.NotFound {
			t.Errorf("again: got %v", err)
		}
	})
}

// The ids of the deleted are not given to others.
func TestUsers_IDsAreNotUsedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.user("first").ID
		if _, err := w.DeleteUser(t.Context(), w.root(), directory.Ref{ID: first}); err != nil {
			t.Fatal(err)
		}
		if second := w.user("second").ID; second <= first {
			t.Errorf("got id %d after %d", second, first)
		}
	})
}

// readUsers lists users and reads as many of them as show allows.
func readUsers(ctx context.Context, w *world, p *models.Principal, size int64,
	show func(*directory.UserView) error) error {
	l, err := w.Users(ctx, p, directory.ListQuery{Page: 1, PerPage: size})
	if err != nil {
		return err
	}
	for u, err := range l.Rows() {
		if err == nil {
			err = show(u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A list ends where its reader says so, however it is read, and lets others in afterwards. One that nobody reads ends
// with its request.
func TestUsers_AListEndsWithItsReader(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if err := seed.Sample(t.Context(), w.Service, seed.SampleOptions{Users: 1200, RandomSeed: 1}); err != nil {
			t.Fatal(err)
		}
		enough := errors.New("enough")
		root := w.root()
		for _, size := range []int64{0, 10, 1000, 1001} {
			t.Run(fmt.Sprint(size), func(t *testing.T) {
				for range 5 { // more often than streams may run at once
					seen := 0
					err := readUsers(t.Context(), w, root, size, func(*directory.UserView) error {
						if seen++; seen == 3 {
							return enough
						}
						return nil
					})
					if !errors.Is(err, enough) || seen != 3 {
						t.Errorf("got %v after %d rows", err, seen)
					}
					request, end := context.WithCancel(t.Context())
					l, err := w.Users(request, root, directory.ListQuery{Page: 1, PerPage: size})
					if err != nil || l.Total != 1201 {
						t.Errorf("got %+v, %v", l, err)
					}
					end()
				}
				var got int
				err := readUsers(t.Context(), w, root, size, func(*directory.UserView) error { got++; return nil })
				want := 1201
				if size > 0 {
					want = min(want, int(size))
				}
				if err != nil || got != want {
					t.Errorf("got %d rows, %v, want %d", got, err, want)
				}
			})
		}
	})
}

// Streams beyond the number that may run at once wait, as long as their request may.
func TestUsers_StreamsWaitForEachOther(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if err := seed.Sample(t.Context(), w.Service, seed.SampleOptions{Users: 50, RandomSeed: 1}); err != nil {
			t.Fatal(err)
		}
		root := w.root()
		release := make(chan struct{})
		begun := make(chan struct{}, 10)
		done := make(chan error, 10)
		// Callers differ, since each has one place.
		list := func(ctx context.Context, id int64) error {
			caller := *root
			caller.UserID = id
			first := sync.OnceFunc(func() {
				begun <- struct{}{}
				<-release
			})
			return readUsers(ctx, w, &caller, 0, func(*directory.UserView) error { first(); return nil })
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		refused := func(what string, id int64) {
			t.Helper()
			if err := list(impatient, id); models.KindOf(err) != models.Unavailable {
				t.Errorf("%s: got %v, want to be told to come again", what, err)
			}
		}
		for id := range int64(2) {
			go func() { done <- list(t.Context(), id+1) }()
			select {
			case <-begun:
			case err := <-done:
				t.Fatal("the stream has ended:", err)
			}
			refused("a second stream of one caller", id+1)
		}
		refused("a third stream", 3)
		go func() { done <- list(t.Context(), 4) }()
		close(release)
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// A request that is over does nothing more.
func TestUsers_ACancelledRequest(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		root := w.root()
		before := w.everything()
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.CreateUser(over, root, directory.UserChange{Login: models.Some("late"),
			Password: models.Some("x"), AuthSourceName: models.Some("Internal")}); err == nil {
			t.Error("a user was made")
		}
		if _, err := w.Users(over, root, directory.ListQuery{Page: 1, PerPage: 20}); err == nil {
			t.Error("users were listed")
		}
		if diff := cmp.Diff(w.everything(), before); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

func TestNew_NeedsItsPools(t *testing.T) {
	db := dbtest.SQLite(t)
	for _, o := range []directory.Options{{}, {Write: db.Write}, {Write: db.Write, Read: db.Read},
		{Read: db.Read, Search: db.Search}} {
		if _, err := directory.New(o); err == nil {
			t.Error("made without a pool")
		}
	}
}

// Times are kept in the microseconds that both databases have: a row reads back as it was written.
func TestUsers_ReadBackAsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		w := newWorld(t, db)
		made := w.user("bob", func(c *directory.UserChange) {
			c.Firstname = models.Some(ptr("2024-01-01"))
			c.Mail = models.Some(ptr("a@b"))
			c.Description = models.Some(ptr("2024-01-01 10:00:00"))
			c.Timezone = models.Some(ptr("Mumbai"))
			c.Locale = models.Some(ptr("ka"))
			c.MailEnabled = models.Some[*bool](nil)
			c.Disabled = models.Some[*bool](nil)
		})
		read, err := w.User(t.Context(), w.root(), directory.Ref{ID: made.ID})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read.User, made.User); diff != "" {
			t.Errorf("got (-), want (+):\n%s", diff)
		}
		if want := w.now().Truncate(time.Microsecond); !read.CreatedAt.Equal(want) ||
			read.CreatedAt.Location() != time.UTC {
			t.Errorf("got %v, want %v", read.CreatedAt, want)
		}
	})
}
