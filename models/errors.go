package models

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Kind is the kind of a failure, which every dialect can translate into a status. The zero value is Internal, so an
// unclassified error is never shown to a caller.
type Kind int

// The kinds of failure.
const (
	Internal        Kind = iota // a fault of the server: logged whole, shown as one fixed sentence
	Invalid                     // the record or the request breaks a rule; Fields may say which
	Unauthenticated             // nobody, or not who they say
	Forbidden                   // somebody, but not allowed
	NotFound                    // no such record within what the caller may see
	Conflict                    // another record is in the way (a unique name, a concurrent change)
	Unavailable                 // try again later: start-up, shutdown, overload
	BadRequest                  // the request cannot be read: paging, ordering, search text
)

// String names the kind, for people who run the server.
func (k Kind) String() string {
	names := []string{"internal", "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "unavailable",
		"bad_request"}
	if k < 0 || int(k) >= len(names) {
		return names[Internal]
	}
	return names[k]
}

// Error is what every verb returns when it refuses. Broken and Fields are meant for callers and never hold secrets; Err
// is the cause, for logs only.
type Error struct {
	Kind Kind
	Broken
	Fields FieldErrors
	Err    error

	// Subject is the class of the record that is missing or refused ("user", "Location"), for dialects that word it
	// themselves.
	Subject string
	// ID is the reference as the caller wrote it, when Subject is missing.
	ID string
	// Record is the id of the record that breaks the rules in Fields; 0 for a new one.
	Record int64
	// Permissions lists what a Forbidden caller lacks.
	Permissions []string
	// Missing lists the references of a change to records that do not exist.
	Missing *MissingReference
}

// MissingReference is a reference inside a change to records that do not exist or that the caller may not see.
type MissingReference struct {
	// Noun is the class of the records ("Role").
	Noun string
	// Asked and Missing are ids; both are empty when the reference was by name.
	Asked, Missing []int64
	// Name is the first name that leads nowhere.
	Name string
}

// MissingIDs returns an Invalid error for ids that lead nowhere.
func MissingIDs(noun string, asked, missing []int64) error {
	return &Error{
		Kind: Invalid, Broken: Broken{RuleNoReference, []any{noun, missing[0]}},
		Missing: &MissingReference{Noun: noun, Asked: asked, Missing: missing},
	}
}

// MissingName returns an Invalid error for a name that leads nowhere.
func MissingName(noun, name string) error {
	return &Error{
		Kind: Invalid, Broken: Broken{RuleNoReference, []any{noun, name}},
		Missing: &MissingReference{Noun: noun, Name: name},
	}
}

// Denied returns a Forbidden error for a caller who lacks every one of the permissions.
func Denied(permissions ...string) error {
	return &Error{Kind: Forbidden, Broken: Broken{RuleNoPermission, []any{permissions}}, Permissions: permissions}
}

// DeniedBecause returns a Forbidden error that no permission would lift.
func DeniedBecause(rule Rule, args ...any) error {
	return Fail(Forbidden, rule, args...)
}

// Fail returns an error of a kind about the request as a whole.
func Fail(kind Kind, rule Rule, args ...any) *Error {
	return &Error{Kind: kind, Broken: Broken{rule, args}}
}

// Because returns the error with its cause.
func (e *Error) Because(err error) *Error {
	known := *e
	known.Err = err
	return &known
}

// Error returns the code of the rule with its cause, for logs.
func (e *Error) Error() string {
	text := e.String()
	if e.Rule == "" && len(e.Fields) > 0 {
		text = e.Fields.String()
	}
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", text, e.Err)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf says the kind of the first Error in err's chain; anything else is Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// FieldError is one broken rule. Attr is the attribute's name in the directory's own words; "base" means the record as
// a whole.
type FieldError struct {
	Attr string
	Broken
	// Label is the name of an attribute that the installation defined; empty for all others.
	Label string
}

// FieldErrors are all rules that a record breaks, in the order in which they were checked.
type FieldErrors []FieldError

// Base is the attribute of errors that belong to a record as a whole.
const Base = "base"

// Add notes one broken rule; the same rule is noted once.
func (f *FieldErrors) Add(attr string, rule Rule, args ...any) { f.AddLabeled(attr, "", rule, args...) }

// AddLabeled does the same for an attribute that the installation defined.
func (f *FieldErrors) AddLabeled(attr, label string, rule Rule, args ...any) {
	one := FieldError{Attr: attr, Broken: Broken{rule, args}, Label: label}
	if !slices.ContainsFunc(*f, func(e FieldError) bool { return reflect.DeepEqual(e, one) }) {
		*f = append(*f, one)
	}
}

// Check notes a rule as broken unless ok holds.
func (f *FieldErrors) Check(ok bool, attr string, rule Rule, args ...any) {
	if !ok {
		f.Add(attr, rule, args...)
	}
}

// String lists the errors for logs.
func (f FieldErrors) String() string {
	parts := make([]string, len(f))
	for i, e := range f {
		parts[i] = e.Attr + " " + e.Broken.String()
	}
	return strings.Join(parts, "; ")
}

// Err returns nil without errors, else an Invalid error holding them all.
func (f FieldErrors) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Fields: f}
}

// About returns an Invalid error with the id of the record whose rules are broken; other errors stay as they are.
func About(id int64, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != Invalid {
		return err
	}
	known := *e
	known.Record = id
	return &known
}

// NotFoundError says that no subject answers to id within what the caller may see.
func NotFoundError(subject, id string) error {
	return &Error{Kind: NotFound, Subject: subject, ID: id, Broken: Broken{RuleNoSuchRecord, []any{subject, id}}}
}

// Refuse returns an Invalid error with one broken rule.
func Refuse(attr string, rule Rule, args ...any) error {
	return FieldErrors{{Attr: attr, Broken: Broken{rule, args}}}.Err()
}
