package models

import (
	"encoding/json"
	"net/netip"
	"strings"
	"time"
)

// ScimToken lets the identity provider of an organization keep the organization's people and groups up to date
// (docs/spec/scim.md, 1).
type ScimToken struct {
	ID             int64 `gorm:"primaryKey"`
	OrganizationID int64
	Name           string
	// TokenHash is the hex SHA-256 of the secret.
	TokenHash string
	// ReadOnly tokens let a program look, and change nothing.
	ReadOnly bool
	// Networks are those from which the token may be used; empty for any.
	Networks StringList
	// ExpiresAt is when the token ends; nil for never.
	ExpiresAt *time.Time
	Revoked   bool
	// LastUsedAt and LastAddress tell of the last use, to the minute.
	LastUsedAt  *time.Time
	LastAddress *string
	// CreatedBy is who made the token; nil once that account is gone.
	CreatedBy *int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (ScimToken) TableName() string { return "scim_tokens" }

// Bounds of tokens of organizations.
const (
	// MaxScimTokens is how many live ones an organization may have: some for each provider, and two at once while one
	// takes the place of another.
	MaxScimTokens = 20
	// MaxScimNetworks is how many networks a token may be limited to.
	MaxScimNetworks = 50
)

// Active reports whether the token can be used at a time from an address.
func (t *ScimToken) Active(now time.Time, address string) bool {
	if t.Revoked || t.ExpiresAt != nil && t.ExpiresAt.Before(now) {
		return false
	}
	if len(t.Networks) == 0 {
		return true
	}
	from, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, text := range t.Networks {
		if network, err := ParseNetwork(text); err == nil && network.Contains(from.Unmap()) {
			return true
		}
	}
	return false
}

// ParseNetwork reads a network, or a single address.
func ParseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		return network.Masked(), err
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return address.Unmap().Prefix(address.Unmap().BitLen())
}

// Normalize trims the name and tidies the networks.
func (t *ScimToken) Normalize() {
	t.Name = strings.TrimSpace(t.Name)
	t.Networks = Distinct(t.Networks)
}

// Validate reports the rules that the token breaks by itself.
func (t *ScimToken) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, t.Name, MaxLabel)
	errs.Check(len(t.Networks) <= MaxScimNetworks, "networks", RuleTooMany, MaxScimNetworks)
	for _, text := range t.Networks {
		_, err := ParseNetwork(text)
		errs.Check(err == nil, "networks", RuleNetwork, text)
	}
	return errs
}

// The types of provisioned resources that this server knows by itself. A type beyond them has its whole content in
// links.
const (
	ProvisionedUser  = "User"
	ProvisionedGroup = "Group"
)

// ScimLink ties a user, a group, or a resource that is nothing else here, to what an organization's identity provider
// knows of it (docs/spec/scim.md, 3).
type ScimLink struct {
	ID             int64 `gorm:"primaryKey"`
	OrganizationID int64
	ResourceType   string
	// UUID is how the provider calls the resource. It is never used again for another one.
	UUID string `gorm:"column:uuid"`
	// UserID and UsergroupID are what the link is to; both are nil for other types.
	UserID, UsergroupID *int64
	// ExternalID is the provider's own name for the resource.
	ExternalID *string
	// DisplayName is how the provider calls a group, or shows a user.
	DisplayName *string
	// Extra is a JSON object with everything that means nothing here.
	Extra string
	// Version moves on with each change by the provider.
	Version int64
	// Provisioned says that the provider made the user or the group, and did not find it here.
	Provisioned bool
	// Suspended says that the provider has switched the user off in this organization.
	Suspended bool
	// SuspendedAt is when the provider switched the user off, or deleted the user who was not switched off.
	SuspendedAt *time.Time
	// Locked says that the provider has locked the account, and nobody else has changed that since.
	Locked    bool
	CreatedAt time.Time
	UpdatedAt time.Time
	// DeletedAt is when the provider deleted the resource; it can be brought back for some time.
	DeletedAt *time.Time
}

// TableName names the table.
func (ScimLink) TableName() string { return "scim_links" }

// MaxScimExtra bounds what a link keeps for a provider, in bytes of JSON.
const MaxScimExtra = 1 << 18

// BinDays is for how many days a deleted user can be brought back.
const BinDays = 30

// Validate reports the rules that the link breaks by itself.
func (l *ScimLink) Validate() FieldErrors {
	var errs FieldErrors
	errs.Check(Storable(Deref(l.ExternalID)), "externalId", RuleInvalid)
	errs.Check(!TooLong(Deref(l.ExternalID), MaxScimText), "externalId", RuleTooLong, MaxScimText)
	errs.Check(Storable(Deref(l.DisplayName)), "displayName", RuleInvalid)
	errs.Check(!TooLong(Deref(l.DisplayName), MaxScimText), "displayName", RuleTooLong, MaxScimText)
	errs.Check(json.Valid([]byte(l.Extra)) && Storable(l.Extra), "extra", RuleInvalid)
	errs.Check(len(l.Extra) <= MaxScimExtra, "extra", RuleTooManyBytes, MaxScimExtra)
	return errs
}

// MaxScimText is the length limit of a text that a provider keeps here, in characters.
const MaxScimText = 2048

// Provisioner is an identity provider that acts for an organization, by one of its tokens.
type Provisioner struct {
	TokenID, OrganizationID int64
	// Name is the token's.
	Name string
}

// ProvisionerID is the id of the principal of identity providers; no account has it.
const ProvisionerID = -3
