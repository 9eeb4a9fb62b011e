package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/directory"
	"roster/handlers/scim"
	"roster/models"
)

// found is how many resources a filter finds, by their texts at a path.
func found(p *provider, path, filter, at string) []string {
	p.Server.T.Helper()
	return texts(p.Get(p.at(path)+"?count=1000&filter="+escape(filter)).Expect(http.StatusOK), at)
}

var escape = strings.NewReplacer("%", "%25", " ", "%20", `"`, "%22", "[", "%5B", "]", "%5D", "+", "%2B").Replace

// texts are the texts at a path of each resource of a list.
func texts(a *answer, path string) []string {
	a.T.Helper()
	list := []string{}
	resources, _ := at(parsed(a), "Resources").([]any)
	for _, r := range resources {
		list = append(list, fmt.Sprint(at(r, path)))
	}
	return list
}

// expectError checks the status and the kind of an error.
func expectError(a *answer, status int, kind string) {
	a.T.Helper()
	a.Expect(status)
	body, _ := parsed(a).(map[string]any)
	if body["status"] != fmt.Sprint(status) || fmt.Sprint(body["scimType"]) != kind && (kind != "" || body["scimType"] != nil) ||
		body["detail"] == "" || a.Header.Get("Content-Type") != "application/scim+json" {
		a.T.Errorf("want the kind %q: %s", kind, a)
	}
}

// Filters find people by what the directory has, by what is kept for the provider alone, and by what is implied.
func TestFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		p.user("ann", object{"externalId": "E1", "title": "Boss of 50%", "emails": list{
			object{"value": "Ann@x.org", "type": "work", "primary": true}, object{"value": "ann@home.org", "type": "home"}},
			enterpriseURI: object{"department": "Tours"}})
		bob := p.user("bob", object{"externalId": "e1", "active": false, "name": object{"givenName": "Bob", "familyName": "Öst"}})
		s.User("cid", object{"organization_ids": []int64{p.id}, "mail": "cid@x.org", "firstname": "Cid"})
		p.group("Crew", bob)
		for filter, want := range map[string]string{
			`userName pr`:                                         "[ann bob cid]",
			`externalId eq "E1"`:                                  "[ann]",
			`externalId sw "e"`:                                   "[bob]",
			`title co "50%"`:                                      "[ann]",
			`title co "5%"`:                                       "[]",
			`emails.value eq "ann@X.org"`:                         "[ann]",
			`emails.value ew "@home.org"`:                         "[ann]",
			`emails[type eq "work"].value eq "cid@x.org"`:         "[cid]",
			`emails[type eq "home" and value co "ann@x"]`:         "[]",
			`emails co "x.org" and not (emails.primary eq false)`: "[ann cid]",
			`emails pr`:                                           "[ann cid]",
			`not (emails pr)`:                                     "[bob]",
			`name.familyName eq "öST"`:                            "[bob]",
			`active eq false`:                                     "[bob]",
			`active ne false`:                                     "[ann cid]",
			`groups.display eq "crew"`:                            "[bob]",
			`groups[type eq "direct"]`:                            "[bob]",
			`groups[type eq "indirect"]`:                          "[]",
			`meta.resourceType eq "Group"`:                        "[]",
			enterpriseURI + `:department eq "tours"`:              "[ann]",
			`schemas eq "` + enterpriseURI + `"`:                  "[ann]",
			`meta.created gt "2020-01-01T00:00:00Z"`:              "[ann bob cid]",
			`meta.lastModified lt "2020-01-01T00:00:00+02:00"`:    "[]",
			`title ne "x"`:                                        "[ann bob cid]",
			`title eq null`:                                       "[bob cid]",
			`displayName eq ""`:                                   "[]",
			`userName gt "ann" and userName le "BOB"`:             "[bob]",
		} {
			got := found(p, "/Users", filter, "userName")
			slices.Sort(got)
			if fmt.Sprint(got) != want {
				t.Errorf("%s: got %v, want %s", filter, got, want)
			}
		}
		for filter, want := range map[string]string{
			`members.value eq "` + bob + `"`: "[Crew]", `members[display eq "Bob Öst" and type eq "User"]`: "[Crew]",
			`members[type eq "Group"]`: "[]", `displayName sw "cr"`: "[Crew]", `members pr`: "[Crew]",
		} {
			if got := found(p, "/Groups", filter, "displayName"); fmt.Sprint(got) != want {
				t.Errorf("%s: got %v, want %s", filter, got, want)
			}
		}
		for _, filter := range []string{`password eq "x"`, `nope pr`, `userName eq 5`, `active gt true`, `name eq "x"`, `emails[x pr]`,
			`userName[type pr]`, `meta.created co "2"`} {
			expectError(p.Get(p.at("/Users?filter=")+escape(filter)), http.StatusBadRequest, "invalidFilter")
		}
	})
}

// Pages by cursors show everybody once, in every order, forwards and backwards, whatever is added meanwhile.
func TestCursors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		for i := range 7 {
			more := object{"active": i%2 == 0}
			if i%3 != 0 {
				more["title"] = fmt.Sprint("T", i%2)
				more["name"] = object{"familyName": fmt.Sprint("N", i/2)}
			}
			p.user(fmt.Sprint("user", i), more)
		}
		for _, by := range []string{"", "userName", "title", "name.familyName", "active", "meta.created", "meta.lastModified",
			"emails", "id", "displayName"} {
			for _, order := range []string{"ascending", "descending"} {
				query := "?sortBy=" + by + "&sortOrder=" + order + "&count="
				want := texts(p.Get(p.at("/Users"+query+"100")).Expect(200), "userName")
				var seen []string
				var pages [][]string
				cursor := ""
				last := ""
				for range 10 {
					a := p.Get(p.at("/Users" + query + "2&cursor=" + cursor)).Expect(200)
					seen = append(seen, texts(a, "userName")...)
					pages = append(pages, texts(a, "userName"))
					last, _ = at(parsed(a), "previousCursor").(string)
					if cursor, _ = at(parsed(a), "nextCursor").(string); cursor == "" {
						break
					}
				}
				if !slices.Equal(seen, want) {
					t.Errorf("%s %s: got %v, want %v", by, order, seen, want)
				}
				back := texts(p.Get(p.at("/Users"+query+"2&cursor="+last)).Expect(200), "userName")
				if !slices.Equal(back, pages[len(pages)-2]) {
					t.Errorf("%s %s: back to %v, want %v", by, order, back, pages[len(pages)-2])
				}
			}
		}
		first := p.Get(p.at("/Users?count=2&cursor=")).Expect(200)
		next := text(first, "nextCursor")
		p.user("later")
		if got := texts(p.Get(p.at("/Users?count=2&cursor="+next)), "userName"); !slices.Equal(got, []string{"user2", "user3"}) {
			t.Error("after an addition, the next page has", got)
		}
		for _, wrong := range []string{"/Users?count=3&cursor=" + next, "/Groups?count=2&cursor=" + next, "/Users?count=2&cursor=x" + next,
			"/Users?count=2&cursor=" + next[:len(next)-2] + "AA"} {
			expectError(p.Get(p.at(wrong)), http.StatusBadRequest, "invalidCursor")
		}
		other := newProvider(s, "other")
		expectError(other.Get(other.at("/Users?count=2&cursor="+next)), http.StatusBadRequest, "invalidCursor")
		s.Clock.Advance(2 * time.Hour)
		expectError(p.Get(p.at("/Users?count=2&cursor="+next)), http.StatusBadRequest, "expiredCursor")
		all := p.Get(p.at("/?count=3&cursor=")).Expect(200)
		if n := at(parsed(all), "totalResults"); n != 8.0 {
			t.Error("the list of all types has", n)
		}
	})
}

// Two organizations bring in the same people under the same external ids, at once: each sees its own alone, and what
// one does to its people does nothing to the other's.
func TestTwoOrganizations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := newProvider(s, "acme")
		b := newProvider(s, "bolt")
		both := []*provider{a, b}
		ids := make([]map[int]string, 2)
		var wg sync.WaitGroup
		for side, p := range both {
			ids[side] = map[int]string{}
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range 6 {
					res, err := p.Try("POST", p.at("/Users"), object{"schemas": list{userURI}, "userName": fmt.Sprintf("%d.of%d", i, side),
						"externalId": fmt.Sprint("e", i), "title": fmt.Sprint("of ", side), "name": object{"familyName": "Same"}})
					var body struct{ ID string }
					if err != nil || res.Status != http.StatusCreated || json.Unmarshal(res.Body, &body) != nil {
						t.Errorf("%v %v", res, err)
						return
					}
					ids[side][i] = body.ID
				}
			}()
		}
		wg.Wait()
		for side, p := range both {
			other := both[1-side]
			if got := found(p, "/Users", `externalId eq "e3"`, "title"); !slices.Equal(got, []string{fmt.Sprint("of ", side)}) {
				t.Error("got", got)
			}
			if got := found(p, "/Users", `name.familyName eq "same"`, "id"); len(got) != 6 {
				t.Error("got", got)
			}
			id := ids[1-side][0]
			for _, base := range []string{p.at(""), "/scim/v2"} {
				expectError(p.Get(base+"/Users/"+id), http.StatusNotFound, "")
				expectError(p.Delete(base+"/Users/"+id), http.StatusNotFound, "")
				expectError(p.Put(base+"/Users/"+id, object{"schemas": list{userURI}, "userName": "x"}), http.StatusNotFound, "")
			}
			expectError(p.Get(other.at("/Users")), http.StatusNotFound, "")
			expectError(p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": fmt.Sprintf("0.of%d", 1-side)}),
				http.StatusConflict, "uniqueness")
			g := p.group("Same name", ids[side][1], id)
			if got := found(p, "/Groups", `members.value eq "`+id+`"`, "id"); len(got) != 0 {
				t.Error("a stranger is in the group", g)
			}
			if got := found(other, "/Groups", `id eq "`+g+`"`, "id"); len(got) != 0 {
				t.Error("a group shows elsewhere")
			}
		}
		// Whoever is deleted is back under the same id, and gone elsewhere is nothing.
		a.Delete(a.at("/Users/" + ids[0][2])).Expect(http.StatusNoContent)
		expectError(a.Get(a.at("/Users/"+ids[0][2])), http.StatusNotFound, "")
		if again := a.user("2.of0", object{"externalId": "e2"}); again != ids[0][2] {
			t.Error("somebody is back as", again)
		}
		b.Get(b.at("/Users/" + ids[1][2])).Expect(http.StatusOK)
	})
}

// Of several who change one version of a resource at once, one succeeds. Without a version, nothing is lost.
func TestIfMatch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		ann := p.user("ann")
		crew := p.group("Crew")
		var members []string
		for i := range 6 {
			members = append(members, p.user(fmt.Sprint("m", i)))
		}
		for _, path := range []string{"/Users/" + ann, "/Groups/" + crew} {
			tag := p.Get(p.at(path)).Header.Get("ETag")
			var mu sync.Mutex
			statuses := map[int]int{}
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					a, err := p.With("If-Match", tag).Try("PATCH", p.at(path), object{"schemas": list{patchURI},
						"Operations": list{op("replace", "displayName", fmt.Sprint("Name ", i))}})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					statuses[a.Status]++
				}()
			}
			wg.Wait()
			if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 5 {
				t.Errorf("%s: got %v", path, statuses)
			}
			expectError(p.With("If-Match", tag).Delete(p.at(path)), http.StatusPreconditionFailed, "")
			expectError(p.With("If-Match", tag).Put(p.at(path), object{"schemas": list{userURI}, "userName": "ann", "displayName": "x"}),
				http.StatusPreconditionFailed, "")
		}
		var wg sync.WaitGroup
		for _, id := range members {
			wg.Add(1)
			go func() {
				defer wg.Done()
				a, err := p.Try("PATCH", p.at("/Groups/"+crew), object{"schemas": list{patchURI},
					"Operations": list{op("add", "members", list{object{"value": id}})}})
				if err != nil || a.Status != http.StatusOK {
					t.Errorf("%v %v", a, err)
				}
			}()
		}
		wg.Wait()
		if got, _ := at(parsed(p.Get(p.at("/Groups/"+crew))), "members").([]any); len(got) != len(members) {
			t.Errorf("%d of %d are in the group", len(got), len(members))
		}
	})
}

// Every route is closed to strangers and to tokens of other organizations; tokens that only read change nothing, and
// who is switched off, or comes from elsewhere, is not let in.
func TestRoutes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		reader := tokenOf(s, p.id, directory.ScimTokenChange{ReadOnly: models.Some(true)})
		elsewhere := tokenOf(s, p.id, directory.ScimTokenChange{Networks: models.Some([]string{"10.9.8.0/24"})})
		ann := p.user("ann")
		body := object{"schemas": list{userURI, groupURI, patchURI, bulkURI, searchURI,
			"urn:ietf:params:scim:schemas:test:2.0:TestResource"}, "userName": "zoe", "displayName": "Z", "identifier": "i",
			"Operations": list{op("replace", "displayName", "x")},
			"urn:ietf:params:scim:schemas:extension:test:2.0:TestResource": object{"extRequired": "x"}}
		for _, r := range scim.Routes(testResource) {
			path := strings.ReplaceAll(r.Path, ":id", ann)
			var sent any = body
			if r.Method == "GET" || r.Method == "DELETE" {
				sent = nil
			}
			if r.Open {
				s.Nobody().Do(r.Method, p.at(path), sent).Expect(http.StatusOK)
				continue
			}
			for name, a := range map[string]*answer{
				"a stranger":     s.Nobody().Do(r.Method, p.at(path), sent),
				"a wrong token":  s.Nobody().With("Authorization", "Bearer rst_scim_"+strings.Repeat("0", 48)).Do(r.Method, p.at(path), sent),
				"from elsewhere": elsewhere.Do(r.Method, p.at(path), sent),
			} {
				asked := a.Header.Get("WWW-Authenticate")
				if a.Status != http.StatusUnauthorized || !strings.HasPrefix(asked, "Bearer") {
					t.Errorf("%s: %s", name, a)
				}
			}
			expectError(other.Do(r.Method, p.at(path), sent), http.StatusNotFound, "")
			if r.Method != "GET" && !strings.HasSuffix(path, ".search") && path != "/Me" {
				a := reader.Do(r.Method, p.at(path), sent)
				if path != "/Bulk" && a.Status != http.StatusForbidden && a.Status != http.StatusNotFound || a.Status < 300 && path != "/Bulk" {
					t.Errorf("a token that only reads: %s", a)
				}
			}
		}
		reader.Get(reader.at("/Users/" + ann)).Expect(http.StatusOK)
		if me, err := p.Try("GET", p.at("/Me"), nil); err != nil || me.Status != http.StatusNotImplemented {
			t.Errorf("%v %v", me, err)
		}
		s.By(s.User("cid", object{"organization_ids": []int64{p.id}})).Get(p.at("/Me")).Expect(http.StatusOK)
		expectError(s.By(s.User("dan")).Get(p.at("/Me")), http.StatusNotFound, "")
		expectError(s.As("cid", "secret of cid").Get(p.at("/Users")), http.StatusForbidden, "")
		s.Admin().Get(p.at("/Users")).Expect(http.StatusOK)
		p.With("Authorization", "bearer Bearer "+p.token).Get("/scim/v2/users/" + ann).Expect(http.StatusOK)
		s.As("anybody", p.token).Get("/scim/v2/Users/" + ann).Expect(http.StatusOK)
		s.Nobody().Get("/scim/v2/Users?access_token=" + p.token).Expect(http.StatusUnauthorized)
		setting(s, "scim_enabled", false)
		expectError(p.Get(p.at("/Users")), http.StatusForbidden, "")
	})
}

// Administrators are shown and never written, and groups that carry power are not shown at all.
func TestAuthority(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		s.User("root2", object{"organization_ids": []int64{p.id}, "admin": true})
		id := found(p, "/Users", `userName eq "root2"`, "id")
		if len(id) != 1 {
			t.Fatal("got", id)
		}
		path := "/Users/" + id[0]
		for _, a := range []*answer{p.patch(path, op("replace", "displayName", "x")), p.patch(path, op("replace", "active", false)),
			p.patch(path, op("replace", "password", "another secret")), p.Delete(p.at(path)),
			p.Put(p.at(path), object{"schemas": list{userURI}, "userName": "root3"})} {
			expectError(a, http.StatusForbidden, "")
		}
		crew := p.group("Crew", p.user("ann"))
		number := s.Find("SELECT usergroup_id FROM scim_links WHERE uuid = ?", crew)
		s.Admin().Put(fmt.Sprint("/api/usergroups/", number), object{"usergroup": object{"admin": true}}).Expect(http.StatusOK)
		for _, a := range []*answer{p.Get(p.at("/Groups/" + crew)), p.patch("/Groups/"+crew, op("remove", "members", nil)),
			p.Delete(p.at("/Groups/" + crew)), p.patch("/Groups/"+crew, op("replace", "displayName", "x"))} {
			expectError(a, http.StatusNotFound, "")
		}
		if got := found(p, "/Groups", "displayName pr", "id"); len(got) != 0 {
			t.Error("a group that makes administrators shows", got)
		}
		if got := found(p, "/Users", `groups.value eq "`+crew+`"`, "id"); len(got) != 0 {
			t.Error("who is in a group that makes administrators shows", got)
		}
		for name, value := range map[string]any{"roles": list{object{"value": "Manager"}}, "groups": list{object{"value": crew}}} {
			expectError(p.patch("/Users/"+p.user("x"+name), op("add", name, value)), http.StatusBadRequest, "mutability")
		}
	})
}

// A provider makes none of the groups that give their members something by their names, and finds none of them.
func TestAuthority_SystemGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Admin().Put("/api/settings/cvat_default_group", object{"setting": object{"value": "worker"}}).Expect(http.StatusOK)
		p := newProvider(s, "acme")
		ann := p.user("ann")
		crew := p.group("Crew", ann)
		p.group("user", ann)
		p.patch("/Groups/"+crew, op("replace", "displayName", "worker")).Expect(http.StatusOK)
		if n := s.Find("SELECT COUNT(*) FROM usergroups WHERE name IN ('user', 'worker')"); n != 0 {
			t.Errorf("the provider has made %d system groups", n)
		}
		if got := found(p, "/Groups", "displayName pr", "displayName"); len(got) != 2 {
			t.Error("the provider finds", got)
		}
		number := s.Find("SELECT usergroup_id FROM scim_links WHERE uuid = ?", crew)
		s.Admin().Put(fmt.Sprint("/api/usergroups/", number), object{"usergroup": object{"name": "user"}}).
			Expect(http.StatusOK)
		expectError(p.patch("/Groups/"+crew, op("remove", "members", nil)), http.StatusNotFound, "")
		if got := found(p, "/Groups", "displayName pr", "displayName"); len(got) != 1 {
			t.Error("the provider finds", got)
		}
		expectError(p.patch("/Users/"+ann, op("replace", "password", "another secret")), http.StatusForbidden, "")
	})
}

// Whoever can do more than a token stays out of its reach: it may describe such people and lock them out, and neither
// act as one of them nor let one in again.
func TestAuthority_StrongRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		role := s.Role("Manager")
		for login, body := range map[string]object{
			"direct":   {"role_ids": []int64{role}},
			"by group": {},
		} {
			login = strings.ReplaceAll(login, " ", "-")
			id := p.user(login)
			number := s.Find("SELECT user_id FROM scim_links WHERE uuid = ?", id)
			if len(body) > 0 {
				s.Admin().Put(fmt.Sprint("/api/users/", number), object{"user": body}).Expect(http.StatusOK)
			} else {
				s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "Strong", "role_ids": []int64{role},
					"user_ids": []int64{number}}}).Expect(http.StatusCreated)
			}
			path := "/Users/" + id
			for name, value := range map[string]any{"password": "another secret", "userName": login + "2",
				"emails": list{object{"value": "thief@example.com", "primary": true}}} {
				expectError(p.patch(path, op("replace", name, value)), http.StatusForbidden, "")
			}
			p.patch(path, op("replace", "name.familyName", "Strong"), op("replace", "title", "Head")).Expect(http.StatusOK)
			p.patch(path, op("replace", "active", false)).Expect(http.StatusOK)
			expectError(p.patch(path, op("replace", "active", true)), http.StatusForbidden, "")
			p.Delete(p.at(path)).Expect(http.StatusNoContent)
			expectError(p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": login}), http.StatusForbidden, "")
			if got := s.Find("SELECT COUNT(*) FROM users WHERE id = ? AND disabled AND login = ? AND mail IS NULL", number,
				login); got != 1 {
				t.Error("the account of", login, "has changed")
			}
		}
	})
}

// A provider that switches off too many people within an hour is stopped.
func TestMaxDeactivations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		var ids []string
		for i := range 10 {
			ids = append(ids, p.user(fmt.Sprint("u", i)))
		}
		setting(s, "scim_max_deactivations", 20)
		p.patch("/Users/"+ids[0], op("replace", "active", false)).Expect(http.StatusOK)
		p.Delete(p.at("/Users/" + ids[1])).Expect(http.StatusNoContent)
		expectError(p.patch("/Users/"+ids[2], op("replace", "active", false)), http.StatusForbidden, "")
		expectError(p.Delete(p.at("/Users/"+ids[2])), http.StatusForbidden, "")
		p.user("never", object{"active": false})
		s.Admin().Patch(p.at("/Users/"+ids[2]), object{"schemas": list{patchURI},
			"Operations": list{op("replace", "active", false)}}).Expect(http.StatusOK)
		s.Clock.Advance(2 * time.Hour)
		p.patch("/Users/"+ids[0], op("replace", "title", "gone")).Expect(http.StatusOK)
		p.patch("/Users/"+ids[3], op("replace", "active", false)).Expect(http.StatusOK)
		p.patch("/Users/"+ids[4], op("replace", "active", false)).Expect(http.StatusOK)
		expectError(p.patch("/Users/"+ids[5], op("replace", "active", false)), http.StatusForbidden, "")
		small := newProvider(s, "small")
		one := small.user("one")
		small.patch("/Users/"+one, op("replace", "active", false)).Expect(http.StatusOK)
	})
}

// A token that asks too often has to wait, and others do not.
func TestRate(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		setting(s, "scim_rate", 1)
		limited := false
		for range 30 {
			if a := p.Get(p.at("/Users?count=0")); a.Status == http.StatusTooManyRequests {
				limited = a.Header.Get("Retry-After") != ""
				break
			}
		}
		if !limited {
			t.Error("nothing limits a token")
		}
		other.Get(other.at("/Users?count=0")).Expect(http.StatusOK)
	})
}

// A type of resources that is but data has all that users have: filters of its own attributes, orders, versions, values
// that may be there once.
func TestDocuments(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		made := func(p *provider, identifier string, more object) *answer {
			body := object{"schemas": list{testResource.Schema.ID}, "identifier": identifier,
				testResource.Extensions[0].ID: object{"extRequired": "x"}}
			for name, value := range more {
				body[name] = value
			}
			return p.Post(p.at("/TestResources"), body)
		}
		id := text(made(p, "one", object{"integerAttr": 7, "multiComplex": list{object{"value": "A", "type": "t"}},
			"dateTimeAttr": "2020-01-01T02:00:00+02:00", "immutableAttr": "i"}).Expect(http.StatusCreated), "id")
		made(p, "two", object{"integerAttr": 40}).Expect(http.StatusCreated)
		expectError(made(p, "ONE", nil), http.StatusConflict, "uniqueness")
		made(other, "one", nil).Expect(http.StatusCreated)
		for filter, want := range map[string]string{`integerAttr gt 7.5`: "[two]", `dateTimeAttr eq "2020-01-01T00:00:00Z"`: "[one]",
			`multiComplex[value eq "a" and type eq "T"]`: "[one]", `identifier eq "ONE"`: "[one]", `booleanAttr pr`: "[]"} {
			if got := found(p, "/TestResources", filter, "identifier"); fmt.Sprint(got) != want {
				t.Errorf("%s: got %v, want %s", filter, got, want)
			}
		}
		list := p.Get(p.at("/TestResources?sortBy=integerAttr&sortOrder=descending"))
		if got := texts(list, "identifier"); !slices.Equal(got, []string{"two", "one"}) {
			t.Error("sorted:", got)
		}
		path := "/TestResources/" + id
		expectError(other.Get(other.at(path)), http.StatusNotFound, "")
		expectError(p.patch(path, op("replace", "immutableAttr", "j")), http.StatusBadRequest, "mutability")
		tag := p.Get(p.at(path)).Header.Get("ETag")
		if same := p.patch(path, op("add", "integerAttr", 7)).Expect(http.StatusOK).Header.Get("ETag"); same != tag {
			t.Error("a change of nothing makes another version")
		}
		p.patch(path, op("add", "integerAttr", 8)).Expect(http.StatusOK)
		expectError(p.With("If-Match", tag).Delete(p.at(path)), http.StatusPreconditionFailed, "")
		p.Delete(p.at(path)).Expect(http.StatusNoContent)
		expectError(p.Get(p.at(path)), http.StatusNotFound, "")
	})
}

// What refers to each other in one request is made, as far as it can be.
func TestBulk_Circle(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		group := func(id, refers string) object {
			return object{"method": "POST", "path": "/Groups", "bulkId": id, "data": object{"schemas": list{groupURI},
				"displayName": "Group " + id, "members": list{object{"value": "bulkId:" + refers}}}}
		}
		a := p.Post(p.at("/Bulk"), object{"schemas": list{bulkURI}, "Operations": list{group("a", "b"), group("b", "a")}}).
			Expect(http.StatusOK)
		first := fmt.Sprint(at(parsed(a), "Operations.0.status"), " ", at(parsed(a), "Operations.1.status"))
		if first != "201 400" {
			t.Errorf("got %s: %s", first, a)
		}
		if got := found(p, "/Groups", `members pr`, "displayName"); !slices.Equal(got, []string{"Group a"}) {
			t.Error("got", got)
		}
		if got := found(p, "/Groups", `displayName pr`, "displayName"); len(got) != 2 {
			t.Error("got", got)
		}
		twice := p.Post(p.at("/Bulk"), object{"schemas": list{bulkURI}, "Operations": list{group("a", "b"), group("a", "b")}})
		expectError(twice, http.StatusBadRequest, "invalidSyntax")
	})
}

// Bodies that are too large, of another type, or odd are refused, and never a fault of the server.
func TestBodies(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		ann := p.user("ann")
		expectError(p.Post(p.at("/Users"), `{"x":"`+strings.Repeat("x", 1<<20)+`"}`), http.StatusRequestEntityTooLarge, "")
		expectError(p.With("Content-Type", "text/plain").Post(p.at("/Users"), "x"), http.StatusUnsupportedMediaType, "")
		expectError(p.With("Content-Type", "application/json; charset=latin1").Post(p.at("/Users"), "{}"),
			http.StatusUnsupportedMediaType, "")
		p.Post(p.at("/Users"), "\ufeff"+`{"schemas":["`+userURI+`"],"userName":"bom"}`).Expect(http.StatusCreated)
		for _, text := range []string{"", "[]", "{", "null", "1", `{"schemas":["` + userURI + `"],"userName":"x","USERNAME":"y"}`,
			strings.Repeat("[", 100)} {
			expectError(p.Post(p.at("/Users"), text), http.StatusBadRequest, "invalidSyntax")
		}
		for _, value := range []any{nil, true, 1, -1e300, "x", "\x00", list{}, list{list{}}, list{nil}, object{}, object{"value": list{}},
			object{"value": object{"value": object{}}}, list{object{"primary": "x"}}} {
			for _, path := range []string{"", "emails", "emails.value", `emails[type eq "work"]`, `emails[type eq "work"].value`, "name",
				"name.givenName", "userName", "active", "password", "externalId", "x509Certificates", enterpriseURI,
				enterpriseURI + ":manager", "schemas", "meta", "locale", "timezone"} {
				for _, name := range []string{"add", "replace", "remove"} {
					p.patch("/Users/"+ann, op(name, path, value))
				}
			}
		}
	})
}

// Whom an administrator has taken out of an organization its provider knows no more: neither who they are, nor can it
// change them, bring them into groups, or switch them on.
func TestMembersOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := s.Organization("Other")
		s.User("gil", object{"organization_ids": []int64{p.id, other}, "mail": "gil@x.org"})
		gil := found(p, "/Users", `userName eq "gil"`, "id")[0]
		bob := p.user("bob")
		crew := p.group("Crew", gil, bob)
		for _, login := range []string{"gil", "bob"} {
			id := s.Find("SELECT id FROM users WHERE login = ?", login)
			s.Admin().Put(fmt.Sprint("/api/users/", id), object{"user": object{"organization_ids": []int64{other}}}).
				Expect(http.StatusOK)
			s.Execute("DELETE FROM usergroup_users WHERE user_id = ?", id)
		}
		for _, id := range []string{gil, bob} {
			for _, a := range []*answer{p.Get(p.at("/Users/" + id)), p.Delete(p.at("/Users/" + id)),
				p.patch("/Users/"+id, op("replace", "name.givenName", "Thief")),
				p.patch("/Users/"+id, op("replace", "active", false)),
				p.Put(p.at("/Users/"+id), object{"schemas": list{userURI}, "userName": "thief"})} {
				expectError(a, http.StatusNotFound, "")
			}
			p.patch("/Groups/"+crew, op("add", "members", list{object{"value": id}})).Expect(http.StatusOK)
		}
		if got := found(p, "/Users", "userName pr", "id"); len(got) != 0 {
			t.Error("people of another organization show:", got)
		}
		if n := s.Find("SELECT COUNT(*) FROM usergroup_users"); n != 0 {
			t.Error("people of another organization are in a group")
		}
		for _, login := range []string{"gil", "bob"} {
			expectError(p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": login}), http.StatusConflict,
				"uniqueness")
		}
	})
}

// An organization may switch provisioning off, and not on where the server has it off.
func TestEnabled(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		parameter := func(value bool) {
			s.Execute("DELETE FROM parameters")
			s.Admin().Post(fmt.Sprintf("/api/organizations/%d/parameters", p.id), object{"parameter": object{
				"name": "scim_enabled", "value": value, "parameter_type": "boolean"}}).Expect(http.StatusCreated)
		}
		for _, c := range []struct {
			server, organization bool
			status               int
		}{{true, true, http.StatusOK}, {true, false, http.StatusForbidden}, {false, true, http.StatusForbidden}} {
			setting(s, "scim_enabled", c.server)
			parameter(c.organization)
			p.Get(p.at("/Users")).Expect(c.status)
		}
	})
}

// Whom single sign-on lets in has the name that the provider gives, and no password here.
func TestAuthSource(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		setting(s, "scim_auth_source", "External")
		id := p.user("ann", object{"password": "a long secret"})
		if n := s.Find("SELECT COUNT(*) FROM users WHERE login = 'ann' AND password_hash IS NULL AND auth_source_id = " +
			"(SELECT id FROM auth_sources WHERE name = 'External')"); n != 1 {
			t.Error("the account is not as the setting says")
		}
		p.patch("/Users/"+id, op("replace", "userName", "ann.smith")).Expect(http.StatusOK)
		expectError(p.patch("/Users/"+id, op("replace", "password", "a long secret")), http.StatusBadRequest, "mutability")
		p.Put(p.at("/Users/"+id), object{"schemas": list{userURI}, "userName": "ann.smith", "password": "another"}).
			Expect(http.StatusOK)
		if n := s.Find("SELECT COUNT(*) FROM users WHERE login = 'ann.smith' AND password_hash IS NULL"); n != 1 {
			t.Error("the account has a password here")
		}
		setting(s, "scim_auth_source", "LDAP of others")
		s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": object{"name": "LDAP of others",
			"host": "ldap.example.com", "organization_ids": []int64{s.Organization("Other")}}}).Expect(http.StatusCreated)
		expectError(p.Post(p.at("/Users"), object{"schemas": list{userURI}, "userName": "bob"}), http.StatusBadRequest,
			"invalidValue")
	})
}

// Wrong tokens keep no right one out, and the token is known with and without the word before it.
func TestTokens_Tried(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		setting(s, "failed_login_attempts_limit", 5)
		wrong := s.Nobody().With("Authorization", "Bearer rst_scim_"+strings.Repeat("0", 48))
		var last *answer
		for range 10 {
			if last = wrong.Get(p.at("/Users")); last.Status != http.StatusUnauthorized {
				break
			}
		}
		expectError(last, http.StatusTooManyRequests, "")
		if last.Header.Get("Retry-After") == "" {
			t.Error("nobody says how long to wait")
		}
		p.Get(p.at("/Users")).Expect(http.StatusOK)
		for _, header := range []string{p.token, "Bearer Bearer " + p.token, "bearer " + p.token} {
			s.Nobody().With("Authorization", header).Get(p.at("/Users")).Expect(http.StatusOK)
		}
	})
}
