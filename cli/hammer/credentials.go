package hammer

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"roster/cli/hammer/value"
)

// sourced is a value of the settings, nil if there is none, and the place that it is from.
type sourced struct {
	value any
	from  string
	// isToken is whether it is a personal access token.
	isToken bool
}

// isHammer reports whether the program was called by the name of hammer. Then its texts are those of hammer, where
// Roster has better ones.
func (a *app) isHammer() bool { return a.program == "hammer" }

// ownSettings is the file with Roster's own settings.
func (a *app) ownSettings() string {
	return filepath.Join(a.environ.dir("XDG_CONFIG_HOME", a.home, ".config"), "roster", "cli.yml")
}

// shortened returns a text in which the home directory is written as ~.
func (a *app) shortened(text string) string {
	if a.home == "" || a.home == "/" {
		return text
	}
	return strings.ReplaceAll(text, a.home+string(filepath.Separator), "~"+string(filepath.Separator))
}

// serverAddress returns the address of the server: of an option, a variable, a file, or the default one.
func (a *app) serverAddress() sourced {
	if _, given := a.flags["server"]; given {
		return sourced{value: a.text("server"), from: "--server"}
	}
	if v := a.environ.get("ROSTER_URL"); v != "" {
		return sourced{value: v, from: "ROSTER_URL"}
	}
	if v := a.settings.sourced("roster.url", "foreman.host"); v.value != nil {
		return v
	}
	return sourced{value: defaultServer, from: "the default"}
}

// credentials completes the client's: options win over variables, variables over files.
func (a *app) credentials(trust tlsOptions) error {
	s := a.settings
	e := a.environ
	auth := &a.client.auth
	password, err := e.secret("ROSTER_PASSWORD")
	if err != nil {
		return err
	}
	token, err := e.secret("ROSTER_TOKEN")
	if err != nil {
		return err
	}
	token.isToken = true
	auth.setUsername(sourced{value: nullToNil(a.flags["username"]), from: "-u"},
		e.firstOf("ROSTER_USERNAME", "FOREMAN_USERNAME"))
	auth.setPassword(sourced{value: nullToNil(a.flags["password"]), from: "-p"}, token, password,
		e.firstOf("ROSTER_TOKEN", "ROSTER_PASSWORD", "FOREMAN_PASSWORD"))
	auth.given = auth.hasUsername || auth.isToken
	auth.certificate = trust.certFile != "" && trust.keyFile != "" && !a.flag("ssl-with-basic-auth") &&
		!s.flag("ssl.ssl_with_basic_auth")
	auth.external = s.get("foreman.default_auth_type") == "Basic_Auth_External"
	if s.flag("foreman.use_sessions") || s.flag("roster.use_sessions") {
		auth.session = openSession(a.home, a.client.base, a.Stderr)
	} else {
		name := s.sourced("roster.username", "foreman.username")
		if !auth.isToken || a.isHammer() { // a token says whose it is, and the file may be somebody else's
			auth.setUsername(name)
		}
		// The password of a file is that of the file's user.
		if name.value == nil || name.value == auth.username {
			auth.setPassword(s.sourced("roster.token", "roster.password", "foreman.password"))
		}
	}
	if a.interactive {
		auth.ask = a.askCredentials
	}
	return nil
}

// ownLogin returns the login of the user who asks, nothing if it is not known. The server is asked whose a token is.
func (in *invocation) ownLogin() (string, error) {
	auth := &in.client.auth
	if name := auth.name(); name != "" || !auth.bearer() {
		return name, nil
	}
	answer, err := in.call("GET", "/api/current_user", value.NewObject())
	if err != nil {
		return "", err
	}
	return value.Text(value.AsObject(unwrap(answer)).Get("login")), nil
}

// usedSettings says which settings count, and where they are from, without secrets.
func (a *app) usedSettings() []string {
	auth := &a.client.auth
	from := func(shown, place string) string {
		return strings.TrimSpace(shown + " (" + a.shortened(place) + ")")
	}
	user := "not set"
	if auth.hasUsername {
		user = from(auth.username, auth.userFrom)
	}
	password := "not set"
	if auth.hasPassword {
		password = from("set", auth.passwordFrom)
	}
	kind := "Password:  "
	if auth.isToken {
		kind = "Token:     "
	}
	lines := []string{"Server:    " + from(a.client.base.Redacted(), a.server.from), "User name: " + user,
		kind + password}
	if auth.session != nil {
		lines = append(lines, "Session:   "+a.shortened(auth.session.file))
	}
	file := a.shortened(a.ownSettings())
	if !slices.Contains(slices.Collect(maps.Values(a.settings.files)), a.ownSettings()) {
		file += " (no settings there)"
	}
	return append(lines, "File:      "+file)
}

// missingCredentials says where to set what was not set. It is empty if the credentials were complete.
func (a *app) missingCredentials() string {
	if a.client == nil {
		return ""
	}
	auth := &a.client.auth
	file := a.shortened(a.ownSettings())
	switch {
	case auth.usesSession() || auth.sessionUser() != "" || auth.certificate || auth.bearer():
		return ""
	case !auth.hasUsername:
		return "No user name is set. Use -u, ROSTER_USERNAME, or username: below roster: in " + file +
			".\nA personal access token needs no user name: ROSTER_TOKEN, or token: in the same file."
	case !auth.hasPassword:
		return "No password is set for user '" + auth.username + "'. Use -p, ROSTER_PASSWORD, ROSTER_TOKEN, or " +
			"password: below roster: in " + file + "."
	}
	return ""
}
