package cvat

import (
	"fmt"
	"slices"
	"testing"

	"roster/test/cvatfixture"
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
	w := newWorld(t, p.database(t), matrixDump(rows))
	agree := 0
	for i, row := range rows {
		name := fmt.Sprint(row)
		got := w.row(askerOf(i), row)
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

// askerOf is the number of the one who asks a row; the next number is that of the other one.
func askerOf(row int) int64 { return int64(10 + 2*row) }

// matrixDump is a dump of an organization with those who ask the rows, and those who are asked about.
func matrixDump(rows [][]any) []byte {
	dump := []cvatfixture.Row{{Model: "organizations.organization", PK: matrixOrganization, Fields: map[string]any{
		"slug": "matrix", "name": "Matrix", "description": "", "created_date": fixtureTime, "updated_date": fixtureTime,
		"contact": map[string]any{}, "owner": nil}}}
	hash := cvatfixture.PasswordHash("secret", "abcdefghijklmnopqrstuv")
	person := func(id int64, name string, admin bool, groups ...any) {
		dump = append(dump, cvatfixture.Row{Model: "auth.user", PK: id, Fields: map[string]any{
			"username": name, "password": hash, "is_superuser": admin, "is_staff": admin, "is_active": true,
			"first_name": "", "last_name": "", "email": "", "last_login": nil, "date_joined": fixtureTime,
			"groups": groups}})
	}
	member := func(user int64, role string) {
		dump = append(dump, cvatfixture.Row{Model: "organizations.membership", PK: user, Fields: map[string]any{
			"user": user, "organization": matrixOrganization, "is_active": true, "joined_date": fixtureTime,
			"role": role}})
	}
	groups := map[string]int{}
	for i, name := range []string{"admin", "business", "user", "worker"} {
		groups[name] = i + 1
		dump = append(dump, cvatfixture.Row{Model: "auth.group", PK: i + 1,
			Fields: map[string]any{"name": name, "permissions": []any{}}})
	}
	for id := int64(1); id <= 2; id++ { // so that no row is about the last administrator
		person(id, fmt.Sprint("root", id), true, groups["admin"])
	}
	for i, row := range rows {
		id := askerOf(i)
		privilege, _ := row[2].(string)
		in := []any{}
		if privilege != "" {
			in = append(in, groups[privilege])
		}
		person(id, fmt.Sprint("asker", id), privilege == "admin", in...)
		person(id+1, fmt.Sprint("other", id), false)
		if role, _ := row[4].(string); role != "" {
			member(id, role)
		}
		member(id+1, "worker")
	}
	return cvatfixture.Dump(dump)
}

// row asks one row and reports whether it is allowed.
func (w *world) row(id int64, row []any) bool {
	w.T.Helper()
	text := func(i int) string {
		s, _ := row[i].(string)
		return s
	}
	query := ""
	if text(3) == "org" {
		query = "?org=matrix"
	}
	target := id
	if text(5) == "other" {
		target = id + 1
	}
	path := fmt.Sprintf("/cvat/api/users/%d%s", target, query)
	c := w.As(fmt.Sprint("asker", id), "secret")
	status := 0
	switch text(1) {
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
