package redmine

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"roster/config"
	"roster/directory/seed"
	"roster/directory/takeover"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// restore loads a dump into a database of its own and returns the address of that.
func restore(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dsn := dbtest.Postgres(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var statements strings.Builder
	var rows strings.Builder
	copying := ""
	for line := range strings.Lines(string(text)) {
		switch {
		case copying != "" && strings.TrimSpace(line) == `\.`:
			if _, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(rows.String()), copying); err != nil {
				t.Fatal(copying, err)
			}
			rows.Reset()
			copying = ""
		case copying != "":
			rows.WriteString(line)
		case strings.HasPrefix(line, "COPY "):
			if _, err := conn.PgConn().Exec(t.Context(), statements.String()).ReadAll(); err != nil {
				t.Fatal(err)
			}
			statements.Reset()
			copying = strings.TrimSuffix(strings.TrimSpace(line), ";")
		case !strings.HasPrefix(line, `\`): // which only psql understands
			statements.WriteString(line)
		}
	}
	return dsn
}

// takenOver starts an untouched server and takes a dump over into it, as the command does.
func takenOver(t *testing.T, db *config.Database, path string) *world {
	t.Helper()
	s := servertest.Launch(t, db, servertest.NewClock(replayTime), servertest.AnyLDAP{}, handlers.Options{})
	if _, err := seed.Apply(t.Context(), s.Dir, servertest.AdminPassword); err != nil {
		t.Fatal(err)
	}
	source, err := takeover.Open(t.Context(), restore(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	report, err := takeover.Redmine(t.Context(), s.Dir, source, takeover.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Fresh || report.Different != 0 {
		t.Errorf("the takeover reports %+v", report)
	}
	w := &world{server: s}
	w.setting("failed_login_attempts_limit", "0")
	return w
}
