package scopes

import (
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Scope is one adjective.
type Scope = func(*gorm.DB) *gorm.DB

// Resource declares, in one place, what a kind of record is: its table, its permissions, which rows a caller reaches
// and what can be searched. Lists, single records, changes, nested lists, completion and explanations all start from
// it.
type Resource struct {
	// Name is that of the list in the API ("users").
	Name string
	// Class is the name that permissions, ignore_types and audits use ("User").
	Class string
	// Stem is what the names of the permissions end in ("users" for view_users).
	Stem string
	// Viewing is the permission to view, where it is not that of the stem.
	Viewing string
	// Table is the table's name; every condition qualifies its columns with it.
	Table string
	// Search are the fields that queries and orders may name.
	Search *search.Definition
	// Label is the column by which a path may name a row besides its id; empty where only ids do.
	Label string
	// NumberFirst says that a number at the beginning of a text counts before the name. Requests name tenants by
	// "5-name", and whoever could call another tenant like that would get what is meant for this one.
	NumberFirst bool
	// Parents hold, by the class of the parent, the condition under which a row belongs to a parent with the id "?".
	Parents map[string]string
	// Links is the table that assigns rows to tenants, LinkColumn its reference to the row. Both are empty for
	// resources whose rows belong to no tenant.
	Links, LinkColumn string
	// Customs says whose custom fields the rows have; empty for resources without any.
	Customs models.CustomSubject
	// Only limits further which rows the caller reaches with an action, however they are asked for; nil does not.
	Only func(*models.Principal, models.Action) Scope
	// Open resources may be viewed without a permission: Only alone decides.
	Open bool
	// Unfiltered lists show every row that the caller reaches, whatever the filters of the permission say.
	Unfiltered bool
	// DefaultOrder is the ORDER BY of lists without an order, without the tie-break by id. Newest reports that it is
	// descending.
	DefaultOrder func(search.Dialect) string
	Newest       bool
}

// Taxable reports whether rows can be assigned to tenants.
func (n *Resource) Taxable() bool { return n.Links != "" }

// Can returns the permission that an action takes.
func (n *Resource) Can(a models.Action) string {
	if a == models.View && n.Viewing != "" {
		return n.Viewing
	}
	if a == models.ResetPasswords {
		return string(a)
	}
	return string(a) + "_" + n.Stem
}

// Reached keeps the rows that the caller may know of or, for an action that changes them, may change, as far as tenants
// decide. It checks no permission.
func (n *Resource) Reached(p *models.Principal, a models.Action) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	tenants := Writable
	if a.Looks() {
		tenants = Visible
	}
	within := tenants(p, n)
	if n.Only == nil {
		return within
	}
	only := n.Only(p, a)
	return inOrder(within, only)
}

// Rows keeps the rows on which the caller may perform an action.
func (n *Resource) Rows(p *models.Principal, a models.Action) Scope {
	reached := n.Reached(p, a)
	if n.Open && a.Looks() {
		return reached
	}
	authorized := Authorized(p, n.Can(a), n)
	return inOrder(reached, authorized)
}

// Listed keeps the rows that a list shows the caller, before parents and searches narrow it.
func (n *Resource) Listed(p *models.Principal) Scope { return n.ListedBy(p, BySet) }

// ListedBy does the same in the way that suits the number of rows.
func (n *Resource) ListedBy(p *models.Principal, way Way) Scope {
	scopes := []Scope{visibleSet(p, n, way)}
	if n.Only != nil && known(p) {
		scopes = append(scopes, n.Only(p, models.View))
	}
	if n.Unfiltered && !n.Open {
		scopes = append(scopes, heldOnly(p, n.Can(models.View), n))
	} else if !n.Unfiltered {
		test := (*Resource).inTenants
		if way == ByRow {
			test = (*Resource).hasTenant
		}
		scopes = append(scopes, authorized(p, n.Can(models.View), n, test))
	}
	return inOrder(scopes...)
}

// inOrder applies scopes one after the other, at once. Scopes that are handed to the statement from within a scope are
// applied after all others, and SQLite tests conditions of one cost in the order in which they are written.
func inOrder(scopes ...Scope) Scope {
	return func(db *gorm.DB) *gorm.DB {
		for _, s := range scopes {
			db = s(db)
		}
		return db
	}
}

// Both applies scopes one after the other.
func Both(a, b Scope) Scope { return inOrder(a, b) }

// everybody limits every caller and action alike.
func everybody(s Scope) func(*models.Principal, models.Action) Scope {
	return func(*models.Principal, models.Action) Scope { return s }
}

// either limits by what the caller may know of, or may change, as the action says.
func either(seen, writable func(*models.Principal) Scope) func(*models.Principal, models.Action) Scope {
	return func(p *models.Principal, a models.Action) Scope {
		if a.Looks() {
			return seen(p)
		}
		return writable(p)
	}
}

// All are the resources that have a list in the API.
func All() []*Resource {
	return []*Resource{
		Audits, AuthSources, ExternalSources, InternalSources, LdapSources, Bookmarks, CustomFields,
		ExternalUsergroups, Filters,
		Locations, MailNotifications,
		Organizations, Parameters, CommonParameters, Permissions, Tokens, Roles, Settings, SSHKeys, TablePreferences,
		Usergroups, Users,
	}
}

// Names returns the names of all lists, sorted.
func Names() []string {
	var names []string
	for _, r := range All() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// Named returns the resource with a list of that name, nil without one.
func Named(name string) *Resource {
	return firstWhere(func(r *Resource) bool { return r.Name == name })
}

// ByClass returns the resource of a class that permissions name, nil without one. Auth sources are limited as those
// that tenants own.
func ByClass(class string) *Resource {
	if class == LdapSources.Class {
		return LdapSources
	}
	return firstWhere(func(r *Resource) bool { return r.Class == class })
}

func firstWhere(is func(*Resource) bool) *Resource {
	all := All()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// ErrNoPrincipal is the error of a statement without a caller.
var ErrNoPrincipal = errors.New("scopes: no principal")

// fail returns a scope that stops the statement.
func fail(err error) Scope {
	return func(db *gorm.DB) *gorm.DB {
		_ = db.AddError(err)
		return db
	}
}

// open is the scope without a condition.
func open(db *gorm.DB) *gorm.DB { return db }

// nothing is the scope that no row passes.
func nothing(db *gorm.DB) *gorm.DB { return db.Where("1 = 0") }

func known(p *models.Principal) bool { return p != nil && p.UserID != 0 }

// DialectOf names the database behind a handle.
func DialectOf(db *gorm.DB) search.Dialect {
	if db.Name() == "postgres" {
		return search.PostgreSQL
	}
	return search.SQLite
}

// Under keeps the rows that belong to a parent. A class that is not a parent of the noun stops the statement.
func Under(n *Resource, class string, id int64) Scope {
	condition, ok := n.Parents[class]
	if !ok {
		return fail(fmt.Errorf("scopes: %s rows do not belong to a %s", n.Class, class))
	}
	return func(db *gorm.DB) *gorm.DB { return db.Where("("+condition+")", id) }
}

// Env is what a query of p means at this moment.
func Env(db *gorm.DB, p *models.Principal) search.Env {
	return search.Env{Dialect: DialectOf(db), Now: db.NowFunc(), Zone: p.Zone, User: p.UserID, Login: p.Login}
}

func where(sql string, args ...any) Scope {
	return func(db *gorm.DB) *gorm.DB { return db.Where(sql, args...) }
}

// Mistake returns the description of a mistake in a search text or an order, if that is what err is about.
func Mistake(err error) (message string, ok bool) {
	var mistake *search.Error
	if errors.As(err, &mistake) {
		return mistake.Message, true
	}
	return "", false
}

// Readable returns an error that describes the mistake if a query cannot be a search for the noun's rows.
func Readable(db *gorm.DB, p *models.Principal, n *Resource, query string) error {
	_, err := n.customized(p, DialectOf(db)).Search.Where(query, Env(db, p))
	return err
}

// WellFormed returns an error if a query cannot be parsed, for rows that are not searchable here.
func WellFormed(query string) error {
	_, err := search.Parse(query)
	return err
}
