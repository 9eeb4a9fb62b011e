package foreman

import (
	"roster/handlers/rails"
	"roster/models"
)

// labels are the names that full messages use for attributes, where they differ from the attribute's own words
// (docs/spec/foreman.md, 6.7).
var labels = map[string]map[string]string{
	"users": {"login": "Username", "firstname": "First name", "lastname": "Surname", "mail": "Email address",
		"admin":    "Administrator",
		"role_ids": "Role ids", "location_ids": "Location ids", "organization_ids": "Organization ids"},
	"usergroups": {"admin": "Administrator"},
	"roles": {"builtin": "Built-in", "location_ids": "Location ids",
		"organization_ids": "Organization ids"},
	"filters":                {"location_ids": "Location ids", "organization_ids": "Organization ids"},
	"locations":              {"ignore_types": "All objects"},
	"organizations":          {"ignore_types": "All objects"},
	"auth_source_ldaps":      authSourceLabels,
	"auth_source_externals":  authSourceLabels,
	"personal_access_tokens": {},
}

var authSourceLabels = map[string]string{
	"host": "Server", "account": "Account username", "base_dn": "Base DN", "tls": "TLS",
	"onthefly_register": "Automatically create accounts in Foreman",
	"attr_login":        "Login name attribute", "attr_firstname": "First name attribute",
	"attr_lastname": "Surname attribute", "attr_mail": "Email address attribute",
	"location_ids": "Location ids", "organization_ids": "Organization ids",
}

// fullMessage is an error as a sentence.
func fullMessage(resource string, e models.FieldError) string {
	text := sentence(e.Attr, e.Broken)
	if e.Attr == models.Base {
		return text
	}
	return label(resource, e.Attr) + " " + text
}

func label(resource, attr string) string {
	if l, ok := labels[resource][attr]; ok {
		return l
	}
	return rails.Humanize(attr)
}
