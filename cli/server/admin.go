package server

import (
	"context"
	"errors"
	"fmt"
	"os"
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
	var login, file string
	cmd := &cobra.Command{
		Use:   "reset-password",
		Short: "Give an account a new password, on the server itself",
		Long: "Gives an account a new password and enables it. Use it when nobody can log in as an administrator.\n" +
			"It works on the database; the server can keep running. The password is generated and printed, unless\n" +
			"--password-file has one. The account's sessions and access tokens end.",
		Example: "  roster admin reset-password\n  roster admin reset-password --login ann --password-file new.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			return p.resetPassword(cmd.Context(), cfg, login, file)
		},
	}
	cmd.Flags().StringVar(&login, "login", "admin", "login of the account")
	cmd.Flags().StringVar(&file, "password-file", "", "file with the new password; without it, a password is generated")
	return cmd
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

func (p *program) resetPassword(ctx context.Context, cfg config.Config, login, file string) error {
	password, err := passwordIn(file)
	if err != nil {
		return err
	}
	db, svc, err := p.existingDirectory(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	v, password, err := svc.RecoverAccount(ctx, login, password)
	if err != nil {
		return fmt.Errorf("reset the password: %w", explained(err))
	}
	fmt.Fprintf(p.stdout, "The account %s is enabled and has a new password.\n", v.Login)
	if file == "" {
		fmt.Fprintf(p.stdout,
			"\n  password  %s\n\nThe password is shown only this once; change it after the next login.\n", password)
	}
	if !v.EffectiveAdmin {
		fmt.Fprintf(p.stdout, "%s is not an administrator.\n", v.Login)
	}
	return nil
}

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
	text, err := os.ReadFile(path)
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
	return errors.New(strings.ReplaceAll(known.Fields.String(), "_", " "))
}
