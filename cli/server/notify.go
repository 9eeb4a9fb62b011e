package server

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// notifier tells a service manager how the server is, by the protocol of sd_notify(3): datagrams to the socket that
// NOTIFY_SOCKET names. Without that variable it tells nobody.
type notifier struct {
	address string
	// watchdog is how often the manager wants a sign of life; 0 for never.
	watchdog time.Duration
	log      *slog.Logger
}

func newNotifier(environ []string, log *slog.Logger) *notifier {
	n := &notifier{address: lookupEnv(environ, "NOTIFY_SOCKET"), log: log}
	pid := lookupEnv(environ, "WATCHDOG_PID")
	micros, err := strconv.ParseInt(lookupEnv(environ, "WATCHDOG_USEC"), 10, 64)
	if err == nil && micros > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		n.watchdog = time.Duration(micros) * time.Microsecond
	}
	return n
}

// tell sends a state such as READY=1. A manager that does not listen is no reason to stop.
func (n *notifier) tell(state string) {
	if n.address == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.address, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close()
	}
	if err != nil {
		n.log.Warn("the service manager cannot be notified", "state", state, "error", err)
	}
}

// watch gives signs of life until ctx ends, twice as often as asked for. There is none while the server does not answer
// its own question, so that the manager starts it again.
func (n *notifier) watch(ctx context.Context, alive func(context.Context) error) {
	if n.address == "" || n.watchdog == 0 {
		return
	}
	tick := time.NewTicker(n.watchdog / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		limited, cancel := context.WithTimeout(ctx, n.watchdog)
		err := alive(limited)
		cancel()
		if err == nil {
			n.tell("WATCHDOG=1")
		} else if ctx.Err() == nil {
			n.log.Warn("the server does not answer itself", "error", err)
		}
	}
}
