package directory

import (
	"context"
	"slices"

	"roster/directory/store"
	"roster/models"
)

// ChangeMembers replaces the members of a group on the word of an authority that the group is tied to: whoever tied it
// was allowed to hand out what the group confers, so no rule asks again.
func (s *Service) ChangeMembers(ctx context.Context, usergroup int64, change func([]int64) []int64) error {
	return s.change(ctx, models.System(), func(t *tx) error {
		if err := t.holdGroups(); err != nil {
			return err
		}
		return t.changeMembers(usergroup, change)
	})
}

// changeMembers is the part of it that is done in a transaction, under the locks of holdGroups.
func (t *tx) changeMembers(usergroup int64, change func([]int64) []int64) error {
	row, err := store.First[models.Usergroup](t.Locking().Where("id = ?", usergroup))
	if err != nil || row == nil {
		return err
	}
	before, err := t.groupState(row)
	if err != nil {
		return err
	}
	after := *before
	if after.users = change(slices.Clone(before.users)); store.SameSet(before.users, after.users) {
		return nil
	}
	return save(t, before, &after, steps{
		write:  func() error { return t.writeUsergroup(before, &after) },
		settle: func() error { return t.someAdminLeft("admin", models.RuleLastAdmin) },
		bumps:  []string{store.RevisionSnapshot, store.RevisionUsers},
	})
}
