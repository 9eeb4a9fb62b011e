package server

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// A dump is taken over from a file; one that cannot be read, and no --from at all, are refused.
func TestTakeover_CVAT(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	take := func(args ...string) (string, error) {
		var out, errs bytes.Buffer
		args = append([]string{"takeover", "cvat", "--database", "sqlite://" + filepath.Join(dir, "roster.db")}, args...)
		err := Run(t.Context(), args, []string{"ROSTER_ADMIN_PASSWORD=open sesame"}, &out, &errs)
		return out.String(), err
	}
	const dump = "../../directory/takeover/testdata/cvat.json"
	for _, test := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"--from", filepath.Join(dir, "nothing.json")}, "", exitFailure},
		{[]string{"--from", "takeover.go"}, "", exitFailure}, {[]string{"--from", "oracle://h/d"}, "", exitFailure},
		{[]string{"--from", dump, "--on-conflict", "guess"}, "", exitUsage},
		{[]string{"--from", dump, "--dry-run"}, "Nothing was written", 0},
		{[]string{"--from", dump, "--report", filepath.Join(dir, "report.json")}, "Taken over with all numbers", 0},
		{[]string{"--from", dump}, "7 users compared, 0 differ.", 0},
	} {
		out, err := take(test.args...)
		if ExitCode(err) != test.code || !strings.Contains(out, test.want) {
			t.Errorf("%q: got %v with %s", test.args, err, out)
		}
	}
}
