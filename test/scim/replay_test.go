package scim

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// vectors names a directory with scim-vectors.json; without it only the fixture is replayed.
const vectors = "ROSTER_SCIM_VECTORS"

// vector is a request with what the answer has to be like.
type vector struct {
	Name, Source, Level string
	Request             struct {
		Method, Path string
		Query        map[string]string
		Headers      map[string]*string
		Body         any
		Raw          *string
	}
	Expect struct {
		Status  any
		Body    any
		Headers map[string]string
		Absent  []string
	}
	Save map[string]string
}

// Vectors of requests, in their order on a fresh organization, get what they expect.
func TestReplay_Vectors(t *testing.T) {
	dir := os.Getenv(vectors)
	if dir == "" {
		t.Skip(vectors + " names no vectors")
	}
	replay(t, filepath.Join(dir, "scim-vectors.json"))
}

// The same for a few vectors of our own, so that the replay itself always runs.
func TestReplay_Fixture(t *testing.T) { replay(t, "testdata/vectors.json") }

func replay(t *testing.T, file string) {
	t.Parallel()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Vectors []vector }
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.Start(t, db)
		setting(s, "scim_rate", 0)
		p := newProvider(s, "acme")
		pl := player{p, map[string]any{"token": p.token}}
		good := 0
		for _, v := range doc.Vectors {
			if problems := pl.play(t, v); len(problems) > 0 {
				t.Errorf("%s (%s, %s): %s", v.Name, v.Level, v.Source, strings.Join(problems, "; "))
				continue
			}
			good++
		}
		t.Logf("%d of %d vectors agree", good, len(doc.Vectors))
	})
}

type player struct {
	*provider
	saved map[string]any
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// filled puts saved values in the place of variables.
func (p player) filled(v any) any {
	switch v := v.(type) {
	case string:
		return variable.ReplaceAllStringFunc(v, func(name string) string {
			if value, ok := p.saved[name[2:len(name)-1]]; ok {
				return fmt.Sprint(value)
			}
			return name
		})
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = p.filled(one)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			out[p.filled(name).(string)] = p.filled(one)
		}
		return out
	}
	return v
}

func (p player) play(t *testing.T, v vector) []string {
	res, body := p.send(t, v)
	var problems []string
	if !hasStatus(v.Expect.Status, res.StatusCode) {
		return []string{fmt.Sprintf("status %d instead of %v: %s", res.StatusCode, v.Expect.Status, body)}
	}
	var got any
	_ = json.Unmarshal(body, &got)
	if v.Expect.Body != nil && res.StatusCode != http.StatusNoContent {
		problems = append(problems, matches(p.filled(v.Expect.Body), got, "body")...)
	}
	for _, path := range v.Expect.Absent {
		if found := at(got, path); found != nil && !reflect.DeepEqual(found, []any{}) {
			problems = append(problems, path+" is there")
		}
	}
	for name, want := range v.Expect.Headers {
		problems = append(problems, matches(p.filled(want), res.Header.Get(name), name)...)
	}
	for name, path := range v.Save {
		p.saved[name] = at(got, path)
	}
	return problems
}

func (p player) send(t *testing.T, v vector) (*http.Response, []byte) {
	var body io.Reader
	header := http.Header{"Authorization": {"Bearer " + p.token}, "Accept": {"application/scim+json"}}
	if v.Request.Raw != nil {
		body = strings.NewReader(*v.Request.Raw)
	} else if v.Request.Body != nil {
		data, err := json.Marshal(p.filled(v.Request.Body))
		if err != nil {
			t.Fatal(err)
		}
		body = strings.NewReader(string(data))
	}
	if body != nil {
		header.Set("Content-Type", "application/scim+json")
	}
	for name, value := range v.Request.Headers {
		if header.Del(name); value != nil {
			header.Set(name, p.filled(*value).(string))
		}
	}
	address := p.Server.URL + p.at(p.filled(v.Request.Path).(string))
	if v.Request.Query != nil {
		q := url.Values{}
		for name, value := range v.Request.Query {
			q.Set(name, p.filled(value).(string))
		}
		address += "?" + q.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), v.Request.Method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := p.Server.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, data
}

func hasStatus(want any, got int) bool {
	if several, ok := want.([]any); ok {
		return slices.ContainsFunc(several, func(one any) bool { return one == float64(got) })
	}
	return want == float64(got)
}

// at is what stands at a path: names with dots between them or, behind a URI, slashes.
func at(v any, path string) any {
	separator := "."
	if strings.HasPrefix(path, "urn:") {
		separator = "/"
	}
	for step := range strings.SplitSeq(path, separator) {
		switch inner := v.(type) {
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inner) {
				return nil
			}
			v = inner[i]
		case map[string]any:
			v = inner[step]
		default:
			return nil
		}
	}
	return v
}

// words are expectations that stand for kinds of values.
var words = map[string]func(any) bool{
	"$string":   func(v any) bool { s, ok := v.(string); return ok && s != "" },
	"$bool":     func(v any) bool { _, ok := v.(bool); return ok },
	"$notTrue":  func(v any) bool { return v != true },
	"$number":   func(v any) bool { _, ok := v.(float64); return ok },
	"$positive": func(v any) bool { n, ok := v.(float64); return ok && n > 0 },
}

// matches compares what is there with what is expected: the members that are named, and the elements that are.
func matches(want, got any, where string) []string {
	problem := []string{fmt.Sprintf("%s: %v instead of %v", where, got, want)}
	switch want := want.(type) {
	case string:
		if test, ok := words[want]; ok {
			if test(got) {
				return nil
			}
			return problem
		}
		if pattern, ok := strings.CutPrefix(want, "re:"); ok {
			if text, isText := got.(string); isText && matchesPattern(pattern, text) {
				return nil
			}
			return problem
		}
	case map[string]any:
		return matchesObject(want, got, where)
	case []any:
		elements, ok := got.([]any)
		if !ok {
			return problem
		}
		var problems []string
		for _, one := range want {
			if !slices.ContainsFunc(elements, func(e any) bool { return len(matches(one, e, where)) == 0 }) {
				problems = append(problems, fmt.Sprintf("%s: nothing is like %v in %v", where, one, got))
			}
		}
		return problems
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return problem
}

// matchesPattern knows one lookahead that Go has not.
func matchesPattern(pattern, text string) bool {
	if rest, ok := strings.CutPrefix(pattern, "^(?!"); ok {
		not, _, _ := strings.Cut(rest, ")")
		return !regexp.MustCompile("^"+not).MatchString(text) && text != ""
	}
	return regexp.MustCompile(pattern).MatchString(text)
}

func matchesObject(want map[string]any, got any, where string) []string {
	elements, _ := got.([]any)
	if n, ok := want["$len"]; ok {
		if float64(len(elements)) != n {
			return []string{fmt.Sprintf("%s: the length of %v is not %v", where, got, n)}
		}
		if has, ok := want["$has"]; ok {
			return matches(has, got, where)
		}
		return nil
	}
	if order, ok := want["$order"].([]any); ok {
		var found []any
		for _, e := range elements {
			found = append(found, at(e, order[0].(string)))
		}
		if reflect.DeepEqual(found, order[1]) {
			return nil
		}
		return []string{fmt.Sprintf("%s: the order is %v", where, found)}
	}
	members, ok := got.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no object", where, got)}
	}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		problems = append(problems, matches(want[name], members[name], where+"."+name)...)
	}
	return problems
}
