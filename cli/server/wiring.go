package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"roster/config"
	"roster/directory"
	"roster/directory/ldap"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/handlers"
	"roster/migrations"
)

// openMigrated opens the database with its schema up to date.
func openMigrated(ctx context.Context, cfg config.Config, log *slog.Logger) (*config.Database, error) {
	db, err := config.Open(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if err := migrations.Up(ctx, db.SQL(), db.Dialect, func(line string) { log.Info(line) }); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// newDirectory returns the directory over a database.
func newDirectory(cfg config.Config, db *config.Database, watch directory.Watch,
	log *slog.Logger) (*directory.Service, error) {
	key, err := cfg.Key()
	if err != nil {
		return nil, err
	}
	roots, err := cfg.LDAPRoots()
	if err != nil {
		return nil, err
	}
	var replicas []directory.Replica
	for _, r := range db.Replicas {
		replicas = append(replicas, directory.Replica(r))
	}
	svc, err := directory.New(directory.Options{
		Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Now: time.Now, Rand: rand.Reader, Log: log, SecretKey: key,
		LDAP:        ldap.Client{Roots: roots, Large: make(chan struct{}, ldap.MaxLarge)},
		Unreachable: config.IsUnreachable, Damaged: config.IsDamaged, Watch: watch,
		Replicas: replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return svc, nil
}

// openSeeded opens the database with its schema and base data, and the directory over it. The caller closes the
// database.
func openSeeded(ctx context.Context, cfg config.Config, watch directory.Watch,
	log *slog.Logger) (*config.Database, *directory.Service, seed.Applied, error) {
	db, err := openMigrated(ctx, cfg, log)
	if err != nil {
		return nil, nil, seed.Applied{}, err
	}
	svc, err := newDirectory(cfg, db, watch, log)
	if err != nil {
		db.Close()
		return nil, nil, seed.Applied{}, err
	}
	seeded, err := seed.Apply(ctx, svc, cfg.AdminPassword)
	if err != nil {
		db.Close()
		return nil, nil, seed.Applied{}, fmt.Errorf("seed: %w", err)
	}
	return db, svc, seeded, nil
}

// newHandler returns the handler of all requests.
func newHandler(cfg config.Config, svc *directory.Service, logins *login.Service, seen *seen,
	log *slog.Logger) http.Handler {
	return handlers.New(svc, logins, handlers.Options{
		Version: BuildVersion(),
		Log:     log, BodyLimit: cfg.BodyLimit, RequestTimeout: cfg.RequestTimeout, TrustedProxies: cfg.TrustedProxies,
		IdentityProxies: cfg.IdentityProxies, Hosts: cfg.Hosts, Health: seen.health, Watchers: seen.watchers,
	})
}
