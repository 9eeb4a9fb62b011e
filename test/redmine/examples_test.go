package redmine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"roster/docs"
	"roster/docs/apipie"
	"roster/handlers/redmine"
	"roster/test/servertest"
)

// exampleRequest is a request whose answer is an example of a method.
type exampleRequest struct {
	// key is the resource and the method.
	key, verb, path string
	body            object
}

// examples are one request after the other on a new server, one for each method that is documented.
func examples(organization, role int64) []exampleRequest {
	project := fmt.Sprintf("/projects/%d", organization)
	roles := []int64{role}
	return []exampleRequest{
		{"users.create", "POST", "/users.json", object{"user": object{"login": "ann", "firstname": "Ann",
			"lastname": "Smith", "mail": "ann@example.com", "password": "first secret",
			"custom_fields": []object{{"id": 1, "value": "B 12"}}}}},
		{"users.index", "GET", "/users.json?status=*&sort=login&limit=1&name=ann", nil},
		{"users.update", "PUT", "/users/{ann}.json", object{"user": object{"lastname": "Archer", "status": 1}}},
		{"groups.create", "POST", "/groups.json", object{"group": object{"name": "Crew"}}},
		{"groups.add_users", "POST", "/groups/{crew}/users.json", object{"user_ids": []string{"{ann}"}}},
		{"groups.index", "GET", "/groups.json", nil},
		{"groups.show", "GET", "/groups/{crew}.json?include=users", nil},
		{"groups.update", "PUT", "/groups/{crew}.json", object{"group": object{"name": "Deck"}}},
		{"memberships.create", "POST", project + "/memberships.json",
			object{"membership": object{"user_id": "{ann}", "role_ids": roles}}},
		{"memberships.index", "GET", project + "/memberships.json", nil},
		{"memberships.show", "GET", "/memberships/{member}.json", nil},
		{"memberships.update", "PUT", "/memberships/{member}.json", object{"membership": object{"role_ids": roles}}},
		{"users.show", "GET", "/users/{ann}.json?include=groups,memberships", nil},
		{"memberships.destroy", "DELETE", "/memberships/{member}.json", nil},
		{"groups.remove_user", "DELETE", "/groups/{crew}/users/{ann}.json", nil},
		{"", "POST", "/groups/{crew}/users.json", object{"user_id": "{ann}"}},
		{"groups.remove_users", "DELETE", "/groups/{crew}/users.json?user_ids[]={ann}", nil},
		{"groups.destroy", "DELETE", "/groups/{crew}.json", nil},
		{"my_account.show", "GET", "/my/account.json", nil},
		{"my_account.update", "PUT", "/my/account.json", object{"user": object{"firstname": "Adam"}}},
		{"roles.index", "GET", "/roles.json", nil},
		{"roles.show", "GET", fmt.Sprintf("/roles/%d.json", role), nil},
		{"projects.index", "GET", "/projects.json", nil}, {"projects.show", "GET", project + ".json", nil},
		{"custom_fields.index", "GET", "/custom_fields.json", nil},
		{"users.destroy", "DELETE", "/users/{ann}.json", nil},
	}
}

// made are the names of the records that examples make.
var made = map[string]string{"users.create": "ann", "groups.create": "crew", "memberships.create": "member"}

const examplesFile = "../../docs/redmine-examples.json"

// keys differ from run to run.
var keys = regexp.MustCompile(`("api_key":\s*)"[^"]*"`)

// The worked examples of the documentation are what a server answers, and every method has one.
func TestDocs_Examples(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Execute("INSERT INTO custom_fields (id, subject, name, format, position, created_at, updated_at) VALUES "+
			"(1, 'user', 'Room', 'string', 1, ?, ?)", s.Clock.Now(), s.Clock.Now())
		s = s.Beside() // which has not read the custom fields yet
		got := map[string]string{}
		ids := map[string]int64{}
		fill := func(text string) string {
			for name, id := range ids {
				text = strings.NewReplacer(`"{`+name+`}"`, fmt.Sprint(id), "{"+name+"}", fmt.Sprint(id)).Replace(text)
			}
			return text
		}
		organization := s.Find("SELECT id FROM taxonomies WHERE type = 'Organization'")
		for _, e := range examples(organization, s.NewRole("Lead", "view_users")) {
			path := fill(redmine.Prefix + e.path)
			var body any
			text := ""
			if e.body != nil {
				raw, err := json.Marshal(e.body)
				if err != nil {
					t.Fatal(err)
				}
				body = fill(string(raw))
				text = indented(t, []byte(body.(string)))
			}
			a := s.Admin().Do(e.verb, path, body)
			if a.Status >= 300 {
				t.Errorf("%s", a)
				continue
			}
			if name := made[e.key]; name != "" {
				noun, _, _ := strings.Cut(e.key, "s.")
				ids[name] = a.Int(noun, "id")
			}
			if e.key != "" {
				got[e.key] = e.verb + " " + path + "\n" + text + fmt.Sprintln(a.Status) +
					indented(t, keys.ReplaceAll(a.Body, []byte(`$1"..."`)))
			}
		}
		doc, err := apipie.ForPeople(docs.Redmine, "Redmine", "", "")
		if err != nil {
			t.Fatal(err)
		}
		for id, r := range doc.Resources {
			for _, m := range r.Methods {
				if got[id+"."+m.Name] == "" {
					t.Errorf("%s.%s has no example", id, m.Name)
				}
			}
		}
		servertest.CompareExamples(t, examplesFile, "docs/redmine-examples.json", got)
	})
}

// indented is JSON as people read it.
func indented(t *testing.T, text []byte) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// The pages for people say every route, every parameter and an example of it, and the first one leads to all.
func TestDocs_Pages(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const home = redmine.Prefix + "/apidoc"
		doc, err := apipie.ForPeople(docs.Redmine, "Redmine", home, redmine.Prefix)
		if err != nil {
			t.Fatal(err)
		}
		first := s.Nobody().Get(home).Expect(200)
		says := func(a *answer, texts ...string) {
			t.Helper()
			for _, text := range texts {
				if !strings.Contains(string(a.Body), text) {
					t.Errorf("%s does not say %q", a.Path, text)
				}
			}
		}
		says(first, "X-Redmine-API-Key", `href="/redmine/swagger/index.html"`, `href="/apidoc"`)
		methods := 0
		for _, r := range doc.Resources {
			says(s.Nobody().Get(r.DocURL).Expect(200), "<h1>"+r.Name+"</h1>")
			for _, m := range r.Methods {
				methods++
				says(first, `href="`+m.DocURL+`"`, m.APIs[0].ShortDescription)
				page := s.Nobody().Get(m.DocURL).Expect(200)
				says(page, m.APIs[0].HTTPMethod, `<h2 class="title">Response `)
				for _, p := range m.Params {
					says(page, `aria-label="Link to `+p.FullName+`"`)
					for _, inner := range p.Params {
						says(page, `aria-label="Link to `+inner.FullName+`"`)
					}
				}
			}
		}
		if methods < 25 {
			t.Errorf("only %d methods have a page", methods)
		}
		says(s.Nobody().Get(home+"/my_account").Expect(200), `/redmine/swagger/index.html`)
		s.Nobody().Get(home + "/users/create").Lacks("Must be a String").Lacks("nil allowed")
		says(s.Nobody().Get("/apidoc").Expect(200), `href="/redmine/apidoc"`, "The API of Foreman")
		for _, path := range []string{"/nothing", "/users/nothing", "/users/show/more"} {
			says(s.Nobody().Get(home+path).Expect(404), "Page not found", `href="/redmine/apidoc"`)
		}
		s.Nobody().Do("HEAD", home+"/users/create", nil).Expect(200)
		s.Nobody().Get(home + "/").Expect(200)
	})
}
