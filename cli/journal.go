package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// journal remembers which rows an import has done, so that it can go on after an interruption, or after the refused
// rows were mended. It knows rows by a hash without the password; the file lies beside the one that is imported.
type journal struct {
	file string
	mu   sync.Mutex
	out  *os.File
	done map[string]bool
	salt string
}

// openJournal reads the journal of a file. An import of the standard input has none.
func openJournal(file, server string, restart bool) (*journal, error) {
	j := &journal{done: map[string]bool{}, salt: server}
	if file == "-" {
		return j, nil
	}
	j.file = file + ".imported"
	if restart {
		j.remove()
	}
	f, err := os.Open(j.file)
	if errors.Is(err, os.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		j.done[lines.Text()] = true
	}
	return j, nil
}

func (j *journal) hash(row userRow) string {
	h := sha256.New()
	fmt.Fprintln(h, j.salt)
	for _, c := range userColumns {
		if v, ok := row.values[c.name]; ok && !c.secret {
			fmt.Fprintf(h, "%s=%q\n", c.name, rubyText(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (j *journal) has(row userRow) bool {
	if j.file == "" {
		return false
	}
	key := j.hash(row)
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done[key]
}

func (j *journal) add(row userRow) error {
	if j.file == "" {
		return nil
	}
	key := j.hash(row)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.out == nil {
		f, err := os.OpenFile(j.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		j.out = f
	}
	j.done[key] = true
	_, err := j.out.WriteString(key + "\n")
	return err
}

func (j *journal) close() {
	if j.out != nil {
		j.out.Close()
	}
}

func (j *journal) remove() {
	if j.file != "" {
		os.Remove(j.file)
	}
}

// progressBar shows how far an import is: a bar on a terminal, a line every tenth elsewhere, nothing for a few rows.
type progressBar struct {
	app     *importer
	total   int
	tenths  int
	mu      sync.Mutex
	writer  progress.Writer
	tracker *progress.Tracker
	stopped chan struct{}
	title   string
}

const fewRows = 100

func newProgress(im *importer, title string, total int) *progressBar {
	b := &progressBar{app: im, total: total, title: title}
	if im.out.errTerminal && im.out.verbosity >= verbose {
		b.writer, b.tracker, b.stopped = progress.NewWriter(), &progress.Tracker{Message: title, Total: int64(total)}, make(chan struct{})
		b.writer.SetOutputWriter(bare(im.out.err))
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
	}
	return b
}

func (b *progressBar) update(done int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tracker != nil {
		b.tracker.SetValue(int64(done))
		return
	}
	if tenths := done * 10 / max(b.total, 1); tenths > b.tenths && b.total >= fewRows && b.app.out.verbosity >= verbose {
		b.tenths = tenths
		fmt.Fprintf(b.app.out.err, "%s: %d %% (%d of %d)\n", b.title, tenths*10, done, b.total)
	}
}

// finish waits for the last drawing, so that what is printed next comes below it.
func (b *progressBar) finish(ok bool) {
	if b.tracker == nil {
		return
	}
	if ok {
		b.tracker.MarkAsDone()
	} else {
		b.tracker.MarkAsErrored()
	}
	b.writer.Stop()
	<-b.stopped
}
