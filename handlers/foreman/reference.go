package foreman

import (
	"strings"
)

// Enforcement describes what happens to a value that breaks the documented rule of a parameter of the expected type,
// and whether it is refused. Clients of the original rely on most values being accepted (docs/spec/foreman.md, 3.3 and
// 18.4), so the names here are the complete list of those that are refused.
func Enforcement(fullName, expectedType string) (note string, strict bool) {
	name := strings.TrimSuffix(fullName[strings.LastIndexByte(fullName, '[')+1:], "]")
	nested := fullName != name
	if note := refusals[fullName]; note != "" {
		return note, true
	}
	if note := attributeRefusals[name]; note != "" && nested {
		return note, true
	}
	switch {
	case name == "default_location_id" || name == "default_organization_id":
		return "Unknown id: no default.", false
	case !nested && (name == "id" || strings.HasSuffix(name, "_id")):
		return "Unknown id: 404.", true
	case strings.HasSuffix(name, "_id"):
		return "Unknown id: 422.", true
	case strings.HasSuffix(name, "_ids"):
		return "Unknown id: 422. Anything but a list is ignored.", true
	}
	return looseness[expectedType], false
}

// refusals are what happens to wrong values of single parameters.
var refusals = map[string]string{
	"page":                 "Anything else: 400.",
	"per_page":             "Anything else: 400.",
	"search":               "Invalid search: 400.",
	"order":                "Unknown field: 400.",
	"interval":             "Anything else: 422.",
	"location_id":          "Unknown id: 404.",
	"organization_id":      "Unknown id: 404.",
	"user_id":              "Unknown id: 403, 404 or 422.",
	"mail_notification_id": "Unknown id: 404 or 422.",
	"parameter[value]":     refusedValue, "common_parameter[value]": refusedValue,
	"setting[value]": "A value of another type: 422. An object: 400.",
}

const refusedValue = "A value of another type: 422. Lists and objects are stored as they are."

// Attribute values are coerced first and validated afterwards.
const (
	refusedText = "Invalid value: 422."
	refusedWord = "Any other value: 422."
	refusedZone = "Any other value: 422. Empty: no value."
)

// attributeRefusals are what happens to wrong values of the attributes of records.
var attributeRefusals = map[string]string{
	"name": refusedText, "login": refusedText, "mail": refusedText, "key": refusedText, "ldap_filter": refusedText,
	"server_type": refusedWord, "parameter_type": refusedWord, "timezone": refusedZone, "locale": refusedZone,
	"port":            "Not the number of a port: 422.",
	"customized_type": refusedWord, "field_format": refusedWord, "regexp": refusedText, "possible_values": refusedText,
	"min_length": "Negative: 422.", "max_length": "Negative: 422.",
	"default_value": "A value that the field does not take: 422.",
	"custom_fields": "An unknown field, a value that does not fit, or anything but a list or an object: 422.",
	"search":        "Invalid search: 422.",
	"expires_at":    "Invalid time: 422.",
}

// looseness is how values are converted that are not of the documented type (docs/spec/foreman.md, 3.3).
var looseness = map[string]string{
	"string": "Numbers and booleans are converted to text: true becomes t. Lists and objects are ignored.",
	"boolean": "false: 0, f, false, off, in small or in capital letters. true: any other value. Empty: no value. " +
		"Lists and objects are ignored.",
	"numeric": "The leading digits of a text are used. Lists and objects are ignored.",
	"array":   "Anything but a list is ignored.",
	"hash":    "Anything but an object: 400. Without the object, attributes at the top level of the body are used.",
}

// Casts say how values of other types are converted, by the types of JSON.
func Casts() map[string]string {
	return map[string]string{"string": looseness["string"], "boolean": looseness["boolean"],
		"integer": looseness["numeric"], "integer[]": looseness["array"], "object": looseness["hash"]}
}

// The types below stand for answers and bodies in the documentation alone: answers are written as streams, and bodies
// are read attribute by attribute, because what clients may send is looser than any type (docs/spec/foreman.md, 3).

// listOf is a page of records.
type listOf[T any] struct {
	Total    int64    `json:"total"`    // Records that you may see
	Subtotal int64    `json:"subtotal"` // Records that match the search
	Page     int64    `json:"page"`
	PerPage  int64    `json:"per_page"`
	Search   *string  `json:"search"`
	Sort     sortedBy `json:"sort"`
	Results  []T      `json:"results"`
}

// errorAnswer, refusalAnswer and invalidAnswer are what refused requests are answered with.
type (
	errorAnswer struct {
		Error errorBody `json:"error"`
	}
	refusalAnswer struct {
		Error refusal `json:"error"`
	}
	invalidAnswer struct {
		Error invalidBody `json:"error"`
	}
)

var _ = []any{
	listOf[nothing]{}, errorAnswer{}, refusalAnswer{}, invalidAnswer{}, authSourceExternalBody{}, authSourceLdapBody{},
	bookmarkBody{}, commonParameterBody{}, customFieldBody{}, externalUsergroupBody{}, filterBody{}, locationBody{},
	mailNotificationBody{}, membershipBody{},
	mailNotificationUpdateBody{}, organizationBody{}, parameterBody{}, personalAccessTokenBody{}, roleBody{},
	scimTokenBody{}, settingBody{}, sshKeyBody{}, tablePreferenceBody{},
	tablePreferenceUpdateBody{}, usergroupBody{}, userBody{},
}
