package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// findings collects what is found.
type findings []Finding

func (f *findings) wrong(key, text, advice string) {
	*f = append(*f, Finding{Level: Broken, About: nameOf(key), Text: text, Advice: advice})
}

func (f *findings) risk(key, text, advice string) {
	*f = append(*f, Finding{Level: Warning, About: nameOf(key), Text: text, Advice: advice})
}

// Check looks for what is wrong or risky in the configuration that the sources make, and in the files that it names. It
// changes nothing, and opens neither a database nor a connection. What is wrong comes first. Faults of Load are
// returned as its error; then there are no findings.
func Check(s Sources, now time.Time) ([]Finding, error) {
	c, err := Load(s)
	if err != nil {
		return nil, err
	}
	var f findings
	c.checkCertificate(&f, now)
	c.checkListeners(&f)
	c.checkProxies(&f)
	if path, ok := strings.CutPrefix(c.Database, "sqlite://"); !ok {
		c.checkKey(&f)
		c.checkPostgres(&f)
	} else if checkDirectory(&f, path) {
		checkSQLiteFiles(&f, path)
		c.checkKey(&f)
	}
	if _, err := c.LDAPRoots(); err != nil {
		f.wrong("ldap_authorities", err.Error(), "name a file of certificates in PEM, or none for the system's")
	}
	checkSecretFiles(&f, s)
	for _, name := range c.Unknown {
		f = append(f, Finding{Level: Warning, About: name, Text: "this variable is no setting",
			Advice: "correct its name, or remove it; roster serve --help lists all"})
	}
	slices.SortStableFunc(f, func(a, b Finding) int { return cmp.Compare(rank(a), rank(b)) })
	return f, nil
}

func rank(f Finding) int {
	if f.Level == Broken {
		return 0
	}
	return 1
}

func (c Config) checkCertificate(f *findings, now time.Time) {
	k, err := c.ServerCertificate(slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		f.wrong("tls_certificate", err.Error(),
			"put a certificate and its key there; the key belongs to the server alone")
		return
	}
	if k == nil {
		return
	}
	leaf := k.Leaf()
	switch ends := leaf.NotAfter.UTC().Format(time.DateTime); {
	case now.After(leaf.NotAfter):
		f.wrong("tls_certificate", "the certificate ended on "+ends, "renew it; a new one is taken without a restart")
	case now.Before(leaf.NotBefore):
		f.wrong("tls_certificate", "the certificate is not valid before "+leaf.NotBefore.UTC().Format(time.DateTime),
			"look at the clock of this machine, or take another certificate")
	case leaf.NotAfter.Sub(now) < endsSoon:
		f.risk("tls_certificate", "the certificate ends on "+ends, "renew it; a new one is taken without a restart")
	}
	if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
		f.wrong("tls_certificate", "the certificate names no host (subjectAltName), so that clients refuse it",
			"take a certificate that names the host")
	}
}

func (c Config) checkListeners(f *findings) {
	if path, ok := c.Socket(); ok {
		c.checkSocketPath(f, path)
	} else if c.TLSCertificate == "" && !isLoopback(c.Listen) {
		f.risk("listen", c.Listen+" can be reached from other machines, and passwords are sent unencrypted",
			"set --tls-certificate and --tls-key, or listen on 127.0.0.1 or a socket behind a proxy that ends TLS")
	}
	if c.MetricsListen != "" && !isLoopback(c.MetricsListen) {
		f.risk("metrics_listen", c.MetricsListen+" can be reached from other machines, and asks for no login",
			"listen on 127.0.0.1, or restrict access with a firewall")
		if c.MetricsPprof {
			f.risk("metrics_pprof", "whoever reaches the metrics can take profiles, which costs processor time",
				"offer profiles on 127.0.0.1 alone")
		}
	}
	if c.MetricsListen != "" && c.MetricsListen == c.Listen {
		f.wrong("metrics_listen", "is the address of --listen", "choose another port")
	}
	if c.MetricsPprof && c.MetricsListen == "" {
		f.risk("metrics_pprof", "has no effect without --metrics-listen", "set --metrics-listen, or remove it")
	}
}

func (c Config) checkSocketPath(f *findings, path string) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		f.wrong("listen", "there is no directory "+dir, "make it, owned by the account of the server")
	}
	if c.ListenMode&0o006 != 0 {
		f.risk("listen_mode", fmt.Sprintf("with the mode %04o every account of this machine is a trusted proxy",
			c.ListenMode), "use 0660, and put the account of the proxy into the group")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != fs.ModeSocket {
		f.wrong("listen", path+" is a file and no socket", "remove it, or choose another path")
	}
}

// isLoopback reports whether an address is one of this machine alone.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (c Config) checkProxies(f *findings) {
	for _, p := range c.TrustedProxies {
		if p.Bits() == 0 {
			f.risk("trusted_proxies", p.String()+" trusts everybody: clients can choose the address that is logged",
				"name the networks of the proxies")
		}
	}
	for _, p := range c.IdentityProxies {
		switch {
		case p.Bits() == 0:
			f.wrong("identity_proxies", p.String()+" trusts everybody: any client can log in as anybody",
				"list only the proxies that authenticate users")
		case p.Addr().IsLoopback():
			f.risk("identity_proxies", "every account of this machine can log in as anybody",
				"keep other people off this machine, or put the proxy elsewhere")
		}
	}
}

func (c Config) checkKey(f *findings) {
	if c.SecretKey != "" {
		return
	}
	path, ok := strings.CutPrefix(c.Database, "sqlite://")
	if !ok {
		f.risk("secret_key", "there is none, so that bind passwords of LDAP sources and mail cannot be kept",
			"give all servers the same one: openssl rand -hex 32")
		return
	}
	path = filepath.Join(filepath.Dir(path), "secret.key")
	if _, err := os.Stat(path); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.wrong("secret_key", err.Error(), "let the account of the server read it")
		}
		return // it will be made
	}
	if _, err := keyFile(path); err != nil {
		f.wrong("secret_key", err.Error(), "restore the key from a backup if it is damaged")
	}
}

func checkSQLiteFiles(f *findings, path string) {
	if err := checkPrivateDatabase(path); err != nil {
		f.wrong("database", err.Error(), "others may have read the database: consider new passwords")
	}
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.OpenFile(path+suffix, os.O_RDWR, 0)
		if err == nil {
			file.Close()
		} else if !errors.Is(err, fs.ErrNotExist) {
			f.wrong("database", err.Error(), "run as the account of the server, or change the owner of the file")
		}
	}
}

// checkDirectory reports whether the directory of a file is there or can be made.
func checkDirectory(f *findings, path string) bool {
	dir := filepath.Dir(path)
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() {
			return true
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) || err == nil || dir == filepath.Dir(dir) {
			f.wrong("database", dir+" is not a directory that the server can use", "choose another place")
			return false
		}
		dir = filepath.Dir(dir)
	}
}

func (c Config) checkPostgres(f *findings) {
	conn, err := pgx.ParseConfig(c.Database)
	if err != nil {
		f.wrong("database", "its URL cannot be used", "look at the files of certificates that it names")
		return
	}
	host := conn.Host
	if strings.HasPrefix(host, "/") || host == "localhost" || isLoopback(net.JoinHostPort(host, "0")) {
		return
	}
	clear := conn.TLSConfig == nil
	for _, next := range conn.Fallbacks {
		clear = clear || next.TLSConfig == nil
	}
	switch {
	case clear:
		f.risk("database", "the connection to "+host+" may be without TLS", "add sslmode=verify-full to the URL")
	case conn.TLSConfig.InsecureSkipVerify:
		f.risk("database", "who answers at "+host+" is not checked", "add sslmode=verify-full to the URL")
	}
}

// checkSecretFiles looks at the modes of the files that hold secrets: those that are named, and the configuration if it
// has a secret in it.
func checkSecretFiles(f *findings, s Sources) {
	var ignored Faults
	var unknown Config
	file := fileLayer(s.File, &ignored)
	for _, setting := range settings {
		if !setting.fromFile {
			continue
		}
		for _, l := range []layer{file, envLayer(s.Environ, &unknown), flagLayer(s.Flags)} {
			path, ok := l[setting.key+"_file"].(string)
			if !ok {
				continue
			}
			if err := checkPrivate(path); err != nil {
				f.risk(setting.key+"_file", err.Error(), "and consider a new secret: others may have read this one")
			}
		}
		text, ok := file[setting.key].(string)
		if !ok || setting.key == "database" && redactURL(text) == text {
			continue
		}
		if err := checkPrivate(s.File); err != nil {
			f.risk(setting.key, "is in the configuration file; "+err.Error(), "or move it into a file of its own")
		}
	}
}
