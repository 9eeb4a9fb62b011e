package directory

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// AuthSourceView is an auth source with what dialects show of it.
type AuthSourceView struct {
	models.AuthSource
	Externals []models.ExternalUsergroup
	Tenants   TenantLists
}

// AuthSourceChange is a requested change of an auth source. Only the name and the tenants apply to sources other than
// LDAP.
type AuthSourceChange struct {
	Name                                               models.Opt[string]
	Host, Account, AccountPassword, BaseDN, LdapFilter models.Opt[*string]
	AttrLogin, AttrFirstname, AttrLastname, AttrMail   models.Opt[*string]
	AttrPhoto, ServerType, GroupsBase                  models.Opt[*string]
	// Port is what was sent for it, so that what is no port can be told apart.
	Port                                               models.Opt[*string]
	OntheflyRegister, TLS, UsergroupSync, UseNetgroups models.Opt[bool]
	Tenants                                            TenantRefs
}

// references are the lists that a change of a source carries.
func (c *AuthSourceChange) references(p *models.Principal) []reference {
	return c.Tenants.references(func(kind models.TenantKind) target { return assignedTarget(p, kind) })
}

type authSourceState struct {
	models.AuthSource
	tenants         tenantIDs
	passwordChanged bool
	// portTrouble are the rules that what was sent for the port breaks.
	portTrouble []models.Rule
}

func (a *authSourceState) facts() store.AuditedValues {
	var password any
	if a.passwordChanged {
		password = store.Redacted
	}
	kind := string(a.Type)
	return append(store.AuditedValues{
		store.Audited("name", &a.Name), store.Audited("type", &kind),
		store.Audited("host", a.Host), store.Audited("port", a.Port), store.Audited("account", a.Account),
		{Attr: "account_password", Value: password}, store.Audited("base_dn", a.BaseDN),
		store.Audited("attr_login", a.AttrLogin),
		store.Audited("attr_firstname", a.AttrFirstname), store.Audited("attr_lastname", a.AttrLastname),
		store.Audited("attr_mail", a.AttrMail), store.Audited("attr_photo", a.AttrPhoto),
		store.Audited("onthefly_register", &a.OntheflyRegister), store.Audited("tls", &a.TLS),
		store.Audited("ldap_filter", a.LdapFilter), store.Audited("server_type", a.ServerType),
		store.Audited("groups_base", a.GroupsBase), store.Audited("usergroup_sync", &a.UsergroupSync),
		store.Audited("use_netgroups", &a.UseNetgroups),
	}, a.tenants.audited()...)
}

func (a *authSourceState) record() store.AuditSubject {
	return store.AuditSubject{ID: a.ID, Class: "AuthSource", Name: a.Name, Tenants: a.tenants.all()}
}

// AuthSources lists the sources of a kind, or of all, that the caller may view.
func (s *Service) AuthSources(ctx context.Context, p *models.Principal, kind *scopes.Resource,
	q store.ListQuery) (*store.List[*AuthSourceView], error) {
	db := s.Read.WithContext(ctx)
	return store.Listing[models.AuthSource, *AuthSourceView]{
		Store: s.Store, Caller: p, Query: q, Resource: kind,
		Views: func(rows []models.AuthSource) ([]*AuthSourceView, error) { return s.authSourceViews(db, p, rows) },
	}.Read(ctx)
}

// authSourceViews adds the tenants to a page.
func (s *Service) authSourceViews(db *gorm.DB, p *models.Principal,
	rows []models.AuthSource) ([]*AuthSourceView, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	var placed []struct {
		AuthSourceID int64
		models.Tenant
	}
	cond, value := s.InIDs("l.auth_source_id", ids)
	err := db.Table("auth_source_taxonomies l").Joins("JOIN taxonomies ON taxonomies.id = l.taxonomy_id").Where(cond,
		value).Scopes(scopes.KnownTenants(p)).
		Select("l.auth_source_id, taxonomies.*").Order("taxonomies.title").Scan(&placed).Error
	views := make([]*AuthSourceView, len(rows))
	for i := range rows {
		views[i] = &AuthSourceView{AuthSource: rows[i]}
		views[i].AccountPassword = nil // never leaves the directory
		for _, t := range placed {
			if t.AuthSourceID == rows[i].ID {
				views[i].Tenants.add(t.Tenant)
			}
		}
	}
	return views, err
}

// AuthSource shows one source of a kind.
func (s *Service) AuthSource(ctx context.Context, p *models.Principal, kind *scopes.Resource, ref store.Ref,
	parents ...store.Parent) (*AuthSourceView, error) {
	db := s.Read.WithContext(ctx)
	row, err := store.Find[models.AuthSource](db, p, kind, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return s.authSourceView(db, p, row)
}

func (s *Service) authSourceView(db *gorm.DB, p *models.Principal, row *models.AuthSource) (*AuthSourceView, error) {
	views, err := s.authSourceViews(db, p, []models.AuthSource{*row})
	if err != nil {
		return nil, err
	}
	return views[0], db.Where("auth_source_id = ?", row.ID).Order("id").Find(&views[0].Externals).Error
}

// CreateLdapSource adds an LDAP source (docs/spec/foreman.md, 13.2).
func (s *Service) CreateLdapSource(ctx context.Context, p *models.Principal,
	c AuthSourceChange) (*AuthSourceView, error) {
	var v *AuthSourceView
	err := s.creating(ctx, p, scopes.LdapSources, c.references(p), func(t *tx) error {
		var err error
		if c.Tenants, err = t.withDefaults(c.Tenants, true); err != nil {
			return err
		}
		after := newLdapSource()
		after.CreatedAt = t.Time
		after.UpdatedAt = t.Time
		if err := t.saveAuthSource(nil, after, c); err != nil {
			return err
		}
		v, err = s.authSourceView(t.DB, t.Caller, &after.AuthSource)
		return err
	})
	return v, taken(err, "name")
}

// newLdapSource returns a source with the defaults (docs/spec/foreman.md, 13.2).
func newLdapSource() *authSourceState {
	port := int64(389)
	posix := "posix"
	return &authSourceState{tenants: tenantIDs{}, AuthSource: models.AuthSource{
		Type: models.LdapSource, Port: &port, ServerType: &posix, UsergroupSync: true,
		AttrLogin: models.NilIfEmpty("uid"), AttrFirstname: models.NilIfEmpty("givenName"),
		AttrLastname: models.NilIfEmpty("sn"), AttrMail: models.NilIfEmpty("mail"),
		AttrPhoto: models.NilIfEmpty("jpegPhoto"),
	}}
}

// UpdateAuthSource changes a source of a kind.
func (s *Service) UpdateAuthSource(ctx context.Context, p *models.Principal, kind *scopes.Resource, ref store.Ref,
	c AuthSourceChange, parents ...store.Parent) (*AuthSourceView, error) {
	var v *AuthSourceView
	err := s.changing(ctx, p, c.references(p), func(t *tx) error {
		row, err := store.Find[models.AuthSource](t.Locking(), t.Caller, kind, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.authSourceState(row)
		if err != nil {
			return err
		}
		after := *before
		after.tenants = before.tenants.clone()
		if err := t.saveAuthSource(before, &after, c); err != nil {
			return err
		}
		v, err = s.authSourceView(t.DB, t.Caller, &after.AuthSource)
		return err
	})
	return v, taken(err, "name")
}

func (t *tx) authSourceState(row *models.AuthSource) (*authSourceState, error) {
	tenants, err := t.assignments(store.AuthSourceTenants, row.ID)
	return &authSourceState{AuthSource: *row, tenants: tenants}, err
}

// saveAuthSource makes a change of a source; before is nil for a new one.
func (t *tx) saveAuthSource(before, after *authSourceState, c AuthSourceChange) error {
	return save(t, before, after, steps{
		apply: func() error { return t.applyAuthSourceChange(after, c) },
		check: func() error {
			if err := t.checkAuthSource(before, after); err != nil || before == nil {
				return err
			}
			var errs models.FieldErrors
			_, changes := store.Diff(before.facts(), after.facts())
			if err := t.authorizeSource(&errs, before.ID, changes); err != nil {
				return err
			}
			return models.About(before.ID, errs.Err())
		},
		write: func() error { return t.writeAuthSource(before, after) },
		settle: func() error {
			if before == nil || after.Type != models.ExternalSource || after.Name == before.Name {
				return nil
			}
			return t.settingFollows(before.Name, after.Name)
		},
		covered: scopes.SourcesOf(after.Type),
		// Users are searched by the names of their sources.
		bumps: []string{store.RevisionSnapshot, store.RevisionUsers},
	})
}

func (t *tx) writeAuthSource(before, after *authSourceState) error {
	switch {
	case before == nil:
		if err := t.Create(&after.AuthSource).Error; err != nil {
			return err
		}
	case !reflect.DeepEqual(before.AuthSource, after.AuthSource):
		after.UpdatedAt = t.Time
		if err := t.Overwrite(&after.AuthSource); err != nil {
			return err
		}
	}
	return t.relinkTenants(store.AuthSourceTenants, after.ID, orNew(before).tenants, after.tenants)
}

func (t *tx) applyAuthSourceChange(a *authSourceState, c AuthSourceChange) error {
	c.Name.Apply(&a.Name)
	a.Normalize()
	if a.Type == models.LdapSource {
		if err := t.applyLdap(a, c); err != nil {
			return err
		}
	}
	return t.assign(c.Tenants, a.tenants)
}

func (t *tx) applyLdap(a *authSourceState, c AuthSourceChange) error {
	had := a.AuthSource
	texts := []struct {
		from models.Opt[*string]
		to   **string
	}{
		{c.Host, &a.Host}, {c.Account, &a.Account}, {c.BaseDN, &a.BaseDN}, {c.LdapFilter, &a.LdapFilter},
		{c.AttrLogin, &a.AttrLogin},
		{c.AttrFirstname, &a.AttrFirstname}, {c.AttrLastname, &a.AttrLastname}, {c.AttrMail, &a.AttrMail},
		{c.AttrPhoto, &a.AttrPhoto},
		{c.ServerType, &a.ServerType}, {c.GroupsBase, &a.GroupsBase},
	}
	for _, text := range texts {
		if text.from.Set {
			*text.to = models.Trimmed(text.from.Value)
		}
	}
	if c.Port.Set {
		a.Port, a.portTrouble = readPort(models.Deref(c.Port.Value))
	}
	c.OntheflyRegister.Apply(&a.OntheflyRegister)
	c.TLS.Apply(&a.TLS)
	c.UsergroupSync.Apply(&a.UsergroupSync)
	c.UseNetgroups.Apply(&a.UseNetgroups)
	if models.Deref(a.ServerType) == "active_directory" {
		a.UseNetgroups = false
	}
	if movedElsewhere(&had, &a.AuthSource) {
		a.AccountPassword = nil
	}
	// Empty means unchanged: clients send the form back without the secret that they were never shown.
	if password := models.Deref(c.AccountPassword.Value); password != "" {
		if models.TooLong(password, maxBindPassword) {
			return models.Refuse("account_password", models.RuleTooLong, maxBindPassword)
		}
		sealed, err := t.s.sealer.Seal(password)
		if err != nil {
			return err
		}
		a.AccountPassword = &sealed
		a.passwordChanged = true
	}
	return nil
}

// readPort reads a port, or tells why it is none.
func readPort(text string) (*int64, []models.Rule) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &n, nil
	}
	if text == "" {
		return nil, []models.Rule{models.RuleBlank, models.RuleNotNumber}
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return nil, []models.Rule{models.RuleNotWhole}
	}
	return nil, []models.Rule{models.RuleNotNumber}
}

// movedElsewhere reports whether a source sends its bind password to somewhere else than before, or in the clear: a
// password that was stored for another place is not sent there.
func movedElsewhere(before, after *models.AuthSource) bool {
	was := serverOf(before)
	is := serverOf(after)
	was.tls = was.tls || is.tls // it is no less safe where TLS is switched on
	return was != is
}

// Limits of LDAP attributes, in characters (docs/spec/foreman.md, 13.2).
const (
	maxHost         = 60
	maxLdapText     = 4096 // of names and filters without another limit
	maxAttr         = 30
	maxBindPassword = 69
)

func (t *tx) checkAuthSource(before, after *authSourceState) error {
	errs := after.Validate()
	had := orNew(before)
	if after.Name != had.Name {
		if err := t.checkFree(&errs, after.Name, &models.AuthSource{}, "name = ? AND id <> ?", after.Name,
			after.ID); err != nil {
			return err
		}
	}
	if after.Type == models.LdapSource {
		for _, rule := range after.portTrouble {
			errs.Add("port", rule)
		}
		checkLdap(&errs, &after.AuthSource)
		checkLdapTexts(&errs, &had.AuthSource, &after.AuthSource)
		t.checkPasswordsGo(&errs, &had.AuthSource, &after.AuthSource)
	}
	if err := t.checkAssignments(&errs, before == nil, false, had.tenants, after.tenants); err != nil {
		return err
	}
	return errs.Err()
}

func checkLdap(errs *models.FieldErrors, a *models.AuthSource) {
	errs.Check(!models.Blank(a.Host), "host", models.RuleBlank)
	errs.Check(a.Port == nil || *a.Port >= 1 && *a.Port <= 65535, "port", models.RuleOutOfRange, 1, 65535)
	errs.Check(!models.Blank(a.ServerType), "server_type", models.RuleBlank)
	errs.Check(slices.Contains(models.ServerTypes, models.Deref(a.ServerType)), "server_type", models.RuleNotIncluded)
	for _, attr := range []struct {
		name  string
		value *string
	}{{"attr_login", a.AttrLogin}, {"attr_firstname", a.AttrFirstname}, {"attr_lastname", a.AttrLastname},
		{"attr_mail", a.AttrMail}} {
		errs.Check(!a.OntheflyRegister || !models.Blank(attr.value), attr.name, models.RuleBlank)
	}
	for _, text := range []struct {
		name  string
		value *string
		limit int
	}{
		{"host", a.Host, maxHost}, {"account", a.Account, models.MaxLabel}, {"base_dn", a.BaseDN, models.MaxLabel},
		{"groups_base", a.GroupsBase, models.MaxLabel}, {"attr_photo", a.AttrPhoto, models.MaxLabel},
		{"ldap_filter", a.LdapFilter, maxLdapText}, {"attr_login", a.AttrLogin, maxAttr},
		{"attr_firstname", a.AttrFirstname, maxAttr}, {"attr_lastname", a.AttrLastname, maxAttr},
		{"attr_mail", a.AttrMail, maxAttr},
	} {
		errs.Check(models.Storable(models.Deref(text.value)), text.name, models.RuleInvalid)
		errs.Check(!models.TooLong(models.Deref(text.value), text.limit), text.name, models.RuleTooLong, text.limit)
	}
}

// DeleteLdapSource removes an LDAP source that no user belongs to (docs/spec/foreman.md, 13.3).
func (s *Service) DeleteLdapSource(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.AuthSource, error) {
	var gone *models.AuthSource
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = store.Find[models.AuthSource](t.Locking(), t.Caller, scopes.LdapSources, models.Destroy, ref,
			parents); err != nil {
			return err
		}
		if err := t.checkUnused(gone); err != nil {
			return err
		}
		verdict, err := t.overAccounts(gone.ID)
		if err != nil {
			return err
		}
		if verdict == administratorsOnly {
			return models.DeniedBecause(models.RuleAdministratorsOnly)
		}
		if foreign, err := t.reachOutside([]int64{gone.ID}); err != nil || foreign && !t.Caller.Admin {
			return cmp.Or(err, models.DeniedBecause(models.RuleOfOthersOnly))
		}
		state, err := t.authSourceState(gone)
		if err != nil {
			return err
		}
		err = t.Exec("DELETE FROM auth_sources WHERE id = ?", gone.ID).Error
		if errors.Is(err, gorm.ErrForeignKeyViolated) {
			return models.Refuse(models.Base, models.RuleUsedByHidden, gone.Name)
		}
		if err != nil {
			return err
		}
		t.Bump(store.RevisionSnapshot, 0)
		t.Bump(store.RevisionUsers, 0)
		return t.Audit(state.record(), state.facts(), nil)
	})
	if gone != nil {
		gone.AccountPassword = nil
	}
	return gone, err
}

// namedUsers bounds how many users a refusal names.
const namedUsers = 20

// checkUnused names the users who still belong to a source, as far as the caller may see them.
func (t *tx) checkUnused(a *models.AuthSource) error {
	var total int64
	if err := t.Model(&models.User{}).Where("auth_source_id = ?", a.ID).Count(&total).Error; err != nil || total == 0 {
		return err
	}
	var seen []models.User
	err := t.Scopes(scopes.Visible(t.Caller, scopes.Users), scopes.Authorized(t.Caller, scopes.Users.Can(models.View),
		scopes.Users)).
		Where("auth_source_id = ?", a.ID).Order("id").Limit(namedUsers).Find(&seen).Error
	if err != nil {
		return err
	}
	var errs models.FieldErrors
	for i := range seen {
		errs.Add(models.Base, models.RuleUsedBy, a.Name, seen[i].Name())
	}
	if int64(len(seen)) < total {
		errs.Add(models.Base, models.RuleUsedByHidden, a.Name)
	}
	return errs.Err()
}
