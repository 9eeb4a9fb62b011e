package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

const (
	// certificateEvery is how often the files of a certificate are looked at.
	certificateEvery = 3 * time.Second
	// endsSoon is how long before its end a certificate is worth a warning, and warnEvery how often that is repeated.
	endsSoon  = 14 * 24 * time.Hour
	warnEvery = 24 * time.Hour
)

// Certificate is the certificate of the server with its key. It follows the two files: Watch reads them again when they
// change, and keeps what it has while the new pair cannot be used.
type Certificate struct {
	certificatePath, keyPath string
	log                      *slog.Logger
	now                      func() time.Time

	// current is what handshakes use. All else belongs to Watch.
	current atomic.Pointer[tls.Certificate]
	loaded  stamp
	// refused is the state of the files that could not be used, nil if there is none.
	refused *stamp
	warned  time.Time
}

// stamp tells states of the two files apart. It follows links, so that a link which is moved to another file counts as
// a change.
type stamp struct {
	certificate, key fs.FileInfo
}

func stampOf(certificate, key string) (stamp, error) {
	var s stamp
	var err error
	if s.certificate, err = os.Stat(certificate); err != nil {
		return stamp{}, err
	}
	if s.key, err = os.Stat(key); err != nil {
		return stamp{}, err
	}
	return s, nil
}

// equal reports whether both files are the same, of the same size and time. States of missing files are equal.
func (s stamp) equal(other stamp) bool {
	return sameState(s.certificate, other.certificate) && sameState(s.key, other.key)
}

func sameState(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// ServerCertificate reads the certificate and the key of the settings; nil without such settings. It returns an error
// if they cannot be read, do not belong together, or if others can read the key.
func (c Config) ServerCertificate(log *slog.Logger, now func() time.Time) (*Certificate, error) {
	if c.TLSCertificate == "" {
		return nil, nil
	}
	k := &Certificate{certificatePath: c.TLSCertificate, keyPath: c.TLSKey, log: log, now: now}
	state, err := stampOf(k.certificatePath, k.keyPath)
	if err == nil {
		err = k.load(state)
	}
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", nameOf("tls_certificate"), nameOf("tls_key"), err)
	}
	k.warn()
	return k, nil
}

// load reads the pair. The state of the files is from before that, so that a change meanwhile is seen the next time.
func (k *Certificate) load(state stamp) error {
	if err := checkPrivate(k.keyPath); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(k.certificatePath, k.keyPath)
	if err != nil {
		return err
	}
	if pair.Leaf == nil {
		return errors.New("the certificate cannot be read")
	}
	k.current.Store(&pair)
	k.loaded = state
	k.refused = nil
	return nil
}

// TLS is the configuration for handshakes: TLS 1.2 or newer, with the certificate of the moment.
func (k *Certificate) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return k.current.Load(), nil
		},
	}
}

// Leaf is the certificate of the moment. It is not to be changed.
func (k *Certificate) Leaf() *x509.Certificate { return k.current.Load().Leaf }

// Watch looks at the files every few seconds until ctx ends. It logs each new pair, each pair that cannot be used, and
// once a day a certificate that ends soon.
func (k *Certificate) Watch(ctx context.Context) {
	tick := time.NewTicker(certificateEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			k.look()
		case <-ctx.Done():
			return
		}
	}
}

// look takes a pair that has changed. One that cannot be used is tried again at each look, since it may be half of a
// change, but each of its states is logged once.
func (k *Certificate) look() {
	state, err := stampOf(k.certificatePath, k.keyPath)
	if err == nil && state.equal(k.loaded) {
		k.warn()
		return
	}
	if err == nil {
		err = k.load(state)
	}
	if err == nil {
		k.log.Info("a new certificate is in use", "ends", k.Leaf().NotAfter.UTC().Format(time.RFC3339))
		k.warned = time.Time{}
		k.warn()
		return
	}
	if !k.complained(state) {
		k.log.Error("the new certificate cannot be used; the old one stays in use", "error", err)
	}
}

// complained reports whether this state was refused before, and notes it. Files that are missing are a state as well.
func (k *Certificate) complained(state stamp) bool {
	before := k.refused != nil && k.refused.equal(state)
	k.refused = &state
	return before
}

// warn logs that the certificate ends soon or has ended.
func (k *Certificate) warn() {
	left := k.Leaf().NotAfter.Sub(k.now())
	if left > endsSoon || k.now().Sub(k.warned) < warnEvery {
		return
	}
	k.warned = k.now()
	k.log.Warn("the certificate ends soon or has ended", "ends", k.Leaf().NotAfter.UTC().Format(time.RFC3339),
		"file", k.certificatePath)
}
