package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setting is one row of the table from which flags, variables, file keys, help, parsing and Dump all follow.
type setting struct {
	// key is the name in the file. ROSTER_KEY and --key (dashes for underscores) follow from it.
	key string
	// value is the default, as text.
	value string
	usage string
	// fromFile also accepts key_file, the path of a file that holds the value: for secrets.
	fromFile bool
	// isSwitch lets the flag stand alone, which means true.
	isSwitch bool
	// repeats lets the flag be given more than once; the values are joined by commas.
	repeats bool
	// noFlag keeps a bare secret off the command line, where every user of the machine could read it.
	noFlag bool

	set func(*Config, string) error
	get func(Config) any
}

var settings = []setting{
	{key: "listen", value: "127.0.0.1:3000", usage: "host and port to listen on, or unix:PATH for a socket",
		set: text(func(c *Config) *string { return &c.Listen }), get: func(c Config) any { return c.Listen }},
	{key: "listen_mode", value: "0660", usage: "mode of the socket of --listen unix:PATH",
		set: setListenMode, get: func(c Config) any { return fmt.Sprintf("%04o", c.ListenMode) }},
	{key: "tls_certificate",
		usage: "PEM file with the certificate and its chain; read again when it changes",
		set:   text(func(c *Config) *string { return &c.TLSCertificate }),
		get:   func(c Config) any { return c.TLSCertificate }},
	{key: "tls_key", usage: "PEM file with the certificate's key, not readable by others",
		set: text(func(c *Config) *string { return &c.TLSKey }), get: func(c Config) any { return c.TLSKey }},
	{key: "database", value: "sqlite://data/roster.db", usage: "sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME",
		fromFile: true,
		set:      text(func(c *Config) *string { return &c.Database }),
		get:      func(c Config) any { return redactURL(c.Database) }},
	{key: "database_connections", value: "0", usage: "connections for reading, 0 chooses by the number of CPUs; " +
		"PostgreSQL gets half as many more for writing",
		set: number(func(c *Config) *int { return &c.DatabaseConnections }),
		get: func(c Config) any { return c.DatabaseConnections }},
	{key: "search_connections", value: "0", usage: "connections for searches, 0 chooses",
		set: number(func(c *Config) *int { return &c.SearchConnections }),
		get: func(c Config) any { return c.SearchConnections }},
	{key: "replica", usage: "URL of a PostgreSQL standby of the database, to read from; " +
		"separate several with commas", fromFile: true, repeats: true,
		set: setReplicas, get: func(c Config) any { return replicasText(c.Replicas) }},
	{key: "sqlite_synchronous", value: "full",
		usage: "full: writes survive a power failure; normal: faster, but the last writes may be lost",
		set:   text(func(c *Config) *string { return &c.SQLiteSynchronous }),
		get:   func(c Config) any { return c.SQLiteSynchronous }},
	{key: "slow_query", value: "200ms", usage: "log statements that take longer than this",
		set: duration(func(c *Config) *time.Duration { return &c.SlowQuery }),
		get: func(c Config) any { return c.SlowQuery.String() }},
	{key: "log_level", value: "info", usage: "debug, info, warn or error",
		set: setLevel, get: func(c Config) any { return strings.ToLower(c.LogLevel.String()) }},
	{key: "log_format", value: "auto", usage: "text, json or auto (text on a terminal)",
		set: text(func(c *Config) *string { return &c.LogFormat }), get: func(c Config) any { return c.LogFormat }},
	{key: "admin_password", usage: "password of the first administrator; no effect later", fromFile: true, noFlag: true,
		set: text(func(c *Config) *string { return &c.AdminPassword }),
		get: func(c Config) any { return redact(c.AdminPassword) }},
	{key: "secret_key", usage: "32 bytes in hexadecimal or base64 that encrypt stored secrets", fromFile: true,
		noFlag: true,
		set:    text(func(c *Config) *string { return &c.SecretKey }),
		get:    func(c Config) any { return redact(c.SecretKey) }},
	{key: "body_limit", value: "1MiB", usage: "largest request body in bytes, or with KiB or MiB",
		set: setBodyLimit, get: func(c Config) any { return c.BodyLimit }},
	{key: "trusted_proxies", value: "127.0.0.1/8,::1",
		usage: "networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted, or none",
		set:   networks(func(c *Config) *[]netip.Prefix { return &c.TrustedProxies }),
		get:   func(c Config) any { return proxiesText(c.TrustedProxies) }},
	{key: "identity_proxies", value: "none", usage: "networks of proxies that authenticate users " +
		"(Remote-User is trusted from these), or none",
		set: networks(func(c *Config) *[]netip.Prefix { return &c.IdentityProxies }),
		get: func(c Config) any { return proxiesText(c.IdentityProxies) }},
	{key: "host", value: "none",
		usage: "host name at whose root an API answers, such as cvat.example.com=cvat; " +
			"separate several with commas",
		repeats: true,
		set:     setHosts, get: func(c Config) any { return hostsText(c.Hosts) }},
	{key: "ldap_authorities", usage: "PEM file of authorities for LDAP servers' certificates; default: the system's",
		set: text(func(c *Config) *string { return &c.LDAPAuthorities }),
		get: func(c Config) any { return c.LDAPAuthorities }},
	{key: "read_header_timeout", value: "10s", usage: "time limit for reading request headers",
		set: duration(func(c *Config) *time.Duration { return &c.ReadHeaderTimeout }),
		get: func(c Config) any { return c.ReadHeaderTimeout.String() }},
	{key: "read_timeout", value: "30s", usage: "time limit for reading a request",
		set: duration(func(c *Config) *time.Duration { return &c.ReadTimeout }),
		get: func(c Config) any { return c.ReadTimeout.String() }},
	{key: "request_timeout", value: "60s", usage: "time limit for handling a request",
		set: duration(func(c *Config) *time.Duration { return &c.RequestTimeout }),
		get: func(c Config) any { return c.RequestTimeout.String() }},
	{key: "write_timeout", value: "120s", usage: "time limit for handling and sending a response",
		set: duration(func(c *Config) *time.Duration { return &c.WriteTimeout }),
		get: func(c Config) any { return c.WriteTimeout.String() }},
	{key: "idle_timeout", value: "120s", usage: "time after which an idle connection is closed",
		set: duration(func(c *Config) *time.Duration { return &c.IdleTimeout }),
		get: func(c Config) any { return c.IdleTimeout.String() }},
	{key: "shutdown_grace", value: "30s", usage: "time that requests have to finish after SIGTERM",
		set: duration(func(c *Config) *time.Duration { return &c.ShutdownGrace }),
		get: func(c Config) any { return c.ShutdownGrace.String() }},
	{key: "drain_delay", value: "0s", usage: "time to keep serving after SIGTERM while /readyz says no",
		set: duration(func(c *Config) *time.Duration { return &c.DrainDelay }),
		get: func(c Config) any { return c.DrainDelay.String() }},
	{key: "metrics_listen", usage: "host and port for metrics and health, off by default; without a host, " +
		"this machine only",
		set: setMetricsListen, get: func(c Config) any { return c.MetricsListen }},
	{key: "metrics_pprof", value: "false", usage: "offer profiles of the program on the metrics listener",
		isSwitch: true,
		set:      boolean(func(c *Config) *bool { return &c.MetricsPprof }),
		get:      func(c Config) any { return c.MetricsPprof }},
	{key: "traces", usage: "URL of an OpenTelemetry collector (OTLP over HTTP) for traces, off by default",
		set: text(func(c *Config) *string { return &c.Traces }),
		get: func(c Config) any { return redactURL(c.Traces) }},
	{key: "traces_ratio", value: "1", usage: "share of requests that are traced, from 0 to 1",
		set: setRatio, get: func(c Config) any { return c.TracesRatio }},
}

// Flag describes one command-line flag, for its registration. A switch may stand without a value. Where a flag repeats,
// the values are joined by commas.
type Flag struct {
	Name, Default, Usage string
	Switch, Repeats      bool
}

// Flags lists the flags in the order of the help, secrets only as their _file variant.
func Flags() []Flag {
	var flags []Flag
	for _, s := range settings {
		if !s.noFlag {
			flags = append(flags, Flag{Name: flagName(s.key), Default: s.value, Switch: s.isSwitch,
				Repeats: s.repeats, Usage: s.usage + " (" + envName(s.key) + ")"})
		}
		if s.fromFile {
			key := s.key + "_file"
			flags = append(flags, Flag{Name: flagName(key),
				Usage: "file that holds the value of " + envName(s.key) + " (" + envName(key) + ")"})
		}
	}
	return flags
}

func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }
func envName(key string) string  { return "ROSTER_" + strings.ToUpper(key) }

// nameOf is how a fault calls a setting: by everything that could have set it.
func nameOf(key string) string {
	if s, ok := findSetting(key); ok && s.noFlag {
		return envName(key)
	}
	return "--" + flagName(key) + " / " + envName(key)
}

func findSetting(key string) (setting, bool) {
	for _, s := range settings {
		if s.key == key {
			return s, true
		}
	}
	return setting{}, false
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		*field(c) = s
		return nil
	}
}

func number(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		*field(c) = n
		return nil
	}
}

func boolean(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, s string) error {
		switch s {
		case "true", "false":
			*field(c) = s == "true"
			return nil
		}
		return fmt.Errorf("%q is none of true, false", s)
	}
}

// setListenMode reads a mode in octal digits. A socket without a permission for its owner could be used by nobody.
func setListenMode(c *Config, s string) error {
	mode, err := strconv.ParseUint(s, 8, 32)
	if err != nil || mode > 0o777 || mode&0o600 != 0o600 {
		return fmt.Errorf("%q is no mode from 0600 to 0777, such as 0660", s)
	}
	c.ListenMode = fs.FileMode(mode)
	return nil
}

// setMetricsListen puts the loopback address where no host is named: metrics are not for strangers.
func setMetricsListen(c *Config, s string) error {
	if strings.HasPrefix(s, ":") {
		s = "127.0.0.1" + s
	}
	c.MetricsListen = s
	return nil
}

func setRatio(c *Config, s string) error {
	share, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("%q is no number, such as 0.05 or 1", s)
	}
	c.TracesRatio = share
	return nil
}

func duration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, s string) error {
		d, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("%q is no duration, such as 500ms, 30s or 2m", s)
		}
		*field(c) = d
		return nil
	}
}

func setLevel(c *Config, s string) error {
	// slog also parses offsets such as INFO+2, which are not useful here and would hide typing mistakes.
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(s, level.String()) {
			c.LogLevel = level
			return nil
		}
	}
	return fmt.Errorf("%q is none of debug, info, warn, error", s)
}

func setBodyLimit(c *Config, s string) error {
	digits := s
	unit := int64(1)
	for suffix, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, found := strings.CutSuffix(s, suffix); found {
			digits = strings.TrimSpace(rest)
			unit = size
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > 1<<40 {
		return fmt.Errorf("%q is no size, such as 1048576, 512KiB or 1MiB", s)
	}
	c.BodyLimit = n * unit
	return nil
}

// networks reads networks and single addresses. The word none empties the list, because an empty variable means "not
// set".
func networks(field func(*Config) *[]netip.Prefix) func(*Config, string) error {
	return func(c *Config, s string) error {
		var list []netip.Prefix
		for part := range strings.SplitSeq(s, ",") {
			if s == "none" {
				break
			}
			prefix, err := parseNetwork(strings.TrimSpace(part))
			if err != nil {
				return fmt.Errorf("%q is no network, such as 10.0.0.0/8 or ::1", strings.TrimSpace(part))
			}
			list = append(list, prefix)
		}
		*field(c) = list
		return nil
	}
}

// setHosts reads pairs of a host and a dialect. The word none empties the list, because an empty variable means "not
// set".
func setHosts(c *Config, s string) error {
	hosts := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		if s == "none" {
			break
		}
		host, dialect, _ := strings.Cut(strings.TrimSpace(part), "=")
		host = strings.ToLower(strings.TrimSpace(host))
		dialect = strings.TrimSpace(dialect)
		if host == "" || dialect == "" || strings.ContainsAny(host, "/:@ ") {
			return fmt.Errorf("%q is no host with its dialect, such as cvat.example.com=cvat", strings.TrimSpace(part))
		}
		if hosts[host] != "" && hosts[host] != dialect {
			return fmt.Errorf("the host %q has two dialects", host)
		}
		hosts[host] = dialect
	}
	c.Hosts = hosts
	return nil
}

func hostsText(hosts map[string]string) any {
	if len(hosts) == 0 {
		return "none"
	}
	var list []string
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		list = append(list, host+"="+hosts[host])
	}
	return list
}

func parseNetwork(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		prefix, err := netip.ParsePrefix(s)
		return prefix.Masked(), err
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, errors.New("no address")
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

func proxiesText(prefixes []netip.Prefix) any {
	if len(prefixes) == 0 {
		return "none"
	}
	list := make([]string, len(prefixes))
	for i, p := range prefixes {
		list[i] = p.String()
	}
	return list
}
