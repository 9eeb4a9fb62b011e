package login

import (
	"context"
	"time"

	"roster/models"
)

// Block is an address whose logins are refused until a time, after so many failed ones.
type Block struct {
	Address  string
	Failures int64
	Until    time.Time
}

// MaxBlocks is how many blocks Blocks returns.
const MaxBlocks = 1000

// Blocks returns the blocked addresses, those with the most failures first. IPv6 addresses are blocked by network.
func (s *Service) Blocks(ctx context.Context) ([]Block, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	limit := r.SettingInt("failed_login_attempts_limit")
	if limit == 0 {
		return nil, nil
	}
	var blocks []Block
	return blocks, s.Read.WithContext(ctx).Model(&models.LoginFailure{}).
		Where("failures >= ? AND expires_at > ?", limit, s.Now()).Order("failures DESC, address").Limit(MaxBlocks).
		Select("address, failures, expires_at AS until").Scan(&blocks).Error
}

// Unblock forgets the failed logins of an address, or of the network of an IPv6 address, and reports whether there were
// any. Every server follows within a second.
func (s *Service) Unblock(ctx context.Context, address string) (bool, error) {
	address = throttleKey(address)
	result := s.Write.WithContext(ctx).Where("address = ? AND expires_at > ?", address, s.Now()).
		Delete(&models.LoginFailure{})
	s.failures.Invalidate(address)
	return result.RowsAffected > 0, result.Error
}
