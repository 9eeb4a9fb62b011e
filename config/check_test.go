package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/test/certtest"
)

// safe are variables of a configuration in which nothing is wrong or risky.
func safe(t *testing.T) map[string]string {
	t.Helper()
	certificate, key := certtest.Pair(t, t.TempDir(), 1, 1000*time.Hour)
	return map[string]string{
		"ROSTER_DATABASE": "sqlite://" + filepath.Join(t.TempDir(), "data", "roster.db"), "ROSTER_LISTEN": ":443",
		"ROSTER_TLS_CERTIFICATE": certificate, "ROSTER_TLS_KEY": key, "ROSTER_METRICS_LISTEN": ":9090",
		"ROSTER_IDENTITY_PROXIES": "10.0.0.7",
	}
}

// open makes a file that everybody may read.
func open(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	certtest.Replace(t, path, []byte(text))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func checked(t *testing.T, set map[string]string, file string) ([]Finding, error) {
	t.Helper()
	var environ []string
	for name, value := range set {
		environ = append(environ, name+"="+value)
	}
	return Check(Sources{Environ: environ, File: file}, time.Now())
}

func TestCheck_NothingIsFoundAndNothingIsMade(t *testing.T) {
	set := safe(t)
	if found, err := checked(t, set, ""); len(found) > 0 || err != nil {
		t.Errorf("got %+v, %v", found, err)
	}
	if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(set["ROSTER_DATABASE"], "sqlite://"))); !os.IsNotExist(err) {
		t.Errorf("the check made the directory of the database: %v", err)
	}
	set["ROSTER_DATABASE"] = "postgres://roster:secret@db/roster?sslmode=verify-full"
	set["ROSTER_SECRET_KEY"] = strings.Repeat("ab", 32)
	if found, err := checked(t, set, ""); len(found) > 0 || err != nil {
		t.Errorf("on PostgreSQL: got %+v, %v", found, err)
	}
}

// Each mistake alone is found, in words that name its setting.
func TestCheck_WhatIsFound(t *testing.T) {
	dir := t.TempDir()
	key := strings.Repeat("ab", 32)
	late, lateKey := certtest.Pair(t, t.TempDir(), 1, 24*time.Hour)
	ended, endedKey := certtest.Pair(t, t.TempDir(), 1, -time.Minute)
	postgres := "postgres://roster:hunter2@db.example.com/roster"
	database := filepath.Join(dir, "roster.db")
	if err := os.WriteFile(database, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "roster.db")
	if err := os.WriteFile(public, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set           map[string]string
		wrong         bool
		setting, want string
	}{
		"plain HTTP": {map[string]string{"ROSTER_TLS_CERTIFICATE": "", "ROSTER_TLS_KEY": ""}, false, "ROSTER_LISTEN",
			"passwords are sent unencrypted"},
		"public metrics": {map[string]string{"ROSTER_METRICS_LISTEN": "0.0.0.0:9090"}, false, "ROSTER_METRICS_LISTEN",
			"no login"},
		"one address for both": {map[string]string{"ROSTER_LISTEN": "127.0.0.1:9090"}, true, "ROSTER_METRICS_LISTEN",
			"is the address"},
		"profiles of nothing": {map[string]string{"ROSTER_METRICS_LISTEN": "", "ROSTER_METRICS_PPROF": "true"}, false,
			"ROSTER_METRICS_PPROF", "no effect"},
		"everybody a proxy": {map[string]string{"ROSTER_TRUSTED_PROXIES": "0.0.0.0/0"}, false, "ROSTER_TRUSTED_PROXIES",
			"everybody"},
		"everybody anybody": {map[string]string{"ROSTER_IDENTITY_PROXIES": "::/0"}, true, "ROSTER_IDENTITY_PROXIES",
			"everybody"},
		"this machine anybody": {map[string]string{"ROSTER_IDENTITY_PROXIES": "127.0.0.1"}, false,
			"ROSTER_IDENTITY_PROXIES", "every account"},
		"an unknown variable": {map[string]string{"ROSTER_LISTNE": "x"}, false, "ROSTER_LISTNE", "no setting"},
		"a certificate that ends": {map[string]string{"ROSTER_TLS_CERTIFICATE": late, "ROSTER_TLS_KEY": lateKey}, false,
			"ROSTER_TLS_CERTIFICATE", "ends on"},
		"a certificate that has ended": {map[string]string{"ROSTER_TLS_CERTIFICATE": ended, "ROSTER_TLS_KEY": endedKey},
			true, "ROSTER_TLS_CERTIFICATE", "ended on"},
		"a key of another": {map[string]string{"ROSTER_TLS_KEY": lateKey}, true, "ROSTER_TLS_CERTIFICATE",
			"does not match"},
		"authorities that are none": {map[string]string{"ROSTER_LDAP_AUTHORITIES": late + ".no"}, true,
			"ROSTER_LDAP_AUTHORITIES", "no such file"},
		"no key on PostgreSQL": {map[string]string{"ROSTER_DATABASE": postgres + "?sslmode=verify-full"}, false,
			"ROSTER_SECRET_KEY", "there is none"},
		"PostgreSQL in the clear": {map[string]string{"ROSTER_DATABASE": postgres, "ROSTER_SECRET_KEY": key}, false,
			"ROSTER_DATABASE", "without TLS"},
		"PostgreSQL unchecked": {map[string]string{"ROSTER_DATABASE": postgres + "?sslmode=require",
			"ROSTER_SECRET_KEY": key}, false, "ROSTER_DATABASE", "not checked"},
		"a damaged key": {map[string]string{"ROSTER_DATABASE": "sqlite://" + database}, true, "ROSTER_SECRET_KEY",
			"32 bytes"},
		"a database for everybody": {map[string]string{"ROSTER_DATABASE": "sqlite://" + public}, true, "ROSTER_DATABASE",
			"has mode 0644"},
		"a database in a file": {map[string]string{"ROSTER_DATABASE": "sqlite://" + public + "/roster.db"}, true,
			"ROSTER_DATABASE", "not a directory"},
		"a secret for everybody": {map[string]string{"ROSTER_SECRET_KEY_FILE": open(t, key)}, false,
			"ROSTER_SECRET_KEY_FILE", "has mode 0644"},
		"a socket nowhere": {map[string]string{"ROSTER_TLS_CERTIFICATE": "", "ROSTER_TLS_KEY": "",
			"ROSTER_LISTEN": "unix:" + dir + "/none/s"}, true, "ROSTER_LISTEN", "no directory"},
		"a socket for everybody": {map[string]string{"ROSTER_TLS_CERTIFICATE": "", "ROSTER_TLS_KEY": "",
			"ROSTER_LISTEN": "unix:" + dir + "/s", "ROSTER_LISTEN_MODE": "0666"}, false, "ROSTER_LISTEN_MODE",
			"every account"},
		"a file for a socket": {map[string]string{"ROSTER_TLS_CERTIFICATE": "", "ROSTER_TLS_KEY": "",
			"ROSTER_LISTEN": "unix:" + database}, true, "ROSTER_LISTEN", "no socket"},
	} {
		t.Run(name, func(t *testing.T) {
			set := safe(t)
			for name, value := range test.set {
				set[name] = value
			}
			found, err := checked(t, set, "")
			if err != nil || len(found) == 0 {
				t.Fatalf("got %+v, %v", found, err)
			}
			first := found[0]
			if (first.Level == Broken) != test.wrong || !strings.Contains(first.About, test.setting) ||
				!strings.Contains(first.Text, test.want) || first.Advice == "" {
				t.Errorf("got %+v", found)
			}
			for _, f := range found {
				if strings.Contains(f.Text+f.Advice, "hunter2") || strings.Contains(f.Text+f.Advice, key) {
					t.Errorf("a secret is shown: %+v", f)
				}
			}
		})
	}
}

// A file that everybody reads may hold settings, and no secrets.
func TestCheck_SecretsInTheFile(t *testing.T) {
	plainFile := open(t, "log_level: debug\ndatabase: postgres://db/roster?sslmode=verify-full\n")
	set := safe(t)
	delete(set, "ROSTER_DATABASE")
	set["ROSTER_SECRET_KEY"] = strings.Repeat("ab", 32)
	if found, err := checked(t, set, plainFile); len(found) > 0 || err != nil {
		t.Errorf("got %+v, %v", found, err)
	}
	for _, text := range []string{"secret_key: " + strings.Repeat("ab", 32), "admin_password: hunter2",
		"database: postgres://roster:hunter2@db/roster?sslmode=verify-full"} {
		path := open(t, text+"\n")
		set := safe(t)
		found, err := checked(t, set, path)
		if err != nil || len(found) != 1 || found[0].Level == Broken ||
			!strings.Contains(found[0].Text, "has mode 0644") {
			t.Errorf("%s: got %+v, %v", text, found, err)
		}
	}
}

func TestCheck_FaultsComeAsTheyAre(t *testing.T) {
	if _, err := checked(t, map[string]string{"ROSTER_LISTEN": "nowhere"}, ""); err == nil ||
		!strings.Contains(err.Error(), "ROSTER_LISTEN") {
		t.Errorf("got %v", err)
	}
}
