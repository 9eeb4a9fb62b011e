package store

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

// IsSelf reports whether the reference to a user means the caller (docs/spec/foreman.md, 2.9).
func (r Ref) IsSelf(p *models.Principal) bool {
	return p.UserID > 0 && (r.ID == p.UserID || r.Name == p.Login)
}

// Parent is a record whose rows a nested list shows.
type Parent struct {
	// Class is the parent's: Usergroup, Role, Location, Organization, AuthSource, User, Filter.
	Class string
	ID    int64
}

// Require refuses a caller who may not perform an action on any row of a resource.
func Require(p *models.Principal, r *scopes.Resource, a models.Action) error {
	if p == nil || p.UserID == 0 {
		return ErrNobody
	}
	if permission := r.Can(a); !p.Can(permission) {
		return models.Denied(permission)
	}
	return nil
}

// Admitted refuses a caller who may not ask for a list at all.
func Admitted(p *models.Principal, r *scopes.Resource) error {
	if r.Open && p != nil && p.UserID != 0 {
		return nil
	}
	return Require(p, r, models.View)
}

// Find reads the row that a reference means among those that the caller reaches with the action and that belong to the
// parents; any other is not found.
func Find[T any](db *gorm.DB, p *models.Principal, r *scopes.Resource, a models.Action, ref Ref,
	parents []Parent) (*T, error) {
	if !r.Open || !a.Looks() {
		if err := Require(p, r, a); err != nil {
			return nil, err
		}
	}
	// A text that begins with a number means the same row for whoever looks and for whoever changes.
	if ref.Name != "" && ref.ID > 0 && !r.NumberFirst && !a.Looks() && Exists(db, p, r, ref.Name) {
		ref.ID = 0
	}
	db = db.Scopes(r.Rows(p, a))
	for _, parent := range parents {
		db = db.Scopes(scopes.Under(r, parent.Class, parent.ID))
	}
	return Take[T](db, r, ref)
}

// Exists reports whether the caller may know of a row of a name.
func Exists(db *gorm.DB, p *models.Principal, r *scopes.Resource, name string) bool {
	if r.Label == "" || !models.Storable(name) {
		return false
	}
	var found []int64
	err := db.Session(&gorm.Session{NewDB: true}).Table(r.Table).Scopes(r.Rows(p, models.View)).
		Where(r.Table+"."+r.Label+" = ?", name).Limit(1).Pluck(r.Table+".id", &found).Error
	return err == nil && len(found) > 0
}

// Take finds a row by its exact name or, where no row has that name, by its id. A text that begins with a number may
// mean either: the number counts only if nothing is called like that, but for resources where it counts first.
func Take[T any](db *gorm.DB, r *scopes.Resource, ref Ref) (*T, error) {
	db = db.Session(&gorm.Session{})
	byID := func() (*T, error) {
		if ref.ID <= 0 {
			return nil, nil
		}
		return firstOf[T](db.Where(r.Table+".id = ?", ref.ID), r)
	}
	byName := func() (*T, error) {
		if ref.Name == "" || r.Label == "" || !models.Storable(ref.Name) {
			return nil, nil
		}
		return onlyOne[T](db.Where(r.Table+"."+r.Label+" = ?", ref.Name), r, ref)
	}
	ways := []func() (*T, error){byName, byID}
	if r.NumberFirst {
		slices.Reverse(ways)
	}
	for _, way := range ways {
		if row, err := way(); row != nil || err != nil {
			return row, err
		}
	}
	return nil, models.NotFoundError(Subject(r.Class), ref.String())
}

// onlyOne returns the row of a statement, or nil without any. A name that two have means neither.
func onlyOne[T any](db *gorm.DB, r *scopes.Resource, ref Ref) (*T, error) {
	rows, err := Fetch[T](db.Limit(2), r)
	switch {
	case err != nil || len(rows) == 0:
		return nil, err
	case len(rows) > 1:
		return nil, models.NotFoundError(Subject(r.Class), ref.String())
	}
	return &rows[0], nil
}

// Subject is a class in lower case with underscores, as in "external_usergroup".
func Subject(class string) string {
	var b strings.Builder
	for i, letter := range class {
		if letter >= 'A' && letter <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			letter += 'a' - 'A'
		}
		b.WriteRune(letter)
	}
	return b.String()
}

// firstOf returns the first row of a noun, or nil.
func firstOf[T any](db *gorm.DB, r *scopes.Resource) (*T, error) {
	rows, err := Fetch[T](db.Limit(1), r)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}
