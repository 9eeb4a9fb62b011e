package migrations_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/config"
	"roster/migrations"
)

// firstPhased is the migration since which the schema changes in two phases, so that servers of the release before go
// on while those of the next one start.
const firstPhased = "provisioning"

// narrowing are statements after which a server of the release before fails.
var narrowing = []struct {
	what string
	does *regexp.Regexp
}{
	{"drops a table", regexp.MustCompile(`(?i)\bDROP\s+(TABLE|VIEW|MATERIALIZED)\b`)},
	{"drops a column", regexp.MustCompile(`(?i)\bDROP\s+(COLUMN\b|(IF\s+EXISTS\s+)?\w+\s*[,;])`)},
	{"drops a function", regexp.MustCompile(`(?i)\bDROP\s+(FUNCTION|SEQUENCE|TYPE|SCHEMA|EXTENSION)\b`)},
	{"renames", regexp.MustCompile(`(?i)\bRENAME\b`)},
	{"takes NULL away", regexp.MustCompile(`(?i)\bSET\s+NOT\s+NULL\b`)},
	{"takes a default away", regexp.MustCompile(`(?i)\bDROP\s+DEFAULT\b`)},
	{"changes a type", regexp.MustCompile(`(?i)\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b`)},
	{"makes a rule", regexp.MustCompile(`(?i)\bADD\s+(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b`)},
	{"makes a trigger", regexp.MustCompile(`(?i)\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?TRIGGER\b`)},
	{"takes rights away", regexp.MustCompile(`(?i)\bREVOKE\b`)},
	{"takes rows away", regexp.MustCompile(`(?i)\b(DELETE\s+FROM|TRUNCATE)\b`)},
}

var (
	comment     = regexp.MustCompile(`--[^\n]*|(?s)/\*.*?\*/`)
	created     = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)`)
	dropped     = regexp.MustCompile(`(?i)\bDROP\s+TABLE\s+"?(\w+)"?\s*;`)
	renamed     = regexp.MustCompile(`(?i)\bALTER\s+TABLE\s+"?(\w+)"?\s+RENAME\s+TO\s+"?(\w+)"?\s*;`)
	uniqueIndex = regexp.MustCompile(`(?i)\bCREATE\s+UNIQUE\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+"?(\w+)`)
	addedColumn = regexp.MustCompile(`(?i)\bADD\s+COLUMN\s+[^;,]*`)
	notUsed     = regexp.MustCompile(`^(?:-- \+goose Up\n)?-- Not used since (v\d+\.\d+(?:\.\d+)?):`)
)

// narrows returns what a migration takes from servers that do not know it; nothing where it only adds.
func narrows(sql string) []string {
	sql = comment.ReplaceAllString(sql, "")
	var own []string
	for _, m := range created.FindAllStringSubmatch(sql, -1) {
		own = append(own, m[1])
	}
	var found []string
	for _, m := range uniqueIndex.FindAllStringSubmatch(sql, -1) {
		if !slices.Contains(own, m[1]) {
			found = append(found, "makes a rule: "+m[0])
		}
	}
	for _, column := range addedColumn.FindAllString(sql, -1) {
		upper := strings.ToUpper(column)
		if strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT") {
			found = append(found, "wants a new column: "+column)
		}
	}
	sql = withoutRebuilds(sql, own)
	for _, n := range narrowing {
		if text := n.does.FindString(sql); text != "" {
			found = append(found, n.what+": "+text)
		}
	}
	return found
}

// withoutRebuilds leaves out how SQLite changes a table: make another one, drop the old one, and rename. Whether that
// narrows shows in the same migration of PostgreSQL, which has the same columns.
func withoutRebuilds(sql string, own []string) string {
	for _, m := range renamed.FindAllStringSubmatch(sql, -1) {
		if !slices.Contains(own, m[1]) {
			continue
		}
		for _, d := range dropped.FindAllStringSubmatch(sql, -1) {
			if d[1] == m[2] {
				sql = strings.ReplaceAll(strings.ReplaceAll(sql, m[0], ""), d[0], "")
			}
		}
	}
	return sql
}

// phased returns what is wrong with a migration, by its file and the releases that are out.
func phased(file, sql, changelog string) error {
	number, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return err
	}
	isNarrow := strings.HasSuffix(name, "_narrow")
	switch found := narrows(sql); {
	case isNarrow != (version%migrations.Era == 0):
		return fmt.Errorf("only migrations NNNNN_NAME_narrow.sql have a multiple of %d as number, and all of them do",
			migrations.Era)
	case !isNarrow && len(found) > 0:
		return fmt.Errorf("servers of the release before would fail, since it %s", strings.Join(found, "; "))
	case !isNarrow:
		return nil
	}
	m := notUsed.FindStringSubmatch(sql)
	if m == nil {
		return fmt.Errorf("it does not begin with: -- Not used since vN.N: and what that is")
	}
	if !strings.Contains(changelog, "\n## "+m[1]+"\n") {
		return fmt.Errorf("%s is no release of CHANGELOG.md: what this release still uses is narrowed in the next one", m[1])
	}
	return nil
}

// Schemas are widened first, and narrowed a release later.
func TestMigrations_InTwoPhases(t *testing.T) {
	changelog, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		entries, err := fs.ReadDir(migrations.Embedded, dialect)
		if err != nil {
			t.Fatal(err)
		}
		looked := 0
		for _, entry := range entries {
			if looked == 0 && !strings.HasSuffix(entry.Name(), "_"+firstPhased+".sql") {
				continue
			}
			looked++
			text, err := fs.ReadFile(migrations.Embedded, dialect+"/"+entry.Name())
			if err != nil {
				t.Fatal(err)
			}
			if err := phased(entry.Name(), string(text), string(changelog)); err != nil {
				t.Errorf("%s/%s: %v", dialect, entry.Name(), err)
			}
		}
		if looked == 0 {
			t.Error("the test has looked at nothing")
		}
	}
}

func TestPhased(t *testing.T) {
	const changelog = "# Changelog\n\n## Unreleased\n\n## v1.4\n"
	for _, c := range []struct {
		file, sql string
		ok        bool
	}{
		{"00014_a.sql", "CREATE TABLE a (id INTEGER NOT NULL, CHECK (id > 0)); CREATE UNIQUE INDEX a_id ON a (id);", true},
		{"00014_a.sql", "ALTER TABLE users ADD COLUMN a TEXT;", true},
		{"00014_a.sql", "ALTER TABLE users ADD COLUMN a TEXT NOT NULL DEFAULT '';", true},
		{"00014_a.sql", "ALTER TABLE users ADD COLUMN a TEXT NOT NULL;", false},
		{"00014_a.sql", "ALTER TABLE users DROP COLUMN a;", false},
		{"00014_a.sql", "ALTER TABLE users DROP a;", false},
		{"00014_a.sql", "ALTER TABLE users ALTER COLUMN a DROP NOT NULL;", true},
		{"00014_a.sql", "ALTER TABLE users ALTER COLUMN a DROP DEFAULT;", false},
		{"00014_a.sql", "alter table users\n  alter column a type bigint;", false},
		{"00014_a.sql", "ALTER TABLE users ALTER a SET NOT NULL;", false},
		{"00014_a.sql", "ALTER TABLE users RENAME COLUMN a TO b;", false},
		{"00014_a.sql", "ALTER TABLE users ADD CONSTRAINT a CHECK (id > 0);", false},
		{"00014_a.sql", "CREATE UNIQUE INDEX a ON users (mail);", false},
		{"00014_a.sql", "CREATE INDEX a ON users (mail);", true},
		{"00014_a.sql", "DROP INDEX a;", true},
		{"00014_a.sql", "DROP TABLE a;", false},
		{"00014_a.sql", "DROP FUNCTION fold(text);", false},
		{"00014_a.sql", "CREATE TRIGGER a BEFORE INSERT ON users BEGIN SELECT 1; END;", false},
		{"00014_a.sql", "DELETE FROM users;", false},
		{"00014_a.sql", "-- DROP TABLE a\nUPDATE users SET a = b;", true},
		{"00014_a.sql", "CREATE TABLE n (id INTEGER); INSERT INTO n SELECT id FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;", true},
		{"00014_a.sql", "CREATE TABLE n (id INTEGER); DROP TABLE b; ALTER TABLE n RENAME TO a;", false},
		{"00014_a_narrow.sql", "-- Not used since v1.4: a\nDROP TABLE a;", false},
		{"01000_a.sql", "CREATE TABLE a (id INTEGER);", false},
		{"01000_a_narrow.sql", "DROP TABLE a;", false},
		{"01000_a_narrow.sql", "-- +goose Up\n-- Not used since v1.4: the table a.\nDROP TABLE a;", true},
		{"01000_a_narrow.sql", "-- +goose Up\n-- Not used since v1.5: the table a.\nDROP TABLE a;", false},
	} {
		if err := phased(c.file, c.sql, changelog); (err == nil) != c.ok {
			t.Errorf("%s %s: got %v", c.file, c.sql, err)
		}
	}
}
