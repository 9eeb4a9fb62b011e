package hammer

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/value"
)

// peer is a small server with the shapes of Foreman's answers: enough records to list, find, change and delete, and
// records by the name of a mistake (err-403, miss-roles) to see what the command line makes of them.
type peer struct {
	*httptest.Server
	doc      []byte
	checksum string
	sessions bool
	gone     bool // has no documentation
	exact    bool // compares with = as it is written
	brief    bool // lists users without their roles

	// before sees each request.
	before func(*http.Request)

	mu       sync.Mutex
	rows     map[string][]*value.Object
	seen     []string
	auth     []string
	docLoads int
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(testdata, "apidoc.json"))
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{doc: doc, checksum: fmt.Sprintf("%x", sha256.Sum256(doc))}
	p.reset(t)
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// testdata is absolute, since tests change the working directory.
var testdata, _ = filepath.Abs("testdata")

// reset returns the server its first data again.
func (p *peer) reset(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(testdata, "data.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = map[string][]*value.Object{}
	for _, pair := range value.AsObject(v).Pairs {
		p.rows[pair.Key] = nil
		for _, row := range value.AsList(pair.Value) {
			p.rows[pair.Key] = append(p.rows[pair.Key], value.AsObject(row))
		}
	}
}

// requests are those since the last call, without the documentation's.
func (p *peer) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.seen
	p.seen = nil
	p.auth = nil
	return seen
}

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if p.before != nil {
		p.before(r)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !p.gone {
		w.Header().Set("Apipie-Checksum", p.checksum)
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/apidoc/") && p.gone:
		p.fail(w, 404, "not here")
	case r.URL.Path == "/apidoc/apipie_checksum":
		fmt.Fprintf(w, `{"checksum":%q}`, p.checksum)
	case r.URL.Path == "/apidoc/v2.json":
		p.docLoads++
		_, _ = w.Write(p.doc)
	case strings.HasPrefix(r.URL.Path, "/apidoc/"):
		p.fail(w, 404, "not here")
	default:
		line := r.Method + " " + r.RequestURI
		if r.Method == "POST" || r.Method == "PUT" {
			line += " " + string(body)
		}
		p.seen = append(p.seen, line)
		p.api(w, r, body)
	}
}

func (p *peer) api(w http.ResponseWriter, r *http.Request, body []byte) {
	if r.URL.Path == "/api/ping" {
		p.ok(w, `{"results":{"foreman":{"database":{"active":true,"duration_ms":"0"}}}}`)
		return
	}
	if !p.admit(w, r) {
		return
	}
	switch r.URL.Path {
	case "/api/current_user":
		p.send(w, 200, p.find("users", "jdoe", value.NewObject()))
		return
	case "/api/status":
		p.ok(w, `{"result":"ok","status":200,"version":"3.15.0","api_version":2}`)
		return
	case "/api/statuses":
		p.ok(w,
			`{"results":{"foreman":{"version":"3.15.0","api":{"version":"v2"},"plugins":[{"name":"p1","version":"1.0"}],"smart_proxies":[],"compute_resources":[],"database":{"active":true,"duration_ms":"0"}}}}`)
		return
	}
	parsed, _ := value.ParseJSON(body)
	p.resources(w, r, value.AsObject(parsed))
}

// admit checks the password, or the session that a password opened.
func (p *peer) admit(w http.ResponseWriter, r *http.Request) bool {
	if c, err := r.Cookie(sessionCookie); err == nil && p.sessions {
		p.auth = append(p.auth, "cookie")
		if c.Value == "s1" {
			return true
		}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		p.auth = append(p.auth, "bearer")
		if token == "pat-of-jdoe" {
			if p.sessions {
				http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "s1", Path: "/"})
			}
			return true
		}
		p.fail(w, 401, "The token is not valid")
		return false
	}
	user, password, _ := r.BasicAuth()
	p.auth = append(p.auth, user)
	if password != "changeme" || user != "admin" && user != "jdoe" {
		p.fail(w, 401, "Unable to authenticate user "+user)
		return false
	}
	if p.sessions {
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "s1", Path: "/"})
	}
	return true
}

func (p *peer) ok(w http.ResponseWriter, body string) { _, _ = io.WriteString(w, body) }

func (p *peer) send(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_, _ = w.Write(value.CompactJSON(v))
}

func (p *peer) fail(w http.ResponseWriter, status int, message string) {
	p.send(w, status, value.NewObject("error", value.NewObject("message", message)))
}

var (
	errorSample = regexp.MustCompile(`^err-(\d+)(?:-(\w+))?$`)
	lessSample  = regexp.MustCompile(`^miss-(\w+)$`)
)

func (p *peer) resources(w http.ResponseWriter, r *http.Request, body *value.Object) {
	var parts []string
	for s := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), "/api/"), "/") {
		decoded, _ := url.QueryUnescape(s)
		parts = append(parts, decoded)
	}
	if m := errorSample.FindStringSubmatch(parts[len(parts)-1]); m != nil {
		p.sample(w, m[1], m[2])
		return
	}
	parent, parts, ok := p.parent(w, parts)
	if !ok {
		return
	}
	name := parts[0]
	if parts[len(parts)-1] == "registration_tokens" {
		p.ok(w, `{"users":"admin, jdoe","user":"admin"}`)
		return
	}
	if name == "mail_notifications" && len(parent.Pairs) > 0 {
		name = "user_mail_notifications"
	}
	if _, known := p.rows[name]; !known {
		p.fail(w, 404, "No route matches "+r.URL.Path)
		return
	}
	one := apidoc.Singular(name)
	attributes := value.AsObject(body.Get(one))
	if attributes == nil {
		attributes = body
	}
	switch {
	case len(parts) == 1 && r.Method == "GET":
		p.index(w, r, slices.DeleteFunc(slices.Clone(p.rows[name]), func(o *value.Object) bool {
			return name != "users" && !under(o, parent)
		}))
	case len(parts) == 1:
		p.create(w, name, attributes, parent)
	case parts[1] == "resource_types":
		p.index(w, r, []*value.Object{value.NewObject("name", "User"), value.NewObject("name", "Role")})
	default:
		p.member(w, r, name, parts, attributes, parent)
	}
}

// parent returns the parameter that names the object above a nested resource, and the path below that object. It is not
// ok if there is no such object, which has been answered then.
func (p *peer) parent(w http.ResponseWriter, parts []string) (parent *value.Object, below []string, ok bool) {
	parent = value.NewObject()
	if _, nested := p.rows[at2(parts, 2)]; !nested || len(parts) < 3 {
		return parent, parts, true
	}
	above := p.find(parts[0], parts[1], value.NewObject())
	if above == nil && errorSample.MatchString(parts[1]) {
		panic(http.ErrAbortHandler)
	}
	if above == nil {
		p.fail(w, 404, fmt.Sprintf("Resource %s not found by id '%s'", apidoc.Singular(parts[0]), parts[1]))
		return nil, nil, false
	}
	parent.Set(apidoc.Singular(parts[0])+"_id", above.Get("id"))
	return parent, parts[2:], true
}

func at2(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

func under(o, parent *value.Object) bool {
	return !slices.ContainsFunc(parent.Pairs,
		func(k value.Pair) bool { return value.Text(o.Get(k.Key)) != value.Text(k.Value) })
}

func (p *peer) find(name, key string, parent *value.Object) *value.Object {
	for _, o := range p.rows[name] {
		for _, k := range []string{"id", "login", "name", "mail_notification_id"} {
			if under(o, parent) && o.Has(k) && value.Text(o.Get(k)) == key {
				return o
			}
		}
	}
	return nil
}

func (p *peer) member(w http.ResponseWriter, r *http.Request, name string, parts []string,
	attributes, parent *value.Object) {
	if m := lessSample.FindStringSubmatch(parts[1]); m != nil {
		less := &value.Object{Pairs: slices.Clone(p.rows[name][0].Pairs)}
		less.Remove(m[1])
		p.send(w, 200, less)
		return
	}
	o := p.find(name, parts[1], parent)
	switch {
	case o == nil:
		p.fail(w, 404, fmt.Sprintf("Resource %s not found by id '%s'", apidoc.Singular(name), parts[1]))
		return
	case at2(parts, 2) == "clone":
		copied := &value.Object{Pairs: slices.Clone(o.Pairs)}
		copied.Remove("id")
		for _, k := range attributes.Pairs {
			copied.Set(k.Key, k.Value)
		}
		p.create(w, name, copied, value.NewObject())
		return
	case r.Method == "PUT" && at2(parts, 2) == "":
		p.apply(o, attributes)
	case r.Method == "DELETE":
		p.rows[name] = slices.DeleteFunc(p.rows[name], func(x *value.Object) bool { return x == o })
	}
	p.send(w, 200, o)
}

// apply sets attributes; lists of ids become lists of objects under the name of the resource.
func (p *peer) apply(o, attributes *value.Object) {
	for _, k := range attributes.Pairs {
		base, isList := strings.CutSuffix(k.Key, "_ids")
		_, known := p.rows[apidoc.Plural(base)]
		switch {
		case strings.HasSuffix(k.Key, "password") || k.Key == "organization_id" || k.Key == "location_id":
		case isList && known:
			members := []any{}
			for _, id := range value.AsList(k.Value) {
				if m := p.find(apidoc.Plural(base), value.Text(id), value.NewObject()); m != nil {
					members = append(members, value.NewObject("id", m.Get("id"), "name", m.Get("name"), "login",
						m.Get("login"), "title", m.Get("title")))
				}
			}
			o.Set(apidoc.Plural(base), members)
		default:
			o.Set(k.Key, k.Value)
		}
	}
	if attributes.Has("auth_source_id") && o.Has("login") {
		p.nameSource(o)
	}
}

// nameSource gives a user the name of the auth source.
func (p *peer) nameSource(o *value.Object) {
	o.Set("auth_source_name", "Internal")
	if source := p.find("auth_sources", value.Text(o.Get("auth_source_id")), value.NewObject()); source != nil {
		o.Set("auth_source_name", source.Get("name"))
	}
}

// blank returns an object with the keys of the first one, empty values and the next id.
func (p *peer) blank(name string) *value.Object {
	next := 0
	o := value.NewObject()
	for i, row := range p.rows[name] {
		next = max(next, value.Int(row.Get("id")))
		for _, k := range row.Pairs {
			if _, isList := k.Value.([]any); i == 0 && isList {
				o.Set(k.Key, []any{})
			} else if i == 0 {
				o.Set(k.Key, nil)
			}
		}
	}
	o.Set("id", next+1)
	return o
}

func (p *peer) create(w http.ResponseWriter, name string, attributes, parent *value.Object) {
	key := "name"
	if name == "users" {
		key = "login"
	}
	wanted := value.Text(attributes.Get(key))
	taken := p.find(name, wanted, value.NewObject()) != nil
	if name == "users" && p.exact {
		taken = slices.ContainsFunc(p.rows[name], func(o *value.Object) bool {
			return strings.EqualFold(value.Text(o.Get(key)), wanted)
		})
	}
	if wanted != "" && taken {
		p.send(w, 422,
			value.NewObject("error", value.NewObject("id", nil, "errors", value.NewObject(key, []any{"has already been taken"}),
				"full_messages", []any{capitalized(key) + " has already been taken"})))
		return
	}
	o := p.blank(name)
	const now = "2026-01-02 03:04:05 UTC"
	o.Set("created_at", now)
	o.Set("updated_at", now)
	for _, k := range parent.Pairs {
		o.Set(k.Key, k.Value)
	}
	p.apply(o, attributes)
	switch name {
	case "users":
		p.nameSource(o)
	case "filters":
		o.Set("resource_type", "User")
		o.Set("resource_type_label", "User")
	case "organizations", "locations":
		o.Set("title", o.Get("name"))
	case "external_usergroups":
		o.Set("auth_source_ldap", value.NewObject("id", 2, "name", "corp", "type", "AuthSourceLdap"))
	case "personal_access_tokens":
		o.Set("active?", true)
	}
	p.rows[name] = append(p.rows[name], o)
	if name == "personal_access_tokens" {
		o = &value.Object{Pairs: append(slices.Clone(o.Pairs), value.Pair{Key: "token_value", Value: "s3cr3t-token"})}
	}
	p.send(w, 201, o)
}

var (
	searchTerm = regexp.MustCompile(`^\s*([\w.]+)\s*(=|~)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*$`)
	// escapedSign is a backslash and what stands behind it: the language of searches drops the backslash.
	escapedSign = regexp.MustCompile(`\\(.)`)
)

func (p *peer) finds(o *value.Object, query string) bool {
	return slices.ContainsFunc(strings.Split(query, " or "), func(term string) bool {
		m := searchTerm.FindStringSubmatch(term)
		if m == nil {
			text := strings.ToLower(string(value.CompactJSON(o)))
			return strings.Contains(text, strings.ToLower(strings.TrimSpace(term)))
		}
		have := value.Text(o.Get(m[1]))
		if p.exact && m[2] == "=" {
			return have == escapedSign.ReplaceAllString(m[3], "$1")+m[4]
		}
		have = strings.ToLower(have)
		want := strings.ToLower(escapedSign.ReplaceAllString(m[3], "$1") + m[4])
		return m[2] == "=" && have == want || m[2] == "~" && strings.Contains(have, want)
	})
}

// index answers a list. The searches drop=KEY and dropf=KEY leave a key out of the envelope or of the rows.
func (p *peer) index(w http.ResponseWriter, r *http.Request, rows []*value.Object) {
	q := r.URL.Query()
	search := q.Get("search")
	drop, isDrop := strings.CutPrefix(search, "drop=")
	dropField, isDropField := strings.CutPrefix(search, "dropf=")
	total := len(rows)
	if m := errorSample.FindStringSubmatch(search); m != nil {
		p.sample(w, m[1], m[2])
		return
	}
	if search != "" && !isDrop && !isDropField {
		rows = slices.DeleteFunc(slices.Clone(rows), func(o *value.Object) bool { return !p.finds(o, search) })
	}
	by, order := sortRows(rows, q.Get("order"))
	number := 1
	size := 20
	if n, err := strconv.Atoi(q.Get("page")); err == nil {
		number = n
	}
	if n, err := strconv.Atoi(q.Get("per_page")); err == nil {
		size = n
	} else if q.Get("per_page") == "all" {
		size = total
	}
	answer := value.NewObject("total", total, "subtotal", len(rows), "page", number, "per_page", size, "search", search,
		"sort", value.NewObject("by", by, "order", order))
	results := []any{}
	for i := (number - 1) * size; i < min(number*size, len(rows)); i++ {
		row := &value.Object{Pairs: slices.Clone(rows[i].Pairs)}
		if isDropField {
			row.Remove(dropField)
		}
		if p.brief && row.Has("login") {
			row.Remove("roles")
		}
		results = append(results, row)
	}
	answer.Set("results", results)
	if isDrop {
		answer.Remove(drop)
	}
	p.send(w, 200, answer)
}

// sortRows sorts rows by FIELD or FIELD DESC and returns the field and the direction, nil if the order is empty.
func sortRows(rows []*value.Object, wanted string) (by, order any) {
	words := strings.Fields(wanted)
	if len(words) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(rows, func(a, b *value.Object) int {
		return strings.Compare(value.Text(a.Get(words[0])), value.Text(b.Get(words[0])))
	})
	if len(words) > 1 && words[1] == "DESC" {
		slices.Reverse(rows)
		return words[0], "DESC"
	}
	return words[0], "ASC"
}

// sample answers with a status and one of the bodies that servers are known to send with it.
func (p *peer) sample(w http.ResponseWriter, status, kind string) {
	code, _ := strconv.Atoi(status)
	if code >= 300 && code < 400 {
		w.Header().Set("Location", "https://elsewhere.example/api/users")
	}
	w.WriteHeader(code)
	if code == 204 {
		return
	}
	p.ok(w, map[string]string{
		"":         `{"error":{"message":"Sample message"}}`,
		"plain":    `{"message":"Flat message"}`,
		"str":      `{"error":"String error"}`,
		"details":  `{"error":{"message":"Access denied","details":"Missing one of the required permissions: view_users","missing_permissions":["view_users"]}}`,
		"full":     `{"error":{"id":null,"errors":{"login":["is bad"]},"full_messages":["Login is bad","Mail is bad"]}}`,
		"fullflat": `{"id":null,"errors":{"login":["is bad"]},"full_messages":["Login is bad","Mail is bad"]}`,
		"display":  `{"error":{"message":"m","displayMessage":"display text"}}`,
		"empty":    `{}`,
		"list":     `["a"]`,
		"html":     `<html>oops</html>`,
		"nobody":   ``,
		"text":     `the text of a proxy`,
	}[kind])
}
