package login

import (
	"context"
	"fmt"
	"time"

	"roster/models"
)

// MaintainEvery is how often Maintain has something to do on a busy server.
const MaintainEvery = time.Minute

// Maintain notes accounts and memberships as over that have ended, deletes ended sessions and expired failures,
// shortens those that were stored before the clock went back, empties the bin of identity providers, and updates the
// statistics by which SQLite chooses indexes.
func (s *Service) Maintain(ctx context.Context) error {
	db := s.Write.WithContext(ctx)
	now := s.Now()
	if err := db.Where("expires_at < ?", now.Add(-sessionKept)).Delete(&models.Session{}).Error; err != nil {
		return fmt.Errorf("forget sessions: %w", err)
	}
	if err := db.Where("expires_at < ?", now).Delete(&models.LoginFailure{}).Error; err != nil {
		return fmt.Errorf("forget failed logins: %w", err)
	}
	if err := db.Where("expires_at < ?", now).Delete(&models.AccountToken{}).Error; err != nil {
		return fmt.Errorf("forget tokens of accounts: %w", err)
	}
	if err := s.shortenBlocks(ctx); err != nil {
		return fmt.Errorf("shorten blocks: %w", err)
	}
	if err := s.shortenSessions(ctx); err != nil {
		return fmt.Errorf("shorten sessions: %w", err)
	}
	if _, err := s.dir.EmptyBin(ctx); err != nil {
		return fmt.Errorf("empty the bin of provisioned users: %w", err)
	}
	if err := s.Analyze(ctx); err != nil {
		return err
	}
	if _, err := s.dir.EndDue(ctx); err != nil {
		return fmt.Errorf("end accounts and memberships: %w", err)
	}
	return nil
}
