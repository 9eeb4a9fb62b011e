package hammer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"roster/cli/hammer/terminal"
)

// askCredentials asks for what is missing of a login.
func (a *app) askCredentials(ctx context.Context, auth *authentication) error {
	var err error
	if auth.username == "" {
		if auth.username, err = a.ask(ctx, "[Foreman] Username: "); err != nil {
			return err
		}
	}
	if auth.password == "" {
		auth.password, err = a.secret(ctx, "[Foreman] Password for "+auth.username+": ")
	}
	return err
}

var (
	errInterrupted = errors.New("interrupted")
	errExhausted   = complain("The input stream is exhausted.")
)

// ask reads a line. The prompt goes where errors go, so that results can be redirected.
func (a *app) ask(ctx context.Context, prompt string) (string, error) {
	if a.Stdin == nil {
		return "", errors.New("there is nobody to ask")
	}
	if terminal.Behind(a.Stderr) != nil {
		prompt = terminal.Escape(prompt)
	}
	fmt.Fprint(a.Stderr, prompt)
	var line string
	var err error
	read := make(chan struct{})
	go func() {
		defer close(read)
		line, err = bufio.NewReader(oneByte{a.Stdin}).ReadString('\n')
	}()
	select {
	case <-read:
	case <-ctx.Done():
		// Nothing can end the read, but the program does.
		fmt.Fprintln(a.Stderr)
		return "", errInterrupted
	}
	switch {
	case errors.Is(err, io.EOF) && line == "":
		return "", errExhausted
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// oneByte keeps a reader from taking more than the line that is asked for.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// secret reads a line that is not shown.
func (a *app) secret(ctx context.Context, prompt string) (string, error) {
	if a.Stdin == nil || !term.IsTerminal(int(a.Stdin.Fd())) {
		line, err := a.ask(ctx, prompt)
		fmt.Fprintln(a.Stderr)
		return line, err
	}
	// The echo is off before the prompt is there: who types fast, or ahead, is not shown either.
	fd := int(a.Stdin.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, before) }()
	line, err := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{a.Stdin, terminal.Raw(a.Stderr)}, "").ReadPassword(terminal.Escape(prompt))
	if errors.Is(err, io.EOF) {
		return "", errInterrupted
	}
	return line, err
}
