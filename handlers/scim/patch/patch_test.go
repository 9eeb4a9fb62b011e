package patch

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roster/handlers/scim/schema"
)

var thing = schema.ResourceType{Name: "Thing", Endpoint: "/Things", Schema: schema.Schema{ID: "urn:t:Thing",
	Attributes: []schema.Attribute{
		{Name: "name", Type: schema.String, Required: true}, {Name: "title", Type: schema.String},
		{Name: "fixed", Type: schema.String, Mutability: schema.Immutable},
		{Name: "shown", Type: schema.String, Mutability: schema.ReadOnly},
		{Name: "on", Type: schema.Boolean, Firm: true}, {Name: "tags", Type: schema.String, MultiValued: true},
		{Name: "place", Type: schema.Complex, Sub: []schema.Attribute{{Name: "city", Type: schema.String},
			{Name: "zip", Type: schema.String}}},
		{Name: "mails", Type: schema.Complex, MultiValued: true, Makes: []string{"work", "home"}, Sub: []schema.Attribute{
			{Name: "value", Type: schema.String}, {Name: "type", Type: schema.String},
			{Name: "primary", Type: schema.Boolean}}},
		{Name: "members", Type: schema.Complex, MultiValued: true, Deltas: true, Sub: []schema.Attribute{
			{Name: "value", Type: schema.String, Mutability: schema.Immutable}}},
	}}, Extensions: []schema.Extension{{Schema: schema.Schema{ID: "urn:t:ext", Attributes: []schema.Attribute{
	{Name: "team", Type: schema.String}, {Name: "boss", Type: schema.Complex, Sub: []schema.Attribute{
		{Name: "value", Type: schema.String}}}}}}}}

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(text, err)
	}
	return v
}

// What each operation makes of a document, or the kind of error.
func TestApply(t *testing.T) {
	const doc = `{"name":"n","title":"T","fixed":"f","on":true,"tags":["a"],"place":{"city":"Oslo","zip":"1"},` +
		`"mails":[{"value":"w","type":"work","primary":true},{"value":"h","type":"home"}]}`
	cases := []struct{ op, want string }{
		{`{"op":"add","path":"tags","value":["a","b"]}`, `tags=["a","b"]`},
		{`{"op":"Replace","path":"TAGS","value":"z"}`, `tags=["z"]`},
		{`{"op":"remove","path":"tags","value":["a"]}`, `tags=null`},
		{`{"op":"replace","path":"title","value":""}`, `title=null`},
		{`{"op":"replace","path":"title","value":[{"value":"x"}]}`, `title="x"`},
		{`{"op":"add","path":"place","value":{"zip":"2"}}`, `place={"city":"Oslo","zip":"2"}`},
		{`{"op":"replace","path":"place","value":{"zip":null}}`, `place={"city":"Oslo"}`},
		{`{"op":"remove","path":"place.city"}`, `place={"zip":"1"}`},
		{`{"op":"replace","path":"mails[type eq \"work\"].value","value":"x"}`,
			`mails=[{"primary":true,"type":"work","value":"x"},{"type":"home","value":"h"}]`},
		{`{"op":"replace","path":"mails[type eq \"other\"].value","value":"x"}`, schema.NoTarget},
		{`{"op":"add","path":"mails[type eq \"other\"].value","value":"x"}`,
			`mails=[{"primary":true,"type":"work","value":"w"},{"type":"home","value":"h"},{"type":"other","value":"x"}]`},
		{`{"op":"add","path":"mails[type eq \"home\"].primary","value":"True"}`,
			`mails=[{"primary":false,"type":"work","value":"w"},{"primary":true,"type":"home","value":"h"}]`},
		{`{"op":"add","path":"mails","value":{"value":"p","primary":true}}`,
			`mails=[{"primary":false,"type":"work","value":"w"},{"type":"home","value":"h"},{"primary":true,"value":"p"}]`},
		{`{"op":"remove","path":"mails[type ne \"work\"]"}`, `mails=[{"primary":true,"type":"work","value":"w"}]`},
		{`{"op":"remove","path":"mails[type eq \"home\"].type"}`,
			`mails=[{"primary":true,"type":"work","value":"w"},{"value":"h"}]`},
		{`{"op":"remove","path":"mails[nothing eq 1]"}`, schema.InvalidFilter},
		{`{"op":"replace","path":"mails[type eq]","value":"x"}`, schema.InvalidFilter},
		{`{"op":"replace","path":"mails","value":[{"value":"1","primary":true},{"value":"2","primary":true}]}`,
			schema.InvalidValue},
		{`{"op":"add","value":{"title":"U","urn:t:ext":{"team":"x"},"shown":"?","unknown":1,"place.zip":"9"}}`,
			`urn:t:ext={"team":"x"} title="U" place={"city":"Oslo","zip":"9"} shown=null`},
		{`{"op":"add","path":"urn:t:ext:boss","value":"b"}`, `urn:t:ext={"boss":{"value":"b"}}`},
		{`{"op":"add","path":"urn:t:ext:boss","value":{"value":""}}`, `urn:t:ext=null`},
		{`{"op":"remove","path":"name"}`, schema.Mutability}, {`{"op":"remove","path":"on"}`, schema.Mutability},
		{`{"op":"replace","path":"shown","value":"x"}`, schema.Mutability},
		{`{"op":"replace","path":"fixed","value":"x"}`, schema.Mutability},
		{`{"op":"replace","path":"fixed","value":"f"}`, `fixed="f"`},
		{`{"op":"remove"}`, schema.NoTarget}, {`{"op":"add","path":"title"}`, schema.InvalidValue},
		{`{"op":"add","path":"nope","value":1}`, schema.InvalidPath}, {`{"op":"add","path":"a b","value":1}`, schema.InvalidPath},
		{`{"op":"add","path":"on","value":"perhaps"}`, schema.InvalidValue},
		{`{"op":"replace","path":"members.value","value":"x"}`, schema.Mutability},
		{`{"op":"add","path":"members[value eq \"x\"]","value":"y"}`, schema.NoTarget},
	}
	for _, x := range cases {
		body := parse(t, `{"schemas":["`+MessageURI+`"],"operations":[`+x.op+`]}`)
		ops, err := Read(body)
		if err != nil {
			t.Fatal(x.op, err)
		}
		old := parse(t, doc)
		got, err := Apply(&thing, old, ops)
		if !reflect.DeepEqual(old, parse(t, doc)) {
			t.Errorf("%s has changed the document that it was given", x.op)
		}
		var wrong *schema.Error
		if errors.As(err, &wrong) {
			if wrong.Type != x.want {
				t.Errorf("%s: got %s %s, want %s", x.op, wrong.Type, wrong, x.want)
			}
			continue
		}
		for want := range strings.FieldsSeq(x.want) {
			name, value, _ := strings.Cut(want, "=")
			if have := string(schema.JSON(got.Document[name])); have != value {
				t.Errorf("%s: %s is %s, want %s", x.op, name, have, value)
			}
		}
	}
}

// What happens to members is noted, and costs nothing of the document.
func TestApply_Deltas(t *testing.T) {
	ops := []Operation{{Op: "add", Path: "members", Value: []any{map[string]any{"value": "a"}}, Valued: true},
		{Op: "remove", Path: `members[value eq "b"]`}, {Op: "remove", Path: "members", Value: map[string]any{"value": "c"}},
		{Op: "remove", Path: "members"}, {Op: "replace", Value: map[string]any{"members": "d"}, Valued: true}}
	got, err := Apply(&thing, schema.Document{"name": "n"}, ops)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, d := range got.Deltas {
		said = append(said, fmt.Sprint(d.Op, " ", d.Values, d.Filter != nil))
	}
	want := []string{"add [map[value:a]] false", "remove [] true", "remove [map[value:c]] false", "replace [] false",
		"replace [map[value:d]] false"}
	if !slices.Equal(said, want) {
		t.Errorf("got %q", said)
	}
}

// model is a plain document: one text, a list of texts, and mails by type, of which one may be primary.
type model struct {
	title string
	tags  []string
	mails []modelMail
}

type modelMail struct {
	value, kind string
	primary     bool
}

// step draws an operation and does it to the model, in the simplest way.
func (m *model) step(t *rapid.T) Operation {
	word := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "word")
	kind := rapid.SampledFrom([]string{"work", "home"}).Draw(t, "kind")
	path := fmt.Sprintf("mails[type eq %q]", kind)
	switch rapid.IntRange(0, 8).Draw(t, "step") {
	case 0:
		m.title = word
		return Operation{Op: "replace", Path: "title", Value: word, Valued: true}
	case 1:
		m.title = ""
		return Operation{Op: "remove", Path: "title"}
	case 2:
		if !slices.Contains(m.tags, word) {
			m.tags = append(m.tags, word)
		}
		return Operation{Op: "add", Path: "tags", Value: []any{word}, Valued: true}
	case 3:
		m.tags = slices.DeleteFunc(m.tags, func(s string) bool { return s == word })
		return Operation{Op: "remove", Path: fmt.Sprintf("tags[value eq %q]", word)}
	case 4:
		m.mails = slices.DeleteFunc(m.mails, func(x modelMail) bool { return x.kind == kind })
		return Operation{Op: "remove", Path: path}
	case 5:
		found := false
		for i := range m.mails {
			if m.mails[i].kind == kind {
				m.mails[i].value = word
				found = true
			}
		}
		if !found {
			m.mails = append(m.mails, modelMail{value: word, kind: kind})
		}
		return Operation{Op: "replace", Path: path + ".value", Value: word, Valued: true}
	case 6:
		m.mails = []modelMail{{word, kind, true}}
		return Operation{Op: "replace", Path: "mails", Valued: true,
			Value: []any{map[string]any{"VALUE": word, "type": kind, "primary": "true"}}}
	case 7:
		m.title = word
		m.tags = []string{word}
		return Operation{Op: "replace", Value: map[string]any{"title": word, "tags": []any{word, word}}, Valued: true}
	}
	same := func(x modelMail) bool { return x.value == word && x.kind == kind }
	if !slices.ContainsFunc(m.mails, same) {
		for i := range m.mails {
			m.mails[i].primary = false
		}
		m.mails = append(m.mails, modelMail{word, kind, true})
	}
	return Operation{Op: "add", Path: "mails", Valued: true,
		Value: map[string]any{"value": word, "type": kind, "primary": true}}
}

func modelOf(doc schema.Document) model {
	var m model
	m.title, _ = doc["title"].(string)
	tags, _ := doc["tags"].([]any)
	for _, v := range tags {
		m.tags = append(m.tags, v.(string))
	}
	mails, _ := doc["mails"].([]any)
	for _, v := range mails {
		x := v.(schema.Document)
		value, _ := x["value"].(string)
		m.mails = append(m.mails, modelMail{value, x["type"].(string), x["primary"] == true})
	}
	return m
}

// Any sequence of operations makes of a document what the same steps make of a plain model.
func TestApply_Model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m model
		doc := schema.Document{"name": "n"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			op := m.step(t)
			result, err := Apply(&thing, doc, []Operation{op})
			if err != nil {
				t.Fatal(op, err)
			}
			doc = result.Document
			if got := modelOf(doc); fmt.Sprint(got) != fmt.Sprint(m) {
				t.Fatalf("%v: got %v, want %v", op, got, m)
			}
		}
	})
}

func TestRead(t *testing.T) {
	for _, text := range []string{`{}`, `{"schemas":null,"Operations":[{"op":"add"}]}`, `{"schemas":["` + MessageURI + `"]}`,
		`{"schemas":["` + MessageURI + `"],"Operations":[]}`, `{"schemas":["x"],"Operations":[{"op":"add"}]}`,
		`{"schemas":["` + MessageURI + `"],"Operations":[{"op":"move"}]}`, `{"schemas":["` + MessageURI + `"],"Operations":[1]}`} {
		var wrong *schema.Error
		if _, err := Read(parse(t, text)); !errors.As(err, &wrong) || wrong.Type != schema.InvalidSyntax {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
