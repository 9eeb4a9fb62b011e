package cvat

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"roster/directory/login"
	"roster/handlers/web"
)

// The cookies of a session.
const (
	sessionCookie = "sessionid"
	csrfCookie    = "csrftoken"
	csrfHeader    = "X-CSRFToken"
)

// identify finds out who asks, by the first of these that is there: a login token, an access token, a session, a
// password. One that lets nobody in is not followed by the next (docs/spec/cvat.md, 12).
func identify(c *call) error {
	words := strings.Fields(c.Request().Header.Get("Authorization"))
	scheme := ""
	if len(words) > 0 {
		scheme = strings.ToLower(words[0])
	}
	switch scheme {
	case "token", "bearer":
		return c.byToken(scheme, words)
	}
	if found, err := c.bySession(); found || err != nil {
		return err
	}
	if scheme == "basic" {
		return c.byPassword(words)
	}
	return nil
}

// credentials are what every login is noted with.
func (c *call) credentials() login.Credentials {
	return login.Credentials{RemoteAddress: c.RealIP(), RequestID: web.RequestIDOf(c)}
}

// byToken lets in who sends a token.
func (c *call) byToken(scheme string, words []string) error {
	switch {
	case len(words) == 1:
		return unauthenticated("Invalid token header. No credentials provided.")
	case len(words) > 2:
		return unauthenticated("Invalid token header. Token string should not contain spaces.")
	}
	a := c.credentials()
	if scheme == "bearer" {
		c.bearer = true
		a.Bearer = words[1]
		if c.target.path == "/api/auth/password/change" {
			return errNobody // tokens do not come near passwords
		}
	} else {
		a.LoginToken = words[1]
	}
	return c.admitted(a, "Invalid token.", "User inactive or deleted.")
}

// byPassword lets in who sends a login, or a mail address, with its password.
func (c *call) byPassword(words []string) error {
	switch {
	case len(words) == 1:
		return unauthenticated("Invalid basic header. No credentials provided.")
	case len(words) > 2:
		return unauthenticated("Invalid basic header. Credentials string should not contain spaces.")
	}
	text, err := base64.StdEncoding.DecodeString(words[1])
	name, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || !utf8.Valid(text) {
		return unauthenticated("Invalid basic header. Credentials not correctly base64 encoded.")
	}
	a := c.credentials()
	a.Login = name
	a.Password = password
	a.ByMail = true
	const refused = "Invalid username/password."
	return c.admitted(a, refused, refused)
}

// admitted lets in who the credentials are of. The texts tell those who are not let in why.
func (c *call) admitted(a login.Credentials, wrong, disabled string) error {
	l, err := c.api.logins.Login(c.ctx(), a)
	switch {
	case errors.Is(err, login.ErrCredentials), errors.Is(err, login.ErrSecondFactor):
		return unauthenticated(wrong)
	case errors.Is(err, login.ErrDisabled):
		return unauthenticated(disabled)
	case err != nil:
		return err
	}
	c.p = l.Principal
	web.NoteLogin(c, c.p.Login)
	return nil
}

// bySession lets in who has the cookie of a session, and shows with a change that a page of this server asks for it.
// found says that there is such a session.
func (c *call) bySession() (found bool, err error) {
	cookie, err := c.Request().Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		return false, nil
	}
	c.Response().Header().Set("Vary", "Accept, Cookie")
	a := c.credentials()
	a.Session = cookie.Value
	a.Browser = true
	l, err := c.api.logins.BySession(c.ctx(), a)
	switch {
	case errors.Is(err, login.ErrDisabled):
		return false, nil
	case err != nil || l == nil:
		return false, err
	}
	if c.changes() {
		if err := c.checkForgery(&a); err != nil {
			return true, err
		}
	}
	c.p = l.Principal
	c.session = cookie.Value
	web.NoteLogin(c, c.p.Login)
	return true, nil
}

// forged refuses a change that another site's page may have made a browser ask for.
func forged(why string) error {
	return refusal{http.StatusForbidden, detail{"CSRF Failed: " + why}}
}

// checkForgery checks that a change comes from a page of this server: by where the browser says it comes from, and by
// the token of the session (docs/spec/cvat.md, 12).
func (c *call) checkForgery(a *login.Credentials) error {
	if err := c.checkOrigin(); err != nil {
		return err
	}
	cookie, err := c.Request().Cookie(csrfCookie)
	token := c.Request().Header.Get(csrfHeader)
	switch {
	case err != nil || cookie.Value == "":
		return forged("CSRF cookie not set.")
	case token == "":
		return forged("CSRF token missing.")
	case subtle.ConstantTimeCompare([]byte(token), []byte(cookie.Value)) != 1:
		return forged("CSRF token from the 'X-Csrftoken' HTTP header incorrect.")
	}
	a.CSRF = token
	a.Changing = true
	if _, err = c.api.logins.BySession(c.ctx(), *a); errors.Is(err, login.ErrForgery) {
		return forged("CSRF token from the 'X-Csrftoken' HTTP header incorrect.")
	}
	return err
}

// checkOrigin checks the page that a browser names. By TLS it has to name one.
func (c *call) checkOrigin() error {
	here, err := url.Parse(web.BaseURL(c))
	if err != nil {
		return err
	}
	trusted := func(text string) bool {
		u, err := url.Parse(text)
		return err == nil && u.Host == here.Host && (u.Scheme == here.Scheme || !web.IsSecure(c))
	}
	if origin := c.Request().Header.Get("Origin"); origin != "" {
		if !trusted(origin) {
			return forged("Origin checking failed - " + printable(origin) + " does not match any trusted origins.")
		}
		return nil
	}
	if !web.IsSecure(c) {
		return nil
	}
	referer := c.Request().Header.Get("Referer")
	switch {
	case referer == "":
		return forged("Referer checking failed - no Referer.")
	case !trusted(referer):
		return forged("Referer checking failed - " + printable(referer) + " does not match any trusted origins.")
	}
	return nil
}

// setCookies gives a browser the cookies of a session. SameSite comes last in each: clients that read both as one text
// lose everything behind another flag.
func (c *call) setCookies(session, csrf string) {
	for _, cookie := range []*http.Cookie{
		{Name: sessionCookie, Value: session, HttpOnly: true}, {Name: csrfCookie, Value: csrf},
	} {
		cookie.Path = "/"
		cookie.SameSite = http.SameSiteLaxMode
		cookie.Secure = web.IsSecure(c)
		c.SetCookie(cookie)
	}
	c.Response().Header().Set("Vary", "Accept, Cookie")
}

// dropCookies makes a browser forget them.
func (c *call) dropCookies() {
	for _, name := range []string{sessionCookie, csrfCookie} {
		c.SetCookie(&http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: name == sessionCookie,
			SameSite: http.SameSiteLaxMode, Secure: web.IsSecure(c)})
	}
}
