package scim

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"roster/directory"
	"roster/models"
)

// Tokens end when they expire and as soon as they are revoked, each by itself.
func TestTokens_End(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		lasting := newProvider(s, "acme")
		until := s.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		brief := tokenOf(s, lasting.id, directory.ScimTokenChange{ExpiresAt: models.Some(&until)})
		brief.Get(brief.at("/Users")).Expect(http.StatusOK)
		s.Clock.Advance(2 * time.Hour)
		expectError(brief.Get(brief.at("/Users")), http.StatusUnauthorized, "")
		lasting.Get(lasting.at("/Users")).Expect(http.StatusOK)
		revoked := tokenOf(s, lasting.id, directory.ScimTokenChange{})
		id := s.Find("SELECT MAX(id) FROM scim_tokens")
		s.Admin().Delete(fmt.Sprintf("/api/organizations/%d/scim_tokens/%d", lasting.id, id)).Expect(http.StatusOK)
		expectError(revoked.Get(revoked.at("/Users")), http.StatusUnauthorized, "")
		lasting.Get(lasting.at("/Users")).Expect(http.StatusOK)
	})
}

// A group that gives a role beyond the organization, by itself or by a group around it, is the provider's no more.
func TestAuthority_RolesOfGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		inner := p.group("Inner", p.user("ann"))
		outer := p.group("Outer", inner)
		other := p.group("Other")
		number := s.Find("SELECT usergroup_id FROM scim_links WHERE uuid = ?", outer)
		s.Admin().Put(fmt.Sprint("/api/usergroups/", number), object{"usergroup": object{
			"role_ids": []int64{s.Find("SELECT id FROM roles WHERE name = 'Viewer'")}}}).Expect(http.StatusOK)
		for _, id := range []string{inner, outer} {
			expectError(p.Get(p.at("/Groups/"+id)), http.StatusNotFound, "")
			expectError(p.patch("/Groups/"+id, op("remove", "members", nil)), http.StatusNotFound, "")
			expectError(p.Delete(p.at("/Groups/"+id)), http.StatusNotFound, "")
		}
		if got := found(p, "/Groups", "displayName pr", "id"); fmt.Sprint(got) != "["+other+"]" {
			t.Error("the list shows", got)
		}
		p.patch("/Groups/"+other, op("add", "members", p.user("bob"))).Expect(http.StatusOK)
	})
}
