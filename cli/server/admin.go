package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"roster/config"
	"roster/directory"
	"roster/models"
)

func (p *program) adminCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Reset the password of an administrator",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.resetPasswordCommand())
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

func (p *program) resetPassword(ctx context.Context, cfg config.Config, login, file string) error {
	password, err := passwordIn(file)
	if err != nil {
		return err
	}
	log := cfg.Logger(p.stderr)
	db, err := openExisting(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := schemaOf(ctx, db); err != nil {
		return err
	}
	svc, err := newDirectory(cfg, db, directory.Watch{}, log)
	if err != nil {
		return err
	}
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
