package foreman

import (
	"testing"

	"roster/test/servertest"
)

// Users have mail addresses beyond the first, which a change replaces as a whole.
func TestFurtherMails(t *testing.T) {
	servertest.OnBoth(t, func(t *testing.T, s *servertest.Server) {
		body := func(further any) servertest.Object {
			return servertest.Object{"user": servertest.Object{"further_mails": further}}
		}
		ann := s.User("ann", servertest.Object{"mail": "ann@example.com",
			"further_mails": []string{"a@example.com", " Ann@Example.org "}})
		shown := func(want any) {
			t.Helper()
			got, there := s.Admin().Get("/api/users/ann").Expect(200).At("further_mails")
			if want == nil && there {
				t.Errorf("got %v, want none", got)
			}
			if want != nil {
				s.Admin().Get("/api/users/ann").Want(want, "further_mails")
			}
		}
		shown([]any{"a@example.com", "Ann@Example.org"})
		if _, there := s.Admin().Get("/api/users?search=ann").Expect(200).At("results", 0, "further_mails"); there {
			t.Error("lists show further addresses")
		}
		s.Admin().Put("/api/users/ann", servertest.Object{"user": servertest.Object{"firstname": "A"}}).Expect(200)
		shown([]any{"a@example.com", "Ann@Example.org"})
		for _, wrong := range []any{[]string{"nonsense"}, []string{"a@example.com", "A@example.com"},
			[]string{"ANN@example.com"}, make([]string, 0), "x"} {
			if list, ok := wrong.([]string); ok && len(list) == 0 {
				continue
			}
			if status := s.Admin().Put("/api/users/ann", body(wrong)).Status; status != 422 {
				t.Errorf("%v: status %d", wrong, status)
			}
		}
		shown([]any{"a@example.com", "Ann@Example.org"})
		s.Admin().Put("/api/users/ann", body([]string{"new@example.com", "a@example.com"})).Expect(200)
		shown([]any{"a@example.com", "new@example.com"})
		audits := s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%further_mails%' AND auditable_id = ?",
			ann.ID)
		if audits != 2 {
			t.Errorf("%d audits tell of further addresses, want 2", audits)
		}
		s.By(ann).Put("/api/users/ann", body([]string{"own@example.com"})).Expect(200)
		s.Admin().Put("/api/settings/email_domains_denied", servertest.Object{"setting": servertest.Object{
			"value": []string{"evil.example"}}}).Expect(200)
		s.Admin().Put("/api/users/ann", body([]string{"own@example.com", "x@evil.example"})).Expect(422)
		s.Admin().Put("/api/users/ann", body([]string{})).Expect(200)
		shown(nil)
		s.Admin().Delete("/api/users/ann").Expect(200)
		if n := s.Find("SELECT COUNT(*) FROM user_mails"); n != 0 {
			t.Errorf("%d addresses outlive their user", n)
		}
	})
}
