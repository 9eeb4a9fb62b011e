package test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// wantError compares the whole body of an answer with an error, laid out as clients know it (docs/spec/foreman.md,
// 6.1).
func (a *answer) wantError(value string) {
	a.t.Helper()
	a.wantBody("{\n  \"error\": " + value + "\n}\n")
}

// Every shape of an error (docs/spec/foreman.md, 6), byte by byte, with its headers.
func TestErrors_Shapes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain, viewer := s.user("plain"), s.user("viewer", object{"role_names": []string{"Viewer"}})
		disabled := s.user("gone", object{"disabled": true})
		// check looks at what all errors have in common.
		check := func(t *testing.T, a *answer, status int) *answer {
			t.Helper()
			a.expect(status)
			if got := a.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("%s: got Content-Type %q", a, got)
			}
			if got := a.header.Get("WWW-Authenticate"); got != "" {
				t.Errorf("%s: got WWW-Authenticate %q, want none: browsers would ask for a password", a, got)
			}
			if got := a.header.Get("ETag"); got != "" {
				t.Errorf("%s: got ETag %q, want none", a, got)
			}
			return a
		}
		s.run("400 a body that is no JSON", func(t *testing.T, s *server) {
			a := check(t, s.admin().post("/api/users", `{"user":`), 400)
			a.want(400, "status")
			if got := a.text("error"); !strings.HasPrefix(got, "There was a problem in the JSON you submitted: ") {
				t.Errorf("got %q", got)
			}
			if got := a.header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("got Cache-Control %q", got)
			}
		})
		s.run("400 a query", func(t *testing.T, s *server) {
			check(t, s.admin().get("/api/users?search=foo%3D1"), 400).
				wantError(
					`{"message":"Field 'foo' not recognized for searching!","class":"ScopedSearch::QueryNotSupported"}`)
		})
		s.run("401 wrong password, unknown login, none", func(t *testing.T, s *server) {
			check(t, s.as("plain", "wrong").get("/api/users"), 401).
				wantError(`{"message":"Unable to authenticate user plain"}`)
			check(t, s.as("Un<known>&\"", "x").get("/api/users"), 401).
				wantError(`{"message":"Unable to authenticate user Un<known>&\""}`)
			check(t, s.nobody().get("/api/users"), 401).wantError(`{"message":"Unable to authenticate user "}`)
		})
		s.run("401 a disabled account", func(t *testing.T, s *server) {
			check(t, s.by(disabled).get("/api/users"), 401).
				wantError(`{"message":"User account is disabled, please contact your administrator"}`)
			check(t, s.as("gone", "wrong").get("/api/users"), 401).
				wantError(`{"message":"Unable to authenticate user gone"}`)
		})
		s.run("403 a missing permission", func(t *testing.T, s *server) {
			check(t, s.by(plain).get("/api/users"), 403).
				wantError(
					`{"message":"Access denied","details":"Missing one of the required permissions: view_users","missing_permissions":["view_users"]}`)
			check(t, s.by(viewer).post("/api/users", object{}), 403).
				wantError(
					`{"message":"Access denied","details":"Missing one of the required permissions: create_users","missing_permissions":["create_users"]}`)
		})
		s.run("403 a refusal", func(t *testing.T, s *server) {
			check(t, s.admin().delete("/api/users/admin"), 403).
				wantError(
					`{"message":"Access denied","details":"You are trying to delete your own account","missing_permissions":null}`)
		})
		s.run("404 a record", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.admin().get("/api/users/4711"), s.admin().put("/api/users/4711", object{}),
				s.admin().patch("/api/users/4711", object{}), s.admin().delete("/api/users/4711")} {
				check(t, a, 404).wantError(`{"message":"Resource user not found by id '4711'"}`)
			}
		})
		s.run("404 a parent", func(t *testing.T, s *server) {
			check(t, s.admin().get("/api/users?role_id=99"), 404).wantBody(`{"message":"Role not found by id '99'"}`)
			check(t, s.admin().get("/api/users?usergroup_id=none"), 404).
				wantBody(`{"message":"Usergroup not found by id 'none'"}`)
			check(t, s.admin().get("/api/users?auth_source_ldap_id=1"), 404).
				wantBody(`{"message":"Auth source ldap not found by id '1'"}`)
		})
		s.run("404 a tenant", func(t *testing.T, s *server) {
			check(t, s.admin().get("/api/users?location_id=42"), 404).
				wantBody(`{"message":"Location with id 42 not found"}`)
			check(t, s.admin().get("/api/users?organization_id=no+such"), 404).
				wantBody(`{"message":"Organization with id no such not found"}`)
		})
		s.run("404 a route", func(t *testing.T, s *server) {
			for _, path := range []string{"/api/nonsense", "/api/v1/users", "/api/v3/users", "/api/users/5/nonsense",
				"/api/users/5/edit", "/api/users/new/x", "/nonsense", "/api/v2/v2/users"} {
				check(t, s.admin().get(path), 404).wantBody(`{"status":404,"error":"Not Found"}`)
				check(t, s.nobody().get(path), 404)
			}
			for _, verb := range []string{"POST", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE"} {
				check(t, s.admin().do(verb, "/api/users/5", nil), 404).wantBody(`{"status":404,"error":"Not Found"}`)
			}
			for _, verb := range []string{"PUT", "PATCH", "DELETE", "OPTIONS"} {
				check(t, s.admin().do(verb, "/api/users", nil), 404)
			}
		})
		s.run("413 a body beyond the limit", func(t *testing.T, s *server) {
			big := `{"user":{"description":"` + strings.Repeat("x", 1<<20) + `"}}`
			for _, c := range []*client{s.admin(), s.nobody(), s.by(plain)} {
				check(t, c.post("/api/users", big), 413).
					wantError(`{"message":"The request body is larger than 1048576 bytes"}`)
			}
		})
		s.run("415 a media type", func(t *testing.T, s *server) {
			for _, media := range []string{"text/plain", "application/vnd.api+json", "text/json",
				"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "json",
				"application/json/x"} {
				want := `{"message":"Media type in 'Content-Type: ` + media +
					`' is unsupported in API v2 for POST and PUT requests. Please use 'Content-Type: application/json'."}`
				check(t, s.admin().with("Content-Type", media).post("/api/users", "{}"), 415).wantError(want)
				check(t, s.admin().with("Content-Type", media).put(plain.path(), "{}"), 415).wantError(want)
			}
			check(t, s.admin().with("Content-Type", "").put(plain.path(), nil), 415).
				wantError(
					`{"message":"Media type in 'Content-Type: ' is unsupported in API v2 for POST and PUT requests. Please use 'Content-Type: application/json'."}`)
			for _, media := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON",
				"application/json;charset=UTF-8;x=y"} {
				s.admin().with("Content-Type", media).put(plain.path(), "{}").expect(200)
			}
			for _, media := range []string{"text/plain", ""} {
				s.admin().with("Content-Type", media).patch(plain.path(), `{"user":{"firstname":"ignored"}}`).
					expect(200).want(nil, "firstname")
				s.admin().with("Content-Type", media).get(plain.path()).expect(200)
			}
		})
		s.run("422 broken rules", func(t *testing.T, s *server) {
			check(t, s.admin().post("/api/users", object{"user": object{}}), 422).
				wantError(
					`{"id":null,"errors":{"login":["can't be blank"],"auth_source_id":["can't be blank"]},"full_messages":["Username can't be blank","Auth source can't be blank"]}`)
			check(t, s.admin().put(plain.path(), object{"user": object{"locale": "xx_YY_ZZ"}}), 422).
				wantError(fmt.Sprintf(
					`{"id":%d,"errors":{"locale":["is not included in the list","is too long (maximum is 5 characters)"]},`+
						`"full_messages":["Locale is not included in the list","Locale is too long (maximum is 5 characters)"]}`, plain.id))
		})
		s.run("422 a reference", func(t *testing.T, s *server) {
			check(t,
				s.admin().post("/api/users",
					object{"user": object{"login": "x", "password": "x", "auth_source_id": 1,
						"role_ids": []int{9999}}}), 422).
				wantError(`{"message":"Couldn't find Role with 'id'=9999"}`)
		})
	})
}

// Of several mistakes the first check wins (docs/spec/foreman.md, 1).
func TestErrors_OrderOfChecks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.user("plain")
		form := func(c *client) *client { return c.with("Content-Type", "application/x-www-form-urlencoded") }
		s.run("malformed JSON before authentication", func(t *testing.T, s *server) {
			s.nobody().post("/api/users", "{").expect(400)
			s.as("admin", "wrong").put("/api/users/1", "{").expect(400)
			s.nobody().with("Content-Type", "application/json").do("DELETE", "/api/users/1", "{").expect(400)
		})
		s.run("authentication before permission", func(t *testing.T, s *server) {
			s.nobody().delete("/api/users/4711").expect(401)
			form(s.nobody()).post("/api/users?location_id=99", "x=y").expect(401)
		})
		s.run("permission before media type, tenant and record", func(t *testing.T, s *server) {
			form(s.by(plain)).post("/api/users?location_id=99", "x=y").expect(403)
			s.by(plain).put("/api/users/4711", object{}).expect(403)
			s.by(plain).get("/api/users/4711").expect(403)
			s.by(plain).delete("/api/users/4711").expect(403)
			s.by(plain).get("/api/users?page=0").expect(403)
		})
		s.run("tenant before media type", func(t *testing.T, s *server) {
			form(s.admin()).post("/api/users?location_id=99", "x=y").expect(404).want("Location with id 99 not found",
				"message")
			s.admin().post("/api/users", object{"location_id": 98, "organization_id": 99, "user": object{}}).
				expect(404).want("Location with id 98 not found", "message")
		})
		s.run("media type before record", func(t *testing.T, s *server) {
			form(s.admin()).put("/api/users/4711", "x=y").expect(415)
		})
		s.run("record before rules", func(t *testing.T, s *server) {
			s.admin().put("/api/users/4711", object{"user": object{"login": ""}}).expect(404)
		})
		s.run("references before rules", func(t *testing.T, s *server) {
			s.admin().put(plain.path(), object{"user": object{"login": "", "role_ids": []int{9999}}}).expect(422).
				want("Couldn't find Role with 'id'=9999", "error", "message")
		})
	})
}

// Headers of answers (docs/spec/foreman.md, 17).
func TestHeaders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.user("plain")
		location := s.location("Über Ort")
		wantHeader := func(t *testing.T, a *answer, name, want string) {
			t.Helper()
			if got := strings.Join(a.header[name], "|"); got != want {
				t.Errorf("%s %s: the header %s: got %q, want %q", a.method, a.path, name, got, want)
			}
		}
		s.run("of the dialect", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.admin().get("/api/users"), s.admin().get("/api/users/4711"),
				s.admin().get("/api/status"), s.admin().post("/api/users", object{}),
				s.by(plain).get("/api/current_user"), s.admin().with("Content-Type", "x/y").post("/api/users", "")} {
				wantHeader(t, a, "Foreman_version", "3.13.0-develop")
				wantHeader(t, a, "Foreman_api_version", "2")
				wantHeader(t, a, "Foreman_current_location", "; ANY")
				wantHeader(t, a, "Foreman_current_organization", "; ANY")
			}
			a := s.admin().get(fmt.Sprintf("/api/users?location_id=%d&organization_id=", location)).expect(200)
			wantHeader(t, a, "Foreman_current_location", fmt.Sprintf("%d; Über Ort", location))
			wantHeader(t, a, "Foreman_current_organization", "; ANY")
		})
		s.run("of every answer", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.admin().get("/api/users"), s.nobody().get("/api/users"),
				s.nobody().get("/nonsense"), s.nobody().post("/api/users", "{"), s.by(plain).get("/api/users")} {
				wantHeader(t, a, "X-Frame-Options", "sameorigin")
				wantHeader(t, a, "X-Content-Type-Options", "nosniff")
				wantHeader(t, a, "X-Xss-Protection", "1; mode=block")
				wantHeader(t, a, "X-Download-Options", "noopen")
				wantHeader(t, a, "X-Permitted-Cross-Domain-Policies", "none")
				if a.header.Get("X-Request-Id") == "" || a.header.Get("X-Runtime") == "" ||
					a.header.Get("Content-Security-Policy") == "" {
					t.Errorf("%s: got the headers %v", a, a.header)
				}
			}
		})
		s.run("the client names its request", func(t *testing.T, s *server) {
			a := s.admin().with("X-Request-Id", "my-request-1").get("/api/status")
			wantHeader(t, a, "X-Request-Id", "my-request-1")
			for _, id := range []string{"a b", "x\ty", strings.Repeat("a", 256), "é"} {
				if got := s.admin().with("X-Request-Id", id).get("/api/status").header.Get("X-Request-Id"); got == id ||
					len(got) != 36 {
					t.Errorf("got %q for %q, want a name of the server's own", got, id)
				}
			}
		})
		s.run("an answer that has not changed", func(t *testing.T, s *server) {
			a := s.admin().get(plain.path()).expect(200)
			tag := a.header.Get("ETag")
			if !strings.HasPrefix(tag, `W/"`) || len(tag) != 36 {
				t.Errorf("got ETag %q", tag)
			}
			wantHeader(t, a, "Cache-Control", "max-age=0, private, must-revalidate")
			again := s.admin().with("If-None-Match", tag).get(plain.path()).expect(304)
			if len(again.body) != 0 {
				t.Errorf("got a body of %d bytes", len(again.body))
			}
			wantHeader(t, again, "Etag", tag)
			s.admin().put(plain.path(), object{"user": object{"firstname": "New"}}).expect(200)
			s.admin().with("If-None-Match", tag).get(plain.path()).expect(200).want("New", "firstname")
		})
		s.run("HEAD is GET without the body", func(t *testing.T, s *server) {
			get, head := s.admin().get(plain.path()).expect(200), s.admin().do("HEAD", plain.path(), nil).expect(200)
			for _, name := range []string{"Etag", "Content-Length", "Content-Type", "Foreman_version"} {
				wantHeader(t, head, name, strings.Join(get.header[name], "|"))
			}
			s.admin().do("HEAD", "/api/users", nil).expect(200)
			s.nobody().do("HEAD", "/api/users", nil).expect(401)
			s.admin().do("HEAD", "/api/users/4711", nil).expect(404)
			s.admin().with("If-None-Match", get.header.Get("ETag")).do("HEAD", plain.path(), nil).expect(304)
		})
		s.run("Accept is never refused", func(t *testing.T, s *server) {
			for _, accept := range []string{"application/json;version=2", "application/json,version=2",
				"application/json;version=1", "text/html", "nonsense", "*/*;q=0"} {
				s.admin().with("Accept", accept).get("/api/status").expect(200).want("ok", "result")
			}
		})
		s.run("a body on a deletion and a reading is no harm", func(t *testing.T, s *server) {
			s.admin().with("Content-Type", "application/json").get("/api/users").expect(200)
			s.admin().do("GET", "/api/users", `{"per_page":1}`).expect(200).want(1, "per_page")
		})
	})
}

// The same under /api/v2, and with the suffix .json where it is none of an id.
func TestPrefixes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.user("bob")
		for _, path := range []string{"/users", "/users?per_page=1&page=2", fmt.Sprint("/users/", bob.id), "/users/bob",
			"/users/nobody", "/current_user", "/status"} {
			a, b := s.admin().get("/api"+path), s.admin().get("/api/v2"+path)
			if a.status != b.status || string(a.body) != string(b.body) {
				t.Errorf("%s: got %s, want the same as %s", path, b, a)
			}
		}
		for _, path := range []string{"/users", "/current_user", "/status"} {
			a := s.admin().get("/api" + path).expect(200)
			s.admin().get("/api" + path + ".json").expect(200).wantBody(string(a.body))
			s.admin().get("/api/v2" + path + ".json").expect(200).wantBody(string(a.body))
		}
		s.admin().get(fmt.Sprintf("/api/users/%d.json", bob.id)).expect(200)
		s.admin().get("/api/users/bob.json").expect(404)
		s.admin().post("/api/v2/users.json",
			object{"user": object{"login": "v2", "password": "x", "auth_source_id": 1}}).expect(201)
		s.admin().put("/api/v2/users/v2", object{"user": object{"firstname": "V"}}).expect(200)
		s.admin().patch("/api/v2/users/v2", object{"user": object{"firstname": "W"}}).expect(200).want("W", "firstname")
		s.admin().delete("/api/v2/users/v2").expect(200)
		for _, path := range []string{"/api/users.xml", "/api/users.html"} {
			s.admin().get(path).expect(404)
		}
	})
}

// HTTP Basic and nothing else, spelt as clients do (docs/spec/foreman.md, 7.2).
func TestLogin_Basic(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.admin().post("/api/users",
			object{"user": object{"login": "colon", "password": "a:b:c", "auth_source_id": 1}}).expect(201)
		s.admin().post("/api/users",
			object{"user": object{"login": "ünï", "password": "пароль ☃", "auth_source_id": 1}}).expect(201)
		authorization := func(value string) *answer {
			return s.nobody().with("Authorization", value).get("/api/current_user")
		}
		encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
		for _, good := range []string{"Basic " + encode("colon:a:b:c"), "basic " + encode("COLON:a:b:c"),
			"Basic " + encode("ünï:пароль ☃"), "BASIC " + encode("ÜNÏ:пароль ☃")} {
			authorization(good).expect(200)
		}
		for _, bad := range []string{"Basic", "Basic ", "Basic !!!", "Basic " + encode("colon"),
			"Basic " + encode("colon:"), "Basic " + encode(":a"), "Basic " + encode(":"), "Bearer x", "Digest x",
			"Basic " + encode("colon:a:b:c "), "Basic " + encode("colon:a:b"), "Basic " + encode("foreman_admin:"),
			"Basic " + encode("foreman_admin:x"), "Basic " + encode("col\x00on:a:b:c"),
			"Basic " + encode("\xff\xfe:x"), "Basic " + encode("colon:"+strings.Repeat("x", 5000)),
			"Basic " + encode(strings.Repeat("x", 5000)+":x"), "colon:a:b:c"} {
			authorization(bad).expect(http.StatusUnauthorized)
		}
	})
}
