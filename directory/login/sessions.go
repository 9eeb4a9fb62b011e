package login

import (
	"context"
	"crypto/subtle"
	"strconv"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// sessionShared is how long the same client gets the same session again when it repeats its credentials. Otherwise
// scripts that send their password with every request would leave a session behind with each.
const sessionShared = time.Minute

// sessionKept is how long after its end a session is still known to have ended.
const sessionKept = 24 * time.Hour

// sessionCache keeps the secrets of the last minute, by who got them.
type sessionCache = otter.Cache[[32]byte, sessionSecret]

// sessionSecret is one of them. It is good until the session's first end; and as long as the users are as they were
// when it was last seen to exist, since whatever ends sessions changes them.
type sessionSecret struct {
	secret, csrf string
	expires      time.Time
	seen         int64
}

func newSessionCache() *sessionCache {
	return otter.Must(&otter.Options[[32]byte, sessionSecret]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[[32]byte, sessionSecret](sessionShared),
		StatsRecorder: stats.NewCounter(),
	})
}

// startSession starts a session for a user who has just been authenticated. The secret is new, or that of this very
// client: a secret that a client sends is never adopted. A browser gets a second secret, without which its session
// changes nothing.
func (s *Service) startSession(ctx context.Context, row *store.Account, a Credentials) (token, csrf string, err error) {
	key := s.dir.Passwords.Digest("session", strconv.FormatInt(row.ID, 10), row.UpdatedAt.String(), a.RemoteAddress,
		strconv.FormatBool(a.Browser),
		a.Login, a.Password, a.Bearer)
	known, err := s.reusableSession(ctx, key, row)
	if err != nil {
		return "", "", err
	}
	if known != nil {
		return known.secret, known.csrf, nil
	}
	if token, err = secret.New(s.Rand); err != nil {
		return "", "", err
	}
	r, err := s.SnapshotAt(ctx, row.Seen.Refs)
	if err != nil {
		return "", "", err
	}
	now := s.Now()
	session := models.Session{
		TokenHash: secret.TokenHash(token), UserID: row.ID, API: !a.Browser, TokenID: row.Token, CreatedAt: now,
	}
	session.ExpiresAt = sessionEnd(r, &session, now)
	if a.Browser {
		if csrf, err = secret.New(s.Rand); err != nil {
			return "", "", err
		}
		session.CSRFToken = &csrf
	}
	if err := s.Write.WithContext(ctx).
		Transaction(func(db *gorm.DB) error { return s.insertSession(db, row, &session) }); err != nil {
		return "", "", err
	}
	s.recentSessions.Set(key,
		sessionSecret{secret: token, csrf: csrf, expires: session.ExpiresAt, seen: row.Seen.Users})
	return token, csrf, nil
}

// reusableSession returns the session that was handed out for the same proof, nil when there is none or it has ended
// since.
func (s *Service) reusableSession(ctx context.Context, key [32]byte, row *store.Account) (*sessionSecret, error) {
	known, ok := s.recentSessions.GetIfPresent(key)
	if !ok || !known.expires.After(s.Now()) {
		return nil, nil
	}
	if known.seen == row.Seen.Users && known.csrf == "" { // a browser may have logged out
		return &known, nil
	}
	var n int64
	err := s.Read.WithContext(ctx).Model(&models.Session{}).Where("token_hash = ?", secret.TokenHash(known.secret)).
		Count(&n).Error
	if err != nil || n == 0 {
		return nil, err
	}
	known.seen = row.Seen.Users
	s.recentSessions.Set(key, known)
	return &known, nil
}

// insertSession writes a session unless what it was proved by has changed since: a change ends the sessions that it
// finds, and must not miss the one of a proof that was under way. The row is held until then.
func (s *Service) insertSession(db *gorm.DB, row *store.Account, session *models.Session) error {
	if err := s.LockAccount(db, row.ID, row.Proof()); err != nil {
		return err
	}
	return db.Create(session).Error
}

// sessionEnd returns when a session that is used now ends: after idle_timeout without a request, and at the end of
// session_lifetime in any case. A session that was created before the clock went back counts as created now.
func sessionEnd(r *store.Snapshot, session *models.Session, now time.Time) time.Time {
	// The end moves in steps of loginGranularity, so a session that is used needs so much longer.
	idle := now.Add(r.SettingMinutes("idle_timeout") + loginGranularity)
	last := earlier(session.CreatedAt, now).Add(r.SettingMinutes("session_lifetime"))
	return earlier(idle, last)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// sessionPrincipal returns the principal of a session, and moves its end. A session that has ended is an error once,
// and forgotten; an unknown one, one whose token opens nothing any more, and one of a browser that cannot show that its
// own page asks for a change, are none.
func (s *Service) sessionPrincipal(ctx context.Context, a Credentials) (*models.Principal, error) {
	hash := secret.TokenHash(a.Session)
	session := models.Session{TokenHash: hash}
	var token models.PersonalAccessToken // stays active where there is none
	row, err := s.AccountBy(ctx, store.BySession, hash, &session.API, &session.CSRFToken, &session.CreatedAt,
		&session.ExpiresAt,
		&token.Revoked, &token.ExpiresAt, &session.TokenID, &token.ReadOnly)
	if err != nil || row == nil {
		return nil, err
	}
	row.Token = session.TokenID
	row.ReadOnly = token.ReadOnly
	now := s.Now()
	if !token.Active(now) {
		return nil, nil
	}
	r, err := s.SnapshotAt(ctx, row.Seen.Refs)
	if err != nil {
		return nil, err
	}
	end := sessionEnd(r, &session, now)
	if !earlier(session.ExpiresAt, end).After(now) {
		if err := s.Write.WithContext(ctx).Delete(&session).Error; err != nil {
			return nil, err
		}
		return nil, ErrSessionExpired
	}
	if !session.API && a.Changing &&
		subtle.ConstantTimeCompare([]byte(a.CSRF), []byte(models.Deref(session.CSRFToken))) != 1 {
		return nil, nil
	}
	if end.Sub(session.ExpiresAt).Abs() >= loginGranularity || session.CreatedAt.After(now) {
		if err := s.readOnly(ctx, s.moveSession(ctx, &session, now, end)); err != nil {
			return nil, err
		}
	}
	if row, err = s.upToDate(ctx, row); err != nil {
		return nil, err
	}
	p, err := s.PrincipalOf(ctx, row, a.RemoteAddress, a.RequestID)
	if err != nil {
		return nil, err
	}
	row.ByPassword = session.TokenID == nil
	return p, s.expirePassword(ctx, row, p)
}

// moveSession writes when a session ends.
func (s *Service) moveSession(ctx context.Context, session *models.Session, now, end time.Time) error {
	ends := map[string]any{"created_at": earlier(session.CreatedAt, now), "expires_at": end}
	return s.Write.WithContext(ctx).Model(session).UpdateColumns(ends).Error
}

// shortenSessions shortens sessions that end later than one that is used now. Such a session was created before the
// clock went back, or before the settings changed; differences between the clocks of servers are tolerated.
func (s *Service) shortenSessions(ctx context.Context) error {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	sessions := s.Write.WithContext(ctx).Model(&models.Session{})
	early := sessions.Session(&gorm.Session{}).Where("created_at > ?", now.Add(loginGranularity))
	if err := early.UpdateColumn("created_at", now).Error; err != nil {
		return err
	}
	end := now.Add(r.SettingMinutes("idle_timeout"))
	late := sessions.Session(&gorm.Session{}).Where("expires_at > ?", end.Add(loginGranularity))
	return late.UpdateColumn("expires_at", end).Error
}
