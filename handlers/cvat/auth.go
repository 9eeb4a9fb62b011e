package cvat

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"roster/directory"
	"roster/directory/login"
	"roster/models"
)

// loginAnswer is the answer to a login.
type loginAnswer struct {
	Key string `json:"key" example:"..."` // Token for the header Authorization
}

// The refusals of logins (docs/spec/cvat.md, 12).
var (
	errIncompleteLogin = refuseWith(`Must include either "username" or "email" and "password".`)
	errWrongLogin      = refusal{http.StatusBadRequest, mistakes{{"non_field_errors",
		[]string{"Unable to log in with provided credentials."}}}}
	// errWrongMail is the same for all mail addresses: whether somebody has one is nothing that strangers learn.
	errWrongMail = refuseWith("Unable to login with provided credentials")
)

// login answers a name or a mail address with its password by a token, and by the cookies of a session.
func (api *API) login(c *call) error {
	r := &reader{body: c.body, whole: true}
	name, _ := r.text("username", textForm{blank: true})
	mail, _ := r.text("email", textForm{blank: true, mail: true})
	password, given := r.text("password", textForm{untrimmed: true})
	if err := r.wrong.err(); err != nil {
		return err
	}
	if !given || name == "" && mail == "" {
		return errIncompleteLogin
	}
	refused := error(errWrongLogin)
	if name == "" {
		refused = errWrongMail
	}
	key, err := c.logIn(cmp.Or(name, mail), password)
	if errors.Is(err, errLogin) {
		return refused
	}
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, loginAnswer{key})
}

// errLogin is a login that lets nobody in.
var errLogin = errors.New("cvat: the login lets nobody in")

// logIn starts a session for somebody and returns a login token.
func (c *call) logIn(name, password string) (key string, err error) {
	a := c.credentials()
	a.Login = name
	a.Password = password
	a.ByMail = true
	a.Browser = true
	l, err := c.api.logins.Login(c.ctx(), a)
	switch {
	case errors.Is(err, login.ErrCredentials), errors.Is(err, login.ErrDisabled), errors.Is(err, login.ErrSecondFactor):
		return "", errLogin
	case err != nil:
		return "", err
	case l.MustChangePassword:
		return "", refusal{http.StatusBadRequest, mistakes{{"non_field_errors",
			[]string{"The password has to be changed before anything else."}}}}
	case l.Token != nil:
		return "", errLogin // an access token is no password
	}
	if key, err = c.api.logins.IssueToken(c.ctx(), l); err != nil {
		return "", err
	}
	session, csrf, err := c.api.logins.StartSession(c.ctx(), l)
	if err == nil && session != "" {
		c.setCookies(session, csrf)
	}
	return key, err
}

// authDetail is the answer to what has nothing to show.
type authDetail struct {
	Detail string `json:"detail"` // What was done
}

// logout ends the session and all login tokens of the caller.
func (api *API) logout(c *call) error {
	if err := api.logins.LogOut(c.ctx(), c.p, c.session); err != nil {
		return err
	}
	c.dropCookies()
	return c.send(http.StatusOK, authDetail{"Successfully logged out."})
}

// registered is the answer to somebody who has made an account.
type registered struct {
	Username  string `json:"username" example:"ann"`          // Login name
	Email     string `json:"email" example:"ann@example.com"` // Mail address
	FirstName string `json:"first_name" example:"Ann"`        // First name
	LastName  string `json:"last_name" example:"Smith"`       // Last name
	// Whether the mail address must be confirmed
	EmailVerificationRequired bool    `json:"email_verification_required"`
	Key                       *string `json:"key"` // Login token. null: the address is not confirmed
}

const textMismatch = "The two password fields didn't match."

// register makes an account for whoever asks, where the installation allows that (docs/spec/cvat.md, 12).
func (api *API) register(c *call) error {
	if !c.settings.SettingBool("cvat_registration") {
		return errNoRoute
	}
	r := &reader{body: c.body, whole: true}
	username, _ := r.text("username", textForm{required: true, least: minUsername, most: maxName})
	mail, _ := r.text("email", textForm{required: c.confirmsMail(), most: maxMail, mail: true})
	password, _ := r.text("password1", textForm{required: true, untrimmed: true})
	again, _ := r.text("password2", textForm{required: true, untrimmed: true})
	first, _ := r.text("first_name", textForm{most: maxName})
	last, _ := r.text("last_name", textForm{most: maxName})
	if password != again && len(r.wrong) == 0 {
		r.wrong.add("non_field_errors", textMismatch)
	}
	if err := r.wrong.err(); err != nil {
		return err
	}
	limits := userLimits()
	limits.MailUnique = true
	key, _ := c.queried("invitation")
	made, err := api.dir.Register(c.ctx(), directory.Registration{
		Login: username, Mail: models.NilIfEmpty(mail), Firstname: models.NilIfEmpty(first),
		Lastname: models.NilIfEmpty(last), Password: password, InvitationKey: key, Limits: limits,
		RemoteAddress: c.RealIP(), RequestID: c.credentials().RequestID,
	})
	if err != nil {
		return err
	}
	answer := registered{Username: username, Email: mail, FirstName: first, LastName: last,
		EmailVerificationRequired: made.NeedsConfirmation}
	if !made.NeedsConfirmation {
		token, err := c.logIn(username, password)
		if err != nil {
			return err
		}
		answer.Key = &token
	}
	return c.send(http.StatusCreated, answer)
}

// confirmsMail reports whether new accounts have to confirm their mail address.
func (c *call) confirmsMail() bool {
	return c.settings.Setting("cvat_email_verification") == "mandatory"
}

// passwordLimits are those of a change that sets a password.
func passwordLimits() models.UserLimits {
	limits := userLimits()
	limits.PasswordOptional = false
	return limits
}

// confirmMail activates the account whose holder follows the link of a mail, and shows the pages of CVAT.
func (api *API) confirmMail(c *call) error {
	if c.Request().Method == http.MethodGet {
		err := api.dir.ConfirmMail(c.ctx(), c.target.params["key"])
		if err != nil {
			return err
		}
	}
	page := strings.TrimSuffix(c.settings.Setting("cvat_ui_url"), "/")
	return c.Redirect(http.StatusFound, cmp.Or(page, c.base())+"/auth/email-confirmation")
}

// newPasswords reads a new password, which is sent twice.
func (r *reader) newPasswords() string {
	password, first := r.text("new_password1", textForm{required: true, untrimmed: true})
	again, second := r.text("new_password2", textForm{required: true, untrimmed: true})
	if first && second && password != again {
		r.wrong.add("new_password2", words[models.RuleMismatch])
	}
	return password
}

// passwordChange gives callers a new password, who know the one so far. Access tokens do not do.
func (api *API) passwordChange(c *call) error {
	if c.p.Token != nil {
		return errNobody
	}
	r := &reader{body: c.body, whole: true}
	old, _ := r.text("old_password", textForm{required: true, untrimmed: true})
	password := r.newPasswords()
	if err := r.wrong.err(); err != nil {
		return err
	}
	_, err := api.dir.UpdateUser(c.ctx(), c.p, directory.Ref{ID: c.p.UserID}, directory.UserChange{
		Password: models.Some(password), CurrentPassword: models.Some(old), Limits: passwordLimits()})
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, authDetail{"New password has been saved."})
}

// passwordReset mails a way to a new password. The answer is the same whether anybody has the address.
func (api *API) passwordReset(c *call) error {
	r := &reader{body: c.body, whole: true}
	mail, _ := r.text("email", textForm{required: true, mail: true})
	if err := r.wrong.err(); err != nil {
		return err
	}
	if err := api.dir.RequestPasswordReset(c.ctx(), mail); err != nil {
		return err
	}
	return c.send(http.StatusOK, authDetail{"Password reset e-mail has been sent."})
}

// passwordResetConfirm sets a new password by what a mail has told.
func (api *API) passwordResetConfirm(c *call) error {
	r := &reader{body: c.body, whole: true}
	password := r.newPasswords()
	uid, _ := r.text("uid", textForm{required: true})
	token, _ := r.text("token", textForm{required: true})
	if err := r.wrong.err(); err != nil {
		return err
	}
	if err := api.dir.ResetPassword(c.ctx(), uid, token, password, passwordLimits()); err != nil {
		return err
	}
	return c.send(http.StatusOK, authDetail{"Password has been reset with the new password."})
}
