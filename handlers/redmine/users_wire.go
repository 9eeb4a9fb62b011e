package redmine

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"

	"roster/directory"
	"roster/models"
)

// statuses are the numbers of the states of accounts.
var statuses = map[models.UserStatus]int64{models.UserActive: 1, models.UserRegistered: 2, models.UserLocked: 3}

// numberOf returns the number of a state. An account that has expired is locked.
func numberOf(status models.UserStatus) int64 {
	if status == models.UserExpired {
		status = models.UserLocked
	}
	return statuses[status]
}

// statusOf returns the state of a number. Any other number is a state that no account has.
func statusOf(n int64) models.UserStatus {
	for status, number := range statuses {
		if number == n {
			return status
		}
	}
	return models.UserStatus("")
}

// isSelf reports whether a user is the caller.
func (c *call) isSelf(v *directory.UserView) bool { return v.ID == c.p.UserID }

// userObject is a user in the order of the original, as far as the caller is shown it (docs/spec/redmine.md, 4.5 and
// 5).
// inList says that it stands in a list.
func (c *call) userObject(v *directory.UserView, include map[string]bool, inList bool) (object, error) {
	mine := c.p.Admin || c.isSelf(v)
	o := object{field("id", v.ID), field("login", v.Login)}
	if mine {
		o = append(o, field("admin", v.Admin))
	}
	o = append(o, field("firstname", models.Deref(v.Firstname)), field("lastname", models.Deref(v.Lastname)))
	if c.p.Admin || !c.hidesMail(v.User) {
		o = append(o, field("mail", v.Mail))
	}
	o = append(o, field("created_on", v.CreatedAt), field("updated_on", v.UpdatedAt),
		field("last_login_on", v.LastLoginOn), field("passwd_changed_on", v.PasswordChangedAt))
	if icon := c.icon(v.User); icon != "" {
		o = append(o, field("avatar_url", icon))
	}
	if mine {
		o = append(o, field("twofa_scheme", v.SecondFactor))
	}
	if mine && !inList {
		key, err := c.apiKey(v)
		if err != nil {
			return nil, err
		}
		if key != "" {
			o = append(o, field("api_key", key))
		}
	}
	if c.p.Admin {
		o = append(o, field("status", numberOf(v.Status())))
	}
	source := member{}
	if c.p.Admin && include["auth_source"] && v.AuthSource != nil && v.AuthSource.Type != models.InternalSource {
		source = field("auth_source", reference(v.AuthSource.ID, v.AuthSource.Name))
	}
	if inList && source.name != "" {
		o = append(o, source)
	}
	o = append(o, customs(v.CustomFields, v.Custom)...)
	if inList {
		return o, nil
	}
	if source.name != "" {
		o = append(o, source)
	}
	return c.withRelations(o, v, include)
}

// withRelations adds what a client asked to be included with a user.
func (c *call) withRelations(o object, v *directory.UserView, include map[string]bool) (object, error) {
	if include["groups"] && c.p.Admin {
		groups := array{item: "group"}
		for _, g := range v.Groups {
			groups.values = append(groups.values, reference(g.ID, g.Name))
		}
		o = append(o, field("groups", groups))
	}
	if include["memberships"] {
		list, err := c.api.dir.MembershipsOf(c.ctx(), c.p, v.ID, 0)
		if err != nil {
			return nil, err
		}
		o = append(o, field("memberships", ownMemberships(list)))
	}
	return o, nil
}

// hidesMail reports whether others than administrators do not see the address of a user.
func (c *call) hidesMail(u *models.User) bool {
	if u.HideMail != nil {
		return *u.HideMail
	}
	return c.settingOn("redmine_default_users_hide_mail")
}

// icon is the address of the picture that a user has with Gravatar, where the installation shows these.
func (c *call) icon(u *models.User) string {
	if !c.settingOn("redmine_gravatar_enabled") || models.Blank(u.Mail) {
		return ""
	}
	sum := md5.Sum([]byte(strings.ToLower(strings.TrimSpace(*u.Mail)))) // no secret: what the service wants
	return "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?default=identicon"
}

// customs is the member with the values of custom fields; none where no field is shown (docs/spec/redmine.md, 5.2).
func customs(fields []*models.CustomField, values models.CustomValues) object {
	list := array{item: "custom_field"}
	for _, f := range fields {
		if f.Visible {
			list.values = append(list.values, customObject(f, values))
		}
	}
	if len(list.values) == 0 {
		return nil
	}
	return object{field("custom_fields", list)}
}

func customObject(f *models.CustomField, values models.CustomValues) object {
	o := object{attribute("id", f.ID), attribute("name", f.Name)}
	held, has := values[f.ID]
	switch {
	case f.Multiple:
		list := array{item: "value"}
		for _, v := range held {
			list.values = append(list.values, v)
		}
		return append(o, attribute("multiple", true), field("value", list))
	case !has:
		return append(o, field("value", nil))
	case len(held) == 0:
		return append(o, field("value", ""))
	}
	return append(o, field("value", held[0]))
}

// displayName is how a user is called where others refer to it, as the installation says.
func (c *call) displayName(u *models.User) string {
	first := strings.TrimSpace(models.Deref(u.Firstname))
	last := strings.TrimSpace(models.Deref(u.Lastname))
	initial := func(name, dot string) string {
		for _, r := range name {
			return string(r) + dot
		}
		return ""
	}
	join := func(parts ...string) string {
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
		return strings.Join(parts, " ")
	}
	name := ""
	switch c.settings.Setting("redmine_user_format") {
	case "firstname_lastinitial":
		name = join(first, initial(last, "."))
	case "firstinitial_lastname":
		name = join(initial(first, "."), last)
	case "firstname":
		name = first
	case "lastname_firstname":
		name = join(last, first)
	case "lastnamefirstname":
		name = last + first
	case "lastname_comma_firstname":
		if name = last; first != "" && last != "" {
			name = last + ", " + first
		} else if last == "" {
			name = first
		}
	case "lastname":
		name = last
	case "username":
	default:
		name = join(first, last)
	}
	if name == "" {
		return u.Login
	}
	return name
}

// apiKey is the key of a user, as far as the caller may see it.
func (c *call) apiKey(v *directory.UserView) (string, error) {
	if v.APIKey != "" {
		return v.APIKey, nil
	}
	return c.api.dir.APIKey(c.ctx(), c.p, v.ID)
}
