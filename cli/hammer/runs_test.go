package hammer

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stage is a home directory, a working directory and a server to run command lines against.
type stage struct {
	t       *testing.T
	peer    *peer
	home    string
	environ []string
	// program is the name that the command line is called by.
	program string
	// lastAuth is how the last request of a run was authenticated.
	lastAuth string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, peer: newPeer(t), program: "hammer"}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("key.pub", []byte("ssh-rsa AAAB c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.freshHome()
	return s
}

// newRosterStage is newStage for the program by its own name, whose home has no settings of hammer's.
func newRosterStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.program = "roster"
	s.home = t.TempDir()
	s.environ = []string{"HOME=" + s.home, "XDG_CACHE_HOME=" + t.TempDir(), "ROSTER_URL=" + s.peer.URL}
	return s
}

// with runs a command line with more variables.
func (s *stage) with(line string, variables ...string) result {
	s.t.Helper()
	before := s.environ
	defer func() { s.environ = before }()
	s.environ = append(s.environ[:len(s.environ):len(s.environ)], variables...)
	return s.run(line)
}

func (s *stage) freshHome() {
	s.home = s.t.TempDir()
	s.write(".hammer/cli.modules.d/foreman.yml", ":foreman:\n  :host: '"+s.peer.URL+
		"'\n  :username: 'admin'\n  :password: 'changeme'\n")
	s.environ = []string{"HOME=" + s.home, "XDG_CACHE_HOME=" + s.t.TempDir()}
}

func (s *stage) write(name, content string) string {
	s.t.Helper()
	file := filepath.Join(s.home, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

type result struct {
	out, err string
	code     int
	requests []string
}

// run runs one command line as a shell would split it.
func (s *stage) run(line string) result {
	s.t.Helper()
	return s.runArgs(words(line)...)
}

func (s *stage) runArgs(args ...string) result {
	s.t.Helper()
	s.peer.requests()
	var out, err bytes.Buffer
	code := Run(context.Background(), Options{Args: args, Environ: s.environ, Program: s.program, Version: "1",
		Stdout: &out, Stderr: &err})
	s.lastAuth = ""
	if n := len(s.peer.auth); n > 0 {
		s.lastAuth = s.peer.auth[n-1]
	}
	return result{out: out.String(), err: err.String(), code: code, requests: s.peer.requests()}
}

// expect fails unless a command line makes these requests (nil: not looked at), prints this and ends with this code.
func (s *stage) expect(line string, code int, out string, requests ...string) {
	s.t.Helper()
	got := s.run(line)
	if got.code != code {
		s.t.Errorf("%s: exit %d, want %d; stderr %q", line, got.code, code, got.err)
	}
	if diff := cmp.Diff(out, got.out); diff != "" {
		s.t.Errorf("%s: output (-want +got)\n%s", line, diff)
	}
	if requests != nil {
		if diff := cmp.Diff(strings.Join(requests, "\n"), strings.Join(got.requests, "\n")); diff != "" {
			s.t.Errorf("%s: requests (-want +got)\n%s", line, diff)
		}
	}
}

// words splits as a shell does, with single quotes.
func words(line string) []string {
	var all []string
	word := ""
	quoted := false
	open := false
	for _, r := range line {
		switch {
		case r == '\'':
			open = !open
			quoted = true
		case r == ' ' && !open:
			if word != "" || quoted {
				all = append(all, word)
			}
			word = ""
			quoted = false
		default:
			word += string(r)
		}
	}
	if word != "" || quoted {
		all = append(all, word)
	}
	return all
}

// TestRuns replays what hammer was seen to do: the same requests, the same output, the same exit code.
func TestRuns(t *testing.T) {
	raw, err := os.ReadFile("testdata/runs.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	count := 0
	for block := range strings.SplitSeq(string(raw), "\n\n") {
		lines := strings.Split(block, "\n")
		want := result{}
		command := ""
		for _, line := range lines {
			name, rest, _ := strings.Cut(line, " ")
			switch {
			case strings.HasPrefix(line, "|"):
				want.out += line[1:] + "\n"
			case name == "$":
				command = rest
			case name == ">":
				want.requests = append(want.requests, rest)
			case name == "=":
				want.code, _ = strconv.Atoi(rest)
			case name == "@restart":
				s.peer.reset(t)
			case name == "@home":
				s.freshHome()
			case name == "@run":
				s.run(rest)
			case name == "@given":
				s.given(rest)
			}
		}
		if command == "" {
			continue
		}
		count++
		if want.requests == nil {
			want.requests = []string{}
		}
		s.expect(command, want.code, want.out, want.requests...)
	}
	if count < 200 {
		t.Errorf("only %d runs were found", count)
	}
}

func (s *stage) given(line string) {
	s.t.Helper()
	parts := strings.SplitN(line, " ", 3)
	req, err := http.NewRequest(parts[0], s.peer.URL+parts[1], strings.NewReader(parts[2]))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth("admin", "changeme")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode > 299 {
		s.t.Fatalf("%s: %s", line, answer.Status)
	}
}
