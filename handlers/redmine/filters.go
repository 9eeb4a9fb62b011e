package redmine

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// filter is a parameter that limits a list (docs/spec/redmine.md, 4).
type filter struct {
	// label is what messages call it.
	label string
	// kind says which operators it has.
	kind filterKind
	// fields are the fields that are compared: any of them.
	fields []string
	// admins says that only administrators may use it: it tells what others are not shown.
	admins bool
}

type filterKind int

const (
	textFilter filterKind = iota
	dateFilter
	idFilter
	switchFilter
	presenceFilter
	statusFilter
	nameFilter
	numberFilter
)

// filters are those of users.
var filters = map[string]filter{
	"status":        {label: "Status", kind: statusFilter},
	"name":          {label: "Name", kind: nameFilter},
	"login":         {label: "Login", kind: textFilter, fields: []string{"login"}},
	"firstname":     {label: "First name", kind: textFilter, fields: []string{"firstname"}},
	"lastname":      {label: "Last name", kind: textFilter, fields: []string{"lastname"}},
	"mail":          {label: "Email", kind: textFilter, fields: []string{"mail", "further_mail"}, admins: true},
	"created_on":    {label: "Created", kind: dateFilter, fields: []string{"created_on"}},
	"last_login_on": {label: "Last connection", kind: dateFilter, fields: []string{"last_login_on"}},
	"admin":         {label: "Administrator", kind: switchFilter, fields: []string{"own_admin"}, admins: true},
	"auth_source_id": {label: "Authentication mode", kind: idFilter, fields: []string{"auth_source_id"},
		admins: true},
	"group_id":           {label: "Group", kind: idFilter, fields: []string{"member_of"}, admins: true},
	"is_member_of_group": {label: "Group", kind: idFilter, fields: []string{"member_of"}, admins: true},
	"twofa": {label: "Two-factor authentication", kind: presenceFilter, fields: []string{"second_factor"},
		admins: true},
	"twofa_scheme": {label: "Two-factor authentication scheme", kind: textFilter, fields: []string{"second_factor"},
		admins: true},
}

// customKinds are the kinds of filters of custom fields.
var customKinds = map[models.CustomFormat]filterKind{
	models.CustomInt: numberFilter, models.CustomFloat: numberFilter, models.CustomDate: dateFilter,
}

// filterNamed returns the filter of a name that the caller may use.
func (c *call) filterNamed(name string) (filter, bool) {
	if f := c.customFilter(name); f != nil && c.p.Admin {
		return filter{label: f.Name, kind: customKinds[f.Format], fields: []string{name}}, true
	}
	f, ok := filters[name]
	return f, ok && (c.p.Admin || !f.admins)
}

// condition is a filter with what it is compared with.
type condition struct {
	name, op string
	values   []string
}

// Bounds of filters.
const (
	// maxTokens is how many words of a text are looked for.
	maxTokens = 10
	// maxFilterValues is how many values a filter may have.
	maxFilterValues = 100
)

// userFilter reads the filters of a list of users. Without one for the status, and without any in the long form, only
// active users are listed; who is no administrator sees no others in any case.
func (c *call) userFilter() (search.Node, error) {
	var nodes []search.Node
	var mistakes []string
	conditions, long := c.longFilters()
	if !long {
		conditions = c.shortFilters()
	}
	for _, cond := range conditions {
		f, ok := c.filterNamed(cond.name)
		if !ok {
			continue
		}
		node, mistake := c.compile(f, cond)
		if mistake != "" {
			mistakes = append(mistakes, f.label+" "+mistake)
		} else if node != nil {
			nodes = append(nodes, node)
		}
	}
	if len(mistakes) > 0 {
		return nil, refusal{http.StatusUnprocessableEntity, mistakes}
	}
	if !c.p.Admin {
		nodes = append(nodes, scopes.WithStatus(models.UserActive))
	}
	return search.And(nodes...), nil
}

// shortFilters are the parameters that are called like a filter, in the order of names.
func (c *call) shortFilters() []condition {
	conditions := []condition{}
	query := c.QueryParams()
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, strings.TrimSuffix(name, "[]"))
	}
	if !slices.Contains(names, "status") {
		conditions = append(conditions, condition{name: "status", op: "=", values: []string{"1"}})
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if values, listed := query[name+"[]"]; listed {
			conditions = append(conditions, condition{name: name, op: "[]", values: values})
		} else {
			conditions = append(conditions, condition{name: name, values: query[name][len(query[name])-1:]})
		}
	}
	return conditions
}

// longFilters are those that f, op and v describe; long says whether there are any.
func (c *call) longFilters() (conditions []condition, long bool) {
	query := c.QueryParams()
	names, long := query["f[]"]
	if !long {
		return nil, false
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		cond := condition{name: name, op: query.Get("op[" + name + "]"), values: query["v["+name+"][]"]}
		if cond.op == "" {
			cond.op = "="
		}
		conditions = append(conditions, cond)
	}
	return conditions, true
}

// operators are those that a short filter may begin with, the longer ones first.
var operators = map[filterKind][]string{
	textFilter:     {"*~", "!~", "!*", "~", "^", "$", "*", "!", "="},
	dateFilter:     {"><t-", ">t-", "<t-", "t-", "><", ">=", "<=", "!*", "*", "="},
	idFilter:       {"!*", "*", "!", "="},
	switchFilter:   {"!", "="},
	numberFilter:   {"><", ">=", "<=", "!*", "*", "="},
	statusFilter:   {"!*", "*", "!", "="},
	presenceFilter: {},
	nameFilter:     {},
}

// spans are the operators that stand for a stretch of days, without a value.
var spans = []string{"t", "ld", "w", "lw", "l2w", "m", "lm", "y"}

// splitOperator takes a short filter apart.
func splitOperator(f filter, text string) (op string, values []string) {
	if f.kind == dateFilter && slices.Contains(spans, text) {
		return text, nil
	}
	op = "="
	for _, candidate := range operators[f.kind] {
		if rest, ok := strings.CutPrefix(text, candidate); ok {
			op = candidate
			text = rest
			break
		}
	}
	for value := range strings.SplitSeq(text, "|") {
		if value != "" {
			values = append(values, value)
		}
	}
	return op, values
}

// The ends of messages about filters.
const (
	isInvalid = "is invalid"
	isBlank   = "cannot be blank"
)

// compile turns a condition into a tree; nil restricts nothing. A mistake is the end of a message.
func (c *call) compile(f filter, cond condition) (node search.Node, mistake string) {
	if cond.op == "[]" {
		if f.kind == statusFilter {
			return nil, isInvalid
		}
		cond.op = "="
	} else if cond.op == "" {
		text := cond.values[0]
		switch f.kind {
		case nameFilter:
			return c.nameNode(text), ""
		case presenceFilter:
			return presenceNode(f, text), ""
		case statusFilter, idFilter:
			if strings.TrimSpace(text) == "" {
				return nil, ""
			}
		}
		cond.op, cond.values = splitOperator(f, text)
	}
	if len(cond.values) > maxFilterValues {
		return nil, isInvalid
	}
	if cond.op == "*" || cond.op == "!*" {
		if f.kind == nameFilter {
			return nil, isInvalid
		}
		return present(f, cond.op == "*"), ""
	}
	if len(cond.values) == 0 && (f.kind != dateFilter || !slices.Contains(spans, cond.op)) {
		return nil, isBlank
	}
	switch f.kind {
	case statusFilter:
		return statusNode(cond)
	case idFilter:
		return idNode(f, cond)
	case switchFilter:
		return switchNode(f, cond)
	case dateFilter:
		return c.dateNode(f, cond)
	case numberFilter:
		return numberNode(f, cond)
	case nameFilter:
		return c.nameNode(strings.Join(cond.values, " ")), ""
	case presenceFilter:
		return presenceNode(f, cond.values[0]), ""
	}
	return textNode(f, cond)
}

// present tests whether a value is there. Every account has a status; an auth source counts if it is not this server.
func present(f filter, there bool) search.Node {
	if f.kind == statusFilter {
		if there {
			return nil
		}
		return search.Or()
	}
	var test search.Node
	switch f.fields[0] {
	case "auth_source_id":
		test = &search.Not{X: &search.Compare{Op: search.OpEq, Field: "auth_source_type",
			Values: []string{string(models.InternalSource)}}}
	default:
		var any []search.Node
		for _, field := range f.fields {
			any = append(any, &search.Presence{Op: search.OpSet, Field: field})
		}
		test = search.Or(any...)
	}
	if there {
		return test
	}
	return &search.Not{X: test}
}

// statusNode compares the state of accounts. A number that no state has finds nobody.
func statusNode(cond condition) (search.Node, string) {
	var wanted []models.UserStatus
	for _, text := range cond.values {
		wanted = append(wanted, statusOf(leading(text)))
	}
	node := scopes.WithStatus(wanted...)
	if cond.op == "!" {
		return &search.Not{X: node}, ""
	}
	return node, ""
}

func idNode(f filter, cond condition) (search.Node, string) {
	var values []string
	for _, id := range ids(cond.values) {
		values = append(values, strconv.FormatInt(id, 10))
	}
	var node search.Node = &search.Compare{Op: search.OpIn, Field: f.fields[0], Values: values}
	if cond.op == "!" {
		node = &search.Not{X: node}
	}
	return node, ""
}

func switchNode(f filter, cond condition) (search.Node, string) {
	var any []search.Node
	for _, text := range cond.values {
		if text != "0" && text != "1" {
			return nil, isInvalid
		}
		any = append(any, &search.Compare{Op: search.OpEq, Field: f.fields[0],
			Values: []string{strconv.FormatBool(text == "1")}})
	}
	if cond.op == "!" {
		return &search.Not{X: search.Or(any...)}, ""
	}
	return search.Or(any...), ""
}

// presenceNode is the old filter for a second factor: 1 for those who have one, 0 for others, any other number for all.
func presenceNode(f filter, text string) search.Node {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	switch leading(text) {
	case 1:
		return present(f, true)
	case 0:
		return present(f, false)
	}
	return nil
}

// textNode compares texts.
func textNode(f filter, cond condition) (search.Node, string) {
	first := cond.values[0]
	switch cond.op {
	case "=":
		return anyOf(f, search.Is, cond.values), ""
	case "!":
		return &search.Not{X: anyOf(f, search.Is, cond.values)}, ""
	case "~":
		return allWords(f.fields, first), ""
	case "!~":
		return &search.Not{X: allWords(f.fields, first)}, ""
	case "*~":
		return anyOf(f, search.Contains, firstWords(first)), ""
	case "^":
		return anyOf(f, search.Begins, cond.values), ""
	case "$":
		return anyOf(f, search.Ends, cond.values), ""
	}
	return nil, isInvalid
}

// anyOf finds any of the values in any of the fields.
func anyOf(f filter, op search.LiteralOp, values []string) search.Node {
	var any []search.Node
	for _, field := range f.fields {
		for _, value := range values {
			any = append(any, &search.Literal{Op: op, Field: field, Value: value})
		}
	}
	return search.Or(any...)
}

// allWords finds all words of a text in one of the fields.
func allWords(fields []string, text string) search.Node {
	var any []search.Node
	for _, field := range fields {
		var all []search.Node
		for _, word := range firstWords(text) {
			all = append(all, &search.Literal{Op: search.Contains, Field: field, Value: word})
		}
		any = append(any, search.And(all...))
	}
	return search.Or(any...)
}

// firstWords are the first words of a text.
func firstWords(text string) []string {
	words := strings.Fields(text)
	return words[:min(len(words), maxTokens)]
}

// nameNode finds who is called like a text: a login or an address with the whole text, first and last names that have
// each word of it between them, or all words in one of these (docs/spec/redmine.md, 4.2 and 4.3).
func (c *call) nameNode(text string) search.Node {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	columns := []string{"login", "firstname", "lastname"}
	whole := []string{"login"}
	if c.p.Admin {
		columns = append(columns, "mail", "further_mail")
		whole = append(whole, "mail", "further_mail")
	}
	var any []search.Node
	for _, field := range whole {
		any = append(any, &search.Literal{Op: search.Contains, Field: field, Value: text})
	}
	words := firstWords(text)
	var all []search.Node
	for _, word := range words {
		all = append(all, search.Or(&search.Literal{Op: search.Contains, Field: "firstname", Value: word},
			&search.Literal{Op: search.Contains, Field: "lastname", Value: word}))
	}
	any = append(any, search.And(all...))
	if long := slices.DeleteFunc(slices.Clone(words), isShort); len(words) > 1 && len(long) == len(words) {
		any = append(any, allWords(columns, text))
	}
	return search.Or(any...)
}

// isShort says the words that are too short to be looked for on their own.
func isShort(word string) bool { return len(word) < 2 }

var (
	dateForm   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	numberForm = regexp.MustCompile(`^[+-]?\d{1,6}$`)
)

// dateNode compares days, in the caller's time zone.
func (c *call) dateNode(f filter, cond condition) (search.Node, string) {
	field := f.fields[0]
	compare := func(op search.Operator, day string) search.Node {
		return &search.Compare{Op: op, Field: field, Values: []string{day}}
	}
	between := func(from, to string) search.Node {
		return search.And(compare(search.OpGe, from), compare(search.OpLe, to))
	}
	today := c.api.dir.Now().In(c.zone())
	if from, to, ok := stretch(cond.op, today); ok {
		return between(from, to), ""
	}
	if slices.Contains([]string{"><t-", ">t-", "<t-", "t-"}, cond.op) {
		if !numberForm.MatchString(cond.values[0]) {
			return nil, isInvalid
		}
		day := dayOf(today.AddDate(0, 0, -int(leading(cond.values[0]))))
		switch cond.op {
		case "t-":
			return between(day, day), ""
		case "<t-":
			return compare(search.OpLe, day), ""
		case ">t-":
			return compare(search.OpGe, day), ""
		}
		return between(day, dayOf(today)), ""
	}
	for _, value := range cond.values {
		if _, err := time.Parse(time.DateOnly, value); err != nil || !dateForm.MatchString(value) {
			return nil, isInvalid
		}
	}
	switch {
	case cond.op == ">=":
		return compare(search.OpGe, cond.values[0]), ""
	case cond.op == "<=":
		return compare(search.OpLe, cond.values[0]), ""
	case cond.op == "><" && len(cond.values) == 2:
		return between(cond.values[0], cond.values[1]), ""
	case cond.op == "=":
		return between(cond.values[0], cond.values[0]), ""
	}
	return nil, isInvalid
}

func (c *call) zone() *time.Location {
	if c.p.Zone == nil {
		return time.UTC
	}
	return c.p.Zone
}

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

// stretch returns the first and the last day of an operator that stands for some. Weeks begin on Monday.
func stretch(op string, today time.Time) (from, to string, ok bool) {
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	first := today.AddDate(0, 0, 1-today.Day())
	days := func(from time.Time, n int) (string, string, bool) {
		return dayOf(from), dayOf(from.AddDate(0, 0, n-1)), true
	}
	const week = 7
	switch op {
	case "t":
		return days(today, 1)
	case "ld":
		return days(today.AddDate(0, 0, -1), 1)
	case "w":
		return days(monday, week)
	case "lw":
		return days(monday.AddDate(0, 0, -week), week)
	case "l2w":
		return days(monday.AddDate(0, 0, -2*week), 2*week)
	case "m":
		return dayOf(first), dayOf(first.AddDate(0, 1, -1)), true
	case "lm":
		return dayOf(first.AddDate(0, -1, 0)), dayOf(first.AddDate(0, 0, -1)), true
	case "y":
		year := today.Format("2006")
		return year + "-01-01", year + "-12-31", true
	}
	return "", "", false
}

// numberNode compares numbers.
func numberNode(f filter, cond condition) (search.Node, string) {
	for _, value := range cond.values {
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return nil, isInvalid
		}
	}
	compare := func(op search.Operator, values ...string) search.Node {
		return &search.Compare{Op: op, Field: f.fields[0], Values: values}
	}
	switch {
	case cond.op == "=":
		return compare(search.OpIn, cond.values...), ""
	case cond.op == ">=":
		return compare(search.OpGe, cond.values[0]), ""
	case cond.op == "<=":
		return compare(search.OpLe, cond.values[0]), ""
	case cond.op == "><" && len(cond.values) == 2:
		return search.And(compare(search.OpGe, cond.values[0]), compare(search.OpLe, cond.values[1])), ""
	}
	return nil, isInvalid
}
