package foreman

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
	"roster/scopes"
)

// parentParam says which record a parameter that ends in _id names.
type parentParam struct {
	resource *scopes.Resource
	// word is how answers name the record.
	word string
	// dashed ids need a dash after the digits; others may be followed by anything.
	ref func(string) directory.Ref
}

var parentParams = map[string]parentParam{
	"user_id":                 {scopes.Users, "User", userRef},
	"usergroup_id":            {scopes.Usergroups, "Usergroup", namedRef},
	"role_id":                 {scopes.Roles, "Role", namedRef},
	"filter_id":               {scopes.Filters, "Filter", numberRef},
	"auth_source_ldap_id":     {scopes.LdapSources, "Auth source ldap", namedRef},
	"auth_source_external_id": {scopes.ExternalSources, "Auth source external", namedRef},
	"auth_source_internal_id": {scopes.InternalSources, "Auth source internal", namedRef},
	"location_id":             {scopes.Locations, "Location", namedRef},
	"organization_id":         {scopes.Organizations, "Organization", namedRef},
}

// namedRef reads an id of the path for records that have names (docs/spec/foreman.md, 2.9).
func namedRef(text string) directory.Ref {
	ref := directory.Ref{ID: rails.DashedID(text)}
	if !rails.IsID(text) {
		ref.Name = text
	}
	return ref
}

// numberRef reads an id of the path for records without names.
func numberRef(text string) directory.Ref {
	ref := directory.Ref{ID: rails.LeadingID(text)}
	if !rails.IsID(text) {
		ref.Name = text // for the answer's wording; such records have no names to match
	}
	return ref
}

// parentError is an unknown parent, which has a shape of its own (docs/spec/foreman.md, 6.4).
type parentError struct{ word, id string }

func (e parentError) Error() string { return e.word + " not found by id '" + printable(e.id) + "'" }

// parents finds the records that a request is nested under: those of the path decide; those that the query or the body
// names beside them, of the kinds that the resource declares, restrict the list further (docs/spec/foreman.md, 19, row
// 19).
func (c *call) parents(declared ...string) ([]directory.Parent, error) {
	return c.parentsFor(c.parentAction(), declared...)
}

// parentsFor does the same for callers who may do something with each of them.
func (c *call) parentsFor(action models.Action, declared ...string) ([]directory.Parent, error) {
	if err := c.emptyParent(); err != nil {
		return nil, err
	}
	var found []directory.Parent
	names := slices.Clone(c.ParamNames())
	for _, name := range c.queryOrder() {
		if slices.Contains(declared, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	// A filter under a role is found by its own id; the role adds nothing.
	if slices.Contains(names, "filter_id") {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "role_id" })
	}
	tenant := false
	for _, name := range names {
		known, ok := parentParams[name]
		text := c.paramText(name)
		if !ok || text == "" {
			continue
		}
		// Of two tenants only the first joins, the other one only scopes (docs/spec/foreman.md, 12.4).
		if isTenant := strings.HasPrefix(name, "location") || strings.HasPrefix(name, "organization"); isTenant {
			if tenant {
				continue
			}
			tenant = true
		}
		parent, err := c.api.dir.ParentOf(c.ctx(), c.p, directory.ParentQuery{
			Resource: known.resource, Ref: known.ref(text), Action: action,
		})
		if models.KindOf(err) == models.NotFound {
			return nil, parentError{known.word, text}
		}
		if err != nil {
			return nil, err
		}
		found = append(found, parent)
	}
	return found, nil
}

// emptyParent returns an error if the path leaves a parent out, as /usergroups//users does. No record has an empty id,
// so the answer is that to an unknown one. Without this, the list would be that of all records.
func (c *call) emptyParent() error {
	for _, name := range c.ParamNames() {
		if known, ok := parentParams[name]; ok && c.leavesOut(name) {
			return parentError{word: known.word}
		}
	}
	return nil
}

// leavesOut reports whether the path has a part of that name which is empty.
func (c *call) leavesOut(name string) bool {
	return slices.Contains(c.ParamNames(), name) && c.Param(name) == ""
}

// paramText returns a parameter from the path or else from the body or the query.
func (c *call) paramText(name string) string {
	if text := c.Param(name); text != "" {
		return text
	}
	return strings.TrimSpace(c.text(name))
}

// parentAction is what nested requests need on the parent: adding and removing is editing it.
func (c *call) parentAction() models.Action {
	if m := c.Request().Method; m == http.MethodPost || m == http.MethodDelete {
		return models.Edit
	}
	return models.View
}

// queryOrder returns the names of the parameters in the order of the body and the query, the body's first.
func (c *call) queryOrder() []string {
	names := make([]string, 0, len(c.body.Object))
	for name := range c.body.Object {
		names = append(names, name)
	}
	slices.Sort(names)
	for pair := range strings.SplitSeq(c.Request().URL.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if text, err := url.QueryUnescape(name); err == nil {
			names = append(names, text)
		}
	}
	return names
}
