package web

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// RetryAfter is the number of seconds after which a client may repeat a request that got 503.
const RetryAfter = "5"

// outageLogged is how often an outage is logged: thousands of requests may meet the same one.
const outageLogged = time.Second

// OutageLog logs outages, one line a second at most. The zero value is ready.
type OutageLog struct {
	mu      sync.Mutex
	last    time.Time
	skipped int
}

// Log writes a warning unless one was written a moment ago; the next one has the number of those left out.
func (o *OutageLog) Log(ctx context.Context, log *slog.Logger, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if now.Sub(o.last) < outageLogged {
		o.skipped++
		return
	}
	log.WarnContext(ctx, "request answered with 503", slog.String("error", err.Error()),
		slog.Int("left_out", o.skipped))
	o.last = now
	o.skipped = 0
}
