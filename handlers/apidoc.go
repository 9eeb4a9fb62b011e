package handlers

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/swaggo/swag"

	"roster/docs"
	"roster/docs/apipie"
	"roster/handlers/foreman"
	"roster/handlers/redmine"
	"roster/handlers/scim"
)

//go:embed apidoc.html
var apidocText string

// apidocPages are read when a server starts, and not when the program is but a command line.
func apidocPages(note func(*apipie.Param) string) *template.Template {
	return template.Must(template.New("apidoc").Funcs(template.FuncMap{
		// our own documents, escaped where they are made
		"safe": func(text string) template.HTML { return template.HTML(text) },
		"flat": flatParams,
		"note": note,
	}).Parse(apidocText))
}

// enforced says what the Foreman dialect does with a wrong value of a parameter.
func enforced(p *apipie.Param) string {
	note, _ := foreman.Enforcement(p.FullName, p.ExpectedType)
	return note
}

// unsaid says nothing of a parameter.
func unsaid(*apipie.Param) string { return "" }

// apidoc serves the Apipie document, for programs and for people. Everything in it is worked out once, at start.
type apidoc struct {
	manual
	whole    []byte
	checksum string
	// redmine are the pages of the other dialect, which has no document for programs.
	redmine manual
}

// manual is an API on pages for people.
type manual struct {
	// home is the path of the first page, swagger that of Swagger's user interface.
	home, swagger string
	doc           *apipie.Doc
	pages         *template.Template
	limits        []foreman.Limit
}

func newApidoc(bodyLimit int64) *apidoc {
	doc, err := apipie.FromSwagger(docs.Swagger)
	if err != nil {
		panic(err) // the document is part of the program, and a test reads it
	}
	other := redmine.Prefix + "/apidoc"
	people, err := apipie.ForPeople(docs.Redmine, "Redmine", other, redmine.Prefix)
	if err != nil {
		panic(err)
	}
	return &apidoc{
		manual: manual{home: "/apidoc", swagger: "/swagger/index.html", doc: doc, pages: apidocPages(enforced),
			limits: foreman.Limits(bodyLimit)},
		whole: doc.JSON(), checksum: doc.Checksum(),
		redmine: manual{home: other, swagger: redmine.Prefix + "/swagger/index.html", doc: people,
			pages: apidocPages(unsaid)},
	}
}

// mount adds the documents and the pages.
func (a *apidoc) mount(e *echo.Echo) {
	reading := []string{http.MethodGet, http.MethodHead}
	for _, path := range []string{"/apidoc", "/apidoc.json", "/apidoc/*"} {
		e.Match(reading, path, a.serve)
	}
	e.Match(reading, "/swagger",
		func(c echo.Context) error { return c.Redirect(http.StatusFound, "/swagger/index.html") })
	e.Match(reading, "/swagger/*", swaggerUI(swag.Name))
	page := redmine.Prefix + "/swagger"
	e.Match(reading, page, func(c echo.Context) error { return c.Redirect(http.StatusFound, page+"/index.html") })
	e.Match(reading, page+"/*", swaggerUI(docs.RedmineName))
	mountCVAT(e, reading)
	e.Match(reading, scim.Prefix+"/swagger", func(c echo.Context) error {
		return c.Redirect(http.StatusFound, scim.Prefix+"/swagger/index.html")
	})
	e.Match(reading, scim.Prefix+"/swagger/*", swaggerUI(docs.SCIMName))
	e.Match(reading, a.redmine.home, a.redmine.serve)
	e.Match(reading, a.redmine.home+"/*", a.redmine.serve)
}

// announce names the document in every answer of the API, so that clients know when theirs is out of date
// (docs/spec/foreman.md, 18.1).
func (a *apidoc) announce(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Request().URL.Path; foreman.Owns(p) || p == "/apidoc" || strings.HasPrefix(p, "/apidoc/") ||
			p == "/apidoc.json" {
			c.Response().Header().Set("Apipie-Checksum", a.checksum)
		}
		return next(c)
	}
}

// languages may stand in the names of documents. There is one language; clients ask for theirs first.
var languages = []string{"ca", "cs_CZ", "de", "en", "en_GB", "es", "fr", "it", "ja", "ka", "ko", "pl", "pt_BR", "ru",
	"zh_CN", "zh_TW"}

// serve answers the paths of the documents (docs/spec/foreman.md, 18.1): /apidoc, /apidoc/v2, /apidoc/v2/users and
// /apidoc/v2/users/create, as a page or, with the suffix .json, as a document, each with an optional language before
// the suffix.
func (a *apidoc) serve(c echo.Context) error {
	name := strings.Trim(strings.TrimPrefix(c.Request().URL.Path, "/apidoc"), "/")
	name, asJSON := strings.CutSuffix(name, ".json")
	if !asJSON {
		name = strings.TrimSuffix(name, ".html")
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 && slices.Contains(languages, name[i+1:]) {
		name = name[:i]
	}
	switch name {
	case "apipie_checksum":
		return c.JSON(http.StatusOK, map[string]string{"checksum": a.checksum})
	case "":
		name = "v2"
	}
	parts := strings.Split(name, "/")
	if parts[0] != "v2" || len(parts) > 3 {
		return a.missing(c, asJSON)
	}
	parts = append(parts[1:], "", "")
	if asJSON {
		return a.document(c, parts[0], parts[1])
	}
	return a.page(c, parts[0], parts[1])
}

// serve answers the paths of pages: those of everything, of a resource, and of a method of it.
func (m *manual) serve(c echo.Context) error {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(c.Request().URL.Path, m.home), "/"), "/")
	if len(parts) > 2 {
		return m.render(c, http.StatusNotFound, apidocPage{Missing: true})
	}
	parts = append(parts, "")
	return m.page(c, parts[0], parts[1])
}

func (a *apidoc) document(c echo.Context, resource, method string) error {
	raw := a.whole
	if resource != "" {
		if raw = a.doc.Part(resource, method); raw == nil {
			return a.missing(c, true)
		}
	}
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", raw)
}

// apidocPage is what a page shows: everything, a resource, or a method of it.
type apidocPage struct {
	// Home and Swagger are paths of other pages.
	Home, Swagger string
	Doc           *apipie.Doc
	Resource      *apipie.Resource
	Method        *apipie.Method
	Missing       bool
	// Limits are the bounds of requests, on the page of everything.
	Limits []foreman.Limit
}

func (m *manual) page(c echo.Context, resource, method string) error {
	var p apidocPage
	if resource != "" {
		p.Resource, p.Method = m.doc.Find(resource, method)
		if p.Resource == nil || method != "" && p.Method == nil {
			return m.render(c, http.StatusNotFound, apidocPage{Missing: true})
		}
	}
	return m.render(c, http.StatusOK, p)
}

func (a *apidoc) missing(c echo.Context, asJSON bool) error {
	if asJSON {
		return c.NoContent(http.StatusNotFound)
	}
	return a.render(c, http.StatusNotFound, apidocPage{Missing: true})
}

func (m *manual) render(c echo.Context, status int, p apidocPage) error {
	p.Home = m.home
	p.Swagger = m.swagger
	p.Doc = m.doc
	p.Limits = m.limits
	var b bytes.Buffer
	if err := m.pages.Execute(&b, p); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

// flatParams puts the parameters of hashes behind the hash; their full names show where they belong.
func flatParams(list []*apipie.Param) []*apipie.Param {
	var flat []*apipie.Param
	for _, p := range list {
		flat = append(append(flat, p), flatParams(p.Params)...)
	}
	return flat
}
