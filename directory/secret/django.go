package secret

import (
	"crypto/md5" //nolint:gosec // hashes that another product made are verified once, and then replaced
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // hashes that another product made are verified once, and then replaced
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// The prefixes of the hashes that Django makes, as it keeps them.
const (
	djangoPBKDF2     = "pbkdf2_sha256$"
	djangoPBKDF2SHA1 = "pbkdf2_sha1$"
	djangoArgon2     = "argon2" + argon2Prefix
	djangoBcrypt     = "bcrypt_sha256$"
	djangoScrypt     = "scrypt$"
	djangoMD5        = "md5$"
)

// maxDjango is how many characters Django gives a hash.
const maxDjango = 128

// DjangoHash returns the form in which a hash of Django is kept, which is Django's own. It returns "" for what lets
// nobody in: no hash, one of an unknown kind, a malformed one, or one that asks for too much work.
func DjangoHash(hash string) string {
	_, kind, _ := strings.Cut(hash, "$")
	if len(hash) > maxDjango || kind == "" || strings.HasPrefix(hash, "$") || proofOf(hash) == nil {
		return ""
	}
	return hash
}

// Bounds of the rounds of PBKDF2: fewer are worked out in no time, and more take about two seconds.
const (
	fewRounds = 100_000
	maxRounds = 4_000_000
)

// readDjangoPBKDF2 reads "pbkdf2_sha256$rounds$salt$sum", and the same by SHA-1.
func readDjangoPBKDF2(stored string) *proof {
	parts := strings.Split(stored, "$")
	if len(parts) != 4 {
		return nil
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < 1 || rounds > maxRounds {
		return nil
	}
	digest := sha256.New
	if strings.HasPrefix(stored, djangoPBKDF2SHA1) {
		digest = sha1.New
	}
	sum, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(sum) != digest().Size() {
		return nil
	}
	return &proof{weak: rounds < fewRounds, matches: func(password string) bool {
		got, err := pbkdf2.Key(digest, password, []byte(parts[2]), rounds, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1
	}}
}

// readDjangoMD5 reads "md5$salt$sum", the MD5 of the salt and the password, which installations of old and those for
// tests make.
func readDjangoMD5(stored string) *proof {
	salt, digits, _ := strings.Cut(strings.TrimPrefix(stored, djangoMD5), "$")
	sum, err := hex.DecodeString(digits)
	if err != nil || len(sum) != md5.Size {
		return nil
	}
	return &proof{weak: true, matches: func(password string) bool {
		got := md5.Sum([]byte(salt + password)) //nolint:gosec // as it was made
		return subtle.ConstantTimeCompare(got[:], sum) == 1
	}}
}

// readDjangoArgon2 reads "argon2" and behind it what others make of argon2id.
func readDjangoArgon2(stored string) *proof { return readArgon2(strings.TrimPrefix(stored, "argon2")) }

// fewCost is a cost of bcrypt at which it takes no time.
const fewCost = 8

// readDjangoBcrypt reads "bcrypt_sha256$" and behind it what bcrypt makes of the SHA-256 of a password in hexadecimal,
// so that passwords of any length count as a whole.
func readDjangoBcrypt(stored string) *proof {
	stored = strings.TrimPrefix(stored, djangoBcrypt)
	inner := readBcrypt(stored)
	if inner == nil {
		return nil
	}
	cost, _ := strconv.Atoi(strings.Split(stored, "$")[2])
	return &proof{weak: cost < fewCost, matches: func(password string) bool {
		sum := sha256.Sum256([]byte(password))
		return inner.matches(hex.EncodeToString(sum[:]))
	}}
}

// Bounds of scrypt: bytes of memory, and lanes that go over them one after the other.
const (
	fewMemory       = 1 << 20
	maxScryptMemory = 256 << 20
	maxScryptLanes  = 16
	scryptBytes     = 64
)

// readDjangoScrypt reads "scrypt$N$salt$r$p$sum".
func readDjangoScrypt(stored string) *proof {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return nil
	}
	var cost [3]int
	for i, text := range []string{parts[1], parts[3], parts[4]} {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxScryptMemory {
			return nil
		}
		cost[i] = n
	}
	n := cost[0]
	r := cost[1]
	p := cost[2]
	memory := int64(128) * int64(n) * int64(r)
	sum, err := base64.StdEncoding.DecodeString(parts[5])
	if err != nil || len(sum) != scryptBytes || n < 2 || n&(n-1) != 0 || memory > maxScryptMemory ||
		p > maxScryptLanes || memory*int64(p) > 2*maxScryptMemory {
		return nil
	}
	return &proof{weak: memory*int64(p) < fewMemory, matches: func(password string) bool {
		got, err := scrypt.Key([]byte(password), []byte(parts[2]), n, r, p, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1
	}}
}
