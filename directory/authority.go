package directory

import (
	"cmp"
	"slices"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// power is what a set of users can do: one user, the members of a group, the holders of a role, or the accounts of an
// auth source. The rule of authority compares it before and after a change.
type power struct {
	// admin reports whether one of them is an effective administrator.
	admin bool
	// grants are the grants of their roles.
	grants []store.NamedGrant
	// outside reports whether one of them is in a tenant that is neither the caller's own nor below it.
	outside bool
	// settled reports whether the tenants are those from before; if not, all grants reach new rows.
	settled bool
	// defined reports whether the change redefines what roles grant, instead of assigning them.
	defined bool
	// regained are grants that the change gives although the tables had them before: roles of memberships that are not
	// active, or become active again.
	regained []store.NamedGrant
	// opened reports whether the change lets another person act as one of them: a password, another auth source, a
	// token.
	opened bool
	// promised are the grants of user groups that are tied to groups of their auth source: people of that source may
	// get them at a later login, and so may anybody who takes over an account there. promisedAdmin reports whether one
	// of these groups makes administrators. What a user holds by memberships that are not active, own ones or those of
	// groups, is promised, too.
	promised      []store.NamedGrant
	promisedAdmin bool
	// outranking reports whether one of them is, or may come to be, in a stronger system group than the caller.
	outranking bool
	// promisedOutside reports whether one of these groups reaches a tenant beyond the caller's.
	promisedOutside bool
}

// verdict is what the rule of authority says of a change.
type verdict int

const (
	// allowed changes grant nothing that the caller does not hold.
	allowed verdict = iota
	// administratorsOnly changes touch an effective administrator, or make one.
	administratorsOnly
	// beyondCaller changes grant a permission, or a permission for rows, that the caller does not hold.
	beyondCaller
)

// authorize is the one rule of authority: power never flows upwards. It compares what anybody could do after a change
// with what the caller can do now. A caller who is not an administrator cannot change an effective administrator,
// cannot make one, cannot grant a permission that the caller does not hold, and cannot grant permissions for rows
// outside the caller's own tenants. Holders of escalate_roles may assign any role to people of their own tenants, which
// is what that permission is for. They may neither redefine what a role grants nor act as a user who can do more.
func (t *tx) authorize(before, after power) verdict {
	if t.Caller.Admin {
		return allowed
	}
	if before.admin || after.admin || after.opened && after.promisedAdmin {
		return administratorsOnly
	}
	if after.opened && (after.outside || after.promisedOutside || after.outranking) {
		return beyondCaller // whoever acts as somebody in another tenant sees that tenant
	}
	gained := append(uncovered(after.grants, before.grants), after.regained...)
	if !after.settled {
		gained = append(gained, everywhere(after.grants)...)
	}
	if after.opened {
		all := slices.Concat(after.grants, after.promised, after.regained)
		gained = slices.DeleteFunc(all, func(g store.NamedGrant) bool { return models.Viewing(g.Permission) })
	}
	handsOut := !after.opened && !after.defined && t.Caller.Can(models.EscalateRoles)
	if !handsOut && len(uncovered(gained, callerGrants(t.Caller))) > 0 {
		return beyondCaller
	}
	if after.outside && slices.ContainsFunc(gained, t.reachesTenants) {
		return beyondCaller
	}
	return allowed
}

// reachesTenants reports whether a grant is about rows that belong to tenants beyond the caller's own: records without
// tenants are the same for everybody, and a grant that is limited to the caller's own tenants reaches no further.
func (t *tx) reachesTenants(g store.NamedGrant) bool {
	if g.Held != nil {
		return t.isOutside(g.Held.Within)
	}
	if !limitable(g.ResourceType) && !slices.Contains(ownedByUsers, g.ResourceType) {
		return false
	}
	inside := func(limit []int64) bool { return len(limit) > 0 && !t.isOutside(limit) }
	switch g.ResourceType {
	case string(models.OrganizationKind):
		return !inside(g.Organizations)
	case string(models.LocationKind):
		return !inside(g.Locations)
	}
	return !inside(g.Organizations) || !inside(g.Locations) // a limit of one kind leaves the other one open
}

// ownedByUsers are the classes whose rows belong to the tenants of the users who own them, or of what they are about.
var ownedByUsers = []string{"PersonalAccessToken", "SshKey", "ExternalUsergroup", "Parameter", "Audit"}

// isOutside reports whether one of the tenants is neither the caller's own nor below one of those.
func (t *tx) isOutside(tenants []int64) bool {
	r, err := t.Snapshot()
	if err != nil {
		return true
	}
	own := map[int64]bool{}
	for _, root := range slices.Concat(t.Caller.Locations, t.Caller.Organizations) {
		for _, id := range r.Descendants[root] {
			own[id] = true
		}
	}
	anywhere := func(id int64) bool {
		return t.Caller.Provisioner != nil && r.Tenants[id] != nil && r.Tenants[id].Type == models.LocationKind
	}
	return slices.ContainsFunc(tenants, func(id int64) bool { return !own[id] && !anywhere(id) })
}

// uncovered returns the grants that none of the others covers.
func uncovered(grants, by []store.NamedGrant) []store.NamedGrant {
	same := map[grantKey]bool{}
	others := map[string][]models.Grant{}
	resets := scopes.Users.Can(models.ResetPasswords)
	for _, g := range by {
		if key, ok := keyOf(g); ok {
			if same[key] {
				continue
			}
			same[key] = true
		}
		others[g.Permission] = append(others[g.Permission], g.Grant)
		if g.Permission == scopes.Users.Can(models.Edit) { // which includes it
			others[resets] = append(others[resets], g.Grant)
		}
	}
	var rest []store.NamedGrant
	for _, g := range grants {
		if key, ok := keyOf(g); ok && same[key] {
			continue
		}
		covered := func(c models.Grant) bool { return covers(c, g.Grant) }
		if !slices.ContainsFunc(others[g.Permission], covered) {
			rest = append(rest, g)
		}
	}
	return rest
}

// grantKey is all that a grant without tenants of its own gives. Many people hold the same: they are compared once.
type grantKey struct {
	permission, search string
	tenant             int64
	below              int
}

func keyOf(g store.NamedGrant) (key grantKey, ok bool) {
	key = grantKey{permission: g.Permission, search: g.Search}
	if g.Held != nil {
		key.tenant = g.Held.TenantID
		key.below = len(g.Held.Within)
	}
	return key, len(g.Locations)+len(g.Organizations) == 0
}

// everywhere returns the grants of roles that are not held in a tenant: those that a further tenant gives more rows.
func everywhere(grants []store.NamedGrant) []store.NamedGrant {
	return slices.DeleteFunc(slices.Clone(grants), func(g store.NamedGrant) bool { return g.Held != nil })
}

// covers reports whether one grant includes every row of another one. Two different searches are not compared.
func covers(a, b models.Grant) bool {
	within := func(limit, ids []int64) bool {
		return len(limit) == 0 || len(ids) > 0 && len(store.Without(ids, limit)) == 0
	}
	held := a.Held == nil || b.Held != nil && len(store.Without(b.Held.Within, a.Held.Within)) == 0
	return held && (a.Search == "" || a.Search == b.Search) && within(a.Locations, b.Locations) &&
		within(a.Organizations, b.Organizations)
}

func callerGrants(p *models.Principal) []store.NamedGrant {
	var all []store.NamedGrant
	for permission, grants := range p.Grants {
		for _, g := range grants {
			all = append(all, store.NamedGrant{Permission: permission, Grant: g})
		}
	}
	return all
}

// powerOfUser is what a user can do in a state of the record. Groups are those of the moment.
func (t *tx) powerOfUser(u *userState) (power, error) {
	p := power{outside: t.isOutside(u.belongs())}
	roles := slices.Clone(u.roles)
	if u.ID != 0 {
		inherited, err := t.addPowerOfMember(&p, u.ID)
		if err != nil {
			return p, err
		}
		roles = append(roles, inherited...)
	}
	given, err := t.grantsOf(roles)
	if err != nil {
		return p, err
	}
	p.grants = append(p.grants, given...)
	if err := t.addPromises(&p, u.AuthSourceID); err != nil {
		return p, err
	}
	dormant, err := t.dormant("u.id = ?", u.ID)
	p.promised = append(p.promised, dormant...)
	return p, err
}

// dormant returns what some users, or the groups around them, hold by memberships that are not active; which is a
// condition on users u.
func (t *tx) dormant(which string, args ...any) ([]store.NamedGrant, error) {
	return t.heldThrough("m.state <> 'active'", "SELECT u.id FROM users u WHERE "+which, args...)
}

// addPowerOfMember adds what a user can do by groups and by memberships, and returns the roles of the groups.
func (t *tx) addPowerOfMember(p *power, user int64) (roles []int64, err error) {
	if p.admin, err = t.effectiveAdmin(user); err != nil {
		return nil, err
	}
	who := "SELECT u.id FROM users u WHERE u.id = ?"
	outside, err := t.anyOutside(who, user)
	if err != nil {
		return nil, err
	}
	p.outside = p.outside || outside
	if p.outranking, err = t.outranks(who, user); err != nil {
		return nil, err
	}
	if p.grants, err = t.heldBy(who, user); err != nil {
		return nil, err
	}
	return t.IDs(rolesOfGroups+" WHERE m.user_id = ?", user)
}

// addPromises adds what the user groups give that are tied to groups of an auth source.
func (t *tx) addPromises(p *power, source int64) error {
	tied := tiedGroups + "x.auth_source_id = ?"
	roles, err := t.IDs("SELECT DISTINCT role_id FROM usergroup_roles WHERE usergroup_id IN ("+tied+")", source)
	if err != nil {
		return err
	}
	grants, err := t.grantsOf(roles)
	if err != nil {
		return err
	}
	held, err := t.heldInAnyState("m.usergroup_id IN ("+tied+")", source)
	if err != nil {
		return err
	}
	p.promised = append(grants, held...)
	promises, err := t.exceedsOwn(func() (int, error) { return t.rankOfGroups("g.id IN ("+tied+")", source) })
	if err != nil {
		return err
	}
	p.outranking = p.outranking || promises
	if p.promisedOutside, err = t.tiedOutside("x.auth_source_id = ?", source); err != nil {
		return err
	}
	p.promisedAdmin, err = t.Exists("SELECT 1 FROM usergroups g WHERE g.admin AND g.id IN ("+tied+")", source)
	return err
}

// tiedGroups selects the groups that external groups x are tied to, and every group around them. A condition on x
// follows.
const tiedGroups = "SELECT c.ancestor_id FROM external_usergroups x JOIN usergroup_closure c " +
	"ON c.descendant_id = x.usergroup_id WHERE "

// tiedOutside reports whether groups that external groups x are tied to, as a condition says, reach a tenant that is
// neither the caller's own nor below it.
func (t *tx) tiedOutside(which string, args ...any) (bool, error) {
	reached, err := t.IDs("SELECT DISTINCT m.taxonomy_id FROM memberships m WHERE m.usergroup_id IN ("+tiedGroups+
		which+")", args...)
	return t.isOutside(reached), err
}

// rolesOfGroups selects the roles that members m inherit from groups, however nested.
const rolesOfGroups = `SELECT DISTINCT gr.role_id FROM usergroup_users m
	JOIN usergroup_closure c ON c.descendant_id = m.usergroup_id
 JOIN usergroup_roles gr ON gr.usergroup_id = c.ancestor_id`

// IDs reads one column of ids.
func (t *tx) IDs(query string, args ...any) ([]int64, error) {
	var ids []int64
	err := t.Raw(query, args...).Scan(&ids).Error
	return ids, err
}

// grantsOf returns what roles grant at this moment of the change.
func (t *tx) grantsOf(roles []int64) ([]store.NamedGrant, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	given, err := store.ReadGrants(t.DB, models.Distinct(roles))
	var all []store.NamedGrant
	for _, grants := range given {
		all = append(all, grants...)
	}
	return all, err
}

// holdAuthority takes the lock that orders changes of what roles grant and changes of who holds them, so that neither
// is judged by an outdated state of the other. Every check for a caller who is not an administrator takes it first.
func (t *tx) holdAuthority() error { return t.Lock(store.LockAuthority) }

// powerOfUsers is what some users can do together; which is a condition on users u.
func (t *tx) powerOfUsers(which string, args ...any) (power, error) {
	if t.Caller.Admin {
		return power{}, nil
	}
	var p power
	err := t.holdAuthority()
	if err != nil {
		return p, err
	}
	if p.admin, err = t.Exists("SELECT 1 FROM users u WHERE "+which+" AND "+scopes.EffectiveAdmin,
		args...); err != nil {
		return p, err
	}
	direct, err := t.IDs("SELECT DISTINCT m.role_id FROM users u JOIN user_roles m ON m.user_id = u.id WHERE "+which,
		args...)
	if err != nil {
		return p, err
	}
	inherited, err := t.IDs(rolesOfGroups+" JOIN users u ON u.id = m.user_id WHERE "+which, args...)
	if err != nil {
		return p, err
	}
	if p.grants, err = t.grantsOf(append(direct, inherited...)); err != nil {
		return p, err
	}
	who := "SELECT u.id FROM users u WHERE " + which
	held, err := t.heldBy(who, args...)
	if err != nil {
		return p, err
	}
	p.grants = append(p.grants, held...)
	if p.outranking, err = t.outranks(who, args...); err != nil {
		return p, err
	}
	p.outside, err = t.anyOutside(who, args...)
	return p, err
}

// heldBy returns what some users can do by roles that they or their groups hold in tenants; who selects their ids.
func (t *tx) heldBy(who string, args ...any) ([]store.NamedGrant, error) {
	return t.heldThrough("m.state = 'active'", who, args...)
}

// heldThrough does so for memberships m of which a condition holds.
func (t *tx) heldThrough(which, who string, args ...any) ([]store.NamedGrant, error) {
	own, err := t.heldInAnyState(which+" AND m.user_id IN ("+who+")", args...)
	if err != nil {
		return nil, err
	}
	groups, err := t.heldInAnyState(which+" AND m.usergroup_id IN ("+groupsOf(who)+")", args...)
	return append(own, groups...), err
}

// groupsOf selects the groups around users; who selects the ids of these.
func groupsOf(who string) string {
	return "SELECT c.ancestor_id FROM usergroup_closure c JOIN usergroup_users g ON g.usergroup_id = c.descendant_id " +
		"WHERE g.user_id IN (" + who + ")"
}

// heldGrants returns what the roles of some active memberships m grant at this moment of the change.
func (t *tx) heldGrants(which string, args ...any) ([]store.NamedGrant, error) {
	return t.heldInAnyState("m.state = 'active' AND "+which, args...)
}

// heldInAnyState returns the same for memberships in whatever state: what they may come to grant.
func (t *tx) heldInAnyState(which string, args ...any) ([]store.NamedGrant, error) {
	var held []models.HeldRole
	err := t.Raw("SELECT DISTINCT role_id, tenant_id FROM ("+store.RolesOfMemberships+" WHERE "+which+") held",
		args...).Scan(&held).Error
	if err != nil || len(held) == 0 {
		return nil, err
	}
	var roles, tenants []int64
	for _, h := range held {
		roles = append(roles, h.RoleID)
		tenants = append(tenants, h.TenantID)
	}
	given, err := store.ReadGrants(t.DB, models.Distinct(roles))
	if err != nil {
		return nil, err
	}
	within, err := t.inside(models.Distinct(tenants))
	var all []store.NamedGrant
	for _, h := range held {
		h.Within = within[h.TenantID]
		all = append(all, store.Held(given[h.RoleID], h)...)
	}
	return all, err
}

// inside returns tenants with everything below each, by id.
func (t *tx) inside(tenants []int64) (map[int64][]int64, error) {
	var links []struct{ AncestorID, DescendantID int64 }
	cond, value := t.s.InIDs("ancestor_id", tenants)
	err := t.Table("taxonomy_closure").Where(cond, value).Order("ancestor_id, descendant_id").Find(&links).Error
	within := map[int64][]int64{}
	for _, l := range links {
		within[l.AncestorID] = append(within[l.AncestorID], l.DescendantID)
	}
	return within, err
}

// regained returns what a user holds by memberships that a change, which has been written, makes active again.
func (t *tx) regained(before, after *userState) ([]store.NamedGrant, error) {
	if err := t.holdAuthority(); err != nil || before == nil {
		return nil, err
	}
	cond, value := t.s.InIDs("m.taxonomy_id", store.Without(after.tenants.all(), before.tenants.all()))
	return t.heldGrants("m.user_id = ? AND "+cond, after.ID, value)
}

// heldIn returns what roles grant that are held in a tenant.
func (t *tx) heldIn(tenant int64, roles ...int64) ([]store.NamedGrant, error) {
	within, err := t.inside([]int64{tenant})
	if err != nil {
		return nil, err
	}
	given, err := t.grantsOf(roles)
	return store.Held(given, models.HeldRole{TenantID: tenant, Within: within[tenant]}), err
}

// anyOutside reports whether some users reach a tenant that is neither the caller's own nor below it, by themselves or
// by groups, or are guests in one; who selects their ids.
func (t *tx) anyOutside(who string, args ...any) (bool, error) {
	own, ownArgs := scopes.OwnTenantsOf(t.Caller)
	args = append(slices.Clone(args), ownArgs...)
	outside, err := t.Exists("SELECT 1 FROM ("+who+") who JOIN memberships l ON l.user_id = who.id "+
		"WHERE l.taxonomy_id NOT IN ("+own+") OR l.source = 'invitation'", args...)
	if outside || err != nil {
		return outside, err
	}
	return t.Exists("SELECT 1 FROM ("+who+") who JOIN usergroup_users gm ON gm.user_id = who.id "+
		"JOIN usergroup_closure gc ON gc.descendant_id = gm.usergroup_id "+
		"JOIN memberships l ON l.usergroup_id = gc.ancestor_id WHERE l.taxonomy_id NOT IN ("+own+")", args...)
}

// amongUsers is the condition that users u are some of the ids.
func (t *tx) amongUsers(ids []int64) (condition string, value any) { return t.s.InIDs("u.id", ids) }

// powerOfRoles is what the holders of roles can do by them, as the tables say at this moment of the change.
func (t *tx) powerOfRoles(roles ...int64) (power, error) {
	if t.Caller.Admin {
		return power{settled: true}, nil
	}
	p := power{settled: true}
	err := t.holdAuthority()
	if err != nil {
		return p, err
	}
	if p.grants, err = t.grantsOf(roles); err != nil {
		return p, err
	}
	cond, value := t.s.InIDs("h.role_id", roles)
	if p.outside, err = t.anyOutside(`SELECT h.user_id AS id FROM user_roles h WHERE `+cond+`
		UNION SELECT m.user_id FROM usergroup_roles h JOIN usergroup_closure c ON c.ancestor_id = h.usergroup_id
		JOIN usergroup_users m ON m.usergroup_id = c.descendant_id WHERE `+cond,
		value, value); p.outside || err != nil {
		return p, err
	}
	own, ownArgs := scopes.OwnTenantsOf(t.Caller)
	p.outside, err = t.Exists("SELECT 1 FROM membership_roles h JOIN memberships m ON m.id = h.membership_id WHERE "+
		cond+" AND m.taxonomy_id NOT IN ("+own+")", append([]any{value}, ownArgs...)...)
	return p, err
}

// authorizeUser refuses a change of a user, which has been written, if it exceeds the caller's authority. The error
// names each attribute that may not change.
func (t *tx) authorizeUser(before, after *userState) error {
	if t.Caller.Admin {
		return nil
	}
	regained, err := t.regained(before, after)
	if err != nil {
		return err
	}
	if before != nil && before.ID == t.Caller.UserID {
		if t.authorize(power{}, power{regained: regained, settled: true}) != allowed {
			return models.Refuse(models.Base, models.RuleGrantsMore)
		}
		return nil
	}
	var was, is power
	var had store.AuditedValues
	if before != nil {
		had = before.facts()
		if was, err = t.powerOfUser(before); err != nil {
			return err
		}
		if before.IsDisabled() || endsLater(before.ExpiresAt, after.ExpiresAt) {
			was.grants = nil // whoever is enabled gets everything back, and who stays longer keeps it
		}
	}
	if is, err = t.powerOfUser(after); err != nil {
		return err
	}
	_, changes := store.Diff(had, after.facts())
	if before != nil {
		if err := t.authorizeGuest(before, after, changes); err != nil {
			return err
		}
	}
	changes = slices.DeleteFunc(changes, func(c models.Change) bool {
		return harmlessOfUser[c.Attr] || c.Attr == "disabled" && before != nil &&
			before.IsDisabled() == after.IsDisabled()
	})
	if len(changes) == 0 {
		return nil
	}
	is.settled = before != nil && len(store.Without(after.tenants.all(), before.tenants.all())) == 0
	is.opened = before != nil && slices.ContainsFunc(changes, isWayIn) || after.unlockedFrom(before)
	is.regained = regained
	var errs models.FieldErrors
	switch t.authorize(was, is) {
	case administratorsOnly:
		for _, c := range changes {
			errs.Add(c.Attr, models.RuleOfAdministrator)
		}
	case beyondCaller:
		refuseGain(&errs, before == nil, is.opened, changes)
	}
	return errs.Err()
}

// unlockedFrom reports whether somebody enabled the user who may do no more than reset passwords: they enable those
// alone whose password they may set.
func (u *userState) unlockedFrom(before *userState) bool {
	return before != nil && u.resetting && before.IsDisabled() && !u.IsDisabled()
}

// authorizeGuest refuses changes of the account of somebody who is in the caller's organizations by invitation alone.
// Such a person may be sent away, and comes into further organizations by invitations alone.
func (t *tx) authorizeGuest(before, after *userState, changes models.Changes) error {
	kind := models.OrganizationKind
	joined := store.Without(after.tenants[kind], before.tenants[kind])
	guest, err := t.isGuest(before.ID, joined...)
	if err != nil || !guest {
		return err
	}
	var errs models.FieldErrors
	for _, c := range changes {
		errs.Check(c.Attr == "organization_ids" && len(joined) == 0 || c.Attr == "location_ids", c.Attr,
			models.RuleGuest)
	}
	return errs.Err()
}

// anyGuest reports whether one of some users is a guest; see isGuest.
func (t *tx) anyGuest(users []int64) (bool, error) {
	for _, id := range users {
		if guest, err := t.isGuest(id); err != nil || guest {
			return guest, err
		}
	}
	return false, nil
}

// isGuest reports whether somebody is in those organizations by invitation alone in which the caller has power over
// people. Such a membership makes nobody the master of an account: anybody may found an organization and invite others.
// Other organizations, in which the two are colleagues, do not change that. Memberships of some tenants, which the
// change has just written, do not count.
func (t *tx) isGuest(user int64, joined ...int64) (bool, error) {
	own, args := scopes.OwnTenantsOf(t.Caller)
	without, value := t.s.InIDs("m.taxonomy_id", joined)
	var in []models.Membership
	err := t.Raw("SELECT m.source, m.taxonomy_id FROM memberships m JOIN taxonomies o ON o.id = m.taxonomy_id "+
		"WHERE m.user_id = ? AND o.type = ? AND NOT "+without+" AND m.taxonomy_id IN ("+own+")",
		append([]any{user, models.OrganizationKind, value}, args...)...).Scan(&in).Error
	invited := false
	for _, m := range in {
		switch {
		case m.Source == models.MemberInvitation:
			invited = true
		case t.mastersPeople(m.TenantID):
			return false, err
		}
	}
	return invited, err
}

// mastersPeople reports whether the caller may change or remove people of a tenant.
func (t *tx) mastersPeople(tenant int64) bool {
	for _, action := range []models.Action{models.Edit, models.Destroy} {
		for _, g := range t.Caller.Grants[scopes.Users.Can(action)] {
			reaches := len(g.Organizations) == 0 || slices.Contains(g.Organizations, tenant)
			if reaches && (g.Held == nil || slices.Contains(g.Held.Within, tenant)) {
				return true
			}
		}
	}
	return false
}

var (
	// harmlessOfUser are the attributes that open no account and grant nothing.
	harmlessOfUser = map[string]bool{
		"firstname": true, "lastname": true, "description": true, "timezone": true, "locale": true,
		"mail_enabled":        true,
		"default_location_id": true, "default_organization_id": true,
	}
	// givingOfUser are those that grant or revoke, and open no account.
	givingOfUser = map[string]bool{"role_ids": true, "location_ids": true, "organization_ids": true, "admin": true,
		"disabled": true, "expires_at": true}
)

// isWayIn reports whether an attribute lets the person who sets it act as the user: a password, a source that checks
// it, a mail address to which a new one is sent. Attributes that are in neither list count as such.
func isWayIn(c models.Change) bool { return !harmlessOfUser[c.Attr] && !givingOfUser[c.Attr] }

// refuseGain returns the error for grants that a change of a user would add.
func refuseGain(errs *models.FieldErrors, creating, opened bool, changes models.Changes) {
	known := len(*errs)
	for _, c := range changes {
		switch {
		case opened && isWayIn(c):
			errs.Add(c.Attr, models.RuleOfStronger)
		case c.Attr == "role_ids":
			errs.Add(c.Attr, models.RuleEscalation)
		case c.Attr == "expires_at":
			errs.Add(c.Attr, models.RuleOfStronger)
		case !creating && !opened && (c.Attr == "location_ids" || c.Attr == "organization_ids"):
			errs.Add(c.Attr, models.RuleTenantsOfStronger)
		}
	}
	errs.Check(len(*errs) > known, models.Base, models.RuleGrantsMore)
}

// mayTouch checks an action on a user that changes no attribute, such as deleting the account or revoking a token.
// opens reports whether the action lets another person act as the user.
func (t *tx) mayTouch(u *models.User, opens bool) error {
	if t.Caller.Admin || u.ID == t.Caller.UserID {
		return nil
	}
	if err := t.holdAuthority(); err != nil {
		return err
	}
	if guest, err := t.isGuest(u.ID); err != nil || guest {
		return cmp.Or(err, models.DeniedBecause(models.RuleGuest))
	}
	state, err := t.userState(u)
	if err != nil {
		return err
	}
	p, err := t.powerOfUser(state)
	if err != nil {
		return err
	}
	p.settled = true
	p.opened = opens
	switch t.authorize(p, p) {
	case administratorsOnly:
		return models.DeniedBecause(models.RuleAdministratorsOnly)
	case beyondCaller:
		return models.DeniedBecause(models.RuleStrongerOnly)
	}
	return nil
}

// authorizeGroup refuses a change of a group for what it would let its members do; after is nil for a deletion.
func (t *tx) authorizeGroup(errs *models.FieldErrors, before, after *groupState) error {
	if t.Caller.Admin {
		return nil
	}
	if err := t.holdAuthority(); err != nil {
		return err
	}
	moved := append(store.Without(before.users, after.users), store.Without(after.users, before.users)...)
	if err := t.authorizeMembers(errs, "user_ids", moved); err != nil {
		return err
	}
	nested := append(store.Without(before.members, after.members), store.Without(after.members, before.members)...)
	if err := t.authorizeNesting(errs, nested); err != nil {
		return err
	}
	if err := t.authorizeRank(errs, before, after); err != nil {
		return err
	}
	_, admin, err := t.confers(before)
	if err != nil {
		return err
	}
	roles, adminAfter, err := t.confers(after)
	if err != nil {
		return err
	}
	changed := len(moved) > 0 || !store.SameSet(before.members, after.members) ||
		!store.SameSet(before.roles, after.roles) || before.Admin != after.Admin
	if changed && (admin || adminAfter) {
		errs.Add("admin", models.RuleAdminFlag)
		return nil
	}
	gainers := store.Without(after.users, before.users)
	attr := "user_ids"
	members := store.Without(after.members, before.members)
	if len(members) > 0 {
		attr = "usergroup_ids"
	}
	if len(gainers)+len(members) > 0 {
		which, args := t.usersAndMembers(gainers, members)
		if err := t.authorizeReach(errs, attr, after.ID, which, args...); err != nil {
			return err
		}
	}
	if !store.SameSet(before.roles, after.roles) {
		gainers, members, attr = after.users, append(slices.Clone(after.members), after.ID), "role_ids"
	}
	return t.authorizeConferred(errs, attr, roles, gainers, members)
}

// authorizeMembers refuses changes of what groups and tenants administrators are in.
func (t *tx) authorizeMembers(errs *models.FieldErrors, attr string, users []int64) error {
	if t.Caller.Admin || len(users) == 0 {
		return nil
	}
	cond, value := t.amongUsers(users)
	admin, err := t.Exists("SELECT 1 FROM users u WHERE "+cond+" AND "+scopes.EffectiveAdmin, value)
	errs.Check(!admin, attr, models.RuleOfAdministrator)
	return err
}

// authorizeNesting refuses changes of what groups are around those that have administrators, or make some.
func (t *tx) authorizeNesting(errs *models.FieldErrors, groups []int64) error {
	if t.Caller.Admin || len(groups) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("c.ancestor_id", groups)
	inside := "SELECT c.descendant_id FROM usergroup_closure c WHERE " + cond
	admin, err := t.Exists("SELECT 1 FROM usergroups g WHERE g.admin AND g.id IN ("+inside+
		") UNION ALL SELECT 1 FROM usergroup_users m JOIN users u ON u.id = m.user_id WHERE m.usergroup_id IN ("+
		inside+") AND "+scopes.EffectiveAdmin, value, value)
	errs.Check(!admin, "usergroup_ids", models.RuleOfAdministrator)
	return err
}

// authorizeConferred refuses to grant roles to users, and to everybody in groups, if some of them are in tenants beyond
// the caller's.
func (t *tx) authorizeConferred(errs *models.FieldErrors, attr string, roles, users, groups []int64) error {
	if len(users)+len(groups) == 0 {
		return nil
	}
	which, args := t.usersAndMembers(users, groups)
	all, err := t.powerOfUsers(which, args...)
	if err != nil {
		return err
	}
	inside, groupsValue := t.s.InIDs("c.ancestor_id", groups)
	sources, err := t.IDs("SELECT DISTINCT x.auth_source_id FROM external_usergroups x JOIN usergroup_closure c ON "+
		"c.descendant_id = x.usergroup_id WHERE "+
		inside, groupsValue)
	if err != nil {
		return err
	}
	outside, err := t.reachOutside(sources)
	if err != nil {
		return err
	}
	return t.checkGiven(errs, attr, roles, all.outside || outside)
}

// usersAndMembers is the condition that users u are some of the ids, or in one of the groups, however nested.
func (t *tx) usersAndMembers(users, groups []int64) (condition string, args []any) {
	cond, value := t.amongUsers(users)
	inside, groupsValue := t.s.InIDs("c.ancestor_id", groups)
	return "(" + cond + " OR u.id IN (SELECT m.user_id FROM usergroup_users m " +
		"JOIN usergroup_closure c ON c.descendant_id = m.usergroup_id WHERE " + inside + "))", []any{value, groupsValue}
}

// authorizeReach refuses to put users u, as a condition says, into a group if it brings them into a tenant beyond the
// caller's, gives them roles there that the caller does not have, or lets people reach a tenant of the caller's who can
// do more than the caller.
func (t *tx) authorizeReach(errs *models.FieldErrors, attr string, group int64, which string, args ...any) error {
	const around = "m.usergroup_id IN (SELECT ancestor_id FROM usergroup_closure WHERE descendant_id = ?)"
	tenants, err := t.IDs("SELECT m.taxonomy_id FROM memberships m WHERE "+around, group)
	if err != nil || len(tenants) == 0 {
		return err
	}
	if t.isOutside(tenants) {
		errs.Add(attr, models.RuleEscalation)
		return nil
	}
	held, err := t.heldInAnyState(around, group)
	if err != nil {
		return err
	}
	joining, err := t.powerOfUsers(which, args...)
	if err != nil {
		return err
	}
	joining.outside = false // the tenants are the caller's own
	joining.grants = append(everywhere(joining.grants), held...)
	errs.Check(t.authorize(power{}, joining) == allowed, attr, models.RuleTenantsOfStronger)
	return nil
}

// checkGiven checks roles that are granted to people; outside reports whether some of them are in tenants beyond the
// caller's.
func (t *tx) checkGiven(errs *models.FieldErrors, attr string, roles []int64, outside bool) error {
	granted, err := t.grantsOf(roles)
	if err != nil {
		return err
	}
	after := power{grants: granted, outside: outside, settled: true}
	errs.Check(t.authorize(power{}, after) == allowed, attr, models.RuleEscalation)
	return nil
}

// reachOutside reports whether an account of one of the sources is, or will be, in a tenant beyond the caller's. Every
// account of a source may be a member of a group there.
func (t *tx) reachOutside(sources []int64) (bool, error) {
	for _, source := range sources {
		tenants, err := t.LinkedIDs(store.AuthSourceTenants, source)
		if err != nil || len(tenants) == 0 || t.isOutside(tenants) {
			return true, err
		}
	}
	cond, value := t.s.InIDs("u.auth_source_id", sources)
	accounts, err := t.powerOfUsers(cond, value)
	if err != nil || accounts.outside {
		return accounts.outside, err
	}
	tied, value := t.s.InIDs("x.auth_source_id", sources)
	return t.tiedOutside(tied, value)
}

// authorizeTie refuses to grant roles to the people of an auth source, by tying one of its groups, if some of them are
// in tenants beyond the caller's. Every account of the source, present or future, may be a member of the group there.
func (t *tx) authorizeTie(errs *models.FieldErrors, roles []int64, group, source int64) error {
	outside, err := t.reachOutside([]int64{source})
	if err != nil {
		return err
	}
	if err := t.checkGiven(errs, models.Base, roles, outside); err != nil {
		return err
	}
	exceeds, err := t.exceedsOwn(func() (int, error) { return t.rankOfGroups("g.id IN ("+groupsAround+")", group) })
	if err != nil {
		return err
	}
	errs.Check(!exceeds, models.Base, models.RuleGrantsMore)
	return t.authorizeReach(errs, models.Base, group, "u.auth_source_id = ?", source)
}

// authorizeTenantUsers refuses to put users into a tenant whose permissions there would be more than the caller's,
// those of roles among them that they hold there by memberships which are not active.
func (t *tx) authorizeTenantUsers(errs *models.FieldErrors, tenant int64, before, after []int64) error {
	moved := append(store.Without(before, after), store.Without(after, before)...)
	if t.Caller.Admin || len(moved) == 0 {
		return nil
	}
	if err := t.authorizeMembers(errs, "user_ids", moved); err != nil || len(*errs) > 0 {
		return err
	}
	if err := t.authorizeOwners(errs, "user_ids", tenant, store.Without(before, after)); err != nil ||
		len(*errs) > 0 {
		return err
	}
	if guest, err := t.anyGuest(store.Without(after, before)); err != nil || guest {
		errs.Check(!guest, "user_ids", models.RuleGuest)
		return err
	}
	cond, value := t.amongUsers(store.Without(after, before))
	joining, err := t.powerOfUsers(cond, value)
	if err != nil {
		return err
	}
	joining.outside = false // the tenant is the caller's own
	joining.grants = everywhere(joining.grants)
	cond, value = t.s.InIDs("m.user_id", store.Without(after, before))
	if joining.regained, err = t.heldInAnyState("m.taxonomy_id = ? AND "+cond, tenant, value); err != nil {
		return err
	}
	errs.Check(t.authorize(power{}, joining) == allowed, "user_ids", models.RuleTenantsOfStronger)
	return nil
}

// authorizeMove refuses to put a tenant under another one if the people of either can do more than the caller: those
// above reach the rows below from then on, and those below the rows above. A new tenant has no people yet.
func (t *tx) authorizeMove(errs *models.FieldErrors, tenant, parent int64) error {
	if t.Caller.Admin || tenant == 0 {
		return nil
	}
	const concerned = `l.taxonomy_id IN (SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ? UNION ALL
		SELECT ancestor_id FROM taxonomy_closure WHERE descendant_id = ?)`
	people, err := t.powerOfUsers(`(u.id IN (SELECT l.user_id FROM memberships l WHERE `+concerned+`) OR
		u.id IN (SELECT gm.user_id FROM usergroup_users gm
			JOIN usergroup_closure gc ON gc.descendant_id = gm.usergroup_id
			JOIN memberships l ON l.usergroup_id = gc.ancestor_id WHERE `+concerned+`))`,
		tenant, parent, tenant, parent)
	if err != nil {
		return err
	}
	below, err := t.IDs("SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?", tenant)
	if err != nil {
		return err
	}
	for i, g := range people.grants {
		if g.Held != nil && slices.Contains(g.Held.Within, parent) {
			wider := *g.Held // a role that is held above holds below the new place, too
			wider.Within = slices.Concat(wider.Within, below)
			people.grants[i].Held = &wider
		}
	}
	people.admin = false // who can do everything gains nothing
	errs.Check(t.authorize(power{}, people) == allowed, "parent_id", models.RuleGrantsMore)
	return nil
}

// authorizeRoles refuses a change of roles or filters, which has been written, if it grants their holders more than the
// caller may grant.
func (t *tx) authorizeRoles(before power, roles ...int64) error {
	after, err := t.powerOfRoles(roles...)
	if err != nil {
		return err
	}
	after.defined = true
	if t.authorize(before, after) != allowed {
		return models.Refuse(models.Base, models.RuleGrantsMore)
	}
	return nil
}

// authorizeSource refuses a change of an auth source that exceeds the caller's authority: a person who decides where
// passwords are checked can act as everybody who has an account there, and as a member of every group that is tied to a
// group there.
func (t *tx) authorizeSource(errs *models.FieldErrors, id int64, changes models.Changes) error {
	if t.Caller.Admin || len(changes) == 0 {
		return nil
	}
	verdict, err := t.overAccounts(id)
	if err != nil {
		return err
	}
	foreign, err := t.reachOutside([]int64{id})
	if err != nil {
		return err
	}
	for _, c := range changes {
		switch {
		case verdict == administratorsOnly:
			errs.Add(c.Attr, models.RuleOfAdministrator)
		case foreign && !harmlessOfSource[c.Attr] && !tenantsOfSource[c.Attr]:
			errs.Add(c.Attr, models.RuleOfOthers)
		case verdict == beyondCaller && !harmlessOfSource[c.Attr]:
			errs.Add(c.Attr, models.RuleOfStronger)
		}
	}
	return nil
}

// harmlessOfSource are the attributes that do not decide who gets in.
var harmlessOfSource = map[string]bool{"name": true, "attr_firstname": true, "attr_lastname": true, "attr_photo": true}

// tenantsOfSource are the attributes of which a caller changes only the own part.
var tenantsOfSource = map[string]bool{"location_ids": true, "organization_ids": true}

// overAccounts is the verdict on acting as any account of an auth source, or as a member of the groups tied to it.
func (t *tx) overAccounts(source int64) (verdict, error) {
	accounts, err := t.powerOfUsers("u.auth_source_id = ?", source)
	if err != nil {
		return beyondCaller, err
	}
	if err := t.addPromises(&accounts, source); err != nil {
		return beyondCaller, err
	}
	dormant, err := t.dormant("u.auth_source_id = ?", source)
	if err != nil {
		return beyondCaller, err
	}
	accounts.promised = append(accounts.promised, dormant...)
	accounts.settled = true
	accounts.opened = true
	return t.authorize(accounts, accounts), nil
}
