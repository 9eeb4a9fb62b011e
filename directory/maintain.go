package directory

import (
	"context"
	"fmt"
	"time"
)

// maintained is how many users make statistics worthwhile. Of an almost empty table they would say that it is best read
// from end to end, and still say so when it has been filled.
const maintained = 1000

// MaintainEvery is how often Maintain has something to do on a busy server.
const MaintainEvery = time.Minute

// Maintain keeps the statistics by which SQLite chooses indexes: it counts the tables anew that have grown tenfold since
// it last did. PostgreSQL does that by itself.
func (s *Service) Maintain(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	var users int64
	db := s.write.WithContext(ctx)
	if err := db.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT ?) some", maintained).Scan(&users).Error; err != nil || users < maintained {
		return err
	}
	// All tables (0x10000), whether this connection has read them or not, and as many rows as there are: the histograms,
	// which tell a rare value from a common one, are not made from samples.
	if err := db.Exec("PRAGMA optimize = 0x10002").Error; err != nil {
		return fmt.Errorf("renew the statistics: %w", err)
	}
	return nil
}
