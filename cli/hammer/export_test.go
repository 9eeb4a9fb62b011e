package hammer

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roster/cli/hammer/value"
)

const formula = "=cmd|' /C calc'!A0"

// oddText often begins as formulas and guards do.
func oddText() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{"'", "''", "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", " ", "\"", ",", ";",
		"\u00a0", "\ufeff", "＝", "1", "x", "cmd|' /C calc'!A0", "ž", "\\", "#"})
	joined := rapid.Map(rapid.SliceOfN(part, 0, 6), func(parts []string) string { return strings.Join(parts, "") })
	return rapid.OneOf(joined, rapid.String())
}

// What is exported comes back as it was, and nothing in the file runs.
func TestExport_GuardedCellsComeBack(t *testing.T) {
	texts := []string{"login", "firstname", "lastname", "mail", "description", "timezone"}
	rapid.Check(t, func(t *rapid.T) {
		var users []any
		for range rapid.IntRange(1, 4).Draw(t, "users") {
			u := value.NewObject()
			for _, name := range texts {
				u.Set(name, oddText().Draw(t, name))
			}
			u.Set("roles", []any{value.NewObject("name", oddText().Draw(t, "role")),
				value.NewObject("name", oddText().Draw(t, "role"))})
			users = append(users, u)
		}
		file := formatUsers(users, "csv", csvForm{safe: true})
		cells, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range cells {
			for _, cell := range row {
				if strings.HasPrefix(cell, "'") {
					continue // text, to a spreadsheet
				}
				if seen := strings.TrimLeft(cell, " \"\u00a0\ufeff"); seen != "" &&
					strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(seen)[0]) {
					t.Fatalf("the cell %q runs", cell)
				}
			}
		}
		rows, err := readUsers(file, "csv", csvForm{safe: true})
		if err != nil || len(rows) != len(users) {
			t.Fatalf("%d rows, %v:\n%s", len(rows), err, file)
		}
		for i, row := range rows {
			for _, name := range append(texts, "roles") {
				want := csvText(value.AsObject(users[i]).Get(name))
				if name == "roles" {
					want = csvText(userColumns[15].exported(value.AsObject(users[i])))
				}
				if got := value.Text(nullToNil(row.values[name])); got != want {
					t.Fatalf("%s: got %q, want %q\n%s", name, got, want, file)
				}
			}
		}
	})
}

// Attack 23: exports guard cells, unless they are told not to; lists as CSV do if they are told to.
func TestExport_CSVSafe(t *testing.T) {
	s := newStage(t)
	spoil := func(value any) { s.peer.rows["users"][0].Set("description", value) }
	description := func(args ...string) string {
		t.Helper()
		got := s.runArgs(args...)
		if got.code != 0 {
			t.Fatalf("%q: exit %d: %s", args, got.code, got.err)
		}
		rows, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1][4]
	}
	spoil(formula)
	for want, args := range map[string][][]string{
		"'" + formula: {{"user", "export"}, {"user", "export", "--csv-safe", "yes"},
			{"--csv-safe", "no", "user", "export", "--csv-safe", "yes"}},
		formula: {{"user", "export", "--csv-safe", "no"}, {"--csv-safe", "no", "user", "export"}},
	} {
		for _, line := range args {
			if got := description(line...); got != want {
				t.Errorf("%q: got %q, want %q", line, got, want)
			}
		}
	}
	s.expect("user export --format json --search 'login = admin'", 0,
		strings.Replace(s.run("user export --format json --csv-safe no --search 'login = admin'").out, "'=cmd", "=cmd",
			1))
	s.peer.rows["users"][0].Set("login", "=admin")
	s.expect("--csv user list --fields Login", 0, "Login\n=admin\njdoe\n")
	s.expect("--csv --csv-safe yes user list --fields Login", 0, "Login\n'=admin\njdoe\n")
	s.expect("--csv --csv-safe no user list --fields Login", 0, "Login\n=admin\njdoe\n")
	s.wantErr("user export --csv-safe perhaps", exitUsage, "csv-safe")
}

// What exports guarded, imports take as it was, and report guarded again.
func TestImport_TakesGuardsAway(t *testing.T) {
	s := newStage(t)
	s.peer.rows["auth_sources"][0].Set("name", "Internal")
	values := []string{formula, "'" + formula, "'tis", "\tx", "-", "'", "a\r\nb", "+420 123"}
	for _, safe := range []string{"yes", "no"} {
		for _, value := range values {
			s.peer.rows["users"][0].Set("description", value)
			file := filepath.Join(s.home, "users.csv")
			s.expect("user export --csv-safe "+safe+" --file "+file, 0, "2 users written to "+file+".\n")
			s.peer.rows["users"][0].Set("description", "changed")
			if got := s.run("user import --upsert --csv-safe " + safe + " " + file); got.code != 0 {
				t.Fatalf("exit %d: %s%s", got.code, got.out, got.err)
			}
			if got := s.peer.rows["users"][0].Get("description"); got != value {
				t.Errorf("--csv-safe %s: %q comes back as %q", safe, value, got)
			}
		}
	}
	file := s.write("bad.csv", "login,mail,auth_source,password\n'=x,m,nowhere,'=secret\nnew,m,corp,'=secret\n")
	got := s.run("user import --workers 1 --report refused.csv " + file)
	if raw, _ := os.ReadFile("refused.csv"); !strings.Contains(string(raw), "\n2,'=x,") {
		t.Errorf("the report: %q\n%s", raw, got.err)
	}
	if requests := strings.Join(got.requests, "\n"); !strings.Contains(requests, `"password":"'=secret"`) {
		t.Errorf("a password is sent as it stands: %s", requests)
	}
}
