package pages

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html/template"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// contentsFile is the guide whose headings are groups of the menu, and whose lists are the pages in them.
const contentsFile = "docs/README.md"

// book are the guides, rendered, and the index of everything that can be searched.
type book struct {
	// pages are the guides and others the files that they need, by their paths on this server.
	pages  map[string]*guide
	others map[string][]byte
	// urls are the paths on this server of files of the repository.
	urls     map[string]string
	contents []section
	index    []passage
	// titles is the index for the field in the head, as JSON.
	titles []byte
}

// guide is a page of the guides.
type guide struct {
	Title, URL string
	// Intro is what stands before the first section, and Body everything.
	Intro, Body template.HTML
	Sections    []heading
	Before      *link
	After       *link
	group       string
}

// heading is a section of a page.
type heading struct{ ID, Title string }

// section is a group of the menu, with its pages.
type section struct {
	ID, Name string
	Pages    []entry
}

type entry struct{ Title, URL, Text string }

// urlOf is where a file of the repository is served; it is empty for those that are not.
func urlOf(name string) string {
	if name == contentsFile {
		return "/docs"
	}
	if dir, base := path.Split(name); base == "README.md" {
		if api, ok := strings.CutPrefix(dir, "handlers/"); ok {
			return "/docs/api/" + strings.TrimSuffix(api, "/")
		}
		return "/" + strings.TrimSuffix(dir, "/")
	}
	if !strings.HasPrefix(name, "docs/") {
		return ""
	}
	return "/" + strings.TrimSuffix(name, ".md")
}

// newBook renders the guides.
func newBook(files map[string][]byte, apis []*API) *book {
	b := &book{pages: map[string]*guide{}, others: map[string][]byte{}, urls: map[string]string{}}
	for name := range files {
		if url := urlOf(name); url != "" {
			b.urls[name] = url
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.urls)) {
		url := b.urls[name]
		if path.Ext(name) == ".md" {
			b.add(name, url, files[name])
		} else {
			b.others[url] = files[name]
		}
	}
	b.order()
	for _, api := range apis {
		b.addAPI(api)
	}
	b.titles = b.titlesOf()
	return b
}

// markdown reads what GitHub reads, but for HTML that stands in a text: that is left out.
func (b *book) markdown() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()), goldmark.WithRendererOptions(ours()))
}

func (b *book) add(name, url string, source []byte) {
	md := b.markdown()
	tree := md.Parser().Parse(text.NewReader(source))
	b.resolve(tree, name)
	g := &guide{URL: url, Title: path.Base(name)}
	if first, ok := tree.FirstChild().(*ast.Heading); ok && first.Level == 1 {
		g.Title = plain(first, source)
	}
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if ok && h.Level == 1 && n != tree.FirstChild() { // a page has one title
			h.Level = 2
		}
		if ok && h.Level == 2 {
			g.Sections = append(g.Sections, heading{idOf(h), plain(h, source)})
		}
	}
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, source, tree); err != nil {
		return
	}
	g.Body = template.HTML(out.String()) // by goldmark, which escapes, without HTML of the source
	b.pages[url] = g
	b.read(g, tree, source)
	if name == contentsFile {
		b.contents, g.Intro = contents(md, tree, source)
	}
}

// contents reads the table of contents: headings are groups, list items below them lead to pages.
func contents(md goldmark.Markdown, tree ast.Node, source []byte) (list []section, intro template.HTML) {
	var out bytes.Buffer
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		h, isHeading := n.(*ast.Heading)
		items, isList := n.(*ast.List)
		switch {
		case isHeading && h.Level == 2:
			list = append(list, section{ID: idOf(h), Name: plain(h, source)})
		case isList && len(list) > 0:
			last := &list[len(list)-1]
			for item := items.FirstChild(); item != nil; item = item.NextSibling() {
				if e, ok := entryOf(item, source); ok {
					last.Pages = append(last.Pages, e)
				}
			}
		case len(list) == 0 && (!isHeading || h.Level != 1):
			_ = md.Renderer().Render(&out, source, n)
		}
	}
	list = slices.DeleteFunc(list, func(s section) bool { return len(s.Pages) == 0 })
	return list, template.HTML(out.String())
}

// entryOf reads "[Title](path.md): one line".
func entryOf(item ast.Node, source []byte) (e entry, ok bool) {
	_ = ast.Walk(item, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, isLink := n.(*ast.Link); isLink && entering && !ok {
			e.Title = plain(l, source)
			e.URL = string(l.Destination)
			ok = true
		}
		return ast.WalkContinue, nil
	})
	_, after, _ := strings.Cut(plain(item, source), e.Title)
	e.Text = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(after), ":–- "))
	return e, ok && strings.HasPrefix(e.URL, "/")
}

// order tells each page its group and its neighbours in the table of contents.
func (b *book) order() {
	var before *guide
	for _, group := range b.contents {
		for _, e := range group.Pages {
			url, _, _ := strings.Cut(e.URL, "#")
			g := b.pages[url]
			if g == nil || g.group != "" {
				continue
			}
			g.group = group.Name
			if before != nil {
				before.After = &link{e.Title, e.URL}
				g.Before = &link{before.Title, before.URL}
			}
			before = g
		}
	}
}

// resolve makes the links of a page lead to paths of this server. A link to a file that is not served becomes text.
func (b *book) resolve(tree ast.Node, name string) {
	var dead []*ast.Link
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			url, ok := b.resolved(string(n.Destination), name)
			n.Destination = []byte(url)
			if !ok {
				dead = append(dead, n)
			}
		case *ast.Image:
			url, _ := b.resolved(string(n.Destination), name)
			n.Destination = []byte(url)
		}
		return ast.WalkContinue, nil
	})
	for _, l := range dead {
		parent := l.Parent()
		for child := l.FirstChild(); child != nil; child = l.FirstChild() {
			parent.InsertBefore(parent, l, child)
		}
		parent.RemoveChild(parent, l)
	}
}

// resolved is the address of a link in a file of the repository.
func (b *book) resolved(to, from string) (url string, ok bool) {
	if strings.HasPrefix(to, "#") || strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") ||
		strings.HasPrefix(to, "/") {
		return to, true
	}
	file, fragment, found := strings.Cut(to, "#")
	file = path.Join(path.Dir(from), file)
	url = b.urls[file]
	if file == "README.md" || file == "docs" {
		url = "/docs"
	}
	if url == "" {
		return "", false
	}
	if found {
		url += "#" + fragment
	}
	return url, true
}

// addAPI makes the methods of an API findable.
func (b *book) addAPI(api *API) {
	for _, group := range api.Groups() {
		for _, topic := range group.Resources {
			for _, m := range topic.Methods {
				words := []string{m.Verb, m.Route}
				for _, s := range m.Sections {
					for _, p := range s.Params {
						words = append(words, p.FullName)
					}
				}
				b.index = append(b.index, newPassage(m.Title, m.URL, "The API of "+api.Name+" · "+topic.Title,
					strings.Join(words, " "), true))
			}
		}
	}
}

// titlesOf is what the field in the head looks through: titles, addresses, where they are, and words.
func (b *book) titlesOf() []byte {
	type title struct {
		Title string `json:"t"`
		URL   string `json:"u"`
		Where string `json:"s"`
		Words string `json:"k"`
	}
	titles := []title{}
	for _, p := range b.index {
		words := ""
		if p.api {
			words = p.text
		}
		titles = append(titles, title{p.title, p.url, p.where, words})
	}
	slices.SortStableFunc(titles, func(x, y title) int {
		return cmp.Compare(strings.Count(x.URL, "#"), strings.Count(y.URL, "#"))
	})
	text, err := json.Marshal(titles)
	if err != nil {
		panic(err) // texts only
	}
	return text
}
