package dbtest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of the administrative connection
)

var errNoMariaDB = errors.New(
	"there is no MariaDB to test on: install it (Debian: apt-get install mariadb-server-core)")

// watchMariaDB runs MariaDB in a directory until its standard input ends, and then removes the directory.
const watchMariaDB = `
"$1" --no-defaults $3 --datadir="$2/data" --socket="$2/socket" --pid-file="$2/pid" --skip-networking \
  --skip-grant-tables --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M \
  >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -KILL $server
wait $server
rm -rf "$2"
`

// mariaDB is the private server of this process: its standard input ends with the process, and MariaDB with that.
var mariaDB struct {
	sync.Mutex
	lifeline io.Closer
}

var theMariaDB = sync.OnceValues(func() (socket string, err error) {
	server, err := exec.LookPath("mariadbd")
	if err != nil {
		if server = "/usr/sbin/mariadbd"; !isExecutable(server) {
			return "", errNoMariaDB
		}
	}
	dir, err := os.MkdirTemp("", "roster-mariadb-*")
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		return "", err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "--user=root"
	}
	cmd := exec.Command("/bin/sh", "-c", watchMariaDB, "sh", server, dir, user)
	ownSession(cmd)
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	mariaDB.Lock()
	mariaDB.lifeline = lifeline
	mariaDB.Unlock()
	socket = filepath.Join(dir, "socket")
	db, err := sql.Open("mysql", "root@unix("+socket+")/")
	if err != nil {
		return "", err
	}
	defer db.Close()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = db.Ping(); err == nil {
			return socket, nil
		}
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return "", fmt.Errorf("MariaDB did not start: %w\n%s", err, log)
})

// stopMariaDB ends the private server, if there is one.
func stopMariaDB() {
	mariaDB.Lock()
	defer mariaDB.Unlock()
	if mariaDB.lifeline != nil {
		_ = mariaDB.lifeline.Close()
	}
}

// MariaDB makes an empty database on a private MariaDB and returns its address. Where there is no MariaDB the test is
// skipped, or fails where CI is set.
func MariaDB(t testing.TB) string {
	t.Helper()
	socket, err := theMariaDB()
	if errors.Is(err, errNoMariaDB) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := uniqueName("source")
	db, err := sql.Open("mysql", "root@unix("+socket+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	return "mysql://root@localhost/" + name + "?socket=" + url.QueryEscape(socket)
}
