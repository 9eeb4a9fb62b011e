package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"roster/models"
)

// Replica is a copy of the database that follows it, and that may be some changes behind.
type Replica struct {
	// Name tells it apart in logs and metrics; it holds no password.
	Name string
	// Read and Search are pools like those of the database itself.
	Read, Search *sql.DB
	// Opened counts the connections that were opened. A new one may show an older state than one before, since the
	// replica may have been restarted or replaced.
	Opened *atomic.Int64
}

const (
	// replicaPatience is how long a request waits for the revisions of a replica.
	replicaPatience = 200 * time.Millisecond
	// replicaPulse is how often a replica in use is asked whether it is there.
	replicaPulse = 250 * time.Millisecond
	// replicaTimeout is how long it may take to answer that.
	replicaTimeout = time.Second
	// replicaRest is how long a replica that did not answer is left out, before it is asked again.
	replicaRest = time.Second
	// replicaBehind is for how many requests on end a replica may be behind. Then it is left out for firstRest, and
	// twice as long each time, up to replicaRest, until it is at a request's revision.
	replicaBehind = 8
	firstRest     = 4 * time.Millisecond
)

// ReplicaStats are the numbers of a replica since the start.
type ReplicaStats struct {
	Name string
	// Up says that it answered when it was asked last.
	Up bool
	// Requests were read from it. Behind were those that found it at another revision, and Failed the statements that
	// the database itself had to answer.
	Requests, Behind, Failed int64
}

// replicas are the copies of a database that requests may be read from.
type replicas struct {
	list []*replica
	next atomic.Uint64
}

// replica is a Replica with what is known of it.
type replica struct {
	Replica
	log *slog.Logger
	// broken reports what an error says of the state of a database.
	broken func(error) bool

	// asking says that it is being asked, and that no request waits for that.
	asking atomic.Bool

	mu   sync.Mutex
	last sighting
	up   bool
	// gone ends when the replica is found gone, and with it the statements that wait for it.
	gone  context.Context
	leave context.CancelFunc
	// restUntil is when it may be used or asked again.
	restUntil time.Time
	// behind is for how many requests on end it was at another revision; rest is how long it is left out next.
	behind int
	rest   time.Duration

	requests, behinds, failed atomic.Int64
}

// sighting is the state of the directory that a replica had at a moment.
type sighting struct {
	stamp models.Stamp
	// opened is how many connections had been opened then; -1 where one was opened meanwhile.
	opened int64
	at     time.Time
}

func newReplicas(list []Replica, s *Store) *replicas {
	all := &replicas{}
	for _, one := range list {
		r := &replica{Replica: one, log: s.Log, broken: s.Unreachable, up: true, rest: firstRest}
		r.gone, r.leave = context.WithCancel(context.Background())
		all.list = append(all.list, r)
	}
	return all
}

// stats returns the numbers of all replicas.
func (all *replicas) stats() []ReplicaStats {
	if all == nil {
		return nil
	}
	list := make([]ReplicaStats, len(all.list))
	for i, r := range all.list {
		r.mu.Lock()
		up := r.up
		r.mu.Unlock()
		list[i] = ReplicaStats{Name: r.Name, Up: up, Requests: r.requests.Load(), Behind: r.behinds.Load(),
			Failed: r.failed.Load()}
	}
	return list
}

// at returns a replica that has all that was seen at a state of the directory, with the number of connections at which
// that was found out, or nil.
func (all *replicas) at(ctx context.Context, seen models.Stamp) (*replica, int64) {
	first := all.next.Add(1)
	for i := range uint64(len(all.list)) {
		r := all.list[(first+i)%uint64(len(all.list))]
		if opened, ok := r.has(ctx, seen); ok {
			r.requests.Add(1)
			return r, opened
		}
	}
	return nil, 0
}

// has reports whether the replica has all that was seen at a state of the directory. What it had once it has, as long
// as nothing is connected anew.
func (r *replica) has(ctx context.Context, seen models.Stamp) (int64, bool) {
	r.mu.Lock()
	last := r.last
	up := r.up
	resting := time.Now().Before(r.restUntil)
	r.mu.Unlock()
	if !resting && (!up || time.Since(last.at) > replicaPulse) {
		r.askLater()
	}
	if !up || resting {
		return 0, false
	}
	if last.stamp == seen && last.opened == r.Opened.Load() {
		return last.opened, true
	}
	bounded, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	now, err := r.ask(bounded)
	if err != nil || now.opened < 0 {
		return 0, false
	}
	return now.opened, r.count(now.stamp == seen)
}

// count notes whether a request found the replica at its revision, and returns that. A replica that is behind for long
// is left out for a moment.
func (r *replica) count(same bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if same {
		r.behind = 0
		r.rest = firstRest
		return true
	}
	r.behinds.Add(1)
	if r.behind++; r.behind > replicaBehind {
		r.behind = 0
		r.restUntil = time.Now().Add(r.rest)
		r.rest = min(2*r.rest, replicaRest)
	}
	return false
}

// askLater asks the replica for its state, and no request waits for that.
func (r *replica) askLater() {
	if !r.asking.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer r.asking.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), replicaTimeout)
		defer cancel()
		_, _ = r.ask(ctx) // what it says is kept
	}()
}

// ask asks the replica for its state.
func (r *replica) ask(ctx context.Context) (sighting, error) {
	now := sighting{opened: r.Opened.Load()}
	var err error
	now.stamp, err = stampIn(r.Read.QueryContext(ctx, stampQuery))
	if errors.Is(ctx.Err(), context.Canceled) {
		return now, ctx.Err() // the request has ended, which says nothing of the replica
	}
	if err != nil {
		r.down(err)
		return now, err
	}
	if r.Opened.Load() != now.opened { // nobody knows which of the connections has answered
		now.opened = -1
	}
	now.at = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = now
	if !r.up {
		r.up = true
		r.gone, r.leave = context.WithCancel(context.Background())
		r.log.Info("a replica answers again", slog.String("replica", r.Name))
	}
	return now, nil
}

// down leaves the replica out for a while. The statements that wait for it are given up.
func (r *replica) down(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restUntil = time.Now().Add(replicaRest)
	if !r.up {
		return
	}
	r.up = false
	r.leave()
	r.log.Warn("a replica does not answer and is left out", slog.String("replica", r.Name),
		slog.String("error", err.Error()))
}

// try makes a statement on the replica by fn. It is given up when the replica is found gone before fn returns, and
// fails where a connection was opened since the replica's state was found out.
func (r *replica) try(ctx context.Context, opened int64, fn func(context.Context) error) error {
	r.mu.Lock()
	gone := r.gone
	r.mu.Unlock()
	// It ends with the request: rows need it until they are read.
	bounded, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(gone, cancel)
	late := time.AfterFunc(replicaPulse, r.askLater) // there may be no other request that asks
	err := fn(bounded)
	late.Stop()
	stop()
	if err == nil && r.Opened.Load() == opened {
		return nil
	}
	cancel()
	if err == nil {
		return errReopened
	}
	r.failed.Add(1)
	if ctx.Err() == nil && r.broken(err) {
		r.down(err)
	}
	return err
}

// errReopened says that a connection was opened after the state of the replica was found out.
var errReopened = errors.New("a connection to the replica was opened anew")

// replicaFailed reports whether an error may be one of a replica, where the database itself has none: it is gone, or it
// ended a statement that read what is to be removed.
func (s *Store) replicaFailed(err error) bool {
	var pg *pgconn.PgError
	return s.Unreachable(err) || errors.As(err, &pg) && pg.Code == "40001"
}

type routeKey struct{}

// route says where a request is read: from the database itself, or from a replica that has what the request has to see.
type route struct {
	replicas *replicas

	mu sync.Mutex
	// fixed says that the database itself is read until the end.
	fixed   bool
	seen    *models.Stamp
	replica *replica
	opened  int64
}

// Reading returns a context for a request that only reads: once its caller is known, statements may go to a replica
// that has all that the caller's row was read with. Anything that is written ends that.
func (s *Store) Reading(ctx context.Context) context.Context {
	if s.replicas == nil {
		return ctx
	}
	return context.WithValue(ctx, routeKey{}, &route{replicas: s.replicas})
}

// onDatabase returns a context for statements that the database itself has to answer, whatever the request reads.
func onDatabase(ctx context.Context) context.Context {
	return context.WithValue(ctx, routeKey{}, (*route)(nil))
}

func routeOf(ctx context.Context) *route {
	way, _ := ctx.Value(routeKey{}).(*route)
	return way
}

// sees says at which state of the directory the caller of a request was read.
func (s *Store) sees(ctx context.Context, seen models.Stamp) {
	way := routeOf(ctx)
	if way == nil {
		return
	}
	way.mu.Lock()
	defer way.mu.Unlock()
	if way.fixed || way.seen != nil && *way.seen == seen {
		return
	}
	way.seen = &seen
	way.replica, way.opened = way.replicas.at(ctx, seen)
}

// chosen returns the replica that a request is read from, or nil.
func (way *route) chosen() (*replica, int64) {
	if way == nil {
		return nil, 0
	}
	way.mu.Lock()
	defer way.mu.Unlock()
	return way.replica, way.opened
}

// stay makes the rest of a request be read from the database itself. It reports whether a replica was in use.
func (way *route) stay() bool {
	if way == nil {
		return false
	}
	way.mu.Lock()
	defer way.mu.Unlock()
	used := way.replica != nil
	way.fixed = true
	way.replica = nil
	return used
}

// reading is a pool whose statements go to a replica where the request may be read there.
type reading struct {
	*sql.DB
	// of returns the pool of a replica.
	of func(*replica) *sql.DB
}

// GetDBConn returns the pool of the database itself, for GORM.
func (p reading) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// QueryContext makes a statement on the replica, and on the database itself where that fails.
func (p reading) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	var rows *sql.Rows
	if p.onReplica(ctx, func(ctx context.Context, pool *sql.DB) error {
		var err error
		rows, err = pool.QueryContext(ctx, text, args...)
		return err
	}) {
		return rows, nil
	}
	if rows != nil {
		_ = rows.Close()
	}
	return p.DB.QueryContext(ctx, text, args...)
}

// QueryRowContext does the same for a statement with one row.
func (p reading) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	var row *sql.Row
	if p.onReplica(ctx, func(ctx context.Context, pool *sql.DB) error {
		row = pool.QueryRowContext(ctx, text, args...)
		return row.Err()
	}) {
		return row
	}
	if row != nil {
		_ = row.Scan() // which closes it
	}
	return p.DB.QueryRowContext(ctx, text, args...)
}

// onReplica makes a statement by fn on the replica that a request is read from. It reports false where there is none,
// or fn failed: the database itself answers then, until the request ends.
func (p reading) onReplica(ctx context.Context, fn func(context.Context, *sql.DB) error) bool {
	way := routeOf(ctx)
	r, opened := way.chosen()
	if r == nil {
		return false
	}
	err := r.try(ctx, opened, func(ctx context.Context) error { return fn(ctx, p.of(r)) })
	if err != nil {
		way.stay()
	}
	return err == nil
}

// writing is the pool for transactions. A request that writes is read from the database itself from then on.
type writing struct{ *sql.DB }

// GetDBConn returns the pool, for GORM.
func (p writing) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// BeginTx begins a transaction.
func (p writing) BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error) {
	routeOf(ctx).stay()
	return p.DB.BeginTx(ctx, o)
}

// ExecContext makes a statement that writes.
func (p writing) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	routeOf(ctx).stay()
	return p.DB.ExecContext(ctx, text, args...)
}

// QueryContext makes a statement that writes and returns rows.
func (p writing) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	routeOf(ctx).stay()
	return p.DB.QueryContext(ctx, text, args...)
}

// QueryRowContext makes a statement that writes and returns a row.
func (p writing) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	routeOf(ctx).stay()
	return p.DB.QueryRowContext(ctx, text, args...)
}

// follow makes reads go to replicas where they may.
func (s *Store) follow(list []Replica, write, read, search *sql.DB) {
	s.replicas = newReplicas(list, s)
	lookup := reading{read, func(r *replica) *sql.DB { return r.Read }}
	s.nearby = lookup
	s.Write = through(s.Write, writing{write})
	s.Read = through(s.Read, lookup)
	s.Search = through(s.Search, reading{search, func(r *replica) *sql.DB { return r.Search }})
}

// through makes a handle use another pool.
func through(db *gorm.DB, pool gorm.ConnPool) *gorm.DB {
	db = db.WithContext(context.Background()) // with a statement of its own
	db.Statement.ConnPool = pool
	return db
}
