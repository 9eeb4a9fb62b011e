package handlers

import (
	"bytes"
	"cmp"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/docs"
	"roster/handlers/cvat"
	"roster/handlers/web"
)

// mountCVAT adds the document of the CVAT dialect, and Swagger's user interface for it, where clients of CVAT look for
// them (docs/spec/cvat.md, 14).
func (a *apidoc) mountCVAT(e *echo.Echo, reading []string) {
	const home = cvat.Prefix + "/api"
	for _, page := range []string{"/swagger", "/docs"} {
		to := func(c echo.Context) error {
			return c.Redirect(http.StatusFound, web.Mounted(c, cvat.Prefix)+"/api/swagger/index.html")
		}
		e.Match(reading, home+page, to)
		e.Match(reading, home+page+"/", to)
	}
	e.Match(reading, home+"/swagger/*", a.swagger(manual{home: home + "/swagger", api: "CVAT", document: docs.CVAT}))
	e.Match(reading, home+"/schema/", cvatSchema)
}

// cvatSchema answers with the document, whose paths begin where the client has found it.
func cvatSchema(c echo.Context) error {
	base := cmp.Or(web.Mounted(c, cvat.Prefix), "/")
	text := bytes.Replace(docs.CVAT, []byte(`"basePath": "`+cvat.Prefix+`"`), []byte(`"basePath": "`+base+`"`), 1)
	return c.Blob(http.StatusOK, "application/vnd.oai.openapi+json; charset=utf-8", text)
}
