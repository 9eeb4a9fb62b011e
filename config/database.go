package config

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// The two dialects, as Database.Dialect spells them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Database is the open database, through as many pools as its dialect needs.
type Database struct {
	// Write is for transactions. On SQLite it is one connection whose transactions begin IMMEDIATE, because a deferred
	// transaction that turns into a write fails with BUSY whatever the busy time-out says.
	Write *gorm.DB
	// Read is for everything else, also for what a transaction reads beside its own connection: a pool of its own, so
	// that transactions which hold all connections of theirs do not wait for each other. On SQLite it cannot write.
	Read *gorm.DB
	// Search is for conditions that people wrote, which may take long. On PostgreSQL each statement is planned with its
	// values, because a cached generic plan ignores trigram indexes after five executions.
	Search *gorm.DB
	// Replicas may be read from instead of Read and Search.
	Replicas []Replica
	// Dialect is SQLite or Postgres.
	Dialect string

	pools []*sql.DB
	// names are those of the pools.
	names []string
	watch atomic.Pointer[Watch]
	// hosts are the servers of PostgreSQL.
	hosts *hosts
}

// The names of the pools. Those of a replica have its name before them.
const (
	PoolWrite  = "write"
	PoolRead   = "read"
	PoolSearch = "search"
)

// Watch lets w see every statement from now on that goes through GORM.
func (d *Database) Watch(w Watch) { d.watch.Store(&w) }

// PoolStats are the numbers of a pool.
type PoolStats struct {
	Name string
	sql.DBStats
}

// Stats returns the numbers of all pools.
func (d *Database) Stats() []PoolStats {
	list := make([]PoolStats, len(d.pools))
	for i, pool := range d.pools {
		list[i] = PoolStats{d.names[i], pool.Stats()}
	}
	return list
}

// Open connects to cfg.Database and checks that it answers. It creates a missing SQLite file (0600, its directory 0700)
// but no tables: those are the business of migrations. A nil log discards.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Database, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if path, ok := strings.CutPrefix(cfg.Database, "sqlite://"); ok {
		return openSQLite(ctx, cfg, path, log)
	}
	return openPostgres(ctx, cfg, log)
}

// SQL is the pool behind Write, for migrations.
func (d *Database) SQL() *sql.DB { return d.pools[0] }

// Reads is the pool behind Read.
func (d *Database) Reads() *sql.DB { return d.pools[1] }

// Ping asks every pool of the database itself whether it answers.
func (d *Database) Ping(ctx context.Context) error {
	for _, pool := range d.pools[:len(d.pools)-2*len(d.Replicas)] {
		if err := pool.PingContext(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close closes every pool, the writer last: SQLite's last connection tidies the log away, and readers may not write.
func (d *Database) Close() error {
	var errs []error
	for i := len(d.pools) - 1; i >= 0; i-- {
		errs = append(errs, d.pools[i].Close())
	}
	return errors.Join(errs...)
}

// start pings a new pool, puts GORM over it, and remembers it for Close.
func (d *Database) start(ctx context.Context, name string, pool *sql.DB, dialector gorm.Dialector, cfg Config,
	log *slog.Logger) (*gorm.DB, error) {
	d.pools = append(d.pools, pool)
	d.names = append(d.names, name)
	if err := pool.PingContext(ctx); err != nil {
		return nil, err
	}
	return gorm.Open(dialector, &gorm.Config{
		// A write that touches two tables opens its own transaction; the implicit one costs two round trips each.
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 d.newQueryLog(log, cfg.SlowQuery, name),
		NowFunc:                now,
	})
}

// now has the resolution that both databases store, so that a row reads back as it was written.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// failed closes what was opened before err.
func (d *Database) failed(err error) (*Database, error) {
	d.Close()
	if d.Dialect == SQLite && OutageOf(err) == Unreachable {
		return nil, fmt.Errorf("open the %s database (is its disk full, or not writable?): %w", d.Dialect, err)
	}
	return nil, fmt.Errorf("open the %s database: %w", d.Dialect, err)
}

// limitPool keeps every connection it may open: database/sql's default of two idle ones costs 38 % in reconnecting.
func limitPool(pool *sql.DB, connections int) {
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
}

// choose takes the configured size, or factor times the CPUs within the bounds.
func choose(configured, factor, low, high int) int {
	if configured > 0 {
		return configured
	}
	return min(max(factor*runtime.NumCPU(), low), high)
}
