package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"roster/gate"
	"roster/models"
)

// Options are what a Store is made of. Write, Read and Search are pools of the same database: SQLite needs a single
// writer, and PostgreSQL must plan each search anew. A transaction also reads outside its own connection, so Write must
// be a separate pool; with a shared one, callers that hold all its connections would wait for each other.
type Options struct {
	Write, Read, Search *gorm.DB
	// Dialect is "sqlite" or "postgres".
	Dialect string
	// Now is the clock; nil means the system's.
	Now func() time.Time
	// Rand is the source of secrets; nil means crypto/rand.
	Rand io.Reader
	Log  *slog.Logger
	// Unreachable and Damaged report what an error of the database says of its state; nil functions say nothing.
	Unreachable, Damaged func(error) bool
	// Watch is told of the work; the zero value watches nothing and costs nothing.
	Watch Watch
	// Replicas are copies of the database that requests which only read may be read from; see Reading.
	Replicas []Replica
}

// Store is what all verbs work on: the pools of a database, its revisions, and the snapshot of what users refer to. It
// is safe for concurrent use, and any number of Stores may share one database.
type Store struct {
	Write, Read, Search *gorm.DB
	Postgres            bool
	Rand                io.Reader
	Log                 *slog.Logger
	// Unreachable and Damaged report what an error of the database says of its state.
	Unreachable, Damaged func(error) bool

	// direct is Read without GORM, for the two fixed statements that every request makes; nearby is the same, but that
	// a replica may answer.
	direct, nearby querier
	replicas       *replicas
	watch          Watch
	tallied        tallied
	now            func() time.Time
	snapshots      snapshots
	counts         *countCache
	principals     *principalCache
	streams        *gate.Gate[int64]
	searches       *gate.Gate[int64]
	people         *people
	places         *places
	pages          *pages
	broken         atomic.Bool // it was found damaged
}

// New returns a Store over open pools whose schema is up to date.
func New(o Options) (*Store, error) {
	if o.Write == nil || o.Read == nil || o.Search == nil {
		return nil, errors.New("store: all three pools are needed")
	}
	nothing := func(error) bool { return false }
	s := &Store{
		Postgres: o.Dialect == "postgres", Rand: o.Rand, Log: o.Log, Unreachable: nothing, Damaged: nothing,
		watch: o.Watch, now: o.Now, counts: newCountCache(), principals: newPrincipalCache(),
		people: newPeople(), places: newPlaces(), pages: newPages(),
		streams: gate.New[int64](maxStreams, MaxStreamsEach, time.Now),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if o.Unreachable != nil {
		s.Unreachable = o.Unreachable
	}
	if o.Damaged != nil {
		s.Damaged = o.Damaged
	}
	if s.Rand == nil {
		s.Rand = rand.Reader
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	// Searches for "today" and the like go by the same clock.
	byClock := &gorm.Session{NowFunc: s.Now}
	s.Write = o.Write.Session(byClock)
	s.Read = o.Read.Session(byClock)
	s.Search = o.Search.Session(byClock)
	direct, err := o.Read.DB()
	if err != nil {
		return nil, err
	}
	s.direct = direct
	s.nearby = direct
	finding, err := o.Search.DB()
	if err != nil {
		return nil, err
	}
	// As many as have a connection at once, so that waiting happens where turns are fair.
	places := finding.Stats().MaxOpenConnections
	if len(o.Replicas) > 0 {
		changing, err := o.Write.DB()
		if err != nil {
			return nil, err
		}
		s.follow(o.Replicas, changing, direct, finding)
		for _, r := range o.Replicas {
			places += r.Search.Stats().MaxOpenConnections
		}
	}
	s.searches = gate.Reserving[int64](max(1, places), MaxSearchesEach, 1, time.Now)
	return s, nil
}

// querier reads rows, without GORM.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Ping reports whether the database answers, and was not found damaged since this server started.
func (s *Store) Ping(ctx context.Context) error {
	var n int64
	// A table, and not a constant, which a database without its file answers as well.
	err := s.Failure(s.Read.WithContext(ctx).Raw("SELECT COUNT(*) FROM tallies").Row().Scan(&n))
	if err == nil && s.broken.Load() {
		err = errDamaged
	}
	return err
}

var errDamaged = models.Fail(models.Unavailable, models.RuleDamagedDatabase)

// Failure returns what an error means to a caller: a database that cannot work now is Unavailable. Errors that say
// something else stay as they are.
func (s *Store) Failure(err error) error {
	var known *models.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case s.Damaged(err):
		s.broken.Store(true)
		return errDamaged.Because(err)
	case s.Unreachable(err):
		return models.Fail(models.Unavailable, models.RuleNoDatabase).Because(err)
	}
	return err
}

// Now is the time of a change: UTC, in the microseconds that both databases keep.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Tx is one change under way. Inside it only this handle may touch the database: SQLite has a single writer.
type Tx struct {
	*gorm.DB
	Store *Store
	// Caller is in whose name the change is made, as the directory knows the account now.
	Caller *models.Principal
	// Time is when the change is made.
	Time time.Time
	// moved are the tenants that somebody joined or left, people the users who changed.
	moved, people []int64
	// bumped are the revisions that move on at the end, with the change of the number of rows.
	bumped map[string]int64
}

// Revisions by which others notice that something has changed.
const (
	RevisionUsers    = "users"
	RevisionSnapshot = "refs"
	// RevisionRest moves on with changes that move no other one.
	RevisionRest = "rest"
)

// Change runs fn in a transaction on behalf of p. What p may do is read again inside the transaction, and once more
// before it is committed: a right that was taken away while the request waited or worked writes nothing. Verbs
// therefore go by t.Caller, not by the principal that they were called with. Deadlocks, serialization failures, changes
// that were overtaken, statements that a migration has outdated or stands in the way of, and callers who changed
// meanwhile are tried again, since they say nothing about the change itself.
func (s *Store) Change(ctx context.Context, p *models.Principal, fn func(t *Tx) error) error {
	if err := p.MayChange(); err != nil {
		return err
	}
	return s.Transact(ctx, p, func(t *Tx) error {
		var err error
		if t.Caller, err = s.currentCaller(ctx, p); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		return t.confirmCaller()
	})
}

// Transact runs fn in a transaction on behalf of p, without checking the caller's rights again.
func (s *Store) Transact(ctx context.Context, p *models.Principal, fn func(t *Tx) error) error {
	if p == nil || p.UserID == 0 {
		return ErrNobody
	}
	const tries = 5
	ctx, end := s.begin(ctx, Changing, "")
	var err error
	for try := range tries {
		if try > 0 {
			s.tallied.retries.Add(1)
		}
		err = s.Write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			t := &Tx{DB: db, Store: s, Caller: p, Time: s.Now(), bumped: map[string]int64{}}
			if err := fn(t); err != nil {
				return err
			}
			if err := t.writeTenantRevisions(); err != nil {
				return err
			}
			if len(t.bumped) == 0 && p.UserID != models.SystemID { // which says itself what it moves
				t.Bump(RevisionRest, 0)
			}
			return t.writeRevisions()
		})
		if !retryable(err) {
			break
		}
	}
	err = conflict(err)
	if err == nil {
		s.tallied.changes.Add(1)
	}
	end(err)
	return err
}

// conflict words what another change did meanwhile: a record that was checked a moment ago is gone, or its name is
// taken.
func conflict(err error) error {
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return models.Fail(models.Invalid, models.RuleRecordGone).Because(err)
	case numberedMeanwhile(err):
		return models.Fail(models.Conflict, models.RuleRaced)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return models.Fail(models.Conflict, models.RuleRaced).Because(err)
	}
	return err
}

// numberedMeanwhile reports whether another change took the number of an audit. It is nobody's mistake, unlike a name
// that is taken, and the change is tried again.
func numberedMeanwhile(err error) bool {
	return errors.Is(err, gorm.ErrDuplicatedKey) &&
		(strings.Contains(err.Error(), "audits_version") || strings.Contains(err.Error(), "audits.version"))
}

func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errCallerChanged) || errors.Is(err, errUnconfirmed) || errors.Is(err, ErrOvertaken) ||
		numberedMeanwhile(err) || errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001" || outdatedPlan(pg))
}

// outdatedPlan reports whether a statement was prepared before a migration changed its table. The pool gives up the
// connections that have such statements.
func outdatedPlan(pg *pgconn.PgError) bool {
	return pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery"
}

// ErrOvertaken reports that another change came between what this one read and the lock under which it goes on. The
// change is tried again.
var ErrOvertaken = models.Fail(models.Conflict, models.RuleRaced)

// Bump notes that rows of a noun changed, and by how many their number grew.
func (t *Tx) Bump(noun string, grew int64) { t.bumped[noun] += grew }

// writeRevisions is the last statement of a change, so that the lock on the slot is held for the commit alone. On
// PostgreSQL the slot is drawn, so that concurrent changes seldom share one; SQLite has one writer and one slot.
func (t *Tx) writeRevisions() error {
	for _, noun := range []string{RevisionSnapshot, RevisionUsers, RevisionRest} {
		grew, ok := t.bumped[noun]
		if !ok {
			continue
		}
		slot := t.slot(RevisionSlots)
		// The rows of some nouns are made when they are needed.
		err := t.Exec("INSERT INTO tallies AS t (name, slot, epoch, total) VALUES (?, ?, ?, ?) "+
			"ON CONFLICT (name, slot) DO UPDATE SET epoch = t.epoch + excluded.epoch, total = t.total + excluded.total",
			noun, slot, RevisionStep(), grew).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// slot draws one of some slots; SQLite has one.
func (t *Tx) slot(n int) int {
	if !t.Store.Postgres {
		return 0
	}
	return mathrand.IntN(n)
}

// RevisionStep is how far one change moves a revision on. It is drawn, so that a database that was restored from a
// backup does not come to the same revision by other changes: revisions are compared for equality.
func RevisionStep() int64 { return 1 + mathrand.Int64N(1<<32) }

// RevisionSlots is how many slots there are for each noun on PostgreSQL.
const RevisionSlots = 16

// LockKey names an advisory lock: those order changes whose rules look at many rows. SQLite has one writer anyway.
type LockKey int64

// The locks of the installation. A change that takes several takes them in this order, so that no two changes wait for
// each other. None is taken shared and later alone: two changes that did would wait for each other, too.
const (
	LockSeed     LockKey = 0x526f73746572_01 // the base data
	LockCustom   LockKey = 0x526f73746572_08 // the definitions of custom fields, which changes of values share
	LockSettings LockKey = 0x526f73746572_06
	LockTenants  LockKey = 0x526f73746572_04 // how tenants are nested
	// LockGroups guards how groups are nested, which of them make administrators, and what they are tied to. It is
	// shared by changes that are judged by these, and held alone by those that alter them.
	LockGroups LockKey = 0x526f73746572_03
	// LockNames guards that no group has the name of a login. Changes of logins share it, those of groups' names hold
	// it alone.
	LockNames LockKey = 0x526f73746572_05
	// LockMails guards that no two users get one mail address, where it has to be unique.
	LockMails LockKey = 0x526f73746572_09
	// LockAdmins guards that an administrator is left. Changes that can leave fewer of them hold it.
	LockAdmins    LockKey = 0x526f73746572_02
	LockAuthority LockKey = 0x526f73746572_07 // what roles give, and who holds them
	// LockEnds guards when the next account or membership ends. Changes that set an end share it, and whoever looks for
	// the next one holds it.
	LockEnds LockKey = 0x526f73746572_0a
)

// Lock takes a lock until the end of the transaction.
func (t *Tx) Lock(l LockKey) error {
	if !t.Store.Postgres {
		return nil
	}
	return t.Exec("SELECT pg_advisory_xact_lock(?)", int64(l)).Error
}

// RLock takes a lock that others may share but not hold exclusively.
func (t *Tx) RLock(l LockKey) error {
	if !t.Store.Postgres {
		return nil
	}
	return t.Exec("SELECT pg_advisory_xact_lock_shared(?)", int64(l)).Error
}

// Exists reports whether a query finds a row.
func (t *Tx) Exists(query string, args ...any) (bool, error) {
	var n int64
	err := t.Raw("SELECT COUNT(*) FROM ("+query+" LIMIT 1) found", args...).Row().Scan(&n)
	return n > 0, err
}

// ErrNobody reports a change without a caller.
var ErrNobody = models.Fail(models.Unauthenticated, models.RuleNobody)

// Overwrite writes all columns of a row that was read in this change. GORM's Updates would leave out what is false or
// empty, and put its own clock into updated_at.
func (t *Tx) Overwrite(row any) error { return t.Select("*").UpdateColumns(row).Error }
