package takeover

import (
	"maps"
	"slices"

	"roster/models"
)

// groups brings in the groups that people make; the built-in ones mean nothing here.
func (r *redmine) groups() error {
	list, err := r.all(r.ctx, "SELECT * FROM users WHERE type = 'Group' AND "+inRange+" ORDER BY id")
	if err != nil {
		return err
	}
	names := map[int64]string{}
	var rows []models.Usergroup
	for _, x := range list {
		r.report.Read[nounGroup]++
		id := x.number("id")
		if r.known(nounGroup, id) != 0 {
			r.report.Known[nounGroup]++
			continue
		}
		wanted := r.named(nounGroup, id, x.text("lastname"))
		name, err := unique(wanted, r.suffix(), func(name string) (bool, error) {
			if slices.ContainsFunc(rows, func(g models.Usergroup) bool { return g.Name == name }) {
				return true, nil
			}
			there, err := r.Exists("SELECT 1 FROM usergroups WHERE name = ? UNION ALL SELECT 1 FROM users WHERE "+
				"login = ?",
				name, name)
			if there || err != nil {
				return there, err
			}
			return r.loginComes(name)
		})
		if err != nil {
			return err
		}
		if name != wanted {
			r.report.note(nounGroup, id, wanted, "the name is taken, by a group or as a login: it has become "+name)
		}
		group := models.Usergroup{ID: r.place(nounGroup, id, name), Name: name, CreatedAt: r.Time, UpdatedAt: r.Time}
		if at := x.time("created_on"); at != nil {
			group.CreatedAt = *at
		}
		if at := x.time("updated_on"); at != nil {
			group.UpdatedAt = *at
		}
		rows = append(rows, group)
		names[group.ID] = name
	}
	if err := insert(r.writer, rows); err != nil {
		return err
	}
	var closure [][2]int64
	for _, g := range rows {
		closure = append(closure, [2]int64{g.ID, g.ID})
	}
	if err := r.link("usergroup_closure", "ancestor_id", "descendant_id", closure); err != nil {
		return err
	}
	return r.audit("Usergroup", names)
}

// groupMembers brings in who is in which group.
func (r *redmine) groupMembers() error {
	return r.groupUsers("SELECT group_id, user_id FROM groups_users ORDER BY group_id, user_id")
}

func (r *redmine) customValuesOfGroups() error {
	values := map[int64]models.CustomValues{}
	for old, id := range r.ids[nounGroup] {
		if !r.isNew(nounGroup, id) {
			continue
		}
		if err := r.readCustom(values, old, old); err != nil {
			return err
		}
	}
	var rows []models.CustomValue
	for _, old := range slices.Sorted(maps.Keys(values)) {
		group := r.known(nounGroup, old)
		for _, field := range slices.Sorted(maps.Keys(values[old])) {
			for place, value := range values[old][field] {
				rows = append(rows, models.CustomValue{CustomFieldID: field, UsergroupID: &group, Place: int64(place),
					Value: value})
			}
		}
	}
	return insert(r.writer, rows)
}
