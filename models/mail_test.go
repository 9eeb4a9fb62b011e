package models

import (
	"strings"
	"testing"
)

// The known examples (docs/spec/foreman.md, 9.3), and more.
var (
	goodMail = []string{
		"a@example.com", "foo@localhost", "a+b@example.com", `"():;"@example.com`, "!#$%&*+-/=?^`{|}~@example.com",
		`"specialchars():;"@example.com`,
		"first.last@sub.example.co.uk", "x@xn--bcher-kva.example", "jörg@example.com", "用户@例子.中国", "a@127.0.0.1",
		`"a@b"@example.com`, strings.Repeat("l", 64) + "@example.com",
	}
	badMail = []string{
		"", "@", "foreman@", "@foreman", "Abc.example.com", "A@b@c@example.com", "a b@example.com", " a@example.com",
		"a@example.com ", "<a@example.com>", "a@<b>", "<b>a@example.com</b>",
		"specialchars():;@example.com", "Bob <bob@example.com>", "a@example.com,b@example.com", "a@example.com>",
		"a@example.com><b@example.com", "a@exa\nmple.com", "a\x00@example.com", "a@\xff",
		"a@example.com(comment)", "(comment)a@example.com", "a..b@example.com", ".a@example.com", "a.@example.com",
		"a@[127.0.0.1]", "a@example..com", `"a@example.com`, "a@example.com\r\nBcc: b@example.com",
	}
)

func TestValidMail(t *testing.T) {
	for _, address := range goodMail {
		if !ValidMail(address) {
			t.Errorf("%q was refused", address)
		}
	}
	for _, address := range badMail {
		if ValidMail(address) {
			t.Errorf("%q was taken", address)
		}
	}
}

// No text makes it panic, and what it takes can be put into a header and a database.
func FuzzValidMail(f *testing.F) {
	for _, address := range append(goodMail, badMail...) {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !ValidMail(address) {
			return
		}
		if !Storable(address) || strings.ContainsAny(address, "\r\n\x00 ") || !strings.Contains(address, "@") {
			t.Errorf("%q was taken", address)
		}
	})
}
