package scim

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// sides are the providers of two organizations that have the same people, under the same external ids.
type sides struct {
	*server
	both [2]*provider
	// ids are the ids of the people, by side and number.
	ids [2][]string
}

func (s *sides) login(i int) string { return fmt.Sprintf("p%d@example.org", i) }

// body is what a side sends of somebody.
func (s *sides) body(side, i int) object {
	return object{"schemas": list{userURI, enterpriseURI}, "userName": s.login(i), "externalId": fmt.Sprint("e", i),
		"emails": list{object{"value": s.login(i), "type": "work", "primary": true}}, "displayName": fmt.Sprint("Name of ", side),
		"title": fmt.Sprint("Title of ", side), enterpriseURI: object{"department": fmt.Sprint("Department of ", side)}}
}

// atOnce does something for both sides and each of the people, all at once.
func (s *sides) atOnce(people int, do func(side, i int)) {
	var wg sync.WaitGroup
	for side := range s.both {
		for i := range people {
			wg.Go(func() { do(side, i) })
		}
	}
	wg.Wait()
}

// expectOwn checks that each side sees all people with its own words alone.
func (s *sides) expectOwn(people int, title func(side, i int) string) {
	s.T.Helper()
	for side, p := range s.both {
		for i := range people {
			doc := parsed(p.Get(p.at("/Users/" + s.ids[side][i])).Expect(http.StatusOK))
			want := fmt.Sprint("Name of ", side, " ", title(side, i), " Department of ", side, " e", i, " true")
			got := fmt.Sprint(at(doc, "displayName"), " ", at(doc, "title"), " ",
				at(doc.(object)[enterpriseURI], "department"), " ", at(doc, "externalId"), " ", at(doc, "active"))
			if got != want {
				s.T.Errorf("got %s, want %s", got, want)
			}
			if got := found(p, "/Users", fmt.Sprintf("externalId eq \"e%d\"", i), "id"); fmt.Sprint(got) != "["+s.ids[side][i]+"]" {
				s.T.Errorf("side %d finds %v, want %s", side, got, s.ids[side][i])
			}
		}
		other := fmt.Sprint(1 - side)
		for _, filter := range []string{`displayName co "of ` + other + `"`, `title co "of ` + other + `"`,
			enterpriseURI + `:department eq "Department of ` + other + `"`, `id eq "` + s.ids[1-side][0] + `"`,
			`groups.display co "of ` + other + `"`} {
			if got := found(p, "/Users", filter, "id"); len(got) != 0 {
				s.T.Errorf("side %d finds %v by %s", side, got, filter)
			}
		}
		expectError(p.Get(p.at("/Users/"+s.ids[1-side][0])), http.StatusNotFound, "")
	}
}

// Two organizations bring in the very same people under the same external ids, and change them, all at once: each has
// its own words for them, nothing that one of them keeps shows to the other, and nothing is lost.
func TestSharedPeople(t *testing.T) {
	onBoth(t, func(t *testing.T, sv *server) {
		const people = 4
		setting(sv, "scim_adopt_domains", []string{"example.org"})
		s := &sides{server: sv, both: [2]*provider{newProvider(sv, "acme"), newProvider(sv, "bolt")}}
		var mu sync.Mutex
		s.ids = [2][]string{make([]string, people), make([]string, people)}
		s.atOnce(people, func(side, i int) {
			p := s.both[side]
			// Whoever comes second may be told that the name is being taken, and asks again.
			for range 5 {
				a, err := p.Try("POST", p.at("/Users"), s.body(side, i))
				if err != nil || a.Status != http.StatusCreated && a.Status != http.StatusConflict {
					t.Errorf("%v %v", a, err)
					return
				}
				if a.Status == http.StatusCreated {
					mu.Lock()
					s.ids[side][i] = text(a, "id")
					mu.Unlock()
					return
				}
			}
			t.Errorf("side %d does not get %s", side, s.login(i))
		})
		if t.Failed() {
			return
		}
		first := func(side, _ int) string { return fmt.Sprint("Title of ", side) }
		s.expectOwn(people, first)

		tags := [2]string{}
		for side, p := range s.both {
			p.group(fmt.Sprint("Group of ", side), s.ids[side]...)
			tags[side] = p.Get(p.at("/Users/" + s.ids[side][0])).Header.Get("ETag")
		}
		s.expectOwn(people, first)
		s.both[0].patch("/Users/"+s.ids[0][0], op("replace", "nickName", "x")).Expect(http.StatusOK)
		if tag := s.both[1].Get(s.both[1].at("/Users/" + s.ids[1][0])).Header.Get("ETag"); tag != tags[1] {
			t.Error("what one organization keeps makes another version for the other")
		}

		// Everybody is changed many times at once, by both sides, each time about something else: nothing is lost.
		parts := []string{"title", "nickName", "userType", "preferredLanguage"}
		s.atOnce(people*len(parts), func(side, n int) {
			p := s.both[side]
			part := parts[n%len(parts)]
			a, err := p.Try("PATCH", p.at("/Users/"+s.ids[side][n/len(parts)]), object{"schemas": list{patchURI},
				"Operations": list{op("replace", part, fmt.Sprint(part, " of ", side, " for ", n/len(parts)))}})
			if err != nil || a.Status != http.StatusOK {
				t.Errorf("%v %v", a, err)
			}
		})
		s.expectOwn(people, func(side, i int) string { return fmt.Sprint("title of ", side, " for ", i) })
		for side, p := range s.both {
			for i := range people {
				doc := parsed(p.Get(p.at("/Users/" + s.ids[side][i])))
				for _, part := range parts {
					if want := fmt.Sprint(part, " of ", side, " for ", i); at(doc, part) != want {
						t.Errorf("%s is lost: %v", want, doc)
					}
				}
			}
		}

		// What one of them does to somebody is nothing to the other.
		b := s.both[1]
		path := "/Users/" + s.ids[1][0]
		if got := at(parsed(b.patch(path, op("Replace", "active", "False")).Expect(http.StatusOK)), "active"); got != false {
			t.Error("got", got)
		}
		a := s.both[0]
		if got := at(parsed(a.Get(a.at("/Users/"+s.ids[0][0]))), "active"); got != true {
			t.Error("somebody is switched off elsewhere")
		}
		b.patch(path, op("Replace", "active", "True")).Expect(http.StatusOK)
		s.atOnce(people, func(side, i int) {
			if side == 1 {
				res, err := b.Try("DELETE", b.at("/Users/"+s.ids[1][i]), nil)
				if err != nil || res.Status != http.StatusNoContent {
					t.Errorf("%v %v", res, err)
				}
			}
		})
		for i := range people {
			expectError(b.Get(b.at("/Users/"+s.ids[1][i])), http.StatusNotFound, "")
			if got := at(parsed(a.Get(a.at("/Users/"+s.ids[0][i])).Expect(http.StatusOK)), "active"); got != true {
				t.Error("somebody is gone elsewhere")
			}
			if again := text(b.Post(b.at("/Users"), s.body(1, i)).Expect(http.StatusCreated), "id"); again != s.ids[1][i] {
				t.Errorf("somebody is back as %s instead of %s", again, s.ids[1][i])
			}
		}
	})
}

// Somebody whom others take out of the organization is the provider's no more, unless the provider has brought the
// person in.
func TestTakenOut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		cid := s.User("cid", object{"organization_ids": []int64{p.id}, "mail": "cid@example.org"})
		ids := found(p, "/Users", `userName eq "cid"`, "id")
		crew := p.group("Crew", ids[0])
		s.Admin().Put(fmt.Sprint("/api/users/", cid.ID), object{"user": object{"organization_ids": []int64{other.id}}}).
			Expect(http.StatusOK)
		expectError(p.Get(p.at("/Users/"+ids[0])), http.StatusNotFound, "")
		expectError(p.patch("/Users/"+ids[0], op("replace", "password", "a new secret")), http.StatusNotFound, "")
		expectError(p.Delete(p.at("/Users/"+ids[0])), http.StatusNotFound, "")
		if got := found(p, "/Users", `userName pr`, "userName"); len(got) != 0 {
			t.Error("the list shows", got)
		}
		if got := at(parsed(p.Get(p.at("/Groups/"+crew))), "members"); got != nil {
			t.Error("the group shows", got)
		}
		p.patch("/Groups/"+p.group("Others"), op("add", "members", ids[0])).Expect(http.StatusOK)
		if n := s.Find("SELECT COUNT(*) FROM usergroup_users m JOIN usergroups g ON g.id = m.usergroup_id WHERE " +
			"g.name = 'Others'"); n != 0 {
			t.Error("somebody who is gone comes into a group")
		}
		if got := found(other, "/Users", `userName eq "cid"`, "groups"); len(got) != 1 {
			t.Error("the other organization finds", got)
		}
		back := s.Admin().Put(fmt.Sprint("/api/users/", cid.ID),
			object{"user": object{"organization_ids": []int64{p.id}}})
		back.Expect(http.StatusOK)
		if got := found(p, "/Users", `userName eq "cid"`, "id"); len(got) != 1 || got[0] != ids[0] {
			t.Errorf("back as %v instead of %v", got, ids)
		}
	})
}

// What opens an account that another organization has, too, is not for a provider to set: neither while it has the
// person nor by bringing the person back.
func TestSharedAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		setting(s, "scim_adopt_domains", []string{"example.org"})
		a := newProvider(s, "acme")
		b := newProvider(s, "bolt")
		mail := object{"emails": list{object{"value": "ann@example.org", "type": "work", "primary": true}},
			"password": "the first secret 1"}
		a.user("ann", mail)
		id := b.user("ann", object{"emails": mail["emails"], "password": "the second secret 2"})
		login := func(password string) int { return s.As("ann", password).Get("/api/current_user").Status }
		still := func(what string) {
			t.Helper()
			if login("the first secret 1") != http.StatusOK || login("the second secret 2") != http.StatusUnauthorized {
				t.Errorf("%s sets the password of somebody whom another organization has", what)
			}
		}
		still("bringing in")
		b.patch("/Users/"+id, op("replace", "password", "the second secret 2"))
		still("a change")
		b.patch("/Users/"+id, op("replace", "active", false)).Expect(http.StatusOK)
		b.Post(b.at("/Users"), object{"schemas": list{userURI}, "userName": "ann", "password": "the second secret 2"})
		still("bringing back whom the provider had switched off")
		b.Delete(b.at("/Users/" + id)).Expect(http.StatusNoContent)
		b.Post(b.at("/Users"), object{"schemas": list{userURI}, "userName": "ann", "password": "the second secret 2"})
		still("bringing back whom the provider had deleted")
	})
}
