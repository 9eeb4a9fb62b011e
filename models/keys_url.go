package models

import (
	"net/netip"
	"net/url"
	"strings"
)

// KeysURL checks and parses the address of a provider's keys. It is used for the setting, for values that were stored
// before the rule existed, and for redirects.
func KeysURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, Fail(Invalid, RuleKeysAddress)
	}
	return u, MayFetchKeys(u)
}

// MayFetchKeys refuses an address that this server should not ask for keys.
func MayFetchKeys(u *url.URL) error {
	host := u.Hostname()
	switch {
	case host == "" || u.Opaque != "":
		return Fail(Invalid, RuleKeysAddress)
	case IsMetadata(host):
		return Fail(Invalid, RuleLinkLocal)
	case u.Scheme == "https", u.Scheme == "http" && isThisMachine(host):
		return nil
	}
	return Fail(Invalid, RuleKeysAddress)
}

// isThisMachine reports whether a host is this machine by its very name.
func isThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return strings.EqualFold(host, "localhost")
	}
	return ip.Unmap().IsLoopback()
}

// amazonMetadata is where one provider of machines answers besides 169.254.169.254.
var amazonMetadata = netip.MustParseAddr("fd00:ec2::254")

// IsMetadata reports whether a host is written as a link-local address, at which cloud providers serve secrets of
// machines.
func IsMetadata(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return ip.IsLinkLocalUnicast() || ip == amazonMetadata
}
