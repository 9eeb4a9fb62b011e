package foreman

// Lists audits.
//
//	@Summary	Lists audits
//	@Description	Newest first unless an order is given. Every change leaves one audit, with what changed from what to what; secrets are left out.
//	@Tags	audits
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the audit" extensions(x-rule=identifier)
//	@Success	200	{object}	auditRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/audits/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/audits/{id}"]}
func _() {}

// bookmarkAttributes are the attributes that may be set.
type bookmarkAttributes struct {
	Name string `json:"name" validate:"required" example:"Ops"` // Name of the bookmark
	// List that the search is for, such as users
	Controller string `json:"controller" validate:"required" example:"users"`
	Query      string `json:"query" validate:"required" example:"login ~ a"` // Condition in the language of searches
	Public     bool   `json:"public"`                                        // Whether others see it, too
}

// bookmarkBody is the body of a request.
type bookmarkBody struct {
	Bookmark bookmarkAttributes `json:"bookmark" validate:"required"` // The bookmark
}

// Lists bookmarks.
//
//	@Summary	Lists bookmarks
//	@Description	Lists the caller's own and the public ones.
//	@Tags	bookmarks
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the bookmark" extensions(x-rule=identifier)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	bookmarkBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the bookmark" extensions(x-rule=identifier)
//	@Param	body	body	bookmarkBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the bookmark" extensions(x-rule=identifier)
//	@Success	200	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/bookmarks/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/bookmarks/{id}"]}
func _() {}

// settingAttributes are the attributes that may be set.
type settingAttributes struct {
	Value string `json:"value" example:"50"` // New value, as text
}

// settingBody is the body of a request.
type settingBody struct {
	Setting settingAttributes `json:"setting" validate:"required"` // The setting
}

// Lists settings.
//
//	@Summary	Lists settings
//	@Tags	settings
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Name of the setting"
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
//	@Description	The text is read as settings_type says, and refused if it cannot be.
//	@Tags	settings
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Name of the setting"
//	@Param	body	body	settingBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	200	{object}	settingRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/settings/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/settings/{id}"]}
func _() {}
