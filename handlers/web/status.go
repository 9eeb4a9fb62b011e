package web

import (
	"net/http"

	"roster/models"
)

// Status returns the HTTP status of a kind of failure. Dialects that see one of them otherwise say so in their
// errors.go.
func Status(kind models.Kind) int {
	switch kind {
	case models.Invalid:
		return http.StatusUnprocessableEntity
	case models.Unauthenticated:
		return http.StatusUnauthorized
	case models.Forbidden:
		return http.StatusForbidden
	case models.NotFound:
		return http.StatusNotFound
	case models.Conflict:
		return http.StatusConflict
	case models.Unavailable:
		return http.StatusServiceUnavailable
	case models.BadRequest:
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
