package models

import (
	"strconv"
	"strings"
	"time"
)

// Role is a named set of filters that users and groups may hold (docs/spec/foreman.md, 11).
type Role struct {
	ID   int64 `gorm:"primaryKey"`
	Name string
	// Builtin is BuiltinDefault for the role that everybody has, else 0.
	Builtin     int64
	Description *string
	// Origin names who shipped the role; a shipped role is locked.
	Origin       *string
	ClonedFromID *int64
	// Position is where the role stands in lists that people have put in order; nil comes last.
	Position *int64
	// LocationsLimited and OrganizationsLimited report by which kinds of tenants the role limits its filters. They stay
	// when the tenants are deleted: the filters then grant nothing.
	LocationsLimited, OrganizationsLimited bool
}

// BuiltinDefault marks the default role, attached to every user.
const BuiltinDefault = 2

// TableName names the table.
func (Role) TableName() string { return "roles" }

// Locked reports whether users may not change the role or its filters.
func (r *Role) Locked() bool { return r.Origin != nil && r.Builtin != BuiltinDefault }

// Normalize trims the texts.
func (r *Role) Normalize() {
	r.Name = strings.TrimSpace(r.Name)
	r.Description = Trimmed(r.Description)
}

// Validate reports the rules that the role breaks by itself (docs/spec/foreman.md, 11.1).
func (r *Role) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, r.Name, MaxLabel)
	validateDescription(&errs, r.Description)
	return errs
}

// Filter returns the permissions of one resource type to the holders of its role, for the records that Search and the
// filter's tenants describe (docs/spec/foreman.md, 11.4).
type Filter struct {
	ID     int64 `gorm:"primaryKey"`
	RoleID int64
	// Search limits the records; nil means every record.
	Search *string
	// TaxonomySearch is the tenants' part of the limit as a query, derived from the filter's tenants.
	TaxonomySearch *string
	// Override says that the filter keeps its own tenants instead of following its role's.
	Override bool
	// LocationsLimited and OrganizationsLimited report by which kinds of tenants the filter is limited. They stay when
	// the tenants are deleted: the filter then grants nothing.
	LocationsLimited, OrganizationsLimited bool
	CreatedAt                              time.Time
	UpdatedAt                              time.Time
}

// TableName names the table.
func (Filter) TableName() string { return "filters" }

// Unlimited reports whether the filter limits nothing: neither by a search, nor by tenants of its own or of its role.
func (f *Filter) Unlimited() bool {
	return f.Search == nil && f.TaxonomySearch == nil
}

// Nowhere is the id in a limit whose tenants are gone; no tenant has it.
const Nowhere = 0

// WordTenants words the limit by tenants as a query, as clients know it (docs/spec/foreman.md, 8.4).
func (f *Filter) WordTenants(tenants map[TenantKind][]int64) {
	var parts []string
	for _, k := range []struct {
		kind    TenantKind
		limited bool
	}{{OrganizationKind, f.OrganizationsLimited}, {LocationKind, f.LocationsLimited}} {
		if !k.limited {
			continue
		}
		ids := tenants[k.kind]
		if len(ids) == 0 {
			ids = []int64{Nowhere}
		}
		words := make([]string, len(ids))
		for i, id := range ids {
			words[i] = strconv.FormatInt(id, 10)
		}
		parts = append(parts, "("+k.kind.Word()+"_id ^ ("+strings.Join(words, ",")+"))")
	}
	f.TaxonomySearch = NilIfEmpty(strings.Join(parts, " and "))
}

// Permission names something that may be allowed; permissions are seeded and read-only (docs/spec/foreman.md, 11.6).
type Permission struct {
	ID   int64 `gorm:"primaryKey"`
	Name string
	// ResourceType is the class of the records that it is about; nil for permissions about no record.
	ResourceType *string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName names the table.
func (Permission) TableName() string { return "permissions" }
