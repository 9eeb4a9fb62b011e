package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// askCredentials asks for what is missing of a login.
func (a *app) askCredentials(auth *authentication) error {
	var err error
	if auth.username == "" {
		if auth.username, err = a.ask("[Foreman] Username: "); err != nil {
			return err
		}
	}
	if auth.password == "" {
		auth.password, err = a.secret("[Foreman] Password for " + auth.username + ": ")
	}
	return err
}

// ask reads a line. The prompt goes where errors go, so that results can be redirected.
func (a *app) ask(prompt string) (string, error) {
	if a.Stdin == nil {
		return "", errors.New("there is nobody to ask")
	}
	fmt.Fprint(a.Stderr, prompt)
	line, err := bufio.NewReader(oneByte{a.Stdin}).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// oneByte keeps a reader from taking more than the line that is asked for.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// secret reads a line that is not shown.
func (a *app) secret(prompt string) (string, error) {
	if a.Stdin == nil || !term.IsTerminal(int(a.Stdin.Fd())) {
		line, err := a.ask(prompt)
		fmt.Fprintln(a.Stderr)
		return line, err
	}
	fmt.Fprint(a.Stderr, prompt)
	raw, err := term.ReadPassword(int(a.Stdin.Fd()))
	fmt.Fprintln(a.Stderr)
	return string(raw), err
}
