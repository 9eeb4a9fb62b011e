package foreman

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"roster/test/servertest"

	"roster/config"
	"roster/migrations"
	"roster/test/dbtest"
)

// A password is what was sent, to the last byte (docs/spec/foreman.md, 19, row 30; issue: 72 bytes and more).
func TestPasswords_AreTakenAsTheyAre(t *testing.T) {
	long := strings.Repeat("0123456789", 8)
	passwords := []string{"x", " leading", "trailing ", "\ttab\n", " ", "with:colon", "пароль", "密码🔑", "\u00e9",
		"e\u0301", "nul\u0000byte", long, long + "x", strings.Repeat("é", 100), strings.Repeat("p", 4096)}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for _, password := range passwords {
			s.Admin().Put(bob.Path(), object{"user": object{"password": password, "password_confirmation": password}}).
				Expect(200)
			s.As("bob", password).Get("/api/current_user").Expect(200)
			for _, wrong := range []string{strings.TrimSpace(password), password + " ", password[:len(password)-1],
				password + "x", strings.ToUpper(password), strings.ReplaceAll(password, "\x00", "")} {
				if wrong != password {
					s.As("bob", wrong).Get("/api/current_user").Expect(401)
				}
			}
		}
		s.Run("they differ beyond the 72nd byte", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"password": long + "one"}}).Expect(200)
			s.As("bob", long+"two").Get("/api/status").Expect(401)
			s.As("bob", long[:72]).Get("/api/status").Expect(401)
			s.As("bob", long+"one").Get("/api/status").Expect(200)
		})
		s.Run("a number is its digits", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"password": 12345}}).Expect(200)
			s.As("bob", "12345").Get("/api/status").Expect(200)
		})
		s.Run("too long a password is refused, not cut off", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"password": strings.Repeat("p", 4097)}}).Refuses(
				errors{"password": {"is too long (maximum is 4096 bytes)"}},
				"Password is too long (maximum is 4096 bytes)")
			s.Admin().Put(bob.Path(), object{"user": object{"password": strings.Repeat("p", 4097), "firstname": "?"}}).
				Refuses(
					errors{"firstname": {"is invalid"}, "password": {"is too long (maximum is 4096 bytes)"}},
					"First name is invalid", "Password is too long (maximum is 4096 bytes)")
			s.Admin().Post("/api/users",
				object{"user": object{"login": "new", "password": strings.Repeat("p", 4097), "auth_source_id": 1}}).
				Refuses(
					errors{"password": {"is too long (maximum is 4096 bytes)"}},
					"Password is too long (maximum is 4096 bytes)")
			s.As("bob", "12345").Get("/api/status").Expect(200)
		})
	})
}

// A password counts for the internal source alone, and until it is changed, on every server.
func TestPasswords_WhereTheyCount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.Beside()
		ldap := makeLDAPSource(s, "ldap")
		bob := s.User("bob")
		for _, server := range []*server{s, beside, s} {
			server.By(bob).Get("/api/status").Expect(200)
		}
		s.Run("a change counts at once, everywhere", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"password": "changed"}}).Expect(200)
			for _, server := range []*server{s, beside} {
				server.By(bob).Get("/api/status").Expect(401)
				server.As("bob", "changed").Get("/api/status").Expect(200)
			}
		})
		s.Run("so do disabling and deleting", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"disabled": true}}).Expect(200)
			beside.As("bob", "changed").Get("/api/status").Expect(401).
				Want("User account is disabled, please contact your administrator", "error", "message")
			s.Admin().Put(bob.Path(), object{"user": object{"disabled": false}}).Expect(200)
			beside.As("bob", "changed").Get("/api/status").Expect(200)
			s.Admin().Delete(bob.Path()).Expect(200)
			beside.As("bob", "changed").Get("/api/status").Expect(401)
		})
		s.Run("a user of another source may have one, but cannot use it", func(t *testing.T, s *server) {
			for _, source := range []int64{ldap, 3} {
				login := map[int64]string{ldap: "directory", 3: "external"}[source]
				s.Admin().Post("/api/users",
					object{"user": object{"login": login, "password": "x", "auth_source_id": source}}).Expect(201)
				s.As(login, "x").Get("/api/status").Expect(401)
			}
		})
		s.Run("nobody logs in with a hash", func(t *testing.T, s *server) {
			s.User("hashed")
			s.As("hashed", readText(s, "SELECT password_hash FROM users WHERE login = 'hashed'")).Get("/api/status").
				Expect(401)
		})
		s.Run("accounts without a password are closed", func(t *testing.T, s *server) {
			s.User("empty")
			for _, hash := range []any{nil, "", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$$",
				"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$2a$10$short", "$1$abc$def"} {
				s.Execute("UPDATE users SET password_hash = ? WHERE login = 'empty'", hash)
				for _, password := range []string{"", "x", "secret of empty"} {
					s.As("empty", password).Get("/api/status").Expect(401)
				}
			}
		})
	})
}

// secretOf is a password that is easy to find.
const needle = "h4ystack-needle"

// Secrets turn up nowhere: in no answer, no log, no audit, no other column than their hash.
func TestPasswords_AreNowhere(t *testing.T) {
	t.Parallel()
	t.Run(config.SQLite,
		func(t *testing.T) { passwordsAreNowhere(t, "sqlite://"+filepath.Join(t.TempDir(), "roster.db")) })
	t.Run(config.Postgres, func(t *testing.T) { passwordsAreNowhere(t, dbtest.Postgres(t)) })
}

func passwordsAreNowhere(t *testing.T, url string) {
	// This database logs every statement, which others in tests do not.
	book := &servertest.Logbook{}
	cfg := config.Default()
	cfg.Database = url
	db, err := config.Open(t.Context(), cfg,
		slog.New(slog.NewJSONHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
		t.Fatal(err)
	}
	s := servertest.Start(t, db)
	var said bytes.Buffer
	hear := func(a *answer) *answer {
		said.Write(a.Body)
		for name, values := range a.Header {
			said.WriteString(name + strings.Join(values, ""))
		}
		return a
	}
	body := func(more object) object {
		o := object{"login": "bob", "password": needle, "password_confirmation": needle, "auth_source_id": 1}
		for name, value := range more {
			o[name] = value
		}
		return object{"user": o}
	}
	hear(s.Admin().Post("/api/users", body(nil))).Expect(201)
	bob := account{ID: s.Find("SELECT id FROM users WHERE login = 'bob'"), Login: "bob", Password: needle}
	hear(s.Admin().Post("/api/users", body(nil))).Expect(422)
	hear(s.Admin().Post("/api/users", body(object{"login": "x", "password_confirmation": needle + "2"}))).Expect(422)
	hear(s.Admin().Post("/api/users", body(object{"login": "x", "role_names": []string{"none"}}))).Expect(422)
	hear(s.Admin().Post("/api/users", `{"user":{"password":"`+needle+`",}}`)).Expect(400)
	hear(s.Admin().Post("/api/users", `{"user":"`+needle+`"}`)).Expect(400)
	hear(s.Admin().With("Content-Type", "text/plain").Post("/api/users", "password="+needle)).Expect(415)
	hear(s.By(bob).Get("/api/current_user")).Expect(200)
	hear(s.By(bob).Get("/api/users?password=" + needle)).Expect(403)
	hear(s.As("bob", needle+"wrong").Get("/api/current_user")).Expect(401)
	hear(s.As("nobody", needle).Get("/api/current_user")).Expect(401)
	hear(s.By(bob).Put(bob.Path(),
		object{"user": object{"password": needle + "3", "current_password": needle + "wrong"}})).Expect(422)
	hear(s.By(bob).Put(bob.Path(), object{"user": object{"password": needle + "3", "current_password": needle}})).
		Expect(200)
	hear(s.Admin().Put(bob.Path(), object{"user": object{"password": needle, "disabled": true}})).Expect(200)
	hear(s.By(bob).Get("/api/current_user")).Expect(401)
	hear(s.Admin().Get("/api/users?search=password_hash+~+argon")).Expect(400)
	hear(s.Admin().Get("/api/users?search=argon")).Expect(200).Want(0, "subtotal")
	hash := readText(s, "SELECT password_hash FROM users WHERE id = ?", bob.ID)
	hear(s.Admin().Delete(bob.Path())).Expect(200)

	var audits strings.Builder
	for _, changes := range auditsOf(s, "User", bob.ID) {
		audits.WriteString(changes.action + changes.changes)
	}
	if !strings.Contains(audits.String(), `"password":"[redacted]"`) {
		t.Errorf("the audits do not tell that a password was set: %s", &audits)
	}
	secrets := map[string]string{
		"the password": needle, "the credentials": base64.StdEncoding.EncodeToString([]byte("bob:" + needle))[:20],
		"the hash": hash, "any hash": "$argon2id$",
		"the hash's digest": hash[strings.LastIndexByte(hash, '$')+1:],
	}
	places := map[string]string{"the answers": said.String(), "the server's log": s.Log.String(),
		"the statements' log": book.String(), "the audits": audits.String()}
	for place, text := range places {
		if len(text) == 0 {
			t.Errorf("%s: empty, so the test has looked at nothing", place)
		}
		for name, secret := range secrets {
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				t.Errorf("%s has %s: ...%s...", place, name, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	for _, column := range textColumnsOf(s) {
		if n := s.Find("SELECT COUNT(*) FROM "+column.Table+" WHERE "+column.Name+" LIKE ?", "%"+needle+"%"); n > 0 {
			t.Errorf("%s.%s has the password", column.Table, column.Name)
		}
	}
}
