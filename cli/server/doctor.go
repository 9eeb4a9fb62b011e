package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"roster/config"
	"roster/directory"
	"roster/directory/ldap"
	"roster/migrations"
)

// soon is how long before its end a token is worth a word.
const soon = 14 * 24 * time.Hour

// errUnwell ends the command where something is broken.
var errUnwell = errors.New("something is broken: see above")

func (p *program) doctorCommand() *cobra.Command {
	var onlyTrouble bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the installation and suggest fixes",
		Long: "Checks the configuration, the files, the database and its settings, replicas, the clocks, the disk,\n" +
			"tokens and certificates that expire soon, queued mails and the LDAP servers. It changes nothing; the\n" +
			"server can keep running. The exit status is 1 if something is broken, otherwise 0.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			found := append(p.configurationFindings(cmd, cfg), p.examine(cmd.Context(), cfg)...)
			printFindings(p.stdout, found, onlyTrouble)
			for _, f := range found {
				if f.Level == config.Broken {
					return errUnwell
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&onlyTrouble, "only-trouble", false, "leave out what is in order")
	return cmd
}

// examine looks at the database and at the directory, as far as they can be opened.
func (p *program) examine(ctx context.Context, cfg config.Config) []config.Finding {
	found := []config.Finding{{About: "database", Text: "is " + cfg.Place()}}
	log := cfg.Logger(io.Discard)
	db, err := openExisting(ctx, cfg, log)
	if err != nil {
		return append(found, config.Finding{Level: config.Broken, About: "database", Text: err.Error(),
			Advice: "see that it runs, and that --database / ROSTER_DATABASE names it"})
	}
	defer db.Close()
	found = append(found, db.Checkup(ctx, cfg)...)
	schema, ok := schemaFinding(ctx, db)
	found = append(found, schema)
	if !ok {
		return found
	}
	if cfg.LacksKey() {
		cfg.SecretKey = strings.Repeat("00", 32) // which opens nothing, and is kept nowhere
	}
	svc, err := newDirectory(cfg, db, directory.Watch{}, log)
	if err != nil {
		return append(found, config.Finding{Level: config.Broken, About: "directory", Text: err.Error(),
			Advice: "roster serve would not start either"})
	}
	state, err := svc.Checkup(ctx, time.Now().Add(soon))
	if err != nil {
		return append(found, config.Finding{Level: config.Broken, About: "directory", Text: err.Error()})
	}
	found = append(found, directoryFindings(cfg, state)...)
	return append(found, certificateFindings(ctx, cfg, state.Sources)...)
}

// certificateFindings tells of certificates of LDAP servers that end soon. A server that does not answer is told of
// elsewhere.
func certificateFindings(ctx context.Context, cfg config.Config, sources []directory.SourceCheckup) []config.Finding {
	roots, err := cfg.LDAPRoots()
	if err != nil {
		return nil // which config check tells
	}
	var found []config.Finding
	for _, s := range sources {
		if s.Sealed || s.Broken != nil {
			continue
		}
		ends, err := ldap.Client{Roots: roots}.CertificateEnds(ctx, s.AuthSource)
		if err != nil || ends.IsZero() || time.Until(ends) > soon {
			continue
		}
		found = append(found, config.Finding{Level: config.Warning, About: "LDAP " + s.Name,
			Text:   "its certificate ends on " + ends.UTC().Format(time.DateOnly),
			Advice: "have it renewed: nobody of this source can log in without it"})
	}
	return found
}

// configurationFindings are what config check says, and whether the secret key can be read.
func (p *program) configurationFindings(cmd *cobra.Command, cfg config.Config) []config.Finding {
	found, err := config.Check(p.sources(cmd), time.Now())
	if err != nil {
		found = append(found, config.Finding{Level: config.Broken, About: "configuration", Text: err.Error()})
	}
	var key []byte
	if !cfg.LacksKey() {
		key, err = cfg.Key()
	}
	switch {
	case cfg.LacksKey():
		found = append(found, config.Finding{Level: config.Warning, About: "secret key",
			Text: "is not there: the next start makes a new one", Advice: "put back secret.key, if there was one"})
	case err != nil:
		found = append(found, config.Finding{Level: config.Broken, About: "secret key", Text: err.Error(),
			Advice: "mend the file, or set ROSTER_SECRET_KEY"})
	case key != nil:
		found = append(found, config.Finding{About: "secret key", Text: "is there"})
	}
	if cfg.AdminPassword != "" {
		found = append(found, config.Finding{Level: config.Warning, About: "configuration",
			Text:   "ROSTER_ADMIN_PASSWORD is set, which counts at the first start only",
			Advice: "remove it once the administrator has another password"})
	}
	return found
}

func schemaFinding(ctx context.Context, db *config.Database) (config.Finding, bool) {
	states, err := migrations.Status(ctx, db.SQL(), db.Dialect)
	if err != nil {
		return config.Finding{Level: config.Broken, About: "schema", Text: err.Error()}, false
	}
	for _, s := range states {
		if !s.Applied() {
			return config.Finding{Level: config.Broken, About: "schema",
				Text: "the migration " + s.Name + " is missing", Advice: "roster migrate"}, false
		}
	}
	return config.Finding{About: "schema", Text: fmt.Sprintf("all %d migrations are applied", len(states))}, true
}

func directoryFindings(cfg config.Config, c *directory.Checkup) []config.Finding {
	var found []config.Finding
	add := func(bad bool, level config.Level, about, good, wrong, advice string) {
		switch {
		case bad:
			found = append(found, config.Finding{Level: level, About: about, Text: wrong, Advice: advice})
		case good != "":
			found = append(found, config.Finding{About: about, Text: good})
		}
	}
	add(c.Administrators == 0, config.Broken, "administrators",
		fmt.Sprintf("%d can log in: %s", c.Administrators, listed(c.Named, c.Administrators)),
		"no administrator can log in", "roster admin reset-password --login LOGIN --make-administrator")
	add(c.FailedLogins == 0, config.Warning, "failed logins",
		fmt.Sprintf("an address waits after %d", c.FailedLogins), "nobody has to wait after failed logins",
		"roster settings set --name failed_login_attempts_limit --value 30")
	add(c.Delegated && len(cfg.IdentityProxies) == 0, config.Warning, "single sign-on", "",
		"authorize_login_delegation is on, but --identity-proxies names no proxy that may say who is asking",
		"name the proxies, or switch the setting off")
	add(time.Until(c.LatestAudit) > time.Minute, config.Warning, "clock", "",
		"the newest audit is of "+c.LatestAudit.UTC().Format(time.RFC3339)+", which is to come",
		"correct the clock of this machine")
	add(c.Outbox.Waiting > 0 && c.Outbox.Oldest > time.Hour, config.Warning, "mail",
		fmt.Sprintf("%d wait", c.Outbox.Waiting), fmt.Sprintf("%d wait, the oldest for %s", c.Outbox.Waiting,
			c.Outbox.Oldest.Round(time.Minute)), "look at the log, and at the settings of the category Email")
	for _, t := range c.ScimTokens {
		add(true, config.Warning, "tokens", "", fmt.Sprintf("the token %s of the organization %s ends on %s", t.Name,
			t.Owner, t.ExpiresAt.UTC().Format(time.DateOnly)),
			"make another one, and give it to the identity provider")
	}
	for _, t := range c.Tokens {
		add(true, config.Warning, "tokens", "", fmt.Sprintf("the access token %s of %s ends on %s", t.Name, t.Owner,
			t.ExpiresAt.UTC().Format(time.DateOnly)), "make another one where it is still used")
	}
	for _, s := range c.Sources {
		about := "LDAP " + s.Name
		add(s.Sealed, config.Broken, about, "", "its bind password was sealed with another secret key",
			"set ROSTER_SECRET_KEY to that key, or enter the password again")
		if !s.Sealed {
			add(s.Broken != nil, config.Broken, about, "the server answers", wording(s),
				"try it again by roster auth-source ldap test, or correct the source")
		}
	}
	return found
}

// listed lists the first of some logins, with a sign that there are more.
func listed(first []string, all int64) string {
	names := strings.Join(first, ", ")
	if int64(len(first)) < all {
		names += ", ..."
	}
	return names
}

// wording is what is wrong with an LDAP source.
func wording(s directory.SourceCheckup) string {
	if s.Broken == nil {
		return ""
	}
	words := strings.ReplaceAll(string(s.Broken.Rule), "_", " ")
	for _, arg := range s.Broken.Args {
		words += ": " + fmt.Sprint(arg)
	}
	return words
}

func printFindings(w io.Writer, found []config.Finding, onlyTrouble bool) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMin: len(config.Warning.String()), Align: text.AlignLeft},
		{Number: 3, WidthMax: 90, WidthMaxEnforcer: text.WrapSoft}})
	counts := map[config.Level]int{}
	for _, f := range found {
		counts[f.Level]++
		if onlyTrouble && f.Level == config.Fine {
			continue
		}
		t.AppendRow(table.Row{f.Level, f.About, f.Text})
		if f.Advice != "" {
			t.AppendRow(table.Row{"", "", "-> " + f.Advice})
		}
	}
	t.Render()
	fmt.Fprintf(w, "%d in order, %d warnings, %d broken.\n", counts[config.Fine], counts[config.Warning],
		counts[config.Broken])
}
