package models

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// valid is a user who breaks no rule.
func valid() *User {
	return &User{Login: "bob", AuthSourceID: 1}
}

func text(s string) *string { return &s }

func broken(attr string, rule Rule, args ...any) FieldError {
	return FieldError{Attr: attr, Broken: Broken{rule, args}}
}

func TestUser_Validate(t *testing.T) {
	tests := map[string]struct {
		change func(*User)
		want   FieldErrors
	}{
		"nothing wrong":               {func(u *User) {}, nil},
		"no login":                    {func(u *User) { u.Login = "" }, FieldErrors{broken("login", RuleBlank)}},
		"every mark a login may have": {func(u *User) { u.Login = `a_b-c@d.e\f$g#h+1` }, nil},
		"logins in other scripts":     {func(u *User) { u.Login = "नेहा.Жук.ἄλφα.太郎.e\u0301.٣" }, nil},
		"a blank in a login": {func(u *User) { u.Login = "a b" },
			FieldErrors{broken("login", RuleInvalid)}},
		"a line break at the end of a login": {func(u *User) { u.Login = "ab\n" },
			FieldErrors{broken("login", RuleInvalid)}},
		"a comma in a login": {func(u *User) { u.Login = "a,b" },
			FieldErrors{broken("login", RuleInvalid)}},
		"an emoji in a login": {func(u *User) { u.Login = "a🔑" },
			FieldErrors{broken("login", RuleInvalid)}},
		"bytes that are no text in a login": {func(u *User) { u.Login = "a\xff" },
			FieldErrors{broken("login", RuleInvalid)}},
		"a login of 255 characters": {func(u *User) { u.Login = strings.Repeat("ж", 255) }, nil},
		"a login of 256": {func(u *User) { u.Login = strings.Repeat("ж", 256) },
			FieldErrors{broken("login", RuleTooLong, 255)}},
		"a login that is long and wrong": {func(u *User) { u.Login = strings.Repeat("?", 256) },
			FieldErrors{broken("login", RuleInvalid), broken("login", RuleTooLong, 255)}},
		"the reserved login": {func(u *User) { u.Login = "current_user" },
			FieldErrors{broken("login", RuleReserved)}},
		"the reserved login in another case": {func(u *User) { u.Login = "Current_User" }, nil},
		"every mark a name may have": {func(u *User) { u.Firstname = text("Jean-Luc O'Neil_(Jr.) <a>;=, \t") },
			nil},
		"names in other scripts": {func(u *User) {
			u.Firstname = text("नेहा")
			u.Lastname = text("Nguyễn 李 ٣")
		}, nil},
		"empty names": {func(u *User) {
			u.Firstname = text("")
			u.Lastname = text("")
		}, nil},
		"a name with an exclamation mark": {func(u *User) { u.Lastname = text("Me & you!") }, nil},
		"a name with an escape": {func(u *User) { u.Lastname = text("Me\x1b") },
			FieldErrors{broken("lastname", RuleInvalid)}},
		"a name of 255 characters": {func(u *User) { u.Firstname = text(strings.Repeat("é", 255)) }, nil},
		"names of 256": {func(u *User) {
			u.Firstname = text(strings.Repeat("é", 256))
			u.Lastname = text(strings.Repeat("x", 256))
		}, FieldErrors{broken("firstname", RuleTooLong, 255), broken("lastname", RuleTooLong, 255)}},
		"no mail": {func(u *User) { u.Mail = text(" ") }, nil},
		"mail of 254 characters": {func(u *User) {
			u.Mail = text(strings.Repeat("a", 242) +
				"@example.com")
		}, nil},
		"mail of 255": {func(u *User) {
			u.Mail = text(strings.Repeat("a", 243) +
				"@example.com")
		}, FieldErrors{broken("mail", RuleTooLong, 254)}},
		"no source": {func(u *User) { u.AuthSourceID = 0 },
			FieldErrors{broken("auth_source_id", RuleBlank)}},
		"an unknown language": {func(u *User) { u.Locale = text("xx") },
			FieldErrors{broken("locale", RuleNotIncluded)}},
		"a long unknown language": {func(u *User) { u.Locale = text("klingon") },
			FieldErrors{broken("locale", RuleNotIncluded), broken("locale", RuleTooLong, 5)}},
		"an unknown zone": {func(u *User) { u.Timezone = text("Nowhere") },
			FieldErrors{broken("timezone", RuleUnknownZone)}},
		"a description with NUL": {func(u *User) { u.Description = text("a\x00") },
			FieldErrors{broken("description", RuleInvalid)}},
		"a long description": {func(u *User) { u.Description = text(strings.Repeat("ü", MaxText)) },
			nil},
		"a longer description": {func(u *User) { u.Description = text(strings.Repeat("x", MaxText+1)) },
			FieldErrors{broken("description", RuleTooLong, MaxText)}},
		"everything": {func(u *User) { *u = User{Mail: text("@"), Locale: text("-")} },
			FieldErrors{broken("login", RuleBlank), broken("mail", RuleInvalid), broken("auth_source_id", RuleBlank),
				broken("locale", RuleNotIncluded)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := valid()
			test.change(u)
			if diff := cmp.Diff(u.Validate(UserLimits{}), test.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		})
	}
}

// A dialect may allow less than the widest.
func TestUser_ValidateWithin(t *testing.T) {
	u := valid()
	u.Login = strings.Repeat("x", 11)
	u.Firstname = text("yyy")
	u.Lastname = text("zz")
	got := u.Validate(UserLimits{Login: 10, Firstname: 2, Lastname: 2})
	want := FieldErrors{broken("login", RuleTooLong, 10), broken("firstname", RuleTooLong, 2)}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestUser_Normalize(t *testing.T) {
	u := &User{Login: " Bob\t", Firstname: text(" B "), Lastname: nil, Mail: text("  "), Description: text("\nx\n"),
		Locale: text(" "), Timezone: text(" UTC ")}
	u.Normalize()
	want := &User{Login: "Bob", LowerLogin: "bob", Firstname: text("B"), Mail: text(""), Description: text("x"),
		Timezone: text("UTC")}
	if diff := cmp.Diff(u, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	again := *u
	again.Normalize()
	if diff := cmp.Diff(&again, u); diff != "" {
		t.Errorf("normalising again changes it:\n%s", diff)
	}
}

func TestUser_Name(t *testing.T) {
	for _, test := range []struct {
		first, last *string
		want        string
	}{
		{nil, nil, "bob"}, {text(""), text(" "), "bob"}, {text("Bob"), nil, "Bob"}, {nil, text("Smith"), "Smith"},
		{text("Bob"), text("Smith"), "Bob Smith"},
	} {
		u := &User{Login: "bob", Firstname: test.first, Lastname: test.last}
		if got := u.Name(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestUser_IsDisabled(t *testing.T) {
	for _, flag := range []bool{true, false} {
		if got := (&User{Disabled: &flag}).IsDisabled(); got != flag {
			t.Errorf("got %t, want %t", got, flag)
		}
	}
	if (&User{}).IsDisabled() {
		t.Error("who is neither enabled nor disabled is enabled")
	}
}

func TestLowerLogin(t *testing.T) {
	for login, want := range map[string]string{"Bob": "bob", "ЖУК": "жук", "ΣΑΣ": "σασ", "a$B": "a$b"} {
		if got := LowerLogin(login); got != want {
			t.Errorf("%s: got %s, want %s", login, got, want)
		}
	}
}
