package cvat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"roster/directory/secret"
	"roster/docs"
	"roster/test/servertest"
)

// exampleRequest is a request whose answer is an example of a method.
type exampleRequest struct {
	// key is the resource and the method; empty for what only prepares another.
	key, verb, path string
	body            object
	// as is who asks: the administrator, unless it is "nobody", "ann" or "token".
	as string
	// keep names what of the answer later requests have in their paths: "ann=id".
	keep string
}

const (
	annsPassword = "x7Kq-long"
	newPassword  = "y8Lr-longer"
)

// examples are one request after the other on a new server, one for each method that is documented.
func examples() []exampleRequest {
	registered := object{"username": "carol", "email": "carol@example.com", "password1": annsPassword,
		"password2": annsPassword, "first_name": "Carol", "last_name": "King"}
	return []exampleRequest{
		{"users.create", "POST", "/users", object{"username": "ann", "first_name": "Ann", "last_name": "Smith",
			"email": "ann@example.com", "password": annsPassword}, "", "ann=id"},
		{"users.list", "GET", "/users?search=ann&page_size=1", nil, "", ""},
		{"users.self", "GET", "/users/self", nil, "", ""},
		{"users.retrieve", "GET", "/users/{ann}", nil, "", ""},
		{"users.update", "PATCH", "/users/{ann}", object{"last_name": "Archer", "groups": []string{"worker"}}, "", ""},
		{"organizations.create", "POST", "/organizations", object{"slug": "crew", "name": "Crew",
			"contact": object{"email": "crew@example.com"}}, "", "crew=id"},
		{"organizations.list", "GET", "/organizations?slug=crew", nil, "", ""},
		{"organizations.retrieve", "GET", "/organizations/{crew}", nil, "", ""},
		{"organizations.update", "PATCH", "/organizations/{crew}", object{"description": "All hands"}, "", ""},
		{"invitations.create", "POST", "/invitations?org=crew", object{"role": "worker", "email": "ann@example.com"}, "",
			"key=key"},
		{"invitations.list", "GET", "/invitations?org=crew", nil, "", ""},
		{"invitations.retrieve", "GET", "/invitations/{key}", nil, "", ""},
		{"invitations.resend", "POST", "/invitations/{key}/resend", nil, "", ""},
		{"invitations.accept", "POST", "/invitations/{key}/accept", nil, "ann", ""},
		{"memberships.list", "GET", "/memberships?org=crew&role=worker", nil, "", "membership=results.0.id"},
		{"memberships.retrieve", "GET", "/memberships/{membership}", nil, "", ""},
		{"memberships.update", "PATCH", "/memberships/{membership}", object{"role": "supervisor"}, "", ""},
		{"memberships.destroy", "DELETE", "/memberships/{membership}", nil, "", ""},
		{"", "POST", "/invitations?org=crew", object{"role": "worker", "email": "ann@example.com"}, "", "key=key"},
		{"invitations.decline", "POST", "/invitations/{key}/decline", nil, "ann", ""},
		{"", "POST", "/invitations?org=crew", object{"role": "worker", "email": "bob@example.com"}, "", "key=key"},
		{"invitations.destroy", "DELETE", "/invitations/{key}", nil, "", ""},
		{"auth.login", "POST", "/auth/login", object{"username": "ann", "password": annsPassword}, "nobody", ""},
		{"auth.logout", "POST", "/auth/logout", nil, "ann", ""},
		{"auth.register", "POST", "/auth/register", registered, "nobody", ""},
		{"auth.confirm_email", "GET", "/auth/account-confirm-email/confirms/", nil, "nobody", ""},
		{"auth.password_reset", "POST", "/auth/password/reset", object{"email": "ann@example.com"}, "nobody", ""},
		{"auth.password_reset_confirm", "POST", "/auth/password/reset/confirm", object{"uid": "{uid}", "token": "resets",
			"new_password1": newPassword, "new_password2": newPassword}, "nobody", ""},
		{"auth.password_change", "POST", "/auth/password/change", object{"old_password": newPassword,
			"new_password1": annsPassword, "new_password2": annsPassword}, "ann again", ""},
		{"auth.access_tokens_create", "POST", "/auth/access_tokens", object{"name": "script",
			"expiry_date": "2024-12-31T00:00:00Z"}, "ann", "token=id value=value"},
		{"auth.access_tokens_list", "GET", "/auth/access_tokens", nil, "ann", ""},
		{"auth.access_tokens_self", "GET", "/auth/access_tokens/self", nil, "token", ""},
		{"auth.access_tokens_retrieve", "GET", "/auth/access_tokens/{token}", nil, "ann", ""},
		{"auth.access_tokens_update", "PATCH", "/auth/access_tokens/{token}", object{"read_only": false}, "ann", ""},
		{"auth.access_tokens_destroy", "DELETE", "/auth/access_tokens/{token}", nil, "ann", ""},
		{"server.about", "GET", "/server/about", nil, "nobody", ""},
		{"organizations.destroy", "DELETE", "/organizations/{crew}", nil, "", ""},
		{"users.destroy", "DELETE", "/users/{ann}", nil, "", ""},
	}
}

const examplesFile = "../../docs/cvat-examples.json"

// secrets differ from run to run.
var secrets = regexp.MustCompile(`("(?:key|value|invitation)":\s*)"[^"]*"|(/invitations/)[0-9a-f]{64}`)

// exampler sends examples.
type exampler struct {
	*server
	kept map[string]string
}

// fill puts what earlier answers said into a text.
func (e *exampler) fill(text string) string {
	for name, value := range e.kept {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

func (e *exampler) client(as string) *client {
	switch as {
	case "nobody":
		return e.Nobody()
	case "ann":
		return e.As("ann", annsPassword)
	case "ann again":
		return e.As("ann", newPassword)
	case "token":
		return e.Nobody().With("Authorization", "Bearer "+e.kept["value"])
	}
	return e.Admin()
}

// keep notes what an answer said.
func (e *exampler) keep(what string, a *answer) {
	for pair := range strings.FieldsSeq(what) {
		name, at, _ := strings.Cut(pair, "=")
		var path []any
		for step := range strings.SplitSeq(at, ".") {
			if step == "0" {
				path = append(path, 0)
			} else {
				path = append(path, step)
			}
		}
		e.kept[name] = fmt.Sprint(a.Value(path...))
	}
}

// hide takes out of a text what differs from run to run.
func (e *exampler) hide(text string) string {
	text = secrets.ReplaceAllStringFunc(text, func(found string) string {
		if rest, ok := strings.CutPrefix(found, "/invitations/"); ok && rest != "" {
			return "/invitations/..."
		}
		name, _, _ := strings.Cut(found, ":")
		return name + `: "..."`
	})
	return strings.ReplaceAll(text, e.URL, "https://example.com")
}

// The worked examples of the documentation are what a server answers, and every method has one.
func TestDocs_Examples(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for name, value := range map[string]any{"cvat_registration": true, "cvat_email_verification": "optional",
			"cvat_confirm_invitations": true, "delivery_method": "smtp", "smtp_address": "mail.example.com"} {
			set(s, name, value)
		}
		e := &exampler{server: s, kept: map[string]string{}}
		got := map[string]string{}
		for _, x := range examples() {
			e.tokens(x.key)
			path := e.fill("/cvat/api" + x.path)
			var body any
			text := ""
			if x.body != nil {
				raw, err := json.Marshal(x.body)
				if err != nil {
					t.Fatal(err)
				}
				body = e.fill(string(raw))
				text = indented(t, []byte(body.(string)))
			}
			a := e.client(x.as).Do(x.verb, path, body)
			if a.Status >= http.StatusBadRequest {
				t.Errorf("%s", a)
				continue
			}
			e.keep(x.keep, a)
			if x.key != "" {
				got[x.key] = e.hide(x.verb + " " + path + "\n" + text + fmt.Sprintln(a.Status) + indented(t, a.Body))
			}
		}
		everyMethod(t, got)
		servertest.CompareExamples(t, examplesFile, "docs/cvat-examples.json", got)
	})
}

// everyMethod checks that each documented method has an example.
func everyMethod(t *testing.T, got map[string]string) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Tags  []string
			About struct{ Method string } `json:"x-apipie"`
		}
	}
	if err := json.Unmarshal(docs.CVAT, &doc); err != nil {
		t.Fatal(err)
	}
	methods := 0
	for _, item := range doc.Paths {
		for _, op := range item {
			if key := op.Tags[0] + "." + op.About.Method; got[key] == "" {
				t.Errorf("%s has no example", key)
			}
			methods++
		}
	}
	if methods < 36 {
		t.Errorf("only %d methods are documented", methods)
	}
}

// tokens makes what a mail would have told, just before it is needed.
func (e *exampler) tokens(key string) {
	e.T.Helper()
	purpose := map[string]string{"auth.confirm_email": "mail_confirmation",
		"auth.password_reset_confirm": "password_reset"}[key]
	if purpose == "" {
		return
	}
	login := map[string]string{"mail_confirmation": "carol", "password_reset": "ann"}[purpose]
	secretText := map[string]string{"mail_confirmation": "confirms", "password_reset": "resets"}[purpose]
	id := e.Find("SELECT id FROM users WHERE login = ?", login)
	e.kept["uid"] = fmt.Sprint(id) // one digit is the same to every base
	e.Execute("INSERT INTO account_tokens (token_hash, user_id, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		secret.TokenHash(secretText), id, purpose, e.Clock.Now(), e.Clock.Now().AddDate(0, 0, 1))
}

// set changes a setting.
func set(s *server, name string, value any) {
	s.T.Helper()
	s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(http.StatusOK)
}

// indented is JSON as people read it.
func indented(t *testing.T, text []byte) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}
