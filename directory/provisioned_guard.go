package directory

import (
	"strconv"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
)

// scimMaxDeactivations is the setting that says how many percent.
const scimMaxDeactivations = "scim_max_deactivations"

// guardDeactivations stops a provider that would switch off or delete more than so many percent of an organization's
// people within an hour, by the setting scim_max_deactivations (docs/spec/scim.md, 13). A change of scope by mistake
// does that. One person an hour may always go. Whom the setting scim_delete destroys at once counts as well, by what
// noteDestroyed leaves.
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
	var gone, destroyed, all int64
	lately := t.Model(&models.ScimLink{}).Where("organization_id = ? AND resource_type = ? AND suspended_at > ?",
		organization, models.ProvisionedUser, t.Time.Add(-time.Hour)).Session(&gorm.Session{})
	if err := lately.Count(&gone).Error; err != nil {
		return err
	}
	if err := lately.Where("user_id IS NULL").Count(&destroyed).Error; err != nil {
		return err
	}
	err = t.Raw("SELECT COUNT(*) FROM (SELECT user_id FROM memberships WHERE taxonomy_id = ? AND user_id IS NOT "+
		"NULL UNION SELECT user_id FROM scim_links WHERE organization_id = ? AND user_id IS NOT NULL AND "+
		"suspended_at > ?) known", organization, organization, t.Time.Add(-time.Hour)).Scan(&all).Error
	if err == nil && gone > 0 && (gone+1)*100 > most*(all+destroyed) {
		err = models.DeniedBecause(models.RuleTooManyDeactivations)
	}
	return err
}

// noteDestroyed keeps the id of somebody who is destroyed, and nothing else, until the bin is emptied: the id is not
// used again, and the deletion counts.
func (t *tx) noteDestroyed(link *models.ScimLink) error {
	row := newLink(link.OrganizationID, models.ProvisionedUser, t.Time)
	row.UUID = link.UUID
	row.DeletedAt = &t.Time
	row.Suspended = true
	row.SuspendedAt = &t.Time
	return t.saveLink(nil, &row)
}
