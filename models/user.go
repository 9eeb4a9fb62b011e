package models

import (
	"cmp"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// User is an account: a person or a program that may log in (docs/spec/foreman.md, 9).
type User struct {
	ID         int64  `gorm:"primaryKey"`
	Login      string // as typed; unique in LowerLogin
	LowerLogin string // Login in lower case; the database keeps it unique
	Firstname  *string
	Lastname   *string
	Mail       *string
	// Description is free text.
	Description *string
	// Admin is the user's own flag; group membership may make the user an effective administrator as well.
	Admin bool
	// Disabled accounts authenticate but are refused everything. Nullable because callers may store null.
	Disabled *bool
	// Registered accounts wait for activation; they are disabled until then.
	Registered bool
	// ExpiresAt is when the account ends; nil for never. Nobody gets in from then on.
	ExpiresAt *time.Time
	// Expired accounts are disabled because they have ended. Moving the end enables them again.
	Expired bool
	// Hidden marks the built-in accounts of the server itself: never listed, never able to log in.
	Hidden      bool
	MailEnabled *bool
	// Timezone is one of TimezoneNames or a tz database id; nil means UTC for the API.
	Timezone *string
	// Locale is one of Locales; nil means the client's own.
	Locale                *string
	AuthSourceID          int64
	DefaultLocationID     *int64
	DefaultOrganizationID *int64
	// PasswordHash is a PHC or crypt string; see package directory. Never leaves the directory.
	PasswordHash *string
	// MustChangePassword keeps the user from everything but a new password; see package login.
	MustChangePassword bool
	// PasswordChangedAt is when the password was set last; nil where none ever was, or when is not known.
	PasswordChangedAt *time.Time
	// MailNotification is one of MailNotifications; nil means that of the setting.
	MailNotification *string
	// HideMail keeps the mail address from everybody but administrators; nil means what the setting says.
	HideMail *bool
	// SecondFactor names what else than a password the user proves at a login ("totp"). This server asks for none yet,
	// so that passwords let nobody in who has one.
	SecondFactor *string
	LastLoginOn  *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName names the table.
func (User) TableName() string { return "users" }

// UserColumns are the columns of the table in the order of Targets.
var UserColumns = []string{
	"id", "login", "lower_login", "firstname", "lastname", "mail", "description", "admin", "disabled",
	"registered", "expires_at", "expired", "hidden", "mail_enabled", "timezone", "locale",
	"auth_source_id", "default_location_id", "default_organization_id", "password_hash",
	"must_change_password", "password_changed_at", "mail_notification", "hide_mail", "second_factor",
	"last_login_on", "created_at", "updated_at",
}

// Columns returns UserColumns, for readers that serve many types.
func (u *User) Columns() []string { return UserColumns }

// Targets are where a row of UserColumns is scanned to. Reading pages of users this way costs half of what finding the
// fields by reflection does, and pages of users are what the server is mostly asked for.
func (u *User) Targets() []any {
	return []any{
		&u.ID, &u.Login, &u.LowerLogin, &u.Firstname, &u.Lastname, &u.Mail, &u.Description, &u.Admin, &u.Disabled,
		&u.Registered, &u.ExpiresAt, &u.Expired, &u.Hidden, &u.MailEnabled, &u.Timezone, &u.Locale,
		&u.AuthSourceID, &u.DefaultLocationID, &u.DefaultOrganizationID, &u.PasswordHash,
		&u.MustChangePassword, &u.PasswordChangedAt, &u.MailNotification, &u.HideMail, &u.SecondFactor,
		&u.LastLoginOn, &u.CreatedAt, &u.UpdatedAt,
	}
}

// Name is the display name: first and last name, or the login when both are blank (docs/spec/foreman.md, 9.10).
func (u *User) Name() string {
	if Blank(u.Firstname) && Blank(u.Lastname) {
		return u.Login
	}
	return strings.TrimSpace(Deref(u.Firstname) + " " + Deref(u.Lastname))
}

// IsDisabled reads the nullable flag.
func (u *User) IsDisabled() bool { return u.Disabled != nil && *u.Disabled }

// UserStatus says whether an account may be used.
type UserStatus string

// The states of an account. Only an active one lets its user in.
const (
	UserActive     UserStatus = "active"
	UserRegistered UserStatus = "registered" // waits for activation
	UserLocked     UserStatus = "locked"
	UserExpired    UserStatus = "expired" // has ended; see ExpiresAt
)

// Status returns the state of the account.
func (u *User) Status() UserStatus {
	switch {
	case !u.IsDisabled():
		return UserActive
	case u.Registered:
		return UserRegistered
	case u.Expired:
		return UserExpired
	}
	return UserLocked
}

// Ended reports whether the end of the account has come, even if nobody has noted that yet.
func (u *User) Ended(now time.Time) bool { return ended(u.ExpiresAt, now) }

func ended(end *time.Time, now time.Time) bool { return end != nil && !end.After(now) }

// SetStatus changes the state of the account.
func (u *User) SetStatus(s UserStatus) {
	if s != u.Status() {
		disabled := s != UserActive
		u.Disabled = &disabled
		u.Registered = s == UserRegistered
		u.Expired = s == UserExpired
	}
}

// Limits of a user's texts, in characters. A dialect may allow less; see UserLimits.
const (
	MaxLogin    = 255
	MaxName     = 255
	MaxMail     = 254
	MaxLocale   = 5
	MaxTimezone = 255
)

var (
	loginPattern = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_\-@.\\$#+]+$`)
	namePattern  = regexp.MustCompile(`^[^\x00-\x08\x0e-\x1f\x7f]*$`)
)

// Normalize trims the texts and turns a blank locale or zone into none (docs/spec/foreman.md, 9.5). Passwords are never
// trimmed: a blank at the end is part of the secret (docs/spec/foreman.md, 19, row 30).
func (u *User) Normalize() {
	u.Login = strings.TrimSpace(u.Login)
	u.LowerLogin = LowerLogin(u.Login)
	u.Firstname, u.Lastname = Trimmed(u.Firstname), Trimmed(u.Lastname)
	u.Mail, u.Description = Trimmed(u.Mail), Trimmed(u.Description)
	u.Registered = u.Registered && u.IsDisabled() // whoever is enabled has been activated
	u.Expired = u.Expired && u.IsDisabled()
	u.MailNotification = BlankToNil(u.MailNotification)
	u.Locale, u.Timezone = BlankToNil(Trimmed(u.Locale)), BlankToNil(Trimmed(u.Timezone))
}

// LowerLogin is the form of a login under which it is unique.
func LowerLogin(login string) string { return strings.ToLower(login) }

// SameName reports whether two names from authorities are equal but for letter case. A letter that is not the capital
// of its small letter, such as the Kelvin sign of k, equals only itself: to an authority such names may be two people,
// or groups.
func SameName(a, b string) bool {
	return a == b || LowerLogin(a) == LowerLogin(b) && !hasTwin(a) && !hasTwin(b)
}

func hasTwin(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool {
		small := unicode.ToLower(r)
		return small != r && unicode.ToUpper(small) != r
	})
}

// UserLimits are what a dialect allows less than the directory does, for what a change sets.
type UserLimits struct {
	// Login, Firstname and Lastname are lengths in characters. Those that are 0 are the widest.
	Login, Firstname, Lastname int
	// LoginPattern is the form of logins as they are sent, the others are those of names and mail addresses; nil for
	// any.
	LoginPattern, FirstnamePattern, LastnamePattern, MailPattern *regexp.Regexp
	// NamesRequired asks for a first and a last name, MailRequired for a mail address, MailUnique for one that nobody
	// else has.
	NamesRequired, MailRequired, MailUnique bool
	// MinPassword is the least length of passwords in characters where the installation has none of its own.
	MinPassword int
	// MaxPassword is the greatest length of passwords in characters; 0 for the widest.
	MaxPassword int
	// StrongPassword refuses passwords that many people have, that are numbers, and that are much like the login, the
	// names or the mail address.
	StrongPassword bool
	// PasswordRequired asks for a password of new users. PasswordOptional makes new accounts of this server without
	// one, which let nobody in, and leaves out passwords of accounts for which another auth source vouches.
	PasswordRequired, PasswordOptional bool
	// ExternalLogin lets logins of accounts change that come in by single sign-on.
	ExternalLogin bool
}

// Validate reports every rule that the user breaks by itself (docs/spec/foreman.md, 9.1). Rules that look at other
// rows, at the caller or at the change are the directory's.
func (u *User) Validate(limits UserLimits) FieldErrors {
	var errs FieldErrors
	u.validateLogin(&errs, cmp.Or(limits.Login, MaxLogin))
	validatePersonName(&errs, "firstname", u.Firstname, limits.FirstnamePattern, cmp.Or(limits.Firstname, MaxName))
	validatePersonName(&errs, "lastname", u.Lastname, limits.LastnamePattern, cmp.Or(limits.Lastname, MaxName))
	u.validateMail(&errs)
	errs.Check(u.AuthSourceID != 0, "auth_source_id", RuleBlank)
	u.validateLocale(&errs)
	u.validateTimezone(&errs)
	u.validateMailNotification(&errs)
	validateDescription(&errs, u.Description)
	return errs
}

func (u *User) validateLogin(errs *FieldErrors, limit int) {
	if u.Login == "" {
		errs.Add("login", RuleBlank)
		return
	}
	errs.Check(loginPattern.MatchString(u.Login) && Storable(u.Login), "login", RuleInvalid)
	errs.Check(!TooLong(u.Login, limit), "login", RuleTooLong, limit)
	// The path /api/users/current_user belongs to the caller.
	errs.Check(u.Login != "current_user", "login", RuleReserved)
}

func validatePersonName(errs *FieldErrors, attr string, name *string, pattern *regexp.Regexp, limit int) {
	text := Deref(name)
	fits := namePattern.MatchString(text) && (pattern == nil || pattern.MatchString(text))
	errs.Check(fits && Storable(text), attr, RuleInvalid)
	errs.Check(!TooLong(text, limit), attr, RuleTooLong, limit)
}

func (u *User) validateMail(errs *FieldErrors) {
	if Blank(u.Mail) {
		return
	}
	errs.Check(ValidMail(*u.Mail), "mail", RuleInvalid)
	errs.Check(!TooLong(*u.Mail, MaxMail), "mail", RuleTooLong, MaxMail)
}

func (u *User) validateLocale(errs *FieldErrors) {
	if u.Locale == nil {
		return
	}
	errs.Check(ValidLocale(*u.Locale), "locale", RuleNotIncluded)
	errs.Check(!TooLong(*u.Locale, MaxLocale), "locale", RuleTooLong, MaxLocale)
}

func (u *User) validateTimezone(errs *FieldErrors) {
	if u.Timezone == nil {
		return
	}
	_, err := LoadZone(*u.Timezone)
	errs.Check(err == nil, "timezone", RuleUnknownZone)
	errs.Check(!TooLong(*u.Timezone, MaxTimezone), "timezone", RuleTooLong, MaxTimezone)
}
