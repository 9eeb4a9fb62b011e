package foreman

// parameterAttributes are the attributes that may be set.
type parameterAttributes struct {
	// Name, without blanks, unique within the location or organization
	Name string `json:"name" validate:"required" example:"color"`
	// Value; lists and objects as JSON, or as they are
	Value string `json:"value" validate:"required" example:"blue"`
	// Kind of value, string unless another is sent
	ParameterType string `json:"parameter_type" extensions:"x-rule=parameter_types"`
	// Whether the value is shown only to those who may edit it and ask for it
	HiddenValue bool `json:"hidden_value"`
}

// parameterBody is the body of a request.
type parameterBody struct {
	Parameter parameterAttributes `json:"parameter" validate:"required"` // The parameter
}

// Lists parameters.
//
//	@Summary	Lists parameters
//	@Description	Parameters tell programs something about a location or an organization and all inside it. Only those of its own are listed; showing the location or organization tells the inherited ones, too.
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Param	show_hidden	query	boolean	false	"Whether hidden values are shown, to those who may edit them"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[parameterRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters	[get]
//	@Router	/api/organizations/{organization_id}/parameters	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}

// Shows a parameter.
//
//	@Summary	Shows a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Param	show_hidden	query	boolean	false	"Whether hidden values are shown, to those who may edit them"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Success	200	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[get]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Creates a parameter.
//
//	@Summary	Creates a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Param	body	body	parameterBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{location_id}/parameters	[post]
//	@Router	/api/organizations/{organization_id}/parameters	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}

// Changes a parameter.
//
//	@Summary	Changes a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Param	body	body	parameterBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	200	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[put]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Deletes a parameter.
//
//	@Summary	Deletes a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Success	200	{object}	parameterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[delete]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Deletes all parameters.
//
//	@Summary	Deletes all parameters
//	@Description	The answer lists what is gone.
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Location that has the parameter, by id"
//	@Param	organization_id	query	integer	false	"Organization that has the parameter, by id"
//	@Success	200	{array}	parameterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters	[delete]
//	@Router	/api/organizations/{organization_id}/parameters	[delete]
//	@x-apipie	{"method": "reset", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}
