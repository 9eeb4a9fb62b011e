package cvat

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// login logs somebody in and returns the answer.
func login(s *server, who account) *answer {
	s.T.Helper()
	return s.Nobody().Post("/cvat/api/auth/login", object{"username": who.Login, "password": who.Password}).Expect(200)
}

// byKey sends the token of a login.
func byKey(s *server, a *answer) *client {
	return s.Nobody().With("Authorization", "Token "+a.Value("key").(string))
}

const self = "/cvat/api/users/self"

func TestLogins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		set(s, "cvat_anonymous_rate", 0)
		s.Run("a token lives until the logout, with all others and the session", func(t *testing.T, s *server) {
			first := login(s, ann)
			second := login(s, ann)
			browser := withCookies(s.Nobody(), second)
			byKey(s, first).Get(self).Expect(200)
			browser.Get(self).Expect(200).Want("ann", "username")
			// Clients log out with a token and without a body, and say that it is JSON.
			byKey(s, first).With("Cookie", browser.Header.Get("Cookie")).Post("/cvat/api/auth/logout", nil).Expect(200).
				WantBody(`{"detail":"Successfully logged out."}`)
			byKey(s, first).Get(self).Expect(401).WantBody(`{"detail":"Invalid token."}`)
			byKey(s, second).Get(self).Expect(401)
			s.Nobody().Get("/cvat/api/auth/logout").Expect(405)
			browser = withCookies(s.Nobody(), login(s, ann))
			browser.Post("/cvat/api/auth/logout", nil).Expect(200)
			browser.Get(self).Expect(401)
			again := login(s, ann) // within the minute in which sessions are shared
			withCookies(s.Nobody(), again).Get(self).Expect(200)
		})
		s.Run("both cookies end in SameSite", func(t *testing.T, s *server) {
			lines := login(s, ann).Header.Values("Set-Cookie")
			if len(lines) != 2 {
				t.Fatalf("got the cookies %q", lines)
			}
			for _, line := range lines {
				if !strings.HasSuffix(line, "; SameSite=Lax") || strings.Contains(line, "Secure") {
					t.Errorf("the cookie is %q", line)
				}
			}
			if !strings.Contains(lines[0], "; HttpOnly") || strings.Contains(lines[1], "HttpOnly") {
				t.Errorf("the wrong cookie is open to scripts: %q", lines)
			}
		})
		s.Run("a change by cookie shows the token of its session", func(t *testing.T, s *server) {
			browser := withCookies(s.Nobody(), login(s, ann))
			path := fmt.Sprint("/cvat/api/users/", ann.ID)
			change := object{"first_name": "Ann"}
			browser.Patch(path, change).Expect(200)
			forged := func(c *client, why string) {
				t.Helper()
				c.Patch(path, object{"first_name": "Forged"}).Expect(403).
					WantBody(`{"detail":"CSRF Failed: ` + why + `"}`)
			}
			forged(browser.With("X-CSRFToken", ""), "CSRF token missing.")
			forged(browser.With("X-CSRFToken", "guess"),
				"CSRF token from the 'X-Csrftoken' HTTP header incorrect.")
			session, _, _ := strings.Cut(browser.Header.Get("Cookie"), ";")
			forged(browser.With("Cookie", session), "CSRF cookie not set.")
			// A cookie that somebody else has set beside the session does not do.
			forged(browser.With("Cookie", session+"; csrftoken=mine").With("X-CSRFToken", "mine"),
				"CSRF token from the 'X-Csrftoken' HTTP header incorrect.")
			forged(browser.With("Origin", "http://evil.example"),
				"Origin checking failed - http://evil.example does not match any trusted origins.")
			browser.With("X-CSRFToken", "").Post("/cvat/api/auth/login",
				object{"username": "ann", "password": userPassword}).Expect(403)
			s.By(ann).With("Cookie", "sessionid=of-nobody").Patch(path, change).Expect(200)
			browser.With("X-CSRFToken", "").Get(self).Expect(200)
			if n := s.Find("SELECT COUNT(*) FROM users WHERE firstname = 'Forged'"); n != 0 {
				t.Error("a forged change went through")
			}
		})
		s.Run("nobody learns who has a mail address", func(t *testing.T, s *server) {
			s.Nobody().Post("/cvat/api/auth/login", object{"email": "ann@example.org", "password": userPassword}).
				Expect(200)
			s.As("ann@example.org", userPassword).Get(self).Expect(200).Want("ann", "username")
			for _, address := range []string{"ann@example.org", "nobody@example.org"} {
				s.Nobody().Post("/cvat/api/auth/login", object{"email": address, "password": "not it"}).Expect(400).
					WantBody(`["Unable to login with provided credentials"]`)
			}
			for _, address := range []string{"ann@example.org", "nobody@example.org"} {
				s.Nobody().Post("/cvat/api/auth/password/reset", object{"email": address}).Expect(200).
					WantBody(`{"detail":"Password reset e-mail has been sent."}`)
			}
		})
		s.Run("the first credentials decide", func(t *testing.T, s *server) {
			s.Nobody().With("Authorization", "Token").Get(self).Expect(401).
				Want("Invalid token header. No credentials provided.", "detail")
			s.Nobody().With("Authorization", "Bearer a b").Get(self).Expect(401).
				Want("Invalid token header. Token string should not contain spaces.", "detail")
			s.Nobody().With("Authorization", "Basic ???").Get(self).Expect(401).
				Want("Invalid basic header. Credentials not correctly base64 encoded.", "detail")
			cookies := withCookies(s.Nobody(), login(s, ann))
			cookies.With("Authorization", "Token "+strings.Repeat("0", 40)).Get(self).Expect(401).
				Want("Invalid token.", "detail")
			s.Nobody().With("Authorization", "Token "+strings.Repeat("0", 40)).Get("/cvat/api/server/about").Expect(401)
		})
		s.Run("an account that is off is told so by its token alone", func(t *testing.T, s *server) {
			key := login(s, ann)
			browser := withCookies(s.Nobody(), key)
			s.Admin().Patch(fmt.Sprint("/cvat/api/users/", ann.ID), object{"is_active": false}).Expect(200).
				Want(false, "is_active")
			byKey(s, key).Get(self).Expect(401)
			browser.Get(self).Expect(401)
			s.By(ann).Get(self).Expect(401).Want("Invalid username/password.", "detail")
			s.Nobody().Post("/cvat/api/auth/login", object{"username": "ann", "password": userPassword}).Expect(400).
				WantBody(`{"non_field_errors":["Unable to log in with provided credentials."]}`)
		})
		s.Run("too many failed logins have to wait, and an old session is none", func(t *testing.T, s *server) {
			set(s, "failed_login_attempts_limit", 3)
			wrong := object{"username": "ann", "password": "not it"}
			a := s.Nobody().Post("/cvat/api/auth/login", wrong).Expect(400)
			for a.Status == 400 { // the limit is known to the server after a second at most
				a = s.Nobody().Post("/cvat/api/auth/login", wrong)
			}
			a.Expect(429)
			if a.Header.Get("Retry-After") != "300" {
				t.Errorf("the client is to wait %q", a.Header.Get("Retry-After"))
			}
			s.Admin().Get(self).Expect(429)
			s.Clock.Advance(6 * time.Minute)
			for s.Admin().Get(self).Status == 429 { // and as soon does it know that the time is over
				continue
			}
			for range 5 {
				s.Nobody().With("Cookie", "sessionid=old").Get("/cvat/api/server/about").Expect(200)
				s.Nobody().With("Cookie", "sessionid=old").Get(self).Expect(401)
			}
			s.Admin().Get(self).Expect(200)
		})
	})
}

func TestPasswords(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		change := func(c *client, old, first, second string) *answer {
			return c.Post("/cvat/api/auth/password/change", object{"old_password": old, "new_password1": first,
				"new_password2": second})
		}
		for body, a := range map[string]*answer{
			`{"new_password2":["This password is too short. It must contain at least 8 characters."]}`: change(s.By(ann),
				userPassword, "x7Kq-l", "x7Kq-l"),
			`{"new_password2":["This password is too common.","This password is entirely numeric."]}`: change(s.By(ann),
				userPassword, "12345678", "12345678"),
			`{"new_password2":["The password is too similar to the email."]}`: change(s.By(ann), userPassword,
				"ann@example.org", "ann@example.org"),
			`{"old_password":["Your old password was entered incorrectly. Please enter it again."]}`: change(s.By(ann),
				"not it", "y8Lr-longer", "y8Lr-longer"),
			`{"new_password2":["The two password fields didn’t match."]}`: change(s.By(ann), userPassword, "y8Lr-longer",
				"z9Ms-longer"),
			`{"old_password":["This field is required."],"new_password1":["This field is required."],` +
				`"new_password2":["This field is required."]}`: s.By(ann).Post("/cvat/api/auth/password/change", object{}),
		} {
			a.Expect(400).WantBody(body)
		}
		browser := withCookies(s.Nobody(), login(s, ann))
		change(s.By(ann), userPassword, "y8Lr-longer", "y8Lr-longer").Expect(200)
		browser.Get(self).Expect(401)
		s.As("ann", "y8Lr-longer").Get(self).Expect(200)
		before := s.Nobody().Post("/cvat/api/auth/login", object{"username": "ann", "password": "y8Lr-longer"}).Expect(200)
		token := s.By(account{Login: "ann", Password: "y8Lr-longer"}).Post("/cvat/api/auth/access_tokens",
			object{"name": "script"}).Expect(201).Text("value")
		s.Execute("UPDATE users SET must_change_password = TRUE WHERE login = 'ann'")
		s = s.Beside()
		s.As("ann", "y8Lr-longer").Get("/cvat/api/users").Expect(403)
		byKey(s, before).Get("/cvat/api/users").Expect(403)
		byKey(s, before).Post("/cvat/api/auth/access_tokens", object{"name": "x"}).Expect(403)
		byKey(s, before).Get(self).Expect(200)
		s.Nobody().With("Authorization", "Bearer "+token).Get("/cvat/api/users").Expect(200)
		s.Nobody().Post("/cvat/api/auth/login", object{"username": "ann", "password": "y8Lr-longer"}).Expect(400)
		change(s.As("ann", "y8Lr-longer"), "y8Lr-longer", "z9Ms-longer", "z9Ms-longer").Expect(200)
		s.As("ann", "z9Ms-longer").Get("/cvat/api/users").Expect(200)
	})
}

func TestRegistration(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		register := func(changes object) *answer {
			body := object{"username": "carol", "password1": userPassword, "password2": userPassword}
			for name, value := range changes {
				body[name] = value
			}
			return s.Nobody().Post("/cvat/api/auth/register", body)
		}
		register(nil).Expect(404)
		set(s, "cvat_registration", true)
		newAccount(s, "ann_b")
		for body, changes := range map[string]object{
			`{"username":["A user with that username already exists."]}`:         {"username": "ANN_B"},
			`{"username":["Ensure this field has at least 5 characters."]}`:      {"username": "carl"},
			`{"email":["Enter a valid email address."]}`:                         {"email": "carol"},
			`{"email":["User is already registered with this e-mail address."]}`: {"email": "ann_b@example.org"},
			`{"password1":["This password is too common."]}`: {"password1": "password123",
				"password2": "password123"},
			`{"first_name":["This field may not be blank."]}`: {"first_name": ""},
			`{"username":["Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ ` +
				`characters."]}`: {"username": "car ol"},
		} {
			register(changes).Expect(400).WantBody(body)
		}
		a := register(object{"confirmations": []any{}}).Expect(201)
		byKey(s, a).Get(self).Expect(200).Want([]string{"user"}, "groups")
		withCookies(s.Nobody(), a).Get(self).Expect(200)
		s.Admin().Get("/cvat/api/users?username=carol&org_id=").Expect(200).Want(1, "count")
	})
}

// Somebody who was invited and has no account registers with the key of the invitation, and is let in.
func TestRegistration_Invited(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "cvat_registration", true)
		ann := newAccount(s, "ann")
		s.By(ann).Post("/cvat/api/organizations", object{"slug": "crew"}).Expect(201).Want("crew", "name").
			Want(ann.ID, "owner", "id")
		made := s.By(ann).Post("/cvat/api/invitations?org=crew", object{"role": "worker", "email": "bob@example.org"}).
			Expect(201).Want(nil, "expired").Want(false, "accepted").Want("bob@example.org", "user", "username")
		key := made.Value("key").(string)
		body := object{"username": "bobby", "email": "bob@example.org", "password1": userPassword,
			"password2": userPassword}
		s.Nobody().Post("/cvat/api/auth/register", body).Expect(400)
		s.Nobody().Post("/cvat/api/auth/register?invitation="+key, body).Expect(201)
		bob := s.As("bobby", userPassword)
		bob.Get("/cvat/api/memberships?org=crew").Expect(403)
		bob.Post("/cvat/api/invitations/"+key+"/accept", nil).Expect(200).WantBody(`{"organization_slug":"crew"}`)
		bob.Post("/cvat/api/invitations/"+key+"/accept", nil).Expect(400).
			WantBody(`"Your invitation is already accepted."`)
		s.By(ann).Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(400).
			WantBody(`"This invitation is already accepted."`)
		bob.Get("/cvat/api/memberships?org=crew").Expect(200).Want(2, "count")
		for range 4 {
			s.By(ann).Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(400)
		}
		again := s.By(ann).Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(429)
		if again.Header.Get("Retry-After") == "" {
			t.Error("nobody is told how long to wait")
		}
		// Who may not change anything is told so, whatever else is wrong.
		for path, method := range map[string]string{"/cvat/api/organizations/" + fmt.Sprint(s.Find("SELECT id FROM "+
			"taxonomies WHERE slug = 'crew'")): "PATCH", "/cvat/api/invitations?org=crew": "POST"} {
			bob.Do(method, path, object{"slug": 1, "role": "boss"}).Expect(403)
		}
		s.By(ann).Post("/cvat/api/invitations?org=crew", object{"role": "worker", "email": "BOB@example.org"}).Expect(400).
			WantBody(`["The user is a member of the organization already."]`)
	})
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		const tokens = "/cvat/api/auth/access_tokens"
		ann := newAccount(s, "ann")
		made := s.By(ann).Post(tokens, object{"name": "one"}).Expect(201).Want(true, "read_only").Want(nil, "expiry_date")
		bearer := s.Nobody().With("Authorization", "bearer "+made.Value("value").(string))
		bearer.Get(tokens+"/self").Expect(200).Want("one", "name").Lacks("value")
		bearer.Get("/cvat/api/users").Expect(200)
		bearer.Post("/cvat/api/organizations", object{"slug": "crew"}).Expect(403)
		bearer.Post("/cvat/api/auth/logout", nil).Expect(403)
		s.By(ann).Patch(fmt.Sprint(tokens, "/", made.Int("id")), object{"read_only": false}).Expect(200)
		bearer.Post("/cvat/api/organizations", object{"slug": "crew"}).Expect(201)
		bearer.Patch(fmt.Sprint("/cvat/api/users/", ann.ID), object{"first_name": "A"}).Expect(403)
		bearer.Delete(fmt.Sprint("/cvat/api/users/", ann.ID)).Expect(403)
		bearer.Delete(fmt.Sprint(tokens, "/", made.Int("id"))).Expect(403)
		// A token in the place of a password opens no more doors.
		asPassword := s.As("ann", made.Value("value").(string))
		asPassword.Post(tokens, object{"name": "two"}).Expect(403)
		asPassword.Get(tokens + "/self").Expect(401)
		asPassword.Post("/cvat/api/auth/password/change", object{}).Expect(401)
		s.Nobody().Post("/cvat/api/auth/login", object{"username": "ann", "password": made.Value("value")}).Expect(400)
		for body, token := range map[string]object{
			`{"name":["This field is required."]}`: {}, `{"name":["This field may not be blank."]}`: {"name": " "},
			`{"name":["Ensure this field has no more than 50 characters."]}`: {"name": strings.Repeat("x", 51)},
			`{"read_only":["Must be a valid boolean."]}`:                     {"name": "x", "read_only": "maybe"},
			`{"expiry_date":["Datetime has wrong format. Use one of these formats instead: ` +
				`YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."]}`: {"name": "x", "expiry_date": "soon"},
		} {
			s.By(ann).Post(tokens, token).Expect(400).WantBody(body)
		}
		s.By(ann).Post(tokens, object{"name": "one", "expiry_date": "2024-02-01T00:00:00.5Z"}).Expect(201).
			Want("2024-02-01T00:00:00.500000Z", "expiry_date")
		for filter, want := range map[string]int{
			`{"var":"expiry_date"}`:                                     1,
			`{"<":[{"var":"expiry_date"},"2024-03-01"]}`:                1,
			`{">":[{"var":"expiry_date"},"2024-02-02T00:00:00Z"]}`:      0,
			`{"==":[{"var":"read_only"},true]}`:                         1,
			`{"in":[{"var":"name"},["one","two"]]}`:                     2,
			`{"!":{"in":[{"var":"read_only"},[true]]}}`:                 1,
			`{"<=":["2024-01-01",{"var":"created_date"},"2025-01-01"]}`: 2,
		} {
			a := s.By(ann).Get(tokens + "?filter=" + escaped(filter)).Expect(200)
			if got := a.Int("count"); got != int64(want) {
				t.Errorf("%s: got %d, want %d", filter, got, want)
			}
		}
		set(s, "cvat_tokens_per_user", 2)
		s.By(ann).Post(tokens, object{"name": "three"}).Expect(400).
			WantBody(`["You have reached the maximum allowed number of Personal Access Tokens for a user"]`)
		s.By(ann).Delete(fmt.Sprint(tokens, "/", made.Int("id"))).Expect(204)
		bearer.Get(self).Expect(401).WantBody(`{"detail":"Invalid token."}`)
		s.By(ann).Get(fmt.Sprint(tokens, "/", made.Int("id"))).Expect(404).
			WantBody(`{"detail":"No AccessToken matches the given query."}`)
	})
}

// Strangers ask so often and no more; whoever is logged in is not counted.
func TestStrangers_AreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "cvat_anonymous_rate", 3)
		s.Nobody().Get(self).Expect(401)
		for range 2 {
			s.Nobody().Get("/cvat/api/server/about").Expect(200)
		}
		a := s.Nobody().Get("/cvat/api/server/about").Expect(429)
		if a.Header.Get("Retry-After") == "" ||
			!strings.HasPrefix(a.Value("detail").(string), "Request was throttled. Expected available in ") {
			t.Errorf("the answer is %s", a)
		}
		s.Nobody().Get(self).Expect(401)
		s.Admin().Get("/cvat/api/server/about").Expect(200)
		set(s, "cvat_anonymous_rate", 0)
		s.Nobody().Get("/cvat/api/server/about").Expect(200)
		set(s, "cvat_api_enabled", false)
		s.Nobody().Get("/cvat/api/server/about").Expect(404)
		s.Admin().Get(self).Expect(404).WantBody(`{"detail":"Not found."}`)
		s.Admin().Get("/api/users").Expect(200)
	})
}

// At the root of its own host name the dialect answers without its prefix, and by TLS a page has to be of the same
// host.
func TestHosts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{}, handlers.Options{
			Hosts:          map[string]string{"cvat.example.com": "cvat"},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		})
		here := func(c *client) *client {
			return c.With("X-Forwarded-Host", "cvat.example.com").With("X-Forwarded-Proto", "https")
		}
		a := here(s.Admin()).Get("/api/users?page_size=1").Expect(200)
		if url := a.Value("results", 0, "url").(string); !strings.HasPrefix(url, "https://cvat.example.com/api/users/") {
			t.Errorf("a user is at %s", url)
		}
		here(s.Admin()).Get("/api/users/").Expect(404)
		here(s.Nobody()).Get("/api/schema/").Expect(200).Want("/", "basePath")
		logged := here(s.Nobody()).Post("/api/auth/login",
			object{"username": "admin", "password": servertest.AdminPassword}).Expect(200)
		for _, line := range logged.Header.Values("Set-Cookie") {
			if !strings.HasSuffix(line, "; Secure; SameSite=Lax") {
				t.Errorf("the cookie is %q", line)
			}
		}
		browser := withCookies(here(s.Nobody()), logged)
		const path = "/api/users/4"
		body := object{"first_name": "New"}
		browser.Patch(path, body).Expect(http.StatusForbidden).
			WantBody(`{"detail":"CSRF Failed: Referer checking failed - no Referer."}`)
		browser.With("Origin", "http://cvat.example.com").Patch(path, body).Expect(http.StatusForbidden)
		browser.With("Referer", "https://evil.example/").Patch(path, body).Expect(http.StatusForbidden)
		browser.With("Referer", "https://cvat.example.com/tasks").Patch(path, body).Expect(http.StatusOK)
		browser.With("Origin", "https://cvat.example.com").Patch(path, body).Expect(http.StatusOK)
	})
}
