package directory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/secret"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
)

// forest is what the closures are compared with: the edges alone, walked anew each time.
type forest struct {
	parents map[int64][]int64
}

// above returns a node and everything above it.
func (f forest) above(id int64) []int64 {
	seen := map[int64]bool{}
	var walk func(int64)
	walk = func(n int64) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, p := range f.parents[n] {
			walk(p)
		}
	}
	walk(id)
	var list []int64
	for n := range seen {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

func readPairs(t *testing.T, db *config.Database, query string) [][2]int64 {
	t.Helper()
	rows, err := db.Read.Raw(query).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list [][2]int64
	for rows.Next() {
		var p [2]int64
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// wantClosure compares a closure table with a plain walk over the edges.
func wantClosure(t *testing.T, db *config.Database, nodes, edges, closure string) {
	t.Helper()
	f := forest{map[int64][]int64{}}
	for _, e := range readPairs(t, db, edges) { // child, parent
		f.parents[e[0]] = append(f.parents[e[0]], e[1])
	}
	want := map[int64][]int64{}
	for _, n := range readPairs(t, db, nodes) {
		want[n[0]] = f.above(n[0])
	}
	got := map[int64][]int64{}
	for _, c := range readPairs(t, db, closure) { // descendant, ancestor
		got[c[0]] = append(got[c[0]], c[1])
	}
	for _, list := range got {
		slices.Sort(list)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the closure differs from a walk over the edges (-got +want):\n%s", diff)
	}
}

func service(t *testing.T, db *config.Database) (*directory.Service, *models.Principal) {
	t.Helper()
	s, err := directory.New(directory.Options{Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Hash: secret.HashCost{Memory: 64, Passes: 1}, SecretKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Apply(t.Context(), s, "secret"); err != nil {
		t.Fatal(err)
	}
	p, err := admit(t.Context(), s, login.Credentials{Login: "admin", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// refused accepts the refusals that random changes run into, and nothing else.
func refused(t *testing.T, err error) {
	t.Helper()
	var e *models.Error
	if err != nil && !(errors.As(err, &e) && (e.Kind == models.Invalid || e.Kind == models.NotFound)) {
		t.Error("got an error that no caller should see: ", err)
	}
}

// TestNesting_ClosuresAreAWalkOverTheEdges changes groups and tenants at random, from several goroutines and two
// services at once, and compares what is kept with what a walk finds.
func TestNesting_ClosuresAreAWalkOverTheEdges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s, admin := service(t, db)
		other, _ := service(t, db)
		ctx := t.Context()
		var groups, tenants []int64
		for i := range 8 {
			g, err := s.CreateUsergroup(ctx, admin,
				directory.UsergroupChange{Name: models.Some(fmt.Sprint("group", i))})
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, g.ID)
			o, err := s.CreateTenant(ctx, admin, models.OrganizationKind,
				directory.TenantChange{Name: models.Some(fmt.Sprint("org", i))})
			if err != nil {
				t.Fatal(err)
			}
			tenants = append(tenants, o.ID)
		}
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				random := rand.New(rand.NewPCG(uint64(worker), 7))
				verbs := []*directory.Service{s, other}
				for range 25 {
					changeAtRandom(t, ctx, verbs[random.IntN(2)], admin, random, groups, tenants)
				}
			})
		}
		all.Wait()
		wantClosure(t, db, "SELECT id, id FROM usergroups", "SELECT member_id, usergroup_id FROM usergroup_usergroups",
			"SELECT descendant_id, ancestor_id FROM usergroup_closure")
		wantClosure(t, db, "SELECT id, id FROM taxonomies", "SELECT id, parent_id FROM taxonomies WHERE parent_id "+
			"IS NOT NULL", "SELECT descendant_id, ancestor_id FROM taxonomy_closure")
		wantTitles(t, db)
	})
}

func changeAtRandom(t *testing.T, ctx context.Context, s *directory.Service, p *models.Principal, random *rand.Rand,
	groups, tenants []int64) {
	pick := func(ids []int64) int64 { return ids[random.IntN(len(ids))] }
	switch random.IntN(6) {
	case 0, 1, 2:
		var members []int64
		for range random.IntN(3) {
			members = append(members, pick(groups))
		}
		_, err := s.UpdateUsergroup(ctx, p, directory.Ref{ID: pick(groups)},
			directory.UsergroupChange{Members: models.Some(directory.ByIDs(members...))})
		refused(t, err)
	case 3:
		var parent *int64
		if id := pick(tenants); random.IntN(4) > 0 {
			parent = &id
		}
		_, err := s.UpdateTenant(ctx, p, models.OrganizationKind, directory.Ref{ID: pick(tenants)},
			directory.TenantChange{ParentID: models.Some(parent)})
		refused(t, err)
	case 4:
		_, err := s.UpdateTenant(ctx, p, models.OrganizationKind, directory.Ref{ID: pick(tenants)},
			directory.TenantChange{Name: models.Some(fmt.Sprint("renamed", random.IntN(1000)))})
		refused(t, err)
	case 5:
		if random.IntN(8) == 0 {
			_, err := s.DeleteUsergroup(ctx, p, directory.Ref{ID: pick(groups)})
			refused(t, err)
		}
	}
}

// wantTitles compares titles and ancestries with the chain of parents.
func wantTitles(t *testing.T, db *config.Database) {
	t.Helper()
	var rows []models.Tenant
	if err := db.Read.Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	at := map[int64]models.Tenant{}
	for _, row := range rows {
		at[row.ID] = row
	}
	for _, row := range rows {
		title := row.Name
		path := ""
		for p := row.ParentID; p != nil; p = at[*p].ParentID {
			title = at[*p].Name + "/" + title
			path = fmt.Sprint("/", *p) + path
		}
		if row.Title != title {
			t.Errorf("tenant %d: got the title %q, want %q", row.ID, row.Title, title)
		}
		if got := models.Deref(row.Ancestry); got != "" && "/"+got != path || got == "" && path != "" {
			t.Errorf("tenant %d: got the ancestry %q, want %q", row.ID, got, path)
		}
	}
}

// TestNesting_InheritedRolesAndAdministrators compares what a principal may do with a plain recomputation.
func TestNesting_InheritedRolesAndAdministrators(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s, admin := service(t, db)
		ctx := t.Context()
		random := rand.New(rand.NewPCG(1, 2))
		u, err := s.CreateUser(ctx, admin, directory.UserChange{Login: models.Some("ann"), Password: models.Some("pw"),
			AuthSourceID: models.Some(int64(1))})
		if err != nil {
			t.Fatal(err)
		}
		var groups []int64
		for i := range 6 {
			g, err := s.CreateUsergroup(ctx, admin, directory.UsergroupChange{
				Name: models.Some(fmt.Sprint("group", i)), Admin: models.Some(i == 5),
				Roles: models.Some(directory.ByIDs(int64(2 + i)))})
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, g.ID)
		}
		for range 30 {
			change := directory.UsergroupChange{}
			group := groups[random.IntN(len(groups))]
			if random.IntN(2) == 0 {
				change.Users = models.Some(directory.ByIDs([]int64{u.ID, admin.UserID}[:random.IntN(2)]...))
			} else {
				change.Members = models.Some(directory.ByIDs(groups[random.IntN(len(groups))]))
			}
			_, err := s.UpdateUsergroup(ctx, admin, directory.Ref{ID: group}, change)
			refused(t, err)
			wantInherited(t, db, s, u.ID)
		}
	})
}

func wantInherited(t *testing.T, db *config.Database, s *directory.Service, user int64) {
	t.Helper()
	f := forest{map[int64][]int64{}}
	for _, e := range readPairs(t, db, "SELECT member_id, usergroup_id FROM usergroup_usergroups") {
		f.parents[e[0]] = append(f.parents[e[0]], e[1])
	}
	within := map[int64]bool{}
	for _, m := range readPairs(t, db, fmt.Sprintf("SELECT usergroup_id, user_id FROM usergroup_users WHERE "+
		"user_id = %d", user)) {
		for _, g := range f.above(m[0]) {
			within[g] = true
		}
	}
	roles := []int64{1}
	isAdmin := false // the default role
	for _, r := range readPairs(t, db, "SELECT usergroup_id, role_id FROM usergroup_roles") {
		if within[r[0]] && !slices.Contains(roles, r[1]) {
			roles = append(roles, r[1])
		}
	}
	for _, g := range readPairs(t, db, "SELECT id, CASE WHEN admin THEN 1 ELSE 0 END FROM usergroups") {
		isAdmin = isAdmin || within[g[0]] && g[1] == 1
	}
	p, err := admit(t.Context(), s, login.Credentials{Login: "ann", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(roles)
	if diff := cmp.Diff(p.Roles, roles); diff != "" {
		t.Errorf("effective roles (-got +want):\n%s", diff)
	}
	if p.Admin != isAdmin {
		t.Errorf("effective administrator: got %v, want %v", p.Admin, isAdmin)
	}
	v, err := s.User(t.Context(), p, directory.Ref{ID: user})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.AllGroups) != len(within) || v.EffectiveAdmin != isAdmin {
		t.Errorf("shown: got %d groups and %v, want %d and %v", len(v.AllGroups), v.EffectiveAdmin, len(within),
			isAdmin)
	}
}
