// Package mail words messages and hands them to a mail server. It knows nothing of users and databases: what to send,
// and when, is for package directory to say.
package mail

import (
	"bytes"
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
)

// Message is a mail in plain text and in HTML.
type Message struct {
	Subject, Text, HTML string
}

// Account is what a message about an account tells.
type Account struct {
	// Name is what the person is called, Login what to log in with, Password the new password; empty where it is not
	// told.
	Name, Login, Password string
	// MustChange says that the password has to be changed at the first login.
	MustChange bool
	// Elsewhere names who checks the password, where it is not this server.
	Elsewhere string
	// Inviter is the login of who asks somebody into an organization, Organization its slug, and Key the invitation's.
	Inviter, Organization, Key string
	// Days is how long the key or the token may be used.
	Days int
	// Number and Token prove that the mail was read; Link is the page that takes them, or the key, where there is one.
	Number, Token, Link string
}

// Kind is what a message is about: the name of its templates.
type Kind string

// The kinds of messages.
const (
	// Welcome tells somebody that there is an account.
	Welcome Kind = "welcome"
	// Information tells somebody what to log in with.
	Information Kind = "information"
	// Invitation asks somebody into an organization.
	Invitation Kind = "invitation"
	// PasswordReset tells somebody how to set a new password.
	PasswordReset Kind = "password_reset"
	// Confirmation asks somebody to confirm a mail address.
	Confirmation Kind = "confirmation"
)

// subjects of the kinds. A prefix of the installation stands before them.
var subjects = map[Kind]string{
	Welcome:     "Your account has been created",
	Information: "Your account information",

	Invitation:    "You are invited to an organization",
	PasswordReset: "Set a new password", Confirmation: "Confirm your mail address",
}

//go:embed templates
var templates embed.FS

var (
	texts = text.Must(text.ParseFS(templates, "templates/*.txt"))
	pages = html.Must(html.ParseFS(templates, "templates/*.html"))
)

// Compose words a message about an account.
func Compose(kind Kind, prefix string, a Account) (Message, error) {
	m := Message{Subject: strings.TrimSpace(prefix + " " + subjects[kind])}
	var b bytes.Buffer
	if err := texts.ExecuteTemplate(&b, string(kind)+".txt", a); err != nil {
		return m, fmt.Errorf("mail: %w", err)
	}
	m.Text = b.String()
	b.Reset()
	if err := pages.ExecuteTemplate(&b, string(kind)+".html", a); err != nil {
		return m, fmt.Errorf("mail: %w", err)
	}
	m.HTML = b.String()
	return m, nil
}
