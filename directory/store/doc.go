// Package store is the machinery under the verbs of the directory: pools, transactions, locks and revisions; the
// snapshot of everything small that users refer to; how rows are found, listed, linked and audited; and what an account
// may do.
//
// It holds no rule about users: those sit in package directory and in the models.
package store
