package cvat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory/seed"
	"roster/handlers"
	"roster/test/servertest"
)

// table is a fixture's rows: columns by name, and values by column.
type table struct {
	columns []string
	rows    [][]any
}

// each calls do with every row, by column.
func (t table) each(do func(row map[string]any)) {
	for _, values := range t.rows {
		row := map[string]any{}
		for i, column := range t.columns {
			row[column] = values[i]
		}
		do(row)
	}
}

// fixtures are the states that vectors begin with: one with organizations, and one of users by their group, whose
// passwords are their names.
type fixtures struct {
	F1 struct {
		PW                 string
		BASE               string
		UsersColumns       []string `json:"users_columns"`
		Users              [][]any
		OrgsColumns        []string `json:"orgs_columns"`
		Orgs               [][]any
		MembershipsColumns []string `json:"memberships_columns"`
		Memberships        [][]any
		InvitationsColumns []string `json:"invitations_columns"`
		Invitations        [][]any
	}
	F2 struct {
		Users map[string]string
	}
}

// fixtureTime is what the clock shows.
var fixtureTime = time.Date(2026, 11, 22, 10, 44, 0, 0, time.UTC)

// Numbers of what fixtures do not have.
const (
	internalSource = 1
	hiddenSource   = 2
	firstGroup     = 900
)

// world is a server filled by a fixture.
type world struct {
	*server
	// base is the address of the dialect, address the recorded one.
	base, address string
	ids           map[string]int64
	passwords     map[string]string
	groups        map[string]int64
	hashes        map[string]string
}

// newWorld starts a server that has what is shipped, and nobody.
func newWorld(t *testing.T, db *config.Database) *world {
	t.Helper()
	s := servertest.Launch(t, db, servertest.NewClock(fixtureTime), servertest.AnyLDAP{}, handlers.Options{})
	w := &world{server: s, base: s.URL + "/cvat", ids: map[string]int64{}, passwords: map[string]string{},
		groups: map[string]int64{}, hashes: map[string]string{}}
	w.Execute("INSERT INTO auth_sources (id, type, name, created_at, updated_at) VALUES (?, 'AuthSourceInternal', "+
		"'Internal', ?, ?), (?, 'AuthSourceHidden', 'Hidden', ?, ?)", internalSource, fixtureTime, fixtureTime,
		hiddenSource, fixtureTime, fixtureTime)
	if _, err := seed.Apply(t.Context(), s.Dir, "not used"); err != nil {
		t.Fatal("seed: ", err)
	}
	for name, value := range map[string]string{"cvat_registration": "true", "cvat_default_group": `""`,
		"failed_login_attempts_limit": "0", "cvat_anonymous_rate": "0"} {
		w.setting(name, value)
	}
	return w
}

func (w *world) setting(name, value string) {
	w.T.Helper()
	w.Execute("DELETE FROM settings WHERE name = ?", name)
	w.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES (?, ?, ?, ?)", name, value,
		fixtureTime, fixtureTime)
}

// changed tells the server that the database was changed behind its back.
func (w *world) changed() {
	w.T.Helper()
	if w.DB.Dialect == config.Postgres {
		for _, name := range []string{"memberships", "taxonomies", "invitations"} {
			w.Execute(fmt.Sprintf("SELECT setval('%s_id_seq', (SELECT COALESCE(MAX(id), 1) FROM %s))", name, name))
		}
		w.Execute("SELECT setval('users_id_seq', (SELECT MAX(id) FROM (SELECT id FROM users UNION SELECT id FROM " +
			"usergroups) n))")
	}
	w.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
	w.Execute("UPDATE tallies SET total = (SELECT COUNT(*) FROM users WHERE NOT hidden) - (SELECT " +
		"COALESCE(SUM(o.total), 0) FROM tallies o WHERE o.name = 'users' AND o.slot <> 0) WHERE name = 'users' AND " +
		"slot = 0")
}

// hash is the hash of a password; each is worked out once.
func (w *world) hash(password string) string {
	w.T.Helper()
	if w.hashes[password] == "" {
		hash, err := w.Dir.Passwords.Hash(w.T.Context(), "", password)
		w.hashes[password] = servertest.Made(w.T, hash, err)
	}
	return w.hashes[password]
}

// person adds a user.
func (w *world) person(id int64, login, first, last, mail, password string, admin, active bool, joined time.Time) {
	w.T.Helper()
	w.ids[login] = id
	w.passwords[login] = password
	address := any(mail)
	if mail == "" {
		address = nil
	}
	w.Execute("INSERT INTO users (id, login, lower_login, firstname, lastname, mail, admin, disabled, registered, "+
		"hidden, mail_enabled, auth_source_id, password_hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "+
		"?, ?, ?, ?, ?, ?, ?)", id, login, strings.ToLower(login), first, last, address, admin, !active, false, false,
		mail != "", internalSource, w.hash(password), joined, joined)
}

// join puts a user into a user group, which is made where it is missing. The group admin is the user's own flag.
func (w *world) join(user int64, group string) {
	w.T.Helper()
	if group == "admin" {
		return
	}
	if group == "business" { // which this version does not have any more
		group = "user"
	}
	if w.groups[group] == 0 {
		id := int64(firstGroup + len(w.groups))
		w.groups[group] = id
		w.Execute("INSERT INTO usergroups (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)", id, group,
			fixtureTime, fixtureTime)
		w.Execute("INSERT INTO usergroup_closure (ancestor_id, descendant_id) VALUES (?, ?)", id, id)
	}
	w.Execute("INSERT INTO usergroup_users (usergroup_id, user_id) VALUES (?, ?)", w.groups[group], user)
}

// organization adds an organization.
func (w *world) organization(id int64, slug, name, contact string, made time.Time) {
	w.T.Helper()
	w.Execute("INSERT INTO taxonomies (id, type, name, lower_name, title, slug, contact, ignore_types, created_at, "+
		"updated_at) VALUES (?, 'Organization', ?, ?, ?, ?, ?, '[]', ?, ?)", id, name, strings.ToLower(name), name,
		slug, contact, made, made)
	w.Execute("INSERT INTO taxonomy_closure (ancestor_id, descendant_id) VALUES (?, ?)", id, id)
}

// member adds a membership; without an id, the database chooses one.
func (w *world) member(id, organization, user int64, role string, active bool, joined time.Time) {
	w.T.Helper()
	state := map[bool]string{true: "active", false: "invited"}[active]
	if id == 0 {
		w.Execute("INSERT INTO memberships (user_id, taxonomy_id, state, source, joined_at) VALUES (?, ?, ?, "+
			"'invitation', ?)", user, organization, state, joined)
		id = w.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", user, organization)
	} else {
		w.Execute("INSERT INTO memberships (id, user_id, taxonomy_id, state, source, joined_at) VALUES (?, ?, ?, ?, "+
			"'invitation', ?)", id, user, organization, state, joined)
	}
	w.Execute("INSERT INTO membership_roles (membership_id, role_id) SELECT ?, id FROM roles WHERE origin = 'cvat' AND "+
		"name = ?", id, role)
}

func number(v any) int64 {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return n
	case float64:
		return int64(v)
	}
	return 0
}

func moment(v any) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
	return at
}

// fillF1 makes the fixture with organizations.
func (w *world) fillF1(f *fixtures) {
	w.T.Helper()
	w.address = f.F1.BASE
	table{f.F1.UsersColumns, f.F1.Users}.each(func(r map[string]any) {
		id := number(r["id"])
		w.person(id, r["username"].(string), r["first_name"].(string), r["last_name"].(string), r["email"].(string),
			f.F1.PW, r["is_superuser"].(bool), r["is_active"].(bool), moment(r["date_joined"]))
		for _, group := range r["groups"].([]any) {
			w.join(id, group.(string))
		}
	})
	table{f.F1.OrgsColumns, f.F1.Orgs}.each(func(r map[string]any) {
		contact, err := json.Marshal(r["contact"])
		w.organization(number(r["id"]), r["slug"].(string), r["name"].(string),
			string(servertest.Made(w.T, contact, err)), moment(r["created_date"]))
	})
	table{f.F1.MembershipsColumns, f.F1.Memberships}.each(func(r map[string]any) {
		w.member(number(r["id"]), number(r["org"]), number(r["user"]), r["role"].(string), r["is_active"].(bool),
			moment(r["joined_date"]))
	})
	table{f.F1.InvitationsColumns, f.F1.Invitations}.each(func(r map[string]any) {
		made := moment(r["created_date"])
		w.Execute("INSERT INTO invitations (key, membership_id, owner_id, created_at, sent_at) SELECT ?, id, ?, ?, ? "+
			"FROM memberships WHERE taxonomy_id = ? AND user_id = ?", w.key(number(r["org"]), number(r["user"])),
			number(r["owner_id"]), made, made, number(r["org"]), number(r["user"]))
	})
	w.changed()
}

// key is that of the invitation of a user into an organization.
func (*world) key(organization, user int64) string {
	return fmt.Sprintf("%030dinvitation%024d", organization, user)
}

// fillF2 makes the fixture of users by their group. All but administrators are in the default group as well.
func (w *world) fillF2(f *fixtures) {
	w.T.Helper()
	w.address = f.F1.BASE
	id := int64(0)
	for _, login := range []string{"admin", "user1", "user2", "user3", "user4", "user5"} {
		group, there := f.F2.Users[login]
		if !there {
			continue
		}
		id++
		w.person(id, login, "", "", "", login, group == "admin", true, fixtureTime)
		if group != "admin" && group != "user" && group != "business" {
			w.join(id, "user")
		}
		w.join(id, group)
	}
	w.changed()
}
