package ldap

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

const (
	// maxEntries bounds how many entries a list may have, read page by page, and how many groups a person may be in.
	maxEntries = 10_000
	// pageSize is how many entries of a list are asked for at once. Active Directory gives at most 1000, OpenLDAP 500.
	pageSize = 500
	// maxPages bounds the pages of a list. Servers may send fewer entries than they are asked for.
	maxPages = 100
	// maxValues bounds how many values an attribute may have, and maxRanges in how many ranges they may come. Active
	// Directory gives 1500 at once by default, and 1000 in its oldest versions.
	maxValues = 50_000
	maxRanges = 100
	// maxAtOnce bounds how many questions of one connection are under way.
	maxAtOnce = 8
)

// session is a connection in use for one question about a source.
type session struct {
	conn   *ldap.Conn
	source *models.AuthSource
	// deadline is when the connection ends.
	deadline time.Time
}

// list returns the entries below a base, which are asked for by pages (RFC 2696). A base that does not exist has none.
func (s *session) list(base, filter string, attributes ...string) ([]*ldap.Entry, error) {
	page := ldap.NewControlPaging(pageSize)
	request := ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter,
		attributes, []ldap.Control{page})
	var entries []*ldap.Entry
	for range maxPages {
		result, err := s.conn.Search(request)
		if knowsNoPages(err) && len(entries) == 0 && len(request.Controls) > 0 {
			request.Controls = nil
			request.SizeLimit = maxEntries
			result, err = s.conn.Search(request)
		}
		if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
			return entries, nil
		}
		if err != nil {
			return nil, failure(err)
		}
		entries = append(entries, result.Entries...)
		if len(entries) > maxEntries { // a server need not obey
			return nil, errTooMany
		}
		next, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return entries, nil
		}
		page.SetCookie(next.Cookie)
	}
	return nil, errTooMany
}

// knowsNoPages reports whether a server refuses a list because it is asked for by pages.
func knowsNoPages(err error) bool {
	return ldap.IsErrorAnyOf(err, ldap.LDAPResultUnavailableCriticalExtension, ldap.LDAPResultUnwillingToPerform,
		ldap.LDAPResultProtocolError)
}

// few returns up to limit entries below a base, and whether there are more.
func (s *session) few(base, filter string, limit int, attributes ...string) (entries []*ldap.Entry, more bool,
	err error) {
	result, err := s.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, limit, 0,
		false, filter, attributes, nil))
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, false, nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return result.Entries, true, nil
	case err != nil:
		return nil, false, failure(err)
	}
	return result.Entries, len(result.Entries) > limit, nil
}

// entry returns the entry of a name, nil if there is none.
func (s *session) entry(dn string, attributes ...string) (*ldap.Entry, error) {
	result, err := s.conn.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
		"(objectClass=*)", attributes, nil))
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, nil
	case err != nil:
		return nil, failure(err)
	case len(result.Entries) == 0:
		return nil, nil
	}
	return result.Entries[0], nil
}

// failure names what a search fails by.
func failure(err error) error {
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return errTooMany
	case errors.Is(err, io.EOF):
		return errors.New("the LDAP server closed the connection")
	}
	return err
}

// values returns all values of an attribute. Active Directory gives the first 1500 under a name with an option
// (member;range=0-1499), and the next ones when asked by such a name.
func (s *session) values(e *ldap.Entry, name string) ([]string, error) {
	all, next := valuesIn(e, name)
	for n := 0; next > 0; n++ {
		if n == maxRanges || len(all) > maxValues {
			return nil, errTooMany
		}
		more, err := s.entry(e.DN, name+";range="+strconv.Itoa(next)+"-*")
		if err != nil || more == nil {
			return all, err
		}
		values, after := valuesIn(more, name)
		if len(values) == 0 || after != 0 && after <= next {
			return all, nil
		}
		all = append(all, values...)
		next = after
	}
	return all, nil
}

// valuesIn returns the values of an attribute that came with an entry, those under names with options (cn;lang-en)
// last, and where the next range begins, 0 where there is none.
func valuesIn(e *ldap.Entry, name string) (values []string, next int) {
	var withOptions []string
	for _, a := range e.Attributes {
		base, options, has := strings.Cut(a.Name, ";")
		switch {
		case !strings.EqualFold(base, name):
		case has:
			withOptions = append(withOptions, a.Values...)
			next = max(next, afterRange(options))
		default:
			values = append(values, a.Values...)
		}
	}
	return append(values, withOptions...), next
}

// afterRange returns where the range after the one in an attribute's options begins, 0 where that is the last one.
func afterRange(options string) int {
	for option := range strings.SplitSeq(strings.ToLower(options), ";") {
		bounds, ok := strings.CutPrefix(option, "range=")
		_, last, _ := strings.Cut(bounds, "-")
		if n, err := strconv.Atoi(last); ok && err == nil && 0 <= n && n < 1<<30 {
			return n + 1
		}
	}
	return 0
}

// first returns the first value of an attribute that came with an entry, "" where there is none.
func first(e *ldap.Entry, name string) string {
	if values, _ := valuesIn(e, name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// sideBySide calls ask for the numbers below n, a bounded number at once, until one of the calls fails.
func sideBySide(n int, ask func(i int) error) error {
	var (
		mu     sync.Mutex
		at     int
		failed error
		askers sync.WaitGroup
	)
	next := func(err error) (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
		}
		at++
		return at - 1, failed == nil && at <= n
	}
	for range min(n, maxAtOnce) {
		askers.Go(func() {
			for i, ok := next(nil); ok; {
				i, ok = next(ask(i))
			}
		})
	}
	askers.Wait()
	return failed
}
