package directory

import (
	"context"
	"reflect"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// BookmarkChange is a requested change of a saved search.
type BookmarkChange struct {
	Name, Controller, Query models.Opt[string]
	Public                  models.Opt[bool]
}

// Bookmarks lists the public saved searches and the caller's own; any account may.
func (s *Service) Bookmarks(ctx context.Context, p *models.Principal, q store.ListQuery, head func(store.Totals) error,
	each func(models.Bookmark) error) error {
	return store.List[models.Bookmark, models.Bookmark]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Bookmarks, Views: Same[models.Bookmark],
	}.Run(ctx, head, each)
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

func (t *tx) saveBookmark(before, row *models.Bookmark, c BookmarkChange) error {
	c.Name.Apply(&row.Name)
	c.Controller.Apply(&row.Controller)
	c.Query.Apply(&row.Query)
	c.Public.Apply(&row.Public)
	row.Name, row.Controller, row.Query = strings.TrimSpace(row.Name), strings.TrimSpace(row.Controller),
		strings.TrimSpace(row.Query)
	errs := labelErrors(row.Name)
	for _, text := range []struct {
		attr, value string
		limit       int
	}{{"controller", row.Controller, models.MaxLabel}, {"query", row.Query, maxQuery}} {
		errs.Check(text.value != "", text.attr, models.RuleBlank)
		errs.Check(models.Storable(text.value), text.attr, models.RuleInvalid)
		errs.Check(!models.TooLong(text.value, text.limit), text.attr, models.RuleTooLong, text.limit)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	var was store.AuditedValues
	switch {
	case before == nil:
		row.UpdatedAt = t.Time
		if err := t.Create(row).Error; err != nil {
			return err
		}
	case !reflect.DeepEqual(before, row):
		was, row.UpdatedAt = bookmarkFacts(before), t.Time
		if err := t.Overwrite(row); err != nil {
			return err
		}
	default:
		return nil
	}
	return t.Audit(bookmarkRecord(row), was, bookmarkFacts(row))
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
		r.AssociatedID, r.AssociatedClass, r.OfOwner = *row.OwnerID, "User", true
	}
	return r
}
