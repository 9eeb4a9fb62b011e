package directory

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
)

// Bind passwords are stored so that neither the database alone nor another installation's key gives them away.
func TestSeal(t *testing.T) {
	s := &Service{rand: rand.Reader, secretKey: bytes.Repeat([]byte{1}, 32)}
	sealed, err := s.seal("bind secret")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "secret") {
		t.Errorf("got %q, which shows the secret", sealed)
	}
	if again, _ := s.seal("bind secret"); again == sealed {
		t.Error("equal secrets are sealed alike")
	}
	if got, err := s.unseal(sealed); err != nil || got != "bind secret" {
		t.Errorf("unsealed: got %q, %v", got, err)
	}
	other := &Service{rand: rand.Reader, secretKey: bytes.Repeat([]byte{2}, 32)}
	for _, text := range []string{sealed, "", "v1:", "v1:AAAA", "bind secret", "v1:" + strings.Repeat("A", 80)} {
		if got, err := other.unseal(text); err == nil {
			t.Errorf("%q: got %q with another key", text, got)
		}
	}
	if _, err := (&Service{rand: rand.Reader}).seal("x"); err == nil {
		t.Error("sealed without a key")
	}
}
