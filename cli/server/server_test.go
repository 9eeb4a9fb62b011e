package server

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roster/cli/progress"
	"roster/config"
	"roster/test/dbtest"
)

// TestMain also is the program itself, for the test that sends it a signal.
func TestMain(m *testing.M) {
	if os.Getenv("ROSTER_TEST_MAIN") != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		err := Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(ExitCode(err))
	}
	dbtest.Main(m)
}

// screen collects what a program prints and lets a test wait for it.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *screen) read() (string, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.changed
}

func (s *screen) String() string {
	text, _ := s.read()
	return text
}

// waitFor returns the first group of the pattern as soon as it appears.
func (s *screen) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	limit := time.After(60 * time.Second)
	for {
		text, changed := s.read()
		if match := expression.FindStringSubmatch(text); match != nil {
			return match[len(match)-1]
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("waited in vain for %s in:\n%s", pattern, text)
		}
	}
}

func sqliteURL(t *testing.T) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "data", "roster.db")
}

// cli runs a command to its end.
func cli(t *testing.T, environ []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = Run(t.Context(), args, environ, &out, &errs)
	return out.String(), errs.String(), err
}

func TestRun_MistakesExitWith2AndNameThemselves(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	tests := map[string]struct {
		args, environ []string
		want          string
	}{
		"an unknown command":   {args: []string{"server"}, want: "server"},
		"an unknown flag":      {args: []string{"serve", "--lisen", "x"}, want: "--lisen"},
		"an argument too many": {args: []string{"config", "now"}, want: "now"},
		"a secret as a flag":   {args: []string{"serve", "--admin-password", "x"}, want: "--admin-password"},
		"no number":            {args: []string{"seed", "--users", "many"}, want: "--users"},
		"a number below zero":  {args: []string{"seed", "--users", "-1"}, want: "--users"},
		"a wrong flag":         {args: []string{"serve", "--listen", "nowhere"}, want: "--listen / ROSTER_LISTEN"},
		"a wrong variable": {args: []string{"migrate"}, environ: []string{"ROSTER_DATABASE=oracle://"},
			want: "ROSTER_DATABASE"},
		"a missing config file": {args: []string{"config"}, environ: []string{"ROSTER_CONFIG=" + none},
			want: none},
		"a missing secret file": {args: []string{"seed"}, environ: []string{"ROSTER_ADMIN_PASSWORD_FILE=" + none},
			want: "ROSTER_ADMIN_PASSWORD_FILE"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := cli(t, test.environ, test.args...)
			if got := ExitCode(err); got != 2 {
				t.Errorf("got exit code %d, want 2", got)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q named", err, test.want)
			}
		})
	}
}

func TestRun_FailuresExitWith1(t *testing.T) {
	_, _, err := cli(t, nil, "migrate", "--database", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2")
	if got := ExitCode(err); got != 1 {
		t.Errorf("got %d (%v), want 1", got, err)
	}
}

func TestRun_Help(t *testing.T) {
	var out bytes.Buffer
	client := Named{"user", "Manage users"}
	if err := Run(t.Context(), []string{"--help"}, nil, &out, &out, client); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"serve", "migrate", "seed", "config", "version", client.About, "ROSTER_TOKEN"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the help lacks %s", want)
		}
	}
	settings := []string{"--listen", "ROSTER_LISTEN", "ROSTER_ADMIN_PASSWORD_FILE"}
	for command, shows := range map[string]bool{"serve": true, "config": true, "version": false, "seed": false} {
		help, _, err := cli(t, nil, command, "--help")
		if err != nil || !strings.Contains(help, "--database") {
			t.Errorf("%s: got %v\n%s", command, err, help)
		}
		for _, setting := range settings {
			if strings.Contains(help, setting) != shows {
				t.Errorf("%s: the help shows %s: %v", command, setting, !shows)
			}
		}
	}
}

func TestConfig_PrintsWhatIsInEffect(t *testing.T) {
	out, _, err := cli(t, []string{"ROSTER_LISTEN=[::]:80", "ROSTER_ADMIN_PASSWORD=hunter2"}, "config", "--log-level",
		"debug")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "listen: '[::]:80'") || !strings.Contains(out, "log_level: debug") ||
		strings.Contains(out, "hunter2") {
		t.Errorf("got\n%s", out)
	}
}

func TestVersion(t *testing.T) {
	if out, _, err := cli(t, nil, "version"); err != nil || !regexp.MustCompile(`^roster \S+\n$`).MatchString(out) {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestMigrate(t *testing.T) {
	urls := map[string]func(*testing.T) string{
		config.SQLite:   sqliteURL,
		config.Postgres: func(t *testing.T) string { return dbtest.Postgres(t) },
	}
	for dialect, url := range urls {
		t.Run(dialect, func(t *testing.T) {
			database := url(t)
			environ := []string{"ROSTER_DATABASE=" + database}
			if path, ok := strings.CutPrefix(database, "sqlite://"); ok {
				refusesMissing(t, environ, path)
			}
			for _, step := range []struct {
				args []string
				want string
			}{
				{[]string{"migrate", "--status"}, "pending"},
				{[]string{"migrate"}, "migrated: 00001_"},
				{[]string{"migrate"}, "The schema of " + strings.TrimPrefix(database, "sqlite://") + " is up to date: version "},
				{[]string{"migrate", "--status"}, "T"},
			} {
				out, _, err := cli(t, environ, step.args...)
				if err != nil || !strings.Contains(out, step.want) {
					t.Errorf("%v: got %q, %v, want %q", step.args, out, err, step.want)
				}
			}
			if out, _, _ := cli(t, environ, "migrate", "--status"); strings.Contains(out, "pending") {
				t.Errorf("afterwards something is pending:\n%s", out)
			}
		})
	}
}

// refusesMissing asks for the state of a database that is not there, which makes none, and then makes an empty one.
func refusesMissing(t *testing.T, environ []string, path string) {
	t.Helper()
	if out, _, err := cli(t, environ, "migrate", "--status"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("without a database: got %q, %v", out, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("asking for the state has made a database")
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProgress_LinesAtEachTenth(t *testing.T) {
	var out bytes.Buffer
	p := progress.New(&out, "seeding", false, 0)
	p.Update(0, 0)
	for done := range 1001 {
		p.Update(done, 1000)
	}
	p.Finish(true)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 || lines[0] != "seeding: 10 % (100 of 1000)" || lines[9] != "seeding: 100 % (1000 of 1000)" {
		t.Errorf("got %q", lines)
	}
}

// The real program, the real signal.
func TestServe_StopsOnSIGTERMWith0(t *testing.T) {
	out := newScreen()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "--listen", "127.0.0.1:0", "--database", sqliteURL(t))
	cmd.Env = append(os.Environ(), "ROSTER_TEST_MAIN=1")
	cmd.Stdout = out
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.waitFor(t, "msg[^\n]*serving")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v, want exit code 0\n%s", err, out)
	}
}

// server is a running `roster serve`.
type server struct {
	out, log *screen
	url      string
	stop     func() error
}

// startServer serves in this process until the test ends or stop is called.
func startServer(t *testing.T, database string, environ ...string) *server {
	t.Helper()
	s := launch(t, database, environ...)
	s.url = s.out.waitFor(t, `address +(\S+)`)
	return s
}

// launch does not wait until the server is ready.
func launch(t *testing.T, database string, environ ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{out: newScreen(), log: newScreen()}
	done := make(chan error, 1)
	environ = append([]string{"ROSTER_LISTEN=127.0.0.1:0"}, append(environ, "ROSTER_DATABASE="+database)...)
	go func() {
		err := Run(ctx, []string{"serve"}, environ, s.out, s.log)
		if err != nil {
			s.out.Write([]byte("address FAILED " + err.Error() + "\n"))
		}
		done <- err
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error("the server stopped with: ", err)
		}
	})
	return s
}
