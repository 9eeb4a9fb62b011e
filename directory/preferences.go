package directory

import (
	"context"
	"reflect"
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
func (s *Service) TablePreferences(ctx context.Context, p *models.Principal, userID int64,
	q store.ListQuery) (*store.List[models.TablePreference], error) {
	if err := ownOnly(p, userID, models.RuleForeignPreferences); err != nil {
		return nil, err
	}
	return listOwned[models.TablePreference](ctx, s, p, scopes.TablePreferences, userID, q)
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
	if err := t.checkFree(&errs, row.Name, row, "user_id = ? AND name = ? AND id <> ?", row.UserID, row.Name,
		row.ID); err != nil {
		return err
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

// BookmarkChange is a requested change of a saved search.
type BookmarkChange struct {
	Name, Controller, Query models.Opt[string]
	// Public is whether others see it, too; nil is refused.
	Public models.Opt[*bool]
}

// Bookmarks lists the public saved searches and the caller's own; any account may.
func (s *Service) Bookmarks(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[models.Bookmark], error) {
	return store.Listing[models.Bookmark, models.Bookmark]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Bookmarks, Views: Same[models.Bookmark],
	}.Read(ctx)
}

// Bookmark shows one of them.
func (s *Service) Bookmark(ctx context.Context, p *models.Principal, ref store.Ref) (*models.Bookmark, error) {
	return store.Find[models.Bookmark](s.Read.WithContext(ctx), p, scopes.Bookmarks, models.View, ref, nil)
}

// CreateBookmark saves a search for the caller.
func (s *Service) CreateBookmark(ctx context.Context, p *models.Principal, c BookmarkChange) (*models.Bookmark, error) {
	if err := store.Require(p, scopes.Bookmarks, models.Create); err != nil {
		return nil, err
	}
	row := models.Bookmark{OwnerID: &p.UserID}
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Bookmarks, models.Create); err != nil {
			return err
		}
		row.CreatedAt = t.Time
		return t.saveBookmark(nil, &row, c)
	})
	return &row, taken(err, "name")
}

// UpdateBookmark changes a saved search.
func (s *Service) UpdateBookmark(ctx context.Context, p *models.Principal, ref store.Ref,
	c BookmarkChange) (*models.Bookmark, error) {
	var row models.Bookmark
	err := s.change(ctx, p, func(t *tx) error {
		found, err := store.Find[models.Bookmark](t.Locking(), t.Caller, scopes.Bookmarks, models.Edit, ref, nil)
		if err != nil {
			return err
		}
		row = *found
		return t.saveBookmark(found, &row, c)
	})
	return &row, taken(err, "name")
}

const maxQuery = 4096

// bookmarkState is a saved search in a change.
type bookmarkState struct{ models.Bookmark }

func (b *bookmarkState) facts() store.AuditedValues { return bookmarkFacts(&b.Bookmark) }

func (b *bookmarkState) record() store.AuditSubject { return bookmarkRecord(&b.Bookmark) }

// saveBookmark makes a change of a saved search; found is nil for a new one.
func (t *tx) saveBookmark(found, row *models.Bookmark, c BookmarkChange) error {
	var before *bookmarkState
	if found != nil {
		before = &bookmarkState{*found}
	}
	after := &bookmarkState{*row}
	err := save(t, before, after, steps{
		apply: func() error {
			c.Name.Apply(&after.Name)
			c.Controller.Apply(&after.Controller)
			c.Query.Apply(&after.Query)
			if c.Public.Value != nil {
				after.Public = *c.Public.Value
			}
			after.Name = strings.TrimSpace(after.Name)
			after.Controller = strings.TrimSpace(after.Controller)
			after.Query = strings.TrimSpace(after.Query)
			return nil
		},
		check: func() error {
			errs := checkBookmark(&after.Bookmark)
			errs.Check(!c.Public.Set || c.Public.Value != nil, "public", models.RuleNotIncluded)
			err := t.checkFree(&errs, after.Name+after.Controller, &models.Bookmark{},
				"controller = ? AND name = ? AND COALESCE(owner_id, 0) = COALESCE(?, 0) AND id <> ?",
				after.Controller, after.Name, after.OwnerID, after.ID)
			if err != nil {
				return err
			}
			return errs.Err()
		},
		write: func() error {
			switch {
			case before == nil:
				after.UpdatedAt = t.Time
				return t.Create(&after.Bookmark).Error
			case !reflect.DeepEqual(before, after):
				after.UpdatedAt = t.Time
				return t.Overwrite(&after.Bookmark)
			}
			return nil
		},
	})
	*row = after.Bookmark
	return err
}

// foreignLists are the lists of other servers with this API. Their searches may be kept here, too: clients copy them.
var foreignLists = strings.Fields(`
	architectures compute_profiles compute_resources config_groups config_reports dashboard domains
	environments fact_values facts host_classes host_parameters hostgroups hosts http_proxies images job_invocations
	job_templates keypairs locations_organizations media medium models operatingsystems partition_tables plugins
	provisioning_templates ptables puppetclasses realms registration_tokens remote_execution_features report_templates
	reports smart_proxies smart_proxy_hosts statistics statuses subnets tasks taxonomies templates trends
	foreman_tasks_tasks users widgets`)

func checkBookmark(row *models.Bookmark) models.FieldErrors {
	errs := labelErrors(row.Name)
	for _, text := range []struct {
		attr, value string
		limit       int
	}{{"controller", row.Controller, models.MaxLabel}, {"query", row.Query, maxQuery}} {
		errs.Check(text.value != "", text.attr, models.RuleBlank)
		errs.Check(models.Storable(text.value), text.attr, models.RuleInvalid)
		errs.Check(!models.TooLong(text.value, text.limit), text.attr, models.RuleTooLong, text.limit)
	}
	known := slices.Contains(scopes.Names(), row.Controller) || slices.Contains(foreignLists, row.Controller)
	errs.Check(row.Controller == "" || known, "controller", models.RuleUnknownList, row.Controller)
	return errs
}

// DeleteBookmark removes a saved search.
func (s *Service) DeleteBookmark(ctx context.Context, p *models.Principal, ref store.Ref) (*models.Bookmark, error) {
	var gone *models.Bookmark
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = store.Find[models.Bookmark](t.Locking(), t.Caller, scopes.Bookmarks, models.Destroy, ref,
			nil); err != nil {
			return err
		}
		if err := t.Exec("DELETE FROM bookmarks WHERE id = ?", gone.ID).Error; err != nil {
			return err
		}
		return t.Audit(bookmarkRecord(gone), bookmarkFacts(gone), nil)
	})
	return gone, err
}

func bookmarkFacts(row *models.Bookmark) store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &row.Name), store.Audited("controller", &row.Controller),
		store.Audited("query", &row.Query), store.Audited("public", &row.Public),
		store.Audited("owner_id", row.OwnerID)}
}

// bookmarkRecord returns the subject of an audit; the audit belongs to the tenants of the owner.
func bookmarkRecord(row *models.Bookmark) store.AuditSubject {
	r := store.AuditSubject{ID: row.ID, Class: "Bookmark", Name: row.Name}
	if row.OwnerID != nil {
		r.AssociatedID = *row.OwnerID
		r.AssociatedClass = "User"
		r.OfOwner = true
	}
	return r
}
