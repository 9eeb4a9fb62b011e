package redmine

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDocument(t *testing.T) {
	at := time.Date(2006, 7, 19, 19, 12, 21, 5, time.FixedZone("", 7200))
	var nothing *string
	d := document{root: "users", meta: object{field("total_count", int64(1)), field("offset", int64(0))},
		value: array{item: "user", values: []any{object{
			field("id", int64(5)), field("login", ""), field("mail", nothing), field("admin", true), field("at", &at),
			field("text", `a<b>&"c"`+"\u2028é"), field("groups", array{item: "group"}),
			field("custom_fields", array{item: "custom_field", values: []any{object{
				attribute("id", int64(1)), attribute("name", `N "x" <`), field("value", nil)}}}),
			field("project", reference(1, "P")),
		}}}}
	const wantJSON = `{"users":[{"id":5,"login":"","mail":null,"admin":true,"at":"2006-07-19T17:12:21Z",` +
		`"text":"a\u003cb\u003e\u0026\"c\"\u2028é","groups":[],` +
		`"custom_fields":[{"id":1,"name":"N \"x\" \u003c","value":null}],"project":{"id":1,"name":"P"}}],` +
		`"total_count":1,"offset":0}`
	if got := string(d.JSON()); got != wantJSON {
		t.Errorf("JSON: got\n%s\nwant\n%s", got, wantJSON)
	}
	const wantXML = `<?xml version="1.0" encoding="UTF-8"?><users total_count="1" offset="0" type="array"><user><id>5</id>` +
		`<login></login><mail/><admin>true</admin><at>2006-07-19T17:12:21Z</at><text>a&lt;b&gt;&amp;"c"` + "\u2028" +
		`é</text>` +
		`<groups type="array"></groups><custom_fields type="array"><custom_field id="1" name="N &quot;x&quot; &lt;"><value/>` +
		`</custom_field></custom_fields><project id="1" name="P"/></user></users>`
	if got := string(d.XML()); got != wantXML {
		t.Errorf("XML: got\n%s\nwant\n%s", got, wantXML)
	}
}

// Whatever texts a document holds, both forms can be read, and say them.
func TestDocument_HoldsAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		d := document{root: "user", value: object{attribute("name", text), field("login", text)}}
		var j map[string]map[string]string
		if err := json.Unmarshal(d.JSON(), &j); err != nil || j["user"]["login"] != text {
			t.Errorf("JSON: %v of %q: %s", err, text, d.JSON())
		}
		var x struct {
			Name  string `xml:"name,attr"`
			Login string `xml:"login"`
		}
		err := xml.Unmarshal(d.XML(), &x)
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(printable(text))
		if err != nil || x.Login != want ||
			strings.ReplaceAll(x.Name, "\r", "\n") != strings.ReplaceAll(printable(text), "\r", "\n") {
			t.Errorf("XML: %v of %q: %s", err, text, d.XML())
		}
	})
}

// A body in XML says what Rails makes of it.
func TestDecodeXML(t *testing.T) {
	for body, want := range map[string]string{
		`<user><login>a</login></user>`:                                           `{"user":{"login":"a"}}`,
		`<user><login></login></user>`:                                            `{"user":{"login":null}}`,
		`<user><login type="string"></login></user>`:                              `{"user":{"login":""}}`,
		`<user><must-change-passwd>1</must-change-passwd></user>`:                 `{"user":{"must_change_passwd":"1"}}`,
		`<user><admin type="boolean">true</admin><n type="integer">5</n></user>`:  `{"user":{"admin":true,"n":5}}`,
		`<user><n type="integer">x</n><mail nil="true">x</mail></user>`:           `{"user":{"mail":null,"n":"x"}}`,
		`<u><group_ids type="array"><group_id>16</group_id></group_ids></u>`:      `{"u":{"group_ids":["16"]}}`,
		`<u><group_ids type="array"/></u>`:                                        `{"u":{"group_ids":[]}}`,
		`<u><a>1</a><a>2</a></u>`:                                                 `{"u":{"a":["1","2"]}}`,
		`<u><f id="1" name="x"><value>7</value></f></u>`:                          `{"u":{"f":{"id":"1","name":"x","value":"7"}}}`,
		`<u><group id="16"/></u>`:                                                 `{"u":{"group":{"id":"16"}}}`,
		`<user_id>5</user_id>`:                                                    `{"user_id":"5"}`,
		`<u><a name="x">text</a></u>`:                                             `{"u":{"a":"text"}}`,
		`<!DOCTYPE u [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><u><t>&b;&lt;</t></u>`: `{"u":{"t":"xx<"}}`,
		`<u><t><![CDATA[<b>]]></t><!-- nothing --></u>`:                           `{"u":{"t":"<b>"}}`,
	} {
		got, err := decodeXML([]byte(body), "")
		text, _ := json.Marshal(got)
		plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text))
		if err != nil || plain != want {
			t.Errorf("%s: got %s, %v, want %s", body, plain, err, want)
		}
	}
}

func TestDecodeForm(t *testing.T) {
	for body, want := range map[string]string{
		"user[login]=a&user[mail]=b%40c":          `{"user":{"login":"a","mail":"b@c"}}`,
		"user[group_ids][]=1&user[group_ids][]=2": `{"user":{"group_ids":["1","2"]}}`,
		"u[f][][id]=1&u[f][][value]=x&u[f][][id]=2&u[f][][value][]=y&u[f][][value][]=z": `{"u":{"f":[{"id":"1","value":"x"},` +
			`{"id":"2","value":["y","z"]}]}}`,
		"&user_id=5&": `{"user_id":"5"}`, "a": `{"a":""}`, "a[b": `{"a":{"b":""}}`, "u=1&u[x]=2": `{"u":{"x":"2"}}`,
	} {
		got, err := decodeForm(body)
		text, _ := json.Marshal(got)
		if err != nil || string(text) != want {
			t.Errorf("%s: got %s, %v, want %s", body, text, err, want)
		}
	}
}

// Nothing that is sent breaks the readers, and what they return is bounded.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{"<a/>", `<u a="b"><c type="array"><d>1</d></c></u>`, "a[b][]=c&d=e",
		`<!DOCTYPE u [<!ENTITY a "x">]><u>&a;</u>`, `<?xml version="1.0" encoding="ISO-8859-1"?><a>` + "\xe9</a>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, read := range []func() (map[string]any, error){
			func() (map[string]any, error) { return decodeXML([]byte(body), "") },
			func() (map[string]any, error) { return decodeForm(body) },
		} {
			got, err := read()
			if err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error("an error of the reader itself")
				}
				continue
			}
			text, err := json.Marshal(got)
			if most := 6*len(body) + 6*maxExpansion + 1000; err != nil || len(text) > most {
				t.Errorf("%d bytes became %d: %v", len(body), len(text), err)
			}
		}
	})
}

func TestPlaces(t *testing.T) {
	if statusOf(9) != "" || statusOf(3) != "locked" {
		t.Error("numbers of states are mixed up")
	}
}
