package takeover_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory/login"
	"roster/directory/takeover"
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
