package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver of the lock file
)

// patience is how long migrating waits for others: a process that migrates, or transactions that use a table.
const patience = 5 * time.Minute

// tableTimeout is how long a migration waits for a table on PostgreSQL before it is rolled back and tried again.
const tableTimeout = 500 * time.Millisecond

// impatient bounds how long migrations wait for a table. Whoever wants a table after a migration waits behind it, on
// every server: without a bound, one long transaction would stop them all for as long as it lasts.
type impatient struct{ lock.SessionLocker }

// SessionLock takes the lock and sets the bound.
func (l impatient) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if err := l.SessionLocker.SessionLock(ctx, conn); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("SET lock_timeout = %d", tableTimeout.Milliseconds()))
	if err != nil {
		return errors.Join(err, l.SessionLocker.SessionUnlock(context.WithoutCancel(ctx), conn))
	}
	return nil
}

// SessionUnlock gives the connection back as it was.
func (l impatient) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "RESET lock_timeout")
	return errors.Join(err, l.SessionLocker.SessionUnlock(ctx, conn))
}

// turnedAway reports whether a migration did not get a table, and nothing else is wrong with it: the lock was not
// available in time, or it was the victim of a deadlock.
func turnedAway(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "55P03" || pg.Code == "40P01")
}

// lockSQLite keeps other processes from migrating the same file until release is called. goose locks servers only.
//
// The lock is an exclusive transaction on an empty database beside the real one: it holds on every system that SQLite
// runs on, it disappears with its process, and it does not disturb the transactions of the migrations themselves. The
// empty file stays, because removing a lock file while somebody waits for it splits the lock in two.
func lockSQLite(ctx context.Context, db *sql.DB) (release func(), err error) {
	path, err := mainFile(ctx, db)
	if err != nil || path == "" {
		return func() {}, err
	}
	lockDB, err := openLock(path + "-lock")
	if err != nil {
		return nil, err
	}
	tx, err := waitForLock(ctx, lockDB)
	if err != nil {
		lockDB.Close()
		return nil, fmt.Errorf("wait for another process that migrates %s: %w", path, err)
	}
	return func() {
		tx.Rollback()
		lockDB.Close()
	}, nil
}

// mainFile is the path of the database's file, or nothing if it lives in memory.
func mainFile(ctx context.Context, db *sql.DB) (string, error) {
	var path string
	err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	if err != nil {
		return "", fmt.Errorf("find the file of the database: %w", err)
	}
	return path, nil
}

func openLock(path string) (*sql.DB, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return sql.Open("sqlite", "file:"+escaped+"?_txlock=exclusive")
}

// waitForLock polls, because SQLite's own waiting does not notice that the context has ended.
func waitForLock(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		// The transaction must outlive this function's context, whose end would roll it back.
		tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
		if err == nil || !strings.Contains(err.Error(), "SQLITE_BUSY") {
			return tx, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
