// Package guides runs the commands of the guides, page by page, each against a fresh server, and compares their output
// with what the page shows. ROSTER_UPDATE=1 writes the output into the pages.
//
// In a console block a line with "$ " begins a command, "> " continues it, and the rest is output. In commands of a
// page, twenty asterisks are the administrator's password. A page whose first command is "make run" or "roster serve"
// starts its server so; others find one that runs, with the administrator in cli.yml.
package guides

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/ldaptest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	root = "../../"
	// adminPassword is what pages write as shownPassword, unless their server makes one.
	adminPassword = "correct-horse-battery"
	shownPassword = "********************"
	// What pages say instead of what is different at each run.
	shownAddress   = "127.0.0.1:3000"
	shownDirectory = "/srv/roster"
	shownLDAP      = "ldap.example.com"
	// shownDay is a day that is a year away.
	shownDay = "2027-06-30"
)

// runs are the pages that have to run; more run if they have console blocks.
var runs = []string{"README.md", "docs/getting-started.md", "docs/concepts/*.md", "docs/recipes/*.md",
	"docs/logins/open-ldap.md", "docs/logins/troubleshooting.md"}

// ofOneDatabase are pages, and directories of pages, that are about SQLite, or about what no database changes.
var ofOneDatabase = []string{"README.md", "docs/getting-started.md", "docs/operations/", "docs/reference/",
	"docs/logins/openid.md", "docs/logins/proxies.md", "docs/logins/troubleshooting.md"}

// Every command of the guides does what the page shows.
func TestGuides(t *testing.T) {
	pages := pagesWithCommands(t)
	bin := filepath.Join(t.TempDir(), "bin")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "roster"), "roster")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, p := range pages {
		name := strings.TrimPrefix(p.path, root)
		t.Run(name+"/"+config.SQLite, func(t *testing.T) {
			t.Parallel()
			run(t, p, bin, "")
		})
		ofOne := slices.ContainsFunc(ofOneDatabase, func(of string) bool { return strings.HasPrefix(name, of) })
		if os.Getenv("ROSTER_UPDATE") != "" || ofOne {
			continue
		}
		t.Run(name+"/"+config.Postgres, func(t *testing.T) {
			t.Parallel()
			run(t, p, bin, dbtest.Postgres(t))
		})
	}
}

// pagesWithCommands reads all guides. Those that have to run must have something to run.
func pagesWithCommands(t *testing.T) []*page {
	t.Helper()
	names := []string{root + "README.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(root + pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	var pages []*page
	for _, name := range names {
		p, err := readPage(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.commands) > 0 {
			pages = append(pages, p)
		}
	}
	for _, pattern := range runs {
		found, err := filepath.Glob(root + pattern)
		if err != nil || len(found) == 0 {
			t.Errorf("there is no page %s (%v)", pattern, err)
		}
		for _, name := range found {
			if !slices.ContainsFunc(pages, func(p *page) bool { return p.path == name }) {
				t.Errorf("%s has no commands in blocks that begin with %s", name, opens)
			}
		}
	}
	return pages
}

// stage is where the commands of a page run.
type stage struct {
	dir, bin, address, password string
	// ldap is the port of the LDAP server, 0 without one.
	ldap   int64
	banner []string
	// database are the settings by which commands of the server find it.
	database []string
}

func run(t *testing.T, p *page, bin, database string) {
	now := time.Now()
	s := &stage{dir: t.TempDir(), bin: bin, password: adminPassword}
	own := regexp.MustCompile(`^(make run|roster serve)$`).MatchString(p.commands[0].text)
	if strings.Contains(strings.Join(p.lines, "\n"), shownLDAP) {
		s.ldap = people(t).Port
	}
	s.serve(t, database, own)
	commands := p.commands
	var outputs [][]string
	if own {
		outputs = [][]string{s.banner}
		commands = commands[1:]
	} else {
		s.configure(t)
	}
	outputs = append(outputs, s.bash(t, commands)...)
	for i := range outputs {
		outputs[i] = s.shown(outputs[i], now)
	}
	if os.Getenv("ROSTER_UPDATE") != "" {
		update(t, p, outputs, now)
		return
	}
	for i, c := range p.commands {
		if !sameLines(c.shown, outputs[i], now) {
			t.Errorf("%s:%d: $ %s\nthe page (-), the output (+); ROSTER_UPDATE=1 writes it:\n%s",
				p.path, c.first, c.text, cmp.Diff(c.shown, outputs[i]))
		}
	}
}

func sameLines(shown, got []string, now time.Time) bool {
	return slices.EqualFunc(shown, got, func(a, b string) bool { return matches(a, b, now) })
}

func update(t *testing.T, p *page, outputs [][]string, now time.Time) {
	t.Helper()
	for i, c := range p.commands {
		outputs[i] = updated(c.shown, outputs[i], now)
	}
	if err := os.WriteFile(p.path, []byte(p.with(outputs)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// people starts the LDAP server of the pages, with the people that they name.
func people(t *testing.T) *ldaptest.Server {
	t.Helper()
	server := ldaptest.Start(t)
	lisa := server.Person("lisa", "Lisa", "Lund", "lisa's secret")
	server.Person("otto", "Otto", "Olsen", "otto's secret")
	server.Group("helpdesk", lisa)
	return server
}

func (s *stage) environ(more ...string) []string {
	return append([]string{"PATH=" + s.bin + ":" + os.Getenv("PATH"), "HOME=" + filepath.Join(s.dir, "home"), "TZ=UTC",
		"LC_ALL=C.UTF-8", "TMPDIR=" + s.dir}, more...)
}

// serve starts a server until the test ends, and keeps what it says when it is ready.
func (s *stage) serve(t *testing.T, database string, own bool) {
	t.Helper()
	s.database = []string{"ROSTER_DATABASE=sqlite://" + filepath.Join(s.dir, "data", "roster.db")}
	if database != "" {
		s.database = []string{"ROSTER_DATABASE=" + database, "ROSTER_SECRET_KEY=" + strings.Repeat("5e", 32)}
	}
	more := append([]string{"ROSTER_LISTEN=127.0.0.1:0", "ROSTER_LOG_FORMAT=json",
		"ROSTER_SQLITE_SYNCHRONOUS=normal"}, s.database...) // no test cuts the power
	if !own {
		more = append(more, "ROSTER_ADMIN_PASSWORD="+adminPassword)
	}
	log, err := os.Create(filepath.Join(s.dir, "roster.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(s.bin, "roster"), "serve")
	cmd.Dir = s.dir
	cmd.Env = s.environ(more...)
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	s.readBanner(t, stdout, own)
}

// readBanner reads what the server says until it has said all.
func (s *stage) readBanner(t *testing.T, stdout io.Reader, own bool) {
	t.Helper()
	last := "  administrator"
	if own {
		last = "The password is shown"
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		line := lines.Text()
		s.banner = append(s.banner, line)
		if address, found := strings.CutPrefix(line, "  address        http://"); found {
			s.address = address
		}
		if password, found := strings.CutPrefix(line, "  password       "); found {
			s.password = password
		}
		if strings.HasPrefix(line, last) {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "roster.log"))
	t.Fatalf("the server did not start: %s\n%s", s.banner, log)
}

// configure makes the administrator the one whom the client uses.
func (s *stage) configure(t *testing.T) {
	t.Helper()
	dir := filepath.Join(s.dir, "home", ".config", "roster")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("roster:\n  url: http://%s\n  username: admin\n  password: %s\n", s.address, s.password)
	if err := os.WriteFile(filepath.Join(dir, "cli.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// bash runs the commands in one shell and returns the output of each.
func (s *stage) bash(t *testing.T, commands []command) [][]string {
	t.Helper()
	var script strings.Builder
	for i, c := range commands {
		fmt.Fprintf(&script, "exec >%s 2>&1\n%s\n", s.output(i), s.real(c.text))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := os.MkdirAll(filepath.Join(s.dir, "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.dir, "script")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(s.dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "bash", "--norc", "--noprofile", "-O", "expand_aliases", file)
	cmd.Dir = work
	cmd.Env = s.environ(s.database...)
	if out, err := cmd.CombinedOutput(); len(out) > 0 || ctx.Err() != nil {
		t.Fatalf("bash: %v\n%s", err, out)
	}
	outputs := make([][]string, len(commands))
	for i := range commands {
		text, err := os.ReadFile(s.output(i))
		if err != nil {
			t.Fatalf("the script ended before %q: %v", commands[i].text, err)
		}
		if len(text) > 0 {
			outputs[i] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		}
	}
	return outputs
}

func (s *stage) output(i int) string { return filepath.Join(s.dir, fmt.Sprintf("output-%d", i)) }

// real puts what is true of this run into a command of a page.
func (s *stage) real(text string) string {
	return strings.NewReplacer(shownAddress, s.address, shownPassword, s.password, shownDirectory, s.dir,
		"--host "+shownLDAP, fmt.Sprintf("--host 127.0.0.1 --port %d", s.ldap),
		shownDay, yearAway(time.Now())).Replace(text)
}

// shown puts what pages say into output.
func (s *stage) shown(lines []string, now time.Time) []string {
	slashes := strings.NewReplacer("-", "/")
	replacer := strings.NewReplacer(s.address, shownAddress, s.password, shownPassword, s.dir, shownDirectory,
		fmt.Sprintf("127.0.0.1:%d", s.ldap), shownLDAP+":389",
		yearAway(now), shownDay, slashes.Replace(yearAway(now)), slashes.Replace(shownDay))
	var shown []string
	for _, line := range lines {
		shown = append(shown, strings.TrimRight(replacer.Replace(line), " "))
	}
	return shown
}

func yearAway(now time.Time) string { return now.UTC().AddDate(1, 0, 0).Format(time.DateOnly) }
