package takeover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// The kinds of rows that only a backup of this server has.
const (
	nounKey       = "api_key"
	nounValue     = "custom_value"
	nounParameter = "parameter"
	nounLink      = "scim_link"
	nounScimToken = "scim_token"
	nounAudit     = "audit"
)

// Backup is a backup of one organization, in a database of its own at the newest schema.
type Backup struct {
	DB *gorm.DB
	// Organization is the number of the organization there; Parent the title of the organization above it, empty for
	// none.
	Organization int64
	Parent       string
	// SameKey says that secrets in the backup are sealed with the key of this installation.
	SameKey bool
}

var (
	// ErrOrganizationExists means that the organization of a backup is here.
	ErrOrganizationExists = errors.New("the organization exists here")
	// ErrInconsistent means that a backup holds what no organization has: it was not written as it is.
	ErrInconsistent = errors.New("the backup is not of one organization alone")
)

// roster brings one organization in, with those below it.
//
// Power never comes from a backup: neither administrators, nor roles that are held everywhere, nor a place in a group
// that gives something beyond the organization. WithRoles lifts that for roles, and only for accounts and groups that
// this run makes. Whoever is here already keeps the account as it is, and gets the membership alone.
type roster struct {
	*run
	from Backup
	// tenants are the organizations that this run makes, by the number here; root is the topmost one, made or not.
	tenants map[int64]bool
	root    int64
	// places are the numbers here of the locations there.
	places map[int64]int64
	// fresh are the numbers here of the rows that this run makes, by kind; same are the accounts that are those of the
	// backup.
	fresh map[string]map[int64]bool
	same  map[int64]bool
	// fields are the custom fields here by the number there.
	fields map[int64]*models.CustomField
	// names are those of the rows that this run makes, by class and number.
	names map[string]map[int64]string
	// defaults are the accounts of the backup whose default organization this run makes again, by its number.
	defaults map[int64][]int64
	// said counts what is noted once for many rows.
	said map[saying]int
}

// saying is a note about some rows of a kind.
type saying struct{ noun, text string }

// Roster brings the organization of a backup into a directory that is in use: the organization and those below it,
// people with their passwords and keys, groups, roles that are held there, memberships, custom values, parameters,
// links of identity providers, and audits. Numbers and names stay where they are free. What lies outside of the
// organization is what has the name here. The progress is that of rows. An error may wrap ErrConflicts,
// ErrOrganizationExists or ErrInconsistent.
func Roster(ctx context.Context, dir *directory.Service, from Backup, o Options) (*Report, error) {
	report := newReport("a backup", "backup", o.DryRun, nounTenant, nounRole, nounField, nounGroup, nounUser,
		nounMembership, nounToken, nounParameter, nounScimToken, nounLink, nounAudit)
	from.DB = from.DB.WithContext(ctx)
	err := write(ctx, dir, report, o, func(w *writer) error {
		r := &roster{run: &run{writer: w, logins: map[string]bool{}}, from: from, tenants: map[int64]bool{},
			places: map[int64]int64{}, fresh: map[string]map[int64]bool{}, same: map[int64]bool{},
			fields: map[int64]*models.CustomField{}, names: map[string]map[int64]string{},
			defaults: map[int64][]int64{}, said: map[saying]int{}}
		r.loginComes = func(login string) (bool, error) {
			return r.foundThere("SELECT 1 FROM users WHERE lower_login = ?", models.LowerLogin(login))
		}
		return r.bringIn()
	})
	return report, err
}

func (r *roster) bringIn() error {
	if err := r.Lock(store.LockCustom); err != nil {
		return err
	}
	for _, step := range []func() error{
		r.checkBackup, r.reserveNumbers, r.ground, r.namedSources, r.namedPlaces, r.organizations,
		r.askAboutPeople, r.placesOf,
		r.customFields, r.roles, r.groups, r.people, r.defaultOrganizations,
		r.fillGroups, r.nestGroups, r.groupBelongings, r.memberships,
		r.invitations, r.parameters, r.scimTokens, r.scimLinks, r.trail, r.sayOnce, r.leaveAudits,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	r.pairs = nil // a backup is no source of which a second run would bring in what is new
	return nil
}

// foundThere reports whether a query finds a row in the backup.
func (r *roster) foundThere(query string, args ...any) (bool, error) {
	var n int64
	err := r.from.DB.Raw("SELECT COUNT(*) FROM ("+query+" LIMIT 1) found", args...).Row().Scan(&n)
	return n > 0, err
}

// checkBackup refuses what no backup of an organization holds. References that lead nowhere were refused by the
// database.
func (r *roster) checkBackup() error {
	root := r.from.Organization
	for _, check := range []struct {
		query string
		args  []any
		what  string
	}{
		{"SELECT 1 FROM taxonomies WHERE type = 'Organization' AND id NOT IN (SELECT descendant_id FROM " +
			"taxonomy_closure WHERE ancestor_id = ?)", []any{root}, "it has another organization"},
		{"SELECT 1 FROM taxonomies WHERE type = 'Organization' AND (parent_id IS NULL) <> (id = ?)", []any{root},
			"its organizations are no tree"},
		{"SELECT 1 FROM (SELECT COUNT(*) AS n FROM taxonomies WHERE type = 'Organization' AND id = ?) q WHERE n = 0",
			[]any{root}, "the organization itself is missing"},
		{"SELECT 1 FROM users WHERE hidden OR auth_source_id IN (SELECT id FROM auth_sources WHERE type = ?)",
			[]any{models.HiddenSource}, "it has an account of the server itself"},
		{"SELECT 1 FROM settings", nil, "it has settings"},
	} {
		found, err := r.foundThere(check.query, check.args...)
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("%w: %s", ErrInconsistent, check.what)
		}
	}
	numbered := []string{"filters", "audits", "parameters", "scim_links"}
	for _, table := range tables {
		numbered = append(numbered, table)
	}
	slices.Sort(numbered)
	for _, table := range numbered {
		found, err := r.foundThere("SELECT 1 FROM " + table + " WHERE NOT (" + inRange + ")")
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("%w: a number in %s cannot be kept", ErrInconsistent, table)
		}
	}
	return nil
}

// reserveNumbers finds out which numbers of the backup are taken here, and reserves as many as it may need. Numbers of
// rows that are gone are not given again.
func (r *roster) reserveNumbers() error {
	for noun, table := range tables {
		ids, err := r.numbersThere(noun)
		if err != nil {
			return err
		}
		r.used[table] = map[int64]bool{}
		for part := range slices.Chunk(ids, chunk) {
			var taken []int64
			condition, list := r.Store.InIDs("id", part)
			if err := r.Table(table).Where(condition, list).Pluck("id", &taken).Error; err != nil {
				return err
			}
			for _, id := range taken {
				r.used[table][id] = true
			}
		}
		most := int64(0)
		if len(ids) > 0 {
			most = slices.Max(ids)
		}
		if err := r.reserve(table, most, int64(len(ids))); err != nil {
			return err
		}
	}
	next := max(r.next["users"], r.next["usergroups"])
	r.next["users"] = next
	r.next["usergroups"] = next
	return nil
}

// numbersThere are the numbers in the backup that a kind of rows may ask for. Users and groups ask for the same.
func (r *roster) numbersThere(noun string) ([]int64, error) {
	of := []string{tables[noun]}
	if noun == nounUser || noun == nounGroup {
		of = []string{"users", "usergroups"}
	}
	var all []int64
	for _, table := range of {
		var ids []int64
		if err := r.from.DB.Table(table).Order("id").Pluck("id", &ids).Error; err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}

// reserve takes n numbers of a table that nobody ever had, all of them above most.
func (r *roster) reserve(table string, most, n int64) error {
	first, err := r.nextOf(table, most)
	if err != nil {
		return err
	}
	query := "SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = ?"
	sequence := table
	if r.Store.Postgres {
		query = "SELECT nextval(pg_get_serial_sequence(?, 'id')::regclass)"
		if table == "usergroups" {
			sequence = "users"
		}
	}
	var last int64
	if err := r.Raw(query, sequence).Row().Scan(&last); err != nil {
		return err
	}
	r.next[table] = max(first, last)
	return r.raise(table, r.next[table]+n)
}

// ground finds what everything hangs on.
func (r *roster) ground() error {
	if err := r.Raw("SELECT MIN(id) FROM auth_sources WHERE type = ?", models.InternalSource).Row().
		Scan(&r.internal); err != nil {
		return err
	}
	if err := r.Raw("SELECT MIN(id) FROM roles WHERE builtin = ?", models.BuiltinDefault).Row().
		Scan(&r.roleOfAll); err != nil {
		return err
	}
	for _, table := range []string{"users", "memberships", "audits"} {
		var n int64
		if err := r.from.DB.Table(table).Count(&n).Error; err != nil {
			return err
		}
		r.total += int(n)
	}
	return nil
}

// namedSources finds the auth sources here that are called as those of the backup and are of their kinds. Accounts of
// the server's own source stay accounts of that.
func (r *roster) namedSources() error {
	var there []models.AuthSource
	if err := r.from.DB.Order("id").Find(&there).Error; err != nil {
		return err
	}
	for i := range there {
		source := &there[i]
		if source.Type == models.InternalSource {
			r.know(nounSource, source.ID, r.internal)
			continue
		}
		here, err := store.First[models.AuthSource](r.Where("type = ? AND name = ?", source.Type, source.Name))
		if err != nil {
			return err
		}
		if here == nil {
			r.report.note(nounSource, source.ID, source.Name, "is not here: its people come without a way to log in, "+
				"until an administrator gives them one")
			continue
		}
		r.know(nounSource, source.ID, here.ID)
	}
	return nil
}

// namedPlaces finds the locations here that have the titles of those of the backup.
func (r *roster) namedPlaces() error {
	var there []models.Tenant
	if err := r.from.DB.Where("type = ?", models.LocationKind).Order("id").Find(&there).Error; err != nil {
		return err
	}
	for i := range there {
		here, err := store.First[models.Tenant](r.Where("type = ? AND title = ?", models.LocationKind, there[i].Title))
		if err != nil {
			return err
		}
		if here == nil {
			r.report.note("location", there[i].ID, there[i].Title, "is not here: nobody is put into it")
			continue
		}
		r.places[there[i].ID] = here.ID
	}
	return nil
}

// eachOf reads rows of the backup in the order of their numbers, some at a time.
func eachOf[T any](r *roster, id func(*T) int64, fn func([]T) error) error {
	last := int64(0)
	for {
		var rows []T
		err := r.from.DB.Where("id > ?", last).Order("id").Limit(chunk).Find(&rows).Error
		if len(rows) == 0 || err != nil {
			return err
		}
		last = id(&rows[len(rows)-1])
		if err := fn(rows); err != nil {
			return err
		}
	}
}

// put gives a row that this run makes a number here, its own where that is free. How many got others is noted once.
func (r *roster) put(noun string, old int64) int64 {
	id := r.take(noun, old)
	if id != old {
		r.say(noun, "have other numbers here, because theirs are taken")
	}
	r.know(noun, old, id)
	r.made(noun, id)
	return id
}

// made notes that this run makes a row.
func (r *roster) made(noun string, id int64) {
	if r.fresh[noun] == nil {
		r.fresh[noun] = map[int64]bool{}
	}
	r.fresh[noun][id] = true
	r.report.Written[noun]++
}

// name notes what a row is called that this run makes, for its audit.
func (r *roster) name(class string, id int64, name string) {
	if r.names[class] == nil {
		r.names[class] = map[int64]string{}
	}
	r.names[class][id] = name
}

// say counts a row of which the same is to be noted as of others.
func (r *roster) say(noun, text string) { r.said[saying{noun, text}]++ }

// sayOnce notes what holds for many rows.
func (r *roster) sayOnce() error {
	for _, s := range slices.SortedFunc(maps.Keys(r.said), func(a, b saying) int {
		return cmp.Or(strings.Compare(a.noun, b.noun), strings.Compare(a.text, b.text))
	}) {
		r.report.note(s.noun, 0, "", fmt.Sprintf("%d %s", r.said[s], s.text))
	}
	return nil
}
