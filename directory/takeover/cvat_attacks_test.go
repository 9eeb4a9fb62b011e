package takeover_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"roster/directory/takeover"
	"roster/test/cvatfixture"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// like returns the fields of a row with some of them changed.
func (a *annotation) like(model string, pk float64, changed map[string]any) map[string]any {
	fields := map[string]any{}
	for name, value := range a.row(model, pk) {
		fields[name] = value
	}
	for name, value := range changed {
		fields[name] = value
	}
	return fields
}

// spoil adds what no CVAT would write.
func (a *annotation) spoil() {
	person := func(pk any, changed map[string]any) { a.add("auth.user", pk, a.like("auth.user", 4, changed)) }
	person(40.0, map[string]any{"username": "ZOE"})
	person(41.0, map[string]any{"username": nil})
	person(42.0, map[string]any{"username": "odd", "password": "md5$x$y", "is_active": nil, "groups": []any{99.0},
		"is_superuser": nil, "first_name": nil})
	person(43.0, map[string]any{"username": "foreman_admin"})
	person(-5.0, map[string]any{"username": "below"})
	person(9007199254740992.0, map[string]any{"username": "above"})
	a.add("auth.group", 40.0, map[string]any{"name": ""})
	a.add("auth.group", -6.0, map[string]any{"name": "below"})
	a.add("authtoken.token", "no key!", map[string]any{"user": 4.0, "created": nil})
	a.add("authtoken.token", strings.Repeat("d", 40), map[string]any{"user": 999.0, "created": nil})
	org := func(pk float64, changed map[string]any) {
		a.add("organizations.organization", pk, a.like("organizations.organization", 6, changed))
	}
	org(40, map[string]any{"slug": "123", "owner": 999.0, "contact": []any{"x"}})
	org(41, map[string]any{"slug": "", "name": "", "contact": "x", "owner": 3.0})
	org(42, map[string]any{"slug": "shop", "name": "Other"})
	org(-7, map[string]any{"slug": "below"})
	member := func(pk float64, changed map[string]any) {
		a.add("organizations.membership", pk, a.like("organizations.membership", 21, changed))
	}
	member(40, map[string]any{"user": 2.0, "role": "worker"})
	member(41, map[string]any{"user": 999.0})
	member(42, map[string]any{"organization": 999.0})
	member(43, map[string]any{"user": 7.0, "role": "boss", "is_active": nil, "joined_date": nil})
	member(44, map[string]any{"user": 3.0, "organization": 41.0, "role": "supervisor", "is_active": true})
	member(-8, map[string]any{"user": 4.0})
	invite := func(key string, membership any) {
		a.add("organizations.invitation", key, map[string]any{"created_date": nil, "sent_date": nil, "owner": 999.0,
			"membership": membership})
	}
	invite("no key!", 43.0)
	invite(strings.Repeat("e", 64), 43.0)
	invite(strings.Repeat("f", 64), 43.0)
	invite(strings.Repeat("g", 64), 999.0)
	token := func(pk float64, changed map[string]any) {
		a.add("access_tokens.accesstoken", pk, a.like("access_tokens.accesstoken", 12, changed))
	}
	token(40, map[string]any{"owner": 999.0, "hashed_key": "sha512$$" + strings.Repeat("1", 128)})
	token(41, nil)
	token(42, map[string]any{"hashed_key": "pbkdf2_sha256$1$x$y"})
	token(43, map[string]any{"hashed_key": "sha512$$" + strings.Repeat("2", 128), "name": "", "read_only": nil})
	token(-9, nil)
	if a.kind == "postgres" {
		a.row("auth.user", 4)["date_joined"] = "4000-01-01 BC"
		a.row("auth.user", 4)["last_login"] = "infinity"
		return
	}
	long := strings.Repeat("ł", 300)
	a.row("auth.user", 4)["date_joined"] = "0000-00-00T00:00:00Z"
	a.row("auth.user", 4)["last_login"] = "99999-01-01T00:00:00Z"
	a.row("auth.user", 5)["last_name"] = "A\x00B"
	person(50.0, map[string]any{"username": "l" + long, "first_name": long, "email": long + "@example.com"})
	person(51.0, map[string]any{"username": map[string]any{"x": "y"}})
	person(2.0, map[string]any{"username": "again"})
	person(1e20, map[string]any{"username": "huge"})
	person("x", map[string]any{"username": "text"})
	org(50, map[string]any{"slug": strings.Repeat("s", 300), "name": long, "owner": []any{"x", "y"},
		"contact": map[string]any{"long": strings.Repeat("x", 70_000)}})
	deep := any("x")
	for range 200 {
		deep = map[string]any{"x": deep}
	}
	org(51, map[string]any{"slug": "deep", "contact": deep, "owner": map[string]any{}})
	token(50, map[string]any{"hashed_key": "sha512$$" + strings.Repeat("3", 128), "expiry_date": "0001-01-01T00:00:00Z"})
}

// What no CVAT would write ends no run, and makes nobody else's account or number wrong. It is kept as far as it can
// be, and the report tells of it.
func TestCVAT_Spoiled(t *testing.T) {
	eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
		a.spoil()
		report := bring(t, s, a, takeover.Options{})
		notes := make([]string, len(report.Notes))
		for i, n := range report.Notes {
			notes[i] = n.String()
		}
		want := []string{
			"user 40 (ZOE): another user has the login, in these or in other letters: it has become ZOE-cvat",
			"user 41: is left out: the login is empty",
			"user 42 (odd): the password is hashed in an unknown way: it lets nobody in",
			"user 42 (odd): is in a group that is missing",
			"user 43 (foreman_admin): another user has the login, in these or in other letters: it has become foreman_admin-cvat",
			"user -5: is left out: such a number cannot be kept",
			"user 9007199254740992: is left out: such a number cannot be kept",
			"usergroup 40: has no name: it has become usergroup 40", "usergroup -6: is left out: such a number cannot be kept",
			"user 4 (carol): the login token is left out: it is not of 40 letters and digits",
			"organization 40 (123): breaks rules of this server, which ask again when it is changed: slug invalid",
			"organization 40 (123): the contact is left out: it is no object, or too large",
			"organization 40 (123): the owner is missing",
			"organization 41: has no name: it has become organization 41",
			"organization 41 (organization 41): has no slug: it has become organization-41",
			"organization 41 (organization 41): the owner was held for a supervisor: is the owner",
			"organization 42 (Other): the identifier is taken: it has become shop-cvat",
			"organization -7: is left out: such a number cannot be kept",
			"membership 40 (of 2 in 1): is one more of the same member: 20 counts",
			"membership 41 (of 999 in 1): is left out: the organization or the member is missing",
			"membership 42 (of 3 in 999): is left out: the organization or the member is missing",
			`membership 43 (of 7 in 1): has the role "boss", which nobody knows: is a worker`,
			"membership -8: is left out: such a number cannot be kept",
			"invitation: is left out: the key is not of letters and digits",
			"invitation: is left out: the membership 43 has two", "invitation: 1 are left out: the memberships are missing",
			"access_token 40 (robot): is left out: the owner is missing",
			"access_token 41 (robot): is left out: another one has the value",
			"access_token 42 (robot): is left out: it is hashed in an unknown way",
			"access_token 43: has no name: it has become access_token 43",
			"access_token -9: is left out: such a number cannot be kept",
		}
		if a.kind != "postgres" {
			want = append(want, "the address is left out: it is too long", "auth.user 2: is in the dump more than once: the first one counts",
				"user: is left out: such a number cannot be kept", "user 51: is left out: the login is empty",
				"access_token 50 (robot): has an end that is no date: it is revoked",
				"organization 51 (deep): the contact is left out: it is no object, or too large",
				"text (last_name of auth_user 5): has bytes that are no text: replacement characters stand for them")
		}
		all := "\n" + strings.Join(notes, "\n") + "\n"
		for _, note := range want {
			if !strings.Contains(all, note+"\n") {
				t.Errorf("the report lacks %q", note)
			}
		}
		if t.Failed() {
			t.Log(all)
		}
		spoiledState(t, s)
		again := bring(t, s, a, takeover.Options{OnConflict: takeover.ConflictSkip})
		if again.Written["user"]+again.Written["membership"]+again.Written["organization"]+again.Written["access_token"] != 0 {
			t.Errorf("a second run wrote %v", again.Written)
		}
	})
}

// spoiledState looks at what has become of the spoiled rows.
func spoiledState(t *testing.T, s *servertest.Server) {
	t.Helper()
	for statement, want := range map[string]int64{
		"SELECT COUNT(*) FROM users WHERE id = 4 AND (created_at < '1000-01-01' OR last_login_on IS NOT NULL)": 0,
		"SELECT COUNT(*) FROM users WHERE login = 'odd' AND disabled AND NOT admin AND password_hash IS NULL":  1,
		"SELECT COUNT(*) FROM membership_roles WHERE membership_id = 20":                                       1,
		"SELECT COUNT(*) FROM memberships WHERE id = 43 AND state = 'invited' AND source = 'invitation'":       1,
		"SELECT COUNT(*) FROM invitations WHERE membership_id = 43 AND owner_id IS NULL AND sent_at IS NULL":   1,
		"SELECT COUNT(*) FROM personal_access_tokens WHERE id = 43 AND read_only":                              1,
		"SELECT COUNT(*) FROM personal_access_tokens WHERE id = 50 AND NOT revoked":                            0,
		"SELECT COUNT(*) FROM users WHERE login IN ('below', 'above', 'huge', 'text', 'again')":                0,
		"SELECT COUNT(*) FROM account_tokens":                                                                  2,
	} {
		if got := s.Find(statement); got != want {
			t.Errorf("%s: got %d, want %d", statement, got, want)
		}
	}
	admin := s.As("admin", password)
	admin.Get("/api/users?per_page=all").Expect(200)
	admin.Get("/api/organizations?per_page=all").Expect(200)
	made := admin.Post("/api/users", servertest.Object{"user": servertest.Object{"login": "later", "mail": "l@example.org",
		"auth_source_id": s.Find("SELECT id FROM auth_sources WHERE type = 'AuthSourceInternal'"),
		"password":       "open sesame 2"}}).Expect(201).Int("id")
	if made < 51 || made > 1000 {
		t.Errorf("the next user has the number %d", made)
	}
}

// What is no whole dump is refused before anything is written.
func TestOpenDump_Refuses(t *testing.T) {
	t.Parallel()
	whole := annotated(t, "dump").dump()
	zipped := annotated(t, "zipped dump").dump()
	for what, dump := range map[string][]byte{
		"nothing": nil, "no JSON": []byte("Hello"), "an object": []byte("{}"), "a number": []byte("1"),
		"cut": whole[:len(whole)/2], "cut at the end": whole[:len(whole)-1], "cut behind a row": whole[:bytes.Index(whole, []byte("},{"))+1],
		"cut and zipped": zipped[:len(zipped)-9], "zipped nonsense": {0x1f, 0x8b, 1, 2}, "two": append(bytes.Clone(whole), whole...),
		"rows that are no objects": []byte("[1]"), "no fields": []byte(`[{"model": "auth.user", "pk": 1}]`),
		"fields that are no object": []byte(`[{"model": "auth.user", "pk": 1, "fields": [1]}]`),
		"no key":                    []byte(`[{"model": "auth.user", "fields": {"username": "x"}}]`),
		"deep":                      []byte("[" + strings.Repeat(`{"x":`, 20_000)),
		"a comma too many":          []byte(`[{"model": "auth.group", "pk": 1, "fields": {"name": "x"}},]`),
	} {
		from, err := takeover.OpenDump(t.Context(), bytes.NewReader(dump))
		if err == nil {
			from.Close()
			t.Errorf("%s: was opened", what)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := takeover.OpenDump(ctx, bytes.NewReader(whole)); err == nil {
		t.Error("a dump was read although nobody waits for it")
	}
	endless := io.MultiReader(strings.NewReader(`[{"model": "engine.task", "pk": "`), endlessly('x'))
	if _, err := takeover.OpenDump(t.Context(), endless); err == nil ||
		!strings.Contains(err.Error(), "has more than") {
		t.Errorf("an endless row: got %v", err)
	}
	// Only single rows are bounded, and not all of them together.
	row := `{"model": "engine.task", "pk": "` + strings.Repeat("x", 1<<20) + `"}`
	long := io.MultiReader(strings.NewReader("["), strings.NewReader(strings.Repeat(row+",", 70)),
		strings.NewReader(row+"]"))
	from, err := takeover.OpenDump(t.Context(), long)
	if err != nil {
		t.Fatalf("a long dump: %v", err)
	}
	from.Close()
	// An empty list is a dump, but of no CVAT.
	s := fresh(t, dbtest.SQLite(t))
	if _, err := tryDump(t.Context(), t, s, []byte("[]"), takeover.Options{}); err == nil {
		t.Error("an empty dump was taken over")
	}
}

// endlessly reads one letter for ever.
type endlessly byte

func (e endlessly) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// crowd writes a dump of many users, row by row. Every one has a group and a membership.
type crowd struct {
	users, next int
	left        []byte
	// tick is called whenever some rows were written.
	tick func()
}

func (c *crowd) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		if c.next > c.users {
			return 0, io.EOF
		}
		c.left = c.rows()
		c.next++
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// rows are those of the next user.
func (c *crowd) rows() []byte {
	id := c.next
	if c.tick != nil && id%1000 == 0 {
		c.tick()
	}
	if id == 0 {
		return []byte(`[{"model": "auth.group", "pk": 1, "fields": {"name": "user"}}, {"model": ` +
			`"organizations.organization", "pk": 1, "fields": {"slug": "all", "name": "All", "owner": 1}}`)
	}
	end := ""
	if id == c.users {
		end = "]"
	}
	return fmt.Appendf(nil, `, {"model": "auth.user", "pk": %d, "fields": {"password": "%s", "last_login": null, `+
		`"is_superuser": %t, "username": "annotator-%d", "first_name": "First %d", "last_name": "Last %d", "email": `+
		`"annotator-%d@example.com", "is_staff": false, "is_active": true, "date_joined": "2023-01-01T00:00:00Z", `+
		`"groups": [1], "user_permissions": []}}, {"model": "authtoken.token", "pk": "%040d", "fields": {"user": %d, `+
		`"created": "2023-01-01T00:00:00Z"}}, {"model": "organizations.membership", "pk": %d, "fields": {"user": %d, `+
		`"organization": 1, "is_active": true, "joined_date": "2023-01-01T00:00:00Z", "role": "worker"}}%s`, id,
		cvatfixture.PasswordHash("x", "y"), id == 1, id, id, id, id, id, id, id, id, end)
}

// A dump is read row by row: one that is ten times as long takes hardly more memory.
func TestOpenDump_Memory(t *testing.T) {
	peak := func(users int) uint64 {
		most := uint64(0)
		c := &crowd{users: users, tick: func() {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}}
		from, err := takeover.OpenDump(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		from.Close()
		return most
	}
	few := peak(2_000)
	many := peak(20_000)
	if many > 2*few {
		t.Errorf("20,000 users take %d bytes, 2,000 users %d", many, few)
	}
}

// Whoever is called like an administrator of a used directory gets no way into that account, whether at once or by a
// later dump.
func TestCVAT_TokensOfAdministrators(t *testing.T) {
	eachAnnotation(t, func(t *testing.T, s *servertest.Server, a *annotation) {
		err := s.DB.Write.Exec("INSERT INTO users (id, login, lower_login, admin, auth_source_id, created_at, updated_at) " +
			"VALUES (700, 'ZOE', 'zoe', TRUE, (SELECT MIN(id) FROM auth_sources), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)").
			Error
		if err != nil {
			t.Fatal(err)
		}
		for run := range 2 {
			bring(t, s, a, takeover.Options{OnConflict: takeover.ConflictMerge})
			for _, table := range []string{"personal_access_tokens", "account_tokens"} {
				if got := query(t, s, "SELECT CAST(COUNT(*) AS TEXT) FROM "+table+" WHERE user_id = 700"); got[0] != "0" {
					t.Errorf("run %d brought %s of %s for an administrator", run, got[0], table)
				}
			}
		}
	})
}
