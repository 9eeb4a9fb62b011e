package redmine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/directory"
	"roster/test/servertest"
)

// person makes a user as the dialect does, and returns the number.
func person(s *server, login string, more object) int64 {
	s.T.Helper()
	user := object{"login": login, "firstname": strings.ToUpper(login[:1]) + login[1:], "lastname": "Person",
		"mail": login + "@example.org", "password": "a long secret"}
	for name, value := range more {
		user[name] = value
	}
	return s.Admin().Post("/redmine/users.json", object{"user": user}).Expect(http.StatusCreated).Int("user", "id")
}

// logins are those of a list of users.
func logins(a *answer) string {
	a.T.Helper()
	var list []string
	for _, v := range a.Expect(http.StatusOK).Value("users", servertest.Each, "login").([]any) {
		list = append(list, v.(string))
	}
	return strings.Join(list, " ")
}

func TestUsers_Filters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := person(s, "ann", object{"firstname": "Ann_100%", "lastname": "Smith"})
		person(s, "ben", object{"firstname": "Ben", "lastname": "Smithson", "status": 3})
		cleo := person(s, "cleo", object{"firstname": "Cleo", "lastname": "Ånes", "admin": true})
		person(s, "dan", object{"firstname": "Smith", "lastname": "Dan", "status": 2})
		group := s.Group("crew", false, directory.UsergroupChange{Users: servertest.Refs(ann, cleo)})
		s.Execute("INSERT INTO user_mails (user_id, address, lower_address, created_at, updated_at) VALUES "+
			"(?, 'Second@example.com', 'second@example.com', ?, ?)", ann, s.Clock.Now(), s.Clock.Now())
		s.Execute("UPDATE users SET created_at = '2020-02-03 12:00:00+00:00', second_factor = 'totp' WHERE id = ?",
			cleo)
		day := s.Clock.Now().Format("2006-01-02")
		for query, want := range map[string]string{
			"":                                       "admin ann cleo",
			"status=":                                "admin ann ben cleo dan",
			"status=*":                               "admin ann ben cleo dan",
			"status=3":                               "ben",
			"status=2|3":                             "ben dan",
			"status=!3":                              "admin ann cleo dan",
			"status=!*":                              "",
			"status=bogus":                           "",
			"status=0":                               "",
			"status=%2B3":                            "ben",
			"name=smith&status=*":                    "ann ben dan",
			"name=SMITH%20ann":                       "ann",
			"name=ann_":                              "ann",
			"name=_":                                 "ann",
			"name=%25":                               "ann",
			"name=%5C":                               "",
			"name=%27":                               "",
			"name=second@example.com":                "ann",
			"name=econd":                             "ann",
			"name=ånes":                              "cleo",
			"name=":                                  "admin ann cleo",
			"login=ANN":                              "ann",
			"login=an":                               "",
			"login=^a":                               "admin ann",
			"login=$n":                               "admin ann",
			"login=!ann":                             "admin cleo",
			"login=~nn":                              "ann",
			"login=!~n":                              "cleo",
			"login=ann|cleo":                         "ann cleo",
			"firstname=Ann_100%25":                   "ann",
			"firstname=Ann_1%25":                     "",
			"lastname=*~smith%20ånes":                "ann cleo",
			"mail=second@example.com":                "ann",
			"mail=!*":                                "",
			"mail=$@example.org&status=*":            "ann ben cleo dan",
			"admin=1":                                "admin cleo",
			"admin=0&status=*":                       "ann ben dan",
			"admin=!1":                               "ann",
			"auth_source_id=*":                       "",
			"auth_source_id=!*":                      "admin ann cleo",
			"auth_source_id=999":                     "",
			"created_on=2020-02-03":                  "cleo",
			"created_on=<%3D2020-02-03":              "cleo",
			"created_on=>%3D2020-02-04":              "admin ann",
			"created_on=><2020-01-01|2020-12-31":     "cleo",
			"created_on=" + day:                      "admin ann",
			"created_on=t":                           "admin ann",
			"created_on=t-0":                         "admin ann",
			"created_on=<t-1":                        "cleo",
			"created_on=><t-2":                       "admin ann",
			"created_on=y":                           "admin ann",
			"last_login_on=!*":                       "ann cleo",
			"twofa=1":                                "cleo",
			"twofa=0":                                "admin ann",
			"twofa=2":                                "admin ann cleo",
			"twofa_scheme=totp":                      "cleo",
			"updated_on=2020-01-01":                  "admin ann cleo", // a column, no filter
			"f[]=login&op[login]=%3D&v[login][]=ben": "ben",
			"f[]=":                                   "admin ann ben cleo dan",
			"f[]=status&op[status]=!&v[status][]=1":  "ben dan",
			fmt.Sprint("group_id=", group):           "ann cleo",
			fmt.Sprint("group_id=", group, "&name=cleo"): "cleo",
			fmt.Sprint("is_member_of_group=!", group):    "admin",
			"group_id=999":  "",
			"group_id=text": "",
			"group_id=":     "admin ann cleo",
		} {
			for range 2 { // the second time the number is remembered
				found := s.Admin().Get("/redmine/users.json?" + query)
				if got := logins(found); got != want {
					t.Errorf("%s: got %q, want %q", query, got, want)
				}
				found.Want(len(strings.Fields(want)), "total_count")
			}
		}
		for query, want := range map[string]string{
			"created_on=invalid-date": "Created is invalid", "login=": "Login cannot be blank",
			"status[]=1": "Status is invalid", "admin=x": "Administrator is invalid",
			"created_on=t-x": "Created is invalid", "offset=99999999999999999999": "Offset is invalid",
		} {
			s.Admin().Get("/redmine/users.json?" + query).Expect(http.StatusUnprocessableEntity).
				Want(object{"errors": []string{want}})
		}
	})
}

// Pages walk through a list without a gap, whatever they begin with, and tell the total.
func TestUsers_Pages(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for i := range 7 {
			person(s, fmt.Sprintf("user%d", i), object{"lastname": "Same"})
		}
		for query, want := range map[string]string{
			"limit=2": "admin user0", "limit=2&offset=2": "user1 user2", "limit=3&offset=4": "user3 user4 user5",
			"limit=2&page=2": "user1 user2", "limit=2&page=2&offset=1": "user0 user1", "offset=100": "",
			"limit=2&sort=login:desc": "user6 user5", "sort=lastname:desc,login:desc&limit=2": "admin user6",
			"sort=mail,nothing&limit=2": "admin user0", "limit=1e2": "admin",
			"limit=-5&offset=-3": "admin user0 user1 " +
				"user2 user3 user4 user5 user6",
		} {
			a := s.Admin().Get("/redmine/users.json?" + query)
			if got := logins(a); got != want {
				t.Errorf("%s: got %q, want %q", query, got, want)
			}
			a.Want(8, "total_count")
		}
		a := s.Admin().Get("/redmine/users.json?limit=5&offset=3")
		a.Want(3, "offset").Want(5, "limit")
		s.Admin().Get("/redmine/users.json?limit=1000").Want(100, "limit")
		s.Admin().Get("/redmine/users.json?nometa=1").Lacks("total_count")
		s.Admin().With("X-Redmine-Nometa", "1").Get("/redmine/users.xml?limit=1").Lacks("total_count")
	})
}
