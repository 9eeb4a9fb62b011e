package ldap

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// netgroup is a list of triples (host,user,domain) and of other netgroups by name.
type netgroup struct{ users, inside []string }

// netgroups returns those that pass a filter, by their names in lower case.
func (s *session) netgroups(filter string) (map[string]netgroup, error) {
	entries, err := s.list(groupsBase(s.source), "(&(objectClass=nisNetgroup)"+filter+")", "cn", "nisNetgroupTriple",
		"memberNisNetgroup")
	if err != nil {
		return nil, err
	}
	groups := map[string]netgroup{}
	for _, e := range entries {
		triples, err := s.values(e, "nisNetgroupTriple")
		if err != nil {
			return nil, err
		}
		inside, err := s.values(e, "memberNisNetgroup")
		if err != nil {
			return nil, err
		}
		names, _ := valuesIn(e, "cn")
		for _, name := range lowered(names) {
			g := groups[name] // there may be two of a name, below different entries
			groups[name] = netgroup{users: append(g.users, usersIn(triples)...),
				inside: append(g.inside, lowered(inside)...)}
		}
	}
	return groups, nil
}

// lowered returns names in the form that netgroups are found by.
func lowered(names []string) []string {
	small := make([]string, len(names))
	for i, name := range names {
		small[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return small
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

// netgroupsOf returns the names of the netgroups that a person is in. It reads all of them: servers know no way to
// compare parts of triples.
func (s *session) netgroupsOf(logins []string) ([]string, error) {
	groups, err := s.netgroups("")
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, login := range logins {
		maps.Copy(found, groupsAround(groups, login))
	}
	return sorted(maps.Keys(found)), nil
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

// netgroupMembers returns the users of a netgroup and of those inside it, which are asked for by name, and whether
// there is such a netgroup.
func (s *session) netgroupMembers(name string) ([]string, bool, error) {
	known := map[string]netgroup{}
	asked := map[string]bool{}
	name = lowered([]string{name})[0]
	for pending := []string{name}; len(pending) > 0; {
		var inside []string
		for names := range slices.Chunk(pending, maxConditions) {
			conditions := ""
			for _, n := range names {
				asked[n] = true
				conditions += "(cn=" + ldap.EscapeFilter(n) + ")"
			}
			groups, err := s.netgroups("(|" + conditions + ")")
			if err != nil {
				return nil, false, err
			}
			maps.Copy(known, groups)
			for _, g := range groups {
				inside = append(inside, g.inside...)
			}
		}
		pending = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(inside))),
			func(n string) bool { return asked[n] })
		if len(asked)+len(pending) > maxEntries {
			return nil, false, errTooMany
		}
	}
	_, found := known[name]
	return sorted(slices.Values(everybodyIn(known, name))), found, nil
}
