// Package redmine looks at the Redmine dialect from outside: scenarios over HTTP, and recorded requests, on both
// databases.
package redmine

import (
	"io"
	"net/http"
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

var onBoth = servertest.OnBoth

func TestMain(m *testing.M) { dbtest.Main(m) }

// readAll reads the body of an answer.
func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
