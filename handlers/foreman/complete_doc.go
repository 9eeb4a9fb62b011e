package foreman

// Continues a half-typed search.
//
//	@Summary	Continues a half-typed search
//	@Description	Every list has its own. What is wrong with the search is an element with the member error alone.
//	@Tags	completion
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"What has been typed so far"
//	@Success	200	{array}	search.Suggestion
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/audits/auto_complete_search	[get]
//	@Router	/api/auth_source_externals/auto_complete_search	[get]
//	@Router	/api/auth_source_internals/auto_complete_search	[get]
//	@Router	/api/auth_source_ldaps/auto_complete_search	[get]
//	@Router	/api/auth_sources/auto_complete_search	[get]
//	@Router	/api/bookmarks/auto_complete_search	[get]
//	@Router	/api/external_usergroups/auto_complete_search	[get]
//	@Router	/api/filters/auto_complete_search	[get]
//	@Router	/api/locations/auto_complete_search	[get]
//	@Router	/api/mail_notifications/auto_complete_search	[get]
//	@Router	/api/organizations/auto_complete_search	[get]
//	@Router	/api/parameters/auto_complete_search	[get]
//	@Router	/api/permissions/auto_complete_search	[get]
//	@Router	/api/personal_access_tokens/auto_complete_search	[get]
//	@Router	/api/roles/auto_complete_search	[get]
//	@Router	/api/settings/auto_complete_search	[get]
//	@Router	/api/ssh_keys/auto_complete_search	[get]
//	@Router	/api/table_preferences/auto_complete_search	[get]
//	@Router	/api/usergroups/auto_complete_search	[get]
//	@Router	/api/users/auto_complete_search	[get]
func _() {}
