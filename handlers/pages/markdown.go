package pages

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// renderings are how the parts of a guide are written that differ from what goldmark writes: headings with anchors,
// and tables and code that a keyboard can scroll.
type renderings struct{ *html.Renderer }

func ours() renderer.Option {
	inner, _ := html.NewRenderer().(*html.Renderer)
	return renderer.WithNodeRenderers(util.Prioritized(&renderings{inner}, 100))
}

// RegisterFuncs implements renderer.NodeRenderer.
func (r *renderings) RegisterFuncs(to renderer.NodeRendererFuncRegisterer) {
	to.Register(ast.KindHeading, r.heading)
	to.Register(ast.KindFencedCodeBlock, r.code)
	to.Register(ast.KindCodeBlock, r.code)
	to.Register(extast.KindTable, r.table)
}

func (r *renderings) heading(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	tag := "h" + strconv.Itoa(h.Level)
	id := idOf(h)
	if entering {
		_, _ = w.WriteString("<" + tag + ` id="` + id + `">`)
		return ast.WalkContinue, nil
	}
	if h.Level > 1 {
		_, _ = w.WriteString(`<a class="anchor" href="#` + id + `" aria-label="Link to ` +
			string(util.EscapeHTML([]byte(plain(h, source)))) + `">#</a>`)
	}
	_, _ = w.WriteString("</" + tag + ">\n")
	return ast.WalkContinue, nil
}

func (r *renderings) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	var text bytes.Buffer
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		text.Write(line.Value(source))
	}
	_, _ = w.WriteString(`<div class="code"><pre tabindex="0"><code>` + string(coloured(text.String())) +
		"</code></pre></div>\n")
	return ast.WalkSkipChildren, nil
}

func (r *renderings) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>` + "\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

// idOf is the anchor of a heading.
func idOf(n ast.Node) string {
	id, _ := n.AttributeString("id")
	text, _ := id.([]byte)
	return string(util.EscapeHTML(text))
}

// plain is the text of a part of a guide, without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if entering {
				for i := range n.Lines().Len() {
					line := n.Lines().At(i)
					b.Write(line.Value(source))
				}
			}
			return ast.WalkSkipChildren, nil
		default:
			if n.Type() == ast.TypeBlock && !entering {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

var styleElement = regexp.MustCompile(`(?s)<style[^>]*>(.*?)</style>`)
