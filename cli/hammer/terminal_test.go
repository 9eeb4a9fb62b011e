package hammer

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever is printed, nothing is obeyed, and what needs no showing stays as it is.
func TestScreen_AnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()),
			func(b []byte) string { return string(b) })).Draw(t, "text")
		var b bytes.Buffer
		n, err := io.WriteString(&screen{&b}, text)
		if n != len(text) || err != nil {
			t.Fatalf("wrote %d of %d: %v", n, len(text), err)
		}
		for _, r := range b.String() {
			if obeyed(r) && r != '\n' && r != '\t' {
				t.Fatalf("%q becomes %q", text, b.String())
			}
		}
		line := visible(text)
		if strings.ContainsFunc(line, obeyed) || !utf8.ValidString(line) || visible(line) != line {
			t.Fatalf("%q becomes %q", text, line)
		}
		if !strings.ContainsFunc(text, obeyed) && utf8.ValidString(text) && line != text {
			t.Fatalf("%q becomes %q, and need not", text, line)
		}
	})
	if got := visible(hostile); got != shownHostile {
		t.Errorf("got %s", got)
	}
	if got := visible("caf\xe9 \x9b"); got != `caf\xe9 \x9b` {
		t.Errorf("got %s", got)
	}
}
