package directory

import (
	"context"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// EffectivePermission is one reason why a user may do something.
type EffectivePermission struct {
	// Permission is what the user may do; "" for an administrator, who may do everything.
	Permission   string
	ResourceType string
	Admin        bool
	// Role grants the permission by a filter, and holds in the tenant and below it; a nil tenant is everywhere.
	Role     *models.Role
	FilterID int64
	Tenant   *models.Tenant
	// Groups leads from a group that the user is in to the one that has the role or the flag; empty where that is the
	// user's own.
	Groups []models.Usergroup
	// Search and Limits narrow the records that the filter covers, as far as the caller may know.
	Search string
	Limits []*models.Tenant
	// Applies reports, where a record is asked about, whether this reason covers it; Missing says what is in the way.
	// It is nil where that rests on what the caller may not know of.
	Applies *bool
	Missing EffectiveGap
}

// EffectiveGap is why a reason does not cover a record.
type EffectiveGap string

// The gaps.
const (
	NoGap EffectiveGap = ""
	// OutOfReach: the record belongs to no organization and no location that the user may act in.
	OutOfReach EffectiveGap = "tenants"
	// NotCovered: neither the search nor the tenants of the filter and of the role cover the record.
	NotCovered EffectiveGap = "filter"
)

// EffectiveQuery narrows what a user may do to one permission, and asks whether it covers another user.
type EffectiveQuery struct {
	Permission string
	On         store.Ref
	// Page starts at 1. PerPage 0 means all.
	Page, PerPage int64
}

// EffectivePermissions lists what a user may do, where, and why: every filter of every role, however it is held. It
// takes the permission to view the user; what is held in tenants that the caller may not know of is left out, and only
// who may view a filter is told what narrows it. Whether a reason covers a record is told as far as the caller could
// find that out without asking.
func (s *Service) EffectivePermissions(ctx context.Context, p *models.Principal, ref store.Ref,
	q EffectiveQuery) (*store.List[EffectivePermission], error) {
	db := s.Read.WithContext(ctx)
	u, err := s.findUser(db, p, models.View, ref, nil)
	if err != nil {
		return nil, err
	}
	if p.Seen.EndsBy(s.Now()) { // what has ended gives nothing, although nobody may have noted that
		if _, err := s.EndOf(ctx, u.ID); err != nil {
			return nil, err
		}
	}
	subject, r, err := s.PrincipalFor(ctx, u)
	if err != nil {
		return nil, err
	}
	e := effective{subject: subject, snapshot: r, knows: r.VisibleTenants(p), self: u.ID == p.UserID}
	if e.filters, err = s.filtersSeen(ctx, p); err != nil {
		return nil, err
	}
	if err := e.loadNesting(s, ctx); err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(e.reasons(u), func(x EffectivePermission) bool {
		return q.Permission != "" && !x.Admin && x.Permission != q.Permission
	})
	totals := store.Totals{Total: int64(len(rows)), Subtotal: int64(len(rows))}
	if q.PerPage > 0 {
		rows = pageOf(rows, q.Page, q.PerPage)
	}
	if q.On != (store.Ref{}) {
		on, err := s.findUser(db, p, models.View, q.On, nil)
		if err != nil {
			return nil, err
		}
		v := verdicts{e: &e, asked: subject, exact: p.Admin || e.self, caller: p, user: on.ID}
		if !v.exact {
			v.asked = r.AsKnown(subject, e.knows)
		}
		if err := s.applyTo(ctx, v, rows); err != nil {
			return nil, err
		}
	}
	return store.Listed(totals, rows), nil
}

// pageOf returns a page of rows; the first one is 1.
func pageOf[T any](rows []T, page, perPage int64) []T {
	if all := int64(len(rows)); page > 1 && page-1 > all/perPage {
		return nil
	} else if page > 1 {
		rows = rows[min(all, (page-1)*perPage):]
	}
	return rows[:min(int64(len(rows)), perPage)]
}

// effective collects the reasons why a user may do something.
type effective struct {
	subject  *models.Principal
	snapshot *store.Snapshot
	// direct are the groups that the user is in, inside leads from a group to those that contain it directly.
	direct []int64
	inside map[int64][]int64
	// nearer leads from a group around the user to the one by which the user is in it, 0 for those of direct.
	nearer map[int64]int64
	// knows says which tenants the caller may know of. Who asks about the own account knows all that is held. filters
	// are those that the caller may view.
	knows   func(int64) bool
	self    bool
	filters map[int64]bool
}

// filtersSeen returns the ids of the filters that the caller may view.
func (s *Service) filtersSeen(ctx context.Context, p *models.Principal) (map[int64]bool, error) {
	seen := map[int64]bool{}
	if !p.Can(scopes.Filters.Can(models.View)) {
		return seen, nil
	}
	var ids []int64
	err := s.reading(ctx, p).Model(&models.Filter{}).Scopes(scopes.Filters.Rows(p, models.View)).
		Pluck("filters.id", &ids).Error
	for _, id := range ids {
		seen[id] = true
	}
	return seen, err
}

// loadNesting reads how the groups around the user are nested.
func (e *effective) loadNesting(s *Service, ctx context.Context) error {
	t := s.reading(ctx, e.subject)
	var err error
	if e.direct, err = t.IDs("SELECT usergroup_id FROM usergroup_users WHERE user_id = ? ORDER BY 1",
		e.subject.UserID); err != nil {
		return err
	}
	var links []struct{ UsergroupID, MemberID int64 }
	condition, value := s.InIDs("member_id", e.snapshot.Around(e.direct))
	err = t.Table("usergroup_usergroups").Where(condition, value).Order("usergroup_id").Find(&links).Error
	e.inside = map[int64][]int64{}
	for _, l := range links {
		e.inside[l.MemberID] = append(e.inside[l.MemberID], l.UsergroupID)
	}
	e.findWays()
	return err
}

// findWays finds the shortest way from the groups that the user is in to every group around them.
func (e *effective) findWays() {
	e.nearer = make(map[int64]int64, len(e.direct))
	next := slices.Clone(e.direct)
	for _, id := range next {
		e.nearer[id] = 0
	}
	for ; len(next) > 0; next = next[1:] {
		for _, id := range e.inside[next[0]] {
			if _, seen := e.nearer[id]; !seen {
				e.nearer[id] = next[0]
				next = append(next, id)
			}
		}
	}
}

// path returns the shortest way from a group that the user is in to a group around it.
func (e *effective) path(to int64) []models.Usergroup {
	var way []models.Usergroup
	for id := to; id != 0; id = e.nearer[id] {
		if g := e.snapshot.Groups[id]; g != nil {
			way = append(way, g.Usergroup)
		}
	}
	slices.Reverse(way)
	return way
}

// reasons returns all reasons, by permission.
func (e *effective) reasons(u *models.User) []EffectivePermission {
	var all []EffectivePermission
	if u.Admin {
		all = append(all, EffectivePermission{Admin: true})
	}
	for _, id := range e.subject.DirectRoles {
		all = append(all, e.of(id, nil, nil)...)
	}
	for _, id := range e.snapshot.Around(e.direct) {
		g := e.snapshot.Groups[id]
		if g == nil {
			continue
		}
		if g.Admin {
			all = append(all, EffectivePermission{Admin: true, Groups: e.path(id)})
		}
		for _, role := range g.Roles {
			all = append(all, e.of(role.ID, nil, e.path(id))...)
		}
	}
	for _, h := range e.subject.Held {
		if h.UsergroupID == 0 {
			all = append(all, e.of(h.RoleID, &h, nil)...)
		} else {
			all = append(all, e.of(h.RoleID, &h, e.path(h.UsergroupID))...)
		}
	}
	slices.SortStableFunc(all, func(a, b EffectivePermission) int {
		return strings.Compare(a.Permission, b.Permission)
	})
	return all
}

// of returns what a role grants, everywhere or where it is held.
func (e *effective) of(role int64, held *models.HeldRole, groups []models.Usergroup) []EffectivePermission {
	if held != nil && !e.self && !e.knows(held.TenantID) {
		return nil
	}
	grants := e.snapshot.Grants[role]
	var tenant *models.Tenant
	if held != nil {
		grants = store.Held(grants, *held)
		tenant = e.snapshot.Tenants[held.TenantID]
	}
	all := make([]EffectivePermission, 0, len(grants))
	for _, g := range grants {
		x := EffectivePermission{Permission: g.Permission, ResourceType: g.ResourceType, FilterID: g.FilterID,
			Role: e.snapshot.Roles[role], Tenant: tenant, Groups: groups}
		if e.filters[g.FilterID] {
			x.Search = g.Search
			for _, id := range slices.Concat(g.Organizations, g.Locations) {
				if t := e.snapshot.Tenants[id]; t != nil && e.knows(id) {
					x.Limits = append(x.Limits, t)
				}
			}
		}
		all = append(all, x)
	}
	return all
}

// verdicts say of reasons whether they cover a user.
type verdicts struct {
	e *effective
	// asked is who the reasons are looked at for: the one who has them or, unless the answer is exact, what the caller
	// knows of that one.
	asked  *models.Principal
	exact  bool
	caller *models.Principal
	user   int64
}

// applyTo says of each reason whether it covers a user. Permissions about other records cover none. Reasons that differ
// only in the way by which the user has the role are looked at once.
func (s *Service) applyTo(ctx context.Context, v verdicts, rows []EffectivePermission) error {
	type reason struct {
		permission     string
		admin          bool
		filter, tenant int64
	}
	type verdict struct {
		gap  EffectiveGap
		told bool
	}
	known := map[reason]verdict{}
	for i := range rows {
		x := &rows[i]
		key := reason{permission: x.Permission, admin: x.Admin, filter: x.FilterID}
		if x.Tenant != nil {
			key.tenant = x.Tenant.ID
		}
		is, ok := known[key]
		if !ok {
			var err error
			if is.gap, is.told, err = s.gap(ctx, v, x); err != nil {
				return err
			}
			known[key] = is
		}
		if is.told {
			applies := is.gap == NoGap
			x.Applies = &applies
			x.Missing = is.gap
		}
	}
	return nil
}

// gap returns what keeps a reason from covering a user, and whether the caller may be told: it asks the scopes in the
// name of somebody who has no other reason.
func (s *Service) gap(ctx context.Context, v verdicts, x *EffectivePermission) (EffectiveGap, bool, error) {
	if x.Admin {
		return NoGap, true, nil
	}
	word, stem, _ := strings.Cut(x.Permission, "_")
	action := models.Action(word)
	switch {
	case x.Permission == string(models.ResetPasswords):
		action = models.ResetPasswords
	case stem != scopes.Users.Stem:
		return NotCovered, true, nil
	}
	only := *v.asked
	only.Admin = false
	only.Grants = map[string][]models.Grant{}
	for _, g := range v.asked.Grants[x.Permission] {
		if x.is(g) {
			only.Grants[x.Permission] = append(only.Grants[x.Permission], g)
		}
	}
	t := s.reading(ctx, &only)
	gap, err := t.gapBetween(action, v.user)
	return gap, v.exact || v.tells(t, x, gap), err
}

// is reports whether a reason is a grant.
func (x *EffectivePermission) is(g models.Grant) bool {
	if g.FilterID != x.FilterID || (g.Held == nil) != (x.Tenant == nil) {
		return false
	}
	return g.Held == nil || g.Held.TenantID == x.Tenant.ID
}

// gapBetween returns what keeps the caller from an action on a user.
func (t *tx) gapBetween(action models.Action, user int64) (EffectiveGap, error) {
	for _, test := range []struct {
		rows scopes.Scope
		gap  EffectiveGap
	}{
		{scopes.Users.Reached(t.Caller, action), OutOfReach},
		{scopes.Users.Rows(t.Caller, action), NotCovered},
	} {
		var n int64
		err := t.Model(&models.User{}).Scopes(test.rows, scopes.ByID(scopes.Users, user)).Count(&n).Error
		if err != nil || n == 0 {
			return test.gap, err
		}
	}
	return NoGap, nil
}

// tells reports whether a caller who does not know of all tenants may be told a gap that was found without the hidden
// ones. What they may give is left open. So is everything about a filter that the caller may not view, or whose search
// compares what the caller does not see.
func (v verdicts) tells(t *tx, x *EffectivePermission, gap EffectiveGap) bool {
	grants := v.e.snapshot.Grants[x.Role.ID]
	i := slices.IndexFunc(grants, func(g store.NamedGrant) bool {
		return g.FilterID == x.FilterID && g.Permission == x.Permission
	})
	if i < 0 || gap == OutOfReach {
		return false
	}
	g := grants[i]
	tenants := len(g.Locations)+len(g.Organizations) > 0
	switch {
	case g.Search == "" && !tenants:
		return true
	case !v.e.filters[g.FilterID] || tenants && gap == NotCovered:
		return false
	}
	return scopes.Users.AskedAlike(v.caller, scopes.DialectOf(t.DB), g.Search)
}
