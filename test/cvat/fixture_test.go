package cvat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory/seed"
	"roster/directory/takeover"
	"roster/handlers"
	"roster/test/cvatfixture"
	"roster/test/servertest"
)

// fixtures are the states that vectors begin with: one with organizations, and one of users by their group, whose
// passwords are their names.
type fixtures struct {
	F1 struct {
		cvatfixture.F1
		BASE string
	}
	F2 cvatfixture.F2
}

// fixtureTime is what the clock shows.
var fixtureTime = time.Date(2026, 11, 22, 10, 44, 0, 0, time.UTC)

// world is a server that has taken a fixture over.
type world struct {
	*server
	// base is the address of the dialect, address the recorded one.
	base, address string
	ids           map[string]int64
	passwords     map[string]string
}

// newWorld starts a server that has what is shipped, and takes a dump over; nil takes nothing over.
func newWorld(t *testing.T, db *config.Database, dump []byte) *world {
	t.Helper()
	s := servertest.Launch(t, db, servertest.NewClock(fixtureTime), servertest.AnyLDAP{}, handlers.Options{})
	w := &world{server: s, base: s.URL + "/cvat", ids: map[string]int64{}, passwords: map[string]string{}}
	if _, err := seed.Apply(t.Context(), s.Dir, "not used"); err != nil {
		t.Fatal("seed: ", err)
	}
	if dump != nil {
		from, err := takeover.OpenDump(t.Context(), bytes.NewReader(dump))
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		report, err := takeover.CVAT(t.Context(), s.Dir, from, takeover.Options{})
		if err != nil || report.Different != 0 || !report.Fresh {
			t.Fatalf("take over: %v, %+v", err, report)
		}
	}
	for name, value := range map[string]string{"cvat_registration": "true", "failed_login_attempts_limit": "0",
		"cvat_anonymous_rate": "0"} {
		w.setting(name, value)
	}
	w.changed()
	return w
}

func (w *world) setting(name, value string) {
	w.T.Helper()
	w.Execute("DELETE FROM settings WHERE name = ?", name)
	w.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES (?, ?, ?, ?)", name, value,
		fixtureTime, fixtureTime)
}

// changed tells the server that settings were changed behind its back.
func (w *world) changed() {
	w.T.Helper()
	w.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
}

// worldF1 is the fixture with organizations.
func worldF1(t *testing.T, db *config.Database, f *fixtures) *world {
	t.Helper()
	w := newWorld(t, db, f.F1.Dump())
	w.address = f.F1.BASE
	for _, r := range f.users() {
		login := r["username"].(string)
		id, _ := r["id"].(json.Number).Int64()
		w.ids[login] = id
		w.passwords[login] = f.F1.Password
	}
	return w
}

// users are the users of the fixture with organizations, by column.
func (f *fixtures) users() []map[string]any {
	var rows []map[string]any
	for _, values := range f.F1.Users {
		row := map[string]any{}
		for i, column := range f.F1.UserColumns {
			row[column] = values[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// key is that of the invitation of a user into an organization.
func (*world) key(organization, user int64) string {
	key := sha256.Sum256([]byte(fmt.Sprint("invitation of ", user, " into ", organization)))
	return hex.EncodeToString(key[:])
}

// worldF2 is the fixture of users by their group.
func worldF2(t *testing.T, db *config.Database, f *fixtures) *world {
	t.Helper()
	w := newWorld(t, db, f.F2.Dump())
	w.address = f.F1.BASE
	for login := range f.F2.Users {
		w.ids[login] = w.Find("SELECT id FROM users WHERE login = ?", strings.ToLower(login))
		w.passwords[login] = login
	}
	return w
}
