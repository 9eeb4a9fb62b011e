package foreman

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// wantError compares the whole body of an answer with an error, laid out as clients know it (docs/spec/foreman.md,
// 6.1).
func wantError(a *answer, value string) {
	a.T.Helper()
	a.WantBody("{\n  \"error\": " + value + "\n}\n")
}

// Every shape of an error (docs/spec/foreman.md, 6), byte by byte, with its headers.
func TestErrors_Shapes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		viewer := s.User("viewer", object{"role_names": []string{"Viewer"}})
		disabled := s.User("gone", object{"disabled": true})
		// check looks at what all errors have in common.
		check := func(t *testing.T, a *answer, status int) *answer {
			t.Helper()
			a.Expect(status)
			if got := a.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("%s: got Content-Type %q", a, got)
			}
			if got := a.Header.Get("WWW-Authenticate"); got != "" {
				t.Errorf("%s: got WWW-Authenticate %q, want none: browsers would ask for a password", a, got)
			}
			if got := a.Header.Get("ETag"); got != "" {
				t.Errorf("%s: got ETag %q, want none", a, got)
			}
			return a
		}
		s.Run("400 a body that is no JSON", func(t *testing.T, s *server) {
			a := check(t, s.Admin().Post("/api/users", `{"user":`), 400)
			a.Want(400, "status")
			if got := a.Text("error"); !strings.HasPrefix(got, "There was a problem in the JSON you submitted: ") {
				t.Errorf("got %q", got)
			}
			if got := a.Header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("got Cache-Control %q", got)
			}
		})
		s.Run("400 a query", func(t *testing.T, s *server) {
			wantError(check(t, s.Admin().Get("/api/users?search=foo%3D1"), 400),
				`{"message":"Field 'foo' not recognized for searching!","class":"ScopedSearch::QueryNotSupported"}`)
		})
		s.Run("401 wrong password, unknown login, none", func(t *testing.T, s *server) {
			wantError(check(t, s.As("plain", "wrong").Get("/api/users"), 401),
				`{"message":"Unable to authenticate user plain"}`)
			wantError(check(t, s.As("Un<known>&\"", "x").Get("/api/users"), 401),
				`{"message":"Unable to authenticate user Un<known>&\""}`)
			wantError(check(t, s.Nobody().Get("/api/users"), 401), `{"message":"Unable to authenticate user "}`)
		})
		s.Run("401 a disabled account", func(t *testing.T, s *server) {
			wantError(check(t, s.By(disabled).Get("/api/users"), 401),
				`{"message":"User account is disabled, please contact your administrator"}`)
			wantError(check(t, s.As("gone", "wrong").Get("/api/users"), 401),
				`{"message":"Unable to authenticate user gone"}`)
		})
		s.Run("403 a missing permission", func(t *testing.T, s *server) {
			wantError(check(t, s.By(plain).Get("/api/users"), 403),
				`{"message":"Access denied","details":"Missing one of the required permissions: view_users","missing_permissions":["view_users"]}`)
			wantError(check(t, s.By(viewer).Post("/api/users", object{}), 403),
				`{"message":"Access denied","details":"Missing one of the required permissions: create_users","missing_permissions":["create_users"]}`)
		})
		s.Run("403 a refusal", func(t *testing.T, s *server) {
			wantError(check(t, s.Admin().Delete("/api/users/admin"), 403),
				`{"message":"Access denied","details":"You are trying to delete your own account","missing_permissions":null}`)
		})
		s.Run("404 a record", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.Admin().Get("/api/users/4711"), s.Admin().Put("/api/users/4711", object{}),
				s.Admin().Patch("/api/users/4711", object{}), s.Admin().Delete("/api/users/4711")} {
				wantError(check(t, a, 404), `{"message":"Resource user not found by id '4711'"}`)
			}
		})
		s.Run("404 a parent", func(t *testing.T, s *server) {
			check(t, s.Admin().Get("/api/users?role_id=99"), 404).WantBody(`{"message":"Role not found by id '99'"}`)
			check(t, s.Admin().Get("/api/users?usergroup_id=none"), 404).
				WantBody(`{"message":"Usergroup not found by id 'none'"}`)
			check(t, s.Admin().Get("/api/users?auth_source_ldap_id=1"), 404).
				WantBody(`{"message":"Auth source ldap not found by id '1'"}`)
		})
		s.Run("404 a tenant", func(t *testing.T, s *server) {
			check(t, s.Admin().Get("/api/users?location_id=42"), 404).
				WantBody(`{"message":"Location with id 42 not found"}`)
			check(t, s.Admin().Get("/api/users?organization_id=no+such"), 404).
				WantBody(`{"message":"Organization with id no such not found"}`)
		})
		s.Run("404 a route", func(t *testing.T, s *server) {
			for _, path := range []string{"/api/nonsense", "/api/v1/users", "/api/v3/users", "/api/users/5/nonsense",
				"/api/users/5/edit", "/api/users/new/x", "/nonsense", "/api/v2/v2/users"} {
				check(t, s.Admin().Get(path), 404).WantBody(`{"status":404,"error":"Not Found"}`)
				check(t, s.Nobody().Get(path), 404)
			}
			for _, verb := range []string{"POST", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE"} {
				check(t, s.Admin().Do(verb, "/api/users/5", nil), 404).WantBody(`{"status":404,"error":"Not Found"}`)
			}
			for _, verb := range []string{"PUT", "PATCH", "DELETE", "OPTIONS"} {
				check(t, s.Admin().Do(verb, "/api/users", nil), 404)
			}
		})
		s.Run("413 a body beyond the limit", func(t *testing.T, s *server) {
			big := `{"user":{"description":"` + strings.Repeat("x", 1<<20) + `"}}`
			for _, c := range []*client{s.Admin(), s.Nobody(), s.By(plain)} {
				wantError(check(t, c.Post("/api/users", big), 413),
					`{"message":"The request body is larger than 1048576 bytes"}`)
			}
		})
		s.Run("415 a media type", func(t *testing.T, s *server) {
			for _, media := range []string{"text/plain", "application/vnd.api+json", "text/json",
				"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "json",
				"application/json/x"} {
				want := `{"message":"Media type in 'Content-Type: ` + media +
					`' is unsupported in API v2 for POST and PUT requests. Please use 'Content-Type: application/json'."}`
				wantError(check(t, s.Admin().With("Content-Type", media).Post("/api/users", "{}"), 415), want)
				wantError(check(t, s.Admin().With("Content-Type", media).Put(plain.Path(), "{}"), 415), want)
			}
			wantError(check(t, s.Admin().With("Content-Type", "").Put(plain.Path(), nil), 415),
				`{"message":"Media type in 'Content-Type: ' is unsupported in API v2 for POST and PUT requests. Please use 'Content-Type: application/json'."}`)
			for _, media := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON",
				"application/json;charset=UTF-8;x=y"} {
				s.Admin().With("Content-Type", media).Put(plain.Path(), "{}").Expect(200)
			}
			for _, media := range []string{"text/plain", ""} {
				s.Admin().With("Content-Type", media).Patch(plain.Path(), `{"user":{"firstname":"ignored"}}`).
					Expect(200).Want(nil, "firstname")
				s.Admin().With("Content-Type", media).Get(plain.Path()).Expect(200)
			}
		})
		s.Run("422 broken rules", func(t *testing.T, s *server) {
			wantError(check(t, s.Admin().Post("/api/users", object{"user": object{}}), 422),
				`{"id":null,"errors":{"login":["can't be blank"],"auth_source_id":["can't be blank"]},"full_messages":["Username can't be blank","Auth source can't be blank"]}`)
			wantError(check(t, s.Admin().Put(plain.Path(), object{"user": object{"locale": "xx_YY_ZZ"}}), 422),
				fmt.Sprintf(
					`{"id":%d,"errors":{"locale":["is not included in the list","is too long (maximum is 5 characters)"]},`+
						`"full_messages":["Locale is not included in the list","Locale is too long (maximum is 5 characters)"]}`, plain.ID))
		})
		s.Run("422 a reference", func(t *testing.T, s *server) {
			wantError(check(t,
				s.Admin().Post("/api/users",
					object{"user": object{"login": "x", "password": "x", "auth_source_id": 1,
						"role_ids": []int{9999}}}), 422), `{"message":"Couldn't find Role with 'id'=9999"}`)
		})
	})
}

// Of several mistakes the first check wins (docs/spec/foreman.md, 1).
func TestErrors_OrderOfChecks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		form := func(c *client) *client {
			return c.With("Content-Type", "application/x-www-form-urlencoded")
		}
		s.Run("malformed JSON before authentication", func(t *testing.T, s *server) {
			s.Nobody().Post("/api/users", "{").Expect(400)
			s.As("admin", "wrong").Put("/api/users/1", "{").Expect(400)
			s.Nobody().With("Content-Type", "application/json").Do("DELETE", "/api/users/1", "{").Expect(400)
		})
		s.Run("authentication before permission", func(t *testing.T, s *server) {
			s.Nobody().Delete("/api/users/4711").Expect(401)
			form(s.Nobody()).Post("/api/users?location_id=99", "x=y").Expect(401)
		})
		s.Run("permission before media type, tenant and record", func(t *testing.T, s *server) {
			form(s.By(plain)).Post("/api/users?location_id=99", "x=y").Expect(403)
			s.By(plain).Put("/api/users/4711", object{}).Expect(403)
			s.By(plain).Get("/api/users/4711").Expect(403)
			s.By(plain).Delete("/api/users/4711").Expect(403)
			s.By(plain).Get("/api/users?page=0").Expect(403)
		})
		s.Run("tenant before media type", func(t *testing.T, s *server) {
			form(s.Admin()).Post("/api/users?location_id=99", "x=y").Expect(404).Want("Location with id 99 not found",
				"message")
			s.Admin().Post("/api/users", object{"location_id": 98, "organization_id": 99, "user": object{}}).
				Expect(404).Want("Location with id 98 not found", "message")
		})
		s.Run("media type before record", func(t *testing.T, s *server) {
			form(s.Admin()).Put("/api/users/4711", "x=y").Expect(415)
		})
		s.Run("record before rules", func(t *testing.T, s *server) {
			s.Admin().Put("/api/users/4711", object{"user": object{"login": ""}}).Expect(404)
		})
		s.Run("references before rules", func(t *testing.T, s *server) {
			s.Admin().Put(plain.Path(), object{"user": object{"login": "", "role_ids": []int{9999}}}).Expect(422).
				Want("Couldn't find Role with 'id'=9999", "error", "message")
		})
	})
}

// Headers of answers (docs/spec/foreman.md, 17).
func TestHeaders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		plain := s.User("plain")
		location := s.Location("Über Ort")
		wantHeader := func(t *testing.T, a *answer, name, want string) {
			t.Helper()
			if got := strings.Join(a.Header[name], "|"); got != want {
				t.Errorf("%s %s: the header %s: got %q, want %q", a.Method, a.Path, name, got, want)
			}
		}
		s.Run("of the dialect", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.Admin().Get("/api/users"), s.Admin().Get("/api/users/4711"),
				s.Admin().Get("/api/status"), s.Admin().Post("/api/users", object{}),
				s.By(plain).Get("/api/current_user"), s.Admin().With("Content-Type", "x/y").Post("/api/users", "")} {
				wantHeader(t, a, "Foreman_version", "3.13.0-develop")
				wantHeader(t, a, "Foreman_api_version", "2")
				wantHeader(t, a, "Foreman_current_location", "; ANY")
				wantHeader(t, a, "Foreman_current_organization", "; ANY")
			}
			a := s.Admin().Get(fmt.Sprintf("/api/users?location_id=%d&organization_id=", location)).Expect(200)
			wantHeader(t, a, "Foreman_current_location", fmt.Sprintf("%d; Über Ort", location))
			wantHeader(t, a, "Foreman_current_organization", "; ANY")
		})
		s.Run("of every answer", func(t *testing.T, s *server) {
			for _, a := range []*answer{s.Admin().Get("/api/users"), s.Nobody().Get("/api/users"),
				s.Nobody().Get("/nonsense"), s.Nobody().Post("/api/users", "{"), s.By(plain).Get("/api/users")} {
				wantHeader(t, a, "X-Frame-Options", "sameorigin")
				wantHeader(t, a, "X-Content-Type-Options", "nosniff")
				wantHeader(t, a, "X-Xss-Protection", "1; mode=block")
				wantHeader(t, a, "X-Download-Options", "noopen")
				wantHeader(t, a, "X-Permitted-Cross-Domain-Policies", "none")
				if a.Header.Get("X-Request-Id") == "" || a.Header.Get("X-Runtime") == "" ||
					a.Header.Get("Content-Security-Policy") == "" {
					t.Errorf("%s: got the headers %v", a, a.Header)
				}
			}
		})
		s.Run("the client names its request", func(t *testing.T, s *server) {
			a := s.Admin().With("X-Request-Id", "my-request-1").Get("/api/status")
			wantHeader(t, a, "X-Request-Id", "my-request-1")
			for _, id := range []string{"a b", "x\ty", strings.Repeat("a", 256), "é"} {
				if got := s.Admin().With("X-Request-Id", id).Get("/api/status").Header.Get("X-Request-Id"); got == id ||
					len(got) != 36 {
					t.Errorf("got %q for %q, want a name of the server's own", got, id)
				}
			}
		})
		s.Run("an answer that has not changed", func(t *testing.T, s *server) {
			a := s.Admin().Get(plain.Path()).Expect(200)
			tag := a.Header.Get("ETag")
			if !strings.HasPrefix(tag, `W/"`) || len(tag) != 36 {
				t.Errorf("got ETag %q", tag)
			}
			wantHeader(t, a, "Cache-Control", "max-age=0, private, must-revalidate")
			again := s.Admin().With("If-None-Match", tag).Get(plain.Path()).Expect(304)
			if len(again.Body) != 0 {
				t.Errorf("got a body of %d bytes", len(again.Body))
			}
			wantHeader(t, again, "Etag", tag)
			s.Admin().Put(plain.Path(), object{"user": object{"firstname": "New"}}).Expect(200)
			s.Admin().With("If-None-Match", tag).Get(plain.Path()).Expect(200).Want("New", "firstname")
		})
		s.Run("HEAD is GET without the body", func(t *testing.T, s *server) {
			get := s.Admin().Get(plain.Path()).Expect(200)
			head := s.Admin().Do("HEAD", plain.Path(), nil).Expect(200)
			for _, name := range []string{"Etag", "Content-Length", "Content-Type", "Foreman_version"} {
				wantHeader(t, head, name, strings.Join(get.Header[name], "|"))
			}
			s.Admin().Do("HEAD", "/api/users", nil).Expect(200)
			s.Nobody().Do("HEAD", "/api/users", nil).Expect(401)
			s.Admin().Do("HEAD", "/api/users/4711", nil).Expect(404)
			s.Admin().With("If-None-Match", get.Header.Get("ETag")).Do("HEAD", plain.Path(), nil).Expect(304)
		})
		s.Run("Accept is never refused", func(t *testing.T, s *server) {
			for _, accept := range []string{"application/json;version=2", "application/json,version=2",
				"application/json;version=1", "text/html", "nonsense", "*/*;q=0"} {
				s.Admin().With("Accept", accept).Get("/api/status").Expect(200).Want("ok", "result")
			}
		})
		s.Run("a body on a deletion and a reading is no harm", func(t *testing.T, s *server) {
			s.Admin().With("Content-Type", "application/json").Get("/api/users").Expect(200)
			s.Admin().Do("GET", "/api/users", `{"per_page":1}`).Expect(200).Want(1, "per_page")
		})
	})
}

// The same under /api/v2, and with the suffix .json where it is none of an id.
func TestPrefixes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for _, path := range []string{"/users", "/users?per_page=1&page=2", fmt.Sprint("/users/", bob.ID), "/users/bob",
			"/users/nobody", "/current_user", "/status"} {
			a := s.Admin().Get("/api" + path)
			b := s.Admin().Get("/api/v2" + path)
			if a.Status != b.Status || string(a.Body) != string(b.Body) {
				t.Errorf("%s: got %s, want the same as %s", path, b, a)
			}
		}
		for _, path := range []string{"/users", "/current_user", "/status"} {
			a := s.Admin().Get("/api" + path).Expect(200)
			s.Admin().Get("/api" + path + ".json").Expect(200).WantBody(string(a.Body))
			s.Admin().Get("/api/v2" + path + ".json").Expect(200).WantBody(string(a.Body))
		}
		s.Admin().Get(fmt.Sprintf("/api/users/%d.json", bob.ID)).Expect(200)
		s.Admin().Get("/api/users/bob.json").Expect(404)
		s.Admin().Post("/api/v2/users.json",
			object{"user": object{"login": "v2", "password": "x", "auth_source_id": 1}}).Expect(201)
		s.Admin().Put("/api/v2/users/v2", object{"user": object{"firstname": "V"}}).Expect(200)
		s.Admin().Patch("/api/v2/users/v2", object{"user": object{"firstname": "W"}}).Expect(200).Want("W", "firstname")
		s.Admin().Delete("/api/v2/users/v2").Expect(200)
		for _, path := range []string{"/api/users.xml", "/api/users.html"} {
			s.Admin().Get(path).Expect(404)
		}
	})
}

// HTTP Basic and nothing else, spelt as clients do (docs/spec/foreman.md, 7.2).
func TestLogin_Basic(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Admin().Post("/api/users",
			object{"user": object{"login": "colon", "password": "a:b:c", "auth_source_id": 1}}).Expect(201)
		s.Admin().Post("/api/users",
			object{"user": object{"login": "ünï", "password": "пароль ☃", "auth_source_id": 1}}).Expect(201)
		authorization := func(value string) *answer {
			return s.Nobody().With("Authorization", value).Get("/api/current_user")
		}
		encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
		for _, good := range []string{"Basic " + encode("colon:a:b:c"), "basic " + encode("COLON:a:b:c"),
			"Basic " + encode("ünï:пароль ☃"), "BASIC " + encode("ÜNÏ:пароль ☃")} {
			authorization(good).Expect(200)
		}
		for _, bad := range []string{"Basic", "Basic ", "Basic !!!", "Basic " + encode("colon"),
			"Basic " + encode("colon:"), "Basic " + encode(":a"), "Basic " + encode(":"), "Bearer x", "Digest x",
			"Basic " + encode("colon:a:b:c "), "Basic " + encode("colon:a:b"), "Basic " + encode("foreman_admin:"),
			"Basic " + encode("foreman_admin:x"), "Basic " + encode("col\x00on:a:b:c"),
			"Basic " + encode("\xff\xfe:x"), "Basic " + encode("colon:"+strings.Repeat("x", 5000)),
			"Basic " + encode(strings.Repeat("x", 5000)+":x"), "colon:a:b:c"} {
			authorization(bad).Expect(http.StatusUnauthorized)
		}
	})
}
