package directory

import "roster/directory/store"

// What dialects say to verbs, and hear from them.
type (
	// Ref names one row as callers do.
	Ref = store.Ref
	// Parent is a record whose rows a nested list shows.
	Parent = store.Parent
	// ListQuery is what every list may be asked for.
	ListQuery = store.ListQuery
	// Totals count a list.
	Totals = store.Totals
	// List is what a list request found.
	List[V any] = store.List[V]
	// TenantRef names a tenant as callers do.
	TenantRef = store.TenantRef
	// Group is a user group with what its members inherit.
	Group = store.Group
)

// Bounds of requests; see package store.
const (
	MaxAuditedText  = store.MaxAuditedText
	MaxSearchesEach = store.MaxSearchesEach
	MaxStreamsEach  = store.MaxStreamsEach
	SearchTimeout   = store.SearchTimeout
	SubjectSearch   = store.SubjectSearch
)

// Listed returns a list whose rows are known already.
func Listed[V any](t Totals, rows []V) *List[V] { return store.Listed(t, rows) }
