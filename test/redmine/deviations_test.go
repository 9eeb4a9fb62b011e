package redmine

import (
	"regexp"
	"strings"
)

// deviations are all recorded pairs that this server answers otherwise, by label.
// The rows are those of docs/spec/redmine.md, 13, or its other sections.
var deviations = withLists(map[string]deviation{
	// Filters of the generic engine.
	"list status=* (5.0)":   {reason: "13, version: * is any status", body: "*"},
	"list status=1|3 (5.0)": {reason: "13, version: several statuses", body: "*"},
	"list sort mail (5.0)":  {reason: "13, version: sorted by mail", body: "*"},

	// What answered 500.
	"list status[]=1":         {reason: "13, faults", status: 422, body: `{"errors":["Status is invalid"]}`},
	"create ctype text/plain": {reason: "13, faults", status: 422, body: noUser},
	"create password numeric": {reason: "13, faults", status: 422, body: `{"errors":["Password is invalid"]}`},
	"create no root":          {reason: "13, faults", status: 422, body: noUser},
	"create empty XML root":   {reason: "13, faults", status: 422, body: noUserXML},
	"create XML wrong root":   {reason: "13, faults", status: 422, body: noUserXML},
	"[B] create JSON body, Content-Type form (curl default)": {reason: "13, faults", status: 422, body: noUser},
	"[B] update user null":  {reason: "13, faults", status: 422, body: noUser},
	"[B] list huge offset":  {reason: "13, faults", status: 422, body: `{"errors":["Offset is invalid"]}`},
	"groups add to builtin": {reason: "13, built-in groups: there are none", status: 404, body: ""},

	// Decisions.
	"list csv":            {reason: "1, the table is no part of the API", status: 200, body: "*"},
	"list trailing slash": {reason: "13, pages for people: there are none", status: 406, body: "*"},
	"show include auth_source (5.0)": {reason: "13, version: include=auth_source",
		mend: func(body string) string {
			return strings.Replace(body, `,"auth_source":{"id":1,"name":"LDAP test server"}`, "", 1)
		}},
	"show anonymous user record": {reason: "13, anonymous account: it has no key",
		mend: func(body string) string {
			return strings.Replace(body, `,"status":0`, `,"api_key":"`+strings.Repeat("0", 40)+`","status":0`, 1)
		}},
	"create auth_source_id unknown": {reason: "13, unknown auth source", status: 422,
		body: `{"errors":["Authentication mode is invalid"]}`},
	"show after group_ids create": {reason: "13, groups on create",
		mend: func(body string) string { return strings.Replace(body, `{"id":16,"name":"A Team"}`, "", 1) }},
	"show after group_ids xml": {reason: "13, memberships by way of a group have no number",
		mend: func(body string) string {
			return strings.Replace(body, "<membership><id>0</id>", "<membership><id>6</id>", 1)
		}},
	"groups show include":     {reason: "13, groups on create", mend: withoutGroupsUser},
	"groups show include xml": {reason: "13, groups on create", mend: withoutGroupsUser},
	"groups show non-admin":   {reason: "13, groups on create", mend: withoutGroupsUser},
	"groups list builtin": {reason: "13, built-in groups: there are none",
		mend: func(body string) string {
			return strings.Replace(body, "]}]}", `]},{"id":2,"name":"Anonymous users","builtin":"anonymous"},`+
				`{"id":3,"name":"Non member users","builtin":"non_member"}]}`, 1)
		}},
	"groups update builtin ignored":       {reason: "13, built-in groups: there are none", status: 404, body: ""},
	"groups delete builtin":               {reason: "13, built-in groups: there are none", status: 404, body: ""},
	"groups remove users body (7.0 only)": {reason: "13, version: several at once", status: 204, body: ""},
	"roles list": {reason: "13, roles: those that are shipped are listed, too",
		mend: withoutShipped},
	"roles list no auth": {reason: "13, roles: those that are shipped are listed, too",
		mend: withoutShipped},
	"roles show":         {reason: "13, roles: permissions are this server's", body: "*"},
	"roles show no auth": {reason: "13, roles: permissions are this server's", body: "*"},
	"[B] custom field not editable: my/account after": {reason: "13, custom fields that are not editable",
		mend: func(body string) string { return strings.Replace(body, `"555-0100"`, `"777"`, 1) }},
	"[B] custom field formats: create": {reason: "13, custom fields of yes and no",
		mend: func(body string) string {
			return strings.Replace(body, `"name":"F bool","value":"1"`, `"name":"F bool","value":"true"`, 1)
		}},
	"[B] custom field formats: show xml": {reason: "13, custom fields of yes and no",
		mend: func(body string) string {
			return strings.Replace(body, `name="F bool"><value>1<`, `name="F bool"><value>true<`, 1)
		}},
	"[B] custom field formats: invalid date and bool": {reason: "13, custom fields of yes and no",
		mend: func(body string) string { return strings.Replace(body, `"F bool is invalid",`, "", 1) }},
	"custom_fields json": {reason: "13, version: what custom fields have more", mend: func(body string) string {
		return regexp.MustCompile(`"(description|is_for_all|editable)":(null|false|true),|,"editable":(true|false)`).
			ReplaceAllString(body, "")
	}},
	"[B] custom fields list (all formats)": {reason: "12, custom fields: in their order", body: "*"},
	"[B] last admin locks self": {reason: "13, one's own account stays open", status: 422,
		body: `{"errors":["Status of one's own account cannot be changed"]}`},
	"[B] after locking self": {reason: "13, one's own account stays open", status: 200, body: "*"},
})

const (
	noUser    = `{"errors":["User cannot be blank"]}`
	noUserXML = `<?xml version="1.0" encoding="UTF-8"?><errors type="array"><error>User cannot be blank</error></errors>`
)

// withoutGroupsUser takes out of a group whom a recorded request did not put into it.
func withoutGroupsUser(body string) string {
	body = regexp.MustCompile(`,\{"id":\d+,"name":"Firstname Lastname"\}`).ReplaceAllString(body, "")
	return regexp.MustCompile(`<user id="\d+" name="Firstname Lastname"/>`).ReplaceAllString(body, "")
}

// withoutShipped takes the roles out of a list that come with this server.
func withoutShipped(body string) string {
	return regexp.MustCompile(`,\{"id":[0-9]{2},"name":"[^"]*"\}`).ReplaceAllString(body, "")
}

// statusInLists are the lists of users: since version 6 they show the status.
var statusInLists = []string{
	"list json default",
	"list xml default",
	"list status=2 registered",
	"list status=3 locked",
	"list status=1|3 (5.0)",
	"list name part",
	"list name with space",
	"list name with space reversed",
	"list name two tokens partial",
	"list name mail",
	"list name blank",
	"list name inactive with status",
	"list group_id",
	"list group_id xml",
	"list group_id two members",
	"list group_id+name",
	"list limit negative",
	"list page+offset",
	"list nometa json",
	"list nometa header",
	"list sort login desc",
	"list sort created_on desc",
	"list sort mail (5.0)",
	"list twofa=0 (5.0)",
	"list jsonp off",
	"list format param",
	"[B] list limit 10.7",
	"[B] list limit \" 3\"",
	"[B] list offset text",
	"[B] list sort two keys last wins",
	"[B] list name + sort + status",
	"[B] list XML limit >100",
	"[B] setting gravatar_enabled=1: list",
	"[B] setting jsonp_enabled=1: callback",
	"[B] custom field default value: list existing user without row",
	"[B] no custom fields defined: list",
	"[B] no custom fields defined: list xml",
}

func withLists(all map[string]deviation) map[string]deviation {
	for _, label := range statusInLists {
		if _, known := all[label]; !known {
			all[label] = deviation{reason: "13, version: lists show the status", mend: withoutStatus}
		}
	}
	return all
}
