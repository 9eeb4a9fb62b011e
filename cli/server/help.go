package server

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"roster/config"
)

// everywhere are the settings that the help of each command shows. The others are shown by serve and config.
var everywhere = []string{"database", "database-file"}

// setHelp makes the help of a command show what counts there: the settings of a server at serve and config alone, and
// the commands of the client beside the server's.
func (p *program) setHelp(root *cobra.Command) {
	usual := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			p.printCommands(root)
			return
		}
		if slices.Contains([]string{"serve", "config", "check"}, cmd.Name()) {
			usual(cmd, args)
			return
		}
		for _, f := range config.Flags() {
			root.PersistentFlags().Lookup(f.Name).Hidden = !slices.Contains(everywhere, f.Name)
		}
		usual(cmd, args)
		fmt.Fprintln(p.stdout, "\nroster serve --help lists all settings.")
	})
}

// printCommands is the help of the program.
func (p *program) printCommands(root *cobra.Command) {
	w := p.stdout
	fmt.Fprintf(w, "%s\n\nUsage:\n  roster COMMAND [OPTIONS]\n\n", root.Long)
	fmt.Fprintln(w, "Commands of the server, which work on the database:")
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "completion" && c.Name() != "help" {
			fmt.Fprintf(w, "  %-26s %s\n", c.Name(), c.Short)
		}
	}
	fmt.Fprintln(w, "\nCommands of the client, which talk to a running server:")
	for _, c := range p.client {
		fmt.Fprintf(w, "  %-26s %s\n", c.Name, c.About)
	}
	fmt.Fprint(w, `
The client needs to know the server and who you are:
  -s, --server URL           address of the server (ROSTER_URL)
  -u, --username NAME        login (ROSTER_USERNAME)
  -p, --password TEXT        password (ROSTER_PASSWORD)
                             access token (ROSTER_TOKEN)
      --output FORMAT        table, csv, json, yaml or silent

Add --help to any command for its options and examples: roster serve --help,
roster user create --help. roster full-help prints the help of all commands of
the client.
`)
}
