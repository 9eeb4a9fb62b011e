package backup

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// The kinds of databases.
const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// leftOut are the tables that a backup does not hold: what lasts no longer than a server, what is derived from the
// rest, and counters, which the header holds.
var leftOut = []string{
	"sessions", "login_failures", "outgoing_mails", "tallies", "tenant_revisions", "goose_db_version",
}

// only are conditions on the rows of a table that a backup holds.
var only = map[string]string{"account_tokens": "purpose = 'login'"}

// schemaOf reads the tables of a database and their columns, each after those that it refers to.
func schemaOf(ctx context.Context, db querier, dialect string) ([]Table, error) {
	names, err := texts(ctx, db, map[string]string{
		sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND " +
			"sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE '%_trigrams_%' ORDER BY name",
		postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() " +
			"ORDER BY tablename COLLATE \"C\"",
	}[dialect])
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(leftOut, name) })
	tables := map[string]Table{}
	refers := map[string][]string{}
	for _, name := range names {
		t := Table{Name: name}
		if t.Columns, err = columnsOf(ctx, db, dialect, name); err != nil {
			return nil, err
		}
		tables[name] = t
		if refers[name], err = referred(ctx, db, dialect, name); err != nil {
			return nil, err
		}
	}
	return sorted(names, tables, refers)
}

// sorted returns the tables so that each comes after those that it refers to.
func sorted(names []string, tables map[string]Table, refers map[string][]string) ([]Table, error) {
	var list []Table
	done := map[string]bool{}
	for len(list) < len(names) {
		had := len(list)
		for _, name := range names {
			waits := slices.ContainsFunc(refers[name], func(other string) bool { return other != name && !done[other] })
			if !done[name] && !waits {
				list = append(list, tables[name])
				done[name] = true
			}
		}
		if len(list) == had {
			return nil, fmt.Errorf("the tables refer to each other in a circle after %d of %d", had, len(names))
		}
	}
	return list, nil
}

func columnsOf(ctx context.Context, db querier, dialect, table string) ([]Column, error) {
	rows, err := db.QueryContext(ctx, map[string]string{
		sqlite: "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY name",
		postgres: "SELECT column_name, data_type FROM information_schema.columns " +
			"WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' " +
			"ORDER BY column_name COLLATE \"C\"",
	}[dialect], table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []Column
	for rows.Next() {
		var name, declared string
		if err := rows.Scan(&name, &declared); err != nil {
			return nil, err
		}
		kind, ok := map[string]string{
			"integer": kindInteger, "bigint": kindInteger, "text": kindText, "boolean": kindBoolean,
			"datetime": kindTime, "timestamp with time zone": kindTime,
		}[strings.ToLower(declared)]
		if !ok {
			return nil, fmt.Errorf("the column %s.%s is of the unknown type %s", table, name, declared)
		}
		columns = append(columns, Column{name, kind})
	}
	return columns, rows.Err()
}

// referred are the tables that a table refers to.
func referred(ctx context.Context, db querier, dialect, table string) ([]string, error) {
	return texts(ctx, db, map[string]string{
		sqlite: "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?)",
		postgres: "SELECT DISTINCT o.relname FROM pg_constraint c JOIN pg_class o ON o.oid = c.confrelid " +
			"JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype = 'f' AND t.relname = $1 AND " +
			"t.relnamespace = current_schema()::regnamespace",
	}[dialect], table)
}

// keyOf are the columns by which the rows of a table are in one order on every database.
func keyOf(t Table) []string {
	var key []string
	for _, c := range t.Columns {
		if c.Name == "id" {
			return []string{"id"}
		}
		key = append(key, c.Name)
	}
	return key
}

// selection is the statement that reads the rows of a table that are in a scope, in the order of keyOf, whatever the
// database's locale.
func selection(dialect string, t Table, s *scope) string {
	columns := make([]string, len(t.Columns))
	kinds := map[string]string{}
	for i, c := range t.Columns {
		columns[i] = s.column(t.Name, c.Name)
		kinds[c.Name] = c.Kind
	}
	key := keyOf(t)
	for i, name := range key {
		key[i] = quoted(name)
		if kinds[name] == kindText {
			key[i] += map[string]string{sqlite: " COLLATE BINARY", postgres: ` COLLATE "C"`}[dialect]
		}
		if dialect == postgres {
			key[i] += " NULLS FIRST" // as in SQLite
		}
	}
	return s.with() + "SELECT " + strings.Join(columns, ", ") + " FROM " + quoted(t.Name) + s.condition(t.Name) +
		" ORDER BY " + strings.Join(key, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func texts(ctx context.Context, db querier, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
