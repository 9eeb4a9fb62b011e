package directory

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// AuditView is an audit with the tenants that it concerns.
type AuditView struct {
	models.Audit
	Tenants TenantLists
}

// Audits lists the trail, newest first.
func (s *Service) Audits(ctx context.Context, p *models.Principal, q store.ListQuery) (*store.List[*AuditView], error) {
	db := s.Read.WithContext(ctx)
	return store.Listing[models.Audit, *AuditView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Audits,
		Views: func(rows []models.Audit) ([]*AuditView, error) { return s.auditViews(db, p, rows) },
	}.Read(ctx)
}

// Audit shows one audit.
func (s *Service) Audit(ctx context.Context, p *models.Principal, ref store.Ref) (*AuditView, error) {
	db := s.Read.WithContext(ctx)
	row, err := store.Find[models.Audit](db, p, scopes.Audits, models.View, ref, nil)
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
	views := make([]*AuditView, len(rows))
	at := map[int64]*AuditView{}
	ids := make([]int64, len(rows))
	for i := range rows {
		views[i] = &AuditView{Audit: rows[i]}
		ids[i] = rows[i].ID
		at[rows[i].ID] = views[i]
	}
	var placed []struct {
		AuditID int64
		models.Tenant
	}
	cond, value := s.InIDs("l.audit_id", ids)
	err := db.Table("audit_taxonomies l").Joins("JOIN taxonomies ON taxonomies.id = l.taxonomy_id").Where(cond, value).
		Scopes(scopes.KnownTenants(p)).
		Select("l.audit_id, taxonomies.*").Order("taxonomies.title").Scan(&placed).Error
	for _, t := range placed {
		at[t.AuditID].Tenants.add(t.Tenant)
	}
	if err != nil || p.Admin {
		return views, err
	}
	return views, s.redactAudits(db, p, views)
}

// redactAudits takes out of audits what the caller may not know of: who acted, where the record belongs to no tenant,
// and the ids of users and tenants in the changes.
func (s *Service) redactAudits(db *gorm.DB, p *models.Principal, views []*AuditView) error {
	r, err := s.LatestSnapshot(db.Statement.Context)
	if err != nil {
		return err
	}
	var users []int64
	for _, v := range views {
		if v.UserID != nil {
			users = append(users, *v.UserID)
		}
		for _, c := range v.AuditedChanges {
			if slices.Contains(scopes.RelatedIDs.Users, c.Attr) {
				users = append(users, idsIn(c.Value)...)
			}
		}
	}
	cond, value := s.InIDs("users.id", models.Distinct(users))
	var known []int64
	if err := db.Model(&models.User{}).Scopes(scopes.Visible(p, scopes.Users)).Where(cond, value).Pluck("users.id",
		&known).Error; err != nil {
		return err
	}
	sees := map[int64]bool{}
	for _, id := range known {
		sees[id] = true
	}
	knowsUser := func(id int64) bool { return sees[id] }
	knowsTenant := r.VisibleTenants(p)
	for _, v := range views {
		if v.UserID != nil && !sees[*v.UserID] && !scopes.TellsActor(&v.Audit) {
			v.UserID = nil
			v.Username = nil
			v.RemoteAddress = nil
		}
		v.AuditedChanges = redactChanges(v.Action, v.AuditedChanges, knowsTenant, knowsUser)
		if !scopes.SeesHidden(p) {
			redactCustom(v.Action, v.AuditedChanges, shownIDs(r, p))
		}
	}
	return nil
}

// redactChanges leaves out the ids of tenants and users that the caller may not know of.
func redactChanges(action string, changes models.Changes, knowsTenant, knowsUser func(int64) bool) models.Changes {
	kept := make(models.Changes, 0, len(changes))
	for _, c := range changes {
		switch {
		case slices.Contains(scopes.RelatedIDs.Tenants, c.Attr):
			c.Value = keepIDs(action, c.Value, knowsTenant)
		case slices.Contains(scopes.RelatedIDs.Users, c.Attr):
			c.Value = keepIDs(action, c.Value, knowsUser)
		case slices.Contains(scopes.RelatedIDs.Queries, c.Attr):
			if namesUnknown(c.Value, knowsTenant) {
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept
}

// shownIDs returns the ids of the custom fields that a caller sees.
func shownIDs(r *store.Snapshot, p *models.Principal) map[int64]bool {
	ids := map[int64]bool{}
	for _, subject := range models.CustomSubjects {
		for _, f := range shownFields(r, p, subject) {
			ids[f.ID] = true
		}
	}
	return ids
}

// redactCustom takes the values of custom fields out of changes that the caller does not see; what cannot be read, as
// it was too long for an audit, goes whole.
func redactCustom(action string, changes models.Changes, shown map[int64]bool) {
	for i, c := range changes {
		if c.Attr != customAttr {
			continue
		}
		var plain any
		text, err := json.Marshal(c.Value)
		if err != nil || json.Unmarshal(text, &plain) != nil {
			plain = store.Redacted
		}
		pair, isPair := plain.([]any)
		if action != models.ActionUpdate || !isPair {
			pair = []any{plain}
		}
		for j, one := range pair {
			pair[j] = shownValues(one, shown)
		}
		changes[i].Value = pair
		if len(pair) == 1 {
			changes[i].Value = pair[0]
		}
	}
}

// shownValues returns what an audit keeps of custom fields without those that are not shown.
func shownValues(fact any, shown map[int64]bool) any {
	text, isText := fact.(string)
	if !isText {
		return fact
	}
	var values models.CustomValues
	if json.Unmarshal([]byte(text), &values) != nil {
		return store.Redacted
	}
	maps.DeleteFunc(values, func(id int64, _ []string) bool { return !shown[id] })
	return customFact(values).Value
}

// namesUnknown reports whether a value of an audit names a tenant that the caller may not know of.
func namesUnknown(value any, knows func(int64) bool) bool {
	return slices.ContainsFunc(idsIn(value), func(id int64) bool { return id != models.Nowhere && !knows(id) })
}

// digits are the numbers in what an audit keeps of ids.
var digits = regexp.MustCompile(`[0-9]+`)

// idsIn returns every id in a value of an audit.
func idsIn(value any) []int64 {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var ids []int64
	for _, word := range digits.FindAllString(string(text), -1) {
		if id, err := strconv.ParseInt(word, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// keepIDs returns what an audit keeps of ids, one or a list, without those that are not known; of an update both the
// old and the new value.
func keepIDs(action string, value any, knows func(int64) bool) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var plain any
	if json.Unmarshal(text, &plain) != nil {
		return nil
	}
	pair, isPair := plain.([]any)
	if action != models.ActionUpdate || !isPair {
		return keepKnown(plain, knows)
	}
	for i, one := range pair {
		pair[i] = keepKnown(one, knows)
	}
	return pair
}

func keepKnown(value any, knows func(int64) bool) any {
	unknown := func(v any) bool {
		id, isID := v.(float64)
		return isID && !knows(int64(id))
	}
	if list, isList := value.([]any); isList {
		return slices.DeleteFunc(list, unknown)
	}
	if unknown(value) {
		return nil
	}
	return value
}
