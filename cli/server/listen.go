package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"roster/config"
)

// askSocket bounds the wait for a server that may answer on a socket.
const askSocket = time.Second

// listen takes the address of the settings: a host and port, or a socket in the file system.
func listen(ctx context.Context, cfg config.Config) (net.Listener, error) {
	var listener net.Listener
	var err error
	if path, ok := cfg.Socket(); ok {
		listener, err = listenSocket(ctx, path, cfg.ListenMode)
	} else {
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s (--listen / ROSTER_LISTEN): %w", cfg.Listen, err)
	}
	return listener, nil
}

// socket is a listener in the file system. The end of the listener removes its file, unless that has become the one of
// another server.
type socket struct {
	net.Listener
	path   string
	made   fs.FileInfo
	remove sync.Once
}

// listenSocket makes a socket with a mode. It takes the place of a file on which nobody answers, and refuses to take
// that of a server, or of anything but a socket. The socket is made under another name and appears with its mode.
func listenSocket(ctx context.Context, path string, mode fs.FileMode) (net.Listener, error) {
	unlock, err := lockDirectory(filepath.Dir(path)) // against a server that starts at the same moment
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := checkStale(ctx, path); err != nil {
		return nil, err
	}
	temporary := path + "~"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", temporary)
	if err != nil {
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	s := &socket{Listener: listener, path: path}
	if err := s.appear(temporary, mode); err != nil {
		os.Remove(temporary)
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

func (s *socket) appear(temporary string, mode fs.FileMode) error {
	if err := os.Chmod(temporary, mode); err != nil {
		return err
	}
	var err error
	if s.made, err = os.Lstat(temporary); err != nil {
		return err
	}
	return os.Rename(temporary, s.path)
}

// checkStale returns an error unless the path is free or a socket on which nobody answers.
func checkStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file that is no socket")
	}
	limited, cancel := context.WithTimeout(ctx, askSocket)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(limited, "unix", path)
	if err == nil {
		return errors.Join(errors.New("a server answers there"), conn.Close())
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return fmt.Errorf("whether a server answers there cannot be found out: %w", err)
}

// Addr is the address under which the socket is found.
func (s *socket) Addr() net.Addr { return &net.UnixAddr{Name: s.path, Net: "unix"} }

// Close ends the listener and removes its file.
func (s *socket) Close() error {
	s.remove.Do(func() {
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.made) {
			os.Remove(s.path)
		}
	})
	return s.Listener.Close()
}

// baseURL returns an address that a browser on this machine can open, or that of a socket as in the settings. A server
// that listens on all addresses is reached as localhost.
func baseURL(addr net.Addr, encrypted bool) string {
	if addr.Network() == "unix" {
		return "unix:" + addr.String()
	}
	scheme := "http://"
	if encrypted {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + addr.String()
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}
