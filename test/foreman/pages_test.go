package foreman

import (
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/docs"
	"roster/handlers/pages"
	"roster/test/dbtest"
	"roster/test/servertest"
)

var (
	pageLinks    = regexp.MustCompile(`(?:href|src|action|data-index)="([^"]*)"`)
	anchorIDs    = regexp.MustCompile(` id="([^"]*)"`)
	pageHeadings = regexp.MustCompile(`<h([1-6])[ >]`)
	pageFields   = regexp.MustCompile(`<input [^>]*id="([^"]*)"`)
	pagePictures = regexp.MustCompile(`<img [^>]*>`)
)

// pagesOfServer asks for all pages that can be reached from the first ones by links, and returns them by path.
func pagesOfServer(t *testing.T, s *server) map[string]string {
	t.Helper()
	found := map[string]string{}
	todo := []string{"/docs", "/apidoc", "/redmine/apidoc", "/docs/search?q=role"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if _, known := found[path]; known {
			continue
		}
		a := s.Nobody().Get(path)
		if a.Status == 302 {
			found[path] = ""
			todo = append(todo, a.Header.Get("Location"))
			continue
		}
		a.Expect(200)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			found[path] = ""
			continue
		}
		page := string(a.Body)
		found[path] = page
		policy := a.Header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for _, m := range pageLinks.FindAllStringSubmatch(page, -1) {
			link, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if rest, ok := strings.CutPrefix(link, "./"); ok { // of Swagger's pages
				link = path[:strings.LastIndexByte(path, '/')+1] + rest
			}
			if strings.HasPrefix(link, "/") {
				todo = append(todo, link)
			}
		}
	}
	return found
}

// Every page is sound: links and anchors lead somewhere, ids are unique, headings are in order, fields have labels,
// pictures a text, and nothing needs a script or a style that stands in the page.
func TestPages_AreSound(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	found := pagesOfServer(t, s)
	if len(found) < 150 {
		t.Fatalf("only %d pages were found", len(found))
	}
	anchors := map[string]map[string]bool{}
	for path, page := range found {
		anchors[path] = map[string]bool{}
		for _, m := range anchorIDs.FindAllStringSubmatch(page, -1) {
			if anchors[path][m[1]] {
				t.Errorf("%s: the id %s is there twice", path, m[1])
			}
			anchors[path][m[1]] = true
		}
	}
	for path, page := range found {
		if page == "" {
			continue
		}
		for _, m := range pageLinks.FindAllStringSubmatch(page, -1) {
			to, anchor, ok := strings.Cut(html.UnescapeString(m[1]), "#")
			if to == "" {
				to = path
			}
			if _, ours := found[to]; ok && ours && found[to] != "" && !anchors[to][anchor] {
				t.Errorf("%s: the link to %s#%s leads nowhere", path, to, anchor)
			}
		}
		for _, text := range []string{`<html lang="en">`, `<meta name="viewport"`, "<title>", "<main", `rel="icon"`} {
			if !strings.Contains(page, text) {
				t.Errorf("%s has no %s", path, text)
			}
		}
		for _, text := range []string{"<style", " style=", " onclick=", "javascript:"} {
			if strings.Contains(page, text) {
				t.Errorf("%s has %s", path, text)
			}
		}
		if strings.Count(page, "<h1") != 1 {
			t.Errorf("%s has %d headings of the first level", path, strings.Count(page, "<h1"))
		}
		_, content, _ := strings.Cut(page, "<main")
		before := 0
		for _, m := range pageHeadings.FindAllStringSubmatch(content, -1) {
			level, err := strconv.Atoi(m[1])
			if err != nil || level > before+1 {
				t.Errorf("%s: a heading of level %s follows one of level %d", path, m[1], before)
			}
			before = level
		}
		for _, m := range pageFields.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, `<label class="hidden" for="`+m[1]+`"`) &&
				!strings.Contains(page, `<label for="`+m[1]+`"`) {
				t.Errorf("%s: the field %s has no label", path, m[1])
			}
		}
		for _, picture := range pagePictures.FindAllString(page, -1) {
			if !strings.Contains(picture, ` alt="`) {
				t.Errorf("%s: %s has no text", path, picture)
			}
		}
	}
}

// A page that the browser has is not sent again, and unknown ones help to find another.
func TestPages_TagsAndMissingOnes(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	c := s.Nobody()
	for _, path := range []string{"/docs", "/docs/concepts/searches", "/apidoc", "/apidoc/v2/users/create",
		"/docs/pictures/terminal.svg", "/swagger/swagger-ui.css", "/swagger/index.html", "/docs/search?q=role"} {
		a := c.Get(path).Expect(200)
		tag := a.Header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no tag", path)
		}
		c.With("If-None-Match", tag).Get(path).Expect(304).WantBody("")
		c.With("If-None-Match", `"other"`).Get(path).Expect(200)
		c.Do("HEAD", path, nil).Expect(200).WantBody("")
	}
	for _, path := range []string{"/docs/nosuch", "/docs/assets/x/nosuch.css", "/docs/../docs/x", "/apidoc/v2/nosuch",
		"/apidoc/v2/users/nosuch", "/redmine/apidoc/nosuch", "/docs/assets/templates/layout.html"} {
		a := c.Get(path).Expect(404)
		if page := string(a.Body); !strings.Contains(page, "Page not found") || !strings.Contains(page, `name="q"`) {
			t.Errorf("%s: %s", path, page)
		}
	}
	c.Get("/docs/concepts/searches.md").Expect(302)
}

// Browsers come from the root of the server to the guides, and programs get what they always got.
func TestPages_Root(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	a := s.Nobody().With("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").Get("/").Expect(302)
	if to := a.Header.Get("Location"); to != "/docs" {
		t.Errorf("leads to %s", to)
	}
	for _, accept := range []string{"", "*/*", "application/json"} {
		s.Nobody().With("Accept", accept).Get("/").Expect(404).Want("Not Found", "error")
	}
	s.Nobody().With("Accept", "text/html").Post("/", object{}).Expect(404)
}

// A search needs no login, has bounds, and writes what it was asked as text.
func TestPages_Search(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	ask := func(query string) string {
		return string(s.Nobody().Get("/docs/search?q=" + url.QueryEscape(query)).Expect(200).Body)
	}
	for query, want := range map[string]string{
		"create a USER": `<a href="/apidoc/v2/users/create">Create a user</a>`,
		"role_names":    `<a href="/apidoc/v2/users/update">Update a user</a>`,
		"pg_trgm":       "<mark>pg_trgm</mark>", "nosuchwordanywhere": "Nothing was found",
		"<b>\"x": "“&lt;b&gt;&#34;x”", "": "Type one or more words",
	} {
		if page := ask(query); !strings.Contains(page, want) {
			t.Errorf("%q: there is no %s in\n%s", query, want, page)
		}
	}
	long := ask(strings.Repeat("ž", 5000))
	if got := strings.Count(long, "ž"); got == 0 || got > 200 {
		t.Errorf("a long query comes back with %d letters", got)
	}
	s.Nobody().Get("/docs/search?q=%ff%zz").Expect(200)
}

// Lists of references can be given by name, and the pages say so; clients make options of their own for them.
func TestPages_Names(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	for page, names := range map[string][]string{
		"users/create":       {"user[role_names]", "user[organization_names]", "user[location_names]", "user[auth_source_name]"},
		"usergroups/update":  {"usergroup[user_names]", "usergroup[usergroup_names]", "usergroup[role_names]"},
		"filters/create":     {"filter[permission_names]", "filter[role_name]"},
		"memberships/update": {"membership[role_names]"},
	} {
		text := strings.ReplaceAll(string(s.Nobody().Get("/apidoc/v2/"+page).Expect(200).Body), "<wbr>", "")
		document := string(s.Nobody().Get("/apidoc/v2/" + page + ".json").Expect(200).Body)
		for _, name := range names {
			if !strings.Contains(text, ">"+name+"</code>") {
				t.Errorf("%s: the page does not say %s", page, name)
			}
			if strings.Contains(document, name) {
				t.Errorf("%s: clients would make an option of %s", page, name)
			}
		}
	}
	brno := s.Organization("Brno")
	s.Organization("Sales", brno)
	c := s.Admin()
	c.Post("/api/users", object{"user": object{"login": "ann", "mail": "a@example.com", "auth_source_name": "External",
		"role_names": []string{"Viewer"}, "organization_names": []string{"Brno/Sales"}}}).Expect(201).
		Want("Viewer", "roles", 0, "name").Want("Brno/Sales", "organizations", 0, "title").Want(3, "auth_source_id")
	c.Post("/api/usergroups", object{"usergroup": object{"name": "g", "user_names": []string{"ann"}}}).Expect(201).
		Want("ann", "users", 0, "login")
}

// Every operation of the four documents has an id of its own, a tag that is explained, and the tags are in the order of
// the pages.
func TestPages_Operations(t *testing.T) {
	for name, raw := range map[string][]byte{"swagger": docs.Swagger, "redmine": docs.Redmine, "cvat": docs.CVAT,
		"scim": docs.SCIM} {
		var doc struct {
			Tags  []struct{ Name, Description string }
			Paths map[string]map[string]struct {
				OperationID string `json:"operationId"`
				Tags        []string
			}
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		explained := map[string]bool{}
		for _, tag := range doc.Tags {
			explained[tag.Name] = tag.Description != ""
		}
		seen := map[string]bool{}
		for path, verbs := range doc.Paths {
			for verb, op := range verbs {
				if !regexp.MustCompile(`^[a-z_]+$`).MatchString(op.OperationID) || seen[op.OperationID] ||
					!explained[op.Tags[0]] {
					t.Errorf("%s: %s %s has the id %q and the tags %q", name, verb, path, op.OperationID, op.Tags)
				}
				seen[op.OperationID] = true
			}
		}
		if name == "swagger" && (doc.Tags[0].Name != "users" || !seen["users_create"] || !seen["users_index_of_role"]) {
			t.Errorf("the first tag is %s; the ids are %q", doc.Tags[0].Name, slices.Sorted(maps.Keys(seen)))
		}
	}
}

// The bodies that Swagger's user interface offers can be sent as they are to a new server.
func TestPages_OfferedBodies(t *testing.T) {
	var doc struct {
		Definitions map[string]struct{ Example object }
	}
	if err := json.Unmarshal(docs.Swagger, &doc); err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, s *server) {
		for _, sent := range []struct{ path, body string }{
			{"/api/users", "userBody"}, {"/api/usergroups", "usergroupBody"}, {"/api/organizations", "organizationBody"},
			{"/api/locations", "locationBody"}, {"/api/roles", "roleBody"}, {"/api/filters", "filterBody"},
			{"/api/auth_source_ldaps", "authSourceLdapBody"}, {"/api/bookmarks", "bookmarkBody"},
			{"/api/users/ann/ssh_keys", "sshKeyBody"}, {"/api/custom_fields", "customFieldBody"},
			{"/api/users/ann/personal_access_tokens", "personalAccessTokenBody"},
			{"/api/common_parameters", "commonParameterBody"},
		} {
			example := doc.Definitions["foreman."+sent.body].Example
			if example == nil {
				t.Errorf("%s has no example", sent.body)
				continue
			}
			s.Admin().Post(sent.path, example).Expect(201)
		}
		s.Admin().Get("/api/users/ann").Expect(200).Want(false, "admin").Want(false, "disabled").
			Want("Viewer", "roles", 0, "name")
	})
}

// The commands beside the requests are commands that there are, with options that they have.
func TestPages_Commands(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	sh := shellOf(s, "admin", adminPassword)
	option := regexp.MustCompile(`--[a-z-]+`)
	for method, command := range pages.Commands {
		first := strings.Fields(command)
		words := first[:slices.IndexFunc(append(first, "-"), func(w string) bool {
			return strings.HasPrefix(w, "-") || w == `\`
		})]
		help, _, _ := sh.try(append(slices.Clone(words), "--help")...)
		for _, o := range option.FindAllString(command, -1) {
			if !regexp.MustCompile(o + `[ ,\n]`).MatchString(help) {
				t.Errorf("%s: roster %s has no %s", method, strings.Join(words, " "), o)
			}
		}
		if !strings.Contains(help, "Usage") {
			t.Errorf("%s: there is no roster %s:\n%s", method, strings.Join(words, " "), help)
		}
	}
}
