package web

import (
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// Limiter bounds how often something is asked for, by whoever asks. It knows what this server was asked.
type Limiter struct {
	per     time.Duration
	callers *otter.Cache[string, *rate.Limiter]
}

// limiterCallers is how many callers a limiter remembers. One who is forgotten begins anew.
const limiterCallers = 100_000

// NewLimiter returns a limiter of requests in a time.
func NewLimiter(per time.Duration) *Limiter {
	return &Limiter{per: per, callers: otter.Must(&otter.Options[string, *rate.Limiter]{
		MaximumSize: limiterCallers, ExpiryCalculator: otter.ExpiryAccessing[string, *rate.Limiter](per),
	})}
}

// Allow counts a request of a caller who may make most of them in the limiter's time; 0 is any number. It reports
// whether the request is one too many, and how long the caller has to wait then.
func (l *Limiter) Allow(caller string, most int) (wait time.Duration, ok bool) {
	if most <= 0 {
		return 0, true
	}
	known, _ := l.callers.ComputeIfAbsent(caller, func() (*rate.Limiter, bool) {
		return rate.NewLimiter(rate.Every(l.per/time.Duration(most)), most), false
	})
	if known.Burst() != most {
		known.SetLimit(rate.Every(l.per / time.Duration(most)))
		known.SetBurst(most)
	}
	r := known.Reserve()
	if wait = r.Delay(); wait > 0 {
		r.Cancel()
		return wait, false
	}
	return 0, true
}
