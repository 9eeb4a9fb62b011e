package foreman

// Lists the links of the API.
//
//	@Summary	Lists the links of the API
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
//	@Summary	Tells that the server answers, and in which version
//	@Description	Clients call it to try a login.
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
//	@Summary	Tells whether the server and its database answer
//	@Description	It takes no login.
//	@Tags	ping
//	@Success	200	{object}	pingBody
//	@Router	/api/ping	[get]
//	@x-apipie	{"method": "ping", "paths": ["/api/ping"]}
func _() {}

// Tells versions and states of the parts of the server.
//
//	@Summary	Tells versions and states of the parts of the server
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
//	@Summary	Lists plugins
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
