package dbtest_test

import (
	"testing"
	"time"

	"roster/config"
	"roster/test/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestEach_GivesEveryTestItsOwnDatabase(t *testing.T) {
	for range 2 {
		dbtest.Each(t, func(t *testing.T, db *config.Database) {
			if err := db.Write.Exec("CREATE TABLE seen (id int)").Error; err != nil {
				t.Fatal(err)
			}
			var n int64
			if err := db.Read.Raw("SELECT count(*) FROM goose_db_version").Scan(&n).Error; err != nil || n < 2 {
				t.Fatalf("got %d migrations (%v), want the database migrated", n, err)
			}
		})
	}
}

func BenchmarkEach(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		for b.Loop() {
			dbtest.SQLite(b)
		}
	})
	b.Run("postgres", func(b *testing.B) {
		start := time.Now()
		dbtest.Migrated(b)
		b.Logf("the first database took %s", time.Since(start))
		for b.Loop() {
			dbtest.Migrated(b)
		}
	})
}
