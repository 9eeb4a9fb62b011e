package directory

import (
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// Ref names one row as callers do: by id, by name, or by a text that may be either (the id is tried first).
type Ref struct {
	ID   int64
	Name string
}

// String is the reference as an error shows it.
func (r Ref) String() string {
	if r.Name != "" {
		return r.Name
	}
	return strconv.FormatInt(r.ID, 10)
}

// isSelf tells whether the reference to a user means the caller (spec, section 2.9).
func (r Ref) isSelf(p *models.Principal) bool {
	return p.UserID > 0 && (r.ID == p.UserID || r.Name == p.Login)
}

// Parent is a record whose rows a nested list shows.
type Parent struct {
	// Class is the parent's: Usergroup, Role, Location, Organization, AuthSource, User, Filter.
	Class string
	ID    int64
}

// require refuses a caller who holds none of the permissions.
func require(p *models.Principal, permissions ...string) error {
	if p == nil || p.UserID == 0 {
		return errNobody
	}
	if slices.ContainsFunc(permissions, p.Can) {
		return nil
	}
	return models.Denied(permissions...)
}

// looks reports whether a permission is one to look, not to change.
func looks(permission string) bool { return strings.HasPrefix(permission, "view_") }

// limitFor chooses how tenants limit the rows that a permission is about: by what the caller sees, or may change.
func limitFor[T any](permission string, seen, writable T) T {
	if looks(permission) {
		return seen
	}
	return writable
}

// find reads the row that a reference means among those that the caller may see, that the permission covers and that
// belong to the parents; any other is not found.
func find[T any](db *gorm.DB, p *models.Principal, n *scopes.Noun, permission string, ref Ref, parents []Parent, only ...scopes.Scope) (*T, error) {
	if err := require(p, permission); err != nil {
		return nil, err
	}
	db = db.Scopes(limitFor(permission, scopes.Visible, scopes.Writable)(p, n), scopes.Authorized(p, permission, n)).Scopes(only...)
	for _, parent := range parents {
		db = db.Scopes(scopes.Under(n, parent.Class, parent.ID))
	}
	return take[T](db, n, ref)
}

// take tries the id first and the name after that.
func take[T any](db *gorm.DB, n *scopes.Noun, ref Ref) (*T, error) {
	db = db.Session(&gorm.Session{})
	if ref.ID > 0 {
		row, err := firstOf[T](db.Where(n.Table+".id = ?", ref.ID), n)
		if row != nil || err != nil {
			return row, err
		}
	}
	if ref.Name != "" && n.Label != "" && models.Storable(ref.Name) {
		row, err := firstOf[T](db.Where(n.Table+"."+n.Label+" = ?", ref.Name), n)
		if row != nil || err != nil {
			return row, err
		}
	}
	return nil, models.NotFoundError(subject(n.Class), ref.String())
}

// subject is a class in lower case with underscores, as in "external_usergroup".
func subject(class string) string {
	var b strings.Builder
	for i, r := range class {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// firstOf gives the first row of a noun, or nil.
func firstOf[T any](db *gorm.DB, n *scopes.Noun) (*T, error) {
	rows, err := fetch[T](db.Limit(1), n)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}
