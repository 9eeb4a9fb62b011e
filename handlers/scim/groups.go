package scim

import (
	"strings"

	"roster/directory"
	"roster/handlers/scim/filter"
	"roster/handlers/scim/patch"
	"roster/handlers/scim/schema"
	"roster/models"
)

// groups are the groups of an organization (docs/spec/scim.md, 3.2).
type groups struct{ api *API }

func (groups) kind() *schema.ResourceType { return &groupType }

func (groups) fields() fields {
	return fields{
		columns: map[string]string{"id": "uuid", "externalid": "external_id", "displayname": "name",
			"meta.created": "created_on", "meta.lastmodified": "changed_on"},
		lists: map[string][]string{"members": {"member", "member_group"}},
	}
}

func (s groups) list(a asked, q directory.ListQuery) (page, error) {
	found, err := s.api.dir.ProvisionedGroups(a, a.p, q)
	if err != nil {
		return page{}, err
	}
	p := page{total: found.Subtotal}
	for g, err := range found.Rows() {
		if err != nil {
			return p, err
		}
		r, err := s.show(a, g)
		if err != nil {
			return p, err
		}
		p.resources = append(p.resources, r)
	}
	return p, nil
}

func (s groups) get(a asked, id string) (*resource, error) {
	g, err := s.api.dir.ProvisionedGroup(a, a.p, id)
	if err != nil {
		return nil, err
	}
	return s.show(a, g)
}

func (s groups) create(a asked, doc schema.Document) (*resource, error) {
	name, _ := doc["displayName"].(string)
	list := patch.Delta{Op: "add", Values: members(doc["members"])}
	changes, err := s.changes(a, nil, []patch.Delta{list})
	if err != nil {
		return nil, err
	}
	g, err := s.api.dir.ProvisionGroup(a, a.p, directory.ProvisionedGroupChange{Name: models.Some(name),
		ExternalID: models.Some(rawText(doc["externalId"])), Members: changes})
	if err != nil {
		return nil, err
	}
	return s.show(a, g)
}

func (s groups) update(a asked, id string, strict bool, change func(*resource) (update, error)) (*resource, error) {
	g, err := s.api.dir.UpdateProvisionedGroup(a, a.p, id, strict,
		func(g *directory.ProvisionedGroup) (directory.ProvisionedGroupChange, error) {
			var c directory.ProvisionedGroupChange
			r := bare(g)
			u, err := change(r)
			if err != nil {
				return c, err
			}
			if name, ok := u.Document["displayName"].(string); ok && name != g.Name() {
				c.Name = models.Some(name)
			}
			differs(&c.ExternalID, g.Link.ExternalID, rawText(u.Document["externalId"]))
			c.Members, err = s.changes(a, g, u.Deltas)
			return c, err
		})
	if err != nil {
		return nil, err
	}
	return s.show(a, g)
}

func (s groups) remove(a asked, id string, match func(version string) error) error {
	return s.api.dir.DeprovisionGroup(a, a.p, id, match)
}

// bare is a group without its members.
func bare(g *directory.ProvisionedGroup) *resource {
	doc := schema.Document{"displayName": g.Name()}
	set(doc, "externalId", g.Link.ExternalID)
	return &resource{id: g.Link.UUID, row: g.ID, doc: doc, created: g.CreatedAt, changed: g.Changed(),
		version: g.Version(), columns: map[string]any{"uuid": g.Link.UUID, "external_id": g.Link.ExternalID,
			"name": g.Name()}}
}

// maxShown is how many members a group may have that is shown after a change of it.
const maxShown = 1000

// show is a group as a resource, with its members unless nobody wants them.
func (s groups) show(a asked, g *directory.ProvisionedGroup) (*resource, error) {
	r := bare(g)
	if !a.view.Shows("members") {
		return r, nil
	}
	most := directory.MaxProvisionedMembers
	if a.brief {
		most = maxShown + 1
	}
	list, err := s.api.dir.MembersOfProvisioned(a, a.p, g, most)
	if err != nil {
		return nil, err
	}
	if a.brief && len(list) > maxShown {
		r.large = true
		return r, nil
	}
	var shown []any
	for _, m := range list {
		shown = append(shown, member(a, m))
	}
	if shown != nil {
		r.doc["members"] = shown
	}
	return r, nil
}

func member(a asked, m directory.ProvisionedMember) schema.Document {
	kind := &userType
	if m.Group {
		kind = &groupType
	}
	return schema.Document{"value": m.UUID, "$ref": a.location(kind, m.UUID), "type": kind.Name, "display": m.Display}
}

// changes are the changes of members that operations make.
func (s groups) changes(a asked, g *directory.ProvisionedGroup,
	deltas []patch.Delta) ([]directory.MemberChange, error) {
	var list []directory.MemberChange
	var in roll
	for _, d := range deltas {
		c := directory.MemberChange{Replace: d.Op == "replace", Leave: d.Op == "remove"}
		for _, v := range d.Values {
			id, _ := v["value"].(string)
			if strings.HasPrefix(id, bulkReference) {
				return nil, schema.Wrong(schema.InvalidValue, "no operation has the %s", id)
			}
			if id != "" {
				c.UUIDs = append(c.UUIDs, id)
			}
		}
		if d.Filter != nil {
			var err error
			if c.UUIDs, err = s.matching(a, g, &in, d.Filter); err != nil {
				return nil, err
			}
		}
		if len(c.UUIDs) > 0 || c.Replace {
			list = append(list, c)
		}
	}
	return list, nil
}

// maxMatched bounds how many members a change compares with filters.
const maxMatched = 1 << 20

// roll is who is in a group before a change, read once, and only if a filter asks for it.
type roll struct {
	read    bool
	members []schema.Document
	matched int
}

// matching are the members that meet a filter. One that names them is not asked of all members.
func (s groups) matching(a asked, g *directory.ProvisionedGroup, in *roll, x filter.Node) ([]string, error) {
	if ids, ok := named(x); ok {
		return ids, nil
	}
	if !in.read {
		list, err := s.api.dir.MembersOfProvisioned(a, a.p, g, directory.MaxProvisionedMembers)
		if err != nil {
			return nil, err
		}
		in.read = true
		for _, m := range list {
			in.members = append(in.members, member(a, m))
		}
	}
	if in.matched += len(in.members) * filter.Size(x); in.matched > maxMatched {
		return nil, schema.Wrong(schema.InvalidValue, "the filters compare too many members")
	}
	attribute := &groupType.Schema.Attributes[1]
	var ids []string
	for _, m := range in.members {
		ok, err := patch.Match(x, attribute, m)
		if err != nil {
			return nil, err
		}
		if ok {
			ids = append(ids, m["value"].(string))
		}
	}
	return ids, nil
}

// named returns the values that a filter names, if it does nothing else.
func named(x filter.Node) ([]string, bool) {
	switch x := x.(type) {
	case *filter.Compare:
		id, ok := x.Value.(string)
		return []string{id}, ok && x.Op == "eq" && strings.EqualFold(x.Path, "value")
	case *filter.Logic:
		var all []string
		for _, one := range x.X {
			ids, ok := named(one)
			if !ok || !x.Any {
				return nil, false
			}
			all = append(all, ids...)
		}
		return all, true
	}
	return nil, false
}
