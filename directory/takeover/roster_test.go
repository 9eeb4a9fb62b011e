package takeover_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory"
	"roster/directory/backup"
	"roster/directory/seed"
	"roster/directory/takeover"
	"roster/handlers"
	"roster/migrations"
	"roster/models"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// directoryAt is a directory that somebody has used since a moment of its own.
func directoryAt(t *testing.T, db *config.Database, after time.Duration) *servertest.Server {
	t.Helper()
	s := servertest.Launch(t, db, servertest.NewClock(servertest.SeedTime.Add(after)), servertest.AnyLDAP{},
		handlers.Options{})
	if _, err := seed.Apply(t.Context(), s.Dir, servertest.AdminPassword); err != nil {
		t.Fatal(err)
	}
	return s
}

// references stand for numbers in the statements below: user ann, group ops, tenant Acme, role Keeper.
var references = regexp.MustCompile(`(user|group|tenant|role|source|field) '([^']+)'`)

var referred = map[string]string{
	"user": "(SELECT id FROM users WHERE login = '%s')", "group": "(SELECT id FROM usergroups WHERE name = '%s')",
	"tenant": "(SELECT id FROM taxonomies WHERE title = '%s')", "role": "(SELECT id FROM roles WHERE name = '%s')",
	"source": "(SELECT id FROM auth_sources WHERE name = '%s')",
	"field":  "(SELECT id FROM custom_fields WHERE name = '%s')",
}

// write executes statements with references, where NOW is a time.
func write(s *servertest.Server, statements ...string) {
	s.T.Helper()
	for _, statement := range statements {
		statement = references.ReplaceAllStringFunc(statement, func(text string) string {
			parts := references.FindStringSubmatch(text)
			return fmt.Sprintf(referred[parts[1]], parts[2])
		})
		s.Execute("INSERT INTO " + strings.ReplaceAll(statement, "NOW", "'2024-05-06 07:08:09.123456+00:00'"))
	}
}

// twoOrganizations fills a directory with the organizations Acme, with Lab below it, and Beta, which share bob, and
// have everything that an organization can have. Names of what is Beta's begin with beta, or Beta.
func twoOrganizations(t *testing.T, s *servertest.Server) {
	t.Helper()
	s.Clock.Advance(time.Second)
	holding := s.Organization("Holding")
	acme := s.Organization("Acme", holding)
	lab := s.Organization("Lab", acme)
	beta := s.Organization("Beta")
	hq := s.Location("HQ")
	mars := s.Location("Betaland")
	common := s.Location("Common")
	write(s, "locations_organizations (location_id, organization_id) VALUES "+fmt.Sprintf("(%d, %d), (%d, %d)", hq, acme,
		mars, beta),
		"auth_sources (type, name, host, account_password, created_at, updated_at) VALUES ('AuthSourceLdap', 'corp', "+
			"'ldap.example.com', 'bind secret', NOW, NOW)",
		"auth_source_taxonomies (auth_source_id, taxonomy_id) VALUES (source 'corp', tenant 'Holding/Acme')")
	in := func(ids ...int64) servertest.Object {
		list := make([]any, len(ids))
		for i, id := range ids {
			list[i] = id
		}
		return servertest.Object{"organization_ids": list}
	}
	s.User("ann", in(acme, lab), servertest.Object{"admin": true, "firstname": "Ann", "mail": "ann@example.com",
		"location_ids": []any{hq, common}, "default_organization_id": acme})
	s.User("bob", in(acme, beta), servertest.Object{"location_ids": []any{mars}, "description": "<&> \u2028 é",
		"role_ids": []any{s.Role("Viewer")}})
	s.User("betty-of-beta", in(beta))
	s.User("dan")
	s.User("eve", in(lab))
	s.Admin().Put("/api/users/eve", servertest.Object{"user": servertest.Object{"firstname": "Eve"}}).Expect(200)
	s.Execute("UPDATE users SET auth_source_id = (SELECT id FROM auth_sources WHERE name = 'corp') WHERE login = 'eve'")
	keeper := s.NewRole("Keeper", "view_users", "edit_users")
	s.Execute("UPDATE roles SET organizations_limited = TRUE WHERE id = ?", keeper)
	s.Execute("UPDATE filters SET organizations_limited = TRUE, taxonomy_search = '(organization_id ^ (" +
		fmt.Sprint(acme) + "))' WHERE role_id = " + fmt.Sprint(keeper))
	s.NewRole("Helper", "view_usergroups")
	betas := s.NewRole("Beta keepers", "view_users")
	group := func(name string, users ...int64) {
		s.Group(name, name == "ops", directory.UsergroupChange{Users: servertest.Refs(users...)})
	}
	id := func(login string) int64 { return s.Find("SELECT id FROM users WHERE login = ?", login) }
	group("ops", id("ann"))
	group("night", id("dan"))
	group("beta-night", id("betty-of-beta"))
	group("beta-ops", id("bob"))
	write(s, "role_taxonomies (role_id, taxonomy_id) VALUES (role 'Keeper', tenant 'Holding/Acme'), "+
		fmt.Sprintf("(%d, %d)", betas, beta),
		"filter_taxonomies (filter_id, taxonomy_id) SELECT id, tenant 'Holding/Acme' FROM filters WHERE role_id = "+
			"role 'Keeper'",
		"user_roles (user_id, role_id) VALUES (user 'bob', role 'Beta keepers')",
		"usergroup_roles (usergroup_id, role_id) VALUES (group 'night', role 'Manager')",
		"usergroup_usergroups (usergroup_id, member_id) VALUES (group 'ops', group 'night'), (group 'ops', "+
			"group 'beta-night')",
		"usergroup_closure (ancestor_id, descendant_id) VALUES (group 'ops', group 'night'), (group 'ops', "+
			"group 'beta-night')",
		"memberships (usergroup_id, taxonomy_id, joined_at) VALUES (group 'ops', tenant 'Holding/Acme', NOW), "+
			"(group 'beta-night', tenant 'Beta', NOW), (group 'beta-ops', tenant 'Beta', NOW)",
		"membership_roles (membership_id, role_id) SELECT m.id, role 'Keeper' FROM memberships m WHERE m.taxonomy_id = "+
			"tenant 'Holding/Acme' AND m.usergroup_id IS NOT NULL",
		"membership_roles (membership_id, role_id) SELECT m.id, role 'Helper' FROM memberships m WHERE m.taxonomy_id = "+
			"tenant 'Holding/Acme' AND m.user_id = user 'bob'",
		"membership_roles (membership_id, role_id) SELECT m.id, role 'Manager' FROM memberships m WHERE m.taxonomy_id = "+
			"tenant 'Holding/Acme/Lab' AND m.user_id = user 'ann'",
		"invitations (key, membership_id, owner_id, created_at) SELECT 'k1', id, user 'ann', NOW FROM memberships WHERE "+
			"user_id = user 'bob' AND taxonomy_id = tenant 'Holding/Acme'",
		"custom_fields (subject, name, format, required, position, created_at, updated_at) VALUES "+
			"('user', 'Badge', 'string', TRUE, 1, NOW, NOW), ('usergroup', 'Desk', 'string', FALSE, 2, NOW, NOW)",
		"custom_values (custom_field_id, user_id, value) VALUES (field 'Badge', user 'ann', 'A 1'), "+
			"(field 'Badge', user 'betty-of-beta', 'B')",
		"custom_values (custom_field_id, usergroup_id, value) VALUES (field 'Desk', group 'ops', 'D')",
		"external_usergroups (name, auth_source_id, usergroup_id) VALUES ('cn=ops', source 'corp', group 'ops')",
		"api_keys (user_id, key_hash, sealed, created_at) VALUES (user 'ann', 'h-ann', 'sealed', NOW), "+
			"(user 'betty-of-beta', 'h-beta', 'sealed', NOW)",
		"account_tokens (token_hash, user_id, purpose, created_at) VALUES ('t-ann', user 'ann', 'login', NOW)",
		"personal_access_tokens (user_id, name, token_hash, read_only, created_at, updated_at) VALUES "+
			"(user 'ann', 'laptop', 'p-ann', TRUE, NOW, NOW)",
		"ssh_keys (user_id, name, key, fingerprint, length, created_at, updated_at) VALUES (user 'ann', 'k', "+
			"'ssh-ed25519 A', 'f', 256, NOW, NOW)",
		"table_preferences (user_id, name, columns, created_at, updated_at) VALUES (user 'ann', 'users', '[\"login\"]', "+
			"NOW, NOW)",
		"user_mail_notifications (user_id, mail_notification_id, created_at, updated_at) SELECT user 'ann', MIN(id), NOW, "+
			"NOW FROM mail_notifications",
		"user_mails (user_id, address, lower_address, created_at, updated_at) VALUES (user 'ann', 'A@x.org', 'a@x.org', "+
			"NOW, NOW)",
		"parameters (taxonomy_id, name, value, parameter_type, hidden_value, created_at, updated_at) VALUES "+
			"(tenant 'Holding/Acme', 'p', '\"v\"', 'string', FALSE, NOW, NOW), (tenant 'Beta', 'betaparameter', '\"w\"', "+
			"'string', FALSE, NOW, NOW)",
		"scim_tokens (organization_id, name, token_hash, networks, created_by, created_at, updated_at) VALUES "+
			"(tenant 'Holding/Acme', 'entra', 's-acme', '[\"10.0.0.0/8\"]', user 'ann', NOW, NOW), "+
			"(tenant 'Beta', 'betatoken', 's-beta', '[]', NULL, NOW, NOW)",
		"scim_links (organization_id, resource_type, uuid, user_id, external_id, provisioned, created_at, updated_at) "+
			"VALUES (tenant 'Holding/Acme', 'User', 'uuid-bob', user 'bob', 'x-bob', TRUE, NOW, NOW), "+
			"(tenant 'Beta', 'User', 'uuid-beta', user 'bob', 'beta-bob', TRUE, NOW, NOW)",
		"bookmarks (name, controller, query, owner_id, created_at, updated_at) VALUES ('betamark', 'users', 'q', "+
			"user 'bob', NOW, NOW)")
}

// written is a backup of an organization.
func written(t *testing.T, s *servertest.Server, organization string) []byte {
	t.Helper()
	schema, err := migrations.Newest(s.DB.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), s.DB.Reads(), s.DB.Dialect, &file, backup.Options{Schema: schema,
		Organization: organization}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// asDatabase reads a backup into a database of its own.
func asDatabase(t *testing.T, file []byte) takeover.Backup {
	t.Helper()
	header, err := backup.Check(bytes.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.Open(t, "sqlite://"+t.TempDir()+"/o.db")
	quiet := func(string) {}
	if err := errors.Join(migrations.UpTo(t.Context(), db.SQL(), db.Dialect, header.Schema, quiet),
		backup.Restore(t.Context(), db.SQL(), db.Dialect, bytes.NewReader(file), nil, nil),
		migrations.Up(t.Context(), db.SQL(), db.Dialect, quiet)); err != nil {
		t.Fatal(err)
	}
	return takeover.Backup{DB: db.Write, Organization: header.Organization.ID, Parent: header.Organization.Parent,
		SameKey: true}
}

func restore(t *testing.T, s *servertest.Server, from takeover.Backup, o takeover.Options) *takeover.Report {
	t.Helper()
	report, err := takeover.Roster(t.Context(), s.Dir, from, o)
	if err != nil {
		t.Fatalf("%v, with the notes %v", err, report.Notes)
	}
	return report
}

// picture tells everything of Acme by names: what a backup has to bring back.
func picture(t *testing.T, s *servertest.Server) map[string][]string {
	t.Helper()
	const inAcme = " IN (SELECT id FROM taxonomies WHERE title LIKE '%Acme%')"
	const people = " IN ('ann', 'bob', 'dan', 'eve')"
	pictures := map[string][]string{}
	for what, statement := range map[string]string{
		"organizations": "SELECT " + columns("title", "slug", "description", "ignore_types", "created_at") +
			" FROM taxonomies WHERE title LIKE '%Acme%' ORDER BY 1",
		"closure": "SELECT " + columns("a.title", "d.title") + " FROM taxonomy_closure JOIN taxonomies a ON a.id = " +
			"ancestor_id JOIN taxonomies d ON d.id = descendant_id WHERE d.title LIKE '%Acme%' ORDER BY 1",
		"people": "SELECT " + columns("login", "firstname", "mail", "u.description", "password_hash", "s.name", "d.title",
			"disabled", "u.created_at") + " FROM users u JOIN auth_sources s ON s.id = auth_source_id LEFT JOIN taxonomies " +
			"d ON d.id = default_organization_id WHERE login" + people + " ORDER BY 1",
		"memberships": "SELECT " + columns("t.title", "u.login", "g.name", "state", "source", "joined_at", "r.name") +
			" FROM memberships m JOIN taxonomies t ON t.id = m.taxonomy_id LEFT JOIN users u ON u.id = m.user_id " +
			"LEFT JOIN usergroups g ON g.id = m.usergroup_id LEFT JOIN membership_roles l ON l.membership_id = m.id " +
			"LEFT JOIN roles r ON r.id = l.role_id WHERE m.taxonomy_id" + inAcme + " ORDER BY 1",
		"groups": "SELECT " + columns("g.name", "u.login") + " FROM usergroups g LEFT JOIN usergroup_users l ON " +
			"l.usergroup_id = g.id LEFT JOIN users u ON u.id = l.user_id WHERE g.name IN ('ops', 'night') ORDER BY 1",
		"nested": "SELECT " + columns("g.name", "d.name") + " FROM usergroup_closure c JOIN usergroups g ON g.id = " +
			"c.ancestor_id JOIN usergroups d ON d.id = c.descendant_id WHERE g.name IN ('ops', 'night') AND d.name NOT LIKE " +
			"'beta%' ORDER BY 1",
		"external": "SELECT " + columns("name") + " FROM external_usergroups ORDER BY 1",
		"values": "SELECT " + columns("f.name", "u.login", "g.name", "value") + " FROM custom_values v JOIN custom_fields " +
			"f ON f.id = v.custom_field_id LEFT JOIN users u ON u.id = v.user_id LEFT JOIN usergroups g ON g.id = " +
			"v.usergroup_id WHERE value NOT IN ('B') ORDER BY 1",
		"keys": "SELECT " + columns("u.login", "key_hash", "sealed", "k.created_at") + " FROM api_keys k JOIN users u ON " +
			"u.id = k.user_id WHERE key_hash <> 'h-beta' ORDER BY 1",
		"tokens": "SELECT " + columns("u.login", "name", "token_hash", "read_only", "k.created_at") + " FROM " +
			"personal_access_tokens k JOIN users u ON u.id = k.user_id ORDER BY 1",
		"logins":   "SELECT " + columns("token_hash", "purpose") + " FROM account_tokens ORDER BY 1",
		"ssh keys": "SELECT " + columns("name", "key", "fingerprint", "length") + " FROM ssh_keys ORDER BY 1",
		"tables":   "SELECT " + columns("name", "columns") + " FROM table_preferences ORDER BY 1",
		"mails":    "SELECT " + columns("address", "lower_address", "notify") + " FROM user_mails ORDER BY 1",
		"notifications": "SELECT " + columns("n.name") + " FROM user_mail_notifications u JOIN mail_notifications n ON " +
			"n.id = mail_notification_id ORDER BY 1",
		"parameters": "SELECT " + columns("name", "value", "hidden_value") + " FROM parameters WHERE taxonomy_id" + inAcme,
		"scim tokens": "SELECT " + columns("name", "token_hash", "networks", "u.login") + " FROM scim_tokens k LEFT JOIN " +
			"users u ON u.id = created_by WHERE organization_id" + inAcme,
		"links": "SELECT " + columns("uuid", "external_id", "provisioned", "u.login") + " FROM scim_links l JOIN users u " +
			"ON u.id = user_id WHERE organization_id" + inAcme,
		"invitations": "SELECT " + columns("key", "u.login") + " FROM invitations i JOIN users u ON u.id = i.owner_id",
		"roles": "SELECT " + columns("r.name", "r.organizations_limited", "p.name", "t.title") + " FROM roles r JOIN " +
			"filters f ON f.role_id = r.id JOIN filter_permissions l ON l.filter_id = f.id JOIN permissions p ON p.id = " +
			"l.permission_id LEFT JOIN filter_taxonomies x ON x.filter_id = f.id LEFT JOIN taxonomies t ON t.id = " +
			"x.taxonomy_id WHERE r.name IN ('Keeper', 'Helper') ORDER BY 1",
		"places": "SELECT " + columns("l.title", "o.title") + " FROM locations_organizations x JOIN taxonomies l ON l.id = " +
			"location_id JOIN taxonomies o ON o.id = organization_id WHERE organization_id" + inAcme,
		"audits": "SELECT " + columns("auditable_type", "auditable_name", "action", "username", "audited_changes",
			"a.created_at", "t.title") + " FROM audits a JOIN audit_taxonomies x ON x.audit_id = a.id JOIN taxonomies t ON " +
			"t.id = x.taxonomy_id WHERE x.taxonomy_id" + inAcme + " AND comment IS NULL ORDER BY 1",
	} {
		statement = strings.ReplaceAll(statement, "columns AS", `"columns" AS`)
		lines := query(t, s, statement)
		for i := range lines {
			lines[i] = plainTimes(lines[i])
		}
		slices.Sort(lines)
		pictures[what] = lines
		if len(lines) == 0 {
			t.Errorf("the test has nothing of %s", what)
		}
	}
	return pictures
}

var (
	fractions = regexp.MustCompile(`(\d\d:\d\d:\d\d)(\.\d+)?\+00(:00)?`)
	booleans  = strings.NewReplacer(" true", " 1", " false", " 0")
)

// plainTimes writes times and truth as both databases do.
func plainTimes(line string) string { return booleans.Replace(fractions.ReplaceAllString(line, "$1")) }

// Somebody else's directory gets the organization as it was, beside what has its numbers; a directory of the other kind
// as well.
func TestRoster_IntoAnother(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		from := directoryAt(t, db, 0)
		twoOrganizations(t, from)
		want := picture(t, from)
		file := written(t, from, "acme")
		dbtest.Each(t, func(t *testing.T, db *config.Database) {
			s := directoryAt(t, db, time.Hour)
			for _, name := range []string{"u1", "u2", "u3", "u4", "u5", "u6", "u7"} {
				s.User(name)
			}
			s.Organization("Holding")
			s.Organization("Other")
			s.Location("HQ")
			s.Location("Common")
			write(s, "auth_sources (type, name, host, created_at, updated_at) VALUES ('AuthSourceLdap', 'corp', "+
				"'ldap.example.com', '2025-01-01 00:00:00+00:00', NOW)")
			others := query(t, s, "SELECT "+columns("id", "login", "password_hash", "admin")+" FROM users ORDER BY 1")
			before := query(t, s, "SELECT COUNT(*) FROM audits")
			dry := restore(t, s, asDatabase(t, file), takeover.Options{DryRun: true})
			if after := query(t, s, "SELECT COUNT(*) FROM audits"); !slices.Equal(before, after) {
				t.Error("a dry run has written audits")
			}
			report := restore(t, s, asDatabase(t, file), takeover.Options{})
			if d := cmp.Diff(dry.Written, report.Written); d != "" {
				t.Error("the dry run told something else:", d)
			}
			got := picture(t, s)
			want := maps.Clone(want)
			want["audits"] = withoutNumbers(want["audits"])
			got["audits"] = withoutNumbers(got["audits"])
			if d := cmp.Diff(want, got); d != "" {
				t.Error("want (-), got (+):", d)
			}
			if now := query(t, s, "SELECT "+columns("id", "login", "password_hash", "admin")+" FROM users WHERE login NOT "+
				"IN ('ann', 'bob', 'dan', 'eve') ORDER BY 1"); !slices.Equal(now, others) {
				t.Error("others have changed:", cmp.Diff(others, now))
			}
			for what, statement := range map[string]string{
				"an administrator": "SELECT COUNT(*) FROM users WHERE admin AND NOT hidden AND login <> 'admin'",
				"a group of them":  "SELECT COUNT(*) FROM usergroups WHERE admin",
				"a role everywhere": "SELECT COUNT(*) FROM user_roles JOIN users u ON u.id = user_id JOIN roles r ON r.id = " +
					"role_id WHERE u.login IN ('ann', 'bob', 'dan', 'eve') AND r.builtin = 0",
				"a role of a group": "SELECT COUNT(*) FROM usergroup_roles",
				"a required field":  "SELECT COUNT(*) FROM custom_fields WHERE required",
				"a tied auth source": "SELECT COUNT(*) FROM auth_source_taxonomies WHERE auth_source_id IN (SELECT id FROM " +
					"auth_sources WHERE name = 'corp')",
				"something of Beta's": "SELECT COUNT(*) FROM taxonomies WHERE name LIKE 'Beta%'",
			} {
				if n := s.Find(statement); n != 0 {
					t.Errorf("there is %s", what)
				}
			}
			s.As("bob", "secret of bob").Get("/api/current_user").Expect(200)
			if s.Find("SELECT COUNT(*) FROM users WHERE login = 'next'") != 0 {
				t.Error("the test is wrong")
			}
			s.User("next")
			s.Group("next-group", false, directory.UsergroupChange{})
			if _, err := takeover.Roster(t.Context(), s.Dir, asDatabase(t, file), takeover.Options{}); !errors.Is(err,
				takeover.ErrOrganizationExists) {
				t.Error("a second restore: got", err)
			}
		})
	})
}

var numbers = regexp.MustCompile(`\d+`)

// withoutNumbers leaves the numbers out of audits, which are those of the other directory.
func withoutNumbers(lines []string) []string {
	list := make([]string, len(lines))
	for i, line := range lines {
		list[i] = numbers.ReplaceAllString(line, "N")
	}
	return list
}

// The directory from which the organization was deleted has it again as it was, with its numbers, whether the people
// are there or not.
func TestRoster_IntoTheSame(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"", "bob", "dan"} {
		t.Run("without "+gone, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *config.Database) {
				s := directoryAt(t, db, 0)
				twoOrganizations(t, s)
				s.Execute("DELETE FROM usergroup_roles")
				s.Execute("UPDATE usergroups SET admin = FALSE")
				want := picture(t, s)
				ids := "SELECT " + columns("id", "title") + " FROM taxonomies ORDER BY 1"
				members := "SELECT " + columns("id", "user_id", "taxonomy_id", "source") + " FROM memberships WHERE taxonomy_id " +
					"IN (SELECT id FROM taxonomies WHERE title LIKE '%Acme%') ORDER BY 1"
				tenants := query(t, s, ids)
				had := query(t, s, members)
				file := written(t, s, "Holding/Acme")
				s.Clock.Advance(time.Minute)
				if gone != "" {
					s.Admin().Delete("/api/users/" + gone).Expect(200)
				}
				s.Admin().Delete(fmt.Sprint("/api/organizations/", s.Find("SELECT id FROM taxonomies WHERE name = 'Lab'"))).
					Expect(200)
				s.Admin().Delete(fmt.Sprint("/api/organizations/", s.Find("SELECT id FROM taxonomies WHERE name = 'Acme'"))).
					Expect(200)
				report := restore(t, s, asDatabase(t, file), takeover.Options{})
				got := picture(t, s)
				delete(want, "roles") // whose limits are the installation's
				delete(got, "roles")
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("want (-), got (+): %s\nwith the notes %v", d, report.Notes)
				}
				if now := query(t, s, ids); !slices.Equal(now, tenants) {
					t.Error("the organizations:", cmp.Diff(tenants, now))
				}
				if now := query(t, s, members); !slices.Equal(now, had) {
					t.Error("the memberships:", cmp.Diff(had, now))
				}
				if admin := s.Find("SELECT COUNT(*) FROM users WHERE admin AND login = 'ann'"); admin != 1 {
					t.Error("who was an administrator is none any more")
				}
			})
		})
	}
}

// What exists is refused without a decision, and merged with one: who is missing comes back, without roles.
func TestRoster_Merge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := directoryAt(t, db, 0)
		twoOrganizations(t, s)
		file := written(t, s, "Acme")
		s.Clock.Advance(time.Minute)
		s.Admin().Delete("/api/users/bob").Expect(200)
		s.Execute("UPDATE custom_fields SET required = FALSE")
		s.User("bob")
		everything := func() []string {
			return append(query(t, s, "SELECT "+columns("id", "login", "admin", "password_hash")+" FROM users ORDER BY 1"),
				query(t, s, "SELECT "+columns("membership_id", "role_id")+" FROM membership_roles ORDER BY 1")...)
		}
		before := everything()
		for _, conflict := range []takeover.OnConflict{takeover.ConflictAsk, takeover.ConflictSkip} {
			_, err := takeover.Roster(t.Context(), s.Dir, asDatabase(t, file), takeover.Options{OnConflict: conflict})
			if !errors.Is(err, takeover.ErrOrganizationExists) {
				t.Errorf("%q: got %v", conflict, err)
			}
		}
		restore(t, s, asDatabase(t, file), takeover.Options{OnConflict: takeover.ConflictMerge, WithRoles: true})
		if now := everything(); !slices.Equal(now, before) {
			t.Error("who was here has changed:", cmp.Diff(before, now))
		}
		got := query(t, s, "SELECT source FROM memberships m JOIN users u ON u.id = user_id JOIN taxonomies t ON t.id = "+
			"taxonomy_id WHERE u.login = 'bob' AND t.name = 'Acme'")
		if !slices.Equal(got, []string{string(models.MemberInvitation)}) {
			t.Errorf("another bob belongs to it by %q", got)
		}
	})
}

// With roles, new accounts and groups get what they held everywhere; no account that was here does.
func TestRoster_WithRoles(t *testing.T) {
	t.Parallel()
	from := directoryAt(t, dbtest.SQLite(t), 0)
	twoOrganizations(t, from)
	file := written(t, from, "Acme")
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := directoryAt(t, db, time.Hour)
		s.User("bob")
		report, err := takeover.Roster(t.Context(), s.Dir, asDatabase(t, file), takeover.Options{})
		if !errors.Is(err, takeover.ErrConflicts) || len(report.Notes) == 0 {
			t.Errorf("another bob is here: got %v with %v", err, report.Notes)
		}
		restore(t, s, asDatabase(t, file), takeover.Options{OnConflict: takeover.ConflictMerge, WithRoles: true})
		got := query(t, s, "SELECT u.login || ' ' || r.name FROM user_roles JOIN users u ON u.id = user_id JOIN roles r ON "+
			"r.id = role_id WHERE r.builtin = 0 UNION ALL SELECT g.name || ' ' || r.name FROM usergroup_roles JOIN "+
			"usergroups g ON g.id = usergroup_id JOIN roles r ON r.id = role_id ORDER BY 1")
		if !slices.Equal(got, []string{"night Manager"}) {
			t.Errorf("got %q", got)
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE admin AND NOT hidden"); n != 1 {
			t.Errorf("there are %d administrators", n)
		}
	})
}

// Nobody gets into a group that gives something beyond the organization: that makes administrators, or has a role.
func TestRoster_GroupsOfPower(t *testing.T) {
	t.Parallel()
	for power, without := range map[string]string{
		"administrators": "DELETE FROM usergroup_roles", "a role": "UPDATE usergroups SET admin = FALSE",
	} {
		t.Run(power, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *config.Database) {
				s := directoryAt(t, db, 0)
				twoOrganizations(t, s)
				s.Execute(without)
				file := written(t, s, "Acme")
				s.Clock.Advance(time.Minute)
				s.Admin().Delete("/api/users/dan").Expect(200)
				report := restore(t, s, asDatabase(t, file), takeover.Options{OnConflict: takeover.ConflictMerge})
				if n := s.Find("SELECT COUNT(*) FROM usergroup_users JOIN users u ON u.id = user_id WHERE login = " +
					"'dan'"); n != 0 {
					t.Error("dan is in a group of power; the notes are", report.Notes)
				}
				if n := s.Find("SELECT COUNT(*) FROM users WHERE login = 'dan'"); n != 1 {
					t.Error("dan is missing")
				}
			})
		})
	}
}

// An interruption leaves nothing, wherever it comes.
func TestRoster_Interrupted(t *testing.T) {
	t.Parallel()
	from := directoryAt(t, dbtest.SQLite(t), 0)
	twoOrganizations(t, from)
	file := written(t, from, "Acme")
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := directoryAt(t, db, time.Hour)
		count := func() []string {
			return query(t, s, "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM audits) + (SELECT COUNT(*) FROM "+
				"taxonomies) + (SELECT COUNT(*) FROM roles) + (SELECT COUNT(*) FROM usergroups)")
		}
		before := count()
		for at := 1; at <= 3; at++ {
			ctx, cancel := context.WithCancel(t.Context())
			steps := 0
			_, err := takeover.Roster(ctx, s.Dir, asDatabase(t, file), takeover.Options{Progress: func(_, _ int) {
				if steps++; steps == at {
					cancel()
				}
			}})
			if err == nil || steps != at {
				t.Fatalf("interrupted at step %d: got %v after %d", at, err, steps)
			}
			if now := count(); !slices.Equal(now, before) {
				t.Error("something is left:", before, now)
			}
		}
		restore(t, s, asDatabase(t, file), takeover.Options{})
	})
}

// What was put into a backup by hand is refused.
func TestRoster_Inconsistent(t *testing.T) {
	t.Parallel()
	from := directoryAt(t, dbtest.SQLite(t), 0)
	twoOrganizations(t, from)
	file := written(t, from, "Acme")
	s := directoryAt(t, dbtest.SQLite(t), time.Hour)
	before := query(t, s, "SELECT COUNT(*) FROM users")
	for what, statement := range map[string]string{
		"another organization": "INSERT INTO taxonomies (type, name, lower_name, title, created_at, updated_at) VALUES " +
			"('Organization', 'X', 'x', 'X', 'now', 'now')",
		"a hidden account":     "UPDATE users SET hidden = TRUE WHERE login = 'bob'",
		"a setting":            "INSERT INTO settings (name, value, created_at, updated_at) VALUES ('a', '1', 'now', 'now')",
		"a number below zero":  "UPDATE parameters SET id = -1",
		"organizations in one": "UPDATE taxonomies SET parent_id = NULL WHERE name = 'Lab'",
		"a group in itself": "INSERT INTO usergroup_usergroups (usergroup_id, member_id) SELECT member_id, usergroup_id " +
			"FROM usergroup_usergroups",
	} {
		b := asDatabase(t, file)
		if err := b.DB.Exec(statement).Error; err != nil {
			t.Fatal(what, err)
		}
		_, err := takeover.Roster(t.Context(), s.Dir, b, takeover.Options{})
		if !errors.Is(err, takeover.ErrInconsistent) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if now := query(t, s, "SELECT COUNT(*) FROM users"); !slices.Equal(now, before) {
		t.Error("something was written")
	}
}
