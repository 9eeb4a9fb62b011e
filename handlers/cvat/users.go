package cvat

import (
	"net/http"
	"regexp"
	"slices"

	"roster/directory"
	"roster/models"
)

// usersList lists people: administrators see all, members of the organization of the request each other, and others
// themselves (docs/spec/cvat.md, 9).
func (api *API) usersList(c *call) error {
	return list(c, userFields, "id", func(q directory.ListQuery) (*directory.List[*directory.UserView], error) {
		return api.dir.UsersWithin(c.ctx(), c.p, c.within, q)
	}, c.listed)
}

func (api *API) usersSelf(c *call) error {
	v, err := api.dir.CurrentUser(c.ctx(), c.p)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.full(v))
}

func (api *API) usersRetrieve(c *call) error {
	v, err := c.userOfPath()
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.shown(v))
}

// userOfPath is the user whom the path names, if the caller may look.
func (c *call) userOfPath() (*directory.UserView, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return c.api.dir.UserWithin(c.ctx(), c.p, c.within, id)
}

// What the dialect allows in changes of users (docs/spec/cvat.md, 9).
const (
	maxName     = 150
	maxMail     = 254
	minPassword = 8
	maxPassword = 256
	minUsername = 5
)

// usernameForm are the letters of any alphabet, digits and a few signs.
var usernameForm = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_.@+-]+$`)

func userLimits() models.UserLimits {
	return models.UserLimits{Login: maxName, Firstname: maxName, Lastname: maxName, LoginPattern: usernameForm,
		MinPassword: minPassword, MaxPassword: maxPassword, StrongPassword: true, PasswordOptional: true}
}

// Who may change which attributes of users.
var (
	personalFields   = []string{"username", "first_name", "last_name"}
	permissionFields = []string{"groups", "is_active", "is_staff", "is_superuser"}
)

var errUnknownField = refusal{http.StatusForbidden, detail{"Attempted to update an unknown field"}}

// usersUpdate changes a user. Which attributes somebody may name at all is narrower than what the directory allows
// (docs/spec/cvat.md, 9).
func (api *API) usersUpdate(c *call) error {
	v, err := c.userOfPath()
	if err != nil {
		return err
	}
	if err := c.mayName(v); err != nil {
		return err
	}
	r := &reader{body: c.body}
	change, err := c.userChange(r, v)
	if err != nil {
		return err
	}
	if len(c.body) == 0 {
		return c.send(http.StatusOK, c.shown(v))
	}
	changed, err := api.dir.UpdateUser(c.ctx(), c.p, directory.Ref{ID: v.ID}, change)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.shown(changed))
}

// mayName refuses a body with attributes that the caller may not change of a user, or that nobody may. Access tokens
// change no users.
func (c *call) mayName(v *directory.UserView) error {
	self := v.ID == c.p.UserID
	if c.p.Token != nil {
		return errForbidden
	}
	for name := range c.body {
		switch {
		case slices.Contains(personalFields, name):
			if !c.p.Admin && !self {
				return errForbidden
			}
		case name == "email":
			if !c.p.Admin && !(self && c.settings.SettingBool("cvat_own_email")) {
				return errForbidden
			}
		case slices.Contains(permissionFields, name):
			if !c.p.Admin {
				return errForbidden
			}
		default:
			return errUnknownField
		}
	}
	return nil
}

// userChange reads what a user is to be; v is nil for a new one.
func (c *call) userChange(r *reader, v *directory.UserView) (directory.UserChange, error) {
	change := directory.UserChange{Limits: userLimits()}
	if text, ok := r.text("username", textForm{required: true, most: maxName}); ok {
		change.Login = models.Some(text)
	}
	if text, ok := r.text("first_name", textForm{blank: true, most: maxName}); ok {
		change.Firstname = models.Some(models.NilIfEmpty(text))
	}
	if text, ok := r.text("last_name", textForm{blank: true, most: maxName}); ok {
		change.Lastname = models.Some(models.NilIfEmpty(text))
	}
	if text, ok := r.text("email", textForm{blank: true, most: maxMail, mail: true}); ok {
		change.Mail = models.Some(models.NilIfEmpty(text))
		if text == "" {
			change.MailEnabled = models.Some(new(bool)) // there is nowhere to send it to
		}
	}
	groups, grouped := r.texts("groups")
	flags := readFlags(r)
	if active, ok := r.boolean("is_active"); ok {
		status := models.UserLocked
		if active {
			status = models.UserActive
		}
		if v == nil || active == v.IsDisabled() { // what waits for activation does so on
			change.Status = models.Some(status)
		}
	}
	admin := flags.admin(r, groups, grouped, v)
	if err := r.wrong.err(); err != nil {
		return change, err
	}
	change.Admin = admin
	if !grouped {
		return change, nil
	}
	names := slices.DeleteFunc(groups, func(g string) bool { return g == string(models.SystemAdmin) })
	change.Groups = models.Some(directory.ByNames(names...))
	return change, c.shipGroups(names)
}

// shipGroups makes the user groups of the system groups, where one of them is named.
func (c *call) shipGroups(names []string) error {
	if slices.Contains(names, string(models.SystemUser)) || slices.Contains(names, string(models.SystemWorker)) {
		return c.api.dir.ShippedGroups(c.ctx())
	}
	return nil
}

// flags are what a body says of an administrator's.
type flags struct {
	super, staff           bool
	superGiven, staffGiven bool
}

func readFlags(r *reader) flags {
	var f flags
	f.staff, f.staffGiven = r.boolean("is_staff")
	f.super, f.superGiven = r.boolean("is_superuser")
	return f
}

// admin works out the flag of administrators from the flags and from the groups, and notes where they contradict each
// other: the directory has one flag for all of them (docs/spec/cvat.md, 1).
func (f flags) admin(r *reader, groups []string, grouped bool, v *directory.UserView) models.Opt[bool] {
	var admin models.Opt[bool]
	if f.superGiven {
		admin = models.Some(f.super)
	}
	if named := slices.Contains(groups, string(models.SystemAdmin)); grouped {
		if f.superGiven && named && !f.super {
			r.wrong.add("groups", "Who is in the group admin is a superuser.")
		}
		admin = models.Some(named || f.superGiven && f.super)
	}
	if !f.staffGiven {
		return admin
	}
	is := v != nil && v.MayViewUsers()
	switch {
	case admin.Set && admin.Value == f.staff:
	case admin.Set && admin.Value:
		r.wrong.add("is_staff", "Superusers are staff.")
	case f.staff != is:
		r.wrong.add("is_staff", "This changes together with is_superuser, or by a role that views users.")
	}
	return admin
}

// usersCreate adds an account, which the original has no path for (docs/spec/cvat.md, 14).
func (api *API) usersCreate(c *call) error {
	if !c.p.Admin || c.p.Token != nil {
		return errForbidden
	}
	r := &reader{body: c.body, whole: true}
	password, protected := r.text("password", textForm{untrimmed: true, most: maxPassword})
	for name := range c.body {
		known := slices.Contains(personalFields, name) || slices.Contains(permissionFields, name) || name == "email"
		if !known && name != "password" {
			r.wrong.add(name, "There is no such field.")
		}
	}
	change, err := c.userChange(r, nil)
	if err != nil {
		return err
	}
	change.NoOrganization = true
	if protected {
		change.Password = models.Some(password)
	}
	if !change.Groups.Set {
		group := c.defaultGroup()
		change.Groups = models.Some(directory.ByNames(group))
		if err := c.shipGroups([]string{group}); err != nil {
			return err
		}
	}
	v, err := api.dir.CreateUser(c.ctx(), c.p, change)
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, c.full(v))
}

// defaultGroup is the user group that new accounts come into.
func (c *call) defaultGroup() string {
	if group := c.settings.Setting("cvat_default_group"); group != "" {
		return group
	}
	return string(models.SystemUser)
}

// usersDestroy deletes a user: administrators anybody, everybody the own account.
func (api *API) usersDestroy(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	_, err = api.dir.UserWithin(c.ctx(), c.p, c.within, id)
	self := id == c.p.UserID
	switch {
	case models.KindOf(err) == models.NotFound:
		return err
	case c.p.Token != nil || !c.p.Admin && !self:
		return errForbidden
	case err != nil:
		return err
	case self:
		err = api.dir.DeleteSelf(c.ctx(), c.p)
	default:
		_, err = api.dir.DeleteUser(c.ctx(), c.p, directory.Ref{ID: id})
	}
	if err != nil {
		return err
	}
	return c.done()
}
