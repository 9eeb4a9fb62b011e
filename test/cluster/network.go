//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	bridge = "roster-br"
	// subnet is the network of the nodes; hosts are 1 for this machine, and 11, 12, 13.
	subnet  = "10.213.75."
	network = subnet + "0/24"
)

// ip runs ip of iproute2.
func ip(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// makeNetwork makes a bridge and a network namespace for each node, joined to it by a cable.
func makeNetwork(nodes []*node) error {
	steps := [][]string{
		{"link", "add", bridge, "type", "bridge"},
		{"addr", "add", subnet + "1/24", "dev", bridge},
		{"link", "set", bridge, "up"},
	}
	for _, n := range nodes {
		steps = append(steps,
			[]string{"netns", "add", n.netns},
			[]string{"link", "add", n.cable, "type", "veth", "peer", "name", "eth0", "netns", n.netns},
			[]string{"link", "set", n.cable, "master", bridge, "up"},
			[]string{"-n", n.netns, "addr", "add", n.Address + "/24", "dev", "eth0"},
			[]string{"-n", n.netns, "link", "set", "eth0", "up"},
			[]string{"-n", n.netns, "link", "set", "lo", "up"})
	}
	for _, step := range steps {
		if err := ip(step...); err != nil {
			return err
		}
	}
	return nil
}

// removeNetwork kills what runs in the namespaces and removes them. What is not there is no error: it also clears away
// what a run left that was killed.
func removeNetwork(nodes []*node) {
	for _, n := range nodes {
		n.kill(func(string) bool { return true })
		_ = ip("link", "del", n.cable)
		_ = ip("netns", "del", n.netns)
	}
	_ = ip("link", "del", bridge)
}

// cut pulls the cable of a node out of the bridge: packets vanish, and nothing is closed.
func (n *node) cut() error { return ip("link", "set", n.cable, "nomaster") }

// heal puts it back.
func (n *node) heal() error { return ip("link", "set", n.cable, "master", bridge) }

// kill sends SIGKILL to the programs of a node whose names are wanted.
func (n *node) kill(wanted func(program string) bool) {
	for _, id := range n.programs(wanted) {
		_ = syscall.Kill(id, syscall.SIGKILL)
	}
}

// programs returns the process ids in the namespace whose programs are wanted.
func (n *node) programs(wanted func(string) bool) []int {
	out, err := exec.Command("ip", "netns", "pids", n.netns).Output()
	if err != nil {
		return nil
	}
	var ids []int
	for _, word := range strings.Fields(string(out)) {
		id, err := strconv.Atoi(word)
		if err != nil {
			continue
		}
		name, err := os.ReadFile("/proc/" + word + "/comm")
		if err == nil && wanted(strings.TrimSpace(string(name))) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
