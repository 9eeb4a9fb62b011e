// Package config owns the settings of a Roster server and what they open: it layers flags over environment over a YAML
// file over defaults, names every fault, prints the result with secrets redacted, and opens the database.
//
// It refuses to hold anything global: a Config is a value that is passed to whatever needs a setting.
package config

import (
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config is the effective configuration. Load fills it; a test may start from Default and change fields.
type Config struct {
	// Listen is the host and port to serve on, or unix: with the path of a socket. Port 0 asks the kernel for a free
	// one.
	Listen string
	// ListenMode is the mode of that socket.
	ListenMode fs.FileMode
	// TLSCertificate and TLSKey are the files of a certificate and of its key; both are empty without TLS.
	TLSCertificate, TLSKey string
	// Database is sqlite://PATH or postgres://...; it may hold a password, so print it only through Dump.
	Database string
	// DatabaseConnections bounds the pool for reading; 0 lets Open choose. Transactions have a pool beside it: one
	// connection on SQLite, half as many and two at least on PostgreSQL.
	DatabaseConnections int
	// SearchConnections bounds the pool for searches. 0 lets Open choose.
	SearchConnections int
	// Replicas are URLs of PostgreSQL servers that follow that of Database; they may hold passwords.
	Replicas []string
	// SQLiteSynchronous is full or normal. With full, SQLite waits for the disk at every commit, so that acknowledged
	// writes survive a loss of power; with normal it waits at checkpoints only. Neither loses anything when the process
	// dies.
	SQLiteSynchronous string
	// SlowQuery is how long a statement may take before it is logged, without its values.
	SlowQuery time.Duration

	// LogLevel is the least level that is written.
	LogLevel slog.Level
	// LogFormat is auto (text on a terminal, else JSON), text or json.
	LogFormat string

	// AdminPassword is the password of the first administrator. Empty: one is generated and shown once.
	AdminPassword string
	// SecretKey encrypts bind passwords at rest, as text; Key decodes it. Empty: see Key.
	SecretKey string

	// BodyLimit is the largest request body in bytes.
	BodyLimit int64
	// TrustedProxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// IdentityProxies are the networks whose proxies may assert who is asking, by Remote-User.
	IdentityProxies []netip.Prefix
	// Hosts are names of hosts, in lower case, at whose root a dialect answers, with the name of the dialect.
	Hosts map[string]string
	// LDAPAuthorities is a file of certificates, in PEM, that sign those of LDAP servers; empty means the system's.
	LDAPAuthorities string

	// ReadHeaderTimeout bounds the arrival of a request's header.
	ReadHeaderTimeout time.Duration
	// ReadTimeout bounds the arrival of a whole request.
	ReadTimeout time.Duration
	// RequestTimeout bounds the work on one request; it cancels the request's context.
	RequestTimeout time.Duration
	// WriteTimeout bounds the work and the answer together, so it must exceed RequestTimeout.
	WriteTimeout time.Duration
	// IdleTimeout bounds how long a kept-alive connection may wait for its next request.
	IdleTimeout time.Duration
	// ShutdownGrace is how long requests under way may take to finish after SIGTERM.
	ShutdownGrace time.Duration
	// DrainDelay is how long the server goes on after SIGTERM before it takes no more requests, so that a proxy that
	// asks for its readiness notices.
	DrainDelay time.Duration

	// MetricsListen is the host and port for metrics and health; empty: there is no such listener.
	MetricsListen string
	// MetricsPprof offers profiles of the program there.
	MetricsPprof bool
	// Traces is the URL of a collector that takes traces by OTLP over HTTP; empty: there are none.
	Traces string
	// TracesRatio is the share of the requests that are traced, from 0 to 1.
	TracesRatio float64

	// Unknown lists environment variables that begin with ROSTER_ but are no setting: probably typing mistakes. They
	// are no fault, because orchestrators invent such names (ROSTER_SERVICE_HOST).
	Unknown []string
}

// IsSQLite reports whether the database is one of SQLite.
func (c Config) IsSQLite() bool { return strings.HasPrefix(c.Database, "sqlite://") }

// Place says where the database is, for people: the absolute path of its file, or its URL without the password.
func (c Config) Place() string {
	path, ok := strings.CutPrefix(c.Database, "sqlite://")
	if !ok {
		return redactURL(c.Database)
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

// Socket returns the path of the socket to serve on; ok is false where Listen is a host and port.
func (c Config) Socket() (path string, ok bool) { return strings.CutPrefix(c.Listen, "unix:") }

// Default is the configuration of `roster serve` without any flag, variable or file.
func Default() Config {
	var c Config
	for _, s := range settings {
		if err := s.set(&c, s.value); err != nil {
			panic("default of " + s.key + ": " + err.Error())
		}
	}
	return c
}

// Faults are all the reasons why a configuration is unusable. Each sentence names its flag and its variable.
type Faults []string

// Error joins the faults, one a line.
func (f Faults) Error() string { return strings.Join(f, "\n") }

func (f *Faults) add(key, reason string) {
	*f = append(*f, nameOf(key)+": "+reason)
}

// orNil avoids an error that is not nil but holds nothing.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Validate reports every fault at once, as Faults.
func (c Config) Validate() error {
	var f Faults
	c.checkAddresses(&f)
	c.checkBounds(&f)
	c.checkTimes(&f)
	if c.SQLiteSynchronous != "full" && c.SQLiteSynchronous != "normal" {
		f.add("sqlite_synchronous", strconv.Quote(c.SQLiteSynchronous)+" is none of full, normal")
	}
	if c.LogFormat != "auto" && c.LogFormat != "text" && c.LogFormat != "json" {
		f.add("log_format", strconv.Quote(c.LogFormat)+" is none of auto, text, json")
	}
	if c.SecretKey != "" {
		if _, err := decodeKey(c.SecretKey); err != nil {
			f.add("secret_key", err.Error())
		}
	}
	return f.orNil()
}

func (c Config) checkAddresses(f *Faults) {
	reason := listenFault(c.Listen)
	if path, ok := c.Socket(); ok {
		reason = socketFault(path)
	}
	if reason != "" {
		f.add("listen", strconv.Quote(c.Listen)+" "+reason)
	}
	c.checkTLS(f)
	// The value is not repeated: it may hold a password.
	if reason := databaseFault(c.Database); reason != "" {
		f.add("database", reason)
	}
	c.checkReplicas(f)
	if reason := listenFault(c.MetricsListen); c.MetricsListen != "" && reason != "" {
		f.add("metrics_listen", strconv.Quote(c.MetricsListen)+" "+reason)
	}
	// The value is not repeated: it may hold a password.
	if u, err := url.Parse(c.Traces); c.Traces != "" &&
		(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil) {
		f.add("traces", "is no URL of http or https without a user and a query, such as http://127.0.0.1:4318")
	}
	if !(c.TracesRatio >= 0 && c.TracesRatio <= 1) {
		f.add("traces_ratio", strconv.FormatFloat(c.TracesRatio, 'g', -1, 64)+" is not between 0 and 1")
	}
}

func listenFault(listen string) string {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "is no host and port, such as 127.0.0.1:3000"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "has no port from 0 to 65535"
	}
	return ""
}

// maxSocket is the length that the kernel allows for the path of a socket, less one that the listener needs.
const maxSocket = 106

func socketFault(path string) string {
	switch {
	case !filepath.IsAbs(path):
		return "names no absolute path, such as unix:/run/roster/roster.sock"
	case len(path) > maxSocket || strings.Contains(path, "\x00"):
		return "is longer than " + strconv.Itoa(maxSocket) + " bytes, which the path of a socket cannot be"
	}
	return ""
}

// checkTLS looks at the settings alone; the files are read by Certificate.
func (c Config) checkTLS(f *Faults) {
	_, socket := c.Socket()
	switch {
	case c.TLSCertificate != "" && c.TLSKey == "":
		f.add("tls_key", "is missing; it belongs to "+nameOf("tls_certificate"))
	case c.TLSCertificate == "" && c.TLSKey != "":
		f.add("tls_certificate", "is missing; it belongs to "+nameOf("tls_key"))
	case c.TLSCertificate != "" && socket:
		f.add("tls_certificate", "cannot go with a socket: what talks to the socket has to end TLS")
	}
}

func databaseFault(database string) string {
	scheme, rest, _ := strings.Cut(database, "://")
	switch scheme {
	case "sqlite":
		return sqliteFault(rest)
	case "postgres", "postgresql":
		if _, err := url.Parse(database); err != nil {
			return "is no URL that can be read; percent-encode special characters of the password"
		}
		if _, err := postgresConfig(database, 0); err != nil {
			return "is no PostgreSQL URL: a parameter of it is wrong"
		}
		return ""
	}
	return "must begin with sqlite:// or postgres://"
}

// checkReplicas repeats no value: it may hold a password.
func (c Config) checkReplicas(f *Faults) {
	if len(c.Replicas) > 0 && c.IsSQLite() {
		f.add("replica", "needs a database of PostgreSQL")
	}
	seen := map[string]bool{}
	for _, replica := range c.Replicas {
		conn, err := postgresConfig(replica, 0)
		switch {
		case err != nil || !strings.HasPrefix(replica, "postgres"):
			f.add("replica", "is no PostgreSQL URL, or a parameter of it is wrong")
		case hasSeveralHosts(conn):
			f.add("replica", "names several hosts: give one URL for each")
		case seen[replicaName(conn)]:
			f.add("replica", "names "+replicaName(conn)+" twice")
		default:
			seen[replicaName(conn)] = true
		}
	}
}

func sqliteFault(path string) string {
	switch {
	case path == "" || strings.HasSuffix(path, "/"):
		return "names no file; use sqlite://data/roster.db or sqlite:///var/lib/roster/roster.db"
	case strings.Contains(path, ":memory:"):
		return "cannot be in memory: readers and the writer are separate connections"
	case strings.ContainsAny(path, "?\x00"):
		return "takes a path alone, without parameters"
	}
	return ""
}

func (c Config) checkBounds(f *Faults) {
	bound := func(key string, n, low, high int64) {
		if n < low || n > high {
			f.add(key, strconv.FormatInt(n, 10)+" is not between "+strconv.FormatInt(low, 10)+" and "+
				strconv.FormatInt(high, 10))
		}
	}
	bound("database_connections", int64(c.DatabaseConnections), 0, 1000)
	bound("search_connections", int64(c.SearchConnections), 0, 1000)
	bound("body_limit", c.BodyLimit, 1<<10, 1<<30)
}

func (c Config) checkTimes(f *Faults) {
	bound := func(key string, d, low time.Duration) {
		if d < low || d > 24*time.Hour {
			f.add(key, d.String()+" is not between "+low.String()+" and 24h")
		}
	}
	bound("slow_query", c.SlowQuery, time.Millisecond)
	bound("read_header_timeout", c.ReadHeaderTimeout, time.Millisecond)
	bound("read_timeout", c.ReadTimeout, time.Millisecond)
	bound("request_timeout", c.RequestTimeout, time.Millisecond)
	bound("write_timeout", c.WriteTimeout, time.Millisecond)
	bound("idle_timeout", c.IdleTimeout, time.Millisecond)
	bound("shutdown_grace", c.ShutdownGrace, 0)
	bound("drain_delay", c.DrainDelay, 0)
	if c.WriteTimeout <= c.RequestTimeout {
		f.add("write_timeout", c.WriteTimeout.String()+" must exceed the request time-out of "+
			c.RequestTimeout.String())
	}
}
