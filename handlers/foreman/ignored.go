package foreman

import (
	"regexp"
	"slices"
	"strings"
)

// wrapped are the attributes of a root key that count below it alone. References are not among them.
var wrapped = map[string][]string{
	"user":                 {"admin"},
	"filter":               {"role_name", "unlimited"},
	"external_usergroup":   {"name", "auth_source_id", "auth_source_name"},
	"organization":         {"parent_id", "slug", "select_all_types", "organization_parameters_attributes"},
	"location":             {"parent_id", "select_all_types", "location_parameters_attributes"},
	"auth_source_external": {"name"},
}

// references are the attributes that name other records: role_ids, role_names or roles.
var references = regexp.MustCompile(`^(role|user|usergroup|location|organization|permission)(s|_ids|_names)$`)

// shown are attributes of answers that nobody sets. Clients that send a whole record back mean nothing by them.
var shown = []string{"id", "created_at", "updated_at"}

// plain are names that can stand in a header as they are.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// mostIgnored bounds how many names are told.
const mostIgnored = 10

// tellIgnored names attributes that mean nothing to this server in the header Warning. They are ignored, as Foreman
// does, but a misspelt name would be noticed by nobody.
func (c *call) tellIgnored(root string, sent attrs, unwrapped []string) {
	var names []string
	for name := range sent {
		known := slices.Contains(unwrapped, name) || slices.Contains(wrapped[root], name) ||
			slices.Contains(shown, name) || references.MatchString(name)
		if !known && plain.MatchString(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	c.warn("ignored: " + strings.Join(names[:min(len(names), mostIgnored)], ", "))
}

// warn adds a sentence to the answer that changes nothing about it.
func (c *call) warn(text string) { c.Response().Header().Add("Warning", `299 - "`+text+`"`) }
