package scopes

import (
	"roster/models"
	"roster/scopes/search"
)

// textField is a nullable text column that bare words look into.
func textField(name, column string, completion search.Completion) search.Field {
	return search.Field{Name: name, Type: search.Text, Column: column, Nullable: true,
		Completion: completion}
}

// folded is the text of a column in lower case, by a function that both databases have.
func folded(column string) string { return "fold(" + column + ")" }

// foldedIn says which column keeps the folded text.
func foldedIn(column string, f search.Field) search.Field {
	f.FoldColumn = column
	return f
}

// firmText is a text column that is never null.
func firmText(name, column string, completion search.Completion) search.Field {
	f := textField(name, column, completion)
	f.Nullable = false
	return f
}

// long marks a text of any length, which the documentation shows as a type of its own.
func long(f search.Field) search.Field {
	f.Type = search.LongText
	return f
}

func explicit(f search.Field) search.Field {
	f.Explicit = true
	return f
}

// exclusive makes negative comparisons find the rows without any related row that has the value.
func exclusive(f search.Field) search.Field {
	f.Exclusive = true
	return f
}

// idField is the id, which bare words do not look into.
func idField(table string) search.Field { return refField("id", table+".id") }

// refField is a reference of the noun's own table by id.
func refField(name, column string) search.Field {
	return search.Field{Name: name, Type: search.Integer, Column: column, Explicit: true, Valid: search.IsInteger,
		Completion: search.Hidden}
}

// momentField is a point in time, which bare words do not look into.
func momentField(name, column string, nullable bool) search.Field {
	return search.Field{Name: name, Type: search.Datetime, Column: column, Nullable: nullable, Explicit: true,
		Completion: search.Hidden}
}

// withInternal adds fields that queries in text do not know.
func withInternal(d *search.Definition, fields []search.Field) *search.Definition {
	d.Internal = fields
	return d
}

// switchField is a field that code compares, and that is true or false.
func switchField(name string, compare func(search.Call) (search.Condition, error)) search.Field {
	return search.Field{Name: name, Type: search.Boolean, Set: search.Switch(), Explicit: true,
		Completion: search.Values, Virtual: compare, Method: "search_by_" + name}
}

// relatedText is a text of a related row.
func relatedText(name, column string, relation *search.Relation, completion search.Completion) search.Field {
	f := textField(name, column, completion)
	f.Relation = relation
	return f
}

// relatedID is the id of a related row.
func relatedID(name, column string, relation *search.Relation) search.Field {
	f := refField(name, column)
	f.Relation = relation
	return f
}

// many leads from a row to any number of others: related, "roles r", joined on a condition to links, tables in which
// key, which is never null, refers to the row.
func many(owner, key, links, related, on string) *search.Relation {
	tables := links + " JOIN " + related + " ON " + on
	return &search.Relation{
		SQL:     "EXISTS (SELECT 1 FROM " + tables + " WHERE " + key + " = " + owner + " AND %s)",
		Keys:    "SELECT " + key + " FROM " + tables + " WHERE %s",
		Order:   "(SELECT %s FROM " + tables + " WHERE " + key + " = " + owner + ")",
		Related: related, Reached: "SELECT 1 FROM " + links + " WHERE " + on + " AND " + key + " IN (?)",
	}
}

// one leads from a row to the one in another table that its own reference, which is never null, means.
func one(table, reference, other, alias string) *search.Relation {
	related := other + " " + alias
	member := reference + " IN (SELECT " + alias + ".id FROM " + related + " WHERE %s)"
	return &search.Relation{
		One: true, SQL: member,
		Keys:    "SELECT " + table + ".id FROM " + table + " WHERE " + member,
		Order:   "(SELECT %s FROM " + related + " WHERE " + alias + ".id = " + reference + ")",
		Related: related, Reached: "SELECT 1 FROM " + table + " WHERE " + reference + " = " + alias +
			".id AND " + table + ".id IN (?)",
	}
}

// tenants leads to the tenants of one kind that rows are assigned to.
func tenants(table, links, column string, kind models.TenantKind) *search.Relation {
	return many(table+".id", "l."+column, links+" l", relatedTenants, "t.id = l.taxonomy_id AND l."+column+
		" IS NOT NULL AND t.type = '"+
		string(kind)+"'")
}

// relatedTenants is how the fields about tenants name their table.
const relatedTenants = "taxonomies t"

// tenantFields are the four fields of everything that can be assigned to tenants.
func tenantFields(table, links, column string) []search.Field {
	location := tenants(table, links, column, models.LocationKind)
	organization := tenants(table, links, column, models.OrganizationKind)
	return []search.Field{
		explicit(relatedText("location", "t.name", location, search.Values)),
		relatedID("location_id", "t.id", location),
		explicit(relatedText("organization", "t.name", organization, search.Values)),
		relatedID("organization_id", "t.id", organization),
		explicit(relatedText("location_title", "t.title", location, search.Hidden)),
		explicit(relatedText("organization_title", "t.title", organization, search.Hidden)),
	}
}

// definition puts the fields of a table with ids together.
func definition(model, table string, fields ...search.Field) *search.Definition {
	for i, f := range fields {
		if leadsToMasked(f) {
			fields[i].Tables = maskTables
		}
	}
	return &search.Definition{Model: model, Table: table, Key: table + ".id", Fields: fields}
}

// maskTables is how many tables say which tenants or users a caller knows of. It counts for administrators as well, so
// that a filter which one of them may save can be asked for everybody.
const maskTables = 4
