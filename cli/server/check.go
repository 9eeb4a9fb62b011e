package server

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"roster/config"
)

// errRisky and errWrong are the ends of a check that found something; what it found is printed already.
var (
	errRisky       = errors.New("the configuration is risky")
	errWrong error = config.Faults{"the configuration is wrong"}
)

func (p *program) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Report what is wrong or risky in the configuration",
		Long: "Reports what is wrong or risky in the effective configuration and in the files that it names, and\n" +
			"what to do. It changes nothing and opens no database. Run it as the account of the server, which\n" +
			"shows what that account can read.\n\n" +
			"The status is 0 if nothing was found, 1 if something is risky, and 2 if something is wrong: the server\n" +
			"would not start, or a part of it would not work.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := config.Check(p.sources(cmd), time.Now())
			if err != nil {
				return err
			}
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if err := checkHosts(cfg); err != nil {
				return err
			}
			return p.report(found)
		},
	}
}

// report prints findings, and returns an error if there are any.
func (p *program) report(found []config.Finding) error {
	if len(found) == 0 {
		fmt.Fprintln(p.stdout, "Nothing is wrong or risky.")
		return nil
	}
	end := errRisky
	for _, f := range found {
		word := "RISK "
		if f.Level == config.Broken {
			word = "WRONG"
			end = errWrong
		}
		fmt.Fprintf(p.stdout, "%s  %s: %s\n       %s\n", word, f.About, f.Text, f.Advice)
	}
	return end
}
