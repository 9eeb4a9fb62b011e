package models

import (
	"strings"
	"time"
)

// AuthSourceKind is the class of an auth source; it is the value of the type column.
type AuthSourceKind string

// The kinds (docs/spec/foreman.md, 13.1).
const (
	InternalSource AuthSourceKind = "AuthSourceInternal" // passwords kept by this server
	HiddenSource   AuthSourceKind = "AuthSourceHidden"   // built-in accounts; nobody can log in
	ExternalSource AuthSourceKind = "AuthSourceExternal" // identity asserted by a proxy or an OpenID provider
	LdapSource     AuthSourceKind = "AuthSourceLdap"     // passwords checked by a directory server
)

// AuthSource says where the identity of users comes from. The LDAP fields are nil for the other kinds.
type AuthSource struct {
	ID   int64 `gorm:"primaryKey"`
	Type AuthSourceKind
	Name string
	Host *string
	// Port is a TCP port.
	Port    *int64
	Account *string
	// AccountPassword is the bind password, encrypted; it never leaves the directory.
	AccountPassword  *string
	BaseDN           *string `gorm:"column:base_dn"`
	AttrLogin        *string
	AttrFirstname    *string
	AttrLastname     *string
	AttrMail         *string
	AttrPhoto        *string
	OntheflyRegister bool
	TLS              bool `gorm:"column:tls"`
	LdapFilter       *string
	ServerType       *string
	GroupsBase       *string
	UsergroupSync    bool
	UseNetgroups     bool
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// TableName names the table.
func (AuthSource) TableName() string { return "auth_sources" }

// ServerTypes are the kinds of LDAP servers whose group schemas are known.
var ServerTypes = []string{"free_ipa", "active_directory", "posix", "netiq"}

// Filter is the LDAP filter that people have to pass, as servers take it, "" for none. What cannot be read is as it was
// sent.
func (a *AuthSource) Filter() string {
	if tidy, ok := TidyFilter(Deref(a.LdapFilter)); ok {
		return tidy
	}
	return Deref(a.LdapFilter)
}

// MaxAuthSourceName is in characters.
const MaxAuthSourceName = 60

// Normalize trims the name.
func (a *AuthSource) Normalize() { a.Name = strings.TrimSpace(a.Name) }

// Validate reports the rules that every kind of source has to keep.
func (a *AuthSource) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, a.Name, MaxAuthSourceName)
	return errs
}
