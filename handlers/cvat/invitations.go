package cvat

import (
	"errors"
	"net/http"
	"strconv"

	"roster/directory"
	"roster/models"
)

// basicOrganization is an organization as others refer to it.
type basicOrganization struct {
	ID   int64  `json:"id" example:"2"`      // Id of the organization
	Slug string `json:"slug" example:"crew"` // Short name
}

// invitationRead is an invitation into an organization.
type invitationRead struct {
	Key string `json:"key" example:"..."` // Key of the invitation
	// When it was created
	CreatedDate stamp      `json:"created_date" swaggertype:"string" format:"date-time"`
	Owner       *basicUser `json:"owner"` // The sender. null: the account was deleted
	// Role of the member
	Role         string     `json:"role" example:"worker" enums:"worker,supervisor,maintainer,owner"`
	User         *basicUser `json:"user"`                     // Mail address of the invited person
	Organization int64      `json:"organization" example:"2"` // Id of the organization
	// Whether it has expired. null: no mail was sent
	Expired          *bool             `json:"expired"`
	OrganizationInfo basicOrganization `json:"organization_info"` // The organization
	Accepted         bool              `json:"accepted"`          // Whether the invitation was accepted
}

func (c *call) invitationOf(v *directory.InvitationView) invitationRead {
	return invitationRead{
		Key: v.Key, CreatedDate: stamp(v.CreatedAt), Owner: c.basic(v.Owner), Role: string(v.Role),
		User: c.basic(v.User), Organization: v.Organization.ID, Expired: v.Expired, Accepted: v.Accepted,
		OrganizationInfo: basicOrganization{v.Organization.ID, models.Deref(v.Organization.Slug)},
	}
}

// invitationsList lists the invitations of the organization of the request, or those that the caller sent and received.
func (api *API) invitationsList(c *call) error {
	type view = *directory.InvitationView
	return list(c, invitationFields, "created_on", func(q directory.ListQuery) (*directory.List[view], error) {
		return api.dir.Invitations(c.ctx(), c.p, c.within, q)
	}, c.invitationOf)
}

// invitationsCreate invites somebody into the organization of the request (docs/spec/cvat.md, 7).
func (api *API) invitationsCreate(c *call) error {
	if c.organization == nil {
		if !c.p.Admin {
			return errForbidden
		}
		return refuseWith("The request has to name the organization.")
	}
	// Who may invite nobody is told so, whatever else is wrong.
	if err := api.dir.MayInvite(c.ctx(), c.p, c.organization.ID, models.OrganizationWorker); err != nil {
		return err
	}
	r := &reader{body: c.body, whole: true}
	role, _ := r.choice("role", true, knownRole)
	mail, _ := r.text("email", textForm{required: true, most: maxMail, mail: true})
	if err := r.wrong.err(); err != nil {
		return err
	}
	v, err := api.dir.Invite(c.ctx(), c.p, c.organization.ID, mail, models.OrganizationRole(role))
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, c.invitationOf(v))
}

func (api *API) invitationsRetrieve(c *call) error {
	v, err := api.dir.Invitation(c.ctx(), c.p, c.target.params["key"])
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.invitationOf(v))
}

func (api *API) invitationsDestroy(c *call) error {
	if err := api.dir.WithdrawInvitation(c.ctx(), c.p, c.target.params["key"]); err != nil {
		return err
	}
	return c.done()
}

// acceptedInvitation is the answer to who accepts an invitation.
type acceptedInvitation struct {
	OrganizationSlug string `json:"organization_slug" example:"crew"` // The organization of the caller
}

// Actions on invitations answer refusals with a bare text (docs/spec/cvat.md, 3 and 7).

func (api *API) invitationsAccept(c *call) error {
	o, err := api.dir.AcceptInvitation(c.ctx(), c.p, c.target.params["key"])
	if err != nil {
		return bare(err, "Your invitation is already accepted.")
	}
	return c.send(http.StatusOK, acceptedInvitation{models.Deref(o.Slug)})
}

func (api *API) invitationsDecline(c *call) error {
	if err := api.dir.DeclineInvitation(c.ctx(), c.p, c.target.params["key"]); err != nil {
		return bare(err, "Your invitation is already accepted.")
	}
	return c.done()
}

// maxResends is how often somebody has invitations sent again in an hour.
const maxResends = 5

func (api *API) invitationsResend(c *call) error {
	wait, ok := api.o.Resends.Allow(strconv.FormatInt(c.p.UserID, 10), maxResends)
	if !ok {
		return throttled{wait}
	}
	if err := api.dir.ResendInvitation(c.ctx(), c.p, c.target.params["key"]); err != nil {
		return bare(err, "This invitation is already accepted.")
	}
	return c.done()
}

// bare answers what an invitation refuses by its state with a text; accepted is what is said of one that was accepted.
func bare(err error, accepted string) error {
	var e *models.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Rule {
	case models.RuleInvitationAccepted:
		return refusal{http.StatusBadRequest, accepted}
	case models.RuleInvitationExpired, models.RuleNoMail:
		return refusal{http.StatusBadRequest, words[e.Rule]}
	}
	return err
}
