package gate_test

import (
	"context"
	"testing"

	"roster/gate"
)

// ended is a context that has ended: whoever would have to wait does not.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestGate(t *testing.T) {
	g, now := gate.New[int64](3, 2), ended(t)
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
	first, second := enter(1), enter(1)
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
	g := gate.New[int64](1, 1)
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
