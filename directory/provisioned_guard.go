package directory

import (
	"strconv"
	"time"

	"roster/directory/store"
	"roster/models"
)

// scimMaxDeactivations is the setting that says how many percent.
const scimMaxDeactivations = "scim_max_deactivations"

// guardDeactivations stops a provider that would switch off or delete more than so many percent of an organization's
// people within an hour, by the setting scim_max_deactivations (docs/spec/scim.md, 13). A change of scope by mistake
// does that. One person an hour may always go. Whom the setting scim_delete destroys at once no longer counts.
func (t *tx) guardDeactivations(organization int64) error {
	text, err := t.organizationSetting(organization, scimMaxDeactivations)
	if err != nil {
		return err
	}
	most, err := strconv.ParseInt(text, 10, 64)
	if err != nil || most <= 0 || t.Caller.Provisioner.TokenID == 0 {
		return nil // an administrator acts, or nothing is limited
	}
	// One after the other, so that each counts those before it.
	if _, err := store.First[models.Tenant](t.Locking().Where("id = ?", organization)); err != nil {
		return err
	}
	var gone, all int64
	err = t.Model(&models.ScimLink{}).Where("organization_id = ? AND user_id IS NOT NULL AND suspended_at > ?",
		organization, t.Time.Add(-time.Hour)).Count(&gone).Error
	if err != nil {
		return err
	}
	err = t.Raw("SELECT COUNT(*) FROM (SELECT user_id FROM memberships WHERE taxonomy_id = ? AND user_id IS NOT "+
		"NULL UNION SELECT user_id FROM scim_links WHERE organization_id = ? AND suspended_at > ?) known", organization,
		organization, t.Time.Add(-time.Hour)).Scan(&all).Error
	if err == nil && gone > 0 && (gone+1)*100 > most*all {
		err = models.DeniedBecause(models.RuleTooManyDeactivations)
	}
	return err
}
