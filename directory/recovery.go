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

// Administrators returns the logins of at most limit administrators, directly or by groups, who may log in; in the
// order of the logins. With kinds, only those whose source is of one of them.
func (s *Service) Administrators(ctx context.Context, limit int, kinds ...models.AuthSourceKind) ([]string, error) {
	db := s.Read.WithContext(ctx)
	found := enabledAdministrators(db)
	if len(kinds) > 0 {
		found = found.Where("users.auth_source_id IN (?)",
			db.Model(&models.AuthSource{}).Select("id").Where("type IN ?", kinds))
	}
	var logins []string
	err := found.Order("users.lower_login").Limit(limit).Pluck("users.login", &logins).Error
	return logins, err
}

// enabledAdministrators selects the administrators who may log in.
func enabledAdministrators(db *gorm.DB) *gorm.DB {
	return db.Model(&models.User{}).Scopes(scopes.NotHidden).Where("COALESCE(users.disabled, FALSE) = FALSE AND " +
		"users.id IN (" + scopes.EffectiveAdmins + ")")
}
