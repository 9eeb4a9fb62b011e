package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"roster/config"
	"roster/docs"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// exampleRequest is a request whose answer is an example of a method.
type exampleRequest struct {
	// key is the resource and the method; empty for what only prepares another.
	key, verb, path string
	body            any
	// as is who asks: the provider, unless it is "ann" or "nobody".
	as string
	// keep is the name by which later requests have the id of the answer in their paths and bodies.
	keep string
}

const examplesFile = "../../docs/scim-examples.json"

// exampleLines is how many lines an example has at most.
const exampleLines = 80

func patchExample(ops ...any) object { return object{"schemas": list{patchURI}, "Operations": ops} }

// examples are requests in their order, one for each method of the document at least.
func examples() []exampleRequest {
	bob := object{"schemas": list{userURI, enterpriseURI}, "externalId": "00u7", "userName": "bob",
		"name":        object{"givenName": "Bob", "familyName": "Berg"},
		"emails":      list{object{"value": "bob@example.com", "type": "work", "primary": true}},
		enterpriseURI: object{"department": "Tours"}}
	again := object{"schemas": list{userURI}, "userName": "bob", "name": object{"givenName": "Bob", "familyName": "Berger"},
		"emails": list{object{"value": "bob@example.com", "type": "work", "primary": true}}}
	find := object{"schemas": list{searchURI}, "filter": `userName eq "bob"`, "attributes": list{"userName", "emails"}}
	return []exampleRequest{
		{key: "discovery.config", verb: "GET", path: "/ServiceProviderConfig", as: "nobody"},
		{key: "discovery.types", verb: "GET", path: "/ResourceTypes", as: "nobody"},
		{key: "discovery.schemas", verb: "GET", path: "/Schemas", as: "nobody"},
		{key: "users.create", verb: "POST", path: "/Users", body: bob, keep: "bob"},
		{key: "users.index", verb: "GET", path: "/Users?filter=" + escape(`externalId eq "00u7"`)},
		{key: "users.search", verb: "POST", path: "/Users/.search", body: find},
		{key: "users.show", verb: "GET", path: "/Users/{bob}"},
		{key: "users.update", verb: "PATCH", path: "/Users/{bob}",
			body: patchExample(op("Replace", "active", "False"), op("Add", `phoneNumbers[type eq "mobile"].value`, "+49 30 1"))},
		{key: "users.replace", verb: "PUT", path: "/Users/{bob}", body: again},
		{verb: "POST", path: "/Users", body: object{"schemas": list{userURI}, "userName": "carol"}, keep: "carol"},
		{key: "groups.create", verb: "POST", path: "/Groups", body: object{"schemas": list{groupURI}, "displayName": "Crew",
			"members": list{object{"value": "{bob}"}}}, keep: "crew"},
		{key: "groups.index", verb: "GET", path: "/Groups?excludedAttributes=members&filter=" + escape(`displayName eq "Crew"`)},
		{key: "groups.search", verb: "POST", path: "/Groups/.search",
			body: object{"schemas": list{searchURI}, "filter": `members.value eq "{bob}"`}},
		{key: "groups.show", verb: "GET", path: "/Groups/{crew}"},
		{key: "groups.update", verb: "PATCH", path: "/Groups/{crew}",
			body: patchExample(op("Add", "members", list{object{"value": "{carol}"}}),
				object{"op": "Remove", "path": `members[value eq "{bob}"]`})},
		{key: "groups.replace", verb: "PUT", path: "/Groups/{crew}",
			body: object{"schemas": list{groupURI}, "displayName": "Road crew", "members": list{object{"value": "{bob}"}}}},
		{key: "searches.search", verb: "POST", path: "/.search",
			body: object{"schemas": list{searchURI}, "filter": `displayName sw "road"`, "count": 10}},
		{key: "bulk.create", verb: "POST", path: "/Bulk", body: object{"schemas": list{bulkURI}, "failOnErrors": 1,
			"Operations": list{object{"method": "POST", "path": "/Users", "bulkId": "dan",
				"data": object{"schemas": list{userURI}, "userName": "dan"}},
				object{"method": "POST", "path": "/Groups", "bulkId": "staff", "data": object{"schemas": list{groupURI},
					"displayName": "Staff", "members": list{object{"value": "bulkId:dan"}}}}}}},
		{key: "me.show", verb: "GET", path: "/Me", as: "ann"},
		{key: "me.update", verb: "PATCH", path: "/Me", as: "ann",
			body: patchExample(op("replace", "name.familyName", "Archer"))},
		{key: "groups.destroy", verb: "DELETE", path: "/Groups/{crew}"},
		{key: "users.destroy", verb: "DELETE", path: "/Users/{bob}"},
	}
}

var anyUUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// exampler makes requests one after the other.
type exampler struct {
	*provider
	kept map[string]string
	// told are the ids that were told, in their order.
	told []string
}

// fill puts ids in the place of their names.
func (e *exampler) fill(text string) string {
	for name, id := range e.kept {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}

// hide takes out of a text what differs from run to run.
func (e *exampler) hide(text string) string {
	text = anyUUID.ReplaceAllStringFunc(text, func(id string) string {
		for i, one := range e.told {
			if one == id {
				return fmt.Sprintf("5f0c1a2e-7b44-4c9d-9d3e-%012d", i+1)
			}
		}
		e.told = append(e.told, id)
		return fmt.Sprintf("5f0c1a2e-7b44-4c9d-9d3e-%012d", len(e.told))
	})
	lines := strings.SplitAfter(strings.ReplaceAll(text, e.Server.URL, "https://example.com"), "\n")
	if len(lines) > exampleLines {
		lines = append(lines[:exampleLines:exampleLines], "...\n")
	}
	return strings.Join(lines, "")
}

func (e *exampler) client(as string) *client {
	switch as {
	case "nobody":
		return e.Server.Nobody()
	case "ann":
		return e.Server.As("ann", "secret of ann")
	}
	return e.provider.client
}

// The worked examples of the documentation are what a server answers, and every method has one.
func TestDocs_Examples(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.Start(t, db)
		e := &exampler{provider: newProvider(s, "acme"), kept: map[string]string{}}
		s.User("ann", object{"organization_ids": []int64{e.id}, "firstname": "Ann"})
		got := map[string]string{}
		for _, x := range examples() {
			path := e.fill(e.at(x.path))
			var body any
			sent := ""
			if x.body != nil {
				body = e.fill(jsonText(x.body))
				sent = indentedJSON(t, []byte(body.(string)))
			}
			a := e.client(x.as).Do(x.verb, path, body)
			if a.Status >= http.StatusBadRequest {
				t.Errorf("%s", a)
				continue
			}
			if x.keep != "" {
				e.kept[x.keep] = text(a, "id")
			}
			if x.key != "" {
				got[x.key] = e.hide(x.verb + " " + path + "\n" + sent + fmt.Sprintln(a.Status) + indentedJSON(t, a.Body))
			}
		}
		everyMethod(t, got)
		servertest.CompareExamples(t, examplesFile, "docs/scim-examples.json", got)
	})
}

func indentedJSON(t *testing.T, text []byte) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// everyMethod checks that each documented method has an example.
func everyMethod(t *testing.T, got map[string]string) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Tags  []string
			About struct{ Method string } `json:"x-apipie"`
		}
	}
	if err := json.Unmarshal(docs.SCIM, &doc); err != nil {
		t.Fatal(err)
	}
	methods := 0
	for _, item := range doc.Paths {
		for _, one := range item {
			if key := one.Tags[0] + "." + one.About.Method; got[key] == "" {
				t.Errorf("%s has no example", key)
			}
			methods++
		}
	}
	if methods < 21 {
		t.Errorf("only %d methods are documented", methods)
	}
}
