package foreman

import (
	"fmt"
	"testing"
	"time"

	"roster/directory"
	"roster/models"
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

// Nobody avoids the end of a membership by which they act: not by leaving and coming back, and not by the group.
func TestEnds_OwnMemberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		sub := s.Organization("Sub", acme)
		place := s.Location("Place")
		role := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "assign_organizations",
			"view_usergroups", "edit_usergroups", "assign_locations", "destroy_organizations", "destroy_users")
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		ann := s.User("ann", object{"organization_ids": []int64{acme}, "location_ids": []int64{place},
			"role_ids": []int64{role}})
		ends := object{"membership": object{"expires_at": end, "role_ids": []int64{role}}}
		never := object{"membership": object{"expires_at": ""}}
		s.Admin().Put(memberPath(sub, ann.ID), ends).Expect(200)
		const words = "can't be changed for yourself"
		s.By(ann).Put(memberPath(sub, ann.ID), never).Expect(422).Want(words, "error", "errors", "expires_at", 0)
		s.By(ann).Put(ann.Path(""), object{"user": object{"organization_ids": []int64{acme}}}).Expect(422).
			Want(words, "error", "errors", "organization_ids", 0)
		_, err := s.Dir.DeleteMembership(t.Context(), s.Principal("ann", ann.Password),
			directory.Parent{Class: "Organization", ID: sub}, directory.Member{User: directory.Ref{ID: ann.ID}})
		if err == nil || models.KindOf(err) != models.Invalid {
			t.Errorf("leaving: got %v, want a refusal", err)
		}
		s.Admin().Put(groupPath(acme, s.Group("staff", false, usersOf(ann.ID))), ends).Expect(200)
		group := s.Find("SELECT id FROM usergroups WHERE name = 'staff'")
		s.By(ann).Put(groupPath(acme, group), never).Expect(422).Want(words, "error", "errors", "expires_at", 0)
		s.Admin().Put(ann.Path(""), object{"user": object{"organization_ids": []int64{acme}}}).Expect(200)
	})
}

// Who can do less extends no membership that gives more, whether its end has come or not.
func TestEnds_StrongerMemberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		weak := s.NewRole("weak", "view_users", "edit_users", "view_organizations", "assign_organizations")
		strong := s.NewRole("strong", "view_users", "edit_users", "destroy_users", "create_users")
		desk := s.User("desk", in, object{"role_ids": []int64{weak}})
		boss := s.User("boss", in)
		same := s.User("same", in)
		path := memberPath(acme, boss.ID)
		never := object{"membership": object{"expires_at": ""}}
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		s.Admin().Put(path, object{"membership": object{"expires_at": end, "role_ids": []int64{strong}}}).Expect(200)
		s.Admin().Put(memberPath(acme, same.ID), object{"membership": object{"expires_at": end,
			"role_ids": []int64{weak}}}).Expect(200)
		s.By(desk).Put(path, never).Expect(422)
		s.Clock.Advance(time.Hour)
		s.By(desk).Put(path, never).Expect(422)
		maintain(s)
		s.By(desk).Put(path, never).Expect(422)
		s.By(desk).Put(memberPath(acme, same.ID), never).Expect(200).Want("active", "state")
	})
}

// A change that began before the end and is made after it is refused.
func TestEnds_UnderWay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		place := object{"location_ids": []int64{s.Location("Place")}}
		ann := s.User("ann", place)
		bob := s.User("bob", place, object{"organization_ids": []int64{acme}})
		s.Admin().Put(memberPath(acme, ann.ID), object{"membership": object{
			"expires_at": s.Clock.Now().Add(time.Hour).Format(time.RFC3339),
			"role_ids":   []int64{s.NewRole("keeper", "view_users", "edit_users")}}}).Expect(200)
		p := s.Principal("ann", ann.Password)
		name := "Changed"
		change := directory.UserChange{Firstname: models.Some(&name)}
		if _, err := s.Dir.UpdateUser(t.Context(), p, directory.Ref{ID: bob.ID}, change); err != nil {
			t.Fatal("before the end: ", err)
		}
		s.Clock.Advance(time.Hour)
		if _, err := s.Dir.UpdateUser(t.Context(), p, directory.Ref{ID: bob.ID}, change); models.KindOf(err) !=
			models.Conflict {
			t.Errorf("after the end: got %v, want a conflict", err)
		}
	})
}

// What another server, whose clock is ahead, has noted as over stays so, and all memberships of a person end at once.
func TestEnds_ClocksAndNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		end := s.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		ann := s.User("ann", object{"expires_at": end})
		many := s.User("many")
		for i := range 120 {
			id := s.Organization(fmt.Sprintf("O%d", i))
			s.Execute("INSERT INTO memberships (user_id, taxonomy_id, expires_at) VALUES (?, ?, ?)", many.ID, id,
				s.Clock.Now().Add(time.Hour))
		}
		s.Clock.Advance(time.Hour)
		s.By(ann).Get("/api/current_user").Expect(401)
		s.By(many).Get("/api/current_user").Expect(200)
		if n := s.Find("SELECT COUNT(*) FROM memberships WHERE expires_at IS NOT NULL AND NOT ended"); n != 0 {
			t.Errorf("%d memberships go on", n)
		}
		s.Clock.Advance(-30 * time.Minute)
		s.Admin().Put(ann.Path(""), object{"user": object{"firstname": "Ann"}}).Expect(200).Want(true, "disabled")
		s.Admin().Put(ann.Path(""), object{"user": object{"disabled": false}}).Expect(422)
	})
}
