package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// hostile moves the cursor, colours, sets the clipboard and the title, and turns the text around, in 7 and in 8 bits.
const hostile = "A\x1b[31mB\x1b]52;c;QUJD\x07C\x1b]0;title\x1b\\D\rE\nF\tG\x7fH\b\u009b2J\u202eI\u2066\u200f\u061c\u2028K"

// shownHostile is what a screen makes of it.
const shownHostile = `A\u001b[31mB\u001b]52;c;QUJD\u0007C\u001b]0;title\u001b\D\rE\nF\tG\u007fH\u0008\u009b2J\u202eI\u2066\u200f\u061c\u2028K`

// Whatever is printed, nothing is isControl, and what needs no showing stays as it is.
func TestWriter_AnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()),
			func(b []byte) string { return string(b) })).Draw(t, "text")
		var b bytes.Buffer
		n, err := io.WriteString(&Writer{&b}, text)
		if n != len(text) || err != nil {
			t.Fatalf("wrote %d of %d: %v", n, len(text), err)
		}
		for _, r := range b.String() {
			if isControl(r) && r != '\n' && r != '\t' {
				t.Fatalf("%q becomes %q", text, b.String())
			}
		}
		line := Escape(text)
		if strings.ContainsFunc(line, isControl) || !utf8.ValidString(line) || Escape(line) != line {
			t.Fatalf("%q becomes %q", text, line)
		}
		if !strings.ContainsFunc(text, isControl) && utf8.ValidString(text) && line != text {
			t.Fatalf("%q becomes %q, and need not", text, line)
		}
	})
	if got := Escape(hostile); got != shownHostile {
		t.Errorf("got %s", got)
	}
	if got := Escape("caf\xe9 \x9b"); got != `caf\xe9 \x9b` {
		t.Errorf("got %s", got)
	}
}
