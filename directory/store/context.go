package store

import (
	"context"

	"roster/models"
	"roster/scopes"
)

// TenantRef names a tenant as callers do: an exact title, or an id (docs/spec/foreman.md, 2.10). The id is tried first.
// The zero value means any tenant.
type TenantRef struct {
	Title string
	ID    int64
}

// InContext returns the principal acting in the name of a location and an organization. One that does not exist or that
// the caller may not see is NotFound, with the kind as Subject; the location is looked at first (docs/spec/foreman.md,
// 12.3).
func (s *Store) InContext(ctx context.Context, p *models.Principal, location,
	organization TenantRef) (*models.Principal, error) {
	if location == (TenantRef{}) && organization == (TenantRef{}) {
		return p, nil
	}
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	var ids [2]int64
	for i, want := range []struct {
		kind models.TenantKind
		ref  TenantRef
	}{{models.LocationKind, location}, {models.OrganizationKind, organization}} {
		if want.ref == (TenantRef{}) {
			continue
		}
		t := r.visibleTenant(p, want.kind, want.ref)
		if t == nil {
			return nil, models.NotFoundError(string(want.kind), want.ref.Title)
		}
		ids[i] = t.ID
	}
	in := *p
	in.Context = r.Context(p, ids[0], ids[1])
	return &in, nil
}

// OutOfContext returns the principal acting in the name of any location and organization.
func (s *Store) OutOfContext(ctx context.Context, p *models.Principal) (*models.Principal, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	in := *p
	in.Context = r.Context(p, 0, 0)
	return &in, nil
}

// visibleTenant returns the tenant that a reference means, among those that the caller may know of: all for
// administrators; for others their own and those open to all users, with everything below. An id is tried before a
// title, so that no name can take the place of another tenant. A title that two tenants have means neither.
func (r *Snapshot) visibleTenant(p *models.Principal, kind models.TenantKind, ref TenantRef) *models.Tenant {
	visible := r.VisibleTenants(p)
	if t := r.Tenants[ref.ID]; t != nil && t.Type == kind && visible(t.ID) {
		return t
	}
	var found *models.Tenant
	for _, t := range r.Tenants {
		if t.Type != kind || t.Title != ref.Title || !visible(t.ID) {
			continue
		}
		if found != nil {
			return nil
		}
		found = t
	}
	return found
}

// TenantName returns the name of a tenant of the principal's context, "" when it is gone.
func (s *Store) TenantName(p *models.Principal, id int64) string {
	if r := s.snapshots.current.Load(); r != nil && r.Tenants[id] != nil {
		return r.Tenants[id].Name
	}
	return ""
}

// PerPage returns the default number of rows on a page.
func (s *Store) PerPage(ctx context.Context, p *models.Principal) (int64, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return 0, err
	}
	return max(1, r.SettingInt("entries_per_page")), nil
}

// SubjectSearch marks errors of search texts and orders.
const SubjectSearch = "search"

// QueryError turns a mistake in a search text or an order, which scopes report through the statement, into an error of
// the request.
func QueryError(err error) error {
	if message, ok := scopes.Mistake(err); ok {
		return &models.Error{Kind: models.BadRequest, Subject: SubjectSearch,
			Broken: models.Broken{Rule: models.RuleQuery, Args: []any{message}}}
	}
	return err
}
