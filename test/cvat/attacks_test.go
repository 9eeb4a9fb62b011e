package cvat

import (
	"fmt"
	"testing"
)

// What an attacker tried by way of the other dialects, and what holds.

// ownerRole is the number of the role that stands for owners.
func ownerRole(s *server) int64 {
	s.T.Helper()
	return s.Find("SELECT id FROM roles WHERE origin = 'cvat' AND name = 'owner'")
}

// membershipOf is the number of somebody's membership in the organization.
func (w *place) membershipOf(caller string) int64 {
	w.T.Helper()
	return w.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", w.accounts[caller].ID,
		w.organization)
}

// owners is how many active owners the organization has.
func (w *place) owners() int64 {
	w.T.Helper()
	return w.Find("SELECT COUNT(*) FROM memberships m JOIN membership_roles h ON h.membership_id = m.id WHERE "+
		"m.state = 'active' AND m.taxonomy_id = ? AND h.role_id = ?", w.organization, ownerRole(w.server))
}

// A maintainer makes nobody an owner, neither in the words of this dialect nor in those of another one.
func TestAttack_MaintainersMakeNoOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		role := ownerRole(s)
		maintainer := w.client("maintainer")
		foreman := object{"membership": object{"role_ids": []int64{role}}}
		for _, user := range []int64{w.accounts["maintainer"].ID, w.user, w.accounts["worker"].ID} {
			maintainer.Put(fmt.Sprintf("/api/organizations/%d/memberships/%d", w.organization, user), foreman).Expect(422)
			id := w.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", user, w.organization)
			maintainer.Put(fmt.Sprintf("/redmine/memberships/%d.json", id), foreman).Expect(422)
		}
		if n := w.owners(); n != 1 {
			t.Errorf("there are %d owners", n)
		}
		// The owner may, as the organization is the owner's to give away.
		w.client("owner").Put(fmt.Sprintf("/redmine/memberships/%d.json", w.membership), foreman).Expect(204)
	})
}

// A maintainer does not unmake the owner, nor send the owner away.
func TestAttack_MaintainersUnmakeNoOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		maintainer := w.client("maintainer")
		owner := w.accounts["owner"].ID
		path := fmt.Sprintf("/api/organizations/%d/memberships/%d", w.organization, owner)
		redmine := fmt.Sprintf("/redmine/memberships/%d.json", w.membershipOf("owner"))
		worker := s.Find("SELECT id FROM roles WHERE origin = 'cvat' AND name = 'worker'")
		maintainer.Put(path, object{"membership": object{"role_ids": []int64{}}}).Expect(422)
		maintainer.Put(path, object{"membership": object{"state": "suspended"}}).Expect(422)
		maintainer.Delete(path).Expect(422)
		maintainer.Put(redmine, object{"membership": object{"role_ids": []int64{worker}}}).Expect(422)
		maintainer.Delete(redmine).Expect(422)
		organization := fmt.Sprint("/api/organizations/", w.organization)
		maintainer.Put(organization, object{"organization": object{"user_ids": []int64{w.accounts["maintainer"].ID}}}).
			Expect(422)
		maintainer.Delete(organization).Expect(403)
		if n := w.owners(); n != 1 {
			t.Errorf("there are %d owners", n)
		}
		// Workers and supervisors are the maintainer's to send away.
		maintainer.Delete(fmt.Sprintf("/api/organizations/%d/memberships/%d", w.organization, w.user)).Expect(200)
	})
}

// Who has founded an organization keeps the account: others there, owners among them, are not its masters.
func TestAttack_AccountsOfFounders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		w.client("owner").Put(fmt.Sprintf("/redmine/memberships/%d.json", w.membership),
			object{"membership": object{"role_ids": []int64{ownerRole(s)}}}).Expect(204)
		second := s.As(fmt.Sprint("thing", w.turn), userPassword)
		founder := fmt.Sprint("/api/users/", w.accounts["owner"].ID)
		before := w.contents()
		for _, who := range []*client{w.client("maintainer"), second} {
			for name, value := range map[string]any{"password": "y8Lr-longer", "mail": "evil@example.org",
				"login": "mine", "disabled": true, "auth_source_id": 2} {
				who.Put(founder, object{"user": object{name: value}}).Expect(422)
			}
			who.Put(founder, object{"user": object{"organization_ids": []int64{}, "password": "y8Lr-longer"}}).Expect(422)
			who.Delete(founder).Expect(403)
			who.Delete(fmt.Sprintf("/redmine/users/%d.json", w.accounts["owner"].ID)).Expect(403)
		}
		if after := w.contents(); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Error("a refused change changed something")
		}
		s.Admin().Put(founder, object{"user": object{"mail": "new@example.org"}}).Expect(200)
	})
}

// Who invites a colleague into an organization of one's own is not the master of the colleague's account, although both
// are in another one together, where somebody else is.
func TestAttack_ColleaguesAsGuests(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		company := object{"organization_ids": []int64{s.Organization("Company")},
			"location_ids": []int64{s.Location("Place")}}
		mal := s.User("mal", company)
		bob := s.User("bob", company)
		s.Admin().Patch(fmt.Sprint("/cvat/api/users/", bob.ID), object{"email": "bob@example.org"}).Expect(200)
		s.By(mal).Post("/cvat/api/organizations", object{"slug": "evil"}).Expect(201)
		s.By(mal).Post("/cvat/api/invitations?org=evil", object{"role": "worker", "email": "bob@example.org"}).Expect(201).
			Want(true, "accepted")
		s.By(mal).Get(bob.Path()).Expect(200)
		for name, value := range map[string]any{"password": "y8Lr-longer", "mail": "evil@example.org", "login": "mine",
			"disabled": true} {
			s.By(mal).Put(bob.Path(), object{"user": object{name: value}}).Expect(422)
		}
		s.By(mal).Delete(bob.Path()).Expect(403)
		s.By(bob).Get(self).Expect(200)
	})
}
