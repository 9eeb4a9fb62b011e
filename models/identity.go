package models

// Identity is what an authority outside the directory says about a person: an LDAP server, a trusted proxy, an OpenID
// provider. A nil attribute is one that it says nothing about.
type Identity struct {
	Login                     string
	Firstname, Lastname, Mail *string
	// Groups are the names of the groups that the person is in, if GroupsTold.
	Groups     []string
	GroupsTold bool
}
