package hammer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"

	"roster/cli/hammer/output"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
	"roster/cli/progress"
)

// journal remembers which rows an import has done, so that it can go on after an interruption, or after the refused
// rows were mended. It knows rows by a hash without the password; the file lies beside the one that is imported.
type journal struct {
	file string
	mu   sync.Mutex
	out  *os.File
	done map[string]bool
	salt string
	// off is whether no row is remembered.
	off bool
}

// openJournal reads the journal of a file. An import of the standard input has none. An import that compares with the
// server forgets what is remembered, and remembers nothing.
func openJournal(file, server string, restart, compares bool) (*journal, error) {
	j := &journal{done: map[string]bool{}, salt: server, off: file == "-" || compares}
	if file == "-" {
		return j, nil
	}
	j.file = file + ".imported"
	if j.off {
		return j, nil
	}
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
		v, ok := row.values[c.name]
		switch {
		case !ok || c.secret:
		case v == value.Null{}:
			fmt.Fprintln(h, c.name)
		default:
			fmt.Fprintf(h, "%s=%q\n", c.name, value.Text(v))
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
	if j.off || j.file == "" {
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

// fewRows is how many rows an import has at least whose progress is shown line by line.
const fewRows = 100

// noProgress shows nothing.
type noProgress struct{}

// Update shows nothing.
func (noProgress) Update(int, int) {}

// Finish shows nothing.
func (noProgress) Finish(bool) {}

// newProgress shows how far an import is: a bar on a terminal, a line every tenth elsewhere, nothing for a few rows.
func newProgress(im *importer, title string) progress.Report {
	if im.out.Verbosity < output.Verbose {
		return noProgress{}
	}
	out := im.out.Err
	if im.errTerminal {
		out = terminal.Raw(im.out.Err)
	}
	return progress.New(out, title, im.errTerminal, fewRows)
}
