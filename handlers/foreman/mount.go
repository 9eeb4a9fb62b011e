package foreman

import (
	"slices"
	"strings"

	"roster/models"
	"roster/scopes"
)

// Route is one line of the dialect's table of contents.
type Route struct {
	Method, Path string
	// Resource and Action name the operation in the documentation.
	Resource, Action string
	Access           Access

	handler func(*call) error
}

// Access is who may call a route. The zero Access lets no caller in.
type Access struct {
	// Anybody may call, without an account.
	Anybody bool
	// Anyone with an account may call; the verb decides what they get.
	AnyAccount bool
	// Permissions are those of which a caller needs one.
	Permissions []string
	// Instead are permissions of Roster's own that allow a part of what the route does. The verb decides about them,
	// and a refusal does not name them.
	Instead []string
	// Self exempts callers who ask about their own record, which the directory checks.
	Self bool
}

var (
	anybody    = Access{Anybody: true}
	anyAccount = Access{AnyAccount: true}
)

// can asks for one permission.
func can(permission string) Access { return Access{Permissions: []string{permission}} }

// may asks for the permission of an action on a resource.
func may(a models.Action, r *scopes.Resource) Access { return can(r.Can(a)) }

// open reports whether the caller may call the route, as far as permissions decide.
func (a Access) open(p *models.Principal, self func() bool) bool {
	return a.Anybody || a.AnyAccount || a.Self && self() || slices.ContainsFunc(a.Permissions, p.Can) ||
		slices.ContainsFunc(a.Instead, p.Can)
}

// Routes lists every route once, without the prefixed and suffixed spellings that paths adds.
func (api *API) Routes() []Route {
	return slices.Concat(api.serviceRoutes(), api.userRoutes(), api.ownedRoutes(), api.accessRoutes(),
		api.tenantRoutes(), api.sourceRoutes(), api.adminRoutes(), api.completionRoutes())
}

func (api *API) serviceRoutes() []Route {
	return []Route{
		{"GET", "/api", "home", "index", anyAccount, api.home},
		{"GET", "/api/status", "home", "status", anyAccount, api.status},
		{"GET", "/api/ping", "ping", "ping", anybody, api.ping},
		{"GET", "/api/statuses", "ping", "statuses", can(models.ViewStatuses), api.statuses},
		{"GET", "/api/plugins", "plugins", "index", can(models.ViewPlugins), api.plugins},
	}
}

// crud are the five standard actions; a nil handler leaves one out.
type crud struct{ index, show, create, update, destroy func(*call) error }

// resource returns the routes of the standard actions under a path.
func resource(path string, r *scopes.Resource, h crud) []Route {
	routes := []Route{
		{"GET", path, r.Name, "index", may(models.View, r), h.index},
		{"GET", path + "/:id", r.Name, "show", may(models.View, r), h.show},
		{"POST", path, r.Name, "create", may(models.Create, r), h.create},
		{"PUT", path + "/:id", r.Name, "update", may(models.Edit, r), h.update},
		{"DELETE", path + "/:id", r.Name, "destroy", may(models.Destroy, r), h.destroy},
	}
	return slices.DeleteFunc(routes, func(r Route) bool { return r.handler == nil })
}

// under returns the same routes under several parents.
func under(parents []string, r *scopes.Resource, h crud) []Route {
	var routes []Route
	for _, parent := range parents {
		routes = append(routes, resource("/api/"+parent+"/"+r.Name, r, h)...)
	}
	return routes
}

func (api *API) userRoutes() []Route {
	all := crud{index: api.usersIndex, show: api.usersShow, create: api.usersCreate, update: api.usersUpdate,
		destroy: api.usersDestroy}
	read := crud{index: all.index, show: all.show}
	own := resource("/api/users", scopes.Users, all)
	for i := range own {
		own[i].Access.Self = own[i].Action == "show" || own[i].Action == "update"
		if own[i].Action == "update" {
			own[i].Access.Instead = []string{scopes.Users.Can(models.ResetPasswords)}
		}
	}
	return slices.Concat(
		[]Route{
			{"GET", "/api/current_user", "users", "show_current", anyAccount, api.usersShowCurrent},
			{"GET", "/api/users/extlogin", "users", "extlogin", anyAccount, extLogin},
			{"PUT", "/api/users/:id/restore", "users", "restore", may(models.Edit, scopes.Users), api.usersRestore},
			{"GET", "/api/users/:id/effective_permissions", "users", "effective_permissions",
				Access{Permissions: []string{scopes.Users.Can(models.View)}, Self: true}, api.usersEffective},
		},
		own,
		under([]string{"usergroups/:usergroup_id", "roles/:role_id", "auth_source_ldaps/:auth_source_ldap_id"},
			scopes.Users, all),
		under([]string{"auth_source_externals/:auth_source_external_id"}, scopes.Users,
			crud{index: all.index, show: all.show, create: all.create, update: all.update, destroy: nil}),
		under([]string{"auth_source_internals/:auth_source_internal_id", "locations/:location_id",
			"organizations/:organization_id",
			"locations/:location_id/organizations/:organization_id",
			"organizations/:organization_id/locations/:location_id"}, scopes.Users, read),
	)
}

// ownedRoutes are the records below a user. Owners need no permission, so the verbs check.
func (api *API) ownedRoutes() []Route {
	const tokens, keys = "/api/users/:user_id/personal_access_tokens", "/api/users/:user_id/ssh_keys"
	const preferences, mails = "/api/users/:user_id/table_preferences", "/api/users/:user_id/mail_notifications"
	return []Route{
		{"GET", tokens, "personal_access_tokens", "index", anyAccount, api.tokensIndex},
		{"GET", tokens + "/:id", "personal_access_tokens", "show", anyAccount, api.tokensShow},
		{"POST", tokens, "personal_access_tokens", "create", anyAccount, api.tokensCreate},
		{"DELETE", tokens + "/:id", "personal_access_tokens", "destroy", anyAccount, api.tokensDestroy},
		{"GET", keys, "ssh_keys", "index", anyAccount, api.sshKeysIndex},
		{"GET", keys + "/:id", "ssh_keys", "show", anyAccount, api.sshKeysShow},
		{"POST", keys, "ssh_keys", "create", anyAccount, api.sshKeysCreate},
		{"DELETE", keys + "/:id", "ssh_keys", "destroy", anyAccount, api.sshKeysDestroy},
		{"GET", preferences, "table_preferences", "index", anyAccount, api.preferencesIndex},
		{"GET", preferences + "/:name", "table_preferences", "show", anyAccount, api.preferencesShow},
		{"POST", preferences, "table_preferences", "create", anyAccount, api.preferencesCreate},
		{"PUT", preferences + "/:name", "table_preferences", "update", anyAccount, api.preferencesUpdate},
		{"DELETE", preferences + "/:name", "table_preferences", "destroy", anyAccount, api.preferencesDestroy},
		{"GET", mails, "mail_notifications", "user_mail_notifications", anyAccount, api.mailsOfUser},
		{"POST", mails, "mail_notifications", "create", anyAccount, api.mailsCreate},
		{"PUT", mails + "/:mail_notification_id", "mail_notifications", "update", anyAccount, api.mailsUpdate},
		{"DELETE", mails + "/:mail_notification_id", "mail_notifications", "destroy", anyAccount, api.mailsDestroy},
		{"GET", "/api/mail_notifications", "mail_notifications", "index", may(models.View, scopes.MailNotifications),
			api.mailsIndex},
		{"GET", "/api/mail_notifications/:id", "mail_notifications", "show", may(models.View, scopes.MailNotifications),
			api.mailsShow},
	}
}

func (api *API) accessRoutes() []Route {
	groups := crud{index: api.usergroupsIndex, show: api.usergroupsShow, create: api.usergroupsCreate,
		update: api.usergroupsUpdate, destroy: api.usergroupsDestroy}
	externals := crud{index: api.externalsIndex, show: api.externalsShow, create: api.externalsCreate,
		update: api.externalsUpdate, destroy: api.externalsDestroy}
	roles := crud{index: api.rolesIndex, show: api.rolesShow, create: api.rolesCreate, update: api.rolesUpdate,
		destroy: api.rolesDestroy}
	filters := crud{index: api.filtersIndex, show: api.filtersShow, create: api.filtersCreate,
		update: api.filtersUpdate, destroy: api.filtersDestroy}
	return slices.Concat(
		resource("/api/usergroups", scopes.Usergroups, groups),
		under([]string{"usergroups/:usergroup_id", "users/:user_id"}, scopes.Usergroups, groups),
		under([]string{"usergroups/:usergroup_id", "auth_source_ldaps/:auth_source_ldap_id"}, scopes.ExternalUsergroups,
			externals),
		under([]string{"auth_source_externals/:auth_source_external_id"}, scopes.ExternalUsergroups,
			crud{index: externals.index, show: externals.show, create: externals.create, update: externals.update,
				destroy: nil}),
		[]Route{{"PUT", "/api/usergroups/:usergroup_id/external_usergroups/:id/refresh", "external_usergroups",
			"refresh", may(models.Edit, scopes.ExternalUsergroups), api.externalsRefresh}},
		resource("/api/roles", scopes.Roles, roles),
		under([]string{"users/:user_id"}, scopes.Roles, roles),
		[]Route{{"POST", "/api/roles/:id/clone", "roles", "clone", may(models.Create, scopes.Roles), api.rolesClone}},
		resource("/api/filters", scopes.Filters, filters),
		under([]string{"roles/:role_id"}, scopes.Filters, filters),
		under([]string{"locations/:location_id", "organizations/:organization_id"}, scopes.Filters,
			crud{index: filters.index, show: filters.show}),
		[]Route{
			{"GET", "/api/permissions", "permissions", "index", may(models.View, scopes.Permissions),
				api.permissionsIndex},
			{"GET", "/api/permissions/resource_types", "permissions", "resource_types",
				may(models.View, scopes.Permissions), api.permissionsResourceTypes},
			{"GET", "/api/permissions/current_permissions", "permissions", "current_permissions", anyAccount,
				api.permissionsCurrent},
			{"GET", "/api/permissions/:id", "permissions", "show", may(models.View, scopes.Permissions),
				api.permissionsShow},
		},
	)
}

func (api *API) tenantRoutes() []Route {
	var routes []Route
	for _, kind := range []models.TenantKind{models.LocationKind, models.OrganizationKind} {
		all := crud{index: api.taxonomiesIndex(kind), show: api.taxonomiesShow(kind),
			create: api.taxonomiesCreate(kind), update: api.taxonomiesUpdate(kind),
			destroy: api.taxonomiesDestroy(kind)}
		r := scopes.TenantResource(kind)
		other := kind.Other().Word()
		routes = append(routes, resource("/api/"+r.Name, r, all)...)
		routes = append(routes, api.parameterRoutes(kind)...)
		routes = append(routes, api.membershipRoutes(kind)...)
		routes = append(routes, under([]string{other + "s/:" + other + "_id"}, r, all)...)
		routes = append(routes,
			under([]string{"users/:user_id", "filters/:filter_id", "roles/:role_id/filters/:filter_id",
				"auth_source_ldaps/:auth_source_ldap_id", "auth_source_externals/:auth_source_external_id"}, r,
				crud{index: all.index, show: all.show})...)
	}
	return routes
}

func (api *API) sourceRoutes() []Route {
	union := crud{index: sourcesIndex(api, callSourceRow), show: sourcesShow(api, callSourceRow)}
	internals := crud{index: sourcesIndex(api, callInternalRow), show: sourcesShow(api, callInternalRow)}
	externals := crud{index: sourcesIndex(api, callExternalSourceRow), show: sourcesShow(api, callExternalSourceWhole),
		update: api.externalSourcesUpdate}
	ldaps := crud{index: sourcesIndex(api, callLdapRow), show: sourcesShow(api, callLdapWhole), create: api.ldapsCreate,
		update: api.ldapsUpdate, destroy: api.ldapsDestroy}
	tenants := []string{"locations/:location_id", "organizations/:organization_id"}
	read := func(h crud) crud { return crud{index: h.index, show: h.show} }
	return slices.Concat(
		resource("/api/auth_sources", scopes.AuthSources, union),
		resource("/api/auth_source_internals", scopes.InternalSources, internals),
		resource("/api/auth_source_externals", scopes.ExternalSources, externals),
		resource("/api/auth_source_ldaps", scopes.LdapSources, ldaps),
		[]Route{{"PUT", "/api/auth_source_ldaps/:id/test", "auth_source_ldaps", "test",
			may(models.Edit, scopes.LdapSources), api.ldapsTest}},
		under(tenants, scopes.AuthSources, union),
		under(tenants, scopes.ExternalSources, read(externals)),
		under(tenants, scopes.LdapSources, read(ldaps)),
	)
}

func (api *API) adminRoutes() []Route {
	customs := crud{index: api.customFieldsIndex, show: api.customFieldsShow, create: api.customFieldsCreate,
		update: api.customFieldsUpdate, destroy: api.customFieldsDestroy}
	return slices.Concat(
		api.commonParameterRoutes(), api.scimTokenRoutes(),
		resource("/api/custom_fields", scopes.CustomFields, customs),
		[]Route{
			{"GET", "/api/audits", "audits", "index", may(models.View, scopes.Audits), api.auditsIndex},
			{"GET", "/api/audits/:id", "audits", "show", may(models.View, scopes.Audits), api.auditsShow},
			{"GET", "/api/settings", "settings", "index", may(models.View, scopes.Settings), api.settingsIndex},
			{"GET", "/api/settings/:id", "settings", "show", may(models.View, scopes.Settings), api.settingsShow},
			{"PUT", "/api/settings/:id", "settings", "update", may(models.Edit, scopes.Settings), api.settingsUpdate},
			{"GET", "/api/bookmarks", "bookmarks", "index", anyAccount, api.bookmarksIndex},
			{"GET", "/api/bookmarks/:id", "bookmarks", "show", anyAccount, api.bookmarksShow},
			{"POST", "/api/bookmarks", "bookmarks", "create", may(models.Create, scopes.Bookmarks),
				api.bookmarksCreate},
			{"PUT", "/api/bookmarks/:id", "bookmarks", "update", may(models.Edit, scopes.Bookmarks),
				api.bookmarksUpdate},
			{"DELETE", "/api/bookmarks/:id", "bookmarks", "destroy", may(models.Destroy, scopes.Bookmarks),
				api.bookmarksDestroy},
		},
	)
}

// paths returns the spellings of a route: unversioned and under v2, and with the suffix .json where the last segment is
// no id that could hold a dot (docs/spec/foreman.md, 2.1).
func (r *Route) paths() []string {
	spellings := []string{r.Path, "/api/v2" + strings.TrimPrefix(r.Path, "/api")}
	if !strings.HasPrefix(r.Path[strings.LastIndexByte(r.Path, '/'):], "/:") {
		spellings = append(spellings, spellings[0]+".json", spellings[1]+".json")
	}
	return spellings
}
