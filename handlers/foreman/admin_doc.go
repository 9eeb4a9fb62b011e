package foreman

// Lists audits.
//
//	@Summary	Lists audits
//	@Tags	audits
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[auditRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/audits	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/audits"]}
func _() {}

// Shows an audit.
//
//	@Summary	Shows an audit
//	@Tags	audits
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	auditRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/audits/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/audits/{id}"]}
func _() {}

// bookmarkAttributes are the attributes that may be set.
type bookmarkAttributes struct {
	Name       string `json:"name" validate:"required" example:"Ops"`         // Name
	Controller string `json:"controller" validate:"required" example:"users"` // List that the search is for
	Query      string `json:"query" validate:"required" example:"login ~ a"`  // Search
	Public     bool   `json:"public"`                                         // Whether everybody sees it
}

// bookmarkBody is the body of a request.
type bookmarkBody struct {
	Bookmark bookmarkAttributes `json:"bookmark" validate:"required"` // The bookmark
}

// Lists bookmarks.
//
//	@Summary	Lists bookmarks
//	@Tags	bookmarks
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[bookmarkRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/bookmarks	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/bookmarks"]}
func _() {}

// Shows a bookmark.
//
//	@Summary	Shows a bookmark
//	@Tags	bookmarks
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/bookmarks/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/bookmarks/{id}"]}
func _() {}

// Creates a bookmark.
//
//	@Summary	Creates a bookmark
//	@Tags	bookmarks
//	@Security	Basic || Bearer
//	@Param	body	body	bookmarkBody	true	"What is to be"
//	@Success	201	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/bookmarks	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/bookmarks"]}
func _() {}

// Changes a bookmark.
//
//	@Summary	Changes a bookmark
//	@Tags	bookmarks
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Param	body	body	bookmarkBody	true	"What is to be"
//	@Success	200	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/bookmarks/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/bookmarks/{id}"]}
func _() {}

// Deletes a bookmark.
//
//	@Summary	Deletes a bookmark
//	@Tags	bookmarks
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/bookmarks/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/bookmarks/{id}"]}
func _() {}

// settingAttributes are the attributes that may be set.
type settingAttributes struct {
	Value string `json:"value" example:"50"` // New value
}

// settingBody is the body of a request.
type settingBody struct {
	Setting settingAttributes `json:"setting" validate:"required"` // The setting
}

// Lists settings.
//
//	@Summary	Lists settings
//	@Tags	settings
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[settingRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/settings	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/settings"]}
func _() {}

// Shows a setting.
//
//	@Summary	Shows a setting
//	@Tags	settings
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Success	200	{object}	settingRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/settings/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/settings/{id}"]}
func _() {}

// Changes a setting.
//
//	@Summary	Changes a setting
//	@Tags	settings
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	settingBody	true	"What is to be"
//	@Success	200	{object}	settingRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/settings/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/settings/{id}"]}
func _() {}
