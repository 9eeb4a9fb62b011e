package secret

import (
	"crypto/sha512"
	"encoding/hex"
	"regexp"
)

// cvatTokens are what personal access tokens of CVAT look like: a prefix and a secret.
var (
	cvatTokens = regexp.MustCompile(`^[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}$`)
	cvatHashes = regexp.MustCompile(`^sha512\$\$[0-9a-f]{128}$`)
)

// CVATTokenHash returns how CVAT keeps a personal access token: by the SHA-512 of the whole of it, which is random
// enough. It returns "" for what is no token of CVAT.
func CVATTokenHash(token string) string {
	if !cvatTokens.MatchString(token) {
		return ""
	}
	sum := sha512.Sum512([]byte(token))
	return "sha512$$" + hex.EncodeToString(sum[:])
}

// IsCVATTokenHash reports whether CVATTokenHash makes such texts.
func IsCVATTokenHash(hash string) bool { return cvatHashes.MatchString(hash) }
