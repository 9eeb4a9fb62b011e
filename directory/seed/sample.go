package seed

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"roster/directory"
	"roster/directory/store"
	"roster/gate"
	"roster/models"
	"roster/scopes"
)

// SampleOptions say how much to make up.
type SampleOptions struct {
	Users, Organizations, Locations, Usergroups int
	// RandomSeed decides everything that is drawn: the same seed in the same database makes the same people.
	RandomSeed uint64
	// Progress hears of users made so far; may be nil.
	Progress func(done, total int)
}

// Sample fills the directory with plausible people, groups and tenants, for trials and measurements. They share the
// hash of an unknown random password. It writes in bulk, past the verbs, and adds no audits.
func Sample(ctx context.Context, s *directory.Service, o SampleOptions) error {
	w := &sampler{s: s, o: o, random: rand.New(rand.NewPCG(o.RandomSeed, 0x526f73746572))}
	if err := change(ctx, s, w.makeTenantsAndGroups); err != nil {
		return err
	}
	var err error
	if w.hash, err = s.Passwords.Hash(ctx, "",
		fmt.Sprintf("%x", s.Passwords.Digest(fmt.Sprint(o.RandomSeed)))); err != nil {
		return err
	}
	return w.makePeople(ctx)
}

// makePeople adds the users chunk by chunk. Each chunk draws from a source of its own, so what it makes does not depend
// on when it is made: PostgreSQL gets two at a time.
func (w *sampler) makePeople(ctx context.Context) error {
	if w.o.Users == 0 {
		return nil
	}
	first, err := w.reserve(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	var progress sync.Mutex
	done := 0
	places := make(chan struct{}, w.writers())
	for start := 0; start < w.o.Users && gate.Take(ctx, places) == nil; start += peopleChunk {
		n := min(peopleChunk, w.o.Users-start)
		chunk := *w
		chunk.random = rand.New(rand.NewPCG(w.o.RandomSeed, uint64(start)+1))
		workers.Go(func() {
			defer func() { <-places }()
			if err := chunk.makeUsers(ctx, first+int64(start), n); err != nil {
				cancel(err)
				return
			}
			progress.Lock()
			defer progress.Unlock()
			if done += n; w.o.Progress != nil {
				w.o.Progress(done, w.o.Users)
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// writers is how many chunks are written at once.
func (w *sampler) writers() int {
	if w.s.Postgres {
		return 2
	}
	return 1
}

// reserve returns the id of the first user. Ids that PostgreSQL reserves are lost when the run fails, like any id of a
// sequence.
func (w *sampler) reserve(ctx context.Context) (int64, error) {
	query := "SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'users'"
	if w.s.Postgres {
		query = fmt.Sprintf("SELECT setval(s, nextval(s) + %d - 1) - %d + 1 FROM (SELECT "+
			"pg_get_serial_sequence('users', 'id')::regclass AS s) q", w.o.Users, w.o.Users)
	}
	var first int64
	return first, w.s.Write.WithContext(ctx).Raw(query).Row().Scan(&first)
}

// peopleChunk is how many users a transaction adds.
const peopleChunk = 5000

// sampler is one run of Sample.
type sampler struct {
	s      *directory.Service
	o      SampleOptions
	random *rand.Rand
	hash   string

	organizations, locations, groups, roles []int64
	defaultRole, internal                   int64
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (w *sampler) makeTenantsAndGroups(t *tx) error {
	if err := t.Lock(store.LockTenants); err != nil {
		return err
	}
	if err := t.Lock(store.LockGroups); err != nil {
		return err
	}
	var err error
	if w.organizations, err = w.makeTenants(t, models.OrganizationKind, w.o.Organizations, companyNames); err != nil {
		return err
	}
	if w.locations, err = w.makeTenants(t, models.LocationKind, w.o.Locations, placeNames); err != nil {
		return err
	}
	if err := w.knowRoles(t); err != nil {
		return err
	}
	w.groups, err = w.makeGroups(t)
	t.Bump(store.RevisionSnapshot, 0)
	return err
}

// makeTenants grows a forest up to four levels deep. With none asked for, users go to those that are there.
func (w *sampler) makeTenants(t *tx, kind models.TenantKind, count int, names []string) ([]int64, error) {
	var before int64
	if err := t.Model(&models.Tenant{}).Where("type = ?", kind).Count(&before).Error; err != nil {
		return nil, err
	}
	var made []models.Tenant
	for i := range count {
		row := models.Tenant{Type: kind, Name: fmt.Sprintf("%s %d", names[i%len(names)], before+int64(i)),
			CreatedAt: t.Time, UpdatedAt: t.Time}
		row.Normalize()
		row.Title = row.Name
		if kind == models.OrganizationKind { // the number in the name makes it unique
			slug := models.SlugOf(row.Name)
			row.Slug = &slug
		}
		if len(made) > 0 && w.random.IntN(2) == 0 {
			if parent := pick(w.random, made); strings.Count(parent.Title, "/") < 3 {
				path := strings.TrimPrefix(models.Deref(parent.Ancestry)+fmt.Sprintf("/%d", parent.ID), "/")
				row.ParentID = &parent.ID
				row.Ancestry = &path
				row.Title = parent.Title + "/" + row.Name
			}
		}
		if err := t.Create(&row).Error; err != nil {
			return nil, err
		}
		if err := t.InsertTenantClosure(&row); err != nil {
			return nil, err
		}
		made = append(made, row)
	}
	var ids []int64
	err := t.Model(&models.Tenant{}).Where("type = ?", kind).Order("id").Pluck("id", &ids).Error
	return ids, err
}

func (w *sampler) knowRoles(t *tx) error {
	err := t.Model(&models.Role{}).Where("builtin = ?", models.BuiltinDefault).Pluck("id", &w.defaultRole).Error
	if err != nil {
		return err
	}
	if err := t.Model(&models.Role{}).Where("builtin = 0").Order("id").Pluck("id", &w.roles).Error; err != nil {
		return err
	}
	w.internal, err = t.sourceID(models.InternalSource)
	return err
}

// makeGroups nests each group in an earlier one half of the time.
func (w *sampler) makeGroups(t *tx) ([]int64, error) {
	var before int64
	if err := t.Model(&models.Usergroup{}).Count(&before).Error; err != nil {
		return nil, err
	}
	var made []int64
	for i := range w.o.Usergroups {
		row := models.Usergroup{Name: fmt.Sprintf("%s %d", unitNames[i%len(unitNames)], before+int64(i)),
			CreatedAt: t.Time, UpdatedAt: t.Time}
		if err := t.Create(&row).Error; err != nil {
			return nil, err
		}
		var parent int64
		if len(made) > 0 && w.random.IntN(2) == 0 {
			parent = pick(w.random, made)
			if err := t.AddLinks(store.UsergroupMembers, parent, []int64{row.ID}); err != nil {
				return nil, err
			}
		}
		err := t.Exec(`INSERT INTO usergroup_closure (ancestor_id, descendant_id)
			SELECT ancestor_id, CAST(? AS BIGINT) FROM usergroup_closure WHERE descendant_id = ? UNION ALL
				SELECT CAST(? AS BIGINT), CAST(? AS BIGINT)`,
			row.ID, parent, row.ID, row.ID).Error
		if err != nil {
			return nil, err
		}
		if w.random.IntN(3) == 0 {
			if err := t.AddLinks(store.UsergroupRoles, row.ID, []int64{pick(w.random, w.roles)}); err != nil {
				return nil, err
			}
		}
		made = append(made, row.ID)
	}
	return made, nil
}

// table is what goes into one table in bulk.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (t *table) add(values ...any) { t.rows = append(t.rows, values) }

// makeUsers makes up n users, whose ids begin with first.
func (w *sampler) makeUsers(ctx context.Context, first int64, n int) error {
	if w.s.Postgres {
		return w.copyUsers(ctx, first, n)
	}
	return change(ctx, w.s, func(t *tx) error {
		for _, tab := range w.tables(first, n) {
			if err := insertAll(t.DB, tab); err != nil {
				return err
			}
		}
		t.Bump(store.RevisionUsers, int64(n))
		t.BumpTenants(slices.Concat(w.organizations, w.locations))
		return nil
	})
}

// insertAll inserts through one prepared statement, which is the fastest way into SQLite.
func insertAll(db *gorm.DB, tab *table) error {
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(tab.columns)), ", ")
	query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", tab.name, strings.Join(tab.columns, ", "), marks)
	stmt, err := db.Statement.ConnPool.PrepareContext(db.Statement.Context, query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, row := range tab.rows {
		if _, err := stmt.ExecContext(db.Statement.Context, row...); err != nil {
			return err
		}
	}
	return nil
}

// copyUsers uses PostgreSQL's COPY, which database/sql does not know, on a connection of its own.
func (w *sampler) copyUsers(ctx context.Context, first int64, n int) error {
	pool, err := w.s.Write.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return raw(conn, func(c *pgx.Conn) error {
		return pgx.BeginFunc(ctx, c, func(t pgx.Tx) error {
			for _, tab := range w.tables(first, n) {
				if _, err := t.CopyFrom(ctx, pgx.Identifier{tab.name}, tab.columns,
					pgx.CopyFromRows(tab.rows)); err != nil {
					return err
				}
			}
			_, err := t.Exec(ctx, "UPDATE tallies SET epoch = epoch + $1, total = total + $2 WHERE name = 'users' "+
				"AND slot = $3",
				store.RevisionStep(), n, w.random.IntN(store.RevisionSlots))
			if err != nil {
				return err
			}
			_, err = t.Exec(ctx, "INSERT INTO tenant_revisions AS r (taxonomy_id, slot, epoch, moves) SELECT id, 0, "+
				"$1::BIGINT, $1::BIGINT FROM taxonomies ORDER BY id ON CONFLICT (taxonomy_id, slot) DO UPDATE SET "+
				"epoch = r.epoch + excluded.epoch, moves = r.moves + excluded.moves", store.RevisionStep())
			return err
		})
	})
}

func raw(conn *sql.Conn, fn func(*pgx.Conn) error) error {
	return conn.Raw(func(driver any) error { return fn(driver.(interface{ Conn() *pgx.Conn }).Conn()) })
}

// longAgo is when made-up people begin: a fixed day, so that the same seed makes the same rows.
var longAgo = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

func (w *sampler) tables(first int64, n int) []*table {
	users := &table{name: "users", columns: []string{"id", "login", "lower_login", "firstname", "lastname", "mail",
		"description", "admin", "disabled", "hidden",
		"mail_enabled", "timezone", "locale", "auth_source_id", "default_location_id", "default_organization_id",
		"password_hash", "last_login_on", "created_at", "updated_at"}}
	roles := &table{name: "user_roles", columns: []string{"user_id", "role_id"}}
	tenants := &table{name: "memberships", columns: []string{"user_id", "taxonomy_id", "sort_name"}}
	groups := &table{name: "usergroup_users", columns: []string{"usergroup_id", "user_id"}}
	for i := range n {
		id := first + int64(i)
		organization := pick(w.random, w.organizations)
		location := pick(w.random, w.locations)
		user := w.user(id, organization, location)
		firstname := user[3].(string)
		name := scopes.SortName(&firstname)
		users.add(user...)
		roles.add(id, w.defaultRole)
		if w.random.IntN(2) == 0 {
			roles.add(id, pick(w.random, w.roles))
		}
		tenants.add(id, organization, name)
		tenants.add(id, location, name)
		if len(w.groups) > 0 {
			groups.add(pick(w.random, w.groups), id)
		}
	}
	return []*table{users, roles, tenants, groups}
}

func (w *sampler) user(id, organization, location int64) []any {
	r := w.random
	given := pick(r, givenNames)
	family := pick(r, familyNames)
	login := fmt.Sprintf("%s.%s%d", given.latin, family.latin, id)
	created := longAgo.Add(time.Duration(r.IntN(365*24*3600)) * time.Second)
	var lastLogin, description, zone, locale any
	if r.IntN(4) > 0 {
		lastLogin = created.Add(time.Duration(r.IntN(365*24*3600)) * time.Second)
	}
	if r.IntN(5) == 0 {
		description = pick(r, unitNames) + ", " + pick(r, placeNames)
	}
	if r.IntN(3) == 0 {
		zone = pick(r, models.TimezoneNames)
		locale = pick(r, models.Locales)
	}
	return []any{id, login, login, given.native, family.native, login + "@example.com", description, false,
		r.IntN(50) == 0, false,
		true, zone, locale, w.internal, location, organization, w.hash, lastLogin, created, created}
}
