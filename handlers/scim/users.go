package scim

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"roster/directory"
	"roster/handlers/scim/schema"
	"roster/models"
)

// users are the people of an organization (docs/spec/scim.md, 3.1).
type users struct{ api *API }

func (users) kind() *schema.ResourceType { return &userType }

func (users) fields() fields {
	return fields{
		columns: map[string]string{"id": "uuid", "externalid": "external_id", "username": "login",
			"name.givenname": "firstname", "name.familyname": "lastname", "displayname": "display_name",
			"meta.created": "created_on", "meta.lastmodified": "changed_on"},
		switches: map[string]string{"active": "active"},
		lists:    map[string][]string{"groups": {"in_group"}},
		implied:  map[string]map[string]any{"emails": {"value": field("mail"), "type": "work", "primary": true}},
	}
}

func (s users) list(a asked, q directory.ListQuery) (page, error) {
	found, err := s.api.dir.ProvisionedUsers(a, a.p, q)
	if err != nil {
		return page{}, err
	}
	p := page{total: found.Subtotal}
	for v, err := range found.Rows() {
		if err != nil {
			return p, err
		}
		p.resources = append(p.resources, s.show(a, v))
	}
	return p, nil
}

func (s users) get(a asked, id string) (*resource, error) {
	v, err := s.api.dir.ProvisionedUser(a, a.p, id)
	if err != nil {
		return nil, err
	}
	return s.show(a, v), nil
}

func (s users) create(a asked, doc schema.Document) (*resource, error) {
	c := changeOfUser(nil, schema.Document{}, doc)
	if active, ok := doc["active"].(bool); ok {
		c.Active = models.Some(active)
	}
	v, err := s.api.dir.ProvisionUser(a, a.p, c)
	if err != nil {
		return nil, err
	}
	return s.show(a, v), nil
}

func (s users) update(a asked, id string, _ bool, change func(*resource) (update, error)) (*resource, error) {
	v, err := s.api.dir.UpdateProvisionedUser(a, a.p, id,
		func(v *directory.ProvisionedUser) (directory.ProvisionedUserChange, error) {
			r := s.show(a, v)
			u, err := change(r)
			if err != nil {
				return directory.ProvisionedUserChange{}, err
			}
			c := changeOfUser(v, r.doc, u.Document)
			c.Replaces = u.replaces
			return c, nil
		})
	if err != nil {
		return nil, err
	}
	return s.show(a, v), nil
}

func (s users) remove(a asked, id string, match func(version string) error) error {
	return s.api.dir.DeprovisionUser(a, a.p, id, match)
}

// decoded reads the JSON of a link.
func decoded(extra string) schema.Document {
	doc := schema.Document{}
	decoder := json.NewDecoder(strings.NewReader(extra))
	decoder.UseNumber()
	_ = decoder.Decode(&doc) // the directory keeps objects alone
	return doc
}

func set(doc schema.Document, name string, value *string) {
	if value != nil && *value != "" {
		doc[name] = *value
	}
}

// show is a user as a resource.
func (s users) show(a asked, v *directory.ProvisionedUser) *resource {
	doc := decoded(v.Link.Extra)
	doc["userName"] = v.Login
	doc["active"] = v.Active
	set(doc, "externalId", v.Link.ExternalID)
	set(doc, "displayName", v.Link.DisplayName)
	name, _ := doc["name"].(schema.Document)
	if name == nil {
		name = schema.Document{}
	}
	set(name, "givenName", v.Firstname)
	set(name, "familyName", v.Lastname)
	if formatted := computedName(v); name["formatted"] == nil && formatted != "" {
		name["formatted"] = formatted
	}
	if delete(doc, "name"); len(name) > 0 {
		doc["name"] = name
	}
	if !v.Link.Provisioned && v.Link.DisplayName == nil {
		doc["displayName"] = v.Name()
	}
	if emails := emailsOf(doc["emails"], v.Mail); len(emails) > 0 {
		doc["emails"] = emails
	} else {
		delete(doc, "emails")
	}
	showPlace(doc, v)
	s.showRelated(a, doc, v)
	return &resource{id: v.Link.UUID, row: v.ID, doc: doc, created: v.CreatedAt, changed: v.Changed(),
		version: v.Version(), columns: map[string]any{"uuid": v.Link.UUID, "external_id": v.Link.ExternalID,
			"login": v.Login, "firstname": v.Firstname, "lastname": v.Lastname, "display_name": v.Link.DisplayName,
			"mail": v.Mail, "active": v.Active}}
}

// computedName is the whole name of somebody for whom none was sent.
func computedName(v *directory.ProvisionedUser) string {
	return strings.TrimSpace(models.Deref(v.Firstname) + " " + models.Deref(v.Lastname))
}

// showRelated shows what hangs on a user and cannot be written.
func (s users) showRelated(a asked, doc schema.Document, v *directory.ProvisionedUser) {
	var groups, roles, organizations []any
	for _, g := range v.InGroups {
		kind := "indirect"
		if g.Direct {
			kind = "direct"
		}
		groups = append(groups, schema.Document{"value": g.UUID, "$ref": a.location(&groupType, g.UUID),
			"display": g.Name, "type": kind})
	}
	for _, name := range v.HeldRoles {
		roles = append(roles, schema.Document{"value": name})
	}
	for _, title := range v.Within {
		organizations = append(organizations, title)
	}
	delete(doc, rosterURI)
	roster := schema.Document{"effectiveAdmin": v.EffectiveAdmin}
	if v.AuthSource != nil {
		roster["authSource"] = v.AuthSource.Name
	}
	if v.LastLoginOn != nil {
		roster["lastLogin"] = v.LastLoginOn.UTC().Format(timeForm)
	}
	for name, list := range map[string][]any{"groups": groups, "roles": roles} {
		if delete(doc, name); list != nil {
			doc[name] = list
		}
	}
	if organizations != nil {
		roster["organizations"] = organizations
	}
	if a.view.Selected() {
		doc[rosterURI] = roster
	}
	enterprise, _ := doc[enterpriseURI].(schema.Document)
	if manager, ok := enterprise["manager"].(schema.Document); ok {
		if id, ok := manager["value"].(string); ok {
			manager["$ref"] = a.location(&userType, id)
		}
	}
}

// chosen is the place of the address in a list that is the account's: the primary one, the first for work, or the
// first; -1 without any.
func chosen(list []any) int {
	best := -1
	rank := 0
	for i, v := range list {
		object, _ := v.(schema.Document)
		if text, _ := object["value"].(string); text == "" {
			continue
		}
		mine := 1
		kind, _ := object["type"].(string)
		switch {
		case object["primary"] == true:
			mine = 3
		case strings.EqualFold(kind, "work"):
			mine = 2
		}
		if mine > rank {
			best = i
			rank = mine
		}
	}
	return best
}

// mailOf is the address of an account by a list; nil where it has none that can be one.
func mailOf(list []any) *string {
	i := chosen(list)
	if i < 0 {
		return nil
	}
	text := strings.TrimSpace(list[i].(schema.Document)["value"].(string))
	if !models.ValidMail(text) {
		return nil
	}
	return &text
}

// emailsOf is the list that was kept, with the address that the account has by now.
func emailsOf(kept any, mail *string) []any {
	list, _ := kept.([]any)
	i := chosen(list)
	switch {
	case reflect.DeepEqual(mailOf(list), mail):
		return list
	case i < 0 && mail != nil:
		return append([]any{schema.Document{"value": *mail, "type": "work", "primary": true}}, list...)
	case mail == nil:
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	mended := slices.Clone(list)
	one := maps.Clone(list[i].(schema.Document))
	one["value"] = *mail
	mended[i] = one
	return mended
}

// zone and language are what the directory knows for a text of a client; nil for nothing.
func zone(text any) *string {
	name, _ := text.(string)
	if _, err := models.LoadZone(name); err != nil || models.TooLong(name, models.MaxTimezone) {
		return nil
	}
	return &name
}

func language(text any) *string {
	name, _ := text.(string)
	for _, try := range []string{strings.ReplaceAll(name, "-", "_"), firstPart(name)} {
		if models.ValidLocale(try) {
			return &try
		}
	}
	return nil
}

func firstPart(name string) string {
	if i := strings.IndexAny(name, "-_"); i >= 0 {
		name = name[:i]
	}
	return strings.ToLower(name)
}

// showPlace shows time zone and language as they were sent, unless the account has others by now.
func showPlace(doc schema.Document, v *directory.ProvisionedUser) {
	if known := zone(doc["timezone"]); doc["timezone"] == nil || known != nil {
		if !reflect.DeepEqual(known, v.Timezone) {
			delete(doc, "timezone")
			set(doc, "timezone", v.Timezone)
		}
	}
	if known := language(doc["locale"]); doc["locale"] == nil || known != nil {
		if !reflect.DeepEqual(known, v.Locale) {
			delete(doc, "locale")
			if v.Locale != nil {
				doc["locale"] = strings.ReplaceAll(*v.Locale, "_", "-")
			}
		}
	}
}

// elsewhere are the attributes that are not kept as they are.
var elsewhere = []string{"id", "externalId", "meta", "groups", "roles", "userName", "password", "active", "displayName",
	"schemas", rosterURI}

func textOf(doc schema.Document, name string) *string {
	text, ok := doc[name].(string)
	if text = strings.TrimSpace(text); !ok || text == "" {
		return nil
	}
	return &text
}

// differs sets what a document says otherwise than the directory.
func differs(into *models.Opt[*string], was, is *string) {
	if !reflect.DeepEqual(was, is) {
		*into = models.Some(is)
	}
}

// changeOfUser is the change that makes of a user what a document says; v is nil for a new one.
func changeOfUser(v *directory.ProvisionedUser, old, doc schema.Document) directory.ProvisionedUserChange {
	var c directory.ProvisionedUserChange
	if v == nil {
		v = &directory.ProvisionedUser{UserView: &directory.UserView{User: &models.User{}}}
	}
	if login := textOf(doc, "userName"); login != nil && *login != v.Login {
		c.Login = models.Some(*login)
	}
	name, _ := doc["name"].(schema.Document)
	differs(&c.Firstname, v.Firstname, textOf(name, "givenName"))
	differs(&c.Lastname, v.Lastname, textOf(name, "familyName"))
	differs(&c.ExternalID, v.Link.ExternalID, rawText(doc["externalId"]))
	if !reflect.DeepEqual(old["displayName"], doc["displayName"]) {
		c.DisplayName = models.Some(rawText(doc["displayName"]))
	}
	if !reflect.DeepEqual(old["emails"], doc["emails"]) {
		list, _ := doc["emails"].([]any)
		differs(&c.Mail, v.Mail, mailOf(list))
	}
	if !reflect.DeepEqual(old["timezone"], doc["timezone"]) {
		differs(&c.Timezone, v.Timezone, zone(doc["timezone"]))
	}
	if !reflect.DeepEqual(old["locale"], doc["locale"]) {
		differs(&c.Local, v.Locale, language(doc["locale"]))
	}
	if password, ok := doc["password"].(string); ok {
		c.Password = models.Some(password)
	}
	if active, ok := doc["active"].(bool); ok && old["active"] != nil && active != v.Active {
		c.Active = models.Some(active)
	}
	if extra := extraOf(v, old, doc); extra != canonical(v.Link.Extra) {
		c.Extra = models.Some(extra)
	}
	return c
}

func canonical(extra string) string { return string(schema.JSON(decoded(extra))) }

func rawText(v any) *string {
	if text, ok := v.(string); ok {
		return &text
	}
	return nil
}

// extraOf is what is kept for the provider: all that stands nowhere else. What is but shown is not kept, as long as the
// client leaves it as it was shown.
func extraOf(v *directory.ProvisionedUser, old, doc schema.Document) string {
	kept := decoded(v.Link.Extra)
	extra := maps.Clone(doc)
	for _, name := range elsewhere {
		delete(extra, name)
	}
	for _, name := range []string{"emails", "timezone", "locale"} {
		if reflect.DeepEqual(old[name], doc[name]) {
			if delete(extra, name); kept[name] != nil {
				extra[name] = kept[name]
			}
		}
	}
	name, _ := doc["name"].(schema.Document)
	name = maps.Clone(name)
	delete(name, "givenName")
	delete(name, "familyName")
	was, _ := kept["name"].(schema.Document)
	if was["formatted"] == nil && name["formatted"] == computedName(v) {
		delete(name, "formatted")
	}
	if delete(extra, "name"); len(name) > 0 {
		extra["name"] = name
	}
	if enterprise, ok := extra[enterpriseURI].(schema.Document); ok {
		if manager, ok := enterprise["manager"].(schema.Document); ok {
			enterprise = maps.Clone(enterprise)
			enterprise["manager"] = schema.Document{"value": manager["value"]}
			extra[enterpriseURI] = enterprise
		}
	}
	return string(schema.JSON(extra))
}
