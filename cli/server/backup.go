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
	organization   string
}

func (p *program) backupCommand() *cobra.Command {
	var flags backupFlags
	cmd := &cobra.Command{
		Use:   "backup FILE|-",
		Short: "Back up the whole directory, or one organization, into one file",
		Long: "Writes a consistent copy of the whole directory into a compressed file, or to standard output. The\n" +
			"server can keep running. An existing file is not overwritten.\n\n" +
			"With recipients, the backup is encrypted by age, and only their private keys open it. A backup holds\n" +
			"password hashes and personal data: protect an unencrypted one like a password.\n\n" +
			"Sessions, failed logins and queued mails are not included.\n\n" +
			"With --organization it holds one organization and those below it: their people with what belongs to\n" +
			"them, groups, roles that are held there, memberships, parameters, tokens of identity providers, and\n" +
			"audits. Nothing of other organizations is in it.",
		Example: "  roster backup /var/backups/roster-$(date +%F).backup --recipient age1...\n" +
			"  roster backup acme.backup --organization Acme\n" +
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
		"age or SSH public key to encrypt the backup for; can be repeated")
	cmd.Flags().StringVar(&flags.recipientsFile, "recipients-file", "", "file with such keys, one per line")
	cmd.Flags().BoolVar(&flags.withKey, "with-secret-key", false,
		"include the secret key that encrypts stored secrets; the backup must be encrypted")
	cmd.Flags().StringVar(&flags.organization, "organization", "",
		"back up this organization only: id, slug, title or name")
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
		return nil, usageError{errors.New("--with-secret-key needs a recipient: whoever reads the key can read all " +
			"secrets")}
	}
	if f.withKey && f.organization != "" {
		return nil, usageError{errors.New("--with-secret-key: the key is the whole directory's, and goes with no " +
			"organization")}
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
	options := backup.Options{Release: BuildVersion(), Recipients: recipients, Organization: flags.organization}
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
	fmt.Fprintf(note, "Backed up %s in %s: %s.\n", contentOf(header), time.Since(started).Round(time.Millisecond),
		bytesText(size))
	if len(recipients) == 0 {
		fmt.Fprintln(note, "The backup is not encrypted; --recipient encrypts it.")
	}
	return nil
}

// contentOf says what a backup holds.
func contentOf(h *backup.Header) string {
	if h.Organization != nil {
		return fmt.Sprintf("the organization %s with %d people (%d rows)", h.Organization.Title, h.RowsOf("users"),
			h.Rows())
	}
	return fmt.Sprintf("%d rows, among them %d users,", h.Rows(), h.RowsOf("users"))
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

// restoreFlags are the options of the command restore.
type restoreFlags struct {
	identity string
	check    bool
	// The others are about a backup of one organization.
	onConflict, report string
	dryRun, withRoles  bool
}

// checkFor refuses options that a backup has no use for.
func (f *restoreFlags) checkFor(h *backup.Header) error {
	if h.Organization == nil && (f.onConflict != "" || f.report != "" || f.dryRun || f.withRoles) {
		return usageError{errors.New("the backup is of everything, and goes into an empty database as it is: " +
			"--on-conflict, --dry-run, --with-roles and --report are for one of an organization")}
	}
	return nil
}

func (p *program) restoreCommand() *cobra.Command {
	var flags restoreFlags
	cmd := &cobra.Command{
		Use:   "restore FILE|-",
		Short: "Restore a backup into an empty database, or one organization into a directory",
		Long: "Restores a backup into an empty database of either kind: to move from SQLite to PostgreSQL or back,\n" +
			"back up and restore. The whole file is checked before anything is written. Everything is written in\n" +
			"one transaction, and compared with the backup before it is committed.\n\n" +
			"A backup of one organization goes into a directory that is in use: the one where it was deleted, or\n" +
			"another one. Numbers and names stay where they are free. It makes nobody an administrator, and gives\n" +
			"nobody roles beyond the organization, unless --with-roles gives new accounts theirs. An organization\n" +
			"that is there is left alone: --on-conflict merge brings back what it lacks.",
		Example: "  roster restore roster.backup --database sqlite:///srv/roster/roster.db\n" +
			"  roster restore roster.backup --identity key.txt --database postgres://roster@db.example.com/roster\n" +
			"  roster restore roster.backup --check\n" +
			"  roster restore acme.backup --dry-run",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if err := checkOnConflict(flags.onConflict); err != nil {
				return err
			}
			identities, err := identitiesOf(flags.identity)
			if err != nil {
				return err
			}
			file, err := p.openBackup(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer file.Close()
			return p.restore(cmd.Context(), cfg, file, identities, flags)
		},
	}
	cmd.Flags().StringVar(&flags.identity, "identity", "",
		"file with the age or SSH private key that decrypts the backup")
	cmd.Flags().BoolVar(&flags.check, "check", false, "only check that the backup is complete, and print what is in it")
	cmd.Flags().StringVar(&flags.onConflict, "on-conflict", "", "of an organization: what to do with logins that "+
		"exist, and with the organization if it exists: skip, merge or rename")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false,
		"of an organization: print what would be written, and write nothing")
	cmd.Flags().BoolVar(&flags.withRoles, "with-roles", false,
		"of an organization: also give new accounts and groups the roles that they held outside of it")
	cmd.Flags().StringVar(&flags.report, "report", "", "of an organization: write the report to this file, as JSON")
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
	flags restoreFlags) error {
	started := time.Now()
	header, err := backup.Check(file, identities)
	if errors.Is(err, backup.ErrEncrypted) && len(identities) == 0 {
		err = fmt.Errorf("%w: --identity FILE opens it", err)
	}
	if err == nil {
		err = flags.checkFor(header)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	made := fmt.Sprintf("made by roster %s on %s from %s", header.Release, header.CreatedAt.Format(time.RFC3339),
		header.Database)
	if flags.check {
		fmt.Fprintf(p.stdout, "The backup is whole: %s; %s.\n", strings.TrimSuffix(contentOf(header), ","), made)
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if header.Organization != nil {
		if err := p.restoreOrganization(ctx, cfg, file, header, identities, flags); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		return nil
	}
	if err := p.restoreInto(ctx, cfg, file, header, identities); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(p.stdout, "Restored %s in %s; %s.\n", contentOf(header), time.Since(started).Round(time.Millisecond),
		made)
	return p.tellKey(cfg, header)
}

// restoreInto reads a backup of everything into an empty database.
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
	if err := p.readBackup(ctx, db, log, file, header, identities, "restoring"); err != nil {
		return err
	}
	_, err = db.SQL().ExecContext(ctx, "ANALYZE")
	return err
}

// readBackup makes the schema of the backup in an empty database, fills it, and brings it up to date.
func (p *program) readBackup(ctx context.Context, db *config.Database, log *slog.Logger, file io.Reader,
	header *backup.Header, identities []age.Identity, what string) error {
	say := func(line string) { log.Debug(line) }
	err := migrations.UpTo(ctx, db.SQL(), db.Dialect, header.Schema, say)
	if errors.Is(err, migrations.ErrUnknown) {
		return fmt.Errorf("the backup is of a newer release, roster %s: %w", header.Release, err)
	}
	if err != nil {
		return err
	}
	bar := progress.New(p.stderr, what, config.IsTerminal(p.stderr), barRows)
	err = backup.Restore(ctx, db.SQL(), db.Dialect, file, identities,
		func(done, total int64) { bar.Update(int(done), int(total)) })
	bar.Finish(err == nil)
	if err != nil {
		return err
	}
	return migrations.Up(ctx, db.SQL(), db.Dialect, say)
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
