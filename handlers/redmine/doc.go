// Package redmine speaks the users API of Redmine over the directory: users, my/account, groups, roles, projects,
// memberships and custom fields, in JSON and in XML (docs/spec/redmine.md, 1).
//
// It owns that API's words: paths with a suffix for the format, bodies, the order of keys and of messages, and who is
// answered how where nobody is logged in. A project is an organization here. It decides nothing about users: what may
// be seen and changed, and what is wrong with a change, is what the directory says.
//
//	@title			Roster: the API of Redmine
//	@version		7
//	@description	The users API of Redmine: users, groups, roles, organizations as projects, memberships and custom fields, in JSON and in XML. All paths also answer at the root of the server. [The API reference](/redmine/apidoc) explains every parameter.
//	@basePath		/
//	@accept			json,xml
//	@produce		json,xml
//
//	@securityDefinitions.basic	Basic
//
//	@securityDefinitions.apikey	Key
//	@in							header
//	@name						X-Redmine-API-Key
//	@description				Paste the API key of a user, or a personal access token.
package redmine
