package config_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"gorm.io/gorm"

	"roster/config"
	"roster/test/dbtest"
)

// readOnly makes new sessions of a database read-only or not: that of a primary that was demoted, and that of the one
// that took its place.
func readOnly(t *testing.T, address, value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"SET default_transaction_read_only = off", "ALTER DATABASE " +
		pgx.Identifier{conn.Config().Database}.Sanitize() + " SET default_transaction_read_only = " + value} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// A connection that was refused to write is not used again, and neither are those of the other pools to that server.
func TestPostgres_ADemotedPrimaryIsLeft(t *testing.T) {
	address := dbtest.Postgres(t)
	if err := openAt(t, address, nil, nil).Write.Exec("CREATE TABLE t (id INTEGER)").Error; err != nil {
		t.Fatal(err)
	}
	readOnly(t, address, "on")
	db := openAt(t, address, nil, nil)
	readOnly(t, address, "off")
	for name, pool := range map[string]*gorm.DB{"write": db.Write, "read": db.Read, "search": db.Search} {
		if got := ask(t, pool, "SHOW transaction_read_only"); got != "on" {
			t.Fatalf("%s: the session is not read-only", name)
		}
	}
	err := db.Write.Exec("INSERT INTO t VALUES (1)").Error
	if !config.IsUnreachable(err) {
		t.Fatalf("got %v, want an outage", err)
	}
	for name, pool := range map[string]*gorm.DB{"write": db.Write, "read": db.Read, "search": db.Search} {
		if got := ask(t, pool, "SHOW transaction_read_only"); got != "off" {
			t.Errorf("%s: the session of the demoted primary is still in use", name)
		}
	}
	if err := db.Write.Exec("INSERT INTO t VALUES (1)").Error; err != nil {
		t.Error(err)
	}
}

// In a transaction, too.
func TestPostgres_ADemotedPrimaryIsLeftByTransactions(t *testing.T) {
	address := dbtest.Postgres(t)
	readOnly(t, address, "on")
	db := openAt(t, address, func(c *config.Config) { c.DatabaseConnections = 2 }, nil)
	readOnly(t, address, "off")
	create := func() error {
		return db.Write.Transaction(func(tx *gorm.DB) error { return tx.Exec("CREATE TABLE t (id INTEGER)").Error })
	}
	if err := create(); !config.IsUnreachable(err) {
		t.Fatalf("got %v, want an outage", err)
	}
	if err := create(); err != nil {
		t.Error(err)
	}
}

// Of several hosts the one that writes is used, whatever their order, and without target_session_attrs as well.
func TestPostgres_SeveralHosts(t *testing.T) {
	primary := dbtest.Postgres(t)
	standby := dbtest.Postgres(t)
	readOnly(t, standby, "on")
	// One PostgreSQL stands for both: the proxies lead to it, and the one of the standby to another database.
	writes := newProxy(t, primary)
	reads := newProxy(t, primary)
	reads.database = strings.TrimPrefix(parse(t, standby).Path, "/")
	for _, query := range []string{"sslmode=disable", "sslmode=disable&target_session_attrs=read-write"} {
		u := parse(t, primary)
		u.Host = reads.address + "," + writes.address
		u.RawQuery = query
		db := openAt(t, u.String(), func(c *config.Config) { c.DatabaseConnections = 2 }, nil)
		if err := db.Write.Exec("CREATE TABLE IF NOT EXISTS t (id INTEGER)").Error; err != nil {
			t.Error(query, err)
		}
		if got := ask(t, db.Read, "SELECT current_database()"); "/"+got != parse(t, primary).Path {
			t.Errorf("%s: got %s", query, got)
		}
	}
	before := reads.made.Load()
	u := parse(t, primary)
	u.Host = reads.address + "," + writes.address
	u.RawQuery = "sslmode=disable"
	openAt(t, u.String(), nil, nil)
	if got := reads.made.Load() - before; got != 1 {
		t.Errorf("three pools asked the standby %d times, want 1: the server that took the last connection comes first", got)
	}
}

// A host that takes connections and says nothing costs the time-out of the URL.
func TestPostgres_ASilentHostIsPassedOver(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	primary := dbtest.Postgres(t)
	u := parse(t, primary)
	u.Host = silent.Addr().String() + "," + newProxy(t, primary).address
	for query, most := range map[string]time.Duration{"sslmode=disable&connect_timeout=1": 4 * time.Second,
		"sslmode=disable": 20 * time.Second} {
		u.RawQuery = query
		began := time.Now()
		db := openAt(t, u.String(), nil, nil)
		if got := ask(t, db.Write, "SELECT 1"); got != "1" {
			t.Error(got)
		}
		if took := time.Since(began); took > most {
			t.Errorf("%s: took %s", query, took)
		}
	}
}

// A table that gets a column outdates the statements that other servers have prepared. Nobody notices.
func TestPostgres_AColumnIsAddedMeanwhile(t *testing.T) {
	db := openAt(t, dbtest.Postgres(t), func(c *config.Config) { c.DatabaseConnections = 4 }, nil)
	if err := db.Write.Exec("CREATE TABLE t (id INTEGER)").Error; err != nil {
		t.Fatal(err)
	}
	everywhere(t, db.Reads(), 4, "SELECT * FROM t")
	if err := db.Write.Exec("ALTER TABLE t ADD COLUMN name TEXT").Error; err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if err := db.Read.Exec("SELECT * FROM t").Error; err != nil {
			t.Fatal(err)
		}
		if rows, err := db.Read.Raw("SELECT * FROM t").Rows(); err != nil {
			t.Fatal(err)
		} else {
			rows.Close()
		}
	}
}

// everywhere makes a statement on so many connections of a pool at once.
func everywhere(t *testing.T, pool *sql.DB, connections int, query string) {
	t.Helper()
	var held []*sql.Conn
	for range connections {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := conn.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
		held = append(held, conn)
	}
	for _, conn := range held {
		conn.Close()
	}
}

// insert writes a row in a transaction.
func insert(ctx context.Context, db *config.Database) error {
	return db.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO t VALUES (1)").Error
	})
}

// A primary keeps a change although the wait for its standby was cancelled, and says so in a warning. It may be lost
// with the primary, so that it is not acknowledged.
func TestPostgres_AnUnreplicatedCommitIsNotAcknowledged(t *testing.T) {
	db, p := overProxy(t)
	p.answer.Store(&[]pgproto3.BackendMessage{&pgproto3.NoticeResponse{Severity: "WARNUNG", Code: "01000",
		Message: "storniere Warten auf synchrone Replikation wegen Benutzeraufforderung", Routine: "SyncRepWaitForLSN"}})
	if err := insert(t.Context(), db); !config.IsUnreachable(err) {
		t.Errorf("got %v, want an outage", err)
	}
	if err := db.Write.Exec("INSERT INTO t VALUES (1)").Error; err != nil {
		t.Error("the next statement:", err)
	}
	p.answer.Store(&[]pgproto3.BackendMessage{&pgproto3.NoticeResponse{Severity: "NOTICE", Code: "00000",
		Message: "hello", Routine: "exec_stmt_raise"}})
	if err := insert(t.Context(), db); err != nil {
		t.Error("another notice:", err)
	}
}

// A commit is not cancelled, or PostgreSQL would not wait for its standby: where it takes too long, the connection is
// cut, and the outcome is unknown.
func TestPostgres_ACommitIsNotCancelled(t *testing.T) {
	t.Parallel()
	db, p := overProxy(t)
	hold := make(chan struct{})
	defer close(hold)
	p.hold.Store(&hold)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	var cancelled atomic.Int64 // while the commit is waited for; pgx cancels what a lost connection did
	context.AfterFunc(ctx, func() {
		time.AfterFunc(2*time.Second, func() { cancelled.Store(p.cancelled.Load()) })
	})
	err := insert(ctx, db)
	if !config.IsUnreachable(err) {
		t.Errorf("got %v, want an outage", err)
	}
	if took := time.Since(began); took < 4*time.Second || took > 20*time.Second {
		t.Errorf("the commit ended after %s", took)
	}
	if n := cancelled.Load(); n != 0 {
		t.Errorf("the commit was cancelled %d times", n)
	}
	p.hold.Store(nil)
	if got := ask(t, db.Read, "SELECT count(*) FROM t"); got != "1" {
		t.Errorf("got %s rows, want 1: the database did commit", got)
	}
	// Other statements are cancelled in the database.
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := db.Write.WithContext(ctx).Exec("SELECT pg_sleep(30)").Error; err == nil {
		t.Error("a statement was not cancelled")
	}
	if p.cancelled.Load() == 0 {
		t.Error("a statement was left to the database")
	}
}

// A commit that is answered late, after its context has ended, is one.
func TestPostgres_ALateCommitIsOne(t *testing.T) {
	t.Parallel()
	db, p := overProxy(t)
	hold := make(chan struct{})
	p.hold.Store(&hold)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	context.AfterFunc(ctx, func() { time.AfterFunc(200*time.Millisecond, func() { close(hold) }) })
	if err := insert(ctx, db); err != nil {
		t.Error(err)
	}
	p.hold.Store(nil)
	if err := insert(t.Context(), db); err != nil {
		t.Error("the connection cannot be used any longer:", err)
	}
}

// A connection that is lost during a commit is an outage.
func TestPostgres_AConnectionIsLostDuringACommit(t *testing.T) {
	db, p := overProxy(t)
	p.cut.Store(true)
	if err := insert(t.Context(), db); !config.IsUnreachable(err) {
		t.Errorf("got %v, want an outage", err)
	}
	p.cut.Store(false)
	if err := insert(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestOutageOf_LostConnections(t *testing.T) {
	for _, err := range []error{pgconn.ErrConnClosed, io.ErrUnexpectedEOF,
		&net.OpError{Op: "read", Err: errors.New("reset")}, &pgconn.PgError{Code: "25006"}, &pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "57P02"},
		&pgconn.PgError{Code: "57P03"}} {
		if !config.IsUnreachable(errors.Join(errors.New("because"), err)) {
			t.Errorf("%v is no outage", err)
		}
	}
	for _, err := range []error{nil, sql.ErrNoRows, &pgconn.PgError{Code: "23505"}} {
		if config.IsUnreachable(err) {
			t.Errorf("%v is an outage", err)
		}
	}
}

// overProxy opens a database with a table t through a proxy.
func overProxy(t *testing.T) (*config.Database, *proxy) {
	t.Helper()
	address := dbtest.Postgres(t)
	p := newProxy(t, address)
	u := parse(t, address)
	u.Host = p.address
	u.RawQuery = "sslmode=disable"
	db := openAt(t, u.String(), func(c *config.Config) { c.DatabaseConnections = 2 }, nil)
	if err := db.Write.Exec("CREATE TABLE t (id INTEGER)").Error; err != nil {
		t.Fatal(err)
	}
	return db, p
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// proxy stands between a pool and PostgreSQL, and does at a commit what is asked for.
type proxy struct {
	address string
	// database is the one that is connected to, whatever the client says; empty for what it says.
	database string
	// answer is sent before that of the commit, once. hold keeps its answer back until the channel is closed. cut
	// closes both connections before it.
	answer atomic.Pointer[[]pgproto3.BackendMessage]
	hold   atomic.Pointer[chan struct{}]
	cut    atomic.Bool
	// made counts connections, cancelled requests to cancel.
	made, cancelled atomic.Int64
	target          *pgconn.Config
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	cfg, err := pgconn.ParseConfig(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &proxy{address: listener.Addr().String(), target: cfg}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	network, address := pgconn.NetworkAddress(p.target.Host, p.target.Port)
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	backend := pgproto3.NewBackend(client, client)
	frontend := pgproto3.NewFrontend(server, server)
	first, err := backend.ReceiveStartupMessage()
	if err != nil {
		return
	}
	switch m := first.(type) {
	case *pgproto3.CancelRequest:
		p.cancelled.Add(1)
	case *pgproto3.StartupMessage:
		p.made.Add(1)
		if p.database != "" {
			m.Parameters["database"] = p.database
		}
	}
	frontend.Send(first)
	if frontend.Flush() != nil {
		return
	}
	var commits atomic.Bool
	go func() {
		defer client.Close()
		defer server.Close()
		p.forward(backend, frontend, &commits)
	}()
	p.answers(backend, frontend, &commits)
}

// forward passes on what the client says.
func (p *proxy) forward(backend *pgproto3.Backend, frontend *pgproto3.Frontend, commits *atomic.Bool) {
	for {
		m, err := backend.Receive()
		if err != nil {
			return
		}
		if q, ok := m.(*pgproto3.Query); ok && strings.EqualFold(q.String, "commit") {
			commits.Store(true)
		}
		frontend.Send(m)
		if frontend.Flush() != nil {
			return
		}
	}
}

// answers passes on what the server says.
func (p *proxy) answers(backend *pgproto3.Backend, frontend *pgproto3.Frontend, commits *atomic.Bool) {
	for {
		m, err := frontend.Receive()
		if err != nil {
			return
		}
		if commits.Load() && p.meddle(backend) {
			return
		}
		commits.Store(false)
		backend.Send(m)
		if backend.Flush() != nil {
			return
		}
	}
}

// meddle does what is to come before the answer of a commit, and reports whether the connection is to be cut.
func (p *proxy) meddle(backend *pgproto3.Backend) bool {
	if p.cut.Load() {
		return true
	}
	if hold := p.hold.Load(); hold != nil {
		<-*hold
	}
	if before := p.answer.Swap(nil); before != nil {
		for _, m := range slices.Clone(*before) {
			backend.Send(m)
		}
	}
	return false
}
