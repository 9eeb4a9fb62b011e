package takeover

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"roster/directory/store"
	"roster/models"
)

// owned is an organization that this run brings in, with its owner.
type owned struct {
	tenant *models.Tenant
	id     int64
	// user is the number of the owner there, 0 for none.
	user int64
}

// organizations brings in the organizations.
func (c *cvat) organizations() error {
	list, err := c.all(c.ctx, "SELECT * FROM organizations_organization WHERE "+inRange+" ORDER BY id")
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, x := range list {
		c.report.Read[nounTenant]++
		id := x.number("id")
		if c.known(nounTenant, id) != 0 {
			c.report.Known[nounTenant]++
			continue
		}
		tenant, err := c.organization(x)
		if err != nil {
			return err
		}
		names[tenant.ID] = tenant.Title
		c.owners[tenant.ID] = &owned{tenant: tenant, id: id, user: x.number("owner_id")}
	}
	return c.audit(string(models.OrganizationKind), names)
}

// mostSlug is how many characters CVAT allows in a slug.
const mostSlug = 16

func (c *cvat) organization(x row) (*models.Tenant, error) {
	id := x.number("id")
	slug := x.text("slug")
	name := x.text("name")
	if x.optional("name") == nil && x.optional("slug") != nil {
		name = slug
	}
	name = c.named(nounTenant, id, name)
	tenant := &models.Tenant{Type: models.OrganizationKind, Name: name,
		Description: x.optional("description"), Contact: c.contact(x, name), CreatedAt: c.Time, UpdatedAt: c.Time}
	if at := x.time("created_date"); at != nil {
		tenant.CreatedAt = *at
	}
	if at := x.time("updated_date"); at != nil {
		tenant.UpdatedAt = *at
	}
	if x.optional("slug") == nil {
		slug = models.SlugOf(tenant.Name)
		slug = slug[:min(len(slug), mostSlug)]
		c.report.note(nounTenant, id, tenant.Name, "has no slug: it has become "+slug)
	}
	if err := c.fit(tenant, id, nil, slug, mostSlug); err != nil {
		return nil, err
	}
	tenant.ID = c.place(nounTenant, id, tenant.Name)
	if err := c.Create(tenant).Error; err != nil {
		return nil, err
	}
	return tenant, c.InsertTenantClosure(tenant)
}

// maxContactDepth is how deep what people say of an organization may be nested.
const maxContactDepth = 32

// contact returns what people say about how to reach an organization, nil for nothing.
func (c *cvat) contact(x row, name string) *string {
	text := x.text("contact")
	if text == "" || text == "{}" {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) == nil && object != nil && depth(object) <= maxContactDepth {
		if plain, err := json.Marshal(object); err == nil && len(plain) <= models.MaxText {
			return models.NilIfEmpty(string(plain))
		}
	}
	c.report.note(nounTenant, x.number("id"), name, "the contact is left out: it is no object, or too large")
	return nil
}

// depth is how many objects and lists are within each other.
func depth(value any) int {
	most := 0
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			most = max(most, depth(item))
		}
	case []any:
		for _, item := range v {
			most = max(most, depth(item))
		}
	default:
		return 0
	}
	return most + 1
}

// invitation is one that may be brought in.
type invitation struct {
	models.Invitation
	// taken says that a membership of this run has it.
	taken bool
}

// invitationKeys are what keys look like.
var invitationKeys = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// readInvitations reads the invitations, which say what memberships are.
func (c *cvat) readInvitations() error {
	const table = "organizations_invitation"
	return c.eachIn(table, "SELECT * FROM "+table+" ORDER BY created_date, key", func(x row) error {
		c.report.Read[nounInvitation]++
		key := x.text("key")
		membership := x.number("membership_id")
		i := &invitation{Invitation: models.Invitation{Key: key, SentAt: x.time("sent_date"), CreatedAt: c.Time}}
		if at := x.time("created_date"); at != nil {
			i.CreatedAt = *at
		}
		if owner := c.known(nounUser, x.number("owner_id")); owner != 0 {
			i.OwnerID = &owner
		}
		if c.known(nounMembership, membership) != 0 {
			c.report.Known[nounInvitation]++
			return nil
		}
		taken, err := c.Exists("SELECT 1 FROM invitations WHERE key = ?", key)
		switch {
		case err != nil:
			return err
		case !invitationKeys.MatchString(key):
			c.report.note(nounInvitation, 0, "", "is left out: the key is not of letters and digits")
		case taken:
			c.report.note(nounInvitation, 0, "", "is left out: another one has the key")
		case c.invited[membership] != nil:
			c.report.note(nounInvitation, 0, "", fmt.Sprintf("is left out: the membership %d has two", membership))
		default:
			c.invited[membership] = i
		}
		return nil
	})
}

// invitations brings in the invitations to the memberships of this run.
func (c *cvat) invitations() error {
	var rows []models.Invitation
	stray := 0
	for _, i := range c.invited {
		if !i.taken {
			stray++
			continue
		}
		rows = append(rows, i.Invitation)
		c.report.Written[nounInvitation]++
	}
	if stray > 0 {
		c.report.note(nounInvitation, 0, "", fmt.Sprintf("%d are left out: the memberships are missing", stray))
	}
	slices.SortFunc(rows, func(a, b models.Invitation) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.Key, b.Key))
	})
	return insert(c.writer, rows)
}

// held is a membership of this run with the role of CVAT.
type held struct {
	row  *models.Membership
	role models.OrganizationRole
}

// memberships brings in who belongs to which organization.
func (c *cvat) memberships() error {
	members := map[[2]int64]*held{}
	var list []*held
	err := c.eachByNumber("organizations_membership", func(x row) error {
		c.report.Read[nounMembership]++
		id := x.number("id")
		if c.known(nounMembership, id) != 0 {
			c.report.Known[nounMembership]++
			return nil
		}
		m, err := c.membership(x)
		if m == nil || err != nil {
			return err
		}
		key := [2]int64{*m.row.UserID, m.row.TenantID}
		if first := members[key]; first != nil {
			c.report.note(nounMembership, id, whose(x), fmt.Sprintf("is one more of the same member: %d counts",
				first.row.ID))
			c.tie(nounMembership, id, first.row.ID)
			return nil
		}
		m.row.ID = c.place(nounMembership, id, whose(x))
		if i := c.invited[id]; i != nil {
			i.MembershipID = m.row.ID
			i.taken = true
		}
		members[key] = m
		list = append(list, m)
		return nil
	})
	if err != nil {
		return err
	}
	list = c.ensureOwners(list, members)
	return c.insertMemberships(list)
}

func (c *cvat) insertMemberships(list []*held) error {
	rows := make([]models.Membership, len(list))
	roles := make([][2]int64, len(list))
	for i, m := range list {
		rows[i] = *m.row
		roles[i] = [2]int64{m.row.ID, c.roles[m.role]}
	}
	if err := c.insertMembers(rows); err != nil {
		return err
	}
	return c.link("membership_roles", "membership_id", "role_id", roles)
}

// whose says whose membership a row is, and where.
func whose(x row) string {
	return fmt.Sprintf("of %d in %d", x.number("user_id"), x.number("organization_id"))
}

// membership is the row of a membership here, nil for one that cannot be.
func (c *cvat) membership(x row) (*held, error) {
	id := x.number("id")
	tenant := c.known(nounTenant, x.number("organization_id"))
	user := c.known(nounUser, x.number("user_id"))
	if tenant == 0 || user == 0 {
		c.report.note(nounMembership, id, whose(x), "is left out: the organization or the member is missing")
		return nil, nil
	}
	role := models.OrganizationRole(x.text("role"))
	if !role.Known() {
		c.report.note(nounMembership, id, whose(x), fmt.Sprintf("has the role %q, which nobody knows: is a worker",
			c.cut(nounMembership, id, x.text("role"), "the role")))
		role = models.OrganizationWorker
	}
	m := &held{row: &models.Membership{UserID: &user, TenantID: tenant, State: models.MemberActive,
		Source: models.MemberManual, JoinedAt: c.Time}, role: role}
	if at := c.joined(x, tenant); at != nil {
		m.row.JoinedAt = *at
	}
	invited := c.invited[id] != nil
	if invited || role == models.OrganizationOwner {
		m.row.Source = models.MemberInvitation // nobody there is the master of the account
	}
	if !x.flag("is_active") {
		m.row.State = models.MemberSuspended
		if invited {
			m.row.State = models.MemberInvited
		}
	}
	c.BumpTenants([]int64{tenant})
	c.BumpPeople(user)
	if c.isNew(nounTenant, tenant) {
		return m, nil
	}
	there, err := store.First[models.Membership](c.Where("user_id = ? AND taxonomy_id = ?", user, tenant))
	if there == nil || err != nil {
		return m, err
	}
	c.report.note(nounMembership, id, whose(x), fmt.Sprintf("is the membership %d, which was here", there.ID))
	c.tie(nounMembership, id, there.ID)
	return nil, nil
}

// joined returns since when somebody belongs to an organization: since the membership began, was asked for, or the
// organization began. It returns nil where none of these is known.
func (c *cvat) joined(x row, tenant int64) *time.Time {
	if at := x.time("joined_date"); at != nil {
		return at
	}
	if i := c.invited[x.number("id")]; i != nil {
		return &i.CreatedAt
	}
	if o := c.owners[tenant]; o != nil {
		return &o.tenant.CreatedAt
	}
	return nil
}

// ensureOwners gives the owners of the organizations of this run the role owner there, where the memberships do not say
// so, and returns all memberships.
func (c *cvat) ensureOwners(list []*held, members map[[2]int64]*held) []*held {
	several := map[int64]int{}
	for _, m := range list {
		if m.role == models.OrganizationOwner {
			several[m.row.TenantID]++
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(c.owners)) {
		o := c.owners[tenant]
		user := c.known(nounUser, o.user)
		if o.user == 0 || user == 0 {
			if o.user != 0 {
				c.report.note(nounTenant, o.id, o.tenant.Name, "the owner is missing")
			}
			continue
		}
		m := members[[2]int64{user, tenant}]
		switch {
		case m == nil:
			c.report.note(nounTenant, o.id, o.tenant.Name, "the owner has no membership: one was made")
			m = &held{row: &models.Membership{ID: c.number("memberships"), UserID: &user, TenantID: tenant,
				State: models.MemberActive, Source: models.MemberManual, JoinedAt: o.tenant.CreatedAt}}
			list = append(list, m)
			c.BumpPeople(user)
		case m.role != models.OrganizationOwner:
			c.report.note(nounTenant, o.id, o.tenant.Name, "the owner was held for a "+string(m.role)+": is the owner")
		default:
			several[tenant]--
		}
		m.role = models.OrganizationOwner
		m.row.Source = models.MemberInvitation
		if several[tenant] > 0 {
			c.report.note(nounTenant, o.id, o.tenant.Name, "has several owners: the first member of them is shown")
		}
	}
	return list
}
