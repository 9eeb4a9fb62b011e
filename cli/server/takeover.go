package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"roster/cli/progress"
	"roster/config"
	"roster/directory"
	"roster/directory/takeover"
)

// takeoverFlags are the options of every takeover.
type takeoverFlags struct {
	from, report, onConflict string
	dryRun                   bool
}

func (p *program) takeoverCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "takeover",
		Short: "Import the people of another product's database",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.takeoverProductCommand(&cobra.Command{
		Use:   "redmine --from DSN",
		Short: "Import users, groups, projects and memberships from a database of Redmine",
		Long: "Reads a database of Redmine 4.0 or later and brings its users with their passwords, API keys, mail\n" +
			"addresses and preferences into the directory, and groups, custom fields, LDAP servers, projects as\n" +
			"organizations, roles and memberships. The database is only read. Stop the server meanwhile.\n\n" +
			"In a directory that nobody has used yet every number stays what it was, and the shipped account admin\n" +
			"gives way." + takeoverElsewhere,
		Example: "  roster takeover redmine --from postgres://redmine:secret@db.example.com/redmine --dry-run\n" +
			"  roster takeover redmine --from mysql://redmine:secret@127.0.0.1:3306/redmine --report redmine.json\n" +
			"  roster takeover redmine --from sqlite:///var/lib/redmine/redmine.sqlite3",
	}, "address of Redmine's database: postgres://USER:PASSWORD@HOST/NAME, mysql://USER:PASSWORD@HOST/NAME or "+
		"sqlite://PATH", openDatabase, takeover.Redmine))
	cmd.AddCommand(p.takeoverProductCommand(&cobra.Command{
		Use:   "cvat --from FILE|DSN",
		Short: "Import users, groups, organizations and memberships from a CVAT",
		Long: "Reads what manage.py dumpdata has written of a CVAT 2.0 or later, or its database, and brings its\n" +
			"users with their passwords, login tokens, access tokens and mail addresses into the directory, and\n" +
			"groups, organizations, memberships and invitations. A database is only read. Stop the server\n" +
			"meanwhile.\n\n" +
			"In a directory that nobody has used yet the numbers of users, organizations, memberships and access\n" +
			"tokens stay what they were, and the shipped account admin gives way." + takeoverElsewhere,
		Example: "  docker exec cvat_server python3 manage.py dumpdata auth.user auth.group account authtoken \\\n" +
			"      organizations access_tokens | roster takeover cvat --from - --dry-run\n" +
			"  roster takeover cvat --from cvat.json.gz --report cvat-report.json\n" +
			"  roster takeover cvat --from postgres://root:secret@db.example.com/cvat",
	}, "file that dumpdata has written, compressed by gzip or not, - for standard input, or the address of CVAT's "+
		"database: postgres://USER:PASSWORD@HOST/NAME", openCVAT, takeover.CVAT))
	return cmd
}

// takeoverElsewhere ends the help of each takeover.
const takeoverElsewhere = "\n\nElsewhere numbers that are taken change, which the report tells. Everything is " +
	"written at once at the\nend: an interruption changes nothing, and a second run brings in what is new."

// openDatabase opens the database of another product by its address.
func openDatabase(cmd *cobra.Command, from string) (*takeover.Source, error) {
	return takeover.Open(cmd.Context(), from)
}

// openCVAT opens a dump, or a database where an address says which.
func openCVAT(cmd *cobra.Command, from string) (*takeover.Source, error) {
	if strings.Contains(from, "://") {
		return takeover.Open(cmd.Context(), from)
	}
	if from == "-" {
		return takeover.OpenDump(cmd.Context(), cmd.InOrStdin())
	}
	file, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return takeover.OpenDump(cmd.Context(), file)
}

// takeoverProductCommand completes the command that takes a product over: from says what --from is, open opens that,
// and bring brings in what is there.
func (p *program) takeoverProductCommand(cmd *cobra.Command, from string,
	open func(*cobra.Command, string) (*takeover.Source, error),
	bring func(context.Context, *directory.Service, *takeover.Source, takeover.Options) (*takeover.Report, error),
) *cobra.Command {
	var flags takeoverFlags
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		if err := flags.check(); err != nil {
			return err
		}
		source, err := open(cmd, flags.from)
		if err != nil {
			return err
		}
		defer func() { _ = source.Close() }()
		return p.takeOver(cmd.Context(), cfg, flags, func(svc *directory.Service, o takeover.Options) (*takeover.Report,
			error) {
			return bring(cmd.Context(), svc, source, o)
		})
	}
	cmd.Flags().StringVar(&flags.from, "from", "", from+" (ROSTER_TAKEOVER_FROM)")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "print what would be written, and write nothing")
	cmd.Flags().StringVar(&flags.report, "report", "", "write the whole report to this file, as JSON")
	cmd.Flags().StringVar(&flags.onConflict, "on-conflict", "",
		"what to do with users whose login exists: skip, merge or rename")
	return cmd
}

// check completes the options, and refuses what they cannot be.
func (f *takeoverFlags) check() error {
	if f.from == "" {
		f.from = os.Getenv("ROSTER_TAKEOVER_FROM")
	}
	if f.from == "" {
		return usageError{errors.New("--from is missing: what to take over from")}
	}
	return checkOnConflict(f.onConflict)
}

func checkOnConflict(text string) error {
	choices := []takeover.OnConflict{takeover.ConflictAsk, takeover.ConflictSkip, takeover.ConflictMerge,
		takeover.ConflictRename}
	if !slices.Contains(choices, takeover.OnConflict(text)) {
		return usageError{fmt.Errorf("--on-conflict: %q is none of skip, merge and rename", text)}
	}
	return nil
}

// takeOver opens the directory, brings in what bring does, and prints the report.
func (p *program) takeOver(ctx context.Context, cfg config.Config, flags takeoverFlags,
	bring func(*directory.Service, takeover.Options) (*takeover.Report, error)) error {
	db, svc, _, err := openSeeded(ctx, cfg, directory.Watch{}, cfg.Logger(p.stderr))
	if err != nil {
		return err
	}
	defer db.Close()
	bar := progress.New(p.stderr, "taking over", config.IsTerminal(p.stderr), 0)
	report, err := bring(svc, takeover.Options{
		DryRun: flags.dryRun, OnConflict: takeover.OnConflict(flags.onConflict), Progress: bar.Update,
	})
	bar.Finish(err == nil)
	if err := writeReport(flags.report, report); err != nil {
		return err
	}
	if err != nil && !errors.Is(err, takeover.ErrConflicts) {
		return fmt.Errorf("take over: %w", err)
	}
	printReport(p.stdout, report, flags.report)
	if err == nil && !flags.dryRun {
		err = svc.Analyze(ctx)
	}
	return err
}

// writeReport writes the whole report into a file that only its owner reads: it names people.
func writeReport(path string, report *takeover.Report) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// shownNotes is how many notes are printed; the report has all.
const shownNotes = 20

// printRows prints how many rows there are of each kind, and the first notes.
func printRows(w io.Writer, r *takeover.Report, path string) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.AppendHeader(table.Row{"Kind", "Read", "New", "Known"})
	for _, noun := range r.Nouns {
		t.AppendRow(table.Row{noun, r.Read[noun], r.Written[noun], r.Known[noun]})
	}
	t.Render()
	for i, note := range r.Notes {
		if i == shownNotes {
			fmt.Fprintf(w, "%d more notes", len(r.Notes)-shownNotes)
			if path == "" {
				fmt.Fprint(w, ": --report FILE keeps all")
			}
			fmt.Fprintln(w, ".")
			break
		}
		fmt.Fprintln(w, note)
	}
}

func printReport(w io.Writer, r *takeover.Report, path string) {
	printRows(w, r, path)
	fmt.Fprintf(w, "%d users compared, %d differ.\n", r.Compared, r.Different)
	took := fmt.Sprintf("%s, %.0f users a second", r.Elapsed.Round(time.Millisecond),
		float64(r.Written["user"])/r.Elapsed.Seconds())
	switch {
	case r.DryRun:
		fmt.Fprintln(w, "Nothing was written: this was a dry run.")
	case r.Fresh:
		fmt.Fprintf(w, "Taken over with all numbers from %s (%s).\n", r.Source, took)
	default:
		fmt.Fprintf(w, "Taken over from %s (%s).\n", r.Source, took)
	}
}
