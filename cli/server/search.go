package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roster/config"
	"roster/directory"
	"roster/migrations"
)

func (p *program) searchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "search",
		Short: "Explain searches",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.explainCommand())
	return cmd
}

// explainFlags are the flags of "search explain".
type explainFlags struct {
	resource, order, login, zone, now string
	json, syntax                      bool
}

func (p *program) explainCommand() *cobra.Command {
	var x explainFlags
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Show how searches are understood and executed",
		Long: "Reads searches from standard input, one per line. Prints the tokens, the tree and the dates of each,\n" +
			"the SQL statements with their values, and the query plans of the configured database. The rows are\n" +
			"those that an administrator sees, or the user of --as.",
		Example: "  echo 'login ~ smith and last_login_on > \"7 days ago\"' | roster search explain",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.explainAll(cmd.Context(), cmd, x)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&x.resource, "resource", "users", "list to search, by its name in the API")
	flags.StringVar(&x.order, "order", "", "order of the list, as in the API")
	flags.StringVar(&x.login, "as", "", "login of the user who searches; default: an administrator")
	flags.StringVar(&x.zone, "timezone", "", "time zone in which dates are read; default: the user's")
	flags.StringVar(&x.now, "now", "", "pretend it is this time (2026-01-31T12:00:00Z); default: now")
	flags.BoolVar(&x.json, "json", false, "print one JSON object per line")
	flags.BoolVar(&x.syntax, "syntax", false, "stop after the tree; needs no database and accepts any field")
	return cmd
}

func (p *program) explainAll(ctx context.Context, cmd *cobra.Command, x explainFlags) error {
	write := p.writeExplanation
	if x.json {
		write = p.writeJSON
	}
	if x.syntax {
		return eachLine(cmd.InOrStdin(), func(query string) error { return write(directory.ReadQuery(query), x) })
	}
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	now, err := x.clock()
	if err != nil {
		return err
	}
	db, release, err := p.openToExplain(ctx, cfg)
	if err != nil {
		return err
	}
	defer release()
	svc, err := directory.New(directory.Options{Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Now: now})
	if err != nil {
		return err
	}
	caller, err := svc.Operator(ctx, x.login, x.zone)
	if err != nil {
		return err
	}
	return eachLine(cmd.InOrStdin(), func(query string) error {
		e, err := svc.Explain(ctx, caller, x.resource, query, x.order)
		if err != nil {
			return err
		}
		return write(e, x)
	})
}

// clock returns the clock that dates are read by: a fixed time if --now is given.
func (x explainFlags) clock() (func() time.Time, error) {
	if x.now == "" {
		return time.Now, nil
	}
	at, err := time.Parse(time.RFC3339, x.now)
	if err != nil {
		return nil, usageError{fmt.Errorf("--now: %q is no time as in 2026-01-31T12:00:00Z", x.now)}
	}
	return func() time.Time { return at }, nil
}

// openToExplain opens the configured database as it is. If its SQLite file is missing, it is not created: a temporary
// empty database takes its place.
func (p *program) openToExplain(ctx context.Context, cfg config.Config) (*config.Database, func(), error) {
	path, isFile := strings.CutPrefix(cfg.Database, "sqlite://")
	if _, err := os.Stat(path); !isFile || !errors.Is(err, fs.ErrNotExist) {
		db, err := config.Open(ctx, cfg, nil)
		if err != nil {
			return nil, nil, err
		}
		return db, func() { db.Close() }, nil
	}
	fmt.Fprintf(p.stderr, "There is no database at %s: the plans are those of an empty one.\n", path)
	dir, err := os.MkdirTemp("", "roster-explain-*")
	if err != nil {
		return nil, nil, err
	}
	cfg.Database = "sqlite://" + filepath.Join(dir, "empty.db")
	db, err := config.Open(ctx, cfg, nil)
	if err == nil {
		err = migrations.Up(ctx, db.SQL(), db.Dialect, func(string) {})
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	release := func() {
		db.Close()
		os.RemoveAll(dir)
	}
	return db, release, nil
}

// eachLine calls use with every line of the input, without its line break, as soon as it is read.
func eachLine(in io.Reader, use func(string) error) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if err != nil && (line == "" || err != io.EOF) {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if err := use(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
}

// syntaxJSON and explanationJSON are the objects of --json. Texts that a query does not have are null, lists are empty.
type syntaxJSON struct {
	Query  string  `json:"query"`
	Tokens []any   `json:"tokens"`
	AST    any     `json:"ast"`
	Error  *string `json:"error"`
}

type explanationJSON struct {
	syntaxJSON
	SQL   *string `json:"sql"`
	Args  []any   `json:"args"`
	Dates []any   `json:"dates"`
}

func (p *program) writeJSON(e directory.Explanation, x explainFlags) error {
	enc := json.NewEncoder(p.stdout)
	enc.SetEscapeHTML(false)
	out := explanationJSON{syntaxJSON: syntaxJSON{Query: e.Query, Tokens: e.Tokens, AST: e.Tree}}
	if e.Message != "" {
		out.Error = &e.Message
	}
	if x.syntax {
		return enc.Encode(out.syntaxJSON)
	}
	out.Args = append([]any{}, e.Page.Args...)
	out.Dates = []any{}
	if e.Page.SQL != "" {
		out.SQL = &e.Page.SQL
	}
	for _, d := range e.Dates {
		out.Dates = append(out.Dates, d)
	}
	return enc.Encode(out)
}

func (p *program) writeExplanation(e directory.Explanation, x explainFlags) error {
	w := bufio.NewWriter(p.stdout)
	fmt.Fprintf(w, "search  %s\n", e.Query)
	if e.Tokens != nil {
		fmt.Fprintf(w, "tokens  %s\n", formatTokens(e.Tokens))
	}
	if e.Tree != nil {
		fmt.Fprintf(w, "tree    %s\n", formatTree(e.Tree))
	}
	for _, d := range e.Dates {
		fmt.Fprintf(w, "date    %s is from %s until before %s\n", quoted(d.Input), d.Start.Format(time.RFC3339),
			d.End.Format(time.RFC3339))
	}
	if e.Message != "" {
		fmt.Fprintf(w, "error   %s\n", e.Message)
	}
	if !x.syntax && e.Message == "" {
		writeStatement(w, "page", e.Page)
		writeStatement(w, "count", e.Count)
	}
	fmt.Fprintln(w)
	return w.Flush()
}

func writeStatement(w io.Writer, name string, s directory.Statement) {
	fmt.Fprintf(w, "%-7s %s\n", name, strings.Join(strings.Fields(s.SQL), " "))
	for i, value := range s.Args {
		text, err := json.Marshal(value)
		if err != nil {
			text = fmt.Append(nil, value)
		}
		fmt.Fprintf(w, "        %d: %s\n", i+1, text)
	}
	for _, step := range s.Plan {
		fmt.Fprintf(w, "        | %s\n", step)
	}
}

// formatTokens returns tokens as they could have been typed: words with quotes, operators without.
func formatTokens(tokens []any) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		if op, isOp := t.(map[string]any); isOp {
			words[i] = fmt.Sprint(op["op"])
		} else {
			words[i] = quoted(fmt.Sprint(t))
		}
	}
	return strings.Join(words, " ")
}

// formatTree returns a tree in the notation (and word (= field "value")).
func formatTree(tree any) string {
	list, isList := tree.([]any)
	if !isList {
		return quoted(fmt.Sprint(tree))
	}
	parts := make([]string, len(list))
	for i, part := range list {
		if parts[i] = formatTree(part); i == 0 {
			parts[i] = fmt.Sprint(part)
		}
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}
