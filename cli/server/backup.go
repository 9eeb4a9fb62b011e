package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"github.com/spf13/cobra"

	"roster/cli/progress"
	"roster/config"
	"roster/directory/backup"
	"roster/migrations"
)

// backupFlags are the options of the command backup.
type backupFlags struct {
	recipients     []string
	recipientsFile string
	withKey        bool
}

func (p *program) backupCommand() *cobra.Command {
	var flags backupFlags
	cmd := &cobra.Command{
		Use:   "backup FILE|-",
		Short: "Write everything that the directory holds into one file",
		Long: "Writes everything that the directory holds at one moment into a file, compressed, or to standard\n" +
			"output. The server may go on meanwhile. A file that exists is not overwritten.\n\n" +
			"With recipients the backup is encrypted by age for whoever has one of their keys. A backup holds\n" +
			"password hashes and personal data: keep one that is not encrypted like a password.\n\n" +
			"Sessions, failed logins and mails that wait are not part of it.",
		Example: "  roster backup /var/backups/roster-$(date +%F).backup --recipient age1...\n" +
			"  roster backup - | ssh vault 'cat > roster.backup'",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			return p.backUp(cmd.Context(), cfg, args[0], flags)
		},
	}
	cmd.Flags().StringArrayVar(&flags.recipients, "recipient", nil,
		"public key of age or SSH for whom the backup is encrypted; may be repeated")
	cmd.Flags().StringVar(&flags.recipientsFile, "recipients-file", "", "file with such keys, one a line")
	cmd.Flags().BoolVar(&flags.withKey, "with-secret-key", false,
		"put the key into the backup that seals bind passwords; it has to be encrypted")
	return cmd
}

func (f backupFlags) parse() ([]age.Recipient, error) {
	lines := f.recipients
	if f.recipientsFile != "" {
		text, err := os.ReadFile(f.recipientsFile)
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Split(string(text), "\n")...)
	}
	var list []age.Recipient
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var r age.Recipient
		var err error
		if strings.HasPrefix(line, "ssh-") {
			r, err = agessh.ParseRecipient(line)
		} else {
			r, err = age.ParseX25519Recipient(line)
		}
		if err != nil {
			return nil, usageError{fmt.Errorf("the recipient %q is no public key of age or SSH: %w", line, err)}
		}
		list = append(list, r)
	}
	if f.withKey && len(list) == 0 {
		return nil, usageError{errors.New("--with-secret-key needs a recipient: whoever reads the key can read all secrets")}
	}
	return list, nil
}

func (p *program) backUp(ctx context.Context, cfg config.Config, path string, flags backupFlags) error {
	recipients, err := flags.parse()
	if err != nil {
		return err
	}
	db, err := openExisting(ctx, cfg, cfg.Logger(p.stderr))
	if err != nil {
		return err
	}
	defer db.Close()
	options := backup.Options{Release: BuildVersion(), Recipients: recipients}
	if options.Schema, err = schemaOf(ctx, db); err != nil {
		return err
	}
	key, err := cfg.Key()
	if err != nil {
		return err
	}
	options.Key = keyName(key)
	if flags.withKey {
		options.SecretKey = hex.EncodeToString(key)
	}
	pool, err := db.Read.DB()
	if err != nil {
		return err
	}
	started := time.Now()
	bar := progress.New(p.stderr, "backing up", config.IsTerminal(p.stderr), barRows)
	options.Progress = func(done, total int64) { bar.Update(int(done), int(total)) }
	var header *backup.Header
	size, err := p.create(path, func(w io.Writer) error {
		header, err = backup.Write(ctx, pool, db.Dialect, w, options)
		return err
	})
	bar.Finish(err == nil)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	note := p.stdout
	if path == "-" {
		note = p.stderr
	}
	fmt.Fprintf(note, "Backed up %d rows, among them %d users, in %s: %s.\n", header.Rows(), header.RowsOf("users"),
		time.Since(started).Round(time.Millisecond), bytesText(size))
	if len(recipients) == 0 {
		fmt.Fprintln(note, "The backup is not encrypted; --recipient encrypts it.")
	}
	return nil
}

// barRows is how many rows are worth a line about each tenth of them.
const barRows = 100_000

// schemaOf is the name of the newest migration that a database has. It must have all that this program knows.
func schemaOf(ctx context.Context, db *config.Database) (string, error) {
	states, err := migrations.Status(ctx, db.SQL(), db.Dialect)
	if err != nil {
		return "", err
	}
	for _, s := range states {
		if !s.Applied() {
			return "", fmt.Errorf("the database lacks the migration %s: run roster migrate first", s.Name)
		}
	}
	return migrations.Newest(db.Dialect)
}

// openExisting opens a database that is there; Open would make a missing file.
func openExisting(ctx context.Context, cfg config.Config, log *slog.Logger) (*config.Database, error) {
	if path, ok := strings.CutPrefix(cfg.Database, "sqlite://"); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("open the database (--database / ROSTER_DATABASE): %w", err)
		}
	}
	return config.Open(ctx, cfg, log)
}

// keyName tells apart secret keys and reveals nothing of them.
func keyName(key []byte) string {
	if len(key) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("roster backup key "), key...))
	return hex.EncodeToString(sum[:8])
}

// create writes a new file, which is there under its name only once it is whole, or to standard output. It returns the
// size.
func (p *program) create(path string, write func(io.Writer) error) (int64, error) {
	counter := &counting{w: p.stdout}
	if path == "-" {
		err := write(counter)
		return counter.n, err
	}
	if _, err := os.Lstat(path); err == nil {
		return 0, fmt.Errorf("%s exists; backups are not overwritten", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	counter.w = file
	if err := write(counter); err != nil {
		return 0, errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return 0, err
	}
	return counter.n, os.Link(file.Name(), path) // which fails if the name is taken meanwhile
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

func (p *program) restoreCommand() *cobra.Command {
	var identity string
	var check bool
	cmd := &cobra.Command{
		Use:   "restore FILE|-",
		Short: "Read a backup into an empty database",
		Long: "Reads a backup into an empty database, which may be of the other kind: SQLite to PostgreSQL and back is\n" +
			"a backup and a restore. The whole file is checked before anything is written; all is written at once,\n" +
			"and compared with the backup before it counts.",
		Example: "  roster restore roster.backup --database sqlite:///srv/roster/roster.db\n" +
			"  roster restore roster.backup --identity key.txt --database postgres://roster@db.example.com/roster\n" +
			"  roster restore roster.backup --check",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			identities, err := identitiesOf(identity)
			if err != nil {
				return err
			}
			file, err := p.openBackup(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer file.Close()
			return p.restore(cmd.Context(), cfg, file, identities, check)
		},
	}
	cmd.Flags().StringVar(&identity, "identity", "", "file with the private key of age or SSH that opens the backup")
	cmd.Flags().BoolVar(&check, "check", false, "only check that the backup is whole, and say what is in it")
	return cmd
}

func identitiesOf(path string) ([]age.Identity, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(string(text), "-----BEGIN") {
		i, err := agessh.ParseIdentity(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return []age.Identity{i}, nil
	}
	list, err := age.ParseIdentities(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// openBackup opens a file that is read twice. What comes from standard input is kept in a file of its own meanwhile, as
// it comes.
func (p *program) openBackup(path string, stdin io.Reader) (*os.File, error) {
	if path != "-" {
		return os.Open(path)
	}
	file, err := os.CreateTemp("", "roster-restore-*") // mode 0600
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil { // it goes with its last reader
		return nil, errors.Join(err, file.Close())
	}
	if _, err := io.Copy(file, stdin); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (p *program) restore(ctx context.Context, cfg config.Config, file *os.File, identities []age.Identity,
	onlyCheck bool) error {
	started := time.Now()
	header, err := backup.Check(file, identities)
	if errors.Is(err, backup.ErrEncrypted) && len(identities) == 0 {
		err = fmt.Errorf("%w: --identity FILE opens it", err)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	made := fmt.Sprintf("made by roster %s on %s from %s", header.Release, header.CreatedAt.Format(time.RFC3339),
		header.Database)
	if onlyCheck {
		fmt.Fprintf(p.stdout, "The backup is whole: %d rows, among them %d users; %s.\n", header.Rows(),
			header.RowsOf("users"), made)
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := p.restoreInto(ctx, cfg, file, header, identities); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(p.stdout, "Restored %d rows, among them %d users, in %s; %s.\n", header.Rows(), header.RowsOf("users"),
		time.Since(started).Round(time.Millisecond), made)
	return p.tellKey(cfg, header)
}

// restoreInto makes the schema of the backup, fills it, and brings it up to date.
func (p *program) restoreInto(ctx context.Context, cfg config.Config, file io.Reader, header *backup.Header,
	identities []age.Identity) error {
	log := cfg.Logger(p.stderr)
	db, err := config.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := backup.Empty(ctx, db.SQL(), db.Dialect); err != nil {
		return fmt.Errorf("%w (--database / ROSTER_DATABASE)", err)
	}
	say := func(line string) { log.Debug(line) }
	err = migrations.UpTo(ctx, db.SQL(), db.Dialect, header.Schema, say)
	if errors.Is(err, migrations.ErrUnknown) {
		return fmt.Errorf("the backup is of a newer release, roster %s: %w", header.Release, err)
	}
	if err != nil {
		return err
	}
	bar := progress.New(p.stderr, "restoring", config.IsTerminal(p.stderr), barRows)
	err = backup.Restore(ctx, db.SQL(), db.Dialect, file, identities,
		func(done, total int64) { bar.Update(int(done), int(total)) })
	bar.Finish(err == nil)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, db.SQL(), db.Dialect, say); err != nil {
		return err
	}
	_, err = db.SQL().ExecContext(ctx, "ANALYZE")
	return err
}

// tellKey says what has become of the key that seals bind passwords.
func (p *program) tellKey(cfg config.Config, header *backup.Header) error {
	if header.Key == "" {
		return nil
	}
	if header.SecretKey != "" {
		kept, err := cfg.KeepKey(header.SecretKey)
		if err != nil {
			return err
		}
		if kept != "" {
			fmt.Fprintf(p.stdout, "The secret key of the backup is in %s.\n", kept)
			return nil
		}
	}
	key, err := cfg.Key()
	if err != nil {
		return err
	}
	if keyName(key) != header.Key {
		fmt.Fprintln(p.stdout, "The secret key (ROSTER_SECRET_KEY) is not the one of the backup: bind "+
			"passwords and API keys cannot be read until it is.")
	}
	return nil
}
