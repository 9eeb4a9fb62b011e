package foreman

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"

	"roster/directory"
	"roster/models"
)

// customField makes a field and returns its id.
func customField(s *server, name, format string, attributes ...object) int64 {
	s.T.Helper()
	body := merge(append([]object{{"name": name, "field_format": format}}, attributes...)...)
	return s.Admin().Post("/api/custom_fields", object{"custom_field": body}).Expect(201).Int("id")
}

func fieldPath(id int64) string { return fmt.Sprint("/api/custom_fields/", id) }

// keyOf is how searches and errors name a field.
func keyOf(s *server, name string) string {
	return fmt.Sprint("cf_", s.Find("SELECT id FROM custom_fields WHERE name = ?", name))
}

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

// Values come with records, and change with them, as a list or as an object.
func TestCustomFields_Values(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		bob := s.User("bob")
		admin.Get(bob.Path()).Expect(200).Lacks("custom_fields")
		phone := customField(s, "Phone number", "string", object{"regexp": "^[0-9 ]*$", "max_length": 10})
		badge := customField(s, "Badge", "int")
		teams := customField(s, "Teams", "list",
			object{"multiple": true, "possible_values": []string{"red", "green", "blue"}})
		customField(s, "Vip", "bool")
		customField(s, "Since", "date")
		customField(s, "Rate", "float")
		customField(s, "Level", "string", object{"default_value": "new"})
		of := customField(s, "Owner", "string", object{"customized_type": "usergroup", "is_required": true})
		wantCustom(t, admin.Get(bob.Path()), object{"Phone number": nil, "Badge": nil, "Teams": []any{}, "Vip": nil,
			"Since": nil, "Rate": nil, "Level": nil})
		ann := admin.Post("/api/users", object{"user": object{"login": "ann", "auth_source_id": 3,
			"custom_fields": []object{
				{"id": phone, "value": "555 1"}, {"name": "badge", "value": 42}, {"id": teams, "value": []string{"red",
					"blue", "red", ""}},
				{"name": "Vip", "value": true}, {"name": "Since", "value": " 2024-02-29 "}, {"name": "Rate", "value": 1.5},
			}}}).Expect(201)
		path := fmt.Sprint("/api/users/", ann.Int("id"))
		all := object{"Phone number": "555 1", "Badge": "42", "Teams": []string{"red", "blue"}, "Vip": "1",
			"Since": "2024-02-29", "Rate": "1.5", "Level": "new"}
		wantCustom(t, admin.Get(path), all)
		admin.Get(path).Expect(200).Want(true, "custom_fields", 2, "multiple").Want(teams, "custom_fields", 2, "id")
		// What was read may be sent back, and changes nothing.
		audits := s.Find("SELECT COUNT(*) FROM audits")
		was := admin.Get(path).Expect(200)
		setCustom(admin, path, was.Value("custom_fields")).Expect(200).Want(was.Value("updated_at"), "updated_at")
		if n := s.Find("SELECT COUNT(*) FROM audits"); n != audits {
			t.Errorf("%d audits of nothing", n-audits)
		}
		wantCustom(t, setCustom(admin, path, object{"Phone number": nil, "teams": []string{}, "Level": "old"}),
			merge(all, object{"Phone number": nil, "Teams": []any{}, "Level": "old"}))
		wantCustom(t, setCustom(admin, path, nil),
			merge(all, object{"Phone number": nil, "Teams": []any{}, "Level": "old"}))
		row := admin.Get("/api/users?search=login+=+ann").Expect(200).Rows()[0].(map[string]any)
		if row["custom_fields"] == nil {
			t.Error("the list has no custom fields")
		}
		if _, told := admin.Get("/api/audits?search="+url.QueryEscape("type = user and action = update")).Expect(200).
			At("results", 0, "audited_changes", "custom_fields"); !told {
			t.Error("the change of custom fields is not audited")
		}
		for _, test := range []struct {
			values any
			label  string
		}{
			{"x", "Custom fields"}, {7, "Custom fields"}, {[]any{"x"}, "Custom fields"},
			{[]object{{"id": phone}}, "Custom fields"}, {[]object{{"value": "x"}}, "Custom fields"},
			{object{"Phone number": object{"a": 1}}, "Custom fields"}, {object{"No such": 1}, "Custom fields"},
			{object{"Phone number": []any{[]any{"x"}}}, "Custom fields"}, {[]object{{"id": of, "value": "x"}},
				"Custom fields"},
			{[]object{{"id": 9999, "value": "x"}}, "Custom fields"}, {object{"Owner": "x"}, "Custom fields"},
			{[]object{{"id": badge, "value": 1}, {"name": "Badge", "value": 2}}, "Custom fields"},
			{object{"Phone number": "abc"}, "Phone number"}, {object{"Phone number": "12345678901"}, "Phone number"},
			{object{"Phone number": []string{"1"}}, "Phone number"}, {object{"Badge": "1.5"}, "Badge"},
			{object{"Badge": "1234567890123456789"}, "Badge"}, {object{"Teams": "black"}, "Teams"},
			{object{"Vip": "maybe"}, "Vip"}, {object{"Since": "yesterday"}, "Since"}, {object{"Since": "0000-01-01"},
				"Since"},
			{object{"Rate": "1e999"}, "Rate"}, {object{"Rate": "NaN"}, "Rate"}, {object{"Rate": "0x10"}, "Rate"},
		} {
			a := setCustom(admin, path, test.values).Expect(422)
			sentence := a.Text("error", "full_messages", 0)
			if !strings.HasPrefix(sentence, test.label+" ") {
				t.Errorf("%v: %s: want a sentence about %s", test.values, sentence, test.label)
			}
		}
		wantCustom(t, admin.Get(path), merge(all, object{"Phone number": nil, "Teams": []any{}, "Level": "old"}))
	})
}

// Groups have values, too.
func TestCustomFields_OfGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		old := s.Group("old", false, usersOf())
		customField(s, "Owner", "string", object{"customized_type": "usergroup", "is_required": true})
		customField(s, "Cost centre", "int", object{"customized_type": "usergroup", "default_value": "7"})
		customField(s, "Badge", "string")
		wantCustom(t, admin.Get(fmt.Sprint("/api/usergroups/", old)), object{"Owner": nil, "Cost centre": nil})
		make := func(values any) *answer {
			return admin.Post("/api/usergroups", object{"usergroup": object{"name": "ops", "custom_fields": values}})
		}
		make(nil).Expect(422).Refuses(map[string][]string{keyOf(s, "Owner"): {"can't be blank"}},
			"Owner can't be blank")
		make(object{"Owner": "ann", "Badge": "x"}).Expect(422)
		id := make(object{"Owner": "ann"}).Expect(201).Int("id")
		path := fmt.Sprint("/api/usergroups/", id)
		wantCustom(t, admin.Get(path), object{"Owner": "ann", "Cost centre": "7"})
		wantCustom(t, setCustom(admin, path, object{"Cost centre": 8}), object{"Owner": "ann", "Cost centre": "8"})
		// A change of something else needs no value.
		admin.Put(fmt.Sprint("/api/usergroups/", old), object{"usergroup": object{"name": "older"}}).Expect(200)
		setCustom(admin, fmt.Sprint("/api/usergroups/", old), object{"Cost centre": 1}).Expect(422)
		list := admin.Get("/api/usergroups?search="+url.QueryEscape("cost_centre >= 8")).Expect(200).
			Want(int64(1), "subtotal")
		if got := list.Value("results", 0, "custom_fields", 1, "value"); got != "8" {
			t.Errorf("got %v in the list, want 8", got)
		}
		for search, want := range map[string]int64{"owner ~ AN": 1, "null? owner": 1, "owner != ann": 1,
			"cost_centre < 8": 0, keyOf(s, "Owner") + " = ann": 1} {
			admin.Get("/api/usergroups?search="+url.QueryEscape(search)).Expect(200).Want(want, "subtotal")
		}
		admin.Get("/api/usergroups?search=badge+=+x").Expect(400)
		wantColumn(t, admin.Get("/api/usergroups?order=cost_centre+DESC").Expect(200).Column("name"), "ops", "older")
		admin.Delete(path).Expect(200)
		if n := s.Find("SELECT COUNT(*) FROM custom_values"); n != 0 {
			t.Errorf("%d values are left of a deleted group", n)
		}
	})
}

// Whoever may not change fields does not, and whoever may not see them all sees the visible ones.
func TestCustomFields_Rights(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		acme := s.Organization("Acme")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		open := customField(s, "Open", "string")
		fixed := customField(s, "Fixed", "string", object{"editable": false})
		hidden := customField(s, "Hidden", "string", object{"visible": false, "is_required": true,
			"default_value": "dark"})
		bob := s.User("bob", in)
		helper := s.User("helper", in, object{"role_ids": []int64{s.NewRole("helper", "view_users", "create_users",
			"edit_users", "view_audit_logs")}})
		viewer := s.User("viewer", in, object{"role_ids": []int64{s.Role("Viewer")}})
		manager := s.User("manager", in, object{"role_ids": []int64{s.Role("Manager")}})
		dark := object{"Open": nil, "Fixed": nil, "Hidden": "dark"}
		seen := object{"Open": nil, "Fixed": nil}
		wantCustom(t, s.By(bob).Get(bob.Path()), seen)
		wantCustom(t, s.By(helper).Get(bob.Path()), seen)
		wantCustom(t, s.By(viewer).Get(bob.Path()), dark)
		wantCustom(t, s.By(manager).Get(bob.Path()), dark)
		// Definitions: by permission, which a role that is held in a tenant does not give.
		name := object{"custom_field": object{"name": "x"}}
		for _, a := range []account{bob, helper, viewer} {
			s.By(a).Post("/api/custom_fields", name).Expect(403)
			s.By(a).Put(fieldPath(open), name).Expect(403)
			s.By(a).Delete(fieldPath(open)).Expect(403)
		}
		s.By(bob).Get("/api/custom_fields").Expect(403)
		s.By(viewer).Get("/api/custom_fields").Expect(200).Want(int64(3), "total")
		admin.Put(memberPath(acme, bob.ID), holdingRoles(s.NewRole("fields", "view_custom_fields",
			"create_custom_fields", "edit_custom_fields", "destroy_custom_fields"))).Expect(200)
		s.By(bob).Get("/api/custom_fields").Expect(403)
		s.By(bob).Post("/api/custom_fields", name).Expect(403)
		wantCustom(t, s.By(bob).Get(bob.Path()), seen)
		// Values: a viewer sets none, users their own editable ones, and nobody what is not shown.
		setCustom(s.By(viewer), bob.Path(), object{"Open": "x"}).Expect(403)
		wantCustom(t, setCustom(s.By(viewer), viewer.Path(), object{"Open": "x", "Fixed": "y"}),
			object{"Open": "x", "Fixed": nil, "Hidden": "dark"})
		wantCustom(t, setCustom(s.By(bob), bob.Path(), object{"Open": "x", "Fixed": "y"}),
			object{"Open": "x", "Fixed": nil})
		setCustom(s.By(bob), bob.Path(), object{"Hidden": "y"}).Expect(422)
		setCustom(s.By(bob), bob.Path(), []object{{"id": hidden, "value": "y"}}).Expect(422)
		wantCustom(t, setCustom(s.By(helper), bob.Path(), object{"Fixed": "z"}), object{"Open": "x", "Fixed": "z"})
		setCustom(s.By(helper), bob.Path(), object{"Hidden": "y"}).Expect(422)
		wantCustom(t, admin.Get(bob.Path()), object{"Open": "x", "Fixed": "z", "Hidden": "dark"})
		wantCustom(t, setCustom(s.By(helper), helper.Path(), object{"Fixed": "mine"}),
			object{"Open": nil, "Fixed": "mine"})
		// A right to change others does not reach the own account.
		limited := s.NewRole("limited", "view_users")
		s.Filter(limited, "login = bob", "edit_users")
		eve := s.User("eve", in, object{"role_ids": []int64{limited}})
		wantCustom(t, setCustom(s.By(eve), bob.Path(), object{"Fixed": "eve"}), object{"Open": "x", "Fixed": "eve"})
		wantCustom(t, setCustom(s.By(eve), eve.Path(), object{"Open": "e", "Fixed": "eve"}),
			object{"Open": "e", "Fixed": nil})
		// A right to view some fields shows no hidden one.
		some := s.NewRole("some", "view_users")
		s.Filter(some, "name = Open", "view_custom_fields")
		fay := s.User("fay", in, object{"role_ids": []int64{some}})
		wantCustom(t, s.By(fay).Get(bob.Path()), object{"Open": "x", "Fixed": "eve"})
		s.By(fay).Get("/api/custom_fields").Expect(200).Want(int64(1), "total")
		// Neither searches, nor orders, nor completion, nor audits tell.
		for _, field := range []string{fmt.Sprint("cf_", hidden), "hidden"} {
			s.By(helper).Get("/api/users?search=" + url.QueryEscape(field+" = dark")).Expect(400)
			s.By(helper).Get("/api/users?order=" + field).Expect(400)
			s.By(viewer).Get("/api/users?search="+url.QueryEscape(field+" = dark")).Expect(200).
				Want(s.By(viewer).Get("/api/users").Value("total"), "subtotal")
		}
		completeSearch(s.By(helper), "users", "hidden = d").Lacks("dark")
		wantLabels(completeSearch(s.By(viewer), "users", "hidden = d"), `hidden =  "dark"`)
		audits := "/api/audits?per_page=all&search="
		setCustom(admin, bob.Path(), object{"Hidden": "secret"}).Expect(200)
		s.By(helper).Get(audits + url.QueryEscape("type = user")).Expect(200).Lacks("dark").Lacks("secret")
		s.By(helper).Get(audits+url.QueryEscape("changes ~ secret")).Expect(200).Want(int64(0), "subtotal")
		told := s.By(viewer).Get(audits + url.QueryEscape("type = user")).Expect(200)
		if !strings.Contains(told.String(), "secret") {
			t.Error("audits tell nobody of hidden fields")
		}
		// The verb itself leaves out what the caller does not see, whatever a dialect hands on.
		change := directory.UserChange{Custom: []models.CustomInput{{FieldID: hidden, Values: []string{"taken"}},
			{FieldID: fixed, Values: []string{"set"}}}}
		v, err := s.Dir.UpdateUser(t.Context(), s.Principal("helper", helper.Password),
			directory.Ref{ID: bob.ID}, change)
		if err != nil || v.Custom[fixed][0] != "set" {
			t.Errorf("got %v, %v", v, err)
		}
		wantCustom(t, admin.Get(bob.Path()), object{"Open": "x", "Fixed": "set", "Hidden": "secret"})
	})
}

// A field keeps its meaning where records have values of it, and where filters search by it.
func TestCustomFields_KeepTheirMeaning(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		change := func(id int64, o object) *answer { return admin.Put(fieldPath(id), object{"custom_field": o}) }
		bob := s.User("bob")
		number := customField(s, "Number", "int")
		change(number, object{"field_format": "date"}).Expect(200)
		change(number, object{"field_format": "int"}).Expect(200)
		setCustom(admin, bob.Path(), object{"Number": 5}).Expect(200)
		change(number, object{"field_format": "date"}).Expect(422).Refuses(map[string][]string{
			"field_format": {"can't be changed like this while there are values"}},
			"Field format can't be changed like this while there are values")
		change(number, object{"field_format": "float"}).Expect(200)
		change(number, object{"field_format": "int"}).Expect(422)
		change(number, object{"field_format": "string"}).Expect(200)
		list := customField(s, "List", "list", object{"possible_values": []string{"a", "b", "c"}})
		setCustom(admin, bob.Path(), object{"List": "a"}).Expect(200)
		change(list, object{"multiple": true}).Expect(200)
		change(list, object{"multiple": false}).Expect(422)
		change(list, object{"possible_values": []string{"b", "c"}}).Expect(422)
		change(list, object{"possible_values": []string{"a", "d"}}).Expect(200)
		setCustom(admin, bob.Path(), object{"List": nil}).Expect(200)
		change(list, object{"multiple": false, "possible_values": []string{"z"}}).Expect(200)

		in := object{"organization_ids": []int64{s.Organization("Acme")}, "location_ids": []int64{s.Location("Here")}}
		role := s.NewRole("filtered", "view_custom_fields")
		group := customField(s, "Group name", "string")
		filter := s.Filter(role, "group_name = ops", "view_users")
		other := s.Filter(role, "name ~ zzz", "view_roles")
		carl := s.User("carl", in, object{"role_ids": []int64{role}})
		s.By(carl).Get("/api/users").Expect(200).Want(int64(0), "total")
		setCustom(admin, carl.Path(), object{"Group name": "ops"}).Expect(200)
		s.By(carl).Get("/api/users").Expect(200).Want(int64(1), "total")
		said := map[string][]string{"base": {fmt.Sprint("Filters search by the field: ", filter)}}
		change(group, object{"name": "Another"}).Expect(422).Refuses(said, said["base"][0])
		change(group, object{"is_filter": false}).Expect(422)
		admin.Delete(fieldPath(group)).Expect(422).Refuses(said, said["base"][0])
		// Nor does a new field take the name, in whatever letters.
		admin.Post("/api/custom_fields", object{"custom_field": object{"name": "group_name"}}).Expect(422).
			Refuses(said, said["base"][0])
		change(group, object{"name": "GROUP name", "searchable": true, "visible": false,
			"description": "d"}).Expect(200)
		s.By(carl).Get("/api/users").Expect(200).Want(int64(1), "total")
		admin.Put(fmt.Sprint("/api/filters/", filter), object{"filter": object{"search": "login = carl"}}).Expect(200)
		admin.Delete(fieldPath(group)).Expect(200)
		s.By(carl).Get("/api/users").Expect(200).Want(int64(1), "total")
		admin.Put(fmt.Sprint("/api/filters/", filter),
			object{"filter": object{"search": "group_name = ops"}}).Expect(422)
		admin.Get(fmt.Sprint("/api/filters/", other)).Expect(200)
	})
}

// Bounds: patterns that other engines choke on, long values, unknown fields in numbers.
func TestCustomFields_Bounds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		bob := s.User("bob")
		customField(s, "Text", "text")
		customField(s, "Bomb", "string", object{"regexp": "^(a+)+$"})
		customField(s, "Many", "list", object{"multiple": true, "possible_values": words(1000)})
		random := strings.Builder{}
		for range 4096 {
			random.WriteRune(rune(0x4e00 + rand.IntN(20000)))
		}
		long := random.String()
		wantCustom(t, setCustom(admin, bob.Path(), object{"Text": long}),
			object{"Text": long, "Bomb": nil, "Many": []any{}})
		setCustom(admin, bob.Path(), object{"Text": long + "x"}).Expect(422)
		first := string([]rune(long)[:60])
		for search, want := range map[string]int64{"text ~ " + first: 1, "text = " + first: 0} {
			admin.Get("/api/users?search="+url.QueryEscape(search)).Expect(200).Want(want, "subtotal")
		}
		setCustom(admin, bob.Path(), object{"Bomb": strings.Repeat("a", 4000) + "b"}).Expect(422)
		setCustom(admin, bob.Path(), object{"Bomb": strings.Repeat("a", 4000)}).Expect(200)
		setCustom(admin, bob.Path(), object{"Many": words(101)}).Expect(422)
		setCustom(admin, bob.Path(), object{"Many": words(100)}).Expect(200)
		setCustom(admin, bob.Path(), object{"Text": "a\x00b"}).Expect(422)
		unknown := []object{}
		for i := range 1000 {
			unknown = append(unknown, object{"id": 1000 + i, "value": "x"})
		}
		setCustom(admin, bob.Path(), unknown).Expect(422)
		for i := range 197 {
			customField(s, fmt.Sprint("more", i), "string", object{"is_filter": i%2 == 0, "searchable": false})
		}
		admin.Post("/api/custom_fields", object{"custom_field": object{"name": "beyond"}}).Expect(422)
		admin.Get("/api/users?search=bob").Expect(200).Want(int64(1), "subtotal")
	})
}

// words are different words.
func words(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("w", i)
	}
	return list
}

// Fields come and go while users are changed: nothing fails but what was refused, and no value is left of a gone field.
func TestCustomFields_DeletedUnderLoad(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		path := s.User("bob").Path()
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				for range 15 {
					a, err := s.Admin().Try("PUT", path, object{"user": object{"custom_fields": object{fmt.Sprint("f",
						i%2): "x"}}})
					if err != nil || a.Status != 200 && a.Status != 422 && a.Status != 503 {
						t.Errorf("setting a value: %v %v", a, err)
					}
					a, err = s.Admin().Try("GET", "/api/users?search="+url.QueryEscape("login = bob"), nil)
					if err != nil || a.Status != 200 && a.Status != 503 {
						t.Errorf("searching: %v %v", a, err)
					}
				}
			})
		}
		for i := range 2 {
			group.Go(func() {
				for range 8 {
					a, err := s.Admin().Try("POST", "/api/custom_fields",
						object{"custom_field": object{"name": fmt.Sprint("f", i)}})
					if err != nil || a.Status != 201 {
						t.Errorf("making a field: %v %v", a, err)
						return
					}
					a, err = s.Admin().Try("DELETE", fieldPath(a.Int("id")), nil)
					if err != nil || a.Status != 200 {
						t.Errorf("deleting a field: %v %v", a, err)
					}
				}
			})
		}
		group.Wait()
		if n := s.Find("SELECT COUNT(*) FROM custom_values") + s.Find("SELECT COUNT(*) FROM custom_fields"); n != 0 {
			t.Errorf("%d fields and values are left", n)
		}
	})
}
