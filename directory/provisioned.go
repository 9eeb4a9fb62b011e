package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"roster/directory/store"
	"roster/models"
)

// What identity providers do: they know the people and groups of one organization by links, and change them as far as
// their authority goes, which is that of somebody who may do everything with the people of the organization
// (docs/spec/scim.md, 3).

// provisionerOf returns the organization for which a caller acts as its identity provider.
func provisionerOf(p *models.Principal) (int64, error) {
	if p == nil || p.UserID == 0 {
		return 0, store.ErrNobody
	}
	if p.Provisioner == nil {
		return 0, models.DeniedBecause(models.RuleAdministratorsOnly)
	}
	return p.Provisioner.OrganizationID, nil
}

// ProvisionerFor returns the principal by whom an administrator acts as the identity provider of an organization.
func (s *Service) ProvisionerFor(ctx context.Context, p *models.Principal, organization store.Ref) (*models.Principal,
	error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	if !p.Admin {
		return nil, models.DeniedBecause(models.RuleAdministratorsOnly)
	}
	tenant, err := ownedOrganization(s.Read.WithContext(ctx), p, organization)
	if err != nil {
		return nil, err
	}
	acting := *p
	acting.Provisioner = &models.Provisioner{OrganizationID: tenant.ID, Name: p.Login}
	return &acting, nil
}

// newLink is a link of an organization to a resource of a type.
func newLink(organization int64, kind string, at time.Time) models.ScimLink {
	return models.ScimLink{OrganizationID: organization, ResourceType: kind, UUID: uuid.NewString(), Extra: "{}",
		Version: 1, CreatedAt: at, UpdatedAt: at}
}

// saveLink writes a link that has changed.
func (t *tx) saveLink(before *models.ScimLink, after *models.ScimLink) error {
	if err := after.Validate().Err(); err != nil {
		return err
	}
	if before == nil {
		return t.Create(after).Error
	}
	if *before == *after {
		return nil
	}
	after.Version = before.Version + 1
	after.UpdatedAt = t.Time
	return t.Overwrite(after)
}

// link reads a link of the organization by its uuid, for a change of it. What is deleted has none.
func (t *tx) link(organization int64, kind, id string) (*models.ScimLink, error) {
	return linkFrom(t.Locking(), organization, kind, id)
}

// readLink does the same outside of any change.
func (t *tx) readLink(organization int64, kind, id string) (*models.ScimLink, error) {
	return linkFrom(t.DB, organization, kind, id)
}

func linkFrom(db *gorm.DB, organization int64, kind, id string) (*models.ScimLink, error) {
	missing := models.NotFoundError(store.Subject(kind), id)
	if !models.Storable(id) {
		return nil, missing
	}
	row, err := store.First[models.ScimLink](db.Where("organization_id = ? AND resource_type = ? AND "+
		"uuid = ? AND deleted_at IS NULL", organization, kind, id))
	if row == nil && err == nil {
		err = missing
	}
	return row, err
}

// ensureLinks gives the users or groups of an organization a link that have none yet. column names which of them. A
// revision moves on with new links, so that no replica without them is read by whoever was told of one.
func (s *Service) ensureLinks(ctx context.Context, organization int64, kind, column string,
	ids []int64) (map[int64]*models.ScimLink, error) {
	links, err := s.linksTo(ctx, organization, column, ids)
	if err != nil {
		return nil, err
	}
	var rows []models.ScimLink
	now := s.Now()
	for _, id := range ids {
		if links[id] != nil {
			continue
		}
		row := newLink(organization, kind, now)
		if column == "user_id" {
			row.UserID = &id
		} else {
			row.UsergroupID = &id
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return links, nil
	}
	err = s.Transact(ctx, models.System(), func(t *store.Tx) error {
		made := slices.Clone(rows) // a second try begins without the numbers of the first
		t.Bump(store.RevisionRest, 0)
		return t.Clauses(clause.OnConflict{DoNothing: true}).Create(&made).Error
	})
	if err != nil {
		return nil, err
	}
	return s.linksTo(ctx, organization, column, ids)
}

// maxProvisionTries is how often a change is tried whose record changes meanwhile.
const maxProvisionTries = 5

// errOtherVersion says that a record has changed since it was looked at.
var errOtherVersion = models.Fail(models.Conflict, models.RuleOtherVersion)

// changeShown asks change what a resource is to be, as show shows it, and writes that. Where the resource has changed
// meanwhile, all of it is tried again. It returns the resource as it is then.
func changeShown[V, C any](p *models.Principal, show func() (V, error), change func(V) (C, error),
	write func(V, C) error) (V, error) {
	var none V
	err := p.MayChange()
	if err != nil {
		return none, err
	}
	for range maxProvisionTries {
		var v V
		if v, err = show(); err != nil {
			return none, err
		}
		var c C
		if c, err = change(v); err != nil {
			return none, err
		}
		if err = write(v, c); !errors.Is(err, errOtherVersion) {
			break
		}
	}
	if err != nil {
		return none, err
	}
	return show()
}

// linksTo reads the links of an organization to users or groups, by the number of these.
func (s *Service) linksTo(ctx context.Context, organization int64, column string,
	ids []int64) (map[int64]*models.ScimLink, error) {
	var rows []models.ScimLink
	condition, value := s.InIDs(column, ids)
	err := s.Read.WithContext(ctx).Where("organization_id = ?", organization).Where(condition, value).Find(&rows).Error
	links := make(map[int64]*models.ScimLink, len(rows))
	for i := range rows {
		id := models.Deref(rows[i].UserID)
		if column == "usergroup_id" {
			id = models.Deref(rows[i].UsergroupID)
		}
		links[id] = &rows[i]
	}
	return links, err
}

// linkVersion names a state of a resource: of its link, and of what the link is to.
func linkVersion(l *models.ScimLink, changed time.Time) string {
	return fmt.Sprintf("%d-%x", l.Version, changed.UnixMicro())
}

// linkChanged is when a resource changed last, as the provider sees it: its link, or what the link is to.
func linkChanged(l *models.ScimLink, changed time.Time) time.Time {
	if l.UpdatedAt.After(changed) {
		return l.UpdatedAt
	}
	return changed
}

// organizationSetting is a setting that an organization may have for itself: by a parameter of its name.
func (t *tx) organizationSetting(organization int64, name string) (string, error) {
	var values []string
	err := t.Model(&models.Parameter{}).Where("taxonomy_id = ? AND name = ?", organization, name).
		Pluck("value", &values).Error
	if err != nil {
		return "", err
	}
	if len(values) > 0 {
		var value any
		if json.Unmarshal([]byte(values[0]), &value) == nil {
			return fmt.Sprint(value), nil
		}
		return values[0], nil
	}
	r, err := t.Snapshot()
	if err != nil {
		return "", err
	}
	if slices.Contains(scimSwitches, name) {
		return fmt.Sprint(r.SettingBool(name)), nil
	}
	if name == scimMaxDeactivations {
		return fmt.Sprint(r.SettingInt(name)), nil
	}
	return r.Setting(name), nil
}

// scimSwitches are the settings of organizations that are on or off.
var scimSwitches = []string{"scim_enabled", "scim_show_all_members", "scim_put_passwords"}

// ScimEnabled reports whether identity providers may act for an organization: an organization may say that they may
// not, where the server says that they may.
func (s *Service) ScimEnabled(ctx context.Context, p *models.Principal, organization int64) (bool, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil || !r.SettingBool("scim_enabled") {
		return false, err
	}
	value, err := s.reading(ctx, p).organizationSetting(organization, "scim_enabled")
	return value == "true", err
}

// provisionedGroups are the ids of the groups that an organization's identity provider may know of: those that give
// nobody more than the people of the organization can do there, with the names that they have for it.
func (s *Service) provisionedGroups(ctx context.Context, r *store.Snapshot, organization int64,
	ids []int64) (map[int64]*models.ScimLink, error) {
	links, err := s.linksTo(ctx, organization, "usergroup_id", ids)
	if err != nil {
		return nil, err
	}
	for id, l := range links {
		if l.DeletedAt != nil || !harmless(r, organization, id) {
			delete(links, id)
		}
	}
	return links, nil
}

// harmless reports whether a group, with all groups around it, makes no administrators, and gives nothing beyond an
// organization.
func harmless(r *store.Snapshot, organization, group int64) bool {
	around := r.Around([]int64{group})
	if r.AnyAdmin(around) {
		return false
	}
	inside := func(ids []int64) bool { return len(store.Without(ids, r.Descendants[organization])) == 0 }
	beyond := models.SystemGroup(r.Setting("cvat_default_group")).Rank()
	for _, id := range around {
		if models.SystemGroupNamed(r.Groups[id].Name).Rank() > beyond {
			return false
		}
		for _, role := range r.Groups[id].Roles {
			for _, g := range r.Grants[role.ID] {
				if len(g.Organizations) == 0 || !inside(g.Organizations) {
					return false
				}
			}
		}
	}
	for _, h := range r.HeldBy(nil, []int64{group}) {
		if !inside([]int64{h.TenantID}) {
			return false
		}
	}
	return true
}

// showsAll reports whether an organization's identity provider may know of all members, and not only of whom it has
// brought in or named.
func (t *tx) showsAll(organization int64) (bool, error) {
	all, err := t.organizationSetting(organization, "scim_show_all_members")
	return all == "true", err
}
