package guides

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/config"
)

// The configuration reference has a row for each setting, with its default and the words of the help.
func TestConfiguration_HasEachSetting(t *testing.T) {
	text, err := os.ReadFile(root + "docs/operations/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{"| | `ROSTER_ADMIN_PASSWORD` | `admin_password` |", "| | `ROSTER_SECRET_KEY` | `secret_key` |"}
	for _, f := range config.Flags() {
		key := strings.ReplaceAll(f.Name, "-", "_")
		variable := "ROSTER_" + strings.ToUpper(key)
		shown := " "
		if f.Default != "" {
			shown = " `" + f.Default + "` "
		}
		rows = append(rows, fmt.Sprintf("| `--%s` | `%s` | `%s` |%s| %s |", f.Name, variable, key, shown,
			strings.TrimSuffix(f.Usage, " ("+variable+")")))
	}
	for _, row := range rows {
		if !strings.Contains(string(text), "\n"+row) {
			t.Errorf("there is no row that begins with %s", row)
		}
	}
}

// The sample of `roster migrate --status` lists every migration of SQLite.
func TestDatabases_ListEachMigration(t *testing.T) {
	text, err := os.ReadFile(root + "docs/operations/databases.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(root + "migrations/sqlite/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations: ", err)
	}
	for i, file := range files {
		if row := fmt.Sprintf("\n| %7d | %-28s |", i+1, filepath.Base(file)); !strings.Contains(string(text), row) {
			t.Errorf("there is no row that begins with %s", row)
		}
	}
}
