// Package directory holds the verbs: everything that can be done with users, groups, roles and tenants.
//
// It owns every rule that looks at more than one row, every transaction and every audit. The acting principal is an
// argument of each verb, so that forgetting it does not compile; what the principal may not see is not found. Callers
// (the dialects of package handlers, the seeding commands) translate and decide nothing. The package refuses to know
// HTTP, wire formats and the words of any dialect.
package directory
