package config

import (
	"net"
	"strings"
	"syscall"
	"time"
)

// connectTimeout is how long connecting to one host may take where the URL says nothing.
const connectTimeout = 5 * time.Second

// silence is how long a peer may acknowledge nothing before its connection counts as lost: a network that was cut
// closes nothing.
const silence = 10 * time.Second

// newDialer returns what connects to PostgreSQL.
func newDialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout: timeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 2, Interval: silence / 5,
			Count: 3},
		Control: func(network, _ string, c syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			return limitSilence(c)
		},
	}
}
