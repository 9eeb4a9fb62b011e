package directory

import (
	"context"
	"errors"
	"fmt"

	"roster/directory/store"
	"roster/models"
)

// What RecoverAccount refuses.
var (
	ErrNoSuchLogin   = errors.New("nobody has this login")
	ErrKeptElsewhere = errors.New("the password of this account is not kept here")
)

// RecoverAccount gives an account a new password and opens it, without an end, for whoever runs the server: nobody else
// is asked. The password is made up if it is empty, and returned. Sessions and tokens of the account end. An error
// wraps ErrNoSuchLogin or ErrKeptElsewhere, or is Invalid where the password breaks the rules.
func (s *Service) RecoverAccount(ctx context.Context, login, password string) (*UserView, string, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, "", err
	}
	row, err := s.AccountNamed(ctx, login)
	if err != nil {
		return nil, "", err
	}
	if row == nil || row.Hidden {
		return nil, "", fmt.Errorf("%w: %s", ErrNoSuchLogin, login)
	}
	if source := r.Sources[row.AuthSourceID]; source == nil || source.Type != models.InternalSource {
		return nil, "", fmt.Errorf("%w: %s", ErrKeptElsewhere, login)
	}
	if password == "" {
		if password, err = s.generatedPassword(r, 0); err != nil {
			return nil, "", err
		}
	}
	system := models.System()
	system.Seen = row.Seen
	v, err := s.UpdateUser(ctx, system, store.Ref{ID: row.ID}, UserChange{
		Password: models.Some(password), RevokeTokens: models.Some(true), Status: models.Some(models.UserActive),
		ExpiresAt: models.Some[*string](nil),
	})
	return v, password, err
}
