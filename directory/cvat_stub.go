package directory

import (
	"context"

	"roster/models"
)

type Registration struct {
	Login, Password           string
	Mail, Firstname, Lastname *string
	InvitationKey             string
	Limits                    models.UserLimits
	RemoteAddress, RequestID  string
}

type Registered struct {
	User              *models.User
	NeedsConfirmation bool
}

func (s *Service) Register(ctx context.Context, c Registration) (*Registered, error) { return nil, nil }
func (s *Service) ConfirmMail(ctx context.Context, token string) error               { return nil }
func (s *Service) RequestPasswordReset(ctx context.Context, address string) error    { return nil }
func (s *Service) ResetPassword(ctx context.Context, uid, token, password string, limits models.UserLimits) error {
	return nil
}
