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
const groupClasses = "(|(objectClass=posixGroup)(objectClass=groupOfNames)" +
	"(objectClass=groupOfUniqueNames)(objectClass=group)(objectClass=ipausergroup))"

var groupAttributes = []string{"cn", "memberUid", "member", "uniqueMember"}

// groupsOf returns the names of all groups that a person is in, nested ones included. It begins with the groups in
// memberOf (all of them with FreeIPA, the nearest with Active Directory, possibly none elsewhere) and those that list
// the person, and continues with the groups that list these. Groups outside the base have no names here, but may be in
// groups that do.
func groupsOf(conn *ldap.Conn, source *models.AuthSource, entry *ldap.Entry, login string) ([]string, error) {
	if source.UseNetgroups {
		return netgroupsOf(conn, source, login)
	}
	names := map[string]string{} // by their place, in lower case
	var latest []string
	add := func(dn, name string) {
		if _, known := names[strings.ToLower(dn)]; !known {
			names[strings.ToLower(dn)] = name
			latest = append(latest, dn)
		}
	}
	for _, dn := range entry.GetEqualFoldAttributeValues("memberOf") {
		name := groupName(source, dn)
		if name == "" {
			continue
		}
		if !isBelow(groupsBase(source), dn) {
			name = ""
		}
		add(dn, name)
	}
	listing := fmt.Sprintf("(|(memberUid=%s)%s)", ldap.EscapeFilter(login), memberFilter(entry.DN))
	for range maxNesting {
		groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries,
			"(&"+groupClasses+listing+")", "cn")
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if isGroup(source, g) {
				add(g.DN, g.GetEqualFoldAttributeValue("cn"))
			}
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
	maps.DeleteFunc(names, func(_, name string) bool { return name == "" })
	return sorted(maps.Values(names)), nil
}

// isBelow reports whether an entry is a base or below it.
func isBelow(base, dn string) bool {
	above, err := ldap.ParseDN(base)
	if err != nil {
		return false
	}
	entry, err := ldap.ParseDN(dn)
	return err == nil && (above.EqualFold(entry) || above.AncestorOfFold(entry))
}

func sorted(names iter.Seq[string]) []string { return slices.Compact(slices.Sorted(names)) }

func memberFilter(dn string) string {
	escaped := ldap.EscapeFilter(dn)
	return "(member=" + escaped + ")(uniqueMember=" + escaped + ")"
}

// groupName returns the name of a group by its place in the tree, "" for entries that are no groups: FreeIPA lists
// roles and rules beside them.
func groupName(source *models.AuthSource, dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || !strings.EqualFold(parsed.RDNs[0].Attributes[0].Type, "cn") {
		return ""
	}
	if kind(source) == freeIPA &&
		(len(parsed.RDNs) < 2 || !strings.EqualFold(parsed.RDNs[1].Attributes[0].Value, "groups")) {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// membersOf returns the logins in a group, and whether there is one of that name.
func membersOf(conn *ldap.Conn, source *models.AuthSource, name string) ([]string, bool, error) {
	if source.UseNetgroups {
		return netgroupMembers(conn, source, name)
	}
	groups, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries,
		fmt.Sprintf("(&%s(cn=%s))", groupClasses, ldap.EscapeFilter(name)), groupAttributes...)
	if err != nil || len(groups) == 0 {
		return nil, false, err
	}
	m := &members{conn: conn, source: source, seen: map[string]bool{}}
	found := false
	for _, g := range groups {
		if !isGroup(source, g) {
			continue
		}
		found = true
		if err := m.group(g, 0); err != nil {
			return nil, false, err
		}
	}
	return sorted(slices.Values(m.logins)), found, nil
}

// isGroup says groups from what only has their shape at FreeIPA.
func isGroup(source *models.AuthSource, g *ldap.Entry) bool {
	return kind(source) != freeIPA || groupName(source, g.DN) != ""
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
	for _, dn := range slices.Concat(g.GetEqualFoldAttributeValues("member"),
		g.GetEqualFoldAttributeValues("uniqueMember")) {
		if len(m.seen) > maxEntries {
			return errTooMany
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
	entries, err := search(m.conn, dn, ldap.ScopeBaseObject, 1, "(objectClass=*)",
		append([]string{"objectClass", loginAttr(m.source)}, groupAttributes...)...)
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

// netgroup is a list of triples (host,user,domain) and of other netgroups by name.
type netgroup struct{ users, inside []string }

// netgroupsBy reads all netgroups. There are few, and servers know no way to compare parts of triples.
func netgroupsBy(conn *ldap.Conn, source *models.AuthSource) (map[string]netgroup, error) {
	entries, err := search(conn, groupsBase(source), ldap.ScopeWholeSubtree, maxEntries, "(objectClass=nisNetgroup)",
		"cn", "nisNetgroupTriple", "memberNisNetgroup")
	if err != nil {
		return nil, err
	}
	groups := map[string]netgroup{}
	for _, e := range entries {
		groups[e.GetEqualFoldAttributeValue("cn")] = netgroup{usersIn(
			e.GetEqualFoldAttributeValues("nisNetgroupTriple")), e.GetEqualFoldAttributeValues("memberNisNetgroup")}
	}
	return groups, nil
}

// usersIn returns the users of triples; "-" and nothing stand for no user.
func usersIn(triples []string) []string {
	var users []string
	for _, triple := range triples {
		parts := strings.Split(strings.Trim(strings.TrimSpace(triple), "()"), ",")
		if len(parts) == 3 {
			if user := strings.TrimSpace(parts[1]); user != "" && user != "-" {
				users = append(users, user)
			}
		}
	}
	return users
}

// everybodyIn returns the users of a netgroup and of all inside it.
func everybodyIn(groups map[string]netgroup, name string) []string {
	var users []string
	seen := map[string]bool{}
	for pending := []string{name}; len(pending) > 0; pending = pending[1:] {
		if !seen[pending[0]] {
			seen[pending[0]] = true
			users = append(users, groups[pending[0]].users...)
			pending = append(pending, groups[pending[0]].inside...)
		}
	}
	return users
}

func netgroupsOf(conn *ldap.Conn, source *models.AuthSource, login string) ([]string, error) {
	groups, err := netgroupsBy(conn, source)
	if err != nil {
		return nil, err
	}
	return sorted(maps.Keys(groupsAround(groups, login))), nil
}

// groupsAround returns the netgroups that list a user, and all that those are in. Each link is followed once.
func groupsAround(groups map[string]netgroup, login string) map[string]bool {
	around := map[string][]string{}
	var pending []string
	for name, g := range groups {
		for _, inner := range g.inside {
			around[inner] = append(around[inner], name)
		}
		if slices.Contains(g.users, login) {
			pending = append(pending, name)
		}
	}
	found := map[string]bool{}
	for ; len(pending) > 0; pending = pending[1:] {
		if name := pending[0]; !found[name] {
			found[name] = true
			pending = append(pending, around[name]...)
		}
	}
	return found
}

func netgroupMembers(conn *ldap.Conn, source *models.AuthSource, name string) ([]string, bool, error) {
	groups, err := netgroupsBy(conn, source)
	if err != nil {
		return nil, false, err
	}
	_, found := groups[name]
	return sorted(slices.Values(everybodyIn(groups, name))), found, nil
}
