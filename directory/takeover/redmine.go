package takeover

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roster/directory"
	"roster/directory/seed"
	"roster/directory/store"
	"roster/models"
)

// redmine brings in a database of Redmine, 4.0 or later.
type redmine struct {
	*Source
	*writer
	// inactive are the numbers of archived projects.
	inactive map[int64]bool
	// location is the one in which everybody is; 0 for none.
	location                    int64
	internal, hidden, roleOfAll int64
	fields                      map[int64]*models.CustomField
	// choices are the texts behind the numbers of key/value lists, by field.
	choices map[int64]map[string]string
	total   int
	// unshown are the keys that cannot be sealed.
	unshown int
	// logins are those of the users whom this run has brought in, hashes those of their keys, in small letters.
	logins, hashes map[string]bool
	// members are the memberships that this run brings in, by member and tenant.
	members map[[2]int64]int64
	// made are the numbers here of the rows that this run brought in, by kind.
	made map[string]map[int64]bool
}

// Redmine brings the people of a database of Redmine into the directory: users of all states with their passwords,
// keys, mail addresses and preferences, groups, custom fields, auth sources, projects as organizations, roles, and
// memberships. In an untouched directory every number stays what it was. What cannot be brought in is in the report.
func Redmine(ctx context.Context, dir *directory.Service, from *Source, o Options) (*Report, error) {
	report := newReport(from.Name, "Redmine", o.DryRun)
	for _, table := range []string{"users", "email_addresses", "projects", "members", "member_roles", "roles"} {
		there, err := from.has(ctx, table, "")
		if err != nil {
			return report, err
		}
		if !there {
			return report, fmt.Errorf("this is no database of Redmine: there is no table %s", table)
		}
	}
	err := write(ctx, dir, report, o, func(w *writer) error {
		r := &redmine{Source: from, writer: w, inactive: map[int64]bool{}, fields: map[int64]*models.CustomField{},
			choices: map[int64]map[string]string{}, hashes: map[string]bool{}, members: map[[2]int64]int64{}}
		return r.run()
	})
	return report, err
}

func (r *redmine) run() error {
	most, err := r.greatest()
	if err != nil {
		return err
	}
	if err := r.begin(most); err != nil {
		return err
	}
	if err := r.askAboutLogins(); err != nil {
		return err
	}
	for _, step := range []func() error{
		r.roles, r.ship, r.base, r.sources, r.settings, r.customFields, r.projects, r.groups, r.users, r.noteKeys,
		r.groupUsers, r.customValuesOfGroups, r.memberships, r.compare, r.noteMended,
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

// base finds what everything hangs on, and makes the location that everybody is in where there is none: who is in no
// location sees nobody.
func (r *redmine) base() error {
	if err := r.measure(); err != nil {
		return err
	}
	for kind, id := range map[models.AuthSourceKind]*int64{
		models.InternalSource: &r.internal, models.HiddenSource: &r.hidden,
	} {
		if err := r.Raw("SELECT MIN(id) FROM auth_sources WHERE type = ?", kind).Row().Scan(id); err != nil {
			return err
		}
	}
	if err := r.Raw("SELECT MIN(id) FROM roles WHERE builtin = ?", models.BuiltinDefault).Row().
		Scan(&r.roleOfAll); err != nil {
		return err
	}
	var locations []int64
	err := r.Model(&models.Tenant{}).Where("type = ?", models.LocationKind).Order("id").Pluck("id", &locations).Error
	if err != nil {
		return err
	}
	switch len(locations) {
	case 0:
		location := &models.Tenant{ID: r.number("taxonomies"), Type: models.LocationKind, Name: "Redmine"}
		location.Normalize()
		location.Title = location.Name
		location.CreatedAt = r.Time
		location.UpdatedAt = r.Time
		if err := r.Create(location).Error; err != nil {
			return err
		}
		r.location = location.ID
		r.report.note("location", 0, location.Name, "was made: everybody from Redmine is in it")
		return r.InsertTenantClosure(location)
	case 1:
		r.location = locations[0]
	default:
		r.report.note("location", 0, "", "there are several locations: users from Redmine are in none of them, and "+
			"see nobody until they are")
	}
	return nil
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
		free, err := unique(name, " (Redmine)", func(name string) (bool, error) {
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
		name, err := unique(wanted, " (Redmine)", func(name string) (bool, error) {
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

// sample returns a few of a set, for a note.
func sample(set map[string]bool) string {
	var list []string
	for text := range set {
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list[:min(3, len(list))], ", ")
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

// projects brings in the projects as organizations.
func (r *redmine) projects() error {
	var roles []int64
	for _, pair := range r.pairs {
		if pair.Noun == nounRole {
			roles = append(roles, pair.NewID)
		}
	}
	if err := r.viewing(roles); err != nil {
		return err
	}
	list, err := r.all(r.ctx, "SELECT * FROM projects WHERE "+inRange+" ORDER BY lft, id")
	if err != nil {
		return err
	}
	made := map[int64]*models.Tenant{}
	names := map[int64]string{}
	inherits := true
	ordered, torn := parentsFirst(list)
	for _, x := range torn {
		r.report.note(nounTenant, x.number("id"), x.text("name"), "is below itself: here it is below nothing")
	}
	for _, x := range ordered {
		r.report.Read[nounTenant]++
		inherits = inherits && (x.reference("parent_id") == nil || x.flag("inherit_members"))
		if err := r.project(x, made, names); err != nil {
			return err
		}
	}
	if !inherits {
		r.report.note(nounTenant, 0, "", "roles hold in the projects below as well here, also where Redmine does not "+
			"inherit members")
	}
	return r.audit(string(models.OrganizationKind), names)
}

// parentsFirst orders projects so that each comes after the one above it. One whose parent is missing is a root. Where
// projects are in a circle, one of them becomes a root, too: it is in torn.
func parentsFirst(list []row) (ordered, torn []row) {
	byID := map[int64]bool{}
	for _, x := range list {
		byID[x.number("id")] = true
	}
	done := map[int64]bool{}
	for len(list) > 0 {
		var left []row
		for _, x := range list {
			parent := x.number("parent_id")
			if parent != 0 && !done[parent] && byID[parent] {
				left = append(left, x)
				continue
			}
			done[x.number("id")] = true
			ordered = append(ordered, x)
		}
		if len(left) == len(list) {
			delete(left[0], "parent_id")
			torn = append(torn, left[0])
		}
		list = left
	}
	return ordered, torn
}

// archived is the status of archived projects.
const archived = 9

func (r *redmine) project(x row, made map[int64]*models.Tenant, names map[int64]string) error {
	id := x.number("id")
	if x.number("status") == archived {
		r.inactive[id] = true
	}
	if known := r.known(nounTenant, id); known != 0 {
		r.report.Known[nounTenant]++
		tenant, err := store.First[models.Tenant](r.Where("id = ?", known))
		if tenant != nil {
			made[id] = tenant
		}
		return err
	}
	tenant := &models.Tenant{Type: models.OrganizationKind, Name: r.named(nounTenant, id, x.text("name")),
		Description: x.optional("description"), CreatedAt: r.Time, UpdatedAt: r.Time}
	if at := x.time("created_on"); at != nil {
		tenant.CreatedAt = *at
	}
	if at := x.time("updated_on"); at != nil {
		tenant.UpdatedAt = *at
	}
	if x.flag("is_public") {
		tenant.IgnoreTypes = models.StringList{"User"}
	}
	if err := r.fit(tenant, x, made[x.number("parent_id")]); err != nil {
		return err
	}
	tenant.ID = r.place(nounTenant, id, tenant.Name)
	if r.inactive[id] {
		r.report.note(nounTenant, id, tenant.Name, "is archived: its memberships are suspended")
	}
	if err := r.Create(tenant).Error; err != nil {
		return err
	}
	made[id] = tenant
	names[tenant.ID] = tenant.Title
	return r.InsertTenantClosure(tenant)
}

// fit gives an organization its place in the tree, and a name and a slug that are free there.
func (r *redmine) fit(tenant *models.Tenant, x row, parent *models.Tenant) error {
	identifier := x.text("identifier")
	prefix := ""
	if parent != nil {
		tenant.ParentID = &parent.ID
		ancestry := strings.TrimPrefix(models.Deref(parent.Ancestry)+"/"+fmt.Sprint(parent.ID), "/")
		tenant.Ancestry = &ancestry
		prefix = parent.Title + "/"
	}
	name, err := unique(tenant.Name, " ("+identifier+")", func(name string) (bool, error) {
		return r.Exists("SELECT 1 FROM taxonomies WHERE type = ? AND lower_name = ? AND COALESCE(parent_id, 0) = ?",
			models.OrganizationKind, strings.ToLower(strings.TrimSpace(name)), zeroOr(tenant.ParentID))
	})
	if err != nil {
		return err
	}
	if name != tenant.Name {
		r.report.note(nounTenant, x.number("id"), tenant.Name, "the name is taken beside it: it has become "+name)
	}
	tenant.Name = name
	tenant.Normalize()
	tenant.Title = prefix + tenant.Name
	if strings.TrimSpace(identifier) == "" {
		identifier = fmt.Sprintf("project-%d", x.number("id"))
		r.report.note(nounTenant, x.number("id"), tenant.Name, "has no identifier: it has become "+identifier)
	}
	identifier = r.cut(nounTenant, x.number("id"), identifier, "the identifier")
	slug, err := unique(identifier, "-redmine", func(slug string) (bool, error) {
		return r.Exists("SELECT 1 FROM taxonomies WHERE slug = ?", slug)
	})
	if err != nil {
		return err
	}
	if slug != identifier {
		r.report.note(nounTenant, x.number("id"), tenant.Name, "the identifier is taken: it has become "+slug)
	}
	tenant.Slug = &slug
	if broken := tenant.Validate(); len(broken) > 0 {
		r.report.note(nounTenant, x.number("id"), tenant.Name, breaksRules+broken.String())
	}
	return nil
}

// breaksRules begins the notes of rows that are kept although rules of this server are against it.
const breaksRules = "breaks rules of this server, which ask again when it is changed: "

func zeroOr(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

// subjects are the kinds of custom fields that are brought in.
var subjects = map[string]models.CustomSubject{
	"UserCustomField": models.CustomUser, "GroupCustomField": models.CustomUsergroup,
}

// customFields brings in the definitions for users and groups.
func (r *redmine) customFields() error {
	list, err := r.all(r.ctx, "SELECT * FROM custom_fields WHERE type IN ('UserCustomField', 'GroupCustomField') "+
		"AND "+inRange+" ORDER BY type DESC, position, id")
	if err != nil {
		return err
	}
	position := map[models.CustomSubject]int64{}
	if err := r.lastPositions(position); err != nil {
		return err
	}
	names := map[int64]string{}
	for _, x := range list {
		r.report.Read[nounField]++
		id := x.number("id")
		if known := r.known(nounField, id); known != 0 {
			r.report.Known[nounField]++
			if r.fields[id], err = store.First[models.CustomField](r.Where("id = ?", known)); err != nil {
				return err
			}
			if err := r.readChoices(id, x); err != nil {
				return err
			}
			continue
		}
		f := r.customField(x)
		if err := r.readChoices(id, x); err != nil {
			return err
		}
		if f.Format == models.CustomList && len(f.PossibleValues) == 0 {
			f.PossibleValues = sortedValues(r.choices[id])
		}
		position[f.Subject]++
		f.Position = position[f.Subject]
		f.Name = r.named(nounField, id, f.Name)
		if f.Name, err = unique(f.Name, " (Redmine)", func(name string) (bool, error) {
			return r.Exists("SELECT 1 FROM custom_fields WHERE subject = ? AND fold(name) = fold(?)", f.Subject, name)
		}); err != nil {
			return err
		}
		r.checkField(f, id)
		f.ID = r.place(nounField, id, f.Name)
		if err := r.Create(f).Error; err != nil {
			return err
		}
		r.fields[id] = f
		names[f.ID] = f.Name
	}
	return r.audit("CustomField", names)
}

func (r *redmine) lastPositions(position map[models.CustomSubject]int64) error {
	var last []struct {
		Subject models.CustomSubject
		Last    int64
	}
	err := r.Raw("SELECT subject, MAX(position) AS last FROM custom_fields GROUP BY subject").Scan(&last).Error
	for _, l := range last {
		position[l.Subject] = l.Last
	}
	return err
}

func sortedValues(choices map[string]string) models.StringList {
	var list models.StringList
	for _, text := range choices {
		list = append(list, text)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (r *redmine) customField(x row) *models.CustomField {
	id := x.number("id")
	f := &models.CustomField{
		Subject: subjects[x.text("type")], Name: x.text("name"), Format: models.CustomFormat(x.text("field_format")),
		Pattern: x.text("regexp"), MinLength: x.reference("min_length"), MaxLength: x.reference("max_length"),
		Required: x.flag("is_required"), IsFilter: x.flag("is_filter"), Searchable: x.flag("searchable"),
		Multiple: x.flag("multiple"), DefaultValue: x.optional("default_value"), Visible: x.flag("visible"),
		Editable: x.flag("editable"), PossibleValues: x.list("possible_values"), Description: x.optional("description"),
		CreatedAt: r.Time, UpdatedAt: r.Time,
	}
	switch {
	case f.Format == "enumeration":
		f.Format = models.CustomList
		f.PossibleValues = nil
	case !slices.Contains(models.CustomFormats, f.Format):
		r.report.note(nounField, id, f.Name, fmt.Sprintf("the format %q is kept as a text", f.Format))
		f.Format = models.CustomString
		f.Multiple = false
	}
	if _, err := regexp.Compile(f.Pattern); err != nil {
		r.report.note(nounField, id, f.Name, "its regular expression means nothing here and is left out: "+f.Pattern)
		f.Pattern = ""
	}
	f.Normalize()
	return f
}

// checkField notes the rules of this server that a field breaks. It is kept as it is, but for a default value that no
// new record could have.
func (r *redmine) checkField(f *models.CustomField, id int64) {
	if broken := f.Validate(); len(broken) > 0 {
		r.report.note(nounField, id, f.Name, breaksRules+broken.String())
	}
	if f.DefaultValue != nil && len(f.Check([]string{*f.DefaultValue})) > 0 {
		r.report.note(nounField, id, f.Name, "the default value is left out: the field does not take it")
		f.DefaultValue = nil
	}
}

// readChoices reads the texts of a key/value list.
func (r *redmine) readChoices(field int64, x row) error {
	if x.text("field_format") != "enumeration" {
		return nil
	}
	there, err := r.has(r.ctx, "custom_field_enumerations", "name")
	if err != nil || !there {
		return err
	}
	r.choices[field] = map[string]string{}
	return r.each(r.ctx, "SELECT id, name FROM custom_field_enumerations WHERE custom_field_id = ?", func(x row) error {
		r.choices[field][x.text("id")] = x.text("name")
		return nil
	}, field)
}

// settingsHere are the settings that say the same in both, by the name that Redmine has for them.
var settingsHere = map[string]string{
	"rest_api_enabled": "redmine_rest_api_enabled", "login_required": "redmine_login_required",
	"jsonp_enabled": "redmine_jsonp_enabled", "user_format": "redmine_user_format",
	"gravatar_enabled": "redmine_gravatar_enabled", "unsubscribe": "redmine_unsubscribe",
	"default_users_hide_mail":     "redmine_default_users_hide_mail",
	"default_notification_option": "redmine_default_notification_option",
	"password_min_length":         "password_min_length", "password_max_age": "password_max_age",
	"password_required_char_classes": "password_required_char_classes",
	"email_domains_allowed":          "email_domains_allowed", "email_domains_denied": "email_domains_denied",
}

// settings brings in what Redmine was told about accounts, into a fresh directory only: elsewhere the settings are the
// installation's.
func (r *redmine) settings() error {
	if !r.report.Fresh {
		return nil
	}
	given := map[string]string{"login_required": "0"}
	if err := r.each(r.ctx, "SELECT name, value FROM settings", func(x row) error {
		given[x.text("name")] = x.text("value")
		return nil
	}); err != nil {
		return err
	}
	for from, to := range settingsHere {
		if text, ok := given[from]; ok {
			if err := r.setting(to, text); err != nil {
				return err
			}
		}
	}
	open := store.OpenToNobody
	for kind, who := range []string{store.OpenToMembers, store.OpenToAnybody} {
		x, err := r.builtinRole(kind + 1)
		if err != nil {
			return err
		}
		_, there := x["users_visibility"]
		anonymous := who == store.OpenToAnybody
		if there && x.text("users_visibility") == "all" && (!anonymous || given["login_required"] != "1") {
			open = who
		}
	}
	return r.setting("open_directory", open)
}

// setting stores a setting from a text as Redmine keeps it.
func (r *redmine) setting(name, text string) error {
	given := any(text)
	if strings.HasPrefix(text, "---") {
		list := []any{}
		for _, item := range (row{"value": text}).list("value") {
			list = append(list, item)
		}
		given = list
	} else if strings.HasPrefix(name, "email_domains") {
		given = "[" + text + "]"
	}
	value, err := directory.ParseSetting(name, given)
	if err != nil {
		r.report.note("setting", 0, name, fmt.Sprintf("the value %q means nothing here", text))
		return nil
	}
	return r.Clauses(onConflictNothing).Create(&models.SettingValue{Name: name, Value: value, CreatedAt: r.Time,
		UpdatedAt: r.Time}).Error
}

// askAboutLogins stops where logins exist and nothing is decided about them.
func (r *redmine) askAboutLogins() error {
	if r.o.OnConflict != ConflictAsk {
		return nil
	}
	conflicts := 0
	const query = "SELECT id, login FROM users WHERE type = 'User' AND " + inRange + " ORDER BY id"
	err := r.each(r.ctx, query, func(x row) error {
		if r.known(nounUser, x.number("id")) != 0 {
			return nil
		}
		there, err := r.Exists("SELECT 1 FROM users WHERE lower_login = ?", models.LowerLogin(x.text("login")))
		if there {
			conflicts++
			r.report.note(nounUser, x.number("id"), x.text("login"), "the login exists here")
		}
		return err
	})
	if err == nil && conflicts > 0 {
		err = ErrConflicts
	}
	return err
}

var errNoUsers = errors.New("the database has no users")
