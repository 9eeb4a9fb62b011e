package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/labstack/echo/v4"
)

// cameBy is a request as the listener of that network hands it on.
func cameBy(network, peer string, headers map[string]string) *http.Request {
	var local net.Addr = &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 3000}
	if network == "unix" {
		local = &net.UnixAddr{Name: "/run/roster.sock", Net: "unix"}
	}
	r := httptest.NewRequest(http.MethodGet, "http://inside/", nil)
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	r.RemoteAddr = peer
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return r
}

// A peer by a socket has no address; it is a trusted proxy even where no network is trusted.
func TestSocket_ThePeerIsATrustedProxy(t *testing.T) {
	sent := map[string]string{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https",
		"X-Forwarded-Host": "roster.example.com"}
	for name, test := range map[string]struct {
		request       *http.Request
		address, base string
	}{
		"a socket":                               {cameBy("unix", "@", sent), "203.0.113.9", "https://roster.example.com"},
		"a socket without headers":               {cameBy("unix", "", map[string]string{}), "127.0.0.1", "http://inside"},
		"a stranger":                             {cameBy("tcp", "198.51.100.1:7", sent), "198.51.100.1", "http://inside"},
		"a peer that calls itself like a socket": {cameBy("tcp", "@", sent), "@", "http://inside"},
	} {
		t.Run(name, func(t *testing.T) {
			c := echo.New().NewContext(test.request, httptest.NewRecorder())
			if err := Secure(nil)(func(echo.Context) error { return nil })(c); err != nil {
				t.Fatal(err)
			}
			if got := BaseURL(c); got != test.base {
				t.Errorf("the base is %s, want %s", got, test.base)
			}
			if got := ClientAddress(nil)(test.request); got != test.address {
				t.Errorf("the address is %s, want %s", got, test.address)
			}
		})
	}
}

// Who is asking is said by networks that are named for it, and a socket is in none.
func TestSocket_ThePeerVouchesForNobody(t *testing.T) {
	everybody := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	who := map[string]string{"Remote-User": "admin"}
	if id := AssertedIdentity(cameBy("unix", "@", who), everybody); id != nil {
		t.Errorf("got %+v", id)
	}
	if id := AssertedIdentity(cameBy("tcp", "10.0.0.7:80", who), everybody); id == nil {
		t.Error("a proxy in the network is not believed")
	}
}
