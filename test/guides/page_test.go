package guides

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// page is a guide with the commands of its console blocks, in their order.
type page struct {
	path     string
	lines    []string
	commands []command
}

// command is what follows a "$ " in a console block, and what the page shows of its output: the lines from first to
// before end.
type command struct {
	text       string
	shown      []string
	first, end int
}

const (
	fence  = "```"
	opens  = "```console"
	prompt = "$ "
	more   = "> "
)

func readPage(path string) (*page, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &page{path: path, lines: strings.Split(string(text), "\n")}
	inside := false
	for i, line := range p.lines {
		switch {
		case !inside:
			inside = line == opens
		case line == fence:
			inside = false
		case strings.HasPrefix(line, prompt):
			p.commands = append(p.commands, command{text: line[len(prompt):], first: i + 1, end: i + 1})
		case len(p.commands) == 0:
			return nil, fmt.Errorf("%s:%d: output without a command", path, i+1)
		default:
			p.last().add(line, i)
		}
	}
	if inside {
		return nil, fmt.Errorf("%s: a console block does not end", path)
	}
	return p, nil
}

func (p *page) last() *command { return &p.commands[len(p.commands)-1] }

// add takes a line as a further one of the command, or of its output.
func (c *command) add(line string, i int) {
	if strings.HasPrefix(line, more) && len(c.shown) == 0 {
		c.text += "\n" + line[len(more):]
		c.first = i + 1
	} else {
		c.shown = append(c.shown, line)
	}
	c.end = i + 1
}

// with returns the page with other output, command by command.
func (p *page) with(outputs [][]string) string {
	var lines []string
	from := 0
	for i, c := range p.commands {
		lines = append(append(lines, p.lines[from:c.first]...), outputs[i]...)
		from = c.end
	}
	return strings.Join(append(lines, p.lines[from:]...), "\n")
}

// A line of a page shows what varies in one of these ways: "..." is any text, four or more asterisks are as many
// characters of a secret, an id of SCIM is any such id, and a time that has passed is that time, or one
// of the last hour.
var varying = regexp.MustCompile(`\.\.\.|\*{4,}|` + uuid + `|` + moment)

const (
	uuid   = `\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`
	moment = `\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC|[-+]\d\d:\d\d)?`
	recent = time.Hour
	// anyTime is the pattern of a time that has passed.
	anyTime = "(" + moment + ")"
)

// matches reports whether a line of output is one that the page shows.
func matches(shown, got string, now time.Time) bool {
	shown = strings.TrimRight(shown, " ")
	pattern := "^"
	from := 0
	var times []string
	for _, at := range varying.FindAllStringIndex(shown, -1) {
		text := shown[at[0]:at[1]]
		one := patternOf(text, now)
		if one == anyTime {
			times = append(times, text)
		}
		pattern += regexp.QuoteMeta(shown[from:at[0]]) + one
		from = at[1]
	}
	pattern += regexp.QuoteMeta(shown[from:]) + "$"
	found := regexp.MustCompile(pattern).FindStringSubmatch(strings.TrimRight(got, " "))
	if found == nil {
		return false
	}
	for i, text := range found[1:] {
		if passed := now.Sub(timeOf(text)); text != times[i] && (passed < -time.Minute || passed > recent) {
			return false
		}
	}
	return true
}

func patternOf(shown string, now time.Time) string {
	switch {
	case shown == "...":
		return ".*"
	case shown[0] == '*':
		return fmt.Sprintf(`\S{%d}`, len(shown))
	case regexp.MustCompile("^" + uuid + "$").MatchString(shown):
		return uuid
	case timeOf(shown).After(now):
		return regexp.QuoteMeta(shown)
	}
	return anyTime
}

// timeOf reads a time in any of the forms of answers and tables; the zero time is none.
func timeOf(text string) time.Time {
	text = strings.TrimSuffix(strings.NewReplacer("/", "-", "T", " ", "Z", "").Replace(text), " UTC")
	t, _ := time.ParseInLocation("2006-01-02 15:04:05", text[:len("2006-01-02 15:04:05")], time.UTC)
	return t
}

// secrets are what an updated page must not show.
var secrets = regexp.MustCompile(`\brst_\w+_\w+|^[\w-]{22}$`)

// updated returns the output as the page shows it from now on. Lines that match stay as they are.
func updated(shown, got []string, now time.Time) []string {
	var lines []string
	for i, line := range got {
		if i < len(shown) && matches(shown[i], line, now) {
			line = shown[i]
		} else {
			line = secrets.ReplaceAllStringFunc(line, func(s string) string { return strings.Repeat("*", len(s)) })
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}
