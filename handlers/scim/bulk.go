package scim

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/handlers/scim/patch"
	"roster/handlers/scim/schema"
)

// Messages of many operations at once (docs/spec/scim.md, 10).
const (
	bulkURI         = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	bulkResponseURI = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

const (
	// maxOperations is how many operations a request may have.
	maxOperations = 1000
	// bulkReference is what a reference to a resource begins with that the same request makes.
	bulkReference = "bulkId:"
)

// operation is one of many.
type operation struct {
	method, id, path, version string
	data                      map[string]any
	// needs are the bulkIds that the operation refers to.
	needs []string
	state int
	// late are references that are written once what they refer to is there.
	late   []string
	result *bulkResult
}

// bulkResult is the answer to one operation.
type bulkResult struct {
	Method   string `json:"method"`
	BulkID   string `json:"bulkId,omitempty"`
	Version  string `json:"version,omitempty"`
	Location string `json:"location,omitempty"`
	Status   string `json:"status"`
	Response any    `json:"response,omitempty"`
	made     *resource
}

type bulkAnswer struct {
	Schemas    []string      `json:"schemas"`
	Operations []*bulkResult `json:"Operations"`
}

// States of operations.
const (
	waiting = iota
	working
	done
)

// batch is a request with many operations.
type batch struct {
	*call
	list   []*operation
	byID   map[string]*operation
	most   int64 // errors, after which the rest is left; 0 for any number
	errors int64
}

var errBulkReference = errors.New("an operation that this one refers to has failed")

// bulk answers a request with many operations. Each is a transaction of its own.
func (c *call) bulk() error {
	body, err := c.body(1)
	if err != nil {
		return err
	}
	b := &batch{call: c, byID: map[string]*operation{}}
	if err := b.read(body); err != nil {
		return err
	}
	for _, o := range b.list {
		if err := b.run(o); err != nil {
			return err
		}
	}
	answer := bulkAnswer{Schemas: []string{bulkResponseURI}, Operations: []*bulkResult{}}
	for _, o := range b.list {
		if o.result != nil {
			answer.Operations = append(answer.Operations, o.result)
		}
	}
	return send(c, http.StatusOK, schema.JSON(answer))
}

func (b *batch) read(body map[string]any) error {
	uris, err := schema.Schemas(body)
	if err != nil {
		return err
	}
	if !containsFold(uris, bulkURI) {
		return schema.Wrong(schema.InvalidSyntax, "schemas lacks %s", bulkURI)
	}
	folded, err := schema.Fold(body, strings.ToLower)
	if err != nil {
		return err
	}
	if v, given := folded["failonerrors"]; given && v != nil {
		n, _ := v.(json.Number)
		if b.most, err = strconv.ParseInt(n.String(), 10, 64); err != nil || b.most < 1 {
			return schema.Wrong(schema.InvalidValue, "failOnErrors has to be a number, 1 or more")
		}
	}
	list, ok := folded["operations"].([]any)
	if !ok || len(list) == 0 {
		return schema.Wrong(schema.InvalidSyntax, "Operations is missing or empty")
	}
	if len(list) > maxOperations {
		return tooLargeError{b.call.api.payload()}
	}
	for _, v := range list {
		o, err := readOperation(v)
		if err != nil {
			return err
		}
		if o.id != "" {
			if b.byID[o.id] != nil {
				return schema.Wrong(schema.InvalidSyntax, "the bulkId %s is there twice", o.id)
			}
			b.byID[o.id] = o
		}
		b.list = append(b.list, o)
	}
	return nil
}

func readOperation(v any) (*operation, error) {
	member, ok := v.(map[string]any)
	if !ok {
		return nil, schema.Wrong(schema.InvalidSyntax, "an operation has to be an object")
	}
	folded, err := schema.Fold(member, strings.ToLower)
	if err != nil {
		return nil, err
	}
	text := func(name string) string {
		s, _ := folded[name].(string)
		return s
	}
	o := &operation{method: strings.ToUpper(text("method")), id: text("bulkid"), path: text("path"),
		version: text("version")}
	o.data, _ = folded["data"].(map[string]any)
	o.needs = references(o.data, nil)
	for part := range strings.SplitSeq(o.path, "/") {
		if id, ok := strings.CutPrefix(part, bulkReference); ok {
			o.needs = append(o.needs, id)
		}
	}
	return o, nil
}

// references are the bulkIds in a value.
func references(v any, found []string) []string {
	switch v := v.(type) {
	case string:
		if id, ok := strings.CutPrefix(v, bulkReference); ok {
			found = append(found, id)
		}
	case []any:
		for _, one := range v {
			found = references(one, found)
		}
	case map[string]any:
		for _, one := range v {
			found = references(one, found)
		}
	}
	return found
}

// stopped reports whether there were so many errors that the rest is left.
func (b *batch) stopped() bool { return b.most > 0 && b.errors >= b.most }

// run does an operation, and before it what it refers to. What refers to each other is made without one of the
// references, which follows. An error is a fault of the server.
func (b *batch) run(o *operation) error {
	if o.state != waiting || b.stopped() {
		return nil
	}
	o.state = working
	var refused error
	for _, id := range o.needs {
		needed := b.byID[id]
		switch {
		case needed == nil || needed.method != http.MethodPost:
			refused = schema.Wrong(schema.InvalidValue, "no operation makes %s%s", bulkReference, id)
		case needed.state == working && needed != o:
			o.late = append(o.late, id)
		case needed == o:
			refused = schema.Wrong(schema.InvalidValue, "an operation refers to itself")
		default:
			if err := b.run(needed); err != nil {
				return err
			}
			if needed.result == nil || needed.result.made == nil {
				refused = errBulkReference
			}
		}
	}
	if b.stopped() {
		return nil
	}
	o.state = done
	if refused == nil {
		o.result, refused = b.do(o)
	}
	if refused == nil {
		return b.follow(o)
	}
	return b.failed(o, refused)
}

func (b *batch) failed(o *operation, refused error) error {
	b.errors++
	o.result = &bulkResult{Method: o.method, BulkID: o.id, Location: b.place(o)}
	if errors.Is(refused, errBulkReference) {
		o.result.Response = errorOf(http.StatusConflict, "", refused.Error())
		o.result.Status = strconv.Itoa(http.StatusConflict)
		return nil
	}
	body := b.explain(refused)
	if body == nil {
		return refused
	}
	o.result.Status = body.Status
	o.result.Response = body
	return nil
}

// place is where the resource of an operation is, which is not known of one that was to be made.
func (b *batch) place(o *operation) string {
	if o.method == http.MethodPost {
		return ""
	}
	return b.base + "/" + strings.TrimPrefix(o.path, "/")
}

// resolved is a value with the ids of what was made in the place of references. Objects whose reference is late are
// left out of lists.
func (b *batch) resolved(v any, late []string) (any, bool) {
	switch v := v.(type) {
	case string:
		id, ok := strings.CutPrefix(v, bulkReference)
		if !ok {
			return v, true
		}
		for _, waits := range late {
			if waits == id {
				return nil, false
			}
		}
		return b.byID[id].result.made.id, true
	case []any:
		out := []any{}
		for _, one := range v {
			if r, ok := b.resolved(one, late); ok {
				out = append(out, r)
			}
		}
		return out, true
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			r, ok := b.resolved(one, late)
			if !ok {
				return nil, false
			}
			out[name] = r
		}
		return out, true
	}
	return v, true
}

// do does one operation.
func (b *batch) do(o *operation) (*bulkResult, error) {
	parts := strings.Split(strings.Trim(o.path, "/"), "/")
	for i, part := range parts {
		id, refers := strings.CutPrefix(part, bulkReference)
		if !refers {
			continue
		}
		made := b.byID[id].result
		if made == nil || made.made == nil {
			return nil, errBulkReference // of each other: an address cannot wait
		}
		parts[i] = made.made.id
	}
	s := b.api.storeAt(parts[0])
	if s == nil || len(parts) > 2 || (len(parts) == 2) != (o.method != http.MethodPost) {
		return nil, errNoPath
	}
	data := map[string]any{}
	for name, v := range o.data {
		if r, ok := b.resolved(v, o.late); ok {
			data[name] = r
		}
	}
	result := &bulkResult{Method: o.method, BulkID: o.id}
	var err error
	switch o.method {
	case http.MethodPost:
		if o.id == "" {
			return nil, schema.Wrong(schema.InvalidValue, "an operation that makes something needs a bulkId")
		}
		result.Status = "201"
		result.made, err = b.create(s, data)
	case http.MethodPut:
		result.Status = "200"
		result.made, err = b.replace(s, parts[1], o.version, data)
	case http.MethodPatch:
		result.Status = "200"
		result.made, err = b.change(s, parts[1], o.version, data)
	case http.MethodDelete:
		result.Status = "204"
		result.Location = b.location(s.kind(), parts[1])
		return result, b.removeIt(s, parts[1], o.version)
	default:
		return nil, schema.Wrong(schema.InvalidValue, "the method has to be POST, PUT, PATCH or DELETE")
	}
	if err != nil {
		return nil, err
	}
	result.Location = b.location(s.kind(), result.made.id)
	result.Version = result.made.etag()
	return result, nil
}

// follow writes the references that waited for an operation.
func (b *batch) follow(made *operation) error {
	for _, o := range b.list {
		if o.result == nil || o.result.made == nil || !slices.Contains(o.late, made.id) {
			continue
		}
		s := b.api.storeAt(strings.Split(strings.Trim(o.path, "/"), "/")[0])
		o.late = slices.DeleteFunc(o.late, func(id string) bool { return id == made.id })
		var ops []any
		for name, v := range o.data {
			if !slices.Contains(references(v, nil), made.id) {
				continue
			}
			if r, ok := b.resolved(v, o.late); ok {
				ops = append(ops, map[string]any{"op": "add", "path": name, "value": r})
			}
		}
		if len(ops) == 0 {
			continue // waits for another one
		}
		body := map[string]any{"schemas": []any{patch.MessageURI}, "Operations": ops}
		if _, err := b.change(s, o.result.made.id, "", body); err != nil {
			if err := b.failed(o, err); err != nil {
				return err
			}
		}
	}
	return nil
}
