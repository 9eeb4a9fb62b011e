package takeover

import (
	"encoding/json"

	"roster/directory/store"
	"roster/models"
)

// compare reads everybody once more and compares with what is here now.
func (r *redmine) compare() error {
	return r.eachPeople(func(p *people) error {
		return r.compareSome(p.rows, "login", func(ids []int64) (differences, error) {
			values, err := r.valuesHere(ids)
			if err != nil {
				return nil, err
			}
			groups, err := r.groupsHere(ids)
			return func(x row, id int64, here *models.User) []string {
				return r.differences(p, x, here, values[id], groups[id])
			}, err
		})
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

// differences returns what of a user is not as it was read.
func (r *redmine) differences(p *people, x row, here *models.User, values models.CustomValues,
	groups []int64) []string {
	old := x.number("id")
	want := r.user(x, p)
	return different([]compared{
		{"login", want.Login, here.Login}, {"first name", want.Firstname, here.Firstname},
		{"last name", want.Lastname, here.Lastname}, {"mail", want.Mail, here.Mail}, {"admin", want.Admin, here.Admin},
		{"status", want.Status(), here.Status()}, {"language", want.Locale, here.Locale},
		{"auth source", want.AuthSourceID, here.AuthSourceID},
		{"custom fields", text(p.custom[old]), text(values)},
		{"groups", r.here(nounGroup, p.groups[old]), store.Without(groups, nil)},
	})
}

func text(values models.CustomValues) string {
	b, _ := json.Marshal(values)
	if len(values) == 0 {
		return "{}"
	}
	return string(b)
}
