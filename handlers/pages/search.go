package pages

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/yuin/goldmark/ast"
)

// Bounds of a search, which needs no login.
const (
	maxQuery = 100
	maxWords = 8
	maxHits  = 30
)

// passage is a section of a guide, or a method of an API, as searches see it.
type passage struct {
	title, url, where, text string
	// folded are title and text in small letters, with the same number of bytes.
	foldedTitle, folded string
	api                 bool
}

func newPassage(title, url, where, text string, api bool) passage {
	title = strings.ToValidUTF8(title, "?")
	text = strings.ToValidUTF8(text, "?")
	return passage{title: title, url: url, where: where, text: text, foldedTitle: folded(title), folded: folded(text),
		api: api}
}

// folded is a text in small letters. Letters whose small form has another length stay, so that places in the text are
// places in the original.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if small := unicode.ToLower(r); utf8.RuneLen(small) == utf8.RuneLen(r) {
			return small
		}
		return r
	}, text)
}

// read adds the sections of a guide to the index.
func (b *book) read(g *guide, tree ast.Node, source []byte) {
	title := g.Title
	url := g.URL
	where := "Guides"
	var text []string
	flush := func() {
		b.index = append(b.index, newPassage(title, url, where, strings.Join(text, " "), false))
		text = nil
	}
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level > 1 {
			flush()
			title = plain(h, source)
			url = g.URL + "#" + idOf(h)
			where = "Guides · " + g.Title
			continue
		}
		if n.Kind() != ast.KindHeading {
			text = append(text, plain(n, source))
		}
	}
	flush()
}

// hit is a passage that was found.
type hit struct {
	Title, URL, Where string
	Snippet           template.HTML
}

// search answers with the pages that have all words of a query.
func (s *Site) search(c echo.Context) error {
	query := strings.ToValidUTF8(strings.TrimSpace(c.QueryParam("q")), "")
	for len(query) > maxQuery {
		_, size := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-size]
	}
	p := page{Site: "docs", Title: "Search", Here: "Search", Path: "/docs/search", Query: query}
	p.Hits, p.More = s.book().find(query)
	return s.render(c, http.StatusOK, "search", p)
}

// find returns the best passages, and whether there are more.
func (b *book) find(query string) (hits []hit, more bool) {
	words := strings.Fields(folded(query))
	if len(words) == 0 {
		return nil, false
	}
	words = words[:min(len(words), maxWords)]
	type scored struct {
		*passage
		score int
	}
	var found []scored
	for i := range b.index {
		if score := b.index[i].score(words); score > 0 {
			found = append(found, scored{&b.index[i], score})
		}
	}
	slices.SortStableFunc(found, func(x, y scored) int { return cmp.Compare(y.score, x.score) })
	for _, f := range found[:min(len(found), maxHits)] {
		hits = append(hits, hit{f.title, f.url, f.where, f.snippet(words)})
	}
	return hits, len(found) > maxHits
}

// score is 0 unless all words occur. Words in a title count most, words more than parts of them, and the beginning of a
// page more than its sections.
func (p *passage) score(words []string) int {
	score := 1
	for _, word := range words {
		inTitle, begins := indexWord(p.foldedTitle, word)
		inText, textBegins := indexWord(p.folded, word)
		switch {
		case inTitle == 0:
			score += 12
		case inTitle > 0 && begins:
			score += 10
		case inText >= 0 && textBegins:
			score += 5
		case inTitle > 0:
			score += 2
		case inText >= 0:
			score++
		default:
			return 0
		}
	}
	if !strings.Contains(p.url, "#") {
		score += 2
	}
	return score
}

// indexWord returns where a text has what somebody is looking for, or -1: at the beginning of a word if there is such a
// place, and else within one.
func indexWord(text, word string) (at int, begins bool) {
	first := strings.Index(text, word)
	for at := first; at >= 0; {
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if at == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return at, true
		}
		next := strings.Index(text[at+len(word):], word)
		if next < 0 {
			break
		}
		at += len(word) + next
	}
	return first, false
}

// snippetLength is how many bytes of a passage a result shows.
const snippetLength = 220

// snippet is a part of the passage with the words marked.
func (p *passage) snippet(words []string) template.HTML {
	first := len(p.folded)
	for _, word := range words {
		if at, _ := indexWord(p.folded, word); at >= 0 {
			first = min(first, at)
		}
	}
	if first == len(p.folded) {
		first = 0
	}
	from := max(0, first-snippetLength/3)
	for from > 0 && p.text[from-1] != ' ' && first-from < snippetLength {
		from--
	}
	for from > 0 && !utf8.RuneStart(p.text[from]) {
		from--
	}
	to := min(len(p.text), from+snippetLength)
	for to < len(p.text) && !utf8.RuneStart(p.text[to]) {
		to++
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("… ")
	}
	for at := from; at < to; {
		next, size := nextWord(p.folded[at:to], words)
		b.WriteString(template.HTMLEscapeString(p.text[at : at+next]))
		if size > 0 {
			b.WriteString("<mark>" + template.HTMLEscapeString(p.text[at+next:at+next+size]) + "</mark>")
		}
		at += next + size
	}
	if to < len(p.text) {
		b.WriteString(" …")
	}
	return template.HTML(b.String())
}

// nextWord finds the first of some words in a text: where it begins, and its length; 0 if there is none.
func nextWord(text string, words []string) (at, size int) {
	at = len(text)
	for _, word := range words {
		if i := strings.Index(text, word); i >= 0 && (i < at || i == at && len(word) > size) {
			at = i
			size = len(word)
		}
	}
	return at, size
}
