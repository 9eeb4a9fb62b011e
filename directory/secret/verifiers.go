package secret

import (
	"crypto/sha1" //nolint:gosec // hashes that another product made are verified once, and then replaced
	"crypto/subtle"
	"encoding/hex"
	"regexp"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// verifier checks passwords against hashes of one kind, which begin with a prefix. Hashes of the weak kinds are worked
// out in no time, so that the time of a real one is spent besides.
type verifier struct {
	prefix  string
	matches func(stored, password string) bool
	weak    bool
	// most is how many bytes a password may have, 0 for as many as anywhere; longer ones are refused in no time.
	most int
}

// verifiers are the kinds of hashes that let people in. Only the first is made here; the others come from elsewhere,
// and are replaced at the next login.
var verifiers = []verifier{
	{prefix: argon2Prefix, matches: matchesArgon2},
	{prefix: "$2", matches: matchesBcrypt, most: maxBcrypt},
	{prefix: redmineSHA1, matches: matchesRedmineSHA1, weak: true},
}

// matches reports whether a password belongs to a hash, of whatever known kind.
func matches(stored, password string) bool {
	kind := verifierOf(stored)
	return kind != nil && kind.matches(stored, password)
}

// verifierOf returns the kind of a hash, nil for an unknown one.
func verifierOf(stored string) *verifier {
	for i := range verifiers {
		if strings.HasPrefix(stored, verifiers[i].prefix) {
			return &verifiers[i]
		}
	}
	return nil
}

// inNoTime reports whether it takes no time to find out that a password does not belong to a hash.
func inNoTime(stored, password string) bool {
	kind := verifierOf(stored)
	return kind == nil || kind.weak || kind.most > 0 && len(password) > kind.most
}

// Outdated reports whether a hash is of a kind that is no longer made.
func Outdated(stored string) bool { return !strings.HasPrefix(stored, argon2Prefix) }

func matchesArgon2(stored, password string) bool {
	salt, sum, cost, err := parseArgon2(stored)
	if err != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, 1, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1
}

// maxBcrypt is how many bytes of a password bcrypt reads.
const maxBcrypt = 72

// matchesBcrypt refuses longer passwords than bcrypt reads: they must not match by their beginning.
func matchesBcrypt(stored, password string) bool {
	return len(password) <= maxBcrypt && bcrypt.CompareHashAndPassword([]byte(stored), []byte(password)) == nil
}

const redmineSHA1 = "$redmine-sha1$"

var redmineParts = regexp.MustCompile(`^[0-9a-f]{0,64}\$[0-9a-f]{40}$`)

// RedmineHash returns the form in which a hash of Redmine is kept: the SHA-1 of a salt and of the SHA-1 of the password
// or, without a salt, that of the password. It returns "" for what is no such hash.
func RedmineHash(salt, hash string) string {
	parts := salt + "$" + hash
	if !redmineParts.MatchString(parts) {
		return ""
	}
	return redmineSHA1 + parts
}

func matchesRedmineSHA1(stored, password string) bool {
	salt, hash, _ := strings.Cut(strings.TrimPrefix(stored, redmineSHA1), "$")
	sum := hexSHA1(password)
	if salt != "" {
		sum = hexSHA1(salt + sum)
	}
	return subtle.ConstantTimeCompare([]byte(sum), []byte(hash)) == 1
}

func hexSHA1(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}
