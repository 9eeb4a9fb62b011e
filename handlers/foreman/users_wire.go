package foreman

import (
	"regexp"

	"roster/directory"
	"roster/models"
)

// userRow is a user in a list, in the order of the original (docs/spec/foreman.md, 5.1).
type userRow struct {
	Firstname           *string     `json:"firstname"`
	Lastname            *string     `json:"lastname"`
	Mail                *string     `json:"mail"`
	MailEnabled         *bool       `json:"mail_enabled"`
	Admin               bool        `json:"admin"`
	AuthSourceID        int64       `json:"auth_source_id"`
	Disabled            *bool       `json:"disabled"`
	AuthSourceName      *string     `json:"auth_source_name"`
	Timezone            *string     `json:"timezone"`
	Locale              *string     `json:"locale"`
	LastLoginOn         stamp       `json:"last_login_on" swaggertype:"string" example:"2026-01-10 08:00:00 UTC"`
	CreatedAt           stamp       `json:"created_at" swaggertype:"string" example:"2026-01-10 08:00:00 UTC"`
	UpdatedAt           stamp       `json:"updated_at" swaggertype:"string" example:"2026-01-10 08:00:00 UTC"`
	ID                  int64       `json:"id"`
	Login               string      `json:"login"`
	Description         *string     `json:"description"`
	SSHKeys             []sshKeyRef `json:"ssh_keys"`
	DefaultLocation     *tenantFull `json:"default_location"`
	Locations           any         `json:"locations" swaggertype:"array,object"`
	DefaultOrganization *tenantFull `json:"default_organization"`
	Organizations       any         `json:"organizations" swaggertype:"array,object"`
	EffectiveAdmin      bool        `json:"effective_admin"`
	// Missing if the installation has no custom fields for users
	CustomFields []customValueRow `json:"custom_fields,omitempty"`
	// Missing in lists and if the user has none
	FurtherMails []string `json:"further_mails,omitempty"`
	// ExpiresAt is missing where the account never ends.
	ExpiresAt stamp `json:"expires_at,omitempty" swaggertype:"string" example:"2026-12-31 23:59:59 UTC"`
	// MustChangePassword is missing where the password need not be changed.
	MustChangePassword bool `json:"must_change_password,omitempty"`
}

// userDetails follow in the answer about a single user.
type userDetails struct {
	CachedUsergroups   []groupWithRoles `json:"cached_usergroups"`
	AuthSourceInternal *sourceRef       `json:"auth_source_internal,omitempty"`
	AuthSourceLdap     *sourceRef       `json:"auth_source_ldap,omitempty"`
	AuthSourceExternal *sourceRef       `json:"auth_source_external,omitempty"`
	AuthSourceHidden   *sourceRef       `json:"auth_source_hidden,omitempty"`
	MailNotifications  []mailRef        `json:"mail_notifications"`
	Roles              []roleRef        `json:"roles"`
	Usergroups         []groupWithRoles `json:"usergroups"`
}

// userWhole is a user shown alone.
type userWhole struct {
	userRow
	userDetails
}

type sshKeyRef struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Length      int64  `json:"length"`
	Fingerprint string `json:"fingerprint"`
}

// tenantRefRow is a tenant inside a list row; tenantFull everywhere else.
type tenantRefRow struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type tenantFull struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Title       string  `json:"title"`
	Description *string `json:"description"`
}

type sourceRef struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"`
}

type mailRef struct {
	ID               int64   `json:"id"`
	Name             string  `json:"name"`
	Description      *string `json:"description"`
	SubscriptionType *string `json:"subscription_type"`
}

type roleRef struct {
	Name        string  `json:"name"`
	ID          int64   `json:"id"`
	Description *string `json:"description"`
	Origin      *string `json:"origin"`
}

type groupWithRoles struct {
	Name      string    `json:"name"`
	ID        int64     `json:"id"`
	CreatedAt stamp     `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp     `json:"updated_at" swaggertype:"string"`
	Roles     []roleRef `json:"roles"`
}

// mapped renders every element; no elements are an empty list, never null.
func mapped[T, W any](list []T, render func(T) W) []W {
	out := make([]W, len(list))
	for i, v := range list {
		out[i] = render(v)
	}
	return out
}

func (c *call) userRow(v *directory.UserView) userRow {
	row := userRow{
		Firstname: v.Firstname, Lastname: v.Lastname, Mail: v.Mail, MailEnabled: v.MailEnabled, Admin: v.Admin,
		AuthSourceID: v.AuthSourceID,
		Disabled:     v.Disabled, Timezone: v.Timezone, Locale: v.Locale, LastLoginOn: c.stampPtr(v.LastLoginOn),
		CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Login: v.Login,
		Description: v.Description,
		SSHKeys:     mapped(v.SSHKeys, sshKeyOf), DefaultLocation: tenantFullOrNil(v.DefaultLocation),
		DefaultOrganization: tenantFullOrNil(v.DefaultOrganization),
		Locations:           mapped(v.Tenants[models.LocationKind], tenantRowOf),
		Organizations:       mapped(v.Tenants[models.OrganizationKind], tenantRowOf),
		EffectiveAdmin:      v.EffectiveAdmin, CustomFields: customValues(v.CustomFields, v.Custom),
		FurtherMails: v.FurtherMails, ExpiresAt: c.stampPtr(v.ExpiresAt),
		MustChangePassword: v.MustChangePassword,
	}
	if v.AuthSource != nil {
		row.AuthSourceName = &v.AuthSource.Name
	}
	return row
}

func (c *call) userWhole(v *directory.UserView) userWhole {
	w := userWhole{userRow: c.userRow(v), userDetails: userDetails{
		CachedUsergroups: mapped(v.AllGroups, c.groupWithRoles), MailNotifications: mapped(v.MailNotifications, mailOf),
		Roles: mapped(v.Roles, roleOf), Usergroups: mapped(v.Groups, c.groupWithRoles),
	}}
	w.Locations = mapped(v.Tenants[models.LocationKind], tenantFullOf)
	w.Organizations = mapped(v.Tenants[models.OrganizationKind], tenantFullOf)
	// The key depends on the class of the source.
	if ref := sourceOf(v.AuthSource); ref != nil {
		switch v.AuthSource.Type {
		case models.InternalSource:
			w.AuthSourceInternal = ref
		case models.LdapSource:
			w.AuthSourceLdap = ref
		case models.ExternalSource:
			w.AuthSourceExternal = ref
		case models.HiddenSource:
			w.AuthSourceHidden = ref
		}
	}
	return w
}

func sshKeyOf(k models.SSHKey) sshKeyRef {
	return sshKeyRef{ID: k.ID, Name: k.Name, Key: k.Key, Length: k.Length, Fingerprint: k.Fingerprint}
}

func tenantRowOf(t *models.Tenant) tenantRefRow { return tenantRefRow{t.ID, t.Name} }

func tenantFullOf(t *models.Tenant) tenantFull {
	return tenantFull{ID: t.ID, Name: t.Name, Title: t.Title, Description: t.Description}
}

func tenantFullOrNil(t *models.Tenant) *tenantFull {
	if t == nil {
		return nil
	}
	full := tenantFullOf(t)
	return &full
}

func sourceOf(a *models.AuthSource) *sourceRef {
	if a == nil {
		return nil
	}
	return &sourceRef{a.ID, string(a.Type), a.Name}
}

func mailOf(m *models.MailNotification) mailRef {
	return mailRef{ID: m.ID, Name: m.Name, Description: m.Description, SubscriptionType: m.SubscriptionType}
}

func roleOf(r *models.Role) roleRef {
	return roleRef{Name: r.Name, ID: r.ID, Description: r.Description, Origin: r.Origin}
}

func (c *call) groupWithRoles(g *directory.Group) groupWithRoles {
	return groupWithRoles{Name: g.Name, ID: g.ID, CreatedAt: c.stamp(g.CreatedAt), UpdatedAt: c.stamp(g.UpdatedAt),
		Roles: mapped(g.Roles, roleOf)}
}

// userDump is what a deletion answers: the row as it was, without its secrets (docs/spec/foreman.md, 5.2 and 19, row
// 5).
type userDump struct {
	ID                    int64    `json:"id"`
	Login                 string   `json:"login"`
	Firstname             *string  `json:"firstname"`
	Lastname              *string  `json:"lastname"`
	Mail                  *string  `json:"mail"`
	Admin                 bool     `json:"admin"`
	LastLoginOn           isoStamp `json:"last_login_on" swaggertype:"string"`
	AuthSourceID          int64    `json:"auth_source_id"`
	CreatedAt             isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt             isoStamp `json:"updated_at" swaggertype:"string"`
	Locale                *string  `json:"locale"`
	AvatarHash            *string  `json:"avatar_hash"`
	DefaultOrganizationID *int64   `json:"default_organization_id"`
	DefaultLocationID     *int64   `json:"default_location_id"`
	LowerLogin            string   `json:"lower_login"`
	MailEnabled           *bool    `json:"mail_enabled"`
	Timezone              *string  `json:"timezone"`
	Description           *string  `json:"description"`
	Disabled              *bool    `json:"disabled"`
	// Password is always null; clients of the original know the key.
	Password *string `json:"password"`
	Name     string  `json:"name"`
}

func (c *call) userDump(u *models.User) userDump {
	return userDump{
		ID: u.ID, Login: u.Login, Firstname: u.Firstname, Lastname: u.Lastname, Mail: u.Mail, Admin: u.Admin,
		LastLoginOn:  c.isoPtr(u.LastLoginOn),
		AuthSourceID: u.AuthSourceID, CreatedAt: c.iso(u.CreatedAt), UpdatedAt: c.iso(u.UpdatedAt), Locale: u.Locale,
		DefaultOrganizationID: u.DefaultOrganizationID, DefaultLocationID: u.DefaultLocationID,
		LowerLogin:  u.LowerLogin,
		MailEnabled: u.MailEnabled, Timezone: u.Timezone, Description: u.Description, Disabled: u.Disabled,
		Name: u.Name(),
	}
}

// userUnwrapped are the attributes that may stand at the top level of a body without the root key. The administrator
// flag is not among them (docs/spec/foreman.md, 3.1).
var userUnwrapped = []string{
	"login", "firstname", "lastname", "mail", "description", "mail_enabled", "password", "password_confirmation",
	"current_password", "revoke_tokens",
	"default_location_id", "default_organization_id", "locale", "timezone", "disabled", "auth_source", "auth_source_id",
	"auth_source_name",
	"roles", "role_ids", "role_names", "locations", "organizations", "location_ids", "location_names",
	"organization_ids", "organization_names", "custom_fields", "further_mails", "expires_at",
	"must_change_password",
}

// userLimits are the lengths that clients of the original know (docs/spec/foreman.md, 9.1).
var userLimits = models.UserLimits{
	Login: 100, Firstname: 50, Lastname: 50, FirstnamePattern: namePattern, LastnamePattern: namePattern,
}

// namePattern are the characters of first and last names (docs/spec/foreman.md, 9.1).
var namePattern = regexp.MustCompile(`^[\p{L}\p{M}\p{N}\s'_\-.()<>;=,]*$`)

// userChange reads the attributes of a body (docs/spec/foreman.md, 3.5).
func (c *call) userChange() (directory.UserChange, error) {
	u := directory.UserChange{Limits: userLimits}
	a, err := c.root("user", userUnwrapped)
	if err != nil {
		return u, err
	}
	a.word("login", &u.Login)
	a.str("firstname", &u.Firstname)
	a.str("lastname", &u.Lastname)
	a.str("mail", &u.Mail)
	a.str("description", &u.Description)
	a.str("timezone", &u.Timezone)
	a.str("locale", &u.Locale)
	a.flag("disabled", &u.Disabled)
	a.flag("mail_enabled", &u.MailEnabled)
	a.firmFlag("admin", &u.Admin)
	a.num("default_location_id", &u.DefaultLocationID)
	a.num("default_organization_id", &u.DefaultOrganizationID)
	a.firmNum("auth_source_id", &u.AuthSourceID)
	a.word("auth_source_name", &u.AuthSourceName)
	a.word("password", &u.Password)
	a.word("password_confirmation", &u.PasswordConfirmation)
	a.word("current_password", &u.CurrentPassword)
	a.firmFlag("revoke_tokens", &u.RevokeTokens)
	a.firmFlag("must_change_password", &u.MustChangePassword)
	if err := a.limit("expires_at", &u.ExpiresAt); err != nil {
		return u, err
	}
	if u.FurtherMails = a.names("further_mails"); !u.FurtherMails.Set && a["further_mails"] != nil {
		return u, models.Refuse("further_mails", models.RuleInvalid)
	}
	if u.Custom, err = c.customs(a, models.CustomUser); err != nil {
		return u, err
	}
	if u.Roles, err = a.association("role", "roles", "name"); err != nil {
		return u, err
	}
	u.Tenants, err = a.tenants()
	return u, err
}
