package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/google/go-cmp/cmp"

	"roster/docs"
	"roster/docs/apipie"
	"roster/handlers/foreman"
)

// unlisted are routes that are in the Swagger document but not among those from which Foreman's clients choose: the
// original does not list them either, or does not have them.
var unlisted = regexp.MustCompile(
	`auto_complete_search$|^GET /api/auth_sources/:id$|^GET /api/(locations|organizations)/:\w+/auth_sources/:id$`)

// Routes and documents tell of each other, in both directions.
func TestDocs_RoutesAndDocumentsAgree(t *testing.T) {
	mounted := map[string]bool{}
	for _, r := range new(foreman.API).Routes() {
		mounted[r.Method+" "+r.Path] = true
	}
	var swagger struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(docs.Swagger, &swagger); err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	placeholder := regexp.MustCompile(`\{(\w+)\}`)
	for path, verbs := range swagger.Paths {
		for verb := range verbs {
			documented[strings.ToUpper(verb)+" "+placeholder.ReplaceAllString(path, ":$1")] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(mounted)), slices.Sorted(maps.Keys(documented))); diff != "" {
		t.Errorf("mounted (-), in swagger.json (+):\n%s", diff)
	}
	doc, err := apipie.FromSwagger(docs.Swagger)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for id, r := range doc.Resources {
		for _, m := range r.Methods {
			for _, a := range m.APIs {
				line := a.HTTPMethod + " " + a.APIURL
				if !mounted[line] && id != "hosts" {
					t.Errorf("%s.%s: %s is listed and does not exist", id, m.Name, line)
				}
				if matrix[line] == "" && id != "hosts" {
					t.Errorf("%s.%s: no test calls %s", id, m.Name, line)
				}
				named[id+"."+m.Name] = true
			}
		}
	}
	for _, r := range new(foreman.API).Routes() {
		if !named[r.Resource+"."+r.Action] && !unlisted.MatchString(r.Method+" "+r.Path) {
			t.Errorf("%s.%s is not in the Apipie document: %s %s", r.Resource, r.Action, r.Method, r.Path)
		}
	}
}

// The Swagger document is valid, and every operation has what readers and programs need.
func TestDocs_SwaggerIsValid(t *testing.T) {
	var old openapi2.T
	if err := json.Unmarshal(docs.Swagger, &old); err != nil {
		t.Fatal(err)
	}
	v3, err := openapi2conv.ToV3(&old)
	if err != nil {
		t.Fatal(err)
	}
	if err := v3.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for path, item := range old.Paths {
		for verb, op := range item.Operations() {
			if op.Summary == "" || len(op.Tags) != 1 || op.Responses.Len() == 0 {
				t.Errorf("%s %s lacks a summary, a tag or answers", verb, path)
			}
			if path != "/api/ping" && (op.Security == nil || len(*op.Security) == 0 ||
				op.Responses.Value("401") == nil) {
				t.Errorf("%s %s: nothing says how to log in", verb, path)
			}
		}
	}
}

// The addresses of the documents (docs/spec/foreman.md, 18.1), and the checksum that makes clients ask again.
func TestDocs_Addresses(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.nobody()
		sum := c.get("/apidoc/apipie_checksum").expect(200).text("checksum")
		if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(sum) {
			t.Errorf("the checksum is %q", sum)
		}
		for path, status := range map[string]int{"/api/users": 401, "/api/ping": 200, "/api/nosuch": 404,
			"/api/v2/users": 401, "/apidoc/v2.json": 200, "/apidoc": 200} {
			if got := c.get(path).expect(status).header.Get("Apipie-Checksum"); got != sum {
				t.Errorf("%s: the header is %q, want %s", path, got, sum)
			}
		}
		if got := s.admin().get("/api/users/nobody").expect(404).header.Get("Apipie-Checksum"); got != sum {
			t.Errorf("an error: the header is %q", got)
		}
		whole := c.get("/apidoc/v2.json").expect(200)
		for _, path := range []string{"/apidoc.json", "/apidoc/v2.en.json", "/apidoc/v2.de.json",
			"/apidoc/v2.pt_BR.json"} {
			if got := c.get(path).expect(200); string(got.body) != string(whole.body) {
				t.Errorf("%s is another document", path)
			}
		}
		if got := whole.text("docs", "resources", "users", "methods", 0, "apis", 0, "api_url"); got != "/api/users" {
			t.Errorf("users begin with %s", got)
		}
		c.get("/apidoc/v2/users.json").expect(200).want("users", "docs", "resources", 0, "id")
		one := c.get("/apidoc/v2/users/create.json").expect(200).want("create", "docs", "resources", 0, "methods", 0,
			"name")
		if methods := one.value("docs", "resources", 0, "methods").([]any); len(methods) != 1 {
			t.Errorf("one method: got %d", len(methods))
		}
		for _, path := range []string{"/apidoc", "/apidoc/v2", "/apidoc/v2.html", "/apidoc/v2/users",
			"/apidoc/v2/users.html", "/apidoc/v2/users/create", "/apidoc/v2/users.en.html"} {
			if a := c.get(path).expect(200); !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") ||
				!strings.Contains(string(a.body), "</html>") {
				t.Errorf("%s is no page: %s", path, a)
			}
		}
		for _, path := range []string{"/apidoc/v2.xx.json", "/apidoc/v3.json", "/apidoc/v2/nosuch.json",
			"/apidoc/v2/users/nosuch.json", "/apidoc/v2/users/create/more.json"} {
			c.get(path).expect(404).wantBody("")
		}
		c.get("/apidoc/v2/nosuch").expect(404)
		for _, path := range []string{"/apidoc/v2.json", "/apidoc/v2/users/create", "/swagger/index.html",
			"/swagger/doc.json", "/swagger/swagger-ui.css"} {
			c.do("HEAD", path, nil).expect(200).wantBody("")
			c.get(path).expect(200)
		}
		c.do("HEAD", "/swagger/nosuch.js", nil).expect(404)
		s.admin().put("/api/hosts/1", object{}).expect(404)
	})
}

// The pages of users say all that the document says that Roster was ordered by: every route, every parameter, and every
// search field.
func TestDocs_PagesOfUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		doc, err := apipie.FromSwagger(docs.Swagger)
		if err != nil {
			t.Fatal(err)
		}
		for id, r := range doc.Resources {
			for _, m := range r.Methods {
				page := string(s.nobody().get(m.DocURL).expect(200).body)
				var want []string
				for _, a := range m.APIs {
					want = append(want, a.APIURL)
				}
				var explained func([]*apipie.Param)
				explained = func(params []*apipie.Param) {
					for _, p := range params {
						want = append(want, p.FullName)
						note, _ := foreman.Enforcement(p.FullName, p.ExpectedType)
						if note == "" || p.Description == "" || !strings.Contains(page, note) ||
							!strings.Contains(page, p.Validator) {
							t.Errorf("%s.%s: the page does not say what %s is and what happens to a wrong one", id,
								m.Name, p.FullName)
						}
						explained(p.Params)
					}
				}
				explained(m.Params)
				if m.Metadata != nil {
					for _, f := range m.Metadata.Search {
						want = append(want, f.Name)
					}
				}
				for _, text := range want {
					if !strings.Contains(page, "<code>"+text+"</code>") {
						t.Errorf("%s.%s: the page does not say %s", id, m.Name, text)
					}
				}
			}
		}
	})
}

// What the document that Roster was ordered by says in sentences, in the pages' own words.
func TestDocs_SentencesOfUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for page, sentences := range map[string][]string{
			"index": {"Lists users", "of an LDAP source", "of an external source", "of a user group", "of a role",
				"of a location", "of an organization", "starting at 1", "all returns all results",
				"such as id DESC", "Search fields", "<code>true</code>, <code>false</code>", "datetime", "integer"},
			"show":         {"Shows a user", "Id or login"},
			"show_current": {"Shows the user who asks"},
			"create": {"Default role", "is an administrator", "required unless the user is in an external auth source",
				"User&#39;s time zone", "User&#39;s preferred language", "replaces the one so far",
				"International Date Line West", "Pacific Time (US &amp; Canada)", "Tokelau Is.", "pt_BR",
				"optional, nil allowed"},
			"update": {"Default role", "Only administrators can change the admin attribute",
				"required of users who change their own password", "replaces the one so far"},
			"destroy": {"Deletes a user"},
		} {
			text := string(s.nobody().get("/apidoc/v2/users/" + page).expect(200).body)
			for _, sentence := range sentences {
				if !strings.Contains(text, sentence) {
					t.Errorf("users.%s: the page does not say %q", page, sentence)
				}
			}
		}
	})
}

// Sentences of the documentation that could be understood otherwise.
func TestDocs_SentencesHold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.admin()
		mailless := s.user("mailless", object{"mail_enabled": true})
		c.put(mailless.path(), object{"user": object{"description": "x"}}).expect(422).want([]any{"can't be blank"},
			"error", "errors", "mail")
		s.by(s.user("second", object{"admin": true})).put("/api/users/second", object{"user": object{"admin": false}}).
			expect(200).want(false, "admin")
		c.put(fmt.Sprint("/api/roles/", s.role("Default role")), object{"role": object{"description": "x"}}).expect(200)
		c.put(fmt.Sprint("/api/roles/", s.role("Manager")), object{"role": object{"description": "x"}}).expect(422)
		open, inside := s.organization("Open"), object{"organization_id": s.organization("Inside")}
		c.put(fmt.Sprint("/api/organizations/", open),
			object{"organization": object{"ignore_types": []string{"User"}}}).expect(200)
		viewer := s.user("viewer", object{"role_ids": []int64{s.role("Viewer")}, "organization_ids": []any{}})
		s.by(viewer).get(query("/api/organizations", "search", "name = Open")).expect(200).want(1, "subtotal")
		c.post("/api/roles", merge(inside, object{"role": object{"name": "r"}})).expect(201).want([]any{},
			"organizations")
		c.post("/api/auth_source_ldaps", merge(inside, object{"auth_source_ldap": object{"name": "l", "host": "h"}})).
			expect(201).want([]any{"Inside"}, "organizations", each, "name")
		c.get(query("/api/roles", "organization_id", fmt.Sprint(inside["organization_id"]))).expect(200).want(0,
			"total")
	})
}

// owner is the path of the caller.
func (s *server) owner(c *client) string {
	s.t.Helper()
	return fmt.Sprint("/api/users/", c.get("/api/current_user").expect(200).int("id"))
}

// What the documentation prints as enforced is enforced, with the status that it prints, and the rest is as loose as
// clients rely on (docs/spec/foreman.md, 3.3).
func TestDocs_WhatIsEnforced(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.admin()
		for _, value := range []string{"0", "00", "-1", "+5", "x", "1.5", "1e3", "99999999999999999999", " ", "٣"} {
			for _, name := range []string{"page", "per_page"} {
				a := c.get(query("/api/users", name, value))
				if blank := strings.TrimSpace(value) == ""; blank && a.status != 200 || !blank && a.status != 400 {
					t.Errorf("%s=%q: got %d", name, value, a.status)
				}
				if a.status == 400 {
					a.want(name, "error", "parameter_name")
				}
			}
		}
		for attribute, bad := range map[string]any{"timezone": "Nowhere", "locale": "xx", "mail": "no address",
			"login": "a b", "auth_source_id": 4711, "role_ids": []int64{4711}, "location_ids": []int64{4711}} {
			if _, strict := foreman.Enforcement("user["+attribute+"]", ""); !strict {
				t.Errorf("the documentation does not say that %s is checked", attribute)
			}
			user := merge(object{"login": "ann", "mail": "a@example.com", "auth_source_id": 3}, object{attribute: bad})
			c.post("/api/users", object{"user": user}).expect(422)
		}
		loose := object{"login": "ann", "mail": "a@example.com", "auth_source_id": "3", "disabled": "yes",
			"mail_enabled": 1, "role_ids": []string{}, "nosuch": "x", "admin": "false"}
		for attribute := range loose {
			_, strict := foreman.Enforcement("user["+attribute+"]", "")
			if attribute != "login" && attribute != "mail" && attribute != "auth_source_id" &&
				attribute != "role_ids" && strict {
				t.Errorf("the documentation says that %s is checked", attribute)
			}
		}
		c.post("/api/users", object{"user": loose}).expect(201).want(true, "disabled").want(true, "mail_enabled").
			want(false, "admin")
		c.post("/api/auth_source_ldaps",
			object{"auth_source_ldap": object{"name": "x", "host": "h", "server_type": "nosuch"}}).expect(422)
		c.post("/api/auth_source_ldaps",
			object{"auth_source_ldap": object{"name": "x", "host": "h", "ldap_filter": "(("}}).expect(422)
		c.get("/api/users?search=nosuch+%3D+1").expect(400)
		c.get("/api/users?order=nosuch").expect(400)
		for _, list := range []any{[]string{"a"}, object{"a": "b"}} {
			// Passed over wherever nothing hangs on it, and refused where without it nothing would be limited.
			c.put("/api/users/ann",
				object{"user": object{"login": list, "mail": list, "timezone": list, "description": list,
					"disabled": list, "auth_source_id": list}}).expect(200).want("ann", "login")
			c.put("/api/users/ann", object{"user": object{"role_ids": object{}, "location_ids": 1}}).expect(200)
			c.put("/api/users/ann", object{"user": []string{"a"}}).expect(400)
			role := s.newRole(fmt.Sprintf("limited %T", list))
			c.post("/api/filters", object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
				"search": list}}).expect(422).want([]any{"is invalid"}, "error", "errors", "search")
			c.post(s.owner(c)+"/personal_access_tokens",
				object{"personal_access_token": object{"name": "t", "expires_at": list}}).expect(422).
				want([]any{"is invalid"}, "error", "errors", "expires_at")
			c.put("/api/settings/entries_per_page", object{"setting": object{"value": list}}).expect(400)
			parameter := object{"name": fmt.Sprintf("%T", list)[:1], "value": list, "parameter_type": "json",
				"hidden_value": list}
			c.post(fmt.Sprintf("/api/organizations/%d/parameters", s.organization(fmt.Sprintf("%T", list))),
				object{"parameter": parameter}).expect(201).want(list, "value").want(false, "hidden_value?")
		}
		for value, disabled := range map[string]any{"0": false, "f": false, "FALSE": false, "off": false, "": nil,
			"FaLse": true, "no": true} {
			c.put("/api/users/ann", object{"user": object{"disabled": value}}).expect(200).want(disabled, "disabled")
		}
		c.put("/api/settings/entries_per_page", object{"setting": object{"value": "x"}}).expect(422)
		c.get("/api/status?location_id=4711").expect(404)
		s.nobody().get("/api/ping?location_id=4711").expect(200)
		c.get("/api/users/4711/table_preferences").expect(403)
		c.get("/api/users/4711/ssh_keys").expect(422)
	})
}
