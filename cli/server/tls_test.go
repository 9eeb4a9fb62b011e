package server

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/test/certtest"
)

// trusting believes the certificates that tests make for themselves.
var trusting = &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true,
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

// startTLS serves with a certificate of the serial number 1 in a directory.
func startTLS(t *testing.T, database string, environ ...string) (s *server, dir string) {
	t.Helper()
	dir = t.TempDir()
	certificate, key := certtest.Pair(t, dir, 1, 1000*time.Hour)
	s = startServer(t, database, append(environ, "ROSTER_TLS_CERTIFICATE="+certificate, "ROSTER_TLS_KEY="+key,
		"ROSTER_ADMIN_PASSWORD="+seenPassword)...)
	return s, dir
}

// handshake connects, and returns the connection and the serial number of the server's certificate.
func handshake(t *testing.T, s *server, c *tls.Config) (*tls.Conn, int64) {
	t.Helper()
	c.InsecureSkipVerify = true
	conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// alive makes a request on a connection.
func alive(t *testing.T, conn *tls.Conn, reader *bufio.Reader) {
	t.Helper()
	fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal("the connection was dropped: ", err)
	}
	io.Copy(io.Discard, res.Body)
	if res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Error("got", res.StatusCode)
	}
}

// A new certificate is used for new connections, and those that are open go on. A broken one changes nothing.
func TestServe_TLSAcrossAChangeOfTheCertificate(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s, dir := startTLS(t, database)
		open, serial := handshake(t, s, &tls.Config{})
		if serial != 1 {
			t.Fatal("got the certificate", serial)
		}
		reader := bufio.NewReader(open)
		alive(t, open, reader)

		certtest.Replace(t, filepath.Join(dir, "tls.crt"), []byte("half a certif"))
		s.log.waitFor(t, "the old one stays in use")
		if _, serial := handshake(t, s, &tls.Config{}); serial != 1 {
			t.Error("with a broken file: got the certificate", serial)
		}

		certtest.Pair(t, dir, 2, 1000*time.Hour)
		s.log.waitFor(t, "a new certificate is in use")
		if _, serial := handshake(t, s, &tls.Config{}); serial != 2 {
			t.Error("after the change: got the certificate", serial)
		}
		alive(t, open, reader)
	})
}

func TestServe_TLSVersionsAndProtocols(t *testing.T) {
	s, _ := startTLS(t, sqliteURL(t))
	for version, want := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true,
		tls.VersionTLS13: true} {
		c := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}
		conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), c)
		if (err == nil) != want {
			t.Errorf("%s: got %v", tls.VersionName(version), err)
		}
		if err == nil {
			conn.Close()
		}
	}
	conn, _ := handshake(t, s, &tls.Config{NextProtos: []string{"h2", "http/1.1"}})
	if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
		t.Errorf("got the protocol %q", got)
	}
	res, err := trusting.Get(s.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("got %s with %q", res.Proto, res.Header)
	}
}

// Over TLS cookies are for TLS only, and links of the server are of https.
func TestServe_TLSCookiesAndLinks(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s, _ := startTLS(t, database)
		if !strings.HasPrefix(s.url, "https://") {
			t.Error("the address is", s.url)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/current_user", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("admin", seenPassword)
		res, err := trusting.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if len(res.Cookies()) == 0 {
			t.Error("there is no cookie")
		}
		for _, cookie := range res.Cookies() {
			if !cookie.Secure {
				t.Errorf("%s is not for TLS only", cookie)
			}
		}
		_, text := ask(t, "POST", s.url+"/redmine/users.json", "admin", seenPassword,
			`{"user":{"login":"ann","firstname":"A","lastname":"B","mail":"ann@example.com","password":"long secret 1"}}`)
		if !strings.Contains(text, `"login":"ann"`) {
			t.Error(text)
		}
		status, text := ask(t, "GET", s.url+"/cvat/api/users/self", "admin", seenPassword, "")
		if status != 200 || !strings.Contains(text, `"url":"https://`) {
			t.Errorf("got %d %s", status, text)
		}
	})
}

// A key that others can read is refused before anything is touched.
func TestServe_AWrongCertificateLeavesTheDatabaseAlone(t *testing.T) {
	certificate, key := certtest.Pair(t, t.TempDir(), 1, time.Hour)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	database := sqliteURL(t)
	_, _, err := cli(t, nil, "serve", "--listen", "127.0.0.1:0", "--database", database, "--tls-certificate", certificate,
		"--tls-key", key)
	if err == nil || !strings.Contains(err.Error(), "has mode 0644") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(strings.TrimPrefix(database, "sqlite://")); !os.IsNotExist(err) {
		t.Errorf("the database was touched: %v", err)
	}
}

// The certificate itself is what clients get: a client that knows it accepts the server.
func TestServe_TLSIsAcceptedByWhoTrustsTheCertificate(t *testing.T) {
	s, dir := startTLS(t, sqliteURL(t))
	text, err := os.ReadFile(filepath.Join(dir, "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	res, err := client.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("a client that does not know it accepts it, too")
	}
}
