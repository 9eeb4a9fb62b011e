package hammer

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// Exit codes, docs/spec/hammer.md, 6.
const (
	exitOK           = 0
	exitPing         = 1
	exitUsage        = 64
	exitData         = 65
	exitUnavailable  = 69
	exitSoftware     = 70
	exitPermission   = 77
	exitConfig       = 78
	exitNotFound     = 128
	exitUnauthorized = 129
)

// failure is an error with its text, which is printed as it is, and its exit code.
type failure struct {
	exit int
	text string
}

func (f *failure) Error() string { return f.text }

// exitError ends the program with a code. Everything has been printed.
type exitError int

func (e exitError) Error() string { return "exit code " + strconv.Itoa(int(e)) }

func softwareError(format string, args ...any) error {
	return &failure{exitSoftware, "Error: " + fmt.Sprintf(format, args...)}
}

var errUnsupported = softwareError("The server does not support such operation.")

// hammerError is an error in hammer's words, with its capital letters and full stops.
type hammerError string

func (e hammerError) Error() string { return string(e) }

func hammerErrorf(format string, args ...any) error { return hammerError(fmt.Sprintf(format, args...)) }

// usageError is a command line that cannot be understood.
type usageError struct {
	message string
	// command is how the command is called, for the hint.
	command string
}

func (e *usageError) Error() string {
	return fmt.Sprintf("Error: %s\n\nSee: '%s --help'.", e.message, e.command)
}

// missingSearch is the error for an object that no option names.
type missingSearch struct{ resource string }

func (e *missingSearch) Error() string { return "Missing options to search " + e.resource }

// fileProblem returns the words of Ruby for a file that cannot be opened or read.
func fileProblem(err error) string {
	var failed *fs.PathError
	if !errors.As(err, &failed) {
		return err.Error()
	}
	function := "rb_sysopen"
	if failed.Op == "read" {
		function = "io_fread"
	}
	return fmt.Sprintf("%s @ %s - %s", capitalized(failed.Err.Error()), function, failed.Path)
}

// explain returns the text and the exit code for an error. On a terminal, texts from the server are escaped.
func (a *app) explain(err error) (string, int) {
	w := a.wording()
	if terminal.Behind(a.out.Err) != nil {
		w.escape = terminal.Escape
	}
	if w.hammer {
		return w.explain(err)
	}
	s, isStatus := errors.AsType[*statusError](err)
	if isStatus && s.status == http.StatusUnauthorized {
		if text := a.missingCredentials(); text != "" {
			return text, exitUnauthorized
		}
	}
	if isTLS(err) {
		return a.explainTLS(err), exitConfig
	}
	text, code := w.explain(err)
	if isStatus && strings.Contains(text, "HTTP request to an HTTPS server") {
		text += "\n" + a.addressHint("The server speaks https, not http.")
	}
	return text, code
}

// wording is how errors are put into words.
type wording struct {
	// hammer is whether the words are those of hammer, also where they say less.
	hammer bool
	// escape is applied to texts from the server, unless it is nil.
	escape func(string) string
}

func (a *app) wording() wording { return wording{hammer: a.isHammer()} }

// explain returns the text and the exit code for any error.
func (w wording) explain(err error) (string, int) {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.text, f.exit
	}
	if u, ok := errors.AsType[*usageError](err); ok {
		return u.Error(), exitUsage
	}
	if s, ok := errors.AsType[*statusError](err); ok {
		if w.hammer {
			return w.hammerStatus(s)
		}
		return w.status(s)
	}
	if errors.Is(err, context.Canceled) {
		return "Error: " + errInterrupted.Error(), exitSoftware
	}
	if isTLS(err) {
		return "SSL error: " + err.Error() + "\nMake sure you configured the correct URL and have the server's CA " +
			"certificate installed; --ssl-ca-file names it.", exitConfig
	}
	if errors.Is(err, io.EOF) {
		return "Error: Server broke connection", exitSoftware
	}
	return "Error: " + err.Error(), exitSoftware
}

func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var header tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &header) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// explainTLS says what is wrong with a connection by TLS, and what to do. The whole error is printed by --debug.
func (a *app) explainTLS(err error) string {
	var header tls.RecordHeaderError
	if errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &header) {
		return a.addressHint("The server speaks http, not https.")
	}
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		err = verify.Err
	}
	reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "x509: "), " (possibly because")
	return "The certificate of " + a.client.base.Host + " is not accepted: " + reason + ".\nIf its authority is your " +
		"own, name its certificate with --ssl-ca-file, ROSTER_CA_FILE, or ca_file: below roster: in " +
		a.shortened(a.ownSettings()) + "."
}

// addressHint adds to a sentence which address was used, and where it is set.
func (a *app) addressHint(sentence string) string {
	return fmt.Sprintf("%s The address %s is from %s.", sentence, a.client.base.Redacted(), a.shortened(a.server.from))
}

// unreachable returns the error for a server that does not answer. Without its documentation there are no commands, so
// hammer ends as if the command did not exist (docs/spec/hammer.md, 1).
func (a *app) unreachable(err error) error {
	if isTLS(err) || errors.Is(err, context.Canceled) {
		return err
	}
	hint := "--server, ROSTER_URL or :host: in ~/.hammer/cli.modules.d/foreman.yml"
	if !a.isHammer() {
		hint = "It is from " + a.shortened(a.server.from) + ". You can set it with --server, ROSTER_URL, or url: in " +
			a.shortened(a.ownSettings())
	}
	return &failure{exitUsage, fmt.Sprintf("Could not load the API description from the server:\n  %v\n  - is the "+
		"server %s down?\n  - is the address right? %s", errors.Unwrap(err), a.client.base.Redacted(), hint)}
}

// statusCodes are the exit codes of statuses. Those of others are exitSoftware.
var statusCodes = map[int]int{http.StatusBadRequest: exitData, http.StatusUnauthorized: exitUnauthorized,
	http.StatusForbidden: exitPermission, http.StatusNotFound: exitNotFound,
	http.StatusUnprocessableEntity: exitData, http.StatusMovedPermanently: exitConfig}

// status returns what the server says, with the status in front of it where that tells more.
func (w wording) status(e *statusError) (string, int) {
	code := cmp.Or(statusCodes[e.status], exitSoftware)
	message := w.message(e)
	standard := "Error: " + e.Error()
	switch {
	case e.status == http.StatusUnauthorized && e.continuing != "":
		return "Invalid credentials, continuing with session for '" + e.continuing + "'.", code
	case e.status == http.StatusUnauthorized && message == "":
		return "Invalid username or password.", code
	case e.status == http.StatusUnauthorized && strings.HasPrefix(message, "Unable to authenticate user"):
		return message + "\nInvalid username or password.", code
	case e.status == http.StatusMovedPermanently:
		return redirected, code
	case message == "":
		return standard, code
	case slices.Contains([]int{401, 403, 404, 422, 500}, e.status):
		return message, code
	case e.status == http.StatusBadRequest:
		return e.Error() + "\n  " + strings.ReplaceAll(message, "\n", "\n  "), code
	}
	return standard + "\n  " + strings.ReplaceAll(message, "\n", "\n  "), code
}

// longestText bounds what is shown of an answer that is not JSON, in bytes.
const longestText = 300

// message returns what the body of an answer says to people: nothing if that is not known.
func (w wording) message(e *statusError) string {
	parsed, err := value.ParseJSON(e.body)
	if err != nil {
		text := strings.TrimSpace(string(e.body))
		if len(text) > longestText || strings.HasPrefix(text, "<") || !utf8.ValidString(text) {
			return ""
		}
		if w.escape != nil {
			text = w.escape(text)
		}
		return text
	}
	body := value.AsObject(value.MapTexts(parsed, w.escape))
	inner := innerError(body)
	if inner == nil {
		inner = body
	}
	message := strings.TrimSpace(firstLines(inner, "displayMessage", "message", "full_messages", "detail"))
	details := strings.TrimSpace(firstLines(inner, "details"))
	text, isText := body.Get("error").(string)
	switch {
	case message == "" && isText:
		return text
	case message == "":
		return details
	case details != "" && !strings.Contains(message, details):
		return message + "\n" + details
	}
	return message
}

// hammerStatus follows the table of docs/spec/hammer.md, 6.
func (w wording) hammerStatus(e *statusError) (string, int) {
	parsed, parseErr := value.ParseJSON(e.body)
	parsed = value.MapTexts(parsed, w.escape)
	body := value.AsObject(parsed)
	inner := innerError(body)
	standard := e.Error()
	if _, isList := parsed.([]any); isList && slices.Contains([]int{400, 403, 404, 422, 500}, e.status) {
		return "Error: " + standard + ": the answer is a list", exitSoftware
	}
	switch e.status {
	case http.StatusBadRequest:
		if body.Has("error") && inner == nil {
			return "Error: no implicit conversion of String into Integer", exitSoftware
		}
		return strings.TrimSuffix(standard+"\n  "+firstLines(inner, "message"), "\n  "), exitData
	case http.StatusUnauthorized:
		if e.continuing != "" {
			return "Invalid credentials, continuing with session for '" + e.continuing + "'.", exitUnauthorized
		}
		m := firstLines(inner, "message")
		if s, ok := body.Get("error").(string); ok {
			m = s
		}
		return strings.TrimPrefix(m+"\nInvalid username or password.", "\n"), exitUnauthorized
	case http.StatusForbidden:
		if parseErr != nil {
			return "Error: " + parseErr.Error(), exitSoftware
		}
		return explainForbidden(body), exitPermission
	case http.StatusNotFound:
		return cmp.Or(firstLines(inner, "message"), standard), exitNotFound
	case http.StatusUnprocessableEntity:
		if parseErr != nil {
			return "Error: " + parseErr.Error(), exitSoftware
		}
		return firstLines(inner, "message", "full_messages"), exitData
	case http.StatusInternalServerError:
		return cmp.Or(firstLines(inner, "displayMessage", "full_messages", "message"), standard), exitSoftware
	case http.StatusMovedPermanently:
		return redirected, exitConfig
	}
	return "Error: " + standard, exitSoftware
}

const redirected = "Redirection of API call detected.\nUpdate your server url configuration.\nYou can set " +
	"'follow_redirects' to one of :default or :always to enable redirects following."

// innerError returns the object that describes a mistake: that of the only key, such as "error", or the body itself. It
// is nil if the only key has no object.
func innerError(body *value.Object) *value.Object {
	if body != nil && len(body.Pairs) == 1 && !body.Has("message") {
		return value.AsObject(body.Pairs[0].Value)
	}
	return body
}

// firstLines returns the first of the keys that has a value, as lines.
func firstLines(o *value.Object, keys ...string) string {
	for _, key := range keys {
		if v := o.Get(key); v != nil {
			return lines(v)
		}
	}
	return ""
}

func explainForbidden(body *value.Object) string {
	detail := value.AsObject(body.Get("error"))
	if detail.Get("message") == nil || detail.Get("details") == nil {
		return "Forbidden - server refused to process the request."
	}
	return lines(detail.Get("message")) + "\n" + lines(detail.Get("details"))
}

// lines returns a list with one item a line, any other value as text.
func lines(v any) string {
	items, ok := v.([]any)
	if !ok {
		return value.Text(v)
	}
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = value.Text(item)
	}
	return strings.Join(parts, "\n")
}
