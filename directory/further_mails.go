package directory

import (
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
)

// MaxFurtherMails is how many mail addresses a user has beyond the first.
const MaxFurtherMails = 20

// furtherMails are the mail addresses of a user beyond the first, in the order in which they came.
func (t *tx) furtherMails(user int64) ([]string, error) {
	var addresses []string
	err := t.Model(&models.UserMail{}).Where("user_id = ?", user).Order("id").Pluck("address", &addresses).Error
	return addresses, err
}

// applyFurtherMails writes the addresses that a change asks for into the state.
func (u *userState) applyFurtherMails(wanted models.Opt[[]string]) {
	if !wanted.Set {
		return
	}
	u.further = []string{}
	for _, address := range wanted.Value {
		if address = strings.TrimSpace(address); address != "" {
			u.further = append(u.further, address)
		}
	}
}

// checkFurtherMails reports the rules that new addresses break: their form and domain, none twice, and not the first.
func (t *tx) checkFurtherMails(errs *models.FieldErrors, before, after *userState) error {
	const attr = "further_mails"
	had := orNew(before).further
	if slices.Equal(had, after.further) {
		return nil
	}
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	errs.Check(len(after.further) <= MaxFurtherMails, attr, models.RuleTooMany, MaxFurtherMails)
	seen := map[string]bool{models.LowerLogin(models.Deref(after.Mail)): true}
	for _, address := range after.further {
		lower := models.LowerLogin(address)
		errs.Check(!seen[lower], attr, models.RuleTaken)
		seen[lower] = true
		if slices.Contains(had, address) {
			continue
		}
		errs.Check(models.ValidMail(address), attr, models.RuleInvalid)
		errs.Check(!models.TooLong(address, models.MaxMail), attr, models.RuleTooLong, models.MaxMail)
		if _, domain, ok := strings.Cut(address, "@"); ok {
			errs.Check(domainAllowed(r, domain), attr, models.RuleMailDomain, domain)
		}
	}
	return nil
}

// writeFurtherMails stores the addresses that changed.
func (t *tx) writeFurtherMails(before, after *userState) error {
	had := orNew(before).further
	for _, address := range had {
		if slices.Contains(after.further, address) {
			continue
		}
		err := t.Where("user_id = ? AND address = ?", after.ID, address).Delete(&models.UserMail{}).Error
		if err != nil {
			return err
		}
	}
	for _, address := range after.further {
		if slices.Contains(had, address) {
			continue
		}
		row := models.UserMail{UserID: after.ID, Address: address, LowerAddress: models.LowerLogin(address),
			Notify: true, CreatedAt: t.Time, UpdatedAt: t.Time}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// furtherFact is the audited form of the addresses, nil for none.
func (u *userState) furtherFact() models.Change {
	fact := models.Change{Attr: "further_mails"}
	if len(u.further) > 0 {
		fact.Value = slices.Clone(u.further)
	}
	return store.Seldom(fact)
}
