package redmine

import (
	"net/http"

	"roster/models"
)

// customizedTypes are what the original calls the records that custom fields describe.
var customizedTypes = map[models.CustomSubject]string{models.CustomUser: "user", models.CustomUsergroup: "group"}

// customFieldsIndex lists the fields that the installation adds to its users and groups (docs/spec/redmine.md, 12).
func (api *API) customFieldsIndex(c *call) error {
	list := array{item: "custom_field"}
	for _, subject := range []models.CustomSubject{models.CustomUser, models.CustomUsergroup} {
		for _, f := range c.settings.CustomFieldsOf(subject) {
			list.values = append(list.values, customField(f))
		}
	}
	return c.send(http.StatusOK, document{root: "custom_fields", value: list})
}

func customField(f *models.CustomField) object {
	o := object{
		field("id", f.ID), field("name", f.Name), field("description", f.Description),
		field("customized_type", customizedTypes[f.Subject]), field("field_format", string(f.Format)),
		field("regexp", f.Pattern), field("min_length", f.MinLength), field("max_length", f.MaxLength),
		field("is_required", f.Required), field("is_for_all", false), field("is_filter", f.IsFilter),
		field("searchable", f.Searchable), field("multiple", f.Multiple), field("default_value", f.DefaultValue),
	}
	if f.Format == models.CustomDate {
		o = append(o, field("default_value_mode", "fixed_date"))
	}
	o = append(o, field("visible", f.Visible), field("editable", f.Editable))
	values := array{item: "possible_value"}
	switch f.Format {
	case models.CustomBool:
		values.values = []any{object{field("value", "1"), field("label", "Yes")},
			object{field("value", "0"), field("label", "No")}}
		o = append(o, field("possible_values", values))
	case models.CustomList:
		for _, v := range f.PossibleValues {
			values.values = append(values.values, object{field("value", v), field("label", v)})
		}
		o = append(o, field("possible_values", values))
	}
	return o
}
