package scim

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/directory"
)

// member is the number of the account behind a link.
func member(s *server, id string) int64 {
	s.T.Helper()
	return s.Find("SELECT user_id FROM scim_links WHERE uuid = ?", id)
}

// An account that an administrator has locked stays so, whatever the provider does with the person.
func TestLockedByAdministrator(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		for _, lock := range []object{{"disabled": true}} {
			id := p.user("ann", object{"password": "the first secret 1"})
			number := member(s, id)
			s.Admin().Put(fmt.Sprint("/api/users/", number), object{"user": lock}).Expect(http.StatusOK)
			locked := func(what string) {
				t.Helper()
				if s.Find("SELECT COUNT(*) FROM users WHERE id = ? AND disabled", number) != 1 {
					t.Error("the account is open after", what)
				}
			}
			p.patch("/Users/"+id, op("replace", "active", false)).Expect(http.StatusOK)
			p.patch("/Users/"+id, op("replace", "active", true)).Expect(http.StatusOK)
			locked("switching off and on")
			p.Delete(p.at("/Users/" + id)).Expect(http.StatusNoContent)
			again := p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": "ann"}).Expect(http.StatusCreated)
			locked("deleting and bringing back")
			if got := at(parsed(again), "active"); got != false || text(again, "id") != id {
				t.Error("got", again)
			}
			p.patch("/Users/"+id, op("replace", "active", false)).Expect(http.StatusOK)
			p.patch("/Users/"+id, op("replace", "active", true)).Expect(http.StatusOK)
			locked("switching off and on")
		}
	})
}

// Whom the provider switches off is off, also where others have switched the person on meanwhile, and where the person
// comes back switched off.
func TestSwitchedOffAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		cid := s.User("cid", object{"organization_ids": []int64{p.id, other.id}})
		id := found(p, "/Users", `userName eq "cid"`, "id")[0]
		state := func(what string, want int64) {
			t.Helper()
			got := s.Find("SELECT COUNT(*) FROM memberships WHERE user_id = ? AND taxonomy_id = ? AND state = 'active'",
				cid.ID, p.id)
			if got != want {
				t.Errorf("%d active memberships after %s, want %d", got, what, want)
			}
		}
		off := func(what string) {
			t.Helper()
			a := p.patch("/Users/"+id, op("replace", "active", false)).Expect(http.StatusOK)
			if at(parsed(a), "active") != false {
				t.Errorf("%s: %s", what, a)
			}
			state(what, 0)
		}
		off("switching off")
		s.Execute("UPDATE memberships SET state = 'active' WHERE user_id = ? AND taxonomy_id = ?", cid.ID, p.id)
		off("switching off again")
		p.Delete(p.at("/Users/" + id)).Expect(http.StatusNoContent)
		a := p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": "cid", "active": false}).
			Expect(http.StatusCreated)
		if at(parsed(a), "active") != false {
			t.Error("brought back switched off:", a)
		}
		state("bringing back switched off", 0)
		off("switching off after that")
	})
}

// Filters and members tell nothing of whoever has left the organization, nor of groups that have got power.
func TestMembers_Left(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		cid := s.User("cid", object{"organization_ids": []int64{p.id}})
		id := found(p, "/Users", `userName eq "cid"`, "id")[0]
		inner := p.group("Inner")
		crew := p.group("Crew", id, inner)
		s.Admin().Put(cid.Path(), object{"user": object{"organization_ids": []int64{other.id}, "firstname": "Secret"}}).
			Expect(http.StatusOK)
		number := s.Find("SELECT usergroup_id FROM scim_links WHERE uuid = ?", inner)
		s.Admin().Put(fmt.Sprint("/api/usergroups/", number), object{"usergroup": object{"name": "Hidden", "admin": true}}).
			Expect(http.StatusOK)
		for _, filter := range []string{`members.display sw "Se"`, `members[value eq "` + id + `"]`,
			`members.type eq "User"`, `members.display co "nner"`, `members.type eq "Group"`, `members pr`} {
			if got := found(p, "/Groups", filter, "id"); len(got) != 0 {
				t.Error("found by", filter)
			}
		}
		if got := at(parsed(p.Get(p.at("/Groups/"+crew))), "members"); got != nil {
			t.Error("the group shows", got)
		}
	})
}

// References of three operations to each other are no fault of the server.
func TestBulk_References(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		group := func(id string, refers ...string) object {
			var members list
			for _, r := range refers {
				members = append(members, object{"value": "bulkId:" + r})
			}
			return object{"method": "POST", "path": "/Groups", "bulkId": id, "data": object{"schemas": list{groupURI},
				"displayName": "Group " + id, "members": members}}
		}
		a := p.Post(p.at("/Bulk"), object{"schemas": list{bulkURI}, "Operations": list{group("b", "c"), group("c", "a"),
			group("a", "b", "c")}}).Expect(http.StatusOK)
		parts := parsed(a)
		if got := fmt.Sprint(at(parts, "Operations.0.status"), " ", at(parts, "Operations.1.status"), " ",
			at(parts, "Operations.2.status")); got != "201 201 400" {
			t.Error("got", a)
		}
		address := group("x", "y")
		address["path"] = "/Groups/bulkId:y"
		p.Post(p.at("/Bulk"), object{"schemas": list{bulkURI}, "Operations": list{group("y", "x"), address}}).
			Expect(http.StatusOK)
		a = p.Post(p.at("/Bulk"), object{"schemas": list{bulkURI}, "Operations": list{group("1"), group("10"),
			object{"method": "PATCH", "path": "/Groups/bulkId:10", "data": object{"schemas": list{patchURI},
				"Operations": list{op("add", "members", list{object{"value": "bulkId:1"}})}}}}}).Expect(http.StatusOK)
		if got := at(parsed(a), "Operations.2.status"); got != "200" {
			t.Error("got", a)
		}
	})
}

// Changes that take long are refused.
func TestPatch_Costs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		id := p.user("ann")
		var values, ops list
		for i := range 1000 {
			values = append(values, object{"value": fmt.Sprint("v", i), "type": "t"})
			ops = append(ops, op("replace", `ims[value ne "x"].type`, "u"))
		}
		p.patch("/Users/"+id, op("add", "ims", values)).Expect(http.StatusOK)
		p.patch("/Users/"+id, ops[:50]...).Expect(http.StatusOK)
		expectError(p.patch("/Users/"+id, ops...), http.StatusBadRequest, "invalidValue")
		p.patch("/Users/"+id, op("remove", "ims", values)).Expect(http.StatusOK)
	})
}

// Whoever is switched off in an organization does nothing there, whatever groups give.
func TestSwitchedOff_ByGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := s.Organization("Other")
		gil := s.User("gil", object{"organization_ids": []int64{p.id, other}})
		role := s.NewRole("Looks", "view_users", "view_organizations")
		group := s.Group("Crew", false, directory.UsergroupChange{})
		s.Admin().Put(fmt.Sprint("/api/usergroups/", group), object{"usergroup": object{"user_ids": []int64{gil.ID}}}).
			Expect(http.StatusOK)
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d/usergroup_memberships/%d", p.id, group),
			object{"membership": object{"role_ids": []int64{role}}}).Expect(http.StatusOK)
		sees := func() int { return s.By(gil).Get(fmt.Sprintf("/api/organizations/%d/users", p.id)).Status }
		if got := sees(); got != http.StatusOK {
			t.Fatal("got", got)
		}
		id := found(p, "/Users", `userName eq "gil"`, "id")[0]
		p.patch("/Users/"+id, op("replace", "active", false)).Expect(http.StatusOK)
		if got := sees(); got != http.StatusNotFound && got != http.StatusForbidden {
			t.Error("somebody who is switched off sees the organization:", got)
		}
		p.patch("/Users/"+id, op("replace", "active", true)).Expect(http.StatusOK)
		if got := sees(); got != http.StatusOK {
			t.Error("got", got)
		}
	})
}

// Whoever makes a token holds what the groups give that a token fills.
func TestTokens_PowerOfGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		crew := p.group("Crew")
		number := s.Find("SELECT usergroup_id FROM scim_links WHERE uuid = ?", crew)
		eve := s.User("eve", object{"organization_ids": []int64{p.id}})
		role := s.NewRole("Editor", "edit_organizations", "view_organizations")
		s.Filter(role, "", "view_users", "create_users", "edit_users", "destroy_users")
		s.Execute("DELETE FROM filter_taxonomies WHERE filter_id IN (SELECT id FROM filters WHERE role_id = ?)", role)
		s.Execute("UPDATE filters SET locations_limited = FALSE, organizations_limited = FALSE WHERE role_id = ?", role)
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d/memberships/%d", p.id, eve.ID),
			object{"membership": object{"role_ids": []int64{role}}}).Expect(http.StatusOK)
		token := func() *answer {
			return s.By(eve).Post(fmt.Sprint("/api/organizations/", p.id, "/scim_tokens"),
				object{"scim_token": object{"name": "mine"}})
		}
		token().Expect(http.StatusCreated)
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d/usergroup_memberships/%d", p.id, number),
			object{"membership": object{"role_ids": []int64{s.Role("Manager")}}}).Expect(http.StatusOK)
		token().Expect(http.StatusForbidden)
		s.By(eve).Post(fmt.Sprint("/api/organizations/", p.id, "/scim_tokens"),
			object{"scim_token": object{"name": "looks", "read_only": true}}).Expect(http.StatusCreated)
	})
}

// A filter looks at groups or members a few times, and not a hundred.
func TestFilters_Related(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		p.group("Crew", p.user("ann"))
		for path, filters := range map[string][]string{
			"/Users":  {`groups.display co "r"`, `groups[display co "r"]`, `not (groups.display eq "x")`},
			"/Groups": {`members.display co "a"`, `members[value pr]`},
		} {
			for _, one := range filters {
				if got := found(p, path, strings.Repeat(one+" and ", 19)+one, "id"); len(got) != 1 {
					t.Errorf("%s finds %v", one, got)
				}
				many := p.Get(p.at(path + "?filter=" + url.QueryEscape(strings.Repeat(one+" or ", 20)+one)))
				expectError(many, http.StatusBadRequest, "invalidFilter")
			}
		}
	})
}

// Nor whom somebody has suspended while the provider had deleted the person; and an end that is to come stays.
func TestAttack_SuspendedWhileDeleted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		role := s.NewRole("keeper", "view_users")
		again := func(login string) *answer {
			return p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": login}).Expect(http.StatusCreated)
		}
		own := func(login string) string {
			return fmt.Sprintf("/api/organizations/%d/memberships/%d", p.id, s.Find("SELECT id FROM users WHERE login = ?", login))
		}
		listed := func(login string) *answer {
			return s.Admin().Get(fmt.Sprintf("/api/organizations/%d/memberships?search=login=%s", p.id, login)).
				Expect(http.StatusOK)
		}
		p.Delete(p.at("/Users/" + p.user("ann"))).Expect(http.StatusNoContent)
		s.Admin().Put(own("ann"), object{"membership": object{"state": "suspended"}}).Expect(http.StatusOK)
		again("ann").Want(false, "active")
		listed("ann").Want("suspended", "results", 0, "state")
		bob := p.user("bob")
		s.Admin().Put(own("bob"), object{"membership": object{"expires_at": "2040-01-01", "role_ids": []int64{role}}}).
			Expect(http.StatusOK)
		p.Delete(p.at("/Users/" + bob)).Expect(http.StatusNoContent)
		listed("bob").Want("suspended", "results", 0, "state")
		again("bob").Want(true, "active")
		listed("bob").Want("active", "results", 0, "state").Want("2040-01-01 23:59:59 UTC", "results", 0, "expires_at")
	})
}

// Whom somebody else has suspended in the organization, or whose membership has ended, a provider does not bring back:
// not by switching the person on, nor by deleting and making the person again.
func TestAttack_SuspendedByOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		active := func(value bool) object { return op("replace", "active", value) }
		for i, steps := range []func(own string, ann string){
			func(own, ann string) { // switched off before, switched on by an administrator, and suspended
				p.patch(ann, active(false)).Expect(http.StatusOK)
				s.Admin().Put(own, object{"membership": object{"state": "active"}}).Expect(http.StatusOK)
				s.Admin().Put(own, object{"membership": object{"state": "suspended"}}).Expect(http.StatusOK)
			},
			func(own, ann string) { // suspended, and switched off later
				s.Admin().Put(own, object{"membership": object{"state": "suspended"}}).Expect(http.StatusOK)
				p.patch(ann, active(false)).Expect(http.StatusOK)
			},
			func(own, ann string) {
				s.Admin().Put(own, object{"membership": object{"expires_at": "2020-01-01"}}).Expect(http.StatusOK)
				p.patch(ann, active(false)).Expect(http.StatusOK)
			},
			func(own, ann string) { // switched off, and suspended as well
				p.patch(ann, active(false)).Expect(http.StatusOK)
				s.Admin().Put(own, object{"membership": object{"state": "suspended"}}).Expect(http.StatusOK)
			},
		} {
			login := fmt.Sprint("ann", i)
			ann := "/Users/" + p.user(login)
			number := s.Find("SELECT id FROM users WHERE login = ?", login)
			own := fmt.Sprintf("/api/organizations/%d/memberships/%d", p.id, number)
			state := func() string {
				t.Helper()
				return s.Admin().Get(own[:strings.LastIndex(own, "/")]+"?search=login="+login).Expect(http.StatusOK).
					Text("results", 0, "state")
			}
			steps(own, ann)
			before := state()
			p.patch(ann, active(true)).Expect(http.StatusOK).Want(false, "active")
			if got := state(); got != before || got == "active" {
				t.Errorf("way %d, switched on: %s, before %s", i, got, before)
			}
			p.Delete(p.at(ann)).Expect(http.StatusNoContent)
			p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": login}).Expect(http.StatusCreated)
			if got := state(); got != before {
				t.Errorf("way %d, made again: %s, before %s", i, got, before)
			}
			s.Admin().Put(own, object{"membership": object{"state": "active", "expires_at": ""}}).Expect(http.StatusOK)
			p.patch(ann, active(false)).Expect(http.StatusOK).Want(false, "active")
			p.patch(ann, active(true)).Expect(http.StatusOK).Want(true, "active")
			if got := state(); got != "active" {
				t.Errorf("way %d, switched off and on by the provider alone: %s", i, got)
			}
		}
	})
}
