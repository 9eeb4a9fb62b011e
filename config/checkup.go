package config

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Level says how much a finding matters.
type Level int

// The levels.
const (
	// Fine is in order.
	Fine Level = iota
	// Warning should be looked at.
	Warning
	// Broken has to be mended: a server does not start, a part of it does not work, or data may be lost.
	Broken
)

// String is the level for people.
func (l Level) String() string { return [...]string{"ok", "warning", "broken"}[l] }

// Finding is what a check of a configuration or of an installation found. It holds no secret.
type Finding struct {
	Level Level
	// About is what was looked at: a setting by all its names, or a part of the database. Text is what is to be said of
	// it.
	About, Text string
	// Advice says what to do; it is empty where nothing is to be done.
	Advice string
}

// maxClockSkew is by how much the clocks of this machine and of the database may differ.
const maxClockSkew = 5 * time.Second

// Checkup looks at the database of an installation: whether it loses nothing, folds letters, has its indexes and
// statistics, has room, and whether its replicas follow.
func (d *Database) Checkup(ctx context.Context, cfg Config) []Finding {
	c := &checkup{ctx: ctx, db: d.SQL()}
	if d.Dialect == SQLite {
		c.sqlite(cfg)
	} else {
		c.postgres(cfg)
	}
	for _, r := range d.Replicas {
		c.replica(r)
	}
	return c.found
}

type checkup struct {
	ctx   context.Context
	db    *sql.DB
	found []Finding
}

func (c *checkup) add(level Level, about, text, advice string) {
	c.found = append(c.found, Finding{level, about, text, advice})
}

// ask reads one text; a statement that fails is a finding.
func (c *checkup) ask(about, query string) (string, bool) {
	var text sql.NullString
	if err := c.db.QueryRowContext(c.ctx, query).Scan(&text); err != nil {
		c.add(Broken, about, "cannot be read: "+err.Error(), "look at the log of the database")
		return "", false
	}
	return text.String, true
}

func (c *checkup) number(about, query string) (int64, bool) {
	text, ok := c.ask(about, query)
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil
}

func (c *checkup) sqlite(cfg Config) {
	if text, ok := c.ask("database", "PRAGMA quick_check(1)"); ok {
		if text == "ok" {
			c.add(Fine, "database", "SQLite's check of the file found nothing", "")
		} else {
			c.add(Broken, "database", "the file is damaged: "+text, "restore a backup")
		}
	}
	path := strings.TrimPrefix(cfg.Database, "sqlite://")
	c.disk(filepath.Dir(path))
	if cfg.SQLiteSynchronous != "full" {
		c.add(Warning, "durability", "with --sqlite-synchronous normal, a loss of power may lose the last writes",
			"set it to full where that matters")
	} else {
		c.add(Fine, "durability", "every commit waits for the disk", "")
	}
	users, ok := c.number("statistics", "SELECT COUNT(*) FROM users")
	if !ok {
		return
	}
	known, ok := c.number("statistics", "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
	if ok && users > 1000 && known == 0 {
		c.add(Warning, "statistics", "the tables have never been analyzed, so that searches may be slow",
			"start roster serve, which does it")
	} else if ok {
		c.add(Fine, "statistics", "the planner knows the tables", "")
	}
}

// disk looks at the room where the database is.
func (c *checkup) disk(dir string) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		c.add(Warning, "disk", "cannot be looked at: "+err.Error(), "")
		return
	}
	free := s.Bavail * uint64(s.Bsize)
	part := float64(s.Bavail) / float64(max(1, s.Blocks)) * 100
	text := fmt.Sprintf("%.1f GiB are free in %s, %.0f %%", float64(free)/(1<<30), dir, part)
	if free < 1<<30 || part < 5 {
		c.add(Warning, "disk", text, "make room: a full disk stops every write")
		return
	}
	c.add(Fine, "disk", text, "")
}

// postgresSettings are settings of PostgreSQL with the values that lose something.
var postgresSettings = []struct {
	name, bad  string
	level      Level
	why, mends string
}{
	{"fsync", "off", Broken, "a crash can destroy the database", "set fsync = on in postgresql.conf"},
	{"full_page_writes", "off", Broken, "a loss of power can destroy the database",
		"set full_page_writes = on in postgresql.conf"},
	{"synchronous_commit", "off", Warning, "a crash may lose writes that were acknowledged",
		"ALTER DATABASE ... SET synchronous_commit = on"},
	{"transaction_read_only", "on", Broken, "the database takes no writes: it may be a standby",
		"use the primary, or target_session_attrs=read-write"},
}

func (c *checkup) postgres(cfg Config) {
	for _, s := range postgresSettings {
		value, ok := c.ask(s.name, "SHOW "+s.name)
		switch {
		case !ok:
		case value == s.bad:
			c.add(s.level, s.name, "is "+value+": "+s.why, s.mends)
		default:
			c.add(Fine, s.name, "is "+value, "")
		}
	}
	c.letters()
	c.trigrams()
	c.tables()
	c.connections(cfg)
	c.clock()
}

func (c *checkup) letters() {
	encoding, ok := c.ask("encoding", "SHOW server_encoding")
	if ok && encoding != "UTF8" {
		c.add(Broken, "encoding", "is "+encoding+", which cannot hold all names", "move into a database in UTF8 by a "+
			"backup and a restore")
	} else if ok {
		c.add(Fine, "encoding", "is UTF8", "")
	}
	folds, ok := c.ask("LC_CTYPE", "SELECT CASE WHEN lower('Ö') = 'ö' THEN 'yes' ELSE 'no' END")
	ctype, _ := c.ask("LC_CTYPE", "SELECT datctype FROM pg_database WHERE datname = current_database()")
	if ok && folds == "no" {
		c.add(Warning, "LC_CTYPE", "is "+ctype+", which knows no letters beyond ASCII: searches tell Ö from ö",
			"move into a database with LC_CTYPE C.UTF-8 by a backup and a restore")
	} else if ok {
		c.add(Fine, "LC_CTYPE", "is "+ctype+", which folds letters", "")
	}
}

func (c *checkup) trigrams() {
	n, ok := c.number("pg_trgm", "SELECT COUNT(*) FROM pg_extension WHERE extname = 'pg_trgm'")
	if !ok {
		return
	}
	if n == 0 {
		c.add(Warning, "pg_trgm", "is missing, so that searches for parts of texts read whole tables",
			"run migrations/postgres/00002_search_indexes.sql as a superuser")
		return
	}
	indexes, ok := c.number("pg_trgm", "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema() AND "+
		"indexdef LIKE '%gin_trgm_ops%'")
	if ok && indexes == 0 {
		c.add(Warning, "pg_trgm", "is there, but its indexes are not",
			"run migrations/postgres/00002_search_indexes.sql as a superuser")
	} else if ok {
		c.add(Fine, "pg_trgm", fmt.Sprintf("is there, with %d indexes", indexes), "")
	}
}

// staleStatistics looks for tables that autovacuum has stopped analyzing.
func (c *checkup) staleStatistics() {
	names, ok := c.ask("statistics", "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_stat_user_tables "+
		"WHERE n_mod_since_analyze > 1000 + n_live_tup / 2 AND "+
		"GREATEST(last_analyze, last_autoanalyze) < now() - INTERVAL '1 hour'")
	if ok && names != "" {
		c.add(Warning, "statistics", "these tables have changed by more than half since they were analyzed: "+names,
			"see in the log of PostgreSQL why autovacuum does not do it, and run ANALYZE")
	} else if ok {
		c.add(Fine, "statistics", "the planner knows the tables", "")
	}
}

func (c *checkup) tables() {
	names, ok := c.ask("statistics", "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_stat_user_tables "+
		"WHERE n_live_tup > 1000 AND last_analyze IS NULL AND last_autoanalyze IS NULL")
	if ok && names != "" {
		c.add(Warning, "statistics", "these tables have never been analyzed: "+names,
			"run ANALYZE, and see that autovacuum is on")
	} else if ok {
		c.staleStatistics()
	}
	names, ok = c.ask("indexes", "SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index "+
		"WHERE NOT indisvalid")
	if ok && names != "" {
		c.add(Broken, "indexes", "these are not valid: "+names, "REINDEX each of them")
	} else if ok {
		c.add(Fine, "indexes", "all are valid", "")
	}
}

func (c *checkup) connections(cfg Config) {
	most, ok := c.number("connections", "SELECT current_setting('max_connections')::int - "+
		"current_setting('superuser_reserved_connections')::int")
	if !ok {
		return
	}
	write, read, search := cfg.postgresSizes()
	own := int64(write + read + search)
	text := fmt.Sprintf("a server opens up to %d, and the database allows %d", own, most)
	if own > most {
		c.add(Broken, "connections", text, "raise max_connections, or lower --database-connections and "+
			"--search-connections")
		return
	}
	c.add(Fine, "connections", text, "")
}

// clock compares the clock of this machine with that of the database.
func (c *checkup) clock() {
	begun := time.Now()
	var there time.Time
	if err := c.db.QueryRowContext(c.ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
		c.add(Broken, "clock", "cannot be read: "+err.Error(), "")
		return
	}
	apart := there.Sub(begun.Add(time.Since(begun) / 2)).Abs()
	text := fmt.Sprintf("this machine and the database differ by %s", apart.Round(time.Millisecond))
	if apart > maxClockSkew {
		c.add(Warning, "clock", text, "run an NTP client on both")
		return
	}
	c.add(Fine, "clock", text, "")
}

// lagging is by how much a replica may be behind before that is worth a word.
const lagging = 10 * time.Second

// replica looks whether a replica answers, follows the database, and how far it is behind. It compares the clusters by
// their identifiers, which a standby has from its primary.
func (c *checkup) replica(r Replica) {
	about := "replica " + r.Name
	const identifier = "SELECT system_identifier FROM pg_control_system()"
	var own, its int64
	var follows bool
	var behind sql.NullFloat64
	err := r.Read.QueryRowContext(c.ctx, "SELECT ("+identifier+"), pg_is_in_recovery(), CASE WHEN "+
		"pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE EXTRACT(EPOCH FROM clock_timestamp() - "+
		"pg_last_xact_replay_timestamp()) END").Scan(&its, &follows, &behind)
	if err != nil {
		c.add(Warning, about, "does not answer: "+err.Error(), "start it, or take it out of --replica; the primary "+
			"serves its requests meanwhile")
		return
	}
	late := time.Duration(behind.Float64 * float64(time.Second)).Round(time.Millisecond)
	if err := c.db.QueryRowContext(c.ctx, identifier).Scan(&own); err != nil {
		c.add(Broken, about, "cannot be compared: "+err.Error(), "")
		return
	}
	switch {
	case own != its:
		c.add(Warning, about, "holds another database, so that nothing is read from it", "make it anew by "+
			"pg_basebackup from the primary")
	case !follows:
		c.add(Warning, about, "is a primary itself", "name the standbys in --replica; after a switch-over that is "+
			"another server")
	case late > lagging:
		c.add(Warning, about, "is "+late.String()+" behind, so that little is read from it",
			"look at its log, its disk and the network")
	default:
		c.add(Fine, about, "follows, and is "+late.String()+" behind", "")
	}
}
