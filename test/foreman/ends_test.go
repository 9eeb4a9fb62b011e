package foreman

import (
	"fmt"
	"testing"
	"time"

	"roster/test/servertest"
)

// An account that has ended lets nobody in from that moment on, whatever opens it, and says why.
func TestEnds_Accounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.User("ann", object{"admin": true})
		path := ann.Path("")
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		token := s.By(ann).Post(ann.Path("/personal_access_tokens"), object{"name": "ci"}).Expect(201).
			Text("token_value")
		s.By(ann).Put(path, object{"user": object{"expires_at": end}}).Expect(422).
			Want("can't be changed for yourself", "error", "errors", "expires_at", 0)
		made := s.Admin().Put(path, object{"user": object{"expires_at": end}}).Expect(200).Want(false, "disabled")
		if at, err := time.Parse("2006-01-02 15:04:05 UTC", made.Text("expires_at")); err != nil ||
			at.Format(time.RFC3339) != end {
			t.Errorf("expires_at is %s, want %s", made, end)
		}
		session := s.As("ann", ann.Password).Get("/api/current_user").Expect(200).Header.Get("Set-Cookie")
		if session == "" {
			t.Fatal("there is no session")
		}
		s.Clock.Advance(time.Hour)
		s.As("ann", ann.Password).Get("/api/current_user").Expect(401).
			Want("User account has expired, please contact your administrator", "error", "message")
		s.As("ann", token).Get("/api/current_user").Expect(401)
		s.As("ann", "wrong").Get("/api/current_user").Expect(401).
			Want("Unable to authenticate user ann", "error", "message")
		s.Admin().Get(path).Expect(200).Want(true, "disabled")
		if n := s.Find("SELECT COUNT(*) FROM sessions WHERE user_id = ?", ann.ID); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		s.Admin().Get("/api/users?search=expires_at+%3C+tomorrow+and+disabled+%3D+true").Expect(200).
			Want(int64(1), "subtotal")
		s.Admin().Get(fmt.Sprintf("/api/audits?search=auditable_id+%%3D+%d+and+type+%%3D+user&order=id+DESC", ann.ID)).
			Expect(200).Want("update", "results", 0, "action").
			Want([]any{false, true}, "results", 0, "audited_changes", "disabled")

		// It stays so until its end is moved.
		s.Admin().Put(path, object{"user": object{"disabled": false}}).Expect(422).
			Want("can't be changed while expires_at is in the past", "error", "errors", "disabled", 0)
		s.Admin().Put(path, object{"user": object{"firstname": "Ann", "disabled": true}}).Expect(200).
			Want(true, "disabled")
		s.Admin().Put(path, object{"user": object{"expires_at": "2035-01-01"}}).Expect(200).
			Want(false, "disabled").Want("2035-01-01 23:59:59 UTC", "expires_at")
		s.As("ann", ann.Password).Get("/api/current_user").Expect(200)
		s.Admin().Put(path, object{"user": object{"expires_at": "2020-01-01"}}).Expect(200).Want(true, "disabled")
		s.Admin().Put(path, object{"user": object{"expires_at": "soon"}}).Expect(422).
			Want("Could not parse timestamp 'soon'", "error", "errors", "expires_at", 0)
		s.Admin().Put(path, object{"user": object{"expires_at": nil}}).Expect(200).Want(false, "disabled").
			Lacks("expires_at")
	})
}

// An administrator without an end is always left.
func TestEnds_LastAdministrator(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.User("ann", object{"admin": true})
		s.Admin().Put(ann.Path(""), object{"user": object{"expires_at": "2035-01-01"}}).Expect(200)
		admin := s.Admin().Get("/api/current_user").Expect(200).Int("id")
		s.By(ann).Put(fmt.Sprintf("/api/users/%d", admin), object{"user": object{"expires_at": "2036-01-01"}}).
			Expect(422)
		s.By(ann).Put(fmt.Sprintf("/api/users/%d", admin), object{"user": object{"disabled": true}}).Expect(422)
	})
}

// A server that has not swept yet, and one that had read the account before, refuse it as well. The sweep ends those
// who never come.
func TestEnds_Sweep(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		var people []servertest.Account
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		for i := range 3 {
			people = append(people, s.User(fmt.Sprintf("p%d", i), object{"expires_at": end}))
		}
		s.Admin().Put(people[2].Path(""), object{"user": object{"disabled": true}}).Expect(200)
		s.Clock.Advance(time.Hour)
		other := s.Beside()
		for _, at := range []*server{other, s} {
			at.By(people[0]).Get("/api/current_user").Expect(401)
		}
		s.Admin().Get(people[1].Path("")).Expect(200).Want(false, "disabled")
		maintain(s)
		s.Admin().Get(people[1].Path("")).Expect(200).Want(true, "disabled")
		if n := s.Find("SELECT COUNT(*) FROM users WHERE expired"); n != 2 {
			t.Errorf("%d accounts have expired, want the 2 that were enabled", n)
		}
		if n := s.Find("SELECT epoch FROM tallies WHERE name = 'ends'"); n != 0 {
			t.Errorf("the next end is %d, want none", n)
		}
		// Who was disabled stays so when the end moves.
		s.Admin().Put(people[2].Path(""), object{"user": object{"expires_at": ""}}).Expect(200).Want(true, "disabled")
	})
}

// A membership that has ended gives nothing from that moment on.
func TestEnds_Memberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		place := object{"location_ids": []int64{s.Location("Place")}}
		in := object{"organization_ids": []int64{acme}}
		role := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "assign_organizations")
		ann := s.User("ann", place, in)
		bob := s.User("bob", place, in)
		group := s.Group("staff", false, usersOf(ann.ID))
		path := memberPath(acme, ann.ID)
		ends := func(at string) object {
			return object{"membership": object{"expires_at": at, "role_ids": []int64{role}}}
		}
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		s.Admin().Put(path, ends(end)).Expect(200).Want("active", "state")
		s.By(ann).Put(path, ends("2035-01-01")).Expect(422).
			Want("can't be changed for yourself", "error", "errors", "expires_at", 0)
		s.By(ann).Get(bob.Path("")).Expect(200)
		s.Clock.Advance(time.Hour)
		s.By(ann).Get(bob.Path("")).Expect(403)
		s.By(ann).Get("/api/users").Expect(403)
		list := fmt.Sprintf("/api/organizations/%d/memberships?search=state+%%3D+ended", acme)
		s.Admin().Get(list).Expect(200).Want(int64(1), "subtotal").Want("ann", "results", 0, "user", "login")
		s.Admin().Get(ann.Path("")).Expect(200).Want([]any{}, "organizations")

		// Assigning the user again does not undo the end; moving it does.
		s.Admin().Put(path, object{"membership": object{"state": "active"}}).Expect(422).
			Want("can't be changed while expires_at is in the past", "error", "errors", "state", 0)
		const words = "are assigned by a membership that is suspended or has ended: ann @ Acme. Activate it, or set " +
			"its expires_at"
		s.Admin().Put(ann.Path(""), object{"user": object{"organization_ids": []int64{acme}}}).Expect(422).
			Want(words, "error", "errors", "organization_ids", 0)
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d", acme),
			object{"organization": object{"user_ids": []int64{ann.ID, bob.ID}}}).Expect(422).
			Want(words, "error", "errors", "user_ids", 0)
		s.Admin().Put(path, object{"membership": object{"expires_at": "2035-01-01"}}).Expect(200).
			Want("active", "state")
		s.By(ann).Get(bob.Path("")).Expect(200)
		s.Admin().Put(path, object{"membership": object{"expires_at": "", "state": "suspended"}}).Expect(200).
			Want("suspended", "state").Want(nil, "expires_at")

		// A group's membership ends for all who are in the group.
		s.Admin().Delete(path).Expect(200)
		end = s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		s.Admin().Put(groupPath(acme, group), ends(end)).Expect(200)
		s.By(ann).Get(bob.Path("")).Expect(200)
		s.Clock.Advance(time.Hour)
		s.By(ann).Get(bob.Path("")).Expect(403)
	})
}

// Power does not flow upwards: who can do less gives a stronger person no more time, as little as one enables one.
func TestEnds_Authority(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		desk := s.User("desk", in, object{"role_ids": []int64{s.NewRole("desk", "view_users", "edit_users")}})
		boss := s.User("boss", in, object{"role_ids": []int64{s.NewRole("boss", "view_users", "edit_users",
			"destroy_users")}})
		plain := s.User("plain", in)
		admin := s.User("ada", in, object{"admin": true})
		end := func(at string) object { return object{"user": object{"expires_at": at}} }
		s.By(desk).Put(admin.Path(""), end("2035-01-01")).Expect(422)
		s.By(desk).Put(plain.Path(""), end("2035-01-01")).Expect(200)
		s.By(desk).Put(plain.Path(""), end("2036-01-01")).Expect(200)
		s.Admin().Put(boss.Path(""), end("2035-01-01")).Expect(200)
		s.By(desk).Put(boss.Path(""), end("2036-01-01")).Expect(422).
			Want("cannot be changed by a user with fewer permissions", "error", "errors", "expires_at", 0)
		s.By(desk).Put(boss.Path(""), end("")).Expect(422)
		s.Clock.Advance(24 * 365 * 20 * time.Hour)
		s.By(desk).Put(boss.Path(""), end("2099-01-01")).Expect(422)
		s.By(desk).Put(plain.Path(""), end("2099-01-01")).Expect(200).Want(false, "disabled")
	})
}
