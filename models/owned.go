package models

import (
	"strings"
	"time"
)

// PersonalAccessToken lets a program log in as its user. Only a digest of the secret is kept (docs/spec/foreman.md,
// 14.1).
type PersonalAccessToken struct {
	ID     int64 `gorm:"primaryKey"`
	UserID int64
	Name   string
	// TokenHash is the hex SHA-256 of the secret.
	TokenHash  string
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	Revoked    bool
	// ReadOnly tokens let a program look, and change nothing.
	ReadOnly bool
	// IdleDays is after how many days without use the token ends; nil for never.
	IdleDays  *int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (PersonalAccessToken) TableName() string { return "personal_access_tokens" }

// Active reports whether the token can be used at the given time.
func (t *PersonalAccessToken) Active(now time.Time) bool {
	return !t.Revoked && (t.ExpiresAt == nil || !t.ExpiresAt.Before(now)) && !t.stale(now)
}

// stale reports whether nobody has used the token for too long. One that was never used counts from its beginning.
func (t *PersonalAccessToken) stale(now time.Time) bool {
	if t.IdleDays == nil {
		return false
	}
	used := t.CreatedAt
	if t.LastUsedAt != nil {
		used = *t.LastUsedAt
	}
	return used.AddDate(0, 0, int(*t.IdleDays)).Before(now)
}

// SSHKey is a public key of a user (docs/spec/foreman.md, 14.2).
type SSHKey struct {
	ID     int64 `gorm:"primaryKey"`
	UserID int64
	Name   string
	// Key is one line in OpenSSH's public key format.
	Key string
	// Fingerprint is the base64 SHA-256 of the key blob, without prefix.
	Fingerprint string
	// Length is in bits.
	Length    int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (SSHKey) TableName() string { return "ssh_keys" }

// Obsolete reports whether servers refuse keys of this kind today. Such a key is kept, not used.
func (k *SSHKey) Obsolete() bool { return strings.HasPrefix(k.Key, "ssh-dss ") }

// MailNotification is a kind of mail that users may subscribe to (docs/spec/foreman.md, 14.3).
type MailNotification struct {
	ID               int64 `gorm:"primaryKey"`
	Name             string
	Description      *string
	SubscriptionType *string
	// Subscriptable kinds are listed; the others are sent by the server's own choice.
	Subscriptable   bool
	Queryable       bool
	DefaultInterval *string
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// TableName names the table.
func (MailNotification) TableName() string { return "mail_notifications" }

// UserMailNotification is one subscription.
type UserMailNotification struct {
	ID                 int64 `gorm:"primaryKey"`
	UserID             int64
	MailNotificationID int64
	LastSent           *time.Time
	Interval           *string
	MailQuery          *string
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// TableName names the table.
func (UserMailNotification) TableName() string { return "user_mail_notifications" }

// TablePreference keeps which columns of a table a user wants to see (docs/spec/foreman.md, 14.4).
type TablePreference struct {
	ID        int64 `gorm:"primaryKey"`
	UserID    int64
	Name      string
	Columns   StringList
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (TablePreference) TableName() string { return "table_preferences" }

// Bookmark is a saved search.
type Bookmark struct {
	ID         int64 `gorm:"primaryKey"`
	Name       string
	Controller string
	Query      string
	Public     bool
	OwnerID    *int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TableName names the table.
func (Bookmark) TableName() string { return "bookmarks" }

// Session is a login that a cookie carries. Only a digest of the cookie's value is kept.
type Session struct {
	TokenHash string `gorm:"primaryKey"`
	UserID    int64
	// API sessions, made by a login with credentials over the API, need no CSRF token.
	API       bool `gorm:"column:api"`
	CSRFToken *string
	// TokenID is the personal access token that opened the session, which does not outlive it.
	TokenID   *int64
	CreatedAt time.Time
	ExpiresAt time.Time
}

// TableName names the table.
func (Session) TableName() string { return "sessions" }

// LoginFailure counts failed logins of one client address.
type LoginFailure struct {
	Address   string `gorm:"primaryKey"`
	Failures  int64
	ExpiresAt time.Time
}

// TableName names the table.
func (LoginFailure) TableName() string { return "login_failures" }

// Tally is one slot of a noun's counters: see migration 1.
type Tally struct {
	Name  string `gorm:"primaryKey"`
	Slot  int64  `gorm:"primaryKey"`
	Epoch int64
	Total int64
}

// TableName names the table.
func (Tally) TableName() string { return "tallies" }
