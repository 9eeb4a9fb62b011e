package directory_test

import (
	"testing"

	"roster/config"
	"roster/directory/login"
	"roster/directory/seed"
)

// The statistics follow the table, from a size on that is worth it.
func TestMaintain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if w.db.Dialect != config.SQLite {
			return // which PostgreSQL does by itself
		}
		counted := func() int64 {
			if w.number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1'") == 0 {
				return 0
			}
			return w.number("SELECT COALESCE(MAX(CAST(stat AS INTEGER)), 0) FROM sqlite_stat1 WHERE tbl = 'users' " +
				"AND idx = 'users_login'")
		}
		for _, step := range []struct {
			more          int
			least, atMost int64
		}{{100, 0, 0}, {1000, 1100, 1200}, {100, 1100, 1200}, {10_000, 11_000, 12_000}} {
			if err := seed.Sample(t.Context(), w.Service, seed.SampleOptions{Users: step.more, Organizations: 1,
				Locations: 1, RandomSeed: uint64(step.more + int(step.least))}); err != nil {
				t.Fatal(err)
			}
			if err := login.New(w.Service).Maintain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := counted(); got < step.least || got > step.atMost {
				t.Errorf("after %d more: the statistics know %d users, want %d to %d", step.more, got, step.least,
					step.atMost)
			}
		}
	})
}
