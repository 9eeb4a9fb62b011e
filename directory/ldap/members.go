package ldap

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

// maxMembers bounds how many names of members are looked up for one group, those in groups inside included. Each takes
// some fifteen of the elements that a connection may bring.
const maxMembers = 25_000

// How groups know their members: by login, or by the names of entries.
var memberAttributes = []string{"memberUid", "member", "uniqueMember"}

// membersOf returns the logins in a group, and whether there is one of that name.
func (s *session) membersOf(name string) ([]string, bool, error) {
	if s.source.UseNetgroups {
		return s.netgroupMembers(name)
	}
	groups, err := s.list(groupsBase(s.source), fmt.Sprintf("(&%s(cn=%s))", groupClasses, ldap.EscapeFilter(name)),
		append([]string{"cn"}, memberAttributes...)...)
	if err != nil {
		return nil, false, err
	}
	groups = slices.DeleteFunc(groups, func(g *ldap.Entry) bool {
		return !isGroup(s.source, g) || !isCalled(g, name)
	})
	m := &members{session: s, seen: map[string]bool{}}
	if err := m.walk(groups); err != nil {
		return nil, false, err
	}
	if err := m.addOthers(); err != nil {
		return nil, false, err
	}
	return sorted(slices.Values(m.logins)), len(groups) > 0, nil
}

// isCalled reports whether a group has a name. Servers take accents and full-width letters for others.
func isCalled(g *ldap.Entry, name string) bool {
	names, _ := valuesIn(g, "cn")
	return slices.ContainsFunc(names, func(cn string) bool { return models.SameName(cn, name) })
}

// members collects logins, group after group.
type members struct {
	*session
	// seen are the entries so far, by what keyOf makes of their names.
	seen   map[string]bool
	logins []string
	// listed are those of the logins that stood in groups.
	listed []string
}

// walk adds everybody in the groups, and in those inside.
func (m *members) walk(groups []*ldap.Entry) error {
	for depth := 0; len(groups) > 0 && depth <= maxNesting; depth++ {
		var names []string
		for _, g := range groups {
			listed, err := m.listedIn(g)
			if err != nil {
				return err
			}
			names = append(names, listed...)
		}
		inside, err := m.lookUp(names, groups[0])
		if err != nil {
			return err
		}
		groups = inside
	}
	return nil
}

// listedIn adds the logins that a group lists, and returns the names of entries that it lists and that are new.
func (m *members) listedIn(g *ldap.Entry) ([]string, error) {
	m.seen[keyOf(g.DN)] = true
	var names []string
	for _, attribute := range memberAttributes {
		values, err := m.values(g, attribute)
		if err != nil {
			return nil, err
		}
		if attribute == "memberUid" {
			m.listed = append(m.listed, values...)
			m.logins = append(m.logins, values...)
			continue
		}
		for _, dn := range values {
			if key := keyOf(dn); !m.seen[key] {
				m.seen[key] = true
				names = append(names, dn)
			}
		}
	}
	if len(m.seen) > maxMembers || len(m.logins) > maxValues {
		return nil, errTooMany
	}
	return names, nil
}

// lookUp adds the logins of the people among the entries of these names, and returns the groups among them. An entry
// that the server does not show, because it is elsewhere or not for everybody, is left out; but then the server has to
// show the group once more, so that no server in trouble is taken for one that hides its people.
func (m *members) lookUp(names []string, group *ldap.Entry) ([]*ldap.Entry, error) {
	found := make([]*ldap.Entry, len(names))
	logins := make([][]string, len(names))
	var hidden atomic.Bool
	err := sideBySide(len(names), func(i int) error {
		e, err := m.entry(names[i], append([]string{loginAttr(m.source)}, memberAttributes...)...)
		switch {
		case isRefusal(err):
			hidden.Store(true)
			return nil
		case err != nil || e == nil:
			return err
		case hasMembers(e):
			found[i] = e
			return nil
		}
		logins[i], err = m.certainLogins(e)
		return err
	})
	if err == nil && hidden.Load() {
		_, err = m.entry(group.DN, "1.1")
	}
	if err != nil {
		return nil, err
	}
	m.logins = append(m.logins, slices.Concat(logins...)...)
	return slices.DeleteFunc(found, func(e *ldap.Entry) bool { return e == nil }), nil
}

// certainLogins returns the logins of a person's entry: the only one, or those of several that lead to this entry and
// no other.
func (s *session) certainLogins(e *ldap.Entry) ([]string, error) {
	logins := loginsOf(s.source, e)
	if len(logins) < 2 {
		return logins, nil
	}
	var certain []string
	for _, login := range logins {
		found, err := s.person(login)
		if err != nil && models.KindOf(err) != models.Conflict {
			return nil, err
		}
		if found != nil && keyOf(found.DN) == keyOf(e.DN) {
			certain = append(certain, login)
		}
	}
	return certain, nil
}

// addOthers adds the other logins of people whom groups list by one of several.
func (m *members) addOthers() error {
	if len(m.listed) == 0 {
		return nil
	}
	listed := map[string]bool{}
	for _, login := range m.listed {
		listed[models.LowerLogin(login)] = true
	}
	parts := slices.Collect(slices.Chunk(slices.Collect(maps.Keys(listed)), maxConditions))
	others := make([][]string, len(parts))
	err := sideBySide(len(parts), func(i int) error {
		var err error
		others[i], err = m.othersOf(parts[i], listed)
		if isRefusal(err) {
			return nil
		}
		return err
	})
	m.logins = append(m.logins, slices.Concat(others...)...)
	return err
}

// othersOf returns all logins of people who have one of these and others.
func (m *members) othersOf(logins []string, listed map[string]bool) ([]string, error) {
	conditions := ""
	for _, login := range logins {
		conditions += "(" + ldap.EscapeFilter(loginAttr(m.source)) + "=" + ldap.EscapeFilter(login) + ")"
	}
	entries, err := m.list(models.Deref(m.source.BaseDN), "(|"+conditions+")", loginAttr(m.source))
	if err != nil {
		return nil, err
	}
	var others []string
	for _, e := range entries {
		if len(loginsOf(m.source, e)) < 2 {
			continue
		}
		certain, err := m.certainLogins(e)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(certain, func(login string) bool { return listed[models.LowerLogin(login)] }) {
			others = append(others, certain...)
		}
	}
	return others, nil
}

// isRefusal reports whether a server has answered, but not what it was asked for.
func isRefusal(err error) bool { return err != nil && (isResult(err) || err == errTooMany) }

// hasMembers says groups from people. Active Directory gives both a login.
func hasMembers(e *ldap.Entry) bool {
	return slices.ContainsFunc(memberAttributes, func(name string) bool {
		values, _ := valuesIn(e, name)
		return len(values) > 0
	})
}
