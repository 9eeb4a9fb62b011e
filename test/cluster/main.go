//go:build linux

// Command cluster starts the reference cluster of docs/operations/cluster.md on this machine, from Debian's packages,
// and with -break breaks it while clients write. It needs root, for network namespaces.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	breaks := flag.Bool("break", false, "break the cluster under writes, and print what came of it")
	kills := flag.Int("kills", 20, "how often the primary is killed")
	others := flag.Int("others", 3, "how often everything else is broken")
	binary := flag.String("roster", "bin/roster", "the program of the servers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *binary, *breaks, *kills, *others); err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, breaks bool, kills, others int) error {
	if err := missing(); err != nil {
		return err
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	c, err := newCluster()
	if err != nil {
		return err
	}
	failed := true
	defer func() { c.stop(failed && ctx.Err() == nil) }()
	if err := c.start(ctx, binary); err != nil {
		return err
	}
	if breaks {
		err = c.breakAll(ctx, kills, others)
	} else {
		c.explain()
		<-ctx.Done()
	}
	failed = err != nil
	return err
}

// missing names what this machine lacks.
func missing() error {
	if os.Getuid() != 0 {
		return fmt.Errorf("root is needed, for network namespaces")
	}
	packages := map[string]string{"ip": "iproute2", "etcd": "etcd-server", "patroni": "patroni", "haproxy": "haproxy",
		"setpriv": "util-linux", "/usr/lib/postgresql/15/bin/postgres": "postgresql-15"}
	for program, name := range packages {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("there is no %s (Debian 12: apt-get install %s)", program, name)
		}
	}
	return nil
}

// explain says how to use the cluster.
func (c *cluster) explain() {
	fmt.Printf(`
The cluster is ready; Ctrl-C stops it and removes it.

  Roster      http://%s  (admin, %s)
  its servers %s and %s
  nodes       pg1, pg2, pg3 at %s, with PostgreSQL on 5432, Patroni on 8008, etcd on 2379
  logs        %s

  patronictl -c %[6]s/pg1/patroni.yml list
  patronictl -c %[6]s/pg1/patroni.yml switchover
  echo show stat | socat stdio %[6]s/haproxy.sock
  ip netns pids roster-pg1             what runs on pg1
  ip link set roster-pg1 nomaster      pulls the cable of pg1
  ip link set roster-pg1 master %[7]s  puts it back
`, proxyAddress, c.password, c.settings.Servers[0].Address, c.settings.Servers[1].Address,
		c.nodes[0].Address+", "+c.nodes[1].Address+", "+c.nodes[2].Address, c.dir, bridge)
}

func body(text string) io.Reader { return strings.NewReader(text) }
