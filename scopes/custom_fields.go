package scopes

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// CustomFields describes the fields that an installation adds to its users and groups. They belong to no tenant.
var CustomFields = &Resource{
	Class: "CustomField", Name: "custom_fields", Stem: "custom_fields", Table: "custom_fields", Label: "name",
	DefaultOrder: by("custom_fields.position"),
	Search: definition("CustomField", "custom_fields",
		idField("custom_fields"), firmText("name", "custom_fields.name", search.Values),
		explicit(alias(firmText("subject", "custom_fields.subject", search.Values), "customized_type")),
		explicit(firmText("field_format", "custom_fields.format", search.Values)),
		numberField("position", "custom_fields.position"),
		plainSwitch("required", "is_required"), plainSwitch("is_filter"), plainSwitch("searchable"),
		plainSwitch("multiple"), plainSwitch("visible"), plainSwitch("editable"),
		textField("description", "custom_fields.description", search.NameOnly),
	),
}

// alias gives a field further names.
func alias(f search.Field, names ...string) search.Field {
	f.Aliases = names
	return f
}

// numberField is a whole number of the noun's own table that is never null.
func numberField(name, column string) search.Field {
	return search.Field{Name: name, Type: search.Integer, Column: column, Explicit: true, Completion: search.NameOnly}
}

// plainSwitch is a column of custom fields that is true or false.
func plainSwitch(name string, aliases ...string) search.Field {
	return search.Field{Name: name, Aliases: aliases, Type: search.Boolean, Column: "custom_fields." + name,
		Set: search.Switch(), Explicit: true, Completion: search.Values}
}

// SeesHidden reports whether a caller sees custom fields that are not visible, and their values: whoever may view all
// fields does.
func SeesHidden(p *models.Principal) bool {
	return p.Admin || slices.ContainsFunc(Usable(p, CustomFields.Can(models.View), CustomFields),
		models.Grant.Unlimited)
}

// customized returns the resource with the custom fields by which the caller may search.
func (n *Resource) customized(p *models.Principal, d search.Dialect) *Resource {
	if p.Customs != nil && SeesHidden(p) {
		return n.withCustom(p.Customs, d, forKeepers)
	}
	return n.withCustom(p.Customs, d, forAnyone)
}

// limitedBy returns the resource with all custom fields by which filters limit it. Whoever wrote a filter saw its
// fields. Bare words of filters look into none of them: what a filter grants does not depend on which fields there are.
func (n *Resource) limitedBy(all *models.CustomFields, d search.Dialect) *Resource {
	return n.withCustom(all, d, forFilters)
}

// use is what custom fields are searched for.
type use int

const (
	forAnyone  use = iota // by callers who see what is visible
	forKeepers            // by callers who see all
	forFilters            // by filters
)

// madeFields are the search fields that were made of custom fields.
type madeFields struct {
	resource string
	dialect  search.Dialect
	use      use
}

// Customized returns the resource whose rows have the custom fields of a subject.
func Customized(subject models.CustomSubject) *Resource {
	return firstWhere(func(r *Resource) bool { return r.Customs == subject })
}

// SameFilter reports whether the query of a filter means the same with other custom fields. One that could not be read
// before means nothing that could change.
func SameFilter(db *gorm.DB, p *models.Principal, n *Resource, query string, before, after *models.CustomFields) bool {
	env := Env(db, p)
	was, err := n.limitedBy(before, env.Dialect).Search.Where(query, env)
	if err != nil {
		return true
	}
	is, err := n.limitedBy(after, env.Dialect).Search.Where(query, env)
	return err == nil && reflect.DeepEqual(was, is)
}

func (n *Resource) withCustom(all *models.CustomFields, d search.Dialect, by use) *Resource {
	if n.Customs == "" || len(all.Of(n.Customs)) == 0 {
		return n
	}
	key := madeFields{n.Name, d, by}
	made, ok := all.Memo.Load(key)
	if !ok {
		made, _ = all.Memo.LoadOrStore(key, n.customSearch(all.Of(n.Customs), d, by))
	}
	definition := *n.Search
	definition.Fields = slices.Concat(definition.Fields, made.([]search.Field))
	custom := *n
	custom.Search = &definition
	return &custom
}

// customSearch returns the search fields of those custom fields that lists may be limited by.
func (n *Resource) customSearch(fields []*models.CustomField, d search.Dialect, by use) []search.Field {
	names := n.customNames(fields)
	made := []search.Field{}
	for _, f := range fields {
		if !f.IsFilter || !f.Visible && by == forAnyone {
			continue
		}
		field := n.customField(f, d, names[f.ID])
		field.Explicit = field.Explicit || by == forFilters
		made = append(made, field)
	}
	return made
}

// customKey is how the first names of custom fields look, of whatever id.
var customKey = regexp.MustCompile(`^cf_[0-9]+$`)

// customNames returns the second names of fields, by id: the name in small letters, with underscores in place of
// blanks. A name that two fields would have belongs to neither, so that a new field never takes the name of another in
// searches that were written before; nor does one that the language or the resource gives another meaning.
func (n *Resource) customNames(fields []*models.CustomField) map[int64]string {
	names := map[int64]string{}
	owners := map[string]int{}
	for _, f := range fields {
		name := search.Fold(strings.Join(strings.Fields(f.Name), "_"))
		names[f.ID] = name
		owners[name]++
	}
	for id, name := range names {
		if owners[name] > 1 || n.Search.Named(name) != nil || customKey.MatchString(name) || !search.IsName(name) {
			delete(names, id)
		}
	}
	return names
}

// customField returns the search field of a custom field. A comparison holds where any of the values meets it, a
// negative one where none does.
func (n *Resource) customField(f *models.CustomField, d search.Dialect, name string) search.Field {
	made := search.Field{
		Name: f.Key(), Label: f.Key(), Type: search.Text, Column: "cv.value", Relation: n.customRelation(f, d),
		Exclusive: true, Explicit: !f.Searchable, Completion: search.Values,
	}
	if name != "" {
		made.Aliases = []string{name}
	}
	if d == search.PostgreSQL {
		made.Indexed = indexedValue
	}
	short := made.Column
	if d == search.PostgreSQL {
		short = fmt.Sprintf("LEFT(cv.value, %d)", indexedValue)
	}
	switch f.Format {
	case models.CustomInt:
		made.Type = search.Integer
		made.Column = customNumbers[d].whole
		made.Completion = search.NameOnly
	case models.CustomFloat:
		made.Type = search.Decimal
		made.Column = customNumbers[d].decimal
		made.Completion = search.NameOnly
	case models.CustomDate:
		made.Type = search.Date
		made.Texts = true
		made.Column = short
		made.Explicit = true
	case models.CustomBool:
		made.Type = search.Boolean
		made.Column = short
		made.Set = []search.Value{{Label: "true", Value: "1"}, {Label: "false", Value: "0"}}
	case models.CustomText:
		made.Type = search.LongText
	case models.CustomString, models.CustomLink, models.CustomList:
	}
	return made
}

// indexedValue is how many characters of a value the index custom_values_value keeps on PostgreSQL, which has no room
// for long ones.
const indexedValue = 200

// customNumbers are values as numbers, NULL for what is none. PostgreSQL compares numbers with a fraction as SQLite
// does; what is too small for that is 0.
var customNumbers = map[search.Dialect]struct{ whole, decimal string }{
	search.SQLite: {
		whole: "CASE WHEN cv.value GLOB '*[0-9]*' AND cv.value NOT GLOB '*[^0-9+-]*' THEN " +
			"CAST(cv.value AS INTEGER) END",
		decimal: "CASE WHEN cv.value GLOB '*[0-9]*' AND cv.value NOT GLOB '*[^0-9.eE+-]*' THEN " +
			"CAST(cv.value AS REAL) END",
	},
	search.PostgreSQL: {
		whole: "CASE WHEN cv.value ~ '^[+-]{0,1}[0-9]{1,18}$' THEN CAST(cv.value AS BIGINT) END",
		decimal: "CASE WHEN cv.value ~ '^[+-]{0,1}([0-9]+[.]{0,1}[0-9]*|[.][0-9]+)([eE][+-]{0,1}[0-9]{1,3}){0,1}$' " +
			"THEN CAST(ROUND(CAST(cv.value AS NUMERIC), 307) AS DOUBLE PRECISION) END",
	},
}

// customRelation leads to the values of a field that say something.
func (n *Resource) customRelation(f *models.CustomField, d search.Dialect) *search.Relation {
	owner := string(n.Customs) + "_id"
	mine := fmt.Sprintf("cv.custom_field_id = %d AND cv.value <> ''", f.ID)
	ofRow := "FROM custom_values cv WHERE cv." + owner + " = " + n.Table + ".id AND " + mine
	if d == search.SQLite {
		// The plus keeps it from the index of values, by which it would walk through the values of all rows.
		ofRow = strings.Replace(ofRow, "cv.custom_field_id", "+cv.custom_field_id", 1)
	}
	order := "(SELECT %s " + ofRow + ")"
	if d == search.PostgreSQL {
		// Behind a limit that no row exceeds: it would walk through the values of all rows to find the least of one.
		order = fmt.Sprintf("(SELECT %%s FROM (SELECT cv.value %s LIMIT %d) cv)", ofRow, models.MaxCustomValues)
	}
	return &search.Relation{
		SQL: "EXISTS (SELECT 1 " + ofRow + " AND %s)",
		Keys: "SELECT cv." + owner + " FROM custom_values cv WHERE " + mine + " AND cv." + owner +
			" IS NOT NULL AND %s",
		Order: order,
		Related: fmt.Sprintf("(SELECT %s, value FROM custom_values WHERE custom_field_id = %d AND value <> '' AND "+
			"%s IS NOT NULL) cv", owner, f.ID, owner),
		Reached: fmt.Sprintf("SELECT 1 FROM custom_values l WHERE l.custom_field_id = %d AND l.%s = cv.%s AND "+
			"l.%s IN (?)", f.ID, owner, owner, owner),
	}
}
