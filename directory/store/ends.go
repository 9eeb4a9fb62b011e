package store

import (
	"time"

	"gorm.io/gorm"

	"roster/models"
)

// tallyEnds names the row of tallies that holds when the next account or membership ends: its epoch is no revision, but
// that time in microseconds since 1970, or 0. The row is made when it is needed.
const tallyEnds = "ends"

// NoteEnd notes when an account or a membership ends, so that callers are told in time. It is the last that a change
// does: the lock comes after all others.
func (t *Tx) NoteEnd(at *time.Time) error {
	if at == nil {
		return nil
	}
	if err := t.RLock(LockEnds); err != nil {
		return err
	}
	return t.Exec("INSERT INTO tallies AS t (name, slot, epoch, total) VALUES (?, 0, ?, 0) ON CONFLICT (name, slot) "+
		"DO UPDATE SET epoch = excluded.epoch WHERE t.epoch = 0 OR t.epoch > excluded.epoch",
		tallyEnds, at.UnixMicro()).Error
}

// FindNextEnd looks for the next end of an account or a membership and keeps it: one that has come and that nobody has
// noted, or else the first that is to come, whatever the state until then. Like NoteEnd, it comes last.
func (t *Tx) FindNextEnd() error {
	if err := t.Lock(LockEnds); err != nil {
		return err
	}
	var next int64
	for _, of := range []struct{ table, pending string }{
		{"users", PendingUsers}, {"memberships", PendingMemberships},
	} {
		due := t.Table(of.table).Where("expires_at <= ?", t.Time).Where(of.pending)
		later := t.Table(of.table).Where("expires_at > ?", t.Time)
		for _, ends := range []*gorm.DB{due, later} {
			var rows []struct{ ExpiresAt time.Time }
			if err := ends.Select("expires_at").Order("expires_at").Limit(1).Scan(&rows).Error; err != nil {
				return err
			}
			for _, row := range rows {
				if at := row.ExpiresAt.UnixMicro(); next == 0 || at < next {
					next = at
				}
			}
		}
	}
	return t.Exec("INSERT INTO tallies (name, slot, epoch, total) VALUES (?, 0, ?, 0) "+
		"ON CONFLICT (name, slot) DO UPDATE SET epoch = excluded.epoch", tallyEnds, next).Error
}

// PendingUsers and PendingMemberships are the conditions of what is in use until it ends.
const (
	PendingUsers       = "NOT users.expired AND COALESCE(users.disabled, FALSE) = FALSE AND NOT users.hidden"
	PendingMemberships = "NOT memberships.ended AND memberships.state = '" + string(models.MemberActive) + "'"
)
