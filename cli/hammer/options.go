package hammer

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/value"
)

// option is one switch of a command.
type option struct {
	switches  []string
	attribute string
	// metavar names the value in the help; an option without one is a flag.
	metavar, about string
	parse          func(string) (any, error)
	// means is the value of a flag that does not stand for true.
	means    any
	required bool
	// repeat is whether the option may be given several times: its value is the list of all.
	repeat bool
	// ours is whether hammer does not have the option.
	ours bool
	// end is whether the value is the time at which something ends.
	end bool
	// refers is the resource (in the singular) whose name or id the value is.
	refers string
	// values complete the option in a shell.
	values []string
}

// newOption returns the option --NAME, whose values are read by parse. Its attribute and metavar follow from the name.
func newOption(name, about string, parse func(string) (any, error)) *option {
	o := flagOption(name, about)
	o.metavar = metavar(name)
	o.parse = parse
	return o
}

// textOption returns the option --NAME, whose values are texts.
func textOption(name, about string) *option { return newOption(name, about, parseText) }

// wordOption returns the option --NAME, whose values are some of these words.
func wordOption(name, about string, words ...string) *option {
	o := newOption(name, about, parseWord(words))
	o.values = words
	return o
}

// yesNoOption returns the option --NAME, whose values are yes and no.
func yesNoOption(name, about string) *option {
	o := newOption(name, about, parseYesNo)
	o.values = []string{"yes", "no"}
	return o
}

// flagOption returns the option --NAME without values.
func flagOption(name, about string) *option {
	return &option{switches: []string{"--" + name}, attribute: strings.ReplaceAll(name, "-", "_"), about: about}
}

// require makes the option a required one.
func (o *option) require() *option {
	o.required = true
	return o
}

// showAs sets the metavar: the word for the value in the help.
func (o *option) showAs(metavar string) *option {
	o.metavar = metavar
	return o
}

// refer sets the resource, in the singular, that the value names.
func (o *option) refer(resource string) *option {
	o.refers = resource
	return o
}

// store sets the attribute: the key of the value.
func (o *option) store(attribute string) *option {
	o.attribute = attribute
	return o
}

func (o *option) long() string { return o.switches[len(o.switches)-1] }

// only marks the option as one that hammer does not have.
func (o *option) only() *option {
	o.ours = true
	return o
}

// optionsOf returns the options of a command. Called hammer, the program has no others than hammer.
func (a *app) optionsOf(c *command) []*option {
	all := optionsOf(a.doc, c)
	if a.isHammer() {
		all = slices.DeleteFunc(all, func(o *option) bool { return o.ours })
	}
	return all
}

// builder makes the options of a command from the API documentation (docs/spec/hammer.md, 2 and 3).
type builder struct {
	doc     *apidoc.Document
	options []*option
	without []string
}

// optionsOf returns the options of a command. If the server does not offer what the command does, those of the
// documentation are missing.
func optionsOf(doc *apidoc.Document, c *command) []*option {
	b := &builder{doc: doc, without: c.without}
	b.add(c.extra...)
	res := doc.Resource(c.resource)
	m := res.Method(c.action)
	switch {
	case c.kind == isLocal:
	case m == nil:
		return b.options
	case c.kind == isAdd || c.kind == isRemove:
		b.searchables(res)
		other := doc.Resource(c.associated)
		if other == nil {
			return b.options
		}
		b.dependent(other, m.Param(other.Singular()+"_id"))
		b.required(res)
		b.required(other)
		b.add(textOption("id", "").refer(res.Singular()))
	default:
		b.forMethod(res, m)
		if c.kind == isUpdate {
			b.renames(res)
		}
	}
	if c.kind == isList || c.kind == isInfo {
		b.add(newOption("fields", "Show these fields only: labels, or the sets DEFAULT, ALL, THIN", parseList))
	}
	if c.kind == isList {
		b.add(newOption("watch", "Show the list again and again", parseSeconds).showAs("SECONDS"))
	}
	return b.options
}

// add adds options, except those that are there already.
func (b *builder) add(options ...*option) {
	for _, o := range options {
		known := slices.ContainsFunc(b.options, func(k *option) bool { return slices.Contains(k.switches, o.long()) })
		if !known && !slices.Contains(b.without, o.attribute) &&
			!slices.Contains(b.without, strings.TrimSuffix(o.attribute, "_name")) {
			b.options = append(b.options, o)
		}
	}
}

func (b *builder) forMethod(res *apidoc.Resource, m *apidoc.Method) {
	if m.Param("id") != nil {
		b.searchables(res)
		b.required(res)
	}
	all := apidoc.Flatten(m.Params)
	for i, p := range all {
		if !strings.HasSuffix(p.Name, "_id") || p.Hidden() {
			continue
		}
		if other := b.doc.OfParam(p.Name); other != nil {
			b.dependent(other, &all[i])
			if p.Required {
				b.required(other)
			}
		}
	}
	for _, p := range all {
		if other := b.doc.OfParam(p.Name); other != nil && strings.HasSuffix(p.Name, "_ids") && !p.Hidden() {
			b.dependentList(other)
		}
	}
	b.params(m.Params)
}

// searchables adds the options that find the object itself: --name, --login.
func (b *builder) searchables(res *apidoc.Resource) {
	for _, s := range searchables(res.Singular()) {
		b.add(textOption(s.name, "Find by "+s.name).refer(res.Singular()))
	}
}

// dependent adds the options that find another object: --role, --role-id.
func (b *builder) dependent(res *apidoc.Resource, p *apidoc.Param) {
	one := res.Singular()
	shown := switchName(one)
	id := newOption(shown+"-id", "", parseNumber).store(one + "_id").refer(one)
	if p != nil {
		id.about = apidoc.PlainText(p.Description)
		id.parse = parserOf(*p)
	}
	b.add(id)
	for i, s := range searchables(one) {
		name := shown
		if i > 0 {
			name += "-" + s.name
		}
		b.add(textOption(name, capitalized(strings.ReplaceAll(shown, "-", " "))+" by "+s.name).
			store(one + "_" + s.name).showAs(metavar(shown + "_" + s.name)).refer(one))
	}
}

// dependentList adds the options that find several others: --roles, --organization-titles.
func (b *builder) dependentList(res *apidoc.Resource) {
	one := res.Singular()
	for i, s := range searchables(one) {
		plural := apidoc.Plural(s.name)
		name := switchName(res.Name)
		if i > 0 {
			name = switchName(one) + "-" + plural
		}
		about := capitalized(plural) + " of " + strings.ReplaceAll(switchName(res.Name), "-", " ")
		b.add(newOption(name, about, parseList).
			store(one + "_" + plural).showAs(metavar(switchName(one) + "_" + plural)).refer(one))
	}
}

// required adds the options for objects that a resource can only be listed below, such as the user of an SSH key.
func (b *builder) required(res *apidoc.Resource) {
	m := res.Method("index")
	if m == nil {
		return
	}
	for _, p := range apidoc.Flatten(m.Params) {
		if other := b.doc.OfParam(p.Name); p.Required && strings.HasSuffix(p.Name, "_id") && other != nil {
			b.dependent(other, &p)
			b.required(other)
		}
	}
}

func (b *builder) params(params []apidoc.Param) {
	for _, p := range params {
		if p.Type == "hash" {
			b.params(p.Params)
			continue
		}
		if p.Hidden() {
			continue
		}
		o := newOption(paramSwitch(p.Name), apidoc.PlainText(p.Description), parserOf(p)).store(p.Name)
		o.values = p.Enum()
		o.end = strings.HasSuffix(p.Validator, "DateTime")
		if p.Type == "boolean" {
			o.values = []string{"yes", "no"}
		}
		if strings.HasSuffix(p.Name, "_id") || strings.HasSuffix(p.Name, "_ids") {
			if other := b.doc.OfParam(p.Name); other != nil {
				o.refers = other.Singular()
			}
		}
		b.add(o)
	}
}

// renames adds the options --new-NAME of updates, in which --NAME finds the object.
func (b *builder) renames(res *apidoc.Resource) {
	for _, s := range searchables(res.Singular()) {
		if !s.fixed {
			b.add(textOption("new-"+s.name, "The new "+s.name))
		}
	}
}

// searchable is a field by which objects are found.
type searchable struct {
	name string
	// fixed fields cannot be changed through an option --new-NAME.
	fixed bool
	// titled says that the title of an object may stand in place of its name, where it has a slash.
	titled bool
}

// searchables returns the fields that find objects of a resource (docs/spec/hammer.md, 3).
func searchables(one string) []searchable {
	switch one {
	case "user":
		return []searchable{{name: "login"}}
	case "organization", "location", "hostgroup":
		return []searchable{{name: "name"}, {name: "title", fixed: true}}
	case "setting":
		return []searchable{{name: "name", fixed: true}}
	case "operatingsystem":
		return []searchable{{name: "title", fixed: true}}
	case "filter", "audit", "table_preference", "registration_token":
		return nil
	}
	return []searchable{{name: "name"}}
}

// shownAs are the resources whose options have a dash in the name.
var shownAs = map[string]string{"usergroup": "user-group", "usergroups": "user-groups", "ptable": "partition-table",
	"ptables": "partition-tables"}

func switchName(resource string) string {
	return cmp.Or(shownAs[resource], strings.ReplaceAll(resource, "_", "-"))
}

// paramSwitch returns the option of a parameter, without the dashes in front.
func paramSwitch(name string) string {
	for _, suffix := range []string{"_ids", "_id"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			return switchName(base) + strings.ReplaceAll(suffix, "_", "-")
		}
	}
	return strings.ReplaceAll(name, "_", "-")
}

func metavar(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) }

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// parseOptions reads the arguments of a command. Options may stand in any order; any other argument is a mistake. The
// values that were read before a mistake are returned with it.
func parseOptions(args []string, options []*option) (map[string]any, error) {
	l := &commandLine{rest: args, options: options, values: map[string]any{}}
	for l.atOption() {
		if err := l.option(); err != nil {
			return l.values, err
		}
	}
	if len(l.rest) > 0 {
		return l.values, hammerErrorf("Too many arguments.")
	}
	for _, o := range options {
		if _, ok := l.values[o.attribute]; o.required && !ok {
			return l.values, hammerErrorf("Option %s is required.", o.long())
		}
	}
	return l.values, nil
}

// commandLine is a command line that is being read: the remaining arguments, and the values of the options so far.
type commandLine struct {
	rest    []string
	options []*option
	values  map[string]any
}

// atOption reports whether an option comes next. It skips "--", after which there are none.
func (l *commandLine) atOption() bool {
	if len(l.rest) == 0 {
		return false
	}
	if l.rest[0] == "--" {
		l.rest = l.rest[1:]
		return false
	}
	return strings.HasPrefix(l.rest[0], "-") && l.rest[0] != "-"
}

// option reads the next option and its value.
func (l *commandLine) option() error {
	arg := l.rest[0]
	l.rest = l.rest[1:]
	name := arg
	var text string
	var attached bool
	if strings.HasPrefix(arg, "--") {
		name, text, attached = strings.Cut(arg, "=")
	}
	o, off := findOption(l.options, name)
	if o == nil && len(arg) > 2 && arg[1] != '-' {
		// -uNAME is -u NAME, and -dv is -d -v.
		name = arg[:2]
		o, off = findOption(l.options, name)
		switch {
		case o == nil:
		case o.metavar == "":
			l.rest = slices.Insert(slices.Clone(l.rest), 0, "-"+arg[2:])
		default:
			text = arg[2:]
			attached = true
		}
	}
	switch {
	case o == nil:
		return hammerErrorf("Unrecognised option '%s'.", name)
	case o.metavar == "":
		l.setFlag(o, !off)
		return nil
	case attached:
		return l.setValue(o, name, text)
	case len(l.rest) == 0:
		return hammerErrorf("Option '%s': no value provided.", name)
	}
	text = l.rest[0]
	l.rest = l.rest[1:]
	return l.setValue(o, name, text)
}

func (l *commandLine) setFlag(o *option, on bool) {
	if o.means != nil {
		l.values[o.attribute] = o.means
	} else {
		l.values[o.attribute] = on
	}
}

// setValue sets an option to the value that a text stands for. The name is the switch that was typed.
func (l *commandLine) setValue(o *option, name, text string) error {
	if text == "NIL" {
		l.values[o.attribute] = value.Null{}
		return nil
	}
	parsed, err := o.parse(text)
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if err != nil {
		return hammerErrorf("Option '%s': %v.", name, err)
	}
	if o.repeat {
		parsed = append(value.AsList(l.values[o.attribute]), parsed)
	}
	l.values[o.attribute] = parsed
	return nil
}

// findOption returns the option with a switch, nil if there is none. off is set for --no-FLAG, which turns a flag off.
func findOption(options []*option, name string) (found *option, off bool) {
	for _, o := range options {
		if slices.Contains(o.switches, name) {
			return o, false
		}
		if o.metavar == "" && name == "--no-"+strings.TrimPrefix(o.long(), "--") {
			return o, true
		}
	}
	return nil, false
}
