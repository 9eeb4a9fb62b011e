package directory

import (
	"context"
	"slices"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// AddGroupUsers makes users members of a group and returns how many came in. Those who are members already, whom the
// caller may not see, and who do not exist, are left out.
func (s *Service) AddGroupUsers(ctx context.Context, p *models.Principal, group store.Ref,
	users []int64) (added int, err error) {
	return s.moveGroupUsers(ctx, p, group, func(t *tx, g *groupState) (UsergroupChange, error) {
		known, err := t.knownUsers(users)
		return UsergroupChange{joining: store.Without(known, g.users)}, err
	})
}

// RemoveGroupUsers takes users out of a group and returns how many were in it. Those whom the caller may not see stay.
func (s *Service) RemoveGroupUsers(ctx context.Context, p *models.Principal, group store.Ref,
	users []int64) (removed int, err error) {
	return s.moveGroupUsers(ctx, p, group, func(t *tx, g *groupState) (UsergroupChange, error) {
		known, err := t.knownUsers(users)
		return UsergroupChange{leaving: store.Without(known, store.Without(known, g.users))}, err
	})
}

// knownUsers are those of some users whom the caller may change.
func (t *tx) knownUsers(users []int64) ([]int64, error) {
	if len(users) > MaxReferenceIDs {
		return nil, models.Refuse("user_ids", models.RuleTooMany, MaxReferenceIDs)
	}
	condition, list := t.s.InIDs("users.id", models.Distinct(users))
	var known []int64
	err := t.Table("users").Scopes(scopes.NotHidden, scopes.Visible(t.Caller, scopes.Users),
		scopes.Writable(t.Caller, scopes.Users)).Where(condition, list).Order("users.id").
		Pluck("users.id", &known).Error
	return known, err
}

func (s *Service) moveGroupUsers(ctx context.Context, p *models.Principal, group store.Ref,
	change func(*tx, *groupState) (UsergroupChange, error)) (moved int, err error) {
	err = s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(false); err != nil {
			return err
		}
		var err error
		moved, err = t.moveGroupUsers(group, change)
		return err
	})
	return moved, err
}

// moveGroupUsers makes a change of who is in a group, under LockGroups, and returns how many came or went.
func (t *tx) moveGroupUsers(group store.Ref, change func(*tx, *groupState) (UsergroupChange, error)) (int, error) {
	g, err := store.Find[models.Usergroup](t.Locking(), t.Caller, scopes.Usergroups, models.Edit, group, nil)
	if err != nil {
		return 0, err
	}
	before, err := t.groupState(g)
	if err != nil {
		return 0, err
	}
	c, err := change(t, before)
	moved := len(c.joining) + len(c.leaving)
	if err != nil || moved == 0 {
		return 0, err
	}
	after := *before
	return moved, t.saveUsergroup(before, &after, c)
}

// moveUsers takes those who leave out of a list and adds those who join.
func (c *UsergroupChange) moveUsers(users []int64) []int64 {
	if len(c.joining)+len(c.leaving) == 0 {
		return users
	}
	moved := append(store.Without(users, c.leaving), c.joining...)
	slices.Sort(moved)
	return slices.Compact(moved)
}

// setGroups makes a user a direct member of the groups of a list and of no others. The groups of the change are held.
func (t *tx) setGroups(user int64, wanted models.Opt[Refs]) error {
	if !wanted.Set {
		return nil
	}
	var had []int64
	if err := t.Raw("SELECT usergroup_id FROM usergroup_users WHERE user_id = ?", user).Scan(&had).Error; err != nil {
		return err
	}
	groups, err := t.resolve(usergroupsTarget, wanted.Value, had...)
	if err != nil {
		return err
	}
	moved := append(store.Without(groups, had), store.Without(had, groups)...)
	slices.Sort(moved)
	for _, id := range moved {
		if done, err := t.moveAlone(id, user, !slices.Contains(had, id)); done || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		c := UsergroupChange{joining: []int64{user}}
		if slices.Contains(had, id) {
			c = UsergroupChange{leaving: []int64{user}}
		}
		asked := func(*tx, *groupState) (UsergroupChange, error) { return c, nil }
		if _, err := t.moveGroupUsers(store.Ref{ID: id}, asked); err != nil {
			return err
		}
	}
	return nil
}

// moveAlone brings one user into a group, or takes the user out, for an administrator, without looking at everybody
// else in it: a group may have many. It does nothing, and reports so, where the group makes administrators, of whom one
// has to be left. The group's row is locked: its audits are numbered.
func (t *tx) moveAlone(group, user int64, joins bool) (done bool, err error) {
	if !t.Caller.Admin {
		return false, nil
	}
	g, err := store.Take[models.Usergroup](t.Locking(), scopes.Usergroups, store.Ref{ID: group})
	if err != nil {
		return false, err
	}
	if admin, err := t.confersAdmin(&groupState{Usergroup: *g}); admin || err != nil {
		return false, err
	}
	statement := "DELETE FROM usergroup_users WHERE usergroup_id = ? AND user_id = ?"
	var joined, left []int64
	if joins {
		statement = "INSERT INTO usergroup_users (usergroup_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
		joined = []int64{user}
	} else {
		left = []int64{user}
	}
	if err := t.Exec(statement, group, user).Error; err != nil {
		return false, err
	}
	t.BumpPeople(user)
	t.Bump(store.RevisionUsers, 0)
	return true, t.auditMoved(g, joined, left)
}

// auditMoved notes who came into a group and who went: those alone, since a group may have many. The row of the group
// has to be locked, since its audits are numbered.
func (t *tx) auditMoved(g *models.Usergroup, joined, left []int64) error {
	state := groupState{Usergroup: *g}
	return t.Audit(state.record(), store.AuditedValues{store.AuditedIDs("user_ids", left)},
		store.AuditedValues{store.AuditedIDs("user_ids", joined)})
}
