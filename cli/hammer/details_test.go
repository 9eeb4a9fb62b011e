package hammer

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"roster/cli/hammer/value"
)

// The words of messages are hammer's, full stops included: scripts compare them.
func TestMessages(t *testing.T) {
	s := newStage(t)
	s.run("organization set-parameter --organization ACME --name p --value v")
	s.expect("organization delete-parameter --organization ACME --name p", 0, "Parameter [p] deleted.\n")
	s.expect("organization add-provisioning-template --id 1 --provisioning-template-id 3", 0,
		"The provisioning templates were associated.\n",
		"GET /api/organizations/1", `PUT /api/organizations/1 {"organization":{"provisioning_template_ids":["3"]}}`)
	s.expect("organization remove-provisioning-template --id 1 --provisioning-template-ids 3,4", 0,
		"The provisioning templates were disassociated.\n")
	s.expect("location add-provisioning-template --id 2 --provisioning-template-ids 3,4", 0,
		"The provisioning templates were associated.\n",
		"GET /api/locations/2", `PUT /api/locations/2 {"location":{"provisioning_template_ids":["3","4"]}}`)
	s.expect("defaults add --param-name x --param-value 1 --provider foreman", exitUsage,
		"You must specify value or a provider name, can't specify both.\n")
}

// A word that begins several commands is told apart from one that begins none.
func TestPrefixes(t *testing.T) {
	s := newStage(t)
	s.wantErr("user s --id 1", exitSoftware, "Error: Found more than one command.\n\nDid you mean one of "+
		"these?\n\tshow\n\tssh-keys\n")
	s.wantErr("user x --id 1", exitUsage, "Error: No such sub-command 'x'.")
	s.wantErr("os list", exitSoftware, "Error: The server does not support such operation.")
	// hammer's plugins are not here
	s.wantErr("puppet-class list", exitUsage, "Error: No such sub-command 'puppet-class'.")
	s.expect("user sh --id 1 --fields Login", 0, "Login: admin\n\n")
}

// NIL is null: a key without a value in queries, missing where something is required, and no part of a path.
func TestNIL(t *testing.T) {
	s := newStage(t)
	s.expect("role list --search NIL --fields Id --per-page 5", 0, "--\nID\n--\n2 \n9 \n--\n",
		"GET /api/roles?search&page=1&per_page=5")
	s.wantErr("user-group create --name NIL", exitUsage, "Missing arguments for '--name'.")
	s.wantErr("user list --organization-id NIL", exitUsage, "missing param 'organization_id' in parameters")
	s.expect("user-group update --id 1 --name NIL", 0, "User group [] updated.\n",
		`PUT /api/usergroups/1 {"usergroup":{"name":null}}`)
}

func TestEncodeQuery(t *testing.T) {
	params := value.NewObject("a b", "x y~*", "none", nil, "ids", []any{value.Number("1"), "2"}, "empty", []any{}, "user",
		value.NewObject("login", "a&b"))
	const want = "a+b=x+y%7E*&none&ids[]=1&ids[]=2&empty&user[login]=a%26b"
	if got := encodeQuery(params); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Saved defaults go by the names of switches, and are sent as they were saved.
func TestDefaults_GoByTheSwitch(t *testing.T) {
	s := newStage(t)
	s.run("defaults add --param-name organization --param-value ACME")
	s.expect("role list --fields Id --per-page 1 --search Viewer", 0, "--\nID\n--\n2 \n--\n",
		"GET /api/organizations?search=name+%3D+%22ACME%22&per_page=1000&page=1",
		"GET /api/roles?organization_id=1&search=Viewer&page=1&per_page=1")
	s.run("defaults delete --param-name organization")
	s.run("defaults add --param-name organization_id --param-value 1")
	s.expect("role create --name r", 0, "User role [r] created.\n",
		`POST /api/roles {"organization_id":"1","role":{"name":"r"}}`)
	s.write(".hammer/defaults.yml", ":defaults:\n  :organization-id:\n    :value: 1\n")
	s.expect("--use-defaults role create --name r2", 0, "User role [r2] created.\n",
		`POST /api/roles {"organization_id":1,"role":{"name":"r2"}}`)
	s.expect("--no-use-defaults role create --name r3", 0, "User role [r3] created.\n",
		`POST /api/roles {"role":{"name":"r3"}}`)
	s.run("defaults add --param-name location_id --param-value 2")
	s.expect("role create --name r4", 0, "User role [r4] created.\n",
		`POST /api/roles {"location_id":"2","organization_id":1,"role":{"name":"r4"}}`)
}

// With a session nobody is named on the command line, but the server's defaults are still those of somebody.
func TestDefaults_OfTheSession(t *testing.T) {
	s := newStage(t)
	s.peer.sessions = true
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n  :use_sessions: true\n")
	s.run("auth login basic -u admin -p changeme")
	s.run("defaults add --param-name organization_id --provider foreman")
	if got := s.run("role list --fields Id"); got.code != 0 ||
		strings.Join(got.requests, "\n") != "GET /api/users?search=login%3Dadmin\nGET "+
			"/api/roles?organization_id=1&page=1&per_page=1000" {
		t.Errorf("exit %d, %q", got.code, got.requests)
	}
}

// An interrupt while the server is still thinking is told as one, and is how people leave a list that they watch.
func TestInterrupt_WhileTheServerThinks(t *testing.T) {
	for line, want := range map[string]int{"user list": exitSoftware, "user list --watch 1": exitOK} {
		s := newStage(t)
		ctx, interrupt := context.WithCancel(t.Context())
		s.peer.before = func(r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/") {
				interrupt()
				<-r.Context().Done()
			}
		}
		var out, errs bytes.Buffer
		code := Run(ctx, Options{Args: words(line), Environ: s.environ, Program: "roster", Stdout: &out, Stderr: &errs})
		if code != want || code != exitOK && errs.String() != "Error: interrupted\n" {
			t.Errorf("%s: exit %d, want %d; %q", line, code, want, errs.String())
		}
	}
}

// What cannot be written is no success.
func TestOutput_ThatIsLost(t *testing.T) {
	s := newStage(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, line := range []string{"user list", "--output json user info --id 1", "user export", "--version",
		"completion bash"} {
		var errs bytes.Buffer
		code := Run(t.Context(), Options{Args: words(line), Environ: s.environ, Program: "roster", Stdout: full,
			Stderr: &errs})
		if code != exitSoftware || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("%s: exit %d, %q", line, code, errs.String())
		}
	}
}

// Latin 1 in a login or a password would arrive as something else.
func TestOptions_RefuseWhatIsNoUTF8(t *testing.T) {
	s := newStage(t)
	for _, args := range [][]string{
		{"user", "update", "--id", "4", "--firstname", "Ren\xe9"},
		{"user", "update", "--id", "4", "--role-ids", "a,b\xff"},
		{"user", "list", "--search", "firstname = Ren\xe9"},
	} {
		if got := s.runArgs(args...); got.code == 0 || !strings.Contains(got.err, "is not UTF-8") ||
			len(got.requests) != 0 {
			t.Errorf("%q: exit %d, %q, %q", args, got.code, got.err, got.requests)
		}
	}
}

// Of several forms the last one counts.
func TestForms_TheLastOneCounts(t *testing.T) {
	s := newStage(t)
	s.expect("--csv --output yaml user list --fields Id --per-page 1", 0, "---\n- Id: 1\n")
	s.expect("--output yaml --csv user list --fields Id --per-page 1", 0, "Id\n1\n")
}

// A file of settings that cannot be read is warned of, and stands in nobody's way.
func TestSettings_ThatCannotBeRead(t *testing.T) {
	s := newStage(t)
	s.write(".hammer/cli_config.yml", "a: [")
	for _, line := range []string{"user list --fields Id --per-page 1", "user --help", "defaults list"} {
		if got := s.run(line); got.code != 0 || got.out == "" ||
			!strings.HasPrefix(got.err, "Warning: Couldn't load configuration file "+s.home) {
			t.Errorf("%s: exit %d, %q", line, got.code, got.err)
		}
	}
	s.wantErr("-c nowhere.yml user list", exitConfig, "no such file")
}

// Who is asked may also leave: by ending the input, or with an interrupt.
func TestAsk_MayBeLeft(t *testing.T) {
	s := newStage(t)
	run := func(ctx context.Context, in *os.File) (int, string) {
		t.Helper()
		var out, errs bytes.Buffer
		code := Run(ctx, Options{Args: words("--interactive yes user list"), Environ: s.environ, Program: "roster",
			Stdin: in, Stdout: &out, Stderr: &errs})
		return code, errs.String()
	}
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, interrupt)
	if code, errs := run(ctx, r); code != exitSoftware || !strings.HasSuffix(errs, "Error: interrupted\n") {
		t.Errorf("interrupted: exit %d, %q", code, errs)
	}
	w.Close()
	if code, errs := run(t.Context(), r); code != exitSoftware ||
		!strings.HasSuffix(errs, "Error: The input stream is exhausted.\n") {
		t.Errorf("no input: exit %d, %q", code, errs)
	}
}
