package web

import "testing"

// Whoever has a network of IPv6 addresses is one stranger.
func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "::ffff:192.0.2.7": "::ffff:192.0.2.7",
		"fe80::1%eth0": "fe80::/64", "odd": "odd",
	} {
		if got := Network(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
