package hammer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// completionCommand prints the scripts that shells need. The scripts and their protocol are cobra's. The rest of cobra
// cannot parse hammer's grammar: global options before commands, abbreviated names, NIL, lists.
func completionCommand() *command {
	shell := func(name string, script func(*cobra.Command, *invocation) error) *command {
		return &command{name: name, kind: isLocal, about: "Print the completion script for " + name,
			run: func(in *invocation) error { return script(in.completer(in.ctx), in) }}
	}
	return group("completion", "Print a script with which a shell completes commands, options and names",
		shell("bash", func(c *cobra.Command, in *invocation) error { return c.GenBashCompletionV2(in.out.Out, true) }),
		shell("zsh", func(c *cobra.Command, in *invocation) error { return c.GenZshCompletion(in.out.Out) }),
		shell("fish", func(c *cobra.Command, in *invocation) error { return c.GenFishCompletion(in.out.Out, true) }))
}

// prebuildCommand exists because hammer has one. Here it only fetches the documentation into the cache.
func prebuildCommand() *command {
	return &command{name: "prebuild-bash-completion", kind: isLocal,
		about: "Fetch the API documentation, so that completion answers at once", needsDoc: true,
		run: func(*invocation) error { return nil }}
}

// Complete answers the completion script of a shell: args are __complete and the words so far, the last one unfinished.
func Complete(ctx context.Context, o Options) int {
	a := newApp(o)
	a.out = &output.Printer{Out: a.Stdout, Err: a.Stderr}
	c := a.completer(ctx)
	c.SetArgs(o.Args)
	c.SetOut(a.Stdout)
	c.SetErr(a.Stderr)
	if err := c.ExecuteContext(ctx); err != nil {
		return exitSoftware
	}
	return exitOK
}

func (a *app) completer(ctx context.Context) *cobra.Command {
	c := &cobra.Command{
		Use:                a.program,
		DisableFlagParsing: true,
		Args:               cobra.ArbitraryArgs,
		Run:                func(*cobra.Command, []string) {},
		ValidArgsFunction: func(_ *cobra.Command, words []string, last string) ([]cobra.Completion,
			cobra.ShellCompDirective) {
			return a.complete(ctx, words, last), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.CompletionOptions.DisableDefaultCmd = true
	return c
}

// autocomplete prints completions for a line, which is hammer's own protocol.
func (a *app) autocomplete(ctx context.Context, line string) error {
	words := strings.Fields(line)
	if len(words) > 0 {
		words = words[1:]
	}
	last := ""
	if !strings.HasSuffix(line, " ") && len(words) > 0 {
		last = words[len(words)-1]
		words = words[:len(words)-1]
	}
	var ends []string
	for _, c := range a.complete(ctx, words, last) {
		word, _, _ := strings.Cut(c, "\t")
		ends = append(ends, word)
	}
	fmt.Fprintln(a.Stdout, strings.Join(ends, " "))
	return nil
}

// complete returns the candidates for the last word. Shells print candidates unescaped, so names with control
// characters are left out.
func (a *app) complete(ctx context.Context, words []string, last string) []string {
	return slices.DeleteFunc(a.candidates(ctx, words, last), func(c string) bool {
		word, about, _ := strings.Cut(c, "\t")
		return terminal.Escape(word) != word || terminal.Escape(about) != about
	})
}

// candidates returns commands, options, words of an enumeration, or names of objects on the server. If the server does
// not answer soon, it returns none.
func (a *app) candidates(ctx context.Context, words []string, last string) []string {
	before, rest := splitGlobals(words, globals())
	a.flags, _ = parseOptions(before, globals())
	if o := pendingOption(before, globals()); o != nil && len(rest) == 0 {
		return matching(o.values, last)
	}
	c := a.root
	for c.kind == isGroup && len(rest) > 0 {
		next, err := c.child(rest[0])
		if err != nil {
			return nil
		}
		c = next
		rest = rest[1:]
	}
	if c.kind == isGroup {
		var found []string
		for _, child := range c.children {
			if !child.unsupported() && !child.hidden {
				found = append(found, child.name+"\t"+child.about)
			}
		}
		if c == a.root {
			found = append(found, a.Others...)
			if strings.HasPrefix(last, "-") {
				found = switches(globals())
			}
		}
		return matching(found, last)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if a.configure() != nil {
		return nil
	}
	a.interactive = false
	a.helpDocument(ctx)
	options := a.optionsOf(c)
	o := pendingOption(rest, options)
	if o == nil {
		return matching(
			switches(slices.DeleteFunc(options, func(o *option) bool { return slices.Contains(rest, o.long()) })), last)
	}
	if len(o.values) > 0 {
		return matching(o.values, last)
	}
	return a.objectNames(ctx, c, o, options, rest, last)
}

// pendingOption returns the option whose value comes next, nil if there is none.
func pendingOption(words []string, options []*option) *option {
	if len(words) == 0 {
		return nil
	}
	o, off := findOption(options, words[len(words)-1])
	if o == nil || off || o.metavar == "" {
		return nil
	}
	return o
}

func switches(options []*option) []string {
	var found []string
	for _, o := range options {
		found = append(found, o.long()+"\t"+o.about)
	}
	return found
}

func matching(candidates []string, start string) []string {
	return slices.DeleteFunc(slices.Clone(candidates), func(c string) bool { return !strings.HasPrefix(c, start) })
}

// mostNames bounds how many names are offered.
const mostNames = 50

// objectNames returns the names of objects on the server that an option may refer to. In a list a,b it completes the
// last member.
func (a *app) objectNames(ctx context.Context, c *command, o *option, options []*option, words []string,
	last string) []string {
	if o.refers == "" || a.client == nil || strings.HasSuffix(o.attribute, "_id") || o.attribute == "id" ||
		strings.HasSuffix(o.attribute, "_ids") {
		return nil
	}
	key := ""
	for _, s := range searchables(o.refers) {
		if strings.HasSuffix(o.attribute, s.name) || strings.HasSuffix(o.attribute, apidoc.Plural(s.name)) {
			key = s.name
		}
	}
	res := a.doc.Resource(apidoc.Plural(o.refers))
	if key == "" || res.Method("index") == nil {
		return nil
	}
	head := ""
	start := last
	if i := strings.LastIndexByte(last, ','); i >= 0 && strings.HasSuffix(o.attribute, apidoc.Plural(key)) {
		head = last[:i+1]
		start = last[i+1:]
	}
	given, _ := parseOptions(words[:len(words)-1], options)
	in := &invocation{app: a, ctx: ctx, command: c, options: options, given: given, values: maps.Clone(given)}
	query := ""
	if start != "" && !strings.Contains(start, `"`) {
		query = key + " ~ " + quoted(start)
	}
	rows, err := in.searchPage(res, query, mostNames)
	if err != nil {
		return nil
	}
	var found []string
	for _, row := range rows {
		if name := value.Text(value.AsObject(row).Get(key)); strings.HasPrefix(name, start) {
			found = append(found, head+name)
		}
	}
	return found
}
