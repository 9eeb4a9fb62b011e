package takeover

import (
	"fmt"
	"slices"
	"strings"

	"roster/directory/secret"
	"roster/models"
)

// hasLogin reports whether somebody in CVAT has a login.
func (c *cvat) hasLogin(login string) (bool, error) {
	found := false
	err := c.each(c.ctx, "SELECT 1 FROM auth_user WHERE username = ?", func(row) error {
		found = true
		return nil
	}, login)
	return found, err
}

// annotators are some users of CVAT with what hangs on them.
type annotators struct {
	rows   []row
	groups map[int64][]int64
	mails  map[int64][]row
	tokens map[int64][]row
}

// users brings in the users, some at a time.
func (c *cvat) users() error {
	if err := c.knowLogins(); err != nil {
		return err
	}
	if err := c.count("SELECT COUNT(*) AS total FROM auth_user WHERE " + inRange); err != nil {
		return err
	}
	return c.eachAnnotators(func(p *annotators) error {
		b := &batchOf{names: map[int64]string{}}
		for _, x := range p.rows {
			c.report.Read[nounUser]++
			id := x.number("id")
			c.report.Read[nounLogin] += len(p.tokens[id])
			if x.flag("is_superuser") || slices.ContainsFunc(p.groups[id], func(g int64) bool { return c.admins[g] }) {
				c.superusers[id] = true
			}
			if c.known(nounUser, id) != 0 {
				c.report.Known[nounUser]++
				c.report.Known[nounLogin] += len(p.tokens[id])
				continue
			}
			if err := c.annotator(p, x, b); err != nil {
				return err
			}
		}
		if err := c.insertPeople(b); err != nil {
			return err
		}
		c.progress(len(p.rows))
		return nil
	})
}

// eachAnnotators reads the users in the order of their numbers, some at a time.
func (c *cvat) eachAnnotators(fn func(*annotators) error) error {
	last := int64(0)
	for {
		rows, err := c.all(c.ctx, fmt.Sprintf("SELECT * FROM auth_user WHERE "+inRange+
			" AND id > ? ORDER BY id LIMIT %d", chunk), last)
		if err != nil || len(rows) == 0 {
			return err
		}
		p := &annotators{rows: rows, groups: map[int64][]int64{}, mails: map[int64][]row{}, tokens: map[int64][]row{}}
		first := rows[0].number("id")
		last = rows[len(rows)-1].number("id")
		if err := c.readAnnotators(p, first, last); err != nil {
			return err
		}
		if err := fn(p); err != nil {
			return err
		}
	}
}

func (c *cvat) readAnnotators(p *annotators, first, last int64) error {
	err := c.eachIn(groupLinks, "SELECT user_id, group_id FROM auth_user_groups WHERE user_id BETWEEN ? AND ? "+
		"ORDER BY user_id, group_id", func(x row) error {
		p.groups[x.number("user_id")] = append(p.groups[x.number("user_id")], x.number("group_id"))
		return nil
	}, first, last)
	if err != nil {
		return err
	}
	for table, into := range map[string]struct {
		order string
		rows  map[int64][]row
	}{"account_emailaddress": {"id", p.mails}, "authtoken_token": {"created, key", p.tokens}} {
		err := c.eachIn(table, "SELECT * FROM "+table+" WHERE user_id BETWEEN ? AND ? ORDER BY "+into.order,
			func(x row) error {
				into.rows[x.number("user_id")] = append(into.rows[x.number("user_id")], x)
				return nil
			}, first, last)
		if err != nil {
			return err
		}
	}
	return nil
}

// annotator adds a user to what is written next.
func (c *cvat) annotator(p *annotators, x row, b *batchOf) error {
	id := x.number("id")
	u := c.user(x, p)
	if ok, err := c.settle(&u, id, b); !ok || err != nil {
		return err
	}
	c.addMails(&u, p.mails[id], b)
	return c.addLogins(&u, id, p.tokens[id], b)
}

// user is the row of a user here, without a number.
func (c *cvat) user(x row, p *annotators) models.User {
	id := x.number("id")
	disabled := !x.flag("is_active")
	login := c.cut(nounUser, id, x.text("username"), "the login")
	first := c.cut(nounUser, id, x.text("first_name"), "the first name")
	last := c.cut(nounUser, id, x.text("last_name"), "the last name")
	u := models.User{
		Login: login, Firstname: &first, Lastname: &last, Admin: x.flag("is_superuser"), Disabled: &disabled,
		MailEnabled: new(bool), AuthSourceID: c.internal, LastLoginOn: x.time("last_login"), CreatedAt: c.Time,
		UpdatedAt: c.Time,
	}
	if at := x.time("date_joined"); at != nil {
		u.CreatedAt = *at
	}
	if mail := x.optional("email"); mail != nil && models.TooLong(*mail, models.MaxLabel) {
		c.report.note(nounUser, id, login, "the address is left out: it is too long")
	} else {
		u.Mail = mail
	}
	hash := x.text("password")
	if kept := secret.DjangoHash(hash); kept != "" {
		u.PasswordHash = &kept
	} else if hash != "" && !strings.HasPrefix(hash, "!") {
		c.report.note(nounUser, id, login, "the password is hashed in an unknown way: it lets nobody in")
	}
	c.rank(&u, x, p.groups[id])
	u.Normalize()
	u.Firstname = &first
	u.Lastname = &last
	return u
}

// rank takes what the groups and flags of a user say of the rights in the whole installation.
func (c *cvat) rank(u *models.User, x row, groups []int64) {
	id := x.number("id")
	for _, group := range groups {
		if c.admins[group] && !u.Admin {
			u.Admin = true
			c.report.note(nounUser, id, u.Login, "is in the group admin, but no superuser: is an administrator here")
		}
		if !c.admins[group] && c.known(nounGroup, group) == 0 {
			c.report.note(nounUser, id, u.Login, "is in a group that is missing")
		}
	}
	if x.flag("is_superuser") && !slices.ContainsFunc(groups, func(g int64) bool { return c.admins[g] }) {
		c.report.note(nounUser, id, u.Login, "is a superuser outside of the group admin: is an administrator here")
	}
	if x.flag("is_staff") && !u.Admin {
		c.report.note(nounUser, id, u.Login, "is staff, which follows from rights here: is none")
	}
}

// addMails adds the addresses of a user beyond the first.
func (c *cvat) addMails(u *models.User, mails []row, b *batchOf) {
	for _, x := range mails {
		address := x.optional("email")
		switch {
		case address == nil:
			continue
		case models.TooLong(*address, models.MaxLabel):
			c.report.note(nounUser, x.number("user_id"), u.Login, "an address is left out: it is too long")
			continue
		case x.flag("verified"):
			c.verified++
		default:
			c.unverified++
			if len(c.unverifiedNames) < maxNamed {
				c.unverifiedNames[*address] = true
			}
		}
		if strings.EqualFold(*address, models.Deref(u.Mail)) {
			continue
		}
		b.mails = append(b.mails, models.UserMail{UserID: u.ID, Address: *address,
			LowerAddress: models.LowerLogin(*address), CreatedAt: u.CreatedAt, UpdatedAt: c.Time})
	}
}

// maxNamed is how many unverified addresses are remembered.
const maxNamed = 1000

// noteAddresses notes what this server does not keep of addresses.
func (c *cvat) noteAddresses() error {
	if c.verified+c.unverified > 0 {
		text := fmt.Sprintf("of the addresses that people were to verify, %d are verified and %d are not", c.verified,
			c.unverified)
		if c.unverified > 0 {
			text += ", such as " + sample(c.unverifiedNames)
		}
		c.report.note("address", 0, "", text+": all are kept alike")
	}
	return nil
}

// loginKey is how many characters a login token has.
const loginKey = 40

// addLogins adds the tokens that logins have made.
func (c *cvat) addLogins(u *models.User, id int64, tokens []row, b *batchOf) error {
	rises, err := c.rises(u.ID, u.Admin)
	if err != nil {
		return err
	}
	if rises && len(tokens) > 0 {
		c.report.note(nounUser, id, u.Login, "the login token"+ofAdministrator)
		return nil
	}
	for _, x := range tokens {
		key := x.text("key")
		if !models.ValidAPIKey(key) || len(key) != loginKey {
			c.report.note(nounUser, id, u.Login, "the login token is left out: it is not of 40 letters and digits")
			continue
		}
		hash := secret.TokenHash(key)
		taken := c.keys[hash]
		if !taken && !c.report.Fresh {
			var err error
			if taken, err = c.Exists("SELECT 1 FROM account_tokens WHERE token_hash = ?", hash); err != nil {
				return err
			}
		}
		if taken {
			c.report.note(nounUser, id, u.Login, "the login token is left out: somebody has it already")
			continue
		}
		c.keys[hash] = true
		token := models.AccountToken{TokenHash: hash, UserID: u.ID, Purpose: models.PurposeLogin, CreatedAt: c.Time}
		if at := x.time("created"); at != nil {
			token.CreatedAt = *at
		}
		b.tokens = append(b.tokens, token)
		c.report.Written[nounLogin]++
	}
	return nil
}

// groupMembers brings in who is in which group.
func (c *cvat) groupMembers() error {
	return c.groupUsers("SELECT group_id, user_id FROM auth_user_groups ORDER BY group_id, user_id")
}

// compare reads everybody once more and compares with what is here now.
func (c *cvat) compare() error {
	return c.eachAnnotators(func(p *annotators) error {
		return c.compareSome(p.rows, "username", func(ids []int64) (differences, error) {
			groups, err := c.groupsHere(ids)
			return func(x row, id int64, here *models.User) []string {
				want := c.user(x, p)
				return different([]compared{
					{"login", want.Login, here.Login}, {"first name", want.Firstname, here.Firstname},
					{"last name", want.Lastname, here.Lastname}, {"mail", want.Mail, here.Mail},
					{"admin", want.Admin, here.Admin}, {"status", want.Status(), here.Status()},
					{"joined", want.CreatedAt.Equal(here.CreatedAt) || x.time("date_joined") == nil, true},
					{"groups", c.here(nounGroup, p.groups[x.number("id")]), groups[id]},
				})
			}, err
		})
	})
}
