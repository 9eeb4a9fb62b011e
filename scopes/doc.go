// Package scopes holds the adjectives of the directory: which rows a caller may see (Visible), which a permission
// covers (Authorized), which a query means (Search), in which order and which page.
//
// Each is a func(*gorm.DB) *gorm.DB that adds exactly one grouped condition, so that scopes can be combined in any
// order without one opening what another closed. They fail closed: without a principal, with an unknown field or with a
// filter that cannot be read, the statement carries an error and no row is touched. The package writes nothing and
// knows no dialect. Tenancy is always a subquery, never a list of ids, so a page costs what the page costs.
package scopes
