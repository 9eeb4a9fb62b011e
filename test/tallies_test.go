package test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wantTallies compares the totals that the server keeps, and what it shows, with the rows.
func wantTallies(t testing.TB, s *server) {
	t.Helper()
	var kept, there int64
	if err := s.db.Read.Raw("SELECT SUM(total) FROM tallies WHERE name = 'users'").Row().Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Read.Raw("SELECT COUNT(*) FROM users WHERE NOT hidden").Row().Scan(&there); err != nil {
		t.Fatal(err)
	}
	if kept != there {
		t.Errorf("got a kept total of %d, want %d", kept, there)
	}
	a, err := s.admin().try("GET", "/api/users?per_page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := decode(a.body)
	if got, _ := walk(v, []any{"total"}); fmt.Sprint(got) != fmt.Sprint(there) {
		t.Errorf("got a shown total of %v, want %d: %s", got, there, a)
	}
}

// What a query or a filter says about time is counted at the moment it is asked.
func TestTallies_Time(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		home := object{"organization_ids": []int64{s.organization("Home")},
			"location_ids": []int64{s.location("Place")}}
		role := s.newRole("recent")
		s.filter(role, `last_login_on > "1 minute ago"`, "view_users")
		old, viewer := s.user("old", home), s.by(s.user("viewer", home, object{"role_ids": []int64{role}}))
		viewer.get("/api/users").expect(200)
		s.execute("UPDATE users SET last_login_on = ? WHERE id = ?", s.clock.Now().Add(-30*time.Second), old.id)
		searches := []string{"", "login = old", `"last\_login\_on" > "1 minute ago" and login = old`}
		for _, want := range []int64{1, 0} {
			for _, search := range searches {
				a := viewer.get(query("/api/users", "search", search)).expect(200)
				if got := int64(len(a.rows())); a.int("subtotal") != got || search != "" && got != want {
					t.Errorf("%q: got a subtotal of %d and %d rows, want %d", search, a.int("subtotal"), got, want)
				}
			}
			a := s.admin().get(query("/api/users", "search", searches[2])).expect(200).want(want, "subtotal")
			if got := int64(len(a.rows())); got != want {
				t.Errorf("got %d rows, want %d", got, want)
			}
			s.clock.advance(50 * time.Second)
		}
	})
}

// Whatever users are made, changed, refused and removed, on one server or another: totals stay right, and both servers
// show the same.
func TestTallies_Property(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		servers := []*server{s, s.beside()}
		n := 0
		var alive []int64
		rapid.Check(t, func(rt *rapid.T) {
			send := func(method, path string, body any) *answer {
				a, err := rapid.SampledFrom(servers).Draw(rt, "server").admin().try(method, path, body)
				if err != nil || a.status >= 500 {
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
					v, _ := decode(a.body)
					id, _ := walk(v, []any{"id"})
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
	a, err := s.admin().try("GET", "/api/users?per_page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := decode(a.body)
	total, _ := walk(v, []any{"total"})
	var n int64
	fmt.Sscan(fmt.Sprint(total), &n)
	return n
}
