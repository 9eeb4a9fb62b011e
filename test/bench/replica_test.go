package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/handlers"
	"roster/test/dbtest"
)

// replicaUsers is how many users the directory has.
const replicaUsers = 10_000

// writePauses are how long the writer waits between two changes; 0 for no writer at all.
var writePauses = []time.Duration{0, time.Second, 100 * time.Millisecond, 20 * time.Millisecond}

// BenchmarkReplica prints which share of the reads a replica serves, and how the processor time of the databases is
// divided, while somebody writes more and more.
func BenchmarkReplica(b *testing.B) {
	pair := dbtest.NewReplicated(b)
	cfg := config.Default()
	cfg.Database = pair.Primary
	filledDatabase(b, open(b, cfg))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "writes/s\treads/s\tread from the replica\tprimary ms\treplica ms")
	for _, replicas := range [][]string{nil, {pair.Replica}} {
		cfg.Replicas = replicas
		db := open(b, cfg)
		o := directoryOptions(db)
		for _, r := range db.Replicas {
			o.Replicas = append(o.Replicas, directory.Replica(r))
		}
		svc, err := directory.New(o)
		if err != nil {
			b.Fatal(err)
		}
		listener := httptest.NewServer(handlers.New(svc, login.New(svc),
			handlers.Options{BodyLimit: 1 << 20, RequestTimeout: time.Minute}))
		s := replicated{svc: svc, server: server{listener.URL, os.Getpid()}, db: db,
			postmasters: []int{postmasterOf(b, pair.Primary), postmasterOf(b, pair.Replica)}}
		for _, pause := range writePauses {
			fmt.Fprintln(w, s.measure(b, pause))
		}
		listener.Close()
	}
	_ = w.Flush()
	b.ReportMetric(0, "ns/op")
}

// filledDatabase seeds a database.
func filledDatabase(b *testing.B, db *config.Database) {
	b.Helper()
	svc, err := serviceOf(db)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := seed.Apply(b.Context(), svc, password); err != nil {
		b.Fatal(err)
	}
	if err := seed.Sample(b.Context(), svc, seed.SampleOptions{Users: replicaUsers, Organizations: 100, Locations: 10,
		Usergroups: 50, RandomSeed: 1}); err != nil {
		b.Fatal(err)
	}
	if err := db.Write.Exec("VACUUM ANALYZE").Error; err != nil {
		b.Fatal(err)
	}
}

// postmasterOf returns the process of a server.
func postmasterOf(b *testing.B, address string) int {
	b.Helper()
	cfg := config.Default()
	cfg.Database = address
	db, err := config.Open(b.Context(), cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var backend int
	if err := db.Read.Raw("SELECT pg_backend_pid()").Row().Scan(&backend); err != nil {
		b.Fatal(err)
	}
	return int(processOf(backend).parent)
}

// replicated is a server of this process over a pair of databases.
type replicated struct {
	svc         *directory.Service
	server      server
	db          *config.Database
	postmasters []int
}

// served is how many requests replicas have served.
func (s replicated) served() (n int64) {
	for _, r := range s.svc.Stats().Replicas {
		n += r.Requests
	}
	return n
}

// measure returns a row of the table.
func (s replicated) measure(b *testing.B, pause time.Duration) string {
	b.Helper()
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writes := 0
	if pause > 0 {
		writer.Go(func() {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					s.write(b, int64(writes))
					writes++
				}
			}
		})
	}
	ticks := func() (list []float64) {
		for _, pid := range s.postmasters {
			list = append(list, float64(clusterTicks(pid))*1000/ticksPerSecond)
		}
		return list
	}
	before := ticks()
	servedBefore := s.served()
	paths := []string{firstPage + "&page=2", "/api/users/admin", firstPage + "&search=login+~+sm", "/api/current_user"}
	begin := time.Now()
	var reads float64
	for range 3 {
		f := load(b, s.server, s.db, get(func(n int64) string { return paths[n%int64(len(paths))] }))
		reads += f.perSecond * turn.Seconds()
	}
	took := time.Since(begin).Seconds()
	close(stop)
	writer.Wait()
	after := ticks()
	return fmt.Sprintf("%.0f\t%.0f\t%.1f %%\t%.2f\t%.2f", float64(writes)/took, reads/took,
		100*float64(s.served()-servedBefore)/reads, (after[0]-before[0])/reads, (after[1]-before[1])/reads)
}

func (s replicated) write(b *testing.B, n int64) {
	r := newRequest(http.MethodPut, s.server.base+"/api/users/"+fmt.Sprint(10+n%1000),
		strings.NewReader(fmt.Sprintf(`{"user":{"firstname":"N%d"}}`, n)))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_ = res.Body.Close()
}
