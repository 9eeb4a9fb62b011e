package directory

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
)

// heldThere is a role in a tenant; the role 0 stands for being a member.
type heldThere struct{ TenantID, RoleID int64 }

// lastEnd is when something ends; nil for never.
type lastEnd struct{ at *time.Time }

// outlives reports whether something that ends at e lasts longer than what ends at other.
func (e lastEnd) outlives(other lastEnd) bool { return endsLater(other.at, e.at) }

// lastEnds say until when somebody holds what.
type lastEnds map[heldThere]lastEnd

// note keeps the latest end.
func (l lastEnds) note(what heldThere, end lastEnd) {
	if known, ok := l[what]; !ok || end.outlives(known) {
		l[what] = end
	}
}

// bound returns until when a role is held in one of some tenants. A role that is held in none of them is given by the
// power of others, of which the first to end bounds it, or by roles that hold wherever somebody is a member. ok is
// false for who is in none of the tenants.
func (l lastEnds) bound(tenants []int64, role int64) (end lastEnd, ok bool) {
	within := lastEnds{}
	var first *lastEnd
	for what, end := range l {
		if !slices.Contains(tenants, what.TenantID) {
			continue
		}
		within.note(heldThere{RoleID: what.RoleID}, end)
		if what.RoleID != 0 && (first == nil || first.outlives(end)) {
			first = &end
		}
	}
	if end, ok = within[heldThere{RoleID: role}]; !ok && first != nil {
		return *first, true
	}
	if !ok {
		end, ok = within[heldThere{}]
	}
	return end, ok
}

// ownEnds says until when the caller acts where, and holds what there, by own memberships and those of groups. It is
// nil for callers whose memberships have no ends, and for administrators.
func (t *tx) ownEnds() (lastEnds, error) {
	if t.Caller == nil || t.Caller.Admin || t.Caller.UserID <= 0 || t.Caller.Seen.Ends == 0 {
		return nil, nil
	}
	var ending int64
	err := t.actingBy().Where("memberships.expires_at IS NOT NULL").Count(&ending).Error
	if err != nil || ending == 0 {
		return nil, err
	}
	return t.actingUntil()
}

// checkOutlived refuses a change by which callers give themselves more in a tenant than lasts until the memberships end
// by which they hold the same there, or in a tenant above. Otherwise a contractor would stay by a membership in a
// department, or by another group. What they give to others is a question of authority alone.
func (t *tx) checkOutlived(was lastEnds) error {
	if was == nil {
		return nil
	}
	is, err := t.actingUntil()
	if err != nil {
		return err
	}
	for what, end := range is {
		if before, had := was[what]; had && !end.outlives(before) {
			continue
		}
		around, err := t.IDs("SELECT ancestor_id FROM taxonomy_closure WHERE descendant_id = ?", what.TenantID)
		if err != nil {
			return err
		}
		if bound, ok := was.bound(around, what.RoleID); ok && end.outlives(bound) {
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

// actingUntil returns until when the caller acts where, and holds what there.
func (t *tx) actingUntil() (lastEnds, error) {
	var rows []struct {
		TenantID, RoleID int64
		ExpiresAt        *time.Time
	}
	err := t.actingBy().Joins("LEFT JOIN membership_roles r ON r.membership_id = memberships.id").
		Select("memberships.taxonomy_id AS tenant_id, r.role_id, memberships.expires_at").Scan(&rows).Error
	ends := lastEnds{}
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
	var around []models.Membership
	err := t.actingBy().Where("memberships.taxonomy_id IN (SELECT ancestor_id FROM taxonomy_closure WHERE "+
		"descendant_id = ? AND ancestor_id <> descendant_id)", tenant.ID).Find(&around).Error
	ends := lastEnds{}
	for _, m := range around {
		ends.note(heldThere{}, lastEnd{m.ExpiresAt})
	}
	end := ends[heldThere{}].at
	if err != nil || end == nil {
		return err
	}
	err = t.Model(&models.Membership{}).Where("user_id = ? AND taxonomy_id = ?", t.Caller.UserID, tenant.ID).
		UpdateColumn("expires_at", end).Error
	if err != nil {
		return err
	}
	return t.NoteEnd(end)
}
