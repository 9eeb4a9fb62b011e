package directory

import (
	"cmp"
	"context"
	"slices"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// opensDirectory reports whether the setting open_directory shows the public facts of accounts to a caller.
func opensDirectory(r *store.Snapshot, p *models.Principal) bool {
	switch r.Setting("open_directory") {
	case store.OpenToAnybody:
		return true
	case store.OpenToMembers:
		return p.UserID > 0
	}
	return false
}

// UsergroupProfile shows one group to whoever may look: as Usergroup does or, where the setting open_directory permits,
// any group with its active members.
func (s *Service) UsergroupProfile(ctx context.Context, p *models.Principal, ref store.Ref) (*UsergroupView, error) {
	v, err := s.Usergroup(ctx, p, ref)
	if kind := models.KindOf(err); err == nil || kind != models.NotFound && kind != models.Forbidden {
		return v, err
	}
	r, snapshotErr := s.SnapshotFor(ctx, p)
	if snapshotErr != nil {
		return nil, snapshotErr
	}
	if !opensDirectory(r, p) {
		return nil, err
	}
	db := s.Read.WithContext(ctx)
	g, err := store.Take[models.Usergroup](db, scopes.Usergroups, ref)
	if err != nil {
		return nil, err
	}
	views, err := s.reading(ctx, p).usergroupRows(r, []models.Usergroup{*g})
	if err != nil {
		return nil, err
	}
	shown := views[0]
	err = db.Select(memberColumns).Scopes(scopes.NotHidden, scopes.Under(scopes.Users, "Usergroup", g.ID)).
		Where("NOT COALESCE(users.disabled, FALSE)").Order("users.id").Find(&shown.Users).Error
	return shown, err
}

// RoleProfile is a role with the names of the permissions that it gives somewhere.
type RoleProfile struct {
	*models.Role
	Permissions []string
}

// RoleProfiles returns all roles but the one that everybody has, in the order that people have put them in, then by
// name: those that the caller may view or, where the setting open_directory permits, all.
func (s *Service) RoleProfiles(ctx context.Context, p *models.Principal) ([]RoleProfile, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	if open := opensDirectory(r, p); !open {
		if err := store.Admitted(p, scopes.Roles); err != nil {
			return nil, err
		}
		var ids []int64
		if err := s.Read.WithContext(ctx).Table(scopes.Roles.Table).Scopes(scopes.Roles.Rows(p, models.View)).
			Pluck("roles.id", &ids).Error; err != nil {
			return nil, err
		}
		for _, id := range ids {
			known[id] = true
		}
	} else {
		for id := range r.Roles {
			known[id] = true
		}
	}
	var list []RoleProfile
	for id, role := range r.Roles {
		if !known[id] || role.Builtin != 0 {
			continue
		}
		profile := RoleProfile{Role: role}
		for _, g := range r.Grants[id] {
			profile.Permissions = append(profile.Permissions, g.Permission)
		}
		slices.Sort(profile.Permissions)
		profile.Permissions = slices.Compact(profile.Permissions)
		list = append(list, profile)
	}
	slices.SortFunc(list, func(a, b RoleProfile) int {
		return cmp.Or(cmp.Compare(positionOf(a.Role), positionOf(b.Role)), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// positionOf is where a role stands; those that nobody has put in order come last.
func positionOf(r *models.Role) int64 {
	const last = 1 << 62
	if r.Position == nil {
		return last
	}
	return *r.Position
}
