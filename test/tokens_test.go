package test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.user("ann")
		tokens := ann.path("/personal_access_tokens")
		made := s.by(ann).post(tokens,
			object{"name": "laptop", "expires_at": s.clock.Now().Add(time.Hour).Format(time.RFC3339)}).expect(201)
		secret := made.text("token_value")

		s.run("the secret is shown once and kept as a digest", func(t *testing.T, s *server) {
			if !strings.HasPrefix(string(made.body), `{"token_value":"`+secret+`"`) || len(secret) != 22 {
				t.Errorf("got %s, want the secret of 22 characters first", made)
			}
			for _, a := range []*answer{s.by(ann).get(tokens),
				s.by(ann).get(fmt.Sprintf("%s/%d", tokens, made.int("id"))),
				s.admin().get("/api/audits?per_page=all")} {
				if strings.Contains(string(a.body), secret) || strings.Contains(string(a.body), "token_hash") {
					t.Errorf("the secret or its digest shows: %s", a)
				}
			}
			if n := s.find("SELECT COUNT(*) FROM personal_access_tokens WHERE token_hash = ?", secret); n != 0 {
				t.Error("the secret is stored as it is")
			}
		})
		s.run("it logs its own user in, notes its use, and nobody else", func(t *testing.T, s *server) {
			s.as("ann", secret).get("/api/current_user").expect(200).want("ann", "login")
			s.as("admin", secret).get("/api/current_user").expect(401)
			s.by(ann).get(tokens).expect(200).want("2024-01-10 08:00:00 UTC", "results", 0, "last_used_at")
		})
		s.run("names are the user's own for ever, times must be to come", func(t *testing.T, s *server) {
			s.by(ann).post(tokens, object{"personal_access_token": object{"name": "laptop"}}).expect(422).
				want("has already been taken", "error", "errors", "name", 0)
			s.by(ann).post(tokens, object{"name": "x", "expires_at": "2001-01-01"}).expect(422).
				want("cannot be in the past", "error", "errors", "expires_at", 0)
			s.by(ann).post(tokens, object{"name": "x", "expires_at": "soon"}).expect(422).
				want("Could not parse timestamp 'soon'", "error", "errors", "expires_at", 0)
		})
		s.run("an expired token opens nothing", func(t *testing.T, s *server) {
			s.clock.advance(2 * time.Hour)
			s.as("ann", secret).get("/api/current_user").expect(401)
		})
		s.run("a revoked token stays listed and opens nothing", func(t *testing.T, s *server) {
			other := s.by(ann).post(tokens, object{"name": "desk"}).expect(201)
			s.as("ann", other.text("token_value")).get("/api/current_user").expect(200)
			s.by(ann).delete(fmt.Sprintf("%s/%d", tokens, other.int("id"))).expect(200).want(true, "revoked")
			s.as("ann", other.text("token_value")).get("/api/current_user").expect(401)
			s.by(ann).get(fmt.Sprintf("%s/%d", tokens, other.int("id"))).expect(200).want(true, "revoked?").want(false,
				"active?")
		})
	})
}
