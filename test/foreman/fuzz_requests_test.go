package foreman

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sort"
	"strings"

	"roster/handlers/foreman"
)

// fuzzRequest is one request as it goes over the wire.
type fuzzRequest struct {
	method, target string
	header         []string // "Name: value"
	body           string
}

// raw is the request in the form of HTTP/1.1.
func (q fuzzRequest) raw() string {
	lines := append([]string{q.method + " " + q.target + " HTTP/1.1", "Host: localhost"}, q.header...)
	if q.body != "" {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(q.body)))
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + q.body
}

// curl is a line for a shell that sends the request to $R, the address of a server.
func (q fuzzRequest) curl() string {
	words := []string{"curl -i -g --path-as-is -X", shellText(q.method)}
	for _, line := range q.header {
		words = append(words, "-H", shellText(line))
	}
	if q.body != "" {
		words = append(words, "--data-binary", shellText(q.body))
	}
	return strings.Join(append(words, `"$R"`+shellText(q.target)), " ")
}

// shellText quotes for bash.
func shellText(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

// requests makes random requests out of the routes and of what is in the world.
type requests struct {
	w      *world
	r      *rand.Rand
	routes []foreman.Route
	names  []string
	ids    []int64
	serial int
}

func newRequests(w *world, r *rand.Rand) *requests {
	g := &requests{w: w, r: r, routes: new(foreman.API).Routes()}
	g.names = []string{"admin", "manager", "roleless", w.login, "Here", "There", "Viewer", "Manager", "Default role",
		"Internal", "External", "Default Organization", "users", "failed_login_attempts_limit", w.login + "-group"}
	for _, id := range w.ids {
		g.ids = append(g.ids, id)
	}
	sort.Slice(g.ids, func(i, j int) bool { return g.ids[i] < g.ids[j] }) // a map has no order, and a seed needs one
	return g
}

func (g *requests) pick(list ...string) string { return list[g.r.IntN(len(list))] }
func (g *requests) chance(percent int) bool    { return g.r.IntN(100) < percent }
func (g *requests) id() string                 { return fmt.Sprint(g.ids[g.r.IntN(len(g.ids))]) }
func (g *requests) name() string               { return g.pick(g.names...) }
func (g *requests) fresh(prefix string) string { g.serial++; return fmt.Sprint(prefix, g.serial) }
func (g *requests) times(most int, do func()) {
	for range g.r.IntN(most + 1) {
		do()
	}
}

// next makes a request.
func (g *requests) next() fuzzRequest {
	route := g.routes[g.r.IntN(len(g.routes))]
	for route.Method == "DELETE" && g.chance(60) { // or the world would be empty soon
		route = g.routes[g.r.IntN(len(g.routes))]
	}
	q := fuzzRequest{method: route.Method, target: g.path(route) + g.query(route)}
	if g.chance(8) {
		q.method = g.pick("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X")
	}
	if q.method != "GET" && q.method != "HEAD" || g.chance(5) {
		q.body = g.body(route)
	}
	q.header = g.headers(q.body != "")
	return q
}

// ---- paths

// oddParts are what no path should have.
var oddParts = []string{
	"%00", "a%00b", "%2F", "a%2Fb", "%20", "..", ".", "%2e%2e", "0", "-1", "-", "00", "01", "9223372036854775807",
	"9223372036854775808", "-9223372036854775808", "99999999999999999999",
	"1e3", "0x5", "1.5", "%FF", "%C0%80", "%ED%A0%80", "%E2%80%AE", "%F0%9F%98%80", "%C5%BElu%C5%A5", "%25", "%", "%zz",
	"%2", "null", "true", "1;2", "5%3Fx", "+5", "%D9%A5", "'", "%22", "%0A", "%0D%0A", "%5C", "*", ":id", "a[b]",
	strings.Repeat("9", 400), strings.Repeat("x", 3000), strings.Repeat("%C5%BE", 300),
}

func (g *requests) path(route foreman.Route) string {
	parts := strings.Split(strings.TrimPrefix(route.Path, "/"), "/")
	filled := strings.Split(strings.TrimPrefix(g.w.path(route), "/"), "/")
	for i, part := range parts {
		switch {
		case !strings.HasPrefix(part, ":"):
		case g.chance(82) && i < len(filled):
			parts[i] = filled[i]
		default:
			parts[i] = g.part()
		}
	}
	if g.chance(10) {
		parts = append(parts[:1], append([]string{"v2"}, parts[1:]...)...)
	}
	path := "/" + strings.Join(parts, "/")
	switch g.r.IntN(60) {
	case 0:
		path += "/"
	case 1:
		path += ".json"
	case 2:
		path += "/" + g.part()
	case 3:
		path = strings.Replace(path, "/", "//", 1+g.r.IntN(3))
	case 4:
		path = strings.ToUpper(path)
	case 5:
		path = path[:strings.LastIndexByte(path, '/')]
	case 6:
		path += "/auto_complete_search"
	}
	if path == "" {
		return "/"
	}
	return path
}

// part is something in the place of an id.
func (g *requests) part() string {
	switch g.r.IntN(5) {
	case 0:
		return g.id()
	case 3:
		return ""
	case 1:
		return url.PathEscape(g.name())
	case 2:
		return g.id() + g.pick("-x", "x", "-", " ", "%00", "%20", "/..")
	}
	return g.pick(oddParts...)
}

// ---- queries

var queryNames = []string{"page", "per_page", "search", "order", "include_permissions", "root_name", "location_id",
	"organization_id", "user_id", "usergroup_id", "role_id", "filter_id",
	"auth_source_ldap_id", "show_hidden_parameters", "show_hidden", "resource_type", "name", "id", "format", "thin",
	"full_result", "sort_by", "user", "login", "utf8"}

func (g *requests) query(route foreman.Route) string {
	var pairs []string
	g.times(3, func() {
		name := g.pick(queryNames...)
		if route.Action == "index" && g.chance(60) {
			name = g.pick("search", "search", "order", "page", "per_page")
		}
		value := g.queryValue(name)
		if g.chance(6) {
			name += g.pick("[]", "[a]", "[a][b]", "[", "]", "[][]", "[0]", "%00", "%5Ba%5D", "[a",
				strings.Repeat("[a]", 200))
		}
		pairs = append(pairs, name+g.pick("=", "=", "=", "=", "=", "", "==")+value)
	})
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, g.pick("&", "&", "&", "&", ";", "&&"))
}

func (g *requests) queryValue(name string) string {
	switch {
	case g.chance(5):
		return g.pick(oddParts...)
	case name == "search" || name == "q":
		return url.QueryEscape(g.search(3))
	case name == "order":
		return url.QueryEscape(g.field() + g.pick("", " ASC", " DESC", " desc", " sideways", ",", ", id",
			" ASC, name DESC") + g.pick("", "", "", "'", "\x00", ";--"))
	case name == "page" || name == "per_page":
		return g.pick("1", "2", "3", "20", "all", "0", "-1", "x", "", "1.5", "1e3", "9223372036854775807", "4294967296",
			"99999999999999999999", "%00", "1 ", "+1")
	}
	return url.QueryEscape(g.pick(g.id(), g.name(), "", "true", "false", "0", "x", "users", "User", "\x00", "\xff",
		"results"))
}

var searchFields = []string{"login", "firstname", "lastname", "mail", "name", "description", "id", "admin", "role",
	"role_id", "usergroup", "organization", "location", "organization_id", "last_login_on", "created_at",
	"auth_source", "resource", "permission", "search", "limited", "unlimited", "override", "title", "label", "builtin",
	"user", "username", "action", "type", "auditable_type", "time", "comment", "value", "key", "controller",
	"query", "public", "parameter_type", "disabled", "effective_admin", "mail_enabled", "timezone", "locale", "host",
	"nonsense", "a.b", "ž", "params.x", "count"}

func (g *requests) field() string { return g.pick(searchFields...) }

// search makes a search that is right more often than not.
func (g *requests) search(depth int) string {
	if depth == 0 || g.chance(35) {
		return g.condition()
	}
	left := g.search(depth - 1)
	right := g.search(depth - 1)
	switch g.r.IntN(9) {
	case 0:
		return "not " + left
	case 1:
		return "(" + left + ")"
	case 2:
		return "!(" + left + " or " + right + ")"
	case 3:
		return left + g.pick(" ", ", ", " && ", " || ", " | ", " & ") + right
	case 4:
		return left + g.pick("(", ")", "\"", "'", " and", " not", "\\", "\x00", ",", "and and", " = ", "((((", "^",
			"~") + right
	}
	return left + g.pick(" and ", " or ", " AND ", " OR ") + right
}

func (g *requests) condition() string {
	operator := g.pick("=", "!=", "<>", "~", "!~", "<", ">", "<=", ">=", "==", " like ", " unlike ", "=~")
	switch g.r.IntN(8) {
	case 0:
		return g.pick("has ", "null? ", "set? ", "has not ", "null?", "set?") + g.field()
	case 1:
		return g.field() + g.pick(" ^ (", " !^ (", " ^ ", " in (", " not in (",
			"^(") + g.searchValue() + ", " + g.searchValue() + g.pick(")", ")", "", ",)")
	case 2:
		return g.searchValue()
	}
	return g.field() + g.pick("", " ") + operator + g.pick("", " ") + g.searchValue()
}

func (g *requests) searchValue() string {
	return g.pick(g.name(), g.id(), "x", "true", "false", "yes", "0", "-1", "1.5", "99999999999999999999", `"a b"`, `"`,
		`'`, "%", "_", "*", "a*b", "\\", `"\"\\"`, "today", `"7 days ago"`, `"1 month from now"`, "2024-01-10",
		"2024", "2024-13-45", `"99999999999 years ago"`, `"last monday"`, "12:00", "ŽLUŤ", "\u202e", "\x00", "\xff",
		"current_user", strings.Repeat("y", 300), "[]", "1 or 1=1")
}

// ---- bodies

func (g *requests) body(route foreman.Route) string {
	root := strings.TrimSuffix(route.Resource, "s")
	whole := any(object{root: g.attributes(route)})
	if route.Resource == "personal_access_tokens" || route.Resource == "ssh_keys" ||
		route.Resource == "mail_notifications" || g.chance(10) {
		whole = g.attributes(route)
	}
	switch g.r.IntN(30) {
	case 0:
		return g.pick("null", "[]", "1", `"x"`, "{}", "", " ", "{", "}", "[", `{"a":1}{"b":2}`, `{"a":`, "\x00", "\xff",
			"\ufeff{}", "user[login]=x&user[a][b]=c", "<user/>", "--x\r\n\r\n", "{'a':1}", "NaN",
			strings.Repeat("[", 10_000))
	case 1:
		return `{"` + root + `":` + strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70) + "}"
	case 2:
		return `{"` + root + `":` + g.pick("null", "[]", "1", `"x"`, "true", "[[]]", `[{"id":1}]`) + "}"
	case 3:
		whole.(object)[g.pick("location_id", "organization_id", "page", "search", "root_name", "id", "user_id",
			"role_id")] = g.value(2)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		panic(err)
	}
	if g.chance(3) { // cut off, or damaged
		at := g.r.IntN(len(text))
		return string(text[:at]) + g.pick("", "\x00", "\\", `\ud800`, `"`, ",", "\xff",
			string(text[at:min(at+1, len(text))])+`\u0000`) + string(text[min(at+g.r.IntN(3), len(text)):])
	}
	return string(text)
}

// attributes are good ones of the resource, of which some are replaced, and odd ones beside them.
func (g *requests) attributes(route foreman.Route) object {
	all := g.good(route.Resource)
	for _, name := range sortedNames(all) {
		if g.chance(12) {
			all[name] = g.value(2)
		}
		if g.chance(8) {
			delete(all, name)
		}
	}
	g.times(3, func() { all[g.pick(attributes...)] = g.value(3) })
	return all
}

// good are attributes with which the resource can be made.
func (g *requests) good(resource string) object {
	name := g.fresh("fuzz")
	switch resource {
	case "users":
		return object{"login": name, "firstname": "F", "mail": name + "@example.com", "password": "secret of " + name,
			"auth_source_id": 1, "organization_ids": []int64{g.w.ids["here"]},
			"location_ids": []int64{g.w.ids["hereLocation"]}}
	case "usergroups":
		return object{"name": name, "user_ids": []int64{g.w.ids["user"]}}
	case "filters":
		return object{"role_id": g.w.ids["role"], "permission_names": []string{g.pick("view_users", "edit_users",
			"view_roles")}, "search": g.search(1)}
	case "auth_source_ldaps":
		return object{"name": name, "host": "ldap.example.com", "port": 389,
			"organization_ids": []int64{g.w.ids["here"]}}
	case "external_usergroups":
		return object{"name": name, "auth_source_id": 3}
	case "personal_access_tokens":
		return object{"name": name, "expires_at": "2030-01-01"}
	case "ssh_keys":
		return object{"name": name, "key": publicKey}
	case "table_preferences":
		return object{"name": name, "columns": []string{"a", "b"}}
	case "mail_notifications":
		return object{"mail_notification_id": 1, "interval": g.pick("daily", "weekly", "x"), "subscription": "daily"}
	case "settings":
		return object{"value": g.value(1)}
	case "bookmarks":
		return object{"name": name, "controller": "users", "query": g.search(1), "public": true}
	case "custom_fields":
		return object{"name": name, "customized_type": g.pick("user", "usergroup"), "field_format": g.pick("string",
			"int",
			"float", "date", "bool", "list", "text", "x"), "possible_values": []string{"a", "b"}, "regexp": g.pick("",
			"^a", "("),
			"is_required": g.chance(5), "searchable": g.chance(50), "visible": g.chance(80), "multiple": g.chance(20)}
	case "parameters", "common_parameters":
		return object{"name": name, "value": g.value(2), "parameter_type": g.pick("string", "boolean", "integer",
			"real",
			"array", "hash", "yaml", "json", "x"), "hidden_value": g.chance(20)}
	}
	return object{"name": name, "description": "d"}
}

// value is anything that JSON can say.
func (g *requests) value(depth int) any {
	if depth > 0 && g.chance(25) {
		if g.chance(50) {
			list := []any{}
			g.times(4, func() { list = append(list, g.value(depth-1)) })
			return list
		}
		o := object{}
		g.times(3,
			func() { o[g.pick("id", "name", "login", "title", "a", "", "\x00", "permissions")] = g.value(depth - 1) })
		return o
	}
	switch g.r.IntN(6) {
	case 0:
		odd := oddValues()
		return odd[g.r.IntN(len(odd))]
	case 1:
		return g.name()
	case 2:
		return g.ids[g.r.IntN(len(g.ids))]
	case 3:
		return json.Number(g.pick("0", "-0", "1e400", "-1e-400", "1E5", "9223372036854775807", "9223372036854775808",
			"-9223372036854775809", "0.1", strings.Repeat("9", 300)))
	case 4:
		return g.pick("", " ", "a\nb", "\u202e", "\u0085", "\ufeff", "yes", "1", "true", "NIL", "null", "2024-01-10",
			"=1+1", "{{x}}", "<b>", "a@b.c", "Prague", "cs_CZ", "{\"a\":", "- a\n- &b [*b]", "ſ", "İ",
			strings.Repeat("ž", 300), strings.Repeat("a", 70_000))
	}
	return []any{nil, true, false, []any{g.w.ids["user"]}, []any{"Viewer"}, object{}}[g.r.IntN(6)]
}

func sortedNames(o object) []string {
	var names []string
	for name := range o {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// ---- headers

func (g *requests) headers(hasBody bool) []string {
	var header []string
	if line := g.authorization(); line != "" {
		header = append(header, line)
	}
	if hasBody {
		header = append(header, "Content-Type: "+g.mediaType())
	}
	if g.chance(25) {
		header = append(header, g.pick("Accept: text/html", "Accept: */*;q=0", "Accept: application/xml",
			"Accept-Language: cs,\xff", "If-None-Match: *", `If-None-Match: W/"x"`, "If-Modified-Since: yesterday",
			"X-Request-Id: a b",
			"X-Request-Id: "+strings.Repeat("x", 300), "X-Forwarded-For: 1.2.3.4, x", "X-Forwarded-Proto: https",
			"X-Forwarded-Proto: \xff", "Cookie: _session_id=x", "Cookie: _session_id=\x7f; ;=;", "Origin: null",
			"Sec-Fetch-Site: cross-site",
			"X-Csrf-Token: x", "X-HTTP-Method-Override: DELETE", "Range: bytes=0-1", "Accept-Encoding: gzip",
			"Remote-User: admin", "Expect: 100-continue", "Connection: upgrade", "Foreman-Api-Version: 99",
			"Accept: application/json,version=1"))
	}
	return header
}

func (g *requests) mediaType() string {
	if g.chance(93) {
		return "application/json"
	}
	return g.pick("application/json; charset=utf-8", "application/json; charset=\xff",
		"application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain",
		"application/xml", "", "x", "application/json;;", "application/vnd.api+json")
}

func (g *requests) authorization() string {
	basic := func(login, password string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
	}
	switch n := g.r.IntN(100); {
	case n < 45:
		return basic("admin", adminPassword)
	case n < 75:
		a := g.w.accounts["manager"]
		return basic(a.Login, a.Password)
	case n < 88:
		a := g.w.accounts["roleless"]
		return basic(a.Login, a.Password)
	case n < 95:
		return ""
	}
	return g.pick(basic("admin", "wrong"), basic("a\x00b", "\x00"), basic("\xff", "\xff"), basic("", ""),
		basic(strings.Repeat("x", 5000),
			"x"), "Authorization: Basic ???", "Authorization: Bearer x.y.z",
		"Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
		"Authorization: Bearer", "Authorization: Digest x", "Authorization: \xff",
		"Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("nocolon")))
}
