package directory

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
)

// customOf reads the values that records have for custom fields, by the id of the record. It takes no statement where
// the subject has no fields.
func (s *Service) customOf(ctx context.Context, r *store.Snapshot, subject models.CustomSubject,
	ids []int64) (map[int64]models.CustomValues, error) {
	return s.reading(ctx, nil).customOf(r, subject, ids)
}

// customColumn is the column of custom_values that refers to a subject.
func customColumn(subject models.CustomSubject) string { return string(subject) + "_id" }

func (t *tx) customOf(r *store.Snapshot, subject models.CustomSubject,
	ids []int64) (map[int64]models.CustomValues, error) {
	if len(ids) == 0 || len(r.CustomFieldsOf(subject)) == 0 {
		return nil, nil
	}
	column := customColumn(subject)
	condition, list := t.s.InIDs(column, ids)
	rows, err := t.Raw("SELECT "+column+", custom_field_id, value FROM custom_values WHERE "+condition+
		" ORDER BY "+column+", custom_field_id, place", list).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64]models.CustomValues{}
	for rows.Next() {
		var owner, field int64
		var value string
		if err := rows.Scan(&owner, &field, &value); err != nil {
			return nil, err
		}
		if found[owner] == nil {
			found[owner] = models.CustomValues{}
		}
		found[owner][field] = append(found[owner][field], value)
	}
	return found, rows.Err()
}

// customState returns the values of one record, nil for a new one.
func (t *tx) customState(subject models.CustomSubject, id int64) (models.CustomValues, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	all, err := t.customOf(r, subject, []int64{id})
	return all[id], err
}

// customChange is what a change does to the custom values of one record.
type customChange struct {
	subject models.CustomSubject
	input   []models.CustomInput
	// own says that the change is of the caller's own account by a form, which leaves fields that are not editable.
	own bool
	// made says that the record is new.
	made bool
}

// applyCustom returns the values after a change. New records get the default values; unknown fields are ignored, as
// clients send what they once read.
func (t *tx) applyCustom(c customChange, before models.CustomValues) (models.CustomValues, error) {
	if !c.made && len(c.input) == 0 {
		return before, nil
	}
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	after := models.CustomValues{}
	for id, values := range before {
		after[id] = values
	}
	fields := r.CustomFieldsOf(c.subject)
	if c.made {
		for _, f := range fields {
			if f.DefaultValue != nil {
				after[f.ID] = []string{*f.DefaultValue}
			}
		}
	}
	for _, input := range c.input {
		at := slices.IndexFunc(fields, func(f *models.CustomField) bool { return f.ID == input.FieldID })
		if at < 0 || c.own && !fields[at].Editable {
			continue
		}
		after[input.FieldID] = cleanedValues(fields[at], input)
	}
	return after, nil
}

// cleanedValues are the values as they are kept: of several, those that say something; of one, the one, even if empty.
func cleanedValues(f *models.CustomField, input models.CustomInput) []string {
	if !f.Multiple {
		return input.Values
	}
	values := slices.DeleteFunc(slices.Clone(input.Values), func(v string) bool { return strings.TrimSpace(v) == "" })
	return models.Distinct(values)
}

// checkCustom reports the rules that the values break: of every field for a new record, and wherever values are set.
func (t *tx) checkCustom(errs *models.FieldErrors, c customChange, after models.CustomValues) error {
	if !c.made && len(c.input) == 0 {
		return nil
	}
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	for _, f := range r.CustomFieldsOf(c.subject) {
		at := slices.IndexFunc(c.input, func(i models.CustomInput) bool { return i.FieldID == f.ID })
		if at >= 0 && c.input[at].List && !f.Multiple {
			errs.AddLabeled(f.Key(), f.Name, models.RuleInvalid)
			continue
		}
		*errs = append(*errs, f.Check(after[f.ID])...)
	}
	return nil
}

// writeCustom stores the values that changed.
func (t *tx) writeCustom(subject models.CustomSubject, id int64, before, after models.CustomValues) (bool, error) {
	changed := false
	for _, field := range sortedKeys(before, after) {
		was, had := before[field]
		is, has := after[field]
		if had == has && slices.Equal(was, is) {
			continue
		}
		changed = true
		column := customColumn(subject)
		if had {
			if err := t.Exec("DELETE FROM custom_values WHERE "+column+" = ? AND custom_field_id = ?", id,
				field).Error; err != nil {
				return false, err
			}
		}
		for place, value := range is {
			row := models.CustomValue{CustomFieldID: field, Place: int64(place), Value: value}
			if subject == models.CustomUser {
				row.UserID = &id
			} else {
				row.UsergroupID = &id
			}
			if err := t.Create(&row).Error; err != nil {
				return false, err
			}
		}
	}
	return changed, nil
}

func sortedKeys(maps ...models.CustomValues) []int64 {
	var keys []int64
	for _, m := range maps {
		for k := range m {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// customFact is the audited form of the values: one text for all of them, nil where there are none.
func customFact(values models.CustomValues) models.Change {
	var fact any
	if len(values) > 0 {
		text, err := json.Marshal(values)
		if err == nil {
			fact = string(text)
		}
	}
	return models.Change{Attr: "custom_fields", Value: fact}
}
