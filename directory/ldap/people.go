package ldap

import (
	"fmt"
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

// person returns the entry of a login, nil if there is none. If two entries match, there is none either, because it is
// not known which one is meant. The same holds for an entry with a different login: servers treat full-width letters or
// accents as equal, so that one person could have many accounts here.
func person(conn *ldap.Conn, source *models.AuthSource, login string) (*ldap.Entry, error) {
	entries, err := search(conn, models.Deref(source.BaseDN), ldap.ScopeWholeSubtree, 2, personFilter(source, login),
		personAttributes(source)...)
	if err != nil || len(entries) != 1 || entries[0].DN == "" || loginIn(source, entries[0], login) == "" {
		return nil, err
	}
	return entries[0], nil
}

// loginIn returns the login of an entry that means the same as what was typed, as the server writes it.
func loginIn(source *models.AuthSource, entry *ldap.Entry, typed string) string {
	for _, name := range entry.GetEqualFoldAttributeValues(loginAttr(source)) {
		if models.SameName(name, typed) {
			return name
		}
	}
	return ""
}

func personAttributes(source *models.AuthSource) []string {
	return []string{loginAttr(source), attr(source.AttrFirstname, "givenName"), attr(source.AttrLastname, "sn"),
		attr(source.AttrMail, "mail"), "memberOf"}
}

// attributesOf reads a person's attributes from an entry, without groups.
func attributesOf(source *models.AuthSource, entry *ldap.Entry, login string) *models.Identity {
	text := func(configured *string, usual string) *string {
		if value := entry.GetEqualFoldAttributeValue(attr(configured, usual)); value != "" && models.Storable(value) {
			return &value
		}
		return nil
	}
	return &models.Identity{
		Login: loginIn(source, entry, login), Firstname: text(source.AttrFirstname, "givenName"),
		Lastname: text(source.AttrLastname, "sn"), Mail: text(source.AttrMail, "mail"),
	}
}

// identityOf reads a person from an entry.
func identityOf(conn *ldap.Conn, source *models.AuthSource, entry *ldap.Entry, login string) (*models.Identity, error) {
	id := attributesOf(source, entry, login)
	if !source.UsergroupSync {
		return id, nil
	}
	groups, err := groupsOf(conn, source, entry, id.Login)
	if err != nil {
		return nil, err
	}
	id.Groups = groups
	id.GroupsTold = true
	return id, nil
}
