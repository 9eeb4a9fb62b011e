package hammer

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func (s *stage) wantErr(line string, code int, part string) {
	s.t.Helper()
	if got := s.run(line); got.code != code || !strings.Contains(got.err, part) || got.out != "" {
		s.t.Errorf("%s: exit %d, stderr %q, stdout %q; want exit %d and %q", line, got.code, got.err, got.out, code,
			part)
	}
}

func TestLists_OfManyPages(t *testing.T) {
	s := newStage(t)
	for total, pages := range map[int]int{999: 1, 1000: 2, 1001: 2, 2000: 3} {
		s.peer.reset(t)
		for i := range total - 2 {
			s.peer.rows["users"] = append(s.peer.rows["users"], value.NewObject("id", 100+i, "login", fmt.Sprint("u", i),
				"firstname", "F"))
		}
		got := s.run("--output json user list --fields Login")
		var rows []map[string]string
		if err := json.Unmarshal([]byte(got.out), &rows); err != nil || len(rows) != total ||
			len(got.requests) != pages {
			t.Errorf("%d users: %d rows in %d requests, %v; want %d requests", total, len(rows), len(got.requests), err,
				pages)
		}
		csv := s.run("--csv user list --fields Login")
		if n := strings.Count(csv.out, "\n"); n != total+1 || strings.Count(csv.out, "Login\n") != 1 {
			t.Errorf("%d users: %d lines of CSV", total, n)
		}
		table := s.run("user list --fields Login")
		if n := strings.Count(table.out, "LOGIN"); n != 1 {
			t.Errorf("%d users: %d headers", total, n)
		}
		yaml := s.run("--output yaml user list --fields Login")
		if n := strings.Count(yaml.out, "---\n"); n != 1 || strings.Count(yaml.out, "- Login:") != total {
			t.Errorf("%d users: %d documents of YAML", total, n)
		}
	}
}

func TestLists_PagesOfTheSettings(t *testing.T) {
	s := newStage(t)
	s.write(".hammer/cli_config.yml", ":ui:\n  :per_page: 1\n")
	s.expect("user list --fields Login", 0, "-----\nLOGIN\n-----\nadmin\n-----\nPage 1 of 2 (use --page and "+
		"--per-page for navigation).\n", "GET /api/users?page=1&per_page=1")
	s.expect("--csv user list --fields Login", 0, "Login\nadmin\njdoe\n", "GET /api/users?page=1&per_page=1000")
}

// What is missing of an envelope is taken as 0, and what is no envelope as a row.
func TestLists_WithoutTheirEnvelope(t *testing.T) {
	s := newStage(t)
	s.expect("user list --search drop=total", 0, "-----|--------------\nNAME | AUTHORIZED BY\n-----|--------------\n "+
		"    |              \n-----|--------------\n")
	s.expect("user list --fields Login --search drop=per_page", 0, "-----\nLOGIN\n-----\nadmin\njdoe \n")
	s.expect("--output json user list --fields Login --search drop=page", 0,
		"  {\n    \"Login\": \"admin\"\n  },\n  {\n    \"Login\": \"jdoe\"\n  },\n")
	s.wantErr("user list --search drop=sort", exitSoftware, "undefined method")
}

// Every shape of a refusal has its words and its exit code.
func TestErrors(t *testing.T) {
	s := newStage(t)
	for id, want := range map[string]struct {
		code int
		text string
	}{
		"err-400":       {65, "400 Bad Request\n  Sample message\n"},
		"err-400-str":   {70, "Error: no implicit conversion of String into Integer\n"},
		"err-400-empty": {65, "400 Bad Request\n"},
		"err-401":       {129, "Sample message\nInvalid username or password.\n"},
		"err-401-str":   {129, "String error\nInvalid username or password.\n"},
		"err-403-str":   {77, "Forbidden - server refused to process the request.\n"},
		"err-403-html":  {70, "Error: unexpected token at byte 0 of JSON text\n"},
		"err-404-plain": {128, "Flat message\n"}, "err-404-str": {128, "404 Not Found\n"},
		"err-404-list":  {70, "Error: 404 Not Found: the answer is a list\n"},
		"err-422-empty": {65, "\n"}, "err-422-html": {70, "Error: unexpected token at byte 0 of JSON text\n"},
		"err-500":        {70, "Sample message\n"},
		"err-200-list":   {70, "Error: Received data of unknown format.\n"},
		"err-200-html":   {70, "Error: Received data of unknown format.\n"},
		"err-204-nobody": {70, "Error: Received data of unknown format.\n"},
	} {
		if got := s.run("user-group info --id " + id); got.code != want.code || got.err != want.text || got.out != "" {
			t.Errorf("%s: exit %d, %q; want %d, %q", id, got.code, got.err, want.code, want.text)
		}
	}
	if got := s.run("--output silent user-group info --id err-404"); got.code != 128 || got.err != "" {
		t.Errorf("silent: exit %d, %q", got.code, got.err)
	}
}

func TestForms(t *testing.T) {
	s := newStage(t)
	s.expect("--show-ids --csv user info --id 1 --fields Login,Roles,'User groups'", 0,
		"Login,Roles::1,User groups::Usergroup::1,User groups::Id::1,User groups::Roles::1\n"+
			`admin,Default role (id: 9),devs,1,"[{""name""=>""Viewer"", ""id""=>2}]"`+"\n")
	s.expect("--csv --csv-separator ; user list --fields Id,Login --per-page 1", 0, "Id;Login\n1;admin\n")
	s.expect("--output yaml user info --id 1 --fields Login,'Last login','Default location',Roles,'User groups'", 0,
		`---
Login: admin
Last login: '2026-01-02T03:04:05.678Z'
Default location: {}
Roles:
- Name: Default role
  Id: 9
User groups:
  1:
    Usergroup: devs
    Roles:
    - Name: Viewer
      Id: 2
`)
	s.expect("--output base user list --per-page 1 --fields THIN", 0, "Id:    1\nLogin: admin\n\n")
	s.expect("--output silent user list", 0, "")
	s.expect("--csv user create --login c --mail m --auth-source-id 1", 0, "Message,Id\nUser [c] created.,5\n")
	s.expect("--output-file out.txt user list --fields Login", 0, "")
	if raw, _ := os.ReadFile("out.txt"); !strings.HasPrefix(string(raw), "-----\nLOGIN\n") {
		t.Errorf("the file holds %q", raw)
	}
	s.wantErr("--output xml user list", exitUsage, "Value must be one of 'base', 'table', 'csv', 'yaml', 'json', "+
		"'silent'.")
}

func TestOptions_Values(t *testing.T) {
	s := newStage(t)
	for line, body := range map[string]string{
		"--description NIL --role-ids NIL":                    `{"description":null,"role_ids":null}`,
		"--role-ids '' --roles ''":                            `{"role_ids":[]}`,
		"--role-ids 2":                                        `{"role_ids":[2]}`,
		"--admin=yes --disabled 0":                            `{"disabled":false,"admin":true}`,
		"--default-location-id 007":                           `{"default_location_id":7}`,
		"--firstname 'a,b'":                                   `{"firstname":"a,b"}`,
		"--firstname one --firstname two":                     `{"firstname":"two"}`,
		"--default-organization ACME --default-location Brno": `{"default_location_id":2,"default_organization_id":1}`,
	} {
		got := s.run("user update --id 4 " + line)
		want := "PUT /api/users/4 {\"user\":" + body + "}"
		if len(got.requests) == 0 || got.requests[len(got.requests)-1] != want {
			t.Errorf("%s: %q, want %s; stderr %q", line, got.requests, want, got.err)
		}
	}
	s.expect("-uadmin -pchangeme -rv user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
	s.wantErr("user update --id", exitUsage, "Option '--id': no value provided.")
	s.wantErr("user list --no-fields", exitUsage, "Unrecognised option '--no-fields'.")
	s.wantErr("--bogus user list", exitUsage, "Unrecognised option '--bogus'.")
	s.wantErr("user-group list --per-page", exitUsage, "no value provided")
	s.wantErr("us list", exitSoftware, "Error: Found more than one command.")
	s.expect("user-gr li --fields Name --search devs", 0, "----\nNAME\n----\ndevs\n----\n",
		"GET /api/usergroups?search=devs&page=1&per_page=1000")
}

func TestParseObjects(t *testing.T) {
	for in, want := range map[string]string{
		`name=a\,value=1,name=b`:      `[{"name":"a","value":"1"},{"name":"b"}]`,
		`[{"name":"a","n":1.50}]`:     `[{"name":"a","n":1.50}]`,
		`k=[x\,y]\,o={p=q\,r='s'}`:    `[{"k":["x","y"],"o":{"p":"q","r":"s"}}]`,
		``:                            `[]`,
		`"a=1,2",b=3`:                 `error`,
		`name="quoted, with a comma"`: `error`,
	} {
		v, err := parseObjects(in)
		got := string(value.CompactJSON(v))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	s := newStage(t)
	s.peer.rows["roles"] = append(s.peer.rows["roles"], value.NewObject("id", 12, "name", "Viewer"))
	s.wantErr("user list --role Viewer", exitSoftware, "Error: Found more than one role.")
	s.wantErr("user create --login n --mail m --auth-source nope", exitSoftware, "Error: auth_source not found.")
	s.wantErr("user create --login n --mail m --auth-source-id 1 --organizations ACME,nope", exitSoftware,
		"Error: one of organizations not found.")
	s.wantErr("user ssh-keys list", exitSoftware, "Could not find user, please set one of options --user-id, --user.")
	s.expect("user info --login 'a\"b'", exitSoftware, "",
		`GET /api/users?search=login+%3D+%22a%22b%22&per_page=1000&page=1`,
		`GET /api/users?search=login+%3D+%22a%5C%22b%22&per_page=1000&page=1`)
	s.expect("user delete --id 'a b/~c'", exitNotFound, "", "DELETE /api/users/a+b%2F~c")
}

func TestDefaults(t *testing.T) {
	s := newStage(t)
	s.expect("defaults add --param-name organization_id --param-value 1", 0,
		"Added organization_id default-option with value 1.\n")
	s.expect("defaults add --param-name location_id --provider foreman", 0,
		"Added location_id default-option with value that will be generated from the server.\n")
	s.expect("defaults list", 0, "----------------|---------------------\nPARAMETER       | VALUE               "+
		"\n----------------|---------------------\norganization_id | 1                   \nlocation_id     | "+
		"Provided by: Foreman\n----------------|---------------------\n")
	s.expect("role list --fields Id --per-page 1", 0, "--\nID\n--\n2 \n--\nPage 1 of 2 (use --page and --per-page "+
		"for navigation).\n",
		"GET /api/users?search=login%3Dadmin", "GET /api/roles?organization_id=1&page=1&per_page=1")
	s.expect("role list --fields Id --per-page 1 --organization ACME --location-id 2", 0,
		"--\nID\n--\n2 \n--\nPage 1 of 2 (use --page and --per-page for navigation).\n",
		"GET /api/organizations?search=name+%3D+%22ACME%22&per_page=1000&page=1",
		"GET /api/roles?location_id=2&organization_id=1&page=1&per_page=1")
	s.expect("--no-use-defaults role list --fields Id --per-page 2", 0, "--\nID\n--\n2 \n9 \n--\n",
		"GET /api/roles?page=1&per_page=2")
	s.expect("defaults delete --param-name organization-id", 0, "organization-id was deleted successfully.\n")
	s.expect("defaults add --param-name x", exitUsage, "You must specify value or a provider name, can't "+
		"specify both.\n")
	info, err := os.Stat(filepath.Join(s.home, ".hammer/defaults.yml"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of defaults: %v, %v", info, err)
	}
}

func TestSessions(t *testing.T) {
	s := newStage(t)
	s.wantErr("auth login basic -u admin -p changeme", exitUsage, "Can't perform login.")
	s.peer.sessions = true
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n  :use_sessions: true\n")
	s.expect("auth status", 0, "Credentials are not configured.\n")
	s.expect("-u x -p y auth status", 0, "Using configured credentials for user 'x'.\n")
	s.expect("auth login basic -u admin -p changeme", 0, "Successfully logged in as 'admin'.\n", "GET /api/status")
	s.expect("auth status", 0, "Session exists, currently logged in as 'admin'.\n")
	file := filepath.Join(s.home, ".hammer/sessions/http_127.0.0.1")
	for name, mode := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v, want %o", name, info, err, mode)
		}
	}
	if raw, _ := os.ReadFile(file); bytes.Contains(raw, []byte("changeme")) {
		t.Error("the password is in the file of the session")
	}
	check := func(line string, want ...string) {
		t.Helper()
		s.peer.auth = nil
		var out, errs bytes.Buffer
		Run(context.Background(), Options{Args: words(line), Environ: s.environ, Program: "hammer", Stdout: &out,
			Stderr: &errs})
		if diff := cmp.Diff(want, s.peer.auth); diff != "" {
			t.Errorf("%s: who asked (-want +got)\n%s%s", line, diff, errs.String())
		}
	}
	check("user list", "cookie")
	check("user create --login s --mail s --auth-source-id 1", "cookie")
	check("-u jdoe -p changeme user list", "jdoe")
	s.write(".hammer/sessions/http_127.0.0.1", `{"id":"stale","user_name":"admin"}`)
	check("-u admin -p changeme user list", "cookie", "", "admin")
	s.write(".hammer/sessions/http_127.0.0.1", `{"id":"stale","user_name":"admin"}`)
	if got := s.run("user list"); got.code != exitUnauthorized {
		t.Errorf("a session that has ended: exit %d", got.code)
	}
	s.expect("auth logout", 0, "Logged out.\n")
	if _, err := os.Stat(file); err == nil {
		t.Error("the session is still there")
	}
}

func TestCredentials(t *testing.T) {
	s := newStage(t)
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n")
	s.wantErr("user list", exitUnauthorized, "Invalid username or password.")
	s.expect("auth status", 0, "Credentials are not configured.\n")
	plain := s.environ
	for _, more := range [][]string{
		{"FOREMAN_USERNAME=admin", "FOREMAN_PASSWORD=changeme"},
		{"ROSTER_USERNAME=admin", "ROSTER_PASSWORD=changeme", "FOREMAN_PASSWORD=wrong"},
		{"ROSTER_USERNAME=admin", "ROSTER_TOKEN=changeme"},
		{"ROSTER_USERNAME=admin", "ROSTER_PASSWORD_FILE=" + s.write("secret", "changeme\n")},
	} {
		s.environ = slices.Concat(plain, more)
		s.expect("user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
	}
	s.environ = plain
	s.write(".config/roster/cli.yml", "roster:\n  username: admin\n  token: changeme\n")
	s.expect("user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
}

func TestDebug_KeepsSecrets(t *testing.T) {
	s := newStage(t)
	got := s.run("-d user create --login d --mail d --auth-source-id 1 --password topsecret")
	if !strings.Contains(got.err, "POST /api/users 201") {
		t.Errorf("stderr %q", got.err)
	}
	for _, secret := range []string{"topsecret", "changeme", "Basic"} {
		if strings.Contains(got.err+got.out, secret) {
			t.Errorf("%s is shown: %s", secret, got.err)
		}
	}
}

func TestDocumentation(t *testing.T) {
	s := newStage(t)
	for range 3 {
		s.run("user list")
	}
	if s.peer.docLoads != 1 {
		t.Errorf("the documentation was loaded %d times", s.peer.docLoads)
	}
	s.run("-r user list")
	if s.peer.docLoads != 2 {
		t.Errorf("-r: loaded %d times", s.peer.docLoads)
	}
	s.peer.checksum = "another"
	s.run("user list")
	if s.peer.docLoads != 3 {
		t.Errorf("another checksum: loaded %d times", s.peer.docLoads)
	}
	cache := strings.TrimPrefix(s.environ[1], "XDG_CACHE_HOME=")
	err := filepath.WalkDir(cache, func(name string, d os.DirEntry, err error) error {
		if info, _ := d.Info(); !d.IsDir() && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	s.peer.checksum = "../../etc"
	s.expect("user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
	s.peer.gone = true
	s.expect("user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n",
		"GET /api/users?search=jdoe&page=1&per_page=1000")
}

func TestUnreachable(t *testing.T) {
	s := newStage(t)
	s.peer.Close()
	s.wantErr("user list", exitUsage, "Could not load the API description from the server")
	s.wantErr("ping", exitUsage, "Could not load")
	for _, line := range []string{"--version", "--help", "user --help", "user list --help", "defaults list",
		"auth status"} {
		if got := s.run(line); got.code != 0 || got.out == "" {
			t.Errorf("%s: exit %d, %q", line, got.code, got.err)
		}
	}
}

func TestTLS(t *testing.T) {
	s := newStage(t)
	secure := httptest.NewUnstartedServer(s.peer.Config.Handler)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	ca := s.write("ca.pem",
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	line := " -s " + secure.URL + " user list --fields Login --search jdoe"
	const table = "-----\nLOGIN\n-----\njdoe \n-----\n"
	s.wantErr(strings.TrimSpace(line), exitConfig, "SSL error")
	s.expect("-k"+line, 0, table)
	s.expect("--verify-ssl no"+line, 0, table)
	s.expect("--ssl-ca-file "+ca+line, 0, table)
	s.expect("--ssl-ca-path "+filepath.Dir(ca)+line, 0, table)
	s.wantErr("--ssl-ca-file nowhere.pem"+line, exitConfig, "no such file")
	s.wantErr("-s ftp://x user list", exitConfig, "is no address of a server")
}

func TestPing_Fails(t *testing.T) {
	results, _ := value.ParseJSON(
		[]byte(
			`{"foreman":{"database":{"active":false,"duration_ms":"0"},"cache":{"servers":[{"status":"ok","duration_ms":"3"}]}}}`))
	var b bytes.Buffer
	if describeHealth(value.AsObject(results)) {
		t.Error("a database that is down counts as up")
	}
	o := &output.Printer{Out: &b, Form: "base", Verbosity: output.Verbose}
	_ = o.List(pingCommand().fields, []any{results}, output.Page{})
	want := "database: \n    Status:          FAIL\n    Server Response: Duration: 0ms\ncache:    \n    servers: \n  " +
		"   1) Status:          ok\n        Server Response: Duration: 3ms\n\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCompletion(t *testing.T) {
	s := newStage(t)
	complete := func(args ...string) []string {
		t.Helper()
		var out, errs bytes.Buffer
		Complete(context.Background(), Options{Args: append([]string{"__complete"}, args...), Environ: s.environ,
			Program: "roster", Others: []string{"serve"}, Stdout: &out, Stderr: &errs})
		var found []string
		for line := range strings.Lines(out.String()) {
			if word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); !strings.HasPrefix(word, ":") {
				found = append(found, word)
			}
		}
		return found
	}
	for _, c := range []struct{ line, want string }{
		{"se", "settings serve"},
		{"--out", "--output --output-file"},
		{"--output js", "json"},
		{"user add", "add-role"},
		{"user list --fi", "--fields"},
		{"user info --login j", "jdoe"},
		{"user list --role V", "Viewer"},
		{"user create --roles Viewer,D", "Viewer,Default role"},
		{"user create --admin ", "yes no"},
		{"user create --locale c", "ca cs_CZ"},
		{"user access-token info --user admin --name ", "ci"},
		{"user info --id ", ""},
		{"user nosuch ", ""},
	} {
		args := strings.Split(c.line, " ")
		if got := strings.Join(complete(args...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := s.run("completion " + shell); got.code != 0 || !strings.Contains(got.out, "__complete") {
			t.Errorf("%s: exit %d, %d bytes", shell, got.code, len(got.out))
		}
	}
	s.expect("--autocomplete 'hammer user add'", 0, "add-role\n")
	s.peer.Close()
	if got := complete("user", "info", "--login", "j"); len(got) != 0 {
		t.Errorf("without a server: %q", got)
	}
}

func TestWatch_RunsUntilItIsStopped(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	seen := &stopAfter{needle: "LOGIN", times: 2, stop: cancel}
	if code := Run(ctx, Options{Args: words("user list --fields Login --watch 1"), Environ: s.environ,
		Program: "roster", Stdout: seen, Stderr: seen}); code != 0 || seen.times > 0 {
		t.Errorf("exit %d, %d rounds are missing: %s", code, seen.times, seen.all.String())
	}
}

// stopAfter stops a run when its output has had a word often enough.
type stopAfter struct {
	needle string
	times  int
	stop   func()
	all    bytes.Buffer
}

func (w *stopAfter) Write(p []byte) (int, error) {
	w.all.Write(p)
	if w.times -= bytes.Count(p, []byte(w.needle)); w.times <= 0 {
		w.stop()
	}
	return len(p), nil
}

// Every command is in the built-in documentation, and has help with its own options; otherwise help would not work
// without a server. Registration tokens are for other servers: Roster has no hosts to
// register, and says so.
func TestBuiltin_KnowsEveryCommand(t *testing.T) {
	doc, err := apidoc.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	var walk func(*command)
	walk = func(c *command) {
		for _, child := range c.children {
			walk(child)
		}
		if c.kind == isGroup || c.kind == isLocal || c.resource == "registration_tokens" {
			return
		}
		count++
		if doc.Resource(c.resource).Method(c.action) == nil {
			t.Errorf("%s: the documentation has no %s.%s", c.path("roster"), c.resource, c.action)
		}
		if c.associated != "" && doc.Resource(c.associated) == nil {
			t.Errorf("%s: the documentation has no %s", c.path("roster"), c.associated)
		}
		if len(optionsOf(doc, c)) == 0 && c.name != "available-resources" {
			t.Errorf("%s: there are no options", c.path("roster"))
		}
	}
	walk(rootCommand())
	if count < 100 {
		t.Errorf("only %d commands were seen", count)
	}
}

// Every example of the help is a command line that is understood.
func TestExamples(t *testing.T) {
	doc, err := apidoc.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	newStage(t) // has the file key.pub
	root := rootCommand()
	seen := 0
	for where, lines := range examples {
		for _, line := range lines {
			line, _, _ = strings.Cut(strings.ReplaceAll(line, " < users.yml", ""), " > ")
			seen++
			_, rest := splitGlobals(words(line), globals())
			a := &app{root: root, program: "roster"}
			c, args, err := a.find(rest)
			if err != nil || where != "" && c.words() != where {
				t.Errorf("%s: %v; it stands at %q", line, err, where)
				continue
			}
			options := optionsOf(doc, c)
			if c.name == "import" {
				args = fileArgument(args, options)
			}
			if _, err := parseOptions(args, options); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d examples were seen", seen)
	}
}

func TestHelp(t *testing.T) {
	s := newStage(t)
	for line, parts := range map[string][]string{
		"": {"Usage:\n    hammer [OPTIONS] SUBCOMMAND [ARG] ...\n", " user-group ",
			" -u, --username USERNAME"},
		"user": {"hammer user [OPTIONS] SUBCOMMAND", " list, index "},
		"user list -h": {"hammer user <list|index> [OPTIONS]", " --role ROLE_NAME ",
			"Search / Order fields:\n login ", "Examples:\n    hammer user list --search"},
		"--help role clone":  {" --new-name NEW_NAME ", "(required)"},
		"user create --help": {" --default-organization DEFAULT_ORGANIZATION_NAME ", "(one of yes, no)"},
		"full-help":          {"hammer organization add-user", "hammer user-group external <list|index>"},
	} {
		got := s.run(line)
		for _, part := range parts {
			if got.code != 0 || got.err != "" || !strings.Contains(got.out, part) {
				t.Errorf("%q: exit %d, stderr %q; %q is not in\n%.1500s", line, got.code, got.err, part, got.out)
			}
		}
	}
}
