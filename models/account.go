package models

import (
	"regexp"
	"slices"
	"time"
)

// UserMail is a mail address of a user beyond the first one.
type UserMail struct {
	ID     int64 `gorm:"primaryKey"`
	UserID int64
	// Address is as typed, LowerAddress in lower case; a user has it once.
	Address, LowerAddress string
	// Notify says that notifications go to the address, too.
	Notify    bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (UserMail) TableName() string { return "user_mails" }

// APIKey is the key by which the programs of a user get in. Each user has one at most.
type APIKey struct {
	UserID int64 `gorm:"primaryKey"`
	// KeyHash is the SHA-256 of the key in hexadecimal, Sealed the key under the installation's own.
	KeyHash, Sealed string
	CreatedAt       time.Time
	// UsedAt is when the key was last used, up to a minute ago.
	UsedAt *time.Time
}

// TableName names the table.
func (APIKey) TableName() string { return "api_keys" }

// apiKeyForm is what keys look like. Those that came from elsewhere may be of any letters and digits.
var apiKeyForm = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// ValidAPIKey reports whether a text may be an API key; nothing else is looked up.
func ValidAPIKey(key string) bool { return apiKeyForm.MatchString(key) }

// OutgoingMail is a message that waits to be sent.
type OutgoingMail struct {
	ID     int64 `gorm:"primaryKey"`
	UserID *int64
	// Kind says what the message is about.
	Kind      string
	Recipient string
	// Sealed is the message under the installation's key.
	Sealed    string
	CreatedAt time.Time
	// DueAt is when it is tried next; a server that tries it moves this on first.
	DueAt    time.Time
	Attempts int64
	// Failure describes why it was not sent so far.
	Failure *string
}

// TableName names the table.
func (OutgoingMail) TableName() string { return "outgoing_mails" }

// Takeover says which row of another product's database became which one here.
type Takeover struct {
	// Source names the database that was read, Noun the kind of row.
	Source, Noun string
	OldID, NewID int64
}

// TableName names the table.
func (Takeover) TableName() string { return "takeovers" }

// MailNotifications are the values of User.MailNotification: about what a user wants mail.
var MailNotifications = []string{
	"all", "selected", "only_my_events", "only_assigned", "only_owner", "only_my_watches", "none",
}

func (u *User) validateMailNotification(errs *FieldErrors) {
	errs.Check(u.MailNotification == nil || slices.Contains(MailNotifications, *u.MailNotification),
		"mail_notification", RuleNotIncluded)
}
