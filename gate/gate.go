// Package gate bounds how much work of one kind is under way, in all and for each caller, so that a caller with a lot
// of work waits for its own work and does not delay others. It does not know what the work is.
package gate

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// halfLife is how long it takes until the time that a caller used counts half.
	halfLife = 30 * time.Second
	// heavyUse is how much time a caller may have used lately before being kept out of the last place.
	heavyUse = 2 * time.Second
	// remembered bounds how many callers without work are known by what they used lately, and knownFor for how long.
	remembered = 10_000
	knownFor   = 10 * time.Minute
)

// Gate lets a bounded number of pieces of work in, of which each caller has at most a few. Of those who wait the one
// comes in first whose work took the least time lately, and of equals the first to come. It is safe for concurrent use.
type Gate[K comparable] struct {
	places, each int
	// reserved places are kept for callers of whom it is known that their work took little time lately.
	reserved int
	now      func() time.Time

	mu      sync.Mutex
	taken   int
	guests  int // places taken by callers who had used much, or of whom nothing was known, when they came in
	arrived int
	callers map[K]*caller
	queue   map[*caller]struct{} // those of them with work that waits
	swept   time.Time
}

// caller is a caller with work under way or waiting, or with recent work.
type caller struct {
	under   int
	waiting []*waiter
	used    time.Duration
	at      time.Time // when used was right
	known   bool      // some work has ended
}

// waiter is one piece of work that waits.
type waiter struct {
	turn  int
	ready chan struct{}
	let   bool
	guest bool
}

// New returns a gate with some places, of which one caller gets at most each. The clock measures how long work takes.
func New[K comparable](places, each int, now func() time.Time) *Gate[K] {
	return &Gate[K]{places: places, each: each, now: now, swept: now(), callers: map[K]*caller{},
		queue: map[*caller]struct{}{}}
}

// Reserving returns a gate of which some places are kept for callers of whom it is known that their work took little
// time lately: however many come at once with work that takes long, such a caller finds a place.
func Reserving[K comparable](places, each, reserved int, now func() time.Time) *Gate[K] {
	g := New[K](places, each, now)
	g.reserved = min(reserved, places-1)
	return g
}

// Enter waits for a place for a caller until the context ends, whose error it returns. A free place is taken even if
// the context has ended, so that the outcome does not depend on select's random choice. leave must be called once.
func (g *Gate[K]) Enter(ctx context.Context, id K) (leave func(), err error) {
	g.mu.Lock()
	c := g.callers[id]
	if c == nil {
		c = &caller{at: g.now()}
		g.callers[id] = c
	}
	g.arrived++
	w := &waiter{turn: g.arrived, ready: make(chan struct{})}
	c.waiting = append(c.waiting, w)
	g.queue[c] = struct{}{}
	g.admit()
	g.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		if !g.withdraw(id, w) {
			return nil, ctx.Err()
		}
	}
	began := g.now()
	return func() { g.leave(id, w.guest, g.now().Sub(began)) }, nil
}

// Stats are the numbers of a gate at one moment.
type Stats struct {
	// Places is how many pieces of work may be under way, Taken how many are, and Waiting how many wait.
	Places, Taken, Waiting int
}

// Stats returns how much work is under way and waits.
func (g *Gate[K]) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := Stats{Places: g.places, Taken: g.taken}
	for c := range g.queue {
		n.Waiting += len(c.waiting)
	}
	return n
}

// Waiting returns how many pieces of work wait.
func (g *Gate[K]) Waiting() int { return g.Stats().Waiting }

// withdraw takes a waiter away, or reports that it has been let in.
func (g *Gate[K]) withdraw(id K, w *waiter) (let bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.let {
		return true
	}
	c := g.callers[id]
	for i := range c.waiting {
		if c.waiting[i] == w {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			break
		}
	}
	g.unqueue(c)
	g.forget(id)
	return false
}

func (g *Gate[K]) leave(id K, guest bool, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[id]
	c.used = c.usedAt(g.now()) + max(0, took)
	c.at = g.now()
	c.known = true
	c.under--
	g.taken--
	if guest {
		g.guests--
	}
	g.admit()
	g.forget(id)
}

// admit lets the next callers in as long as there are places.
func (g *Gate[K]) admit() {
	for g.taken < g.places {
		c, guest := g.next()
		if c == nil {
			return
		}
		w := c.waiting[0]
		c.waiting = c.waiting[1:]
		g.unqueue(c)
		c.under++
		g.taken++
		if w.let, w.guest = true, guest; guest {
			g.guests++
		}
		close(w.ready)
	}
}

// next returns the caller whose work comes in next, nil for none, and whether it may not take a reserved place.
func (g *Gate[K]) next() (best *caller, guest bool) {
	now := g.now()
	var least time.Duration
	for c := range g.queue {
		used := c.usedAt(now)
		isGuest := !c.known || used >= heavyUse
		if c.under >= g.each || isGuest && g.guests >= g.places-g.reserved {
			continue
		}
		if best == nil || used < least || used == least && c.waiting[0].turn < best.waiting[0].turn {
			best = c
			least = used
			guest = isGuest
		}
	}
	return best, guest
}

// unqueue takes a caller without waiting work out of the queue.
func (g *Gate[K]) unqueue(c *caller) {
	if len(c.waiting) == 0 {
		delete(g.queue, c)
	}
}

// usedAt returns how much time the caller's work took lately. Less than a millisecond counts as nothing, so that
// callers with quick work take turns.
func (c *caller) usedAt(now time.Time) time.Duration {
	halves := max(0, float64(now.Sub(c.at))/float64(halfLife))
	return time.Duration(float64(c.used) * math.Exp2(-halves)).Truncate(time.Millisecond)
}

// forget drops callers without work of whom nothing counts any more, and when there are too many all who were not here
// within the last seconds.
func (g *Gate[K]) forget(id K) {
	now := g.now()
	if c := g.callers[id]; c.idle() && !c.known {
		delete(g.callers, id)
	}
	if len(g.callers) <= remembered && now.Sub(g.swept) < knownFor {
		return
	}
	g.swept = now
	keep := knownFor
	if len(g.callers) > remembered {
		keep = halfLife
	}
	for key, c := range g.callers {
		if c.idle() && now.Sub(c.at) >= keep {
			delete(g.callers, key)
		}
	}
}

func (c *caller) idle() bool { return c.under == 0 && len(c.waiting) == 0 }

// Take waits for a place in a channel of places until the context ends, whose error it returns. A free place is taken
// even if the context has ended, so that the outcome does not depend on select's random choice.
func Take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	default:
	}
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
