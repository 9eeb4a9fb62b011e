package store

import (
	"encoding/json"
	"errors"
	"time"

	"roster/models"
)

// Setting is an entry of the catalogue: a switch of the installation that administrators may change
// (docs/spec/foreman.md, 22.5).
type Setting struct {
	// ID identifies the setting in audits. It never changes and is never used again for another setting.
	ID                          int64
	Name, FullName, Description string
	// Type is boolean, integer or string.
	Type    string
	Default any
	// Category groups settings for people.
	Category string
	// Encrypted values are write-only.
	Encrypted bool
	// Guarded settings decide who is let in, and for how long: only administrators change them.
	Guarded bool
	// Values lists what a string may be; nil means anything.
	Values func() []string
	// Check refuses a value with a rule; nil accepts all values of the type.
	Check func(value any) models.Rule
}

const (
	categoryGeneral = "General"
	categoryAuth    = "Authentication"
)

// keysURLOrNone refuses addresses that this server must not request.
func keysURLOrNone(value any) models.Rule {
	text, ok := value.(string)
	if !ok {
		return ""
	}
	var broken *models.Error
	if _, err := models.KeysURL(text); errors.As(err, &broken) {
		return broken.Rule
	}
	return ""
}

func positive(value any) models.Rule {
	if n, ok := value.(int64); ok && n > 0 {
		return ""
	}
	return models.RuleNotPositive
}

// pageSize keeps default pages below the size of streams, which are for callers who ask for one.
func pageSize(value any) models.Rule {
	if n, ok := value.(int64); ok && n > 0 && n <= streamFrom {
		return ""
	}
	return models.RulePageSize
}

func notNegative(value any) models.Rule {
	if n, ok := value.(int64); ok && n >= 0 {
		return ""
	}
	return models.RuleNegative
}

// localeOrNone and zoneOrNone keep a default from making every new user invalid.
func localeOrNone(value any) models.Rule {
	if name, ok := value.(string); ok && !models.ValidLocale(name) {
		return models.RuleNotIncluded
	}
	return ""
}

func zoneOrNone(value any) models.Rule {
	if name, ok := value.(string); ok {
		if _, err := models.LoadZone(name); err != nil {
			return models.RuleUnknownZone
		}
	}
	return ""
}

// Settings is the catalogue, by name within its category. A new one gets the next free ID.
var Settings = []Setting{
	{ID: 1, Name: "administrator", FullName: "Administrator email address",
		Description: "Mail address of the first administrator", Type: "string", Default: "root@localhost",
		Category: categoryGeneral},
	{ID: 2, Name: "default_locale", FullName: "Default language", Description: "Language of new users", Type: "string",
		Category: categoryGeneral, Check: localeOrNone},
	{ID: 3, Name: "default_timezone", FullName: "Default timezone", Description: "Time zone of new users",
		Type: "string", Category: categoryGeneral, Check: zoneOrNone},
	{ID: 4, Name: "entries_per_page", FullName: "Entries per page",
		Description: "Number of records on a page when none is asked for", Type: "integer", Default: int64(20),
		Category: categoryGeneral, Check: pageSize},
	{ID: 5, Name: "send_welcome_email", FullName: "Send welcome email", Description: "Whether new users get a mail",
		Type: "boolean", Default: false, Category: categoryGeneral},
	{ID: 6, Name: "authorize_login_delegation", FullName: "Authorize login delegation",
		Description: "Whether a trusted proxy may assert who logs in", Type: "boolean", Default: false,
		Category: categoryAuth, Guarded: true},
	{ID: 7, Name: "authorize_login_delegation_api", FullName: "Authorize login delegation API",
		Description: "Whether it may do so for API requests", Type: "boolean", Default: false, Category: categoryAuth,
		Guarded: true},
	{ID: 8, Name: "authorize_login_delegation_auth_source_user_autocreate",
		FullName:    "Authorize login delegation auth source user autocreate",
		Description: "External auth source in which asserted users are created", Type: "string", Default: "External",
		Category: categoryAuth, Guarded: true},
	{ID: 9, Name: "failed_login_attempts_limit", FullName: "Failed login attempts limit",
		Description: "Failed logins of one address before it is blocked for five minutes; 0 never blocks",
		Type:        "integer", Default: int64(30), Category: categoryAuth, Check: notNegative, Guarded: true},
	{ID: 10, Name: "idle_timeout", FullName: "Idle timeout", Description: "Minutes after which an idle session ends",
		Type: "integer", Default: int64(60), Category: categoryAuth, Check: positive, Guarded: true},
	{ID: 11, Name: "oidc_algorithm", FullName: "OIDC Algorithm",
		Description: "Algorithm with which OpenID Connect tokens are signed", Type: "string", Category: categoryAuth,
		Guarded: true},
	{ID: 12, Name: "oidc_audience", FullName: "OIDC Audience",
		Description: "Audience for which OpenID Connect tokens are issued", Type: "string", Category: categoryAuth,
		Guarded: true},
	{ID: 13, Name: "oidc_issuer", FullName: "OIDC Issuer", Description: "Issuer of OpenID Connect tokens",
		Type: "string", Category: categoryAuth, Guarded: true},
	{ID: 14, Name: "oidc_jwks_url", FullName: "OIDC JWKs URL",
		Description: "Address of the issuer's keys, by https; http will do on this machine", Type: "string",
		Category: categoryAuth, Check: keysURLOrNone, Guarded: true},
	{ID: 15, Name: "session_lifetime", FullName: "Session lifetime",
		Description: "Minutes after which a session ends even if it is used", Type: "integer", Default: int64(720),
		Category: categoryAuth, Check: positive, Guarded: true},
}

// Setting returns a string setting, "" when it has no value.
func (r *Snapshot) Setting(name string) string {
	text, _ := r.settingValue(name).(string)
	return text
}

// maxExact is the largest integer up to which JSON has all of them.
const maxExact = 1 << 53

// SettingInt returns an integer setting.
func (r *Snapshot) SettingInt(name string) int64 {
	switch v := r.settingValue(name).(type) {
	case int64:
		return v
	case float64:
		return int64(min(v, maxExact))
	}
	return 0
}

// maxMinutes bounds settings in minutes: a year is as good as for ever, and a time.Duration holds no more than 292.
const maxMinutes = 365 * 24 * 60

// SettingMinutes returns an integer setting in minutes.
func (r *Snapshot) SettingMinutes(name string) time.Duration {
	return time.Duration(min(r.SettingInt(name), maxMinutes)) * time.Minute
}

// SettingBool returns a boolean setting.
func (r *Snapshot) SettingBool(name string) bool {
	on, _ := r.settingValue(name).(bool)
	return on
}

// settingValue returns the stored value or the catalogue's.
func (r *Snapshot) settingValue(name string) any {
	if raw, ok := r.settings[name]; ok {
		var v any
		if json.Unmarshal([]byte(raw), &v) == nil {
			return v
		}
	}
	for i := range Settings {
		if Settings[i].Name == name {
			return Settings[i].Default
		}
	}
	return nil
}
