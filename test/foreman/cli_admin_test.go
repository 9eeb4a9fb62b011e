package foreman

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/cli/hammer"
)

// shell runs command lines of Roster's own command line against the server, as somebody with an empty home directory.
type shell struct {
	s       *server
	home    string
	environ []string
}

func shellOf(s *server, login, password string) *shell {
	s.T.Helper()
	home := s.T.TempDir()
	return &shell{s, home, []string{"HOME=" + home, "ROSTER_URL=" + s.URL, "ROSTER_USERNAME=" + login,
		"ROSTER_PASSWORD=" + password}}
}

func (sh *shell) try(args ...string) (out, errs string, code int) {
	sh.s.T.Helper()
	var o, e bytes.Buffer
	code = hammer.Run(sh.s.T.Context(), hammer.Options{Args: args, Environ: sh.environ, Program: "roster",
		Version: "test", Stdout: &o, Stderr: &e})
	return o.String(), e.String(), code
}

// says fails unless a command line succeeds and prints this.
func (sh *shell) says(want string, args ...string) {
	sh.s.T.Helper()
	if out, errs, code := sh.try(args...); code != 0 || out != want {
		sh.s.T.Errorf("%q: exit %d, %q, stderr %q; want %q", args, code, out, errs, want)
	}
}

// refuses fails unless a command line ends with this code and tells this.
func (sh *shell) refuses(code int, part string, args ...string) {
	sh.s.T.Helper()
	if out, errs, got := sh.try(args...); got != code || !strings.Contains(errs, part) || out != "" {
		sh.s.T.Errorf("%q: exit %d, %q, stderr %q; want exit %d and %q", args, got, out, errs, code, part)
	}
}

// An administrator's day: everything that is made is found again, by name, in the form that was asked for.
func TestCommandLine_AdministratorsDay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.says("Organization created.\n", "organization", "create", "--name", "Brno", "--description", "the office")
		sh.says("Location created.\n", "location", "create", "--name", "Building A", "--organizations", "Brno")
		sh.says("Parameter [color] created with value [blue]\n", "organization", "set-parameter", "--organization",
			"Brno", "--name", "color", "--value", "blue")
		sh.says("Parameter [color] updated to value [red]\n", "organization", "set-parameter", "--organization", "Brno",
			"--name", "color", "--value", "red")
		sh.says("Parameter [color] deleted.\n", "organization", "delete-parameter", "--organization", "Brno", "--name",
			"color")
		sh.says("Created parameter [region] with value [north].\n", "global-parameter", "set", "--name", "region",
			"--value", "north")
		sh.says("Parameter [region] updated to [[\"a\", 1]].\n", "global-parameter", "set", "--name", "region",
			"--value", `["a", 1]`, "--parameter-type", "array")
		sh.says("Name,Value,Type\nregion,\"[\"\"a\"\", 1]\",array\n", "--csv", "global-parameter", "list")
		sh.says("Global parameter [region] deleted.\n", "global-parameter", "delete", "--name", "region")
		sh.says("User role [Desk] created.\n", "role", "create", "--name", "Desk")
		sh.says("Permission filter for [User] created.\n", "filter", "create", "--role", "Desk", "--permissions",
			"view_users,edit_users", "--search", "admin = false")
		sh.says("User [ann] created.\n", "user", "create", "--login", "ann", "--mail", "ann@example.com",
			"--auth-source", "Internal", "--password", "first secret 1", "--organizations", "Brno",
			"--default-organization", "Brno")
		sh.says("User group [desk] created.\n", "user-group", "create", "--name", "desk", "--roles", "Desk",
			"--users", "ann")
		sh.says("User role has been assigned.\n", "user", "add-role", "--login", "ann", "--role", "Viewer")
		sh.says("Login,Email,Admin\nann,ann@example.com,false\n", "--csv", "user", "list", "--organization", "Brno",
			"--search", "usergroup = desk", "--fields", "Login,Email,Admin")
		sh.says("-----\nLOGIN\n-----\nann  \n-----\n", "user", "list", "--user-group", "desk", "--fields", "Login")
		sh.says("User [ann] updated.\n", "user", "update", "--login", "ann", "--firstname", "Ann", "--locale", "de")
		sh.says("User group [helpdesk] updated.\n", "user-group", "update", "--name", "desk", "--new-name", "helpdesk")
		sh.says("The user has been disassociated.\n", "user-group", "remove-user", "--name", "helpdesk", "--user",
			"ann")
		sh.refuses(70, "There is no user \"nobody\".", "user", "delete", "--login", "nobody")
		sh.refuses(128, "not found", "user", "delete", "--id", "4711")
		sh.refuses(65, "Could not create the user group:\n  Name has already been taken", "user-group", "create",
			"--name", "helpdesk")
		sh.refuses(64, "Missing arguments for '--login', '--mail'.", "user", "create", "--auth-source", "Internal")

		var shown struct {
			Login                string
			Roles, Organizations []struct{ Name string }
			Default              struct{ Name string } `json:"Default organization"`
		}
		out, errs, code := sh.try("--output", "json", "user", "info", "--login", "ann")
		if err := json.Unmarshal([]byte(out), &shown); err != nil || code != 0 || shown.Login != "ann" ||
			shown.Default.Name != "Brno" || fmt.Sprint(shown.Roles, shown.Organizations) != "[{Viewer}] [{Brno}]" {
			t.Errorf("exit %d, %v, %+v, stderr %q", code, err, shown, errs)
		}
		sh.says("User [ann] deleted.\n", "user", "delete", "--login", "ann")
	})
}

// People without rights are told which they lack, and their own password is proven when they change it.
func TestCommandLine_Rights(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		shellOf(s, "admin", adminPassword).says("User [eve] created.\n", "user", "create", "--login", "eve", "--mail",
			"eve@example.com", "--auth-source", "Internal", "--password", "first secret 1")
		sh := shellOf(s, "eve", "first secret 1")
		sh.refuses(77, "Missing one of the required permissions: destroy_users", "user", "delete", "--id", "1")
		sh.refuses(129, "Invalid username or password.", "-p", "wrong", "user", "list")
		me := s.Admin().Get("/api/users/eve").Int("id")
		sh.says("User [eve] updated.\n", "user", "update", "--id", fmt.Sprint(me), "--password", "second secret 2")
		sh.refuses(129, "Invalid username or password.", "user", "list")
	})
}

// A file of users goes in, comes out, and goes in again without a change.
func TestCommandLine_ImportAndExport(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.says("Organization created.\n", "organization", "create", "--name", "Brno")
		var file strings.Builder
		file.WriteString("login,firstname,mail,auth_source,organizations,roles\n")
		for i := range 250 {
			fmt.Fprintf(&file, "imp%d,Žofie,imp%d@example.com,External,Brno,Viewer\n", i, i)
		}
		file.WriteString("bad,Bad,nowhere,External,Brno,Viewer\n")
		name := filepath.Join(sh.home, "users.csv")
		if err := os.WriteFile(name, []byte(file.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, errs, code := sh.try("user", "import", name)
		if code != 65 || !strings.Contains(out, "line 252 (bad): Email address is invalid\n") ||
			!strings.HasSuffix(out, "250 created, 0 updated, 0 done before, 1 refused.\n") {
			t.Errorf("import: exit %d\n%s%s", code, out, errs)
		}
		out, _, _ = sh.try("user", "import", name)
		if !strings.HasSuffix(out, "0 created, 0 updated, 250 done before, 1 refused.\n") {
			t.Errorf("again: %s", out)
		}
		exported := filepath.Join(sh.home, "out.yml")
		sh.says("250 users written to "+exported+".\n", "user", "export", "--search", "login ~ imp", "--file", exported)
		sh.says("0 created, 0 updated, 250 unchanged, 0 refused.\n", "user", "import", exported, "--upsert")
	})
}

// What a file of users names is a text, not a piece of a search: a role whose name looks like one gives that role.
func TestCommandLine_ImportedNamesAreTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		named := `x" or name = "System admin`
		odd := s.NewRole(named, "view_users")
		holder := s.User("holder", object{"role_ids": []int64{odd}})
		for _, form := range []string{"csv", "json", "yml"} {
			file := filepath.Join(sh.home, "users."+form)
			sh.says("1 users written to "+file+".\n", "user", "export", "--search", "login = holder", "--file", file)
			s.Admin().Put("/api/users/holder", object{"user": object{"role_ids": []int64{}}}).Expect(200)
			sh.says("0 created, 1 updated, 0 unchanged, 0 refused.\n", "user", "import", file, "--upsert")
			if got := rolesOf(s, holder); !slices.Equal(got, []string{"Default role", named}) {
				t.Errorf("%s: the roles are %q", form, got)
			}
		}
	})
}

// A name with a backslash or a quotation mark is that of one record: never that of the record without it.
func TestCommandLine_NamesAreExactlyThose(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		joe := s.User("corpjoe")
		sh.refuses(70, "There is no user \"corp\\joe\".", "user", "delete", "--login", `corp\joe`)
		sh.refuses(70, "There is no user \"corp\\joe\".", "user", "update", "--login", `corp\joe`, "--description", "x")
		s.Admin().Get("/api/users/corpjoe").Expect(200)
		for _, name := range []string{`c\d`, `a"b`, `R&D \ West`} {
			near := strings.NewReplacer(`\`, "", `"`, "").Replace(name)
			sh.says("User role ["+near+"] created.\n", "role", "create", "--name", near)
			sh.says("User role ["+name+"] created.\n", "role", "create", "--name", name)
			sh.says("Organization created.\n", "organization", "create", "--name", near)
			sh.says("Organization created.\n", "organization", "create", "--name", name)
			listed, err := json.Marshal([]string{name})
			if err != nil {
				t.Fatal(err)
			}
			sh.says("User [corpjoe] updated.\n", "user", "update", "--login", "corpjoe", "--roles", string(listed),
				"--organizations", string(listed), "--default-organization", name)
			if got := rolesOf(s, joe); !slices.Contains(got, name) || slices.Contains(got, near) {
				t.Errorf("%s: the roles are %q", name, got)
			}
			sh.says("User role ["+name+"] deleted.\n", "role", "delete", "--name", name)
			sh.refuses(70, "There is no role \""+name+"\".", "role", "delete", "--name", name)
			sh.says("User role ["+near+"] deleted.\n", "role", "delete", "--name", near)
		}
	})
}

// A file of users finds people as the server does: without regard to case, and without a mail. What an export writes,
// an import reads, whatever the names are.
func TestCommandLine_FilesOfOddUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		file := func(name, content string) string {
			name = filepath.Join(sh.home, name)
			if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return name
		}
		s.User("Eva.M")
		eva := file("eva.csv", "login;lastname;auth_source;;\r eva.m ;Novak;Internal;;\r;;;;\r")
		sh.says("0 would be created, 1 would be updated, 0 unchanged, 0 refused.\n", "user", "import", "--dry-run",
			"--upsert", eva)
		sh.says("0 created, 1 updated, 0 unchanged, 0 refused.\n", "user", "import", "--upsert", eva)
		sh.says("Login,Name\nEva.M, Novak\n", "--csv", "user", "list", "--search", "lastname = Novak", "--fields",
			"Login,Name")
		sh.says("1 created, 0 updated, 0 done before, 0 refused.\n", "user", "import",
			file("nomail.csv", "login,auth_source\nnomail1,External\n"))
		roles := []int64{s.NewRole("NIL", "view_users"), s.NewRole("a;b", "view_roles"),
			s.NewRole(`c\d, "e"`, "view_roles")}
		holder := s.User("nil-holder", object{"role_ids": roles, "firstname": "NIL", "description": `\NIL`})
		one := s.User("one-role", object{"role_ids": roles[:1]})
		before := sh.export(t)
		for _, name := range []string{"all.csv", "all.json", "all.yml"} {
			name = filepath.Join(sh.home, name)
			sh.says("2 users written to "+name+".\n", "user", "export", "--search", "login ^ (nil-holder, one-role)",
				"--file", name)
			sh.says("0 created, 0 updated, 2 unchanged, 0 refused.\n", "user", "import", name, "--upsert")
			s.Admin().Put("/api/users/nil-holder", object{"user": object{"firstname": "x", "description": "y"}}).Expect(200)
			s.Admin().Put("/api/users/one-role", object{"user": object{"role_ids": []int64{}}}).Expect(200)
			sh.says("0 created, 2 updated, 0 unchanged, 0 refused.\n", "user", "import", name, "--upsert")
			if after := sh.export(t); after != before {
				t.Errorf("%s: users have changed from\n%s\nto\n%s", name, before, after)
			}
		}
		if got := rolesOf(s, holder); len(got) != 4 {
			t.Errorf("the roles are %q", got)
		}
		if got := rolesOf(s, one); !slices.Contains(got, "NIL") {
			t.Errorf("the roles are %q", got)
		}
	})
}

// export returns all users as the command line exports them.
func (sh *shell) export(t *testing.T) string {
	t.Helper()
	out, errs, code := sh.try("user", "export", "--format", "json", "--order", "login ASC")
	if code != 0 {
		t.Fatal(errs)
	}
	return out
}

// Custom fields from the command line: made, set by name, shown, searched, and gone.
func TestCommandLine_CustomFields(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.says("Custom field [Phone number] created.\n", "custom-field", "create", "--name", "Phone number",
			"--regexp",
			"^[0-9 ]*$", "--searchable", "yes")
		sh.says("Custom field [Teams] created.\n", "custom-field", "create", "--name", "Teams", "--field-format",
			"list",
			"--multiple", "yes", "--possible-values", "red,green,blue")
		sh.says("Custom field [Owner] created.\n", "custom-field", "create", "--name", "Owner", "--customized-type",
			"usergroup")
		sh.says("Custom field [Keeper] updated.\n", "custom-field", "update", "--name", "Owner", "--new-name", "Keeper")
		sh.says("Id,Name,Of,Format,Required,Position\n1,Phone number,user,string,false,1\n"+
			"3,Keeper,usergroup,string,false,1\n"+
			"2,Teams,user,list,false,2\n", "--csv", "custom-field", "list")
		sh.says("Name,Possible values\nTeams,\"red, green, blue\"\n", "--csv", "custom-field", "info", "--name",
			"Teams",
			"--fields", "Name,Possible values")
		sh.says("User [ann] created.\n", "user", "create", "--login", "ann", "--mail", "ann@example.com",
			"--auth-source",
			"External", "--custom-fields", "Phone number=555 1,Teams=[red,blue]")
		sh.says("Custom fields: \n    Phone number => 555 1\n    Teams => red, blue\n\n", "user", "info", "--login",
			"ann",
			"--fields", "Custom fields")
		sh.says("User [ann] updated.\n", "user", "update", "--login", "ann", "--custom-fields",
			`{"Phone number": null}`)
		sh.says("Login\nann\n", "--csv", "user", "list", "--search", "teams = blue and null? phone_number", "--fields",
			"Login")
		sh.says("User group [ops] created.\n", "user-group", "create", "--name", "ops", "--custom-fields", "Keeper=ann")
		sh.says("Custom fields: \n    Keeper => ann\n\n", "user-group", "info", "--name", "ops", "--fields",
			"Custom fields")
		sh.refuses(65, "Custom fields has no field Nonsense", "user", "update", "--login", "ann", "--custom-fields",
			"Nonsense=1")
		sh.says("Custom field [Teams] deleted.\n", "custom-field", "delete", "--name", "Teams")
	})
}
