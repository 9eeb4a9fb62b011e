package redmine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/test/dbtest"
)

// recording is a request with the answer that a real server gave.
type recording struct {
	Label   string
	Request struct {
		Method, URI string
		Headers     map[string]string
		Body        *string
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

// group is what the recordings of one session begin with; each session started from the same database.
func (r recording) group() string {
	if m := regexp.MustCompile(`^\[[A-Z]\]`).FindString(r.Label); m != "" {
		return m
	}
	return ""
}

// deviation is a recorded pair that this server answers otherwise, with the row of the specification that decides it.
type deviation struct {
	reason string
	// status and body are this server's; a body of "*" is any. mend makes the answer the recorded one where only a part
	// differs.
	status int
	body   string
	mend   func(body string) string
}

// lists is what all lists of users have more than the recorded ones.
func withoutStatus(body string) string {
	body = regexp.MustCompile(`("twofa_scheme":[^,}]+),"status":\d`).ReplaceAllString(body, "$1")
	return regexp.MustCompile(`(<twofa_scheme/>|</twofa_scheme>)<status>\d</status>`).ReplaceAllString(body, "$1")
}

// recordings names the directory with recordings of a real server; without it only the fixture is replayed.
const recordings = "ROSTER_REDMINE_RECORDINGS"

// Requests that were recorded with a real server, in their order on its data, get the recorded answers: the status, the
// headers that clients look at, the keys in their order, the types and the values, but for times, keys and numbers made
// anew.
func TestReplay_Recorded(t *testing.T) {
	dir := os.Getenv(recordings)
	if dir == "" {
		t.Skip(recordings + " names no recordings")
	}
	replay(t, takenOver, filepath.Join(dir, "redmine-seed.sql"), filepath.Join(dir, "redmine-recorded.json"),
		deviations)
}

// The same for a few requests and a small database of our own, so that the replay itself always runs.
func TestReplay_Fixture(t *testing.T) {
	replay(t, filled, "testdata/seed.sql", "testdata/recorded.json", nil)
}

// replay plays a file of recordings to servers that begin makes of a dump.
func replay(t *testing.T, begin func(t *testing.T, db *config.Database, dump string) *world, seed, file string,
	allowed map[string]deviation) {
	t.Parallel()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []recording
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		p := &player{t: t, allowed: allowed, used: map[string]bool{}}
		var databases []*config.Database
		group := "none yet"
		for i, r := range list {
			if r.group() != group {
				group = r.group()
				if len(databases) > 0 {
					db = another(t, db.Dialect)
				}
				databases = append(databases, db)
				p.begin(begin(t, db, seed))
			}
			t.Run(fmt.Sprintf("%03d %s", i, r.Label), func(t *testing.T) { p.play(t, r) })
		}
		for label := range allowed {
			if !p.used[label] {
				t.Errorf("no recording is called %q", label)
			}
		}
		t.Logf("%d of %d pairs agree", p.agree, len(list))
	})
}

// another opens one more database of a kind.
func another(t *testing.T, dialect string) *config.Database {
	if dialect == config.SQLite {
		return dbtest.SQLite(t)
	}
	return dbtest.Migrated(t)
}

// player replays recordings one after the other.
type player struct {
	t       *testing.T
	w       *world
	allowed map[string]deviation
	used    map[string]bool
	agree   int
	// numbers, keys and tags are this server's for the recorded ones.
	numbers, keys, tags map[string]string
	// stage is what was prepared last.
	stage string
}

func (p *player) begin(w *world) {
	p.w = w
	p.numbers = map[string]string{}
	p.keys = map[string]string{}
	p.tags = map[string]string{}
	p.stage = ""
}

var (
	keyForm    = regexp.MustCompile(`[0-9a-f]{40}`)
	timeForm   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	numberForm = regexp.MustCompile(`"id":(\d+)|<id>(\d+)</id>|/(users|groups|memberships)/(\d+)|\bid="(\d+)"`)
)

// play sends a request and compares the answer.
func (p *player) play(t *testing.T, r recording) {
	p.prepare(r.Label)
	res, body := p.send(t, r)
	p.learn(r, res, body)
	d, differs := p.allowed[r.Label]
	p.used[r.Label] = true
	want := p.translated(r.Response.Body)
	got := body
	if differs && d.status != 0 {
		if res.StatusCode != d.status || d.body != "*" && body != d.body {
			t.Errorf("%s: got %d %s, want %d %s", d.reason, res.StatusCode, body, d.status, d.body)
		}
		return
	}
	if differs && d.mend != nil {
		got = d.mend(got)
	}
	if differs && d.body == "*" {
		want = got
	}
	failed := res.StatusCode != r.Response.Status
	if failed {
		t.Errorf("got status %d, want %d", res.StatusCode, r.Response.Status)
	}
	if strings.HasPrefix(r.Response.Body, "<!DOCTYPE") || r.Request.Method == http.MethodHead {
		want = ""
		got = ""
	}
	if diff := cmp.Diff(neutral(got), neutral(want)); diff != "" {
		failed = true
		t.Errorf("the body, got (-), want (+):\n%s", diff)
	}
	if !p.sameHeaders(t, r, res) {
		failed = true
	}
	if !failed && !differs {
		p.agree++
	}
}

// sameHeaders compares what clients look at.
func (p *player) sameHeaders(t *testing.T, r recording, res *http.Response) bool {
	same := true
	for _, name := range []string{"Content-Type", "Cache-Control", "WWW-Authenticate", "Location", "X-Frame-Options"} {
		got := strings.TrimPrefix(res.Header.Get(name), p.w.URL)
		want := r.Response.Headers[name]
		if name == "Location" {
			want = p.translated(regexp.MustCompile(`^http://[^/]+`).ReplaceAllString(want, ""))
		}
		if name != "Content-Type" && want == "" && name != "WWW-Authenticate" && name != "Location" {
			continue
		}
		if got != want {
			same = false
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if tag := r.Response.Headers["ETag"]; tag != "" &&
		!regexp.MustCompile(`^W/"[0-9a-f]{32}"$`).MatchString(res.Header.Get("ETag")) {
		same = false
		t.Errorf("the tag is %q", res.Header.Get("ETag"))
	}
	return same
}

// neutral hides what is made anew.
func neutral(body string) string {
	body = timeForm.ReplaceAllString(body, "TIME")
	return keyForm.ReplaceAllString(body, "KEY")
}

// translated puts this server's numbers in the place of the recorded ones.
func (p *player) translated(text string) string {
	return numberForm.ReplaceAllStringFunc(text, func(found string) string {
		number := regexp.MustCompile(`\d+`).FindString(found)
		if ours, ok := p.numbers[number]; ok {
			return strings.Replace(found, number, ours, 1)
		}
		return found
	})
}

func (p *player) send(t *testing.T, r recording) (*http.Response, string) {
	t.Helper()
	body := ""
	if r.Request.Body != nil {
		body = *r.Request.Body
	}
	// Paths without a suffix belong to the dialect under its prefix alone, and it answers everything there.
	uri := p.w.URL + "/redmine" + p.translated(r.Request.URI)
	uri = strings.ReplaceAll(uri, " ", "%20")
	req, err := http.NewRequestWithContext(t.Context(), r.Request.Method, uri, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range r.Request.Headers {
		switch {
		case name == "X-Redmine-API-Key" && p.keys[value] != "":
			value = p.keys[value]
		case name == "If-None-Match" && p.tags[value] != "":
			value = p.tags[value]
		}
		req.Header.Set(name, value)
	}
	res, err := p.w.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answered := readAll(t, res)
	res.Header.Set("Location", strings.Replace(res.Header.Get("Location"), "/redmine/", "/", 1))
	return res, answered
}

// learn remembers which numbers, keys and tags stand for the recorded ones.
func (p *player) learn(r recording, res *http.Response, body string) {
	if tag := r.Response.Headers["ETag"]; tag != "" {
		p.tags[tag] = res.Header.Get("ETag")
	}
	recorded := keyForm.FindAllString(r.Response.Body, -1)
	ours := keyForm.FindAllString(body, -1)
	if len(recorded) == len(ours) {
		for i, key := range recorded {
			p.keys[key] = ours[i]
		}
	}
	if r.Response.Status == http.StatusCreated && res.StatusCode == http.StatusCreated {
		last := regexp.MustCompile(`\d+$`)
		p.numbers[last.FindString(r.Response.Headers["Location"])] = last.FindString(res.Header.Get("Location"))
	}
}

// settingNames are this server's for Redmine's settings, where they are other ones.
var settingNames = []string{"default_users_hide_mail", "user_format", "gravatar_enabled", "jsonp_enabled",
	"login_required", "rest_api_enabled", "unsubscribe"}

var settingForm = regexp.MustCompile(`^\[[A-Z]\] setting ([a-z_]+)(?:=([a-z0-9_]+))?`)

// prepare brings about what a label says about the state of the server: a setting that holds for one label, or a change
// that stays.
func (p *player) prepare(label string) {
	stage := ""
	if m := settingForm.FindStringSubmatch(label); m != nil {
		stage = m[0]
	}
	if stage != p.stage {
		if m := settingForm.FindStringSubmatch(p.stage); m != nil {
			name, _ := settingOf(m[1], m[2])
			p.w.setting(name, map[bool]string{true: "false"}[name == "redmine_login_required"])
		}
		if m := settingForm.FindStringSubmatch(stage); m != nil {
			p.w.setting(settingOf(m[1], m[2]))
		}
		p.w.changed()
		p.stage = stage
	}
	for _, s := range stages {
		if strings.HasPrefix(label, s.label) && !p.used[s.label] {
			p.used[s.label] = true
			for _, statement := range s.statements {
				p.w.Execute(statement)
			}
			p.w.changed()
		}
	}
}

// settingOf is this server's setting with its JSON value.
func settingOf(name, value string) (string, string) {
	switch {
	case name == "email_domains_denied":
		return name, `["evil.example"]`
	case name == "password_required_char_classes":
		return name, `["uppercase","lowercase","digits","special_chars"]`
	case value == "0" || value == "1":
		value = map[string]string{"0": "false", "1": "true"}[value]
	case strings.ContainsAny(value, "abcdefghijklmnopqrstuvwxyz"):
		value = `"` + value + `"`
	}
	if slices.Contains(settingNames, name) {
		name = "redmine_" + name
	}
	return name, value
}

// stages are changes of the database before the first pair whose label begins so.
var stages = []struct {
	label      string
	statements []string
}{
	{"[B] hide_mail=false", []string{"UPDATE users SET hide_mail = FALSE WHERE id = 5"}},
	{"[B] setting password_max_age", []string{
		"UPDATE users SET password_changed_at = '2020-01-01 00:00:00+00:00' WHERE id = 6"}},
	{"[B] custom field required", []string{
		"UPDATE custom_fields SET required = TRUE, min_length = 3, max_length = 6, pattern = '^[0-9]*$' WHERE id = 1"}},
	{"[B] custom field not editable", []string{
		"UPDATE custom_fields SET required = FALSE, min_length = NULL, max_length = NULL, pattern = '', " +
			"editable = FALSE " +
			"WHERE id = 1"}},
	{"[B] custom field default value", []string{
		"UPDATE custom_fields SET editable = TRUE, default_value = 'dflt' WHERE id = 1"}},
	{"[B] custom fields list", []string{
		"INSERT INTO custom_fields (id, subject, name, format, is_filter, position, created_at, updated_at) VALUES " +
			"(6, 'user', 'F bool', 'bool', FALSE, 7, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP), " +
			"(7, 'user', 'F date', 'date', FALSE, 8, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP), " +
			"(8, 'user', 'F text', 'text', FALSE, 9, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP), " +
			"(9, 'user', 'F link', 'link', FALSE, 5, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP), " +
			"(10, 'user', 'F user', 'string', FALSE, 6, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"}},
	{"[B] no custom fields defined", []string{"DELETE FROM custom_fields"}},
	{"[B] last admin deletes self", []string{"UPDATE users SET admin = FALSE WHERE id <> 1"}},
}
