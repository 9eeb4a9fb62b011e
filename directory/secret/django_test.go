package secret

import (
	"strings"
	"testing"
	"time"
)

// djangoHashes are what Django has made of passwords.
var djangoHashes = []struct{ stored, password string }{
	{"pbkdf2_sha256$260000$seasalt2024$weqcxPUeZ+zDfzzQjBoG+RT+O7dFHRXHMwoJBd+bZDQ=", "open sesame"},
	{"pbkdf2_sha1$1000$seasalt2024$RKUZpsL8kyrR2G81EkIXAm/Bxac=", "open sesame"},
	{"md5$seasalt2024$299847c7cad40678c5f2668d1015260f", "open sesame"},
	{"argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$" +
		"IgorAEoC45Hed6TrnrYvCyIvYcj3785+rmJayoEyW88", "Parity-Pass-2026 ü"},
	{"bcrypt_sha256$$2b$08$abcdefghijklmnopqrstuuK.2UzACLpOG0HxxW4QqIQhqT5ULy7sC", "open sesame"},
	{"scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/" +
		"Pw==", "lètmein"},
	{"scrypt$16384$seasalt2024$8$5$nTeHgUwoHGHvzv/71izMAr1DItLhd+5LViewvsH3Jc875jwXo1TLw1unHKfGMk6Ndxaw1bn5vnezd+" +
		"jdLqls2g==", "open sesame"},
}

// Hashes that Django has made let in whom they let in there, until they are replaced.
func TestMatches_Django(t *testing.T) {
	for _, test := range djangoHashes {
		if got := DjangoHash(test.stored); got != test.stored {
			t.Errorf("%q is kept as %q", test.stored, got)
		}
		if !Outdated(test.stored) {
			t.Errorf("%q is never replaced", test.stored)
		}
		long := strings.Repeat("x", maxBcrypt+1)
		for password, want := range map[string]bool{test.password: true, test.password + " ": false,
			"Open sesame": false, "": false, long: false} {
			if got := matches(test.stored, password); got != want {
				t.Errorf("%q opens %q: %v, want %v", password, test.stored, got, want)
			}
		}
	}
}

// What is not quite a hash, or asks for more work than is done for strangers, lets nobody in, in no time.
func TestMatches_DjangoNonsense(t *testing.T) {
	sum := "weqcxPUeZ+zDfzzQjBoG+RT+O7dFHRXHMwoJBd+bZDQ="
	long := strings.Repeat("A", 86) + "=="
	begun := time.Now()
	for _, stored := range []string{
		"", "!", "!aVeryLongTextThatStandsForNoPassword", "pbkdf2_sha256$", "pbkdf2_sha256$1$x", "pbkdf2_sha256$1$x$",
		"pbkdf2_sha256$0$x$" + sum, "pbkdf2_sha256$-1$x$" + sum, "pbkdf2_sha256$x$x$" + sum,
		"pbkdf2_sha256$4000001$x$" + sum, "pbkdf2_sha256$99999999999999999999$x$" + sum, "pbkdf2_sha256$1$x$y$" + sum,
		"pbkdf2_sha256$1$x$!!", "pbkdf2_sha256$1$x$" + long, "pbkdf2_sha1$1$x$" + sum, "md5$x$e5e9fa1ba31ecd1ae84f75caaa474f", "md5$x", "sha1$x$e5e9fa1ba31ecd1ae84f75caaa474f3a",
		"sha1$x$e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "argon2$", "argon2$argon2i$v=19$m=8,t=1,p=1$c29tZQ$c29tZQ",
		"argon2$argon2id$v=19$m=8,t=1,p=0$c29tZQ$c29tZQ", "argon2$argon2id$v=19$m=8,t=1,p=255$c29tZQ$c29tZQ",
		"argon2$argon2id$v=19$m=4294967295,t=1,p=1$c29tZQ$c29tZQ", "argon2$argon2id$v=19$m=8,t=4294967295,p=1$c29tZQ$c29tZQ",
		"argon2$argon2id$v=19$m=262144,t=32,p=1$c29tZQ$c29tZQ", "argon2$argon2id$v=19$m=8,t=1,p=1$c29tZQ$",
		"argon2$argon2id$v=19$m=8,t=1,p=1$c29tZQ$" + strings.Repeat("A", 1<<20),
		"bcrypt_sha256$", "bcrypt_sha256$$2b$", "bcrypt_sha256$$2b$04$abc",
		"bcrypt_sha256$$2b$31$abcdefghijklmnopqrstuuK.2UzACLpOG0HxxW4QqIQhqT5ULy7sC",
		"$2b$31$abcdefghijklmnopqrstuuK.2UzACLpOG0HxxW4QqIQhqT5ULy7sC",
		"scrypt$", "scrypt$16384$x$8$1$", "scrypt$16383$x$8$1$" + long, "scrypt$1$x$8$1$" + long, "scrypt$0$x$8$1$" + long,
		"scrypt$16384$x$0$1$" + long, "scrypt$16384$x$8$0$" + long, "scrypt$1073741824$x$8$1$" + long,
		"scrypt$16384$x$1073741824$1$" + long, "scrypt$16384$x$8$1073741824$" + long, "scrypt$262144$x$8$16$" + long,
		"scrypt$-2$x$8$1$" + long, "scrypt$16384$x$8$1$" + sum,
	} {
		if got := DjangoHash(stored); got != "" {
			t.Errorf("%q is kept", stored)
		}
		if matches(stored, "x") || !inNoTime(stored, "x") {
			t.Errorf("%q is worked out", stored)
		}
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("nonsense takes %s", took)
	}
	// Other products' hashes are none of Django's, and neither is what is longer than Django keeps.
	for _, stored := range []string{testPasswords(t).decoy, RedmineHash("", strings.Repeat("0", 40)),
		"pbkdf2_sha256$1$" + strings.Repeat("x", maxDjango) + "$" + sum} {
		if got := DjangoHash(stored); got != "" {
			t.Errorf("%q is kept", stored)
		}
	}
}

// Cheap hashes are refused in the time of dear ones.
func TestVerify_CheapDjango(t *testing.T) {
	for stored, cheap := range map[string]bool{
		djangoHashes[0].stored: false, djangoHashes[1].stored: true, djangoHashes[3].stored: false,
		djangoHashes[4].stored: false, "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIPWOBg.HjADY8iviTyCCT/RhQ86ZWAi": true,
		"scrypt$16$x$8$1$" + strings.Repeat("A", 86) + "==": true,
	} {
		if got := inNoTime(stored, "x"); got != cheap {
			t.Errorf("%q: got %t", stored, got)
		}
	}
}

// Tokens are found by what CVAT keeps of them, and nothing else is looked up.
func TestCVATTokenHash(t *testing.T) {
	token := "AbCdEf12." + strings.Repeat("s", 32)
	want := "sha512$$949b9b01ad8543d7a4c0d6f6bae4219e"
	if got := CVATTokenHash(token); !strings.HasPrefix(got, want) || !IsCVATTokenHash(got) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, other := range []string{"", ".", token + "x", token + "\n", "A" + token, token[:40], token + "." + token,
		strings.Replace(token, ".", "-", 1), strings.Replace(token, "s", "/", 1)} {
		if got := CVATTokenHash(other); got != "" {
			t.Errorf("%q became %q", other, got)
		}
	}
	for _, hash := range []string{"", "sha512$$", "sha512$$" + strings.Repeat("G", 128), TokenHash(token),
		CVATTokenHash(token) + "0"} {
		if IsCVATTokenHash(hash) {
			t.Errorf("%q is one", hash)
		}
	}
}
