package takeover_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory/login"
	"roster/directory/takeover"
	"roster/models"
	"roster/test/cvatfixture"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// takeDump takes a dump over, which has to work.
func takeDump(t *testing.T, s *servertest.Server, dump []byte, o takeover.Options) *takeover.Report {
	t.Helper()
	report, err := tryDump(t.Context(), t, s, dump, o)
	if err != nil {
		t.Fatalf("%v, with the notes %v", err, report.Notes)
	}
	return report
}

func tryDump(ctx context.Context, t *testing.T, s *servertest.Server, dump []byte,
	o takeover.Options) (*takeover.Report, error) {
	t.Helper()
	from, err := takeover.OpenDump(ctx, bytes.NewReader(dump))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	return takeover.CVAT(ctx, s.Dir, from, o)
}

// The fixtures of recorded vectors come in whole.
func TestCVAT_Vectors(t *testing.T) {
	dir := os.Getenv(cvatfixture.Variable)
	if dir == "" {
		t.Skip(cvatfixture.Variable + " names no directory")
	}
	vectors, err := cvatfixture.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		t.Run("F1", func(t *testing.T) { vectorsF1(t, fresh(t, db), &vectors.Fixtures.F1) })
	})
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		t.Run("F2", func(t *testing.T) { vectorsF2(t, fresh(t, db), &vectors.Fixtures.F2) })
	})
}

// vectorsF1 takes F1 over and compares with what it says.
func vectorsF1(t *testing.T, s *servertest.Server, f *cvatfixture.F1) {
	report := takeDump(t, s, f.Dump(), takeover.Options{})
	want := map[string]int{"organization": len(f.Orgs), "usergroup": 2, "user": len(f.Users),
		"membership": len(f.Memberships), "invitation": len(f.Invitations)}
	if diff := cmp.Diff(want, report.Written); diff != "" || report.Different != 0 || report.Compared != len(f.Users) {
		t.Errorf("got %+v: %s", report, diff)
	}
	for what, test := range map[string]struct {
		query string
		rows  [][]any
		of    []int
	}{
		"users": {"SELECT " + columns("id", "login", "firstname", "lastname", "mail") + " FROM users WHERE NOT hidden ORDER BY id DESC", f.Users,
			[]int{0, 1, 2, 3, 4}},
		"organizations": {"SELECT " + columns("id", "slug", "name") + " FROM taxonomies WHERE type = 'Organization' ORDER BY id DESC", f.Orgs,
			[]int{0, 1, 2}},
		"memberships": {"SELECT " + columns("m.id", "m.taxonomy_id", "m.user_id", "r.name",
			"CASE m.state WHEN 'active' THEN 'true' ELSE m.state END",
			"CASE m.source WHEN 'invitation' THEN 'true' ELSE 'false' END") + " FROM memberships m JOIN " +
			"membership_roles k ON k.membership_id = m.id JOIN roles r ON r.id = k.role_id ORDER BY m.id DESC",
			f.Memberships, []int{0, 1, 2, 3, 4, 5}},
		"invitations": {"SELECT " + columns("m.taxonomy_id", "m.user_id", "r.name", "i.owner_id") + " FROM invitations i JOIN memberships m ON " +
			"m.id = i.membership_id JOIN membership_roles k ON k.membership_id = m.id JOIN roles r ON r.id = k.role_id " +
			"ORDER BY i.id DESC", f.Invitations, []int{0, 1, 2, 3}},
	} {
		if diff := cmp.Diff(f.Lines(test.rows, test.of...), query(t, s, test.query)); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", what, diff)
		}
	}
	if l, err := s.Logins.Login(t.Context(), login.Credentials{Login: "worker1", Password: f.Password,
		RemoteAddress: "192.0.2.1"}); err != nil || l.UserID != 6 {
		t.Errorf("worker1 is let in as %v: %v", l, err)
	}
}

// vectorsF2 takes F2 over and compares with what it says.
func vectorsF2(t *testing.T, s *servertest.Server, f *cvatfixture.F2) {
	report := takeDump(t, s, f.Dump(), takeover.Options{})
	if report.Written["user"] != len(f.Users) || report.Different != 0 {
		t.Errorf("got %+v", report)
	}
	got := query(t, s, "SELECT u.login || ' ' || g.name FROM usergroup_users k JOIN users u ON u.id = k.user_id JOIN "+
		"usergroups g ON g.id = k.usergroup_id ORDER BY u.login, g.name")
	want := []string{"user1 user", "user2 annotator", "user2 user", "user3 annotator", "user3 user", "user4 somebody",
		"user4 user", "user5 user"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if got := query(t, s, "SELECT login FROM users WHERE admin AND NOT hidden"); !slices.Equal(got, []string{"admin"}) {
		t.Errorf("administrators are %q", got)
	}
}

// bring takes a CVAT over, which has to work.
func bring(t *testing.T, s *servertest.Server, a *annotation, o takeover.Options) *takeover.Report {
	t.Helper()
	report, err := takeover.CVAT(t.Context(), s.Dir, a.open(), o)
	if err != nil {
		t.Fatalf("%v, with the notes %v", err, report.Notes)
	}
	return report
}

// An untouched directory becomes the CVAT: numbers stay, and people and programs log in as they did.
func TestCVAT_IntoAnUntouchedDirectory(t *testing.T) {
	eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
		var progress []int
		report := bring(t, s, a, takeover.Options{
			Progress: func(done, total int) { progress = append(progress, done, total) },
		})
		if !report.Fresh || report.Compared != 7 || report.Different != 0 || !slices.Equal(progress, []int{7, 7}) {
			t.Errorf("got %+v with the progress %v", report, progress)
		}
		written := map[string]int{"organization": 3, "usergroup": 3, "user": 7, "membership": 5, "invitation": 2,
			"login_token": 2, "access_token": 3}
		if diff := cmp.Diff(written, report.Written); diff != "" {
			t.Error(diff)
		}
		flag := func(column string) string { return "CASE WHEN " + column + " THEN 'y' ELSE 'n' END" }
		for what, test := range map[string]struct {
			query string
			want  []string
		}{
			"users": {
				"SELECT " + columns("id", "login", "firstname", "lastname", "mail", "SUBSTR(password_hash, 1, 8)") +
					" || ' ' || " + flag("admin") + " || " + flag("disabled") + " FROM users WHERE NOT hidden ORDER BY id",
				[]string{
					"1 admin Ada Admin ada@example.com pbkdf2_s yn", "2 zoe Zoë & Co O'Hara <b> zoe@example.com argon2$a nn",
					"3 Bob.B Bob Builder bob@example.com scrypt$1 ny", "4 carol Carol  - scrypt$1 nn", "5 dan   - pbkdf2_s yn",
					"6 guest@example.com   guest@example.com - nn", "7 eve   - bcrypt_s yn",
				},
			},
			"groups": {"SELECT name FROM usergroups ORDER BY id", []string{"user", "worker", "zoe (CVAT)"}},
			"members of groups": {"SELECT g.name || ' ' || " + text("k.user_id") + " FROM usergroup_users k JOIN usergroups g " +
				"ON g.id = k.usergroup_id ORDER BY k.user_id, g.name",
				[]string{"user 2", "user 3", "worker 4", "user 5", "user 7", "zoe (CVAT) 7"}},
			"addresses": {"SELECT " + columns("user_id", "address", "lower_address") + " FROM user_mails ORDER BY user_id",
				[]string{"2 Z.Ohara@example.org z.ohara@example.org", "4 carol@example.org carol@example.org"}},
			"organizations": {"SELECT " + columns("id", "slug", "name", "description", "parent_id", "contact") +
				" FROM taxonomies WHERE type = 'Organization' ORDER BY id", []string{
				`1 shop Shop We sell. - {"email":"shop@example.com","phone":{"work":"555"}}`, "5 shop-2 shop (shop-2) - - -",
				"6 old old - - -",
			}},
			"memberships": {"SELECT " + columns("m.id", "m.user_id", "m.taxonomy_id", "m.state", "m.source", "r.name", "r.origin") +
				" FROM memberships m JOIN membership_roles k ON k.membership_id = m.id JOIN roles r ON r.id = k.role_id " +
				"WHERE m.id < 25 ORDER BY m.id", []string{
				"20 2 1 active invitation owner cvat", "21 3 1 suspended manual worker cvat",
				"22 6 1 invited invitation supervisor cvat", "23 4 1 active invitation maintainer cvat",
				"24 5 5 active invitation owner cvat",
			}},
			"the owner without a membership": {"SELECT " + columns("m.user_id", "m.taxonomy_id", "m.state", "r.name") +
				" FROM memberships m JOIN membership_roles k ON k.membership_id = m.id JOIN roles r ON r.id = k.role_id " +
				"WHERE m.id > 25", []string{"4 5 active owner"}},
			"everybody's location": {"SELECT " + text("COUNT(*)") + " FROM memberships m JOIN taxonomies x ON " +
				"x.id = m.taxonomy_id WHERE x.type = 'Location' AND x.name = 'CVAT' AND m.state = 'active'", []string{"7"}},
			"invitations": {"SELECT " + columns("key", "membership_id", "owner_id",
				"CASE WHEN sent_at IS NULL THEN 'unsent' ELSE 'sent' END") + " FROM invitations ORDER BY id",
				[]string{strings.Repeat("B", 32) + strings.Repeat("b2", 16) + " 23 - unsent",
					strings.Repeat("A", 32) + strings.Repeat("a1", 16) + " 22 2 sent"}},
			"access tokens": {"SELECT " + columns("id", "user_id", "name", "idle_days", "SUBSTR(token_hash, 1, 10)") +
				" || ' ' || " + flag("revoked") + " || " + flag("read_only") + " || " + flag("expires_at IS NULL") + " || " +
				flag("last_used_at IS NULL") + " FROM personal_access_tokens ORDER BY id", []string{
				"11 2 laptop 180 sha512$$94 nnyn", "12 4 robot 180 sha512$$63 nyny", "13 4 gone 180 sha512$$00 yyyy",
			}},
			"settings": {"SELECT name || ' ' || value FROM settings", []string{`cvat_default_group ""`}},
		} {
			if diff := cmp.Diff(test.want, query(t, s, test.query)); diff != "" {
				t.Errorf("%s: want (-), got (+):\n%s", what, diff)
			}
		}
		datesStay(t, s)
		annotatorsLogIn(t, s)
		annotationAgain(t, s, a)
		annotationGoesOn(t, s, a)
	})
}

// datesStay checks the dates that CVAT keeps.
func datesStay(t *testing.T, s *servertest.Server) {
	t.Helper()
	var dates []string
	add := func(row any, at ...*time.Time) {
		for _, at := range at {
			text := "-"
			if at != nil {
				text = at.UTC().Format("2006-01-02T15:04:05.999")
			}
			dates = append(dates, fmt.Sprintf("%T %s", row, text))
		}
	}
	var u models.User
	var o models.Tenant
	var m, waiting models.Membership
	var i models.Invitation
	var k models.PersonalAccessToken
	var l models.AccountToken
	for _, err := range []error{
		s.DB.Read.Take(&u, 1).Error, s.DB.Read.Take(&o, 1).Error, s.DB.Read.Take(&m, 20).Error,
		s.DB.Read.Take(&waiting, 22).Error, s.DB.Read.Take(&i, "membership_id = 22").Error,
		s.DB.Read.Take(&k, 11).Error, s.DB.Read.Take(&l, "user_id = 2").Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	add(u, &u.CreatedAt, u.LastLoginOn)
	add(o, &o.CreatedAt, &o.UpdatedAt)
	add(m, &m.JoinedAt, &waiting.JoinedAt)
	add(i, &i.CreatedAt, i.SentAt)
	add(k, &k.CreatedAt, k.LastUsedAt, k.ExpiresAt)
	add(l, &l.CreatedAt, l.ExpiresAt)
	want := []string{
		"models.User 2023-01-01T10:00:00.5", "models.User 2024-01-02T09:00:00.25",
		"models.Tenant 2023-05-01T10:00:00", "models.Tenant 2023-07-01T10:00:00.5",
		"models.Membership 2023-05-01T10:00:00", "models.Membership 2024-01-07T10:00:00",
		"models.Invitation 2024-01-07T10:00:00", "models.Invitation 2024-01-08T10:00:00.25",
		"models.PersonalAccessToken 2023-10-01T08:00:00", "models.PersonalAccessToken 2024-01-05T08:00:00",
		"models.PersonalAccessToken -", "models.AccountToken 2023-05-01T10:00:00.123", "models.AccountToken -",
	}
	if diff := cmp.Diff(want, dates); diff != "" {
		t.Errorf("dates: want (-), got (+):\n%s", diff)
	}
}

// The values of the access tokens in testdata.
var (
	laptop = "AbCdEf12." + strings.Repeat("s", 32)
	robot  = "GhIjKl34." + strings.Repeat("t", 32)
)

// annotatorsLogIn checks that passwords of every kind of hash let in over HTTP and are hashed anew, and that tokens do.
func annotatorsLogIn(t *testing.T, s *servertest.Server) {
	t.Helper()
	const own = "/api/current_user"
	for _, who := range []string{"admin", "zoe", "carol", "eve"} {
		s.As(who, "Open sesame").Get(own).Expect(401)
		s.As(who, password).Get(own).Expect(200)
		got := query(t, s, "SELECT SUBSTR(password_hash, 1, 10) FROM users WHERE login = '"+who+"'")
		if !slices.Equal(got, []string{"$argon2id$"}) {
			t.Errorf("the hash of %s is %q", who, got)
		}
		s.As(who, password).Get(own).Expect(200)
	}
	s.As("Bob.B", password).Get(own).Expect(401)
	s.As("guest@example.com", "!kWm1xyVqVZ0Q5u3nIEgnVCtdgC0Vv5hLDkz2Yj1r").Get(own).Expect(401)
	bearer := func(token string) *servertest.Client { return s.Nobody().With("Authorization", "Bearer "+token) }
	bearer(laptop).Get(own).Expect(200)
	bearer(robot).Get(own).Expect(200)
	bearer(robot).Put("/api/users/4", servertest.Object{"user": servertest.Object{"firstname": "R"}}).Expect(403)
	for _, wrong := range []string{laptop + "x", strings.Replace(laptop, "s", "S", 1), robot[:8] + laptop[8:],
		"MnOpQr56." + strings.Repeat("s", 32), laptop[:8], "sha512$$949b9b01.x", laptop + ".x"} {
		bearer(wrong).Get(own).Expect(401)
	}
	for token, want := range map[string]int64{strings.Repeat("a", 40): 1, strings.Repeat("b", 40): 2,
		strings.Repeat("c", 40): 0} {
		l, err := s.Logins.Login(t.Context(), login.Credentials{LoginToken: token, RemoteAddress: "192.0.2.1"})
		got := int64(0)
		if err == nil {
			got = l.UserID
		}
		if got != want {
			t.Errorf("the token %s opens %d, want %d: %v", token, got, want, err)
		}
	}
	var k models.PersonalAccessToken
	if err := s.DB.Read.Take(&k, 12).Error; err != nil || k.LastUsedAt == nil || !k.LastUsedAt.Equal(s.Clock.Now()) {
		t.Errorf("the use of a token was noted as %v: %v", k.LastUsedAt, err)
	}
}

func annotationAgain(t *testing.T, s *servertest.Server, a *annotation) {
	t.Helper()
	before := everything(t, s)
	report := bring(t, s, a, takeover.Options{})
	if len(report.Written) != 0 || report.Known["user"] != 7 || report.Known["invitation"] != 2 ||
		report.Known["access_token"] != 3 || report.Different != 0 {
		t.Errorf("a second run reports %+v", report)
	}
	if diff := cmp.Diff(before, everything(t, s)); diff != "" {
		t.Errorf("a second run changed:\n%s", diff)
	}
}

// annotationGoesOn checks that who came to CVAT since comes in by a later run, and that what changed here stays.
func annotationGoesOn(t *testing.T, s *servertest.Server, a *annotation) {
	t.Helper()
	a.add("auth.user", 30.0, map[string]any{"username": "late", "password": "!", "first_name": "L", "last_name": "R",
		"email": "", "is_superuser": false, "is_staff": false, "is_active": true, "last_login": nil,
		"date_joined": "2024-01-09T00:00:00Z", "groups": []any{3.0}})
	a.add("organizations.membership", 31.0, map[string]any{"user": 30.0, "organization": 5.0, "is_active": false,
		"joined_date": nil, "role": "worker"})
	a.add("organizations.invitation", strings.Repeat("c", 64), map[string]any{"created_date": "2024-01-09T00:00:00Z",
		"sent_date": "2024-01-09T00:00:00Z", "owner": 4.0, "membership": 31.0})
	for _, statement := range []string{"UPDATE users SET lastname = 'Married' WHERE id = 2",
		"DELETE FROM account_tokens", "DELETE FROM personal_access_tokens WHERE id = 12"} {
		if err := s.DB.Write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	report := bring(t, s, a, takeover.Options{OnConflict: takeover.ConflictSkip})
	written := map[string]int{"user": 1, "membership": 1, "invitation": 1}
	if diff := cmp.Diff(written, report.Written); diff != "" || report.Compared != 8 || report.Different != 1 {
		t.Errorf("got %+v: %s", report, diff)
	}
	got := query(t, s, "SELECT "+columns("u.login", "g.name", "m.taxonomy_id", "m.state", "i.owner_id")+
		" FROM users u JOIN usergroup_users k ON k.user_id = u.id JOIN usergroups g ON g.id = k.usergroup_id JOIN "+
		"memberships m ON m.user_id = u.id JOIN invitations i ON i.membership_id = m.id WHERE u.login = 'late'")
	if want := []string{"late user 5 invited 4"}; !slices.Equal(got, want) {
		t.Errorf("who came later is %q, want %q", got, want)
	}
	if got := query(t, s, "SELECT lastname FROM users WHERE id = 2"); got[0] != "Married" {
		t.Errorf("a later run changed a name to %q", got)
	}
	if n := s.Find("SELECT COUNT(*) FROM account_tokens") + s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE id = "+
		"12"); n != 0 {
		t.Errorf("%d tokens that ended here came back", n)
	}
}

// Version 2.15 has no access tokens, and does not know when invitations were sent.
func TestCVAT_OldVersions(t *testing.T) {
	eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
		a.old = true
		a.without([]string{"access_tokens.accesstoken"}, []string{"sent_date"})
		report := bring(t, s, a, takeover.Options{})
		if report.Written["user"] != 7 || report.Written["invitation"] != 2 || report.Different != 0 {
			t.Errorf("got %+v", report)
		}
		if n := s.Find("SELECT COUNT(*) FROM invitations WHERE sent_at IS NULL"); n != 2 {
			t.Errorf("%d invitations were never sent, want 2", n)
		}
	})
}

// A dry run and one that is interrupted leave everything as it was.
func TestCVAT_LeavesNothingHalfDone(t *testing.T) {
	eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
		before := everything(t, s)
		report := bring(t, s, a, takeover.Options{DryRun: true})
		if report.Written["user"] != 7 || report.Compared != 7 {
			t.Errorf("a dry run reports %+v", report)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := takeover.CVAT(ctx, s.Dir, a.open(), takeover.Options{Progress: func(int, int) { cancel() }})
		if !errors.Is(err, context.Canceled) && !strings.Contains(fmt.Sprint(err), "cancel") {
			t.Errorf("an interrupted run ended with %v", err)
		}
		for _, id := range []float64{1, 5, 7} {
			a.row("auth.user", id)["is_superuser"] = false
			a.row("auth.user", id)["groups"] = []any{3.0}
		}
		if _, err := takeover.CVAT(t.Context(), s.Dir, a.open(), takeover.Options{}); err == nil {
			t.Error("a directory without an administrator was taken over")
		}
		a.without([]string{"auth.user"}, nil)
		if _, err := takeover.CVAT(t.Context(), s.Dir, a.open(), takeover.Options{}); err == nil {
			t.Error("a CVAT without users was taken over")
		}
		if diff := cmp.Diff(before, everything(t, s)); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

// In a directory with people, numbers and names that are taken change, and the operator decides about logins.
func TestCVAT_BesideOthers(t *testing.T) {
	for _, decision := range []takeover.OnConflict{takeover.ConflictAsk, takeover.ConflictSkip, takeover.ConflictMerge,
		takeover.ConflictRename} {
		t.Run("decision "+string(decision), func(t *testing.T) {
			eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
				annotationBesideOthers(t, s, a, decision)
			})
		})
	}
}

func annotationBesideOthers(t *testing.T, s *servertest.Server, a *annotation, decision takeover.OnConflict) {
	for _, statement := range []string{
		"INSERT INTO users (id, login, lower_login, firstname, lastname, mail, auth_source_id, created_at, updated_at) " +
			"VALUES (700, 'ZOE', 'zoe', 'Other', 'Zoe', 'z@here', (SELECT MIN(id) FROM auth_sources), NOW, NOW)",
		"INSERT INTO usergroups (id, name, created_at, updated_at) VALUES (800, 'user', NOW, NOW), (801, 'worker', NOW, NOW)",
		"INSERT INTO usergroup_closure (ancestor_id, descendant_id) VALUES (800, 800), (801, 801)",
		"INSERT INTO usergroup_roles (usergroup_id, role_id) VALUES (801, (SELECT MIN(id) FROM roles))",
		"INSERT INTO taxonomies (type, name, lower_name, title, slug, created_at, updated_at) VALUES ('Organization', " +
			"'SHOP', 'shop', 'SHOP', 'shop', NOW, NOW)",
	} {
		if err := s.DB.Write.Exec(strings.ReplaceAll(statement, "NOW", "CURRENT_TIMESTAMP")).Error; err != nil {
			t.Fatal(statement, err)
		}
	}
	before := everything(t, s)
	report, err := takeover.CVAT(t.Context(), s.Dir, a.open(), takeover.Options{OnConflict: decision})
	if decision == takeover.ConflictAsk {
		conflicts := slices.DeleteFunc(report.Notes, func(n takeover.Note) bool { return n.Noun != "user" })
		if !errors.Is(err, takeover.ErrConflicts) || len(conflicts) != 2 {
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
	want := map[takeover.OnConflict][]string{
		takeover.ConflictSkip: {"700 ZOE z@here -"}, takeover.ConflictMerge: {"700 ZOE z@here shop-cvat"},
		takeover.ConflictRename: {"700 ZOE z@here -", "805 zoe-cvat zoe@example.com shop-cvat"},
	}[decision]
	got := query(t, s, "SELECT "+columns("u.id", "u.login", "u.mail", "x.slug")+" FROM users u LEFT JOIN memberships m ON "+
		"m.user_id = u.id AND m.taxonomy_id IN (SELECT id FROM taxonomies WHERE type = 'Organization') LEFT JOIN "+
		"taxonomies x ON x.id = m.taxonomy_id WHERE u.lower_login LIKE 'zoe%' ORDER BY u.id")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("zoe: want (-), got (+):\n%s", diff)
	}
	opens := map[takeover.OnConflict]int64{takeover.ConflictMerge: 700, takeover.ConflictRename: 805}[decision]
	l, err := s.Logins.Login(t.Context(), login.Credentials{Bearer: laptop, RemoteAddress: "192.0.2.1"})
	if opens == 0 && err == nil || opens != 0 && (err != nil || l.UserID != opens) {
		t.Errorf("the access token does not open %d: %v", opens, err)
	}
	// The group user is the one that was here; worker gives a role here, so that nobody is put into it.
	groups := query(t, s, "SELECT "+columns("g.name", "COUNT(k.user_id)")+" FROM usergroups g LEFT JOIN usergroup_users k "+
		"ON k.usergroup_id = g.id GROUP BY g.name ORDER BY g.name")
	members := map[takeover.OnConflict]string{takeover.ConflictSkip: "user 3"}[decision]
	if members == "" {
		members = "user 4"
	}
	if want := []string{members, "worker 0", "worker (CVAT) 1", "zoe (CVAT) 1"}; !slices.Equal(groups, want) {
		t.Errorf("the groups are %q, want %q", groups, want)
	}
	if admin := query(t, s, "SELECT firstname FROM users WHERE login = 'admin'"); admin[0] != "Admin" {
		t.Errorf("the administrator became %q", admin)
	}
	if got := query(t, s, "SELECT value FROM settings WHERE name = 'cvat_default_group'"); len(got) != 0 {
		t.Errorf("a setting of the installation became %q", got)
	}
	again := bring(t, s, a, takeover.Options{OnConflict: decision})
	for noun, n := range again.Written {
		if n != 0 {
			t.Errorf("a second run brought %d of %s in", n, noun)
		}
	}
}

// The report is readable for programs, and holds no secret.
func TestCVAT_Report(t *testing.T) {
	t.Parallel()
	a := annotated(t, "dump")
	report := bring(t, fresh(t, dbtest.SQLite(t)), a, takeover.Options{})
	b, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"seasalt", "sha512$$", strings.Repeat("b", 40), strings.Repeat("a1", 16), password} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the report holds a secret: %s", b)
		}
	}
	for _, want := range []string{`"engine.task","text":"rows that mean nothing here: 2"`, "superuser outside", "is staff",
		"no superuser", "2 are verified and 1 are not, such as Z.Ohara@example.org", "in the group user", "several owners"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the report does not tell of %q: %s", want, b)
		}
	}
}
