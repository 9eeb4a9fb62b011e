package takeover

import (
	"roster/models"
)

// parameters brings in the parameters of the organizations. One that is here stays as it is.
func (r *roster) parameters() error {
	var there, own []models.Parameter
	if err := r.from.DB.Where("taxonomy_id IS NOT NULL").Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, p := range there {
		r.report.Read[nounParameter]++
		p.TaxonomyID = mapped(p.TaxonomyID, r.ids[nounTenant])
		if p.TaxonomyID == nil {
			continue
		}
		taken, err := r.Exists("SELECT 1 FROM parameters WHERE taxonomy_id = ? AND name = ?", *p.TaxonomyID, p.Name)
		if err != nil {
			return err
		}
		if taken {
			r.report.Known[nounParameter]++
			continue
		}
		if broken := p.Validate(); len(broken) > 0 {
			r.report.note(nounParameter, p.ID, p.Name, "is left out: "+broken.String())
			continue
		}
		p.ID = 0
		p.SearchableValue = p.Searchable()
		own = append(own, p)
		r.report.Written[nounParameter]++
	}
	return insert(r.writer, own)
}

// scimTokens brings in the tokens of identity providers, for the organizations that this run makes: a token is power
// over the organization.
func (r *roster) scimTokens() error {
	var there, own []models.ScimToken
	if err := r.from.DB.Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, token := range there {
		r.report.Read[nounScimToken]++
		old := token.ID
		token.OrganizationID = r.known(nounTenant, token.OrganizationID)
		taken, err := r.Exists("SELECT 1 FROM scim_tokens WHERE token_hash = ?", token.TokenHash)
		if err != nil {
			return err
		}
		if taken {
			r.report.Known[nounScimToken]++
			continue
		}
		broken := token.Validate()
		if !r.tenants[token.OrganizationID] || len(broken) > 0 {
			r.report.note(nounScimToken, old, token.Name, "is left out: the organization was here before, or the "+
				"token is none. "+broken.String())
			continue
		}
		token.ID = 0
		token.CreatedBy = mapped(token.CreatedBy, r.ids[nounUser])
		own = append(own, token)
		r.report.Written[nounScimToken]++
	}
	return insert(r.writer, own)
}

// scimLinks brings in what identity providers know of people and groups. Who was here before was not made by a provider
// of the organization.
func (r *roster) scimLinks() error {
	return eachOf(r, func(l *models.ScimLink) int64 { return l.ID }, func(rows []models.ScimLink) error {
		var own []models.ScimLink
		for _, l := range rows {
			r.report.Read[nounLink]++
			of := l.UserID != nil || l.UsergroupID != nil
			l.OrganizationID = r.known(nounTenant, l.OrganizationID)
			l.UserID = mapped(l.UserID, r.ids[nounUser])
			l.UsergroupID = mapped(l.UsergroupID, r.ids[nounGroup])
			if of && l.UserID == nil && l.UsergroupID == nil {
				continue
			}
			taken, err := r.linkTaken(&l)
			if err != nil {
				return err
			}
			if taken {
				r.report.Known[nounLink]++
				continue
			}
			if broken := l.Validate(); len(broken) > 0 {
				r.report.note(nounLink, l.ID, l.UUID, "is left out: "+broken.String())
				continue
			}
			if l.UserID != nil && !r.fresh[nounUser][*l.UserID] && !r.same[*l.UserID] {
				l.Provisioned = false
			}
			l.ID = 0
			own = append(own, l)
			r.report.Written[nounLink]++
		}
		return insert(r.writer, own)
	})
}

// linkTaken reports whether a link is here: by its name, or because the organization has one to the same account,
// group, or name of a group.
func (r *roster) linkTaken(l *models.ScimLink) (bool, error) {
	taken, err := r.Exists("SELECT 1 FROM scim_links WHERE uuid = ?", l.UUID)
	if taken || err != nil || r.tenants[l.OrganizationID] {
		return taken, err
	}
	return r.Exists("SELECT 1 FROM scim_links WHERE organization_id = ? AND (user_id = ? OR usergroup_id = ? OR "+
		"usergroup_id IS NOT NULL AND deleted_at IS NULL AND fold(display_name) = fold(CAST(? AS TEXT)))",
		l.OrganizationID, l.UserID, l.UsergroupID, l.DisplayName)
}
