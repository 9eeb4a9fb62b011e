package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"roster/config"
	"roster/directory/backup"
	"roster/directory/seed"
	"roster/handlers"
	"roster/migrations"
	"roster/test/dbtest"
	"roster/test/servertest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// rows are in the tables that the sample of people leaves empty, with texts and times that are easily lost. NOW stands
// for a time, USER for an id.
var rows = []string{
	`account_tokens (token_hash, user_id, purpose, created_at) VALUES ('h1', USER, 'login', NOW), ('h2', USER, 'password_reset', NOW)`,
	"api_keys (user_id, key_hash, sealed, created_at) VALUES (USER, 'h', 's', NOW)",
	"membership_roles (membership_id, role_id) SELECT (SELECT MIN(id) FROM memberships), MIN(id) FROM roles",
	"audits (auditable_id, auditable_type, action, version, audited_changes, created_at) VALUES (1, 'User', 'create', 1, " +
		`'{"login":["a\b","<&> ` + "\u2028 \u00e9 \U0001f600" + ` \n"]}', NOW)`,
	"audit_taxonomies (audit_id, taxonomy_id) SELECT (SELECT MAX(id) FROM audits), MIN(id) FROM taxonomies",
	"outgoing_mails (user_id, kind, recipient, sealed, created_at, due_at) VALUES (USER, 'welcome', 'a@b', 's', NOW, NOW)",
	"user_mail_notifications (user_id, mail_notification_id, created_at, updated_at) SELECT USER, MIN(id), NOW, NOW FROM " +
		"mail_notifications",
	"parameters (taxonomy_id, name, value, parameter_type, hidden_value, created_at, updated_at) SELECT MIN(id), 'p', " +
		`'"v"', 'string', TRUE, NOW, NOW FROM taxonomies`,
	"user_mails (user_id, address, lower_address, created_at, updated_at) VALUES (USER, 'A@b', 'a@b', NOW, NOW)",
	"bookmarks (name, controller, query, created_at, updated_at) VALUES ('b', 'users', 'q \" \\ ''', NOW, NOW)",
	"personal_access_tokens (user_id, name, token_hash, created_at, updated_at) VALUES (USER, 't', 'h', NOW, NOW)",
	"custom_fields (id, subject, name, format, position, created_at, updated_at) VALUES (500, 'user', 'f', 'string', 1, " +
		"NOW, NOW)",
	"custom_values (custom_field_id, user_id, value) VALUES (500, USER, 'v')",
	"role_taxonomies (role_id, taxonomy_id) SELECT (SELECT MIN(id) FROM roles), MIN(id) FROM taxonomies",
	"external_usergroups (name, auth_source_id, usergroup_id) SELECT 'x', (SELECT MIN(id) FROM auth_sources), MIN(id) " +
		"FROM usergroups",
	"scim_tokens (organization_id, name, token_hash, created_at, updated_at) SELECT MIN(id), 'n', 'h', NOW, NOW FROM " +
		"taxonomies",
	"scim_links (organization_id, resource_type, uuid, user_id, created_at, updated_at) SELECT MIN(id), 'User', 'u', USER, " +
		"NOW, NOW FROM taxonomies",
	"filter_taxonomies (filter_id, taxonomy_id) SELECT (SELECT MIN(id) FROM filters), MIN(id) FROM taxonomies",
	"settings (name, value, created_at, updated_at) VALUES ('entries_per_page', '5', NOW, NOW)",
	"ssh_keys (user_id, name, key, fingerprint, length, created_at, updated_at) VALUES (USER, 'k', 'k', 'f', 1, NOW, NOW)",
	"invitations (key, membership_id, created_at) SELECT 'k', MIN(id), NOW FROM memberships",
	"table_preferences (user_id, name, created_at, updated_at) VALUES (USER, 'p', NOW, NOW)",
	"takeovers (source, noun, old_id, new_id) VALUES ('s', 'user', 1, 1)",
	"sessions (token_hash, user_id, api, created_at, expires_at) VALUES ('s', USER, TRUE, NOW, NOW)",
	"login_failures (address, failures, expires_at) VALUES ('127.0.0.1', 1, NOW)",
}

// filled is a directory with rows in every table.
func filled(t *testing.T, db *config.Database) *servertest.Server {
	t.Helper()
	s := servertest.Start(t, db)
	if err := seed.Sample(t.Context(), s.Dir, seed.SampleOptions{Users: 300, Organizations: 5, Locations: 5,
		Usergroups: 10, RandomSeed: 1}); err != nil {
		t.Fatal(err)
	}
	s.Execute("DELETE FROM settings")
	s.Execute("DELETE FROM audit_taxonomies")
	user := s.Find("SELECT MIN(id) FROM users WHERE login <> 'admin'")
	s.Execute("DELETE FROM account_tokens")
	for _, row := range rows {
		row = strings.ReplaceAll(strings.ReplaceAll(row, "USER", fmt.Sprint(user)), "NOW", "'2024-05-06 07:08:09.123456+00:00'")
		s.Execute("INSERT INTO " + row)
	}
	return s
}

func written(t *testing.T, db *config.Database, o backup.Options) ([]byte, *backup.Header) {
	t.Helper()
	var b bytes.Buffer
	schema, err := migrations.Newest(db.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	o.Schema = schema
	pool, err := db.Read.DB()
	if err != nil {
		t.Fatal(err)
	}
	h, err := backup.Write(t.Context(), pool, db.Dialect, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), h
}

// manifestOf reads the end of a backup that is not encrypted.
func manifestOf(t *testing.T, file []byte) backup.Manifest {
	t.Helper()
	var m backup.Manifest
	for name, text := range entriesOf(t, file) {
		if name == "manifest.json" {
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

func entriesOf(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	packed, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	entries := map[string][]byte{}
	for r := tar.NewReader(packed); ; {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		if entries[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func restored(t *testing.T, db *config.Database, file []byte, identities ...age.Identity) {
	t.Helper()
	if _, err := backup.Check(bytes.NewReader(file), identities); err != nil {
		t.Fatal(err)
	}
	if err := backup.Restore(t.Context(), db.SQL(), db.Dialect, bytes.NewReader(file), identities, nil); err != nil {
		t.Fatal(err)
	}
}

// A backup of either kind of database becomes one of either kind, to the last byte, and goes on counting there.
func TestRestore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, from *config.Database) {
		s := filled(t, from)
		had := s.Find("SELECT MAX(id) FROM users")
		s.Admin().Post("/api/users", servertest.Object{"user": servertest.Object{"login": "gone", "auth_source_id": 1,
			"password": "a long secret"}}).Expect(http.StatusCreated)
		gone := s.Find("SELECT MAX(id) FROM users")
		s.Admin().Delete(fmt.Sprint("/api/users/", gone)).Expect(http.StatusOK)
		total := s.Admin().Get("/api/users?per_page=1").Expect(http.StatusOK).Int("total")
		file, header := written(t, from, backup.Options{})
		for _, table := range header.Tables {
			if table.Rows == 0 {
				t.Errorf("the test has no row in %s", table.Name)
			}
			if slices.Contains([]string{"sessions", "login_failures", "outgoing_mails"}, table.Name) {
				t.Errorf("the backup has the table %s", table.Name)
			}
		}
		if n := header.RowsOf("account_tokens"); n != 1 {
			t.Errorf("the backup has %d tokens of accounts, want that of a login", n)
		}
		dbtest.Each(t, func(t *testing.T, to *config.Database) {
			restored(t, to, file)
			again, _ := written(t, to, backup.Options{})
			if d := cmp.Diff(manifestOf(t, file).Tables, manifestOf(t, again).Tables); d != "" {
				t.Error("the tables have changed:", d)
			}
			here := servertest.Launch(t, to, s.Clock, s.LDAP, handlers.Options{})
			if got := here.Admin().Get("/api/users?per_page=1").Expect(http.StatusOK).Int("total"); got != total {
				t.Errorf("there are %d users, want %d", got, total)
			}
			id := here.Admin().Post("/api/users", servertest.Object{"user": servertest.Object{"login": "next",
				"auth_source_id": 1, "password": "a long secret"}}).Expect(http.StatusCreated).Int("id")
			if id <= gone || gone <= had {
				t.Errorf("the next user has the number %d, after %d", id, gone)
			}
			if got := here.Admin().Get("/api/users?search=next").Expect(http.StatusOK).Rows(); len(got) != 1 {
				t.Error("who came in after the restore is not found")
			}
			group := here.Admin().Post("/api/usergroups", servertest.Object{"usergroup": servertest.Object{
				"name": "next-group"}}).Expect(http.StatusCreated).Int("id")
			if group <= id {
				t.Errorf("the next group has the number %d, after user %d", group, id)
			}
		})
	})
}

// A backup that is cut short, or of which a byte has changed, is refused before anything is written.
func TestCheck_Damaged(t *testing.T) {
	t.Parallel()
	file, _ := written(t, filled(t, dbtest.SQLite(t)).DB, backup.Options{})
	damaged := map[string][]byte{"nothing": {}, "another file": []byte(strings.Repeat("no backup ", 1000)),
		"more": append(slices.Clone(file), "more"...)}
	for i := range 60 {
		at := len(file) * i / 60
		damaged[fmt.Sprint("cut at ", at)] = file[:at]
		changed := slices.Clone(file)
		changed[at] ^= 1 << (i % 8)
		damaged[fmt.Sprint("changed at ", at)] = changed
	}
	whole := unpacked(t, file)
	for name, content := range damaged {
		_, err := backup.Check(bytes.NewReader(content), nil)
		// Some bits of a compressed file mean nothing.
		if err == nil && strings.HasPrefix(name, "changed") && bytes.Equal(unpacked(t, content), whole) {
			continue
		}
		if !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func unpacked(t *testing.T, file []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	content, err := z.DecodeAll(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Parts that are taken out, doubled or exchanged are noticed, though each is whole.
func TestCheck_Rearranged(t *testing.T) {
	t.Parallel()
	file, header := written(t, filled(t, dbtest.SQLite(t)).DB, backup.Options{})
	entries := entriesOf(t, file)
	names := []string{"header.json"}
	for _, table := range header.Tables {
		names = append(names, fmt.Sprintf("tables/%s/000001.jsonl", table.Name))
	}
	names = append(names, "manifest.json")
	packed := func(names []string) []byte {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w := tar.NewWriter(z)
		for _, name := range names {
			if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(entries[name]))}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(entries[name]); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if _, err := backup.Check(bytes.NewReader(packed(names)), nil); err != nil {
		t.Fatal(err)
	}
	last := len(names) - 1
	for name, list := range map[string][]string{
		"no manifest": names[:last], "no header": names[1:], "a table is missing": slices.Delete(slices.Clone(names), 3, 4),
		"a table twice":          slices.Insert(slices.Clone(names), 3, names[3]),
		"in another order":       append([]string{names[0], names[2], names[1]}, names[3:]...),
		"after the manifest":     append(slices.Clone(names), names[1]),
		"a table nobody knows":   slices.Insert(slices.Clone(names), 3, "tables/strangers/000001.jsonl"),
		"the last table missing": append(slices.Clone(names[:last-1]), names[last]),
	} {
		if _, err := backup.Check(bytes.NewReader(packed(list)), nil); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An encrypted backup says nothing to whoever has no key, and everything to each recipient.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	key := func() *age.X25519Identity {
		k, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	one := key()
	two := key()
	other := key()
	db := filled(t, dbtest.SQLite(t)).DB
	file, _ := written(t, db, backup.Options{Recipients: []age.Recipient{one.Recipient(), two.Recipient()}})
	if bytes.Contains(file, []byte("header.json")) || bytes.Contains(file, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		t.Error("the backup can be read")
	}
	for _, none := range [][]age.Identity{nil, {other}} {
		if _, err := backup.Check(bytes.NewReader(file), none); !errors.Is(err, backup.ErrEncrypted) {
			t.Error("got", err)
		}
	}
	changed := slices.Clone(file)
	changed[len(file)/2] ^= 1
	for _, content := range [][]byte{changed, file[:len(file)-10], file[:len(file)/2]} {
		if _, err := backup.Check(bytes.NewReader(content), []age.Identity{one}); !errors.Is(err, backup.ErrDamaged) {
			t.Error("got", err)
		}
	}
	for _, k := range []age.Identity{one, two} {
		restored(t, dbtest.SQLite(t), file, k)
	}
}

// A restore that fails half way leaves nothing, and can be tried again.
func TestRestore_Undone(t *testing.T) {
	t.Parallel()
	file, header := written(t, filled(t, dbtest.SQLite(t)).DB, backup.Options{})
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := backup.Restore(ctx, db.SQL(), db.Dialect, bytes.NewReader(file), nil, func(done, _ int64) {
			if done > header.Rows()/2 {
				cancel()
			}
		})
		if err == nil {
			t.Fatal("a restore went on whose context has ended")
		}
		if err := backup.Empty(t.Context(), db.SQL(), db.Dialect); err != nil {
			t.Error("something is left:", err)
		}
		restored(t, db, file)
		if err := backup.Empty(t.Context(), db.SQL(), db.Dialect); !errors.Is(err, backup.ErrNotEmpty) {
			t.Error("got", err)
		}
	})
}

// A backup is of one moment, however much is written meanwhile.
func TestWrite_OneMoment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := filled(t, db)
		user := s.Find("SELECT MIN(id) FROM users")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- pairs(ctx, db.SQL(), db.Dialect, user)
		}()
		for range 5 {
			_, h := written(t, db, backup.Options{Progress: func(int64, int64) {}})
			if h.RowsOf("bookmarks") != h.RowsOf("ssh_keys") {
				t.Errorf("the backup has %d bookmarks and %d keys", h.RowsOf("bookmarks"), h.RowsOf("ssh_keys"))
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// pairs writes rows of two tables together until ctx ends.
func pairs(ctx context.Context, db *sql.DB, dialect string, user int64) error {
	for i := 0; ctx.Err() == nil; i++ {
		t, err := db.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return err
		}
		for _, row := range []string{
			fmt.Sprintf("bookmarks (name, controller, query, created_at, updated_at) VALUES ('b%d', 'users', 'q', NOW, NOW)", i),
			fmt.Sprintf("ssh_keys (user_id, name, key, fingerprint, length, created_at, updated_at) VALUES (%d, 'k%d', 'k%d', "+
				"'f%d', 1, NOW, NOW)", user, i, i, i),
		} {
			if _, err := t.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW", "'2024-05-06 07:08:09.123456+00:00'")); err != nil {
				return errors.Join(err, t.Rollback())
			}
		}
		if err := t.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// A backup of the release before is read at its own schema, and brought up to date. One of a release to come is
// refused.
func TestRestore_Releases(t *testing.T) {
	t.Parallel()
	const before = "invitations"
	emptied := func(t *testing.T, test func(t *testing.T, db *config.Database)) {
		for dialect, url := range map[string]string{config.SQLite: "sqlite://" + t.TempDir() + "/r.db",
			config.Postgres: dbtest.Postgres(t)} {
			t.Run(dialect, func(t *testing.T) { test(t, dbtest.Open(t, url)) })
		}
	}
	up := func(t *testing.T, db *config.Database, name string) error {
		return migrations.UpTo(t.Context(), db.SQL(), db.Dialect, name, func(string) {})
	}
	emptied(t, func(t *testing.T, from *config.Database) {
		if err := up(t, from, before); err != nil {
			t.Fatal(err)
		}
		for _, row := range []string{
			"auth_sources (id, type, name, created_at, updated_at) VALUES (1, 'AuthSourceInternal', 'Internal', NOW, NOW)",
			"users (id, login, lower_login, auth_source_id, created_at, updated_at) VALUES (1, 'u', 'u', 1, NOW, NOW)",
		} {
			if err := from.Write.Exec("INSERT INTO " + strings.ReplaceAll(row, "NOW", "CURRENT_TIMESTAMP")).Error; err != nil {
				t.Fatal(err)
			}
		}
		pool, err := from.Read.DB()
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := backup.Write(t.Context(), pool, from.Dialect, &file, backup.Options{Schema: before}); err != nil {
			t.Fatal(err)
		}
		emptied(t, func(t *testing.T, to *config.Database) {
			if err := up(t, to, "tomorrow"); !errors.Is(err, migrations.ErrUnknown) {
				t.Error("got", err)
			}
			if err := up(t, to, before); err != nil {
				t.Fatal(err)
			}
			restored(t, to, file.Bytes())
			if err := migrations.Up(t.Context(), to.SQL(), to.Dialect, func(string) {}); err != nil {
				t.Fatal(err)
			}
			var login string
			if err := to.Read.Raw("SELECT login FROM users LEFT JOIN scim_links ON user_id = users.id").Scan(&login).
				Error; err != nil || login != "u" {
				t.Error(login, err)
			}
		})
	})
}
