package takeover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/directory/takeover"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
	"roster/test/servertest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// fresh is a server that nobody has used yet.
func fresh(t *testing.T, db *config.Database) *servertest.Server {
	t.Helper()
	s := servertest.Launch(t, db, servertest.NewClock(servertest.SeedTime), servertest.AnyLDAP{}, handlers.Options{})
	if _, err := seed.Apply(t.Context(), s.Dir, servertest.AdminPassword); err != nil {
		t.Fatal(err)
	}
	return s
}

// takeOver runs a takeover that has to work.
func takeOver(t *testing.T, s *servertest.Server, from *source, o takeover.Options) *takeover.Report {
	t.Helper()
	report, err := try(t.Context(), t, s, from, o)
	if err != nil {
		t.Fatalf("%v, with the notes %v", err, report.Notes)
	}
	return report
}

func try(ctx context.Context, t *testing.T, s *servertest.Server, from *source, o takeover.Options) (*takeover.Report,
	error) {
	t.Helper()
	open, err := takeover.Open(ctx, from.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	return takeover.Redmine(ctx, s.Dir, open, o)
}

// each runs a test for every kind of source, on every database.
func each(t *testing.T, test func(t *testing.T, s *servertest.Server, kind string)) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run("from "+kind, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, fresh(t, db), kind) })
		})
	}
}

// query returns what a statement finds, line by line.
func query(t *testing.T, s *servertest.Server, statement string) []string {
	t.Helper()
	rows, err := s.DB.Read.Raw(statement).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	lines := []string{}
	names, _ := rows.Columns()
	for rows.Next() {
		values := make([]any, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(values...))
	}
	return lines
}

func text(column string) string { return "COALESCE(CAST(" + column + " AS TEXT), '-')" }

// columns joins columns into one text, so that both databases write them alike.
func columns(names ...string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = text(name)
	}
	return strings.Join(parts, " || ' ' || ")
}

// An untouched directory becomes the other one: every number stays, and people log in as they did.
func TestRedmine_IntoAnUntouchedDirectory(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.Server, kind string) {
		from := filled(t, kind, false)
		var progress []int
		report := takeOver(t, s, from, takeover.Options{
			Progress: func(done, total int) { progress = append(progress, done, total) },
		})
		if !report.Fresh || report.Compared != 5 || report.Different != 0 || !slices.Equal(progress, []int{5, 5}) {
			t.Errorf("got %+v with the progress %v", report, progress)
		}
		flag := func(column string) string { return "CASE WHEN " + column + " THEN 'y' ELSE 'n' END" }
		for what, test := range map[string]struct {
			query string
			want  []string
		}{
			"users": {
				"SELECT " + columns("id", "login", "mail", "locale", "timezone", "mail_notification") + " || ' ' || " +
					flag("admin") + " || " + flag("disabled") + " || " + flag("registered") + " || " + flag("hidden") +
					" || " + flag("must_change_password") + " || CASE WHEN hide_mail IS NULL THEN '-' ELSE " +
					flag("hide_mail") + " END FROM users " +
					"WHERE id < 14 ORDER BY id",
				[]string{
					"1 admin ada@example.com de - all ynnnn-", "4 anonymous - de - all nynyn-",
					"7 zoe zoe@example.com de Berlin all nnnnnn", "8 Bob.B bob@example.com de - all nynnyy",
					"9 carol - de - all nyynn-",
				},
			},
			"names": {"SELECT firstname || '|' || lastname FROM users WHERE id IN (7, 9) ORDER BY id",
				[]string{"Zoë & Co|O'Hara <b>", "Carol|"}},
			"groups": {"SELECT " + columns("id", "name") + " FROM usergroups ORDER BY id",
				[]string{"12 Team", "13 zoe (Redmine)"}},
			"members of groups": {"SELECT " + columns("usergroup_id", "user_id") +
				" FROM usergroup_users ORDER BY usergroup_id, user_id", []string{"12 7", "12 8", "13 1"}},
			"addresses": {"SELECT " + columns("user_id", "address", "lower_address") + " FROM user_mails",
				[]string{"7 Z.Ohara@example.org z.ohara@example.org"}},
			"fields": {"SELECT " + columns("id", "subject", "name", "format", "possible_values", "pattern",
				"position") +
				" FROM custom_fields ORDER BY id", []string{
				"1 user Phone string [] ^[0-9]+$ 1", `2 user Languages list ["Go","SQL"]  2`,
				`3 user Desk list ["North","South"]  3`, "4 usergroup Center string []  1",
			}},
			"values": {"SELECT " + columns("custom_field_id", "user_id", "usergroup_id", "place", "value") +
				" FROM custom_values ORDER BY custom_field_id, user_id, place", []string{
				"1 7 - 0 555", "2 7 - 0 SQL", "2 7 - 1 Go", "3 8 - 0 South", "4 - 12 0 x1",
			}},
			"organizations": {"SELECT " + columns("id", "name", "title", "slug", "parent_id", "ancestry",
				"ignore_types") +
				" FROM taxonomies WHERE type = 'Organization' ORDER BY id", []string{
				`1 Shop Shop shop - - ["User"]`, "5 Shop (shop-2) Shop (shop-2) shop-2 - - []",
				"6 Old Shop/Old 2nd-old 1 1 []",
			}},
			"roles": {"SELECT " + columns("id", "name", "position") +
				" FROM roles WHERE origin IS NULL ORDER BY position",
				[]string{"4 Developer 1", "3 Manager 2"}},
			"memberships": {"SELECT " + columns("m.id", "user_id", "usergroup_id", "taxonomy_id", "state", "role_id") +
				" FROM memberships m LEFT JOIN membership_roles r ON r.membership_id = m.id WHERE m.id < 25 " +
				"ORDER BY m.id",
				[]string{"20 7 - 1 active 3", "21 - 12 1 active 4", "22 8 - 1 active -", "23 8 - 6 suspended 3"}},
			"sources": {"SELECT " + columns("id", "type", "name", "host", "port", "attr_login") +
				" FROM auth_sources WHERE id = 3", []string{"3 AuthSourceLdap Company ldap.example.com 636 uid"}},
			"settings": {"SELECT name || ' ' || value FROM settings ORDER BY name", []string{
				`email_domains_denied ["evil.example",".bad.example"]`, `open_directory "members"`,
				"password_min_length 10", `password_required_char_classes ["digits"]`, "redmine_login_required true",
				`redmine_user_format "lastname_firstname"`,
			}},
		} {
			if diff := cmp.Diff(test.want, query(t, s, test.query)); diff != "" {
				t.Errorf("%s: want (-), got (+):\n%s", what, diff)
			}
		}
		logsIn(t, s)
		againChangesNothing(t, s, from)
		goesOn(t, s, from)
	})
}

// logsIn checks that old passwords and keys let in, and that the hash of a password that was used is replaced.
func logsIn(t *testing.T, s *servertest.Server) {
	t.Helper()
	for _, test := range []struct {
		c    login.Credentials
		want string
	}{
		{login.Credentials{Login: "zoe", Password: password}, "zoe"},
		{login.Credentials{Login: "ADMIN", Password: password}, "admin"},
		{login.Credentials{Login: "zoe", Password: "wrong"}, ""},
		{login.Credentials{Login: "anonymous", Password: password}, ""},
		{login.Credentials{Login: "bob.b", Password: password}, ""},
		{login.Credentials{APIKey: strings.Repeat("a", 40)}, "admin"},
		{login.Credentials{APIKey: strings.Repeat("b", 40)}, "zoe"},
		{login.Credentials{APIKey: strings.Repeat("c", 40)}, ""},
		{login.Credentials{APIKey: strings.Repeat("B", 40)}, ""},
	} {
		test.c.RemoteAddress = "192.0.2.1"
		l, err := s.Logins.Login(t.Context(), test.c)
		got := ""
		if err == nil {
			got = l.Login
		}
		if got != test.want {
			t.Errorf("%+v lets %q in, want %q: %v", test.c, got, test.want, err)
		}
	}
	hashes := query(t, s, "SELECT login || ' ' || SUBSTR(password_hash, 1, 10) FROM users WHERE id < 14 AND "+
		"password_hash IS NOT NULL ORDER BY id")
	want := []string{"admin $argon2id$", "zoe $argon2id$", "Bob.B $argon2id$"}
	if diff := cmp.Diff(want, hashes); diff != "" {
		t.Errorf("hashes: want (-), got (+):\n%s", diff)
	}
	p, err := s.Logins.Login(t.Context(), login.Credentials{APIKey: strings.Repeat("a", 40)})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := s.Dir.APIKey(t.Context(), p.Principal, 7); key != strings.Repeat("b", 40) || err != nil {
		t.Errorf("the key is shown as %q: %v", key, err)
	}
}

// everything is what all tables hold.
func everything(t *testing.T, s *servertest.Server) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range []string{"users", "usergroups", "usergroup_users", "usergroup_closure", "memberships",
		"membership_roles", "taxonomies", "taxonomy_closure", "roles", "user_roles", "filters", "custom_fields",
		"custom_values", "user_mails", "auth_sources", "settings", "takeovers", "audits", "account_tokens",
		"personal_access_tokens", "invitations"} {
		all[table] = query(t, s, "SELECT * FROM "+table+" ORDER BY 1, 2")
	}
	all["api_keys"] = query(t, s, "SELECT user_id, key_hash, sealed FROM api_keys ORDER BY 1")
	return all
}

func againChangesNothing(t *testing.T, s *servertest.Server, from *source) {
	t.Helper()
	before := everything(t, s)
	report := takeOver(t, s, from, takeover.Options{})
	if len(report.Written) != 0 || report.Known["user"] != 5 || report.Different != 0 {
		t.Errorf("a second run reports %+v", report)
	}
	if diff := cmp.Diff(before, everything(t, s)); diff != "" {
		t.Errorf("a second run changed:\n%s", diff)
	}
}

// goesOn checks that who came to the other database since comes in by a later run, and that what changed here stays.
func goesOn(t *testing.T, s *servertest.Server, from *source) {
	t.Helper()
	from.insert(users, person(14, "late", salted, salt, "Late", "Riser", false, 1, "User"))
	from.insert("groups_users (group_id, user_id)", "12, 14")
	from.insert("members (id, user_id, project_id)", "25, 14, 5")
	from.insert("member_roles (id, member_id, role_id, inherited_from)", "7, 25, 4, NULL")
	if err := s.DB.Write.Exec("UPDATE users SET lastname = 'Married' WHERE id = 7").Error; err != nil {
		t.Fatal(err)
	}
	report := takeOver(t, s, from, takeover.Options{OnConflict: takeover.ConflictSkip})
	if report.Written["user"] != 1 || report.Written["membership"] != 1 || report.Compared != 6 ||
		report.Different != 1 {
		t.Errorf("got %+v", report)
	}
	got := query(t, s, "SELECT "+columns("u.login", "g.usergroup_id", "m.taxonomy_id", "r.role_id")+
		" FROM users u JOIN "+
		"usergroup_users g ON g.user_id = u.id JOIN memberships m ON m.user_id = u.id JOIN membership_roles r ON "+
		"r.membership_id = m.id WHERE u.login = 'late'")
	if want := []string{"late 12 5 4"}; !slices.Equal(got, want) {
		t.Errorf("who came later is %q, want %q", got, want)
	}
	if got := query(t, s, "SELECT lastname FROM users WHERE id = 7"); got[0] != "Married" {
		t.Errorf("a later run changed a name to %q", got)
	}
}

// Versions before 4.2 have no second factor and less about LDAP servers.
func TestRedmine_OldVersions(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.Server, kind string) {
		report := takeOver(t, s, filled(t, kind, true), takeover.Options{})
		if report.Written["user"] != 5 || report.Different != 0 {
			t.Errorf("got %+v", report)
		}
	})
}

// A dry run and one that is interrupted leave everything as it was.
func TestRedmine_LeavesNothingHalfDone(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.Server, kind string) {
		from := filled(t, kind, false)
		before := everything(t, s)
		report := takeOver(t, s, from, takeover.Options{DryRun: true})
		if report.Written["user"] != 5 || report.Compared != 5 {
			t.Errorf("a dry run reports %+v", report)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := try(ctx, t, s, from, takeover.Options{Progress: func(int, int) { cancel() }})
		if !errors.Is(err, context.Canceled) && !strings.Contains(fmt.Sprint(err), "cancel") {
			t.Errorf("an interrupted run ended with %v", err)
		}
		from.run("DELETE FROM users WHERE admin = YES")
		if _, err := try(t.Context(), t, s, from, takeover.Options{}); err == nil {
			t.Error("a directory without an administrator was taken over")
		}
		if diff := cmp.Diff(before, everything(t, s)); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

// In a directory with people, numbers and names that are taken change, and the operator decides about logins.
func TestRedmine_BesideOthers(t *testing.T) {
	for _, decision := range []takeover.OnConflict{takeover.ConflictAsk, takeover.ConflictSkip, takeover.ConflictMerge,
		takeover.ConflictRename} {
		t.Run("decision "+string(decision), func(t *testing.T) {
			each(t, func(t *testing.T, s *servertest.Server, kind string) {
				besideOthers(t, s, filled(t, kind, false), decision)
			})
		})
	}
}

func besideOthers(t *testing.T, s *servertest.Server, from *source, decision takeover.OnConflict) {
	mustRun := func(statements ...string) {
		for _, statement := range statements {
			if err := s.DB.Write.Exec(strings.ReplaceAll(statement, "NOW", "CURRENT_TIMESTAMP")).Error; err != nil {
				t.Fatal(statement, err)
			}
		}
	}
	mustRun("INSERT INTO users (id, login, lower_login, firstname, lastname, mail, auth_source_id, created_at, "+
		"updated_at) "+
		"VALUES (700, 'ZOE', 'zoe', 'Other', 'Zoe', 'z@here', (SELECT MIN(id) FROM auth_sources), NOW, NOW)",
		"INSERT INTO usergroups (id, name, created_at, updated_at) VALUES (8, 'Team', NOW, NOW)",
		"INSERT INTO usergroup_closure (ancestor_id, descendant_id) VALUES (8, 8)")
	before := everything(t, s)
	report, err := try(t.Context(), t, s, from, takeover.Options{OnConflict: decision})
	if decision == takeover.ConflictAsk {
		if !errors.Is(err, takeover.ErrConflicts) || len(report.Notes) != 2 {
			t.Errorf("got %v with %v, want two logins to decide about", err, report.Notes)
		}
		if diff := cmp.Diff(before, everything(t, s)); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	zoe := map[takeover.OnConflict]string{
		takeover.ConflictSkip: "700 ZOE Zoe z@here", takeover.ConflictMerge: "700 ZOE Zoe z@here",
		takeover.ConflictRename: "7 zoe-redmine O'Hara <b> zoe@example.com",
	}[decision]
	got := query(t, s, "SELECT "+columns("u.id", "login", "lastname", "mail")+
		" FROM users u WHERE lower_login LIKE 'zoe%' "+
		"ORDER BY id LIMIT 1")
	if got[0] != zoe {
		t.Errorf("zoe is %q, want %q", got[0], zoe)
	}
	wantIn := 1
	if decision == takeover.ConflictSkip {
		wantIn = 0
	}
	in := query(t, s, "SELECT "+columns("m.user_id", "r.role_id")+
		" FROM memberships m JOIN users u ON u.id = m.user_id "+
		"JOIN membership_roles r ON r.membership_id = m.id WHERE u.lower_login LIKE 'zoe%'")
	if len(in) != wantIn {
		t.Errorf("zoe's memberships are %q, want %d", in, wantIn)
	}
	if names := query(t, s, "SELECT name FROM usergroups ORDER BY name"); !slices.Contains(names, "Team (Redmine)") {
		t.Errorf("the groups are %q", names)
	}
	if got := query(t, s, "SELECT login FROM users WHERE id = 8"); len(got) != 0 {
		t.Errorf("the number of a group was given to %q", got)
	}
	var roles []models.Role
	if err := s.DB.Read.Where("origin IS NULL").Order("name").Find(&roles).Error; err != nil || len(roles) != 2 {
		t.Errorf("the roles are %v: %v", roles, err)
	}
	if admin := query(t, s, "SELECT firstname FROM users WHERE login = 'admin'"); admin[0] != "Admin" {
		t.Errorf("the administrator became %q", admin)
	}
	again := takeOver(t, s, from, takeover.Options{OnConflict: decision})
	for noun, n := range again.Written {
		if n != 0 {
			t.Errorf("a second run brought %d of %s in", n, noun)
		}
	}
}

// The report is readable for programs, and holds no secret.
func TestRedmine_Report(t *testing.T) {
	t.Parallel()
	db := dbtest.SQLite(t)
	from := filled(t, "sqlite", false)
	from.run("UPDATE users SET language = 'xx', auth_source_id = 77 WHERE id = 8",
		"UPDATE auth_sources SET account_password = 'aes-256-cbc:AAAA' WHERE id = 3")
	report := takeOver(t, fresh(t, db), from, takeover.Options{})
	b, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{salted, unsalted, strings.Repeat("a", 40), password} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the report holds a secret: %s", b)
		}
	}
	for _, want := range []string{"language xx", "auth source that is missing", "enter it anew", "time zone Nowhere",
		"regular expression", "is archived", "permissions of Redmine", "by way of a group alone"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the report does not tell of %q: %s", want, b)
		}
	}
}

// What cannot be read is refused without its password.
func TestOpen_Refuses(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "oracle://u:s3cret@h/d", "postgres://u:s3cret@127.0.0.1:1/d",
		"sqlite:///nowhere/x",
		"mysql://u:s3cret@127.0.0.1:1/d", "postgres://u:s3cret@%zz"} {
		open, err := takeover.Open(t.Context(), dsn)
		if err == nil {
			open.Close()
			t.Errorf("%q was opened", dsn)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: the error tells the password: %v", dsn, err)
		}
	}
	other := newSource(t, "sqlite", false)
	other.run("DROP TABLE members")
	s := fresh(t, dbtest.SQLite(t))
	if _, err := try(t.Context(), t, s, other, takeover.Options{}); err == nil {
		t.Error("another product's database was taken over")
	}
}
