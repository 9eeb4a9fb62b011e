package scim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The plain model: what operations make of a resource, written down in the simplest way, on JSON.

// refusal is how the model refuses a request.
type refusal struct {
	status int
	kind   string
}

func (r refusal) Error() string { return fmt.Sprint(r.status, " ", r.kind) }

var (
	wrongValue = refusal{http.StatusBadRequest, "invalidValue"}
	fixedValue = refusal{http.StatusBadRequest, "mutability"}
	nowhere    = refusal{http.StatusBadRequest, "noTarget"}
	takenValue = refusal{http.StatusConflict, "uniqueness"}
)

// target is what an operation is about, in the model's own terms.
type target struct {
	// list, attr and sub are names; blank for none. An attribute of the enterprise extension begins with a colon.
	attr, sub string
	list      bool
	// filter is the text between brackets, meets what it says, terms what a value of it has. Without a filter, meets is
	// nil.
	filter string
	meets  func(object) bool
	terms  object
}

// modelUser is a user as JSON. gone are the names that somebody else has.
type modelUser struct {
	doc  object
	gone []string
}

func copied(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, inner := range v {
			out[name] = copied(inner)
		}
		return out
	case list:
		out := list{}
		for _, inner := range v {
			out = append(out, copied(inner))
		}
		return out
	}
	return v
}

// step does one operation to the model.
func (m *modelUser) step(op string, t target, value any) error {
	in := m.doc
	name := t.attr
	if rest, ok := strings.CutPrefix(name, ":"); ok {
		in, _ = m.doc[enterpriseURI].(object)
		if in == nil {
			in = object{}
		}
		name = rest
		defer func() {
			if delete(m.doc, enterpriseURI); len(in) > 0 {
				m.doc[enterpriseURI] = in
			}
		}()
	}
	switch {
	case t.list:
		have, _ := in[name].(list)
		all, err := stepOfList(op, name, t, have, value)
		if err != nil {
			return err
		}
		if delete(in, name); len(all) > 0 {
			in[name] = all
		}
		return nil
	case name == "name" || name == "manager":
		return stepOfObject(op, name, t, in, value)
	}
	return m.single(op, name, in, value)
}

func (m *modelUser) single(op, name string, in object, value any) error {
	blank := value == nil || value == ""
	firm := name == "userName" || name == "active"
	switch {
	case op == "remove" && firm:
		return fixedValue
	case op == "remove":
		delete(in, name)
		return nil
	case name == "active":
		on, known := map[any]bool{true: true, "True": true, 1: true, false: false, "False": false, 0: false}[value]
		if !known && !(blank && op == "add") {
			return wrongValue
		}
		if known {
			in[name] = on
		}
		return nil
	case blank && name == "userName":
		return wrongValue
	case blank && op == "add":
		return nil
	case blank:
		delete(in, name)
		return nil
	}
	in[name] = value
	return nil
}

// settle refuses a user as whole who cannot be. A name that is taken goes before what is too long.
func (m *modelUser) settle() error {
	if slices.Contains(m.gone, strings.ToLower(m.doc["userName"].(string))) {
		return takenValue
	}
	name, _ := m.doc["name"].(object)
	for _, part := range []string{"givenName", "familyName"} {
		if text, _ := name[part].(string); len(text) > 255 {
			return wrongValue
		}
	}
	return nil
}

// stepOfObject changes the parts of a complex value.
func stepOfObject(op, name string, t target, in object, value any) error {
	inner, _ := in[name].(object)
	if inner == nil {
		inner = object{}
	}
	parts, isObject := value.(object)
	switch text, isText := value.(string); {
	case t.sub != "" && op == "remove":
		parts = object{t.sub: nil}
	case t.sub != "":
		parts = object{t.sub: value}
	case op == "remove" || value == nil || value == "":
		delete(in, name)
		return nil
	case isText && name == "manager":
		parts = object{"value": text}
	case !isObject:
		return wrongValue
	}
	for part, v := range parts {
		if delete(inner, part); v != nil && v != "" {
			inner[part] = v
		}
	}
	if delete(in, name); len(inner) > 0 && (name != "manager" || inner["value"] != nil) {
		in[name] = inner
	}
	return nil
}

func sameValue(a, b object) bool {
	if a["value"] != nil {
		return a["value"] == b["value"] && a["type"] == b["type"]
	}
	return reflect.DeepEqual(a, b)
}

// given reads the values of a list, or the one instead of it.
func given(value any) (list, error) {
	values, ok := value.(list)
	if !ok {
		values = list{value}
	}
	out := list{}
	primaries := 0
	for _, v := range values {
		one := object{}
		for name, part := range v.(object) {
			if name == "primary" {
				part = part == true || part == "True"
			}
			if part != "" && part != nil {
				one[name] = part
			}
		}
		if len(one) == 0 || slices.ContainsFunc(out, func(o any) bool { return sameValue(o.(object), one) }) {
			continue
		}
		if one["primary"] == true {
			primaries++
		}
		out = append(out, one)
	}
	if primaries > 1 {
		return nil, wrongValue
	}
	return out, nil
}

func demote(all list) {
	for _, v := range all {
		if v.(object)["primary"] == true {
			v.(object)["primary"] = false
		}
	}
}

// stepOfList changes the values of an attribute that may have several.
func stepOfList(op, name string, t target, have list, value any) (list, error) {
	if t.meets == nil && t.sub == "" {
		return stepOfValues(op, have, value)
	}
	meets := t.meets
	if meets == nil {
		meets = func(object) bool { return true }
	}
	parts, _ := value.(object)
	if t.sub != "" {
		parts = object{t.sub: value}
	}
	all := list{}
	hits := 0
	var became []object
	for _, v := range have {
		one := v.(object)
		if meets(one) {
			hits++
			if op == "remove" && t.sub == "" {
				continue
			}
			was := one["primary"] == true
			if op == "remove" {
				delete(one, t.sub)
			} else {
				fill(one, parts)
			}
			if one["primary"] == true && !was {
				became = append(became, one)
			}
		}
		if len(one) > 0 {
			all = append(all, one)
		}
	}
	switch {
	case len(became) > 1:
		return nil, wrongValue
	case len(became) == 1:
		demote(all)
		became[0]["primary"] = true
	case hits > 0 || op == "remove":
	case t.meets != nil && op == "replace" && (t.sub == "" || !madeByReplace(name, t)):
		return nil, nowhere
	default:
		fresh := copied(t.terms).(object)
		if fill(fresh, parts); fresh["primary"] == true {
			demote(all)
		}
		if len(fresh) > 0 {
			all = append(all, fresh)
		}
	}
	return all, nil
}

func fill(one, parts object) {
	for part, v := range parts {
		if part == "primary" {
			v = v == true || v == "True"
		}
		if delete(one, part); v != nil && v != "" {
			one[part] = v
		}
	}
}

// madeByReplace reports whether a replacement of a sub-attribute makes a value where the filter finds none.
func madeByReplace(name string, t target) bool {
	usual := map[string]string{"emails": "work home other", "phoneNumbers": "work home other mobile fax pager",
		"addresses": "work home other"}[name]
	kind, _ := t.terms["type"].(string)
	return len(t.terms) == 1 && (t.terms["primary"] == true || slices.Contains(strings.Fields(usual), kind))
}

func stepOfValues(op string, have list, value any) (list, error) {
	if op == "remove" && (value == nil || len(have) == 0) {
		return nil, nil
	}
	values, err := given(value)
	if err != nil {
		return nil, err
	}
	switch op {
	case "replace":
		return values, nil
	case "remove":
		return slices.DeleteFunc(have, func(v any) bool {
			return slices.ContainsFunc(values, func(named any) bool {
				for part, want := range named.(object) {
					if v.(object)[part] != want {
						return false
					}
				}
				return true
			})
		}), nil
	}
	before := len(have)
	for _, v := range values {
		if slices.ContainsFunc(have[:before], func(h any) bool { return sameValue(h.(object), v.(object)) }) {
			continue
		}
		if v.(object)["primary"] == true {
			demote(have)
		}
		have = append(have, v)
	}
	return have, nil
}

// shown is the whole representation of the model, but for meta.
func (m *modelUser) shown(id string) object {
	doc := copied(m.doc).(object)
	doc["id"] = id
	doc["schemas"] = list{userURI}
	if doc[enterpriseURI] != nil {
		doc["schemas"] = list{userURI, enterpriseURI}
	}
	name, _ := doc["name"].(object)
	given, _ := name["givenName"].(string)
	family, _ := name["familyName"].(string)
	if whole := strings.TrimSpace(given + " " + family); name != nil && name["formatted"] == nil && whole != "" {
		name["formatted"] = whole
	}
	return doc
}

// The drawing of operations.

var (
	someWord  = rapid.SampledFrom([]string{"alpha", "Beta", "gamma ray", "ö", "x@example.org", "Y@example.org", ""})
	someKind  = rapid.SampledFrom([]string{"work", "home", "mobile", "gym"})
	someTruth = rapid.SampledFrom([]any{true, false, "True", "False"})
	someVerb  = rapid.SampledFrom([]string{"add", "replace", "remove"})
	someWrite = rapid.SampledFrom([]string{"add", "replace"})
	someText  = rapid.SampledFrom([]string{"displayName", "title", "nickName", "externalId", "preferredLanguage", "timezone",
		"locale", ":department", ":costCenter"})
	someList = rapid.SampledFrom([]string{"emails", "phoneNumbers", "addresses"})
)

// valueOf is the sub-attribute that has the value of a list's values.
func valueOf(name string) string {
	if name == "addresses" {
		return "locality"
	}
	return "value"
}

func drawValue(t *rapid.T, name string) object {
	v := object{valueOf(name): someWord.Draw(t, "value"), "type": someKind.Draw(t, "type")}
	if rapid.Bool().Draw(t, "with primary") {
		v["primary"] = someTruth.Draw(t, "primary")
	}
	return v
}

func drawValues(t *rapid.T, name string) any {
	if rapid.IntRange(0, 3).Draw(t, "lone") == 0 {
		return drawValue(t, name)
	}
	values := list{}
	for range rapid.IntRange(1, 3).Draw(t, "values") {
		values = append(values, drawValue(t, name))
	}
	return values
}

// drawFilter is a filter of a list's values, with what it means.
func drawFilter(t *rapid.T, name string) target {
	fold := func(v object, part, want string) bool {
		text, _ := v[part].(string)
		return strings.EqualFold(text, want)
	}
	kind := someKind.Draw(t, "kind")
	part := valueOf(name)
	word := rapid.SampledFrom([]string{"alpha", "beta", "y@example.org"}).Draw(t, "word")
	byKind := func(v object) bool { return fold(v, "type", kind) }
	switch rapid.IntRange(0, 5).Draw(t, "filter") {
	case 0:
		return target{filter: "primary eq true", meets: func(v object) bool { return v["primary"] == true },
			terms: object{"primary": true}}
	case 1:
		return target{filter: fmt.Sprintf("%s eq %q and type eq %q", part, word, kind), terms: object{part: word, "type": kind},
			meets: func(v object) bool { return byKind(v) && fold(v, part, word) }}
	case 2:
		return target{filter: fmt.Sprintf("not (type eq %q)", kind), meets: func(v object) bool { return !byKind(v) },
			terms: object{}}
	}
	return target{filter: fmt.Sprintf("type eq %q", kind), meets: byKind, terms: object{"type": kind}}
}

// drawOp is an operation: its path as a name of a member, and what the model makes of it.
func drawOp(t *rapid.T, op string) (path string, of target, value any) {
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1:
		of.attr = someText.Draw(t, "text")
		return pathOf(of), of, someWord.Draw(t, "word")
	case 2:
		of.attr = "active"
		return "active", of, rapid.SampledFrom([]any{true, false, "True", "False", 1, 0, "maybe"}).Draw(t, "active")
	case 3:
		of.attr = "userName"
		return "userName", of, rapid.SampledFrom([]string{"", "#", "#.other", "taken"}).Draw(t, "login")
	case 4, 5:
		of = drawPart(t)
		return pathOf(of), of, partValue(t, of)
	case 6:
		name := someList.Draw(t, "list")
		of = target{attr: name, list: true}
		if op == "remove" && rapid.Bool().Draw(t, "all") {
			return name, of, nil
		}
		return name, of, drawValues(t, name)
	}
	name := someList.Draw(t, "list")
	of = drawFilter(t, name)
	of.attr = name
	of.list = true
	if rapid.IntRange(0, 5).Draw(t, "without filter") == 0 {
		of.filter = ""
		of.meets = nil
		of.terms = object{}
		of.sub = valueOf(name)
		return pathOf(of), of, someWord.Draw(t, "word")
	}
	if rapid.Bool().Draw(t, "sub") {
		of.sub = rapid.SampledFrom([]string{valueOf(name), "primary"}).Draw(t, "sub-attribute")
		if of.sub == "primary" {
			return pathOf(of), of, someTruth.Draw(t, "truth")
		}
		return pathOf(of), of, rapid.SampledFrom([]string{"delta", "alpha"}).Draw(t, "new value")
	}
	return pathOf(of), of, drawValue(t, name)
}

// drawPart is a complex attribute with one value, or a part of it.
func drawPart(t *rapid.T) target {
	return rapid.SampledFrom([]target{{attr: "name"}, {attr: "name", sub: "givenName"}, {attr: "name", sub: "familyName"},
		{attr: "name", sub: "middleName"}, {attr: "name", sub: "formatted"}, {attr: ":manager"},
		{attr: ":manager", sub: "value"}}).Draw(t, "part")
}

func partValue(t *rapid.T, of target) any {
	word := rapid.SampledFrom([]any{"Ann", "Lee", "", nil, strings.Repeat("x", 300)})
	switch {
	case of.attr == ":manager" && of.sub == "":
		return rapid.SampledFrom([]any{"m1", "", object{"value": "m2"}, object{"value": ""}}).Draw(t, "manager")
	case of.attr == ":manager":
		return rapid.SampledFrom([]any{"m3", ""}).Draw(t, "manager")
	case of.sub == "formatted":
		return rapid.SampledFrom([]any{"Dr. A", ""}).Draw(t, "formatted")
	case of.sub != "":
		return word.Draw(t, "part")
	}
	return object{"givenName": word.Draw(t, "given"), "middleName": rapid.SampledFrom([]any{"M", ""}).Draw(t, "middle")}
}

func pathOf(t target) string {
	path := t.attr
	if rest, ok := strings.CutPrefix(path, ":"); ok {
		path = enterpriseURI + ":" + rest
	}
	if t.filter != "" {
		path += "[" + t.filter + "]"
	}
	if t.sub != "" {
		path += "." + t.sub
	}
	return path
}

// refusedOps are operations that are refused whatever the resource is.
var refusedOps = map[string]object{
	"400 mutability of groups": op("add", "groups", list{object{"value": "x"}}), "400 mutability of id": op("replace", "id", "x"),
	"400 mutability of roles": op("add", "roles", "x"), "400 mutability of meta": op("replace", "meta.version", "x"),
	"400 invalidPath": op("replace", "nope", "x"), "400 invalidPath of a part": op("replace", "name.nope", "x"),
	"400 invalidFilter": op("remove", `emails[type xx "x"]`, nil), "400 noTarget": op("remove", "", nil),
	"400 invalidSyntax": op("move", "title", "x"), "400 invalidValue": {"op": "add", "path": "title"},
}

// randomUser is a user whom requests change beside the model.
type randomUser struct {
	*provider
	t     *rapid.T
	model modelUser
	id    string
	login string
	said  []string
}

// request draws a request, sends it, and compares what the server and the model make of it.
func (u *randomUser) request() {
	u.t.Helper()
	before := u.get()
	next := modelUser{copied(u.model.doc).(object), u.model.gone}
	var ops list
	var refused error
	for range rapid.IntRange(1, 4).Draw(u.t, "operations") {
		one, err := u.operation(&next)
		ops = append(ops, one)
		if refused == nil {
			refused = err
		}
	}
	// What cannot be read at all is refused first.
	for _, one := range ops {
		if one.(object)["op"] == "move" {
			refused = refusal{http.StatusBadRequest, "invalidSyntax"}
		}
	}
	if refused == nil {
		refused = next.settle()
	}
	body, err := json.Marshal(ops)
	if err != nil {
		u.t.Fatal(err)
	}
	u.said = append(u.said, string(body))
	a, err := u.Try("PATCH", u.at("/Users/"+u.id), object{"schemas": list{patchURI}, "Operations": ops})
	if err != nil {
		u.t.Fatal(err)
	}
	want := refusal{http.StatusOK, ""}
	if refused != nil {
		want = refused.(refusal)
	} else {
		u.model = next
	}
	got := asObject(u.t, a.Body)
	if kind, _ := got["scimType"].(string); a.Status != want.status || kind != want.kind {
		u.t.Fatalf("%s\ngot %s, want %v", strings.Join(u.said, "\n"), a, want)
	}
	after := u.get()
	if a.Status == http.StatusOK && !reflect.DeepEqual(got, after) {
		u.t.Fatalf("%s\nanswered %v, and shows %v", body, got, after)
	}
	versions := []any{before["meta"], after["meta"]}
	same := withoutMeta(before, after)
	if same != reflect.DeepEqual(versions[0], versions[1]) {
		u.t.Fatalf("%s\nthe resource is the same: %v; meta was %v and is %v", body, same, versions[0], versions[1])
	}
	if shown := asObject(u.t, []byte(jsonText(u.model.shown(u.id)))); !reflect.DeepEqual(after, shown) {
		u.t.Fatalf("%s\ngot  %s\nwant %s", strings.Join(u.said, "\n"), jsonText(after), jsonText(shown))
	}
}

// withoutMeta takes the times and versions out of two resources and reports whether they are the same then.
func withoutMeta(a, b object) bool {
	delete(a, "meta")
	delete(b, "meta")
	return reflect.DeepEqual(a, b)
}

// operation draws an operation and does it to the model.
func (u *randomUser) operation(m *modelUser) (object, error) {
	switch rapid.IntRange(0, 9).Draw(u.t, "shape") {
	case 0:
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(refusedOps))).Draw(u.t, "refused")
		var r refusal
		if _, err := fmt.Sscanf(name, "%d %s", &r.status, &r.kind); err != nil {
			u.t.Fatal(err)
		}
		return refusedOps[name], r
	case 1, 2:
		return u.withoutPath(m)
	}
	verb := someVerb.Draw(u.t, "op")
	path, of, value := drawOp(u.t, verb)
	value = u.loginFor(of, value)
	spelled := rapid.SampledFrom([]string{path, path, strings.ToUpper(path[:1]) + path[1:]}).Draw(u.t, "case")
	o := op(verb, spelled, value)
	if strings.HasPrefix(path, "urn:") {
		o["path"] = path
	}
	o["op"] = rapid.SampledFrom([]string{verb, strings.ToUpper(verb[:1]) + verb[1:]}).Draw(u.t, "verb")
	if verb == "remove" && (!of.list || of.sub != "" || of.meets != nil || value == nil) {
		delete(o, "value")
		value = nil
	}
	return o, m.step(verb, of, copied(value))
}

// loginFor makes names of users those of this one.
func (u *randomUser) loginFor(of target, value any) any {
	if text, ok := value.(string); ok && of.attr == "userName" {
		return strings.ReplaceAll(text, "#", u.login)
	}
	return value
}

// withoutPath draws an operation whose value has a member for each of some attributes.
func (u *randomUser) withoutPath(m *modelUser) (object, error) {
	verb := someWrite.Draw(u.t, "op")
	value := object{"id": "ignored", "groups": list{object{"value": "ignored"}}, "nope": "ignored"}
	targets := map[string]target{}
	for range rapid.IntRange(1, 4).Draw(u.t, "members") {
		path, of, v := drawOp(u.t, verb)
		value[path] = u.loginFor(of, v)
		targets[path] = of
	}
	o := op(verb, "", value)
	for _, path := range slices.Sorted(maps.Keys(targets)) {
		if err := m.step(verb, targets[path], copied(value[path])); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (u *randomUser) get() object {
	a, err := u.Try("GET", u.at("/Users/"+u.id), nil)
	if err != nil || a.Status != http.StatusOK {
		u.t.Fatal(a, err)
	}
	return asObject(u.t, a.Body)
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func asObject(t *rapid.T, body []byte) object {
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return o
}

// Random operations make of users what they make of a plain model, over HTTP; what is refused changes nothing.
func TestPatch_Model(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		p.user("taken")
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			login := fmt.Sprint("user", n)
			u := &randomUser{provider: p, t: rt, login: login, id: p.user(login),
				model: modelUser{object{"userName": login, "active": true}, []string{"taken"}}}
			for range rapid.IntRange(1, 6).Draw(rt, "requests") {
				u.request()
			}
		})
	})
}
