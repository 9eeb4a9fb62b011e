package config

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/test/certtest"
)

// followed is a certificate with a log and a clock of the test.
type followed struct {
	*Certificate
	log  bytes.Buffer
	late time.Duration
}

func follow(t *testing.T, certificate, key string) *followed {
	t.Helper()
	f := &followed{}
	c := Default()
	c.TLSCertificate = certificate
	c.TLSKey = key
	var err error
	f.Certificate, err = c.ServerCertificate(slog.New(slog.NewTextHandler(&f.log, nil)),
		func() time.Time { return time.Now().Add(f.late) })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// seen looks at the files and checks which certificate is in use, and how often the log has a text.
func (f *followed) seen(t *testing.T, serial int64, text string, times int) {
	t.Helper()
	f.look()
	if got := f.Leaf().SerialNumber.Int64(); got != serial {
		t.Errorf("the certificate has the serial number %d, want %d", got, serial)
	}
	if got := strings.Count(f.log.String(), text); got != times {
		t.Errorf("the log has %q %d times, want %d:\n%s", text, got, times, f.log.String())
	}
}

const (
	taken   = "a new certificate is in use"
	refused = "the old one stays in use"
	ending  = "ends soon"
)

func TestCertificate_TakesANewPairAndKeepsTheOldWhileThatIsBroken(t *testing.T) {
	dir := t.TempDir()
	first, secret := certtest.Pair(t, dir, 1, 1000*time.Hour)
	f := follow(t, first, secret)
	f.seen(t, 1, taken, 0)

	other := t.TempDir()
	certificate, key := certtest.Pair(t, other, 2, 1000*time.Hour)
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	certtest.Replace(t, f.certificatePath, text) // without its key
	f.seen(t, 1, refused, 1)
	f.seen(t, 1, refused, 1) // is said once
	certtest.Replace(t, f.certificatePath, []byte("no certificate"))
	f.seen(t, 1, refused, 2) // another state is another mistake
	if err := os.Remove(f.certificatePath); err != nil {
		t.Fatal(err)
	}
	f.seen(t, 1, refused, 3)
	f.seen(t, 1, refused, 3)

	certtest.Replace(t, f.certificatePath, text)
	if text, err = os.ReadFile(key); err != nil {
		t.Fatal(err)
	}
	certtest.Replace(t, f.keyPath, text)
	f.seen(t, 2, taken, 1)
	f.seen(t, 2, taken, 1)

	certtest.Pair(t, dir, 3, 1000*time.Hour)
	if err := os.Chmod(f.keyPath, 0o644); err != nil {
		t.Fatal(err)
	}
	f.seen(t, 2, "has mode 0644", 1)
	if err := os.Chmod(f.keyPath, 0o600); err != nil {
		t.Fatal(err)
	}
	f.seen(t, 3, taken, 2) // although neither file has another time or size
}

// Kubernetes and certbot move a link, of a directory or of each file.
func TestCertificate_FollowsLinks(t *testing.T) {
	dir := t.TempDir()
	certtest.Pair(t, filepath.Join(dir, "one"), 1, 1000*time.Hour)
	certtest.Pair(t, filepath.Join(dir, "two"), 2, 1000*time.Hour)
	link(t, "one", filepath.Join(dir, "..data"))
	link(t, "..data/tls.crt", filepath.Join(dir, "tls.crt"))
	link(t, "..data/tls.key", filepath.Join(dir, "tls.key"))
	f := follow(t, filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	f.seen(t, 1, taken, 0)
	link(t, "two", filepath.Join(dir, "..data"))
	f.seen(t, 2, taken, 1)
	link(t, "one", filepath.Join(dir, "..data"))
	f.seen(t, 1, taken, 2)
}

// link makes a link, or moves it at once.
func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestCertificate_WarnsOnceADayBeforeItEnds(t *testing.T) {
	dir := t.TempDir()
	certificate, key := certtest.Pair(t, dir, 1, 20*24*time.Hour)
	f := follow(t, certificate, key)
	f.seen(t, 1, ending, 0)
	f.late = 7 * 24 * time.Hour
	f.seen(t, 1, ending, 1)
	f.seen(t, 1, ending, 1)
	f.late += 25 * time.Hour
	f.seen(t, 1, ending, 2)
	certtest.Pair(t, dir, 2, 90*24*time.Hour)
	f.seen(t, 2, ending, 2)
	certtest.Pair(t, dir, 3, 9*24*time.Hour)
	f.seen(t, 3, ending, 3) // a new one that ends soon is news
}

func TestServerCertificate_WhatIsWrong(t *testing.T) {
	certificate, key := certtest.Pair(t, t.TempDir(), 1, time.Hour)
	_, another := certtest.Pair(t, t.TempDir(), 2, time.Hour)
	_, open := certtest.Pair(t, t.TempDir(), 3, time.Hour)
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ certificate, key, want string }{
		"no file":              {certificate + ".no", key, "no such file"},
		"no key":               {certificate, key + ".no", "no such file"},
		"another key":          {certificate, another, "does not match"},
		"a key for everybody":  {certificate, open, "has mode 0644"},
		"a key as certificate": {key, key, "CERTIFICATE"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Default()
			c.TLSCertificate = test.certificate
			c.TLSKey = test.key
			got, err := c.ServerCertificate(slog.New(slog.DiscardHandler), time.Now)
			if err == nil || got != nil || !strings.Contains(err.Error(), test.want) ||
				!strings.Contains(err.Error(), "ROSTER_TLS_KEY") {
				t.Errorf("got %v, %v, want %q", got, err, test.want)
			}
		})
	}
	if got, err := Default().ServerCertificate(nil, time.Now); got != nil || err != nil {
		t.Errorf("without settings: got %v, %v", got, err)
	}
}

func TestValidate_Serving(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		want string
	}{
		"a certificate alone": {map[string]string{"tls-certificate": "a"}, "ROSTER_TLS_KEY: is missing"},
		"a key alone":         {map[string]string{"tls-key": "a"}, "ROSTER_TLS_CERTIFICATE: is missing"},
		"TLS on a socket": {map[string]string{"tls-certificate": "a", "tls-key": "b", "listen": "unix:/a"},
			"cannot go with a socket"},
		"a socket of no place": {map[string]string{"listen": "unix:roster.sock"}, "absolute path"},
		"a long socket":        {map[string]string{"listen": "unix:/" + strings.Repeat("a", 106)}, "106 bytes"},
		"a socket":             {map[string]string{"listen": "unix:/" + strings.Repeat("a", 105)}, ""},
		"a mode for nobody":    {map[string]string{"listen-mode": "0060"}, "is no mode"},
		"a mode in words":      {map[string]string{"listen-mode": "u=rw"}, "is no mode"},
		"a mode":               {map[string]string{"listen-mode": "0666"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(Sources{Flags: test.set})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
