package takeover

import (
	"context"
	"fmt"
	"slices"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// cvat brings in a CVAT, 2.0 or later, from a dump or from its database.
type cvat struct {
	*run
	// admins are the numbers of the group that makes its members administrators.
	admins map[int64]bool
	// superusers are the numbers of the users who are administrators there.
	superusers map[int64]bool
	// groupNames are the names of the groups that are brought in, by the number there.
	groupNames map[int64]string
	// roles are the shipped roles that stand for those of organizations.
	roles map[models.OrganizationRole]int64
	// owners are the users who own the organizations that this run brings in, by the number here.
	owners map[int64]*owned
	// invited are the invitations, by the membership there.
	invited map[int64]*invitation
	// keys are the hashes of the tokens that this run brings in.
	keys map[string]bool
	// verified and unverified are further addresses, unverifiedNames some of the latter.
	verified, unverified int
	unverifiedNames      map[string]bool
}

// CVAT brings the people of a CVAT into the directory: users with their passwords, tokens and mail addresses, groups,
// organizations, memberships and invitations. In an untouched directory the numbers of users, organizations,
// memberships and access tokens stay what they were. What cannot be brought in is in the report.
func CVAT(ctx context.Context, dir *directory.Service, from *Source, o Options) (*Report, error) {
	report := newReport(from.Name, "CVAT", o.DryRun, nounTenant, nounGroup, nounUser, nounMembership, nounInvitation,
		nounLogin, nounToken)
	err := from.needs(ctx, report.Product, "auth_user", "auth_group", groupLinks, "organizations_organization",
		"organizations_membership")
	if err != nil {
		return report, err
	}
	err = write(ctx, dir, report, o, func(w *writer) error {
		c := &cvat{run: &run{Source: from, writer: w}, admins: map[int64]bool{}, superusers: map[int64]bool{},
			groupNames: map[int64]string{}, roles: map[models.OrganizationRole]int64{}, owners: map[int64]*owned{},
			invited: map[int64]*invitation{}, keys: map[string]bool{}, unverifiedNames: map[string]bool{}}
		c.loginComes = c.hasLogin
		return c.takeOver()
	})
	return report, err
}

func (c *cvat) takeOver() error {
	c.report.Notes = append(c.report.Notes, c.notes...)
	most, err := c.greatest()
	if err != nil {
		return err
	}
	if err := c.begin(most); err != nil {
		return err
	}
	if err := c.askAboutLogins("SELECT id, username AS login FROM auth_user WHERE " + inRange +
		" ORDER BY id"); err != nil {
		return err
	}
	for _, step := range []func() error{
		c.ship, c.base, c.findRoles, c.settings, c.groups, c.users, c.groupMembers, c.organizations, c.readInvitations,
		c.memberships, c.invitations, c.accessTokens, c.noteAddresses, c.compare, c.noteMended,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// greatest returns the greatest numbers of the other database, by kind.
func (c *cvat) greatest() (map[string]int64, error) {
	most := map[string]int64{}
	for noun, table := range map[string]string{
		nounUser: "auth_user", nounTenant: "organizations_organization", nounMembership: "organizations_membership",
		nounToken: "access_tokens_accesstoken",
	} {
		err := c.eachIn(table, "SELECT COALESCE(MAX(id), 0) AS most FROM "+table+" WHERE "+inRange, func(x row) error {
			most[noun] = x.number("most")
			return c.noteStrays(noun, table, "1 = 1")
		})
		if err != nil {
			return nil, err
		}
	}
	most[nounGroup] = most[nounUser] // from which groups take their numbers
	return most, c.noteStrays(nounGroup, "auth_group", "1 = 1")
}

// eachIn reads rows of a table that older versions lack. The rows are read before fn sees the first, so that fn may
// read others.
func (c *cvat) eachIn(table, query string, fn func(row) error, args ...any) error {
	there, err := c.has(c.ctx, table, "")
	if !there || err != nil {
		return err
	}
	list, err := c.all(c.ctx, query, args...)
	for _, x := range list {
		if err != nil {
			break
		}
		err = fn(x)
	}
	return err
}

// eachByNumber reads the rows of a table that older versions lack in the order of their numbers, some at a time.
func (c *cvat) eachByNumber(table string, fn func(row) error) error {
	last := int64(0)
	for {
		n := 0
		err := c.eachIn(table, fmt.Sprintf("SELECT * FROM %s WHERE "+inRange+" AND id > ? ORDER BY id LIMIT %d", table,
			chunk), func(x row) error {
			n++
			last = x.number("id")
			return fn(x)
		}, last)
		if n < chunk || err != nil {
			return err
		}
	}
}

// findRoles finds the shipped roles that stand for those of organizations.
func (c *cvat) findRoles() error {
	var roles []models.Role
	if err := c.Where("origin = ?", models.OriginCVAT).Find(&roles).Error; err != nil {
		return err
	}
	for i := range roles {
		c.roles[roles[i].OrganizationRole()] = roles[i].ID
	}
	for _, role := range models.OrganizationRoles {
		if c.roles[role] == 0 {
			return fmt.Errorf("the shipped role %q is missing", role)
		}
	}
	return nil
}

// settings leaves those in no group who are in none, in an untouched directory. Elsewhere the settings are the
// installation's.
func (c *cvat) settings() error {
	if !c.report.Fresh {
		c.report.note("setting", 0, "cvat_default_group", "stays what it is: it says in which group those are shown "+
			"who are in none")
		return nil
	}
	value, err := directory.ParseSetting("cvat_default_group", "")
	if err != nil {
		return err
	}
	return c.Clauses(onConflictNothing).Create(&models.SettingValue{Name: "cvat_default_group", Value: value,
		CreatedAt: c.Time, UpdatedAt: c.Time}).Error
}

// The groups that mean something else here than a group of that name.
const (
	adminGroup    = string(models.SystemAdmin)
	businessGroup = "business"
)

// groups brings in the groups. The members of admin become administrators, and those of business are in the group user:
// versions after 2.15 have no other. Groups get numbers of their own, because users have theirs from the same row of
// them.
func (c *cvat) groups() error {
	list, err := c.all(c.ctx, "SELECT * FROM auth_group WHERE "+inRange+" ORDER BY id")
	if err != nil {
		return err
	}
	names := map[int64]string{}
	made := map[string]int64{}
	for _, x := range list {
		c.report.Read[nounGroup]++
		id := x.number("id")
		name := c.named(nounGroup, id, x.text("name"))
		if name == adminGroup {
			c.admins[id] = true
			continue
		}
		if known := c.known(nounGroup, id); known != 0 {
			c.report.Known[nounGroup]++
			continue
		}
		if name == businessGroup {
			c.report.note(nounGroup, id, name, "its members are in the group user")
			name = string(models.SystemUser)
		}
		if made[name] == 0 || !isSystemGroup(name) {
			if made[name], err = c.group(id, name, names); err != nil {
				return err
			}
		}
		c.tie(nounGroup, id, made[name])
	}
	return c.audit("Usergroup", names)
}

func isSystemGroup(name string) bool {
	return slices.Contains([]string{string(models.SystemUser), string(models.SystemWorker)}, name)
}

// group makes a group, and returns its number. The system groups are those of their names that are here, unless these
// give something to their members.
func (c *cvat) group(id int64, wanted string, names map[int64]string) (int64, error) {
	system := isSystemGroup(wanted)
	if system {
		there, err := c.harmless(wanted)
		if there != 0 || err != nil {
			c.report.note(nounGroup, id, wanted, fmt.Sprintf("is the group %d, which was here", there))
			return there, err
		}
	}
	name, err := unique(wanted, c.suffix(), func(name string) (bool, error) {
		there, err := c.Exists("SELECT 1 FROM usergroups WHERE name = ?", name)
		if there || err != nil {
			return there, err
		}
		taken, err := c.nameTaken(name)
		if taken && system {
			c.report.note(nounGroup, id, wanted, "a login is the same: both stay, as the group is found by its name")
			return false, err
		}
		return taken, err
	})
	if err != nil {
		return 0, err
	}
	if name != wanted {
		c.report.note(nounGroup, id, wanted, "the name is taken, by a group or as a login: it has become "+name)
	}
	group := models.Usergroup{ID: c.number("usergroups"), Name: name, CreatedAt: c.Time, UpdatedAt: c.Time}
	if err := c.Create(&group).Error; err != nil {
		return 0, err
	}
	names[group.ID] = name
	c.report.Written[nounGroup]++
	return group.ID, c.link("usergroup_closure", "ancestor_id", "descendant_id", [][2]int64{{group.ID, group.ID}})
}

// nameTaken reports whether somebody here or in CVAT has the name of a group as a login.
func (c *cvat) nameTaken(name string) (bool, error) {
	there, err := c.Exists("SELECT 1 FROM users WHERE login = ?", name)
	if there || err != nil {
		return there, err
	}
	return c.hasLogin(name)
}

// harmless returns the number of a group that is here and gives its members neither roles nor tenants, 0 for none.
func (c *cvat) harmless(name string) (int64, error) {
	group, err := store.First[models.Usergroup](c.Where("name = ?", name))
	if group == nil || err != nil {
		return 0, err
	}
	gives, err := c.Exists("SELECT 1 FROM usergroup_closure k JOIN usergroups g ON g.id = k.ancestor_id WHERE "+
		"k.descendant_id = ? AND (g.admin OR EXISTS (SELECT 1 FROM usergroup_roles r WHERE r.usergroup_id = g.id) OR "+
		"EXISTS (SELECT 1 FROM memberships m WHERE m.usergroup_id = g.id))", group.ID)
	if gives || err != nil {
		return 0, err
	}
	return group.ID, nil
}
