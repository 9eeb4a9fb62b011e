package cvat

import (
	"slices"
	"strconv"
	"time"

	"roster/directory"
	"roster/models"
)

// stamp is a point in time as answers write it: in UTC, with microseconds only where there are any.
type stamp time.Time

// MarshalJSON renders the moment.
func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s).UTC().Truncate(time.Microsecond)
	form := `"2006-01-02T15:04:05Z"`
	if t.Nanosecond() != 0 {
		form = `"2006-01-02T15:04:05.000000Z"`
	}
	return []byte(t.Format(form)), nil
}

// stampOf is the stamp of a moment, nil for none.
func stampOf(t *time.Time) *stamp {
	if t == nil {
		return nil
	}
	s := stamp(*t)
	return &s
}

// basicUser is a user as others refer to it.
type basicUser struct {
	URL       string `json:"url" example:"https://example.com/cvat/api/users/5"` // Address of the user
	ID        int64  `json:"id" example:"5"`                                     // Id of the user
	Username  string `json:"username" example:"ann"`                             // Login name
	FirstName string `json:"first_name" example:"Ann"`                           // First name
	LastName  string `json:"last_name" example:"Smith"`                          // Last name
}

// fullUser is a user as administrators and the user see it.
type fullUser struct {
	basicUser
	Email       string   `json:"email" example:"ann@example.com"` // Mail address. Empty: none
	Groups      []string `json:"groups" example:"user"`           // System group and user groups
	IsStaff     bool     `json:"is_staff"`                        // Whether the user may view all users
	IsSuperuser bool     `json:"is_superuser"`                    // Whether the user is an administrator
	IsActive    bool     `json:"is_active" example:"true"`        // Whether the account is active
	// Last login. null: never
	LastLogin *stamp `json:"last_login" swaggertype:"string" format:"date-time"`
	// When the account was created
	DateJoined         stamp `json:"date_joined" swaggertype:"string" format:"date-time"`
	HasAnalyticsAccess bool  `json:"has_analytics_access"` // Always false: there is no analytics
}

// basic is a user as others refer to it; nil for nobody.
func (c *call) basic(u *models.User) *basicUser {
	if u == nil || u.ID == 0 {
		return nil
	}
	b := c.basicOf(u)
	return &b
}

func (c *call) basicOf(u *models.User) basicUser {
	return basicUser{
		URL: c.base() + "/api/users/" + strconv.FormatInt(u.ID, 10), ID: u.ID, Username: u.Login,
		FirstName: models.Deref(u.Firstname), LastName: models.Deref(u.Lastname),
	}
}

// full is a user with everything.
func (c *call) full(v *directory.UserView) fullUser {
	return fullUser{
		basicUser: c.basicOf(v.User), Email: models.Deref(v.Mail), Groups: c.groups(v), IsStaff: v.MayViewUsers(),
		IsSuperuser: v.Admin, IsActive: !v.IsDisabled(), LastLogin: stampOf(v.LastLoginOn),
		DateJoined: stamp(v.CreatedAt),
	}
}

// shown is a user as the caller sees it alone: whole for administrators and for the user.
func (c *call) shown(v *directory.UserView) any {
	if c.p.Admin || v.ID == c.p.UserID {
		return c.full(v)
	}
	return c.basicOf(v.User)
}

// listed is a user as the caller sees it in a list: whole for administrators.
func (c *call) listed(v *directory.UserView) any {
	if c.p.Admin {
		return c.full(v)
	}
	return c.basicOf(v.User)
}

// groups are the names of the groups of a user: the system group first, then the user groups by name
// (docs/spec/cvat.md, 1). A user group that is called like the system group of administrators says nothing.
func (c *call) groups(v *directory.UserView) []string {
	list := []string{}
	if v.EffectiveAdmin {
		list = append(list, string(models.SystemAdmin))
	}
	for _, system := range []models.SystemGroup{models.SystemUser, models.SystemWorker} {
		for _, g := range v.AllGroups {
			if g.Name == string(system) {
				list = append(list, g.Name)
			}
		}
	}
	if fallback := c.settings.Setting("cvat_default_group"); len(list) == 0 && fallback != "" {
		list = append(list, fallback)
	}
	for _, g := range v.Groups {
		if g.Name != string(models.SystemAdmin) && !slices.Contains(list, g.Name) {
			list = append(list, g.Name)
		}
	}
	return list
}
