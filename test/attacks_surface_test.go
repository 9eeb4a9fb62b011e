package test

import (
	"fmt"
	"strings"
	"testing"

	"roster/handlers/foreman"
)

// A parent that the path leaves out is not found, like an unknown one: neither a panic nor the list of everything.
func TestAttack18_AnEmptyParentIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		admin := s.admin()
		asked := 0
		for _, r := range new(foreman.API).Routes() {
			for _, parent := range parentsIn(r.Path) {
				ask := func(id string) *answer {
					nested := r
					nested.Path = strings.ReplaceAll(r.Path, parent, id)
					return admin.do(r.Method, w.path(nested), object{})
				}
				got := ask("")
				if parent == ":role_id" && strings.Contains(r.Path, ":filter_id") {
					got.expect(404) // the filter's own id decides there, so that any other role does
					continue
				}
				want := ask("0")
				if text := strings.NewReplacer("'0'", "''", "id 0 ", "id  ").Replace(string(want.body)); got.status != want.status || string(got.body) != text {
					t.Errorf("%s %s without %s: got %s, want the answer to an unknown one: %s", r.Method, r.Path, parent, got, text)
				}
				if got.status < 400 {
					t.Errorf("%s %s without %s: got %s", r.Method, r.Path, parent, got)
				}
				asked++
			}
		}
		if asked < 100 {
			t.Errorf("%d routes have a parent, which are too few to be true", asked)
		}
		// Neither the query nor the body stands in for what the path leaves out.
		admin.get(fmt.Sprintf("/api/usergroups//users?usergroup_id=%d", w.ids["usergroup"])).expect(404)
		tenant := object{"organization_id": w.ids["organization"]}
		admin.do("DELETE", "/api/organizations//parameters", tenant).expect(404)
		admin.get(fmt.Sprintf("/api/organizations/%d/parameters", w.ids["organization"])).expect(200).want(1, "total")
	})
}

// parentsIn lists the parameters of a path before its last one.
func parentsIn(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ":") && strings.HasSuffix(part, "_id") && part != ":mail_notification_id" {
			names = append(names, part)
		}
	}
	return names
}
