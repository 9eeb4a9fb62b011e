package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"roster/cli/progress"
	"roster/config"
	"roster/directory"
	"roster/directory/backup"
	"roster/directory/takeover"
)

// restoreOrganization brings the organization of a backup into a directory that is in use. The backup, which has been
// checked, becomes a database of its own in the temporary directory first, at the schema of today.
func (p *program) restoreOrganization(ctx context.Context, cfg config.Config, file io.Reader, header *backup.Header,
	identities []age.Identity, flags restoreFlags) error {
	dir, err := os.MkdirTemp("", "roster-restore-*") // mode 0700, and 0600 for what is in it
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log := cfg.Logger(p.stderr)
	aside := config.Default()
	aside.Database = "sqlite://" + filepath.Join(dir, "organization.db")
	aside.SQLiteSynchronous = "off" // it does not outlast the command
	there, err := config.Open(ctx, aside, log)
	if err != nil {
		return err
	}
	defer there.Close()
	if err := p.readBackup(ctx, there, log, file, header, identities, "reading"); err != nil {
		return err
	}
	key, err := cfg.Key()
	if err != nil {
		return err
	}
	return p.bringOrganization(ctx, cfg, takeover.Backup{DB: there.Read, Organization: header.Organization.ID,
		Parent: header.Organization.Parent, SameKey: header.Key != "" && keyName(key) == header.Key}, header, flags)
}

// bringOrganization opens the directory, brings in what was read, and prints the report.
func (p *program) bringOrganization(ctx context.Context, cfg config.Config, from takeover.Backup, header *backup.Header,
	flags restoreFlags) error {
	db, svc, seeded, err := openSeeded(ctx, cfg, directory.Watch{}, cfg.Logger(p.stderr))
	if err != nil {
		return err
	}
	defer db.Close()
	p.tellAdministrator(seeded)
	bar := progress.New(p.stderr, "restoring", config.IsTerminal(p.stderr), barRows)
	report, err := takeover.Roster(ctx, svc, from, takeover.Options{DryRun: flags.dryRun,
		OnConflict: takeover.OnConflict(flags.onConflict), WithRoles: flags.withRoles, Progress: bar.Update})
	bar.Finish(err == nil)
	if err := writeReport(flags.report, report); err != nil {
		return err
	}
	if err != nil && !errors.Is(err, takeover.ErrConflicts) {
		return err
	}
	printRows(p.stdout, report, flags.report)
	switch {
	case err != nil:
		return err
	case flags.dryRun:
		fmt.Fprintln(p.stdout, "Nothing was written: this was a dry run.")
		return nil
	}
	fmt.Fprintf(p.stdout, "Restored the organization %s in %s.\n", header.Organization.Title,
		report.Elapsed.Round(time.Millisecond))
	return svc.Analyze(ctx)
}
