package handlers

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	echoswagger "github.com/swaggo/echo-swagger"
)

// swaggerDark makes Swagger's user interface, which knows light colours only, follow those who prefer dark ones:
// lightness is turned round, and the hue back.
const swaggerDark = `<style>
@media (prefers-color-scheme: dark) {
  html { background: #1b1b1b; color-scheme: dark; }
  body { filter: invert(88%) hue-rotate(180deg); }
  .swagger-ui .topbar, .swagger-ui .highlight-code,
  .swagger-ui pre.curl, .swagger-ui .request-url pre { filter: invert(100%) hue-rotate(180deg); }
}
</style>
`

// swaggerPolicy lets Swagger's pages run the script that stands in them.
const swaggerPolicy = "default-src 'self'; img-src 'self' data:; script-src 'self' 'unsafe-inline'; " +
	"style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'self'"

// swaggerUI serves the user interface with everything that it needs. It forgets credentials with the page: kept, they
// would lie in the browser's storage in plain text.
func swaggerUI(instance string) echo.HandlerFunc {
	ui := echoswagger.EchoWrapHandler(echoswagger.PersistAuthorization(false), echoswagger.DocExpansion("none"),
		echoswagger.DeepLinking(true), echoswagger.InstanceName(instance))
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, swaggerPolicy)
		// The wrapped handler knows no HEAD; the server leaves the bodies of such answers out by itself.
		asked := c.Request()
		defer c.SetRequest(asked)
		got := asked.Clone(asked.Context())
		got.Method = http.MethodGet
		c.SetRequest(got)
		if !strings.HasSuffix(c.Request().URL.Path, "/index.html") {
			return ui(c)
		}
		page := &held{ResponseWriter: c.Response().Writer}
		c.Response().Writer = page
		err := ui(c)
		c.Response().Writer = page.ResponseWriter
		if page.status == 0 { // nothing was answered, so that the error still can be
			return err
		}
		page.ResponseWriter.WriteHeader(page.status)
		_, writeErr := page.ResponseWriter.Write(bytes.Replace(page.body.Bytes(), []byte("</head>"),
			[]byte(swaggerDark+"</head>"), 1))
		return errors.Join(err, writeErr)
	}
}

// held keeps an answer back.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader keeps the status for later.
func (h *held) WriteHeader(status int) { h.status = status }

// Write keeps a part of the body for later.
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }
