// Package ldaptest gives tests a real OpenLDAP server of their own, and one that behaves as Active Directory does.
package ldaptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// The suffix of the tree, and who may do everything in it.
const (
	Base         = "dc=example,dc=com"
	RootDN       = "cn=admin," + Base
	RootPassword = "root secret"
)

// Server is a slapd that runs until the test ends.
type Server struct {
	t *testing.T
	// Port is for plain connections and StartTLS, TLSPort for TLS from the first byte; both on 127.0.0.1.
	Port, TLSPort int64
	// Authority is the file of the certificate, which signs itself and lasts a day.
	Authority string
	// PlainHost is where port 389 serves the same, "" where that port may not be had.
	PlainHost string
	// Roots signed the server's certificate, which is for 127.0.0.1 and PlainHost.
	Roots *x509.CertPool
	conn  *ldap.Conn
}

const configuration = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile %[1]s/slapd.pid
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
database mdb
maxsize 67108864
dbnosync
suffix "` + Base + `"
rootdn "` + RootDN + `"
rootpw "` + RootPassword + `"
directory %[1]s/db
overlay memberof
access to attrs=userPassword by self write by anonymous auth by * none
access to * by * read
`

// Start serves the tree with the base and, below it, ou=people and ou=groups. Where there is no slapd the test fails in
// CI, and says elsewhere that it does not run.
func Start(t *testing.T) *Server {
	t.Helper()
	path, err := exec.LookPath("slapd")
	if err != nil {
		path = "/usr/sbin/slapd"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no slapd; .ci/prepare installs it")
		}
		t.Skip("NOTICE: there is no slapd, so logins by LDAP are not tested (Debian: apt-get install slapd)")
	}
	dir := t.TempDir()
	s := &Server{t: t, Port: freePort(t), TLSPort: freePort(t), PlainHost: plainHost()}
	s.certify(dir)
	must(t, os.Mkdir(filepath.Join(dir, "db"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "slapd.conf"), fmt.Appendf(nil, configuration, dir), 0o600))
	urls := fmt.Sprintf("ldap://127.0.0.1:%d/ ldaps://127.0.0.1:%d/", s.Port, s.TLSPort)
	if s.PlainHost != "" {
		urls += " ldap://" + s.PlainHost + "/"
	}
	cmd := exec.CommandContext(t.Context(), path, "-f", filepath.Join(dir, "slapd.conf"), "-h", urls, "-d", "0")
	var output strings.Builder
	cmd.Stderr = &output
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		s.conn, err = ldap.DialURL(fmt.Sprintf("ldap://127.0.0.1:%d", s.Port))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("slapd does not answer: %v\n%s", err, output.String())
		}
	}
	t.Cleanup(func() { s.conn.Close() })
	must(t, s.conn.Bind(RootDN, RootPassword))
	s.Add(Base, "objectClass", "dcObject", "objectClass", "organization", "o", "Example", "dc", "example")
	s.Add("ou=people,"+Base, "objectClass", "organizationalUnit", "ou", "people")
	s.Add("ou=groups,"+Base, "objectClass", "organizationalUnit", "ou", "groups")
	return s
}

// Add adds an entry, its attributes as names and values in turn.
func (s *Server) Add(dn string, pairs ...string) {
	s.t.Helper()
	values := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = append(values[pairs[i]], pairs[i+1])
	}
	r := ldap.NewAddRequest(dn, nil)
	for name, v := range values {
		r.Attribute(name, v)
	}
	must(s.t, s.conn.Add(r))
}

// Person adds somebody with a password to ou=people and gives the name of the entry.
func (s *Server) Person(login, first, last, password string) string {
	s.t.Helper()
	dn := "uid=" + ldap.EscapeDN(login) + ",ou=people," + Base
	s.Add(dn, "objectClass", "inetOrgPerson", "uid", login, "cn", first+" "+last, "givenName", first, "sn", last,
		"mail", login+"@example.com", "userPassword", password)
	return dn
}

// Group adds a group to ou=groups and gives the name of the entry.
func (s *Server) Group(name string, members ...string) string {
	s.t.Helper()
	dn := "cn=" + ldap.EscapeDN(name) + ",ou=groups," + Base
	s.Add(dn, "objectClass", "groupOfNames", "cn", name, "member", nobody)
	s.SetMembers(dn, members...)
	return dn
}

// nobody is the member of groups without members, since there has to be one.
const nobody = "cn=nobody"

// SetMembers replaces the members of a group.
func (s *Server) SetMembers(group string, members ...string) {
	s.t.Helper()
	if len(members) == 0 {
		members = []string{nobody}
	}
	s.Set(group, "member", members...)
}

// Source returns what a source says about the server.
func (s *Server) Source() map[string]any {
	return map[string]any{"host": "127.0.0.1", "port": s.Port, "base_dn": "ou=people," + Base,
		"groups_base": "ou=groups," + Base, "account": RootDN, "account_password": RootPassword}
}

// Directory is a server that tests fill with people and groups.
type Directory interface {
	Source() map[string]any
	Person(login, first, last, password string) (dn string)
	Group(name string, members ...string) (dn string)
	SetMembers(group string, members ...string)
	Set(dn, name string, values ...string)
	Delete(dn string)
}

// Set replaces an attribute.
func (s *Server) Set(dn, name string, values ...string) {
	s.t.Helper()
	r := ldap.NewModifyRequest(dn, nil)
	r.Replace(name, values)
	must(s.t, s.conn.Modify(r))
}

// Delete removes an entry.
func (s *Server) Delete(dn string) {
	s.t.Helper()
	must(s.t, s.conn.Del(ldap.NewDelRequest(dn, nil)))
}

func (s *Server) certify(dir string) {
	addresses := []net.IP{net.IPv4(127, 0, 0, 1)}
	if s.PlainHost != "" {
		addresses = append(addresses, net.ParseIP(s.PlainHost))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(s.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ldaptest"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter:    time.Now().Add(24 * time.Hour),
		IPAddresses: addresses, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(s.t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(s.t, err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(s.t, os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600))
	must(s.t, os.WriteFile(filepath.Join(dir, "key.pem"),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	s.Authority = filepath.Join(dir, "cert.pem")
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(cert)
}

// plainHost finds an address of this machine whose port 389 is free; it has millions of them.
func plainHost() string {
	host := net.IPv4(127, byte(1+mathrand.IntN(250)), byte(mathrand.IntN(250)), byte(1+mathrand.IntN(250))).String()
	l, err := net.Listen("tcp", host+":389")
	if err != nil {
		return ""
	}
	l.Close()
	return host
}

func freePort(t *testing.T) int64 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return int64(l.Addr().(*net.TCPAddr).Port)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
