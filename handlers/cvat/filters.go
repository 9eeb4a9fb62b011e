package cvat

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// filterKind says what a field holds.
type filterKind int

const (
	textKind filterKind = iota
	numberKind
	boolKind
	// roleKind is a text of which there are four.
	roleKind
	momentKind
)

// filterField is a field of lists (docs/spec/cvat.md, 10 and 11).
type filterField struct {
	// name is what clients call it, field what the directory does.
	name, field string
	kind        filterKind
	// optional fields may have no value.
	optional bool
	// simple fields are filters by themselves, searched ones are looked into by the parameter search. Those that are
	// not logical are no part of filters in JSON Logic.
	simple, searched, notLogical bool
	// switched makes the tree of a field that is true or false; inverted says that the order of the directory's field
	// is the other way round.
	switched func(bool) search.Node
	inverted bool
}

// filterFields are those of one list.
type filterFields []filterField

// named returns the field that filters in JSON Logic know by a name.
func (f filterFields) named(name string) *filterField {
	for i := range f {
		if f[i].name == name && !f[i].notLogical {
			return &f[i]
		}
	}
	return nil
}

// activeUsers is the tree of the accounts that may be used, or of the others.
func activeUsers(active bool) search.Node {
	node := scopes.WithStatus(models.UserActive)
	if active {
		return node
	}
	return &search.Not{X: node}
}

// switchedField makes the tree of a field that the directory compares as one that is true or false.
func switchedField(field string) func(bool) search.Node {
	return func(on bool) search.Node {
		return &search.Compare{Op: search.OpEq, Field: field, Values: []string{strconv.FormatBool(on)}}
	}
}

// The fields of the lists.
var (
	userFields = filterFields{
		{name: "username", field: "login", simple: true, searched: true},
		{name: "first_name", field: "firstname", simple: true, searched: true},
		{name: "last_name", field: "lastname", simple: true, searched: true},
		{name: "id", field: "id", kind: numberKind},
		{name: "is_active", field: "disabled", kind: boolKind, simple: true, switched: activeUsers, inverted: true},
	}
	organizationFields = filterFields{
		{name: "name", field: "name", simple: true, searched: true},
		{name: "owner", field: "owner", simple: true, searched: true, optional: true},
		{name: "id", field: "id", kind: numberKind},
		{name: "slug", field: "slug", simple: true, searched: true},
	}
	membershipFields = filterFields{
		{name: "user", field: "user", simple: true, searched: true},
		{name: "role", field: "organization_role", kind: roleKind, simple: true},
		{name: "id", field: "id", kind: numberKind},
	}
	invitationFields = filterFields{
		{name: "owner", field: "owner", simple: true, searched: true, optional: true},
		{name: "user_id", field: "user_id", kind: numberKind, simple: true},
		{name: "accepted", field: "accepted", kind: boolKind, simple: true, switched: switchedField("accepted")},
		{name: "created_date", field: "created_on", kind: momentKind, notLogical: true},
	}
	tokenFields = filterFields{
		{name: "name", field: "name", simple: true, searched: true},
		{name: "created_date", field: "created_on", kind: momentKind},
		{name: "updated_date", field: "updated_on", kind: momentKind},
		{name: "expiry_date", field: "expires_at", kind: momentKind, optional: true},
		{name: "last_used_date", field: "last_used_at", kind: momentKind, optional: true},
		{name: "read_only", field: "read_only", kind: boolKind, simple: true, switched: switchedField("read_only")},
		{name: "id", field: "id", kind: numberKind},
	}
)

// present is the tree of the rows that have a value.
func (f *filterField) present() search.Node {
	if !f.optional {
		return search.And()
	}
	return &search.Presence{Op: search.OpSet, Field: f.field}
}

// badValue refuses a value that the field cannot have.
func (f *filterField) badValue(value any) error {
	return refuseWith("filter: " + printable(pythonText(value)) + " is not a valid value of '" + f.name + "'")
}

// exactOps are the comparisons of texts.
var exactOps = map[string]search.ExactOp{"==": search.ExactlyOneOf, "<": search.ExactlyLess,
	"<=": search.ExactlyAtMost, ">": search.ExactlyGreater, ">=": search.ExactlyAtLeast}

// plainOps are those of numbers and moments.
var plainOps = map[string]search.Operator{"==": search.OpEq, "<": search.OpLt, "<=": search.OpLe, ">": search.OpGt,
	">=": search.OpGe}

// compare is the tree of a comparison with one value.
func (f *filterField) compare(op string, value any) (search.Node, error) {
	switch f.kind {
	case boolKind:
		return f.compareBool(op, value)
	case numberKind, momentKind:
		text, ok := f.plain(value)
		if !ok {
			return nil, f.badValue(value)
		}
		return &search.Compare{Op: plainOps[op], Field: f.field, Values: []string{text}}, nil
	}
	text, mistake := asText(value)
	if mistake != "" {
		return nil, f.badValue(value)
	}
	return &search.Exact{Op: exactOps[op], Field: f.field, Values: []string{text}}, nil
}

// compareBool finds which of the two values meet a comparison: false is less than true.
func (f *filterField) compareBool(op string, value any) (search.Node, error) {
	to, ok := asBool(value)
	if !ok {
		return nil, f.badValue(value)
	}
	number := map[bool]int{true: 1}
	var any []search.Node
	for _, candidate := range []bool{false, true} {
		a := number[candidate]
		b := number[to]
		if meets := map[string]bool{"==": a == b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}; meets[op] {
			any = append(any, f.switched(candidate))
		}
	}
	return search.Or(any...), nil
}

// plain writes a number or a moment as the language of searches reads it.
func (f *filterField) plain(value any) (string, bool) {
	text, mistake := asText(value)
	if mistake != "" {
		return "", false
	}
	if f.kind == momentKind {
		at, ok := asMoment(text)
		return at.Format(time.RFC3339Nano), ok
	}
	return wholeNumber(text)
}

// asMoment reads a moment, or a day, which stands for its beginning.
func asMoment(text string) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, true
	}
	return asTime(text)
}

// wholeNumber reads a whole number, which may be written with a point and zeros. Its length is bounded.
func wholeNumber(text string) (string, bool) {
	const longest = 40
	if len(text) > longest {
		return "", false
	}
	text = strings.TrimSpace(text)
	if n, ok := new(big.Int).SetString(text, 10); ok {
		return n.String(), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != float64(int64(f)) {
		return "", false
	}
	return strconv.FormatInt(int64(f), 10), true
}

// oneOf is the tree of the rows that have one of some values.
func (f *filterField) oneOf(values []any) (search.Node, error) {
	if f.kind == boolKind || f.kind == momentKind {
		var any []search.Node
		for _, v := range values {
			node, err := f.compare("==", v)
			if err != nil {
				return nil, err
			}
			any = append(any, node)
		}
		if f.kind == momentKind && len(any) > maxFilterNodes {
			return nil, refuseWith(longList)
		}
		return search.Or(any...), nil
	}
	texts := make([]string, len(values))
	for i, v := range values {
		text, mistake := asText(v)
		ok := mistake == ""
		if f.kind == numberKind && ok {
			text, ok = wholeNumber(text)
		}
		if !ok {
			return nil, f.badValue(v)
		}
		texts[i] = text
	}
	switch {
	case len(texts) == 0:
		return search.Or(), nil
	case f.kind == numberKind:
		return &search.Compare{Op: search.OpIn, Field: f.field, Values: texts}, nil
	}
	return &search.Exact{Op: search.ExactlyOneOf, Field: f.field, Values: texts}, nil
}

// contains is the tree of the rows whose text has another one in it.
func (f *filterField) contains(value any) (search.Node, error) {
	text, mistake := asText(value)
	if mistake != "" || f.kind != textKind && f.kind != roleKind {
		return nil, f.badValue(value)
	}
	return &search.Exact{Op: search.ExactlyContains, Field: f.field, Values: []string{text}}, nil
}

// filter reads what limits a list: the filters by name, the search, and the filter in JSON Logic.
func (c *call) filter(fields filterFields) (search.Node, error) {
	var nodes []search.Node
	var wrong mistakes
	for i := range fields {
		f := &fields[i]
		value, given := c.queried(f.name)
		if value = strings.TrimSpace(value); !f.simple || !given || value == "" {
			continue
		}
		node, mistake := f.byName(value)
		if mistake != "" {
			wrong.add(f.name, mistake)
		} else if node != nil {
			nodes = append(nodes, node)
		}
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	found, err := c.searched(fields)
	if err != nil {
		return nil, err
	}
	text, _ := c.queried("filter")
	logic, err := parseLogic(text, fields)
	if err != nil {
		return nil, err
	}
	for _, node := range []search.Node{found, logic} {
		if node != nil {
			nodes = append(nodes, node)
		}
	}
	if len(nodes) == 0 {
		return nil, nil
	}
	return search.And(nodes...), nil
}

// byName is the tree of a filter by name; nil for a value that counts for nothing.
func (f *filterField) byName(value string) (node search.Node, mistake string) {
	if len(value) > maxFilterText {
		return nil, "Ensure this value is shorter."
	}
	switch f.kind {
	case boolKind:
		switch value {
		case "true", "True", "2":
			return f.switched(true), ""
		case "false", "False", "3":
			return f.switched(false), ""
		}
		return nil, ""
	case numberKind:
		text, ok := wholeNumber(value)
		if !ok {
			return nil, "Enter a number."
		}
		return &search.Compare{Op: search.OpEq, Field: f.field, Values: []string{text}}, ""
	case roleKind:
		if !models.OrganizationRole(value).Known() {
			return nil, "Select a valid choice. " + printable(value) + " is not one of the available choices."
		}
	}
	return search.Exactly(f.field, value), ""
}

// maxTerms is how many words are searched for.
const maxTerms = 32

// searched is the tree of the parameter search: every word is in one of the fields, whatever its case.
func (c *call) searched(fields filterFields) (search.Node, error) {
	text, _ := c.queried("search")
	if len(text) > maxFilterText {
		return nil, refuseWith("search: the text is too long")
	}
	words := searchTerms(strings.ReplaceAll(text, "\x00", ""))
	if len(words) > maxTerms {
		return nil, refuseWith("search: there are too many words")
	}
	var all []search.Node
	for _, word := range words {
		var any []search.Node
		for _, f := range fields {
			if f.searched {
				any = append(any, &search.Literal{Op: search.Contains, Field: f.field, Value: word})
			}
		}
		all = append(all, search.Or(any...))
	}
	if len(all) == 0 {
		return nil, nil
	}
	return search.And(all...), nil
}

// searchTerms splits a text at blanks and commas; what is in quotation marks stays together.
func searchTerms(text string) []string {
	var terms []string
	var term strings.Builder
	flush := func() {
		if term.Len() > 0 {
			terms = append(terms, term.String())
			term.Reset()
		}
	}
	var quote rune
	for i, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
			flush()
		case quote != 0:
			term.WriteRune(r)
		case (r == '"' || r == '\'') && term.Len() == 0 && strings.ContainsRune(text[i+1:], r):
			quote = r
		case r == ',' || strings.ContainsRune(" \t\r\n\v\f\u00a0", r):
			flush()
		default:
			term.WriteRune(r)
		}
	}
	flush()
	return terms
}

// order reads what a list is sorted by: unknown names are left out, and without any the newest come first.
func (c *call) order(fields filterFields, newest string) []search.SortKey {
	text, _ := c.queried("sort")
	var keys []search.SortKey
	for one := range strings.SplitSeq(text, ",") {
		name, desc := strings.CutPrefix(strings.TrimSpace(one), "-")
		i := slices.IndexFunc(fields, func(f filterField) bool { return f.name == name })
		known := i >= 0 && slices.ContainsFunc(keys, func(k search.SortKey) bool { return k.Field == fields[i].field })
		if i >= 0 && !known {
			keys = append(keys, search.SortKey{Field: fields[i].field, Desc: desc != fields[i].inverted})
		}
	}
	if len(keys) == 0 {
		return []search.SortKey{{Field: newest, Desc: true}}
	}
	return keys
}
