package dbtest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var errNoBinaries = errors.New("there is no PostgreSQL to test on: install it (Debian: apt-get install postgresql), " +
	"or name a server in ROSTER_TEST_POSTGRES")

// cluster is the private server of this process, for stopCluster.
var cluster struct {
	sync.Mutex
	lifeline io.Closer
	watcher  *exec.Cmd
	dir      string
}

// watch runs PostgreSQL until its standard input ends, which it does when this process closes the pipe or dies in any
// way at all. Then it stops the server and removes the directory. Its own session keeps Ctrl-C from killing it first.
const watch = `
export LOCPATH="$2/locale:/usr/lib/locale"
"$1/postgres" -D "$2/data" -k "$2" >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
`

// settings trade every kind of safety for speed. The odd time zone is for tests: what forgets to ask for UTC shows.
const settings = `
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
shared_buffers = 64MB
max_wal_size = 1GB
checkpoint_timeout = 1h
autovacuum_naptime = 1h
jit = off
log_min_messages = fatal
timezone = 'America/Caracas'
`

// startCluster makes a cluster in a temporary directory, starts it and waits until it answers.
func startCluster() (string, error) {
	bin, err := findBinaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(memory(), "roster-pg-*")
	if err != nil {
		return "", err
	}
	if err := initialize(bin, dir, ""); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	watcher, lifeline, err := launch(bin, dir)
	if err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	cluster.Lock()
	defer cluster.Unlock()
	cluster.lifeline = lifeline
	cluster.watcher = watcher
	cluster.dir = dir
	if err := waitForSocket(dir); err != nil {
		lifeline.Close()
		return "", err
	}
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(dir), nil
}

// memory is a directory whose files are in memory, where a new database costs a fifth of one on a disk; "" where there
// is none with enough room.
func memory() string {
	const dir, enough = "/dev/shm", 4 << 30
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Bavail*uint64(s.Bsize) < enough {
		return ""
	}
	return dir
}

// findBinaries looks in PATH and where Debian keeps each version, newest first.
func findBinaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil &&
			isExecutable(filepath.Join(filepath.Dir(path), "postgres")) {
			return filepath.Dir(path), nil
		}
	}
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return len(b) - len(a) + strings.Compare(b, a) })
	for _, dir := range dirs {
		if isExecutable(filepath.Join(dir, "postgres")) && isExecutable(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

// Program returns the path of a program that comes with PostgreSQL, such as pg_dump. Without it the test is skipped, or
// fails in CI.
func Program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if bin, err := findBinaries(); err == nil && isExecutable(filepath.Join(bin, name)) {
		return filepath.Join(bin, name)
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no ", name)
	}
	t.Skip("there is no ", name)
	return ""
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0 && !info.IsDir()
}

// initialize makes a cluster with further settings.
func initialize(bin, dir, more string) error {
	if err := giveToServer(dir); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-sync")
	cmd.Dir = dir
	asServer(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	file, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(settings + more)
	return errors.Join(err, file.Close())
}

// launch starts a server, which ends with its lifeline.
func launch(bin, dir string) (watcher *exec.Cmd, lifeline io.Closer, err error) {
	cmd := exec.Command("/bin/sh", "-c", watch, "sh", bin, dir)
	cmd.Dir = "/"
	asServer(cmd)
	ownSession(cmd)
	if lifeline, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	return cmd, lifeline, cmd.Start()
}

// waitForSocket waits until the server accepts connections, which its pid file says in its eighth line.
func waitForSocket(dir string) error {
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		pid, _ := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		if strings.Contains(string(pid), "ready") {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return fmt.Errorf("PostgreSQL did not start in 30 s\n%s", log)
}

// stopCluster ends the private server, if there is one, and waits until its directory is gone.
func stopCluster() {
	if !serverStarted() {
		return
	}
	if s, err := theServer(); err == nil {
		s.tidy()
	}
	cluster.Lock()
	defer cluster.Unlock()
	if cluster.watcher != nil {
		cluster.lifeline.Close()
		cluster.watcher.Wait()
	}
}
