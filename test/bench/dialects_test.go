package bench

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"roster/config"
)

// compared is a request in a dialect with the one in Foreman's that asks for the same.
type compared struct {
	name          string
	ours, foreman request
}

// shown is how many users are shown one after the other.
const shown = 256

// BenchmarkRedmine compares what people of the same directory cost in the Redmine dialect and in Foreman's: processor
// time of server and database, in one run.
func BenchmarkRedmine(b *testing.B) {
	compareWithForeman(b, func(b *testing.B, s server, first int64) []compared {
		number := func(n int64) int64 { return first + n*7919%shown }
		// Keys are made when they are first shown; those who are shown here have theirs.
		for n := range int64(shown) {
			res, err := http.DefaultClient.Do(newRequest("GET", s.base+fmt.Sprintf("/users/%d.json", first+n), nil))
			if err != nil {
				b.Fatal(err)
			}
			res.Body.Close()
		}
		return []compared{
			{"show", get(func(n int64) string { return fmt.Sprintf("/users/%d.json", number(n)) }),
				get(func(n int64) string { return fmt.Sprintf("/api/users/%d", number(n)) })},
			{"list of 25", get(func(int64) string { return "/users.json" }),
				get(func(int64) string { return "/api/users?per_page=25" })},
			{"list of 100", get(func(int64) string { return "/users.json?limit=100" }),
				get(func(int64) string { return "/api/users?per_page=100" })},
			{"name", get(func(n int64) string { return fmt.Sprintf("/users.json?name=user%d", number(n)) }),
				get(func(n int64) string { return fmt.Sprintf("/api/users?per_page=25&search=user%d", number(n)) })},
			{"create", createRedmine, create},
		}
	})
}

// BenchmarkCVAT does the same for the CVAT dialect.
func BenchmarkCVAT(b *testing.B) {
	compareWithForeman(b, func(_ *testing.B, _ server, first int64) []compared {
		number := func(n int64) int64 { return first + n*7919%shown }
		return []compared{
			{"show", get(func(n int64) string { return fmt.Sprintf("/cvat/api/users/%d", number(n)) }),
				get(func(n int64) string { return fmt.Sprintf("/api/users/%d", number(n)) })},
			{"list of 20", get(func(int64) string { return "/cvat/api/users?page_size=20" }),
				get(func(int64) string { return "/api/users?per_page=20" })},
			{"list of 100", get(func(int64) string { return "/cvat/api/users?page_size=100" }),
				get(func(int64) string { return "/api/users?per_page=100" })},
			{"search", get(func(n int64) string { return fmt.Sprintf("/cvat/api/users?page_size=20&search=user%d", number(n)) }),
				get(func(n int64) string { return fmt.Sprintf("/api/users?per_page=20&search=user%d", number(n)) })},
			{"create", createCVAT, create},
		}
	})
}

// compareWithForeman measures requests in a dialect and in Foreman's, in turns. The requests are for a server whose
// users have numbers from first on.
func compareWithForeman(b *testing.B, requests func(b *testing.B, s server, first int64) []compared) {
	users := 10_000
	if size := os.Getenv(sizesVar); size != "" {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatalf("%s: %v", sizesVar, err)
		}
		users = n
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			dsn, db := filled(b, dialect, users)
			s := start(b, "roster", dsn)
			var first int64 // users follow the groups, with which they share their numbers
			if err := db.Read.Raw("SELECT MAX(id) + 1 FROM usergroups").Row().Scan(&first); err != nil {
				b.Fatal(err)
			}
			for _, k := range requests(b, s, first) {
				b.Run(k.name, func(b *testing.B) {
					var ours, theirs []figures
					for range rounds {
						ours = append(ours, load(b, s, db, k.ours))
						theirs = append(theirs, load(b, s, db, k.foreman))
					}
					whole := func(f figures) float64 { return f.serverCPU + f.databaseCPU }
					b.ReportMetric(median(ours, whole), "dialect-µs/req")
					b.ReportMetric(median(theirs, whole), "foreman-µs/req")
					b.ReportMetric(median(ours, whole)/median(theirs, whole), "ratio")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

func createCVAT(base string, n int64) *http.Request {
	body := fmt.Sprintf(`{"username":"c%s-%d","first_name":"Bench","last_name":"Mark","email":"c%s-%d@example.com"}`,
		run, n, run, n)
	r := newRequest("POST", base+"/cvat/api/users", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func createRedmine(base string, n int64) *http.Request {
	body := fmt.Sprintf(`{"user":{"login":"r%s-%d","firstname":"Bench","lastname":"Mark","mail":"r%s-%d@example.com",`+
		`"auth_source_id":3}}`, run, n, run, n)
	return newRequest("POST", base+"/users.json", strings.NewReader(body))
}
