package config_test

import (
	"context"
	"testing"
	"time"

	"roster/test/dbtest"
)

// A connection on which a statement was cancelled is not used again: the request to cancel may arrive late, and would
// end somebody else's statement.
func TestPostgres_CancelledConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	db := dbtest.Migrated(t)
	sql, err := db.Read.DB()
	if err != nil {
		t.Fatal(err)
	}
	sql.SetMaxOpenConns(1)
	backend := func() (pid int64) {
		t.Helper()
		if err := sql.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	first := backend()
	if again := backend(); again != first {
		t.Fatalf("a connection that is in order was dropped")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := sql.ExecContext(ctx, "SELECT pg_sleep(60)"); err == nil {
		t.Fatal("the statement was not cancelled")
	}
	if after := backend(); after == first {
		t.Error("the connection is used again")
	}
}
