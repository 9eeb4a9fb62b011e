package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"roster/handlers/web"
)

//go:embed assets templates
var files embed.FS

// policy lets a page use styles, scripts and pictures of this server, and nothing that stands in the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// readTemplates parses the templates once, and not when the program is but a command line.
var readTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"breaks": breaks}).
		ParseFS(files, "templates/*.html"))
})

// Site is the documentation of one server.
type Site struct {
	version string
	apis    []*API
	book    func() *book
}

// Options are what a site needs.
type Options struct {
	// Version is that of the program; it may be empty.
	Version string
	// APIs are those with pages, in the order of the menu.
	APIs []*API
	// Guides returns the guides and what belongs to them, by their paths in the repository.
	Guides func() map[string][]byte
}

// New returns a site. Guides are rendered when the first of them is asked for.
func New(o Options) *Site {
	s := &Site{version: o.Version, apis: o.APIs}
	s.book = sync.OnceValue(func() *book { return newBook(o.Guides(), o.APIs) })
	return s
}

// Own reports whether a path belongs to the documentation of the server, whatever API its host has at its root.
func Own(name string) bool { return name == "/docs" || strings.HasPrefix(name, "/docs/") }

// Mount adds the guides, the search, the files of all pages, and the way from the root of the server.
func (s *Site) Mount(e *echo.Echo) {
	reading := []string{http.MethodGet, http.MethodHead}
	e.Match(reading, "/docs", s.guide)
	e.Match(reading, "/docs/*", s.guide)
	e.Match(reading, "/docs/search", s.search)
	e.Match(reading, "/docs/assets/*", s.asset)
}

// Root leads browsers from the root of the server to the guides. Everybody else gets the answer of other.
func Root(other echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
		if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html") {
			return c.Redirect(http.StatusFound, "/docs")
		}
		return other(c)
	}
}

// page is what the layout shows.
type page struct {
	// Site is the current part of the documentation: docs, apidoc or swagger.
	Site, Title, About, Version, Base, Assets, Path, Here, Query string
	MaxQuery                                                     int
	APIs                                                         []*API
	// API is the one that the page is about, Resource its current resource.
	API      *API
	Resource string
	Crumbs   []link
	Before   *link
	After    *link
	Contents []section
	Body     template.HTML

	Topic    *topicView
	Method   *methodView
	Example  *exampleView
	Story    []step
	Casts    []term
	Statuses []status
	Guide    *guide
	Hits     []hit
	More     bool
}

// link leads to another page.
type link struct{ Title, URL string }

// addHead adds what the head of every page shows.
func (s *Site) addHead(c echo.Context, p *page) {
	p.Version = s.version
	p.Base = web.BaseURL(c)
	p.Assets = assetsPath()
	p.MaxQuery = maxQuery
	p.APIs = s.apis
}

func (s *Site) render(c echo.Context, status int, content string, p page) error {
	s.addHead(c, &p)
	if p.API == nil {
		p.Contents = s.book().contents
	}
	templates := readTemplates()
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, content, p); err != nil {
		return err
	}
	p.Body = template.HTML(b.String()) // made by our own template, which has escaped what it was given
	b = bytes.Buffer{}
	if err := templates.ExecuteTemplate(&b, "layout", p); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, policy)
	if status != http.StatusOK {
		return c.HTMLBlob(status, b.Bytes())
	}
	return send(c, "text/html; charset=utf-8", b.Bytes())
}

// Missing answers an address without a page; api may be nil.
func (s *Site) Missing(c echo.Context, api *API) error {
	site := "docs"
	if api != nil {
		site = "apidoc"
	}
	return s.render(c, http.StatusNotFound, "missing", page{Site: site, Title: "Page not found", API: api})
}

// send answers with a text that browsers keep and ask for again with its tag.
func send(c echo.Context, contentType string, text []byte) error {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	if h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "no-cache")
	}
	if strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, contentType, text)
}

// assetsPath is where the files of the pages are. It changes with them, so that browsers may keep them.
var assetsPath = sync.OnceValue(func() string {
	sum := sha256.New()
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, _ := files.ReadFile(name)
			sum.Write(text)
		}
		return err
	})
	return "/docs/assets/" + hex.EncodeToString(sum.Sum(nil)[:6])
})

// asset answers with a file of the pages. Files of another version of the program are answered with those of this one,
// and not kept.
func (s *Site) asset(c echo.Context) error {
	dir, name := path.Split(c.Request().URL.Path)
	if name == "index.json" { // which changes with the guides
		return send(c, "application/json; charset=utf-8", s.book().titles)
	}
	if strings.TrimSuffix(dir, "/") == assetsPath() {
		c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	text, err := files.ReadFile("assets/" + name)
	if err != nil {
		return s.Missing(c, nil)
	}
	if path.Ext(name) == ".svg" {
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, picturePolicy(text))
	}
	return send(c, mimeType(name), text)
}

// mimeType does not depend on the machine for the types that pages have.
func mimeType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".md", ".yml", ".yaml":
		return "text/plain; charset=utf-8"
	}
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return "application/octet-stream"
}

// breaks marks where a path or a name may continue on the next line.
func breaks(text string) template.HTML {
	return template.HTML(strings.NewReplacer("/", "/<wbr>", "_", "_<wbr>", "[", "<wbr>[").
		Replace(template.HTMLEscapeString(text)))
}
