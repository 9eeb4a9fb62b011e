package store

import (
	"context"

	"roster/models"
)

// StampNow returns the state of the directory at this moment.
func (s *Store) StampNow(ctx context.Context) (models.Stamp, error) {
	var stamp models.Stamp
	err := s.Read.WithContext(ctx).Raw("SELECT COALESCE(SUM(CASE WHEN name = 'users' THEN epoch ELSE 0 END), 0), "+
		"COALESCE(SUM(CASE WHEN name = 'refs' THEN epoch ELSE 0 END), 0), "+
		"COALESCE(SUM(CASE WHEN name = 'users' THEN total ELSE 0 END), 0) FROM tallies").Row().
		Scan(&stamp.Users, &stamp.Refs, &stamp.UsersTotal)
	return stamp, err
}

// currentProvisioner returns an identity provider as the directory knows it now. One whose token has ended is
// Unauthenticated.
func (s *Store) currentProvisioner(ctx context.Context, p *models.Principal) (*models.Principal, error) {
	if p.Provisioner == nil {
		return nil, ErrNobody
	}
	token, err := First[models.ScimToken](s.Read.WithContext(ctx).Where("id = ?", p.Provisioner.TokenID))
	if err != nil {
		return nil, err
	}
	if token == nil || !token.Active(s.Now(), p.RemoteAddress) ||
		token.OrganizationID != p.Provisioner.OrganizationID {
		return nil, ErrCredentials
	}
	now := *p
	now.Seen, err = s.StampNow(ctx)
	return &now, err
}
