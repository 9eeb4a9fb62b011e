package backup

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"
)

// Empty returns ErrNotEmpty for a database that has been used.
func Empty(ctx context.Context, db *sql.DB, dialect string) error {
	known, err := texts(ctx, db, map[string]string{
		sqlite:   "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'users'",
		postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'users'",
	}[dialect])
	if len(known) == 0 || err != nil {
		return err
	}
	var n int64
	if err := db.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM roles) + "+
		"(SELECT COUNT(*) FROM taxonomies)").Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return ErrNotEmpty
	}
	return nil
}

// Restore reads a backup, which Check has read before, into the tables of a database at the backup's schema. All is
// written at once at the end, and only if what was written reads as the backup does.
func Restore(ctx context.Context, db *sql.DB, dialect string, from io.Reader, identities []age.Identity,
	progress Progress) error {
	o, err := open(from, identities)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, statement := range map[string][]string{
		sqlite:   {"BEGIN IMMEDIATE", "PRAGMA defer_foreign_keys = ON"},
		postgres: {"BEGIN", "SET LOCAL statement_timeout = 0"},
	}[dialect] {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	r := &restorer{conn: conn, dialect: dialect, progress: progress, total: 2 * o.header.Rows()}
	if err := r.restore(ctx, o); err != nil {
		_, undone := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, undone)
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// restorer writes the tables of a backup.
type restorer struct {
	conn        *sql.Conn
	dialect     string
	progress    Progress
	done, total int64
}

func (r *restorer) restore(ctx context.Context, o *opened) error {
	if err := r.prepare(ctx, o.header); err != nil {
		return err
	}
	digests := map[string]Digest{}
	err := r.readTables(ctx, o)
	if err != nil {
		return err
	}
	if err := r.setNumbers(ctx, o.header); err != nil {
		return err
	}
	for _, t := range o.header.Tables {
		d, err := readTable(ctx, r.conn, r.dialect, t, nil, func(_ []byte, rows int64) error {
			r.step(rows)
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		digests[t.Name] = d
	}
	return o.same(digests)
}

func (r *restorer) step(rows int64) {
	r.done += rows
	r.progress.tell(r.done, r.total)
}

// prepare checks that the tables are those of the backup, and takes away what migrations have put there.
func (r *restorer) prepare(ctx context.Context, h *Header) error {
	tables, err := schemaOf(ctx, r.conn, r.dialect)
	if err != nil {
		return err
	}
	for _, t := range h.Tables {
		if !slices.ContainsFunc(tables, func(known Table) bool {
			return known.Name == t.Name && slices.Equal(known.Columns, t.Columns)
		}) {
			return fmt.Errorf("the database has no table like %s of the backup", t.Name)
		}
	}
	for _, t := range slices.Backward(tables) {
		if _, err := r.conn.ExecContext(ctx, "DELETE FROM "+quoted(t.Name)); err != nil {
			return err
		}
	}
	return nil
}

// readTables writes every table. Each is fed to one statement, or to some that are prepared once.
func (r *restorer) readTables(ctx context.Context, o *opened) error {
	var at string
	var sink *feed
	end := func() error {
		if sink == nil {
			return nil
		}
		err := sink.end()
		sink = nil
		return err
	}
	err := o.parts(func(t Table, lines []byte) error {
		if t.Name != at {
			if err := end(); err != nil {
				return err
			}
			at = t.Name
			sink = r.feed(ctx, t)
		}
		return sink.write(lines, func(rows int64) { r.step(rows) })
	})
	if ended := end(); err == nil {
		err = ended
	}
	return err
}

// feed passes rows to a table while they are read.
type feed struct {
	table Table
	rows  chan []any
	done  chan error
	// stopped is closed when the table takes no more rows.
	stopped chan struct{}
}

func (r *restorer) feed(ctx context.Context, t Table) *feed {
	f := &feed{table: t, rows: make(chan []any, 256), done: make(chan error, 1), stopped: make(chan struct{})}
	go func() {
		var err error
		if r.dialect == postgres {
			err = r.copyTo(ctx, f)
		} else {
			err = r.insertInto(ctx, f)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", t.Name, err)
		}
		close(f.stopped)
		f.done <- err
	}()
	return f
}

func (f *feed) write(lines []byte, step func(rows int64)) error {
	var n int64
	for line := range bytes.Lines(lines) {
		values := make([]any, len(f.table.Columns))
		if err := parseRow(line, f.table.Columns, values); err != nil {
			return err
		}
		select {
		case f.rows <- values:
		case <-f.stopped:
			return nil // end returns why
		}
		n++
	}
	step(n)
	return nil
}

func (f *feed) end() error {
	close(f.rows)
	return <-f.done
}

func (t Table) columnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func (r *restorer) copyTo(ctx context.Context, f *feed) error {
	return r.conn.Raw(func(driver any) error {
		conn := driver.(interface{ Conn() *pgx.Conn }).Conn()
		_, err := conn.CopyFrom(ctx, pgx.Identifier{f.table.Name}, f.table.columnNames(),
			pgx.CopyFromFunc(func() ([]any, error) {
				return <-f.rows, nil // nil at the end
			}))
		return err
	})
}

// insertValues is how many values a statement of SQLite takes at a time.
const insertValues = 1000

func (r *restorer) insertInto(ctx context.Context, f *feed) error {
	names := f.table.columnNames()
	for i, name := range names {
		names[i] = quoted(name)
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ") + ")"
	insert := "INSERT INTO " + quoted(f.table.Name) + " (" + strings.Join(names, ", ") + ") VALUES "
	batch := max(1, insertValues/len(names))
	many, err := r.conn.PrepareContext(ctx, insert+strings.TrimSuffix(strings.Repeat(row+", ", batch), ", "))
	if err != nil {
		return err
	}
	defer many.Close()
	values := make([]any, 0, batch*len(names))
	for next := range f.rows {
		values = append(values, next...)
		if len(values) < batch*len(names) {
			continue
		}
		if _, err := many.ExecContext(ctx, values...); err != nil {
			return err
		}
		values = values[:0]
	}
	rest := len(values) / len(names)
	if rest == 0 {
		return nil
	}
	_, err = r.conn.ExecContext(ctx, insert+strings.TrimSuffix(strings.Repeat(row+", ", rest), ", "), values...)
	return err
}

// setNumbers makes the database go on counting where the other one was.
func (r *restorer) setNumbers(ctx context.Context, h *Header) error {
	for name, tally := range h.Tallies {
		// The rows of some nouns are made when they are needed.
		if _, err := r.conn.ExecContext(ctx, "INSERT INTO tallies (name, slot, epoch, total) VALUES ("+
			placeholders[r.dialect]+", 0, "+fmt.Sprint(tally.Epoch)+", "+fmt.Sprint(tally.Total)+
			") ON CONFLICT (name, slot) DO UPDATE SET epoch = excluded.epoch, total = excluded.total",
			name); err != nil {
			return err
		}
	}
	for _, t := range h.Tables {
		last, ok := h.Numbers[t.Name]
		if !ok {
			continue
		}
		if err := r.setNumber(ctx, t, last); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

func (r *restorer) setNumber(ctx context.Context, t Table, last int64) error {
	if r.dialect == sqlite {
		set, err := r.conn.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = MAX(seq, ?) WHERE name = ?", last, t.Name)
		if err != nil {
			return err
		}
		if n, err := set.RowsAffected(); n > 0 || err != nil {
			return err
		}
		_, err = r.conn.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", t.Name, last)
		return err
	}
	sequence, err := sequenceOf(ctx, r.conn, t)
	if sequence == "" || err != nil {
		return err
	}
	_, err = r.conn.ExecContext(ctx, "SELECT setval('"+sequence+"', GREATEST($1::bigint, CASE WHEN is_called THEN "+
		"last_value ELSE 1 END)) FROM "+sequence, max(1, last))
	return err
}

// same checks that tables are what the backup said.
func (o *opened) same(tables map[string]Digest) error {
	for _, t := range o.header.Tables {
		if tables[t.Name] != o.manifest.Tables[t.Name] {
			return fmt.Errorf("%s reads otherwise than it was written", t.Name)
		}
	}
	return nil
}
