package models

import (
	"strings"
	"time"
)

// Usergroup gathers users and other groups; everybody in it, however deep, inherits its roles and its admin flag
// (docs/spec/foreman.md, 10).
type Usergroup struct {
	ID        int64 `gorm:"primaryKey"`
	Name      string
	Admin     bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (Usergroup) TableName() string { return "usergroups" }

// MaxLabel is the length limit of names that a database column bounds, in characters.
const MaxLabel = 255

// Bounds of texts without a meaning of their own, and of lists that users keep, so that one account does not fill the
// database nor everybody's lists.
const (
	// MaxText is in characters: what the original's database takes.
	MaxText = 65_535
	// MaxClasses is how many classes a tenant may be open to.
	MaxClasses = 100
)

// validateDescription checks an optional text of any length that is sensible.
func validateDescription(errs *FieldErrors, text *string) {
	errs.Check(Storable(Deref(text)), "description", RuleInvalid)
	errs.Check(!TooLong(Deref(text), MaxText), "description", RuleTooLong, MaxText)
}

// Normalize trims the name.
func (g *Usergroup) Normalize() { g.Name = strings.TrimSpace(g.Name) }

// Validate reports the rules that the group breaks by itself (docs/spec/foreman.md, 10.1).
func (g *Usergroup) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, g.Name, MaxLabel)
	return errs
}

// validateLabel checks a required name.
func validateLabel(errs *FieldErrors, name string, limit int) {
	errs.Check(strings.TrimSpace(name) != "", "name", RuleBlank)
	errs.Check(Storable(name), "name", RuleInvalid)
	errs.Check(!TooLong(name, limit), "name", RuleTooLong, limit)
}

// ExternalUsergroup ties a group of an auth source to a user group: its members become members (docs/spec/foreman.md,
// 10.4).
type ExternalUsergroup struct {
	ID           int64 `gorm:"primaryKey"`
	Name         string
	AuthSourceID int64
	UsergroupID  int64
}

// TableName names the table.
func (ExternalUsergroup) TableName() string { return "external_usergroups" }

// Normalize trims the name.
func (g *ExternalUsergroup) Normalize() { g.Name = strings.TrimSpace(g.Name) }

// Validate reports the rules that the group breaks by itself.
func (g *ExternalUsergroup) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, g.Name, MaxLabel)
	errs.Check(g.AuthSourceID != 0, "auth_source_id", RuleBlank)
	errs.Check(g.UsergroupID != 0, "usergroup_id", RuleBlank)
	return errs
}
