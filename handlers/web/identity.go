package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"roster/models"
)

// AssertedIdentity returns the person for whom a proxy in one of the networks vouches, from the headers Remote-User and
// Remote-User-Email, -Firstname, -Lastname and -Groups (names joined by colons, as Foreman's set-up of Apache sends
// them, or else by commas). From any other peer these headers mean nothing, whatever X-Forwarded-For says. It returns
// nil without such a header, or if a blank one says that nobody is logged in. A header that occurs twice, because one
// was added beside the proxy's own, names nobody and leaves no other way to log in.
func AssertedIdentity(r *http.Request, proxies []netip.Prefix) *models.Identity {
	users := r.Header.Values("Remote-User")
	nobody := func(user string) bool { return user == "" || user == unset }
	if len(users) == 0 || len(users) == 1 && nobody(strings.TrimSpace(users[0])) || !isPeerIn(r, proxies) {
		return nil
	}
	id := &models.Identity{
		Firstname: headerText(r, "Remote-User-Firstname"), Lastname: headerText(r, "Remote-User-Lastname"),
		Mail: headerText(r, "Remote-User-Email"),
	}
	if len(users) == 1 {
		id.Login = strings.TrimSpace(users[0])
	}
	// Whoever is in no group has no such variable, and Apache says so.
	if none := r.Header.Values("Remote-User-Groups"); len(none) == 1 && strings.TrimSpace(none[0]) == unset {
		id.GroupsTold = true
	}
	if groups := headerText(r, "Remote-User-Groups"); groups != nil {
		id.GroupsTold = true
		separator := ","
		if strings.Contains(*groups, ":") {
			separator = ":"
		}
		for name := range strings.SplitSeq(*groups, separator) {
			if name = strings.TrimSpace(name); name != "" {
				id.Groups = append(id.Groups, name)
			}
		}
	}
	return id
}

func isPeerIn(r *http.Request, networks []netip.Prefix) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// unset is what Apache sends for a variable without a value.
const unset = "(null)"

// headerText returns a header that occurs once, nil otherwise or if it is not text.
func headerText(r *http.Request, name string) *string {
	values := r.Header.Values(name)
	if len(values) != 1 || !models.Storable(values[0]) || strings.TrimSpace(values[0]) == unset {
		return nil
	}
	return &values[0]
}
