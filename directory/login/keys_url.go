package login

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"roster/models"
)

// keysClient fetches a provider's keys. It goes where a redirect leads only by the same rule, never from https to http,
// and to no link-local address behind a name either.
func keysClient() *http.Client {
	dialer := net.Dialer{Timeout: keysPatience, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err == nil && models.IsMetadata(host) {
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
	return models.MayFetchKeys(next.URL)
}
