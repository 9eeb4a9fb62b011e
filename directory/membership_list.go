package directory

import (
	"context"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// AddMemberships makes users and groups, whose numbers come from one sequence, members of a tenant who hold roles
// there; all of them or none. Whoever holds roles there already is refused, and so is a number that means nobody whom
// the caller may change.
func (s *Service) AddMemberships(ctx context.Context, p *models.Principal, tenant store.Parent, members []int64,
	c MembershipChange) ([]*MembershipView, error) {
	members = models.Distinct(members)
	c.RolesRequired = true
	var made []models.Membership
	err := s.changing(ctx, p, referencesTo(rolesTarget, &c.Roles), func(t *tx) error {
		made = nil
		errs := models.FieldErrors{}
		errs.Check(len(members) > 0, "member", models.RuleBlank)
		errs.Check(len(members) <= MaxReferenceNames, "member", models.RuleTooMany, MaxReferenceNames)
		errs.Check(len(c.Roles.Value.IDs)+len(c.Roles.Value.Names) > 0, "role_ids", models.RuleBlank)
		if err := errs.Err(); err != nil {
			return err
		}
		for _, id := range members {
			row, err := t.addMembership(tenant, id, c)
			if err != nil {
				return err
			}
			made = append(made, *row)
		}
		return nil
	})
	if err != nil {
		return nil, taken(err, models.Base)
	}
	return s.membershipViews(ctx, made)
}

func (t *tx) addMembership(tenant store.Parent, id int64, c MembershipChange) (*models.Membership, error) {
	who, err := t.memberOf(id)
	if err != nil {
		return nil, err
	}
	before, err := t.membership(tenant, who)
	if err != nil {
		return nil, err
	}
	if len(before.roles) > 0 {
		return nil, models.Refuse("user", models.RuleTaken)
	}
	after := *before
	if before.ID == 0 {
		before = nil
	}
	err = t.saveMembership(before, &after, c)
	return &after.Membership, err
}

// memberOf finds out whether a number is a user's or a group's whom the caller may change.
func (t *tx) memberOf(id int64) (Member, error) {
	for _, one := range []struct {
		resource *scopes.Resource
		member   Member
	}{
		{scopes.Users, Member{User: store.Ref{ID: id}}}, {scopes.Usergroups, Member{Usergroup: store.Ref{ID: id}}},
	} {
		if store.Require(t.Caller, one.resource, models.Edit) != nil {
			continue
		}
		var found []int64
		err := t.Table(one.resource.Table).Scopes(one.resource.Rows(t.Caller, models.Edit)).
			Where(one.resource.Table+".id = ?", id).Limit(1).Pluck(one.resource.Table+".id", &found).Error
		if err != nil {
			return Member{}, err
		}
		if len(found) > 0 {
			return one.member, nil
		}
	}
	if err := store.Require(t.Caller, scopes.Users, models.Edit); err != nil {
		return Member{}, err
	}
	return Member{}, models.Refuse("member", models.RuleBlank)
}
