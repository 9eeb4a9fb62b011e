package foreman

// The types below stand for answers and bodies in the documentation alone: answers are written as streams, and bodies
// are read attribute by attribute, because what clients may send is looser than any type (docs/spec/foreman.md, 3).

// listOf is a page of records.
type listOf[T any] struct {
	Total    int64    `json:"total"`    // Records that the caller may see
	Subtotal int64    `json:"subtotal"` // Those of them that match the search
	Page     int64    `json:"page"`
	PerPage  int64    `json:"per_page"`
	Search   *string  `json:"search"`
	Sort     sortedBy `json:"sort"`
	Results  []T      `json:"results"`
}

// errorAnswer, refusalAnswer and invalidAnswer are what refused requests are answered with.
type (
	errorAnswer struct {
		Error errorBody `json:"error"`
	}
	refusalAnswer struct {
		Error refusal `json:"error"`
	}
	invalidAnswer struct {
		Error invalidBody `json:"error"`
	}
)

var _ = []any{
	listOf[nothing]{}, errorAnswer{}, refusalAnswer{}, invalidAnswer{}, authSourceExternalBody{}, authSourceLdapBody{},
	bookmarkBody{}, externalUsergroupBody{}, filterBody{}, locationBody{}, mailNotificationBody{},
	mailNotificationUpdateBody{}, organizationBody{}, parameterBody{}, personalAccessTokenBody{}, roleBody{},
	settingBody{}, sshKeyBody{}, tablePreferenceBody{},
	tablePreferenceUpdateBody{}, usergroupBody{}, userBody{},
}
