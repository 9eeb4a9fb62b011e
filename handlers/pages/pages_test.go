package pages

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// palette reads the colours of the style sheet: each name with its light and its dark value.
func palette(t *testing.T) map[string][2]string {
	t.Helper()
	css, err := files.ReadFile("assets/pages.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)`).
		FindAllStringSubmatch(string(css), -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	return colours
}

// contrast is that of two colours, as the Web Content Accessibility Guidelines define it.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(colour string) float64 {
		var sum float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			part := float64(n) / 255
			if part <= 0.04045 {
				part /= 12.92
			} else {
				part = math.Pow((part+0.055)/1.055, 2.4)
			}
			sum += weight * part
		}
		return sum + 0.05
	}
	x := light(a)
	y := light(b)
	return max(x, y) / min(x, y)
}

// Text can be read in both colour schemes: 4.5 to 1 at least.
func TestPalette_Contrast(t *testing.T) {
	colours := palette(t)
	for text, grounds := range map[string][]string{
		"ink":       {"page", "surface", "raised", "accent-soft", "mark"},
		"soft":      {"page", "surface", "raised"},
		"accent":    {"page", "surface", "raised", "accent-soft"},
		"required":  {"page", "accent-soft"},
		"panel-ink": {"panel", "panel-bar"}, "panel-soft": {"panel", "panel-bar"},
		"panel-key": {"panel"}, "panel-text": {"panel", "panel-bar"}, "panel-number": {"panel"},
		"get": {"get-soft"}, "post": {"post-soft"}, "put": {"put-soft"}, "patch": {"patch-soft"},
		"delete": {"delete-soft"},
	} {
		for _, ground := range grounds {
			for i, scheme := range []string{"light", "dark"} {
				if colours[text][i] == "" || colours[ground][i] == "" {
					t.Fatalf("there is no %s or no %s", text, ground)
				}
				if got := contrast(t, colours[text][i], colours[ground][i]); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, text, ground, got)
				}
			}
		}
	}
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white has a contrast of %.2f", got)
	}
}

// A recorded exchange becomes a command that a shell reads as it was meant.
func TestCurl(t *testing.T) {
	for text, want := range map[string]string{
		"GET /api/users?search=a\n200\n{}":                                             "curl -u admin \\\n  'http://h/api/users?search=a'",
		"DELETE /api/users/5\n200\n{}":                                                 "curl -u admin -X DELETE \\\n  'http://h/api/users/5'",
		"POST /api/users\n{\"user\": {\"mail\": \"a\", \"login\": \"it's\"}}\n201\n{}": "curl -u admin \\\n  -H 'Content-Type: application/json' \\\n  'http://h/api/users' \\\n  -d '{\n  \"user\": {\n    \"login\": \"it'\\''s\",\n    \"mail\": \"a\"\n  }\n}'",
		"PUT /api/x\n{\"ids\": [\n1,\n2\n]}\n200\n{}":                                  "curl -u admin -X PUT \\\n  -H 'Content-Type: application/json' \\\n  'http://h/api/x' \\\n  -d '{\n  \"ids\": [1, 2]\n}'",
	} {
		x := readExchange(text)
		if x == nil {
			t.Errorf("%q was not read", text)
			continue
		}
		if got := curl(x, "http://h", "-u admin"); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
	if x := readExchange("GET /api/users"); x != nil {
		t.Errorf("an example without a status was read as %v", x)
	}
}

// Colours add marks to a text and change nothing of it.
func TestColoured(t *testing.T) {
	got := string(coloured(`{"a<b": ["x\"y", -1.5, true, null]}`))
	want := `{<span class="k">&#34;a&lt;b&#34;</span>: [<span class="s">&#34;x\&#34;y&#34;</span>, ` +
		`<span class="n">-1.5</span>, <span class="n">true</span>, <span class="n">null</span>]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(coloured(`<b> 12 "x"`)); got != "&lt;b&gt; 12 &#34;x&#34;" {
		t.Errorf("what is no JSON became %s", got)
	}
}

// guidesOf renders guides.
func guidesOf(files map[string]string) *book {
	texts := map[string][]byte{}
	for name, text := range files {
		texts[name] = []byte(text)
	}
	return newBook(texts, nil)
}

// Links between guides lead to pages, and those to files that are not served become text.
func TestBook_Links(t *testing.T) {
	b := guidesOf(map[string]string{
		contentsFile: "# All\n\nIntro.\n\n## Use\n\n- [A](a.md): about *a*\n- [Far](https://example.com)\n- " +
			"[API](../handlers/foreman/README.md)\n",
		"docs/a.md":                  "# A\n\n[b](deep/b.md#part) [self](#here) [file](../main.go) [web](https://example.com)\n\n## Here\n",
		"docs/deep/b.md":             "# B\n\n[back](../a.md) ![p](p.svg) <script>alert(1)</script>\n\n## Part\n",
		"docs/deep/p.svg":            "<svg/>",
		"handlers/foreman/README.md": "# F\n",
	})
	a := string(b.pages["/docs/a"].Body)
	for _, text := range []string{`<a href="/docs/deep/b#part">b</a>`, `<a href="#here">self</a> file `,
		`<a href="https://example.com">web</a>`, `<h2 id="here">Here<a class="anchor" href="#here"`} {
		if !strings.Contains(a, text) {
			t.Errorf("there is no %s in\n%s", text, a)
		}
	}
	deep := string(b.pages["/docs/deep/b"].Body)
	if !strings.Contains(deep, `src="/docs/deep/p.svg"`) || strings.Contains(deep, "<script") {
		t.Errorf("got %s", deep)
	}
	if len(b.contents) != 1 || len(b.contents[0].Pages) != 2 ||
		b.contents[0].Pages[0] != (entry{"A", "/docs/a", "about a"}) ||
		b.contents[0].Pages[1].URL != "/docs/api/foreman" {
		t.Errorf("the contents are %+v", b.contents)
	}
	if next := b.pages["/docs/a"].After; next == nil || next.URL != "/docs/api/foreman" {
		t.Errorf("after A comes %v", next)
	}
}

// A search finds sections that have all words, in any case, shows where, and runs nothing that a text says.
func TestBook_Find(t *testing.T) {
	b := guidesOf(map[string]string{
		"docs/a.md": "# Roles\n\nŽižka holds <b> a role.\n\n## Filters\n\nA filter limits a ROLE to `x < y & z`.\n",
		"docs/b.md": "# Other\n\nNothing.\n",
	})
	hits, more := b.find("role LIMITS")
	if len(hits) != 1 || more || hits[0].URL != "/docs/a#filters" || hits[0].Where != "Guides · Roles" {
		t.Fatalf("got %v", hits)
	}
	if want := "A filter <mark>limits</mark> a <mark>ROLE</mark> to x &lt; y &amp; z."; string(hits[0].Snippet) != want {
		t.Errorf("got %s", hits[0].Snippet)
	}
	if hits, _ := b.find("žižka"); len(hits) != 1 || !strings.Contains(string(hits[0].Snippet), "<mark>Žižka</mark>") {
		t.Errorf("got %v", hits)
	}
	for _, query := range []string{"", "  ", "role nothing", "<script>"} {
		if hits, _ := b.find(query); len(hits) != 0 {
			t.Errorf("%q finds %v", query, hits)
		}
	}
}

// Words come before parts of words, in the order and in the snippet.
func TestBook_FindsWordsFirst(t *testing.T) {
	b := guidesOf(map[string]string{
		"docs/a.md": "# Senders\n\nIt sends.\n\n## Append\n\nThey depend on it.\n",
		"docs/b.md": "# Other\n\n## Times\n\n" + strings.Repeat("It depends. ", 50) + "An end is a time.\n",
		"docs/c.md": "# The end\n\nNothing.\n",
	})
	hits, _ := b.find("END")
	var got []string
	for _, h := range hits {
		got = append(got, h.URL)
	}
	if want := []string{"/docs/c", "/docs/b#times", "/docs/a", "/docs/a#append"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !strings.Contains(string(hits[1].Snippet), "An <mark>end</mark> is") {
		t.Errorf("got %s", hits[1].Snippet)
	}
}

// However odd a query, the snippet is text with marks around the words.
func FuzzFind(f *testing.F) {
	b := guidesOf(map[string]string{"docs/a.md": "# İstanbul ſtraße\n\nÄ ǅ K <x> \U0001F600 " + strings.Repeat("añb ", 200) + "\n"})
	for _, query := range []string{"a", "ñ", "i", "k", "<", "\xff", "a a a a a a a a a a", "İ", "ss", "\U0001F600"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		hits, _ := b.find(query)
		for _, h := range hits {
			text := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(string(h.Snippet))
			if !utf8.ValidString(text) || strings.ContainsAny(text, "<>") || len(text) > 3*snippetLength {
				t.Errorf("%q: %q", query, h.Snippet)
			}
		}
	})
}

// A picture may use the styles that stand in it, by their hashes, and no others.
func TestPicturePolicy(t *testing.T) {
	if got := picturePolicy([]byte("<svg><style>a{}</style></svg>")); !strings.Contains(got, "style-src 'sha256-") ||
		strings.Contains(got, "unsafe") {
		t.Error(got)
	}
	if got := picturePolicy([]byte("<svg/>")); !strings.Contains(got, "style-src 'none'") {
		t.Error(got)
	}
}
