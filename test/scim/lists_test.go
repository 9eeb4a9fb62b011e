package scim

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"roster/models"
)

// Pages of all types by cursors show everything once, forwards and backwards, from the first type to the last and back,
// by GET and by POST.
func TestCursors_AllTypes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		for i := range 5 {
			p.user(fmt.Sprint("user", i), object{"displayName": fmt.Sprint("Person ", 4-i)})
			p.group(fmt.Sprint("Group ", i*3%5))
		}
		p.user("bare")
		ask := map[string]func(sortBy, order, filter string, count int, cursor any) *answer{
			"GET": func(sortBy, order, filter string, count int, cursor any) *answer {
				query := fmt.Sprintf("/?sortBy=%s&sortOrder=%s&filter=%s&count=%d", sortBy, order, escape(filter), count)
				if cursor != nil {
					query += fmt.Sprint("&cursor=", cursor)
				}
				return p.Get(p.at(query))
			},
			"POST": func(sortBy, order, filter string, count int, cursor any) *answer {
				body := object{"schemas": list{searchURI}, "sortBy": sortBy, "sortOrder": order, "filter": filter, "count": count}
				if cursor != nil {
					body["cursor"] = cursor
				}
				return p.Post(p.at("/.search"), body)
			},
		}
		for verb, get := range ask {
			for _, query := range [][3]string{{"", "ascending", ""}, {"displayName", "ascending", ""},
				{"displayName", "descending", ""}, {"id", "descending", "meta.created pr"}, {"meta.created", "ascending", `id ne "x"`},
				{"displayName", "descending", `displayName co "o"`}} {
				for _, count := range []int{2, 3, 4} {
					want := texts(get(query[0], query[1], query[2], 100, nil).Expect(http.StatusOK), "id")
					walkBothWays(t, fmt.Sprint(verb, query, count), want, func(cursor any) *answer {
						return get(query[0], query[1], query[2], count, cursor).Expect(http.StatusOK)
					})
				}
			}
		}
	})
}

// walkBothWays goes through all pages, and back from the last to the first.
func walkBothWays(t *testing.T, what string, want []string, page func(cursor any) *answer) {
	t.Helper()
	var pages [][]string
	var seen []string
	var cursor any = ""
	var back any
	for cursor != nil && len(pages) < 20 {
		a := page(cursor)
		if got := at(parsed(a), "totalResults"); got != float64(len(want)) {
			t.Errorf("%s: the total is %v instead of %d", what, got, len(want))
		}
		pages = append(pages, texts(a, "id"))
		seen = append(seen, pages[len(pages)-1]...)
		cursor = at(parsed(a), "nextCursor")
		back = at(parsed(a), "previousCursor")
	}
	if !slices.Equal(seen, want) {
		t.Errorf("%s: got %v, want %v", what, seen, want)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		if back == nil {
			t.Fatalf("%s: nothing leads back to page %d", what, i)
		}
		a := page(back)
		if got := texts(a, "id"); !slices.Equal(got, pages[i]) {
			t.Errorf("%s: back to %v, want %v", what, got, pages[i])
		}
		if next := at(parsed(a), "nextCursor"); next == nil {
			t.Errorf("%s: nothing leads on from page %d", what, i)
		}
		back = at(parsed(a), "previousCursor")
	}
	if back != nil {
		t.Errorf("%s: something comes before the first page", what)
	}
}

// Lists sorted by emails go by the address of the account: the primary one, or else the first for work, or else the
// first, and people without any come last.
func TestSort_Emails(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		mail := func(value, kind string, primary bool) object {
			m := object{"value": value + "@example.org", "type": kind}
			if primary {
				m["primary"] = true
			}
			return m
		}
		p.user("none")
		p.user("third", object{"emails": list{mail("a", "home", false), mail("c", "home", true), mail("b", "work", false)}})
		p.user("second", object{"emails": list{mail("a2", "home", false), mail("B", "work", false)}})
		p.user("first", object{"emails": list{mail("a1", "home", false), mail("z", "other", false)}})
		for _, by := range []string{"emails", "emails.value", "EMAILS.Value"} {
			if got := texts(p.Get(p.at("/Users?sortBy="+by)).Expect(200), "userName"); fmt.Sprint(got) != "[first second third none]" {
				t.Errorf("%s: got %v", by, got)
			}
			got := texts(p.Get(p.at("/Users?sortOrder=descending&sortBy="+by)).Expect(200), "userName")
			if fmt.Sprint(got) != "[none third second first]" {
				t.Errorf("%s, descending: got %v", by, got)
			}
		}
	})
}

// Groups are found by who is in them, and people by the groups that they are in, directly or not; what another
// organization has is not found.
func TestFilters_Members(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		other := newProvider(s, "bolt")
		ann := p.user("ann")
		bob := p.user("bob")
		inner := p.group("Inner", ann)
		outer := p.group("Outer", inner, bob)
		theirs := other.group("Theirs", other.user("cid"))
		p.patch("/Groups/"+outer, op("add", "members", theirs)).Expect(http.StatusOK)
		if n := s.Find("SELECT COUNT(*) FROM usergroup_usergroups"); n != 1 {
			t.Error("a group of another organization comes into a group")
		}
		for filter, want := range map[string]string{
			`members.value eq "` + ann + `"`: "[Inner]", `members eq "` + bob + `"`: "[Outer]",
			`members.value eq "` + inner + `"`: "[Outer]", `members[value eq "` + inner + `" and type eq "Group"]`: "[Outer]",
			`members[value eq "` + inner + `" and type eq "User"]`:     "[]",
			`id eq "` + outer + `" and members.value eq "` + bob + `"`: "[Outer]",
			`id eq "` + inner + `" and members eq "` + bob + `"`:       "[]",
			`members.value eq "` + ann + `" or displayName eq "OUTER"`: "[Inner Outer]",
			`not (members.value eq "` + ann + `")`:                     "[Outer]",
			`id eq "` + theirs + `" or displayName eq "Theirs"`:        "[]",
			`displayName eq "inner" and externalId eq null`:            "[Inner]",
			`displayName ne "inner"`:                                   "[Outer]",
			`displayName pr and members.display eq "ann"`:              "[Inner]",
		} {
			if got := found(p, "/Groups", filter, "displayName"); fmt.Sprint(got) != want {
				t.Errorf("%s: got %v, want %s", filter, got, want)
			}
		}
		for filter, want := range map[string]string{
			`groups.value eq "` + inner + `"`: "[ann]", `groups eq "` + outer + `"`: "[ann bob]",
			`groups[value eq "` + outer + `" and type eq "direct"]`:   "[bob]",
			`groups[value eq "` + outer + `" and type eq "indirect"]`: "[ann]",
			`groups.value eq "` + theirs + `"`:                        "[]",
			`not (groups.value eq "` + inner + `")`:                   "[bob]",
			`id eq "` + ann + `" and groups.value eq "` + inner + `"`: "[ann]",
		} {
			if got := found(p, "/Users", filter, "userName"); fmt.Sprint(got) != want {
				t.Errorf("%s: got %v, want %s", filter, got, want)
			}
		}
	})
}

// Whom the setting scim_delete destroys counts for the guard of deactivations, and the id is nobody's afterwards.
func TestMaxDeactivations_Destroyed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		var ids []string
		for i := range 10 {
			ids = append(ids, p.user(fmt.Sprint("u", i)))
		}
		setting(s, "scim_delete", "destroy")
		setting(s, "scim_max_deactivations", 20)
		p.Delete(p.at("/Users/" + ids[0])).Expect(http.StatusNoContent)
		if n := s.Find("SELECT COUNT(*) FROM users WHERE login = 'u0'"); n != 0 {
			t.Error("the account is there still")
		}
		p.Delete(p.at("/Users/" + ids[1])).Expect(http.StatusNoContent)
		expectError(p.Delete(p.at("/Users/"+ids[2])), http.StatusForbidden, "")
		expectError(p.patch("/Users/"+ids[2], op("replace", "active", false)), http.StatusForbidden, "")
		if again := p.user("u0"); again == ids[0] {
			t.Error("the id is used again")
		}
		expectError(p.Get(p.at("/Users/"+ids[0])), http.StatusNotFound, "")
		if got := found(p, "/Users", `userName pr`, "id"); len(got) != 9 {
			t.Error("got", got)
		}
		s.Clock.Advance(2 * time.Hour)
		p.Delete(p.at("/Users/" + ids[2])).Expect(http.StatusNoContent)
		s.Clock.Advance((models.BinDays + 1) * 24 * time.Hour)
		if _, err := s.Dir.EmptyBin(t.Context()); err != nil {
			t.Error(err)
		}
		if n := s.Find("SELECT COUNT(*) FROM scim_links WHERE user_id IS NULL"); n != 0 {
			t.Error("what is left of the destroyed stays for good")
		}
	})
}

// People change of themselves their names, mail, zone and password, and nothing else.
func TestMe_Patch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		cid := s.By(s.User("cid", object{"organization_ids": []int64{p.id}}))
		change := func(c *client, ops ...any) *answer {
			return c.Patch(p.at("/Me"), object{"schemas": list{patchURI}, "Operations": ops})
		}
		a := change(cid, op("Replace", "name.givenName", "Cid"), op("add", `emails[type eq "work"].value`, "cid@example.org"),
			op("replace", "timezone", "Europe/Berlin")).Expect(http.StatusOK)
		got := fmt.Sprint(at(parsed(a), "name.givenName"), at(parsed(a), "emails.0.value"), at(parsed(a), "timezone"))
		if got != "Cidcid@example.orgEurope/Berlin" {
			t.Errorf("got %s: %s", got, a)
		}
		if got := s.Find("SELECT COUNT(*) FROM users WHERE login = 'cid' AND firstname = 'Cid' AND mail = 'cid@example.org'"); got != 1 {
			t.Error("the account is as it was")
		}
		for _, refused := range []object{op("replace", "userName", "root"), op("replace", "active", false),
			op("replace", "title", "Boss"), op("replace", "externalId", "x"), op("replace", "displayName", "x"),
			op("replace", "", object{"title": "Boss", "name": object{"givenName": "No"}})} {
			expectError(change(cid, refused), http.StatusForbidden, "")
		}
		expectError(change(cid, op("add", "roles", list{object{"value": "Manager"}})), http.StatusBadRequest, "mutability")
		expectError(change(cid, op("replace", "nope", "x")), http.StatusBadRequest, "invalidPath")
		if at(parsed(cid.Get(p.at("/Me"))), "name.givenName") != "Cid" {
			t.Error("what is refused changes something")
		}
		tag := cid.Get(p.at("/Me")).Header.Get("ETag")
		s.Clock.Advance(time.Second)
		change(cid.With("If-Match", tag), op("replace", "name.familyName", "Doe")).Expect(http.StatusOK)
		expectError(change(cid.With("If-Match", tag), op("replace", "name.familyName", "Roe")), http.StatusPreconditionFailed, "")

		expectError(change(cid, op("replace", "password", "another secret 2")), http.StatusBadRequest, "invalidValue")
		change(cid.With("X-Current-Password", "secret of cid"), op("replace", "password", "another secret 2")).
			Expect(http.StatusOK)
		s.As("cid", "another secret 2").Get(p.at("/Me")).Expect(http.StatusOK)
		expectError(cid.Get(p.at("/Me")), http.StatusUnauthorized, "")

		other := newProvider(s, "bolt")
		expectError(s.As("cid", "another secret 2").Patch(other.at("/Me"), object{"schemas": list{patchURI},
			"Operations": list{op("replace", "name.givenName", "x")}}), http.StatusNotFound, "")
		a, err := p.Try("PATCH", p.at("/Me"), object{"schemas": list{patchURI}, "Operations": list{op("add", "title", "x")}})
		if err != nil || a.Status != http.StatusNotImplemented {
			t.Errorf("a token that is no person: %v %v", a, err)
		}
	})
}
