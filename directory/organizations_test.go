package directory_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"roster/directory"
	"roster/directory/login"
	"roster/models"
	"roster/scopes/search"
)

// organization has people of all kinds: an administrator, an owner, a maintainer, a supervisor, two workers, a stranger
// in no organization, and a worker by system group.
type organization struct {
	*world
	id      int64
	members map[string]int64
}

// as authenticates somebody anew.
func (o *organization) as(name string) *models.Principal {
	o.t.Helper()
	if name == "admin" {
		return o.root()
	}
	return o.login(name, "secret of "+name)
}

func (w *world) person(name string) *directory.UserView {
	w.t.Helper()
	return w.user(name, func(c *directory.UserChange) {
		c.Password = models.Some("secret of " + name)
		c.Mail = models.Some(models.NilIfEmpty(name + "@example.org"))
		c.NoOrganization = true
		c.Tenants = nil
	})
}

func (w *world) organization(slug string) *organization {
	w.t.Helper()
	ctx := w.t.Context()
	o := &organization{world: w, members: map[string]int64{}}
	for _, name := range []string{"owner", "maintainer", "supervisor", "fitter", "another", "stranger", "limited"} {
		w.person(name)
	}
	if err := w.ShippedGroups(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.execute("INSERT INTO usergroup_users (usergroup_id, user_id) SELECT g.id, u.id FROM usergroups g, users u " +
		"WHERE g.name = 'worker' AND u.login = 'limited'")
	founded, err := w.FoundOrganization(ctx, o.as("owner"), directory.OrganizationChange{Slug: models.Some(slug)})
	if err != nil {
		w.t.Fatal(err)
	}
	o.id = founded.ID
	for name, role := range map[string]models.OrganizationRole{
		"maintainer": models.OrganizationMaintainer, "supervisor": models.OrganizationSupervisor,
		"fitter": models.OrganizationWorker, "another": models.OrganizationWorker,
		"limited": models.OrganizationMaintainer,
	} {
		if _, err := w.Invite(ctx, o.as("owner"), o.id, name+"@EXAMPLE.org", role); err != nil {
			w.t.Fatal(name, err)
		}
	}
	list, err := w.OrganizationMembers(ctx, o.as("owner"), directory.Within{Given: true, Organization: o.id},
		directory.ListQuery{Page: 1, PerPage: 20})
	if err != nil {
		w.t.Fatal(err)
	}
	for m, err := range list.Rows() {
		if err != nil {
			w.t.Fatal(err)
		}
		o.members[m.User.Login] = m.ID
	}
	return o
}

// tried says how a verb has ended.
func tried(err error) string {
	if err == nil {
		return "yes"
	}
	return map[models.Kind]string{models.Forbidden: "no", models.NotFound: "none", models.Invalid: "invalid",
		models.Unauthenticated: "who"}[models.KindOf(err)]
}

// Who does what in an organization (docs/spec/cvat.md, 5 and 6).
func TestOrganizations_WhoDoesWhat(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		member := func(name string) int64 { return o.members[name] }
		within := directory.Within{Given: true, Organization: o.id}
		q := directory.ListQuery{Page: 1, PerPage: 20}
		set := func(whom string, role models.OrganizationRole) func(*models.Principal) error {
			return func(p *models.Principal) error {
				_, err := o.SetOrganizationRole(ctx, p, member(whom), role)
				return err
			}
		}
		for name, step := range map[string]struct {
			verb func(*models.Principal) error
			want map[string]string
		}{
			"see the organization": {func(p *models.Principal) error {
				_, err := o.MemberOrganization(ctx, p, o.id)
				return err
			}, map[string]string{"admin": "yes", "owner": "yes", "fitter": "yes", "stranger": "no"}},
			"see the people": {func(p *models.Principal) error {
				_, err := o.UsersWithin(ctx, p, within, q)
				return err
			}, map[string]string{"admin": "yes", "fitter": "yes", "stranger": "no"}},
			"see the memberships": {func(p *models.Principal) error {
				_, err := o.OrganizationMembers(ctx, p, within, q)
				return err
			}, map[string]string{"admin": "yes", "fitter": "yes", "stranger": "no"}},
			"see the invitations": {func(p *models.Principal) error {
				_, err := o.Invitations(ctx, p, within, q)
				return err
			}, map[string]string{"admin": "yes", "fitter": "yes", "stranger": "no"}},
			"rename": {func(p *models.Principal) error {
				_, err := o.ChangeOrganization(ctx, p, o.id,
					directory.OrganizationChange{Name: models.Some("A " + p.Login)})
				return err
			}, map[string]string{"admin": "yes", "owner": "yes", "maintainer": "yes", "limited": "yes",
				"supervisor": "no", "fitter": "no", "stranger": "no"}},
			"found another": {func(p *models.Principal) error {
				_, err := o.FoundOrganization(ctx, p, directory.OrganizationChange{Slug: models.Some("of-" + p.Login)})
				return err
			}, map[string]string{"admin": "yes", "fitter": "yes", "limited": "no"}},
			"make a worker a supervisor": {set("another", models.OrganizationSupervisor), map[string]string{
				"admin": "yes", "owner": "yes", "maintainer": "yes", "limited": "no", "supervisor": "no",
				"fitter":   "no",
				"stranger": "no"}},
			"make a worker a maintainer": {set("another", models.OrganizationMaintainer), map[string]string{
				"maintainer": "no", "supervisor": "no"}},
			"make a worker an owner": {set("another", models.OrganizationOwner), map[string]string{
				"owner": "no", "maintainer": "no"}},
			"make the owner a worker": {set("owner", models.OrganizationWorker), map[string]string{
				"owner": "no", "maintainer": "no", "fitter": "no"}},
			"send the maintainer away": {func(p *models.Principal) error {
				return o.EndOrganizationMembership(ctx, p, member("limited"))
			}, map[string]string{"maintainer": "no", "fitter": "no", "stranger": "no"}},
			"dissolve": {func(p *models.Principal) error { return o.DissolveOrganization(ctx, p, o.id) },
				map[string]string{"maintainer": "no", "fitter": "no", "stranger": "no"}},
			"leave as the owner": {func(p *models.Principal) error {
				return o.EndOrganizationMembership(ctx, p, member("owner"))
			}, map[string]string{"owner": "no", "stranger": "no"}},
			"invite a maintainer": {func(p *models.Principal) error {
				_, err := o.Invite(ctx, p, o.id, "new@example.org", models.OrganizationMaintainer)
				return err
			}, map[string]string{"maintainer": "no", "limited": "no", "supervisor": "no", "stranger": "no"}},
			"invite an owner": {func(p *models.Principal) error {
				_, err := o.Invite(ctx, p, o.id, "new@example.org", models.OrganizationOwner)
				return err
			}, map[string]string{"owner": "no", "maintainer": "no"}},
		} {
			for who, want := range step.want {
				if got := tried(step.verb(o.as(who))); got != want {
					t.Errorf("%s may %s: got %q, want %q", who, name, got, want)
				}
			}
		}
		if err := o.EndOrganizationMembership(ctx, o.as("fitter"), member("fitter")); err != nil {
			t.Error("a worker leaves:", err)
		}
		if err := o.DissolveOrganization(ctx, o.as("owner"), o.id); err != nil {
			t.Error("the owner dissolves:", err)
		}
	})
}

// Members see each other and nobody else, whatever the organization in whose name they ask.
func TestOrganizations_MembersSeeMembers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		stranger := w.number("SELECT id FROM users WHERE login = 'stranger'")
		owner := w.number("SELECT id FROM users WHERE login = 'owner'")
		within := directory.Within{Given: true, Organization: o.id}
		for _, see := range []struct {
			who  string
			w    directory.Within
			id   int64
			want string
		}{
			{"fitter", within, owner, "yes"}, {"fitter", within, stranger, "no"},
			{"fitter", directory.Within{}, owner, "no"}, {"fitter", within, 99999, "none"},
			{"stranger", within, owner, "no"}, {"stranger", within, stranger, "yes"},
			{"admin", directory.Within{}, stranger, "yes"},
		} {
			_, err := w.UserWithin(ctx, o.as(see.who), see.w, see.id)
			if got := tried(err); got != see.want {
				t.Errorf("%s looks at %d within %v: got %q, want %q", see.who, see.id, see.w, got, see.want)
			}
		}
		counts := func(who string, in directory.Within) int64 {
			t.Helper()
			l, err := w.UsersWithin(ctx, o.as(who), in, directory.ListQuery{Page: 1, PerPage: 2,
				Sort: []search.SortKey{{Field: "id", Desc: true}}})
			if err != nil {
				t.Fatal(err)
			}
			return l.Subtotal
		}
		if got := counts("fitter", within); got != 6 {
			t.Errorf("a member sees %d, want 6", got)
		}
		if got := counts("fitter", directory.Within{}); got != 1 {
			t.Errorf("a member sees %d without an organization, want 1", got)
		}
		if err := o.EndOrganizationMembership(ctx, o.as("owner"), o.members["another"]); err != nil {
			t.Fatal(err)
		}
		if got := counts("fitter", within); got != 5 {
			t.Errorf("a member sees %d after one has left, want 5", got)
		}
		if got := counts("stranger", directory.Within{Given: true}); got != 1 {
			t.Errorf("a stranger sees %d in the own place, want 1", got)
		}
		if got := counts("fitter", directory.Within{Given: true}); got != 0 {
			t.Errorf("a member sees %d in the own place, want 0", got)
		}
	})
}

// Whoever is invited keeps the own account: founding an organization makes nobody the master of others.
func TestOrganizations_GuestsKeepTheirAccounts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		// The victim and the owner are in the same location as well, so that nothing but the invitation protects.
		if got := tried(func() error {
			_, err := w.UpdateUser(ctx, o.as("owner"), directory.Ref{Name: "another"},
				directory.UserChange{Password: models.Some("taken over"),
					Firstname: models.Some(models.NilIfEmpty("X"))})
			return err
		}()); got == "yes" {
			t.Error("the owner has set the password of a guest")
		}
		for _, c := range []directory.UserChange{
			{Mail: models.Some(models.NilIfEmpty("evil@example.com"))},
			{Firstname: models.Some(models.NilIfEmpty("X"))},
			{Login: models.Some("renamed")},
		} {
			if _, err := w.UpdateUser(ctx, o.as("owner"), directory.Ref{Name: "another"}, c); err == nil {
				t.Errorf("the owner has changed a guest: %+v", c)
			}
		}
		if _, err := w.DeleteUser(ctx, o.as("owner"), directory.Ref{Name: "another"}); err == nil {
			t.Error("the owner has deleted a guest")
		}
		id := w.number("SELECT id FROM users WHERE login = 'another'")
		// Nor does anything make a member of a guest who belongs to another organization of the owner.
		second, err := w.FoundOrganization(ctx, o.as("owner"),
			directory.OrganizationChange{Slug: models.Some("second")})
		if err != nil {
			t.Fatal(err)
		}
		organization := models.OrganizationKind
		_, err = w.UpdateTenant(ctx, o.as("owner"), organization, directory.Ref{ID: second.ID},
			directory.TenantChange{Users: models.Some(directory.ByIDs(id, o.as("owner").UserID))})
		if err == nil {
			t.Error("a guest was put into another organization")
		}
		if _, err := w.UpdateUser(ctx, o.as("owner"), directory.Ref{ID: id}, directory.UserChange{
			Tenants: directory.TenantRefs{organization: models.Some(directory.ByIDs(o.id, second.ID))}}); err == nil {
			t.Error("a guest was given another organization")
		}
		if _, err := w.SetMembership(ctx, o.as("owner"), directory.Parent{Class: string(organization), ID: second.ID},
			directory.Member{User: directory.Ref{ID: id}}, directory.MembershipChange{}); err == nil {
			t.Error("a guest was made a member of another organization")
		}
		if n := w.number("SELECT COUNT(*) FROM memberships m JOIN taxonomies o ON o.id = m.taxonomy_id WHERE "+
			"m.user_id = ? "+
			"AND o.type = 'Organization'", id); n != 1 {
			t.Errorf("the guest is in %d organizations, want 1", n)
		}
		if _, _, err := w.CreateToken(ctx, o.as("owner"), id,
			directory.TokenChange{Name: models.Some("t")}); err == nil {
			t.Error("the owner has made a token of a guest")
		}
		if n := w.number("SELECT COUNT(*) FROM users WHERE login = 'another' AND mail = 'another@example.org' AND " +
			"firstname IS NULL"); n != 1 {
			t.Error("the guest has changed")
		}
	})
}

// An invitation to somebody unknown waits; it is declined, accepted, withdrawn, and it ends.
func TestInvitations(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		w.setting("cvat_confirm_invitations", true)
		invite := func(address string) *directory.InvitationView {
			t.Helper()
			i, err := w.Invite(ctx, o.as("maintainer"), o.id, address, models.OrganizationWorker)
			if err != nil {
				t.Fatal(err)
			}
			return i
		}
		asked := invite("stranger@example.org")
		if asked.Accepted || asked.Membership.State != models.MemberInvited || len(asked.Key) != 64 {
			t.Errorf("got %+v", asked)
		}
		if _, err := w.Invite(ctx, o.as("owner"), o.id, "stranger@example.org",
			models.OrganizationWorker); tried(err) != "invalid" {
			t.Error("somebody was invited twice:", err)
		}
		for who, want := range map[string]string{"stranger": "yes", "maintainer": "yes", "owner": "yes", "fitter": "no",
			"admin": "yes"} {
			if _, err := w.Invitation(ctx, o.as(who), asked.Key); tried(err) != want {
				t.Errorf("%s looks at the invitation: got %v, want %s", who, err, want)
			}
		}
		if _, err := w.AcceptInvitation(ctx, o.as("fitter"), asked.Key); tried(err) != "no" {
			t.Error("somebody else has accepted:", err)
		}
		if _, err := w.MemberOrganization(ctx, o.as("stranger"), o.id); tried(err) != "no" {
			t.Error("who is invited is a member before the answer")
		}
		to, err := w.AcceptInvitation(ctx, o.as("stranger"), asked.Key)
		if err != nil || models.Deref(to.Slug) != "acme" {
			t.Fatal(to, err)
		}
		if _, err := w.MemberOrganization(ctx, o.as("stranger"), o.id); err != nil {
			t.Error(err)
		}
		if _, err := w.AcceptInvitation(ctx, o.as("stranger"), asked.Key); tried(err) != "invalid" {
			t.Error("an invitation was accepted twice:", err)
		}
		unknown := invite("nobody@example.org")
		if n := w.number(
			"SELECT COUNT(*) FROM users WHERE login = 'nobody@example.org' AND password_hash IS NULL AND " +
				"disabled"); n != 1 {
			t.Error("no account waits for somebody unknown")
		}
		if err := w.WithdrawInvitation(ctx, o.as("fitter"), unknown.Key); tried(err) != "no" {
			t.Error("a worker has withdrawn an invitation")
		}
		if err := w.WithdrawInvitation(ctx, o.as("owner"), unknown.Key); err != nil {
			t.Error(err)
		}
		if n := w.number("SELECT COUNT(*) FROM invitations i JOIN memberships m ON m.id = i.membership_id " +
			"WHERE m.state " +
			"<> 'active'"); n != 0 {
			t.Error("the invitation is still there")
		}
	})
}

// An invitation that was mailed ends after seven days, and the mail names no address that a request chose.
func TestInvitations_End(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		w.setting("cvat_confirm_invitations", true)
		i, err := w.Invite(ctx, o.as("owner"), o.id, "stranger@example.org", models.OrganizationWorker)
		if err != nil {
			t.Fatal(err)
		}
		w.execute("UPDATE invitations SET sent_at = created_at WHERE key = ?", i.Key)
		w.advance(models.InvitationDays*24*time.Hour + time.Minute)
		if _, err := w.AcceptInvitation(ctx, o.as("stranger"), i.Key); tried(err) != "invalid" {
			t.Error("an old invitation was accepted:", err)
		}
		if err := w.DeclineInvitation(ctx, o.as("stranger"), i.Key); err != nil {
			t.Error(err)
		}
		if err := w.ResendInvitation(ctx, o.as("owner"), i.Key); tried(err) != "none" {
			t.Error("a declined invitation was sent again:", err)
		}
	})
}

// Who can do more than the inviter is asked, and nobody is made a member by somebody weaker.
func TestInvitations_StrongerPeopleAreAsked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		i, err := w.Invite(ctx, o.as("owner"), o.id, "root@localhost", models.OrganizationWorker)
		if err != nil {
			t.Fatal(err)
		}
		if i.Accepted {
			t.Error("an administrator became a member without being asked")
		}
	})
}

// Somebody registers, is invited or not, and resets a password.
func TestRegistration(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.organization("acme")
		logins := login.New(w.Service)
		register := func(c directory.Registration) (*directory.Registered, error) {
			return w.Register(ctx, c)
		}
		mail := "nobody@example.org"
		wanted := directory.Registration{Login: "newcomer", Mail: &mail, Password: "sufficiently long"}
		if _, err := register(wanted); tried(err) != "none" {
			t.Error("somebody has registered although that is off:", err)
		}
		w.setting("cvat_registration", true)
		i, err := w.Invite(ctx, o.as("owner"), o.id, mail, models.OrganizationSupervisor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := register(wanted); tried(err) != "invalid" {
			t.Error("somebody has taken an account over without any proof:", err)
		}
		wanted.InvitationKey = i.Key
		done, err := register(wanted)
		if err != nil || done.NeedsConfirmation || done.User.ID != *i.Membership.UserID {
			t.Fatal(done, err)
		}
		p := w.login("newcomer", "sufficiently long")
		if _, err := w.AcceptInvitation(ctx, p, i.Key); err != nil {
			t.Error(err)
		}
		if _, err := register(directory.Registration{Login: "other", Mail: &mail,
			Password: "sufficiently long"}); tried(err) != "invalid" {
			t.Error("a mail address was taken twice:", err)
		}
		byMail, err := logins.Login(ctx, login.Credentials{Login: "NOBODY@example.org", Password: "sufficiently long",
			ByMail: true})
		if err != nil || byMail.Login != "newcomer" {
			t.Error("a login by mail address:", byMail, err)
		}
		w.setting("cvat_email_verification", "mandatory")
		fresh := "fresh@example.org"
		done, err = register(directory.Registration{Login: "fresh", Mail: &fresh, Password: "sufficiently long"})
		if err != nil || !done.NeedsConfirmation {
			t.Fatal(done, err)
		}
		if _, err := logins.Login(ctx, login.Credentials{Login: "fresh", Password: "sufficiently long"}); err == nil {
			t.Error("an account is used before its address is confirmed")
		}
		if err := w.ConfirmMail(ctx, "no such token"); tried(err) != "none" {
			t.Error(err)
		}
		if n := w.number("SELECT COUNT(*) FROM account_tokens WHERE purpose = 'mail_confirmation'"); n != 1 {
			t.Errorf("%d confirmations wait, want 1", n)
		}
	})
}

// A login token lets its holder in until the logout, and ends with the password.
func TestLoginTokens(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.person("anna")
		logins := login.New(w.Service)
		issue := func() string {
			t.Helper()
			l, err := logins.Login(ctx, login.Credentials{Login: "anna", Password: "secret of anna"})
			if err != nil {
				t.Fatal(err)
			}
			token, err := logins.IssueToken(ctx, l)
			if err != nil || len(token) != 40 {
				t.Fatal(token, err)
			}
			return token
		}
		opens := func(token string) bool {
			t.Helper()
			l, err := logins.Login(ctx, login.Credentials{LoginToken: token})
			return err == nil && l.Login == "anna"
		}
		one := issue()
		two := issue()
		if !opens(one) || !opens(two) || opens("0123456789012345678901234567890123456789") {
			t.Error("tokens open nothing, or anything")
		}
		if n := w.number("SELECT COUNT(*) FROM account_tokens WHERE token_hash IN (?, ?)", one, two); n != 0 {
			t.Error("a token is kept as it is")
		}
		l, err := logins.Login(ctx, login.Credentials{LoginToken: one})
		if err != nil {
			t.Fatal(err)
		}
		if err := logins.LogOut(ctx, l.Principal, ""); err != nil || opens(one) || opens(two) {
			t.Error("a token is good after the logout", err)
		}
		three := issue()
		if _, err := w.UpdateUser(ctx, w.root(), directory.Ref{Name: "anna"},
			directory.UserChange{Password: models.Some("another secret")}); err != nil {
			t.Fatal(err)
		}
		if opens(three) {
			t.Error("a token is good after the password has changed")
		}
	})
}

// A token that only reads changes nothing by any verb.
func TestTokens_ReadOnly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.person("anna")
		p := w.login("anna", "secret of anna")
		_, value, err := w.CreateToken(ctx, p, p.UserID, directory.TokenChange{Name: models.Some("r"),
			ReadOnly: models.Some(true), IdleDays: models.Some(new(int64))})
		if err != nil {
			t.Fatal(err)
		}
		w.execute("UPDATE personal_access_tokens SET idle_days = 10")
		logins := login.New(w.Service)
		bearer := func() (*models.Principal, error) {
			l, err := logins.Login(ctx, login.Credentials{Bearer: value})
			if err != nil {
				return nil, err
			}
			return l.Principal, nil
		}
		reader, err := bearer()
		if err != nil || !reader.ReadOnly {
			t.Fatal(reader, err)
		}
		if _, err := w.UpdateUser(ctx, reader, directory.Ref{ID: p.UserID},
			directory.UserChange{Firstname: models.Some(models.NilIfEmpty("X"))}); tried(err) != "no" {
			t.Error("a token that only reads has changed something:", err)
		}
		if _, err := w.CurrentUser(ctx, reader); err != nil {
			t.Error(err)
		}
		live := func() []string {
			t.Helper()
			l, err := w.OwnTokens(ctx, w.login("anna", "secret of anna"), directory.ListQuery{Page: 1, PerPage: 10})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for row, err := range l.Rows() {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, row.Name)
			}
			return names
		}
		if got := live(); !slices.Equal(got, []string{"r"}) {
			t.Errorf("live tokens: %v", got)
		}
		w.advance(11 * 24 * time.Hour)
		if _, err := bearer(); err == nil {
			t.Error("a token is good that nobody has used for too long")
		}
		if got := live(); len(got) != 0 {
			t.Errorf("live tokens: %v", got)
		}
	})
}

func (w *world) setting(name string, value any) {
	w.t.Helper()
	if _, err := w.UpdateSetting(context.WithoutCancel(w.t.Context()), w.root(), name, value); err != nil {
		w.t.Fatal(err)
	}
}
