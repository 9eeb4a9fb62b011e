package takeover_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"roster/test/dbtest"
)

// kinds are the databases that sources are kept in.
var kinds = []string{"postgres", "mariadb", "sqlite"}

// types are what kinds call the types of columns.
var types = map[string]*strings.Replacer{
	"postgres": strings.NewReplacer("TIME", "timestamp", "FLAG", "boolean", "YES", "true", "NO", "false"),
	"mariadb": strings.NewReplacer("TIME", "datetime(6)", " regexp", " `regexp`", "FLAG", "tinyint(1)", "YES", "1",
		"NO", "0"),
	"sqlite": strings.NewReplacer("TIME", "datetime", "FLAG", "boolean", "YES", "1", "NO", "0"),
}

// schema are the columns of Redmine's tables that matter, as version 5 has them. Those in brackets came later than
// version 4.0.
var schema = []string{
	"auth_sources (id integer, type varchar(30), name varchar(60), host varchar(60), port integer, account " +
		"varchar(99), " +
		"account_password varchar(99), base_dn varchar(255), attr_login varchar(30), attr_firstname varchar(30), " +
		"attr_lastname varchar(30), attr_mail varchar(30), onthefly_register FLAG, tls FLAG, filter text, " +
		"timeout integer" +
		"[, verify_peer FLAG])",
	"custom_fields (id integer, type varchar(30), name varchar(30), field_format varchar(30), possible_values text, " +
		"regexp varchar(255), min_length integer, max_length integer, is_required FLAG, is_for_all FLAG, " +
		"is_filter FLAG, " +
		"position integer, searchable FLAG, default_value text, editable FLAG, visible FLAG, multiple FLAG, " +
		"format_store text, description text)",
	"custom_field_enumerations (id integer, custom_field_id integer, name varchar(255))",
	"custom_values (id integer, customized_type varchar(30), customized_id integer, custom_field_id integer, " +
		"value text)",
	"email_addresses (id integer, user_id integer, address varchar(255), is_default FLAG, notify FLAG, " +
		"created_on TIME, " +
		"updated_on TIME)",
	"groups_users (group_id integer, user_id integer)",
	"member_roles (id integer, member_id integer, role_id integer, inherited_from integer)",
	"members (id integer, user_id integer, project_id integer, created_on TIME, mail_notification FLAG)",
	"projects (id integer, name varchar(255), description text, is_public FLAG, parent_id integer, created_on TIME, " +
		"updated_on TIME, identifier varchar(255), status integer, lft integer, rgt integer, inherit_members FLAG)",
	"roles (id integer, name varchar(255), position integer, assignable FLAG, builtin integer, permissions text, " +
		"issues_visibility varchar(30), users_visibility varchar(30))",
	"settings (id integer, name varchar(255), value text, updated_on TIME)",
	"tokens (id integer, user_id integer, action varchar(30), value varchar(40), created_on TIME)",
	"user_preferences (id integer, user_id integer, others text, hide_mail FLAG, time_zone varchar(255))",
	"users (id integer, login varchar(255), hashed_password varchar(40), firstname varchar(30), lastname varchar(255), " +
		"admin FLAG, status integer, last_login_on TIME, language varchar(5), auth_source_id integer, created_on TIME, " +
		"updated_on TIME, type varchar(255), mail_notification varchar(255), salt varchar(64), " +
		"must_change_passwd FLAG, " +
		"passwd_changed_on TIME[, twofa_scheme varchar(255)])",
}

// source is another product's database that a test fills.
type source struct {
	*sql.DB
	t     *testing.T
	kind  string
	dsn   string
	words *strings.Replacer
}

// newSource makes an empty database of Redmine; an old one is of version 4.0.
func newSource(t *testing.T, kind string, old bool) *source {
	t.Helper()
	s := &source{t: t, kind: kind, words: types[kind]}
	driver := "pgx"
	var address string
	switch kind {
	case "postgres":
		s.dsn = dbtest.Postgres(t)
		address = s.dsn
	case "mariadb":
		s.dsn = dbtest.MariaDB(t)
		at, err := url.Parse(s.dsn)
		if err != nil {
			t.Fatal(err)
		}
		driver = "mysql"
		address = "root@unix(" + at.Query().Get("socket") + ")" + at.Path
	default:
		driver = "sqlite"
		address = filepath.Join(t.TempDir(), "redmine.sqlite3")
		s.dsn = "sqlite://" + address
		address += "?_pragma=busy_timeout(10000)" // an interrupted run lets go of the file a moment later
	}
	var err error
	if s.DB, err = sql.Open(driver, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if kind == "postgres" {
		s.run("DROP SCHEMA public CASCADE")
		s.run("CREATE SCHEMA public")
	}
	for _, table := range schema {
		if old {
			head, rest, later := strings.Cut(table, "[")
			if later {
				_, end, _ := strings.Cut(rest, "]")
				table = head + end
			}
		}
		s.run("CREATE TABLE " + strings.NewReplacer("[", "", "]", "").Replace(table))
	}
	return s
}

// run executes statements in the words of the kind.
func (s *source) run(statements ...string) {
	s.t.Helper()
	for _, statement := range statements {
		if _, err := s.Exec(s.words.Replace(statement)); err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// insert adds rows to a table: the names of the columns, then the rows, in the words of the kind.
func (s *source) insert(into string, rows ...string) {
	s.t.Helper()
	s.run("INSERT INTO " + into + " VALUES (" + strings.Join(rows, "), (") + ")")
}

const (
	users = "users (id, login, hashed_password, salt, firstname, lastname, admin, status, language, auth_source_id, " +
		"type, mail_notification, must_change_passwd, created_on, updated_on, passwd_changed_on)"
	projects = "projects (id, name, identifier, is_public, parent_id, status, lft, inherit_members)"
	fields   = "custom_fields (id, type, name, field_format, possible_values, regexp, is_required, is_filter, " +
		"position, " +
		"searchable, default_value, editable, visible, multiple)"
)

// person is a row of users: a login, what its password is hashed as, a name, and what the status says.
func person(id int, login, hash, salt, first, last string, admin bool, status int, kind string) string {
	flag := map[bool]string{true: "YES", false: "NO"}[admin]
	return fmt.Sprintf("%d, '%s', '%s', '%s', '%s', '%s', %s, %d, 'de', NULL, '%s', 'all', NO, '2020-02-29 12:00:00', "+
		"'2021-03-01 00:00:00', '2022-01-01 00:00:00'", id, login, hash, salt, first, last, flag, status, kind)
}

// The password "open sesame" as Redmine hashes it with a salt, and without one.
const (
	salt     = "0123456789abcdef0123456789abcdef"
	salted   = "5fa30e67b19cf117e9dbefa411e619b9ca140d02"
	unsalted = "5bcaff7f22ff533ca099b3408ead876c0ebba9a7"
	password = "open sesame"
)

// filled makes a directory of some people: administrators, members of groups, the locked and the registered.
func filled(t *testing.T, kind string, old bool) *source {
	t.Helper()
	s := newSource(t, kind, old)
	s.insert(users,
		person(1, "admin", salted, salt, "Ada", "Admin", true, 1, "User"),
		person(2, "", "", "", "", "Anonymous users", false, 1, "GroupAnonymous"),
		person(3, "", "", "", "", "Non member users", false, 1, "GroupNonMember"),
		person(4, "", "", "", "", "Anonymous", false, 0, "AnonymousUser"),
		person(7, "zoe", unsalted, "", "Zoë & Co", "O''Hara <b>", false, 1, "User"),
		person(8, "Bob.B", salted, salt, "Bob", "Builder", false, 3, "User"),
		person(9, "carol", salted, salt, "Carol", "", false, 2, "User"),
		person(12, "", "", "", "", "Team", false, 1, "Group"),
		person(13, "", "", "", "", "zoe", false, 1, "Group"))
	s.run("UPDATE users SET auth_source_id = 3, hashed_password = '', salt = '' WHERE id = 9",
		"UPDATE users SET must_change_passwd = YES WHERE id = 8")
	s.insert("auth_sources (id, type, name, host, port, account_password, base_dn, attr_login, onthefly_register, tls)",
		"3, 'AuthSourceLdap', 'Company', 'ldap.example.com', 636, 'bind', 'dc=example', 'uid', NO, YES")
	s.insert("email_addresses (id, user_id, address, is_default, notify)", "1, 1, 'ada@example.com', YES, YES",
		"2, 7, 'zoe@example.com', YES, YES", "3, 7, 'Z.Ohara@example.org', NO, YES",
		"4, 8, 'bob@example.com', YES, YES")
	s.insert("tokens (id, user_id, action, value)", "1, 1, 'api', '"+strings.Repeat("a", 40)+"'",
		"2, 7, 'api', '"+strings.Repeat("b", 40)+"'", "3, 7, 'feeds', '"+strings.Repeat("c", 40)+"'")
	s.insert("user_preferences (id, user_id, hide_mail, time_zone)", "1, 7, NO, 'Berlin'", "2, 8, YES, 'Nowhere'")
	s.insert("groups_users (group_id, user_id)", "12, 7", "12, 8", "13, 1")
	s.insert(fields,
		"1, 'UserCustomField', 'Phone', 'string', NULL, '^[0-9]+$', NO, YES, 1, NO, NULL, YES, YES, NO",
		"2, 'UserCustomField', 'Languages', 'list', '---\n- Go\n- SQL\n', '', NO, YES, 2, NO, NULL, YES, YES, YES",
		"3, 'UserCustomField', 'Desk', 'enumeration', NULL, '', NO, YES, 3, NO, NULL, YES, YES, NO",
		"4, 'GroupCustomField', 'Center', 'string', NULL, '(?=x)', NO, NO, 1, NO, NULL, YES, YES, NO",
		"5, 'IssueCustomField', 'Other', 'string', NULL, '', NO, NO, 1, NO, NULL, YES, YES, NO")
	s.insert("custom_field_enumerations (id, custom_field_id, name)", "70, 3, 'North'", "71, 3, 'South'")
	s.insert("custom_values (id, customized_type, customized_id, custom_field_id, value)",
		"1, 'Principal', 7, 1, '555'", "2, 'Principal', 7, 2, 'SQL'", "3, 'Principal', 7, 2, 'Go'",
		"4, 'Principal', 8, 3, '71'", "5, 'Principal', 12, 4, 'x1'", "6, 'Issue', 7, 1, 'no'")
	s.insert("roles (id, name, position, builtin, permissions, users_visibility)",
		"1, 'Non member', 0, 1, '---\n- :view_issues\n', 'all'",
		"2, 'Anonymous', 0, 2, NULL, 'members_of_visible_projects'",
		"3, 'Manager', 2, 0, '---\n- :manage_members\n', 'all'", "4, 'Developer', 1, 0, NULL, 'all'")
	s.insert(projects, "1, 'Shop', 'shop', YES, NULL, 1, 1, NO", "5, 'Shop', 'shop-2', NO, NULL, 1, 7, NO",
		"6, 'Old', '2nd-old', NO, 1, 9, 2, YES")
	s.insert("members (id, user_id, project_id)", "20, 7, 1", "21, 12, 1", "22, 8, 1", "23, 8, 6", "24, 99, 1")
	s.insert("member_roles (id, member_id, role_id, inherited_from)", "1, 20, 3, NULL", "2, 21, 4, NULL", "3, 20, 4, 2",
		"4, 22, 4, 2", "5, 23, 3, NULL", "6, 24, 3, NULL")
	s.insert("settings (id, name, value)", "1, 'password_min_length', '10'", "2, 'user_format', 'lastname_firstname'",
		"3, 'password_required_char_classes', '---\n- digits\n'",
		"4, 'email_domains_denied', 'evil.example, .bad.example'",
		"5, 'login_required', '1'")
	return s
}
