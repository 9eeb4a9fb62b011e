package seed

import (
	"context"
	"encoding/base64"
	"io"
	"slices"

	"gorm.io/gorm/clause"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// Applied describes what was added.
type Applied struct {
	// AdminLogin is the first administrator's login.
	AdminLogin string
	// GeneratedPassword is the administrator's password if this call made one up; it is shown nowhere else.
	GeneratedPassword string
	// MadeAdmin says that this call made the administrator.
	MadeAdmin bool
}

const firstAdmin = "admin"

// tx is the change in which records are brought in.
type tx struct{ *store.Tx }

func change(ctx context.Context, s *directory.Service, fn func(t *tx) error) error {
	return s.Change(ctx, models.System(), func(t *store.Tx) error { return fn(&tx{t}) })
}

// Apply adds the shipped records: permissions, roles, auth sources, the built-in accounts, the first organization and
// location, and the first administrator (docs/spec/foreman.md, 22). It adds missing ones and changes nothing else, so
// it runs at every start and on many servers at once. For an empty password it makes one up.
func Apply(ctx context.Context, s *directory.Service, adminPassword string) (Applied, error) {
	done := Applied{AdminLogin: firstAdmin}
	password := adminPassword
	if password == "" {
		secret := make([]byte, 15)
		if _, err := io.ReadFull(s.Rand, secret); err != nil {
			return done, err
		}
		password = base64.RawURLEncoding.EncodeToString(secret)
	}
	var present int64
	if err := s.Read.WithContext(ctx).Model(&models.User{}).Where("lower_login = ?", firstAdmin).
		Count(&present).Error; err != nil {
		return done, err
	}
	hash := ""
	if present == 0 {
		var err error
		if hash, err = s.Passwords.Hash(ctx, "", password); err != nil {
			return done, err
		}
	}
	made := false
	err := change(ctx, s, func(t *tx) error {
		if err := t.Lock(store.LockSeed); err != nil {
			return err
		}
		var err error
		made, err = t.seed(hash)
		return err
	})
	done.MadeAdmin = made
	if made && adminPassword == "" {
		done.GeneratedPassword = password
	}
	return done, err
}

func (t *tx) seed(hash string) (madeAdmin bool, err error) {
	// A seeded database only gets what newer versions ship: an organization that an administrator deleted stays
	// deleted.
	var sources int64
	if err := t.Model(&models.AuthSource{}).Count(&sources).Error; err != nil {
		return false, err
	}
	fresh := sources == 0
	steps := []func() error{t.seedPermissions, t.seedRoles, t.seedMails}
	if fresh {
		steps = append(steps, t.seedSources, t.seedHiddenUsers)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return false, err
		}
	}
	if fresh {
		return true, t.seedFirst(hash)
	}
	return false, nil
}

// Base adds the shipped records other than the first organization, location and administrator to a directory that may
// have roles already.
func Base(t *store.Tx) error {
	w := &tx{t}
	steps := []func() error{w.seedPermissions, w.seedRoles, w.seedMails}
	var sources int64
	if err := t.Model(&models.AuthSource{}).Count(&sources).Error; err != nil {
		return err
	}
	if sources == 0 {
		steps = append(steps, w.seedSources, w.seedHiddenUsers)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// insertMissing adds a row unless a unique index says that it exists; it reports whether it did.
func insertMissing[T any](t *tx, row *T) (bool, error) {
	done := t.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	return done.RowsAffected > 0, done.Error
}

func (t *tx) seedPermissions() error {
	known := map[string]bool{}
	var names []string
	if err := t.Model(&models.Permission{}).Pluck("name", &names).Error; err != nil {
		return err
	}
	for _, name := range names {
		known[name] = true
	}
	var missing []models.Permission
	for _, group := range permissionSeed {
		for _, name := range group.names {
			if !known[name] {
				missing = append(missing, models.Permission{Name: name,
					ResourceType: models.NilIfEmpty(group.resource), CreatedAt: t.Time, UpdatedAt: t.Time})
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	t.Bump(store.RevisionSnapshot, 0)
	return t.Create(&missing).Error
}

// DefaultRole is the name of the role that everybody has.
const DefaultRole = "Default role"

func (t *tx) seedRoles() error {
	origin := "foreman"
	defaultRole := models.Role{Name: DefaultRole, Builtin: models.BuiltinDefault, Origin: &origin,
		Description: models.NilIfEmpty("Role that is automatically assigned to every user in the system. Adding a " +
			"permission grants it to everybody")}
	if _, err := t.seedRole(&defaultRole); err != nil {
		return err
	}
	for _, seed := range roleSeeds {
		if _, err := t.seedRoleWithFilters(seed, seed.name, origin); err != nil {
			return err
		}
	}
	if err := t.seedOrganizationRoles(); err != nil {
		return err
	}
	_, err := t.seedRoleWithFilters(helpdeskSeed, helpdeskSeed.name, originRoster)
	return err
}

// seedRoleWithFilters makes a shipped role, unless a role has the name. It reports whether it did.
func (t *tx) seedRoleWithFilters(seed roleSeed, name, origin string) (bool, error) {
	row := models.Role{Name: name, Description: models.NilIfEmpty(seed.description), Origin: &origin}
	added, err := t.seedRole(&row)
	if err != nil || !added {
		return false, err
	}
	return true, t.seedFilters(row.ID, seed)
}

// originRoster is where the roles come from that no other program ships.
const originRoster = "roster"

// seedOrganizationRoles makes the roles that stand for organization roles. Where another role has the name, the new one
// is called by its origin as well.
func (t *tx) seedOrganizationRoles() error {
	var known []models.Role
	if err := t.Where("origin = ?", models.OriginCVAT).Find(&known).Error; err != nil {
		return err
	}
	for _, seed := range organizationRoleSeeds() {
		is := func(r models.Role) bool { return string(r.OrganizationRole()) == seed.name }
		if slices.ContainsFunc(known, is) {
			continue
		}
		added, err := t.seedRoleWithFilters(seed, seed.name, models.OriginCVAT)
		if err == nil && !added {
			_, err = t.seedRoleWithFilters(seed, seed.name+" ("+models.OriginCVAT+")", models.OriginCVAT)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) seedRole(row *models.Role) (bool, error) {
	var n int64
	if err := t.Model(&models.Role{}).Where("name = ? OR (builtin <> 0 AND builtin = ?)", row.Name, row.Builtin).
		Count(&n).Error; err != nil || n > 0 {
		return false, err
	}
	t.Bump(store.RevisionSnapshot, 0)
	return true, t.Create(row).Error
}

// seedFilters returns a role one unlimited filter for each resource type.
func (t *tx) seedFilters(role int64, seed roleSeed) error {
	var permissions []models.Permission
	if err := t.Select("id", "name").Find(&permissions).Error; err != nil {
		return err
	}
	ids := make(map[string]int64, len(permissions))
	for _, p := range permissions {
		ids[p.Name] = p.ID
	}
	done := map[string]bool{}
	var filters []models.Filter
	var names [][]string
	for _, group := range permissionSeed {
		given := seed.permissionsFor(group.resource)
		if len(given) == 0 || done[group.resource] {
			continue
		}
		done[group.resource] = true
		names = append(names, given)
		filters = append(filters, models.Filter{RoleID: role, Search: models.NilIfEmpty(seed.search),
			CreatedAt: t.Time, UpdatedAt: t.Time})
	}
	if len(filters) == 0 {
		return nil
	}
	if err := t.Create(&filters).Error; err != nil {
		return err
	}
	l := store.FilterPermissions
	var links []map[string]any
	for i, filter := range filters {
		for _, name := range names[i] {
			links = append(links, map[string]any{l.Owner: filter.ID, l.Ref: ids[name]})
		}
	}
	return t.Table(l.Table).Create(&links).Error
}

func (t *tx) seedMails() error {
	for _, seed := range mailSeeds {
		row := models.MailNotification{Name: seed.name, Description: models.NilIfEmpty(seed.description),
			SubscriptionType: models.NilIfEmpty(seed.kind),
			Subscriptable:    seed.subscriptable, Queryable: seed.queryable,
			DefaultInterval: models.NilIfEmpty("Daily"),
			CreatedAt:       t.Time, UpdatedAt: t.Time}
		added, err := insertMissing(t, &row)
		if err != nil {
			return err
		}
		if added {
			t.Bump(store.RevisionSnapshot, 0)
		}
	}
	return nil
}

func (t *tx) seedSources() error {
	for _, row := range []models.AuthSource{
		{Type: models.InternalSource, Name: "Internal"}, {Type: models.HiddenSource, Name: "Hidden"},
		{Type: models.ExternalSource, Name: "External"},
	} {
		row.UsergroupSync = true
		row.CreatedAt = t.Time
		row.UpdatedAt = t.Time
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	t.Bump(store.RevisionSnapshot, 0)
	return nil
}

func (t *tx) sourceID(kind models.AuthSourceKind) (int64, error) {
	var id int64
	err := t.Model(&models.AuthSource{}).Where("type = ?", kind).Order("id").Limit(1).Pluck("id", &id).Error
	return id, err
}

func (t *tx) seedHiddenUsers() error {
	hidden, err := t.sourceID(models.HiddenSource)
	if err != nil {
		return err
	}
	for _, seed := range hiddenUsers {
		row := models.User{Login: seed.login, LowerLogin: seed.login, Firstname: &seed.firstname,
			Lastname: &seed.lastname,
			Admin:    true, Hidden: true, Disabled: new(bool), MailEnabled: new(bool), AuthSourceID: hidden,
			CreatedAt: t.Time, UpdatedAt: t.Time}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// seedFirst makes the first organization, location and administrator.
func (t *tx) seedFirst(hash string) error {
	var ids []int64
	for _, kind := range []models.TenantKind{models.OrganizationKind, models.LocationKind} {
		row := models.Tenant{Type: kind, Name: "Default " + string(kind)}
		if kind == models.OrganizationKind {
			slug := models.SlugOf(row.Name)
			row.Slug = &slug
		}
		if err := t.addTenant(&row); err != nil {
			return err
		}
		ids = append(ids, row.ID)
	}
	if err := t.AddLinks(store.LocationOrganizations, ids[1], ids[:1]); err != nil {
		return err
	}
	internal, err := t.sourceID(models.InternalSource)
	if err != nil {
		return err
	}
	external, err := t.sourceID(models.ExternalSource)
	if err != nil {
		return err
	}
	for _, source := range []int64{internal, external} {
		if err := t.AddLinks(store.AuthSourceTenants, source, ids); err != nil {
			return err
		}
	}
	row := models.User{Login: firstAdmin, LowerLogin: firstAdmin, Firstname: models.NilIfEmpty("Admin"),
		Lastname: models.NilIfEmpty("User"), Mail: models.NilIfEmpty("root@localhost"),
		Admin: true, Disabled: new(bool), MailEnabled: new(bool), AuthSourceID: internal, PasswordHash: &hash,
		DefaultOrganizationID: &ids[0], DefaultLocationID: &ids[1], CreatedAt: t.Time, UpdatedAt: t.Time}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	t.Bump(store.RevisionUsers, 1)
	t.BumpTenants(ids)
	if err := t.AddLinks(store.UserTenants, row.ID, ids); err != nil {
		return err
	}
	return directory.AttachDefaultRole(t.Tx, &row)
}

// addTenant inserts a root with its place in the closure.
func (t *tx) addTenant(row *models.Tenant) error {
	row.Normalize()
	row.Title = row.Name
	row.CreatedAt = t.Time
	row.UpdatedAt = t.Time
	if err := t.Create(row).Error; err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	return t.InsertTenantClosure(row)
}
