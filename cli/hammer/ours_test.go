package hammer

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"roster/cli/hammer/value"
)

// rosterAs is a stage of the program by its own name, with the credentials of the administrator.
func rosterAs(t *testing.T) *stage {
	t.Helper()
	s := newRosterStage(t)
	s.environ = append(s.environ, "ROSTER_USERNAME=admin", "ROSTER_PASSWORD=changeme")
	return s
}

// A name that nothing has is told, with the one that may be meant; hammer's words are in TestNames.
func TestNames_ThatNothingHas(t *testing.T) {
	s := rosterAs(t)
	s.named("roles", "Manager", "Edit hosts")
	s.named("auth_sources", "twice", "twice")
	for line, want := range map[string]string{
		"user list --role Manger":                       `There is no role "Manger". Did you mean Manager?`,
		"user list --role Helpdesk":                     `There is no role "Helpdesk".`,
		"user info --login jdeo":                        `There is no user "jdeo". Did you mean jdoe?`,
		"user-group info --name dves":                   `There is no user group "dves". Did you mean devs?`,
		"user list --organization-title Acmee":          `There is no organization with the title "Acmee". Did you mean ACME?`,
		"user create --login n --auth-source corpp":     `There is no auth source "corpp". Did you mean corp?`,
		"user create --login n --auth-source twice":     "Found more than one auth source: use --auth-source-id 50 or --auth-source-id 51.",
		"user update --id 1 --roles Manager,Manger":     `There is no role "Manger". Did you mean Manager?` + "\n",
		"user update --id 1 --roles Edithosts,Viewer,x": `There is no role "Edithosts". Did you mean Edit hosts?` + "\n  There is no role \"x\".\n",
	} {
		s.wantErr(line, exitSoftware, want)
	}
}

// A parent is named by name or title, in either option's place.
func TestTenants_ParentByName(t *testing.T) {
	s := rosterAs(t)
	s.named("organizations", "Brno", "Sales", "Sales")
	s.peer.rows["organizations"][2].Set("title", "Brno/Sales")
	s.peer.rows["organizations"][3].Set("title", "Prague/Sales")
	for parent, want := range map[string]string{"Brno": `"parent_id":50`, "Brno/Sales": `"parent_id":51`, "''": `"parent_id":null`,
		"NIL": `"parent_id":null`} {
		got := s.run("organization update --id 1 --parent " + parent)
		if w := got.writes(); got.code != 0 || len(w) != 1 || !strings.Contains(w[0], want) {
			t.Errorf("%s: exit %d, %q, %q", parent, got.code, got.err, w)
		}
	}
	s.expect("location create --name B --parent Brno", 0, "Location created.\n")
	s.wantErr("organization create --name x --parent Sales", exitSoftware,
		"Found more than one organization: use --parent-id 51 or --parent-id 52.")
	s.wantErr("organization create --name x --parent Bron", exitSoftware,
		`There is no organization with the title "Bron". Did you mean Brno?`)
	s.wantErr("organization create --name x --parent Brno --parent-id 1", exitUsage, "cannot both be set")
	if got := s.run("organization create --help"); !strings.Contains(got.out, " --parent PARENT ") {
		t.Errorf("the help is %q", got.out)
	}
	s.program = "hammer"
	s.wantErr("organization create --name x --parent Brno", exitUsage, "Unrecognised option '--parent'.")
	s.wantErr("organization delete --name x --yes", exitUsage, "Unrecognised option '--yes'.")
}

// Before an organization with users is deleted, people are asked; programs are not.
func TestTenants_DeletingAsks(t *testing.T) {
	s := rosterAs(t)
	answer := func(said, line string) (string, int) {
		t.Helper()
		s.peer.reset(t)
		s.named("organizations", "Brno", "Empty")
		s.peer.rows["organizations"][1].Set("users", []any{value.NewObject("id", 1), value.NewObject("id", 4)})
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		_, _ = w.WriteString(said)
		w.Close()
		var out, errs bytes.Buffer
		code := Run(t.Context(), Options{Args: words(line), Environ: s.environ, Program: s.program, Stdin: r,
			Stdout: &out, Stderr: &errs})
		return out.String() + errs.String(), code
	}
	const question = "2 users lose the organization Brno. Delete it? (yes or no) "
	const asking = "--interactive yes organization delete --name Brno"
	for _, c := range []struct {
		said, line, want string
		code             int
	}{
		{"yes\n", asking, "Organization deleted.\n" + question, 0},
		{"y\n", asking, "Organization deleted.\n" + question, 0},
		{"no\n", asking, question + "Could not delete the organization:\n  Error: Nothing was deleted. Answer yes, or use " +
			"--yes.\n", exitSoftware},
		{"\n", asking, question + "Could not delete", exitSoftware},
		{"", asking, question + "Could not delete", exitSoftware},
		{"no\n", asking + " --yes", "Organization deleted.\n", 0},
		{"no\n", "--interactive yes organization delete --name Empty", "Organization deleted.\n", 0},
		{"no\n", "organization delete --name Brno", "Organization deleted.\n", 0},
	} {
		got, code := answer(c.said, c.line)
		if code != c.code || !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, answered %q: exit %d, %q; want %d, %q", c.line, c.said, code, got, c.code, c.want)
		}
		if left := s.peer.find("organizations", "Brno", value.NewObject()) != nil; left != (code != 0) &&
			strings.Contains(c.line, "Brno") {
			t.Errorf("%q, answered %q: the organization is there: %v", c.line, c.said, left)
		}
	}
}

// Times are read in the usual forms; a day means its end where the client is.
func TestTimes(t *testing.T) {
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-12-31":                "2026-12-31T23:59:59+01:00",
		"31.12.2026":                "2026-12-31T23:59:59+01:00",
		"1.7.2026":                  "2026-07-01T23:59:59+02:00",
		"2026-12-31T18:00":          "2026-12-31T18:00:00+01:00",
		"2026-12-31 18:00:30":       "2026-12-31T18:00:30+01:00",
		"31.12.2026 18:00":          "2026-12-31T18:00:00+01:00",
		"2026-12-31T18:00:00Z":      "2026-12-31T18:00:00Z",
		"2026-12-31T18:00:00+05:30": "2026-12-31T18:00:00+05:30",
		"2026-12-31 18:00:00 UTC":   "2026-12-31T18:00:00Z",
		"2026-12-31T18:00-08:00":    "2026-12-31T18:00:00-08:00",
		"31.13.2026":                "",
		"2026-02-30":                "",
		"soon":                      "",
		"12/31/2026":                "",
	} {
		got, err := parseEnd(in, prague)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v; want %q", in, got, err, want)
		}
	}
	s := rosterAs(t)
	s.peer.gone = true // so that the built-in document counts, which says what is a time
	s.environ = append(s.environ, "TZ=Europe/Prague")
	got := s.run("user access-token create --user-id 1 --name ci --expires-at 31.12.2026")
	if w := got.writes(); len(w) != 1 || !strings.Contains(w[0], `"expires_at":"2026-12-31T23:59:59+01:00"`) {
		t.Errorf("exit %d, %q, %q", got.code, got.err, got.requests)
	}
	s.wantErr("user access-token create --user-id 1 --name ci --expires-at 31.31.2026", exitUsage,
		`Option '--expires-at': "31.31.2026" is no time. Write 2026-12-31 or 31.12.2026 (the end of the day), `+
			"2026-12-31T18:00, or 2026-12-31T18:00:00+01:00.")
	s.program = "hammer"
	got = s.run("user access-token create --user-id 1 --name ci2 --expires-at '31.12.2026'")
	if w := got.writes(); len(w) != 1 || !strings.Contains(w[0], `"expires_at":"31.12.2026"`) {
		t.Errorf("hammer: exit %d, %q, %q", got.code, got.err, got.requests)
	}
}

// The id of an external group suffices, and so does a name that only one has.
func TestExternalGroups_WithoutTheirUserGroup(t *testing.T) {
	s := rosterAs(t)
	s.peer.gone = true
	s.named("usergroups", "desk", "other")
	s.peer.rows["usergroups"][2].Set("external_usergroups", []any{value.NewObject("id", 7, "name", "ldap-desk"),
		value.NewObject("id", 8, "name", "both")})
	s.peer.rows["usergroups"][3].Set("external_usergroups", []any{value.NewObject("id", 9, "name", "both")})
	for i, name := range []string{"ldap-desk", "both", "both"} {
		s.peer.rows["external_usergroups"] = append(s.peer.rows["external_usergroups"], value.NewObject("id", 7+i, "name",
			name, "usergroup_id", 50+i/2))
	}
	for line, want := range map[string]string{
		"refresh --id 7":                         "PUT /api/usergroups/50/external_usergroups/7/refresh",
		"refresh --name ldap-desk":               "PUT /api/usergroups/50/external_usergroups/7/refresh",
		"info --id 9":                            "GET /api/usergroups/51/external_usergroups/9",
		"refresh --id 9":                         "PUT /api/usergroups/51/external_usergroups/9/refresh",
		"delete --id 8":                          "DELETE /api/usergroups/50/external_usergroups/8",
		"refresh --user-group other --name both": "PUT /api/usergroups/51/external_usergroups/9/refresh",
		"update --id 9 --auth-source-id 2":       "PUT /api/usergroups/51/external_usergroups/9",
	} {
		got := s.run("user-group external " + line)
		if last := got.requests[len(got.requests)-1]; got.code != 0 || !strings.HasPrefix(last, want) {
			t.Errorf("%s: exit %d, %q, %q; want %s", line, got.code, got.err, got.requests, want)
		}
	}
	s.peer.rows["usergroups"][2].Set("external_usergroups", []any{value.NewObject("id", 8, "name", "both")})
	s.wantErr("user-group external refresh --name both", exitSoftware,
		"Found more than one external user group: use --id 8 or --id 9.")
	s.wantErr("user-group external refresh --id 4711", exitSoftware, "There is no external user group with the id 4711.")
	s.wantErr("user-group external refresh --name x", exitSoftware, `There is no external user group "x".`)
	s.wantErr("user-group external refresh", exitSoftware, "Could not find usergroup, please set one of options")
}

// The test of a source ends as the connection does.
func TestSources_Test(t *testing.T) {
	success := value.NewObject("success", true, "message", "fine")
	if err := connectionOutcome(success); err != nil {
		t.Error(err)
	}
	err := connectionOutcome(value.NewObject("success", false, "message",
		"ERF64-6496 [Foreman::WrappedException]: Unable to connect to LDAP server (connection refused)"))
	if f, ok := err.(*failure); !ok || f.exit != exitSoftware ||
		f.text != "Error: Unable to connect to LDAP server (connection refused)" {
		t.Errorf("%v", err)
	}
}

// People see neither empty lists nor commands of what the server does not manage; hammer's output and data stay.
func TestHelp_LeavesOutWhatTheServerLacks(t *testing.T) {
	s := rosterAs(t)
	s.peer.gone = true // so that the built-in document counts: no subnets, no host groups
	s.peer.rows["organizations"][0].Set("domains", []any{value.NewObject("id", 1, "name", "example.com")})
	got := s.run("organization info --name ACME").out
	for word, shown := range map[string]bool{"Subnets:": false, "Realms:": false, "Hostgroups:": false, "Users:": true,
		"Domains:": true, "Parameters:": true} {
		if strings.Contains(got, word) != shown {
			t.Errorf("%s is shown: %v, in\n%s", word, !shown, got)
		}
	}
	if data := s.run("--output json organization info --name ACME").out; !strings.Contains(data, `"Subnets"`) {
		t.Errorf("data lack the subnets: %s", data)
	}
	help := s.run("organization --help").out
	if strings.Contains(help, "add-hostgroup") || !strings.Contains(help, "add-user") {
		t.Errorf("the help is %s", help)
	}
	full := s.run("full-help").out
	if strings.Contains(full, "add-subnet") || !strings.Contains(full, "organization add-user") {
		t.Error("the whole help has what the server lacks, or lacks what it has")
	}
	create := s.run("user create --help").out
	if strings.Contains(create, "Samoa") || !strings.Contains(create, "(one of 151; a wrong") ||
		!strings.Contains(create, "Work in this organization: lists show its records\n") {
		t.Errorf("the help is %s", create)
	}
	s.wantErr("user create --login x --timezone '?'", exitUsage, "'Samoa'")
	s.program = "hammer"
	if got := s.run("organization info --name ACME").out; !strings.Contains(got, "Subnets:") {
		t.Errorf("hammer: %s", got)
	}
}

// A misspelt field is told; hammer leaves it out in silence.
func TestFields_UnknownOnesAreTold(t *testing.T) {
	s := rosterAs(t)
	for line, want := range map[string]string{
		"user list --fields Login,Logn,LGN":         "Warning: there is no field 'Logn'.|Warning: there is no field 'LGN'.",
		"user list --fields LOGIN":                  "",
		"user info --login jdoe --fields login":     "",
		"user list --fields THIN":                   "",
		"user list --fields Log*":                   "",
		"user info --login jdoe --fields Roles,Eml": "Warning: there is no field 'Eml'.",
	} {
		got := s.run(line)
		var told []string
		for text := range strings.Lines(got.err) {
			warning, _, _ := strings.Cut(text, " The fields are ")
			told = append(told, warning)
		}
		if got.code != 0 || strings.Join(told, "|") != want {
			t.Errorf("%s: exit %d, %q, want %q", line, got.code, got.err, want)
		}
	}
}
