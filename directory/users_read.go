package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// UserView is a user with everything that dialects show of it. The referenced records are shared and must not be
// changed.
type UserView struct {
	models.User
	// EffectiveAdmin is the user's own flag or that of any group, however nested.
	EffectiveAdmin                       bool
	AuthSource                           *models.AuthSource
	DefaultLocation, DefaultOrganization *models.Taxonomy
	// Locations and Organizations are the direct assignments, by title.
	Locations, Organizations []*models.Taxonomy
	// Roles are the direct ones but for the default role, by name.
	Roles []*models.Role
	// Groups are the direct ones, AllGroups those and every group that contains them; both by name.
	Groups, AllGroups []*Group
	SSHKeys           []models.SSHKey
	MailNotifications []*models.MailNotification
}

// UserRef names one user as callers do: by id, by login, or by a text that may be either (the id is tried first).
type UserRef struct {
	ID    int64
	Login string
}

// String is the reference as an error shows it.
func (r UserRef) String() string {
	if r.Login != "" {
		return r.Login
	}
	return strconv.FormatInt(r.ID, 10)
}

// isSelf tells whether the reference means the caller (spec, section 2.9).
func (r UserRef) isSelf(p *models.Principal) bool {
	return p.UserID > 0 && (r.ID == p.UserID || r.Login == p.Login)
}

// ListQuery is what every list may be asked for.
type ListQuery struct {
	// Search is a query of the search language, Order one of its fields with an optional direction; blank for none.
	Search, Order string
	// Page starts at 1. PerPage 0 means all rows.
	Page, PerPage int64
	// Parents restrict the list to the rows inside something; see the nouns' verbs.
	Parents []Parent
}

// Parent is a record whose rows a nested list shows.
type Parent struct {
	// Kind is the parent's class: Usergroup, Role, Location, Organization, AuthSource, User, Filter.
	Kind string
	ID   int64
}

// Totals count a list: all rows that the caller may see, and those that match the search.
type Totals struct {
	Total, Subtotal int64
}

// Users lists the users that the caller may view: head is called once with the totals, then each for every user in
// order. Memory is bounded whatever PerPage is: rows are read as they are consumed.
func (s *Service) Users(ctx context.Context, p *models.Principal, q ListQuery, head func(Totals) error, each func(*UserView) error) error {
	if err := require(p, "view_users"); err != nil {
		return err
	}
	list := userList{s: s, p: p, q: q}
	totals, err := list.totals(ctx)
	if err != nil {
		return queryError(err)
	}
	r, err := s.refsAt(ctx, p.Seen.Refs)
	if err != nil {
		return err
	}
	if q.PerPage == 0 || q.PerPage > streamFrom {
		return list.stream(ctx, r, totals, head, each)
	}
	return list.page(ctx, r, totals, head, each)
}

// streamFrom is the page size above which rows are streamed instead of collected.
const streamFrom = 1000

// userList is one list request.
type userList struct {
	s *Service
	p *models.Principal
	q ListQuery
}

// rows selects what the caller may see, without the search.
func (l *userList) rows(db *gorm.DB) *gorm.DB {
	db = db.Model(&models.User{}).Scopes(scopes.NotHidden, scopes.Visible(l.p, scopes.Users), scopes.Authorized(l.p, "view_users", scopes.Users))
	for _, parent := range l.q.Parents {
		db = db.Scopes(scopes.UsersOf(parent.Kind, parent.ID))
	}
	return db
}

func (l *userList) matching(db *gorm.DB) *gorm.DB {
	return l.rows(db).Scopes(scopes.Matching(l.p, scopes.Users, l.q.Search))
}

func (l *userList) searching() bool { return strings.TrimSpace(l.q.Search) != "" }

// pool gives the handle to read with: searches have a pool of their own, see config.
func (l *userList) pool(ctx context.Context) *gorm.DB {
	if l.searching() {
		return l.s.find.WithContext(ctx)
	}
	return l.s.read.WithContext(ctx)
}

// totals counts, unless the numbers are kept or remembered.
func (l *userList) totals(ctx context.Context) (Totals, error) {
	var t Totals
	var err error
	if t.Total, err = l.total(ctx); err != nil || !l.searching() {
		t.Subtotal = t.Total
		return t, err
	}
	t.Subtotal, err = l.s.counts.get(l.key(l.q.Search), func() (int64, error) {
		var n int64
		err := l.matching(l.pool(ctx)).Count(&n).Error
		return n, err
	})
	return t, err
}

func (l *userList) total(ctx context.Context) (int64, error) {
	if l.unrestricted() {
		return l.p.Seen.UsersTotal, nil
	}
	return l.s.counts.get(l.key(""), func() (int64, error) {
		var n int64
		err := l.rows(l.s.read.WithContext(ctx)).Count(&n).Error
		return n, err
	})
}

// unrestricted tells whether the caller's list is the whole table, whose size is kept.
func (l *userList) unrestricted() bool {
	return l.p.Admin && l.p.Context.LocationID == 0 && l.p.Context.OrganizationID == 0 && len(l.q.Parents) == 0
}

// key names a count: who counts, in which context, under which parents, with which query, at which state of the
// directory. Queries about time mean something else each moment and are never remembered.
func (l *userList) key(search string) string {
	if scopes.TellsTime(scopes.Users, search) {
		return ""
	}
	return fmt.Sprint("users", l.p.Seen.Users, l.p.Seen.Refs, l.p.UserID, l.p.Context.LocationID, l.p.Context.OrganizationID, l.q.Parents, search)
}

func (l *userList) page(ctx context.Context, r *refs, t Totals, head func(Totals) error, each func(*UserView) error) error {
	var rows []models.User
	db := l.matching(l.pool(ctx)).Scopes(scopes.Ordered(l.p, scopes.Users, l.q.Order), scopes.Page(l.q.Page, l.q.PerPage))
	if err := db.Find(&rows).Error; err != nil {
		return queryError(err)
	}
	views, err := l.s.userViews(ctx, r, rows, false)
	if err != nil {
		return err
	}
	if err := head(t); err != nil {
		return err
	}
	for _, v := range views {
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}

// stream reads the rows through one open statement, and the links of each chunk beside it. Only a few streams run at
// once, so that there is always a connection left for the links. The statement is opened before head, so that its errors become answers.
func (l *userList) stream(ctx context.Context, r *refs, t Totals, head func(Totals) error, each func(*UserView) error) error {
	db := l.matching(l.s.find.WithContext(ctx)).Scopes(scopes.Ordered(l.p, scopes.Users, l.q.Order))
	if l.q.PerPage != 0 {
		db = db.Scopes(scopes.Page(l.q.Page, l.q.PerPage))
	}
	if err := l.s.streams.enter(ctx); err != nil {
		return err
	}
	defer l.s.streams.leave()
	rows, err := db.Rows()
	if err != nil {
		return queryError(err)
	}
	defer rows.Close()
	if err := head(t); err != nil {
		return err
	}
	chunk := make([]models.User, 0, streamChunk)
	flush := func() error {
		views, err := l.s.userViews(ctx, r, chunk, false)
		for _, v := range views {
			if err = each(v); err != nil {
				break
			}
		}
		chunk = chunk[:0]
		return err
	}
	for rows.Next() {
		var u models.User
		if err := l.s.find.ScanRows(rows, &u); err != nil {
			return err
		}
		if chunk = append(chunk, u); len(chunk) == streamChunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return flush()
}

const streamChunk = 500

// userViews puts a page together: the links in one statement, everything they refer to from the snapshot.
func (s *Service) userViews(ctx context.Context, r *refs, rows []models.User, whole bool) ([]*UserView, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	all, err := s.linksOf(ctx, s.read, ids, whole)
	if err != nil {
		return nil, err
	}
	if r, err = s.knowing(ctx, r, all); err != nil {
		return nil, err
	}
	keys, err := s.sshKeysOf(ctx, all)
	if err != nil {
		return nil, err
	}
	views := make([]*UserView, len(rows))
	for i := range rows {
		views[i] = r.userView(&rows[i], all[rows[i].ID], keys[rows[i].ID])
	}
	return views, nil
}

// knowing gives a snapshot that knows every reference: a role or tenant may be newer than the caller's snapshot.
func (s *Service) knowing(ctx context.Context, r *refs, all map[int64]*links) (*refs, error) {
	for _, l := range all {
		for _, id := range l.taxonomies {
			if r.taxonomies[id] == nil {
				return s.latestRefs(ctx)
			}
		}
		for _, id := range l.roles {
			if r.roles[id] == nil {
				return s.latestRefs(ctx)
			}
		}
		for _, id := range l.groups {
			if r.groups[id] == nil {
				return s.latestRefs(ctx)
			}
		}
	}
	return r, nil
}

// sshKeysOf reads the keys of the users that have any; most pages need no statement.
func (s *Service) sshKeysOf(ctx context.Context, all map[int64]*links) (map[int64][]models.SSHKey, error) {
	var ids []int64
	for _, l := range all {
		ids = append(ids, l.sshKeys...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []models.SSHKey
	cond, value := s.among("id", ids)
	if err := s.read.WithContext(ctx).Where(cond, value).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	keys := map[int64][]models.SSHKey{}
	for _, k := range rows {
		keys[k.UserID] = append(keys[k.UserID], k)
	}
	return keys, nil
}

func (r *refs) userView(u *models.User, l *links, keys []models.SSHKey) *UserView {
	all := r.containing(l.groups)
	v := &UserView{
		User: *u, AuthSource: r.sources[u.AuthSourceID], EffectiveAdmin: u.Admin || r.adminGroup(all),
		Locations:     r.sortedTaxonomies(l.taxonomies, models.LocationKind),
		Organizations: r.sortedTaxonomies(l.taxonomies, models.OrganizationKind),
		Groups:        r.sortedGroups(l.groups), AllGroups: r.sortedGroups(all),
		SSHKeys: keys,
	}
	if u.DefaultLocationID != nil {
		v.DefaultLocation = r.taxonomies[*u.DefaultLocationID]
	}
	if u.DefaultOrganizationID != nil {
		v.DefaultOrganization = r.taxonomies[*u.DefaultOrganizationID]
	}
	for _, id := range l.roles {
		if role := r.roles[id]; role != nil && role.Builtin == 0 {
			v.Roles = append(v.Roles, role)
		}
	}
	slices.SortFunc(v.Roles, func(a, b *models.Role) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	for _, id := range l.mails {
		if m := r.mails[id]; m != nil {
			v.MailNotifications = append(v.MailNotifications, m)
		}
	}
	return v
}

func (r *refs) sortedGroups(ids []int64) []*Group {
	list := make([]*Group, 0, len(ids))
	for _, id := range ids {
		if g := r.groups[id]; g != nil {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *Group) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

// User shows one user: one that the caller may view, or the caller.
func (s *Service) User(ctx context.Context, p *models.Principal, ref UserRef, parents ...Parent) (*UserView, error) {
	u, err := s.findUser(s.read.WithContext(ctx), p, "view_users", ref, parents)
	if err != nil {
		return nil, err
	}
	return s.userViewOf(ctx, p, u)
}

// CurrentUser shows the caller.
func (s *Service) CurrentUser(ctx context.Context, p *models.Principal) (*UserView, error) {
	if p == nil || p.UserID <= 0 {
		return nil, errNobody
	}
	return s.User(ctx, p, UserRef{ID: p.UserID})
}

func (s *Service) userViewOf(ctx context.Context, p *models.Principal, u *models.User) (*UserView, error) {
	r, err := s.refsAt(ctx, p.Seen.Refs)
	if err != nil {
		return nil, err
	}
	views, err := s.userViews(ctx, r, []models.User{*u}, true)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// findUser reads the row that a reference means within what the permission covers. The caller's own row needs neither
// permission nor tenant (spec, section 2.9), except for being deleted.
func (s *Service) findUser(db *gorm.DB, p *models.Principal, permission string, ref UserRef, parents []Parent) (*models.User, error) {
	if p == nil || p.UserID == 0 {
		return nil, errNobody
	}
	if ref.isSelf(p) && permission != "destroy_users" && len(parents) == 0 {
		return s.takeUser(db, p, UserRef{ID: p.UserID})
	}
	if err := require(p, permission); err != nil {
		return nil, err
	}
	db = db.Scopes(scopes.NotHidden, scopes.Visible(p, scopes.Users), scopes.Authorized(p, permission, scopes.Users))
	for _, parent := range parents {
		db = db.Scopes(scopes.UsersOf(parent.Kind, parent.ID))
	}
	return s.takeUser(db.Session(&gorm.Session{}), p, ref)
}

// takeUser tries the id first and the login after that.
func (s *Service) takeUser(db *gorm.DB, p *models.Principal, ref UserRef) (*models.User, error) {
	if ref.ID > 0 {
		u, err := first[models.User](db.Where("users.id = ?", ref.ID))
		if u != nil || err != nil {
			return u, err
		}
	}
	if ref.Login != "" && models.Storable(ref.Login) {
		u, err := first[models.User](db.Where("users.login = ?", ref.Login))
		if u != nil || err != nil {
			return u, err
		}
	}
	return nil, models.NotFoundError("user", ref.String())
}

// require refuses a caller who holds none of the permissions.
func require(p *models.Principal, permissions ...string) error {
	if p == nil || p.UserID == 0 {
		return errNobody
	}
	if slices.ContainsFunc(permissions, p.Can) {
		return nil
	}
	return models.Denied(permissions...)
}
