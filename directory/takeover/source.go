package takeover

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver for PostgreSQL
	"go.yaml.in/yaml/v3"
	_ "modernc.org/sqlite" // the driver for SQLite
)

// Source is another product's database, as it is at one moment. Nothing is written to it.
type Source struct {
	// Name identifies the database, without a password.
	Name string
	db   *sql.DB
	tx   *sql.Tx
	// numbered says that the database numbers placeholders.
	numbered bool
	columns  map[string][]string
	// mended are the texts that held bytes that are no text.
	mended map[string]bool
	// notes are what was found out when the source was opened.
	notes []Note
}

// Open opens a database by its address: postgres://USER:PASSWORD@HOST/NAME, mysql://USER:PASSWORD@HOST/NAME, or
// sqlite://PATH. The caller closes it.
func Open(ctx context.Context, dsn string) (*Source, error) {
	at, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("the address of the database cannot be read") // the error would hold the password
	}
	s := &Source{Name: at.Scheme + "://" + at.Host + at.Path, columns: map[string][]string{}, mended: map[string]bool{}}
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	switch at.Scheme {
	case "postgres", "postgresql":
		s.numbered = true
		s.db, err = sql.Open("pgx", dsn)
	case "mysql", "mariadb":
		s.db, err = openMySQL(at)
	case "sqlite":
		options = nil
		path := strings.TrimPrefix(dsn, "sqlite://")
		s.db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=query_only(1)")
	default:
		return nil, fmt.Errorf("%q is no kind of database that can be read: use postgres, mysql or sqlite", at.Scheme)
	}
	if err != nil {
		return nil, err
	}
	if s.tx, err = s.db.BeginTx(ctx, options); err == nil {
		_, err = s.tx.ExecContext(ctx, "SELECT 1")
	}
	if err != nil {
		_ = s.db.Close()
		return nil, fmt.Errorf("open %s: %w", s.Name, err)
	}
	return s, nil
}

func openMySQL(at *url.URL) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.User = at.User.Username()
	cfg.Passwd, _ = at.User.Password()
	cfg.Net = "tcp"
	cfg.Addr = at.Host
	if socket := at.Query().Get("socket"); socket != "" {
		cfg.Net = "unix"
		cfg.Addr = socket
	}
	if at.Query().Get("tls") != "" {
		cfg.TLSConfig = at.Query().Get("tls")
	}
	cfg.DBName = strings.TrimPrefix(at.Path, "/")
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.Params = map[string]string{"time_zone": "'+00:00'"}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Close ends the reading.
func (s *Source) Close() error {
	_ = s.tx.Rollback()
	return s.db.Close()
}

// has reports whether a table has a column, or exists at all for an empty one. Versions differ in that.
func (s *Source) has(ctx context.Context, table, column string) (bool, error) {
	names, known := s.columns[table]
	if !known {
		var err error
		if names, err = s.columnsOf(ctx, table); err != nil {
			return false, err
		}
		s.columns[table] = names
	}
	return column == "" && len(names) > 0 || slices.Contains(names, column), nil
}

// columnsOf asks the catalogue: a failed statement would end the transaction on PostgreSQL.
func (s *Source) columnsOf(ctx context.Context, table string) ([]string, error) {
	query := "SELECT name FROM pragma_table_info(?)"
	args := []any{table}
	switch {
	case s.numbered:
		query = "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = " +
			"ANY(current_schemas(FALSE))"
	case strings.HasPrefix(s.Name, "mysql") || strings.HasPrefix(s.Name, "mariadb"):
		query = "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND table_schema = DATABASE()"
	}
	rows, err := s.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// row is a row of the other database by its columns.
type row map[string]any

// each reads rows one after the other. Placeholders are question marks.
func (s *Source) each(ctx context.Context, query string, fn func(row) error, args ...any) error {
	if s.numbered {
		query = numbered(query)
	}
	rows, err := s.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		r := make(row, len(names))
		for i, name := range names {
			r[name] = values[i]
		}
		s.mend(query, r)
		if err := fn(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// all reads rows into a list.
func (s *Source) all(ctx context.Context, query string, args ...any) ([]row, error) {
	var list []row
	err := s.each(ctx, query, func(r row) error {
		list = append(list, r)
		return nil
	}, args...)
	return list, err
}

func numbered(query string) string {
	var b strings.Builder
	n := 0
	for _, c := range query {
		if c == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// text returns a column as text, "" where it is missing or null.
func (r row) text(column string) string {
	switch v := r[column].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// optional returns a text that says something, or nil.
func (r row) optional(column string) *string {
	if text := r.text(column); strings.TrimSpace(text) != "" {
		return &text
	}
	return nil
}

// number returns a column as a number, 0 where it is none.
func (r row) number(column string) int64 {
	switch v := r[column].(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	}
	n, _ := strconv.ParseInt(r.text(column), 10, 64)
	return n
}

// reference returns a number that is not null and not 0, or nil.
func (r row) reference(column string) *int64 {
	if n := r.number(column); n != 0 {
		return &n
	}
	return nil
}

// flag returns a column that is true or false, as the databases write that.
func (r row) flag(column string) bool {
	if v, ok := r[column].(bool); ok {
		return v
	}
	return slices.Contains([]string{"1", "t", "true"}, r.text(column))
}

// times are the forms in which SQLite keeps points in time, and dumps write them.
var times = []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999"}

// time returns a point in time, which is in UTC, or nil. Years of other than four digits, and the year 0 that stands
// for no date, are nil.
func (r row) time(column string) *time.Time {
	v, ok := r[column].(time.Time)
	for _, layout := range times {
		if ok {
			break
		}
		var err error
		v, err = time.Parse(layout, r.text(column))
		ok = err == nil
	}
	v = v.UTC().Truncate(time.Microsecond) // which is what is kept
	if !ok || v.Year() < 1000 || v.Year() > 9999 {
		return nil
	}
	return &v
}

// list returns a column that holds a list of texts in YAML, with the names of Ruby's symbols.
func (r row) list(column string) []string {
	var items []any
	if yaml.Unmarshal([]byte(r.text(column)), &items) != nil {
		return nil
	}
	var list []string
	for _, item := range items {
		switch item.(type) {
		case map[string]any, map[any]any, []any, nil:
			continue // no text, and with aliases as long as can be
		}
		list = append(list, strings.TrimPrefix(fmt.Sprint(item), ":"))
	}
	return list
}
