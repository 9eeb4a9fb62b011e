package takeover

import (
	"fmt"
	"maps"
	"slices"

	"roster/models"
)

// auditedNouns are the kinds of rows that audits follow to their numbers here.
var auditedNouns = map[string]string{
	"User": nounUser, "Organization": nounTenant, "Membership": nounMembership, "PersonalAccessToken": nounToken,
}

// trail brings in the audits of the organization. One that is here belongs to it again; others keep their time, their
// author's name and, where that is free, their version.
func (r *roster) trail() error {
	most := map[string]map[int64]int64{}
	return eachOf(r, func(a *models.Audit) int64 { return a.ID }, func(rows []models.Audit) error {
		r.report.Read[nounAudit] += len(rows)
		known, err := r.auditsHere(rows)
		if err != nil {
			return err
		}
		numbers := map[int64]int64{}
		var made []*models.Audit
		var from []int64
		for i := range rows {
			a := &rows[i]
			if here := known[a.ID]; here != nil && sameAudit(here, a) {
				numbers[a.ID] = a.ID
				r.report.Known[nounAudit]++
				continue
			}
			from = append(from, a.ID)
			r.follow(a)
			made = append(made, a)
		}
		if err := r.giveVersions(made, most); err != nil {
			return err
		}
		if len(made) > 0 {
			if err := r.CreateInBatches(made, batch).Error; err != nil {
				return err
			}
		}
		for i, a := range made {
			numbers[from[i]] = a.ID
		}
		r.report.Written[nounAudit] += len(made)
		r.progress(len(rows))
		if err := r.ctx.Err(); err != nil {
			return err
		}
		return r.tieAudits(numbers)
	})
}

// auditsHere finds the audits here that have the numbers of some in the backup.
func (r *roster) auditsHere(rows []models.Audit) (map[int64]*models.Audit, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	condition, list := r.Store.InIDs("id", ids)
	var found []models.Audit
	err := r.Where(condition, list).Find(&found).Error
	here := map[int64]*models.Audit{}
	for i := range found {
		here[found[i].ID] = &found[i]
	}
	return here, err
}

func sameAudit(a, b *models.Audit) bool {
	return a.AuditableType == b.AuditableType && a.AuditableID == b.AuditableID && a.Version == b.Version &&
		a.Action == b.Action && sameMoment(a.CreatedAt, b.CreatedAt)
}

// follow makes an audit one of the records here. The number of a record that is none is negative, so that it stands for
// nothing that is or will be here.
func (r *roster) follow(a *models.Audit) {
	a.ID = 0
	a.AuditableID = r.audited(a.AuditableType, a.AuditableID)
	if a.AssociatedID != nil && a.AssociatedType != nil {
		id := r.audited(*a.AssociatedType, *a.AssociatedID)
		a.AssociatedID = &id
	}
	a.UserID = mapped(a.UserID, r.ids[nounUser])
}

func (r *roster) audited(class string, old int64) int64 {
	id := r.known(auditedNouns[class], old)
	if class == string(models.LocationKind) {
		id = r.places[old]
	}
	if id == 0 {
		return -max(old, -old)
	}
	return id
}

// giveVersions gives audits versions that none has of their records; most are the greatest ones, by class and number.
func (r *roster) giveVersions(rows []*models.Audit, most map[string]map[int64]int64) error {
	asked := map[string][]int64{}
	for _, a := range rows {
		if most[a.AuditableType] == nil {
			most[a.AuditableType] = map[int64]int64{}
		}
		if _, known := most[a.AuditableType][a.AuditableID]; !known {
			most[a.AuditableType][a.AuditableID] = 0
			asked[a.AuditableType] = append(asked[a.AuditableType], a.AuditableID)
		}
	}
	for class, ids := range asked {
		var found []struct{ AuditableID, Version int64 }
		condition, list := r.Store.InIDs("auditable_id", ids)
		if err := r.Table("audits").Select("auditable_id, MAX(version) AS version").Where("auditable_type = ?", class).
			Where(condition, list).Group("auditable_id").Scan(&found).Error; err != nil {
			return err
		}
		for _, x := range found {
			most[class][x.AuditableID] = x.Version
		}
	}
	for _, a := range rows {
		last := most[a.AuditableType][a.AuditableID]
		a.Version = max(a.Version, last+1)
		most[a.AuditableType][a.AuditableID] = a.Version
	}
	return nil
}

// tieAudits ties audits to the tenants that they are of; numbers are those here by those there.
func (r *roster) tieAudits(numbers map[int64]int64) error {
	ids := slices.Sorted(maps.Keys(numbers))
	if len(ids) == 0 {
		return nil
	}
	var there []struct{ AuditID, TaxonomyID int64 }
	if err := r.from.DB.Table("audit_taxonomies").Where("audit_id BETWEEN ? AND ?", ids[0], ids[len(ids)-1]).
		Find(&there).Error; err != nil {
		return err
	}
	var pairs [][2]int64
	for _, x := range there {
		tenant := max(r.known(nounTenant, x.TaxonomyID), r.places[x.TaxonomyID])
		if tenant != 0 {
			pairs = append(pairs, [2]int64{numbers[x.AuditID], tenant})
		}
	}
	return r.link("audit_taxonomies", "audit_id", "taxonomy_id", pairs)
}

// leaveAudits notes that rows were brought in, behind what the backup says of them. Those of the organization and its
// people are seen there.
func (r *roster) leaveAudits() error {
	comment := "restored from a backup"
	most := map[string]map[int64]int64{}
	for _, class := range slices.Sorted(maps.Keys(r.names)) {
		var rows []*models.Audit
		for _, id := range slices.Sorted(maps.Keys(r.names[class])) {
			name := r.names[class][id]
			rows = append(rows, &models.Audit{AuditableID: id, AuditableType: class, AuditableName: &name,
				Action: models.ActionCreate, AuditedChanges: models.Changes{}, Comment: &comment, CreatedAt: r.Time})
		}
		if err := r.giveVersions(rows, most); err != nil {
			return err
		}
		if err := r.CreateInBatches(rows, batch).Error; err != nil {
			return fmt.Errorf("leave audits: %w", err)
		}
		if auditedNouns[class] == "" {
			continue
		}
		pairs := make([][2]int64, len(rows))
		for i, a := range rows {
			pairs[i] = [2]int64{a.ID, r.root}
		}
		if err := r.link("audit_taxonomies", "audit_id", "taxonomy_id", pairs); err != nil {
			return err
		}
	}
	return nil
}
