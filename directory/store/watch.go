package store

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2/stats"

	"roster/gate"
)

// The kinds of work that a Watch is told of.
const (
	// Reading is a list: the count, and the page or the beginning of the stream.
	Reading = "list"
	// Changing is a change in its transaction, with all its tries.
	Changing = "change"
)

// Watch lets the program see what a Store does, such as for traces. Functions that are nil see nothing.
type Watch struct {
	// Work is told that work of a kind begins, on a noun where that is known. It returns the context in which the work
	// goes on, and what is called with the outcome.
	Work func(ctx context.Context, kind, noun string) (context.Context, func(error))
	// Statement is told of a statement on the pool for reading that did not go through GORM, once its first row is
	// there. The text holds placeholders and no values.
	Statement func(ctx context.Context, text string, began time.Time, err error)
}

// begin tells the Watch of work.
func (s *Store) begin(ctx context.Context, kind, noun string) (context.Context, func(error)) {
	if s.watch.Work == nil {
		return ctx, func(error) {}
	}
	return s.watch.Work(ctx, kind, noun)
}

// queryDirect makes a statement without GORM.
func (s *Store) queryDirect(ctx context.Context, pool querier, text string, args ...any) (*sql.Rows, error) {
	if s.watch.Statement == nil {
		return pool.QueryContext(ctx, text, args...)
	}
	began := time.Now()
	rows, err := pool.QueryContext(ctx, text, args...)
	s.watch.Statement(ctx, text, began, err)
	return rows, err
}

// tallied counts what happened since the start.
type tallied struct{ loads, changes, retries atomic.Int64 }

// Stats are the numbers of a Store at one moment. Nothing is read from the database for them.
type Stats struct {
	Caches []CacheStats
	Gates  []GateStats
	// SnapshotLoads is how often the snapshot was read whole, and SnapshotRevision the revision of the newest one.
	SnapshotLoads, SnapshotRevision int64
	// Changes were committed by this process; Retries were made because another change came in between.
	Changes, Retries int64
	Replicas         []ReplicaStats
}

// CacheStats are the numbers of a cache. Hits and what follows count since the start.
type CacheStats struct {
	Name                    string
	Entries                 int
	Hits, Misses, Evictions uint64
}

// GateStats are the numbers of a gate.
type GateStats struct {
	Name string
	gate.Stats
}

// Counted is a cache that counts what it is asked.
type Counted interface {
	EstimatedSize() int
	Stats() stats.Stats
}

// StatsOf returns the numbers of a cache.
func StatsOf(name string, cache Counted) CacheStats {
	n := cache.Stats()
	return CacheStats{Name: name, Entries: cache.EstimatedSize(), Hits: n.Hits, Misses: n.Misses,
		Evictions: n.Evictions}
}

// Stats returns the numbers of this moment.
func (s *Store) Stats() Stats {
	n := Stats{
		Caches: []CacheStats{
			StatsOf("counts", s.counts.known), StatsOf("principals", s.principals),
			StatsOf("tenant_people", s.people.tenants), StatsOf("people_counts", s.people.counts),
			StatsOf("places", s.places), StatsOf("pages", s.pages),
		},
		Gates:         []GateStats{{"streams", s.streams.Stats()}, {"searches", s.searches.Stats()}},
		SnapshotLoads: s.tallied.loads.Load(), Changes: s.tallied.changes.Load(), Retries: s.tallied.retries.Load(),
		Replicas: s.replicas.stats(),
	}
	if r := s.KnownSnapshot(); r != nil {
		n.SnapshotRevision = r.Revision
	}
	return n
}

// Tallies are what the database keeps of the whole directory.
type Tallies struct {
	// Users is how many there are, hidden ones left out.
	Users int64
	// UsersRevision and SnapshotRevision move on with each change of users, and of what they refer to.
	UsersRevision, SnapshotRevision int64
}

// Tallies reads them; the statement reads a few dozen rows at most.
func (s *Store) Tallies(ctx context.Context) (Tallies, error) {
	now, err := s.StampNow(ctx)
	return Tallies{Users: now.UsersTotal, UsersRevision: now.Users, SnapshotRevision: now.Refs}, s.Failure(err)
}
