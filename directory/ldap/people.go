package ldap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

// attr returns the name of an attribute, or what the kind of server calls it.
func attr(configured *string, usual string) string {
	if models.Blank(configured) {
		return usual
	}
	return strings.TrimSpace(*configured)
}

func loginAttr(source *models.AuthSource) string {
	if kind(source) == activeDirectory {
		return attr(source.AttrLogin, "sAMAccountName")
	}
	return attr(source.AttrLogin, "uid")
}

// personFilter is the condition on entries of people: the login, if there is one, and the filter of the source.
func personFilter(source *models.AuthSource, login string) string {
	filter := fmt.Sprintf("(%s=*)", ldap.EscapeFilter(loginAttr(source)))
	if login != "" {
		filter = fmt.Sprintf("(%s=%s)", ldap.EscapeFilter(loginAttr(source)), ldap.EscapeFilter(login))
	}
	return "(&" + filter + source.Filter() + ")"
}

const (
	// maxNamesakes bounds how many entries of one login are looked at.
	maxNamesakes = 10
	// maxAliases bounds how many logins of one entry are.
	maxAliases = 16
)

// person returns the entry of a login, nil if there is none. If two entries have it, that is a Conflict, because it is
// not known which one is meant. An entry with a different login does not count: servers treat full-width letters or
// accents as equal, so that one person could have many accounts here.
func (s *session) person(login string) (*ldap.Entry, error) {
	base := models.Deref(s.source.BaseDN)
	entries, more, err := s.few(base, personFilter(s.source, login), maxNamesakes, personAttributes(s.source)...)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e *ldap.Entry) bool {
		return e.DN == "" || kind(s.source) == freeIPA && isView(base, e.DN) || spelling(s.source, e, login) == ""
	})
	switch {
	case len(entries) > 1:
		return nil, models.Fail(models.Conflict, models.RuleTwoEntries, entries[0].DN, entries[1].DN)
	case more:
		return nil, errTooMany
	case len(entries) == 0:
		return nil, nil
	}
	return entries[0], nil
}

// spelling returns the login of an entry that means the same as what was typed, as the server writes it.
func spelling(source *models.AuthSource, entry *ldap.Entry, typed string) string {
	names, _ := valuesIn(entry, loginAttr(source))
	for _, name := range names {
		if models.SameName(name, typed) {
			return name
		}
	}
	return ""
}

// loginsOf returns the logins of an entry that accounts can have.
func loginsOf(source *models.AuthSource, entry *ldap.Entry) []string {
	names, _ := valuesIn(entry, loginAttr(source))
	names = slices.DeleteFunc(names, func(name string) bool { return !models.UsableLogin(name) })
	return names[:min(len(names), maxAliases)]
}

func personAttributes(source *models.AuthSource) []string {
	return []string{loginAttr(source), attr(source.AttrFirstname, "givenName"), attr(source.AttrLastname, "sn"),
		attr(source.AttrMail, "mail"), "memberOf"}
}

// identityOf reads a person's attributes from an entry that a login led to, without groups. The first login of the
// entry names the person, whichever was typed. It and the others count only if they lead to this entry and no other:
// else people who may write their entries could take the login of somebody else for another one of theirs.
func (s *session) identityOf(entry *ldap.Entry, typed string) (*models.Identity, error) {
	text := func(configured *string, usual string) *string {
		if value := first(entry, attr(configured, usual)); value != "" && models.Storable(value) {
			return &value
		}
		return nil
	}
	id := &models.Identity{
		Login: spelling(s.source, entry, typed), Firstname: text(s.source.AttrFirstname, "givenName"),
		Lastname: text(s.source.AttrLastname, "sn"), Mail: text(s.source.AttrMail, "mail"),
	}
	var certain []string
	for i, login := range loginsOf(s.source, entry) {
		leads, err := s.leadsTo(login, typed, entry)
		if err != nil && (i == 0 || models.KindOf(err) != models.Conflict) {
			return nil, err
		}
		if leads {
			certain = append(certain, login)
		}
	}
	if len(certain) > 0 {
		id.Aliases = slices.DeleteFunc(certain[1:], func(login string) bool { return login == id.Login })
		id.Aliases = append(id.Aliases, id.Login)
		id.Login = certain[0]
	}
	return id, nil
}

// leadsTo reports whether a login leads to an entry, as the one that was typed does.
func (s *session) leadsTo(login, typed string, entry *ldap.Entry) (bool, error) {
	if models.SameName(login, typed) {
		return true, nil
	}
	found, err := s.person(login)
	return found != nil && keyOf(found.DN) == keyOf(entry.DN), err
}
