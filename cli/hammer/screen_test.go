package hammer

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// hostile moves the cursor, colours, sets the clipboard and the title, and turns the text around, in 7 and in 8 bits.
const hostile = "A\x1b[31mB\x1b]52;c;QUJD\x07C\x1b]0;title\x1b\\D\rE\nF\tG\x7fH\b\u009b2J\u202eI\u2066\u200f\u061c\u2028K"

// shownHostile is what a screen makes of it.
const shownHostile = `A\u001b[31mB\u001b]52;c;QUJD\u0007C\u001b]0;title\u001b\D\rE\nF\tG\u007fH\u0008\u009b2J\u202eI\u2066\u200f\u061c\u2028K`

// acts reports whether a terminal would act on a character instead of drawing it.
func acts(r rune) bool { return terminal.Escape(string(r)) != string(r) }

// onScreen runs a command line on a terminal, both streams of which are kept.
func (s *stage) onScreen(environ []string, args ...string) (out, errs string) {
	s.t.Helper()
	var outBuffer, errBuffer bytes.Buffer
	Run(s.t.Context(), Options{Args: args, Environ: append(environ, s.environ...), Program: "roster", Version: "1",
		Stdout: &terminal.Writer{Writer: &outBuffer}, Stderr: &terminal.Writer{Writer: &errBuffer}})
	return outBuffer.String(), errBuffer.String()
}

// spoil adds a text to every text that the server has.
func (s *stage) spoil(with string) {
	s.peer.reset(s.t)
	s.peer.mu.Lock()
	defer s.peer.mu.Unlock()
	for _, rows := range s.peer.rows {
		for i, row := range rows {
			rows[i] = value.AsObject(value.MapTexts(row, func(text string) string { return text + with }))
		}
	}
}

// obeysNothing fails if a terminal would obey anything in an output but line breaks.
func obeysNothing(t *testing.T, line, output string) {
	t.Helper()
	for _, r := range strings.ReplaceAll(output, "\n", "") {
		if acts(r) {
			t.Fatalf("%s: the terminal would obey %U in\n%q", line, r, output)
		}
	}
	if !utf8.ValidString(output) {
		t.Errorf("%s: no UTF-8: %q", line, output)
	}
}

var spoiltLines = []string{
	"user list", "user info --id 1", "organization list", "organization info --id 1", "user-group info --id 1",
	"role list", "role info --id 2", "filter list", "audit list", "audit info --id 1",
	"settings list", "bookmark list", "auth-source list", "user update --id 4 --firstname x", "user delete --id 4",
	"user export", "location list", "role filters --id 2",
}

// Attack 23: whatever others wrote, in every form, is shown on a terminal and not obeyed; elsewhere it is left alone.
func TestScreen_ShowsControlCharactersInEveryForm(t *testing.T) {
	s := newStage(t)
	dumb := []string{"TERM=dumb"}
	for _, form := range []string{"", "base", "table", "csv", "yaml", "json", "silent"} {
		for _, line := range spoiltLines {
			args := words(line)
			if form != "" {
				args = append([]string{"--output", form}, args...)
			}
			s.spoil(hostile)
			out, errs := s.onScreen(dumb, args...)
			obeysNothing(t, form+" "+line, out)
			obeysNothing(t, form+" "+line, errs)
			s.spoil(hostile)
			file := s.runArgs(args...)
			s.spoil("")
			if before := s.runArgs(args...); form == "silent" || file.out == before.out {
				continue // nothing of the server's is in it
			}
			if !strings.Contains(file.out, "\x1b") && form != "yaml" && form != "json" {
				t.Errorf("%s %s: in a file the text has changed: %q", form, line, file.out)
			}
			if form == "yaml" || form == "json" {
				continue
			}
			if !strings.Contains(out, `\u001b`) {
				t.Errorf("%s %s: nothing is shown: %q", form, line, out)
			}
			s.spoil(strings.ReplaceAll(hostile, "\n", " "))
			if flat, _ := s.onScreen(dumb, args...); form != "base" && !strings.Contains(line, "info") &&
				strings.Count(flat, "\n") != strings.Count(out, "\n") {
				t.Errorf("%s %s: a line break of a value breaks the line:\n%s", form, line, out)
			}
		}
	}
	s.spoil(hostile)
	out, _ := s.onScreen(dumb, "user", "list", "--fields", "Login", "--per-page", "1")
	if !strings.Contains(out, "admin"+shownHostile[:20]) {
		t.Errorf("got\n%s", out)
	}
}

// The program's own colours are the only sequences, and no value can make one.
func TestScreen_KeepsItsOwnColours(t *testing.T) {
	s := newStage(t)
	s.spoil("\x1b[31m\xfer")
	out, _ := s.onScreen(nil, "user", "info", "--id", "1", "--fields", "Login,Email")
	want := "\x1b[1mLogin: \x1b[0madmin\\u001b[31m\ufffdr\n\x1b[1mEmail: \x1b[0mroot@example.com\\u001b[31m\ufffdr\n\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	_, errs := s.onScreen(nil, "user", "nonsense\x1b[2J\xfeb")
	want = "\x1b[31mError: No such sub-command 'nonsense\\u001b[2J\\xfeb'.\n\nSee: 'roster user --help'.\x1b[0m\n"
	if errs != want {
		t.Errorf("got %q", errs)
	}
}

// What a server says of a mistake, headers and documents included, comes from somebody else, too.
func TestScreen_Mistakes(t *testing.T) {
	s := newStage(t)
	text := string(value.CompactJSON(hostile))
	answers := map[int]string{
		400: `{"message":` + text + `}`, 401: `{"error":` + text + `}`,
		403: `{"error":{"message":` + text + `,"details":` + text + `}}`, 404: `{"message":` + text + `}`,
		422: `{"error":{"full_messages":[` + text + `,"second"]}}`, 500: `{"error":{"displayMessage":` + text + `}}`,
		200: `{"message":` + text + `,"results":[{"login":` + text + `}]}`,
		503: text, 301: text,
	}
	for status, body := range answers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/apidoc") {
				w.WriteHeader(404)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		for _, line := range []string{"user list", "user info --id 1", "--debug user list",
			"--interactive yes user update --id 1 --firstname x", "ping", "status"} {
			out, errs := s.onScreen([]string{"TERM=dumb"}, append([]string{"--server", server.URL}, words(line)...)...)
			obeysNothing(t, line, out)
			obeysNothing(t, line, errs)
			if status == 422 && strings.HasSuffix(line, "user list") &&
				!strings.Contains(errs, shownHostile+"\nsecond") {
				t.Errorf("%s: got %q", line, errs)
			}
		}
		server.Close()
	}
}

// Help is made from the server's document, which may say anything.
func TestScreen_Help(t *testing.T) {
	s := newStage(t)
	v, err := value.ParseJSON(s.peer.doc)
	if err != nil {
		t.Fatal(err)
	}
	describe(v, "It is said that "+hostile)
	s.peer.doc = value.CompactJSON(v)
	s.peer.checksum = "spoilt"
	for _, line := range []string{"user list --help", "user create --help", "full-help", "--help"} {
		out, errs := s.onScreen([]string{"TERM=dumb"}, words(line)...)
		obeysNothing(t, line, strings.ReplaceAll(out, "\t", "    ")) // texts of several lines may have tabs
		obeysNothing(t, line, errs)
		if line != "--help" && !strings.Contains(out, `\u001b`) {
			t.Errorf("%s: nothing of the document is shown: %.300s", line, out)
		}
	}
}

// describe returns every parameter and route of a document a description.
func describe(v any, text string) {
	for _, item := range value.AsList(v) {
		describe(item, text)
	}
	o := value.AsObject(v)
	if o == nil {
		return
	}
	for _, p := range o.Pairs {
		describe(p.Value, text)
	}
	if o.Has("expected_type") || o.Has("api_url") {
		o.Set("description", text)
		o.Set("short_description", text)
	}
}

// A prompt names who is asked for, and an import tells of rows; neither is more than text.
func TestScreen_PromptsAndImports(t *testing.T) {
	s := newStage(t)
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+"'\n")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w.Close()
	var out, errs bytes.Buffer
	Run(t.Context(), Options{Args: []string{"--interactive", "yes", "-u", "bob" + hostile, "user", "list"},
		Environ: append(s.environ, "TERM=dumb"), Program: "roster", Stdin: r, Stdout: &terminal.Writer{Writer: &out},
		Stderr: &terminal.Writer{Writer: &errs}})
	obeysNothing(t, "prompt", errs.String())
	if !strings.Contains(errs.String(), `Password for bobA\u001b[31m`) {
		t.Errorf("the prompt was %q", errs.String())
	}
	s.freshHome()
	users := "login,mail,auth_source\n\"x\x1b[2Jy\nz\",m,\"nowhere\x1b]0;t\x07\"\n"
	report, warnings := s.onScreen([]string{"TERM=dumb"}, "user", "import", s.write("users.csv", users))
	obeysNothing(t, "import", report)
	obeysNothing(t, "import", warnings)
	if !strings.Contains(report, `x\u001b[2Jy\nz`) {
		t.Errorf("the report was %q", report)
	}
}

// Shells print what they are offered: names that they must not print are not offered.
func TestCompletion_OffersNoControlCharacters(t *testing.T) {
	s := newStage(t)
	s.peer.rows["users"][0].Set("login", "jack\x1b]52;c;QUJD\x07")
	s.peer.rows["users"][1].Set("login", "jill")
	var out, errs bytes.Buffer
	Complete(t.Context(), Options{Args: []string{"__complete", "user", "info", "--login", ""}, Environ: s.environ,
		Program: "roster", Stdout: &out, Stderr: &errs})
	if strings.Contains(out.String(), "jack") || !strings.Contains(out.String(), "jill\n") {
		t.Errorf("got %q", out.String())
	}
	if line := s.runArgs("--autocomplete", "roster user info --login "); strings.Contains(line.out, "jack") ||
		!strings.Contains(line.out, "jill") {
		t.Errorf("got %q", line.out)
	}
}
