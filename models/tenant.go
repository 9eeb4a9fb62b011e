package models

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TenantKind says the two kinds of tenants apart; it is the value of the type column.
type TenantKind string

// The kinds.
const (
	LocationKind     TenantKind = "Location"
	OrganizationKind TenantKind = "Organization"
)

// TenantKinds are all of them, in the order in which records list their tenants.
var TenantKinds = []TenantKind{LocationKind, OrganizationKind}

// Other returns the other kind.
func (k TenantKind) Other() TenantKind {
	if k == LocationKind {
		return OrganizationKind
	}
	return LocationKind
}

// Word is the kind in lower case, as in "location_id".
func (k TenantKind) Word() string { return strings.ToLower(string(k)) }

// Tenant is a location or an organization: a node of one of the two tenant trees (docs/spec/foreman.md, 12).
type Tenant struct {
	ID        int64 `gorm:"primaryKey"`
	Type      TenantKind
	Name      string
	LowerName string // Name in lower case; unique among siblings
	ParentID  *int64
	// Ancestry lists the ids from the root to the parent, joined by "/"; nil for a root.
	Ancestry *string
	// Title is the names from the root to this node, joined by "/".
	Title       string
	Description *string
	// Slug is a short name of an organization that stays when it is renamed; nil for locations. It is unique.
	Slug *string
	// Contact is a JSON object in which people of an organization say how it is reached; nil says nothing.
	Contact *string
	// IgnoreTypes lists the classes whose records all belong to this tenant without being assigned.
	IgnoreTypes StringList
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// TableName names the table.
func (Tenant) TableName() string { return "taxonomies" }

// Ignores reports whether every record of the class belongs to this tenant.
func (t *Tenant) Ignores(class string) bool { return slices.Contains(t.IgnoreTypes, class) }

// OpenToAll reports whether every user belongs to this tenant without being assigned.
func (t *Tenant) OpenToAll() bool { return t.Ignores("User") }

// Normalize trims the texts and tidies the list of classes: no blanks, no "0", nothing twice.
func (t *Tenant) Normalize() {
	t.Name = strings.TrimSpace(t.Name)
	t.LowerName = strings.ToLower(t.Name)
	t.Description = Trimmed(t.Description)
	t.IgnoreTypes = Distinct(t.IgnoreTypes)
	t.IgnoreTypes = slices.DeleteFunc(t.IgnoreTypes, func(class string) bool { return class == "" || class == "0" })
}

// MaxSlug is the length limit of slugs, in characters.
const MaxSlug = 100

var (
	slugPattern = regexp.MustCompile(`^[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*$`) // not a number
	notInSlugs  = regexp.MustCompile(`[^a-z0-9]+`)
)

// SlugOf makes a slug from a name: its Latin letters and digits in lower case, joined by hyphens. Where there are none
// it is "organization". It leaves room for a number at the end.
func SlugOf(name string) string {
	const number = 10
	letters := norm.NFD.String(strings.ToLower(name))
	letters = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, letters)
	slug := strings.Trim(notInSlugs.ReplaceAllString(letters, "-"), "-")
	if slug == "" || slug[0] < 'a' {
		slug = strings.Trim("organization-"+slug, "-")
	}
	return strings.TrimRight(slug[:min(len(slug), MaxSlug-number)], "-")
}

// Validate reports the rules that the tenant breaks by itself (docs/spec/foreman.md, 12.2).
func (t *Tenant) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, t.Name, MaxLabel)
	// "Any Location" is how clients show that no tenant is chosen.
	errs.Check(!strings.EqualFold(t.Name, "any "+t.Type.Word()), "name", RuleReservedName, t.Name)
	errs.Check(!TooLong(t.Title, MaxLabel), "title", RuleTooLong, MaxLabel)
	validateDescription(&errs, t.Description)
	if t.Slug != nil {
		errs.Check(slugPattern.MatchString(*t.Slug), "slug", RuleInvalid)
		errs.Check(!TooLong(*t.Slug, MaxSlug), "slug", RuleTooLong, MaxSlug)
	}
	errs.Check(Storable(Deref(t.Contact)), "contact", RuleInvalid)
	errs.Check(len(Deref(t.Contact)) <= MaxText, "contact", RuleTooLong, MaxText)
	errs.Check(len(t.IgnoreTypes) <= MaxClasses, "ignore_types", RuleTooMany, MaxClasses)
	for _, class := range t.IgnoreTypes {
		errs.Check(Storable(class) && !TooLong(class, MaxLabel), "ignore_types", RuleInvalid)
	}
	return errs
}
