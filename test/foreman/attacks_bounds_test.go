package foreman

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"roster/config"
	"roster/test/dbtest"
)

// What an attacker found, by the numbers of the report: small requests that stopped the server, filled its memory or
// its disk, and outages that looked like faults.

// list writes a JSON list of n texts.
func list(n int, text func(i int) string) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("%q", text(i))
	}
	return "[" + strings.Join(words, ",") + "]"
}

func TestAttack02_ListsOfNames(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Organization("OrgA")
		plain := s.User("plain")
		put := func(attribute, list string) *answer {
			return s.By(plain).Put(plain.Path(), `{"user":{"`+attribute+`":`+list+`}}`)
		}
		admin := func(attribute, list string) *answer {
			return s.Admin().Put(plain.Path(), `{"user":{"`+attribute+`":`+list+`}}`)
		}
		// Repeats count once.
		admin("organization_names", list(100_000, func(int) string { return "OrgA" })).Expect(200).Want([]any{"OrgA"},
			"organizations", nil, "name")
		limitStatements(s, 30, func() {
			put("organization_names", list(1000, func(i int) string { return fmt.Sprint("n", i) })).Expect(422)
		})
		for attribute, want := range map[string]string{"organization_names": "organization_names",
			"location_names": "location_names", "role_names": "role_names"} {
			admin(attribute, list(1001, func(i int) string { return fmt.Sprint("n", i) })).Expect(422).
				Want("are too many (maximum is 1000)", "error", "errors", want, 0)
		}
		ids := strings.ReplaceAll(list(10_001, func(i int) string { return fmt.Sprint(i + 1) }), `"`, "")
		admin("role_ids", ids).Expect(422).Want("are too many (maximum is 10000)", "error", "errors", "role_ids", 0)
		s.Admin().Post("/api/usergroups", `{"usergroup":{"name":"g","user_names":`+
			list(1001, func(i int) string { return fmt.Sprint("n", i) })+`}}`).Expect(422).
			Want("are too many (maximum is 1000)", "error", "errors", "user_names", 0)
		objects := strings.ReplaceAll(list(1001, func(i int) string { return fmt.Sprint("n", i) }), `"n`, `{"name":"n`)
		admin("roles", strings.NewReplacer(`",`, `"},`, `"]`, `"}]`).Replace(objects)).Expect(422)
	})
}

// limitStatements fails when what is done takes more statements of the database than some.
func limitStatements(s *server, most int, do func()) {
	s.T.Helper()
	var n atomic.Int64
	for _, pool := range []*gorm.DB{s.DB.Write, s.DB.Read} {
		count := func(*gorm.DB) { n.Add(1) }
		for _, err := range []error{
			pool.Callback().Query().Before("gorm:query").Register("count", count),
			pool.Callback().Row().Before("gorm:row").Register("count", count),
			pool.Callback().Raw().Before("gorm:raw").Register("count", count),
		} {
			if err != nil {
				s.T.Fatal(err)
			}
		}
	}
	do()
	if n := n.Load(); n == 0 || n > int64(most) {
		s.T.Errorf("it took %d statements, want at most %d", n, most)
	}
}

func TestAttack02b_OtherLists(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		c := s.By(plain)
		columns := func(n int) string {
			return `{"name":"t","columns":` + list(n, func(i int) string { return fmt.Sprint("c", i) }) + `}`
		}
		c.Post(plain.Path("/table_preferences"), columns(110_000)).Expect(422).Want("are too many (maximum is 500)",
			"error", "errors", "columns", 0)
		c.Post(plain.Path("/table_preferences"), columns(501)).Expect(422)
		c.Post(plain.Path("/table_preferences"), columns(500)).Expect(201)
		c.Put(plain.Path("/table_preferences/t"), `{"columns":["`+strings.Repeat("c", 256)+`"]}`).Expect(422)
		for i := range 99 {
			c.Post(plain.Path("/table_preferences"), object{"name": fmt.Sprint("more", i), "columns": []string{}}).
				Expect(201)
		}
		c.Post(plain.Path("/table_preferences"), object{"name": "one too many", "columns": []string{}}).Expect(422)
		o := s.Organization("O")
		types := `{"organization":{"ignore_types":` + list(101, func(i int) string { return fmt.Sprint("C", i) }) + `}}`
		s.Admin().Put(fmt.Sprint("/api/organizations/", o), types).Expect(422).Want("are too many (maximum is 100)",
			"error", "errors", "ignore_types", 0)
	})
}

func TestAttack03_BodiesOfStrangers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		many := `{"a":[` + strings.TrimSuffix(strings.Repeat("{},", 160_000), ",") + `]}`
		s.Nobody().Post("/api/users", many).Expect(401)
		s.Nobody().Post("/api/users", `{"a":[}`).Expect(400)
		s.As("plain", "wrong").Put(plain.Path(), `{"a":[}`).Expect(400)
		s.As("plain", "wrong").Put(plain.Path(), many).Expect(401)
		s.By(plain).Put(plain.Path(), many).Expect(413).Want("The request body holds more than 150000 values", "error",
			"message")
		s.By(plain).Put(plain.Path(), `{"a":[`+strings.TrimSuffix(strings.Repeat("{},", 70_000), ",")+`]}`).Expect(200)

		// A stranger's large body is not read to its end before it is answered.
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /api/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "+
			"1000000\r\n\r\n{\"a\":[")
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != 401 {
			t.Errorf("got %v %v, want 401 before the body has come", res, err)
		}
	})
}

func TestAttack04_Searches(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		words := make([]string, 195)
		for i := range words {
			words[i] = fmt.Sprint("not qz", i)
		}
		s.Admin().Get("/api/users?search="+url.QueryEscape(strings.Join(words, " and "))).Expect(400).
			Want("The search makes more than 400 comparisons; name the fields that its words are about", "error",
				"message")
		s.Admin().Get("/api/users?search="+url.QueryEscape(strings.Join(words[:20], " and "))).Expect(200).Want(1,
			"subtotal")
		role := s.NewRole("costly")
		s.Admin().Post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
				"search": strings.Join(words, " and ")}}).
			Expect(422)
	})
}

// Conditions on fields that lead through many tables count for more, whoever asks.
func TestAttack04_SearchesOfManyTables(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		viewer := s.User("viewer", object{"role_ids": []int64{s.NewRole("viewer", "view_users")}})
		const many = 100
		for condition, status := range map[string]int{"any_role ~ x": 400, "not any_role ~ x": 400,
			"null? any_role": 400, "organization_title ~ x": 400, "role ~ x": 200, "login ~ x": 200} {
			for _, join := range []string{" and ", " or "} {
				query := url.QueryEscape(strings.Repeat(condition+join, many-1) + condition)
				for _, as := range []*client{s.Admin(), s.By(viewer)} {
					as.Get("/api/users?search=" + query).Expect(status)
				}
			}
		}
	})
}

// A statement whose time has come ends in the database, too: the connection is free for the next one.
func TestAttack04_StatementsEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x > 0) SELECT " +
			"COUNT(*) FROM c"
		for range 5 { // more often than there are connections
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			var n int64
			if err := db.Search.WithContext(ctx).Raw(endless).Row().Scan(&n); err == nil {
				t.Error("the statement has an end")
			}
			cancel()
		}
		var n int64
		if err := db.Search.WithContext(t.Context()).Raw("SELECT 1").Row().Scan(&n); err != nil {
			t.Error(err)
		}
		if db.Dialect == config.Postgres {
			eventually(t, "the statements have ended", func() bool {
				if err := db.Read.Raw("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND " +
					"state = 'active' AND query LIKE 'WITH RECURSIVE c(x)%'").Row().Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n == 0
			})
		}
	})
}

func TestAttack16_LongTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		c := s.By(plain)
		c.Put(plain.Path(), object{"user": object{"description": strings.Repeat("x", 65_536)}}).
			Refuses(errors{"description": {"is too long (maximum is 65535 characters)"}},
				"Description is too long (maximum is 65535 characters)")
		for i := range 3 {
			text := strings.Repeat(string(rune('a'+i)), 65_535)
			c.Put(plain.Path(), object{"user": object{"description": text}}).Expect(200).Want(text, "description")
		}
		for _, a := range auditsOf(s, "User", plain.ID) {
			if len(mustEncode(a)) > 10_000 {
				t.Errorf("an audit of %d bytes keeps a long text", len(mustEncode(a)))
			}
		}
		longest := s.Find("SELECT MAX(LENGTH(audited_changes)) FROM audits")
		if longest > 5000 {
			t.Errorf("an audit keeps %d characters", longest)
		}
		for path, root := range map[string]string{"/api/roles": "role", "/api/organizations": "organization",
			"/api/locations": "location"} {
			s.Admin().Post(path, object{root: object{"name": "long", "description": strings.Repeat("x", 65_536)}}).
				Expect(422)
		}
		c.Post(plain.Path("/ssh_keys"), object{"name": "k", "key": "ssh-rsa " + strings.Repeat("A", 20_000)}).
			Expect(422)
	})
}

// Readers who take their time hold nothing that others wait for, and still get the whole answer.
func TestAttack17_SlowReaders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		other := s.User("other")
		for _, a := range []account{plain, other} {
			for i := range 90 {
				s.By(a).Post(a.Path("/table_preferences"), object{"name": fmt.Sprint("t", i), "columns": []string{}}).
					Expect(201)
			}
		}
		// More than the API takes, so that the answer is larger than what a connection holds.
		s.Execute("UPDATE table_preferences SET columns = ?",
			list(500, func(i int) string { return fmt.Sprint(i, strings.Repeat("c", 200)) }))
		var slow []*bufio.Reader
		for _, a := range []account{plain, other} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "GET %s/table_preferences?per_page=all HTTP/1.1\r\nHost: x\r\nConnection: "+
				"close\r\nAuthorization: Basic %s\r\n\r\n",
				a.Path(), base64.StdEncoding.EncodeToString([]byte(a.Login+":"+a.Password)))
			reader := bufio.NewReader(conn)
			if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
				t.Fatalf("got %q, %v", line, err)
			}
			slow = append(slow, reader)
		}
		// Both have begun and read no further; lists of everybody do not wait for them.
		for range 3 {
			s.Admin().Get("/api/users?per_page=4294967296").Expect(200).Want(3, "total")
		}
		for i, reader := range slow {
			rest, err := io.ReadAll(reader)
			if err != nil || len(rest) < 9_000_000 || !strings.Contains(string(rest[len(rest)-20:]), "]}") {
				t.Errorf("reader %d got %d bytes, %v, ending in %q", i, len(rest), err, rest[max(0, len(rest)-20):])
			}
		}
	})
}

func TestAttack20_OutagesAre503(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		s.Admin().Get("/api/users").Expect(200)
		s.Nobody().Get("/api/ping").Expect(200).Want(true, "results", "foreman", "database", "active")
		restore := breakDatabase(s)
		ask := func(method, path string, body any) *answer {
			t.Helper()
			a, err := s.Admin().Try(method, path, body)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		unavailable := func(a *answer) {
			t.Helper()
			if a.Status != 503 || a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: got %d with Retry-After %q, want 503 with one", a, a.Status, a.Header.Get("Retry-After"))
			}
		}
		// A description that needs new pages, so that a full disk is met.
		body := object{"user": object{"description": strings.Repeat("long ", 10_000)}}
		unavailable(ask("PUT", bob.Path(), body))
		if s.DB.Dialect == config.Postgres {
			unavailable(ask("GET", "/api/users", nil))
			unavailable(ask("GET", "/api/ping", nil))
			unavailable(ask("GET", "/readyz", nil))
		} else {
			// A full disk can be read, also by who has to log in anew.
			s.Clock.Advance(time.Hour)
			s.Admin().Get("/api/users").Expect(200)
			s.By(bob).Get("/api/current_user").Expect(200)
		}
		restore()
		eventually(t, "the database is back", func() bool { return ask("GET", "/api/ping", nil).Status == 200 })
		// Connections that broke meanwhile are found out as they are used.
		eventually(t, "changes go through", func() bool { return ask("PUT", bob.Path(), body).Status == 200 })
		eventually(t, "the server is ready", func() bool { return ask("GET", "/readyz", nil).Status == 200 })
		if lines := s.Log.Errors(); len(lines) > 0 {
			t.Errorf("an outage is logged as an error: %s", lines[0])
		}
	})
}

// breakDatabase takes the database away from the server: PostgreSQL is gone, SQLite's disk is full. What it gives back
// undoes that.
func breakDatabase(s *server) (restore func()) {
	s.T.Helper()
	if s.DB.Dialect == config.SQLite {
		pages := s.Find("PRAGMA page_count")
		s.Execute(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return func() { s.Execute("PRAGMA max_page_count = 1073741823") }
	}
	conn := besideDatabase(s)
	do := func(statement string) {
		s.T.Helper()
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			s.T.Fatal(err)
		}
	}
	var name string
	if err := s.DB.Read.Raw("SELECT current_database()").Row().Scan(&name); err != nil {
		s.T.Fatal(err)
	}
	do(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS false`)
	do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'")
	return func() { do(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS true`) }
}

// besideDatabase connects to the same PostgreSQL, but to another database of it.
func besideDatabase(s *server) *pgx.Conn {
	s.T.Helper()
	pool, err := s.DB.Read.DB()
	if err != nil {
		s.T.Fatal(err)
	}
	conn, err := pool.Conn(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	defer conn.Close()
	var cfg *pgx.ConnConfig
	err = conn.Raw(func(driver any) error {
		cfg = driver.(interface{ Conn() *pgx.Conn }).Conn().Config()
		return nil
	})
	if err != nil {
		s.T.Fatal(err)
	}
	cfg.Database = "postgres"
	beside, err := pgx.ConnectConfig(s.T.Context(), cfg)
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { _ = beside.Close(context.Background()) })
	return beside
}
