package models

import (
	"net/mail"
	"strings"
	"unicode"
)

// ValidMail reports whether the text is one address with a domain and nothing else: no display name, no comment, no
// blanks or angle brackets outside a quoted local part (docs/spec/foreman.md, 9.3). A bare host name as domain is fine.
func ValidMail(text string) bool {
	if !Storable(text) ||
		strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	parsed, err := mail.ParseAddress("<" + text + ">")
	if err != nil || parsed.Name != "" {
		return false
	}
	// Round trip: the parsed address must equal what was sent, so comments and folded parts are refused.
	at := strings.LastIndexByte(text, '@')
	return at > 0 && at < len(text)-1 && strings.HasSuffix(parsed.Address, text[at:]) &&
		!strings.ContainsAny(text[at:], "<>()[]")
}
