package gate_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"roster/gate"
)

// ended is a context that has ended: whoever would have to wait does not.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestGate(t *testing.T) {
	g := gate.New[int64](3, 2, time.Now)
	now := ended(t)
	enter := func(id int64) func() {
		t.Helper()
		leave, err := g.Enter(now, id)
		if err != nil {
			t.Fatalf("caller %d has to wait", id)
		}
		return leave
	}
	refused := func(id int64) {
		t.Helper()
		if _, err := g.Enter(now, id); err == nil {
			t.Fatalf("caller %d does not have to wait", id)
		}
	}
	first := enter(1)
	second := enter(1)
	refused(1)
	other := enter(2)
	refused(2) // no place is left at all
	refused(3)
	first()
	third := enter(3)
	refused(1)
	for _, leave := range []func(){second, other, third} {
		leave()
	}
	enter(1)()
}

// Whoever waits gets the place that becomes free.
func TestGate_Waits(t *testing.T) {
	g := gate.New[int64](1, 1, time.Now)
	leave, err := g.Enter(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan error)
	go func() {
		leave, err := g.Enter(t.Context(), 2)
		if err == nil {
			leave()
		}
		entered <- err
	}()
	leave()
	if err := <-entered; err != nil {
		t.Error(err)
	}
}

// Of those who wait the one comes in first whose work took the least time lately, and a reserved place stays free for
// those whose work is known to be quick.
func TestGate_IsFair(t *testing.T) {
	at := time.Date(2024, 1, 10, 8, 0, 0, 0, time.UTC)
	g := gate.Reserving[string](2, 2, 1, func() time.Time { return at })
	enter := func(id string) func() {
		t.Helper()
		leave, err := g.Enter(ended(t), id)
		if err != nil {
			t.Fatalf("%s has to wait", id)
		}
		return leave
	}
	refused := func(id string) {
		t.Helper()
		if _, err := g.Enter(ended(t), id); err == nil {
			t.Fatalf("%s takes a place that is kept for others", id)
		}
	}
	modest := enter("modest")
	refused("new") // of whom nothing is known
	at = at.Add(time.Second)
	modest()
	greedy := enter("greedy")
	at = at.Add(9 * time.Second)
	greedy()
	greedy = enter("greedy")
	refused("greedy")
	refused("new")
	modest = enter("modest")
	entered := make(chan string)
	var waiting sync.WaitGroup
	for _, id := range []string{"greedy", "modest", "new"} {
		waiting.Go(func() {
			leave, err := g.Enter(t.Context(), id)
			if err != nil {
				t.Error(err)
				return
			}
			entered <- id
			leave()
		})
	}
	for g.Waiting() < 3 {
		time.Sleep(time.Millisecond)
	}
	modest()
	order := []string{<-entered}
	greedy()
	order = append(order, <-entered, <-entered)
	if want := []string{"modest", "new", "greedy"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
	waiting.Wait()
	// What was used long ago counts no more.
	at = at.Add(5 * time.Minute)
	enter("greedy")
	enter("greedy")()
}
