package models

import "time"

// MembershipState says whether somebody belongs to a tenant at the moment.
type MembershipState string

// The states of a membership. Only an active one lets the member act in the tenant; all are seen there.
const (
	MemberActive    MembershipState = "active"
	MemberInvited   MembershipState = "invited"
	MemberSuspended MembershipState = "suspended"
)

// MembershipSource says who made a membership.
type MembershipSource string

// The sources of memberships.
const (
	MemberManual MembershipSource = "manual"
	MemberLDAP   MembershipSource = "ldap"
	MemberSCIM   MembershipSource = "scim"
	// MemberInvitation is somebody who came of their own accord: who was invited, or has founded the organization. Who
	// manages the organization is not the master of that person's account.
	MemberInvitation MembershipSource = "invitation"
)

// Membership ties a user or a group to a tenant. The roles that are held there are links of their own. An assignment in
// the sense of Foreman is an active membership of a user.
type Membership struct {
	ID int64
	// UserID or UsergroupID is who belongs to the tenant; the other one is nil.
	UserID, UsergroupID *int64
	// TenantID is the location or the organization.
	TenantID int64 `gorm:"column:taxonomy_id"`
	State    MembershipState
	Source   MembershipSource
	JoinedAt time.Time
	// ExpiresAt is when the membership ends; nil for never.
	ExpiresAt *time.Time
	// Ended memberships are suspended because their end has come. Moving the end makes them active again.
	Ended bool
	// SortName is the user's place in the default order of lists. The database keeps it.
	SortName *string
}

// TableName implements gorm's Tabler.
func (Membership) TableName() string { return "memberships" }

// MemberEnded is the state in which an ended membership is shown.
const MemberEnded MembershipState = "ended"

// Shown is the state, with the reason of a suspension where that is the end of the membership.
func (m *Membership) Shown() MembershipState {
	if m.Ended {
		return MemberEnded
	}
	return m.State
}

// Over reports whether the end of the membership has come, even if nobody has noted that yet.
func (m *Membership) Over(now time.Time) bool { return ended(m.ExpiresAt, now) }

// Validate checks what a membership may be. Rules: a state that exists.
func (m *Membership) Validate() FieldErrors {
	var errs FieldErrors
	errs.Check(m.State == MemberActive || m.State == MemberInvited || m.State == MemberSuspended, "state",
		RuleNotIncluded)
	return errs
}
