package foreman

import (
	"encoding/json"
	"strings"
	"testing"

	"roster/docs"
)

// Attributes that mean nothing to the server are ignored, as Foreman does, and named in a header.
func TestIgnored(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		made := s.Admin().Post("/api/users", object{"user": object{"login": "ann", "password": "x1", "auth_source_id": 1,
			"organisation_ids": []int64{3}, "pasword": "x", "a\"\r\nb": 1, "id": 9}}).Expect(201)
		if got, want := made.Header.Get("Warning"), `299 - "ignored: organisation_ids, pasword"`; got != want {
			t.Errorf("got the warning %s, want %s", got, want)
		}
		s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": object{"name": "lone", "host": "localhost",
			"attr_login": "uid", "onthefly_register": true, "location_ids": []int64{}, "organization_ids": []int64{}}}).Expect(201)
	})
}

// Nothing that the documents know is told to be ignored.
func TestIgnored_DocumentedAttributes(t *testing.T) {
	var document struct {
		Definitions map[string]struct {
			Properties map[string]struct {
				Ref   string `json:"$ref"`
				AllOf []struct {
					Ref string `json:"$ref"`
				}
				Properties map[string]any
			}
		}
	}
	if err := json.Unmarshal(docs.Swagger, &document); err != nil {
		t.Fatal(err)
	}
	routes := map[string]string{"user": "/api/users/1", "usergroup": "/api/usergroups/1", "role": "/api/roles/1",
		"filter": "/api/filters/1", "organization": "/api/organizations/1", "location": "/api/locations/2",
		"auth_source_ldap": "/api/auth_source_ldaps/1", "auth_source_external": "/api/auth_source_externals/3",
		"personal_access_token": "/api/users/1/personal_access_tokens", "ssh_key": "/api/users/1/ssh_keys",
		"membership": "/api/organizations/1/memberships/1", "bookmark": "/api/bookmarks/1", "setting": "/api/settings/x",
		"parameter": "/api/organizations/1/parameters/x", "common_parameter": "/api/common_parameters/x",
		"custom_field": "/api/custom_fields/1", "scim_token": "/api/organizations/1/scim_tokens"}
	onBoth(t, func(t *testing.T, s *server) {
		checked := 0
		for name, body := range document.Definitions {
			if !strings.HasSuffix(name, "Body") {
				continue
			}
			for root, property := range body.Properties {
				ref := property.Ref
				for _, of := range property.AllOf {
					ref = of.Ref
				}
				attributes := document.Definitions[strings.TrimPrefix(ref, "#/definitions/")].Properties
				if routes[root] == "" || len(attributes) == 0 {
					continue
				}
				sent := object{}
				for attribute := range attributes {
					sent[attribute] = []any{object{}} // which is nothing's value
				}
				method := "PUT"
				if strings.HasSuffix(routes[root], "s") {
					method = "POST"
				}
				if got := s.Admin().Do(method, routes[root], object{root: sent}).Header.Get("Warning"); got != "" {
					t.Errorf("%s %s: %s", method, root, got)
				}
				checked++
			}
		}
		if checked < 10 {
			t.Errorf("only %d bodies were found", checked)
		}
	})
}
