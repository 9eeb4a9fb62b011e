package directory

import (
	"context"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// endOf reads when something ends: nil for never. A date without a time means the end of that day.
func endOf(text *string, zone *time.Location) (*time.Time, error) {
	text = models.BlankToNil(models.Trimmed(text))
	if text == nil {
		return nil, nil
	}
	for _, layout := range []string{time.DateOnly, "2006/01/02"} {
		if day, err := time.ParseInLocation(layout, *text, zone); err == nil {
			last := time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, zone)
			*text = last.Format(time.RFC3339)
		}
	}
	at, err := parseTime(*text, zone)
	if err != nil {
		return nil, models.Refuse("expires_at", models.RuleUnreadableTime, *text)
	}
	return &at, nil
}

// setEnd moves an end to where a change wants it, if it names one. It reports whether the time is another one.
func setEnd(end **time.Time, wanted models.Opt[*string], zone *time.Location) (moved bool, err error) {
	if !wanted.Set {
		return false, nil
	}
	at, err := endOf(wanted.Value, zone)
	if err != nil || sameTime(at, *end) {
		return false, err
	}
	*end = at
	return true, nil
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// endsLater reports whether an end has been moved to a later time, or taken away.
func endsLater(before, after *time.Time) bool {
	return before != nil && (after == nil || after.After(*before))
}

// applyEnd sets when an account ends, and what follows from that for its state: an account whose end has come is
// expired, and one that had expired is active again once its end is moved. had is the user before the change. Whatever
// state a change asks for besides, an account that has expired stays so until its end is moved.
func (t *tx) applyEnd(u *userState, had *models.User, c UserChange) error {
	moved, err := setEnd(&u.ExpiresAt, c.ExpiresAt, t.Caller.Zone)
	if err != nil {
		return err
	}
	over := u.Ended(t.Time)
	switch {
	// Another server's clock may be ahead: what it has noted as over stays so until the end is moved.
	case over && (had.Expired || u.Status() == models.UserActive), had.Expired && !moved:
		u.SetStatus(models.UserExpired)
	case had.Expired && !c.Disabled.Set && !c.Status.Set:
		u.SetStatus(models.UserActive)
	case had.Expired && u.IsDisabled():
		u.SetStatus(models.UserLocked)
	}
	return nil
}

// checkEnd refuses to activate an account that has ended, and to set the end of the own account.
func (t *tx) checkEnd(c UserChange) func(*models.FieldErrors, *userState, *userState) error {
	return func(errs *models.FieldErrors, before, after *userState) error {
		if before == nil {
			return nil
		}
		// Somebody who has registered has not been let in yet: that takes more than resetting and unlocking.
		waits := c.resetting && before.Status() == models.UserRegistered
		errs.Check(!waits, "disabled", models.RuleOfStronger)
		errs.Check(after.ID != t.Caller.UserID || sameTime(before.ExpiresAt, after.ExpiresAt), "expires_at",
			models.RuleEndsSelf)
		activates := c.Disabled.Set && !models.Deref(c.Disabled.Value) || c.Status.Value == models.UserActive
		if t.Caller.Provisioner == nil && activates && before.IsDisabled() {
			errs.Check(!after.Ended(t.Time) && !after.Expired, "disabled", models.RuleEnded)
		}
		return nil
	}
}

// applyMembershipEnd does for a membership what applyEnd does for an account.
func (t *tx) applyMembershipEnd(m *membershipState, c MembershipChange) error {
	moved, err := setEnd(&m.ExpiresAt, c.ExpiresAt, t.Caller.Zone)
	if err != nil {
		return err
	}
	over := m.Over(t.Time)
	switch {
	case over && (m.Ended || m.State == models.MemberActive), m.Ended && !moved:
		m.State = models.MemberSuspended
		m.Ended = true
	case m.Ended:
		m.Ended = false
		if !c.State.Set {
			m.State = models.MemberActive
		}
	}
	return nil
}

// checkMembershipEnd refuses to activate a membership that has ended, and to set the end of the own one.
func (t *tx) checkMembershipEnd(errs *models.FieldErrors, before, after *membershipState, c MembershipChange) error {
	errs.Check(c.State.Value != models.MemberActive || !after.Over(t.Time) && !after.Ended, "state", models.RuleEnded)
	if before == nil || sameTime(before.ExpiresAt, after.ExpiresAt) {
		return nil
	}
	own, err := t.actsBy(after)
	errs.Check(!own, "expires_at", models.RuleEndsSelf)
	return err
}

// actsBy reports whether a membership is one by which the caller, who is no administrator, acts: the own one, or that
// of a group around the caller.
func (t *tx) actsBy(m *membershipState) (bool, error) {
	if t.Caller.Admin || t.Caller.UserID <= 0 {
		return false, nil
	}
	var n int64
	err := t.Model(&models.Membership{}).Scopes(store.MembershipsOf(t.Caller.UserID)).
		Where("memberships.id = ?", m.ID).Count(&n).Error
	return n > 0, err
}

// checkOwnEnds refuses to take the caller, who is no administrator, out of tenants in which the caller's membership has
// an end: a new one would have none.
func (t *tx) checkOwnEnds(errs *models.FieldErrors, attr string, tenants ...int64) error {
	if t.Caller.Admin || t.Caller.UserID <= 0 || len(tenants) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("taxonomy_id", tenants)
	ends, err := t.Exists("SELECT 1 FROM memberships WHERE user_id = ? AND expires_at IS NOT NULL AND "+cond,
		t.Caller.UserID, value)
	errs.Check(!ends, attr, models.RuleEndsSelf)
	return err
}

// endBatch is how many accounts, and how many memberships, EndDue ends in one change.
const endBatch = 100

// EndDue notes all accounts and memberships as over that have ended by now, each with an audit. It returns how many.
// Whatever was written past the verbs, such as by a restore, is found as well.
func (s *Service) EndDue(ctx context.Context) (int, error) {
	ended := 0
	for {
		now, err := s.StampNow(ctx)
		if err != nil {
			return ended, err
		}
		next, err := s.NextEnd(ctx)
		if err != nil || next == now.Ends && !now.EndsBy(s.Now()) {
			return ended, err
		}
		n := 0
		err = s.change(ctx, models.System(), func(t *tx) error {
			var err error
			if n, err = t.end(everything, everything); err != nil {
				return err
			}
			return t.FindNextEnd()
		})
		if err != nil {
			return ended, err
		}
		if ended += n; n == 0 {
			return ended, nil
		}
	}
}

func everything(db *gorm.DB) *gorm.DB { return db }

// EndOf does the same at once for the account of a user and for the memberships by which the user acts. It reports
// whether there were any, also with an error.
func (s *Service) EndOf(ctx context.Context, user int64) (bool, error) {
	due, err := s.HasDue(ctx, user)
	if err != nil || !due {
		return false, err
	}
	users := func(db *gorm.DB) *gorm.DB { return db.Where("users.id = ?", user) }
	for n := endBatch; n >= endBatch; {
		err := s.change(ctx, models.System(), func(t *tx) error {
			var err error
			n, err = t.end(users, store.MembershipsOf(user))
			return err
		})
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

// end notes accounts and memberships as over that have ended, up to endBatch of each. It returns how many.
func (t *tx) end(users, memberships scopes.Scope) (int, error) {
	var accounts []models.User
	err := t.Locking().Scopes(users, store.DueUsers(t.Time)).Order("users.id").Limit(endBatch).Find(&accounts).Error
	if err != nil {
		return 0, err
	}
	for i := range accounts {
		if err := t.endAccount(&accounts[i]); err != nil {
			return 0, err
		}
	}
	var over []models.Membership
	err = t.Locking().Scopes(memberships, store.DueMemberships(t.Time)).Order("memberships.id").Limit(endBatch).
		Find(&over).Error
	if err != nil {
		return 0, err
	}
	for i := range over {
		if err := t.endMembershipInTime(&over[i]); err != nil {
			return 0, err
		}
	}
	return len(accounts) + len(over), nil
}

// endAccount notes that an account has expired. Its sessions end.
func (t *tx) endAccount(row *models.User) error {
	before, err := t.userState(row)
	if err != nil {
		return err
	}
	after := *before
	after.SetStatus(models.UserExpired)
	after.UpdatedAt = t.Time
	if err := t.Overwrite(&after.User); err != nil {
		return err
	}
	if err := t.disownLock(before, &after); err != nil {
		return err
	}
	if err := t.endSessions(after.ID); err != nil {
		return err
	}
	t.BumpPeople(after.ID)
	return t.Audit(after.record(), before.facts(), after.facts())
}

// endMembershipInTime notes that a membership is over.
func (t *tx) endMembershipInTime(row *models.Membership) error {
	member, err := t.nameOfMember(row)
	if err != nil {
		return err
	}
	after := *row
	after.State = models.MemberSuspended
	after.Ended = true
	return t.turnMembership(row, &after, member, false)
}

// turnMembership writes another state of a membership, without asking whether anybody may. moved says that the tenant
// counts it as a move.
func (t *tx) turnMembership(row, to *models.Membership, member string, moved bool) error {
	tenant, err := store.First[models.Tenant](t.Where("id = ?", row.TenantID))
	if err != nil || tenant == nil {
		return err
	}
	before := &membershipState{Membership: *row, tenant: tenant, member: member}
	if before.roles, err = t.LinkedIDs(store.MembershipRoles, row.ID); err != nil {
		return err
	}
	after := *before
	after.Membership = *to
	if err := t.writeMembership(before, &after); err != nil {
		return err
	}
	t.bumpMembership(&after, moved)
	return t.Audit(after.record(), before.facts(), after.facts())
}

// nameOfMember returns the login or the name of who a membership is of.
func (t *tx) nameOfMember(m *models.Membership) (string, error) {
	var name string
	query := "SELECT login FROM users WHERE id = ?"
	id := models.Deref(m.UserID)
	if m.UserID == nil {
		query = "SELECT name FROM usergroups WHERE id = ?"
		id = models.Deref(m.UsergroupID)
	}
	err := t.Raw(query, id).Row().Scan(&name)
	return name, err
}

// checkRejoined refuses to assign a user to a tenant again in which the user's membership is suspended, or has ended.
// Otherwise a nightly import, which knows of neither, would undo it.
func (t *tx) checkRejoined(errs *models.FieldErrors, attr string, l store.LinkTable, owner int64, added []int64) error {
	if owner == 0 || len(added) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("m."+l.Ref, added)
	var names []string
	err := t.Raw("SELECT u.login || ' @ ' || o.title FROM memberships m JOIN taxonomies o ON o.id = m.taxonomy_id "+
		"JOIN users u ON u.id = m.user_id WHERE m."+l.Owner+" = ? AND "+cond+
		" AND (m.state = 'suspended' OR m.state <> 'active' AND m.expires_at <= ?) ORDER BY 1 LIMIT 1",
		owner, value, t.Time).Scan(&names).Error
	for _, name := range names {
		errs.Add(attr, models.RuleMembershipEnded, name)
	}
	return err
}
