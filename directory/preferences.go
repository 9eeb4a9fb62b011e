package directory

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// TablePreferenceChange is a requested change of a table preference.
type TablePreferenceChange struct {
	Name    models.Opt[string]
	Columns models.Opt[[]string]
}

// ownOnly refuses what only the user in question may do, whatever anybody's permissions are.
func ownOnly(p *models.Principal, userID int64, reason models.Rule) error {
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	if p.UserID != userID {
		return models.DeniedBecause(reason)
	}
	return nil
}

// TablePreferences lists the caller's own.
func (s *Service) TablePreferences(ctx context.Context, p *models.Principal, userID int64, q store.ListQuery,
	head func(store.Totals) error, each func(models.TablePreference) error) error {
	if err := ownOnly(p, userID, models.RuleForeignPreferences); err != nil {
		return err
	}
	return listOwned(ctx, s, p, scopes.TablePreferences, userID, q, head, each)
}

// TablePreference shows one of the caller's own.
func (s *Service) TablePreference(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.TablePreference, error) {
	return s.ownPreference(s.Read.WithContext(ctx), p, userID, ref)
}

func (s *Service) ownPreference(db *gorm.DB, p *models.Principal, userID int64,
	ref store.Ref) (*models.TablePreference, error) {
	if err := ownOnly(p, userID, models.RuleForeignPreferences); err != nil {
		return nil, err
	}
	row, _, err := findOwned[models.TablePreference](s, db, p, models.View, scopes.TablePreferences, models.View,
		userID, ref)
	return row, err
}

// CreateTablePreference keeps the columns of one more table.
func (s *Service) CreateTablePreference(ctx context.Context, p *models.Principal, userID int64,
	c TablePreferenceChange) (*models.TablePreference, error) {
	if err := ownOnly(p, userID, models.RuleForeignPreferences); err != nil {
		return nil, err
	}
	row := models.TablePreference{UserID: userID}
	err := s.change(ctx, p, func(t *tx) error {
		row.CreatedAt = t.Time
		return t.savePreference(nil, &row, c)
	})
	return &row, taken(err, "name")
}

// UpdateTablePreference changes the columns of a table.
func (s *Service) UpdateTablePreference(ctx context.Context, p *models.Principal, userID int64, ref store.Ref,
	c TablePreferenceChange) (*models.TablePreference, error) {
	var row *models.TablePreference
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if row, err = s.ownPreference(t.Locking(), t.Caller, userID, ref); err != nil {
			return err
		}
		return t.savePreference(preferenceFacts(row), row, c)
	})
	return row, taken(err, "name")
}

const (
	// MaxColumns bounds how many columns a preference names; the widest table has some dozens.
	MaxColumns = 500
	// MaxColumnsText bounds the names of the columns of a preference together, in bytes.
	MaxColumnsText = 16 << 10
	// MaxPreferences bounds how many tables a user keeps columns of; there are some dozens.
	MaxPreferences = 100
)

func (t *tx) savePreference(was store.AuditedValues, row *models.TablePreference, c TablePreferenceChange) error {
	c.Name.Apply(&row.Name)
	row.Name = strings.TrimSpace(row.Name)
	if c.Columns.Set {
		row.Columns = models.Distinct(models.StringList(c.Columns.Value))
	}
	errs := labelErrors(row.Name)
	errs.Check(row.Columns != nil, "columns", models.RuleBlank)
	errs.Check(len(row.Columns) <= MaxColumns, "columns", models.RuleTooMany, MaxColumns)
	odd := func(s string) bool { return !models.Storable(s) || models.TooLong(s, models.MaxLabel) }
	errs.Check(!slices.ContainsFunc(row.Columns, odd), "columns", models.RuleInvalid)
	errs.Check(len(strings.Join(row.Columns, "")) <= MaxColumnsText, "columns", models.RuleTooLong, MaxColumnsText)
	if was == nil {
		var kept int64
		if err := t.Model(row).Where("user_id = ?", row.UserID).Count(&kept).Error; err != nil {
			return err
		}
		errs.Check(kept < MaxPreferences, models.Base, models.RuleTooManyPreferences, MaxPreferences)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	row.UpdatedAt = t.Time
	if was == nil {
		if err := t.Create(row).Error; err != nil {
			return err
		}
	} else if err := t.Overwrite(row); err != nil {
		return err
	}
	return t.Audit(t.preferenceRecord(row), was, preferenceFacts(row))
}

// DeleteTablePreference forgets the columns of a table.
func (s *Service) DeleteTablePreference(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.TablePreference, error) {
	var row *models.TablePreference
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if row, err = s.ownPreference(t.Locking(), t.Caller, userID, ref); err != nil {
			return err
		}
		if err := t.Exec("DELETE FROM table_preferences WHERE id = ?", row.ID).Error; err != nil {
			return err
		}
		return t.Audit(t.preferenceRecord(row), preferenceFacts(row), nil)
	})
	return row, err
}

func preferenceFacts(row *models.TablePreference) store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &row.Name), {Attr: "columns", Value: []string(row.Columns)},
		store.Audited("user_id", &row.UserID)}
}

func (t *tx) preferenceRecord(row *models.TablePreference) store.AuditSubject {
	return store.AuditSubject{ID: row.ID, Class: "TablePreference", Name: row.Name, AssociatedID: t.Caller.UserID,
		AssociatedClass: "User", AssociatedName: t.Caller.Login, OfOwner: true}
}
