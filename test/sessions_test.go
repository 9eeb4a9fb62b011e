package test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

// session logs in and gives the cookie.
func (c *client) session() string {
	c.s.t.Helper()
	a := c.get("/api/status").expect(200)
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	if cookie == "" {
		c.s.t.Fatalf("no session: %v", a.header)
	}
	return cookie
}

// holding returns a client with nothing but a cookie.
func (s *server) holding(cookie string) *client { return s.nobody().with("Cookie", cookie) }

// Sessions (docs/spec/foreman.md, 7.3).
func TestSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.user("ann", object{"role_names": []string{"Viewer"}})
		me := s.by(who)
		header := me.get("/api/status").expect(200).header.Get("Set-Cookie")
		if !regexp.MustCompile(`^_session_id=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax$`).MatchString(header) {
			t.Errorf("the cookie is %s", header)
		}
		cookie := me.session()
		s.run("it is enough, and wins over credentials", func(t *testing.T, s *server) {
			s.holding(cookie).get("/api/current_user").expect(200).want("ann", "login")
			s.as("ann", "wrong").with("Cookie", cookie).get("/api/current_user").expect(200).want("ann", "login")
			s.admin().with("Cookie", cookie).get("/api/current_user").expect(200).want("ann", "login")
			s.beside().holding(cookie).get("/api/current_user").expect(200)
			s.holding(cookie).put(fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"firstname": "Ann"}}).
				expect(200)
			if a := s.holding(cookie).get("/api/current_user"); a.header.Get("Set-Cookie") != "" {
				t.Error("a session was answered with another")
			}
		})
		s.run("scripts that send their password each time leave one behind", func(t *testing.T, s *server) {
			before := s.find("SELECT COUNT(*) FROM sessions")
			for range 20 {
				me.get("/api/current_user").expect(200)
			}
			if n := s.find("SELECT COUNT(*) FROM sessions"); n != before {
				t.Errorf("there were %d sessions and are %d", before, n)
			}
		})
		s.run("one that the client made up is none", func(t *testing.T, s *server) {
			chosen := "_session_id=" + strings.Repeat("ab", 16)
			a := me.with("Cookie", chosen).get("/api/current_user").expect(200)
			if strings.Contains(a.header.Get("Set-Cookie"), "abab") {
				t.Error("it was taken up")
			}
			s.holding(chosen).get("/api/current_user").expect(401)
			for _, odd := range []string{"_session_id=", "_session_id=' OR 1=1",
				"_session_id=" + strings.Repeat("x", 5000)} {
				s.holding(odd).get("/api/current_user").expect(401)
			}
		})
		s.run("it does not count as a login", func(t *testing.T, s *server) {
			last := s.find("SELECT COUNT(*) FROM audits")
			at := s.holding(cookie).get("/api/current_user").text("last_login_on")
			s.clock.advance(10 * time.Minute)
			s.holding(cookie).get("/api/current_user").expect(200).want(at, "last_login_on")
			if n := s.find("SELECT COUNT(*) FROM audits"); n != last {
				t.Error("it left an audit")
			}
		})
		s.run("it ends when it is idle, says so once, and each use gives it more time", func(t *testing.T, s *server) {
			for range 3 {
				s.clock.advance(50 * time.Minute)
				s.holding(cookie).get("/api/current_user").expect(200)
			}
			s.clock.advance(61 * time.Minute)
			me.with("Cookie", cookie).get("/api/current_user").expect(401).wantBody("")
			me.with("Cookie", cookie).get("/api/current_user").expect(200)
		})
	})
}

// What a session was opened with, and what ends it on every server at once.
func TestSessions_End(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		other := s.beside()
		for what, end := range map[string]func(who account){
			"another password": func(who account) {
				s.admin().put(fmt.Sprintf("/api/users/%d", who.id),
					object{"user": object{"password": "another secret"}}).expect(200)
			},
			"being disabled": func(who account) {
				s.admin().put(fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"disabled": true}}).
					expect(200)
				s.admin().put(fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"disabled": false}}).
					expect(200)
			},
			"another source": func(who account) {
				s.admin().put(fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"auth_source_id": 3}}).
					expect(200)
			},
			"the end of the account": func(who account) {
				s.admin().delete(fmt.Sprintf("/api/users/%d", who.id)).
					expect(200)
			},
		} {
			who := s.user(strings.ReplaceAll(what, " ", "-"))
			mine := s.by(who).session()
			s.holding(mine).get("/api/current_user").expect(200)
			other.holding(mine).get("/api/current_user").expect(200)
			end(who)
			s.holding(mine).get("/api/current_user").expect(401)
			other.holding(mine).get("/api/current_user").expect(401)
			// Whoever still proves themselves in the same way is not given back what has ended.
			for _, server := range []*server{s, other} {
				if a := server.by(who).get("/api/status"); a.status == 200 {
					server.holding(server.by(who).session()).get("/api/current_user").expect(200)
				}
			}
		}
	})
}

// A session that a token opened ends with it, and leaves the others alone.
func TestSessions_OfTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who, other := s.user("ann"), s.beside()
		gone := func(cookie string) {
			t.Helper()
			s.holding(cookie).get("/api/current_user").expect(401)
			other.holding(cookie).get("/api/current_user").expect(401)
		}
		ofPassword := s.by(who).session()
		made := s.by(who).post(who.path("/personal_access_tokens"), object{"name": "revoked"}).expect(201)
		ofToken, bearing := s.as("ann", made.text("token_value")).session(),
			s.bearing(made.text("token_value")).session()
		other.holding(ofToken).get("/api/current_user").expect(200)
		s.by(who).delete(fmt.Sprint(who.path("/personal_access_tokens/"), made.int("id"))).expect(200)
		gone(ofToken)
		gone(bearing)
		s.holding(ofPassword).get("/api/current_user").expect(200)
		s.holding(s.by(who).session()).get("/api/current_user").expect(200)

		made = s.by(who).post(who.path("/personal_access_tokens"),
			object{"name": "expired", "expires_at": s.clock.Now().Add(time.Minute).Format(time.RFC3339)}).expect(201)
		ofToken = s.as("ann", made.text("token_value")).session()
		s.clock.advance(50 * time.Second)
		s.holding(ofToken).get("/api/current_user").expect(200)
		s.clock.advance(50 * time.Second)
		gone(ofToken)
		s.by(who).with("Cookie", ofToken).get("/api/current_user").expect(200) // by the password beside it
		s.holding(ofPassword).get("/api/current_user").expect(200)
	})
}

// A change must not miss the session of a proof that was under way while it was made.
func TestSessions_EndOfOneThatBegins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		asked, goOn := make(chan struct{}), make(chan struct{})
		s := startWith(t, db,
			loginBy(func(_ context.Context, _ *models.AuthSource, login, password string) *models.Identity {
				if password != "right" {
					return nil
				}
				asked <- struct{}{}
				<-goOn
				return &models.Identity{Login: login}
			}), handlers.Options{})
		id := s.source(object{"name": "any", "host": "ldap.example.com"})
		for login, change := range map[string]object{"ann": {"disabled": true}, "bob": {"auth_source_id": 3}} {
			s.admin().post("/api/users",
				object{"user": object{"login": login, "mail": "x@example.com", "auth_source_id": id}}).expect(201)
			status := make(chan int)
			go func() {
				a, err := s.as(login, "right").try("GET", "/api/status", nil)
				if err != nil {
					t.Error(err)
				}
				status <- a.status
			}()
			<-asked
			s.admin().put("/api/users/"+login, object{"user": change}).expect(200)
			goOn <- struct{}{}
			if got := <-status; got != 401 {
				t.Errorf("%s got in with %d", login, got)
			}
			if n := s.find("SELECT COUNT(*) FROM sessions x JOIN users u ON u.id = x.user_id WHERE u.login = ?",
				login); n != 0 {
				t.Errorf("%s has %d sessions", login, n)
			}
		}
	})
}

// A page of somebody else's may make a browser send the cookie, but cannot know the token.
func TestSessions_OfBrowsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.user("ann")
		login := s.by(who).with("Sec-Fetch-Site", "same-origin").get("/api/status").expect(200)
		cookie, _, _ := strings.Cut(login.header.Get("Set-Cookie"), ";")
		token := login.header.Get("X-CSRF-Token")
		if len(token) != 32 || strings.Contains(cookie, token) {
			t.Fatalf("the token is %q", token)
		}
		path, change := fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"firstname": "Ann"}}
		page := s.holding(cookie).with("Origin", "https://elsewhere.example")
		page.get("/api/current_user").expect(200)
		page.put(path, change).expect(401)
		page.with("X-CSRF-Token", strings.Repeat("0", 32)).put(path, change).expect(401)
		page.delete(path).expect(401)
		page.with("X-CSRF-Token", token).put(path, change).expect(200)
		// Credentials that a script adds itself need no token beside them.
		s.by(who).with("Cookie", cookie).with("Origin", s.url).put(path, change).expect(200)
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			if a := page.do(method, "/api/users", change); a.status != 401 && a.status != 404 {
				t.Errorf("%s", a)
			}
		}
	})
}
