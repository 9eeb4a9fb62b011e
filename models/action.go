package models

import "strings"

// Action is what a permission lets its holder do with the rows of a resource. Permissions are named after it:
// "edit_users".
type Action string

// The actions that most resources have.
const (
	View    Action = "view"
	Create  Action = "create"
	Edit    Action = "edit"
	Destroy Action = "destroy"
	// Revoke is Destroy for personal access tokens, which stay as records.
	Revoke Action = "revoke"
	// ResetPasswords is giving users new passwords, and unlocking their accounts; see directory.UserChange.
	ResetPasswords Action = "reset_passwords"
	// Assign is putting records into tenants.
	Assign Action = "assign"
)

// Looks reports whether the action changes nothing.
func (a Action) Looks() bool { return a == View }

// Permissions about no resource.
const (
	// EscalateRoles lets its holder hand out roles that the holder does not hold (docs/spec/foreman.md, 8.5).
	EscalateRoles = "escalate_roles"
	ViewStatuses  = "view_statuses"
	ViewPlugins   = "view_plugins"
)

// Viewing reports whether a permission changes nothing.
func Viewing(permission string) bool { return strings.HasPrefix(permission, string(View)+"_") }
