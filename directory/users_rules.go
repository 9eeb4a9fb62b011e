package directory

import (
	"cmp"
	"context"
	"crypto/rand"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// maxSecrets is how many callers have a password proved and hashed at once; each has one under way.
const maxSecrets = 64

// preparePassword does the slow work of a password change before the transaction begins, so that no writer waits for a
// hash. u is the user as it is, nil for a new one.
func (s *Service) preparePassword(ctx context.Context, p *models.Principal, c *UserChange, u *models.User) error {
	if (!c.Password.Set || c.Password.Value == "") && !c.GeneratePassword {
		return nil
	}
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return err
	}
	if c.Limits.PasswordOptional && c.keptElsewhere(r, u) {
		c.withoutPassword()
		return nil
	}
	c.wantsPassword = true
	if c.GeneratePassword {
		if c.generated, err = s.generatedPassword(r, c.Limits.MinPassword); err != nil {
			return err
		}
	}
	who := "user " + strconv.FormatInt(p.UserID, 10)
	leave, err := s.secrets.Enter(ctx, p.Turn())
	if err != nil {
		return store.Busy(err)
	}
	defer leave()
	if u != nil && u.ID == p.UserID {
		c.checkedHash = models.Deref(u.PasswordHash)
		good, err := s.Passwords.Verify(ctx, who, u.LowerLogin, c.checkedHash, c.CurrentPassword.Value)
		if err != nil {
			return err
		}
		c.currentPasswordGood = good
	}
	if len(c.Password.Value) > secret.MaxPassword {
		return nil // checkPassword refuses it, beside whatever else is wrong
	}
	c.newHash, err = s.Passwords.Hash(ctx, who, cmp.Or(c.generated, c.Password.Value))
	return err
}

// withoutPassword leaves the password as it is.
func (c *UserChange) withoutPassword() {
	c.Password = models.Opt[string]{}
	c.PasswordConfirmation = models.Opt[string]{}
	c.GeneratePassword = false
	c.wantsPassword = false
	c.newHash = ""
}

// keptElsewhere reports whether another auth source than this server's own has the user's password.
func (c *UserChange) keptElsewhere(r *store.Snapshot, u *models.User) bool {
	source := c.AuthSourceID.Value
	if !c.AuthSourceID.Set {
		if u == nil {
			return false
		}
		source = u.AuthSourceID
	}
	return source != r.InternalSource()
}

// checkUser reports every broken rule of a new or changed user at once (docs/spec/foreman.md, 8.5, 9.1, 9.4 and 12.6).
func (t *tx) checkUser(before, after *userState, c UserChange) error {
	limits := c.limits()
	errs := after.Validate(limits)
	c.checkStatus(&errs)
	c.checkRequired(&errs, before, after)
	checks := []func(*models.FieldErrors, *userState, *userState) error{
		t.checkLogin(limits), t.checkAddress(limits), t.checkFurtherMails, t.checkSource, t.checkMail, t.checkDefaults,
		t.checkRoles,
		t.checkDisabled, t.checkEnd(c), t.checkTenants,
	}
	for _, check := range checks {
		if err := check(&errs, before, after); err != nil {
			return err
		}
	}
	if err := t.checkCustom(&errs, c.customs(before == nil), after.custom); err != nil {
		return err
	}
	if err := t.checkPassword(&errs, before, after, c); err != nil {
		return err
	}
	return errs.Err()
}

// limits are the dialect's for what is set; what the record has stays allowed.
func (c UserChange) limits() models.UserLimits {
	l := c.Limits
	if !c.Login.Set {
		l.Login = 0
	}
	if !c.Firstname.Set {
		l.Firstname = 0
		l.FirstnamePattern = nil
	}
	if !c.Lastname.Set {
		l.Lastname = 0
		l.LastnamePattern = nil
	}
	if !c.Mail.Set {
		l.MailPattern = nil
		l.MailUnique = false
	}
	return l
}

func (c UserChange) checkStatus(errs *models.FieldErrors) {
	known := []models.UserStatus{models.UserActive, models.UserRegistered, models.UserLocked}
	errs.Check(!c.Status.Set || slices.Contains(known, c.Status.Value), "status", models.RuleNotIncluded)
}

// checkRequired asks for what the dialect requires of new users, and of old ones where the change sets it.
func (c UserChange) checkRequired(errs *models.FieldErrors, before, after *userState) {
	made := before == nil
	if c.Limits.NamesRequired {
		errs.Check(!made && !c.Firstname.Set || !models.Blank(after.Firstname), "firstname", models.RuleBlank)
		errs.Check(!made && !c.Lastname.Set || !models.Blank(after.Lastname), "lastname", models.RuleBlank)
	}
	if c.Limits.MailRequired {
		errs.Check(!made && !c.Mail.Set || !models.Blank(after.Mail), "mail", models.RuleBlank)
	}
	if pattern := c.Limits.LoginPattern; pattern != nil && c.Login.Set && c.Login.Value != "" {
		errs.Check(pattern.MatchString(c.Login.Value), "login", models.RuleInvalid)
	}
}

// checkAddress checks a mail address that changes: the forms and domains that are allowed, and that nobody has it where
// it has to be unique.
func (t *tx) checkAddress(limits models.UserLimits) func(*models.FieldErrors, *userState, *userState) error {
	return func(errs *models.FieldErrors, before, after *userState) error {
		return t.checkNewAddress(errs, limits, before, after)
	}
}

func (t *tx) checkNewAddress(errs *models.FieldErrors, limits models.UserLimits, before, after *userState) error {
	if models.Blank(after.Mail) || before != nil && models.Deref(before.Mail) == *after.Mail {
		return nil
	}
	if limits.MailPattern != nil {
		errs.Check(limits.MailPattern.MatchString(*after.Mail), "mail", models.RuleInvalid)
	}
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	if _, domain, ok := strings.Cut(*after.Mail, "@"); ok {
		errs.Check(domainAllowed(r, domain), "mail", models.RuleMailDomain, domain)
	}
	if !limits.MailUnique || !models.Storable(*after.Mail) {
		return nil
	}
	taken, err := t.addressTaken(*after.Mail, after.ID)
	errs.Check(!taken, "mail", models.RuleTaken)
	return err
}

// addressTaken reports whether another user has a mail address, whatever the case of its letters. Changes that ask so
// take turns.
func (t *tx) addressTaken(address string, user int64) (bool, error) {
	if err := t.Lock(store.LockMails); err != nil {
		return false, err
	}
	return t.Exists("SELECT 1 FROM users WHERE fold(mail) = fold(?) AND id <> ? UNION ALL "+
		"SELECT 1 FROM user_mails WHERE lower_address = ? AND user_id <> ?", address, user,
		models.LowerLogin(address), user)
}

// domainAllowed reports whether the settings allow mail addresses of a domain.
func domainAllowed(r *store.Snapshot, domain string) bool {
	domain = strings.ToLower(domain)
	in := func(list []string) bool {
		return slices.ContainsFunc(list, func(entry string) bool {
			entry = strings.ToLower(entry)
			return domain == entry || strings.HasPrefix(entry, ".") && strings.HasSuffix(domain, entry)
		})
	}
	allowed := r.SettingList("email_domains_allowed")
	return !in(r.SettingList("email_domains_denied")) && (len(allowed) == 0 || in(allowed))
}

// checkLogin refuses logins that are taken, and other ones for accounts that are kept elsewhere.
func (t *tx) checkLogin(limits models.UserLimits) func(*models.FieldErrors, *userState, *userState) error {
	return func(errs *models.FieldErrors, before, after *userState) error {
		return t.checkLoginOf(errs, before, after, limits.ExternalLogin)
	}
}

func (t *tx) checkLoginOf(errs *models.FieldErrors, before, after *userState, external bool) error {
	if before != nil && before.Login == after.Login {
		return nil
	}
	if err := t.RLock(store.LockNames); err != nil {
		return err
	}
	if !models.Storable(after.Login) {
		return nil
	}
	var taken, group int64
	err := t.Model(&models.User{}).Where("lower_login = ? AND id <> ?", after.LowerLogin, after.ID).Count(&taken).Error
	if err != nil {
		return err
	}
	if err := t.Model(&models.Usergroup{}).Where("name = ?", after.Login).Count(&group).Error; err != nil {
		return err
	}
	errs.Check(taken == 0, "login", models.RuleTaken)
	errs.Check(group == 0, models.Base, models.RuleGroupHasName)
	if before == nil {
		return nil
	}
	source, err := store.First[models.AuthSource](t.Where("id = ?", before.AuthSourceID))
	if err != nil {
		return err
	}
	errs.Check(source != nil && (source.Type == models.InternalSource ||
		external && source.Type == models.ExternalSource), "login", models.RuleExternalLogin)
	return nil
}

func (t *tx) checkSource(errs *models.FieldErrors, before, after *userState) error {
	if after.AuthSourceID == 0 {
		return nil
	}
	visible := scopes.VisibleSources(t.Caller)
	if before != nil && before.AuthSourceID == after.AuthSourceID {
		visible = func(db *gorm.DB) *gorm.DB { return db } // where the user has always been
	}
	source, err := store.First[models.AuthSource](t.Scopes(visible).Where("auth_sources.id = ?", after.AuthSourceID))
	if err != nil {
		return err
	}
	if source == nil {
		return models.MissingIDs("AuthSource", []int64{after.AuthSourceID}, []int64{after.AuthSourceID})
	}
	errs.Check(source.Type != models.HiddenSource || after.Hidden, "auth_source", models.RuleSourceNotPermitted)
	if source.Type == models.InternalSource {
		stays := before != nil && before.PasswordHash == nil && before.AuthSourceID == after.AuthSourceID
		errs.Check(after.PasswordHash != nil || after.passwordChanged || after.passwordOptional || stays,
			"password_hash", models.RuleBlank)
	}
	return nil
}

func (t *tx) checkMail(errs *models.FieldErrors, before, after *userState) error {
	wants := before != nil && after.MailEnabled != nil && *after.MailEnabled
	errs.Check(!wants || !models.Blank(after.Mail), "mail", models.RuleBlank)
	return nil
}

// checkDefaults keeps default tenants among the edited user's own, their descendants, and those open to all users. One
// that no longer was before the change, because the membership was suspended or has ended, may stay.
func (t *tx) checkDefaults(errs *models.FieldErrors, before, after *userState) error {
	had := orNew(before)
	for _, d := range []struct {
		kind models.TenantKind
		id   **int64
		had  *int64
		attr string
	}{
		{models.LocationKind, &after.DefaultLocationID, had.DefaultLocationID, "default_location"},
		{models.OrganizationKind, &after.DefaultOrganizationID, had.DefaultOrganizationID, "default_organization"},
	} {
		if *d.id == nil {
			continue
		}
		tenant, err := store.First[models.Tenant](t.Where("id = ? AND type = ?", **d.id, d.kind))
		if err != nil {
			return err
		}
		if tenant == nil {
			*d.id = nil // an unknown tenant counts as none (docs/spec/foreman.md, 9.1)
			continue
		}
		if after.Admin {
			continue
		}
		own, err := t.within(tenant.ID, after.tenants[d.kind])
		if err != nil {
			return err
		}
		if !own && !had.Admin && d.had != nil && *d.had == tenant.ID {
			was, err := t.within(tenant.ID, had.tenants[d.kind])
			if err != nil {
				return err
			}
			own = !was
		}
		errs.Check(own || tenant.Ignores(scopes.Users.Class), d.attr, models.RuleForeignDefault, d.kind.Word())
	}
	return nil
}

// within reports whether a tenant is in the list or a descendant of one in it.
func (t *tx) within(tenant int64, ancestors []int64) (bool, error) {
	if len(ancestors) == 0 {
		return false, nil
	}
	cond, value := t.s.InIDs("ancestor_id", ancestors)
	var n int64
	err := t.Table("taxonomy_closure").Where("descendant_id = ?", tenant).Where(cond, value).Count(&n).Error
	return n > 0, err
}

func (t *tx) checkRoles(errs *models.FieldErrors, before, after *userState) error {
	had := []int64{}
	if before != nil {
		had = before.roles
	}
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	if before == nil && len(after.roles) == 0 || store.SameSet(withoutDefault(r, had), withoutDefault(r, after.roles)) {
		return nil
	}
	errs.Check(mayAssign(t.Caller, withoutDefault(r, after.roles)), "role_ids", models.RuleEscalation)
	return nil
}

func withoutDefault(r *store.Snapshot, roles []int64) []int64 {
	return store.Without(roles, []int64{r.DefaultRole})
}

// mayAssign reports whether the caller may hand out the roles: administrators, holders of escalate_roles, and whoever
// holds each of them (docs/spec/foreman.md, 8.5).
func mayAssign(p *models.Principal, roles []int64) bool {
	return p.Admin || p.Can(models.EscalateRoles) ||
		!slices.ContainsFunc(roles, func(id int64) bool { return !p.HoldsRole(id) })
}

func (t *tx) checkDisabled(errs *models.FieldErrors, before, after *userState) error {
	errs.Check(after.ID != t.Caller.UserID || !after.IsDisabled(), "disabled", models.RuleDisablesSelf)
	return nil
}

func (t *tx) checkPassword(errs *models.FieldErrors, before, after *userState, c UserChange) error {
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	if c.Limits.PasswordRequired && before == nil && !c.AuthSourceID.Set {
		errs.Check(c.wantsPassword || c.Password.Set, "password", models.RuleBlank)
	}
	// Others may set one that lets nobody in, since clients send whole records; whoever resets it wants it to.
	asksReset := c.resetting && (c.wantsPassword || c.MustChangePassword.Set)
	errs.Check(!asksReset || !c.keptElsewhere(r, &before.User), "password", models.RuleKeptElsewhere)
	checkPasswordRules(errs, r, c, before == nil)
	if c.Limits.StrongPassword && c.Password.Value != "" {
		checkStrength(errs, &after.User, c.Password.Value)
	}
	if !c.wantsPassword {
		return nil
	}
	errs.Check(len(c.Password.Value) <= secret.MaxPassword, "password", models.RuleTooManyBytes, secret.MaxPassword)
	if c.PasswordConfirmation.Set {
		errs.Check(c.PasswordConfirmation.Value == c.Password.Value, "password_confirmation", models.RuleMismatch)
	}
	if before == nil {
		return nil
	}
	if before.ID == t.Caller.UserID {
		// The hash is compared too: the password may have changed since it was verified.
		errs.Check(c.currentPasswordGood && models.Deref(before.PasswordHash) == c.checkedHash, "current_password",
			models.RuleWrongPassword)
		same := c.currentPasswordGood && c.Password.Value == c.CurrentPassword.Value
		errs.Check(!same || !t.Caller.MustChangePassword, "password", models.RulePasswordSame)
	}
	return nil
}

// passwordClasses are what the kinds of characters in password_required_char_classes look like.
var passwordClasses = map[string]*regexp.Regexp{
	"uppercase": regexp.MustCompile(`[A-Z]`), "lowercase": regexp.MustCompile(`[a-z]`),
	"digits": regexp.MustCompile(`[0-9]`), "special_chars": regexp.MustCompile("[ -/:-@\\[-`{-~]"),
}

// minPassword is the least length of new passwords: the installation's, or else the dialect's.
func minPassword(r *store.Snapshot, dialect int) int {
	if n := r.SettingInt("password_min_length"); n > 0 {
		return int(n)
	}
	return dialect
}

// checkStrength reports why a new password of a user is easily guessed.
func checkStrength(errs *models.FieldErrors, u *models.User, password string) {
	errs.Check(!models.PasswordIsCommon(password), "password", models.RulePasswordCommon)
	errs.Check(!models.PasswordIsNumber(password), "password", models.RulePasswordNumeric)
	like := u.PasswordResembles(password)
	errs.Check(like == "", "password", models.RulePasswordSimilar, like)
}

// checkPasswordRules reports the rules for passwords that a new one breaks.
func checkPasswordRules(errs *models.FieldErrors, r *store.Snapshot, c UserChange, made bool) {
	if !c.Password.Set || c.Password.Value == "" && !made {
		return
	}
	password := c.Password.Value
	for _, class := range store.PasswordClasses {
		if password != "" && slices.Contains(r.SettingList("password_required_char_classes"), class) {
			errs.Check(passwordClasses[class].MatchString(password), "password", models.RulePasswordClass, class)
		}
	}
	if least := minPassword(r, c.Limits.MinPassword); least > 0 {
		errs.Check(utf8.RuneCountInString(password) >= least, "password", models.RuleTooShort, least)
	}
	if most := c.Limits.MaxPassword; most > 0 {
		errs.Check(utf8.RuneCountInString(password) <= most, "password", models.RuleTooLong, most)
	}
}

// The characters of generated passwords, by kind. Those that look alike are left out.
var generatedFrom = map[string]string{
	"uppercase": "ABCDEFGHJKLMNPQRSTUVWXYZ", "lowercase": "abcdefghijkmnopqrstuvwxyz", "digits": "23456789",
	"special_chars": "!$%&*+-=?@#",
}

// generatedLength is the least length of a generated password, in characters.
const generatedLength = 16

// generatedPassword returns a random password that keeps the rules of the installation and of a dialect.
func (s *Service) generatedPassword(r *store.Snapshot, dialect int) (string, error) {
	classes := []string{"uppercase", "lowercase", "digits"}
	if slices.Contains(r.SettingList("password_required_char_classes"), "special_chars") {
		classes = append(classes, "special_chars")
	}
	all := ""
	for _, class := range classes {
		all += generatedFrom[class]
	}
	password := make([]byte, max(generatedLength, minPassword(r, dialect)+2))
	for i := range password {
		from := all
		if i < len(classes) {
			from = generatedFrom[classes[i]]
		}
		n, err := rand.Int(s.Rand, big.NewInt(int64(len(from))))
		if err != nil {
			return "", err
		}
		password[i] = from[n.Int64()]
	}
	for i := len(password) - 1; i > 0; i-- { // so that the kinds do not stand in order
		n, err := rand.Int(s.Rand, big.NewInt(int64(i+1)))
		if err != nil {
			return "", err
		}
		j := n.Int64()
		password[i], password[j] = password[j], password[i]
	}
	return string(password), nil
}

// effectiveAdmin reports whether a user is an administrator, by the own flag or through a group.
func (t *tx) effectiveAdmin(id int64) (bool, error) {
	var n int64
	err := t.Raw("SELECT COUNT(*) FROM users u WHERE u.id = ? AND "+scopes.EffectiveAdmin, id).Row().Scan(&n)
	return n > 0, err
}

// checkTenants keeps callers who are not administrators to the tenants that they may assign (docs/spec/foreman.md,
// 12.6).
func (t *tx) checkTenants(errs *models.FieldErrors, before, after *userState) error {
	self := before != nil && before.ID == t.Caller.UserID
	const kind = models.OrganizationKind
	for _, left := range store.Without(orNew(before).tenants[kind], after.tenants[kind]) {
		if err := t.authorizeOwners(errs, "organization_ids", left, []int64{after.ID}); err != nil {
			return err
		}
	}
	for _, k := range models.TenantKinds {
		if self {
			left := store.Without(before.tenants[k], after.tenants[k])
			if err := t.checkOwnEnds(errs, k.Word()+"_ids", left...); err != nil {
				return err
			}
		}
		added := store.Without(after.tenants[k], orNew(before).tenants[k])
		if err := t.checkRejoined(errs, k.Word()+"_ids", store.UserTenants, after.ID, added); err != nil {
			return err
		}
	}
	return t.checkAssignments(errs, before == nil, self, orNew(before).tenants, after.tenants)
}

// covered keeps a caller from writing what no permission of theirs covers, seen after the fact: the written row must be
// among those that the permission gives (docs/spec/foreman.md, 8.1).
func (t *tx) covered(a models.Action, r *scopes.Resource, id int64) error {
	if t.Caller.Admin {
		return nil
	}
	permission := r.Can(a)
	var n int64
	err := t.Table(r.Table).Scopes(scopes.Writable(t.Caller, r), scopes.Authorized(t.Caller, permission, r),
		scopes.ByID(r, id)).Count(&n).Error
	if err != nil {
		return err
	}
	if n == 0 {
		return models.Refuse(models.Base, models.RuleNotCovered, permission)
	}
	return nil
}

// checkAdmins keeps the last administrator: the change is made, then looked at, under a lock that orders all changes
// that can take the flag away (docs/spec/foreman.md, 9.9). Disabling, and an end, are looked at whoever it is, because
// groups make administrators too.
func (t *tx) checkAdmins(before, after *userState) error {
	if before == nil {
		return nil
	}
	lost := before.Admin && !after.Admin
	stopped := !before.IsDisabled() && after.IsDisabled()
	ends := before.ExpiresAt == nil && after.ExpiresAt != nil
	if !lost && !stopped && !ends {
		return nil
	}
	if err := t.Lock(store.LockAdmins); err != nil {
		return err
	}
	if lost {
		return t.someAdminLeft("admin", models.RuleLastAdmin)
	}
	if ends {
		return t.someAdminLeft("expires_at", models.RuleLastAdmin)
	}
	return t.someAdminLeft("disabled", models.RuleLastAdmin)
}

// holdRemoval takes LockAdmins, and reports true, if the user whose row is locked is an administrator. Anybody else
// stays what they are until the end: the groups that make administrators stay as they are under LockGroups, and whoever
// adds the user to one waits for the row.
func (t *tx) holdRemoval(user int64) (bool, error) {
	if err := t.RLock(store.LockGroups); err != nil {
		return false, err
	}
	admin, err := t.effectiveAdmin(user)
	if err != nil {
		return false, err
	}
	if admin {
		return true, t.Lock(store.LockAdmins)
	}
	if err := t.lockReferences(user); err != nil {
		return false, err
	}
	if admin, err = t.effectiveAdmin(user); err == nil && admin {
		err = store.ErrOvertaken
	}
	return false, err
}

// lockReferences keeps other changes from referring to a user until the end of this one, on PostgreSQL.
func (t *tx) lockReferences(user int64) error {
	if !t.s.Postgres {
		return nil
	}
	return t.Exec("SELECT 1 FROM users WHERE id = ? FOR UPDATE", user).Error
}

// someAdminLeft fails unless an administrator who can log in is left: a visible, enabled account without an end, with
// the flag of its own or through a group.
func (t *tx) someAdminLeft(attr string, rule models.Rule) error {
	var n int64
	err := t.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM users u WHERE u.hidden = ? AND COALESCE(u.disabled, ?) = ? AND "+
		"u.expires_at IS NULL AND "+scopes.EffectiveAdmin+" LIMIT 1) one", false, false, false).Row().Scan(&n)
	if err != nil {
		return err
	}
	if n == 0 {
		return models.Refuse(attr, rule)
	}
	return nil
}

// revokesTokens reports whether a change also revokes the user's personal access tokens. Only a new password does. By
// default tokens are revoked if another user sets it, to lock out a person who knew the old one, and stay if users
// change their own, because their scripts are to continue.
func (c UserChange) revokesTokens(self bool) bool {
	if !c.wantsPassword {
		return false
	}
	if c.RevokeTokens.Set {
		return c.RevokeTokens.Value
	}
	return !self
}

// revokeTokens ends every token of a user that has not been revoked, each with an audit of its own.
func (t *tx) revokeTokens(u *models.User) error {
	var rows []models.PersonalAccessToken
	if err := t.Locking().Where("user_id = ? AND NOT revoked", u.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := t.revokeToken(&rows[i], u); err != nil {
			return err
		}
	}
	return nil
}

// revokeToken ends a token for good; the row stays.
func (t *tx) revokeToken(row *models.PersonalAccessToken, u *models.User) error {
	before := tokenFacts(row)
	row.Revoked = true
	row.UpdatedAt = t.Time
	if err := t.Model(row).UpdateColumns(map[string]any{"revoked": true, "updated_at": t.Time}).Error; err != nil {
		return err
	}
	return t.Audit(tokenRecord(row, u), before, tokenFacts(row))
}

// endSessions ends all sessions of a user. The users count as changed, so that no server goes on handing one out.
func (t *tx) endSessions(user int64) error {
	t.Bump(store.RevisionUsers, 0)
	if err := t.Where("user_id = ?", user).Delete(&models.AccountToken{}).Error; err != nil {
		return err
	}
	return t.Where("user_id = ?", user).Delete(&models.Session{}).Error
}

// RecordLogin stores the time of a login and attaches the default role (docs/spec/foreman.md, 7.3).
func (s *Service) RecordLogin(ctx context.Context, row *store.Account, at time.Time, remoteAddress,
	requestID string) error {
	actor := &models.Principal{UserID: row.ID, Login: row.Login, RemoteAddress: remoteAddress, RequestID: requestID}
	return s.transact(ctx, actor, func(t *tx) error {
		err := t.Model(&models.User{}).Where("id = ?", row.ID).UpdateColumn("last_login_on", at).Error
		if err != nil {
			return err
		}
		row.LastLoginOn = &at
		return AttachDefaultRole(t.Tx, &row.User)
	})
}
