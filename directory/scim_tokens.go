package directory

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// ScimTokenChange is a requested token of an organization.
type ScimTokenChange struct {
	Name     models.Opt[string]
	ReadOnly models.Opt[bool]
	Networks models.Opt[[]string]
	// ExpiresAt is a text in any usual form of date and time, read in the caller's zone when it names none.
	ExpiresAt models.Opt[*string]
}

// ScimTokenPrefix is what every token of an organization begins with.
const ScimTokenPrefix = "rst_scim_"

// scimTokenBytes of randomness are in a token.
const scimTokenBytes = 24

// ScimTokens lists the tokens of an organization, to whoever may edit it.
func (s *Service) ScimTokens(ctx context.Context, p *models.Principal, organization store.Ref,
	q store.ListQuery) (*store.List[models.ScimToken], error) {
	tenant, err := ownedOrganization(s.Read.WithContext(ctx), p, organization)
	if err != nil {
		return nil, err
	}
	q.Parents = []store.Parent{organizationParent(tenant.ID)}
	return store.Listing[models.ScimToken, models.ScimToken]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.ScimTokens, Views: Same[models.ScimToken],
	}.Read(ctx)
}

// ownedOrganization finds an organization that the caller may edit.
func ownedOrganization(db *gorm.DB, p *models.Principal, ref store.Ref) (*models.Tenant, error) {
	return findTenant(db, p, models.OrganizationKind, models.Edit, ref, nil)
}

// ScimToken shows a token of an organization, to whoever may edit that.
func (s *Service) ScimToken(ctx context.Context, p *models.Principal, organization store.Ref,
	id int64) (*models.ScimToken, error) {
	db := s.Read.WithContext(ctx)
	tenant, err := ownedOrganization(db, p, organization)
	if err != nil {
		return nil, err
	}
	return scimToken(db, tenant.ID, id)
}

func scimToken(db *gorm.DB, organization, id int64) (*models.ScimToken, error) {
	return store.Take[models.ScimToken](db.Scopes(scopes.Under(scopes.ScimTokens, string(models.OrganizationKind),
		organization)), scopes.ScimTokens, store.Ref{ID: id})
}

// CreateScimToken makes a token by which an identity provider acts for an organization. It takes the permission to edit
// the organization, and all that the token stands for there: what it may do itself and, unless it may only read, what
// the groups give that it fills. The secret is returned only here: the row keeps its
// digest.
func (s *Service) CreateScimToken(ctx context.Context, p *models.Principal, organization store.Ref,
	c ScimTokenChange) (*models.ScimToken, string, error) {
	random, err := secret.Hex(s.Rand, scimTokenBytes)
	if err != nil {
		return nil, "", err
	}
	token := ScimTokenPrefix + random
	row := &models.ScimToken{}
	err = s.change(ctx, p, func(t *tx) error {
		tenant, err := ownedOrganization(t.Locking(), t.Caller, organization)
		if err != nil {
			return err
		}
		if err := t.authorizeProvisioning(tenant.ID, !c.ReadOnly.Value); err != nil {
			return err
		}
		*row = models.ScimToken{OrganizationID: tenant.ID, TokenHash: secret.TokenHash(token), CreatedAt: t.Time,
			UpdatedAt: t.Time}
		if t.Caller.UserID > 0 {
			row.CreatedBy = &t.Caller.UserID
		}
		if err := t.applyScimToken(row, c); err != nil {
			return err
		}
		if err := t.Create(row).Error; err != nil {
			return err
		}
		return t.Audit(scimTokenRecord(row, tenant), nil, scimTokenFacts(row))
	})
	if err != nil {
		return nil, "", err
	}
	return row, token, nil
}

// authorizeProvisioning refuses callers who hold less in an organization than a token of it stands for. fills says that
// the token brings people into groups, and sends them away.
func (t *tx) authorizeProvisioning(organization int64, fills bool) error {
	if t.Caller.Admin {
		return nil
	}
	if err := t.holdAuthority(); err != nil {
		return err
	}
	within, err := t.inside([]int64{organization})
	if err != nil {
		return err
	}
	if fills {
		may, err := t.mayDismissAll(organization)
		if err != nil {
			return err
		}
		if !may {
			return models.DeniedBecause(models.RuleGrantsMore)
		}
	}
	held := &models.HeldRole{TenantID: organization, Within: within[organization]}
	var given []store.NamedGrant
	for _, permission := range store.ProvisionerPermissions {
		given = append(given, store.NamedGrant{Permission: permission,
			Grant: models.Grant{ResourceType: scopes.Users.Class, Held: held}})
	}
	if fills {
		byGroups, err := t.givenByGroups(organization)
		if err != nil {
			return err
		}
		given = append(given, byGroups...)
	}
	// Holders of escalate_roles hand out roles; a token acts by itself, as if it were a role that they defined.
	if t.authorize(power{}, power{regained: given, settled: true, defined: true}) != allowed {
		return models.DeniedBecause(models.RuleGrantsMore)
	}
	return nil
}

// givenByGroups are the grants that people get whom the identity provider of an organization brings into its groups.
func (t *tx) givenByGroups(organization int64) ([]store.NamedGrant, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	groups, err := t.IDs("SELECT usergroup_id FROM scim_links WHERE organization_id = ? AND usergroup_id IS NOT NULL "+
		"AND deleted_at IS NULL", organization)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(id int64) bool { return !harmless(r, organization, id) })
	var given []store.NamedGrant
	for _, id := range r.Around(groups) {
		for _, role := range r.Groups[id].Roles {
			given = append(given, r.Grants[role.ID]...)
		}
	}
	for _, h := range r.HeldBy(nil, groups) {
		given = append(given, store.Held(r.Grants[h.RoleID], h)...)
	}
	return given, nil
}

func (t *tx) applyScimToken(row *models.ScimToken, c ScimTokenChange) error {
	c.Name.Apply(&row.Name)
	c.ReadOnly.Apply(&row.ReadOnly)
	if c.Networks.Set {
		row.Networks = c.Networks.Value
	}
	row.Normalize()
	errs := row.Validate()
	if text := models.BlankToNil(c.ExpiresAt.Value); text != nil {
		at, err := parseTime(*text, t.Caller.Zone)
		switch {
		case err != nil:
			errs.Add("expires_at", models.RuleUnreadableTime, *text)
		case at.Before(t.Time):
			errs.Add("expires_at", models.RulePast)
		default:
			row.ExpiresAt = &at
		}
	}
	var live int64
	err := t.Model(row).Where("organization_id = ? AND NOT revoked AND (expires_at IS NULL OR expires_at >= ?)",
		row.OrganizationID, t.Time).Count(&live).Error
	errs.Check(live < models.MaxScimTokens, models.Base, models.RuleTooManyScimTokens, models.MaxScimTokens)
	if err != nil {
		return err
	}
	return errs.Err()
}

// RevokeScimToken ends a token of an organization for good; the row stays.
func (s *Service) RevokeScimToken(ctx context.Context, p *models.Principal, organization store.Ref,
	id int64) (*models.ScimToken, error) {
	var row *models.ScimToken
	err := s.change(ctx, p, func(t *tx) error {
		tenant, err := ownedOrganization(t.DB, t.Caller, organization)
		if err != nil {
			return err
		}
		if row, err = scimToken(t.Locking(), tenant.ID, id); err != nil {
			return err
		}
		if row.Revoked {
			return nil
		}
		before := scimTokenFacts(row)
		row.Revoked = true
		row.UpdatedAt = t.Time
		if err := t.Overwrite(row); err != nil {
			return err
		}
		return t.Audit(scimTokenRecord(row, tenant), before, scimTokenFacts(row))
	})
	return row, err
}

func scimTokenFacts(row *models.ScimToken) store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &row.Name), store.AuditedTime("expires_at", row.ExpiresAt),
		store.Audited("read_only", ifTrue(row.ReadOnly)), {Attr: "networks", Value: []string(row.Networks)},
		store.Audited("revoked", ifTrue(row.Revoked))}
}

func scimTokenRecord(row *models.ScimToken, tenant *models.Tenant) store.AuditSubject {
	return store.AuditSubject{ID: row.ID, Class: scopes.ScimTokens.Class, Name: row.Name, AssociatedID: tenant.ID,
		AssociatedClass: string(tenant.Type), AssociatedName: tenant.Title, Tenants: []int64{tenant.ID}}
}

// noteGranularity is how far the last use of a token may lag behind.
const noteGranularity = time.Minute

// NoteScimUse keeps when and from where a token was last used, to the minute.
func (s *Service) NoteScimUse(ctx context.Context, row *models.ScimToken, address string) error {
	now := s.Now()
	if row.LastUsedAt != nil && now.Sub(*row.LastUsedAt).Abs() < noteGranularity &&
		models.Deref(row.LastAddress) == address {
		return nil
	}
	return s.Write.WithContext(ctx).Model(row).UpdateColumns(map[string]any{"last_used_at": now,
		"last_address": models.NilIfEmpty(address)}).Error
}
