package takeover

import (
	"fmt"

	"roster/directory/store"
	"roster/models"
)

// projects brings in the projects as organizations.
func (r *redmine) projects() error {
	var roles []int64
	for _, pair := range r.pairs {
		if pair.Noun == nounRole {
			roles = append(roles, pair.NewID)
		}
	}
	if err := r.viewing(roles); err != nil {
		return err
	}
	list, err := r.all(r.ctx, "SELECT * FROM projects WHERE "+inRange+" ORDER BY lft, id")
	if err != nil {
		return err
	}
	made := map[int64]*models.Tenant{}
	names := map[int64]string{}
	inherits := true
	ordered, torn := parentsFirst(list)
	for _, x := range torn {
		r.report.note(nounTenant, x.number("id"), x.text("name"), "is below itself: here it is below nothing")
	}
	for _, x := range ordered {
		r.report.Read[nounTenant]++
		inherits = inherits && (x.reference("parent_id") == nil || x.flag("inherit_members"))
		if err := r.project(x, made, names); err != nil {
			return err
		}
	}
	if !inherits {
		r.report.note(nounTenant, 0, "", "roles hold in the projects below as well here, also where Redmine does not "+
			"inherit members")
	}
	return r.audit(string(models.OrganizationKind), names)
}

// parentsFirst orders projects so that each comes after the one above it. One whose parent is missing is a root. Where
// projects are in a circle, one of them becomes a root, too: it is in torn.
func parentsFirst(list []row) (ordered, torn []row) {
	byID := map[int64]bool{}
	for _, x := range list {
		byID[x.number("id")] = true
	}
	done := map[int64]bool{}
	for len(list) > 0 {
		var left []row
		for _, x := range list {
			parent := x.number("parent_id")
			if parent != 0 && !done[parent] && byID[parent] {
				left = append(left, x)
				continue
			}
			done[x.number("id")] = true
			ordered = append(ordered, x)
		}
		if len(left) == len(list) {
			delete(left[0], "parent_id")
			torn = append(torn, left[0])
		}
		list = left
	}
	return ordered, torn
}

// archived is the status of archived projects.
const archived = 9

func (r *redmine) project(x row, made map[int64]*models.Tenant, names map[int64]string) error {
	id := x.number("id")
	if x.number("status") == archived {
		r.inactive[id] = true
	}
	if known := r.known(nounTenant, id); known != 0 {
		r.report.Known[nounTenant]++
		tenant, err := store.First[models.Tenant](r.Where("id = ?", known))
		if tenant != nil {
			made[id] = tenant
		}
		return err
	}
	tenant := &models.Tenant{Type: models.OrganizationKind, Name: r.named(nounTenant, id, x.text("name")),
		Description: x.optional("description"), CreatedAt: r.Time, UpdatedAt: r.Time}
	if at := x.time("created_on"); at != nil {
		tenant.CreatedAt = *at
	}
	if at := x.time("updated_on"); at != nil {
		tenant.UpdatedAt = *at
	}
	if x.flag("is_public") {
		tenant.IgnoreTypes = models.StringList{"User"}
	}
	identifier := x.text("identifier")
	if x.optional("identifier") == nil {
		identifier = fmt.Sprintf("project-%d", id)
		r.report.note(nounTenant, id, tenant.Name, "has no identifier: it has become "+identifier)
	}
	identifier = r.cut(nounTenant, id, identifier, "the identifier")
	if err := r.fit(tenant, id, made[x.number("parent_id")], identifier, models.MaxSlug); err != nil {
		return err
	}
	tenant.ID = r.place(nounTenant, id, tenant.Name)
	if r.inactive[id] {
		r.report.note(nounTenant, id, tenant.Name, "is archived: its memberships are suspended")
	}
	if err := r.Create(tenant).Error; err != nil {
		return err
	}
	made[id] = tenant
	names[tenant.ID] = tenant.Title
	return r.InsertTenantClosure(tenant)
}
