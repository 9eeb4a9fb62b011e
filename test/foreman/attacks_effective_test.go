package foreman

import (
	"fmt"
	"testing"
)

// hiddenWorld is a directory in which vic looks at subj and others, and does not know of the organization Secret. Vic
// views the filters that some searches find.
type hiddenWorld struct {
	*server
	secret    int64
	place     object
	vic, subj account
}

func makeHiddenWorld(s *server, looks ...string) hiddenWorld {
	a := s.Organization("OrgA")
	b := s.Organization("OrgB")
	w := hiddenWorld{server: s, secret: s.Organization("Secret", s.Organization("Above")),
		place: object{"location_ids": []int64{s.Location("Place")}}}
	role := s.NewRole("looks", "view_users")
	for _, search := range looks {
		s.Filter(role, search, "view_filters")
	}
	w.vic = s.User("vic", w.in(a, b), object{"role_ids": []int64{role}})
	w.subj = s.User("subj", w.in(a, w.secret))
	s.User("both", w.in(b, w.secret))
	s.User("plain", w.in(b))
	s.User("shared", w.in(a, w.secret))
	s.User("open", w.in(a))
	return w
}

func (w *hiddenWorld) in(organizations ...int64) object {
	return merge(w.place, object{"organization_ids": organizations})
}

func (w *hiddenWorld) gives(role int64) {
	w.server.Admin().Put(w.subj.Path(), object{"user": object{"role_ids": []int64{role}}}).Expect(200)
}

// verdict is what somebody is told of the only reason why subj may edit a user.
func (w *hiddenWorld) verdict(as account, user string) string {
	a := w.By(as).Get("/api/users/subj/effective_permissions?permission=edit_users&user_id="+user).Expect(200).
		Want(int64(1), "subtotal")
	applies, _ := a.At("results", 0, "applies")
	missing, _ := a.At("results", 0, "missing")
	return fmt.Sprint(applies, " ", missing)
}

// Whether a reason covers somebody tells nothing about tenants that the caller does not know of.
func TestAttackEffective_HiddenTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeHiddenWorld(s)
		wants := func(as account, verdicts map[string]string) {
			t.Helper()
			for user, want := range verdicts {
				if got := w.verdict(as, user); got != want {
					t.Errorf("%s is told of %s: %s, not %s", as.Login, user, got, want)
				}
			}
		}
		const yes, unknown = "true <nil>", "<nil> <nil>"
		plain := s.NewRole("edits", "edit_users", "view_users")
		w.gives(plain)
		admin := account{ID: 1, Login: "admin", Password: adminPassword}
		subj := w.subj
		wants(w.vic, map[string]string{"both": unknown, "plain": unknown, "shared": yes, "open": yes, "subj": yes})
		exact := map[string]string{"both": yes, "plain": "false tenants", "shared": yes, "open": yes}
		wants(admin, exact)
		if got := w.verdict(subj, "both"); got != yes {
			t.Errorf("subj is told of both: %s", got)
		}
		// Of a filter that limits by hidden tenants, or that the caller does not see, nothing is told.
		for _, search := range []string{"organization = Secret", "not organization = Secret", "login = shared"} {
			role := s.NewRole("edits by " + search)
			s.Filter(role, search, "edit_users")
			w.gives(role)
			wants(w.vic, map[string]string{"both": unknown, "plain": unknown, "shared": unknown, "open": unknown})
			verdict := map[bool]string{true: yes, false: "false filter"}
			wants(admin, map[string]string{"shared": verdict[search[:3] != "not"], "open": verdict[search[:3] == "not"]})
		}
	})
}

// Who views a filter is told what its search covers, unless the search is about what the caller does not know of.
func TestAttackEffective_FiltersThatAreSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeHiddenWorld(s, "role ~ shown")
		for search, want := range map[string][2]string{
			"login = shared":                {"true <nil>", "false filter"},
			"organization = Secret":         {"<nil> <nil>", "<nil> <nil>"},
			"login = x or any_role = edits": {"<nil> <nil>", "<nil> <nil>"},
		} {
			for _, name := range []string{"shown ", "hidden "} {
				role := s.NewRole(name + search)
				s.Filter(role, search, "edit_users")
				w.gives(role)
				got := [2]string{w.verdict(w.vic, "shared"), w.verdict(w.vic, "open")}
				seen := any(search)
				if name == "hidden " {
					want = [2]string{"<nil> <nil>", "<nil> <nil>"}
					seen = nil
				}
				if got != want {
					t.Errorf("%s%s: %v, not %v", name, search, got, want)
				}
				s.By(w.vic).Get("/api/users/subj/effective_permissions?permission=edit_users").Expect(200).
					Want(seen, "results", 0, "filter", "search")
			}
		}
	})
}
