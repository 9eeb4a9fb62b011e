package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roster/config"
)

const (
	// healthTime bounds the question whether a server works.
	healthTime = 10 * time.Second
	// maxHealth bounds what is read of the answer.
	maxHealth = 4 << 10
)

func (p *program) healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Check whether the server on this machine is ready",
		Long: "Requests /readyz from the server at --listen, prints the answer, and exits with status 0 if the\n" +
			"server is ready, otherwise 1. It is for containers and monitoring. It does not check the certificate.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthTime)
			defer cancel()
			answer, err := askServer(ctx, cfg, nil, "/readyz")
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, answer)
			return nil
		},
	}
}

// askServer asks the server of the settings for a path, and returns the answer if its status is 200. addr is where that
// server listens; nil means where the settings say.
func askServer(ctx context.Context, cfg config.Config, addr net.Addr, path string) (string, error) {
	if addr == nil {
		addr = configured(cfg.Listen)
	}
	base := baseURL(addr, cfg.TLSCertificate != "")
	transport := &http.Transport{DisableKeepAlives: true,
		// This is a question to oneself: the name in the certificate is that for others.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}
	if file, ok := strings.CutPrefix(base, "unix:"); ok {
		base = "http://localhost"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", file)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return "", err
	}
	res, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxHealth))
	answer := strings.TrimSpace(string(body))
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status + ": " + answer)
	}
	return answer, err
}

// configured is the address of the settings, as a listener would return it.
type configured string

// Network is unix for a socket.
func (c configured) Network() string {
	if strings.HasPrefix(string(c), "unix:") {
		return "unix"
	}
	return "tcp"
}

// String is the path of a socket, or a host and port; without a host this machine.
func (c configured) String() string {
	text := strings.TrimPrefix(string(c), "unix:")
	if strings.HasPrefix(text, ":") {
		return "localhost" + text
	}
	return text
}
