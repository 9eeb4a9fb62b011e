package hammer

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

// writes are the requests that change something.
func (r result) writes() []string {
	var all []string
	for _, line := range r.requests {
		if !strings.HasPrefix(line, "GET ") {
			all = append(all, line)
		}
	}
	return all
}

// An import with --upsert compares with the server in every run: only what differs is sent, and what was changed there
// since is changed back.
func TestUpsert_ComparesWithTheServer(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login,firstname,mail,auth_source,admin,organizations,roles\n"+
		"ann,Ann,ann@x,corp,no,ACME,\"Viewer,Default role\"\nben,Ben,,corp,,,\nJDOE,John,,,no,,\n")
	line := "user import --upsert --workers 1 " + file
	s.expect(line, 0, "2 created, 0 updated, 1 unchanged, 0 refused.\n")
	got := s.run(line)
	if got.out != "0 created, 0 updated, 3 unchanged, 0 refused.\n" || len(got.writes()) > 0 {
		t.Errorf("the second run: %q, %q", got.out, got.writes())
	}
	if _, err := os.Stat(file + ".imported"); err == nil {
		t.Error("the run remembers what it did")
	}
	ann := s.peer.find("users", "ann", value.NewObject())
	for key, changed := range map[string]any{"firstname": "Anna", "mail": nil, "admin": true,
		"organizations": []any{}, "roles": []any{value.NewObject("id", 2)}} {
		before := ann.Get(key)
		ann.Set(key, changed)
		s.expect(line+" --dry-run", 0, "0 would be created, 1 would be updated, 2 unchanged, 0 refused.\n")
		got := s.run(line)
		if got.out != "0 created, 1 updated, 2 unchanged, 0 refused.\n" || len(got.writes()) != 1 {
			t.Errorf("%s: %q, %q", key, got.out, got.writes())
		}
		if value.Inspect(ann.Get(key)) == value.Inspect(changed) {
			t.Errorf("%s is still %v, and was %v", key, changed, before)
		}
	}
	// What an earlier run remembers does not count, and does not stay.
	s.run("user import --restart " + s.write("users.csv", "login,auth_source,roles\neve,corp,Viewer\nx,nowhere,\n"))
	s.peer.find("users", "eve", value.NewObject()).Set("roles", []any{})
	if got := s.run(line); !strings.HasSuffix(got.out, "0 created, 1 updated, 0 unchanged, 1 refused.\n") {
		t.Errorf("after an earlier run: %q", got.out)
	}
	bad := s.write("bad.csv", "login,auth_source,roles\nfay,corp,\nx,nowhere,\n")
	s.run("user import --upsert " + bad)
	if _, err := os.Stat(bad + ".imported"); err == nil || s.peer.find("users", "fay", value.NewObject()) == nil {
		t.Error("a run with --upsert remembers what it did")
	}
	// A password cannot be compared.
	s.expect("user import --upsert "+s.write("pw.csv", "login,password\njdoe,x\n"), 0,
		"0 created, 1 updated, 0 unchanged, 0 refused.\n")
}

// Lists that leave out the roles are completed by the single users.
func TestUpsert_WhereListsHaveNoRoles(t *testing.T) {
	s := newStage(t)
	s.peer.brief = true
	file := s.write("users.csv", "login,roles\njdoe,Viewer\nadmin,Default role\n")
	s.expect("user import --upsert "+file, 0, "0 created, 1 updated, 1 unchanged, 0 refused.\n")
}

// A user is moved to another auth source only if that is asked for.
func TestUpsert_OtherAuthSource(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login,lastname,auth_source\njdoe,Doe,corp\n")
	for _, more := range []string{"", " --dry-run"} {
		got := s.run("user import --upsert " + file + more)
		if got.code != exitData || len(got.writes()) > 0 || !strings.HasPrefix(got.out, `line 2 (jdoe): auth_source `+
			`is "corp", and the user has "Internal"; --change-auth-source changes it`) {
			t.Errorf("%s: exit %d, %q, %q", more, got.code, got.out, got.requests)
		}
	}
	got := s.run("user import --upsert --change-auth-source " + file)
	if got.code != 0 || len(got.writes()) != 1 || !strings.Contains(got.writes()[0], `"auth_source_id":2`) {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.writes())
	}
}

// crowd gives the server users p0 to p9 with the mail of a department; p9 is disabled.
func (s *stage) crowd() {
	for i := range 10 {
		s.peer.rows["users"] = append(s.peer.rows["users"], value.NewObject("id", 60+i, "login", fmt.Sprint("p", i),
			"mail", "dept", "disabled", i == 9, "auth_source_id", 2))
	}
}

// Users whom the file lacks are disabled, if they are not too many.
func TestImport_DisablesWhoIsMissing(t *testing.T) {
	s := newStage(t)
	s.crowd()
	file := s.write("users.csv", "login\nP0\np1\np2\np3\np4\np5\np6\np7\n")
	const search = " --disable-missing 'mail = dept'"
	line := "user import --upsert " + file + search
	s.expect(line+" --dry-run", 0, "p8 would be disabled: not in the file\n"+
		"0 would be created, 0 would be updated, 8 unchanged, 1 would be disabled, 0 refused.\n")
	if s.peer.find("users", "p8", value.NewObject()).Get("disabled") != false {
		t.Error("a dry run disables")
	}
	got := s.run(line)
	if got.out != "p8 was disabled: not in the file\n0 created, 0 updated, 8 unchanged, 1 disabled, 0 refused.\n" ||
		strings.Join(got.writes(), "\n") != `PUT /api/users/68 {"user":{"disabled":true}}` {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.writes())
	}
	s.expect(line, 0, "0 created, 0 updated, 8 unchanged, 0 disabled, 0 refused.\n")
	got = s.run("user import --upsert " + file + " --disable-missing 'mail = nobody'")
	if got.code != 0 || got.err != "Warning: --disable-missing 'mail = nobody' finds no active user.\n" {
		t.Errorf("a search that finds nobody: exit %d, %q", got.code, got.err)
	}
	few := "user import --upsert " + s.write("few.csv", "login\np0\np1\np2\np3\np4\np5\nnew\n") + search
	for more, want := range map[string]string{"": "would disable 2 of 8 active users, which is more than 20 %",
		" --max-disable 24%": "more than 24 %"} {
		got := s.run(few + more)
		if got.code != exitData || !strings.Contains(got.err, want) || len(got.writes()) > 0 || got.out != "" {
			t.Errorf("%s: exit %d, %q, %q", more, got.code, got.err, got.writes())
		}
	}
	if got := s.run(few + " --max-disable 25 --dry-run"); !strings.HasSuffix(got.out, "2 would be disabled, 1 refused.\n") {
		t.Errorf("--max-disable 25: %q, %q", got.out, got.err)
	}
	s.wantErr("user import "+s.write("none.csv", "login,mail\n,x\n")+search, exitData, "line 2: there is no login. Nothing was")
	s.wantErr("user import "+file+" --max-disable 5", exitUsage, "is for --disable-missing")
	s.wantErr("user import "+file+" --disable-missing ' '", exitUsage, "the search is empty")
	s.wantErr("user import "+file+search+" --max-disable 101", exitUsage, "a percentage from 0 to 100")
}

// An import that ends early disables nobody.
func TestImport_DisablesNobodyAfterAnInterruption(t *testing.T) {
	s := newStage(t)
	s.crowd()
	file := s.write("users.csv", "login,auth_source\np0,\np1,\np2,\np3,\np4,\np5,\np6,\np7,\nnew,corp\n")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	puts := 0
	s.peer.before = func(r *http.Request) {
		if r.Method == "POST" {
			interrupt()
		}
		if r.Method == "PUT" {
			puts++
		}
	}
	var out strings.Builder
	code := Run(ctx, Options{Args: words("user import --upsert " + file + " --disable-missing 'mail = dept'"),
		Environ: s.environ, Program: "roster", Stdout: &out, Stderr: &out})
	if code != exitSoftware || puts > 0 {
		t.Errorf("exit %d, %d changes: %s", code, puts, out.String())
	}
}

// The guide and the help describe every column.
func TestImport_ColumnsAreDescribed(t *testing.T) {
	guide, err := os.ReadFile(testdata + "/../../../docs/reference/command-line.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	help := s.run("user import --help").out
	for _, c := range userColumns {
		required := "no"
		if c.name == "login" {
			required = "yes"
		}
		row := fmt.Sprintf("| `%s` | %s | %s | `%s` |\n", c.name, required, c.about, c.example)
		if !strings.Contains(string(guide), row) {
			t.Errorf("the guide lacks %s", row)
		}
		if !strings.Contains(help, "\n "+c.name+" ") || !strings.Contains(help, "Columns of the file:") {
			t.Errorf("the help lacks %s", c.name)
		}
	}
}
