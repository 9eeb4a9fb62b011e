package store

import "testing"

// Audits name settings by numbers, which stay.
func TestSettings_Numbers(t *testing.T) {
	fixed := map[string]int64{"administrator": 1, "entries_per_page": 4, "failed_login_attempts_limit": 9,
		"session_lifetime": 15}
	seen := map[int64]string{}
	for _, s := range Settings {
		if other, taken := seen[s.ID]; taken || s.ID < 1 {
			t.Errorf("%s has the number %d of %q", s.Name, s.ID, other)
		}
		seen[s.ID] = s.Name
		if want, known := fixed[s.Name]; known && s.ID != want {
			t.Errorf("%s: got the number %d, want %d", s.Name, s.ID, want)
		}
	}
}
