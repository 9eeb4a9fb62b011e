package directory

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/gate"
	"roster/models"
)

// Options are what a Service is made of. Write, Read and Search are pools of the same database: SQLite wants one writer,
// PostgreSQL wants searches planned anew each time. A transaction reads beside its own connection, so Write has to be a
// pool of its own: callers who hold all connections of one pool would wait for each other.
type Options struct {
	Write, Read, Search *gorm.DB
	// Dialect is "sqlite" or "postgres".
	Dialect string
	// Now is the clock; nil means the system's.
	Now func() time.Time
	// Rand is the source of secrets; nil means crypto/rand.
	Rand io.Reader
	Log  *slog.Logger
	// LDAP asks LDAP servers; nil asks none, so nobody from an LDAP source gets in.
	LDAP LDAP
	// SecretKey encrypts bind passwords at rest; 32 bytes.
	SecretKey []byte
	// Unreachable and Damaged tell what an error of the database says of its state; nil functions say nothing.
	Unreachable, Damaged func(error) bool
	// Hash are the costs of new password hashes; the zero value means DefaultHash.
	Hash secret.HashCost
}

// Service is the directory. It is safe for concurrent use, and any number of Services may share one database.
type Service struct {
	write, read, find *gorm.DB
	// direct is read without GORM, for the two fixed statements that every request makes.
	direct     *sql.DB
	postgres   bool
	now        func() time.Time
	rand       io.Reader
	log        *slog.Logger
	sealer     secret.Sealer
	passwords  *secret.Passwords
	refs       refCache
	counts     *countCache
	principals *principalCache
	streams    *gate.Gate[int64]
	searches   *gate.Gate[int64]
	// attempts are passwords to work out by address, secrets the proofs and hashes of passwords that callers ask for, by caller.
	attempts  *gate.Gate[string]
	secrets   *gate.Gate[int64]
	tries     *triesCache
	handedOut *handedOut
	outside   *outside
	// unreachable and damaged read errors of the database; broken remembers that it was found damaged.
	unreachable, damaged func(error) bool
	broken               atomic.Bool
}

// places let a bounded number of callers in.
type places chan struct{}

// enter waits for a place, for as long as the request may.
func (g places) enter(ctx context.Context) error {
	if err := gate.Take(ctx, g); err != nil {
		return busy(err)
	}
	return nil
}

func (g places) leave() { <-g }

// New makes a Service over open pools whose schema is up to date.
func New(o Options) (*Service, error) {
	if o.Write == nil || o.Read == nil || o.Search == nil {
		return nil, errors.New("directory: all three pools are needed")
	}
	s := &Service{
		postgres: o.Dialect == "postgres",
		now:      o.Now, rand: o.Rand, log: o.Log,
	}
	if s.now == nil {
		s.now = time.Now
	}
	nothing := func(error) bool { return false }
	s.unreachable, s.damaged = nothing, nothing
	if o.Unreachable != nil {
		s.unreachable = o.Unreachable
	}
	if o.Damaged != nil {
		s.damaged = o.Damaged
	}
	// Searches for "today" and the like go by the same clock.
	byClock := &gorm.Session{NowFunc: s.clock}
	s.write, s.read, s.find = o.Write.Session(byClock), o.Read.Session(byClock), o.Search.Session(byClock)
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.sealer = secret.NewSealer(o.SecretKey, s.rand)
	var err error
	if s.direct, err = o.Read.DB(); err != nil {
		return nil, err
	}
	if s.passwords, err = secret.NewPasswords(s.rand, o.Hash); err != nil {
		return nil, err
	}
	s.counts, s.principals, s.streams = newCountCache(), newPrincipalCache(), gate.New[int64](maxStreams, MaxStreamsEach, time.Now)
	finding, err := o.Search.DB()
	if err != nil {
		return nil, err
	}
	// As many as have a connection at once: whoever waits, waits where turns are fair.
	s.searches = gate.New[int64](max(1, finding.Stats().MaxOpenConnections), MaxSearchesEach, time.Now)
	s.attempts, s.secrets = gate.New[string](maxAttempts, maxAttemptsEach, time.Now), gate.New[int64](maxSecrets, 1, time.Now)
	s.tries, s.handedOut, s.outside = newTriesCache(), newHandedOut(), newOutside(o.LDAP, s.clock, s.log)
	return s, nil
}

// Ping reports whether the database answers, and was not found damaged since this server started.
func (s *Service) Ping(ctx context.Context) error {
	var n int64
	// A table, and not a constant, which a database without its file answers as well.
	err := s.Failure(s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM tallies").Row().Scan(&n))
	if err == nil && s.broken.Load() {
		err = errDamaged
	}
	return err
}

var errDamaged = models.Fail(models.Unavailable, models.RuleDamagedDatabase)

// Failure returns what an error means to a caller: a database that cannot work now is Unavailable. Errors that say
// something else stay as they are.
func (s *Service) Failure(err error) error {
	var known *models.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case s.damaged(err):
		s.broken.Store(true)
		return errDamaged.Because(err)
	case s.unreachable(err):
		return models.Fail(models.Unavailable, models.RuleNoDatabase).Because(err)
	}
	return err
}

// clock is the time of a change: UTC, in the microseconds that both databases keep.
func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// tx is one change under way. Inside it only this handle may touch the database: SQLite has a single writer.
type tx struct {
	*gorm.DB
	s   *Service
	p   *models.Principal
	now time.Time
	// touched are the nouns whose tallies move on at the end, with the change of their number of rows.
	touched map[string]int64
}

// Nouns that have a tally.
const (
	tallyUsers = "users"
	tallyRefs  = "refs"
)

// change runs fn in a transaction on behalf of p. What p may do is read again inside the transaction, and once more
// before it is committed: a right that was taken away while the request waited or worked writes nothing. Verbs therefore
// go by t.p, not by the principal that they were called with. Deadlocks, serialization failures and callers who changed
// meanwhile are tried again, since they say nothing about the change itself.
func (s *Service) change(ctx context.Context, p *models.Principal, fn func(t *tx) error) error {
	return s.transact(ctx, p, func(t *tx) error {
		var err error
		if t.p, err = s.currentCaller(ctx, p); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		return t.confirmCaller()
	})
}

// transact runs fn in a transaction in the name of p, whose rights nobody asks about.
func (s *Service) transact(ctx context.Context, p *models.Principal, fn func(t *tx) error) error {
	if p == nil || p.UserID == 0 {
		return errNobody
	}
	const tries = 5
	var err error
	for range tries {
		err = s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			t := &tx{DB: db, s: s, p: p, now: s.clock(), touched: map[string]int64{}}
			if err := fn(t); err != nil {
				return err
			}
			return t.moveTallies()
		})
		if !retryable(err) {
			break
		}
	}
	return raced(err)
}

// raced words what another change did meanwhile: a record that was checked a moment ago is gone, or its name is taken.
func raced(err error) error {
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return models.Fail(models.Invalid, models.RuleRecordGone).Because(err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return models.Fail(models.Conflict, models.RuleRaced).Because(err)
	}
	return err
}

func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errCallerChanged) || errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

// touch notes that rows of a noun changed, and by how many their number grew.
func (t *tx) touch(noun string, grew int64) { t.touched[noun] += grew }

// moveTallies is the last statement of a change, so that the lock on the slot is held for the commit alone. On PostgreSQL
// the slot is drawn, so that concurrent changes seldom share one; SQLite has one writer and one slot.
func (t *tx) moveTallies() error {
	for _, noun := range []string{tallyRefs, tallyUsers} {
		grew, ok := t.touched[noun]
		if !ok {
			continue
		}
		slot := 0
		if t.s.postgres {
			slot = mathrand.IntN(tallySlots)
		}
		err := t.Exec("UPDATE tallies SET epoch = epoch + ?, total = total + ? WHERE name = ? AND slot = ?", revisionStep(), grew, noun, slot).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// revisionStep is how far one change moves a revision on. It is drawn, so that a database that was restored from a backup
// does not come to the same revision by other changes: revisions are compared for equality.
func revisionStep() int64 { return 1 + mathrand.Int64N(1<<32) }

// tallySlots is how many slots there are for each noun on PostgreSQL.
const tallySlots = 16

// Advisory locks order changes whose rules look at many rows. SQLite has one writer anyway.
type lock int64

const (
	lockSeed       lock = 0x526f73746572_01
	lockAdmins     lock = 0x526f73746572_02 // who is an effective administrator
	lockGroups     lock = 0x526f73746572_03 // how groups are nested
	lockTaxonomies lock = 0x526f73746572_04 // how tenants are nested
	lockNames      lock = 0x526f73746572_05 // logins against group names
	lockSettings   lock = 0x526f73746572_06
	lockAuthority  lock = 0x526f73746572_07 // what roles give, and who holds them
)

// hold takes a lock until the end of the transaction.
func (t *tx) hold(l lock) error {
	if !t.s.postgres {
		return nil
	}
	return t.Exec("SELECT pg_advisory_xact_lock(?)", int64(l)).Error
}

// share takes a lock that others may share but nobody may hold.
func (t *tx) share(l lock) error {
	if !t.s.postgres {
		return nil
	}
	return t.Exec("SELECT pg_advisory_xact_lock_shared(?)", int64(l)).Error
}

var errNobody = models.Fail(models.Unauthenticated, models.RuleNobody)

// Now is the directory's clock.
func (s *Service) Now() time.Time { return s.clock() }
