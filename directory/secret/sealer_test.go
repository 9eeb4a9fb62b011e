package secret

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
)

// Bind passwords are stored so that neither the database alone nor another installation's key gives them away.
func TestSeal(t *testing.T) {
	s := NewSealer(bytes.Repeat([]byte{1}, 32), rand.Reader)
	sealed, err := s.Seal("bind secret")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "secret") {
		t.Errorf("got %q, which shows the secret", sealed)
	}
	if again, _ := s.Seal("bind secret"); again == sealed {
		t.Error("equal secrets are sealed alike")
	}
	if got, err := s.Unseal(sealed); err != nil || got != "bind secret" {
		t.Errorf("unsealed: got %q, %v", got, err)
	}
	other := NewSealer(bytes.Repeat([]byte{2}, 32), rand.Reader)
	for _, text := range []string{sealed, "", "v1:", "v1:AAAA", "bind secret", "v1:" + strings.Repeat("A", 80)} {
		if got, err := other.Unseal(text); err == nil {
			t.Errorf("%q: got %q with another key", text, got)
		}
	}
	if _, err := NewSealer(nil, rand.Reader).Seal("x"); err == nil {
		t.Error("sealed without a key")
	}
}
