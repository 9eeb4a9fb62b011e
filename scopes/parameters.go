package scopes

import (
	"roster/models"
	"roster/scopes/search"
)

// parameterFields are what all parameters are searched by. Of hidden values no search tells anything.
var parameterFields = definition("Parameter", "parameters",
	refField("id", "parameters.id"),
	firmText("name", "parameters.name", search.Values),
	explicit(firmText("type", parameterClass, search.Values)),
	textField("value", "parameters.searchable_value", search.Values),
	explicit(firmText("parameter_type", "parameters.parameter_type", search.Values)),
)

// parameterClass is the class of a parameter, which says what it belongs to.
const parameterClass = "CASE WHEN parameters.taxonomy_id IS NULL THEN 'CommonParameter' ELSE (SELECT t.type FROM " +
	"taxonomies t WHERE t.id = parameters.taxonomy_id) || 'Parameter' END"

// Parameters describes the parameters of tenants.
var Parameters = &Resource{
	Class: "Parameter", Name: "parameters", Stem: "params", Only: either(VisibleParameters, WritableParameters),
	Table: "parameters", Label: "name",
	Parents: map[string]string{
		string(models.LocationKind):     "parameters.taxonomy_id = ?",
		string(models.OrganizationKind): "parameters.taxonomy_id = ?",
	},
	DefaultOrder: by(folded("parameters.name")), Search: parameterFields,
}

// CommonParameters describes the global parameters. They belong to no tenant.
var CommonParameters = &Resource{
	Class: "Parameter", Name: "common_parameters", Stem: "params",
	Only:  everybody(where("parameters.taxonomy_id IS NULL")),
	Table: "parameters", Label: "name", DefaultOrder: by(folded("parameters.name")), Search: parameterFields,
}

// VisibleParameters keeps the parameters of tenants that the caller may know of.
func VisibleParameters(p *models.Principal) Scope {
	return inOrder(where("parameters.taxonomy_id IS NOT NULL"),
		withTenants(p, "parameters.taxonomy_id", knownTenantsOf))
}

// WritableParameters keeps the parameters of tenants that the caller may change.
func WritableParameters(p *models.Principal) Scope {
	return inOrder(where("parameters.taxonomy_id IS NOT NULL"),
		withTenants(p, "parameters.taxonomy_id", OwnTenantsOf))
}
