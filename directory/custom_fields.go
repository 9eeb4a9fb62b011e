package directory

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// CustomFieldChange is a requested change of the definition of a custom field.
type CustomFieldChange struct {
	Subject, Name, Format, Pattern                              models.Opt[string]
	MinLength, MaxLength                                        models.Opt[*int64]
	Required, IsFilter, Searchable, Multiple, Visible, Editable models.Opt[bool]
	DefaultValue, Description                                   models.Opt[*string]
	// Position moves the field among those of its subject, from 1 up; a new field goes to the end without it.
	Position       models.Opt[int64]
	PossibleValues models.Opt[[]string]
}

// CustomFields lists the definitions that the caller may view.
func (s *Service) CustomFields(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[models.CustomField], error) {
	return store.Listing[models.CustomField, models.CustomField]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.CustomFields, Views: Same[models.CustomField],
	}.Read(ctx)
}

// CustomField shows one of them.
func (s *Service) CustomField(ctx context.Context, p *models.Principal, ref store.Ref) (*models.CustomField, error) {
	return store.Find[models.CustomField](s.Read.WithContext(ctx), p, scopes.CustomFields, models.View, ref, nil)
}

// CreateCustomField adds a field to users or to groups. Records that are there have no value of it.
func (s *Service) CreateCustomField(ctx context.Context, p *models.Principal,
	c CustomFieldChange) (*models.CustomField, error) {
	after := &customFieldState{}
	err := s.creating(ctx, p, scopes.CustomFields, nil, func(t *tx) error {
		if err := t.Lock(store.LockCustom); err != nil {
			return err
		}
		*after = customFieldState{models.CustomField{
			Subject: models.CustomUser, Format: models.CustomString, IsFilter: true, Visible: true, Editable: true,
			PossibleValues: models.StringList{}, CreatedAt: t.Time, UpdatedAt: t.Time,
		}}
		return t.saveCustomField(nil, after, c)
	})
	return &after.CustomField, taken(err, "name")
}

// UpdateCustomField changes a field. Its subject stays, and so does what its values mean where records have any.
func (s *Service) UpdateCustomField(ctx context.Context, p *models.Principal, ref store.Ref,
	c CustomFieldChange) (*models.CustomField, error) {
	after := &customFieldState{}
	err := s.changing(ctx, p, nil, func(t *tx) error {
		if err := t.Lock(store.LockCustom); err != nil {
			return err
		}
		row, err := store.Find[models.CustomField](t.Locking(), t.Caller, scopes.CustomFields, models.Edit, ref, nil)
		if err != nil {
			return err
		}
		before := &customFieldState{*row}
		*after = *before
		return models.About(row.ID, t.saveCustomField(before, after, c))
	})
	return &after.CustomField, taken(err, "name")
}

// DeleteCustomField removes a field with all values that records have of it; the audit says how many.
func (s *Service) DeleteCustomField(ctx context.Context, p *models.Principal,
	ref store.Ref) (*models.CustomField, error) {
	gone := &customFieldState{}
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.Lock(store.LockCustom); err != nil {
			return err
		}
		row, err := store.Find[models.CustomField](t.Locking(), t.Caller, scopes.CustomFields, models.Destroy, ref,
			nil)
		if err != nil {
			return err
		}
		*gone = customFieldState{*row}
		return models.About(row.ID, t.deleteCustomField(gone))
	})
	return &gone.CustomField, err
}

func (t *tx) deleteCustomField(gone *customFieldState) error {
	before, err := store.ReadCustomFields(t.DB)
	if err != nil {
		return err
	}
	var values int64
	if err := t.Model(&models.CustomValue{}).Where("custom_field_id = ?", gone.ID).Count(&values).Error; err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM custom_values WHERE custom_field_id = ?", "DELETE FROM custom_fields WHERE id = ?",
	} {
		if err := t.Exec(statement, gone.ID).Error; err != nil {
			return err
		}
	}
	if err := t.closeRanks(gone.Subject, nil); err != nil {
		return err
	}
	if err := t.checkFiltersOf(gone.Subject, before); err != nil {
		return err
	}
	t.bumpCustom()
	return t.Audit(gone.record(), append(gone.facts(), store.Audited("values", &values)), nil)
}

// bumpCustom notes a change of the fields, which searches, answers and filters depend on.
func (t *tx) bumpCustom() {
	t.Bump(store.RevisionSnapshot, 0)
	t.Bump(store.RevisionUsers, 0)
}

// customFieldState is a field in a change.
type customFieldState struct{ models.CustomField }

func (f *customFieldState) facts() store.AuditedValues {
	subject := string(f.Subject)
	format := string(f.Format)
	return store.AuditedValues{
		store.Audited("name", &f.Name), store.Audited("customized_type", &subject),
		store.Audited("field_format", &format), store.Audited("regexp", &f.Pattern),
		store.Audited("min_length", f.MinLength), store.Audited("max_length", f.MaxLength),
		store.Audited("is_required", &f.Required), store.Audited("is_filter", &f.IsFilter),
		store.Audited("searchable", &f.Searchable), store.Audited("multiple", &f.Multiple),
		store.Audited("default_value", f.DefaultValue), store.Audited("visible", &f.Visible),
		store.Audited("editable", &f.Editable), store.Audited("position", &f.Position),
		{Attr: "possible_values", Value: []string(f.PossibleValues)}, store.Audited("description", f.Description),
	}
}

func (f *customFieldState) record() store.AuditSubject {
	return store.AuditSubject{ID: f.ID, Class: scopes.CustomFields.Class, Name: f.Name}
}

func (f *customFieldState) apply(c CustomFieldChange) {
	subject := models.Opt[models.CustomSubject]{Set: c.Subject.Set, Value: models.CustomSubject(c.Subject.Value)}
	format := models.Opt[models.CustomFormat]{Set: c.Format.Set, Value: models.CustomFormat(c.Format.Value)}
	subject.Apply(&f.Subject)
	format.Apply(&f.Format)
	c.Name.Apply(&f.Name)
	c.Pattern.Apply(&f.Pattern)
	c.MinLength.Apply(&f.MinLength)
	c.MaxLength.Apply(&f.MaxLength)
	c.Required.Apply(&f.Required)
	c.IsFilter.Apply(&f.IsFilter)
	c.Searchable.Apply(&f.Searchable)
	c.Multiple.Apply(&f.Multiple)
	c.Visible.Apply(&f.Visible)
	c.Editable.Apply(&f.Editable)
	c.DefaultValue.Apply(&f.DefaultValue)
	c.Description.Apply(&f.Description)
	if c.PossibleValues.Set {
		f.PossibleValues = slices.Clone(c.PossibleValues.Value)
	}
	f.Normalize()
}

// saveCustomField makes a change of a field, under LockCustom; before is nil for a new one.
func (t *tx) saveCustomField(before, after *customFieldState, c CustomFieldChange) error {
	all, err := store.ReadCustomFields(t.DB)
	if err != nil {
		return err
	}
	return save(t, before, after, steps{
		apply: func() error {
			after.apply(c)
			last := int64(len(all.Of(after.Subject)))
			if before == nil {
				last++
				after.Position = last
			}
			if c.Position.Set {
				after.Position = min(max(c.Position.Value, 1), last)
			}
			return nil
		},
		check: func() error { return t.checkCustomField(before, after, all) },
		write: func() error {
			switch {
			case before == nil:
				if err := t.Create(&after.CustomField).Error; err != nil {
					return err
				}
			case !reflect.DeepEqual(before, after):
				after.UpdatedAt = t.Time
				if err := t.Overwrite(&after.CustomField); err != nil {
					return err
				}
			}
			return t.closeRanks(after.Subject, &after.CustomField)
		},
		settle:  func() error { return t.checkFiltersOf(after.Subject, all) },
		covered: scopes.CustomFields, bumps: []string{store.RevisionSnapshot, store.RevisionUsers},
	})
}

// checkCustomField reports every broken rule at once.
func (t *tx) checkCustomField(before, after *customFieldState, all *models.CustomFields) error {
	errs := after.Validate()
	if before == nil {
		errs.Check(len(all.Of(after.Subject)) < models.MaxCustomFields, models.Base, models.RuleTooMany,
			models.MaxCustomFields)
	}
	if err := t.checkFree(&errs, after.Name, &models.CustomField{}, "subject = ? AND fold(name) = fold(?) AND id <> ?",
		after.Subject, after.Name, after.ID); err != nil {
		return err
	}
	if before != nil {
		errs.Check(before.Subject == after.Subject, "customized_type", models.RuleFixed)
		if err := t.checkValuesStay(&errs, before, after); err != nil {
			return err
		}
	}
	return errs.Err()
}

// checkValuesStay refuses what would make the values wrong that records have: another format that does not hold them,
// one value in place of several, and fewer values to choose from than are in use.
func (t *tx) checkValuesStay(errs *models.FieldErrors, before, after *customFieldState) error {
	const given = "SELECT 1 FROM custom_values WHERE custom_field_id = ? AND value <> ''"
	for _, change := range []struct {
		attr    string
		narrows bool
	}{
		{"field_format", !after.Format.Holds(before.Format)}, {"multiple", before.Multiple && !after.Multiple},
	} {
		if !change.narrows {
			continue
		}
		used, err := t.Exists(given, before.ID)
		if err != nil {
			return err
		}
		errs.Check(!used, change.attr, models.RuleHasValues)
	}
	if after.Format != models.CustomList || before.Format != models.CustomList || len(after.PossibleValues) == 0 ||
		reflect.DeepEqual(before.PossibleValues, after.PossibleValues) {
		return nil
	}
	used, err := t.Exists(given+" AND value NOT IN ?", before.ID, []string(after.PossibleValues))
	errs.Check(!used, "possible_values", models.RuleHasValues)
	return err
}

// closeRanks numbers the fields of a subject from 1 up without gaps. A field that has just been placed comes before the
// one that had its place.
func (t *tx) closeRanks(subject models.CustomSubject, placed *models.CustomField) error {
	all, err := store.ReadCustomFields(t.DB)
	if err != nil {
		return err
	}
	fields := slices.Clone(all.Of(subject))
	if placed != nil {
		fields = slices.DeleteFunc(fields, func(f *models.CustomField) bool { return f.ID == placed.ID })
		fields = slices.Insert(fields, min(int(placed.Position)-1, len(fields)), placed)
	}
	for i, f := range fields {
		position := int64(i + 1)
		if f.Position == position {
			continue
		}
		if err := t.Exec("UPDATE custom_fields SET position = ? WHERE id = ?", position, f.ID).Error; err != nil {
			return err
		}
	}
	return nil
}

// checkFiltersOf refuses a change of the fields of a subject by which a filter would mean something else, or could not
// be read any more. before are the fields as they were.
func (t *tx) checkFiltersOf(subject models.CustomSubject, before *models.CustomFields) error {
	after, err := store.ReadCustomFields(t.DB)
	if err != nil {
		return err
	}
	r := scopes.Customized(subject)
	var filters []struct {
		ID     int64
		Search string
	}
	err = t.Raw("SELECT f.id, f.search FROM filters f WHERE f.search <> '' AND EXISTS (SELECT 1 FROM "+
		"filter_permissions fp JOIN permissions p ON p.id = fp.permission_id WHERE fp.filter_id = f.id AND "+
		"p.resource_type = ?) ORDER BY f.id", r.Class).Scan(&filters).Error
	if err != nil {
		return err
	}
	var used []string
	for _, f := range filters {
		if !scopes.SameFilter(t.DB, t.Caller, r, f.Search, before, after) && len(used) < 10 {
			used = append(used, strconv.FormatInt(f.ID, 10))
		}
	}
	if len(used) > 0 {
		return models.Refuse(models.Base, models.RuleFiltersUse, strings.Join(used, ","))
	}
	return nil
}
