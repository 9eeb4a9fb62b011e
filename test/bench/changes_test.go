package bench

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"roster/config"
)

const (
	// scripts is how many clients change records at once.
	scripts = 16
	// changedUsers is how many users there are; the second half is for deletions.
	changedUsers = 20_000
)

// BenchmarkChanges compares changes of the plain members of groups, and deletions of users, with updates of users. Many
// clients make them at once, on two servers with one PostgreSQL, on one server, and on SQLite. It reports how many
// times as long as an update each takes at the median.
func BenchmarkChanges(b *testing.B) {
	for _, over := range []struct {
		dialect string
		servers int
	}{{config.Postgres, 2}, {config.Postgres, 1}, {config.SQLite, 1}} {
		dsn, db := filled(b, over.dialect, changedUsers)
		servers := []server{}
		for range over.servers {
			servers = append(servers, start(b, "roster", dsn))
		}
		b.Run(fmt.Sprint(over.dialect, "/", over.servers), func(b *testing.B) { compareChanges(b, servers, db) })
	}
}

// change is a kind of request of which each has a number of its own, from 0 on.
type change struct {
	name  string
	make  request
	done  atomic.Int64
	turns []figures
}

// compareChanges lets the kinds of changes take turns and reports the medians.
func compareChanges(b *testing.B, servers []server, db *config.Database) {
	groups := idsIn(b, db, "SELECT id FROM usergroups ORDER BY id")
	users := idsIn(b, db, "SELECT id FROM users WHERE NOT admin AND NOT hidden ORDER BY id")
	kept := users[:len(users)/2]
	doomed := users[len(users)/2:]
	update := &change{name: "update", make: func(base string, n int64) *http.Request {
		return put(fmt.Sprint(base, "/api/users/", at(kept, n)), `{"user":{"description":"seen %d times"}}`, n)
	}}
	others := []*change{
		{name: "members", make: func(base string, n int64) *http.Request {
			return put(fmt.Sprint(base, "/api/usergroups/", at(groups, n)), `{"usergroup":{"user_ids":[%d,%d]}}`,
				at(kept, 2*n), at(kept, 2*n+1))
		}},
		{name: "delete", make: func(base string, n int64) *http.Request {
			return newRequest("DELETE", fmt.Sprint(base, "/api/users/", doomed[n]), nil)
		}},
	}
	for range rounds {
		for _, kind := range append(others, update) {
			kind.turns = append(kind.turns, loadAll(b, servers, scripts, db, func(base string, _ int64) *http.Request {
				return kind.make(base, kind.done.Add(1)-1)
			}))
		}
	}
	b.ReportMetric(median(update.turns, func(f figures) float64 { return f.answer }), "update-ms")
	for _, kind := range others {
		ratios := []float64{}
		for i, f := range kind.turns {
			ratios = append(ratios, f.answer/update.turns[i].answer)
		}
		slices.Sort(ratios)
		b.ReportMetric(median(kind.turns, func(f figures) float64 { return f.answer }), kind.name+"-ms")
		b.ReportMetric(ratios[len(ratios)/2], kind.name+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

func at(ids []int64, n int64) int64 { return ids[n%int64(len(ids))] }

func put(url, body string, values ...any) *http.Request {
	return newRequest("PUT", url, strings.NewReader(fmt.Sprintf(body, values...)))
}

func idsIn(b *testing.B, db *config.Database, query string) []int64 {
	b.Helper()
	var ids []int64
	if err := db.Read.Raw(query).Scan(&ids).Error; err != nil {
		b.Fatal(err)
	}
	return ids
}
