package directory

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
	// Roles are given to this very group, by name.
	Roles []*models.Role
	// Within lists this group and every group that contains it, however deep.
	Within []int64
}

// refs is a snapshot of everything small that users refer to: roles, groups, tenants, auth sources. It is read whole
// when its epoch has moved on, and never changed afterwards, so pages are put together without joins and without locks.
type refs struct {
	epoch       int64
	roles       map[int64]*models.Role
	defaultRole int64
	groups      map[int64]*Group
	taxonomies  map[int64]*models.Taxonomy
	kin         map[int64][]int64 // tenant -> itself, its ancestors and its descendants
	children    map[int64][]int64 // tenant -> itself and its descendants
	sources     map[int64]*models.AuthSource
	mails       map[int64]*models.MailNotification
	grants      map[int64][]namedGrant // role -> what it gives
	settings    map[string]string      // JSON values that differ from the catalogue
	lone        map[models.TaxonomyKind]int64
	everybodys  []int64 // tenants that are open to all users, and those below
}

type namedGrant struct {
	permission string
	models.Grant
}

// refCache holds the newest snapshot.
type refCache struct {
	current atomic.Pointer[refs]
	loading sync.Mutex
}

// refsAt returns the snapshot of a revision, or the newest one where the database has moved on. Revisions are compared
// for equality: one that is lower than the snapshot's belongs to a caller who was read a moment earlier, or to a database
// that was put back to an older state, whose permissions hold from then on.
func (s *Service) refsAt(ctx context.Context, epoch int64) (*refs, error) {
	if r := s.refs.current.Load(); r != nil && r.epoch == epoch {
		return r, nil
	}
	s.refs.loading.Lock()
	defer s.refs.loading.Unlock()
	r := s.refs.current.Load()
	if r != nil && r.epoch == epoch {
		return r, nil
	}
	latest, err := epochOf(s.read.WithContext(ctx), tallyRefs)
	if err != nil {
		return nil, err
	}
	if r != nil && r.epoch == latest {
		return r, nil
	}
	if r, err = s.loadRefs(ctx); err != nil {
		return nil, err
	}
	s.refs.current.Store(r)
	return r, nil
}

// snapshot gives the references as the caller has to see them.
func (s *Service) snapshot(ctx context.Context, p *models.Principal) (*refs, error) {
	if p == nil {
		return nil, errNobody
	}
	return s.refsAt(ctx, p.Seen.Refs)
}

// refs gives the same inside a change.
func (t *tx) refs() (*refs, error) { return t.s.snapshot(t.Statement.Context, t.p) }

// latestRefs gives the snapshot of this moment.
func (s *Service) latestRefs(ctx context.Context) (*refs, error) {
	epoch, err := epochOf(s.read.WithContext(ctx), tallyRefs)
	if err != nil {
		return nil, err
	}
	return s.refsAt(ctx, epoch)
}

func epochOf(db *gorm.DB, noun string) (int64, error) {
	var epoch int64
	err := db.Raw("SELECT COALESCE(SUM(epoch), 0) FROM tallies WHERE name = ?", noun).Row().Scan(&epoch)
	return epoch, err
}

// loadRefs reads everything in one snapshot of the database.
func (s *Service) loadRefs(ctx context.Context) (*refs, error) {
	r := &refs{}
	err := s.read.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		var err error
		if r.epoch, err = epochOf(db, tallyRefs); err != nil {
			return err
		}
		for _, load := range []func(*gorm.DB) error{r.loadRoles, r.loadGroups, r.loadTaxonomies, r.loadSources, r.loadMails, r.loadGrants, r.loadSettings} {
			if err := load(db); err != nil {
				return err
			}
		}
		return nil
	}, &sql.TxOptions{Isolation: snapshotIsolation(s.postgres), ReadOnly: s.postgres})
	return r, err
}

// snapshotIsolation gives the level at which all statements of a transaction see one state. A SQLite read transaction
// always does.
func snapshotIsolation(postgres bool) sql.IsolationLevel {
	if postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

func byID[T any](rows []T, id func(*T) int64) map[int64]*T {
	m := make(map[int64]*T, len(rows))
	for i := range rows {
		m[id(&rows[i])] = &rows[i]
	}
	return m
}

func (r *refs) loadRoles(db *gorm.DB) error {
	var rows []models.Role
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.roles = byID(rows, func(x *models.Role) int64 { return x.ID })
	for id, role := range r.roles {
		if role.Builtin == models.BuiltinDefault {
			r.defaultRole = id
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

func (r *refs) loadGroups(db *gorm.DB) error {
	var rows []models.Usergroup
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.groups = make(map[int64]*Group, len(rows))
	for _, g := range rows {
		r.groups[g.ID] = &Group{Usergroup: g}
	}
	within, err := pairs(db, "SELECT descendant_id AS a, ancestor_id AS b FROM usergroup_closure ORDER BY ancestor_id")
	if err != nil {
		return err
	}
	for _, l := range within {
		if g := r.groups[l.A]; g != nil {
			g.Within = append(g.Within, l.B)
		}
	}
	given, err := pairs(db, "SELECT gr.usergroup_id AS a, gr.role_id AS b FROM usergroup_roles gr JOIN roles r ON r.id = gr.role_id ORDER BY r.name")
	for _, l := range given {
		if g := r.groups[l.A]; g != nil && r.roles[l.B] != nil {
			g.Roles = append(g.Roles, r.roles[l.B])
		}
	}
	return err
}

func (r *refs) loadTaxonomies(db *gorm.DB) error {
	var rows []models.Taxonomy
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	r.taxonomies = byID(rows, func(x *models.Taxonomy) int64 { return x.ID })
	r.kin, r.children = map[int64][]int64{}, map[int64][]int64{}
	r.lone = map[models.TaxonomyKind]int64{}
	count := map[models.TaxonomyKind]int{}
	for _, t := range rows {
		r.lone[t.Type] = t.ID
		count[t.Type]++
	}
	for kind, n := range count {
		if n != 1 {
			delete(r.lone, kind)
		}
	}
	closure, err := pairs(db, "SELECT ancestor_id AS a, descendant_id AS b FROM taxonomy_closure")
	for _, l := range closure {
		r.children[l.A] = append(r.children[l.A], l.B)
		r.kin[l.A] = append(r.kin[l.A], l.B)
		if l.A != l.B {
			r.kin[l.B] = append(r.kin[l.B], l.A)
		}
	}
	for _, t := range rows {
		if t.Ignores("User") {
			r.everybodys = append(r.everybodys, r.children[t.ID]...)
		}
	}
	return err
}

// horizon tells which tenants a caller may know of: their own and those open to all users, with everything below;
// administrators know all.
func (r *refs) horizon(p *models.Principal) func(id int64) bool {
	if p.Admin {
		return func(int64) bool { return true }
	}
	seen := map[int64]bool{}
	for _, id := range r.everybodys {
		seen[id] = true
	}
	for _, own := range [][]int64{p.Locations, p.Organizations} {
		for _, root := range own {
			for _, id := range r.children[root] {
				seen[id] = true
			}
		}
	}
	return func(id int64) bool { return seen[id] }
}

// loneOf returns the only tenant of a kind that the installation has, as far as the caller may know of it; else 0.
func (r *refs) loneOf(p *models.Principal, kind models.TaxonomyKind) int64 {
	if lone := r.lone[kind]; lone != 0 && r.horizon(p)(lone) {
		return lone
	}
	return 0
}

func (r *refs) loadSources(db *gorm.DB) error {
	var rows []models.AuthSource
	err := db.Omit("account_password").Find(&rows).Error
	r.sources = byID(rows, func(x *models.AuthSource) int64 { return x.ID })
	return err
}

func (r *refs) loadMails(db *gorm.DB) error {
	var rows []models.MailNotification
	err := db.Find(&rows).Error
	r.mails = byID(rows, func(x *models.MailNotification) int64 { return x.ID })
	return err
}

func (r *refs) loadGrants(db *gorm.DB) error {
	var err error
	r.grants, err = readGrants(db, nil)
	return err
}

func (r *refs) loadSettings(db *gorm.DB) error {
	var rows []models.SettingValue
	err := db.Find(&rows).Error
	r.settings = make(map[string]string, len(rows))
	for _, row := range rows {
		r.settings[row.Name] = row.Value
	}
	return err
}

// split parts tenants by kind; ids that the snapshot does not know are left out.
func (r *refs) split(ids []int64) (locations, organizations []int64) {
	for _, id := range ids {
		switch t := r.taxonomies[id]; {
		case t == nil:
		case t.Type == models.LocationKind:
			locations = append(locations, id)
		default:
			organizations = append(organizations, id)
		}
	}
	return locations, organizations
}

// sortedTaxonomies gives the tenants of the ids of one kind, by title.
func (r *refs) sortedTaxonomies(ids []int64, kind models.TaxonomyKind) []*models.Taxonomy {
	list := []*models.Taxonomy{}
	for _, id := range ids {
		if t := r.taxonomies[id]; t != nil && t.Type == kind {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *models.Taxonomy) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// containing gives every group that contains one of the groups, themselves included, by id.
func (r *refs) containing(groups []int64) []int64 {
	var all []int64
	for _, id := range groups {
		if g := r.groups[id]; g != nil {
			all = append(all, g.Within...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// adminGroup tells whether one of the groups makes its members administrators.
func (r *refs) adminGroup(groups []int64) bool {
	return slices.ContainsFunc(groups, func(id int64) bool { return r.groups[id] != nil && r.groups[id].Admin })
}
