// Package hammer is Roster's command line: the command language of hammer, spoken by a small HTTP client. The options
// of a command, and what it sends, follow from the Apipie document of the server. The tables of commands, one file per
// resource, add fields, labels and messages, and what the document does not describe: passwords that are asked for, the
// import and export of users. The package knows a server by its answers only: no database and no rules.
package hammer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// Options are the arguments, the environment and the streams of a run.
type Options struct {
	// Args are the arguments without the name of the program.
	Args []string
	// Environ has the form of os.Environ.
	Environ []string
	// Program is the name that the command line is called by. Messages contain it.
	Program string
	// Version is printed by --version.
	Version string
	// Others are further commands of the program, which completion offers, too.
	Others         []string
	Stdin          *os.File
	Stdout, Stderr io.Writer
}

// app is one run of the program.
type app struct {
	Options
	program  string
	environ  environment
	root     *command
	settings *settings
	client   *client
	doc      *apidoc.Document
	out      *output.Printer
	// results and messages are what out prints results and messages to.
	results, messages *checkedWriter
	// outputFile is where results go instead of the standard output, nil if there is none.
	outputFile io.Closer
	// errTerminal is whether mistakes and progress go to a terminal.
	errTerminal bool
	flags       map[string]any
	home        string
	// server is the address of the server.
	server sourced
	// heading is printed above a failure of the command.
	heading string
	// interactive is whether the user may be asked for what is missing.
	interactive bool
}

// Run runs one command line and returns the exit code (docs/spec/hammer.md, 6). It ends early, with an error, when ctx
// does.
func Run(ctx context.Context, o Options) int {
	a := newApp(o)
	a.results = &checkedWriter{Writer: a.Stdout}
	a.messages = &checkedWriter{Writer: a.Stdout}
	a.out = &output.Printer{Out: a.results, Messages: a.messages, Err: a.Stderr, Form: "base", Separator: ",",
		Verbosity: output.Verbose, WarnUnknown: !a.isHammer()}
	err := a.run(ctx)
	if a.outputFile != nil {
		a.results.err = errors.Join(a.results.err, a.outputFile.Close())
	}
	if lost := errors.Join(a.results.err, a.messages.err); err == nil && lost != nil {
		a.heading = ""
		err = lost
	}
	if err != nil {
		if m, ok := errors.AsType[exitError](err); ok {
			return int(m)
		}
		message, code := a.explain(err)
		a.out.Failure(a.heading, message)
		return code
	}
	return exitOK
}

// checkedWriter remembers whether something could not be written: a full disk must not look like a success.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// Unwrap returns the writer behind this one.
func (w *checkedWriter) Unwrap() io.Writer { return w.Writer }

// newApp returns a run that has not begun. From here on, control characters are escaped on terminals.
func newApp(o Options) *app {
	o.Stdout = terminal.Wrap(o.Stdout)
	o.Stderr = terminal.Wrap(o.Stderr)
	return &app{Options: o, program: cmp.Or(o.Program, "roster"), environ: o.Environ, root: rootCommand()}
}

// globals returns the options that stand before the command.
func globals() []*option {
	flag := func(about string, switches ...string) *option {
		return &option{switches: switches, attribute: strings.TrimLeft(switches[len(switches)-1], "-"), about: about}
	}
	value := func(metavar, about string, switches ...string) *option {
		o := flag(about, switches...)
		o.metavar = metavar
		o.parse = parseText
		return o
	}
	forms := value("ADAPTER", "Set output format: base, table, csv, yaml, json or silent", "--output")
	forms.values = []string{"base", "table", "csv", "yaml", "json", "silent"}
	forms.parse = parseWord(forms.values)
	safe := value("CSV_SAFE",
		"Keep spreadsheets from running cells of CSV, by an apostrophe before them: yes or no (no; yes for exports)",
		"--csv-safe")
	safe.values = []string{"yes", "no"}
	safe.parse = parseYesNo
	return []*option{
		value("USERNAME", "Name of the user", "-u", "--username"),
		value("PASSWORD", "Password or personal access token; better in ROSTER_PASSWORD or asked for, since others "+
			"can see command lines", "-p", "--password"),
		value("SERVER", "Address of the server", "-s", "--server"),
		flag("Do not verify the server's certificate", "-k", "--insecure"),
		value("VERIFY_SSL", "Verify the server's certificate: yes or no", "--verify-ssl"),
		value("CA_FILE", "File with the certificates of the authorities to trust", "--ssl-ca-file"),
		value("CA_PATH", "Directory with the certificates of the authorities to trust", "--ssl-ca-path"),
		value("CERT_FILE", "File with the client's certificate", "--ssl-client-cert"),
		value("KEY_FILE", "File with the client's key", "--ssl-client-key"),
		flag("Send user and password beside the client's certificate", "--ssl-with-basic-auth"),
		forms,
		{switches: []string{"--csv"}, attribute: "output", about: "Output as CSV (same as --output=csv)", means: "csv"},
		value("SEPARATOR", "Character that separates the values of CSV", "--csv-separator"),
		safe,
		value("OUTPUT_FILE", "File to write the output to", "--output-file"),
		flag("Hide headers", "--no-headers"),
		flag("Show ids of associated objects", "--show-ids"),
		value("INTERACTIVE", "May ask for what is missing: yes or no", "--interactive"),
		flag("Use the saved defaults (the default); --no-use-defaults does not", "--use-defaults"),
		value("CFG_FILE", "File with further settings", "-c", "--config"),
		flag("Load the API documentation anew", "-r", "--reload-cache"),
		flag("Print messages (the default); --no-verbose prints results only", "-v", "--verbose"),
		flag("Print each request, without its secrets", "-d", "--debug"),
		flag("Print nothing", "-q", "--quiet"),
		flag("Print the version", "--version"),
		value("LINE", "Print what may follow a line", "--autocomplete"),
		flag("Print help", "-h", "--help"),
	}
}

// splitGlobals separates the global options from the command behind them.
func splitGlobals(args []string, options []*option) (before, rest []string) {
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") || args[i] == "-" {
			return args[:i], args[i:]
		}
		name, _, attached := strings.Cut(args[i], "=")
		if o, _ := findOption(options, name); o != nil && o.metavar != "" && !attached {
			i++
		}
	}
	return args, nil
}

func (a *app) run(ctx context.Context) error {
	options := globals()
	before, rest := splitGlobals(a.Args, options)
	flags, err := parseOptions(before, options)
	if err != nil {
		return &usageError{err.Error(), a.program}
	}
	a.flags = flags
	if a.flag("version") {
		fmt.Fprintln(a.out.Messages, "roster", a.Version)
		return nil
	}
	if line := a.text("autocomplete"); line != "" {
		return a.autocomplete(ctx, line)
	}
	if err := a.configure(); err != nil {
		return &failure{exitConfig, "Error: " + err.Error()}
	}
	if err := a.arrangeOutput(); err != nil {
		return err
	}
	c, args, err := a.find(rest)
	if err != nil {
		return err
	}
	help := a.flag("help") || slices.Contains(args, "-h") || slices.Contains(args, "--help")
	if c.kind == isGroup || help {
		return a.help(ctx, c)
	}
	if err := a.connect(); err != nil {
		return &failure{exitConfig, "Error: " + err.Error()}
	}
	if c.kind != isLocal || c.needsDoc {
		if a.doc, err = a.client.document(ctx, a.flag("reload-cache")); err != nil {
			return a.unreachable(err)
		}
	}
	a.heading = c.failure
	if err := a.client.openExternal(ctx); err != nil {
		return err
	}
	if a.out.Form == "" {
		a.out.Form = c.defaultForm()
	}
	return (&invocation{app: a, ctx: ctx, command: c}).run(args)
}

// defaultForm returns the form that a command prints in unless --output names one: lists are tables.
func (c *command) defaultForm() string {
	if c.kind == isList || c.parent != nil && c.parent.name == "defaults" {
		return "table"
	}
	return "base"
}

func (a *app) flag(name string) bool {
	v, _ := a.flags[name].(bool)
	return v
}

func (a *app) text(name string) string { return value.Text(nullToNil(a.flags[name])) }

// configure reads the settings.
func (a *app) configure() error {
	a.home = a.environ.get("HOME")
	if a.home == "" {
		if u, err := user.Current(); err == nil {
			a.home = u.HomeDir
		}
	}
	warn := a.Stderr
	if a.flag("quiet") {
		warn = io.Discard
	}
	s, err := loadSettings(a.home, a.ownSettings(), a.text("config"), warn)
	if err != nil {
		return err
	}
	a.settings = s
	a.interactive = a.Stdin != nil && term.IsTerminal(int(a.Stdin.Fd()))
	for _, wish := range []string{s.get("ui.interactive"), a.text("interactive")} {
		if on, err := parseBool(wish); err == nil {
			a.interactive = on
		}
	}
	return nil
}

// arrangeOutput prepares the printer, and opens the file of --output-file.
func (a *app) arrangeOutput() error {
	o := a.out
	o.Form = a.text("output")
	o.Separator = cmp.Or(a.text("csv-separator"), ",")
	o.CSVSafe = a.flag("csv-safe")
	o.NoHeaders = a.flag("no-headers")
	o.ShowIDs = a.flag("show-ids")
	if v, ok := a.flags["verbose"].(bool); ok && !v {
		o.Verbosity = output.ResultsOnly
	}
	if a.flag("quiet") {
		o.Verbosity = output.Quiet
	}
	plain := a.environ.get("NO_COLOR") != "" || a.environ.get("TERM") == "dumb"
	a.errTerminal = terminal.Behind(a.Stderr) != nil
	o.Red = a.errTerminal && !plain
	if name := a.text("output-file"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			return &usageError{"Option '--output-file': " + fileProblem(err) + ".", a.program}
		}
		a.outputFile = f
		a.results.Writer = terminal.Wrap(f)
		return nil
	}
	if s := terminal.Behind(a.Stdout); s != nil {
		o.Width = s.Width()
		o.Bold = !plain
	}
	return nil
}

// connect prepares the client. Flags win over variables, variables over files.
func (a *app) connect() error {
	s := a.settings
	e := a.environ
	if s.broken != nil {
		return s.broken
	}
	a.server = a.serverAddress()
	trust := tlsOptions{
		caFile:   cmp.Or(a.text("ssl-ca-file"), e.get("ROSTER_CA_FILE"), s.get("roster.ca_file", "ssl.ssl_ca_file")),
		caPath:   cmp.Or(a.text("ssl-ca-path"), s.get("ssl.ssl_ca_path")),
		certFile: cmp.Or(a.text("ssl-client-cert"), s.get("ssl.ssl_client_cert")),
		keyFile:  cmp.Or(a.text("ssl-client-key"), s.get("ssl.ssl_client_key")),
	}
	verify := cmp.Or(a.text("verify-ssl"), s.get("ssl.verify_ssl"), "yes")
	if on, err := parseBool(verify); err == nil {
		trust.insecure = !on
	}
	trust.insecure = trust.insecure || a.flag("insecure")
	timeout := 120
	if n := s.number("foreman.request_timeout"); n != 0 {
		timeout = max(n, 0)
	}
	c, err := newClient(value.Text(a.server.value), time.Duration(timeout)*time.Second, trust)
	if err != nil {
		return err
	}
	a.client = c
	c.agent = "roster/" + cmp.Or(a.Version, "dev")
	if a.flag("debug") {
		c.debug = a.Stderr
	}
	if !a.isHammer() {
		c.warn = a.Stderr
	}
	c.cache.Dir = filepath.Join(e.dir("XDG_CACHE_HOME", a.home, ".cache"), "roster", "apidoc",
		fileName(c.base.Scheme+"_"+c.base.Host+c.base.Path))
	return a.credentials(trust)
}

var oddInFile = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func fileName(s string) string { return oddInFile.ReplaceAllString(s, "_") }

// find returns the command that words lead to, and the words behind it. Words may be abbreviated as long as they are
// unambiguous.
func (a *app) find(words []string) (*command, []string, error) {
	c := a.root
	for c.kind == isGroup && len(words) > 0 {
		if strings.HasPrefix(words[0], "-") {
			options := []*option{{switches: []string{"-h", "--help"}, attribute: "help"}}
			if _, err := parseOptions(words, options); err != nil {
				return nil, nil, &usageError{err.Error(), c.path(a.program)}
			}
			return c, words, nil
		}
		next, err := c.child(words[0])
		if _, ambiguous := err.(*failure); ambiguous {
			return nil, nil, err
		}
		if err != nil {
			return nil, nil, &usageError{err.Error(), c.path(a.program)}
		}
		c = next
		words = words[1:]
	}
	// ping and status may be called with the name of the only part they have.
	if (c.name == "ping" || c.name == "status") && c.kind == isLocal && len(words) > 0 && words[0] == "foreman" {
		words = words[1:]
	}
	return c, words, nil
}

// child returns a command by its name, or by the beginning of its name.
func (c *command) child(word string) (*command, error) {
	var found []*command
	for _, child := range c.children {
		if slices.Contains(child.names(), word) {
			return child, nil
		}
		if slices.ContainsFunc(child.names(), func(n string) bool { return strings.HasPrefix(n, word) }) {
			found = append(found, child)
		}
	}
	switch len(found) {
	case 0:
		return nil, hammerErrorf("No such sub-command '%s'.", word)
	case 1:
		return found[0], nil
	}
	var names []string
	for _, f := range found {
		for _, n := range f.names() {
			if strings.HasPrefix(n, word) {
				names = append(names, n)
			}
		}
	}
	// hammer does not count this as a mistake in usage.
	return nil, softwareError("Found more than one command.\n\nDid you mean one of these?\n\t%s",
		strings.Join(names, "\n\t"))
}
