package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/models"
	"roster/scopes"
)

// LDAP asks the servers of LDAP sources. The sources come without their bind password, which is given in the clear beside
// them. Answers are bounded in size, and every call ends with its context.
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

var errNoLDAP = errors.New("this server asks no LDAP servers")

// ask puts a question to the server of a source, with the source as it is kept.
func (s *Service) ask(ctx context.Context, id int64, question func(ctx context.Context, source *models.AuthSource, bindPassword string) error) error {
	if s.outside.ldap == nil {
		return errNoLDAP
	}
	source, err := first[models.AuthSource](s.read.WithContext(ctx).Where("id = ?", id))
	if err != nil {
		return err
	}
	if source == nil {
		return errors.New("the auth source is gone")
	}
	bindPassword := ""
	if source.AccountPassword != nil {
		if bindPassword, err = s.unseal(*source.AccountPassword); err != nil {
			return err
		}
		source.AccountPassword = nil
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

// verifiedByLDAP proves a password by asking the person's LDAP server, unless it has said yes within the last minute. It
// gives nil if the password is wrong, or the server does not answer.
func (s *Service) verifiedByLDAP(ctx context.Context, row *caller, password string) (*caller, error) {
	key := s.passwords.digest("ldap", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10), strconv.FormatInt(row.SeenRefs, 10), row.UpdatedAt.String(), password)
	if _, ok := s.outside.lately.GetIfPresent(key); ok {
		return row, nil
	}
	id := s.askLogin(ctx, row.AuthSourceID, row.Login, password)
	if id == nil {
		return nil, nil
	}
	row, err := s.welcomed(ctx, row, id)
	if err == nil {
		s.outside.lately.Set(key, struct{}{})
	}
	return row, err
}

// askLogin gives who has the login and the password at a source, nil if nobody, or if the server does not answer.
func (s *Service) askLogin(ctx context.Context, source int64, login, password string) *models.Identity {
	var id *models.Identity
	err := s.ask(ctx, source, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = s.outside.ldap.Login(ctx, source, bindPassword, login, password)
		if id != nil && !source.UsergroupSync {
			id.GroupsTold = false
		}
		return err
	})
	if err != nil {
		s.log.WarnContext(ctx, "an LDAP server did not answer", slog.Int64("auth_source_id", source), slog.String("error", err.Error()))
		return nil
	}
	return id
}

// stillThere tells whether a person who came with a token is still known to the LDAP server (spec, section 7.2). One that
// does not answer knows nobody.
func (s *Service) stillThere(ctx context.Context, row *models.User) bool {
	key := s.passwords.digest("there", row.LowerLogin, strconv.FormatInt(row.AuthSourceID, 10))
	if _, ok := s.outside.lately.GetIfPresent(key); ok {
		return true
	}
	var id *models.Identity
	err := s.ask(ctx, row.AuthSourceID, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		var err error
		id, err = s.outside.ldap.Person(ctx, source, bindPassword, row.Login)
		return err
	})
	if err != nil {
		s.log.WarnContext(ctx, "an LDAP server did not answer", slog.Int64("auth_source_id", row.AuthSourceID), slog.String("error", err.Error()))
	}
	if err != nil || id == nil {
		return false
	}
	s.outside.lately.Set(key, struct{}{})
	return true
}

// firstVisit asks the sources that register people on the fly about somebody who has no account yet (spec, section 7.2).
func (s *Service) firstVisit(ctx context.Context, a Attempt) (*caller, error) {
	r, err := s.latestRefs(ctx)
	if err != nil {
		return nil, err
	}
	nobody, err := s.newSecret()
	if err != nil {
		return nil, err
	}
	source, id := s.askAround(ctx, r, 0, func(source *models.AuthSource) (login, password string) {
		if source.OntheflyRegister {
			return a.Login, a.Password
		}
		return nobody, nobody
	})
	if id != nil {
		return s.register(ctx, source, id)
	}
	if err := s.passwords.waste(ctx, a.Password); err != nil {
		return nil, err
	}
	return nil, ErrCredentials
}

// askAround asks the LDAP sources in turn, but for one that has been asked before, until one knows whom it is asked
// about. Every refusal asks all of them, be it about nobody, so that its time does not tell which of them would be asked
// about somebody. Each has its share of the time, so that one that hangs leaves some to the next.
func (s *Service) askAround(ctx context.Context, r *refs, asked int64, about func(*models.AuthSource) (login, password string)) (*models.AuthSource, *models.Identity) {
	ctx, cancel := context.WithTimeout(ctx, ldapPatience)
	defer cancel()
	var sources []*models.AuthSource
	for _, source := range r.sources {
		if source.Type == models.LdapSource && source.ID != asked {
			sources = append(sources, source)
		}
	}
	slices.SortFunc(sources, func(a, b *models.AuthSource) int { return cmp.Compare(a.ID, b.ID) })
	for i, source := range sources {
		end, _ := ctx.Deadline()
		limited, cancel := context.WithTimeout(ctx, time.Until(end)/time.Duration(len(sources)-i))
		login, password := about(source)
		id := s.askLogin(limited, source.ID, login, password)
		cancel()
		if id != nil {
			return source, id
		}
	}
	return nil, nil
}

// TestLdapSource tries the connection to a source's server; trouble tells what is wrong, "" that nothing is (spec,
// section 5.9). Whoever may edit a source may try it.
func (s *Service) TestLdapSource(ctx context.Context, p *models.Principal, ref Ref) (a *models.AuthSource, trouble string, err error) {
	kinds := []models.AuthSourceKind{models.LdapSource}
	a, err = find[models.AuthSource](s.read.WithContext(ctx), p, sourceNoun(kinds), "edit_authenticators", ref, nil, ofKinds(p, kinds, "edit_authenticators"))
	if err != nil {
		return nil, "", err
	}
	a.AccountPassword = nil
	err = s.ask(ctx, a.ID, func(ctx context.Context, source *models.AuthSource, bindPassword string) error {
		return s.outside.ldap.Test(ctx, source, bindPassword)
	})
	if err != nil {
		trouble = err.Error()
	}
	return a, trouble, nil
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
	r, err := s.latestRefs(ctx)
	if err != nil {
		return err
	}
	if from := r.sources[source]; from == nil || from.Type != models.LdapSource {
		return nil // other sources tell at login who is in what
	}
	var names []string
	err = s.read.WithContext(ctx).Model(&models.ExternalUsergroup{}).Where("usergroup_id = ? AND auth_source_id = ?", usergroup, source).Order("id").Pluck("name", &names).Error
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
	people := s.read.WithContext(ctx).Model(&models.User{}).Scopes(scopes.NotHidden).Where("auth_source_id = ?", source)
	cond, value, err := s.amongTexts("lower_login", logins)
	if err != nil {
		return err
	}
	if err := people.Where(cond, value).Pluck("id", &wanted).Error; err != nil {
		return err
	}
	people = s.read.WithContext(ctx).Model(&models.User{}).Where("auth_source_id = ?", source)
	if err := people.Where("id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)", usergroup).Pluck("id", &known).Error; err != nil {
		return err
	}
	return s.changeMembers(ctx, usergroup, func(users []int64) []int64 {
		return append(without(users, known), wanted...)
	})
}

// amongTexts gives the condition that a column holds one of the texts, which are bound as one.
func (s *Service) amongTexts(column string, texts []string) (condition, list string, err error) {
	text, err := json.Marshal(append([]string{}, texts...))
	if s.postgres {
		return column + " IN (SELECT jsonb_array_elements_text(CAST(? AS JSONB)))", string(text), err
	}
	return column + " IN (SELECT value FROM json_each(?))", string(text), err
}

// inSource refuses a group that an LDAP source does not know (spec, section 10.4). It asks outside of any transaction, so
// that a server that hangs holds up nobody else, and before anything is written.
func (s *Service) inSource(ctx context.Context, p *models.Principal, before *models.ExternalUsergroup, usergroup int64, c ExternalUsergroupChange) error {
	t := &tx{DB: s.read.WithContext(ctx), s: s, p: p}
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
	source, err := first[models.AuthSource](t.Scopes(scopes.WritableSources(p)).Where("auth_sources.id = ?", after.AuthSourceID))
	if err != nil || source == nil || source.Type != models.LdapSource || unsyncable(source, after.Name) {
		return err
	}
	switch _, found, err := s.members(ctx, source.ID, after.Name); {
	case err != nil:
		return models.Refuse("auth_source_id", fmt.Sprintf("LDAP error - %s", err))
	case !found:
		return models.Refuse("name", "is not found in the authentication source")
	}
	return nil
}

// unsyncable tells the one group whose members Active Directory does not tell.
func unsyncable(source *models.AuthSource, group string) bool {
	return models.Deref(source.ServerType) == "active_directory" && strings.EqualFold(group, "domain users")
}
