package foreman

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/config"
	"roster/directory/secret"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

const tooMany = "Too many tries, please try again in a few minutes."

// onGuarded runs a test against two servers on one database, behind a proxy on this machine, with three tries for each
// address. from gives a client as the proxy passes it on.
func onGuarded(t *testing.T, test func(t *testing.T, s, other *server, from func(*client, string) *client)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		here := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		s := servertest.StartWith(t, db, servertest.AnyLDAP{}, handlers.Options{TrustedProxies: here})
		other := servertest.Launch(t, db, s.Clock, servertest.AnyLDAP{}, handlers.Options{TrustedProxies: here})
		s.Admin().Put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 3}}).Expect(200)
		test(t, s, other, func(c *client, address string) *client {
			return c.With("X-Forwarded-For", address)
		})
	})
}

// until asks again for as long as the servers may be behind each other.
func until(t *testing.T, c *client, status int) *answer {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		a := c.Get("/api/current_user")
		if a.Status == status || time.Now().After(deadline) {
			return a.Expect(status)
		}
	}
}

// Guessing (docs/spec/foreman.md, 7.7).
func TestGuard(t *testing.T) {
	onGuarded(t, func(t *testing.T, s, other *server, from func(*client, string) *client) {
		right := s.Admin()
		wrong := s.As("admin", "wrong")
		// A client of the other server.
		there := func(c *client) *client { moved := *c; moved.Server = other.In(t); return &moved }
		session := newSession(from(right, "192.0.2.1"))
		from(wrong, "192.0.2.1").Get("/api/users").Expect(401).Want("Unable to authenticate user admin", "error",
			"message")
		from(right, "192.0.2.1").Get("/api/users").Expect(200) // which does not reset the count
		there(from(s.Nobody(), "192.0.2.1")).Get("/api/users").Expect(401).Want("Unable to authenticate user ", "error",
			"message")
		from(s.As("nobody", "x"), "192.0.2.1").Get("/api/users").Expect(401).Want("Unable to authenticate user nobody",
			"error", "message")
		// Now it is closed, on both, for everybody from there but those who have a session.
		from(right, "192.0.2.1").Get("/api/users").Expect(401).Want(tooMany, "error", "message")
		there(from(right, "192.0.2.1")).Get("/api/users")
		until(t, there(from(right, "192.0.2.1")), 401).Want(tooMany, "error", "message")
		from(holding(s, session), "192.0.2.1").Get("/api/users").Expect(200)
		from(s.Nobody(), "192.0.2.1").Get("/api/ping").Expect(200)
		// Others are not concerned, whatever a client says of itself in front of the proxy's word.
		from(right, "192.0.2.2").Get("/api/users").Expect(200)
		from(right, "192.0.2.2, 192.0.2.1").Get("/api/users").Expect(401)
		// What is blocked is not counted: five minutes after the last failure it opens.
		if n := s.Find("SELECT failures FROM login_failures WHERE address = '192.0.2.1'"); n != 3 {
			t.Errorf("%d failures are counted, want 3", n)
		}
		s.Clock.Advance(5*time.Minute + time.Second)
		until(t, from(right, "192.0.2.1"), 200)
		until(t, there(from(right, "192.0.2.1")), 200)
		from(wrong, "192.0.2.1").Get("/api/users").Expect(401).Want("Unable to authenticate user admin", "error",
			"message")
		if n := s.Find("SELECT failures FROM login_failures WHERE address = '192.0.2.1'"); n != 1 {
			t.Errorf("%d failures are counted after a pause, want 1", n)
		}
		// An address is the same however a proxy writes it.
		for _, spelling := range []string{"::ffff:192.0.2.3", "192.0.2.3:4711", "192.0.2.3"} {
			from(wrong, spelling).Get("/api/users").Expect(401)
		}
		from(right, "192.0.2.3").Get("/api/users").Expect(401).Want(tooMany, "error", "message")
		// Whoever has one address of IPv6 has a network of them.
		for i := range 3 {
			from(wrong, fmt.Sprintf("2001:db8::%d", i)).Get("/api/users").Expect(401)
		}
		from(right, "2001:db8::9:1").Get("/api/users").Expect(401).Want(tooMany, "error", "message")
		from(right, "2001:db8:0:1::1").Get("/api/users").Expect(200)
		if err := s.Logins.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Hour)
		if err := s.Logins.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.Find("SELECT COUNT(*) FROM login_failures"); n != 0 {
			t.Errorf("%d old failures are kept", n)
		}
	})
}

// Attempts that are made at once get past the guard together, and learn no more for it.
func TestGuard_ManyAtOnce(t *testing.T) {
	onGuarded(t, func(t *testing.T, s, _ *server, from func(*client, string) *client) {
		const many = 60
		answers := make(chan string, many)
		for i := range many {
			c := s.As("admin", fmt.Sprint("guess", i))
			if i == many/2 {
				c = s.Admin()
			}
			go func() {
				a, err := from(c, "192.0.2.9").Try("GET", "/api/status", nil)
				if err != nil {
					answers <- err.Error()
					return
				}
				answers <- string(a.Body)
			}()
		}
		told := 0
		for range many {
			if !strings.Contains(<-answers, tooMany) {
				told++
			}
		}
		if told > 4 { // three, and the right one if it was among the first
			t.Errorf("%d of %d were answered, want 3", told, many)
		}
	})
}

// Whoever hangs up for writing while the password is being proved still reads the answer.
func TestGuard_HangingUpCounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		asked := make(chan struct{})
		s := servertest.StartWith(t, db,
			loginBy(func(ctx context.Context, _ *models.AuthSource, _, _ string) *models.Identity {
				asked <- struct{}{}
				<-ctx.Done() // which the server does when the client hangs up
				return nil
			}), handlers.Options{})
		makeSource(s, object{"name": "any", "host": "ldap.example.com", "onthefly_register": true})
		s.Admin().Put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 3}}).Expect(200)
		for i := range 3 {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET /api/status HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n\r\n",
				base64.StdEncoding.EncodeToString(fmt.Append(nil, "bob:guess", i)))
			<-asked
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(conn); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.Find("SELECT COALESCE(MAX(failures), 0) FROM login_failures"); n != 3 {
			t.Errorf("%d failures are counted, want 3", n)
		}
		s.As("bob", "guess").Get("/api/status").Expect(401).Want(tooMany, "error", "message")
	})
}

// loginBy is an LDAP server of which a test says who logs in.
type loginFunc func(ctx context.Context, source *models.AuthSource, login, password string) *models.Identity

type loginLDAP struct {
	servertest.AnyLDAP
	login loginFunc
}

func loginBy(login loginFunc) loginLDAP { return loginLDAP{login: login} }

func (l loginLDAP) Login(ctx context.Context, source *models.AuthSource, _, login,
	password string) (*models.Identity, error) {
	return l.login(ctx, source, login, password), nil
}

// Whether a login exists, and where it is from, must not be told by the time that a refusal takes: the best of a few
// tries each, with hashes that cost something, and the questions to LDAP servers, which take their time elsewhere.
func TestGuard_RefusalsTakeTheSameTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		var questions atomic.Int64
		ldap := loginBy(func(context.Context, *models.AuthSource, string, string) *models.Identity {
			questions.Add(1)
			return nil
		})
		servertest.StartWith(t, db, ldap, handlers.Options{})
		s := servertest.LaunchHashing(t, db, servertest.NewClock(servertest.SeedTime), ldap, handlers.Options{},
			secret.HashCost{Memory: 19 * 1024, Passes: 2})
		far := makeSource(s, object{"name": "far", "host": "ldap.example.com", "onthefly_register": true})
		makeSource(s, object{"name": "farther", "host": "ldap.example.com"})
		s.User("known")
		s.User("disabled", object{"disabled": true})
		for login, source := range map[string]int64{"vouched": 3, "distant": far} {
			s.Admin().Post("/api/users",
				object{"user": object{"login": login, "mail": "x@example.com", "auth_source_id": source}}).Expect(201)
		}
		for _, length := range []int{8, 22, 100, 4096} {
			best := map[string]time.Duration{}
			// The first rounds are taken in turns; where the machine was busy with something else, more of them tell.
			for round := 0; round < 5 || round < 40 && len(unlike(best)) > 0; round++ {
				for _, login := range []string{"unknown", "known", "disabled", "vouched", "distant", "foreman_admin"} {
					before := questions.Load()
					begin := time.Now()
					s.As(login, fmt.Sprintf("%0*d", length, round)).Get("/api/status").Expect(401)
					if took := time.Since(begin); best[login] == 0 || took < best[login] {
						best[login] = took
					}
					if n := questions.Load() - before; n != 2 {
						t.Errorf("%s: %d questions were asked, want one to each source", login, n)
					}
				}
			}
			for login, ratio := range unlike(best) {
				t.Errorf("with %d bytes, a refusal of %s takes %.2f times as long as one of somebody unknown", length,
					login, ratio)
			}
		}
	})
}

// unlike are the logins that take another time than an unknown one, with how many times as long they take.
func unlike(best map[string]time.Duration) map[string]float64 {
	others := map[string]float64{}
	for login, took := range best {
		if ratio := float64(took) / float64(best["unknown"]); ratio < 0.5 || ratio > 2 {
			others[login] = ratio
		}
	}
	return others
}
