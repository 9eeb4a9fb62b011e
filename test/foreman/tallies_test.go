package foreman

import (
	"fmt"
	"testing"
	"time"

	"roster/test/servertest"

	"pgregory.net/rapid"
)

// wantTallies compares the totals that the server keeps, and what it shows, with the rows.
func wantTallies(t testing.TB, s *server) {
	t.Helper()
	var kept, there int64
	if err := s.DB.Read.Raw("SELECT SUM(total) FROM tallies WHERE name = 'users'").Row().Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Read.Raw("SELECT COUNT(*) FROM users WHERE NOT hidden").Row().Scan(&there); err != nil {
		t.Fatal(err)
	}
	if kept != there {
		t.Errorf("got a kept total of %d, want %d", kept, there)
	}
	a, err := s.Admin().Try("GET", "/api/users?per_page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := servertest.Decode(a.Body)
	if got, _ := servertest.Walk(v, []any{"total"}); fmt.Sprint(got) != fmt.Sprint(there) {
		t.Errorf("got a shown total of %v, want %d: %s", got, there, a)
	}
}

// What a query or a filter says about time is counted at the moment it is asked.
func TestTallies_Time(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		home := object{"organization_ids": []int64{s.Organization("Home")},
			"location_ids": []int64{s.Location("Place")}}
		role := s.NewRole("recent")
		s.Filter(role, `last_login_on > "1 minute ago"`, "view_users")
		old := s.User("old", home)
		viewer := s.By(s.User("viewer", home, object{"role_ids": []int64{role}}))
		viewer.Get("/api/users").Expect(200)
		s.Execute("UPDATE users SET last_login_on = ? WHERE id = ?", s.Clock.Now().Add(-30*time.Second), old.ID)
		searches := []string{"", "login = old", `"last\_login\_on" > "1 minute ago" and login = old`}
		for _, want := range []int64{1, 0} {
			for _, search := range searches {
				a := viewer.Get(query("/api/users", "search", search)).Expect(200)
				if got := int64(len(a.Rows())); a.Int("subtotal") != got || search != "" && got != want {
					t.Errorf("%q: got a subtotal of %d and %d rows, want %d", search, a.Int("subtotal"), got, want)
				}
			}
			a := s.Admin().Get(query("/api/users", "search", searches[2])).Expect(200).Want(want, "subtotal")
			if got := int64(len(a.Rows())); got != want {
				t.Errorf("got %d rows, want %d", got, want)
			}
			s.Clock.Advance(50 * time.Second)
		}
	})
}

// Whatever users are made, changed, refused and removed, on one server or another: totals stay right, and both servers
// show the same.
func TestTallies_Property(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.Beside()}
		n := 0
		var alive []int64
		rapid.Check(t, func(rt *rapid.T) {
			send := func(method, path string, body any) *answer {
				a, err := rapid.SampledFrom(servers).Draw(rt, "server").Admin().Try(method, path, body)
				if err != nil || a.Status >= 500 {
					rt.Fatalf("%v %v", a, err)
				}
				return a
			}
			for range rapid.IntRange(1, 5).Draw(rt, "steps") {
				switch rapid.SampledFrom([]string{"create", "create", "refused", "update", "delete", "delete nobody"}).
					Draw(rt, "step") {
				case "create":
					n++
					a := send("POST", "/api/users",
						object{"user": object{"login": fmt.Sprint("u", n), "password": "x", "auth_source_id": 1}})
					v, _ := servertest.Decode(a.Body)
					id, _ := servertest.Walk(v, []any{"id"})
					var number int64
					fmt.Sscan(fmt.Sprint(id), &number)
					alive = append(alive, number)
				case "refused":
					send("POST", "/api/users",
						object{"user": object{"login": "admin", "password": "x", "auth_source_id": 1}})
				case "update":
					if len(alive) > 0 {
						send("PUT", fmt.Sprint("/api/users/", alive[len(alive)-1]),
							object{"user": object{"firstname": rapid.StringMatching("[a-z]{1,9}").Draw(rt, "name")}})
					}
				case "delete":
					if len(alive) > 0 {
						send("DELETE", fmt.Sprint("/api/users/", alive[0]), nil)
						alive = alive[1:]
					}
				case "delete nobody":
					send("DELETE", "/api/users/nobody", nil)
				}
			}
			if got, want := totalOf(rt, servers[0]), int64(len(alive))+1; got != want {
				rt.Fatalf("got a total of %d, want %d", got, want)
			}
			if a, b := totalOf(rt, servers[0]), totalOf(rt, servers[1]); a != b {
				rt.Fatalf("the servers show %d and %d", a, b)
			}
		})
		wantTallies(t, s)
	})
}

func totalOf(t interface{ Fatal(...any) }, s *server) int64 {
	a, err := s.Admin().Try("GET", "/api/users?per_page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := servertest.Decode(a.Body)
	total, _ := servertest.Walk(v, []any{"total"})
	var n int64
	fmt.Sscan(fmt.Sprint(total), &n)
	return n
}
