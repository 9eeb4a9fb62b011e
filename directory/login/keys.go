package login

import (
	"context"
	"errors"
	"time"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// byKey returns the account that a key opens: an API key or a personal access token. Nothing says whether a key exists.
func (s *Service) byKey(ctx context.Context, a Credentials) (*store.Account, error) {
	if models.ValidAPIKey(a.APIKey) {
		var used *time.Time
		row, err := s.AccountBy(ctx, store.ByAPIKey, secret.TokenHash(a.APIKey), &used)
		if err != nil {
			return nil, err
		}
		if row != nil && !row.Hidden {
			a.attempt.owner = row.Login
			return row, s.readOnly(ctx, s.noteKey(ctx, row.ID, used))
		}
	}
	return s.bearer(ctx, a, a.APIKey)
}

// noteKey stores the use of a key, to the minute like logins.
func (s *Service) noteKey(ctx context.Context, user int64, used *time.Time) error {
	now := s.Now()
	if isRecent(used, now) {
		return nil
	}
	return s.Write.WithContext(ctx).Model(&models.APIKey{}).Where("user_id = ?", user).
		UpdateColumn("used_at", now).Error
}

// SwitchUser returns the principal of another user, as whom an administrator acts. What limits the administrator's own
// credentials limits it as well. NotFound is reported where there is no active account of that login.
func (s *Service) SwitchUser(ctx context.Context, p *models.Principal, login string) (*models.Principal, error) {
	if p == nil || !p.Admin {
		return nil, models.Denied()
	}
	var row *store.Account
	var err error
	if models.Storable(login) {
		row, err = s.AccountNamed(ctx, login)
	}
	if err != nil {
		return nil, err
	}
	if row == nil || row.Hidden {
		return nil, models.NotFoundError("user", login)
	}
	if row, err = s.upToDate(ctx, row); errors.Is(err, store.ErrDisabled) || errors.Is(err, store.ErrExpired) {
		return nil, models.NotFoundError("user", login)
	}
	if err != nil {
		return nil, err
	}
	switched, err := s.PrincipalOf(ctx, row, p.RemoteAddress, p.RequestID)
	if err != nil {
		return nil, err
	}
	switched.SwitchedFrom = p.Login
	switched.Token = p.Token
	switched.ReadOnly = p.ReadOnly
	switched.MustChangePassword = p.MustChangePassword
	return switched, nil
}

// Anonymous returns the principal of people without an account. Without a hidden account of theirs they may do nothing.
func (s *Service) Anonymous(ctx context.Context, remoteAddress, requestID string) (*models.Principal, error) {
	row, err := s.AccountNamed(ctx, models.AnonymousLogin)
	if err != nil {
		return nil, err
	}
	if row != nil && row.Hidden && !row.Admin {
		p, err := s.PrincipalOf(ctx, row, remoteAddress, requestID)
		if err == nil && p.Admin { // by a group, which nobody can have meant
			return models.Anonymous(), nil
		}
		return p, err
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	p := models.Anonymous()
	p.Seen.Refs = r.Revision
	p.RemoteAddress = remoteAddress
	p.RequestID = requestID
	return p, nil
}
