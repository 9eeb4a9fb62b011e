package test

import (
	"fmt"
	"testing"

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
				switch rapid.SampledFrom([]string{"create", "create", "refused", "update", "delete", "delete nobody"}).Draw(rt, "step") {
				case "create":
					n++
					a := send("POST", "/api/users", object{"user": object{"login": fmt.Sprint("u", n), "password": "x", "auth_source_id": 1}})
					v, _ := decode(a.body)
					id, _ := walk(v, []any{"id"})
					var number int64
					fmt.Sscan(fmt.Sprint(id), &number)
					alive = append(alive, number)
				case "refused":
					send("POST", "/api/users", object{"user": object{"login": "admin", "password": "x", "auth_source_id": 1}})
				case "update":
					if len(alive) > 0 {
						send("PUT", fmt.Sprint("/api/users/", alive[len(alive)-1]), object{"user": object{"firstname": rapid.StringMatching("[a-z]{1,9}").Draw(rt, "name")}})
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
