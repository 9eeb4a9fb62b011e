package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/handlers"
)

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Start the server: migrate, create base data, serve until SIGTERM",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			log := cfg.Logger(p.stderr)
			for _, name := range cfg.Unknown {
				log.Warn("unknown variable ignored: it is not a setting", "name", name)
			}
			return p.serve(cmd.Context(), cfg, log)
		},
	}
}

// serve listens first: if the port is in use, the generated password, which is shown only once, must not be lost.
func (p *program) serve(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if err := checkHosts(cfg); err != nil {
		return err
	}
	certificate, err := cfg.ServerCertificate(log, time.Now)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer listener.Close()
	seen, err := newSeen(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer seen.flush(ctx)
	log = seen.log
	db, svc, seeded, err := openSeeded(ctx, cfg, seen.directory, log)
	if err != nil {
		return err
	}
	defer db.Close()
	logins := login.New(svc)
	seen.begin(db, svc, logins, certificate)
	defer seen.stop()
	server := newServer(cfg, newHandler(cfg, svc, logins, seen, log), log)
	if certificate != nil {
		server.TLSConfig = certificate.TLS()
		go certificate.Watch(ctx)
	}
	administrators, err := svc.Administrators(ctx, directory.MaxNamedAdministrators)
	if err != nil {
		return err
	}
	printWelcome(p.stdout, baseURL(listener.Addr(), certificate != nil), cfg.Place(), toUse(administrators, seeded),
		seeded)
	warn(ctx, cfg, svc, seeded, log)
	log.Info("serving", "address", listener.Addr().String(), "database", db.Dialect, "version", BuildVersion())
	go maintain(ctx, logins, log)
	go sendMail(ctx, svc, log)
	manager := newNotifier(p.environ, log)
	go manager.watch(ctx, func(ctx context.Context) error {
		_, err := askServer(ctx, cfg, listener.Addr(), "/healthz")
		return err
	})
	manager.tell("READY=1")
	drain := func() {
		manager.tell("STOPPING=1")
		seen.health.Drain()
	}
	err = serveUntil(ctx, server, listener,
		stopping{drain: drain, delay: cfg.DrainDelay, grace: cfg.ShutdownGrace}, log)
	log.Info("stopped")
	return err
}

// warn tells what was set without effect, and which secrets cannot be read.
func warn(ctx context.Context, cfg config.Config, svc *directory.Service, seeded seed.Applied, log *slog.Logger) {
	if cfg.AdminPassword != "" && !seeded.MadeAdmin {
		log.Warn("ROSTER_ADMIN_PASSWORD is ignored: it has an effect at the first start only; use roster admin " +
			"reset-password")
	}
	sealed, err := svc.SealedSources(ctx)
	if err != nil {
		log.Warn("the bind passwords of LDAP sources cannot be checked", "error", err)
	}
	for _, name := range sealed {
		log.Error("the bind password of an LDAP source cannot be decrypted: ROSTER_SECRET_KEY is not the key with "+
			"which it was stored", "source", name)
	}
}

// checkHosts refuses hosts of dialects that the server does not speak.
func checkHosts(cfg config.Config) error {
	names := handlers.Dialects().Names()
	for host, dialect := range cfg.Hosts {
		if !slices.Contains(names, dialect) {
			return usageError{fmt.Errorf("--host / ROSTER_HOST: %s=%s: %q is none of %s", host, dialect, dialect,
				strings.Join(names, ", "))}
		}
	}
	return nil
}

// maintain runs the regular maintenance until ctx ends.
func maintain(ctx context.Context, logins *login.Service, log *slog.Logger) {
	tick := time.NewTicker(login.MaintainEvery)
	defer tick.Stop()
	for {
		if err := logins.Maintain(ctx); err != nil && ctx.Err() == nil {
			log.Warn("maintenance failed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// mailEvery is how often the server looks for mail to send.
const mailEvery = 5 * time.Second

// sendMail sends what is queued until ctx ends.
func sendMail(ctx context.Context, svc *directory.Service, log *slog.Logger) {
	tick := time.NewTicker(mailEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		_, err := svc.SendMail(ctx)
		if err == nil {
			err = svc.ForgetMail(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("mail cannot be sent", "error", err)
		}
	}
}

func newServer(cfg config.Config, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: cfg.ReadHeaderTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// stopping says how a server ends.
type stopping struct {
	// drain is called first: from then on the server is not ready. It goes on serving for the delay.
	drain func()
	delay time.Duration
	// grace is how long requests under way may take after that.
	grace time.Duration
}

// serveUntil serves until ctx ends, and for the delay after that. Then it accepts no new requests and waits for those
// under way, at most for the grace period. Requests that take longer are cut off, which is an error.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, end stopping,
	log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(listener, "", "") // the configuration has the certificate
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end.drain()
	log.Info("stopping", "delay", end.delay.String(), "grace", end.grace.String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(end.delay):
	}
	// The caller's context has ended; the requests under way have not.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), end.grace)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		return errors.Join(fmt.Errorf("requests did not finish within %s (--shutdown-grace / ROSTER_SHUTDOWN_GRACE)",
			end.grace), server.Close())
	}
	return nil
}

// toUse names the first administrator where it can still be used, and else others.
func toUse(administrators []string, seeded seed.Applied) string {
	if slices.Contains(administrators, seeded.AdminLogin) {
		return seeded.AdminLogin
	}
	return cmp.Or(strings.Join(administrators, ", "), "none can log in; see roster admin reset-password --help")
}

// printWelcome prints where the server can be reached. The generated password is printed here and never again.
func printWelcome(w io.Writer, base, database, administrator string, seeded seed.Applied) {
	fmt.Fprintf(w, "Roster %s is ready.\n\n", BuildVersion())
	fmt.Fprintf(w, "  address        %s\n", base)
	if !strings.HasPrefix(base, "unix:") {
		fmt.Fprintf(w, "  guides         %s/docs\n", base)
		fmt.Fprintf(w, "  API reference  %s/apidoc\n", base)
	}
	fmt.Fprintf(w, "  database       %s\n", database)
	fmt.Fprintf(w, "  administrator  %s\n", administrator)
	if seeded.GeneratedPassword != "" {
		fmt.Fprintf(w,
			"  password       %s\n\nThe password is shown only this once; change it after the first login.\n",
			seeded.GeneratedPassword)
	}
	fmt.Fprintln(w)
}
