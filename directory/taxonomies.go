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

// TaxonomyView is a tenant with what dialects show of it.
type TaxonomyView struct {
	models.Taxonomy
	// ParentTitle is the title of the parent; nil for a root.
	ParentTitle *string
	// Users are those whom the caller may see among the users assigned to this tenant or to one above it.
	Users []TaxonomyUser
	// Others are the tenants of the other kind that are linked to this one.
	Others []models.Taxonomy
	// Parameters hold for this tenant; inherited ones are among them.
	Parameters []*ParameterView
}

// TaxonomyUser is a user of a tenant.
type TaxonomyUser struct {
	ID          int64
	Login       string
	Description *string
	// Inherited users are assigned to a tenant above.
	Inherited bool
}

// TaxonomyChange is what a caller wants a tenant to be. Users and Others replace the sets; users whom the caller may
// not see stay.
type TaxonomyChange struct {
	Name          models.Opt[string]
	Description   models.Opt[*string]
	ParentID      models.Opt[*int64]
	IgnoreTypes   models.Opt[[]string]
	Users, Others models.Opt[Refs]
	// Parameters replace the tenant's own.
	Parameters models.Opt[[]ParameterChange]
}

// references are the lists that a change of a tenant carries.
func (c *TaxonomyChange) references(p *models.Principal, kind models.TaxonomyKind) []reference {
	return []reference{{linkedTarget(p, kind.Other()), &c.Others}, {usersTarget(p), &c.Users}}
}

type taxonomyState struct {
	models.Taxonomy
	users, others []int64
}

func (t *taxonomyState) facts() store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &t.Name), store.Audited("title", &t.Title), store.Audited("ancestry", t.Ancestry), store.Audited("description", t.Description),
		{Attr: "ignore_types", Value: []string(t.IgnoreTypes)}, store.AuditedIDs("user_ids", t.users), store.AuditedIDs(t.Type.Other().Word()+"_ids", t.others)}
}

// othersLink ties a tenant to those of the other kind.
func othersLink(kind models.TaxonomyKind) store.LinkTable {
	if kind == models.LocationKind {
		return store.LocationOrganizations
	}
	return store.OrganizationLocations
}

// Taxonomies lists the tenants of a kind that the caller may know of; filters of the permission do not narrow the list
// (spec, section 12.5).
func (s *Service) Taxonomies(ctx context.Context, p *models.Principal, kind models.TaxonomyKind, q store.ListQuery, head func(store.Totals) error, each func(*TaxonomyView) error) error {
	return store.List[models.Taxonomy, *TaxonomyView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.TaxonomyResource(kind), Views: func(rows []models.Taxonomy) ([]*TaxonomyView, error) {
			return taxonomyRows(s.Read.WithContext(ctx), rows)
		},
	}.Run(ctx, head, each)
}

// taxonomyRows adds the titles of the parents to a page.
func taxonomyRows(db *gorm.DB, rows []models.Taxonomy) ([]*TaxonomyView, error) {
	views := make([]*TaxonomyView, len(rows))
	for i := range rows {
		views[i] = &TaxonomyView{Taxonomy: rows[i]}
		if rows[i].ParentID != nil {
			// The title of a node is its parent's title and its own name.
			title := strings.TrimSuffix(rows[i].Title, "/"+rows[i].Name)
			views[i].ParentTitle = &title
		}
	}
	return views, nil
}

// Taxonomy shows one tenant; reveal asks for the hidden values of its parameters.
func (s *Service) Taxonomy(ctx context.Context, p *models.Principal, kind models.TaxonomyKind, ref store.Ref, reveal bool, parents ...store.Parent) (*TaxonomyView, error) {
	db := s.Read.WithContext(ctx)
	row, err := findTaxonomy(db, p, kind, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return taxonomyView(db, p, row, reveal)
}

func findTaxonomy(db *gorm.DB, p *models.Principal, kind models.TaxonomyKind, a models.Action, ref store.Ref, parents []store.Parent) (*models.Taxonomy, error) {
	return store.Find[models.Taxonomy](db, p, scopes.TaxonomyResource(kind), a, ref, parents)
}

func taxonomyView(db *gorm.DB, p *models.Principal, row *models.Taxonomy, reveal bool) (*TaxonomyView, error) {
	views, err := taxonomyRows(db, []models.Taxonomy{*row})
	if err != nil {
		return nil, err
	}
	v := views[0]
	err = db.Model(&models.User{}).Scopes(scopes.NotHidden, scopes.Visible(p, scopes.Users)).
		Joins("JOIN user_taxonomies ut ON ut.user_id = users.id JOIN taxonomy_closure c ON c.ancestor_id = ut.taxonomy_id AND c.descendant_id = ?", row.ID).
		Select("users.id, users.login, users.description, MIN(CASE WHEN ut.taxonomy_id = ? THEN 0 ELSE 1 END) = 1 AS inherited", row.ID).
		Group("users.id, users.login, users.description").Order("users.id").Scan(&v.Users).Error
	if err != nil {
		return nil, err
	}
	link := othersLink(row.Type)
	err = db.Where(fmt.Sprintf("id IN (SELECT %s FROM %s WHERE %s = ?)", link.Ref, link.Table, link.Owner), row.ID).
		Scopes(scopes.VisibleTaxonomies(p, row.Type.Other())).Order("title").Find(&v.Others).Error
	if err != nil {
		return nil, err
	}
	v.Parameters, err = parametersOf(db, p, row, reveal)
	return v, err
}

// CreateTaxonomy adds a tenant (spec, section 12.7). A caller who is no administrator is assigned to it.
func (s *Service) CreateTaxonomy(ctx context.Context, p *models.Principal, kind models.TaxonomyKind, c TaxonomyChange) (*TaxonomyView, error) {
	if err := store.Require(p, scopes.TaxonomyResource(kind), models.Create); err != nil {
		return nil, err
	}
	if err := s.lookUp(ctx, c.references(p, kind)...); err != nil {
		return nil, err
	}
	var v *TaxonomyView
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.TaxonomyResource(kind), models.Create); err != nil {
			return err
		}
		before := &taxonomyState{Taxonomy: models.Taxonomy{Type: kind, CreatedAt: t.Time, UpdatedAt: t.Time}}
		after := *before
		if err := t.Lock(store.LockTaxonomies); err != nil {
			return err
		}
		r, err := t.Snapshot()
		if err != nil {
			return err
		}
		if lone := r.OnlyOne(t.Caller, kind.Other()); lone != 0 && !c.Others.Set {
			c.Others = models.Some(ByIDs(lone))
		}
		if err := t.saveTaxonomy(nil, before, &after, c); err != nil {
			return err
		}
		v, err = taxonomyView(t.DB, t.Caller, &after.Taxonomy, false)
		return err
	})
	return v, taken(err, "name")
}

// UpdateTaxonomy changes a tenant; renaming or moving it changes the titles of everything below.
func (s *Service) UpdateTaxonomy(ctx context.Context, p *models.Principal, kind models.TaxonomyKind, ref store.Ref, c TaxonomyChange, parents ...store.Parent) (*TaxonomyView, error) {
	if err := s.lookUp(ctx, c.references(p, kind)...); err != nil {
		return nil, err
	}
	var v *TaxonomyView
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.Lock(store.LockTaxonomies); err != nil {
			return err
		}
		row, err := findTaxonomy(t.Locking(), t.Caller, kind, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.taxonomyState(row)
		if err != nil {
			return err
		}
		after := *before
		if err := t.saveTaxonomy(before, before, &after, c); err != nil {
			return err
		}
		v, err = taxonomyView(t.DB, t.Caller, &after.Taxonomy, false)
		return err
	})
	return v, taken(err, "name")
}

func (t *tx) taxonomyState(row *models.Taxonomy) (*taxonomyState, error) {
	state := &taxonomyState{Taxonomy: *row}
	var err error
	if state.users, err = t.LinkedIDs(store.TaxonomyUsers, row.ID); err != nil {
		return nil, err
	}
	state.others, err = t.LinkedIDs(othersLink(row.Type), row.ID)
	return state, err
}

func (t *tx) saveTaxonomy(existing, before, after *taxonomyState, c TaxonomyChange) error {
	parent, err := t.applyTaxonomy(after, c)
	if err != nil {
		return err
	}
	if err := t.checkTaxonomy(before, after, parent); err != nil {
		return err
	}
	if err := t.writeTaxonomy(existing, before, after); err != nil {
		return err
	}
	if c.Parameters.Set {
		if err := t.replaceParameters(&after.Taxonomy, c.Parameters.Value); err != nil {
			return err
		}
	}
	action, was := models.Edit, before.facts()
	if existing == nil {
		action, was = models.Create, nil
	}
	kind := after.Type
	if err := t.covered(action, scopes.TaxonomyResource(kind), after.ID); err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	t.Bump(store.RevisionUsers, 0)
	return t.Audit(store.AuditSubject{ID: after.ID, Class: string(kind), Name: after.Title, Taxonomies: []int64{after.ID}}, was, after.facts())
}

// applyTaxonomy writes the change into the state and gives the parent, nil for a root.
func (t *tx) applyTaxonomy(a *taxonomyState, c TaxonomyChange) (*models.Taxonomy, error) {
	c.Name.Apply(&a.Name)
	c.Description.Apply(&a.Description)
	c.ParentID.Apply(&a.ParentID)
	if c.IgnoreTypes.Set {
		a.IgnoreTypes = c.IgnoreTypes.Value
	}
	a.Normalize()
	a.Ancestry, a.Title = nil, a.Name
	if a.ParentID != nil && *a.ParentID == 0 {
		a.ParentID = nil
	}
	parent, err := t.parentTaxonomy(a)
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

func (t *tx) parentTaxonomy(a *taxonomyState) (*models.Taxonomy, error) {
	if a.ParentID == nil {
		return nil, nil
	}
	parent, err := store.First[models.Taxonomy](t.Scopes(scopes.VisibleTaxonomies(t.Caller, a.Type)).Where("taxonomies.id = ?", *a.ParentID))
	if parent == nil && err == nil {
		err = models.MissingIDs("Taxonomy", []int64{*a.ParentID}, []int64{*a.ParentID})
	}
	return parent, err
}

func (a *taxonomyState) placeUnder(parent *models.Taxonomy) {
	path := strconv.FormatInt(parent.ID, 10)
	if parent.Ancestry != nil {
		path = *parent.Ancestry + "/" + path
	}
	a.Ancestry, a.Title = &path, parent.Title+"/"+a.Name
}

// checkTaxonomy reports every broken rule at once (spec, section 12.2).
func (t *tx) checkTaxonomy(before, after *taxonomyState, parent *models.Taxonomy) error {
	errs := after.Validate()
	var siblings int64
	same := t.Model(&models.Taxonomy{}).Where("type = ? AND lower_name = ? AND id <> ? AND COALESCE(parent_id, 0) = ?", after.Type, after.LowerName, after.ID, zeroOr(after.ParentID))
	if models.Storable(after.Name) {
		if err := same.Count(&siblings).Error; err != nil {
			return err
		}
	}
	errs.Check(siblings == 0, "name", models.RuleTaken)
	if len(errs) == 0 && after.Title != before.Title {
		taken, err := t.titlesTaken(before, after)
		if err != nil {
			return err
		}
		errs.Check(!taken, "title", models.RuleTaken)
	}
	// Whoever opened a tenant of his own to all users would see everybody.
	opened := slices.ContainsFunc(after.IgnoreTypes, func(class string) bool { return !before.Ignores(class) })
	errs.Check(t.Caller.Admin || !opened, "ignore_types", models.RuleOpenedByAdmins)
	if err := t.authorizeTenantUsers(&errs, before.users, after.users); err != nil {
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

// titlesTaken reports whether another tenant of the kind has the title, or one that a tenant below would get. Names may hold
// the slash that titles are put together with, so that two places in the tree can come to the same title.
func (t *tx) titlesTaken(before, after *taxonomyState) (bool, error) {
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	return t.Exists(`SELECT 1 FROM taxonomies x WHERE x.type = ? AND x.id <> ? AND x.id NOT IN (`+inside+`)
		AND (LOWER(x.title) = LOWER(?) OR LOWER(x.title) IN (SELECT LOWER(CAST(? AS TEXT) || SUBSTR(b.title, ?)) FROM taxonomies b
			WHERE b.id IN (`+inside+`) AND b.id <> ?))`,
		after.Type, after.ID, after.ID, after.Title, after.Title, utf8.RuneCountInString(before.Title)+1, after.ID, after.ID)
}

// checkParentRight asks for the permission to edit the tenant under which another one is put.
func (t *tx) checkParentRight(errs *models.FieldErrors, parent *models.Taxonomy) error {
	_, err := findTaxonomy(t.DB, t.Caller, parent.Type, models.Edit, store.Ref{ID: parent.ID}, nil)
	if kind := models.KindOf(err); err == nil || kind != models.Forbidden && kind != models.NotFound {
		return err
	}
	errs.Add("parent_id", models.RuleParentPermission, string(parent.Type))
	return nil
}

func zeroOr(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func (t *tx) writeTaxonomy(existing, before, after *taxonomyState) error {
	switch {
	case existing == nil:
		if err := t.Create(&after.Taxonomy).Error; err != nil {
			return err
		}
		if err := t.closeTaxonomy(&after.Taxonomy); err != nil {
			return err
		}
		if !t.Caller.Admin && !slices.Contains(after.users, t.Caller.UserID) {
			after.users = append(after.users, t.Caller.UserID)
		}
	case !reflect.DeepEqual(before.Taxonomy, after.Taxonomy):
		after.UpdatedAt = t.Time
		if err := t.Select("*").Updates(&after.Taxonomy).Error; err != nil {
			return err
		}
		if err := t.moveBelow(before, after); err != nil {
			return err
		}
	}
	if _, err := t.Relink(store.TaxonomyUsers, after.ID, before.users, after.users); err != nil {
		return err
	}
	_, err := t.Relink(othersLink(after.Type), after.ID, before.others, after.others)
	return err
}

// moveBelow carries a new title or place down the tree: its cost follows the subtree.
func (t *tx) moveBelow(before, after *taxonomyState) error {
	if before.Title == after.Title && reflect.DeepEqual(before.Ancestry, after.Ancestry) {
		return nil
	}
	var below []models.Taxonomy
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	err := t.Where("id IN ("+inside+") AND id <> ?", after.ID, after.ID).Order("LENGTH(ancestry), id").Find(&below).Error
	if err != nil {
		return err
	}
	place := map[int64]*models.Taxonomy{after.ID: &after.Taxonomy}
	slices.SortStableFunc(below, func(a, b models.Taxonomy) int {
		return strings.Count(models.Deref(a.Ancestry), "/") - strings.Count(models.Deref(b.Ancestry), "/")
	})
	for i := range below {
		child := taxonomyState{Taxonomy: below[i]}
		child.placeUnder(place[*child.ParentID])
		if models.TooLong(child.Title, models.MaxLabel) {
			return models.Refuse("title", models.RuleTooLong, models.MaxLabel)
		}
		err := t.Model(&models.Taxonomy{}).Where("id = ?", child.ID).
			UpdateColumns(map[string]any{"ancestry": child.Ancestry, "title": child.Title}).Error
		if err != nil {
			return err
		}
		below[i] = child.Taxonomy
		place[child.ID] = &below[i]
	}
	if reflect.DeepEqual(before.ParentID, after.ParentID) {
		return nil
	}
	return t.rehang(after)
}

// rehang replaces what is above a subtree in the closure.
func (t *tx) rehang(a *taxonomyState) error {
	inside := "SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?"
	err := t.Exec("DELETE FROM taxonomy_closure WHERE descendant_id IN ("+inside+") AND ancestor_id NOT IN ("+inside+")", a.ID, a.ID).Error
	if err != nil {
		return err
	}
	return t.Exec(`INSERT INTO taxonomy_closure (ancestor_id, descendant_id)
		SELECT up.ancestor_id, down.descendant_id FROM taxonomy_closure up, taxonomy_closure down
		WHERE up.descendant_id = ? AND down.ancestor_id = ?`, zeroOr(a.ParentID), a.ID).Error
}

// DeleteTaxonomy removes a tenant that has none below it (spec, section 12.8).
func (s *Service) DeleteTaxonomy(ctx context.Context, p *models.Principal, kind models.TaxonomyKind, ref store.Ref, parents ...store.Parent) (*models.Taxonomy, error) {
	var gone *models.Taxonomy
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.Lock(store.LockTaxonomies); err != nil {
			return err
		}
		var err error
		if gone, err = findTaxonomy(t.Locking(), t.Caller, kind, models.Destroy, ref, parents); err != nil {
			return err
		}
		var children int64
		if err := t.Model(&models.Taxonomy{}).Where("parent_id = ?", gone.ID).Count(&children).Error; err != nil {
			return err
		}
		if children > 0 {
			return models.Fail(models.Invalid, models.RuleHasChildren, gone.Title, kind.Word())
		}
		state, err := t.taxonomyState(gone)
		if err != nil {
			return err
		}
		var errs models.FieldErrors
		if err := t.authorizeTenantUsers(&errs, state.users, nil); err != nil {
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
		return t.Audit(store.AuditSubject{ID: gone.ID, Class: string(kind), Name: gone.Title}, state.facts(), nil)
	})
	return gone, err
}
