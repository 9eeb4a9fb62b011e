package handlers

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"roster/docs"
	"roster/docs/apipie"
	"roster/handlers/cvat"
	"roster/handlers/foreman"
	"roster/handlers/pages"
	"roster/handlers/redmine"
	"roster/handlers/scim"
)

// apidoc serves the documents of the APIs, for programs and for people.
type apidoc struct {
	*document
	site             *pages.Site
	foreman, redmine *pages.API
}

// document is the Apipie document for programs.
type document struct {
	doc      *apipie.Doc
	whole    []byte
	checksum string
}

// readDocument works the document out once: it is the same for all servers of a program.
var readDocument = sync.OnceValue(func() *document {
	doc := must(apipie.FromSwagger(docs.Swagger))
	return &document{doc: doc, whole: doc.JSON(), checksum: doc.Checksum()}
})

// must is for documents that are part of the program, and that a test reads.
func must(doc *apipie.Doc, err error) *apipie.Doc {
	if err != nil {
		panic(err)
	}
	return doc
}

// refused says what the API of Foreman does with a wrong value of a parameter, if it refuses it.
func refused(p *apipie.Param) string {
	if note, strict := foreman.Enforcement(p.FullName, p.ExpectedType); strict {
		return note
	}
	return ""
}

func newApidoc(o Options) *apidoc {
	a := &apidoc{document: readDocument()}
	a.foreman = (&pages.API{
		Name: "Foreman", Text: "For hammer, Ansible, Terraform, scripts and roster itself",
		Home: "/apidoc", Swagger: "/swagger/index.html", Conventions: "/apidoc/conventions",
		Doc:    func() *apipie.Doc { return must(apipie.ForPages(docs.Swagger)) },
		Topics: apipie.Foreman, Refused: refused, Casts: foreman.Casts(), Login: "-u admin",
	}).Ready()
	for _, l := range foreman.Limits(o.BodyLimit) {
		a.foreman.Limits = append(a.foreman.Limits, pages.Limit(l))
	}
	home := redmine.Prefix + "/apidoc"
	a.redmine = (&pages.API{
		Name: "Redmine", Text: "For programs written for the users of Redmine",
		Home: home, Swagger: redmine.Prefix + "/swagger/index.html",
		Doc: func() *apipie.Doc {
			return must(apipie.ForPeople(docs.Redmine, "Redmine", home, redmine.Prefix))
		},
		Topics: apipie.Redmine, Login: "-u admin",
	}).Ready()
	others := []*pages.API{
		(&pages.API{Name: "CVAT", Text: "For programs written for the users and organizations of CVAT",
			Home: cvat.Prefix + "/api/swagger/index.html", Swagger: cvat.Prefix + "/api/swagger/index.html"}).Ready(),
		(&pages.API{Name: "SCIM", Text: "For Entra ID, Okta, OneLogin and other identity providers",
			Home: scim.Prefix + "/swagger/index.html", Swagger: scim.Prefix + "/swagger/index.html"}).Ready(),
	}
	a.site = pages.New(pages.Options{Version: o.Version, APIs: append([]*pages.API{a.foreman, a.redmine}, others...),
		Guides: guides})
	return a
}

// guides returns the guides by their paths in the repository: those of docs, and one beside each API.
func guides() map[string][]byte {
	files := map[string][]byte{
		"handlers/foreman/README.md": foreman.Readme, "handlers/redmine/README.md": redmine.Readme,
		"handlers/cvat/README.md": cvat.Readme, "handlers/scim/README.md": scim.Readme,
	}
	err := fs.WalkDir(docs.Guides, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files["docs/"+name], err = docs.Guides.ReadFile(name)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return files
}

// mount adds the documents and the pages.
func (a *apidoc) mount(e *echo.Echo) {
	reading := []string{http.MethodGet, http.MethodHead}
	for _, path := range []string{"/apidoc", "/apidoc.json", "/apidoc/*"} {
		e.Match(reading, path, a.serve)
	}
	for _, m := range []manual{
		{"/swagger", "Foreman", docs.Swagger}, {redmine.Prefix + "/swagger", "Redmine", docs.Redmine},
		{scim.Prefix + "/swagger", "SCIM", docs.SCIM},
	} {
		e.Match(reading, m.home, func(c echo.Context) error {
			return c.Redirect(http.StatusFound, m.home+"/index.html")
		})
		e.Match(reading, m.home+"/*", a.swagger(m))
	}
	a.mountCVAT(e, reading)
	e.Match(reading, a.redmine.Home, a.serveRedmine)
	e.Match(reading, a.redmine.Home+"/*", a.serveRedmine)
	a.site.Mount(e)
	e.Match(reading, "/", pages.Root(foreman.Dialect.NotFound))
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
	switch {
	case name == "apipie_checksum":
		return c.JSON(http.StatusOK, map[string]string{"checksum": a.checksum})
	case name == "conventions" && !asJSON:
		return a.site.Conventions(c, a.foreman)
	case name == "":
		name = "v2"
	}
	parts := strings.Split(name, "/")
	if parts[0] != "v2" || len(parts) > 3 {
		return a.missing(c, asJSON)
	}
	parts = append(parts[1:], "", "")
	if asJSON {
		return a.part(c, parts[0], parts[1])
	}
	return a.site.Reference(c, a.foreman, parts[0], parts[1])
}

// serveRedmine answers the paths of pages: those of everything, of a resource, and of a method of it.
func (a *apidoc) serveRedmine(c echo.Context) error {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(c.Request().URL.Path, a.redmine.Home), "/"), "/")
	if len(parts) > 2 {
		return a.site.Missing(c, a.redmine)
	}
	parts = append(parts, "")
	return a.site.Reference(c, a.redmine, parts[0], parts[1])
}

func (a *apidoc) part(c echo.Context, resource, method string) error {
	raw := a.whole
	if resource != "" {
		if raw = a.doc.Part(resource, method); raw == nil {
			return a.missing(c, true)
		}
	}
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", raw)
}

func (a *apidoc) missing(c echo.Context, asJSON bool) error {
	if asJSON {
		return c.NoContent(http.StatusNotFound)
	}
	return a.site.Missing(c, a.foreman)
}
