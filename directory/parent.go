package directory

import (
	"context"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// ParentQuery asks for the record under which something is nested.
type ParentQuery struct {
	// Resource is what the parent is.
	Resource *scopes.Resource
	Ref      store.Ref
	// Action is what the caller must be allowed to do with the parent: View or Edit.
	Action models.Action
}

// noParent is an id that no row has: the list under it is empty.
const noParent = -1

// ParentOf finds the record under which something is nested, among those that the caller may see. An unknown one is
// NotFound. A tenant that the caller is in but may not view is a parent without rows instead, as lists by tenant are
// for such callers (docs/spec/foreman.md, 12.4).
func (s *Service) ParentOf(ctx context.Context, p *models.Principal, q ParentQuery) (store.Parent, error) {
	db := s.Read.WithContext(ctx)
	parent := store.Parent{Class: q.Resource.Class}
	var err error
	if q.Resource == scopes.Users {
		var u *models.User
		if u, err = s.findUser(db, p, q.Action, q.Ref, nil); u != nil {
			parent.ID = u.ID
		}
	} else {
		parent.ID, err = parentID(db, p, q)
	}
	if models.KindOf(err) != models.Forbidden || err == nil {
		return parent, err
	}
	if q.Resource.Table == scopes.Organizations.Table {
		return Parent{Class: q.Resource.Class, ID: noParent}, nil
	}
	return parent, models.NotFoundError(store.Subject(q.Resource.Class), q.Ref.String())
}

// rowID is a row of which only the id is read.
type rowID struct{ ID int64 }

// parentID reads the id of a parent.
func parentID(db *gorm.DB, p *models.Principal, q ParentQuery) (int64, error) {
	row, err := store.Find[rowID](db.Table(q.Resource.Table).Select(q.Resource.Table+".id"), p, q.Resource, q.Action,
		q.Ref, nil)
	if err != nil {
		return 0, err
	}
	return row.ID, nil
}
