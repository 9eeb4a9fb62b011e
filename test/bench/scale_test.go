package bench

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"roster/config"
)

// BenchmarkScale prints what one server with its database carries on this machine: requests a second by kind with their
// processor times, memory, and the size of the database by table. docs/operations/scale.md has the figures.
func BenchmarkScale(b *testing.B) {
	sizes := os.Getenv(sizesVar)
	if sizes == "" {
		sizes = "10000,100000,1000000"
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		for _, size := range strings.Split(sizes, ",") {
			users, err := strconv.Atoi(size)
			if err != nil {
				b.Fatalf("%s: %v", sizesVar, err)
			}
			b.Run(dialect+"/"+size, func(b *testing.B) {
				t := fillTenants(b, dialect, users)
				if parts := os.Getenv("ROSTER_BENCH_PARTITIONS"); parts != "" && dialect == config.Postgres {
					t.partition(parts)
				}
				t.printKinds(dialect, t.makeViewers()[0])
				t.printMemory(dialect)
				t.printSizes(dialect)
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// kind is a kind of requests.
type kind struct {
	name string
	make request
}

// kinds are what people and scripts ask for. Each request is about another user than the one before.
func (t *tenantsBench) kinds(viewer caller) []kind {
	drawn := func(n int64) int64 { return t.first + n*7919%min(t.users, sampleSize) }
	logins := []string{}
	if err := t.db.Read.Raw("SELECT login FROM users WHERE id >= ? ORDER BY id LIMIT 1000", t.first).
		Scan(&logins).Error; err != nil {
		t.Fatal(err)
	}
	body := func(method, path, body string) *http.Request {
		return newRequest(method, path, strings.NewReader(body))
	}
	return []kind{
		{"the caller's own account", get(func(int64) string { return "/api/current_user" })},
		{"one user", get(func(n int64) string { return fmt.Sprint("/api/users/", drawn(n)) })},
		{"20 users, administrator", get(func(n int64) string { return fmt.Sprint(firstPage, "&page=", 1+n%30) })},
		{"20 users, viewer of an organization", func(base string, n int64) *http.Request {
			r := newRequest("GET", fmt.Sprint(base, firstPage, "&page=", 1+n%10), nil)
			r.SetBasicAuth(viewer.login, password)
			return r
		}},
		{"search: login = x", get(func(n int64) string {
			return firstPage + "&search=login+%3D+" + logins[n%int64(len(logins))]
		})},
		{"search: login ~ part", get(func(n int64) string {
			return firstPage + "&search=login+~+" + logins[n%int64(len(logins))][:6] + "&order=login"
		})},
		{"change of a user", func(base string, n int64) *http.Request {
			return body("PUT", fmt.Sprint(base, "/api/users/", drawn(n)), fmt.Sprintf(`{"user":{"firstname":"N%d"}}`, n))
		}},
		{"new user in an organization", func(base string, n int64) *http.Request {
			return body("POST", base+"/api/users", fmt.Sprintf(`{"user":{"login":"b%s-%d","mail":"b%d@example.com",`+
				`"auth_source_id":3,"organization_ids":[%d],"location_ids":[%d]}}`, run, n, n,
				t.organizations[n%int64(len(t.organizations))], t.locations[0]))
		}},
	}
}

func (t *tenantsBench) printKinds(dialect string, viewer caller) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %d users\trequests/s\tmedian ms\tserver ms\tdatabase ms\n", dialect, t.users)
	for _, k := range t.kinds(viewer) {
		var all []figures
		for range 3 {
			all = append(all, load(t.B, t.server, t.db, k.make))
		}
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.2f\t%.2f\n", k.name,
			median(all, func(f figures) float64 { return f.perSecond }),
			median(all, func(f figures) float64 { return f.answer }),
			median(all, func(f figures) float64 { return f.serverCPU })/1000,
			median(all, func(f figures) float64 { return f.databaseCPU })/1000)
	}
	_ = w.Flush()
}

// printMemory prints the greatest memory of the server since its start.
func (t *tenantsBench) printMemory(dialect string) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.server.pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			fmt.Printf("%s, %d users: memory of the server %s", dialect, t.users, strings.TrimPrefix(line, "VmHWM:"))
		}
	}
}

// relation is a table or an index.
type relation struct {
	Name  string
	Bytes int64
}

func (t *tenantsBench) printSizes(dialect string) {
	query := "SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY 2 DESC"
	if dialect == config.Postgres {
		query = "SELECT relname AS name, pg_relation_size(oid) AS bytes FROM pg_class WHERE relkind IN ('r', 'i') AND " +
			"relnamespace = current_schema()::regnamespace ORDER BY 2 DESC"
	}
	var list []relation
	if err := t.db.Read.Raw(query).Scan(&list).Error; err != nil {
		t.Fatal(err)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	var all int64
	for _, r := range list {
		all += r.Bytes
	}
	fmt.Fprintf(w, "%s, %d users: %d MiB, bytes per user\t%d\t\n", dialect, t.users, all>>20, all/t.users)
	for _, r := range list {
		if r.Bytes*100 > all {
			fmt.Fprintf(w, "%s\t%d\t\n", r.Name, r.Bytes/t.users)
		}
	}
	_ = w.Flush()
}

// partition parts the memberships by tenant, as docs/operations/scale.md says.
func (t *tenantsBench) partition(parts string) {
	n, err := strconv.Atoi(parts)
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{
		"ALTER TABLE memberships RENAME TO memberships_whole",
		"CREATE TABLE memberships (LIKE memberships_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY, " +
			"PRIMARY KEY (id, taxonomy_id)) PARTITION BY HASH (taxonomy_id)",
	}
	for i := range n {
		statements = append(statements, fmt.Sprintf("CREATE TABLE memberships_%d PARTITION OF memberships FOR VALUES WITH "+
			"(MODULUS %d, REMAINDER %d)", i, n, i))
	}
	statements = append(statements,
		"INSERT INTO memberships SELECT * FROM memberships_whole",
		"DROP TABLE memberships_whole CASCADE", // with the references of membership_roles and invitations
		"CREATE UNIQUE INDEX memberships_user ON memberships (user_id, taxonomy_id)",
		"CREATE UNIQUE INDEX memberships_usergroup ON memberships (usergroup_id, taxonomy_id) WHERE usergroup_id IS NOT NULL",
		"CREATE INDEX memberships_taxonomy ON memberships (taxonomy_id, sort_name, user_id)",
		"CREATE INDEX memberships_id ON memberships (id)",
		"ALTER TABLE memberships ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE, ADD FOREIGN KEY "+
			"(usergroup_id) REFERENCES usergroups (id) ON DELETE CASCADE, ADD FOREIGN KEY (taxonomy_id) REFERENCES "+
			"taxonomies (id) ON DELETE CASCADE",
		"CREATE TRIGGER memberships_named BEFORE INSERT ON memberships FOR EACH ROW WHEN (NEW.sort_name IS NULL) EXECUTE "+
			"FUNCTION memberships_name()",
		"SELECT setval(pg_get_serial_sequence('memberships', 'id'), (SELECT MAX(id) FROM memberships))", "ANALYZE")
	for _, statement := range statements {
		t.execute(statement)
	}
}

// BenchmarkSnapshot prints what it takes to read all roles, groups and tenants anew, which every server does after each
// change of one of them.
func BenchmarkSnapshot(b *testing.B) {
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		for _, organizations := range []int{1000, 10_000, 100_000} {
			b.Run(fmt.Sprint(dialect, "/", organizations), func(b *testing.B) {
				t := fillOrganizations(b, dialect, sampleSize, organizations)
				list := get(func(int64) string { return firstPage })
				anew := func(base string, n int64) *http.Request {
					t.execute("UPDATE tallies SET epoch = epoch + 1 WHERE name = 'refs' AND slot = 0")
					return list(base, n)
				}
				known := loadAll(b, []server{t.server}, 1, t.db, list)
				read := loadAll(b, []server{t.server}, 1, t.db, anew)
				b.ReportMetric(known.answer, "known-ms")
				b.ReportMetric(read.answer, "anew-ms")
				b.ReportMetric(0, "ns/op")
				t.printMemory(fmt.Sprint(dialect, ", ", organizations, " organizations"))
			})
		}
	}
}
