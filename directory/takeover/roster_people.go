package takeover

import (
	"fmt"
	"time"

	"roster/directory/store"
	"roster/models"
)

// atHome are the accounts here that those of the backup may be.
type atHome struct {
	byID    map[int64]*models.User
	byLogin map[string]*models.User
}

// peopleHere finds the accounts here that have the number or the login of some of the backup.
func (r *roster) peopleHere(rows []models.User) (atHome, error) {
	ids := make([]int64, len(rows))
	logins := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
		logins[i] = models.LowerLogin(rows[i].Login)
	}
	here := atHome{byID: map[int64]*models.User{}, byLogin: map[string]*models.User{}}
	byID, list := r.Store.InIDs("id", ids)
	byLogin, text, err := r.Store.InTexts("lower_login", logins)
	if err != nil {
		return here, err
	}
	var found []models.User
	if err := r.Where(byID, list).Or(byLogin, text).Find(&found).Error; err != nil {
		return here, err
	}
	for i := range found {
		here.byID[found[i].ID] = &found[i]
		here.byLogin[found[i].LowerLogin] = &found[i]
	}
	return here, nil
}

// same returns the account here that one of the backup is: it has the number, and was made at the very moment.
func (h atHome) same(u *models.User) *models.User {
	if here := h.byID[u.ID]; here != nil && !here.Hidden && sameMoment(here.CreatedAt, u.CreatedAt) {
		return here
	}
	return nil
}

// askAboutPeople stops where other accounts have the logins and nothing is decided about them.
func (r *roster) askAboutPeople() error {
	if r.o.OnConflict != ConflictAsk {
		return nil
	}
	conflicts := 0
	err := eachOf(r, func(u *models.User) int64 { return u.ID }, func(rows []models.User) error {
		here, err := r.peopleHere(rows)
		for i := range rows {
			if here.same(&rows[i]) == nil && here.byLogin[models.LowerLogin(rows[i].Login)] != nil {
				conflicts++
				r.report.note(nounUser, rows[i].ID, rows[i].Login, "the login exists here, and is another account")
			}
		}
		return err
	})
	if err == nil && conflicts > 0 {
		err = ErrConflicts
	}
	return err
}

// people brings in the people, some at a time.
func (r *roster) people() error {
	return eachOf(r, func(u *models.User) int64 { return u.ID }, func(rows []models.User) error {
		first := rows[0].ID
		last := rows[len(rows)-1].ID
		here, err := r.peopleHere(rows)
		if err != nil {
			return err
		}
		b := &batchOf{names: map[int64]string{}}
		for i := range rows {
			r.report.Read[nounUser]++
			if err := r.person(&rows[i], here, b); err != nil {
				return err
			}
		}
		if err := r.belongings(first, last, b); err != nil {
			return err
		}
		if err := r.insertPeople(b); err != nil {
			return err
		}
		if err := r.insertOwned(first, last); err != nil {
			return err
		}
		r.progress(len(rows))
		return r.ctx.Err()
	})
}

// person decides what becomes of an account. One that is here already stays as it is.
func (r *roster) person(u *models.User, here atHome, b *batchOf) error {
	old := u.ID
	if there := here.same(u); there != nil {
		r.know(nounUser, old, there.ID)
		r.same[there.ID] = true
		r.report.Known[nounUser]++
		tenant := mapped(u.DefaultOrganizationID, r.ids[nounTenant])
		if there.DefaultOrganizationID == nil && tenant != nil && r.tenants[*tenant] {
			r.defaults[*tenant] = append(r.defaults[*tenant], there.ID)
		}
		return nil
	}
	admin := u.Admin
	u.Admin = false
	u.Normalize()
	if has, err := r.ownLogin(u, old); !has || err != nil {
		return err
	}
	if here.byLogin[u.LowerLogin] != nil {
		merged, skip, err := r.conflict(u, old)
		if skip || err != nil {
			return err
		}
		if merged != 0 {
			r.know(nounUser, old, merged)
			r.report.Known[nounUser]++
			return nil
		}
	}
	r.logins[u.LowerLogin] = true
	u.ID = r.put(nounUser, old)
	r.proof(u, old)
	u.DefaultOrganizationID = mapped(u.DefaultOrganizationID, r.ids[nounTenant])
	u.DefaultLocationID = mapped(u.DefaultLocationID, r.places)
	r.checkUser(u, old)
	if admin {
		r.report.note(nounUser, old, u.Login, "was an administrator and is none here: nobody becomes one by a backup")
	}
	b.users = append(b.users, *u)
	b.roles = append(b.roles, [2]int64{u.ID, r.roleOfAll})
	r.name("User", u.ID, u.Login)
	return nil
}

// defaultOrganizations makes the organizations of this run the defaults again of accounts that had them, and have none.
func (r *roster) defaultOrganizations() error {
	for tenant, users := range r.defaults {
		condition, list := r.Store.InIDs("id", users)
		if err := r.Table("users").Where(condition, list).Where("default_organization_id IS NULL").
			UpdateColumn("default_organization_id", tenant).Error; err != nil {
			return err
		}
	}
	return nil
}

// proof gives an account the auth source here. Without one it is an account of the server's own, which nobody can log
// in to.
func (r *roster) proof(u *models.User, old int64) {
	source := r.known(nounSource, u.AuthSourceID)
	u.AuthSourceID = source
	if source == 0 {
		u.AuthSourceID = r.internal
		u.PasswordHash = nil
		r.report.note(nounUser, old, u.Login, "has an auth source that is not here: no password lets the user in")
	}
}

// mapped is the number here that a reference leads to, nil for none.
func mapped(there *int64, numbers map[int64]int64) *int64 {
	if there == nil || numbers[*there] == 0 {
		return nil
	}
	here := numbers[*there]
	return &here
}

// newUser is the number here of an account that this run makes, 0 for others.
func (r *roster) newUser(old int64) int64 {
	if id := r.known(nounUser, old); r.fresh[nounUser][id] {
		return id
	}
	return 0
}

const ofUsers = "user_id BETWEEN ? AND ?"

// belongings reads what belongs to the accounts that this run makes, of some in the backup.
func (r *roster) belongings(first, last int64, b *batchOf) error {
	var mails []models.UserMail
	var keys []models.APIKey
	var tokens []models.AccountToken
	for _, list := range []any{&mails, &keys, &tokens} {
		if err := r.from.DB.Where(ofUsers, first, last).Order("user_id, created_at").Find(list).Error; err != nil {
			return err
		}
	}
	for _, mail := range mails {
		mail.ID = 0
		mail.LowerAddress = models.LowerLogin(mail.Address)
		if mail.UserID = r.newUser(mail.UserID); mail.UserID != 0 {
			b.mails = append(b.mails, mail)
		}
	}
	for _, key := range keys {
		if key.UserID = r.newUser(key.UserID); key.UserID == 0 {
			continue
		}
		if !r.from.SameKey && key.Sealed != "" {
			key.Sealed = ""
			r.say(nounKey, "go on, but cannot be shown: they are sealed with another secret key")
		}
		b.keys = append(b.keys, key)
	}
	for _, token := range tokens {
		if token.UserID = r.newUser(token.UserID); token.UserID != 0 && token.Purpose == models.PurposeLogin {
			b.tokens = append(b.tokens, token)
		}
	}
	if err := r.rolesEverywhere(first, last, b); err != nil {
		return err
	}
	var err error
	b.values, err = r.customValues(ofUsers, first, last)
	return err
}

// rolesEverywhere gives new accounts the roles that they held everywhere, if that is asked for.
func (r *roster) rolesEverywhere(first, last int64, b *batchOf) error {
	var rows []struct{ UserID, RoleID int64 }
	if err := r.from.DB.Table("user_roles").Where(ofUsers, first, last).Order("user_id, role_id").Find(&rows).
		Error; err != nil {
		return err
	}
	for _, x := range rows {
		user := r.newUser(x.UserID)
		role := r.known(nounRole, x.RoleID)
		switch {
		case user == 0 || role == 0 || role == r.roleOfAll:
		case r.o.WithRoles:
			b.roles = append(b.roles, [2]int64{user, role})
		default:
			r.say(nounRole, "that people held everywhere are not given to them: --with-roles does that")
		}
	}
	return nil
}

// customValues are the values of custom fields that new accounts or groups get. A value that the field here does not
// take is left out.
func (r *roster) customValues(which string, args ...any) ([]models.CustomValue, error) {
	var there, values []models.CustomValue
	if err := r.from.DB.Where(which, args...).Order("user_id, usergroup_id, custom_field_id, place").Find(&there).
		Error; err != nil {
		return nil, err
	}
	for _, value := range there {
		field := r.fields[value.CustomFieldID]
		value.UserID = r.newOnly(nounUser, value.UserID)
		value.UsergroupID = r.newOnly(nounGroup, value.UsergroupID)
		if field == nil || value.UserID == nil && value.UsergroupID == nil {
			continue
		}
		if value.Place > 0 && !field.Multiple || len(field.Check([]string{value.Value})) > 0 {
			r.say(nounValue, "are left out: the fields here do not take them")
			continue
		}
		value.CustomFieldID = field.ID
		values = append(values, value)
	}
	return values, nil
}

// newOnly is a reference to a row that this run makes, nil for others.
func (r *roster) newOnly(noun string, there *int64) *int64 {
	here := mapped(there, r.ids[noun])
	if here == nil || !r.fresh[noun][*here] {
		return nil
	}
	return here
}

// insertOwned brings in the keys, tokens and preferences of new accounts, of some in the backup.
func (r *roster) insertOwned(first, last int64) error {
	if err := r.accessTokens(first, last); err != nil {
		return err
	}
	var keys []models.SSHKey
	var tables []models.TablePreference
	for _, list := range []any{&keys, &tables} {
		if err := r.from.DB.Where(ofUsers, first, last).Order("id").Find(list).Error; err != nil {
			return err
		}
	}
	var ownKeys []models.SSHKey
	for _, key := range keys {
		key.ID = 0
		if key.UserID = r.newUser(key.UserID); key.UserID != 0 {
			ownKeys = append(ownKeys, key)
		}
	}
	if err := insert(r.writer, ownKeys); err != nil {
		return err
	}
	var ownTables []models.TablePreference
	for _, table := range tables {
		table.ID = 0
		if table.UserID = r.newUser(table.UserID); table.UserID != 0 {
			ownTables = append(ownTables, table)
		}
	}
	if err := insert(r.writer, ownTables); err != nil {
		return err
	}
	return r.subscriptions(first, last)
}

// accessTokens brings in the access tokens of new accounts. A token that somebody has here is left out.
func (r *roster) accessTokens(first, last int64) error {
	var there, own []models.PersonalAccessToken
	if err := r.from.DB.Where(ofUsers, first, last).Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, token := range there {
		r.report.Read[nounToken]++
		if token.UserID = r.newUser(token.UserID); token.UserID == 0 {
			continue
		}
		taken, err := r.Exists("SELECT 1 FROM personal_access_tokens WHERE token_hash = ?", token.TokenHash)
		if err != nil {
			return err
		}
		if taken {
			r.say(nounToken, "are left out: somebody has them here")
			continue
		}
		token.ID = r.put(nounToken, token.ID)
		own = append(own, token)
	}
	return insert(r.writer, own)
}

// subscriptions brings in which mails new accounts want.
func (r *roster) subscriptions(first, last int64) error {
	var there []struct {
		models.UserMailNotification
		Name string
	}
	if err := r.from.DB.Table("user_mail_notifications u").Joins("JOIN mail_notifications n ON n.id = "+
		"u.mail_notification_id").Where("u."+ofUsers, first, last).Order("u.id").Select("u.*, n.name").Find(&there).
		Error; err != nil || len(there) == 0 {
		return err
	}
	var kinds []models.MailNotification
	if err := r.Find(&kinds).Error; err != nil {
		return err
	}
	byName := map[string]int64{}
	for i := range kinds {
		byName[kinds[i].Name] = kinds[i].ID
	}
	var own []models.UserMailNotification
	for _, x := range there {
		row := x.UserMailNotification
		row.ID = 0
		row.UserID = r.newUser(row.UserID)
		row.MailNotificationID = byName[x.Name]
		if row.UserID != 0 && row.MailNotificationID != 0 {
			own = append(own, row)
		}
	}
	return insert(r.writer, own)
}

// memberships brings in who belongs to what. An account or a group that was here before gets the roles that it has in
// an organization which this run makes, and no others.
func (r *roster) memberships() error {
	seen := map[[2]int64]int64{}
	return eachOf(r, func(m *models.Membership) int64 { return m.ID }, func(rows []models.Membership) error {
		first := rows[0].ID
		last := rows[len(rows)-1].ID
		var made []models.Membership
		for i := range rows {
			m, err := r.membership(rows[i], seen)
			if err != nil {
				return err
			}
			if m != nil {
				made = append(made, *m)
			}
		}
		if err := r.insertMembers(made); err != nil {
			return err
		}
		r.progress(len(rows))
		if err := r.ctx.Err(); err != nil {
			return err
		}
		return r.heldRoles(first, last, made)
	})
}

// membership is the row of a membership here, nil for one that is not to be made.
func (r *roster) membership(m models.Membership, seen map[[2]int64]int64) (*models.Membership, error) {
	old := m.ID
	r.report.Read[nounMembership]++
	tenant := r.known(nounTenant, m.TenantID)
	place := r.places[m.TenantID]
	user := mapped(m.UserID, r.ids[nounUser])
	group := mapped(m.UsergroupID, r.ids[nounGroup])
	known := !r.fresh[nounUser][models.Deref(user)] && !r.fresh[nounGroup][models.Deref(group)]
	if tenant == 0 && known && user != nil {
		r.report.Known[nounMembership]++ // where somebody is who was here before is not the backup's
		return nil, nil
	}
	if user == nil && group == nil || tenant == 0 && (place == 0 || known) {
		return nil, nil
	}
	if broken := m.Validate(); len(broken) > 0 {
		return nil, fmt.Errorf("%w: a membership has the state %q", ErrInconsistent, m.State)
	}
	m.UserID = user
	m.UsergroupID = group
	m.TenantID = max(tenant, place)
	member := models.Deref(user) - models.Deref(group)
	key := [2]int64{member, m.TenantID}
	if seen[key] == 0 && !r.tenants[m.TenantID] {
		there, err := store.First[models.Membership](r.Where("(user_id = ? OR usergroup_id = ?) AND taxonomy_id = ?",
			user, group, m.TenantID))
		if err != nil {
			return nil, err
		}
		if there != nil {
			seen[key] = there.ID
		}
	}
	if seen[key] != 0 {
		r.know(nounMembership, old, seen[key])
		r.report.Known[nounMembership]++
		return nil, nil
	}
	if user != nil && known && !r.same[*user] {
		m.Source = models.MemberInvitation // nobody in the organization is the master of the account
	}
	m.ID = r.put(nounMembership, old)
	seen[key] = m.ID
	r.BumpTenants([]int64{m.TenantID})
	if user != nil {
		r.BumpPeople(*user)
	}
	return &m, nil
}

// heldRoles gives the roles of some memberships of the backup to those that this run makes.
func (r *roster) heldRoles(first, last int64, made []models.Membership) error {
	here := map[int64]*models.Membership{}
	for i := range made {
		here[made[i].ID] = &made[i]
	}
	var rows []struct{ MembershipID, RoleID int64 }
	if err := r.from.DB.Table("membership_roles").Where("membership_id BETWEEN ? AND ?", first, last).
		Order("membership_id, role_id").Find(&rows).Error; err != nil {
		return err
	}
	var held [][2]int64
	for _, x := range rows {
		m := here[r.known(nounMembership, x.MembershipID)]
		role := r.known(nounRole, x.RoleID)
		if m == nil || role == 0 {
			continue
		}
		isNew := r.fresh[nounUser][models.Deref(m.UserID)] || r.fresh[nounGroup][models.Deref(m.UsergroupID)]
		if !r.tenants[m.TenantID] && (!r.o.WithRoles || !isNew) {
			r.say(nounRole, "are not given that members held in the organization, which was here before")
			continue
		}
		held = append(held, [2]int64{m.ID, role})
	}
	return r.link("membership_roles", "membership_id", "role_id", held)
}

// invitations brings in the invitations to the memberships that this run makes.
func (r *roster) invitations() error {
	var there, own []models.Invitation
	if err := r.from.DB.Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, invitation := range there {
		membership := r.known(nounMembership, invitation.MembershipID)
		taken, err := r.Exists("SELECT 1 FROM invitations WHERE key = ?", invitation.Key)
		if err != nil {
			return err
		}
		if taken || !r.fresh[nounMembership][membership] || !invitationKeys.MatchString(invitation.Key) {
			r.say(nounInvitation, "are left out: the membership is not new, or the key is taken or none")
			continue
		}
		invitation.ID = 0
		invitation.MembershipID = membership
		invitation.OwnerID = mapped(invitation.OwnerID, r.ids[nounUser])
		own = append(own, invitation)
	}
	return insert(r.writer, own)
}

// sameMoment reports whether two rows were made at one time.
func sameMoment(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}
