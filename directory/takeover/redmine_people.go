package takeover

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/directory/secret"
	"roster/models"
)

// The states of accounts in Redmine.
const (
	redmineActive     = 1
	redmineRegistered = 2
	redmineLocked     = 3
)

// hasLogin reports whether somebody in Redmine has a login.
func (r *redmine) hasLogin(login string) (bool, error) {
	found := false
	err := r.each(r.ctx, "SELECT 1 FROM users WHERE type = 'User' AND login = ?", func(row) error {
		found = true
		return nil
	}, login)
	return found, err
}

// people are some users of Redmine with what hangs on them.
type people struct {
	rows        []row
	mails       map[int64][]row
	keys        map[int64][]string
	preferences map[int64]row
	groups      map[int64][]int64
	custom      map[int64]models.CustomValues
}

// users brings in the users, some at a time.
func (r *redmine) users() error {
	if err := r.knowLogins(); err != nil {
		return err
	}
	if err := r.count("SELECT COUNT(*) AS total FROM users WHERE type IN ('User', 'AnonymousUser') AND " +
		inRange); err != nil {
		return err
	}
	return r.eachPeople(func(p *people) error {
		if err := r.writePeople(p); err != nil {
			return err
		}
		r.progress(len(p.rows))
		return nil
	})
}

// eachPeople reads the users in the order of their numbers, some at a time.
func (r *redmine) eachPeople(fn func(*people) error) error {
	last := int64(0)
	for {
		rows, err := r.all(r.ctx, fmt.Sprintf("SELECT * FROM users WHERE type IN ('User', 'AnonymousUser') AND "+
			inRange+" AND id > ? ORDER BY id LIMIT %d", chunk), last)
		if err != nil || len(rows) == 0 {
			return err
		}
		p := &people{rows: rows, mails: map[int64][]row{}, keys: map[int64][]string{}, preferences: map[int64]row{},
			groups: map[int64][]int64{}, custom: map[int64]models.CustomValues{}}
		first := rows[0].number("id")
		last = rows[len(rows)-1].number("id")
		if err := r.readPeople(p, first, last); err != nil {
			return err
		}
		if err := fn(p); err != nil {
			return err
		}
	}
}

func (r *redmine) readPeople(p *people, first, last int64) error {
	const between = " BETWEEN ? AND ? ORDER BY id"
	for _, read := range []struct {
		query string
		take  func(row)
	}{
		{"SELECT * FROM email_addresses WHERE user_id" + between, func(x row) {
			p.mails[x.number("user_id")] = append(p.mails[x.number("user_id")], x)
		}},
		{"SELECT user_id, value FROM tokens WHERE action = 'api' AND user_id" + between, func(x row) {
			if key := x.text("value"); key != "" {
				p.keys[x.number("user_id")] = append(p.keys[x.number("user_id")], key)
			}
		}},
		{"SELECT * FROM user_preferences WHERE user_id" + between,
			func(x row) { p.preferences[x.number("user_id")] = x }},
		{"SELECT user_id, group_id FROM groups_users WHERE user_id BETWEEN ? AND ? ORDER BY user_id, group_id",
			func(x row) {
				p.groups[x.number("user_id")] = append(p.groups[x.number("user_id")], x.number("group_id"))
			}},
	} {
		if err := r.each(r.ctx, read.query, func(x row) error {
			read.take(x)
			return nil
		}, first, last); err != nil {
			return err
		}
	}
	return r.readCustom(p.custom, first, last)
}

// readCustom reads the values of custom fields that some principals have, by the numbers that the fields have here.
func (r *redmine) readCustom(into map[int64]models.CustomValues, first, last int64) error {
	if len(r.fields) == 0 {
		return nil
	}
	return r.each(r.ctx, "SELECT * FROM custom_values WHERE customized_type = 'Principal' AND customized_id "+
		"BETWEEN ? AND "+
		"? ORDER BY customized_id, custom_field_id, id", func(x row) error {
		field := r.fields[x.number("custom_field_id")]
		if field == nil {
			return nil
		}
		value := x.text("value")
		if choices := r.choices[x.number("custom_field_id")]; choices != nil && value != "" {
			value = choices[value]
		}
		owner := x.number("customized_id")
		if into[owner] == nil {
			into[owner] = models.CustomValues{}
		}
		if _, there := into[owner][field.ID]; there && !field.Multiple || value == "" && field.Multiple {
			return nil
		}
		into[owner][field.ID] = append(into[owner][field.ID], value)
		return nil
	}, first, last)
}

func (r *redmine) writePeople(p *people) error {
	b := &batchOf{names: map[int64]string{}}
	for _, x := range p.rows {
		r.report.Read[nounUser]++
		id := x.number("id")
		if r.known(nounUser, id) != 0 {
			r.report.Known[nounUser]++
			continue
		}
		if err := r.person(p, x, b); err != nil {
			return err
		}
	}
	return r.insertPeople(b)
}

// person adds a user to what is written next.
func (r *redmine) person(p *people, x row, b *batchOf) error {
	id := x.number("id")
	u := r.user(x, p)
	if u.Hidden {
		there, err := r.Exists("SELECT 1 FROM users WHERE lower_login = ?", models.AnonymousLogin)
		if there || err != nil || r.logins[models.AnonymousLogin] {
			return err
		}
		r.logins[models.AnonymousLogin] = true
		u.ID = r.place(nounUser, id, u.Login)
		b.users = append(b.users, u)
		return nil
	}
	if ok, err := r.settle(&u, id, b); !ok || err != nil {
		return err
	}
	r.addMails(&u, p.mails[id], b)
	key, err := r.keyOf(&u, id, p.keys[id])
	if err != nil {
		return err
	}
	if key != "" {
		r.addKey(u.ID, key, b)
	}
	addValues(b, u.ID, p.custom[id])
	return nil
}

func addValues(b *batchOf, user int64, values models.CustomValues) {
	for _, field := range slices.Sorted(maps.Keys(values)) {
		for place, value := range values[field] {
			b.values = append(b.values, models.CustomValue{CustomFieldID: field, UserID: &user, Place: int64(place),
				Value: value})
		}
	}
}

// user is the row of a user here, without a number.
func (r *redmine) user(x row, p *people) models.User {
	id := x.number("id")
	preferences := p.preferences[id]
	disabled := x.number("status") != redmineActive
	login := r.cut(nounUser, id, x.text("login"), "the login")
	first := r.cut(nounUser, id, x.text("firstname"), "the first name")
	last := r.cut(nounUser, id, x.text("lastname"), "the last name")
	u := models.User{
		Login: login, Firstname: &first, Lastname: &last, Admin: x.flag("admin"), Disabled: &disabled,
		Registered: x.number("status") == redmineRegistered, MailEnabled: new(bool),
		AuthSourceID: r.internal, MustChangePassword: x.flag("must_change_passwd"),
		PasswordChangedAt: x.time("passwd_changed_on"), MailNotification: x.optional("mail_notification"),
		SecondFactor: x.optional("twofa_scheme"), LastLoginOn: x.time("last_login_on"), CreatedAt: r.Time,
		UpdatedAt: r.Time,
	}
	if at := x.time("created_on"); at != nil {
		u.CreatedAt = *at
	}
	if at := x.time("updated_on"); at != nil {
		u.UpdatedAt = *at
	}
	for _, mail := range p.mails[id] {
		if mail.flag("is_default") {
			u.Mail = r.address(id, mail)
		}
	}
	if _, told := preferences["hide_mail"]; told {
		hide := preferences.flag("hide_mail")
		u.HideMail = &hide
	}
	r.language(&u, x, preferences)
	r.proof(&u, x)
	if x.text("type") == "AnonymousUser" {
		u.Login = models.AnonymousLogin
		u.Hidden = true
		u.Admin = false
		u.AuthSourceID = r.hidden
		u.PasswordHash = nil
	} else if !slices.Contains([]int64{redmineActive, redmineRegistered, redmineLocked}, x.number("status")) {
		r.report.note(nounUser, id, login, fmt.Sprintf("has the state %d, which nobody knows: is locked",
			x.number("status")))
	}
	u.Normalize()
	u.Firstname = &first
	u.Lastname = &last
	return u
}

// language takes the language and the time zone, as far as there are such here.
func (r *redmine) language(u *models.User, x, preferences row) {
	if language := x.text("language"); language != "" {
		for _, name := range []string{language, strings.ReplaceAll(language, "-", "_"),
			language[:min(2, len(language))]} {
			if models.ValidLocale(name) {
				u.Locale = &name
				break
			}
		}
		if u.Locale == nil {
			r.report.note(nounUser, x.number("id"), u.Login, "the language "+language+" is not one of this server")
		}
	}
	if zone := preferences.optional("time_zone"); zone != nil {
		if _, err := models.LoadZone(*zone); err != nil {
			r.report.note(nounUser, x.number("id"), u.Login, "the time zone "+*zone+" is not one of this server")
			return
		}
		u.Timezone = zone
	}
}

// proof takes what the user logs in by.
func (r *redmine) proof(u *models.User, x row) {
	if source := x.number("auth_source_id"); source != 0 {
		here := r.known(nounSource, source)
		if here != 0 {
			u.AuthSourceID = here
			return
		}
		r.report.note(nounUser, x.number("id"), u.Login, "has an auth source that is missing: cannot log in")
		return
	}
	if hash := secret.RedmineHash(x.text("salt"), x.text("hashed_password")); hash != "" {
		u.PasswordHash = &hash
	} else if x.optional("hashed_password") != nil {
		r.report.note(nounUser, x.number("id"), u.Login, "the password is hashed in an unknown way: it lets nobody in")
	}
	if u.SecondFactor != nil {
		r.report.note(nounUser, x.number("id"), u.Login, "has a second factor, which this server cannot check: "+
			"only keys and tokens let in")
	}
}

// address returns the address of a row of them, nil for none. One that is too long is noted.
func (r *redmine) address(user int64, x row) *string {
	address := x.optional("address")
	if address != nil && models.TooLong(*address, models.MaxLabel) {
		r.report.note(nounUser, user, "", "an address is left out: it is too long")
		return nil
	}
	return address
}

func (r *redmine) addMails(u *models.User, mails []row, b *batchOf) {
	for _, x := range mails {
		if x.flag("is_default") {
			continue
		}
		address := r.address(x.number("user_id"), x)
		if address == nil {
			continue
		}
		mail := models.UserMail{UserID: u.ID, Address: *address, LowerAddress: models.LowerLogin(*address),
			Notify: x.flag("notify"), CreatedAt: r.Time, UpdatedAt: r.Time}
		if at := x.time("created_on"); at != nil {
			mail.CreatedAt = *at
		}
		b.mails = append(b.mails, mail)
	}
}

// keyOf returns the key of a user, "" for none. Keys that could not let the user in are noted.
func (r *redmine) keyOf(u *models.User, id int64, keys []string) (string, error) {
	if len(keys) == 0 {
		return "", nil
	}
	key := keys[len(keys)-1]
	if len(keys) > 1 {
		r.report.note(nounUser, id, u.Login, "has several keys: the last one counts")
	}
	if !models.ValidAPIKey(key) {
		r.report.note(nounUser, id, u.Login, "the key is left out: it is not of letters and digits")
		return "", nil
	}
	hash := secret.TokenHash(key)
	taken := r.hashes[hash]
	if !taken && !r.report.Fresh {
		var err error
		if taken, err = r.Exists("SELECT 1 FROM api_keys WHERE key_hash = ? OR user_id = ?", hash, u.ID); err != nil {
			return "", err
		}
	}
	rises, err := r.rises(u.ID, u.Admin)
	if err != nil {
		return "", err
	}
	if rises {
		r.report.note(nounUser, id, u.Login, "the key"+ofAdministrator)
		return "", nil
	}
	if taken {
		r.report.note(nounUser, id, u.Login, "the key is left out: somebody else has it, or the user has one here")
		return "", nil
	}
	r.hashes[hash] = true
	return key, nil
}

func (r *redmine) addKey(user int64, key string, b *batchOf) {
	sealed, err := r.dir.Seal(key)
	if err != nil {
		r.unshown++
	}
	b.keys = append(b.keys, models.APIKey{UserID: user, KeyHash: secret.TokenHash(key), Sealed: sealed,
		CreatedAt: r.Time})
}

// noteKeys notes once what becomes of keys that cannot be sealed.
func (r *redmine) noteKeys() error {
	if r.unshown > 0 {
		r.report.note("api_key", 0, "", fmt.Sprintf("%d keys go on, but cannot be shown: this server has no secret key",
			r.unshown))
	}
	return nil
}
