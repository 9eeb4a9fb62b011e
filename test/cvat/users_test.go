package cvat

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/test/servertest"
)

// escaped is a text as a query has it.
func escaped(text string) string { return url.QueryEscape(text) }

// names are the usernames of a list, in order.
func names(a *answer) string {
	a.T.Helper()
	var list []string
	for _, v := range a.Expect(200).Value("results", servertest.Each, "username").([]any) {
		list = append(list, v.(string))
	}
	return strings.Join(list, " ")
}

// crowd makes some users whose names try what filters compare.
func crowd(s *server) {
	s.T.Helper()
	for _, u := range [][]string{{"ann", "Ann_100%", "Smith"}, {"Ben", "Ben", "smith"}, {"cleo", "Åsa", "O'Neil"},
		{"dan", "", ""}} {
		s.Admin().Post("/cvat/api/users", object{"username": u[0], "first_name": u[1], "last_name": u[2],
			"email": u[0] + "@example.org", "is_active": u[0] != "dan"}).Expect(201)
	}
	s.Execute("UPDATE users SET firstname = 'Adam', lastname = 'User' WHERE login = 'admin'")
}

func TestUsers_Filters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		crowd(s)
		const all = "dan cleo Ben ann admin"
		for query, want := range map[string]string{
			"":                                 all,
			"username=ann":                     "ann",
			"username=+ann+":                   "ann",
			"username=ANN":                     "",
			"username=":                        all,
			"username=x&username=ann":          "ann",
			"first_name=Ann_100%25":            "ann",
			"last_name=smith":                  "Ben",
			"is_active=True":                   "cleo Ben ann admin",
			"is_active=3":                      "dan",
			"is_active=perhaps":                all,
			"unknown=x":                        all,
			"search=SMITH":                     "Ben ann",
			"search=smith,ben":                 "Ben",
			"search=%22n_1%22":                 "ann",
			"search=o'neil":                    "cleo",
			"search=åSA":                       "cleo",
			"sort=username":                    "admin ann Ben cleo dan",
			"sort=-last_name,username":         "admin ann Ben cleo dan",
			"sort=nothing":                     all,
			"sort=is_active,-id":               "dan cleo Ben ann admin",
			"sort=-is_active,id":               "admin ann Ben cleo dan",
			"search=smith&sort=id&is_active=2": "ann Ben",
			"org_id=":                          "dan cleo Ben ann",
			"org=default-organization":         "admin",
			"page_size=2&page=2":               "Ben ann",
			"page_size=2&page=last":            "admin",
			"page_size=all":                    all,
			"page_size=5000":                   all,
			"page=":                            all,
		} {
			if got := names(s.Admin().Get("/cvat/api/users?" + query)); got != want {
				t.Errorf("%s: got %q, want %q", query, got, want)
			}
		}
		for filter, want := range map[string]string{
			`{"==":[{"var":"last_name"},"smith"]}`:          "Ben",
			`{"==":[{"var":"first_name"},""]}`:              "dan",
			`{"!":{"==":[{"var":"first_name"},""]}}`:        "cleo Ben ann admin",
			`{"var":"first_name"}`:                          all,
			`{"!!":{"var":"id"}}`:                           all,
			`{"<":[{"var":"username"},"a"]}`:                "Ben",
			`{">=":[{"var":"username"},"b"]}`:               "dan cleo",
			`{"<=":["admin",{"var":"username"},"ann"]}`:     "ann admin",
			`{"in":["nn",{"var":"username"}]}`:              "ann",
			`{"in":["Nn",{"var":"username"}]}`:              "",
			`{"in":["_100%",{"var":"first_name"}]}`:         "ann",
			`{"in":["",{"var":"first_name"}]}`:              all,
			`{"in":[{"var":"username"},["ann","Ben","x"]]}`: "Ben ann",
			`{"in":[{"var":"username"},[]]}`:                "",
			`{"!":{"in":[{"var":"username"},[]]}}`:          all,
			`{"==":[{"var":"is_active"},false]}`:            "dan",
			`{"<":[{"var":"is_active"},true]}`:              "dan",
			`{"in":[{"var":"is_active"},[true,false]]}`:     all,
			`{"and":[{"var":"id"},{"or":[{"==":[{"var":"username"},"ann"]},{"==":[{"var":"username"},"dan"]}]}]}`: "dan ann",
			`{"<=":[1,{"var":"id"},"4"]}`:                  "admin",
			`{"==":[{"var":"id"},4.0]}`:                    "admin",
			`{"in":[{"var":"id"},[99999999999999999999]]}`: "",
			` `: all,
		} {
			if got := names(s.Admin().Get("/cvat/api/users?filter=" + escaped(filter))); got != want {
				t.Errorf("%s: got %q, want %q", filter, got, want)
			}
		}
	})
}

// A filter that cannot be read is refused with a list of one sentence, and asks nothing of the database.
func TestUsers_WrongFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		deep := strings.Repeat(`{"!":`, 40) + `{"var":"id"}` + strings.Repeat("}", 40)
		for filter, want := range map[string]string{
			`id == 1`: "filter: Json syntax should be used", `{"a":1} 2`: "filter: Json syntax should be used",
			`{}`: "filter shouldn't be empty", `[]`: "filter shouldn't be empty", `""`: "filter shouldn't be empty",
			`{"==":[{"var":"email"},"a"]}`:        "filter: 'email' term is not supported",
			`{"var":"password_hash"}`:             "filter: 'password_hash' term is not supported",
			`{"!=":[{"var":"id"},1]}`:             "filter: != operation with [{'var': 'id'}, 1] arguments is not implemented",
			`{"<":[1,{"var":"id"},2]}`:            "filter: < operation with [1, {'var': 'id'}, 2] arguments is not implemented",
			`{"x":[true,null,"it's",1.5e2]}`:      `filter: x operation with [True, None, "it's", 150.0] arguments is not implemented`,
			`{"and":[]}`:                          "filter: and operation with [] arguments is not implemented",
			`{"==":[{"var":"id"},"abc"]}`:         "filter: 'abc' is not a valid value of 'id'",
			`{"==":[{"var":"username"},null]}`:    "filter: None is not a valid value of 'username'",
			`{"in":["x",{"var":"id"}]}`:           "filter: 'x' is not a valid value of 'id'",
			`{"in":[{"var":"id"},1]}`:             "filter: in operation with [{'var': 'id'}, 1] arguments is not implemented",
			`{"==":["id",1]}`:                     `filter: a variable is expected, such as {"var": "id"}`,
			`[1]`:                                 `filter: an operation is expected, such as {"==": [{"var": "id"}, 1]}`,
			`{"!":[{"var":"id"}]}`:                `filter: an operation is expected, such as {"==": [{"var": "id"}, 1]}`,
			deep:                                  "filter: the nesting is too deep",
			strings.Repeat("[", 200):              "filter: the nesting is too deep",
			`"` + strings.Repeat("x", 9000) + `"`: "filter: the text is too long",
			`{"or":[` + strings.Repeat(`{"var":"id"},`, 120) + `{"var":"id"}]}`: "filter: there are too many operations",
			`{"in":[{"var":"id"},[` + strings.Repeat("1,", 1100) + `1]]}`:       "filter: a list has too many values",
		} {
			a := s.Admin().Get("/cvat/api/users?filter=" + escaped(filter))
			if a.Status != 400 || fmt.Sprint(a.JSON()) != fmt.Sprint([]any{want}) {
				t.Errorf("%.60s: got %s, want %q", filter, a, want)
			}
		}
		for query, want := range map[string]string{
			"page=0": "Invalid page.", "page=x": "Invalid page.", "page=2": "Invalid page.",
			"page=99999999999999999999": "Invalid page.", "page=2&page_size=all": "Invalid page.",
		} {
			s.Admin().Get("/cvat/api/users?"+query).Expect(404).Want(want, "detail")
		}
		// Who may not list anything is told that, and not what is wrong with the filter.
		ann := newAccount(s, "ann")
		s.By(ann).Get("/cvat/api/users?org=default-organization&filter={").Expect(403)
		s.By(ann).Get("/cvat/api/users?org=default-organization&page=x").Expect(403)
		s.Admin().Get("/cvat/api/memberships?role=boss").Expect(400).
			WantBody(`{"role":["Select a valid choice. boss is not one of the available choices."]}`)
	})
}

// A list without a limit is whole, whatever its length, and in its order.
func TestUsers_LongLists(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const many = 4000
		var rows []string
		for i := range many {
			rows = append(rows, fmt.Sprintf("('%s%06d', '%s%06d', FALSE, FALSE, FALSE, FALSE, FALSE, 1, '2024-01-01', "+
				"'2024-01-01')", strings.Repeat("u", 100), i, strings.Repeat("u", 100), i))
		}
		for part := range slices.Chunk(rows, 500) {
			s.Execute("INSERT INTO users (login, lower_login, admin, disabled, registered, hidden, mail_enabled, " +
				"auth_source_id, created_at, updated_at) VALUES " + strings.Join(part, ","))
		}
		s.Execute("UPDATE tallies SET epoch = epoch + 1, total = total + CASE WHEN name = 'users' THEN 4000 ELSE 0 END " +
			"WHERE slot = 0")
		a := s.Admin().Get("/cvat/api/users?page_size=all").Expect(200).Want(many+1, "count").Want(nil, "next")
		results := a.Value("results", servertest.Each, "id").([]any)
		if len(a.Body) < 1<<20 || len(results) != many+1 {
			t.Fatalf("got %d users in %d bytes", len(results), len(a.Body))
		}
		for i := 1; i < len(results); i++ {
			id, _ := results[i].(json.Number).Int64()
			before, _ := results[i-1].(json.Number).Int64()
			if id >= before {
				t.Fatalf("%d follows %d", id, before)
			}
		}
	})
}

func TestUsers_Changes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		path := fmt.Sprint("/cvat/api/users/", ann.ID)
		const denied = `{"detail":"You do not have permission to perform this action."}`
		s.Run("everybody changes the own names", func(t *testing.T, s *server) {
			s.By(ann).Patch(path, object{"first_name": "Änn", "last_name": "<&>"}).Expect(200).
				Want("Änn", "first_name").Want("<&>", "last_name")
			body := string(s.By(ann).Get(path).Body)
			if !strings.Contains(body, `"first_name":"Änn","last_name":"<&>"`) {
				t.Errorf("letters are escaped: %s", body)
			}
			s.By(ann).Patch(path, object{}).Expect(200).Want("Änn", "first_name")
			s.By(ann).Patch(path, object{"email": "new@example.org"}).Expect(403).WantBody(denied)
			s.By(ann).Patch(path, object{"first_name": "X", "is_superuser": true}).Expect(403)
			s.By(ann).Patch(path, object{"id": 5}).Expect(403).WantBody(`{"detail":"Attempted to update an unknown field"}`)
			set(s, "cvat_own_email", true)
			s.By(ann).Patch(path, object{"email": "new@example.org"}).Expect(200).Want("new@example.org", "email")
		})
		s.Run("mistakes are told by field", func(t *testing.T, s *server) {
			s.Admin().Patch(path, object{"username": "", "first_name": nil, "last_name": []int{1},
				"email": "x", "groups": "user", "is_active": "maybe"}).Expect(400).
				WantBody(`{"username":["This field may not be blank."],"first_name":["This field may not be null."],` +
					`"last_name":["Not a valid string."],"email":["Enter a valid email address."],` +
					`"groups":["Expected a list of items but got type \"str\"."],` +
					`"is_active":["Must be a valid boolean."]}`)
			s.Admin().Patch(path, object{"username": "admin"}).Expect(400).
				WantBody(`{"username":["A user with that username already exists."]}`)
			s.Admin().Patch(path, object{"first_name": strings.Repeat("x", 151)}).Expect(400).
				WantBody(`{"first_name":["Ensure this field has no more than 150 characters."]}`)
			s.Admin().Patch(path, "[1]").Expect(400).
				WantBody(`{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}`)
			s.Admin().Patch(path, "{").Expect(400)
			s.Admin().With("Content-Type", "text/plain").Patch(path, "x").Expect(415).
				WantBody(`{"detail":"Unsupported media type \"text/plain\" in request."}`)
		})
		s.Run("groups and flags are one power", func(t *testing.T, s *server) {
			change := func(body object) *answer { return s.Admin().Patch(path, body) }
			change(object{"groups": []string{"worker"}}).Expect(200).Want([]string{"worker"}, "groups")
			change(object{"groups": []string{"nosuch"}}).Expect(400).
				WantBody(`{"groups":["Object with name=nosuch does not exist."]}`)
			change(object{"is_staff": true}).Expect(400)
			change(object{"is_staff": true, "is_superuser": true}).Expect(200).Want([]string{"admin", "worker"}, "groups").
				Want(true, "is_staff")
			s.By(ann).Get("/cvat/api/users").Expect(200).Want(2, "count")
			change(object{"groups": []string{"user"}}).Expect(200).Want(false, "is_superuser").
				Want([]string{"user"}, "groups")
			change(object{"groups": []string{"admin"}}).Expect(200).Want(true, "is_superuser").
				Want([]string{"admin"}, "groups")
			change(object{"groups": []string{"admin"}, "is_superuser": false}).Expect(400)
			change(object{"is_staff": false}).Expect(400)
			change(object{"is_superuser": false}).Expect(200).Want(false, "is_staff").Want([]string{"user"}, "groups")
			set(s, "cvat_default_group", "")
			change(object{"groups": []string{}}).Expect(200).Want([]string{}, "groups")
		})
		s.Run("the last administrator stays", func(t *testing.T, s *server) {
			s.Admin().Delete("/cvat/api/users/4").Expect(400).
				WantBody(`["The last administrator cannot be deleted."]`)
			s.Admin().Patch("/cvat/api/users/4", object{"is_superuser": false}).Expect(400)
			s.By(ann).Delete("/cvat/api/users/4").Expect(403)
			s.By(ann).Delete("/cvat/api/users/999").Expect(404)
			s.By(ann).Delete(path).Expect(204)
			s.Admin().Get(path).Expect(404).WantBody(`{"detail":"No User matches the given query."}`)
		})
	})
}

func TestRequests(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for accept, want := range map[string]int{
			"": 200, "*/*": 200, "application/*": 200, "application/vnd.cvat+json": 200,
			"application/json, text/plain, */*":       200,
			"application/vnd.cvat+json; version=2.0":  200,
			"application/vnd.cvat+json;version=\"3\"": 406, "application/json": 406, "text/html": 406, "x": 406,
			"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": 200,
		} {
			a := s.Admin().With("Accept", accept).Get(self).Expect(want)
			if got := a.Header.Get("Content-Type"); got != "application/vnd.cvat+json" {
				t.Errorf("%s: the answer is %s", accept, got)
			}
		}
		s.Admin().Get(self + ".json").Expect(200)
		s.Admin().Get(self + "?scheme=json").Expect(200)
		s.Admin().Get(self + "?scheme=api").Expect(404)
		for _, path := range []string{"/cvat/api/users/", "/cvat/api/users/x", "/cvat/api/users/4.xml", "/cvat", "/cvat/x",
			"/cvat/api/users/0", "/cvat/api/users/-4", "/cvat/api/users/4/x", "/cvat/api/users/%2e", "/cvat/api"} {
			s.Admin().Get(path).Expect(404)
		}
		a := s.Admin().Put("/cvat/api/users/4", object{}).Expect(405).WantBody(`{"detail":"Method \"PUT\" not allowed."}`)
		if got := a.Header.Get("Allow"); got != "GET, PATCH, DELETE, HEAD, OPTIONS" {
			t.Errorf("allowed are %s", got)
		}
		s.Nobody().Put("/cvat/api/users/4", object{}).Expect(401)
		s.Nobody().Do("OPTIONS", "/cvat/api/users", nil).Expect(401)
		s.Admin().Do("OPTIONS", "/cvat/api/users", nil).Expect(200).
			Want(true, "actions", "POST", "username", "required").Want("boolean", "actions", "POST", "is_active", "type")
		if a := s.Admin().Do("HEAD", self, nil).Expect(200); len(a.Body) > 0 || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("HEAD is answered by %s", a)
		}
		for query, want := range map[string]string{
			"org=a&org_id=1": `["You cannot specify \"org_id\" query parameter with \"org\" query parameter or ` +
				`\"X-Organization\" HTTP header at the same time."]`,
			"org_id=x": `["The \"org_id\" query parameter must be a whole number."]`,
		} {
			s.Admin().Get(self + "?" + query).Expect(400).WantBody(want)
		}
		s.Admin().With("X-Organization", "nosuch").Get(self).Expect(404).
			WantBody(`{"detail":"nosuch organization does not exist."}`)
		s.Admin().Get(self + "?org_id=99").Expect(404).WantBody(`{"detail":"99 organization does not exist."}`)
		s.Nobody().Get("/cvat/api/server/about?org=nosuch").Expect(200)
	})
}

func TestOrganizations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const list = "/cvat/api/organizations"
		ann := newAccount(s, "ann")
		for body, sent := range map[string]object{
			`{"slug":["This field is required."]}`:                                                        {},
			`{"slug":["Ensure this field has no more than 16 characters."]}`:                              {"slug": strings.Repeat("x", 17)},
			`{"slug":["Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens."]}`: {"slug": "a b"},
			`{"contact":["This field may not be null."]}`:                                                 {"slug": "crew", "contact": nil},
		} {
			s.By(ann).Post(list, sent).Expect(400).WantBody(body)
		}
		a := s.By(ann).Post(list, object{"slug": "crew", "owner": 4, "contact": object{"b": "<", "a": []int{1}}}).Expect(201).
			Want("crew", "name").Want("ann", "owner", "username").Want(object{"b": "<", "a": []int{1}}, "contact")
		path := fmt.Sprint(list, "/", a.Int("id"))
		s.By(ann).Post(list, object{"slug": "crew", "name": "Other"}).Expect(400).
			WantBody(`{"slug":["organization with this slug already exists."]}`)
		s.By(ann).Patch(path, object{"name": "Crew", "description": "d"}).Expect(200).Want("Crew", "name")
		s.By(ann).Get("/cvat/api/memberships?org=crew").Expect(200).Want("owner", "results", 0, "role").
			Want(nil, "results", 0, "invitation")
		for query, want := range map[string]int{"": 1, "owner=ann": 1, "owner=Ann": 0, "search=CR": 1, "slug=crew": 1,
			"filter=" + escaped(`{"in":["nn",{"var":"owner"}]}`): 1, "sort=-owner,slug": 1} {
			s.By(ann).Get(list+"?"+query).Expect(200).Want(want, "count")
		}
		worker := newAccount(s, "wendy")
		s.Admin().Patch(fmt.Sprint("/cvat/api/users/", worker.ID), object{"groups": []string{"worker"}}).Expect(200)
		s.By(worker).Post(list, object{"slug": "mine"}).Expect(403)
		s.By(ann).Delete(path).Expect(204)
		s.By(ann).Get(path).Expect(404).WantBody(`{"detail":"No Organization matches the given query."}`)
	})
}

func TestMemberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newPlace(s)
		path := fmt.Sprint("/cvat/api/memberships/", p.membership)
		owner := p.client("owner")
		owner.Patch(path, object{"role": "x"}).Expect(400).WantBody(`{"role":["\"x\" is not a valid choice."]}`)
		owner.Patch(path, object{"role": "worker", "user": 4}).Expect(403).
			WantBody(`{"detail":"Attempted to update an unknown field"}`)
		owner.Patch(path, object{}).Expect(200).Want("worker", "role")
		p.client("maintainer").Patch(path, object{"role": "maintainer"}).Expect(403)
		owner.Patch(path, object{"role": "maintainer"}).Expect(200).Want("maintainer", "role")
		for filter, want := range map[string]int{
			"role=maintainer": 2, "user=the_worker": 1, "search=THE_": 3,
			"filter=" + escaped(`{"in":[{"var":"role"},["owner","worker"]]}`): 2,
			"filter=" + escaped(`{"<":[{"var":"role"},"owner"]}`):             2, "sort=role,-user": 4,
		} {
			owner.Get("/cvat/api/memberships?org=here&"+filter).Expect(200).Want(want, "count")
		}
		p.client("outsider").Post("/cvat/api/invitations", object{"role": "worker", "email": "x@example.org"}).Expect(403)
		s.Admin().Post("/cvat/api/invitations", object{"role": "worker", "email": "x@example.org"}).Expect(400)
		for query, want := range map[string]int{"": 3, "accepted=true": 3, "accepted=false": 0, "owner=the_owner": 3,
			fmt.Sprint("user_id=", p.user): 1, "filter=" + escaped(`{"==":[{"var":"accepted"},true]}`): 3,
			"sort=-accepted,created_date,owner,-user_id": 3} {
			owner.Get("/cvat/api/invitations?org=here&"+query).Expect(200).Want(want, "count")
		}
		owner.Get("/cvat/api/invitations?user_id=x").Expect(400).WantBody(`{"user_id":["Enter a number."]}`)
	})
}
