package store

import (
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// countCache remembers how many rows a list has. What is remembered names the state of the directory at which it was
// counted, so a count is never wrong.
type countCache struct {
	known *otter.Cache[string, counted]
}

// counted is a number of rows with the state at which they were counted: the revision of all users and that of the
// tenants whose people are listed.
type counted struct{ rows, users, tenants int64 }

func newCountCache() *countCache {
	return &countCache{otter.Must(&otter.Options[string, counted]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, counted](5 * time.Minute),
		StatsRecorder: stats.NewCounter(),
	})}
}

// get returns the remembered count or counts. An empty key is never remembered. What was counted at the same revision
// of all users holds; else it holds if tenants returns the same as then. Without tenants, every change of users counts.
func (c *countCache) get(key string, users int64, tenants func() (int64, error),
	count func() (int64, error)) (int64, error) {
	if key == "" {
		return count()
	}
	known, ok := c.known.GetIfPresent(key)
	if ok && known.users == users {
		return known.rows, nil
	}
	now := counted{users: users}
	var err error
	if tenants != nil {
		if now.tenants, err = tenants(); err != nil {
			return 0, err
		}
	}
	if ok && tenants != nil && known.tenants == now.tenants {
		now.rows = known.rows
	} else if now.rows, err = count(); err != nil {
		return 0, err
	}
	c.known.Set(key, now)
	return now.rows, nil
}
