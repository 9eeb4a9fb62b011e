package migrations_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"roster/config"
	"roster/migrations"
	"roster/models"
	"roster/test/dbtest"
)

// before holds the embedded migrations without the one of a name and those that came after it.
func before(t *testing.T, dialect, name string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	entries, err := fs.ReadDir(migrations.Embedded, dialect)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), name) {
			return files
		}
		text, err := fs.ReadFile(migrations.Embedded, path.Join(dialect, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[path.Join(dialect, entry.Name())] = &fstest.MapFile{Data: text}
	}
	t.Fatalf("there is no migration %s", name)
	return nil
}

// rows is one row at least in every table of the schema before kept_limits. NOW stands for a time.
var rows = []string{
	"auth_sources (id, type, name, created_at, updated_at) VALUES (1, 'AuthSourceInternal', 'Internal', NOW, NOW)",
	`taxonomies (id, type, name, lower_name, title, created_at, updated_at) VALUES (1, 'Organization', 'O', 'o', 'O', NOW, NOW),
		(2, 'Location', 'L', 'l', 'L', NOW, NOW)`,
	"taxonomy_closure (ancestor_id, descendant_id) VALUES (1, 1), (2, 2)",
	"locations_organizations (location_id, organization_id) VALUES (2, 1)",
	"users (id, login, lower_login, firstname, auth_source_id, created_at, updated_at) VALUES " +
		"(1, 'u', 'u', 'Ödön', 1, NOW, NOW)",
	"roles (id, name, builtin) VALUES (1, 'limited', 0), (2, 'lost', 0), (3, 'free', 0), (4, 'tied', 0)",
	"permissions (id, name, resource_type, created_at, updated_at) VALUES (1, 'view_users', 'User', NOW, NOW)",
	`filters (id, role_id, taxonomy_search, override, created_at, updated_at) VALUES (1, 1, '(organization_id ^ (1)) and (location_id ^ (2))', TRUE, NOW, NOW),
		(2, 2, '(organization_id ^ (9))', FALSE, NOW, NOW), (3, 3, NULL, FALSE, NOW, NOW),
		(4, 3, '(location_id ^ (9))', TRUE, NOW, NOW)`,
	"filter_permissions (filter_id, permission_id) VALUES (1, 1), (2, 1), (3, 1), (4, 1)",
	"filter_taxonomies (filter_id, taxonomy_id) VALUES (1, 1), (1, 2)",
	"role_taxonomies (role_id, taxonomy_id) VALUES (4, 2)",
	"usergroups (id, name, created_at, updated_at) VALUES (1, 'g', NOW, NOW), (2, 'h', NOW, NOW)",
	"usergroup_users (usergroup_id, user_id) VALUES (1, 1)",
	"usergroup_usergroups (usergroup_id, member_id) VALUES (1, 2)",
	"usergroup_closure (ancestor_id, descendant_id) VALUES (1, 1), (2, 2), (1, 2)",
	"external_usergroups (id, name, auth_source_id, usergroup_id) VALUES (1, 'x', 1, 1)",
	"user_roles (user_id, role_id) VALUES (1, 1)",
	"usergroup_roles (usergroup_id, role_id) VALUES (1, 2)",
	"user_taxonomies (user_id, taxonomy_id) VALUES (1, 1), (1, 2)",
	"auth_source_taxonomies (auth_source_id, taxonomy_id) VALUES (1, 1)",
	"personal_access_tokens (id, user_id, name, token_hash, created_at, updated_at) VALUES (1, 1, 't', 'h', NOW, NOW)",
	"ssh_keys (id, user_id, name, key, fingerprint, length, created_at, updated_at) VALUES (1, 1, 'k', 'k', 'f', 1, " +
		"NOW, NOW)",
	"mail_notifications (id, name, created_at, updated_at) VALUES (1, 'm', NOW, NOW)",
	"user_mail_notifications (id, user_id, mail_notification_id, created_at, updated_at) VALUES (1, 1, 1, NOW, NOW)",
	"table_preferences (id, user_id, name, created_at, updated_at) VALUES (1, 1, 'p', NOW, NOW)",
	"settings (name, value, created_at, updated_at) VALUES ('entries_per_page', '5', NOW, NOW)",
	"bookmarks (id, name, controller, query, created_at, updated_at) VALUES (1, 'b', 'users', 'q', NOW, NOW)",
	"audits (id, auditable_id, auditable_type, action, version, created_at) VALUES (1, 1, 'User', 'create', 1, NOW)",
	"audit_taxonomies (audit_id, taxonomy_id) VALUES (1, 1)",
	"sessions (token_hash, user_id, api, created_at, expires_at) VALUES ('s', 1, TRUE, NOW, NOW)",
	"login_failures (address, failures, expires_at) VALUES ('127.0.0.1', 1, NOW)",
	"parameters (id, taxonomy_id, name, value, parameter_type, hidden_value, created_at, updated_at) VALUES (1, 1, " +
		"'p', '\"v\"', 'string', FALSE, NOW, NOW)",
}

// A database of the release before, with rows in every table, keeps them; limits that lost their tenants are limits.
func TestUp_KeptLimits(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		filled(t, db, "_kept_limits.sql")
		had := keeps(t, db)
		var kept int64
		if err := db.Write.Raw("SELECT COUNT(*) FROM memberships m JOIN users u ON u.id = m.user_id WHERE " +
			"m.state = 'active' AND m.source = 'manual' AND m.joined_at = u.created_at AND m.sort_name = " +
			"u.sort_name").Scan(&kept).Error; err != nil {
			t.Fatal(err)
		}
		if want := had["user_taxonomies"]; kept != want {
			t.Errorf("%d memberships are as the assignments were, want %d", kept, want)
		}
		limits := func(table string) string {
			var list []struct {
				ID                                     int64
				LocationsLimited, OrganizationsLimited bool
			}
			if err := db.Write.Table(table).Order("id").Find(&list).Error; err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(list)
		}
		if got, want := limits(
			"filters"), "[{1 true true} {2 false true} {3 false false} {4 true false}]"; got != want {
			t.Errorf("filters: got %s, want %s", got, want)
		}
		if got, want := limits(
			"roles"), "[{1 false false} {2 false true} {3 false false} {4 true false}]"; got != want {
			t.Errorf("roles: got %s, want %s", got, want)
		}
	})
}

// filled makes the schema before the migration of a name, with rows in every table.
func filled(t *testing.T, db *config.Database, name string) {
	t.Helper()
	if err := migrations.UpFS(t.Context(), db.SQL(), db.Dialect, before(t, db.Dialect, name),
		func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := db.Write.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW",
			"CURRENT_TIMESTAMP")).Error; err != nil {
			t.Fatal(row, ": ", err)
		}
	}
}

// keeps migrates to the newest schema, which has to have as many rows as before, and returns how many those were.
func keeps(t *testing.T, db *config.Database) map[string]int64 {
	t.Helper()
	had := contents(t, db.Write)
	for table, n := range had {
		if n == 0 {
			t.Errorf("%s has no row before the migration", table)
		}
	}
	if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
		t.Fatal(err)
	}
	for table, n := range contents(t, db.Write) {
		want := had[table]
		if table == "memberships" {
			want = had["user_taxonomies"]
		}
		if n != want {
			t.Errorf("%s has %d rows after the migration, %d before", table, n, want)
		}
	}
	return had
}

// The parameters of tenants stay as they are, and their values can be searched, but for the hidden ones. No number is
// given twice.
func TestUp_GlobalParameters(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		filled(t, db, "_global_parameters.sql")
		const add = "INSERT INTO parameters (id, taxonomy_id, name, value, parameter_type, hidden_value, created_at, " +
			"updated_at) VALUES (?, 1, ?, ?, 'json', ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
		values := []string{`"v"`, `"a \"b\" ž"`, `["a", 1]`, "1e400", `"\u0000"`, "null"}
		for i, v := range append(values, `"s3cret"`, `"last"`) {
			if i > 0 { // the first is there
				if err := db.Write.Exec(add, i+1, fmt.Sprint("p", i), v, v == `"s3cret"`).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
		if db.Dialect == config.Postgres { // the numbers above were not taken from it
			if err := db.Write.Exec("SELECT setval('parameters_id_seq', 8)").Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Write.Exec("DELETE FROM parameters WHERE id = 8").Error; err != nil {
			t.Fatal(err)
		}
		keeps(t, db)
		var list []models.Parameter
		if err := db.Write.Order("id").Find(&list).Error; err != nil {
			t.Fatal(err)
		}
		for i, p := range list {
			if i < len(values) && p.Value != values[i] || *p.TaxonomyID != 1 {
				t.Errorf("got %+v, want the value %s", p, values[i])
			}
			if diff := cmp.Diff(p.Searchable(), p.SearchableValue); diff != "" {
				t.Errorf("%s: want (-), got (+):\n%s", p.Value, diff)
			}
		}
		global := models.Parameter{Name: "p", Value: "1"}
		if err := db.Write.Create(&global).Error; err != nil || global.ID != 9 {
			t.Errorf("a global one got the number %d: %v", global.ID, err)
		}
		if err := db.Write.Create(&models.Parameter{Name: "p", Value: "1"}).Error; err == nil {
			t.Error("two global ones have one name")
		}
	})
}

// contents counts the rows of every table of the program's own.
func contents(t *testing.T, db *gorm.DB) map[string]int64 {
	t.Helper()
	query := "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	if db.Name() == config.SQLite {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
	}
	var tables []string
	if err := db.Raw(query).Scan(&tables).Error; err != nil {
		t.Fatal(err)
	}
	tables = slices.DeleteFunc(tables, func(name string) bool {
		return strings.HasPrefix(name, "goose") || strings.HasPrefix(name, "sqlite_") ||
			strings.Contains(name, "trigrams")
	})
	counts := map[string]int64{}
	for _, table := range tables {
		var n int64
		if err := db.Table(table).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// Users and groups keep their numbers, and the next one is given to neither before; organizations get slugs that no
// other has.
func TestUp_Identities(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		filled(t, db, "_kept_limits.sql")
		const tenants = "INSERT INTO taxonomies (id, type, name, lower_name, title, parent_id, created_at, updated_at) " +
			"VALUES (?, 'Organization', ?, ?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
		names := map[int64]string{10: "Acme Corp", 11: "acme corp", 12: "Žluť", 13: "Organization 12", 14: "7 Sins",
			15: "a  b", 16: "A-b", 17: strings.Repeat("long", 30)}
		for id := int64(10); id < 18; id++ {
			var parent *int64
			if id == 11 {
				parent = new(int64)
				*parent = 10
			}
			if err := db.Write.Exec(tenants, id, names[id], strings.ToLower(names[id]), names[id],
				parent).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, statement := range []string{
			"INSERT INTO users (id, login, lower_login, auth_source_id, created_at, updated_at) VALUES " +
				"(41, 'x', 'x', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
			"INSERT INTO usergroups (id, name, created_at, updated_at) VALUES (77, 'far', CURRENT_TIMESTAMP, " +
				"CURRENT_TIMESTAMP)",
			"DELETE FROM usergroups WHERE id = 77",
		} {
			if db.Dialect == config.Postgres && strings.Contains(statement, "77") {
				statement = strings.Replace(statement, "INSERT INTO usergroups",
					"SELECT setval('usergroups_id_seq', 77); INSERT INTO usergroups", 1)
			}
			for part := range strings.SplitSeq(statement, "; ") {
				if err := db.Write.Exec(part).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
		keeps(t, db)
		var slugs []string
		if err := db.Write.Raw("SELECT slug FROM taxonomies WHERE type = 'Organization' ORDER BY id").
			Scan(&slugs).Error; err != nil {
			t.Fatal(err)
		}
		want := []string{"o", "acme-corp", "organization-11", "organization-12", "organization-13", "organization-14",
			"organization-15", "a-b", "organization-17"}
		if diff := cmp.Diff(want, slugs); diff != "" {
			t.Errorf("slugs: want (-), got (+):\n%s", diff)
		}
		group := models.Usergroup{Name: "next"}
		user := models.User{Login: "next", LowerLogin: "next", AuthSourceID: 1}
		last := models.Usergroup{Name: "last"}
		for _, row := range []any{&group, &user, &last} {
			if err := db.Write.Omit("SortName").Create(row).Error; err != nil {
				t.Fatal(err)
			}
		}
		if got := []int64{group.ID, user.ID, last.ID}; !slices.Equal(got, []int64{78, 79, 80}) {
			t.Errorf("the next numbers are %v, want 78 to 80", got)
		}
		if user.Status() != models.UserActive {
			t.Errorf("a new account is %s", user.Status())
		}
	})
}

// Accounts of the release before go on as they were: nothing has to be changed, and nothing is hidden or asked for. A
// group, a membership and a role of that release stay.
func TestUp_Accounts(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		filled(t, db, "_kept_limits.sql")
		if err := migrations.UpFS(t.Context(), db.SQL(), db.Dialect, before(t, db.Dialect, "_accounts.sql"),
			func(string) {}); err != nil {
			t.Fatal(err)
		}
		for _, row := range []string{
			"memberships (id, usergroup_id, taxonomy_id, state, source, joined_at) VALUES (70, 1, 1, 'suspended', " +
				"'scim', NOW)",
			"membership_roles (membership_id, role_id) VALUES (70, 3)",
			"tenant_revisions (taxonomy_id, slot, epoch, moves) VALUES (1, 2, 3, 4)",
		} {
			if err := db.Write.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW",
				"CURRENT_TIMESTAMP")).Error; err != nil {
				t.Fatal(row, ": ", err)
			}
		}
		had := contents(t, db.Write)
		if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
			t.Fatal(err)
		}
		for table, n := range had {
			if now := contents(t, db.Write)[table]; now != n {
				t.Errorf("%s has %d rows after the migration, %d before", table, now, n)
			}
		}
		var user models.User
		if err := db.Write.First(&user).Error; err != nil {
			t.Fatal(err)
		}
		if user.MustChangePassword || user.PasswordChangedAt != nil || user.MailNotification != nil ||
			user.HideMail != nil || user.SecondFactor != nil || models.Deref(user.Firstname) != "Ödön" {
			t.Errorf("the account became %+v", user)
		}
	})
}

func TestUp_Invitations(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		migrated(t, db, "_invitations.sql", rowsOfAccounts)
		var token models.PersonalAccessToken
		if err := db.Write.First(&token).Error; err != nil {
			t.Fatal(err)
		}
		if token.ReadOnly || token.IdleDays != nil || token.Name != "t" {
			t.Errorf("the token became %+v", token)
		}
		// Two tokens of a user may have one name from now on.
		again := models.PersonalAccessToken{ID: 99, UserID: token.UserID, Name: token.Name, TokenHash: "h2"}
		if err := db.Write.Create(&again).Error; err != nil {
			t.Error(err)
		}
	})
}

// rowsOfAccounts are rows in the tables that came up to accounts, rowsOfInvitations those in the tables that came with
// invitations.
var (
	rowsOfAccounts = []string{
		"custom_fields (id, subject, name, format, position, created_at, updated_at) VALUES (5, 'user', 'f', " +
			"'string', 1, NOW, NOW)",
		"custom_values (custom_field_id, user_id, value) VALUES (5, 1, 'v')",
		"user_mails (user_id, address, lower_address, created_at, updated_at) VALUES (1, 'A@b', 'a@b', NOW, NOW)",
		"api_keys (user_id, key_hash, sealed, created_at) VALUES (1, 'h', 's', NOW)",
		"outgoing_mails (user_id, kind, recipient, sealed, created_at, due_at) VALUES (1, 'welcome', 'a@b', 's', " +
			"NOW, NOW)",
		"takeovers (source, noun, old_id, new_id) VALUES ('s', 'user', 1, 1)",
	}
	rowsOfInvitations = []string{
		"memberships (id, usergroup_id, taxonomy_id, state, source, joined_at) VALUES (70, 1, 1, 'active', 'scim', NOW)",
		"membership_roles (membership_id, role_id) VALUES (70, 3)",
		"tenant_revisions (taxonomy_id, slot, epoch, moves) VALUES (1, 2, 3, 4)",
		"invitations (key, membership_id, owner_id, created_at) VALUES ('k', 70, 1, NOW)",
		"account_tokens (token_hash, user_id, purpose, created_at) VALUES ('h', 1, 'login', NOW)",
	}
)

// migrated brings a database of the release before a migration, with rows in its tables, up to date, and returns how
// many rows there were. None may be lost.
func migrated(t *testing.T, db *config.Database, name string, more ...[]string) map[string]int64 {
	t.Helper()
	filled(t, db, "_kept_limits.sql")
	if err := migrations.UpFS(t.Context(), db.SQL(), db.Dialect, before(t, db.Dialect, name),
		func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, rows := range more {
		insert(t, db, rows)
	}
	had := contents(t, db.Write)
	if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
		t.Fatal(err)
	}
	now := contents(t, db.Write)
	for table, n := range had {
		if now[table] != n {
			t.Errorf("%s has %d rows after the migration, %d before", table, now[table], n)
		}
	}
	return had
}

func insert(t *testing.T, db *config.Database, rows []string) {
	t.Helper()
	for _, row := range rows {
		if err := db.Write.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW", "CURRENT_TIMESTAMP")).Error; err != nil {
			t.Fatal(row, ": ", err)
		}
	}
}

// Whoever was there before identity providers can be linked to one, and one only for each organization.
func TestUp_Provisioning(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		for table, n := range migrated(t, db, "_provisioning.sql", rowsOfAccounts, rowsOfInvitations) {
			if n == 0 {
				t.Errorf("%s has no row before the migration", table)
			}
		}
		user := int64(1)
		group := int64(1)
		link := func(organization int64, uuid string, user, group *int64) models.ScimLink {
			kind := models.ProvisionedUser
			if group != nil {
				kind = models.ProvisionedGroup
			}
			return models.ScimLink{OrganizationID: organization, ResourceType: kind, UUID: uuid, UserID: user,
				UsergroupID: group, Extra: "{}", Version: 1}
		}
		links := []models.ScimLink{link(1, "a", &user, nil), link(1, "b", nil, &group)}
		if err := db.Write.Create(&links).Error; err != nil {
			t.Fatal(err)
		}
		for _, again := range []models.ScimLink{link(1, "c", &user, nil), link(1, "c", nil, &group),
			link(2, "a", &user, nil)} {
			if err := db.Write.Create(&again).Error; err == nil {
				t.Errorf("a link was made twice: %+v", again)
			}
		}
		if err := db.Write.Exec("DELETE FROM users WHERE id = 1").Error; err != nil {
			t.Fatal(err)
		}
		if n := contents(t, db.Write)["scim_links"]; n != 1 {
			t.Errorf("%d links are left after the user, want that of the group", n)
		}
	})
}

// rowsOfProvisioning are rows in the tables that the migration to provisioning made.
var rowsOfProvisioning = []string{
	"scim_tokens (id, organization_id, name, token_hash, created_at, updated_at) VALUES (1, 1, 'n', 'h', NOW, NOW)",
	"scim_links (id, organization_id, resource_type, uuid, user_id, created_at, updated_at) VALUES " +
		"(1, 1, 'User', 'a', 1, NOW, NOW)",
}

// Accounts and memberships of the release before have no end, and can be given one.
func TestUp_Ends(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		had := migrated(t, db, "_ends.sql", rowsOfAccounts, rowsOfInvitations, rowsOfProvisioning)
		for table, n := range had {
			if n == 0 {
				t.Errorf("%s has no row before the migration", table)
			}
		}
		if diff := cmp.Diff(had, contents(t, db.Write)); diff != "" {
			t.Errorf("rows before (-), after (+) the migration:\n%s", diff)
		}
		for _, table := range []string{"users WHERE expires_at IS NOT NULL OR expired",
			"memberships WHERE expires_at IS NOT NULL OR ended"} {
			var n int64
			if err := db.Read.Raw("SELECT COUNT(*) FROM " + table).Scan(&n).Error; err != nil || n != 0 {
				t.Errorf("%d %s, %v; want none", n, table, err)
			}
		}
		for _, change := range []string{"UPDATE users SET expires_at = CURRENT_TIMESTAMP, expired = TRUE",
			"UPDATE memberships SET expires_at = CURRENT_TIMESTAMP, ended = TRUE"} {
			if done := db.Write.Exec(change); done.Error != nil || done.RowsAffected == 0 {
				t.Errorf("%s: %d rows, %v", change, done.RowsAffected, done.Error)
			}
		}
	})
}

// A database of the release before can be dumped and restored by the programs of PostgreSQL, and analyzed by its
// autovacuum: both work without a search path.
func TestUp_Qualified(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		had := migrated(t, db, "_qualified.sql", rowsOfAccounts, rowsOfInvitations, rowsOfProvisioning)
		if err := db.Write.Exec("UPDATE users SET firstname = 'Žofie', lastname = 'Malá' WHERE id = 1").Error; err != nil {
			t.Fatal(err)
		}
		if db.Dialect == config.SQLite {
			return
		}
		for _, table := range slices.Sorted(maps.Keys(had)) {
			err := db.Write.Connection(func(c *gorm.DB) error {
				return c.Exec("SET search_path = ''; ANALYZE public." + table + "; RESET search_path").Error
			})
			if err != nil {
				t.Errorf("%s: %v", table, err)
			}
		}
		file := filepath.Join(t.TempDir(), "roster.dump")
		restored := dbtest.Postgres(t)
		for _, command := range [][]string{{"pg_dump", "-Fc", "-f", file, url},
			{"pg_restore", "--exit-on-error", "-d", restored, file}} {
			out, err := exec.CommandContext(t.Context(), dbtest.Program(t, command[0]), command[1:]...).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", command[0], err, out)
			}
		}
		again := open(t, restored)
		if diff := cmp.Diff(contents(t, db.Write), contents(t, again.Write)); diff != "" {
			t.Errorf("rows before (-), after (+):\n%s", diff)
		}
		if err := migrations.Check(t.Context(), again.SQL(), again.Dialect); err != nil {
			t.Error(err)
		}
	})
}
