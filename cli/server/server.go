// Package server holds the commands that work without a running server: serve, migrate, seed, search, config and
// version. It reads the configuration, opens the database, migrates, seeds and serves. It decides nothing about users.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"roster/config"
)

// Exit codes. A wrong configuration is a mistake in usage, so that a supervisor does not try again.
const (
	exitFailure = 1
	exitUsage   = 2
)

// Named is a command of the client, with what it is for.
type Named struct{ Name, About string }

// Run runs a command of the server. When ctx ends, a server finishes the requests under way. The help of the program
// names the client's commands, too.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer, client ...Named) error {
	p := &program{environ: environ, stdout: stdout, stderr: stderr, client: client}
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !p.started {
		return usageError{err}
	}
	return err
}

// usageError is a command line that could not be understood.
type usageError struct{ error }

func (e usageError) Error() string { return e.error.Error() + "\nTry: roster --help" }
func (e usageError) Unwrap() error { return e.error }

// ExitCode returns the exit code for what Run returned.
func ExitCode(err error) int {
	var usage usageError
	var faults config.Faults
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), errors.As(err, &faults):
		return exitUsage
	}
	return exitFailure
}

// program is one run of the command line.
type program struct {
	environ        []string
	stdout, stderr io.Writer
	configFile     string
	client         []Named
	// started is set once a command runs. An error before that is a mistake on the command line.
	started bool
}

// Commands returns the names of the commands of the server.
func Commands() []string {
	names := []string{"help"}
	for _, command := range (&program{}).rootCommand().Commands() {
		names = append(names, command.Name())
	}
	return names
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "roster",
		Short:         "Manages users, groups, roles and tenants over an API",
		Long:          "Roster manages users, groups, roles and tenants over an API.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(*cobra.Command, []string) {
			p.started = true
		},
	}
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringVar(&p.configFile, "config", "", "YAML file with settings (ROSTER_CONFIG)")
	for _, f := range config.Flags() {
		if f.Repeats {
			flags.Var(&joined{value: f.Default}, f.Name, f.Usage)
		} else {
			flags.String(f.Name, f.Default, f.Usage)
		}
		if f.Switch {
			flags.Lookup(f.Name).NoOptDefVal = "true"
		}
	}
	root.AddCommand(p.serveCommand(), p.migrateCommand(), p.seedCommand(), p.takeoverCommand(), p.backupCommand(),
		p.restoreCommand(), p.doctorCommand(), p.adminCommand(), p.searchCommand(), p.configCommand(),
		p.healthCommand(), p.versionCommand())
	p.setHelp(root)
	return root
}

// joined is a flag that may be given more than once. The values are joined by commas; the first takes the place of the
// default.
type joined struct {
	value string
	given bool
}

// String returns the values.
func (j *joined) String() string { return j.value }

// Set adds a value.
func (j *joined) Set(value string) error {
	if j.given {
		value = j.value + "," + value
	}
	j.value = value
	j.given = true
	return nil
}

// Type names the values in the help.
func (j *joined) Type() string { return "string" }

// load reads the configuration for a command from all its sources.
func (p *program) load(cmd *cobra.Command) (config.Config, error) { return config.Load(p.sources(cmd)) }

// sources are where a command finds its configuration.
func (p *program) sources(cmd *cobra.Command) config.Sources {
	given := map[string]string{}
	for _, f := range config.Flags() {
		if flag := cmd.Flags().Lookup(f.Name); flag.Changed {
			given[f.Name] = flag.Value.String()
		}
	}
	return config.Sources{Flags: given, Environ: p.environ, File: p.file()}
}

// file returns the path of the configuration file, empty if there is none.
func (p *program) file() string {
	if p.configFile != "" {
		return p.configFile
	}
	return lookupEnv(p.environ, "ROSTER_CONFIG")
}

func (p *program) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the effective configuration without secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			fmt.Fprint(p.stdout, cfg.Dump())
			return nil
		},
	}
	cmd.AddCommand(p.configCheckCommand())
	return cmd
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			fmt.Fprintln(p.stdout, "roster", BuildVersion())
		},
	}
}
