package redmine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"roster/docs"
	"roster/handlers/redmine"
)

// undocumented are routes that answer refusals alone, and one that another line describes.
var undocumented = map[string]bool{
	"GET /users/new": true, "GET /users/{id}/edit": true, "POST /users/{id}/memberships": true, "GET /my/api_key": true,
	"GET /my/password": true, "GET /users/current": true,
}

// Every route is in the document, and nothing else.
func TestDocs_Routes(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(docs.Redmine, &doc); err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for path, item := range doc.Paths {
		for method := range item {
			path := strings.TrimSuffix(strings.TrimPrefix(path, redmine.Prefix), ".{format}")
			documented[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range new(redmine.API).Routes() {
		line := r.Method + " " + strings.NewReplacer(":id", "{id}", ":user_id", "{user_id}").Replace(r.Path)
		if !documented[line] && !undocumented[line] {
			t.Errorf("%s is not in the document", line)
		}
		delete(documented, line)
	}
	for line := range documented {
		t.Errorf("%s is documented, and no route", line)
	}
}

// Answers have the keys that the document announces, and no others.
func TestDocs_Answers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		s.Execute("INSERT INTO custom_fields (id, subject, name, format, position, possible_values, created_at, "+
			"updated_at) "+
			"VALUES (1, 'user', 'Room', 'list', 1, '[\"A\"]', ?, ?)", s.Clock.Now(), s.Clock.Now())
		set(s, "redmine_gravatar_enabled", true)
		for path, name := range map[string]string{
			"/users.json?include=auth_source":                                "usersAnswer",
			fmt.Sprintf("/users/%d.json?include=groups,memberships", w.user): "userAnswer",
			"/my/account.json":    "accountAnswer",
			"/groups.json":        "groupsAnswer",
			"/roles.json":         "rolesAnswer",
			"/projects.json":      "projectsAnswer",
			"/custom_fields.json": "customFieldsAnswer",
			fmt.Sprintf("/groups/%d.json?include=users,memberships", w.group): "groupAnswer",
			fmt.Sprintf("/roles/%d.json", w.role):                             "roleAnswer",
			fmt.Sprintf("/projects/%d.json", w.organization):                  "projectAnswer",
			fmt.Sprintf("/projects/%d/memberships.json", w.organization):      "membershipsAnswer",
			fmt.Sprintf("/memberships/%d.json", w.membership):                 "membershipAnswer",
			"/users.json?created_on=x":                                        "errorsAnswer",
		} {
			a := s.Admin().Get(redmine.Prefix + path)
			dec := json.NewDecoder(bytes.NewReader(a.Body))
			dec.DisallowUnknownFields()
			answer := reflect.New(reflect.TypeOf(redmine.Documented()[name]))
			if err := dec.Decode(answer.Interface()); err != nil ||
				reflect.ValueOf(answer.Elem().Interface()).IsZero() {
				t.Errorf("%s is no %s: %v\n%s", path, name, err, a)
			}
		}
		s.Nobody().Get("/redmine/swagger/doc.json").Expect(200).Want("7", "info", "version")
		s.Nobody().Get("/redmine/swagger").Expect(302)
		s.Nobody().Get("/redmine/swagger/index.html").Expect(200)
		s.Nobody().Get("/swagger/doc.json").Expect(200).Want("2", "info", "version")
	})
}
