package login

import (
	"context"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// tokenOpens reports whether a password is an active token of the user, and stores its use, to the minute like logins.
// A token of a person from an LDAP source is refused once that server does not know the person any more
// (docs/spec/foreman.md, 7.2). The refusal is final, so that no server receives the token as a password.
func (s *Service) tokenOpens(ctx context.Context, user *store.Account, password string) (bool, error) {
	hash := directory.TokenHash(password)
	if hash == "" {
		return false, nil
	}
	row, err := store.First[models.PersonalAccessToken](s.Read.WithContext(ctx).Where("token_hash = ? AND user_id = ?",
		hash, user.ID))
	now := s.Now()
	if err != nil || row == nil || !row.Active(now) {
		return false, err
	}
	r, err := s.SnapshotAt(ctx, user.SeenRefs)
	if err != nil {
		return false, err
	}
	if source := r.Sources[user.AuthSourceID]; source != nil && source.Type == models.LdapSource &&
		!s.existsInLDAP(ctx, &user.User, source) {
		return false, store.ErrCredentials
	}
	user.Token = &row.ID
	if isRecent(row.LastUsedAt, now) {
		return true, nil
	}
	err = s.Write.WithContext(ctx).Model(&models.PersonalAccessToken{}).Where("id = ?", row.ID).
		UpdateColumn("last_used_at", now).Error
	err = s.readOnly(ctx, err)
	return err == nil, err
}
