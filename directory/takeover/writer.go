package takeover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"roster/directory"
	"roster/directory/seed"
	"roster/directory/store"
	"roster/models"
)

// The kinds of rows whose numbers are kept.
const (
	nounUser       = "user"
	nounGroup      = "usergroup"
	nounTenant     = "organization"
	nounRole       = "role"
	nounField      = "custom_field"
	nounMembership = "membership"
	nounSource     = "auth_source"
	nounToken      = "access_token"
)

// tables are where the kinds are kept here. Users and groups share their numbers.
var tables = map[string]string{
	nounUser: "users", nounGroup: "usergroups", nounTenant: "taxonomies", nounRole: "roles",
	nounField: "custom_fields", nounMembership: "memberships", nounSource: "auth_sources",
	nounToken: "personal_access_tokens",
}

// The kinds of rows that have no numbers.
const (
	nounInvitation = "invitation"
	nounLogin      = "login_token"
)

// writer brings rows in, in one transaction.
type writer struct {
	*store.Tx
	ctx    context.Context
	dir    *directory.Service
	report *Report
	o      Options
	// ids are the numbers here of the rows that were brought in, now or before, by kind.
	ids map[string]map[int64]int64
	// used are the numbers that are taken, by table; next is the first that nothing ever had.
	used map[string]map[int64]bool
	next map[string]int64
	// most are the greatest numbers of the other database, by kind.
	most map[string]int64
	// pairs are those of the old and the new number that this run made.
	pairs []models.Takeover
}

// write runs fn in a transaction that brings rows in. Of a dry run nothing is kept.
func write(ctx context.Context, dir *directory.Service, report *Report, o Options, fn func(*writer) error) error {
	begun := time.Now()
	err := dir.Change(ctx, models.System(), func(t *store.Tx) error {
		*report = *newReport(report.Source, report.Product, report.DryRun, report.Nouns...)
		w := &writer{Tx: t, ctx: ctx, dir: dir, report: report, o: o, ids: map[string]map[int64]int64{},
			used: map[string]map[int64]bool{}, next: map[string]int64{}}
		for _, lock := range []store.LockKey{store.LockSeed, store.LockSettings, store.LockTenants, store.LockGroups,
			store.LockNames, store.LockAdmins, store.LockAuthority} {
			if err := t.Lock(lock); err != nil {
				return err
			}
		}
		if err := fn(w); err != nil {
			return err
		}
		if err := w.end(); err != nil {
			return err
		}
		if o.DryRun {
			return errDryRun
		}
		return nil
	})
	report.Elapsed = time.Since(begun)
	if errors.Is(err, errDryRun) {
		return nil
	}
	return err
}

// begin finds out what is there. most are the greatest numbers of the other database, by kind; an untouched directory
// is emptied and gets all numbers below them free.
func (w *writer) begin(most map[string]int64) error {
	var earlier []models.Takeover
	if err := w.Where("source = ?", w.report.Source).Find(&earlier).Error; err != nil {
		return err
	}
	for _, t := range earlier {
		w.know(t.Noun, t.OldID, t.NewID)
	}
	untouched, err := w.untouched()
	if err != nil {
		return err
	}
	if w.report.Fresh = untouched; untouched {
		if err := w.empty(most); err != nil {
			return err
		}
	}
	w.most = most
	return w.measure()
}

// measure finds out which numbers are taken, and the first ones that nobody has, here or there.
func (w *writer) measure() error {
	for noun, table := range tables {
		var err error
		if w.used[table], err = w.numbersOf(table); err != nil {
			return err
		}
		if w.next[table], err = w.nextOf(table, w.most[noun]); err != nil {
			return err
		}
	}
	next := max(w.next["users"], w.next["usergroups"])
	w.next["users"] = next
	w.next["usergroups"] = next
	return nil
}

// number returns a number that nobody has, here or there. Users and groups share theirs.
func (w *writer) number(table string) int64 {
	id := w.next[table]
	w.next[table]++
	if table == "users" || table == "usergroups" {
		w.next["users"] = id + 1
		w.next["usergroups"] = id + 1
	}
	w.used[table][id] = true
	return id
}

// untouched reports whether nobody has done anything in the directory yet.
func (w *writer) untouched() (bool, error) {
	for _, query := range []string{
		"SELECT 1 FROM users WHERE NOT hidden AND (lower_login <> 'admin' OR updated_at <> created_at)",
		"SELECT 1 FROM usergroups", "SELECT 1 FROM roles WHERE origin IS NULL",
		"SELECT 1 FROM taxonomies WHERE name NOT IN ('Default Organization', 'Default Location')",
		"SELECT 1 FROM auth_sources WHERE type = 'AuthSourceLdap'", "SELECT 1 FROM audits WHERE user_id IS NOT NULL",
		"SELECT 1 FROM custom_fields", "SELECT 1 FROM takeovers", "SELECT 1 FROM personal_access_tokens",
	} {
		there, err := w.Exists(query)
		if there || err != nil {
			return false, err
		}
	}
	return true, nil
}

// empty takes out what is shipped, and ships it anew with numbers above those of the other database.
func (w *writer) empty(most map[string]int64) error {
	var people int64
	if err := w.Model(&models.User{}).Where("NOT hidden").Count(&people).Error; err != nil {
		return err
	}
	for _, table := range []string{
		"sessions", "memberships", "users", "usergroups", "audits", "filters", "roles", "auth_source_taxonomies",
		"auth_sources", "taxonomies",
	} {
		if err := w.Exec("DELETE FROM " + table).Error; err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	w.Bump(store.RevisionUsers, -people)
	w.Bump(store.RevisionSnapshot, 0)
	for noun, table := range tables {
		if err := w.raise(table, most[noun]); err != nil {
			return err
		}
	}
	return nil
}

// ship adds the shipped records that are missing. Roles whose names are taken are left out.
func (w *writer) ship() error { return seed.Base(w.Tx) }

// raise makes the next number of a table one above n, unless it is greater already.
func (w *writer) raise(table string, n int64) error {
	if n == 0 {
		return nil
	}
	if !w.Store.Postgres {
		if err := w.Exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM "+
			"sqlite_sequence WHERE name = ?)", table, table).Error; err != nil {
			return err
		}
		return w.Exec("UPDATE sqlite_sequence SET seq = MAX(seq, ?) WHERE name = ?", n, table).Error
	}
	sequence := table
	if table == "usergroups" {
		sequence = "users" // from which groups take their numbers
	}
	return w.Exec("SELECT setval(s, GREATEST(?, nextval(s))) FROM (SELECT pg_get_serial_sequence(?, 'id')::regclass "+
		"AS s) q", n, sequence).Error
}

func (w *writer) numbersOf(table string) (map[int64]bool, error) {
	var ids []int64
	if err := w.Table(table).Pluck("id", &ids).Error; err != nil {
		return nil, err
	}
	used := make(map[int64]bool, len(ids))
	for _, id := range ids {
		used[id] = true
	}
	return used, nil
}

// nextOf returns a number above all that a table has, and above n.
func (w *writer) nextOf(table string, n int64) (int64, error) {
	var most int64
	err := w.Raw("SELECT COALESCE(MAX(id), 0) FROM " + table).Row().Scan(&most)
	return max(most, n) + 1, err
}

// know notes which number a row has here.
func (w *writer) know(noun string, old, now int64) {
	if w.ids[noun] == nil {
		w.ids[noun] = map[int64]int64{}
	}
	w.ids[noun][old] = now
}

// known returns the number that a row got before, 0 for a new one.
func (w *writer) known(noun string, old int64) int64 { return w.ids[noun][old] }

// take gives a row of the other database a number here: its own, where that is free.
func (w *writer) take(noun string, old int64) int64 {
	table := tables[noun]
	taken := w.used[table][old] || table == "users" && w.used["usergroups"][old] ||
		table == "usergroups" && w.used["users"][old]
	if taken {
		return w.number(table)
	}
	w.used[table][old] = true
	return old
}

// place does the same, ties the numbers to each other, and notes another number.
func (w *writer) place(noun string, old int64, name string) int64 {
	id := w.take(noun, old)
	if id != old {
		w.report.note(noun, old, name, fmt.Sprintf("the number %d is taken here: it has become %d", old, id))
	}
	w.tie(noun, old, id)
	w.report.Written[noun]++
	return id
}

// tie notes that a row of the other database is one that is here already.
func (w *writer) tie(noun string, old, id int64) {
	w.know(noun, old, id)
	w.pairs = append(w.pairs, models.Takeover{Source: w.report.Source, Noun: noun, OldID: old, NewID: id})
}

// batch is how many rows a statement inserts.
const batch = 500

// insert adds rows.
func insert[T any](w *writer, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return w.CreateInBatches(&rows, batch).Error
}

// link adds rows of a table that ties two numbers together, and leaves those that are there.
func (w *writer) link(table, a, b string, pairs [][2]int64) error {
	for chunk := range slices.Chunk(pairs, batch) {
		rows := make([]map[string]any, len(chunk))
		for i, p := range chunk {
			rows[i] = map[string]any{a: p[0], b: p[1]}
		}
		if err := w.Table(table).Clauses(onConflictNothing).Create(rows).Error; err != nil {
			return err
		}
	}
	return nil
}

// audit notes that rows were brought in.
func (w *writer) audit(class string, names map[int64]string) error {
	comment := "taken over from " + w.report.Product
	ids := make([]int64, 0, len(names))
	for id := range names {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rows := make([]models.Audit, len(ids))
	for i, id := range ids {
		name := names[id]
		rows[i] = models.Audit{AuditableID: id, AuditableType: class, AuditableName: &name, Action: models.ActionCreate,
			AuditedChanges: models.Changes{}, Version: 1, Comment: &comment, CreatedAt: w.Time}
	}
	return insert(w, rows)
}

// end notes the numbers, raises the sequences above them, and refuses a directory without an administrator.
func (w *writer) end() error {
	if err := insert(w, w.pairs); err != nil {
		return err
	}
	for _, table := range tables {
		most, err := w.nextOf(table, 0)
		if err != nil {
			return err
		}
		if err := w.raise(table, most-1); err != nil {
			return err
		}
	}
	w.Bump(store.RevisionSnapshot, 0)
	w.Bump(store.RevisionUsers, 0)
	left, err := w.Exists("SELECT 1 FROM users WHERE admin AND NOT hidden AND NOT COALESCE(disabled, FALSE)")
	if err == nil && !left {
		err = errors.New("nobody would be left who is an active administrator")
	}
	return err
}

// unique returns a name that is free, which begins like the wanted one.
func unique(name, suffix string, taken func(string) (bool, error)) (string, error) {
	candidate := name
	for n := 1; ; n++ {
		used, err := taken(candidate)
		if err != nil || !used {
			return candidate, err
		}
		candidate = name + suffix
		if n > 1 {
			candidate += fmt.Sprint("-", n)
		}
	}
}

// onConflictNothing leaves rows that are there.
var onConflictNothing = clause.OnConflict{DoNothing: true}
