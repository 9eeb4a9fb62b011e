package directory

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// Bounds of a list of references in one change. The largest lists that clients send hold some hundreds of ids.
const (
	// MaxReferenceNames is how many names a list may hold: each is looked up.
	MaxReferenceNames = 1000
	// MaxReferenceIDs is how many ids a list may hold.
	MaxReferenceIDs = 10_000
)

// Refs is a list of references as a change carries it: by id or by name.
type Refs struct {
	IDs   []int64
	Names []string
}

// ByIDs returns references by id.
func ByIDs(ids ...int64) Refs { return Refs{IDs: ids} }

// ByNames returns references by name.
func ByNames(names ...string) Refs { return Refs{Names: names} }

// target is what references may point at.
type target struct {
	noun, table, label string
	// attr is how a change calls one of the references: "role" stands for role_ids and role_names.
	attr string
	// seen limits the rows to those that the caller may know of. Any other is unknown, and stays where it is.
	seen []scopes.Scope
	// written limits further which of them the caller may add or take away; those that are not stay as they are. It
	// keeps none that seen leaves out, but for what only leaves out.
	written []scopes.Scope
	// only limits the rows for everybody.
	only []scopes.Scope
	// refusal is the rule that a reference which leads nowhere breaks, with its argument; "" names the reference.
	refusal models.Rule
	about   string
}

var (
	rolesTarget       = target{noun: "Role", table: "roles", label: "name", attr: "role"}
	permissionsTarget = target{noun: "Permission", table: "permissions", label: "name", attr: "permission"}
	usergroupsTarget  = target{noun: "Usergroup", table: "usergroups", label: "name", attr: "usergroup"}
)

// tenantsTarget points at the tenants of one kind that the caller may know of; an id of the other kind leads nowhere.
func tenantsTarget(p *models.Principal, kind models.TenantKind) target {
	seen := []scopes.Scope{scopes.VisibleTenants(p, kind)}
	return target{noun: "Taxonomy", table: "taxonomies", label: "title", attr: kind.Word(), seen: seen}
}

// linkedTarget points at the same for tenants that are linked to one of the other kind: an open one may be looked at,
// not linked.
func linkedTarget(p *models.Principal, kind models.TenantKind) target {
	to := tenantsTarget(p, kind)
	if !p.Admin {
		to.written = []scopes.Scope{scopes.WritableTenants(p, kind)}
	}
	return to
}

// assignedTarget points at the same for records that the caller assigns to tenants: one that the caller may not know of
// is refused like one that the caller may not assign (docs/spec/foreman.md, 12.6).
func assignedTarget(p *models.Principal, kind models.TenantKind) target {
	to := tenantsTarget(p, kind)
	if !p.Admin {
		to.refusal = models.RuleAssignment
		to.about = kind.Word()
	}
	return to
}

// usersTarget points at the users whom the caller may see.
func usersTarget(p *models.Principal) target {
	return target{
		noun: "User", table: "users", label: "login", attr: "user",
		only: []scopes.Scope{scopes.NotHidden}, seen: []scopes.Scope{scopes.Visible(p, scopes.Users)},
		written: []scopes.Scope{scopes.Writable(p, scopes.Users)},
	}
}

// sourcesTarget points at the auth sources that the caller may know of, by name.
func sourcesTarget(p *models.Principal) target {
	return target{noun: "auth_source", table: "auth_sources", label: "name", attr: "auth_source",
		seen: []scopes.Scope{scopes.VisibleSources(p)}}
}

// reference is a list of references in a change with what they point at.
type reference struct {
	to   target
	list Refs
	// set puts the list with ids in the place of names where it came from.
	set func(Refs)
}

// referencesTo are the lists of a change that are set.
func referencesTo(to target, list *models.Opt[Refs]) []reference {
	if !list.Set {
		return nil
	}
	return []reference{{to, list.Value, func(found Refs) { list.Value = found }}}
}

// lookUp replaces the names in a change's references by ids, with one statement for each list. It runs before the
// transaction, so that long lists do not delay other writers. A list with a mistake is left unchanged; the mistake is
// reported where the change applies the list, after the rules that come before it.
func (s *Service) lookUp(ctx context.Context, references ...reference) error {
	for _, r := range references {
		if len(r.list.Names) == 0 {
			continue
		}
		ids, err := s.idsOf(s.Read.WithContext(ctx), r.to, r.list)
		if models.KindOf(err) == models.Invalid {
			continue
		}
		if err != nil {
			return err
		}
		r.set(Refs{IDs: ids})
	}
	return nil
}

// idsOf returns the ids of a list of references, those behind its names included, in the order of the list.
func (s *Service) idsOf(db *gorm.DB, to target, list Refs) ([]int64, error) {
	ids := models.Distinct(list.IDs)
	names := models.Distinct(list.Names)
	if len(ids) > MaxReferenceIDs {
		return nil, models.Refuse(to.attr+"_ids", models.RuleTooMany, MaxReferenceIDs)
	}
	if len(names) > MaxReferenceNames {
		return nil, models.Refuse(to.attr+"_names", models.RuleTooMany, MaxReferenceNames)
	}
	if len(names) == 0 {
		return ids, nil
	}
	if odd := slices.IndexFunc(names, func(name string) bool { return !models.Storable(name) }); odd >= 0 {
		return nil, to.unknownName(names[odd])
	}
	known, err := s.named(db, to, names)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		id, ok := known[name]
		if !ok {
			return nil, to.unknownName(name)
		}
		ids = append(ids, id)
	}
	return models.Distinct(ids), nil
}

// named finds the rows of the target that have the names. A name that two have means neither.
func (s *Service) named(db *gorm.DB, to target, names []string) (map[string]int64, error) {
	cond, value, err := s.InTexts(to.table+"."+to.label, names)
	if err != nil {
		return nil, err
	}
	var found []struct {
		ID   int64
		Name string
	}
	err = db.Table(to.table).Scopes(to.only...).Scopes(to.seen...).Where(cond, value).
		Select(to.table + ".id, " + to.table + "." + to.label + " AS name").
		Order(to.table + ".id DESC").Scan(&found).Error
	ids := make(map[string]int64, len(found))
	several := map[string]bool{}
	for _, row := range found {
		_, known := ids[row.Name]
		several[row.Name] = known || several[row.Name]
		ids[row.Name] = row.ID
	}
	for name := range several {
		if several[name] {
			delete(ids, name)
		}
	}
	return ids, err
}

func (to target) unknownName(name string) error {
	if to.refusal != "" {
		return models.Refuse(to.attr+"_ids", to.refusal, to.about)
	}
	return models.MissingName(to.noun, name)
}

func (to target) unknownIDs(asked, missing []int64) error {
	if to.refusal != "" {
		return models.Refuse(to.attr+"_ids", to.refusal, to.about)
	}
	return models.MissingIDs(to.noun, asked, missing)
}

// resolve turns references into ids, without repeats, in ascending order. An unknown reference is an Invalid error:
// nothing is dropped silently. Ids that the record refers to already are accepted even if the caller cannot see them.
func (t *tx) resolve(to target, list Refs, had ...int64) ([]int64, error) {
	asked, err := t.s.idsOf(t.DB, to, list)
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	found, err := t.seenBy(to, store.Without(asked, had))
	if err != nil {
		return nil, err
	}
	if missing := store.Without(asked, append(found, had...)); len(missing) > 0 {
		return nil, to.unknownIDs(asked, missing)
	}
	slices.Sort(asked)
	return asked, nil
}

// seenBy returns those of the ids that lead to a row of the target, in ascending order.
func (t *tx) seenBy(to target, ids []int64) ([]int64, error) { return t.reach(to, ids, to.seen) }

// changeable returns those of the ids that the caller may add or take away.
func (t *tx) changeable(to target, ids []int64) ([]int64, error) {
	if len(to.written) == 0 {
		return t.seenBy(to, ids)
	}
	return t.reach(to, ids, to.written)
}

// removable returns those of the ids that a record has and the caller may take away.
func (t *tx) removable(to target, ids []int64) ([]int64, error) {
	if len(to.seen)+len(to.written) == 0 || t.Caller.Admin && len(to.written) == 0 {
		return ids, nil
	}
	return t.changeable(to, ids)
}

// reach returns those of the ids that lead to a row of the target inside some scopes, in ascending order.
func (t *tx) reach(to target, ids []int64, scoped []scopes.Scope) ([]int64, error) {
	var found []int64
	if len(ids) == 0 {
		return nil, nil
	}
	cond, value := t.s.InIDs(to.table+".id", ids)
	err := t.Table(to.table).Scopes(to.only...).Scopes(scoped...).Where(cond, value).Order(to.table+".id").
		Pluck(to.table+".id", &found).Error
	return found, err
}

// replace makes a record's references those of a list, as far as the caller sees and may change them: what the caller
// cannot see, or may only look at, stays. Every list of references is replaced here.
func (t *tx) replace(to target, list models.Opt[Refs], ids *[]int64) error {
	if !list.Set {
		return nil
	}
	wanted, err := t.wanted(to, list.Value, *ids)
	if err != nil {
		return err
	}
	gone, err := t.removable(to, store.Without(*ids, wanted))
	if err != nil {
		return err
	}
	kept := append(store.Without(*ids, gone), store.Without(wanted, *ids)...)
	slices.Sort(kept)
	*ids = kept
	return nil
}

// wanted turns a list into ids, in ascending order. New ids must be among those that the caller may add.
func (t *tx) wanted(to target, list Refs, had []int64) ([]int64, error) {
	asked, err := t.s.idsOf(t.DB, to, list)
	if err != nil {
		return nil, err
	}
	sorted := slices.Clone(asked)
	slices.Sort(sorted)
	added := store.Without(asked, had)
	allowed, err := t.changeable(to, added)
	if err != nil {
		return nil, err
	}
	foreign := store.Without(added, allowed)
	if len(foreign) == 0 {
		return sorted, nil
	}
	seen, err := t.seenBy(to, foreign)
	if err != nil {
		return nil, err
	}
	if missing := store.Without(foreign, seen); len(missing) > 0 {
		return nil, to.unknownIDs(asked, missing)
	}
	return nil, to.unknownIDs(sorted, foreign)
}

// ParentQuery asks for the record under which something is nested.
type ParentQuery struct {
	// Resource is what the parent is.
	Resource *scopes.Resource
	Ref      store.Ref
	// Action is what the caller must be allowed to do with the parent: View or Edit.
	Action models.Action
}

// NoParent is an id that no row has: the list under it is empty.
const NoParent = -1

// ParentOf finds the record under which something is nested, among those that the caller may see. An unknown one is
// NotFound. A tenant that the caller is in but may not view is a parent without rows instead, as lists by tenant are
// for such callers (docs/spec/foreman.md, 12.4).
func (s *Service) ParentOf(ctx context.Context, p *models.Principal, q ParentQuery) (store.Parent, error) {
	db := s.Read.WithContext(ctx)
	parent := store.Parent{Class: q.Resource.Class}
	var err error
	if q.Resource == scopes.Users {
		var u *models.User
		if u, err = s.findUser(db, p, q.Action, q.Ref, nil); u != nil {
			parent.ID = u.ID
		}
	} else {
		parent.ID, err = parentID(db, p, q)
	}
	if models.KindOf(err) != models.Forbidden || err == nil {
		return parent, err
	}
	if q.Resource.Table == scopes.Organizations.Table {
		return Parent{Class: q.Resource.Class, ID: NoParent}, nil
	}
	return parent, models.NotFoundError(store.Subject(q.Resource.Class), q.Ref.String())
}

// rowID is a row of which only the id is read.
type rowID struct{ ID int64 }

// parentID reads the id of a parent.
func parentID(db *gorm.DB, p *models.Principal, q ParentQuery) (int64, error) {
	row, err := store.Find[rowID](db.Table(q.Resource.Table).Select(q.Resource.Table+".id"), p, q.Resource, q.Action,
		q.Ref, nil)
	if err != nil {
		return 0, err
	}
	return row.ID, nil
}
