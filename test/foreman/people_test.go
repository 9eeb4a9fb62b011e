package foreman

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/config"
	"roster/directory/seed"
	"roster/test/dbtest"
)

// A list of everybody is read while it is written: memory does not grow with the table.
func TestPeople_AListOfAllIsStreamed(t *testing.T) {
	const people = 20_000
	// Memory is measured for the whole process, so this test shares it with no other.
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.Start(t, db)
		err := seed.Sample(t.Context(), s.Dir, seed.SampleOptions{Users: people, Organizations: 20, Locations: 20,
			Usergroups: 20, RandomSeed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var took []time.Duration
		for _, path := range []string{"/api/users?per_page=all",
			"/api/users?per_page=4294967296&order=lastname+desc&search=login+~+a"} {
			s.Run(path, func(t *testing.T, s *server) {
				begin := time.Now()
				rows, bytes, growth := readLong(t, s, path)
				took = append(took, time.Since(begin))
				if rows.results != rows.subtotal || rows.ids != rows.results || rows.total != people+1 {
					t.Errorf("got %+v, want as many different rows as counted, of %d", rows, people+1)
				}
				// What is measured comes to about 3 MiB, whatever the size of the answer; collecting the rows takes ten
				// times that.
				const limit = int64(10 << 20)
				for range 2 { // on a busy machine, garbage is collected late
					if growth > limit {
						_, _, again := readLong(t, s, path)
						growth = min(growth, again)
					}
				}
				if growth > limit {
					t.Errorf("the heap grew by %d KiB for an answer of %d KiB, want at most %d KiB", growth>>10,
						bytes>>10, limit>>10)
				}
				t.Logf("%d rows, %d KiB, the heap grew by %d KiB", rows.results, bytes>>10, growth>>10)
			})
		}
		// PostgreSQL has not analyzed the new tables yet, and plans its first statements differently from later ones.
		// That has once made the first list take twenty times as long as the others.
		if slow, quick := slices.Max(took), slices.Min(took); slow > 6*quick+time.Second {
			t.Errorf("the lists took %v", took)
		}
	})
}

// counted is what a long answer told and had.
type counted struct{ total, subtotal, results, ids int }

// readLong reads a list without ever keeping it, and gives its size and how much the heap in use grew meanwhile.
func readLong(t *testing.T, s *server, path string) (counted, int64, int64) {
	t.Helper()
	before := heapInUse()
	var peak atomic.Int64
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond): // a rhythm of measuring, not a wait for anything
				peak.Store(max(peak.Load(), heapInUse()))
			}
		}
	}()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("admin", adminPassword)
	res, err := s.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := &countingReader{from: bufio.NewReader(res.Body)}
	got := countRows(t, json.NewDecoder(body))
	close(stop)
	<-stopped
	return got, body.n, peak.Load() - before
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

type countingReader struct {
	from *bufio.Reader
	n    int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.n += int64(n)
	return n, err
}

// countRows reads an envelope token by token and row by row, to its very end.
func countRows(t *testing.T, dec *json.Decoder) counted {
	t.Helper()
	var c counted
	fail := func(err error) {
		if err != nil {
			t.Fatal("the answer is no whole JSON: ", err)
		}
	}
	seen := make([]uint64, 1<<10) // a set of ids, a bit each
	_, err := dec.Token()
	fail(err)
	for dec.More() {
		key, err := dec.Token()
		fail(err)
		switch key {
		case "total":
			fail(dec.Decode(&c.total))
		case "subtotal":
			fail(dec.Decode(&c.subtotal))
		case "results":
			_, err := dec.Token()
			fail(err)
			for dec.More() {
				var row struct{ ID int }
				fail(dec.Decode(&row))
				if c.results++; seen[row.ID/64]&(1<<(row.ID%64)) == 0 {
					seen[row.ID/64] |= 1 << (row.ID % 64)
					c.ids++
				}
			}
			_, err = dec.Token()
			fail(err)
		default:
			var skipped json.RawMessage
			fail(dec.Decode(&skipped))
		}
	}
	_, err = dec.Token()
	fail(err)
	return c
}

// A reader who goes away ends the work for him and harms nobody.
func TestPeople_AReaderWhoGoesAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		if err := seed.Sample(t.Context(), s.Dir, seed.SampleOptions{Users: 3000, RandomSeed: 1}); err != nil {
			t.Fatal(err)
		}
		for range 6 { // more often than streams may run at once
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/api/users?per_page=all", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("admin", adminPassword)
			res, err := s.HTTP.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := res.Body.Read(make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
			cancel()
			res.Body.Close()
		}
		a := s.Admin().Get("/api/users?per_page=all").Expect(200)
		if got := len(a.Rows()); got != 3001 {
			t.Errorf("got %d rows, want 3001", got)
		}
		s.Log.Forget() // of half answers that nobody took
	})
}

// People that are made up: the same seed makes the same, totals are right, groups and tenants are nested.
func TestPeople_Seed(t *testing.T) {
	options := seed.SampleOptions{Users: 600, Organizations: 30, Locations: 40, Usergroups: 25, RandomSeed: 42}
	digests := map[uint64]map[string]string{42: {}, 43: {}}
	for _, random := range []uint64{42, 42, 43} {
		dbtest.Each(t, func(t *testing.T, db *config.Database) {
			s := servertest.Start(t, db)
			o := options
			o.RandomSeed = random
			var steps []int
			o.Progress = func(done, total int) {
				steps = append(steps, done)
				if total != o.Users {
					t.Errorf("got a total of %d, want %d", total, o.Users)
				}
			}
			if err := seed.Sample(t.Context(), s.Dir, o); err != nil {
				t.Fatal(err)
			}
			if len(steps) == 0 || !slices.IsSorted(steps) || steps[len(steps)-1] != o.Users {
				t.Errorf("got the progress %v", steps)
			}
			wantTallies(t, s)
			wantWorld(t, s, o)
			digest := peopleDigest(s)
			if known, ok := digests[random][db.Dialect]; ok && known != digest {
				t.Error("the same seed made other people")
			}
			digests[random][db.Dialect] = digest
		})
	}
	if digests[42][config.SQLite] != digests[42][config.Postgres] {
		t.Error("the databases got different people from one seed")
	}
	if digests[42][config.SQLite] == digests[43][config.SQLite] {
		t.Error("another seed made the same people")
	}
}

// wantWorld looks at what was made, from outside and inside.
func wantWorld(t *testing.T, s *server, o seed.SampleOptions) {
	t.Helper()
	a := s.Admin().Get("/api/users?per_page=1000&order=firstname+desc").Expect(200).Want(o.Users+1, "total").
		Want(o.Users+1, "subtotal")
	for query, want := range map[string]int64{
		"SELECT COUNT(*) FROM users WHERE NOT hidden":                  int64(o.Users) + 1,
		"SELECT COUNT(*) FROM taxonomies WHERE type = 'Organization'":  int64(o.Organizations) + 1,
		"SELECT COUNT(*) FROM taxonomies WHERE type = 'Location'":      int64(o.Locations) + 1,
		"SELECT COUNT(*) FROM usergroups":                              int64(o.Usergroups),
		"SELECT COUNT(*) FROM users WHERE lower_login <> lower(login)": 0,
		// Nobody was given a tenant, a role or a group that is not there, and everybody has the default role.
		"SELECT COUNT(*) FROM users u WHERE NOT u.hidden AND NOT EXISTS (SELECT 1 FROM user_roles x JOIN roles r ON " +
			"r.id = x.role_id WHERE x.user_id = u.id AND r.builtin = 2)": 0,
		// Every closure holds each node itself and everything that a parent's closure holds.
		"SELECT COUNT(*) FROM taxonomies t WHERE NOT EXISTS (SELECT 1 FROM taxonomy_closure c WHERE c.ancestor_id = " +
			"t.id AND c.descendant_id = t.id)": 0,
		"SELECT COUNT(*) FROM taxonomies t JOIN taxonomy_closure c ON c.descendant_id = t.parent_id WHERE NOT EXISTS " +
			"(SELECT 1 FROM taxonomy_closure d WHERE d.ancestor_id = c.ancestor_id AND d.descendant_id = t.id)": 0,
		"SELECT COUNT(*) FROM usergroup_usergroups t JOIN usergroup_closure c ON c.descendant_id = t.usergroup_id " +
			"WHERE NOT EXISTS (SELECT 1 FROM usergroup_closure d WHERE d.ancestor_id = c.ancestor_id AND " +
			"d.descendant_id = t.member_id)": 0,
		"SELECT COUNT(*) FROM taxonomies t JOIN taxonomies p ON p.id = t.parent_id WHERE p.type <> t.type OR t.title " +
			"<> p.title || '/' || t.name": 0,
		"SELECT COUNT(*) FROM users u WHERE u.default_location_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " +
			"memberships x WHERE x.user_id = u.id AND x.taxonomy_id = u.default_location_id) AND NOT u.admin": 0,
		"SELECT COUNT(*) FROM audits WHERE auditable_type = 'User' AND auditable_name <> 'admin'": 0,
		"SELECT COUNT(*) FROM users u WHERE u.auth_source_id NOT IN (SELECT id FROM auth_sources) OR u.password_hash " +
			"IS NULL AND NOT u.hidden OR u.updated_at < u.created_at OR u.last_login_on < u.created_at OR u.login " +
			"LIKE '% %' OR length(u.login) > 100 OR u.admin AND NOT u.hidden AND u.login <> 'admin'": 0,
	} {
		if got := s.Find(query); got != want {
			t.Errorf("%s: got %d, want %d", query, got, want)
		}
	}
	for query, least := range map[string]int64{
		"SELECT COUNT(*) FROM taxonomies WHERE type = 'Organization' AND parent_id IS NOT NULL": 5,
		"SELECT COUNT(*) FROM taxonomies WHERE type = 'Location' AND title LIKE '%/%/%'":        1,
		"SELECT COUNT(*) FROM usergroup_usergroups":                                             5,
		"SELECT COUNT(*) FROM usergroup_roles":                                                  1,
		"SELECT COUNT(DISTINCT firstname) FROM users":                                           20,
		"SELECT COUNT(*) FROM users WHERE disabled":                                             1,
		"SELECT COUNT(*) FROM users WHERE timezone IS NOT NULL":                                 100,
	} {
		if got := s.Find(query); got < least {
			t.Errorf("%s: got %d, want at least %d", query, got, least)
		}
	}
	scripts := map[string]bool{}
	for _, name := range a.Column("firstname") {
		text, _ := name.(string)
		for _, r := range text {
			switch {
			case r < 0x250:
				scripts["Latin"] = true
			case r >= 0x370 && r < 0x400:
				scripts["Greek"] = true
			case r >= 0x400 && r < 0x530:
				scripts["Cyrillic"] = true
			case r >= 0x4e00 && r < 0xa000:
				scripts["Han"] = true
			}
		}
	}
	if len(scripts) < 4 {
		t.Errorf("got names in %v only", scripts)
	}
	// Everybody who was made up keeps the rules, too: an empty change is one.
	for _, id := range a.Column("id")[:20] {
		s.Admin().Put(fmt.Sprint("/api/users/", id), object{}).Expect(200)
	}
}

// peopleDigest is a digest of all that a seed decides.
func peopleDigest(s *server) string {
	s.T.Helper()
	sum := sha256.New()
	for _, query := range []string{
		"SELECT id, login, firstname, lastname, mail, description, timezone, locale, default_location_id, " +
			"default_organization_id FROM users WHERE NOT hidden AND login <> 'admin' ORDER BY id",
		"SELECT id, type, title, parent_id, ancestry FROM taxonomies ORDER BY id",
		"SELECT id, name FROM usergroups ORDER BY id",
		"SELECT user_id, role_id FROM user_roles WHERE user_id > 4 ORDER BY 1, 2",
		"SELECT user_id, taxonomy_id FROM memberships ORDER BY 1, 2",
		"SELECT usergroup_id, user_id FROM usergroup_users ORDER BY 1, 2",
		"SELECT usergroup_id, member_id FROM usergroup_usergroups ORDER BY 1, 2",
	} {
		rows, err := s.DB.Read.Raw(query).Rows()
		if err != nil {
			s.T.Fatal(err)
		}
		columns, _ := rows.Columns()
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				s.T.Fatal(err)
			}
			var line strings.Builder
			for _, v := range values {
				if text, ok := v.([]byte); ok {
					v = string(text)
				}
				fmt.Fprintf(&line, "%v\t", v)
			}
			fmt.Fprintln(sum, line.String())
		}
		rows.Close()
	}
	return hex.EncodeToString(sum.Sum(nil))
}
