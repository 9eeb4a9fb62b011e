package foreman

import (
	"context"
	"encoding/json"
	goerrors "errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/test/servertest"

	"github.com/go-jose/go-jose/v4"

	"roster/config"
	"roster/directory/ldap"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

// answering is how an LDAP server answers to a login.
type answering func(ctx context.Context, login, password string) (*models.Identity, error)

// ldapHosts are LDAP servers by host, which keep what they were asked.
type ldapHosts struct {
	servertest.AnyLDAP
	mu    sync.Mutex
	hosts map[string]answering
	asked map[string][]models.Identity // of which the mail is the password
	tests map[string]int
}

func newHosts() *ldapHosts {
	return &ldapHosts{hosts: map[string]answering{}, asked: map[string][]models.Identity{}, tests: map[string]int{}}
}

func (l *ldapHosts) at(host string, answer answering) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hosts[host] = answer
}

func (l *ldapHosts) Login(
	ctx context.Context, source *models.AuthSource, _, login, password string,
) (*models.Identity, error) {
	host := models.Deref(source.Host)
	l.mu.Lock()
	l.asked[host] = append(l.asked[host], models.Identity{Login: login, Mail: &password})
	answer := l.hosts[host]
	l.mu.Unlock()
	return answer(ctx, login, password)
}

func (l *ldapHosts) Test(_ context.Context, source *models.AuthSource, _ string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tests[models.Deref(source.Host)]++
	return nil
}

// questions are how often a host was asked who logs in.
func (l *ldapHosts) questions(host string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.asked[host])
}

// heard reports whether a host was ever given a login or a password.
func (l *ldapHosts) heard(host, secret string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.asked[host], func(id models.Identity) bool {
		return id.Login == secret || *id.Mail == secret
	})
}

func silent(ctx context.Context, _, _ string) (*models.Identity, error) {
	<-ctx.Done()
	return nil, models.Fail(models.Unavailable, models.RuleLDAPUnreachable, "silent").Because(ctx.Err())
}

// unreachable is a server that is found missing at once.
func unreachable(context.Context, string, string) (*models.Identity, error) {
	return nil, models.Fail(models.Unavailable, models.RuleLDAPUnreachable, "connection refused")
}

// knowing is a server of people whose passwords are their logins with "secret " before.
func knowing(logins ...string) answering {
	return func(_ context.Context, login, password string) (*models.Identity, error) {
		if !slices.Contains(logins, login) || password != "secret "+login {
			return nil, nil
		}
		return &models.Identity{Login: login}, nil
	}
}

// believing is a server that says yes to everything.
func believing(_ context.Context, login, _ string) (*models.Identity, error) {
	return &models.Identity{Login: login}, nil
}

// onHosts runs a test on each database, with LDAP servers that the test makes up.
func onHosts(t *testing.T, test func(t *testing.T, s *server, l *ldapHosts)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		l := newHosts()
		test(t, servertest.StartWith(t, db, l, handlers.Options{}), l)
	})
}

// sourceAt makes a source of a host.
func sourceAt(s *server, host string, attributes ...object) int64 {
	s.T.Helper()
	return makeSource(s, append([]object{{"name": host, "host": host}}, attributes...)...)
}

// changeSource changes a source.
func changeSource(s *server, source int64, attributes object) {
	s.T.Helper()
	s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d", source), object{"auth_source_ldap": attributes}).Expect(200)
}

// personOf makes an account of a source.
func personOf(s *server, login string, source int64) {
	s.T.Helper()
	body := object{"login": login, "mail": "x@example.com", "auth_source_id": source}
	s.Admin().Post("/api/users", object{"user": body}).Expect(201)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// One refusal finds out that a source is silent. From then on nobody waits for it, nor can anybody tell by the time
// whose people it has, until it is tried again.
func TestAttack22_ASilentSourceDelaysNobodyElse(t *testing.T) {
	onHosts(t, func(t *testing.T, s *server, l *ldapHosts) {
		l.at("down", silent)
		l.at("up", knowing("ulla"))
		down := sourceAt(s, "down", object{"onthefly_register": true})
		up := sourceAt(s, "up")
		personOf(s, "dora", down)
		personOf(s, "ulla", up)
		s.User("here")
		s.As("here", "wrong").Get("/api/status").Expect(401)
		if n := l.questions("down"); n != 1 {
			t.Fatalf("the silent server was asked %d times, want once", n)
		}
		for range 3 {
			for _, login := range []string{"here", "nobody", "dora", "ulla", "admin", "foreman_admin"} {
				s.As(login, "wrong").Get("/api/status").Expect(401)
			}
		}
		s.As("ulla", "secret ulla").Get("/api/status").Expect(200)
		s.Admin().Get("/api/status").Expect(200)
		if n := l.questions("down"); n != 1 {
			t.Errorf("the silent server was asked %d times, want once", n)
		}
		s.Run("after its rest one question about nobody finds out", func(t *testing.T, s *server) {
			began := make(chan struct{}, 1)
			goOn := make(chan struct{})
			l.at("down", func(context.Context, string, string) (*models.Identity, error) {
				began <- struct{}{}
				<-goOn
				return nil, models.Fail(models.Unavailable, models.RuleLDAPUnreachable, "silent")
			})
			for _, rest := range []time.Duration{10, 20, 30, 30} {
				s.Clock.Advance(rest*time.Second - time.Second)
				before := l.questions("down")
				s.As("dora", "secret dora").Get("/api/status").Expect(401)
				if l.questions("down") != before {
					t.Errorf("the server was asked before its rest of %d s was over", rest)
				}
				s.Clock.Advance(2 * time.Second)
				for _, login := range []string{"dora", "nobody", "here", "ulla"} {
					s.As(login, "wrong").Get("/api/status").Expect(401) // while the probe goes on
				}
				<-began
				if n := l.questions("down") - before; n != 1 {
					t.Errorf("four refusals made %d probes, want one", n)
				}
				s.Log.Forget()
				goOn <- struct{}{}
				eventually(t, "the end of the probe is noted", func() bool {
					return strings.Contains(s.Log.String(), "an LDAP server is left alone")
				})
			}
			if l.heard("down", "dora") {
				t.Error("the probe was about a person")
			}
		})
		s.Run("an administrator may still try it, which ends its rest", func(t *testing.T, s *server) {
			l.at("down", unreachable)
			before := l.questions("down")
			s.As("nobody", "wrong").Get("/api/status").Expect(401)
			if l.questions("down") != before {
				t.Error("the server was asked during its rest")
			}
			s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", down), nil).Expect(200).Want(true, "success")
			s.As("nobody", "wrong").Get("/api/status").Expect(401)
			if n := l.questions("down") - before; n != 1 {
				t.Errorf("the server was asked %d times, want once", n)
			}
		})
		s.Run("and lets its people in again, the first at once", func(t *testing.T, s *server) {
			l.at("down", knowing("dora", "dan"))
			s.As("dora", "secret dora").Get("/api/status").Expect(401)
			s.Clock.Advance(31 * time.Second)
			s.As("dora", "secret dora").Get("/api/status").Expect(200)
			s.As("dan", "secret dan").Get("/api/status").Expect(200)
		})
		s.Run("a changed source starts afresh", func(t *testing.T, s *server) {
			l.at("down", unreachable)
			l.at("moved", knowing("dora"))
			s.As("nobody", "wrong").Get("/api/status").Expect(401)
			s.Beside().As("dora", "secret dora").Get("/api/status").Expect(401)
			changeSource(s, down, object{"host": "moved"})
			s.As("dora", "secret dora").Get("/api/status").Expect(200)
		})
		s.Run("an end of a rest from before the clock went back counts for nothing", func(t *testing.T, s *server) {
			l.at("moved", unreachable)
			s.Clock.Advance(24 * time.Hour)
			s.As("nobody", "wrong").Get("/api/status").Expect(401)
			s.Clock.Advance(-24 * time.Hour)
			l.at("moved", knowing("dora"))
			s.As("dora", "secret dora").Get("/api/status").Expect(200)
		})
	})
}

// All sources are asked at once: none answers before all were asked.
func TestAttack22_SourcesAreAskedSideBySide(t *testing.T) {
	onHosts(t, func(t *testing.T, s *server, l *ldapHosts) {
		hosts := []string{"one", "two", "three"}
		var waiting atomic.Int64
		together := make(chan struct{})
		for _, host := range hosts {
			l.at(host, func(ctx context.Context, _, _ string) (*models.Identity, error) {
				if waiting.Add(1) == int64(len(hosts)) {
					close(together)
				}
				select {
				case <-together:
				case <-ctx.Done():
					t.Error("a source was asked alone")
				}
				return nil, nil
			})
			sourceAt(s, host, object{"onthefly_register": host == "two"})
		}
		personOf(s, "ann", s.Find("SELECT id FROM auth_sources WHERE name = 'two'"))
		s.User("here")
		for _, login := range []string{"nobody", "ann", "here"} {
			waiting.Store(0)
			together = make(chan struct{})
			s.As(login, "wrong").Get("/api/status").Expect(401)
		}
	})
}

// The person's own source gets the password and ends the wait by a yes; the others are asked about nobody, and break
// off.
func TestAttack22_OnlyTheOwnSourceGetsThePassword(t *testing.T) {
	onHosts(t, func(t *testing.T, s *server, l *ldapHosts) {
		l.at("own", knowing("ann"))
		var ended atomic.Int64
		others := func(ctx context.Context, _, _ string) (*models.Identity, error) {
			<-ctx.Done()
			if goerrors.Is(ctx.Err(), context.Canceled) {
				ended.Add(1)
			}
			return nil, ctx.Err()
		}
		l.at("before", others)
		l.at("after", others)
		sourceAt(s, "before", object{"onthefly_register": true})
		personOf(s, "ann", sourceAt(s, "own"))
		sourceAt(s, "after", object{"onthefly_register": true})
		s.As("ann", "secret ann").Get("/api/status").Expect(200)
		asked := int64(l.questions("before") + l.questions("after"))
		eventually(t, "the others give up", func() bool { return ended.Load() == asked })
		l.at("before", believing)
		l.at("after", believing)
		for _, host := range []string{"before", "after"} {
			s.As("ann", "wrong password").Get("/api/status").Expect(401)
			for _, secret := range []string{"ann", "secret ann", "wrong password"} {
				if l.heard(host, secret) {
					t.Errorf("the server %s was given %q", host, secret)
				}
			}
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id > 3"); n != 1 {
			t.Errorf("there are %d people of LDAP sources, want ann alone", n)
		}
	})
}

// Whoever logs in must not be able to make a source rest: not by what a server refuses, nor by hanging up or by sending
// too much.
func TestAttack22_WhatIsAnsweredIsNoSilence(t *testing.T) {
	onHosts(t, func(t *testing.T, s *server, l *ldapHosts) {
		people := knowing("ann")
		var hanging atomic.Int64
		l.at("own", func(ctx context.Context, login, password string) (*models.Identity, error) {
			switch {
			case len(login) > 100 || len(password) > 4096:
				return nil, models.Fail(models.Unavailable, models.RuleLDAPUnreachable,
					"the LDAP server closed the connection")
			case login == "odd":
				return nil, goerrors.New("the LDAP server has an opinion")
			case login == "panic":
				panic("an answer that nobody thought of")
			case login == "hanging":
				hanging.Add(1)
				return silent(ctx, login, password)
			}
			return people(ctx, login, password)
		})
		personOf(s, "ann", sourceAt(s, "own", object{"onthefly_register": true}))
		works := func() {
			t.Helper()
			s.Clock.Advance(2 * time.Minute)
			s.Beside().As("ann", "secret ann").Get("/api/status").Expect(200)
			before := l.questions("own")
			s.As("ann", "wrong").Get("/api/status").Expect(401)
			if l.questions("own") == before {
				t.Error("the source rests")
			}
		}
		for _, login := range []string{"odd", "panic", strings.Repeat("x", 101)} {
			s.As(login, "x").Get("/api/status").Expect(401)
			works()
		}
		s.As("ann", strings.Repeat("x", 4097)).Get("/api/status").Expect(401)
		works()
		ctx, hangUp := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/api/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("hanging", "x")
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if answer, err := s.HTTP.Do(request); err == nil {
				answer.Body.Close()
			}
		}()
		eventually(t, "the question is asked", func() bool { return hanging.Load() == 1 })
		hangUp()
		<-gone
		works()
	})
}

// The client for LDAP servers tells those that answer from those that do not.
func TestAttack22_ServersThatBreakOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, ldap.Client{Patience: 500 * time.Millisecond}, handlers.Options{})
		for what, serve := range map[string]func(net.Conn){
			"hangs":    hanging(t),
			"hangs up": hangingUp,
			"babbles":  babbling,
		} {
			var connections atomic.Int64
			port := listen(t, func(c net.Conn) {
				connections.Add(1)
				serve(c)
			})
			id := makeSource(s, object{"name": what, "host": "127.0.0.1", "port": port, "base_dn": "dc=x"})
			for range 5 {
				s.As("somebody", "wrong").Get("/api/status").Expect(401)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("a server that %s was asked %d times by five refusals, want once", what, n)
			}
			s.Admin().Delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).Expect(200)
		}
	})
}

// Servers that take their time, and one that rests, tell nobody by the time of a refusal where a login is from.
func TestAttack22_RefusalsStayAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		l := newHosts()
		slow := func(ctx context.Context, _, _ string) (*models.Identity, error) {
			select {
			case <-time.After(100 * time.Millisecond):
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		s := servertest.StartWith(t, db, l, handlers.Options{})
		l.at("down", silent)
		personOf(s, "down", sourceAt(s, "down"))
		for _, host := range []string{"one", "two", "three"} {
			l.at(host, slow)
			personOf(s, host, sourceAt(s, host, object{"onthefly_register": host == "two"}))
		}
		s.User("here")
		s.As("nobody", "wrong").Get("/api/status").Expect(401)
		best := map[string]time.Duration{}
		for round := 0; round < 3 || round < 20 && len(unlike(best)) > 0; round++ {
			for _, login := range []string{"unknown", "here", "down", "one", "two", "three", "foreman_admin"} {
				begin := time.Now()
				s.As(login, fmt.Sprint("wrong", round)).Get("/api/status").Expect(401)
				if took := time.Since(begin); best[login] == 0 || took < best[login] {
					best[login] = took
				}
			}
		}
		for login, ratio := range unlike(best) {
			t.Errorf("a refusal of %s takes %.2f times as long as one of somebody unknown", login, ratio)
		}
	})
}

// A question about somebody made up registers nobody, whatever a server answers.
func TestAttack11_MadeUpPeopleAreNotRegistered(t *testing.T) {
	onHosts(t, func(t *testing.T, s *server, l *ldapHosts) {
		l.at("any", believing)
		id := sourceAt(s, "any")
		people := func() int64 { return s.Find("SELECT COUNT(*) FROM users") }
		before := people()
		s.User("here")
		for _, login := range []string{"nobody", "here", "admin"} {
			s.As(login, "wrong").Get("/api/current_user").Expect(401)
		}
		if n := people(); n != before+1 {
			t.Errorf("%d accounts were made by questions about nobody", n-before-1)
		}
		s.Run("nor does a source that takes anything, which keeps no others from it", func(t *testing.T, s *server) {
			changeSource(s, id, object{"onthefly_register": true})
			s.As("ann", "secret ann").Get("/api/current_user").Expect(401)
			warning := `"msg":"an LDAP server accepts logins of people who do not exist, so no accounts are created",` +
				`"auth_source_id":%d`
			if !strings.Contains(s.Log.String(), fmt.Sprintf(warning, id)) {
				t.Error("the log does not warn of the source")
			}
			l.at("honest", knowing("ann"))
			honest := sourceAt(s, "honest", object{"onthefly_register": true})
			s.As("ann", "secret ann").Get("/api/current_user").Expect(200).Want(honest, "auth_source_id")
			s.As("bob", "secret bob").Get("/api/current_user").Expect(401)
		})
		s.Run("nor does one that means somebody else, or does not answer twice", func(t *testing.T, s *server) {
			l.at("any", func(_ context.Context, login, _ string) (*models.Identity, error) {
				if login == "bob" {
					return &models.Identity{Login: "bobby"}, nil
				}
				return nil, nil
			})
			s.As("bob", "x").Get("/api/current_user").Expect(401)
			l.at("any", func(_ context.Context, login, _ string) (*models.Identity, error) {
				if login == "bob" {
					return &models.Identity{Login: "bob"}, nil
				}
				return nil, goerrors.New("no idea")
			})
			s.As("bob", "x").Get("/api/current_user").Expect(401)
			if n := people(); n != before+2 {
				t.Errorf("%d accounts were made, want those of here and ann", n-before)
			}
		})
	})
}

// Who is no administrator does not decide to which server the passwords of strangers go.
func TestAttack10_WhereStrangersPasswordsGo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		organization := s.Organization("A")
		location := s.Location("L")
		role := s.NewRole("Sources", "view_authenticators", "create_authenticators", "edit_authenticators",
			"assign_organizations",
			"assign_locations", "view_organizations", "view_locations")
		tenants := object{"organization_ids": []int64{organization}, "location_ids": []int64{location}}
		manager := s.User("manager", tenants, object{"role_ids": []int64{role}})
		stray := s.User("stray", object{"role_ids": []int64{role}})
		send := func(who *client, method, path string, attributes object) *answer {
			return who.Do(method, path, object{"auth_source_ldap": attributes})
		}
		for what, attributes := range map[string]object{
			"onthefly_register": {"onthefly_register": true},
			"account":           {"account": "uid=$login,dc=x"},
		} {
			for who, where := range map[account]object{manager: tenants, stray: {}} {
				wanted := merge(object{"name": "x" + what, "host": "ldap.example.com"}, where, attributes)
				a := send(s.By(who), "POST", "/api/auth_source_ldaps", wanted).Expect(422)
				if list, _ := a.Value("error", "errors", what).([]any); len(list) != 1 {
					t.Errorf("%s: %s", what, a)
				}
			}
			plain := merge(object{"name": what, "host": "ldap.example.com", "base_dn": "dc=x"}, tenants)
			mine := send(s.By(manager), "POST", "/api/auth_source_ldaps", plain).Expect(201).Int("id")
			path := fmt.Sprint("/api/auth_source_ldaps/", mine)
			if a := send(s.By(manager), "PUT", path, attributes).Expect(422); a.Value("error", "errors", what,
				0) == nil {
				t.Errorf("%s: %s", what, a)
			}
			send(s.Admin(), "PUT", path, attributes).Expect(200)
			// Sent back as it is, it is no decision, and other things may change.
			same := merge(plain, attributes, object{"name": what + " 2", "port": 389, "tls": false})
			send(s.By(manager), "PUT", path, same).Expect(200)
			for _, move := range []object{
				{"host": "ldap.example.org"}, {"port": 10389}, {"tls": true}, {"base_dn": "dc=y"},
				{"account": "uid=$login,dc=other"},
			} {
				if a := send(s.By(manager), "PUT", path, move).
					Expect(422); len(a.Value("error", "errors").(map[string]any)) == 0 {
					t.Errorf("%v: %s", move, a)
				}
			}
			// Switching it off is everybody's.
			send(s.By(manager), "PUT", path, object{"onthefly_register": false, "account": ""}).Expect(200)
			send(s.By(manager), "PUT", path, object{"host": "ldap.example.org"}).Expect(200)
		}
	})
}

// Refused logins are in the log with what was tried, and never with a secret.
func TestAttack24_RefusedLoginsAreLogged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		here := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		s := servertest.StartWith(t, db, servertest.AnyLDAP{}, handlers.Options{TrustedProxies: here})
		s.Admin().Put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 1}}).Expect(200)
		who := s.User("ann")
		token := s.By(who).Post(who.Path("/personal_access_tokens"), object{"name": "t"}).Expect(201)
		s.By(who).Delete(fmt.Sprint(who.Path("/personal_access_tokens/"), token.Int("id"))).Expect(200)
		secret := token.Text("token_value")
		disabled := s.User("gone", object{"disabled": true})
		overridden := "a\u202eb\x1b[31mc\u2066d\u0085e\u2028f\ng"
		for i, try := range []struct {
			client *client
			login  string
			reason string
		}{
			{s.As("ann", "wrong secret 1"), "ann", "wrong credentials"},
			{s.As("unknown", "wrong secret 2"), "unknown", "wrong credentials"},
			{s.As("ann", secret), "ann", "revoked or expired token"},
			{bearing(s, secret), "ann", "revoked or expired token"},
			{bearing(s, secret+"x"), "", "wrong credentials"},
			{s.By(disabled), "gone", "disabled account"},
			{s.As(overridden, "wrong secret 3"), "ab[31mcdefg", "wrong credentials"},
			{s.As(strings.Repeat("ž", 3000), "wrong secret 4"), strings.Repeat("ž", 100), "wrong credentials"},
			{s.As("\xff\xfe", "wrong secret 5"), "\ufffd", "wrong credentials"},
		} {
			s.Log.Forget()
			address := fmt.Sprintf("192.0.2.%d", i)
			try.client.With("X-Forwarded-For", address).With("X-Request-Id", "tried-1").Get("/api/status").Expect(401)
			wantRefusal(s, object{
				"login": try.login, "reason": try.reason, "remote": address, "request_id": "tried-1", "level": "INFO",
			})
			if text := s.Log.String(); strings.Contains(text, "wrong secret") || strings.Contains(text, secret) {
				t.Errorf("the log tells a secret:\n%s", text)
			}
		}
		s.Log.Forget()
		s.By(who).With("X-Forwarded-For", "192.0.2.1").Get("/api/status").Expect(401)
		wantRefusal(s, object{"login": "ann", "reason": "blocked address", "remote": "192.0.2.1"})
		s.Log.Forget()
		s.Admin().With("X-Forwarded-For", "192.0.2.100").Get("/api/status").Expect(200)
		if text := s.Log.String(); strings.Contains(text, "a login was refused") {
			t.Errorf("a login was let in and logged as refused:\n%s", text)
		}
	})
}

// wantRefusal compares the one line about a refusal.
func wantRefusal(s *server, want object) {
	s.T.Helper()
	found := 0
	for line := range strings.Lines(s.Log.String()) {
		var got object
		if err := json.Unmarshal([]byte(line), &got); err != nil || got["msg"] != "a login was refused" {
			continue
		}
		found++
		for field, value := range want {
			if got[field] != value {
				s.T.Errorf("%s is %q, want %q", field, got[field], value)
			}
		}
	}
	if found != 1 {
		s.T.Errorf("%d refusals of %v are logged, want 1", found, want["login"])
	}
}

// A session that is used all the time ends all the same.
func TestAttack24_SessionsHaveALongestLifetime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.User("ann")
		use := func(cookie string, every, until time.Duration) {
			t.Helper()
			for end := s.Clock.Now().Add(until); s.Clock.Now().Add(every).Before(end); {
				s.Clock.Advance(every)
				holding(s, cookie).Get("/api/status").Expect(200)
			}
		}
		s.Admin().Get("/api/settings/session_lifetime").Expect(200).Want(720, "value").Want("integer", "settings_type")
		cookie := newSession(s.By(who))
		use(cookie, 30*time.Minute, 12*time.Hour)
		s.Clock.Advance(29 * time.Minute) // and 59 s to go
		holding(s, cookie).Get("/api/status").Expect(200)
		s.Clock.Advance(time.Minute + time.Second)
		holding(s, cookie).Get("/api/status").Expect(401)

		// The other end, and a setting that takes effect at once.
		cookie = newSession(s.By(who))
		s.Clock.Advance(61 * time.Minute)
		holding(s, cookie).Get("/api/status").Expect(401)
		cookie = newSession(s.By(who))
		use(cookie, 30*time.Minute, 3*time.Hour)
		s.Admin().Put("/api/settings/session_lifetime", object{"setting": object{"value": 120}}).Expect(200)
		holding(s, cookie).Get("/api/status").Expect(401)
		for _, value := range []any{0, -1, "x", nil} {
			s.Admin().Put("/api/settings/session_lifetime", object{"setting": object{"value": value}}).Expect(422)
		}
		// As long as a number can be is long, and not over before it began.
		for _, name := range []string{"session_lifetime", "idle_timeout"} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": 99999999}}).Expect(200)
		}
		cookie = newSession(s.By(who))
		s.Clock.Advance(90 * 24 * time.Hour)
		holding(s, cookie).Get("/api/status").Expect(200)
	})
}

// The keys of a provider are fetched from nowhere but where they may be.
func TestAttack24_KeysAreFetchedFromProvidersOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		put := func(value string, status int) {
			t.Helper()
			a := s.Admin().Put("/api/settings/oidc_jwks_url", object{"setting": object{"value": value}})
			if a.Status != status {
				t.Errorf("%s: %s", value, a)
			}
			if status == 422 && a.Value("error", "errors", "value", 0) == nil {
				t.Errorf("%s: %s", value, a)
			}
		}
		for _, url := range []string{
			"file:///etc/passwd", "gopher://id.example.com/x", "javascript:alert(1)", "http://id.example.com/keys",
			"http://10.0.0.1/keys", "ftp://127.0.0.1/keys",
			"https://169.254.169.254/latest", "http://169.254.169.254/latest", "https://[fe80::1]/keys",
			"https://[fe80::1%25eth0]/keys", "https://[::ffff:169.254.169.254]/",
			"https://[fd00:ec2::254]/", "http://0.0.0.0/keys", "http://localhost.example.com/keys",
			"http://127.0.0.1.example.com/keys", "http://[::2]/keys", "https://", "https:///keys",
			"https:keys", "//id.example.com/keys", "id.example.com/keys", "keys", "http://[::1",
			"http://localhost@id.example.com/",
		} {
			put(url, 422)
		}
		for _, url := range []string{
			"https://id.example.com/keys", "HTTPS://id.example.com:8443/keys?x=y", "https://10.0.0.1/keys",
			"http://127.0.0.1:8080/keys", "http://127.9.9.9/keys",
			"http://[::1]:8080/keys", "http://localhost/keys", "http://LOCALHOST:99/keys", "",
		} {
			put(url, 200)
		}

		p := newProvider(t)
		const issuer = "https://id.example.com"
		claims := object{"iss": issuer, "aud": "roster", "exp": s.Clock.Now().Add(time.Hour).Unix(),
			"preferred_username": "ann"}
		good := p.token(t, jose.RS256, p.key, "one", claims)
		for name, value := range map[string]string{"oidc_issuer": issuer, "oidc_audience": "[roster]",
			"oidc_jwks_url": p.URL} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(200)
		}
		bearing(s, good).Get("/api/status").Expect(200)
		s.Run("nor from where an older version has let somebody point", func(t *testing.T, s *server) {
			asked := p.asked.Load()
			// This address would be answered, and still is refused.
			url := mustEncode(strings.Replace(p.URL, "127.0.0.1", "0.0.0.0", 1))
			s.Execute("UPDATE settings SET value = ? WHERE name = 'oidc_jwks_url'", string(url))
			s.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE name = 'refs' AND slot = 0")
			s.Clock.Advance(6 * time.Minute)
			bearing(s, good).Get("/api/status").Expect(401)
			if n := p.asked.Load(); n != asked {
				t.Error("the address was asked")
			}
		})
		s.Run("nor from where a redirect leads", func(t *testing.T, s *server) {
			var away string
			gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, away, http.StatusFound)
			}))
			defer gate.Close()
			s.Admin().Put("/api/settings/oidc_jwks_url", object{"setting": object{"value": gate.URL}}).Expect(200)
			for _, to := range []struct {
				url    string
				status int
			}{
				{p.URL, 200}, {strings.Replace(p.URL, "127.0.0.1", "0.0.0.0", 1), 401}, {gate.URL, 401},
				{"file:///etc/passwd", 401},
			} {
				away = to.url
				asked := p.asked.Load()
				s.Clock.Advance(6 * time.Minute)
				bearing(s, good).Get("/api/status").Expect(to.status)
				if n := p.asked.Load() - asked; (n > 0) != (to.status == 200) {
					t.Errorf("%s: the provider was asked %d times", to.url, n)
				}
			}
		})
	})
}

// What was written while the clock was ahead does not last until then once it is put right.
func TestAttack24_TheClockWasAhead(t *testing.T) {
	onGuarded(t, func(t *testing.T, s, other *server, from func(*client, string) *client) {
		const ahead = 24 * time.Hour
		right := s.Admin()
		wrong := s.As("admin", "wrong")
		who := s.User("ann")
		token := s.By(who).Post(who.Path("/personal_access_tokens"), object{"name": "t"}).Expect(201).
			Text("token_value")
		s.Clock.Advance(ahead)
		used := newSession(s.By(who))
		s.As("ann", token).Get("/api/status").Expect(200)
		for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
			for range 3 {
				from(wrong, address).Get("/api/users").Expect(401)
			}
		}
		from(wrong, "192.0.2.3").Get("/api/users").Expect(401)
		s.Clock.Advance(-ahead)
		s.Run("addresses are blocked for as long as others", func(t *testing.T, s *server) {
			until(t, from(right, "192.0.2.1"), 401).Want(tooMany, "error", "message")
			s.Clock.Advance(5*time.Minute + time.Second)
			until(t, from(right, "192.0.2.1"), 200)
			// The failure of then was the first of three, if it counts at all.
			for range 2 {
				from(wrong, "192.0.2.3").Get("/api/users").Expect(401).Want("Unable to authenticate user admin",
					"error", "message")
			}
			s.Clock.Advance(5*time.Minute + time.Second)
			until(t, from(right, "192.0.2.3"), 200)
		})
		s.Run("the time of the last login goes on", func(t *testing.T, s *server) {
			now := s.Clock.Now()
			s.By(who).Get("/api/status").Expect(200)
			s.As("ann", token).Get("/api/status").Expect(200)
			for _, column := range []string{
				"last_login_on FROM users WHERE login = 'ann'", "last_used_at FROM personal_access_tokens",
			} {
				var at time.Time
				if err := s.DB.Read.Raw("SELECT " + column).Row().Scan(&at); err != nil {
					t.Fatal(err)
				}
				if !at.Equal(now) {
					t.Errorf("%s: got %s, want %s", column, at, now)
				}
			}
		})
		s.Run("sessions end as others do", func(t *testing.T, s *server) {
			holding(s, used).Get("/api/status").Expect(200)
			s.Clock.Advance(61 * time.Minute)
			holding(s, used).Get("/api/status").Expect(401)
		})
	})
}

// Upkeep mends what nobody asks for.
func TestAttack24_UpkeepAfterTheClockWasAhead(t *testing.T) {
	onGuarded(t, func(t *testing.T, s, other *server, from func(*client, string) *client) {
		const ahead = 24 * time.Hour
		wrong := s.As("admin", "wrong")
		s.Clock.Advance(ahead)
		left := newSession(s.Admin())
		for range 3 {
			from(wrong, "192.0.2.1").Get("/api/users").Expect(401)
		}
		s.Clock.Advance(-ahead)
		maintain(s)
		s.Clock.Advance(5*time.Minute + time.Second)
		maintain(s)
		if n := s.Find("SELECT COUNT(*) FROM login_failures"); n != 0 {
			t.Errorf("%d blocks are kept", n)
		}
		s.Clock.Advance(56 * time.Minute)
		holding(s, left).Get("/api/status").Expect(401)
	})
}

func maintain(s *server) {
	s.T.Helper()
	if err := s.Logins.Maintain(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
}

// Whether tokens go with a password.
func TestAttack24_TokensAndPasswords(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		editor := s.User("editor", object{"role_ids": []int64{s.NewRole("Editors", "view_users", "edit_users")}})
		for what, test := range map[string]struct {
			self, stay bool
			more       object
		}{
			"oneself":                     {self: true, stay: true},
			"oneself, with them":          {self: true, more: object{"revoke_tokens": true}},
			"oneself, without them":       {self: true, stay: true, more: object{"revoke_tokens": false}},
			"another":                     {},
			"another, with them":          {more: object{"revoke_tokens": "true"}},
			"another, without them":       {stay: true, more: object{"revoke_tokens": false}},
			"another, saying nothing":     {more: object{"revoke_tokens": nil}},
			"another, without a password": {stay: true, more: object{"revoke_tokens": true, "password": nil}},
		} {
			s.Run(what, func(t *testing.T, s *server) {
				who := s.User(strings.ReplaceAll(strings.ReplaceAll(what, " ", "-"), ",", ""))
				tokens := who.Path("/personal_access_tokens")
				var secrets []string
				for _, name := range []string{"one", "two"} {
					secrets = append(secrets, s.By(who).Post(tokens, object{"name": name}).Expect(201).
						Text("token_value"))
				}
				old := s.By(who).Post(tokens, object{"name": "old"}).Expect(201).Int("id")
				s.By(who).Delete(fmt.Sprint(tokens, "/", old)).Expect(200)
				session := newSession(s.As(who.Login, secrets[0]))
				s.Clock.Advance(time.Second)
				by := s.By(editor)
				if test.self {
					by = s.By(who)
				}
				const revocations = "SELECT COUNT(*) FROM audits WHERE auditable_type = 'PersonalAccessToken' AND " +
					"action = 'update'"
				audits := s.Find(revocations)
				body := merge(object{"password": "another secret", "current_password": who.Password}, test.more)
				by.Put(who.Path(), object{"user": body}).Expect(200)
				status := 401
				revoked := int64(2)
				if test.stay {
					status, revoked = 200, 0
				}
				for _, secret := range secrets {
					s.As(who.Login, secret).Get("/api/status").Expect(status)
					bearing(s.Beside(), secret).Get("/api/status").Expect(status)
				}
				if len(test.more) < 2 {
					holding(s, session).Get("/api/status").Expect(401)
				}
				if n := s.Find(revocations) - audits; n != revoked {
					t.Errorf("%d revocations are audited, want %d", n, revoked)
				}
			})
		}
	})
}

// Guesses that are made at once wait their turn: those behind too many failures cost no hash.
func TestAttack02_GuessesAtOnceWaitTheirTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		victim := s.User("victim")
		s.Admin().Put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 30}}).Expect(200)
		for s.Find("SELECT COUNT(*) FROM login_failures") == 0 { // until the server has learned of the limit
			s.As(victim.Login, "wrong").Get("/api/current_user").Expect(401)
		}
		var guesses sync.WaitGroup
		for i := range 200 {
			guesses.Go(func() {
				_, _ = s.As(victim.Login, fmt.Sprint("wrong", i)).Try("GET", "/api/current_user",
					nil)
			})
		}
		guesses.Wait()
		if n := s.Find("SELECT SUM(failures) FROM login_failures"); n < 30 || n > 30+16 {
			t.Errorf("%d of 200 guesses were heard, where 30 may fail", n)
		}
	})
}
