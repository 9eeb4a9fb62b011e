//go:build linux

// Package packaging tests what is handed out: the Debian package, the unit of systemd and the container image.
package packaging

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// need skips a test where a program or a right is missing. Where CI is set that is a failure, if must says that the
// machine has to have it.
func need(t *testing.T, ok, must bool, what string) {
	t.Helper()
	switch {
	case ok:
	case must && os.Getenv("CI") != "":
		t.Fatal("missing: " + what)
	default:
		t.Skip("missing: " + what)
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// run runs a program and returns its output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The package is installed, started, upgraded, removed and purged, on a copy of the root of this machine.
func TestPackage_Lifecycle(t *testing.T) {
	need(t, has("dpkg"), false, "dpkg")
	need(t, os.Getuid() == 0 && has("unshare") && has("make"), true, "root, unshare and make")
	if err := exec.Command("unshare", "--mount", "true").Run(); err != nil {
		need(t, false, true, "mount namespaces: "+err.Error())
	}
	packages := map[string]string{}
	for _, version := range []string{"1.0.0", "1.0.1"} {
		run(t, "make", "-C", root, "package", "PACKAGE_VERSION="+version)
		found, err := filepath.Glob(root + "/bin/package/roster_" + version + "_*.deb")
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		packages[version] = found[0]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	out := run(t, "unshare", "--mount", "--propagation", "private", "bash", "lifecycle.sh", packages["1.0.0"],
		packages["1.0.1"], port)
	if !strings.HasSuffix(out, "== done\n") {
		t.Error(out)
	}
	t.Log(out)
}

// maxExposure is what `systemd-analyze security` may say of the unit, in tenths; 0 is best and 100 worst.
const maxExposure = "20"

func TestUnit_IsValidAndHardened(t *testing.T) {
	need(t, has("systemd-analyze"), false, "systemd-analyze")
	unit := root + "/.package/roster.service"
	t.Log(run(t, "systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold="+maxExposure, unit))
	// The program of the unit is that of the package, which is not installed here.
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(t.TempDir(), "roster.service")
	replaced := strings.NewReplacer("/usr/bin/roster", "/bin/true", "User=roster", "User=root", "Group=roster", "Group=root",
		"Documentation=file:///usr/share/doc/roster/serving.md", "").Replace(string(text))
	if err := os.WriteFile(local, []byte(replaced), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("systemd-analyze", "verify", "--man=no", local)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "roster") {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// The image is built, and its program answers by itself.
func TestImage(t *testing.T) {
	need(t, has("buildah"), false, "buildah")
	need(t, os.Getuid() == 0 && has("make"), true, "root and make")
	storage := t.TempDir()
	t.Setenv("STORAGE_DRIVER", "vfs")
	t.Setenv("BUILDAH_ISOLATION", "chroot")
	conf := filepath.Join(storage, "storage.conf")
	settings := "[storage]\ndriver = \"vfs\"\ngraphroot = \"" + storage + "/graph\"\nrunroot = \"" + storage + "/run\"\n"
	if err := os.WriteFile(conf, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_STORAGE_CONF", conf)
	const name = "roster-test:latest"
	run(t, "make", "-C", root, "image", "IMAGE="+name)
	described := run(t, "buildah", "inspect", "--type", "image", "--format",
		"{{.Docker.Config.User}} {{.Docker.Config.Entrypoint}} {{.Docker.Config.Volumes}} {{.Docker.Config.Healthcheck.Test}}",
		name)
	if want := "10001:10001 [/roster] map[/data:{}] [CMD /roster health]"; strings.TrimSpace(described) != want {
		t.Errorf("got %q, want %q", described, want)
	}
	container := strings.TrimSpace(run(t, "buildah", "from", "--pull=never", name))
	defer run(t, "buildah", "rm", container)
	mounted := strings.TrimSpace(run(t, "buildah", "mount", container))
	for path, want := range map[string]string{"roster": "755 0 0", "data": "700 10001 10001", "tmp": "700 10001 10001",
		"etc/ssl/certs/ca-certificates.crt": "644 0 0"} {
		if got := strings.TrimSpace(run(t, "stat", "-c", "%a %u %g", filepath.Join(mounted, path))); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	// The program runs there as the account of the image, on a system that has nothing else.
	out := run(t, "chroot", "--userspec=10001:10001", mounted, "/roster", "migrate", "--database", "sqlite:///data/roster.db")
	if !strings.Contains(out, "The schema of /data/roster.db is up to date") {
		t.Error(out)
	}
}
