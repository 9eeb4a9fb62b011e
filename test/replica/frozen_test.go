//go:build unix

package replica

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roster/directory/store"
)

// freeze stops the replica without an end, until the test ends: nothing closes its connections.
func (s *scene) freeze() {
	s.T.Helper()
	var dir, backends string
	if err := s.standby.QueryRowContext(s.T.Context(), "SELECT current_setting('data_directory'), "+
		"string_agg(CAST(pid AS TEXT), ' ') FROM pg_stat_activity WHERE application_name = 'roster'").
		Scan(&dir, &backends); err != nil {
		s.T.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		s.T.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	for _, field := range append(strings.Fields(backends), first) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			s.T.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			s.T.Fatal(err)
		}
		s.T.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	}
}

// A statement that waits for a replica which has just stopped is given up in time, although no other request looks at
// the replica.
func TestReads_ReplicaFreezes(t *testing.T) {
	s := start(t)
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	s.caughtUp()
	ctx, cancel := context.WithTimeout(s.Dir.Reading(t.Context()), 10*time.Second)
	defer cancel()
	row, err := s.Dir.AccountNamed(ctx, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.readThere(func() { _, err = s.Dir.PrincipalOf(ctx, row, "", "") }); n != 1 || err != nil {
		t.Fatal("the request is not read from the replica: ", err)
	}
	s.freeze()
	if _, err = s.Dir.LinksOf(ctx, []int64{row.ID}, store.ForLists); err != nil {
		t.Error("a statement failed with its replica: ", err)
	}
}
