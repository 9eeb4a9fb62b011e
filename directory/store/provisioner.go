package store

import (
	"context"

	"roster/models"
	"roster/scopes"
)

// StampNow returns the state of the directory at this moment.
func (s *Store) StampNow(ctx context.Context) (models.Stamp, error) {
	return stampIn(s.queryDirect(ctx, s.direct, stampQuery))
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
	return s.ProvisionerAt(ctx, p)
}

// ProvisionerPermissions are what identity providers may do with the people of their organization. Their groups give
// nobody anything beyond it, so that these take no permission.
var ProvisionerPermissions = []string{
	scopes.Users.Can(models.View), scopes.Users.Can(models.Create), scopes.Users.Can(models.Edit),
	scopes.Users.Can(models.Destroy),
}

// ProvisionerAt returns an identity provider with what it may do at this moment: everything with the people of its
// organization, as if it held a role there.
func (s *Store) ProvisionerAt(ctx context.Context, p *models.Principal) (*models.Principal, error) {
	now := *p
	var err error
	if now.Seen, err = s.StampNow(ctx); err != nil {
		return nil, err
	}
	s.sees(ctx, now.Seen)
	r, err := s.SnapshotAt(ctx, now.Seen.Refs)
	if err != nil {
		return nil, err
	}
	organization := p.Provisioner.OrganizationID
	held := &models.HeldRole{TenantID: organization, Within: r.Descendants[organization]}
	now.Grants = map[string][]models.Grant{}
	for _, permission := range ProvisionerPermissions {
		now.Grants[permission] = []models.Grant{{ResourceType: scopes.Users.Class, Held: held}}
	}
	now.Customs = r.CustomFields()
	return &now, nil
}
