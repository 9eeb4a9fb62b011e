package backup_test

import (
	"fmt"
	"testing"
	"time"

	"roster/config"
	"roster/directory/backup"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// What ends while a backup lies about has ended when it is restored.
func TestRestore_Ends(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, from *config.Database) {
		s := servertest.Start(t, from)
		acme := s.Organization("Acme")
		in := servertest.Object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		role := s.NewRole("keeper", "view_users", "edit_users")
		ann := s.User("ann", in)
		bob := s.User("bob", in)
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		ended := s.User("ended", in, servertest.Object{"expires_at": end})
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d/memberships/%d", acme, ann.ID), servertest.Object{
			"membership": servertest.Object{"expires_at": end, "role_ids": []int64{role}}}).Expect(200)
		s.By(ann).Get(bob.Path("")).Expect(200)
		file, _ := written(t, from, backup.Options{})
		fresh := dbtest.SQLite(t)
		restored(t, fresh, file)
		later := servertest.NewClock(servertest.SeedTime.Add(48 * time.Hour))
		there := servertest.Launch(t, fresh, later, servertest.AnyLDAP{}, handlers.Options{})
		there.By(ann).Get(bob.Path("")).Expect(403)
		there.By(ended).Get("/api/current_user").Expect(401)
		// Where the next end is not known, the maintenance finds it.
		there.Execute("DELETE FROM tallies WHERE name = 'ends'")
		there.Execute("UPDATE memberships SET state = 'active', ended = FALSE WHERE user_id = ?", ann.ID)
		if err := there.Logins.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := there.Find("SELECT COUNT(*) FROM memberships WHERE ended"); n != 1 {
			t.Errorf("%d memberships have ended, want 1", n)
		}
	})
}
