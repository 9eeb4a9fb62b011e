package foreman

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/test/servertest"
)

// textAttributes are the attributes of users that hold text.
var textAttributes = []string{"login", "firstname", "lastname", "mail", "description", "timezone", "locale", "password",
	"password_confirmation", "current_password", "auth_source_name"}

// Whatever stands in a text attribute, the answer is a record or a refusal, never a fault.
func TestOdd_Texts(t *testing.T) {
	odd := map[string]string{
		"NUL": `"a\u0000b"`, "only NUL": `"\u0000"`, "a lone surrogate": `"\ud800"`,
		"two halves the wrong way round": `"\udc00\ud800"`, "invalid UTF-8": "\"\xff\xfe\"",
		"half a character": "\"\xe2\x82\"", "a control character": `"\u0007\u001b[31m"`, "a line break": `"a\nb\r\nc"`,
		"right to left": `"\u202eabc"`, "no width": `"\u200b\ufeff"`,
		"an emoji": `"👩‍👩‍👧‍👦"`, "beyond the plane": `"\ud83d\ude00"`, "long": `"` + strings.Repeat("x", 10_000) + `"`,
		"long, many bytes": `"` + strings.Repeat("漢", 5_000) + `"`,
		"quotes":           `"'; DROP TABLE users; --"`, "a template": `"{{7*7}}${7*7}<%= 7*7 %>"`,
		"markup": `"<script>alert(1)</script>"`, "a path": `"../../etc/passwd"`, "a pattern": `"%_*?\\"`,
		"a number": `1e999`, "a huge number": strings.Repeat("9", 400), "a negative number": `-0.000001`,
		"true": `true`, "null": `null`, "blank": `""`, "blanks": `"  \t "`, "a list": `["x"]`, "an object": `{"x":"y"}`,
	}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for name, text := range odd {
			for _, attribute := range textAttributes {
				a := s.Admin().Put(bob.Path(), `{"user":{"`+attribute+`":`+text+`}}`)
				if a.Status != 200 && a.Status != 422 {
					t.Errorf("%s as %s: got %s", name, attribute, a)
				}
				b := s.Admin().Post("/api/users",
					`{"user":{"login":"x","password":"x","auth_source_id":1,"firstname":"?","`+attribute+`":`+text+`}}`)
				if attribute != "firstname" && b.Status != 422 {
					t.Errorf("%s as %s of a new user: got %s", name, attribute, b)
				}
				if b.Status == 201 {
					s.Admin().Delete("/api/users/x").Expect(200)
				}
				if a.Status == 200 && attribute == "login" {
					s.Admin().Put(bob.Path(), object{"user": object{"login": "bob"}}).Expect(200)
				}
				var decoded any
				if err := json.Unmarshal(a.Body, &decoded); err != nil || bytes.ContainsRune(a.Body, 0) {
					t.Errorf("%s as %s: the answer is no JSON: %s", name, attribute, a)
				}
			}
		}
		s.Admin().Put(bob.Path(), object{"user": object{"description": "a\x00b"}}).
			Refuses(errors{"description": {"is invalid"}}, "Description is invalid")
		s.Admin().Put(bob.Path(), object{"user": object{"mail": "a\x00b@example.com"}}).
			Refuses(errors{"mail": {"is invalid"}}, "Email address is invalid")
		s.Admin().Put(bob.Path(), object{"user": object{"login": "a\x00b"}}).Refuses(errors{"login": {"is invalid"}},
			"Username is invalid")
		s.Admin().Put(bob.Path(), object{"user": object{"firstname": "a\x00b"}}).
			Refuses(errors{"firstname": {"is invalid"}}, "First name is invalid")
		s.Admin().Put(bob.Path(), object{"user": object{"locale": "\x00"}}).
			Refuses(errors{"locale": {"is not included in the list"}}, "Locale is not included in the list")
		long := strings.Repeat("Ünïcödé ", 1000) + "."
		s.Admin().Put(bob.Path(), object{"user": object{"description": long}}).Expect(200).Want(long, "description")
	})
}

// Bodies that nobody should send.
func TestOdd_Bodies(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	bodies := map[string]struct {
		body   string
		status int
	}{
		"cut off": {`{"user":{"login":"x"`, 400}, "a comma too many": {`{"user":{"login":"x",}}`, 400},
		"two values": {`{} {}`, 400}, "no quotes": {`{user:{}}`, 400},
		"single quotes": {`{'user':{}}`, 400}, "a comment": {`{/* */}`, 400}, "NaN": {`{"user":{"admin":NaN}}`, 400},
		"a control character": {"{\"a\":\"\x01\"}", 400},
		"a form":              {"user[login]=x", 400}, "XML": {"<user/>", 400}, "zeros": {"\x00\x00", 400},
		"a mark of byte order": {"\ufeff{}", 400}, "UTF-16": {"\xff\xfe{\x00}\x00", 400},
		"too deep": {`{"user":{"nonsense":` + deep(100) + `}}`, 400}, "far too deep": {deep(400_000), 400},
		"never closed":       {strings.Repeat(`{"a":`, 100_000), 400},
		"deep enough":        {`{"user":{"nonsense":` + deep(50) + `}}`, 200},
		"brackets in a text": {`{"user":{"nonsense":"` + strings.Repeat("[", 500) + `"}}`, 200},
		"the same key twice": {`{"user":{"firstname":"One","firstname":"Two"}}`, 200},
		"the root twice":     {`{"user":{"firstname":"One"},"user":{"firstname":"Two"}}`, 200},
		"an empty key":       {`{"":{"":""},"user":{"":1}}`, 200},
		"many keys":          {`{"user":{` + strings.TrimSuffix(strings.Repeat(`"k":1,`, 50_000), ",") + `}}`, 200},
		"a list as root":     {`{"user":[{"firstname":"X"}]}`, 400}, "a text as root": {`{"user":"firstname"}`, 400},
		"blanks": {" \r\n\t ", 200}, "null": {"null", 200}, "a text": {`"x"`, 200},
		"a number": {"1", 200}, "a list": {`[1,2]`, 200}, "context as list": {`{"location_id":[1]}`, 200},
		"context as object": {`{"location_id":{"a":1}}`, 200}, "context as true": {`{"location_id":true}`, 404},
		"context with NUL":       {`{"location_id":"\u0000"}`, 404},
		"context beyond 64 bits": {`{"organization_id":99999999999999999999}`, 404},
		"negative context":       {`{"organization_id":-1}`, 404},
		"many ids": {`{"user":{"role_ids":[` + strings.TrimSuffix(strings.Repeat("1,", 100_000), ",") + `]}}`,
			200},
		"ids beyond 64 bits":   {`{"user":{"role_ids":[99999999999999999999]}}`, 422},
		"ids below zero":       {`{"user":{"role_ids":[-99999999999999999999]}}`, 422},
		"ids with NUL":         {`{"user":{"role_ids":["\u0000"]}}`, 422},
		"names with NUL":       {`{"user":{"role_names":["\u0000"]}}`, 422},
		"objects with NUL":     {`{"user":{"roles":[{"name":"a\u0000"}]}}`, 422},
		"objects with objects": {`{"user":{"roles":[{"id":{"id":1}}]}}`, 200},
		"names of every kind":  {`{"user":{"location_names":[1,true,null,""]}}`, 422},
	}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for name, test := range bodies {
			a := s.Admin().Put(bob.Path(), test.body)
			if a.Status != test.status {
				t.Errorf("%s: got %s, want %d", name, a, test.status)
			}
			if test.status == 400 {
				if b := s.Nobody().Post("/api/users", test.body); b.Status != 400 && b.Status != 401 {
					t.Errorf("%s from nobody: got %s", name, b)
				}
			}
		}
		s.Admin().Get(bob.Path()).Expect(200).Want("Two", "firstname")
	})
}

// Paths and queries that nobody should send.
func TestOdd_PathsAndQueries(t *testing.T) {
	paths := []string{"/api/users/%00", "/api/users/a%00b", "/api/users/%FF", "/api/users/%2F", "/api/users/..",
		"/api/users/%2e%2e", "/api/users/.", "/api/users//", "/api//users", "//api/users",
		"/api/users/5/", "/api/users/", "/api/users/" + strings.Repeat("9", 400), "/api/users/-5", "/api/users/5-",
		"/api/users/5%20", "/api/users/%205", "/api/users/+5", "/api/users/0x5", "/api/users/٥",
		"/api/users/5;x=y", "/api/users/5%3Fx", "/api/users/%25", "/api/users/%E2%82%AC",
		"/api/users/" + strings.Repeat("%F0%9F%98%80", 500), "/API/USERS", "/api/Users", "/api/users.",
		"/api/users.json.json",
		"/api/users/5/..", "/api/../api/users", "/api/current_user/", "/api/current_user/5", "/api", "/api/", "/", "/%",
		"/%zz", "/api/users/%zz", "/api/users/%", "*"}
	queries := []string{"location_id=%00", "organization_id=%FF", "location_id=99999999999999999999", "location_id[]=1",
		"location_id[a]=1", "page[]=2", "per_page[]=x", "per_page[a]=x", "page=%00", "per_page=%FF",
		"search=%00", "search=%FF", "search=login%3D%00", "order=%00", "order=%FF+%FF", "root_name=%00",
		"root_name=%FF", "root_name=%22%7D", "include_permissions=%FF", "role_id=%00", "usergroup_id=%FF",
		"auth_source_ldap_id=99999999999999999999",
		"role_id=-1", "role_id[]=1", "role_id=", "%00=%00", "%FF=%FF", "=", "&&&", "%", "%zz=1", ";",
		"search=id%3D99999999999999999999", "search=id%3D-99999999999999999999",
		"search=last_login_on%3E99999999-99-99",
		"search=last_login_on%3D%22" + strings.Repeat("9", 300) + "+days+ago%22",
		"search=" + strings.Repeat("not+", 3000) + "a", "search=login%20^%20(" + strings.Repeat("a,", 5000) + "a)",
		"page=" + strings.Repeat("9", 4000)}
	onBoth(t, func(t *testing.T, s *server) {
		for _, path := range paths {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				// The request is written by hand: no client would send some of these.
				status, body := sendRaw(s, method+" "+path+" HTTP/1.1", `{}`)
				if status >= 500 || status < 200 || status == 200 && method == "DELETE" {
					t.Errorf("%s %s: got %d %.200s", method, path, status, body)
				}
			}
		}
		for _, q := range queries {
			a := s.Admin().Get("/api/users?" + q)
			if a.Status != 200 && a.Status != 400 && a.Status != 404 {
				t.Errorf("?%.100s: got %s", q, a)
			}
			if _, err := servertest.Decode(a.Body); err != nil && a.Status != 304 {
				t.Errorf("?%.100s: the answer is no JSON: %s", q, a)
			}
		}
		s.Admin().Get("/api/users/admin").Expect(200)
	})
}

// sendRaw sends a request line with a JSON body as the administrator.
func sendRaw(s *server, line, body string) (int, string) {
	s.T.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		s.T.Fatal(err)
	}
	defer conn.Close()
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth("admin", adminPassword)
	fmt.Fprintf(conn, "%s\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: "+
		"application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		line, req.Header.Get("Authorization"), len(body), body)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.T.Fatalf("%s: %v", line, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.T.Fatalf("%s: %v", line, err)
	}
	return res.StatusCode, string(text)
}

// Random requests, from a fixed seed, made of parts that have a meaning somewhere: no fault, and every answer is JSON.
func TestOdd_RandomRequests(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		makePeople(s, "A", "B", "C")
		clients := []*client{s.Admin(), s.Nobody(), s.By(s.User("plain")),
			s.By(s.User("manager", object{"role_names": []string{"Manager"}}))}
		random := rand.New(rand.NewPCG(1, 2))
		statuses := map[int]int{}
		for range 400 {
			method, path, body := randomRequest(random)
			a := clients[random.IntN(len(clients))].Do(method, path, body)
			if len(a.Body) > 0 {
				if _, err := servertest.Decode(a.Body); err != nil {
					t.Errorf("the answer is no JSON: %s\nto %s", a, body)
				}
			}
			if statuses[a.Status]++; a.Status >= 500 {
				t.Errorf("the body was %s", body)
			}
		}
		for _, status := range []int{200, 201, 400, 401, 403, 404, 422} {
			if statuses[status] == 0 {
				t.Errorf("got the statuses %v: none was %d, so the requests are not odd enough", statuses, status)
			}
		}
		s.Admin().Get("/api/users/admin").Expect(200).Want(true, "admin")
	})
}

func randomRequest(r *rand.Rand) (method, path, body string) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	value := func() string {
		return pick(`"x"`, `"p1"`, `""`, "null", "true", "false", "0", "1", "2", "5", "-1", "9999", "1.5", `"1"`, "[]",
			"[1]", "[1,2,2]", `["Viewer"]`, `[{"id":1}]`, `[{"name":"Viewer"}]`, `[[]]`, "{}", `{"id":1}`,
			`"Stockholm"`, `"de"`, `"a@b"`, `"\u0000"`, `"Internal"`, `"`+strings.Repeat("y", 300)+`"`)
	}
	members := func(names ...string) string {
		var parts []string
		for range r.IntN(6) {
			parts = append(parts, `"`+names[r.IntN(len(names))]+`":`+value())
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	body = members(userAttributes...)
	switch r.IntN(3) {
	case 0: // often good
		body = fmt.Sprintf(`{"user":{"login":"r%d","password":"x","auth_source_id":1,"nonsense":%s}}`, r.IntN(1000),
			body)
	case 1:
		body = `{"user":` + body + `,"location_id":` + pick("null", `""`, "2", "99") + `}`
	}
	method = pick("GET", "POST", "PUT", "PATCH", "PUT", "POST", "HEAD")
	path = pick("/api/users", "/api/v2/users", "/api/users/5", "/api/users/p1", "/api/users/6-x", "/api/users/4711",
		"/api/current_user")
	q := url.Values{}
	for range r.IntN(3) {
		q.Set(pick("search", "order", "page", "per_page", "location_id", "role_id", "include_permissions", "root_name"),
			pick("", "", "1", "2", "all", "login", "login desc", "login = p1", "admin = true", "x", "-1",
				"Default Location", "results"))
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return method, path, body
}

var userAttributes = append([]string{"admin", "disabled", "mail_enabled", "auth_source_id", "default_location_id",
	"default_organization_id", "role_ids", "role_names", "roles",
	"location_ids", "location_names", "locations", "organization_ids", "organization_names", "organizations", "id",
	"hidden", "nonsense"}, textAttributes...)
