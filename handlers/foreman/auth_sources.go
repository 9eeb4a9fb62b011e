package foreman

import (
	"roster/directory"
	"roster/models"
	"roster/scopes"
)

// sourceRow is an auth source in the list of all (docs/spec/foreman.md, 5.9).
type sourceRow struct {
	CreatedAt     stamp        `json:"created_at" swaggertype:"string"`
	UpdatedAt     stamp        `json:"updated_at" swaggertype:"string"`
	ID            int64        `json:"id"`
	Type          string       `json:"type"`
	Name          string       `json:"name"`
	Locations     []tenantFull `json:"locations"`
	Organizations []tenantFull `json:"organizations"`
}

// internalRow is an internal source.
type internalRow struct {
	CreatedAt stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp  `json:"updated_at" swaggertype:"string"`
	ID        int64  `json:"id"`
	Name      string `json:"name"`
}

// externalSourceRow is an external source in a list; alone it has its groups too.
type externalSourceRow struct {
	internalRow
	Locations     []tenantFull `json:"locations"`
	Organizations []tenantFull `json:"organizations"`
}

type externalSourceWhole struct {
	externalSourceRow
	ExternalUsergroups []idName `json:"external_usergroups"`
}

// ldapFields are the attributes of an LDAP source. The bind password is never among them.
type ldapFields struct {
	Host             *string `json:"host"`
	Port             *int64  `json:"port"`
	Account          *string `json:"account"`
	BaseDN           *string `json:"base_dn"`
	LdapFilter       *string `json:"ldap_filter"`
	AttrLogin        *string `json:"attr_login"`
	AttrFirstname    *string `json:"attr_firstname"`
	AttrLastname     *string `json:"attr_lastname"`
	AttrMail         *string `json:"attr_mail"`
	AttrPhoto        *string `json:"attr_photo"`
	OntheflyRegister bool    `json:"onthefly_register"`
	UsergroupSync    bool    `json:"usergroup_sync"`
	TLS              bool    `json:"tls"`
	ServerType       *string `json:"server_type"`
	GroupsBase       *string `json:"groups_base"`
	UseNetgroups     bool    `json:"use_netgroups"`
	CreatedAt        stamp   `json:"created_at" swaggertype:"string"`
	UpdatedAt        stamp   `json:"updated_at" swaggertype:"string"`
	ID               int64   `json:"id"`
	Type             string  `json:"type"`
	Name             string  `json:"name"`
}

type ldapRow struct {
	ldapFields
	Locations     []tenantFull `json:"locations"`
	Organizations []tenantFull `json:"organizations"`
}

type ldapWhole struct {
	ldapFields
	ExternalUsergroups []idName     `json:"external_usergroups"`
	Locations          []tenantFull `json:"locations"`
	Organizations      []tenantFull `json:"organizations"`
}

// ldapDump is what a deletion answers, without the bind password.
type ldapDump struct {
	ID               int64    `json:"id"`
	Name             string   `json:"name"`
	Host             *string  `json:"host"`
	Port             *int64   `json:"port"`
	Account          *string  `json:"account"`
	BaseDN           *string  `json:"base_dn"`
	AttrLogin        *string  `json:"attr_login"`
	AttrFirstname    *string  `json:"attr_firstname"`
	AttrLastname     *string  `json:"attr_lastname"`
	AttrMail         *string  `json:"attr_mail"`
	OntheflyRegister bool     `json:"onthefly_register"`
	TLS              bool     `json:"tls"`
	CreatedAt        isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt        isoStamp `json:"updated_at" swaggertype:"string"`
	LdapFilter       *string  `json:"ldap_filter"`
	AttrPhoto        *string  `json:"attr_photo"`
	ServerType       *string  `json:"server_type"`
	GroupsBase       *string  `json:"groups_base"`
	UsergroupSync    bool     `json:"usergroup_sync"`
	UseNetgroups     bool     `json:"use_netgroups"`
}

func (c *call) sourceRow(v *directory.AuthSourceView) sourceRow {
	return sourceRow{CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Type: string(v.Type),
		Name: v.Name, Locations: mapped(v.Tenants[models.LocationKind], tenantFullOf),
		Organizations: mapped(v.Tenants[models.OrganizationKind], tenantFullOf)}
}

func (c *call) internalRow(v *directory.AuthSourceView) internalRow {
	return internalRow{CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Name: v.Name}
}

func (c *call) externalSourceRow(v *directory.AuthSourceView) externalSourceRow {
	return externalSourceRow{c.internalRow(v), mapped(v.Tenants[models.LocationKind], tenantFullOf),
		mapped(v.Tenants[models.OrganizationKind], tenantFullOf)}
}

func (c *call) externalSourceWhole(v *directory.AuthSourceView) externalSourceWhole {
	return externalSourceWhole{c.externalSourceRow(v), mapped(v.Externals, externalRef)}
}

func (c *call) ldapFields(v *directory.AuthSourceView) ldapFields {
	return ldapFields{
		Host: v.Host, Port: v.Port, Account: v.Account, BaseDN: v.BaseDN, LdapFilter: v.LdapFilter,
		AttrLogin: v.AttrLogin, AttrFirstname: v.AttrFirstname,
		AttrLastname: v.AttrLastname, AttrMail: v.AttrMail, AttrPhoto: v.AttrPhoto,
		OntheflyRegister: v.OntheflyRegister, UsergroupSync: v.UsergroupSync,
		TLS: v.TLS, ServerType: v.ServerType, GroupsBase: v.GroupsBase, UseNetgroups: v.UseNetgroups,
		CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Type: string(v.Type), Name: v.Name,
	}
}

func (c *call) ldapRow(v *directory.AuthSourceView) ldapRow {
	return ldapRow{c.ldapFields(v), mapped(v.Tenants[models.LocationKind], tenantFullOf),
		mapped(v.Tenants[models.OrganizationKind], tenantFullOf)}
}

func (c *call) ldapWhole(v *directory.AuthSourceView) ldapWhole {
	return ldapWhole{ldapFields: c.ldapFields(v), ExternalUsergroups: mapped(v.Externals, externalRef),
		Locations:     mapped(v.Tenants[models.LocationKind], tenantFullOf),
		Organizations: mapped(v.Tenants[models.OrganizationKind], tenantFullOf)}
}

func (c *call) ldapDump(v *models.AuthSource) ldapDump {
	return ldapDump{
		ID: v.ID, Name: v.Name, Host: v.Host, Port: v.Port, Account: v.Account, BaseDN: v.BaseDN,
		AttrLogin: v.AttrLogin, AttrFirstname: v.AttrFirstname, AttrLastname: v.AttrLastname, AttrMail: v.AttrMail,
		OntheflyRegister: v.OntheflyRegister, TLS: v.TLS,
		CreatedAt: c.iso(v.CreatedAt), UpdatedAt: c.iso(v.UpdatedAt), LdapFilter: v.LdapFilter, AttrPhoto: v.AttrPhoto,
		ServerType: v.ServerType, GroupsBase: v.GroupsBase, UsergroupSync: v.UsergroupSync,
		UseNetgroups: v.UseNetgroups,
	}
}

// ldapUnwrapped may stand at the top level of a body without the root key (docs/spec/foreman.md, 3.1).
var ldapUnwrapped = []string{
	"account", "account_password", "attr_firstname", "attr_lastname", "attr_login", "attr_mail", "attr_photo",
	"base_dn", "groups_base", "host", "ldap_filter",
	"name", "onthefly_register", "port", "server_type", "tls", "usergroup_sync", "use_netgroups",
	"locations", "organizations", "location_ids", "location_names", "organization_ids", "organization_names",
}

func (c *call) sourceChange(root string, unwrapped []string) (directory.AuthSourceChange, error) {
	var s directory.AuthSourceChange
	a, err := c.root(root, unwrapped)
	if err != nil {
		return s, err
	}
	a.word("name", &s.Name)
	for name, to := range map[string]*models.Opt[*string]{
		"host": &s.Host, "account": &s.Account, "account_password": &s.AccountPassword, "base_dn": &s.BaseDN,
		"ldap_filter": &s.LdapFilter,
		"attr_login":  &s.AttrLogin, "attr_firstname": &s.AttrFirstname, "attr_lastname": &s.AttrLastname,
		"attr_mail":  &s.AttrMail,
		"attr_photo": &s.AttrPhoto, "server_type": &s.ServerType, "groups_base": &s.GroupsBase,
	} {
		a.str(name, to)
	}
	a.str("port", &s.Port)
	a.firmFlag("onthefly_register", &s.OntheflyRegister)
	a.firmFlag("tls", &s.TLS)
	a.firmFlag("usergroup_sync", &s.UsergroupSync)
	a.firmFlag("use_netgroups", &s.UseNetgroups)
	s.Tenants, err = a.tenants()
	return s, err
}

// sources is the resource of the route.
func (c *call) sources() *scopes.Resource { return scopes.Named(c.route.Resource) }

// sourceRef reads the id of a path: only LDAP sources are found by name (docs/spec/foreman.md, 2.9).
func (c *call) sourceRef() directory.Ref {
	if c.route.Resource == "auth_source_ldaps" {
		return namedRef(c.pathID())
	}
	ref := numberRef(c.pathID())
	if ref.ID != 0 {
		ref.Name = ""
	}
	return directory.Ref{ID: ref.ID}
}

var sourceParents = []string{"location_id", "organization_id"}

// sourcesIndex lists sources of the route's kinds.
func sourcesIndex[W any](api *API, render func(*call, *directory.AuthSourceView) W) func(*call) error {
	return func(c *call) error {
		q, err := c.listQuery(sourceParents...)
		if err != nil {
			return err
		}
		l, err := api.dir.AuthSources(c.ctx(), c.p, c.sources(), q)
		return list(c, q, l, err, func(v *directory.AuthSourceView) W { return render(c, v) })
	}
}

// sourcesShow shows one source of the route's kinds.
func sourcesShow[W any](api *API, render func(*call, *directory.AuthSourceView) W) func(*call) error {
	return func(c *call) error {
		parents, err := c.parents()
		if err != nil {
			return err
		}
		v, err := api.dir.AuthSource(c.ctx(), c.p, c.sources(), c.sourceRef(), parents...)
		return ok(c, v, err, func(v *directory.AuthSourceView) W { return render(c, v) })
	}
}

func (api *API) externalSourcesUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.sourceChange("auth_source_external", []string{"name"})
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateAuthSource(c.ctx(), c.p, c.sources(), c.sourceRef(), change, parents...)
	return ok(c, v, err, c.externalSourceWhole)
}

func (api *API) ldapsCreate(c *call) error {
	change, err := c.sourceChange("auth_source_ldap", ldapUnwrapped)
	if err != nil {
		return err
	}
	v, err := api.dir.CreateLdapSource(c.ctx(), c.p, change)
	c.warnOfTenants(v, err)
	return created(c, v, err, c.ldapWhole)
}

// warnOfTenants tells that people whom a source brings in would belong nowhere, and see nobody.
func (c *call) warnOfTenants(v *directory.AuthSourceView, err error) {
	if err != nil || !v.OntheflyRegister {
		return
	}
	if len(v.Tenants[models.LocationKind])+len(v.Tenants[models.OrganizationKind]) == 0 {
		c.warn("the source has no organization or location: users whom it creates belong to none")
	}
}

func (api *API) ldapsUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.sourceChange("auth_source_ldap", ldapUnwrapped)
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateAuthSource(c.ctx(), c.p, c.sources(), c.sourceRef(), change, parents...)
	c.warnOfTenants(v, err)
	return ok(c, v, err, c.ldapWhole)
}

func (api *API) ldapsDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	a, err := api.dir.DeleteLdapSource(c.ctx(), c.p, c.sourceRef(), parents...)
	return ok(c, a, err, c.ldapDump)
}

// ldapTest is the outcome of trying a connection. It is 200 whatever the outcome is (docs/spec/foreman.md, 5.9).
type ldapTest struct {
	ID      int64  `json:"id"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Success bool   `json:"success"`
	Message string `json:"message"`
}

func (api *API) ldapsTest(c *call) error {
	a, trouble, err := api.dir.TestLdapSource(c.ctx(), c.p, c.sourceRef())
	return ok(c, a, err, func(a *models.AuthSource) ldapTest {
		if trouble != nil {
			return ldapTest{ID: a.ID, Type: string(a.Type), Name: a.Name, Success: false,
				Message: "ERF64-6496 [Foreman::WrappedException]: Unable to connect to LDAP server (" +
					printable(sentence("", *trouble)) + ")"}
		}
		return ldapTest{ID: a.ID, Type: string(a.Type), Name: a.Name, Success: true,
			Message: "Test connection to LDAP server was successful."}
	})
}

// The renderings of sources, as functions of the call.
var (
	callSourceRow           = (*call).sourceRow
	callInternalRow         = (*call).internalRow
	callExternalSourceRow   = (*call).externalSourceRow
	callExternalSourceWhole = (*call).externalSourceWhole
	callLdapRow             = (*call).ldapRow
	callLdapWhole           = (*call).ldapWhole
)
