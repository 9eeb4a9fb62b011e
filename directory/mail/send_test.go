package mail_test

import (
	"strings"
	"testing"

	"roster/directory/mail"
	"roster/test/mailtest"
)

// Connections that are encrypted from the beginning carry mail to servers whose certificate is known, and to no others.
func TestSend_Implicit(t *testing.T) {
	server := mailtest.Start(t, true)
	m, err := mail.Compose(mail.Information, "", mail.Account{Name: "Ann", Login: "ann", Elsewhere: "LDAP <x>"})
	if err != nil {
		t.Fatal(err)
	}
	to := mail.Server{Host: "localhost", Port: server.Port, From: "a@example.com", Implicit: true}
	if err := mail.Send(t.Context(), to, "ann@example.com", m); err == nil || mail.Refused(err) {
		t.Errorf("a server with an unknown certificate took the mail: %v", err)
	}
	to.Roots = server.Roots
	if err := mail.Send(t.Context(), to, "ann@example.com", m); err != nil {
		t.Fatal(err)
	}
	got := server.Mails()
	if len(got) != 1 || !got[0].Encrypted || !strings.Contains(got[0].Body, "LDAP &lt;x&gt;") ||
		!strings.Contains(got[0].Body, "the one that you have at LDAP <x>") {
		t.Errorf("got %+v", got)
	}
	to.From = "nobody"
	if err := mail.Send(t.Context(), to, "ann@example.com", m); err == nil {
		t.Error("mail went out from no address")
	}
}
