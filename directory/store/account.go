package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"roster/models"
)

// Account is a user row with the state of the directory at the moment of reading it.
type Account struct {
	models.User
	Seen models.Stamp
	// token is the personal access token that opened the door, nil where another proof did.
	Token *int64
	// ReadOnly says that the token lets its holder look, and change nothing.
	ReadOnly bool
	// ByPassword says that a password opened the door.
	ByPassword bool
}

// callerQuery reads both in one statement, since every request begins with it; more are further columns of what join
// adds.
func callerQuery(more, join, condition string) string {
	return "SELECT u." + strings.Join(models.UserColumns, ", u.") +
		", t.seen_users, t.seen_refs, t.seen_rest, t.seen_total, t.seen_ends" + more + " FROM users u" + join +
		", (" + stampQuery + ") t WHERE " + condition
}

// stampQuery reads the state of the directory.
const stampQuery = "SELECT COALESCE(SUM(CASE WHEN name = 'users' THEN epoch ELSE 0 END), 0) AS seen_users, " +
	"COALESCE(SUM(CASE WHEN name = 'refs' THEN epoch ELSE 0 END), 0) AS seen_refs, " +
	"COALESCE(SUM(CASE WHEN name = 'rest' THEN epoch ELSE 0 END), 0) AS seen_rest, " +
	"COALESCE(SUM(CASE WHEN name = 'users' THEN total ELSE 0 END), 0) AS seen_total, " +
	"COALESCE(MAX(CASE WHEN name = 'ends' THEN epoch ELSE 0 END), 0) AS seen_ends FROM tallies"

// stampTargets are where the columns of stampQuery go.
func stampTargets(s *models.Stamp) []any {
	return []any{&s.Users, &s.Refs, &s.Rest, &s.UsersTotal, &s.Ends}
}

// stampIn reads what stampQuery found.
func stampIn(rows *sql.Rows, err error) (models.Stamp, error) {
	var stamp models.Stamp
	if err != nil {
		return stamp, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(stampTargets(&stamp)...)
	}
	return stamp, cmp.Or(err, rows.Err())
}

// The ways to find a caller: each takes one value.
var (
	callerByID    = callerQuery("", "", "u.id = $1")
	callerByLogin = callerQuery("", "", "u.lower_login = $1")
	ByToken       = callerQuery("", " JOIN personal_access_tokens k ON k.user_id = u.id", "k.token_hash = $1")
	ByAPIKey      = callerQuery(", k.used_at", " JOIN api_keys k ON k.user_id = u.id", "k.key_hash = $1")
	ByLoginToken  = callerQuery("", " JOIN account_tokens k ON k.user_id = u.id AND k.purpose = 'login'",
		"k.token_hash = $1")
	BySession = callerQuery(", x.api, x.csrf_token, x.created_at, x.expires_at, COALESCE(k.revoked, FALSE), "+
		"k.expires_at, x.token_id, COALESCE(k.read_only, FALSE)",
		" JOIN sessions x ON x.user_id = u.id LEFT JOIN personal_access_tokens k ON k.id = x.token_id",
		"x.token_hash = $1")
)

// Proof identifies what opens the account: the password and the source that checks it.
func (c *Account) Proof() [32]byte {
	return sha256.Sum256([]byte(strconv.FormatInt(c.AuthSourceID, 10) + " " + models.Deref(c.PasswordHash)))
}

// Refusals of a caller.
var (
	ErrCredentials = models.Fail(models.Unauthenticated, models.RuleCredentials)
	// ErrSecondFactor refuses a right password where the account asks for more than that.
	ErrSecondFactor = models.Fail(models.Unauthenticated, models.RuleSecondFactor)
	ErrDisabled     = models.Fail(models.Unauthenticated, models.RuleAccountDisabled)
	// ErrExpired refuses an account that has ended.
	ErrExpired = models.Fail(models.Unauthenticated, models.RuleAccountExpired)
)

// Usable returns ErrDisabled or ErrExpired for an account that lets nobody in at a time.
func Usable(u *models.User, now time.Time) error {
	switch {
	case u.Ended(now):
		return ErrExpired
	case u.IsDisabled():
		return ErrDisabled
	}
	return nil
}

// AccountNamed reads the row of a login, nil when there is none.
func (s *Store) AccountNamed(ctx context.Context, login string) (*Account, error) {
	return s.AccountBy(ctx, callerByLogin, models.LowerLogin(login))
}

// AccountBy reads the row that a query finds, nil when there is none, and its further columns into more.
func (s *Store) AccountBy(ctx context.Context, query string, value any, more ...any) (*Account, error) {
	rows, err := s.queryDirect(ctx, s.direct, query, value)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var row Account
	return &row, rows.Scan(append(append(row.Targets(), stampTargets(&row.Seen)...), more...)...)
}

// errCallerChanged says that what the caller may do changed while the change was under way.
var errCallerChanged = models.Fail(models.Conflict, models.RuleCallerChanged)

// currentCaller returns the principal as the directory knows the account now. An account that is gone, disabled or
// expired is Unauthenticated; a tenant of the request that the caller may no longer know of is NotFound.
func (s *Store) currentCaller(ctx context.Context, p *models.Principal) (*models.Principal, error) {
	if p == nil || p.UserID == 0 {
		return nil, ErrNobody
	}
	if p.UserID == models.SystemID {
		return p, nil
	}
	if p.UserID == models.ProvisionerID {
		return s.currentProvisioner(ctx, p)
	}
	row, err := s.AccountBy(ctx, callerByID, p.UserID)
	switch {
	case err != nil:
		return nil, err
	case row == nil:
		return nil, ErrCredentials
	}
	if err := Usable(&row.User, s.Now()); err != nil {
		return nil, err
	}
	if row.Proof() != p.Proof {
		return nil, ErrCredentials
	}
	if open, err := tokenStands(s.Read.WithContext(ctx), p.Token, s.Now()); err != nil || !open {
		return nil, cmp.Or(err, error(ErrCredentials))
	}
	if row.Seen.EndsBy(s.Now()) {
		due, err := s.HasDue(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		if due { // the change goes on once that is noted, which the next request does
			return nil, errCallerChanged
		}
	}
	row.Token = p.Token
	row.ReadOnly = p.ReadOnly
	if row.Seen.Users == p.Seen.Users && row.Seen.Refs == p.Seen.Refs {
		return p, nil
	}
	now, err := s.PrincipalOf(ctx, row, p.RemoteAddress, p.RequestID)
	if err != nil {
		return nil, err
	}
	now.SwitchedFrom = p.SwitchedFrom
	now.MustChangePassword = p.MustChangePassword
	if now.Provisioner = p.Provisioner; now.Provisioner != nil && !now.Admin {
		return nil, models.DeniedBecause(models.RuleAdministratorsOnly)
	}
	return s.InContext(ctx, now, TenantRef{ID: p.Context.LocationID}, TenantRef{ID: p.Context.OrganizationID})
}

// tokenStands reports whether the token by which a caller came in, if any, still opens the account.
func tokenStands(db *gorm.DB, id *int64, now time.Time) (bool, error) {
	if id == nil {
		return true, nil
	}
	token, err := First[models.PersonalAccessToken](db.Where("id = ?", *id))
	return token != nil && token.Active(now), err
}

// LockCaller reads the caller's account again and locks it, so that nothing that opens the account changes until the
// end. A new token or key is created under this lock: a change that revokes all of them either sees it or comes first.
func (t *Tx) LockCaller() error {
	if t.Caller.UserID == models.SystemID || t.Caller.UserID == models.ProvisionerID {
		return nil
	}
	if err := t.Store.LockAccount(t.DB, t.Caller.UserID, t.Caller.Proof); err != nil {
		return err
	}
	open, err := tokenStands(t.Store.sharing(t.DB), t.Caller.Token, t.Time)
	if err == nil && !open {
		err = ErrCredentials
	}
	return err
}

// LockAccount keeps others from changing what opens an account until the transaction of db ends. It returns
// ErrCredentials when the account is gone, disabled, expired, or no longer opened by proof.
func (s *Store) LockAccount(db *gorm.DB, id int64, proof [32]byte) error {
	u, err := First[models.User](s.sharing(db).Where("id = ?", id))
	if err != nil {
		return err
	}
	if u == nil || Usable(u, s.Now()) != nil || (&Account{User: *u}).Proof() != proof {
		return ErrCredentials
	}
	return nil
}

// sharing makes reads hold their rows against changes until the transaction ends. SQLite has one writer anyway.
func (s *Store) sharing(db *gorm.DB) *gorm.DB {
	if !s.Postgres {
		return db
	}
	return db.Clauses(clause.Locking{Strength: "SHARE"})
}

// confirmPatience bounds how long a change waits to see its caller again. It reads what others have committed, on a
// connection of its own, and must not wait for a table whose lock somebody wants who waits for this change.
const confirmPatience = 3 * time.Second

// errUnconfirmed says that the caller could not be seen again in time. The change is tried again.
var errUnconfirmed = models.Fail(models.Unavailable, models.RuleBusy)

// confirmCaller fails with errCallerChanged unless the caller still has the rights by which the change was judged. On
// SQLite there is no other writer meanwhile.
func (t *Tx) confirmCaller() error {
	if !t.Store.Postgres || t.Caller.UserID == models.SystemID {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(t.Statement.Context, confirmPatience, errUnconfirmed)
	defer cancel()
	now, err := t.Store.currentCaller(ctx, t.Caller)
	if err != nil && errors.Is(context.Cause(ctx), errUnconfirmed) {
		return errUnconfirmed
	}
	if err != nil {
		return err
	}
	if now != t.Caller && !sameAuthority(now, t.Caller) {
		return errCallerChanged
	}
	return nil
}

// sameAuthority reports whether two principals may see and do the same.
func sameAuthority(a, b *models.Principal) bool {
	return a.Admin == b.Admin && reflect.DeepEqual(a.Grants, b.Grants) && reflect.DeepEqual(a.Context, b.Context) &&
		SameSet(a.DirectRoles, b.DirectRoles) && SameSet(a.Locations, b.Locations) &&
		SameSet(a.Organizations, b.Organizations) && SameSet(a.Assigned, b.Assigned)
}
