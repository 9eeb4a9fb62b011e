package scopes

import (
	"errors"
	"fmt"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Scope is one adjective.
type Scope = func(*gorm.DB) *gorm.DB

// Noun describes a table to the scopes.
type Noun struct {
	// Class is the name under which permissions, ignore_types and audits know the noun ("User").
	Class string
	// Table is the table's name; every condition qualifies its columns with it.
	Table string
	// Search are the fields that queries and orders may name.
	Search *search.Definition
	// Label is the column by which a path may name a row besides its id; empty where only ids do.
	Label string
	// Parents hold, by the class of the parent, the condition under which a row belongs to a parent with the id "?".
	Parents map[string]string
	// Links is the table that assigns rows of the noun to tenants, LinkColumn its reference to the noun. Both are empty
	// for nouns that belong to no tenant.
	Links, LinkColumn string
	// DefaultOrder is the ORDER BY of lists for which no order is asked, without the tie-break by id. Newest says that it
	// is descending.
	DefaultOrder func(search.Dialect) string
	Newest       bool
}

// Taxable tells whether rows of the noun can be assigned to tenants.
func (n *Noun) Taxable() bool { return n.Links != "" }

// ErrNoPrincipal is what a statement carries when nobody is asking.
var ErrNoPrincipal = errors.New("scopes: no principal")

// fail gives a scope that stops the statement.
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

// Under keeps the rows that belong to a parent. A class that is no parent of the noun stops the statement.
func Under(n *Noun, class string, id int64) Scope {
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

// ByClass gives the noun of a class that permissions name, nil for classes without one.
func ByClass(class string) *Noun {
	for _, n := range []*Noun{Users, Usergroups, ExternalUsergroups, Roles, Filters, Locations, Organizations, LdapSources,
		Tokens, SSHKeys, MailNotifications, Bookmarks, Audits, Parameters} {
		if n.Class == class {
			return n
		}
	}
	return nil
}

// Mistake tells what is wrong with a search text or an order, if that is what an error is about.
func Mistake(err error) (message string, ok bool) {
	var mistake *search.Error
	if errors.As(err, &mistake) {
		return mistake.Message, true
	}
	return "", false
}

// Readable tells whether a query can be read as a search for the noun's rows; the error says what is wrong with it.
func Readable(db *gorm.DB, p *models.Principal, n *Noun, query string) error {
	_, err := n.Search.Where(query, Env(db, p))
	return err
}

// WellFormed tells whether a query can be read at all, for rows that nobody here can search.
func WellFormed(query string) error {
	_, err := search.Parse(query)
	return err
}
