package foreman

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/scopes/search"
)

// customSample is a field with random values: what each user has, as texts.
type customSample struct {
	name, format string
	multiple     bool
	draw         func(r *rand.Rand) string
	values       map[string][]string
}

func pickOf(list ...string) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return list[r.IntN(len(list))] }
}

var choices = []string{"red", "Red", "green", "dark blue", "žluť"}

func customSamples() []*customSample {
	texts := pickOf("a", "A", "ab", "Ab c", "žižka", "ŽIŽKA", `q"u\o`, "100%", "a_b", "12", "émile", "zz top", "x")
	number := func(r *rand.Rand) string {
		return pickOf("", "+", "-", "0", "-00")(r) + strconv.Itoa(r.IntN(12))
	}
	return []*customSample{
		{name: "Str", format: "string", draw: texts}, {name: "Long text", format: "text", draw: texts},
		{name: "Url", format: "link", draw: texts}, {name: "Int", format: "int", draw: number},
		{name: "Float", format: "float", draw: func(r *rand.Rand) string {
			return number(r) + pickOf("", ".", ".5", ".25e1", "e2", "E-3", "e-300")(r)
		}},
		{name: "Day", format: "date", draw: func(r *rand.Rand) string {
			return fmt.Sprintf("20%02d-0%d-1%d", r.IntN(3), 1+r.IntN(3), r.IntN(3))
		}},
		{name: "Flag", format: "bool", draw: pickOf("1", "0")},
		{name: "One", format: "list", draw: pickOf(choices...)},
		{name: "Several", format: "list", multiple: true, draw: pickOf(choices...)},
	}
}

// compare says how a value stands to another of the format: numbers as numbers, all else as text.
func (c *customSample) compare(a, b string) int {
	if c.format == "int" || c.format == "float" {
		x, _ := strconv.ParseFloat(a, 64)
		y, _ := strconv.ParseFloat(b, 64)
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// meets reports whether any of the values meets a comparison, or none for a negative one.
func (c *customSample) meets(values []string, op string, wanted []string) bool {
	positive := map[string]string{"!=": "=", "!~": "~", "!^": "^"}
	if op == "set?" || op == "null?" {
		return (len(values) > 0) == (op == "set?")
	}
	if p, negative := positive[op]; negative {
		return !c.meets(values, p, wanted)
	}
	return slices.ContainsFunc(values, func(v string) bool {
		switch d := c.compare(v, wanted[0]); op {
		case "=":
			return d == 0
		case "<":
			return d < 0
		case "<=":
			return d <= 0
		case ">":
			return d > 0
		case ">=":
			return d >= 0
		case "~":
			return strings.Contains(search.Fold(v), search.Fold(wanted[0]))
		}
		return slices.ContainsFunc(wanted, func(w string) bool { return c.compare(v, w) == 0 })
	})
}

// query draws a comparison with the field, as a text and as what it means.
func (c *customSample) query(r *rand.Rand, name string) (text string, meets func([]string) bool) {
	ops := []string{"=", "!=", "^", "!^", "<", "<=", ">", ">=", "set?", "null?"}
	if c.format == "bool" {
		ops = []string{"=", "!=", "set?", "null?"}
	} else if !slices.Contains([]string{"int", "float", "date"}, c.format) {
		ops = append(ops, "~", "!~", "~", "=")
	}
	op := ops[r.IntN(len(ops))]
	wanted := []string{c.draw(r)}
	if op == "^" || op == "!^" {
		wanted = append(wanted, c.draw(r))
	}
	quoted := make([]string, len(wanted))
	for i, w := range wanted {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
		if strings.Contains(op, "~") { // the wildcards are meant as they are
			quoted[i] = `"` + strings.NewReplacer(`\`, `\\\\`, `"`, `\"`, "_", `\\_`, "%", `\\%`).Replace(w) + `"`
		}
		if c.format == "bool" {
			quoted[i] = map[string]string{"1": "true", "0": "false"}[w]
		}
	}
	switch op {
	case "set?", "null?":
		text = op + " " + name
	case "^", "!^":
		text = name + " " + op + " (" + strings.Join(quoted, ", ") + ")"
	default:
		text = name + " " + op + " " + quoted[0]
	}
	return text, func(values []string) bool { return c.meets(values, op, wanted) }
}

// key is what a user is sorted by, and whether there is anything.
func (c *customSample) key(values []string, desc bool) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	keys := make([]string, len(values))
	for i, v := range values {
		keys[i] = v
		if c.format != "int" && c.format != "float" && c.format != "date" && c.format != "bool" {
			keys[i] = search.Fold(v)
		}
	}
	if desc {
		return slices.MaxFunc(keys, c.compare), true
	}
	return slices.MinFunc(keys, c.compare), true
}

// order sorts users as a list does.
func (c *customSample) order(logins []string, desc bool) []string {
	sorted := slices.Clone(logins)
	slices.SortFunc(sorted, func(a, b string) int {
		x, hasX := c.key(c.values[a], desc)
		y, hasY := c.key(c.values[b], desc)
		var d int
		switch {
		case hasX && hasY:
			d = c.compare(x, y)
		case hasX:
			d = 1
		case hasY:
			d = -1
		}
		d = cmp.Or(d, strings.Compare(a, b)) // logins are in the order of ids
		if desc {
			return -d
		}
		return d
	})
	return sorted
}

// fill makes the fields, and users with random values of them.
func fillCustom(s *server, r *rand.Rand, samples []*customSample, users int) []string {
	for _, c := range samples {
		attributes := object{"multiple": c.multiple, "searchable": c.name == "Str" || c.name == "Several"}
		if c.format == "list" {
			attributes["possible_values"] = choices
		}
		customField(s, c.name, c.format, attributes)
		c.values = map[string][]string{}
	}
	var logins []string
	for i := range users {
		login := fmt.Sprintf("user%03d", i)
		logins = append(logins, login)
		sent := object{}
		for _, c := range samples {
			given := []string{}
			for range r.IntN(3) {
				given = append(given, c.draw(r))
			}
			if !c.multiple {
				given = given[:min(1, len(given))]
			}
			slices.Sort(given)
			given = slices.Compact(given)
			c.values[login] = given
			sent[c.name] = any(given)
			if !c.multiple && len(given) == 1 {
				sent[c.name] = given[0]
			} else if !c.multiple {
				sent[c.name] = ""
			}
		}
		s.Admin().Post("/api/users", object{"user": object{"login": login, "auth_source_id": 3,
			"custom_fields": sent}}).
			Expect(201)
	}
	return logins
}

// Searches and orders by custom fields are what they say, on both databases alike.
func TestCustomFields_RandomSearches(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // the seed is printed, so that a failure can be repeated
		samples := customSamples()
		logins := fillCustom(s, r, samples, 30)
		find := func(query, order string) []string {
			a := s.Admin().Get("/api/users?per_page=all&search=" + url.QueryEscape("(login ~ user0) and ("+query+")") +
				"&order=" + url.QueryEscape(order)).Expect(200)
			found := []string{}
			for _, login := range a.Column("login") {
				found = append(found, login.(string))
			}
			return found
		}
		for range 250 {
			c := samples[r.IntN(len(samples))]
			names := []string{keyOf(s, c.name), strings.ReplaceAll(strings.ToLower(c.name), " ", "_")}
			text, meets := c.query(r, names[r.IntN(2)])
			if r.IntN(4) == 0 {
				inner := meets
				text, meets = "not ("+text+")", func(v []string) bool { return !inner(v) }
			}
			want := slices.DeleteFunc(slices.Clone(logins), func(l string) bool { return !meets(c.values[l]) })
			if got := find(text, "id"); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %s:\ngot  %v\nwant %v\nof   %v", seed, text, got, want, c.values)
			}
		}
		for _, c := range samples {
			for _, desc := range []bool{false, true} {
				order := keyOf(s, c.name) + map[bool]string{true: " DESC"}[desc]
				if got, want := find("set? login", order), c.order(logins, desc); !slices.Equal(got, want) {
					t.Errorf("seed %d: order %s:\ngot  %v\nwant %v\nof   %v", seed, order, got, want, c.values)
				}
			}
		}
	})
}

// The names of fields, what words look into, and what completion and explanations know.
func TestCustomFields_NamesInSearches(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		for _, f := range []struct {
			name, format string
			attributes   object
		}{
			{"Phone number", "string", object{"searchable": true}}, {"Role", "string", nil}, {"and", "string", nil},
			{"CF 1", "string", nil}, {"Two  words", "string", nil}, {"two words", "string", nil},
			{"Unfiltered", "string", object{"is_filter": false, "searchable": true}}, {"Plain", "string", nil},
			{"Age", "int", object{"searchable": true}}, {"Born", "date", object{"searchable": true}},
			{"Vip", "bool", nil}, {"ends!", "string", nil},
		} {
			customField(s, f.name, f.format, f.attributes)
		}
		path := s.User("ann").Path()
		setCustom(admin, path, object{"Phone number": "+420 555", "Role": "chief", "Unfiltered": "blank",
			"Plain": "plain",
			"Age":   77, "Born": "1999-12-31", "Vip": true, "Two  words": "w"}).Expect(200)
		for query, want := range map[string]any{
			"phone_number ~ 420": 1, "Phone_number ~ 420": nil, "role = chief": 0, keyOf(s, "Role") + " = chief": 1,
			`"and" = x`: nil, "cf_1 ~ 420": 1, "two_words = w": nil, keyOf(s, "Two  words") + " = w": 1,
			"unfiltered = x": nil, "cf_99 = x": nil, "420": 1, "77": 1, "7": 0, "blank": 0, "plain": 0, "chief": 0,
			"1999-12-31": 0, "vip": 0, "vip = true": 1, "vip != true": 1, "vip = maybe": nil, "age ~ 7": nil,
			"age = x": nil, "born = 1999-12-31": 1, "born > 1999-12-30": 1, "born < 1999-12-31": 0,
			"born = nosuch":     nil,
			"born before today": 1, "age > 9": 1, "cf_1!=x": 2, "ends! = x": nil, `"phone_number" ~ 420`: 1,
		} {
			a := admin.Get("/api/users?search=" + url.QueryEscape(query))
			if want == nil {
				a.Expect(400)
				continue
			}
			a.Expect(200).Want(want, "subtotal")
		}
		for order, status := range map[string]int{"age": 200, "cf_1 DESC": 200, "unfiltered": 400, "cf_99": 400,
			"two_words": 400} {
			admin.Get("/api/users?order=" + url.QueryEscape(order)).Expect(status)
		}
		age := admin.Get("/api/users?search=" + url.QueryEscape("age = x")).Expect(400)
		if !strings.Contains(age.String(), "Value 'x' is not valid for field 'cf_9'") {
			t.Errorf("the mistake is not about the field: %s", age)
		}
		wantLabels(completeSearch(admin, "users", "phone"), " phone_number ")
		wantLabels(completeSearch(admin, "users", "phone_number = "), `phone_number =  "+420 555"`)
		wantLabels(completeSearch(admin, "users", "vip = "), "vip =  true", "vip =  false")
		wantLabels(completeSearch(admin, "users", "age "), "age  = ", "age  > ", "age  < ", "age  <= ", "age  >= ",
			"age  != ", "age  ^ ", "age  !^ ")
		e, err := s.Dir.Explain(t.Context(), s.Administrator(), "users", "phone_number = 7 and born > 2000-01-01",
			"age")
		if err != nil || e.Message != "" || len(e.Dates) != 1 || !strings.Contains(e.Page.SQL, "custom_values") {
			t.Errorf("got %+v, %v", e, err)
		}
		operator, err := s.Dir.Operator(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		if e, err = s.Dir.Explain(t.Context(), operator, "users", "phone_number = 7",
			""); err != nil || e.Message != "" {
			t.Errorf("an operator gets %q, %v", e.Message, err)
		}
		// What is remembered of a search ends with a change of values.
		admin.Get("/api/users?search=cf_1+=+9").Expect(200).Want(0, "subtotal")
		setCustom(admin, path, object{"Phone number": "9"}).Expect(200)
		admin.Get("/api/users?search=cf_1+=+9").Expect(200).Want(1, "subtotal")
		admin.Put("/api/custom_fields/Plain", object{"custom_field": object{"searchable": true}}).Expect(200)
		admin.Get("/api/users?search=plain").Expect(200).Want(1, "subtotal")
		admin.Put("/api/custom_fields/Plain", object{"custom_field": object{"name": "Even"}}).Expect(200)
		admin.Get("/api/users?search=plain+=+plain").Expect(400)
		admin.Get("/api/users?search=even+=+plain").Expect(200).Want(1, "subtotal")
	})
}

// A comparison with one value among many is found by the index of values, in the statement that counts and in the one
// that reads the page.
func TestCustomFields_UseTheIndex(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const users = 20000
		for _, f := range []struct{ name, format string }{
			{"Badge", "string"}, {"Born", "date"}, {"Vip", "bool"}, {"Number", "int"}, {"Team", "list"},
		} {
			customField(s, f.name, f.format, object{"possible_values": []string{"t1"}})
		}
		numbers := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", users)
		s.Execute(numbers + "INSERT INTO users (login, lower_login, auth_source_id, created_at, updated_at) " +
			"SELECT 'many' || i, 'many' || i, 3, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM n")
		for i, value := range []string{"'badge' || id",
			"CASE WHEN id % 100 = 0 THEN '2024-02-29' ELSE '1990-01-01' END",
			"CASE WHEN id % 1000 = 0 THEN '1' ELSE '0' END", "CAST(id AS TEXT)", "'t' || (id % 50)"} {
			s.Execute(fmt.Sprintf("INSERT INTO custom_values (custom_field_id, user_id, value) SELECT %d, id, %s "+
				"FROM users WHERE login LIKE 'many%%'", i+1, value))
		}
		if err := s.Dir.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
		some := s.Find("SELECT MAX(id) FROM users") - 7
		for _, query := range []string{fmt.Sprint("badge = badge", some), fmt.Sprintf("badge ^ (badge%d, x)", some),
			"born = 2024-02-29", "vip = true", fmt.Sprint("cf_1 = badge", some, " or login = nosuch")} {
			e, err := s.Dir.Explain(t.Context(), s.Administrator(), "users", query, "")
			if err != nil || e.Message != "" {
				t.Fatal(query, ": ", e.Message, err)
			}
			for _, plan := range [][]string{e.Count.Plan, e.Page.Plan} {
				if text := strings.Join(plan, "\n"); !strings.Contains(text, "custom_values_value") {
					t.Errorf("%s does not use the index:\n%s", query, text)
				}
			}
		}
		// An order looks each row's values up by the row: the least of all values is not the least of a row.
		for _, order := range []string{"born", "badge DESC", "number"} {
			e, err := s.Dir.Explain(t.Context(), s.Administrator(), "users", "", order)
			if text := strings.Join(e.Page.Plan, "\n"); err != nil || strings.Contains(text, "custom_values_value") {
				t.Errorf("order %s walks through all values (%v):\n%s", order, err, text)
			}
		}
		s.Admin().Get("/api/users?search="+url.QueryEscape(fmt.Sprint("badge = badge", some))).Expect(200).
			Want(1, "subtotal")
	})
}
