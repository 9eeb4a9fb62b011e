package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// healthKept is how long the outcome of a check is good for: strangers may ask as often as they like.
	healthKept = time.Second
	// healthTimeout bounds a check.
	healthTimeout = 5 * time.Second
)

// Check is a part of the server that has to work.
type Check struct {
	Name string
	Run  func(context.Context) error
}

// Health answers whether the server is alive and whether it can work. It tells names of parts and nothing of why one
// of them does not work. It is safe for concurrent use.
type Health struct {
	checks   []Check
	draining atomic.Bool
	mu       sync.Mutex
	last     *checked
}

// checked is a check that is under way, or the outcome of one.
type checked struct {
	done  chan struct{}
	until time.Time
	works map[string]bool
}

// NewHealth returns a Health of some parts.
func NewHealth(checks ...Check) *Health { return &Health{checks: checks} }

// Drain makes the server not ready from now on: it is about to stop.
func (h *Health) Drain() { h.draining.Store(true) }

// Draining reports whether the server is about to stop.
func (h *Health) Draining() bool { return h.draining.Load() }

// Alive answers that the process is there.
func (h *Health) Alive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, map[string]string{"status": "ok"})
}

// Ready answers whether the server can work, by its status as well: 200 or 503.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	body := map[string]string{"draining": "no"}
	status := http.StatusOK
	if h.Draining() {
		body["draining"] = "yes"
		status = http.StatusServiceUnavailable
	}
	for part, works := range h.Parts(r.Context()) {
		body[part] = "ok"
		if !works {
			body[part] = "not ok"
			status = http.StatusServiceUnavailable
		}
	}
	body["status"] = "ok"
	if status != http.StatusOK {
		body["status"] = "unavailable"
		w.Header().Set("Retry-After", RetryAfter)
	}
	writeHealth(w, status, body)
}

// Parts returns which parts work. Whoever asks while a check is under way waits for its outcome; one that is younger
// than a second is given again. Where ctx ends first, no part works.
func (h *Health) Parts(ctx context.Context) map[string]bool {
	h.mu.Lock()
	at := h.last
	if at == nil || at.works != nil && !time.Now().Before(at.until) {
		at = &checked{done: make(chan struct{})}
		h.last = at
		go h.check(at)
	}
	h.mu.Unlock()
	select {
	case <-at.done:
		return at.works
	case <-ctx.Done():
		works := map[string]bool{}
		for _, check := range h.checks {
			works[check.Name] = false
		}
		return works
	}
}

// check asks all parts, whoever waits for it.
func (h *Health) check(at *checked) {
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	works := map[string]bool{}
	for _, check := range h.checks {
		works[check.Name] = check.Run(ctx) == nil
	}
	h.mu.Lock()
	at.works = works
	at.until = time.Now().Add(healthKept)
	h.mu.Unlock()
	close(at.done)
}

func writeHealth(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may have gone
}
