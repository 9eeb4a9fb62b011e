package takeover

import (
	"fmt"
	"regexp"
	"slices"

	"roster/directory/store"
	"roster/models"
)

// subjects are the kinds of custom fields that are brought in.
var subjects = map[string]models.CustomSubject{
	"UserCustomField": models.CustomUser, "GroupCustomField": models.CustomUsergroup,
}

// customFields brings in the definitions for users and groups.
func (r *redmine) customFields() error {
	list, err := r.all(r.ctx, "SELECT * FROM custom_fields WHERE type IN ('UserCustomField', 'GroupCustomField') "+
		"AND "+inRange+" ORDER BY type DESC, position, id")
	if err != nil {
		return err
	}
	position := map[models.CustomSubject]int64{}
	if err := r.lastPositions(position); err != nil {
		return err
	}
	names := map[int64]string{}
	for _, x := range list {
		r.report.Read[nounField]++
		id := x.number("id")
		if known := r.known(nounField, id); known != 0 {
			r.report.Known[nounField]++
			if r.fields[id], err = store.First[models.CustomField](r.Where("id = ?", known)); err != nil {
				return err
			}
			if err := r.readChoices(id, x); err != nil {
				return err
			}
			continue
		}
		f := r.customField(x)
		if err := r.readChoices(id, x); err != nil {
			return err
		}
		if f.Format == models.CustomList && len(f.PossibleValues) == 0 {
			f.PossibleValues = sortedValues(r.choices[id])
		}
		position[f.Subject]++
		f.Position = position[f.Subject]
		f.Name = r.named(nounField, id, f.Name)
		if f.Name, err = unique(f.Name, r.suffix(), func(name string) (bool, error) {
			return r.Exists("SELECT 1 FROM custom_fields WHERE subject = ? AND fold(name) = fold(?)", f.Subject, name)
		}); err != nil {
			return err
		}
		r.checkField(f, id)
		f.ID = r.place(nounField, id, f.Name)
		if err := r.Create(f).Error; err != nil {
			return err
		}
		r.fields[id] = f
		names[f.ID] = f.Name
	}
	return r.audit("CustomField", names)
}

func (r *redmine) lastPositions(position map[models.CustomSubject]int64) error {
	var last []struct {
		Subject models.CustomSubject
		Last    int64
	}
	err := r.Raw("SELECT subject, MAX(position) AS last FROM custom_fields GROUP BY subject").Scan(&last).Error
	for _, l := range last {
		position[l.Subject] = l.Last
	}
	return err
}

func sortedValues(choices map[string]string) models.StringList {
	var list models.StringList
	for _, text := range choices {
		list = append(list, text)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (r *redmine) customField(x row) *models.CustomField {
	id := x.number("id")
	f := &models.CustomField{
		Subject: subjects[x.text("type")], Name: x.text("name"), Format: models.CustomFormat(x.text("field_format")),
		Pattern: x.text("regexp"), MinLength: x.reference("min_length"), MaxLength: x.reference("max_length"),
		Required: x.flag("is_required"), IsFilter: x.flag("is_filter"), Searchable: x.flag("searchable"),
		Multiple: x.flag("multiple"), DefaultValue: x.optional("default_value"), Visible: x.flag("visible"),
		Editable: x.flag("editable"), PossibleValues: x.list("possible_values"), Description: x.optional("description"),
		CreatedAt: r.Time, UpdatedAt: r.Time,
	}
	switch {
	case f.Format == "enumeration":
		f.Format = models.CustomList
		f.PossibleValues = nil
	case !slices.Contains(models.CustomFormats, f.Format):
		r.report.note(nounField, id, f.Name, fmt.Sprintf("the format %q is kept as a text", f.Format))
		f.Format = models.CustomString
		f.Multiple = false
	}
	if _, err := regexp.Compile(f.Pattern); err != nil {
		r.report.note(nounField, id, f.Name, "its regular expression means nothing here and is left out: "+f.Pattern)
		f.Pattern = ""
	}
	f.Normalize()
	return f
}

// checkField notes the rules of this server that a field breaks. It is kept as it is, but for a default value that no
// new record could have.
func (r *redmine) checkField(f *models.CustomField, id int64) {
	if broken := f.Validate(); len(broken) > 0 {
		r.report.note(nounField, id, f.Name, breaksRules+broken.String())
	}
	if f.DefaultValue != nil && len(f.Check([]string{*f.DefaultValue})) > 0 {
		r.report.note(nounField, id, f.Name, "the default value is left out: the field does not take it")
		f.DefaultValue = nil
	}
}

// readChoices reads the texts of a key/value list.
func (r *redmine) readChoices(field int64, x row) error {
	if x.text("field_format") != "enumeration" {
		return nil
	}
	there, err := r.has(r.ctx, "custom_field_enumerations", "name")
	if err != nil || !there {
		return err
	}
	r.choices[field] = map[string]string{}
	return r.each(r.ctx, "SELECT id, name FROM custom_field_enumerations WHERE custom_field_id = ?", func(x row) error {
		r.choices[field][x.text("id")] = x.text("name")
		return nil
	}, field)
}
