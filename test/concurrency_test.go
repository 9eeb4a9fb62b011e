package test

import (
	"fmt"
	"sync"
	"testing"
)

// together sends requests at the same moment and gives the answers in their order.
func together(t *testing.T, requests ...func() (*answer, error)) []*answer {
	t.Helper()
	answers, failures := make([]*answer, len(requests)), make([]error, len(requests))
	var ready, done sync.WaitGroup
	gun := make(chan struct{})
	for i, request := range requests {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-gun
			answers[i], failures[i] = request()
		})
	}
	ready.Wait()
	close(gun)
	done.Wait()
	for i, err := range failures {
		if err != nil {
			t.Fatal("request ", i, ": ", err)
		}
	}
	return answers
}

// statuses counts answers by status.
func statuses(answers []*answer) map[int]int {
	count := map[int]int{}
	for _, a := range answers {
		count[a.status]++
	}
	return count
}

// Of simultaneous creations of one login exactly one wins, on one server and on two.
func TestConcurrency_OneLogin(t *testing.T) {
	const at = 12
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.beside()}
		for round := range 5 {
			var requests []func() (*answer, error)
			for i := range at {
				login := fmt.Sprint("twin", round)
				if i%2 == 0 {
					login = fmt.Sprint("TWIN", round)
				}
				body := object{"user": object{"login": login, "password": "x", "auth_source_id": 1}}
				requests = append(requests,
					func() (*answer, error) { return servers[i/2%2].admin().try("POST", "/api/users", body) })
			}
			answers := together(t, requests...)
			if got := statuses(answers); got[201] != 1 || got[422] != at-1 {
				t.Fatalf("got the statuses %v, want one 201 and %d times 422", got, at-1)
			}
			for _, a := range answers {
				if a.status == 422 {
					a.refuses(errors{"login": {"already exists"}}, "Username already exists")
				}
			}
		}
		s.admin().get("/api/users?search=login+~+twin").expect(200).want(5, "subtotal").want(6, "total")
		wantTallies(t, s)
	})
}

// Users who rename themselves to one login, and a group of that name.
func TestConcurrency_OneNewLogin(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.beside()
		for round := range 5 {
			a, b := s.user(fmt.Sprint("a", round)), s.user(fmt.Sprint("b", round))
			wanted := fmt.Sprint("wanted", round)
			body := object{"user": object{"login": wanted}}
			group := object{"usergroup": object{"name": wanted}}
			answers := together(t,
				func() (*answer, error) { return s.by(a).try("PUT", a.path(), body) },
				func() (*answer, error) { return beside.by(b).try("PUT", b.path(), body) },
				func() (*answer, error) { return beside.admin().try("POST", "/api/usergroups", group) },
			)
			if got := statuses(answers); got[200]+got[201] != 1 || got[422] != 2 {
				t.Errorf("got the statuses %v, want one success and two times 422", got)
			}
		}
	})
}

// Different users may be made at once: none is in another's way.
func TestConcurrency_ManyLogins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.beside()}
		var requests []func() (*answer, error)
		for i := range 20 {
			body := object{"user": object{"login": fmt.Sprint("new", i), "password": "x", "auth_source_id": 1,
				"role_names": []string{"Viewer"}}}
			requests = append(requests,
				func() (*answer, error) { return servers[i%2].admin().try("POST", "/api/users", body) })
		}
		if got := statuses(together(t, requests...)); got[201] != 20 {
			t.Errorf("got the statuses %v, want 20 times 201", got)
		}
		s.admin().get("/api/users").expect(200).want(21, "total")
		servers[1].admin().get("/api/users").expect(200).want(21, "total")
		wantTallies(t, s)
	})
}

// Two administrators who remove each other at the same moment, in every way there is: one stays.
func TestConcurrency_TheLastTwoAdministrators(t *testing.T) {
	unflag := func(s *server, actor, victim account) (*answer, error) {
		return s.by(actor).try("PUT", victim.path(), object{"user": object{"admin": false}})
	}
	remove := func(s *server, actor, victim account) (*answer, error) {
		return s.by(actor).try("DELETE", victim.path(), nil)
	}
	disable := func(s *server, actor, victim account) (*answer, error) {
		return s.by(actor).try("PUT", victim.path(), object{"user": object{"disabled": true}})
	}
	resign := func(s *server, actor, _ account) (*answer, error) { return unflag(s, actor, actor) }
	ways := map[string]func(*server, account, account) (*answer, error){"unflag": unflag, "delete": remove,
		"disable": disable, "resign": resign}
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.beside()
		n := 0
		for name, way := range ways {
			for other, otherWay := range ways {
				n++
				a, b := s.user(fmt.Sprint("a", n), object{"admin": true}),
					s.user(fmt.Sprint("b", n), object{"admin": true})
				// Both have logged in once, so that nothing but the removals is going on.
				s.by(a).get("/api/status").expect(200)
				beside.by(b).get("/api/status").expect(200)
				s.execute("UPDATE users SET admin = ? WHERE login = 'admin'", false)
				s.bump()
				answers := together(t,
					func() (*answer, error) { return way(s, a, b) },
					func() (*answer, error) { return otherWay(beside, b, a) },
				)
				for _, got := range answers {
					// 401 and 403: the other one was faster than the login.
					if got.status >= 500 {
						t.Errorf("%s against %s: %s", name, other, got)
					}
				}
				left := s.find("SELECT COUNT(*) FROM users WHERE admin AND NOT hidden AND NOT COALESCE(disabled, ?)",
					false)
				if left == 0 {
					t.Fatalf("%s against %s: no administrator is left: %s, %s", name, other, answers[0], answers[1])
				}
				if got := statuses(answers); got[200] == 0 {
					t.Errorf("%s against %s: got the statuses %v, want at least one success", name, other, got)
				}
				s.execute("UPDATE users SET admin = ? WHERE login = 'admin'", true)
				s.execute("UPDATE users SET admin = ? WHERE login IN (?, ?)", false, a.login, b.login)
				s.bump()
			}
		}
	})
}

// Changes of one user at once: each is whole, and each that changed something left its audit.
func TestConcurrency_OneUser(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.beside()}
		bob := s.user("bob")
		var requests []func() (*answer, error)
		for i := range 10 {
			name := fmt.Sprint("N", i)
			body := object{"user": object{"firstname": name, "lastname": name,
				"role_names": []string{[]string{"Viewer", "Auditor"}[i%2]}}}
			requests = append(requests,
				func() (*answer, error) { return servers[i%2].admin().try("PUT", bob.path(), body) })
		}
		answers := together(t, requests...)
		if got := statuses(answers); got[200] != 10 {
			t.Fatalf("got the statuses %v, want 10 times 200", got)
		}
		a := s.admin().get(bob.path()).expect(200)
		if first, last := a.text("firstname"), a.text("lastname"); first != last {
			t.Errorf("got %s %s: the halves of two changes", first, last)
		}
		if got := s.find("SELECT COUNT(*) FROM audits WHERE auditable_type = 'User' AND auditable_id = ? AND action "+
			"= 'update'", bob.id); got != 10 {
			t.Errorf("got %d audits, want 10", got)
		}
	})
}

// What a change refers to may go away at the same moment: the change is done or refused, and never half done.
func TestConcurrency_ReferencesThatGoAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.beside()
		for i := range 10 {
			role, location, bob := s.newRole(fmt.Sprint("role", i)), s.location(fmt.Sprint("location", i)),
				s.user(fmt.Sprint("bob", i))
			for what, pair := range map[string][2]func() (*answer, error){
				"a new user's role": {
					func() (*answer, error) {
						return s.admin().try("POST", "/api/users",
							object{"user": object{"login": fmt.Sprint("new", i), "password": "x", "auth_source_id": 1,
								"role_ids": []any{role}}})
					},
					func() (*answer, error) {
						return beside.admin().try("DELETE", fmt.Sprint("/api/roles/", role),
							nil)
					},
				},
				"a user's location": {
					func() (*answer, error) {
						return s.admin().try("PUT", bob.path(),
							object{"user": object{"location_ids": []any{location}, "default_location_id": location}})
					},
					func() (*answer, error) {
						return beside.admin().try("DELETE", fmt.Sprint("/api/locations/", location), nil)
					},
				},
				"the default role, at a login": {
					func() (*answer, error) {
						return s.admin().try("PUT", bob.path(), object{"user": object{"firstname": "X"}})
					},
					func() (*answer, error) { return beside.by(bob).try("GET", "/api/status", nil) },
				},
			} {
				s.execute("DELETE FROM user_roles WHERE user_id = ?", bob.id)
				answers := together(t, pair[0], pair[1])
				if first, second := answers[0].status, answers[1].status; first != 200 && first != 201 &&
					first != 422 || second != 200 {
					t.Errorf("%s: got %s and %s", what, answers[0], answers[1])
				}
			}
		}
		wantTallies(t, s)
	})
}
