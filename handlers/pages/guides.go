package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// guide answers with a guide, or with a file that guides need.
func (s *Site) guide(c echo.Context) error {
	b := s.book()
	at := strings.TrimSuffix(c.Request().URL.Path, "/")
	if file, ok := b.others[at]; ok {
		if path.Ext(at) == ".svg" {
			c.Response().Header().Set(echo.HeaderContentSecurityPolicy, picturePolicy(file))
		}
		return send(c, mimeType(at), file)
	}
	g := b.pages[at]
	if g == nil {
		if moved, ok := strings.CutSuffix(at, ".md"); ok && b.pages[moved] != nil {
			return c.Redirect(http.StatusFound, moved)
		}
		return s.Missing(c, nil)
	}
	p := page{Site: "docs", Title: g.Title, Here: g.Title, Path: g.URL, Guide: g, Before: g.Before, After: g.After,
		Crumbs: []link{{"Guides", "/docs"}, {g.Title, ""}}}
	if g.group != "" {
		p.Crumbs = []link{{"Guides", "/docs"}, {g.group, ""}, {g.Title, ""}}
	}
	if at == "/docs" && len(b.contents) > 0 {
		return s.render(c, http.StatusOK, "docshome", p)
	}
	return s.render(c, http.StatusOK, "guide", p)
}

// picturePolicy lets a picture use the styles that stand in it, and nothing else.
func picturePolicy(svg []byte) string {
	styles := ""
	for _, m := range styleElement.FindAllSubmatch(svg, -1) {
		sum := sha256.Sum256(m[1])
		styles += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if styles == "" {
		styles = " 'none'"
	}
	return "default-src 'none'; style-src" + styles + "; frame-ancestors 'self'; sandbox"
}
