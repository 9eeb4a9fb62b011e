package foreman

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/directory/seed"
	"roster/models"
)

// census is what decides who sees whom, as the tables have it. Its methods work out lists of users in the plainest way
// (docs/spec/foreman.md, 8.4 and 12.4), without a query.
type census struct {
	users   map[int64]*censusUser
	tenants map[int64]*censusTenant
	groups  map[int64]*censusGroup
	roles   map[int64]string
	filters map[int64]*censusFilter
}

type censusUser struct {
	ID                                         int64
	Login                                      string
	Firstname, Lastname, Mail, Description     *string
	Admin                                      bool
	Source, SourceType                         string
	tenants, activeTenants, directGroups, held []int64
	inTenants                                  []censusHeld
	// carried are the roles of memberships in whatever state.
	carried   []censusHeld
	suspended []int64
}

// censusHeld is a role that is held in a tenant.
type censusHeld struct{ role, tenant int64 }

type censusTenant struct {
	ID       int64
	Type     models.TenantKind
	ParentID int64
	Open     bool
}

type censusGroup struct {
	ID                int64
	Name              string
	Admin             bool
	containers, roles []int64
	tenants           []int64
	inTenants         []censusHeld
	carried           []censusHeld
}

// censusFilter is a filter that gives the permission to view users.
type censusFilter struct {
	ID, RoleID                             int64
	Search                                 string
	LocationsLimited, OrganizationsLimited bool
	limits                                 map[models.TenantKind][]int64
	// within are the tenants in which the role holds; nil for everywhere.
	within func(tenant int64) bool
}

// readCensus reads the tables.
func readCensus(t testing.TB, s *server) *census {
	t.Helper()
	w := &census{users: map[int64]*censusUser{}, tenants: map[int64]*censusTenant{}, groups: map[int64]*censusGroup{},
		roles: map[int64]string{}, filters: map[int64]*censusFilter{}}
	for _, u := range rowsOf[censusUser](t, s, "SELECT u.id, u.login, u.firstname, u.lastname, u.mail, u.description, "+
		"u.admin, a.name AS source, a.type AS source_type FROM users u JOIN auth_sources a ON a.id = u.auth_source_id "+
		"WHERE NOT u.hidden") {
		w.users[u.ID] = u
	}
	for _, x := range rowsOf[censusTenant](t, s, "SELECT id, type, COALESCE(parent_id, 0) AS parent_id, "+
		`ignore_types LIKE '%"User"%' AS open FROM taxonomies`) {
		w.tenants[x.ID] = x
	}
	for _, g := range rowsOf[censusGroup](t, s, "SELECT id, name, admin FROM usergroups") {
		w.groups[g.ID] = g
	}
	for _, r := range rowsOf[censusGroup](t, s, "SELECT id, name FROM roles") {
		w.roles[r.ID] = r.Name
	}
	for _, f := range rowsOf[censusFilter](t, s, "SELECT f.id, f.role_id, COALESCE(f.search, '') AS search, "+
		"f.locations_limited, f.organizations_limited FROM filters f JOIN filter_permissions x ON x.filter_id = f.id "+
		"JOIN permissions p ON p.id = x.permission_id WHERE p.name = 'view_users'") {
		f.limits = map[models.TenantKind][]int64{}
		w.filters[f.ID] = f
	}
	w.readLinks(t, s)
	return w
}

func (w *census) readLinks(t testing.TB, s *server) {
	t.Helper()
	link := func(sql string, add func(a, b int64)) {
		for _, l := range rowsOf[struct{ A, B int64 }](t, s, sql) {
			add(l.A, l.B)
		}
	}
	link("SELECT user_id AS a, taxonomy_id AS b FROM memberships WHERE user_id IS NOT NULL", func(a, b int64) {
		w.users[a].tenants = append(w.users[a].tenants, b)
	})
	link("SELECT user_id AS a, taxonomy_id AS b FROM memberships WHERE user_id IS NOT NULL AND state = 'active'",
		func(a, b int64) { w.users[a].activeTenants = append(w.users[a].activeTenants, b) })
	link("SELECT user_id AS a, taxonomy_id AS b FROM memberships WHERE user_id IS NOT NULL AND state = 'suspended'",
		func(a, b int64) { w.users[a].suspended = append(w.users[a].suspended, b) })
	link("SELECT usergroup_id AS a, taxonomy_id AS b FROM memberships WHERE usergroup_id IS NOT NULL AND state = 'active'",
		func(a, b int64) { w.groups[a].tenants = append(w.groups[a].tenants, b) })
	for _, h := range rowsOf[struct {
		User, Usergroup, Role, Tenant int64
		Acts                          bool
	}](t, s, "SELECT COALESCE(m.user_id, 0) AS "+
		`"user", COALESCE(m.usergroup_id, 0) AS usergroup, r.role_id AS role, m.taxonomy_id AS tenant, m.state = 'active' AS acts FROM memberships m
		JOIN membership_roles r ON r.membership_id = m.id`) {
		held := censusHeld{h.Role, h.Tenant}
		carried := []*[]censusHeld{}
		if u := w.users[h.User]; u != nil {
			carried = append(carried, &u.carried, &u.inTenants)
		} else {
			g := w.groups[h.Usergroup]
			carried = append(carried, &g.carried, &g.inTenants)
		}
		*carried[0] = append(*carried[0], held)
		if h.Acts {
			*carried[1] = append(*carried[1], held)
		}
	}
	link("SELECT user_id AS a, role_id AS b FROM user_roles", func(a, b int64) {
		if u := w.users[a]; u != nil {
			u.held = append(u.held, b)
		}
	})
	link("SELECT user_id AS a, usergroup_id AS b FROM usergroup_users", func(a, b int64) {
		w.users[a].directGroups = append(w.users[a].directGroups, b)
	})
	link("SELECT member_id AS a, usergroup_id AS b FROM usergroup_usergroups", func(a, b int64) {
		w.groups[a].containers = append(w.groups[a].containers, b)
	})
	link("SELECT usergroup_id AS a, role_id AS b FROM usergroup_roles", func(a, b int64) {
		w.groups[a].roles = append(w.groups[a].roles, b)
	})
	link("SELECT filter_id AS a, taxonomy_id AS b FROM filter_taxonomies", func(a, b int64) {
		if f := w.filters[a]; f != nil {
			kind := w.tenants[b].Type
			f.limits[kind] = append(f.limits[kind], b)
		}
	})
}

func rowsOf[T any](t testing.TB, s *server, sql string) []*T {
	t.Helper()
	var rows []*T
	if err := s.DB.Read.Raw(sql).Scan(&rows).Error; err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// allGroups are the groups of a user and those that contain them.
func (w *census) allGroups(u *censusUser) map[int64]bool {
	all := map[int64]bool{}
	var enter func(ids []int64)
	enter = func(ids []int64) {
		for _, id := range ids {
			if !all[id] {
				all[id] = true
				enter(w.groups[id].containers)
			}
		}
	}
	enter(u.directGroups)
	return all
}

func (w *census) isAdmin(u *censusUser) bool {
	for id := range w.allGroups(u) {
		if w.groups[id].Admin {
			return true
		}
	}
	return u.Admin
}

// grants are the filters through which a user may view users.
func (w *census) grants(u *censusUser) []*censusFilter {
	roles := slices.Clone(u.held)
	inTenants := slices.Clone(u.inTenants)
	for id := range w.allGroups(u) {
		roles = append(roles, w.groups[id].roles...)
		for _, h := range w.groups[id].inTenants {
			if !slices.Contains(u.suspended, h.tenant) {
				inTenants = append(inTenants, h)
			}
		}
	}
	var all []*censusFilter
	for _, f := range w.filters {
		lost := f.LocationsLimited && len(f.limits[models.LocationKind]) == 0 ||
			f.OrganizationsLimited && len(f.limits[models.OrganizationKind]) == 0
		if slices.Contains(roles, f.RoleID) && !lost {
			all = append(all, f)
		}
		for _, h := range inTenants {
			if h.role == f.RoleID && !lost {
				inside := *f
				inside.within = func(tenant int64) bool { return w.isBelow(tenant, h.tenant) }
				all = append(all, &inside)
			}
		}
	}
	return all
}

// isBelow reports whether a tenant is another or below it.
func (w *census) isBelow(id, top int64) bool {
	for id != 0 {
		if id == top {
			return true
		}
		id = w.tenants[id].ParentID
	}
	return false
}

// belongsTo are the tenants that a user is an active member of, or a group around the user where the own membership is
// not suspended.
func (w *census) belongsTo(u *censusUser) []int64 {
	all := slices.Clone(u.activeTenants)
	for id := range w.allGroups(u) {
		for _, tenant := range w.groups[id].tenants {
			if !slices.Contains(u.suspended, tenant) {
				all = append(all, tenant)
			}
		}
	}
	return all
}

// own are those of a kind.
func (w *census) own(u *censusUser, kind models.TenantKind) []int64 {
	return slices.DeleteFunc(w.belongsTo(u), func(id int64) bool { return w.tenants[id].Type != kind })
}

func (w *census) isBelowAny(id int64, tops []int64) bool {
	return slices.ContainsFunc(tops, func(top int64) bool { return w.isBelow(id, top) })
}

// isAround reports whether a tenant is one of some others, or above or below one.
func (w *census) isAround(id int64, centers []int64) bool {
	return slices.ContainsFunc(centers, func(c int64) bool { return w.isBelow(id, c) || w.isBelow(c, id) })
}

// isOpen reports whether a tenant, or one above it, is open to all users.
func (w *census) isOpen(id int64) bool {
	for ; id != 0; id = w.tenants[id].ParentID {
		if w.tenants[id].Open {
			return true
		}
	}
	return false
}

// knows reports whether a user may name a tenant.
func (w *census) knows(u *censusUser, id int64) bool {
	return w.isAdmin(u) || w.isOpen(id) || w.isBelowAny(id, w.belongsTo(u))
}

// looksAt reports whether somebody may view a tenant by one of the roles that give it: everywhere, or where the role is
// held.
func (w *census) looksAt(u *censusUser, id int64, giving []int64) bool {
	roles := slices.Clone(u.held)
	inTenants := slices.Clone(u.inTenants)
	for group := range w.allGroups(u) {
		roles = append(roles, w.groups[group].roles...)
		inTenants = append(inTenants, w.groups[group].inTenants...)
	}
	return w.isAdmin(u) || slices.ContainsFunc(roles, func(r int64) bool { return slices.Contains(giving, r) }) ||
		slices.ContainsFunc(inTenants, func(h censusHeld) bool {
			return slices.Contains(giving, h.role) && !slices.Contains(u.suspended, h.tenant) && w.isBelow(id, h.tenant)
		})
}

// question is a list of users that somebody asks for.
type question struct {
	viewer  int64
	context map[models.TenantKind]int64
	search  censusSearch
	order   string
	// perPage is 0 for all.
	perPage int
}

// censusSearch is a query with its meaning for a viewer.
type censusSearch struct {
	text    string
	matches func(w *census, viewer, u *censusUser) bool
}

// within returns the tenants of which a user must have one to be seen, as a test, and nil where a kind does not
// restrict.
func (w *census) within(v *censusUser, q question, kind models.TenantKind) func(tenant int64) bool {
	own := w.own(v, kind)
	isOpen := func(id int64) bool { return w.tenants[id].Open }
	if c := q.context[kind]; c != 0 {
		if isOpen(c) && (w.isAdmin(v) || w.isBelowAny(c, own)) {
			return nil
		}
		return func(id int64) bool { return w.isAround(id, []int64{c}) }
	}
	if w.isAdmin(v) || slices.ContainsFunc(own, isOpen) {
		return nil
	}
	return func(id int64) bool { return w.isAround(id, own) || w.isOpen(id) }
}

// sees returns who is seen by the viewer of a question, before parents and searches.
func (w *census) sees(q question) func(u *censusUser) bool {
	v := w.users[q.viewer]
	var limits []func(int64) bool
	var used []int64
	for _, kind := range models.TenantKinds {
		if limit := w.within(v, q, kind); limit != nil {
			limits = append(limits, limit)
		}
		if c := q.context[kind]; c != 0 {
			for id := range w.tenants {
				if w.isAround(id, []int64{c}) {
					used = append(used, id)
				}
			}
		} else {
			used = append(used, w.own(v, kind)...)
		}
	}
	inUse := func(id int64) bool { return slices.Contains(used, id) }
	usable := slices.DeleteFunc(w.grants(v), func(f *censusFilter) bool {
		organizations := f.limits[models.OrganizationKind]
		locations := f.limits[models.LocationKind]
		return len(organizations)+len(locations) > 0 && !slices.ContainsFunc(organizations, inUse) &&
			!slices.ContainsFunc(locations, inUse)
	})
	admin := w.isAdmin(v)
	return func(u *censusUser) bool {
		inside := u == v || admin && w.isAdmin(u) || !slices.ContainsFunc(limits, func(limit func(int64) bool) bool {
			return !slices.ContainsFunc(u.tenants, limit)
		})
		return inside && (admin || slices.ContainsFunc(usable, func(f *censusFilter) bool { return f.gives(u) }))
	}
}

// gives reports whether a filter covers a user. The searches of the census's filters are about logins.
func (f *censusFilter) gives(u *censusUser) bool {
	for _, tenants := range f.limits {
		if !slices.ContainsFunc(tenants, func(id int64) bool { return slices.Contains(u.tenants, id) }) {
			return false
		}
	}
	if f.within != nil && !slices.ContainsFunc(u.tenants, f.within) {
		return false
	}
	word := strings.TrimPrefix(f.Search, "login ~ ")
	return strings.Contains(strings.ToLower(u.Login), word)
}

// answerTo returns what the question finds: how many the viewer sees, and the ids of all that match, in order.
func (w *census) answerTo(q question) (total int, ids []int64) {
	v := w.users[q.viewer]
	sees := w.sees(q)
	var found []*censusUser
	parent := cmp.Or(q.context[models.LocationKind], q.context[models.OrganizationKind])
	for _, u := range w.users {
		if !sees(u) || parent != 0 && !slices.Contains(u.tenants, parent) {
			continue
		}
		total++
		if q.search.matches(w, v, u) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, inOrderOf(q.order))
	for _, u := range found {
		ids = append(ids, u.ID)
	}
	return total, ids
}

func inOrderOf(order string) func(a, b *censusUser) int {
	name, direction, _ := strings.Cut(order, " ")
	key := func(u *censusUser) *string {
		switch name {
		case "":
			// Those without a first name come last.
			last := "\U0010ffff"
			return cmp.Or(u.Firstname, &last)
		case "login":
			return &u.Login
		case "firstname":
			return u.Firstname
		case "lastname":
			return u.Lastname
		}
		same := ""
		return &same
	}
	return func(a, b *censusUser) int {
		if direction == "desc" {
			swapped := a
			a = b
			b = swapped
		}
		x := key(a)
		y := key(b)
		switch {
		case x == nil && y == nil:
			return cmp.Compare(a.ID, b.ID)
		case x == nil:
			return -1
		case y == nil:
			return 1
		}
		// The database compares the lower letters byte by byte.
		return cmp.Or(strings.Compare(strings.ToLower(*x), strings.ToLower(*y)), cmp.Compare(a.ID, b.ID))
	}
}

func contains(text *string, word string) bool {
	return text != nil && strings.Contains(strings.ToLower(*text), word)
}

// searchesOf are the queries of the census.
func searchesOf(w *census) []censusSearch {
	list := []censusSearch{
		{"", func(*census, *censusUser, *censusUser) bool { return true }},
		{"login ~ smi", func(_ *census, _, u *censusUser) bool { return contains(&u.Login, "smi") }},
		{"firstname ~ an and not login ~ a1",
			func(_ *census, _, u *censusUser) bool {
				return contains(u.Firstname, "an") && !contains(&u.Login, "a1")
			}},
		{"admin = true", func(w *census, _, u *censusUser) bool { return w.isAdmin(u) }},
	}
	for _, word := range []string{"an", "smi", "viewer"} {
		list = append(list, censusSearch{word, func(w *census, _, u *censusUser) bool { return w.mentions(u, word) }})
	}
	for id, g := range w.groups {
		list = append(list, censusSearch{fmt.Sprintf("usergroup = %q", g.Name),
			func(w *census, _, u *censusUser) bool { return w.allGroups(u)[id] }})
	}
	for id, name := range w.roles {
		list = append(list, censusSearch{fmt.Sprintf("role = %q", name),
			func(_ *census, _, u *censusUser) bool { return name != seed.DefaultRole && slices.Contains(u.held, id) }},
			censusSearch{fmt.Sprintf("any_role = %q", name),
				func(w *census, v, u *censusUser) bool { return name != seed.DefaultRole && w.holds(v, u, id) }})
	}
	for id, tenant := range w.tenants {
		list = append(list, censusSearch{fmt.Sprintf("%s_id = %d", tenant.Type.Word(), id),
			func(w *census, v, u *censusUser) bool { return w.knows(v, id) && slices.Contains(u.tenants, id) }})
	}
	slices.SortFunc(list, func(a, b censusSearch) int { return strings.Compare(a.text, b.text) })
	return list
}

// holds reports whether a user holds a role by themselves, by a group, or in a tenant that the viewer knows of.
func (w *census) holds(v, u *censusUser, role int64) bool {
	if slices.Contains(u.held, role) {
		return true
	}
	inTenant := func(list []censusHeld) bool {
		return slices.ContainsFunc(list, func(h censusHeld) bool { return h.role == role && w.knows(v, h.tenant) })
	}
	for id := range w.allGroups(u) {
		if slices.Contains(w.groups[id].roles, role) || inTenant(w.groups[id].carried) {
			return true
		}
	}
	return inTenant(u.carried)
}

// mentions reports whether a bare word finds a user.
func (w *census) mentions(u *censusUser, word string) bool {
	texts := []*string{&u.Login, u.Firstname, u.Lastname, u.Mail, u.Description, &u.Source, &u.SourceType}
	for _, id := range u.held {
		name := w.roles[id]
		if name == seed.DefaultRole {
			continue
		}
		texts = append(texts, &name)
	}
	for id := range w.allGroups(u) {
		texts = append(texts, &w.groups[id].Name)
	}
	return slices.ContainsFunc(texts, func(text *string) bool { return contains(text, word) })
}
