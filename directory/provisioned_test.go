package directory_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"roster/directory"
	"roster/directory/login"
	"roster/models"
)

// provider is the identity provider of a new organization.
func (w *world) provider(slug string) func() *models.Principal {
	w.t.Helper()
	ctx := w.t.Context()
	o, err := w.CreateTenant(ctx, w.root(), models.OrganizationKind, directory.TenantChange{Name: models.Some(slug)})
	if err != nil {
		w.t.Fatal(err)
	}
	_, token, err := w.CreateScimToken(ctx, w.root(), directory.Ref{ID: o.ID},
		directory.ScimTokenChange{Name: models.Some("entra")})
	if err != nil {
		w.t.Fatal(err)
	}
	logins := login.New(w.Service)
	return func() *models.Principal {
		w.t.Helper()
		p, err := logins.Provisioner(ctx, token, "127.0.0.1", "r")
		if err != nil {
			w.t.Fatal(err)
		}
		return p
	}
}

func someone(login, external string) directory.ProvisionedUserChange {
	mail := login + "@example.org"
	return directory.ProvisionedUserChange{Login: models.Some(login), ExternalID: models.Some(&external),
		Firstname: models.Some(&login), Mail: models.Some(&mail)}
}

// What an identity provider brings in, it changes, switches off and on, deletes and brings back under the same name.
func TestProvisioned_Lifecycle(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acme := w.provider("acme")
		u, err := w.ProvisionUser(ctx, acme(), someone("anna", "e1"))
		if err != nil {
			t.Fatal(err)
		}
		if !u.Active || u.Link.UUID == "" || models.Deref(u.Link.ExternalID) != "e1" {
			t.Errorf("got %+v", u.Link)
		}
		if _, err := w.ProvisionUser(ctx, acme(), someone("ANNA", "e2")); !taken(err, "login") {
			t.Error("somebody was brought in twice:", err)
		}
		set := func(c directory.ProvisionedUserChange) *directory.ProvisionedUser {
			t.Helper()
			v, err := w.UpdateProvisionedUser(ctx, acme(), u.Link.UUID,
				func(*directory.ProvisionedUser) (directory.ProvisionedUserChange, error) { return c, nil })
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		same := set(directory.ProvisionedUserChange{})
		if same.Version() != u.Version() {
			t.Error("a change of nothing has made another version")
		}
		off := set(directory.ProvisionedUserChange{Active: models.Some(false)})
		if off.Active || !off.IsDisabled() || off.Version() == u.Version() {
			t.Error("somebody is still active, or the version is the same")
		}
		if on := set(directory.ProvisionedUserChange{Active: models.Some(true)}); !on.Active || on.IsDisabled() {
			t.Error("somebody is not active again")
		}
		fine := func(string) error { return nil }
		if err := w.DeprovisionUser(ctx, acme(), u.Link.UUID, fine); err != nil {
			t.Fatal(err)
		}
		if err := w.DeprovisionUser(ctx, acme(), u.Link.UUID, fine); tried(err) != "none" {
			t.Error("somebody was deleted twice:", err)
		}
		if n := w.number("SELECT COUNT(*) FROM users WHERE login = 'anna' AND disabled"); n != 1 {
			t.Error("the account is not in the bin")
		}
		back, err := w.ProvisionUser(ctx, acme(), someone("anna", "e3"))
		if err != nil || back.Link.UUID != u.Link.UUID || !back.Active || models.Deref(back.Link.ExternalID) != "e3" {
			t.Fatal(back, err)
		}
		if err := w.DeprovisionUser(ctx, acme(), u.Link.UUID, fine); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RestoreUser(ctx, w.root(), directory.Ref{Name: "anna"}); err != nil {
			t.Error(err)
		}
		if _, err := w.ProvisionedUser(ctx, acme(), u.Link.UUID); err != nil {
			t.Error("who was restored is not found:", err)
		}
		if err := w.DeprovisionUser(ctx, acme(), u.Link.UUID, fine); err != nil {
			t.Fatal(err)
		}
		w.advance((models.BinDays - 1) * 24 * time.Hour)
		if err := login.New(w.Service).Maintain(ctx); err != nil {
			t.Error(err)
		}
		if n := w.number("SELECT COUNT(*) FROM users WHERE login = 'anna'"); n != 1 {
			t.Error("the bin is emptied too early")
		}
		w.advance(2 * 24 * time.Hour)
		if err := login.New(w.Service).Maintain(ctx); err != nil {
			t.Error(err)
		}
		if n := w.number("SELECT COUNT(*) FROM users WHERE login = 'anna'"); n != 0 {
			t.Error("the bin is not emptied")
		}
	})
}

// An administrator who acts for an organization still does so when something has changed since, and acts for none once
// no longer an administrator.
func TestProvisioned_Administrator(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acme := w.provider("acme")
		u, err := w.ProvisionUser(ctx, acme(), someone("anna", "e1"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.ProvisionerFor(ctx, w.root(), directory.Ref{ID: u.Link.OrganizationID})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.ProvisionUser(ctx, acme(), someone("bob", "e2")); err != nil {
			t.Fatal(err)
		}
		off := func(p *models.Principal) error {
			_, err := w.UpdateProvisionedUser(ctx, p, u.Link.UUID,
				func(*directory.ProvisionedUser) (directory.ProvisionedUserChange, error) {
					return directory.ProvisionedUserChange{Active: models.Some(false)}, nil
				})
			return err
		}
		if err := off(p); err != nil {
			t.Error("an administrator of a moment ago:", err)
		}
		second := w.user("second", func(c *directory.UserChange) { c.Admin = models.Some(true) })
		p, err = w.ProvisionerFor(ctx, w.login("second", "second"), directory.Ref{ID: u.Link.OrganizationID})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.UpdateUser(ctx, w.root(), directory.Ref{ID: second.ID},
			directory.UserChange{Admin: models.Some(false)}); err != nil {
			t.Fatal(err)
		}
		if err := off(p); tried(err) != "no" {
			t.Error("somebody who is no administrator any more:", err)
		}
	})
}

func taken(err error, attr string) bool {
	var broken *models.Error
	return errors.As(err, &broken) && slices.ContainsFunc(broken.Fields, func(f models.FieldError) bool {
		return f.Attr == attr && f.Rule == models.RuleTaken
	})
}

// Two organizations know nothing of each other, and neither changes what belongs to both.
func TestProvisioned_Organizations(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acme := w.provider("acme")
		other := w.provider("other")
		anna, err := w.ProvisionUser(ctx, acme(), someone("anna", "e1"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.ProvisionedUser(ctx, other(), anna.Link.UUID); tried(err) != "none" {
			t.Error("another organization sees somebody:", err)
		}
		if _, err := w.ProvisionUser(ctx, other(), someone("anna", "e1")); !taken(err, "login") {
			t.Error(err)
		}
		if _, err := w.ProvisionUser(ctx, acme(), someone("admin", "e9")); !taken(err, "login") {
			t.Error("the administrator was brought in:", err)
		}
		// With the mail domain of both, the other organization takes her in, and can neither set a password nor lock
		// the account.
		w.setting("scim_adopt_domains", []any{"example.org"})
		hers, err := w.ProvisionUser(ctx, other(), someone("anna", "x1"))
		if err != nil || hers.Link.UUID == anna.Link.UUID || models.Deref(hers.Link.ExternalID) != "x1" {
			t.Fatal(hers, err)
		}
		change := func(c directory.ProvisionedUserChange) error {
			_, err := w.UpdateProvisionedUser(ctx, other(), hers.Link.UUID,
				func(*directory.ProvisionedUser) (directory.ProvisionedUserChange, error) { return c, nil })
			return err
		}
		mail := "evil@example.com"
		for name, c := range map[string]directory.ProvisionedUserChange{
			"password": {Password: models.Some("taken over")}, "mail": {Mail: models.Some(&mail)},
			"login": {Login: models.Some("renamed")},
		} {
			if err := change(c); tried(err) != "no" {
				t.Errorf("%s of somebody of two organizations: %v", name, err)
			}
		}
		if err := change(directory.ProvisionedUserChange{Active: models.Some(false)}); err != nil {
			t.Fatal(err)
		}
		if v, err := w.ProvisionedUser(ctx, acme(), anna.Link.UUID); err != nil || !v.Active || v.IsDisabled() {
			t.Error("one organization has switched somebody off for another one:", err)
		}
		if v, err := w.ProvisionedUser(ctx, other(), hers.Link.UUID); err != nil || v.Active {
			t.Error("somebody is still active:", err)
		}
	})
}

// Groups of a provider: names, members by what changes, and nothing of groups that carry power.
func TestProvisioned_Groups(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		acme := w.provider("acme")
		other := w.provider("other")
		var ids []string
		for _, name := range []string{"anna", "berta", "clara"} {
			u, err := w.ProvisionUser(ctx, acme(), someone(name, name))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, u.Link.UUID)
		}
		foreign, err := w.ProvisionUser(ctx, other(), someone("dora", "d"))
		if err != nil {
			t.Fatal(err)
		}
		ops := func(p *models.Principal, members ...string) (*directory.ProvisionedGroup, error) {
			return w.ProvisionGroup(ctx, p, directory.ProvisionedGroupChange{Name: models.Some("Ops"),
				Members: []directory.MemberChange{{UUIDs: members}}})
		}
		g, err := ops(acme(), ids[0], foreign.Link.UUID, "string id 1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ops(acme()); !taken(err, "name") {
			t.Error("a name was taken twice:", err)
		}
		theirs, err := ops(other())
		if err != nil || theirs.Name() != "Ops" || theirs.Usergroup.Name == g.Usergroup.Name {
			t.Fatal(theirs, err)
		}
		members := func() []string {
			t.Helper()
			list, err := w.MembersOfProvisioned(ctx, acme(), g, 100)
			if err != nil {
				t.Fatal(err)
			}
			var uuids []string
			for _, m := range list {
				uuids = append(uuids, m.UUID)
			}
			return uuids
		}
		if got := members(); !slices.Equal(got, ids[:1]) {
			t.Errorf("members: %v", got)
		}
		before := g.Version()
		update := func(changes ...directory.MemberChange) {
			t.Helper()
			var err error
			g, err = w.UpdateProvisionedGroup(ctx, acme(), g.Link.UUID, false,
				func(*directory.ProvisionedGroup) (directory.ProvisionedGroupChange, error) {
					return directory.ProvisionedGroupChange{Members: changes}, nil
				})
			if err != nil {
				t.Fatal(err)
			}
		}
		update(directory.MemberChange{UUIDs: ids[1:]}, directory.MemberChange{Leave: true, UUIDs: ids[:1]})
		if got := members(); !slices.Equal(got, ids[1:]) || g.Version() == before {
			t.Errorf("members: %v", got)
		}
		same := g.Version()
		update(directory.MemberChange{Replace: true, UUIDs: ids[1:]})
		if g.Version() != same {
			t.Error("a change of nothing has made another version")
		}
		update(directory.MemberChange{Replace: true, UUIDs: ids[:2]})
		if got := members(); !slices.Equal(got, ids[:2]) {
			t.Errorf("members: %v", got)
		}
		anna, err := w.ProvisionedUser(ctx, acme(), ids[0])
		if err != nil || len(anna.InGroups) != 1 || anna.InGroups[0].UUID != g.Link.UUID {
			t.Errorf("groups: %+v, %v", anna, err)
		}
		w.execute("UPDATE usergroups SET admin = TRUE WHERE id = ?", g.ID)
		w.execute("UPDATE tallies SET epoch = epoch + 1")
		if _, err := w.ProvisionedGroup(ctx, acme(), g.Link.UUID); tried(err) != "none" {
			t.Error("a group that makes administrators is seen:", err)
		}
		w.execute("UPDATE usergroups SET admin = FALSE WHERE id = ?", g.ID)
		w.execute("UPDATE tallies SET epoch = epoch + 1")
		if err := w.DeprovisionGroup(ctx, acme(), g.Link.UUID, func(string) error { return nil }); err != nil {
			t.Error(err)
		}
		if n := w.number("SELECT COUNT(*) FROM users WHERE login = 'anna'"); n != 1 {
			t.Error("a member went with the group")
		}
	})
}

// A token of an organization is made by whoever may do what it stands for, and ends at once.
func TestScimTokens(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		ref := directory.Ref{ID: o.id}
		for who, want := range map[string]string{"admin": "yes", "owner": "yes", "fitter": "no", "stranger": "no"} {
			_, _, err := w.CreateScimToken(ctx, o.as(who), ref, directory.ScimTokenChange{Name: models.Some("t")})
			if got := tried(err); got != want && !(want == "no" && got == "none") {
				t.Errorf("%s makes a token: got %s, %v", who, got, err)
			}
		}
		row, token, err := w.CreateScimToken(ctx, w.root(), ref, directory.ScimTokenChange{Name: models.Some("near"),
			Networks: models.Some([]string{"10.0.0.0/8"})})
		if err != nil {
			t.Fatal(err)
		}
		logins := login.New(w.Service)
		for address, want := range map[string]bool{"10.1.2.3": true, "192.0.2.1": false} {
			if _, err := logins.Provisioner(ctx, token, address, ""); (err == nil) != want {
				t.Errorf("from %s: %v", address, err)
			}
		}
		p, err := logins.Provisioner(ctx, token, "10.1.2.3", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.RevokeScimToken(ctx, w.root(), ref, row.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ProvisionUser(ctx, p, someone("anna", "e")); tried(err) != "who" {
			t.Error("a token that was revoked meanwhile has changed something:", err)
		}
	})
}
