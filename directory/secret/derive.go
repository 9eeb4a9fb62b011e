package secret

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Derive returns a key of 32 bytes for a purpose, that tells nothing of the key of the sealer. Without one it returns
// nil.
func (s Sealer) Derive(purpose string) []byte {
	if len(s.key) != keyBytes {
		return nil
	}
	mac := hmac.New(sha256.New, s.key)
	_, _ = mac.Write([]byte(purpose))
	return mac.Sum(nil)
}
