package takeover

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
)

// compare reads everybody once more and compares with what is here now.
func (r *redmine) compare() error {
	return r.eachPeople(func(p *people) error {
		ids := make([]int64, 0, len(p.rows))
		for _, x := range p.rows {
			if id := r.known(nounUser, x.number("id")); id != 0 {
				ids = append(ids, id)
			}
		}
		condition, list := r.Store.InIDs("id", ids)
		var users []models.User
		if err := r.Where(condition, list).Find(&users).Error; err != nil {
			return err
		}
		here := store.IndexByID(users, func(u *models.User) int64 { return u.ID })
		values, err := r.valuesHere(ids)
		if err != nil {
			return err
		}
		groups, err := r.groupsHere(ids)
		if err != nil {
			return err
		}
		for _, x := range p.rows {
			old := x.number("id")
			id := r.known(nounUser, old)
			if id == 0 {
				continue
			}
			r.report.Compared++
			r.report.comparing = true
			what := r.differences(p, x, here[id], values[id], groups[id])
			r.report.comparing = false
			if len(what) > 0 {
				r.report.Different++
				r.report.note(nounUser, old, x.text("login"), "differs here: "+strings.Join(what, ", "))
			}
		}
		return nil
	})
}

func (r *redmine) valuesHere(ids []int64) (map[int64]models.CustomValues, error) {
	condition, list := r.Store.InIDs("user_id", ids)
	var rows []models.CustomValue
	err := r.Where(condition, list).Order("user_id, custom_field_id, place").Find(&rows).Error
	values := map[int64]models.CustomValues{}
	for _, v := range rows {
		if values[*v.UserID] == nil {
			values[*v.UserID] = models.CustomValues{}
		}
		values[*v.UserID][v.CustomFieldID] = append(values[*v.UserID][v.CustomFieldID], v.Value)
	}
	return values, err
}

func (r *redmine) groupsHere(ids []int64) (map[int64][]int64, error) {
	condition, list := r.Store.InIDs("user_id", ids)
	var rows []struct{ UserID, UsergroupID int64 }
	err := r.Table("usergroup_users").Where(condition, list).Order("user_id, usergroup_id").Scan(&rows).Error
	groups := map[int64][]int64{}
	for _, g := range rows {
		groups[g.UserID] = append(groups[g.UserID], g.UsergroupID)
	}
	return groups, err
}

// differences returns what of a user is not as it was read.
func (r *redmine) differences(p *people, x row, here *models.User, values models.CustomValues,
	groups []int64) []string {
	if here == nil {
		return []string{"is missing"}
	}
	old := x.number("id")
	want := r.user(x, p)
	var what []string
	for _, c := range []struct {
		name      string
		want, got any
	}{
		{"login", want.Login, here.Login}, {"first name", want.Firstname, here.Firstname},
		{"last name", want.Lastname, here.Lastname}, {"mail", want.Mail, here.Mail}, {"admin", want.Admin, here.Admin},
		{"status", want.Status(), here.Status()}, {"language", want.Locale, here.Locale},
		{"auth source", want.AuthSourceID, here.AuthSourceID},
		{"custom fields", text(p.custom[old]), text(values)},
		{"groups", r.groupsOf(p, old), store.Without(groups, nil)},
	} {
		if !reflect.DeepEqual(c.want, c.got) {
			what = append(what, c.name)
		}
	}
	return what
}

// groupsOf are the numbers here of the groups that a user has in Redmine.
func (r *redmine) groupsOf(p *people, old int64) []int64 {
	var groups []int64
	for _, g := range p.groups[old] {
		if id := r.known(nounGroup, g); id != 0 {
			groups = append(groups, id)
		}
	}
	slices.Sort(groups)
	return groups
}

func text(values models.CustomValues) string {
	b, _ := json.Marshal(values)
	if len(values) == 0 {
		return "{}"
	}
	return string(b)
}
