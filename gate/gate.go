// Package gate bounds how much work of one kind is under way: in all, and for each caller, so that whoever asks for a lot
// waits for themselves and not everybody for them. It knows nothing of what the work is.
package gate

import (
	"context"
	"sync"
)

// Gate lets a bounded number of pieces of work in, of which each caller has at most a few. It is safe for concurrent use.
type Gate[K comparable] struct {
	places chan struct{}
	each   int

	mu      sync.Mutex
	callers map[K]*caller
}

// caller is somebody with work under way or waiting.
type caller struct {
	places  chan struct{}
	present int
}

// New returns a gate with some places, of which one caller gets at most each.
func New[K comparable](places, each int) *Gate[K] {
	return &Gate[K]{places: make(chan struct{}, places), each: each, callers: map[K]*caller{}}
}

// Enter waits for a place for a caller, first among the caller's own and then among all, until the context ends, whose
// error it returns. The place is given back by calling leave, once.
func (g *Gate[K]) Enter(ctx context.Context, id K) (leave func(), err error) {
	c := g.arrive(id)
	if err := Take(ctx, c.places); err != nil {
		g.depart(id)
		return nil, err
	}
	if err := Take(ctx, g.places); err != nil {
		<-c.places
		g.depart(id)
		return nil, err
	}
	return func() {
		<-g.places
		<-c.places
		g.depart(id)
	}, nil
}

// Take waits for a place in a channel of places until the context ends, whose error it returns. One that is free is taken
// even when the context has ended, so that what happens then is not left to chance.
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

func (g *Gate[K]) arrive(id K) *caller {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[id]
	if c == nil {
		c = &caller{places: make(chan struct{}, g.each)}
		g.callers[id] = c
	}
	c.present++
	return c
}

func (g *Gate[K]) depart(id K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[id]
	if c.present--; c.present == 0 {
		delete(g.callers, id)
	}
}
