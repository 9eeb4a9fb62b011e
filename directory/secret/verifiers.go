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

// verifier checks passwords against hashes of one kind, which begin with a prefix.
type verifier struct {
	prefix string
	// read returns the proof that a hash asks for, nil for a malformed one, and for one that asks for more work than
	// this server does for a stranger.
	read func(stored string) *proof
}

// proof checks a password against one hash.
type proof struct {
	matches func(password string) bool
	// weak proofs are worked out in no time, so that the time of a real one is spent besides.
	weak bool
	// most is how many bytes a password may have, 0 for as many as anywhere; longer ones are refused in no time.
	most int
}

// verifiers are the kinds of hashes that let people in. Only the first is made here; the others come from elsewhere,
// and are replaced at the next login.
var verifiers = []verifier{
	{argon2Prefix, readArgon2},
	{"$2", readBcrypt},
	{redmineSHA1, readRedmineSHA1},
	{djangoPBKDF2, readDjangoPBKDF2},
	{djangoPBKDF2SHA1, readDjangoPBKDF2},
	{djangoArgon2, readDjangoArgon2},
	{djangoBcrypt, readDjangoBcrypt},
	{djangoScrypt, readDjangoScrypt},
	{djangoMD5, readDjangoMD5},
}

// proofOf returns the proof that a hash asks for, nil where no password proves anything.
func proofOf(stored string) *proof {
	for i := range verifiers {
		if strings.HasPrefix(stored, verifiers[i].prefix) {
			return verifiers[i].read(stored)
		}
	}
	return nil
}

// matches reports whether a password belongs to a hash, of whatever known kind.
func matches(stored, password string) bool {
	p := proofOf(stored)
	return p != nil && p.matches(password)
}

// inNoTime reports whether it takes no time to find out that a password does not belong to a hash.
func inNoTime(stored, password string) bool {
	p := proofOf(stored)
	return p == nil || p.weak || p.most > 0 && len(password) > p.most
}

// Outdated reports whether a hash is of a kind that is no longer made.
func Outdated(stored string) bool { return !strings.HasPrefix(stored, argon2Prefix) }

func readArgon2(stored string) *proof {
	salt, sum, cost, err := parseArgon2(stored)
	if err != nil {
		return nil
	}
	return &proof{matches: func(password string) bool {
		got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, cost.lanes, uint32(len(sum)))
		return subtle.ConstantTimeCompare(got, sum) == 1
	}}
}

// maxBcrypt is how many bytes of a password bcrypt reads.
const maxBcrypt = 72

// maxBcryptCost bounds the work that a hash of bcrypt asks for: about two seconds.
const maxBcryptCost = 15

// readBcrypt refuses longer passwords than bcrypt reads: they must not match by their beginning.
func readBcrypt(stored string) *proof {
	if cost, err := bcrypt.Cost([]byte(stored)); err != nil || cost > maxBcryptCost {
		return nil
	}
	return &proof{most: maxBcrypt, matches: func(password string) bool {
		return len(password) <= maxBcrypt && bcrypt.CompareHashAndPassword([]byte(stored), []byte(password)) == nil
	}}
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

func readRedmineSHA1(stored string) *proof {
	salt, hash, _ := strings.Cut(strings.TrimPrefix(stored, redmineSHA1), "$")
	return &proof{weak: true, matches: func(password string) bool {
		sum := hexSHA1(password)
		if salt != "" {
			sum = hexSHA1(salt + sum)
		}
		return subtle.ConstantTimeCompare([]byte(sum), []byte(hash)) == 1
	}}
}

func hexSHA1(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}
