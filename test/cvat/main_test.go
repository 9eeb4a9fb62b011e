// Package cvat looks at the CVAT dialect from outside: scenarios over HTTP, and vectors of requests with their answers,
// on both databases.
package cvat

import (
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
