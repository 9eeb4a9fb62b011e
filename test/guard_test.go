package test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"roster/config"
	"roster/handlers"
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
		s := startWith(t, db, anyLDAP{}, handlers.Options{TrustedProxies: here})
		other := launch(t, db, s.clock, anyLDAP{}, handlers.Options{TrustedProxies: here})
		s.admin().put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 3}}).expect(200)
		test(t, s, other, func(c *client, address string) *client { return c.with("X-Forwarded-For", address) })
	})
}

// until asks again for as long as the servers may be behind each other.
func until(t *testing.T, c *client, status int) *answer {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		a := c.get("/api/current_user")
		if a.status == status || time.Now().After(deadline) {
			return a.expect(status)
		}
	}
}

// Guessing (spec, section 7.7).
func TestGuard(t *testing.T) {
	onGuarded(t, func(t *testing.T, s, other *server, from func(*client, string) *client) {
		right, wrong := s.admin(), s.as("admin", "wrong")
		// A client of the other server.
		there := func(c *client) *client { moved := *c; moved.s = other.in(t); return &moved }
		session := from(right, "192.0.2.1").session()
		from(wrong, "192.0.2.1").get("/api/users").expect(401).want("Unable to authenticate user admin", "error", "message")
		from(right, "192.0.2.1").get("/api/users").expect(200) // which does not reset the count
		there(from(s.nobody(), "192.0.2.1")).get("/api/users").expect(401).want("Unable to authenticate user ", "error", "message")
		from(s.as("nobody", "x"), "192.0.2.1").get("/api/users").expect(401).want("Unable to authenticate user nobody", "error", "message")
		// Now it is closed, on both, for everybody from there but those who have a session.
		from(right, "192.0.2.1").get("/api/users").expect(401).want(tooMany, "error", "message")
		there(from(right, "192.0.2.1")).get("/api/users")
		until(t, there(from(right, "192.0.2.1")), 401).want(tooMany, "error", "message")
		from(s.holding(session), "192.0.2.1").get("/api/users").expect(200)
		from(s.nobody(), "192.0.2.1").get("/api/ping").expect(200)
		// Others are not concerned, whatever a client says of itself in front of the proxy's word.
		from(right, "192.0.2.2").get("/api/users").expect(200)
		from(right, "192.0.2.2, 192.0.2.1").get("/api/users").expect(401)
		// What is blocked is not counted: five minutes after the last failure it opens.
		if n := s.find("SELECT failures FROM login_failures WHERE address = '192.0.2.1'"); n != 3 {
			t.Errorf("%d failures are counted, want 3", n)
		}
		s.clock.advance(5*time.Minute + time.Second)
		until(t, from(right, "192.0.2.1"), 200)
		until(t, there(from(right, "192.0.2.1")), 200)
		from(wrong, "192.0.2.1").get("/api/users").expect(401).want("Unable to authenticate user admin", "error", "message")
		if n := s.find("SELECT failures FROM login_failures WHERE address = '192.0.2.1'"); n != 1 {
			t.Errorf("%d failures are counted after a pause, want 1", n)
		}
		// Whoever has one address of IPv6 has a network of them.
		for i := range 3 {
			from(wrong, fmt.Sprintf("2001:db8::%d", i)).get("/api/users").expect(401)
		}
		from(right, "2001:db8::9:1").get("/api/users").expect(401).want(tooMany, "error", "message")
		from(right, "2001:db8:0:1::1").get("/api/users").expect(200)
		if err := s.dir.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.clock.advance(time.Hour)
		if err := s.dir.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.find("SELECT COUNT(*) FROM login_failures"); n != 0 {
			t.Errorf("%d old failures are kept", n)
		}
	})
}

// Whether a login exists must not be told by the time that a refusal takes: medians of one run, compared.
func TestGuard_RefusalsTakeTheSameTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.user("known")
		took := func(login string, i int) time.Duration {
			begin := time.Now()
			s.as(login, fmt.Sprint("guess", i)).get("/api/status").expect(401)
			return time.Since(begin)
		}
		var known, unknown []time.Duration
		for i := range 41 {
			known, unknown = append(known, took("known", i)), append(unknown, took("unknown", i))
		}
		slices.Sort(known)
		slices.Sort(unknown)
		if ratio := float64(known[20]) / float64(unknown[20]); ratio < 0.5 || ratio > 2 {
			t.Errorf("a known login takes %.2f times as long as an unknown one", ratio)
		}
	})
}
