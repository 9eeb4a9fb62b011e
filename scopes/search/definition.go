package search

import (
	"strings"
	"time"
)

// Dialect is the database that SQL is written for.
type Dialect int

// The two databases.
const (
	SQLite Dialect = iota
	PostgreSQL
)

// Env is what a condition depends on besides the text.
type Env struct {
	Dialect Dialect
	Now     time.Time
	Zone    *time.Location // of the caller, for dates; nil means UTC
	User    int64          // the caller's id, for special values such as current_user
	Login   string         // the caller's login
}

func (e Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// Condition is SQL with a "?" for each argument. It can stand anywhere an operand of AND can. An empty SQL means
// "no restriction".
type Condition struct {
	SQL  string
	Args []any
}

// Type is the kind of values that a field holds.
type Type string

// The types; their names appear in error texts.
const (
	Text     Type = "string"
	LongText Type = "text" // differs from Text in the documentation alone
	Integer  Type = "integer"
	Decimal  Type = "decimal"
	Boolean  Type = "boolean"
	Datetime Type = "datetime"
	Date     Type = "date"
)

// textual reports whether values are texts.
func (t Type) textual() bool { return t == Text || t == LongText }

// temporal reports whether values are points in time.
func (t Type) temporal() bool { return t == Datetime || t == Date }

// Definition says what can be searched in one kind of row, in the order in which it is documented and searched.
type Definition struct {
	Model  string // for error texts: "User"
	Table  string // the table that conditions refer to: "users"
	Key    string // its primary key, "users.id"; needed only for Relation.Keys
	Fields []Field
	// Internal are fields that queries and orders in text do not know: trees of WhereTree and SortBy may name them.
	Internal []Field

	// DefaultOrder is used without an order, for example "title ASC". Empty leaves it to the caller.
	DefaultOrder string
}

// Field is one searchable property.
type Field struct {
	Name    string
	Aliases []string // further names that mean the same
	Type    Type
	// Label is what error texts call the field; without it, they name the column.
	Label string

	// Column is the SQL of the compared value: "users.login", or "r.name" of a relation's table.
	Column string
	// Nullable columns can be without a value, which decides where such rows are sorted.
	Nullable bool
	// FoldColumn keeps Fold(Column) of a text, which "~" compares and rows are sorted by. Without it, the database's
	// function fold makes it.
	FoldColumn string
	// Indexed is how many characters of a text an index keeps, as LEFT(Column, Indexed): "=" and "^" ask for these
	// first. 0 stands for an index of whole texts.
	Indexed int
	// Texts says that the column of a Date keeps texts such as "2024-02-29".
	Texts bool
	// Relation says how to reach the Column when it is in another table.
	Relation *Relation
	// Tables is how many tables a condition looks into besides those of the Relation, whoever asks.
	Tables int
	// Columns are further columns of the related rows, by the name under which the tree of a Some compares them.
	Columns map[string]string
	// Only limits what the caller may compare: related rows for which it does not hold are as if they were not there,
	// and rows of the definition's own table are as if they had no value. Empty does not limit.
	Only Condition

	// Exclusive says that a negative comparison finds the rows without any related row that meets the positive one.
	// Otherwise it finds those with a related row that does not (docs/spec/search.md, 12, row 15).
	Exclusive bool

	// Explicit fields take part only where they are named.
	Explicit bool
	// Default is the operator for bare words; without it, "~" for text and "=" for everything else.
	Default Operator

	// Set lists the only values that the field takes, by the label used in queries.
	Set []Value
	// Valid rejects values by their text, before anything else looks at them.
	Valid func(value string) bool
	// Special values are exempt from Valid. Usually Translate replaces them.
	Special []string
	// Translate replaces the text of a value. It returns false for a text that has no translation.
	Translate func(value string, env Env) (string, bool)

	// Virtual compares by code in place of the Column, which then serves order and presence tests only. Method is
	// the name it goes by in error texts.
	Virtual func(Call) (Condition, error)
	Method  string

	// Narrow may add a necessary condition to a "~" on SQLite, so that an index finds candidates. It gets the folded
	// literal parts of the pattern, and returns an empty condition if it cannot help.
	Narrow func(parts []string) Condition

	// Completion is what is suggested while a query is typed, Operators which operators are (nil: by type).
	Completion Completion
	Operators  []Operator
}

// Value is a member of a set: the label that queries use, and what the column holds.
type Value struct {
	Label string
	Value any // bool, int64 or string
}

// Relation says where the column of a field is, seen from a row of the definition's table.
type Relation struct {
	// SQL tests whether a related row meets a condition, which replaces its %s: "EXISTS (SELECT 1 FROM user_roles ur
	// JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = users.id AND %s)". Everything that makes a row a related
	// one, its type included, belongs in here (docs/spec/search.md, 12, row 15).
	SQL string
	// One says that a row has at most one related row, and that SQL asks for its key in a list of keys that is made
	// once. Then SQL serves on its own where Keys would otherwise be better.
	One bool
	// Keys selects the keys of all rows with a related row that meets the condition in place of %s, without reference
	// to a row: "SELECT ur.user_id FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE %s". It may select a key
	// twice, but never NULL. With it, and with the definition's Key, alternatives across tables are found by indexes.
	Keys string
	// Order computes the one value to sort by from an expression, which replaces its %s: "(SELECT %s FROM user_roles ur
	// JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = users.id)". The expression is the least value for ascending
	// and the greatest for descending order (docs/spec/search.md, 12, row 17), so that no row is repeated.
	Order string
	// Related is the table of the column by the alias that Column uses, "roles r", and Reached the condition that a row
	// of it is related to a row whose key a subquery selects, as a query that finds something then: "SELECT 1 FROM
	// user_roles ur WHERE ur.role_id = r.id AND ur.user_id IN (?)". Completion looks for values there, a related row at
	// a time.
	Related, Reached string
}

// Call is a comparison handed to the code of a virtual field.
type Call struct {
	Name   string // the field's name as typed
	Op     Operator
	Value  string   // members of a list are joined by commas
	Values []string // members of a list, or the one value
	Env    Env
}

// SQLOperator is the operator in the spelling of the database, ILIKE for PostgreSQL's "~" included
// (docs/spec/search.md, 11).
func (c Call) SQLOperator() string {
	like := "LIKE"
	if c.Env.Dialect == PostgreSQL {
		like = "ILIKE"
	}
	switch c.Op {
	case OpNe:
		return "<>"
	case OpLike:
		return like
	case OpNotLike:
		return "NOT " + like
	case OpIn:
		return "IN"
	case OpNotIn:
		return "NOT IN"
	}
	return string(c.Op)
}

// Named returns the field of a name or an alias, nil without one.
func (d *Definition) Named(name string) *Field { return d.lookup(name) }

// lookup finds a field by name or alias, in exactly this spelling (docs/spec/search.md, 4).
func (d *Definition) lookup(name string) *Field {
	for i := range d.Fields {
		if d.Fields[i].named(name) {
			return &d.Fields[i]
		}
	}
	return nil
}

func (f *Field) named(name string) bool {
	if f.Name == name {
		return true
	}
	for _, alias := range f.Aliases {
		if alias == name {
			return true
		}
	}
	return false
}

// folded is the SQL of the text in lower case.
func (f *Field) folded() string {
	if f.FoldColumn != "" {
		return f.FoldColumn
	}
	return "fold(" + f.Column + ")"
}

// columnName is the column without its table: error texts name the column, even where the field has another name.
func (f *Field) columnName() string {
	if f.Label != "" {
		return f.Label
	}
	if f.Column == "" {
		return f.Name
	}
	return strings.Trim(f.Column[strings.LastIndexByte(f.Column, '.')+1:], `"`)
}

// defaultOperator is what a bare word does to the field.
func (f *Field) defaultOperator() Operator {
	switch {
	case f.Default != "":
		return f.Default
	case f.Type.textual():
		return OpLike
	}
	return OpEq
}

// trueValue finds the label that means true.
func (f *Field) trueValue() (Value, bool) {
	for _, v := range f.Set {
		if v.Value == true {
			return v, true
		}
	}
	return Value{}, false
}

func joinLabels(set []Value) string {
	labels := make([]string, len(set))
	for i, v := range set {
		labels[i] = v.Label
	}
	return strings.Join(labels, ", ")
}

// Switch is the set of fields that are either true or false.
func Switch() []Value { return []Value{{Label: "true", Value: true}, {Label: "false", Value: false}} }

// IsInteger accepts what identifiers look like in queries; it is the validator of id fields.
func IsInteger(value string) bool {
	digits := strings.TrimPrefix(value, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
