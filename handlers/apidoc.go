package handlers

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers/foreman"
)

//go:embed apidoc.html
var apidocText string

var apidocPage = template.Must(template.New("apidoc").Parse(apidocText))

// apidocSection is one resource of the page.
type apidocSection struct {
	Resource string
	Routes   []apidocRoute
}

type apidocRoute struct{ Method, Path, Action, Needs string }

// apidoc serves the table of all routes with what each needs, made from the routes themselves, so that it cannot tell of
// any other.
func apidoc(routes []foreman.Route) echo.HandlerFunc {
	var page bytes.Buffer
	if err := apidocPage.Execute(&page, apidocSections(routes)); err != nil {
		panic(err) // the template is part of the program
	}
	return func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, page.Bytes()) }
}

func apidocSections(routes []foreman.Route) []*apidocSection {
	var sections []*apidocSection
	at := map[string]*apidocSection{}
	for _, r := range routes {
		if at[r.Resource] == nil {
			at[r.Resource] = &apidocSection{Resource: r.Resource}
			sections = append(sections, at[r.Resource])
		}
		at[r.Resource].Routes = append(at[r.Resource].Routes, apidocRoute{r.Method, r.Path, r.Action, needs(r)})
	}
	return sections
}

func needs(r foreman.Route) string {
	switch {
	case r.Public:
		return "nothing"
	case len(r.Permissions) == 0:
		return "an account"
	case r.Self:
		return strings.Join(r.Permissions, " or ") + ", or one's own record"
	}
	return strings.Join(r.Permissions, " or ")
}
