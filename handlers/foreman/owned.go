package foreman

import (
	"net/http"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
)

// userID returns the id of the user of a path with records below it, which is the one that the path without them means
// (docs/spec/foreman.md, 14.1); 0 for none.
func (c *call) userID() int64 {
	text := c.Param("user_id")
	if rails.IsID(text) {
		return rails.LeadingID(text)
	}
	u, err := c.api.dir.User(c.ctx(), c.p, userRef(text))
	if err != nil {
		return 0
	}
	return u.ID
}

// tokenRow is a personal access token (docs/spec/foreman.md, 5.10). The question marks are part of the names.
type tokenRow struct {
	CreatedAt  stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt  stamp  `json:"updated_at" swaggertype:"string"`
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	ExpiresAt  stamp  `json:"expires_at" swaggertype:"string"`
	Active     bool   `json:"active?"`
	UserID     int64  `json:"user_id"`
	LastUsedAt stamp  `json:"last_used_at" swaggertype:"string"`
	Revoked    bool   `json:"revoked?"`
}

// tokenCreated is a new token: the only answer that ever holds the secret.
type tokenCreated struct {
	TokenValue string `json:"token_value"`
	tokenRow
}

// tokenDump is what a revocation answers, without the digest.
type tokenDump struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	ExpiresAt  isoStamp `json:"expires_at" swaggertype:"string"`
	LastUsedAt isoStamp `json:"last_used_at" swaggertype:"string"`
	Revoked    bool     `json:"revoked"`
	UserID     int64    `json:"user_id"`
	CreatedAt  isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt  isoStamp `json:"updated_at" swaggertype:"string"`
}

func (c *call) tokenRow(t models.PersonalAccessToken) tokenRow {
	return tokenRow{CreatedAt: c.stamp(t.CreatedAt), UpdatedAt: c.stamp(t.UpdatedAt), ID: t.ID, Name: t.Name,
		ExpiresAt: c.stampPtr(t.ExpiresAt), Active: t.Active(c.api.dir.Now()), UserID: t.UserID,
		LastUsedAt: c.stampPtr(t.LastUsedAt), Revoked: t.Revoked}
}

func (c *call) tokenDump(t *models.PersonalAccessToken) tokenDump {
	return tokenDump{ID: t.ID, Name: t.Name, ExpiresAt: c.isoPtr(t.ExpiresAt), LastUsedAt: c.isoPtr(t.LastUsedAt),
		Revoked: t.Revoked, UserID: t.UserID, CreatedAt: c.iso(t.CreatedAt), UpdatedAt: c.iso(t.UpdatedAt)}
}

func (api *API) tokensIndex(c *call) error {
	q, err := c.pageQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.Tokens(c.ctx(), c.p, c.userID(), q)
	return list(c, q, l, err, c.tokenRow)
}

func (api *API) tokensShow(c *call) error {
	t, err := api.dir.Token(c.ctx(), c.p, c.userID(), numberRef(c.pathID()))
	return ok(c, t, err, func(t *models.PersonalAccessToken) tokenRow { return c.tokenRow(*t) })
}

func (api *API) tokensCreate(c *call) error {
	a, err := c.root("personal_access_token", []string{"name", "expires_at"})
	if err != nil {
		return err
	}
	var change directory.TokenChange
	a.word("name", &change.Name)
	if err := a.limit("expires_at", &change.ExpiresAt); err != nil {
		return err
	}
	t, secret, err := api.dir.CreateToken(c.ctx(), c.p, c.userID(), change)
	return created(c, t, err,
		func(t *models.PersonalAccessToken) tokenCreated { return tokenCreated{secret, c.tokenRow(*t)} })
}

func (api *API) tokensDestroy(c *call) error {
	t, err := api.dir.RevokeToken(c.ctx(), c.p, c.userID(), numberRef(c.pathID()))
	return ok(c, t, err, c.tokenDump)
}

// sshKeyRow is a public key (docs/spec/foreman.md, 5.11).
type sshKeyRow struct {
	CreatedAt   stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt   stamp  `json:"updated_at" swaggertype:"string"`
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Length      int64  `json:"length"`
	Fingerprint string `json:"fingerprint"`
}

type sshKeyDump struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Key         string   `json:"key"`
	Fingerprint string   `json:"fingerprint"`
	UserID      int64    `json:"user_id"`
	Length      int64    `json:"length"`
	CreatedAt   isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt   isoStamp `json:"updated_at" swaggertype:"string"`
}

func (c *call) sshKeyRow(k models.SSHKey) sshKeyRow {
	return sshKeyRow{CreatedAt: c.stamp(k.CreatedAt), UpdatedAt: c.stamp(k.UpdatedAt), ID: k.ID, Name: k.Name,
		Key: k.Key, Length: k.Length, Fingerprint: k.Fingerprint}
}

func (api *API) sshKeysIndex(c *call) error {
	q, err := c.pageQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.SSHKeys(c.ctx(), c.p, c.userID(), q)
	return list(c, q, l, err, c.sshKeyRow)
}

func (api *API) sshKeysShow(c *call) error {
	k, err := api.dir.SSHKey(c.ctx(), c.p, c.userID(), namedRef(c.pathID()))
	return ok(c, k, err, func(k *models.SSHKey) sshKeyRow { return c.sshKeyRow(*k) })
}

func (api *API) sshKeysCreate(c *call) error {
	a, err := c.root("ssh_key", []string{"name", "key"})
	if err != nil {
		return err
	}
	var change directory.SSHKeyChange
	a.word("name", &change.Name)
	a.word("key", &change.Key)
	k, err := api.dir.CreateSSHKey(c.ctx(), c.p, c.userID(), change)
	if err == nil && k.Obsolete() {
		c.warn("DSA keys are kept, but servers do not accept them")
	}
	return created(c, k, err, func(k *models.SSHKey) sshKeyRow { return c.sshKeyRow(*k) })
}

func (api *API) sshKeysDestroy(c *call) error {
	k, err := api.dir.DeleteSSHKey(c.ctx(), c.p, c.userID(), namedRef(c.pathID()))
	return ok(c, k, err, func(k *models.SSHKey) sshKeyDump {
		return sshKeyDump{ID: k.ID, Name: k.Name, Key: k.Key, Fingerprint: k.Fingerprint, UserID: k.UserID,
			Length: k.Length, CreatedAt: c.iso(k.CreatedAt), UpdatedAt: c.iso(k.UpdatedAt)}
	})
}

// preferenceRow is a table preference (docs/spec/foreman.md, 5.13).
type preferenceRow struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Columns   []string `json:"columns"`
	CreatedAt stamp    `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp    `json:"updated_at" swaggertype:"string"`
}

func (c *call) preferenceRow(t models.TablePreference) preferenceRow {
	return preferenceRow{ID: t.ID, Name: t.Name, Columns: mapped(t.Columns, func(s string) string { return s }),
		CreatedAt: c.stamp(t.CreatedAt),
		UpdatedAt: c.stamp(t.UpdatedAt)}
}

func (c *call) preference(t *models.TablePreference) preferenceRow { return c.preferenceRow(*t) }

func (c *call) preferenceChange() directory.TablePreferenceChange {
	a := attrs(c.body.Object)
	var change directory.TablePreferenceChange
	a.word("name", &change.Name)
	change.Columns = a.names("columns")
	return change
}

func (api *API) preferencesIndex(c *call) error {
	q, err := c.pageQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.TablePreferences(c.ctx(), c.p, c.userID(), q)
	return list(c, q, l, err, c.preferenceRow)
}

func (api *API) preferencesShow(c *call) error {
	t, err := api.dir.TablePreference(c.ctx(), c.p, c.userID(), namedRef(c.Param("name")))
	return ok(c, t, err, c.preference)
}

func (api *API) preferencesCreate(c *call) error {
	t, err := api.dir.CreateTablePreference(c.ctx(), c.p, c.userID(), c.preferenceChange())
	return created(c, t, err, c.preference)
}

func (api *API) preferencesUpdate(c *call) error {
	t, err := api.dir.UpdateTablePreference(c.ctx(), c.p, c.userID(), namedRef(c.Param("name")), c.preferenceChange())
	return ok(c, t, err, c.preference)
}

func (api *API) preferencesDestroy(c *call) error {
	t, err := api.dir.DeleteTablePreference(c.ctx(), c.p, c.userID(), namedRef(c.Param("name")))
	return ok(c, t, err, c.preference)
}

// subscriptionRow is a user's subscription; the list of them has no envelope (docs/spec/foreman.md, 5.12).
type subscriptionRow struct {
	ID                 int64    `json:"id"`
	UserID             int64    `json:"user_id"`
	MailNotificationID int64    `json:"mail_notification_id"`
	LastSent           isoStamp `json:"last_sent" swaggertype:"string"`
	Interval           *string  `json:"interval"`
	CreatedAt          isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt          isoStamp `json:"updated_at" swaggertype:"string"`
	MailQuery          *string  `json:"mail_query"`
	Name               string   `json:"name"`
	Description        *string  `json:"description"`
}

func (api *API) mailsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	q.Parents = nil
	l, err := api.dir.MailNotifications(c.ctx(), c.p, q)
	return list(c, q, l, err, func(m models.MailNotification) mailRef { return mailOf(&m) })
}

func (api *API) mailsShow(c *call) error {
	m, err := api.dir.MailNotification(c.ctx(), c.p, numberRef(c.pathID()))
	return ok(c, m, err, mailOf)
}

func (api *API) mailsOfUser(c *call) error {
	list, err := api.dir.MailSubscriptions(c.ctx(), c.p, c.userID())
	if err != nil {
		return err
	}
	rows := mapped(list, func(s directory.MailSubscription) subscriptionRow {
		return subscriptionRow{ID: s.ID, UserID: s.UserID, MailNotificationID: s.MailNotificationID,
			LastSent: c.isoPtr(s.LastSent), Interval: s.Interval, CreatedAt: c.iso(s.CreatedAt),
			UpdatedAt: c.iso(s.UpdatedAt), MailQuery: s.MailQuery, Name: s.Name, Description: s.Description}
	})
	return c.send(http.StatusOK, encode(rows))
}

// mailChange reads the unwrapped attributes of a subscription.
func (c *call) mailChange() directory.MailChange {
	var change directory.MailChange
	for name, to := range map[string]**string{"interval": &change.Interval, "subscription": &change.Subscription,
		"mail_query": &change.MailQuery} {
		if v, sent := c.value(name); sent {
			*to, _ = rails.String(v)
		}
	}
	return change
}

func (api *API) mailsCreate(c *call) error {
	v, _ := c.value("mail_notification_id")
	id, _ := rails.Int(v)
	if id == nil {
		return models.Refuse("mail_notification_id", models.RuleBlank)
	}
	if err := api.dir.Subscribe(c.ctx(), c.p, c.userID(), *id, c.mailChange(), false); err != nil {
		return err
	}
	return c.send(http.StatusOK, []byte("{}"))
}

func (api *API) mailsUpdate(c *call) error {
	if err := api.dir.Subscribe(c.ctx(), c.p, c.userID(), c.mailID(), c.mailChange(), true); err != nil {
		return err
	}
	return c.send(http.StatusOK, []byte("{}"))
}

func (c *call) mailID() int64 { return rails.LeadingID(c.Param("mail_notification_id")) }

func (api *API) mailsDestroy(c *call) error {
	if err := api.dir.Unsubscribe(c.ctx(), c.p, c.userID(), c.mailID()); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
