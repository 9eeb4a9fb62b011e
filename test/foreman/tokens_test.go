package foreman

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.User("ann")
		tokens := ann.Path("/personal_access_tokens")
		made := s.By(ann).Post(tokens,
			object{"name": "laptop", "expires_at": s.Clock.Now().Add(time.Hour).Format(time.RFC3339)}).Expect(201)
		secret := made.Text("token_value")

		s.Run("the secret is shown once and kept as a digest", func(t *testing.T, s *server) {
			if !strings.HasPrefix(string(made.Body), `{"token_value":"`+secret+`"`) || len(secret) != 22 {
				t.Errorf("got %s, want the secret of 22 characters first", made)
			}
			for _, a := range []*answer{s.By(ann).Get(tokens),
				s.By(ann).Get(fmt.Sprintf("%s/%d", tokens, made.Int("id"))),
				s.Admin().Get("/api/audits?per_page=all")} {
				if strings.Contains(string(a.Body), secret) || strings.Contains(string(a.Body), "token_hash") {
					t.Errorf("the secret or its digest shows: %s", a)
				}
			}
			if n := s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE token_hash = ?", secret); n != 0 {
				t.Error("the secret is stored as it is")
			}
		})
		s.Run("it logs its own user in, notes its use, and nobody else", func(t *testing.T, s *server) {
			s.As("ann", secret).Get("/api/current_user").Expect(200).Want("ann", "login")
			s.As("admin", secret).Get("/api/current_user").Expect(401)
			s.By(ann).Get(tokens).Expect(200).Want("2024-01-10 08:00:00 UTC", "results", 0, "last_used_at")
		})
		s.Run("names are the user's own for ever, times must be to come", func(t *testing.T, s *server) {
			s.By(ann).Post(tokens, object{"personal_access_token": object{"name": "laptop"}}).Expect(422).
				Want("has already been taken", "error", "errors", "name", 0)
			s.By(ann).Post(tokens, object{"name": "x", "expires_at": "2001-01-01"}).Expect(422).
				Want("cannot be in the past", "error", "errors", "expires_at", 0)
			s.By(ann).Post(tokens, object{"name": "x", "expires_at": "soon"}).Expect(422).
				Want("Could not parse timestamp 'soon'", "error", "errors", "expires_at", 0)
		})
		s.Run("an expired token opens nothing", func(t *testing.T, s *server) {
			s.Clock.Advance(2 * time.Hour)
			s.As("ann", secret).Get("/api/current_user").Expect(401)
		})
		s.Run("a revoked token stays listed and opens nothing", func(t *testing.T, s *server) {
			other := s.By(ann).Post(tokens, object{"name": "desk"}).Expect(201)
			s.As("ann", other.Text("token_value")).Get("/api/current_user").Expect(200)
			s.By(ann).Delete(fmt.Sprintf("%s/%d", tokens, other.Int("id"))).Expect(200).Want(true, "revoked")
			s.As("ann", other.Text("token_value")).Get("/api/current_user").Expect(401)
			s.By(ann).Get(fmt.Sprintf("%s/%d", tokens, other.Int("id"))).Expect(200).Want(true, "revoked?").Want(false,
				"active?")
		})
	})
}
