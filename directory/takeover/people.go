package takeover

import (
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// chunk is how many users are read and written at a time.
const chunk = 2000

// batchOf are the rows of some users that are written together.
type batchOf struct {
	users  []models.User
	mails  []models.UserMail
	keys   []models.APIKey
	values []models.CustomValue
	tokens []models.AccountToken
	roles  [][2]int64
	in     []models.Membership
	names  map[int64]string
}

// insertPeople writes what was gathered of some users.
func (r *run) insertPeople(b *batchOf) error {
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
		func() error { return r.Clauses(onConflictNothing).CreateInBatches(&b.tokens, batch).Error },
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

// settle decides about a user what becomes of the login and the number, and adds what everybody gets: the role that all
// have, and the location. It reports false for a user who is left out.
func (r *run) settle(u *models.User, id int64, b *batchOf) (bool, error) {
	if has, err := r.ownLogin(u, id); !has || err != nil {
		return false, err
	}
	merged, skip, err := r.conflict(u, id)
	if skip || err != nil {
		return false, err
	}
	r.logins[u.LowerLogin] = true
	if merged != 0 {
		u.ID = merged
		r.tie(nounUser, id, merged)
	} else {
		u.ID = r.place(nounUser, id, u.Login)
		r.checkUser(u, id)
		b.users = append(b.users, *u)
		b.names[u.ID] = u.Login
		b.roles = append(b.roles, [2]int64{u.ID, r.roleOfAll})
	}
	if r.location != 0 {
		member := u.ID
		b.in = append(b.in, models.Membership{ID: r.number("memberships"), UserID: &member, TenantID: r.location,
			State: models.MemberActive, Source: models.MemberManual, JoinedAt: u.CreatedAt})
	}
	return true, nil
}

// conflict decides about a login that exists: it returns the number of the user to merge with, or that the user is left
// out. It may change the login.
func (r *run) conflict(u *models.User, id int64) (merged int64, skip bool, err error) {
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

// rises reports whether a secret of somebody in the other database, admin for an administrator there, would open an
// account here that can do more: that of an administrator.
func (r *run) rises(user int64, admin bool) (bool, error) {
	if admin || r.report.Fresh {
		return false, nil
	}
	return r.Exists("SELECT 1 FROM users u WHERE u.id = ? AND "+scopes.EffectiveAdmin, user)
}

// ofAdministrator is the note of a secret that is left out by that.
const ofAdministrator = " is left out: the user is an administrator here, and was none there"

// checkUser notes the rules of this server that a user breaks. The row is kept as it is.
func (r *run) checkUser(u *models.User, id int64) {
	if broken := u.Validate(models.UserLimits{}); len(broken) > 0 {
		r.report.note(nounUser, id, u.Login, breaksRules+broken.String())
	}
}

// groupUsers brings in who is in which group, from a query of the numbers of groups and of users.
func (r *run) groupUsers(query string) error {
	var pairs [][2]int64
	var joined []int64
	err := r.each(r.ctx, query, func(x row) error {
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

// here returns the numbers here of rows of the other database, in order, without those that were not brought in.
func (r *run) here(noun string, old []int64) []int64 {
	var list []int64
	for _, number := range old {
		if id := r.known(noun, number); id != 0 {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// insertMembers adds memberships.
func (r *run) insertMembers(rows []models.Membership) error {
	for part := range slices.Chunk(rows, batch) {
		if err := r.Omit("SortName").Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}
