package foreman

import (
	"fmt"
	"strings"
	"testing"

	"roster/directory"
)

// errors names attributes with what is wrong about them.
type errors = map[string][]string

// Every rule about a user alone, with its exact message and sentence (docs/spec/foreman.md, 6.7 and 9.1).
func TestUsers_Rules(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ж", n) }
	tests := []struct {
		rule       string
		attributes object
		errors     errors
		sentences  []string
	}{
		{"a login is needed", object{"login": nil}, errors{"login": {"can't be blank"}},
			[]string{"Username can't be blank"}},
		{"a login of blanks is none", object{"login": " \t "}, errors{"login": {"can't be blank"}},
			[]string{"Username can't be blank"}},
		{"a login is unique", object{"login": "admin"}, errors{"login": {"already exists"}},
			[]string{"Username already exists"}},
		{"a login is unique whatever its case", object{"login": "AdMiN"}, errors{"login": {"already exists"}},
			[]string{"Username already exists"}},
		{"a hidden account's login is taken", object{"login": "Foreman_Admin"}, errors{"login": {"already exists"}},
			[]string{"Username already exists"}},
		{"a login is unique in every script", object{"login": "ЖАННА"}, errors{"login": {"already exists"}},
			[]string{"Username already exists"}},
		{"a login holds no blanks", object{"login": "a b"}, errors{"login": {"is invalid"}},
			[]string{"Username is invalid"}},
		{"a login holds no marks but some", object{"login": "a/b"}, errors{"login": {"is invalid"}},
			[]string{"Username is invalid"}},
		{"a login holds no line break", object{"login": "a\nb"}, errors{"login": {"is invalid"}},
			[]string{"Username is invalid"}},
		{"a login has up to 100 characters", object{"login": long(101)},
			errors{"login": {"is too long (maximum is 100 characters)"}},
			[]string{"Username is too long (maximum is 100 characters)"}},
		{"one login is reserved", object{"login": "current_user"}, errors{"login": {"is reserved"}},
			[]string{"Username is reserved"}},
		{"a login is no group's name", object{"login": "operators"},
			errors{"base": {"A user group already exists with this name"}},
			[]string{"A user group already exists with this name"}},
		{"a source is needed", object{"auth_source_id": nil}, errors{"auth_source_id": {"can't be blank"}},
			[]string{"Auth source can't be blank"}},
		{"the hidden source is for built-in accounts", object{"auth_source_name": "Hidden"},
			errors{"auth_source": {"is not permitted"}},
			[]string{"Auth source is not permitted"}},
		{"the internal source needs a password", object{"password": nil}, errors{"password_hash": {"can't be blank"}},
			[]string{"Password hash can't be blank"}},
		{"an empty password is none", object{"password": ""}, errors{"password_hash": {"can't be blank"}},
			[]string{"Password hash can't be blank"}},
		{"a confirmation equals the password", object{"password_confirmation": "Secret"},
			errors{"password_confirmation": {"doesn't match Password"}},
			[]string{"Password confirmation doesn't match Password"}},
		{"a first name holds no marks but some", object{"firstname": "<b>"}, nil, nil},
		{"a first name holds no question mark", object{"firstname": "Who?"}, errors{"firstname": {"is invalid"}},
			[]string{"First name is invalid"}},
		{"a first name has up to 50 characters", object{"firstname": long(51)},
			errors{"firstname": {"is too long (maximum is 50 characters)"}},
			[]string{"First name is too long (maximum is 50 characters)"}},
		{"a last name holds no ampersand", object{"lastname": "Smith & Sons"}, errors{"lastname": {"is invalid"}},
			[]string{"Surname is invalid"}},
		{"a last name has up to 50 characters", object{"lastname": long(51)},
			errors{"lastname": {"is too long (maximum is 50 characters)"}},
			[]string{"Surname is too long (maximum is 50 characters)"}},
		{"a mail address is one", object{"mail": "A@b@c@example.com"}, errors{"mail": {"is invalid"}},
			[]string{"Email address is invalid"}},
		{"a mail address has up to 254 characters", object{"mail": strings.Repeat("a", 243) + "@example.com"},
			errors{"mail": {"is too long (maximum is 254 characters)"}},
			[]string{"Email address is too long (maximum is 254 characters)"}},
		{"a language is one that is offered", object{"locale": "xx"}, errors{"locale": {"is not included in the list"}},
			[]string{"Locale is not included in the list"}},
		{"a zone is known", object{"timezone": "Atlantis"}, errors{"timezone": {"is not valid"}},
			[]string{"Timezone is not valid"}},
		{"a default location is one of the user's", object{"default_location_id": "foreign"},
			errors{"default_location": {"default locations need to be user locations first"}},
			[]string{"Default location default locations need to be user locations first"}},
		{"a default organization is one of the user's", object{"default_organization_id": "foreign"},
			errors{"default_organization": {"default organizations need to be user organizations first"}},
			[]string{"Default organization default organizations need to be user organizations first"}},
		{"all at once", object{"login": "", "auth_source_id": nil, "firstname": "?", "lastname": "?", "mail": "@",
			"locale": "xx_YY_ZZ", "timezone": "?"},
			errors{"login": {"can't be blank"}, "auth_source_id": {"can't be blank"}, "firstname": {"is invalid"},
				"lastname": {"is invalid"}, "mail": {"is invalid"},
				"locale":   {"is not included in the list", "is too long (maximum is 5 characters)"},
				"timezone": {"is not valid"}},
			[]string{"Username can't be blank", "Auth source can't be blank", "First name is invalid",
				"Surname is invalid", "Email address is invalid",
				"Locale is not included in the list", "Locale is too long (maximum is 5 characters)",
				"Timezone is not valid"}},
	}
	onBoth(t, func(t *testing.T, s *server) {
		s.User("жанна")
		s.Group("operators", false, directory.UsergroupChange{})
		foreign := map[string]int64{"default_location_id": s.Location("Elsewhere"),
			"default_organization_id": s.Organization("Others")}
		for i, test := range tests {
			s.Run(test.rule, func(t *testing.T, s *server) {
				body := object{"login": fmt.Sprint("user", i), "password": "secret", "auth_source_id": 1}
				for name, value := range test.attributes {
					if value == "foreign" {
						value = foreign[name]
					}
					body[name] = value
				}
				a := s.Admin().Post("/api/users", object{"user": body})
				if test.errors == nil {
					a.Expect(201)
					return
				}
				a.Refuses(test.errors, test.sentences...)
				a.Want(nil, "error", "id")
			})
		}
	})
}

// A change is held to the same rules, and the answer tells whose it was.
func TestUsers_RulesOfChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob", object{"mail": "bob@example.com"})
		ldap := makeLDAPSource(s, "directory.example.com")
		s.Group("operators", false, directory.UsergroupChange{})
		s.Run("the answer has the id", func(t *testing.T, s *server) {
			a := s.Admin().Put("/api/users/bob", object{"user": object{"firstname": "?", "mail": "?"}})
			a.Refuses(errors{"firstname": {"is invalid"}, "mail": {"is invalid"}}, "First name is invalid",
				"Email address is invalid")
			s.Admin().Put(bob.Path(), object{"user": object{"firstname": "?"}}).Want(bob.ID, "error", "id")
		})
		s.Run("the answer has the id also when the path has the login", func(t *testing.T, s *server) {
			s.Admin().Put("/api/users/bob", object{"user": object{"firstname": "?"}}).Expect(422).Want(bob.ID, "error",
				"id")
		})
		s.Run("another's login is taken", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"login": "ADMIN"}}).
				Refuses(errors{"login": {"already exists"}}, "Username already exists")
		})
		s.Run("one's own login in another case is not", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"login": "Bob"}}).Expect(200).Want("Bob", "login")
			s.As("BOB", bob.Password).Get("/api/current_user").Expect(200).Want("Bob", "login")
			s.Admin().Put(bob.Path(), object{"user": object{"login": "bob"}}).Expect(200)
		})
		s.Run("a group's name is taken", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"login": "operators"}}).Refuses(
				errors{"base": {"A user group already exists with this name"}},
				"A user group already exists with this name")
			s.Admin().Put(bob.Path(), object{"user": object{"login": "Operators"}}).Expect(200)
			s.Admin().Put(bob.Path(), object{"user": object{"login": "bob"}}).Expect(200)
		})
		s.Run("who wants mail needs an address", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"mail_enabled": true, "mail": " "}}).Refuses(
				errors{"mail": {"can't be blank"}}, "Email address can't be blank")
			s.Admin().Put(bob.Path(), object{"user": object{"mail_enabled": false, "mail": " "}}).Expect(200).Want("",
				"mail")
			s.Admin().Put(bob.Path(), object{"user": object{"mail_enabled": true}}).Expect(422)
			s.Admin().Post("/api/users",
				object{"user": object{"login": "mailless", "password": "x", "auth_source_id": 1,
					"mail_enabled": true}}).Expect(201)
		})
		s.Run("users of other sources keep their login", func(t *testing.T, s *server) {
			a := s.Admin().Post("/api/users", object{"user": object{"login": "external", "auth_source_id": ldap}}).
				Expect(201)
			path := fmt.Sprint("/api/users/", a.Int("id"))
			s.Admin().Put(path, object{"user": object{"login": "internal"}}).Refuses(
				errors{"login": {"It is not possible to change external users login"}},
				"Username It is not possible to change external users login")
			s.Admin().Put(path, object{"user": object{"login": "external", "firstname": "Ex"}}).Expect(200)
		})
		s.Run("who moves to the internal source needs a password", func(t *testing.T, s *server) {
			id := s.Admin().Post("/api/users", object{"user": object{"login": "mover", "auth_source_id": ldap}}).
				Expect(201).Int("id")
			path := fmt.Sprint("/api/users/", id)
			s.Admin().Put(path, object{"user": object{"auth_source_id": 1}}).Refuses(
				errors{"password_hash": {"can't be blank"}}, "Password hash can't be blank")
			s.Admin().Put(path, object{"user": object{"auth_source_id": 1, "password": "moved"}}).Expect(200).
				Want("Internal", "auth_source_internal", "name")
			s.As("mover", "moved").Get("/api/status").Expect(200)
		})
		s.Run("an empty change is one", func(t *testing.T, s *server) {
			before := s.Admin().Get(bob.Path()).Expect(200).JSON()
			for _, body := range []any{object{}, object{"user": object{}}, object{"user": nil}, ""} {
				s.Admin().Put(bob.Path(), body).Expect(200).Want(before)
			}
		})
	})
}

// Mail addresses (docs/spec/foreman.md, 9.3).
func TestUsers_MailSyntax(t *testing.T) {
	good := []string{"a@example.com", "foo@localhost", "a+b@example.com", `"():;"@example.com`,
		"!#$%&*+-/=?^`{|}~@example.com", `"specialchars():;"@example.com`}
	bad := []string{"foreman@", "@foreman", "@", "Abc.example.com", "A@b@c@example.com", "a b@example.com",
		"<b>a@example.com</b>", "specialchars():;@example.com",
		"a@exa mple.com", "Bob <bob@example.com>", "a@example.com, b@example.com"}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for _, address := range good {
			s.Admin().Put(bob.Path(), object{"user": object{"mail": " " + address + "\t"}}).Expect(200).Want(address,
				"mail")
		}
		for _, address := range bad {
			s.Admin().Put(bob.Path(), object{"user": object{"mail": address}}).Refuses(errors{"mail": {"is invalid"}},
				"Email address is invalid")
		}
	})
}

// Texts are trimmed, blank languages and zones are none, and a login keeps its case (docs/spec/foreman.md, 9.5).
func TestUsers_Normalisation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := s.Admin().Post("/api/users",
			object{"user": object{"login": "\tMixedCase ", "firstname": " Ann ", "lastname": "", "mail": " ",
				"description": "\n text \n",
				"locale":      " ", "timezone": "", "password": "x", "auth_source_id": 1}}).Expect(201)
		a.Want("MixedCase", "login").Want("Ann", "firstname").Want("", "lastname").Want("", "mail").Want("text",
			"description").Want(nil, "locale").Want(nil, "timezone")
		s.As("mixedcase", "x").Get("/api/current_user").Expect(200).Want("MixedCase", "login")
		s.Admin().Get("/api/users/MixedCase").Expect(200)
		s.Admin().Get("/api/users/mixedcase").Expect(404)
	})
}

// Every zone and language that the document of the API lists is taken, and ids of the tz database are.
func TestUsers_ZonesAndLanguages(t *testing.T) {
	zones := []string{"International Date Line West", "Pacific Time (US & Canada)", "Stockholm", "Kyiv", "Nuku'alofa",
		"Tokelau Is.", "Europe/Prague", "UTC", "Etc/UTC", "Asia/Kolkata"}
	languages := []string{"ca", "cs_CZ", "de", "en", "en_GB", "es", "fr", "gl", "it", "ja", "ka", "ko", "nl_NL", "pl",
		"pt_BR", "ru", "sv_SE", "zh_CN", "zh_TW"}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		for _, zone := range zones {
			s.Admin().Put(bob.Path(), object{"user": object{"timezone": zone}}).Expect(200).Want(zone, "timezone")
		}
		for _, language := range languages {
			s.Admin().Put(bob.Path(), object{"user": object{"locale": language}}).Expect(200).Want(language, "locale")
		}
		for _, zone := range []string{"Local", "local", "stockholm", "Europe/Atlantis", "../etc/passwd",
			"/etc/localtime", "Europe/../Europe/Prague", "EUROPE/PRAGUE", "\x00"} {
			s.Admin().Put(bob.Path(), object{"user": object{"timezone": zone}}).
				Refuses(errors{"timezone": {"is not valid"}}, "Timezone is not valid")
		}
		for _, language := range []string{"EN", "en-GB", "sv", "klingon"} {
			if a := s.Admin().Put(bob.Path(), object{"user": object{"locale": language}}).Expect(422); a.Value("error",
				"errors", "locale") == nil {
				t.Errorf("%s: nothing about the language", a)
			}
		}
	})
}
