package login

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"roster/directory"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// checkLDAPPassword returns the row if the person's own LDAP server accepts the password, or did within the last
// minute. Only that server receives the password; the other sources are queried with a made-up login.
func (s *Service) checkLDAPPassword(ctx context.Context, r *store.Snapshot, row *store.Account,
	a Credentials) (*store.Account, error) {
	password := a.Password
	key := s.dir.Passwords.Digest("ldap", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10),
		strconv.FormatInt(row.SeenRefs, 10),
		row.UpdatedAt.String(), password)
	if _, ok := s.recent.GetIfPresent(key); ok {
		return row, nil
	}
	nobody, err := secret.New(s.Rand)
	if err != nil {
		return nil, err
	}
	_, id := askSideBySide(ctx, ldapSources(r), func(source *models.AuthSource) inquiry {
		if source.ID != row.AuthSourceID || !mayBeRight(row.Login, password) {
			return s.aboutNobody(source, nobody)
		}
		return inquiry{real: true, ask: func(ctx context.Context) *models.Identity {
			return s.askLogin(ctx, source.ID, row.Login, password)
		}}
	})
	if id == nil {
		return nil, s.refuseLikeHash(ctx, a)
	}
	row, err = s.syncUser(ctx, row, id)
	if err == nil {
		s.recent.Set(key, struct{}{})
	}
	return row, err
}

// refuseLikeHash refuses a password that LDAP servers refused, after as long as working out a hash takes. It counts as
// a failure also where there is no time for that.
func (s *Service) refuseLikeHash(ctx context.Context, a Credentials) error {
	err := a.turn.wait(ctx)
	if err == nil {
		err = s.dir.Passwords.HashDecoy(ctx, throttleKey(a.RemoteAddress), a.Password)
	}
	return errors.Join(store.ErrCredentials, err)
}

// mayBeRight reports whether anybody can have a login and a password. Servers break off at messages that are too long,
// and would be taken for silent.
func mayBeRight(login, password string) bool {
	return !models.TooLong(login, models.MaxLogin) && len(password) <= secret.MaxPassword
}

// login returns the person with this login and password at a source, nil if there is none.
func (s *Service) login(ctx context.Context, source int64, login, password string) (*models.Identity, error) {
	var id *models.Identity
	err := s.dir.Servers.AskAwake(ctx, source, func(ctx context.Context, ldap directory.LDAP, source *models.AuthSource,
		bindPassword string) error {
		var err error
		id, err = ldap.Login(ctx, source, bindPassword, login, password)
		if id != nil && !source.UsergroupSync {
			id.GroupsTold = false
		}
		return err
	})
	if err != nil {
		s.noteUnanswered(ctx, source, err)
		return nil, err
	}
	return id, nil
}

// askLogin does the same, with nil also if the server does not answer.
func (s *Service) askLogin(ctx context.Context, source int64, login, password string) *models.Identity {
	id, err := s.login(ctx, source, login, password)
	if err != nil {
		return nil
	}
	return id
}

// noteUnanswered logs what a server has to say instead of an answer. What it does not say while it rests has been
// logged.
func (s *Service) noteUnanswered(ctx context.Context, source int64, err error) {
	if errors.Is(err, directory.ErrUnavailable) || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	s.Log.WarnContext(ctx, "an LDAP server did not answer", slog.Int64("auth_source_id", source),
		slog.String("error", err.Error()))
}

// existsInLDAP reports whether the LDAP server still knows a person who sent a token (docs/spec/foreman.md, 7.2). It is
// false for a server that does not answer.
func (s *Service) existsInLDAP(ctx context.Context, row *models.User) bool {
	key := s.dir.Passwords.Digest("there", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10))
	if _, ok := s.recent.GetIfPresent(key); ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, directory.LoginTimeout)
	defer cancel()
	var id *models.Identity
	err := s.dir.Servers.AskAwake(ctx, row.AuthSourceID, func(ctx context.Context, ldap directory.LDAP,
		source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = ldap.Person(ctx, source, bindPassword, row.Login)
		return err
	})
	if err != nil {
		s.noteUnanswered(ctx, row.AuthSourceID, err)
		return false
	}
	if id == nil {
		return false
	}
	s.recent.Set(key, struct{}{})
	return true
}

// provisionFromLDAP queries the sources that register people on the fly for a login without an account
// (docs/spec/foreman.md, 7.2), and the others with a made-up login.
func (s *Service) provisionFromLDAP(ctx context.Context, a Credentials) (*store.Account, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	nobody, err := secret.New(s.Rand)
	if err != nil {
		return nil, err
	}
	source, id := askSideBySide(ctx, ldapSources(r), func(source *models.AuthSource) inquiry {
		if !source.OntheflyRegister || !mayBeRight(a.Login, a.Password) {
			return s.aboutNobody(source, nobody)
		}
		return inquiry{real: true, ask: func(ctx context.Context) *models.Identity {
			return s.askStranger(ctx, source, a, nobody)
		}}
	})
	if id == nil {
		return nil, s.refuseLikeHash(ctx, a)
	}
	return s.register(ctx, source, id)
}

// askStranger returns the person with this login and password at a source that registers people, nil if there is none.
// A source that also accepts a made-up login is ignored, and so is an answer about a different login.
func (s *Service) askStranger(ctx context.Context, source *models.AuthSource, a Credentials,
	nobody string) *models.Identity {
	id := s.askLogin(ctx, source.ID, a.Login, a.Password)
	if id == nil || !models.SameName(id.Login, a.Login) {
		return nil
	}
	madeUp, err := s.login(ctx, source.ID, nobody, nobody)
	if err != nil {
		return nil
	}
	if madeUp != nil {
		s.Log.WarnContext(ctx, "an LDAP server lets in people who do not exist, so nobody is registered",
			slog.Int64("auth_source_id", source.ID))
		return nil
	}
	return id
}
