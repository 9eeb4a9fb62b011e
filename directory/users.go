package directory

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// UserChange is what a caller wants a user to be; what is not set stays as it is. Attributes that the caller may never
// set are ignored, not refused, because clients send whole records back (docs/spec/foreman.md, 3.5 and 8.5).
type UserChange struct {
	Login                                           models.Opt[string]
	Firstname, Lastname, Mail, Description          models.Opt[*string]
	Timezone, Locale                                models.Opt[*string]
	Disabled, MailEnabled                           models.Opt[*bool]
	Admin                                           models.Opt[bool]
	DefaultLocationID, DefaultOrganizationID        models.Opt[*int64]
	AuthSourceID                                    models.Opt[int64]
	AuthSourceName                                  models.Opt[string]
	Roles                                           models.Opt[Refs]
	Tenants                                         TenantRefs
	Password, PasswordConfirmation, CurrentPassword models.Opt[string]
	// Status says whether the account may be used; it goes before Disabled.
	Status models.Opt[models.UserStatus]
	// ExpiresAt sets when the account ends: a text in any usual form of date and time, read in the caller's zone when
	// it names none; empty for never. A date without a time means its end.
	ExpiresAt models.Opt[*string]
	// Groups replaces those that the user is in directly.
	Groups             models.Opt[Refs]
	MustChangePassword models.Opt[bool]
	MailNotification   models.Opt[*string]
	HideMail           models.Opt[*bool]
	// FurtherMails replaces the mail addresses beyond the first.
	FurtherMails models.Opt[[]string]
	// GeneratePassword replaces the password by a random one that keeps the rules. Inform mails what to log in with, as
	// far as mail is sent at all.
	GeneratePassword, Inform bool
	// KeepAPIKey leaves the API key of somebody who gets a new password, although tokens end.
	KeepAPIKey bool
	// NoOrganization leaves a new user out of organizations that nobody asks for.
	NoOrganization bool
	// MakeAPIKey gives a new user an API key at once, which the view shows.
	MakeAPIKey bool
	// Custom sets custom fields. OwnForm says that a user fills in the form of the own account, in which only the
	// editable ones are.
	Custom  []models.CustomInput
	OwnForm bool
	// Limits are those of the dialect for the texts that the change sets.
	Limits models.UserLimits
	// RevokeTokens says whether the personal access tokens end with the password; see revokesTokens.
	RevokeTokens models.Opt[bool]

	// What preparePassword found out.
	checkedHash, newHash, generated    string
	currentPasswordGood, wantsPassword bool
	// resetting says that the permission reset_passwords allows the change.
	resetting bool
}

// userState is a user with everything a change may replace.
type userState struct {
	models.User
	roles   []int64
	tenants tenantIDs
	custom  models.CustomValues
	// inactive are the tenants of memberships that are not active, as far as the change leaves them so.
	inactive                       []int64
	passwordChanged, revokesTokens bool
	// resetting says that the permission reset_passwords allows the change.
	resetting bool
	// passwordOptional says that an account without a password is fine: it lets nobody in.
	passwordOptional bool
	// further are the mail addresses beyond the first, where a change sets them.
	further []string
	// endsKey says that the API key ends with the tokens.
	endsKey bool
	// apiKey is the key that a new user got.
	apiKey string
	// notMailed says that something should have been mailed and could not.
	notMailed bool
	// hadPassword says that the password so far is replaced.
	hadPassword bool
	// askedRoles are the roles that a change asks for, where it changes any: the role that everybody has is added to
	// them afterwards, and not audited as if the caller had given it.
	askedRoles *[]int64
}

// customs is what the change does to custom fields.
func (c *UserChange) customs(made bool) customChange {
	return customChange{subject: models.CustomUser, input: c.Custom, own: c.OwnForm, made: made}
}

// references are the lists that a change of a user carries.
func (c *UserChange) references(p *models.Principal) []reference {
	tenants := c.Tenants.references(func(kind models.TenantKind) target { return assignedTarget(p, kind) })
	return slices.Concat(referencesTo(rolesTarget, &c.Roles), referencesTo(usergroupsTarget, &c.Groups), tenants)
}

// CreateUser adds a user (docs/spec/foreman.md, 9.7). The default role is attached; the tenants of the request and,
// where the installation has only one location or organization, that one, are assigned.
func (s *Service) CreateUser(ctx context.Context, p *models.Principal, c UserChange) (*UserView, error) {
	if err := store.Require(p, scopes.Users, models.Create); err != nil {
		return nil, err
	}
	if err := s.preparePassword(ctx, p, &c, nil); err != nil {
		return nil, err
	}
	var made *userState
	err := s.creating(ctx, p, scopes.Users, c.references(p), func(t *tx) error {
		if err := t.holdGroupsOf(c); err != nil {
			return err
		}
		var err error
		if made, err = t.createUser(c); err != nil {
			return err
		}
		return t.setGroups(made.ID, c.Groups)
	})
	if err != nil {
		return nil, loginTaken(err)
	}
	return s.userViewAfter(ctx, p, made)
}

// userViewAfter shows a user whom the caller has just changed.
func (s *Service) userViewAfter(ctx context.Context, p *models.Principal, u *userState) (*UserView, error) {
	v, err := s.userViewOf(ctx, p, &u.User)
	if err != nil {
		return nil, err
	}
	v.NotMailed = u.notMailed
	v.APIKey = u.apiKey
	return v, nil
}

// loginTaken words the one uniqueness that a user can break, even when two requests race for a login.
func loginTaken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return takenError("login", err)
	}
	return err
}

func (t *tx) createUser(c UserChange) (*userState, error) {
	after := &userState{
		User:    models.User{CreatedAt: t.Time, UpdatedAt: t.Time, Disabled: new(bool), MailEnabled: new(bool)},
		tenants: tenantIDs{},
	}
	if err := t.userDefaults(&c); err != nil {
		return after, err
	}
	if c.Limits.PasswordOptional {
		r, err := t.Snapshot()
		if err != nil {
			return after, err
		}
		after.AuthSourceID = r.InternalSource() // unless the change names another one
	}
	return after, t.saveUser(nil, after, c)
}

// userDefaults adds what a new user gets unasked: the installation's zone and language, its lone tenants when none are
// given, and the tenants of the request (docs/spec/foreman.md, 3.7, 9.5 and 12.6).
func (t *tx) userDefaults(c *UserChange) error {
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	if zone := r.Setting("default_timezone"); zone != "" && !c.Timezone.Set {
		c.Timezone = models.Some(&zone)
	}
	if locale := r.Setting("default_locale"); locale != "" && !c.Locale.Set {
		c.Locale = models.Some(&locale)
	}
	if wanted := c.Tenants[models.OrganizationKind]; c.NoOrganization && !wanted.Set {
		tenants := TenantRefs{models.OrganizationKind: models.Some(Refs{})}
		maps.Copy(tenants, c.Tenants)
		c.Tenants = tenants
	}
	c.Tenants, err = t.withDefaults(c.Tenants, !c.NoOrganization)
	return err
}

// UpdateUser changes the user that a reference means (docs/spec/foreman.md, 9.8).
func (s *Service) UpdateUser(ctx context.Context, p *models.Principal, ref store.Ref, c UserChange,
	parents ...store.Parent) (*UserView, error) {
	u, action, err := s.findChanged(ctx, p, ref, c, parents)
	if err != nil {
		return nil, err
	}
	if c.resetting = action == models.ResetPasswords; c.resetting {
		c.Login = models.Opt[string]{} // it was sent as it is
	}
	if err := s.preparePassword(ctx, p, &c, u); err != nil {
		return nil, models.About(u.ID, err)
	}
	var changed *userState
	err = s.changing(ctx, p, c.references(p), func(t *tx) error {
		if err := t.holdGroupsOf(c); err != nil {
			return err
		}
		row, err := s.findUser(t.Locking(), t.Caller, action, store.Ref{ID: u.ID}, parents)
		if err != nil {
			return err
		}
		if changed, err = t.updateUser(row, c); err != nil {
			return err
		}
		return t.setGroups(row.ID, c.Groups)
	})
	if err != nil {
		return nil, models.About(u.ID, loginTaken(err))
	}
	return s.userViewAfter(ctx, p, changed)
}

// findChanged finds a user whom the caller wants to change, and says by which action: the change may be one that the
// permission reset_passwords allows, where the caller may view the user and not edit. The answer shows the whole
// record.
func (s *Service) findChanged(ctx context.Context, p *models.Principal, ref store.Ref, c UserChange,
	parents []store.Parent) (*models.User, models.Action, error) {
	db := s.Read.WithContext(ctx)
	u, err := s.findUser(db, p, models.Edit, ref, parents)
	if err == nil || p == nil || !p.Can(scopes.Users.Can(models.ResetPasswords)) || !c.onlyResets() {
		return u, models.Edit, err
	}
	u, refused := s.findUser(db, p, models.ResetPasswords, ref, parents)
	if refused == nil {
		_, refused = s.findUser(db, p, models.View, store.Ref{ID: u.ID}, parents)
	}
	if refused == nil && c.Login.Set && c.Login.Value != u.Login {
		return nil, models.ResetPasswords, err
	}
	if refused == nil || !p.Can(scopes.Users.Can(models.Edit)) {
		err = refused
	}
	return u, models.ResetPasswords, err
}

// onlyResets reports whether a change does what the permission reset_passwords is for, and nothing else: a new
// password, and enabling an account. The login may be sent along, as hammer does; whether it stays is for the caller to
// see. So may that the new password has to be changed.
func (c UserChange) onlyResets() bool {
	sets := c.Password.Value != "" || c.GeneratePassword
	enables := c.Disabled.Value != nil && !*c.Disabled.Value
	if !sets && !enables {
		return false
	}
	rest := c
	rest.Login = models.Opt[string]{}
	rest.Password = models.Opt[string]{}
	rest.PasswordConfirmation = models.Opt[string]{}
	rest.RevokeTokens = models.Opt[bool]{}
	if sets && rest.MustChangePassword.Value { // to lift it takes more
		rest.MustChangePassword = models.Opt[bool]{}
	}
	rest.GeneratePassword = false
	rest.Inform = false
	rest.Limits = models.UserLimits{}
	if enables {
		rest.Disabled = models.Opt[*bool]{}
	}
	for _, tenants := range rest.Tenants {
		if tenants.Set {
			return false
		}
	}
	rest.Tenants = nil
	if len(rest.Custom) == 0 {
		rest.Custom = nil
	}
	return reflect.DeepEqual(rest, UserChange{})
}

// holdGroupsOf takes the lock of groups for a change that moves a user among them.
func (t *tx) holdGroupsOf(c UserChange) error {
	if !c.Groups.Set {
		return nil
	}
	return t.holdGroups(false)
}

// Locking reads rows so that no other change gets at them before this one ends. SQLite has one writer anyway.
func (t *tx) Locking() *gorm.DB {
	if !t.s.Postgres {
		return t.DB
	}
	return t.Clauses(clause.Locking{Strength: "NO KEY UPDATE", Table: clause.Table{Name: clause.CurrentTable}}).
		Session(&gorm.Session{})
}

func (t *tx) updateUser(row *models.User, c UserChange) (*userState, error) {
	before, err := t.userState(row)
	if err != nil {
		return nil, err
	}
	if c.FurtherMails.Set {
		if before.further, err = t.furtherMails(row.ID); err != nil {
			return nil, err
		}
	}
	after := *before
	after.tenants = before.tenants.clone()
	return &after, t.saveUser(before, &after, c)
}

// saveUser makes a change of a user; before is nil for a new one.
func (t *tx) saveUser(before, after *userState, c UserChange) error {
	self := before != nil && before.ID == t.Caller.UserID
	todo := steps{
		apply: func() error {
			own, err := t.ownForm(after.ID, c, self)
			if err != nil {
				return err
			}
			c.OwnForm = own
			if after.custom, err = t.applyCustom(c.customs(before == nil), after.custom); err != nil {
				return err
			}
			return t.applyUser(after, c, self)
		},
		check: func() error { return t.checkUser(before, after, c) },
		write: func() error { return t.writeUser(before, after) },
		settle: func() error {
			if err := t.settleUser(before, after); err != nil {
				return err
			}
			if before == nil && c.MakeAPIKey {
				if err := t.giveAPIKey(after); err != nil {
					return err
				}
			}
			return t.mailUser(before, after, c)
		},
	}
	if !self {
		todo.covered = scopes.Users // one's own row needs no permission (docs/spec/foreman.md, 8.1)
		if c.resetting {
			todo.by = models.ResetPasswords
		}
	}
	return save(t, before, after, todo)
}

// ownForm reports whether a change is of the own account by somebody who may not change it as others do, so that it
// sets no more than the form of the own account would.
func (t *tx) ownForm(id int64, c UserChange, self bool) (bool, error) {
	if c.OwnForm || !self || len(c.Custom) == 0 {
		return c.OwnForm, nil
	}
	if !t.Caller.Can(scopes.Users.Can(models.Edit)) {
		return true, nil
	}
	err := t.covered(models.Edit, scopes.Users, id)
	var refused *models.Error
	if errors.As(err, &refused) && refused.Kind == models.Invalid {
		return true, nil
	}
	return false, err
}

func (t *tx) userState(u *models.User) (*userState, error) {
	state := &userState{User: *u}
	var err error
	if state.roles, err = t.LinkedIDs(store.UserRoles, u.ID); err != nil {
		return nil, err
	}
	if state.tenants, err = t.assignments(store.UserTenants, u.ID); err != nil {
		return nil, err
	}
	if state.custom, err = t.customState(models.CustomUser, u.ID); err != nil {
		return nil, err
	}
	all, err := t.TenantsOf(u.ID)
	state.inactive = store.Without(all, state.tenants.all())
	return state, err
}

// belongs returns the tenants in which the user is seen, in whatever state.
func (u *userState) belongs() []int64 {
	assigned := u.tenants.all()
	return append(assigned, store.Without(u.inactive, assigned)...)
}

// applyUser writes the change into the state. What the caller may never set is left out here, in one place: the
// administrator flag by others than administrators; roles and auth source on oneself, and that the own password need
// not be changed.
func (t *tx) applyUser(u *userState, c UserChange, self bool) error {
	c.Login.Apply(&u.Login)
	c.Firstname.Apply(&u.Firstname)
	c.Lastname.Apply(&u.Lastname)
	c.Mail.Apply(&u.Mail)
	c.Description.Apply(&u.Description)
	c.Timezone.Apply(&u.Timezone)
	c.Locale.Apply(&u.Locale)
	had := u.User
	c.Disabled.Apply(&u.Disabled)
	c.MailEnabled.Apply(&u.MailEnabled)
	if c.Status.Set {
		u.SetStatus(c.Status.Value)
	}
	if err := t.applyEnd(u, &had, c); err != nil {
		return err
	}
	if !self || c.MustChangePassword.Value { // only another password lifts it for oneself
		c.MustChangePassword.Apply(&u.MustChangePassword)
	}
	c.MailNotification.Apply(&u.MailNotification)
	c.HideMail.Apply(&u.HideMail)
	u.applyFurtherMails(c.FurtherMails)
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	knows := r.VisibleTenants(t.Caller)
	applyDefault(c.DefaultLocationID, &u.DefaultLocationID, knows)
	applyDefault(c.DefaultOrganizationID, &u.DefaultOrganizationID, knows)
	if t.Caller.Admin {
		c.Admin.Apply(&u.Admin)
	}
	u.resetting = c.resetting
	u.passwordChanged = c.wantsPassword
	u.passwordOptional = c.Limits.PasswordOptional
	u.revokesTokens = c.revokesTokens(self)
	u.endsKey = u.revokesTokens && !c.KeepAPIKey
	if c.newHash != "" {
		hash := c.newHash
		now := t.Time
		u.PasswordHash = &hash
		u.PasswordChangedAt = &now
		u.MustChangePassword = c.MustChangePassword.Value || u.MustChangePassword && !self
	}
	if !self {
		if err := t.applyAuthSource(&u.User, c); err != nil {
			return err
		}
		if err := t.replace(rolesTarget, c.Roles, &u.roles); err != nil {
			return err
		}
	}
	u.Normalize()
	return t.assign(c.Tenants, u.tenants)
}

// applyDefault sets a default tenant. A tenant that the caller may not know of counts as none, like an unknown one.
// None leaves a default that the caller cannot see.
func applyDefault(wanted models.Opt[*int64], id **int64, knows func(int64) bool) {
	if !wanted.Set {
		return
	}
	to := wanted.Value
	if to != nil && !knows(*to) && (*id == nil || **id != *to) {
		to = nil
	}
	if to == nil && *id != nil && !knows(**id) {
		return
	}
	*id = to
}

func (t *tx) applyAuthSource(u *models.User, c UserChange) error {
	c.AuthSourceID.Apply(&u.AuthSourceID)
	if !c.AuthSourceName.Set {
		return nil
	}
	// A client may send back the name of the source that it was shown.
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	if own := r.Sources[u.AuthSourceID]; own != nil && own.Name == c.AuthSourceName.Value && !c.AuthSourceID.Set {
		return nil
	}
	ids, err := t.resolve(sourcesTarget(t.Caller), ByNames(c.AuthSourceName.Value))
	if err != nil {
		return err
	}
	u.AuthSourceID = ids[0]
	return nil
}

// writeUser writes the row and its links.
func (t *tx) writeUser(before, after *userState) error {
	asked := slices.Clone(after.roles)
	if err := t.withDefaultRole(after); err != nil {
		return err
	}
	if before == nil || !store.SameSet(before.roles, after.roles) {
		after.askedRoles = &asked
	}
	if before != nil && after.passwordChanged {
		before.hadPassword = before.PasswordHash != nil
	}
	switch {
	case before == nil:
		if err := t.Create(&after.User).Error; err != nil {
			return err
		}
	case !reflect.DeepEqual(after.User, before.User) || !reflect.DeepEqual(after.custom, before.custom):
		after.UpdatedAt = t.Time
		if err := t.Overwrite(&after.User); err != nil {
			return err
		}
		if err := t.disownLock(before, after); err != nil {
			return err
		}
	}
	had := orNew(before)
	if err := t.writeCustom(models.CustomUser, after.ID, had.custom, after.custom); err != nil {
		return err
	}
	if err := t.writeFurtherMails(before, after); err != nil {
		return err
	}
	if _, err := t.Relink(store.UserRoles, after.ID, had.roles, after.roles); err != nil {
		return err
	}
	_, err := t.relinkMembers(store.UserTenants, after.ID, had.tenants.all(), after.tenants.all())
	return err
}

// settleUser checks the rules that look at the result, and ends what the user no longer gets in by.
func (t *tx) settleUser(before, after *userState) error {
	if err := t.checkAdmins(before, after); err != nil {
		return err
	}
	if err := t.authorizeUser(before, after); err != nil {
		return err
	}
	had := orNew(before).tenants.all()
	has := after.tenants.all()
	t.BumpTenants(slices.Concat(store.Without(had, has), store.Without(has, had)))
	t.BumpPeople(after.ID)
	if before == nil || !sameTime(before.ExpiresAt, after.ExpiresAt) || before.IsDisabled() && !after.IsDisabled() {
		if err := t.NoteEnd(after.ExpiresAt); err != nil {
			return err
		}
	}
	if before == nil {
		t.Bump(store.RevisionUsers, 1)
		return nil
	}
	t.Bump(store.RevisionUsers, 0)
	moved := after.AuthSourceID != before.AuthSourceID
	// A changed password or source and a disabled account end the user's sessions (docs/spec/foreman.md, 7.3).
	if after.passwordChanged || after.IsDisabled() || moved {
		if err := t.endSessions(after.ID); err != nil {
			return err
		}
	}
	// A way to a new password that was sent to the address so far leads nowhere from now on.
	if models.Deref(after.Mail) != models.Deref(before.Mail) {
		if err := t.endAccountTokens(after.ID, models.PurposePasswordReset); err != nil {
			return err
		}
	}
	// Whoever had the account while another source checked its password may be somebody else.
	moved = moved && after.ID != t.Caller.UserID
	if after.endsKey || moved {
		if err := t.endAPIKey(&after.User); err != nil {
			return err
		}
	}
	if after.revokesTokens || moved {
		return t.revokeTokens(&after.User)
	}
	return nil
}

// withDefaultRole adds the role that everybody has to what a change asks for (docs/spec/foreman.md, 9.6).
func (t *tx) withDefaultRole(u *userState) error {
	r, err := t.Snapshot()
	if err == nil && r.DefaultRole != 0 && !slices.Contains(u.roles, r.DefaultRole) {
		u.roles = append(slices.Clone(u.roles), r.DefaultRole)
		slices.Sort(u.roles)
	}
	return err
}

// AttachDefaultRole adds the default role to a user at login, when nothing else changes.
func AttachDefaultRole(t *store.Tx, u *models.User) error {
	done := t.Exec(
		`INSERT INTO user_roles (user_id, role_id) SELECT CAST(? AS BIGINT), id FROM roles WHERE builtin = ?
			ON CONFLICT DO NOTHING`,
		u.ID, models.BuiltinDefault)
	if done.RowsAffected > 0 {
		t.BumpPeople(u.ID)
		t.Bump(store.RevisionUsers, 0)
	}
	return done.Error
}

// facts are a user's audited attributes (docs/spec/foreman.md, 15): neither last_login_on nor the hash.
func (u *userState) facts() store.AuditedValues {
	var password any
	switch {
	case u.passwordChanged:
		password = store.RedactedAnew
	case u.hadPassword:
		password = store.Redacted
	}
	roles := u.roles
	if u.askedRoles != nil {
		roles = *u.askedRoles
	}
	return append(store.AuditedValues{
		store.Audited("login", &u.Login), store.Audited("firstname", u.Firstname),
		store.Audited("lastname", u.Lastname), store.Audited("mail", u.Mail),
		store.Audited("admin", &u.Admin), store.Audited("auth_source_id", &u.AuthSourceID),
		store.Audited("locale", u.Locale),
		store.Audited("default_organization_id", u.DefaultOrganizationID),
		store.Audited("default_location_id", u.DefaultLocationID),
		store.Audited("mail_enabled", u.MailEnabled), store.Audited("timezone", u.Timezone),
		store.Audited("description", u.Description), store.Audited("disabled", u.Disabled),
		store.Seldom(store.AuditedTime("expires_at", u.ExpiresAt)),
		{Attr: "password", Value: password},
		store.AuditedIDs("role_ids", roles),
		store.Seldom(store.Audited("must_change_password", ifTrue(u.MustChangePassword))),
		store.Seldom(store.Audited("mail_notification", u.MailNotification)),
		store.Seldom(store.Audited("hide_mail", u.HideMail)),
		u.furtherFact(), customFact(u.custom),
	}, u.tenants.audited()...)
}

// ifTrue is a flag that is audited where it is set.
func ifTrue(on bool) *bool {
	if !on {
		return nil
	}
	return &on
}

func (u *userState) record() store.AuditSubject {
	return store.AuditSubject{ID: u.ID, Class: scopes.Users.Class, Name: u.Login, Tenants: u.belongs()}
}

// DeleteUser removes a user and everything that only the user owned; what the row was is given back
// (docs/spec/foreman.md, 9.9).
func (s *Service) DeleteUser(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.User, error) {
	if err := store.Require(p, scopes.Users, models.Destroy); err != nil {
		return nil, err
	}
	var gone *models.User
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = s.findUser(t.Locking(), t.Caller, models.Destroy, ref, parents); err != nil {
			return err
		}
		if gone.ID == t.Caller.UserID {
			return models.DeniedBecause(models.RuleDeletesSelf)
		}
		return models.About(gone.ID, t.deleteUser(gone))
	})
	if err != nil {
		return nil, err
	}
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	knows := r.VisibleTenants(p)
	for _, id := range []**int64{&gone.DefaultLocationID, &gone.DefaultOrganizationID} {
		if *id != nil && !knows(**id) {
			*id = nil
		}
	}
	return gone, nil
}

// DeleteOwnAccount removes the caller, an administrator, if the setting redmine_unsubscribe allows that and another
// administrator is left.
func (s *Service) DeleteOwnAccount(ctx context.Context, p *models.Principal) error {
	return s.change(ctx, p, func(t *tx) error {
		r, err := t.Snapshot()
		if err != nil {
			return err
		}
		if !t.Caller.Admin || !r.SettingBool("redmine_unsubscribe") {
			return models.DeniedBecause(models.RuleDeletesSelf)
		}
		return t.deleteSelf()
	})
}

func (t *tx) deleteUser(u *models.User) error {
	state, err := t.userState(u)
	if err != nil {
		return err
	}
	takesAdmin, err := t.holdRemoval(u.ID)
	if err != nil {
		return err
	}
	denied := t.mayTouch(u, false)
	memberships, err := t.TenantsOf(u.ID)
	if err != nil {
		return err
	}
	t.BumpTenants(memberships)
	if err := t.Exec("DELETE FROM users WHERE id = ?", u.ID).Error; err != nil {
		return err
	}
	if takesAdmin {
		if err := t.someAdminLeft(models.Base, models.RuleLastAdminAccount); err != nil {
			return err
		}
	}
	if denied != nil {
		return denied
	}
	t.Bump(store.RevisionUsers, -1)
	return t.Audit(state.record(), state.facts(), nil)
}
