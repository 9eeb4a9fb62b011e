package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/test/dbtest"
)

// status asks as admin and returns the HTTP status.
func status(t *testing.T, url, password string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("admin", password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func onBoth(t *testing.T, test func(t *testing.T, database string)) {
	t.Run(config.SQLite, func(t *testing.T) { test(t, sqliteURL(t)) })
	t.Run(config.Postgres, func(t *testing.T) { test(t, dbtest.Postgres(t)) })
}

func TestServe_ShowsTheGeneratedPasswordOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startServer(t, database)
		password := s.out.waitFor(t, `password +(\S+)`)
		for _, want := range []string{"administrator  admin\n", s.url + "/apidoc"} {
			if !strings.Contains(s.out.String(), want) {
				t.Errorf("the greeting lacks %q:\n%s", want, s.out)
			}
		}
		if got := status(t, s.url+"/api/current_user", password); got != http.StatusOK {
			t.Errorf("with the printed password: got %d", got)
		}
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s.log.String(), password) {
			t.Error("the password is in the log")
		}

		again := startServer(t, database)
		if strings.Contains(again.out.String(), "password") {
			t.Errorf("the second start speaks of a password:\n%s", again.out)
		}
		if got := status(t, again.url+"/api/current_user", password); got != http.StatusOK {
			t.Errorf("after the second start: got %d", got)
		}
	})
}

func TestServe_DoesNotShowTheGivenPassword(t *testing.T) {
	s := startServer(t, sqliteURL(t), "ROSTER_ADMIN_PASSWORD=correct horse")
	if got := status(t, s.url+"/api/current_user", "correct horse"); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	if strings.Contains(s.out.String()+s.log.String(), "correct horse") {
		t.Error("the given password was printed")
	}
}

func TestServe_TheDatabaseIsPrivate(t *testing.T) {
	database := sqliteURL(t)
	startServer(t, database)
	for _, name := range []string{"roster.db", "secret.key"} {
		path := filepath.Join(filepath.Dir(strings.TrimPrefix(database, "sqlite://")), name)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want mode 0600", name, info.Mode(), err)
		}
	}
}

// Two servers that start at once on one empty database both serve, and one of them shows the password.
func TestServe_TwoAtOnceOnAnEmptyDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		servers := []*server{launch(t, database), launch(t, database)}
		password := ""
		for _, s := range servers {
			s.url = s.out.waitFor(t, `address +(\S+)`)
			s.log.waitFor(t, "serving")
			if strings.Contains(s.out.String(), "password") {
				if password != "" {
					t.Error("both servers made a password")
				}
				password = s.out.waitFor(t, `password +(\S+)`)
			}
		}
		for _, s := range servers {
			if got := status(t, s.url+"/api/current_user", password); got != http.StatusOK {
				t.Errorf("%s: got %d", s.url, got)
			}
		}
	})
}

// A port that is taken must not cost the password that is shown only once.
func TestServe_APortInUseLeavesTheDatabaseAlone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	database := sqliteURL(t)
	_, _, err = cli(t, nil, "serve", "--listen", listener.Addr().String(), "--database", database)
	if err == nil || ExitCode(err) != exitFailure || !strings.Contains(err.Error(), "ROSTER_LISTEN") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(strings.TrimPrefix(database, "sqlite://")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database was touched: %v", err)
	}
}

// work is a server with one slow page, without a database.
type work struct {
	url               string
	started, released chan struct{}
	stop              context.CancelFunc
	stopped           chan error
	answer            chan result
}

type result struct {
	body string
	err  error
}

// startWork sends one request and returns while its handler is at work.
func startWork(t *testing.T, grace time.Duration) *work {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w := &work{url: "http://" + listener.Addr().String(), stop: cancel,
		started: make(chan struct{}), released: make(chan struct{}), stopped: make(chan error, 1),
		answer: make(chan result, 1)}
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		close(w.started)
		select {
		case <-w.released:
			io.WriteString(rw, "finished")
		case <-r.Context().Done():
		}
	})
	log := slog.New(slog.DiscardHandler)
	go func() {
		w.stopped <- serveUntil(ctx, newServer(config.Default(), handler, log), listener,
			stopping{drain: func() {}, grace: grace}, log)
	}()
	go func() {
		res, err := http.Get(w.url)
		if err != nil {
			w.answer <- result{"", err}
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		w.answer <- result{string(body), err}
	}()
	<-w.started
	return w
}

func TestServeUntil_RequestsUnderWayFinish(t *testing.T) {
	w := startWork(t, time.Minute)
	w.stop()
	for { // until the address is given up
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-w.stopped:
		t.Fatalf("stopped (%v) while a request was under way", err)
	default:
	}
	close(w.released)
	if got := <-w.answer; got.err != nil || got.body != "finished" {
		t.Errorf("got %q, %v", got.body, got.err)
	}
	if err := <-w.stopped; err != nil {
		t.Errorf("got %v, want a clean stop", err)
	}
}

func TestServeUntil_TheGraceEnds(t *testing.T) {
	w := startWork(t, time.Millisecond)
	w.stop()
	if err := <-w.stopped; err == nil || !strings.Contains(err.Error(), "ROSTER_SHUTDOWN_GRACE") {
		t.Errorf("got %v", err)
	}
	if got := <-w.answer; got.err == nil {
		t.Errorf("got an answer %q, want the connection cut", got.body)
	}
}

// A client that never finishes its header loses the connection.
func TestNewServer_ASlowHeaderIsCutOff(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.ReadHeaderTimeout = 20 * time.Millisecond
	server := newServer(cfg, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	go server.Serve(listener)
	defer server.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost:"); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the server waits for the header without end")
	}
}

func TestBaseURL(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:3000": "http://127.0.0.1:3000", "0.0.0.0:80": "http://localhost:80",
		"[::]:80": "http://localhost:80", "[::1]:80": "http://[::1]:80"} {
		if got := baseURL(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)), false); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
