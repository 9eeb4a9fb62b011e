package scim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/directory"
	"roster/handlers/scim/filter"
	"roster/handlers/scim/schema"
	"roster/scopes/search"
)

// Messages of lists.
const (
	listURI   = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	searchURI = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
)

// Sizes of pages.
const (
	defaultPage = 100
	maxPage     = 1000
)

// request is what a list is asked for (docs/spec/scim.md, 5).
type request struct {
	filter, sortBy, cursor string
	attributes, excluded   []string
	desc, byCursor         bool
	start, count           int64
}

// answerBody is the frame around a list.
type answerBody struct {
	Schemas        []string          `json:"schemas"`
	TotalResults   int64             `json:"totalResults"`
	StartIndex     *int64            `json:"startIndex,omitempty"`
	ItemsPerPage   int               `json:"itemsPerPage"`
	NextCursor     string            `json:"nextCursor,omitempty"`
	PreviousCursor string            `json:"previousCursor,omitempty"`
	Resources      []json.RawMessage `json:"Resources"`
}

// params reads texts by the names of parameters.
type params func(name string) (text string, given bool)

func readRequest(get params, attributes, excluded []string) (request, error) {
	r := request{attributes: attributes, excluded: excluded, start: 1, count: defaultPage}
	r.filter, _ = get("filter")
	r.sortBy, _ = get("sortBy")
	r.cursor, r.byCursor = get("cursor")
	switch by, _ := get("sortOrder"); strings.ToLower(by) {
	case "", "ascending":
	case "descending":
		r.desc = true
	default:
		return r, schema.Wrong(schema.InvalidValue, "sortOrder has to be ascending or descending")
	}
	if text, given := get("startIndex"); given && text != "" && !r.byCursor {
		n, err := number(text)
		if err != nil {
			return r, schema.Wrong(schema.InvalidValue, "startIndex has to be a number")
		}
		r.start = max(1, n)
	}
	if text, given := get("count"); given && text != "" {
		n, err := number(text)
		switch {
		case r.byCursor && (err != nil || n < 0):
			return r, schema.Wrong(invalidCount, "count has to be a number, and not negative")
		case err != nil:
			return r, schema.Wrong(schema.InvalidValue, "count has to be a number")
		}
		r.count = min(max(0, n), maxPage)
	}
	return r, nil
}

// maxIndex bounds numbers, so that sums of them are numbers, too.
const maxIndex = 1 << 40

func number(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return min(max(n, -maxIndex), maxIndex), err
}

// list answers a GET of resources.
func (c *call) list(stores []store) error {
	q := c.QueryParams()
	r, err := readRequest(func(name string) (string, bool) { return lookup(q, name) }, names(q, "attributes"),
		names(q, "excludedAttributes"))
	if err != nil {
		return err
	}
	return c.answerList(stores, r)
}

// search answers the same question in the body of a POST.
func (c *call) search(stores []store) error {
	body, err := c.body(1)
	if err != nil {
		return err
	}
	uris, err := schema.Schemas(body)
	if err != nil {
		return err
	}
	if !containsFold(uris, searchURI) {
		return schema.Wrong(schema.InvalidSyntax, "schemas lacks %s", searchURI)
	}
	folded, err := schema.Fold(body, strings.ToLower)
	if err != nil {
		return err
	}
	get := func(name string) (string, bool) {
		switch v := folded[strings.ToLower(name)].(type) {
		case string:
			return v, true
		case json.Number:
			return v.String(), true
		case nil:
			return "", false
		}
		return "?", true // is no number, and no word that means something
	}
	r, err := readRequest(get, list(folded["attributes"]), list(folded["excludedattributes"]))
	if err != nil {
		return err
	}
	return c.answerList(stores, r)
}

func list(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = strings.Split(v, ",")
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

func containsFold(list []string, text string) bool {
	for _, one := range list {
		if strings.EqualFold(one, text) {
			return true
		}
	}
	return false
}

// part is what a list asks of one store.
type part struct {
	store
	asked
	node  search.Node
	order order
}

// parts reads filter and order for each of the stores. What no type knows is refused; a type that does not know it has
// nothing to show.
func (c *call) listed(stores []store, r request) ([]part, error) {
	var x filter.Node
	var err error
	if strings.TrimSpace(r.filter) != "" {
		if x, err = filter.Parse(r.filter); err != nil {
			return nil, schema.Wrong(schema.InvalidFilter, "%s", err)
		}
	}
	var refused error
	var parts []part
	for _, s := range stores {
		f := finder{s.kind(), s.fields()}
		p := part{store: s, asked: asked{Context: c.ctx(), call: c,
			view: schema.NewView(s.kind(), r.attributes, r.excluded)}}
		if x != nil {
			p.node, err = f.findBounded(x)
		}
		if err == nil && r.sortBy != "" {
			p.order, err = f.order(r.sortBy, r.desc)
		}
		if err != nil {
			refused = err
			err = nil
			continue
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		return nil, refused
	}
	return parts, nil
}

// read reads some rows of a part: those behind a place, in the order of the list or against it.
func (p part) read(rest search.Node, skip, count int64, back bool) (page, error) {
	q := directory.ListQuery{Page: 1, PerPage: max(1, count), Skip: skip, Node: p.node, Rest: rest}
	if p.order.at != nil {
		key := p.order.key
		key.Desc = key.Desc != back
		q.Sort = []search.SortKey{key}
	} else {
		q.Sort = []search.SortKey{{Field: "id", Desc: back}}
	}
	found, err := p.list(p.asked, q)
	if count == 0 {
		found.resources = nil
	}
	return found, err
}

func (c *call) answerList(stores []store, r request) error {
	parts, err := c.listed(stores, r)
	if err != nil {
		return err
	}
	body := answerBody{Schemas: []string{listURI}, Resources: []json.RawMessage{}}
	if r.byCursor {
		err = c.pageByCursor(&body, parts, r)
	} else {
		body.StartIndex = &r.start
		err = c.pageByIndex(&body, parts, r)
	}
	if err != nil {
		return err
	}
	body.ItemsPerPage = len(body.Resources)
	return send(c, http.StatusOK, schema.JSON(body))
}

func (p part) show(body *answerBody, rows []*resource) {
	for _, r := range rows {
		body.Resources = append(body.Resources, p.rendered(p.kind(), p.view, r))
	}
}

// pageByIndex goes through the parts as if they were one list.
func (c *call) pageByIndex(body *answerBody, parts []part, r request) error {
	skip := r.start - 1
	left := r.count
	for _, p := range parts {
		found, err := p.read(nil, skip, left, false)
		if err != nil {
			return err
		}
		body.TotalResults += found.total
		skip = max(0, skip-found.total)
		left -= int64(len(found.resources))
		p.show(body, found.resources)
	}
	return nil
}

// pageByCursor continues where the page before ended (docs/spec/scim.md, 5).
func (c *call) pageByCursor(body *answerBody, parts []part, r request) error {
	query := digest(r.filter, strings.ToLower(r.sortBy), strconv.FormatBool(r.desc), strconv.FormatInt(r.count, 10),
		strconv.FormatInt(c.p.Provisioner.OrganizationID, 10), strings.ToLower(strings.Join(c.parts, "/")))
	now := c.api.dir.Now()
	at := cursor{Type: -1}
	if r.cursor != "" {
		var err error
		if at, err = c.api.cursors.open(r.cursor, query, now); err != nil {
			return err
		}
	}
	w := walk{c: c, body: body, parts: parts, left: r.count, at: at}
	if err := w.run(); err != nil {
		return err
	}
	mark := func(s step, back bool) string {
		return c.api.cursors.seal(cursor{Type: s.part, Row: s.row, Value: s.value, Back: back, Query: query,
			Made: now.Unix()})
	}
	if w.more {
		body.NextCursor = mark(w.last, false)
	}
	if w.before && len(body.Resources) > 0 {
		body.PreviousCursor = mark(w.first, true)
	}
	return nil
}

// step is a resource on the way through a list.
type step struct {
	part  int
	row   int64
	value *string
}

// walk collects a page behind a cursor, or before one.
type walk struct {
	c           *call
	body        *answerBody
	parts       []part
	left        int64
	at          cursor
	first, last step
	// more says that something follows the page, before that something precedes it.
	more, before bool
	started      bool
}

func (w *walk) run() error {
	w.before = w.at.Type >= 0
	if w.at.Back {
		return w.back()
	}
	for i, p := range w.parts {
		var rest search.Node
		if i == w.at.Type {
			rest = p.order.beyond(w.at, p.order.key.Desc)
		}
		want := w.left
		if i < w.at.Type {
			want = 0
		}
		found, err := p.read(rest, 0, want, false)
		if err != nil {
			return err
		}
		w.body.TotalResults += found.total
		w.take(i, p, found.resources)
		if i < w.at.Type || w.more {
			continue
		}
		if w.left == 0 {
			if w.more, err = w.follows(i, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// follows reports whether a part has something behind what was taken.
func (w *walk) follows(i int, p part) (bool, error) {
	var rest search.Node
	if w.started && w.last.part == i {
		rest = p.order.beyond(cursor{Row: w.last.row, Value: w.last.value}, p.order.key.Desc)
	} else if !w.started {
		return false, nil
	}
	found, err := p.read(rest, 0, 1, false)
	return len(found.resources) > 0, err
}

func (w *walk) take(i int, p part, rows []*resource) {
	for _, r := range rows {
		s := step{part: i, row: r.row}
		if p.order.at != nil {
			s.value = p.order.valueOf(r)
		}
		if !w.started {
			w.first = s
			w.started = true
		}
		w.last = s
	}
	w.left -= int64(len(rows))
	p.show(w.body, rows)
}

// back reads the page before a place: from the type of the place to the first.
func (w *walk) back() error {
	pages := make([][]*resource, len(w.parts))
	left := w.left
	for i := len(w.parts) - 1; i >= 0; i-- {
		var rest search.Node
		want := left
		switch {
		case i > w.at.Type:
			want = 0
		case i == w.at.Type:
			rest = w.parts[i].order.beyond(w.at, !w.parts[i].order.key.Desc)
		}
		found, err := w.parts[i].read(rest, 0, want, true)
		if err != nil {
			return err
		}
		w.body.TotalResults += found.total
		left -= int64(len(found.resources))
		slices.Reverse(found.resources)
		pages[i] = found.resources
	}
	for i, rows := range pages {
		w.take(i, w.parts[i], rows)
	}
	w.more = true
	if !w.started {
		return nil
	}
	var err error
	w.before, err = w.precedes()
	return err
}

// precedes reports whether something comes before what was taken.
func (w *walk) precedes() (bool, error) {
	for i := w.first.part; i >= 0; i-- {
		var rest search.Node
		if i == w.first.part {
			rest = w.parts[i].order.beyond(cursor{Row: w.first.row, Value: w.first.value}, !w.parts[i].order.key.Desc)
		}
		found, err := w.parts[i].read(rest, 0, 1, true)
		if err != nil || len(found.resources) > 0 {
			return len(found.resources) > 0, err
		}
	}
	return false, nil
}
