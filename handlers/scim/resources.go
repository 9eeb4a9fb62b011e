package scim

import (
	"net/http"
	"reflect"
	"strings"

	"roster/handlers/scim/patch"
	"roster/handlers/scim/schema"
)

// read reads a whole resource from a body.
func read(rt *schema.ResourceType, body map[string]any) (schema.Document, []string, error) {
	uris, err := schema.Schemas(body)
	if err != nil {
		return nil, nil, err
	}
	doc, err := rt.Read(body)
	if err != nil {
		return nil, nil, err
	}
	if name := rt.Missing(doc); name != "" {
		return nil, nil, schema.Wrong(schema.InvalidValue, "%s is required", name)
	}
	return doc, uris, nil
}

// lengthOf is how many times as long as others a body for a resource may be: lists of members are long.
func lengthOf(s store) int64 {
	for _, a := range s.kind().Schema.Attributes {
		if a.Deltas {
			return longer
		}
	}
	return 1
}

// create makes a resource (docs/spec/scim.md, 2 and 3).
func (c *call) create(s store, body map[string]any) (*resource, error) {
	doc, _, err := read(s.kind(), body)
	if err != nil {
		return nil, err
	}
	return s.create(c.asking(s), doc)
}

// precondition refuses a state that the client does not expect; blank tags expect any.
func precondition(tags, version string) error {
	if tags == "" || hasTag(tags, `W/"`+version+`"`) {
		return nil
	}
	return errPrecondition
}

// replace puts a whole resource in the place of another one (docs/spec/scim.md, 7).
func (c *call) replace(s store, id, tags string, body map[string]any) (*resource, error) {
	doc, uris, err := read(s.kind(), body)
	if err != nil {
		return nil, err
	}
	return s.update(c.asking(s), id, tags != "", func(r *resource) (update, error) {
		if err := precondition(tags, r.version); err != nil {
			return update{}, err
		}
		return replaced(s.kind(), r.doc, doc, uris)
	})
}

// replaced is what a resource becomes that is replaced: what the client cannot write, and what it must not lose, stays.
func replaced(rt *schema.ResourceType, old, doc schema.Document, uris []string) (update, error) {
	next := schema.Document{}
	for name, value := range doc {
		next[name] = value
	}
	u := update{Result: patch.Result{Document: next, Written: map[string]bool{}}, replaces: true}
	if err := carry(rt.Attributes(), old, next); err != nil {
		return u, err
	}
	for _, a := range rt.Schema.Attributes {
		if a.Deltas {
			u.Deltas = append(u.Deltas, patch.Delta{Op: "replace", Values: members(doc[a.Name])})
			delete(next, a.Name)
		}
	}
	for i := range rt.Extensions {
		e := &rt.Extensions[i]
		before, _ := old[e.ID].(schema.Document)
		after, there := next[e.ID].(schema.Document)
		for _, uri := range uris {
			there = there || rt.Extension(uri) == e
		}
		if !there && before != nil {
			next[e.ID] = before
			continue
		}
		if after == nil {
			after = schema.Document{}
		}
		if err := carry(e.Attributes, before, after); err != nil {
			return u, err
		}
		if delete(next, e.ID); len(after) > 0 {
			next[e.ID] = after
		}
	}
	return u, nil
}

// carry takes over from a document what a whole one leaves as it was, and refuses to change what is immutable.
func carry(list []schema.Attribute, old, next schema.Document) error {
	for i := range list {
		a := &list[i]
		_, given := next[a.Name]
		switch {
		case a.Deltas:
		case !given && (a.ReadsOnly() || a.Firm || a.Mutability == schema.WriteOnly) && old[a.Name] != nil:
			next[a.Name] = old[a.Name]
		case a.Mutability != schema.Immutable || old[a.Name] == nil:
		case !given:
			next[a.Name] = old[a.Name]
		case !reflect.DeepEqual(old[a.Name], next[a.Name]):
			return schema.Wrong(schema.Mutability, "%s cannot be changed", a.Name)
		}
	}
	return nil
}

func members(value any) []schema.Document {
	list, _ := value.([]any)
	var out []schema.Document
	for _, v := range list {
		if object, ok := v.(schema.Document); ok {
			out = append(out, object)
		}
	}
	return out
}

// change makes the operations of a body on a resource (docs/spec/scim.md, 8).
func (c *call) change(s store, id, tags string, body map[string]any) (*resource, error) {
	ops, err := patch.Read(body)
	if err != nil {
		return nil, err
	}
	a := c.asking(s)
	a.brief = !a.view.Selected()
	return s.update(a, id, tags != "", func(r *resource) (update, error) {
		if err := precondition(tags, r.version); err != nil {
			return update{}, err
		}
		result, err := patch.Apply(s.kind(), r.doc, ops)
		return update{Result: result}, err
	})
}

func (c *call) removeIt(s store, id, tags string) error {
	return s.remove(c.asking(s), id, func(version string) error { return precondition(tags, version) })
}

// location is the address of a resource.
func (c *call) location(rt *schema.ResourceType, id string) string {
	return c.base + rt.Endpoint + "/" + id
}

// timeForm is RFC 3339 in UTC with milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z"

// rendered is a resource with what is common to all.
func (c *call) rendered(rt *schema.ResourceType, v schema.View, r *resource) []byte {
	r.doc["id"] = r.id
	r.doc["meta"] = schema.Document{"resourceType": rt.Name, "created": r.created.UTC().Format(timeForm),
		"lastModified": r.changed.UTC().Format(timeForm), "location": c.location(rt, r.id), "version": r.etag()}
	return v.Show(r.doc)
}

// answerWith sends a resource.
func (c *call) answerWith(s store, status int, r *resource) error {
	h := c.Response().Header()
	h.Set("ETag", r.etag())
	h.Set("Content-Location", c.location(s.kind(), r.id))
	if status == http.StatusCreated {
		h.Set("Location", c.location(s.kind(), r.id))
	}
	if r.large {
		return c.NoContent(http.StatusNoContent)
	}
	return send(c, status, c.rendered(s.kind(), c.asking(s).view, r))
}

func (c *call) createOne(s store) error {
	body, err := c.body(lengthOf(s))
	if err != nil {
		return err
	}
	r, err := c.create(s, body)
	if err != nil {
		return err
	}
	return c.answerWith(s, http.StatusCreated, r)
}

func (c *call) showOne(s store, id string) error {
	r, err := s.get(c.asking(s), id)
	if err != nil {
		return err
	}
	if tags := c.Request().Header.Get("If-None-Match"); tags != "" && hasTag(tags, r.etag()) {
		c.Response().Header().Set("ETag", r.etag())
		return c.NoContent(http.StatusNotModified)
	}
	return c.answerWith(s, http.StatusOK, r)
}

func (c *call) replaceOne(s store, id string) error { return c.writeOne(s, id, c.replace) }
func (c *call) changeOne(s store, id string) error  { return c.writeOne(s, id, c.change) }

func (c *call) writeOne(s store, id string,
	write func(s store, id, tags string, body map[string]any) (*resource, error)) error {
	body, err := c.body(lengthOf(s))
	if err != nil {
		return err
	}
	r, err := write(s, id, strings.TrimSpace(c.Request().Header.Get("If-Match")), body)
	if err != nil {
		return err
	}
	return c.answerWith(s, http.StatusOK, r)
}

func (c *call) removeOne(s store, id string) error {
	if err := c.removeIt(s, id, strings.TrimSpace(c.Request().Header.Get("If-Match"))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
