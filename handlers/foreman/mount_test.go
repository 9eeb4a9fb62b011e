package foreman

import (
	"testing"

	"roster/models"
)

// A route that says nothing about who may call it is closed, to administrators as well.
func TestAccess_ZeroIsClosed(t *testing.T) {
	self := func() bool { return true }
	if (Access{}).open(&models.Principal{UserID: 1, Admin: true}, self) {
		t.Error("the zero access lets an administrator in")
	}
	for _, r := range new(API).Routes() {
		if !r.Access.Anybody && !r.Access.AnyAccount && len(r.Access.Permissions) == 0 {
			t.Errorf("%s %s is closed to everybody", r.Method, r.Path)
		}
	}
}
