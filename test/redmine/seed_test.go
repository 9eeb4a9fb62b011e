package redmine

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory/secret"
	"roster/handlers"
	"roster/test/servertest"
)

// dump holds the tables of a database of Redmine, as PostgreSQL writes them: rows by table, values by column.
type dump map[string][]map[string]string

// null is how a dump writes that there is no value.
const null = `\N`

// readDump reads the COPY statements of a dump.
func readDump(t *testing.T, path string) dump {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := dump{}
	table := ""
	var columns []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case table == "" && strings.HasPrefix(line, "COPY public."):
			head, _, _ := strings.Cut(strings.TrimPrefix(line, "COPY public."), ") FROM")
			name, list, _ := strings.Cut(head, " (")
			table = name
			columns = strings.Split(list, ", ")
		case line == `\.`:
			table = ""
		case table != "":
			row := map[string]string{}
			for i, value := range strings.Split(line, "\t") {
				row[strings.Trim(columns[i], `"`)] = strings.NewReplacer(`\n`, "\n", `\\`, `\`).Replace(value)
			}
			if row["id"] != "" || table == "groups_users" {
				found[table] = append(found[table], row)
			}
		}
	}
	if len(found["users"]) == 0 {
		t.Fatalf("%s has no users", path)
	}
	return found
}

// replayTime is what the clock shows while recordings are replayed.
var replayTime = time.Date(2026, 11, 22, 10, 44, 0, 0, time.UTC)

// Places of what Redmine does not have.
const (
	internalSource = 901
	hiddenSource   = 902
	defaultRole    = 901
)

// world is a server that has what a database of Redmine had, under the same numbers.
type world struct {
	*server
}

// filled starts a server and fills it, without the seed of a new installation.
func filled(t *testing.T, db *config.Database, path string) *world {
	t.Helper()
	d := readDump(t, path)
	s := servertest.Launch(t, db, servertest.NewClock(replayTime), servertest.AnyLDAP{}, handlers.Options{})
	w := &world{server: s}
	now := replayTime
	w.Execute("INSERT INTO auth_sources (id, type, name, created_at, updated_at) VALUES (?, 'AuthSourceInternal', "+
		"'Internal', ?, ?), (?, 'AuthSourceHidden', 'Hidden', ?, ?)", internalSource, now, now, hiddenSource, now, now)
	for _, r := range d["auth_sources"] {
		w.Execute("INSERT INTO auth_sources (id, type, name, host, port, base_dn, attr_login, created_at, updated_at) "+
			"VALUES (?, 'AuthSourceLdap', ?, ?, ?, ?, ?, ?, ?)", r["id"], r["name"], r["host"], r["port"], r["base_dn"],
			r["attr_login"], now, now)
	}
	w.Execute("INSERT INTO roles (id, name, builtin) VALUES (?, 'Default role', 2)", defaultRole)
	for _, r := range d["roles"] {
		if r["builtin"] == "0" {
			w.Execute("INSERT INTO roles (id, name, builtin, position) VALUES (?, ?, 0, ?)", r["id"], r["name"],
				r["position"])
		}
	}
	w.fillPeople(d)
	w.fillFields(d)
	w.fillProjects(d)
	// Defaults of version 5: anybody may look at active users.
	for name, value := range map[string]string{"redmine_login_required": "false", "open_directory": `"anybody"`,
		"failed_login_attempts_limit": "0"} {
		w.setting(name, value)
	}
	if db.Dialect == config.Postgres {
		for _, table := range []string{"users", "memberships", "custom_fields", "roles", "taxonomies"} {
			w.Execute(fmt.Sprintf("SELECT setval('%s_id_seq', (SELECT MAX(id) FROM %s))", table, table))
		}
		w.Execute("SELECT setval('users_id_seq', (SELECT MAX(id) FROM (SELECT id FROM users UNION SELECT id FROM " +
			"usergroups) n))")
	}
	w.changed()
	return w
}

// changed tells the server that the database was changed behind its back.
func (w *world) changed() {
	w.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
	w.Execute("UPDATE tallies SET total = (SELECT COUNT(*) FROM users WHERE NOT hidden) - (SELECT " +
		"COALESCE(SUM(o.total), 0)" +
		" FROM tallies o WHERE o.name = 'users' AND o.slot <> 0) WHERE name = 'users' AND slot = 0")
}

func (w *world) setting(name, value string) {
	w.Execute("DELETE FROM settings WHERE name = ?", name)
	if value != "" {
		w.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES (?, ?, ?, ?)", name, value,
			replayTime, replayTime)
	}
}

func (w *world) fillPeople(d dump) {
	w.T.Helper()
	mails := map[string]string{}
	for _, r := range d["email_addresses"] {
		if r["is_default"] == "t" {
			mails[r["user_id"]] = r["address"]
		}
	}
	for _, r := range d["users"] {
		switch r["type"] {
		case "Group":
			w.Execute("INSERT INTO usergroups (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)", r["id"],
				r["lastname"], moment(r["created_on"]), moment(r["updated_on"]))
			w.Execute("INSERT INTO usergroup_closure (ancestor_id, descendant_id) VALUES (?, ?)", r["id"], r["id"])
		case "User", "AnonymousUser":
			w.fillUser(r, mails[r["id"]])
		}
	}
	for _, r := range d["user_preferences"] {
		if r["hide_mail"] != null {
			w.Execute("UPDATE users SET hide_mail = ? WHERE id = ?", r["hide_mail"] == "t", r["user_id"])
		}
	}
	for _, r := range d["groups_users"] {
		w.Execute("INSERT INTO usergroup_users (usergroup_id, user_id) VALUES (?, ?)", r["group_id"], r["user_id"])
	}
	sealer := secret.NewSealer(bytes.Repeat([]byte{7}, 32), rand.Reader)
	for _, r := range d["tokens"] {
		sealed, err := sealer.Seal(r["value"])
		if err != nil {
			w.T.Fatal(err)
		}
		w.Execute("INSERT INTO api_keys (user_id, key_hash, sealed, created_at) VALUES (?, ?, ?, ?)", r["user_id"],
			secret.TokenHash(r["value"]), sealed, moment(r["created_on"]))
	}
}

func (w *world) fillUser(r map[string]string, mail string) {
	w.T.Helper()
	hidden := r["type"] == "AnonymousUser"
	login := r["login"]
	source := r["auth_source_id"]
	var hash any
	switch {
	case hidden:
		login = "anonymous"
		source = fmt.Sprint(hiddenSource)
	case source == null:
		source = fmt.Sprint(internalSource)
		hash = "$redmine-sha1$" + r["salt"] + "$" + r["hashed_password"]
	}
	status := r["status"]
	w.Execute("INSERT INTO users (id, login, lower_login, firstname, lastname, mail, admin, disabled, "+
		"registered, hidden, "+
		"mail_enabled, auth_source_id, password_hash, must_change_password, password_changed_at, second_factor, "+
		"last_login_on, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r["id"], login, strings.ToLower(login), r["firstname"], r["lastname"], orNil(mail), r["admin"] == "t",
		status == "2" || status == "3", status == "2", hidden, true, source, hash, r["must_change_passwd"] == "t",
		moment(r["passwd_changed_on"]), orNil(r["twofa_scheme"]), moment(r["last_login_on"]), moment(r["created_on"]),
		moment(r["updated_on"]))
}

// fillFields makes custom fields with their values.
func (w *world) fillFields(d dump) {
	w.T.Helper()
	for _, r := range d["custom_fields"] {
		subject := map[string]string{"UserCustomField": "user", "GroupCustomField": "usergroup"}[r["type"]]
		if subject == "" {
			continue
		}
		w.Execute("INSERT INTO custom_fields (id, subject, name, format, pattern, required, is_filter, searchable, "+
			"multiple,"+
			" visible, editable, position, possible_values, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, "+
			"?, ?, ?, "+
			"?, ?, ?, ?, ?)", r["id"], subject, r["name"], r["field_format"], r["regexp"], r["is_required"] == "t",
			r["is_filter"] == "t", r["searchable"] == "t", r["multiple"] == "t", r["visible"] == "t",
			r["editable"] == "t",
			r["position"], yamlList(r["possible_values"]), replayTime, replayTime)
	}
	places := map[string]int{}
	for _, r := range d["custom_values"] {
		key := r["customized_id"] + "/" + r["custom_field_id"]
		w.Execute("INSERT INTO custom_values (custom_field_id, user_id, place, value) VALUES (?, ?, ?, ?)",
			r["custom_field_id"], r["customized_id"], places[key], r["value"])
		places[key]++
	}
}

// fillProjects makes organizations of projects that are in use, and their members.
func (w *world) fillProjects(d dump) {
	w.T.Helper()
	used := map[string]bool{}
	for _, r := range d["projects"] {
		if used[r["id"]] = r["status"] == "1"; !used[r["id"]] {
			continue
		}
		w.Execute("INSERT INTO taxonomies (id, type, name, lower_name, title, slug, ignore_types, created_at, "+
			"updated_at) "+
			"VALUES (?, 'Organization', ?, ?, ?, ?, ?, ?, ?)", r["id"], r["name"], strings.ToLower(r["name"]),
			r["name"],
			r["identifier"], map[bool]string{true: `["User"]`, false: "[]"}[r["is_public"] == "t"],
			moment(r["created_on"]), moment(r["updated_on"]))
		w.Execute("INSERT INTO taxonomy_closure (ancestor_id, descendant_id) VALUES (?, ?)", r["id"], r["id"])
	}
	groups := map[string]bool{}
	for _, r := range d["users"] {
		groups[r["id"]] = r["type"] == "Group"
	}
	shown := map[string]bool{}
	for _, r := range d["members"] {
		if shown[r["id"]] = used[r["project_id"]]; !shown[r["id"]] {
			continue
		}
		column := "user_id"
		if groups[r["user_id"]] {
			column = "usergroup_id"
		}
		w.Execute("INSERT INTO memberships (id, "+column+", taxonomy_id, state, source, joined_at) VALUES (?, ?, ?, "+
			"'active', 'manual', ?)", r["id"], r["user_id"], r["project_id"], moment(r["created_on"]))
	}
	for _, r := range d["member_roles"] {
		if shown[r["member_id"]] && r["inherited_from"] == null {
			w.Execute("INSERT INTO membership_roles (membership_id, role_id) VALUES (?, ?)", r["member_id"],
				r["role_id"])
		}
	}
}

func orNil(text string) any {
	if text == "" || text == null {
		return nil
	}
	return text
}

// moment reads a time of a dump, nil for none.
func moment(text string) any {
	for _, form := range []string{"2006-01-02 15:04:05.999999", time.DateTime} {
		if at, err := time.Parse(form, text); err == nil {
			return at
		}
	}
	return nil
}

// yamlList turns a list of words as Ruby writes it into JSON.
func yamlList(text string) string {
	list := []string{}
	for line := range strings.Lines(text) {
		if word, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok {
			list = append(list, word)
		}
	}
	out, err := json.Marshal(list)
	if err != nil {
		return "[]"
	}
	return string(out)
}
