package test

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

	"github.com/go-jose/go-jose/v4"

	"roster/config"
	"roster/handlers"
	"roster/test/dbtest"
)

// Who asks according to a proxy (docs/spec/foreman.md, 7.1 and 7.5).
func TestProxy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := startWith(t, db, anyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		stranger := launch(t, db, s.clock, anyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
		ann := s.nobody().with("Remote-User", "ann").with("Remote-User-Email", "ann@example.com").
			with("Remote-User-Firstname", "Ann").with("Remote-User-Groups", "ops, staff")
		set := func(name string, value any) {
			s.admin().put("/api/settings/"+name, object{"setting": object{"value": value}}).expect(200)
		}
		ann.get("/api/current_user").expect(401) // as long as the settings do not allow it
		set("authorize_login_delegation", true)
		ann.get("/api/current_user").expect(401)
		set("authorize_login_delegation_api", true)

		ops := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "operators"}}).expect(201).int("id")
		s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", ops),
			object{"external_usergroup": object{"name": "ops", "auth_source_id": 3}}).expect(201)
		ann.get("/api/current_user").expect(200).want("ann", "login").want("Ann", "firstname").want("ann@example.com",
			"mail").want(3, "auth_source_id").want([]string{"operators"}, "usergroups", each, "name")
		ann.with("Remote-User-Groups", "staff").get("/api/current_user").expect(200).want([]any{}, "usergroups")

		// The word of anybody but the proxy counts for nothing, whatever addresses it names.
		stranger.in(t).nobody().with("Remote-User", "ann").get("/api/current_user").expect(401)
		stranger.in(t).nobody().with("Remote-User", "ann").with("X-Forwarded-For", "192.0.2.1").
			get("/api/current_user").expect(401)
		doubled := s.nobody()
		doubled.header["Remote-User"] = []string{"ann", "ann"}
		doubled.get("/api/current_user").expect(401)
		// It opens accounts of external sources only, and makes none under names that are taken.
		s.admin().post("/api/users",
			object{"user": object{"login": "inside", "mail": "i@example.com", "password": "a secret",
				"auth_source_id": 1}}).expect(201)
		for _, login := range []string{"admin", "ADMIN", "inside", "foreman_admin", "foreman_api_admin",
			"foreman_console_admin", "", "a b\tc", strings.Repeat("x", 300)} {
			s.nobody().with("Remote-User", login+" ").get("/api/current_user").expect(401)
		}
		if n := s.find("SELECT COUNT(*) FROM users WHERE auth_source_id = 3"); n != 1 {
			t.Errorf("%d accounts were made, want 1", n)
		}
		s.admin().put("/api/users/ann", object{"user": object{"disabled": true}}).expect(200)
		ann.get("/api/current_user").expect(401)
		set("authorize_login_delegation_auth_source_user_autocreate", "Nowhere")
		s.nobody().with("Remote-User", "new").get("/api/current_user").expect(401)
		s.admin().get("/api/current_user").expect(200) // credentials, where no proxy says anything
		s.nobody().with("Remote-User", " ").get("/api/current_user").expect(401)
		// or says that nobody logged in
		s.admin().with("Remote-User", " ").get("/api/current_user").expect(200).want("admin", "login")
	})
}

// To an authority, a name in letters that only look alike is another's.
func TestProxy_NamesThatOnlyLookAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := startWith(t, db, anyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		for _, name := range []string{"authorize_login_delegation", "authorize_login_delegation_api"} {
			s.admin().put("/api/settings/"+name, object{"setting": object{"value": true}}).expect(200)
		}
		keys := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "keepers"}}).expect(201).int("id")
		s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", keys),
			object{"external_usergroup": object{"name": "keys", "auth_source_id": 3}}).expect(201)
		const kelvin = "\u212a"
		kate := s.nobody().with("Remote-User", "kate")
		kate.with("Remote-User-Groups", "KEYS").get("/api/current_user").expect(200).want([]string{"keepers"},
			"usergroups", each, "name")
		kate.with("Remote-User-Groups", kelvin+"eys").get("/api/current_user").expect(200).want([]any{}, "usergroups")
		kate.with("Remote-User-Groups", "key\u017f").get("/api/current_user").expect(200).want([]any{}, "usergroups")
		s.nobody().with("Remote-User", "KATE").get("/api/current_user").expect(200).want("kate", "login")
		s.nobody().with("Remote-User", kelvin+"ate").get("/api/current_user").expect(401)
		// Nor is whoever comes first let into the account of the other.
		s.nobody().with("Remote-User", kelvin+"urt").get("/api/current_user").expect(200)
		s.nobody().with("Remote-User", "kurt").get("/api/current_user").expect(401)
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

func (s *server) bearing(token string) *client {
	return s.nobody().with("Authorization", "Bearer "+token)
}

// Tokens of an OpenID provider, and everything that only looks like one (docs/spec/foreman.md, 7.5).
func TestOpenID(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(t)
		now := s.clock.Now()
		claims := func(more ...object) object {
			return merge(
				append([]object{{"iss": "https://id.example.com", "aud": []string{"roster"}, "sub": "1",
					"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(),
					"preferred_username": "ann", "email": "ann@example.com", "given_name": "Ann",
					"family_name": "Smith",
					"groups":      []string{"ops"}}}, more...)...)
		}
		good := p.token(t, jose.RS256, p.key, "one", claims())
		s.bearing(good).get("/api/current_user").expect(401) // nothing is configured
		for name, value := range map[string]string{"oidc_issuer": "https://id.example.com",
			"oidc_audience": "other, roster", "oidc_jwks_url": p.URL} {
			s.admin().put("/api/settings/"+name, object{"setting": object{"value": value}}).expect(200)
		}
		ops := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "operators"}}).expect(201).int("id")
		s.admin().post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", ops),
			object{"external_usergroup": object{"name": "ops", "auth_source_id": 3}}).expect(201)
		s.bearing(good).get("/api/current_user").expect(200).want("ann", "login").want("Smith", "lastname").
			want([]string{"operators"}, "usergroups", each, "name")

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
			if a := s.bearing(token).get("/api/current_user"); a.status != 401 && a.status != 431 {
				t.Errorf("%s: got %s", what, a)
			}
		}
		if n := s.find("SELECT COUNT(*) FROM users WHERE auth_source_id = 3"); n != 1 {
			t.Errorf("%d accounts were made, want 1", n)
		}

		// A key that the provider has withdrawn opens nothing once the server has to ask again.
		p.hidden.Store(true)
		s.bearing(good).get("/api/current_user").expect(200)
		s.clock.advance(6 * time.Minute)
		s.bearing(good).get("/api/current_user").expect(401)
		p.hidden.Store(false)
		s.clock.advance(6 * time.Minute)
		s.bearing(good).get("/api/current_user").expect(200)
		// A provider that answers with too much, or nonsense, lets nobody in.
		for _, answer := range []string{strings.Repeat(`{"keys":[`, 300_000), "<html>",
			`{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}`} {
			serve := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
			p.serve.Store(&serve)
			s.clock.advance(6 * time.Minute)
			s.bearing(good).get("/api/current_user").expect(401)
		}
		p.serve.Store(nil)
		s.clock.advance(time.Hour)
		s.bearing(good).get("/api/current_user").expect(401) // it has expired meanwhile
	})
}

// Personal access tokens need no login beside them (docs/spec/foreman.md, 14.1).
func TestBearer_PersonalAccessTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		who := s.user("ann")
		path := fmt.Sprintf("/api/users/%d/personal_access_tokens", who.id)
		made := s.by(who).post(path,
			object{"name": "one", "expires_at": s.clock.Now().Add(time.Hour).Format(time.RFC3339)}).expect(201)
		token := made.text("token_value")
		s.bearing(token).get("/api/current_user").expect(200).want("ann", "login")
		s.nobody().with("Authorization", "bearer  "+token).get("/api/current_user").expect(200)
		s.bearing(token + "x").get("/api/current_user").expect(401)
		s.bearing(who.password).get("/api/current_user").expect(401)
		s.as("admin", token).get("/api/current_user").expect(401) // it is ann's
		s.clock.advance(2 * time.Hour)
		s.bearing(token).get("/api/current_user").expect(401)
		second := s.by(who).post(path, object{"name": "two"}).expect(201)
		s.bearing(second.text("token_value")).get("/api/current_user").expect(200)
		s.by(who).delete(fmt.Sprintf("%s/%d", path, second.int("id"))).expect(200)
		s.bearing(second.text("token_value")).get("/api/current_user").expect(401)
		s.beside().bearing(second.text("token_value")).get("/api/current_user").expect(401)
		s.admin().put(fmt.Sprintf("/api/users/%d", who.id), object{"user": object{"disabled": true}}).expect(200)
		third := s.admin().post(path, object{"name": "three"}).expect(201).text("token_value")
		s.bearing(third).get("/api/current_user").expect(401)
	})
}
