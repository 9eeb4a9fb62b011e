package search_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/config"
	"roster/scopes/search"
	"roster/test/dbtest"

	_ "github.com/jackc/pgx/v5/stdlib" // the drivers that the server uses
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// database runs conditions as the server does, on one of the two databases.
type database struct {
	name    string
	dialect search.Dialect
	*sql.DB
}

// each runs a test on an empty database of either kind.
func each(t *testing.T, test func(t *testing.T, db database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite(t)) })
	for _, locale := range []dbtest.Locale{dbtest.PlainC, dbtest.TurkishC, dbtest.TurkishICU} {
		t.Run("postgresql "+string(locale), func(t *testing.T) { test(t, openPostgresWith(t, locale)) })
	}
}

func openSQLite(t testing.TB) database {
	t.Helper()
	config.RegisterFunctions()
	dsn := "file:" + filepath.Join(t.TempDir(), "search.db") + "?_time_format=sqlite&_pragma=synchronous(OFF)"
	return database{"sqlite", search.SQLite, open(t, "sqlite", dsn)}
}

func openPostgres(t testing.TB) database {
	t.Helper()
	return openPostgresWith(t, dbtest.PlainC)
}

// openPostgresWith opens a database of a locale, which has the functions of the migrations. The tables of a test are in
// a schema of their own.
func openPostgresWith(t testing.TB, locale dbtest.Locale) database {
	t.Helper()
	url := dbtest.MigratedWith(t, locale)
	open(t, "pgx", url).Exec("CREATE SCHEMA fixture")
	return database{"postgresql", search.PostgreSQL, open(t, "pgx", url+"&search_path=fixture,public")}
}

// kept is the type of a text column that compares by code points, as those of the server do.
func (db database) kept(kind string) string {
	if db.dialect == search.PostgreSQL && kind == "TEXT" {
		return `TEXT COLLATE "C"`
	}
	return kind
}

func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// numbered writes placeholders as the database wants them.
func (db database) numbered(query string) string {
	if db.dialect == search.SQLite {
		return query
	}
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// run executes a statement of the test's own.
func (db database) run(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(db.numbered(statement), args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ids selects the keys of the rows that meet the condition, in the given order.
func (db database) ids(table string, cond search.Condition, order string) ([]int64, error) {
	query := "SELECT " + table + ".id FROM " + table
	if cond.SQL != "" {
		query += " WHERE (" + cond.SQL + ") AND 1 = 1"
	}
	rows, err := db.Query(db.numbered(query+" ORDER BY "+order), cond.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := []int64{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// strings selects the values of one column.
func (db database) strings(query string, args ...any) ([]string, error) {
	rows, err := db.Query(db.numbered(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// columnTypes are the types of the fixtures' columns on each database.
var columnTypes = map[string][2]string{
	"integer": {"INTEGER", "INTEGER"}, "bigint": {"INTEGER", "BIGINT"},
	"decimal": {"NUMERIC", "NUMERIC"}, "float": {"REAL", "DOUBLE PRECISION"},
	"string": {"TEXT", "TEXT"}, "text": {"TEXT", "TEXT"}, "uuid": {"TEXT", "TEXT"},
	"boolean": {"BOOLEAN", "BOOLEAN"}, "datetime": {"DATETIME", "TIMESTAMPTZ"}, "date": {"TEXT", "DATE"},
}

// create makes a table of a fixture and fills it. Next to each text column it keeps the folded text.
func (db database) create(t testing.TB, name string, table fixtureTable) {
	t.Helper()
	var columns []string
	for c, kind := range table.Columns {
		columns = append(columns, quoted(c)+" "+db.kept(columnTypes[kind][db.dialect]))
		if isText(kind) {
			columns = append(columns, quoted(c+"_fold")+" "+db.kept("TEXT"))
		}
	}
	db.run(t, fmt.Sprintf("CREATE TABLE %s (%s)", name, strings.Join(columns, ", ")))
	for _, row := range table.Rows {
		db.insert(t, name, table, row)
	}
}

func (db database) insert(t testing.TB, name string, table fixtureTable, row map[string]any) {
	t.Helper()
	var columns []string
	var values []any
	for c, v := range row {
		columns, values = append(columns, quoted(c)), append(values, stored(t, table.Columns[c], v))
		if s, ok := v.(string); ok && isText(table.Columns[c]) {
			columns, values = append(columns, quoted(c+"_fold")), append(values, search.Fold(s))
		}
	}
	marks := strings.Join(slices.Repeat([]string{"?"}, len(values)), ", ")
	db.run(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name, strings.Join(columns, ", "), marks), values...)
}

func isText(kind string) bool { return kind == "string" || kind == "text" }

func quoted(name string) string { return `"` + name + `"` }
