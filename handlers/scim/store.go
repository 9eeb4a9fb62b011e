package scim

import (
	"context"
	"time"

	"roster/directory"
	"roster/handlers/scim/patch"
	"roster/handlers/scim/schema"
)

// resource is one resource as clients see it.
type resource struct {
	id string
	// row is its number, by which lists are continued; it is not shown.
	row              int64
	doc              schema.Document
	created, changed time.Time
	version          string
	// columns are the values of the fields that lists are sorted by, where the document may show others.
	columns map[string]any
	// large says that the resource has too much in it to be shown after a change.
	large bool
}

// etag is the version as headers and meta have it.
func (r *resource) etag() string { return `W/"` + r.version + `"` }

// page is a part of a list.
type page struct {
	total     int64
	resources []*resource
}

// asked is who asks for what.
type asked struct {
	context.Context
	*call
	view schema.View
	// brief says that members are shown after a change only where they are few.
	brief bool
}

// update is what becomes of a resource: the whole document, or changes.
type update struct {
	patch.Result
	// replaces says that the client has sent the whole document.
	replaces bool
}

// store keeps the resources of a type. What they may be and who may change them is the directory's business.
type store interface {
	kind() *schema.ResourceType
	fields() fields
	list(a asked, q directory.ListQuery) (page, error)
	get(a asked, id string) (*resource, error)
	create(a asked, doc schema.Document) (*resource, error)
	// update asks change what the resource is to become, perhaps more than once; strict is for changes that depend on
	// what the resource was.
	update(a asked, id string, strict bool, change func(*resource) (update, error)) (*resource, error)
	remove(a asked, id string, match func(version string) error) error
}

// fields say how lists find the attributes of a type; what is not named is in the JSON of the field extra.
type fields struct {
	// columns are fields of the directory by the paths of attributes, switches those that are on or off.
	columns, switches map[string]string
	// lists are fields of related rows, whose columns are called like the sub-attributes.
	lists map[string][]string
	// implied is what the only value of a list is where none is kept: fields, and constants.
	implied map[string]map[string]any
}

// field marks a field of the directory among the constants of an implied value.
type field string
