package secret

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"golang.org/x/crypto/argon2"

	"roster/gate"
	"roster/models"
)

// HashCost are the parameters of argon2id.
type HashCost struct {
	// Memory is in KiB.
	Memory uint32
	// Passes over the memory.
	Passes uint32
	// lanes are worked on side by side; hashes that are made here have one.
	lanes uint8
}

// DefaultHash follows the OWASP recommendation: 19 MiB, two passes.
var DefaultHash = HashCost{Memory: 19 * 1024, Passes: 2}

// Passwords hashes and verifies. Verifying costs tens of milliseconds and 19 MiB by design, so a bounded number runs at
// once and what was verified is remembered for a while: see verify.
type Passwords struct {
	cost  HashCost
	rand  io.Reader
	slow  *gate.Gate[string]
	known *otter.Cache[[32]byte, struct{}]
	key   [32]byte
	decoy string
}

const (
	knownLogins  = 10_000
	knownFor     = 5 * time.Minute
	saltBytes    = 16
	hashBytes    = 32
	argon2Prefix = "$argon2id$"
)

// MaxPassword is how many bytes a secret may have; a longer one is a mistake or an attack.
const MaxPassword = 4096

// NewPasswords returns passwords that are hashed at a cost; the zero cost means DefaultHash.
func NewPasswords(random io.Reader, cost HashCost) (*Passwords, error) {
	if cost == (HashCost{}) {
		cost = DefaultHash
	}
	p := &Passwords{cost: cost, rand: random, slow: gate.New[string](max(2, runtime.NumCPU()),
		max(2, runtime.NumCPU()/2), time.Now)}
	if _, err := io.ReadFull(random, p.key[:]); err != nil {
		return nil, err
	}
	p.known = otter.Must(&otter.Options[[32]byte, struct{}]{
		MaximumSize:      knownLogins,
		ExpiryCalculator: otter.ExpiryWriting[[32]byte, struct{}](knownFor),
		StatsRecorder:    stats.NewCounter(),
	})
	var err error
	// Unknown logins are verified against this one, so that they take as long as known ones.
	p.decoy, err = p.Hash(context.Background(), "", base64.StdEncoding.EncodeToString(p.key[:]))
	return p, err
}

// Known is the memory of what was verified lately, for its numbers.
func (p *Passwords) Known() interface {
	EstimatedSize() int
	Stats() stats.Stats
} {
	return p.known
}

// Working returns how many hashes are worked out and wait for that.
func (p *Passwords) Working() gate.Stats { return p.slow.Stats() }

// Hash makes a PHC string. Those who wait for a place take turns by who asks: an address, or a user who changes a
// password. The whole password counts, however long: argon2 has no 72-byte limit.
func (p *Passwords) Hash(ctx context.Context, who, password string) (string, error) {
	leave, err := p.slow.Enter(ctx, who)
	if err != nil {
		return "", busy(err)
	}
	defer leave()
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(p.rand, salt); err != nil {
		return "", err
	}
	sum := argon2.IDKey([]byte(password), salt, p.cost.Passes, p.cost.Memory, 1, hashBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=1$%s$%s", argon2Prefix, argon2.Version, p.cost.Memory, p.cost.Passes,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// Verify reports whether the password belongs to the stored hash. A success is remembered in memory under a keyed
// digest of login, stored hash and password: a changed hash is another key, so nothing has to be forgotten by hand, and
// nothing in memory gives the password away.
func (p *Passwords) Verify(ctx context.Context, who, login, stored, password string) (bool, error) {
	if password == "" || len(password) > MaxPassword {
		return false, nil
	}
	if p.Remembers(login, stored, password) {
		return true, nil
	}
	leave, err := p.slow.Enter(ctx, who)
	if err != nil {
		return false, busy(err)
	}
	defer leave()
	if inNoTime(stored, password) {
		_ = matches(p.decoy, password) // so that it takes as long as for any other login
	}
	ok := matches(stored, password)
	if ok {
		p.known.Set(p.Digest(login, stored, password), struct{}{})
	}
	return ok, nil
}

// Remembers reports whether the password was proved before, which takes no time.
func (p *Passwords) Remembers(login, stored, password string) bool {
	if password == "" || len(password) > MaxPassword {
		return false
	}
	_, ok := p.known.GetIfPresent(p.Digest(login, stored, password))
	return ok
}

// HashDecoy spends the time of a verification that cannot succeed, and fails where one would.
func (p *Passwords) HashDecoy(ctx context.Context, who, password string) error {
	_, err := p.Verify(ctx, who, "", p.decoy, password)
	return err
}

// Digest returns a keyed hash of texts, under which a cache may remember them. Its key ends with the process.
func (p *Passwords) Digest(parts ...string) [32]byte {
	mac := hmac.New(sha256.New, p.key[:])
	var size [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		mac.Write([]byte(part))
	}
	return [32]byte(mac.Sum(nil))
}

// Bounds of the costs of hashes that were made elsewhere: 256 MiB, in KiB, passes over them, both multiplied, lanes,
// and bytes of the hash itself.
const (
	maxMemory = 256 * 1024
	maxWork   = 4 * maxMemory
	maxPasses = 32
	maxLanes  = 16
	maxSum    = 128
)

var errHash = errors.New("secret: not an argon2id hash")

func parseArgon2(stored string) (salt, sum []byte, cost HashCost, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return nil, nil, cost, errHash
	}
	_, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Passes, &cost.lanes)
	if err != nil || cost.lanes == 0 || cost.lanes > maxLanes || cost.Passes == 0 || cost.Passes > maxPasses ||
		cost.Memory > maxMemory || uint64(cost.Memory)*uint64(cost.Passes) > maxWork {
		return nil, nil, cost, errHash
	}
	enc := base64.RawStdEncoding
	if salt, err = enc.DecodeString(parts[4]); err != nil {
		return nil, nil, cost, err
	}
	if sum, err = enc.DecodeString(parts[5]); err == nil && (len(sum) == 0 || len(sum) > maxSum) {
		err = errHash
	}
	return salt, sum, cost, err
}

// busy says that too many wait for a place.
func busy(err error) error { return models.Fail(models.Unavailable, models.RuleBusy).Because(err) }
