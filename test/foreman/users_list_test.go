package foreman

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/test/servertest"

	"github.com/google/go-cmp/cmp"
)

// makePeople makes users with the first names, in order, and gives their logins: p0, p1, ...
func makePeople(s *server, firstnames ...any) []account {
	s.T.Helper()
	var list []account
	for i, name := range firstnames {
		list = append(list, s.User(fmt.Sprint("p", i), object{"firstname": name}))
	}
	return list
}

func query(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return path + "?" + values.Encode()
}

// The frame of a list (docs/spec/foreman.md, 4.1).
func TestUsers_Envelope(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		makePeople(s, "B", "A", "D", "C")
		frame := func(s *server, pairs ...string) string {
			s.T.Helper()
			body := string(s.Admin().Get(query("/api/users", pairs...)).Expect(200).Body)
			head, _, _ := strings.Cut(body, `"results":`)
			return head
		}
		tests := []struct {
			what  string
			pairs []string
			want  string
		}{
			{"nothing asked", nil,
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":null,"sort":{"by":null,"order":null},`},
			{"a search", []string{"search", "login = p1"},
				`{"total":5,"subtotal":1,"page":1,"per_page":20,"search":"login = p1","sort":{"by":null,"order":null},`},
			{"an empty search", []string{"search", ""},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":"","sort":{"by":null,"order":null},`},
			{"a search of blanks", []string{"search", "  "},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":"  ","sort":{"by":null,"order":null},`},
			{"a search without results", []string{"search", `login="<x>&"`},
				`{"total":5,"subtotal":0,"page":1,"per_page":20,"search":"login=\"<x>&\"","sort":{"by":null,"order":null},`},
			{"an order", []string{"order", "login"},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":null,"sort":{"by":"login","order":"ASC"},`},
			{"an order with direction", []string{"order", "login DeSc"},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":null,"sort":{"by":"login","order":"DeSc"},`},
			{"a blank order", []string{"order", " "},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":null,"sort":{"by":null,"order":null},`},
			{"a page", []string{"page", "2", "per_page", "3"},
				`{"total":5,"subtotal":5,"page":2,"per_page":3,"search":null,"sort":{"by":null,"order":null},`},
			{"all", []string{"per_page", "all"},
				`{"total":5,"subtotal":5,"page":1,"per_page":5,"search":null,"sort":{"by":null,"order":null},`},
			{"all that match", []string{"per_page", "all", "search", "login = p1"},
				`{"total":5,"subtotal":1,"page":1,"per_page":5,"search":"login = p1","sort":{"by":null,"order":null},`},
			{"permissions", []string{"include_permissions", "true"},
				`{"total":5,"subtotal":5,"page":1,"per_page":20,"search":null,"can_create":true,"can_edit":true,"sort":{"by":null,"order":null},`},
		}
		for _, test := range tests {
			s.Run(test.what, func(t *testing.T, s *server) {
				if diff := cmp.Diff(frame(s, test.pairs...), test.want); diff != "" {
					t.Errorf("got (-), want (+):\n%s", diff)
				}
			})
		}
		s.Run("another name for the results", func(t *testing.T, s *server) {
			a := s.Admin().Get("/api/users?root_name=data&per_page=2").Expect(200)
			if got, _ := a.Value("data").([]any); len(got) != 2 {
				t.Errorf("got %d rows, want 2: %s", len(got), a)
			}
			s.Admin().Get("/api/users?root_name=false&per_page=2").Expect(200).Rows()
		})
		s.Run("nobody may create", func(t *testing.T, s *server) {
			viewer := s.User("viewer", object{"role_names": []string{"Viewer"}})
			s.By(viewer).Get("/api/users?include_permissions=").Expect(200).Want(false, "can_create").Want(true,
				"can_edit")
		})
	})
}

// Pages: every row of the table (docs/spec/foreman.md, 4.2), with 400 in place of its faults.
func TestUsers_Paging(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		firstnames := make([]any, 24)
		for i := range firstnames {
			firstnames[i] = []string{"Same", "Other", "", "ÿ"}[i%4]
		}
		people := makePeople(s, firstnames...)
		total := len(people) + 1
		tests := []struct {
			pairs               []string
			rows, page, perPage int
			refused, because    string
		}{
			{pairs: nil, rows: 20, page: 1, perPage: 20},
			{pairs: []string{"per_page", "50"}, rows: total, page: 1, perPage: 50},
			{pairs: []string{"per_page", "1"}, rows: 1, page: 1, perPage: 1},
			{pairs: []string{"per_page", "all"}, rows: total, page: 1, perPage: total},
			{pairs: []string{"per_page", "all", "page", "7"}, rows: total, page: 7, perPage: total},
			{pairs: []string{"per_page", ""}, rows: 20, page: 1, perPage: 20},
			{pairs: []string{"per_page", " 5 "}, rows: 5, page: 1, perPage: 5},
			{pairs: []string{"page", ""}, rows: 20, page: 1, perPage: 20},
			{pairs: []string{"page", "2"}, rows: total - 20, page: 2, perPage: 20},
			{pairs: []string{"page", "3"}, rows: 0, page: 3, perPage: 20},
			{pairs: []string{"page", "1000000"}, rows: 0, page: 1000000, perPage: 20},
			{pairs: []string{"per_page", "0"}, refused: "per_page",
				because: "Parameter 'per_page' must be a number from 1 up or 'all', but is '0'"},
			{pairs: []string{"per_page", "-1"}, refused: "per_page",
				because: "Parameter 'per_page' must be a number from 1 up or 'all', but is '-1'"},
			{pairs: []string{"per_page", "abc"}, refused: "per_page",
				because: "Parameter 'per_page' must be a number from 1 up or 'all', but is 'abc'"},
			{pairs: []string{"per_page", "ALL"}, refused: "per_page",
				because: "Parameter 'per_page' must be a number from 1 up or 'all', but is 'ALL'"},
			{pairs: []string{"per_page", "9223372036854775808"}, refused: "per_page",
				because: "Parameter 'per_page' must be a number from 1 up or 'all', but is '9223372036854775808'"},
			{pairs: []string{"page", "0"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '0'"},
			{pairs: []string{"page", "-1"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '-1'"},
			{pairs: []string{"page", "abc"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is 'abc'"},
			{pairs: []string{"page", "2.5"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '2.5'"},
			{pairs: []string{"page", "1e3"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '1e3'"},
			{pairs: []string{"page", "9223372036854775808"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '9223372036854775808'"},
			{pairs: []string{"page", "9223372036854775807"}, refused: "page",
				because: "Parameter 'page' is beyond the last possible page"},
			{pairs: []string{"page", "\xff"}, refused: "page",
				because: "Parameter 'page' must be a number from 1 up, but is '\ufffd'"},
		}
		for _, test := range tests {
			s.Run(query("", test.pairs...), func(t *testing.T, s *server) {
				a := s.Admin().Get(query("/api/users", test.pairs...))
				if test.refused != "" {
					a.Expect(400).Want(object{"message": test.because, "parameter_name": test.refused}, "error")
					return
				}
				a.Expect(200).Want(test.page, "page").Want(test.perPage, "per_page").Want(total, "total").Want(total,
					"subtotal")
				if got := len(a.Rows()); got != test.rows {
					t.Errorf("got %d rows, want %d", got, test.rows)
				}
			})
		}
		s.Run("sizes of 64 bits", func(t *testing.T, s *server) {
			for _, size := range []string{"4294967296", "9223372036854775807"} {
				a := s.Admin().Get("/api/users?per_page=" + size).Expect(200)
				if got := fmt.Sprint(a.Value("per_page")); got != size || len(a.Rows()) != total {
					t.Errorf("got per_page %s and %d rows", got, len(a.Rows()))
				}
			}
			s.Admin().Get("/api/users?per_page=4294967296&page=2").Expect(200).Want([]any{}, "results")
			s.Admin().Get("/api/users?per_page=9223372036854775807&page=2").Expect(200).Want([]any{}, "results")
			s.Admin().Get("/api/users?per_page=9223372036854775807&page=3").Expect(400)
		})
		s.Run("the installation's own size", func(t *testing.T, s *server) {
			s.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES ('entries_per_page', "+
				"'7', ?, ?)", servertest.SeedTime, servertest.SeedTime)
			bumpRevisions(s)
			s.Admin().Get("/api/users").Expect(200).Want(7, "per_page")
			if got := len(s.Admin().Get("/api/users?page=2").Rows()); got != 7 {
				t.Errorf("got %d rows, want 7", got)
			}
		})
		for _, order := range []string{"", "firstname", "firstname desc", "id", "last_login_on", "admin", "role",
			"usergroup", "location", "auth_source desc"} {
			s.Run("pages in the order '"+order+"' neither repeat nor lose a row", func(t *testing.T, s *server) {
				var paged []any
				for page := 1; page <= (total+5)/6; page++ {
					paged = append(paged,
						s.Admin().Get(query("/api/users", "page", fmt.Sprint(page), "per_page", "6", "order", order)).
							Expect(200).Column("id")...)
				}
				whole := s.Admin().Get(query("/api/users", "per_page", "all", "order", order)).Expect(200).Column("id")
				if diff := cmp.Diff(paged, whole); diff != "" {
					t.Errorf("the pages (-) differ from the whole (+):\n%s", diff)
				}
				if got := len(servertest.Sorted(paged)); got != total {
					t.Errorf("got %d different rows, want %d", got, total)
				}
			})
		}
	})
}

// The default order is by first name, those without one last; rows that are equal come by id (docs/spec/foreman.md,
// 4.5).
func TestUsers_Order(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		makePeople(s, "Cleo", "Abe", nil, "Abe", "Bea", nil)
		logins := func(order string) []any {
			t.Helper()
			list := s.Admin().Get(query("/api/users", "order", order)).Expect(200).Column("login")
			return slices.DeleteFunc(list, func(v any) bool { return v == "admin" })
		}
		for order, want := range map[string][]any{
			"":                   {"p1", "p3", "p4", "p0", "p2", "p5"},
			"login":              {"p0", "p1", "p2", "p3", "p4", "p5"},
			"login ASC":          {"p0", "p1", "p2", "p3", "p4", "p5"},
			"login sideways":     {"p0", "p1", "p2", "p3", "p4", "p5"},
			"login desc":         {"p5", "p4", "p3", "p2", "p1", "p0"},
			"login desc, mail":   {"p0", "p1", "p2", "p3", "p4", "p5"},
			"firstname":          {"p2", "p5", "p1", "p3", "p4", "p0"},
			"firstname desc":     {"p0", "p4", "p3", "p1", "p5", "p2"},
			"auth_source desc":   {"p5", "p4", "p3", "p2", "p1", "p0"},
			"last_login_on desc": {"p5", "p4", "p3", "p2", "p1", "p0"},
		} {
			if diff := cmp.Diff(logins(order), want); diff != "" {
				t.Errorf("order %q: got (-), want (+):\n%s", order, diff)
			}
		}
		for _, order := range []string{"xyz", "password_hash", "login;drop table users", "(select 1)", "created_at",
			"lower_login", "1", "desc", "\x00", "login\x00"} {
			field, _, _ := strings.Cut(order, " ")
			a := s.Admin().Get(query("/api/users", "order", order)).Expect(400)
			a.Want(object{"message": "the field '" + field + "' in the order statement is not valid field for search",
				"class": "ScopedSearch::QueryNotSupported"}, "error")
		}
		s.Admin().Get("/api/users?order[]=login").Expect(400).Want("order", "error", "parameter_name")
	})
}

// What the language of searches needs at least (docs/spec/foreman.md, 4.3 and 16); package search tests the rest.
func TestUsers_Search(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("Brno")
		ann := s.User("ann", object{"firstname": "Änn", "lastname": "Smith", "mail": "ann@example.com",
			"description": "keeps the keys"})
		s.User("bob", object{"firstname": "Bob", "lastname": "Smythe", "disabled": true,
			"role_names": []string{"Viewer"}})
		s.User("cid", object{"admin": true, "location_ids": []any{location}})
		for search, want := range map[string][]string{
			`login = ann`: {"ann"}, `login="ann"`: {"ann"}, `login == ann`: {"ann"}, `login = ANN`: nil,
			`firstname ~ änn`: {"ann"}, `firstname ~ ÄN`: {"ann"}, `lastname ~ Sm*th`: {"ann"},
			`lastname ~ Sm*th*`: {"ann", "bob"},
			`smith`:             {"ann"}, `keys`: {"ann"}, `sm`: {"ann", "bob"}, `admin = true`: {"admin", "cid"},
			`admin = false`: {"ann", "bob"}, `disabled = true`: {"bob"},
			`role = Viewer`: {"bob"}, `location = Brno`: {"cid"}, `auth_source = Internal`: {"admin", "ann", "bob",
				"cid"}, `login = ann or login = bob`: {"ann", "bob"},
			`not login = ann`: {"admin", "bob", "cid"}, `login != ann and admin = false`: {"bob"},
			fmt.Sprint("id = ", ann.ID): {"ann"}, `mail = "ann@example.com"`: {"ann"},
			`has mail`: {"admin", "ann"}, `description = "keeps the keys"`: {"ann"},
			`login ^ (ann, cid)`: {"ann", "cid"}, `foreman_admin`: nil, `login = "' or 1=1 --"`: nil,
		} {
			a := s.Admin().Get(query("/api/users", "search", search, "order", "login")).Expect(200)
			got := []string{}
			for _, login := range a.Column("login") {
				got = append(got, login.(string))
			}
			if want == nil {
				want = []string{}
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("%s: got (-), want (+):\n%s", search, diff)
			}
			a.Want(len(want), "subtotal").Want(4, "total").Want(search, "search")
		}
		for search, message := range map[string]string{
			"foo = bar":       "Field 'foo' not recognized for searching!",
			"id = x":          "Value 'x' is not valid for field 'id'",
			"disabled = me":   "'disabled' should be one of 'true, false', but the query was 'me'",
			"id ~ 5":          "the operator 'like' is not supported for field type 'integer'",
			"disabled > true": "Operator 'gt' not supported for 'disabled'",
		} {
			s.Admin().Get(query("/api/users", "search", search)).Expect(400).
				WantBody("{\n  \"error\": {\"message\":\"" + message +
					"\",\"class\":\"ScopedSearch::QueryNotSupported\"}\n}\n")
		}
		for _, search := range []string{"\x00", "login = \"a\x00b\"", "\xff\xfe", strings.Repeat("(", 10000),
			strings.Repeat("a or ", 5000) + "a", "login = ", "and", ")", `"`, "login ~ " + strings.Repeat("%_", 200)} {
			if a := s.Admin().Get(query("/api/users", "search", search)); a.Status != 200 && a.Status != 400 {
				t.Errorf("search %.40q: got %s", search, a)
			}
		}
		s.Admin().Get("/api/users?search[]=x").Expect(400).Want("search", "error", "parameter_name")
	})
}

// Lists show the tenant of the request; the direct assignment decides (docs/spec/foreman.md, 12.4).
func TestUsers_ListOfATenant(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("L")
		below := int64(0)
		other := s.Location("Other")
		below = s.Location("below", location)
		organization := s.Organization("O")
		s.User("direct", object{"location_ids": []any{location}, "organization_ids": []any{organization}})
		s.User("inside", object{"location_ids": []any{below}})
		s.User("elsewhere", object{"location_ids": []any{other}})
		list := func(pairs ...string) []any {
			t.Helper()
			return s.Admin().Get(query("/api/users", append(pairs, "order", "login")...)).Expect(200).Column("login")
		}
		id := fmt.Sprint(location)
		for _, test := range []struct {
			pairs []string
			want  []any
		}{
			{[]string{"location_id", id}, []any{"direct"}},
			{[]string{"location_id", id + "-L"}, []any{"direct"}},
			{[]string{"location_id", "L"}, []any{"direct"}},
			{[]string{"location_id", "L/below"}, []any{"inside"}},
			{[]string{"location_id", ""}, []any{"admin", "direct", "elsewhere", "inside"}},
			{[]string{"location_id", id, "organization_id", fmt.Sprint(organization)}, []any{"direct"}},
			{[]string{"location_id", fmt.Sprint(other), "organization_id", fmt.Sprint(organization)}, []any{}},
		} {
			if diff := cmp.Diff(list(test.pairs...), test.want); diff != "" {
				t.Errorf("%v: got (-), want (+):\n%s", test.pairs, diff)
			}
		}
		a := s.Admin().Get("/api/users?location_id=" + id).Expect(200)
		a.Want(1, "total").Want(1, "subtotal")
		if got, want := a.Header["Foreman_current_location"], id+"; L"; len(got) != 1 || got[0] != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for name, sentence := range map[string]string{"location_id": "Location with id 0 not found",
			"organization_id": "Organization with id 0 not found"} {
			s.Admin().Get("/api/users?" + name + "=0").Expect(404).WantBody(`{"message":"` + sentence + `"}`)
		}
		s.Admin().Get("/api/users?location_id=x&organization_id=y").Expect(404).Want("Location with id x not found",
			"message")
		s.Admin().Get(fmt.Sprint("/api/users?location_id=", organization)).Expect(404)
	})
}
