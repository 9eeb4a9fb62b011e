package config

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// commitPatience is how long a commit may go on after its context has ended, before its connection is cut.
	commitPatience = 5 * time.Second
	// staleEvery is how often all connections to a server are given up at most.
	staleEvery = time.Second
)

// errUnreplicated means that the primary has a change whose standby did not say that it has it, too. It may be lost
// with the primary, and it may stay.
var errUnreplicated = errors.New("the wait for the standby was cancelled: whether the change stays is not known")

// hosts are the servers that a URL names, as the connections to them found them. All pools share it.
type hosts struct {
	mu sync.Mutex
	// addresses are those of names of hosts.
	addresses map[string][]string
	// last is the address and port of the server that took the newest connection.
	last string
	// stale has, for an address and port, when connections there were given up the last time, and how often.
	stale map[string]staleness
}

type staleness struct {
	at    time.Time
	count int
}

func newHosts() *hosts {
	return &hosts{addresses: map[string][]string{}, stale: map[string]staleness{}}
}

// lookup remembers what a function finds.
func (h *hosts) lookup(find pgconn.LookupFunc) pgconn.LookupFunc {
	return func(ctx context.Context, host string) ([]string, error) {
		found, err := find(ctx, host)
		if err == nil {
			h.mu.Lock()
			h.addresses[host] = found
			h.mu.Unlock()
		}
		return found, err
	}
}

// prefer puts the server that took the newest connection first: one that is switched off costs a whole time-out.
func (h *hosts) prefer(_ context.Context, conn *pgx.ConnConfig) error {
	all := append([]*pgconn.FallbackConfig{{Host: conn.Host, Port: conn.Port, TLSConfig: conn.TLSConfig}},
		conn.Fallbacks...)
	h.mu.Lock()
	slices.SortStableFunc(all, func(a, b *pgconn.FallbackConfig) int { return h.rank(a) - h.rank(b) })
	h.mu.Unlock()
	conn.Host = all[0].Host
	conn.Port = all[0].Port
	conn.TLSConfig = all[0].TLSConfig
	conn.Fallbacks = all[1:]
	return nil
}

func (h *hosts) rank(c *pgconn.FallbackConfig) int {
	port := strconv.Itoa(int(c.Port))
	for _, address := range h.addresses[c.Host] {
		if net.JoinHostPort(address, port) == h.last {
			return 0
		}
	}
	return 1
}

// took notes that a server took a connection, and returns how often those to it were given up before.
func (h *hosts) took(address string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = address
	return h.stale[address].count
}

// giveUp makes all connections to a server stale.
func (h *hosts) giveUp(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stale[address]
	if now := time.Now(); now.Sub(s.at) >= staleEvery {
		h.stale[address] = staleness{at: now, count: s.count + 1}
	}
}

func (h *hosts) given(address string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stale[address].count
}

// connector makes the connections of a pool.
type connector struct {
	driver.Connector
	hosts *hosts
}

// Connect connects to the first server that may be used.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := made.(*stdlib.Conn)
	address := conn.Conn().PgConn().Conn().RemoteAddr().String()
	return &connection{driverConn: conn, hosts: c.hosts, address: address, given: c.hosts.took(address)}, nil
}

// driverConn names the field, which would hide the method Conn otherwise: it gives away the connection below.
type driverConn = stdlib.Conn

// connection is one that notices when it should not be used again: its server writes no more, or its prepared
// statements do not suit the schema any longer.
type connection struct {
	*driverConn
	hosts   *hosts
	address string
	// given is how often connections to the server had been given up when this one was made.
	given int
	bad   bool
}

// IsValid reports whether the connection may go back to its pool.
func (c *connection) IsValid() bool { return !c.bad && c.given == c.hosts.given(c.address) }

// ResetSession is asked before a connection is taken from its pool again.
func (c *connection) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	return c.driverConn.ResetSession(ctx)
}

// ExecContext makes a statement.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.driverConn.ExecContext(ctx, query, args)
	return result, c.outcome(err)
}

// QueryContext makes a statement that has rows.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.driverConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.outcome(err)
	}
	return rows, nil
}

// outcome returns what a statement's error means, and gives connections up if that is to be.
func (c *connection) outcome(err error) error {
	if err == nil {
		return c.replicated()
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	outside := c.Conn().PgConn().TxStatus() == 'I'
	switch {
	case pg.Code == readOnlyTransaction:
		c.bad = true
		c.hosts.giveUp(c.address)
	case isOutdatedPlan(err):
		c.bad = true
		c.hosts.giveUp(c.address)
		if outside {
			return driver.ErrBadConn // nothing was done, and the pool tries again by another connection
		}
	}
	return err
}

// unreplicatedKey is under what a connection keeps that the wait for a standby was cancelled.
const unreplicatedKey = "unreplicated"

// noticeUnreplicated looks at what a server says beside its answers. Its words depend on its language, the routine
// does not.
func noticeUnreplicated(pg *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		pg.CustomData()[unreplicatedKey] = true
	}
}

func (c *connection) replicated() error {
	data := c.Conn().PgConn().CustomData()
	if data[unreplicatedKey] == nil {
		return nil
	}
	delete(data, unreplicatedKey)
	return errUnreplicated
}

// isOutdatedPlan reports whether a statement was prepared before the columns of its tables changed. It did nothing, and
// succeeds when it is made again by a new connection.
func isOutdatedPlan(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery"
}

// BeginTx begins a transaction.
func (c *connection) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	committing := new(atomic.Bool)
	tx, err := c.driverConn.BeginTx(context.WithValue(ctx, committingKey{}, committing), o)
	if err != nil {
		return nil, c.outcome(err)
	}
	return transaction{Tx: tx, conn: c, committing: committing}, nil
}

type transaction struct {
	driver.Tx
	conn       *connection
	committing *atomic.Bool
}

// Commit commits. It is never cancelled: PostgreSQL would keep the change and not wait for the standby.
func (t transaction) Commit() error {
	t.committing.Store(true)
	return t.conn.outcome(t.Tx.Commit())
}

// committingKey is under what the context of a transaction tells whether it is being committed.
type committingKey struct{}

// watcher ends statements whose context has ended: they are cancelled in the database, too, which would otherwise go on
// working. A commit is not cancelled; its connection is cut if it takes too long, and its outcome is then unknown.
type watcher struct {
	*pgconn.CancelRequestContextWatcherHandler
	committing bool
	// cancelled is set once a statement was cancelled. The request travels beside the connection, and may arrive when
	// that statement is over: the next one would be cancelled instead.
	cancelled atomic.Bool
}

// watcherKey is under what a connection keeps its watcher.
const watcherKey = "watcher"

func newWatcher(pg *pgconn.PgConn, patience time.Duration) *watcher {
	w := &watcher{CancelRequestContextWatcherHandler: &pgconn.CancelRequestContextWatcherHandler{Conn: pg,
		DeadlineDelay: patience}}
	pg.CustomData()[watcherKey] = w
	return w
}

// dropCancelled keeps connections from further use on which a statement was cancelled.
func dropCancelled(_ context.Context, c *pgx.Conn) error {
	if w, ok := c.PgConn().CustomData()[watcherKey].(*watcher); ok && w.cancelled.Load() {
		return driver.ErrBadConn
	}
	return nil
}

// HandleCancel is called when the context of a statement under way has ended.
func (w *watcher) HandleCancel(ctx context.Context) {
	committing, ok := ctx.Value(committingKey{}).(*atomic.Bool)
	w.committing = ok && committing.Load()
	if w.committing {
		_ = w.Conn.Conn().SetDeadline(time.Now().Add(commitPatience)) // which fails on a closed connection only
		return
	}
	w.cancelled.Store(true)
	w.CancelRequestContextWatcherHandler.HandleCancel(ctx)
}

// HandleUnwatchAfterCancel is called when that statement has ended.
func (w *watcher) HandleUnwatchAfterCancel() {
	if w.committing {
		_ = w.Conn.Conn().SetDeadline(time.Time{})
		return
	}
	w.CancelRequestContextWatcherHandler.HandleUnwatchAfterCancel()
}
