package directory

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"roster/models"
)

// keysURLOrNone keeps a setting from making this server ask whom it should not.
func keysURLOrNone(value any) models.Rule {
	text, ok := value.(string)
	if !ok {
		return ""
	}
	var broken *models.Error
	if _, err := keysURL(text); errors.As(err, &broken) {
		return broken.Rule
	}
	return ""
}

// keysURL reads the address of a provider's keys. The setting is checked by it, and so is what was stored before there
// was a rule, and where an answer leads on.
func keysURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, models.Fail(models.Invalid, models.RuleKeysAddress)
	}
	return u, mayFetchKeys(u)
}

func mayFetchKeys(u *url.URL) error {
	host := u.Hostname()
	switch {
	case host == "" || u.Opaque != "":
		return models.Fail(models.Invalid, models.RuleKeysAddress)
	case isMetadata(host):
		return models.Fail(models.Invalid, models.RuleLinkLocal)
	case u.Scheme == "https", u.Scheme == "http" && isThisMachine(host):
		return nil
	}
	return models.Fail(models.Invalid, models.RuleKeysAddress)
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

// isMetadata reports whether a host is written as a link-local address, at which providers of machines tell secrets.
func isMetadata(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return ip.IsLinkLocalUnicast() || ip == amazonMetadata
}

// keysClient fetches a provider's keys. It goes where a redirect leads only by the same rule, never from https to http,
// and to no link-local address behind a name either.
func keysClient() *http.Client {
	dialer := net.Dialer{Timeout: keysPatience, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err == nil && isMetadata(host) {
			err = fmt.Errorf("%s is a link-local address", host)
		}
		return err
	}}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = dialer.DialContext
	return &http.Client{Timeout: keysPatience, Transport: limitedAnswers{transport}, CheckRedirect: mayFollow}
}

// maxRedirects is how often an address may lead on to another.
const maxRedirects = 5

func mayFollow(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return errors.New("the provider leads on and on")
	}
	if before[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("the provider leads from https to http")
	}
	return mayFetchKeys(next.URL)
}
