//go:build linux

package rig

import (
	"os"
	"strings"
	"testing"
)

// The guide has the files of the cluster that is tested, filled in for three machines.
func TestRender_AsInTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{
		Nodes:   []Node{{"pg1", "10.0.0.11"}, {"pg2", "10.0.0.12"}, {"pg3", "10.0.0.13"}},
		Me:      Node{"pg1", "10.0.0.11"},
		Network: "10.0.0.0/24", Etcd: "/var/lib/etcd/roster", Data: "/var/lib/postgresql/15/roster",
		Sockets: "/var/run/postgresql", Pgpass: "/var/lib/postgresql/pgpass", Watchdog: "automatic",
		SuperuserPassword: "****", ReplicatorPassword: "****", RewinderPassword: "****", RosterPassword: "****",
		Servers:     []Node{{"roster1", "10.0.0.21:3000"}, {"roster2", "10.0.0.22:3000"}},
		Bind:        ":443 ssl crt /etc/haproxy/both.pem alpn h2,http/1.1 ssl-min-ver TLSv1.2",
		Proto:       "https",
		AdminSocket: "/run/haproxy/admin.sock", Listen: "10.0.0.21:3000", TrustedProxies: "10.0.0.31/32",
		SSLMode: "verify-full", SecretKey: "****",
	}
	for _, name := range []string{"etcd", "patroni.yml", "haproxy.cfg", "roster.yaml"} {
		file, err := Render(name, s)
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("ROSTER_UPDATE") != "" {
			t.Log(file)
		}
		if !strings.Contains(string(text), "\n"+file+"```\n") {
			t.Errorf("docs/operations/cluster.md lacks the file %s:\n%s", name, file)
		}
	}
}
