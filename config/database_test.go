package config_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"roster/config"
	"roster/test/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// ask reads one value as text.
func ask(t *testing.T, db *gorm.DB, query string, args ...any) string {
	t.Helper()
	var value string
	if err := db.Raw(query, args...).Row().Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func openAt(t *testing.T, url string, change func(*config.Config), log *slog.Logger) *config.Database {
	t.Helper()
	c := config.Default()
	c.Database = url
	if change != nil {
		change(&c)
	}
	db, err := config.Open(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A slash too many names the same file.
func TestOpen_SQLiteWithMoreSlashes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roster.db")
	if got := ask(t, openAt(t, "sqlite:///"+path, nil, nil).Write, "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestOpen_SQLiteFilesAndPragmas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "da ta#%") // characters that a URI would read otherwise
	path := filepath.Join(dir, "roster.db")
	db := openAt(t, "sqlite://"+path, nil, nil)
	if err := db.Write.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY)").Error; err != nil {
		t.Fatal(err)
	}
	checkMode(t, dir, 0o700|fs.ModeDir)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		checkMode(t, path+suffix, 0o600)
	}
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1"}
	for pragma, value := range want {
		for name, pool := range map[string]*gorm.DB{"write": db.Write, "read": db.Read, "search": db.Search} {
			if got := ask(t, pool, "PRAGMA "+pragma); got != value {
				t.Errorf("%s on %s: got %s, want %s", pragma, name, got, value)
			}
		}
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// Attack 21: what was acknowledged outlives a loss of power, unless somebody chose speed.
func TestOpen_SQLiteDurabilityIsASetting(t *testing.T) {
	for setting, pragma := range map[string]string{"full": "2", "normal": "1"} {
		path := filepath.Join(t.TempDir(), "roster.db")
		db := openAt(t, "sqlite://"+path, func(c *config.Config) { c.SQLiteSynchronous = setting }, nil)
		for name, pool := range map[string]*gorm.DB{"write": db.Write, "read": db.Read} {
			if got := ask(t, pool, "PRAGMA synchronous"); got != pragma {
				t.Errorf("%s on %s: got %s, want %s", setting, name, got, pragma)
			}
		}
	}
}

func TestOpen_SQLiteReadersCannotWrite(t *testing.T) {
	db := dbtest.SQLite(t)
	if err := db.Read.Exec("CREATE TABLE t (id INTEGER)").Error; err == nil {
		t.Error("a reader wrote")
	}
	if got := ask(t, db.Read, "SELECT count(*) FROM pragma_table_list WHERE name = 't'"); got != "0" {
		t.Error("a reader made a table")
	}
}

func TestOpen_SQLiteRefusesMisspeltColumns(t *testing.T) {
	db := dbtest.SQLite(t)
	if err := db.Read.Exec(`SELECT "nonsense"`).Error; err == nil {
		t.Error("a quoted name that does not exist was read as a string")
	}
}

// Read-then-write transactions from many goroutines never fail with BUSY.
func TestOpen_SQLiteWritersQueue(t *testing.T) {
	db := dbtest.SQLite(t)
	if err := db.Write.Exec("CREATE TABLE n (n INTEGER NOT NULL)").Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Write.Exec("INSERT INTO n VALUES (0)").Error; err != nil {
		t.Fatal(err)
	}
	const writers, rounds = 8, 25
	errs := make(chan error, writers)
	for range writers {
		go func() {
			for range rounds {
				err := db.Write.Transaction(func(tx *gorm.DB) error {
					var n int
					if err := tx.Raw("SELECT n FROM n").Scan(&n).Error; err != nil {
						return err
					}
					return tx.Exec("UPDATE n SET n = ?", n+1).Error
				})
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := ask(t, db.Read, "SELECT n FROM n"); got != "200" {
		t.Errorf("got %s updates, want 200", got)
	}
}

func TestOpen_PostgresSessions(t *testing.T) {
	db := openAt(t, dbtest.Postgres(t), nil, nil)
	for name, pool := range map[string]*gorm.DB{"write": db.Write, "read": db.Read, "search": db.Search} {
		if got := ask(t, pool, "SHOW timezone"); got != "UTC" {
			t.Errorf("time zone of %s: got %s", name, got)
		}
	}
	if got := ask(t, db.Write, "SHOW plan_cache_mode"); got != "auto" {
		t.Errorf("plans of write: got %s", got)
	}
	if got := ask(t, db.Search, "SHOW plan_cache_mode"); got != "force_custom_plan" {
		t.Errorf("plans of search: got %s", got)
	}
	if db.Read == db.Write || db.Dialect != config.Postgres {
		t.Errorf("got %+v", db)
	}
}

type event struct {
	ID int64
	At time.Time
	On *time.Time
}

// Times go in with any zone and come out in UTC, to the microsecond, and sort in their order.
func TestOpen_TimesComeBackInUTC(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		types := map[string]string{config.SQLite: "id INTEGER PRIMARY KEY, at DATETIME, on_ DATETIME",
			config.Postgres: "id BIGSERIAL PRIMARY KEY, at TIMESTAMPTZ, on_ TIMESTAMP"}
		if err := db.Write.Exec("CREATE TABLE events (" + strings.ReplaceAll(types[db.Dialect], "on_", `"on"`) +
			")").Error; err != nil {
			t.Fatal(err)
		}
		at := time.Date(2024, 3, 31, 1, 59, 59, 123456000, time.FixedZone("", 5*3600+1800))
		utc := at.UTC()
		if err := db.Write.Create(&event{At: at, On: &utc}).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Write.Create(&event{At: at.Truncate(time.Second)}).Error; err != nil {
			t.Fatal(err)
		}
		var got []event
		if err := db.Read.Order("at").Find(&got).Error; err != nil || len(got) != 2 {
			t.Fatalf("got %v, %v", got, err)
		}
		if got[0].ID != 2 {
			t.Error("a whole second does not sort before a later fraction")
		}
		if !got[1].At.Equal(at) || got[1].At.Location() != time.UTC || got[1].On.Location() != time.UTC ||
			!got[1].On.Equal(at) {
			t.Errorf("got %v and %v, want %v in UTC", got[1].At, got[1].On, at)
		}
		if now := db.Write.NowFunc(); now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
			t.Errorf("GORM's clock: got %v, want UTC and microseconds", now)
		}
	})
}

// A text that looks like a date stays the text that it is.
func TestOpen_TextsAreNotTakenForTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		const name = "2024-01-01 00:00:00"
		if got := ask(t, db.Read, "SELECT lower(CAST(? AS text)) || ''", name); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	})
}

func TestOpen_ErrorsAreTranslated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		if err := db.Write.Exec(
			"CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id))").Error; err != nil {
			t.Fatal(err)
		}
		insert := func(id int, parent any) error {
			return db.Write.Exec("INSERT INTO t VALUES (?, ?)", id, parent).Error
		}
		if err := insert(1, nil); err != nil {
			t.Fatal(err)
		}
		if err := insert(1, nil); !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("a duplicate: got %v", err)
		}
		if err := insert(2, 9); !errors.Is(err, gorm.ErrForeignKeyViolated) {
			t.Errorf("a missing parent: got %v", err)
		}
	})
}

// Slow statements are logged with placeholders where the values were.
func TestOpen_SlowQueriesAreLoggedWithoutTheirValues(t *testing.T) {
	urls := map[string]string{config.SQLite: "sqlite://" + filepath.Join(t.TempDir(), "roster.db")}
	t.Run(config.SQLite, func(t *testing.T) { checkSlowLog(t, urls[config.SQLite], "?") })
	t.Run(config.Postgres, func(t *testing.T) { checkSlowLog(t, dbtest.Postgres(t), "$1") })
}

func checkSlowLog(t *testing.T, url, placeholder string) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db := openAt(t, url, func(c *config.Config) { c.SlowQuery = time.Nanosecond }, log)
	var n int
	if err := db.Read.Raw("SELECT count(*) FROM (SELECT 1) AS x WHERE 'a' <> CAST(? AS text)", "hunter2").
		Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Read.Table("(SELECT 'a' AS x) AS y").Where("x = ?", "hunter2").
		Find(&[]map[string]any{}).Error; err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "slow query") != 2 ||
		!strings.Contains(got, "CAST("+placeholder+" AS text)") || strings.Contains(got, "hunter2") {
		t.Errorf("got %s", got)
	}
}

func TestOpen_FailsWithinTheContextAndWithoutThePassword(t *testing.T) {
	c := config.Default()
	c.Database = "postgres://roster:hunter2@127.0.0.1:1/roster"
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	db, err := config.Open(ctx, c, nil)
	if err == nil || db != nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	c.Database = "sqlite:///proc/roster.db"
	if _, err := config.Open(ctx, c, nil); err == nil || !strings.Contains(err.Error(), "sqlite") {
		t.Errorf("got %v", err)
	}
}

// matches says what LIKE says, whatever the pattern.
func TestSQLite_Matches(t *testing.T) {
	db := dbtest.SQLite(t)
	random := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, n int) string {
		var b strings.Builder
		for range random.IntN(n) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for range 3000 {
		text := word("ab%", 8)
		pattern := strings.TrimSuffix(strings.ReplaceAll(word("aab%%c", 6), "c", `\%`), `\`)
		row := db.Read.Raw(`SELECT matches(?, ?) = (? LIKE ? ESCAPE '\')`, text, pattern, text, pattern).Row()
		var same bool
		if err := row.Scan(&same); err != nil || !same {
			t.Fatalf("%q like %q: matches says otherwise (%v)", text, pattern, err)
		}
	}
	if got := ask(t, db.Read, "SELECT matches(NULL, '%a%') IS NULL AND matches('a', NULL) IS NULL"); got != "1" {
		t.Error("of NULL it says something")
	}
}

// fold is SQLite's lower case for every script.
func TestOpen_SQLiteFoldsEveryScript(t *testing.T) {
	db := dbtest.SQLite(t)
	for in, want := range map[string]string{"ŽLUŤ": "žluť", "ΣΟΦΊΑ": "σοφία", "ЮЛИЯ": "юлия", "Ann": "ann", "": ""} {
		if got := ask(t, db.Read, "SELECT fold(?)", in); got != want {
			t.Errorf("fold(%s): got %s, want %s", in, got, want)
		}
	}
	if got := ask(t, db.Read, "SELECT fold(NULL) IS NULL"); got != "1" {
		t.Error("fold(NULL) is not NULL")
	}
}
