package test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

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
		bob := s.user("bob")
		for _, password := range passwords {
			s.admin().put(bob.path(), object{"user": object{"password": password, "password_confirmation": password}}).
				expect(200)
			s.as("bob", password).get("/api/current_user").expect(200)
			for _, wrong := range []string{strings.TrimSpace(password), password + " ", password[:len(password)-1],
				password + "x", strings.ToUpper(password), strings.ReplaceAll(password, "\x00", "")} {
				if wrong != password {
					s.as("bob", wrong).get("/api/current_user").expect(401)
				}
			}
		}
		s.run("they differ beyond the 72nd byte", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"password": long + "one"}}).expect(200)
			s.as("bob", long+"two").get("/api/status").expect(401)
			s.as("bob", long[:72]).get("/api/status").expect(401)
			s.as("bob", long+"one").get("/api/status").expect(200)
		})
		s.run("a number is its digits", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"password": 12345}}).expect(200)
			s.as("bob", "12345").get("/api/status").expect(200)
		})
		s.run("too long a password is refused, not cut off", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"password": strings.Repeat("p", 4097)}}).refuses(
				errors{"password": {"is too long (maximum is 4096 bytes)"}},
				"Password is too long (maximum is 4096 bytes)")
			s.admin().put(bob.path(), object{"user": object{"password": strings.Repeat("p", 4097), "firstname": "?"}}).
				refuses(
					errors{"firstname": {"is invalid"}, "password": {"is too long (maximum is 4096 bytes)"}},
					"First name is invalid", "Password is too long (maximum is 4096 bytes)")
			s.admin().post("/api/users",
				object{"user": object{"login": "new", "password": strings.Repeat("p", 4097), "auth_source_id": 1}}).
				refuses(
					errors{"password": {"is too long (maximum is 4096 bytes)"}},
					"Password is too long (maximum is 4096 bytes)")
			s.as("bob", "12345").get("/api/status").expect(200)
		})
	})
}

// A password counts for the internal source alone, and until it is changed, on every server.
func TestPasswords_WhereTheyCount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		beside := s.beside()
		ldap := s.ldapSource("ldap")
		bob := s.user("bob")
		for _, server := range []*server{s, beside, s} {
			server.by(bob).get("/api/status").expect(200)
		}
		s.run("a change counts at once, everywhere", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"password": "changed"}}).expect(200)
			for _, server := range []*server{s, beside} {
				server.by(bob).get("/api/status").expect(401)
				server.as("bob", "changed").get("/api/status").expect(200)
			}
		})
		s.run("so do disabling and deleting", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"disabled": true}}).expect(200)
			beside.as("bob", "changed").get("/api/status").expect(401).
				want("User account is disabled, please contact your administrator", "error", "message")
			s.admin().put(bob.path(), object{"user": object{"disabled": false}}).expect(200)
			beside.as("bob", "changed").get("/api/status").expect(200)
			s.admin().delete(bob.path()).expect(200)
			beside.as("bob", "changed").get("/api/status").expect(401)
		})
		s.run("a user of another source may have one, but cannot use it", func(t *testing.T, s *server) {
			for _, source := range []int64{ldap, 3} {
				login := map[int64]string{ldap: "directory", 3: "external"}[source]
				s.admin().post("/api/users",
					object{"user": object{"login": login, "password": "x", "auth_source_id": source}}).expect(201)
				s.as(login, "x").get("/api/status").expect(401)
			}
		})
		s.run("nobody logs in with a hash", func(t *testing.T, s *server) {
			s.user("hashed")
			s.as("hashed", s.text("SELECT password_hash FROM users WHERE login = 'hashed'")).get("/api/status").
				expect(401)
		})
		s.run("accounts without a password are closed", func(t *testing.T, s *server) {
			s.user("empty")
			for _, hash := range []any{nil, "", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$$",
				"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$2a$10$short", "$1$abc$def"} {
				s.execute("UPDATE users SET password_hash = ? WHERE login = 'empty'", hash)
				for _, password := range []string{"", "x", "secret of empty"} {
					s.as("empty", password).get("/api/status").expect(401)
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
	book := &logbook{}
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
	s := start(t, db)
	var said bytes.Buffer
	hear := func(a *answer) *answer {
		said.Write(a.body)
		for name, values := range a.header {
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
	hear(s.admin().post("/api/users", body(nil))).expect(201)
	bob := account{id: s.find("SELECT id FROM users WHERE login = 'bob'"), login: "bob", password: needle}
	hear(s.admin().post("/api/users", body(nil))).expect(422)
	hear(s.admin().post("/api/users", body(object{"login": "x", "password_confirmation": needle + "2"}))).expect(422)
	hear(s.admin().post("/api/users", body(object{"login": "x", "role_names": []string{"none"}}))).expect(422)
	hear(s.admin().post("/api/users", `{"user":{"password":"`+needle+`",}}`)).expect(400)
	hear(s.admin().post("/api/users", `{"user":"`+needle+`"}`)).expect(400)
	hear(s.admin().with("Content-Type", "text/plain").post("/api/users", "password="+needle)).expect(415)
	hear(s.by(bob).get("/api/current_user")).expect(200)
	hear(s.by(bob).get("/api/users?password=" + needle)).expect(403)
	hear(s.as("bob", needle+"wrong").get("/api/current_user")).expect(401)
	hear(s.as("nobody", needle).get("/api/current_user")).expect(401)
	hear(s.by(bob).put(bob.path(),
		object{"user": object{"password": needle + "3", "current_password": needle + "wrong"}})).expect(422)
	hear(s.by(bob).put(bob.path(), object{"user": object{"password": needle + "3", "current_password": needle}})).
		expect(200)
	hear(s.admin().put(bob.path(), object{"user": object{"password": needle, "disabled": true}})).expect(200)
	hear(s.by(bob).get("/api/current_user")).expect(401)
	hear(s.admin().get("/api/users?search=password_hash+~+argon")).expect(400)
	hear(s.admin().get("/api/users?search=argon")).expect(200).want(0, "subtotal")
	hash := s.text("SELECT password_hash FROM users WHERE id = ?", bob.id)
	hear(s.admin().delete(bob.path())).expect(200)

	var audits strings.Builder
	for _, changes := range s.audits("User", bob.id) {
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
	places := map[string]string{"the answers": said.String(), "the server's log": s.log.String(),
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
	for _, column := range s.textColumns() {
		if n := s.find("SELECT COUNT(*) FROM "+column.table+" WHERE "+column.name+" LIKE ?", "%"+needle+"%"); n > 0 {
			t.Errorf("%s.%s has the password", column.table, column.name)
		}
	}
}
