package directory

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"

	"gorm.io/gorm/clause"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// apiKeyBytes of randomness are in an API key, which makes 40 hexadecimal digits.
const apiKeyBytes = 20

// APIKey returns the API key of a user, and makes it when it is first asked for. Only the user and administrators see
// it, and only where the setting redmine_show_api_keys allows that; others get "". So do those whose token may only
// read, since the key may write, and everybody where the server has no secret key, or another one than when the key
// was made.
func (s *Service) APIKey(ctx context.Context, p *models.Principal, userID int64) (string, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return "", err
	}
	if p.ReadOnly || p.UserID != userID && !p.Admin || userID <= 0 || !r.SettingBool("redmine_show_api_keys") {
		return "", nil
	}
	row, err := store.First[models.APIKey](s.Read.WithContext(ctx).Where("user_id = ?", userID))
	if err != nil {
		return "", err
	}
	if row == nil {
		row, err = s.makeAPIKey(ctx, p, userID)
	}
	if row == nil || err != nil {
		return "", err
	}
	key, err := s.sealer.Unseal(row.Sealed)
	if err != nil {
		s.Log.WarnContext(ctx, "an API key cannot be shown", slog.Int64("user", userID),
			slog.String("error", err.Error()))
		return "", nil
	}
	return key, nil
}

// newAPIKey returns a random key, and the key sealed.
func (s *Service) newAPIKey() (key, sealed string, err error) {
	raw := make([]byte, apiKeyBytes)
	if _, err := io.ReadFull(s.Rand, raw); err != nil {
		return "", "", err
	}
	key = hex.EncodeToString(raw)
	sealed, err = s.sealer.Seal(key)
	return key, sealed, err
}

// giveAPIKey gives a new user a key in the change that makes the user, so that it need not be made when it is first
// asked for. Where the server can keep none, or shows none, the user gets none.
func (t *tx) giveAPIKey(u *userState) error {
	r, err := t.Snapshot()
	if err != nil || !t.Caller.Admin || !r.SettingBool("redmine_show_api_keys") {
		return err
	}
	key, sealed, err := t.s.newAPIKey()
	if models.KindOf(err) == models.Unavailable {
		return nil
	}
	if err != nil {
		return err
	}
	u.apiKey = key
	return t.Create(&models.APIKey{UserID: u.ID, KeyHash: secret.TokenHash(key), Sealed: sealed,
		CreatedAt: t.Time}).Error
}

// makeAPIKey gives a user a key. Where the server can keep none it returns nil.
func (s *Service) makeAPIKey(ctx context.Context, p *models.Principal, userID int64) (*models.APIKey, error) {
	key, sealed, err := s.newAPIKey()
	if err != nil {
		s.Log.WarnContext(ctx, "an API key cannot be kept", slog.String("error", err.Error()))
		return nil, nil
	}
	var row *models.APIKey
	err = s.change(ctx, p, func(t *tx) error {
		u, err := store.Take[models.User](t.Locking(), scopes.Users, store.Ref{ID: userID})
		if err != nil {
			return err
		}
		made := models.APIKey{UserID: userID, KeyHash: secret.TokenHash(key), Sealed: sealed, CreatedAt: t.Time}
		done := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&made)
		if done.Error != nil {
			return done.Error
		}
		if row, err = store.First[models.APIKey](t.Where("user_id = ?", userID)); err != nil || done.RowsAffected == 0 {
			return err
		}
		return t.auditAPIKey(u, nil, store.Redacted)
	})
	return row, err
}

// auditAPIKey notes that a user got a key, or lost it.
func (t *tx) auditAPIKey(u *models.User, before, after any) error {
	about := store.AuditSubject{ID: u.ID, Class: scopes.Users.Class, Name: u.Login, OfOwner: true,
		AssociatedID: u.ID, AssociatedClass: scopes.Users.Class, AssociatedName: u.Login}
	return t.Audit(about, store.AuditedValues{{Attr: "api_key", Value: before}},
		store.AuditedValues{{Attr: "api_key", Value: after}})
}

// endAPIKey takes the key of a user away; another is made when it is asked for.
func (t *tx) endAPIKey(u *models.User) error {
	done := t.Where("user_id = ?", u.ID).Delete(&models.APIKey{})
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	return t.auditAPIKey(u, store.Redacted, nil)
}

// RenewHash replaces a hash that another product made by one of this server, once its password is known.
func (s *Service) RenewHash(ctx context.Context, row *store.Account, password string) error {
	old := models.Deref(row.PasswordHash)
	if old == "" || !secret.Outdated(old) {
		return nil
	}
	hash, err := s.Passwords.Hash(ctx, row.Login, password)
	if err != nil {
		return err
	}
	done := s.Write.WithContext(ctx).Model(&models.User{}).Where("id = ? AND password_hash = ?", row.ID, old).
		UpdateColumn("password_hash", hash)
	if done.Error == nil && done.RowsAffected == 1 {
		row.PasswordHash = &hash
	}
	return done.Error
}
