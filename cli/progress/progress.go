// Package progress shows how far a long piece of work has come.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	pretty "github.com/jedib0t/go-pretty/v6/progress"
)

// Report shows how far a long piece of work has come. It is safe for concurrent use.
type Report interface {
	// Update sets how many pieces of work are done. It may be called at any rate.
	Update(done, total int)
	// Finish ends the report. It is called once.
	Finish(ok bool)
}

// New returns a progress bar if terminal is set. Otherwise it returns a Report that prints a line for every tenth of
// the work, if there are at least minimum pieces of it.
func New(w io.Writer, title string, terminal bool, minimum int) Report {
	if terminal {
		return newBar(w, title)
	}
	return &lines{w: w, title: title, minimum: minimum}
}

// lines prints to logs and pipes.
type lines struct {
	w       io.Writer
	title   string
	minimum int
	mu      sync.Mutex
	tenths  int
}

// Update prints a line for every tenth of the whole.
func (l *lines) Update(done, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if total <= 0 || total < l.minimum {
		return
	}
	if tenths := done * 10 / total; tenths > l.tenths {
		l.tenths = tenths
		fmt.Fprintf(l.w, "%s: %d %% (%d of %d)\n", l.title, tenths*10, done, total)
	}
}

// Finish prints nothing: the last line has been printed.
func (l *lines) Finish(bool) {}

// bar redraws itself until it is finished.
type bar struct {
	writer  pretty.Writer
	tracker *pretty.Tracker
	stopped chan struct{}
}

func newBar(w io.Writer, title string) *bar {
	b := &bar{writer: pretty.NewWriter(), tracker: &pretty.Tracker{Message: title}, stopped: make(chan struct{})}
	b.writer.SetOutputWriter(w)
	b.writer.SetUpdateFrequency(100 * time.Millisecond)
	b.writer.SetAutoStop(true) // which ends a drawing that begins only after everything is done
	b.writer.SetTrackerLength(40)
	b.writer.Style().Visibility.Speed = true
	b.writer.Style().Visibility.ETA = true
	b.writer.AppendTracker(b.tracker)
	go func() {
		b.writer.Render()
		close(b.stopped)
	}()
	return b
}

// Update moves the bar.
func (b *bar) Update(done, total int) {
	b.tracker.UpdateTotal(int64(total))
	b.tracker.SetValue(int64(done))
}

// Finish waits for the last drawing, so that later output comes below it.
func (b *bar) Finish(ok bool) {
	if ok {
		b.tracker.MarkAsDone()
	} else {
		b.tracker.MarkAsErrored()
	}
	b.writer.Stop()
	<-b.stopped
}
