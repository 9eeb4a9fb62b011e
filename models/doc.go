// Package models holds the nouns of the directory: rows, values and the rules that a value can check by itself.
//
// It owns what a user, group, role, filter, tenant, auth source or token is, which of its fields are well formed, and
// the words for going wrong (Error). It refuses everything that needs a database, a request or a dialect: rules that
// look at other rows live in package directory, wire formats in handlers.
package models
