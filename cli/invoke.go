package cli

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// invocation is one run of one command.
type invocation struct {
	*app
	ctx     context.Context
	command *command
	options []*option
	// values are what is known of the options: given, saved as defaults, or resolved.
	values map[string]any
	// given are those of the command line.
	given map[string]any
}

func (in *invocation) resource() *resource { return in.doc.resource(in.command.resource) }
func (in *invocation) method() *method     { return in.resource().method(in.command.action) }

func (in *invocation) has(attribute string) bool {
	return slices.ContainsFunc(in.options, func(o *option) bool { return o.attribute == attribute })
}

// run parses the arguments and does what the command is for.
func (in *invocation) run(args []string) error {
	c := in.command
	if c.foreign() || c.kind != isLocal && in.method() == nil {
		return errUnsupported
	}
	if c.associated != "" && in.doc.resource(c.associated) == nil {
		return errUnsupported
	}
	in.options = optionsOf(in.doc, c)
	if c.name == "import" {
		args = fileArgument(args, in.options)
	}
	given, err := parseOptions(args, in.options)
	if err != nil {
		return &usageError{err.Error(), c.path(in.program)}
	}
	in.given, in.values = given, maps.Clone(given)
	if names, ok := in.values["fields"].([]any); ok {
		in.out.selection.names = nil
		for _, n := range names {
			in.out.selection.names = append(in.out.selection.names, rubyText(n))
		}
	}
	if c.name == "filters" && given["id"] == nil && given["name"] == nil {
		return &usageError{"At least one of options --name, --id is required.", c.path(in.program)}
	}
	if c.kind == isLocal {
		return c.run(in)
	}
	if err := in.complete(); err != nil {
		return err
	}
	if seconds, ok := in.values["watch"]; ok {
		return in.watch(toInt(seconds))
	}
	return in.execute()
}

// complete fills in saved defaults and turns names into ids.
func (in *invocation) complete() error {
	if err := in.addDefaults(); err != nil {
		return err
	}
	err := in.resolve()
	if err == nil {
		err = in.askUser()
	}
	return in.explainMissing(err)
}

func (in *invocation) explainMissing(err error) error {
	m, ok := err.(*missingSearch)
	if !ok {
		return err
	}
	var switches []string
	for _, o := range in.options {
		if o.refers == m.resource {
			switches = append(switches, o.long())
		}
	}
	switch len(switches) {
	case 0:
		return softwareError("Could not find %s. Some search options were missing, please see --help.", m.resource)
	case 1:
		return softwareError("Could not find %s, please set option %s.", m.resource, switches[0])
	}
	return softwareError("Could not find %s, please set one of options %s.", m.resource, strings.Join(switches, ", "))
}

func (in *invocation) execute() error {
	if in.command.supported {
		if err := in.checkSupported(); err != nil {
			return err
		}
	}
	switch in.command.kind {
	case isList:
		return in.list()
	case isInfo:
		return in.info()
	}
	return in.write()
}

// checkSupported asks for the list first: a server without tenants answers 404.
func (in *invocation) checkSupported() error {
	_, err := in.call("GET", "/api/"+in.command.resource, newObject())
	if s, ok := err.(*statusError); ok && s.status == 404 {
		return &failure{exitUnavailable, "The server does not support such operation."}
	}
	return err
}

// ---- requests

// call sends parameters: in the query of GET and DELETE, else as a JSON body.
func (in *invocation) call(verb, path string, params *object) (any, error) {
	return callAPI(in.ctx, in.client, verb, path, params, false)
}

func callAPI(ctx context.Context, c *client, verb, path string, params *object, anonymous bool) (any, error) {
	r := request{verb: verb, path: path, anonymous: anonymous}
	if verb == "GET" || verb == "DELETE" || verb == "HEAD" {
		r.query = encodeQuery(params)
	} else {
		r.body = params
	}
	raw, err := c.do(ctx, r)
	if err != nil || len(strings.TrimSpace(string(raw))) == 0 {
		return nil, err
	}
	v, err := parseJSON(raw)
	if err != nil {
		return string(raw), nil
	}
	return v, nil
}

// encodeQuery escapes as Ruby does for forms: a space is +, and ~ is escaped.
func encodeQuery(params *object) string {
	var parts []string
	add := func(key string, v any) {
		if _, ok := v.(null); ok {
			v = nil
		}
		parts = append(parts, escape(key)+"="+escape(rubyText(v)))
	}
	for _, p := range params.pairs {
		switch v := p.value.(type) {
		case []any:
			for _, item := range v {
				add(p.key+"[]", item)
			}
		case *object:
			for _, q := range v.pairs {
				add(p.key+"["+q.key+"]", q.value)
			}
		default:
			add(p.key, v)
		}
	}
	return strings.Join(parts, "&")
}

func escape(s string) string {
	return strings.NewReplacer("~", "%7E", "%2A", "*").Replace(url.QueryEscape(s))
}

// callMethod chooses the route, puts its parameters into the path and sends the rest (hammer.md 2, several apis).
func (in *invocation) callMethod(m *method, params *object) (any, error) {
	if m == nil {
		return nil, errUnsupported
	}
	if err := in.checkRequired(m, params); err != nil {
		return nil, err
	}
	r, err := chooseRoute(m, params)
	if err != nil {
		return nil, err
	}
	rest := &object{pairs: slices.Clone(params.pairs)}
	segments := strings.Split(r.Path, "/")
	for i, s := range segments {
		if key, ok := strings.CutPrefix(s, ":"); ok {
			segments[i] = url.QueryEscape(rubyText(params.get(key)))
			rest.remove(key)
		}
	}
	return in.call(strings.ToUpper(r.Verb), strings.Join(segments, "/"), rest)
}

func chooseRoute(m *method, params *object) (route, error) {
	var best route
	score, missingKey := -1, "id"
	for _, r := range m.APIs {
		n := 0
		for s := range strings.SplitSeq(r.Path, "/") {
			if key, ok := strings.CutPrefix(s, ":"); ok {
				if params.get(key) == nil {
					missingKey, n = key, -1
					break
				}
				n++
			}
		}
		if n > score || n == score && n >= 0 && r.Path < best.Path {
			best, score = r, n
		}
	}
	if score < 0 {
		return best, &failure{exitUsage, fmt.Sprintf("Error: missing param '%s' in parameters", missingKey)}
	}
	return best, nil
}

// checkRequired refuses to send what the server would refuse (hammer.md 2, required).
func (in *invocation) checkRequired(m *method, params *object) error {
	var names []string
	var walk func([]param, *object)
	walk = func(ps []param, o *object) {
		for _, p := range ps {
			if child := record(o.get(p.Name)); p.Type == "hash" && child != nil {
				walk(p.Params, child)
			} else if p.Required && o.get(p.Name) == nil && len(p.Params) == 0 {
				names = append(names, "'--"+paramSwitch(p.Name)+"'")
			}
		}
	}
	walk(m.Params, params)
	if len(names) == 0 {
		return nil
	}
	return &failure{exitUsage, "Missing arguments for " + strings.Join(names, ", ") + "."}
}

// ---- parameters

// params collects the values of options in the order and nesting of the documentation.
func (in *invocation) params(m *method) *object {
	o := in.collect(m.Params)
	if id, ok := in.values["id"]; ok && id != nil {
		o.set("id", id)
	}
	return o
}

func (in *invocation) collect(params []param) *object {
	o := newObject()
	for _, p := range params {
		if p.Type == "hash" {
			if len(p.Params) > 0 {
				o.set(p.Name, in.collect(p.Params))
			}
			continue
		}
		v, ok := in.values[p.Name]
		if !ok || v == nil {
			continue
		}
		o.set(p.Name, v)
	}
	if in.command.kind == isUpdate {
		for _, s := range searchables(in.resource().singular()) {
			if v, ok := in.values["new_"+s.name]; ok && findParam(params, s.name) != nil {
				o.set(s.name, v)
			}
		}
	}
	return o
}

// unwrap takes the only value out of an object with one key: {"user": {...}} is the record.
func unwrap(v any) any {
	if o := record(v); o != nil && len(o.pairs) == 1 {
		return o.pairs[0].value
	}
	return v
}

func (in *invocation) prepared() (*object, error) {
	params := in.params(in.method())
	if in.command.prepare != nil {
		if err := in.command.prepare(in, params); err != nil {
			return nil, in.explainMissing(err)
		}
	}
	return params, nil
}

// ---- the kinds of commands

func (in *invocation) info() error {
	params, err := in.prepared()
	if err != nil {
		return err
	}
	answer, err := in.callMethod(in.method(), params)
	if err != nil {
		return err
	}
	answer = unwrap(answer)
	o := record(answer)
	if o == nil {
		return softwareError("Received data of unknown format.")
	}
	if in.command.extend != nil {
		if err := in.command.extend(o); err != nil {
			return err
		}
	}
	in.out.record(in.command.fields, o)
	return nil
}

func (in *invocation) write() error {
	params, err := in.prepared()
	if err != nil {
		return err
	}
	c := in.command
	if c.kind == isAdd || c.kind == isRemove {
		if err := in.associate(params); err != nil {
			return in.explainMissing(err)
		}
	}
	message := c.success
	if sent := record(params.get(in.resource().singular())); c.kind == isUpdate && sent != nil && len(sent.pairs) == 0 {
		message = "Nothing to update."
	}
	answer, err := in.callMethod(in.method(), params)
	if err != nil {
		return err
	}
	in.out.message(message, unwrap(answer))
	return nil
}

// associate replaces what is sent by the whole list of ids, with the new member or without the old one.
func (in *invocation) associate(params *object) error {
	res, other := in.resource(), in.doc.resource(in.command.associated)
	if other == nil {
		return errUnsupported
	}
	answer, err := in.callMethod(res.method("show"), newObject("id", orNil(in.values["id"])))
	if err != nil {
		return err
	}
	ids := []any{}
	if o := record(unwrap(answer)); o.has(other.name) {
		for _, member := range list(o.get(other.name)) {
			ids = append(ids, rubyText(record(member).get("id")))
		}
	} else {
		for _, id := range list(o.get(other.singular() + "_ids")) {
			ids = append(ids, rubyText(id))
		}
	}
	id, err := in.identify(other, other.singular()+"_", false)
	if err != nil {
		return err
	}
	if id != nil {
		wanted := rubyText(id)
		if in.command.kind == isAdd {
			ids = append(ids, wanted)
		} else {
			ids = slices.DeleteFunc(ids, func(v any) bool { return v == any(wanted) })
		}
	}
	seen := map[any]bool{}
	ids = slices.DeleteFunc(ids, func(v any) bool { old := seen[v]; seen[v] = true; return old })
	key, value := other.singular()+"_ids", any(ids)
	if params.has(res.singular()) {
		key, value = res.singular(), newObject(key, ids)
	}
	params.set(key, value)
	return nil
}

func orNil(v any) any {
	if _, ok := v.(null); ok {
		return nil
	}
	return v
}

// pageAll is the size of a page when a whole list is fetched, pageOne when a page is asked for.
const pageAll, pageOne = 1000, 20

func (in *invocation) list() error {
	paged := in.has("page") && in.has("per_page")
	perPage := in.settings.number("ui.per_page")
	if paged && in.given["page"] == nil && in.given["per_page"] == nil && (perPage == 0 || !in.out.pagesByDefault()) {
		return in.listAll()
	}
	if paged {
		if in.values["page"] == nil {
			in.values["page"] = 1
		}
		if in.values["per_page"] == nil {
			if perPage == 0 {
				perPage = pageOne
			}
			in.values["per_page"] = perPage
		}
	}
	rows, p, err := in.fetch()
	if err != nil {
		return err
	}
	return in.out.collection(in.command.fields, rows, p, whole)
}

func (in *invocation) listAll() error {
	for number := 1; ; number++ {
		in.values["page"], in.values["per_page"] = number, pageAll
		rows, p, err := in.fetch()
		if err != nil {
			return err
		}
		if err := in.out.collection(in.command.fields, rows, p, chunkOf(p)); err != nil {
			return err
		}
		if len(rows) != pageAll {
			return nil
		}
	}
}

// fetch gets the rows of one page.
func (in *invocation) fetch() ([]any, page, error) {
	params, err := in.prepared()
	if err != nil {
		return nil, page{}, err
	}
	answer, err := in.callMethod(in.method(), params)
	if err != nil {
		return nil, page{}, err
	}
	rows, p, err := rowsOf(answer)
	if err != nil {
		return nil, p, err
	}
	if in.command.extend != nil {
		for _, row := range rows {
			if o := record(row); o != nil {
				if err := in.command.extend(o); err != nil {
					return nil, p, err
				}
			}
		}
	}
	return rows, p, nil
}

// rowsOf reads the envelope of an index (hammer.md 5).
func rowsOf(answer any) ([]any, page, error) {
	switch v := answer.(type) {
	case *object:
		p := page{v.get("total"), v.get("subtotal"), v.get("page"), v.get("per_page")}
		if !v.has("total") || !v.has("results") {
			// No list, says hammer, and shows the envelope itself as a row.
			p.total = nil
			return []any{v}, p, nil
		}
		if record(v.get("sort")) == nil {
			return nil, p, softwareError("undefined method `[]' for nil:NilClass: the answer does not say how it is sorted")
		}
		rows, ok := v.get("results").([]any)
		if !ok {
			rows = []any{v.get("results")}
		}
		return rows, p, nil
	case []any:
		rows := make([]any, len(v))
		for i, row := range v {
			rows[i] = unwrap(row)
		}
		return rows, page{}, nil
	}
	return nil, page{}, softwareError("Received data of unknown format.")
}

// ---- names

// resolve turns the names in options into ids: references first, then lists of them, then the object itself.
func (in *invocation) resolve() error {
	all := flatten(in.method().Params)
	for _, p := range all {
		other := in.doc.ofParam(p.Name)
		if other == nil || !strings.HasSuffix(p.Name, "_id") || !in.has(other.singular()+"_id") {
			continue
		}
		one := other.singular() + "_"
		if in.named(one, false, in.given) {
			delete(in.values, p.Name)
		} else if in.values[p.Name] != nil {
			continue
		}
		id, err := in.identify(other, one, p.Required)
		if err != nil {
			return err
		}
		if id != nil {
			in.values[p.Name] = id
		}
	}
	for _, p := range all {
		other := in.doc.ofParam(p.Name)
		if other == nil || !strings.HasSuffix(p.Name, "_ids") || !in.has(other.singular()+"_ids") {
			continue
		}
		if err := in.resolveList(other, p); err != nil {
			return err
		}
	}
	if in.has("id") && in.values["id"] == nil {
		id, err := in.identify(in.resource(), "", false)
		if err != nil {
			return err
		}
		if id != nil {
			in.values["id"] = id
		}
	}
	return nil
}

// named tells whether an object is named by one of its searchable fields.
func (in *invocation) named(prefix string, many bool, values map[string]any) bool {
	one := strings.TrimSuffix(prefix, "_")
	return slices.ContainsFunc(searchables(one), func(s searchable) bool {
		name := s.name
		if many {
			name = plural(name)
		}
		return values[prefix+name] != nil
	})
}

// identify is the id of the object that the options with a prefix speak of; nil if they do not speak of any.
func (in *invocation) identify(res *resource, prefix string, required bool) (any, error) {
	if id := in.values[prefix+"id"]; id != nil {
		return id, nil
	}
	for _, s := range searchables(res.singular()) {
		v := in.values[prefix+s.name]
		if v == nil {
			continue
		}
		if _, ok := v.(null); ok {
			return v, nil
		}
		rows, err := in.search(res, fmt.Sprintf(`%s = "%s"`, s.name, rubyText(v)))
		switch {
		case err != nil:
			return nil, err
		case len(rows) == 0:
			return nil, softwareError("%s not found.", res.singular())
		case len(rows) > 1:
			return nil, softwareError("Found more than one %s.", res.singular())
		}
		return record(rows[0]).get("id"), nil
	}
	if required {
		return nil, &missingSearch{res.singular()}
	}
	return nil, nil
}

func (in *invocation) resolveList(other *resource, p param) error {
	one := other.singular()
	for _, s := range searchables(one) {
		v := in.values[one+"_"+plural(s.name)]
		if v == nil {
			continue
		}
		if _, ok := v.(null); ok || len(list(v)) == 0 {
			in.values[p.Name] = v
			return nil
		}
		var terms []string
		for _, name := range list(v) {
			terms = append(terms, fmt.Sprintf(`%s = "%s"`, s.name, rubyText(name)))
		}
		rows, err := in.search(other, strings.Join(terms, " or "))
		if err != nil {
			return err
		}
		if len(rows) < len(terms) {
			return softwareError("one of %s not found.", other.name)
		}
		ids := make([]any, len(rows))
		for i, row := range rows {
			ids[i] = record(row).get("id")
		}
		in.values[p.Name] = ids
		return nil
	}
	if p.Required && in.values[p.Name] == nil {
		return &missingSearch{one}
	}
	return nil
}

// search asks for the objects that a query finds (hammer.md 3). What lies below another object is searched there.
func (in *invocation) search(res *resource, query string) ([]any, error) {
	return in.searchPage(res, query, pageAll)
}

func (in *invocation) searchPage(res *resource, query string, size int) ([]any, error) {
	m := res.method("index")
	if m == nil {
		return nil, errUnsupported
	}
	params := newObject("search", query, "per_page", size, "page", 1)
	for _, p := range m.Params {
		other := in.doc.ofParam(p.Name)
		if !p.Required || !strings.HasSuffix(p.Name, "_id") || other == nil {
			continue
		}
		id, err := in.identify(other, other.singular()+"_", true)
		if err != nil {
			return nil, err
		}
		params.set(p.Name, id)
	}
	if !slices.ContainsFunc(m.APIs, func(r route) bool { return !strings.Contains(r.Path, "/:") }) {
		for _, r := range m.APIs {
			for s := range strings.SplitSeq(r.Path, "/") {
				if key, ok := strings.CutPrefix(s, ":"); ok && in.values[key] != nil {
					params.set(key, in.values[key])
				}
			}
		}
	}
	answer, err := in.callMethod(m, params)
	if err != nil {
		return nil, err
	}
	rows, _, err := rowsOf(answer)
	return rows, err
}
