package foreman

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/directory"
	"roster/models"
)

func jsonReader(text string) io.Reader { return strings.NewReader(text) }

// Labels of attributes (docs/spec/foreman.md, 6.7).
func TestFullMessage(t *testing.T) {
	for _, test := range []struct{ resource, attr, want string }{
		{"users", "login", "Username m"}, {"users", "firstname", "First name m"}, {"users", "lastname", "Surname m"},
		{"users", "mail", "Email address m"}, {"users", "admin", "Administrator m"},
		{"users", "password_hash", "Password hash m"}, {"users", "password", "Password m"},
		{"users", "password_confirmation", "Password confirmation m"},
		{"users", "current_password", "Current password m"},
		{"users", "role_ids", "Role ids m"}, {"users", "location_ids", "Location ids m"},
		{"users", "organization_ids", "Organization ids m"}, {"users", "default_location", "Default location m"},
		{"users", "default_organization", "Default organization m"}, {"users", "disabled", "Disabled m"},
		{"users", "locale", "Locale m"}, {"users", "timezone", "Timezone m"},
		{"users", "mail_enabled", "Mail enabled m"},
		{"users", "description", "Description m"}, {"users", "auth_source_id", "Auth source m"},
		{"users", "auth_source", "Auth source m"}, {"users", "base", "m"},
		{"usergroups", "name", "Name m"}, {"usergroups", "admin", "Administrator m"},
		{"usergroups", "usergroups", "Usergroups m"}, {"roles", "name", "Name m"}, {"roles", "builtin", "Built-in m"},
		{"locations", "name", "Name m"}, {"organizations", "ignore_types", "All objects m"},
		{"locations", "parent_id", "Parent m"}, {"filters", "role_id", "Role m"},
		{"auth_source_ldaps", "host", "Server m"}, {"auth_source_ldaps", "base_dn", "Base DN m"},
		{"auth_source_ldaps", "tls", "TLS m"}, {"auth_source_ldaps", "attr_login", "Login name attribute m"},
		{"auth_source_ldaps", "account_password", "Account password m"}, {"auth_source_ldaps", "port", "Port m"},
		{"personal_access_tokens", "user_id", "User m"},
	} {
		if got := fullMessage(test.resource,
			models.FieldError{Attr: test.attr, Broken: models.Broken{Rule: "m"}}); got != test.want {
			t.Errorf("%s of %s: got %q, want %q", test.attr, test.resource, got, test.want)
		}
	}
}

// Wordings of unknown references (docs/spec/foreman.md, 6.5).
func TestMissingMessage(t *testing.T) {
	for want, m := range map[string]models.MissingReference{
		"Couldn't find Role with 'id'=9999": {Noun: "Role", Asked: []int64{9999}, Missing: []int64{9999}},
		"Couldn't find all Roles with 'id': (1, 9999) (found 1 results, but was looking for 2). Couldn't find Role " +
			"with id 9999.": {Noun: "Role", Asked: []int64{1, 9999}, Missing: []int64{9999}},
		"Couldn't find all Roles with 'id': (1, 9999, 8888) (found 1 results, but was looking for 3). Couldn't find " +
			"Roles with ids 9999, 8888.": {Noun: "Role", Asked: []int64{1, 9999, 8888}, Missing: []int64{9999, 8888}},
		"Couldn't find all Taxonomies with 'id': (7, 8) (found 0 results, but was looking for 2). Couldn't find " +
			"Taxonomies with ids 7, 8.": {Noun: "Taxonomy", Asked: []int64{7, 8}, Missing: []int64{7, 8}},
		"Could not find auth_source with name: xyz": {Noun: "auth_source", Name: "xyz"},
		"Could not find Role with name: a\ufffdb":   {Noun: "Role", Name: "a\xffb"},
	} {
		if got := missingMessage(&m); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// told is an error about a rule that has no sentence.
func told(attr string, rule models.Rule) models.FieldError {
	return models.FieldError{Attr: attr, Broken: models.Broken{Rule: rule}}
}

// Errors keep the order in which rules were checked, grouped by attribute.
func TestOrderedErrors(t *testing.T) {
	got, err := json.Marshal(orderedErrors{told("z", "1"), told("a", "2"), told("z", "3 < 4")})
	if want := `{"z":["1","3 \u003c 4"],"a":["2"]}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, _ := json.Marshal(orderedErrors{}); string(got) != `{}` {
		t.Errorf("none: got %s", got)
	}
}

func TestUserRef(t *testing.T) {
	for text, want := range map[string]directory.Ref{
		"5": {ID: 5}, "5-bob": {ID: 5, Name: "5-bob"}, "5star": {ID: 5, Name: "5star"}, "bob": {Name: "bob"},
		"bob.json": {Name: "bob.json"}, "": {}, "0": {}, "-1": {Name: "-1"},
		"99999999999999999999": {Name: "99999999999999999999"},
	} {
		if got := userRef(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestStamps(t *testing.T) {
	at := time.Date(2019, 12, 3, 16, 30, 10, 986_500_000, time.UTC)
	for zone, want := range map[string][2]string{
		"UTC": {`"2019-12-03 16:30:10 UTC"`, `"2019-12-03T16:30:10.986Z"`}, "Stockholm": {`"2019-12-03 17:30:10 +0100"`,
			`"2019-12-03T17:30:10.986+01:00"`}, "London": {`"2019-12-03 16:30:10 +0000"`, `"2019-12-03T16:30:10.986Z"`},
	} {
		location, err := models.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		c := &call{p: &models.Principal{Zone: location}}
		got := [2]string{string(encode(c.stamp(at))), string(encode(c.iso(at)))}
		if got != want {
			t.Errorf("%s: got %v, want %v", zone, got, want)
		}
		if none := string(encode(c.stampPtr(nil))) + string(encode(c.isoPtr(nil))); none != "nullnull" {
			t.Errorf("no time: got %s", none)
		}
	}
}

func TestRoute_Paths(t *testing.T) {
	for path, want := range map[string][]string{
		"/api/users":     {"/api/users", "/api/v2/users", "/api/users.json", "/api/v2/users.json"},
		"/api/users/:id": {"/api/users/:id", "/api/v2/users/:id"},
		"/api/roles/:id/clone": {"/api/roles/:id/clone", "/api/v2/roles/:id/clone", "/api/roles/:id/clone.json",
			"/api/v2/roles/:id/clone.json"},
	} {
		if diff := cmp.Diff((&Route{Path: path}).paths(), want); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s", path, diff)
		}
	}
}

// No two routes stand for the same verb and path.
func TestRoutes_AreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range (&API{}).Routes() {
		for _, path := range r.paths() {
			key := r.Method + " " + path
			if seen[key] {
				t.Errorf("%s is routed twice", key)
			}
			seen[key] = true
		}
		if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, r.Method) || r.Resource == "" || r.Action == "" ||
			r.handler == nil {
			t.Errorf("%s %s is incomplete", r.Method, r.Path)
		}
	}
}

func TestOwns(t *testing.T) {
	for path, want := range map[string]bool{"/api": true, "/api/": true, "/api/users": true, "/apidoc": false,
		"/": false, "/ap": false} {
		if got := Owns(path); got != want {
			t.Errorf("%s: got %t, want %t", path, got, want)
		}
	}
}

// Nothing that a user wants to hide has a place in what is shown.
func TestUserWire_HasNoSecrets(t *testing.T) {
	hash := "$argon2id$secret"
	zone := time.UTC
	c := &call{p: &models.Principal{Zone: zone}}
	u := models.User{ID: 1, Login: "bob", PasswordHash: &hash, Hidden: true}
	for _, body := range []any{c.userRow(&directory.UserView{User: &u}), c.userWhole(&directory.UserView{User: &u}),
		c.userDump(&u)} {
		if text := string(encode(body)); strings.Contains(text, "argon2") || strings.Contains(text, "hidden") {
			t.Errorf("got %s", text)
		}
	}
}

// Every rule of the core has a sentence in this dialect, or an answer that is put together elsewhere.
func TestWords_EveryRuleHasOne(t *testing.T) {
	elsewhere := []string{"RuleNoReference", "RuleNoSuchRecord", "RuleNoPermission", "RuleSessionExpired"}
	file, err := parser.ParseFile(token.NewFileSet(), "../../models/rule.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		rules++
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, worded := words[models.Rule(code)]; worded == slices.Contains(elsewhere, spec.Names[0].Name) {
			t.Errorf("%s has a sentence: %v", spec.Names[0].Name, worded)
		}
		return true
	})
	if rules < 80 {
		t.Errorf("%d rules were found, which are too few to be true", rules)
	}
}
