package foreman

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// customField makes a field and returns its id.
func customField(s *server, name, format string, attributes ...object) int64 {
	s.T.Helper()
	body := merge(append([]object{{"name": name, "field_format": format}}, attributes...)...)
	return s.Admin().Post("/api/custom_fields", object{"custom_field": body}).Expect(201).Int("id")
}

func fieldPath(id int64) string { return fmt.Sprint("/api/custom_fields/", id) }

// setCustom changes the custom fields of a record by a path such as "/api/users/4".
func setCustom(c *client, path string, values any) *answer {
	root := strings.TrimSuffix(strings.Split(path, "/")[2], "s")
	return c.Put(path, object{root: object{"custom_fields": values}})
}

// customOf returns the values of a record by the names of the fields.
func customOf(a *answer) map[string]any {
	values := map[string]any{}
	list, there := a.At("custom_fields")
	if !there {
		return values
	}
	for _, one := range list.([]any) {
		row := one.(map[string]any)
		values[row["name"].(string)] = row["value"]
	}
	return values
}

func wantCustom(t *testing.T, a *answer, want object) {
	t.Helper()
	if got := customOf(a.Expect(200)); string(mustEncode(got)) != string(mustEncode(want)) {
		t.Errorf("%s: got %s, want %s", a, mustEncode(got), mustEncode(want))
	}
}

func wantPositions(t *testing.T, s *server, want ...string) {
	t.Helper()
	got := []string{}
	for _, row := range s.Admin().Get("/api/custom_fields?per_page=all").Expect(200).Rows() {
		r := row.(map[string]any)
		got = append(got, fmt.Sprint(r["name"], " ", r["position"]))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A definition is made, shown, changed and deleted, and each leaves an audit.
func TestCustomFields_Definitions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		made := admin.Post("/api/custom_fields", object{"custom_field": object{
			"name": " Phone number ", "customized_type": "user", "field_format": "string", "regexp": "^[0-9 ]*$",
			"min_length": 3, "max_length": 20, "is_required": false, "is_filter": true, "searchable": true,
			"visible": true, "editable": false, "default_value": "555", "description": "with the prefix",
		}}).Expect(201).Want("Phone number", "name").Want("user", "customized_type").Want("string", "field_format").
			Want("^[0-9 ]*$", "regexp").Want(int64(3), "min_length").Want(int64(20), "max_length").
			Want(false, "is_required").Want(true, "is_filter").Want(true, "searchable").Want(false, "multiple").
			Want("555", "default_value").Want(true, "visible").Want(false, "editable").Want(int64(1), "position").
			Want([]any{}, "possible_values").Want("with the prefix", "description")
		id := made.Int("id")
		made.Want(fmt.Sprint("cf_", id), "search_name")
		admin.Get(fieldPath(id)).Expect(200).Want("Phone number", "name")
		admin.Get("/api/custom_fields/Phone%20number").Expect(200).Want(id, "id")
		admin.Get("/api/custom_fields?search="+url.QueryEscape(`field_format = string and subject = user`)).
			Expect(200).Want(int64(1), "subtotal")
		admin.Put(fieldPath(id), object{"custom_field": object{"name": "Telephone", "min_length": nil}}).Expect(200).
			Want("Telephone", "name").Want(nil, "min_length").Want(int64(20), "max_length")
		bob := s.User("bob")
		setCustom(admin, bob.Path(), object{"Telephone": "123"}).Expect(200)
		admin.Delete(fieldPath(id)).Expect(200).Want(id, "id")
		admin.Get(fieldPath(id)).Expect(404)
		if n := s.Find("SELECT COUNT(*) FROM custom_values"); n != 0 {
			t.Errorf("%d values are left of a deleted field", n)
		}
		audits := admin.Get("/api/audits?order=id&search=" + url.QueryEscape("type = custom_field")).Expect(200)
		wantColumn(t, audits.Column("action"), "create", "update", "destroy")
		audits.Want("Telephone", "results", 1, "audited_changes", "name", 1).
			Want(int64(1), "results", 2, "audited_changes", "values")
		// The bob of the test was made after the field, so the value that goes is the one that was set.
		admin.Get(bob.Path()).Expect(200).Lacks("custom_fields")
	})
}

// What is wrong with a definition is refused, every rule at once.
func TestCustomFields_Rules(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		customField(s, "Badge", "string")
		create := func(o object) *answer { return admin.Post("/api/custom_fields", object{"custom_field": o}) }
		many := []string{}
		for i := range 1001 {
			many = append(many, fmt.Sprint("v", i))
		}
		for _, test := range []struct {
			body  object
			wrong string
		}{
			{object{}, "name"}, {object{"name": "bADGE"}, "name"},
			{object{"name": "a", "customized_type": "host"}, "customized_type"},
			{object{"name": "a", "field_format": "blob"}, "field_format"},
			{object{"name": "a", "regexp": "("}, "regexp"},
			{object{"name": "a", "regexp": strings.Repeat("a", 1001)}, "regexp"},
			{object{"name": "a", "regexp": "((((a{1000}){1000}){1000}){1000})"}, "regexp"},
			{object{"name": "a", "min_length": -1}, "min_length"},
			{object{"name": "a", "min_length": 5, "max_length": 4}, "max_length"},
			{object{"name": "a", "multiple": true}, "multiple"},
			{object{"name": "a", "field_format": "list"}, "possible_values"},
			{object{"name": "a", "field_format": "list", "possible_values": many}, "possible_values"},
			{object{"name": "a", "field_format": "list", "possible_values": []string{strings.Repeat("x", 256)}},
				"possible_values"},
			{object{"name": "a", "field_format": "int", "default_value": "x"}, "default_value"},
		} {
			a := create(test.body).Expect(422)
			if _, there := a.At("error", "errors", test.wrong); !there {
				t.Errorf("%v: want an error about %s: %s", test.body, test.wrong, a)
			}
		}
		create(object{"name": "all", "field_format": "list", "possible_values": many[:1000]}).Expect(201)
		create(object{"name": "badge", "customized_type": "usergroup"}).Expect(201)
		admin.Get("/api/custom_fields/badge").Expect(200).Want("usergroup", "customized_type")
		admin.Put("/api/custom_fields/badge", object{"custom_field": object{"customized_type": "user"}}).Expect(422)
	})
}

// Positions are 1 to n for users and for groups, whatever is added, moved and deleted.
func TestCustomFields_Positions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		a := customField(s, "a", "string")
		customField(s, "b", "string")
		c := customField(s, "c", "string")
		wantPositions(t, s, "a 1", "b 2", "c 3")
		place := func(id, to int64) {
			admin.Put(fieldPath(id), object{"custom_field": object{"position": to}}).Expect(200)
		}
		place(c, 1)
		wantPositions(t, s, "c 1", "a 2", "b 3")
		place(c, 2)
		wantPositions(t, s, "a 1", "c 2", "b 3")
		place(a, 99)
		wantPositions(t, s, "c 1", "b 2", "a 3")
		place(a, -5)
		wantPositions(t, s, "a 1", "c 2", "b 3")
		customField(s, "d", "string", object{"position": 2})
		wantPositions(t, s, "a 1", "d 2", "c 3", "b 4")
		admin.Delete(fieldPath(a)).Expect(200)
		wantPositions(t, s, "d 1", "c 2", "b 3")
		admin.Post("/api/custom_fields",
			object{"custom_field": object{"name": "g", "customized_type": "usergroup"}}).Expect(201).
			Want(int64(1), "position")
		bob := s.User("bob")
		names := []any{}
		for _, row := range admin.Get(bob.Path()).Expect(200).Value("custom_fields").([]any) {
			names = append(names, row.(map[string]any)["name"])
		}
		wantColumn(t, names, "d", "c", "b")
	})
}
