package foreman

import (
	"slices"
	"strings"

	"roster/models"
)

// Route is one line of the dialect's table of contents.
type Route struct {
	Method, Path string
	// Resource and Action name the operation in the documentation.
	Resource, Action string
	// Permissions are those of which a caller needs one; none means that any account may call.
	Permissions []string
	// Self exempts callers who ask about their own record, which the directory checks.
	Self bool
	// Public routes need no account.
	Public bool

	handler func(*call) error
}

// Routes lists every route once, without the prefixed and suffixed spellings that paths adds.
func (api *API) Routes() []Route {
	return slices.Concat(api.serviceRoutes(), api.userRoutes(), api.ownedRoutes(), api.accessRoutes(), api.tenantRoutes(), api.sourceRoutes(), api.adminRoutes(), api.completionRoutes())
}

func (api *API) serviceRoutes() []Route {
	return []Route{
		{"GET", "/api", "home", "index", nil, false, false, api.home},
		{"GET", "/api/status", "home", "status", nil, false, false, api.status},
		{"GET", "/api/ping", "ping", "ping", nil, false, true, api.ping},
		{"GET", "/api/statuses", "ping", "statuses", can("view_statuses"), false, false, api.statuses},
		{"GET", "/api/plugins", "plugins", "index", can("view_plugins"), false, false, api.plugins},
	}
}

// crud are the five standard actions; a nil handler leaves one out.
type crud struct{ index, show, create, update, destroy func(*call) error }

// resource gives the routes of the standard actions under a path.
func resource(path, name, noun string, h crud) []Route {
	routes := []Route{
		{"GET", path, name, "index", can("view_" + noun), false, false, h.index},
		{"GET", path + "/:id", name, "show", can("view_" + noun), false, false, h.show},
		{"POST", path, name, "create", can("create_" + noun), false, false, h.create},
		{"PUT", path + "/:id", name, "update", can("edit_" + noun), false, false, h.update},
		{"DELETE", path + "/:id", name, "destroy", can("destroy_" + noun), false, false, h.destroy},
	}
	return slices.DeleteFunc(routes, func(r Route) bool { return r.handler == nil })
}

// under gives the same routes under several parents.
func under(parents []string, name, noun string, h crud) []Route {
	var routes []Route
	for _, parent := range parents {
		routes = append(routes, resource("/api/"+parent+"/"+name, name, noun, h)...)
	}
	return routes
}

func (api *API) userRoutes() []Route {
	all := crud{api.usersIndex, api.usersShow, api.usersCreate, api.usersUpdate, api.usersDestroy}
	read := crud{index: all.index, show: all.show}
	own := resource("/api/users", "users", "users", all)
	for i := range own {
		own[i].Self = own[i].Action == "show" || own[i].Action == "update"
	}
	return slices.Concat(
		[]Route{
			{"GET", "/api/current_user", "users", "show_current", nil, false, false, api.usersShowCurrent},
			{"GET", "/api/users/extlogin", "users", "extlogin", nil, false, false, extLogin},
		},
		own,
		under([]string{"usergroups/:usergroup_id", "roles/:role_id", "auth_source_ldaps/:auth_source_ldap_id"}, "users", "users", all),
		under([]string{"auth_source_externals/:auth_source_external_id"}, "users", "users", crud{all.index, all.show, all.create, all.update, nil}),
		under([]string{"auth_source_internals/:auth_source_internal_id", "locations/:location_id", "organizations/:organization_id",
			"locations/:location_id/organizations/:organization_id", "organizations/:organization_id/locations/:location_id"}, "users", "users", read),
	)
}

// ownedRoutes are what is kept under a user. Owners need no permission, so the verbs ask.
func (api *API) ownedRoutes() []Route {
	const tokens, keys = "/api/users/:user_id/personal_access_tokens", "/api/users/:user_id/ssh_keys"
	const preferences, mails = "/api/users/:user_id/table_preferences", "/api/users/:user_id/mail_notifications"
	return []Route{
		{"GET", tokens, "personal_access_tokens", "index", nil, false, false, api.tokensIndex},
		{"GET", tokens + "/:id", "personal_access_tokens", "show", nil, false, false, api.tokensShow},
		{"POST", tokens, "personal_access_tokens", "create", nil, false, false, api.tokensCreate},
		{"DELETE", tokens + "/:id", "personal_access_tokens", "destroy", nil, false, false, api.tokensDestroy},
		{"GET", keys, "ssh_keys", "index", nil, false, false, api.sshKeysIndex},
		{"GET", keys + "/:id", "ssh_keys", "show", nil, false, false, api.sshKeysShow},
		{"POST", keys, "ssh_keys", "create", nil, false, false, api.sshKeysCreate},
		{"DELETE", keys + "/:id", "ssh_keys", "destroy", nil, false, false, api.sshKeysDestroy},
		{"GET", preferences, "table_preferences", "index", nil, false, false, api.preferencesIndex},
		{"GET", preferences + "/:name", "table_preferences", "show", nil, false, false, api.preferencesShow},
		{"POST", preferences, "table_preferences", "create", nil, false, false, api.preferencesCreate},
		{"PUT", preferences + "/:name", "table_preferences", "update", nil, false, false, api.preferencesUpdate},
		{"DELETE", preferences + "/:name", "table_preferences", "destroy", nil, false, false, api.preferencesDestroy},
		{"GET", mails, "mail_notifications", "user_mail_notifications", nil, false, false, api.mailsOfUser},
		{"POST", mails, "mail_notifications", "create", nil, false, false, api.mailsCreate},
		{"PUT", mails + "/:mail_notification_id", "mail_notifications", "update", nil, false, false, api.mailsUpdate},
		{"DELETE", mails + "/:mail_notification_id", "mail_notifications", "destroy", nil, false, false, api.mailsDestroy},
		{"GET", "/api/mail_notifications", "mail_notifications", "index", can("view_mail_notifications"), false, false, api.mailsIndex},
		{"GET", "/api/mail_notifications/:id", "mail_notifications", "show", can("view_mail_notifications"), false, false, api.mailsShow},
	}
}

func (api *API) accessRoutes() []Route {
	groups := crud{api.usergroupsIndex, api.usergroupsShow, api.usergroupsCreate, api.usergroupsUpdate, api.usergroupsDestroy}
	externals := crud{api.externalsIndex, api.externalsShow, api.externalsCreate, api.externalsUpdate, api.externalsDestroy}
	roles := crud{api.rolesIndex, api.rolesShow, api.rolesCreate, api.rolesUpdate, api.rolesDestroy}
	filters := crud{api.filtersIndex, api.filtersShow, api.filtersCreate, api.filtersUpdate, api.filtersDestroy}
	return slices.Concat(
		resource("/api/usergroups", "usergroups", "usergroups", groups),
		under([]string{"usergroups/:usergroup_id", "users/:user_id"}, "usergroups", "usergroups", groups),
		under([]string{"usergroups/:usergroup_id", "auth_source_ldaps/:auth_source_ldap_id"}, "external_usergroups", "external_usergroups", externals),
		under([]string{"auth_source_externals/:auth_source_external_id"}, "external_usergroups", "external_usergroups",
			crud{externals.index, externals.show, externals.create, externals.update, nil}),
		[]Route{{"PUT", "/api/usergroups/:usergroup_id/external_usergroups/:id/refresh", "external_usergroups", "refresh", can("edit_external_usergroups"), false, false, api.externalsRefresh}},
		resource("/api/roles", "roles", "roles", roles),
		under([]string{"users/:user_id"}, "roles", "roles", roles),
		[]Route{{"POST", "/api/roles/:id/clone", "roles", "clone", can("create_roles"), false, false, api.rolesClone}},
		resource("/api/filters", "filters", "filters", filters),
		under([]string{"roles/:role_id"}, "filters", "filters", filters),
		under([]string{"locations/:location_id", "organizations/:organization_id"}, "filters", "filters", crud{index: filters.index, show: filters.show}),
		[]Route{
			{"GET", "/api/permissions", "permissions", "index", can("edit_filters"), false, false, api.permissionsIndex},
			{"GET", "/api/permissions/resource_types", "permissions", "resource_types", can("edit_filters"), false, false, api.permissionsResourceTypes},
			{"GET", "/api/permissions/current_permissions", "permissions", "current_permissions", nil, false, false, api.permissionsCurrent},
			{"GET", "/api/permissions/:id", "permissions", "show", can("edit_filters"), false, false, api.permissionsShow},
		},
	)
}

func (api *API) tenantRoutes() []Route {
	var routes []Route
	for _, kind := range []models.TaxonomyKind{models.LocationKind, models.OrganizationKind} {
		all := crud{api.taxonomiesIndex(kind), api.taxonomiesShow(kind), api.taxonomiesCreate(kind), api.taxonomiesUpdate(kind), api.taxonomiesDestroy(kind)}
		name, other := kind.Word()+"s", kind.Other().Word()
		routes = append(routes, resource("/api/"+name, name, name, all)...)
		routes = append(routes, api.parameterRoutes(kind)...)
		routes = append(routes, under([]string{other + "s/:" + other + "_id"}, name, name, all)...)
		routes = append(routes, under([]string{"users/:user_id", "filters/:filter_id", "roles/:role_id/filters/:filter_id",
			"auth_source_ldaps/:auth_source_ldap_id", "auth_source_externals/:auth_source_external_id"}, name, name, crud{index: all.index, show: all.show})...)
	}
	return routes
}

func (api *API) sourceRoutes() []Route {
	union := crud{index: sourcesIndex(api, callSourceRow), show: sourcesShow(api, callSourceRow)}
	internals := crud{index: sourcesIndex(api, callInternalRow), show: sourcesShow(api, callInternalRow)}
	externals := crud{index: sourcesIndex(api, callExternalSourceRow), show: sourcesShow(api, callExternalSourceWhole), update: api.externalSourcesUpdate}
	ldaps := crud{sourcesIndex(api, callLdapRow), sourcesShow(api, callLdapWhole), api.ldapsCreate, api.ldapsUpdate, api.ldapsDestroy}
	tenants := []string{"locations/:location_id", "organizations/:organization_id"}
	read := func(h crud) crud { return crud{index: h.index, show: h.show} }
	return slices.Concat(
		resource("/api/auth_sources", "auth_sources", "authenticators", union),
		resource("/api/auth_source_internals", "auth_source_internals", "authenticators", internals),
		resource("/api/auth_source_externals", "auth_source_externals", "authenticators", externals),
		resource("/api/auth_source_ldaps", "auth_source_ldaps", "authenticators", ldaps),
		[]Route{{"PUT", "/api/auth_source_ldaps/:id/test", "auth_source_ldaps", "test", can("edit_authenticators"), false, false, api.ldapsTest}},
		under(tenants, "auth_sources", "authenticators", union),
		under(tenants, "auth_source_externals", "authenticators", read(externals)),
		under(tenants, "auth_source_ldaps", "authenticators", read(ldaps)),
	)
}

func (api *API) adminRoutes() []Route {
	return slices.Concat(
		[]Route{
			{"GET", "/api/audits", "audits", "index", can("view_audit_logs"), false, false, api.auditsIndex},
			{"GET", "/api/audits/:id", "audits", "show", can("view_audit_logs"), false, false, api.auditsShow},
			{"GET", "/api/settings", "settings", "index", can("view_settings"), false, false, api.settingsIndex},
			{"GET", "/api/settings/:id", "settings", "show", can("view_settings"), false, false, api.settingsShow},
			{"PUT", "/api/settings/:id", "settings", "update", can("edit_settings"), false, false, api.settingsUpdate},
			{"GET", "/api/bookmarks", "bookmarks", "index", nil, false, false, api.bookmarksIndex},
			{"GET", "/api/bookmarks/:id", "bookmarks", "show", nil, false, false, api.bookmarksShow},
			{"POST", "/api/bookmarks", "bookmarks", "create", can("create_bookmarks"), false, false, api.bookmarksCreate},
			{"PUT", "/api/bookmarks/:id", "bookmarks", "update", can("edit_bookmarks"), false, false, api.bookmarksUpdate},
			{"DELETE", "/api/bookmarks/:id", "bookmarks", "destroy", can("destroy_bookmarks"), false, false, api.bookmarksDestroy},
		},
	)
}

func can(permissions ...string) []string { return permissions }

// paths gives the spellings of a route: unversioned and under v2, and with the suffix .json where the last segment is
// no id that could hold a dot (spec, section 2.1).
func (r *Route) paths() []string {
	spellings := []string{r.Path, "/api/v2" + strings.TrimPrefix(r.Path, "/api")}
	if !strings.HasPrefix(r.Path[strings.LastIndexByte(r.Path, '/'):], "/:") {
		spellings = append(spellings, spellings[0]+".json", spellings[1]+".json")
	}
	return spellings
}
