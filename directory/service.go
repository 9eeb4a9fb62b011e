// Package directory holds the verbs: everything that can be done with users, groups, roles and tenants.
//
// It owns every rule that looks at more than one row, every transaction and every audit. The acting principal is an
// argument of each verb, so that forgetting it does not compile; what the principal may not see is not found. Callers
// (the dialects of package handlers, the seeding commands) translate and decide nothing. The package refuses to know
// HTTP, wire formats and the words of any dialect.
package directory

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/gate"
	"roster/models"
)

// Options are what a Service is made of. Write, Read and Search are pools of the same database: SQLite needs a single
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
	// LDAP queries LDAP servers. Without one, logins of LDAP sources are refused.
	LDAP LDAP
	// SecretKey encrypts bind passwords at rest; 32 bytes.
	SecretKey []byte
	// Unreachable and Damaged report what an error of the database means; nil functions report false.
	Unreachable, Damaged func(error) bool
	// MailRoots sign the certificates of mail servers; nil means the system's.
	MailRoots *x509.CertPool
	// Watch is told of the work; the zero value watches nothing and costs nothing.
	Watch store.Watch
	// Replicas are copies of the database that requests which only read may be read from.
	Replicas []Replica
	// Hash are the costs of new password hashes; the zero value means DefaultHash.
	Hash secret.HashCost
}

// Replica is a copy of the database that follows it, and that may be some changes behind.
type Replica = store.Replica

// Service is the directory. It is safe for concurrent use, and any number of Services may share one database.
type Service struct {
	*store.Store
	// Passwords hash and check passwords.
	Passwords *secret.Passwords
	// Servers are those of LDAP sources.
	Servers *Servers
	sealer  secret.Sealer
	// mailRoots sign the certificates of mail servers.
	mailRoots *x509.CertPool
	// secrets are the proofs and hashes of passwords that callers ask for, by caller.
	secrets *gate.Gate[int64]
	mails   mailTally
}

// New makes a Service over open pools whose schema is up to date.
func New(o Options) (*Service, error) {
	base, err := store.New(store.Options{
		Write: o.Write, Read: o.Read, Search: o.Search, Dialect: o.Dialect, Now: o.Now, Rand: o.Rand, Log: o.Log,
		Unreachable: o.Unreachable, Damaged: o.Damaged, Watch: o.Watch,
		Replicas: o.Replicas,
	})
	if err != nil {
		return nil, err
	}
	sealer := secret.NewSealer(o.SecretKey, base.Rand)
	s := &Service{Store: base, sealer: sealer, mailRoots: o.MailRoots, Servers: newServers(o.LDAP, base, sealer),
		secrets: gate.New[int64](maxSecrets, 1, time.Now)}
	s.Passwords, err = secret.NewPasswords(base.Rand, o.Hash)
	return s, err
}

// Seal encrypts a secret that has to be read again. It fails where the server has no secret key.
func (s *Service) Seal(text string) (string, error) { return s.sealer.Seal(text) }

// tx is a change under way in which verbs work.
type tx struct {
	*store.Tx
	s *Service
	// customs are the custom fields that the change has looked up.
	customs *models.CustomFields
}

// change runs fn in a transaction on behalf of p; see Store.Change.
func (s *Service) change(ctx context.Context, p *models.Principal, fn func(t *tx) error) error {
	return s.Change(ctx, p, func(st *store.Tx) error {
		t := &tx{Tx: st, s: s}
		ends, err := t.ownEnds()
		if err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		return t.checkOutlived(ends)
	})
}

// transact runs fn in a transaction on behalf of p, without checking the caller's rights again.
func (s *Service) transact(ctx context.Context, p *models.Principal, fn func(t *tx) error) error {
	return s.Transact(ctx, p, func(t *store.Tx) error { return fn(&tx{Tx: t, s: s}) })
}

// reading returns what a change would read, outside of any change.
func (s *Service) reading(ctx context.Context, p *models.Principal) *tx {
	return &tx{Tx: &store.Tx{DB: s.Read.WithContext(ctx), Store: s.Store, Caller: p}, s: s}
}

// places let a bounded number of callers in.
type places chan struct{}

// enter waits for a place, for as long as the request may.
func (g places) enter(ctx context.Context) error {
	if err := gate.Take(ctx, g); err != nil {
		return store.Busy(err)
	}
	return nil
}

func (g places) leave() { <-g }

// What dialects say to verbs, and hear from them.
type (
	// Ref names one row as callers do.
	Ref = store.Ref
	// Parent is a record whose rows a nested list shows.
	Parent = store.Parent
	// ListQuery is what every list may be asked for.
	ListQuery = store.ListQuery
	// Totals count a list.
	Totals = store.Totals
	// List is what a list request found.
	List[V any] = store.List[V]
	// TenantRef names a tenant as callers do.
	TenantRef = store.TenantRef
	// Group is a user group with what its members inherit.
	Group = store.Group
)

// Bounds of requests; see package store.
const (
	MaxAuditedText  = store.MaxAuditedText
	MaxSearchesEach = store.MaxSearchesEach
	MaxStreamsEach  = store.MaxStreamsEach
	SearchTimeout   = store.SearchTimeout
	SubjectSearch   = store.SubjectSearch
)

// Listed returns a list whose rows are known already.
func Listed[V any](t Totals, rows []V) *List[V] { return store.Listed(t, rows) }

// DerivedKey returns a key of 32 bytes for a purpose of dialects: the same for all servers of an installation that has
// a secret key, and else nil.
func (s *Service) DerivedKey(purpose string) []byte { return s.sealer.Derive(purpose) }
