package hammer

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen is a terminal to write to. Whatever is printed there was at least in part written by others, so that control
// characters are shown and not obeyed: nobody's name moves the cursor, sets the clipboard or changes the title. What
// goes elsewhere, into files and pipes, is left as it is.
//
// All output takes this way. The program's own sequences are marks in a text, or are written to bare.
type screen struct{ io.Writer }

// Marks stand for the program's own sequences in a text. They differ from run to run, so that nobody else can write
// one.
var (
	mark      = "\xfe" + rand.Text()
	markBold  = mark + "b"
	markRed   = mark + "r"
	markPlain = mark + "p"
	sequences = map[string]string{markBold: "\x1b[1m", markRed: "\x1b[31m", markPlain: "\x1b[0m"}
)

func bold(s string) string { return markBold + s + markPlain }
func red(s string) string  { return markRed + s + markPlain }

// screenOf wraps a writer that is a terminal, and no other.
func screenOf(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &screen{f}
	}
	return w
}

// screenBehind is the terminal that a writer leads to, nil if there is none.
func screenBehind(w io.Writer) *screen {
	if over, ok := w.(*watched); ok {
		w = over.Writer
	}
	s, _ := w.(*screen)
	return s
}

// bare is the writer for sequences of the program's own.
func bare(w io.Writer) io.Writer {
	if s := screenBehind(w); s != nil {
		return s.Writer
	}
	return w
}

// width is how many columns the window has, 0 if nobody knows.
func (s *screen) width() int {
	f, ok := s.Writer.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// Write shows what is no ordinary character. Line breaks and tabs are the program's own here: those of values were
// shown where the values were.
func (s *screen) Write(p []byte) (int, error) {
	var b strings.Builder
	for text := string(p); text != ""; {
		if strings.HasPrefix(text, mark) && len(text) > len(mark) {
			b.WriteString(sequences[text[:len(mark)+1]])
			text = text[len(mark)+1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if r == '\n' || r == '\t' {
			b.WriteRune(r)
		} else {
			writeVisible(&b, r, text[:size])
		}
		text = text[size:]
	}
	if _, err := io.WriteString(s.Writer, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// visible writes control characters as JSON does, "\u001b" or "\n", and what is no UTF-8 as "\xff".
func visible(s string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		writeVisible(&b, r, s[:size])
		s = s[size:]
	}
	return b.String()
}

// writeVisible writes one character, which is r and was written as raw.
func writeVisible(b *strings.Builder, r rune, raw string) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(b, `\x%02x`, raw[0])
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case obeyed(r):
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		b.WriteString(raw)
	}
}

// obeyed reports whether a terminal would act on a character instead of drawing it: control characters, and those that
// turn the direction of the text around them or break its line.
func obeyed(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u061c', r == '\u200e', r == '\u200f':
		return true
	}
	return '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// watched remembers whether something could not be written: a full disk must not look like a success.
type watched struct {
	io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}
