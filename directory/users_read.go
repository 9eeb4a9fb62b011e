package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// UserView is a user with everything that dialects show of it. The referenced records are shared and must not be
// changed.
type UserView struct {
	*models.User
	// EffectiveAdmin is the user's own flag or that of any group, however nested.
	EffectiveAdmin                       bool
	AuthSource                           *models.AuthSource
	DefaultLocation, DefaultOrganization *models.Tenant
	// Tenants are the direct assignments, by title.
	Tenants TenantLists
	// Roles are the direct ones but for the default role, by name.
	Roles []*models.Role
	// Groups are the direct ones, AllGroups those and every group that contains them; both by name.
	Groups, AllGroups []*store.Group
	SSHKeys           []models.SSHKey
	MailNotifications []*models.MailNotification
	// CustomFields are those of users that the caller sees, in their order. Custom are the values of this user.
	CustomFields []*models.CustomField
	Custom       models.CustomValues
	// APIKey is the key that a user got who has just been made; empty elsewhere.
	APIKey string
	// FurtherMails are the mail addresses beyond the first, where a user is shown alone.
	FurtherMails []string
	// NotMailed says that the change that this is the answer to should have mailed something, which could not be: no
	// mail server is set, or there is no address.
	NotMailed bool

	snapshot *store.Snapshot
}

// MayViewUsers reports whether the user is an effective administrator, or views users by a role that holds everywhere.
// The role that everybody has does not count.
func (v *UserView) MayViewUsers() bool {
	gives := func(r *models.Role) bool { return v.snapshot.Gives(r.ID, scopes.Users.Can(models.View)) }
	return v.EffectiveAdmin || slices.ContainsFunc(v.Roles, gives) ||
		slices.ContainsFunc(v.AllGroups, func(g *store.Group) bool { return slices.ContainsFunc(g.Roles, gives) })
}

// Users lists the users that the caller may view; see store.Listing for how.
func (s *Service) Users(ctx context.Context, p *models.Principal, q store.ListQuery) (*store.List[*UserView], error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	return store.Listing[listedUser, *UserView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Users, Revision: store.RevisionUsers,
		// The number of visible users is kept, so the list that most callers ask for counts nothing.
		Kept: func() (int64, bool) {
			return p.Seen.UsersTotal, p.Admin && p.Context.LocationID == 0 && p.Context.OrganizationID == 0
		},
		Views: func(rows []listedUser) ([]*UserView, error) { return s.userViews(ctx, p, r, listed(rows), false) },
	}.Read(ctx)
}

// listedUser is a row of a list: it is read without the columns that no list shows, the hash above all.
type listedUser struct{ models.User }

var listedColumns = slices.DeleteFunc(slices.Clone(models.UserColumns), func(c string) bool {
	return slices.Contains([]string{"lower_login", "hidden", "password_hash", "mail_notification"}, c)
})

// Place returns where the user is in the default order of lists.
func (u *listedUser) Place() scopes.Mark {
	return scopes.Mark{Name: scopes.SortName(u.Firstname), ID: u.ID}
}

// Columns returns the columns that lists show.
func (u *listedUser) Columns() []string { return listedColumns }

// Targets returns their places, in the same order.
func (u *listedUser) Targets() []any {
	return []any{
		&u.ID, &u.Login, &u.Firstname, &u.Lastname, &u.Mail, &u.Description, &u.Admin, &u.Disabled, &u.Registered,
		&u.ExpiresAt, &u.Expired, &u.MailEnabled, &u.Timezone, &u.Locale,
		&u.AuthSourceID, &u.DefaultLocationID, &u.DefaultOrganizationID, &u.MustChangePassword,
		&u.PasswordChangedAt, &u.HideMail, &u.SecondFactor, &u.LastLoginOn, &u.CreatedAt, &u.UpdatedAt,
	}
}

func listed(rows []listedUser) []*models.User {
	users := make([]*models.User, len(rows))
	for i := range rows {
		users[i] = &rows[i].User
	}
	return users
}

// userViews puts a page together: the links in one statement, everything they refer to from the snapshot.
func (s *Service) userViews(ctx context.Context, p *models.Principal, r *store.Snapshot, rows []*models.User,
	whole bool) ([]*UserView, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	purpose := store.ForLists
	if whole {
		purpose = store.ForRecords
	}
	all, err := s.LinksOf(ctx, ids, purpose)
	if err != nil {
		return nil, err
	}
	if r, err = s.knowing(ctx, r, all); err != nil {
		return nil, err
	}
	keys, err := rowsOfUsers(ctx, s, all, func(l *store.Links) []int64 { return l.SSHKeys },
		func(k models.SSHKey) int64 { return k.UserID })
	if err != nil {
		return nil, err
	}
	further, err := rowsOfUsers(ctx, s, all, func(l *store.Links) []int64 { return l.FurtherMails },
		func(m models.UserMail) int64 { return m.UserID })
	if err != nil {
		return nil, err
	}
	custom, err := s.customOf(ctx, r, models.CustomUser, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*UserView, len(rows))
	knows := r.VisibleTenants(p)
	shown := shownFields(r, p, models.CustomUser)
	for i, row := range rows {
		views[i] = userView(r, knows, row, all[row.ID], keys[row.ID])
		views[i].CustomFields = shown
		for _, m := range further[row.ID] {
			views[i].FurtherMails = append(views[i].FurtherMails, m.Address)
		}
		views[i].Custom = custom[row.ID]
	}
	return views, nil
}

// knowing returns a snapshot that knows every reference: a role or tenant may be newer than the caller's snapshot.
func (s *Service) knowing(ctx context.Context, r *store.Snapshot, all map[int64]*store.Links) (*store.Snapshot, error) {
	for _, l := range all {
		for _, id := range l.Tenants {
			if r.Tenants[id] == nil {
				return s.LatestSnapshot(ctx)
			}
		}
		for _, id := range l.Roles {
			if r.Roles[id] == nil {
				return s.LatestSnapshot(ctx)
			}
		}
		for _, id := range l.Groups {
			if r.Groups[id] == nil {
				return s.LatestSnapshot(ctx)
			}
		}
	}
	return r, nil
}

// rowsOfUsers reads rows of users that have any, by user; most pages need no statement. of picks the numbers of the
// rows.
func rowsOfUsers[T any](ctx context.Context, s *Service, all map[int64]*store.Links, of func(*store.Links) []int64,
	user func(T) int64) (map[int64][]T, error) {
	var ids []int64
	for _, l := range all {
		ids = append(ids, of(l)...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []T
	cond, value := s.InIDs("id", ids)
	if err := s.Read.WithContext(ctx).Where(cond, value).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	found := map[int64][]T{}
	for _, row := range rows {
		found[user(row)] = append(found[user(row)], row)
	}
	return found, nil
}

// userView renders a user for a caller who knows of some tenants: others are not shown, even by name.
func userView(r *store.Snapshot, knows func(int64) bool, u *models.User, l *store.Links,
	keys []models.SSHKey) *UserView {
	all := r.Around(l.Groups)
	l.Tenants = slices.DeleteFunc(l.Tenants, func(id int64) bool { return !knows(id) })
	v := &UserView{
		User: u, AuthSource: r.Sources[u.AuthSourceID], EffectiveAdmin: u.Admin || r.AnyAdmin(all),
		Tenants: TenantLists{
			models.LocationKind:     r.SortedTenants(l.Tenants, models.LocationKind),
			models.OrganizationKind: r.SortedTenants(l.Tenants, models.OrganizationKind),
		},
		Groups: sortedGroups(r, l.Groups), AllGroups: sortedGroups(r, all),
		SSHKeys: keys, snapshot: r,
	}
	if u.DefaultLocationID != nil && knows(*u.DefaultLocationID) {
		v.DefaultLocation = r.Tenants[*u.DefaultLocationID]
	}
	if u.DefaultOrganizationID != nil && knows(*u.DefaultOrganizationID) {
		v.DefaultOrganization = r.Tenants[*u.DefaultOrganizationID]
	}
	for _, id := range l.Roles {
		if role := r.Roles[id]; role != nil && role.Builtin == 0 {
			v.Roles = append(v.Roles, role)
		}
	}
	slices.SortFunc(v.Roles,
		func(a, b *models.Role) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	for _, id := range l.Mails {
		if m := r.Mails[id]; m != nil {
			v.MailNotifications = append(v.MailNotifications, m)
		}
	}
	return v
}

func sortedGroups(r *store.Snapshot, ids []int64) []*store.Group {
	list := make([]*store.Group, 0, len(ids))
	for _, id := range ids {
		if g := r.Groups[id]; g != nil {
			list = append(list, g)
		}
	}
	slices.SortFunc(list,
		func(a, b *store.Group) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

// User shows one user whom the caller may view, or the caller.
func (s *Service) User(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*UserView, error) {
	u, err := s.findUser(s.Read.WithContext(ctx), p, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return s.userViewOf(ctx, p, u)
}

// CurrentUser shows the caller.
func (s *Service) CurrentUser(ctx context.Context, p *models.Principal) (*UserView, error) {
	if p == nil || p.UserID <= 0 {
		return nil, store.ErrNobody
	}
	return s.User(ctx, p, store.Ref{ID: p.UserID})
}

func (s *Service) userViewOf(ctx context.Context, p *models.Principal, u *models.User) (*UserView, error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	views, err := s.userViews(ctx, p, r, []*models.User{u}, true)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// findUser reads the row that a reference means within what the caller reaches with the action. Whoever has to change
// the password first reaches the own row alone.
func (s *Service) findUser(db *gorm.DB, p *models.Principal, a models.Action, ref store.Ref,
	parents []store.Parent) (*models.User, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	u, err := s.meantUser(db, p, a, ref, parents)
	if err == nil && p.MustChangePassword && u.ID != p.UserID {
		return nil, models.DeniedBecause(models.RuleMustChangePassword)
	}
	return u, err
}

// meantUser does the same for those who need not change it. The caller's own row needs neither permission nor tenant
// (docs/spec/foreman.md, 2.9), except for being deleted.
func (s *Service) meantUser(db *gorm.DB, p *models.Principal, a models.Action, ref store.Ref,
	parents []store.Parent) (*models.User, error) {
	if ref.IsSelf(p) && a != models.Destroy && len(parents) == 0 {
		// The caller's number, unless the caller may know of somebody who is called like that.
		if ref.Name != "" && ref.Name != p.Login && store.Exists(db, p, scopes.Users, ref.Name) {
			return store.Find[models.User](db, p, scopes.Users, a, store.Ref{Name: ref.Name}, nil)
		}
		return store.Take[models.User](db, scopes.Users, store.Ref{ID: p.UserID})
	}
	return store.Find[models.User](db, p, scopes.Users, a, ref, parents)
}
