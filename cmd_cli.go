package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	client "roster/cli"
	"roster/config"
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
	case slices.Contains(serverCommands, afterServerFlags(words)):
		return nil
	}
	return answer(client.Run)
}

// afterServerFlags is the word behind the flags of this package, all of which take a value: its command, if the line is
// for this package at all. A flag that is none of them belongs to the other command line, whatever its value says.
func afterServerFlags(words []string) string {
	for len(words) > 0 {
		name, _, attached := strings.Cut(words[0], "=")
		name, isFlag := strings.CutPrefix(name, "--")
		switch {
		case !isFlag:
			return words[0]
		case name != "config" && !slices.ContainsFunc(config.Flags(), func(f config.Flag) bool { return f.Name == name }):
			return ""
		case attached || len(words) == 1:
			words = words[1:]
		default:
			words = words[2:]
		}
	}
	return ""
}
