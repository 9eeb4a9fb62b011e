package directory

import (
	"context"
	"time"

	"roster/directory/store"
	"roster/models"
)

// revokesTokens reports whether a change also revokes the user's personal access tokens. Only a new password does. By
// default tokens are revoked if another user sets it, to lock out a person who knew the old one, and stay if users
// change their own, because their scripts are to continue.
func (c UserChange) revokesTokens(self bool) bool {
	if !c.wantsPassword {
		return false
	}
	if c.RevokeTokens.Set {
		return c.RevokeTokens.Value
	}
	return !self
}

// revokeTokens ends every token of a user that has not been revoked, each with an audit of its own.
func (t *tx) revokeTokens(u *models.User) error {
	var rows []models.PersonalAccessToken
	if err := t.Locking().Where("user_id = ? AND NOT revoked", u.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := t.revokeToken(&rows[i], u); err != nil {
			return err
		}
	}
	return nil
}

// revokeToken ends a token for good; the row stays.
func (t *tx) revokeToken(row *models.PersonalAccessToken, u *models.User) error {
	before := tokenFacts(row)
	row.Revoked = true
	row.UpdatedAt = t.Time
	if err := t.Model(row).UpdateColumns(map[string]any{"revoked": true, "updated_at": t.Time}).Error; err != nil {
		return err
	}
	return t.Audit(tokenRecord(row, u), before, tokenFacts(row))
}

// endSessions ends all sessions of a user. The users count as changed, so that no server goes on handing one out.
func (t *tx) endSessions(user int64) error {
	t.Bump(store.RevisionUsers, 0)
	return t.Where("user_id = ?", user).Delete(&models.Session{}).Error
}

// RecordLogin stores the time of a login and attaches the default role (docs/spec/foreman.md, 7.3).
func (s *Service) RecordLogin(ctx context.Context, row *store.Account, at time.Time, remoteAddress,
	requestID string) error {
	actor := &models.Principal{UserID: row.ID, Login: row.Login, RemoteAddress: remoteAddress, RequestID: requestID}
	return s.transact(ctx, actor, func(t *tx) error {
		err := t.Model(&models.User{}).Where("id = ?", row.ID).UpdateColumn("last_login_on", at).Error
		if err != nil {
			return err
		}
		t.Bump(store.RevisionUsers, 0)
		row.LastLoginOn = &at
		return AttachDefaultRole(t.Tx, &row.User)
	})
}
