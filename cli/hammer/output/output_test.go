package output

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

func TestTable_ColumnsFitTheWindow(t *testing.T) {
	var b bytes.Buffer
	p := &Printer{Out: &b, Form: "table", Verbosity: Verbose, Width: 24}
	_ = p.List(Columns("Id=id, Name=name, Text=text"),
		[]any{value.NewObject("id", 1, "name", "Žluťoučký kůň", "text", "0123456789")}, Page{})
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 24 {
			t.Errorf("%q is %d wide", line, n)
		}
	}
	if !strings.Contains(b.String(), "...") {
		t.Errorf("nothing was cut: %s", b.String())
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-02 03:04:05 UTC": "2026/01/02 03:04:05", "2026-01-02T03:04:05.678Z": "2026/01/02 03:04:05",
		"2026-01-02T03:04:05+02:00": "2026/01/02 03:04:05",
		"2026-01-02":                "2026/01/02 00:00:00", "": "", "never": "", "2026-13-02": "", "2026-02-30": "",
	} {
		if got := formatDate(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The widths of all characters, one digit each and - for -1, have the checksum that they have in the Ruby library. If a
// new version of Go brings new characters, oddWidths has to name them.
func TestWidths_AreThoseOfTheRubyLibrary(t *testing.T) {
	all := make([]byte, 0, 0x110000)
	for r := range rune(0x110000) {
		switch w := runeWidth(r); {
		case 0xd800 <= r && r <= 0xdfff:
			all = append(all, '1') // no characters
		case w < 0:
			all = append(all, '-')
		default:
			all = strconv.AppendInt(all, int64(w), 10)
		}
	}
	const want = "bc1bcf44cc60dde5a5c249b5e1cc08b74ae4b8468221bddc441798f7288402c2"
	if sum := sha256.Sum256(all); hex.EncodeToString(sum[:]) != want {
		t.Errorf("the widths have the checksum %x", sum)
	}
	for text, want := range map[string]int{
		"": 0, "abc": 3, "Žluť": 4, "शर्मा": 4, "अर्जुन": 4, "ภาษาไทย": 7, "שָׁלוֹם": 4, "مُحَمَّد": 4, "日本": 4, "한국": 4, "ｱﾟ": 2,
		"e\u0301": 1, "a\u200db": 2, "\u00ad": 1, "😀": 2, "👍🏽": 4, "🇨🇿": 2, "⸻": 3, "\x1b[31mred\x1b[0m": 3, "\b": 0,
	} {
		if got := textWidth(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

// A key that a record lacks is "" in a cell of a container, and null is nothing.
func TestCSV_MissingKeysAndNull(t *testing.T) {
	var b bytes.Buffer
	p := &Printer{Out: &b, Form: "csv", Separator: ",", Verbosity: Verbose}
	fields := Join(Block("Server", "", Columns("Host=host, Text=text:lines, On=on:bool, Port=port")),
		NumberedList("Changes", "changes", Columns("New=new:lines, Old=old:lines, At=at:date")), "Id=id")
	p.Record(fields, value.NewObject("host", nil, "port", value.Number("1"), "id", nil,
		"changes", []any{value.NewObject("new", nil), value.NewObject("old", "")}))
	want := "Server::Host,Server::Text,Server::On,Server::Port,Changes::New::1,Changes::Old::1,Changes::At::1," +
		"Changes::New::2,Changes::Old::2,Changes::At::2,Id\n" + `,"","",1,,"","","","","",` + "\n"
	if got := b.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Paragraphs stand below their label, also empty ones and those of several lines.
func TestBase_Paragraphs(t *testing.T) {
	var b bytes.Buffer
	p := &Printer{Out: &b, Form: "base", Verbosity: Verbose}
	p.Record(HideBlank(Columns("Old=old:lines, New=new:lines, None=none:lines, Id=id")...),
		value.NewObject("old", "", "new", "two\nlines\n", "none", nil, "id", []any{value.Number("1")}))
	want := "Old: \n  \nNew: \n  two\n  lines\n\nId:  [1]\n\n"
	if got := b.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
