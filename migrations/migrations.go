// Package migrations owns the schema: embedded SQL for both databases, forward only, and the runner that brings a
// database up to date exactly once however many servers start at the same time.
//
// It refuses to know any model: the schema is written by hand, twice, and a test compares it with the models.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed sqlite/*.sql postgres/*.sql
var embedded embed.FS

// State is one migration and whether the database has it.
type State struct {
	Version int64
	Name    string
	// AppliedAt is zero for a migration that is still to come.
	AppliedAt time.Time
}

// Applied reports whether the database has the migration.
func (s State) Applied() bool { return !s.AppliedAt.IsZero() }

// Up applies the missing migrations and calls log with a sentence about each. The dialect is sqlite or postgres. It
// waits up to five minutes for another process that is migrating the same database.
func Up(ctx context.Context, db *sql.DB, dialect string, log func(string)) error {
	return up(ctx, db, dialect, embedded, log)
}

// ErrUnknown means that a migration has a name that this program does not know: a newer one made it.
var ErrUnknown = errors.New("this program does not know the migration")

// Newest is the name of the newest migration, which is the same for both dialects.
func Newest(dialect string) (string, error) {
	entries, err := fs.ReadDir(embedded, dialect)
	if err != nil || len(entries) == 0 {
		return "", errors.Join(err, ErrUnknown)
	}
	return nameOf(entries[len(entries)-1].Name()), nil
}

// nameOf is the name of a migration in a file, without the number, which the dialects count each for itself.
func nameOf(file string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "_")
	return name
}

// UpTo applies the missing migrations as far as the one of a name, as Up does. An error wraps ErrUnknown where there is
// none.
func UpTo(ctx context.Context, db *sql.DB, dialect, name string, log func(string)) error {
	entries, err := fs.ReadDir(embedded, dialect)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if nameOf(entry.Name()) == name {
			return up(ctx, db, dialect, firstFiles{embedded, entries[:i+1]}, log)
		}
	}
	return fmt.Errorf("%w %s", ErrUnknown, name)
}

// firstFiles are the embedded files without those that come later.
type firstFiles struct {
	embed.FS
	entries []fs.DirEntry
}

// ReadDir lists what is left.
func (f firstFiles) ReadDir(string) ([]fs.DirEntry, error) { return f.entries, nil }

// Status lists every migration that this program knows, oldest first.
func Status(ctx context.Context, db *sql.DB, dialect string) ([]State, error) {
	return status(ctx, db, dialect, embedded)
}

// ErrMismatch reports that this program cannot serve the schema of a database.
var ErrMismatch = errors.New("this program cannot serve the schema")

// era is how many versions there are between two narrowings. A migration that takes something away which the release
// before used has the next multiple of it as its version: so a program sees of a migration that it does not know
// whether it may go on.
const era = 1000

// serves reports whether a program whose newest migration has one version may serve a schema whose newest migration has
// another one, where it has all that the program knows: what was added since does not matter to it.
func serves(newest, has int64) bool { return has/era <= newest/era }

// Check reports whether this program may serve the database: nil, or an error that wraps ErrMismatch. The database must
// have all migrations that this program knows, and none that has narrowed the schema since. It is one cheap statement,
// unlike Status.
func Check(ctx context.Context, db *sql.DB, dialect string) error {
	return check(ctx, db, dialect, embedded)
}

func check(ctx context.Context, db *sql.DB, dialect string, files fs.FS) error {
	entries, err := fs.ReadDir(files, dialect)
	if err != nil || len(entries) == 0 {
		return errors.Join(err, ErrUnknown)
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_")
	newest, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	var has, last int64
	err = db.QueryRowContext(ctx, "SELECT COUNT(CASE WHEN version_id <= $1 THEN 1 END), COALESCE(MAX(version_id), 0) "+
		"FROM goose_db_version WHERE is_applied AND version_id > 0", newest).Scan(&has, &last)
	switch {
	case err != nil:
		return err
	case has != int64(len(entries)):
		return fmt.Errorf("%w: it has %d of the %d migrations up to %d", ErrMismatch, has, len(entries), newest)
	case !serves(newest, last):
		return fmt.Errorf("%w: migration %d has taken away what this program uses", ErrMismatch, last)
	}
	return nil
}

func up(ctx context.Context, db *sql.DB, dialect string, files fs.FS, log func(string)) error {
	provider, err := newProvider(db, dialect, files)
	if err != nil {
		return err
	}
	if dialect == "sqlite" {
		release, err := lockSQLite(ctx, db)
		if err != nil {
			return err
		}
		defer release()
	}
	if err := applyMissing(ctx, provider, log); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return refuseNarrowed(ctx, provider)
}

// applyMissing applies the missing migrations and logs each. One that was turned away from a table is tried again.
func applyMissing(ctx context.Context, provider *goose.Provider, log func(string)) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for try := 0; ; try++ {
		results, err := provider.Up(ctx)
		partial := new(goose.PartialError)
		if errors.As(err, &partial) {
			results = partial.Applied
			err = fmt.Errorf("%s: %w", path.Base(partial.Failed.Source.Path), partial.Err)
		}
		for _, r := range results {
			log(fmt.Sprintf("migrated: %s in %s", path.Base(r.Source.Path), r.Duration.Round(time.Millisecond)))
		}
		if !turnedAway(err) {
			return err
		}
		if try == 0 {
			log("migrating waits for transactions that use the tables")
		}
		select {
		case <-waiting.Done():
			return err
		case <-time.After(tableTimeout<<min(try, 3)/2 + rand.N(tableTimeout)): // up to 2.5 s, in which all others go on
		}
	}
}

func status(ctx context.Context, db *sql.DB, dialect string, files fs.FS) ([]State, error) {
	provider, err := newProvider(db, dialect, files)
	if err != nil {
		return nil, err
	}
	list, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	states := make([]State, len(list))
	for i, s := range list {
		states[i] = State{Version: s.Source.Version, Name: path.Base(s.Source.Path), AppliedAt: s.AppliedAt.UTC()}
	}
	return states, nil
}

func newProvider(db *sql.DB, dialect string, files fs.FS) (*goose.Provider, error) {
	sub, err := fs.Sub(files, dialect)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	gooseDialect := goose.DialectSQLite3
	if dialect == "postgres" {
		gooseDialect = goose.DialectPostgres
		// The losers of the lock poll once a second for five minutes; goose's own default polls every five seconds.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(patience/time.Second)))
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(impatient{locker}))
	}
	provider, err := goose.NewProvider(gooseDialect, db, sub, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return provider, nil
}

// refuseNarrowed stops an old program from serving a schema from which a newer one has taken something away. It comes
// after Up, which does nothing to such a schema, because asking an empty database for its version would create goose's
// table outside the lock.
func refuseNarrowed(ctx context.Context, provider *goose.Provider) error {
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if !serves(target, current) {
		return fmt.Errorf("the database is at schema version %d, and this program knows only version %d: start a "+
			"newer roster", current, target)
	}
	return nil
}
