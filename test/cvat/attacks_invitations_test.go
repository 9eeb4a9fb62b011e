package cvat

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// What an attacker tried with invitations, registrations and tokens.

// bobby is the body of a registration by somebody who was invited.
func bobby() object {
	return object{"username": "bobby", "email": "bob@example.org", "password1": userPassword, "password2": userPassword}
}

// invited makes an organization of somebody's, and returns the key of an invitation into it.
func invited(s *server, by account, slug, role string) string {
	s.T.Helper()
	s.By(by).Post("/cvat/api/organizations", object{"slug": slug}).Expect(201)
	return s.By(by).Post("/cvat/api/invitations?org="+slug, object{"role": role, "email": "bob@example.org"}).
		Expect(201).Text("key")
}

// Who invites somebody knows the key, and comes by it into no organization of others.
func TestAttack_KeysOfOwnInvitations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "cvat_registration", true)
		ann := newAccount(s, "ann")
		mal := newAccount(s, "mal")
		theirs := invited(s, ann, "crew", "maintainer")
		s.By(ann).Post("/cvat/api/organizations", object{"slug": "team"}).Expect(201)
		mine := invited(s, mal, "evil", "worker")
		s.Nobody().Post("/cvat/api/auth/register?invitation="+mine, bobby()).Expect(201)
		bob := s.As("bobby", userPassword)
		bob.Get("/cvat/api/invitations").Expect(200).Want(1, "count").Want(mine, "results", 0, "key")
		bob.Post("/cvat/api/invitations/"+theirs+"/accept", nil).Expect(404)
		bob.Get("/cvat/api/memberships?org=crew").Expect(403)
		s.By(ann).Get("/cvat/api/memberships?org=crew").Expect(200).Want(1, "count")
	})
}

// All invitations of one sender stay together.
func TestRegistration_InvitedTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "cvat_registration", true)
		ann := newAccount(s, "ann")
		first := invited(s, ann, "crew", "worker")
		second := invited(s, ann, "team", "worker")
		s.Nobody().Post("/cvat/api/auth/register?invitation="+second, bobby()).Expect(201)
		for _, key := range []string{first, second} {
			s.As("bobby", userPassword).Post("/cvat/api/invitations/"+key+"/accept", nil).Expect(200)
		}
	})
}

// Where mail is sent, reading it is what proves an address: the key of an invitation lets nobody in.
func TestAttack_KeysProveNoAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "cvat_registration", true)
		set(s, "smtp_address", "mail.example.org")
		set(s, "delivery_method", "smtp")
		key := invited(s, newAccount(s, "mal"), "evil", "worker")
		s.Nobody().Post("/cvat/api/auth/register?invitation="+key, bobby()).Expect(201).
			Want(true, "email_verification_required").Want(nil, "key")
		s.As("bobby", userPassword).Get(self).Expect(401)
	})
}

// Invitations that were withdrawn count like others, and mail goes out again a few times an hour.
func TestAttack_InvitationsInMasses(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		as := s.By(ann)
		as.Post("/cvat/api/organizations", object{"slug": "crew"}).Expect(201)
		made := 0
		for ; made < 250; made++ {
			a := as.Post("/cvat/api/invitations?org=crew", object{"role": "worker",
				"email": fmt.Sprintf("bob%d@example.org", made%3)})
			if a.Status == http.StatusTooManyRequests {
				break
			}
			as.Delete("/cvat/api/invitations/" + a.Expect(201).Text("key")).Expect(204)
		}
		if made < 100 || made > 200 {
			t.Errorf("%d invitations went out", made)
		}
	})
}

func TestAttack_InvitationsMailedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "smtp_address", "mail.example.org")
		set(s, "delivery_method", "smtp")
		ann := newAccount(s, "ann")
		key := invited(s, ann, "crew", "worker")
		for range 5 {
			s.By(ann).Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(204)
		}
		a := s.By(ann).Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(429)
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("the answer is %s", a)
		}
		if n := s.Find("SELECT COUNT(*) FROM outgoing_mails"); n != 6 {
			t.Errorf("%d mails went out", n)
		}
	})
}

// Strangers who send their bodies slowly keep nobody from a login.
func TestAttack_SlowStrangers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		const each = 8
		for i := range 3 * each {
			slowStranger(t, strings.TrimPrefix(s.URL, "http://"), fmt.Sprint("192.0.2.", i/each))
		}
		s.Nobody().With("X-Forwarded-For", "192.0.2.9").Post("/cvat/api/auth/login",
			object{"username": "admin", "password": servertest.AdminPassword}).Expect(200)
	})
}

// slowStranger begins a login from an address and does not go on. It returns when the server has begun to read it, or
// has refused it.
func slowStranger(t *testing.T, server, address string) {
	t.Helper()
	slow, err := net.Dial("tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slow.Close() })
	_, err = fmt.Fprintf(slow, "POST /cvat/api/auth/login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"X-Forwarded-For: %s\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n", server, address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(slow).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

// A token ends in a year that every database can compare, or it would live unseen.
func TestAttack_TokensOfFarYears(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		for _, end := range []string{"9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"} {
			s.By(ann).Post("/cvat/api/auth/access_tokens", object{"name": "far", "expiry_date": end}).Expect(400)
			s.By(ann).Post(ann.Path("/personal_access_tokens"), object{"personal_access_token": object{"name": "far",
				"expires_at": end}}).Expect(422)
		}
		s.By(ann).Post("/cvat/api/auth/access_tokens", object{"name": "far", "expiry_date": "9999-12-31T23:59:59Z"}).
			Expect(201)
		s.By(ann).Get("/cvat/api/auth/access_tokens").Expect(200).Want(1, "count")
	})
}

// Who has left an organization has nothing to do with the invitations into it.
func TestAttack_InvitationsAfterLeaving(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		maintainer := w.client("maintainer")
		key := maintainer.Post("/cvat/api/invitations?org=here", object{"role": "worker", "email": "bob@example.org"}).
			Expect(201).Text("key")
		maintainer.Get("/cvat/api/invitations/" + key).Expect(200)
		w.client("owner").Delete(fmt.Sprint("/cvat/api/memberships/", w.membershipOf("maintainer"))).Expect(204)
		maintainer.Get("/cvat/api/invitations").Expect(200).Want(0, "count")
		maintainer.Get("/cvat/api/invitations/" + key).Expect(403)
		maintainer.Post("/cvat/api/invitations/"+key+"/resend", nil).Expect(403)
		maintainer.Delete("/cvat/api/invitations/" + key).Expect(403)
		w.client("owner").Delete("/cvat/api/invitations/" + key).Expect(204)
	})
}

// A reset for an address that nobody has does the work of one that somebody has, and sends nothing.
func TestAttack_ResetsTakeAsLong(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "smtp_address", "mail.example.org")
		set(s, "delivery_method", "smtp")
		ann := newAccount(s, "ann")
		reset := func(address string) {
			s.Nobody().Post("/cvat/api/auth/password/reset", object{"email": address}).Expect(200)
		}
		reset("nobody@example.org")
		if n := s.Find("SELECT COUNT(*) FROM outgoing_mails"); n != 0 {
			t.Errorf("%d mails go to nobody", n)
		}
		reset("ann@example.org")
		reset("ann@example.org") // too soon
		number := s.Find("SELECT id FROM outgoing_mails WHERE user_id = ?", ann.ID)
		reset("ann@example.org")
		s.Clock.Advance(2 * time.Minute)
		reset("ann@example.org")
		if after := s.Find("SELECT MAX(id) FROM outgoing_mails"); number != 2 || after != number+3 {
			t.Errorf("the mails have the numbers %d and %d: some requests wrote none", number, after)
		}
	})
}

// Somebody who was invited, and was suspended since or whose membership has ended, does not get rid of that by
// declining the invitation; nor does anybody leave whose membership is to end.
func TestAttack_DeclinedMemberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := newAccount(s, "ann")
		bob := newAccount(s, "bob")
		key := invited(s, ann, "crew", "worker")
		crew := s.Find("SELECT id FROM taxonomies WHERE slug = 'crew'")
		staff := s.Group("staff", false, directory.UsergroupChange{Users: models.Some(directory.ByIDs(bob.ID))})
		s.Admin().Put(fmt.Sprintf("/api/organizations/%d/usergroup_memberships/%d", crew, staff),
			object{"membership": object{"role_ids": []int64{s.Role("Manager")}}}).Expect(200)
		own := fmt.Sprintf("/api/organizations/%d/memberships/%d", crew, bob.ID)
		member := s.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", bob.ID, crew)
		for _, change := range []object{{"expires_at": "2020-01-01"}, {"expires_at": "2100-01-01"}, {"state": "suspended"}} {
			s.Admin().Put(own, object{"membership": change}).Expect(200)
			s.By(bob).Post("/cvat/api/invitations/"+key+"/decline", nil).Expect(403)
			s.By(bob).Delete(fmt.Sprint("/cvat/api/memberships/", member)).Expect(403)
			s.Admin().Get(own[:strings.LastIndex(own, "/")]+"?search=login=bob").Expect(200).Want(1, "subtotal")
		}
		s.Admin().Put(own, object{"membership": object{"state": "active", "expires_at": ""}}).Expect(200)
		s.By(bob).Delete(fmt.Sprint("/cvat/api/memberships/", member)).Expect(204)
	})
}
