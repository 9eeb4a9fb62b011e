package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// partSize is how much of a table is held in memory until it is written.
const partSize = 1 << 20

// Options say how a backup is made.
type Options struct {
	// Release is that of the program.
	Release string
	// Schema is the name of the newest migration.
	Schema string
	// Key tells apart secret keys; SecretKey is the key itself where the backup is to hold it.
	Key, SecretKey string
	// Recipients are who can open the backup; without any it is not encrypted.
	Recipients []age.Recipient
	// Organization is the number, slug, title or name of the one that the backup is of; empty for everything.
	Organization string
	Progress     Progress
}

// Write writes everything that a directory holds, or one organization, as it is at one moment, and returns what that
// was. The server may go on meanwhile. An error wraps ErrNoOrganization where there is no such one.
func Write(ctx context.Context, db *sql.DB, dialect string, to io.Writer, o Options) (*Header, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for _, statement := range map[string][]string{
		sqlite:   {"BEGIN"},
		postgres: {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout = 0"},
	}[dialect] {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	h, s, err := headerOf(ctx, conn, dialect, o)
	if err != nil {
		return nil, err
	}
	a, err := newArchive(to, o.Recipients)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, dialect: dialect, scope: s, archive: a, progress: o.Progress, total: h.Rows()}
	if err := w.write(ctx, h); err != nil {
		return nil, err
	}
	return h, a.close()
}

func headerOf(ctx context.Context, db *sql.Conn, dialect string, o Options) (*Header, *scope, error) {
	h := &Header{Format: format, Release: o.Release, Schema: o.Schema, Database: dialect, Key: o.Key,
		SecretKey: o.SecretKey, CreatedAt: time.Now().UTC().Truncate(time.Second)}
	var s *scope
	var err error
	if o.Organization != "" {
		if h.Organization, err = find(ctx, db, dialect, o.Organization); err != nil {
			return nil, nil, err
		}
		h.Format = organizationFormat
		s = ofOrganization(h.Organization.ID)
		if err := s.keep(ctx, db, dialect); err != nil {
			return nil, nil, err
		}
	}
	if h.Tables, err = schemaOf(ctx, db, dialect); err != nil {
		return nil, nil, err
	}
	if err := s.covers(h.Tables); err != nil {
		return nil, nil, err
	}
	for i := range h.Tables {
		t := &h.Tables[i]
		count := s.with() + "SELECT COUNT(*) FROM " + quoted(t.Name) + s.condition(t.Name)
		if err := db.QueryRowContext(ctx, count).Scan(&t.Rows); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	if s != nil {
		return h, s, nil // numbers and counters are the directory's
	}
	if h.Tallies, err = talliesOf(ctx, db); err != nil {
		return nil, nil, err
	}
	h.Numbers, err = numbersOf(ctx, db, dialect, h.Tables)
	return h, nil, err
}

func talliesOf(ctx context.Context, db querier) (map[string]Tally, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, CAST(SUM(epoch) AS BIGINT), CAST(SUM(total) AS BIGINT) "+
		"FROM tallies GROUP BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tallies := map[string]Tally{}
	for rows.Next() {
		var name string
		var t Tally
		if err := rows.Scan(&name, &t.Epoch, &t.Total); err != nil {
			return nil, err
		}
		tallies[name] = t
	}
	return tallies, rows.Err()
}

// numbersOf are the last numbers that tables gave to rows.
func numbersOf(ctx context.Context, db querier, dialect string, tables []Table) (map[string]int64, error) {
	numbers := map[string]int64{}
	for _, t := range tables {
		var last sql.NullInt64
		var err error
		if dialect == sqlite {
			err = db.QueryRowContext(ctx, "SELECT MAX(seq) FROM sqlite_sequence WHERE name = ?", t.Name).Scan(&last)
		} else {
			last, err = lastOfSequence(ctx, db, t)
		}
		if err != nil {
			return nil, err
		}
		if last.Valid {
			numbers[t.Name] = last.Int64
		}
	}
	return numbers, nil
}

func lastOfSequence(ctx context.Context, db querier, t Table) (last sql.NullInt64, err error) {
	sequence, err := sequenceOf(ctx, db, t)
	if sequence == "" || err != nil {
		return last, err
	}
	err = db.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value END FROM "+sequence).Scan(&last)
	return last, err
}

// sequenceOf is the sequence from which a table of PostgreSQL takes its numbers, written as a name; it is empty where
// the table has none.
func sequenceOf(ctx context.Context, db querier, t Table) (string, error) {
	var sequence sql.NullString
	err := db.QueryRowContext(ctx, "SELECT COALESCE(pg_get_serial_sequence(quote_ident(c.table_name), 'id'), "+
		"substring(c.column_default from 'nextval\\(''([^'']+)''')) FROM information_schema.columns c WHERE "+
		"c.table_schema = current_schema() AND c.table_name = $1 AND c.column_name = 'id'", t.Name).Scan(&sequence)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return sequence.String, err
}

// writer writes the tables of a database into an archive.
type writer struct {
	conn     *sql.Conn
	dialect  string
	scope    *scope
	archive  *archive
	progress Progress
	done     int64
	total    int64
}

func (w *writer) write(ctx context.Context, h *Header) error {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	if err := w.archive.add("header.json", text); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	m := Manifest{Header: hex.EncodeToString(sum[:]), Tables: map[string]Digest{}}
	for _, t := range h.Tables {
		part := 0
		d, err := readTable(ctx, w.conn, w.dialect, t, w.scope, func(lines []byte, rows int64) error {
			part++
			w.done += rows
			w.progress.tell(w.done, w.total)
			return w.archive.add(fmt.Sprintf("tables/%s/%06d.jsonl", t.Name, part), lines)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		m.Tables[t.Name] = d
	}
	if text, err = json.MarshalIndent(m, "", "  "); err != nil {
		return err
	}
	return w.archive.add("manifest.json", text)
}

// readTable reads the rows of a table that are in a scope in parts of lines, and returns what that was.
func readTable(ctx context.Context, db querier, dialect string, t Table, s *scope,
	part func(lines []byte, rows int64) error) (Digest, error) {
	rows, err := db.QueryContext(ctx, selection(dialect, t, s))
	if err != nil {
		return Digest{}, err
	}
	defer rows.Close()
	var d Digest
	sum := sha256.New()
	scanner := newRowScanner(t)
	lines := make([]byte, 0, partSize+partSize/4)
	var waiting int64
	flush := func() error {
		sum.Write(lines)
		err := part(lines, waiting)
		lines = lines[:0]
		waiting = 0
		return err
	}
	for rows.Next() {
		if lines, err = scanner.line(lines, rows); err != nil {
			return d, err
		}
		d.Rows++
		waiting++
		if len(lines) >= partSize {
			if err := flush(); err != nil {
				return d, err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return d, err
	}
	if waiting > 0 {
		if err := flush(); err != nil {
			return d, err
		}
	}
	d.SHA256 = sumOf(sum)
	return d, nil
}

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// archive is a tar archive that is compressed, and encrypted where it has recipients.
type archive struct {
	tar     *tar.Writer
	closers []io.Closer
	made    time.Time
}

func newArchive(to io.Writer, recipients []age.Recipient) (*archive, error) {
	a := &archive{made: time.Now()}
	if len(recipients) > 0 {
		sealed, err := age.Encrypt(to, recipients...)
		if err != nil {
			return nil, err
		}
		a.closers = append(a.closers, sealed)
		to = sealed
	}
	packed, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, err
	}
	a.tar = tar.NewWriter(packed)
	a.closers = append(a.closers, packed, a.tar)
	return a, nil
}

func (a *archive) add(name string, content []byte) error {
	if err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: a.made,
		Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(a.tar, bytes.NewReader(content))
	return err
}

// close ends each layer, the innermost first.
func (a *archive) close() error {
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i].Close(); err != nil {
			return err
		}
	}
	return nil
}
