package models

// Identity is what an external authority reports about a person: an LDAP server, a trusted proxy, an OpenID provider. A
// nil attribute is not reported.
type Identity struct {
	Login string
	// Aliases are further logins of the person at the authority.
	Aliases                   []string
	Firstname, Lastname, Mail *string
	// Groups are the names of the groups that the person is in, if GroupsTold.
	Groups     []string
	GroupsTold bool
	// Untold is why the groups could not be read; nil if they were, or nobody asked for them.
	Untold error `json:"-"`
}

// UsableLogin reports whether a user can have a login.
func UsableLogin(login string) bool {
	var errs FieldErrors
	(&User{Login: login}).validateLogin(&errs, MaxLogin)
	return len(errs) == 0
}
