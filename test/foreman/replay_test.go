package foreman

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/directory"
	"roster/models"
)

// recording is a request of a real client with the answer that a real server gave. What a file of recordings needs to
// exist beforehand is made by its stage and by the requests that happen meanwhile.
type recording struct {
	Meanwhile []struct {
		Method, Path string
		Body         any
		// Makes is the recorded id of what the request creates.
		Makes int64
	}
	// Login and Password are the caller's; the administrator's when they are empty.
	Login, Password string
	Method, Path    string
	Body            any
	Status          int
	Header          map[string]string
	Answer          json.RawMessage
}

// stages prepare a fresh server for each file of recordings, and tell which record here stands for a recorded id.
var stages = map[string]func(s *server, known ids){
	"users": func(s *server, known ids) {
		described := models.Some(ptr("A test organization"))
		for _, tenant := range []struct {
			kind                   models.TenantKind
			name                   string
			recorded, recordedLast int64
		}{{models.LocationKind, "Test Location", 4, 21}, {models.OrganizationKind, "Test Organization", 3, 22}} {
			change := directory.TenantChange{Name: models.Some(tenant.name)}
			if tenant.kind == models.OrganizationKind {
				change.Description = described
			}
			v, err := s.Dir.CreateTenant(s.T.Context(), s.Administrator(), tenant.kind, change)
			id := made(s.T, v, err).ID
			noun := tenant.kind.Word() + "s"
			known.add(noun, tenant.recorded, id)
			known.add(noun, tenant.recordedLast, id)
		}
		known.add("roles", 2, s.Role("Manager"))
		known.add("auth_sources", 1, 1)
	},
	"usergroups":    func(*server, ids) {},
	"organizations": func(*server, ids) {},
	"locations":     func(*server, ids) {},
	// The description of the shipped role in this recording is our own: every server words its roles.
	"roles":             func(s *server, known ids) { testTenants(s, known, 23, 24) },
	"auth_source_ldaps": func(s *server, known ids) { testTenants(s, known, 27, 33) },
	"filters": func(s *server, known ids) {
		testTenants(s, known, 23, 24)
		known.add("permissions", 31, s.Find("SELECT id FROM permissions WHERE name = 'view_hosts'"))
		known.add("permissions", 33, s.Find("SELECT id FROM permissions WHERE name = 'edit_hosts'"))
	},
}

// testTenants makes the location and the organization that several recordings refer to.
func testTenants(s *server, known ids, location, organization int64) {
	change := directory.TenantChange{Name: models.Some("Test Location")}
	l, err := s.Dir.CreateTenant(s.T.Context(), s.Administrator(), models.LocationKind, change)
	known.add("locations", location, made(s.T, l, err).ID)
	change = directory.TenantChange{Name: models.Some("Test Organization"),
		Description: models.Some(ptr("A test organization"))}
	o, err := s.Dir.CreateTenant(s.T.Context(), s.Administrator(), models.OrganizationKind, change)
	known.add("organizations", organization, made(s.T, o, err).ID)
}

// deviations are all differences from what was recorded, by the last key of their place.
var deviations = map[string]struct {
	added, dropped, differs bool
	reason                  string
}{
	"mail_enabled":      {added: true, reason: "shown by servers newer than the recorded ones"},
	"disabled":          {added: true, reason: "shown by servers newer than the recorded ones"},
	"satellite_version": {dropped: true, reason: "a product built upon the recorded server added it"},
	"version":           {differs: true, reason: "the recorded servers' own"},
	"password_hash":     {dropped: true, reason: "a secret"},
	"password_salt":     {dropped: true, reason: "a secret"},
	"last_login_on":     {differs: true, reason: "the recorded servers did not note logins with every request"},
	"roles.description": {differs: true, reason: "every server words its own roles"},
	"environments":      {dropped: true, reason: "shown by servers older than this version"},
	"config_templates":  {dropped: true, reason: "shown by servers older than this version"},
	"deprecations":      {added: true, reason: "shown by servers newer than the recorded ones"},
	"label":             {dropped: true, reason: "a product built upon the recorded server added it"},
	"ancestry":          {added: true, reason: "the same product leaves it out"},
	"parent_id":         {added: true, reason: "the same product leaves it out"},
	"parent_name":       {added: true, reason: "the same product leaves it out"},
}

// Recorded requests, in their order on a fresh server, get the recorded status and the recorded shape: the same keys in
// the same order, the same types, the same values but for ids and times.
func TestReplay(t *testing.T) {
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *server) {
				known := ids{}
				stage(s, known)
				for i, r := range readRecordings(t, name) {
					t.Run(fmt.Sprintf("%02d %s %s", i, r.Method, r.Path),
						func(t *testing.T) { replay(s.In(t), known, r) })
				}
			})
		})
	}
}

func readRecordings(t *testing.T, name string) []recording {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "replay", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	var list []recording
	if err := dec.Decode(&list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return list
}

func replay(s *server, known ids, r recording) {
	s.T.Helper()
	for _, m := range r.Meanwhile {
		a := s.Admin().Do(m.Method, known.path(m.Path), known.body(m.Body))
		if a.Status >= 300 {
			s.T.Fatalf("meanwhile: %s", a)
		}
		if m.Makes != 0 {
			known.add(noun(m.Path), m.Makes, a.Int("id"))
		}
	}
	c := s.Admin()
	if r.Login != "" {
		c = s.As(r.Login, r.Password)
	}
	a := c.Do(r.Method, known.path(r.Path), known.body(r.Body)).Expect(r.Status)
	for name, want := range r.Header {
		if got := strings.Join(a.Header[name], ", "); got != want {
			s.T.Errorf("the header %s: got %q, want %q", name, got, want)
		}
	}
	got := parseOrdered(s.T, a.Body)
	want := parseOrdered(s.T, r.Answer)
	for _, difference := range want.differences(got, "") {
		s.T.Error(difference)
	}
	if s.T.Failed() {
		s.T.Log(a)
	}
	if r.Status == http.StatusCreated {
		if recorded, ok := want.member("id"); ok {
			id, _ := strconv.ParseInt(recorded.scalar, 10, 64)
			known.add(noun(r.Path), id, a.Int("id"))
		}
	}
}

// ids know for every noun which id here stands for a recorded one.
type ids map[string]map[int64]int64

func (k ids) add(noun string, recorded, here int64) {
	if k[noun] == nil {
		k[noun] = map[int64]int64{}
	}
	k[noun][recorded] = here
}

func (k ids) here(noun string, recorded int64) int64 {
	if id, ok := k[noun][recorded]; ok {
		return id
	}
	return recorded
}

var inPath = regexp.MustCompile(`/(\w+)/(\d+)`)

// path writes a recorded path with the ids of this server.
func (k ids) path(recorded string) string {
	return inPath.ReplaceAllStringFunc(recorded, func(part string) string {
		match := inPath.FindStringSubmatch(part)
		id, _ := strconv.ParseInt(match[2], 10, 64)
		return fmt.Sprintf("/%s/%d", match[1], k.here(match[1], id))
	})
}

// noun returns the collection that a path ends in.
func noun(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// body writes a recorded body with the ids of this server: those under keys such as role_ids and default_location_id.
func (k ids) body(recorded any) any {
	object, ok := recorded.(map[string]any)
	if !ok {
		return recorded
	}
	out := map[string]any{}
	for key, value := range object {
		stem := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(key, "_id"), "_ids"), "default_") + "s"
		if key == "parent_id" {
			stem = "locations" // the only trees that were recorded
		}
		switch v := value.(type) {
		case json.Number:
			if strings.HasSuffix(key, "_id") {
				id, _ := v.Int64()
				value = k.here(stem, id)
			}
		case []any:
			list := []any{}
			for _, id := range v {
				number, _ := id.(json.Number)
				n, err := number.Int64()
				if err != nil {
					list = append(list, id)
					continue
				}
				list = append(list, k.here(stem, n))
			}
			value = list
		case map[string]any:
			value = k.body(v)
		}
		out[key] = value
	}
	return out
}

func ptr[T any](v T) *T { return &v }

// ordered is a JSON value that keeps the order of its members.
type ordered struct {
	// kind is object, array, text, number, boolean or null.
	kind    string
	keys    []string
	members map[string]ordered
	list    []ordered
	scalar  string
}

func (o ordered) member(key string) (ordered, bool) { m, ok := o.members[key]; return m, ok }

func parseOrdered(t *testing.T, text []byte) ordered {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	o, err := readOrdered(dec)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return o
}

func readOrdered(dec *json.Decoder) (ordered, error) {
	token, err := dec.Token()
	if err != nil {
		return ordered{}, err
	}
	switch v := token.(type) {
	case json.Delim:
		return readNested(dec, v)
	case string:
		return ordered{kind: "text", scalar: v}, nil
	case json.Number:
		return ordered{kind: "number", scalar: v.String()}, nil
	case bool:
		return ordered{kind: "boolean", scalar: strconv.FormatBool(v)}, nil
	}
	return ordered{kind: "null"}, nil
}

func readNested(dec *json.Decoder, open json.Delim) (ordered, error) {
	o := ordered{kind: "array"}
	if open == '{' {
		o = ordered{kind: "object", members: map[string]ordered{}}
	}
	for dec.More() {
		key := ""
		if open == '{' {
			token, err := dec.Token()
			if err != nil {
				return o, err
			}
			key = token.(string)
		}
		v, err := readOrdered(dec)
		if err != nil {
			return o, err
		}
		if open == '{' {
			o.keys, o.members[key] = append(o.keys, key), v
		} else {
			o.list = append(o.list, v)
		}
	}
	_, err := dec.Token()
	return o, err
}

// differences says in what an answer differs from the recorded one. Places look like "results.[].locations.[].name".
func (o ordered) differences(got ordered, place string) []string {
	if differs(place) {
		return nil
	}
	if got.kind != o.kind {
		return []string{fmt.Sprintf("%s: got %s %s, want %s %s", place, got.kind, got.scalar, o.kind, o.scalar)}
	}
	switch o.kind {
	case "object":
		return o.differentMembers(got, place)
	case "array":
		if len(got.list) != len(o.list) {
			return []string{fmt.Sprintf("%s: got %d elements, want %d", place, len(got.list), len(o.list))}
		}
		var list []string
		for i, v := range o.list {
			list = append(list, v.differences(got.list[i], place+".[]")...)
		}
		return list
	}
	if isID(place) || alike(got.scalar, o.scalar) {
		return nil
	}
	return []string{fmt.Sprintf("%s: got %q, want %q", place, got.scalar, o.scalar)}
}

func (o ordered) differentMembers(got ordered, place string) []string {
	var list, common []string
	for _, key := range o.keys {
		at := strings.TrimPrefix(place+"."+key, ".")
		v, ok := got.members[key]
		switch {
		case ok:
			common = append(common, key)
			list = append(list, o.members[key].differences(v, at)...)
		case !deviations[key].dropped:
			list = append(list, at+": missing")
		}
	}
	var theirs []string
	for _, key := range got.keys {
		if _, ok := o.members[key]; ok {
			theirs = append(theirs, key)
		} else if !deviations[key].added {
			list = append(list, fmt.Sprintf("%s.%s: was not recorded", place, key))
		}
	}
	if !slices.Equal(theirs, common) {
		list = append(list, fmt.Sprintf("%s: got the keys in the order %v, want %v", place, theirs, common))
	}
	return list
}

// differs reports whether a place is among the deviations, by its last key or its last two.
func differs(place string) bool {
	steps := strings.Split(strings.ReplaceAll(place, ".[]", ""), ".")
	last := steps[len(steps)-1]
	if deviations[last].differs {
		return true
	}
	return len(steps) > 1 && deviations[steps[len(steps)-2]+"."+last].differs
}

func isID(place string) bool {
	last := place[strings.LastIndexByte(place, '.')+1:]
	return last == "id" || last == "ancestry" || strings.HasSuffix(last, "_id")
}

// timestamps are the two ways to write a time; the zone stays in the text, since it must be the caller's.
var timestamps = []*regexp.Regexp{
	regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|[+-]\d{4})$`),
	regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$`),
}

// alike compares texts; two times are alike when they are written alike, in the same zone.
func alike(got, want string) bool {
	for _, layout := range timestamps {
		g := layout.FindStringSubmatch(got)
		w := layout.FindStringSubmatch(want)
		if g != nil && w != nil {
			return g[1] == w[1]
		}
	}
	return got == want
}
