package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"roster/models"
)

// Group is a user group with what its members inherit.
type Group struct {
	models.Usergroup
	// Roles are those of this group itself, by name.
	Roles []*models.Role
	// Within lists this group and every group that contains it, however deep.
	Within []int64
	// tenants are those in which the group is an active member, held the roles that it holds there.
	tenants []int64
	held    []models.HeldRole
}

// Snapshot is a snapshot of everything small that users refer to: roles, groups, tenants, auth sources. It is read
// whole when its epoch has moved on, and never changed afterwards, so pages are put together without joins and without
// locks.
type Snapshot struct {
	Revision    int64
	Roles       map[int64]*models.Role
	DefaultRole int64
	Groups      map[int64]*Group
	Tenants     map[int64]*models.Tenant
	Relatives   map[int64][]int64 // tenant -> itself, its ancestors and its descendants
	Descendants map[int64][]int64 // tenant -> itself and its descendants
	Sources     map[int64]*models.AuthSource
	Mails       map[int64]*models.MailNotification
	Grants      map[int64][]NamedGrant // role -> what it gives
	customs     *models.CustomFields
	settings    map[string]string // JSON values that differ from the catalogue
	only        map[models.TenantKind]int64
	openToAll   []int64 // tenants that are open to all users, and those below
	powerful    func() []int64
}

// NamedGrant is a grant with the name of its permission.
type NamedGrant struct {
	Permission string
	models.Grant
}

// snapshots holds the newest snapshot.
type snapshots struct {
	current atomic.Pointer[Snapshot]
	loading sync.Mutex
}

// SnapshotAt returns the snapshot of a revision, or the newest one if the database has moved on. Revisions are compared
// for equality: a lower one belongs to a caller who was read a moment earlier, or to a database that was restored to an
// older state, whose permissions hold from then on. A replica is not asked: it may be behind the caller.
func (s *Store) SnapshotAt(ctx context.Context, epoch int64) (*Snapshot, error) {
	if r := s.snapshots.current.Load(); r != nil && r.Revision == epoch {
		return r, nil
	}
	s.snapshots.loading.Lock()
	defer s.snapshots.loading.Unlock()
	r := s.snapshots.current.Load()
	if r != nil && r.Revision == epoch {
		return r, nil
	}
	ctx = onDatabase(ctx)
	latest, err := epochOf(s.Read.WithContext(ctx), RevisionSnapshot)
	if err != nil {
		return nil, err
	}
	if r != nil && r.Revision == latest {
		return r, nil
	}
	if r, err = s.loadRefs(ctx); err != nil {
		return nil, err
	}
	s.snapshots.current.Store(r)
	s.tallied.loads.Add(1)
	return r, nil
}

// SnapshotFor returns the references as the caller has to see them.
func (s *Store) SnapshotFor(ctx context.Context, p *models.Principal) (*Snapshot, error) {
	if p == nil {
		return nil, ErrNobody
	}
	return s.SnapshotAt(ctx, p.Seen.Refs)
}

// Snapshot returns the same inside a change.
func (t *Tx) Snapshot() (*Snapshot, error) { return t.Store.SnapshotFor(t.Statement.Context, t.Caller) }

// KnownSnapshot returns the snapshot that was read last, nil before the first. It may be older than the database.
func (s *Store) KnownSnapshot() *Snapshot { return s.snapshots.current.Load() }

// LatestSnapshot returns the snapshot of this moment.
func (s *Store) LatestSnapshot(ctx context.Context) (*Snapshot, error) {
	epoch, err := epochOf(s.Read.WithContext(ctx), RevisionSnapshot)
	if err != nil {
		return nil, err
	}
	return s.SnapshotAt(ctx, epoch)
}

func epochOf(db *gorm.DB, noun string) (int64, error) {
	var epoch int64
	err := db.Raw("SELECT COALESCE(SUM(epoch), 0) FROM tallies WHERE name = ?", noun).Row().Scan(&epoch)
	return epoch, err
}

// loadRefs reads everything in one snapshot of the database.
func (s *Store) loadRefs(ctx context.Context) (*Snapshot, error) {
	r := &Snapshot{}
	r.powerful = sync.OnceValue(r.findPowerful)
	err := s.Read.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		var err error
		if r.Revision, err = epochOf(db, RevisionSnapshot); err != nil {
			return err
		}
		for _, load := range []func(*gorm.DB) error{r.loadRoles, r.loadGroups, r.loadTenants, r.loadSources,
			r.loadMails, r.loadGrants, r.loadSettings, r.loadCustomFields} {
			if err := load(db); err != nil {
				return err
			}
		}
		return nil
	}, &sql.TxOptions{Isolation: snapshotIsolation(s.Postgres), ReadOnly: s.Postgres})
	return r, err
}

// snapshotIsolation returns the level at which all statements of a transaction see one state. A SQLite read transaction
// always does.
func snapshotIsolation(postgres bool) sql.IsolationLevel {
	if postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// IndexByID returns the rows by their ids.
func IndexByID[T any](rows []T, id func(*T) int64) map[int64]*T {
	m := make(map[int64]*T, len(rows))
	for i := range rows {
		m[id(&rows[i])] = &rows[i]
	}
	return m
}

func (r *Snapshot) loadRoles(db *gorm.DB) error {
	var rows []models.Role
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.Roles = IndexByID(rows, func(x *models.Role) int64 { return x.ID })
	for id, role := range r.Roles {
		if role.Builtin == models.BuiltinDefault {
			r.DefaultRole = id
		}
	}
	return nil
}

// pair is a row of a link table.
type pair struct{ A, B int64 }

func pairs(db *gorm.DB, query string) ([]pair, error) {
	var rows []pair
	err := db.Raw(query).Scan(&rows).Error
	return rows, err
}

func (r *Snapshot) loadGroups(db *gorm.DB) error {
	var rows []models.Usergroup
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.Groups = make(map[int64]*Group, len(rows))
	for _, g := range rows {
		r.Groups[g.ID] = &Group{Usergroup: g}
	}
	within, err := pairs(db, "SELECT descendant_id AS a, ancestor_id AS b FROM usergroup_closure ORDER BY ancestor_id")
	if err != nil {
		return err
	}
	for _, l := range within {
		if g := r.Groups[l.A]; g != nil {
			g.Within = append(g.Within, l.B)
		}
	}
	given, err := pairs(db, "SELECT gr.usergroup_id AS a, gr.role_id AS b FROM usergroup_roles gr JOIN roles r ON "+
		"r.id = gr.role_id ORDER BY r.name")
	for _, l := range given {
		if g := r.Groups[l.A]; g != nil && r.Roles[l.B] != nil {
			g.Roles = append(g.Roles, r.Roles[l.B])
		}
	}
	if err != nil {
		return err
	}
	return r.loadGroupMemberships(db)
}

// loadGroupMemberships reads which tenants groups belong to, and what they hold there.
func (r *Snapshot) loadGroupMemberships(db *gorm.DB) error {
	in, err := pairs(db, "SELECT usergroup_id AS a, taxonomy_id AS b FROM memberships WHERE usergroup_id IS NOT NULL "+
		"AND state = 'active' ORDER BY id")
	if err != nil {
		return err
	}
	for _, l := range in {
		if g := r.Groups[l.A]; g != nil {
			g.tenants = append(g.tenants, l.B)
		}
	}
	var held []models.HeldRole
	err = db.Raw(HeldRoles + " AND m.usergroup_id IS NOT NULL ORDER BY m.id, r.role_id").Scan(&held).Error
	if err != nil {
		return err
	}
	for _, h := range held {
		if g := r.Groups[h.UsergroupID]; g != nil {
			g.held = append(g.held, h)
		}
	}
	return nil
}

func (r *Snapshot) loadTenants(db *gorm.DB) error {
	var rows []models.Tenant
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.Tenants = IndexByID(rows, func(x *models.Tenant) int64 { return x.ID })
	r.Relatives = map[int64][]int64{}
	r.Descendants = map[int64][]int64{}
	r.only = map[models.TenantKind]int64{}
	count := map[models.TenantKind]int{}
	for _, t := range rows {
		r.only[t.Type] = t.ID
		count[t.Type]++
	}
	for kind, n := range count {
		if n != 1 {
			delete(r.only, kind)
		}
	}
	closure, err := pairs(db, "SELECT ancestor_id AS a, descendant_id AS b FROM taxonomy_closure")
	for _, l := range closure {
		r.Descendants[l.A] = append(r.Descendants[l.A], l.B)
		r.Relatives[l.A] = append(r.Relatives[l.A], l.B)
		if l.A != l.B {
			r.Relatives[l.B] = append(r.Relatives[l.B], l.A)
		}
	}
	for _, t := range rows {
		if t.OpenToAll() {
			r.openToAll = append(r.openToAll, r.Descendants[t.ID]...)
		}
	}
	return err
}

// VisibleTenants says which tenants a caller may know of: their own and those open to all users, with everything below;
// administrators know all.
func (r *Snapshot) VisibleTenants(p *models.Principal) func(id int64) bool {
	if p.Admin {
		return func(int64) bool { return true }
	}
	seen := map[int64]bool{}
	for _, id := range r.openToAll {
		seen[id] = true
	}
	for _, own := range [][]int64{p.Locations, p.Organizations} {
		for _, root := range own {
			for _, id := range r.Descendants[root] {
				seen[id] = true
			}
		}
	}
	return func(id int64) bool { return seen[id] }
}

// KnownTenant returns a tenant that the caller may know of, nil for any other.
func (r *Snapshot) KnownTenant(p *models.Principal, id int64) *models.Tenant {
	if t := r.Tenants[id]; t != nil && r.VisibleTenants(p)(id) {
		return t
	}
	return nil
}

// TenantOfSlug returns the id of the tenant with a slug, 0 without one.
func (r *Snapshot) TenantOfSlug(slug string) int64 {
	for id, t := range r.Tenants {
		if t.Slug != nil && *t.Slug == slug {
			return id
		}
	}
	return 0
}

// OrganizationRole returns the strongest organization role among some roles, that of workers where there is none.
func (r *Snapshot) OrganizationRole(roles []int64) models.OrganizationRole {
	strongest := models.OrganizationWorker
	for _, id := range roles {
		if role := r.Roles[id]; role != nil {
			if is := role.OrganizationRole(); is.Known() && is.Stronger(strongest) {
				strongest = is
			}
		}
	}
	return strongest
}

// RoleOf returns the number of the role that stands for an organization role, 0 where it is not shipped.
func (r *Snapshot) RoleOf(role models.OrganizationRole) int64 {
	for id, known := range r.Roles {
		if known.OrganizationRole() == role {
			return id
		}
	}
	return 0
}

// Gives reports whether a role grants a permission somewhere.
func (r *Snapshot) Gives(role int64, permission string) bool {
	return slices.ContainsFunc(r.Grants[role], func(g NamedGrant) bool { return g.Permission == permission })
}

// InternalSource returns the id of the auth source whose passwords are kept here.
func (r *Snapshot) InternalSource() int64 {
	for id, source := range r.Sources {
		if source.Type == models.InternalSource {
			return id
		}
	}
	return 0
}

// OnlyOne returns the only tenant of a kind that the installation has, as far as the caller may know of it; else 0.
func (r *Snapshot) OnlyOne(p *models.Principal, kind models.TenantKind) int64 {
	if lone := r.only[kind]; lone != 0 && r.VisibleTenants(p)(lone) {
		return lone
	}
	return 0
}

func (r *Snapshot) loadSources(db *gorm.DB) error {
	var rows []models.AuthSource
	err := db.Omit("account_password").Find(&rows).Error
	r.Sources = IndexByID(rows, func(x *models.AuthSource) int64 { return x.ID })
	return err
}

func (r *Snapshot) loadMails(db *gorm.DB) error {
	var rows []models.MailNotification
	err := db.Find(&rows).Error
	r.Mails = IndexByID(rows, func(x *models.MailNotification) int64 { return x.ID })
	return err
}

func (r *Snapshot) loadGrants(db *gorm.DB) error {
	var err error
	r.Grants, err = ReadGrants(db, nil)
	return err
}

func (r *Snapshot) loadSettings(db *gorm.DB) error {
	var rows []models.SettingValue
	err := db.Find(&rows).Error
	r.settings = make(map[string]string, len(rows))
	for _, row := range rows {
		r.settings[row.Name] = row.Value
	}
	return err
}

func (r *Snapshot) loadCustomFields(db *gorm.DB) error {
	var err error
	r.customs, err = ReadCustomFields(db)
	return err
}

// ReadCustomFields reads all custom fields.
func ReadCustomFields(db *gorm.DB) (*models.CustomFields, error) {
	var rows []models.CustomField
	err := db.Order("position, id").Find(&rows).Error
	return models.NewCustomFields(rows), err
}

// CustomFields returns all custom fields, for searches.
func (r *Snapshot) CustomFields() *models.CustomFields { return r.customs }

// CustomFieldsOf returns the custom fields of users or of groups, in their order. They are shared and must not be
// changed.
func (r *Snapshot) CustomFieldsOf(subject models.CustomSubject) []*models.CustomField {
	return r.customs.Of(subject)
}

// Split parts tenants by kind; ids that the snapshot does not know are left out.
func (r *Snapshot) Split(ids []int64) (locations, organizations []int64) {
	for _, id := range ids {
		switch t := r.Tenants[id]; {
		case t == nil:
		case t.Type == models.LocationKind:
			locations = append(locations, id)
		default:
			organizations = append(organizations, id)
		}
	}
	return locations, organizations
}

// SortedTenants returns the tenants of the ids of one kind, by title.
func (r *Snapshot) SortedTenants(ids []int64, kind models.TenantKind) []*models.Tenant {
	list := []*models.Tenant{}
	for _, id := range ids {
		if t := r.Tenants[id]; t != nil && t.Type == kind {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *models.Tenant) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Around returns every group that contains one of the groups, themselves included, by id.
func (r *Snapshot) Around(groups []int64) []int64 {
	var all []int64
	for _, id := range groups {
		if g := r.Groups[id]; g != nil {
			all = append(all, g.Within...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// AnyAdmin reports whether one of the groups makes its members administrators.
func (r *Snapshot) AnyAdmin(groups []int64) bool {
	return slices.ContainsFunc(groups, func(id int64) bool { return r.Groups[id] != nil && r.Groups[id].Admin })
}

// Powerful returns the groups that give their members something: the flag of administrators, roles anywhere, or the
// name of a system group, of their own or of a group around them. They are worked out once, and must not be changed.
func (r *Snapshot) Powerful() []int64 { return r.powerful() }

func (r *Snapshot) findPowerful() []int64 {
	var ids []int64
	for id, g := range r.Groups {
		if slices.ContainsFunc(g.Within, func(around int64) bool {
			a := r.Groups[around]
			return a != nil && (a.Admin || len(a.Roles) > 0 || len(a.held) > 0 || models.SystemGroupNamed(a.Name) != "")
		}) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
