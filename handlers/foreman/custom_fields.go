package foreman

import (
	"maps"
	"slices"
	"strconv"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
)

// customFieldRow is the definition of a custom field everywhere.
type customFieldRow struct {
	ID             int64    `json:"id"`
	Name           string   `json:"name"`
	CustomizedType string   `json:"customized_type" enums:"user,usergroup"`
	FieldFormat    string   `json:"field_format" enums:"string,text,link,int,float,date,bool,list"`
	Regexp         string   `json:"regexp"`
	MinLength      *int64   `json:"min_length"`
	MaxLength      *int64   `json:"max_length"`
	IsRequired     bool     `json:"is_required"`
	IsFilter       bool     `json:"is_filter"`
	Searchable     bool     `json:"searchable"`
	Multiple       bool     `json:"multiple"`
	DefaultValue   *string  `json:"default_value"`
	Visible        bool     `json:"visible"`
	Editable       bool     `json:"editable"`
	Position       int64    `json:"position"`
	PossibleValues []string `json:"possible_values"`
	Description    *string  `json:"description"`
	// Name of the field in searches
	SearchName string `json:"search_name" example:"cf_1"`
	CreatedAt  stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt  stamp  `json:"updated_at" swaggertype:"string"`
}

func (c *call) customFieldRow(f models.CustomField) customFieldRow {
	return customFieldRow{
		ID: f.ID, Name: f.Name, CustomizedType: string(f.Subject), FieldFormat: string(f.Format), Regexp: f.Pattern,
		MinLength: f.MinLength, MaxLength: f.MaxLength, IsRequired: f.Required, IsFilter: f.IsFilter,
		Searchable: f.Searchable, Multiple: f.Multiple, DefaultValue: f.DefaultValue, Visible: f.Visible,
		Editable: f.Editable, Position: f.Position, PossibleValues: append([]string{}, f.PossibleValues...),
		Description: f.Description, SearchName: f.Key(), CreatedAt: c.stamp(f.CreatedAt),
		UpdatedAt: c.stamp(f.UpdatedAt),
	}
}

func (c *call) customField(f *models.CustomField) customFieldRow { return c.customFieldRow(*f) }

// customFieldNames are the attributes that may be set.
var customFieldNames = []string{"name", "customized_type", "field_format", "regexp", "min_length", "max_length",
	"is_required", "is_filter", "searchable", "multiple", "default_value", "visible", "editable", "position",
	"possible_values", "description"}

func (c *call) customFieldChange() (directory.CustomFieldChange, error) {
	var f directory.CustomFieldChange
	a, err := c.root("custom_field", customFieldNames)
	if err != nil {
		return f, err
	}
	a.word("name", &f.Name)
	a.word("customized_type", &f.Subject)
	a.word("field_format", &f.Format)
	a.word("regexp", &f.Pattern)
	a.num("min_length", &f.MinLength)
	a.num("max_length", &f.MaxLength)
	a.firmFlag("is_required", &f.Required)
	a.firmFlag("is_filter", &f.IsFilter)
	a.firmFlag("searchable", &f.Searchable)
	a.firmFlag("multiple", &f.Multiple)
	a.str("default_value", &f.DefaultValue)
	a.firmFlag("visible", &f.Visible)
	a.firmFlag("editable", &f.Editable)
	a.firmNum("position", &f.Position)
	f.PossibleValues = a.names("possible_values")
	a.str("description", &f.Description)
	return f, nil
}

func (api *API) customFieldsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	q.Parents = nil
	l, err := api.dir.CustomFields(c.ctx(), c.p, q)
	return list(c, q, l, err, c.customFieldRow)
}

func (api *API) customFieldsShow(c *call) error {
	f, err := api.dir.CustomField(c.ctx(), c.p, namedRef(c.pathID()))
	return ok(c, f, err, c.customField)
}

func (api *API) customFieldsCreate(c *call) error {
	change, err := c.customFieldChange()
	if err != nil {
		return err
	}
	f, err := api.dir.CreateCustomField(c.ctx(), c.p, change)
	return created(c, f, err, c.customField)
}

func (api *API) customFieldsUpdate(c *call) error {
	change, err := c.customFieldChange()
	if err != nil {
		return err
	}
	f, err := api.dir.UpdateCustomField(c.ctx(), c.p, namedRef(c.pathID()), change)
	return ok(c, f, err, c.customField)
}

func (api *API) customFieldsDestroy(c *call) error {
	f, err := api.dir.DeleteCustomField(c.ctx(), c.p, namedRef(c.pathID()))
	return ok(c, f, err, c.customField)
}

// customValueRow is what a record has for a custom field: a text or null or, for several values, a list of texts.
type customValueRow struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Multiple bool   `json:"multiple,omitempty"`
	Value    any    `json:"value" swaggertype:"string"`
}

// customValues shows the fields that the caller sees, none where there are none.
func customValues(fields []*models.CustomField, values models.CustomValues) []customValueRow {
	if len(fields) == 0 {
		return nil
	}
	return mapped(fields, func(f *models.CustomField) customValueRow {
		row := customValueRow{ID: f.ID, Name: f.Name, Multiple: f.Multiple, Value: nil}
		given := values[f.ID]
		if f.Multiple {
			row.Value = append([]string{}, given...)
		} else if len(given) > 0 {
			row.Value = given[0]
		}
		return row
	})
}

// customValueAttributes set one custom field of a record.
type customValueAttributes struct {
	// Id of the field. You can send a name instead
	ID int64 `json:"id" example:"1"`
	// Name of the field
	Name string `json:"name" example:"Phone number"`
	// Value as text. For a field of several values: a list of texts. null: no value
	Value string `json:"value" example:"555"`
}

// customs reads the custom fields of a record: a list of objects with an id or a name and a value, or an object of
// values by name. Null leaves them as they are.
func (c *call) customs(a attrs, subject models.CustomSubject) ([]models.CustomInput, error) {
	var refs []directory.CustomRef
	var err error
	switch sent := a["custom_fields"].(type) {
	case nil:
	case []any:
		refs, err = customList(sent)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			ref := directory.CustomRef{Name: name}
			if err = readCustom(&ref, sent[name]); err != nil {
				break
			}
			refs = append(refs, ref)
		}
	default:
		err = errCustomShape
	}
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	return c.api.dir.CustomInputs(c.ctx(), c.p, subject, refs)
}

// errCustomShape refuses what cannot be read as custom fields.
var errCustomShape = models.Refuse("custom_fields", models.RuleInvalid)

func customList(list []any) ([]directory.CustomRef, error) {
	var refs []directory.CustomRef
	for _, item := range list {
		object, isObject := item.(map[string]any)
		value, sent := object["value"]
		id, isID := rails.Int(object["id"])
		name, isName := rails.String(object["name"])
		if !isObject || !sent || !isID || !isName || id == nil && name == nil {
			return nil, errCustomShape
		}
		ref := directory.CustomRef{Name: models.Deref(name)}
		if id != nil {
			ref.ID = *id
		}
		if err := readCustom(&ref, value); err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// readCustom reads a value, which is a scalar, null or a list of both.
func readCustom(ref *directory.CustomRef, value any) error {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	ref.List = isList
	for _, v := range list {
		if on, isSwitch := v.(bool); isSwitch {
			v = strconv.FormatBool(on)
		}
		text, isText := rails.String(v)
		if !isText {
			return errCustomShape
		}
		if text != nil {
			ref.Values = append(ref.Values, *text)
		}
	}
	return nil
}

// customFieldAttributes are the attributes that may be set.
type customFieldAttributes struct {
	// Name of the field, unique among the fields of users or of user groups (any case)
	Name string `json:"name" validate:"required" example:"Phone number"`
	// Which records have the field: user or usergroup. It cannot be changed
	CustomizedType string `json:"customized_type" example:"user"`
	// Type of the values: string, text (of several lines), link, int, float, date (2024-02-29), bool (1 or 0), or list
	// (some of possible_values). You cannot change it to a type that does not fit the stored values
	FieldFormat string `json:"field_format" example:"string"`
	// Regular expression that values must match
	Regexp string `json:"regexp" example:"^[0-9 ]*$"`
	// Minimum length of values in characters
	MinLength int64 `json:"min_length"`
	// Maximum length of values in characters. At most 4096
	MaxLength int64 `json:"max_length"`
	// Whether a value is required in new records and in changes of custom fields
	IsRequired bool `json:"is_required"`
	// Whether lists can be searched and sorted by the field
	IsFilter bool `json:"is_filter"`
	// Whether a search for a word without a field looks in this field, too. Not for dates and bools
	Searchable bool `json:"searchable"`
	// Whether a record may have several values. Only for lists. It cannot be switched off while records have values
	Multiple bool `json:"multiple"`
	// Value of new records that are created without one
	DefaultValue string `json:"default_value"`
	// Whether everyone who sees a record sees the field. Otherwise you need the permission to view all custom fields
	Visible bool `json:"visible"`
	// Whether users may set the field in their own account
	Editable bool `json:"editable"`
	// Position among the fields of users or of user groups, from 1. Later fields move down
	Position int64 `json:"position"`
	// Possible values of a list, up to 1000. You cannot remove values that records have
	PossibleValues []string `json:"possible_values"`
	// Description of the field
	Description string `json:"description"`
}

// customFieldBody is the body of a request.
type customFieldBody struct {
	CustomField customFieldAttributes `json:"custom_field" validate:"required"` // The custom field
}

// Lists custom fields.
//
//	@Summary	List custom fields
//	@Description	Custom fields are further attributes of users and user groups, defined by you. They belong to no tenant. Sorted by position by default.
//	@Tags	custom_fields
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[customFieldRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/custom_fields	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/custom_fields"]}
func _() {}

// Shows a custom field.
//
//	@Summary	Show a custom field
//	@Tags	custom_fields
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the custom field" extensions(x-rule=identifier)
//	@Success	200	{object}	customFieldRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/custom_fields/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/custom_fields/{id}"]}
func _() {}

// Creates a custom field.
//
//	@Summary	Create a custom field
//	@Description	The field is added at the end unless you send a position. Existing users or user groups have no value.
//	@Tags	custom_fields
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	customFieldBody	true	"The new custom field."
//	@Success	201	{object}	customFieldRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/custom_fields	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/custom_fields"]}
func _() {}

// Changes a custom field.
//
//	@Summary	Update a custom field
//	@Description	A change that would make stored values invalid is refused. A change that would alter the meaning of a filter is refused, too.
//	@Tags	custom_fields
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the custom field" extensions(x-rule=identifier)
//	@Param	body	body	customFieldBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	customFieldRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/custom_fields/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/custom_fields/{id}"]}
func _() {}

// Deletes a custom field.
//
//	@Summary	Delete a custom field
//	@Description	Deletes the values of the field, too. You cannot delete a field that the search of a filter uses.
//	@Tags	custom_fields
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the custom field" extensions(x-rule=identifier)
//	@Success	200	{object}	customFieldRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/custom_fields/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/custom_fields/{id}"]}
func _() {}
