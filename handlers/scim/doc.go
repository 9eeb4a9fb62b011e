// Package scim speaks SCIM 2.0 over the directory, for the identity providers of organizations: users, groups,
// searches, changes by operations, many operations at once, and their documentation (docs/spec/scim.md, 1).
//
// The engine is driven by schemas: a resource type is data with a small store. It decides nothing about users: what may
// be seen and changed, and what is wrong with a change, is what the directory says.
//
//	@title			Roster: SCIM 2.0
//	@version		2
//	@description	Users and groups of an organization, for its identity provider. The paths answer without /organizations/{organization}, too: the token names the organization. Authorize with the word Bearer and a token of the organization. Bodies are application/scim+json or application/json, answers application/scim+json. /ServiceProviderConfig, /ResourceTypes and /Schemas need no token.
//	@basePath		/
//	@accept			json
//	@produce		json
//
//	@securityDefinitions.basic	Basic
//
//	@securityDefinitions.apikey	Bearer
//	@in							header
//	@name						Authorization
//	@description				Bearer and a token of the organization, such as "Bearer rst_scim_...".
package scim
