// Package cli is the whole command line: the commands of the server, and all others, which are hammer's and talk to a
// server over HTTP.
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

// Streams are the standard input and output of a command.
type Streams struct {
	In       *os.File
	Out, Err io.Writer
}

// Run runs the program and returns its exit code. args begin with the name that it was called by. When ctx ends, a
// server finishes the requests under way.
func Run(ctx context.Context, args, environ []string, s Streams) int {
	if by := hammerFor(args); by != nil {
		return by(ctx, hammer.Options{
			Args: args[1:], Environ: environ, Program: filepath.Base(args[0]), Version: server.BuildVersion(),
			Others: server.Commands(), Stdin: s.In, Stdout: s.Out, Stderr: s.Err,
		})
	}
	err := server.Run(ctx, args[1:], environ, s.Out, s.Err, clientCommands()...)
	if err != nil {
		fmt.Fprintln(s.Err, err)
	}
	return server.ExitCode(err)
}

// clientCommands are those that the help of the program names beside the server's.
func clientCommands() []server.Named {
	var list []server.Named
	for _, e := range hammer.Entries() {
		list = append(list, server.Named(e))
	}
	return list
}

// hammerFor returns the function of hammer that runs a command line, nil if it is for a command of the server. A binary
// by the name of hammer is always hammer.
func hammerFor(args []string) func(context.Context, hammer.Options) int {
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

// afterServerFlags returns the word behind the flags of the server, all of which take a value. It is empty if a flag is
// not one of the server's: then the line is hammer's.
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
