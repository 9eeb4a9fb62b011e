package scim

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers/scim/schema"
	"roster/handlers/web"
	"roster/models"
	"roster/scopes/search"
)

const errorURI = "urn:ietf:params:scim:api:messages:2.0:Error"

// errorBody is an error as clients get it (docs/spec/scim.md, 12).
type errorBody struct {
	Schemas []string `json:"schemas" example:"urn:ietf:params:scim:api:messages:2.0:Error"`
	// Status of the answer, as text
	Status string `json:"status" example:"409"`
	// Kind of the error, for 400 and 409
	ScimType string `json:"scimType,omitempty" example:"uniqueness"`
	// Explanation of the error
	Detail string `json:"detail" example:"userName is taken"`
}

func errorOf(status int, kind, detail string) errorBody {
	return errorBody{[]string{errorURI}, strconv.Itoa(status), kind, detail}
}

func notFound(c echo.Context) error {
	if c.Request().Method == http.MethodOptions {
		c.Response().Header().Set("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
		return c.NoContent(http.StatusNoContent)
	}
	return send(c, http.StatusNotFound, schema.JSON(errorOf(http.StatusNotFound, "", errNoPath.Error())))
}

func fault(c echo.Context) error {
	return send(c, http.StatusInternalServerError, schema.JSON(errorOf(http.StatusInternalServerError, "",
		"something has gone wrong; the server's log says what")))
}

// fail answers with an error.
func (c *call) fail(err error) error {
	body := c.explain(err)
	if body == nil {
		return err // the server logs it and answers 500
	}
	h := c.Response().Header()
	status, _ := strconv.Atoi(body.Status)
	var verb verbError
	var limit limitError
	switch {
	case status == http.StatusUnauthorized:
		challenge := `Bearer realm="scim"`
		if errors.Is(err, errCredentials) {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case errors.As(err, &verb):
		h.Set("Allow", verb.allow)
	case errors.As(err, &limit):
		h.Set("Retry-After", seconds(limit.wait))
	case status == http.StatusServiceUnavailable:
		c.api.outages.Log(c.ctx(), c.api.o.Log, err)
		h.Set("Retry-After", web.RetryAfter)
	}
	return send(c, status, schema.JSON(body))
}

// statuses are those of refusals.
var statuses = map[error]int{errNoPath: http.StatusNotFound, errPrecondition: http.StatusPreconditionFailed,
	errMe: http.StatusNotImplemented, errMediaType: http.StatusUnsupportedMediaType,
	errSwitchedOff: http.StatusForbidden, errCredentials: http.StatusUnauthorized, errNobody: http.StatusUnauthorized,
	errNotProvider: http.StatusForbidden, errOwn: http.StatusForbidden}

// explain words an error; nil for a fault of the server.
func (c *call) explain(err error) *errorBody {
	b := func(status int, kind, detail string) *errorBody {
		body := errorOf(status, kind, detail)
		return &body
	}
	var wrong *schema.Error
	var verb verbError
	var limit limitError
	var large tooLargeError
	for known, status := range statuses {
		if errors.Is(err, known) {
			return b(status, "", known.Error())
		}
	}
	switch {
	case errors.As(err, &wrong):
		if wrong.Type == schema.Uniqueness {
			return b(http.StatusConflict, wrong.Type, wrong.Detail)
		}
		return b(http.StatusBadRequest, wrong.Type, wrong.Detail)
	case errors.As(err, &verb):
		return b(http.StatusMethodNotAllowed, "", verb.Error())
	case errors.As(err, &limit):
		return b(http.StatusTooManyRequests, "", limit.Error())
	case errors.As(err, &large):
		return b(http.StatusRequestEntityTooLarge, "", fmt.Sprintf(
			"the request is too large: {\"maxOperations\":%d,\"maxPayloadSize\":%d}", maxOperations, large.most))
	}
	if status, ok := web.RequestStatus(err); ok {
		return b(status, schema.InvalidSyntax, "the body is no JSON: "+err.Error())
	}
	var query *search.Error
	if errors.As(err, &query) {
		return b(http.StatusBadRequest, schema.InvalidFilter, query.Message)
	}
	var e *models.Error
	if !errors.As(c.api.dir.Failure(err), &e) || e.Kind == models.Internal {
		return nil
	}
	return c.explainRule(e)
}

// explainRule words what the directory refuses.
func (c *call) explainRule(e *models.Error) *errorBody {
	status := http.StatusBadRequest
	kind := schema.InvalidValue
	switch {
	case e.Kind == models.Unauthenticated:
		return c.explain(errCredentials)
	case e.Kind == models.Forbidden, e.Kind == models.NotFound, e.Kind == models.Unavailable:
		status = web.Status(e.Kind)
		kind = ""
	case e.Rule == models.RuleOtherVersion:
		status = http.StatusServiceUnavailable
		kind = ""
	case e.Rule == models.RuleQuery:
		kind = schema.InvalidFilter
	case e.Kind == models.Conflict, broken(e, models.RuleTaken):
		status = http.StatusConflict
		kind = schema.Uniqueness
	case broken(e, models.RuleExternalLogin):
		kind = schema.Mutability
	}
	body := errorOf(status, kind, sentences(e))
	return &body
}

func broken(e *models.Error, rule models.Rule) bool {
	for _, f := range e.Fields {
		if f.Rule == rule {
			return true
		}
	}
	return false
}

// payload is how large a body may be.
func (api *API) payload() int64 { return min(maxBody, api.o.Bodies.Limit()) }

// words are what sentences say of a rule.
var words = map[models.Rule]string{
	models.RuleBlank: "is required", models.RuleInvalid: "has a form that is not allowed", models.RuleTaken: "is taken",
	models.RuleTooLong:      "is too long (at most %d characters)",
	models.RuleTooShort:     "is too short (at least %d characters)",
	models.RuleTooManyBytes: "is too long (at most %d bytes)", models.RuleReserved: "is reserved",
	models.RuleGroupHasName: "is taken", models.RuleUserHasName: "is taken",
	models.RuleMailDomain: "has a domain that is not allowed", models.RulePasswordClass: "lacks characters of a kind",
	models.RulePasswordSame: "is the one so far", models.RulePasswordCommon: "is one that many people have",
	models.RulePasswordNumeric: "is a number", models.RulePasswordSimilar: "is much like another attribute",
	models.RuleExternalLogin:      "is kept elsewhere and cannot be changed",
	models.RuleKeptElsewhere:      "is kept elsewhere and cannot be changed",
	models.RuleCycle:              "would contain the group itself",
	models.RuleContainsItself:     "would contain the group itself",
	models.RuleAdministratorsOnly: "this account or group may not be changed by provisioning",
	models.RuleReadOnlyToken:      "the token may only read",
	models.RuleOfAdministrator:    "this account may not be changed by provisioning",
	models.RuleOfStronger:         "this account may not be changed by provisioning",
	models.RuleOfOthers:           "this account belongs to others, too, and may not be changed like this",
	models.RuleBusy:               "the server is busy, please try again",
	models.RuleOtherVersion:       "the resource is changing, please try again",
	models.RuleTooManyDeactivations: "too many people would be switched off in an hour; an administrator has to " +
		"look at this",
	models.RuleNoSource:        "the setting scim_auth_source names no auth source that the organization has: %s",
	models.RuleMembershipEnded: "the membership of the organization has ended: %s",
	models.RuleLastAdmin:       "the last administrator may not be changed",
	models.RuleTooSlow:         "the request takes too long", models.RuleQuery: "%s",
}

// attributes are what the protocol calls those of the directory.
var attributes = map[string]string{"login": "userName", "firstname": "name.givenName", "lastname": "name.familyName",
	"mail": "emails", "name": "displayName", "usergroup_ids": "members", "user_ids": "members", "extra": "the resource"}

// sentences word an error for people.
func sentences(e *models.Error) string {
	if e.Subject != "" && e.Kind == models.NotFound {
		return "there is no such resource"
	}
	if len(e.Fields) == 0 {
		return sentence(e.Broken)
	}
	var list []string
	for _, f := range e.Fields {
		name := f.Attr
		if known, ok := attributes[name]; ok {
			name = known
		}
		if name == models.Base {
			list = append(list, sentence(f.Broken))
			continue
		}
		list = append(list, name+" "+sentence(f.Broken))
	}
	return strings.Join(list, "; ")
}

func sentence(b models.Broken) string {
	text, ok := words[b.Rule]
	if !ok {
		return strings.ReplaceAll(string(b.Rule), "_", " ")
	}
	if strings.Contains(text, "%") && len(b.Args) > 0 {
		return fmt.Sprintf(text, b.Args[0])
	}
	return text
}
