package directory

import (
	"context"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// What identity providers delete waits in a bin for some days.

// RestoreUser brings somebody back whom identity providers have deleted: into those of their organizations that are
// the caller's to assign, and the account into use. It takes the permission to edit the user, and authority over what
// the user gets back.
func (s *Service) RestoreUser(ctx context.Context, p *models.Principal, ref store.Ref) (*UserView, error) {
	var u *models.User
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if u, err = s.findUser(t.Locking(), t.Caller, models.Edit, ref, nil); err != nil {
			return err
		}
		var links []models.ScimLink
		own := t.Table("taxonomies").Scopes(scopes.WritableTenants(t.Caller, models.OrganizationKind)).
			Select("taxonomies.id")
		if err := t.Locking().Where("user_id = ? AND deleted_at IS NOT NULL AND organization_id IN (?)", u.ID,
			own).Order("id").Find(&links).Error; err != nil {
			return err
		}
		if len(links) == 0 {
			return models.Refuse(models.Base, models.RuleNotDeleted)
		}
		if err := t.mayTouch(u, false); err != nil {
			return err
		}
		for i := range links {
			if err := t.takeOut(&links[i], u); err != nil {
				return err
			}
		}
		if !u.IsDisabled() {
			return nil
		}
		_, err = t.updateUser(u, UserChange{Status: models.Some(models.UserActive)})
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.User(ctx, p, store.Ref{ID: u.ID})
}

// takeOut makes a link as it was before the deletion.
func (t *tx) takeOut(link *models.ScimLink, u *models.User) error {
	before := *link
	link.DeletedAt = nil
	link.Suspended = false
	link.SuspendedAt = nil
	link.Locked = false
	if err := t.saveLink(&before, link); err != nil {
		return err
	}
	return t.join(link.OrganizationID, u)
}

// binBatch is how many users of the bin are deleted at a time.
const binBatch = 100

// EmptyBin deletes for good whom identity providers have deleted some time ago, unless somebody else has the account by
// now. It returns how many links are gone.
func (s *Service) EmptyBin(ctx context.Context) (int, error) {
	gone := 0
	due := func(db *gorm.DB) *gorm.DB {
		return db.Where("deleted_at < ?", s.Now().AddDate(0, 0, -models.BinDays)).Order("deleted_at, id").
			Limit(binBatch)
	}
	for {
		waiting, err := store.First[models.ScimLink](due(s.Read.WithContext(ctx)))
		if waiting == nil || err != nil {
			return gone, err
		}
		n := 0
		err = s.change(ctx, models.System(), func(t *tx) error {
			n = 0
			var links []models.ScimLink
			if err := due(t.Locking()).Find(&links).Error; err != nil {
				return err
			}
			for i := range links {
				if err := t.forget(&links[i]); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			return gone, err
		}
		gone += n
	}
}

// forget deletes a link, and the account with it that nobody else has.
func (t *tx) forget(link *models.ScimLink) error {
	if link.UserID != nil {
		u, err := store.First[models.User](t.Locking().Scopes(scopes.NotHidden).Where("id = ?", *link.UserID))
		if err != nil {
			return err
		}
		if u != nil && u.IsDisabled() && !u.Admin {
			alone, err := t.alone(link, u)
			if err != nil {
				return err
			}
			if alone {
				return t.deleteUser(u) // and the link with it
			}
		}
	}
	t.Bump(store.RevisionRest, 0)
	return t.Delete(link).Error
}
