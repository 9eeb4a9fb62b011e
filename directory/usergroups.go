package directory

import (
	"context"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// UsergroupView is a group with what dialects show of it alone.
type UsergroupView struct {
	models.Usergroup
	Externals []models.ExternalUsergroup
	// Members are the groups inside this one, directly.
	Members []models.Usergroup
	// Users are the direct members whom the caller may see.
	Users []models.User
	Roles []models.Role
	// CustomFields are those of groups that the caller sees, in their order. Custom are the values of this group.
	CustomFields []*models.CustomField
	Custom       models.CustomValues
}

// UsergroupChange is a requested change of a group. Users, Members and Roles replace the sets; users whom the caller
// may not see stay members.
type UsergroupChange struct {
	Name                  models.Opt[string]
	Admin                 models.Opt[bool]
	Users, Members, Roles models.Opt[Refs]
	// Externals are added to the groups of auth sources that the group is tied to.
	Externals []ExternalUsergroupChange
	// Custom sets custom fields.
	Custom []models.CustomInput
	// NameFolded asks for a name that no other group has, whatever the case of its letters.
	NameFolded bool
	// joining and leaving are users who come in or go; both are known to the caller.
	joining, leaving []int64
}

// references are the lists that a change of a group carries.
func (c *UsergroupChange) references(p *models.Principal) []reference {
	return slices.Concat(referencesTo(rolesTarget, &c.Roles), referencesTo(usergroupsTarget, &c.Members),
		referencesTo(usersTarget(p), &c.Users))
}

type groupState struct {
	models.Usergroup
	users, members, roles []int64
	custom                models.CustomValues
	// nameFolded asks for a name that no other group has, whatever the case of its letters.
	nameFolded bool
}

func (g *groupState) facts() store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &g.Name), store.Audited("admin", &g.Admin),
		store.AuditedIDs("role_ids", g.roles), store.AuditedIDs("user_ids", g.users),
		store.AuditedIDs("usergroup_ids", g.members), customFact(g.custom)}
}

func (g *groupState) record() store.AuditSubject {
	return store.AuditSubject{ID: g.ID, Class: "Usergroup", Name: g.Name}
}

// Usergroups lists the groups that the caller may view, with their custom fields and without what else is inside them.
func (s *Service) Usergroups(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*UsergroupView], error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	return store.Listing[models.Usergroup, *UsergroupView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Usergroups,
		Views: func(rows []models.Usergroup) ([]*UsergroupView, error) {
			return s.reading(ctx, p).usergroupRows(r, rows)
		},
	}.Read(ctx)
}

// usergroupRows shows groups with their custom fields alone.
func (t *tx) usergroupRows(r *store.Snapshot, rows []models.Usergroup) ([]*UsergroupView, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	custom, err := t.customOf(r, models.CustomUsergroup, ids)
	if err != nil {
		return nil, err
	}
	shown := shownFields(r, t.Caller, models.CustomUsergroup)
	views := make([]*UsergroupView, len(rows))
	for i, row := range rows {
		views[i] = &UsergroupView{Usergroup: row, CustomFields: shown, Custom: custom[row.ID]}
	}
	return views, nil
}

// Same shows rows as they are.
func Same[T any](rows []T) ([]T, error) { return rows, nil }

// Usergroup shows one group.
func (s *Service) Usergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*UsergroupView, error) {
	db := s.Read.WithContext(ctx)
	g, err := store.Find[models.Usergroup](db, p, scopes.Usergroups, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return s.reading(ctx, p).usergroupView(g)
}

func (t *tx) usergroupView(g *models.Usergroup) (*UsergroupView, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	views, err := t.usergroupRows(r, []models.Usergroup{*g})
	if err != nil {
		return nil, err
	}
	v := views[0]
	db := t.DB
	p := t.Caller
	if err := db.Scopes(scopes.VisibleExternals(p)).Where("usergroup_id = ?", g.ID).Order("id").
		Find(&v.Externals).Error; err != nil {
		return nil, err
	}
	if err := db.Scopes(scopes.Under(scopes.Usergroups, "Usergroup", g.ID)).Order("name").
		Find(&v.Members).Error; err != nil {
		return nil, err
	}
	if err := db.Scopes(usersIn(p, "Usergroup", g.ID)).Order("users.id").Find(&v.Users).Error; err != nil {
		return nil, err
	}
	err = db.Where("id IN (SELECT role_id FROM usergroup_roles WHERE usergroup_id = ?)", g.ID).Order("name").
		Find(&v.Roles).Error
	return v, err
}

// memberColumns are the columns by which records show their users.
var memberColumns = []string{"users.id", "users.login", "users.description", "users.firstname", "users.lastname"}

// usersIn keeps the visible users inside a parent, with the columns by which records show their users.
func usersIn(p *models.Principal, class string, id int64) scopes.Scope {
	return func(db *gorm.DB) *gorm.DB {
		return db.Select(memberColumns).
			Scopes(scopes.NotHidden, scopes.Visible(p, scopes.Users), scopes.Under(scopes.Users, class, id))
	}
}

// CreateUsergroup adds a group (docs/spec/foreman.md, 10).
func (s *Service) CreateUsergroup(ctx context.Context, p *models.Principal, c UsergroupChange) (*UsergroupView, error) {
	if err := s.mayTie(ctx, p, c.Externals); err != nil {
		return nil, err
	}
	var v *UsergroupView
	var tied []*models.ExternalUsergroup
	err := s.creating(ctx, p, scopes.Usergroups, c.references(p), func(t *tx) error {
		if err := t.holdGroups(c.alters()); err != nil {
			return err
		}
		after := &groupState{Usergroup: models.Usergroup{CreatedAt: t.Time, UpdatedAt: t.Time}}
		if err := t.saveUsergroup(nil, after, c); err != nil {
			return err
		}
		var err error
		if tied, err = t.tie(after.ID, c.Externals); err != nil {
			return err
		}
		v, err = t.usergroupView(&after.Usergroup)
		return err
	})
	if err != nil {
		return nil, taken(err, "name")
	}
	return s.withRefreshed(ctx, p, v, tied)
}

// withRefreshed brings the members of a group up to date with what it was tied to, and shows it anew.
func (s *Service) withRefreshed(ctx context.Context, p *models.Principal, v *UsergroupView,
	tied []*models.ExternalUsergroup) (*UsergroupView, error) {
	if len(tied) == 0 {
		return v, nil
	}
	s.refreshed(ctx, tied...)
	return s.reading(ctx, p).usergroupView(&v.Usergroup)
}

// UpdateUsergroup changes a group.
func (s *Service) UpdateUsergroup(ctx context.Context, p *models.Principal, ref store.Ref, c UsergroupChange,
	parents ...store.Parent) (*UsergroupView, error) {
	if err := s.mayTie(ctx, p, c.Externals); err != nil {
		return nil, err
	}
	var v *UsergroupView
	var tied []*models.ExternalUsergroup
	err := s.changing(ctx, p, c.references(p), func(t *tx) error {
		if err := t.holdGroups(c.alters()); err != nil {
			return err
		}
		g, err := store.Find[models.Usergroup](t.Locking(), t.Caller, scopes.Usergroups, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.groupState(g)
		if err != nil {
			return err
		}
		after := *before
		if err := t.saveUsergroup(before, &after, c); err != nil {
			return err
		}
		if tied, err = t.tie(after.ID, c.Externals); err != nil {
			return err
		}
		v, err = t.usergroupView(&after.Usergroup)
		return err
	})
	if err != nil {
		return nil, taken(err, "name")
	}
	return s.withRefreshed(ctx, p, v, tied)
}

// taken words a unique index that a change ran into.
func taken(err error, attr string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return takenError(attr, err)
	}
	return err
}

// checkFree adds an error for a name that another row has already; the index, which refuses it as well, has taken a
// number for the row by then. The condition selects the other rows with the name.
func (t *tx) checkFree(errs *models.FieldErrors, name string, model any, cond string, args ...any) error {
	if !models.Storable(name) {
		return nil
	}
	var n int64
	err := t.Model(model).Where(cond, args...).Count(&n).Error
	errs.Check(n == 0, "name", models.RuleTaken)
	return err
}

func takenError(attr string, err error) error {
	broken := models.FieldErrors{{Attr: attr, Broken: models.Broken{Rule: models.RuleTaken}}}
	return &models.Error{Kind: models.Invalid, Fields: broken, Err: err}
}

// alters reports whether a change of a group names something that LockGroups guards.
func (c *UsergroupChange) alters() bool { return c.Admin.Set || c.Members.Set || len(c.Externals) > 0 }

// holdGroups takes LockGroups: alone for a change that alters what it guards, else shared.
func (t *tx) holdGroups(alters bool) error {
	if alters {
		return t.Lock(store.LockGroups)
	}
	return t.RLock(store.LockGroups)
}

// holdAdmins takes LockAdmins, and reports true, if a change of a group can make somebody an administrator no longer.
// A deleted group has an empty state after the change. LockGroups is held, so what groups confer stays as it is read.
func (t *tx) holdAdmins(before, after *groupState) (bool, error) {
	takes := before.Admin && !after.Admin || len(store.Without(before.users, after.users)) > 0 ||
		len(store.Without(before.members, after.members)) > 0
	if !takes {
		return false, nil
	}
	admin, err := t.confersAdmin(before)
	if err != nil || !admin {
		return false, err
	}
	return true, t.Lock(store.LockAdmins)
}

func (t *tx) groupState(g *models.Usergroup) (*groupState, error) {
	state := &groupState{Usergroup: *g}
	var err error
	if state.users, err = t.LinkedIDs(store.UsergroupUsers, g.ID); err != nil {
		return nil, err
	}
	if state.members, err = t.LinkedIDs(store.UsergroupMembers, g.ID); err != nil {
		return nil, err
	}
	if state.roles, err = t.LinkedIDs(store.UsergroupRoles, g.ID); err != nil {
		return nil, err
	}
	state.custom, err = t.customState(models.CustomUsergroup, g.ID)
	return state, err
}

// saveUsergroup makes a change of a group, under LockGroups; before is nil for a new one.
func (t *tx) saveUsergroup(before, after *groupState, c UsergroupChange) error {
	had := orNew(before)
	custom := customChange{subject: models.CustomUsergroup, input: c.Custom, made: before == nil}
	todo := t.groupSteps(before, after, func() error { return t.checkUsergroup(had, after, custom) })
	todo.apply = func() error {
		var err error
		if after.custom, err = t.applyCustom(custom, after.custom); err != nil {
			return err
		}
		return t.applyUsergroup(after, c)
	}
	todo.covered = scopes.Usergroups
	return save(t, before, after, todo)
}

// groupSteps are the steps that every change of a group takes once it is known what it changes. The rules of check are
// asked under LockAdmins where the change needs it.
func (t *tx) groupSteps(before, after *groupState, check func() error) steps {
	had := orNew(before)
	takesAdmins := false
	return steps{
		check: func() error {
			if after.Name != had.Name {
				if err := t.Lock(store.LockNames); err != nil {
					return err
				}
			}
			var err error
			if takesAdmins, err = t.holdAdmins(had, after); err != nil {
				return err
			}
			return check()
		},
		write: func() error { return t.writeUsergroup(before, after) },
		settle: func() error {
			if !takesAdmins {
				return nil
			}
			return t.someAdminLeft("admin", models.RuleLastAdmin)
		},
		bumps: []string{store.RevisionUsers},
	}
}

func (t *tx) applyUsergroup(g *groupState, c UsergroupChange) error {
	c.Name.Apply(&g.Name)
	c.Admin.Apply(&g.Admin)
	g.Normalize()
	if err := t.replace(rolesTarget, c.Roles, &g.roles); err != nil {
		return err
	}
	if err := t.replace(usergroupsTarget, c.Members, &g.members); err != nil {
		return err
	}
	g.users = c.moveUsers(g.users)
	g.nameFolded = c.NameFolded
	return t.replace(usersTarget(t.Caller), c.Users, &g.users)
}

// checkUsergroup reports every broken rule at once (docs/spec/foreman.md, 8.5 and 10.1).
func (t *tx) checkUsergroup(before, after *groupState, custom customChange) error {
	errs := after.Validate()
	if after.Name != before.Name && models.Storable(after.Name) {
		var logins, names int64
		// Of a login that the caller cannot see nothing is told (docs/spec/foreman.md, 10.1).
		if err := t.Model(&models.User{}).Scopes(scopes.Visible(t.Caller, scopes.Users)).Where("login = ?", after.Name).
			Count(&logins).Error; err != nil {
			return err
		}
		same := t.Model(&models.Usergroup{}).Where("name = ? AND id <> ?", after.Name, after.ID)
		if after.nameFolded {
			same = t.Model(&models.Usergroup{}).Where("fold(name) = ? AND id <> ?", search.Fold(after.Name), after.ID)
		}
		if err := same.Count(&names).Error; err != nil {
			return err
		}
		errs.Check(names == 0, "name", models.RuleTaken)
		errs.Check(logins == 0, "name", models.RuleUserHasName)
	}
	errs.Check(t.Caller.Admin || after.Admin == before.Admin, "admin", models.RuleAdminFlag)
	if err := t.checkCustom(&errs, custom, after.custom); err != nil {
		return err
	}
	if err := t.checkNesting(&errs, before, after); err != nil {
		return err
	}
	if err := t.checkConferred(&errs, before, after); err != nil {
		return err
	}
	if err := t.authorizeGroup(&errs, before, after); err != nil {
		return err
	}
	return errs.Err()
}

// checkNesting refuses a group inside itself, however many groups lie between.
func (t *tx) checkNesting(errs *models.FieldErrors, before, after *groupState) error {
	for _, member := range store.Without(after.members, before.members) {
		if member == after.ID {
			errs.Add("usergroups", models.RuleContainsItself)
			continue
		}
		var n int64
		err := t.Table("usergroup_closure").Where("ancestor_id = ? AND descendant_id = ?", member, after.ID).
			Count(&n).Error
		if err != nil {
			return err
		}
		errs.Check(n == 0, "usergroups", models.RuleCycle)
	}
	if len(*errs) > 0 {
		return nil
	}
	return t.checkBreadth(errs, after.ID, store.Without(after.members, before.members))
}

// Bounds of nesting. A change of one link writes a row for each group around it and each group inside it, under a lock
// that other changes of groups wait for: 50,000 rows take less than a second.
const (
	// MaxGroupsAround bounds how many groups a group may be in, however nested.
	MaxGroupsAround = 50
	// MaxGroupsInside bounds how many groups may be in a group, however nested.
	MaxGroupsInside = 1000
)

// checkBreadth refuses new members that would put more groups around one, or into one, than a change may concern.
func (t *tx) checkBreadth(errs *models.FieldErrors, group int64, added []int64) error {
	if len(added) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("c.ancestor_id", added)
	below := "SELECT DISTINCT c.descendant_id AS id FROM usergroup_closure c WHERE " + cond
	// itself is one
	around := "SELECT c.ancestor_id AS id FROM usergroup_closure c WHERE c.descendant_id = ? UNION SELECT ?"
	joining, err := t.most("SELECT COUNT(*) AS n FROM ("+below+") b", value)
	if err != nil {
		return err
	}
	var deepest, widest int64
	if joining <= MaxGroupsInside {
		deepest, err = t.most(`SELECT COUNT(*) AS n FROM (SELECT b.id, c.ancestor_id FROM (`+below+
			`) b JOIN usergroup_closure c ON c.descendant_id = b.id
			WHERE c.ancestor_id <> b.id UNION SELECT b.id, a.id
				FROM (`+below+`) b, (`+around+`) a) pairs GROUP BY id`, value, value, group, group)
		if err != nil {
			return err
		}
		widest, err = t.most(`SELECT COUNT(*) AS n FROM (SELECT a.id, c.descendant_id FROM (`+around+
			`) a JOIN usergroup_closure c ON c.ancestor_id = a.id
			WHERE c.descendant_id <> a.id UNION SELECT a.id, b.id
				FROM (`+around+`) a, (`+below+`) b) pairs GROUP BY id`, group, group, group, group, value)
		if err != nil {
			return err
		}
	}
	errs.Check(deepest <= MaxGroupsAround, "usergroup_ids", models.RuleGroupsAround, MaxGroupsAround)
	errs.Check(max(joining, widest) <= MaxGroupsInside, "usergroup_ids", models.RuleGroupsInside, MaxGroupsInside)
	return nil
}

// most returns the greatest n that a query selects, 0 without any.
func (t *tx) most(query string, args ...any) (int64, error) {
	var n int64
	err := t.Raw("SELECT COALESCE(MAX(n), 0) FROM ("+query+") counts", args...).Row().Scan(&n)
	return n, err
}

// checkConferred closes the way around the rule for direct roles: whoever gives a group roles, or members to a group
// with roles, gives those roles to people. It asks for the same right (docs/spec/foreman.md, 8.5 and 19, row 32).
func (t *tx) checkConferred(errs *models.FieldErrors, before, after *groupState) error {
	if t.Caller.Admin {
		return nil
	}
	if err := t.holdAuthority(); err != nil {
		return err
	}
	if !store.SameSet(before.roles, after.roles) {
		errs.Check(mayAssign(t.Caller, after.roles), "role_ids", models.RuleEscalation)
	}
	newUsers := store.Without(after.users, before.users)
	newMembers := store.Without(after.members, before.members)
	if len(newUsers)+len(newMembers) == 0 {
		return nil
	}
	roles, _, err := t.confers(after)
	if err != nil {
		return err
	}
	attr := "user_ids"
	if len(newUsers) == 0 {
		attr = "usergroup_ids"
	}
	errs.Check(mayAssign(t.Caller, roles), attr, models.RuleEscalation)
	return nil
}

// confers returns what membership in a group brings: its roles and those of every group around it, and whether one of
// them makes administrators.
func (t *tx) confers(g *groupState) (roles []int64, admin bool, err error) {
	if err = t.Raw("SELECT DISTINCT role_id FROM usergroup_roles WHERE usergroup_id IN ("+groupsAround+")", g.ID).
		Scan(&roles).Error; err != nil {
		return nil, false, err
	}
	admin, err = t.confersAdmin(g)
	return append(roles, g.roles...), admin, err
}

// groupsAround selects a group and every group around it.
const groupsAround = "SELECT ancestor_id FROM usergroup_closure WHERE descendant_id = ?"

// confersAdmin reports whether a group or one around it makes administrators.
func (t *tx) confersAdmin(g *groupState) (bool, error) {
	if g.Admin {
		return true, nil
	}
	return t.Exists("SELECT 1 FROM usergroups g WHERE g.admin AND g.id IN ("+groupsAround+")", g.ID)
}

// writeUsergroup writes the row and its links. The snapshot of others moves on, unless only users came or went.
func (t *tx) writeUsergroup(existing, after *groupState) error {
	before := orNew(existing)
	if before.Usergroup != after.Usergroup || !store.SameSet(before.roles, after.roles) ||
		!store.SameSet(before.members, after.members) {
		t.Bump(store.RevisionSnapshot, 0)
	}
	switch {
	case existing == nil:
		if err := t.Create(&after.Usergroup).Error; err != nil {
			return err
		}
		if err := t.Exec("INSERT INTO usergroup_closure (ancestor_id, descendant_id) VALUES (?, ?)", after.ID,
			after.ID).Error; err != nil {
			return err
		}
	case before.Usergroup != after.Usergroup || !maps.EqualFunc(before.custom, after.custom, slices.Equal):
		after.UpdatedAt = t.Time
		if err := t.Overwrite(&after.Usergroup); err != nil {
			return err
		}
	}
	if err := t.writeCustom(models.CustomUsergroup, after.ID, before.custom, after.custom); err != nil {
		return err
	}
	if _, err := t.Relink(store.UsergroupRoles, after.ID, before.roles, after.roles); err != nil {
		return err
	}
	if _, err := t.Relink(store.UsergroupUsers, after.ID, before.users, after.users); err != nil {
		return err
	}
	t.BumpPeople(slices.Concat(store.Without(before.users, after.users), store.Without(after.users, before.users))...)
	moved := append(store.Without(before.members, after.members), store.Without(after.members, before.members)...)
	if _, err := t.Relink(store.UsergroupMembers, after.ID, before.members, after.members); err != nil {
		return err
	}
	return t.closeUsergroups(moved)
}

// closeUsergroups recomputes which groups contain the given ones and everything inside them, and writes the
// differences. What is inside them has not changed, so the closure still lists the groups concerned.
func (t *tx) closeUsergroups(moved []int64) error {
	if len(moved) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("ancestor_id", moved)
	var concerned []int64
	if err := t.Raw("SELECT DISTINCT descendant_id FROM usergroup_closure WHERE "+cond, value).
		Scan(&concerned).Error; err != nil {
		return err
	}
	cond, value = t.s.InIDs("id", concerned)
	around := `WITH RECURSIVE up (ancestor_id, descendant_id) AS (
		SELECT id, id FROM usergroups WHERE ` + cond + `
		UNION SELECT m.usergroup_id, up.descendant_id FROM usergroup_usergroups m
			JOIN up ON m.member_id = up.ancestor_id) `
	inside, values := t.s.InIDs("descendant_id", concerned)
	known := "SELECT ancestor_id, descendant_id FROM usergroup_closure WHERE " + inside
	err := t.Exec(around+"DELETE FROM usergroup_closure WHERE (ancestor_id, descendant_id) IN ("+
		known+" EXCEPT SELECT ancestor_id, descendant_id FROM up)", value, values).Error
	if err != nil {
		return err
	}
	return t.Exec(around+"INSERT INTO usergroup_closure (ancestor_id, descendant_id) SELECT ancestor_id, "+
		"descendant_id FROM up EXCEPT "+
		known, value, values).Error
}

// DeleteUsergroup removes a group; members and containing groups stay (docs/spec/foreman.md, 10.3).
func (s *Service) DeleteUsergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.Usergroup, error) {
	var gone *models.Usergroup
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(true); err != nil {
			return err
		}
		var err error
		if gone, err = store.Find[models.Usergroup](t.Locking(), t.Caller, scopes.Usergroups, models.Destroy, ref,
			parents); err != nil {
			return err
		}
		state, err := t.groupState(gone)
		if err != nil {
			return err
		}
		return t.deleteUsergroup(state)
	})
	return gone, err
}

func (t *tx) deleteUsergroup(gone *groupState) error {
	if err := t.removeUsergroup(gone); err != nil {
		return err
	}
	return t.Audit(store.AuditSubject{ID: gone.ID, Class: "Usergroup", Name: gone.Name}, gone.facts(), nil)
}

func (t *tx) removeUsergroup(g *groupState) error {
	nothing := &groupState{Usergroup: models.Usergroup{ID: g.ID}}
	takesAdmins, err := t.holdAdmins(g, nothing)
	if err != nil {
		return err
	}
	var errs models.FieldErrors
	if err := t.authorizeGroup(&errs, g, nothing); err != nil {
		return err
	}
	if err := errs.Err(); err != nil {
		return models.About(g.ID, err)
	}
	// The links are removed first, so that the closure of the groups inside is computed without the group.
	if _, err := t.Relink(store.UsergroupMembers, g.ID, g.members, nil); err != nil {
		return err
	}
	if err := t.closeUsergroups(g.members); err != nil {
		return err
	}
	if err := t.Exec("DELETE FROM usergroups WHERE id = ?", g.ID).Error; err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	t.Bump(store.RevisionUsers, 0)
	if !takesAdmins {
		return nil
	}
	return t.someAdminLeft(models.Base, models.RuleLastAdminGroup)
}
