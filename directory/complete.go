package directory

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// Complete continues a half-typed search in a list of the API (spec of the search language, section 14). It offers only
// values that occur in records that the list would show to the caller. Its errors are those of the list: who may not list
// is refused, and a query that cannot be read is a bad request about SubjectSearch.
func (s *Service) Complete(ctx context.Context, p *models.Principal, resource, query string) ([]scopes.Suggestion, error) {
	c, ok := collections[resource]
	if !ok {
		return nil, fmt.Errorf("there is no resource called %q, only %s", resource, strings.Join(scopes.Resources(), ", "))
	}
	if err := c.admits(p); err != nil {
		return nil, err
	}
	leave, err := s.enterSearch(ctx, p)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := patient(ctx)
	defer cancel()
	db := s.find.WithContext(ctx)
	suggestions, err := c.noun.Complete(db, p, query, func() *gorm.DB { return c.rows(c.from(db), p) })
	return suggestions, queryError(tooSlow(ctx, err))
}
