package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// PrincipalOf returns the principal of an account with everything that decides about it. The parts are shared between
// requests and must not be changed; they are cached for as long as nothing in the directory changes.
func (s *Store) PrincipalOf(ctx context.Context, row *Account, remoteAddress,
	requestID string) (*models.Principal, error) {
	seen := row.Seen
	key := principalKey{row.ID, seen.Users, seen.Refs}
	base, ok := s.principals.GetIfPresent(key)
	if !ok {
		r, err := s.SnapshotAt(ctx, seen.Refs)
		if err != nil {
			return nil, err
		}
		if base, err = s.buildPrincipal(ctx, &row.User, r); err != nil {
			return nil, err
		}
		s.principals.Set(key, base)
	}
	s.sees(ctx, seen)
	p := *base
	p.Seen = seen
	p.RemoteAddress = remoteAddress
	p.RequestID = requestID
	p.Proof = row.Proof()
	p.Token = row.Token
	p.ReadOnly = row.ReadOnly
	return &p, nil
}

// PrincipalFor returns the principal of an account that is not asking itself, with the snapshot that it was made of.
func (s *Store) PrincipalFor(ctx context.Context, u *models.User) (*models.Principal, *Snapshot, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.buildPrincipal(ctx, u, r)
	if err != nil {
		return nil, nil, err
	}
	p.Seen.Refs = r.Revision
	return p, r, nil
}

type principalKey struct{ user, users, refs int64 }

type principalCache = otter.Cache[principalKey, *models.Principal]

func newPrincipalCache() *principalCache {
	return otter.Must(&otter.Options[principalKey, *models.Principal]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[principalKey, *models.Principal](5 * time.Minute),
		StatsRecorder: stats.NewCounter(),
	})
}

func (s *Store) buildPrincipal(ctx context.Context, u *models.User, r *Snapshot) (*models.Principal, error) {
	p := &models.Principal{UserID: u.ID, Login: u.Login, Zone: time.UTC, Admin: u.Admin}
	if u.Timezone != nil {
		if zone, err := models.LoadZone(*u.Timezone); err == nil {
			p.Zone = zone
			p.ZoneChosen = true
		}
	}
	links, err := s.LinksOf(ctx, []int64{u.ID}, ForRights)
	if err != nil {
		return nil, err
	}
	own := links[u.ID]
	groups := r.Around(own.Groups)
	p.Admin = p.Admin || r.AnyAdmin(groups)
	p.DirectRoles = own.Roles
	p.Roles = effectiveRoles(own.Roles, groups, r)
	p.Assigned = own.Tenants
	p.Locations, p.Organizations = r.Split(r.withGroups(own.Tenants, groups, own.Suspended))
	p.Reach = map[models.TenantKind][]int64{
		models.LocationKind: r.around(p.Locations), models.OrganizationKind: r.around(p.Organizations),
	}
	p.OpenTenants = r.openToAll
	p.Held = r.held(own.Held, groups, own.Suspended)
	p.Grants = grantsOf(p.Roles, p.Held, r)
	p.Customs = r.customs
	p.Context = r.Context(p, 0, 0)
	return p, nil
}

// effectiveRoles are the user's own roles and those of the groups (docs/spec/foreman.md, 9.6).
func effectiveRoles(own, groups []int64, r *Snapshot) []int64 {
	all := slices.Clone(own)
	for _, id := range groups {
		for _, role := range r.Groups[id].Roles {
			all = append(all, role.ID)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func grantsOf(roles []int64, held []models.HeldRole, r *Snapshot) map[string][]models.Grant {
	grants := map[string][]models.Grant{}
	for _, role := range roles {
		for _, g := range r.Grants[role] {
			grants[g.Permission] = append(grants[g.Permission], g.Grant)
		}
	}
	for _, h := range held {
		for _, g := range Held(r.Grants[h.RoleID], h) {
			grants[g.Permission] = append(grants[g.Permission], g.Grant)
		}
	}
	return grants
}

// Held returns what a role grants that holds in a tenant: its grants for records that belong to tenants.
func Held(grants []NamedGrant, h models.HeldRole) []NamedGrant {
	var all []NamedGrant
	for _, g := range grants {
		if scopes.HasTenants(g.ResourceType) {
			g.Held = &h
			all = append(all, g)
		}
	}
	return all
}

// held adds the roles that memberships of groups carry to a user's own, but for the tenants in which the user may not
// act, and says where each holds.
func (r *Snapshot) held(own []models.HeldRole, groups, suspended []int64) []models.HeldRole {
	held := slices.Clone(own)
	for _, id := range groups {
		for _, h := range r.Groups[id].held {
			if !slices.Contains(suspended, h.TenantID) {
				held = append(held, h)
			}
		}
	}
	for i := range held {
		held[i].Within = r.Descendants[held[i].TenantID]
	}
	slices.SortFunc(held, func(a, b models.HeldRole) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.RoleID, b.RoleID),
			cmp.Compare(a.UsergroupID, b.UsergroupID))
	})
	return held
}

// HeldBy returns the roles that hold for a user in some tenants only: those of the own memberships and those of the
// groups around the user, with where they hold.
func (r *Snapshot) HeldBy(own []models.HeldRole, direct []int64) []models.HeldRole {
	return r.held(own, r.Around(direct), nil)
}

// HeldRoles selects the roles of active memberships m, RolesOfMemberships those of all.
const (
	HeldRoles          = RolesOfMemberships + " WHERE m.state = 'active'"
	RolesOfMemberships = "SELECT r.role_id, m.taxonomy_id AS tenant_id, COALESCE(m.usergroup_id, 0) AS usergroup_id " +
		"FROM memberships m JOIN membership_roles r ON r.membership_id = m.id"
)

// withGroups adds the tenants of groups to a user's own, but for those in which the user may not act.
func (r *Snapshot) withGroups(own, groups, suspended []int64) []int64 {
	all := slices.Clone(own)
	for _, id := range groups {
		all = append(all, Without(r.Groups[id].tenants, suspended)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Context works out what a location and an organization, or any of either, mean for the principal.
func (r *Snapshot) Context(p *models.Principal, location, organization int64) models.Context {
	c := models.Context{LocationID: location, OrganizationID: organization, InUse: map[int64]bool{},
		Reach: map[models.TenantKind][]int64{}}
	for _, kind := range models.TenantKinds {
		if id := c.Tenant(kind); id != 0 {
			c.Reach[kind] = r.around([]int64{id})
		}
	}
	use := func(context int64, own []int64) (open []string) {
		tenants := own
		if context != 0 {
			tenants = []int64{context}
			for _, id := range r.Relatives[context] {
				c.InUse[id] = true
			}
		}
		for _, id := range tenants {
			c.InUse[id] = true
			if t := r.Tenants[id]; t != nil && (p.Admin || r.isWithin(id, own)) {
				open = append(open, t.IgnoreTypes...)
			}
		}
		return open
	}
	c.OpenLocations = use(location, p.Locations)
	c.OpenOrganizations = use(organization, p.Organizations)
	return c
}

// AsKnown returns a principal as somebody sees it who knows of some tenants only: what it has of others is left out.
func (r *Snapshot) AsKnown(p *models.Principal, knows func(id int64) bool) *models.Principal {
	hidden := func(id int64) bool { return !knows(id) }
	known := func(ids []int64) []int64 { return slices.DeleteFunc(slices.Clone(ids), hidden) }
	seen := *p
	seen.Assigned = known(p.Assigned)
	seen.Locations = known(p.Locations)
	seen.Organizations = known(p.Organizations)
	seen.OpenTenants = known(p.OpenTenants)
	seen.Reach = map[models.TenantKind][]int64{
		models.LocationKind:     known(r.around(seen.Locations)),
		models.OrganizationKind: known(r.around(seen.Organizations)),
	}
	seen.Held = slices.DeleteFunc(slices.Clone(p.Held), func(h models.HeldRole) bool { return hidden(h.TenantID) })
	seen.Grants = map[string][]models.Grant{}
	for permission, grants := range p.Grants {
		for _, g := range grants {
			locations := known(g.Locations)
			organizations := known(g.Organizations)
			// A limit stays one, although none of its tenants is known.
			lost := len(locations) == 0 && len(g.Locations) > 0 || len(organizations) == 0 && len(g.Organizations) > 0
			if lost || g.Held != nil && hidden(g.Held.TenantID) {
				continue
			}
			g.Locations = locations
			g.Organizations = organizations
			seen.Grants[permission] = append(seen.Grants[permission], g)
		}
	}
	seen.Context = r.Context(&seen, 0, 0)
	return &seen
}

// around returns tenants with everything above and below them, by id.
func (r *Snapshot) around(tenants []int64) []int64 {
	all := []int64{}
	for _, id := range tenants {
		all = append(all, r.Relatives[id]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isWithin reports whether a tenant is one of some tenants or below one.
func (r *Snapshot) isWithin(id int64, tenants []int64) bool {
	for t := r.Tenants[id]; t != nil; t = r.Tenants[*t.ParentID] {
		if slices.Contains(tenants, t.ID) {
			return true
		}
		if t.ParentID == nil {
			return false
		}
	}
	return false
}

// First returns the first row of a query, or nil.
func First[T any](db *gorm.DB) (*T, error) {
	var row T
	err := db.Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}
