package foreman

import (
	"net/http"

	"roster/directory"
	"roster/handlers/web"
)

// listQuery reads what a list is asked for. Parents are the parameters besides the path that restrict it.
func (c *call) listQuery(parents ...string) (directory.ListQuery, error) {
	q, err := c.pageQuery()
	if err != nil {
		return q, err
	}
	if q.Parents, err = c.parents(parents...); err != nil {
		return q, err
	}
	if q.PerPage == 0 || q.PerPage > streamedFrom {
		c.SetRequest(c.Request().WithContext(web.Unbounded(c)))
	}
	return q, nil
}

// streamedFrom is the page size from which a list may take longer than other requests.
const streamedFrom = 1000

// ok answers with a record. err is what the verb said.
func ok[T any, W any](c *call, v T, err error, render func(T) W) error {
	return answer(c, http.StatusOK, v, err, render)
}

// created answers with a new record.
func created[T any, W any](c *call, v T, err error, render func(T) W) error {
	return answer(c, http.StatusCreated, v, err, render)
}

func answer[T any, W any](c *call, status int, v T, err error, render func(T) W) error {
	if err != nil {
		return err
	}
	return c.send(status, encode(c.rooted(render(v))))
}

// rooted wraps a record when root_name asks for it (docs/spec/foreman.md, 4.8).
func (c *call) rooted(v any) any {
	name := c.text("root_name")
	if name == "" || name == "false" || c.Request().Method == http.MethodDelete {
		return v
	}
	return map[string]any{name: v}
}
