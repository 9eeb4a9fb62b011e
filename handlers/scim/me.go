package scim

import (
	"net/http"
	"reflect"
	"strings"

	"roster/directory"
	"roster/handlers/scim/patch"
	"roster/handlers/scim/schema"
	"roster/models"
)

// me is the person who asks, as a user of the organization (docs/spec/scim.md, 11).
func (c *call) me() (*directory.ProvisionedUser, error) {
	if c.person.Provisioner != nil {
		return nil, errMe
	}
	return c.api.dir.OwnProvisioned(c.ctx(), c.person, c.tenant)
}

func (c *call) showMe() error {
	v, err := c.me()
	if err != nil {
		return err
	}
	s := users{c.api}
	return c.answerWith(s, http.StatusOK, s.show(c.asking(s), v))
}

// own are the attributes of the own account that people may change.
var own = []string{"name", "emails", "password", "timezone", "locale"}

func (c *call) changeMe() error {
	v, err := c.me()
	if err != nil {
		return err
	}
	body, err := c.body(1)
	if err != nil {
		return err
	}
	ops, err := patch.Read(body)
	if err != nil {
		return err
	}
	s := users{c.api}
	r := s.show(c.asking(s), v)
	if err := precondition(strings.TrimSpace(c.Request().Header.Get("If-Match")), r.version); err != nil {
		return err
	}
	result, err := patch.Apply(&userType, r.doc, ops)
	if err != nil {
		return err
	}
	if !ownOnly(r.doc, result.Document) {
		return errOwn
	}
	full := changeOfUser(v, r.doc, result.Document)
	change := directory.UserChange{Firstname: full.Firstname, Lastname: full.Lastname, Mail: full.Mail,
		Timezone: full.Timezone, Locale: full.Local, Password: full.Password}
	if current := c.Request().Header.Get("X-Current-Password"); current != "" {
		change.CurrentPassword = models.Some(current)
	}
	if _, err := c.api.dir.UpdateUser(c.ctx(), c.person, directory.Ref{ID: c.person.UserID}, change); err != nil {
		return err
	}
	return c.showMe()
}

// ownOnly reports whether two documents differ in nothing but what people change of themselves.
func ownOnly(old, doc schema.Document) bool {
	skip := map[string]bool{}
	for _, name := range own {
		skip[name] = true
	}
	for _, a := range []schema.Document{old, doc} {
		for name := range a {
			if !skip[name] && !reflect.DeepEqual(old[name], doc[name]) {
				return false
			}
		}
	}
	return true
}

// notMe refuses what nobody does with the own account.
func (c *call) notMe() error {
	if _, err := c.me(); err != nil {
		return err
	}
	return errMe
}

func (c *call) deleteMe() error {
	if _, err := c.me(); err != nil {
		return err
	}
	return errOwn
}
