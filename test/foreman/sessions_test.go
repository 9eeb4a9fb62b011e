package foreman

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/config"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

// newSession logs in and gives the cookie.
func newSession(c *client) string {
	c.Server.T.Helper()
	a := c.Get("/api/status").Expect(200)
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	if cookie == "" {
		c.Server.T.Fatalf("no session: %v", a.Header)
	}
	return cookie
}

// holding returns a client with nothing but a cookie.
func holding(s *server, cookie string) *client {
	return s.Nobody().With("Cookie", cookie)
}

// Sessions (docs/spec/foreman.md, 7.3).
func TestSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.User("ann", object{"role_names": []string{"Viewer"}})
		me := s.By(who)
		header := me.Get("/api/status").Expect(200).Header.Get("Set-Cookie")
		if !regexp.MustCompile(`^_session_id=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax$`).MatchString(header) {
			t.Errorf("the cookie is %s", header)
		}
		cookie := newSession(me)
		s.Run("it is enough, and wins over credentials", func(t *testing.T, s *server) {
			holding(s, cookie).Get("/api/current_user").Expect(200).Want("ann", "login")
			s.As("ann", "wrong").With("Cookie", cookie).Get("/api/current_user").Expect(200).Want("ann", "login")
			s.Admin().With("Cookie", cookie).Get("/api/current_user").Expect(200).Want("ann", "login")
			holding(s.Beside(), cookie).Get("/api/current_user").Expect(200)
			holding(s, cookie).Put(fmt.Sprintf("/api/users/%d", who.ID), object{"user": object{"firstname": "Ann"}}).
				Expect(200)
			if a := holding(s, cookie).Get("/api/current_user"); a.Header.Get("Set-Cookie") != "" {
				t.Error("a session was answered with another")
			}
		})
		s.Run("scripts that send their password each time leave one behind", func(t *testing.T, s *server) {
			before := s.Find("SELECT COUNT(*) FROM sessions")
			for range 20 {
				me.Get("/api/current_user").Expect(200)
			}
			if n := s.Find("SELECT COUNT(*) FROM sessions"); n != before {
				t.Errorf("there were %d sessions and are %d", before, n)
			}
		})
		s.Run("one that the client made up is none", func(t *testing.T, s *server) {
			chosen := "_session_id=" + strings.Repeat("ab", 16)
			a := me.With("Cookie", chosen).Get("/api/current_user").Expect(200)
			if strings.Contains(a.Header.Get("Set-Cookie"), "abab") {
				t.Error("it was taken up")
			}
			holding(s, chosen).Get("/api/current_user").Expect(401)
			for _, odd := range []string{"_session_id=", "_session_id=' OR 1=1",
				"_session_id=" + strings.Repeat("x", 5000)} {
				holding(s, odd).Get("/api/current_user").Expect(401)
			}
		})
		s.Run("it does not count as a login", func(t *testing.T, s *server) {
			last := s.Find("SELECT COUNT(*) FROM audits")
			at := holding(s, cookie).Get("/api/current_user").Text("last_login_on")
			s.Clock.Advance(10 * time.Minute)
			holding(s, cookie).Get("/api/current_user").Expect(200).Want(at, "last_login_on")
			if n := s.Find("SELECT COUNT(*) FROM audits"); n != last {
				t.Error("it left an audit")
			}
		})
		s.Run("it ends when it is idle, says so once, and each use gives it more time", func(t *testing.T, s *server) {
			for range 3 {
				s.Clock.Advance(50 * time.Minute)
				holding(s, cookie).Get("/api/current_user").Expect(200)
			}
			s.Clock.Advance(61 * time.Minute)
			me.With("Cookie", cookie).Get("/api/current_user").Expect(401).WantBody("")
			me.With("Cookie", cookie).Get("/api/current_user").Expect(200)
		})
	})
}

// What a session was opened with, and what ends it on every server at once.
func TestSessions_End(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		other := s.Beside()
		for what, end := range map[string]func(who account){
			"another password": func(who account) {
				s.Admin().Put(fmt.Sprintf("/api/users/%d", who.ID),
					object{"user": object{"password": "another secret"}}).Expect(200)
			},
			"being disabled": func(who account) {
				s.Admin().Put(fmt.Sprintf("/api/users/%d", who.ID), object{"user": object{"disabled": true}}).
					Expect(200)
				s.Admin().Put(fmt.Sprintf("/api/users/%d", who.ID), object{"user": object{"disabled": false}}).
					Expect(200)
			},
			"another source": func(who account) {
				s.Admin().Put(fmt.Sprintf("/api/users/%d", who.ID), object{"user": object{"auth_source_id": 3}}).
					Expect(200)
			},
			"the end of the account": func(who account) {
				s.Admin().Delete(fmt.Sprintf("/api/users/%d", who.ID)).
					Expect(200)
			},
		} {
			who := s.User(strings.ReplaceAll(what, " ", "-"))
			mine := newSession(s.By(who))
			holding(s, mine).Get("/api/current_user").Expect(200)
			holding(other, mine).Get("/api/current_user").Expect(200)
			end(who)
			holding(s, mine).Get("/api/current_user").Expect(401)
			holding(other, mine).Get("/api/current_user").Expect(401)
			// Whoever still proves themselves in the same way is not given back what has ended.
			for _, server := range []*server{s, other} {
				if a := server.By(who).Get("/api/status"); a.Status == 200 {
					holding(server, newSession(server.By(who))).Get("/api/current_user").Expect(200)
				}
			}
		}
	})
}

// A session that a token opened ends with it, and leaves the others alone.
func TestSessions_OfTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.User("ann")
		other := s.Beside()
		gone := func(cookie string) {
			t.Helper()
			holding(s, cookie).Get("/api/current_user").Expect(401)
			holding(other, cookie).Get("/api/current_user").Expect(401)
		}
		ofPassword := newSession(s.By(who))
		made := s.By(who).Post(who.Path("/personal_access_tokens"), object{"name": "revoked"}).Expect(201)
		ofToken := newSession(s.As("ann", made.Text("token_value")))
		bearing := newSession(bearing(s, made.Text("token_value")))
		holding(other, ofToken).Get("/api/current_user").Expect(200)
		s.By(who).Delete(fmt.Sprint(who.Path("/personal_access_tokens/"), made.Int("id"))).Expect(200)
		gone(ofToken)
		gone(bearing)
		holding(s, ofPassword).Get("/api/current_user").Expect(200)
		holding(s, newSession(s.By(who))).Get("/api/current_user").Expect(200)

		made = s.By(who).Post(who.Path("/personal_access_tokens"),
			object{"name": "expired", "expires_at": s.Clock.Now().Add(time.Minute).Format(time.RFC3339)}).Expect(201)
		ofToken = newSession(s.As("ann", made.Text("token_value")))
		s.Clock.Advance(50 * time.Second)
		holding(s, ofToken).Get("/api/current_user").Expect(200)
		s.Clock.Advance(50 * time.Second)
		gone(ofToken)
		s.By(who).With("Cookie", ofToken).Get("/api/current_user").Expect(200) // by the password beside it
		holding(s, ofPassword).Get("/api/current_user").Expect(200)
	})
}

// A change must not miss the session of a proof that was under way while it was made.
func TestSessions_EndOfOneThatBegins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		asked := make(chan struct{})
		goOn := make(chan struct{})
		s := servertest.StartWith(t, db,
			loginBy(func(_ context.Context, _ *models.AuthSource, login, password string) *models.Identity {
				if password != "right" {
					return nil
				}
				asked <- struct{}{}
				<-goOn
				return &models.Identity{Login: login}
			}), handlers.Options{})
		id := makeSource(s, object{"name": "any", "host": "ldap.example.com"})
		for login, change := range map[string]object{"ann": {"disabled": true}, "bob": {"auth_source_id": 3}} {
			s.Admin().Post("/api/users",
				object{"user": object{"login": login, "mail": "x@example.com", "auth_source_id": id}}).Expect(201)
			status := make(chan int)
			go func() {
				a, err := s.As(login, "right").Try("GET", "/api/status", nil)
				if err != nil {
					t.Error(err)
				}
				status <- a.Status
			}()
			<-asked
			s.Admin().Put("/api/users/"+login, object{"user": change}).Expect(200)
			goOn <- struct{}{}
			if got := <-status; got != 401 {
				t.Errorf("%s got in with %d", login, got)
			}
			if n := s.Find("SELECT COUNT(*) FROM sessions x JOIN users u ON u.id = x.user_id WHERE u.login = ?",
				login); n != 0 {
				t.Errorf("%s has %d sessions", login, n)
			}
		}
	})
}

// A page of somebody else's may make a browser send the cookie, but cannot know the token.
func TestSessions_OfBrowsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.User("ann")
		login := s.By(who).With("Sec-Fetch-Site", "same-origin").Get("/api/status").Expect(200)
		cookie, _, _ := strings.Cut(login.Header.Get("Set-Cookie"), ";")
		token := login.Header.Get("X-CSRF-Token")
		if len(token) != 32 || strings.Contains(cookie, token) {
			t.Fatalf("the token is %q", token)
		}
		path := fmt.Sprintf("/api/users/%d", who.ID)
		change := object{"user": object{"firstname": "Ann"}}
		page := holding(s, cookie).With("Origin", "https://elsewhere.example")
		page.Get("/api/current_user").Expect(200)
		page.Put(path, change).Expect(401)
		page.With("X-CSRF-Token", strings.Repeat("0", 32)).Put(path, change).Expect(401)
		page.Delete(path).Expect(401)
		page.With("X-CSRF-Token", token).Put(path, change).Expect(200)
		// Credentials that a script adds itself need no token beside them.
		s.By(who).With("Cookie", cookie).With("Origin", s.URL).Put(path, change).Expect(200)
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			if a := page.Do(method, "/api/users", change); a.Status != 401 && a.Status != 404 {
				t.Errorf("%s", a)
			}
		}
	})
}
