package redmine

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"roster/config"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// keyed returns a client that sends an API key and nothing else.
func keyed(s *server, key string) *client { return s.Nobody().With("X-Redmine-API-Key", key) }

// keyOf reads the key of a user as the administrator.
func keyOf(s *server, id int64) string {
	s.T.Helper()
	return s.Admin().Get(fmt.Sprintf("/redmine/users/%d.json", id)).Expect(http.StatusOK).Text("user", "api_key")
}

// set changes a setting as the administrator.
func set(s *server, name string, value any) {
	s.T.Helper()
	s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(http.StatusOK)
}

func TestCallers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := person(s, "ann", nil)
		key := keyOf(s, ann)
		me := func(c *client, query string) *answer { return c.Get("/redmine/users/current.json" + query) }
		s.Run("a key lets in as header, parameter, and login", func(t *testing.T, s *server) {
			me(keyed(s, key), "").Expect(200).Want("ann", "user", "login")
			me(s.Nobody(), "?key="+key).Expect(200).Want("ann", "user", "login")
			me(s.As(key, "anything"), "").Expect(200).Want("ann", "user", "login")
			me(s.As("ANN", "a long secret"), "").Expect(200).Want("ann", "user", "login")
			me(s.Admin().With("X-Redmine-API-Key", "wrong"), "").Expect(401)
			me(keyed(s, strings.ToUpper(key)), "").Expect(401)
			me(keyed(s, ""), "").Expect(401)
		})
		s.Run("the parameter goes before the header", func(t *testing.T, s *server) {
			me(keyed(s, "wrong"), "?key="+key).Expect(200)
			me(keyed(s, key), "?key=wrong").Expect(401)
		})
		s.Run("a body may hold the key", func(t *testing.T, s *server) {
			admin := s.Admin().Get("/redmine/my/account.json").Text("user", "api_key")
			body := object{"key": admin, "group": object{"name": "By key"}}
			s.Nobody().Post("/redmine/groups.json", body).Expect(201)
			s.Nobody().Post("/redmine/groups.json", object{"key": "wrong", "group": object{"name": "x"}}).Expect(401)
			body["group"] = object{"name": "By key again"}
			s.As("ann", "a long secret").Post("/redmine/groups.json", body).Expect(201)
		})
		s.Run("a refusal has no body", func(t *testing.T, s *server) {
			a := me(s.Nobody(), "").Expect(401).WantBody("")
			if a.Header.Get("WWW-Authenticate") != `Basic realm="Redmine API"` ||
				a.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the headers are %v", a.Header)
			}
			s.Nobody().Get("/redmine/users.xml").Expect(401).WantBody("")
			keyed(s, key).Get("/redmine/users.json").Expect(403).WantBody("")
			s.Nobody().With("Authorization", "Bearer "+key).Get("/redmine/users/current.json").Expect(401)
		})
		s.Run("an administrator acts as somebody else", func(t *testing.T, s *server) {
			as := s.Admin().With("X-Redmine-Switch-User", "Ann")
			me(as, "").Expect(200).Want("ann", "user", "login")
			as.Get("/redmine/users.json").Expect(403)
			as.Put("/redmine/my/account.json", object{"user": object{"firstname": "Anna"}}).Expect(204)
			s.Admin().With("X-Redmine-Switch-User", "nobody").Get("/redmine/users.json").Expect(412).WantBody("")
			me(keyed(s, key).With("X-Redmine-Switch-User", "admin"), "").Expect(200).Want("ann", "user", "login")
		})
		s.Run("who has to change the password uses a key", func(t *testing.T, s *server) {
			s.Admin().Put(fmt.Sprintf("/redmine/users/%d.json", ann),
				object{"user": object{"must_change_passwd": true}}).
				Expect(204)
			me(s.As("ann", "a long secret"), "").Expect(403).WantBody("")
			me(keyed(s, key), "").Expect(200)
		})
		s.Run("a locked account is let in by nothing", func(t *testing.T, s *server) {
			s.Admin().Put(fmt.Sprintf("/redmine/users/%d.json", ann), object{"user": object{"status": 3}}).Expect(204)
			me(keyed(s, key), "").Expect(401)
			me(s.As("ann", "a long secret"), "").Expect(401)
		})
	})
}

// What the installation switches changes who is answered.
func TestCallers_Settings(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := person(s, "ann", nil)
		key := keyOf(s, ann)
		path := fmt.Sprintf("/redmine/users/%d.json", ann)
		s.Nobody().Get(path).Expect(401)
		set(s, "redmine_login_required", false)
		s.Nobody().Get(path).Expect(404)
		s.Nobody().Get("/redmine/users.json").Expect(401)
		set(s, "open_directory", "anybody")
		a := s.Nobody().Get(path).Expect(200)
		a.Lacks("ann@example.org").Lacks("api_key").Lacks("status").Lacks("admin")
		keyed(s, "wrong").Get(path).Expect(200)
		s.Nobody().Get("/redmine/roles.json").Expect(200)
		set(s, "redmine_default_users_hide_mail", false)
		s.Nobody().Get(path).Expect(200).Want("ann@example.org", "user", "mail")
		set(s, "redmine_show_api_keys", false)
		s.Admin().Get(path).Expect(200).Lacks("api_key")
		keyed(s, key).Get("/redmine/users.json").Expect(403)
		set(s, "redmine_list_visible_users", true)
		keyed(s, key).Get("/redmine/users.json").Expect(403) // there is no permission to view them
		role := s.NewRole("Looker", "view_users")
		s.Admin().Put(fmt.Sprintf("/api/users/%d", ann), object{"user": object{"role_ids": []int64{role}}}).Expect(200)
		theirs := keyed(s, key).Get("/redmine/users.json?admin=1&mail=x&sort=mail:desc").Expect(200)
		theirs.Lacks("status").Lacks("api_key").Want(2, "total_count")
		set(s, "redmine_rest_api_enabled", false)
		s.Admin().Get("/redmine/users.json").Expect(403).WantBody("")
		s.Admin().Get(path).Expect(200).Lacks("status")
		set(s, "redmine_rest_api_enabled", true)
		s.Admin().Get("/redmine/users.json?callback=f").Expect(200).Want(2, "total_count")
		set(s, "redmine_jsonp_enabled", true)
		js := s.Admin().Get("/redmine/users.json?callback=a.b-c!&limit=1").Expect(200)
		if !strings.HasPrefix(string(js.Body), `a.bc({"users":`) ||
			js.Header.Get("Content-Type") != "application/javascript; charset=utf-8" {
			t.Errorf("got %s", js)
		}
		set(s, "redmine_gravatar_enabled", true)
		s.Admin().Get(path).Want("https://www.gravatar.com/avatar/8b5a6a28fc840441be692d74a81ccd1a?default=identicon",
			"user", "avatar_url")
	})
}

// Broken bodies are answered before refused logins; those of any form mean the same.
func TestBodies(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		send := func(c *client, contentType, body string) *answer {
			return c.With("Content-Type", contentType).Post("/redmine/users.json", body)
		}
		person := func(login string) string {
			return "<login>" + login + "</login><firstname>F</firstname><lastname>L</lastname><mail>" + login +
				"@example.org</mail>"
		}
		for login, body := range map[string]string{
			"xml1": `<?xml version="1.0" encoding="UTF-8"?><user>` + person("xml1") +
				`<admin type="boolean">true</admin></user>`,
			"xml2": "<?xml version='1.0' encoding='ISO-8859-1'?><user>" + person("xml2") +
				"<must-change-passwd>1</must-change-passwd></user>",
			"bom": "\uFEFF<?xml version='1.0' encoding='utf-8'?><user>" + person("bom") + "</user>",
			"xml3": `<!DOCTYPE user [<!ENTITY who "xml3">]><user>` + strings.ReplaceAll(person("xml3"), "xml3",
				"&who;") + "</user>",
		} {
			send(s.Admin(), "application/xml", body).Expect(201).Want(login, "user", "login")
		}
		latin := "<?xml version='1.0' encoding='ISO-8859-1'?><user>" + strings.Replace(person("latin"), ">F<",
			">Fran\xe7ois<", 1) +
			"</user>"
		send(s.Admin(), "text/xml", latin).Expect(201).Want("François", "user", "firstname")
		form := "user[login]=form&user[firstname]=F&user[lastname]=L&user[mail]=form@example.org"
		send(s.Admin(), "application/x-www-form-urlencoded", form).Expect(201).Want("form", "user", "login")
		for contentType, bodies := range map[string][]string{
			"application/json": {"{", `{"user":{}}x`, "\xef\xbb\xbf{}", "{\"user\":{\"login\":\"\xff\"}}",
				strings.Repeat("[", 100)},
			"application/xml": {"<user>", "<user></users>", "<user>&undeclared;</user>", "<a/><b/>", "text",
				`<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><user><login>&x;</login></user>`,
				bomb(), strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
				"<?xml version='1.0' encoding='nothing'?><u/>"},
			"application/x-www-form-urlencoded": {"user[login]=%zz", "user[login]=%ff",
				"a" + strings.Repeat("[a]", 100) + "=1"},
		} {
			for _, body := range bodies {
				for _, c := range []*client{s.Admin(), s.Nobody()} {
					if a := send(c, contentType, body); a.Status != 400 || len(a.Body) > 0 ||
						a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
						t.Errorf("%.60q: got %s", body, a)
					}
				}
			}
		}
		send(s.Admin(), "application/xml", "<user>"+strings.Repeat("<a/>", 60_000)+"</user>").Expect(413)
		for _, body := range []string{"", "null", "[]", "{}", `{"user":null}`, `{"user":"x"}`, `{"user":[]}`,
			`{"login":"x"}`} {
			send(s.Admin(), "application/json", body).Expect(422).
				Want(object{"errors": []string{"User cannot be blank"}})
		}
		s.Admin().With("Content-Type", "application/json").Do("DELETE", "/redmine/users/999.json", "null").Expect(404)
		override := s.Admin().With("Content-Type", "application/x-www-form-urlencoded")
		id := s.Find("SELECT id FROM users WHERE login = 'form'")
		path := fmt.Sprintf("/redmine/users/%d.json", id)
		override.Post(path, "_method=put&user[firstname]=Over").Expect(204)
		s.Admin().With("X-HTTP-Method-Override", "PATCH").Post(path, object{"user": object{"lastname": "Ride"}}).
			Expect(204)
		s.Admin().Get(path).Want("Over", "user", "firstname").Want("Ride", "user", "lastname")
		s.Admin().Post(path, object{}).Expect(404)
		override.Post(path, "_method=delete").Expect(204)
	})
}

// bomb is a document whose entities would fill the memory.
func bomb() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE u [<!ENTITY e0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">`)
	for i := range 20 {
		fmt.Fprintf(&b, `<!ENTITY e%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&e%d;", i), 10))
	}
	b.WriteString("]><user><login>&e20;</login></user>")
	return b.String()
}

func TestHeaders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := s.Admin().Get("/redmine/users.json").Expect(200)
		for name, want := range map[string]string{
			"X-Frame-Options": "SAMEORIGIN", "X-XSS-Protection": "1; mode=block", "X-Content-Type-Options": "nosniff",
			"X-Download-Options": "noopen", "X-Permitted-Cross-Domain-Policies": "none",
			"Referrer-Policy": "strict-origin-when-cross-origin",
			"Cache-Control":   "max-age=0, private, must-revalidate",
			"Content-Type":    "application/json; charset=utf-8", "Set-Cookie": "",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		for _, name := range []string{"X-Request-Id", "X-Runtime", "ETag"} {
			if a.Header.Get(name) == "" {
				t.Errorf("%s is missing", name)
			}
		}
		tag := a.Header.Get("ETag")
		again := s.Admin().With("If-None-Match", `"other", `+tag)
		if got := again.Get("/redmine/users.json").Expect(304); len(got.Body) > 0 || got.Header.Get("ETag") != tag {
			t.Errorf("got %s", got)
		}
		person(s, "ann", nil)
		again.Get("/redmine/users.json").Expect(200)
		gone := s.Admin().Put("/redmine/users/current.json", object{"user": object{}}).Expect(204)
		if gone.Header.Get("Content-Type") != "" {
			t.Errorf("204 has a type: %v", gone.Header)
		}
	})
}

// New records are where the client asked for them: under the prefix, and at the address that a trusted proxy says.
func TestLocation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		for _, test := range []struct{ path, proto, host, want string }{
			{"/groups.json", "", "", s.URL + "/groups/"},
			{"/redmine/groups.xml", "", "", s.URL + "/redmine/groups/"},
			{"/redmine/groups.json", "https", "people.example.org", "https://people.example.org/redmine/groups/"},
			{"/groups.json", "https", "people.example.org:8443, inner", "https://people.example.org:8443/groups/"},
			{"/groups.json", "", "evil.example/path", s.URL + "/groups/"},
		} {
			c := s.Admin().With("X-Forwarded-Proto", test.proto).With("X-Forwarded-Host", test.host)
			a := c.Post(test.path, object{"group": object{"name": "g" + test.want + test.host + test.path}}).Expect(201)
			id := s.Find("SELECT MAX(id) FROM usergroups")
			if got := a.Header.Get("Location"); got != test.want+fmt.Sprint(id) {
				t.Errorf("%+v: got %s", test, got)
			}
		}
	})
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.Start(t, db)
		c := s.Admin().With("X-Forwarded-Proto", "https").With("X-Forwarded-Host", "evil.example")
		a := c.Post("/groups.json", object{"group": object{"name": "g"}}).Expect(201)
		if !strings.HasPrefix(a.Header.Get("Location"), s.URL) {
			t.Errorf("a stranger's word counts: %s", a.Header.Get("Location"))
		}
	})
}

// Wrong keys and wrong passwords count as failed logins, like those of every other dialect.
func TestCallers_Guessing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := person(s, "ann", nil)
		key := keyOf(s, ann)
		set(s, "failed_login_attempts_limit", 5)
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":x"))
		for range 20 { // a right key as login is no failure
			s.Nobody().With("Authorization", basic).Get("/redmine/users/current.json").Expect(200)
		}
		for range 10 {
			keyed(s, strings.Repeat("0", 40)).Get("/redmine/users/current.json").Expect(401)
		}
		keyed(s, key).Get("/redmine/users/current.json").Expect(401) // the address is blocked now
	})
}

// Whoever asks for a mail that cannot be sent is told in a header; nothing else of the answer changes.
func TestMail_NotConfigured(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		create := func(login, more string) *servertest.Answer {
			return s.Admin().With("Content-Type", "application/json").Post("/users.json", `{"user":{"login":"`+login+
				`","firstname":"A","lastname":"B","mail":"`+login+`@example.com"`+more+`}}`).Expect(201)
		}
		if got := create("ann", `,"generate_password":true`).Header.Get("Warning"); got == "" {
			t.Error("nobody is told that the password was not mailed")
		}
		if got := create("bob", `,"password":"secret123"`).Header.Get("Warning"); got != "" {
			t.Errorf("nothing was to be mailed, but the answer warns: %s", got)
		}
	})
}

// A page of another site cannot make a browser change anything with the credentials that it keeps.
func TestRequests_OfOtherSites(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		form := "user[login]=eve&user[firstname]=E&user[lastname]=V&user[mail]=eve@example.com"
		post := func(site string) int {
			return s.Admin().With("Content-Type", "application/x-www-form-urlencoded").With("Sec-Fetch-Site", site).
				Post("/users.xml", form).Status
		}
		for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 201} {
			if got := post(site); got != want {
				t.Errorf("%s: status %d, want %d", site, got, want)
			}
		}
		s.Admin().With("Sec-Fetch-Site", "cross-site").Get("/users.json").Expect(200)
	})
}
