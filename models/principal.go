package models

import (
	"slices"
	"time"
)

// Principal is the acting user with everything that decides what the user may see and do. Verbs take it as an argument;
// the zero Principal may do nothing.
type Principal struct {
	UserID int64
	Login  string
	// Admin is effective: the user's own flag or that of any group, however nested. Such a caller bypasses permissions.
	Admin bool
	// DirectRoles are the ids of the roles assigned to the user itself, Roles those plus every inherited one.
	DirectRoles, Roles []int64
	// Locations and Organizations are the ids of the tenants that the user is assigned to, or a group around the user.
	// Assigned are those of either kind that the user is assigned to itself.
	Locations, Organizations, Assigned []int64
	// Held are the roles that hold in some tenants only: those of memberships of the user and of groups around it.
	Held []HeldRole
	// Reach holds, for each kind, the ids of the caller's own tenants with everything above and below them: whoever is
	// assigned to one of these belongs to the caller's tenants (docs/spec/foreman.md, 12.4).
	Reach map[TenantKind][]int64
	// OpenTenants are the ids of the tenants that are open to all users, and of those below them: everybody sees who
	// and what belongs to them.
	OpenTenants []int64
	// Grants holds, for each permission of the roles, the filters that grant it.
	Grants map[string][]Grant
	// Customs are the custom fields that searches know; nil for none.
	Customs *CustomFields
	// Zone is the user's time zone, never nil after authentication. ZoneChosen reports whether the user has one.
	Zone       *time.Location
	ZoneChosen bool
	// Context is the tenant in whose name the request is made.
	Context Context
	// Seen is the state of the directory when the caller was authenticated.
	Seen Stamp
	// Proof identifies the credentials that the caller was authenticated by, and Token the personal access token, if it
	// was one. A change is refused once they no longer open the account.
	Proof [32]byte
	Token *int64
	// ReadOnly says that the token lets its holder look, and change nothing.
	ReadOnly bool
	// Provisioner is set for identity providers, which have no account.
	Provisioner *Provisioner
	// MustChangePassword says that the user came in by a password that has to be changed first.
	MustChangePassword bool
	// SwitchedFrom is the login of the administrator who acts as this user; empty where nobody does.
	SwitchedFrom string
	// RemoteAddress and RequestID go into audits.
	RemoteAddress, RequestID string
}

// Context is the location and the organization of a request; zero means any (docs/spec/foreman.md, 12.3).
type Context struct {
	LocationID, OrganizationID int64
	// OpenLocations and OpenOrganizations list the classes whose records all belong to the tenant in use: ignore_types
	// of the context or, without one, of any of the caller's own tenants. A context that others opened to all users
	// counts for administrators only: it shows its own records, not everybody's.
	OpenLocations, OpenOrganizations []string
	// Reach holds the same as the principal's for the tenant in use; a kind without one is missing.
	Reach map[TenantKind][]int64
	// InUse holds the tenants against which filters are measured: the context with its ancestors and descendants or,
	// without one, the caller's own (docs/spec/foreman.md, 8.4).
	InUse map[int64]bool
}

// Tenant returns the id of the tenant of a kind, zero for any.
func (c Context) Tenant(kind TenantKind) int64 {
	if kind == LocationKind {
		return c.LocationID
	}
	return c.OrganizationID
}

// OpenTo returns the classes whose records all belong to the tenants of a kind in use.
func (c Context) OpenTo(kind TenantKind) []string {
	if kind == LocationKind {
		return c.OpenLocations
	}
	return c.OpenOrganizations
}

// Stamp identifies the state of the directory at which something was read: counters that every committed write
// increments.
type Stamp struct {
	Users, Refs, Rest int64
	// UsersTotal is the number of visible users, without restriction.
	UsersTotal int64
	// Ends is when the next account or membership ends, in microseconds since 1970; 0 for never. It may be too early.
	Ends int64
}

// EndsBy reports whether an account or a membership may have ended by now.
func (s Stamp) EndsBy(now time.Time) bool { return s.Ends != 0 && s.Ends <= now.UnixMicro() }

// Grant is one filter as seen by authorization: the permission holds for the records that it describes.
type Grant struct {
	FilterID     int64
	RoleID       int64
	ResourceType string
	// Search limits the records by a query; empty means no limit.
	Search string
	// Locations and Organizations limit the records by tenant; empty means no limit of that kind.
	Locations, Organizations []int64
	// Held says where the role holds; nil for a role that holds everywhere.
	Held *HeldRole
}

// HeldRole is a role that a membership carries. It grants what its filters say for the records of the tenant and of
// those below it, and nothing for records that belong to no tenant.
type HeldRole struct {
	RoleID, TenantID int64
	// UsergroupID is the group whose membership it is; 0 for the user's own.
	UsergroupID int64
	// Within are the ids of the tenant and of those below it.
	Within []int64 `gorm:"-"`
}

// Unlimited reports whether the filter has no limit of its own. Tenants that it takes over from its role do not count,
// although they limit what it grants.
func (g Grant) Unlimited() bool { return g.Held == nil && g.unfiltered() }

// OnlyHeld reports whether nothing but where the role holds limits the records.
func (g Grant) OnlyHeld() bool { return g.Held != nil && g.unfiltered() }

func (g Grant) unfiltered() bool {
	return g.Search == "" && len(g.Locations) == 0 && len(g.Organizations) == 0
}

// Turn identifies the caller where work is queued and bounded for each: the account or, for identity providers, the
// token.
func (p *Principal) Turn() int64 {
	if p.Provisioner != nil && p.Provisioner.TokenID != 0 {
		return ProvisionerID - p.Provisioner.TokenID
	}
	return p.UserID
}

// Can reports whether the principal holds a permission on at least some record. Records are the scopes' business.
func (p *Principal) Can(permission string) bool {
	if p == nil || p.UserID == 0 {
		return false
	}
	return p.Admin || len(p.Grants[permission]) > 0
}

// MayChange refuses principals whose token only lets its holder look. Verbs that change something, or reach something
// outside, ask it.
func (p *Principal) MayChange() error {
	if p != nil && p.ReadOnly {
		return DeniedBecause(RuleReadOnlyToken)
	}
	return nil
}

// HoldsRole reports whether the role is assigned to the user itself.
func (p *Principal) HoldsRole(id int64) bool { return slices.Contains(p.DirectRoles, id) }

// Own returns the ids of the tenants of a kind that the user, or a group around it, is assigned to.
func (p *Principal) Own(kind TenantKind) []int64 {
	if kind == LocationKind {
		return p.Locations
	}
	return p.Organizations
}

// SystemID is the id of the principal that acts for the server itself; no account has it.
const SystemID = -1

// AnonymousID is the id of the principal of people without an account; no account has it.
const AnonymousID = -2

// AnonymousLogin is the login of the hidden account that stands for people without one, where the directory was taken
// over from a product that has it. What they may see hangs on its roles.
const AnonymousLogin = "anonymous"

// Anonymous returns the principal of people without an account, who may do nothing.
func Anonymous() *Principal { return &Principal{UserID: AnonymousID, Zone: time.UTC} }

// System acts for the server itself: seeding, imports by the operator. It is an administrator without an account.
func System() *Principal {
	return &Principal{UserID: SystemID, Admin: true, Zone: time.UTC}
}
