// Package secret keeps what opens accounts: hashes of passwords, digests of tokens, and secrets that are sealed under the
// installation's key. It knows nothing of users.
package secret

import (
	"crypto/sha256"
	"encoding/hex"
)

// TokenHash returns the digest by which a token is kept and found. Tokens are random, so that a digest needs no salt.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
