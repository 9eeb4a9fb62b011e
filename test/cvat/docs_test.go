package cvat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"roster/docs"
	"roster/handlers/cvat"
)

// Every route is in the document, and nothing else.
func TestDocs_Routes(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(docs.CVAT, &doc); err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for path, item := range doc.Paths {
		for method := range item {
			documented[strings.ToUpper(method)+" "+path] = true
		}
	}
	named := regexp.MustCompile(`:(\w+)`)
	for _, r := range new(cvat.API).Routes() {
		line := r.Method + " " + named.ReplaceAllString(r.Path, "{$1}")
		if !documented[line] {
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
		p := newPlace(s)
		answers := map[string]string{
			"/users?page_size=1": "usersAnswer", "/users/self": "fullUser",
			fmt.Sprint("/users/", p.user):                 "fullUser",
			"/organizations":                              "organizationsAnswer",
			fmt.Sprint("/organizations/", p.organization): "organizationRead",
			"/memberships?org=here":                       "membershipsAnswer",
			fmt.Sprint("/memberships/", p.membership):     "membershipRead",
			"/invitations?org=here":                       "invitationsAnswer", "/invitations/" + p.invitation: "invitationRead",
			"/auth/access_tokens": "tokensAnswer", fmt.Sprint("/auth/access_tokens/", p.token): "tokenRead",
			"/server/about": "aboutRead",
		}
		for path, name := range answers {
			a := s.Admin().Get("/cvat/api" + path).Expect(200)
			var got map[string]any
			if err := json.Unmarshal(a.Body, &got); err != nil {
				t.Fatal(err)
			}
			want := reflect.TypeOf(cvat.Documented()[name])
			checkKeys(t, path, want, got)
		}
		page := s.Nobody().Get("/cvat/api/swagger/index.html").Expect(200)
		if !bytes.Contains(page.Body, []byte("swagger-ui")) || bytes.Contains(page.Body, []byte("//unpkg")) {
			t.Errorf("no page of Swagger: %s", page)
		}
		for _, path := range []string{"/cvat/api/swagger/", "/cvat/api/docs/", "/cvat/api/swagger", "/cvat/api/docs"} {
			s.Nobody().Get(path).Expect(302)
		}
		s.Nobody().Get("/cvat/api/swagger/doc.json").Expect(200).Want("/cvat", "basePath")
		s.Nobody().Get("/cvat/api/schema/?scheme=json").Expect(200).Want("/cvat", "basePath").Want("2.0", "info", "version")
	})
}

// checkKeys compares the keys of an object, and of those inside it, with a type.
func checkKeys(t *testing.T, path string, want reflect.Type, got map[string]any) {
	t.Helper()
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(want) {
		name, more, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous {
			continue
		}
		known[name] = true
		value, there := got[name]
		if !there && more != "omitempty" {
			t.Errorf("%s has no %s", path, name)
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if list, ok := value.([]any); ok && len(list) > 0 && inner.Kind() == reflect.Struct {
			value = list[0]
		}
		if object, ok := value.(map[string]any); ok && inner.Kind() == reflect.Struct {
			checkKeys(t, path+" "+name, inner, object)
		}
	}
	for name := range got {
		if !known[name] {
			t.Errorf("%s has %s, which is not documented", path, name)
		}
	}
}
