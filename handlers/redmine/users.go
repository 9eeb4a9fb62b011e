package redmine

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/directory"
	"roster/models"
	"roster/scopes/search"
)

// usersIndex lists users: to administrators and, where the installation says so, to those who may view them.
func (api *API) usersIndex(c *call) error {
	if !c.p.Admin && !c.settingOn("redmine_list_visible_users") {
		return errForbidden
	}
	p, err := c.page()
	if err != nil {
		return err
	}
	q := p.query()
	if q.Node, err = c.userFilter(); err != nil {
		return err
	}
	q.Sort = c.userSort()
	if c.format == "csv" {
		return api.usersCSV(c, q)
	}
	l, err := api.dir.Users(c.ctx(), c.p, q)
	if err != nil {
		return err
	}
	include := c.included()
	list := array{item: "user"}
	for v, err := range l.Rows() {
		if err != nil {
			return err
		}
		o, err := c.userObject(v, include, true)
		if err != nil {
			return err
		}
		list.values = append(list.values, o)
	}
	return c.send(http.StatusOK, document{root: "users", value: list, meta: c.meta(l.Subtotal, p)})
}

// maxCSV is how many users a table has at most.
const maxCSV = 10_000

// usersCSV answers the whole list as a table. It is made in memory, so that its length is bounded.
func (api *API) usersCSV(c *call, q directory.ListQuery) error {
	q.Page = 1
	q.Skip = 0
	q.PerPage = maxCSV
	l, err := api.dir.Users(c.ctx(), c.p, q)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	header := []string{"Login", "First name", "Last name", "Email", "Administrator", "Status",
		"Two-factor authentication scheme", "Created", "Updated", "Last connection", "Password last changed"}
	first := true
	for v, err := range l.Rows() {
		if err != nil {
			return err
		}
		if first {
			first = false
			for _, f := range v.CustomFields {
				header = append(header, f.Name)
			}
			_ = w.Write(header)
		}
		_ = w.Write(csvRow(c, v))
	}
	if first {
		_ = w.Write(header)
	}
	w.Flush()
	c.Response().Header().Set("Content-Disposition", `attachment; filename="users.csv"`)
	return c.sendBody(http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

func csvRow(c *call, v *directory.UserView) []string {
	mail := ""
	if c.p.Admin || !c.hidesMail(v.User) {
		mail = models.Deref(v.Mail)
	}
	admin := "No"
	if v.Admin {
		admin = "Yes"
	}
	factor := models.Deref(v.SecondFactor)
	if factor == "" {
		factor = "disabled"
	}
	moment := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format("01/02/2006 03:04 PM")
	}
	row := []string{v.Login, models.Deref(v.Firstname), models.Deref(v.Lastname), mail, admin, string(v.Status()),
		factor, moment(&v.CreatedAt), moment(&v.UpdatedAt), moment(v.LastLoginOn),
		moment(v.PasswordChangedAt)}
	for _, f := range v.CustomFields {
		row = append(row, strings.Join(v.Custom[f.ID], ", "))
	}
	for i, text := range row {
		// A spreadsheet would take these for formulas.
		if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			row[i] = "'" + text
		}
	}
	return row
}

// userRef is the user whom the path names: the caller, or a number. The hidden account of people without one is shown
// to administrators.
func (c *call) userRef() directory.Ref {
	id, named := c.params["id"]
	if !named || id == "current" {
		return directory.Ref{ID: c.p.UserID}
	}
	return c.ref("id")
}

func (api *API) usersShow(c *call) error {
	ref := c.userRef()
	v, err := api.dir.Profile(c.ctx(), c.p, ref)
	if models.KindOf(err) == models.NotFound && c.p.Admin {
		if hidden, e := api.dir.AnonymousAccount(c.ctx(), c.p); e == nil && hidden.ID == ref.ID {
			return c.sendAnonymous(hidden)
		}
	}
	if err != nil {
		return hide(err)
	}
	return c.sendUser(http.StatusOK, v)
}

// hide answers what the caller may not see as if it were not there.
func hide(err error) error {
	if models.KindOf(err) == models.Forbidden {
		return models.NotFoundError("record", "")
	}
	return err
}

// sendUser answers with a user shown alone.
func (c *call) sendUser(status int, v *directory.UserView) error {
	o, err := c.userObject(v, c.included(), false)
	if err != nil {
		return err
	}
	return c.send(status, document{root: "user", value: o})
}

// sendAnonymous shows the account of people without one, as the original does (docs/spec/redmine.md, 5.1).
func (c *call) sendAnonymous(v *directory.UserView) error {
	return c.send(http.StatusOK, document{root: "user", value: object{
		field("id", v.ID), field("login", ""), field("admin", false), field("firstname", ""),
		field("lastname", "Anonymous"), field("mail", nil), field("created_on", v.CreatedAt),
		field("updated_on", v.UpdatedAt), field("last_login_on", nil), field("passwd_changed_on", nil),
		field("twofa_scheme", nil), field("status", int64(0)),
	}})
}

func (api *API) usersCreate(c *call) error {
	a, err := c.object("user")
	if err != nil {
		return err
	}
	change, err := c.userChange(a, true)
	if err != nil {
		return err
	}
	change.MakeAPIKey = true
	v, err := api.dir.CreateUser(c.ctx(), c.p, change)
	if err != nil {
		return err
	}
	c.warn(v)
	o, err := c.userObject(v, c.included(), false)
	if err != nil {
		return err
	}
	return c.created("/users/", v.ID, document{root: "user", value: o})
}

func (api *API) usersUpdate(c *call) error {
	a, err := c.object("user")
	if err != nil {
		return err
	}
	change, err := c.userChange(a, false)
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUser(c.ctx(), c.p, c.userRef(), change)
	if err != nil {
		return err
	}
	c.warn(v)
	if c.wantsChanged() {
		return c.sendUser(http.StatusOK, v)
	}
	return c.done()
}

// warn tells in a header that something should have been mailed and could not.
func (c *call) warn(v *directory.UserView) {
	if v.NotMailed {
		c.Response().Header().Set("Warning",
			`199 roster "No mail was sent: no mail server is set, or there is no address"`)
	}
}

// usersDestroy deletes a user, or locks the account where that is asked for.
func (api *API) usersDestroy(c *call) error {
	ref := c.userRef()
	if c.given("lock") {
		locked := directory.UserChange{Status: models.Some(models.UserLocked)}
		if _, err := api.dir.UpdateUser(c.ctx(), c.p, ref, locked); err != nil {
			return err
		}
		return c.done()
	}
	if ref.IsSelf(c.p) {
		return api.destroyOwn(c)
	}
	if _, err := api.dir.DeleteUser(c.ctx(), c.p, ref); err != nil {
		return err
	}
	return c.done()
}

// destroyOwn deletes the account in use. Where that is not allowed, the answer says nothing (docs/spec/redmine.md, 8).
func (api *API) destroyOwn(c *call) error {
	err := api.dir.DeleteOwnAccount(c.ctx(), c.p)
	if kind := models.KindOf(err); err != nil && (kind == models.Forbidden || kind == models.Invalid) {
		return c.empty(http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return c.done()
}

// What the dialect allows in changes of users (docs/spec/redmine.md, 6.1).
const (
	maxLogin     = 60
	maxFirstname = 30
	maxLastname  = 255
	minPassword  = 8
)

var (
	loginForm = regexp.MustCompile(`^[A-Za-z0-9_\-@.]*$`)
	mailForm  = regexp.MustCompile(`^[^@\s]+@(?:[-A-Za-z0-9]+\.)+(?:(?:[A-Za-z]{2,})|(?:xn--[-A-Za-z0-9]+))$`)
)

func (c *call) userLimits() models.UserLimits {
	return models.UserLimits{
		Login: maxLogin, Firstname: maxFirstname, Lastname: maxLastname, LoginPattern: loginForm, MailPattern: mailForm,
		NamesRequired: true, MailRequired: true, MailUnique: true, MinPassword: minPassword,
		PasswordRequired: c.settingOn("redmine_password_required"), PasswordOptional: true,
	}
}

// userChange reads what a user is to be, and what is sent beside that (docs/spec/redmine.md, 6 and 7).
func (c *call) userChange(a attributes, made bool) (directory.UserChange, error) {
	change, err := c.ownChange(a)
	if err != nil {
		return change, err
	}
	change.KeepAPIKey = true // as the original does (docs/spec/redmine.md, 7)
	reads := []error{
		a.text("login", func(s *string) { change.Login = models.Some(models.Deref(s)) }),
		a.boolean("admin", func(b bool) { change.Admin = models.Some(b) }),
		a.boolean("must_change_passwd", func(b bool) { change.MustChangePassword = models.Some(b) }),
		a.boolean("generate_password", func(b bool) { change.GeneratePassword = b }),
		a.numbers("group_ids", func(ids []int64) { change.Groups = models.Some(directory.ByIDs(ids...)) }),
		a.text("status", func(s *string) { change.Status = models.Some(statusOf(leading(models.Deref(s)))) }),
		a.text("auth_source_id", func(s *string) { c.setSource(&change, models.Deref(s), made) }),
		a.password(&change, made),
	}
	for _, err := range reads {
		if err != nil {
			return change, err
		}
	}
	if _, password, basic := c.Request().BasicAuth(); basic && !c.keyed {
		change.CurrentPassword = models.Some(password) // who changes the own password has just proved the one so far
	}
	change.Inform = c.given("send_information")
	return change, nil
}

// setSource reads the number of an auth source; blank stands for passwords kept here, which new accounts have anyway.
func (c *call) setSource(change *directory.UserChange, text string, made bool) {
	switch {
	case !blank(text):
		change.AuthSourceID = models.Some(leading(text))
	case !made:
		change.AuthSourceID = models.Some(c.settings.InternalSource())
	}
}

// password reads a new password. A number is refused: who means a text of digits has to say so. Null is no password;
// a blank one leaves the password of an account as it is.
func (a attributes) password(change *directory.UserChange, made bool) error {
	switch v := a["password"].(type) {
	case nil:
	case string:
		if v != "" || made {
			change.Password = models.Some(v)
		}
	default:
		return invalidAttribute("password")
	}
	if v, ok := a["password_confirmation"]; ok && v != nil {
		return a.text("password_confirmation",
			func(s *string) { change.PasswordConfirmation = models.Some(models.Deref(s)) })
	}
	return nil
}

// ownChange reads what everybody may change of the own account, and the preferences beside it.
func (c *call) ownChange(a attributes) (directory.UserChange, error) {
	change := directory.UserChange{Limits: c.userLimits()}
	reads := []error{
		a.text("firstname", func(s *string) { change.Firstname = models.Some(s) }),
		a.text("lastname", func(s *string) { change.Lastname = models.Some(s) }),
		a.text("mail", func(s *string) { change.Mail = models.Some(s) }),
		a.text("mail_notification", func(s *string) { change.MailNotification = models.Some(s) }),
		a.text("language", func(s *string) { change.Locale = models.Some(localeOf(models.Deref(s))) }),
	}
	for _, err := range reads {
		if err != nil {
			return change, err
		}
	}
	var err error
	if change.Custom, err = a.customs(); err != nil {
		return change, err
	}
	if pref, ok := c.body["pref"].(map[string]any); ok {
		err = attributes(pref).boolean("hide_mail", func(b bool) { change.HideMail = models.Some(&b) })
		if err == nil {
			err = attributes(pref).text("time_zone", func(s *string) { setZone(&change, models.Deref(s)) })
		}
	}
	return change, err
}

// setZone sets a time zone that is known; the original takes any text.
func setZone(change *directory.UserChange, zone string) {
	if zone == "" {
		change.Timezone = models.Some[*string](nil)
	} else if _, err := models.LoadZone(zone); err == nil {
		change.Timezone = models.Some(&zone)
	}
}

// localeOf returns the language as the directory spells it: "pt_BR" for "pt-BR"; nil for none.
func localeOf(text string) *string {
	return models.NilIfEmpty(strings.ReplaceAll(strings.TrimSpace(text), "-", "_"))
}

// userSort reads the order of a list: up to three keys, of which unknown ones are left out (docs/spec/redmine.md, 4.4).
func (c *call) userSort() []search.SortKey {
	text := c.text("sort")
	if strings.TrimSpace(text) == "" {
		return []search.SortKey{{Field: "login"}}
	}
	var keys []search.SortKey
	for i, one := range strings.Split(text, ",") {
		name, direction, _ := strings.Cut(strings.TrimSpace(one), ":")
		if !c.p.Admin && slices.Contains(adminSorts, name) {
			continue
		}
		if sorted, ok := userSorts[name]; ok && i < maxSorts {
			keys = append(keys, search.SortKey{Field: sorted, Desc: direction == "desc"})
		} else if c.p.Admin && c.customFilter(name) != nil && i < maxSorts {
			keys = append(keys, search.SortKey{Field: name, Desc: direction == "desc"})
		}
	}
	return keys
}

// maxSorts is how many keys a list is sorted by.
const maxSorts = 3

// userSorts are the fields behind the keys.
var userSorts = map[string]string{
	"login": "login", "firstname": "firstname", "lastname": "lastname", "mail": "mail", "admin": "own_admin",
	"created_on": "created_on", "updated_on": "updated_on", "last_login_on": "last_login_on",
	"passwd_changed_on": "password_changed_on", "status": "status", "auth_source.name": "auth_source",
	"twofa_scheme": "second_factor",
}

// adminSorts are the keys by which administrators alone sort: the order would tell what others are not shown.
var adminSorts = []string{"mail", "admin", "status", "auth_source.name", "twofa_scheme"}

// customFilter returns the field that a name such as cf_7 means, if lists may be limited by it; nil without one.
func (c *call) customFilter(name string) *models.CustomField {
	number, ok := strings.CutPrefix(name, "cf_")
	if !ok {
		return nil
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil
	}
	for _, f := range c.settings.CustomFieldsOf(models.CustomUser) {
		if f.ID == id && f.IsFilter && f.Visible {
			return f
		}
	}
	return nil
}
