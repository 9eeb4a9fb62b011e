package directory

import (
	"cmp"
	"context"
	"maps"
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

// profile shows one record to whoever may look: as own does or, where the setting open_directory permits, as open does.
func profile[V any](ctx context.Context, s *Service, p *models.Principal, own func() (V, error),
	open func(*store.Snapshot) (V, error)) (V, error) {
	v, err := own()
	if kind := models.KindOf(err); err == nil || kind != models.NotFound && kind != models.Forbidden {
		return v, err
	}
	r, snapshotErr := s.SnapshotFor(ctx, p)
	if snapshotErr != nil {
		return v, snapshotErr
	}
	if !opensDirectory(r, p) {
		return v, err
	}
	return open(r)
}

// Profile shows one user: to whoever may view the user or, where the setting open_directory permits, any active
// account.
func (s *Service) Profile(ctx context.Context, p *models.Principal, ref store.Ref) (*UserView, error) {
	return profile(ctx, s, p, func() (*UserView, error) { return s.User(ctx, p, ref) },
		func(*store.Snapshot) (*UserView, error) {
			active := s.Read.WithContext(ctx).Scopes(scopes.NotHidden).Where("NOT COALESCE(users.disabled, FALSE)")
			u, err := store.Take[models.User](active, scopes.Users, ref)
			if err != nil {
				return nil, err
			}
			return s.userViewOf(ctx, p, u)
		})
}

// AnonymousAccount shows administrators the hidden account that stands for people without one, where there is one.
func (s *Service) AnonymousAccount(ctx context.Context, p *models.Principal) (*UserView, error) {
	if !p.Admin {
		return nil, models.NotFoundError(store.Subject(scopes.Users.Class), models.AnonymousLogin)
	}
	u, err := store.Take[models.User](s.Read.WithContext(ctx).Where("hidden"), scopes.Users,
		store.Ref{Name: models.AnonymousLogin})
	if err != nil {
		return nil, err
	}
	return s.userViewOf(ctx, p, u)
}

// UsergroupProfile shows one group in the same way: an open directory shows any group, with its active members.
func (s *Service) UsergroupProfile(ctx context.Context, p *models.Principal, ref store.Ref) (*UsergroupView, error) {
	return profile(ctx, s, p, func() (*UsergroupView, error) { return s.Usergroup(ctx, p, ref) },
		func(r *store.Snapshot) (*UsergroupView, error) { return s.openUsergroup(ctx, p, r, ref) })
}

func (s *Service) openUsergroup(ctx context.Context, p *models.Principal, r *store.Snapshot,
	ref store.Ref) (*UsergroupView, error) {
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
	known, err := s.knownRoles(ctx, p, r)
	if err != nil {
		return nil, err
	}
	var list []RoleProfile
	for id, role := range r.Roles {
		if !slices.Contains(known, id) || role.Builtin != 0 {
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

// knownRoles are the ids of the roles that the caller may look at.
func (s *Service) knownRoles(ctx context.Context, p *models.Principal, r *store.Snapshot) ([]int64, error) {
	if opensDirectory(r, p) {
		return slices.Collect(maps.Keys(r.Roles)), nil
	}
	if err := store.Admitted(p, scopes.Roles); err != nil {
		return nil, err
	}
	var ids []int64
	err := s.Read.WithContext(ctx).Table(scopes.Roles.Table).Scopes(scopes.Roles.Rows(p, models.View)).
		Pluck("roles.id", &ids).Error
	return ids, err
}

// positionOf is where a role stands; those that nobody has put in order come last.
func positionOf(r *models.Role) int64 {
	const last = 1 << 62
	if r.Position == nil {
		return last
	}
	return *r.Position
}
