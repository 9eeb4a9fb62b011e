package takeover

import (
	"fmt"
	"strings"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// settingsHere are the settings that say the same in both, by the name that Redmine has for them.
var settingsHere = map[string]string{
	"rest_api_enabled": "redmine_rest_api_enabled", "login_required": "redmine_login_required",
	"jsonp_enabled": "redmine_jsonp_enabled", "user_format": "redmine_user_format",
	"gravatar_enabled": "redmine_gravatar_enabled", "unsubscribe": "redmine_unsubscribe",
	"default_users_hide_mail":     "redmine_default_users_hide_mail",
	"default_notification_option": "redmine_default_notification_option",
	"password_min_length":         "password_min_length", "password_max_age": "password_max_age",
	"password_required_char_classes": "password_required_char_classes",
	"email_domains_allowed":          "email_domains_allowed", "email_domains_denied": "email_domains_denied",
}

// settings brings in what Redmine was told about accounts, into a fresh directory only: elsewhere the settings are the
// installation's.
func (r *redmine) settings() error {
	if !r.report.Fresh {
		return nil
	}
	given := map[string]string{"login_required": "0"}
	if err := r.each(r.ctx, "SELECT name, value FROM settings", func(x row) error {
		given[x.text("name")] = x.text("value")
		return nil
	}); err != nil {
		return err
	}
	for from, to := range settingsHere {
		if text, ok := given[from]; ok {
			if err := r.setting(to, text); err != nil {
				return err
			}
		}
	}
	open := store.OpenToNobody
	for kind, who := range []string{store.OpenToMembers, store.OpenToAnybody} {
		x, err := r.builtinRole(kind + 1)
		if err != nil {
			return err
		}
		_, there := x["users_visibility"]
		anonymous := who == store.OpenToAnybody
		if there && x.text("users_visibility") == "all" && (!anonymous || given["login_required"] != "1") {
			open = who
		}
	}
	return r.setting("open_directory", open)
}

// setting stores a setting from a text as Redmine keeps it.
func (r *redmine) setting(name, text string) error {
	given := any(text)
	if strings.HasPrefix(text, "---") {
		list := []any{}
		for _, item := range (row{"value": text}).list("value") {
			list = append(list, item)
		}
		given = list
	} else if strings.HasPrefix(name, "email_domains") {
		given = "[" + text + "]"
	}
	value, err := directory.ParseSetting(name, given)
	if err != nil {
		r.report.note("setting", 0, name, fmt.Sprintf("the value %q means nothing here", text))
		return nil
	}
	return r.Clauses(onConflictNothing).Create(&models.SettingValue{Name: name, Value: value, CreatedAt: r.Time,
		UpdatedAt: r.Time}).Error
}
