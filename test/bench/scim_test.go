package bench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"roster/config"
	"roster/directory/seed"
	"roster/test/dbtest"
)

const (
	// scimVar has the size of a sync by SCIM: users, groups, and the members of the largest group.
	scimVar = "ROSTER_BENCH_SCIM"
	// tenths are the parts of a sync whose costs are compared.
	tenths = 10
	// bulkBytes is how large a request of many operations becomes at most, and bulkOperations how many it has.
	bulkBytes, bulkOperations = 900_000, 1000
	// memberChunk is how many members a provider brings into a group with one request.
	memberChunk = 100
	// leastChanges is how many changes there are of each kind at least, so that they can be measured.
	leastChanges = 100
)

// The schemas of what providers send.
const (
	scimUser       = "urn:ietf:params:scim:schemas:core:2.0:User"
	scimGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	scimEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	scimPatch      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	scimBulk       = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
)

// BenchmarkSCIM brings people and groups into an organization, and then changes a hundredth of them: by requests of
// many operations, and for a second organization by single requests as Entra makes them. It prints what each kind of
// request costs, and what it costs in the last tenth of the sync as a ratio to the first.
func BenchmarkSCIM(b *testing.B) {
	size := cmp.Or(os.Getenv(scimVar), "2000,20,400")
	var users, groups, members int
	if _, err := fmt.Sscanf(size, "%d,%d,%d", &users, &groups, &members); err != nil {
		b.Fatalf("%s: %v", scimVar, err)
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			for _, way := range []struct {
				name string
				run  func(*scimSync)
			}{{"bulk", (*scimSync).byBulk}, {"single", (*scimSync).bySingles}} {
				b.Run(way.name, func(b *testing.B) {
					s := newScimSync(b, dialect, way.name, users, groups, members)
					way.run(s)
					if !b.Failed() {
						s.check()
						s.print(dialect)
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// scimSync is a provider that brings its people into an organization.
type scimSync struct {
	*testing.B
	db     *config.Database
	server server
	way    string
	base   string
	token  string
	client *http.Client
	// users and groups are the ids of those who are there, by their numbers; nobody has a blank one.
	users, groups []string
	members       int
	kinds         []*scimKind
}

// scimKind is what requests of one kind cost, tenth by tenth.
type scimKind struct {
	name string
	// of are the operations of the requests, n the requests, cpu the processor time in microseconds, took the time.
	of, n, cpu, took [tenths]float64
}

func newScimSync(b *testing.B, dialect, way string, users, groups, members int) *scimSync {
	b.Helper()
	cfg := config.Default()
	cfg.Database = "sqlite://" + filepath.Join(b.TempDir(), "bench.db")
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
	s := &scimSync{B: b, db: db, server: start(b, "roster", cfg.Database), way: way, users: make([]string, users),
		groups: make([]string, groups), members: members,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
	s.base = s.server.base
	s.ask("PUT", "/api/settings/scim_rate", `{"setting":{"value":0}}`)
	var made struct {
		ID    int64
		Token string `json:"token_value"`
	}
	s.read(s.ask("POST", "/api/organizations", `{"organization":{"name":"Synced"}}`), &made)
	organization := made.ID
	s.read(s.ask("POST", fmt.Sprintf("/api/organizations/%d/scim_tokens", organization),
		`{"scim_token":{"name":"bench"}}`), &made)
	s.base += fmt.Sprintf("/scim/v2/organizations/%d", organization)
	s.token = made.Token
	return s
}

func (s *scimSync) read(body []byte, into any) {
	if err := json.Unmarshal(body, into); err != nil {
		s.Errorf("%v: %s", err, body)
	}
}

// ask sends a request and returns the body of the answer.
func (s *scimSync) ask(method, path, body string) []byte {
	r := newRequest(method, s.base+path, strings.NewReader(body))
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.Error(err)
		return nil
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	if res.StatusCode >= 300 {
		s.Errorf("%s %s: status %d: %.500s", method, path, res.StatusCode, answer)
	}
	return answer
}

// measure does all steps of a part, with some clients at once, and notes what they cost. Each is one request, with so
// many operations in it.
func (s *scimSync) measure(name string, at int, operations float64, steps []func()) {
	i := slices.IndexFunc(s.kinds, func(k *scimKind) bool { return k.name == name })
	if i < 0 {
		i = len(s.kinds)
		s.kinds = append(s.kinds, &scimKind{name: name})
	}
	kind := s.kinds[i]
	before := s.cpu()
	begin := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for n := next.Add(1); n <= int64(len(steps)) && !s.Failed(); n = next.Add(1) {
				steps[n-1]()
			}
		})
	}
	all.Wait()
	kind.took[at] += time.Since(begin).Seconds()
	kind.cpu[at] += s.cpu() - before
	kind.n[at] += float64(len(steps))
	kind.of[at] += operations
}

// cpu is the processor time of server and database so far, in microseconds. Parts of a sync are short, so it is read
// where the system tells it in nanoseconds.
func (s *scimSync) cpu() float64 {
	pids := []int{s.server.pid}
	if s.db.Dialect == config.Postgres {
		err := s.db.Read.Raw("SELECT pid FROM pg_stat_activity WHERE datname = current_database() UNION ALL SELECT ?",
			s.server.pid).Scan(&pids).Error
		if err != nil {
			s.Fatal(err)
		}
	}
	total := 0.0
	for _, pid := range pids {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, thread := range threads {
			text, _ := os.ReadFile(thread)
			first, _, _ := strings.Cut(string(text), " ")
			ns, _ := strconv.ParseFloat(first, 64)
			total += ns / 1000
		}
	}
	return total
}

// tenth are the numbers of a tenth of so many.
func tenth(part, of int) []int {
	var numbers []int
	for n := part * of / tenths; n < (part+1)*of/tenths; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// settle lets the server's database know how large its tables are, as it does by itself in time.
func (s *scimSync) settle() {
	statement := "PRAGMA optimize = 0x10002"
	if s.db.Dialect == config.Postgres {
		statement = "ANALYZE"
	}
	if err := s.db.Write.Exec(statement).Error; err != nil {
		s.Fatal(err)
	}
}

// Who somebody is, and what a group is called.
func (s *scimSync) login(n int) string { return fmt.Sprintf("%s.user%d@example.com", s.way, n) }
func (s *scimSync) title(n int) string { return fmt.Sprintf("%s group %d", s.way, n) }

func jsonOf(v any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(text.String())
}

type scimObject = map[string]any

// user is what a provider sends of somebody.
func (s *scimSync) user(n int) scimObject {
	login := s.login(n)
	return scimObject{"schemas": []string{scimUser, scimEnterprise}, "externalId": fmt.Sprint(s.way, "-", n),
		"userName": login, "active": true, "displayName": fmt.Sprint("User ", n),
		"emails": []scimObject{{"primary": true, "type": "work", "value": login}},
		"name":   scimObject{"givenName": "User", "familyName": fmt.Sprint("No", n)}, "title": "Engineer",
		"phoneNumbers": []scimObject{{"type": "work", "value": fmt.Sprint("+49 30 ", n)}},
		scimEnterprise: scimObject{"department": fmt.Sprint("Department ", n%50)}}
}

// inGroup are the numbers of those who are in a group. The groups of each tenth have from few members to as many as the
// largest has.
func (s *scimSync) inGroup(g int) []int {
	sizes := max(1, len(s.groups)/tenths)
	size := max(1, s.members*(g%sizes+1)/sizes)
	var numbers []int
	for i := range min(size, len(s.users)) {
		numbers = append(numbers, (g*997+i)%len(s.users))
	}
	return numbers
}

func (s *scimSync) membersOf(numbers []int) []scimObject {
	list := []scimObject{}
	for _, n := range numbers {
		list = append(list, scimObject{"value": s.users[n]})
	}
	return list
}

func patchOf(ops ...scimObject) scimObject {
	return scimObject{"schemas": []string{scimPatch}, "Operations": ops}
}

// bulkOp is one of the operations of a request; into is where the id of what it makes goes, if it makes something.
type bulkOp struct {
	scimObject
	into *string
}

// bulk sends operations, as many at a time as a request may have.
func (s *scimSync) bulk(name string, at int, ops []bulkOp) {
	var texts []string
	bytes := 0
	first := 0
	flush := func(end int) {
		if len(texts) > 0 {
			sent := ops[first:end]
			body := fmt.Sprintf(`{"schemas":[%q],"Operations":[%s]}`, scimBulk, strings.Join(texts, ","))
			s.measure(name, at, float64(len(sent)), []func(){func() { s.sendBulk(body, sent) }})
		}
		texts = nil
		bytes = 0
		first = end
	}
	for i, op := range ops {
		text := jsonOf(op.scimObject)
		if bytes+len(text) > bulkBytes || len(texts) == bulkOperations {
			flush(i)
		}
		texts = append(texts, text)
		bytes += len(text)
	}
	flush(len(ops))
}

func (s *scimSync) sendBulk(body string, ops []bulkOp) {
	var answer struct {
		Operations []struct{ Location, Status string }
	}
	s.read(s.ask("POST", "/Bulk", body), &answer)
	if len(answer.Operations) != len(ops) {
		s.Errorf("%d of %d operations are answered", len(answer.Operations), len(ops))
		return
	}
	for i, one := range answer.Operations {
		if !strings.HasPrefix(one.Status, "2") {
			s.Errorf("operation %d has the status %s", i, one.Status)
			return
		}
		if ops[i].into != nil {
			*ops[i].into = one.Location[strings.LastIndexByte(one.Location, '/')+1:]
		}
	}
}

func made(endpoint string, n int, data scimObject, into *string) bulkOp {
	return bulkOp{scimObject{"method": "POST", "path": endpoint, "bulkId": strconv.Itoa(n), "data": data}, into}
}

func changed(path string, ops ...scimObject) bulkOp {
	return bulkOp{scimObject{"method": "PATCH", "path": path, "data": patchOf(ops...)}, nil}
}

// byBulk syncs by requests of many operations.
func (s *scimSync) byBulk() {
	for part := range tenths {
		var ops []bulkOp
		for _, n := range tenth(part, len(s.users)) {
			ops = append(ops, made("/Users", n, s.user(n), &s.users[n]))
		}
		s.bulk("create users", part, ops)
		s.settle()
	}
	for part := range tenths {
		var ops []bulkOp
		for _, n := range tenth(part, len(s.groups)) {
			ops = append(ops, made("/Groups", n, scimObject{"schemas": []string{scimGroup}, "displayName": s.title(n),
				"externalId": fmt.Sprint("g", n), "members": s.membersOf(s.inGroup(n))}, &s.groups[n]))
		}
		s.bulk("create groups with members", part, ops)
	}
	s.settle()
	for part := range tenths {
		var users, leavers, groups []bulkOp
		for _, n := range s.changes(part, len(s.users)) {
			users = append(users, changed("/Users/"+s.users[n], profileOps(n)...))
		}
		for _, n := range s.leavers(part) {
			leavers = append(leavers, changed("/Users/"+s.users[n], leaveOp))
		}
		for _, n := range s.changes(part, len(s.groups)) {
			g := n % len(s.groups)
			groups = append(groups, changed("/Groups/"+s.groups[g], s.memberOps(g, n)...))
		}
		s.bulk("change users", part, users)
		s.bulk("switch users off", part, leavers)
		s.bulk("a member comes, one goes", part, groups)
	}
}

// changes are the numbers of a hundredth of so many, but some at least; part says which of them.
func (s *scimSync) changes(part, of int) []int {
	count := max(leastChanges, of/100)
	var numbers []int
	for _, n := range tenth(part, count) {
		numbers = append(numbers, n*of/count)
	}
	return numbers
}

// leavers are the numbers of those who leave.
func (s *scimSync) leavers(part int) []int {
	all := s.changes(part, len(s.users)-1)
	for i := range all {
		all[i]++
	}
	return all
}

// Operations as Entra words them.
var leaveOp = scimObject{"op": "Replace", "path": "active", "value": "False"}

func profileOps(n int) []scimObject {
	return []scimObject{
		{"op": "Replace", "path": "displayName", "value": fmt.Sprint("Renamed ", n)},
		{"op": "Add", "path": `phoneNumbers[type eq "mobile"].value`, "value": fmt.Sprint("+49 170 ", n)},
		{"op": "Replace", "path": scimEnterprise + ":department", "value": "Moved"},
	}
}

// memberOps take one of a group's members out and bring in somebody who may be new.
func (s *scimSync) memberOps(g, n int) []scimObject {
	there := s.inGroup(g)
	leaves := there[n%len(there)]
	joins := (there[len(there)-1] + 1 + n) % len(s.users)
	return []scimObject{{"op": "Remove", "path": "members", "value": s.membersOf([]int{leaves})},
		{"op": "Add", "path": "members", "value": s.membersOf([]int{joins})}}
}

// find asks for the only resource that meets a filter; want is its id, blank for nobody.
func (s *scimSync) find(path, attribute, value, want string) {
	var list struct {
		TotalResults int
		Resources    []struct{ ID string }
	}
	query := path + url.QueryEscape(fmt.Sprintf("%s eq %q", attribute, value))
	s.read(s.ask("GET", query, ""), &list)
	if want == "" && list.TotalResults != 0 ||
		want != "" && (len(list.Resources) != 1 || list.Resources[0].ID != want) {
		s.Errorf("%s: found %v instead of %q", query, list, want)
	}
}

func (s *scimSync) findUser(attribute, value, want string) {
	s.find("/Users?filter=", attribute, value, want)
}

func (s *scimSync) findGroup(n int, want string) {
	s.find("/Groups?excludedAttributes=members&filter=", "displayName", s.title(n), want)
}

func (s *scimSync) create(path string, body scimObject, into *string) {
	var answer struct{ ID string }
	s.read(s.ask("POST", path, jsonOf(body)), &answer)
	*into = answer.ID
}

func (s *scimSync) patch(path string, ops ...scimObject) {
	s.ask("PATCH", path, jsonOf(patchOf(ops...)))
}

// each does one step for each number.
func (s *scimSync) each(name string, at int, numbers []int, step func(n int)) {
	var steps []func()
	for _, n := range numbers {
		steps = append(steps, func() { step(n) })
	}
	s.measure(name, at, float64(len(steps)), steps)
}

// bySingles syncs as Entra does: it looks for everybody, makes who is missing, and brings members into groups some at a
// time.
func (s *scimSync) bySingles() {
	for part := range tenths {
		numbers := tenth(part, len(s.users))
		s.each("find by userName, nobody", part, numbers, func(n int) { s.findUser("userName", s.login(n), "") })
		s.each("find by externalId, nobody", part, numbers,
			func(n int) { s.findUser("externalId", fmt.Sprint(s.way, "-", n), "") })
		s.each("create a user", part, numbers, func(n int) { s.create("/Users", s.user(n), &s.users[n]) })
		s.each("find by userName", part, numbers, func(n int) { s.findUser("userName", s.login(n), s.users[n]) })
		s.settle()
	}
	for part := range tenths {
		s.groupsOneByOne(part, tenth(part, len(s.groups)))
	}
	s.settle()
	s.fillLargest()
	for part := range tenths {
		changes := s.changes(part, len(s.users))
		s.each("find by externalId", part, changes,
			func(n int) { s.findUser("externalId", fmt.Sprint(s.way, "-", n), s.users[n]) })
		s.each("show a user", part, changes, func(n int) { s.ask("GET", "/Users/"+s.users[n], "") })
		s.each("change a user", part, changes, func(n int) { s.patch("/Users/"+s.users[n], profileOps(n)...) })
		s.each("switch a user off", part, s.leavers(part), func(n int) { s.patch("/Users/"+s.users[n], leaveOp) })
		groups := s.changes(part, len(s.groups))
		s.each("show a group without members", part, groups,
			func(n int) { s.ask("GET", "/Groups/"+s.groups[n]+"?excludedAttributes=members", "") })
		s.each("a member comes, one goes", part, groups,
			func(n int) { s.patch("/Groups/"+s.groups[n], s.memberOps(n, part)...) })
	}
}

func (s *scimSync) groupsOneByOne(part int, numbers []int) {
	s.each("find a group, none", part, numbers, func(n int) { s.findGroup(n, "") })
	s.each("create a group", part, numbers, func(n int) {
		s.create("/Groups", scimObject{"schemas": []string{scimGroup}, "displayName": s.title(n),
			"externalId": fmt.Sprint("g", n)}, &s.groups[n])
	})
	s.each("find a group", part, numbers, func(n int) { s.findGroup(n, s.groups[n]) })
	var steps []func()
	for _, g := range numbers {
		for chunk := range slices.Chunk(s.inGroup(g), memberChunk) {
			steps = append(steps, func() {
				s.patch("/Groups/"+s.groups[g], scimObject{"op": "Add", "path": "members", "value": s.membersOf(chunk)})
			})
		}
	}
	s.measure(fmt.Sprintf("add %d members", memberChunk), part, float64(len(steps)), steps)
}

// fillLargest makes one more group and fills it with everybody, without asking what is in it: what that costs must not
// follow the group.
func (s *scimSync) fillLargest() {
	var group string
	s.create("/Groups", scimObject{"schemas": []string{scimGroup}, "displayName": s.way + " everybody"}, &group)
	for part := range tenths {
		var steps []func()
		for chunk := range slices.Chunk(tenth(part, len(s.users)), memberChunk/5) {
			steps = append(steps, func() {
				s.patch("/Groups/"+group+"?excludedAttributes=members",
					scimObject{"op": "Add", "path": "members", "value": s.membersOf(chunk)})
			})
		}
		s.measure(fmt.Sprintf("fill one group, %d members", memberChunk/5), part, float64(len(steps)), steps)
	}
	s.ask("DELETE", "/Groups/"+group, "")
}

// check compares what is there with what was sent.
func (s *scimSync) check() {
	var users, list struct{ TotalResults int }
	s.read(s.ask("GET", "/Users?count=0", ""), &users)
	s.read(s.ask("GET", "/Groups?count=0", ""), &list)
	if users.TotalResults != len(s.users) || list.TotalResults != len(s.groups) {
		s.Errorf("%d of %d users and %d of %d groups are there", users.TotalResults, len(s.users), list.TotalResults,
			len(s.groups))
	}
	if n := len(s.leavers(0)); n > 0 {
		s.read(s.ask("GET", "/Users?count=0&filter=active+eq+false", ""), &users)
		if users.TotalResults == 0 {
			s.Error("nobody is switched off")
		}
	}
}

// print prints a row for each kind of request.
func (s *scimSync) print(dialect string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s, %s, %d users, %d groups of up to %d\trequests\toperations\ta second\tCPU ms each\t"+
		"first tenth\tlast tenth\tgrowth\t\n", dialect, s.way, len(s.users), len(s.groups), s.members)
	for _, k := range s.kinds {
		cost := func(i int) float64 { return k.cpu[i] / max(1, k.of[i]) / 1000 }
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", k.name, sum(k.n), sum(k.of),
			sum(k.of)/sum(k.took), sum(k.cpu)/sum(k.of)/1000, cost(0), cost(tenths-1),
			cost(tenths-1)/max(0.001, cost(0)))
		if strings.HasPrefix(k.name, "create") {
			s.ReportMetric(sum(k.cpu)/sum(k.of)/1000, strings.ReplaceAll(k.name, " ", "-")+"-ms")
		}
	}
	w.Flush()
}

func sum(list [tenths]float64) float64 {
	total := 0.0
	for _, v := range list {
		total += v
	}
	return total
}
