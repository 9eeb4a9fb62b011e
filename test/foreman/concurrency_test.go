package foreman

import (
	"fmt"
	"sync"
	"testing"
)

// together sends requests at the same moment and gives the answers in their order.
func together(t *testing.T, requests ...func() (*answer, error)) []*answer {
	t.Helper()
	answers := make([]*answer, len(requests))
	failures := make([]error, len(requests))
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
		count[a.Status]++
	}
	return count
}

// Of simultaneous creations of one login exactly one wins, on one server and on two.
func TestConcurrency_OneLogin(t *testing.T) {
	const at = 12
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.Beside()}
		for round := range 5 {
			var requests []func() (*answer, error)
			for i := range at {
				login := fmt.Sprint("twin", round)
				if i%2 == 0 {
					login = fmt.Sprint("TWIN", round)
				}
				body := object{"user": object{"login": login, "password": "x", "auth_source_id": 1}}
				requests = append(requests,
					func() (*answer, error) { return servers[i/2%2].Admin().Try("POST", "/api/users", body) })
			}
			answers := together(t, requests...)
			if got := statuses(answers); got[201] != 1 || got[422] != at-1 {
				t.Fatalf("got the statuses %v, want one 201 and %d times 422", got, at-1)
			}
			for _, a := range answers {
				if a.Status == 422 {
					a.Refuses(errors{"login": {"already exists"}}, "Username already exists")
				}
			}
		}
		s.Admin().Get("/api/users?search=login+~+twin").Expect(200).Want(5, "subtotal").Want(6, "total")
		wantTallies(t, s)
	})
}

// Users who rename themselves to one login, and a group of that name.
func TestConcurrency_OneNewLogin(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.Beside()
		for round := range 5 {
			a := s.User(fmt.Sprint("a", round))
			b := s.User(fmt.Sprint("b", round))
			wanted := fmt.Sprint("wanted", round)
			body := object{"user": object{"login": wanted}}
			group := object{"usergroup": object{"name": wanted}}
			answers := together(t,
				func() (*answer, error) { return s.By(a).Try("PUT", a.Path(), body) },
				func() (*answer, error) { return beside.By(b).Try("PUT", b.Path(), body) },
				func() (*answer, error) { return beside.Admin().Try("POST", "/api/usergroups", group) },
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
		servers := []*server{s, s.Beside()}
		var requests []func() (*answer, error)
		for i := range 20 {
			body := object{"user": object{"login": fmt.Sprint("new", i), "password": "x", "auth_source_id": 1,
				"role_names": []string{"Viewer"}}}
			requests = append(requests,
				func() (*answer, error) { return servers[i%2].Admin().Try("POST", "/api/users", body) })
		}
		if got := statuses(together(t, requests...)); got[201] != 20 {
			t.Errorf("got the statuses %v, want 20 times 201", got)
		}
		s.Admin().Get("/api/users").Expect(200).Want(21, "total")
		servers[1].Admin().Get("/api/users").Expect(200).Want(21, "total")
		wantTallies(t, s)
	})
}

// Two administrators who remove each other at the same moment, in every way there is: one stays.
func TestConcurrency_TheLastTwoAdministrators(t *testing.T) {
	unflag := func(s *server, actor, victim account) (*answer, error) {
		return s.By(actor).Try("PUT", victim.Path(), object{"user": object{"admin": false}})
	}
	remove := func(s *server, actor, victim account) (*answer, error) {
		return s.By(actor).Try("DELETE", victim.Path(), nil)
	}
	disable := func(s *server, actor, victim account) (*answer, error) {
		return s.By(actor).Try("PUT", victim.Path(), object{"user": object{"disabled": true}})
	}
	resign := func(s *server, actor, _ account) (*answer, error) {
		return unflag(s, actor, actor)
	}
	ways := map[string]func(*server, account, account) (*answer, error){"unflag": unflag, "delete": remove,
		"disable": disable, "resign": resign}
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.Beside()
		n := 0
		for name, way := range ways {
			for other, otherWay := range ways {
				n++
				a := s.User(fmt.Sprint("a", n), object{"admin": true})
				b := s.User(fmt.Sprint("b", n), object{"admin": true})
				// Both have logged in once, so that nothing but the removals is going on.
				s.By(a).Get("/api/status").Expect(200)
				beside.By(b).Get("/api/status").Expect(200)
				s.Execute("UPDATE users SET admin = ? WHERE login = 'admin'", false)
				bumpRevisions(s)
				answers := together(t,
					func() (*answer, error) { return way(s, a, b) },
					func() (*answer, error) { return otherWay(beside, b, a) },
				)
				for _, got := range answers {
					// 401 and 403: the other one was faster than the login.
					if got.Status >= 500 {
						t.Errorf("%s against %s: %s", name, other, got)
					}
				}
				left := s.Find("SELECT COUNT(*) FROM users WHERE admin AND NOT hidden AND NOT COALESCE(disabled, ?)",
					false)
				if left == 0 {
					t.Fatalf("%s against %s: no administrator is left: %s, %s", name, other, answers[0], answers[1])
				}
				if got := statuses(answers); got[200] == 0 {
					t.Errorf("%s against %s: got the statuses %v, want at least one success", name, other, got)
				}
				s.Execute("UPDATE users SET admin = ? WHERE login = 'admin'", true)
				s.Execute("UPDATE users SET admin = ? WHERE login IN (?, ?)", false, a.Login, b.Login)
				bumpRevisions(s)
			}
		}
	})
}

// Changes of one user at once: each is whole, and each that changed something left its audit.
func TestConcurrency_OneUser(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.Beside()}
		bob := s.User("bob")
		var requests []func() (*answer, error)
		for i := range 10 {
			name := fmt.Sprint("N", i)
			body := object{"user": object{"firstname": name, "lastname": name,
				"role_names": []string{[]string{"Viewer", "Auditor"}[i%2]}}}
			requests = append(requests,
				func() (*answer, error) { return servers[i%2].Admin().Try("PUT", bob.Path(), body) })
		}
		answers := together(t, requests...)
		if got := statuses(answers); got[200] != 10 {
			t.Fatalf("got the statuses %v, want 10 times 200", got)
		}
		a := s.Admin().Get(bob.Path()).Expect(200)
		if first, last := a.Text("firstname"), a.Text("lastname"); first != last {
			t.Errorf("got %s %s: the halves of two changes", first, last)
		}
		if got := s.Find("SELECT COUNT(*) FROM audits WHERE auditable_type = 'User' AND auditable_id = ? AND action "+
			"= 'update'", bob.ID); got != 10 {
			t.Errorf("got %d audits, want 10", got)
		}
	})
}

// What a change refers to may go away at the same moment: the change is done or refused, and never half done.
func TestConcurrency_ReferencesThatGoAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.Beside()
		for i := range 10 {
			role := s.NewRole(fmt.Sprint("role", i))
			location := s.Location(fmt.Sprint("location", i))
			bob := s.User(fmt.Sprint("bob", i))
			for what, pair := range map[string][2]func() (*answer, error){
				"a new user's role": {
					func() (*answer, error) {
						return s.Admin().Try("POST", "/api/users",
							object{"user": object{"login": fmt.Sprint("new", i), "password": "x", "auth_source_id": 1,
								"role_ids": []any{role}}})
					},
					func() (*answer, error) {
						return beside.Admin().Try("DELETE", fmt.Sprint("/api/roles/", role),
							nil)
					},
				},
				"a user's location": {
					func() (*answer, error) {
						return s.Admin().Try("PUT", bob.Path(),
							object{"user": object{"location_ids": []any{location}, "default_location_id": location}})
					},
					func() (*answer, error) {
						return beside.Admin().Try("DELETE", fmt.Sprint("/api/locations/", location), nil)
					},
				},
				"the default role, at a login": {
					func() (*answer, error) {
						return s.Admin().Try("PUT", bob.Path(), object{"user": object{"firstname": "X"}})
					},
					func() (*answer, error) { return beside.By(bob).Try("GET", "/api/status", nil) },
				},
			} {
				s.Execute("DELETE FROM user_roles WHERE user_id = ?", bob.ID)
				answers := together(t, pair[0], pair[1])
				if first, second := answers[0].Status, answers[1].Status; first != 200 && first != 201 &&
					first != 422 || second != 200 {
					t.Errorf("%s: got %s and %s", what, answers[0], answers[1])
				}
			}
		}
		wantTallies(t, s)
	})
}
