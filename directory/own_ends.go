package directory

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
)

// ownEnds are the memberships by which somebody acts who has some that end: the own ones and those of groups.
type ownEnds struct {
	// roots are the tenants of the memberships that end, with the latest of these ends.
	roots lastEnds[int64]
	// ends say until when the caller acts in these tenants and below, and holds what there.
	ends lastEnds[heldThere]
}

// heldThere is a role in a tenant; the role 0 stands for being a member.
type heldThere struct{ TenantID, RoleID int64 }

// lastEnd is when something ends; nil for never.
type lastEnd struct{ at *time.Time }

// outlives reports whether something that ends at e lasts longer than what ends at other.
func (e lastEnd) outlives(other lastEnd) bool { return endsLater(other.at, e.at) }

// lastEnds are the latest ends of some things.
type lastEnds[K comparable] map[K]lastEnd

func (l lastEnds[K]) note(what K, end lastEnd) {
	if known, ok := l[what]; !ok || end.outlives(known) {
		l[what] = end
	}
}

// ownEnds returns what checkOutlived compares with; nil for callers whose memberships have no ends, and administrators.
func (t *tx) ownEnds() (*ownEnds, error) {
	if t.Caller == nil || t.Caller.Admin || t.Caller.UserID <= 0 || t.Caller.Seen.Ends == 0 {
		return nil, nil
	}
	var ending []models.Membership
	err := t.actingBy().Where("memberships.expires_at IS NOT NULL").Find(&ending).Error
	if err != nil || len(ending) == 0 {
		return nil, err
	}
	own := &ownEnds{roots: lastEnds[int64]{}}
	for _, m := range ending {
		own.roots.note(m.TenantID, lastEnd{m.ExpiresAt})
	}
	own.ends, err = t.endsWithin(own.roots)
	return own, err
}

// checkOutlived refuses a change by which callers give themselves more, in a tenant in which they act until an end or
// below it, than lasts until then. Otherwise a contractor would stay by a membership in a department, or by another
// group. What they give to others is a question of authority alone.
func (t *tx) checkOutlived(was *ownEnds) error {
	if was == nil {
		return nil
	}
	is, err := t.endsWithin(was.roots)
	if err != nil {
		return err
	}
	within, err := t.inside(slices.Collect(maps.Keys(was.roots)))
	if err != nil {
		return err
	}
	bounds := lastEnds[int64]{}
	for root, ids := range within {
		for _, id := range ids {
			bounds.note(id, was.roots[root])
		}
	}
	for what, end := range is {
		before, had := was.ends[what]
		gained := !had || end.outlives(before)
		if bound, ok := bounds[what.TenantID]; ok && gained && end.outlives(bound) {
			return models.Refuse("expires_at", models.RuleEndsSelf)
		}
	}
	return nil
}

// actingBy selects the active memberships by which the caller acts.
func (t *tx) actingBy() *gorm.DB {
	return t.Model(&models.Membership{}).Scopes(store.MembershipsOf(t.Caller.UserID)).
		Where("memberships.state = ?", models.MemberActive)
}

// endsWithin returns until when the caller acts, and holds what, in some tenants and below.
func (t *tx) endsWithin(roots lastEnds[int64]) (lastEnds[heldThere], error) {
	below, value := t.s.InIDs("c.ancestor_id", slices.Collect(maps.Keys(roots)))
	var rows []struct {
		TenantID, RoleID int64
		ExpiresAt        *time.Time
	}
	err := t.actingBy().Joins("LEFT JOIN membership_roles r ON r.membership_id = memberships.id").
		Where("memberships.taxonomy_id IN (SELECT c.descendant_id FROM taxonomy_closure c WHERE "+below+")", value).
		Select("memberships.taxonomy_id AS tenant_id, r.role_id, memberships.expires_at").Scan(&rows).Error
	ends := lastEnds[heldThere]{}
	for _, row := range rows {
		ends.note(heldThere{row.TenantID, row.RoleID}, lastEnd{row.ExpiresAt})
		ends.note(heldThere{TenantID: row.TenantID}, lastEnd{row.ExpiresAt})
	}
	return ends, err
}

// endFounder ends the caller's membership of a new tenant when those of the tenants around it end.
func (t *tx) endFounder(tenant *models.Tenant) error {
	if t.Caller.Admin || t.Caller.UserID <= 0 {
		return nil
	}
	around, err := store.First[models.Membership](t.actingBy().Where("memberships.expires_at IS NOT NULL AND "+
		"memberships.taxonomy_id IN (SELECT ancestor_id FROM taxonomy_closure WHERE descendant_id = ?)", tenant.ID).
		Order("memberships.expires_at DESC"))
	if err != nil || around == nil {
		return err
	}
	err = t.Model(&models.Membership{}).Where("user_id = ? AND taxonomy_id = ?", t.Caller.UserID, tenant.ID).
		UpdateColumn("expires_at", around.ExpiresAt).Error
	if err != nil {
		return err
	}
	return t.NoteEnd(around.ExpiresAt)
}
