package hammer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// client speaks to one server. It may be used from several goroutines once the document is loaded.
type client struct {
	base  *url.URL
	http  *http.Client
	auth  authentication
	cache apidoc.Cache
	// docChecksum is the checksum of the document in use, empty if that is the built-in copy.
	docChecksum string
	// debug receives one line per request, without bodies and credentials. It may be nil.
	debug io.Writer
	agent string
	// warn receives the warnings of answers, each once. It may be nil.
	warn   io.Writer
	warned map[string]bool
	// mu guards the cache, the session and the warnings, which answers change.
	mu sync.Mutex
}

// authentication is the credentials of requests (docs/spec/hammer.md, 1). A personal access token is a password.
type authentication struct {
	username, password string
	// userFrom and passwordFrom are the places that they are from.
	userFrom, passwordFrom string
	// isToken is whether the password is a personal access token that was set as one.
	isToken bool
	// hasUsername and hasPassword are whether they are known. An empty one is nobody's, and not asked for.
	hasUsername, hasPassword bool
	// given is whether a user was named, so that the session of another one is not used.
	given   bool
	session *session
	// anew is whether the session is not used, but replaced by that of a login.
	anew bool
	// certificate is whether the TLS certificate is the only credential.
	certificate bool
	// external is whether the session is fetched from /api/users/extlogin.
	external bool
	// ask completes the credentials on a terminal. It is nil if the user may not be asked.
	ask func(context.Context, *authentication) error
}

// statusError is an answer with a status other than 2xx.
type statusError struct {
	status int
	body   []byte
	header http.Header
	// continuing is the user of the session that was not used, and stays, where the credentials are wrong.
	continuing string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
}

// connectionError is a request that got no answer.
type connectionError struct{ err error }

func (e *connectionError) Error() string { return e.err.Error() }
func (e *connectionError) Unwrap() error { return e.err }

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 256 << 20

type tlsOptions struct {
	insecure                          bool
	caFile, caPath, certFile, keyFile string
}

// config returns nil if no option is set: the standard library's verification applies.
func (o tlsOptions) config() (*tls.Config, error) {
	if o == (tlsOptions{}) {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.insecure}
	files := []string{}
	if o.caFile != "" {
		files = append(files, o.caFile)
	}
	if o.caPath != "" {
		found, _ := filepath.Glob(filepath.Join(o.caPath, "*"))
		files = append(files, found...)
	}
	if len(files) > 0 {
		c.RootCAs = x509.NewCertPool()
		for _, file := range files {
			pem, err := os.ReadFile(file)
			if err != nil {
				if o.caFile == file {
					return nil, err
				}
				continue
			}
			c.RootCAs.AppendCertsFromPEM(pem)
		}
	}
	if o.certFile != "" && o.keyFile != "" {
		pair, err := tls.LoadX509KeyPair(o.certFile, o.keyFile)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// newClient returns a client for the address of a server. The timeout is that of one request, 0 for none. It does not
// connect.
func newClient(server string, timeout time.Duration, trust tlsOptions) (*client, error) {
	base, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a server: http://HOST:PORT or https://HOST", server)
	}
	config, err := trust.config()
	if err != nil {
		return nil, err
	}
	return &client{
		base: base,
		http: &http.Client{
			Timeout: timeout,
			Transport: &http.Transport{
				Proxy:               http.ProxyFromEnvironment,
				TLSClientConfig:     config,
				MaxIdleConnsPerHost: 16,
				IdleConnTimeout:     90 * time.Second,
				ForceAttemptHTTP2:   true,
			},
			// A redirect of a POST would silently become a GET elsewhere: docs/spec/hammer.md, 1.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		agent: "roster",
	}, nil
}

// request is one call of the API.
type request struct {
	verb string
	// path and query are escaped.
	path  string
	query string
	// body is sent as JSON, unless it is nil.
	body *value.Object
	// anonymous is whether the request carries no credentials.
	anonymous bool
	accept    string
}

// do sends a request and returns the body of an answer of 2xx. Anything else is a *statusError, no answer at all a
// *connectionError. A session that has ended is dropped, and the request repeated with the credentials, if any.
func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	body, err := c.send(ctx, r)
	var status *statusError
	if errors.As(err, &status) && status.status == http.StatusUnauthorized && !r.anonymous {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.auth.usesSession() {
			status.continuing = c.auth.sessionUser()
			return body, err
		}
		c.auth.session.destroy()
		if err := c.auth.complete(ctx); err != nil {
			return nil, err
		}
		if !c.auth.hasUsername && !c.auth.isToken {
			return body, err
		}
		c.mu.Unlock()
		body, err = c.send(ctx, r)
		c.mu.Lock()
	}
	return body, err
}

func (c *client) send(ctx context.Context, r request) ([]byte, error) {
	address := c.base.Scheme + "://" + c.base.Host + c.base.EscapedPath() + r.path
	if r.query != "" {
		address += "?" + r.query
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(value.CompactJSON(r.body))
	}
	req, err := http.NewRequestWithContext(ctx, r.verb, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", cmp.Or(r.accept, "application/json;version=2"))
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", c.agent)
	if !r.anonymous {
		c.mu.Lock()
		err := c.auth.sign(req)
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	start := time.Now()
	answer, err := c.http.Do(req)
	if err != nil {
		c.trace("%s %s: %v", r.verb, r.path, err)
		return nil, &connectionError{err}
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	c.trace("%s %s %d, %d bytes in %s", r.verb, req.URL.RequestURI(), answer.StatusCode, len(data),
		time.Since(start).Round(time.Microsecond))
	if err != nil {
		return nil, &connectionError{err}
	}
	c.readHeaders(answer)
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, &statusError{status: answer.StatusCode, body: data, header: answer.Header}
	}
	return data, nil
}

// readHeaders stores the session that an answer opens, and drops the cached documentation if the server has another
// one.
func (c *client) readHeaders(answer *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.auth.remember(answer)
	if sum := answer.Header.Get("Apipie-Checksum"); sum != "" && c.docChecksum != "" && sum != c.docChecksum {
		c.cache.Drop()
		c.docChecksum = ""
	}
	c.tellWarnings(answer.Header.Values("Warning"))
}

// warning is a header Warning of a server about an answer: a code, who warns, and a text.
var warning = regexp.MustCompile(`^299 \S+ "([^"]*)"$`)

// maxWarnings bounds how many warnings are told.
const maxWarnings = 20

func (c *client) tellWarnings(headers []string) {
	for _, header := range headers {
		found := warning.FindStringSubmatch(header)
		if c.warn == nil || found == nil || c.warned[found[1]] || len(c.warned) == maxWarnings {
			continue
		}
		if c.warned == nil {
			c.warned = map[string]bool{}
		}
		c.warned[found[1]] = true
		fmt.Fprintf(c.warn, "Warning: %s.\n", terminal.Escape(found[1]))
	}
}

func (c *client) trace(format string, args ...any) {
	if c.debug != nil {
		fmt.Fprintf(c.debug, "[debug] "+format+"\n", args...)
	}
}

// document returns the server's Apipie document: from the cache if the checksum is known, else from the server, else,
// if the server has none, the built-in copy. An error means that no server answered.
func (c *client) document(ctx context.Context, reload bool) (*apidoc.Document, error) {
	get := func(path string) ([]byte, error) {
		return c.do(ctx, request{verb: "GET", path: path, anonymous: true, accept: "application/json"})
	}
	checksum := "default"
	if raw, err := get("/apidoc/apipie_checksum"); err == nil {
		var answer struct {
			Checksum string `json:"checksum"`
		}
		if json.Unmarshal(raw, &answer) == nil && answer.Checksum != "" {
			checksum = answer.Checksum
		}
	} else if _, ok := errors.AsType[*connectionError](err); ok {
		return nil, err
	}
	if reload {
		c.cache.Drop()
	} else if d, err := c.cache.Load(checksum); err == nil {
		c.docChecksum = checksum
		return d, nil
	}
	for _, path := range []string{"/apidoc/v2.en.json", "/apidoc/v2.json"} {
		raw, err := get(path)
		if err != nil {
			continue
		}
		d, err := apidoc.Parse(raw)
		if err != nil {
			continue
		}
		if err := c.cache.Store(checksum, d); err != nil {
			c.trace("the document is not cached: %v", err)
		}
		c.docChecksum = checksum
		return d, nil
	}
	c.trace("the server has no API documentation, the built-in copy is used")
	return apidoc.Builtin()
}

// openExternal fetches a session from the server's external login, if that is how users are authenticated.
func (c *client) openExternal(ctx context.Context) error {
	if !c.auth.external || c.auth.session == nil || c.auth.usesSession() {
		return nil
	}
	_, err := c.do(ctx, request{verb: "GET", path: "/api/users/extlogin"})
	return err
}

// usesSession reports whether the stored session is sent instead of a password.
func (a *authentication) usesSession() bool {
	return a.session != nil && a.session.ID != "" && !a.anew && (!a.given || a.username == a.session.User)
}

// sessionUser returns the user of the stored session, nothing if there is none.
func (a *authentication) sessionUser() string {
	if a.session == nil || a.session.ID == "" {
		return ""
	}
	return a.session.User
}

// setUsername sets the login to the first of the values that is not nil, unless it is known already.
func (a *authentication) setUsername(values ...sourced) {
	for _, v := range values {
		if v.value != nil && !a.hasUsername {
			a.username = value.Text(v.value)
			a.userFrom = v.from
			a.hasUsername = true
		}
	}
}

// setPassword sets the password to the first of the values that is not nil, unless it is known already.
func (a *authentication) setPassword(values ...sourced) {
	for _, v := range values {
		if v.value != nil && !a.hasPassword {
			a.password = value.Text(v.value)
			a.passwordFrom = v.from
			a.isToken = v.isToken
			a.hasPassword = true
		}
	}
}

// bearer reports whether requests carry a token alone. It belongs to one user, so that no name is needed.
func (a *authentication) bearer() bool { return a.isToken && !a.hasUsername }

// complete asks for what is missing of the credentials, if somebody may be asked.
func (a *authentication) complete(ctx context.Context) error {
	if a.ask == nil || a.hasPassword && (a.hasUsername || a.isToken) {
		return nil
	}
	return a.ask(ctx, a)
}

// name returns the login: that of the session if none was given.
func (a *authentication) name() string {
	if a.username == "" && a.session != nil {
		return a.session.User
	}
	return a.username
}

func (a *authentication) sign(req *http.Request) error {
	switch {
	case a.usesSession():
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: a.session.ID})
		return nil
	case a.certificate:
		return nil
	}
	if err := a.complete(req.Context()); err != nil {
		return err
	}
	if a.bearer() {
		req.Header.Set("Authorization", "Bearer "+a.password)
		return nil
	}
	req.SetBasicAuth(a.username, a.password)
	return nil
}

const sessionCookie = "_session_id"

// remember stores the session that the server opened, if sessions are used.
func (a *authentication) remember(answer *http.Response) {
	if a.session == nil || a.bearer() || answer.StatusCode == http.StatusUnauthorized {
		return
	}
	cookies := answer.Cookies()
	if i := slices.IndexFunc(cookies, func(k *http.Cookie) bool { return k.Name == sessionCookie }); i >= 0 &&
		cookies[i].Value != "" {
		a.session.store(cookies[i].Value, a.username)
	}
}

// session is a login that outlives the run, kept where hammer keeps it: one file per scheme and host, mode 0600.
type session struct {
	file string
	ID   string `json:"id"`
	Kind string `json:"auth_type,omitempty"`
	User string `json:"user_name"`
}

// openSession reads a session. A session in files that other users may access is not used.
func openSession(home string, server *url.URL, warn io.Writer) *session {
	dir := filepath.Join(home, ".hammer", "sessions")
	s := &session{file: filepath.Join(dir, server.Scheme+"_"+server.Hostname())}
	for path, mode := range map[string]os.FileMode{dir: 0o700, s.file: 0o600} {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm() != mode {
			fmt.Fprintf(warn, "Invalid permissions for %s: %o, expected %o.\nCan't use session auth due to invalid "+
				"permissions on session files.\n", path, info.Mode().Perm(), mode)
			return s
		}
	}
	raw, err := os.ReadFile(s.file)
	if err != nil {
		return s
	}
	if json.Unmarshal(raw, s) != nil {
		fmt.Fprintln(warn, "Invalid session data. Resetting the session.")
		s.destroy()
	}
	return s
}

func (s *session) store(id, user string) {
	if id == s.ID && (user == "" || user == s.User) {
		return
	}
	s.ID = id
	s.Kind = "Basic_Auth"
	if user != "" {
		s.User = user
	}
	if os.MkdirAll(filepath.Dir(s.file), 0o700) != nil {
		return
	}
	raw, _ := json.Marshal(s)
	_ = writePrivate(s.file, raw)
}

func (s *session) destroy() {
	s.ID = ""
	s.User = ""
	os.Remove(s.file)
}

// writePrivate replaces a file atomically. Only its owner may read it.
func writePrivate(file string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".tmp")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
