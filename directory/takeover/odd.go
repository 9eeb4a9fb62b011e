package takeover

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/models"
)

// inRange is the condition for rows whose numbers can be kept: those that programs read exactly wherever they take
// numbers for floating-point ones.
const inRange = "id BETWEEN 1 AND 9007199254740991"

// noteStrays notes the rows of a table whose numbers cannot be kept. kind narrows the table.
func (r *run) noteStrays(noun, table, kind string) error {
	return r.each(r.ctx, "SELECT id FROM "+table+" WHERE (id IS NULL OR NOT ("+inRange+")) AND "+kind+" ORDER BY id",
		func(x row) error {
			r.report.Read[noun]++
			r.report.note(noun, x.number("id"), "", "is left out: such a number cannot be kept")
			return nil
		})
}

// named returns the name of a row as it can be kept: neither empty nor too long. What it becomes is noted.
func (r *run) named(noun string, id int64, name string) string {
	name = strings.TrimSpace(name)
	if name == "" {
		name = fmt.Sprintf("%s %d", noun, id)
		r.report.note(noun, id, "", "has no name: it has become "+name)
	}
	return r.cut(noun, id, name, "the name")
}

// cut shortens a text that is too long for a name. What is cut is noted.
func (r *run) cut(noun string, id int64, text, what string) string {
	if !models.TooLong(text, models.MaxLabel) {
		return text
	}
	text = strings.TrimSpace(string([]rune(text)[:models.MaxLabel]))
	r.report.note(noun, id, text, fmt.Sprintf("%s is cut to %d characters", what, models.MaxLabel))
	return text
}

// ownLogin gives a user a login that nobody else has whom this run brings in, in capitals or not. It reports false for
// a user who has none, and is left out.
func (r *run) ownLogin(u *models.User, id int64) (bool, error) {
	if u.LowerLogin == "" {
		r.report.note(nounUser, id, "", "is left out: the login is empty")
		return false, nil
	}
	if !r.logins[u.LowerLogin] {
		return true, nil
	}
	old := u.Login
	err := r.rename(u)
	r.report.note(nounUser, id, old, "another user has the login, in these or in other letters: it has become "+u.Login)
	return true, err
}

// rename gives a user a login that is free here, and that nobody else in the other database has.
func (r *run) rename(u *models.User) error {
	login, err := unique(u.Login, "-"+strings.ToLower(r.report.Product), func(login string) (bool, error) {
		there, err := r.Exists("SELECT 1 FROM users WHERE lower_login = ?", models.LowerLogin(login))
		if there || err != nil || r.logins[models.LowerLogin(login)] {
			return true, err
		}
		return r.loginComes(login)
	})
	u.Login = login
	u.LowerLogin = models.LowerLogin(login)
	return err
}

// knowLogins notes the logins of an untouched directory, which are those of hidden accounts.
func (r *run) knowLogins() error {
	r.logins = map[string]bool{}
	if !r.report.Fresh {
		return nil
	}
	var logins []string
	err := r.Model(&models.User{}).Pluck("lower_login", &logins).Error
	for _, login := range logins {
		r.logins[login] = true
	}
	return err
}

// mend replaces bytes that are no text in the columns of a row, and remembers which ones.
func (s *Source) mend(query string, r row) {
	for column, value := range r {
		text, isText := value.(string)
		if b, isBytes := value.([]byte); isBytes {
			text = string(b)
		} else if !isText {
			continue
		}
		if models.Storable(text) {
			continue
		}
		r[column] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		_, table, _ := strings.Cut(query, " FROM ")
		table, _, _ = strings.Cut(table, " ")
		if len(s.mended) < maxMended {
			s.mended[fmt.Sprintf("%s of %s %s", column, table, r.text("id"))] = true
		}
	}
}

// maxMended is how many mended texts are named.
const maxMended = 1000

// noteMended notes the texts that could not be kept byte by byte.
func (r *run) noteMended() error {
	for _, what := range slices.Sorted(maps.Keys(r.mended)) {
		r.report.note("text", 0, what, "has bytes that are no text: replacement characters stand for them")
	}
	return nil
}
