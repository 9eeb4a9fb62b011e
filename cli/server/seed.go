package server

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"roster/cli/progress"
	"roster/config"
	"roster/directory"
	"roster/directory/seed"
)

func (p *program) seedCommand() *cobra.Command {
	var sample seed.SampleOptions
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Fill the database with sample people",
		Long: "Creates the base data (administrator, roles, permissions, settings) if it is missing, and then the\n" +
			"given numbers of sample people, organizations, locations and user groups. The same numbers and the\n" +
			"same --random-seed always create the same people.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if err := checkSample(sample); err != nil {
				return err
			}
			return p.seed(cmd.Context(), cfg, sample)
		},
	}
	cmd.Flags().IntVar(&sample.Users, "users", 0, "users to create")
	cmd.Flags().IntVar(&sample.Organizations, "organizations", 0, "organizations to create")
	cmd.Flags().IntVar(&sample.Locations, "locations", 0, "locations to create")
	cmd.Flags().IntVar(&sample.Usergroups, "usergroups", 0, "user groups to create")
	cmd.Flags().Uint64Var(&sample.RandomSeed, "random-seed", 1, "seed of the random generator")
	return cmd
}

func checkSample(sample seed.SampleOptions) error {
	counts := []struct {
		flag  string
		value int
	}{{"users", sample.Users}, {"organizations", sample.Organizations}, {"locations", sample.Locations},
		{"usergroups", sample.Usergroups}}
	for _, c := range counts {
		if c.value < 0 {
			return usageError{fmt.Errorf("--%s: %d is below zero", c.flag, c.value)}
		}
	}
	return nil
}

func (p *program) seed(ctx context.Context, cfg config.Config, sample seed.SampleOptions) error {
	log := cfg.Logger(p.stderr)
	db, svc, seeded, err := openSeeded(ctx, cfg, directory.Watch{}, log)
	if err != nil {
		return err
	}
	defer db.Close()
	p.tellAdministrator(seeded)
	warn(ctx, cfg, svc, seeded, log)
	return p.seedSample(ctx, svc, sample)
}

// tellAdministrator prints the password that was made up for the first administrator, if one was.
func (p *program) tellAdministrator(seeded seed.Applied) {
	if seeded.GeneratedPassword != "" {
		fmt.Fprintf(p.stdout, "The administrator is %s with the password %s, which is shown only this once.\n",
			seeded.AdminLogin, seeded.GeneratedPassword)
	}
}

func (p *program) seedSample(ctx context.Context, svc *directory.Service, sample seed.SampleOptions) error {
	if sample.Users+sample.Organizations+sample.Locations+sample.Usergroups == 0 {
		fmt.Fprintln(p.stdout, "The base data is there. Add people with --users.")
		return nil
	}
	start := time.Now()
	bar := progress.New(p.stderr, "seeding", config.IsTerminal(p.stderr), 0)
	sample.Progress = bar.Update
	err := seed.Sample(ctx, svc, sample)
	bar.Finish(err == nil)
	if err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	if err := svc.Analyze(ctx); err != nil {
		return err
	}
	elapsed := time.Since(start)
	fmt.Fprintf(p.stdout, "Created %d users, %d organizations, %d locations and %d user groups in %s (%.0f users a "+
		"second).\n",
		sample.Users, sample.Organizations, sample.Locations, sample.Usergroups, elapsed.Round(time.Millisecond),
		float64(sample.Users)/elapsed.Seconds())
	return nil
}
