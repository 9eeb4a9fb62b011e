package config_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"roster/config"
)

// modes are those that a file with secrets may have, and may not.
var modes = map[os.FileMode]bool{
	0o600: true, 0o640: true, 0o400: true, 0o660: false, 0o620: false, 0o604: false, 0o602: false, 0o644: false,
	0o666: false, 0o601: false, 0o777: false,
}

// refused checks that a path is refused by its mode, and that the command in the message mends it.
func refused(t *testing.T, path string, mode os.FileMode, open func() error) {
	t.Helper()
	chmod(t, path, mode)
	err := open()
	if modes[mode] {
		if err != nil && mode != 0o400 { // which only root can write
			t.Errorf("%s with mode %04o: got %v", path, mode, err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), path+fmt.Sprintf(" has mode %04o,", mode)) {
		t.Fatalf("%s with mode %04o: got %v", path, mode, err)
	}
	_, command, _ := strings.Cut(err.Error(), "fix it with: ")
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", command, err, out)
	}
	if err := open(); err != nil {
		t.Errorf("after %s: got %v", command, err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func needModes(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
}

// Attack 24f: a database that others can read or write, or the log beside it, is refused, also behind a link.
func TestOpen_RefusesADatabaseThatOthersCanReach(t *testing.T) {
	needModes(t)
	dir := filepath.Join(t.TempDir(), "da ta's")
	path := filepath.Join(dir, "roster.db")
	openOnce := func(path string) error {
		cfg := config.Default()
		cfg.Database = "sqlite://" + path
		db, err := config.Open(t.Context(), cfg, nil)
		if err != nil {
			return err
		}
		return db.Close()
	}
	if err := openOnce(path); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for mode := range modes {
		refused(t, path, mode, func() error { return openOnce(path) })
		refused(t, path, mode, func() error { return openOnce(link) })
	}
	chmod(t, path, 0o600)
	// Another server keeps the files beside the database.
	running := openAt(t, "sqlite://"+link, nil, nil)
	if err := running.Write.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY)").Error; err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		refused(t, path+suffix, 0o644, func() error { return openOnce(path) })
		refused(t, path+suffix, 0o660, func() error { return openOnce(link) })
	}
}

// Attack 24f: so is a key.
func TestKey_RefusesAFileThatOthersCanReach(t *testing.T) {
	needModes(t)
	cfg := config.Default()
	cfg.Database = "sqlite://" + filepath.Join(t.TempDir(), "roster.db")
	if _, err := cfg.Key(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(filepath.Dir(strings.TrimPrefix(cfg.Database, "sqlite://")), "secret.key")
	for mode := range modes {
		refused(t, path, mode, func() error { _, err := cfg.Key(); return err })
	}
	linked := config.Default()
	linked.Database = "sqlite://" + filepath.Join(t.TempDir(), "roster.db")
	if err := os.Symlink(path, filepath.Join(filepath.Dir(strings.TrimPrefix(linked.Database, "sqlite://")),
		"secret.key")); err != nil {
		t.Fatal(err)
	}
	refused(t, path, 0o644, func() error { _, err := cfg.Key(); return err })
	chmod(t, path, 0o644)
	if _, err := linked.Key(); err == nil || !strings.Contains(err.Error(), "has mode 0644") {
		t.Errorf("behind a link: got %v", err)
	}
}
