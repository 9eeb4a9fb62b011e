package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// ProvisionedGroup is a group as the identity provider of an organization sees it, without its members.
type ProvisionedGroup struct {
	models.Usergroup
	Link models.ScimLink
}

// Name is how the provider calls the group.
func (g *ProvisionedGroup) Name() string {
	if g.Link.DisplayName != nil {
		return *g.Link.DisplayName
	}
	return g.Usergroup.Name
}

// Version names the state of the group: it changes with each change that the provider sees.
func (g *ProvisionedGroup) Version() string { return linkVersion(&g.Link, g.UpdatedAt) }

// Changed is when the group changed last, as the provider sees it.
func (g *ProvisionedGroup) Changed() time.Time {
	return linkChanged(&g.Link, g.UpdatedAt)
}

// ProvisionedMember is somebody, or a group, in a group.
type ProvisionedMember struct {
	UUID, Display string
	// Group says that it is a group.
	Group bool
}

// ProvisionedGroupChange is what an identity provider wants a group to be; what is not set stays as it is.
type ProvisionedGroupChange struct {
	Name       models.Opt[string]
	ExternalID models.Opt[*string]
	// Extra is a JSON object with everything that means nothing here.
	Extra models.Opt[string]
	// Members are changes of who is in the group, in their order.
	Members []MemberChange
}

// MemberChange brings members into a group or takes them out: those of a list, by their UUIDs; Replace makes them the
// only ones. Who is unknown in the organization is left out.
type MemberChange struct {
	Replace, Leave bool
	UUIDs          []string
}

// ProvisionedGroups lists the groups of the organization for which the caller acts.
func (s *Service) ProvisionedGroups(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*ProvisionedGroup], error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := s.harmfulGroups(ctx, r, organization)
	if err != nil {
		return nil, err
	}
	all, err := s.reading(ctx, p).showsAll(organization)
	if err != nil {
		return nil, err
	}
	return store.Listing[models.Usergroup, *ProvisionedGroup]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.ProvisionedGroups(organization, all, hidden),
		Within: scopes.LinkedGroups(organization, hidden), Revision: store.RevisionUsers,
		Kind: fmt.Sprint(all, hidden), Found: true,
		Views: func(rows []models.Usergroup) ([]*ProvisionedGroup, error) {
			return s.provisionedGroupViews(ctx, organization, rows)
		},
	}.Read(ctx)
}

// harmfulGroups are the ids of the groups of an organization's provider that have got power since. Groups without any
// are not looked at.
func (s *Service) harmfulGroups(ctx context.Context, r *store.Snapshot, organization int64) ([]int64, error) {
	harmful := slices.DeleteFunc(slices.Clone(r.Powerful()),
		func(id int64) bool { return harmless(r, organization, id) })
	if len(harmful) == 0 {
		return nil, nil
	}
	var ids []int64
	condition, value := s.InIDs("usergroup_id", harmful)
	err := s.Read.WithContext(ctx).Model(&models.ScimLink{}).Where("organization_id = ?", organization).
		Where(condition, value).Order("usergroup_id").Pluck("usergroup_id", &ids).Error
	return ids, err
}

func (s *Service) provisionedGroupViews(ctx context.Context, organization int64,
	rows []models.Usergroup) ([]*ProvisionedGroup, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	links, err := s.linksTo(ctx, organization, "usergroup_id", ids)
	if err != nil {
		return nil, err
	}
	views := make([]*ProvisionedGroup, 0, len(rows))
	for _, row := range rows {
		if l := links[row.ID]; l != nil && l.DeletedAt == nil {
			views = append(views, &ProvisionedGroup{Usergroup: row, Link: *l})
		}
	}
	return views, nil
}

// ProvisionedGroup shows one of the groups of the organization for which the caller acts.
func (s *Service) ProvisionedGroup(ctx context.Context, p *models.Principal, id string) (*ProvisionedGroup, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	t := s.reading(ctx, p)
	link, err := t.readLink(organization, models.ProvisionedGroup, id)
	if err != nil {
		return nil, err
	}
	return t.provisionedGroup(t.DB, link)
}

// provisionedGroup reads the group of a link from a statement that may lock its row, as changes have to: audits are
// numbered. A group that has got power since is not found.
func (t *tx) provisionedGroup(db *gorm.DB, link *models.ScimLink) (*ProvisionedGroup, error) {
	missing := models.NotFoundError(store.Subject(models.ProvisionedGroup), link.UUID)
	g, err := store.First[models.Usergroup](db.Where("id = ?", link.UsergroupID))
	if err != nil || g == nil {
		return nil, orMissing(err, missing)
	}
	r, err := t.s.LatestSnapshot(t.Statement.Context)
	if err != nil {
		return nil, err
	}
	if r.Groups[g.ID] != nil && !harmless(r, link.OrganizationID, g.ID) {
		return nil, missing
	}
	return &ProvisionedGroup{Usergroup: *g, Link: *link}, nil
}

// MaxProvisionedMembers bounds the members that are shown of one group.
const MaxProvisionedMembers = 200_000

// MembersOfProvisioned returns who is in a group, users first, as far as the provider may know of them. It returns at
// most so many.
func (s *Service) MembersOfProvisioned(ctx context.Context, p *models.Principal, g *ProvisionedGroup,
	most int) ([]ProvisionedMember, error) {
	members, err := s.usersOfProvisioned(ctx, p, g, most)
	if err != nil {
		return nil, err
	}
	var groups []struct {
		ID         int64
		UUID, Name string
		Display    *string
	}
	err = s.Read.WithContext(ctx).Table("usergroup_usergroups gg").Joins("JOIN usergroups g ON g.id = gg.member_id").
		Joins("JOIN scim_links l ON l.usergroup_id = g.id AND l.organization_id = ? AND l.deleted_at IS NULL",
			g.Link.OrganizationID).
		Where("gg.usergroup_id = ?", g.ID).Order("g.id").Limit(most).
		Select("g.id, l.uuid, g.name, l.display_name AS display").Scan(&groups).Error
	if err != nil {
		return nil, err
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	for _, sub := range groups {
		if !harmless(r, g.Link.OrganizationID, sub.ID) {
			continue // nobody tells the provider what has got power since
		}
		display := sub.Name
		if sub.Display != nil {
			display = *sub.Display
		}
		members = append(members, ProvisionedMember{UUID: sub.UUID, Display: display, Group: true})
	}
	return members[:min(len(members), most)], nil
}

// usersOfProvisioned returns the users in a group, as MembersOfProvisioned does, and gives those a link who have none.
// What it costs follows what it returns, and not the group.
func (s *Service) usersOfProvisioned(ctx context.Context, p *models.Principal, g *ProvisionedGroup,
	most int) ([]ProvisionedMember, error) {
	organization := g.Link.OrganizationID
	all, err := s.reading(ctx, p).showsAll(organization)
	if err != nil {
		return nil, err
	}
	var people []struct {
		ID                  int64
		Login               string
		UUID, DisplayName   *string
		Firstname, Lastname *string
	}
	err = s.Read.WithContext(ctx).Table("usergroup_users gu").Joins("JOIN users ON users.id = gu.user_id").
		Joins("LEFT JOIN scim_links l ON l.user_id = gu.user_id AND l.organization_id = ?", organization).
		Scopes(scopes.Provisioned(organization, all, scopes.ByRow)).Where("gu.usergroup_id = ?", g.ID).
		Order("gu.user_id").Limit(most).
		Select("users.id, l.uuid, users.login, users.firstname, users.lastname, l.display_name").Scan(&people).Error
	if err != nil {
		return nil, err
	}
	var bare []int64
	for _, u := range people {
		if u.UUID == nil {
			bare = append(bare, u.ID)
		}
	}
	links := map[int64]*models.ScimLink{}
	for chunk := range slices.Chunk(bare, linkChunk) {
		made, err := s.ensureLinks(ctx, organization, models.ProvisionedUser, "user_id", chunk)
		if err != nil {
			return nil, err
		}
		maps.Copy(links, made)
	}
	members := make([]ProvisionedMember, 0, len(people))
	for _, u := range people {
		who := models.User{Login: u.Login, Firstname: u.Firstname, Lastname: u.Lastname}
		m := ProvisionedMember{UUID: models.Deref(u.UUID), Display: who.Name()}
		if u.DisplayName != nil {
			m.Display = *u.DisplayName
		}
		if l := links[u.ID]; l != nil {
			m.UUID = l.UUID
		}
		if m.UUID != "" { // or somebody has deleted the user meanwhile
			members = append(members, m)
		}
	}
	return members, nil
}

// linkChunk is how many links are made at a time.
const linkChunk = 1000

// ProvisionGroup makes a group of the organization for which the caller acts.
func (s *Service) ProvisionGroup(ctx context.Context, p *models.Principal,
	c ProvisionedGroupChange) (*ProvisionedGroup, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	var link models.ScimLink
	err = s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(true); err != nil {
			return err
		}
		if err := t.Lock(store.LockNames); err != nil {
			return err
		}
		link = newLink(organization, models.ProvisionedGroup, t.Time)
		link.Provisioned = true
		if err := t.applyGroup(&link, c); err != nil {
			return err
		}
		name, err := t.groupName(organization, models.Deref(link.DisplayName), 0)
		if err != nil {
			return err
		}
		after := &groupState{Usergroup: models.Usergroup{CreatedAt: t.Time, UpdatedAt: t.Time}}
		if err := t.elevated(func() error {
			return t.saveUsergroup(nil, after, UsergroupChange{Name: models.Some(name)})
		}); err != nil {
			return err
		}
		link.UsergroupID = &after.ID
		if err := t.saveLink(nil, &link); err != nil {
			return err
		}
		_, err = t.changeProvisionedMembers(&link, c.Members, nil)
		return err
	})
	if err != nil {
		return nil, taken(err, "name")
	}
	return s.ProvisionedGroup(ctx, p, link.UUID)
}

// applyGroup writes a change into the link of a group. The name is that of no other group of the organization.
func (t *tx) applyGroup(l *models.ScimLink, c ProvisionedGroupChange) error {
	c.ExternalID.Apply(&l.ExternalID)
	c.Extra.Apply(&l.Extra)
	if !c.Name.Set {
		return nil
	}
	name := strings.TrimSpace(c.Name.Value)
	l.DisplayName = &name
	group := models.Usergroup{Name: name}
	errs := group.Validate()
	if len(errs) > 0 {
		return errs.Err()
	}
	taken, err := t.Exists("SELECT 1 FROM scim_links WHERE organization_id = ? AND usergroup_id IS NOT NULL AND "+
		"deleted_at IS NULL AND fold(display_name) = fold(?) AND uuid <> ?", l.OrganizationID, name, l.UUID)
	errs.Check(!taken, "name", models.RuleTaken)
	if err != nil {
		return err
	}
	return errs.Err()
}

// groupName is what a group of a provider is called here: as the provider calls it or, where that is taken, with the
// organization in brackets, and with a number where that is taken, too. A name that gives its members something is for
// no provider.
func (t *tx) groupName(organization int64, name string, group int64) (string, error) {
	tenant, err := store.First[models.Tenant](t.Where("id = ?", organization))
	if err != nil || tenant == nil {
		return name, err
	}
	free := name
	for n := 1; ; n++ {
		used, err := t.Exists("SELECT 1 FROM usergroups WHERE name = ? AND id <> ? "+
			"UNION ALL SELECT 1 FROM users WHERE lower_login = ?", free, group, models.LowerLogin(free))
		if err != nil || !used && models.SystemGroupNamed(free) == "" {
			return free, err
		}
		suffix := " (" + tenant.Title + ")"
		if n > 1 {
			suffix = fmt.Sprintf(" (%s %d)", tenant.Title, n)
		}
		letters := []rune(name)
		letters = letters[:max(0, min(len(letters), models.MaxLabel-len([]rune(suffix))))]
		free = string(letters) + suffix
	}
}

// UpdateProvisionedGroup changes a group of the organization for which the caller acts. change is asked what the group
// is to be, and is asked again where the group has changed meanwhile and asked says so; it may refuse.
func (s *Service) UpdateProvisionedGroup(ctx context.Context, p *models.Principal, id string, strict bool,
	change func(*ProvisionedGroup) (ProvisionedGroupChange, error)) (*ProvisionedGroup, error) {
	g, err := changeShown(p, func() (*ProvisionedGroup, error) { return s.ProvisionedGroup(ctx, p, id) }, change,
		func(g *ProvisionedGroup, c ProvisionedGroupChange) error {
			return s.updateProvisionedGroup(ctx, p, g, c, strict)
		})
	return g, taken(err, "name")
}

// updateProvisionedGroup makes a change, if it is strict only of the group as it was looked at.
func (s *Service) updateProvisionedGroup(ctx context.Context, p *models.Principal, g *ProvisionedGroup,
	c ProvisionedGroupChange, strict bool) error {
	nests := false
	return s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(nests || c.Name.Set); err != nil {
			return err
		}
		if c.Name.Set {
			if err := t.Lock(store.LockNames); err != nil {
				return err
			}
		}
		link, err := t.link(g.Link.OrganizationID, models.ProvisionedGroup, g.Link.UUID)
		if err != nil {
			return err
		}
		now, err := t.provisionedGroup(t.Locking(), link)
		if err != nil {
			return err
		}
		if strict && now.Version() != g.Version() {
			return errOtherVersion
		}
		before := *link
		if err := t.applyGroup(link, c); err != nil {
			return err
		}
		if err := t.renameGroup(now, link); err != nil {
			return err
		}
		moved, err := t.changeProvisionedMembers(link, c.Members, &nests)
		if err != nil {
			return err
		}
		if moved && before == *link {
			link.Version++ // so that the change of members counts as one
			link.UpdatedAt = t.Time
			return t.Overwrite(link)
		}
		return t.saveLink(&before, link)
	})
}

// renameGroup calls a group as its provider does now.
func (t *tx) renameGroup(g *ProvisionedGroup, link *models.ScimLink) error {
	if !link.Provisioned || models.Deref(link.DisplayName) == g.Name() {
		return nil
	}
	name, err := t.groupName(link.OrganizationID, models.Deref(link.DisplayName), g.ID)
	if err != nil || name == g.Usergroup.Name {
		return err
	}
	before, err := t.groupState(&g.Usergroup)
	if err != nil {
		return err
	}
	after := *before
	return t.elevated(func() error { return t.saveUsergroup(before, &after, UsergroupChange{Name: models.Some(name)}) })
}

// changeProvisionedMembers makes changes of who is in a group, and reports whether anything changed. What it costs
// follows the change, and not the group. nests says whether LockGroups is held alone, for which the change is tried
// again where groups come or go; nil says that it is.
func (t *tx) changeProvisionedMembers(link *models.ScimLink, changes []MemberChange, nests *bool) (bool, error) {
	moved := false
	for _, c := range changes {
		users, groups, err := t.membersNamed(link.OrganizationID, c.UUIDs)
		if err != nil {
			return moved, err
		}
		if !c.Leave {
			if users, err = t.knownTo(link.OrganizationID, users); err != nil {
				return moved, err
			}
		}
		did, err := t.changeUsers(link, c, users)
		if err != nil {
			return moved, err
		}
		nested, err := t.changeNested(link, c, groups, nests)
		if err != nil {
			return moved, err
		}
		moved = moved || did || nested
	}
	return moved, nil
}

// membersNamed are the users and groups of an organization that have some UUIDs. Others are left out, and whoever is no
// member any more.
func (t *tx) membersNamed(organization int64, uuids []string) (users, groups []int64, err error) {
	for chunk := range slices.Chunk(models.Distinct(uuids), linkChunk) {
		chunk = slices.DeleteFunc(slices.Clone(chunk), func(id string) bool { return !models.Storable(id) })
		condition, value, err := t.s.InTexts("uuid", chunk)
		if err != nil {
			return nil, nil, err
		}
		var rows []models.ScimLink
		if err := t.Select("user_id", "usergroup_id").Where("organization_id = ? AND deleted_at IS NULL AND "+
			"(user_id IS NULL OR EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = scim_links.user_id AND "+
			"m.taxonomy_id = scim_links.organization_id))", organization).
			Where(condition, value).Find(&rows).Error; err != nil {
			return nil, nil, err
		}
		for _, l := range rows {
			if l.UserID != nil {
				users = append(users, *l.UserID)
			} else if l.UsergroupID != nil {
				groups = append(groups, *l.UsergroupID)
			}
		}
	}
	return users, groups, nil
}

// knownTo keeps those of some users whom an organization's identity provider may know of.
func (t *tx) knownTo(organization int64, users []int64) ([]int64, error) {
	all, err := t.showsAll(organization)
	if err != nil {
		return nil, err
	}
	var known []int64
	for chunk := range slices.Chunk(users, linkChunk) {
		var ids []int64
		condition, value := t.s.InIDs("users.id", chunk)
		err := t.Model(&models.User{}).Scopes(scopes.Provisioned(organization, all, scopes.ByRow)).
			Where(condition, value).Pluck("users.id", &ids).Error
		if err != nil {
			return nil, err
		}
		known = append(known, ids...)
	}
	return known, nil
}

// changeUsers brings users into a group, or takes them out.
func (t *tx) changeUsers(link *models.ScimLink, c MemberChange, users []int64) (bool, error) {
	group := *link.UsergroupID
	var joined, left []int64
	var err error
	condition, value := t.s.InIDs("id", users)
	switch {
	case c.Leave:
		condition, value = t.s.InIDs("user_id", users)
		left, err = t.IDs("DELETE FROM usergroup_users WHERE usergroup_id = ? AND "+condition+" RETURNING user_id",
			group, value)
	default:
		joined, err = t.IDs("INSERT INTO usergroup_users (usergroup_id, user_id) SELECT CAST(? AS BIGINT), id "+
			"FROM users WHERE "+condition+" ON CONFLICT DO NOTHING RETURNING user_id", group, value)
		if err == nil && c.Replace {
			out, gone := t.s.InIDs("user_id", users)
			left, err = t.IDs("DELETE FROM usergroup_users WHERE usergroup_id = ? AND NOT "+out+" AND user_id IN "+
				"(SELECT user_id FROM scim_links WHERE organization_id = ? AND user_id IS NOT NULL) RETURNING user_id",
				group, gone, link.OrganizationID)
		}
	}
	if err != nil || len(joined)+len(left) == 0 {
		return false, err
	}
	t.BumpPeople(append(slices.Clone(joined), left...)...)
	t.Bump(store.RevisionUsers, 0)
	g, err := store.First[models.Usergroup](t.Where("id = ?", group))
	if err != nil || g == nil {
		return false, err
	}
	return true, t.auditMoved(g, joined, left)
}

// changeNested brings groups into a group, or takes them out. Groups that would contain themselves are refused.
func (t *tx) changeNested(link *models.ScimLink, c MemberChange, groups []int64, nests *bool) (bool, error) {
	had, err := t.LinkedIDs(store.UsergroupMembers, *link.UsergroupID)
	if err != nil {
		return false, err
	}
	var wanted []int64
	switch {
	case c.Leave:
		wanted = store.Without(had, groups)
	case c.Replace:
		known, err := t.IDs("SELECT usergroup_id FROM scim_links WHERE organization_id = ? AND usergroup_id IS "+
			"NOT NULL", link.OrganizationID)
		if err != nil {
			return false, err
		}
		wanted = append(store.Without(had, known), groups...)
	default:
		wanted = append(slices.Clone(had), store.Without(groups, had)...)
	}
	if store.SameSet(had, wanted) {
		return false, nil
	}
	if nests != nil && !*nests {
		*nests = true
		return false, store.ErrOvertaken
	}
	g, err := store.First[models.Usergroup](t.Locking().Where("id = ?", link.UsergroupID))
	if err != nil || g == nil {
		return false, err
	}
	before, err := t.groupState(g)
	if err != nil {
		return false, err
	}
	after := *before
	change := UsergroupChange{Members: models.Some(ByIDs(wanted...))}
	return true, t.elevated(func() error { return t.saveUsergroup(before, &after, change) })
}

// DeprovisionGroup deletes a group of the organization for which the caller acts, or only forgets it where the provider
// has not made it. match may refuse the state that the group is in.
func (s *Service) DeprovisionGroup(ctx context.Context, p *models.Principal, id string,
	match func(version string) error) error {
	organization, err := provisionerOf(p)
	if err != nil {
		return err
	}
	return s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(true); err != nil {
			return err
		}
		link, err := t.link(organization, models.ProvisionedGroup, id)
		if err != nil {
			return err
		}
		g, err := t.provisionedGroup(t.Locking(), link)
		if err != nil {
			return err
		}
		if err := match(g.Version()); err != nil {
			return err
		}
		if !link.Provisioned {
			t.Bump(store.RevisionUsers, 0)
			return t.Delete(link).Error
		}
		return t.elevated(func() error {
			state, err := t.groupState(&g.Usergroup)
			if err != nil {
				return err
			}
			return t.deleteUsergroup(state)
		})
	})
}
