package replica

import (
	"testing"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// What a second caller of a request may do is never read at an older state than that caller: here a replica that
// serves the first one stands still, and a right is taken away in between.
func TestReads_SecondCaller(t *testing.T) {
	s := start(t)
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	s.Admin().Put("/api/users/ann", object{"user": object{"role_names": []string{"Viewer"}}}).Expect(200)
	ann := s.As("ann", "first secret")
	ann.Get("/api/users").Expect(200)
	viewer := s.Role("Viewer")
	administrator := s.Administrator()
	s.caughtUp()
	ctx := s.Dir.Reading(t.Context())
	maySee := func(login string) bool {
		row, err := s.Dir.AccountNamed(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Dir.PrincipalOf(ctx, row, "", "")
		if err != nil {
			t.Fatal(err)
		}
		return p.Can("view_users")
	}
	if n := s.readThere(func() { maySee("admin") }); n != 1 {
		t.Fatal("the first caller is not served by the replica")
	}
	s.exec("SELECT pg_wal_replay_pause()")
	err := s.Dir.Change(t.Context(), administrator, func(tx *store.Tx) error {
		tx.Bump(store.RevisionSnapshot, 0)
		return tx.Exec("DELETE FROM filters WHERE role_id = ?", viewer).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if maySee("ann") {
		t.Error("a right that was taken away acts in the request")
	}
	ann.Get("/api/users").Expect(403)
	s.exec("SELECT pg_wal_replay_resume()")
}

// What an identity provider was shown in a list is there by its id at once, although the list has just made that.
func TestReads_LinksMadeByLists(t *testing.T) {
	s := start(t)
	organization := s.Organization("Acme")
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	s.Admin().Put("/api/users/ann", object{"user": object{"organization_ids": []int64{organization}}}).Expect(200)
	_, token, err := s.Dir.CreateScimToken(t.Context(), s.Administrator(),
		directory.Ref{ID: organization},
		directory.ScimTokenChange{Name: models.Some("idp")})
	if err != nil {
		t.Fatal(err)
	}
	provider := s.Nobody().With("Authorization", "Bearer "+token)
	provider.Get("/scim/v2/ServiceProviderConfig").Expect(200)
	provider.Get("/scim/v2/Groups").Expect(200)
	s.caughtUp()
	s.exec("SELECT pg_wal_replay_pause()")
	id := provider.Get("/scim/v2/Users?filter=userName+eq+%22ann%22").Expect(200).Text("Resources", 0, "id")
	provider.Get("/scim/v2/Users/" + id).Expect(200)
	s.exec("SELECT pg_wal_replay_resume()")
}
