package hammer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

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
		rows, err := in.find(res, s, []string{value.Text(v)})
		if in.isOwn(res, s, value.Text(v)) && (isForbidden(err) || err == nil && len(rows) == 0) {
			return v, nil // which the server takes as an id of the caller
		}
		switch {
		case err != nil:
			return nil, err
		case len(rows) == 0 && in.isHammer():
			return nil, softwareError("%s not found.", res.Singular())
		case len(rows) == 0:
			return nil, softwareError("%s", in.noSuch(res, s, value.Text(v)))
		case len(rows) > 1:
			return nil, in.ambiguous(res, prefix, rows)
		}
		return value.AsObject(rows[0]).Get("id"), nil
	}
	if required {
		return nil, &missingSearch{res.Singular()}
	}
	return nil, nil
}

// isOwn reports whether a login is that of the user who asks, who needs no permission to look at the own account.
func (in *invocation) isOwn(res *apidoc.Resource, s searchable, login string) bool {
	return res.Name == "users" && s.name == "login" && !in.isHammer() &&
		foldLogin(login) == foldLogin(in.client.auth.name())
}

func isForbidden(err error) bool {
	s, ok := errors.AsType[*statusError](err)
	return ok && s.status == 403
}

func (in *invocation) resolveList(other *apidoc.Resource, p apidoc.Param) error {
	one := other.Singular()
	for _, s := range searchables(one) {
		s.titled = in.takesTitles(other, s)
		v := in.values[one+"_"+apidoc.Plural(s.name)]
		if v == nil {
			continue
		}
		if _, ok := v.(value.Null); ok || len(value.AsList(v)) == 0 {
			in.values[p.Name] = v
			return nil
		}
		var names []string
		for _, name := range value.AsList(v) {
			names = append(names, value.Text(name))
		}
		rows, err := in.find(other, s, names)
		if err != nil {
			return err
		}
		if several := s.several(names, rows); several != "" && !in.isHammer() {
			return softwareError("Several %s are called %s: %s. Use their titles or ids.",
				strings.ReplaceAll(other.Name, "_", " "), quotedName(several), s.titles(several, rows))
		}
		switch {
		case len(rows) >= len(names) && !s.missing(names, rows):
		case in.isHammer():
			return softwareError("one of %s not found.", other.Name)
		default:
			return in.noneOf(other, s, names, rows)
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

// ambiguous is the error for a name that several objects have.
func (in *invocation) ambiguous(res *apidoc.Resource, prefix string, rows []any) error {
	i := slices.IndexFunc(in.options, func(o *option) bool { return o.attribute == prefix+"id" })
	if in.isHammer() || i < 0 {
		return softwareError("Found more than one %s.", res.Singular())
	}
	return softwareError("Found more than one %s: use %s.", inWords(res.Singular()), in.options[i].choices(rows))
}

// choices returns the option with the id of each row: --id 1 or --id 2.
func (o *option) choices(rows []any) string {
	var all []string
	for _, row := range rows {
		all = append(all, o.long()+" "+value.Text(value.AsObject(row).Get("id")))
	}
	return strings.Join(all, " or ")
}

// noneOf is the error for a list of names of which some, or all together, do not name as many objects.
func (in *invocation) noneOf(res *apidoc.Resource, s searchable, names []string, rows []any) error {
	var texts []string
	for _, name := range names {
		if s.missing([]string{name}, rows) {
			texts = append(texts, in.noSuch(res, s, name))
		}
	}
	if len(texts) == 0 {
		return softwareError("one of %s is there twice: %s", strings.ReplaceAll(res.Name, "_", " "),
			strings.Join(names, ", "))
	}
	return softwareError("%s", strings.Join(texts, "\n"))
}

// noSuch says that there is no object of a name, and which name may be meant.
func (in *invocation) noSuch(res *apidoc.Resource, s searchable, name string) string {
	var known []string
	if rows, err := in.searchPage(res, "", pageAll); err == nil {
		for _, row := range rows {
			known = append(known, value.Text(value.AsObject(row).Get(s.name)))
		}
	}
	field := ""
	if s.name == "title" {
		field = "with the title "
	}
	return fmt.Sprintf("There is no %s %s%s%s", inWords(res.Singular()), field, quotedName(name),
		didYouMean(name, known))
}

// quotedName returns a name in quotation marks, with escapes only where it has control characters.
func quotedName(name string) string {
	if strings.ContainsFunc(name, unicode.IsControl) {
		return strconv.Quote(name)
	}
	return `"` + name + `"`
}

// inWords returns the name of a resource as people write it.
func inWords(resource string) string {
	return strings.NewReplacer("usergroup", "user group", "_", " ", "ssh", "SSH", "scim", "SCIM").Replace(resource)
}

// find returns the objects that have exactly one of these names. Names are asked for as hammer does it, without
// escapes, so that a backslash or a quotation mark asks for another name: then they are asked for again, with escapes.
func (in *invocation) find(res *apidoc.Resource, s searchable, names []string) ([]any, error) {
	plain := func(name string) string { return `"` + name + `"` }
	s.titled = in.takesTitles(res, s)
	rows, err := in.search(res, s.query(names, plain))
	rows = s.exactly(names, rows)
	odd := slices.ContainsFunc(names, func(name string) bool { return strings.ContainsAny(name, `\"`) })
	if !odd || err != nil && !isRefused(err) || err == nil && !s.missing(names, rows) {
		return rows, err
	}
	rows, err = in.search(res, s.query(names, quoted))
	return s.exactly(names, rows), err
}

// isRefused reports whether the server could not understand a search.
func isRefused(err error) bool {
	s, ok := errors.AsType[*statusError](err)
	return ok && s.status == 400
}

// query returns the search for objects with one of these names, each as one word.
func (s searchable) query(names []string, word func(string) string) string {
	var terms []string
	for _, name := range names {
		terms = append(terms, s.name+" = "+word(name))
		if s.isTitle(name) {
			terms = append(terms, "title = "+word(name))
		}
	}
	return strings.Join(terms, " or ")
}

// exactly returns the rows with one of these names, and those that do not tell their name.
func (s searchable) exactly(names []string, rows []any) []any {
	return slices.DeleteFunc(rows, func(row any) bool {
		o := value.AsObject(row)
		return o.Has(s.name) && !slices.ContainsFunc(names, func(name string) bool { return s.is(name, o) })
	})
}

// missing reports whether one of these names is that of no row.
func (s searchable) missing(names []string, rows []any) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return !slices.ContainsFunc(rows, func(row any) bool {
			o := value.AsObject(row)
			return !o.Has(s.name) || s.is(name, o)
		})
	})
}

// several returns a name that more than one of the rows has; empty for none.
func (s searchable) several(names []string, rows []any) string {
	for _, name := range names {
		n := 0
		for _, row := range rows {
			if o := value.AsObject(row); o.Has(s.name) && s.is(name, o) {
				n++
			}
		}
		if n > 1 {
			return name
		}
	}
	return ""
}

// titles returns the titles of the rows with a name, or else their ids.
func (s searchable) titles(name string, rows []any) string {
	var all []string
	for _, row := range rows {
		if o := value.AsObject(row); s.is(name, o) {
			title := value.Text(nullToNil(o.Get("title")))
			if title == "" {
				title = "id " + value.Text(o.Get("id"))
			}
			all = append(all, title)
		}
	}
	return strings.Join(all, ", ")
}

// is reports whether an object has a name. Logins are compared without regard to case.
func (s searchable) is(name string, o *value.Object) bool {
	have := value.Text(o.Get(s.name))
	return have == name || s.name == "login" && foldLogin(have) == foldLogin(name) ||
		s.isTitle(name) && value.Text(o.Get("title")) == name
}

// takesTitles reports whether titles may stand in place of the names of a resource. hammer takes names alone.
func (in *invocation) takesTitles(res *apidoc.Resource, s searchable) bool {
	return s.name == "name" && !in.isHammer() && (res.Name == "organizations" || res.Name == "locations")
}

// isTitle reports whether a name may be a title instead: that of a tenant below another one.
func (s searchable) isTitle(name string) bool { return s.titled && strings.Contains(name, "/") }

// foldLogin returns what is equal for logins that differ in case only.
func foldLogin(login string) string { return strings.ToLower(login) }

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

// quoted returns a text as one word of a search, with its quotation marks escaped.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
