package test

import (
	"fmt"
	"strings"
	"testing"
)

// What is known about tenants (docs/spec/foreman.md, 2.7 and 5.8).
func TestParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.admin()
		top := s.organization("Top")
		below := c.post("/api/organizations", object{"organization": object{"name": "Below", "parent_id": top}}).
			expect(201).int("id")
		place := s.location("Place")
		of := func(tenant int64) string { return fmt.Sprintf("/api/organizations/%d/parameters", tenant) }
		s.run("they come in their kind, and go", func(t *testing.T, s *server) {
			a := c.post(of(top),
				object{"parameter": object{"name": "list", "value": `["a", 1]`, "parameter_type": "array",
					"hidden_value": nil}}).expect(201)
			a.want([]any{"a", float64(1)}, "value").want("array", "parameter_type").want("organization",
				"associated_type").want(10, "priority").want(false, "hidden_value?")
			id := a.int("id")
			c.get(fmt.Sprintf("%s/%d", of(top), id)).expect(200).want("list", "name")
			c.get(of(top)+"/list").expect(200).want(id, "id")
			c.put(of(top)+"/list", object{"value": "b, c"}).expect(200).want([]any{"b", "c"}, "value")
			c.put(of(top)+"/list", object{"parameter": object{"parameter_type": "json"}}).expect(200).
				want([]any{"b", "c"}, "value")
			c.put(of(top)+"/list", object{"parameter": object{"parameter_type": "integer"}}).expect(422).
				want([]any{"is invalid"}, "error", "errors", "value")
			c.get(query(of(top), "search", `name = "list"`, "order", "name DESC")).expect(200).want(1, "subtotal").
				want("list", "results", 0, "name")
			c.delete(of(top)+"/list").expect(200).want("list", "name")
			c.get(of(top) + "/list").expect(404)
			c.post(fmt.Sprintf("/api/locations/%d/parameters", place),
				object{"parameter": object{"name": "x", "value": "y"}}).expect(201).want("location", "associated_type").
				want(20, "priority")
		})
		s.run("wrong ones are refused whole", func(t *testing.T, s *server) {
			c.post(of(top), object{"parameter": object{"name": "a b", "value": "x", "parameter_type": "nosuch"}}).
				expect(422).
				want([]any{"can't contain spaces"}, "error", "errors", "name").
				want([]any{"is not included in the list"}, "error", "errors", "parameter_type")
			c.post(of(top), object{"parameter": object{"name": "once", "value": "x"}}).expect(201)
			c.post(of(top), object{"parameter": object{"name": "once", "value": "x"}}).expect(422).
				want([]any{"has already been taken"}, "error", "errors", "name")
			c.post(of(below), object{"parameter": object{"name": "once", "value": "nearer"}}).expect(201)
			c.get(fmt.Sprintf("/api/locations/%d/parameters", top)).expect(404)
			c.get(of(4711)).expect(404)
		})
		s.run("tenants show those that hold for them", func(t *testing.T, s *server) {
			c.post(of(top),
				object{"parameter": object{"name": "inherited", "value": "1", "parameter_type": "integer"}}).expect(201)
			c.get(fmt.Sprintf("/api/organizations/%d", below)).expect(200).want([]any{"inherited", "once"},
				"parameters", each, "name").want([]any{float64(1), "nearer"}, "parameters", each, "value")
			c.get(fmt.Sprintf("/api/organizations/%d", top)).expect(200).want("x", "parameters", 1, "value")
			c.get(of(below)).expect(200).want(1, "total")
			// What a filter hides holds all the same: what it is nearer than is not shown in its place.
			c.put(of(top)+"/once", object{"parameter": object{"value": "7", "parameter_type": "integer"}}).expect(200)
			role := s.newRole("integers", "view_organizations")
			s.filter(role, "parameter_type = integer", "view_params")
			who := s.by(s.user("integers", object{"organization_ids": []int64{top}, "role_ids": []int64{role}}))
			who.get(fmt.Sprintf("/api/organizations/%d", below)).expect(200).want([]any{"inherited"}, "parameters",
				each, "name")
			who.get(fmt.Sprintf("/api/organizations/%d", top)).expect(200).want([]any{"inherited", "once"},
				"parameters", each, "name")
			c.put(of(top)+"/once", object{"parameter": object{"value": "x", "parameter_type": "string"}}).expect(200)
		})
		s.run("hidden values are for those who may edit them, when they ask", func(t *testing.T, s *server) {
			member := object{"organization_ids": []int64{top}}
			viewer, manager := s.user("viewer", member, object{"role_ids": []int64{s.role("Viewer")}}),
				s.user("manager", member, object{"role_ids": []int64{s.role("Manager")}})
			path := of(top) + "/secret"
			c.post(of(top), object{"parameter": object{"name": "secret", "value": "hushhush", "hidden_value": true}}).
				expect(201).want("*****", "value")
			c.put(path, object{"parameter": object{"value": "hushhushhush"}}).expect(200).want("*****", "value")
			for _, where := range []string{path, path + "?show_hidden=true", of(top) + "?show_hidden_parameters=true",
				fmt.Sprintf("/api/organizations/%d?show_hidden_parameters=true", top),
				"/api/audits?search=type+=+parameter"} {
				if body := string(s.by(viewer).get(where).expect(200).body); strings.Contains(body, "hushhush") {
					t.Errorf("a viewer reads it at %s: %s", where, body)
				}
			}
			s.by(manager).get(path).expect(200).want("*****", "value")
			s.by(manager).get(path+"?show_hidden=true").expect(200).want("hushhushhush", "value")
			s.by(manager).get(fmt.Sprintf("/api/organizations/%d?show_hidden_parameters=true", below)).expect(200).
				want("hushhushhush", "parameters", 2, "value")
			s.by(s.user("roleless", member)).get(of(top)).expect(403)
			if n := s.find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%hushhush%'"); n != 0 {
				t.Errorf("it is in %d audits", n)
			}
		})
		s.run("a tenant's can be replaced at once", func(t *testing.T, s *server) {
			path := fmt.Sprintf("/api/organizations/%d", top)
			attributes := []object{{"name": "once", "value": "again"},
				{"name": "new", "value": "true", "parameter_type": "boolean"}}
			c.put(path, object{"organization": object{"organization_parameters_attributes": attributes}}).expect(200).
				want([]any{"new", "once"}, "parameters", each, "name").want([]any{true, "again"}, "parameters", each,
				"value")
			c.put(path,
				object{"organization": object{"name": "Renamed",
					"organization_parameters_attributes": []object{{"name": "a b"}}}}).expect(422)
			c.get(path).expect(200).want("Top", "name").want([]any{"new", "once"}, "parameters", each, "name")
			c.put(path, object{"organization": object{"description": "x"}}).expect(200).want([]any{"new", "once"},
				"parameters", each, "name")
			editor := s.newRole("parameterless", "view_organizations", "edit_organizations")
			who := s.user("editor", object{"organization_ids": []int64{top}, "role_ids": []int64{editor}})
			s.by(who).put(path, object{"organization": object{"organization_parameters_attributes": []object{}}}).
				expect(403)
			s.by(who).get(path).expect(200).want([]any{}, "parameters")
			c.put(path, object{"organization": object{"organization_parameters_attributes": []object{}}}).expect(200).
				want([]any{}, "parameters")
		})
		s.run("filters limit which are written and revealed, one by one or at once", func(t *testing.T, s *server) {
			tenant := s.organization("Limited")
			path, list := fmt.Sprintf("/api/organizations/%d", tenant), fmt.Sprintf("/api/organizations/%d/parameters",
				tenant)
			child := c.post("/api/organizations",
				object{"organization": object{"name": "Inside", "parent_id": tenant}}).expect(201).int("id")
			for _, name := range []string{"mine", "theirs"} {
				c.post(list,
					object{"parameter": object{"name": name, "value": name + "-hidden", "hidden_value": true}}).
					expect(201)
			}
			role := s.newRole("limited", "view_organizations", "edit_organizations", "view_params", "create_params")
			s.filter(role, "name = mine and parameter_type = string", "edit_params")
			s.filter(role, "name = mine", "destroy_params")
			who := s.by(s.user("limited", object{"organization_ids": []int64{tenant}, "role_ids": []int64{role}}))
			sent := func(parameters ...object) object {
				return object{"organization": object{"organization_parameters_attributes": parameters}}
			}
			for _, where := range []string{list, path, fmt.Sprintf("/api/organizations/%d", child)} {
				body := string(who.get(where + "?show_hidden_parameters=true").expect(200).body)
				if !strings.Contains(body, "mine-hidden") || strings.Contains(body, "theirs-hidden") {
					t.Errorf("%s reveals %s", where, body)
				}
			}
			who.get(list+"/theirs?show_hidden=true").expect(200).want("*****", "value")
			mine, theirs := object{"name": "mine"}, object{"name": "theirs"}
			who.put(path, sent(mine)).expect(422)
			who.put(path, sent(mine, object{"name": "theirs", "hidden_value": false})).expect(422)
			who.put(path, sent(mine, theirs)).expect(422)
			who.get(list).expect(200).want([]any{"mine", "theirs"}, "results", each, "name").want([]any{true, true},
				"results", each, "hidden_value?")
			c.put(path, sent(object{"name": "mine", "value": "1", "parameter_type": "json"})).expect(200)
			who.put(path, sent(object{"name": "mine", "value": "1", "parameter_type": "string"})).expect(422)
			c.put(list+"/mine", object{"parameter": object{"parameter_type": "string"}}).expect(200)
			who.put(path, sent(object{"name": "mine", "value": "new"}, object{"name": "more"})).expect(200)
			within := s.by(
				s.user("within", object{"organization_ids": []int64{child}, "role_ids": []int64{s.role("Manager")}}))
			within.get(fmt.Sprintf("/api/organizations/%d?show_hidden=true", child)).expect(200).
				want([]any{"*****", ""}, "parameters", each, "value")
			within.get(list).expect(404)
		})
		s.run("what becomes hidden is not audited then", func(t *testing.T, s *server) {
			tenant := s.organization("Audited")
			list := fmt.Sprintf("/api/organizations/%d/parameters", tenant)
			c.post(list, object{"parameter": object{"name": "becoming", "value": "public-so-far"}}).expect(201)
			c.put(list+"/becoming", object{"parameter": object{"hidden_value": true}}).expect(200)
			c.put(list+"/becoming", object{"parameter": object{"hidden_value": false, "value": "open again"}}).
				expect(200)
			c.put(list+"/becoming", object{"parameter": object{"hidden_value": true, "value": "gone again"}}).
				expect(200)
			for value, want := range map[string]int64{"public-so-far": 1, "open again": 1, "gone again": 0} {
				if n := s.find("SELECT COUNT(*) FROM audits WHERE auditable_name = 'becoming' AND "+
					"audited_changes LIKE ?", "%"+value+"%"); n != want {
					t.Errorf("%q is in %d audits, want %d", value, n, want)
				}
			}
		})
		s.run("values of any shape are answered, and long lists refused", func(t *testing.T, s *server) {
			tenant := s.organization("Odd")
			path := fmt.Sprintf("/api/organizations/%d", tenant)
			for _, value := range []string{strings.Repeat("- ", 9000) + strings.Repeat("[", 9000) + strings.Repeat("]",
				9000), "{" + strings.Repeat("a,", 30_000) + "}"} {
				c.post(path+"/parameters",
					object{"parameter": object{"name": "odd", "value": value, "parameter_type": "yaml"}}).expect(422).
					want([]any{"is invalid"}, "error", "errors", "value")
			}
			c.get(path+"/parameters").expect(200).want(0, "total")
			many := make([]object, 1001)
			for i := range many {
				many[i] = object{"name": fmt.Sprint("p", i)}
			}
			sent := func(list []object) object {
				return object{"organization": object{"organization_parameters_attributes": list}}
			}
			c.put(path, sent(many)).expect(422).want([]any{"are too many (maximum is 1000)"}, "error", "errors",
				"parameters")
			c.put(path, sent(many[:1000])).expect(200)
			c.get(path+"/parameters").expect(200).want(1000, "total")
		})
		s.run("and deleted at once", func(t *testing.T, s *server) {
			c.delete(of(below)).expect(200)
			c.get(of(below)).expect(200).want(0, "total")
		})
	})
}
