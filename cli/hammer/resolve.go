package hammer

import (
	"fmt"
	"slices"
	"strings"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/value"
)

// resolve turns the names in options into ids: references first, then lists of them, then the object itself.
func (in *invocation) resolve() error {
	all := apidoc.Flatten(in.method().Params)
	for _, p := range all {
		other := in.doc.OfParam(p.Name)
		if other == nil || !strings.HasSuffix(p.Name, "_id") || !in.has(other.Singular()+"_id") {
			continue
		}
		one := other.Singular() + "_"
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
		other := in.doc.OfParam(p.Name)
		if other == nil || !strings.HasSuffix(p.Name, "_ids") || !in.has(other.Singular()+"_ids") {
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

// named reports whether an object is named by one of its searchable fields.
func (in *invocation) named(prefix string, many bool, values map[string]any) bool {
	one := strings.TrimSuffix(prefix, "_")
	return slices.ContainsFunc(searchables(one), func(s searchable) bool {
		name := s.name
		if many {
			name = apidoc.Plural(name)
		}
		return values[prefix+name] != nil
	})
}

// identify returns the id of the object that the options with a prefix name, nil if they name none.
func (in *invocation) identify(res *apidoc.Resource, prefix string, required bool) (any, error) {
	if id := in.values[prefix+"id"]; id != nil {
		return id, nil
	}
	for _, s := range searchables(res.Singular()) {
		v := in.values[prefix+s.name]
		if v == nil {
			continue
		}
		if _, ok := v.(value.Null); ok {
			return v, nil
		}
		rows, err := in.search(res, fmt.Sprintf(`%s = "%s"`, s.name, value.Text(v)))
		switch {
		case err != nil:
			return nil, err
		case len(rows) == 0:
			return nil, softwareError("%s not found.", res.Singular())
		case len(rows) > 1:
			return nil, softwareError("Found more than one %s.", res.Singular())
		}
		return value.AsObject(rows[0]).Get("id"), nil
	}
	if required {
		return nil, &missingSearch{res.Singular()}
	}
	return nil, nil
}

func (in *invocation) resolveList(other *apidoc.Resource, p apidoc.Param) error {
	one := other.Singular()
	for _, s := range searchables(one) {
		v := in.values[one+"_"+apidoc.Plural(s.name)]
		if v == nil {
			continue
		}
		if _, ok := v.(value.Null); ok || len(value.AsList(v)) == 0 {
			in.values[p.Name] = v
			return nil
		}
		var terms []string
		for _, name := range value.AsList(v) {
			terms = append(terms, fmt.Sprintf(`%s = "%s"`, s.name, value.Text(name)))
		}
		rows, err := in.search(other, strings.Join(terms, " or "))
		if err != nil {
			return err
		}
		if len(rows) < len(terms) {
			return softwareError("one of %s not found.", other.Name)
		}
		ids := make([]any, len(rows))
		for i, row := range rows {
			ids[i] = value.AsObject(row).Get("id")
		}
		in.values[p.Name] = ids
		return nil
	}
	if p.Required && in.values[p.Name] == nil {
		return &missingSearch{one}
	}
	return nil
}

// search asks for the objects that a query finds (docs/spec/hammer.md, 3). Objects below another object are searched
// for there.
func (in *invocation) search(res *apidoc.Resource, query string) ([]any, error) {
	return in.searchPage(res, query, pageAll)
}

func (in *invocation) searchPage(res *apidoc.Resource, query string, size int) ([]any, error) {
	m := res.Method("index")
	if m == nil {
		return nil, errUnsupported
	}
	params := value.NewObject("search", query, "per_page", size, "page", 1)
	for _, p := range m.Params {
		other := in.doc.OfParam(p.Name)
		if !p.Required || !strings.HasSuffix(p.Name, "_id") || other == nil {
			continue
		}
		id, err := in.identify(other, other.Singular()+"_", true)
		if err != nil {
			return nil, err
		}
		params.Set(p.Name, id)
	}
	if !slices.ContainsFunc(m.APIs, func(r apidoc.Route) bool { return !strings.Contains(r.Path, "/:") }) {
		for _, r := range m.APIs {
			for _, key := range pathParams(r) {
				if in.values[key] != nil {
					params.Set(key, in.values[key])
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

// quoted returns a text as one word of a search, with its quotation marks escaped. It is for names from files. Names
// that were typed go between plain quotation marks, as hammer sends them.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
