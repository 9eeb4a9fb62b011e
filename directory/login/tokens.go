package login

import (
	"context"
	"log/slog"

	"gorm.io/gorm"

	"roster/directory"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// tokenOpens reports whether a password is an active token of the user, and stores its use, to the minute like logins.
// A token of a person from an LDAP source is refused once that server does not know the person any more
// (docs/spec/foreman.md, 7.2). The refusal is final, so that no server receives the token as a password.
func (s *Service) tokenOpens(ctx context.Context, a Credentials, user *store.Account,
	password string) (bool, error) {
	hash := directory.TokenHash(password)
	if hash == "" {
		return false, nil
	}
	row, err := store.First[models.PersonalAccessToken](s.Read.WithContext(ctx).Where("token_hash = ? AND user_id = ?",
		hash, user.ID))
	now := s.Now()
	if err != nil || row == nil {
		return false, err
	}
	if !row.Active(now) {
		a.attempt.why = endedToken
		return false, nil
	}
	r, err := s.SnapshotAt(ctx, user.Seen.Refs)
	if err != nil {
		return false, err
	}
	if source := r.Sources[user.AuthSourceID]; source != nil && source.Type == models.LdapSource &&
		!s.existsInLDAP(ctx, a, &user.User, source) {
		return false, store.ErrCredentials
	}
	user.Token = &row.ID
	user.ReadOnly = row.ReadOnly
	if isRecent(row.LastUsedAt, now) {
		return true, nil
	}
	err = s.Write.WithContext(ctx).Model(&models.PersonalAccessToken{}).Where("id = ?", row.ID).
		UpdateColumn("last_used_at", now).Error
	err = s.readOnly(ctx, err)
	return err == nil, err
}

const (
	// loginTokenBytes of randomness are in a login token, which makes 40 hexadecimal digits.
	loginTokenBytes = 20
	// maxLoginTokens is how many login tokens a user has at once: the oldest ends when there are more.
	maxLoginTokens = 50
)

// IssueToken returns a new token that lets the user in who has just been authenticated, until the logout. Only its
// hash is kept.
func (s *Service) IssueToken(ctx context.Context, l *Login) (string, error) {
	if l.account == nil {
		return "", store.ErrCredentials
	}
	if l.account.Token != nil {
		return "", models.DeniedBecause(models.RuleReadOnlyToken) // a login is more than what opened the account
	}
	token, err := secret.Hex(s.Rand, loginTokenBytes)
	if err != nil {
		return "", err
	}
	row := models.AccountToken{TokenHash: secret.TokenHash(token), UserID: l.account.ID, Purpose: models.PurposeLogin,
		CreatedAt: s.Now()}
	return token, s.Write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		if err := s.LockAccount(db, l.account.ID, l.account.Proof()); err != nil {
			return err
		}
		old := db.Model(&models.AccountToken{}).Where("user_id = ? AND purpose = ?", row.UserID, row.Purpose).
			Order("created_at DESC, token_hash").Offset(maxLoginTokens - 1).Limit(maxLoginTokens).Select("token_hash")
		var hashes []string
		if err := old.Pluck("token_hash", &hashes).Error; err != nil {
			return err
		}
		if len(hashes) > 0 {
			if err := db.Where("token_hash IN ?", hashes).Delete(&models.AccountToken{}).Error; err != nil {
				return err
			}
		}
		return db.Create(&row).Error
	})
}

// loginToken returns the account that a login token opens. Such a token is no proof of a person at another server: one
// from an LDAP source is refused once that server does not know the person any more.
func (s *Service) loginToken(ctx context.Context, a Credentials) (*store.Account, error) {
	if len(a.LoginToken) != 2*loginTokenBytes {
		return nil, store.ErrCredentials
	}
	row, err := s.AccountBy(ctx, store.ByLoginToken, secret.TokenHash(a.LoginToken))
	if err != nil {
		return nil, err
	}
	if row == nil || row.Hidden {
		return nil, store.ErrCredentials
	}
	a.attempt.owner = row.Login
	r, err := s.SnapshotAt(ctx, row.Seen.Refs)
	if err != nil {
		return nil, err
	}
	if source := r.Sources[row.AuthSourceID]; source != nil && source.Type == models.LdapSource &&
		!s.existsInLDAP(ctx, a, &row.User, source) {
		return nil, store.ErrCredentials
	}
	row.ByPassword = true // the login that it was made by was one
	return row, nil
}

// LogOut ends all login tokens of a caller, and the session that the client says it has. A token that may only read
// ends no more than its session.
func (s *Service) LogOut(ctx context.Context, p *models.Principal, session string) error {
	if p == nil || p.UserID <= 0 {
		return nil
	}
	err := s.Write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		var err error
		if !p.ReadOnly {
			err = db.Where("user_id = ? AND purpose = ?", p.UserID, models.PurposeLogin).
				Delete(&models.AccountToken{}).Error
		}
		if err != nil || session == "" {
			return err
		}
		return db.Where("user_id = ? AND token_hash = ?", p.UserID, secret.TokenHash(session)).
			Delete(&models.Session{}).Error
	})
	if err == nil {
		s.Log.InfoContext(ctx, "logged out", slog.String("login", printable(p.Login)))
	}
	return err
}
