package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"roster/config"
	"roster/migrations"
	"roster/test/dbtest"
)

// TestMain also is the program that TestUp_ManyProcessesAtOnce starts several times.
func TestMain(m *testing.M) {
	if url := os.Getenv("ROSTER_TEST_MIGRATE"); url != "" {
		os.Exit(migrateOnce(url))
	}
	dbtest.Main(m)
}

func migrateOnce(url string) int {
	c := config.Default()
	c.Database = url
	db, err := config.Open(context.Background(), c, nil)
	if err == nil {
		err = migrations.Up(context.Background(), db.SQL(), db.Dialect, func(line string) { fmt.Println(line) })
	}
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	return 0
}

// empty runs a test on a database without any table, of each dialect.
func empty(t *testing.T, test func(t *testing.T, url string)) {
	t.Run(config.SQLite, func(t *testing.T) { test(t, "sqlite://"+filepath.Join(t.TempDir(), "new.db")) })
	t.Run(config.Postgres, func(t *testing.T) { test(t, dbtest.Postgres(t)) })
}

func open(t *testing.T, url string) *config.Database {
	t.Helper()
	c := config.Default()
	c.Database = url
	db, err := config.Open(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// fixture holds the same migrations for both dialects.
func fixture(files map[string]string) fs.FS {
	all := fstest.MapFS{}
	for name, sql := range files {
		for _, dialect := range []string{config.SQLite, config.Postgres} {
			all[dialect+"/"+name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)}
		}
	}
	return all
}

var two = map[string]string{"00001_first.sql": "CREATE TABLE a (id int);",
	"00002_second.sql": "CREATE TABLE b (id int);"}

// upFS migrates and returns what was logged, without the durations.
func upFS(t *testing.T, db *config.Database, files map[string]string) ([]string, error) {
	t.Helper()
	var lines []string
	err := migrations.UpFS(t.Context(), db.SQL(), db.Dialect, fixture(files), func(line string) {
		name, _, _ := strings.Cut(line, " in ")
		lines = append(lines, name)
	})
	return lines, err
}

func TestUp_AppliesInOrderAndOnce(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		lines, err := upFS(t, db, two)
		if want := "migrated: 00001_first.sql migrated: 00002_second.sql"; err != nil ||
			strings.Join(lines, " ") != want {
			t.Errorf("got %v, %v, want %s", lines, err, want)
		}
		if lines, err := upFS(t, db, two); err != nil || len(lines) != 0 {
			t.Errorf("again: got %v, %v, want nothing", lines, err)
		}
	})
}

func TestStatus(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		if _, err := upFS(t, db, map[string]string{"00001_first.sql": two["00001_first.sql"]}); err != nil {
			t.Fatal(err)
		}
		got, err := migrations.StatusFS(t.Context(), db.SQL(), db.Dialect, fixture(two))
		if err != nil || len(got) != 2 {
			t.Fatalf("got %v, %v", got, err)
		}
		if !got[0].Applied() || got[0].Name != "00001_first.sql" || got[0].Version != 1 ||
			time.Since(got[0].AppliedAt).Abs() > time.Minute {
			t.Errorf("first: got %+v", got[0])
		}
		if got[1].Applied() {
			t.Errorf("second: got %+v, want it pending", got[1])
		}
	})
}

// A migration that fails leaves nothing of itself, names its file, and can be run again when it is mended.
func TestUp_AFailureRollsBack(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		broken := map[string]string{"00001_first.sql": two["00001_first.sql"],
			"00002_second.sql": "CREATE TABLE b (id int); nonsense;"}
		lines, err := upFS(t, db, broken)
		if err == nil || !strings.Contains(err.Error(), "00002_second.sql") || len(lines) != 1 {
			t.Fatalf("got %v, %v", lines, err)
		}
		if lines, err = upFS(t, db, two); err != nil || len(lines) != 1 {
			t.Errorf("mended: got %v, %v", lines, err)
		}
	})
}

// A program serves a schema that has grown since, also when it starts again, and none that was narrowed.
func TestUp_AndTheSchemaOfANewerProgram(t *testing.T) {
	old := map[string]string{"00001_first.sql": two["00001_first.sql"]}
	narrowed := map[string]string{"00001_first.sql": two["00001_first.sql"],
		"00002_second.sql": two["00002_second.sql"], "01000_third_narrow.sql": "DROP TABLE a;"}
	empty(t, func(t *testing.T, url string) {
		db := open(t, url)
		check := func(files map[string]string) error {
			return migrations.CheckFS(t.Context(), db.SQL(), db.Dialect, fixture(files))
		}
		if _, err := upFS(t, db, two); err != nil {
			t.Fatal(err)
		}
		if lines, err := upFS(t, db, old); err != nil || len(lines) != 0 {
			t.Errorf("the release before does not start: got %v, %v", lines, err)
		}
		for name, files := range map[string]map[string]string{"this release": two, "the release before": old} {
			if err := check(files); err != nil {
				t.Errorf("%s is not ready: %v", name, err)
			}
		}
		if err := check(narrowed); !errors.Is(err, migrations.ErrMismatch) {
			t.Errorf("the release to come, before it has migrated: got %v", err)
		}
		if _, err := upFS(t, db, narrowed); err != nil {
			t.Fatal(err)
		}
		if err := check(narrowed); err != nil {
			t.Error(err)
		}
		for name, files := range map[string]map[string]string{"this release": two, "the release before": old} {
			if err := check(files); !errors.Is(err, migrations.ErrMismatch) {
				t.Errorf("%s, when the schema is narrowed: got %v", name, err)
			}
			if _, err := upFS(t, db, files); err == nil || !strings.Contains(err.Error(), "newer roster") {
				t.Errorf("%s starts on a schema that is narrowed: got %v", name, err)
			}
		}
	})
}

func TestUp_StopsWaitingWithItsContext(t *testing.T) {
	db := dbtest.SQLite(t)
	slow := fstest.MapFS{"sqlite/00001_first.sql": {Data: []byte("-- +goose Up\nSELECT 1;")}}
	holding := make(chan struct{})
	release := make(chan struct{})
	defer close(release)
	go migrations.HoldSQLite(context.Background(), db.SQL(), holding, release)
	<-holding
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := migrations.UpFS(ctx, db.SQL(), db.Dialect, slow, nil); err == nil || ctx.Err() == nil {
		t.Errorf("got %v, want the end of the context", err)
	}
}

// Four programs that start at once on one empty database apply the real schema exactly once.
func TestUp_ManyProcessesAtOnce(t *testing.T) {
	empty(t, func(t *testing.T, url string) {
		const processes = 4
		outputs := make([]strings.Builder, processes)
		commands := make([]*exec.Cmd, processes)
		for i := range commands {
			commands[i] = exec.CommandContext(t.Context(), os.Args[0])
			commands[i].Env = append(os.Environ(), "ROSTER_TEST_MIGRATE="+url)
			commands[i].Stdout = &outputs[i]
			commands[i].Stderr = &outputs[i]
			if err := commands[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		applied := 0
		for i, command := range commands {
			if err := command.Wait(); err != nil {
				t.Errorf("process %d: %v\n%s", i, err, outputs[i].String())
			}
			if strings.Contains(outputs[i].String(), "migrated: ") {
				applied++
			}
		}
		if applied != 1 {
			t.Errorf("got %d processes that migrated, want 1", applied)
		}
		states, err := migrations.Status(t.Context(), open(t, url).SQL(), dialectOf(url))
		if err != nil || len(states) == 0 {
			t.Fatalf("got %v, %v", states, err)
		}
		for _, s := range states {
			if !s.Applied() {
				t.Errorf("%s is not applied", s.Name)
			}
		}
	})
}

func dialectOf(url string) string {
	dialect, _, _ := strings.Cut(url, "://")
	return dialect
}

// A migration that waits for a table does not keep others from it: they go on, and so does the migration afterwards.
func TestUp_StandsInNobodysWay(t *testing.T) {
	db := open(t, dbtest.Postgres(t))
	if _, err := upFS(t, db, two); err != nil {
		t.Fatal(err)
	}
	reader := db.Read.Begin()
	if err := reader.Exec("SELECT 1 FROM a").Error; err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(two)
	files["00003_third.sql"] = "ALTER TABLE b ADD COLUMN c int;\nALTER TABLE a ADD COLUMN c int;"
	waits := make(chan string, 10)
	done := make(chan error)
	go func() {
		done <- migrations.UpFS(t.Context(), db.SQL(), db.Dialect, fixture(files), func(line string) { waits <- line })
	}()
	for range 2 { // the second time it has come back for the table
		for n := 0; n == 0; time.Sleep(time.Millisecond) {
			err := db.Search.Raw("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND " +
				"wait_event_type = 'Lock' AND query LIKE '%ALTER TABLE a%'").Row().Scan(&n)
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := db.Search.WithContext(ctx).Exec("SELECT 1 FROM a").Error; err != nil {
			t.Fatalf("others wait behind the migration: %v", err)
		}
	}
	if line := <-waits; line != "migrating waits for transactions that use the tables" {
		t.Error(line)
	}
	if err := reader.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if line := <-waits; !strings.HasPrefix(line, "migrated: 00003_third.sql in ") {
		t.Error(line)
	}
	var timeout string
	if err := db.Write.Raw("SHOW lock_timeout").Row().Scan(&timeout); err != nil || timeout != "0" {
		t.Errorf("the connection was given back with lock_timeout %s %v", timeout, err)
	}
}
