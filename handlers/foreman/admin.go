package foreman

import (
	"encoding/json"

	"roster/directory"
	"roster/models"
)

// auditRow is an entry of the trail (docs/spec/foreman.md, 5.14).
type auditRow struct {
	UserID         *int64         `json:"user_id"`
	UserType       *string        `json:"user_type"`
	UserName       *string        `json:"user_name"`
	Version        int64          `json:"version"`
	Comment        *string        `json:"comment"`
	AssociatedID   *int64         `json:"associated_id"`
	AssociatedType *string        `json:"associated_type"`
	RemoteAddress  *string        `json:"remote_address"`
	AssociatedName *string        `json:"associated_name"`
	CreatedAt      stamp          `json:"created_at" swaggertype:"string"`
	RequestUUID    *string        `json:"request_uuid"`
	ID             int64          `json:"id"`
	AuditableID    int64          `json:"auditable_id"`
	AuditableName  *string        `json:"auditable_name"`
	AuditableType  string         `json:"auditable_type"`
	Action         string         `json:"action"`
	AuditedChanges models.Changes `json:"audited_changes" swaggertype:"object"`
	Locations      []tenantFull   `json:"locations"`
	Organizations  []tenantFull   `json:"organizations"`
}

func (c *call) auditRow(v *directory.AuditView) auditRow {
	row := auditRow{
		UserID: v.UserID, UserName: v.Username, Version: v.Version, Comment: v.Comment, AssociatedID: v.AssociatedID,
		AssociatedType: v.AssociatedType,
		RemoteAddress:  v.RemoteAddress, AssociatedName: v.AssociatedName, CreatedAt: c.stamp(v.CreatedAt),
		RequestUUID: v.RequestUUID, ID: v.ID,
		AuditableID: v.AuditableID, AuditableName: v.AuditableName, AuditableType: v.AuditableType, Action: v.Action,
		AuditedChanges: v.AuditedChanges,
		Locations:      mapped(v.Tenants[models.LocationKind], tenantFullOf),
		Organizations:  mapped(v.Tenants[models.OrganizationKind], tenantFullOf),
	}
	if v.UserID != nil {
		user := "User"
		row.UserType = &user
	}
	return row
}

func (api *API) auditsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	q.Parents = nil
	l, err := api.dir.Audits(c.ctx(), c.p, q)
	return list(c, q, l, err, c.auditRow)
}

func (api *API) auditsShow(c *call) error {
	v, err := api.dir.Audit(c.ctx(), c.p, numberRef(c.pathID()))
	return ok(c, v, err, c.auditRow)
}

// settingRow is a setting (docs/spec/foreman.md, 5.15). Its id is its name.
type settingRow struct {
	Description  string   `json:"description"`
	SettingsType string   `json:"settings_type"`
	Default      any      `json:"default"`
	CreatedAt    stamp    `json:"created_at" swaggertype:"string"`
	UpdatedAt    stamp    `json:"updated_at" swaggertype:"string"`
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	FullName     string   `json:"full_name"`
	Value        any      `json:"value"`
	Category     string   `json:"category"`
	CategoryName string   `json:"category_name"`
	Readonly     bool     `json:"readonly"`
	ConfigFile   string   `json:"config_file"`
	Encrypted    bool     `json:"encrypted"`
	SelectValues []string `json:"select_values" extensions:"x-nullable"`
}

func (c *call) settingRow(v *directory.SettingView) settingRow {
	row := settingRow{
		Description: v.Description, SettingsType: v.Type, Default: v.Default, ID: v.Name, Name: v.Name,
		FullName: v.FullName, Value: v.Value,
		Category: "Setting::" + v.Category, CategoryName: v.Category, ConfigFile: "settings.yaml",
		Encrypted: v.Encrypted,
	}
	if v.Values != nil {
		row.SelectValues = v.Values()
	}
	if v.Row.Name != "" {
		row.CreatedAt = c.stamp(v.Row.CreatedAt)
		row.UpdatedAt = c.stamp(v.Row.UpdatedAt)
	}
	return row
}

func (api *API) settingsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.SettingsList(c.ctx(), c.p, q)
	return list(c, q, l, err, c.settingRow)
}

func (api *API) settingsShow(c *call) error {
	v, err := api.dir.Setting(c.ctx(), c.p, c.pathID())
	return ok(c, v, err, c.settingRow)
}

func (api *API) settingsUpdate(c *call) error {
	a, err := c.root("setting", []string{"value"})
	if err != nil {
		return err
	}
	value, sent := a["value"]
	if !sent {
		return models.Fail(models.Invalid, models.RuleNoValue)
	}
	switch value.(type) {
	case nil, string, bool, json.Number, []any:
	default:
		return parameterError{"value", "Parameter 'value' must be a text, a number, a boolean or a list"}
	}
	v, err := api.dir.UpdateSetting(c.ctx(), c.p, c.pathID(), value)
	return ok(c, v, err, c.settingRow)
}

// bookmarkRow is a saved search.
type bookmarkRow struct {
	Name       string  `json:"name"`
	Controller string  `json:"controller"`
	Query      string  `json:"query"`
	Public     bool    `json:"public"`
	ID         int64   `json:"id"`
	OwnerID    *int64  `json:"owner_id"`
	OwnerType  *string `json:"owner_type"`
}

func bookmarkRowOf(b models.Bookmark) bookmarkRow {
	row := bookmarkRow{Name: b.Name, Controller: b.Controller, Query: b.Query, Public: b.Public, ID: b.ID,
		OwnerID: b.OwnerID, OwnerType: nil}
	if b.OwnerID != nil {
		user := "User"
		row.OwnerType = &user
	}
	return row
}

func bookmarkOf(b *models.Bookmark) bookmarkRow { return bookmarkRowOf(*b) }

func (c *call) bookmarkChange() (directory.BookmarkChange, error) {
	var b directory.BookmarkChange
	a, err := c.root("bookmark", []string{"name", "controller", "query", "public"})
	if err != nil {
		return b, err
	}
	a.word("name", &b.Name)
	a.word("controller", &b.Controller)
	a.word("query", &b.Query)
	a.flag("public", &b.Public)
	return b, nil
}

func (api *API) bookmarksIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	q.Parents = nil
	l, err := api.dir.Bookmarks(c.ctx(), c.p, q)
	return list(c, q, l, err, bookmarkRowOf)
}

func (api *API) bookmarksShow(c *call) error {
	b, err := api.dir.Bookmark(c.ctx(), c.p, numberRef(c.pathID()))
	return ok(c, b, err, bookmarkOf)
}

func (api *API) bookmarksCreate(c *call) error {
	change, err := c.bookmarkChange()
	if err != nil {
		return err
	}
	b, err := api.dir.CreateBookmark(c.ctx(), c.p, change)
	return created(c, b, err, bookmarkOf)
}

func (api *API) bookmarksUpdate(c *call) error {
	change, err := c.bookmarkChange()
	if err != nil {
		return err
	}
	b, err := api.dir.UpdateBookmark(c.ctx(), c.p, numberRef(c.pathID()), change)
	return ok(c, b, err, bookmarkOf)
}

func (api *API) bookmarksDestroy(c *call) error {
	b, err := api.dir.DeleteBookmark(c.ctx(), c.p, numberRef(c.pathID()))
	return ok(c, b, err, bookmarkOf)
}

// Lists audits.
//
//	@Summary	List audits
//	@Description	Sorted newest first by default. Every change creates one audit with the old and the new values. Secrets are left out.
//	@Tags	audits
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[auditRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/audits	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/audits"]}
func _() {}

// Shows an audit.
//
//	@Summary	Show an audit
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
	// The list for which the search is, such as users
	Controller string `json:"controller" validate:"required" example:"users"`
	Query      string `json:"query" validate:"required" example:"login ~ a"` // Search condition
	Public     bool   `json:"public"`                                        // Whether other users see it
}

// bookmarkBody is the body of a request.
type bookmarkBody struct {
	Bookmark bookmarkAttributes `json:"bookmark" validate:"required"` // The bookmark
}

// Lists bookmarks.
//
//	@Summary	List bookmarks
//	@Description	Lists your own bookmarks and the public ones.
//	@Tags	bookmarks
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[bookmarkRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/bookmarks	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/bookmarks"]}
func _() {}

// Shows a bookmark.
//
//	@Summary	Show a bookmark
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
//	@Summary	Create a bookmark
//	@Tags	bookmarks
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	bookmarkBody	true	"The new bookmark."
//	@Success	201	{object}	bookmarkRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/bookmarks	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/bookmarks"]}
func _() {}

// Changes a bookmark.
//
//	@Summary	Update a bookmark
//	@Tags	bookmarks
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the bookmark" extensions(x-rule=identifier)
//	@Param	body	body	bookmarkBody	true	"Fields to change; others stay as they are."
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
//	@Summary	Delete a bookmark
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
//	@Summary	List settings
//	@Tags	settings
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[settingRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/settings	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/settings"]}
func _() {}

// Shows a setting.
//
//	@Summary	Show a setting
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
//	@Summary	Update a setting
//	@Description	The value is parsed as `settings_type`. A value of another type is refused.
//	@Tags	settings
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Name of the setting"
//	@Param	body	body	settingBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	settingRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/settings/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/settings/{id}"]}
func _() {}
