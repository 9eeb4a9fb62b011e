// Package foreman speaks the API of Foreman, version 2, over the directory: /api and /api/v2.
//
// It owns that dialect's words: routes, envelopes, field names, casts, error bodies and the order in which a request is
// checked. It decides nothing about users, groups or tenants; each handler reads its parameters, calls one verb of the
// directory and renders what comes back. Comments cite the facts about that API that they follow (docs/spec/foreman.md,
// 1 to 22).
//
//	@title			Roster
//	@version		2
//	@description	The API of Foreman for users, groups, roles and tenants. [The API reference](/apidoc) explains every parameter, [Conventions](/apidoc/conventions) types, errors and paging. Click Authorize, put in the ids of your own records, and send a request.
//	@basePath		/
//	@accept			json
//	@produce		json
//
//	@securityDefinitions.basic	Basic
//
//	@securityDefinitions.apikey	Bearer
//	@in							header
//	@name						Authorization
//	@description				Paste: `Bearer <token>`, with a personal access token.
package foreman
