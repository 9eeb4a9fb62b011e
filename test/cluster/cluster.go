//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"roster/test/rig"
)

const (
	proxyAddress = "127.0.0.1:3080"
	// startPatience is how long a program may take until it answers.
	startPatience = 90 * time.Second
)

// cluster is a reference cluster on this machine: three nodes, two servers of Roster, and HAProxy in front of them.
type cluster struct {
	dir      string
	nodes    []*node
	servers  []*rig.Process
	proxy    *rig.Process
	settings rig.Settings
	password string // of Roster's administrator
}

func newCluster() (*cluster, error) {
	dir, err := os.MkdirTemp("", "roster-cluster-*")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, password: secret(12)}
	c.settings = rig.Settings{Network: network, Watchdog: "off", SuperuserPassword: secret(12),
		ReplicatorPassword: secret(12), RewinderPassword: secret(12), RosterPassword: secret(12),
		SecretKey: secret(32), Bind: proxyAddress, Proto: "http", SSLMode: "disable",
		TrustedProxies: "127.0.0.1/32", AdminSocket: filepath.Join(dir, "haproxy.sock"),
		Servers: []rig.Node{{Name: "roster1", Address: "127.0.0.1:3081"}, {Name: "roster2", Address: "127.0.0.1:3082"}}}
	for i := range 3 {
		c.settings.Nodes = append(c.settings.Nodes,
			rig.Node{Name: fmt.Sprintf("pg%d", i+1), Address: fmt.Sprintf("%s%d", subnet, 11+i)})
	}
	for _, n := range c.settings.Nodes {
		c.nodes = append(c.nodes, &node{Node: n, netns: "roster-" + n.Name, cable: "roster-" + n.Name,
			dir: filepath.Join(dir, n.Name)})
	}
	return c, c.makeDirectories()
}

// makeDirectories makes one for each node, which belongs to PostgreSQL.
func (c *cluster) makeDirectories() error {
	if err := os.Chmod(c.dir, 0o755); err != nil {
		return err
	}
	for _, n := range c.nodes {
		n.settings = c.settings
		n.settings.Me = n.Node
		n.settings.Etcd = filepath.Join(n.dir, "etcd-data")
		n.settings.Data = filepath.Join(n.dir, "data")
		n.settings.Sockets = n.dir
		n.settings.Pgpass = filepath.Join(n.dir, "pgpass")
		if err := os.Mkdir(n.dir, 0o700); err != nil {
			return err
		}
		if err := chown(n.dir); err != nil {
			return err
		}
	}
	return nil
}

func secret(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // which does not fail
	return hex.EncodeToString(b)
}

// start starts everything, and says what it waits for.
func (c *cluster) start(ctx context.Context, binary string) error {
	removeNetwork(c.nodes)
	if err := makeNetwork(c.nodes); err != nil {
		return err
	}
	for _, n := range c.nodes {
		if err := n.startEtcd(); err != nil {
			return err
		}
	}
	for _, n := range c.nodes {
		if err := n.startPatroni(); err != nil {
			return err
		}
	}
	fmt.Println("waiting for etcd, Patroni and PostgreSQL on 3 nodes")
	if err := c.waitWhole(ctx); err != nil {
		return err
	}
	if err := c.makeDatabase(ctx); err != nil {
		return err
	}
	for i := range c.settings.Servers {
		if err := c.startServer(ctx, i, binary); err != nil {
			return err
		}
	}
	proxy, err := rig.StartProxy(c.dir, c.settings)
	if err != nil {
		return err
	}
	c.proxy = proxy.Process
	return c.waitReady(ctx, proxyAddress)
}

// waitWhole waits until the cluster has a leader and two standbys, one of them synchronous.
func (c *cluster) waitWhole(ctx context.Context) error {
	return rig.Wait(ctx, "the cluster", startPatience, func() error {
		o, err := view(ctx, c.nodes)
		if err != nil {
			return err
		}
		return o.whole()
	})
}

// database connects to the primary as the superuser.
func (c *cluster) database(ctx context.Context, name string) (*pgx.Conn, error) {
	hosts := ""
	for i, n := range c.nodes {
		if i > 0 {
			hosts += ","
		}
		hosts += n.Address
	}
	return pgx.Connect(ctx, fmt.Sprintf("postgres://postgres:%s@%s/%s?target_session_attrs=read-write&connect_timeout=2",
		c.settings.SuperuserPassword, hosts, name))
}

func (c *cluster) makeDatabase(ctx context.Context) error {
	conn, err := c.database(ctx, "postgres")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE ROLE roster LOGIN PASSWORD '"+c.settings.RosterPassword+"'")
	if err != nil {
		return err
	}
	if _, err = conn.Exec(ctx, "CREATE DATABASE roster OWNER roster"); err != nil {
		return err
	}
	// A standby that does not have it yet answers that there is no such database, and clients ask no further then.
	for _, n := range c.nodes {
		err := rig.Wait(ctx, "the database on "+n.Name, startPatience, func() error {
			conn, err := pgx.Connect(ctx, fmt.Sprintf("postgres://postgres:%s@%s/roster", c.settings.SuperuserPassword,
				n.Address))
			if err != nil {
				return err
			}
			return conn.Close(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// startServer starts a server of Roster and waits until it is ready.
func (c *cluster) startServer(ctx context.Context, i int, binary string) error {
	s := c.settings
	s.Listen = s.Servers[i].Address
	text, err := rig.Render("roster.yaml", s)
	if err != nil {
		return err
	}
	name := s.Servers[i].Name
	path := filepath.Join(c.dir, name+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	p, err := rig.Start(c.dir, name, []string{"ROSTER_ADMIN_PASSWORD=" + c.password}, binary, "serve", "--config", path)
	if err != nil {
		return err
	}
	c.servers = append(c.servers, p)
	return c.waitReady(ctx, s.Listen)
}

func (c *cluster) waitReady(ctx context.Context, address string) error {
	return rig.Wait(ctx, address, startPatience, func() error {
		var parts map[string]string
		err := get(ctx, "http://"+address+"/readyz", &parts)
		return err
	})
}

// stop ends everything; the logs are kept where asked for.
func (c *cluster) stop(keep bool) {
	var errs []error
	for _, p := range append([]*rig.Process{c.proxy}, c.servers...) {
		if p != nil {
			p.Kill()
		}
	}
	removeNetwork(c.nodes)
	if keep {
		fmt.Println("the logs are in " + c.dir)
	} else {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	if err := errors.Join(errs...); err != nil {
		fmt.Println(err)
	}
}

// node returns the one of a name.
func (c *cluster) node(name string) *node {
	for _, n := range c.nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// switchOver asks Patroni for a planned change of the primary.
func (c *cluster) switchOver(ctx context.Context, from, to string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.node(from).Address+":8008/switchover",
		body(fmt.Sprintf(`{"leader":%q,"candidate":%q}`, from, to)))
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: startPatience}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("switchover: status %d", answer.StatusCode)
	}
	return nil
}
