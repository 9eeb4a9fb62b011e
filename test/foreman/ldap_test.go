package foreman

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/config"
	"roster/directory/ldap"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/ldaptest"
)

// onLDAP runs a test against a fresh server on each database, with a directory server beside it that holds ann and bob.
func onLDAP(t *testing.T, test func(t *testing.T, s *server, l *ldaptest.Server, source object)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		l := ldaptest.Start(t)
		l.Person("ann", "Ann", "Smith", "ann secret")
		l.Person("bob", "Bob", "Žižek", "bob secret")
		s := servertest.StartWith(t, db, ldap.Client{Roots: l.Roots, Patience: 5 * time.Second}, handlers.Options{})
		test(t, s, l, object{
			"name": "Headquarters", "host": "127.0.0.1", "port": l.Port, "base_dn": "ou=people," + ldaptest.Base,
			"groups_base": "ou=groups," + ldaptest.Base,
			"account":     ldaptest.RootDN, "account_password": ldaptest.RootPassword, "onthefly_register": true,
		})
	})
}

func makeSource(s *server, attributes ...object) int64 {
	s.T.Helper()
	return s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": merge(attributes...)}).Expect(201).
		Int("id")
}

// tieGroup ties a new user group to a group of the source.
func tieGroup(s *server, source int64, name string) int64 {
	s.T.Helper()
	id := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "local " + name}}).Expect(201).Int("id")
	s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", id),
		object{"external_usergroup": object{"name": name, "auth_source_id": source}}).Expect(201)
	return id
}

func wantMembers(s *server, group int64, logins ...string) {
	s.T.Helper()
	var got []string
	for _, login := range s.Admin().Get(fmt.Sprintf("/api/usergroups/%d", group)).Expect(200).Value("users", each,
		"login").([]any) {
		got = append(got, login.(string))
	}
	slices.Sort(got)
	if !slices.Equal(got, logins) {
		s.T.Errorf("group %d has %v, want %v", group, got, logins)
	}
}

func TestLDAP_FirstLoginMakesAnAccount(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		organization := s.Organization("Office")
		location := s.Location("Brno")
		id := makeSource(s, source, object{"organization_ids": []int64{organization}, "location_ids": []int64{location},
			"ldap_filter": "sn=S*"})
		a := s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		a.Want("Ann", "firstname").Want("Smith", "lastname").Want("ann@example.com", "mail").Want(id, "auth_source_id")
		a.Want([]int64{organization}, "organizations", each, "id").Want([]int64{location}, "locations", each, "id")
		// The filter leaves bob out; wrong and empty passwords, and people who are nowhere, make nobody.
		for _, try := range [][2]string{{"bob", "bob secret"}, {"ann", "wrong"}, {"ann", ""}, {"nobody", "x"},
			{"", "ann secret"}, {"*", "ann secret"}, {"ann)(uid=*", "ann secret"},
			{"a*", "ann secret"}, {"ann\x00", "ann secret"}, {"\xff\xfe", "ann secret"}, {`ann\2a`, "ann secret"},
			{"admin", "ann secret"}} {
			s.As(try[0], try[1]).Get("/api/current_user").Expect(401)
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id = ?", id); n != 1 {
			t.Errorf("got %d accounts, want 1", n)
		}
		// What has changed out there is taken over at the next login, here on another server, which has asked nobody
		// yet.
		l.Set("uid=ann,ou=people,"+ldaptest.Base, "givenName", "Anna")
		s.Beside().As("ANN", "ann secret").Get("/api/current_user").Expect(200).Want("Anna", "firstname").Want("ann",
			"login")
		l.Set("uid=ann,ou=people,"+ldaptest.Base, "mail", "not a mail address")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200).Want("ann@example.com", "mail")
		s.Admin().Put("/api/users/ann", object{"user": object{"disabled": true}}).Expect(200)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(401)
		if got := s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%secret%'"); got != 0 {
			t.Errorf("%d audits tell a secret", got)
		}
	})
}

func TestLDAP_WithoutRegistration(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		carol := d.Person("carol", "Carol", "Smith", "carol secret")
		id := makeSource(s, source, object{"onthefly_register": false})
		s.As("carol", "carol secret").Get("/api/current_user").Expect(401)
		s.Admin().Post("/api/users",
			object{"user": object{"login": "carol", "mail": "c@example.com", "auth_source_id": id}}).Expect(201)
		s.As("carol", "carol secret").Get("/api/current_user").Expect(200)
		s.As("carol", "wrong").Get("/api/current_user").Expect(401)
		// A token opens the account for as long as the person is known out there.
		user := s.Find("SELECT id FROM users WHERE login = 'carol'")
		token := s.Admin().Post(fmt.Sprintf("/api/users/%d/personal_access_tokens", user), object{"name": "t"}).
			Expect(201).Text("token_value")
		s.As("carol", token).Get("/api/current_user").Expect(200)
		d.Delete(carol)
		s.Beside().As("carol", token).Get("/api/current_user").Expect(401)
		s.Beside().As("carol", "carol secret").Get("/api/current_user").Expect(401)
	})
}

func TestLDAP_Groups(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		ann := "uid=ann,ou=people," + ldaptest.Base
		bob := "uid=bob,ou=people," + ldaptest.Base
		groups := ",ou=groups," + ldaptest.Base
		l.Add("cn=posix"+groups, "objectClass", "posixGroup", "cn", "posix", "gidNumber", "1", "memberUid", "ann")
		l.Add("cn=inner"+groups, "objectClass", "groupOfNames", "cn", "inner", "member", ann)
		l.Add("cn=outer"+groups, "objectClass", "groupOfNames", "cn", "outer", "member", "cn=inner"+groups, "member",
			"cn=outer"+groups)
		l.Add("cn=unique"+groups, "objectClass", "groupOfUniqueNames", "cn", "unique", "uniqueMember", bob)
		id := makeSource(s, source)
		s.Admin().Post("/api/users",
			object{"user": object{"login": "bob", "mail": "b@example.com", "auth_source_id": id}}).Expect(201)
		s.Admin().Post("/api/users",
			object{"user": object{"login": "local", "mail": "l@example.com", "auth_source_id": 3}}).Expect(201)
		posix := tieGroup(s, id, "posix")
		inner := tieGroup(s, id, "inner")
		outer := tieGroup(s, id, "outer")
		unique := tieGroup(s, id, "unique")
		wantMembers(s, unique, "bob") // tying refreshes
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", unique),
			object{"usergroup": object{"user_ids": []int64{s.Find("SELECT id FROM users WHERE login = 'local'"),
				s.Find("SELECT id FROM users WHERE login = 'bob'")}}}).Expect(200)

		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		for _, group := range []int64{posix, inner, outer} {
			wantMembers(s, group, "ann")
		}
		wantMembers(s, unique, "bob", "local")

		// She leaves one, and is there no more after her next login; bob after a refresh, while people from elsewhere
		// stay.
		l.Set("cn=posix"+groups, "memberUid", "somebody")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, posix)
		wantMembers(s, outer, "ann")
		l.Set("cn=unique"+groups, "uniqueMember", ann)
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d/external_usergroups/unique/refresh", unique), nil).Expect(200)
		wantMembers(s, unique, "ann", "local")

		// Unless the source says that groups are not followed.
		s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d", id),
			object{"auth_source_ldap": object{"usergroup_sync": false}}).Expect(200)
		l.Set("cn=posix"+groups, "memberUid", "ann")
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(200)
		wantMembers(s, posix)

		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", posix),
			object{"external_usergroup": object{"name": "nosuch", "auth_source_id": id}}).
			Refuses(map[string][]string{"name": {"is not found in the authentication source"}},
				"Name is not found in the authentication source")
		s.Admin().Delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/unique", unique)).Expect(200)
		wantMembers(s, unique, "local")
	})
}

// Active Directory tells the nearest groups by memberOf, FreeIPA all of them, among roles; netgroups list triples.
func TestLDAP_KindsOfServers(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		ann := "uid=ann,ou=people," + ldaptest.Base
		l.Add("cn=accounts,"+ldaptest.Base, "objectClass", "applicationProcess", "cn", "accounts")
		l.Add("cn=groups,cn=accounts,"+ldaptest.Base, "objectClass", "applicationProcess", "cn", "groups")
		l.Add("cn=roles,"+ldaptest.Base, "objectClass", "applicationProcess", "cn", "roles")
		l.Add("cn=editors,cn=groups,cn=accounts,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "editors",
			"member", ann)
		l.Add("cn=helpdesk,cn=roles,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "helpdesk", "member", ann)
		l.Add("cn=hosts,ou=groups,"+ldaptest.Base, "objectClass", "nisNetgroup", "cn", "hosts", "nisNetgroupTriple",
			"(h1,ann,example.com)", "nisNetgroupTriple", "(h1,announce,example.com)")
		l.Add("cn=farm,ou=groups,"+ldaptest.Base, "objectClass", "nisNetgroup", "cn", "farm", "memberNisNetgroup",
			"hosts")
		for _, test := range []struct {
			server       object
			group, other string
		}{
			{object{"server_type": "active_directory", "attr_login": "uid", "groups_base": ldaptest.Base}, "editors",
				""},
			{object{"server_type": "free_ipa", "groups_base": ldaptest.Base}, "editors", "helpdesk"},
			{object{"use_netgroups": true}, "farm", "nobody"},
		} {
			id := makeSource(s, source, test.server)
			group := tieGroup(s, id, test.group)
			s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
			wantMembers(s, group, "ann")
			if test.other != "" {
				s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
					object{"external_usergroup": object{"name": test.other, "auth_source_id": id}}).Expect(422)
			}
			s.Admin().Delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%s", group, test.group)).Expect(200)
			s.Admin().Delete("/api/users/ann").Expect(200)
			s.Admin().Delete(fmt.Sprintf("/api/usergroups/%d", group)).Expect(200)
			s.Admin().Delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).Expect(200)
		}
	})
}

func TestLDAP_Connections(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		for what, test := range map[string]struct {
			server  object
			success bool
		}{
			"plain":                   {object{}, true},
			"TLS":                     {object{"port": l.TLSPort, "tls": true}, true},
			"TLS on a plain port":     {object{"tls": true}, false},
			"plain on a TLS port":     {object{"port": l.TLSPort}, false},
			"a wrong bind password":   {object{"account_password": "wrong"}, false},
			"a base that is not":      {object{"base_dn": "dc=nowhere"}, false},
			"nobody listens":          {object{"port": 1}, false},
			"whoever logs in":         {object{"account": "uid=$login,ou=people," + ldaptest.Base}, true},
			"nobody needs to log in":  {object{"account": ""}, true},
			"no certificate for that": {object{"host": "localhost", "port": l.TLSPort, "tls": true}, false},
		} {
			id := makeSource(s, source, test.server, object{"name": what})
			a := s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200).Want(test.success,
				"success")
			if message := a.Text(
				"message"); test.success != (message == "Test connection to LDAP server was successful.") ||
				!test.success && !strings.HasPrefix(message, "ERF64-6496 [Foreman::WrappedException]: Unable to "+
					"connect to LDAP server (") || strings.Contains(message, "secret") {
				t.Errorf("%s: got the message %q", what, message)
			}
			status := 401
			if test.success {
				status = 200
			}
			s.As("ann", "ann secret").Get("/api/current_user").Expect(status)
			s.As("ann", "wrong").Get("/api/current_user").Expect(401)
			if test.success {
				s.Admin().Delete("/api/users/ann").Expect(200)
			}
			s.Admin().Delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).Expect(200)
		}
	})
}

// hanging is a server that reads, and never answers while the test runs.
func hanging(t *testing.T) func(net.Conn) {
	return func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); <-t.Context().Done() }
}

// hangingUp is a server that closes the connection at the first byte.
func hangingUp(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }

// babbling is a server of something else.
func babbling(c net.Conn) { _, _ = c.Write([]byte(strings.Repeat("HTTP/1.1 200 OK\r\n", 1000))) }

// Servers that hang, hang up, or do not stop talking are refusals in time, and nobody else waits for them.
func TestLDAP_BadServers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, ldap.Client{Patience: 500 * time.Millisecond}, handlers.Options{})
		for what, serve := range map[string]func(net.Conn){
			"hangs":    hanging(t),
			"hangs up": hangingUp,
			"drips": func(c net.Conn) {
				var err error
				for _, b := range []byte{0x30, 0x84, 0, 0, 1, 0, 2, 1, 1, 0x61, 0x7f, 4} {
					if err == nil {
						_, err = c.Write([]byte{b})
						time.Sleep(100 * time.Millisecond)
					}
				}
			},
			"is small and many": func(c net.Conn) {
				_, err := c.Write([]byte{0x30, 0x83, 0x3f, 0xff, 0xff, 2, 1, 1, 0x64, 0x83, 0x3f, 0xff, 0xf0})
				for err == nil {
					_, err = c.Write(bytes.Repeat([]byte{4, 0}, 1<<15))
				}
			},
			"babbles": babbling,
			"is endless": func(c net.Conn) {
				// A message that says it is as long as can be, and goes on and on.
				_, err := c.Write([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff})
				for err == nil {
					_, err = c.Write(make([]byte, 1<<16))
				}
			},
		} {
			port := listen(t, serve)
			id := makeSource(s, object{"name": what, "host": "127.0.0.1", "port": port, "onthefly_register": true})
			s.As("somebody", "secret").Get("/api/current_user").Expect(401)
			s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200).Want(false, "success")
			group := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": what}}).Expect(201).Int("id")
			a := s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
				object{"external_usergroup": object{"name": "x", "auth_source_id": id}}).Expect(422)
			if text, _ := a.Value("error", "errors", "auth_source_id", 0).(string); !strings.HasPrefix(text,
				"LDAP error - ") {
				t.Errorf("%s: %s", what, a)
			}
			s.Admin().Delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).Expect(200)
		}
	})
}

// listen accepts connections until the test ends.
func listen(t *testing.T, serve func(net.Conn)) int64 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return int64(l.Addr().(*net.TCPAddr).Port)
}

// A directory server takes more spellings for the same login than this one, which must not make many accounts of a
// person.
func TestLDAP_SpellingsOfLogins(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		id := makeSource(s, source)
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.Admin().Put("/api/users/ann", object{"user": object{"disabled": true}}).Expect(200)
		for _, spelling := range []string{"ann", "ANN", " ann", "ann ", "\uff41\uff4e\uff4e", "\uff41nn", "a\u0301nn",
			"an\u00adn", "ann\u200b"} {
			s.As(spelling, "ann secret").Get("/api/current_user").Expect(401)
		}
		// One of two logins of a person is theirs as well; the first one is the name of their account.
		l.Person("carol", "Carol", "Smith", "carol secret")
		l.Set("uid=carol,ou=people,"+ldaptest.Base, "uid", "carol", "caroline")
		s.As("Caroline", "carol secret").Get("/api/current_user").Expect(200).Want("carol", "login")
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id = ?", id); n != 2 {
			t.Errorf("got %d accounts, want 2", n)
		}
	})
}

// What cannot be taken over of a person is left out.
func TestLDAP_OddAttributes(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		l.Set("uid=bob,ou=people,"+ldaptest.Base, "givenName", strings.Repeat("é", 300))
		l.Set("uid=bob,ou=people,"+ldaptest.Base, "mail", "no address at all", "neither")
		l.Set("uid=ann,ou=people,"+ldaptest.Base, "jpegPhoto", "\xff\xd8\xff\x00\x01")
		makeSource(s, source, object{"attr_firstname": "GIVENNAME", "attr_lastname": "jpegPhoto"})
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200).Want(nil, "firstname").Want(nil, "lastname").
			Want(nil, "mail")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200).Want("Ann", "firstname").Want(nil, "lastname")
	})
}

// A group of the same name outside the base is another.
func TestLDAP_GroupsOutsideTheBase(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		ann := "uid=ann,ou=people," + ldaptest.Base
		bob := "uid=bob,ou=people," + ldaptest.Base
		groups := ",ou=groups," + ldaptest.Base
		elsewhere := ",ou=elsewhere," + ldaptest.Base
		l.Add("ou=elsewhere,"+ldaptest.Base, "objectClass", "organizationalUnit", "ou", "elsewhere")
		l.Add("cn=ops"+elsewhere, "objectClass", "groupOfNames", "cn", "ops", "member", ann)
		l.Add("cn=ops"+groups, "objectClass", "groupOfNames", "cn", "ops", "member", bob)
		l.Add("cn=all"+groups, "objectClass", "groupOfNames", "cn", "all", "member", "cn=ops"+elsewhere)
		id := makeSource(s, source)
		ops := tieGroup(s, id, "ops")
		all := tieGroup(s, id, "all")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200)
		wantMembers(s, ops, "bob")
		wantMembers(s, all, "ann") // through the other one
		for group, name := range map[int64]string{ops: "ops", all: "all"} {
			s.Admin().Put(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%s/refresh", group, name), nil).
				Expect(200)
		}
		wantMembers(s, ops, "bob")
		wantMembers(s, all, "ann")
	})
}

// Whoever is the last administrator by a group stays one, whatever the group out there says, and gets in.
func TestLDAP_LastAdministrator(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		carol := d.Person("carol", "Carol", "Smith", "carol secret")
		dave := d.Person("dave", "Dave", "Smith", "dave secret")
		admins := d.Group("admins", carol)
		group := tieGroup(s, makeSource(s, source), "admins")
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"admin": true}}).Expect(200)
		s.As("carol", "carol secret").Put("/api/users/admin", object{"user": object{"disabled": true}}).Expect(200)
		d.SetMembers(admins, dave)
		s.Beside().As("carol", "carol secret").Get("/api/current_user").Expect(200).Want(true, "effective_admin")
		s.As("dave", "dave secret").Get("/api/current_user").Expect(200).Want(true, "effective_admin")
		// now that there is another
		s.Beside().As("carol", "carol secret").Get("/api/current_user").Expect(200).Want(false, "effective_admin")
	})
}

// StartTLS, which needs the port for plain connections.
func TestLDAP_StartTLS(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		if l.PlainHost == "" && os.Getenv("CI") != "" {
			t.Fatal("port 389 is not this user's to listen on, so StartTLS is not tested")
		}
		if l.PlainHost == "" {
			t.Skip("NOTICE: port 389 is not this user's to listen on, so StartTLS is not tested")
		}
		source = merge(source, object{"port": 389, "tls": true})
		id := makeSource(s, source, object{"host": l.PlainHost})
		s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200).Want(true, "success")
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
		l.Add("cn=ops,ou=groups,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "ops", "member",
			"uid=ann,ou=people,"+ldaptest.Base)
		wantMembers(s, tieGroup(s, id, "ops"), "ann")
		// A server whose certificate nobody vouches for, or for another name, is no server.
		stranger := servertest.Launch(t, s.DB, s.Clock, ldap.Client{Patience: 5 * time.Second}, handlers.Options{}).
			In(t)
		stranger.As("ann", "ann secret").Get("/api/current_user").Expect(401)
		stranger.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).Expect(200).Want(false, "success")
		s.Admin().Put(fmt.Sprintf("/api/auth_source_ldaps/%d", id),
			object{"auth_source_ldap": object{"host": "127.0.0.1"}}).Expect(200)
		s.Beside().As("ann", "ann secret").Get("/api/current_user").Expect(401)
	})
}

// A source that hangs keeps the people of others neither from their first login nor from any other.
func TestLDAP_OneSourceHangs(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		var asked, answered atomic.Int64
		port := listen(t, func(c net.Conn) { asked.Add(1); hanging(t)(c) })
		// as long as the directory lets it
		s = servertest.Launch(t, s.DB, s.Clock, ldap.Client{Patience: time.Minute}, handlers.Options{}).In(t)
		makeSource(s, object{"name": "hangs", "host": "127.0.0.1", "port": port, "onthefly_register": true})
		id := makeSource(s, source)
		s.Admin().Post("/api/users",
			object{"user": object{"login": "bob", "mail": "b@example.com", "auth_source_id": id}}).Expect(201)
		var strangers sync.WaitGroup
		for i := range 40 {
			strangers.Go(func() {
				_, _ = s.As(fmt.Sprint("stranger", i), "x").Try("GET", "/api/status", nil)
				answered.Add(1)
			})
		}
		defer strangers.Wait()
		for asked.Load() < 16 { // as many as may ask a source at once; the others wait for them
			time.Sleep(time.Millisecond)
		}
		s.As("bob", "bob secret").Get("/api/current_user").Expect(200)
		s.Admin().Get("/api/current_user").Expect(200)
		if n := answered.Load(); n > 0 {
			t.Errorf("logins that ask nobody who hangs waited until %d others were answered", n)
		}
		s.As("ann", "ann secret").Get("/api/current_user").Expect(200)
	})
}
