// Package house checks the rules of the house: who imports whom, what the tables are, what documents and comments cite.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the table of the house: which of our packages each of our packages may import. A name that ends in /*
// stands for every package directly below, but for those that have a row of their own.
var mayImport = map[string][]string{
	"models":             {},
	"scopes/search":      {},
	"config":             {"migrations"},
	"migrations":         {},
	"docs":               {},
	"docs/apipie":        {},
	"docs/generate":      {"docs/apipie", "models", "scopes"},
	"scopes":             {"models", "scopes/search"},
	"gate":               {},
	"directory":          {"models", "scopes", "scopes/search", "gate", "directory/mail", "directory/secret", "directory/store"},
	"directory/mail":     {},
	"directory/store":    {"models", "scopes", "scopes/search", "gate"},
	"directory/login":    {"models", "scopes", "gate", "directory", "directory/secret", "directory/store"},
	"directory/seed":     {"models", "scopes", "gate", "directory", "directory/store", "directory/login"},
	"directory/secret":   {"models", "gate"},
	"directory/takeover": {"models", "scopes", "directory", "directory/secret", "directory/seed", "directory/store"},
	"directory/ldap":     {"models"},
	"directory/backup":   {},
	"handlers/web":       {"models", "gate"},
	"handlers/*": {"models", "scopes", "scopes/search", "directory", "directory/login", "handlers/web", "handlers/rails",
		"gate"},
	"handlers/pages": {"docs/apipie", "handlers/web"},
	"handlers/rails": {"models"},
	"handlers/scim": {"models", "scopes", "scopes/search", "directory", "directory/login", "handlers/web",
		"handlers/scim/schema", "handlers/scim/filter", "handlers/scim/patch"},
	"handlers/scim/schema": {},
	"handlers/scim/filter": {},
	"handlers/scim/patch":  {"handlers/scim/filter", "handlers/scim/schema"},
	"handlers": {"handlers/*", "handlers/pages", "handlers/scim", "handlers/scim/schema", "handlers/web", "directory", "directory/login", "models", "docs", "docs/apipie",
		"config"},
	"cli": {"cli/hammer", "cli/server", "config"},
	"cli/hammer": {"cli/progress", "cli/hammer/apidoc", "cli/hammer/output", "cli/hammer/spreadsheet",
		"cli/hammer/terminal", "cli/hammer/value"},
	"cli/progress":           {},
	"cli/hammer/apidoc":      {"docs/apipie"},
	"cli/hammer/output":      {"cli/hammer/spreadsheet", "cli/hammer/terminal", "cli/hammer/value"},
	"cli/hammer/spreadsheet": {},
	"cli/hammer/terminal":    {},
	"cli/hammer/value":       {},
	"cli/server": {"config", "migrations", "scopes", "models", "directory", "directory/ldap", "directory/login",
		"directory/seed", "directory/takeover", "directory/backup", "handlers", "handlers/web", "cli/progress",
		"cli/server/metrics", "cli/server/traces"},
	"cli/server/metrics": {"config", "directory", "directory/login", "handlers/web"},
	"cli/server/traces":  {"config", "directory", "handlers/web", "models"},
	".":                  {"cli"},
}

// Roots wire, leaves share, siblings never meet, and nouns know nobody. Tests may import anything.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for file, imports := range ourImports(t) {
		pkg := path.Dir(file)
		if strings.HasPrefix(pkg, "test") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		row, known := rowOf(pkg)
		if !known {
			t.Errorf("%s: the package %s is not in the table of the house; give it a row there and here", file, pkg)
			continue
		}
		seen[row] = true
		for _, imported := range imports {
			if !allowed(mayImport[row], imported) {
				t.Errorf("%s: %s may not import %s", file, pkg, imported)
			}
		}
	}
	if !seen["."] || !seen["config"] {
		t.Error("the test has looked at nothing")
	}
}

// Echo stays inside handlers, so that its next major version is a change of one room.
func TestImports_EchoStaysInHandlers(t *testing.T) {
	for file, imports := range allImports(t) {
		inside := strings.HasPrefix(file, "handlers/") || strings.HasPrefix(file, "test/") ||
			strings.HasSuffix(file, "_test.go")
		for _, imported := range imports {
			if !inside && strings.HasPrefix(imported, "github.com/labstack/echo") {
				t.Errorf("%s imports %s", file, imported)
			}
		}
	}
}

// Prometheus and OpenTelemetry stay in a room each, so that neither reaches the core.
func TestImports_MetricsAndTracesStayInTheirRooms(t *testing.T) {
	rooms := map[string]string{
		"github.com/prometheus/": "cli/server/metrics/", "go.opentelemetry.io/": "cli/server/traces/",
	}
	seen := map[string]bool{}
	for file, imports := range allImports(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, imported := range imports {
			for module, room := range rooms {
				if !strings.HasPrefix(imported, module) {
					continue
				}
				seen[module] = true
				if !strings.HasPrefix(file, room) {
					t.Errorf("%s imports %s", file, imported)
				}
			}
		}
	}
	if len(seen) != len(rooms) {
		t.Error("the test has looked at nothing")
	}
}

func rowOf(pkg string) (string, bool) {
	if _, ok := mayImport[pkg]; ok {
		return pkg, true
	}
	below := path.Dir(pkg) + "/*"
	_, ok := mayImport[below]
	return below, ok
}

func allowed(list []string, imported string) bool {
	if slices.Contains(list, imported) {
		return true
	}
	_, ownRow := mayImport[imported]
	return !ownRow && slices.Contains(list, path.Dir(imported)+"/*")
}

// ourImports maps each file to the packages of this module that it imports, relative to the module's root.
func ourImports(t *testing.T) map[string][]string {
	ours := map[string][]string{}
	for file, imports := range allImports(t) {
		ours[file] = []string{}
		for _, imported := range imports {
			if rest, ok := strings.CutPrefix(imported, "roster/"); ok {
				ours[file] = append(ours[file], rest)
			}
		}
	}
	return ours
}

// allImports maps each Go file of the module to what it imports, whatever its build constraints.
func allImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."
		if entry.IsDir() && (hidden || entry.Name() == "testdata" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		relative := filepath.ToSlash(strings.TrimPrefix(name, filepath.Join("..", "..")+string(filepath.Separator)))
		imports[relative], err = importsOf(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

func importsOf(name string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	list := []string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, imported)
	}
	return list, nil
}
