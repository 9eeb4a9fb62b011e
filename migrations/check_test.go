package migrations_test

import (
	"errors"
	"testing"

	"roster/migrations"
)

func TestCheck(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		check := func() error { return migrations.Check(t.Context(), db.SQL(), db.Dialect) }
		if check() == nil {
			t.Error("an empty database has all migrations")
		}
		if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
			t.Fatal(err)
		}
		if err := check(); err != nil {
			t.Error(err)
		}
		for _, statement := range []string{
			"UPDATE goose_db_version SET version_id = 9999 WHERE version_id = 1",
			"DELETE FROM goose_db_version WHERE version_id = 9999",
		} {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
			if err := check(); !errors.Is(err, migrations.ErrMismatch) {
				t.Errorf("after %s: got %v", statement, err)
			}
		}
	})
}
