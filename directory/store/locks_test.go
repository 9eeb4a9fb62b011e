package store

import "testing"

// Two locks of one number would make changes wait for each other that have nothing to do with each other, or for ever.
func TestLocks_AreDifferent(t *testing.T) {
	seen := map[LockKey]bool{}
	for _, key := range []LockKey{LockSeed, LockCustom, LockSettings, LockTenants, LockGroups, LockNames, LockMails,
		LockAdmins, LockAuthority} {
		if seen[key] {
			t.Errorf("the lock %x has two names", int64(key))
		}
		seen[key] = true
	}
}
