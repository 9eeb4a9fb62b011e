package house

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"roster/test/servertest"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/schema"

	"roster/config"
	"roster/models"
	"roster/scopes/search"
	"roster/test/dbtest"
)

// rows are all models that are rows of a table.
var rows = []any{
	models.User{}, models.Usergroup{}, models.ExternalUsergroup{}, models.Role{}, models.Filter{}, models.Permission{},
	models.Tenant{}, models.AuthSource{},
	models.PersonalAccessToken{}, models.SSHKey{}, models.MailNotification{}, models.UserMailNotification{},
	models.TablePreference{}, models.Bookmark{}, models.Parameter{}, models.Membership{},
	models.UserMail{}, models.Invitation{}, models.AccountToken{}, models.APIKey{}, models.OutgoingMail{},
	models.Takeover{}, models.CustomField{},
	models.CustomValue{},
	models.ScimLink{}, models.ScimToken{},
	models.Session{}, models.LoginFailure{}, models.Tally{}, models.SettingValue{}, models.Audit{},
}

// links are the tables that only tie rows together, or count changes; no model stands for them.
var links = map[string][]string{
	"tenant_revisions": {"epoch", "moves", "slot", "taxonomy_id"},
	"user_roles":       {"role_id", "user_id"}, "membership_roles": {"membership_id", "role_id"},
	"usergroup_users": {"user_id", "usergroup_id"}, "usergroup_usergroups": {"member_id", "usergroup_id"},
	"usergroup_roles":   {"role_id", "usergroup_id"},
	"usergroup_closure": {"ancestor_id", "descendant_id"}, "taxonomy_closure": {"ancestor_id", "descendant_id"},
	"role_taxonomies": {"role_id", "taxonomy_id"}, "filter_taxonomies": {"filter_id", "taxonomy_id"},
	"filter_permissions":     {"filter_id", "permission_id"},
	"auth_source_taxonomies": {"auth_source_id", "taxonomy_id"}, "audit_taxonomies": {"audit_id", "taxonomy_id"},
	"locations_organizations": {"location_id", "organization_id"},
}

// Every column of a model exists after the migrations, and the reverse, on both databases.
func TestSchema(t *testing.T) {
	want := maps.Clone(links)
	for _, row := range rows {
		parsed, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		want[parsed.Table] = slices.Sorted(slices.Values(parsed.DBNames))
	}
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := &servertest.Server{T: t, DB: db}
		got := map[string][]string{}
		for _, c := range s.Columns() {
			got[c.Table] = append(got[c.Table], c.Name)
		}
		for _, names := range got {
			slices.Sort(names)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got the database's columns (-), want the models' (+):\n%s", diff)
		}
	})
}

// Every text of PostgreSQL is compared by its code points, whatever the locale of the database, and fold() lowers each
// letter as patterns are lowered.
func TestSchema_DependsOnNoLocale(t *testing.T) {
	url := dbtest.MigratedWith(t, dbtest.TurkishICU)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT table_name || '.' || column_name FROM information_schema.columns WHERE " +
		"table_schema = " +
		"'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name NOT LIKE 'goose%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		t.Errorf(`%s is compared as the locale has it: its migration lacks COLLATE "C"`, column)
	}
	for start := rune(1); start <= unicode.MaxRune; start += 4096 {
		var letters strings.Builder
		for r := start; r < start+4096 && r <= unicode.MaxRune; r++ {
			if r < 0xd800 || r > 0xdfff {
				letters.WriteRune(r)
			}
		}
		var got string
		if err := db.QueryRow("SELECT fold($1)", letters.String()).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := search.Fold(letters.String()); got != want {
			t.Errorf("letters from %U: fold() differs from what patterns become", start)
		}
	}
}

// ownIndices are needed by one of the databases only.
var ownIndices = map[string]bool{
	"users_state":    true, // PostgreSQL reads whole tables row by row and is better off with less to read
	"users_trigrams": true, // SQLite has a virtual table of this name
}

// Both databases hold the same tables, columns and indices.
func TestSchema_IsTheSameOnBoth(t *testing.T) {
	shape := map[string]map[string]bool{}
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := &servertest.Server{T: t, DB: db}
		found := map[string]bool{}
		for _, c := range s.Columns() {
			found[c.Table+"."+c.Name] = true
		}
		query := "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' AND " +
			"indexname NOT LIKE '%\\_pkey'"
		if db.Dialect == config.SQLite {
			query = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'"
		}
		var names []string
		if err := db.Read.Raw(query).Scan(&names).Error; err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !ownIndices[name] {
				found["index "+name] = true
			}
		}
		shape[db.Dialect] = found
	})
	if len(shape) == 2 {
		if diff := cmp.Diff(shape[config.SQLite], shape[config.Postgres]); diff != "" {
			t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
		}
	}
}

// What the schema itself refuses, whoever writes (issue: foreign keys, NOT NULL, unique and check constraints).
func TestSchema_Constraints(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		const user = "INSERT INTO users (login, lower_login, auth_source_id, created_at, updated_at) VALUES "
		const now = "'2024-01-01 00:00:00+00:00', '2024-01-01 00:00:00+00:00'"
		for what, statement := range map[string]string{
			"a login twice":              user + "('Admin', 'admin', 1, " + now + ")",
			"an empty login":             user + "('', '', 1, " + now + ")",
			"no login":                   user + "(NULL, 'x', 1, " + now + ")",
			"no source":                  user + "('x', 'x', NULL, " + now + ")",
			"a source that is not there": user + "('x', 'x', 4711, " + now + ")",
			"a source in use":            "DELETE FROM auth_sources WHERE id = 1",
			"an unknown kind of source":  "UPDATE auth_sources SET type = 'Nonsense' WHERE id = 1",
			"a role that is not there":   "INSERT INTO user_roles (user_id, role_id) VALUES (4, 4711)",
			"a role twice": "INSERT INTO user_roles (user_id, role_id) SELECT user_id, role_id " +
				"FROM user_roles",
			"a tenant that is not there":  "INSERT INTO memberships (user_id, taxonomy_id) VALUES (4, 4711)",
			"a tenant of an unknown kind": "UPDATE taxonomies SET type = 'Planet'",
			"a tenant below itself":       "UPDATE taxonomies SET parent_id = id",
			"two siblings of one name": "INSERT INTO taxonomies (type, name, lower_name, title, created_at, " +
				"updated_at) VALUES ('Location', 'x', 'default location', 'x', " + now + ")",
			"two default roles": "INSERT INTO roles (name, builtin) VALUES ('x', 2)",
			"a permission twice": "INSERT INTO permissions (name, created_at, updated_at) VALUES " +
				"('view_users', " + now + ")",
			"an audit of an unknown kind": "INSERT INTO audits (auditable_id, auditable_type, action, version, " +
				"created_at) VALUES (1, 'User', 'guess', 9, '2024-01-01 00:00:00+00:00')",
			"an administrator flag of null": "UPDATE users SET admin = NULL",
			"a group that is its own member": "INSERT INTO usergroup_usergroups (usergroup_id, member_id) VALUES " +
				"(1, 1)",
		} {
			if err := s.DB.Write.Exec(statement).Error; err == nil {
				t.Errorf("%s: was taken", what)
			}
		}
	})
}
