package directory

import (
	"context"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// ParentQuery asks for the record under which something is nested.
type ParentQuery struct {
	// Class is User, Usergroup, Role, Filter, AuthSource, Location or Organization.
	Class string
	// Source narrows auth sources to one kind.
	Source models.AuthSourceKind
	Ref    Ref
	// Permission is the verb of what the caller must be allowed on the parent: "view" or "edit".
	Permission string
}

// noParent is an id that no row has: the list under it is empty.
const noParent = -1

// ParentOf finds the record under which something is nested, among those that the caller may see. An unknown one is
// NotFound. A tenant that the caller is in but may not view is a parent without rows instead, as lists by tenant are
// for such callers (spec, section 12.4).
func (s *Service) ParentOf(ctx context.Context, p *models.Principal, q ParentQuery) (Parent, error) {
	db := s.read.WithContext(ctx)
	parent := Parent{Class: q.Class}
	var err error
	switch q.Class {
	case "User":
		var u *models.User
		if u, err = s.findUser(db, p, q.Permission+"_users", q.Ref, nil); u != nil {
			parent.ID = u.ID
		}
	case "Usergroup":
		parent.ID, err = parentID[models.Usergroup](db, p, scopes.Usergroups, q)
	case "Role":
		parent.ID, err = parentID[models.Role](db, p, scopes.Roles, q)
	case "Filter":
		parent.ID, err = parentID[models.Filter](db, p, scopes.Filters, q)
	case "AuthSource":
		parent.ID, err = parentID[models.AuthSource](db, p, scopes.AuthSources, q, scopes.OfType(q.Source), scopes.VisibleSources(p))
	default:
		kind := models.TaxonomyKind(q.Class)
		parent.ID, err = parentID[models.Taxonomy](db, p, scopes.TaxonomyNoun(kind), q, scopes.VisibleTaxonomies(p, kind))
		if models.KindOf(err) == models.Forbidden {
			parent.ID, err = noParent, nil
		}
	}
	if err != nil && models.KindOf(err) == models.Forbidden {
		err = models.NotFoundError(subject(q.Class), q.Ref.String())
	}
	return parent, err
}

// plurals are the words that permissions have for a class.
var plurals = map[string]string{
	"Usergroup": "usergroups", "Role": "roles", "Filter": "filters", "AuthSource": "authenticators",
	"Location": "locations", "Organization": "organizations", "User": "users",
}

func parentID[T any](db *gorm.DB, p *models.Principal, n *scopes.Noun, q ParentQuery, only ...scopes.Scope) (int64, error) {
	row, err := find[T](db.Select(n.Table+".id"), p, n, q.Permission+"_"+plurals[q.Class], q.Ref, nil, only...)
	if err != nil {
		return 0, err
	}
	return idOf(row), nil
}

// idOf gives the id of a row.
func idOf(row any) int64 {
	switch r := row.(type) {
	case *models.Usergroup:
		return r.ID
	case *models.Role:
		return r.ID
	case *models.Filter:
		return r.ID
	case *models.AuthSource:
		return r.ID
	case *models.Taxonomy:
		return r.ID
	}
	return noParent
}
