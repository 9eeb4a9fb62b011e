package pages

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"
	swaggerfiles "github.com/swaggo/files/v2"
)

// Swagger answers with the page of Swagger's user interface for the API of a name. The page forgets credentials when it
// is closed: kept, they would lie in the browser's storage in plain text.
func (s *Site) Swagger(c echo.Context, name string) error {
	p := page{Site: "swagger", Title: "Swagger UI for the API of " + name}
	s.addHead(c, &p)
	for _, api := range s.apis {
		if api.Name == name {
			p.API = api
		}
	}
	var b bytes.Buffer
	if err := readTemplates().ExecuteTemplate(&b, "swagger", p); err != nil {
		return err
	}
	// Swagger's own page would need a weaker one; ours has no script and no style in it.
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, policy)
	return send(c, "text/html; charset=utf-8", b.Bytes())
}

// SwaggerFile answers with a file of Swagger's user interface.
func SwaggerFile(c echo.Context, name string) error {
	switch path.Ext(name) {
	case ".css", ".js", ".png":
		if text, err := fs.ReadFile(swaggerfiles.FS, name); err == nil {
			return send(c, mimeType(name), text)
		}
	}
	return c.String(http.StatusNotFound, http.StatusText(http.StatusNotFound))
}
