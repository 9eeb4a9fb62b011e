package takeover

import (
	"roster/directory/secret"
	"roster/models"
)

// accessTokens brings in the personal access tokens, dead or alive. Only what CVAT keeps of them is known: their values
// open what they did.
func (c *cvat) accessTokens() error {
	idle, err := c.idleDays()
	if err != nil {
		return err
	}
	names := map[int64]string{}
	var rows []models.PersonalAccessToken
	err = c.eachByNumber("access_tokens_accesstoken", func(x row) error {
		c.report.Read[nounToken]++
		id := x.number("id")
		if c.known(nounToken, id) != 0 {
			c.report.Known[nounToken]++
			return nil
		}
		token, err := c.accessToken(x)
		if token == nil || err != nil {
			return err
		}
		token.IdleDays = idle
		token.ID = c.place(nounToken, id, token.Name)
		rows = append(rows, *token)
		names[token.ID] = token.Name
		return nil
	})
	if err != nil {
		return err
	}
	if err := insert(c.writer, rows); err != nil {
		return err
	}
	return c.audit("PersonalAccessToken", names)
}

// idleDays returns after how many days without use tokens end, nil for never.
func (c *cvat) idleDays() (*int64, error) {
	snapshot, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	if days := snapshot.SettingInt("cvat_token_idle_days"); days > 0 {
		return &days, nil
	}
	return nil, nil
}

// accessToken is the row of a token here, nil for one that cannot be.
func (c *cvat) accessToken(x row) (*models.PersonalAccessToken, error) {
	id := x.number("id")
	name := c.named(nounToken, id, x.text("name"))
	hash := x.text("hashed_key")
	owner := c.known(nounUser, x.number("owner_id"))
	if owner == 0 {
		c.report.note(nounToken, id, name, "is left out: the owner is missing")
		return nil, nil
	}
	if !secret.IsCVATTokenHash(hash) {
		c.report.note(nounToken, id, name, "is left out: it is hashed in an unknown way")
		return nil, nil
	}
	rises, err := c.rises(owner, c.superusers[x.number("owner_id")])
	if err != nil {
		return nil, err
	}
	if rises {
		c.report.note(nounToken, id, name, ofAdministrator[1:])
		return nil, nil
	}
	taken := c.keys[hash]
	if !taken {
		if taken, err = c.Exists("SELECT 1 FROM personal_access_tokens WHERE token_hash = ?", hash); err != nil {
			return nil, err
		}
	}
	if taken {
		c.report.note(nounToken, id, name, "is left out: another one has the value")
		return nil, nil
	}
	c.keys[hash] = true
	token := &models.PersonalAccessToken{UserID: owner, Name: name, TokenHash: hash, ExpiresAt: x.time("expiry_date"),
		LastUsedAt: x.time("last_used_date"), Revoked: x.flag("revoked"), ReadOnly: x.flag("read_only"),
		CreatedAt: c.Time, UpdatedAt: c.Time}
	if x["read_only"] == nil {
		token.ReadOnly = true // as little as can be meant
	}
	if x.optional("expiry_date") != nil && token.ExpiresAt == nil {
		token.Revoked = true
		c.report.note(nounToken, id, name, "has an end that is no date: it is revoked")
	}
	if at := x.time("created"); at != nil {
		token.CreatedAt = *at
	}
	if at := x.time("updated_date"); at != nil {
		token.UpdatedAt = *at
	}
	return token, nil
}
