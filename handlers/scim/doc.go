// Package scim speaks SCIM 2.0 over the directory, for the identity providers of organizations: users, groups,
// searches, changes by operations, many operations at once, and their documentation (docs/spec/scim.md, 1).
//
// The engine is driven by schemas: a resource type is data with a small store. It decides nothing about users: what may
// be seen and changed, and what is wrong with a change, is what the directory says.
//
//	@title			Roster: SCIM 2.0
//	@version		2
//	@description	Users and groups of an organization, for its identity provider. The paths also answer without /organizations/{organization}: the token selects the organization. [The guide](/docs/provisioning) has the steps at each provider. Bodies are application/scim+json or application/json, answers application/scim+json. /ServiceProviderConfig, /ResourceTypes and /Schemas need no token.
//	@basePath		/
//	@accept			json
//	@produce		json
//
//	@tag.name			users
//	@tag.description	The people of the organization
//	@tag.name			groups
//	@tag.description	The groups that the provider has made
//	@tag.name			searches
//	@tag.description	Lists by a body
//	@tag.name			bulk
//	@tag.description	Many operations in one request
//	@tag.name			me
//	@tag.description	The own account of a member
//	@tag.name			discovery
//	@tag.description	What the server can do; no token needed
//
//	@securityDefinitions.basic	Basic
//
//	@securityDefinitions.apikey	Bearer
//	@in							header
//	@name						Authorization
//	@description				Paste: `Bearer <token>`, with a token of the organization (rst_scim_...).
package scim
