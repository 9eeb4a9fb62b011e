package servertest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// CompareExamples compares examples with those that a file keeps, which errors call by a name. ROSTER_UPDATE=1
// keeps them.
func CompareExamples(t *testing.T, file, name string, got map[string]string) {
	t.Helper()
	if os.Getenv("ROSTER_UPDATE") != "" {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-), the server (+); ROSTER_UPDATE=1 writes it, then make generate:\n%s", name, diff)
	}
}
