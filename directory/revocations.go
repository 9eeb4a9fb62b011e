package directory

import "roster/models"

// revokesTokens reports whether a change also revokes the user's personal access tokens. It takes a new password; who
// changes somebody else's has a reason to lock out whoever knew the old one, and who changes their own has scripts that
// are to go on.
func (c UserChange) revokesTokens(self bool) bool {
	if !c.wantsPassword {
		return false
	}
	if c.RevokeTokens.Set {
		return c.RevokeTokens.Value
	}
	return !self
}

// revokeTokens ends every token of a user that has not been revoked, each with an audit of its own.
func (t *tx) revokeTokens(u *models.User) error {
	var rows []models.PersonalAccessToken
	if err := t.Locking().Where("user_id = ? AND NOT revoked", u.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := t.revokeToken(&rows[i], u); err != nil {
			return err
		}
	}
	return nil
}

// revokeToken ends a token for good; the row stays.
func (t *tx) revokeToken(row *models.PersonalAccessToken, u *models.User) error {
	before := tokenFacts(row)
	row.Revoked = true
	row.UpdatedAt = t.Time
	if err := t.Model(row).UpdateColumns(map[string]any{"revoked": true, "updated_at": t.Time}).Error; err != nil {
		return err
	}
	return t.Audit(tokenRecord(row, u), before, tokenFacts(row))
}
