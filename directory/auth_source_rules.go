package directory

import (
	"strings"

	"roster/models"
)

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
	return server{host: models.Deref(a.Host), base: models.Deref(a.BaseDN), port: zeroOr(a.Port), tls: a.TLS}
}
