package config

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// cancelPatience is how long the database may take to cancel a statement before its connection is cut.
const cancelPatience = 5 * time.Second

// planning says how a pool's statements are planned.
type planning int

const (
	// planOnce lets PostgreSQL keep a generic plan: half the cost for lookups by key.
	planOnce planning = iota
	// planEach plans every execution with its values: up to 4,000 times faster for searches.
	planEach
)

func openPostgres(ctx context.Context, cfg Config, log *slog.Logger) (*Database, error) {
	d := &Database{Dialect: Postgres, hosts: newHosts()}
	var err error
	write, read, search := cfg.postgresSizes()
	if d.Write, err = d.postgresPool(ctx, PoolWrite, cfg, planOnce, write, log); err != nil {
		return d.failed(err)
	}
	if d.Read, err = d.postgresPool(ctx, PoolRead, cfg, planOnce, read, log); err != nil {
		return d.failed(err)
	}
	if d.Search, err = d.postgresPool(ctx, PoolSearch, cfg, planEach, search, log); err != nil {
		return d.failed(err)
	}
	if err := d.openReplicas(cfg, read, search); err != nil {
		return d.failed(err)
	}
	return d, nil
}

// postgresSizes are how many connections the pools have. Two to four a CPU of the database serve most; it is assumed to
// have as many CPUs as this machine.
func (c Config) postgresSizes() (write, read, search int) {
	read = choose(c.DatabaseConnections, 4, 4, 32)
	return max(2, read/2), read, choose(c.SearchConnections, 2, 2, 16)
}

// limitPostgres limits a pool, and how long its connections live.
func limitPostgres(pool *sql.DB, connections int) {
	limitPool(pool, connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour)
}

func (d *Database) postgresPool(ctx context.Context, name string, cfg Config, p planning, size int,
	log *slog.Logger) (*gorm.DB, error) {
	conn, err := postgresConfig(cfg.Database, p)
	if err != nil {
		return nil, err
	}
	conn.LookupFunc = d.hosts.lookup(conn.LookupFunc)
	pool := sql.OpenDB(connector{hosts: d.hosts, Connector: stdlib.GetConnector(*conn,
		stdlib.OptionAfterConnect(readUTC), stdlib.OptionBeforeConnect(d.hosts.prefer),
		stdlib.OptionResetSession(dropCancelled))})
	limitPostgres(pool, size)
	return d.start(ctx, name, pool, newPostgres(pool), cfg, log)
}

// postgresConfig reads the URL and adds the session's parameters.
func postgresConfig(database string, p planning) (*pgx.ConnConfig, error) {
	conn, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	conn.RuntimeParams["timezone"] = "UTC"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "roster"
	}
	// Compiling a plan takes longer than the page that it reads: 10 ms against 1 ms for a bare word.
	conn.RuntimeParams["jit"] = "off"
	if p == planEach {
		conn.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	}
	conn.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return newWatcher(pg, cancelPatience)
	}
	conn.OnNotice = noticeUnreplicated
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectTimeout
	}
	conn.DialFunc = newDialer(conn.ConnectTimeout).DialContext
	if conn.ValidateConnect == nil && hasSeveralHosts(conn) {
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return conn, nil
}

// hasSeveralHosts reports whether a URL names more than one server: of several, Roster can use only the one that
// writes.
func hasSeveralHosts(conn *pgx.ConnConfig) bool {
	return slices.ContainsFunc(conn.Fallbacks, func(f *pgconn.FallbackConfig) bool {
		return f.Host != conn.Host || f.Port != conn.Port
	})
}

// readUTC makes times come back in UTC; pgx would use the zone of this machine.
func readUTC(_ context.Context, conn *pgx.Conn) error {
	types := conn.TypeMap()
	types.RegisterType(&pgtype.Type{Name: "timestamp", OID: pgtype.TimestampOID,
		Codec: &pgtype.TimestampCodec{ScanLocation: time.UTC}})
	types.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	return nil
}
