// Package foreman looks at the Foreman dialect from outside: scenarios over HTTP, on both databases.
package foreman

import (
	"flag"
	"testing"

	"roster/test/dbtest"
	"roster/test/servertest"
)

// The harness, by short names.
type (
	server  = servertest.Server
	client  = servertest.Client
	answer  = servertest.Answer
	account = servertest.Account
	object  = servertest.Object
)

const adminPassword = servertest.AdminPassword

var (
	onBoth = servertest.OnBoth
	each   = servertest.Each
	refs   = servertest.Refs
)

// made fails the test unless the preparation worked.
func made[T any](t *testing.T, v T, err error) T {
	t.Helper()
	return servertest.Made(t, v, err)
}

func TestMain(m *testing.M) {
	// A round of the properties here is many requests; -rapid.checks asks for more rounds.
	if err := flag.Set("rapid.checks", "50"); err != nil {
		panic(err)
	}
	dbtest.Main(m)
}

// The harness itself: a server starts on both databases, knows its administrator, and stands beside another.
func TestHarness(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Admin().Get("/api/status").Expect(200).Want("ok", "result")
		bob := s.User("bob", object{"firstname": "Bob"})
		s.By(bob).Get("/api/current_user").Expect(200).Want(bob.ID, "id").Want("Bob", "firstname")
		s.Beside().By(bob).Get("/api/current_user").Expect(200).Want("bob", "login")
		s.Nobody().Get("/api/status").Expect(401)
	})
}
