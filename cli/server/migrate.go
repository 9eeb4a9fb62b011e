package server

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"roster/config"
	"roster/migrations"
)

func (p *program) migrateCommand() *cobra.Command {
	var onlyStatus bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Migrate the database to the schema of this release",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			return p.migrate(cmd.Context(), cfg, onlyStatus)
		},
	}
	cmd.Flags().BoolVar(&onlyStatus, "status", false, "list the migrations and apply none")
	return cmd
}

func (p *program) migrate(ctx context.Context, cfg config.Config, onlyStatus bool) error {
	open := config.Open
	if onlyStatus {
		open = openExisting
	}
	db, err := open(ctx, cfg, cfg.Logger(p.stderr))
	if err != nil {
		return err
	}
	defer db.Close()
	if !onlyStatus {
		err := migrations.Up(ctx, db.SQL(), db.Dialect, func(line string) { fmt.Fprintln(p.stdout, line) })
		if err != nil {
			return err
		}
	}
	states, err := migrations.Status(ctx, db.SQL(), db.Dialect)
	if err != nil {
		return err
	}
	if onlyStatus {
		fmt.Fprintln(p.stdout, "Database:", cfg.Place())
		printStates(p.stdout, states)
		return nil
	}
	fmt.Fprintf(p.stdout, "The schema of %s is up to date: version %d.\n", cfg.Place(),
		states[len(states)-1].Version)
	return nil
}

func printStates(w io.Writer, states []migrations.State) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.AppendHeader(table.Row{"Version", "Migration", "Applied"})
	for _, s := range states {
		applied := "pending"
		if s.Applied() {
			applied = s.AppliedAt.Format(time.RFC3339)
		}
		t.AppendRow(table.Row{s.Version, s.Name, applied})
	}
	t.Render()
}
