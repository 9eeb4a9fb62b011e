package config

import (
	"crypto/x509"
	"fmt"
	"os"
)

// LDAPRoots are the authorities that sign the certificates of LDAP servers; nil means the system's.
func (c Config) LDAPRoots() (*x509.CertPool, error) {
	if c.LDAPAuthorities == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.LDAPAuthorities)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nameOf("ldap_authorities"), err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %s holds no certificates in PEM", nameOf("ldap_authorities"), c.LDAPAuthorities)
	}
	return pool, nil
}
