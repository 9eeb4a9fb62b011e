package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	client "roster/cli"
)

// serverCommands are those of this package; all others are hammer's and speak to a server over HTTP.
var serverCommands = []string{"serve", "migrate", "seed", "search", "config", "version", "help"}

// commandLine decides who answers: this package, or the command line that speaks to a server, which is also what a
// binary by the name of hammer is. nil is this package.
func commandLine(args []string) func(context.Context) int {
	answer := func(by func(context.Context, client.Options) int) func(context.Context) int {
		return func(ctx context.Context) int {
			return by(ctx, client.Options{
				Args: args[1:], Environ: os.Environ(), Program: filepath.Base(args[0]), Version: buildVersion(),
				Others: serverCommands, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
			})
		}
	}
	words := args[1:]
	switch {
	case len(words) > 0 && (words[0] == cobra.ShellCompRequestCmd || words[0] == cobra.ShellCompNoDescRequestCmd):
		return answer(client.Complete)
	case filepath.Base(args[0]) == "hammer":
		return answer(client.Run)
	case len(words) == 0, slices.Contains(serverCommands, words[0]), words[0] == "-h", words[0] == "--help":
		return nil
	case strings.HasPrefix(words[0], "--") && slices.ContainsFunc(words[1:], func(a string) bool { return slices.Contains(serverCommands[:len(serverCommands)-1], a) }):
		return nil
	}
	return answer(client.Run)
}
