package directory

import (
	"context"
	"slices"

	"roster/directory/store"
	"roster/models"
)

// ChangeMembers replaces the members of a group as the auth source that the group is tied to reports them. Authority
// was checked when the tie was made, so it is not checked again.
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
	if err := t.writeUsergroup(before, before, &after); err != nil {
		return err
	}
	if err := t.someAdminLeft("admin", models.RuleLastAdmin); err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	t.Bump(store.RevisionUsers, 0)
	return t.Audit(store.AuditSubject{ID: after.ID, Class: "Usergroup", Name: after.Name}, before.facts(),
		after.facts())
}

// TenantsOfSource returns the tenants of a kind that people of an auth source get.
func (s *Service) TenantsOfSource(ctx context.Context, source int64, kind models.TenantKind) ([]int64, error) {
	return s.reading(ctx, nil).tenantsOf(store.AuthSourceTenants, source, kind)
}
