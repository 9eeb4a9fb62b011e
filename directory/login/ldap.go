package login

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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
		strconv.FormatInt(row.Seen.Refs, 10),
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
		a.attempt.unanswered.Add(1)
		return inquiry{real: true, ask: func(ctx context.Context) *models.Identity {
			return s.askLogin(ctx, a, source, row.Login)
		}}
	})
	if id == nil {
		return nil, s.refuseLikeHash(ctx, a)
	}
	own, err := s.accountOf(ctx, row.AuthSourceID, id)
	if err != nil {
		return nil, err
	}
	if own != nil && own.ID != row.ID {
		s.noteSecond(ctx, &row.User, own)
		return s.syncUser(ctx, own, id)
	}
	row, err = s.syncUser(ctx, row, id)
	if err == nil {
		s.recent.Set(key, struct{}{})
	}
	return row, err
}

// accountOf returns the account of a person in a source, nil if there is none. One person has one account, whichever of
// their logins was typed: that of the first login that has one.
func (s *Service) accountOf(ctx context.Context, source int64, id *models.Identity) (*store.Account, error) {
	for _, login := range append([]string{id.Login}, id.Aliases...) {
		if !models.Storable(login) {
			continue
		}
		row, err := s.AccountNamed(ctx, login)
		if err != nil {
			return nil, err
		}
		if row != nil && row.AuthSourceID == source && !row.Hidden && models.SameName(row.Login, login) {
			return row, nil
		}
	}
	return nil, nil
}

// noteSecond logs that an account is not used because the person has another one.
func (s *Service) noteSecond(ctx context.Context, second *models.User, own *store.Account) {
	s.Log.WarnContext(ctx, "a person of an LDAP source has two accounts, and one of them is ignored",
		slog.Int64("auth_source_id", own.AuthSourceID), slog.String("used", own.Login),
		slog.String("unused", second.Login))
}

// refuseLikeHash refuses a password that LDAP servers refused, after as long as working out a hash takes. It counts as
// a failure also where there is no time for that.
func (s *Service) refuseLikeHash(ctx context.Context, a Credentials) error {
	err := a.attempt.wait(ctx)
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
func (s *Service) login(ctx context.Context, source *models.AuthSource, login,
	password string) (*models.Identity, error) {
	var id *models.Identity
	err := s.dir.Servers.AskAwake(ctx, source.ID, func(ctx context.Context, ldap directory.LDAP,
		source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = ldap.Login(ctx, source, bindPassword, login, password)
		if id != nil && !source.UsergroupSync {
			id.GroupsTold = false
		}
		return err
	})
	if err != nil {
		s.noteUnanswered(ctx, source, login, err)
		return nil, err
	}
	if id != nil && id.Untold != nil {
		s.Log.WarnContext(ctx, "the LDAP groups of a person could not be read, so memberships stay as they are",
			slog.Int64("auth_source_id", source.ID), slog.String("source", source.Name),
			slog.String("login", id.Login), slog.String("error", id.Untold.Error()))
	}
	return id, nil
}

// askLogin does the same for the password that a client sent, with nil also if the server does not answer.
func (s *Service) askLogin(ctx context.Context, a Credentials, source *models.AuthSource,
	login string) *models.Identity {
	id, err := s.login(ctx, source, login, a.Password)
	if err != nil {
		return nil
	}
	a.attempt.unanswered.Add(-1)
	return id
}

// noteUnanswered logs what a server has to say instead of an answer. What it does not say while it rests has been
// logged.
func (s *Service) noteUnanswered(ctx context.Context, source *models.AuthSource, login string, err error) {
	if errors.Is(err, directory.ErrUnavailable) || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	from := []any{slog.Int64("auth_source_id", source.ID), slog.String("source", source.Name)}
	var known *models.Error
	if errors.As(err, &known) && known.Rule == models.RuleTwoEntries {
		s.Log.WarnContext(ctx, "two entries of an LDAP server have one login, so nobody is let in by it",
			append(from, slog.String("login", login), slog.Any("entries", known.Args))...)
		return
	}
	if errors.Is(err, secret.ErrSealed) {
		s.Log.WarnContext(ctx, "the bind password of an LDAP source cannot be decrypted",
			append(from, slog.String("error", err.Error()))...)
		return
	}
	s.Log.WarnContext(ctx, "an LDAP server did not answer", append(from, slog.String("error", err.Error()))...)
}

// existsInLDAP reports whether the LDAP server still knows a person who sent a token (docs/spec/foreman.md, 7.2). It is
// false for a server that does not answer.
func (s *Service) existsInLDAP(ctx context.Context, a Credentials, row *models.User,
	source *models.AuthSource) bool {
	key := s.dir.Passwords.Digest("there", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10))
	if _, ok := s.recent.GetIfPresent(key); ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, directory.LoginTimeout)
	defer cancel()
	var id *models.Identity
	a.attempt.unanswered.Add(1)
	err := s.dir.Servers.AskAwake(ctx, row.AuthSourceID, func(ctx context.Context, ldap directory.LDAP,
		source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = ldap.Person(ctx, source, bindPassword, row.Login)
		return err
	})
	if err != nil {
		s.noteUnanswered(ctx, source, row.Login, err)
		return false
	}
	a.attempt.unanswered.Add(-1)
	if id == nil {
		return false
	}
	own, err := s.accountOf(ctx, row.AuthSourceID, id)
	if err != nil {
		return false
	}
	if own != nil && own.ID != row.ID {
		s.noteSecond(ctx, row, own)
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
		a.attempt.unanswered.Add(1)
		return inquiry{real: true, ask: func(ctx context.Context) *models.Identity {
			return s.askStranger(ctx, source, a, nobody)
		}}
	})
	if id == nil {
		return nil, s.refuseLikeHash(ctx, a)
	}
	row, err := s.accountOf(ctx, source.ID, id)
	if err != nil {
		return nil, err
	}
	if row != nil {
		return s.syncUser(ctx, row, id)
	}
	return s.register(ctx, source, id)
}

// askStranger returns the person with this login and password at a source that registers people, nil if there is none.
// A source that also accepts a made-up login is ignored, and so is an answer about a different login.
func (s *Service) askStranger(ctx context.Context, source *models.AuthSource, a Credentials,
	nobody string) *models.Identity {
	id := s.askLogin(ctx, a, source, a.Login)
	if id == nil || !isAbout(id, a.Login) {
		return nil
	}
	madeUp, err := s.login(ctx, source, nobody, nobody)
	if err != nil {
		return nil
	}
	if madeUp != nil {
		s.Log.WarnContext(ctx, "an LDAP server accepts logins of people who do not exist, so no accounts are created",
			slog.Int64("auth_source_id", source.ID))
		return nil
	}
	return id
}

// isAbout reports whether a login is one of a person's.
func isAbout(id *models.Identity, login string) bool {
	return slices.ContainsFunc(append([]string{id.Login}, id.Aliases...), func(name string) bool {
		return models.SameName(name, login)
	})
}
