package main

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"roster/config"
)

// progressReport shows how far a long piece of work has come: as a bar on a terminal, as a line every tenth elsewhere.
type progressReport interface {
	// update is called as often as the work likes, from one goroutine at a time.
	update(done, total int)
	finish(ok bool)
}

func newProgress(w io.Writer, title string) progressReport {
	if config.IsTerminal(w) {
		return newBar(w, title)
	}
	return &progressLines{w: w, title: title}
}

// progressLines suits logs and pipes.
type progressLines struct {
	w      io.Writer
	title  string
	tenths int
}

func (l *progressLines) update(done, total int) {
	if total <= 0 {
		return
	}
	if tenths := done * 10 / total; tenths > l.tenths {
		l.tenths = tenths
		fmt.Fprintf(l.w, "%s: %d %% (%d of %d)\n", l.title, tenths*10, done, total)
	}
}

func (l *progressLines) finish(bool) {}

// progressBar draws itself over and over until it is finished.
type progressBar struct {
	writer  progress.Writer
	tracker *progress.Tracker
	stopped chan struct{}
}

func newBar(w io.Writer, title string) *progressBar {
	b := &progressBar{writer: progress.NewWriter(), tracker: &progress.Tracker{Message: title}, stopped: make(chan struct{})}
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

func (b *progressBar) update(done, total int) {
	b.tracker.UpdateTotal(int64(total))
	b.tracker.SetValue(int64(done))
}

// finish waits for the last drawing, so that what is printed next comes below it.
func (b *progressBar) finish(ok bool) {
	if ok {
		b.tracker.MarkAsDone()
	} else {
		b.tracker.MarkAsErrored()
	}
	b.writer.Stop()
	<-b.stopped
}
