//go:build linux

package rig

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed files
var files embed.FS

// Node is a machine of a cluster.
type Node struct{ Name, Address string }

// Settings are what the files of a reference cluster are filled in with.
type Settings struct {
	Nodes []Node
	// Me is the node that the file is for.
	Me Node
	// Network is that of the nodes and of Roster's servers.
	Network string
	// Etcd, Data, Sockets and Pgpass are directories, and a file, of a node.
	Etcd, Data, Sockets, Pgpass string
	// Watchdog is its mode.
	Watchdog                                                                string
	SuperuserPassword, ReplicatorPassword, RewinderPassword, RosterPassword string
	// Servers are those of Roster, Bind is where HAProxy listens, Proto what clients speak, AdminSocket its socket.
	Servers                  []Node
	Bind, Proto, AdminSocket string
	// Listen is where Roster listens.
	Listen, TrustedProxies, SSLMode, SecretKey string
}

// Render fills in etcd, patroni.yml, haproxy.cfg or roster.yaml.
func Render(name string, s Settings) (string, error) {
	text, err := files.ReadFile("files/" + name)
	if err != nil {
		return "", err
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, s)
	return out.String(), err
}
