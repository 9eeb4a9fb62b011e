package foreman

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// What is known about tenants (docs/spec/foreman.md, 2.7 and 5.8).
func TestParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.Admin()
		top := s.Organization("Top")
		below := c.Post("/api/organizations", object{"organization": object{"name": "Below", "parent_id": top}}).
			Expect(201).Int("id")
		place := s.Location("Place")
		of := func(tenant int64) string { return fmt.Sprintf("/api/organizations/%d/parameters", tenant) }
		s.Run("they come in their kind, and go", func(t *testing.T, s *server) {
			a := c.Post(of(top),
				object{"parameter": object{"name": "list", "value": `["a", 1]`, "parameter_type": "array",
					"hidden_value": nil}}).Expect(201)
			a.Want([]any{"a", float64(1)}, "value").Want("array", "parameter_type").Want("organization",
				"associated_type").Want(10, "priority").Want(false, "hidden_value?")
			id := a.Int("id")
			c.Get(fmt.Sprintf("%s/%d", of(top), id)).Expect(200).Want("list", "name")
			c.Get(of(top)+"/list").Expect(200).Want(id, "id")
			c.Put(of(top)+"/list", object{"value": "[b, c]"}).Expect(200).Want([]any{"b", "c"}, "value")
			c.Put(of(top)+"/list", object{"parameter": object{"parameter_type": "json"}}).Expect(200).
				Want([]any{"b", "c"}, "value")
			c.Put(of(top)+"/list", object{"parameter": object{"parameter_type": "integer"}}).Expect(422).
				Want([]any{"is invalid"}, "error", "errors", "value")
			c.Get(query(of(top), "search", `name = "list"`, "order", "name DESC")).Expect(200).Want(1, "subtotal").
				Want("list", "results", 0, "name")
			c.Delete(of(top)+"/list").Expect(200).Want("list", "name")
			c.Get(of(top) + "/list").Expect(404)
			c.Post(fmt.Sprintf("/api/locations/%d/parameters", place),
				object{"parameter": object{"name": "x", "value": "y"}}).Expect(201).Want("location", "associated_type").
				Want(20, "priority")
		})
		s.Run("wrong ones are refused whole", func(t *testing.T, s *server) {
			c.Post(of(top), object{"parameter": object{"name": "a b", "value": "x", "parameter_type": "nosuch"}}).
				Expect(422).
				Want([]any{"can't contain spaces"}, "error", "errors", "name").
				Want([]any{"is not included in the list"}, "error", "errors", "parameter_type")
			c.Post(of(top), object{"parameter": object{"name": "once", "value": "x"}}).Expect(201)
			c.Post(of(top), object{"parameter": object{"name": "once", "value": "x"}}).Expect(422).
				Want([]any{"has already been taken"}, "error", "errors", "name")
			c.Post(of(below), object{"parameter": object{"name": "once", "value": "nearer"}}).Expect(201)
			c.Get(fmt.Sprintf("/api/locations/%d/parameters", top)).Expect(404)
			c.Get(of(4711)).Expect(404)
		})
		s.Run("tenants show those that hold for them", func(t *testing.T, s *server) {
			c.Post(of(top),
				object{"parameter": object{"name": "inherited", "value": "1", "parameter_type": "integer"}}).Expect(201)
			c.Get(fmt.Sprintf("/api/organizations/%d", below)).Expect(200).Want([]any{"inherited", "once"},
				"parameters", each, "name").Want([]any{float64(1), "nearer"}, "parameters", each, "value")
			c.Get(fmt.Sprintf("/api/organizations/%d", top)).Expect(200).Want("x", "parameters", 1, "value")
			c.Get(of(below)).Expect(200).Want(1, "total")
			// What a filter hides holds all the same: what it is nearer than is not shown in its place.
			c.Put(of(top)+"/once", object{"parameter": object{"value": "7", "parameter_type": "integer"}}).Expect(200)
			role := s.NewRole("integers", "view_organizations")
			s.Filter(role, "parameter_type = integer", "view_params")
			who := s.By(s.User("integers", object{"organization_ids": []int64{top}, "role_ids": []int64{role}}))
			who.Get(fmt.Sprintf("/api/organizations/%d", below)).Expect(200).Want([]any{"inherited"}, "parameters",
				each, "name")
			who.Get(fmt.Sprintf("/api/organizations/%d", top)).Expect(200).Want([]any{"inherited", "once"},
				"parameters", each, "name")
			c.Put(of(top)+"/once", object{"parameter": object{"value": "x", "parameter_type": "string"}}).Expect(200)
		})
		s.Run("hidden values are for those who may edit them, when they ask", func(t *testing.T, s *server) {
			member := object{"organization_ids": []int64{top}}
			viewer := s.User("viewer", member, object{"role_ids": []int64{s.Role("Viewer")}})
			manager := s.User("manager", member, object{"role_ids": []int64{s.Role("Manager")}})
			path := of(top) + "/secret"
			c.Post(of(top), object{"parameter": object{"name": "secret", "value": "hushhush", "hidden_value": true}}).
				Expect(201).Want("*****", "value")
			c.Put(path, object{"parameter": object{"value": "hushhushhush"}}).Expect(200).Want("*****", "value")
			for _, where := range []string{path, path + "?show_hidden=true", of(top) + "?show_hidden_parameters=true",
				fmt.Sprintf("/api/organizations/%d?show_hidden_parameters=true", top),
				"/api/audits?search=type+=+parameter"} {
				if body := string(s.By(viewer).Get(where).Expect(200).Body); strings.Contains(body, "hushhush") {
					t.Errorf("a viewer reads it at %s: %s", where, body)
				}
			}
			s.By(manager).Get(path).Expect(200).Want("*****", "value")
			s.By(manager).Get(path+"?show_hidden=true").Expect(200).Want("hushhushhush", "value")
			s.By(manager).Get(fmt.Sprintf("/api/organizations/%d?show_hidden_parameters=true", below)).Expect(200).
				Want("hushhushhush", "parameters", 2, "value")
			s.By(s.User("roleless", member)).Get(of(top)).Expect(403)
			if n := s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%hushhush%'"); n != 0 {
				t.Errorf("it is in %d audits", n)
			}
		})
		s.Run("a tenant's can be replaced at once", func(t *testing.T, s *server) {
			path := fmt.Sprintf("/api/organizations/%d", top)
			attributes := []object{{"name": "once", "value": "again"},
				{"name": "new", "value": "true", "parameter_type": "boolean"}}
			c.Put(path, object{"organization": object{"organization_parameters_attributes": attributes}}).Expect(200).
				Want([]any{"new", "once"}, "parameters", each, "name").Want([]any{true, "again"}, "parameters", each,
				"value")
			c.Put(path,
				object{"organization": object{"name": "Renamed",
					"organization_parameters_attributes": []object{{"name": "a b"}}}}).Expect(422)
			c.Get(path).Expect(200).Want("Top", "name").Want([]any{"new", "once"}, "parameters", each, "name")
			c.Put(path, object{"organization": object{"description": "x"}}).Expect(200).Want([]any{"new", "once"},
				"parameters", each, "name")
			editor := s.NewRole("parameterless", "view_organizations", "edit_organizations")
			who := s.User("editor", object{"organization_ids": []int64{top}, "role_ids": []int64{editor}})
			s.By(who).Put(path, object{"organization": object{"organization_parameters_attributes": []object{}}}).
				Expect(403)
			s.By(who).Get(path).Expect(200).Want([]any{}, "parameters")
			c.Put(path, object{"organization": object{"organization_parameters_attributes": []object{}}}).Expect(200).
				Want([]any{}, "parameters")
		})
		s.Run("filters limit which are written and revealed, one by one or at once", func(t *testing.T, s *server) {
			tenant := s.Organization("Limited")
			path := fmt.Sprintf("/api/organizations/%d", tenant)
			list := fmt.Sprintf("/api/organizations/%d/parameters",
				tenant)
			child := c.Post("/api/organizations",
				object{"organization": object{"name": "Inside", "parent_id": tenant}}).Expect(201).Int("id")
			for _, name := range []string{"mine", "theirs"} {
				c.Post(list,
					object{"parameter": object{"name": name, "value": name + "-hidden", "hidden_value": true}}).
					Expect(201)
			}
			role := s.NewRole("limited", "view_organizations", "edit_organizations", "view_params", "create_params")
			s.Filter(role, "name = mine and parameter_type = string", "edit_params")
			s.Filter(role, "name = mine", "destroy_params")
			who := s.By(s.User("limited", object{"organization_ids": []int64{tenant}, "role_ids": []int64{role}}))
			sent := func(parameters ...object) object {
				return object{"organization": object{"organization_parameters_attributes": parameters}}
			}
			for _, where := range []string{list, path, fmt.Sprintf("/api/organizations/%d", child)} {
				body := string(who.Get(where + "?show_hidden_parameters=true").Expect(200).Body)
				if !strings.Contains(body, "mine-hidden") || strings.Contains(body, "theirs-hidden") {
					t.Errorf("%s reveals %s", where, body)
				}
			}
			who.Get(list+"/theirs?show_hidden=true").Expect(200).Want("*****", "value")
			mine := object{"name": "mine"}
			theirs := object{"name": "theirs"}
			who.Put(path, sent(mine)).Expect(422)
			who.Put(path, sent(mine, object{"name": "theirs", "hidden_value": false})).Expect(422)
			who.Put(path, sent(mine, theirs)).Expect(422)
			who.Get(list).Expect(200).Want([]any{"mine", "theirs"}, "results", each, "name").Want([]any{true, true},
				"results", each, "hidden_value?")
			c.Put(path, sent(object{"name": "mine", "value": "1", "parameter_type": "json"})).Expect(200)
			who.Put(path, sent(object{"name": "mine", "value": "1", "parameter_type": "string"})).Expect(422)
			c.Put(list+"/mine", object{"parameter": object{"parameter_type": "string"}}).Expect(200)
			who.Put(path, sent(object{"name": "mine", "value": "new"}, object{"name": "more"})).Expect(200)
			within := s.By(
				s.User("within", object{"organization_ids": []int64{child}, "role_ids": []int64{s.Role("Manager")}}))
			within.Get(fmt.Sprintf("/api/organizations/%d?show_hidden=true", child)).Expect(200).
				Want([]any{"*****", ""}, "parameters", each, "value")
			within.Get(list).Expect(404)
		})
		s.Run("what becomes hidden is not audited then", func(t *testing.T, s *server) {
			tenant := s.Organization("Audited")
			list := fmt.Sprintf("/api/organizations/%d/parameters", tenant)
			c.Post(list, object{"parameter": object{"name": "becoming", "value": "public-so-far"}}).Expect(201)
			c.Put(list+"/becoming", object{"parameter": object{"hidden_value": true}}).Expect(200)
			c.Put(list+"/becoming", object{"parameter": object{"hidden_value": false, "value": "open again"}}).
				Expect(200)
			c.Put(list+"/becoming", object{"parameter": object{"hidden_value": true, "value": "gone again"}}).
				Expect(200)
			for value, want := range map[string]int64{"public-so-far": 1, "open again": 1, "gone again": 0} {
				if n := s.Find("SELECT COUNT(*) FROM audits WHERE auditable_name = 'becoming' AND "+
					"audited_changes LIKE ?", "%"+value+"%"); n != want {
					t.Errorf("%q is in %d audits, want %d", value, n, want)
				}
			}
		})
		s.Run("values of any shape are answered, and long lists refused", func(t *testing.T, s *server) {
			tenant := s.Organization("Odd")
			path := fmt.Sprintf("/api/organizations/%d", tenant)
			for _, value := range []string{strings.Repeat("- ", 9000) + strings.Repeat("[", 9000) + strings.Repeat("]",
				9000), "{" + strings.Repeat("a,", 30_000) + "}"} {
				c.Post(path+"/parameters",
					object{"parameter": object{"name": "odd", "value": value, "parameter_type": "yaml"}}).Expect(422).
					Want([]any{"is invalid"}, "error", "errors", "value")
			}
			c.Get(path+"/parameters").Expect(200).Want(0, "total")
			many := make([]object, 1001)
			for i := range many {
				many[i] = object{"name": fmt.Sprint("p", i)}
			}
			sent := func(list []object) object {
				return object{"organization": object{"organization_parameters_attributes": list}}
			}
			c.Put(path, sent(many)).Expect(422).Want([]any{"are too many (maximum is 1000)"}, "error", "errors",
				"parameters")
			c.Put(path, sent(many[:1000])).Expect(200)
			c.Get(path+"/parameters").Expect(200).Want(1000, "total")
		})
		s.Run("and deleted at once", func(t *testing.T, s *server) {
			c.Delete(of(below)).Expect(200)
			c.Get(of(below)).Expect(200).Want(0, "total")
		})
	})
}

// What is known everywhere (docs/spec/foreman.md, 2.7 and 5.8).
func TestCommonParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const all = "/api/common_parameters"
		c := s.Admin()
		made := func(attributes object) *answer { return c.Post(all, object{"common_parameter": attributes}) }
		names := func(who *client, search string) []any {
			t.Helper()
			return who.Get(query(all, "search", search)).Expect(200).Column("name")
		}
		s.Run("they come in their kind, and go", func(t *testing.T, s *server) {
			a := made(object{"name": "list", "value": `["a", 1]`, "parameter_type": "array"}).Expect(201)
			a.Want([]any{"a", float64(1)}, "value").Want("array", "parameter_type").Want(false, "hidden_value?").
				Want("*****", "hidden_value")
			shape := regexp.MustCompile(`^{"created_at":"[^"]+","updated_at":"[^"]+","hidden_value\?":false,` +
				`"hidden_value":"\*\*\*\*\*","id":\d+,"name":"list","parameter_type":"array","value":\["a",1]}\s*$`)
			if !shape.Match(a.Body) {
				t.Errorf("got %s", a.Body)
			}
			c.Get(fmt.Sprintf("%s/%d", all, a.Int("id"))).Expect(200).Want("list", "name")
			c.Get(all+"/list").Expect(200).Want(a.Int("id"), "id")
			c.Put(all+"/list", object{"value": "[b, c]"}).Expect(200).Want([]any{"b", "c"}, "value")
			c.Put(all+"/list", object{"common_parameter": object{"parameter_type": "integer"}}).Expect(422).
				Want([]any{"is invalid"}, "error", "errors", "value")
			c.Put(all+"/list", object{"common_parameter": object{"name": "renamed"}}).Expect(200)
			c.Get(all + "/list").Expect(404)
			c.Delete(all+"/renamed").Expect(200).Want(nil, "reference_id").Want(0, "priority").Want("array", "key_type").
				Want(`["b","c"]`, "searchable_value")
			c.Delete(all + "/renamed").Expect(404)
		})
		s.Run("wrong ones are refused", func(t *testing.T, s *server) {
			made(object{"name": "a b", "value": "x", "parameter_type": "nosuch"}).Expect(422).
				Want([]any{"can't contain spaces"}, "error", "errors", "name").
				Want([]any{"is not included in the list"}, "error", "errors", "parameter_type")
			made(object{"value": "x"}).Expect(422).Want([]any{"can't be blank"}, "error", "errors", "name")
			made(object{"name": "once", "value": "x"}).Expect(201)
			made(object{"name": "once", "value": "y"}).Expect(422).
				Want([]any{"has already been taken"}, "error", "errors", "name")
		})
		s.Run("tenants have others", func(t *testing.T, s *server) {
			of := fmt.Sprintf("/api/organizations/%d", s.Organization("Top"))
			c.Post(of+"/parameters", object{"parameter": object{"name": "once", "value": "own"}}).Expect(201)
			c.Get(of+"/parameters").Expect(200).Want([]any{"own"}, "results", each, "value")
			c.Get(of).Expect(200).Want([]any{"own"}, "parameters", each, "value")
			c.Get(all).Expect(200).Want([]any{"x"}, "results", each, "value").Want(1, "total")
			c.Get(fmt.Sprintf("%s/%d", all, c.Get(of+"/parameters/once").Int("id"))).Expect(404)
			c.Get(fmt.Sprintf("%s/parameters/%d", of, c.Get(all+"/once").Int("id"))).Expect(404)
			if got := c.Get("/api/parameters/auto_complete_search?search=type+=+").Expect(200); strings.Contains(string(
				got.Body), "Common") {
				t.Errorf("those of tenants are completed with %s", got.Body)
			}
		})
		s.Run("searches find names, values and types", func(t *testing.T, s *server) {
			made(object{"name": "port", "value": "8080", "parameter_type": "integer"}).Expect(201)
			made(object{"name": "greeting", "value": "Hello, Žofie"}).Expect(201)
			made(object{"name": "hush", "value": "Hello, nobody", "hidden_value": true}).Expect(201)
			for search, want := range map[string][]any{
				"name = port": {"port"}, "value = 8080": {"port"}, "value ~ žof": {"greeting"}, "value ~ hello": {"greeting"},
				"Hello": {"greeting"}, `value = "Hello, nobody"`: {}, "value != 8080 and name ~ h": {},
				"parameter_type = integer": {"port"}, "type = CommonParameter and name ^ (port, once)": {"once", "port"},
				"type = OrganizationParameter": {},
			} {
				if got := names(c, search); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s finds %v, want %v", search, got, want)
				}
			}
			c.Get(query(all, "order", "value DESC")).Expect(200).Want("once", "results", 0, "name")
			c.Get(all+"?per_page=1&page=2").Expect(200).Want("hush", "results", 0, "name").Want(4, "total")
			c.Get(query(all+"/auto_complete_search", "search", "value = ")).Expect(200).
				Want([]any{`value =  "8080"`, `value =  "Hello, Žofie"`, `value =  "x"`}, each, "label")
			c.Put(all+"/greeting", object{"common_parameter": object{"hidden_value": true}}).Expect(200)
			if got := names(c, "value ~ hello"); len(got) > 0 {
				t.Errorf("a value that became hidden finds %v", got)
			}
		})
		s.Run("hidden values are for those who may edit them, when they ask", func(t *testing.T, s *server) {
			made(object{"name": "secret", "value": "hushhush", "hidden_value": true}).Expect(201).Want("*****", "value").
				Want(true, "hidden_value?")
			viewer := s.By(s.User("viewer", object{"role_ids": []int64{s.Role("Viewer")}}))
			role := s.NewRole("some", "view_params")
			s.Filter(role, "name = secret", "edit_params")
			editor := s.By(s.User("editor", object{"role_ids": []int64{role}}))
			for _, where := range []string{all, all + "?show_hidden=true", all + "/secret?show_hidden_parameters=true",
				"/api/audits?search=type+=+parameter"} {
				if body := string(viewer.Get(where).Expect(200).Body); strings.Contains(body, "hushhush") {
					t.Errorf("a viewer reads it at %s: %s", where, body)
				}
			}
			editor.Get(all+"/secret").Expect(200).Want("*****", "value")
			for _, ask := range []string{"show_hidden", "show_hidden_parameters"} {
				editor.Get(query(all+"/secret", ask, "true")).Expect(200).Want("hushhush", "value")
				editor.Get(query(all, ask, "true", "search", "name ^ (hush, secret)")).Expect(200).
					Want([]any{"*****", "hushhush"}, "results", each, "value")
			}
			if n := s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%hushhush%'"); n != 0 {
				t.Errorf("it is in %d audits", n)
			}
		})
		s.Run("the permissions of parameters decide, and no tenant", func(t *testing.T, s *server) {
			organization := s.Organization("Elsewhere")
			inside := func(login string, role int64) *client {
				return s.By(s.User(login, object{"organization_ids": []int64{organization}, "role_ids": []int64{role}}))
			}
			s.By(s.User("roleless")).Get(all).Expect(403)
			viewer := inside("reader", s.NewRole("reading", "view_params"))
			viewer.Get(query(all, "organization_id", fmt.Sprint(organization))).Expect(200).Want(5, "total")
			viewer.Post(all, object{"common_parameter": object{"name": "v", "value": "v"}}).Expect(403).
				Want([]any{"create_params"}, "error", "missing_permissions")
			viewer.Put(all+"/once", object{"common_parameter": object{"value": "v"}}).Expect(403).
				Want([]any{"edit_params"}, "error", "missing_permissions")
			viewer.Delete(all+"/once").Expect(403).Want([]any{"destroy_params"}, "error", "missing_permissions")
			manager := inside("manager", s.Role("Manager"))
			manager.Post(all, object{"common_parameter": object{"name": "m", "value": "v"}}).Expect(201)
			manager.Put(all+"/m", object{"common_parameter": object{"value": "w"}}).Expect(200)
			manager.Delete(all + "/m").Expect(200)
			limited := s.NewRole("limited", "view_params", "view_organizations", "edit_organizations")
			s.Filter(limited, "type = OrganizationParameter or name = once", "create_params", "edit_params", "destroy_params")
			who := inside("limited", limited)
			who.Post(all, object{"common_parameter": object{"name": "l", "value": "v"}}).Expect(422)
			who.Put(all+"/port", object{"common_parameter": object{"value": "1"}}).Expect(404)
			who.Put(all+"/once", object{"common_parameter": object{"name": "twice"}}).Expect(422)
			who.Put(all+"/once", object{"common_parameter": object{"value": "1"}}).Expect(200)
			who.Delete(all + "/port").Expect(404)
			who.Post(fmt.Sprintf("/api/organizations/%d/parameters", organization),
				object{"parameter": object{"name": "l", "value": "v"}}).Expect(201)
		})
		s.Run("changes are audited, for everybody who may see audits", func(t *testing.T, s *server) {
			of := object{"organization_ids": []int64{s.Organization("Auditors")},
				"role_ids": []int64{s.NewRole("auditing", "view_audit_logs")}}
			who := s.By(s.User("auditor", of))
			a := who.Get(query("/api/audits", "search", "type = parameter and parameter = once", "per_page", "all")).
				Expect(200)
			a.Want([]any{"update", "create"}, "results", each, "action").Want("once", "results", 0, "auditable_name").
				Want(nil, "results", 0, "associated_type").Want([]any{`"x"`, `"1"`}, "results", 0,
				"audited_changes", "value")
			// Who acted is for those who may know of them.
			a.Want(nil, "results", 0, "user_name").Want(nil, "results", 0, "remote_address")
			who.Get(query("/api/audits", "search", "parameter = once and username = limited")).Expect(200).
				Want(0, "subtotal")
			c.Get(query("/api/audits", "search", "parameter = once and username = limited")).Expect(200).
				Want(1, "subtotal")
			who.Get(query("/api/audits", "search", "parameter = l")).Expect(200).Want(0, "subtotal")
			c.Get(query("/api/audits", "search", "parameter = l")).Expect(200).Want(1, "subtotal")
		})
	})
}
