package test

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
		s := startWith(t, db, ldap.Client{Roots: l.Roots, Patience: 5 * time.Second}, handlers.Options{})
		test(t, s, l, object{
			"name": "Headquarters", "host": "127.0.0.1", "port": l.Port, "base_dn": "ou=people," + ldaptest.Base,
			"groups_base": "ou=groups," + ldaptest.Base,
			"account":     ldaptest.RootDN, "account_password": ldaptest.RootPassword, "onthefly_register": true,
		})
	})
}

func (s *server) source(attributes ...object) int64 {
	s.t.Helper()
	return s.admin().post("/api/auth_source_ldaps", object{"auth_source_ldap": merge(attributes...)}).expect(201).
		int("id")
}

// group ties a new user group to a group of the source.
func (s *server) tie(source int64, name string) int64 {
	s.t.Helper()
	id := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "local " + name}}).expect(201).int("id")
	s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", id),
		object{"external_usergroup": object{"name": name, "auth_source_id": source}}).expect(201)
	return id
}

func (s *server) wantMembers(group int64, logins ...string) {
	s.t.Helper()
	var got []string
	for _, login := range s.admin().get(fmt.Sprintf("/api/usergroups/%d", group)).expect(200).value("users", each,
		"login").([]any) {
		got = append(got, login.(string))
	}
	slices.Sort(got)
	if !slices.Equal(got, logins) {
		s.t.Errorf("group %d has %v, want %v", group, got, logins)
	}
}

func TestLDAP_FirstLoginMakesAnAccount(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		organization, location := s.organization("Office"), s.location("Brno")
		id := s.source(source, object{"organization_ids": []int64{organization}, "location_ids": []int64{location},
			"ldap_filter": "sn=S*"})
		a := s.as("ann", "ann secret").get("/api/current_user").expect(200)
		a.want("Ann", "firstname").want("Smith", "lastname").want("ann@example.com", "mail").want(id, "auth_source_id")
		a.want([]int64{organization}, "organizations", each, "id").want([]int64{location}, "locations", each, "id")
		// The filter leaves bob out; wrong and empty passwords, and people who are nowhere, make nobody.
		for _, try := range [][2]string{{"bob", "bob secret"}, {"ann", "wrong"}, {"ann", ""}, {"nobody", "x"},
			{"", "ann secret"}, {"*", "ann secret"}, {"ann)(uid=*", "ann secret"},
			{"a*", "ann secret"}, {"ann\x00", "ann secret"}, {"\xff\xfe", "ann secret"}, {`ann\2a`, "ann secret"},
			{"admin", "ann secret"}} {
			s.as(try[0], try[1]).get("/api/current_user").expect(401)
		}
		if n := s.find("SELECT COUNT(*) FROM users WHERE auth_source_id = ?", id); n != 1 {
			t.Errorf("got %d accounts, want 1", n)
		}
		// What has changed out there is taken over at the next login, here on another server, which has asked nobody
		// yet.
		l.Set("uid=ann,ou=people,"+ldaptest.Base, "givenName", "Anna")
		s.beside().as("ANN", "ann secret").get("/api/current_user").expect(200).want("Anna", "firstname").want("ann",
			"login")
		l.Set("uid=ann,ou=people,"+ldaptest.Base, "mail", "not a mail address")
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(200).want("ann@example.com", "mail")
		s.admin().put("/api/users/ann", object{"user": object{"disabled": true}}).expect(200)
		s.as("ann", "ann secret").get("/api/current_user").expect(401)
		if got := s.find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%secret%'"); got != 0 {
			t.Errorf("%d audits tell a secret", got)
		}
	})
}

func TestLDAP_WithoutRegistration(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		id := s.source(source, object{"onthefly_register": false})
		s.as("ann", "ann secret").get("/api/current_user").expect(401)
		s.admin().post("/api/users",
			object{"user": object{"login": "ann", "mail": "a@example.com", "auth_source_id": id}}).expect(201)
		s.as("ann", "ann secret").get("/api/current_user").expect(200)
		s.as("ann", "wrong").get("/api/current_user").expect(401)
		// A token opens the account for as long as the person is known out there.
		user := s.find("SELECT id FROM users WHERE login = 'ann'")
		token := s.admin().post(fmt.Sprintf("/api/users/%d/personal_access_tokens", user), object{"name": "t"}).
			expect(201).text("token_value")
		s.as("ann", token).get("/api/current_user").expect(200)
		l.Delete("uid=ann,ou=people," + ldaptest.Base)
		s.beside().as("ann", token).get("/api/current_user").expect(401)
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(401)
	})
}

func TestLDAP_Groups(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		ann, bob, groups := "uid=ann,ou=people,"+ldaptest.Base, "uid=bob,ou=people,"+ldaptest.Base,
			",ou=groups,"+ldaptest.Base
		l.Add("cn=posix"+groups, "objectClass", "posixGroup", "cn", "posix", "gidNumber", "1", "memberUid", "ann")
		l.Add("cn=inner"+groups, "objectClass", "groupOfNames", "cn", "inner", "member", ann)
		l.Add("cn=outer"+groups, "objectClass", "groupOfNames", "cn", "outer", "member", "cn=inner"+groups, "member",
			"cn=outer"+groups)
		l.Add("cn=unique"+groups, "objectClass", "groupOfUniqueNames", "cn", "unique", "uniqueMember", bob)
		id := s.source(source)
		s.admin().post("/api/users",
			object{"user": object{"login": "bob", "mail": "b@example.com", "auth_source_id": id}}).expect(201)
		s.admin().post("/api/users",
			object{"user": object{"login": "local", "mail": "l@example.com", "auth_source_id": 3}}).expect(201)
		posix, inner, outer, unique := s.tie(id, "posix"), s.tie(id, "inner"), s.tie(id, "outer"), s.tie(id, "unique")
		s.wantMembers(unique, "bob") // tying refreshes
		s.admin().put(fmt.Sprintf("/api/usergroups/%d", unique),
			object{"usergroup": object{"user_ids": []int64{s.find("SELECT id FROM users WHERE login = 'local'"),
				s.find("SELECT id FROM users WHERE login = 'bob'")}}}).expect(200)

		s.as("ann", "ann secret").get("/api/current_user").expect(200)
		for _, group := range []int64{posix, inner, outer} {
			s.wantMembers(group, "ann")
		}
		s.wantMembers(unique, "bob", "local")

		// She leaves one, and is there no more after her next login; bob after a refresh, while people from elsewhere
		// stay.
		l.Set("cn=posix"+groups, "memberUid", "somebody")
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(200)
		s.wantMembers(posix)
		s.wantMembers(outer, "ann")
		l.Set("cn=unique"+groups, "uniqueMember", ann)
		s.admin().put(fmt.Sprintf("/api/usergroups/%d/external_usergroups/unique/refresh", unique), nil).expect(200)
		s.wantMembers(unique, "ann", "local")

		// Unless the source says that groups are not followed.
		s.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d", id),
			object{"auth_source_ldap": object{"usergroup_sync": false}}).expect(200)
		l.Set("cn=posix"+groups, "memberUid", "ann")
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(200)
		s.wantMembers(posix)

		s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", posix),
			object{"external_usergroup": object{"name": "nosuch", "auth_source_id": id}}).
			refuses(map[string][]string{"name": {"is not found in the authentication source"}},
				"Name is not found in the authentication source")
		s.admin().delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/unique", unique)).expect(200)
		s.wantMembers(unique, "local")
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
			id := s.source(source, test.server)
			group := s.tie(id, test.group)
			s.as("ann", "ann secret").get("/api/current_user").expect(200)
			s.wantMembers(group, "ann")
			if test.other != "" {
				s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
					object{"external_usergroup": object{"name": test.other, "auth_source_id": id}}).expect(422)
			}
			s.admin().delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%s", group, test.group)).expect(200)
			s.admin().delete("/api/users/ann").expect(200)
			s.admin().delete(fmt.Sprintf("/api/usergroups/%d", group)).expect(200)
			s.admin().delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).expect(200)
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
			id := s.source(source, test.server, object{"name": what})
			a := s.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).expect(200).want(test.success,
				"success")
			if message := a.text(
				"message"); test.success != (message == "Test connection to LDAP server was successful.") ||
				!test.success && !strings.HasPrefix(message, "ERF64-6496 [Foreman::WrappedException]: Unable to "+
					"connect to LDAP server (") || strings.Contains(message, "secret") {
				t.Errorf("%s: got the message %q", what, message)
			}
			status := 401
			if test.success {
				status = 200
			}
			s.as("ann", "ann secret").get("/api/current_user").expect(status)
			s.as("ann", "wrong").get("/api/current_user").expect(401)
			if test.success {
				s.admin().delete("/api/users/ann").expect(200)
			}
			s.admin().delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).expect(200)
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
		s := startWith(t, db, ldap.Client{Patience: 500 * time.Millisecond}, handlers.Options{})
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
			id := s.source(object{"name": what, "host": "127.0.0.1", "port": port, "onthefly_register": true})
			s.as("somebody", "secret").get("/api/current_user").expect(401)
			s.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).expect(200).want(false, "success")
			group := s.admin().post("/api/usergroups", object{"usergroup": object{"name": what}}).expect(201).int("id")
			a := s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
				object{"external_usergroup": object{"name": "x", "auth_source_id": id}}).expect(422)
			if text, _ := a.value("error", "errors", "auth_source_id", 0).(string); !strings.HasPrefix(text,
				"LDAP error - ") {
				t.Errorf("%s: %s", what, a)
			}
			s.admin().delete(fmt.Sprintf("/api/auth_source_ldaps/%d", id)).expect(200)
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
		id := s.source(source)
		s.as("ann", "ann secret").get("/api/current_user").expect(200)
		s.admin().put("/api/users/ann", object{"user": object{"disabled": true}}).expect(200)
		for _, spelling := range []string{"ann", "ANN", " ann", "ann ", "\uff41\uff4e\uff4e", "\uff41nn", "a\u0301nn",
			"an\u00adn", "ann\u200b"} {
			s.as(spelling, "ann secret").get("/api/current_user").expect(401)
		}
		// One of two logins of a person is theirs as well.
		l.Person("carol", "Carol", "Smith", "carol secret")
		l.Set("uid=carol,ou=people,"+ldaptest.Base, "uid", "carol", "caroline")
		s.as("Caroline", "carol secret").get("/api/current_user").expect(200).want("caroline", "login")
		if n := s.find("SELECT COUNT(*) FROM users WHERE auth_source_id = ?", id); n != 2 {
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
		s.source(source, object{"attr_firstname": "GIVENNAME", "attr_lastname": "jpegPhoto"})
		s.as("bob", "bob secret").get("/api/current_user").expect(200).want(nil, "firstname").want(nil, "lastname").
			want(nil, "mail")
		s.as("ann", "ann secret").get("/api/current_user").expect(200).want("Ann", "firstname").want(nil, "lastname")
	})
}

// A group of the same name outside the base is another.
func TestLDAP_GroupsOutsideTheBase(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		ann, bob, groups, elsewhere := "uid=ann,ou=people,"+ldaptest.Base, "uid=bob,ou=people,"+ldaptest.Base,
			",ou=groups,"+ldaptest.Base, ",ou=elsewhere,"+ldaptest.Base
		l.Add("ou=elsewhere,"+ldaptest.Base, "objectClass", "organizationalUnit", "ou", "elsewhere")
		l.Add("cn=ops"+elsewhere, "objectClass", "groupOfNames", "cn", "ops", "member", ann)
		l.Add("cn=ops"+groups, "objectClass", "groupOfNames", "cn", "ops", "member", bob)
		l.Add("cn=all"+groups, "objectClass", "groupOfNames", "cn", "all", "member", "cn=ops"+elsewhere)
		id := s.source(source)
		ops, all := s.tie(id, "ops"), s.tie(id, "all")
		s.as("ann", "ann secret").get("/api/current_user").expect(200)
		s.as("bob", "bob secret").get("/api/current_user").expect(200)
		s.wantMembers(ops, "bob")
		s.wantMembers(all, "ann") // through the other one
		for group, name := range map[int64]string{ops: "ops", all: "all"} {
			s.admin().put(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%s/refresh", group, name), nil).
				expect(200)
		}
		s.wantMembers(ops, "bob")
		s.wantMembers(all, "ann")
	})
}

// Whoever is the last administrator by a group stays one, whatever the group out there says, and gets in.
func TestLDAP_LastAdministrator(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		l.Add("cn=admins,ou=groups,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "admins", "member",
			"uid=ann,ou=people,"+ldaptest.Base)
		group := s.tie(s.source(source), "admins")
		s.admin().put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"admin": true}}).expect(200)
		s.as("ann", "ann secret").put("/api/users/admin", object{"user": object{"disabled": true}}).expect(200)
		l.Set("cn=admins,ou=groups,"+ldaptest.Base, "member", "uid=bob,ou=people,"+ldaptest.Base)
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(200).want(true, "effective_admin")
		s.as("bob", "bob secret").get("/api/current_user").expect(200).want(true, "effective_admin")
		// now that there is another
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(200).want(false, "effective_admin")
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
		id := s.source(source, object{"host": l.PlainHost})
		s.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).expect(200).want(true, "success")
		s.as("ann", "ann secret").get("/api/current_user").expect(200)
		l.Add("cn=ops,ou=groups,"+ldaptest.Base, "objectClass", "groupOfNames", "cn", "ops", "member",
			"uid=ann,ou=people,"+ldaptest.Base)
		s.wantMembers(s.tie(id, "ops"), "ann")
		// A server whose certificate nobody vouches for, or for another name, is no server.
		stranger := launch(t, s.db, s.clock, ldap.Client{Patience: 5 * time.Second}, handlers.Options{}).in(t)
		stranger.as("ann", "ann secret").get("/api/current_user").expect(401)
		stranger.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", id), nil).expect(200).want(false, "success")
		s.admin().put(fmt.Sprintf("/api/auth_source_ldaps/%d", id),
			object{"auth_source_ldap": object{"host": "127.0.0.1"}}).expect(200)
		s.beside().as("ann", "ann secret").get("/api/current_user").expect(401)
	})
}

// A source that hangs keeps the people of others neither from their first login nor from any other.
func TestLDAP_OneSourceHangs(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, l *ldaptest.Server, source object) {
		var asked, answered atomic.Int64
		port := listen(t, func(c net.Conn) { asked.Add(1); hanging(t)(c) })
		// as long as the directory lets it
		s = launch(t, s.db, s.clock, ldap.Client{Patience: time.Minute}, handlers.Options{}).in(t)
		s.source(object{"name": "hangs", "host": "127.0.0.1", "port": port, "onthefly_register": true})
		id := s.source(source)
		s.admin().post("/api/users",
			object{"user": object{"login": "bob", "mail": "b@example.com", "auth_source_id": id}}).expect(201)
		var strangers sync.WaitGroup
		for i := range 40 {
			strangers.Go(func() {
				_, _ = s.as(fmt.Sprint("stranger", i), "x").try("GET", "/api/status", nil)
				answered.Add(1)
			})
		}
		defer strangers.Wait()
		for asked.Load() < 16 { // as many as may ask a source at once; the others wait for them
			time.Sleep(time.Millisecond)
		}
		s.as("bob", "bob secret").get("/api/current_user").expect(200)
		s.admin().get("/api/current_user").expect(200)
		if n := answered.Load(); n > 0 {
			t.Errorf("logins that ask nobody who hangs waited until %d others were answered", n)
		}
		s.as("ann", "ann secret").get("/api/current_user").expect(200)
	})
}
