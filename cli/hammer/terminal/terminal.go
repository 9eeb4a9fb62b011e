// Package terminal writes to terminals what other people may have written: control characters are shown, not obeyed.
package terminal

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

// Writer is a terminal that text is written to. Part of the text comes from other people, so control characters are
// escaped and not obeyed: no name can move the cursor, set the clipboard or change the title. Files and pipes are not
// wrapped, and get the text as it is.
//
// All output goes through it. The program's own sequences are marks in the text (Bold, Red), or are written to Raw.
type Writer struct{ io.Writer }

// Marks stand for the program's own sequences in a text. They differ from run to run, so that no other text can contain
// them.
var (
	mark      = "\xfe" + rand.Text()
	markBold  = mark + "b"
	markRed   = mark + "r"
	markPlain = mark + "p"
	sequences = map[string]string{markBold: "\x1b[1m", markRed: "\x1b[31m", markPlain: "\x1b[0m"}
)

// Bold marks a text as bold. Only a Writer may print it.
func Bold(s string) string { return markBold + s + markPlain }

// Red marks a text as red. Only a Writer may print it.
func Red(s string) string { return markRed + s + markPlain }

// Wrap returns a Writer over w if that is a terminal, and w itself otherwise.
func Wrap(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &Writer{f}
	}
	return w
}

// Behind returns the terminal that w writes to, nil if there is none. It looks behind one writer that has a method
// Unwrap.
func Behind(w io.Writer) *Writer {
	if over, ok := w.(interface{ Unwrap() io.Writer }); ok {
		w = over.Unwrap()
	}
	s, _ := w.(*Writer)
	return s
}

// Raw returns the writer for the program's own control sequences.
func Raw(w io.Writer) io.Writer {
	if s := Behind(w); s != nil {
		return s.Writer
	}
	return w
}

// Width returns how many columns the window has, 0 if that is unknown.
func (s *Writer) Width() int {
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

// Write escapes control characters. Line breaks and tabs are left: they are the program's own, since those of values
// are escaped before.
func (s *Writer) Write(p []byte) (int, error) {
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
			writeEscaped(&b, r, text[:size])
		}
		text = text[size:]
	}
	if _, err := io.WriteString(s.Writer, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Escape returns a text in which control characters are written as in JSON, "\u001b" or "\n", and bytes that are not
// UTF-8 as "\xff".
func Escape(s string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		writeEscaped(&b, r, s[:size])
		s = s[size:]
	}
	return b.String()
}

// writeEscaped writes one character: r, which is raw in the text.
func writeEscaped(b *strings.Builder, r rune, raw string) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(b, `\x%02x`, raw[0])
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case isControl(r):
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		b.WriteString(raw)
	}
}

// isControl reports whether a terminal would act on a character instead of drawing it: control characters, and
// characters that change the direction of the text around them or break its line.
func isControl(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u061c', r == '\u200e', r == '\u200f':
		return true
	}
	return '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
