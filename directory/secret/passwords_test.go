package secret

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/crypto/bcrypt"
	"pgregory.net/rapid"

	"roster/models"
)

var cheap = HashCost{Memory: 64, Passes: 1}

func testPasswords(t testing.TB) *Passwords {
	t.Helper()
	p, err := NewPasswords(rand.Reader, cheap)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *Passwords) mustHash(t testing.TB, password string) string {
	t.Helper()
	hash, err := p.Hash(context.Background(), "here", password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// A hash opens for its password and for no other, whatever bytes it has.
func TestPasswords_Property(t *testing.T) {
	p := testPasswords(t)
	rapid.Check(t, func(rt *rapid.T) {
		right := string(rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(rt, "right"))
		wrong := string(rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(rt, "wrong"))
		hash := p.mustHash(t, right)
		if !matches(hash, right) {
			rt.Fatalf("%q does not open its own hash", right)
		}
		if right != wrong && matches(hash, wrong) {
			rt.Fatalf("%q opens the hash of %q", wrong, right)
		}
		if matches(hash, right+"\x00") || matches(hash, right+" ") {
			rt.Fatalf("more than %q opens its hash", right)
		}
	})
}

func TestPasswords_Hash(t *testing.T) {
	p := testPasswords(t)
	one := p.mustHash(t, "same")
	two := p.mustHash(t, "same")
	if one == two {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("got %s", one)
	}
	// The costs are the hash's own: a server with others still reads it.
	dear, err := NewPasswords(rand.Reader, HashCost{Memory: 128, Passes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := dear.Verify(t.Context(), "here", "bob", one, "same"); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
	if p, err := NewPasswords(rand.Reader, HashCost{}); err != nil || p.cost != DefaultHash {
		t.Errorf("without costs: got %v, %v", p, err)
	}
}

func TestPasswords_NeedChance(t *testing.T) {
	if _, err := NewPasswords(iotest.ErrReader(errors.New("no chance")), cheap); err == nil {
		t.Error("made without a source of chance")
	}
	p := testPasswords(t)
	p.rand = iotest.ErrReader(errors.New("no chance"))
	if hash, err := p.Hash(t.Context(), "here", "x"); err == nil {
		t.Errorf("got %s without a source of chance", hash)
	}
	p.rand = bytes.NewReader(make([]byte, 3))
	if hash, err := p.Hash(t.Context(), "here", "x"); err == nil {
		t.Errorf("got %s from half a salt", hash)
	}
}

func TestMatches_Bcrypt(t *testing.T) {
	long := strings.Repeat("x", 72)
	for _, password := range []string{"secret", long} {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		if !matches(string(hash), password) || matches(string(hash), password+"x") || matches(string(hash), "") {
			t.Errorf("%s: the hash of another server does not open right", password)
		}
	}
}

func TestMatches_Redmine(t *testing.T) {
	for _, test := range []struct{ salt, hash, password string }{
		{"7599f9963ec07b5a3b55b354407120c0", "e580b2aec8eb5b3bdd703e359adb0473e0286be4", "secret"},
		{"", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "secret"},
	} {
		stored := RedmineHash(test.salt, test.hash)
		if !Outdated(stored) {
			t.Errorf("%q is never replaced", stored)
		}
		for password, want := range map[string]bool{test.password: true, "Secret": false, "": false, test.hash: false} {
			if got := matches(stored, password); got != want {
				t.Errorf("%q opens %q: %v, want %v", password, stored, got, want)
			}
		}
	}
	for _, parts := range [][2]string{{"", ""}, {"x$", "e5e9"}, {"G", "e580b2aec8eb5b3bdd703e359adb0473e0286be4"}} {
		if got := RedmineHash(parts[0], parts[1]); got != "" {
			t.Errorf("%q became %q", parts, got)
		}
	}
}

func TestMatches_Nonsense(t *testing.T) {
	good := testPasswords(t).mustHash(t, "x")
	for _, stored := range []string{"", "x", "$", "$2", "$2a$", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1,p=17$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$AAAA$!", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", good + "$", good[:len(good)-1]} {
		for _, password := range []string{"x", ""} {
			if matches(stored, password) {
				t.Errorf("%q opens %q", password, stored)
			}
		}
	}
}

func TestVerify_Remembers(t *testing.T) {
	p := testPasswords(t)
	hash := p.mustHash(t, "right")
	verify := func(login, stored, password string) bool {
		t.Helper()
		ok, err := p.Verify(t.Context(), "here", login, stored, password)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !verify("bob", hash, "right") {
		t.Fatal("the right password was refused")
	}
	known := func() int { return p.known.EstimatedSize() }
	if known() != 1 {
		t.Errorf("got %d remembered, want 1", known())
	}
	// With no place at the gate only what is remembered can be told.
	busy, cancel := context.WithCancel(t.Context())
	cancel()
	var leaves []func()
	for i := 0; ; i++ {
		leave, err := p.slow.Enter(busy, strconv.Itoa(i))
		if err != nil {
			break
		}
		leaves = append(leaves, leave)
	}
	if ok, err := p.Verify(busy, "here", "bob", hash, "right"); !ok || err != nil {
		t.Errorf("a remembered password: got %t, %v", ok, err)
	}
	for what, try := range map[string][3]string{"a wrong password": {"bob", hash, "wrong"},
		"another login": {"ann", hash, "right"}, "another hash": {"bob", hash + " ", "right"},
		"parts put together otherwise": {"bob" + hash, "", "right"}} {
		if ok, err := p.Verify(busy, "here", try[0], try[1], try[2]); ok || models.KindOf(err) != models.Unavailable {
			t.Errorf("%s: got %t, %v, want to be told to wait", what, ok, err)
		}
	}
	if _, err := p.Hash(busy, "here", "x"); models.KindOf(err) != models.Unavailable {
		t.Errorf("a hash: got %v", err)
	}
	for _, leave := range leaves {
		leave()
	}
	if verify("bob", hash, "wrong") || known() != 1 {
		t.Error("a wrong password was taken or remembered")
	}
	if verify("bob", hash, "") || verify("bob", hash, strings.Repeat("x", MaxPassword+1)) {
		t.Error("an empty or endless password was taken")
	}
	p.HashDecoy(t.Context(), "here", "anything")
	if known() != 1 {
		t.Error("a wasted verification was remembered")
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA", "x")
	f.Add("$2a$04$", "x")
	f.Fuzz(func(t *testing.T, stored, password string) {
		// Costs are what this server once wrote, so only small ones are tried.
		if _, _, cost, err := parseArgon2(stored); err == nil && (cost.Memory > 1024 || cost.Passes > 4) {
			return
		}
		for _, prefix := range []string{"$2", djangoPBKDF2, djangoPBKDF2SHA1, djangoArgon2, djangoBcrypt, djangoScrypt} {
			if strings.HasPrefix(stored, prefix) {
				proofOf(stored)
				return
			}
		}
		matches(stored, password)
	})
}

// Whatever a hash refuses in no time costs as much as for a login that nobody has.
func TestVerify_InNoTime(t *testing.T) {
	long := strings.Repeat("x", maxBcrypt+1)
	const bcrypted = "$2b$04$abcdefghijklmnopqrstuuIPWOBg.HjADY8iviTyCCT/RhQ86ZWAi"
	for _, test := range []struct {
		stored, password string
		want             bool
	}{
		{testPasswords(t).decoy, long, false}, {bcrypted, long[1:], false}, {bcrypted, long, true},
		{"$2a$04$abc", "x", true},
		{redmineSHA1 + "$" + strings.Repeat("0", 40), "x", true}, {"nonsense", "x", true}, {"", "x", true},
	} {
		if got := inNoTime(test.stored, test.password); got != test.want {
			t.Errorf("%q with %d bytes: got %t", test.stored, len(test.password), got)
		}
	}
}
