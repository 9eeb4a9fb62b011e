package store

import (
	"context"
	"fmt"
)

// maintained is how many users make statistics worthwhile. Of an almost empty table they would say that it is best read
// from end to end, and still say so when it has been filled.
const maintained = 1000

// Analyze updates the statistics of tables that have grown tenfold since the last time. PostgreSQL does so by itself.
func (s *Store) Analyze(ctx context.Context) error {
	if s.Postgres {
		return nil
	}
	db := s.Write.WithContext(ctx)
	var users int64
	if err := db.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT ?) some", maintained).
		Scan(&users).Error; err != nil || users < maintained {
		return err
	}
	// All tables (0x10000), whether this connection has read them or not, and as many rows as there are: the
	// histograms, which tell a rare value from a common one, are not made from samples.
	if err := db.Exec("PRAGMA optimize = 0x10002").Error; err != nil {
		return fmt.Errorf("renew the statistics: %w", err)
	}
	return nil
}
