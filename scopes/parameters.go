package scopes

import (
	"roster/models"
	"roster/scopes/search"
)

// Parameters describes the parameters of tenants. Their values are not searchable, because some are hidden.
var Parameters = &Resource{
	Class: "Parameter", Name: "parameters", Stem: "params", Only: either(VisibleParameters, WritableParameters),
	Table: "parameters", Label: "name",
	Parents: map[string]string{
		string(models.LocationKind):     "parameters.taxonomy_id = ?",
		string(models.OrganizationKind): "parameters.taxonomy_id = ?",
	},
	DefaultOrder: by(folded("parameters.name")),
	Search: definition("Parameter", "parameters",
		refField("id", "parameters.id"),
		firmText("name", "parameters.name", search.Values),
		explicit(firmText("parameter_type", "parameters.parameter_type", search.Values)),
	),
}

// VisibleParameters keeps the parameters of tenants that the caller may know of.
func VisibleParameters(p *models.Principal) Scope {
	return withTenants(p, "parameters.taxonomy_id", knownTenantIDs)
}

// WritableParameters keeps the parameters of tenants that the caller may change.
func WritableParameters(p *models.Principal) Scope {
	return withTenants(p, "parameters.taxonomy_id", OwnTenantIDs)
}
