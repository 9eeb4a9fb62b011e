package login

import (
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"roster/directory"
	"roster/directory/store"
	"roster/gate"
)

// Service finds out who asks. It is safe for concurrent use.
type Service struct {
	*store.Store
	dir *directory.Service
	// attempts are passwords to work out, by address.
	attempts       *gate.Gate[string]
	failures       *failuresCache
	recentSessions *sessionCache
	// recent holds keyed digests of proofs that were checked and recorded within the last minute.
	recent *otter.Cache[[32]byte, struct{}]
	openID providerKeys
	tally  tally
}

// New returns the logins to a directory.
func New(dir *directory.Service) *Service {
	return &Service{
		Store: dir.Store, dir: dir, attempts: gate.New[string](maxAttempts, maxAttemptsEach, time.Now),
		failures: newFailuresCache(), recentSessions: newSessionCache(),
		recent: otter.Must(&otter.Options[[32]byte, struct{}]{
			MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[[32]byte, struct{}](recentFor),
			StatsRecorder: stats.NewCounter(),
		}),
	}
}
