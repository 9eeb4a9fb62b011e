package foreman

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
		c := s.Nobody()
		sum := c.Get("/apidoc/apipie_checksum").Expect(200).Text("checksum")
		if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(sum) {
			t.Errorf("the checksum is %q", sum)
		}
		for path, status := range map[string]int{"/api/users": 401, "/api/ping": 200, "/api/nosuch": 404,
			"/api/v2/users": 401, "/apidoc/v2.json": 200, "/apidoc": 200} {
			if got := c.Get(path).Expect(status).Header.Get("Apipie-Checksum"); got != sum {
				t.Errorf("%s: the header is %q, want %s", path, got, sum)
			}
		}
		if got := s.Admin().Get("/api/users/nobody").Expect(404).Header.Get("Apipie-Checksum"); got != sum {
			t.Errorf("an error: the header is %q", got)
		}
		whole := c.Get("/apidoc/v2.json").Expect(200)
		for _, path := range []string{"/apidoc.json", "/apidoc/v2.en.json", "/apidoc/v2.de.json",
			"/apidoc/v2.pt_BR.json"} {
			if got := c.Get(path).Expect(200); string(got.Body) != string(whole.Body) {
				t.Errorf("%s is another document", path)
			}
		}
		if got := whole.Text("docs", "resources", "users", "methods", 0, "apis", 0, "api_url"); got != "/api/users" {
			t.Errorf("users begin with %s", got)
		}
		c.Get("/apidoc/v2/users.json").Expect(200).Want("users", "docs", "resources", 0, "id")
		one := c.Get("/apidoc/v2/users/create.json").Expect(200).Want("create", "docs", "resources", 0, "methods", 0,
			"name")
		if methods := one.Value("docs", "resources", 0, "methods").([]any); len(methods) != 1 {
			t.Errorf("one method: got %d", len(methods))
		}
		for _, path := range []string{"/apidoc", "/apidoc/v2", "/apidoc/v2.html", "/apidoc/v2/users",
			"/apidoc/v2/users.html", "/apidoc/v2/users/create", "/apidoc/v2/users.en.html"} {
			if a := c.Get(path).Expect(200); !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") ||
				!strings.Contains(string(a.Body), "</html>") {
				t.Errorf("%s is no page: %s", path, a)
			}
		}
		for _, path := range []string{"/apidoc/v2.xx.json", "/apidoc/v3.json", "/apidoc/v2/nosuch.json",
			"/apidoc/v2/users/nosuch.json", "/apidoc/v2/users/create/more.json"} {
			c.Get(path).Expect(404).WantBody("")
		}
		c.Get("/apidoc/v2/nosuch").Expect(404)
		for _, path := range []string{"/apidoc/v2.json", "/apidoc/v2/users/create", "/swagger/index.html",
			"/swagger/doc.json", "/swagger/swagger-ui.css"} {
			c.Do("HEAD", path, nil).Expect(200).WantBody("")
			c.Get(path).Expect(200)
		}
		c.Do("HEAD", "/swagger/nosuch.js", nil).Expect(404)
		s.Admin().Put("/api/hosts/1", object{}).Expect(404)
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
		conventions := string(s.Nobody().Get("/apidoc/conventions").Expect(200).Body)
		for _, text := range foreman.Casts() {
			if !strings.Contains(conventions, text) {
				t.Errorf("the conventions do not say %q", text)
			}
		}
		for id, r := range doc.Resources {
			for _, m := range r.Methods {
				// where a line may break is not compared
				page := strings.ReplaceAll(string(s.Nobody().Get(m.DocURL).Expect(200).Body), "<wbr>", "")
				var want []string
				for _, a := range m.APIs {
					want = append(want, a.APIURL)
				}
				var explained func([]*apipie.Param)
				explained = func(params []*apipie.Param) {
					for _, p := range params {
						want = append(want, p.FullName)
						note, strict := foreman.Enforcement(p.FullName, p.ExpectedType)
						if note == "" || p.Description == "" || strict && !strings.Contains(page, note) {
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
					if !strings.Contains(page, `">`+text+"</code>") {
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
			"index": {"List users", "of an LDAP source", "of an external source", "of a user group", "of a role",
				"of a location", "of an organization", "starting at 1", "all returns all results",
				"such as id DESC", "Search fields", "<code>true</code>, <code>false</code>", "datetime", "integer"},
			"show":         {"Show a user", "Id or login"},
			"show_current": {"Show the current user"},
			"create": {"Create a user", "Default role", "is an administrator", "required unless the user is in an external auth source",
				"User&#39;s time zone", "User&#39;s preferred language", "Replaces the previous list",
				"International Date Line West", "Pacific Time (US &amp; Canada)", "Tokelau Is.", "pt_BR",
				"optional</span><span class=\"chip\">nil allowed"},
			"update": {"Default role", "Only administrators can change the admin attribute",
				"required of users who change their own password", "Replaces the previous list"},
			"destroy": {"Delete a user"},
		} {
			text := string(s.Nobody().Get("/apidoc/v2/users/" + page).Expect(200).Body)
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
		c := s.Admin()
		mailless := s.User("mailless", object{"mail_enabled": true})
		c.Put(mailless.Path(), object{"user": object{"description": "x"}}).Expect(422).Want([]any{"can't be blank"},
			"error", "errors", "mail")
		s.By(s.User("second", object{"admin": true})).Put("/api/users/second", object{"user": object{"admin": false}}).
			Expect(200).Want(false, "admin")
		c.Put(fmt.Sprint("/api/roles/", s.Role("Default role")), object{"role": object{"description": "x"}}).Expect(200)
		c.Put(fmt.Sprint("/api/roles/", s.Role("Manager")), object{"role": object{"description": "x"}}).Expect(422)
		open := s.Organization("Open")
		inside := object{"organization_id": s.Organization("Inside")}
		c.Put(fmt.Sprint("/api/organizations/", open),
			object{"organization": object{"ignore_types": []string{"User"}}}).Expect(200)
		viewer := s.User("viewer", object{"role_ids": []int64{s.Role("Viewer")}, "organization_ids": []any{}})
		s.By(viewer).Get(query("/api/organizations", "search", "name = Open")).Expect(200).Want(1, "subtotal")
		c.Post("/api/roles", merge(inside, object{"role": object{"name": "r"}})).Expect(201).Want([]any{},
			"organizations")
		c.Post("/api/auth_source_ldaps", merge(inside, object{"auth_source_ldap": object{"name": "l", "host": "h"}})).
			Expect(201).Want([]any{"Inside"}, "organizations", each, "name")
		c.Get(query("/api/roles", "organization_id", fmt.Sprint(inside["organization_id"]))).Expect(200).Want(0,
			"total")
	})
}

// ownerPath is the path of the caller.
func ownerPath(s *server, c *client) string {
	s.T.Helper()
	return fmt.Sprint("/api/users/", c.Get("/api/current_user").Expect(200).Int("id"))
}

// What the documentation prints as enforced is enforced, with the status that it prints, and the rest is as loose as
// clients rely on (docs/spec/foreman.md, 3.3).
func TestDocs_WhatIsEnforced(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.Admin()
		for _, value := range []string{"0", "00", "-1", "+5", "x", "1.5", "1e3", "99999999999999999999", " ", "٣"} {
			for _, name := range []string{"page", "per_page"} {
				a := c.Get(query("/api/users", name, value))
				if blank := strings.TrimSpace(value) == ""; blank && a.Status != 200 || !blank && a.Status != 400 {
					t.Errorf("%s=%q: got %d", name, value, a.Status)
				}
				if a.Status == 400 {
					a.Want(name, "error", "parameter_name")
				}
			}
		}
		for attribute, bad := range map[string]any{"timezone": "Nowhere", "locale": "xx", "mail": "no address",
			"login": "a b", "auth_source_id": 4711, "role_ids": []int64{4711}, "location_ids": []int64{4711}} {
			if _, strict := foreman.Enforcement("user["+attribute+"]", ""); !strict {
				t.Errorf("the documentation does not say that %s is checked", attribute)
			}
			user := merge(object{"login": "ann", "mail": "a@example.com", "auth_source_id": 3}, object{attribute: bad})
			c.Post("/api/users", object{"user": user}).Expect(422)
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
		c.Post("/api/users", object{"user": loose}).Expect(201).Want(true, "disabled").Want(true, "mail_enabled").
			Want(false, "admin")
		c.Post("/api/auth_source_ldaps",
			object{"auth_source_ldap": object{"name": "x", "host": "h", "server_type": "nosuch"}}).Expect(422)
		c.Post("/api/auth_source_ldaps",
			object{"auth_source_ldap": object{"name": "x", "host": "h", "ldap_filter": "(("}}).Expect(422)
		c.Get("/api/users?search=nosuch+%3D+1").Expect(400)
		c.Get("/api/users?order=nosuch").Expect(400)
		for _, list := range []any{[]string{"a"}, object{"a": "b"}} {
			// Passed over wherever nothing hangs on it, and refused where without it nothing would be limited.
			c.Put("/api/users/ann",
				object{"user": object{"login": list, "mail": list, "timezone": list, "description": list,
					"disabled": list, "auth_source_id": list}}).Expect(200).Want("ann", "login")
			c.Put("/api/users/ann", object{"user": object{"role_ids": object{}, "location_ids": 1}}).Expect(200)
			c.Put("/api/users/ann", object{"user": []string{"a"}}).Expect(400)
			role := s.NewRole(fmt.Sprintf("limited %T", list))
			c.Post("/api/filters", object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
				"search": list}}).Expect(422).Want([]any{"is invalid"}, "error", "errors", "search")
			c.Post(ownerPath(s, c)+"/personal_access_tokens",
				object{"personal_access_token": object{"name": "t", "expires_at": list}}).Expect(422).
				Want([]any{"is invalid"}, "error", "errors", "expires_at")
			status := 422
			if _, isObject := list.(object); isObject {
				status = 400
			}
			c.Put("/api/settings/entries_per_page", object{"setting": object{"value": list}}).Expect(status)
			parameter := object{"name": fmt.Sprintf("%T", list)[:1], "value": list, "parameter_type": "json",
				"hidden_value": list}
			c.Post(fmt.Sprintf("/api/organizations/%d/parameters", s.Organization(fmt.Sprintf("%T", list))),
				object{"parameter": parameter}).Expect(201).Want(list, "value").Want(false, "hidden_value?")
		}
		for value, disabled := range map[string]any{"0": false, "f": false, "FALSE": false, "off": false, "": nil,
			"FaLse": true, "no": true} {
			c.Put("/api/users/ann", object{"user": object{"disabled": value}}).Expect(200).Want(disabled, "disabled")
		}
		c.Put("/api/settings/entries_per_page", object{"setting": object{"value": "x"}}).Expect(422)
		c.Get("/api/status?location_id=4711").Expect(404)
		s.Nobody().Get("/api/ping?location_id=4711").Expect(200)
		c.Get("/api/users/4711/table_preferences").Expect(403)
		c.Get("/api/users/4711/ssh_keys").Expect(422)
	})
}
