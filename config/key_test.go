package config_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"roster/config"
)

func TestKey_IsMadeOnceBesideTheSQLiteDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	c := config.Default()
	c.Database = "sqlite://" + filepath.Join(dir, "roster.db")
	keys := make([][]byte, 8)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			key, err := c.Key()
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	group.Wait()
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Fatalf("got different keys: %x", keys)
		}
	}
	checkMode(t, dir, 0o700|fs.ModeDir)
	checkMode(t, filepath.Join(dir, "secret.key"), 0o600)
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("got %v, want only the key", entries)
	}
}

func TestKey_PostgresHasNoneOfItsOwn(t *testing.T) {
	c := config.Default()
	c.Database = "postgres://localhost/roster"
	if key, err := c.Key(); key != nil || err != nil {
		t.Errorf("got %x, %v, want none", key, err)
	}
	want := bytes.Repeat([]byte{7}, 32)
	c.SecretKey = base64.StdEncoding.EncodeToString(want)
	if key, err := c.Key(); err != nil || !bytes.Equal(key, want) {
		t.Errorf("got %x, %v", key, err)
	}
}

func TestKey_ADamagedFileIsAnError(t *testing.T) {
	c := config.Default()
	c.Database = "sqlite://" + filepath.Join(t.TempDir(), "roster.db")
	if err := os.WriteFile(filepath.Join(filepath.Dir(c.Database[9:]), "secret.key"), []byte("half"),
		0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := c.Key(); err == nil {
		t.Errorf("got %x, want an error", key)
	}
}

func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Error(err)
		return
	}
	if info.Mode() != want {
		t.Errorf("%s: got mode %v, want %v", filepath.Base(path), info.Mode(), want)
	}
}
