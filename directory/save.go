package directory

import (
	"cmp"
	"context"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// state is a record in a change: its row with everything that the change may replace.
type state interface {
	comparable
	// record names the record in audits.
	record() store.AuditSubject
	// facts are its audited attributes.
	facts() store.AuditedValues
}

// steps are what is special about changing one kind of record, in the order in which save takes them. One that is nil
// does nothing.
type steps struct {
	// apply writes what is asked for into the new state.
	apply func() error
	// check reports every broken rule at once. Nothing is written yet.
	check func() error
	// write writes the row and its links.
	write func() error
	// settle asks the rules that look at what is written, and does what follows from the change.
	settle func() error
	// covered is the resource whose permission has to cover the written row; nil for what other rules guard.
	covered *scopes.Resource
	// by is the action whose permission that is; empty for the one that the change is.
	by models.Action
	// bumps are the revisions that move on.
	bumps []string
}

// save changes a record from one state to another, a new one where before is nil: it applies and checks the change,
// writes it, looks at the result, and leaves the audit. Every change of a record goes this way.
func save[S state](t *tx, before, after S, c steps) error {
	for _, step := range []func() error{c.apply, c.check, c.write, c.settle} {
		if step == nil {
			continue
		}
		if err := step(); err != nil {
			return err
		}
	}
	var none S
	action := models.Create
	was := store.AuditedValues(nil)
	if before != none {
		action = models.Edit
		was = before.facts()
	}
	record := after.record()
	if c.covered != nil {
		if err := t.covered(cmp.Or(c.by, action), c.covered, record.ID); err != nil {
			return err
		}
	}
	for _, revision := range c.bumps {
		t.Bump(revision, 0)
	}
	return t.Audit(record, was, after.facts())
}

// creating runs fn in a change that adds a record. The caller's right to that is asked for before anything is looked
// up, and again in the change.
func (s *Service) creating(ctx context.Context, p *models.Principal, r *scopes.Resource, references []reference,
	fn func(t *tx) error) error {
	if err := store.Require(p, r, models.Create); err != nil {
		return err
	}
	return s.changing(ctx, p, references, func(t *tx) error {
		if err := store.Require(t.Caller, r, models.Create); err != nil {
			return err
		}
		return fn(t)
	})
}

// changing runs fn in a change for which references have been looked up.
func (s *Service) changing(ctx context.Context, p *models.Principal, references []reference,
	fn func(t *tx) error) error {
	if err := s.lookUp(ctx, references...); err != nil {
		return err
	}
	return s.change(ctx, p, fn)
}

// orNew returns a state, or the empty one in place of nil: what a new record had before.
func orNew[S any](before *S) *S {
	if before == nil {
		return new(S)
	}
	return before
}
