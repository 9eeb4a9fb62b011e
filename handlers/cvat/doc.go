// Package cvat speaks the users API of CVAT over the directory: users, organizations, memberships, invitations, logins,
// accounts that people make themselves, personal access tokens and what the server says of itself (docs/spec/cvat.md, 1
// to 13).
//
// It owns that API's words: media types and their versions, the organization context, filters in JSON Logic, pages, the
// order of keys and the many shapes of errors. An organization here is one that is inside no other. It decides nothing
// about users: who may see and change what, and what is wrong with a change, is what the directory says; it only
// narrows what a change of a user may name, as the original does.
//
//	@title			Roster: the API of CVAT
//	@version		2.0
//	@description	The users API of CVAT: users, organizations, memberships, invitations, logins and access tokens. Answers are application/vnd.cvat+json; bodies of requests are JSON.
//	@basePath		/cvat
//	@accept			json
//	@produce		application/vnd.cvat+json
//
//	@securityDefinitions.basic	Basic
//
//	@securityDefinitions.apikey	Token
//	@in							header
//	@name						Authorization
//	@description				Paste: `Token <key>` with the key from a login, or `Bearer <token>` with a personal access token.
package cvat
