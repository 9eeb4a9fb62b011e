package directory

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// customOf reads the values that records have for custom fields, by the id of the record. It takes no statement where
// the subject has no fields.
func (s *Service) customOf(ctx context.Context, r *store.Snapshot, subject models.CustomSubject,
	ids []int64) (map[int64]models.CustomValues, error) {
	return s.reading(ctx, nil).customOf(r, subject, ids)
}

// shownFields are the custom fields of a subject that a caller sees.
func shownFields(r *store.Snapshot, p *models.Principal, subject models.CustomSubject) []*models.CustomField {
	fields := r.CustomFieldsOf(subject)
	if scopes.SeesHidden(p) {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f *models.CustomField) bool { return !f.Visible })
}

// CustomRef names a custom field as callers do, by id or by name, with the values that it is to have.
type CustomRef struct {
	ID     int64
	Name   string
	Values []string
	// List says that the values came as a list.
	List bool
}

// CustomInputs looks up the fields of a subject that a caller names. One that the caller does not see is unknown, and
// so is one of another subject; no field may be named twice. The letters of names may be in any case.
func (s *Service) CustomInputs(ctx context.Context, p *models.Principal, subject models.CustomSubject,
	refs []CustomRef) ([]models.CustomInput, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	fields := shownFields(r, p, subject)
	var errs models.FieldErrors
	var inputs []models.CustomInput
	for _, ref := range refs {
		at := slices.IndexFunc(fields, ref.names)
		if at < 0 {
			errs.Add("custom_fields", models.RuleUnknownField, ref.String())
			continue
		}
		id := fields[at].ID
		if slices.ContainsFunc(inputs, func(i models.CustomInput) bool { return i.FieldID == id }) {
			errs.Add("custom_fields", models.RuleInvalid)
			continue
		}
		inputs = append(inputs, models.CustomInput{FieldID: id, Values: ref.Values, List: ref.List})
	}
	return inputs, errs.Err()
}

func (c CustomRef) names(f *models.CustomField) bool {
	if c.ID != 0 {
		return c.ID == f.ID
	}
	return strings.EqualFold(strings.TrimSpace(c.Name), f.Name)
}

// String is the reference as an error shows it.
func (c CustomRef) String() string {
	if c.ID != 0 {
		return strconv.FormatInt(c.ID, 10)
	}
	return c.Name
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

// fieldsOf returns the fields of a subject as they are at this moment, and keeps their definitions until the change
// ends: no value is written by rules that hold no longer.
func (t *tx) fieldsOf(subject models.CustomSubject) ([]*models.CustomField, error) {
	if t.customs != nil {
		return t.customs.Of(subject), nil
	}
	if err := t.RLock(store.LockCustom); err != nil {
		return nil, err
	}
	var err error
	t.customs, err = store.ReadCustomFields(t.DB)
	return t.customs.Of(subject), err
}

// concerned returns the fields that a change concerns; none where it sets no values and gives none to a new record.
func (t *tx) concerned(c customChange) ([]*models.CustomField, error) {
	if !c.made && len(c.input) == 0 {
		return nil, nil
	}
	r, err := t.Snapshot()
	if err != nil || len(r.CustomFieldsOf(c.subject)) == 0 && len(c.input) == 0 {
		return nil, err
	}
	return t.fieldsOf(c.subject)
}

// applyCustom returns the values after a change. New records get the default values; unknown fields are ignored, as
// clients send what they once read.
func (t *tx) applyCustom(c customChange, before models.CustomValues) (models.CustomValues, error) {
	fields, err := t.concerned(c)
	if err != nil || len(fields) == 0 {
		return before, err
	}
	after := models.CustomValues{}
	maps.Copy(after, before)
	if c.made {
		for _, f := range fields {
			if f.DefaultValue != nil {
				after[f.ID] = []string{f.Plain(*f.DefaultValue)}
			}
		}
	}
	for _, input := range c.input {
		at := slices.IndexFunc(fields, func(f *models.CustomField) bool { return f.ID == input.FieldID })
		if at < 0 || !t.setsCustom(fields[at], c) {
			continue
		}
		if values := cleanedValues(fields[at], input); len(values) > 0 {
			after[input.FieldID] = values
		} else {
			delete(after, input.FieldID)
		}
	}
	if maps.EqualFunc(before, after, slices.Equal) {
		return before, nil
	}
	return after, nil
}

// setsCustom reports whether a change may set a field: of the own account those that are editable, and elsewhere those
// that the caller sees.
func (t *tx) setsCustom(f *models.CustomField, c customChange) bool {
	return (f.Editable || !c.own) && (f.Visible || scopes.SeesHidden(t.Caller))
}

// cleanedValues are the values as they are kept: of several, those that say something; of one, the one, even if empty.
func cleanedValues(f *models.CustomField, input models.CustomInput) []string {
	values := make([]string, len(input.Values))
	for i, v := range input.Values {
		values[i] = f.Plain(v)
	}
	if !f.Multiple {
		return values
	}
	return models.Distinct(slices.DeleteFunc(values, func(v string) bool { return v == "" }))
}

// checkCustom reports the rules that the values break: of every field for a new record, and wherever values are set.
// Fields that the change may not set are left out: the caller could do nothing about them.
func (t *tx) checkCustom(errs *models.FieldErrors, c customChange, after models.CustomValues) error {
	fields, err := t.concerned(c)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if !t.setsCustom(f, c) {
			continue
		}
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
func (t *tx) writeCustom(subject models.CustomSubject, id int64, before, after models.CustomValues) error {
	for _, field := range sortedKeys(before, after) {
		was, had := before[field]
		is, has := after[field]
		if had == has && slices.Equal(was, is) {
			continue
		}
		column := customColumn(subject)
		if had {
			if err := t.Exec("DELETE FROM custom_values WHERE "+column+" = ? AND custom_field_id = ?", id,
				field).Error; err != nil {
				return err
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
				return err
			}
		}
	}
	return nil
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

// customAttr is the attribute under which values are audited.
const customAttr = "custom_fields"

// customFact is the audited form of the values: one text for all of them, nil where there are none.
func customFact(values models.CustomValues) models.Change {
	var fact any
	if len(values) > 0 {
		text, err := json.Marshal(values)
		if err == nil {
			fact = string(text)
		}
	}
	return store.Seldom(models.Change{Attr: customAttr, Value: fact})
}
