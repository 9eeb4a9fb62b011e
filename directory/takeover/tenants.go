package takeover

import (
	"fmt"
	"strings"

	"roster/models"
)

// suffix makes the name of a row one of its own.
func (r *run) suffix() string { return " (" + r.report.Product + ")" }

// fit gives an organization its place in the tree, below the parent or as a root, and a name and a slug that are free
// there. A slug that is taken becomes another one of at most so many characters.
func (r *run) fit(tenant *models.Tenant, id int64, parent *models.Tenant, slug string, most int) error {
	prefix := ""
	if parent != nil {
		tenant.ParentID = &parent.ID
		ancestry := strings.TrimPrefix(models.Deref(parent.Ancestry)+"/"+fmt.Sprint(parent.ID), "/")
		tenant.Ancestry = &ancestry
		prefix = parent.Title + "/"
	}
	name, err := unique(tenant.Name, " ("+slug+")", func(name string) (bool, error) {
		return r.Exists("SELECT 1 FROM taxonomies WHERE type = ? AND lower_name = ? AND COALESCE(parent_id, 0) = ?",
			models.OrganizationKind, strings.ToLower(strings.TrimSpace(name)), models.Deref(tenant.ParentID))
	})
	if err != nil {
		return err
	}
	if name != tenant.Name {
		r.report.note(nounTenant, id, tenant.Name, "the name is taken beside it: it has become "+name)
	}
	tenant.Name = name
	tenant.Normalize()
	tenant.Title = prefix + tenant.Name
	free, err := r.freeSlug(slug, most)
	if err != nil {
		return err
	}
	if free != slug {
		r.report.note(nounTenant, id, tenant.Name, "the identifier is taken: it has become "+free)
	}
	tenant.Slug = &free
	if broken := tenant.Validate(); len(broken) > 0 {
		r.report.note(nounTenant, id, tenant.Name, breaksRules+broken.String())
	}
	return nil
}

// freeSlug returns a slug that no organization has.
func (r *run) freeSlug(slug string, most int) (string, error) {
	taken := func(slug string) (bool, error) { return r.Exists("SELECT 1 FROM taxonomies WHERE slug = ?", slug) }
	used, err := taken(slug)
	if !used || err != nil {
		return slug, err
	}
	const number = 3 // characters of a number behind the suffix
	suffix := "-" + strings.ToLower(r.report.Product)
	head := []rune(slug)
	return unique(string(head[:min(len(head), most-len(suffix)-number)]), suffix, func(try string) (bool, error) {
		if !strings.Contains(try, suffix) {
			return true, nil
		}
		return taken(try)
	})
}

// breaksRules begins the notes of rows that are kept although rules of this server are against it.
const breaksRules = "breaks rules of this server, which ask again when it is changed: "
