package ldap

import (
	"cmp"
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

// groupClasses is the condition on entries of groups.
const groupClasses = "(|(objectClass=posixGroup)(objectClass=groupOfNames)" +
	"(objectClass=groupOfUniqueNames)(objectClass=group)(objectClass=ipausergroup))"

// maxConditions bounds how many conditions of a kind one filter has.
const maxConditions = 50

// groupsOf returns the names of all groups that a person with these logins is in, nested ones included. It begins with
// the groups in memberOf (all of them with FreeIPA, the nearest with Active Directory, possibly none elsewhere) and
// those that list the person, and continues with the groups that list these. Groups outside the base have no names
// here, but may be in groups that do.
func (s *session) groupsOf(entry *ldap.Entry, logins []string) ([]string, error) {
	if s.source.UseNetgroups {
		return s.netgroupsOf(logins)
	}
	told, err := s.values(entry, "memberOf")
	if err != nil {
		return nil, err
	}
	a := &around{session: s, known: map[string]bool{}, names: map[string]bool{}}
	for _, dn := range told {
		switch name := groupName(s.source, dn); {
		case name == "":
		case isBelow(groupsBase(s.source), dn):
			a.add(dn, name)
		default:
			a.add(dn)
		}
	}
	conditions := memberConditions(s.source, entry.DN)
	for _, login := range logins {
		conditions = append(conditions, "(memberUid="+ldap.EscapeFilter(login)+")")
	}
	for depth := 0; depth < maxNesting && len(conditions) > 0; depth++ {
		if err := a.listing(conditions); err != nil {
			return nil, err
		}
		conditions = nil
		for _, dn := range a.latest {
			conditions = append(conditions, memberConditions(s.source, dn)...)
		}
		a.latest = nil
	}
	return sorted(maps.Keys(a.names)), nil
}

// around collects the groups around a person.
type around struct {
	*session
	// known are the groups so far, by what keyOf makes of their names; latest are those whose own groups are still to
	// be asked for.
	known  map[string]bool
	latest []string
	names  map[string]bool
}

func (a *around) add(dn string, names ...string) {
	if key := keyOf(dn); !a.known[key] {
		a.known[key] = true
		a.latest = append(a.latest, dn)
	}
	for _, name := range names {
		a.names[name] = true
	}
}

// listing adds the groups that fulfil one of the conditions.
func (a *around) listing(conditions []string) error {
	if len(conditions) > 2*maxEntries {
		return errTooMany
	}
	parts := slices.Collect(slices.Chunk(conditions, maxConditions))
	found := make([][]*ldap.Entry, len(parts))
	err := sideBySide(len(parts), func(i int) error {
		var err error
		found[i], err = a.list(groupsBase(a.source), "(&"+groupClasses+"(|"+strings.Join(parts[i], "")+"))", "cn")
		return err
	})
	if err != nil {
		return err
	}
	for _, g := range slices.Concat(found...) {
		if isGroup(a.source, g) {
			names, _ := valuesIn(g, "cn")
			a.add(g.DN, names...)
		}
	}
	if len(a.known) > maxEntries {
		return errTooMany
	}
	return nil
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

// keyOf returns a name of an entry in one of its spellings.
func keyOf(dn string) string {
	if parsed, err := ldap.ParseDN(dn); err == nil {
		dn = parsed.String()
	}
	return strings.ToLower(dn)
}

func sorted(names iter.Seq[string]) []string { return slices.Compact(slices.Sorted(names)) }

// memberConditions are the conditions on entries that list an entry. Active Directory has no uniqueMember.
func memberConditions(source *models.AuthSource, dn string) []string {
	escaped := ldap.EscapeFilter(dn)
	conditions := []string{"(member=" + escaped + ")", "(uniqueMember=" + escaped + ")"}
	if kind(source) == activeDirectory {
		return conditions[:1]
	}
	return conditions
}

// groupName returns the name of a group by its place in the tree, "" for entries that are no groups: FreeIPA lists
// roles and rules beside them.
func groupName(source *models.AuthSource, dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || !strings.EqualFold(parsed.RDNs[0].Attributes[0].Type, "cn") {
		return ""
	}
	if kind(source) == freeIPA &&
		(len(parsed.RDNs) < 2 || !strings.EqualFold(parsed.RDNs[1].Attributes[0].Value, "groups") ||
			isView(groupsBase(source), dn)) {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// isGroup says groups from what only has their shape at FreeIPA.
func isGroup(source *models.AuthSource, g *ldap.Entry) bool {
	return kind(source) != freeIPA || groupName(source, g.DN) != ""
}

// isView reports whether an entry of FreeIPA is another view of one that is elsewhere: it is below cn=compat, and the
// base is not.
func isView(base, dn string) bool {
	within, err := ldap.ParseDN(base)
	if err != nil {
		return false
	}
	entry, err := ldap.ParseDN(dn)
	return err == nil && len(entry.RDNs) > 0 && slices.ContainsFunc(entry.RDNs[1:], isCompat) &&
		!slices.ContainsFunc(within.RDNs, isCompat)
}

func isCompat(rdn *ldap.RelativeDN) bool {
	return len(rdn.Attributes) == 1 && strings.EqualFold(rdn.Attributes[0].Type, "cn") &&
		strings.EqualFold(rdn.Attributes[0].Value, "compat")
}
