package config

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Outage is what an error of the database means for its state.
type Outage int

// The outages.
const (
	// NoOutage errors are about the statement.
	NoOutage Outage = iota
	// Unreachable databases cannot work now, and may a moment later: they are gone, restarting, full, or read-only.
	Unreachable
	// Damaged databases have a file that cannot be read.
	Damaged
)

// OutageOf says what an error of either database says of its state.
func OutageOf(err error) Outage {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqliteOutage(lite.Code() & 0xff)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return Unreachable // whatever the server said: there is no connection
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresOutage(pg.Code)
	}
	var network net.Error
	if errors.As(err, &network) || slices.ContainsFunc(lost, func(of error) bool { return errors.Is(err, of) }) {
		return Unreachable
	}
	return NoOutage
}

// lost are errors of connections that have ended, and of changes that may end with their server.
var lost = []error{driver.ErrBadConn, io.ErrUnexpectedEOF, pgconn.ErrConnClosed, errUnreplicated}

// readOnlyTransaction is the SQLSTATE of a write to a server that only reads.
const readOnlyTransaction = "25006"

// IsUnreachable reports whether an error means that the database cannot work now.
func IsUnreachable(err error) bool { return OutageOf(err) == Unreachable }

// IsDamaged reports whether an error means that the database is damaged.
func IsDamaged(err error) bool { return OutageOf(err) == Damaged }

func sqliteOutage(code int) Outage {
	switch code {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return Damaged
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return Unreachable
	}
	return NoOutage
}

// postgresOutage reads a SQLSTATE: connection trouble (08), too few resources (53), trouble of the system (58),
// shutdown and start (57P0x), and a server that only reads, as a standby does.
func postgresOutage(code string) Outage {
	if code == "XX001" || code == "XX002" {
		return Damaged
	}
	classes := []string{"08", "53", "58", "57P0"}
	if code == readOnlyTransaction ||
		slices.ContainsFunc(classes, func(class string) bool { return strings.HasPrefix(code, class) }) {
		return Unreachable
	}
	return NoOutage
}
