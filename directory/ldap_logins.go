package directory

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// LDAP asks the servers of LDAP sources. The sources come without their bind password, which is given in the clear beside
// them. Answers are bounded in size, and every call ends with its context. The error of a server that cannot be reached,
// breaks off or keeps silent has the kind models.Unavailable; that of one which answers has not.
type LDAP interface {
	// Login finds a person and proves the password; nil without an error means that one of them is wrong. The login may be
	// anything that somebody typed.
	Login(ctx context.Context, source *models.AuthSource, bindPassword, login, password string) (*models.Identity, error)
	// Person finds a person without a password, nil where there is none.
	Person(ctx context.Context, source *models.AuthSource, bindPassword, login string) (*models.Identity, error)
	// Members gives the logins of the members of a group, those of groups inside it included, and whether there is such
	// a group.
	Members(ctx context.Context, source *models.AuthSource, bindPassword, group string) (logins []string, found bool, err error)
	// Test tells whether the server answers to what the source says.
	Test(ctx context.Context, source *models.AuthSource, bindPassword string) error
}

var errNoLDAP = models.Fail(models.Unavailable, models.RuleNoLDAP)

// question is what a source's server is asked.
type question func(ctx context.Context, source *models.AuthSource, bindPassword string) error

// sourceToAsk reads a source as it is kept, with its bind password in the clear beside it.
func (s *Service) sourceToAsk(ctx context.Context, id int64) (*models.AuthSource, string, error) {
	if s.outside.ldap == nil {
		return nil, "", errNoLDAP
	}
	source, err := store.First[models.AuthSource](s.Read.WithContext(ctx).Where("id = ?", id))
	if err != nil {
		return nil, "", err
	}
	if source == nil {
		return nil, "", models.Fail(models.Unavailable, models.RuleSourceGone)
	}
	if source.AccountPassword == nil {
		return source, "", nil
	}
	bindPassword, err := s.sealer.Unseal(*source.AccountPassword)
	source.AccountPassword = nil
	return source, bindPassword, err
}

// ask puts a question of an administrator's to the server of a source, whether or not it rests.
func (s *Service) ask(ctx context.Context, id int64, question question) error {
	source, bindPassword, err := s.sourceToAsk(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, ldapPatience)
	defer cancel()
	asking := s.outside.asking.of(id)
	if err := asking.enter(ctx); err != nil {
		return err
	}
	defer asking.leave()
	return question(ctx, source, bindPassword)
}

// provedByLDAP gives the row if the person's own LDAP server says that the password is right, or has said so within the
// last minute. Only that server gets to see the password; the others are asked about somebody made up.
func (s *Service) provedByLDAP(ctx context.Context, r *store.Snapshot, row *store.Account, a Attempt) (*store.Account, error) {
	password := a.Password
	key := s.passwords.Digest("ldap", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10), strconv.FormatInt(row.SeenRefs, 10),
		row.UpdatedAt.String(), password)
	if _, ok := s.outside.lately.GetIfPresent(key); ok {
		return row, nil
	}
	nobody, err := s.newSecret()
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
		return nil, s.wasted(ctx, a)
	}
	row, err = s.welcomed(ctx, row, id)
	if err == nil {
		s.outside.lately.Set(key, struct{}{})
	}
	return row, err
}

// wasted refuses a password that LDAP servers refused, after as long as working out a hash takes. It counts as a failure
// also where there is no time for that.
func (s *Service) wasted(ctx context.Context, a Attempt) error {
	err := a.turn.await(ctx)
	if err == nil {
		err = s.passwords.HashDecoy(ctx, guarded(a.RemoteAddress), a.Password)
	}
	return errors.Join(store.ErrCredentials, err)
}

// mayBeRight reports whether anybody can have a login and a password. Servers break off at messages that are too long, and
// would be taken for silent.
func mayBeRight(login, password string) bool {
	return !models.TooLong(login, models.MaxLogin) && len(password) <= secret.MaxPassword
}

// login asks a source for who has the login and the password, nil if nobody.
func (s *Service) login(ctx context.Context, source int64, login, password string) (*models.Identity, error) {
	var id *models.Identity
	err := s.askAwake(ctx, source, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = s.outside.ldap.Login(ctx, source, bindPassword, login, password)
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

// noteUnanswered logs what a server has to say instead of an answer. What it does not say while it rests has been logged.
func (s *Service) noteUnanswered(ctx context.Context, source int64, err error) {
	if errors.Is(err, errResting) || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	s.Log.WarnContext(ctx, "an LDAP server did not answer", slog.Int64("auth_source_id", source),
		slog.String("error", err.Error()))
}

// stillThere reports whether a person who came with a token is still known to the LDAP server (spec, section 7.2). One
// that does not answer knows nobody.
func (s *Service) stillThere(ctx context.Context, row *models.User) bool {
	key := s.passwords.Digest("there", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10))
	if _, ok := s.outside.lately.GetIfPresent(key); ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, provingPatience)
	defer cancel()
	var id *models.Identity
	err := s.askAwake(ctx, row.AuthSourceID, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = s.outside.ldap.Person(ctx, source, bindPassword, row.Login)
		return err
	})
	if err != nil {
		s.noteUnanswered(ctx, row.AuthSourceID, err)
		return false
	}
	if id == nil {
		return false
	}
	s.outside.lately.Set(key, struct{}{})
	return true
}

// firstVisit asks the sources that register people on the fly about somebody who has no account yet (spec, section 7.2),
// and the others about somebody made up.
func (s *Service) firstVisit(ctx context.Context, a Attempt) (*store.Account, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	nobody, err := s.newSecret()
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
		return nil, s.wasted(ctx, a)
	}
	return s.register(ctx, source, id)
}

// askStranger gives who has the login and the password at a source that is to register them, nil if nobody. The word of a
// source that also knows somebody made up counts for nothing, and neither does a word about somebody else.
func (s *Service) askStranger(ctx context.Context, source *models.AuthSource, a Attempt, nobody string) *models.Identity {
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

// TestLdapSource tries the connection to a source's server; trouble says what is wrong, nil that nothing is (spec,
// section 5.9). Whoever may edit a source may try it.
func (s *Service) TestLdapSource(ctx context.Context, p *models.Principal, ref store.Ref) (a *models.AuthSource, trouble *models.Broken, err error) {
	a, err = store.Find[models.AuthSource](s.Read.WithContext(ctx), p, scopes.LdapSources, models.Edit, ref, nil)
	if err != nil {
		return nil, nil, err
	}
	a.AccountPassword = nil
	err = s.ask(ctx, a.ID, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		return s.outside.ldap.Test(ctx, source, bindPassword)
	})
	if err != nil {
		return a, s.trouble(ctx, p, a.Name, err), nil
	}
	s.outside.rests.end(a.ID)
	return a, nil, nil
}

// trouble says what is wrong with a server. Why it cannot be reached is for administrators and the log: anybody else
// could find out by it what listens in the network of this server.
func (s *Service) trouble(ctx context.Context, p *models.Principal, source string, err error) *models.Broken {
	if p.Admin || models.KindOf(err) != models.Unavailable {
		why := cause(err)
		return &why
	}
	s.Log.InfoContext(ctx, "an LDAP server cannot be reached", slog.String("source", source), slog.String("error", err.Error()))
	return &models.Broken{Rule: models.RuleLDAPHidden}
}

// cause is what a failure to ask a server says.
func cause(err error) models.Broken {
	var known *models.Error
	if errors.As(err, &known) {
		return known.Broken
	}
	return models.Broken{Rule: models.RuleLDAPUnreachable, Args: []any{err.Error()}}
}

// members asks for the logins in a group of an LDAP source.
func (s *Service) members(ctx context.Context, source int64, group string) (logins []string, found bool, err error) {
	err = s.ask(ctx, source, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		logins, found, err = s.outside.ldap.Members(ctx, source, bindPassword, group)
		return err
	})
	return logins, found, err
}

// refreshGroup makes the source's people in a user group those who are in one of the groups of the source that are tied
// to it (spec, section 10.4). Members from elsewhere stay.
func (s *Service) refreshGroup(ctx context.Context, usergroup, source int64) error {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return err
	}
	if from := r.Sources[source]; from == nil || from.Type != models.LdapSource {
		return nil // other sources tell at login who is in what
	}
	var names []string
	err = s.Read.WithContext(ctx).Model(&models.ExternalUsergroup{}).Where("usergroup_id = ? AND auth_source_id = ?", usergroup, source).Order("id").Pluck("name", &names).Error
	if err != nil {
		return err
	}
	var logins []string
	for _, name := range names {
		members, _, err := s.members(ctx, source, name)
		if err != nil {
			return err
		}
		for _, login := range members {
			logins = append(logins, models.LowerLogin(login))
		}
	}
	var wanted, known []int64
	people := s.Read.WithContext(ctx).Model(&models.User{}).Scopes(scopes.NotHidden).Where("auth_source_id = ?", source)
	cond, value, err := s.InTexts("lower_login", logins)
	if err != nil {
		return err
	}
	if err := people.Where(cond, value).Pluck("id", &wanted).Error; err != nil {
		return err
	}
	people = s.Read.WithContext(ctx).Model(&models.User{}).Where("auth_source_id = ?", source)
	if err := people.Where("id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)", usergroup).Pluck("id", &known).Error; err != nil {
		return err
	}
	return s.changeMembers(ctx, usergroup, func(users []int64) []int64 {
		return append(store.Without(users, known), wanted...)
	})
}

// amongTexts gives the condition that a column holds one of the texts, which are bound as one.
func (s *Service) InTexts(column string, texts []string) (condition, list string, err error) {
	text, err := json.Marshal(append([]string{}, texts...))
	if s.Postgres {
		return column + " IN (SELECT jsonb_array_elements_text(CAST(? AS JSONB)))", string(text), err
	}
	return column + " IN (SELECT value FROM json_each(?))", string(text), err
}

// inSource refuses a group that an LDAP source does not know (spec, section 10.4). It asks outside of any transaction, so
// that a server that hangs holds up nobody else, and before anything is written.
func (s *Service) inSource(ctx context.Context, p *models.Principal, before *models.ExternalUsergroup, usergroup int64, c ExternalUsergroupChange) error {
	t := s.reading(ctx, p)
	after := models.ExternalUsergroup{UsergroupID: usergroup}
	if before != nil {
		after = *before
	}
	if err := t.applyExternal(&after, c); err != nil {
		return err
	}
	if len(after.Validate()) > 0 || before != nil && before.Name == after.Name && before.AuthSourceID == after.AuthSourceID {
		return nil // the rules that need no server speak first
	}
	source, err := store.First[models.AuthSource](t.Scopes(scopes.WritableSources(p)).Where("auth_sources.id = ?", after.AuthSourceID))
	if err != nil || source == nil || source.Type != models.LdapSource || unsyncable(source, after.Name) {
		return err
	}
	switch _, found, err := s.members(ctx, source.ID, after.Name); {
	case err != nil:
		return models.Refuse("auth_source_id", models.RuleLDAPTrouble, *s.trouble(ctx, p, source.Name, err))
	case !found:
		return models.Refuse("name", models.RuleNotInSource)
	}
	return nil
}

// unsyncable tells the one group whose members Active Directory does not tell.
func unsyncable(source *models.AuthSource, group string) bool {
	return models.Deref(source.ServerType) == "active_directory" && strings.EqualFold(group, "domain users")
}
