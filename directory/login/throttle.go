package login

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"roster/directory/store"
	"roster/models"
)

const (
	// maxAttempts is how many passwords may be worked out or wait for that, and maxAttemptsEach how many of one
	// address: the others of that address wait their turn, and are not heard when those before them have failed too
	// often.
	maxAttempts     = 256
	maxAttemptsEach = 16
	// BlockedFor is how long failures count; each new failure restarts it for all of them (docs/spec/foreman.md, 7.7).
	BlockedFor = 5 * time.Minute
	// throttleTTL is how long this server goes by what it last read about an address, and so by how much it may be
	// behind the others.
	throttleTTL = time.Second
	// recordTimeout bounds how long a failure may take to be counted.
	recordTimeout = 5 * time.Second
)

// failures are the failures of an address, and how many it may have.
type failures struct{ count, limit int64 }

func (t failures) exhausted() bool { return t.limit > 0 && t.count >= t.limit }

type failuresCache = otter.Cache[string, failures]

func newFailuresCache() *failuresCache {
	return otter.Must(&otter.Options[string, failures]{MaximumSize: 10_000, StatsRecorder: stats.NewCounter(),
		ExpiryCalculator: otter.ExpiryWriting[string, failures](throttleTTL)})
}

// throttleKey returns what failures are counted by: an address, or the network of an IPv6 address, because its owner
// has all addresses in it. Calls from inside the process have no address and are not counted.
func throttleKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// checkThrottle refuses an address with too many failures before its credentials are read. It returns the limit.
func (s *Service) checkThrottle(ctx context.Context, address string) (limit int64, err error) {
	address = throttleKey(address)
	if address == "" {
		return 0, nil
	}
	known, ok := s.failures.GetIfPresent(address)
	if !ok {
		if known, err = s.readFailures(ctx, address); err != nil {
			return 0, err
		}
		s.failures.Set(address, known)
	}
	if known.exhausted() {
		return 0, ErrTooManyTries
	}
	return known.limit, nil
}

// attempt is an attempt to get in: its place among those of its address whose passwords are worked out, and what the
// log tells of a refusal.
type attempt struct {
	s       *Service
	address string
	leave   func()
	// owner is the login of the account that a token or key belongs to, and why a reason for its refusal.
	owner, why string
	// unanswered is how many LDAP servers had to be asked about it and have not answered.
	unanswered atomic.Int32
}

// wait waits for a turn to check the password, and refuses if earlier attempts have failed too often meanwhile.
func (t *attempt) wait(ctx context.Context) (err error) {
	address := throttleKey(t.address)
	if t.leave, err = t.s.attempts.Enter(ctx, address); err != nil {
		return store.Busy(err)
	}
	if address == "" {
		return nil
	}
	counting, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout) // who hangs up has tried, too
	defer cancel()
	counted, err := t.s.readFailures(counting, address)
	if err == nil && counted.exhausted() {
		err = ErrTooManyTries
	}
	return err
}

// end lets the next one have the place. A failure is counted before that.
func (t *attempt) end() {
	if t.leave != nil {
		t.leave()
	}
}

func (s *Service) readFailures(ctx context.Context, address string) (failures, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return failures{}, err
	}
	t := failures{limit: r.SettingInt("failed_login_attempts_limit")}
	if t.limit == 0 {
		return t, nil
	}
	live := s.Read.WithContext(ctx).Where("address = ? AND expires_at > ?", address, s.Now())
	row, err := store.First[models.LoginFailure](live)
	if err != nil || row == nil {
		return t, err
	}
	t.count = row.Failures
	if row.ExpiresAt.After(s.Now().Add(BlockedFor)) {
		err = s.shortenBlocks(ctx)
	}
	return t, err
}

// shortenBlocks lets no block end later than its length from now: such an end was set before the clock went back.
func (s *Service) shortenBlocks(ctx context.Context) error {
	end := s.Now().Add(BlockedFor)
	late := s.Write.WithContext(ctx).Model(&models.LoginFailure{}).Where("expires_at > ?", end)
	return late.UpdateColumn("expires_at", end).Error
}

// recordFailure counts a failed attempt, for all servers, and returns the error for its client. Attempts that are made
// at once pass checkThrottle together: those beyond the limit get no answer about the password. An attempt counts even
// if its client hangs up.
func (s *Service) recordFailure(ctx context.Context, address string, limit int64) error {
	address = throttleKey(address)
	if address == "" || limit == 0 {
		return store.ErrCredentials
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	now := s.Now()
	failures := int64(0)
	err := s.Write.WithContext(ctx).Raw(`INSERT INTO login_failures (address, failures, expires_at) VALUES (?, 1, ?)
 ON CONFLICT (address) DO UPDATE SET expires_at = excluded.expires_at,
  failures = CASE WHEN login_failures.expires_at > ? THEN login_failures.failures + 1 ELSE 1 END
	RETURNING failures`, address, now.Add(BlockedFor), now).Scan(&failures).Error
	s.failures.Invalidate(address)
	if failures > limit {
		return ErrTooManyTries
	}
	return errors.Join(store.ErrCredentials, err)
}
