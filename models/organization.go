package models

import (
	"slices"
	"strings"
	"time"
)

// OrganizationRole is what somebody is in an organization, in the words of CVAT (docs/spec/cvat.md, 5). Four shipped
// roles stand for them; a membership may carry others beside one of these.
type OrganizationRole string

// The organization roles.
const (
	OrganizationOwner      OrganizationRole = "owner"
	OrganizationMaintainer OrganizationRole = "maintainer"
	OrganizationSupervisor OrganizationRole = "supervisor"
	OrganizationWorker     OrganizationRole = "worker"
)

// OrganizationRoles are all of them, the strongest first.
var OrganizationRoles = []OrganizationRole{
	OrganizationOwner, OrganizationMaintainer, OrganizationSupervisor, OrganizationWorker,
}

// Known reports whether there is such a role.
func (r OrganizationRole) Known() bool { return slices.Contains(OrganizationRoles, r) }

// Stronger reports whether the role is above another one.
func (r OrganizationRole) Stronger(than OrganizationRole) bool {
	return slices.Index(OrganizationRoles, r) < slices.Index(OrganizationRoles, than)
}

// Manages reports whether the role lets its holder see and change who belongs to the organization.
func (r OrganizationRole) Manages() bool {
	return r == OrganizationOwner || r == OrganizationMaintainer
}

// OriginCVAT is the origin of the roles that stand for organization roles.
const OriginCVAT = "cvat"

// OrganizationRole returns the organization role that a role stands for, "" for any other role. A name that was taken
// when the role was shipped is followed by more in brackets.
func (r *Role) OrganizationRole() OrganizationRole {
	if Deref(r.Origin) != OriginCVAT {
		return ""
	}
	name, _, _ := strings.Cut(r.Name, " (")
	return OrganizationRole(name)
}

// Invitation asks somebody into an organization. The membership that it is about waits until the answer; an invitation
// that was accepted is kept.
type Invitation struct {
	ID int64 `gorm:"primaryKey"`
	// Key names the invitation: 64 letters and digits. Where no mail is sent, whoever knows it may register as the
	// person who is invited.
	Key          string
	MembershipID int64
	// OwnerID is who invited; nil once that account is gone.
	OwnerID   *int64
	CreatedAt time.Time
	// SentAt is when the mail was last sent; nil where none was.
	SentAt *time.Time
}

// TableName names the table.
func (Invitation) TableName() string { return "invitations" }

// InvitationDays is how long an invitation may be accepted after it was sent, in days.
const InvitationDays = 7

// Expired reports whether the invitation is too old to be accepted; nil where none was sent.
func (i *Invitation) Expired(now time.Time) *bool {
	if i.SentAt == nil {
		return nil
	}
	late := i.SentAt.AddDate(0, 0, InvitationDays).Before(now)
	return &late
}

// SystemGroup is what somebody is in the installation, in the words of CVAT (docs/spec/cvat.md, 1): administrators by
// their power, the others by a user group of that name.
type SystemGroup string

// The system groups; the empty one is for those who are in none.
const (
	SystemAdmin  SystemGroup = "admin"
	SystemUser   SystemGroup = "user"
	SystemWorker SystemGroup = "worker"
)

// SystemGroupNamed returns the system group for which a user group of a name stands, the empty one for none.
func SystemGroupNamed(name string) SystemGroup {
	if g := SystemGroup(name); g == SystemUser || g == SystemWorker {
		return g
	}
	return ""
}

// Rank orders system groups by what they let people do; 0 is that of those who are in none.
func (g SystemGroup) Rank() int {
	switch g {
	case SystemAdmin:
		return 3
	case SystemUser:
		return 2
	case SystemWorker:
		return 1
	}
	return 0
}

// AccountToken is a secret that the server has handed out for a purpose. Only its hash is kept.
type AccountToken struct {
	// TokenHash is the hex SHA-256 of the secret.
	TokenHash string `gorm:"primaryKey"`
	UserID    int64
	Purpose   TokenPurpose
	CreatedAt time.Time
	// ExpiresAt is when it ends; nil for never.
	ExpiresAt *time.Time
}

// TableName names the table.
func (AccountToken) TableName() string { return "account_tokens" }

// TokenPurpose is what an account token is good for.
type TokenPurpose string

// The purposes.
const (
	// PurposeLogin lets its holder in until the logout.
	PurposeLogin TokenPurpose = "login"
	// PurposePasswordReset sets a new password, once.
	PurposePasswordReset TokenPurpose = "password_reset"
	// PurposeMailConfirmation activates an account whose mail address its holder reads, once.
	PurposeMailConfirmation TokenPurpose = "mail_confirmation"
)
