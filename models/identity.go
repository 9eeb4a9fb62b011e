package models

// Identity is what an external authority reports about a person: an LDAP server, a trusted proxy, an OpenID provider. A
// nil attribute is not reported.
type Identity struct {
	Login                     string
	Firstname, Lastname, Mail *string
	// Groups are the names of the groups that the person is in, if GroupsTold.
	Groups     []string
	GroupsTold bool
}
