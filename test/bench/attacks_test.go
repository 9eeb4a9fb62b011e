package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/test/dbtest"
)

const (
	attackedUsers = 10_000
	// attackTime is how long each attack goes on.
	attackTime     = 6 * time.Second
	attackPassword = "open sesame"
)

// BenchmarkAttacks runs attacks against the program with 10,000 users, as a process of its own, while an honest
// administrator lists, shows and creates: it reports the administrator's median and slowest answer and the memory of
// the server. ROSTER_BENCH_BINARY names another binary to attack, for comparison. Run it with -benchtime 1x.
func BenchmarkAttacks(b *testing.B) {
	binary := os.Getenv("ROSTER_BENCH_BINARY")
	if binary == "" {
		binary = filepath.Join(b.TempDir(), "roster")
		execute(b, exec.Command("go", "build", "-o", binary, "roster"))
	}
	b.Run("sqlite", func(b *testing.B) {
		attackAll(b, launched(b, binary, "sqlite://"+filepath.Join(b.TempDir(), "roster.db")))
	})
	b.Run("postgres", func(b *testing.B) { attackAll(b, launched(b, binary, dbtest.Postgres(b))) })
}

func execute(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// target is a running server.
type attacked struct {
	b      *testing.B
	url    string
	pid    int
	client *http.Client
	plain  string // path of the account without roles
}

func launched(b *testing.B, binary, database string) *attacked {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	environ := append(os.Environ(), "ROSTER_DATABASE="+database, "ROSTER_ADMIN_PASSWORD="+attackPassword,
		"ROSTER_LISTEN="+address)
	seed := exec.Command(binary, "seed", "--users", strconv.Itoa(attackedUsers), "--organizations", "20", "--locations",
		"5", "--usergroups", "10")
	seed.Env = environ
	execute(b, seed)
	serve := exec.Command(binary, "serve", "--log-level", "error")
	serve.Env = environ
	if err := serve.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	})
	a := &attacked{b: b, url: "http://" + address, pid: serve.Process.Pid, client: &http.Client{
		Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256},
	}}
	for range 300 {
		if res, err := a.client.Get(a.url + "/api/ping"); err == nil {
			res.Body.Close()
			break
		}
		time.Sleep(50 * time.Millisecond) // the server says nothing when it is ready but by answering
	}
	a.prepare()
	return a
}

func (a *attacked) prepare() {
	// The attackers come from the administrator's address, whose failures are not counted here.
	a.call("admin", "PUT", "/api/settings/failed_login_attempts_limit",
		map[string]any{"setting": map[string]any{"value": 0}})
	user := func(login string, more map[string]any) int64 {
		body := map[string]any{"login": login, "password": attackPassword, "auth_source_id": 1}
		for name, value := range more {
			body[name] = value
		}
		var made struct{ ID int64 }
		status, answer := a.call("admin", "POST", "/api/users", map[string]any{"user": body})
		if err := json.Unmarshal(answer, &made); err != nil || status != 201 {
			a.b.Fatalf("%d %s", status, answer)
		}
		return made.ID
	}
	everywhere := map[string]any{"organization_ids": ids(1, 3, 22), "location_ids": ids(2, 23, 27),
		"role_names": []string{"Viewer"}}
	a.plain = fmt.Sprint("/api/users/", user("plain", nil))
	user("viewer", everywhere)
}

func ids(first int, span ...int) []int {
	list := []int{first}
	if len(span) == 2 {
		for id := span[0]; id <= span[1]; id++ {
			list = append(list, id)
		}
	}
	return list
}

func (a *attacked) call(login, method, path string, body any) (int, []byte) {
	var text []byte
	switch v := body.(type) {
	case nil:
	case []byte:
		text = v
	default:
		text, _ = json.Marshal(v)
	}
	req, err := http.NewRequest(method, a.url+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	if login != "" {
		req.SetBasicAuth(login, attackPassword)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	return res.StatusCode, answer
}

// memory is the resident memory of the server, in MiB.
func (a *attacked) memory() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

func attackAll(b *testing.B, a *attacked) {
	repeat := func(n int, text func(i int) string) string {
		words := make([]string, n)
		for i := range words {
			words[i] = text(i)
		}
		return strings.Join(words, ",")
	}
	user := func(attribute, list string) []byte { return []byte(`{"user":{"` + attribute + `":[` + list + `]}}`) }
	sameName := user("organization_names", repeat(40_000, func(int) string { return `"Default Organization"` }))
	// ignored on oneself
	names := user("role_names", repeat(90_000, func(i int) string { return []string{`"Viewer"`, `"Manager"`}[i%2] }))
	columns := func() []byte {
		return []byte(fmt.Sprintf(`{"name":"t%d","columns":[%s]}`, time.Now().UnixNano(),
			repeat(100_000, func(i int) string { return fmt.Sprintf(`"c%d"`, i) })))
	}
	bodies := []byte(`{"a":[` + repeat(340_000, func(int) string { return "{}" }) + `]}`)
	same := strings.TrimSuffix(strings.Repeat("not qz and ", 195), " and ")
	words := strings.ReplaceAll(repeat(195, func(i int) string { return fmt.Sprint("not q", i) }), ",", " and ")
	long := []byte(`{"user":{"description":"` + strings.Repeat("x", 1_000_000) + `"}}`)
	search := func(text string) func() {
		return func() { a.call("viewer", "GET", "/api/users?search="+url.QueryEscape(text), nil) }
	}
	attacks := []struct {
		name    string
		workers int
		attack  func()
	}{
		{"none", 0, nil},
		{"2-repeated-names", 6, func() { a.call("plain", "PUT", a.plain, sameName) }},
		{"2-many-names", 6, func() { a.call("plain", "PUT", a.plain, names) }},
		{"2b-columns", 3, func() { a.call("plain", "POST", a.plain+"/table_preferences", columns()) }},
		{"3-bodies-of-strangers", 60, func() { a.call("", "POST", "/api/users", bodies) }},
		{"4-searches", 8, search(same)},
		{"4-searches-other-words", 8, search(words)},
		{"16-descriptions", 4, func() { a.call("plain", "PUT", a.plain, long) }},
		{"17-slow-readers", 8, a.readSlowly},
	}
	a.fillPreferences()
	for _, attack := range attacks {
		b.Run(attack.name, func(b *testing.B) { a.measure(b, attack.workers, attack.attack) })
	}
}

// fillPreferences keeps what the slow readers read.
func (a *attacked) fillPreferences() {
	for i := range 90 {
		list := make([]string, 70)
		for j := range list {
			list[j] = fmt.Sprintf("%d-%s", j, strings.Repeat("c", 200))
		}
		a.call("plain", "POST", a.plain+"/table_preferences", map[string]any{"name": fmt.Sprint("slow", i),
			"columns": list})
	}
}

// readSlowly takes a long answer at two kilobytes a second.
func (a *attacked) readSlowly() {
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	req, _ := http.NewRequest("GET", a.url+a.plain+"/table_preferences?per_page=all", nil)
	req.SetBasicAuth("plain", attackPassword)
	_ = req.Write(conn)
	buf := make([]byte, 500)
	for end := time.Now().Add(attackTime); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

// measure attacks with some workers while an administrator works.
func (a *attacked) measure(b *testing.B, workers int, attack func()) {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					attack()
				}
			}
		})
	}
	var took []time.Duration
	var memory float64
	var failed int
	var refusal string
	begin := time.Now()
	for i := 0; time.Since(begin) < attackTime; i++ {
		for _, request := range []func() (int, []byte){
			func() (int, []byte) { return a.call("admin", "GET", "/api/users?per_page=20", nil) },
			func() (int, []byte) { return a.call("admin", "GET", "/api/users/viewer", nil) },
			func() (int, []byte) {
				login := fmt.Sprint("made", time.Now().UnixNano())
				return a.call("admin", "POST", "/api/users",
					map[string]any{"user": map[string]any{"login": login, "auth_source_id": 3}})
			},
			func() (int, []byte) { return a.call("admin", "GET", "/api/users?search=login+~+smith", nil) },
		} {
			start := time.Now()
			status, answer := request()
			took = append(took, time.Since(start))
			if status >= 300 || status == 0 {
				failed++
				refusal = fmt.Sprintf("%d: %.200s", status, answer)
			}
			memory = max(memory, a.memory())
		}
		if workers > 0 && i == 0 {
			// Long lists wait for places of their own.
			start := time.Now()
			a.call("admin", "GET", "/api/users?per_page=4294967296", nil)
			b.ReportMetric(float64(time.Since(start).Milliseconds()), "long-list-ms")
		}
	}
	close(stop)
	group.Wait()
	if failed > 0 {
		b.Errorf("%d of the administrator's requests failed, the last one with %s", failed, refusal)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "slowest-ms")
	b.ReportMetric(memory, "MiB")
	b.ReportMetric(0, "ns/op")
}
