package directory

import (
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"roster/models"
)

// checkLdapTexts refuses a filter that cannot be read, and bases that are no names of entries. What is stored stays: a
// server may understand it.
func checkLdapTexts(errs *models.FieldErrors, had, after *models.AuthSource) {
	if text := models.Deref(after.LdapFilter); text != models.Deref(had.LdapFilter) && text != "" {
		filter, ok := models.TidyFilter(text)
		if ok {
			_, err := ldap.CompileFilter(filter)
			ok = err == nil
		}
		errs.Check(ok, "ldap_filter", models.RuleFilterSyntax)
	}
	// Clients of the original save any base of people, such as "uid"; nobody gets in by one that names no entry, and
	// the test of the source says so.
	base := models.Deref(after.GroupsBase)
	errs.Check(base == models.Deref(had.GroupsBase) || models.TooLong(base, models.MaxLabel) ||
		!models.Storable(base) || isName(base), "groups_base", models.RuleNoName)
}

// attributeType is the name of an attribute, or its number.
var attributeType = regexp.MustCompile(`^(?i:[a-z][-a-z0-9_]*|(oid\.)?[0-9]+(\.[0-9]+)*)$`)

// isName reports whether a text is the name of an entry (RFC 4514), also that of the root of the tree, which is empty.
func isName(text string) bool {
	dn, err := ldap.ParseDN(text)
	if err != nil {
		return false
	}
	for _, rdn := range dn.RDNs {
		for _, part := range rdn.Attributes {
			if part.Value == "" || !attributeType.MatchString(strings.TrimSpace(part.Type)) {
				return false
			}
		}
	}
	return true
}

// checkPasswordsGo refuses changes by which a caller who is not an administrator would decide which server receives
// passwords: those of people without an account where the source registers people, and those of everybody who logs in
// where the account name contains the login. Values that are sent back unchanged decide nothing. had is empty for a new
// source.
func (t *tx) checkPasswordsGo(errs *models.FieldErrors, had, after *models.AuthSource) {
	if t.Caller.Admin {
		return
	}
	moved := serverOf(had) != serverOf(after)
	other := models.Deref(had.Account) != models.Deref(after.Account)
	if after.OntheflyRegister {
		chooses := models.Deref(had.AttrLogin) != models.Deref(after.AttrLogin) || had.Filter() != after.Filter()
		errs.Check(!had.OntheflyRegister || !chooses, "onthefly_register", models.RuleAdminsChoose)
		errs.Check(had.OntheflyRegister, "onthefly_register", models.RuleAdminsRegister)
		errs.Check(!had.OntheflyRegister || !moved && !other, "onthefly_register", models.RuleAdminsMove)
	}
	if strings.Contains(models.Deref(after.Account), "$login") {
		errs.Check(!other, "account", models.RuleAdminsLogin)
		errs.Check(other || !moved, "account", models.RuleAdminsMoveOwn)
	}
}

// server is what decides where passwords go.
type server struct {
	host, base string
	port       int64
	tls        bool
}

func serverOf(a *models.AuthSource) server {
	return server{host: models.Deref(a.Host), base: models.Deref(a.BaseDN), port: models.Deref(a.Port), tls: a.TLS}
}
