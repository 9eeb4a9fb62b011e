package login

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// Credentials are everything that a client offers to be let in by.
type Credentials struct {
	// Login and Password are a pair of credentials. A personal access token may stand in place of the password.
	Login, Password string
	// Bearer is a token that needs no login: a personal access token, or one of the configured OpenID provider.
	Bearer string
	// APIKey is the key of a user's programs, or a personal access token. It goes before all but the word of a proxy.
	APIKey string
	// LoginToken is a token that a login was answered with.
	LoginToken string
	// ByMail says that Login may be a mail address, which stands for the login of the only one who has it.
	ByMail bool
	// Asserted is who asks according to a trusted proxy; nil where none says so.
	Asserted *models.Identity
	// Session is the secret of a session that the client says it has, and CSRF the token that goes with a browser's.
	Session, CSRF string
	// Browser is set on requests that a web page makes, Changing on those that may change something.
	Browser, Changing bool
	// RemoteAddress and RequestID are noted in audits.
	RemoteAddress, RequestID string

	attempt *attempt
}

// Login is a caller who was let in.
type Login struct {
	*models.Principal
	account *store.Account
	by      Credentials
}

// Refusals, which dialects tell apart with errors.Is.
var (
	ErrCredentials    = store.ErrCredentials
	ErrSecondFactor   = store.ErrSecondFactor
	ErrDisabled       = store.ErrDisabled
	ErrExpired        = store.ErrExpired
	ErrSessionExpired = models.Fail(models.Unauthenticated, models.RuleSessionExpired)
	ErrTooManyTries   = models.Fail(models.Unauthenticated, models.RuleTooManyTries)
)

// Login authenticates a client by the first of these that it sends: a session, the word of a trusted proxy,
// credentials, a bearer token (docs/spec/foreman.md, 7.1). An address with too many failures is refused for a while
// (docs/spec/foreman.md, 7.7). The principal's context is any tenant.
func (s *Service) Login(ctx context.Context, c Credentials) (*Login, error) {
	if c.Session != "" {
		p, err := s.sessionPrincipal(ctx, c)
		if p != nil || err != nil {
			s.tally.note(BySession, err)
			return &Login{Principal: p}, err
		}
	}
	c.attempt = &attempt{s: s, address: c.RemoteAddress}
	l, err := s.prove(ctx, c)
	s.tally.note(c.proof(), err)
	s.logRefusal(ctx, c, err)
	return l, err
}

// prove does the same for a client without a session.
func (s *Service) prove(ctx context.Context, c Credentials) (*Login, error) {
	limit, err := s.checkThrottle(ctx, c.RemoteAddress)
	if err != nil {
		return nil, err
	}
	defer c.attempt.end()
	row, err := s.authenticate(ctx, c)
	if err == nil {
		// The one right guess among many at once must not stand out.
		if _, late := s.checkThrottle(ctx, c.RemoteAddress); errors.Is(late, ErrTooManyTries) {
			err = store.ErrCredentials
		}
	}
	if errors.Is(err, store.ErrCredentials) {
		return nil, s.recordFailure(ctx, c.RemoteAddress, limit)
	}
	if err != nil {
		return nil, err
	}
	p, err := s.recordLogin(ctx, row, c)
	if err != nil {
		return nil, err
	}
	return &Login{Principal: p, account: row, by: c}, nil
}

// StartSession starts a session for a client that has just been authenticated. A browser also gets a CSRF token,
// without which its session changes nothing. A client that sent a session gets no new one. Dialects without cookies do
// not call it.
func (s *Service) StartSession(ctx context.Context, l *Login) (session, csrf string, err error) {
	if l.account == nil {
		return "", "", nil
	}
	session, csrf, err = s.startSession(ctx, l.account, l.by)
	return session, csrf, s.readOnly(ctx, err)
}

// readOnly forgives what a login could not note because the database can only be read now, as when its disk is full or
// a standby answers: who may look may look all the same. Any other error stays.
func (s *Service) readOnly(ctx context.Context, err error) error {
	if err == nil || !s.Unreachable(err) {
		return err
	}
	s.Log.WarnContext(ctx, "a login was not noted", slog.String("error", err.Error()))
	return nil
}

// authenticate finds out who asks, by the first means that the client offers.
func (s *Service) authenticate(ctx context.Context, a Credentials) (*store.Account, error) {
	if a.Asserted != nil {
		r, err := s.LatestSnapshot(ctx)
		if err != nil {
			return nil, err
		}
		if r.SettingBool("authorize_login_delegation") && r.SettingBool("authorize_login_delegation_api") {
			return s.authenticateAsserted(ctx, r, a.Asserted)
		}
	}
	if a.APIKey != "" {
		return s.byKey(ctx, a)
	}
	if a.LoginToken != "" {
		return s.loginToken(ctx, a)
	}
	if a.Bearer != "" && a.Login == "" && a.Password == "" {
		return s.bearer(ctx, a, a.Bearer)
	}
	return s.checkCredentials(ctx, a)
}

// recordLogin stores the login and returns the principal.
func (s *Service) recordLogin(ctx context.Context, row *store.Account, a Credentials) (*models.Principal, error) {
	if a.APIKey == "" && a.LoginToken == "" {
		if err := s.readOnly(ctx, s.noteLogin(ctx, row, a)); err != nil {
			return nil, err
		}
	}
	row, err := s.upToDate(ctx, row)
	if err != nil {
		return nil, err
	}
	if row.ByPassword && row.SecondFactor != nil {
		return nil, store.ErrSecondFactor
	}
	p, err := s.PrincipalOf(ctx, row, a.RemoteAddress, a.RequestID)
	if err != nil {
		return nil, err
	}
	return p, s.expirePassword(ctx, row, p)
}

// upToDate returns an account as it is once everything of its user that has ended by now is over, or the error of one
// that lets nobody in.
func (s *Service) upToDate(ctx context.Context, row *store.Account) (*store.Account, error) {
	now := s.Now()
	if row.Seen.EndsBy(now) {
		// While the database can only be read, whoever acts by what has ended is not let in.
		over, err := s.dir.EndOf(ctx, row.ID)
		if err != nil {
			return nil, cmp.Or(store.Usable(&row.User, now), err)
		}
		if over {
			latest, err := s.AccountNamed(ctx, row.Login)
			if err != nil {
				return nil, err
			}
			if latest == nil || latest.Proof() != row.Proof() {
				return nil, store.ErrCredentials
			}
			latest.Token = row.Token
			latest.ReadOnly = row.ReadOnly
			latest.ByPassword = row.ByPassword
			row = latest
		}
	}
	return row, store.Usable(&row.User, now)
}

// expirePassword notes in the principal of somebody who came in by a password that it has to be changed: because
// somebody asked for that, or because it is older than password_max_age allows. Neither is about a password that
// another source keeps, whatever hash is left over here.
func (s *Service) expirePassword(ctx context.Context, row *store.Account, p *models.Principal) error {
	if !row.ByPassword || row.PasswordHash == nil {
		return nil
	}
	r, err := s.SnapshotAt(ctx, row.Seen.Refs)
	if err != nil || !keptHere(r.Sources[row.AuthSourceID]) {
		return err
	}
	days := min(r.SettingInt("password_max_age"), maxPasswordDays)
	old := days > 0 && row.PasswordChangedAt != nil &&
		row.PasswordChangedAt.Before(s.Now().Add(-time.Duration(days)*24*time.Hour))
	p.MustChangePassword = row.MustChangePassword || old
	return nil
}

// keptHere reports whether this server keeps the passwords of a source: that of no other than the internal one.
func keptHere(source *models.AuthSource) bool {
	return source != nil && source.Type == models.InternalSource
}

// maxPasswordDays bounds password_max_age: a century is as good as for ever.
const maxPasswordDays = 36_500

// checkCredentials returns the caller's row if the password, or the token in its place, is right.
func (s *Service) checkCredentials(ctx context.Context, a Credentials) (*store.Account, error) {
	if a.Login == "" || a.Password == "" || !models.Storable(a.Login) {
		return nil, store.ErrCredentials
	}
	row, err := s.AccountNamed(ctx, a.Login)
	if row == nil && err == nil && a.ByMail {
		row, err = s.accountOfMail(ctx, a.Login)
	}
	if err != nil {
		return nil, err
	}
	if row == nil {
		return s.provisionFromLDAP(ctx, a)
	}
	r, err := s.SnapshotAt(ctx, row.Seen.Refs)
	if err != nil {
		return nil, err
	}
	if !row.Hidden {
		if opens, err := s.tokenOpens(ctx, a, row, a.Password); opens || err != nil {
			return row, err
		}
	}
	source := r.Sources[row.AuthSourceID]
	row.ByPassword = true
	if !row.Hidden && source != nil && source.Type == models.LdapSource {
		return s.checkLDAPPassword(ctx, r, row, a)
	}
	proved, err := s.checkPassword(ctx, row, source, a)
	if err != nil || proved != nil {
		return proved, err
	}
	// Somebody unknown would have been asked for.
	if err := s.askAboutNobody(ctx, r); err != nil {
		return nil, err
	}
	return nil, store.ErrCredentials
}

// accountOfMail returns the only account with a mail address, nil where there is none or more than one.
func (s *Service) accountOfMail(ctx context.Context, address string) (*store.Account, error) {
	if !strings.Contains(address, "@") {
		return nil, nil
	}
	var logins []string
	err := s.Read.WithContext(ctx).Model(&models.User{}).Scopes(scopes.NotHidden).Where("fold(mail) = fold(?)",
		address).
		Limit(2).Pluck("lower_login", &logins).Error
	if err != nil || len(logins) != 1 {
		return nil, err
	}
	return s.AccountNamed(ctx, logins[0])
}

// checkPassword returns the row if this server keeps the password and it is right, and else nil, which always costs as
// much as working out a hash.
func (s *Service) checkPassword(ctx context.Context, row *store.Account, source *models.AuthSource,
	a Credentials) (*store.Account, error) {
	// Only the internal source keeps its passwords here; a hash left over from before a move to another source opens
	// nothing.
	here := row.PasswordHash != nil && !row.Hidden && keptHere(source)
	if here && s.dir.Passwords.Remembers(row.LowerLogin, *row.PasswordHash, a.Password) {
		return row, nil
	}
	if err := a.attempt.wait(ctx); err != nil {
		return nil, err
	}
	if !here {
		return nil, s.dir.Passwords.HashDecoy(ctx, throttleKey(a.RemoteAddress), a.Password)
	}
	ok, err := s.dir.Passwords.Verify(ctx, throttleKey(a.RemoteAddress), row.LowerLogin, *row.PasswordHash, a.Password)
	if err != nil || !ok {
		return nil, err
	}
	return row, s.readOnly(ctx, s.dir.RenewHash(ctx, row, a.Password))
}

// loginGranularity is how far last_login_on may lag behind: scripts that send their password with every request would
// otherwise turn every read into a write.
const loginGranularity = time.Minute

// isRecent reports whether a stored time is so recent that it need not be updated. A time in the future was stored
// before the clock went back.
func isRecent(at *time.Time, now time.Time) bool {
	return at != nil && now.Sub(*at).Abs() < loginGranularity
}

// noteLogin keeps last_login_on and attaches the default role (docs/spec/foreman.md, 7.3).
func (s *Service) noteLogin(ctx context.Context, row *store.Account, a Credentials) error {
	now := s.Now()
	if isRecent(row.LastLoginOn, now) {
		return nil
	}
	return s.dir.RecordLogin(ctx, row, now, a.RemoteAddress, a.RequestID)
}
