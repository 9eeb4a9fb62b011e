//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"roster/test/rig"
)

// node is a machine with etcd, Patroni and PostgreSQL, in a network namespace of its own.
type node struct {
	rig.Node
	netns, cable, dir string
	settings          rig.Settings
	etcd, patroni     *rig.Process
}

// write writes a file of the node for the account of PostgreSQL.
func (n *node) write(name string) (string, error) {
	text, err := rig.Render(name, n.settings)
	if err != nil {
		return "", err
	}
	path := filepath.Join(n.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	return path, chown(path)
}

// chown gives a file to the account of PostgreSQL.
func chown(path string) error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return os.Chown(path, uid, gid)
}

// inside is a command in the namespace, as the account of PostgreSQL.
func (n *node) inside(command ...string) []string {
	return append([]string{"ip", "netns", "exec", n.netns, "setpriv", "--reuid", "postgres", "--regid", "postgres",
		"--clear-groups"}, command...)
}

func (n *node) startEtcd() error {
	path, err := n.write("etcd")
	if err != nil {
		return err
	}
	// Debian's unit reads the same file as variables.
	n.etcd, err = rig.Start(n.dir, "etcd-output", []string{"HOME=" + n.dir},
		n.inside("sh", "-c", `set -a; . "$1"; exec etcd`, "sh", path)...)
	return err
}

func (n *node) startPatroni() error {
	path, err := n.write("patroni.yml")
	if err != nil {
		return err
	}
	n.patroni, err = rig.Start(n.dir, "patroni-output", []string{"HOME=" + n.dir}, n.inside("patroni", path)...)
	return err
}

// killDatabase kills Patroni and every process of PostgreSQL, as a loss of power does.
func (n *node) killDatabase() {
	n.kill(func(program string) bool { return program != "etcd" })
	<-n.patroni.Ended()
}

// member is a node as Patroni sees it.
type member struct {
	Name, Role, State string
	Lag               any
}

// overview is what Patroni says of the cluster.
type overview struct{ Members []member }

var patient = http.Client{Timeout: 2 * time.Second}

// view asks all nodes, which have to agree on who leads: one that was cut off remembers what was.
func view(ctx context.Context, nodes []*node) (overview, error) {
	var first overview
	for i, n := range nodes {
		var o overview
		if err := get(ctx, "http://"+n.Address+":8008/cluster", &o); err != nil {
			return o, err
		}
		if i == 0 {
			first = o
		}
		if o.name("leader") != first.name("leader") || o.name("sync_standby") != first.name("sync_standby") {
			return o, fmt.Errorf("%s sees the cluster otherwise", n.Name)
		}
	}
	return first, nil
}

func get(ctx context.Context, url string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := patient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", url, answer.StatusCode)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// whole reports why the cluster is not: a leader, one synchronous standby and another one, all running.
func (o overview) whole() error {
	roles := map[string]int{}
	for _, m := range o.Members {
		if m.State != "running" && m.State != "streaming" {
			return fmt.Errorf("%s is %s", m.Name, m.State)
		}
		if lag, ok := m.Lag.(float64); m.Role != "leader" && (!ok || lag > 1<<20) {
			return fmt.Errorf("%s lags by %v", m.Name, m.Lag)
		}
		roles[m.Role]++
	}
	if len(o.Members) != 3 || roles["leader"] != 1 || roles["sync_standby"] != 1 {
		return fmt.Errorf("the cluster is not whole: %+v", o.Members)
	}
	return nil
}

// name returns the name of the member in a role.
func (o overview) name(role string) string {
	i := slices.IndexFunc(o.Members, func(m member) bool { return m.Role == role })
	if i < 0 {
		return ""
	}
	return o.Members[i].Name
}
