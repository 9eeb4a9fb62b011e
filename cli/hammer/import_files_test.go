package hammer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

// What spreadsheets write is read, whatever their line ends, separators and empty cells.
func TestImport_WhatSpreadsheetsWrite(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	for name, content := range map[string]string{
		"LF":                 "login,mail,auth_source\nann,a@x,corp\nben,b@x,corp\n",
		"CR":                 "login,mail,auth_source\rann,a@x,corp\rben,b@x,corp\r",
		"CR, no last one":    "login,mail,auth_source\rann,a@x,corp\rben,b@x,corp",
		"CR LF":              "login,mail,auth_source\r\nann,a@x,corp\r\nben,b@x,corp\r\n",
		"CR CR LF":           "login,mail,auth_source\r\r\nann,a@x,corp\r\r\nben,b@x,corp\r\r\n",
		"mixed":              "login,mail,auth_source\rann,a@x,corp\r\nben,b@x,corp\n",
		"empty lines":        "login,mail,auth_source\r\rann,a@x,corp\r\r\rben,b@x,corp\r",
		"quoted cells":       "\"login\",\"mail\",\"auth_source\"\r\"ann\",\"a@x\",\"corp\"\r\"ben\",\"b@x\",\"corp\"\r",
		"semicolons":         "login;mail;auth_source\nann;a@x;corp\nben;b@x;corp\n",
		"quoted semicolons":  "\"login\";\"mail\";\"auth_source\"\n\"ann\";a@x;corp\nben;b@x;corp\n",
		"tabs":               "login\tmail\tauth_source\r\nann\ta@x\tcorp\r\nben\tb@x\tcorp\r\n",
		"bars":               "login|mail|auth_source\nann|a@x|corp\nben|b@x|corp\n",
		"sep=;":              "sep=;\nlogin;mail;auth_source\nann;a@x;corp\nben;b@x;corp\n",
		"SEP=; CR LF, BOM":   bom + "SEP=;\r\nlogin;mail;auth_source\r\nann;a@x;corp\r\nben;b@x;corp\r\n",
		"sep=tab":            "sep=\t\rlogin\tmail\tauth_source\rann\ta@x\tcorp\rben\tb@x\tcorp\r",
		"quoted sep=:":       "\"sep=:\"\nlogin:mail:auth_source\nann:a@x:corp\nben:b@x:corp\n",
		"sep=,":              "sep=,\nlogin,mail,auth_source\nann,a@x,corp\nben,b@x,corp\n",
		"two empty columns":  "login,mail,auth_source,,\nann,a@x,corp,,\nben,b@x,corp,,\n",
		"empty columns amid": "login,,mail, ,auth_source,\nann,,a@x,,corp,\nben,,b@x,  ,corp,\n",
		"short rows":         "login,mail,auth_source,,\nann,a@x,corp\nben,b@x,corp,\n",
		"long rows":          "login,mail,auth_source\nann,a@x,corp,,,\nben,b@x,corp, \n",
		"empty rows":         "login,mail,auth_source\n,,\nann,a@x,corp\n , ,\nben,b@x,corp\n,,\n,,\n   \n\"\",,\n",
		"semicolons, empty":  "login;mail;auth_source;;\nann;a@x;corp;;\n;;;;\nben;b@x;corp;;\n",
		"UTF-16":             "\xff\xfe" + wide("login\tmail\tauth_source\r\nann\ta@x\tcorp\r\nben\tb@x\tcorp\r\n") + "\x00",
		"UTF-16, big endian": "\xfe\xff\x00" + wide("login;mail;auth_source\nann;a@x;corp\nben;b@x;corp\n"),
		"blanks in names":    " login , mail,auth_source \nann,a@x,corp\nben,b@x,corp\n",
	} {
		s := newStage(t)
		file := s.write("users.csv", content)
		for _, line := range []string{"user import " + file + " --dry-run", "user import " + file} {
			want := "2 created, 0 updated, 0 done before, 0 refused.\n"
			if strings.HasSuffix(line, "--dry-run") {
				want = "2 would be created, 0 would be updated, 0 done before, 0 refused.\n"
			}
			if got := s.run(line); got.code != 0 || got.out != want {
				t.Errorf("%s: %s: exit %d, %q, %q", name, line, got.code, got.out, got.err)
			}
		}
		if got := s.peer.find("users", "ben", value.NewObject()); got.Get("mail") != "b@x" {
			t.Errorf("%s: the mail of ben is %q", name, got.Get("mail"))
		}
	}
}

// wide puts a zero between the bytes of a text.
func wide(text string) string { return strings.Join(strings.Split(text, ""), "\x00") }

// A file that is not understood is refused as a whole, with a reason, and nothing of it is done.
func TestImport_FilesThatAreNotUnderstood(t *testing.T) {
	const hint = "--csv-separator says which"
	for content, want := range map[string]string{
		"":                                   "there is no header",
		"\n\r\n":                             "there is no header",
		"sep=;\n":                            "there is no header",
		"loginn,auth_source\n":               `there is no column "loginn"`,
		"loginn,auth_source\r":               `there is no column "loginn"`,
		"loginn;auth_source\n":               `there is no column "loginn"`,
		"mail,auth_source\n":                 `there is no column "login"`,
		"login:mail:auth_source\na:b:corp\n": hint,
		"login^mail^auth_source\r":           hint,
		"sep=,\nlogin;mail\na;b\n":           hint,
		"login,mail,login\na,b,c\n":          `the column "login" is there twice`,
		"login,mail,,\na,b,c,\n":             `row 1: the column 3 has no name, but the value "c"`,
		"login,mail\na,b\nb,c,d\n":           `row 2: the column 3 has no name, but the value "d"`,
		"login,mail\n,\na\n":                 "row 2 has 1 cells, and the header 2",
		"login,mail\na,\"b\n":                `extraneous or missing "`,
	} {
		s := newStage(t)
		file := s.write("users.csv", content)
		for _, line := range []string{"user import ", "user import --dry-run ", "user import --upsert "} {
			got := s.run(line + file)
			if got.code != exitData || !strings.Contains(got.err, want) || got.out != "" || len(got.requests) > 0 {
				t.Errorf("%s%q: exit %d, %q, %q, %q; want %q", line, content, got.code, got.out, got.err, got.requests,
					want)
			}
		}
	}
}

// A separator may be named, before the command or behind it, for imports and exports.
func TestImport_SeparatorThatIsNamed(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login:mail:auth_source\nann:a@x:corp\n")
	s.expect("user import "+file+" --csv-separator :", 0, "1 created, 0 updated, 0 done before, 0 refused.\n")
	s.expect("--csv-separator : user import --upsert "+file, 0, "0 created, 1 updated, 0 done before, 0 refused.\n")
	s.expect("--csv-separator ; user import --upsert "+s.write("commas.csv", "login,mail,auth_source\nann,a@x,corp\n"), 0,
		"0 created, 1 updated, 0 done before, 0 refused.\n")
	s.wantErr("--csv-separator : user import --csv-separator ; "+file, exitData, "--csv-separator says which")
	s.wantErr("user import --csv-separator :: "+file, exitUsage, `the separator "::" is not one character`)
	s.wantErr("user import --csv-separator '' "+file, exitUsage, `the separator "" is not one character`)
	s.wantErr(`user export --csv-separator '"'`, exitUsage, "is not one character")
	for _, separator := range []string{";", "tab", "|", "§"} {
		exported := filepath.Join(s.home, "out.csv")
		s.peer.rows["auth_sources"][0].Set("name", "Internal")
		for _, line := range []string{"user export --csv-separator " + separator, "--csv-separator " + separator +
			" user export"} {
			if got := s.run(line + " --file " + exported); got.code != 0 {
				t.Fatalf("%s: exit %d, %q", line, got.code, got.err)
			}
			raw, _ := os.ReadFile(exported)
			if !strings.HasPrefix(string(raw), "login"+strings.ReplaceAll(separator, "tab", "\t")+"firstname") {
				t.Errorf("%s: %q", line, raw)
			}
			got := s.run("user import --upsert --csv-separator " + separator + " " + exported)
			if got.code != 0 || !strings.HasPrefix(got.out, "0 created, 3 updated") {
				t.Errorf("%s: exit %d, %q, %q", separator, got.code, got.out, got.err)
			}
		}
	}
}

// A login in another case, or with blanks around it, is the same user's: to updates, to dry runs and to servers.
func TestImport_LoginsInAnotherCase(t *testing.T) {
	for _, login := range []string{"Eva.M", "eva.m", "EVA.M", " Eva.M ", "\"\teva.m\"", "\u00a0eva.m"} {
		s := newStage(t)
		s.named("users", "Eva.M", "Eva.M2", "xeva.m")
		s.peer.exact = true
		file := s.write("users.csv", "login,lastname,auth_source\n"+login+",new,corp\n")
		s.expect("user import --dry-run --upsert "+file, 0,
			"0 would be created, 1 would be updated, 0 done before, 0 refused.\n")
		if got := s.run("user import --dry-run " + file); got.code != exitData ||
			!strings.Contains(got.out, "Login has already been taken") {
			t.Errorf("%q: exit %d, %q", login, got.code, got.out)
		}
		s.expect("user import --upsert "+file, 0, "0 created, 1 updated, 0 done before, 0 refused.\n")
		if eva := s.peer.rows["users"][2]; eva.Get("login") != "Eva.M" || eva.Get("lastname") != "new" {
			t.Errorf("%q: %s", login, value.CompactJSON(eva))
		}
	}
	s := newStage(t)
	s.peer.exact = true
	file := s.write("users.csv", "login,auth_source\n Bob ,corp\nbob,corp\nB*b,corp\n")
	s.expect("user import --dry-run --upsert "+file, 0,
		"2 would be created, 1 would be updated, 0 done before, 0 refused.\n")
	s.expect("user import --workers 1 --upsert "+file, 0, "2 created, 1 updated, 0 done before, 0 refused.\n")
	if got := s.peer.rows["users"][2].Get("login"); got != "Bob" {
		t.Errorf("the login is %q", got)
	}
}

// NIL clears, and the word NIL is a text with a backslash before it; in JSON and YAML null clears.
func TestImport_TheWordNIL(t *testing.T) {
	for content, want := range map[string]string{
		"login,firstname\njdoe,NIL\n":            `{"login":"jdoe","firstname":null}`,
		"login,firstname\njdoe,\\NIL\n":          `{"login":"jdoe","firstname":"NIL"}`,
		"login,firstname\njdoe,\\\\NIL\n":        `{"login":"jdoe","firstname":"\\NIL"}`,
		"login,firstname\njdoe,nil\n":            `{"login":"jdoe","firstname":"nil"}`,
		"login,roles\njdoe,NIL\n":                `{"login":"jdoe","role_ids":[]}`,
		"login,roles\njdoe,\\NIL\n":              `{"login":"jdoe","role_ids":[50]}`,
		"login,roles\njdoe,\"Viewer,NIL\"\n":     `{"login":"jdoe","role_ids":[2,50]}`,
		"login,roles\njdoe,NIL;Viewer\n":         `{"login":"jdoe","role_ids":[50,2]}`,
		"login,roles\njdoe,\"\"\"NIL\"\"\"\n":    `{"login":"jdoe","role_ids":[50]}`,
		"login,default_location\njdoe,NIL\n":     `{"login":"jdoe","default_location_id":null}`,
		`[{"login":"jdoe","firstname":"NIL"}]`:   `{"login":"jdoe","firstname":"NIL"}`,
		`[{"login":"jdoe","firstname":null}]`:    `{"login":"jdoe","firstname":null}`,
		`[{"login":"jdoe","roles":["NIL"]}]`:     `{"login":"jdoe","role_ids":[50]}`,
		`[{"login":"jdoe","roles":null}]`:        `{"login":"jdoe","role_ids":[]}`,
		`[{"login":"jdoe","firstname":"\\NIL"}]`: `{"login":"jdoe","firstname":"\\NIL"}`,
		"- login: jdoe\n  lastname: NIL\n":       `{"login":"jdoe","lastname":"NIL"}`,
		"- login: jdoe\n  lastname:\n":           `{"login":"jdoe","lastname":null}`,
	} {
		s := newStage(t)
		s.named("roles", "NIL")
		s.sends(t, content, want)
	}
}

// sends fails unless an update by a file sends this.
func (s *stage) sends(t *testing.T, content, want string) {
	t.Helper()
	name := "users.csv"
	switch content[0] {
	case '[':
		name = "users.json"
	case '-':
		name = "users.yml"
	}
	got := s.run("user import --upsert " + s.write(name, content))
	want = `PUT /api/users/4 {"user":` + want + `}`
	if last := got.requests[len(got.requests)-1]; got.code != 0 || last != want {
		t.Errorf("%q: exit %d, %s\nwant %s\n%s%s", content, got.code, last, want, got.out, got.err)
	}
}

// A cell of several names is split outside of quotation marks, and a cell of one name is not split.
func TestImport_NamesInCells(t *testing.T) {
	for content, want := range map[string]string{
		"login,roles\njdoe,\"\"\"a;b\"\"\"\n":                      `"role_ids":[50]`,
		"login,roles\njdoe,\"\"\"a;b\"\";Viewer\"\n":               `"role_ids":[50,2]`,
		"login,roles\njdoe,\"x,y;z\"\n":                            `"role_ids":[51,52]`,
		"login,roles\njdoe,\"\"\"Ops, Night\"\",Viewer\"\n":        `"role_ids":[53,2]`,
		"login,roles\njdoe,\" Viewer , x ,,\"\n":                   `"role_ids":[2,51]`,
		"login,roles\njdoe,a\\;b\n":                                `"role_ids":[50]`,
		"login,roles\njdoe,\"'a;b'; Viewer\"\n":                    `"role_ids":[50,2]`,
		"login,default_organization\njdoe,\"Smith, Jones\"\n":      `"default_organization_id":50`,
		"login,default_organization\njdoe,a;b\n":                   `"default_organization_id":51`,
		"login,default_organization\njdoe,\"say \"\"x\"\"\"\n":     `"default_organization_id":52`,
		"login,default_organization\njdoe,c\\d\n":                  `"default_organization_id":53`,
		"login,default_organization\njdoe, ACME \n":                `"default_organization_id":1`,
		"login;default_organization\njdoe;Smith, Jones\n":          `"default_organization_id":50`,
		`[{"login":"jdoe","default_organization":"Smith, Jones"}]`: `"default_organization_id":50`,
		`[{"login":"jdoe","roles":["a;b","x"]}]`:                   `"role_ids":[50,51]`,
		`[{"login":"jdoe","roles":"x,y;z"}]`:                       `"role_ids":[51,52]`,
		"login,auth_source\njdoe,\"AD, West\"\n":                   `"auth_source_id":50`,
	} {
		s := newStage(t)
		s.named("roles", "a;b", "x", "y;z", "Ops, Night")
		s.named("organizations", "Smith, Jones", "a;b", `say "x"`, `c\d`)
		s.named("auth_sources", "AD, West")
		s.sends(t, content, `{"login":"jdoe",`+want+`}`)
	}
	s := newStage(t)
	for content, want := range map[string]string{
		"login,roles,mail\nx,\"\"\"open\",m\n":         "roles: illegal quoting in",
		`[{"login":"x","auth_source":["a","b"]}]`:      "auth_source: there is more than one name",
		"login,roles,mail\nx,CORP\\\\admins,m\n":       `role "CORP\\admins" not found`,
		"login,auth_source\nx,\"AD, East\"\n":          `auth source "AD, East" not found`,
		"login,roles,auth_source\nx,viewer,corp\n":     `role "viewer" not found`,
		"login,organizations,auth_source\nx,\\,corp\n": "illegal quoting",
		"login,default_location,mail\nx,BRNO\\,x@\n":   `location "BRNO\\" not found`,
	} {
		name := "users.csv"
		if content[0] == '[' {
			name = "users.json"
		}
		got := s.run("--csv user import " + s.write(name, content))
		if got.code != exitData || !strings.Contains(strings.ReplaceAll(got.out, `""`, `"`), want) {
			t.Errorf("%q: exit %d, %q, want %q", content, got.code, got.out, want)
		}
	}
}

// A user needs no mail, whatever the documentation says; a source is needed.
func TestImport_WithoutMail(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login,auth_source\nnomail1,corp\nnosource,\n")
	for _, more := range []string{" --dry-run", ""} {
		got := s.run("--csv user import " + file + more)
		if got.out != "Row,Login,Reason\n2,nosource,Missing arguments for '--auth-source-id'.\n" || got.code != exitData {
			t.Errorf("%s: exit %d, %q, %q", more, got.code, got.out, got.err)
		}
	}
	if s.peer.find("users", "nomail1", value.NewObject()) == nil {
		t.Error("the user is not there")
	}
	s.wantErr("user create --login x --auth-source corp", exitUsage, "Missing arguments for '--mail'.")
}
