package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The status says how bad it is.
func TestConfigCheck_Status(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing": {nil, 0, "Nothing is wrong or risky.\n"},
		"a risk":  {[]string{"--listen", ":3000"}, 1, "RISK   --listen / ROSTER_LISTEN: :3000 can be reached"},
		"a risk and something wrong": {[]string{"--listen", ":3000", "--ldap-authorities", none}, 2,
			"WRONG  --ldap-authorities"},
		"a fault":              {[]string{"--listen", "nowhere"}, 2, ""},
		"a host of no dialect": {[]string{"--host", "a.example.com=klingon"}, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			database := sqliteURL(t)
			out, _, err := cli(t, []string{"ROSTER_DATABASE=" + database}, append([]string{"config", "check"}, test.args...)...)
			if ExitCode(err) != test.code || !strings.HasPrefix(out, test.want) {
				t.Errorf("got %d, %v:\n%s", ExitCode(err), err, out)
			}
			if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(database, "sqlite://"))); !os.IsNotExist(err) {
				t.Errorf("something was made: %v", err)
			}
		})
	}
}
