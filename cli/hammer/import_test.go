package hammer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"

	"github.com/google/go-cmp/cmp"
)

const threeUsers = `login,firstname,mail,auth_source,admin,roles,organizations,password
ann,Ann,ann@x,corp,yes,"Viewer,Default role",ACME,s3cret
ben,Ben,ben@x,corp,,Viewer;Default role,,
,Nobody,n@x,corp,,,,
cid,Cid,c@x,nowhere,,,,
dan,Dan,d@x,corp,perhaps,,,
jdoe,Jay,j@x,corp,,,,
`

func TestImport(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", threeUsers)
	got := s.run("user import " + file + " --dry-run")
	if got.code != exitData || !strings.HasSuffix(got.out, "2 would be created, 0 would be updated, 0 done before, 4 "+
		"refused.\n") {
		t.Errorf("dry run: exit %d\n%s%s", got.code, got.out, got.err)
	}
	for _, r := range got.requests {
		if !strings.HasPrefix(r, "GET ") {
			t.Errorf("a dry run sends %s", r)
		}
	}
	got = s.run("--csv user import --workers 1 " + file)
	want := "Line,Login,Reason\n4,\"\",there is no login\n5,cid,\"auth source \"\"nowhere\"\" not " +
		"found\"\n6,dan,\"admin: Value must be one of true/false, yes/no, 1/0.\"\n7,jdoe,Login has already been taken\n"
	if diff := cmp.Diff(want, got.out); diff != "" || got.code != exitData {
		t.Errorf("exit %d (-want +got)\n%s", got.code, diff)
	}
	if !strings.Contains(got.err, "2 created, 0 updated, 0 done before, 4 refused.") {
		t.Errorf("stderr %q", got.err)
	}
	first := ""
	for _, r := range got.requests {
		if strings.HasPrefix(r, "POST ") && first == "" {
			first = r
		}
	}
	if want := `POST /api/users {"user":{"login":"ann","firstname":"Ann","mail":"ann@x","admin":true,"auth_source_id":2,"organization_ids":[1],"role_ids":[2,9],"password":"s3cret"}}`; first != want {
		t.Errorf("sent %s\nwant %s", first, want)
	}
	s.importGoesOn(file)
}

// importGoesOn runs the same file again: what is done is not done twice, and mended rows are.
func (s *stage) importGoesOn(file string) {
	t := s.t
	t.Helper()
	journal, err := os.ReadFile(file + ".imported")
	if err != nil || strings.Contains(string(journal), "s3cret") || strings.Count(string(journal), "\n") != 2 {
		t.Errorf("the journal: %q, %v", journal, err)
	}
	s.write(filepath.Base(file),
		strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(threeUsers, "nowhere", "corp"), "perhaps", "no"),
			",Nobody,", "eve,Eve,"))
	got := s.run("user import " + file + " --upsert --change-auth-source --report refused.csv")
	if got.code != 0 || !strings.HasSuffix(got.out, "3 created, 2 updated, 1 unchanged, 0 refused.\n") {
		t.Errorf("mended: exit %d\n%s%s", got.code, got.out, got.err)
	}
	if raw, _ := os.ReadFile("refused.csv"); string(raw) != "Line,Login,Reason\n" {
		t.Errorf("the report: %q", raw)
	}
	if _, err := os.Stat(file + ".imported"); err == nil {
		t.Error("the journal of a finished import is still there")
	}
	s.expect("user list --fields Login --search 'login = eve'", 0, "-----\nLOGIN\n-----\neve  \n-----\n")
}

func TestImport_StopsWhenTheServerDoes(t *testing.T) {
	s := newStage(t)
	file := s.write("users.yml", "- {login: a, mail: a, auth_source: corp}\n- {login: b, mail: b, auth_source: corp}\n")
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+
		"'\n  :username: admin\n  :password: wrong\n")
	s.wantErr("user import "+file, exitUnauthorized, "Could not import the users")
}

// An import that is interrupted finishes what is under way; the same command does the rest, and nothing twice.
func TestImport_GoesOnAfterAnInterruption(t *testing.T) {
	s := newStage(t)
	var b strings.Builder
	b.WriteString("login,mail,auth_source\n")
	for i := range 60 {
		fmt.Fprintf(&b, "n%d,m%d,corp\n", i, i)
	}
	file := s.write("many.csv", b.String())
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	posts := 0
	s.peer.before = func(r *http.Request) {
		if r.Method == "POST" {
			if posts++; posts == 7 {
				interrupt()
			}
		}
	}
	var out, errs bytes.Buffer
	code := Run(ctx, Options{Args: []string{"user", "import", file, "--workers", "1"}, Environ: s.environ,
		Program: "roster", Stdout: &out, Stderr: &errs})
	journal, _ := os.ReadFile(file + ".imported")
	done := strings.Count(string(journal), "\n")
	if code != exitSoftware || done != posts || posts < 7 || posts == 60 ||
		!strings.Contains(errs.String(), "goes on from here") {
		t.Fatalf("exit %d, %d of %d in the journal: %s", code, done, posts, errs.String())
	}
	if got := s.run("user import " + file); got.code != 0 ||
		!strings.HasSuffix(got.out, fmt.Sprintf("%d created, 0 updated, %d done before, 0 refused.\n", 60-done, done)) {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
}

// A failure that ends an import stays, even if another row is done after it. A refusal without words is a refusal.
func TestImport_RecordsFailures(t *testing.T) {
	im := &importer{invocation: &invocation{app: &app{}}, journal: &journal{}, counts: map[outcome]int{}}
	broken := errors.New("broken")
	im.record(userRow{line: 1}, "", broken)
	im.record(userRow{line: 2}, created, nil)
	im.record(userRow{line: 3}, "", refusal(""))
	if im.fatal != broken || im.counts[created] != 1 || len(im.refused) != 1 || im.done != 3 {
		t.Errorf("fatal %v, counts %v, refused %v, done %d", im.fatal, im.counts, im.refused, im.done)
	}
}

// billions is a small file that stands for 10^12 names.
const billions = `- &a {login: x, roles: [a, a, a, a, a, a, a, a, a, a]}
- &b {roles: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]}
- &c {roles: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]}
- &d {roles: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]}
- &e {roles: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]}
- &f {roles: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]}
- &g {roles: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]}
- &h {roles: [*g, *g, *g, *g, *g, *g, *g, *g, *g, *g]}
- &i {roles: [*h, *h, *h, *h, *h, *h, *h, *h, *h, *h]}
- &j {roles: [*i, *i, *i, *i, *i, *i, *i, *i, *i, *i]}
`

func TestImport_RefusesWhatItDoesNotKnow(t *testing.T) {
	s := newStage(t)
	s.wantErr("user import "+s.write("a.csv", "login,emial\na,b\n"), exitData, `there is no column "emial"`)
	s.wantErr("user import "+s.write("a.txt", "x"), exitUsage, "the format")
	s.wantErr("user import "+s.write("a.json", `{"users": 3}`), exitData, "no list of users")
	s.wantErr("user import "+s.write("a.csv", "login,mail\na,b\nRen\xe9,c\n"), exitData, "line 3 is not UTF-8")
	s.wantErr("user import "+s.write("a.csv", "login, login\na,b\n"), exitData, `the column "login" is there twice`)
	s.wantErr("user import "+s.write("a.yml", "- &a\n  login: x\n  roles: [*a]\n"), exitData, "nested too deeply")
	s.wantErr("user import "+s.write("a.yml", billions), exitData, "repeated too often")
	s.wantErr("user import a.csv --format xml", exitUsage, `the format "xml" is not known`)
	s.wantErr("user export --format xml", exitUsage, `the format "xml" is not known`)
	s.wantErr("user import nowhere.csv", exitSoftware, "no such file")
	s.wantErr("user import", exitUsage, "--file is required")
}

// What is exported can be imported, in every format.
func TestExport_RoundTrip(t *testing.T) {
	s := newStage(t)
	s.expect("user export --search 'login = admin'", 0,
		"login,firstname,lastname,mail,description,admin,disabled,mail_enabled,timezone,locale,auth_source,default_organization,default_location,organizations,locations,roles,expires_at\n"+
			"admin,Admin,User,root@example.com,the boss,true,false,true,,,Internal,ACME,,ACME,Brno,Default role,\n")
	for _, format := range []string{"csv", "json", "yaml"} {
		s.peer.reset(t)
		s.peer.rows["auth_sources"][0].Set("name", "Internal")
		file := filepath.Join(s.home, "out."+format)
		s.expect("user export --file "+file, 0, "2 users written to "+file+".\n")
		before := s.run("user export --format json").out
		for _, user := range s.peer.rows["users"] {
			user.Set("mail", "changed")
		}
		s.peer.rows["users"][0].Set("roles", []any{value.NewObject("id", 2, "name", "Viewer")})
		if got := s.run("user import " + file + " --upsert"); got.code != 0 ||
			!strings.HasSuffix(got.out, "0 created, 2 updated, 0 unchanged, 0 refused.\n") {
			t.Errorf("%s: exit %d\n%s%s", format, got.code, got.out, got.err)
		}
		if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", file, info.Mode())
		}
		if diff := cmp.Diff(before, s.run("user export --format json").out); diff != "" {
			t.Errorf("%s: the import changed what was exported (-before +after)\n%s", format, diff)
		}
	}
}

// A bar ends, also when the work is done before its drawing begins.
func TestProgress_EndsBeforeItBegins(t *testing.T) {
	for range 20 {
		im := &importer{invocation: &invocation{app: &app{errTerminal: true,
			out: &output.Printer{Err: io.Discard, Verbosity: output.Verbose}}}}
		ended := make(chan struct{})
		go func() {
			newProgress(im, "importing").Finish(true)
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the bar does not end")
		}
	}
}
