package store

import (
	"fmt"
	"slices"
	"time"

	"roster/models"
)

// AuditSubject is what an audit needs to know of the record that changed.
type AuditSubject struct {
	ID    int64
	Class string
	Name  string
	// associated is the record that this one belongs to, if any.
	AssociatedID    int64
	AssociatedClass string
	AssociatedName  string
	Tenants         []int64
	// ofOwner says that the record's tenants are those of the associated user.
	OfOwner bool
}

// AuditedValues are the audited attributes of a record, in order. Secrets are not redacted here: they are not on the
// list.
type AuditedValues []models.Change

// Audit adds one row with the difference between before and after: a creation without before, a deletion without after.
// An update that changed nothing adds no row. It runs in the transaction of the change, so a failed change adds none
// either (docs/spec/foreman.md, 15).
func (t *Tx) Audit(r AuditSubject, before, after AuditedValues) error {
	action, changes := Diff(before, after)
	if action == models.ActionUpdate && len(changes) == 0 {
		return nil
	}
	var version int64
	err := t.Raw("SELECT COALESCE(MAX(version), 0) FROM audits WHERE auditable_type = ? AND auditable_id = ?", r.Class,
		r.ID).Row().Scan(&version)
	if err != nil {
		return err
	}
	row := t.auditRow(r, action, changes, version+1)
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	if r.OfOwner {
		if r.Tenants, err = t.LinkedIDs(UserTenants, r.AssociatedID); err != nil {
			return err
		}
	}
	if len(r.Tenants) == 0 {
		return nil
	}
	return t.AddLinks(auditTenants, row.ID, r.Tenants)
}

// AuditEntry is the audit of one record among many.
type AuditEntry struct {
	AuditSubject
	Before, After AuditedValues
}

// AuditAll adds the audits of many records of one class, none of which has an owner, in a few statements.
func (t *Tx) AuditAll(class string, entries []AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	ids := make([]int64, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	cond, value := t.Store.InIDs("auditable_id", ids)
	var known []models.Audit
	err := t.Where("auditable_type = ?", class).Where(cond, value).Group("auditable_id").
		Select("auditable_id, MAX(version) AS version").Find(&known).Error
	if err != nil {
		return err
	}
	versions := make(map[int64]int64, len(known))
	for _, row := range known {
		versions[row.AuditableID] = row.Version
	}
	rows := make([]models.Audit, len(entries))
	for i, e := range entries {
		action, changes := Diff(e.Before, e.After)
		rows[i] = t.auditRow(e.AuditSubject, action, changes, versions[e.ID]+1)
	}
	const atOnce = 500
	if err := t.CreateInBatches(&rows, atOnce).Error; err != nil {
		return err
	}
	var links []map[string]any
	for i, e := range entries {
		for _, tenant := range e.Tenants {
			links = append(links, map[string]any{auditTenants.Owner: rows[i].ID, auditTenants.Ref: tenant})
		}
	}
	for part := range slices.Chunk(links, atOnce) {
		if err := t.Table(auditTenants.Table).Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}

// auditRow returns the row of an audit.
func (t *Tx) auditRow(r AuditSubject, action string, changes models.Changes, version int64) models.Audit {
	row := models.Audit{
		AuditableID: r.ID, AuditableType: r.Class, AuditableName: &r.Name, Action: action,
		AuditedChanges: shortened(changes),
		Version:        version, CreatedAt: t.Time, RemoteAddress: models.NilIfEmpty(t.Caller.RemoteAddress),
		RequestUUID: models.NilIfEmpty(t.Caller.RequestID),
	}
	if t.Caller.UserID > 0 {
		row.UserID = &t.Caller.UserID
		row.Username = &t.Caller.Login
	} else if t.Caller.Provisioner != nil {
		row.Username = &t.Caller.Login
	}
	if t.Caller.SwitchedFrom != "" {
		by := "by " + t.Caller.SwitchedFrom
		row.Comment = &by
	}
	if r.AssociatedID != 0 {
		row.AssociatedID = &r.AssociatedID
		row.AssociatedType = &r.AssociatedClass
		row.AssociatedName = &r.AssociatedName
	}
	return row
}

// Diff returns the action of an audit and what it changed: before is nil for a new record, after for a deleted one.
func Diff(before, after AuditedValues) (string, models.Changes) {
	if before == nil {
		return models.ActionCreate, models.Changes(withoutUnused(after))
	}
	if after == nil {
		return models.ActionDestroy, models.Changes(withoutUnused(before))
	}
	changes := models.Changes{}
	for i, b := range before {
		if a := after[i]; !sameFact(a.Value, b.Value) {
			changes = append(changes, models.Change{Attr: a.Attr, Value: []any{b.Value, a.Value}})
		}
	}
	return models.ActionUpdate, changes
}

func withoutUnused(facts AuditedValues) AuditedValues {
	return slices.DeleteFunc(slices.Clone(facts), func(c models.Change) bool { return c.Value == nil && c.Seldom })
}

// MaxAuditedText is how much of a text an audit keeps, in characters. An audit shows that a long text changed and how
// it begins; whole copies, old and new, would let one account fill the database.
const MaxAuditedText = 1000

// shortened returns changes as the trail keeps them.
func shortened(changes models.Changes) models.Changes {
	kept := make(models.Changes, len(changes))
	for i, c := range changes {
		if pair, isPair := c.Value.([]any); isPair {
			c.Value = []any{shortText(pair[0]), shortText(pair[1])}
		} else {
			c.Value = shortText(c.Value)
		}
		kept[i] = c
	}
	return kept
}

// shortList keeps the first texts of a list.
func shortList(list []string) []string {
	length := 0
	for i, text := range list {
		if length += len(text); length > MaxAuditedText {
			return append(slices.Clone(list[:i]), fmt.Sprintf("… (%d in all)", len(list)))
		}
	}
	return list
}

func shortText(value any) any {
	if list, isList := value.([]string); isList {
		return shortList(list)
	}
	text, isText := value.(string)
	if !isText || len(text) <= MaxAuditedText {
		return value
	}
	runes := []rune(text)
	if len(runes) <= MaxAuditedText {
		return value
	}
	return fmt.Sprintf("%s… (%d characters)", string(runes[:MaxAuditedText]), len(runes))
}

func sameFact(a, b any) bool {
	if x, ok := a.([]int64); ok {
		y, _ := b.([]int64)
		return SameSet(x, y)
	}
	if x, ok := a.([]string); ok {
		y, _ := b.([]string)
		return slices.Equal(x, y)
	}
	return a == b
}

// Audited notes an attribute, reading through pointers so that values compare and encode as what they are.
func Audited[T comparable](attr string, value *T) models.Change {
	if value == nil {
		return models.Change{Attr: attr}
	}
	return models.Change{Attr: attr, Value: *value}
}

// Seldom marks a fact that few records have: it is left out of the audits of new and deleted records that do not.
func Seldom(fact models.Change) models.Change {
	fact.Seldom = true
	return fact
}

// AuditedTime notes a time in the seconds that people read.
func AuditedTime(attr string, value *time.Time) models.Change {
	if value == nil {
		return models.Change{Attr: attr}
	}
	return models.Change{Attr: attr, Value: value.UTC().Format(time.RFC3339)}
}

// AuditedIDs notes references; none are an empty list, never null.
func AuditedIDs(attr string, ids []int64) models.Change {
	if ids == nil {
		ids = []int64{}
	}
	return models.Change{Attr: attr, Value: ids}
}

// RedactedAnew stands for a secret in place of another: it reads the same, and counts as a change.
const RedactedAnew newSecret = Redacted

type newSecret string

// Redacted stands for a secret whose change is audited, but not its value.
const Redacted = "[redacted]"
