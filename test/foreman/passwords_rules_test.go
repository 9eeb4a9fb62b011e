package foreman

import (
	"strconv"
	"testing"
	"time"

	"roster/directory"
	"roster/directory/login"
	"roster/models"
	"roster/test/servertest"
)

// Whoever has to change the password gets nothing done before, by password or by the session of one; tokens go on.
func TestPasswords_MustBeChanged(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		ann := s.User("ann", servertest.Object{"admin": true})
		token := s.By(ann).Post("/api/users/ann/personal_access_tokens",
			servertest.Object{"personal_access_token": servertest.Object{
				"name": "script"}}).Expect(201).Text("token_value")
		session := s.By(ann).Get("/api/status").Expect(200).Header.Get("Set-Cookie")
		s.Execute("UPDATE users SET must_change_password = TRUE WHERE id = ?", ann.ID)
		s.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
		s.Run("requests with the password are refused", func(t *testing.T, s *servertest.Server) {
			for _, path := range []string{"/api/users", "/api/roles", "/api/status", "/api/users/1"} {
				s.By(ann).Get(path).Expect(403)
			}
			s.By(ann).Put("/api/users/1", servertest.Object{"user": servertest.Object{"firstname": "x"}}).Expect(403)
			s.By(ann).Delete("/api/users/ann").Expect(403)
			s.By(ann).Post("/api/users/ann/personal_access_tokens",
				servertest.Object{"personal_access_token": servertest.Object{
					"name": "other"}}).Expect(403)
		})
		s.Run("so are those of a session", func(t *testing.T, s *servertest.Server) {
			s.Nobody().With("Cookie", session).Get("/api/users").Expect(403)
		})
		s.Run("tokens go on", func(t *testing.T, s *servertest.Server) {
			s.As("ann", token).Get("/api/users").
				Expect(200)
		})
		s.Run("the own record is shown, and takes a new password", func(t *testing.T, s *servertest.Server) {
			s.By(ann).Get("/api/current_user").Expect(200)
			s.By(ann).Put("/api/users/ann", servertest.Object{"user": servertest.Object{"password": ann.Password,
				"current_password": ann.Password}}).Expect(422)
			s.By(ann).Put("/api/users/ann", servertest.Object{"user": servertest.Object{"password": "new secret",
				"current_password": ann.Password}}).Expect(200)
			s.As("ann", "new secret").Get("/api/users").Expect(200)
		})
		s.Run("an old password has to be changed, too", func(t *testing.T, s *servertest.Server) {
			s.Admin().Put("/api/settings/password_max_age",
				servertest.Object{"setting": servertest.Object{"value": 30}}).Expect(200)
			s.Clock.Advance(29 * 24 * time.Hour)
			s.As("ann", "new secret").Get("/api/roles").Expect(200)
			s.Clock.Advance(2 * 24 * time.Hour)
			s.As("ann", "new secret").Get("/api/roles").Expect(403)
		})
	})
}

// Whoever has to change the password and is called like somebody's number reaches nobody but the own account.
func TestPasswords_MustBeChangedByNumber(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		in := servertest.Object{"organization_ids": []int64{s.Organization("Acme")},
			"location_ids": []int64{s.Location("Place")}}
		ann := s.User("ann", in, servertest.Object{"role_ids": []int64{s.NewRole("editor", "view_users", "edit_users")}})
		bob := s.User("bob", in)
		odd := s.User(strconv.FormatInt(ann.ID, 10)+"x", in)
		s.Admin().Put(ann.Path(""), servertest.Object{"user": servertest.Object{"must_change_password": true}}).Expect(200)
		change := servertest.Object{"user": servertest.Object{"description": "changed"}}
		s.By(ann).Put("/api/users/"+odd.Login, change).Expect(403)
		s.By(ann).Get("/api/users/" + odd.Login).Expect(403)
		number := strconv.FormatInt(bob.ID, 10)
		s.By(ann).Put(ann.Path(""), servertest.Object{"user": servertest.Object{"login": number}}).Expect(200)
		ann.Login = number
		s.By(ann).Get(bob.Path("")).Expect(403)
		s.By(ann).Put(bob.Path(""), change).Expect(403)
		s.By(ann).Get(ann.Path("")).Expect(200).Want(number, "login")
		s.Admin().Get(bob.Path("")).Expect(200).Want(nil, "description")
		s.Admin().Get(odd.Path("")).Expect(200).Want(nil, "description")
	})
}

// A password alone lets nobody in who has a second factor; keys and tokens do.
func TestPasswords_SecondFactor(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		ann := s.User("ann")
		s.Execute("UPDATE users SET second_factor = 'totp' WHERE id = ?", ann.ID)
		s.By(ann).Get("/api/current_user").Expect(401)
		p := s.Principal("admin", servertest.AdminPassword)
		key, err := s.Dir.APIKey(t.Context(), p, ann.ID)
		if err != nil || len(key) != 40 {
			t.Fatal(key, err)
		}
		if l, err := s.Logins.Login(t.Context(), login.Credentials{APIKey: key}); err != nil || l.Login != "ann" {
			t.Errorf("the key lets %+v in: %v", l, err)
		}
	})
}

// The rules for passwords and addresses hold in the Foreman dialect, as far as the installation has any.
func TestPasswords_Rules(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		set := func(name string, value any) {
			s.Admin().Put("/api/settings/"+name, servertest.Object{"setting": servertest.Object{"value": value}}).
				Expect(200)
		}
		create := func(login, password, mail string, status int) {
			s.T.Helper()
			s.Admin().Post("/api/users",
				servertest.Object{"user": servertest.Object{"login": login, "auth_source_id": 1, "mail": mail,
					"password": password}}).Expect(status)
		}
		create("short", "x", "a@example.com", 201)
		set("password_min_length", 8)
		create("a", "1234567", "a@example.com", 422)
		create("b", "12345678", "a@example.com", 201)
		set("password_required_char_classes", []string{"uppercase", "special_chars"})
		create("c", "12345678", "a@example.com", 422)
		create("d", "1234567A", "a@example.com", 422)
		create("e", "123456-A", "a@example.com", 201)
		set("email_domains_denied", []string{"evil.example", ".bad.example"})
		create("f", "123456-A", "x@evil.example", 422)
		create("g", "123456-A", "x@sub.bad.example", 422)
		create("h", "123456-A", "x@notevil.example", 201)
		set("email_domains_allowed", []string{"example.com"})
		create("i", "123456-A", "x@other.example", 422)
		create("j", "123456-A", "x@example.com", 201)
		s.Admin().Put("/api/settings/password_required_char_classes", servertest.Object{"setting": servertest.Object{
			"value": []string{"emoji"}}}).Expect(422)
	})
}

// Audits name both the administrator and the user as whom the administrator acts, also where the directory has changed
// since the request began and the caller is read again.
func TestSwitchUser_AuditsNameBoth(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		ann := s.User("ann")
		p, err := s.Logins.SwitchUser(t.Context(), s.Principal("admin", servertest.AdminPassword), "ann")
		if err != nil {
			t.Fatal(err)
		}
		s.User("other") // which moves the revision of users on
		name := "Switched"
		change := directory.UserChange{Firstname: models.Some(&name)}
		if _, err := s.Dir.UpdateUser(t.Context(), p, directory.Ref{ID: ann.ID}, change); err != nil {
			t.Fatal(err)
		}
		n := s.Find("SELECT COUNT(*) FROM audits WHERE username = 'ann' AND comment = 'by admin' AND auditable_id = ?",
			ann.ID)
		if n != 1 {
			t.Errorf("%d audits name both, want 1", n)
		}
	})
}

// API keys are made when they are first asked for, shown to their owners and administrators alone, and stay the same.
func TestAPIKeys(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		ann := s.User("ann")
		bob := s.User("bob")
		admin := s.Principal("admin", servertest.AdminPassword)
		as := func(who *models.Principal, of int64) string {
			t.Helper()
			key, err := s.Dir.APIKey(t.Context(), who, of)
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
		own := s.Principal("ann", ann.Password)
		key := as(own, ann.ID)
		if len(key) != 40 || as(own, ann.ID) != key || as(admin, ann.ID) != key {
			t.Errorf("the key is %q, then %q, and %q to an administrator", key, as(own, ann.ID), as(admin, ann.ID))
		}
		if got := as(own, bob.ID); got != "" {
			t.Errorf("somebody else is shown the key %q", got)
		}
		if n := s.Find("SELECT COUNT(*) FROM api_keys"); n != 1 {
			t.Errorf("%d keys were made", n)
		}
		sealed := s.Find("SELECT COUNT(*) FROM api_keys WHERE sealed LIKE '%"+key+"%' OR key_hash LIKE '%"+key+"%'") +
			s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%"+key+"%'")
		if sealed != 0 {
			t.Error("the key can be read in the database")
		}
		s.Admin().Put("/api/users/ann", servertest.Object{"user": servertest.Object{
			"password": "another secret"}}).Expect(200)
		if _, err := s.Logins.Login(t.Context(), login.Credentials{APIKey: key}); err == nil {
			t.Error("the key outlives the password that an administrator replaced")
		}
		key = as(s.Principal("admin", servertest.AdminPassword), ann.ID)
		s.As("ann", "another secret").Put("/api/users/ann", servertest.Object{"user": servertest.Object{
			"password": "my own secret", "current_password": "another secret"}}).Expect(200)
		if _, err := s.Logins.Login(t.Context(), login.Credentials{APIKey: key}); err != nil {
			t.Errorf("the key ended with a password that its owner replaced: %v", err)
		}
		s.Admin().Put("/api/users/ann", servertest.Object{"user": servertest.Object{"disabled": true}}).Expect(200)
		if _, err := s.Logins.Login(t.Context(), login.Credentials{APIKey: key}); err == nil {
			t.Error("the key of a disabled account lets in")
		}
		s.Admin().Delete("/api/users/ann").Expect(200)
		if n := s.Find("SELECT COUNT(*) FROM api_keys"); n != 0 {
			t.Error("the key outlives its user")
		}
		s.Admin().Put("/api/settings/redmine_show_api_keys",
			servertest.Object{"setting": servertest.Object{"value": false}}).Expect(200)
		if got := as(s.Principal("admin", servertest.AdminPassword), bob.ID); got != "" {
			t.Errorf("the key %q is shown although keys are not", got)
		}
	})
}
