package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/handlers"
	"roster/test/dbtest"
)

const (
	password = "bench-password"
	// serveVar makes this binary one of the two servers instead of a test.
	serveVar = "ROSTER_BENCH_SERVE"
	dsnVar   = "ROSTER_BENCH_DSN"
	sizesVar = "ROSTER_BENCH_USERS"

	clients = 4
	rounds  = 5
	turn    = 1500 * time.Millisecond
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(serveVar); kind != "" {
		serve(kind, os.Getenv(dsnVar))
	}
	dbtest.Main(m)
}

// serve answers on a free port, which it prints, until it is killed.
func serve(kind, dsn string) {
	handler, err := handlerOf(kind, dsn)
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	panic(http.Serve(l, handler))
}

func handlerOf(kind, dsn string) (http.Handler, error) {
	if kind == "plain" {
		return newPlain(dsn)
	}
	cfg := config.Default()
	cfg.Database = dsn
	if kind == kindNormal {
		cfg.SQLiteSynchronous = "normal"
	}
	if kind == kindMetrics || kind == kindTraces {
		return watchedHandler(kind, cfg)
	}
	db, err := config.Open(context.Background(), cfg, nil)
	if err != nil {
		return nil, err
	}
	svc, err := serviceOf(db)
	if err != nil {
		return nil, err
	}
	return handlers.New(svc, login.New(svc), handlers.Options{BodyLimit: 1 << 20, RequestTimeout: time.Minute}), nil
}

func serviceOf(db *config.Database) (*directory.Service, error) {
	return directory.New(directoryOptions(db))
}

func directoryOptions(db *config.Database) directory.Options {
	return directory.Options{Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		SecretKey: bytes.Repeat([]byte{7}, 32)}
}

// server is one of the two under way.
type server struct {
	base string
	pid  int
}

func start(b *testing.B, kind, dsn string) server {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVar+"="+kind, dsnVar+"="+dsn)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		b.Fatalf("%s server: %v", kind, err)
	}
	return server{"http://" + address, cmd.Process.Pid}
}

// figures are what one turn of load gives: processor times of one request in microseconds, and the median time until
// its answer in milliseconds.
type figures struct{ perSecond, serverCPU, databaseCPU, answer float64 }

// request makes the n-th request of a kind.
type request func(base string, n int64) *http.Request

func get(path func(n int64) string) request {
	return func(base string, n int64) *http.Request { return newRequest("GET", base+path(n), nil) }
}

var run = strconv.FormatInt(time.Now().UnixNano(), 36)

func create(base string, n int64) *http.Request {
	body := fmt.Sprintf(
		`{"user":{"login":"b%s-%d","firstname":"Bench","mail":"b%d@example.com","auth_source_id":3,"location_ids":[],"organization_ids":[]}}`, run, n, n)
	return newRequest("POST", base+"/api/users", strings.NewReader(body))
}

func newRequest(method, url string, body io.Reader) *http.Request {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		panic(err)
	}
	r.SetBasicAuth("admin", password)
	r.Header.Set("Content-Type", "application/json")
	return r
}

var serial atomic.Int64

// load sends requests for one turn from a few clients at once.
func load(b *testing.B, s server, db *config.Database, make request) figures {
	b.Helper()
	return loadAll(b, []server{s}, clients, db, make)
}

// loadAll sends requests for one turn from some clients at once, to servers in turns.
func loadAll(b *testing.B, servers []server, clients int, db *config.Database, make request) figures {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	send := func() time.Duration {
		n := serial.Add(1)
		begin := time.Now()
		res, err := client.Do(make(servers[n%int64(len(servers))].base, n))
		if err != nil {
			b.Error(err)
			return 0
		}
		defer res.Body.Close()
		if body, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
			b.Errorf("status %d: %s", res.StatusCode, body)
		}
		return time.Since(begin)
	}
	for range servers {
		send()
	}
	times := [][]time.Duration{}
	for range clients {
		times = append(times, nil)
	}
	var all sync.WaitGroup
	serverBefore := cpuOf(servers)
	databaseBefore := databaseCPU(b, db)
	begin := time.Now()
	for i := range clients {
		all.Go(func() {
			for time.Since(begin) < turn && !b.Failed() {
				times[i] = append(times[i], send())
			}
		})
	}
	all.Wait()
	took := slices.Concat(times...)
	slices.Sort(took)
	n := float64(len(took))
	return figures{
		perSecond: n / time.Since(begin).Seconds(), serverCPU: (cpuOf(servers) - serverBefore) / n,
		databaseCPU: (databaseCPU(b, db) - databaseBefore) / n,
		answer:      float64(took[len(took)/2].Microseconds()) / 1000,
	}
}

func cpuOf(servers []server) float64 {
	sum := 0.0
	for _, s := range servers {
		sum += cpu(s.pid)
	}
	return sum
}

// cpu returns the processor time of a process so far, in microseconds.
func cpu(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	user, _ := strconv.ParseFloat(string(fields[11]), 64)
	system, _ := strconv.ParseFloat(string(fields[12]), 64)
	return (user + system) * 1e6 / ticksPerSecond
}

// databaseCPU adds up PostgreSQL's backends; SQLite runs inside the server.
func databaseCPU(b *testing.B, db *config.Database) float64 {
	if db.Dialect == config.SQLite {
		return 0
	}
	var pids []int
	if err := db.Read.Raw("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").
		Scan(&pids).Error; err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for _, pid := range pids {
		sum += cpu(pid)
	}
	return sum
}

func BenchmarkUsers(b *testing.B) {
	sizes := os.Getenv(sizesVar)
	if sizes == "" {
		sizes = "10000,1000000"
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		for _, size := range strings.Split(sizes, ",") {
			n, err := strconv.Atoi(size)
			if err != nil {
				b.Fatalf("%s: %v", sizesVar, err)
			}
			b.Run(dialect+"/"+size, func(b *testing.B) { benchmarkSize(b, dialect, n) })
		}
	}
}

func benchmarkSize(b *testing.B, dialect string, users int) {
	dsn, db := filled(b, dialect, users)
	roster := start(b, "roster", dsn)
	plain := start(b, "plain", dsn)
	var first int64 // users follow the groups, with which they share their numbers
	if err := db.Read.Raw("SELECT MAX(id) + 1 FROM usergroups").Row().Scan(&first); err != nil {
		b.Fatal(err)
	}
	for _, k := range []struct {
		name string
		make request
	}{
		{"list", get(func(int64) string { return "/api/users" })},
		{"show", get(func(n int64) string { return fmt.Sprintf("/api/users/%d", first+n*7919%int64(users)) })},
		{"create", create},
	} {
		b.Run(k.name, func(b *testing.B) { compare(b, roster, plain, db, k.make) })
	}
}

// compare lets the two take turns and reports the medians.
func compare(b *testing.B, roster, plain server, db *config.Database, make request) {
	var ours, theirs []figures
	for range rounds {
		ours = append(ours, load(b, roster, db, make))
		theirs = append(theirs, load(b, plain, db, make))
	}
	ratio := func(of func(figures) float64) float64 {
		ratios := []float64{}
		for i := range ours {
			ratios = append(ratios, of(ours[i])/of(theirs[i]))
		}
		slices.Sort(ratios)
		return ratios[len(ratios)/2]
	}
	b.ReportMetric(median(ours, func(f figures) float64 { return f.perSecond }), "req/s")
	b.ReportMetric(median(theirs, func(f figures) float64 { return f.perSecond }), "hand-req/s")
	b.ReportMetric(median(ours, func(f figures) float64 { return f.serverCPU }), "server-µs/req")
	b.ReportMetric(median(ours, func(f figures) float64 { return f.databaseCPU }), "database-µs/req")
	b.ReportMetric(median(theirs, func(f figures) float64 { return f.serverCPU }), "hand-server-µs/req")
	b.ReportMetric(median(theirs, func(f figures) float64 { return f.databaseCPU }), "hand-database-µs/req")
	b.ReportMetric(ratio(func(f figures) float64 { return f.serverCPU + f.databaseCPU }), "CPU-ratio")
	b.ReportMetric(ratio(func(f figures) float64 { return 1 / f.perSecond }), "time-ratio")
	b.ReportMetric(0, "ns/op")
}

func median(list []figures, of func(figures) float64) float64 {
	values := []float64{}
	for _, f := range list {
		values = append(values, of(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// filled returns a database with so many users.
func filled(b *testing.B, dialect string, users int) (string, *config.Database) {
	b.Helper()
	cfg := config.Default()
	cfg.Database = "sqlite://" + filepath.Join(b.TempDir(), "bench.db")
	if dialect == config.Postgres {
		cfg.Database = dbtest.Postgres(b)
	}
	ctx := context.Background()
	db := open(b, cfg)
	svc, err := serviceOf(db)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := seed.Apply(ctx, svc, password); err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	err = seed.Sample(ctx, svc, seed.SampleOptions{Users: users, Organizations: 1000, Locations: 50, Usergroups: 200,
		RandomSeed: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %d users seeded, %.0f a second", dialect, users, float64(users)/time.Since(begin).Seconds())
	analyze := "ANALYZE"
	if dialect == config.Postgres { // which the server does by itself in time
		analyze = "VACUUM ANALYZE"
	}
	if err := db.Write.Exec(analyze).Error; err != nil {
		b.Fatal(err)
	}
	return cfg.Database, db
}
