// Roster manages users, groups, roles and tenants, and speaks Foreman's API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"roster/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks; with the default back in place, the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args, os.Environ(), cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
