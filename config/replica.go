package config

import (
	"context"
	"database/sql"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

// Replica is a PostgreSQL server that follows the database, through pools like those of the database.
type Replica struct {
	// Name is its host and port.
	Name string
	// Read and Search are pools; they need not be able to connect.
	Read, Search *sql.DB
	// Opened counts the connections that were opened.
	Opened *atomic.Int64
}

// replicaConnect bounds a connection to a replica: there is a database that answers instead.
const replicaConnect = time.Second

// replicaCancel is how long a replica may take to cancel a statement before its connection is cut.
const replicaCancel = 500 * time.Millisecond

// openReplicas makes the pools of all replicas. None has to be there.
func (d *Database) openReplicas(cfg Config, read, search int) error {
	for _, address := range cfg.Replicas {
		conn, err := postgresConfig(address, planOnce)
		if err != nil {
			return err
		}
		r := Replica{Name: replicaName(conn), Opened: new(atomic.Int64)}
		r.Read = r.pool(conn, read)
		if conn, err = postgresConfig(address, planEach); err != nil {
			return err
		}
		r.Search = r.pool(conn, search)
		d.Replicas = append(d.Replicas, r)
		d.pools = append(d.pools, r.Read, r.Search)
		d.names = append(d.names, r.Name+" "+PoolRead, r.Name+" "+PoolSearch)
	}
	return nil
}

func (r Replica) pool(conn *pgx.ConnConfig, size int) *sql.DB {
	conn.ConnectTimeout = replicaConnect
	conn.RuntimeParams["default_transaction_read_only"] = "on"
	conn.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return newWatcher(pg, replicaCancel)
	}
	pool := stdlib.OpenDB(*conn, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		r.Opened.Add(1)
		return readUTC(ctx, c)
	}), stdlib.OptionResetSession(dropCancelled))
	limitPostgres(pool, size)
	return pool
}

func replicaName(conn *pgx.ConnConfig) string {
	return net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port)))
}

// setReplicas parts URLs at the commas before each scheme, since passwords may hold commas.
func setReplicas(c *Config, value string) error {
	c.Replicas = nil
	var current string
	for part := range strings.SplitSeq(value, ",") {
		if current != "" && !strings.HasPrefix(part, "postgres://") && !strings.HasPrefix(part, "postgresql://") {
			current += "," + part
			continue
		}
		if current != "" {
			c.Replicas = append(c.Replicas, current)
		}
		current = strings.TrimSpace(part)
	}
	if current != "" && current != "none" {
		c.Replicas = append(c.Replicas, current)
	}
	return nil
}

func replicasText(replicas []string) string {
	shown := make([]string, len(replicas))
	for i, r := range replicas {
		shown[i] = redactURL(r)
	}
	return strings.Join(shown, ",")
}
