package foreman

import (
	"fmt"
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
