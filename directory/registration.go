package directory

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"roster/directory/mail"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// Registration is an account that somebody wants who has none.
type Registration struct {
	Login, Password           string
	Mail, Firstname, Lastname *string
	// InvitationKey is that of an invitation to the mail address. Whoever sent the invitation knows it as well, so that
	// it counts where no mail is sent alone, and for the invitations of that sender.
	InvitationKey            string
	Limits                   models.UserLimits
	RemoteAddress, RequestID string
}

// Registered is what a registration led to.
type Registered struct {
	User *models.User
	// NeedsConfirmation says that the account lets nobody in until the mail address is confirmed.
	NeedsConfirmation bool
}

const (
	// secretTokenBytes of randomness are in what is mailed.
	secretTokenBytes = 20
	// maxResetDays is how long a way to a new password is open, confirmationDays how long a mail address may be
	// confirmed, in days.
	resetDays        = 3
	confirmationDays = 3
	// resetPause is how long it takes until another mail with a way to a new password is sent to somebody.
	resetPause = time.Minute
)

// Register makes an account for somebody unknown, where the setting cvat_registration allows that. Who was invited by
// the mail address takes over the account that waits for them, once it is shown that the address is theirs.
func (s *Service) Register(ctx context.Context, c Registration) (*Registered, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	if !r.SettingBool("cvat_registration") {
		return nil, models.NotFoundError("registration", "")
	}
	if err := s.ShippedGroups(ctx); err != nil {
		return nil, err
	}
	change := UserChange{Login: models.Some(c.Login), Firstname: models.Some(c.Firstname),
		Lastname: models.Some(c.Lastname), Mail: models.Some(c.Mail), Password: models.Some(c.Password),
		NoOrganization: true, Limits: c.Limits}
	caller := models.System()
	caller.RemoteAddress = c.RemoteAddress
	caller.RequestID = c.RequestID
	if err := s.preparePassword(ctx, caller, &change, nil); err != nil {
		return nil, err
	}
	done := &Registered{}
	err = s.change(ctx, caller, func(t *tx) error {
		var made *userState
		made, done.NeedsConfirmation, err = t.register(c, change)
		if err != nil {
			return err
		}
		done.User = &made.User
		return nil
	})
	return done, loginTaken(err)
}

// register makes the account, or hands over the one that waits.
func (t *tx) register(c Registration, change UserChange) (made *userState, confirm bool, err error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, false, err
	}
	var waiting *models.User
	if !models.Blank(c.Mail) {
		if waiting, err = t.waitingFor(*c.Mail); err != nil {
			return nil, false, err
		}
	}
	confirm = r.Setting("cvat_email_verification") == "mandatory"
	switch {
	case waiting == nil:
	case sendsMail(r):
		confirm = true // a mail proves more than a key that its sender knows
	default:
		if err := t.claim(waiting, c.InvitationKey); err != nil {
			return nil, false, err
		}
	}
	change.Status = models.Some(models.UserActive)
	if confirm {
		change.Status = models.Some(models.UserRegistered)
	}
	if made, err = t.takeAccount(waiting, change); err != nil || !confirm {
		return made, confirm, err
	}
	return made, confirm, t.mailConfirmation(&made.User)
}

// takeAccount makes a new account, or gives one that waits to the person whom it waits for.
func (t *tx) takeAccount(waiting *models.User, change UserChange) (*userState, error) {
	groups, err := t.defaultGroups()
	if err != nil {
		return nil, err
	}
	if waiting != nil {
		change.Limits.MailUnique = false
		return t.updateUser(waiting, change)
	}
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	change.AuthSourceID = models.Some(r.InternalSource())
	made, err := t.createUser(change)
	if err != nil {
		return nil, err
	}
	return made, t.setGroups(made.ID, models.Some(groups))
}

// waitingFor returns the account that an invitation to a mail address has made, nil without one. Another account with
// the address is a mistake of the registration.
func (t *tx) waitingFor(address string) (*models.User, error) {
	if !models.ValidMail(address) {
		return nil, nil // which the rules of users report
	}
	if err := t.Lock(store.LockMails); err != nil {
		return nil, err
	}
	people, err := t.withAddress(address)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	u := people[0]
	invited, err := t.Exists("SELECT 1 FROM memberships WHERE user_id = ? AND state = ?", u.ID, models.MemberInvited)
	if err != nil {
		return nil, err
	}
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	if len(people) > 1 || !invited || u.Admin || u.PasswordHash != nil || u.LastLoginOn != nil ||
		u.AuthSourceID != r.InternalSource() {
		return nil, models.Refuse("mail", models.RuleTaken)
	}
	return &u, nil
}

// claim lets the holder of the key of an invitation have the account that waits for whoever is invited. Invitations of
// others end: their senders have handed the key to nobody who could show it here.
func (t *tx) claim(u *models.User, key string) error {
	if key == "" || !models.Storable(key) {
		return models.Refuse("mail", models.RuleTaken)
	}
	var waiting []struct {
		models.Invitation
		Member int64
	}
	err := t.Raw("SELECT m.id AS member, i.* FROM memberships m LEFT JOIN invitations i ON i.membership_id = m.id "+
		"WHERE m.user_id = ? AND m.state = ? ORDER BY m.id", u.ID, models.MemberInvited).Scan(&waiting).Error
	if err != nil {
		return err
	}
	sender := int64(0)
	proved := false
	for _, w := range waiting {
		if w.Key == key {
			sender = models.Deref(w.OwnerID)
			proved = true
		}
	}
	if !proved {
		return models.Refuse("mail", models.RuleTaken)
	}
	for _, w := range waiting {
		if w.Key == key || sender != 0 && models.Deref(w.OwnerID) == sender {
			continue
		}
		m, err := t.memberOfOrganization(w.Member)
		if err != nil {
			return err
		}
		if err := t.removeMembership(m); err != nil {
			return err
		}
	}
	return nil
}

// mailConfirmation asks the holder of a mail address to confirm it. Where no mail is sent the account waits for an
// administrator.
func (t *tx) mailConfirmation(u *models.User) error {
	token, err := t.issue(u.ID, models.PurposeMailConfirmation, confirmationDays)
	if err != nil {
		return err
	}
	link, err := t.page("/auth/email-confirmation", url.Values{"key": {token}})
	if err != nil {
		return err
	}
	_, err = t.queueMail(mail.Confirmation, u, mail.Account{Token: token, Link: link, Days: confirmationDays})
	return err
}

// issue makes the only token of a user for a purpose, which ends after some days.
func (t *tx) issue(user int64, purpose models.TokenPurpose, days int) (string, error) {
	if err := t.endAccountTokens(user, purpose); err != nil {
		return "", err
	}
	token, err := secret.Hex(t.s.Rand, secretTokenBytes)
	if err != nil {
		return "", err
	}
	end := t.Time.AddDate(0, 0, days)
	return token, t.Create(&models.AccountToken{TokenHash: secret.TokenHash(token), UserID: user, Purpose: purpose,
		CreatedAt: t.Time, ExpiresAt: &end}).Error
}

func (t *tx) endAccountTokens(user int64, purpose models.TokenPurpose) error {
	return t.Where("user_id = ? AND purpose = ?", user, purpose).Delete(&models.AccountToken{}).Error
}

// redeem returns who has a token for a purpose, and ends it; nil where nobody has.
func (t *tx) redeem(token string, purpose models.TokenPurpose) (*models.User, error) {
	var rows []models.AccountToken
	err := t.Model(&rows).Clauses(clause.Returning{}).Where("token_hash = ? AND purpose = ? AND expires_at > ?",
		secret.TokenHash(token), purpose, t.Time).Delete(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return store.First[models.User](t.Locking().Scopes(scopes.NotHidden).Where("id = ?", rows[0].UserID))
}

// ConfirmMail activates the account whose holder has read a mail.
func (s *Service) ConfirmMail(ctx context.Context, token string) error {
	return s.change(ctx, models.System(), func(t *tx) error {
		u, err := t.redeem(token, models.PurposeMailConfirmation)
		if err != nil {
			return err
		}
		if u == nil {
			return models.NotFoundError("confirmation", "")
		}
		if !u.Registered {
			return nil // an administrator has decided about the account meanwhile
		}
		_, err = t.updateUser(u, UserChange{Status: models.Some(models.UserActive)})
		return err
	})
}

// RequestPasswordReset mails a way to a new password to whoever has a mail address. It tells nobody whether there is
// such an account: that of somebody else, of another auth source, or one that may not be used gets no mail, and takes
// as long.
func (s *Service) RequestPasswordReset(ctx context.Context, address string) error {
	if !models.ValidMail(address) {
		return models.Refuse("mail", models.RuleInvalid)
	}
	return s.change(ctx, models.System(), func(t *tx) error {
		u, err := t.resetting(address)
		switch {
		case err != nil:
			return err
		case u == nil:
			return t.pretendReset(address)
		}
		return t.mailReset(u)
	})
}

// resetting returns who is to get a way to a new password at a mail address, nil for nobody.
func (t *tx) resetting(address string) (*models.User, error) {
	r, err := t.Snapshot()
	if err != nil || !sendsMail(r) {
		return nil, err // a way that nobody is told of
	}
	people, err := t.withAddress(address)
	if err != nil || len(people) != 1 {
		return nil, err
	}
	u := &people[0]
	may, err := t.mayReset(u)
	if err != nil || !may || !models.SameName(models.Deref(u.Mail), address) {
		return nil, err
	}
	recent, err := t.Exists("SELECT 1 FROM account_tokens WHERE user_id = ? AND purpose = ? AND created_at > ?",
		u.ID, models.PurposePasswordReset, t.Time.Add(-resetPause))
	if err != nil || recent {
		return nil, err
	}
	return u, nil
}

// pretendReset writes a message to nobody and takes it back, so that the time of an answer tells as little as its text.
func (t *tx) pretendReset(address string) error {
	token, err := secret.Hex(t.s.Rand, secretTokenBytes)
	if err != nil {
		return err
	}
	nobody := &models.User{Login: address, Mail: &address}
	row, err := t.composeMail(mail.PasswordReset, nobody, mail.Account{Number: resetNumber(1), Token: token,
		Days: resetDays})
	if row == nil || err != nil {
		return err
	}
	if err := t.Create(row).Error; err != nil {
		return err
	}
	return t.Delete(row).Error
}

// mayReset reports whether somebody may set a new password by mail: this server keeps the one so far, and the account
// may be used.
func (t *tx) mayReset(u *models.User) (bool, error) {
	r, err := t.Snapshot()
	return err == nil && u.PasswordHash != nil && !u.IsDisabled() && u.AuthSourceID == r.InternalSource(), err
}

func (t *tx) mailReset(u *models.User) error {
	token, err := t.issue(u.ID, models.PurposePasswordReset, resetDays)
	if err != nil {
		return err
	}
	number := resetNumber(u.ID)
	link, err := t.page("/auth/password/reset/confirm", url.Values{"uid": {number}, "token": {token}})
	if err != nil {
		return err
	}
	_, err = t.queueMail(mail.PasswordReset, u, mail.Account{Number: number, Token: token, Link: link,
		Days: resetDays})
	return err
}

// resetNumber is how a mail names the account: its number to the base of 36.
func resetNumber(id int64) string { return strconv.FormatInt(id, 36) }

// ResetPassword sets a new password by what a mail has told. uid and token are wrong as attributes.
func (s *Service) ResetPassword(ctx context.Context, uid, token, password string, limits models.UserLimits) error {
	change := UserChange{Password: models.Some(password), Limits: limits}
	id, err := strconv.ParseInt(uid, 36, 64)
	if err != nil || id <= 0 {
		return models.Refuse("uid", models.RuleInvalid)
	}
	if err := s.holdsReset(ctx, id, token); err != nil {
		return err
	}
	system := models.System()
	if err := s.preparePassword(ctx, system, &change, nil); err != nil {
		return err
	}
	return s.change(ctx, system, func(t *tx) error {
		u, err := t.redeem(token, models.PurposePasswordReset)
		if err != nil {
			return err
		}
		if u == nil || u.ID != id {
			return models.Refuse("token", models.RuleInvalid)
		}
		if may, err := t.mayReset(u); err != nil || !may {
			return orRefused(err, "token")
		}
		_, err = t.updateUser(u, change)
		return err
	})
}

func orRefused(err error, attr string) error {
	if err != nil {
		return err
	}
	return models.Refuse(attr, models.RuleInvalid)
}

// holdsReset refuses a token that leads to no new password, before any password is hashed for it.
func (s *Service) holdsReset(ctx context.Context, user int64, token string) error {
	var n int64
	err := s.Read.WithContext(ctx).Model(&models.AccountToken{}).
		Where("token_hash = ? AND purpose = ? AND user_id = ? "+
			"AND expires_at > ?", secret.TokenHash(token), models.PurposePasswordReset, user, s.Now()).Count(&n).Error
	if err == nil && n == 0 {
		err = models.Refuse("token", models.RuleInvalid)
	}
	return err
}
