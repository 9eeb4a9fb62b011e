package takeover

import (
	"fmt"
	"slices"

	"roster/directory/store"
	"roster/models"
)

// groups brings in the groups. One that is here with the number and the moment of the backup's is that one; another
// one of the name keeps it, and the backup's gets another. No group that a backup brings makes administrators.
func (r *roster) groups() error {
	var list, made []models.Usergroup
	if err := r.from.DB.Order("id").Find(&list).Error; err != nil {
		return err
	}
	for _, group := range list {
		r.report.Read[nounGroup]++
		old := group.ID
		here, err := store.First[models.Usergroup](r.Where("id = ?", old))
		if err != nil {
			return err
		}
		if here != nil && sameMoment(here.CreatedAt, group.CreatedAt) {
			r.know(nounGroup, old, here.ID)
			r.report.Known[nounGroup]++
			continue
		}
		if group.Admin {
			r.report.note(nounGroup, old, group.Name, "made its members administrators: here it does not")
		}
		group.Admin = false
		group.Normalize()
		if group.Name, err = r.freeGroupName(&group, made); err != nil {
			return err
		}
		if broken := group.Validate(); len(broken) > 0 {
			r.report.note(nounGroup, old, group.Name, breaksRules+broken.String())
		}
		group.ID = r.put(nounGroup, old)
		made = append(made, group)
		r.name("Usergroup", group.ID, group.Name)
	}
	return insert(r.writer, made)
}

// freeGroupName is a name that no group and no login has.
func (r *roster) freeGroupName(group *models.Usergroup, made []models.Usergroup) (string, error) {
	name, err := unique(group.Name, r.suffix(), func(name string) (bool, error) {
		if slices.ContainsFunc(made, func(g models.Usergroup) bool { return g.Name == name }) {
			return true, nil
		}
		there, err := r.Exists("SELECT 1 FROM usergroups WHERE name = ? UNION ALL SELECT 1 FROM users WHERE login = ?",
			name, name)
		if there || err != nil {
			return there, err
		}
		return r.loginComes(name)
	})
	if err == nil && name != group.Name {
		r.report.note(nounGroup, group.ID, group.Name, "the name is taken: it has become "+name)
	}
	return name, err
}

// harmless reports whether who is put into a group gets nothing by that but what this run brings: the group and those
// around it make nobody an administrator, and have neither roles nor tenants of their own. Roles count for less where
// they are asked for.
func (r *roster) harmless(group int64) (bool, error) {
	if r.fresh[nounGroup][group] {
		return true, nil
	}
	const around = "(SELECT ancestor_id FROM usergroup_closure WHERE descendant_id = ?)"
	gives, err := r.Exists("SELECT 1 FROM usergroups WHERE admin AND id IN "+around, group)
	if gives || err != nil || r.o.WithRoles {
		return !gives, err
	}
	tenants := []int64{0}
	for id := range r.tenants {
		tenants = append(tenants, id)
	}
	inside, list := r.Store.InIDs("taxonomy_id", tenants)
	gives, err = r.Exists("SELECT 1 FROM usergroup_roles WHERE usergroup_id IN "+around+" UNION ALL SELECT 1 FROM "+
		"memberships WHERE usergroup_id IN "+around+" AND NOT ("+inside+")", group, group, list)
	return !gives, err
}

// fillGroups puts people into groups. Nobody gets into a group that was here before and gives something.
func (r *roster) fillGroups() error {
	var groups []int64
	if err := r.from.DB.Table("usergroups").Order("id").Pluck("id", &groups).Error; err != nil {
		return err
	}
	for _, old := range groups {
		group := r.known(nounGroup, old)
		var users []int64
		if err := r.from.DB.Table("usergroup_users").Where("usergroup_id = ?", old).Order("user_id").
			Pluck("user_id", &users).Error; err != nil {
			return err
		}
		if err := r.fill(group, r.here(nounUser, users)); err != nil {
			return err
		}
	}
	return nil
}

func (r *roster) fill(group int64, users []int64) error {
	if !r.fresh[nounGroup][group] {
		there, err := r.LinkedIDs(store.UsergroupUsers, group)
		if err != nil {
			return err
		}
		users = store.Without(users, there)
	}
	if len(users) == 0 {
		return nil
	}
	harmless, err := r.harmless(group)
	if err != nil {
		return err
	}
	if !harmless {
		r.report.note(nounGroup, group, "", fmt.Sprintf("gives its members something beyond the organization: %d "+
			"people were not put into it", len(users)))
		return nil
	}
	pairs := make([][2]int64, len(users))
	for i, user := range users {
		pairs[i] = [2]int64{group, user}
	}
	r.BumpPeople(users...)
	return r.link("usergroup_users", "usergroup_id", "user_id", pairs)
}

// nestGroups puts groups into the groups that this run makes, and works out what each of those contains. What is in a
// group that was here before is that directory's.
func (r *roster) nestGroups() error {
	var there []struct{ UsergroupID, MemberID int64 }
	err := r.from.DB.Table("usergroup_usergroups").Order("usergroup_id, member_id").Find(&there).Error
	if err != nil {
		return err
	}
	members := map[int64][]int64{}
	var pairs [][2]int64
	for _, x := range there {
		group := r.known(nounGroup, x.UsergroupID)
		member := r.known(nounGroup, x.MemberID)
		if r.fresh[nounGroup][group] {
			members[group] = append(members[group], member)
			pairs = append(pairs, [2]int64{group, member})
			continue
		}
		nested, err := r.Exists("SELECT 1 FROM usergroup_usergroups WHERE usergroup_id = ? AND member_id = ?", group,
			member)
		if err != nil {
			return err
		}
		if !nested {
			r.report.note(nounGroup, member, "", fmt.Sprintf("was in the group %d, which was here before: it was not "+
				"put into it", group))
		}
	}
	if err := r.link("usergroup_usergroups", "usergroup_id", "member_id", pairs); err != nil {
		return err
	}
	return r.closeGroups(members)
}

// maxClosure bounds what the groups of a backup contain, each with all that is nested in it: a chain of n groups makes
// n²/2 of it out of n rows.
const maxClosure = 2_000_000

// closeGroups writes what each new group contains, however nested; members are those directly in it.
func (r *roster) closeGroups(members map[int64][]int64) error {
	left := maxClosure
	inside := map[int64][]int64{}
	open := map[int64]bool{}
	var visit func(group int64) ([]int64, error)
	visit = func(group int64) ([]int64, error) {
		if !r.fresh[nounGroup][group] {
			var below []int64
			return below, r.Raw("SELECT descendant_id FROM usergroup_closure WHERE ancestor_id = ?", group).
				Scan(&below).Error
		}
		if open[group] {
			return nil, fmt.Errorf("%w: a group is in itself", ErrInconsistent)
		}
		if inside[group] != nil {
			return inside[group], nil
		}
		open[group] = true
		defer delete(open, group)
		all := []int64{group}
		for _, member := range members[group] {
			below, err := visit(member)
			if err != nil {
				return nil, err
			}
			all = append(all, below...)
		}
		slices.Sort(all)
		inside[group] = slices.Compact(all)
		if left -= len(inside[group]); left < 0 {
			return nil, fmt.Errorf("%w: its groups are nested too deep", ErrInconsistent)
		}
		return inside[group], nil
	}
	var pairs [][2]int64
	for group := range r.fresh[nounGroup] {
		below, err := visit(group)
		if err != nil {
			return err
		}
		for _, id := range below {
			pairs = append(pairs, [2]int64{group, id})
		}
	}
	return r.link("usergroup_closure", "ancestor_id", "descendant_id", pairs)
}

// groupBelongings brings in what belongs to new groups: values, groups of auth sources, and roles that they held
// everywhere, if that is asked for and nobody is in the group who was here before.
func (r *roster) groupBelongings() error {
	values, err := r.customValues("usergroup_id IS NOT NULL")
	if err != nil {
		return err
	}
	if err := insert(r.writer, values); err != nil {
		return err
	}
	var there []models.ExternalUsergroup
	if err := r.from.DB.Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, external := range there {
		group := r.known(nounGroup, external.UsergroupID)
		source := r.known(nounSource, external.AuthSourceID)
		taken, err := r.Exists("SELECT 1 FROM external_usergroups WHERE auth_source_id = ? AND name = ?", source,
			external.Name)
		if err != nil {
			return err
		}
		if source == 0 || taken || !r.fresh[nounGroup][group] {
			continue
		}
		row := models.ExternalUsergroup{Name: external.Name, AuthSourceID: source, UsergroupID: group}
		if err := r.Create(&row).Error; err != nil {
			return err
		}
	}
	return r.groupRoles()
}

func (r *roster) groupRoles() error {
	var there []struct{ UsergroupID, RoleID int64 }
	if err := r.from.DB.Table("usergroup_roles").Order("usergroup_id, role_id").Find(&there).Error; err != nil {
		return err
	}
	var pairs [][2]int64
	for _, x := range there {
		group := r.known(nounGroup, x.UsergroupID)
		role := r.known(nounRole, x.RoleID)
		if role == 0 || !r.fresh[nounGroup][group] {
			continue
		}
		strangers, err := r.hasStrangers(group)
		if err != nil {
			return err
		}
		if !r.o.WithRoles || strangers {
			r.say(nounRole, "that groups held everywhere are not given to them: --with-roles does that for groups of "+
				"new accounts")
			continue
		}
		pairs = append(pairs, [2]int64{group, role})
	}
	return r.link("usergroup_roles", "usergroup_id", "role_id", pairs)
}

// hasStrangers reports whether somebody is in a group, or in one that it contains, who was here before this run.
func (r *roster) hasStrangers(group int64) (bool, error) {
	var users []int64
	err := r.Raw("SELECT DISTINCT m.user_id FROM usergroup_users m JOIN usergroup_closure c ON c.descendant_id = "+
		"m.usergroup_id WHERE c.ancestor_id = ?", group).Scan(&users).Error
	return slices.ContainsFunc(users, func(id int64) bool { return !r.fresh[nounUser][id] }), err
}
