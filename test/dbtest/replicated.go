package dbtest

import (
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Replicated is a PostgreSQL server of the test's own with another one that follows it.
type Replicated struct {
	// Primary and Replica are the URLs of the maintenance databases.
	Primary, Replica string

	t        testing.TB
	bin, dir string
	watcher  *exec.Cmd
	lifeline io.Closer
}

// replicatedSettings make a server that others may follow. With asynchronous commits they would be behind by as long as
// the log writer waits.
const replicatedSettings = `
synchronous_commit = on
wal_level = replica
max_wal_senders = 4
hot_standby = on
hot_standby_feedback = on
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 100ms
`

// NewReplicated starts both servers until the test ends. Without PostgreSQL it skips the test, and fails it where CI is
// set.
func NewReplicated(t testing.TB) *Replicated {
	t.Helper()
	bin, err := findBinaries()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	primary := serverDir(t)
	if err := initialize(bin, primary, replicatedSettings); err != nil {
		t.Fatal(err)
	}
	run(t, bin, primary)
	r := &Replicated{Primary: socketURL(primary), t: t, bin: bin, dir: serverDir(t)}
	r.Replica = socketURL(r.dir)
	r.copy(primary)
	r.Start()
	return r
}

// serverDir makes a directory that the server may write to. The watcher of a server removes it.
func serverDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-pg-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := giveToServer(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func socketURL(dir string) string {
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
}

// run starts a server until the test ends.
func run(t testing.TB, bin, dir string) (*exec.Cmd, io.Closer) {
	t.Helper()
	watcher, lifeline, err := launch(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = lifeline.Close() // a second time, where the test has stopped it
		_ = watcher.Wait()
	})
	if err := waitForSocket(dir); err != nil {
		t.Fatal(err)
	}
	return watcher, lifeline
}

// copy makes the replica of a running primary.
func (r *Replicated) copy(primary string) {
	r.t.Helper()
	cmd := exec.Command(filepath.Join(r.bin, "pg_basebackup"), "-h", primary, "-U", "postgres", "-D",
		filepath.Join(r.dir, "data"), "-R", "-X", "stream", "--no-sync", "-c", "fast")
	cmd.Dir = r.dir
	asServer(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
}

// Start starts the replica.
func (r *Replicated) Start() {
	r.t.Helper()
	r.watcher, r.lifeline = run(r.t, r.bin, r.dir)
}

// Kill ends the replica at once, as a crash does. Start starts it again.
func (r *Replicated) Kill() {
	r.t.Helper()
	kept := r.dir + ".kept" // the watcher removes the directory
	if err := os.Rename(r.dir, kept); err != nil {
		r.t.Fatal(err)
	}
	_ = r.lifeline.Close()
	_ = r.watcher.Wait()
	if err := os.Rename(kept, r.dir); err != nil {
		r.t.Fatal(err)
	}
}
