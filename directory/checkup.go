package directory

import (
	"context"
	"sync"
	"time"

	"roster/models"
)

// Checkup is the state of a directory, for somebody who looks after the installation.
type Checkup struct {
	// Administrators is how many accounts are effective administrators that may log in.
	Administrators int64
	// Named are the logins of a few of them.
	Named []string
	// Sources are the LDAP sources, with what is wrong with them.
	Sources []SourceCheckup
	// ScimTokens are the tokens of organizations that end soon, and Tokens the access tokens of people: Owner is the
	// title of the organization or the login.
	ScimTokens, Tokens []EndingToken
	// LatestAudit is the time of the newest audit; zero without any.
	LatestAudit time.Time
	Outbox      Outbox
	// FailedLogins is after how many failures an address has to wait; 0 for never.
	FailedLogins int64
	// Delegated says that a proxy may assert who is asking.
	Delegated bool
}

// SourceCheckup is an LDAP source, and what is wrong with it; nil for nothing. Sealed says that its bind password
// cannot be read with the server's key.
type SourceCheckup struct {
	*models.AuthSource
	Broken *models.Broken
	Sealed bool
}

// EndingToken is a token that ends at a time.
type EndingToken struct {
	Name, Owner string
	ExpiresAt   time.Time
}

// MaxNamedAdministrators is how many administrators are named.
const MaxNamedAdministrators = 5

// maxEndingTokens bounds how many tokens of a kind are named.
const maxEndingTokens = 20

// checkedAtOnce is how many LDAP servers are asked at a time.
const checkedAtOnce = 8

// Checkup looks at a directory. What ends before soon is named, at most 20 tokens of each kind.
func (s *Service) Checkup(ctx context.Context, soon time.Time) (*Checkup, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	c := &Checkup{FailedLogins: r.SettingInt("failed_login_attempts_limit"),
		Delegated: r.SettingBool("authorize_login_delegation")}
	db := s.Read.WithContext(ctx)
	if err := enabledAdministrators(db).Count(&c.Administrators).Error; err != nil {
		return nil, err
	}
	if c.Named, err = s.Administrators(ctx, MaxNamedAdministrators); err != nil {
		return nil, err
	}
	now := s.Now()
	if err := db.Table("scim_tokens k").Joins("JOIN taxonomies o ON o.id = k.organization_id").
		Where("NOT k.revoked AND k.expires_at BETWEEN ? AND ?", now, soon).Order("k.expires_at").
		Select("k.name, o.title AS owner, k.expires_at").Limit(maxEndingTokens).Scan(&c.ScimTokens).Error; err != nil {
		return nil, err
	}
	if err := db.Table("personal_access_tokens k").Joins("JOIN users u ON u.id = k.user_id").
		Where("NOT k.revoked AND k.expires_at BETWEEN ? AND ?", now, soon).Order("k.expires_at").
		Select("k.name, u.login AS owner, k.expires_at").Limit(maxEndingTokens).Scan(&c.Tokens).Error; err != nil {
		return nil, err
	}
	var latest models.Audit
	if err := db.Select("id", "created_at").Order("id DESC").Limit(1).Find(&latest).Error; err != nil {
		return nil, err
	}
	c.LatestAudit = latest.CreatedAt
	if c.Outbox, err = s.Outbox(ctx); err != nil {
		return nil, err
	}
	c.Sources, err = s.checkSources(ctx)
	return c, err
}

// SealedSources returns the names of the LDAP sources whose bind passwords cannot be read with the server's key.
func (s *Service) SealedSources(ctx context.Context) ([]string, error) {
	sources, err := s.ldapSources(ctx)
	var names []string
	for _, source := range sources {
		if s.isSealed(&source) {
			names = append(names, source.Name)
		}
	}
	return names, err
}

// ldapSources returns all LDAP sources, by name.
func (s *Service) ldapSources(ctx context.Context) ([]models.AuthSource, error) {
	var sources []models.AuthSource
	err := s.Read.WithContext(ctx).Where("type = ?", models.LdapSource).Order("name").Find(&sources).Error
	return sources, err
}

// isSealed reports whether a bind password is stored that cannot be read.
func (s *Service) isSealed(source *models.AuthSource) bool {
	sealed := models.Deref(source.AccountPassword)
	if sealed == "" {
		return false
	}
	_, err := s.sealer.Unseal(sealed)
	return err != nil
}

// checkSources asks every LDAP server whether it answers.
func (s *Service) checkSources(ctx context.Context) ([]SourceCheckup, error) {
	sources, err := s.ldapSources(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]SourceCheckup, len(sources))
	places := make(chan struct{}, checkedAtOnce)
	var all sync.WaitGroup
	for i := range sources {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			list[i] = s.checkSource(ctx, &sources[i])
		})
	}
	all.Wait()
	return list, nil
}

func (s *Service) checkSource(ctx context.Context, source *models.AuthSource) SourceCheckup {
	c := SourceCheckup{AuthSource: source, Sealed: s.isSealed(source)}
	if c.Sealed {
		return c
	}
	_, trouble, err := s.TestLdapSource(ctx, models.System(), Ref{ID: source.ID})
	if err != nil {
		why := cause(err)
		trouble = &why
	}
	c.Broken = trouble
	return c
}
