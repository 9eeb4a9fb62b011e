package foreman

import (
	"errors"
	"net/http"

	"roster/directory"
	"roster/models"
	"roster/scopes"
)

// completionRoutes continue half-typed searches. The original has them in its pages only.
func (api *API) completionRoutes() []Route {
	var routes []Route
	for _, name := range scopes.Names() {
		routes = append(routes, Route{"GET", "/api/" + name + "/auto_complete_search", name, "auto_complete_search",
			anyAccount, api.complete(name)})
	}
	return routes
}

// complete returns a bare array of suggestions. A mistake in the query is one of them, with the status 200 that pages
// expect while a query is typed (docs/spec/search.md, 3 and 14).
func (api *API) complete(resource string) func(*call) error {
	return func(c *call) error {
		query, err := c.scalar("search")
		if err != nil {
			return err
		}
		suggestions, err := api.dir.Complete(c.ctx(), c.p, resource, query)
		var mistake *models.Error
		if errors.As(err, &mistake) && mistake.Subject == directory.SubjectSearch {
			return c.send(http.StatusOK, encode([]map[string]string{{"error": sentence("", mistake.Broken)}}))
		}
		if err != nil {
			return err
		}
		if suggestions == nil {
			suggestions = []scopes.Suggestion{}
		}
		return c.send(http.StatusOK, encode(suggestions))
	}
}
