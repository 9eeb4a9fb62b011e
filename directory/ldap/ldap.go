// Package ldap asks LDAP servers who people are: it proves passwords and reads attributes and groups, for OpenLDAP-like,
// Active Directory, FreeIPA and NetIQ servers.
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
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

const (
	// maxAnswer bounds what is read of one connection, and maxPacket one message, in bytes.
	maxAnswer = 32 << 20
	maxPacket = 4 << 20
	// maxEntries bounds how many entries a search may bring.
	maxEntries = 10_000
	// maxNesting bounds how deep groups inside groups are followed.
	maxNesting = 16
)

func init() { ber.MaxPacketLengthBytes = maxPacket }

// Client asks the servers of LDAP sources. Each question has its own connection.
type Client struct {
	// Roots are the authorities that sign servers' certificates; nil means the system's.
	Roots *x509.CertPool
	// Patience bounds a question whose context sets no sooner end; 0 means ten seconds.
	Patience time.Duration
}

var errTooMuch = errors.New("the LDAP server sends too much")

// bounded reads no more of a connection than maxAnswer.
type bounded struct {
	net.Conn
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// with connects to a source's server and lets use ask. It ends with ctx, whatever the server does.
func (c Client) with(ctx context.Context, source *models.AuthSource, use func(*ldap.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Patience, 10*time.Second))
	defer cancel()
	conn, err := c.connect(ctx, source)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = use(conn)
	if ctx.Err() != nil {
		return fmt.Errorf("the LDAP server %s did not answer in time", models.Deref(source.Host))
	}
	return err
}

// connect opens the connection: with TLS from the first byte, or by StartTLS on the port that is for plain connections.
func (c Client) connect(ctx context.Context, source *models.AuthSource) (*ldap.Conn, error) {
	host, port := models.Deref(source.Host), int64(plainPort)
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
	options := &tls.Config{ServerName: host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
	var stream net.Conn = &bounded{raw, maxAnswer}
	direct := source.TLS && port != plainPort
	if direct {
		secure := tls.Client(stream, options)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
		stream = secure
	}
	conn := ldap.NewConn(stream, direct)
	conn.Start()
	conn.SetTimeout(time.Until(deadline))
	if source.TLS && !direct {
		if err := conn.StartTLS(options); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

const plainPort = 389

// bind makes the connection the source's own, or leaves it anonymous. An account with $login in it belongs to the person
// who logs in, and so does the password then.
func bind(conn *ldap.Conn, source *models.AuthSource, bindPassword, login, password string) error {
	account := models.Deref(source.Account)
	switch {
	case account == "":
		return nil
	case strings.Contains(account, "$login"):
		if login == "" || password == "" {
			return errors.New("the account of the source is whoever logs in, so nobody else can ask")
		}
		return conn.Bind(strings.ReplaceAll(account, "$login", ldap.EscapeDN(login)), password)
	case bindPassword == "":
		return errors.New("the source has an account but no password")
	}
	return conn.Bind(account, bindPassword)
}

// Login implements directory.LDAP.
func (c Client) Login(ctx context.Context, source *models.AuthSource, bindPassword, login, password string) (*models.Identity, error) {
	if login == "" || password == "" {
		return nil, nil // a bind without a password succeeds and proves nothing
	}
	var id *models.Identity
	err := c.with(ctx, source, func(conn *ldap.Conn) error {
		if err := bind(conn, source, bindPassword, login, password); err != nil {
			if strings.Contains(models.Deref(source.Account), "$login") && wrongPassword(err) {
				return nil
			}
			return err
		}
		entry, err := person(conn, source, login)
		if err != nil || entry == nil {
			return err
		}
		// Groups are read while the connection is the source's, since people may not be allowed to.
		found, err := identityOf(conn, source, entry, login)
		if err != nil {
			return err
		}
		if err := conn.Bind(entry.DN, password); err != nil {
			if wrongPassword(err) {
				return nil
			}
			return err
		}
		id = found
		return nil
	})
	return id, err
}

// wrongPassword tells the refusals that are about the person from those about the server.
func wrongPassword(err error) bool {
	return ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultNoSuchObject,
		ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation, ldap.LDAPResultInsufficientAccessRights)
}

// Person implements directory.LDAP.
func (c Client) Person(ctx context.Context, source *models.AuthSource, bindPassword, login string) (*models.Identity, error) {
	var id *models.Identity
	err := c.with(ctx, source, func(conn *ldap.Conn) error {
		if err := bind(conn, source, bindPassword, "", ""); err != nil {
			return err
		}
		entry, err := person(conn, source, login)
		if err != nil || entry == nil {
			return err
		}
		id = attributesOf(source, entry, login)
		return nil
	})
	return id, err
}

// Members implements directory.LDAP.
func (c Client) Members(ctx context.Context, source *models.AuthSource, bindPassword, group string) (logins []string, found bool, err error) {
	err = c.with(ctx, source, func(conn *ldap.Conn) error {
		if err := bind(conn, source, bindPassword, "", ""); err != nil {
			return err
		}
		logins, found, err = membersOf(conn, source, group)
		return err
	})
	return logins, found, err
}

// Test implements directory.LDAP: it connects, binds, and looks whether the base is there.
func (c Client) Test(ctx context.Context, source *models.AuthSource, bindPassword string) error {
	return c.with(ctx, source, func(conn *ldap.Conn) error {
		if !strings.Contains(models.Deref(source.Account), "$login") {
			if err := bind(conn, source, bindPassword, "", ""); err != nil {
				return err
			}
		}
		base := models.Deref(source.BaseDN)
		_, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{"1.1"}, nil))
		return err
	})
}

// search reads the entries below a base. What is not there matches nothing.
func search(conn *ldap.Conn, base string, scope, limit int, filter string, attributes ...string) ([]*ldap.Entry, error) {
	result, err := conn.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, limit, 0, false, filter, attributes, nil))
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return nil, errTooMuch
	case errors.Is(err, io.EOF):
		return nil, errors.New("the LDAP server closed the connection")
	case err != nil:
		return nil, err
	case len(result.Entries) > limit: // a server need not obey
		return nil, errTooMuch
	}
	return result.Entries, nil
}
