package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/config"
)

// write makes a file for the test and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, s config.Sources) config.Config {
	t.Helper()
	c, err := config.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefault_IsValid(t *testing.T) {
	c := config.Default()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3000" || c.Database != "sqlite://data/roster.db" || c.BodyLimit != 1<<20 {
		t.Errorf("got %+v", c)
	}
	if got := mustLoad(t, config.Sources{}); !reflect.DeepEqual(got, c) {
		t.Errorf("no sources: got %+v, want the defaults", got)
	}
}

func TestLoad_Precedence(t *testing.T) {
	file := write(t, "roster.yaml", "listen: 10.0.0.1:1\nbody_limit: 2048\nrequest_timeout: 5s\n")
	s := config.Sources{File: file, Environ: []string{"ROSTER_LISTEN=10.0.0.2:2", "ROSTER_BODY_LIMIT=4KiB"},
		Flags: map[string]string{"listen": "10.0.0.3:3"}}
	c := mustLoad(t, s)
	if c.Listen != "10.0.0.3:3" {
		t.Errorf("listen: got %s, want the flag's", c.Listen)
	}
	if c.BodyLimit != 4096 {
		t.Errorf("body limit: got %d, want the environment's", c.BodyLimit)
	}
	if c.RequestTimeout != 5*time.Second {
		t.Errorf("request timeout: got %s, want the file's", c.RequestTimeout)
	}
	if c.IdleTimeout != 2*time.Minute {
		t.Errorf("idle timeout: got %s, want the default", c.IdleTimeout)
	}
}

func TestLoad_AnEmptyVariableIsNotSet(t *testing.T) {
	if c := mustLoad(t,
		config.Sources{Environ: []string{"ROSTER_LISTEN=",
			"ROSTER_ADMIN_PASSWORD="}}); c.Listen != config.Default().Listen {
		t.Errorf("got %q", c.Listen)
	}
}

func TestLoad_FileValues(t *testing.T) {
	file := write(t, "roster.yaml", "trusted_proxies: [10.0.0.0/8, 192.168.1.1]\nadmin_password: 12345\nlog_level: "+
		"WARN\nsecret_key:\n")
	c := mustLoad(t, config.Sources{File: file})
	if got := c.TrustedProxies; len(got) != 2 || got[0].String() != "10.0.0.0/8" ||
		got[1].String() != "192.168.1.1/32" {
		t.Errorf("trusted proxies: got %v", got)
	}
	if c.AdminPassword != "12345" || c.LogLevel.String() != "WARN" || c.SecretKey != "" {
		t.Errorf("got %+v", c)
	}
	c = mustLoad(t, config.Sources{File: write(t, "roster.yaml", "trusted_proxies: []\n")})
	if len(c.TrustedProxies) != 0 {
		t.Errorf("an empty list: got %v", c.TrustedProxies)
	}
}

func TestLoad_SecretsFromFiles(t *testing.T) {
	password := write(t, "password", "  s3cret words \n")
	key := write(t, "key", strings.Repeat("ab", 32)+"\n")
	database := write(t, "database", "postgres://u:p@h/d\r\n")
	c := mustLoad(t, config.Sources{Environ: []string{
		"ROSTER_ADMIN_PASSWORD_FILE=" + password, "ROSTER_SECRET_KEY_FILE=" + key, "ROSTER_DATABASE_FILE=" + database}})
	if c.AdminPassword != "  s3cret words " {
		t.Errorf("password: got %q, want only the line end cut", c.AdminPassword)
	}
	if got, err := c.Key(); err != nil || len(got) != 32 || got[0] != 0xab {
		t.Errorf("key: got %x, %v", got, err)
	}
	if c.Database != "postgres://u:p@h/d" {
		t.Errorf("database: got %q", c.Database)
	}
	c = mustLoad(t, config.Sources{Environ: []string{"ROSTER_DATABASE=sqlite://x.db"},
		Flags: map[string]string{"database-file": database}})
	if c.Database != "postgres://u:p@h/d" {
		t.Errorf("a flag's file against a variable: got %q, want the flag's", c.Database)
	}
}

// A file without an end is no secret.
func TestReadSecret_Bounded(t *testing.T) {
	if _, err := config.ReadSecret("/dev/zero"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
}

// Every wrong value is reported, all at once, by the name of its flag and variable.
func TestLoad_EveryWrongValueNamesItself(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	wrong := map[string]string{
		"LISTEN": "3000", "DATABASE": "mysql://x", "DATABASE_CONNECTIONS": "-1", "SEARCH_CONNECTIONS": "many",
		"SLOW_QUERY": "fast", "SQLITE_SYNCHRONOUS": "off",
		"LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "SECRET_KEY": "short", "BODY_LIMIT": "1GB",
		"TRUSTED_PROXIES": "localhost", "READ_HEADER_TIMEOUT": "0", "READ_TIMEOUT": "-1s", "REQUEST_TIMEOUT": "never",
		"WRITE_TIMEOUT": "25h", "IDLE_TIMEOUT": "9", "SHUTDOWN_GRACE": "-1ns", "ADMIN_PASSWORD_FILE": none,
	}
	var environ []string
	for name, value := range wrong {
		environ = append(environ, "ROSTER_"+name+"="+value)
	}
	_, err := config.Load(config.Sources{Environ: environ})
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %v, want faults", err)
	}
	for name := range wrong {
		if n := countNaming(faults, "ROSTER_"+name+":"); n != 1 {
			t.Errorf("ROSTER_%s: named by %d of the faults, want 1:\n%v", name, n, err)
		}
	}
	if len(faults) != len(wrong) {
		t.Errorf("got %d faults, want %d:\n%v", len(faults), len(wrong), err)
	}
	if strings.Contains(err.Error(), "short") {
		t.Errorf("a fault repeats a secret:\n%v", err)
	}
	if !strings.Contains(err.Error(), "--listen / ROSTER_LISTEN: ") {
		t.Errorf("the flag's name is missing:\n%v", err)
	}
}

func countNaming(faults config.Faults, name string) (n int) {
	for _, f := range faults {
		if strings.Contains(f, name) {
			n++
		}
	}
	return n
}

func TestLoad_Faults(t *testing.T) {
	empty := write(t, "empty", "\n")
	none := filepath.Join(t.TempDir(), "none.yaml")
	tests := map[string]struct {
		sources config.Sources
		want    string
	}{
		"a missing file": {config.Sources{File: none},
			"--config / ROSTER_CONFIG: " + none + ": "},
		"no YAML":        {config.Sources{File: write(t, "a.yaml", "a: [")}, "--config / ROSTER_CONFIG: "},
		"an unknown key": {config.Sources{File: write(t, "b.yaml", "lisen: x")}, `there is no setting "lisen"`},
		"a nested value": {config.Sources{File: write(t, "c.yaml", "listen: {host: a}")},
			"listen must be a single value"},
		"secret and file": {config.Sources{Environ: []string{"ROSTER_ADMIN_PASSWORD=a",
			"ROSTER_ADMIN_PASSWORD_FILE=" + empty}}, "give one of them"},
		"an empty secret": {config.Sources{Environ: []string{"ROSTER_ADMIN_PASSWORD_FILE=" + empty}}, "is empty"},
		"no SQLite path":  {config.Sources{Flags: map[string]string{"database": "sqlite://"}}, "names no file"},
		"SQLite in memory": {config.Sources{Flags: map[string]string{"database": "sqlite://:memory:"}},
			"cannot be in memory"},
		"SQLite parameters": {config.Sources{Flags: map[string]string{"database": "sqlite://a.db?mode=ro"}},
			"without parameters"},
		"write before work": {config.Sources{Flags: map[string]string{"write-timeout": "10s"}},
			"must exceed the request time-out"},
		"port too high": {config.Sources{Flags: map[string]string{"listen": "localhost:65536"}}, "has no port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(test.sources)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestLoad_WrongDatabaseURLsDoNotLeakThePassword(t *testing.T) {
	for _, url := range []string{"postgres://u:hunter2%zz@h/d", "postgres://u:hunter2@h:port/d",
		"postgres://u:hunter2@h/d?sslmode=maybe", "mysql://u:hunter2@h"} {
		c, err := config.Load(config.Sources{Environ: []string{"ROSTER_DATABASE=" + url}})
		if err == nil || !strings.Contains(err.Error(), "ROSTER_DATABASE") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", url, err)
		}
		if strings.Contains(c.Dump(), "hunter2") {
			t.Errorf("%s: dumped %s", url, c.Dump())
		}
	}
}

func TestLoad_UnknownVariablesAreNotedButNoFault(t *testing.T) {
	c := mustLoad(t, config.Sources{Environ: []string{"ROSTER_LISTNE=x", "ROSTER_SERVICE_HOST=10.0.0.1",
		"ROSTER_PORT=tcp://10.0.0.1:80", "ROSTER_TEST_POSTGRES=x", "PATH=/bin"}})
	if want := []string{"ROSTER_LISTNE"}; !reflect.DeepEqual(c.Unknown, want) {
		t.Errorf("got %v, want %v", c.Unknown, want)
	}
}

func TestDump_HidesSecretsAndReadsBack(t *testing.T) {
	in := mustLoad(t, config.Sources{Environ: []string{
		"ROSTER_DATABASE=postgres://roster:hunter2@db:5432/roster?sslmode=disable&sslpassword=hunter3",
		"ROSTER_ADMIN_PASSWORD=hunter4", "ROSTER_SECRET_KEY=" + strings.Repeat("0f", 32),
		"ROSTER_LISTEN=[::1]:80", "ROSTER_TRUSTED_PROXIES=none", "ROSTER_LOG_LEVEL=debug", "ROSTER_BODY_LIMIT=512KiB"}})
	out := in.Dump()
	for _, secret := range []string{"hunter2", "hunter3", "hunter4", "0f0f"} {
		if strings.Contains(out, secret) {
			t.Errorf("the dump shows %s:\n%s", secret, out)
		}
	}
	for _, want := range []string{"roster:REDACTED@db:5432", "admin_password: '[redacted]'", "body_limit: 524288",
		"log_level: debug"} {
		if !strings.Contains(out, want) {
			t.Errorf("the dump lacks %q:\n%s", want, out)
		}
	}
	in = config.Default()
	in.Listen = "[::1]:80"
	in.TrustedProxies = nil
	if got := mustLoad(t, config.Sources{File: write(t, "dump.yaml", in.Dump())}); !reflect.DeepEqual(got, in) {
		t.Errorf("read back: got %+v, want %+v", got, in)
	}
}

func TestFlags_KeepSecretsOffTheCommandLine(t *testing.T) {
	names := map[string]bool{}
	for _, f := range config.Flags() {
		names[f.Name] = true
	}
	if names["admin-password"] || names["secret-key"] {
		t.Errorf("a flag takes a secret: %v", names)
	}
	for _, want := range []string{"listen", "database", "database-file", "admin-password-file", "secret-key-file",
		"log-level", "log-format"} {
		if !names[want] {
			t.Errorf("there is no flag --%s", want)
		}
	}
}

func TestLoad_Replicas(t *testing.T) {
	primary := "postgres://roster@db1/roster"
	for _, c := range []struct {
		value, fault string
		want         []string
	}{
		{value: "postgres://a/roster", want: []string{"postgres://a/roster"}},
		{value: "postgres://u:a,b@a/roster,postgresql://b/roster",
			want: []string{"postgres://u:a,b@a/roster", "postgresql://b/roster"}},
		{value: "none"},
		{value: "postgres://a,b/roster", fault: "several hosts"},
		{value: "postgres:///roster?host=a,b", fault: "several hosts"},
		{value: "postgres://u:secret@a/roster,postgres://a/roster", fault: "twice"},
		{value: "mysql://u:secret@a/roster", fault: "no PostgreSQL URL"},
	} {
		cfg, err := config.Load(config.Sources{Flags: map[string]string{"database": primary, "replica": c.value}})
		if c.fault == "" {
			if err != nil || !slices.Equal(cfg.Replicas, c.want) {
				t.Errorf("%s: got %q, %v", c.value, cfg.Replicas, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", c.value, err)
		}
	}
	_, err := config.Load(config.Sources{Flags: map[string]string{"replica": "postgres://a/roster"}})
	if err == nil || !strings.Contains(err.Error(), "needs a database of PostgreSQL") {
		t.Errorf("with SQLite: got %v", err)
	}
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"database": primary,
		"replica": "postgres://u:secret@a/roster"}})
	if err != nil || strings.Contains(cfg.Dump(), "secret@") {
		t.Errorf("the password is shown, or %v", err)
	}
}
