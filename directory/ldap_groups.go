package directory

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// TestLdapSource tries the connection to a source's server; trouble says what is wrong, nil that nothing is
// (docs/spec/foreman.md, 5.9). Whoever may edit a source may try it.
func (s *Service) TestLdapSource(ctx context.Context, p *models.Principal, ref store.Ref) (a *models.AuthSource,
	trouble *models.Broken, err error) {
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
