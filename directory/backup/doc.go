// Package backup writes everything that a directory holds, or one organization, into one file while the server runs,
// and reads such a file into an empty database of either kind. It knows tables and columns, and no models: package
// takeover brings an organization from such a database into a directory that is in use.
//
// A file is a tar archive, compressed by zstd and, where recipients are given, encrypted by age. It begins with
// header.json: what made it, when, at which schema, and the tables with their columns and numbers of rows. Then the
// tables follow in parts, tables/NAME/000001.jsonl and so on: one row a line, as a JSON array in the order of the
// columns. It ends with manifest.json: the rows and the SHA-256 of every table and of the header. A file without it is
// truncated.
//
// What lasts no longer than a server is left out: sessions, failed logins, mails that wait, and links that were mailed.
package backup

import (
	"errors"
	"slices"
	"time"
)

// The versions of the layout. A backup of one organization has one of its own, so that no program takes it for a whole
// directory.
const (
	format             = 1
	organizationFormat = 2
)

// Header says what a backup holds, and what made it.
type Header struct {
	Format int `json:"format"`
	// Release is that of the program.
	Release string `json:"release"`
	// Schema is the name of the newest migration, which both kinds of databases have.
	Schema    string    `json:"schema"`
	Database  string    `json:"database"`
	CreatedAt time.Time `json:"created_at"`
	// Key tells apart the secret keys with which secrets in the tables are sealed; it is empty without one.
	Key string `json:"key,omitempty"`
	// SecretKey is the key itself, in hexadecimal digits, in a backup that is to hold it.
	SecretKey string `json:"secret_key,omitempty"`
	// Organization is the one that the backup is of; nil for everything.
	Organization *Organization `json:"organization,omitempty"`
	Tables       []Table       `json:"tables"`
	// Numbers are the last ones that were given to rows of tables, which are never given again.
	Numbers map[string]int64 `json:"numbers"`
	// Tallies are the directory's counters, by name.
	Tallies map[string]Tally `json:"tallies"`
}

// Tally is one of the directory's counters: how often something has changed, and how many there are.
type Tally struct {
	Epoch int64 `json:"epoch"`
	Total int64 `json:"total"`
}

// Rows is how many rows a backup holds.
func (h *Header) Rows() int64 {
	var n int64
	for _, t := range h.Tables {
		n += t.Rows
	}
	return n
}

// RowsOf is how many rows of a table a backup holds.
func (h *Header) RowsOf(table string) int64 {
	i := slices.IndexFunc(h.Tables, func(t Table) bool { return t.Name == table })
	if i < 0 {
		return 0
	}
	return h.Tables[i].Rows
}

// Table is a table with the columns that a backup holds of it.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int64    `json:"rows"`
}

// Column is a column and what its values are: integer, text, boolean or time.
type Column struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// The kinds of values.
const (
	kindInteger = "integer"
	kindText    = "text"
	kindBoolean = "boolean"
	kindTime    = "time"
)

// Manifest ends a backup.
type Manifest struct {
	// Header is the SHA-256 of header.json.
	Header string            `json:"header"`
	Tables map[string]Digest `json:"tables"`
}

// Digest is what a table has to be when it is read.
type Digest struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

var (
	// ErrDamaged means that a file is not what was written: it is cut short, or parts of it have changed.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrEncrypted means that a backup is encrypted, and that no identity was given that opens it.
	ErrEncrypted = errors.New("the backup is encrypted for somebody else")
	// ErrNotEmpty means that a database has people already.
	ErrNotEmpty = errors.New("the database is not empty")
)

// Progress is told how many rows are done, and how many there are; it may be nil.
type Progress func(done, total int64)

func (p Progress) tell(done, total int64) {
	if p != nil {
		p(done, total)
	}
}
