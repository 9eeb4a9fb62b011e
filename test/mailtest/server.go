// Package mailtest is a mail server for tests, in process. Only tests import it.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mail is a message as the server got it.
type Mail struct {
	From, To string
	// Body is the message with its headers.
	Body string
	// Encrypted says that the connection was; User who had logged in.
	Encrypted bool
	User      string
}

// Server takes mail for anybody.
type Server struct {
	Port int
	// Roots sign the server's certificate.
	Roots *x509.CertPool
	// User and Password are asked for where they are set.
	User, Password string

	mu sync.Mutex
	// failures are answered to the next messages, one each.
	failures []error
	mails    []Mail
}

// Start runs a server until the test ends. Its connections are encrypted from the beginning where implicit is set, and
// can be otherwise.
func Start(t *testing.T, implicit bool) *Server {
	t.Helper()
	s := &Server{}
	config := s.certificate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(s)
	server.Domain = "localhost"
	server.TLSConfig = config
	server.AllowInsecureAuth = true
	if implicit {
		listener = tls.NewListener(listener, config)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return s
}

// certificate makes one for localhost that only this test trusts.
func (s *Server) certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// Fail makes the server refuse the next messages, each with an error; see Later and Never.
func (s *Server) Fail(failures ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, failures...)
}

// Later and Never are what a mail server answers when it may take a message later, and when it never will.
var (
	Later error = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	Never error = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
)

// Mails are the messages so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &session{server: s, mail: Mail{Encrypted: encrypted}}, nil
}

type session struct {
	server *Server
	mail   Mail
}

// AuthMechanisms implements smtp.AuthSession.
func (c *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth implements smtp.AuthSession.
func (c *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != c.server.User || password != c.server.Password {
			return errors.New("wrong user or password")
		}
		c.mail.User = user
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer asks for the user and then for the password.
type loginServer struct {
	check func(user, password string) error
	user  string
	step  int
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// Mail implements smtp.Session.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.User != "" && c.mail.User == "" {
		return smtp.ErrAuthRequired
	}
	c.mail.From = from
	return nil
}

// Rcpt implements smtp.Session.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mail.To = to
	return nil
}

// Data implements smtp.Session.
func (c *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.mail.Body = string(body)
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failures) > 0 {
		failure := s.failures[0]
		s.failures = s.failures[1:]
		return failure
	}
	s.mails = append(s.mails, c.mail)
	return nil
}

// Reset implements smtp.Session.
func (c *session) Reset() { c.mail = Mail{Encrypted: c.mail.Encrypted, User: c.mail.User} }

// Logout implements smtp.Session.
func (c *session) Logout() error { return nil }
