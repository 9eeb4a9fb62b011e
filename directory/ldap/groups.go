package ldap

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

// The kinds of servers whose groups differ.
const (
	activeDirectory = "active_directory"
	freeIPA         = "free_ipa"
)

func kind(source *models.AuthSource) string { return models.Deref(source.ServerType) }

// groupsBase is where groups are looked for: below everything, unless the source says where.
func groupsBase(source *models.AuthSource) string {
	return cmp.Or(models.Deref(source.GroupsBase), models.Deref(source.BaseDN))
}

// Which entries are groups, and by which attributes they know their members: by login, or by name.
const (
	groupClasses = "(|(objectClass=posixGroup)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group)(objectClass=ipausergroup))"
	netgroups    = "(objectClass=nisNetgroup)"
)

var groupAttributes = []string{"cn", "memberUid", "member", "uniqueMember"}

// groupsOf names all groups that a person is in, through groups inside groups too. It begins with those that memberOf
// tells (all of them at FreeIPA, the nearest at Active Directory, perhaps none elsewhere) and those that list the person,
// and goes on with those that list these.
func groupsOf(conn *ldap.Conn, source *models.AuthSource, entry *ldap.Entry, login string) ([]string, error) {
	if source.UseNetgroups {
		return netgroupsOf(conn, source, login)
	}
	names := map[string]string{} // by their place, in lower case
	var latest []string
	add := func(dn, name string) {
		if _, known := names[strings.ToLower(dn)]; !known && name != "" {
			names[strings.ToLower(dn)] = name
			latest = append(latest, dn)
		}
	}
	for _, dn := range entry.GetEqualFoldAttributeValues("memberOf") {
		add(dn, groupName(source, dn))
	}
	listing := fmt.Sprintf("(|(memberUid=%s)%s)", ldap.EscapeFilter(login), memberFilter(entry.DN))
	for range maxNesting {
		groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries, "(&"+groupClasses+listing+")", "cn")
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			add(g.DN, g.GetEqualFoldAttributeValue("cn"))
		}
		if len(latest) == 0 {
			break
		}
		listing = ""
		for _, dn := range latest {
			listing += memberFilter(dn)
		}
		listing, latest = "(|"+listing+")", nil
	}
	return sorted(maps.Values(names)), nil
}

func sorted(names iter.Seq[string]) []string { return slices.Compact(slices.Sorted(names)) }

func memberFilter(dn string) string {
	escaped := ldap.EscapeFilter(dn)
	return "(member=" + escaped + ")(uniqueMember=" + escaped + ")"
}

// groupName reads the name of a group off its place, "" for what is no group: FreeIPA lists roles and rules beside them.
func groupName(source *models.AuthSource, dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || !strings.EqualFold(parsed.RDNs[0].Attributes[0].Type, "cn") {
		return ""
	}
	if kind(source) == freeIPA && (len(parsed.RDNs) < 2 || !strings.EqualFold(parsed.RDNs[1].Attributes[0].Value, "groups")) {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// membersOf gives the logins in a group, and whether there is one of that name.
func membersOf(conn *ldap.Conn, source *models.AuthSource, name string) ([]string, bool, error) {
	if source.UseNetgroups {
		return netgroupMembers(conn, source, name)
	}
	groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries, fmt.Sprintf("(&%s(cn=%s))", groupClasses, ldap.EscapeFilter(name)), groupAttributes...)
	if err != nil || len(groups) == 0 {
		return nil, false, err
	}
	m := &members{conn: conn, source: source, seen: map[string]bool{}}
	for _, g := range groups {
		if err := m.group(g, 0); err != nil {
			return nil, false, err
		}
	}
	slices.Sort(m.logins)
	return slices.Compact(m.logins), true, nil
}

// members collects logins, group after group.
type members struct {
	conn   *ldap.Conn
	source *models.AuthSource
	seen   map[string]bool
	logins []string
}

func (m *members) group(g *ldap.Entry, depth int) error {
	if m.seen[strings.ToLower(g.DN)] || depth > maxNesting {
		return nil
	}
	m.seen[strings.ToLower(g.DN)] = true
	m.logins = append(m.logins, g.GetEqualFoldAttributeValues("memberUid")...)
	for _, dn := range slices.Concat(g.GetEqualFoldAttributeValues("member"), g.GetEqualFoldAttributeValues("uniqueMember")) {
		if len(m.seen) > maxEntries {
			return errTooMuch
		}
		if err := m.named(dn, depth); err != nil {
			return err
		}
	}
	return nil
}

// named adds who a member's name means: a person, or everybody in a group.
func (m *members) named(dn string, depth int) error {
	if m.seen[strings.ToLower(dn)] {
		return nil
	}
	entries, err := search(m.conn, dn, ldap.ScopeBaseObject, 1, "(objectClass=*)", append([]string{"objectClass", loginAttr(m.source)}, groupAttributes...)...)
	if err != nil || len(entries) == 0 {
		return err
	}
	if login := entries[0].GetEqualFoldAttributeValue(loginAttr(m.source)); login != "" {
		m.seen[strings.ToLower(dn)] = true
		m.logins = append(m.logins, login)
		return nil
	}
	return m.group(entries[0], depth+1)
}

// Netgroups list triples (host,user,domain) and other netgroups by name.
var netgroupAttributes = []string{"cn", "nisNetgroupTriple", "memberNisNetgroup"}

func netgroupsOf(conn *ldap.Conn, source *models.AuthSource, login string) ([]string, error) {
	names := map[string]bool{}
	about := fmt.Sprintf("(nisNetgroupTriple=*,%s,*)", ldap.EscapeFilter(login))
	for depth := 0; about != "" && depth < maxNesting; depth++ {
		groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries, "(&"+netgroups+about+")", netgroupAttributes...)
		if err != nil {
			return nil, err
		}
		about = ""
		for _, g := range groups {
			name := g.GetEqualFoldAttributeValue("cn")
			isIn := depth > 0 || slices.Contains(usersIn(g), login)
			if isIn && name != "" && !names[name] {
				names[name] = true
				about += fmt.Sprintf("(memberNisNetgroup=%s)", ldap.EscapeFilter(name))
			}
		}
		if about != "" {
			about = "(|" + about + ")"
		}
	}
	return sorted(maps.Keys(names)), nil
}

// usersIn reads the users of a netgroup's triples.
func usersIn(g *ldap.Entry) []string {
	var users []string
	for _, triple := range g.GetEqualFoldAttributeValues("nisNetgroupTriple") {
		parts := strings.Split(strings.Trim(strings.TrimSpace(triple), "()"), ",")
		if len(parts) == 3 && strings.TrimSpace(parts[1]) != "" && strings.TrimSpace(parts[1]) != "-" {
			users = append(users, strings.TrimSpace(parts[1]))
		}
	}
	return users
}

func netgroupMembers(conn *ldap.Conn, source *models.AuthSource, name string) ([]string, bool, error) {
	var logins []string
	seen := map[string]bool{}
	pending := []string{name}
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		if seen[next] {
			continue
		}
		if seen[next] = true; len(seen) > maxEntries {
			return nil, false, errTooMuch
		}
		groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries, fmt.Sprintf("(&%s(cn=%s))", netgroups, ldap.EscapeFilter(next)), netgroupAttributes...)
		if err != nil {
			return nil, false, err
		}
		if next == name && len(groups) == 0 {
			return nil, false, nil
		}
		for _, g := range groups {
			logins = append(logins, usersIn(g)...)
			pending = append(pending, g.GetEqualFoldAttributeValues("memberNisNetgroup")...)
		}
	}
	slices.Sort(logins)
	return slices.Compact(logins), true, nil
}
