package directory

import (
	"context"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// OwnTokens lists the caller's personal access tokens that still open the account.
func (s *Service) OwnTokens(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[models.PersonalAccessToken], error) {
	if p == nil || p.UserID <= 0 {
		return nil, store.ErrNobody
	}
	return store.Listing[models.PersonalAccessToken, models.PersonalAccessToken]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Tokens,
		Within: scopes.Both(scopes.Under(scopes.Tokens, "User", p.UserID), scopes.LiveTokens(s.Now())),
		Views:  Same[models.PersonalAccessToken],
	}.Read(ctx)
}

// AccessToken shows a token that still opens its account, with whom it belongs to: to that user, and to administrators.
// Others are refused.
func (s *Service) AccessToken(ctx context.Context, p *models.Principal, id int64) (*models.PersonalAccessToken,
	*models.User, error) {
	if p == nil || p.UserID == 0 {
		return nil, nil, store.ErrNobody
	}
	t := s.reading(ctx, p)
	return t.accessToken(t.DB, id)
}

func (t *tx) accessToken(db *gorm.DB, id int64) (*models.PersonalAccessToken, *models.User, error) {
	row, err := store.Take[models.PersonalAccessToken](db.Scopes(scopes.LiveTokens(t.s.Now())), scopes.Tokens,
		store.Ref{ID: id})
	if err != nil {
		return nil, nil, err
	}
	if row.UserID != t.Caller.UserID && !t.Caller.Admin {
		return nil, nil, models.DeniedBecause(models.RuleStrongerOnly)
	}
	u, err := store.Take[models.User](t.DB, scopes.Users, store.Ref{ID: row.UserID})
	return row, u, err
}

// UpdateToken changes a token that still opens its account, for whom it belongs to, and for administrators.
func (s *Service) UpdateToken(ctx context.Context, p *models.Principal, id int64,
	c TokenChange) (*models.PersonalAccessToken, error) {
	var row *models.PersonalAccessToken
	err := s.change(ctx, p, func(t *tx) error {
		found, u, err := t.accessToken(t.Locking(), id)
		if err != nil {
			return err
		}
		before := tokenFacts(found)
		row = found
		c.Name.Apply(&row.Name)
		if err := t.checkToken(row, c); err != nil {
			return err
		}
		row.UpdatedAt = t.Time
		if err := t.Overwrite(row); err != nil {
			return err
		}
		t.Bump(store.RevisionUsers, 0)
		return t.Audit(tokenRecord(row, u), before, tokenFacts(row))
	})
	return row, err
}

// RevokeAccessToken ends a token that still opens its account, for whom it belongs to, and for administrators.
func (s *Service) RevokeAccessToken(ctx context.Context, p *models.Principal, id int64) error {
	return s.change(ctx, p, func(t *tx) error {
		row, u, err := t.accessToken(t.Locking(), id)
		if err != nil {
			return err
		}
		return t.revokeToken(row, u)
	})
}
