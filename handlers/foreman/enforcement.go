package foreman

import "strings"

// Enforcement tells what happens to a value that breaks the rule that the documentation prints for a parameter. Clients
// of the original rely on most of it being loose (spec, sections 3.3 and 18.4), so this is the one list of what is not:
// all else is taken as well as it can be, "5" for 5 and "yes" for true.
func Enforcement(fullName string) string {
	name := fullName[strings.LastIndexByte(fullName, '[')+1:]
	switch name = strings.TrimSuffix(name, "]"); name {
	case "page", "per_page":
		return "Anything else is answered with 400."
	case "search", "order", "location_id", "organization_id":
		if fullName == name {
			return map[string]string{"search": "One that cannot be read is answered with 400.", "order": "An unknown field is answered with 400."}[name]
		}
	case "timezone", "locale", "server_type", "interval", "expires_at", "mail", "ldap_filter", "port", "name", "login", "key":
		return "Anything else is answered with 422."
	}
	if fullName != name && !strings.HasPrefix(name, "default_") && (strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids")) {
		return "What is not there is answered with 422."
	}
	return ""
}
