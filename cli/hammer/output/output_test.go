package output

import (
	"bytes"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

func TestTable_ColumnsFitTheWindow(t *testing.T) {
	var b bytes.Buffer
	p := &Printer{Out: &b, Form: "table", Verbosity: Verbose, Width: 24}
	_ = p.List(Columns("Id=id, Name=name, Text=text"),
		[]any{value.NewObject("id", 1, "name", "Žluťoučký kůň", "text", "0123456789")}, Page{})
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 24 {
			t.Errorf("%q is %d wide", line, n)
		}
	}
	if !strings.Contains(b.String(), "...") {
		t.Errorf("nothing was cut: %s", b.String())
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-02 03:04:05 UTC": "2026/01/02 03:04:05", "2026-01-02T03:04:05.678Z": "2026/01/02 03:04:05",
		"2026-01-02T03:04:05+02:00": "2026/01/02 03:04:05",
		"2026-01-02":                "2026/01/02 00:00:00", "": "", "never": "", "2026-13-02": "", "2026-02-30": "",
	} {
		if got := formatDate(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
