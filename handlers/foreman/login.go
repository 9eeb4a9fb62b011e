package foreman

import (
	"errors"
	"net/http"
	"strings"

	"roster/directory/login"
	"roster/handlers/web"
	"roster/models"
)

// sessionCookie carries the secret of a session, in 32 hexadecimal digits (docs/spec/foreman.md, 7.3).
const sessionCookie = "_session_id"

// csrfHeader is where a browser's pages find the token of their session, and show it again.
const csrfHeader = "X-Csrf-Token"

// authenticate authenticates the caller, and starts a session for one that sent credentials (docs/spec/foreman.md, 7.1
// to 7.3).
func authenticate(c *call) error {
	if c.route.Access.Anybody {
		return nil
	}
	a := c.credentials()
	l, err := c.api.logins.Login(c.ctx(), a)
	switch {
	case errors.Is(err, login.ErrTooManyTries):
		return login.ErrTooManyTries
	case errors.Is(err, login.ErrCredentials):
		// Without a login the message ends with a blank, which is part of the wording that clients know.
		return models.Fail(models.Unauthenticated, models.RuleLoginRefused, printable(a.Login)).Because(err)
	case err != nil:
		return err
	}
	c.p = l.Principal
	web.NoteLogin(c, c.p.Login)
	session, csrf, err := c.api.logins.StartSession(c.ctx(), l)
	if err != nil {
		return err
	}
	if session != "" {
		c.SetCookie(&http.Cookie{Name: sessionCookie, Value: session, Path: "/", HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: web.IsSecure(c)})
	}
	if csrf != "" {
		c.Response().Header().Set(csrfHeader, csrf)
	}
	return nil
}

// credentials collects everything in a request that may authenticate its sender.
func (c *call) credentials() login.Credentials {
	r := c.Request()
	a := login.Credentials{
		RemoteAddress: c.RealIP(), RequestID: web.RequestIDOf(c),
		Asserted: web.AssertedIdentity(r, c.api.o.IdentityProxies),
		// Browsers say where their requests come from, and scripts do not.
		Browser:  r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "",
		Changing: r.Method != http.MethodGet && r.Method != http.MethodHead, CSRF: r.Header.Get(csrfHeader),
	}
	a.Login, a.Password, _ = r.BasicAuth()
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		a.Bearer = strings.TrimSpace(token)
	}
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		a.Session = cookie.Value
	}
	return a
}

// extLogin answers an authenticated caller without a body: clients call it for the session alone (docs/spec/foreman.md,
// 2.3).
func extLogin(c *call) error { return c.NoContent(http.StatusNoContent) }
