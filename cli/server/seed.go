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
	var people seed.SampleOptions
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Fill the database with plausible people, to try things out",
		Long: "Creates the base data (administrator, roles, permissions, settings) if it is missing, and then as " +
			"many\n" +
			"people, organizations, locations and user groups as asked for. The same numbers and the same " +
			"--random-seed\n" +
			"always make the same people.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if err := checkPeople(people); err != nil {
				return err
			}
			return p.seed(cmd.Context(), cfg, people)
		},
	}
	cmd.Flags().IntVar(&people.Users, "users", 0, "users to create")
	cmd.Flags().IntVar(&people.Organizations, "organizations", 0, "organizations to create")
	cmd.Flags().IntVar(&people.Locations, "locations", 0, "locations to create")
	cmd.Flags().IntVar(&people.Usergroups, "usergroups", 0, "user groups to create")
	cmd.Flags().Uint64Var(&people.RandomSeed, "random-seed", 1, "where the random numbers start")
	return cmd
}

func checkPeople(people seed.SampleOptions) error {
	counts := []struct {
		flag  string
		value int
	}{{"users", people.Users}, {"organizations", people.Organizations}, {"locations", people.Locations},
		{"usergroups", people.Usergroups}}
	for _, c := range counts {
		if c.value < 0 {
			return usageError{fmt.Errorf("--%s: %d is below zero", c.flag, c.value)}
		}
	}
	return nil
}

func (p *program) seed(ctx context.Context, cfg config.Config, people seed.SampleOptions) error {
	log := cfg.Logger(p.stderr)
	db, svc, seeded, err := openSeeded(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if seeded.GeneratedPassword != "" {
		fmt.Fprintf(p.stdout, "The administrator is %s with the password %s, which is shown only this once.\n",
			seeded.AdminLogin, seeded.GeneratedPassword)
	}
	return p.seedPeople(ctx, svc, people)
}

func (p *program) seedPeople(ctx context.Context, svc *directory.Service, people seed.SampleOptions) error {
	if people.Users+people.Organizations+people.Locations+people.Usergroups == 0 {
		fmt.Fprintln(p.stdout, "The base data is there. Add people with --users.")
		return nil
	}
	start := time.Now()
	bar := progress.New(p.stderr, "seeding", config.IsTerminal(p.stderr), 0)
	people.Progress = bar.Update
	err := seed.Sample(ctx, svc, people)
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
		people.Users, people.Organizations, people.Locations, people.Usergroups, elapsed.Round(time.Millisecond),
		float64(people.Users)/elapsed.Seconds())
	return nil
}
