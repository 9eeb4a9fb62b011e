package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Setting returns a string setting, "" when it has no value.
func (r *Snapshot) Setting(name string) string {
	text, _ := r.settingValue(name).(string)
	return text
}

// SettingList returns a setting that is a list of texts. One that was kept as a text, as it used to be, is the list of
// its words.
func (r *Snapshot) SettingList(name string) []string { return ListOf(r.settingValue(name)) }

// ListOf returns the texts of a value of a list setting.
func ListOf(value any) []string {
	list := []string{}
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	case []string:
		return v
	case []any:
		for _, item := range v {
			list = append(list, fmt.Sprint(item))
		}
	}
	return list
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
