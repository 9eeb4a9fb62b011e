package directory

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// ParameterView is a parameter with what dialects show of it.
type ParameterView struct {
	models.Parameter
	// Kind is that of the tenant it belongs to, "" for global parameters.
	Kind models.TenantKind
	// Shown is the value as JSON, or a row of stars in place of a hidden one.
	Shown json.RawMessage
}

// ParameterChange is a requested change of a parameter. Value is any JSON value, with json.Number for numbers.
type ParameterChange struct {
	Name, ParameterType models.Opt[string]
	Value               models.Opt[any]
	HiddenValue         models.Opt[bool]
}

const stars = `"*****"`

// Everywhere is the parent of global parameters, which belong to no tenant.
var Everywhere store.Parent

// parametersBelow returns the resource of a tenant's parameters, or of the global ones, and what they have to be below.
func parametersBelow(tenant store.Parent) (*scopes.Resource, []store.Parent) {
	if tenant == Everywhere {
		return scopes.CommonParameters, nil
	}
	return scopes.Parameters, []store.Parent{tenant}
}

// viewed shows parameters of tenants of a kind, or global ones, for callers who ask for hidden values with those that
// they may edit (docs/spec/foreman.md, 5.8).
func viewed(db *gorm.DB, p *models.Principal, kind models.TenantKind, reveal bool,
	rows ...models.Parameter) ([]*ParameterView, error) {
	var tenants, editable []int64
	resource := scopes.Parameters
	hidden := false
	for _, row := range rows {
		hidden = hidden || row.HiddenValue
		if row.TaxonomyID == nil {
			resource = scopes.CommonParameters
		} else if row.HiddenValue && !slices.Contains(tenants, *row.TaxonomyID) {
			tenants = append(tenants, *row.TaxonomyID)
		}
	}
	if reveal && hidden {
		query := db.Model(&models.Parameter{}).Scopes(resource.Rows(p, models.Edit)).Where("parameters.hidden_value")
		if len(tenants) > 0 {
			query = query.Where("parameters.taxonomy_id IN ?", tenants)
		}
		if err := query.Order("id").Pluck("id", &editable).Error; err != nil {
			return nil, err
		}
	}
	views := make([]*ParameterView, len(rows))
	for i, row := range rows {
		views[i] = starred(row, kind)
		if _, edits := slices.BinarySearch(editable, row.ID); edits {
			views[i] = &ParameterView{row, kind, json.RawMessage(row.Value)}
		}
	}
	return views, nil
}

// starred shows a parameter without a hidden value.
func starred(row models.Parameter, kind models.TenantKind) *ParameterView {
	if row.HiddenValue {
		row.Value = stars
	}
	return &ParameterView{row, kind, json.RawMessage(row.Value)}
}

// Parameters lists the parameters of the tenant that the query names as parent, or the global ones without a kind.
func (s *Service) Parameters(ctx context.Context, p *models.Principal, kind models.TenantKind, reveal bool,
	q store.ListQuery) (*store.List[*ParameterView], error) {
	resource, _ := parametersBelow(store.Parent{Class: string(kind)})
	return store.Listing[models.Parameter, *ParameterView]{
		Store: s.Store, Caller: p, Query: q, Resource: resource,
		Views: func(rows []models.Parameter) ([]*ParameterView, error) {
			return viewed(s.Read.WithContext(ctx), p, kind, reveal, rows...)
		},
	}.Read(ctx)
}

// Parameter shows one parameter of a tenant, or a global one.
func (s *Service) Parameter(ctx context.Context, p *models.Principal, tenant store.Parent, ref store.Ref,
	reveal bool) (*ParameterView, error) {
	db := s.Read.WithContext(ctx)
	row, err := findParameter(db, p, models.View, tenant, ref)
	if err != nil {
		return nil, err
	}
	views, err := viewed(db, p, models.TenantKind(tenant.Class), reveal, *row)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

func findParameter(db *gorm.DB, p *models.Principal, a models.Action, tenant store.Parent,
	ref store.Ref) (*models.Parameter, error) {
	resource, parents := parametersBelow(tenant)
	return store.Find[models.Parameter](db, p, resource, a, ref, parents)
}

// parametersOf returns the parameters that hold for a tenant: its own, and of those above it the nearest of each name.
// Callers who may not view parameters see none.
func parametersOf(db *gorm.DB, p *models.Principal, row *models.Tenant, reveal bool) ([]*ParameterView, error) {
	if !p.Can(scopes.Parameters.Can(models.View)) {
		return nil, nil
	}
	held := func() *gorm.DB {
		return db.Model(&models.Parameter{}).Joins("JOIN taxonomy_closure c ON c.ancestor_id = "+
			"parameters.taxonomy_id AND c.descendant_id = ?", row.ID)
	}
	var rows []models.Parameter
	err := held().Select("parameters.*").Joins("JOIN taxonomies a ON a.id = parameters.taxonomy_id").
		// the nearest first: each step down adds to the ancestry
		Order("parameters.name, LENGTH(COALESCE(a.ancestry, '')) DESC").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	nearest := slices.CompactFunc(rows, func(a, b models.Parameter) bool { return a.Name == b.Name })
	// A parameter that filters hide still takes precedence, so that no farther one is shown in its place.
	var shown []int64
	if err := held().Scopes(scopes.Authorized(p, scopes.Parameters.Can(models.View), scopes.Parameters)).
		Pluck("parameters.id", &shown).Error; err != nil {
		return nil, err
	}
	nearest = slices.DeleteFunc(nearest, func(r models.Parameter) bool { return !slices.Contains(shown, r.ID) })
	return viewed(db, p, row.Type, reveal, nearest...)
}

// CreateParameter adds a parameter to a tenant, or a global one.
func (s *Service) CreateParameter(ctx context.Context, p *models.Principal, tenant store.Parent,
	c ParameterChange) (*ParameterView, error) {
	if err := store.Require(p, scopes.Parameters, models.Create); err != nil {
		return nil, err
	}
	var row *models.Parameter
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Parameters, models.Create); err != nil {
			return err
		}
		of, err := t.tenantOfParameters(tenant)
		if err != nil {
			return err
		}
		row, err = t.saveParameter(of, nil, c)
		return err
	})
	if err != nil {
		return nil, taken(err, "name")
	}
	return starred(*row, models.TenantKind(tenant.Class)), nil
}

// UpdateParameter changes a parameter of a tenant, or a global one.
func (s *Service) UpdateParameter(ctx context.Context, p *models.Principal, tenant store.Parent, ref store.Ref,
	c ParameterChange) (*ParameterView, error) {
	var row *models.Parameter
	err := s.change(ctx, p, func(t *tx) error {
		of, err := t.tenantOfParameters(tenant)
		if err != nil {
			return err
		}
		before, err := findParameter(t.Locking(), t.Caller, models.Edit, tenant, ref)
		if err != nil {
			return err
		}
		row, err = t.saveParameter(of, before, c)
		return err
	})
	if err != nil {
		return nil, taken(err, "name")
	}
	return starred(*row, models.TenantKind(tenant.Class)), nil
}

// DeleteParameter removes a parameter of a tenant, or a global one.
func (s *Service) DeleteParameter(ctx context.Context, p *models.Principal, tenant store.Parent,
	ref store.Ref) (*ParameterView, error) {
	var gone *models.Parameter
	err := s.change(ctx, p, func(t *tx) error {
		of, err := t.tenantOfParameters(tenant)
		if err != nil {
			return err
		}
		if gone, err = findParameter(t.Locking(), t.Caller, models.Destroy, tenant, ref); err != nil {
			return err
		}
		return t.removeParameter(of, gone)
	})
	if err != nil {
		return nil, err
	}
	return starred(*gone, models.TenantKind(tenant.Class)), nil
}

// ResetParameters removes all parameters of a tenant that the caller may remove, and returns them.
func (s *Service) ResetParameters(ctx context.Context, p *models.Principal,
	tenant store.Parent) ([]*ParameterView, error) {
	if err := store.Require(p, scopes.Parameters, models.Destroy); err != nil {
		return nil, err
	}
	gone := []*ParameterView{}
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Parameters, models.Destroy); err != nil {
			return err
		}
		of, err := t.tenantOfParameters(tenant)
		if err != nil {
			return err
		}
		var rows []models.Parameter
		err = t.Locking().Scopes(scopes.Parameters.Rows(t.Caller, models.Destroy),
			scopes.Under(scopes.Parameters, tenant.Class, tenant.ID)).
			Order("parameters.id").Find(&rows).Error
		for i := range rows {
			if err == nil {
				err = t.removeParameter(of, &rows[i])
			}
			gone = append(gone, starred(rows[i], of.Type))
		}
		return err
	})
	return gone, err
}

// tenantOfParameters reads the tenant, so that it stays while its parameters change; nil for global parameters.
func (t *tx) tenantOfParameters(tenant store.Parent) (*models.Tenant, error) {
	if tenant == Everywhere {
		return nil, nil
	}
	of, err := store.First[models.Tenant](t.Locking().Scopes(scopes.OwnTenants(t.Caller)).Where("taxonomies.id = ?",
		tenant.ID))
	if of == nil && err == nil {
		err = models.NotFoundError(store.Subject(tenant.Class), store.Ref{ID: tenant.ID}.String())
	}
	return of, err
}

// saveParameter writes a parameter of a tenant or, without one, a global one; a new one without before.
func (t *tx) saveParameter(of *models.Tenant, before *models.Parameter, c ParameterChange) (*models.Parameter, error) {
	row := models.Parameter{ParameterType: models.DefaultParameterType, Value: `""`, CreatedAt: t.Time}
	resource := scopes.CommonParameters
	others := t.Where("taxonomy_id IS NULL")
	if of != nil {
		row.TaxonomyID = &of.ID
		resource = scopes.Parameters
		others = t.Where("taxonomy_id = ?", of.ID)
	}
	if before != nil {
		row = *before
	}
	c.Name.Apply(&row.Name)
	row.Name = strings.TrimSpace(row.Name)
	c.ParameterType.Apply(&row.ParameterType)
	c.HiddenValue.Apply(&row.HiddenValue)
	switch {
	case c.Value.Set:
		row.Value = models.ParameterValue(row.ParameterType, c.Value.Value)
	case before != nil && before.ParameterType != row.ParameterType:
		row.Value = models.ParameterValue(row.ParameterType, before.Decoded())
	}
	row.SearchableValue = row.Searchable()
	row.UpdatedAt = t.Time
	errs := row.Validate()
	if models.Storable(row.Name) {
		var n int64
		if err := others.Model(&row).Where("name = ? AND id <> ?", row.Name, row.ID).Count(&n).Error; err != nil {
			return nil, err
		}
		errs.Check(n == 0, "name", models.RuleTaken)
	}
	if err := errs.Err(); err != nil {
		return nil, models.About(row.ID, err)
	}
	action := models.Create
	write := func(row any) error { return t.Create(row).Error }
	if before != nil {
		action = models.Edit
		write = t.Overwrite
	}
	if err := write(&row); err != nil {
		return nil, err
	}
	if err := t.covered(action, resource, row.ID); err != nil {
		return nil, err
	}
	was, is := parameterFacts(before, &row)
	return &row, t.Audit(parameterRecord(&row, of), was, is)
}

func (t *tx) removeParameter(of *models.Tenant, row *models.Parameter) error {
	if err := t.Exec("DELETE FROM parameters WHERE id = ?", row.ID).Error; err != nil {
		return err
	}
	was, _ := parameterFacts(row, row)
	return t.Audit(parameterRecord(row, of), was, nil)
}

// MaxParameters bounds how many parameters of a tenant are set at once.
const MaxParameters = 1000

// replaceParameters makes the parameters of a tenant those of a list, by their names. It takes the permissions that the
// same would take one by one.
func (t *tx) replaceParameters(of *models.Tenant, list []ParameterChange) error {
	if len(list) > MaxParameters {
		return models.Refuse("parameters", models.RuleTooMany, MaxParameters)
	}
	var have []models.Parameter
	if err := t.Locking().Where("taxonomy_id = ?", of.ID).Order("id").Find(&have).Error; err != nil {
		return err
	}
	left := map[string]*models.Parameter{}
	for i := range have {
		left[have[i].Name] = &have[i]
	}
	for _, c := range list {
		name := strings.TrimSpace(c.Name.Value)
		if err := t.replaceParameter(of, left[name], c); err != nil {
			return taken(err, "name")
		}
		delete(left, name)
	}
	for i := range have {
		if left[have[i].Name] == nil {
			continue
		}
		if err := t.mayChange(models.Destroy, &have[i]); err != nil {
			return err
		}
		if err := t.removeParameter(of, &have[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replaceParameter(of *models.Tenant, before *models.Parameter, c ParameterChange) error {
	if before == nil {
		if err := store.Require(t.Caller, scopes.Parameters, models.Create); err != nil {
			return err
		}
	} else if err := t.mayChange(models.Edit, before); err != nil {
		return err
	}
	_, err := t.saveParameter(of, before, c)
	return err
}

// mayChange asks for a permission that covers the parameter as it is.
func (t *tx) mayChange(a models.Action, row *models.Parameter) error {
	if err := store.Require(t.Caller, scopes.Parameters, a); err != nil {
		return err
	}
	return t.covered(a, scopes.Parameters, row.ID)
}

// parameterFacts returns what is audited: of hidden values only that they changed, and of a value that becomes hidden
// nothing.
func parameterFacts(before, after *models.Parameter) (was, is store.AuditedValues) {
	told := func(row *models.Parameter, hidden bool) store.AuditedValues {
		value := row.Value
		if hidden {
			value = store.Redacted
		}
		return store.AuditedValues{store.Audited("name", &row.Name),
			store.Audited("parameter_type", &row.ParameterType), store.Audited("hidden_value", &row.HiddenValue),
			store.Audited("value", &value)}
	}
	is = told(after, after.HiddenValue)
	if before == nil {
		return nil, is
	}
	was = told(before, before.HiddenValue || after.HiddenValue)
	if after.HiddenValue && before.Value != after.Value {
		was[len(was)-1].Value = nil
	}
	return was, is
}

func parameterRecord(row *models.Parameter, of *models.Tenant) store.AuditSubject {
	record := store.AuditSubject{ID: row.ID, Class: "Parameter", Name: row.Name}
	if of != nil {
		record.AssociatedID = of.ID
		record.AssociatedClass = string(of.Type)
		record.AssociatedName = of.Title
		record.Tenants = []int64{of.ID}
	}
	return record
}
