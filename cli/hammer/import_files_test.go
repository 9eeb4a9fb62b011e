package hammer

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
		"login,mail,,\na,b,c,\n":             `line 2: the column 3 has no name, but the value "c"`,
		"login,mail\na,b\nb,c,d\n":           `line 3: the column 3 has no name, but the value "d"`,
		"login,mail\n,\na\n":                 "line 3 has 1 cells, and the header has 2",
		"login,mail\na,\"b\n":                `extraneous or missing "`,
		"login,mail\na,b \"c\"\n":            `line 2: a " stands inside a cell`,
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
	s.expect("--csv-separator : user import --upsert "+file, 0, "0 created, 0 updated, 1 unchanged, 0 refused.\n")
	s.expect("--csv-separator ; user import --upsert "+s.write("commas.csv", "login,mail,auth_source\nann,a@y,corp\n"), 0,
		"0 created, 1 updated, 0 unchanged, 0 refused.\n")
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
			for _, user := range s.peer.rows["users"] {
				user.Set("mail", "changed")
			}
			got := s.run("user import --upsert --csv-separator " + separator + " " + exported)
			if got.code != 0 || !strings.HasPrefix(got.out, "0 created, 3 updated, 0 unchanged") {
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
			"0 would be created, 1 would be updated, 0 unchanged, 0 refused.\n")
		if got := s.run("user import --dry-run " + file); got.code != exitData ||
			!strings.Contains(got.out, "Login has already been taken") {
			t.Errorf("%q: exit %d, %q", login, got.code, got.out)
		}
		s.expect("user import --upsert "+file, 0, "0 created, 1 updated, 0 unchanged, 0 refused.\n")
		if eva := s.peer.rows["users"][2]; eva.Get("login") != "Eva.M" || eva.Get("lastname") != "new" {
			t.Errorf("%q: %s", login, value.CompactJSON(eva))
		}
	}
	s := newStage(t)
	s.peer.exact = true
	file := s.write("users.csv", "login,auth_source\n Bob ,corp\nbob,corp\nB*b,corp\n")
	s.expect("user import --dry-run --upsert "+file, 0,
		"2 would be created, 0 would be updated, 1 unchanged, 0 refused.\n")
	s.expect("user import --workers 1 --upsert "+file, 0, "2 created, 0 updated, 1 unchanged, 0 refused.\n")
	if got := s.peer.rows["users"][2].Get("login"); got != "Bob" {
		t.Errorf("the login is %q", got)
	}
	// Two rows of one login that differ are two people, or a mistake: the second is refused, whatever the options.
	for _, options := range []string{"", "--upsert ", "--dry-run ", "--dry-run --upsert "} {
		s := newStage(t)
		file := s.write("users.csv", "login,lastname,auth_source\nmax,One,corp\nMAX,Two,corp\n")
		if got := s.run("user import " + options + file); got.code != exitData ||
			!strings.Contains(got.out, "line 3 (MAX): the login is in line 2 as well\n") ||
			!strings.HasSuffix(got.out, "1 refused.\n") {
			t.Errorf("%s: exit %d, %q, %q", options, got.code, got.out, got.err)
		}
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
	jdoe := s.peer.find("users", "jdoe", value.NewObject())
	jdoe.Set("firstname", "Jim")
	jdoe.Set("lastname", "Doe")
	jdoe.Set("roles", []any{value.NewObject("id", 9)})
	jdoe.Set("default_location", value.NewObject("id", 2))
	got := s.run("user import --upsert --change-auth-source " + s.write(name, content))
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

// A user needs no mail and no source, whatever the documentation says: the source is Internal then.
func TestImport_WithoutMailAndSource(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login,mail,auth_source,password\nnomail1,,corp,\nnosource,,,s3cret\nnopass,,,\n")
	for _, more := range []string{" --dry-run", ""} {
		got := s.run("--csv user import " + file + more)
		if got.out != "Line,Login,Reason\n4,nopass,password is empty: a new user of the source Internal needs one; "+
			"--generate-passwords FILE makes them\n" || got.code != exitData {
			t.Errorf("%s: exit %d, %q, %q", more, got.code, got.out, got.err)
		}
	}
	if s.peer.find("users", "nomail1", value.NewObject()) == nil {
		t.Error("the user is not there")
	}
	if got := s.peer.find("users", "nosource", value.NewObject()); value.Text(got.Get("auth_source_id")) != "1" {
		t.Errorf("the user without a source is %s", value.CompactJSON(got))
	}
	s.wantErr("user create --login x --auth-source corp", exitUsage, "Missing arguments for '--mail'.")
	s.peer.rows["auth_sources"][0].Set("name", "Other")
	if got := s.run("user import " + s.write("one.csv", "login,password\nx,y\n")); got.code != exitData ||
		!strings.HasPrefix(got.out, "line 2 (x): auth_source is empty, and the server has no source \"Internal\"\n") {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
}

// Lines are those of the file, in messages and in reports, whatever stands between the rows.
func TestImport_LinesOfTheFile(t *testing.T) {
	s := newStage(t)
	for name, c := range map[string]struct {
		content string
		line    int
	}{
		"a.csv": {"login,description,auth_source\nann,\"two\nlines\",corp\n\n,,\nbad,x,nowhere\n", 6},
		"b.csv": {"sep=;\r\nlogin;auth_source\r\nbad;nowhere\r\n", 3},
		"c.csv": {"login\tauth_source\rbad\tnowhere\r", 2},
		"a.json": {"{\n\"total\": [1,\n2],\n\"users\": [\n\t{\"login\": \"ann\",\n\"auth_source\": \"corp\"\n},\n\n" +
			"{\"login\": \"bad\", \"auth_source\": \"nowhere\"}]}", 9},
		"b.json": {"[\n{\"login\": \"bad\", \"auth_source\": \"nowhere\"}]", 2},
		"a.yml":  {"# people\n- login: ann\n  auth_source: corp\n\n- login: bad\n  auth_source: nowhere\n", 5},
		"b.yml":  {"users:\n- {login: bad, auth_source: nowhere}\n", 2},
	} {
		s.peer.reset(t)
		file := s.write(name, c.content)
		got := s.run("user import --restart --report refused.csv " + file)
		want := fmt.Sprintf("line %d (bad): auth source \"nowhere\" not found\n", c.line)
		if got.code != exitData || !strings.HasPrefix(got.out, want) {
			t.Errorf("%s: exit %d, %q, %q; want %q", name, got.code, got.out, got.err, want)
		}
		raw, _ := os.ReadFile("refused.csv")
		if want := fmt.Sprintf("Line,Login,Reason\n%d,bad,", c.line); !strings.HasPrefix(string(raw), want) {
			t.Errorf("%s: the report %q", name, raw)
		}
	}
	s.wantErr("user import "+s.write("x.csv", "sep=,\nlogin,mail\na,b\nc,\"d\n"), exitData, `line 4: extraneous or missing "`)
	s.wantErr("user import "+s.write("x.yml", "- login: a\n\n- login: b\n  emial: c\n"), exitData,
		`line 3: there is no column "emial". Did you mean mail?`)
	s.wantErr("user import "+s.write("x.json", "[\n{\"login\":\"a\"},\n3]"), exitData, "line 3: this is no object")
}

// The names of a file's columns may be others, and some may be left out.
func TestImport_ColumnsOfOtherNames(t *testing.T) {
	s := newStage(t)
	const sheet = "Login;Vorname;Nachname;E-Mail;Abteilung;Quelle\nann;Ann;Novak;ann@x;IT;corp\n"
	const names = " --map Vorname=firstname --map Nachname=lastname --map E-Mail=mail --map Quelle=auth_source"
	file := s.write("hr.csv", sheet)
	s.wantErr("user import "+file+names, exitData, `there is no column "Abteilung". Known are login,`)
	s.wantErr("user import "+file+names, exitData, "--map Abteilung=COLUMN says which one it is")
	none := s.write("none.csv", "Name;Vorname\nann;\"Anna \"\"Anni\"\"\"\n")
	s.wantErr("user import "+none, exitData, `there is no column "Name"`)
	s.expect("user import "+file+names+" --map Abteilung=", 0, "1 created, 0 updated, 0 done before, 0 refused.\n")
	ann := s.peer.find("users", "ann", value.NewObject())
	for key, want := range map[string]string{"firstname": "Ann", "lastname": "Novak", "mail": "ann@x",
		"auth_source_id": "2"} {
		if got := value.Text(ann.Get(key)); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	s.expect("user import "+s.write("bars.csv", strings.ReplaceAll(sheet, ";", "^"))+names+
		" --map Abteilung= --separator ^ --upsert", 0, "0 created, 0 updated, 1 unchanged, 0 refused.\n")
	s.expect("user import "+s.write("hr.json", `[{"Login":"ann","Quelle":"corp"}]`)+" --upsert --map Quelle=auth_source", 0,
		"0 created, 0 updated, 1 unchanged, 0 refused.\n")
	s.wantErr("user import "+file+" --map Vorname=fristname", exitUsage, `there is no column "fristname". Did you mean `+
		"firstname?")
	s.wantErr("user import "+file+" --map Vorname", exitUsage, "Value must be NAME=COLUMN")
	s.wantErr("user import "+file+" --map Vorname=login", exitData, `the column "login" is there twice`)
}

// Passwords are generated for those who need one, and written where nobody else can read them.
func TestImport_GeneratesPasswords(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login,auth_source,password\nann,,\n=ben,Internal,\ncid,corp,\ndan,,own\n")
	s.write("pw.csv", "")
	secrets := filepath.Join(s.home, "pw.csv")
	if err := os.Chmod(secrets, 0o644); err != nil {
		t.Fatal(err)
	}
	const line = "user import --workers 1 --generate-passwords "
	s.expect(line+secrets+" --dry-run "+file, 0, "4 would be created, 0 would be updated, 0 done before, 0 refused.\n")
	if raw, _ := os.ReadFile(secrets); len(raw) != 0 {
		t.Errorf("a dry run writes %q", raw)
	}
	got := s.run(line + secrets + " " + file)
	raw, _ := os.ReadFile(secrets)
	form := regexp.MustCompile(`^login,password\nann,([A-Za-z2-9]{5}-[A-Za-z2-9]{5}-[A-Za-z2-9]{5}-[A-Za-z2-9]{5})\n` +
		`'=ben,([A-Za-z2-9-]{23})\n$`)
	m := form.FindStringSubmatch(string(raw))
	if got.code != 0 || m == nil || m[1] == m[2] {
		t.Fatalf("exit %d, %q, %q", got.code, got.err, raw)
	}
	if info, _ := os.Stat(secrets); info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %o", info.Mode().Perm())
	}
	sent := strings.Join(got.requests, "\n")
	if !strings.Contains(sent, `"login":"ann","auth_source_id":1,"password":"`+m[1]+`"`) ||
		strings.Count(sent, `"password"`) != 3 {
		t.Errorf("sent %s", sent)
	}
	s.run(line + secrets + " " + s.write("more.csv", "login\neve\n"))
	raw, _ = os.ReadFile(secrets)
	if !strings.Contains(string(raw), m[1]) || !strings.Contains(string(raw), "\neve,") ||
		strings.Count(string(raw), "login,password") != 1 {
		t.Errorf("after another run: %q", raw)
	}
	s.wantErr(line+filepath.Join(t.TempDir(), "none", "pw.csv")+" "+file, exitSoftware, "no such file")
}

// Passwords go to a file of their own, not through links or to devices.
func TestImport_PasswordFilesAreTheirOwn(t *testing.T) {
	s := newStage(t)
	file := s.write("users.csv", "login\nann\n")
	link := filepath.Join(s.home, "link.csv")
	if err := os.Symlink(s.write("other.csv", ""), link); err != nil {
		t.Fatal(err)
	}
	for secrets, fault := range map[string]string{file: "has the users", link: "is not a regular file",
		"/dev/null": "is not a regular file", s.home: "is not a regular file"} {
		got := s.run("user import --workers 1 --generate-passwords " + secrets + " " + file)
		sent := strings.Join(got.requests, "\n")
		if got.code == 0 || !strings.Contains(got.err, fault) || strings.Contains(sent, "POST") {
			t.Errorf("%s: exit %d, %q", secrets, got.code, got.err)
		}
	}
	users, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	var errs strings.Builder
	code := Run(t.Context(), Options{Args: words("user import --file - --format csv --generate-passwords " + file),
		Environ: s.environ, Program: s.program, Stdin: users, Stdout: io.Discard, Stderr: &errs})
	if code == 0 || !strings.Contains(errs.String(), "has the users") {
		t.Errorf("from standard input: exit %d, %q", code, errs.String())
	}
	if raw, _ := os.ReadFile(file); string(raw) != "login\nann\n" {
		t.Errorf("the users are %q", raw)
	}
}
