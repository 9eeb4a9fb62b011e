package takeover

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
)

// run is one takeover, from a database of whatever product: what all of them do alike.
type run struct {
	*Source
	*writer
	// loginComes reports whether somebody in the other database has a login.
	loginComes func(login string) (bool, error)
	// location is the one in which everybody is; 0 for none.
	location                    int64
	internal, hidden, roleOfAll int64
	// logins are those of the users whom this run has brought in, in small letters.
	logins map[string]bool
	// made are the numbers here of the rows that this run brought in, by kind.
	made map[string]map[int64]bool
	// total is how many users there are, done how many of them were brought in.
	total, done int
}

// needs returns an error unless all tables are there that make a database one of a product.
func (s *Source) needs(ctx context.Context, product string, tables ...string) error {
	for _, table := range tables {
		there, err := s.has(ctx, table, "")
		if err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("this is no database of %s: there is no table %s", product, table)
		}
	}
	return nil
}

// base finds what everything hangs on, and makes the location that everybody is in where there is none: who is in no
// location sees nobody.
func (r *run) base() error {
	if err := r.measure(); err != nil {
		return err
	}
	for kind, id := range map[models.AuthSourceKind]*int64{
		models.InternalSource: &r.internal, models.HiddenSource: &r.hidden,
	} {
		if err := r.Raw("SELECT MIN(id) FROM auth_sources WHERE type = ?", kind).Row().Scan(id); err != nil {
			return err
		}
	}
	if err := r.Raw("SELECT MIN(id) FROM roles WHERE builtin = ?", models.BuiltinDefault).Row().
		Scan(&r.roleOfAll); err != nil {
		return err
	}
	var locations []int64
	err := r.Model(&models.Tenant{}).Where("type = ?", models.LocationKind).Order("id").Pluck("id", &locations).Error
	if err != nil {
		return err
	}
	switch len(locations) {
	case 0:
		location := &models.Tenant{ID: r.number("taxonomies"), Type: models.LocationKind, Name: r.report.Product}
		location.Normalize()
		location.Title = location.Name
		location.CreatedAt = r.Time
		location.UpdatedAt = r.Time
		if err := r.Create(location).Error; err != nil {
			return err
		}
		r.location = location.ID
		r.report.note("location", 0, location.Name, "was made: everybody from "+r.report.Product+" is in it")
		return r.InsertTenantClosure(location)
	case 1:
		r.location = locations[0]
	default:
		r.report.note("location", 0, "", "there are several locations: users from "+r.report.Product+" are in none of "+
			"them, and see nobody until they are")
	}
	return nil
}

// askAboutLogins stops where logins exist and nothing is decided about them. The query reads the users by id and login.
func (r *run) askAboutLogins(query string) error {
	if r.o.OnConflict != ConflictAsk {
		return nil
	}
	conflicts := 0
	err := r.each(r.ctx, query, func(x row) error {
		if r.known(nounUser, x.number("id")) != 0 {
			return nil
		}
		there, err := r.Exists("SELECT 1 FROM users WHERE lower_login = ?", models.LowerLogin(x.text("login")))
		if there {
			conflicts++
			r.report.note(nounUser, x.number("id"), x.text("login"), "the login exists here")
		}
		return err
	})
	if err == nil && conflicts > 0 {
		err = ErrConflicts
	}
	return err
}

var errNoUsers = errors.New("the database has no users")

// count finds out how many users there are; a database without any is refused.
func (r *run) count(query string) error {
	err := r.each(r.ctx, query, func(x row) error {
		r.total = int(x.number("total"))
		return nil
	})
	if err == nil && r.total == 0 {
		err = errNoUsers
	}
	return err
}

// progress tells that some more users were brought in.
func (r *run) progress(more int) {
	if r.done += more; r.o.Progress != nil {
		r.o.Progress(r.done, r.total)
	}
}

// isNew reports whether a row was brought in by this run. What an earlier one brought in is the directory's own since.
func (r *run) isNew(noun string, id int64) bool {
	if r.made == nil {
		r.made = map[string]map[int64]bool{}
	}
	if r.made[noun] == nil {
		r.made[noun] = map[int64]bool{}
		for _, pair := range r.pairs {
			if pair.Noun == noun {
				r.made[noun][pair.NewID] = true
			}
		}
	}
	return r.made[noun][id]
}

// sample returns a few of a set, for a note.
func sample(set map[string]bool) string {
	var list []string
	for text := range set {
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list[:min(3, len(list))], ", ")
}

// groupsHere are the groups of some users as they are here now, in the order of their numbers.
func (r *run) groupsHere(ids []int64) (map[int64][]int64, error) {
	condition, list := r.Store.InIDs("user_id", ids)
	var rows []struct{ UserID, UsergroupID int64 }
	err := r.Table("usergroup_users").Where(condition, list).Order("user_id, usergroup_id").Scan(&rows).Error
	groups := map[int64][]int64{}
	for _, g := range rows {
		groups[g.UserID] = append(groups[g.UserID], g.UsergroupID)
	}
	return groups, err
}

// differences tells what of a user, whose number here is id, is not as it was read.
type differences func(x row, id int64, here *models.User) []string

// compareSome compares some users of the other database with what they are here now. look reads what belongs to the
// users of some numbers, and returns what tells of one of them what differs.
func (r *run) compareSome(rows []row, login string, look func(ids []int64) (differences, error)) error {
	ids := make([]int64, 0, len(rows))
	for _, x := range rows {
		if id := r.known(nounUser, x.number("id")); id != 0 {
			ids = append(ids, id)
		}
	}
	condition, list := r.Store.InIDs("id", ids)
	var users []models.User
	if err := r.Where(condition, list).Find(&users).Error; err != nil {
		return err
	}
	here := store.IndexByID(users, func(u *models.User) int64 { return u.ID })
	differ, err := look(ids)
	if err != nil {
		return err
	}
	for _, x := range rows {
		id := r.known(nounUser, x.number("id"))
		if id == 0 {
			continue
		}
		r.report.Compared++
		what := []string{"is missing"}
		if here[id] != nil {
			r.report.comparing = true
			what = differ(x, id, here[id])
			r.report.comparing = false
		}
		if len(what) > 0 {
			r.report.Different++
			r.report.note(nounUser, x.number("id"), x.text(login), "differs here: "+strings.Join(what, ", "))
		}
	}
	return nil
}

// compared is one thing of a user as it was read, and as it is here.
type compared struct {
	name      string
	want, got any
}

// different returns the names of the things that differ.
func different(list []compared) []string {
	var what []string
	for _, c := range list {
		if !reflect.DeepEqual(c.want, c.got) {
			what = append(what, c.name)
		}
	}
	return what
}
