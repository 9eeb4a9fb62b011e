package spreadsheet

import "testing"

const formula = "=cmd|' /C calc'!A0"

func TestGuard(t *testing.T) {
	for text, guarded := range map[string]string{
		formula: "'" + formula, "+1": "'+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)", "\tx": "'\tx", "\rx": "'\rx",
		"\nx": "'\nx", "  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "\ufeff=1": "'\ufeff=1",
		`"=1"`: `'"=1"`, `" =1`: `'" =1`, "＝1": "'＝1", "＠x": "'＠x", "'=1": "''=1", "''=1": "'''=1", "' =1": "'' =1",
		"": "", "a=1": "a=1", "'tis": "'tis", "'": "'", `"x"`: `"x"`, "ann@example.com": "ann@example.com",
		"x -1": "x -1",
		"1-2":  "1-2", "'a=": "'a=",
	} {
		if got := Guard(text); got != guarded {
			t.Errorf("%q: got %q, want %q", text, got, guarded)
		}
		if got := Unguard(guarded); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
