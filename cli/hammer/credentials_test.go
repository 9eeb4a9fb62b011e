package hammer

import (
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

// A token needs no user name: it is sent as a bearer token, wherever it is from. With a name it is the password.
func TestToken_WithoutUserName(t *testing.T) {
	s := newRosterStage(t)
	const table = "-----\nLOGIN\n-----\njdoe \n-----\n"
	who := func(got result, want string) {
		t.Helper()
		if got.code != 0 || got.out != table {
			t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
		}
		if last := s.lastAuth; last != want {
			t.Errorf("the request was sent as %q, want %q", last, want)
		}
	}
	const line = "user list --fields Login --search jdoe"
	who(s.with(line, "ROSTER_TOKEN=pat-of-jdoe"), "bearer")
	who(s.with(line, "ROSTER_TOKEN_FILE="+s.write("token", "pat-of-jdoe\n")), "bearer")
	who(s.with(line, "ROSTER_TOKEN=changeme", "ROSTER_USERNAME=admin"), "admin")
	s.write(".config/roster/cli.yml", "roster:\n  username: admin\n  password: changeme\n")
	who(s.with(line, "ROSTER_TOKEN=pat-of-jdoe"), "bearer") // and not as the administrator's
	s.write(".config/roster/cli.yml", "roster:\n  token: pat-of-jdoe\n")
	who(s.run(line), "bearer")
	got := s.run("auth status")
	if !strings.HasPrefix(got.out, "Using a personal access token without a user name (sent as Authorization: Bearer).\n"+
		"Server:    "+s.peer.URL+" (ROSTER_URL)\nUser name: not set\n"+
		"Token:     set (roster.token in ~/.config/roster/cli.yml)\nFile:      ~/.config/roster/cli.yml\n") {
		t.Errorf("the status is %q", got.out)
	}
	if got := s.with("user list", "ROSTER_TOKEN=wrong"); got.code != exitUnauthorized ||
		got.err != "The token is not valid\n" {
		t.Errorf("a wrong token: exit %d, %q", got.code, got.err)
	}
	// The token's user is asked for where a command needs to know it.
	s.peer.find("users", "jdoe", value.NewObject()).Set("default_organization", value.NewObject("id", 1))
	s.run("defaults add --param-name organization_id --provider foreman")
	if got := s.run("role list --fields Id"); got.code != 0 || strings.Join(got.requests, "\n") !=
		"GET /api/current_user\nGET /api/users?search=login%3Djdoe\n"+
			"GET /api/roles?organization_id=1&page=1&per_page=1000" {
		t.Errorf("exit %d, %q", got.code, got.requests)
	}
}

// A token is nobody's password: it opens no session, and does not prove a change of the own password.
func TestToken_IsNoPassword(t *testing.T) {
	s := newRosterStage(t)
	s.peer.sessions = true
	s.write(".config/roster/cli.yml", "roster: {use_sessions: true}\n")
	s.environ = append(s.environ, "ROSTER_TOKEN=pat-of-jdoe")
	got := s.run("user update --id 4 --password 'new secret'")
	if w := got.writes(); got.code != 0 || len(w) != 1 ||
		w[0] != `PUT /api/users/4 {"user":{"password":"new secret"}}` {
		t.Errorf("exit %d, %q, %q", got.code, got.err, w)
	}
	if _, err := os.Stat(filepath.Join(s.home, ".hammer", "sessions")); err == nil {
		t.Error("a session was kept")
	}
	s.with("user list", "ROSTER_TOKEN=", "ROSTER_USERNAME=admin", "ROSTER_PASSWORD=changeme")
	if got := s.with("auth status", "ROSTER_TOKEN="); !strings.HasPrefix(got.out,
		"Session exists, currently logged in as 'admin'.\n") {
		t.Errorf("the status is %q", got.out)
	}
	if got := s.run("auth status"); !strings.HasPrefix(got.out, "Using a personal access token without a user name") {
		t.Errorf("the status beside a session is %q", got.out)
	}
	if got := s.run("user list"); got.code != 0 || s.lastAuth != "bearer" {
		t.Errorf("beside another user's session: exit %d, sent as %q", got.code, s.lastAuth)
	}
}

// What is not set is named, with the places to set it.
func TestCredentials_ThatAreNotSet(t *testing.T) {
	s := newRosterStage(t)
	s.wantErr("user list", exitUnauthorized, "No user name is set. Use -u, ROSTER_USERNAME, or username: below roster: in "+
		"~/.config/roster/cli.yml.\nA personal access token needs no user name: ROSTER_TOKEN, or token: in the same file.\n")
	s.wantErr("-u admin user list", exitUnauthorized, "No password is set for user 'admin'. Use -p, ROSTER_PASSWORD")
	s.wantErr("-u admin -p wrong user list", exitUnauthorized,
		"Unable to authenticate user admin\nInvalid username or password.\n")
	s.wantErr("auth login basic -u admin -p changeme", exitUsage, "Sessions are off, so that a login cannot be kept. Add "+
		"this to ~/.config/roster/cli.yml:\n  roster:\n    use_sessions: true\n")
	s.expect("-u admin -p x auth status", 0, "Using configured credentials for user 'admin'.\nServer:    "+s.peer.URL+
		" (ROSTER_URL)\nUser name: admin (-u)\nPassword:  set (-p)\nFile:      ~/.config/roster/cli.yml (no settings "+
		"there)\n")
	s.write(".config/roster/cli.yml", "roster: {username: admin, password: 0123, use_sessions: false}\n")
	s.peer.before = func(r *http.Request) {
		if _, password, ok := r.BasicAuth(); ok && password != "0123" {
			t.Errorf("the password was sent as %q", password)
		}
	}
	s.run("user list")
}

// A misspelt setting is refused, since nothing else would tell. Help works nevertheless.
func TestSettings_ThatAreNotKnown(t *testing.T) {
	s := newRosterStage(t)
	for content, want := range map[string]string{
		"url: http://x\nusername: a\n":                `cli.yml: "url" stands at the top level. Write it below "roster:", indented:`,
		"roster:\n  url: http://x\n  tokn: t\n":       `cli.yml, line 3: there is no setting "tokn" below "roster:". Did you mean token?`,
		"roster:\n  colour: t\n":                      `there is no setting "colour" below "roster:". The settings are url, username`,
		"rooster:\n  token: t\n":                      `cli.yml: there is no section "rooster". Did you mean roster?`,
		"roster:\n token: t\n  url: b\n":              "cli.yml: yaml: line",
		":roster:\n  :tokn: t\n":                      `there is no setting "tokn"`,
		"roster: {token: t}\nlogging: {level: x}\n":   `there is no section "logging". The sections are roster`,
		"roster: {token: t}\ntoken: pat-of-jdoe\n":    `"token" stands at the top level.`,
		"a: &a {tokn: t}\nroster: {<<: *a, url: u}\n": `there is no section "a"`,
	} {
		file := s.write(".config/roster/cli.yml", content)
		s.wantErr("user list", exitConfig, want)
		if got := s.run("user list"); !strings.HasPrefix(got.err, "Error: "+file) || len(got.requests) > 0 {
			t.Errorf("%q: %q, %q", content, got.err, got.requests)
		}
		if got := s.run("user list --help"); got.code != 0 || got.out == "" {
			t.Errorf("%q: help: exit %d, %q", content, got.code, got.err)
		}
	}
	s.write(".config/roster/cli.yml", "roster: {token: pat-of-jdoe}\nui: {per_page: 1}\nssl: {verify_ssl: true}\n")
	s.expect("user list --fields Id", 0, "--\nID\n--\n1 \n--\nPage 1 of 2 (use --page and --per-page for navigation).\n")
}

// A file with a secret that others can read is warned of, also if it was made long ago.
func TestSettings_ThatOthersCanRead(t *testing.T) {
	s := newRosterStage(t)
	file := s.write(".config/roster/cli.yml", "roster:\n  token: pat-of-jdoe\n")
	for mode, warns := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o644: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		want := ""
		if warns {
			want = "Warning: other users of this machine can read the token in " + file + ". Run: chmod 600 " + file + "\n"
		}
		if got := s.run("user list"); got.code != 0 || got.err != want {
			t.Errorf("%o: exit %d, %q, want %q", mode, got.code, got.err, want)
		}
		if got := s.run("-q user list"); got.err != "" {
			t.Errorf("-q: %q", got.err)
		}
	}
	s.write(".config/roster/cli.yml", "roster:\n  url: http://x\n")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := s.run("user list --help"); got.err != "" {
		t.Errorf("a file without secrets: %q", got.err)
	}
}

// Whatever the status, what the server says is shown.
func TestErrors_WithTheServersWords(t *testing.T) {
	s := newRosterStage(t)
	s.environ = append(s.environ, "ROSTER_TOKEN=pat-of-jdoe")
	for id, want := range map[string]struct {
		code int
		text string
	}{
		"err-400":         {65, "400 Bad Request\n  Sample message\n"},
		"err-400-str":     {65, "400 Bad Request\n  String error\n"},
		"err-400-empty":   {65, "Error: 400 Bad Request\n"},
		"err-401":         {129, "Sample message\n"},
		"err-401-empty":   {129, "Invalid username or password.\n"},
		"err-403-str":     {77, "String error\n"},
		"err-403-html":    {77, "Error: 403 Forbidden\n"},
		"err-404-str":     {128, "String error\n"},
		"err-409":         {70, "Error: 409 Conflict\n  Sample message\n"},
		"err-415-plain":   {70, "Error: 415 Unsupported Media Type\n  Flat message\n"},
		"err-422-full":    {65, "Login is bad\nMail is bad\n"},
		"err-422-html":    {65, "Error: 422 Unprocessable Entity\n"},
		"err-429-str":     {70, "Error: 429 Too Many Requests\n  String error\n"},
		"err-500-display": {70, "display text\n"},
		"err-500":         {70, "Sample message\n"},
		"err-502-html":    {70, "Error: 502 Bad Gateway\n"},
		"err-503":         {70, "Error: 503 Service Unavailable\n  Sample message\n"},
		"err-503-details": {70, "Error: 503 Service Unavailable\n  Access denied\n  Missing one of the required " +
			"permissions: view_users\n"},
		"err-503-display": {70, "Error: 503 Service Unavailable\n  display text\n"},
		"err-503-text":    {70, "Error: 503 Service Unavailable\n  the text of a proxy\n"},
		"err-503-list":    {70, "Error: 503 Service Unavailable\n"},
	} {
		if got := s.run("user-group info --id " + id); got.code != want.code || got.err != want.text || got.out != "" {
			t.Errorf("%s: exit %d, %q; want %d, %q", id, got.code, got.err, want.code, want.text)
		}
	}
}

// Failures of TLS say the useful thing first, and which address was used.
func TestTLS_InRostersWords(t *testing.T) {
	s := newRosterStage(t)
	secure := httptest.NewUnstartedServer(s.peer.Config.Handler)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	host := strings.TrimPrefix(secure.URL, "https://")
	s.environ = append(s.environ, "ROSTER_TOKEN=pat-of-jdoe")
	s.wantErr("-s "+secure.URL+" user list", exitConfig, "The certificate of "+host+" is not accepted: certificate "+
		"signed by unknown authority.\nIf its authority is your own, name its certificate with --ssl-ca-file")
	ca := s.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	s.wantErr("--ssl-ca-file "+ca+" -s "+strings.ReplaceAll(secure.URL, "127.0.0.1", "localhost")+" user list", exitConfig,
		"is not accepted: certificate is valid for example.com")
	wrong := strings.Replace(s.peer.URL, "http:", "https:", 1)
	s.wantErr("-s "+wrong+" user list", exitConfig, "The server speaks http, not https. The address "+wrong+
		" is from --server.\n")
	s.write(".config/roster/cli.yml", "roster:\n  url: "+wrong+"\n")
	s.environ = append(s.environ, "ROSTER_URL=")
	s.wantErr("user list", exitConfig, "The address "+wrong+" is from roster.url in ~/.config/roster/cli.yml.\n")
	s.wantErr("-s "+strings.Replace(secure.URL, "https:", "http:", 1)+" user list", exitData,
		"The server speaks https, not http. The address http://"+host+" is from --server.\n")
	s.peer.Close()
	s.write(".config/roster/cli.yml", "roster:\n  url: "+s.peer.URL+"\n")
	s.wantErr("user list", exitUsage, "is the address right? It is from roster.url in ~/.config/roster/cli.yml. You can set "+
		"it with --server, ROSTER_URL, or url: in ~/.config/roster/cli.yml\n")
	if _, err := os.Stat(filepath.Join(s.home, ".hammer")); err == nil {
		t.Error("there is a directory of hammer's")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"Manager", "Viewer", "Edit hosts", "a"}
	for word, want := range map[string]string{"Manger": "Manager", "manager": "Manager", "Veiwer": "Viewer",
		"Viewers": "Viewer", "Edithosts": "Edit hosts", "Helpdesk": "", "": "a", "xyz": "", "VIEWER": "Viewer"} {
		if got := nearest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
