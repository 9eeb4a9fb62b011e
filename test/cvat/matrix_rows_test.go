package cvat

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// matrixDeviations are the rows of the matrix that this server decides otherwise, and why.
var matrixDeviations = map[string]string{}

// matrixOrganization is the organization in whose name rows are asked.
const matrixOrganization = 1

// matrix asks every row of the permission matrix as somebody who is what the row says, about somebody new.
func (p *player) matrix(t *testing.T, rows [][]any, allowed map[string]string) {
	if len(rows) == 0 {
		t.Error("there are no rows")
	}
	w := newWorld(t, p.database(t))
	w.organization(matrixOrganization, "matrix", "Matrix", "{}", fixtureTime)
	for id := int64(1); id <= 2; id++ { // so that no row is about the last administrator
		w.person(id, fmt.Sprint("root", id), "", "", "", "secret", true, true, fixtureTime)
	}
	agree := 0
	for i, row := range rows {
		name := fmt.Sprint(row)
		got := w.row(int64(10+2*i), row)
		want := row[6] == true
		if _, differs := allowed[name]; differs {
			want = !want
		} else if got == want {
			agree++
		}
		if got != want {
			t.Errorf("row %d, %s: got %v", i, name, got)
		}
	}
	t.Logf("%d of %d rows agree", agree, len(rows))
}

// row asks one row and reports whether it is allowed.
func (w *world) row(id int64, row []any) bool {
	w.T.Helper()
	text := func(i int) string {
		s, _ := row[i].(string)
		return s
	}
	scope := text(1)
	privilege := text(2)
	asker := fmt.Sprint("asker", id)
	w.person(id, asker, "", "", "", "secret", privilege == "admin", true, fixtureTime)
	if privilege != "" {
		w.join(id, privilege)
	}
	w.person(id+1, fmt.Sprint("other", id), "", "", "", "secret", false, true, fixtureTime)
	if role := text(4); role != "" {
		w.member(0, matrixOrganization, id, role, true, time.Time(fixtureTime))
	}
	w.member(0, matrixOrganization, id+1, "worker", true, fixtureTime)
	w.changed()
	query := ""
	if text(3) == "org" {
		query = "?org=matrix"
	}
	target := id
	if text(5) == "other" {
		target = id + 1
	}
	path := fmt.Sprintf("/cvat/api/users/%d%s", target, query)
	c := w.client(asker)
	status := 0
	switch scope {
	case "list":
		status = c.Get("/cvat/api/users" + query).Status
	case "view":
		status = c.Get(path).Status
	case "delete":
		status = c.Delete(path).Status
	case "update", "update:personal_data":
		status = c.Patch(path, object{"first_name": "New"}).Status
	case "update:email":
		status = c.Patch(path, object{"email": fmt.Sprintf("new%d@example.org", id)}).Status
	case "update:permissions":
		status = c.Patch(path, object{"is_active": true}).Status
	}
	if !slices.Contains([]int{200, 204, 403}, status) {
		w.T.Errorf("%v: got status %d", row, status)
	}
	return status != 403
}
