package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"gorm.io/gorm"

	"roster/config"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
)

const (
	// tenantsRounds is how often each row is measured, tenantsTurn how long each time at least.
	tenantsRounds = 5
	tenantsTurn   = 700 * time.Millisecond
	// treeSize is how many organizations a tree has, and usersEach how many users an organization.
	treeSize, usersEach, locationCount = 5, 1000, 50
	// manyOrganizations is how many the viewers of many are in, where there are so many.
	manyOrganizations = 100
	// sampleSize is how many users are made up; more are copies of these.
	sampleSize = 10_000
	// walkedPages is how many pages are walked before the walk begins anew.
	walkedPages = 30
)

// BenchmarkTenants prints what lists of users cost, in processor time of server and database, and as ratios to the
// administrator's list in the same run, while others write and log in.
func BenchmarkTenants(b *testing.B) {
	sizes := os.Getenv(sizesVar)
	if sizes == "" {
		sizes = "10000,100000"
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		var tables []tenantsTable
		for _, size := range strings.Split(sizes, ",") {
			users, err := strconv.Atoi(size)
			if err != nil {
				b.Fatalf("%s: %v", sizesVar, err)
			}
			b.Run(dialect+"/"+size, func(b *testing.B) {
				tables = append(tables, benchmarkTenants(b, dialect, users))
				b.ReportMetric(0, "ns/op")
			})
		}
		if len(tables) > 1 {
			tables[len(tables)-1].printGrowth(dialect, tables[0])
		}
	}
}

// listRow is a row of the table: requests of one kind.
type listRow struct {
	name string
	// aim bounds the ratio to another row, or the milliseconds if there is none; 0 for no bound.
	aim float64
	to  string
	run func(n int)
	// least is how many requests a turn has at least; 0 for one.
	least int
	// less is a row whose cost is taken off: what has to happen before each request.
	less string
}

// tenantsTable has what each row costs, in milliseconds, round by round.
type tenantsTable struct {
	users int
	rows  []listRow
	costs map[string][]float64
}

// tenantsBench is a full directory that a server shows.
type tenantsBench struct {
	*testing.B
	db     *config.Database
	server server
	client *http.Client
	// users is how many there are, first the id of the first.
	users, first int64
	postmaster   int
	background   *background
	// organizations are those of the trees, in the order of the trees.
	organizations, locations []int64
}

func benchmarkTenants(b *testing.B, dialect string, users int) tenantsTable {
	t := fillTenants(b, dialect, users)
	viewers := t.makeViewers()
	rows := t.listRows(viewers)
	t.background = startBackground(t)
	table := tenantsTable{users: users, rows: rows, costs: map[string][]float64{}}
	for _, row := range rows {
		row.run(0)
		row.run(1)
	}
	for range tenantsRounds {
		idle := t.idle()
		for _, row := range rows {
			table.costs[row.name] = append(table.costs[row.name], t.measure(row, idle))
		}
	}
	t.background.stop()
	for _, v := range viewers {
		t.checkAgainstPlain(v)
	}
	if !t.Failed() {
		table.print(dialect)
	}
	return table
}

// fillTenants returns a directory with trees of organizations, locations without trees, and users who are in one of
// each.
func fillTenants(b *testing.B, dialect string, users int) *tenantsBench {
	b.Helper()
	return fillOrganizations(b, dialect, users, max(2*treeSize, users/usersEach))
}

// fillOrganizations does so with a number of organizations.
func fillOrganizations(b *testing.B, dialect string, users, organizations int) *tenantsBench {
	b.Helper()
	cfg := config.Default()
	cfg.Database = "sqlite://" + b.TempDir() + "/bench.db"
	if dialect == config.Postgres {
		cfg.Database = dbtest.Postgres(b)
	}
	db := open(b, cfg)
	svc, err := serviceOf(db)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := seed.Apply(b.Context(), svc, password); err != nil {
		b.Fatal(err)
	}
	t := &tenantsBench{B: b, db: db, client: &http.Client{}, users: int64(users)}
	t.makeTrees(organizations)
	begin := time.Now()
	before := t.find("SELECT MAX(id) FROM users")
	sample := seed.SampleOptions{Users: min(sampleSize, users), Usergroups: 200, RandomSeed: 1}
	if err := seed.Sample(b.Context(), svc, sample); err != nil {
		b.Fatal(err)
	}
	t.first = t.find("SELECT MIN(id) FROM users WHERE id > ?", before)
	for copies := 1; copies < users/sampleSize; copies++ {
		t.copySample(copies)
	}
	if dialect == config.Postgres {
		t.execute("SELECT setval(pg_get_serial_sequence('users', 'id'), (SELECT MAX(id) FROM users))")
	}
	b.Logf("%s: %d users seeded, %.0f a second", dialect, users, float64(users)/time.Since(begin).Seconds())
	t.execute("UPDATE users SET default_location_id = NULL, default_organization_id = NULL") // or nobody could be moved
	analyze := "ANALYZE"
	if dialect == config.Postgres {
		analyze = "VACUUM ANALYZE"
	}
	t.execute(analyze)
	t.server = start(b, "roster", cfg.Database)
	if dialect == config.Postgres {
		var backend int
		if err := db.Read.Raw("SELECT pg_backend_pid()").Row().Scan(&backend); err != nil {
			b.Fatal(err)
		}
		t.postmaster = int(processOf(backend).parent)
	}
	return t
}

// makeTrees makes organizations in trees of a root and others below it, and locations.
func (t *tenantsBench) makeTrees(organizations int) {
	const first = 1000
	const make = `INSERT INTO taxonomies (id, type, name, lower_name, parent_id, ancestry, title, created_at, updated_at)
 WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %[1]d)
 SELECT %[2]d + i, '%[3]s', '%[4]s ' || i, '%[4]s ' || i, %[5]s, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM n ORDER BY i`
	root := fmt.Sprintf("(%d + i - i %% %d)", first, treeSize)
	t.execute(fmt.Sprintf(make, organizations, first, "Organization", "org", fmt.Sprintf("CASE WHEN i %% %[1]d <> 0 "+
		"THEN %[2]s END, CASE WHEN i %% %[1]d <> 0 THEN CAST(%[2]s AS TEXT) END, CASE WHEN i %% %[1]d <> 0 THEN "+
		"'org ' || (i - i %% %[1]d) || '/' ELSE '' END || 'org ' || i", treeSize, root)))
	t.execute(fmt.Sprintf(make, locationCount, first+organizations, "Location", "loc", "NULL, NULL, 'loc ' || i"))
	t.execute("INSERT INTO taxonomy_closure (ancestor_id, descendant_id) SELECT id, id FROM taxonomies WHERE id >= ? "+
		"UNION ALL SELECT parent_id, id FROM taxonomies WHERE parent_id IS NOT NULL", first)
	t.execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
	for i := range organizations {
		t.organizations = append(t.organizations, int64(first+i))
	}
	for i := range locationCount {
		t.locations = append(t.locations, int64(first+organizations+i))
	}
}

// copySample copies the made-up users once more, into other tenants.
func (t *tenantsBench) copySample(copies int) {
	var values []string
	for _, column := range models.UserColumns {
		switch column {
		case "id":
			column = fmt.Sprint("id + ", copies*sampleSize)
		case "login", "lower_login", "mail":
			column = fmt.Sprintf("'c%d.' || %s", copies, column)
		}
		values = append(values, column)
	}
	to := copies * sampleSize
	within := fmt.Sprintf(" BETWEEN %d AND %d", t.first, t.first+sampleSize-1)
	t.execute("INSERT INTO users (" + strings.Join(models.UserColumns, ", ") + ") SELECT " + strings.Join(values, ", ") +
		" FROM users WHERE id" + within)
	t.execute(fmt.Sprintf("INSERT INTO user_roles (user_id, role_id) SELECT user_id + %d, role_id FROM user_roles "+
		"WHERE user_id%s", to, within))
	t.execute(fmt.Sprintf("INSERT INTO usergroup_users (usergroup_id, user_id) SELECT usergroup_id, user_id + %d FROM "+
		"usergroup_users WHERE user_id%s", to, within))
	// Which location has nothing to do with which organization.
	for tenants, drawn := range map[*[]int64]string{&t.organizations: "id * 7919", &t.locations: "id * 7919 / 1000"} {
		t.execute(fmt.Sprintf("INSERT INTO memberships (user_id, taxonomy_id, sort_name) SELECT id + %d, "+
			"%d + (%s + %d) %% %d, sort_name FROM users WHERE id%s", to, (*tenants)[0], drawn, copies*104729,
			len(*tenants), within))
	}
	t.execute("UPDATE tallies SET total = total + ?, epoch = epoch + 1 WHERE name = 'users' AND slot = 0", sampleSize)
}

func (t *tenantsBench) execute(statement string, args ...any) {
	t.Helper()
	if err := t.db.Write.Exec(statement, args...).Error; err != nil {
		t.Fatal(err)
	}
}

// caller is somebody who asks for lists. The administrator has no tenants.
type caller struct {
	name, login              string
	organizations, locations []int64
}

var administrator = caller{name: "administrator", login: "admin"}

// makeViewers makes viewers of one organization, which is the root of a tree, of many, and of many in one location.
// They see what is in their organizations, above and below them.
func (t *tenantsBench) makeViewers() []caller {
	many := t.organizations[:min(manyOrganizations, len(t.organizations))]
	one := t.organizations[treeSize : treeSize+1]
	viewers := []caller{
		{"viewer of 1 organization", "viewer1", one, t.locations},
		{fmt.Sprintf("viewer of %d organizations", len(many)), "viewer2", many, t.locations},
		{fmt.Sprintf("viewer of %d organizations, 1 location", len(many)), "viewer3", many, t.locations[:1]},
	}
	for _, v := range viewers {
		t.send(administrator, "POST", "/api/users", map[string]any{"user": map[string]any{"login": v.login,
			"auth_source_id": 1, "password": password, "role_ids": []int64{t.find("SELECT id FROM roles WHERE name = 'Viewer'")},
			"organization_ids": v.organizations, "location_ids": v.locations}})
	}
	return viewers
}

func (t *tenantsBench) find(query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := t.db.Read.Raw(query, args...).Row().Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// send makes a request and returns the body.
func (t *tenantsBench) send(as caller, method, path string, body any) []byte {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		content = strings.NewReader(string(text))
	}
	r := newRequest(method, t.server.base+path, content)
	r.SetBasicAuth(as.login, password)
	res, err := t.client.Do(r)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	if res.StatusCode >= 300 {
		t.Errorf("%s %s: status %d: %s", method, path, res.StatusCode, answer)
	}
	return answer
}

const firstPage = "/api/users?per_page=20"

// listRows are the rows of the table.
func (t *tenantsBench) listRows(viewers []caller) []listRow {
	ask := func(as caller, path string) func(int) {
		return func(int) { t.send(as, "GET", firstPage+path, nil) }
	}
	first := administrator.name
	rows := []listRow{{name: first, run: ask(administrator, "")}}
	for _, v := range viewers {
		rows = append(rows, listRow{name: v.name, aim: 1.5, to: first, run: ask(v, "")})
	}
	jump := max(2, t.users/25)
	rows = append(rows, listRow{name: fmt.Sprintf("administrator, page %d and near", jump), run: func(n int) {
		t.send(administrator, "GET", fmt.Sprint(firstPage, "&page=", jump+int64(n%10)), nil)
	}}, listRow{name: `administrator, "smith"`, run: ask(administrator, "&search=smith")},
		listRow{name: `administrator, "login ~ smith"`, run: ask(administrator, "&search=login+~+smith")})
	for _, v := range append([]caller{administrator}, viewers...) {
		rows = append(rows, listRow{name: v.name + ", walked", aim: 1.5, to: v.name, least: walkedPages, run: func(n int) {
			t.send(v, "GET", fmt.Sprint(firstPage, "&page=", 1+n%walkedPages), nil)
		}})
	}
	rows = append(rows, listRow{name: "a move alone", run: t.move})
	for _, v := range viewers {
		rows = append(rows, listRow{name: v.name + ", counted anew", aim: 20, less: "a move alone", run: func(n int) {
			t.move(n)
			t.send(v, "GET", firstPage, nil)
		}})
	}
	return rows
}

// move takes a user, in turns, into an organization that all viewers see, and out of it.
func (t *tenantsBench) move(n int) {
	to := t.organizations[treeSize+n%2 : treeSize+n%2+1]
	t.send(administrator, "PUT", fmt.Sprint("/api/users/", t.first+int64(n%7)),
		map[string]any{"user": map[string]any{"organization_ids": to, "location_ids": t.locations[:1]}})
}

// usage is how much processor time server and database have used so far, in milliseconds, and how much the others have
// done.
type usage struct {
	cpu  float64
	done int64
}

func (t *tenantsBench) usage() usage {
	u := usage{cpu: float64(processOf(t.server.pid).own), done: t.background.done.Load()}
	if t.postmaster != 0 {
		u.cpu += float64(clusterTicks(t.postmaster))
	}
	u.cpu *= 1000 / ticksPerSecond
	return u
}

// idle returns what one step of the others costs while nothing else happens.
func (t *tenantsBench) idle() float64 {
	before := t.usage()
	time.Sleep(3 * tenantsTurn)
	after := t.usage()
	return (after.cpu - before.cpu) / float64(max(1, after.done-before.done))
}

// measure returns what a request of a row costs, in milliseconds, without what the others do meanwhile.
func (t *tenantsBench) measure(row listRow, idle float64) float64 {
	before := t.usage()
	n := 0
	// The processor time is told in steps of 10 ms.
	for begin := time.Now(); (n < row.least || time.Since(begin) < tenantsTurn) && !t.Failed(); n++ {
		row.run(n)
	}
	after := t.usage()
	return (after.cpu - before.cpu - idle*float64(after.done-before.done)) / float64(n)
}

// checkAgainstPlain compares what a viewer is shown with the same, written by hand.
func (t *tenantsBench) checkAgainstPlain(v caller) {
	var got struct {
		Total   int64
		Results []struct{ ID int64 }
	}
	if err := json.Unmarshal(t.send(v, "GET", firstPage, nil), &got); err != nil {
		t.Fatal(err)
	}
	const in = "EXISTS (SELECT 1 FROM memberships m JOIN taxonomy_closure c ON m.taxonomy_id IN (c.ancestor_id, " +
		"c.descendant_id) WHERE m.user_id = u.id AND (c.ancestor_id IN ? OR c.descendant_id IN ?))"
	query := t.db.Read.Table("users u").Where("NOT u.hidden AND (u.login = ? OR "+in+" AND "+in+")", v.login,
		v.organizations, v.organizations, v.locations, v.locations)
	var total int64
	var ids []int64
	if err := query.Session(&gorm.Session{}).Count(&total).Error; err != nil {
		t.Fatal(err)
	}
	if err := query.Order("u.sort_name, u.id").Limit(20).Pluck("u.id", &ids).Error; err != nil {
		t.Fatal(err)
	}
	var shown []int64
	for _, row := range got.Results {
		shown = append(shown, row.ID)
	}
	if got.Total != total || !slices.Equal(shown, ids) {
		t.Errorf("%s: got %d users, first %v, want %d, first %v", v.name, got.Total, shown, total, ids)
	}
	t.Logf("%s sees %d users", v.name, total)
}

// cost is the median of a row's costs without what comes before each request, in milliseconds.
func (t tenantsTable) cost(row listRow) float64 {
	return middle(t.each(row, func(_ int, cost float64) float64 { return cost }))
}

// ratio is the median of the ratios of a row to another in the same round.
func (t tenantsTable) ratio(row listRow, to string) float64 {
	return middle(t.each(row, func(i int, cost float64) float64 { return cost / t.costs[to][i] }))
}

func (t tenantsTable) each(row listRow, of func(round int, cost float64) float64) []float64 {
	var all []float64
	for i, cost := range t.costs[row.name] {
		if row.less != "" {
			cost -= t.costs[row.less][i]
		}
		all = append(all, of(i, cost))
	}
	return all
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func (t tenantsTable) print(dialect string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n%s, %d users\tCPU ms\tto administrator\taim\n", dialect, t.users)
	for _, row := range t.rows {
		cost := t.cost(row)
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t", row.name, cost, t.ratio(row, t.rows[0].name))
		switch {
		case row.aim == 0:
		case row.to == "":
			fmt.Fprintf(w, "%.0f ms%s", row.aim, missed(cost > row.aim))
		default:
			ratio := t.ratio(row, row.to)
			fmt.Fprintf(w, "%.2f of %.1f to %s%s", ratio, row.aim, row.to, missed(ratio > row.aim))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// missed marks a figure that is over its aim.
func missed(is bool) string {
	if is {
		return ", missed"
	}
	return ""
}

// printGrowth prints what the rows cost with many users, as ratios to what they cost with few.
func (t tenantsTable) printGrowth(dialect string, few tenantsTable) {
	const aim = 1.3
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n%s\t%d users to %d\n", dialect, t.users, few.users)
	for i, row := range t.rows {
		growth := t.cost(row) / few.cost(few.rows[i])
		fmt.Fprintf(w, "%s\t%.2f%s\n", row.name, growth, missed(growth > aim))
	}
	w.Flush()
}
