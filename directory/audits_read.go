package directory

import (
	"context"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// AuditView is an audit with the tenants that it concerns.
type AuditView struct {
	models.Audit
	Locations, Organizations []models.Taxonomy
}

// Audits lists the trail, newest first.
func (s *Service) Audits(ctx context.Context, p *models.Principal, q ListQuery, head func(Totals) error, each func(*AuditView) error) error {
	db := s.read.WithContext(ctx)
	return listing[models.Audit, *AuditView]{
		s: s, p: p, q: q, collection: allAudits,
		views: func(rows []models.Audit) ([]*AuditView, error) { return s.auditViews(db, p, rows) },
	}.run(ctx, head, each)
}

// Audit shows one audit.
func (s *Service) Audit(ctx context.Context, p *models.Principal, ref Ref) (*AuditView, error) {
	db := s.read.WithContext(ctx)
	row, err := find[models.Audit](db, p, scopes.Audits, "view_audit_logs", ref, nil, scopes.VisibleAudits(p))
	if err != nil {
		return nil, err
	}
	views, err := s.auditViews(db, p, []models.Audit{*row})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

func (s *Service) auditViews(db *gorm.DB, p *models.Principal, rows []models.Audit) ([]*AuditView, error) {
	views, at := make([]*AuditView, len(rows)), map[int64]*AuditView{}
	ids := make([]int64, len(rows))
	for i := range rows {
		views[i] = &AuditView{Audit: rows[i]}
		ids[i], at[rows[i].ID] = rows[i].ID, views[i]
	}
	var placed []struct {
		AuditID int64
		models.Taxonomy
	}
	cond, value := s.among("l.audit_id", ids)
	err := db.Table("audit_taxonomies l").Joins("JOIN taxonomies ON taxonomies.id = l.taxonomy_id").Where(cond, value).Scopes(scopes.KnownTaxonomies(p)).
		Select("l.audit_id, taxonomies.*").Order("taxonomies.title").Scan(&placed).Error
	for _, t := range placed {
		v := at[t.AuditID]
		if t.Type == models.LocationKind {
			v.Locations = append(v.Locations, t.Taxonomy)
		} else {
			v.Organizations = append(v.Organizations, t.Taxonomy)
		}
	}
	return views, err
}
