package bench

import (
	"context"
	"testing"

	"roster/config"
	"roster/migrations"
)

func open(b *testing.B, cfg config.Config) *config.Database {
	b.Helper()
	ctx := context.Background()
	db, err := config.Open(ctx, cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := migrations.Up(ctx, db.SQL(), db.Dialect, func(string) {}); err != nil {
		b.Fatal(err)
	}
	return db
}
