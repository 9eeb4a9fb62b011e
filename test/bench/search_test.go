package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory"
	"roster/models"
)

// searches are the queries and orders that indexes have to back. The first is the measure of the others.
var searches = []struct{ search, order string }{
	{"login = %s", ""},
	{"mail = %s@example.com", ""},
	{"login ~ smith", ""},
	{"login ~ smi", ""},
	{"smith", ""},
	{"nobodyiscalledthis", ""},
	{`usergroup = "%g"`, ""},
	{"role = Viewer and not disabled = true", ""},
	{"last_login_on > %d", ""},
	{"", ""},
	{"", "login"},
	{"", "login DESC"},
	{"", "mail"},
	{"", "mail DESC"},
	{"", "last_login_on"},
	{"", "last_login_on DESC"},
}

const (
	sqliteUsers, postgresUsers = 100_000, 1_000_000
	// repeats of a measurement, of which the median counts.
	repeats = 9
)

// BenchmarkSearch gives, for each query, the time of the page and of the counts as ratios to those of "login = x", the
// share that counting has in the whole, and the ratio of a list that counts to one whose count is remembered.
func BenchmarkSearch(b *testing.B) {
	for _, on := range []struct {
		dialect string
		users   int
	}{{config.SQLite, sqliteUsers}, {config.Postgres, postgresUsers}} {
		b.Run(on.dialect, func(b *testing.B) {
			s := newSearcher(b, on.dialect, on.users)
			for _, as := range []*models.Principal{s.admin, s.viewer} {
				b.Run(as.Login, func(b *testing.B) { s.compare(b, as) })
			}
		})
	}
}

// searcher has a full database.
type searcher struct {
	svc           *directory.Service
	db            *config.Database
	admin, viewer *models.Principal
	// For the placeholders of searches: a login, a group, and the day a week before the last login of all.
	login, group, day string
}

func newSearcher(b *testing.B, dialect string, users int) *searcher {
	var db *config.Database
	if dsn := os.Getenv("ROSTER_BENCH_" + map[string]string{config.SQLite: "SQLITE",
		config.Postgres: "POSTGRES"}[dialect]); dsn != "" {
		cfg := config.Default()
		cfg.Database = dsn
		db = open(b, cfg)
	} else {
		_, db = filled(b, dialect, users)
	}
	svc, err := serviceOf(db)
	if err != nil {
		b.Fatal(err)
	}
	s := &searcher{svc: svc, db: db}
	ask := func(into *string, query string) {
		if err := db.Read.Raw(query).Scan(into).Error; err != nil {
			b.Fatal(err)
		}
	}
	ask(&s.login, "SELECT MIN(login) FROM users WHERE id > 1000")
	ask(&s.group, "SELECT MIN(name) FROM usergroups")
	var last string
	ask(&last, "SELECT CAST(MAX(last_login_on) AS TEXT) FROM users")
	at, err := time.Parse(time.DateOnly, last[:len(time.DateOnly)])
	if err != nil {
		b.Fatal(err)
	}
	s.day = at.AddDate(0, 0, -7).Format(time.DateOnly)
	var viewer string
	ask(&viewer,
		`SELECT MIN(u.login) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id JOIN memberships t ON t.user_id = u.id
 WHERE r.name = 'Viewer' AND NOT u.admin AND u.id > 1000`)
	for login, into := range map[string]**models.Principal{"admin": &s.admin, viewer: &s.viewer} {
		if *into, err = svc.Operator(context.Background(), login, ""); err != nil {
			b.Fatal(err)
		}
	}
	s.viewer.Login = "viewer"
	return s
}

// times are what one request costs.
type times struct{ whole, remembered, page, count time.Duration }

func (s *searcher) compare(b *testing.B, p *models.Principal) {
	var base times
	for i, q := range searches {
		name := q.search
		if q.order != "" {
			name += "order " + q.order
		}
		if name == "" {
			name = "list"
		}
		query := strings.NewReplacer("%s", s.login, "%g", s.group, "%d", s.day).Replace(q.search)
		b.Run(name, func(b *testing.B) {
			t := s.measure(b, p, query, q.order)
			if i == 0 {
				base = t
			}
			b.ReportMetric(float64(t.whole)/float64(base.whole), "whole-ratio")
			b.ReportMetric(float64(t.page)/float64(base.page), "page-ratio")
			b.ReportMetric(float64(t.count)/float64(base.count), "count-ratio")
			b.ReportMetric(max(0, 100-100*float64(t.remembered)/float64(t.whole)), "count-%")
			b.ReportMetric(float64(t.whole)/float64(t.remembered), "counting-ratio")
			b.ReportMetric(float64(t.whole.Microseconds())/1000, "whole-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func (s *searcher) measure(b *testing.B, p *models.Principal, query, order string) times {
	ctx := context.Background()
	e, err := s.svc.Explain(ctx, p, "users", query, order)
	if err != nil || e.Message != "" {
		b.Fatal(err, e.Message)
	}
	if os.Getenv("ROSTER_BENCH_PLANS") != "" {
		fmt.Printf("--- %s %s as %s\n%s\n", query, order, p.Login, e.Page.SQL)
		for _, plan := range [][]string{e.Page.Plan, e.Count.Plan} {
			for _, step := range plan {
				fmt.Println("   ", step)
			}
			fmt.Println()
		}
	}
	list := func(q *models.Principal) {
		_, err := s.svc.Users(ctx, q, directory.ListQuery{Search: query, Order: order, Page: 1, PerPage: 20})
		if err != nil {
			b.Fatal(err)
		}
	}
	return times{
		// Another state of the directory has other counts, so nothing is remembered of the one before.
		whole: medianTime(func() {
			fresh := *p
			epoch++
			fresh.Seen.Users += epoch
			list(&fresh)
		}),
		remembered: medianTime(func() { list(p) }),
		page:       medianTime(func() { s.run(b, e.Page) }),
		count:      medianTime(func() { s.run(b, e.Count) }),
	}
}

var epoch int64

// run reads all rows of a statement.
func (s *searcher) run(b *testing.B, statement directory.Statement) {
	pool, err := s.db.Search.DB()
	if err != nil {
		b.Fatal(err)
	}
	rows, err := pool.Query(statement.SQL, statement.Args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

func medianTime(run func()) time.Duration {
	run()
	return medianOf(repeats, run)
}
