package hammer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
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

func (in *invocation) resource() *apidoc.Resource { return in.doc.Resource(in.command.resource) }
func (in *invocation) method() *apidoc.Method     { return in.resource().Method(in.command.action) }

func (in *invocation) has(attribute string) bool {
	return slices.ContainsFunc(in.options, func(o *option) bool { return o.attribute == attribute })
}

// run parses the arguments and does what the command is for.
func (in *invocation) run(args []string) error {
	c := in.command
	if c.hidden || c.parent.hidden {
		if err := in.checkKnown(args); err != nil {
			return err
		}
	}
	if c.unsupported() || c.kind != isLocal && in.method() == nil {
		return errUnsupported
	}
	if c.associated != "" && in.doc.Resource(c.associated) == nil {
		return errUnsupported
	}
	in.options = in.optionsOf(c)
	if c.name == "import" {
		args = fileArgument(args, in.options)
	}
	given, err := parseOptions(args, in.options)
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if err != nil {
		return &usageError{err.Error(), c.path(in.program)}
	}
	if err := in.readTimes(given); err != nil {
		return err
	}
	in.given = given
	in.values = maps.Clone(given)
	if names, ok := in.values["fields"].([]any); ok {
		in.out.Fields = nil
		for _, n := range names {
			in.out.Fields = append(in.out.Fields, value.Text(n))
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
		return in.watch(value.Int(seconds))
	}
	return in.execute()
}

// checkKnown returns the error for options of a command that the server has nothing for: hammer does not know them
// then.
func (in *invocation) checkKnown(args []string) error {
	if in.resource() != nil {
		return nil
	}
	if _, err := parseOptions(args, nil); err != nil {
		return &usageError{err.Error(), in.command.path(in.program)}
	}
	return nil
}

// complete fills in saved defaults and turns names into ids.
func (in *invocation) complete() error {
	if err := in.addDefaults(); err != nil {
		return err
	}
	if in.command.complete != nil {
		if err := in.command.complete(in); err != nil {
			return err
		}
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
	_, err := in.call("GET", "/api/"+in.command.resource, value.NewObject())
	if s, ok := err.(*statusError); ok && s.status == 404 {
		return &failure{exitUnavailable, "The server does not support such operation."}
	}
	return err
}

// ---- parameters

// params collects the values of options in the order and nesting of the documentation.
func (in *invocation) params(m *apidoc.Method) *value.Object {
	o := in.collect(m.Params)
	if id, ok := in.values["id"]; ok && id != nil {
		o.Set("id", id)
	}
	return o
}

func (in *invocation) collect(params []apidoc.Param) *value.Object {
	o := value.NewObject()
	for _, p := range params {
		if p.Type == "hash" {
			if len(p.Params) > 0 {
				o.Set(p.Name, in.collect(p.Params))
			}
			continue
		}
		v, ok := in.values[p.Name]
		if !ok || v == nil {
			continue
		}
		o.Set(p.Name, v)
	}
	if in.command.kind == isUpdate {
		for _, s := range searchables(in.resource().Singular()) {
			if v, ok := in.values["new_"+s.name]; ok && apidoc.FindParam(params, s.name) != nil {
				o.Set(s.name, v)
			}
		}
	}
	return o
}

// unwrap takes the only value out of an object with one key: {"user": {...}} is the record.
func unwrap(v any) any {
	if o := value.AsObject(v); o != nil && len(o.Pairs) == 1 {
		return o.Pairs[0].Value
	}
	return v
}

func (in *invocation) prepared() (*value.Object, error) {
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
	o := value.AsObject(answer)
	if o == nil {
		return softwareError("Received data of unknown format.")
	}
	if in.command.extend != nil {
		if err := in.command.extend(o); err != nil {
			return err
		}
	}
	in.out.Record(in.shownFields(), o)
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
	if c.confirm != nil {
		if err := c.confirm(in, params); err != nil {
			return err
		}
	}
	message := c.success
	sent := value.AsObject(params.Get(in.resource().Singular()))
	if c.kind == isUpdate && sent != nil && len(sent.Pairs) == 0 {
		message = "Nothing to update."
	}
	answer, err := in.callMethod(in.method(), params)
	if err != nil {
		return err
	}
	answer = unwrap(answer)
	if o := value.AsObject(answer); o != nil && c.extend != nil {
		if err := c.extend(o); err != nil {
			return err
		}
	}
	in.out.Message(message, answer)
	return nil
}

// associate replaces what is sent by the whole list of ids: with the new members, or without the old ones.
func (in *invocation) associate(params *value.Object) error {
	res := in.resource()
	other := in.doc.Resource(in.command.associated)
	if other == nil {
		return errUnsupported
	}
	ids, err := in.associatedIDs(other)
	if err != nil {
		return err
	}
	id, err := in.identify(other, other.Singular()+"_", false)
	if err != nil {
		return err
	}
	key := other.Singular() + "_ids"
	named := slices.Clone(value.AsList(in.values[key]))
	if id != nil {
		named = append(named, id)
	}
	for _, id := range named {
		member := any(value.Text(id))
		if in.command.kind == isAdd {
			ids = append(ids, member)
		} else {
			ids = slices.DeleteFunc(ids, func(v any) bool { return v == member })
		}
	}
	ids = distinct(ids)
	if params.Has(res.Singular()) {
		params.Set(res.Singular(), value.NewObject(key, ids))
	} else {
		params.Set(key, ids)
	}
	return nil
}

// associatedIDs returns the ids of the members that the object has now, as texts.
func (in *invocation) associatedIDs(other *apidoc.Resource) ([]any, error) {
	answer, err := in.callMethod(in.resource().Method("show"), value.NewObject("id", nullToNil(in.values["id"])))
	if err != nil {
		return nil, err
	}
	o := value.AsObject(unwrap(answer))
	ids := []any{}
	if o.Has(other.Name) {
		for _, member := range value.AsList(o.Get(other.Name)) {
			ids = append(ids, value.Text(value.AsObject(member).Get("id")))
		}
		return ids, nil
	}
	for _, id := range value.AsList(o.Get(other.Singular() + "_ids")) {
		ids = append(ids, value.Text(id))
	}
	return ids, nil
}

// distinct returns a list without the repetitions of its members.
func distinct(list []any) []any {
	seen := map[any]bool{}
	return slices.DeleteFunc(list, func(v any) bool {
		known := seen[v]
		seen[v] = true
		return known
	})
}

func nullToNil(v any) any {
	if _, ok := v.(value.Null); ok {
		return nil
	}
	return v
}

// Sizes of pages.
const (
	// pageAll is the size when a whole list is fetched.
	pageAll = 1000
	// pageOne is the size when a page is asked for.
	pageOne = 20
)

func (in *invocation) list() error {
	paged := in.has("page") && in.has("per_page")
	perPage := in.settings.number("ui.per_page")
	if paged && in.given["page"] == nil && in.given["per_page"] == nil && (perPage == 0 || !in.out.PagesByDefault()) {
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
	return in.out.List(in.command.fields, rows, p)
}

func (in *invocation) listAll() error {
	for number := 1; ; number++ {
		in.values["page"] = number
		in.values["per_page"] = pageAll
		rows, p, err := in.fetch()
		if err != nil {
			return err
		}
		if err := in.out.ListPart(in.command.fields, rows, p); err != nil {
			return err
		}
		if len(rows) != pageAll {
			return nil
		}
	}
}

// fetch gets the rows of one page.
func (in *invocation) fetch() ([]any, output.Page, error) {
	params, err := in.prepared()
	if err != nil {
		return nil, output.Page{}, err
	}
	answer, err := in.callMethod(in.method(), params)
	if err != nil {
		return nil, output.Page{}, err
	}
	rows, p, err := rowsOf(answer)
	if err != nil {
		return nil, p, err
	}
	if in.command.extend != nil {
		for _, row := range rows {
			if o := value.AsObject(row); o != nil {
				if err := in.command.extend(o); err != nil {
					return nil, p, err
				}
			}
		}
	}
	return rows, p, nil
}

// rowsOf reads the envelope of an index (docs/spec/hammer.md, 5).
func rowsOf(answer any) ([]any, output.Page, error) {
	switch v := answer.(type) {
	case *value.Object:
		p := output.Page{Total: v.Get("total"), Subtotal: v.Get("subtotal"), Number: v.Get("page"),
			PerPage: v.Get("per_page")}
		if !v.Has("total") || !v.Has("results") {
			// hammer does not take this for a list and prints the envelope itself as a row.
			p.Total = nil
			return []any{v}, p, nil
		}
		if value.AsObject(v.Get("sort")) == nil {
			return nil, p, softwareError("undefined method `[]' for nil:NilClass: the answer does not say how it " +
				"is sorted")
		}
		rows, ok := v.Get("results").([]any)
		if !ok {
			rows = []any{v.Get("results")}
		}
		return rows, p, nil
	case []any:
		rows := make([]any, len(v))
		for i, row := range v {
			rows[i] = unwrap(row)
		}
		return rows, output.Page{}, nil
	}
	return nil, output.Page{}, softwareError("Received data of unknown format.")
}
