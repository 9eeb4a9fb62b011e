package cvat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// request is what a vector sends.
type request struct {
	Method, Path string
	Query        map[string]string
	Headers      map[string]string
	JSON         any
}

// expectation is what the answer has to be; see the fields of the file for their meaning.
type expectation struct {
	Status        any
	JSON          any
	JSONSubset    map[string]any `json:"json_subset"`
	JSONKeys      []string       `json:"json_keys"`
	JSONHas       []string       `json:"json_has"`
	Keys          []string
	ItemKeys      []string         `json:"item_keys"`
	IDsInOrder    *[]int64         `json:"ids_in_order"`
	IDsAnyOrder   []int64          `json:"ids_any_order"`
	ItemsAnyOrder []map[string]any `json:"items_any_order"`
	Count         *int64
	ResultsLen    *int     `json:"results_len"`
	BodyEmpty     bool     `json:"body_empty"`
	CollectPages  bool     `json:"collect_pages"`
	ContentType   string   `json:"content_type"`
	SetCookies    []string `json:"set_cookies"`
	Headers       map[string]string
	Previous      *string
	Next          *string
	Key           json.RawMessage
	Then          json.RawMessage
}

// vector is a request with its answer.
type vector struct {
	ID, Fixture string
	Profiles    []string
	As, Auth    string
	Request     *request
	Expect      expectation
	Context     string `json:"context_query"`
}

// vectorFile is a file of vectors.
type vectorFile struct {
	Fixtures fixtures
	Vectors  []vector
	Matrix   struct {
		Rows [][]any
	} `json:"permission_matrix"`
}

// profile is the version that the dialect follows.
const profile = "2.71"

// deviation is an answer that this server gives otherwise, and why (docs/spec/cvat.md, 14).
type deviation struct {
	reason string
	status int
	body   string
}

// deviations are those of the recorded vectors.
var deviations = map[string]deviation{
	"users-get-nonmember-target-in-org-context": {"members see members only", 403,
		`{"detail":"You do not have permission to perform this action."}`},
	"f2-delete-admin-admin": {"the last administrator stays", 400, `["The last administrator cannot be deleted."]`},
}

// recordings names the directory with the vectors; without it only the fixture is replayed.
const recordings = "ROSTER_CVAT_VECTORS"

// Requests whose answers are known from the original are answered alike: the status, the keys in their order, the
// values.
func TestReplay_Vectors(t *testing.T) {
	dir := os.Getenv(recordings)
	if dir == "" {
		t.Skip(recordings + " names no vectors")
	}
	replay(t, filepath.Join(dir, "cvat-vectors.json"), deviations, matrixDeviations)
}

// The same for a few requests and a small fixture of our own, so that the replay itself always runs.
func TestReplay_Fixture(t *testing.T) {
	replay(t, "testdata/vectors.json", map[string]deviation{
		"deviation": {"members see members only", 403,
			`{"detail":"You do not have permission to perform this action."}`},
	}, nil)
}

func readVectors(t *testing.T, file string) *vectorFile {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	f := &vectorFile{}
	if err := dec.Decode(f); err != nil {
		t.Fatal(err)
	}
	return f
}

// replay plays all vectors of the profile, each that writes on a server of its own, and all rows of the matrix.
func replay(t *testing.T, file string, allowed map[string]deviation, rows map[string]string) {
	t.Parallel()
	f := readVectors(t, file)
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		p := &player{t: t, f: f, allowed: allowed, used: map[string]bool{}, db: db, kept: map[string]*world{}}
		left := 0
		for _, v := range f.Vectors {
			if !slices.Contains(v.Profiles, profile) && v.Request != nil {
				left++
				continue
			}
			t.Run(v.ID, func(t *testing.T) { p.play(t, v) })
		}
		for id := range allowed {
			if !p.used[id] {
				t.Errorf("no vector is called %q", id)
			}
		}
		t.Logf("%d of %d vectors agree, %d differ by decision, %d are of other versions", p.agree, len(f.Vectors),
			len(allowed), left)
		t.Run("matrix", func(t *testing.T) { p.matrix(t, f.Matrix.Rows, rows) })
	})
}

// player replays vectors.
type player struct {
	t       *testing.T
	f       *vectorFile
	allowed map[string]deviation
	used    map[string]bool
	agree   int
	// db is the first database, nil once it is taken.
	db *config.Database
	// kept are the servers for what only reads, by fixture.
	kept    map[string]*world
	dialect string
}

// database returns one that nobody has used.
func (p *player) database(t *testing.T) *config.Database {
	if p.db != nil {
		db := p.db
		p.db = nil
		p.dialect = db.Dialect
		return db
	}
	if p.dialect == config.SQLite {
		return dbtest.SQLite(t)
	}
	return dbtest.Migrated(t)
}

// world is a server in the state that a vector begins with.
func (p *player) world(t *testing.T, v vector) *world {
	reads := v.Request == nil || v.Request.Method == "GET" || v.Request.Method == "OPTIONS"
	reads = reads && !strings.HasPrefix(v.ID, "pat-")
	if w := p.kept[v.Fixture]; w != nil && reads {
		bound := *w
		bound.server = w.In(t)
		return &bound
	}
	owner := t
	if reads {
		owner = p.t
	}
	var w *world
	switch {
	case v.Fixture == "F2":
		w = worldF2(owner, p.database(owner), &p.f.Fixtures)
	case strings.HasPrefix(v.Fixture, "empty"):
		w = newWorld(owner, p.database(owner), nil)
		w.address = p.f.Fixtures.F1.BASE
		_, value, _ := strings.Cut(v.Fixture, "verification=")
		w.setting("cvat_email_verification", `"`+value+`"`)
		w.changed()
	default:
		w = worldF1(owner, p.database(owner), &p.f.Fixtures)
	}
	if reads {
		p.kept[v.Fixture] = w
	}
	bound := *w
	bound.server = w.In(t)
	return &bound
}

// play sends a request and compares the answer.
func (p *player) play(t *testing.T, v vector) {
	w := p.world(t, v)
	if v.Request == nil {
		p.playContext(t, w, v)
		return
	}
	c, r := w.prepare(v)
	a := w.send(c, r)
	d, differs := p.allowed[v.ID]
	if p.used[v.ID] = true; differs {
		if a.Status != d.status || string(a.Body) != d.body {
			t.Errorf("%s: got %s, want %d %s", d.reason, a, d.status, d.body)
		}
		return
	}
	w.compare(v.Expect, a)
	if v.Expect.CollectPages {
		a = w.collect(c, r, a)
	}
	w.compareLists(v.Expect, a)
	w.follow(v, a)
	if !t.Failed() {
		p.agree++
	}
}

// playContext asks which organization a query means, by the users that are listed.
func (p *player) playContext(t *testing.T, w *world, v vector) {
	admin := w.first(func(r map[string]any) bool { return r["is_superuser"] == true }, &p.f.Fixtures)
	query := strings.NewReplacer("<id of testorg>", "1", "testorg", "org1").Replace(v.Context)
	all := w.client(admin).Get("/cvat/api/users").Int("count")
	count := w.client(admin).Get("/cvat/api/users" + query).Expect(200).Int("count")
	want := all
	switch query {
	case "":
	case "?org_id=":
		want = w.Find("SELECT COUNT(*) FROM users WHERE NOT hidden AND id NOT IN (SELECT m.user_id FROM memberships m " +
			"JOIN taxonomies o ON o.id = m.taxonomy_id WHERE o.type = 'Organization')")
	default:
		want = w.Find("SELECT COUNT(*) FROM memberships WHERE taxonomy_id = 1")
	}
	if count != want {
		t.Errorf("%s: got %d users, want %d", v.Context, count, want)
	}
	if !t.Failed() {
		p.agree++
	}
}

// first is the login of the first user of a fixture that meets a condition.
func (*world) first(is func(map[string]any) bool, f *fixtures) string {
	for _, r := range f.users() {
		if is(r) {
			return r["username"].(string)
		}
	}
	return ""
}

// client sends requests as somebody, with the password.
func (w *world) client(login string) *client {
	if login == "" {
		return w.Nobody()
	}
	return w.As(login, w.passwords[login])
}

// bySession logs somebody in and sends the cookies with every request.
func (w *world) bySession(login string) *client {
	w.T.Helper()
	a := w.Nobody().Post("/cvat/api/auth/login", object{"username": login, "password": w.passwords[login]}).Expect(200)
	return withCookies(w.Nobody(), a)
}

// withCookies sends the cookies that an answer has set, and the token that goes with them.
func withCookies(c *client, a *answer) *client {
	var pairs []string
	for _, line := range a.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
		if token, ok := strings.CutPrefix(pair, "csrftoken="); ok {
			c = c.With("X-CSRFToken", token)
		}
	}
	return c.With("Cookie", strings.Join(pairs, "; "))
}

// prepare turns what a vector says in words into a client and a request.
func (w *world) prepare(v vector) (*client, request) {
	w.T.Helper()
	r := *v.Request
	for login, id := range w.ids {
		r.Path = strings.ReplaceAll(r.Path, "{id of "+login+"}", fmt.Sprint(id))
	}
	if strings.HasPrefix(v.ID, "pat-") {
		return w.prepareToken(v, r)
	}
	login := v.As
	wrong := strings.HasSuffix(login, " (wrong password)")
	login = strings.TrimSuffix(login, " (wrong password)")
	c := w.client(login)
	switch {
	case wrong:
		c = w.As(login, "not this")
	case v.Auth == "session":
		c = w.bySession(login)
	}
	return c, r
}

// prepareToken makes the access token that a vector speaks of.
func (w *world) prepareToken(v vector, r request) (*client, request) {
	w.T.Helper()
	owner := w.client(slices.Min(slices.Collect(maps.Keys(w.ids)))) // the first administrator
	made := owner.Post("/cvat/api/auth/access_tokens", object{"name": "one", "read_only": false}).Expect(201)
	id := made.Int("id")
	c := owner
	switch {
	case strings.HasPrefix(v.Auth, "bearer"):
		c = w.Nobody().With("Authorization", "Bearer "+made.Value("value").(string))
	case v.ID == "pat-foreign-get-admin":
		other := w.client("user2").Post("/cvat/api/auth/access_tokens", object{"name": "x"}).Expect(201)
		id = other.Int("id")
	case strings.HasPrefix(v.ID, "pat-dead"):
		owner.Patch(fmt.Sprint("/cvat/api/auth/access_tokens/", id),
			object{"expiry_date": w.Clock.Now().Add(-time.Second)}).Expect(200)
	}
	before, _, _ := strings.Cut(r.Path, "{")
	if before != r.Path {
		r.Path = before + fmt.Sprint(id)
	}
	if body, ok := r.JSON.(map[string]any); ok {
		body = maps.Clone(body)
		for name, value := range body {
			switch value {
			case "<one second ago>":
				body[name] = w.Clock.Now().Add(-time.Second).Format(time.RFC3339)
			case "<tomorrow>", "<+1 day>":
				body[name] = w.Clock.Now().AddDate(0, 0, 1).Format(time.RFC3339)
			case "<negated>":
				body[name] = true
			}
		}
		r.JSON = body
	}
	return c, r
}

func (w *world) send(c *client, r request) *answer {
	w.T.Helper()
	path := "/cvat" + r.Path
	if len(r.Query) > 0 {
		values := url.Values{}
		for name, value := range r.Query {
			values.Set(name, value)
		}
		path += "?" + values.Encode()
	}
	for name, value := range r.Headers {
		c = c.With(name, value)
	}
	return c.Do(r.Method, path, r.JSON)
}

// translated puts this server's address in the place of the recorded one, and this version's words in that of older
// ones.
func (w *world) translated(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		w.T.Fatal(err)
	}
	replaced := strings.ReplaceAll(string(text), w.address+"/", w.base+"/")
	replaced = strings.ReplaceAll(replaced, `["business"]`, `["user"]`)
	out, err := servertest.Decode([]byte(replaced))
	if err != nil {
		w.T.Fatal(err)
	}
	return out
}

// full are the keys of a whole user in older versions; this one adds another.
const fullKeys = 12

func sinceThen(keys []string) []string {
	if len(keys) == fullKeys && keys[0] == "url" {
		return append(slices.Clone(keys), "has_analytics_access")
	}
	return keys
}

// keysOf are the names of an object's members, in their order.
func keysOf(text []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(text))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	var keys []string
	for dec.More() {
		name, err := dec.Token()
		var skipped json.RawMessage
		if err != nil || dec.Decode(&skipped) != nil {
			return nil
		}
		keys = append(keys, name.(string))
	}
	return keys
}

// compare looks at an answer but for lists.
func (w *world) compare(e expectation, a *answer) {
	w.T.Helper()
	same := func(what string, got, want any) {
		w.T.Helper()
		if diff := cmp.Diff(got, want); diff != "" {
			w.T.Errorf("%s, got (-), want (+):\n%s\n%s", what, diff, a)
		}
	}
	switch status := e.Status.(type) {
	case json.Number:
		same("the status", fmt.Sprint(a.Status), status.String())
	default:
		if ok := a.Status >= 200 && a.Status < 300; ok {
			w.T.Errorf("got status %d, want %v", a.Status, status)
		}
	}
	if e.JSON != nil {
		same("the body", a.JSON(), w.translated(e.JSON))
	}
	if e.JSONSubset != nil {
		w.subset(a, a.JSON(), w.translated(e.JSONSubset))
	}
	if e.JSONKeys != nil {
		same("the keys", keysOf(a.Body), e.JSONKeys)
	}
	if e.Keys != nil {
		same("the keys", keysOf(a.Body), sinceThen(e.Keys))
	}
	for _, name := range e.JSONHas {
		a.Value(name)
	}
	if e.BodyEmpty {
		same("the body", string(a.Body), "")
	}
	if e.ContentType != "" {
		same("the media type", a.Header.Get("Content-Type"), e.ContentType)
	}
	for name, value := range e.Headers {
		same(name, a.Header.Get(name), value)
	}
	for name, link := range map[string]*string{"previous": e.Previous, "next": e.Next} {
		if link != nil {
			same(name, a.Value(name), w.translated(*link))
		}
	}
	for _, name := range e.SetCookies {
		if !strings.Contains(strings.Join(a.Header.Values("Set-Cookie"), "\n"), name+"=") {
			w.T.Errorf("the cookie %s is missing: %v", name, a.Header)
		}
	}
}

// subset compares the members that an object has to have.
func (w *world) subset(a *answer, got, want any) {
	w.T.Helper()
	wanted, isObject := want.(map[string]any)
	if !isObject {
		if diff := cmp.Diff(got, want); diff != "" {
			w.T.Errorf("got (-), want (+):\n%s\n%s", diff, a)
		}
		return
	}
	members, _ := got.(map[string]any)
	for name, value := range wanted {
		w.subset(a, members[name], value)
	}
}

// collect reads all pages and returns them as one answer.
func (w *world) collect(c *client, r request, a *answer) *answer {
	w.T.Helper()
	results := a.Value("results").([]any)
	for a.Value("next") != nil {
		next := strings.TrimPrefix(a.Value("next").(string), w.URL)
		a = c.Get(next).Expect(200)
		results = append(results, a.Value("results").([]any)...)
	}
	all := *a
	text, err := json.Marshal(object{"count": a.Value("count"), "results": results})
	if err != nil {
		w.T.Fatal(err)
	}
	all.Body = text
	return &all
}

// compareLists looks at the rows of a list.
func (w *world) compareLists(e expectation, a *answer) {
	w.T.Helper()
	var list struct {
		Count   int64
		Results []json.RawMessage
	}
	if e.Count == nil && e.ResultsLen == nil && e.IDsInOrder == nil && e.IDsAnyOrder == nil && e.ItemKeys == nil {
		return
	}
	if err := json.Unmarshal(a.Body, &list); err != nil {
		w.T.Fatal(err, a)
	}
	ids := []int64{}
	for _, row := range list.Results {
		var one struct{ ID int64 }
		if err := json.Unmarshal(row, &one); err != nil {
			w.T.Fatal(err)
		}
		ids = append(ids, one.ID)
		if keys := sinceThen(e.ItemKeys); keys != nil && !e.CollectPages && !slices.Equal(keysOf(row), keys) {
			w.T.Errorf("the keys of a row are %v, want %v", keysOf(row), keys)
		}
	}
	if e.Count != nil && list.Count != *e.Count {
		w.T.Errorf("got %d rows, want %d: %s", list.Count, *e.Count, a)
	}
	if e.ResultsLen != nil && len(list.Results) != *e.ResultsLen {
		w.T.Errorf("got %d rows on the page, want %d", len(list.Results), *e.ResultsLen)
	}
	if e.IDsInOrder != nil && !slices.Equal(ids, *e.IDsInOrder) {
		w.T.Errorf("got %v, want %v: %s", ids, *e.IDsInOrder, a)
	}
	if e.IDsAnyOrder != nil {
		slices.Sort(ids)
		if want := slices.Sorted(slices.Values(e.IDsAnyOrder)); !slices.Equal(ids, want) {
			w.T.Errorf("got %v, want %v", ids, want)
		}
	}
	for _, item := range e.ItemsAnyOrder {
		there := slices.ContainsFunc(list.Results, func(row json.RawMessage) bool {
			v, err := servertest.Decode(row)
			return err == nil && cmp.Equal(v, w.translated(item))
		})
		if !there {
			w.T.Errorf("there is no %v in %s", item, a)
		}
	}
}

// follow checks what a vector says of the time after it.
func (w *world) follow(v vector, a *answer) {
	w.T.Helper()
	e := v.Expect
	if len(e.Key) > 0 {
		if isNull := string(e.Key) == "null"; isNull != (a.Value("key") == nil) {
			w.T.Errorf("the key is %v", a.Value("key"))
		} else if !isNull {
			w.Nobody().With("Authorization", "Token "+a.Value("key").(string)).Get("/cvat/api/users/self").Expect(200)
		}
	}
	if len(e.JSONKeys) > 0 && slices.Contains(e.JSONKeys, "key") {
		w.Nobody().With("Authorization", "Token "+a.Value("key").(string)).Get("/cvat/api/users/self").Expect(200)
	}
	if len(e.Then) == 0 {
		return
	}
	var then struct {
		As, Auth string
		Request  request
		expectation
	}
	dec := json.NewDecoder(bytes.NewReader(e.Then))
	dec.UseNumber()
	if e.Then[0] == '"' {
		w.followToken(v, a)
		return
	}
	if err := dec.Decode(&then); err != nil {
		w.T.Fatal(err)
	}
	c := w.client(v.As)
	switch {
	case then.As != "":
		c = w.As(then.As, v.Request.JSON.(map[string]any)["password1"].(string))
	case then.Auth == "bearer":
		c = w.Nobody().With("Authorization", "Bearer "+a.Value("value").(string))
	}
	if strings.Contains(then.Request.Path, "<key of") {
		then.Request.Path = "/api/invitations/" + w.key(1, 7)
	}
	if then.Request.Path == v.Request.Path && then.Request.Method == "GET" {
		c = w.client(v.As)
	}
	b := w.send(c, then.Request)
	w.compare(then.expectation, b)
}

// followToken uses a token that was just made: to look, and to change something.
func (w *world) followToken(v vector, a *answer) {
	w.T.Helper()
	c := w.Nobody().With("Authorization", "Bearer "+a.Value("value").(string))
	c.Get("/cvat/api/users/self").Expect(200)
	want := 200
	if v.Request.JSON.(map[string]any)["read_only"] == true {
		want = 403
	}
	c.Patch("/cvat/api/organizations/1", object{"description": "changed"}).Expect(want)
}
