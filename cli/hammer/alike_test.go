package hammer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

// A file that cannot be read is told in Ruby's words, and is no mistake in usage.
func TestFiles_ThatCannotBeRead(t *testing.T) {
	s := newStage(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"/nowhere/key": "No such file or directory @ rb_sysopen - /nowhere/key",
		"nosuch.pub":   "No such file or directory @ rb_sysopen - " + filepath.Join(here, "nosuch.pub"),
		"key.pub/x":    "Not a directory @ rb_sysopen - " + filepath.Join(here, "key.pub/x"),
		".":            "Is a directory @ io_fread - " + here,
		"''":           "Is a directory @ io_fread - " + here,
	} {
		got := s.run("user ssh-keys add --user-id 1 --name k --key-file " + file)
		if want := "Could not add SSH Key:\n  Error: " + want + "\n"; got.code != exitSoftware || got.err != want {
			t.Errorf("%s: exit %d, %q, want %q", file, got.code, got.err, want)
		}
	}
	s.wantErr("auth-source ldap create --name x --host y --cacert-file /nowhere/ca", exitSoftware,
		"Could not create the Auth Source:\n  Error: No such file or directory @ rb_sysopen - /nowhere/ca\n")
	s.wantErr("--output-file ./nowhere/f user list", exitUsage,
		"Error: Option '--output-file': No such file or directory @ rb_sysopen - ./nowhere/f.\n\nSee: 'hammer --help'.\n")
}

// Registration tokens are in no list; where the server has them, their commands work.
func TestRegistrationTokens_AreInNoList(t *testing.T) {
	s := newStage(t)
	for _, line := range []string{"user --help", "full-help", "--autocomplete 'hammer user r'"} {
		if got := s.run(line); got.code != 0 || strings.Contains(got.out, "registration-tokens") {
			t.Errorf("%s: exit %d: %.200s", line, got.code, got.out)
		}
	}
	s.expect("user registration-tokens invalidate --user admin", 0,
		"Successfully invalidated registration tokens for admin.\n")
	v, err := value.ParseJSON(s.peer.doc)
	if err != nil {
		t.Fatal(err)
	}
	value.AsObject(value.AsObject(value.AsObject(v).Get("docs")).Get("resources")).Remove("registration_tokens")
	s.peer.doc = value.CompactJSON(v)
	s.peer.checksum = "without"
	s.wantErr("user registration-tokens invalidate --user x2", exitUsage, "Unrecognised option '--user'.")
	s.wantErr("user registration-tokens invalidate-multiple --search x", exitUsage, "Unrecognised option '--search'.")
	s.wantErr("user registration-tokens invalidate", exitSoftware, "does not support such operation.")
}

// Audits show the request and every change; lists stay lists, and null and false are texts.
func TestAudits_ShowTheRequestAndEveryChange(t *testing.T) {
	s := newStage(t)
	s.peer.gone = true // so that the built-in document counts, which has audits
	s.peer.rows["audits"] = []*value.Object{value.NewObject("id", 7, "request_uuid", "abc-def", "audited_changes",
		value.NewObject("name", "x", "ids", []any{value.Number("1")}, "on", []any{false, true},
			"text", []any{nil, "a\nb"}, "lists", []any{[]any{value.Number("1")}, []any{}}, "gone", nil))}
	s.expect("audit info --id 7 --fields Id,'Request UUID','Audited changes'", 0, `Id:              7
Request UUID:    abc-def
Audited changes: `+`
 1) Attribute: name
    Value:     x
 2) Attribute: ids
    Old:       `+`
      1
 3) Attribute: on
    Old:       `+`
      false
    New:       `+`
      true
 4) Attribute: text
    Old:       `+`
      `+`
    New:       `+`
      a
      b
 5) Attribute: lists
    Old:       `+`
      [1]
    New:       `+`
      []

`)
	s.expect("--output json audit info --id 7 --fields 'Audited changes/Old','Audited changes/New'", 0, `{
  "Audited changes": {
    "1": {
    },
    "2": {
      "Old": 1
    },
    "3": {
      "Old": "false",
      "New": true
    },
    "4": {
      "Old": "",
      "New": "a\nb"
    },
    "5": {
      "Old": [
        1
      ],
      "New": [

      ]
    }
  }
}
`)
	s.expect("--csv audit list", 0, "Id,User,Audit record\n7,,\n")
	s.expect("--csv audit list --fields ALL", 0, "Id,User,Audit record,Request UUID\n7,,,abc-def\n")
	for _, action := range []string{"create", "destroy"} { // one value of each attribute
		s.peer.rows["audits"] = []*value.Object{value.NewObject("id", 7, "action", action, "audited_changes",
			value.NewObject("role_ids", []any{value.Number("5"), value.Number("10"), value.Number("2")}, "ids", []any{}))}
		s.expect("audit info --id 7 --fields 'Audited changes'", 0, "Audited changes: \n 1) Attribute: role_ids\n"+
			"    Value:     [5, 10, 2]\n 2) Attribute: ids\n    Value:     []\n\n")
	}
}

// Credentials that were given count, also empty ones; the password of a file belongs to the file's user.
func TestCredentials_ThatAreEmpty(t *testing.T) {
	s := newStage(t)
	given := s.environ
	for _, c := range []struct{ environ, line, who string }{
		{"", "-u '' -p '' user list", ""}, {"", "-u '' user list", ""}, {"", "-p '' user list", "admin"},
		{"", "--username= --password= user list", ""}, {"", "-u jdoe user list", "jdoe"},
		{"FOREMAN_USERNAME=", "user list", ""}, {"ROSTER_USERNAME=", "user list", ""},
		{"FOREMAN_PASSWORD=", "user list", "admin"}, {"ROSTER_PASSWORD=", "user list", "admin"},
	} {
		s.environ = given
		if c.environ != "" {
			s.environ = append(given[:len(given):len(given)], c.environ)
		}
		s.wantErr(c.line, exitUnauthorized, "Unable to authenticate user "+c.who+"\nInvalid username or password.\n")
	}
	s.environ = given
	s.wantErr("-s '' user list", exitConfig, `"" is no address of a server`)
	s.expect("-u NIL user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
	s.expect("-u jdoe auth status", 0, "Credentials are not configured.\n")
	s.expect("-u admin auth status", 0, "Using configured credentials for user 'admin'.\n")
	s.expect("-u '' -p '' auth status", 0, "Using configured credentials for user ''.\n")
}

// A file of the output has results only. What is said of them stays on the standard output.
func TestOutputFile_HasResultsOnly(t *testing.T) {
	s := newStage(t)
	const page = "Page 1 of 2 (use --page and --per-page for navigation).\n"
	for line, want := range map[string][2]string{
		"user list --fields Login --per-page 1": {"-----\nLOGIN\n-----\nadmin\n-----\n", page},
		"user delete --id 4":                    {"", "User [jdoe] deleted.\n"},
		"defaults add --param-name a --param-value 1": {"",
			"Added a default-option with value 1.\n"},
		"--csv role update --id 2 --new-name x": {"", "Message,Id,Name\nUser role [x] updated.,2,x\n"},
		"--output yaml role update --id 2":      {"", "---\n:message: Nothing to update.\n:id: 2\n:name: Viewer\n"},
		"--version":                             {"", "roster 1\n"},
	} {
		s.peer.reset(t)
		if err := os.WriteFile("f", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		got := s.run("--output-file f " + line)
		if raw, _ := os.ReadFile("f"); got.code != 0 || got.out != want[1] || string(raw) != want[0] {
			t.Errorf("%s: exit %d, stdout %q, the file holds %q; want %q", line, got.code, got.out, raw, want)
		}
	}
	for _, line := range []string{"user --help", "full-help"} {
		if got := s.run("--output-file f " + line); !strings.Contains(got.out, "Usage:") {
			t.Errorf("%s: stdout %q", line, got.out)
		}
	}
}

// Headings are hammer's.
func TestFailures_OfBookmarks(t *testing.T) {
	s := newStage(t)
	s.wantErr("bookmark update --id 99 --query x", exitNotFound, "Failed to update  bookmark:\n  ")
	s.wantErr("bookmark delete --id 99", exitNotFound, "Failed to delete bookmark:\n  ")
	s.wantErr("bookmark create --controller users --query x", exitUsage, "Failed to create  bookmark:\n  ")
	s.wantErr("user-group delete --id err-400", exitData,
		"Could not delete the user group:\n  400 Bad Request\n    Sample message\n")
}

// A session stays until another one takes its place.
func TestSessions_SurviveAFailedLogin(t *testing.T) {
	s := newStage(t)
	s.peer.sessions = true
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n  :use_sessions: true\n")
	s.wantErr("auth login basic -u bob -p wrong", exitUnauthorized,
		"Unable to authenticate user bob\nInvalid username or password.\n")
	s.expect("auth login basic -u admin -p changeme", 0, "Successfully logged in as 'admin'.\n")
	const stays = "Invalid credentials, continuing with session for 'admin'.\n"
	for _, line := range []string{"auth login basic -u bob -p wrong", "auth login basic -u admin -p wrong",
		"auth login basic -u admin -p ''", "auth login basic -u '' -p ''", "auth login basic-external -u bob -p wrong",
		"auth login basic", "-u bob -p wrong user list", "-u bob user list"} {
		if got := s.run(line); got.code != exitUnauthorized || got.err != stays || got.out != "" {
			t.Errorf("%s: exit %d, %q, %q", line, got.code, got.err, got.out)
		}
		s.expect("auth status", 0, "Session exists, currently logged in as 'admin'.\n")
		s.expect("user list --fields Login --search jdoe", 0, "-----\nLOGIN\n-----\njdoe \n-----\n")
	}
	file := s.write("users.yml", "- {login: a, mail: a, auth_source: corp}\n- {login: b, mail: b, auth_source: corp}\n")
	s.wantErr("-u bob -p wrong user import "+file, exitUnauthorized, "Could not import the users:\n  "+stays)
	s.expect("auth login basic -u jdoe -p changeme", 0, "Successfully logged in as 'jdoe'.\n")
	if got := s.run("auth status"); !strings.Contains(got.out, "as 'jdoe'") {
		t.Errorf("status %q", got.out)
	}
	s.peer.sessions = false // so that a login opens none
	s.expect("auth login basic -u admin -p changeme", 0, "Successfully logged in as 'admin'.\n")
	s.expect("auth status", 0, "Credentials are not configured.\n")
	s.peer.Close()
	s.write(".hammer/sessions/http_127.0.0.1", `{"id":"s1","user_name":"admin"}`)
	if got := s.run("auth login basic -u jdoe -p changeme"); got.code == 0 {
		t.Errorf("without a server: exit %d", got.code)
	}
	s.expect("auth status", 0, "Session exists, currently logged in as 'admin'.\n")
}

// Global parameters are set, listed and deleted by name, where the server has them.
func TestGlobalParameters(t *testing.T) {
	s := newStage(t)
	s.wantErr("global-parameter list", exitSoftware, "Error: The server does not support such operation.")
	s.wantErr("global-parameter set --name a --value b", exitSoftware, "does not support such operation.")
	s.wantErr("global-parameter delete --name a", exitSoftware, "does not support such operation.")
	s.addGlobalParameters(t)
	s.expect("global-parameter set --name p2 --value v2", 0, "Created parameter [p2] with value [v2].\n",
		"GET /api/common_parameters",
		`POST /api/common_parameters {"common_parameter":{"name":"p2","value":"v2","parameter_type":"string"},"id":"p2"}`)
	s.expect("global-parameter set --name p2 --value 3 --hidden-value yes --parameter-type integer", 0,
		"Parameter [p2] updated to [3].\n", "GET /api/common_parameters",
		`PUT /api/common_parameters/p2 {"common_parameter":{"name":"p2","value":"3","parameter_type":"integer",`+
			`"hidden_value":true}}`)
	s.expect("--csv global-parameter list", 0, "Name,Value,Type\np1,v1,string\np2,3,integer\n",
		"GET /api/common_parameters?page=1&per_page=1000")
	s.expect("global-parameter delete --name p2", 0, "Global parameter [p2] deleted.\n",
		"DELETE /api/common_parameters/p2")
	s.wantErr("global-parameter delete --name p9", exitNotFound, "Could not delete the global parameter []:\n  ")
	s.wantErr("global-parameter delete", exitUsage, "Missing arguments for '--id'.")
	s.wantErr("global-parameter set --name x", exitUsage, "Option --value is required")
	s.wantErr("global-parameter set --name x --value 1 --parameter-type foo", exitUsage, "Value must be one of 'string'")
	s.wantErr("global-parameter set --name x --value 1 --location-id 3", exitUsage, "Unrecognised option '--location-id'")
}

// addGlobalParameters gives the server one global parameter, and the documentation of them.
func (s *stage) addGlobalParameters(t *testing.T) {
	t.Helper()
	const methods = `{"methods":[
		{"name":"index","apis":[{"api_url":"/api/common_parameters","http_method":"GET"}],"params":[
			{"name":"search","expected_type":"string"},{"name":"page","expected_type":"numeric"},
			{"name":"per_page","expected_type":"string"}]},
		{"name":"create","apis":[{"api_url":"/api/common_parameters","http_method":"POST"}],"params":[
			{"name":"common_parameter","expected_type":"hash","required":true,"params":[
				{"name":"name","expected_type":"string","required":true},
				{"name":"value","expected_type":"string","required":true}]}]},
		{"name":"update","apis":[{"api_url":"/api/common_parameters/:id","http_method":"PUT"}],"params":[
			{"name":"id","expected_type":"string","required":true}]},
		{"name":"destroy","apis":[{"api_url":"/api/common_parameters/:id","http_method":"DELETE"}],"params":[
			{"name":"id","expected_type":"string","required":true}]}]}`
	added, err := value.ParseJSON([]byte(methods))
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(s.peer.doc)
	if err != nil {
		t.Fatal(err)
	}
	value.AsObject(value.AsObject(value.AsObject(v).Get("docs")).Get("resources")).Set("common_parameters", added)
	s.peer.doc = value.CompactJSON(v)
	s.peer.checksum = "with"
	s.peer.rows["common_parameters"] = []*value.Object{value.NewObject("id", 1, "name", "p1", "value", "v1",
		"parameter_type", "string", "hidden_value", false)}
}
