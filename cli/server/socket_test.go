package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// socketPath is short enough for a socket, which the directory of a test may not be.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "roster.sock")
}

// startSocket serves on a socket and returns a client for it.
func startSocket(t *testing.T, database, path string, environ ...string) (*server, *http.Client) {
	t.Helper()
	s := startServer(t, database, append(environ, "ROSTER_ADMIN_PASSWORD="+seenPassword, "ROSTER_LISTEN=unix:"+path)...)
	return s, &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}}
}

func TestServe_OnASocket(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		path := socketPath(t)
		s, client := startSocket(t, database, path, "ROSTER_TRUSTED_PROXIES=none")
		if s.url != "unix:"+path {
			t.Error("the address is", s.url)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != os.ModeSocket|0o660 {
			t.Errorf("got %v, %v", info.Mode(), err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://inside/cvat/api/users/self", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("admin", seenPassword)
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		req.Header.Set("X-Forwarded-Proto", "https")
		req.Header.Set("X-Forwarded-Host", "roster.example.com")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || !strings.Contains(string(text), `"url":"https://roster.example.com/`) {
			t.Errorf("got %d %s", res.StatusCode, text)
		}
		s.log.waitFor(t, `"path":"/cvat/api/users/self"[^\n]*"remote":"203.0.113.9"`)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("the file stays: %v", err)
		}
	})
}

func TestServe_TheModeOfASocket(t *testing.T) {
	path := socketPath(t)
	startSocket(t, sqliteURL(t), path, "ROSTER_LISTEN_MODE=0606")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o606 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}

// The file of a server that was killed is in nobody's way; that of one that answers, and other files, are.
func TestListenSocket_WhatIsInTheWay(t *testing.T) {
	path := socketPath(t)
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	if _, err := listenSocket(t.Context(), path, 0o660); err == nil ||
		!strings.Contains(err.Error(), "a server answers") {
		t.Errorf("where a server answers: got %v", err)
	}
	left.Close()
	first, err := listenSocket(t.Context(), path, 0o660)
	if err != nil {
		t.Fatal("where nobody answers: ", err)
	}
	os.Remove(path)
	second, err := listenSocket(t.Context(), path, 0o660)
	if err != nil {
		t.Fatal(err)
	}
	if first.Close(); !exists(path) {
		t.Error("the end of a server removed the socket of another")
	}
	if second.Close(); exists(path) {
		t.Error("the end of a server left its socket")
	}
	if err := os.WriteFile(path, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenSocket(t.Context(), path, 0o660); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("where a file is: got %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "a letter" {
		t.Errorf("the file is gone: %v", err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Of many that start at once where a file was left, one listens, and it can be reached. Without a lock several listen
// in some of a hundred rounds.
func TestListenSocket_ManyAtOnce(t *testing.T) {
	for range 100 {
		startMany(t, socketPath(t))
	}
}

func startMany(t *testing.T, path string) {
	t.Helper()
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	begin := make(chan struct{})
	got := make(chan net.Listener)
	for range 8 {
		go func() {
			<-begin
			listener, _ := listenSocket(context.Background(), path, 0o660)
			got <- listener
		}()
	}
	close(begin)
	winners := 0
	for range 8 {
		if listener := <-got; listener != nil {
			winners++
			defer listener.Close()
		}
	}
	if winners != 1 {
		t.Fatalf("%d listen", winners)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// manager is the socket of a service manager.
func manager(t *testing.T) (*net.UnixConn, string) {
	t.Helper()
	path := socketPath(t)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, path
}

// told returns the next state.
func told(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 100)
	n, err := conn.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

// The manager hears that the server is ready when it answers, signs of life, and that it stops.
func TestServe_TellsTheServiceManager(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		conn, address := manager(t)
		s := launch(t, database, "NOTIFY_SOCKET="+address, "WATCHDOG_USEC=200000")
		if got := told(t, conn); got != "READY=1" {
			t.Errorf("first it hears %q", got)
		}
		s.url = s.out.waitFor(t, `address +(\S+)`)
		if status, _ := ask(t, "GET", s.url+"/readyz", "", "", ""); status != 200 {
			t.Errorf("it is not ready: %d", status)
		}
		for range 2 {
			if got := told(t, conn); got != "WATCHDOG=1" {
				t.Errorf("then it hears %q", got)
			}
		}
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		got := told(t, conn)
		for got == "WATCHDOG=1" {
			got = told(t, conn)
		}
		if got != "STOPPING=1" {
			t.Errorf("at the end it hears %q", got)
		}
	})
}

// Signs of life are for the process that is asked for them, and there are none from a server that does not answer.
func TestNotifier_NoSignOfLife(t *testing.T) {
	if n := newNotifier([]string{"NOTIFY_SOCKET=/x", "WATCHDOG_USEC=1000", "WATCHDOG_PID=1"}, nil); n.watchdog != 0 {
		t.Error("another process is meant")
	}
	conn, address := manager(t)
	s := newScreen()
	n := newNotifier([]string{"NOTIFY_SOCKET=" + address, "WATCHDOG_USEC=20000"}, slog.New(slog.NewTextHandler(s, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		n.watch(ctx, func(context.Context) error { return syscall.ECONNREFUSED })
		close(ended)
	}()
	s.waitFor(t, "does not answer itself")
	cancel()
	<-ended
	n.tell("END")
	if got := told(t, conn); got != "END" {
		t.Errorf("it hears %q", got)
	}
}

func TestHealth(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startServer(t, database)
		listen := strings.TrimPrefix(s.url, "http://")
		out, _, err := cli(t, nil, "health", "--listen", listen)
		if err != nil || !strings.Contains(out, `"status":"ok"`) {
			t.Errorf("got %q, %v", out, err)
		}
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := cli(t, nil, "health", "--listen", listen); ExitCode(err) != exitFailure {
			t.Errorf("without a server: got %v", err)
		}
	})
	secured, dir := startTLS(t, sqliteURL(t))
	out, _, err := cli(t, nil, "health", "--listen", strings.TrimPrefix(secured.url, "https://"), "--tls-certificate",
		filepath.Join(dir, "tls.crt"), "--tls-key", filepath.Join(dir, "tls.key"))
	if err != nil || !strings.Contains(out, `"status":"ok"`) {
		t.Errorf("over TLS: got %q, %v", out, err)
	}
	path := socketPath(t)
	startSocket(t, sqliteURL(t), path)
	if out, _, err := cli(t, []string{"ROSTER_LISTEN=unix:" + path}, "health"); err != nil ||
		!strings.Contains(out, `"status":"ok"`) {
		t.Errorf("over a socket: got %q, %v", out, err)
	}
	refusing := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go refusing.Serve(listener)
	defer refusing.Close()
	if _, _, err := cli(t, nil, "health", "--listen", listener.Addr().String()); err == nil ||
		!strings.Contains(err.Error(), "503") {
		t.Errorf("of a server that is not ready: got %v", err)
	}
}
