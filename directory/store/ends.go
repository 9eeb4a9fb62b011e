package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
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
	next, err := nextEnd(t.DB, t.Time)
	if err != nil {
		return err
	}
	return t.Exec("INSERT INTO tallies (name, slot, epoch, total) VALUES (?, 0, ?, 0) "+
		"ON CONFLICT (name, slot) DO UPDATE SET epoch = excluded.epoch", tallyEnds, next).Error
}

// NextEnd returns the time that FindNextEnd would keep, in microseconds since 1970; 0 for none.
func (s *Store) NextEnd(ctx context.Context) (int64, error) {
	return nextEnd(s.Read.WithContext(ctx), s.Now())
}

func nextEnd(db *gorm.DB, now time.Time) (next int64, err error) {
	for _, of := range []struct{ table, pending string }{
		{"users", PendingUsers}, {"memberships", PendingMemberships},
	} {
		due := db.Table(of.table).Where("expires_at <= ?", now).Where(of.pending)
		later := db.Table(of.table).Where("expires_at > ?", now)
		for _, ends := range []*gorm.DB{due, later} {
			var rows []struct{ ExpiresAt time.Time }
			if err := ends.Select("expires_at").Order("expires_at").Limit(1).Scan(&rows).Error; err != nil {
				return 0, err
			}
			for _, row := range rows {
				if at := row.ExpiresAt.UnixMicro(); next == 0 || at < next {
					next = at
				}
			}
		}
	}
	return next, nil
}

// DueUsers keeps the accounts that have ended by a time and are in use.
func DueUsers(now time.Time) scopes.Scope {
	return func(db *gorm.DB) *gorm.DB { return db.Where("users.expires_at <= ?", now).Where(PendingUsers) }
}

// DueMemberships keeps the memberships that have ended by a time and are in use.
func DueMemberships(now time.Time) scopes.Scope {
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("memberships.expires_at <= ?", now).Where(PendingMemberships)
	}
}

// MembershipsOf keeps the memberships by which a user acts: the user's own, and those of the groups around the user.
func MembershipsOf(user int64) scopes.Scope {
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("(memberships.user_id = ? OR memberships.usergroup_id IN (SELECT c.ancestor_id "+
			"FROM usergroup_users g JOIN usergroup_closure c ON c.descendant_id = g.usergroup_id "+
			"WHERE g.user_id = ?))", user, user)
	}
}

// HasDue reports whether an account has ended, or one of the memberships by which its user acts, and nobody has noted
// that yet.
func (s *Store) HasDue(ctx context.Context, user int64) (bool, error) {
	now := s.Now()
	db := s.Read.WithContext(ctx)
	for _, pending := range []*gorm.DB{
		db.Model(&models.User{}).Where("users.id = ?", user).Scopes(DueUsers(now)),
		db.Model(&models.Membership{}).Scopes(MembershipsOf(user), DueMemberships(now)),
	} {
		var n int64
		if err := pending.Count(&n).Error; err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// PendingUsers and PendingMemberships are the conditions of what is in use until it ends.
const (
	PendingUsers       = "NOT users.expired AND COALESCE(users.disabled, FALSE) = FALSE AND NOT users.hidden"
	PendingMemberships = "NOT memberships.ended AND memberships.state = '" + string(models.MemberActive) + "'"
)
