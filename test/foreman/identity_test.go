package foreman

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/test/servertest"

	"github.com/go-jose/go-jose/v4"

	"roster/config"
	"roster/handlers"
	"roster/test/dbtest"
)

// Who asks according to a proxy (docs/spec/foreman.md, 7.1 and 7.5).
func TestProxy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		stranger := servertest.Launch(t, db, s.Clock, servertest.AnyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
		ann := s.Nobody().With("Remote-User", "ann").With("Remote-User-Email", "ann@example.com").
			With("Remote-User-Firstname", "Ann").With("Remote-User-Groups", "ops, staff")
		set := func(name string, value any) {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(200)
		}
		ann.Get("/api/current_user").Expect(401) // as long as the settings do not allow it
		set("authorize_login_delegation", true)
		ann.Get("/api/current_user").Expect(401)
		set("authorize_login_delegation_api", true)

		ops := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "operators"}}).Expect(201).Int("id")
		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", ops),
			object{"external_usergroup": object{"name": "ops", "auth_source_id": 3}}).Expect(201)
		ann.Get("/api/current_user").Expect(200).Want("ann", "login").Want("Ann", "firstname").Want("ann@example.com",
			"mail").Want(3, "auth_source_id").Want([]string{"operators"}, "usergroups", each, "name")
		ann.With("Remote-User-Groups", "staff").Get("/api/current_user").Expect(200).Want([]any{}, "usergroups")

		// The word of anybody but the proxy counts for nothing, whatever addresses it names.
		stranger.In(t).Nobody().With("Remote-User", "ann").Get("/api/current_user").Expect(401)
		stranger.In(t).Nobody().With("Remote-User", "ann").With("X-Forwarded-For", "192.0.2.1").
			Get("/api/current_user").Expect(401)
		doubled := s.Nobody()
		doubled.Header["Remote-User"] = []string{"ann", "ann"}
		doubled.Get("/api/current_user").Expect(401)
		// It opens accounts of external sources only, and makes none under names that are taken.
		s.Admin().Post("/api/users",
			object{"user": object{"login": "inside", "mail": "i@example.com", "password": "a secret",
				"auth_source_id": 1}}).Expect(201)
		for _, login := range []string{"admin", "ADMIN", "inside", "foreman_admin", "foreman_api_admin",
			"foreman_console_admin", "", "a b\tc", strings.Repeat("x", 300)} {
			s.Nobody().With("Remote-User", login+" ").Get("/api/current_user").Expect(401)
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id = 3"); n != 1 {
			t.Errorf("%d accounts were made, want 1", n)
		}
		s.Admin().Put("/api/users/ann", object{"user": object{"disabled": true}}).Expect(200)
		ann.Get("/api/current_user").Expect(401)
		set("authorize_login_delegation_auth_source_user_autocreate", "Nowhere")
		s.Nobody().With("Remote-User", "new").Get("/api/current_user").Expect(401)
		s.Admin().Get("/api/current_user").Expect(200) // credentials, where no proxy says anything
		s.Nobody().With("Remote-User", " ").Get("/api/current_user").Expect(401)
		// or says that nobody logged in
		s.Admin().With("Remote-User", " ").Get("/api/current_user").Expect(200).Want("admin", "login")
	})
}

// To an authority, a name in letters that only look alike is another's.
func TestProxy_NamesThatOnlyLookAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		for _, name := range []string{"authorize_login_delegation", "authorize_login_delegation_api"} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": true}}).Expect(200)
		}
		keys := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "keepers"}}).Expect(201).Int("id")
		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", keys),
			object{"external_usergroup": object{"name": "keys", "auth_source_id": 3}}).Expect(201)
		const kelvin = "\u212a"
		kate := s.Nobody().With("Remote-User", "kate")
		kate.With("Remote-User-Groups", "KEYS").Get("/api/current_user").Expect(200).Want([]string{"keepers"},
			"usergroups", each, "name")
		kate.With("Remote-User-Groups", kelvin+"eys").Get("/api/current_user").Expect(200).Want([]any{}, "usergroups")
		kate.With("Remote-User-Groups", "key\u017f").Get("/api/current_user").Expect(200).Want([]any{}, "usergroups")
		s.Nobody().With("Remote-User", "KATE").Get("/api/current_user").Expect(200).Want("kate", "login")
		s.Nobody().With("Remote-User", kelvin+"ate").Get("/api/current_user").Expect(401)
		// Nor is whoever comes first let into the account of the other.
		s.Nobody().With("Remote-User", kelvin+"urt").Get("/api/current_user").Expect(200)
		s.Nobody().With("Remote-User", "kurt").Get("/api/current_user").Expect(401)
	})
}

// provider is an OpenID provider: an address with keys.
type provider struct {
	*httptest.Server
	key    *rsa.PrivateKey
	hidden atomic.Bool // the key has been withdrawn
	asked  atomic.Int64
	serve  atomic.Pointer[http.HandlerFunc]
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if serve := p.serve.Load(); serve != nil {
			(*serve)(w, r)
			return
		}
		set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
		if !p.hidden.Load() {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: "one", Algorithm: "RS256",
				Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(p.Close)
	return p
}

// token signs claims; key nil means the provider's own.
func (p *provider) token(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims object) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(mustEncode(claims))
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func bearing(s *server, token string) *client {
	return s.Nobody().With("Authorization", "Bearer "+token)
}

// Tokens of an OpenID provider, and everything that only looks like one (docs/spec/foreman.md, 7.5).
func TestOpenID(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(t)
		now := s.Clock.Now()
		claims := func(more ...object) object {
			return merge(
				append([]object{{"iss": "https://id.example.com", "aud": []string{"roster"}, "sub": "1",
					"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(),
					"preferred_username": "ann", "email": "ann@example.com", "given_name": "Ann",
					"family_name": "Smith",
					"groups":      []string{"ops"}}}, more...)...)
		}
		good := p.token(t, jose.RS256, p.key, "one", claims())
		bearing(s, good).Get("/api/current_user").Expect(401) // nothing is configured
		for name, value := range map[string]string{"oidc_issuer": "https://id.example.com",
			"oidc_audience": "[other, roster]", "oidc_jwks_url": p.URL} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(200)
		}
		ops := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "operators"}}).Expect(201).Int("id")
		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", ops),
			object{"external_usergroup": object{"name": "ops", "auth_source_id": 3}}).Expect(201)
		bearing(s, good).Get("/api/current_user").Expect(200).Want("ann", "login").Want("Smith", "lastname").
			Want([]string{"operators"}, "usergroups", each, "name")

		other, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(p.key.Public())
		if err != nil {
			t.Fatal(err)
		}
		part := func(v any) string { return base64.RawURLEncoding.EncodeToString(mustEncode(v)) }
		for what, token := range map[string]string{
			"another issuer": p.token(t, jose.RS256, p.key, "one",
				claims(object{"iss": "https://evil.example.com"})),
			"another audience": p.token(t, jose.RS256, p.key, "one", claims(object{"aud": "somebody else"})),
			"no audience":      p.token(t, jose.RS256, p.key, "one", claims(object{"aud": []string{}})),
			"expired": p.token(t, jose.RS256, p.key, "one",
				claims(object{"exp": now.Add(-time.Minute).Unix()})),
			"without an end": p.token(t, jose.RS256, p.key, "one", claims(object{"exp": nil})),
			"not yet valid": p.token(t, jose.RS256, p.key, "one",
				claims(object{"nbf": now.Add(time.Hour).Unix()})),
			"another key of the same id":  p.token(t, jose.RS256, other, "one", claims()),
			"an unknown key":              p.token(t, jose.RS256, other, "two", claims()),
			"signed with the public key":  p.token(t, jose.HS256, public, "one", claims()),
			"an algorithm not configured": p.token(t, jose.RS512, p.key, "one", claims()),
			"alg none":                    part(object{"alg": "none"}) + "." + part(claims()) + ".",
			"alg None": part(object{"alg": "None"}) + "." + part(claims()) + "." +
				strings.Split(good, ".")[2],
			"changed claims": strings.Split(good, ".")[0] + "." +
				part(claims(object{"preferred_username": "bob"})) + "." + strings.Split(good, ".")[2],
			"no login": p.token(t, jose.RS256, p.key, "one",
				claims(object{"preferred_username": ""})),
			"a login that is no text": p.token(t, jose.RS256, p.key, "one",
				claims(object{"preferred_username": 7})),
			"the administrator's login": p.token(t, jose.RS256, p.key, "one",
				claims(object{"preferred_username": "admin"})),
			"a hidden account": p.token(t, jose.RS256, p.key, "one",
				claims(object{"preferred_username": "foreman_api_admin"})),
			"cut short": good[:len(good)/2],
			"dots":      "..", "one dot": "a.b", "nothing": "", "long": strings.Repeat("a.", 20000),
		} {
			if a := bearing(s, token).Get("/api/current_user"); a.Status != 401 && a.Status != 431 {
				t.Errorf("%s: got %s", what, a)
			}
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE auth_source_id = 3"); n != 1 {
			t.Errorf("%d accounts were made, want 1", n)
		}

		// A key that the provider has withdrawn opens nothing once the server has to ask again.
		p.hidden.Store(true)
		bearing(s, good).Get("/api/current_user").Expect(200)
		s.Clock.Advance(6 * time.Minute)
		bearing(s, good).Get("/api/current_user").Expect(401)
		p.hidden.Store(false)
		s.Clock.Advance(6 * time.Minute)
		bearing(s, good).Get("/api/current_user").Expect(200)
		// A provider that answers with too much, or nonsense, lets nobody in.
		for _, answer := range []string{strings.Repeat(`{"keys":[`, 300_000), "<html>",
			`{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}`} {
			serve := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
			p.serve.Store(&serve)
			s.Clock.Advance(6 * time.Minute)
			bearing(s, good).Get("/api/current_user").Expect(401)
		}
		p.serve.Store(nil)
		s.Clock.Advance(time.Hour)
		bearing(s, good).Get("/api/current_user").Expect(401) // it has expired meanwhile
	})
}

// Personal access tokens need no login beside them (docs/spec/foreman.md, 14.1).
func TestBearer_PersonalAccessTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.User("ann")
		path := fmt.Sprintf("/api/users/%d/personal_access_tokens", who.ID)
		made := s.By(who).Post(path,
			object{"name": "one", "expires_at": s.Clock.Now().Add(time.Hour).Format(time.RFC3339)}).Expect(201)
		token := made.Text("token_value")
		bearing(s, token).Get("/api/current_user").Expect(200).Want("ann", "login")
		s.Nobody().With("Authorization", "bearer  "+token).Get("/api/current_user").Expect(200)
		bearing(s, token+"x").Get("/api/current_user").Expect(401)
		bearing(s, who.Password).Get("/api/current_user").Expect(401)
		s.As("admin", token).Get("/api/current_user").Expect(401) // it is ann's
		s.Clock.Advance(2 * time.Hour)
		bearing(s, token).Get("/api/current_user").Expect(401)
		second := s.By(who).Post(path, object{"name": "two"}).Expect(201)
		bearing(s, second.Text("token_value")).Get("/api/current_user").Expect(200)
		s.By(who).Delete(fmt.Sprintf("%s/%d", path, second.Int("id"))).Expect(200)
		bearing(s, second.Text("token_value")).Get("/api/current_user").Expect(401)
		bearing(s.Beside(), second.Text("token_value")).Get("/api/current_user").Expect(401)
		s.Admin().Put(fmt.Sprintf("/api/users/%d", who.ID), object{"user": object{"disabled": true}}).Expect(200)
		third := s.Admin().Post(path, object{"name": "three"}).Expect(201).Text("token_value")
		bearing(s, third).Get("/api/current_user").Expect(401)
	})
}
