package directory

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"roster/models"
)

// maintained is how many users make statistics worthwhile. Of an almost empty table they would say that it is best read
// from end to end, and still say so when it has been filled.
const maintained = 1000

// MaintainEvery is how often Maintain has something to do on a busy server.
const MaintainEvery = time.Minute

// Maintain forgets sessions and failed logins that have ended, mends the ends of those that were made before the clock went
// back, and keeps the statistics by which SQLite chooses indexes.
func (s *Service) Maintain(ctx context.Context) error {
	db, now := s.Write.WithContext(ctx), s.Now()
	if err := db.Where("expires_at < ?", now.Add(-sessionKept)).Delete(&models.Session{}).Error; err != nil {
		return fmt.Errorf("forget sessions: %w", err)
	}
	if err := db.Where("expires_at < ?", now).Delete(&models.LoginFailure{}).Error; err != nil {
		return fmt.Errorf("forget failed logins: %w", err)
	}
	if err := s.shortenBlocks(ctx); err != nil {
		return fmt.Errorf("shorten blocks: %w", err)
	}
	if err := s.shortenSessions(ctx); err != nil {
		return fmt.Errorf("shorten sessions: %w", err)
	}
	if s.Postgres {
		return nil // which analyzes its tables by itself
	}
	return analyze(db)
}

// analyze counts the tables anew that have grown tenfold since it last did.
func analyze(db *gorm.DB) error {
	var users int64
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
