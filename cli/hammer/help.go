package hammer

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/terminal"
)

// help prints what a command is for and how it is called. Without a server it uses the built-in documentation.
func (a *app) help(ctx context.Context, c *command) error {
	a.helpDocument(ctx)
	a.writeHelp(a.out.Messages, c)
	return nil
}

func (a *app) helpDocument(ctx context.Context) {
	if err := a.connect(); err == nil {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		a.doc, _ = a.client.document(ctx, a.flag("reload-cache"))
	}
	if a.doc == nil {
		a.doc, _ = apidoc.Builtin()
	}
}

func (a *app) writeHelp(w io.Writer, c *command) {
	a.writeUsage(w, c)
	if c.kind == isGroup {
		var lines [][2]string
		for _, child := range c.children {
			offered := child.associated == "" || a.manages(child.associated)
			if !child.hidden && offered && (child.about != "" || !child.unsupported()) {
				lines = append(lines, [2]string{strings.Join(child.names(), ", "), a.about(child)})
			}
		}
		a.helpList(w, "Subcommands", lines)
	}
	a.helpList(w, "Options", a.optionLines(c))
	if c.details != nil {
		title, lines := c.details()
		a.helpList(w, title, lines)
	}
	a.helpList(w, "Search / Order fields", a.searchLines(c))
	if lines := examples[c.words()]; len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", a.title("Examples"))
		for _, e := range lines {
			fmt.Fprintf(w, "    %s %s\n", a.program, e)
		}
	}
}

func (a *app) writeUsage(w io.Writer, c *command) {
	path := c.path(a.program)
	switch {
	case c == a.root:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS] SUBCOMMAND [ARG] ...\n", a.title("Usage"), path)
	case c.kind == isGroup:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS] SUBCOMMAND [ARG] ...\n\n%s\n", a.title("Usage"), path, c.about)
	default:
		fmt.Fprintf(w, "%s\n    %s [OPTIONS]\n\n%s\n", a.title("Usage"), path, a.about(c))
	}
}

// optionLines returns the options of a command and what they are about.
func (a *app) optionLines(c *command) [][2]string {
	options := a.optionsOf(c)
	if c == a.root {
		options = globals()
	}
	var lines [][2]string
	for _, o := range options {
		lines = append(lines, [2]string{strings.TrimSpace(strings.Join(o.switches, ", ") + " " + o.metavar),
			o.describe()})
	}
	if c != a.root {
		slices.SortFunc(lines, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
		lines = append(lines, [2]string{"-h, --help", "Print help"})
	}
	return lines
}

// searchLines returns the fields that a list can be searched and ordered by, and their types.
func (a *app) searchLines(c *command) [][2]string {
	m := a.doc.Resource(c.resource).Method(c.action)
	if m == nil || c.kind != isList || m.Metadata == nil || m.Param("search") == nil {
		return nil
	}
	var lines [][2]string
	for _, f := range m.Metadata.Search {
		kind := f.Type
		if values, ok := f.Values.([]any); ok {
			kind = "Values: " + strings.Trim(fmt.Sprint(values), "[]")
		}
		lines = append(lines, [2]string{f.Name, kind})
	}
	return lines
}

func (a *app) title(s string) string {
	if a.out.Bold {
		return terminal.Bold(s + ":")
	}
	return s + ":"
}

// about returns the sentence on a command: its own or that of the API documentation.
func (a *app) about(c *command) string {
	if c.about != "" {
		return c.about
	}
	if c.kind == isGroup || c.unsupported() {
		return "Not managed by this server"
	}
	m := a.doc.Resource(c.resource).Method(c.action)
	if m == nil || len(m.APIs) == 0 {
		return "Unfortunately the server does not support such operation."
	}
	return capitalized(cmp.Or(apidoc.PlainText(m.APIs[0].Description), strings.ReplaceAll(c.name, "-", " ")))
}

// mostWords bounds how many words of an option the help lists.
const mostWords = 30

func (o *option) describe() string {
	s := capitalized(o.about)
	for _, tenant := range []string{"organization", "location"} {
		// What the documentation says at each request would be repeated for each command.
		if strings.HasPrefix(s, "Work in this "+tenant+" (id):") {
			s = "Work in this " + tenant + ": lists show its records"
		}
	}
	if len(o.values) > mostWords {
		return fmt.Sprintf("%s (one of %d; a wrong value lists them)", s, len(o.values))
	}
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
	if a.out.Width > 0 {
		window = max(a.out.Width, 60)
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
	return &command{name: "full-help", kind: isLocal, about: "Print the help of all commands", needsDoc: true,
		run: func(in *invocation) error {
			in.writeFullHelp(in.out.Messages, in.root)
			return nil
		}}
}

// writeFullHelp prints the help of a command and of those below it.
func (a *app) writeFullHelp(w io.Writer, c *command) {
	if c.unsupported() || c.hidden || c.associated != "" && !a.manages(c.associated) {
		return
	}
	if c != a.root {
		fmt.Fprintln(w)
	}
	a.writeHelp(w, c)
	for _, child := range c.children {
		a.writeFullHelp(w, child)
	}
}

// watch shows a list again and again until the program is interrupted: on a terminal in place, elsewhere one below the
// other.
func (in *invocation) watch(seconds int) error {
	ticker := time.NewTicker(time.Duration(seconds) * time.Second)
	defer ticker.Stop()
	values := in.values
	for round := 0; ; round++ {
		in.values = maps.Clone(values)
		in.out.Restart()
		if in.out.Width > 0 {
			fmt.Fprint(terminal.Raw(in.out.Out), "\x1b[H\x1b[2J")
		} else if round > 0 {
			fmt.Fprintln(in.out.Out)
		}
		switch err := in.execute(); {
		case in.ctx.Err() != nil:
			return nil // what was under way does not matter any more
		case err != nil:
			return err
		}
		select {
		case <-in.ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// words are the names that lead to a command, "user list".
func (c *command) words() string {
	if c.parent == nil {
		return ""
	}
	return strings.TrimSpace(c.parent.words() + " " + c.name)
}

// examples are worked examples of commands, by their words.
var examples = map[string][]string{
	"": {"user list", "-u ann -s https://roster.example.com user info --login ann",
		"--output json role list", "user li --fields Login"},
	"user list": {"user list --search 'login ~ jan and not admin = true' --order 'lastname ASC'",
		"user list --organization Brno --fields Id,Login,Email", "--csv user list --role Viewer",
		"user list --search 'disabled = true' --watch 5"},
	"user info": {"user info --login ann", "--output json user info --id 7 --fields Login,Roles"},
	"user create": {"user create --login ann --mail ann@example.com --auth-source Internal " +
		"--ask-password yes", "user create --login ben --mail ben@example.com --auth-source External --roles " +
		"Viewer,Manager --organizations Brno --default-organization Brno"},
	"user update": {"user update --login ann --new-login anna --admin yes",
		"user update --id 7 --role-ids '' --description NIL", "user update --login ann --ask-password yes"},
	"user delete":   {"user delete --login ann"},
	"user add-role": {"user add-role --login ann --role Viewer"},
	"user import": {"user import users.csv --dry-run",
		"user import users.csv --upsert --report refused.csv",
		"user import hr.csv --separator ';' --map Vorname=firstname --map Nachname=lastname --map Abteilung=",
		"user import hr.csv --upsert --generate-passwords passwords.csv --disable-missing 'organization = Brno'",
		"user import - --format yaml < users.yml"},
	"user export": {"user export > users.csv",
		"user export --format yaml --search 'organization = Brno' --file brno.yml"},
	"user access-token create": {"user access-token create --user ann --name ci --expires-at 2030-12-31",
		"user access-token create --user ann --name ci --expires-at 2030-12-31T18:00"},
	"user ssh-keys add": {"user ssh-keys add --user ann --name laptop --key-file key.pub"},
	"user mail-notification add": {"user mail-notification add --user ann --mail-notification audit_summary " +
		"--interval Weekly"},
	"user table-preference create": {"user table-preference create --user ann --name hosts --columns name,os"},
	"user-group create":            {"user-group create --name helpdesk --roles Helpdesk --users ann,ben"},
	"user-group add-user":          {"user-group add-user --name helpdesk --user ann"},
	"user-group external create": {"user-group external create --user-group helpdesk --name ldap-helpdesk " +
		"--auth-source corp"},
	"user-group external refresh": {"user-group external refresh --id 1"},
	"role create":                 {"role create --name Helpdesk --organizations Brno"},
	"role clone":                  {"role clone --name Viewer --new-name 'Viewer of Brno'"},
	"role filters":                {"role filters --name Viewer"},
	"filter create": {"filter create --role Viewer --permissions view_users,edit_users --search " +
		"'login ~ jan'"},
	"filter available-permissions": {"filter available-permissions --search 'resource_type = User'"},
	"auth-source ldap create": {"auth-source ldap create --name corp --host ldap.example.com --tls yes --port " +
		"636 --base-dn dc=example,dc=com --attr-login uid --attr-mail mail --onthefly-register yes"},
	"auth-source ldap test": {"auth-source ldap test --name corp"},
	"organization create": {"organization create --name Brno --description 'the office in Brno'",
		"organization create --name Sales --parent Brno"},
	"organization update":            {"organization update --title Brno/Sales --parent Prague"},
	"organization delete":            {"organization delete --name Brno --yes"},
	"organization add-user":          {"organization add-user --name Brno --user ann"},
	"organization scim-token create": {"organization scim-token create --organization Brno --name entra"},
	"organization set-parameter": {"organization set-parameter --organization Brno --name floor --value 3 " +
		"--parameter-type integer"},
	"location create":           {"location create --name 'Building A' --organizations Brno"},
	"location add-organization": {"location add-organization --name 'Building A' --organization Brno"},
	"settings set":              {"settings set --name entries_per_page --value 50"},
	"bookmark create": {"bookmark create --name admins --controller users --query 'admin = true' " +
		"--public yes"},
	"custom-field create": {"custom-field create --name 'Phone number' --regexp '^[0-9 ]*$' --searchable yes",
		"custom-field create --name Team --field-format list --multiple yes --possible-values red,green"},
	"audit list": {"audit list --search 'action = create' --per-page 5"},
	"defaults add": {"defaults add --param-name organization_id --param-value 1",
		"defaults add --param-name location_id --provider foreman"},
	"auth login basic": {"auth login basic --username ann"},
	"completion bash":  {"completion bash > /etc/bash_completion.d/roster"},
	"completion zsh":   {"completion zsh > \"${fpath[1]}/_roster\""},
	"completion fish":  {"completion fish > ~/.config/fish/completions/roster.fish"},
}
