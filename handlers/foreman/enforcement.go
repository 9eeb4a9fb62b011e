package foreman

import "strings"

// Enforcement tells what happens to a value that breaks the rule that the documentation prints for a parameter of the
// expected type, and whether it is refused. Clients of the original rely on most of it being loose (spec, sections 3.3
// and 18.4), so the names here are the one list of what is not.
func Enforcement(fullName, expectedType string) (note string, strict bool) {
	name := strings.TrimSuffix(fullName[strings.LastIndexByte(fullName, '[')+1:], "]")
	nested := fullName != name
	switch name {
	case "page", "per_page":
		return "Anything else is answered with 400.", true
	case "search":
		if !nested {
			return "One that cannot be read is answered with 400.", true
		}
		return "One that cannot be read is answered with 422.", true
	case "order":
		return "An unknown field is answered with 400.", true
	case "timezone", "locale", "server_type", "parameter_type", "interval", "expires_at", "mail", "ldap_filter", "port", "name", "login", "key":
		if nested || name == "interval" {
			return "Anything else is answered with 422.", true
		}
	case "default_location_id", "default_organization_id":
		return "One that does not exist counts as none.", false
	}
	switch {
	case !nested && (name == "user_id" || name == "mail_notification_id"):
		return "One that does not exist is answered with 404 or 422.", true
	case !nested && (name == "id" || strings.HasSuffix(name, "_id")):
		return "One that does not exist is answered with 404.", true
	case strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids"):
		return "One that does not exist is answered with 422.", true
	}
	return looseness[expectedType], false
}

// looseness is how values are taken that are not of the documented type (spec, section 3.3).
var looseness = map[string]string{
	"string":  "Taken loosely: numbers and true or false count as their text; a list or an object is passed over.",
	"boolean": "Taken loosely: 0, f, false and off in any case are false, anything else is true; a list or an object is passed over.",
	"numeric": "Taken loosely: the digits that a text begins with count.",
	"array":   "Taken loosely: anything but a list is passed over.",
	"hash":    "Taken loosely: without it, attributes at the top level of the body count.",
}
