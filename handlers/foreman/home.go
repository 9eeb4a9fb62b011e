package foreman

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster/directory"
	"roster/handlers/web"
	"roster/models"
	"roster/scopes"
)

// status is the probe that clients log in with (docs/spec/foreman.md, 5.17).
type status struct {
	Result     string `json:"result"`
	Status     int    `json:"status"`
	Version    string `json:"version"`
	APIVersion int    `json:"api_version"`
}

func (api *API) status(c *call) error {
	return c.send(http.StatusOK, encode(status{Result: "ok", Status: http.StatusOK, Version: Version, APIVersion: 2}))
}

// linkNouns are how the links of the API's home name one record of a resource (docs/spec/foreman.md, 5.17).
var linkNouns = map[string]string{
	"users": "user", "usergroups": "user group", "roles": "role", "filters": "filter", "permissions": "permission",
	"locations": "location", "organizations": "organization", "auth_sources": "authentication source",
	"auth_source_ldaps": "LDAP authentication source", "auth_source_externals": "external authentication source",
	"auth_source_internals": "internal authentication source", "audits": "audit", "settings": "setting",
	"bookmarks": "bookmark", "mail_notifications": "email notification", "parameters": "parameter",
	"common_parameters": "global parameter", "custom_fields": "custom field",
	"external_usergroups": "external user group", "personal_access_tokens": "Personal Access Token",
	"ssh_keys": "SSH key", "table_preferences": "table preference",
}

// linkVerbs are how they name the actions: a noun in the plural or with its article stands for %s.
var linkVerbs = map[string]string{
	"index": "List all %ss", "show": "Show %s", "create": "Create %s", "update": "Update %s", "destroy": "Delete %s",
	"clone": "Clone %s", "refresh": "Refresh %s", "reset": "Delete all %ss",
	"auto_complete_search": "Complete a search",
}

// linkTexts are the links that follow neither.
var linkTexts = map[string]string{
	"home.index": "Show available API links", "home.status": "Show status",
	"ping.ping": "Shows status of Foreman system and it's subcomponents",
	"ping.statuses": "Shows status and version information of Foreman system and it's " +
		"subcomponents",
	"plugins.index":                              "List installed plugins",
	"users.show_current":                         "Show the currently logged-in user",
	"users.extlogin":                             "Use to authenticate against external authentication source",
	"permissions.resource_types":                 "List available resource types",
	"permissions.current_permissions":            "List all permissions for current user",
	"auth_source_ldaps.test":                     "Test LDAP connection",
	"auth_source_externals.index":                "List external authentication sources",
	"auth_source_internals.index":                "List internal authentication sources",
	"external_usergroups.index":                  "List all external user groups for user group",
	"mail_notifications.index":                   "List of email notifications",
	"mail_notifications.user_mail_notifications": "List all email notifications for a user",
	"personal_access_tokens.index":               "List all Personal Access Tokens for a user",
	"personal_access_tokens.create":              "Create a Personal Access Token for a user",
	"ssh_keys.index":                             "List all SSH keys for a user",
	"ssh_keys.create":                            "Add an SSH key for a user",
	"table_preferences.index":                    "List of table preferences for a user",
	"table_preferences.create":                   "Creates a table preference for a given table",
}

// linkText is how the API's home calls an action.
func linkText(resource, action string) string {
	if text, ok := linkTexts[resource+"."+action]; ok {
		return text
	}
	noun := linkNouns[resource]
	verb := linkVerbs[action]
	if noun == "" || !strings.Contains(verb, "%s") {
		return cmp.Or(verb, action)
	}
	if action != "index" && action != "reset" {
		article := "a "
		if strings.ContainsAny(noun[:1], "aeioL") { // an LDAP source
			article = "an "
		}
		noun = article + noun
	}
	return fmt.Sprintf(verb, noun)
}

// home lists the routes of each resource that stand by themselves.
func (api *API) home(c *call) error {
	links := map[string]map[string]string{}
	for _, r := range api.Routes() {
		if strings.Count(r.Path, "/:") > 1 || r.Action == "auto_complete_search" {
			continue
		}
		if links[r.Resource] == nil {
			links[r.Resource] = map[string]string{}
		}
		text := linkText(r.Resource, r.Action)
		if _, known := links[r.Resource][text]; !known {
			links[r.Resource][text] = r.Path
		}
	}
	return c.send(http.StatusOK, encode(struct {
		Links map[string]map[string]string `json:"links"`
	}{links}))
}

type pingBody struct {
	Results struct {
		Foreman struct {
			Database pingDatabase `json:"database"`
		} `json:"foreman"`
	} `json:"results"`
}

type pingDatabase struct {
	Active bool `json:"active"`
	// Milliseconds, as text
	DurationMS string `json:"duration_ms"`
}

func (api *API) pingDatabase(c *call) pingDatabase {
	start := time.Now()
	err := api.dir.Ping(c.ctx())
	return pingDatabase{err == nil, strconv.FormatInt(time.Since(start).Milliseconds(), 10)}
}

func (api *API) ping(c *call) error {
	var body pingBody
	body.Results.Foreman.Database = api.pingDatabase(c)
	status := http.StatusOK
	if !body.Results.Foreman.Database.Active {
		status = http.StatusServiceUnavailable
		c.Response().Header().Set("Retry-After", web.RetryAfter)
	}
	return c.respond(status, body)
}

type apiVersion struct {
	Version string `json:"version"`
}

type statusesForeman struct {
	Version          string       `json:"version"`
	API              apiVersion   `json:"api"`
	Plugins          nothing      `json:"plugins" swaggertype:"array,object"`
	SmartProxies     nothing      `json:"smart_proxies" swaggertype:"array,object"`
	ComputeResources nothing      `json:"compute_resources" swaggertype:"array,object"`
	Database         pingDatabase `json:"database"`
}

type statusesBody struct {
	Results struct {
		Foreman statusesForeman `json:"foreman"`
	} `json:"results"`
}

func (api *API) statuses(c *call) error {
	var body statusesBody
	body.Results.Foreman = statusesForeman{Version: Version, API: apiVersion{"v2"}, Database: api.pingDatabase(c)}
	return c.respond(http.StatusOK, body)
}

// plugins is a list that is always empty.
func (api *API) plugins(c *call) error {
	return unpaged(c, nil, func(nothing) nothing { return nothing{} })
}

// Lists the links of the API.
//
//	@Summary	List the links of the API
//	@Tags	home
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	map[string]interface{}
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Router	/api	[get]
//	@x-apipie	{"method": "index", "paths": ["/api"]}
func _() {}

// Tells that the server answers, and in which version.
//
//	@Summary	Show the status and the version
//	@Description	Clients call this to check a login.
//	@Tags	home
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	status
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/status	[get]
//	@x-apipie	{"method": "status", "paths": ["/api/status"]}
func _() {}

// Tells whether the server and its database answer.
//
//	@Summary	Check whether the server and its database answer
//	@Description	No login is needed.
//	@Tags	ping
//	@Success	200	{object}	pingBody
//	@Router	/api/ping	[get]
//	@x-apipie	{"method": "ping", "paths": ["/api/ping"]}
func _() {}

// Tells versions and states of the parts of the server.
//
//	@Summary	Show versions and states of the parts of the server
//	@Tags	ping
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	statusesBody
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/statuses	[get]
//	@x-apipie	{"method": "statuses", "paths": ["/api/statuses"]}
func _() {}

// Lists plugins.
//
//	@Summary	List plugins
//	@Tags	plugins
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	listOf[nothing]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/plugins	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/plugins"]}
func _() {}

// completionRoutes continue half-typed searches. The original has them in its pages only.
func (api *API) completionRoutes() []Route {
	var routes []Route
	for _, name := range scopes.Names() {
		routes = append(routes, Route{Method: "GET", Path: "/api/" + name + "/auto_complete_search", Resource: name,
			Action: "auto_complete_search", Access: anyAccount, handler: api.complete(name)})
	}
	return routes
}

// complete returns a bare array of suggestions. A mistake in the query is one of them, with the status 200 that pages
// expect while a query is typed (docs/spec/search.md, 3 and 14).
func (api *API) complete(resource string) func(*call) error {
	return func(c *call) error {
		query, err := c.scalar("search")
		if err != nil {
			return err
		}
		suggestions, err := api.dir.Complete(c.ctx(), c.p, resource, query)
		var mistake *models.Error
		if errors.As(err, &mistake) && mistake.Subject == directory.SubjectSearch {
			return c.send(http.StatusOK, encode([]map[string]string{{"error": sentence("", mistake.Broken)}}))
		}
		if err != nil {
			return err
		}
		if suggestions == nil {
			suggestions = []scopes.Suggestion{}
		}
		return c.send(http.StatusOK, encode(suggestions))
	}
}

// Continues a half-typed search.
//
//	@Summary	Complete a partly typed search
//	@Description	Returns completions for a partly typed search; every list has such a route. If the search has an error, the result is one element with the member `error`.
//	@Tags	completion
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"The partly typed search"
//	@Success	200	{array}	search.Suggestion
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/audits/auto_complete_search	[get]
//	@Router	/api/auth_source_externals/auto_complete_search	[get]
//	@Router	/api/auth_source_internals/auto_complete_search	[get]
//	@Router	/api/auth_source_ldaps/auto_complete_search	[get]
//	@Router	/api/auth_sources/auto_complete_search	[get]
//	@Router	/api/bookmarks/auto_complete_search	[get]
//	@Router	/api/common_parameters/auto_complete_search	[get]
//	@Router	/api/custom_fields/auto_complete_search	[get]
//	@Router	/api/external_usergroups/auto_complete_search	[get]
//	@Router	/api/filters/auto_complete_search	[get]
//	@Router	/api/locations/auto_complete_search	[get]
//	@Router	/api/mail_notifications/auto_complete_search	[get]
//	@Router	/api/organizations/auto_complete_search	[get]
//	@Router	/api/parameters/auto_complete_search	[get]
//	@Router	/api/permissions/auto_complete_search	[get]
//	@Router	/api/personal_access_tokens/auto_complete_search	[get]
//	@Router	/api/roles/auto_complete_search	[get]
//	@Router	/api/settings/auto_complete_search	[get]
//	@Router	/api/ssh_keys/auto_complete_search	[get]
//	@Router	/api/table_preferences/auto_complete_search	[get]
//	@Router	/api/usergroups/auto_complete_search	[get]
//	@Router	/api/users/auto_complete_search	[get]
func _() {}
