package takeover

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// The states of accounts in Redmine.
const (
	redmineActive     = 1
	redmineRegistered = 2
	redmineLocked     = 3
)

// anonymousLogin is the login of the hidden account that stands for people without one.
const anonymousLogin = "anonymous"

// groups brings in the groups that people make; the built-in ones mean nothing here.
func (r *redmine) groups() error {
	list, err := r.all(r.ctx, "SELECT * FROM users WHERE type = 'Group' AND "+inRange+" ORDER BY id")
	if err != nil {
		return err
	}
	names := map[int64]string{}
	var rows []models.Usergroup
	for _, x := range list {
		r.report.Read[nounGroup]++
		id := x.number("id")
		if r.known(nounGroup, id) != 0 {
			r.report.Known[nounGroup]++
			continue
		}
		wanted := r.named(nounGroup, id, x.text("lastname"))
		name, err := unique(wanted, " (Redmine)", func(name string) (bool, error) {
			if slices.ContainsFunc(rows, func(g models.Usergroup) bool { return g.Name == name }) {
				return true, nil
			}
			there, err := r.Exists("SELECT 1 FROM usergroups WHERE name = ? UNION ALL SELECT 1 FROM users WHERE "+
				"login = ?",
				name, name)
			if there || err != nil {
				return there, err
			}
			return r.loginComes(name)
		})
		if err != nil {
			return err
		}
		if name != wanted {
			r.report.note(nounGroup, id, wanted, "the name is taken, by a group or as a login: it has become "+name)
		}
		group := models.Usergroup{ID: r.place(nounGroup, id, name), Name: name, CreatedAt: r.Time, UpdatedAt: r.Time}
		if at := x.time("created_on"); at != nil {
			group.CreatedAt = *at
		}
		if at := x.time("updated_on"); at != nil {
			group.UpdatedAt = *at
		}
		rows = append(rows, group)
		names[group.ID] = name
	}
	if err := insert(r.writer, rows); err != nil {
		return err
	}
	var closure [][2]int64
	for _, g := range rows {
		closure = append(closure, [2]int64{g.ID, g.ID})
	}
	if err := r.link("usergroup_closure", "ancestor_id", "descendant_id", closure); err != nil {
		return err
	}
	return r.audit("Usergroup", names)
}

// loginComes reports whether somebody in Redmine has a login.
func (r *redmine) loginComes(login string) (bool, error) {
	found := false
	err := r.each(r.ctx, "SELECT 1 FROM users WHERE type = 'User' AND login = ?", func(row) error {
		found = true
		return nil
	}, login)
	return found, err
}

// chunk is how many users are read and written at a time.
const chunk = 2000

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
	if err := r.each(r.ctx, "SELECT COUNT(*) AS total FROM users WHERE type IN ('User', 'AnonymousUser') AND "+inRange,
		func(x row) error {
			r.total = int(x.number("total"))
			return nil
		}); err != nil {
		return err
	}
	if r.total == 0 {
		return errNoUsers
	}
	done := 0
	return r.eachPeople(func(p *people) error {
		if err := r.writePeople(p); err != nil {
			return err
		}
		if done += len(p.rows); r.o.Progress != nil {
			r.o.Progress(done, r.total)
		}
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

// batchOf are the rows of some users that are written together.
type batchOf struct {
	users  []models.User
	mails  []models.UserMail
	keys   []models.APIKey
	values []models.CustomValue
	roles  [][2]int64
	in     []models.Membership
	names  map[int64]string
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

func (r *redmine) insertPeople(b *batchOf) error {
	visible := 0
	for _, u := range b.users {
		if !u.Hidden {
			visible++
		}
	}
	r.Bump(store.RevisionUsers, int64(visible))
	if r.location != 0 {
		r.BumpTenants([]int64{r.location})
	}
	for _, write := range []func() error{
		func() error { return insert(r.writer, b.users) },
		func() error {
			return r.Clauses(onConflictNothing).CreateInBatches(&b.mails, batch).Error
		},
		func() error { return r.Clauses(onConflictNothing).CreateInBatches(&b.keys, batch).Error },
		func() error { return r.Clauses(onConflictNothing).CreateInBatches(&b.values, batch).Error },
		func() error { return r.link("user_roles", "user_id", "role_id", b.roles) },
		func() error {
			return r.Omit("SortName").Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&b.in, batch).Error
		},
		func() error { return r.audit("User", b.names) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// person adds a user to what is written next.
func (r *redmine) person(p *people, x row, b *batchOf) error {
	id := x.number("id")
	u := r.user(x, p)
	if u.Hidden {
		there, err := r.Exists("SELECT 1 FROM users WHERE lower_login = ?", anonymousLogin)
		if there || err != nil || r.logins[anonymousLogin] {
			return err
		}
		r.logins[anonymousLogin] = true
		u.ID = r.place(nounUser, id, u.Login)
		b.users = append(b.users, u)
		return nil
	}
	if has, err := r.ownLogin(&u, id); !has || err != nil {
		return err
	}
	merged, skip, err := r.conflict(&u, id)
	if skip || err != nil {
		return err
	}
	r.logins[u.LowerLogin] = true
	if merged != 0 {
		u.ID = merged
		r.tie(nounUser, id, merged)
	} else {
		u.ID = r.place(nounUser, id, u.Login)
		r.checkUser(&u, id)
		b.users = append(b.users, u)
		b.names[u.ID] = u.Login
		b.roles = append(b.roles, [2]int64{u.ID, r.roleOfAll})
	}
	if r.location != 0 {
		b.in = append(b.in, models.Membership{ID: r.number("memberships"), UserID: &u.ID, TenantID: r.location,
			State:  models.MemberActive,
			Source: models.MemberManual, JoinedAt: u.CreatedAt})
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

// conflict decides about a login that exists: it returns the number of the user to merge with, or that the user is left
// out. It may change the login.
func (r *redmine) conflict(u *models.User, id int64) (merged int64, skip bool, err error) {
	if r.report.Fresh {
		return 0, false, nil
	}
	there, err := store.First[models.User](r.Where("lower_login = ?", u.LowerLogin))
	if there == nil || err != nil {
		return 0, false, err
	}
	switch {
	case r.o.OnConflict == ConflictMerge && !there.Hidden:
		r.report.note(nounUser, id, u.Login, fmt.Sprintf("is the user %d, who was here", there.ID))
		return there.ID, false, nil
	case r.o.OnConflict == ConflictRename:
		old := u.Login
		err := r.rename(u)
		r.report.note(nounUser, id, old, "the login exists here: it has become "+u.Login)
		return 0, false, err
	}
	r.report.note(nounUser, id, u.Login, "is left out: the login exists here")
	return 0, true, nil
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
		u.Login = anonymousLogin
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

// checkUser notes the rules of this server that a user breaks. The row is kept as it is.
func (r *redmine) checkUser(u *models.User, id int64) {
	if broken := u.Validate(models.UserLimits{}); len(broken) > 0 {
		r.report.note(nounUser, id, u.Login, breaksRules+broken.String())
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

// groupUsers brings in who is in which group.
func (r *redmine) groupUsers() error {
	var pairs [][2]int64
	var joined []int64
	err := r.each(r.ctx, "SELECT group_id, user_id FROM groups_users ORDER BY group_id, user_id", func(x row) error {
		group := r.known(nounGroup, x.number("group_id"))
		user := r.known(nounUser, x.number("user_id"))
		if group != 0 && user != 0 && (r.isNew(nounGroup, group) || r.isNew(nounUser, user)) {
			pairs = append(pairs, [2]int64{group, user})
			joined = append(joined, user)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.BumpPeople(joined...)
	return r.link("usergroup_users", "usergroup_id", "user_id", pairs)
}

// isNew reports whether a row was brought in by this run. What an earlier one brought in is the directory's own since.
func (r *redmine) isNew(noun string, id int64) bool {
	if r.made == nil {
		r.made = map[string]map[int64]bool{}
	}
	if r.made[noun] == nil {
		r.made[noun] = map[int64]bool{}
		for _, pair := range r.pairs {
			if pair.Noun == noun {
				r.made[noun][pair.NewID] = true
			}
		}
	}
	return r.made[noun][id]
}

func (r *redmine) customValuesOfGroups() error {
	values := map[int64]models.CustomValues{}
	for old, id := range r.ids[nounGroup] {
		if !r.isNew(nounGroup, id) {
			continue
		}
		if err := r.readCustom(values, old, old); err != nil {
			return err
		}
	}
	var rows []models.CustomValue
	for _, old := range slices.Sorted(maps.Keys(values)) {
		group := r.known(nounGroup, old)
		for _, field := range slices.Sorted(maps.Keys(values[old])) {
			for place, value := range values[old][field] {
				rows = append(rows, models.CustomValue{CustomFieldID: field, UsergroupID: &group, Place: int64(place),
					Value: value})
			}
		}
	}
	return insert(r.writer, rows)
}

// memberships brings in who belongs to which project, with the roles that are not inherited: what groups and projects
// above bring follows from them here, too.
func (r *redmine) memberships() error {
	roles := map[int64][]int64{}
	inherited := map[int64]bool{}
	if err := r.each(r.ctx, "SELECT member_id, role_id, inherited_from FROM member_roles ORDER BY id",
		func(x row) error {
			member := x.number("member_id")
			if x.reference("inherited_from") != nil {
				inherited[member] = true
				return nil
			}
			if role := r.known(nounRole, x.number("role_id")); role != 0 && !slices.Contains(roles[member], role) {
				roles[member] = append(roles[member], role)
			}
			return nil
		}); err != nil {
		return err
	}
	var rows []models.Membership
	var held [][2]int64
	bare := 0
	err := r.each(r.ctx, "SELECT * FROM members WHERE "+inRange+" ORDER BY id", func(x row) error {
		r.report.Read[nounMembership]++
		id := x.number("id")
		if r.known(nounMembership, id) != 0 {
			r.report.Known[nounMembership]++
			return nil
		}
		row, who, err := r.membership(x)
		if row == nil || err != nil {
			return err
		}
		key := [2]int64{zeroOr(row.UserID) - zeroOr(row.UsergroupID), row.TenantID}
		if first := r.members[key]; first != 0 {
			r.report.note(nounMembership, id, who, fmt.Sprintf("is one more of the same member: it goes into %d",
				first))
			r.tie(nounMembership, id, first)
			row.ID = first
		} else {
			row.ID = r.place(nounMembership, id, who)
			r.members[key] = row.ID
			rows = append(rows, *row)
		}
		for _, role := range roles[id] {
			held = append(held, [2]int64{row.ID, role})
		}
		if len(roles[id]) == 0 && inherited[id] {
			bare++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if bare > 0 {
		r.report.note(nounMembership, 0, "", fmt.Sprintf("%d users are members by way of a group alone: they keep a "+
			"membership without roles of their own", bare))
	}
	for part := range slices.Chunk(rows, batch) {
		if err := r.Omit("SortName").Create(&part).Error; err != nil {
			return err
		}
	}
	return r.link("membership_roles", "membership_id", "role_id", held)
}

// membership is the row of a membership here, nil for one that cannot be.
func (r *redmine) membership(x row) (*models.Membership, string, error) {
	tenant := r.known(nounTenant, x.number("project_id"))
	principal := x.number("user_id")
	m := &models.Membership{TenantID: tenant, State: models.MemberActive, Source: models.MemberManual, JoinedAt: r.Time}
	if at := x.time("created_on"); at != nil {
		m.JoinedAt = *at
	}
	if r.inactive[x.number("project_id")] {
		m.State = models.MemberSuspended
	}
	who := fmt.Sprintf("of %d in %d", principal, x.number("project_id"))
	column := "user_id"
	user := r.known(nounUser, principal)
	group := r.known(nounGroup, principal)
	switch {
	case tenant == 0 || user == 0 && group == 0:
		r.report.note(nounMembership, x.number("id"), who, "is left out: the project or the member is missing")
		return nil, who, nil
	case user != 0:
		m.UserID = &user
		r.BumpTenants([]int64{tenant})
		r.BumpPeople(user)
	default:
		column = "usergroup_id"
		m.UsergroupID = &group
	}
	if r.isNew(nounTenant, tenant) {
		return m, who, nil
	}
	there, err := store.First[models.Membership](r.Where(column+" = ? AND taxonomy_id = ?", user+group, tenant))
	if there != nil {
		r.tie(nounMembership, x.number("id"), there.ID)
		return nil, who, err
	}
	return m, who, err
}

// compare reads everybody once more and compares with what is here now.
func (r *redmine) compare() error {
	return r.eachPeople(func(p *people) error {
		ids := make([]int64, 0, len(p.rows))
		for _, x := range p.rows {
			if id := r.known(nounUser, x.number("id")); id != 0 {
				ids = append(ids, id)
			}
		}
		condition, list := r.Store.InIDs("id", ids)
		var users []models.User
		if err := r.Where(condition, list).Find(&users).Error; err != nil {
			return err
		}
		here := store.IndexByID(users, func(u *models.User) int64 { return u.ID })
		values, err := r.valuesHere(ids)
		if err != nil {
			return err
		}
		groups, err := r.groupsHere(ids)
		if err != nil {
			return err
		}
		for _, x := range p.rows {
			old := x.number("id")
			id := r.known(nounUser, old)
			if id == 0 {
				continue
			}
			r.report.Compared++
			r.report.comparing = true
			what := r.differences(p, x, here[id], values[id], groups[id])
			r.report.comparing = false
			if len(what) > 0 {
				r.report.Different++
				r.report.note(nounUser, old, x.text("login"), "differs here: "+strings.Join(what, ", "))
			}
		}
		return nil
	})
}

func (r *redmine) valuesHere(ids []int64) (map[int64]models.CustomValues, error) {
	condition, list := r.Store.InIDs("user_id", ids)
	var rows []models.CustomValue
	err := r.Where(condition, list).Order("user_id, custom_field_id, place").Find(&rows).Error
	values := map[int64]models.CustomValues{}
	for _, v := range rows {
		if values[*v.UserID] == nil {
			values[*v.UserID] = models.CustomValues{}
		}
		values[*v.UserID][v.CustomFieldID] = append(values[*v.UserID][v.CustomFieldID], v.Value)
	}
	return values, err
}

func (r *redmine) groupsHere(ids []int64) (map[int64][]int64, error) {
	condition, list := r.Store.InIDs("user_id", ids)
	var rows []struct{ UserID, UsergroupID int64 }
	err := r.Table("usergroup_users").Where(condition, list).Order("user_id, usergroup_id").Scan(&rows).Error
	groups := map[int64][]int64{}
	for _, g := range rows {
		groups[g.UserID] = append(groups[g.UserID], g.UsergroupID)
	}
	return groups, err
}

// differences returns what of a user is not as it was read.
func (r *redmine) differences(p *people, x row, here *models.User, values models.CustomValues,
	groups []int64) []string {
	if here == nil {
		return []string{"is missing"}
	}
	old := x.number("id")
	want := r.user(x, p)
	var what []string
	for _, c := range []struct {
		name      string
		want, got any
	}{
		{"login", want.Login, here.Login}, {"first name", want.Firstname, here.Firstname},
		{"last name", want.Lastname, here.Lastname}, {"mail", want.Mail, here.Mail}, {"admin", want.Admin, here.Admin},
		{"status", want.Status(), here.Status()}, {"language", want.Locale, here.Locale},
		{"auth source", want.AuthSourceID, here.AuthSourceID},
		{"custom fields", text(p.custom[old]), text(values)},
		{"groups", r.groupsOf(p, old), store.Without(groups, nil)},
	} {
		if !reflect.DeepEqual(c.want, c.got) {
			what = append(what, c.name)
		}
	}
	return what
}

// groupsOf are the numbers here of the groups that a user has in Redmine.
func (r *redmine) groupsOf(p *people, old int64) []int64 {
	var groups []int64
	for _, g := range p.groups[old] {
		if id := r.known(nounGroup, g); id != 0 {
			groups = append(groups, id)
		}
	}
	slices.Sort(groups)
	return groups
}

func text(values models.CustomValues) string {
	b, _ := json.Marshal(values)
	if len(values) == 0 {
		return "{}"
	}
	return string(b)
}
