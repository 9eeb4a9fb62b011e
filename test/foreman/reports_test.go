package foreman

import (
	"crypto/dsa" //nolint:staticcheck // keys of this kind are kept, not used
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// authorizedKey is a public key as people send it.
func authorizedKey(t *testing.T, key any) string {
	t.Helper()
	public, err := ssh.NewPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))) + " ann@example.com"
}

// Keys: old kinds are kept with a warning, damaged ones refused, and everything that is wrong is said at once.
func TestSSHKeys_Kinds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		path := s.User("ann").Path("/ssh_keys")
		add := func(name, key string) *answer {
			return s.Admin().Post(path, object{"ssh_key": object{"name": name, "key": key}})
		}
		old := &dsa.PrivateKey{}
		if err := dsa.GenerateParameters(&old.Parameters, rand.Reader, dsa.L1024N160); err != nil {
			t.Fatal(err)
		}
		if err := dsa.GenerateKey(old, rand.Reader); err != nil {
			t.Fatal(err)
		}
		a := add("dsa", authorizedKey(t, &old.PublicKey)).Expect(201).Want(1024, "length")
		if !strings.HasPrefix(a.Header.Get("Warning"), "299 ") {
			t.Errorf("a key of an old kind is taken without a warning: %v", a.Header)
		}
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		good := authorizedKey(t, &private.PublicKey)
		if got := add("rsa", good).Expect(201).Want(2048, "length").Header.Get("Warning"); got != "" {
			t.Errorf("a key of a good kind is taken with the warning %s", got)
		}
		length := map[string][]string{"length": {"could not be calculated"}}
		curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		add("damaged", damaged(t, authorizedKey(t, &curve.PublicKey))).Refuses(length, "Length could not be calculated")
		unreadable := map[string][]string{"key": {"is not a valid public ssh key"},
			"fingerprint": {"could not be generated"}, "length": {"could not be calculated"}}
		sentences := []string{"Key is not a valid public ssh key", "Fingerprint could not be generated",
			"Length could not be calculated"}
		add("k", "ssh-rsa nonsense").Refuses(unreadable, sentences...)
		add("k", "ecdsa-sha2-nistp256 AAAA").Refuses(unreadable, sentences...)
		unreadable["key"] = append(unreadable["key"], "must be in OpenSSH public key format")
		add("k", "nonsense").Refuses(unreadable, append(sentences, "Key must be in OpenSSH public key format")...)
	})
}

// damaged changes the bits of a key's last character that decoding leaves out.
func damaged(t *testing.T, key string) string {
	t.Helper()
	fields := strings.Fields(key)
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob)%3 == 0 {
		t.Fatalf("%d bytes, %v", len(blob), err)
	}
	end := strings.IndexByte(fields[1], '=')
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(letters, fields[1][end-1])
	fields[1] = fields[1][:end-1] + string(letters[last+1]) + fields[1][end:]
	return strings.Join(fields, " ")
}

// Settings that clients read and write exist, with the types that they know, and are checked.
func TestSettings_OfClients(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.Admin()
		for name, kind := range map[string]string{
			"login_text": "string", "email_reply_address": "string", "email_subject_prefix": "string",
			"delivery_method": "string", "smtp_port": "integer", "smtp_enable_starttls_auto": "boolean",
			"token_duration": "integer", "excluded_facts": "array", "destroy_vm_on_host_delete": "boolean",
			"clean_up_failed_deployment": "boolean", "http_proxy": "string", "outofsync_interval": "integer",
			"host_owner": "string", "rss_enable": "boolean", "rss_url": "string", "oidc_audience": "array",
		} {
			c.Get("/api/settings?per_page=4294967296&search=name%3D%22"+name+"%22").Expect(200).Want(1, "subtotal").
				Want(kind, "results", 0, "settings_type")
		}
		put := func(name string, value any) *answer {
			return c.Put("/api/settings/"+name, object{"setting": object{"value": value}})
		}
		put("login_text", "Welcome!").Expect(200).Want("Welcome!", "value")
		c.Get("/api/settings/login_text").Expect(200).Want("Welcome!", "value")
		for _, list := range []any{[]any{"a", "b"}, `["a", "b"]`, "[a, b]", "['a','b']"} {
			put("oidc_audience", list).Expect(200).Want([]any{"a", "b"}, "value")
		}
		put("oidc_audience", []any{}).Expect(200).Want([]any{}, "value")
		for _, odd := range []any{"a", object{"a": 1}, []any{[]any{"a"}}, []any{"\x00"}} {
			if a := put("oidc_audience", odd); a.Status != 422 && a.Status != 400 {
				t.Errorf("%v: %s", odd, a)
			}
		}
		put("entries_per_page", 123456789).Refuses(map[string][]string{"value": {"is too long (maximum is 8 characters)"}},
			"Value is too long (maximum is 8 characters)")
		put("idle_timeout", "123456789").Expect(422)
		put("token_duration", 99999999).Expect(200)
		for _, name := range []string{"administrator", "email_reply_address"} {
			put(name, "no mail").Expect(422)
			put(name, "").Expect(422)
			put(name, "root@example.com").Expect(200)
		}
		put("delivery_method", "pigeon").Expect(422)
		put("delivery_method", "smtp").Expect(200)
		put("smtp_port", 70000).Expect(422)
		// A password goes in and never comes out.
		put("smtp_password", "hush hush").Expect(200).Want("*****", "value").Want(true, "encrypted")
		c.Get("/api/settings/smtp_password").Expect(200).Want("*****", "value")
		if n := s.Find("SELECT COUNT(*) FROM settings WHERE value LIKE '%hush%'") +
			s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%hush%'"); n != 0 {
			t.Errorf("the password stands in %d places", n)
		}
		// A list that was kept as a text, as it used to be, is the list of its words.
		s.Execute("DELETE FROM settings WHERE name = 'oidc_audience'")
		s.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES "+
			"('oidc_audience', '\"roster, other\"', ?, ?)", s.Clock.Now(), s.Clock.Now())
		c.Get("/api/settings/oidc_audience").Expect(200).Want([]any{"roster", "other"}, "value")
	})
}

// Bookmarks are for lists that exist here or elsewhere, and public or not.
func TestBookmarks_Rules(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		post := func(attributes object) *answer {
			bookmark := object{"name": fmt.Sprint("b", len(attributes)), "controller": "users", "query": "a"}
			for name, value := range attributes {
				bookmark[name] = value
			}
			return s.Admin().Post("/api/bookmarks", object{"bookmark": bookmark})
		}
		post(object{"public": nil}).Refuses(map[string][]string{"public": {"is not included in the list"}},
			"Public is not included in the list")
		for _, name := range []string{"nosuch", "foo bar", "User", "users "} {
			a := post(object{"controller": name})
			if trimmed := strings.TrimSpace(name); trimmed == "users" {
				a.Expect(201)
				continue
			}
			a.Refuses(map[string][]string{"controller": {name + " is not a valid controller"}},
				"Controller "+name+" is not a valid controller")
		}
		for i, name := range []string{"dashboard", "hosts", "common_parameters", "auth_source_ldaps", "audits"} {
			post(object{"controller": name, "name": fmt.Sprint("c", i)}).Expect(201).Want(false, "public")
		}
		id := post(object{"name": "mine", "public": true}).Expect(201).Int("id")
		s.Admin().Put(fmt.Sprint("/api/bookmarks/", id), object{"bookmark": object{"public": nil}}).Expect(422)
		s.Admin().Put(fmt.Sprint("/api/bookmarks/", id), object{"bookmark": object{"public": false}}).Expect(200)
	})
}

// What an LDAP source may be: no text is longer than its column, and a port is a number.
func TestLdapSources_Limits(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		post := func(name string, value any) *answer {
			return s.Admin().Post("/api/auth_source_ldaps",
				object{"auth_source_ldap": object{"name": name, "host": "ldap.example.com", name: value}})
		}
		for _, name := range []string{"account", "base_dn", "groups_base", "attr_photo"} {
			post(name, strings.Repeat("x", 256)).Expect(422).
				Want(map[string][]string{name: {"is too long (maximum is 255 characters)"}}, "error", "errors")
			post(name, "x="+strings.Repeat("x", 253)).Expect(201)
		}
		for value, rules := range map[any][]string{
			"1.5": {"must be an integer"}, 1.5: {"must be an integer"}, "abc": {"is not a number"},
			"": {"can't be blank", "is not a number"}, nil: {"can't be blank", "is not a number"},
			0: {"must be between 1 and 65535"}, "70000": {"must be between 1 and 65535"},
		} {
			post("port", value).Expect(422).Want(rules, "error", "errors", "port")
		}
		post("port", "0636").Expect(201).Want(636, "port")
		post("server_type", "").Expect(422).Want([]any{"can't be blank", "is not included in the list"}, "error",
			"errors", "server_type")
	})
}
