package pages

import (
	"cmp"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"roster/docs/apipie"
	"roster/handlers/web"
)

// API is an API with pages.
type API struct {
	// Name is that of the product whose API it is, and Text says what it is for.
	Name, Text string
	// Home is the path of the first page, Swagger that of Swagger's user interface, Conventions that of the page on
	// conventions, which may be empty.
	Home, Swagger, Conventions string
	// Doc returns the document of the API, Topics its resources in the order of the menu. An API without Doc has no
	// pages of its own.
	Doc    func() *apipie.Doc
	Topics []apipie.TopicGroup
	// Refused says what happens to a wrong value of a parameter, if it is refused.
	Refused func(*apipie.Param) string
	// Casts are what values of each type are converted to.
	Casts map[string]string
	// Login is how curl logs in.
	Login string
	// Limits are the bounds of requests, on the first page.
	Limits []Limit

	views func() *views
}

// Limit is a bound on what one request may ask for, and the answer beyond it.
type Limit struct{ What, Bound, Answer string }

// views are the pages of an API, worked out once.
type views struct {
	groups  []groupView
	topics  map[string]*topicView
	methods map[string]*methodView
	// routes are the pages of routes, such as "GET /api/users".
	routes map[string]string
	// lists lead to the resources.
	lists map[string]*link
}

type groupView struct {
	Name, Anchor string
	Resources    []*topicView
}

type topicView struct {
	apipie.Topic
	URL     string
	Methods []*methodView
}

// methodView is a method on a page.
type methodView struct {
	ID, Name, Title, URL, Verb, Route string
	// Text is the description.
	Text template.HTML
	// Others are further routes of the method.
	Others   []routeView
	Sections []paramSection
	Search   []apipie.SearchField
	Errors   []apipie.Failure
	example  *exchange
	before   *link
	after    *link
}

type routeView struct{ Verb, Route, Title string }

// paramSection are the parameters in one part of a request.
type paramSection struct {
	Title  string
	Folded bool
	Params []paramView
}

type paramView struct {
	FullName, Anchor string
	Chips            []string
	Text             template.HTML
	Note             string
	Values           []string
	See              *link
}

// term is a word with its meaning, and status an HTTP status with it.
type (
	term   struct{ Name, Text string }
	status struct {
		Code       int
		Name, Text string
	}
	step struct{ Title, URL, Text string }
)

// Ready prepares the pages of an API. They are worked out when the first of them is asked for.
func (a *API) Ready() *API {
	a.views = sync.OnceValue(a.build)
	return a
}

// Groups are the resources in the order of the menu.
func (a *API) Groups() []groupView { return a.views().groups }

// build works out all pages.
func (a *API) build() *views {
	v := &views{topics: map[string]*topicView{}, methods: map[string]*methodView{}, routes: map[string]string{},
		lists: map[string]*link{}}
	if a.Doc == nil {
		return v
	}
	doc := a.Doc()
	v.learnRoutes(doc)
	for _, g := range a.Topics {
		for _, t := range g.Topics {
			if r := doc.Resources[t.ID]; r != nil {
				v.lists[t.ID] = &link{t.Title, r.DocURL}
			}
		}
	}
	shown := map[string]bool{}
	var order []*methodView
	for _, g := range a.Topics {
		view := groupView{Name: g.Name, Anchor: "group-" + strings.ToLower(g.Name)}
		for _, topic := range g.Topics {
			r := doc.Resources[topic.ID]
			if r == nil || len(r.Methods) == 0 {
				continue
			}
			shown[topic.ID] = true
			t := a.topic(v, topic, r)
			order = append(order, t.Methods...)
			view.Resources = append(view.Resources, t)
		}
		v.groups = append(v.groups, view)
	}
	for id, r := range doc.Resources { // those without a place in the menu
		if !shown[id] {
			a.topic(v, apipie.Topic{ID: id, Title: humanized(r.Name)}, r)
		}
	}
	for i, m := range order {
		if i > 0 {
			m.before = &link{order[i-1].Title, order[i-1].URL}
		}
		if i < len(order)-1 {
			m.after = &link{order[i+1].Title, order[i+1].URL}
		}
	}
	return v
}

// learnRoutes notes where each route is described.
func (v *views) learnRoutes(doc *apipie.Doc) {
	for _, r := range doc.Resources {
		for _, m := range r.Methods {
			for _, api := range m.APIs {
				v.routes[api.HTTPMethod+" "+api.APIURL] = m.DocURL
			}
		}
	}
}

func humanized(name string) string { return strings.ReplaceAll(name, "_", " ") }

func (a *API) topic(v *views, topic apipie.Topic, r *apipie.Resource) *topicView {
	t := &topicView{Topic: topic, URL: r.DocURL}
	for _, m := range r.Methods {
		view := a.method(v, r, m)
		t.Methods = append(t.Methods, view)
		v.methods[r.ID+"."+m.Name] = view
	}
	v.topics[r.ID] = t
	return t
}

func (a *API) method(v *views, r *apipie.Resource, m *apipie.Method) *methodView {
	first := m.APIs[0]
	view := &methodView{ID: r.ID + "." + m.Name, Name: m.Name, Title: first.ShortDescription, URL: m.DocURL,
		Verb: first.HTTPMethod, Route: first.APIURL, Text: v.linked(m.FullDescription), Errors: m.Errors}
	for _, other := range m.APIs[1:] {
		view.Others = append(view.Others, routeView{other.HTTPMethod, other.APIURL, other.ShortDescription})
	}
	if m.Metadata != nil {
		view.Search = m.Metadata.Search
	}
	view.Sections = a.sections(v, m.Params)
	if len(m.Examples) > 0 {
		view.example = readExchange(m.Examples[0])
	}
	return view
}

// sections puts the parameters in the order in which people look for them: by the part of the request, and in each the
// required ones first.
func (a *API) sections(v *views, params []*apipie.Param) []paramSection {
	parts := map[string][]*apipie.Param{}
	for _, p := range flattened(params) {
		part := cmp.Or(p.In, "body")
		if part != "path" && (p.FullName == "location_id" || p.FullName == "organization_id") &&
			strings.Contains(p.Description, "Work in this") {
			part = "common"
		}
		parts[part] = append(parts[part], p)
	}
	var sections []paramSection
	for _, part := range []struct{ name, title string }{{"path", "In the path"}, {"query", "In the query"},
		{"header", "In a header"}, {"body", "In the body"}, {"common", "Common parameters"}} {
		list := parts[part.name]
		if len(list) == 0 {
			continue
		}
		slices.SortStableFunc(list, func(x, y *apipie.Param) int { return cmp.Compare(rank(x), rank(y)) })
		section := paramSection{Title: part.title, Folded: part.name == "common"}
		for _, p := range list {
			section.Params = append(section.Params, a.param(v, p))
		}
		sections = append(sections, section)
	}
	return sections
}

// flattened puts the parameters of objects behind the object; their full names show where they belong.
func flattened(list []*apipie.Param) []*apipie.Param {
	var flat []*apipie.Param
	for _, p := range list {
		flat = append(append(flat, p), flattened(p.Params)...)
	}
	return flat
}

// wanted are the names of attributes in the order in which people look for them.
var wanted = []string{"login", "name", "firstname", "lastname", "mail", "password", "current_password", "description",
	"auth_source_id", "role_ids", "role_names", "admin", "organization_ids", "organization_names", "location_ids",
	"location_names", "default_organization_id", "default_location_id", "disabled", "search", "order", "page",
	"per_page"}

// rank is where a parameter stands: the object of the body first, then what is required, then what people look for.
func rank(p *apipie.Param) int {
	place := placeOf(p.Name)
	switch {
	case p.Kind == "object" && p.FullName == p.Name:
		return -1
	case p.Required:
		return place
	}
	return 100 + place
}

// placeOf is where a name stands among those that people look for.
func placeOf(name string) int {
	if place := slices.Index(wanted, name); place >= 0 {
		return place
	}
	return len(wanted)
}

func (a *API) param(v *views, p *apipie.Param) paramView {
	view := paramView{FullName: p.FullName, Anchor: anchorOf(p.FullName), Text: v.linked(p.Description),
		Values: p.Enum, Chips: []string{cmp.Or(p.Kind, "object[]")}}
	if a.Refused != nil {
		view.Note = a.Refused(p)
	}
	if p.Required {
		view.Chips = append(view.Chips, "required")
	} else {
		view.Chips = append(view.Chips, "optional")
	}
	if p.AllowNil {
		view.Chips = append(view.Chips, "nil allowed")
	}
	view.See = a.see(v, p)
	return view
}

// anchorOf is the id of a parameter in its page.
func anchorOf(name string) string {
	return "param-" + strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_]+`).ReplaceAllString(name, "-"), "-")
}

// about are the resources that parameters refer to.
var about = map[string]string{"role": "roles", "organization": "organizations", "location": "locations",
	"user": "users", "usergroup": "usergroups", "permission": "permissions", "auth_source": "auth_sources",
	"filter": "filters", "default_organization": "organizations", "default_location": "locations",
	"parent": "", "auth_source_ldap": "auth_source_ldaps"}

// see leads from a parameter to what its values are.
func (a *API) see(v *views, p *apipie.Param) *link {
	switch p.Name {
	case "search":
		return &link{"How searches work", "/docs/concepts/searches"}
	case "order":
		if a.Conventions != "" {
			return &link{"Sorting", a.Conventions + "#searching"}
		}
	case "page", "per_page":
		if a.Conventions != "" {
			return &link{"Paging", a.Conventions + "#paging"}
		}
	case "custom_fields":
		return v.lists["custom_fields"]
	}
	for _, end := range []string{"_ids", "_names", "_id"} {
		if stem, ok := strings.CutSuffix(p.Name, end); ok {
			return v.lists[about[stem]]
		}
	}
	return nil
}

var (
	routeInText = regexp.MustCompile(`\b(GET|POST|PUT|DELETE) (/api/[a-z_/:]+)`)
	specInText  = regexp.MustCompile(`docs/spec/(\w+)\.md`)
)

// linked makes links of the routes and specifications that a description names.
func (v *views) linked(text string) template.HTML {
	text = routeInText.ReplaceAllStringFunc(text, func(route string) string {
		if url := v.routes[route]; url != "" {
			return `<a href="` + url + `"><code class="plain">` + route + `</code></a>`
		}
		return route
	})
	// our own documents, escaped where they are made
	return template.HTML(specInText.ReplaceAllString(text, `<a href="/docs/spec/$1">docs/spec/$1.md</a>`))
}

// Reference answers with a page of an API: everything, a resource, or a method of it.
func (s *Site) Reference(c echo.Context, a *API, resource, method string) error {
	v := a.views()
	p := page{Site: "apidoc", API: a, Path: a.Home, Title: "The API of " + a.Name, Here: "Overview",
		About: a.Text}
	if resource == "" {
		p.Example, p.Story = a.story(c)
		return s.render(c, http.StatusOK, "apihome", p)
	}
	t := v.topics[resource]
	if t == nil {
		return s.Missing(c, a)
	}
	p.Crumbs = []link{{a.Name, a.Home}, {t.Title, ""}}
	p.Resource = resource
	p.Topic = t
	p.Path = t.URL
	p.Title = t.Title
	p.Here = t.Title
	p.About = t.Text
	if method == "" {
		return s.render(c, http.StatusOK, "resource", p)
	}
	m := v.methods[resource+"."+method]
	if m == nil {
		return s.Missing(c, a)
	}
	p.Crumbs = []link{{a.Name, a.Home}, {t.Title, t.URL}, {m.Title, ""}}
	p.Method = m
	p.Path = m.URL
	p.Title = m.Title
	p.About = m.Verb + " " + m.Route
	p.Before = m.before
	p.After = m.after
	p.Example = a.example(m, web.BaseURL(c))
	return s.render(c, http.StatusOK, "method", p)
}

// Conventions answers with what holds for every route of an API.
func (s *Site) Conventions(c echo.Context, a *API) error {
	p := page{Site: "apidoc", API: a, Path: a.Conventions, Title: "Conventions", Here: "Conventions",
		About: "Types, errors and paging", Crumbs: []link{{a.Name, a.Home}, {"Conventions", ""}}, Statuses: statuses}
	for _, name := range []string{"string", "boolean", "integer", "integer[]", "object"} {
		p.Casts = append(p.Casts, term{name, a.Casts[name]})
	}
	return s.render(c, http.StatusOK, "conventions", p)
}

// statuses are what the statuses of answers mean.
var statuses = []status{
	{200, "OK", "The record as it is now, the list, or the record that was deleted."},
	{201, "Created", "The new record."},
	{204, "No Content", "Done. There is no body."},
	{400, "Bad Request", "A parameter, the search, the order or the body cannot be read. parameter_name names the " +
		"parameter."},
	{401, "Unauthorized", "Not authenticated: wrong or missing credentials, disabled account, or too many failed " +
		"attempts from this address."},
	{403, "Forbidden", "You lack a permission. missing_permissions names it."},
	{404, "Not Found", "The record, its parent, or the tenant of the request does not exist, or you may not see it."},
	{413, "Content Too Large", "The body is larger than the limit."},
	{415, "Unsupported Media Type", "The body was not sent as application/json."},
	{422, "Unprocessable Content", "Validation failed. errors lists problems by field, full_messages as text."},
	{429, "Too Many Requests", "Retry after the number of seconds in Retry-After."},
	{500, "Internal Server Error", "The server failed. The log has the cause below the X-Request-Id of the answer."},
	{503, "Service Unavailable", "The server is busy or cannot reach its database. Retry later."},
}
