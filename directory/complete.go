package directory

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// from names a resource's table for statements that read no model. Settings are no table of the database.
func from(db *gorm.DB, r *scopes.Resource) *gorm.DB {
	if r == scopes.Settings {
		return settingsTable(db)
	}
	return db.Table(r.Table)
}

// Complete continues a half-typed search in a list of the API (docs/spec/search.md, 14). It offers only values that
// occur in records that the list would show to the caller. Its errors are those of the list: who may not list is
// refused, and a query that cannot be read is a bad request about SubjectSearch.
func (s *Service) Complete(ctx context.Context, p *models.Principal, resource,
	query string) ([]scopes.Suggestion, error) {
	r := scopes.Named(resource)
	if r == nil {
		return nil, fmt.Errorf("there is no resource called %q, only %s", resource, strings.Join(scopes.Names(), ", "))
	}
	if err := store.Admitted(p, r); err != nil {
		return nil, err
	}
	leave, err := s.EnterSearch(ctx, p)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := store.WithSearchTimeout(ctx)
	defer cancel()
	db := s.Search.WithContext(ctx)
	suggestions, err := r.Complete(db, p, query, func() *gorm.DB { return from(db, r).Scopes(r.Listed(p)) })
	return suggestions, store.QueryError(store.TooSlow(ctx, err))
}
