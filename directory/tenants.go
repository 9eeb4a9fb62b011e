package directory

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// TenantView is a tenant with what dialects show of it.
type TenantView struct {
	models.Tenant
	// ParentTitle is the title of the parent; nil for a root.
	ParentTitle *string
	// Users are those whom the caller may see among the active members of this tenant or of one above it.
	Users []TenantUser
	// Others are the tenants of the other kind that are linked to this one.
	Others []models.Tenant
	// Parameters hold for this tenant; inherited ones are among them.
	Parameters []*ParameterView
}

// TenantUser is a user of a tenant.
type TenantUser struct {
	ID          int64
	Login       string
	Description *string
	// Inherited users are assigned to a tenant above.
	Inherited bool
}

// TenantChange is a requested change of a tenant. Users and Others replace the sets; users whom the caller may not see
// stay.
type TenantChange struct {
	Name          models.Opt[string]
	Description   models.Opt[*string]
	Slug          models.Opt[*string]
	Contact       models.Opt[*string]
	ParentID      models.Opt[*int64]
	IgnoreTypes   models.Opt[[]string]
	Users, Others models.Opt[Refs]
	// Parameters replace the tenant's own.
	Parameters models.Opt[[]ParameterChange]

	// memberChange says that members of an organization change it, whose role there decides instead of permissions.
	memberChange bool
}

// references are the lists that a change of a tenant carries.
func (c *TenantChange) references(p *models.Principal, kind models.TenantKind) []reference {
	return append(referencesTo(linkedTarget(p, kind.Other()), &c.Others), referencesTo(usersTarget(p), &c.Users)...)
}

type tenantState struct {
	models.Tenant
	users, others []int64
}

func (a *tenantState) facts() store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &a.Name), store.Audited("title", &a.Title),
		store.Audited("ancestry", a.Ancestry), store.Audited("description", a.Description),
		store.Audited("contact", a.Contact),
		{Attr: "ignore_types", Value: []string(a.IgnoreTypes)}, store.AuditedIDs("user_ids", a.users),
		store.AuditedIDs(a.Type.Other().Word()+"_ids", a.others)}
}

func (a *tenantState) record() store.AuditSubject {
	return store.AuditSubject{ID: a.ID, Class: string(a.Type), Name: a.Title, Tenants: []int64{a.ID}}
}

// othersLink ties a tenant to those of the other kind.
func othersLink(kind models.TenantKind) store.LinkTable {
	if kind == models.LocationKind {
		return store.LocationOrganizations
	}
	return store.OrganizationLocations
}

// Tenants lists the tenants of a kind that the caller may know of; filters of the permission do not narrow the list
// (docs/spec/foreman.md, 12.5).
func (s *Service) Tenants(ctx context.Context, p *models.Principal, kind models.TenantKind,
	q store.ListQuery) (*store.List[*TenantView], error) {
	return store.Listing[models.Tenant, *TenantView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.TenantResource(kind),
		Views: func(rows []models.Tenant) ([]*TenantView, error) {
			return tenantRows(rows)
		},
	}.Read(ctx)
}

// tenantRows adds the titles of the parents to a page.
func tenantRows(rows []models.Tenant) ([]*TenantView, error) {
	views := make([]*TenantView, len(rows))
	for i := range rows {
		views[i] = &TenantView{Tenant: rows[i]}
		if rows[i].ParentID != nil {
			// The title of a node is its parent's title and its own name.
			title := strings.TrimSuffix(rows[i].Title, "/"+rows[i].Name)
			views[i].ParentTitle = &title
		}
	}
	return views, nil
}

// Tenant shows one tenant; reveal asks for the hidden values of its parameters.
func (s *Service) Tenant(ctx context.Context, p *models.Principal, kind models.TenantKind, ref store.Ref, reveal bool,
	parents ...store.Parent) (*TenantView, error) {
	db := s.Read.WithContext(ctx)
	row, err := findTenant(db, p, kind, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return tenantView(db, p, row, reveal)
}

func findTenant(db *gorm.DB, p *models.Principal, kind models.TenantKind, a models.Action, ref store.Ref,
	parents []store.Parent) (*models.Tenant, error) {
	return store.Find[models.Tenant](db, p, scopes.TenantResource(kind), a, ref, parents)
}

func tenantView(db *gorm.DB, p *models.Principal, row *models.Tenant, reveal bool) (*TenantView, error) {
	views, err := tenantRows([]models.Tenant{*row})
	if err != nil {
		return nil, err
	}
	v := views[0]
	err = db.Model(&models.User{}).Scopes(scopes.NotHidden, scopes.Visible(p, scopes.Users)).
		Joins("JOIN memberships ut ON ut.user_id = users.id AND ut.state = 'active' "+
			"JOIN taxonomy_closure c ON c.ancestor_id = ut.taxonomy_id AND c.descendant_id = ?", row.ID).
		Select("users.id, users.login, users.description, MIN(CASE WHEN ut.taxonomy_id = ? THEN 0 ELSE 1 END) = 1 AS "+
			"inherited", row.ID).
		Group("users.id, users.login, users.description").Order("users.id").Scan(&v.Users).Error
	if err != nil {
		return nil, err
	}
	link := othersLink(row.Type)
	err = db.Where(fmt.Sprintf("id IN (SELECT %s FROM %s WHERE %s = ?)", link.Ref, link.Table, link.Owner), row.ID).
		Scopes(scopes.VisibleTenants(p, row.Type.Other())).Order("title").Find(&v.Others).Error
	if err != nil {
		return nil, err
	}
	v.Parameters, err = parametersOf(db, p, row, reveal)
	return v, err
}

// CreateTenant adds a tenant (docs/spec/foreman.md, 12.7). A caller who is no administrator is assigned to it, for as
// long as to the tenants around it.
func (s *Service) CreateTenant(ctx context.Context, p *models.Principal, kind models.TenantKind,
	c TenantChange) (*TenantView, error) {
	var v *TenantView
	err := s.creating(ctx, p, scopes.TenantResource(kind), c.references(p, kind), func(t *tx) error {
		if err := t.Lock(store.LockTenants); err != nil {
			return err
		}
		r, err := t.Snapshot()
		if err != nil {
			return err
		}
		if lone := r.OnlyOne(t.Caller, kind.Other()); lone != 0 && !c.Others.Set {
			c.Others = models.Some(ByIDs(lone))
		}
		after := &tenantState{Tenant: models.Tenant{Type: kind, CreatedAt: t.Time, UpdatedAt: t.Time}}
		if err := t.saveTenant(nil, after, c); err != nil {
			return err
		}
		if err := t.endFounder(&after.Tenant); err != nil {
			return err
		}
		v, err = tenantView(t.DB, t.Caller, &after.Tenant, false)
		return err
	})
	return v, taken(err, "name")
}

// UpdateTenant changes a tenant; renaming or moving it changes the titles of everything below.
func (s *Service) UpdateTenant(ctx context.Context, p *models.Principal, kind models.TenantKind, ref store.Ref,
	c TenantChange, parents ...store.Parent) (*TenantView, error) {
	var v *TenantView
	err := s.changing(ctx, p, c.references(p, kind), func(t *tx) error {
		if err := t.Lock(store.LockTenants); err != nil {
			return err
		}
		row, err := findTenant(t.Locking(), t.Caller, kind, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.tenantState(row)
		if err != nil {
			return err
		}
		after := *before
		if err := t.saveTenant(before, &after, c); err != nil {
			return err
		}
		v, err = tenantView(t.DB, t.Caller, &after.Tenant, false)
		return err
	})
	return v, taken(err, "name")
}

func (t *tx) tenantState(row *models.Tenant) (*tenantState, error) {
	state := &tenantState{Tenant: *row}
	var err error
	if state.users, err = t.LinkedIDs(store.TenantUsers, row.ID); err != nil {
		return nil, err
	}
	state.others, err = t.LinkedIDs(othersLink(row.Type), row.ID)
	return state, err
}

// saveTenant makes a change of a tenant, under the lock of the trees; before is nil for a new one.
func (t *tx) saveTenant(before, after *tenantState, c TenantChange) error {
	had := orNew(before)
	var parent *models.Tenant
	covered := scopes.TenantResource(after.Type)
	if c.memberChange {
		covered = nil
	}
	return save(t, before, after, steps{
		apply: func() error {
			var err error
			parent, err = t.applyTenant(after, c)
			return err
		},
		check: func() error { return t.checkTenant(had, after, parent) },
		write: func() error { return t.writeTenant(before, after) },
		settle: func() error {
			if !c.Parameters.Set {
				return nil
			}
			return t.replaceParameters(&after.Tenant, c.Parameters.Value)
		},
		covered: covered,
		bumps:   []string{store.RevisionSnapshot, store.RevisionUsers},
	})
}

// applyTenant writes the change into the state and returns the parent, nil for a root.
func (t *tx) applyTenant(a *tenantState, c TenantChange) (*models.Tenant, error) {
	c.Name.Apply(&a.Name)
	c.Description.Apply(&a.Description)
	c.ParentID.Apply(&a.ParentID)
	c.Contact.Apply(&a.Contact)
	if err := t.applySlug(a, c); err != nil {
		return nil, err
	}
	if c.IgnoreTypes.Set {
		a.IgnoreTypes = c.IgnoreTypes.Value
	}
	a.Normalize()
	a.Ancestry = nil
	a.Title = a.Name
	if a.ParentID != nil && *a.ParentID == 0 {
		a.ParentID = nil
	}
	parent, err := t.parentTenant(a)
	if err != nil {
		return nil, err
	}
	if parent != nil {
		a.placeUnder(parent)
	}
	if err := t.replace(linkedTarget(t.Caller, a.Type.Other()), c.Others, &a.others); err != nil {
		return nil, err
	}
	return parent, t.replace(usersTarget(t.Caller), c.Users, &a.users)
}

// applySlug gives an organization the slug that is asked for, or one that is made from the name: the first that is free
// of name, name-2, name-3 and so on.
func (t *tx) applySlug(a *tenantState, c TenantChange) error {
	if a.Type != models.OrganizationKind {
		return nil
	}
	c.Slug.Apply(&a.Slug)
	if a.Slug = models.BlankToNil(models.Trimmed(a.Slug)); a.Slug != nil {
		return nil
	}
	slug := models.SlugOf(a.Name)
	var taken []string
	err := t.Model(&models.Tenant{}).Where("slug LIKE ? AND id <> ?", slug+"%", a.ID).Pluck("slug", &taken).Error
	free := slug
	for n := 2; slices.Contains(taken, free); n++ {
		free = slug + "-" + strconv.Itoa(n)
	}
	a.Slug = &free
	return err
}

func (t *tx) parentTenant(a *tenantState) (*models.Tenant, error) {
	if a.ParentID == nil {
		return nil, nil
	}
	parent, err := store.First[models.Tenant](t.Scopes(scopes.VisibleTenants(t.Caller, a.Type)).
		Where("taxonomies.id = ?", *a.ParentID))
	if parent == nil && err == nil {
		err = models.MissingIDs("Taxonomy", []int64{*a.ParentID}, []int64{*a.ParentID})
	}
	return parent, err
}

func (a *tenantState) placeUnder(parent *models.Tenant) {
	path := strconv.FormatInt(parent.ID, 10)
	if parent.Ancestry != nil {
		path = *parent.Ancestry + "/" + path
	}
	a.Ancestry = &path
	a.Title = parent.Title + "/" + a.Name
}

// checkTenant reports every broken rule at once (docs/spec/foreman.md, 12.2).
func (t *tx) checkTenant(before, after *tenantState, parent *models.Tenant) error {
	errs := after.Validate()
	var siblings int64
	same := t.Model(&models.Tenant{}).Where("type = ? AND lower_name = ? AND id <> ? AND COALESCE(parent_id, 0) = ?",
		after.Type, after.LowerName, after.ID, models.Deref(after.ParentID))
	if models.Storable(after.Name) {
		if err := same.Count(&siblings).Error; err != nil {
			return err
		}
	}
	errs.Check(siblings == 0, "name", models.RuleTaken)
	if slug := models.Deref(after.Slug); models.Deref(before.Slug) != slug && models.Storable(slug) {
		taken, err := t.Exists("SELECT 1 FROM taxonomies WHERE slug = ? AND id <> ?", slug, after.ID)
		if err != nil {
			return err
		}
		errs.Check(!taken, "slug", models.RuleTaken)
	}
	if len(errs) == 0 && after.Title != before.Title {
		taken, err := t.titlesTaken(before, after)
		if err != nil {
			return err
		}
		errs.Check(!taken, "title", models.RuleTaken)
	}
	// A caller who opened an own tenant to all users would see everybody.
	opened := slices.ContainsFunc(after.IgnoreTypes, func(class string) bool { return !before.Ignores(class) })
	errs.Check(t.Caller.Admin || !opened, "ignore_types", models.RuleOpenedByAdmins)
	if slices.Contains(store.Without(before.users, after.users), t.Caller.UserID) {
		if err := t.checkOwnEnds(&errs, "user_ids", after.ID); err != nil {
			return err
		}
	}
	joined := store.Without(after.users, before.users)
	if err := t.checkRejoined(&errs, "user_ids", store.TenantUsers, after.ID, joined); err != nil {
		return err
	}
	if err := t.authorizeTenantUsers(&errs, after.ID, before.users, after.users); err != nil {
		return err
	}
	if parent != nil && !reflect.DeepEqual(before.ParentID, after.ParentID) {
		below, err := t.within(parent.ID, []int64{after.ID})
		if err != nil {
			return err
		}
		errs.Check(!below, models.Base, models.RuleOwnDescendant, string(after.Type))
		if err := t.checkParentRight(&errs, parent); err != nil {
			return err
		}
		if err := t.authorizeMove(&errs, after.ID, parent.ID); err != nil {
			return err
		}
	}
	return errs.Err()
}

// titlesTaken reports whether another tenant of the kind has the title, or a title that a tenant below would get. Names
// may contain the slash that joins titles, so two places in the tree can have the same title.
func (t *tx) titlesTaken(before, after *tenantState) (bool, error) {
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	return t.Exists(`SELECT 1 FROM taxonomies x WHERE x.type = ? AND x.id <> ? AND x.id NOT IN (`+inside+`)
		AND (LOWER(x.title) = LOWER(?) OR LOWER(x.title) IN (SELECT LOWER(CAST(? AS TEXT) || SUBSTR(b.title, ?))
			FROM taxonomies b
			WHERE b.id IN (`+inside+`) AND b.id <> ?))`,
		after.Type, after.ID, after.ID, after.Title, after.Title, utf8.RuneCountInString(before.Title)+1, after.ID,
		after.ID)
}

// checkParentRight asks for the permission to edit the tenant under which another one is put.
func (t *tx) checkParentRight(errs *models.FieldErrors, parent *models.Tenant) error {
	_, err := findTenant(t.DB, t.Caller, parent.Type, models.Edit, store.Ref{ID: parent.ID}, nil)
	if kind := models.KindOf(err); err == nil || kind != models.Forbidden && kind != models.NotFound {
		return err
	}
	errs.Add("parent_id", models.RuleParentPermission, string(parent.Type))
	return nil
}

func (t *tx) writeTenant(existing, after *tenantState) error {
	before := orNew(existing)
	switch {
	case existing == nil:
		if err := t.Create(&after.Tenant).Error; err != nil {
			return err
		}
		if err := t.InsertTenantClosure(&after.Tenant); err != nil {
			return err
		}
		if !t.Caller.Admin && !slices.Contains(after.users, t.Caller.UserID) {
			after.users = append(after.users, t.Caller.UserID)
		}
	case !reflect.DeepEqual(before.Tenant, after.Tenant):
		after.UpdatedAt = t.Time
		if err := t.Overwrite(&after.Tenant); err != nil {
			return err
		}
		if err := t.moveBelow(before, after); err != nil {
			return err
		}
	}
	changed, err := t.relinkMembers(store.TenantUsers, after.ID, before.users, after.users)
	if err != nil {
		return err
	}
	if changed {
		t.BumpTenants([]int64{after.ID})
		t.BumpPeople(slices.Concat(store.Without(before.users, after.users),
			store.Without(after.users, before.users))...)
	}
	_, err = t.Relink(othersLink(after.Type), after.ID, before.others, after.others)
	return err
}

// moveBelow carries a new title or place down the tree: its cost follows the subtree.
func (t *tx) moveBelow(before, after *tenantState) error {
	if before.Title == after.Title && reflect.DeepEqual(before.Ancestry, after.Ancestry) {
		return nil
	}
	var below []models.Tenant
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	err := t.Where("id IN ("+inside+") AND id <> ?", after.ID, after.ID).Order("LENGTH(ancestry), id").
		Find(&below).Error
	if err != nil {
		return err
	}
	place := map[int64]*models.Tenant{after.ID: &after.Tenant}
	slices.SortStableFunc(below, func(a, b models.Tenant) int {
		return strings.Count(models.Deref(a.Ancestry), "/") - strings.Count(models.Deref(b.Ancestry), "/")
	})
	for i := range below {
		child := tenantState{Tenant: below[i]}
		child.placeUnder(place[*child.ParentID])
		if models.TooLong(child.Title, models.MaxLabel) {
			return models.Refuse("title", models.RuleTooLong, models.MaxLabel)
		}
		err := t.Model(&models.Tenant{}).Where("id = ?", child.ID).
			UpdateColumns(map[string]any{"ancestry": child.Ancestry, "title": child.Title}).Error
		if err != nil {
			return err
		}
		below[i] = child.Tenant
		place[child.ID] = &below[i]
	}
	if reflect.DeepEqual(before.ParentID, after.ParentID) {
		return nil
	}
	return t.rehang(after)
}

// rehang replaces the ancestors of a subtree in the closure.
func (t *tx) rehang(a *tenantState) error {
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	err := t.Exec("DELETE FROM taxonomy_closure WHERE descendant_id IN ("+inside+") AND ancestor_id NOT IN ("+inside+
		")", a.ID, a.ID).Error
	if err != nil {
		return err
	}
	return t.Exec(`INSERT INTO taxonomy_closure (ancestor_id, descendant_id)
		SELECT up.ancestor_id, down.descendant_id FROM taxonomy_closure up, taxonomy_closure down
		WHERE up.descendant_id = ? AND down.ancestor_id = ?`, models.Deref(a.ParentID), a.ID).Error
}

// DeleteTenant removes a tenant that has none below it (docs/spec/foreman.md, 12.8).
func (s *Service) DeleteTenant(ctx context.Context, p *models.Principal, kind models.TenantKind, ref store.Ref,
	parents ...store.Parent) (*models.Tenant, error) {
	var gone *models.Tenant
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.Lock(store.LockTenants); err != nil {
			return err
		}
		var err error
		if gone, err = findTenant(t.Locking(), t.Caller, kind, models.Destroy, ref, parents); err != nil {
			return err
		}
		state, err := t.tenantState(gone)
		if err != nil {
			return err
		}
		return t.deleteTenant(state)
	})
	return gone, err
}

func (t *tx) deleteTenant(gone *tenantState) error {
	var children int64
	if err := t.Model(&models.Tenant{}).Where("parent_id = ?", gone.ID).Count(&children).Error; err != nil {
		return err
	}
	if children > 0 {
		return models.Fail(models.Invalid, models.RuleHasChildren, gone.Title, gone.Type.Word())
	}
	var errs models.FieldErrors
	if err := t.authorizeTenantUsers(&errs, gone.ID, gone.users, nil); err != nil {
		return err
	}
	if err := errs.Err(); err != nil {
		return models.About(gone.ID, err)
	}
	if err := t.Exec("DELETE FROM taxonomies WHERE id = ?", gone.ID).Error; err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	t.Bump(store.RevisionUsers, 0)
	return t.Audit(store.AuditSubject{ID: gone.ID, Class: string(gone.Type), Name: gone.Title}, gone.facts(), nil)
}
