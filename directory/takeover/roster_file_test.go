package takeover_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"roster/config"
	"roster/directory/backup"
	"roster/directory/takeover"
	"roster/migrations"
	"roster/test/dbtest"
)

// entry is a part of a backup.
type entry struct {
	name string
	text []byte
}

// unpacked are the parts of a backup that is not encrypted.
func unpacked(t *testing.T, file []byte) []entry {
	t.Helper()
	packed, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	var list []entry
	for r := tar.NewReader(packed); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{h.Name, text})
	}
}

// forged is a backup in which somebody has changed parts, with digests that fit.
func forged(t *testing.T, file []byte, change func(name, text string) string) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	var header backup.Header
	m := backup.Manifest{Tables: map[string]backup.Digest{}}
	digest := func(text []byte) string {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	}
	for _, e := range unpacked(t, file) {
		text := []byte(change(e.name, string(e.text)))
		switch e.name {
		case "header.json":
			if err := json.Unmarshal(text, &header); err != nil {
				t.Fatal(err)
			}
			m.Header = digest(text)
		case "manifest.json":
			for _, table := range header.Tables {
				if _, there := m.Tables[table.Name]; !there {
					m.Tables[table.Name] = backup.Digest{SHA256: digest(nil)}
				}
			}
			if text, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		default:
			m.Tables[path.Base(path.Dir(e.name))] = backup.Digest{Rows: int64(bytes.Count(text, []byte("\n"))),
				SHA256: digest(text)}
		}
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A backup of an organization has nothing of another one, whoever is in both.
func TestRoster_NothingOfOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := directoryAt(t, db, 0)
		twoOrganizations(t, s)
		for organization, others := range map[string][]string{
			"Holding/Acme": {"beta"},
			"beta": {"acme", "holding", "\"lab\"", "\"ops\"", "\"night\"", "\"ann\"", "\"dan\"", "\"eve\"", "entra", "uuid-bob",
				"keeper\"", "helper", "\"hq\"", "corp", "x-bob"},
		} {
			all := ""
			for _, e := range unpacked(t, written(t, s, organization)) {
				all += strings.ToLower(string(e.text))
			}
			if !strings.Contains(all, `"bob"`) {
				t.Errorf("%s: bob is missing, who is in both", organization)
			}
			for _, other := range others {
				if at := strings.Index(all, other); at >= 0 {
					t.Errorf("%s: %q is in it: %s", organization, other, all[max(0, at-200):min(len(all), at+100)])
				}
			}
			if strings.Contains(all, "bind secret") {
				t.Errorf("%s: the password of an auth source is in it", organization)
			}
		}
	})
}

// What a backup does not fit into is refused before the directory is touched.
func TestRoster_Forged(t *testing.T) {
	t.Parallel()
	s := directoryAt(t, dbtest.SQLite(t), 0)
	twoOrganizations(t, s)
	file := written(t, s, "Acme")
	read := func(file []byte) error {
		db := dbtest.Open(t, "sqlite://"+t.TempDir()+"/o.db")
		header, err := backup.Check(bytes.NewReader(file), nil)
		if err != nil {
			return err
		}
		quiet := func(string) {}
		if err := migrations.UpTo(t.Context(), db.SQL(), db.Dialect, header.Schema, quiet); err != nil {
			return err
		}
		return backup.Restore(t.Context(), db.SQL(), db.Dialect, bytes.NewReader(file), nil, nil)
	}
	if err := read(forged(t, file, func(_, text string) string { return text })); err != nil {
		t.Fatal(err)
	}
	in := func(part, old, with string) func(name, text string) string {
		return func(name, text string) string {
			if !strings.Contains(name, part) {
				return text
			}
			if !strings.Contains(text, old) {
				t.Errorf("%s has no %s", name, old)
			}
			return strings.Replace(text, old, with, 1)
		}
	}
	for what, change := range map[string]func(name, text string) string{
		"a column nobody knows":     in("header.json", `"name": "login"`, `"name": "power"`),
		"a schema nobody knows":     in("header.json", `"schema": "`, `"schema": "later_`),
		"no organization":           in("header.json", `"organization": {`, `"organisation": {`),
		"a layout nobody knows":     in("header.json", `"format": 2`, `"format": 3`),
		"a whole directory":         in("header.json", `"format": 2`, `"format": 1`),
		"a text for a number":       in("tables/users/", "[true,", `["yes",`),
		"a state nobody knows":      in("tables/memberships/", `"active"`, `"almighty"`),
		"a reference that leads on": in("tables/taxonomy_closure/", "[", "[9"),
	} {
		if err := read(forged(t, file, change)); err == nil {
			t.Errorf("%s was read", what)
		}
	}
}

// A backup of an earlier schema is read at that, and brought up to date aside.
func TestRoster_OfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	const before = "invitations"
	old := dbtest.Open(t, "sqlite://"+t.TempDir()+"/old.db")
	if err := migrations.UpTo(t.Context(), old.SQL(), old.Dialect, before, func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"auth_sources (id, type, name, created_at, updated_at) VALUES (1, 'AuthSourceInternal', 'Internal', NOW, NOW)",
		"taxonomies (id, type, name, lower_name, title, slug, created_at, updated_at) VALUES (70, 'Organization', 'Old', " +
			"'old', 'Old', 'old', NOW, NOW)",
		"taxonomy_closure (ancestor_id, descendant_id) VALUES (70, 70)",
		"users (id, login, lower_login, auth_source_id, created_at, updated_at) VALUES (900, 'Otto', 'otto', 1, NOW, NOW)",
		"memberships (id, user_id, taxonomy_id) VALUES (7, 900, 70)",
	} {
		if err := old.Write.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW", "'2024-05-06 07:08:09+00:00'")).
			Error; err != nil {
			t.Fatal(err)
		}
	}
	var whole bytes.Buffer
	if _, err := backup.Write(t.Context(), old.Reads(), old.Dialect, &whole,
		backup.Options{Schema: before}); err != nil {
		t.Fatal(err)
	}
	file := forged(t, whole.Bytes(), func(name, text string) string {
		if name == "header.json" {
			return strings.Replace(text, `"format": 1,`, `"format": 2, "organization": {"id": 70, "name": "Old", "title": `+
				`"Old", "slug": "old"},`, 1)
		}
		return text
	})
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := directoryAt(t, db, time.Hour)
		restore(t, s, asDatabase(t, file), takeover.Options{})
		if id := s.Find("SELECT u.id FROM users u JOIN memberships m ON m.user_id = u.id JOIN taxonomies t ON t.id = " +
			"m.taxonomy_id WHERE t.slug = 'old' AND u.login = 'Otto'"); id != 900 {
			t.Errorf("Otto has the number %d", id)
		}
	})
}
