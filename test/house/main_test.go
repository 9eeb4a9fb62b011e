package house

import (
	"testing"

	"roster/test/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
