package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// help prints what a command is for and how it is called. It works without a server: the built-in documentation does
// for what the server's own would say better.
func (a *app) help(ctx context.Context, c *command) error {
	a.helpDocument(ctx)
	a.writeHelp(a.out.out, c)
	return nil
}

func (a *app) helpDocument(ctx context.Context) {
	if err := a.connect(); err == nil {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		a.doc, _ = a.client.document(ctx, a.flag("reload-cache"))
	}
	if a.doc == nil {
		a.doc, _ = builtinDocument()
	}
}

func (a *app) writeHelp(w io.Writer, c *command) {
	path := c.path(a.program)
	switch {
	case c == a.root:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS] SUBCOMMAND [ARG] ...\n", a.title("Usage"), path)
	case c.kind == isGroup:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS] SUBCOMMAND [ARG] ...\n\n%s\n", a.title("Usage"), path, c.about)
	default:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS]\n\n%s\n", a.title("Usage"), path, a.about(c))
	}
	if c.kind == isGroup {
		var lines [][2]string
		for _, child := range c.children {
			if child.about != "" || !child.foreign() {
				lines = append(lines, [2]string{strings.Join(child.names(), ", "), a.about(child)})
			}
		}
		a.helpList(w, "Subcommands", lines)
	}
	options := optionsOf(a.doc, c)
	if c == a.root {
		options = globals()
	}
	var lines [][2]string
	for _, o := range options {
		lines = append(lines, [2]string{strings.TrimSpace(strings.Join(o.switches, ", ") + " " + o.metavar), o.describe()})
	}
	if c != a.root {
		slices.SortFunc(lines, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
		lines = append(lines, [2]string{"-h, --help", "Print help"})
	}
	a.helpList(w, "Options", lines)
	if m := a.doc.resource(c.resource).method(c.action); m != nil && c.kind == isList && m.Metadata != nil && m.param("search") != nil {
		var fields [][2]string
		for _, f := range m.Metadata.Search {
			kind := f.Type
			if values, ok := f.Values.([]any); ok {
				kind = "Values: " + strings.Trim(fmt.Sprint(values), "[]")
			}
			fields = append(fields, [2]string{f.Name, kind})
		}
		a.helpList(w, "Search / Order fields", fields)
	}
	if len(c.examples) > 0 {
		fmt.Fprintf(w, "\n%s\n", a.title("Examples"))
		for _, e := range c.examples {
			fmt.Fprintf(w, "    %s %s\n", a.program, e)
		}
	}
}

func (a *app) title(s string) string {
	if a.out.colour {
		return text.Bold.Sprint(s + ":")
	}
	return s + ":"
}

// about is the sentence on a command: its own or that of the API documentation.
func (a *app) about(c *command) string {
	if c.about != "" {
		return c.about
	}
	if c.kind == isGroup || c.foreign() {
		return "Not managed by this server"
	}
	m := a.doc.resource(c.resource).method(c.action)
	if m == nil || len(m.APIs) == 0 {
		return "Unfortunately the server does not support such operation."
	}
	return first(capitalized(plainText(m.APIs[0].Description)), capitalized(strings.ReplaceAll(c.name, "-", " ")))
}

func (o *option) describe() string {
	s := capitalized(o.about)
	if len(o.values) > 0 && !strings.Contains(s, o.values[0]) {
		s = strings.TrimSpace(s + " (one of " + strings.Join(o.values, ", ") + ")")
	}
	if o.required {
		s += " (required)"
	}
	return s
}

// helpList prints two columns, the second one folded into the window.
func (a *app) helpList(w io.Writer, title string, lines [][2]string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", a.title(title))
	width := 29
	for _, l := range lines {
		width = min(max(width, len(l[0])), 44)
	}
	window := 120
	if a.out.terminal {
		window = max(a.out.width, 60)
	}
	for _, l := range lines {
		label := l[0]
		for part := range strings.SplitSeq(text.WrapSoft(l[1], max(window-width-3, 20)), "\n") {
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf(" %-*s %s", width, label, part), " "))
			label = ""
		}
	}
}

func fullHelpCommand() *command {
	return &command{name: "full-help", kind: isLocal, about: "Print the help of all commands", needsDoc: true, run: func(in *invocation) error {
		var walk func(*command)
		walk = func(c *command) {
			if c.foreign() {
				return
			}
			if c != in.root {
				fmt.Fprintln(in.out.out)
			}
			in.writeHelp(in.out.out, c)
			for _, child := range c.children {
				walk(child)
			}
		}
		walk(in.root)
		return nil
	}}
}

// watch shows a list again and again until the program is interrupted: on a terminal in place, elsewhere one below the
// other.
func (in *invocation) watch(seconds int) error {
	ticker := time.NewTicker(time.Duration(seconds) * time.Second)
	defer ticker.Stop()
	values := in.values
	for round := 0; ; round++ {
		in.values = cloneValues(values)
		in.out.printed = 0
		if in.out.terminal {
			fmt.Fprint(in.out.out, "\x1b[H\x1b[2J")
		} else if round > 0 {
			fmt.Fprintln(in.out.out)
		}
		if err := in.execute(); err != nil {
			return err
		}
		select {
		case <-in.ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
