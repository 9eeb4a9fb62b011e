package directory

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// LDAP queries the servers of LDAP sources. The sources are passed without their bind password, which is a parameter of
// its own. Answers are bounded in size, and every call ends with its context. An error has the kind models.Unavailable
// if the server cannot be reached, breaks off or does not answer; errors of a server that answers have another kind.
type LDAP interface {
	// Login finds a person and checks the password. It returns nil without an error if either is wrong, and a Conflict
	// if two entries have the login. A person whose groups cannot be read is returned without them. The login is
	// unchecked input.
	Login(ctx context.Context, source *models.AuthSource, bindPassword, login, password string) (*models.Identity,
		error)
	// Person finds a person without a password, nil where there is none, with the same Conflict.
	Person(ctx context.Context, source *models.AuthSource, bindPassword, login string) (*models.Identity, error)
	// Members returns the logins of the members of a group, those of groups inside it included, and whether there is
	// such a group.
	Members(ctx context.Context, source *models.AuthSource, bindPassword, group string) (logins []string, found bool,
		err error)
	// Test reports whether the server answers to what the source says.
	Test(ctx context.Context, source *models.AuthSource, bindPassword string) error
}

var errNoLDAP = models.Fail(models.Unavailable, models.RuleNoLDAP)

// Servers limits queries to the servers of LDAP sources: a bounded number at once for each, and none for a while after
// one did not answer. It is safe for concurrent use.
type Servers struct {
	ldap   LDAP
	store  *store.Store
	sealer secret.Sealer
	// asking bounds how many questions to each source are under way, so that a server that hangs does not take this one
	// with it, nor the people of others.
	asking gates
	// rests keep logins from servers that did not answer.
	breakers breakers
	asked    asked
}

const (
	maxAsking = 16 // of one source at a time
	// ldapPatience bounds one question of an administrator's, from the first packet to the last.
	questionTimeout = 10 * time.Second
)

func newServers(ldap LDAP, base *store.Store, sealer secret.Sealer) *Servers {
	return &Servers{ldap: ldap, store: base, sealer: sealer, breakers: breakers{now: base.Now, log: base.Log}}
}

// gates are one gate for each source.
type gates struct {
	mu sync.Mutex
	by map[int64]places
}

func (g *gates) of(source int64) places {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[int64]places{}
	}
	if g.by[source] == nil {
		g.by[source] = make(places, maxAsking)
	}
	return g.by[source]
}

// Question is a query to a source's server.
type Question func(ctx context.Context, ldap LDAP, source *models.AuthSource, bindPassword string) error

// sourceToAsk reads a source as it is kept, with its bind password in the clear beside it.
func (v *Servers) sourceToAsk(ctx context.Context, id int64) (*models.AuthSource, string, error) {
	if v.ldap == nil {
		return nil, "", errNoLDAP
	}
	source, err := store.First[models.AuthSource](v.store.Read.WithContext(ctx).Where("id = ?", id))
	if err != nil {
		return nil, "", err
	}
	if source == nil {
		return nil, "", models.Fail(models.Unavailable, models.RuleSourceGone)
	}
	if source.AccountPassword == nil {
		return source, "", nil
	}
	bindPassword, err := v.sealer.Unseal(*source.AccountPassword)
	source.AccountPassword = nil
	return source, bindPassword, err
}

// ask puts a question of an administrator's to the server of a source, whether or not it rests.
func (v *Servers) ask(ctx context.Context, id int64, question Question) error {
	began := time.Now()
	err := v.askAnyway(ctx, id, question)
	v.asked.note(id, time.Since(began), err)
	return err
}

func (v *Servers) askAnyway(ctx context.Context, id int64, question Question) error {
	source, bindPassword, err := v.sourceToAsk(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	asking := v.asking.of(id)
	if err := asking.enter(ctx); err != nil {
		return err
	}
	defer asking.leave()
	return question(ctx, v.ldap, source, bindPassword)
}

// TestLdapSource tries the connection to a source's server; trouble says what is wrong, nil that nothing is
// (docs/spec/foreman.md, 5.9). Whoever may edit a source may try it.
func (s *Service) TestLdapSource(ctx context.Context, p *models.Principal, ref store.Ref) (a *models.AuthSource,
	trouble *models.Broken, err error) {
	if err = p.MayChange(); err != nil {
		return nil, nil, err
	}
	a, err = store.Find[models.AuthSource](s.Read.WithContext(ctx), p, scopes.LdapSources, models.Edit, ref, nil)
	if err != nil {
		return nil, nil, err
	}
	a.AccountPassword = nil
	err = s.Servers.ask(ctx, a.ID, func(ctx context.Context, ldap LDAP, source *models.AuthSource,
		bindPassword string) error {
		return ldap.Test(ctx, source, bindPassword)
	})
	if err != nil {
		return a, s.trouble(ctx, p, a.Name, err), nil
	}
	s.Servers.breakers.end(a.ID)
	return a, nil, nil
}

// trouble describes what is wrong with a server. The reason why it cannot be reached is only for administrators and the
// log: others could explore the server's network with it.
func (s *Service) trouble(ctx context.Context, p *models.Principal, source string, err error) *models.Broken {
	if p.Admin || models.KindOf(err) != models.Unavailable {
		why := cause(err)
		return &why
	}
	s.Log.InfoContext(ctx, "an LDAP server cannot be reached", slog.String("source", source),
		slog.String("error", err.Error()))
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
	err = s.Servers.ask(ctx, source, func(ctx context.Context, ldap LDAP, source *models.AuthSource,
		bindPassword string) error {
		logins, found, err = ldap.Members(ctx, source, bindPassword, group)
		return err
	})
	return logins, found, err
}

// refreshGroup makes the source's people in a user group those who are in one of the groups of the source that are tied
// to it (docs/spec/foreman.md, 10.4). Members from elsewhere stay.
func (s *Service) refreshGroup(ctx context.Context, usergroup, source int64) error {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return err
	}
	if from := r.Sources[source]; from == nil || from.Type != models.LdapSource {
		return nil // other sources tell at login who is in what
	}
	var names []string
	err = s.Read.WithContext(ctx).Model(&models.ExternalUsergroup{}).Where("usergroup_id = ? AND auth_source_id = ?",
		usergroup, source).Order("id").Pluck("name", &names).Error
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
	if err := people.Where("id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)", usergroup).Pluck("id",
		&known).Error; err != nil {
		return err
	}
	return s.ChangeMembers(ctx, usergroup, func(users []int64) []int64 {
		return append(store.Without(users, known), wanted...)
	})
}

// inSource refuses a group that an LDAP source does not know (docs/spec/foreman.md, 10.4). It asks outside of any
// transaction, so that a server that hangs holds up nobody else, and before anything is written.
func (s *Service) inSource(ctx context.Context, p *models.Principal, before *models.ExternalUsergroup, usergroup int64,
	c ExternalUsergroupChange) error {
	t := s.reading(ctx, p)
	after := models.ExternalUsergroup{UsergroupID: usergroup}
	if before != nil {
		after = *before
	}
	if err := t.applyExternal(&after, c); err != nil {
		return err
	}
	if len(after.Validate()) > 0 || before != nil && before.Name == after.Name &&
		before.AuthSourceID == after.AuthSourceID {
		return nil // the rules that need no server speak first
	}
	source, err := store.First[models.AuthSource](t.Scopes(scopes.WritableSources(p)).Where("auth_sources.id = ?",
		after.AuthSourceID))
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

// unsyncable reports whether a group is the one whose members Active Directory does not list.
func unsyncable(source *models.AuthSource, group string) bool {
	return models.Deref(source.ServerType) == "active_directory" && strings.EqualFold(group, "domain users")
}

// ChangeMembers replaces the members of a group as the auth source that the group is tied to reports them. Authority
// was checked when the tie was made, so it is not checked again.
func (s *Service) ChangeMembers(ctx context.Context, usergroup int64, change func([]int64) []int64) error {
	return s.change(ctx, models.System(), func(t *tx) error {
		if err := t.holdGroups(false); err != nil {
			return err
		}
		return t.changeMembers(usergroup, change)
	})
}

// changeMembers is the part of it that is done in a transaction, under LockGroups.
func (t *tx) changeMembers(usergroup int64, change func([]int64) []int64) error {
	row, err := store.First[models.Usergroup](t.Locking().Where("id = ?", usergroup))
	if err != nil || row == nil {
		return err
	}
	before, err := t.groupState(row)
	if err != nil {
		return err
	}
	after := *before
	if after.users = change(slices.Clone(before.users)); store.SameSet(before.users, after.users) {
		return nil
	}
	return save(t, before, &after, t.groupSteps(before, &after, func() error { return nil }))
}
