package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/models"
)

func (p *program) adminCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Let people in again: reset a password, end the block of an address",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.resetPasswordCommand(), p.unblockCommand())
	return cmd
}

func (p *program) resetPasswordCommand() *cobra.Command {
	var r recovery
	cmd := &cobra.Command{
		Use:   "reset-password",
		Short: "Give an account a new password, on the server itself",
		Long: "Gives an account a new password and enables it. Use it when nobody can log in as an administrator.\n" +
			"It works on the database; the server can keep running. The password is generated and printed,\n" +
			"unless --password-file has one. The account's sessions and access tokens end. If the account has\n" +
			"ended, its end is taken away; an end that is to come stays. It has to be an account whose password\n" +
			"is kept here. Where no administrator has such a one, --make-administrator makes the account an\n" +
			"administrator.",
		Example: "  roster admin reset-password\n  roster admin reset-password --login ann --password-file new.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			return p.resetPassword(cmd.Context(), cfg, r)
		},
	}
	cmd.Flags().StringVar(&r.login, "login", "admin", "login of the account")
	cmd.Flags().StringVar(&r.file, "password-file", "",
		"file with the new password; without it, a password is generated")
	cmd.Flags().BoolVar(&r.administrator, "make-administrator", false, "make the account an administrator as well")
	return cmd
}

// recovery is what reset-password is asked for.
type recovery struct {
	login, file   string
	administrator bool
}

// existingDirectory returns the directory over a database that has its schema already. The caller closes the database.
func (p *program) existingDirectory(ctx context.Context, cfg config.Config) (*config.Database, *directory.Service,
	error) {
	log := cfg.Logger(p.stderr)
	db, err := openExisting(ctx, cfg, log)
	if err != nil {
		return nil, nil, err
	}
	if _, err = schemaOf(ctx, db); err == nil {
		var svc *directory.Service
		if svc, err = newDirectory(cfg, db, directory.Watch{}, log); err == nil {
			return db, svc, nil
		}
	}
	db.Close()
	return nil, nil, err
}

func (p *program) resetPassword(ctx context.Context, cfg config.Config, r recovery) error {
	password, err := passwordIn(r.file)
	if err != nil {
		return err
	}
	db, svc, err := p.existingDirectory(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	account, err := svc.RecoverAccount(ctx, r.login, password, r.administrator)
	if errors.Is(err, directory.ErrNoSuchLogin) || errors.Is(err, directory.ErrKeptElsewhere) {
		return fmt.Errorf("reset the password: %w. %s", err, whoElse(ctx, svc))
	}
	if err != nil {
		return fmt.Errorf("reset the password: %w", explained(err))
	}
	fmt.Fprintf(p.stdout, "The account %s is enabled and has a new password.\n", account.Login)
	if !account.Ended.IsZero() {
		fmt.Fprintf(p.stdout, "It had ended at %s, and has no end any more.\n",
			account.Ended.UTC().Format(time.RFC3339))
	} else if account.ExpiresAt != nil {
		fmt.Fprintf(p.stdout, "It still ends at %s.\n", account.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if r.file == "" {
		fmt.Fprintf(p.stdout, "\n  password  %s\n\n"+
			"The password is shown only this once; change it after the next login.\n", account.Password)
	}
	if !account.EffectiveAdmin {
		fmt.Fprintf(p.stdout, "%s is not an administrator.\n", account.Login)
	}
	return nil
}

// whoElse names the administrators whose passwords are kept here.
func whoElse(ctx context.Context, svc *directory.Service) string {
	names, err := svc.Administrators(ctx, maxNamed, models.InternalSource)
	switch {
	case err != nil:
		return "The administrators cannot be read: " + err.Error()
	case len(names) == 0:
		return "No enabled administrator has a password that is kept here. Name any account with one, and add " +
			"--make-administrator"
	}
	return "Administrators whose passwords are kept here: " + strings.Join(names, ", ")
}

// maxNamed bounds how many administrators are named to somebody who looks for one.
const maxNamed = 10

func (p *program) unblockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unblock [ADDRESS]",
		Short: "Let an address log in again, or list the blocked addresses",
		Long: "Forgets the failed logins of an IP address, so that it can log in again at once. Without an address,\n" +
			"lists the blocked ones. It works on the database; all servers that share it follow within a second.",
		Example: "  roster admin unblock\n  roster admin unblock 192.0.2.7",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			db, svc, err := p.existingDirectory(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer db.Close()
			logins := login.New(svc)
			if len(args) == 0 {
				return p.listBlocks(cmd.Context(), logins)
			}
			found, err := logins.Unblock(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("%s has no failed logins that count", args[0])
			}
			fmt.Fprintf(p.stdout, "%s can log in again.\n", args[0])
			return nil
		},
	}
}

func (p *program) listBlocks(ctx context.Context, logins *login.Service) error {
	blocks, err := logins.Blocks(ctx)
	if err != nil {
		return err
	}
	if len(blocks) == 0 {
		fmt.Fprintln(p.stdout, "No address is blocked.")
	}
	for _, b := range blocks {
		fmt.Fprintf(p.stdout, "%s  %d failed logins, blocked until %s\n", b.Address, b.Failures,
			b.Until.Local().Format(time.DateTime))
	}
	return nil
}

// passwordIn reads a password from a file, without the end of its line. Without a file there is none.
func passwordIn(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := config.ReadSecret(path)
	if err != nil {
		return "", err
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return password, nil
}

// explained says which rules a password breaks.
func explained(err error) error {
	var known *models.Error
	if !errors.As(err, &known) || len(known.Fields) == 0 {
		return err
	}
	var parts []string
	for _, f := range known.Fields {
		words, ok := passwordWords[f.Rule]
		if ok && f.Attr == "password" {
			parts = append(parts, "the password "+fmt.Sprintf(words, f.Args...))
		} else {
			parts = append(parts, strings.ReplaceAll(models.FieldErrors{f}.String(), "_", " "))
		}
	}
	return errors.New(strings.Join(parts, "; "))
}

// passwordWords say which rule a password breaks.
var passwordWords = map[models.Rule]string{
	models.RuleTooShort:      "is too short: it needs %d characters at least",
	models.RuleTooLong:       "is too long: it may have %d characters at most",
	models.RuleTooManyBytes:  "is too long: it may have %d bytes at most",
	models.RulePasswordClass: "has no character of the class %s",
}
