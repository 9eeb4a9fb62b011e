package foreman

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/directory/ldap"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/ldaptest"
	"roster/test/servertest"
)

// onDirectories runs a scenario on each database, with OpenLDAP and with Active Directory, which hold ann and bob. The
// source registers people.
func onDirectories(t *testing.T, test func(t *testing.T, s *server, d ldaptest.Directory, source object)) {
	t.Helper()
	t.Parallel()
	for name, start := range map[string]func(*testing.T) ldaptest.Directory{
		"OpenLDAP":         func(t *testing.T) ldaptest.Directory { return ldaptest.Start(t) },
		"Active Directory": func(t *testing.T) ldaptest.Directory { return ldaptest.StartAD(t) },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *config.Database) {
				d := start(t)
				d.Person("ann", "Ann", "Smith", "ann secret")
				d.Person("bob", "Bob", "Žižek", "bob secret")
				s := servertest.StartWith(t, db, ldap.Client{Patience: 5 * time.Second}, handlers.Options{})
				source := object{"name": "Headquarters", "onthefly_register": true}
				maps.Copy(source, d.Source())
				test(t, s, d, source)
			})
		})
	}
}

// onAD does the same for what only Active Directory does.
func onAD(t *testing.T, test func(t *testing.T, s *server, a *ldaptest.AD, source object)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		a := ldaptest.StartAD(t)
		s := servertest.StartWith(t, db, ldap.Client{Patience: 5 * time.Second}, handlers.Options{})
		source := object{"name": "Headquarters", "onthefly_register": true}
		maps.Copy(source, a.Source())
		test(t, s, a, source)
	})
}

func refresh(s *server, group int64, name string) *answer {
	s.T.Helper()
	return s.Admin().Put(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%s/refresh", group, name), nil)
}

func wantLogged(s *server, parts ...string) {
	s.T.Helper()
	for line := range strings.Lines(s.Log.String()) {
		missing := false
		for _, part := range parts {
			missing = missing || !strings.Contains(line, part)
		}
		if !missing {
			return
		}
	}
	s.T.Errorf("no line of the log has all of %q", parts)
}

// crowd returns the names of n entries that are not there, between those of two that are.
func crowd(first string, n int, last string) []string {
	names := []string{first}
	for i := range n - 2 {
		_, place, _ := strings.Cut(first, ",")
		names = append(names, fmt.Sprintf("cn=u%04d,%s", i, place))
	}
	return append(names, last)
}

// A group has everybody who is listed in it, however many they are: Active Directory tells 1500 at once.
func TestLDAP_LargeGroups(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		ann := d.Person("first", "Ann", "First", "ann secret")
		bob := d.Person("last", "Bob", "Last", "bob secret")
		big := d.Group("big")
		outer := d.Group("outer", big)
		id := makeSource(s, source)
		s.As("first", "ann secret").Get("/api/current_user").Expect(200)
		s.As("last", "bob secret").Get("/api/current_user").Expect(200)
		local := tieGroup(s, id, "big")
		around := tieGroup(s, id, "outer")
		sizes := []int{1500, 1501, 3100}
		if _, tellsAll := d.(*ldaptest.Server); tellsAll {
			sizes = sizes[1:2]
		}
		for _, n := range sizes {
			d.SetMembers(big)
			refresh(s, local, "big").Expect(200)
			wantMembers(s, local)
			d.SetMembers(big, crowd(ann, n, bob)...)
			refresh(s, local, "big").Expect(200)
			wantMembers(s, local, "first", "last")
		}
		refresh(s, around, "outer").Expect(200)
		wantMembers(s, around, "first", "last")
		s.Beside().As("last", "bob secret").Get("/api/current_user").Expect(200)
		wantMembers(s, local, "first", "last")
		d.SetMembers(outer, crowd(ann, 1600, big)...)
		refresh(s, around, "outer").Expect(200)
		wantMembers(s, around, "first", "last")
	})
}

// People are in more groups, and there are more groups, than Active Directory tells at once.
func TestLDAP_ManyGroups(t *testing.T) {
	onAD(t, func(t *testing.T, s *server, a *ldaptest.AD, source object) {
		ann := a.Person("ann", "Ann", "Smith", "ann secret")
		for i := range 1600 {
			a.Group(fmt.Sprintf("g%04d", i), ann)
		}
		a.Group("above", "CN=g1599,OU=Groups,DC=example,DC=com")
		id := makeSource(s, source)
		last := tieGroup(s, id, "g1599")
		above := tieGroup(s, id, "above")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, last, "ann")
		wantMembers(s, above, "ann")
		refresh(s, above, "above").Expect(200)
		wantMembers(s, above, "ann")
	})
}

// Who cannot be read is left out, and the rest of the group stays.
func TestLDAP_MembersThatCannotBeRead(t *testing.T) {
	onAD(t, func(t *testing.T, s *server, a *ldaptest.AD, source object) {
		ann := a.Person("ann", "Ann", "Smith", "ann secret")
		bob := a.Person("bob", "Bob", "Žižek", "bob secret")
		foreign := "CN=Foreign,OU=Users,DC=emea,DC=example,DC=com"
		gone := "CN=S-1-5-21-1,CN=ForeignSecurityPrincipals,DC=example,DC=com"
		forest := a.Group("forest", foreign, ann, gone, "CN=Other,DC=example,DC=org", "no name at all", bob)
		a.Group("holder", forest, "CN=Group,OU=Groups,DC=emea,DC=example,DC=com")
		a.Group("nobody", foreign)
		id := makeSource(s, source)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200)
		groups := map[string]int64{"forest": tieGroup(s, id, "forest"), "holder": tieGroup(s, id, "holder")}
		wantMembers(s, tieGroup(s, id, "nobody"))
		for _, group := range groups {
			wantMembers(s, group, "ann", "bob")
		}
		for _, code := range []ldaptest.Trouble{1, 3, 10, 11, 34, 50, 51, 52, 53, 80} {
			a.Troubles(bob, code)
			for name, group := range groups {
				refresh(s, group, name).Expect(200)
				wantMembers(s, group, "ann")
			}
		}
		// But nobody is left out because the server is in trouble.
		a.Troubles(bob, ldaptest.HangsUp)
		for name, group := range groups {
			refresh(s, group, name).Expect(422)
			wantMembers(s, group, "ann")
		}
		a.Troubles(bob, 52)
		a.Troubles(ann, 52)
		a.Troubles(forest, 52)
		refresh(s, groups["forest"], "forest").Expect(422)
		wantMembers(s, groups["forest"], "ann")
	})
}

// The same where OpenLDAP refers to another server.
func TestLDAP_Referrals(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		l.Add("cn=elsewhere,ou=people,"+ldaptest.Base, "objectClass", "referral", "objectClass", "extensibleObject",
			"cn", "elsewhere", "ref", "ldap://127.0.0.1:1/dc=example,dc=org")
		l.Group("mixed", "cn=elsewhere,ou=people,"+ldaptest.Base, "uid=ann,ou=people,"+ldaptest.Base,
			"uid=x,dc=example,dc=org")
		id := makeSource(s, source)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, tieGroup(s, id, "mixed"), "ann")
	})
}

// Whoever sends the right password gets in, whatever becomes of the question for groups; memberships stay then.
func TestLDAP_GroupsInTrouble(t *testing.T) {
	onAD(t, func(t *testing.T, s *server, a *ldaptest.AD, source object) {
		ann := a.Person("ann", "Ann", "Smith", "ann secret")
		a.Person("bob", "Bob", "Smith", "bob secret")
		a.Group("ops", ann)
		group := tieGroup(s, makeSource(s, source), "ops")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, group, "ann")
		a.SetMembers("CN=ops,OU=Groups,DC=example,DC=com")
		for _, trouble := range []ldaptest.Trouble{ldaptest.HangsUp, ldaptest.Hangs, 1, 2, 3, 4, 10, 11, 34, 50, 51, 52,
			80} {
			a.Troubles("OU=Groups,DC=example,DC=com", trouble)
			beside := s.Beside()
			beside.As("ann", "ann secret").Get("/api/current_user").Expect(200)
			wantLogged(beside, "memberships stay", "Headquarters", `"login":"ann"`)
			wantMembers(s, group, "ann")
			s.Beside().As("ann", "wrong").Get("/api/current_user").Expect(401)
		}
		s.Beside().As("bob", "bob secret").Get("/api/current_user").Expect(200) // for the first time
		a.Troubles("OU=Groups,DC=example,DC=com", 0)
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, group)
	})
}

// Servers limit how much a list may have. Netgroups are asked for by name where one is meant.
func TestLDAP_LimitedNetgroups(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		asker := l.Person("asker", "Asker", "Smith", "asker secret")
		add := func(i int, pairs ...string) {
			name := fmt.Sprint("ng", i)
			l.Add("cn="+name+",ou=groups,"+ldaptest.Base,
				append([]string{"objectClass", "nisNetgroup", "cn", name}, pairs...)...)
		}
		add(0, "nisNetgroupTriple", "(,ann,)")
		add(1, "memberNisNetgroup", "NG0", "memberNisNetgroup", "ng1")
		for i := 2; i < 500; i++ {
			add(i)
		}
		id := makeSource(s, source, object{"account": asker, "account_password": "asker secret", "use_netgroups": true})
		first := tieGroup(s, id, "ng0")
		outer := tieGroup(s, id, "ng1")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, outer, "ann")
		add(500, "nisNetgroupTriple", "(,ann,)")
		l.Set("cn=ng0,ou=groups,"+ldaptest.Base, "nisNetgroupTriple", "(,bob,)")
		beside := s.Beside()
		beside.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, first, "ann") // as it was
		wantLogged(beside, "memberships stay", "Headquarters")
		wantMembers(s, tieGroup(s, id, "NG500"), "ann")
		refresh(s, outer, "ng1").Expect(200)
		wantMembers(s, outer)
		// Who may read more than a page gets all of it.
		changeSource(s, id, object{"account": ldaptest.RootDN, "account_password": ldaptest.RootPassword})
		for i := 501; i < 1200; i++ {
			add(i)
		}
		add(1200, "memberNisNetgroup", "ng500")
		last := tieGroup(s, id, "ng1200")
		l.Set("cn=ng500,ou=groups,"+ldaptest.Base, "nisNetgroupTriple", "(,ann,)", "(,bob,)")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200)
		wantMembers(s, first, "bob")
		wantMembers(s, last, "ann", "bob")
	})
}

// A base is the name of an entry, which the test of a source looks for. Logins need no base of groups.
func TestLDAP_Bases(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		for _, base := range []string{"ou=groups,dc=example,dc=com,", "not a dn", "a b=c", "ou=a,,dc=b", ",", "ou=",
			"=x", "example.com", "<GUID=1>", "ou=a,not a dn=x"} {
			s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": merge(source,
				object{"groups_base": base})}).Expect(422).Want(map[string][]string{"groups_base": {
				"is not a distinguished name, such as ou=people,dc=example,dc=com"}}, "error", "errors")
		}
		id := makeSource(s, source)
		test := func() *answer {
			return s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200)
		}
		test().Want(true, "success")
		// Clients of the original save such bases of people.
		odd := makeSource(s, source, object{"name": "odd", "base_dn": "uid"})
		s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", odd), nil).Expect(200).Want(false, "success")
		for base, success := range map[string]bool{"": true, "ou=nowhere,dc=example,dc=com": false,
			"OU = Groups, DC=example; DC=com": true, "dc=elsewhere": false} {
			changeSource(s, id, object{"groups_base": base})
			test().Want(success, "success")
			s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		}
		// One that was stored before stays until it is changed, and keeps nobody out.
		s.Execute("UPDATE auth_sources SET groups_base = 'ou=groups,dc=example,dc=com,' WHERE name = 'Headquarters'")
		test().Want(false, "success")
		beside := s.Beside()
		beside.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantLogged(beside, "memberships stay", "Headquarters")
		changeSource(s, id, object{"attr_photo": "photo", "groups_base": "ou=groups,dc=example,dc=com,"})
	})
}

// A person has one account, which their first login names, whichever they type.
func TestLDAP_OnePersonOneAccount(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		person := func(logins ...string) {
			l.Person(logins[0], "Mary", "Multi", "secret")
			l.Set("uid="+logins[0]+",ou=people,"+ldaptest.Base, "uid", logins...)
		}
		person("multi1", "m1alias", "M1.Third")
		person("multi2", "m2alias")
		person("multi3", "m3alias")
		person("multi4", "m4 alias")
		l.Add("cn=posix,ou=groups,"+ldaptest.Base, "objectClass", "posixGroup", "cn", "posix", "gidNumber", "1",
			"memberUid", "m1alias")
		id := makeSource(s, source)
		group := tieGroup(s, id, "posix")
		for _, login := range []string{"m1alias", "multi1", "M1ALIAS", "m1.third", "MULTI1"} {
			s.Beside().As(login, "secret").Get("/api/current_user").Expect(200).Want("multi1", "login")
			s.As(login, "wrong").Get("/api/current_user").Expect(401)
		}
		wantMembers(s, group, "multi1")
		refresh(s, group, "posix").Expect(200)
		wantMembers(s, group, "multi1")
		s.Admin().Put("/api/users/multi1", object{"user": object{"disabled": true}}).Expect(200)
		for _, login := range []string{"m1alias", "multi1", "m1.third"} {
			s.Beside().As(login, "secret").Get("/api/current_user").Expect(401)
		}
		s.As("multi4", "secret").Get("/api/current_user").Expect(200).Want("multi4", "login")
		s.As("m4 alias", "secret").Get("/api/current_user").Expect(200).Want("multi4", "login")

		// An account by another of their logins stays theirs.
		account := func(login string) int64 {
			return s.Admin().Post("/api/users", object{"user": object{"login": login, "mail": "m@example.com",
				"auth_source_id": id}}).Expect(201).Int("id")
		}
		account("m2alias")
		for _, login := range []string{"multi2", "m2alias"} {
			s.Beside().As(login, "secret").Get("/api/current_user").Expect(200).Want("m2alias", "login")
		}
		// Of two accounts the one that the first login names is used.
		account("multi3")
		second := account("m3alias")
		token := s.Admin().Post(fmt.Sprintf("/api/users/%d/personal_access_tokens", second), object{"name": "t"}).
			Expect(201).Text("token_value")
		for range 2 {
			s.As("m3alias", "secret").Get("/api/current_user").Expect(200).Want("multi3", "login")
		}
		s.As("m3alias", token).Get("/api/current_user").Expect(401)
		wantLogged(s, "two accounts", "multi3", "m3alias")
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id = ?", id); n != 5 {
			t.Errorf("got %d accounts, want 5", n)
		}
		// Nobody takes the login of somebody else for another one of theirs.
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		l.Set("uid=bob,ou=people,"+ldaptest.Base, "uid", "ann", "bob")
		s.Beside().As("bob", "bob secret").Get("/api/current_user").Expect(401)
		l.Set("cn=posix,ou=groups,"+ldaptest.Base, "memberUid", "ann")
		l.Set("uid=bob,ou=people,"+ldaptest.Base, "uid", "bob", "ann")
		beside := s.Beside()
		beside.As("bob", "bob secret").Get("/api/current_user").Expect(200).Want("bob", "login")
		beside.As("ann", "ann secret").Get("/api/current_user").Expect(401)
		wantLogged(beside, "two entries", "uid=bob,", "uid=ann,")
		refresh(s, group, "posix").Expect(200)
		wantMembers(s, group, "ann")
	})
}

// Two entries of one login are nobody, which the log tells.
func TestLDAP_TwoEntriesOfOneLogin(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		one := d.Person("dup", "Dora", "One", "one secret")
		source["base_dn"] = "dc=example,dc=com"
		id := makeSource(s, source)
		user := s.As("dup", "one secret").Get("/api/current_user").Expect(200).Int("id")
		token := s.Admin().Post(fmt.Sprintf("/api/users/%d/personal_access_tokens", user), object{"name": "t"}).
			Expect(201).Text("token_value")
		two := d.Person("dup2", "Dora", "Two", "two secret")
		attribute := "uid"
		if source["attr_login"] != nil {
			attribute = source["attr_login"].(string)
		}
		d.Set(two, attribute, "dup", "dup2")
		for _, secret := range []string{"one secret", "two secret", token} {
			beside := s.Beside()
			beside.As("dup", secret).Get("/api/current_user").Expect(401)
			wantLogged(beside, "two entries of an LDAP server have one login", "Headquarters", one, two)
			if log := beside.Log.String(); strings.Contains(log, secret) {
				t.Errorf("the log has the secret: %s", log)
			}
		}
		changeSource(s, id, object{"ldap_filter": "( sn = One )"})
		s.Beside().As("dup", "one secret").Get("/api/current_user").Expect(200)
		s.Beside().As("dup", token).Get("/api/current_user").Expect(200)
	})
}

// FreeIPA shows everybody twice; what is below cn=compat is a view of the rest.
func TestLDAP_CompatAtFreeIPA(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		for _, dn := range []string{"cn=accounts,", "cn=groups,cn=accounts,", "cn=compat,", "cn=users,cn=compat,",
			"cn=groups,cn=compat,"} {
			name, _, _ := strings.Cut(dn[3:], ",")
			l.Add(dn+ldaptest.Base, "objectClass", "applicationProcess", "cn", name)
		}
		l.Add("uid=ann,cn=users,cn=compat,"+ldaptest.Base, "objectClass", "account", "objectClass", "posixAccount",
			"uid", "ann", "cn", "Ann", "uidNumber", "1", "gidNumber", "1", "homeDirectory", "/")
		l.Add("cn=editors,cn=groups,cn=accounts,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "editors",
			"member", "uid=ann,ou=people,"+ldaptest.Base)
		l.Add("cn=editors,cn=groups,cn=compat,"+ldaptest.Base, "objectClass", "posixGroup", "cn", "editors",
			"gidNumber", "1", "memberUid", "bob")
		source["base_dn"] = ldaptest.Base
		source["groups_base"] = ldaptest.Base
		id := makeSource(s, source)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(401)
		wantLogged(s, "two entries", "Headquarters", "uid=ann,ou=people", "uid=ann,cn=users,cn=compat")
		changeSource(s, id, object{"server_type": "free_ipa"})
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200)
		group := tieGroup(s, id, "editors")
		wantMembers(s, group, "ann")
		// Whoever names the views as base means them.
		changeSource(s, id, object{"base_dn": "cn=users,CN=Compat," + ldaptest.Base,
			"account_password": ldaptest.RootPassword})
		l.Set("uid=ann,cn=users,cn=compat,"+ldaptest.Base, "userPassword", "ann secret")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
	})
}

// White space between the parts of a filter means nothing, and stays as it was sent.
func TestLDAP_FiltersWithWhiteSpace(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		id := makeSource(s, source)
		for _, filter := range []string{
			"(& (objectClass=person) (sn=Smith))", "( sn=Smith)", "(sn =Smith)", "( ! ( sn = Žižek ) )", "sn = Smith",
			"(&\n  (sn=Smi* )\n\t(| (cn=*) (cn=x))\r\n)", `( sn != \c5\bdi\c5\beek )`,
		} {
			changeSource(s, id, object{"ldap_filter": filter})
			s.Admin().Get(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).Expect(200).Want(filter, "ldap_filter")
			s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
			s.As("bob", "bob secret").Get("/api/current_user").Expect(401)
		}
		for _, filter := range []string{"(s n=Smith)", "(sn=Smith", "(sn=Smith) (cn=*)", "( =x)", "(& (sn=Smith)", "()",
			"(! (a=b) (c=d))", `(sn=\2)`} {
			s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d", id), object{"auth_source_ldap": object{
				"ldap_filter": filter}}).Expect(422).Want([]string{"invalid LDAP filter syntax"}, "error", "errors",
				"ldap_filter")
		}
	})
}

// A server that never comes to an end is refused after a bounded number of questions, long before the time is over.
func TestLDAP_EndlessAnswers(t *testing.T) {
	onAD(t, func(t *testing.T, s *server, a *ldaptest.AD, source object) {
		a.Person("ann", "Ann", "Smith", "ann secret")
		endless := "CN=Endless,CN=Users,DC=example,DC=com"
		a.Group("holder", endless)
		id := makeSource(s, source)
		group := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "g"}}).Expect(201).Int("id")
		tooMany := func(name string) {
			t.Helper()
			begin := time.Now()
			s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
				object{"external_usergroup": object{"name": name, "auth_source_id": id}}).
				Refuses(map[string][]string{"auth_source_id": {"LDAP error - the LDAP server finds more than it may"}},
					"Auth source LDAP error - the LDAP server finds more than it may")
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("it took %s", took)
			}
		}
		a.Troubles(endless, ldaptest.Endless)
		tooMany("holder")
		a.Troubles("OU=Groups,DC=example,DC=com", ldaptest.Endless)
		tooMany("any")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantLogged(s, "memberships stay", "Headquarters", "finds more than it may")
	})
}

// What both servers do alike: first logins, changes, wrong passwords, groups that are left.
func TestLDAP_Directories(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		ann := d.Person("carol", "Carol", "Smith", "carol secret")
		inner := d.Group("inner", ann)
		outer := d.Group("outer", inner)
		d.SetMembers(inner, ann, outer) // around each other
		id := makeSource(s, source)
		local := tieGroup(s, id, "outer")
		s.As("carol", "carol secret").Get("/api/current_user").Expect(200).Want("Carol", "firstname").
			Want("carol@example.com", "mail").Want(id, "auth_source_id")
		wantMembers(s, local, "carol")
		for _, try := range [][2]string{{"carol", "wrong"}, {"carol", ""}, {"nobody", "x"}, {"*", "carol secret"},
			{"inner", ""}, {"inner", "x"}, {"carol)(sn=*", "carol secret"}} {
			s.As(try[0], try[1]).Get("/api/current_user").Expect(401)
		}
		d.Set(ann, "givenName", "Caroline")
		s.Beside().As("CAROL", "carol secret").Get("/api/current_user").Expect(200).Want("Caroline", "firstname")
		d.SetMembers(outer)
		s.Beside().As("carol", "carol secret").Get("/api/current_user").Expect(200)
		wantMembers(s, local)
		d.SetMembers(outer, inner)
		refresh(s, local, "outer").Expect(200)
		wantMembers(s, local, "carol")
		d.Delete(ann)
		s.Beside().As("carol", "carol secret").Get("/api/current_user").Expect(401)
	})
}

// What is Active Directory's own: how accounts bind, which are shut, and what its filters know.
func TestLDAP_ActiveDirectory(t *testing.T) {
	onAD(t, func(t *testing.T, s *server, a *ldaptest.AD, source object) {
		ann := a.Person("ann", "Ann", "Smith", "ann secret")
		inner := a.Group("inner", ann)
		a.Group("outer", inner)
		a.Group("empty")
		id := makeSource(s, source)
		test := func(success bool) {
			t.Helper()
			s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200).Want(success, "success")
		}
		for _, account := range []string{"svc@example.com", `EXAMPLE\svc`, "CN=svc,CN=Users,DC=example,DC=com"} {
			changeSource(s, id, object{"account": account})
			test(true)
			s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		}
		// Nobody asks without a name.
		changeSource(s, id, object{"account": ""})
		test(false)
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(401)
		changeSource(s, id, object{"account": `EXAMPLE\$login`})
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.Beside().As("ann", "wrong").Get("/api/current_user").Expect(401)
		s.Beside().As("ann", "").Get("/api/current_user").Expect(401)
		changeSource(s, id, object{"account": "svc@example.com", "account_password": ldaptest.RootPassword})

		a.Set(ann, "userAccountControl", "514")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(401)
		a.Set(ann, "userAccountControl", "512")
		for _, filter := range []string{"( memberOf:1.2.840.113556.1.4.1941:= CN=outer,OU=Groups,DC=example,DC=com )",
			"(! (userAccountControl:1.2.840.113556.1.4.803:=2))"} {
			changeSource(s, id, object{"ldap_filter": filter})
			s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		}
		changeSource(s, id, object{"base_dn": "DC=example,DC=com", "groups_base": "", "ldap_filter": "",
			"account_password": ldaptest.RootPassword})
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, tieGroup(s, id, "outer"), "ann")
		wantMembers(s, tieGroup(s, id, "empty"))
		// The primary group lists nobody and is in no memberOf, so it has no members here, by login and by refresh.
		a.Add("CN=staff,OU=Groups,DC=example,DC=com", "objectClass", "group", "cn", "staff", "sAMAccountName", "staff",
			"primaryGroupToken", "1234")
		a.Set(ann, "primaryGroupID", "1234")
		staff := tieGroup(s, id, "staff")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, staff)
		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", staff),
			object{"external_usergroup": object{"name": "Domain Users", "auth_source_id": id}}).Expect(422)
	})
}

// A bind password that another key has sealed is named in the log, and is no silence of the server.
func TestLDAP_WrongSecretKeyIsLogged(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		id := s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": object{"name": "far",
			"host": "127.0.0.1", "base_dn": "dc=example,dc=com", "account": "cn=svc", "account_password": "svc secret",
			"onthefly_register": true}}).Expect(201).Int("id")
		s.Execute("UPDATE auth_sources SET account_password = ? WHERE id = ?", "v1:"+strings.Repeat("AAAA", 20), id)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(401)
		line := `"msg":"the bind password of an LDAP source cannot be decrypted","auth_source_id":%d,"source":"far"`
		if log := s.Log.String(); !strings.Contains(log, fmt.Sprintf(line, id)) ||
			strings.Contains(log, "an LDAP server did not answer") {
			t.Error(log)
		}
	})
}
