package foreman

import (
	"fmt"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/directory"
)

// What a user looks like, byte by byte (docs/spec/foreman.md, 5.1 and 5.2). The clock stands still, so times are known.
func TestUsers_Shape(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("Test Location")
		organization := s.Organization("Test Organization")
		bob := s.User("Bob", object{"firstname": "Bob", "lastname": "Ŝmíth", "mail": "bob@example.com",
			"description":  "a < b & c / d",
			"location_ids": []int64{location}, "organization_ids": []int64{organization},
			"default_organization_id": organization,
			"role_names":              []string{"Viewer", "Auditor"}})
		group := s.Group("outer", true, directory.UsergroupChange{})
		inner := s.Group("inner", false, directory.UsergroupChange{Users: refs(bob.ID), Roles: refs(s.Role("Manager"))})
		nestGroups(s, group, inner)
		s.Execute("INSERT INTO ssh_keys (id, user_id, name, key, fingerprint, length, created_at, updated_at) VALUES "+
			"(9, ?, 'k', 'ssh-rsa AAAA', 'ZqtkO', 2048, ?, ?)",
			bob.ID, servertest.SeedTime, servertest.SeedTime)
		s.Execute("INSERT INTO user_mail_notifications (user_id, mail_notification_id, interval, created_at, "+
			"updated_at) SELECT ?, id, 'Daily', ?, ? FROM mail_notifications WHERE name = 'audit_summary'",
			bob.ID, servertest.SeedTime, servertest.SeedTime)
		bumpRevisions(s)
		auditSummary := s.Find("SELECT id FROM mail_notifications WHERE name = 'audit_summary'")
		viewer := s.Role("Viewer")
		auditor := s.Role("Auditor")
		manager := s.Role("Manager")

		const when = `"2024-01-10 08:00:00 UTC"`
		head := fmt.Sprintf(
			`{"firstname":"Bob","lastname":"Ŝmíth","mail":"bob@example.com","mail_enabled":false,"admin":false,"auth_source_id":1,`+
				`"disabled":false,"auth_source_name":"Internal","timezone":null,"locale":null,"last_login_on":null,"created_at":%s,"updated_at":%s,`+
				`"id":%d,"login":"Bob","description":"a < b & c / d","ssh_keys":[{"id":9,"name":"k","key":"ssh-rsa AAAA","length":2048,"fingerprint":"ZqtkO"}],`+
				`"default_location":null,`, when, when, bob.ID)
		row := head +
			fmt.Sprintf(
				`"locations":[{"id":%d,"name":"Test Location"}],"default_organization":{"id":%d,"name":"Test Organization",`+
					`"title":"Test Organization","description":null},"organizations":[{"id":%d,"name":"Test Organization"}],"effective_admin":true}`,
				location, organization, organization)
		role := func(id int64, name string) string {
			return fmt.Sprintf(`{"name":"%s","id":%d,"description":"%s","origin":"foreman"}`, name, id,
				readText(s, "SELECT description FROM roles WHERE id = ?", id))
		}
		innerGroup := fmt.Sprintf(`{"name":"inner","id":%d,"created_at":%s,"updated_at":%s,"roles":[%s]}`, inner, when,
			when, role(manager, "Manager"))
		outerGroup := fmt.Sprintf(`{"name":"outer","id":%d,"created_at":%s,"updated_at":%s,"roles":[]}`, group, when,
			when)
		whole := head +
			fmt.Sprintf(
				`"locations":[{"id":%d,"name":"Test Location","title":"Test Location","description":null}],"default_organization":`+
					`{"id":%d,"name":"Test Organization","title":"Test Organization","description":null},"organizations":[{"id":%d,"name":"Test Organization",`+
					`"title":"Test Organization","description":null}],"effective_admin":true,"cached_usergroups":[%s,%s],`+
					`"auth_source_internal":{"id":1,"type":"AuthSourceInternal","name":"Internal"},"mail_notifications":[{"id":%d,"name":"audit_summary",`+
					`"description":"A summary of audited changes","subscription_type":"report"}],"roles":[%s,%s],"usergroups":[%s]}`,
				location, organization, organization, innerGroup, outerGroup, auditSummary, role(auditor, "Auditor"),
				role(viewer, "Viewer"), innerGroup)

		s.Run("in a list", func(t *testing.T, s *server) {
			s.Admin().Get("/api/users?search=login=Bob").Expect(200).
				WantBody(
					`{"total":2,"subtotal":1,"page":1,"per_page":20,"search":"login=Bob","sort":{"by":null,"order":null},"results":[` + row + `]}`)
		})
		s.Run("alone", func(t *testing.T, s *server) {
			s.Admin().Get(bob.Path()).Expect(200).WantBody(whole)
			s.Admin().Get("/api/users/Bob").Expect(200).WantBody(whole)
		})
		s.Run("after a change", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{}}).Expect(200).WantBody(whole)
			s.Admin().Patch(bob.Path(), object{"user": object{}}).Expect(200).WantBody(whole)
		})
		s.Run("deleted", func(t *testing.T, s *server) {
			s.Admin().Delete(bob.Path()).Expect(200).
				WantBody(
					fmt.Sprintf(`{"id":%d,"login":"Bob","firstname":"Bob","lastname":"Ŝmíth","mail":"bob@example.com",`+
						`"admin":false,"last_login_on":null,"auth_source_id":1,"created_at":"2024-01-10T08:00:00.000Z","updated_at":"2024-01-10T08:00:00.000Z",`+
						`"locale":null,"avatar_hash":null,"default_organization_id":%d,"default_location_id":null,"lower_login":"bob","mail_enabled":false,`+
						`"timezone":null,"description":"a < b & c / d","disabled":false,"password":null,"name":"Bob Ŝmíth"}`,
						bob.ID, organization))
		})
	})
}

// A user with nothing but what is needed: everything else is null or an empty list, never missing.
func TestUsers_ShapeOfABareUser(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Location("Second")
		s.Organization("Second") // so that no tenant is the only one of its kind
		a := s.Admin().Post("/api/users",
			object{"user": object{"login": "bare", "password": "x", "auth_source_id": 1}}).Expect(201)
		a.WantBody(
			fmt.Sprintf(
				`{"firstname":null,"lastname":null,"mail":null,"mail_enabled":false,"admin":false,"auth_source_id":1,"disabled":false,`+
					`"auth_source_name":"Internal","timezone":null,"locale":null,"last_login_on":null,"created_at":"2024-01-10 08:00:00 UTC","updated_at":"2024-01-10 08:00:00 UTC",`+
					`"id":%d,"login":"bare","description":null,"ssh_keys":[],"default_location":null,"locations":[],"default_organization":null,"organizations":[],`+
					`"effective_admin":false,"cached_usergroups":[],"auth_source_internal":{"id":1,"type":"AuthSourceInternal","name":"Internal"},`+
					`"mail_notifications":[],"roles":[],"usergroups":[]}`, a.Int("id")))
		s.Admin().Delete("/api/users/bare").Expect(200).Want("bare", "name")
	})
}

// The key of the auth source depends on its class.
func TestUsers_AuthSourceKey(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ldap := makeLDAPSource(s, "ldap")
		for _, source := range []struct {
			key, kind string
			id        int64
			name      string
		}{{"auth_source_internal", "AuthSourceInternal", 1, "Internal"}, {"auth_source_external", "AuthSourceExternal",
			3, "External"}, {"auth_source_ldap", "AuthSourceLdap", ldap, "ldap"}} {
			a := s.Admin().Post("/api/users",
				object{"user": object{"login": source.key, "password": "x", "auth_source_name": source.name}}).
				Expect(201)
			a.Want(object{"id": source.id, "type": source.kind, "name": source.name}, source.key).Want(source.name,
				"auth_source_name").Want(source.id, "auth_source_id")
			for _, other := range []string{"auth_source_internal", "auth_source_external", "auth_source_ldap",
				"auth_source"} {
				if _, there := a.At(other); there && other != source.key {
					t.Errorf("%s: also has %s", a, other)
				}
			}
		}
	})
}

// Times are in the zone of whoever asks, in answers with summer time and without, and in ISO format in dumps.
func TestUsers_TimesInTheCallersZone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		winter := s.User("winter")
		s.Clock.Advance(180 * 24 * time.Hour) // 8 July 2024
		summer := s.User("summer")
		for _, zone := range []struct{ name, winter, summer, iso string }{
			{"Stockholm", "2024-01-10 09:00:00 +0100", "2024-07-08 10:00:00 +0200", "2024-07-08T10:00:00.000+02:00"},
			{"UTC", "2024-01-10 08:00:00 UTC", "2024-07-08 08:00:00 UTC", "2024-07-08T08:00:00.000Z"},
			{"Mumbai", "2024-01-10 13:30:00 +0530", "2024-07-08 13:30:00 +0530", "2024-07-08T13:30:00.000+05:30"},
			{"Europe/London", "2024-01-10 08:00:00 +0000", "2024-07-08 09:00:00 +0100",
				"2024-07-08T09:00:00.000+01:00"},
			{"Newfoundland", "2024-01-10 04:30:00 -0330", "2024-07-08 05:30:00 -0230", "2024-07-08T05:30:00.000-02:30"},
		} {
			caller := s.User("in"+fmt.Sprint(len(zone.name)), object{"admin": true, "timezone": zone.name})
			gone := s.User("gone")
			s.By(caller).Get(winter.Path()).Expect(200).Want(zone.winter, "created_at")
			s.By(caller).Get(summer.Path()).Expect(200).Want(zone.summer, "updated_at")
			s.By(caller).Get("/api/users?search=login=summer").Expect(200).Want(zone.summer, "results", 0, "created_at")
			s.By(caller).Delete(gone.Path()).Expect(200).Want(zone.iso, "created_at")
			s.Admin().Delete(caller.Path()).Expect(200)
		}
	})
}

// readText reads one text from the database.
func readText(s *server, query string, args ...any) string {
	s.T.Helper()
	var text string
	if err := s.DB.Read.Raw(query, args...).Row().Scan(&text); err != nil {
		s.T.Fatalf("%s: %v", query, err)
	}
	return text
}

// nestGroups puts groups inside a group.
func nestGroups(s *server, group int64, members ...int64) {
	s.T.Helper()
	v, err := s.Dir.UpdateUsergroup(s.T.Context(), s.Administrator(), directory.Ref{ID: group},
		directory.UsergroupChange{Members: refs(members...)})
	made(s.T, v, err)
}

// bumpRevisions says the servers that something changed behind their back.
func bumpRevisions(s *server) {
	s.T.Helper()
	s.Execute("UPDATE tallies SET epoch = epoch + 1")
}
