package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// What others do while lists are measured, a second: of each seven steps two write and five log in.
const (
	writesPerSecond = 20
	loginsPerSecond = 50
	stepsPerSecond  = writesPerSecond + loginsPerSecond
	// loginAccounts is how many accounts log in. Their passwords are proven once, and remembered.
	loginAccounts = 100
)

// background is what others do meanwhile.
type background struct {
	t       *tenantsBench
	done    atomic.Int64
	begun   time.Time
	next    atomic.Int64
	ended   atomic.Bool
	workers sync.WaitGroup
	// accounts log in, in turns.
	accounts []caller
}

// startBackground gives accounts a password and begins.
func startBackground(t *tenantsBench) *background {
	o := &background{t: t}
	t.execute("UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE login = 'admin'), disabled = FALSE "+
		"WHERE id BETWEEN 1000 AND ?", 1000+loginAccounts-1)
	t.execute("UPDATE tallies SET epoch = epoch + 1 WHERE name = 'users' AND slot = 0")
	for i := range loginAccounts {
		var login string
		if err := t.db.Read.Raw("SELECT login FROM users WHERE id = ?", 1000+i).Row().Scan(&login); err != nil {
			t.Fatal(err)
		}
		o.accounts = append(o.accounts, caller{name: login, login: login})
		o.login(int64(i))
	}
	o.begun = time.Now()
	for range clients {
		o.workers.Go(o.work)
	}
	return o
}

// work takes one step after the other, each when its time has come.
func (o *background) work() {
	for !o.ended.Load() && !o.t.Failed() {
		n := o.next.Add(1)
		time.Sleep(time.Until(o.begun.Add(time.Duration(n) * time.Second / stepsPerSecond)))
		if n%7 == 0 || n%7 == 3 {
			o.write(n / 7)
		} else {
			o.login(n)
		}
		o.done.Add(1)
	}
}

func (o *background) login(n int64) {
	o.t.send(o.accounts[n%loginAccounts], "GET", "/api/status", nil)
}

// write renames a user or, one time of four, moves one to another organization.
func (o *background) write(n int64) {
	user := map[string]any{"firstname": fmt.Sprintf("Name%c", 'a'+n%26)}
	if n%4 == 0 {
		user = map[string]any{"organization_ids": o.t.organizations[n%int64(len(o.t.organizations)):][:1]}
	}
	path := fmt.Sprint("/api/users/", 2000+n*7919%(o.t.users-2000))
	o.t.send(administrator, "PUT", path, map[string]any{"user": user})
}

func (o *background) stop() {
	o.ended.Store(true)
	o.workers.Wait()
}

const ticksPerSecond = 100

// process is what the system knows of one: its parent, and the processor time of its own and of its children that have
// ended, in ticks.
type process struct{ parent, own, ended int64 }

func processOf(pid int) process {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(string(fields[i]), 10, 64)
		return n
	}
	return process{parent: number(1), own: number(11) + number(12), ended: number(13) + number(14)}
}

// clusterTicks adds up the processes of a PostgreSQL cluster, those that have ended among them.
func clusterTicks(postmaster int) int64 {
	main := processOf(postmaster)
	sum := main.own + main.ended
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		pid, _ := strconv.Atoi(filepath.Base(path))
		if p := processOf(pid); p.parent == int64(postmaster) {
			sum += p.own
		}
	}
	return sum
}
