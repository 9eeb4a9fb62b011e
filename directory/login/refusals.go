package login

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"

	"roster/directory/store"
)

// Reasons of refusals that clients do not tell apart.
const (
	wrongCredentials = "wrong credentials"
	endedToken       = "revoked or expired token"
	unansweredLDAP   = "LDAP source unavailable"
)

// logRefusal logs a refused login with the login that was tried. Passwords and tokens are not logged.
func (s *Service) logRefusal(ctx context.Context, a Credentials, err error) {
	kind := refusalKind(err)
	if kind == "" {
		return
	}
	if kind == wrongCredentials {
		kind = cmp.Or(a.attempt.why, kind)
		if a.attempt.unanswered.Load() > 0 {
			kind = unansweredLDAP
		}
	}
	login := cmp.Or(a.Login, a.attempt.owner)
	if a.Asserted != nil {
		login = cmp.Or(login, a.Asserted.Login)
	}
	s.Log.InfoContext(ctx, "a login was refused", slog.String("login", printable(login)), slog.String("reason", kind),
		slog.String("remote", a.RemoteAddress), slog.String("request_id", a.RequestID))
}

// refusalKind returns a word for the kind of refusal, "" if the error is none. It does not reveal whether a login
// exists.
func refusalKind(err error) string {
	switch {
	case errors.Is(err, ErrTooManyTries):
		return "blocked address"
	case errors.Is(err, store.ErrCredentials):
		return wrongCredentials
	case errors.Is(err, store.ErrSecondFactor):
		return "second factor"
	case errors.Is(err, store.ErrDisabled):
		return "disabled account"
	case errors.Is(err, store.ErrExpired):
		return "expired account"
	}
	return ""
}

// maxPrintable bounds how much of an unchecked text is logged, in characters.
const maxPrintable = 100

// printable is a text that anybody may send, fit for a log: without what controls a terminal or the direction of
// writing, and not long.
func printable(text string) string {
	unseen := func(r rune) rune {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}
	clean := []rune(strings.Map(unseen, strings.ToValidUTF8(text, "\uFFFD")))
	return string(clean[:min(len(clean), maxPrintable)])
}
