package apipie_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/docs"
	"roster/docs/apipie"
)

// fact is what the original's documentation says of a parameter: expected type, validator, required, allow_nil.
type fact struct {
	Type, Validator    string
	Required, AllowNil bool
}

func (f *fact) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&f.Type, &f.Validator, &f.Required, &f.AllowNil})
}

type methodFacts struct {
	APIs   []string        `json:"apis"`
	Params map[string]fact `json:"params"`
}

// elsewhere are parameters about things that this server does not have: hosts, and what is made for them. Naming one
// must fail in the client, not be ignored here.
var elsewhere = []string{"compute_resource_ids", "domain_ids", "environment_ids", "hostgroup_ids", "medium_ids",
	"provisioning_template_ids", "ptable_ids", "realm_ids", "smart_proxy_ids", "subnet_ids"}

// further are parameters that the original does not know.
var further = []string{"user[revoke_tokens]"}

// longer lists may offer more than the original's, or the same in another order: languages that the users API document
// has besides, and time zones in its order.
var longer = []string{"user[locale]", "user[timezone]"}

// The documentation says of every resource, method and parameter what the original's says, but for the differences
// above.
func TestFacts(t *testing.T) {
	doc, err := apipie.FromSwagger(docs.Swagger)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var facts map[string]map[string]methodFacts
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	// What the original does not have.
	ours := map[string]bool{"users.effective_permissions": true, "users.restore": true, "organizations.organization[slug]": true,
		"users.user[custom_fields]": true, "users.user[expires_at]": true, "users.user[further_mails]": true,
		"users.user[must_change_password]": true, "usergroups.usergroup[custom_fields]": true}
	if len(facts) != 17 {
		t.Fatalf("the facts are about %d resources", len(facts))
	}
	for resource, methods := range facts {
		r, _ := doc.Find(resource, "")
		if r == nil {
			t.Errorf("there is no %s", resource)
			continue
		}
		for _, m := range r.Methods {
			if _, known := methods[m.Name]; !known && !ours[resource+"."+m.Name] {
				t.Errorf("%s.%s is not in the facts", resource, m.Name)
			}
		}
		for name, want := range methods {
			_, m := doc.Find(resource, name)
			if m == nil {
				t.Errorf("there is no %s.%s", resource, name)
				continue
			}
			got := factsOf(want, m)
			maps.DeleteFunc(got.Params, func(name string, _ fact) bool { return ours[resource+"."+name] })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s.%s (-want +got):\n%s", resource, name, diff)
			}
		}
	}
}

// factsOf returns the facts of a method as far as they have to be alike.
func factsOf(want methodFacts, m *apipie.Method) methodFacts {
	got := methodFacts{Params: map[string]fact{}}
	for _, a := range m.APIs {
		got.APIs = append(got.APIs, a.HTTPMethod+" "+a.APIURL)
	}
	var add func([]*apipie.Param)
	add = func(params []*apipie.Param) {
		for _, p := range params {
			if slices.Contains(further, p.FullName) {
				continue
			}
			f := fact{Type: p.ExpectedType, Validator: p.Validator, Required: p.Required, AllowNil: p.AllowNil}
			if w, ok := want.Params[p.FullName]; ok && slices.Contains(longer, p.FullName) &&
				covers(p.Validator, w.Validator) {
				f.Validator = w.Validator
			}
			got.Params[p.FullName] = f
			add(p.Params)
		}
	}
	add(m.Params)
	for name, f := range want.Params {
		inner := strings.TrimSuffix(name[strings.IndexByte(name, '[')+1:], "]")
		if _, there := got.Params[name]; !there && slices.Contains(elsewhere, inner) {
			got.Params[name] = f
		}
	}
	return got
}

// covers reports whether a list of values has all of another.
func covers(ours, theirs string) bool {
	values := func(text string) []string {
		return strings.Split(strings.TrimSuffix(strings.TrimPrefix(text, "Must be one of: "), "."), ", ")
	}
	mine := values(ours)
	return !slices.ContainsFunc(values(theirs), func(v string) bool { return !slices.Contains(mine, v) })
}

// What clients demand of every document (docs/spec/hammer.md, 0 and 2).
func TestDocument_WhatClientsRelyOn(t *testing.T) {
	var parsed struct {
		Docs struct {
			Resources map[string]struct {
				Methods []map[string]any
			}
		}
	}
	if err := json.Unmarshal(apipie.Builtin(), &parsed); err != nil {
		t.Fatal(err)
	}
	resources := parsed.Docs.Resources
	for _, name := range []string{"architectures", "compute_resources", "domains", "hostgroups", "locations", "media",
		"operatingsystems", "organizations",
		"provisioning_templates", "ptables", "roles", "smart_proxies", "subnets", "usergroups", "users", "hosts"} {
		if r, ok := resources[name]; !ok || r.Methods == nil {
			t.Errorf("%s is not listed with its methods, which may be none", name)
		}
	}
	hosts := resources["hosts"].Methods
	if len(hosts) != 2 || hosts[0]["name"] != "create" || hosts[1]["name"] != "update" {
		t.Fatalf("hosts: got %v, want create and update", hosts)
	}
	for _, m := range hosts {
		params := m["params"].([]any)
		host := params[len(params)-1].(map[string]any)
		list := host["params"].([]any)[0].(map[string]any)
		if host["name"] != "host" || list["name"] != "host_parameters_attributes" || list["expected_type"] != "array" ||
			len(list["params"].([]any)) == 0 {
			t.Errorf("hosts.%s: clients make their commands from the parameters of hosts, got %v", m["name"], host)
		}
	}
	for name, r := range resources {
		for _, m := range r.Methods {
			if apis, _ := m["apis"].([]any); len(apis) == 0 {
				t.Errorf("%s.%s has no route", name, m["name"])
			} else if verb := apis[0].(map[string]any)["http_method"]; verb == "PATCH" {
				t.Errorf("%s.%s is a PATCH", name, m["name"])
			}
			eachParam(m["params"].([]any), func(p map[string]any) {
				if _, ok := p["description"].(string); !ok || p["expected_type"] == "" || p["name"] == "" {
					t.Errorf("%s.%s: %v lacks a description, a type or a name", name, m["name"], p)
				}
				if text, _ := p["name"].(string); strings.HasSuffix(text, "_ids") && p["expected_type"] != "array" {
					t.Errorf("%s.%s: %s is no array", name, m["name"], text)
				}
			})
		}
	}
}

func eachParam(params []any, visit func(map[string]any)) {
	for _, v := range params {
		p := v.(map[string]any)
		visit(p)
		if inner, ok := p["params"].([]any); ok {
			eachParam(inner, visit)
		}
	}
}

// The copy for clients without a server is the document of this very program.
func TestBuiltin_IsTheDocument(t *testing.T) {
	doc, err := apipie.FromSwagger(docs.Swagger)
	if err != nil {
		t.Fatal(err)
	}
	if string(doc.JSON())+"\n" != string(apipie.Builtin()) {
		t.Error("docs/apipie/v2.json is out of date: run make generate")
	}
}
