package config

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// sqliteOptions go to every connection.
//
// _time_format with _timezone stores times as text that sorts in time's order and reads them back in UTC. _texttotime
// stays off, although the dialector would switch it on: it turns any text without a declared type that looks like a
// date into a time, so a person who is called 2024-01-01 would come back renamed. The price: max(created_at) is text.
// _dqs=0 makes a misspelt column an error instead of a string.
const sqliteOptions = "mode=rw&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)" +
	"&_time_format=sqlite&_timezone=UTC&_dqs=0"

// Caches are in KiB (negative, as SQLite wants it): the default of 2 MB makes the writer read the indexes of a large
// table from the file again and again.
func openSQLite(ctx context.Context, cfg Config, path string, log *slog.Logger) (*Database, error) {
	path = filepath.Clean(path) // a URI takes what follows two slashes for a host
	RegisterFunctions()
	d := &Database{Dialect: SQLite}
	if err := errors.Join(createFile(path), checkPrivateDatabase(path)); err != nil {
		return d.failed(err)
	}
	writer, err := sql.Open("sqlite", sqliteDSN(cfg, path, "_txlock=immediate&_pragma=cache_size(-65536)"))
	if err != nil {
		return d.failed(err)
	}
	limitPool(writer, 1)
	if err := waitForWAL(ctx, writer); err != nil {
		d.pools = append(d.pools, writer)
		return d.failed(err)
	}
	if d.Write, err = d.start(ctx, PoolWrite, writer, sqlite.New(sqlite.Config{Conn: writer}), cfg, log); err != nil {
		return d.failed(err)
	}
	size := choose(cfg.DatabaseConnections, 2, 4, 8)
	if d.Read, err = d.sqliteReaders(ctx, PoolRead, cfg, path, size, log); err != nil {
		return d.failed(err)
	}
	// Searches have connections of their own, so that slow ones do not delay other requests.
	size = choose(cfg.SearchConnections, 2, 4, 8)
	if d.Search, err = d.sqliteReaders(ctx, PoolSearch, cfg, path, size, log); err != nil {
		return d.failed(err)
	}
	return d, nil
}

// sqliteReaders opens a pool that cannot write.
func (d *Database) sqliteReaders(ctx context.Context, name string, cfg Config, path string, size int,
	log *slog.Logger) (*gorm.DB, error) {
	pool, err := sql.Open("sqlite", sqliteDSN(cfg, path, "_pragma=query_only(1)&_pragma=cache_size(-16384)"))
	if err != nil {
		return nil, err
	}
	limitPool(pool, size)
	return d.start(ctx, name, pool, sqlite.New(sqlite.Config{Conn: pool}), cfg, log)
}

// sqliteDSN escapes the path, which may hold characters that mean something in a URI.
func sqliteDSN(cfg Config, path, extra string) string {
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return "file:" + escaped + "?" + sqliteOptions + "&_pragma=synchronous(" + cfg.SQLiteSynchronous + ")&" + extra
}

// createFile creates the file before SQLite would, which creates it readable for everybody. SQLite uses the mode of the
// database for its -wal and -shm files.
func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// waitForWAL makes the first connection. Turning a new file into WAL mode needs it alone, and SQLite answers BUSY at
// once when another process does the same, without waiting for the busy time-out: so this waits.
func waitForWAL(ctx context.Context, writer *sql.DB) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := writer.PingContext(ctx)
		if err == nil || !strings.Contains(err.Error(), "SQLITE_BUSY") || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
