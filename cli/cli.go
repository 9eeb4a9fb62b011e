// Package cli is the command line as a whole: the commands of the server, and all others, which are hammer's and speak
// to a server over HTTP.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"roster/cli/hammer"
	"roster/cli/server"
	"roster/config"
)

// Streams are what a command reads and writes.
type Streams struct {
	In       *os.File
	Out, Err io.Writer
}

// Run is the program: args begin with the name that it was called by. It returns the exit code. When ctx ends, a server
// finishes the requests under way.
func Run(ctx context.Context, args, environ []string, s Streams) int {
	if by := answering(args); by != nil {
		return by(ctx, hammer.Options{
			Args: args[1:], Environ: environ, Program: filepath.Base(args[0]), Version: server.BuildVersion(),
			Others: server.Commands(), Stdin: s.In, Stdout: s.Out, Stderr: s.Err,
		})
	}
	err := server.Run(ctx, args[1:], environ, s.Out, s.Err)
	if err != nil {
		fmt.Fprintln(s.Err, err)
	}
	return server.ExitCode(err)
}

// answering decides who answers: hammer's part, which is also what a binary by the name of hammer is, or, for nil, the
// server's.
func answering(args []string) func(context.Context, hammer.Options) int {
	words := args[1:]
	commands := server.Commands()
	switch {
	case len(words) > 0 && (words[0] == cobra.ShellCompRequestCmd || words[0] == cobra.ShellCompNoDescRequestCmd):
		return hammer.Complete
	case filepath.Base(args[0]) == "hammer":
		return hammer.Run
	case len(words) == 0, slices.Contains(commands, words[0]), words[0] == "-h", words[0] == "--help":
		return nil
	case slices.Contains(commands, afterServerFlags(words)):
		return nil
	}
	return hammer.Run
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
		case name != "config" &&
			!slices.ContainsFunc(config.Flags(), func(f config.Flag) bool { return f.Name == name }):
			return ""
		case attached || len(words) == 1:
			words = words[1:]
		default:
			words = words[2:]
		}
	}
	return ""
}
