// Package ldap asks LDAP servers who people are: it proves passwords and reads attributes and groups, for
// OpenLDAP-like, Active Directory, FreeIPA and NetIQ servers.
//
// It refuses to trust a server: every question ends with its context, an answer is bounded in size and in number, and
// nothing that a person typed gets into a filter or a name without being escaped.
package ldap

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

const (
	// maxAnswer bounds how much of one connection is read, and maxPacket how much of one message, in bytes.
	maxAnswer = 32 << 20
	maxPacket = 4 << 20
	// maxNesting bounds how deep groups inside groups are followed.
	maxNesting = 16
	// maxDepth bounds how deep elements of a message may be inside each other: each holds a copy of what is in it. What
	// servers send is seven deep.
	maxDepth = 16
)

func init() {
	ber.MaxPacketLengthBytes = maxPacket
	ber.MaxNestingDepth = maxDepth
}

// Client asks the servers of LDAP sources. Each question has its own connection.
type Client struct {
	// Roots are the authorities that sign servers' certificates; nil means the system's.
	Roots *x509.CertPool
	// Patience bounds a question whose context sets no sooner end; 0 means ten seconds.
	Patience time.Duration
	// Large are the places for answers of more than largeAnswer, which are read into memory; nil lets any number in.
	Large chan struct{}
}

// largeAnswer is how much of an answer, in bytes, is read without a place among the large ones.
const largeAnswer = 512 << 10

// MaxLarge is how many large answers a server should read at once. Reading one takes some hundred megabytes at most.
const MaxLarge = 2

var (
	errTooMuch = errors.New("the LDAP server sends too much")
	errTooMany = errors.New("the LDAP server finds more than it may")
)

// bounded reads no more of a connection than maxAnswer.
type bounded struct {
	net.Conn
	ctx   context.Context // until when a place for a large answer is waited for
	large chan struct{}
	left  int64

	mu     sync.Mutex
	closed bool
	holds  bool
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	if b.left <= maxAnswer-largeAnswer {
		if err := b.enter(); err != nil {
			return 0, err
		}
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// enter takes a place for a large answer, which Close returns.
func (b *bounded) enter() error {
	b.mu.Lock()
	held := b.holds || b.large == nil
	b.mu.Unlock()
	if held {
		return nil
	}
	select {
	case b.large <- struct{}{}:
	default:
		select {
		case b.large <- struct{}{}:
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		<-b.large
		return net.ErrClosed
	}
	b.holds = true
	return nil
}

// Close closes the connection and returns the place.
func (b *bounded) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holds {
		b.holds = false
		<-b.large
	}
	b.closed = true
	return b.Conn.Close()
}

// with connects to a source's server and lets use ask. It ends with ctx, whatever the server does.
func (c Client) with(ctx context.Context, source *models.AuthSource, use func(*session) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Patience, 10*time.Second))
	defer cancel()
	conn, err := c.connect(ctx, source)
	if err != nil {
		return unanswered(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	deadline, _ := ctx.Deadline()
	err = use(&session{conn: conn, source: source, deadline: deadline})
	if ctx.Err() != nil {
		return unanswered(fmt.Errorf("the LDAP server %s did not answer in time", models.Deref(source.Host)))
	}
	if err == nil || isAnswer(err) {
		return err
	}
	return unanswered(err)
}

// isAnswer says the refusals of a server from the failures of a connection. Who logs in has a say in the former.
func isAnswer(err error) bool {
	var known *models.Error
	return isResult(err) || errors.Is(err, errTooMany) || errors.As(err, &known)
}

// isResult reports whether an error is a result code of the server's.
func isResult(err error) bool {
	var result *ldap.Error
	return errors.As(err, &result) && result.ResultCode < ldap.ErrorNetwork
}

// unanswered marks the failure of a server that cannot be reached, breaks off or keeps silent, in the words of err.
func unanswered(err error) error {
	return models.Fail(models.Unavailable, models.RuleLDAPUnreachable, err.Error())
}

// connect opens the connection.
func (c Client) connect(ctx context.Context, source *models.AuthSource) (*ldap.Conn, error) {
	stream, err := c.dial(ctx, source)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	conn := ldap.NewConn(&counted{Conn: stream}, source.TLS)
	conn.Start()
	conn.SetTimeout(time.Until(deadline))
	return conn, nil
}

// CertificateEnds returns when the certificate of a source's server ends; the zero time where the source has no TLS.
func (c Client) CertificateEnds(ctx context.Context, source *models.AuthSource) (time.Time, error) {
	if !source.TLS {
		return time.Time{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Patience, 10*time.Second))
	defer cancel()
	stream, err := c.dial(ctx, source)
	if err != nil {
		return time.Time{}, unanswered(err)
	}
	defer func() { _ = stream.Close() }()
	return stream.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter, nil
}

// dial opens the stream: with TLS from the first byte, or by StartTLS on the port that is for plain connections.
func (c Client) dial(ctx context.Context, source *models.AuthSource) (net.Conn, error) {
	host := models.Deref(source.Host)
	port := int64(plainPort)
	if source.Port != nil {
		port = *source.Port
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.FormatInt(port, 10)))
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if err := raw.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	var stream net.Conn = &bounded{Conn: raw, ctx: ctx, large: c.Large, left: maxAnswer}
	if source.TLS && port == plainPort {
		if err := startTLS(stream); err != nil {
			return nil, errors.Join(err, stream.Close())
		}
	}
	if source.TLS {
		secure := tls.Client(stream, &tls.Config{ServerName: host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, stream.Close())
		}
		stream = secure
	}
	return stream, nil
}

const plainPort = 389

// startTLS agrees with the server that what follows is TLS (RFC 4511, section 4.14). It reads the answer and not a byte
// more, so that nothing that came unprotected is taken for what is protected.
func startTLS(stream net.Conn) error {
	const startTLSName = "1.3.6.1.4.1.1466.20037"
	request := ber.NewSequence("message")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, "id"))
	operation := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil,
		"extended request")
	operation.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, startTLSName, "name"))
	request.AppendChild(operation)
	if _, err := stream.Write(request.Bytes()); err != nil {
		return err
	}
	answer, err := ber.ReadPacket(&counted{Conn: stream})
	if err != nil {
		return err
	}
	return ldap.GetLDAPError(answer)
}

// bind makes the connection the source's own, or leaves it anonymous. An account with $login in it belongs to the
// person who logs in, and so does the password then.
func (s *session) bind(bindPassword, login, password string) error {
	account := models.Deref(s.source.Account)
	switch {
	case account == "":
		return nil
	case strings.Contains(account, "$login"):
		if login == "" || password == "" {
			return errors.New("the account of the source is whoever logs in, so nobody else can ask")
		}
		return s.conn.Bind(strings.ReplaceAll(account, "$login", ldap.EscapeDN(login)), password)
	case bindPassword == "":
		return errors.New("the source has an account but no password")
	}
	return s.conn.Bind(account, bindPassword)
}

// Login implements directory.LDAP.
func (c Client) Login(ctx context.Context, source *models.AuthSource, bindPassword, login,
	password string) (*models.Identity, error) {
	if login == "" || password == "" {
		return nil, nil // a bind without a password succeeds and proves nothing
	}
	var id *models.Identity
	err := c.with(ctx, source, func(s *session) error {
		entry, err := s.proved(bindPassword, login, password)
		if err != nil || entry == nil {
			return err
		}
		// What follows is read by the account of the source, if it has one, since people may not be allowed to.
		trouble := s.bind(bindPassword, login, password)
		if id, err = s.identityOf(entry, login); err != nil || !source.UsergroupSync {
			return err
		}
		id.Untold = trouble
		if trouble == nil {
			id.Groups, id.Untold = s.groupsInTime(entry, id)
		}
		id.GroupsTold = id.Untold == nil
		return nil
	})
	return id, err
}

// proved returns the entry of a person whose password is right, nil where it is not. An unknown login counts as a wrong
// password, and takes as long; so does one that more entries have.
func (s *session) proved(bindPassword, login, password string) (*ldap.Entry, error) {
	if err := s.bind(bindPassword, login, password); err != nil {
		if strings.Contains(models.Deref(s.source.Account), "$login") && wrongPassword(err) {
			return nil, nil
		}
		return nil, err
	}
	entry, doubt := s.person(login)
	if doubt != nil && models.KindOf(doubt) != models.Conflict {
		return nil, doubt
	}
	dn := loginAttr(s.source) + "=" + ldap.EscapeDN(login) + "," + models.Deref(s.source.BaseDN)
	if entry != nil {
		dn = entry.DN
	}
	err := s.conn.Bind(dn, password)
	if doubt != nil {
		return nil, doubt
	}
	if wrongPassword(err) || entry == nil {
		return nil, nil
	}
	return entry, err
}

// wrongPassword says the refusals that are about the person from those about the server.
func wrongPassword(err error) bool {
	return ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication,
		ldap.LDAPResultNoSuchObject,
		ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation,
		ldap.LDAPResultInsufficientAccessRights)
}

// groupsInTime returns the groups of a person if the server tells them within half of the time that is left: whoever
// has sent the right password gets in without them.
func (s *session) groupsInTime(entry *ldap.Entry, id *models.Identity) ([]string, error) {
	end := time.AfterFunc(time.Until(s.deadline)/2, func() { s.conn.Close() })
	groups, err := s.groupsOf(entry, append([]string{id.Login}, id.Aliases...))
	if !end.Stop() {
		return nil, errors.New("the LDAP server took too long to tell groups")
	}
	return groups, err
}

// Person implements directory.LDAP.
func (c Client) Person(ctx context.Context, source *models.AuthSource, bindPassword,
	login string) (*models.Identity, error) {
	var id *models.Identity
	err := c.with(ctx, source, func(s *session) error {
		if err := s.bind(bindPassword, "", ""); err != nil {
			return err
		}
		entry, err := s.person(login)
		if err != nil || entry == nil {
			return err
		}
		id, err = s.identityOf(entry, login)
		return err
	})
	return id, err
}

// Members implements directory.LDAP.
func (c Client) Members(ctx context.Context, source *models.AuthSource, bindPassword, group string) (logins []string,
	found bool, err error) {
	err = c.with(ctx, source, func(s *session) error {
		if err := s.bind(bindPassword, "", ""); err != nil {
			return err
		}
		logins, found, err = s.membersOf(group)
		return err
	})
	return logins, found, err
}

// Test implements directory.LDAP: it connects, binds, and looks whether the bases are there.
func (c Client) Test(ctx context.Context, source *models.AuthSource, bindPassword string) error {
	return c.with(ctx, source, func(s *session) error {
		if !strings.Contains(models.Deref(source.Account), "$login") {
			if err := s.bind(bindPassword, "", ""); err != nil {
				return err
			}
		}
		if err := s.looksAt(models.Deref(source.BaseDN)); err != nil {
			return err
		}
		if groups := models.Deref(source.GroupsBase); groups != "" {
			if err := s.looksAt(groups); err != nil {
				return fmt.Errorf("groups base %s: %w", groups, err)
			}
		}
		return nil
	})
}

// looksAt fails if there is no such base.
func (s *session) looksAt(base string) error {
	_, err := s.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
		"(objectClass=*)", []string{"1.1"}, nil))
	return err
}
