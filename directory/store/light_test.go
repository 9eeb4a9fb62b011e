package store

import (
	"testing"

	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// Lists of active users by login, for administrators, wait for no place among searches; all others that narrow or sort
// do.
func TestListing_Light(t *testing.T) {
	byLogin := []search.SortKey{{Field: "login"}}
	active := scopes.WithStatus(models.UserActive)
	for what, test := range map[string]struct {
		admin bool
		query ListQuery
		want  bool
	}{
		"active users by login":         {true, ListQuery{Node: active, Sort: byLogin}, true},
		"the same for others":           {false, ListQuery{Node: active, Sort: byLogin}, false},
		"locked users":                  {true, ListQuery{Node: scopes.WithStatus(models.UserLocked), Sort: byLogin}, false},
		"by mail":                       {true, ListQuery{Node: active, Sort: []search.SortKey{{Field: "mail"}}}, false},
		"active users who are searched": {true, ListQuery{Node: active, Sort: byLogin, Search: "x"}, false},
		"all users":                     {true, ListQuery{Sort: byLogin}, false},
	} {
		l := Listing[models.User, models.User]{Resource: scopes.Users, Query: test.query,
			Caller: &models.Principal{UserID: 1, Admin: test.admin}}
		if got := l.light(); got != test.want || l.costly() == test.want {
			t.Errorf("%s: light %v, costly %v", what, got, l.costly())
		}
	}
}
