// Package secret keeps what opens accounts: hashes of passwords, digests of tokens, and secrets that are sealed under
// the installation's key. It knows nothing of users.
package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// TokenHash returns the digest by which a token is kept and found. Tokens are random, so that a digest needs no salt.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// sessionBytes of randomness are in a secret, which makes 32 hexadecimal digits (docs/spec/foreman.md, 7.3).
const sessionBytes = 16

// New returns a secret that nobody can guess.
func New(random io.Reader) (string, error) { return Hex(random, sessionBytes) }

// Hex returns so many random bytes as hexadecimal digits.
func Hex(random io.Reader, bytes int) (string, error) {
	raw := make([]byte, bytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw), nil
}
