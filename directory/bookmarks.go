package directory

import (
	"context"
	"reflect"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// BookmarkChange is what a caller wants a saved search to be.
type BookmarkChange struct {
	Name, Controller, Query models.Opt[string]
	Public                  models.Opt[bool]
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
			c.Public.Apply(&after.Public)
			after.Name = strings.TrimSpace(after.Name)
			after.Controller = strings.TrimSpace(after.Controller)
			after.Query = strings.TrimSpace(after.Query)
			return nil
		},
		check: func() error { return checkBookmark(&after.Bookmark) },
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

func checkBookmark(row *models.Bookmark) error {
	errs := labelErrors(row.Name)
	for _, text := range []struct {
		attr, value string
		limit       int
	}{{"controller", row.Controller, models.MaxLabel}, {"query", row.Query, maxQuery}} {
		errs.Check(text.value != "", text.attr, models.RuleBlank)
		errs.Check(models.Storable(text.value), text.attr, models.RuleInvalid)
		errs.Check(!models.TooLong(text.value, text.limit), text.attr, models.RuleTooLong, text.limit)
	}
	return errs.Err()
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

// bookmarkRecord says whom a saved search concerns: the tenants of its owner.
func bookmarkRecord(row *models.Bookmark) store.AuditSubject {
	r := store.AuditSubject{ID: row.ID, Class: "Bookmark", Name: row.Name}
	if row.OwnerID != nil {
		r.AssociatedID = *row.OwnerID
		r.AssociatedClass = "User"
		r.OfOwner = true
	}
	return r
}
