package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

func TestHealth_ManyAskOnce(t *testing.T) {
	var asked atomic.Int64
	release := make(chan struct{})
	h := NewHealth(Check{"slow", func(context.Context) error {
		asked.Add(1)
		<-release
		return nil
	}}, Check{"broken", func(context.Context) error { return errors.New("a secret reason") }})
	ready := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.Ready(w, httptest.NewRequest("GET", "/readyz", nil))
		return w
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			w := ready()
			const want = `{"broken":"not ok","draining":"no","slow":"ok","status":"unavailable"}` + "\n"
			if w.Code != http.StatusServiceUnavailable || w.Body.String() != want ||
				w.Header().Get("Retry-After") == "" {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
	close(release)
	all.Wait()
	ready()
	if n := asked.Load(); n < 1 || n > 2 { // two where the machine stood still for a second
		t.Errorf("asked %d times, want once", n)
	}
}

func TestHealth_WhoGivesUpHearsThatNothingWorks(t *testing.T) {
	h := NewHealth(Check{"slow", func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := h.Parts(ctx); got["slow"] || len(got) != 1 {
		t.Errorf("got %v", got)
	}
}
