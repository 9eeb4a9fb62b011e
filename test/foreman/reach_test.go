package foreman

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/handlers/foreman"
	"roster/scopes"
)

// What a list shows a caller is just what the caller is shown one by one, for every resource, under every parent.
func TestReach_ListsShowWhatIsShownAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		routes := new(foreman.API).Routes()
		compared, shownAtAll := 0, 0
		for _, r := range routes {
			alone := slices.IndexFunc(routes, func(o foreman.Route) bool {
				return r.Action == "index" && o.Method == "GET" && o.Path == r.Path+"/:id"
			})
			resource := scopes.Named(r.Resource)
			if alone < 0 || resource == nil {
				continue
			}
			list := w.path(r)
			if strings.Contains(r.Path, ":") { // the parents of the single record, whose own id comes last
				filled := w.path(routes[alone])
				list = filled[:strings.LastIndexByte(filled, '/')]
			}
			for _, caller := range callers {
				c := w.client(caller)
				listed := w.listed(c, list)
				shown := w.shown(c, list, resource)
				if resource == scopes.Users { // one's own record is shown whatever the list holds
					own := func(key string) bool { return key == fmt.Sprint(w.accounts[caller].ID) }
					listed, shown = slices.DeleteFunc(listed, own), slices.DeleteFunc(shown, own)
				}
				if !slices.Equal(listed, shown) {
					t.Errorf("%s as %s: the list has %v, one by one are shown %v", list, caller, listed, shown)
				}
				compared, shownAtAll = compared+1, shownAtAll+len(shown)
			}
		}
		if compared < 200 || shownAtAll < 500 {
			t.Errorf("%d lists with %d rows were compared, which are too few to be true", compared, shownAtAll)
		}
	})
}

// listed returns the keys of the rows of a list, sorted; none where the list is refused.
func (w *world) listed(c *client, path string) []string {
	w.T.Helper()
	a := c.Get(path + "?per_page=all")
	keys := []string{}
	if a.Status != 200 {
		return keys
	}
	for _, row := range a.Rows() {
		key, ok := row.(object)["id"]
		if !ok || strings.HasSuffix(path, "/settings") {
			key = row.(object)["name"]
		}
		keys = append(keys, fmt.Sprint(key))
	}
	slices.Sort(keys)
	return keys
}

// shown returns the keys of all rows that the caller is shown one by one, sorted.
func (w *world) shown(c *client, path string, r *scopes.Resource) []string {
	w.T.Helper()
	keys := []string{}
	for _, key := range w.keys(r) {
		if a := c.Get(path + "/" + key); a.Status == 200 {
			keys = append(keys, key)
		}
	}
	return keys
}

// keys are the ids of all rows of a resource's table, or the names of all settings, sorted.
func (w *world) keys(r *scopes.Resource) []string {
	w.T.Helper()
	keys := []string{}
	if r == scopes.Settings {
		for _, row := range w.Admin().Get("/api/settings?per_page=all").Expect(200).Rows() {
			keys = append(keys, fmt.Sprint(row.(object)["name"]))
		}
	} else if err := w.DB.Read.Table(r.Table).Pluck("CAST(id AS TEXT)", &keys).Error; err != nil {
		w.T.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}
