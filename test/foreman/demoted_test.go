package foreman

import (
	"database/sql"
	"testing"

	"roster/config"
)

// A primary that was demoted only reads. Changes are an outage, not a fault, and the server does not stay with it: the
// next change goes to the primary that is there then.
func TestDemotedPrimary(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		bob := object{"user": object{"login": "bob", "mail": "bob@example.com", "auth_source_name": "External"}}
		demote(s)
		refused, err := admin.Try("POST", "/api/users", bob)
		if err != nil || refused.Status != 503 || refused.Header.Get("Retry-After") == "" {
			t.Errorf("got %v, %v, want 503 with Retry-After", refused, err)
		}
		if s.DB.Dialect == config.SQLite {
			s.Execute("PRAGMA query_only = off") // a file is promoted by hand
		}
		admin.Post("/api/users", bob).Expect(201)
		admin.Get("/api/users/bob").Expect(200)
		if s.DB.Dialect == config.SQLite {
			return
		}
		for _, pool := range pools(s) {
			var value string
			if err := pool.QueryRow("SHOW default_transaction_read_only").Scan(&value); err != nil || value != "off" {
				t.Errorf("a pool still reads from the demoted primary: %s, %v", value, err)
			}
		}
	})
}

func pools(s *server) []*sql.DB {
	write, _ := s.DB.Write.DB()
	read, _ := s.DB.Read.DB()
	search, _ := s.DB.Search.DB()
	return []*sql.DB{write, read, search}
}

// demote makes the server's connections read-only, all of them.
func demote(s *server) {
	s.T.Helper()
	if s.DB.Dialect == config.SQLite {
		s.Execute("PRAGMA query_only = on")
		return
	}
	for _, pool := range pools(s) {
		var held []*sql.Conn
		for range pool.Stats().MaxOpenConnections {
			conn, err := pool.Conn(s.T.Context())
			if err != nil {
				s.T.Fatal(err)
			}
			if _, err := conn.ExecContext(s.T.Context(), "SET default_transaction_read_only = on"); err != nil {
				s.T.Fatal(err)
			}
			held = append(held, conn)
		}
		for _, conn := range held {
			conn.Close()
		}
	}
}
