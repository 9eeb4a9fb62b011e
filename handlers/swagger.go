package handlers

import (
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers/pages"
)

// manual is Swagger's user interface for a document.
type manual struct {
	// home is the path of its directory, api the name of the API.
	home, api string
	document  []byte
}

// swagger serves the user interface with everything that it needs.
func (a *apidoc) swagger(m manual) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch file := path.Base(c.Request().URL.Path); file {
		case "swagger":
			return c.Redirect(http.StatusFound, strings.TrimSuffix(c.Request().URL.Path, "/")+"/index.html")
		case "index.html":
			return a.site.Swagger(c, m.api)
		case "doc.json":
			return c.Blob(http.StatusOK, "application/json; charset=utf-8", m.document)
		default:
			return pages.SwaggerFile(c, file)
		}
	}
}
