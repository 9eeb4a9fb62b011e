package guides

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A page's line matches what varies, and nothing else.
func TestMatches(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	const id = "e0b3cdf3-666d-4c18-a1bd-a4e1c80fabd0"
	const other = "00000000-666d-4c18-a1bd-a4e1c80fabd0"
	for _, x := range []struct {
		shown, got string
		want       bool
	}{
		{"1 | ann", "1 | ann", true},
		{"1 | ann", "1 | ann  ", true},
		{"1 | ann", "2 | ann", false},
		{"a.b", "axb", false},
		{"Roster ... is ready.", "Roster dev is ready.", true},
		{"Roster ... is ready.", "Roster dev is not ready", false},
		{"token ****", "token abcd", true},
		{"token ****", "token abcde", false},
		{"token ****", "token a cd", false},
		{"***", "abc", false},
		{"at 2026/11/01 08:00:00 by", "at 2026/11/27 11:59:00 by", true},
		{"at 2026/11/01 08:00:00 by", "at 2026/11/27 10:00:00 by", false},
		{"at 2026/11/01 08:00:00 by", "at 2026/11/27 12:30:00 by", false},
		{"at 2026-11-01T08:00:00Z", "at 2026-11-27T11:30:00.123Z", true},
		{"from 2026-01-24T00:00:00+01:00 on", "from 2026-01-24T00:00:00+01:00 on", true},
		{"until 2027/06/30 23:59:59", "until 2027/06/30 23:59:59", true},
		{"until 2027/06/30 23:59:59", "until 2027/06/29 23:59:59", false},
		{"until 2027/06/30 23:59:59", "until 2026/11/27 11:59:00", false},
		{"id " + id, "id " + other, true},
		{"id " + id, "id 5", false},
	} {
		if got := matches(x.shown, x.got, now); got != x.want {
			t.Errorf("%q and %q: %v", x.shown, x.got, got)
		}
	}
}

// An update changes the lines of output that differ, and hides secrets.
func TestUpdated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	text := "# A\n```console\n$ one\n> more\nRoster ... is ready.\nold\n$ two\n```\n```sh\n$ three\n```\nend\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := readPage(path)
	if err != nil || len(p.commands) != 2 || p.commands[0].text != "one\nmore" {
		t.Fatal(p, err)
	}
	one := updated(p.commands[0].shown, []string{"Roster dev is ready.", "new"}, time.Now())
	two := updated(p.commands[1].shown, []string{"QV1B6JSCmTInS_Ai4fmgpg", "rst_scim_abc"}, time.Now())
	want := "# A\n```console\n$ one\n> more\nRoster ... is ready.\nnew\n$ two\n**********************\n************\n" +
		"```\n```sh\n$ three\n```\nend\n"
	if diff := cmp.Diff(want, p.with([][]string{one, two})); diff != "" {
		t.Error(diff)
	}
}
