package login

import (
	"context"
	"errors"
	"strings"
	"time"

	"roster/directory"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// Provisioner lets an identity provider in by the token of an organization. It acts for that alone. Wrong tokens count
// as failures of the address; they keep no right one out, which nobody can guess.
func (s *Service) Provisioner(ctx context.Context, token, remoteAddress, requestID string) (*models.Principal, error) {
	p, err := s.provisioner(ctx, token, remoteAddress, requestID)
	s.tally.note(ByProvisioning, err)
	return p, err
}

func (s *Service) provisioner(ctx context.Context, token, remoteAddress, requestID string) (*models.Principal, error) {
	row, err := s.scimToken(ctx, token, remoteAddress)
	if errors.Is(err, store.ErrCredentials) {
		limit, err := s.checkThrottle(ctx, remoteAddress)
		if err != nil {
			return nil, err
		}
		return nil, s.recordFailure(ctx, remoteAddress, limit)
	}
	if err != nil {
		return nil, err
	}
	if err := s.readOnly(ctx, s.dir.NoteScimUse(ctx, row, remoteAddress)); err != nil {
		return nil, err
	}
	p := &models.Principal{
		UserID: models.ProvisionerID, Login: "SCIM " + row.Name, Zone: time.UTC, ReadOnly: row.ReadOnly,
		Organizations: []int64{row.OrganizationID}, RemoteAddress: remoteAddress, RequestID: requestID,
		Provisioner: &models.Provisioner{TokenID: row.ID, OrganizationID: row.OrganizationID, Name: row.Name},
	}
	return s.ProvisionerAt(ctx, p)
}

func (s *Service) scimToken(ctx context.Context, token, address string) (*models.ScimToken, error) {
	if !strings.HasPrefix(token, directory.ScimTokenPrefix) {
		return nil, store.ErrCredentials
	}
	row, err := store.First[models.ScimToken](s.Read.WithContext(ctx).Where("token_hash = ?", secret.TokenHash(token)))
	if err != nil {
		return nil, err
	}
	if row == nil || !row.Active(s.Now(), address) {
		return nil, store.ErrCredentials
	}
	return row, nil
}
