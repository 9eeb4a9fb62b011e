package store

import (
	"time"

	"github.com/maypok86/otter/v2"
)

// countCache remembers how many rows a list has. A key names a state of the directory, so a count is never wrong, and
// outdated counts are simply not asked for again.
type countCache struct {
	known *otter.Cache[string, int64]
}

func newCountCache() *countCache {
	return &countCache{otter.Must(&otter.Options[string, int64]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, int64](5 * time.Minute),
	})}
}

// get returns the remembered count or counts. An empty key is never remembered.
func (c *countCache) get(key string, count func() (int64, error)) (int64, error) {
	if key != "" {
		if n, ok := c.known.GetIfPresent(key); ok {
			return n, nil
		}
	}
	n, err := count()
	if err == nil && key != "" {
		c.known.Set(key, n)
	}
	return n, err
}
