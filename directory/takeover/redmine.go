package takeover

import (
	"context"
	"fmt"
	"strings"

	"roster/directory"
	"roster/directory/seed"
	"roster/directory/store"
	"roster/models"
)

// redmine brings in a database of Redmine, 4.0 or later.
type redmine struct {
	*run
	// inactive are the numbers of archived projects.
	inactive map[int64]bool
	fields   map[int64]*models.CustomField
	// choices are the texts behind the numbers of key/value lists, by field.
	choices map[int64]map[string]string
	// unshown are the keys that cannot be sealed.
	unshown int
	// hashes are those of the keys that this run has brought in.
	hashes map[string]bool
	// members are the memberships that this run brings in, by member and tenant.
	members map[[2]int64]int64
}

// Redmine brings the people of a database of Redmine into the directory: users of all states with their passwords,
// keys, mail addresses and preferences, groups, custom fields, auth sources, projects as organizations, roles, and
// memberships. In an untouched directory every number stays what it was. What cannot be brought in is in the report.
func Redmine(ctx context.Context, dir *directory.Service, from *Source, o Options) (*Report, error) {
	report := newReport(from.Name, "Redmine", o.DryRun, nounRole, nounSource, nounField, nounTenant, nounGroup,
		nounUser, nounMembership)
	err := from.needs(ctx, report.Product, "users", "email_addresses", "projects", "members", "member_roles", "roles")
	if err != nil {
		return report, err
	}
	err = write(ctx, dir, report, o, func(w *writer) error {
		r := &redmine{run: &run{Source: from, writer: w}, inactive: map[int64]bool{},
			fields: map[int64]*models.CustomField{}, choices: map[int64]map[string]string{}, hashes: map[string]bool{},
			members: map[[2]int64]int64{}}
		r.loginComes = r.hasLogin
		return r.takeOver()
	})
	return report, err
}

func (r *redmine) takeOver() error {
	most, err := r.greatest()
	if err != nil {
		return err
	}
	if err := r.begin(most); err != nil {
		return err
	}
	if err := r.askAboutLogins("SELECT id, login FROM users WHERE type = 'User' AND " + inRange +
		" ORDER BY id"); err != nil {
		return err
	}
	for _, step := range []func() error{
		r.roles, r.ship, r.base, r.sources, r.settings, r.customFields, r.projects, r.groups, r.users, r.noteKeys,
		r.groupMembers, r.customValuesOfGroups, r.memberships, r.compare, r.noteMended,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// greatest returns the greatest numbers of the other database, by kind.
func (r *redmine) greatest() (map[string]int64, error) {
	most := map[string]int64{}
	for noun, table := range map[string]string{
		nounUser: "users", nounTenant: "projects", nounRole: "roles", nounField: "custom_fields",
		nounMembership: "members", nounSource: "auth_sources",
	} {
		if err := r.each(r.ctx, "SELECT COALESCE(MAX(id), 0) AS most FROM "+table+" WHERE "+inRange, func(x row) error {
			most[noun] = x.number("most")
			return nil
		}); err != nil {
			return nil, err
		}
		kind := "1 = 1"
		if noun == nounUser {
			kind = "type IN ('User', 'AnonymousUser')"
		}
		if err := r.noteStrays(noun, table, kind); err != nil {
			return nil, err
		}
	}
	most[nounGroup] = most[nounUser]
	return most, r.noteStrays(nounGroup, "users", "type = 'Group'")
}

// sources brings in the LDAP servers.
func (r *redmine) sources() error {
	list, err := r.all(r.ctx, "SELECT * FROM auth_sources WHERE "+inRange+" ORDER BY id")
	if err != nil {
		return err
	}
	for _, x := range list {
		r.report.Read[nounSource]++
		id := x.number("id")
		name := x.text("name")
		if r.known(nounSource, id) != 0 {
			r.report.Known[nounSource]++
			continue
		}
		if x.optional("host") == nil {
			r.report.note(nounSource, id, name, "is left out: it names no server")
			continue
		}
		name = r.named(nounSource, id, name)
		if x.text("type") != "AuthSourceLdap" {
			r.report.note(nounSource, id, name, "is no LDAP server: its users cannot log in before they have another")
		}
		free, err := unique(name, r.suffix(), func(name string) (bool, error) {
			return r.Exists("SELECT 1 FROM auth_sources WHERE name = ?", name)
		})
		if err != nil {
			return err
		}
		if free != name {
			r.report.note(nounSource, id, name, "the name is taken: it has become "+free)
		}
		source := r.ldapSource(x)
		source.ID = r.place(nounSource, id, name)
		source.Name = free
		if err := r.Create(source).Error; err != nil {
			return err
		}
		if err := r.audit("AuthSource", map[int64]string{source.ID: free}); err != nil {
			return err
		}
	}
	return nil
}

func (r *redmine) ldapSource(x row) *models.AuthSource {
	port := x.number("port")
	kind := "posix"
	source := &models.AuthSource{
		Type: models.LdapSource, Host: x.optional("host"), Port: &port, Account: x.optional("account"),
		BaseDN: x.optional("base_dn"), AttrLogin: x.optional("attr_login"),
		AttrFirstname: x.optional("attr_firstname"), AttrLastname: x.optional("attr_lastname"),
		AttrMail: x.optional("attr_mail"), OntheflyRegister: x.flag("onthefly_register"), TLS: x.flag("tls"),
		LdapFilter: x.optional("filter"), ServerType: &kind, CreatedAt: r.Time, UpdatedAt: r.Time,
	}
	id := x.number("id")
	if x.flag("tls") && r.unverified(x) {
		r.report.note(nounSource, id, x.text("name"), "its certificate was not verified: here it is")
	}
	password := x.text("account_password")
	if strings.HasPrefix(password, "aes-256-cbc:") {
		r.report.note(nounSource, id, x.text("name"),
			"its password is encrypted with a key of Redmine's own: enter it anew")
		password = ""
	}
	if password != "" {
		sealed, err := r.dir.Seal(password)
		if err != nil {
			r.report.note(nounSource, id, x.text("name"), "its password cannot be kept without a secret key")
			return source
		}
		source.AccountPassword = &sealed
	}
	return source
}

func (r *redmine) unverified(x row) bool {
	_, there := x["verify_peer"]
	return there && !x.flag("verify_peer")
}

// builtinRoles of Redmine say what people may do who are no members, or nobody: 1 and 2.
func (r *redmine) builtinRole(kind int) (row, error) {
	list, err := r.all(r.ctx, "SELECT * FROM roles WHERE builtin = ?", kind)
	if err != nil || len(list) == 0 {
		return row{}, err
	}
	return list[0], nil
}

// roles brings in the roles with what they say about users: their holders view the people of their projects. All other
// permissions of Redmine mean nothing here.
func (r *redmine) roles() error {
	list, err := r.all(r.ctx, "SELECT * FROM roles WHERE builtin = 0 AND "+inRange+" ORDER BY position, id")
	if err != nil {
		return err
	}
	names := map[int64]string{}
	ignored := map[string]bool{}
	for _, x := range list {
		r.report.Read[nounRole]++
		id := x.number("id")
		if r.known(nounRole, id) != 0 {
			r.report.Known[nounRole]++
			continue
		}
		for _, p := range x.list("permissions") {
			ignored[p] = true
		}
		wanted := r.named(nounRole, id, x.text("name"))
		name, err := unique(wanted, r.suffix(), func(name string) (bool, error) {
			if name == seed.DefaultRole {
				return true, nil
			}
			return r.Exists("SELECT 1 FROM roles WHERE name = ?", name)
		})
		if err != nil {
			return err
		}
		if name != wanted {
			r.report.note(nounRole, id, wanted, "the name is taken: it has become "+name)
		}
		position := x.number("position")
		role := models.Role{ID: r.place(nounRole, id, name), Name: name, Position: &position}
		if err := r.Create(&role).Error; err != nil {
			return err
		}
		names[role.ID] = name
	}
	if len(ignored) > 0 {
		r.report.note(nounRole, 0, "", fmt.Sprintf("%d permissions of Redmine, such as %s, mean nothing here",
			len(ignored), sample(ignored)))
	}
	return r.audit("Role", names)
}

// viewing lets the holders of the roles that were brought in view the people of the tenants in which they hold them.
func (r *redmine) viewing(roles []int64) error {
	var permission int64
	if err := r.Raw("SELECT id FROM permissions WHERE name = 'view_users'").Row().Scan(&permission); err != nil {
		return err
	}
	for _, role := range roles {
		filter := models.Filter{RoleID: role, CreatedAt: r.Time, UpdatedAt: r.Time}
		if err := r.Create(&filter).Error; err != nil {
			return err
		}
		if err := r.AddLinks(store.FilterPermissions, filter.ID, []int64{permission}); err != nil {
			return err
		}
	}
	return nil
}
