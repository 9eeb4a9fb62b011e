package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// What RecoverAccount refuses.
var (
	ErrNoSuchLogin   = errors.New("nobody has this login")
	ErrKeptElsewhere = errors.New("the password of this account is not kept here")
)

// Recovered is an account that somebody can get into again.
type Recovered struct {
	*UserView
	// Password is the new password.
	Password string
	// Ended is when the account had ended; zero for one that had not. It has no end any more.
	Ended time.Time
}

// RecoverAccount gives an account a new password and opens it, for whoever runs the server: nobody else is asked. The
// password is made up if it is empty. An end that has passed is taken away, one that is to come stays. Sessions and
// tokens of the account end. With administrator set, the account becomes one. An error wraps ErrNoSuchLogin or
// ErrKeptElsewhere, or is Invalid where the password breaks the rules.
func (s *Service) RecoverAccount(ctx context.Context, login, password string, administrator bool) (*Recovered, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	row, err := s.AccountNamed(ctx, login)
	if err != nil {
		return nil, err
	}
	if row == nil || row.Hidden {
		return nil, fmt.Errorf("%w: %s", ErrNoSuchLogin, login)
	}
	if source := r.Sources[row.AuthSourceID]; source == nil || source.Type != models.InternalSource {
		return nil, fmt.Errorf("%w: %s", ErrKeptElsewhere, login)
	}
	if password == "" {
		if password, err = s.generatedPassword(r, 0); err != nil {
			return nil, err
		}
	}
	change := UserChange{Password: models.Some(password), RevokeTokens: models.Some(true),
		Status: models.Some(models.UserActive)}
	if administrator {
		change.Admin = models.Some(true)
	}
	back := &Recovered{Password: password}
	if end := row.ExpiresAt; end != nil && !end.After(s.Now()) {
		back.Ended = *end
		change.ExpiresAt = models.Some[*string](nil)
	}
	system := models.System()
	system.Seen = row.Seen
	back.UserView, err = s.UpdateUser(ctx, system, store.Ref{ID: row.ID}, change)
	return back, err
}

// Administrator is an account with all rights that may log in.
type Administrator struct {
	Login string
	// Source is the type of the source that keeps the password.
	Source models.AuthSourceKind
}

// Administrators returns at most limit administrators, directly or by groups, who may log in; by login.
func (s *Service) Administrators(ctx context.Context, limit int) ([]Administrator, error) {
	var found []Administrator
	err := enabledAdministrators(s.Read.WithContext(ctx)).Joins("JOIN auth_sources a ON a.id = users.auth_source_id").
		Select("users.login, a.type AS source").Order("users.lower_login").Limit(limit).Scan(&found).Error
	return found, err
}

// enabledAdministrators selects the administrators who may log in.
func enabledAdministrators(db *gorm.DB) *gorm.DB {
	return db.Model(&models.User{}).Scopes(scopes.NotHidden).Where("COALESCE(users.disabled, FALSE) = FALSE AND " +
		"users.id IN (" + scopes.EffectiveAdmins + ")")
}
