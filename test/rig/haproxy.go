//go:build linux

package rig

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Proxy is HAProxy in front of servers.
type Proxy struct {
	*Process
	socket string
}

// StartProxy starts HAProxy as the settings say, with its files in a directory, and waits until it answers.
func StartProxy(dir string, s Settings) (*Proxy, error) {
	text, err := Render("haproxy.cfg", s)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	started, err := Start(dir, "haproxy", nil, "haproxy", "-db", "-f", path)
	if err != nil {
		return nil, err
	}
	p := &Proxy{started, s.AdminSocket}
	err = Wait(context.Background(), "HAProxy", 30*time.Second, func() error {
		_, err := p.Say("show info")
		return err
	})
	if err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// Say sends a command to the admin socket and returns the answer.
func (p *Proxy) Say(command string) (string, error) {
	conn, err := net.DialTimeout("unix", p.socket, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, command); err != nil {
		return "", err
	}
	text, err := io.ReadAll(conn)
	return strings.TrimSpace(string(text)), err
}

// Server returns the numbers of a server by their names in `show stat`.
func (p *Proxy) Server(name string) (map[string]string, error) {
	text, err := p.Say("show stat")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "# "))).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, row := range rows[1:] {
		if row[0] == "roster" && row[1] == name {
			numbers := map[string]string{}
			for i, title := range rows[0] {
				numbers[title] = row[i]
			}
			return numbers, nil
		}
	}
	return nil, fmt.Errorf("HAProxy knows no server %s", name)
}
