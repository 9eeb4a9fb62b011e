//go:build linux && upgrade

// Package upgrade replaces two servers of the release before, behind HAProxy and under load, by this release. It needs
// HAProxy and the history of the repository: make upgrade-test.
package upgrade

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/rig"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	password = "an administrator's password"
	// phase is how long clients work between two steps.
	phase = 3 * time.Second
)

// run runs a program and returns its output.
func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// build builds the release before, or the commit that ROSTER_UPGRADE_FROM names, and this one. ROSTER_UPGRADE_BEFORE is
// a program of the release before that is there already.
func build(t *testing.T) (before, now string) {
	t.Helper()
	root := run(t, ".", "git", "rev-parse", "--show-toplevel")
	now = filepath.Join(t.TempDir(), "roster-now")
	run(t, root, "go", "build", "-trimpath", "-buildvcs=false", "-o", now, ".")
	if before = os.Getenv("ROSTER_UPGRADE_BEFORE"); before != "" {
		return before, now
	}
	from := os.Getenv("ROSTER_UPGRADE_FROM")
	if from == "" {
		// Until there are releases: the newest commit before the newest migration.
		added := run(t, root, "git", "log", "--diff-filter=A", "--format=%H", "--", "migrations/postgres/*_provisioning.sql")
		lines := strings.Fields(added)
		if len(lines) == 0 {
			t.Fatal("the history of the repository is not here: git fetch --unshallow")
		}
		from = lines[len(lines)-1] + "^"
	}
	source := t.TempDir()
	run(t, root, "sh", "-c", `git archive "$1" | tar -x -C "$2"`, "sh", from, source)
	before = filepath.Join(t.TempDir(), "roster-before")
	run(t, source, "go", "build", "-trimpath", "-buildvcs=false", "-o", before, ".")
	t.Logf("from %s to this tree", run(t, root, "git", "log", "-1", "--format=%h %s", from))
	return before, now
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// installation is two servers behind HAProxy on one database.
type installation struct {
	t         *testing.T
	dir       string
	database  string
	settings  rig.Settings
	proxy     *rig.Proxy
	processes [2]*rig.Process
	began     time.Time
}

func install(t *testing.T, binary string) *installation {
	t.Helper()
	dir := t.TempDir()
	s := &installation{t: t, dir: dir, database: dbtest.Postgres(t), began: time.Now()}
	s.settings = rig.Settings{Bind: freeAddress(t), Proto: "http", AdminSocket: filepath.Join(dir, "admin.sock"),
		Servers: []rig.Node{{Name: "roster1", Address: freeAddress(t)}, {Name: "roster2", Address: freeAddress(t)}}}
	t.Cleanup(func() {
		for _, p := range s.processes {
			if p != nil {
				p.Kill()
			}
		}
	})
	for i := range s.processes {
		s.start(i, binary)
	}
	var err error
	if s.proxy, err = rig.StartProxy(dir, s.settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.proxy.Kill)
	for i := range s.processes {
		s.waitUp(i)
	}
	return s
}

func (s *installation) say(format string, values ...any) {
	s.t.Logf("%5.1f s  %s", time.Since(s.began).Seconds(), fmt.Sprintf(format, values...))
}

// start starts a server and waits until it is ready.
func (s *installation) start(i int, binary string) {
	s.t.Helper()
	server := s.settings.Servers[i]
	p, err := rig.Start(s.dir, server.Name, []string{"ROSTER_DATABASE=" + s.database, "ROSTER_LISTEN=" + server.Address,
		"ROSTER_ADMIN_PASSWORD=" + password, "ROSTER_SECRET_KEY=" + strings.Repeat("07", 32), "ROSTER_DRAIN_DELAY=5s"},
		binary, "serve")
	if err != nil {
		s.t.Fatal(err)
	}
	s.processes[i] = p
	err = rig.Wait(s.t.Context(), server.Name, time.Minute, func() error {
		select {
		case <-p.Ended():
			text, _ := os.ReadFile(p.Log)
			s.t.Fatalf("%s ended:\n%s", server.Name, text)
		default:
		}
		return s.ready(i)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *installation) ready(i int) error {
	answer, err := http.Get("http://" + s.settings.Servers[i].Address + "/readyz")
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// number returns a number of HAProxy about a server.
func (s *installation) number(i int, title string) string {
	s.t.Helper()
	numbers, err := s.proxy.Server(s.settings.Servers[i].Name)
	if err != nil {
		s.t.Fatal(err)
	}
	return numbers[title]
}

func (s *installation) wait(what string, condition func() error) {
	s.t.Helper()
	if err := rig.Wait(s.t.Context(), what, time.Minute, condition); err != nil {
		s.t.Fatal(err)
	}
}

func (s *installation) waitUp(i int) {
	s.t.Helper()
	s.wait("HAProxy sees the server", func() error {
		if status := s.number(i, "status"); status != "UP" {
			return fmt.Errorf("it is %s", status)
		}
		return nil
	})
}

// tell sends HAProxy a command that has no answer.
func (s *installation) tell(command string) {
	s.t.Helper()
	if answer, err := s.proxy.Say(command); err != nil || answer != "" {
		s.t.Fatal(command, ": ", answer, err)
	}
	s.say("echo %q | socat stdio /run/haproxy/admin.sock", command)
}

func (s *installation) stop(i int) {
	s.t.Helper()
	if err := s.processes[i].Stop(time.Minute); err != nil {
		s.t.Error(err)
	}
	s.say("%s has stopped", s.settings.Servers[i].Name)
}

// replace takes a server out of HAProxy, and puts another program in its place.
func (s *installation) replace(i int, binary string) {
	s.t.Helper()
	name := s.settings.Servers[i].Name
	s.tell("set server roster/" + name + " state drain")
	s.wait(name+" is idle", func() error {
		if n := s.number(i, "scur"); n != "0" {
			return fmt.Errorf("it has %s requests", n)
		}
		return nil
	})
	s.stop(i)
	s.start(i, binary)
	s.say("%s is ready again", name)
	s.tell("set server roster/" + name + " state ready")
	s.waitUp(i)
}

// restart lets the server drain by itself: HAProxy sees by its readiness that it is about to stop.
func (s *installation) restart(i int, binary string) {
	s.t.Helper()
	s.stop(i)
	s.start(i, binary)
	s.waitUp(i)
	s.say("%s is ready again", s.settings.Servers[i].Name)
}

// load is what clients did.
type load struct {
	*rig.Client
	mu sync.Mutex
	// created are the logins that were acknowledged, counted what was written last into an account.
	created []string
	counted map[string]int
	group   sync.WaitGroup
	end     context.CancelFunc
}

// begin puts the servers under load: creations, updates, reads, and logins with a password.
func (s *installation) begin() *load {
	s.t.Helper()
	ctx, end := context.WithCancel(s.t.Context())
	l := &load{Client: rig.NewClient("http://"+s.settings.Bind, "admin", password, 30*time.Second),
		counted: map[string]int{}, end: end}
	ann := rig.NewClient(l.Base, "ann", "a password of Ann", 30*time.Second)
	made := l.Do(ctx, "create", "POST", "/api/users", `{"user":{"login":"ann","mail":"ann@example.com",`+
		`"auth_source_name":"Internal","password":"a password of Ann"}}`)
	if made.Status != 201 {
		s.t.Fatal(made.Status, made.Body)
	}
	l.loop(ctx, func(i int) { l.create(ctx, fmt.Sprintf("user%d", i)) })
	for w := range 2 {
		l.create(ctx, fmt.Sprintf("worker%d", w))
		l.loop(ctx, func(i int) { l.count(ctx, fmt.Sprintf("worker%d", w), i) })
	}
	l.loop(ctx, func(int) { l.Do(ctx, "list", "GET", "/api/users?per_page=20&search=login+~+user", "") })
	l.loop(ctx, func(int) { l.Do(ctx, "show", "GET", "/api/users/ann", "") })
	l.loop(ctx, func(int) {
		a := ann.Do(ctx, "login", "GET", "/api/current_user", "")
		l.Note(ctx, a)
	})
	return l
}

// loop does something again and again until ctx ends.
func (l *load) loop(ctx context.Context, do func(i int)) {
	l.group.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			do(i)
			time.Sleep(5 * time.Millisecond)
		}
	})
}

func (l *load) create(ctx context.Context, login string) {
	a := l.Do(ctx, "create", "POST", "/api/users",
		fmt.Sprintf(`{"user":{"login":%q,"mail":"%s@example.com","auth_source_name":"External"}}`, login, login))
	if a.Status == 201 {
		l.mu.Lock()
		l.created = append(l.created, login)
		l.mu.Unlock()
	}
}

func (l *load) count(ctx context.Context, login string, n int) {
	a := l.Do(ctx, "update", "PUT", "/api/users/"+login, fmt.Sprintf(`{"user":{"description":"%d"}}`, n))
	if a.Status == 200 {
		l.mu.Lock()
		l.counted[login] = n
		l.mu.Unlock()
	}
}

// Two servers of the release before are replaced one after the other, and then restarted: no request fails, nothing
// is lost, and the numbers are right.
func TestUpgrade_RollsTwoServers(t *testing.T) {
	before, now := build(t)
	s := install(t, before)
	s.say("two servers of the release before are in use")
	l := s.begin()
	time.Sleep(phase)
	s.replace(0, now)
	if err := s.ready(1); err != nil {
		t.Error("the server of the release before is not ready on the schema of this one: ", err)
	}
	answered := s.number(1, "stot")
	time.Sleep(phase)
	if again := s.number(1, "stot"); again == answered {
		t.Errorf("the server of the release before has answered nothing since: %s", again)
	}
	s.replace(1, now)
	s.say("two servers of this release are in use")
	time.Sleep(phase)
	for i := range s.processes {
		s.restart(i, now)
		time.Sleep(phase)
	}
	l.end()
	l.group.Wait()
	s.judge(l)
}

// judge looks at what clients saw and at what is in the database.
func (s *installation) judge(l *load) {
	t := s.t
	counts := map[string]int{}
	longest := map[string]time.Duration{}
	for _, a := range l.Answers() {
		counts[a.Kind]++
		longest[a.Kind] = max(longest[a.Kind], a.Took())
		if a.Status/100 != 2 {
			t.Errorf("%s at %.1f s: %d %v %.300s", a.Kind, a.Ended.Sub(s.began).Seconds(), a.Status, a.Err, a.Body)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		s.say("%-6s %5d requests, the longest %d ms", kind, counts[kind], longest[kind].Milliseconds())
		if counts[kind] < 20 {
			t.Errorf("%s: only %d requests", kind, counts[kind])
		}
	}
	db := dbtest.Open(t, s.database)
	logins := map[string]string{}
	var rows []struct{ Login, Description string }
	if err := db.Read.Raw("SELECT login, COALESCE(description, '') AS description FROM users").Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		logins[row.Login] = row.Description
	}
	for _, login := range l.created {
		if _, there := logins[login]; !there {
			t.Errorf("%s was acknowledged and is lost", login)
		}
	}
	for login, n := range l.counted {
		if got, _ := strconv.Atoi(logins[login]); got < n {
			t.Errorf("%s: %d was acknowledged, there is %d", login, n, got)
		}
	}
	s.judgeNumbers(l, db, len(l.created))
}

// judgeNumbers compares what lists say with what is there.
func (s *installation) judgeNumbers(l *load, db *config.Database, created int) {
	var there int
	if err := db.Read.Raw("SELECT COUNT(*) FROM users WHERE login ~ '^(user|worker)[0-9]+$'").Scan(&there).Error; err != nil {
		s.t.Fatal(err)
	}
	a := l.Do(s.t.Context(), "total", "GET", "/api/users?per_page=1", "")
	var shown int
	if _, text, ok := strings.Cut(a.Body, `"total":`); ok {
		text, _, _ = strings.Cut(text, ",")
		shown, _ = strconv.Atoi(strings.TrimSpace(text))
	}
	// Those of the test, the administrator and ann; hidden accounts do not count.
	if there < created || shown != there+2 {
		s.t.Errorf("%d users were acknowledged, %d are there, and lists count %d", created, there, shown)
	}
	s.say("%d users were acknowledged, %d are there, lists count %d with admin and ann", created, there, shown)
}
