package search_test

import (
	"testing"
	"time"

	"roster/scopes/search"
)

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := search.Parse(
			`login ~ smith and (role = Viewer or not disabled = true), last_login_on > "7 days ago"`); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWhere(b *testing.B) {
	env := search.Env{Dialect: search.PostgreSQL, Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)}
	for name, query := range map[string]string{
		"field": `login = "bob"`, "bare": "smith", "date": `last_login_on > "7 days ago"`,
		"list": "id ^ (1, 2, 3, 4, 5)",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := users.Where(query, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
