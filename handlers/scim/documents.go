package scim

import (
	"maps"
	"reflect"

	"roster/directory"
	"roster/handlers/scim/schema"
	"roster/models"
	"roster/scopes/search"
)

// documents are resources of a type that means nothing here: they are kept as they are (docs/spec/scim.md, 3).
type documents struct {
	api *API
	of  *schema.ResourceType
}

func (s documents) kind() *schema.ResourceType { return s.of }

func (documents) fields() fields {
	return fields{columns: map[string]string{"id": "uuid", "externalid": "external_id", "meta.created": "created_on",
		"meta.lastmodified": "changed_on"}}
}

func (s documents) show(d *directory.ProvisionedDocument) *resource {
	doc := decoded(d.Link.Extra)
	set(doc, "externalId", d.Link.ExternalID)
	return &resource{id: d.Link.UUID, row: d.Link.ID, doc: doc, created: d.Link.CreatedAt, changed: d.Link.UpdatedAt,
		version: d.Version(), columns: map[string]any{"uuid": d.Link.UUID, "external_id": d.Link.ExternalID}}
}

func (s documents) list(a asked, q directory.ListQuery) (page, error) {
	found, err := s.api.dir.ProvisionedDocuments(a, a.p, s.of.Name, q)
	if err != nil {
		return page{}, err
	}
	p := page{total: found.Subtotal}
	for d, err := range found.Rows() {
		if err != nil {
			return p, err
		}
		p.resources = append(p.resources, s.show(d))
	}
	return p, nil
}

func (s documents) get(a asked, id string) (*resource, error) {
	d, err := s.api.dir.ProvisionedDocument(a, a.p, s.of.Name, id)
	if err != nil {
		return nil, err
	}
	return s.show(d), nil
}

func (s documents) create(a asked, doc schema.Document) (*resource, error) {
	d, err := s.api.dir.ProvisionDocument(a, a.p, s.of.Name, s.change(schema.Document{}, doc))
	if err != nil {
		return nil, err
	}
	return s.show(d), nil
}

func (s documents) update(a asked, id string, _ bool, change func(*resource) (update, error)) (*resource, error) {
	d, err := s.api.dir.UpdateProvisionedDocument(a, a.p, s.of.Name, id,
		func(d *directory.ProvisionedDocument) (directory.ProvisionedDocumentChange, error) {
			r := s.show(d)
			u, err := change(r)
			if err != nil {
				return directory.ProvisionedDocumentChange{}, err
			}
			return s.change(r.doc, u.Document), nil
		})
	if err != nil {
		return nil, err
	}
	return s.show(d), nil
}

func (s documents) remove(a asked, id string, match func(version string) error) error {
	return s.api.dir.DeprovisionDocument(a, a.p, s.of.Name, id, match)
}

// change is the change that makes a document of another one.
func (s documents) change(old, doc schema.Document) directory.ProvisionedDocumentChange {
	c := directory.ProvisionedDocumentChange{ExternalID: models.Some(rawText(doc["externalId"])),
		Unique: map[string]search.Node{}}
	extra := maps.Clone(doc)
	for _, name := range []string{"id", "meta", "externalId", "schemas"} {
		delete(extra, name)
	}
	c.Extra = models.Some(string(schema.JSON(extra)))
	for i := range s.of.Schema.Attributes {
		a := &s.of.Schema.Attributes[i]
		once := a.Uniqueness == schema.OnceHere || a.Uniqueness == schema.OnceOnEach
		if v := doc[a.Name]; once && v != nil && !reflect.DeepEqual(v, old[a.Name]) {
			c.Unique[a.Name] = compared(a, "eq", v, "extra", []string{a.Name})
		}
	}
	return c
}
