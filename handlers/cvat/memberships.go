package cvat

import (
	"net/http"

	"roster/directory"
	"roster/models"
)

// membershipRead is a membership of a user in an organization.
type membershipRead struct {
	ID           int64      `json:"id" example:"9"`           // Id of the membership
	User         *basicUser `json:"user"`                     // The member
	Organization int64      `json:"organization" example:"2"` // Id of the organization
	IsActive     bool       `json:"is_active" example:"true"` // Whether the membership is active
	// When the member joined. null: the invitation is open
	JoinedDate *stamp `json:"joined_date" swaggertype:"string" format:"date-time"`
	// Role of the member
	Role       string  `json:"role" example:"worker" enums:"worker,supervisor,maintainer,owner"`
	Invitation *string `json:"invitation"` // Key of the invitation. null: none
}

func (c *call) membershipOf(m *directory.OrganizationMember) membershipRead {
	read := membershipRead{
		ID: m.ID, User: c.basic(m.User), Organization: m.TenantID, IsActive: m.State == models.MemberActive,
		Role: string(m.Role), Invitation: models.NilIfEmpty(m.Invitation),
	}
	if m.State != models.MemberInvited {
		read.JoinedDate = stampOf(&m.JoinedAt)
	}
	return read
}

// membershipsList lists the memberships of the organization of the request, or the caller's own.
func (api *API) membershipsList(c *call) error {
	type view = *directory.OrganizationMember
	return list(c, membershipFields, "id", func(q directory.ListQuery) (*directory.List[view], error) {
		return api.dir.OrganizationMembers(c.ctx(), c.p, c.within, q)
	}, c.membershipOf)
}

func (api *API) membershipsRetrieve(c *call) error {
	m, err := c.membershipOfPath()
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.membershipOf(m))
}

func (c *call) membershipOfPath() (*directory.OrganizationMember, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return c.api.dir.OrganizationMember(c.ctx(), c.p, id)
}

// membershipsUpdate changes the role of a member, and nothing else (docs/spec/cvat.md, 6).
func (api *API) membershipsUpdate(c *call) error {
	m, err := c.membershipOfPath()
	if err != nil {
		return err
	}
	for name := range c.body {
		if name != "role" {
			return errUnknownField
		}
	}
	r := &reader{body: c.body}
	role, given := r.choice("role", false, knownRole)
	if err := r.wrong.err(); err != nil {
		return err
	}
	if given {
		m, err = api.dir.SetOrganizationRole(c.ctx(), c.p, m.ID, models.OrganizationRole(role))
		if err != nil {
			return err
		}
	}
	return c.send(http.StatusOK, c.membershipOf(m))
}

func knownRole(word string) bool { return models.OrganizationRole(word).Known() }

// membershipsDestroy sends a member away; members leave by it as well.
func (api *API) membershipsDestroy(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	if err := api.dir.EndOrganizationMembership(c.ctx(), c.p, id); err != nil {
		return err
	}
	return c.done()
}
