package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// SettingView is a setting with its value.
type SettingView struct {
	store.Setting
	Value any
	// Row is the stored row; its times are zero while the value is the default.
	Row models.SettingValue
}

// SettingsList lists the catalogue with the values in force.
func (s *Service) SettingsList(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*SettingView], error) {
	if err := store.Require(p, scopes.Settings, models.View); err != nil {
		return nil, err
	}
	db := s.Read.WithContext(ctx)
	matching := func() *gorm.DB { return settingsTable(db).Scopes(scopes.Matching(p, scopes.Settings, q.Search)) }
	t := store.Totals{Total: int64(len(store.Settings))}
	if err := matching().Count(&t.Subtotal).Error; err != nil {
		return nil, store.QueryError(err)
	}
	rows := matching().Scopes(scopes.OrderedByName(p, scopes.Settings, q.Order))
	if q.PerPage > 0 {
		rows = rows.Scopes(scopes.Page(q.Page, q.PerPage))
	}
	var names []string
	if err := rows.Pluck("settings.name", &names).Error; err != nil {
		return nil, store.QueryError(err)
	}
	views := make([]*SettingView, len(names))
	for i, name := range names {
		var err error
		if views[i], err = settingView(db, name); err != nil {
			return nil, err
		}
	}
	return store.Listed(t, views), nil
}

// settingsTable makes the catalogue a table, so that it is searched like everything else.
func settingsTable(db *gorm.DB) *gorm.DB {
	var selects []string
	var args []any
	for _, d := range store.Settings {
		selects = append(selects, "SELECT CAST(? AS TEXT) AS name, CAST(? AS TEXT) AS full_name, CAST(? AS TEXT) AS "+
			"description, CAST(? AS TEXT) AS category")
		args = append(args, d.Name, d.FullName, d.Description, d.Category)
	}
	return db.Table("("+strings.Join(selects, " UNION ALL ")+") AS settings", args...)
}

func settingOf(name string) *store.Setting {
	i := slices.IndexFunc(store.Settings, func(d store.Setting) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	return &store.Settings[i]
}

func settingView(db *gorm.DB, name string) (*SettingView, error) {
	d := settingOf(name)
	if d == nil {
		return nil, models.NotFoundError("setting", name)
	}
	v := &SettingView{Setting: *d, Value: d.Default}
	row, err := store.First[models.SettingValue](db.Where("name = ?", name))
	if err != nil || row == nil {
		return v, err
	}
	v.Row = *row
	if err := json.Unmarshal([]byte(row.Value), &v.Value); err != nil {
		return nil, err
	}
	switch {
	case v.Encrypted && v.Value != nil:
		v.Value = "*****"
	case v.Type == "array":
		v.Value = store.ListOf(v.Value)
	}
	return v, nil
}

// Setting shows one setting.
func (s *Service) Setting(ctx context.Context, p *models.Principal, name string) (*SettingView, error) {
	if err := store.Require(p, scopes.Settings, models.View); err != nil {
		return nil, err
	}
	return settingView(s.Read.WithContext(ctx), name)
}

// UpdateSetting turns a switch. The value may come as its type or as text.
func (s *Service) UpdateSetting(ctx context.Context, p *models.Principal, name string,
	value any) (*SettingView, error) {
	if err := store.Require(p, scopes.Settings, models.Edit); err != nil {
		return nil, err
	}
	var v *SettingView
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Settings, models.Edit); err != nil {
			return err
		}
		if err := t.Lock(store.LockSettings); err != nil {
			return err
		}
		before, err := settingView(t.DB, name)
		if err != nil {
			return err
		}
		parsed, err := before.parse(value)
		if err != nil {
			return err
		}
		if before.Guarded {
			// An external authority can act as all of its people, future ones included.
			if !t.Caller.Admin {
				return models.Refuse("value", models.RuleOfAdministrator)
			}
		}
		v, err = t.writeSetting(before, parsed)
		return err
	})
	return v, err
}

// writeSetting sets a setting to a value of its type.
func (t *tx) writeSetting(before *SettingView, value any) (*SettingView, error) {
	if secret, ok := value.(string); ok && before.Encrypted {
		sealed, err := t.s.sealer.Seal(secret)
		if err != nil {
			return nil, err
		}
		value = sealed
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	row := models.SettingValue{Name: before.Name, Value: string(text), CreatedAt: t.Time, UpdatedAt: t.Time}
	upsert := clause.OnConflict{
		Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"}),
	}
	if err := t.Clauses(upsert).Create(&row).Error; err != nil {
		return nil, err
	}
	t.Bump(store.RevisionSnapshot, 0)
	v, err := settingView(t.DB, before.Name)
	if err != nil {
		return nil, err
	}
	about := store.AuditSubject{ID: before.ID, Class: "Setting", Name: before.Name}
	return v, t.Audit(about, settingFacts(before), settingFacts(v))
}

// settingFollows keeps the setting that names where people from outside are created true when that source is renamed.
func (t *tx) settingFollows(source, renamed string) error {
	if err := t.Lock(store.LockSettings); err != nil {
		return err
	}
	v, err := settingView(t.DB, SettingExternalSource)
	if err != nil || v.Value != source {
		return err
	}
	_, err = t.writeSetting(v, renamed)
	return err
}

// SettingExternalSource names the setting that names the source in which people from outside are created.
const SettingExternalSource = "authorize_login_delegation_auth_source_user_autocreate"

func settingFacts(v *SettingView) store.AuditedValues {
	if v.Encrypted && v.Value != nil {
		return store.AuditedValues{{Attr: "value", Value: store.Redacted}}
	}
	text, _ := json.Marshal(v.Value)
	return store.AuditedValues{{Attr: "value", Value: string(text)}}
}

// ParseSetting reads a value for a setting, and returns it as it is kept.
func ParseSetting(name string, value any) (string, error) {
	v := &SettingView{Setting: *settingOf(name)}
	parsed, err := v.parse(value)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(parsed)
	return string(text), err
}

// parse reads a value of the setting's type.
func (v *SettingView) parse(value any) (any, error) {
	text := strings.TrimSpace(settingText(value))
	var parsed any
	switch value.(type) {
	case []any, map[string]any:
		if v.Type != "array" {
			return nil, models.Refuse("value", models.RuleInvalid)
		}
	}
	switch v.Type {
	case "array":
		list, err := parseList(value)
		if err != nil {
			return nil, err
		}
		parsed = list
	case "boolean":
		switch strings.ToLower(text) {
		case "true", "1", "yes", "on", "t", "y":
			parsed = true
		case "", "false", "0", "no", "off", "f", "n":
			parsed = false
		default:
			return nil, models.Refuse("value", models.RuleNotBoolean)
		}
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, models.Refuse("value", models.RuleNotInteger)
		}
		if n > maxSettingInteger || n < -maxSettingInteger {
			return nil, models.Refuse("value", models.RuleTooLong, maxSettingDigits)
		}
		parsed = n
	default:
		if !models.Storable(text) || models.TooLong(text, maxQuery) {
			return nil, models.Refuse("value", models.RuleInvalid)
		}
		if v.Values != nil && !slices.Contains(v.Values(), text) {
			return nil, models.Refuse("value", models.RuleNotIncluded)
		}
		if text == "" {
			return v.parseBlank()
		}
		parsed = text
	}
	if v.Check != nil {
		if rule := v.Check(parsed); rule != "" {
			return nil, models.Refuse("value", rule)
		}
	}
	return parsed, nil
}

// parseBlank reads an empty text, which is kept: clients that reset a setting without a default compare what they find
// with it. Secrets have no value then.
func (v *SettingView) parseBlank() (any, error) {
	if v.Check != nil {
		if rule := v.Check(nil); rule != "" {
			return nil, models.Refuse("value", rule)
		}
	}
	if v.Encrypted {
		return nil, nil
	}
	return "", nil
}

// Bounds of settings: integers have so many digits at most (docs/spec/foreman.md, 22.5), lists so many members.
const (
	maxSettingDigits  = 8
	maxSettingInteger = 99_999_999
	maxSettingList    = 1000
)

// parseList reads a list of texts: a list, or a text that holds one as JSON or YAML write it. Anything else is not one.
func parseList(value any) ([]string, error) {
	items, isList := value.([]any)
	if text := strings.TrimSpace(settingText(value)); !isList && text != "" {
		if err := json.Unmarshal([]byte(text), &items); err != nil {
			inner, opened := strings.CutPrefix(text, "[")
			inner, closed := strings.CutSuffix(inner, "]")
			if !opened || !closed {
				return nil, models.Refuse("value", models.RuleNotArray)
			}
			for item := range strings.SplitSeq(inner, ",") {
				if item = strings.TrimSpace(item); item != "" {
					items = append(items, strings.Trim(item, `"'`))
				}
			}
		}
	}
	list := []string{}
	for _, item := range items {
		switch item.(type) {
		case string, json.Number, float64, bool:
			list = append(list, fmt.Sprint(item))
		default:
			return nil, models.Refuse("value", models.RuleNotArray)
		}
	}
	odd := func(s string) bool { return !models.Storable(s) || models.TooLong(s, models.MaxLabel) }
	if len(list) > maxSettingList || slices.ContainsFunc(list, odd) {
		return nil, models.Refuse("value", models.RuleInvalid)
	}
	return list, nil
}

func settingText(value any) string {
	switch x := value.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}
