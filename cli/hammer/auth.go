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
	"roster/cli/hammer/value"
)

// askCredentials asks for the login and the password, if they are missing.
func (a *app) askCredentials(ctx context.Context, auth *authentication) error {
	if !auth.hasUsername {
		name, err := a.ask(ctx, "[Foreman] Username: ")
		if err != nil {
			return err
		}
		auth.setUsername(sourced{value: name, from: "the prompt"})
	}
	if !auth.hasPassword {
		password, err := a.secret(ctx, "[Foreman] Password for "+auth.username+": ")
		if err != nil {
			return err
		}
		auth.setPassword(sourced{value: password, from: "the prompt"})
	}
	return nil
}

var (
	errInterrupted = errors.New("interrupted")
	errExhausted   = hammerErrorf("The input stream is exhausted.")
)

// ask prompts for a line and returns it. The prompt is written to the standard error, so that results can be
// redirected.
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
		// The read cannot be interrupted. It ends with the program.
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

// oneByte reads one byte at a time, so that nothing behind the line is consumed.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// secret prompts for a line without echoing it.
func (a *app) secret(ctx context.Context, prompt string) (string, error) {
	if a.Stdin == nil || !term.IsTerminal(int(a.Stdin.Fd())) {
		line, err := a.ask(ctx, prompt)
		fmt.Fprintln(a.Stderr)
		return line, err
	}
	// The echo is off before the prompt is printed, so that text that is typed ahead is not echoed either.
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

func authCommand() *command {
	username := textOption("username", "Name of the user")
	username.switches = []string{"-u", "--username"}
	password := textOption("password", "Password")
	password.switches = []string{"-p", "--password"}
	login := func(name, about string) *command {
		return &command{name: name, kind: isLocal, about: about, run: login, extra: []*option{username, password}}
	}
	return group("auth", "Log in and out",
		group("login", "Log in and keep the session", login("basic", "Log in with name and password"),
			login("basic-external", "Log in with name and password against an external source")),
		&command{name: "logout", kind: isLocal, about: "Forget the session", run: func(in *invocation) error {
			if s := in.client.auth.session; s != nil {
				s.destroy()
			}
			in.out.Message("Logged out.", nil)
			return nil
		}},
		&command{name: "status", kind: isLocal, about: "Show who is logged in", run: authStatus})
}

// login opens a session. One that is there stays until it is replaced.
func login(in *invocation) error {
	auth := &in.client.auth
	if auth.session == nil {
		return in.sessionsOff()
	}
	before := auth.session.ID
	auth.anew = true
	if name := in.values["username"]; name != nil {
		auth.hasUsername = false
		auth.setUsername(sourced{value: name, from: "-u"})
	}
	if password := in.values["password"]; password != nil {
		auth.hasPassword = false
		auth.setPassword(sourced{value: password, from: "-p"})
	}
	path := "/api/status"
	if in.command.name == "basic-external" {
		path = "/api/users/extlogin"
	}
	if _, err := in.call("GET", path, value.NewObject()); err != nil {
		return err
	}
	if auth.session.ID == before && auth.sessionUser() != auth.username {
		auth.session.destroy() // it is another user's, and the server opened none
	}
	in.out.Message("Successfully logged in as '"+auth.username+"'.", nil)
	return nil
}

// sessionsOff is the error for a login without sessions.
func (a *app) sessionsOff() error {
	if a.isHammer() {
		return &failure{exitUsage, "Can't perform login. Make sure sessions are enabled in hammer configuration file."}
	}
	return &failure{exitUsage, "Sessions are off, so that a login cannot be kept. Add this to " +
		a.shortened(a.ownSettings()) + ":\n  roster:\n    use_sessions: true"}
}

func authStatus(in *invocation) error {
	auth := &in.client.auth
	message := "Credentials are not configured."
	switch {
	case auth.session != nil && auth.session.ID != "" && !auth.bearer():
		message = "Session exists, currently logged in as '" + auth.session.User + "'."
	case auth.certificate:
		message = "Using certificate authentication."
	case auth.bearer():
		message = "Using a personal access token without a user name (sent as Authorization: Bearer)."
	case auth.hasUsername && auth.hasPassword:
		message = "Using configured credentials for user '" + auth.username + "'."
	}
	if !in.isHammer() {
		message += "\n" + strings.Join(in.usedSettings(), "\n")
	}
	in.out.Message(message, nil)
	return nil
}
