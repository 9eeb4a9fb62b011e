package rails

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestIDs(t *testing.T) {
	for text, want := range map[string]struct {
		leading, dashed int64
		is              bool
	}{
		"5": {5, 5, true}, "5-bob": {5, 5, false}, "5-": {5, 5, false}, "5x": {5, 0, false}, "5.json": {5, 0, false},
		"05": {5, 0, false}, "05-x": {5, 0, false}, "0": {0, 0, true}, "": {0, 0, false}, "bob": {0, 0, false},
		"-5": {0, 0, false}, "+5": {0, 0, false}, " 5": {0, 0, false}, "9223372036854775807": {9223372036854775807,
			9223372036854775807, true}, "9223372036854775808": {0, 0, false},
		"٥": {0, 0, false}, "1e3": {1, 0, false}, "0x5": {0, 0, false}, "5-5": {5, 5, false}, "5--": {5, 5, false},
	} {
		if got := LeadingID(text); got != want.leading {
			t.Errorf("LeadingID(%q): got %d, want %d", text, got, want.leading)
		}
		if got := DashedID(text); got != want.dashed {
			t.Errorf("DashedID(%q): got %d, want %d", text, got, want.dashed)
		}
		if got := IsID(text); got != want.is {
			t.Errorf("IsID(%q): got %t, want %t", text, got, want.is)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Min(0).Draw(t, "id")
		tail := rapid.StringMatching(`(-.*)?`).Draw(t, "tail")
		if text := fmt.Sprint(id, tail); LeadingID(text) != id || DashedID(text) != id {
			t.Errorf("%q: got %d and %d", text, LeadingID(text), DashedID(text))
		}
	})
}
